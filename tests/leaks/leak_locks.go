// SPDX-License-Identifier: MIT

// Leaks of locks, wait groups, conditions and tokens: somebody never lets go, and others pile up behind.
package main

import (
	"errors"
	"math/rand"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Wait group miscount: a bad row is skipped before Done.

type importer struct{ batches int }

func (m *importer) row(wg *sync.WaitGroup, bad bool) {
	time.Sleep(ms(60))
	if bad {
		return
	}
	wg.Done()
}

func (m *importer) finish(wg *sync.WaitGroup, done chan<- struct{}) {
	wg.Wait()
	close(done)
}

func (m *importer) start(rows int) <-chan struct{} {
	m.batches++
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Add(rows)
	for i := 0; i < rows; i++ {
		go m.row(&wg, m.batches%3 == 0 && i == 4)
	}
	go m.finish(&wg, done)
	return done
}

func waitGroupMiscount(s *story) {
	newBusyBackend(s)
	m := &importer{}
	for range time.Tick(ms(250)) {
		m.start(6)
	}
}

// Lock order: transfers lock two accounts in the order given. From a third of the story on there are refunds, the other way.

type account struct {
	mu      sync.Mutex
	balance int
}

type bank struct{ accounts [3]account }

func (b *bank) transfer(from, to, amount int) {
	b.accounts[from].mu.Lock()
	defer b.accounts[from].mu.Unlock()
	time.Sleep(ms(40))
	b.accounts[to].mu.Lock()
	defer b.accounts[to].mu.Unlock()
	b.accounts[from].balance -= amount
	b.accounts[to].balance += amount
}

func lockOrder(s *story) {
	b, safe := newBusyBackend(s), &bank{}
	var mu sync.Mutex
	rng := s.rand()
	b.mux.HandleFunc("/transfer", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from := rng.Intn(len(safe.accounts) - 1)
		to := from + 1 + rng.Intn(len(safe.accounts)-1-from)
		refund := s.at() > 0.33 && rng.Intn(2) == 0
		mu.Unlock()
		if refund {
			from, to = to, from
		}
		safe.transfer(from, to, 10)
	})
	go b.arrivals(steady(20), "/transfer")
}

// Read lock forgotten: a lookup that fails keeps its read lock; the next writer waits for it, and everybody for the writer.

type catalog struct {
	mu     sync.RWMutex
	prices map[int]int
}

func (c *catalog) price(id int) (int, error) {
	c.mu.RLock()
	p, ok := c.prices[id]
	if !ok {
		return 0, errors.New("no such product")
	}
	time.Sleep(ms(5))
	c.mu.RUnlock()
	return p, nil
}

func (c *catalog) update(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prices[id]++
}

func readLockForgotten(s *story) {
	b := newBusyBackend(s)
	c := &catalog{prices: make(map[int]int)}
	for id := 0; id < 50; id++ {
		c.prices[id] = id
	}
	var n int64
	b.mux.HandleFunc("/price", func(w http.ResponseWriter, r *http.Request) {
		id := int(atomic.AddInt64(&n, 1)) % 50
		if s.at() > 0.4 && id == 7 {
			id = 5000 // a product that was discontinued
		}
		c.price(id)
	})
	go b.arrivals(steady(10), "/price")
	for range time.Tick(ms(500)) {
		c.update(3)
	}
}

// Tokens lost: a request that fails doesn't give its token back; when all are lost, nobody gets one.

type limiter chan struct{}

func (l limiter) acquire() { l <- struct{}{} }
func (l limiter) release() { <-l }

func render(l limiter, fails bool) error {
	l.acquire()
	time.Sleep(ms(60))
	if fails {
		return errors.New("template is broken")
	}
	l.release()
	return nil
}

func tokensLost(s *story) {
	b, l := newBusyBackend(s), make(limiter, 10)
	var n int64
	b.mux.HandleFunc("/render", func(w http.ResponseWriter, r *http.Request) {
		if render(l, atomic.AddInt64(&n, 1)%6 == 0) != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	go b.arrivals(steady(12), "/render")
}

// Signal for Broadcast: two wait for a room to open, one is woken. The guests stop coming in the middle of the story.

type room struct {
	mu   sync.Mutex
	cond *sync.Cond
	open bool
}

func (r *room) await() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.open {
		r.cond.Wait()
	}
}

func (r *room) join() { go r.await() }

func (r *room) start() {
	r.mu.Lock()
	r.open = true
	r.mu.Unlock()
	r.cond.Signal()
}

func signalForBroadcast(s *story) {
	newBusyBackend(s)
	for n := 1; s.at() < 0.55; n++ {
		r := &room{}
		r.cond = sync.NewCond(&r.mu)
		r.join()
		if n%2 == 0 {
			r.join()
		}
		time.Sleep(ms(200))
		r.start()
	}
}

// Hung once: the credentials are changed in the story, and the first to connect again never comes back from the handshake.

type directory struct {
	once sync.Once
	conn net.Conn
}

func (d *directory) connect(addr string, silent bool) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	d.conn = c
	if silent {
		c.Read(make([]byte, 1)) // the greeting
	}
}

func (d *directory) lookup(addr string, silent bool) {
	d.once.Do(func() { d.connect(addr, silent) })
	time.Sleep(ms(20))
}

func hungOnce(s *story) {
	b := newBusyBackend(s)
	l := listen("127.0.0.1:0") // nobody accepts, the kernel does
	var current atomic.Value
	current.Store(&directory{})
	b.mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		current.Load().(*directory).lookup(l.Addr().String(), s.at() > 0.35)
	})
	go b.arrivals(steady(7), "/login")
	s.until(0.36)
	current.Store(&directory{})
}

// Deadlock in a pool: eight workers lock shards in their own order; there is no load that piles up, the dispatcher sheds it.

type shards [8]sync.Mutex

func (s *shards) move(from, to int) {
	s[from].Lock()
	defer s[from].Unlock()
	time.Sleep(ms(30))
	s[to].Lock()
	defer s[to].Unlock()
}

func (s *shards) worker(moves <-chan [2]int) {
	for m := range moves {
		s.move(m[0], m[1])
	}
}

func (s *shards) dispatch(st *story, moves chan<- [2]int, rng *rand.Rand) {
	for range time.Tick(ms(15)) {
		a, b := rng.Intn(len(s)), rng.Intn(len(s))
		if a == b || (a > b && st.at() < 0.3) {
			continue
		}
		select {
		case moves <- [2]int{a, b}:
		default:
		}
	}
}

func (s *shards) start(workers int, moves <-chan [2]int) {
	for i := 0; i < workers; i++ {
		go s.worker(moves)
	}
}

func poolDeadlock(st *story) {
	newBusyBackend(st)
	s, moves := &shards{}, make(chan [2]int)
	s.start(8, moves)
	s.dispatch(st, moves, st.rand())
}
