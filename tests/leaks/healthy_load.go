// SPDX-License-Identifier: MIT

// Healthy services whose load changes: it rises, swings, bursts, queues up, and everything that came goes again.
package main

import (
	"io"
	"math"
	"math/rand"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// slow answers after a while, with a goroutine of its own for the work.
func slow(took time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		done := make(chan struct{})
		go compute(took, done)
		<-done
	}
}

func compute(took time.Duration, done chan<- struct{}) {
	time.Sleep(took)
	close(done)
}

// Ramp: clients with kept connections arrive over the first half of the story and stay.
func keepAliveRamp(s *story) {
	b := newBusyBackend(s)
	b.client = newClient(200, ms(1500))
	b.mux.HandleFunc("/tile", slow(ms(25)))
	for i := 0; i < 90; i++ {
		go b.user("/tile", ms(120))
		time.Sleep(ms(storyMs * 0.5 / 90))
	}
}

// Daily swing: two days, from 5 to 85 requests a second, each of which takes a while.
func dailySwing(s *story) {
	b := newBusyBackend(s)
	b.mux.HandleFunc("/report", slow(ms(500)))
	go b.arrivals(func(at float64) float64 { return 45 - 40*math.Cos(at*4*math.Pi) }, "/report")
}

// Bursts: every three seconds eighty requests at once.
func bursts(s *story) {
	b := newBusyBackend(s)
	b.mux.HandleFunc("/flash", slow(ms(600)))
	for range time.Tick(ms(3000)) {
		for i := 0; i < 80; i++ {
			go b.visit("/flash")
		}
	}
}

// Morning: the load rises all through the story; each request is answered.
func morning(s *story) {
	b := newBusyBackend(s)
	b.mux.HandleFunc("/page", slow(ms(350)))
	go b.arrivals(func(at float64) float64 { return 5 + 75*at }, "/page")
}

// Slow upstream: for a quarter of the story each answer takes long, requests pile up, and then it is over.
func slowUpstream(s *story) {
	b := newBusyBackend(s)
	b.client.Timeout = ms(6000)
	b.mux.HandleFunc("/upstream", func(w http.ResponseWriter, r *http.Request) {
		if at := s.at(); at > 0.35 && at < 0.6 {
			slow(ms(2500))(w, r)
			return
		}
		slow(ms(40))(w, r)
	})
	go b.arrivals(steady(25), "/upstream")
}

// Batch: three hundred goroutines for two seconds, then none, and again.

type batch struct{ sum int64 }

func (b *batch) item(wg *sync.WaitGroup, took time.Duration) {
	defer wg.Done()
	time.Sleep(took)
	atomic.AddInt64(&b.sum, 1)
}

func (b *batch) run(n int, rng *rand.Rand) {
	var wg sync.WaitGroup
	wg.Add(n)
	for i := 0; i < n; i++ {
		go b.item(&wg, ms(1200+800*rng.Float64()))
	}
	wg.Wait()
}

func batchJobs(s *story) {
	newBusyBackend(s)
	b, rng := &batch{}, s.rand()
	for {
		b.run(300, rng)
		time.Sleep(ms(2500))
	}
}

// Cron: every four seconds some jobs work for a second.
func cron(s *story) {
	newBusyBackend(s)
	b, rng := &batch{}, s.rand()
	for range time.Tick(ms(4000)) {
		b.run(5+rng.Intn(20), rng)
	}
}

// Queue: producers wait in front of a full queue under load, and all of them get through.

type queue struct{ items chan int }

func (q *queue) put(n int) { q.items <- n }

func (q *queue) consume(took time.Duration) {
	for range q.items {
		time.Sleep(took)
	}
}

func queueDrains(s *story) {
	b, q := newBusyBackend(s), &queue{items: make(chan int, 20)}
	for i := 0; i < 4; i++ {
		go q.consume(ms(100))
	}
	b.mux.HandleFunc("/put", func(w http.ResponseWriter, r *http.Request) { go q.put(1) })
	go b.arrivals(func(at float64) float64 {
		if at > 0.15 && at < 0.45 {
			return 65
		}
		return 15
	}, "/put")
}

// Hot mutex: everybody wants one lock, which is held long; it is handed on all the time.

type ledger struct {
	mu      sync.Mutex
	entries int
}

func (l *ledger) post() {
	l.mu.Lock()
	defer l.mu.Unlock()
	time.Sleep(ms(14))
	l.entries++
}

func hotMutex(s *story) {
	b, l := newBusyBackend(s), &ledger{}
	b.client.Timeout = ms(8000)
	b.mux.HandleFunc("/post", func(w http.ResponseWriter, r *http.Request) { l.post() })
	go b.arrivals(func(at float64) float64 { return 60 + 35*math.Sin(at*6*math.Pi) }, "/post")
}

// Rate limit: requests wait for their turn.

type turns struct {
	mu   sync.Mutex
	next time.Time
}

func (t *turns) wait(every time.Duration) {
	t.mu.Lock()
	now := time.Now()
	if t.next.Before(now) {
		t.next = now
	}
	mine := t.next
	t.next = t.next.Add(every)
	t.mu.Unlock()
	time.Sleep(time.Until(mine))
}

func rateLimited(s *story) {
	b, t := newBusyBackend(s), &turns{}
	b.client.Timeout = ms(5000)
	b.mux.HandleFunc("/api", func(w http.ResponseWriter, r *http.Request) {
		t.wait(ms(50))
		io.WriteString(w, "ok")
	})
	go b.arrivals(func(at float64) float64 { return 17 + 10*math.Sin(at*5*math.Pi) }, "/api")
}

// Group: what a fan-out should be, with an error now and then that ends the others.
func fanOut(s *story) {
	b := newBusyBackend(s)
	var n int64
	b.mux.HandleFunc("/fan", func(w http.ResponseWriter, r *http.Request) {
		c := &crawl{pages: make(chan int, 4), failed: make(chan error, 4)}
		c.run(atomic.AddInt64(&n, 1)%7 == 0)
	})
	go b.arrivals(steady(20), "/fan")
}
