// SPDX-License-Identifier: MIT

// Leaks that stay awake: loops, tickers and sleepers that nobody stops.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Ticker for ever: each stream has a keep-alive, and it outlives the stream.

type stream struct{ w io.Writer }

func (t *stream) keepAlive() {
	tick := time.NewTicker(ms(150))
	for range tick.C {
		io.WriteString(t.w, ": still here\n")
	}
}

func (t *stream) serve(r *http.Request) {
	go t.keepAlive()
	select {
	case <-r.Context().Done():
	case <-time.After(ms(600)):
	}
}

func tickerForever(s *story) {
	b := newBusyBackend(s)
	b.mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		(&stream{io.Discard}).serve(r)
	})
	go b.arrivals(steady(4), "/stream")
}

// Retry for ever: what is sent to a host that is gone is tried again and again.

type outbox struct{ gone map[int]bool }

func (o *outbox) try(host int) bool {
	time.Sleep(ms(20))
	return !o.gone[host]
}

func (o *outbox) deliver(host int) {
	for !o.try(host) {
		<-time.After(ms(300))
	}
}

func (o *outbox) enqueue(host int) { go o.deliver(host) }

func retryForever(s *story) {
	newBusyBackend(s)
	o := &outbox{gone: map[int]bool{3: true}}
	rng := s.rand()
	for range time.Tick(ms(80)) {
		o.enqueue(rng.Intn(8))
	}
}

// Subscriber never removed: those who leave go on getting each message.

type hub struct {
	mu          sync.Mutex
	subscribers []*subscriber
}

type subscriber struct {
	messages chan string
	last     string
}

func (c *subscriber) loop() {
	for m := range c.messages {
		c.last = m
	}
}

func (h *hub) subscribe() *subscriber {
	c := &subscriber{messages: make(chan string, 8)}
	h.mu.Lock()
	h.subscribers = append(h.subscribers, c)
	h.mu.Unlock()
	go c.loop()
	return c
}

func (h *hub) unsubscribe(c *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.subscribers {
		if h.subscribers[i] == c {
			h.subscribers = append(h.subscribers[:i], h.subscribers[i+1:]...)
			close(c.messages)
			return
		}
	}
}

func (h *hub) publish(every time.Duration) {
	for n := range time.Tick(every) {
		h.mu.Lock()
		for _, c := range h.subscribers {
			select {
			case c.messages <- n.String():
			default:
			}
		}
		h.mu.Unlock()
	}
}

func subscriberStays(s *story) {
	b, h := newBusyBackend(s), &hub{}
	go h.publish(ms(60))
	b.mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		c := h.subscribe()
		select {
		case <-r.Context().Done(): // the client hung up: nothing to write to any more
			return
		case <-time.After(ms(1000)):
		}
		h.unsubscribe(c)
	})
	impatient := &http.Client{Timeout: ms(400), Transport: b.client.Transport}
	go b.arrivals(steady(4), "/events")
	for range time.Tick(ms(450)) {
		go func() {
			if resp, err := impatient.Get(b.url + "/events"); err == nil {
				resp.Body.Close()
			}
		}()
	}
}

// Workers for each album: a pool is made for every album that comes in, and none is stopped. Albums come in bursts.

type thumbnailer struct{ photos chan int }

func newThumbnailer(workers int) *thumbnailer {
	t := &thumbnailer{photos: make(chan int)}
	for i := 0; i < workers; i++ {
		go t.worker()
	}
	return t
}

func (t *thumbnailer) worker() {
	for p := range t.photos {
		time.Sleep(ms(float64(20 + p%10)))
	}
}

func workersForEach(s *story) {
	newBusyBackend(s)
	for range time.Tick(ms(2500)) {
		t := newThumbnailer(10)
		for p := 0; p < 30; p++ {
			t.photos <- p
		}
	}
}

// Sleepers: each login gets a goroutine that renews its token, for ever.

type token struct{ renewed int64 }

func (t *token) renew(every time.Duration) {
	for {
		time.Sleep(every)
		atomic.AddInt64(&t.renewed, 1)
	}
}

func issueToken() *token {
	t := &token{}
	go t.renew(ms(2000))
	return t
}

func sleepers(s *story) {
	b := newBusyBackend(s)
	b.mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%p", issueToken())
	})
	go b.arrivals(steady(12), "/token")
}

// Peers that come again: a peer that reconnects gets a new pinger; the old one goes on.

type peer struct{ pings int64 }

func (p *peer) ping(ctx context.Context) {
	t := time.NewTicker(ms(250))
	defer t.Stop()
	for {
		select {
		case <-t.C:
			atomic.AddInt64(&p.pings, 1)
		case <-ctx.Done():
			return
		}
	}
}

func (p *peer) connect(ctx context.Context) { go p.ping(ctx) }

func peersAgain(s *story) {
	newBusyBackend(s)
	var peers [12]peer
	for i := range peers {
		peers[i].connect(context.Background())
	}
	rng := s.rand()
	for range time.Tick(ms(1100)) {
		peers[rng.Intn(len(peers))].connect(context.Background())
	}
}

// Needle: sixty audits a second come and go; one of them in a second stays.

type auditor struct{ trail chan string }

func (a *auditor) record(n int64, confirmed chan bool) {
	time.Sleep(ms(float64(80 + n%120)))
	select {
	case a.trail <- "entry":
	case <-time.After(ms(500)):
	}
	if n%60 == 0 {
		<-confirmed
	}
}

func (a *auditor) audit(n int64) { go a.record(n, make(chan bool)) }

func (a *auditor) drain() {
	for range a.trail {
	}
}

func needle(s *story) {
	b, a := newBusyBackend(s), &auditor{trail: make(chan string, 16)}
	go a.drain()
	var n int64
	b.mux.HandleFunc("/act", func(w http.ResponseWriter, r *http.Request) { a.audit(atomic.AddInt64(&n, 1)) })
	go b.arrivals(steady(60), "/act")
}

// Leak in the evening: the load falls all the time and the process with it, but two goroutines a second stay.

type reservation struct{ paid chan bool }

func (v *reservation) hold() { <-v.paid }

func reserve() *reservation {
	v := &reservation{paid: make(chan bool)}
	go v.hold()
	return v
}

func leakInTheEvening(s *story) {
	b := newBusyBackend(s)
	var n int64
	b.mux.HandleFunc("/seat", func(w http.ResponseWriter, r *http.Request) {
		v := reserve()
		time.Sleep(ms(700))
		if atomic.AddInt64(&n, 1)%12 != 0 {
			close(v.paid)
		}
	})
	go b.arrivals(func(at float64) float64 { return 60 * (1.05 - at) }, "/seat")
}
