// Locks with holders that are known, and deadlocks of two to four: which goroutine holds what is printed first.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

type cache struct {
	name string
	mu   sync.Mutex
	m    map[string]int
}

//go:noinline
func (c *cache) load() { c.mu.Lock(); defer c.mu.Unlock(); time.Sleep(time.Hour); c.m["x"]++ }

//go:noinline
func (c *cache) get(k string) int { c.mu.Lock(); defer c.mu.Unlock(); return c.m[k] }

//go:noinline
func worker(c *cache) { time.Sleep(time.Hour); c.get("x") }

type table struct {
	rows []int
	mu   sync.RWMutex
}

//go:noinline
func (t *table) rewrite() { t.mu.Lock(); defer t.mu.Unlock(); time.Sleep(time.Hour); t.rows = nil }

//go:noinline
func (t *table) read(i int) int { t.mu.RLock(); defer t.mu.RUnlock(); return t.rows[i] }

type account struct {
	mu  sync.Mutex
	sum int
}

//go:noinline
func (a *account) transfer(to *account, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	time.Sleep(200 * time.Millisecond)
	to.add(n)
	a.sum -= n
}

//go:noinline
func (a *account) add(n int) { a.mu.Lock(); defer a.mu.Unlock(); a.sum += n }

//go:noinline
func locked(mu *sync.Mutex, c chan int) { mu.Lock(); <-c; mu.Unlock() }

var said []string

func id() string {
	b := make([]byte, 64)
	return strings.Fields(string(b[:runtime.Stack(b, false)]))[1]
}

// start runs f in a goroutine and says what that holds.
func start(what string, f func()) {
	done := make(chan bool)
	go func() { said = append(said, what+" "+id()); done <- true; f() }()
	<-done
	time.Sleep(20 * time.Millisecond)
}

func main() {
	for i := 0; i < 3; i++ {
		c := &cache{m: map[string]int{}}
		start(fmt.Sprintf("holds %p", &c.mu), c.load)
		for k := 0; k < 4; k++ {
			go c.get("x")
			go worker(c)
		}
		t := &table{}
		start(fmt.Sprintf("holds %p", &t.mu), t.rewrite)
		for k := 0; k < 3; k++ {
			go t.read(k)
		}
		mu, ch := new(sync.Mutex), make(chan int)
		start(fmt.Sprintf("holds %p", mu), func() { locked(mu, ch) })
		go locked(mu, ch)
	}
	for n := 2; n <= 4; n++ {
		ring := make([]*account, n)
		for i := range ring {
			ring[i] = &account{}
		}
		for i := range ring {
			a, b := ring[i], ring[(i+1)%n]
			start(fmt.Sprintf("cycle%d %p", n, &a.mu), func() { a.transfer(b, 1) })
		}
	}
	time.Sleep(700 * time.Millisecond)
	b := make([]byte, 1<<20)
	os.Stdout.Write(b[:runtime.Stack(b, true)])
	for _, s := range said {
		fmt.Fprintln(os.Stderr, s)
	}
}
