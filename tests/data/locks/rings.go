// Deadlocks whose objects lie beside each other, so that the nearest address before a lock is often of another object: only what
// all of them have in common tells which it is. Who holds what is printed to standard error; 0: the dump cannot tell.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

type node struct {
	name string
	mu   sync.Mutex
	next *node
	sum  [4]int
}

//go:noinline
func (n *node) update(ready *sync.WaitGroup) {
	n.mu.Lock()
	ready.Done()
	ready.Wait()
	n.next.rename(n.name)
	n.sum[0]++
	n.mu.Unlock()
}

//go:noinline
func (n *node) rename(to string) {
	n.mu.Lock()
	n.name = to
	n.mu.Unlock()
}

// Far from each other, and two locks in each: no method of one is on the object before it.
type shelf struct {
	rows    [400]int
	in, out sync.Mutex
	next    *shelf
}

//go:noinline
func (s *shelf) put(ready *sync.WaitGroup) {
	s.in.Lock()
	ready.Done()
	ready.Wait()
	s.next.get()
	s.rows[0]++
	s.in.Unlock()
}

//go:noinline
func (s *shelf) get() { s.in.Lock(); s.rows[1]++; s.in.Unlock() }

func id() string {
	b := make([]byte, 64)
	return strings.Fields(string(b[:runtime.Stack(b, false)]))[1]
}

var said []string

// start runs f in a goroutine and says what that holds.
func start(what string, f func()) {
	done := make(chan bool)
	go func() { said = append(said, what+" "+id()); done <- true; f() }()
	<-done
}

func main() {
	for n := 2; n <= 4; n++ {
		ring, ready := make([]*node, n), &sync.WaitGroup{}
		for i := range ring {
			ring[i] = &node{}
		}
		ready.Add(n)
		for i := range ring {
			ring[i].next = ring[(i+1)%n]
		}
		for _, x := range ring {
			x := x
			start(fmt.Sprintf("cycle%d %p", n, &x.mu), func() { x.update(ready) })
		}
	}
	for n := 2; n <= 3; n++ {
		ring, ready := make([]*shelf, n), &sync.WaitGroup{}
		for i := range ring {
			ring[i] = &shelf{}
		}
		ready.Add(n)
		for i := range ring {
			ring[i].next = ring[(i+1)%n]
		}
		for _, x := range ring {
			x := x
			start(fmt.Sprintf("cycle%d %p", n, &x.in), func() { x.put(ready) })
		}
	}
	// No circle: the last of three is held by one whose frames do not have it.
	last := &node{}
	go func() { last.mu.Lock(); time.Sleep(time.Hour); fmt.Println(last.name) }()
	time.Sleep(50 * time.Millisecond)
	first, ready := &node{next: last}, &sync.WaitGroup{}
	ready.Add(1)
	said = append(said, fmt.Sprintf("holds %p 0", &last.mu))
	start(fmt.Sprintf("holds %p", &first.mu), func() { first.update(ready) })
	time.Sleep(50 * time.Millisecond)
	for i := 0; i < 3; i++ {
		go first.rename("x")
	}
	time.Sleep(300 * time.Millisecond)
	b := make([]byte, 1<<20)
	os.Stdout.Write(b[:runtime.Stack(b, true)])
	for _, s := range said {
		fmt.Fprintln(os.Stderr, s)
	}
}
