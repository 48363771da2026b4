// SPDX-License-Identifier: MIT

// Healthy services with goroutines that live long: pools, watchers, long polls, connections, janitors; they level off or are
// in balance.
package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand"
	"net"
	"net/http"
	"sync"
	"time"
)

// Idle: a service nobody asks.
func idle(s *story) { newBackend(s, 8) }

// Fixed pool: sixty workers from the beginning, busy and idle.
func fixedPool(s *story) {
	b := newBackend(s, 60)
	go b.arrivals(steady(10), "/")
	for range time.Tick(ms(12)) {
		b.jobs <- func() { time.Sleep(ms(150)) }
	}
}

// Slow start: a pool that takes one more worker whenever a job would have to wait, up to its size; it is reached after half of
// the story. Idle workers wait on one channel.

type elastic struct {
	jobs    chan time.Duration
	workers int
}

func (p *elastic) worker() {
	for took := range p.jobs {
		time.Sleep(took)
	}
}

func (p *elastic) do(took time.Duration, most int) {
	select {
	case p.jobs <- took:
		return
	default:
	}
	if p.workers < most {
		p.workers++
		go p.worker()
	}
	p.jobs <- took
}

func slowStart(s *story) {
	newBusyBackend(s)
	p := &elastic{jobs: make(chan time.Duration)}
	for {
		took := 300 + 3000*s.at()
		if s.at() > 0.55 {
			took = 1200
		}
		p.do(ms(took), 40)
		time.Sleep(ms(50))
	}
}

// Feature: in the middle of the story something is switched on that needs ninety goroutines.

type shard struct{ updates chan int }

func (h *shard) follow() {
	for range h.updates {
		time.Sleep(ms(5))
	}
}

func enable(n int) []*shard {
	all := make([]*shard, n)
	for i := range all {
		all[i] = &shard{make(chan int, 4)}
		go all[i].follow()
	}
	return all
}

func featureSwitch(s *story) {
	newBusyBackend(s)
	s.until(0.5)
	all := enable(90)
	for n := 0; ; n++ {
		all[n%len(all)].updates <- n
		time.Sleep(ms(20))
	}
}

// Cache: each entry has a janitor that ends with it. It fills up, then each new entry throws out the oldest.

type entries struct {
	order []chan struct{}
}

func (e *entries) janitor(dropped <-chan struct{}) {
	t := time.NewTicker(ms(1500))
	defer t.Stop()
	for {
		select {
		case <-t.C: // refresh
		case <-dropped:
			return
		}
	}
}

func (e *entries) add(most int) {
	if len(e.order) == most {
		close(e.order[0])
		e.order = e.order[1:]
	}
	dropped := make(chan struct{})
	e.order = append(e.order, dropped)
	go e.janitor(dropped)
}

func cacheJanitors(s *story) {
	newBusyBackend(s)
	e := &entries{}
	for range time.Tick(ms(60)) {
		e.add(100)
	}
}

// Long polls: sixty clients wait three seconds for news, and again.
func longPolls(s *story) {
	b := newBusyBackend(s)
	b.client = newClient(100, ms(9000))
	b.mux.HandleFunc("/poll", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(ms(3000)):
		case <-r.Context().Done():
		}
	})
	for i := 0; i < 60; i++ {
		go b.user("/poll", ms(30))
		time.Sleep(ms(25))
	}
}

// Watchers: one for each client until its context ends. Clients come until there are eighty, then as many come as go.

type watcher struct{ cancel context.CancelFunc }

func (w *watcher) watch(ctx context.Context) { <-ctx.Done() }

func newWatcher() *watcher {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{cancel}
	go w.watch(ctx)
	return w
}

func watchers(s *story) {
	newBusyBackend(s)
	var all []*watcher
	rng := s.rand()
	for range time.Tick(ms(75)) {
		all = append(all, newWatcher())
		if len(all) > 80 {
			i := rng.Intn(len(all))
			all[i].cancel()
			all = append(all[:i], all[i+1:]...)
		}
	}
}

// Sockets: connections live four seconds on average, come and go in balance, and have a reader and a writer each.

type socket struct {
	c    net.Conn
	send chan string
}

func (k *socket) read() {
	defer close(k.send)
	for lines := bufio.NewScanner(k.c); lines.Scan(); {
		k.send <- lines.Text()
	}
}

func (k *socket) write() {
	defer k.c.Close()
	for m := range k.send {
		fmt.Fprintln(k.c, m)
	}
}

func acceptSockets(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		k := &socket{c, make(chan string, 4)}
		go k.read()
		go k.write()
	}
}

// chat is the client: it says something now and then for as long as it lives.
func chat(addr string, life, pause time.Duration) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	answers := bufio.NewScanner(c)
	for end := time.Now().Add(life); time.Now().Before(end); time.Sleep(pause) {
		fmt.Fprintln(c, "hello")
		answers.Scan()
	}
}

