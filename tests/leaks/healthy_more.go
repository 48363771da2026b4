// SPDX-License-Identifier: MIT

// Healthy services that do what the leaking ones do, but rightly, and some more of their kind.
package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Quotes with room: the slow answer is put into a channel that has room for it.
func quotesWithRoom(s *story) {
	b, q := newBusyBackend(s), &quotes{}
	b.mux.HandleFunc("/quote", func(w http.ResponseWriter, r *http.Request) {
		out := make(chan float64, 1)
		go q.fetch(out)
		select {
		case v := <-out:
			fmt.Fprintln(w, v)
		case <-time.After(ms(200)):
			w.WriteHeader(http.StatusGatewayTimeout)
		}
	})
	go b.arrivals(steady(15), "/quote")
}

// Transactions: all of them end.
func transactions(s *story) {
	b, db := newBusyBackend(s), openDatabase()
	b.mux.HandleFunc("/book", func(w http.ResponseWriter, r *http.Request) {
		tx, err := db.BeginTx(r.Context(), nil)
		if err != nil {
			return
		}
		time.Sleep(ms(150))
		tx.Commit()
	})
	go b.arrivals(steady(18), "/book")
}

// Deploy: in the middle of the story all sockets are cut and come again.
func deploy(s *story) {
	newBusyBackend(s)
	l := listen("127.0.0.1:0")
	go acceptSockets(l)
	for round := 0; round < 2; round++ {
		life := ms(storyMs * 0.5)
		for i := 0; i < 50; i++ {
			go chat(l.Addr().String(), life, ms(250))
			time.Sleep(ms(20))
		}
		s.until(0.55)
	}
}

// Night: the load goes to nothing, and idle connections are closed after a while.
func night(s *story) {
	b := newBusyBackend(s)
	b.client = &http.Client{Timeout: ms(3000), Transport: &http.Transport{MaxIdleConnsPerHost: 80, IdleConnTimeout: ms(1500)}}
	b.mux.HandleFunc("/report", slow(ms(500)))
	go b.arrivals(func(at float64) float64 { return 60 * (0.7 - at) }, "/report")
}

// Standby: some goroutines wait for what may never come, from the beginning: a signal, the leadership, a feature that is off.

type standby struct {
	leader chan struct{}
	stop   chan struct{}
	off    chan int // nil: the feature is not configured
}

func (t *standby) campaign() {
	<-t.leader
	fmt.Println("leader")
}

func (t *standby) feature() {
	for {
		select {
		case <-t.off:
			fmt.Println("used")
		case <-t.stop:
			return
		}
	}
}

func (t *standby) never() { select {} }

func standbys(s *story) {
	newBusyBackend(s)
	t := &standby{leader: make(chan struct{}), stop: make(chan struct{})}
	for i := 0; i < 6; i++ {
		go t.campaign()
		go t.feature()
		go t.never()
	}
	select {}
}

// Rollout: a feature is switched on for the tenants in five steps, and then all of them have it.
func rollout(s *story) {
	newBusyBackend(s)
	var all []*shard
	for step := 0; step < 5; step++ {
		s.until(0.08 + 0.12*float64(step))
		all = append(all, enable(16)...)
	}
	for n := 0; ; n++ {
		all[n%len(all)].updates <- n
		time.Sleep(ms(15))
	}
}

// Outage: for a third of the story a host is gone, and what is sent to it is tried again until it is back.

type recovering struct{ down int32 }

func (v *recovering) deliver(n int) {
	for wait := 200.0; atomic.LoadInt32(&v.down) != 0; wait *= 1.3 {
		time.Sleep(ms(wait))
	}
	time.Sleep(ms(30))
}

func (v *recovering) enqueue(n int) { go v.deliver(n) }

func outage(s *story) {
	newBusyBackend(s)
	v := &recovering{}
	time.AfterFunc(ms(storyMs*0.2), func() { atomic.StoreInt32(&v.down, 1) })
	time.AfterFunc(ms(storyMs*0.5), func() { atomic.StoreInt32(&v.down, 0) })
	for n := 0; ; n++ {
		v.enqueue(n)
		time.Sleep(ms(80))
	}
}

// Full house: a limiter that nearly always has somebody waiting, and lets all of them through.
func fullHouse(s *story) {
	b, l := newBusyBackend(s), make(limiter, 6)
	b.client.Timeout = ms(8000)
	b.mux.HandleFunc("/render", func(w http.ResponseWriter, r *http.Request) { render(l, false) })
	for i := 0; i < 30; i++ {
		go b.user("/render", ms(40))
	}
}

// Rooms: sessions of ten, which last and end together by their context, from two to four rooms at a time.

type party struct{ ctx context.Context }

func (p *party) guest() { <-p.ctx.Done() }

func (p *party) start(guests int) {
	for i := 0; i < guests; i++ {
		go p.guest()
	}
}

func rooms(s *story) {
	newBusyBackend(s)
	rng := s.rand()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), ms(2000+2000*rng.Float64()))
		_ = cancel // the time ends it
		(&party{ctx}).start(10)
		time.Sleep(ms(600 + 800*rng.Float64()))
	}
}
