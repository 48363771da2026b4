// SPDX-License-Identifier: MIT

// Leaks of channels: nobody receives, nobody sends, nobody closes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Send after timeout: the asker has left when the slow quote comes, and the channel has no room for it.

type quotes struct{ asked int64 }

func (q *quotes) fetch(out chan<- float64) {
	n := atomic.AddInt64(&q.asked, 1)
	if n%5 == 0 {
		time.Sleep(ms(400))
	} else {
		time.Sleep(ms(40))
	}
	out <- float64(n)
}

func (q *quotes) quote(ctx context.Context) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, ms(200))
	defer cancel()
	out := make(chan float64)
	go q.fetch(out)
	select {
	case v := <-out:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func sendAfterTimeout(s *story) {
	b, q := newBusyBackend(s), &quotes{}
	b.mux.HandleFunc("/quote", func(w http.ResponseWriter, r *http.Request) {
		v, err := q.quote(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusGatewayTimeout)
			return
		}
		fmt.Fprintln(w, v)
	})
	go b.arrivals(steady(15), "/quote")
}

// Forgotten receiver: a receipt is awaited for each message, but a few are never acknowledged.

type mailer struct {
	mu       sync.Mutex
	receipts map[int]chan bool
	sent     int
	outgoing chan int
}

func (m *mailer) send() {
	m.mu.Lock()
	m.sent++
	id, receipt := m.sent, make(chan bool, 1)
	m.receipts[id] = receipt
	m.mu.Unlock()
	go m.awaitReceipt(id, receipt)
	m.outgoing <- id
}

func (m *mailer) awaitReceipt(id int, receipt <-chan bool) {
	<-receipt
	m.mu.Lock()
	delete(m.receipts, id)
	m.mu.Unlock()
}

// relay is the other side: it tells of every message but those that bounced.
func (m *mailer) relay() {
	for id := range m.outgoing {
		time.Sleep(ms(60))
		if id%8 == 0 {
			continue
		}
		m.mu.Lock()
		m.receipts[id] <- true
		m.mu.Unlock()
	}
}

func forgottenReceiver(s *story) {
	newBusyBackend(s)
	m := &mailer{receipts: make(map[int]chan bool), outgoing: make(chan int, 100)}
	go m.relay()
	for range time.Tick(ms(125)) {
		m.send()
	}
}

// Missing close: a query that fails returns early, and the writer of its rows ranges for ever.

var errCursor = errors.New("cursor is gone")

func queryRows(rows chan<- string, n int) error {
	for i := 0; i < 12; i++ {
		if n%6 == 0 && i == 7 {
			return errCursor
		}
		time.Sleep(ms(10))
		rows <- fmt.Sprintf("row %d", i)
	}
	close(rows)
	return nil
}

func writeRows(w io.Writer, rows <-chan string) {
	for row := range rows {
		io.WriteString(w, row)
	}
}

func exportReport(n int) error {
	rows := make(chan string)
	go writeRows(io.Discard, rows)
	return queryRows(rows, n)
}

func missingClose(s *story) {
	b := newBusyBackend(s)
	var n int64
	b.mux.HandleFunc("/export", func(w http.ResponseWriter, r *http.Request) {
		if err := exportReport(int(atomic.AddInt64(&n, 1))); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	go b.arrivals(steady(12), "/export")
}

// Nil channel: tenants without a webhook have no channel, and their forwarder waits for one.

type tenant struct{ hooks chan string }

func (t *tenant) forward(ctx context.Context) {
	for event := range t.hooks {
		if ctx.Err() != nil {
			return
		}
		io.WriteString(io.Discard, event)
	}
}

func (t *tenant) activate(n int) {
	if n%3 != 0 {
		t.hooks = make(chan string, 1)
		t.hooks <- "activated"
		time.AfterFunc(ms(900), func() { close(t.hooks) })
	}
	go t.forward(context.Background())
}

func nilChannel(s *story) {
	newBusyBackend(s)
	for n := 1; ; n++ {
		time.Sleep(ms(200))
		(&tenant{}).activate(n)
	}
}

// Producer without consumer: in the middle of the story the indexer fails over a bad event and returns.

type eventLog struct{ queue chan int }

func (l *eventLog) publish(event int) { l.queue <- event }

func (l *eventLog) ServeHTTP(w http.ResponseWriter, r *http.Request) { go l.publish(len(r.URL.Path)) }

func (l *eventLog) index(s *story) error {
	for event := range l.queue {
		if s.at() > 0.5 {
			return fmt.Errorf("event %d cannot be parsed", event)
		}
		time.Sleep(ms(20))
	}
	return nil
}

func producerAlone(s *story) {
	b, l := newBusyBackend(s), &eventLog{queue: make(chan int, 16)}
	go l.index(s)
	b.mux.Handle("/event", l)
	go b.arrivals(steady(10), "/event")
}

// Abandoned generator: the search stops at its first hit; the generator has more.

func generate(n int) <-chan int {
	out := make(chan int)
	go produce(out, n)
	return out
}

func produce(out chan<- int, n int) {
	defer close(out)
	for i := 0; i < n; i++ {
		time.Sleep(ms(5))
		out <- i
	}
}

func search(want int) bool {
	for v := range generate(20) {
		if v == want {
			return true
		}
	}
	return false
}

func abandonedGenerator(s *story) {
	b := newBusyBackend(s)
	var n int64
	b.mux.HandleFunc("/search", func(w http.ResponseWriter, r *http.Request) {
		want := 50
		if atomic.AddInt64(&n, 1)%4 == 0 {
			want = 10
		}
		fmt.Fprintln(w, search(want))
	})
	go b.arrivals(steady(14), "/search")
}

// Group that never ends: after the first error nobody takes pages any more, and Wait waits for those who have some.

type group struct {
	wg   sync.WaitGroup
	once sync.Once
	err  error
}

func (g *group) Go(f func() error) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err })
		}
	}()
}

func (g *group) Wait() error {
	g.wg.Wait()
	return g.err
}

type crawl struct {
	pages  chan int
	failed chan error
}

func (c *crawl) fetch(n int, broken bool) error {
	time.Sleep(ms(float64(20 + 10*n)))
	if broken && n == 1 {
		c.failed <- errCursor
		return errCursor
	}
	c.pages <- n
	return nil
}

func (c *crawl) run(broken bool) error {
	var g group
	for i := 0; i < 4; i++ {
		n := i
		g.Go(func() error { return c.fetch(n, broken) })
	}
	for i := 0; i < 4; i++ {
		select {
		case <-c.pages:
		case <-c.failed:
			return g.Wait()
		}
	}
	return g.Wait()
}

func groupWait(s *story) {
	b := newBusyBackend(s)
	var n int64
	b.mux.HandleFunc("/crawl", func(w http.ResponseWriter, r *http.Request) {
		c := &crawl{pages: make(chan int), failed: make(chan error, 1)}
		c.run(atomic.AddInt64(&n, 1)%7 == 0)
	})
	go b.arrivals(steady(8), "/crawl")
}