func sockets(s *story) {
	newBusyBackend(s)
	l := listen("127.0.0.1:0")
	go acceptSockets(l)
	rng := s.rand()
	for {
		go chat(l.Addr().String(), ms(1000+8000*rng.Float64()*rng.Float64()), ms(300))
		time.Sleep(ms(160 * rng.Float64()))
	}
}

// Idle connections: twenty clients that connected at the beginning and say nothing.
func idleConnections(s *story) {
	newBusyBackend(s)
	l := listen("127.0.0.1:0")
	go acceptSockets(l)
	for i := 0; i < 20; i++ {
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			defer c.Close()
		}
	}
	select {}
}

// Restart under load: twice the process starts itself again, with a hundred sessions.
func restart(s *story) {
	b := newBusyBackend(s)
	b.client = newClient(150, ms(9000))
	b.mux.HandleFunc("/session", func(w http.ResponseWriter, r *http.Request) { time.Sleep(ms(1500)) })
	for i := 0; i < 100; i++ {
		go b.user("/session", ms(50))
		time.Sleep(ms(15))
	}
	switch at := s.at(); {
	case at < 0.35:
		s.until(0.35)
	case at < 0.7:
		s.until(0.7)
	default:
		return
	}
	s.again()
}

// Rolling workers: each worker ends after some jobs, and a new one takes its place.

type rolling struct{ jobs chan int }

func (p *rolling) worker(n int) {
	for i := 0; i < n; i++ {
		<-p.jobs
		time.Sleep(ms(60))
	}
	go p.worker(n)
}

func rollingWorkers(s *story) {
	newBusyBackend(s)
	p, rng := &rolling{make(chan int)}, s.rand()
	for i := 0; i < 30; i++ {
		go p.worker(8 + rng.Intn(12))
	}
	for range time.Tick(ms(8)) {
		p.jobs <- 1
	}
}

// Topics: subscribers come and go, and each that goes is removed.
func topics(s *story) {
	b, h := newBusyBackend(s), &hub{}
	go h.publish(ms(60))
	b.client = newClient(64, ms(9000))
	b.mux.HandleFunc("/topic", func(w http.ResponseWriter, r *http.Request) {
		c := h.subscribe()
		defer h.unsubscribe(c)
		select {
		case <-r.Context().Done():
		case <-time.After(ms(2200)):
		}
	})
	go b.arrivals(steady(9), "/topic")
}

// Connections to a database: opened when they are needed, up to twenty-five, each with a goroutine that resets it; never closed.

type dbConn struct{ reset chan struct{} }

func (c *dbConn) resetter() {
	for range c.reset {
		time.Sleep(ms(3))
	}
}

type dbPool struct {
	mu   sync.Mutex
	free []*dbConn
	open int
	back chan *dbConn
}

func (p *dbPool) get(most int) *dbConn {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		c := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return c
	}
	if p.open < most {
		p.open++
		p.mu.Unlock()
		c := &dbConn{make(chan struct{}, 1)}
		go c.resetter()
		return c
	}
	p.mu.Unlock()
	return <-p.back
}

func (p *dbPool) put(c *dbConn) {
	c.reset <- struct{}{}
	select {
	case p.back <- c:
	default:
		p.mu.Lock()
		p.free = append(p.free, c)
		p.mu.Unlock()
	}
}

func database(s *story) {
	b, p := newBusyBackend(s), &dbPool{back: make(chan *dbConn)}
	b.mux.HandleFunc("/row", func(w http.ResponseWriter, r *http.Request) {
		c := p.get(25)
		time.Sleep(ms(120))
		p.put(c)
	})
	go b.arrivals(func(at float64) float64 { return 10 + 140*at*(1-at)*2 }, "/row")
}

// Debounce: a change waits a second for others before it is written.

type debounce struct {
	mu      sync.Mutex
	pending map[int]bool
}

func (d *debounce) flush(key int) {
	time.Sleep(ms(1000))
	d.mu.Lock()
	delete(d.pending, key)
	d.mu.Unlock()
}

func (d *debounce) change(key int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.pending[key] {
		d.pending[key] = true
		go d.flush(key)
	}
}

func debounced(s *story) {
	newBusyBackend(s)
	d, rng := &debounce{pending: make(map[int]bool)}, s.rand()
	for range time.Tick(ms(30)) {
		d.change(rng.Intn(60))
	}
}

// Leases: a few are held for seconds, and passed on.

func holdLease(seats chan struct{}, rng *rand.Rand, mu *sync.Mutex) {
	seats <- struct{}{}
	mu.Lock()
	life := 1000 + 3000*rng.Float64()
	mu.Unlock()
	renew := time.NewTicker(ms(200))
	defer renew.Stop()
	for end := time.After(ms(life)); ; {
		select {
		case <-renew.C:
		case <-end:
			<-seats
			return
		}
	}
}

func leases(s *story) {
	newBusyBackend(s)
	seats, rng, mu := make(chan struct{}, 12), s.rand(), &sync.Mutex{}
	for range time.Tick(ms(280)) {
		go holdLease(seats, rng, mu)
	}
}
