// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	"sync"
	"time"
)

// backend is what all the services have in common: an HTTP server with people asking it, a pool of workers, a cache, sessions,
// metrics. It is healthy in every case.
type backend struct {
	story  *story
	mux    *http.ServeMux
	url    string
	client *http.Client
	jobs   chan func()
	cache  cache
}

type cache struct {
	mu      sync.RWMutex
	entries map[string]time.Time
}

func (c *cache) get(key string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, ok := c.entries[key]
	return ok
}

func (c *cache) put(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[key] = time.Now()
}

func (c *cache) expire(age time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, t := range c.entries {
		if time.Since(t) > age {
			delete(c.entries, key)
		}
	}
}

// janitor expires entries until the context ends.
func (c *cache) janitor(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			c.expire(4 * every)
		case <-ctx.Done():
			return
		}
	}
}

// newServer serves a mux on a loopback port.
func newServer(mux http.Handler) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(l, mux)) }()
	return "http://" + l.Addr().String()
}

func newClient(idle int, timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{MaxIdleConns: idle, MaxIdleConnsPerHost: idle},
	}
}

// newBackend starts one without visitors, and its workers.
func newBackend(s *story, workers int) *backend {
	b := &backend{story: s, mux: http.NewServeMux(), client: newClient(64, ms(1500)), jobs: make(chan func(), 32)}
	b.cache.entries = make(map[string]time.Time)
	b.mux.HandleFunc("/", b.front)
	b.url = newServer(b.mux)
	go b.cache.janitor(context.Background(), ms(700))
	for i := 0; i < workers; i++ {
		go b.worker()
	}
	return b
}

// newBusyBackend has visitors too: a few users who keep their connections, others that come and go, sessions, jobs.
func newBusyBackend(s *story) *backend {
	rng := s.rand()
	b := newBackend(s, 4+rng.Intn(10))
	for i := 3 + rng.Intn(8); i > 0; i-- {
		go b.user("/", ms(60+float64(rng.Intn(60))))
	}
	go b.arrivals(steady(4+8*rng.Float64()), "/")
	go b.sessions(2+2*rng.Float64(), s.rand())
	go b.submit(ms(40 + float64(rng.Intn(60))))
	go b.report()
	return b
}

// front answers the start page: two parts made at the same time, one of them from the cache if it is there.
func (b *backend) front(w http.ResponseWriter, r *http.Request) {
	parts := make(chan string, 2)
	go b.part("head", parts)
	go b.part("body", parts)
	io.WriteString(w, <-parts)
	io.WriteString(w, <-parts)
}

func (b *backend) part(name string, out chan<- string) {
	if b.cache.get(name) {
		time.Sleep(ms(4))
	} else {
		time.Sleep(ms(30))
		b.cache.put(name)
	}
	out <- name
}

func (b *backend) worker() {
	for job := range b.jobs {
		job()
	}
}

// submit gives the workers something to do.
func (b *backend) submit(every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for range t.C {
		b.jobs <- func() { time.Sleep(ms(20)) }
	}
}

// report is the metrics: counted now and then.
func (b *backend) report() {
	for range time.Tick(ms(250)) {
		b.cache.mu.RLock()
		n := len(b.cache.entries)
		b.cache.mu.RUnlock()
		fmt.Fprintf(io.Discard, "cache_entries %d\n", n)
	}
}

// sessions come at a rate, stay a second or two, and go.
func (b *backend) sessions(perSecond float64, rng *rand.Rand) {
	for {
		time.Sleep(ms(1000 / perSecond * (0.5 + rng.Float64())))
		ctx, cancel := context.WithTimeout(context.Background(), ms(800+1200*rng.Float64()))
		go b.session(ctx, cancel)
	}
}

func (b *backend) session(ctx context.Context, cancel context.CancelFunc) {
	defer cancel()
	refresh := time.NewTicker(ms(150))
	defer refresh.Stop()
	for {
		select {
		case <-refresh.C:
			b.cache.put("session")
		case <-ctx.Done():
			return
		}
	}
}

// visit asks for a page once, and reads the answer whatever it is.
func (b *backend) visit(path string) bool {
	resp, err := b.client.Get(b.url + path)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// user asks for a page again and again, with a pause, over a connection that it keeps.
func (b *backend) user(path string, pause time.Duration) {
	for {
		b.visit(path)
		time.Sleep(pause)
	}
}

// arrivals are requests at a rate per second, whether or not the earlier ones were answered.
func (b *backend) arrivals(perSecond func(at float64) float64, path string) {
	rng := b.story.rand()
	for {
		rate := perSecond(b.story.at())
		if rate <= 0 {
			time.Sleep(ms(50))
			continue
		}
		time.Sleep(ms(1000 / rate * (0.5 + rng.Float64())))
		go b.visit(path)
	}
}

func steady(perSecond float64) func(float64) float64 {
	return func(float64) float64 { return perSecond }
}
