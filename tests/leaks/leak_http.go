// SPDX-License-Identifier: MIT

// Leaks with net/http, connections and contexts.
package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Body not closed: an answer that is not 200 is not read, and its connection stays open.

type avatars struct {
	client *http.Client
	store  string
}

func (a *avatars) load(id int64) error {
	resp, err := a.client.Get(fmt.Sprintf("%s/object/%d", a.store, id))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func serveObject(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "5") {
		http.Error(w, strings.Repeat("no such object ", 1000), http.StatusNotFound)
		return
	}
	io.WriteString(w, strings.Repeat("object", 500))
}

func bodyNotClosed(s *story) {
	b := newBusyBackend(s)
	objects := http.NewServeMux()
	objects.HandleFunc("/object/", serveObject)
	a := &avatars{client: newClient(16, 0), store: newServer(objects)}
	var n int64
	b.mux.HandleFunc("/avatar", func(w http.ResponseWriter, r *http.Request) {
		if err := a.load(atomic.AddInt64(&n, 1)); err != nil {
			http.NotFound(w, r)
		}
	})
	go b.arrivals(steady(20), "/avatar")
}

// Lost context: the upload's watcher hangs on a context of its own instead of the request's.

type upload struct{ cancel context.CancelFunc }

func (u *upload) watch(ctx context.Context, done <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-done:
	}
}

func (u *upload) receive(r *http.Request, fails bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	u.cancel = cancel
	done := make(chan struct{})
	go u.watch(ctx, done)
	time.Sleep(ms(150))
	if fails {
		return errors.New("checksum differs")
	}
	close(done)
	return nil
}

func lostContext(s *story) {
	b := newBusyBackend(s)
	var n int64
	b.mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		var u upload
		if u.receive(r, atomic.AddInt64(&n, 1)%10 == 0) != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	go b.arrivals(steady(10), "/upload")
}

// Context of one's own: the context package has a goroutine for each child of a context that it doesn't know, until the child
// is cancelled; here it is only when the call succeeds.

type tenantContext struct {
	context.Context
	closed chan struct{}
}

func (t *tenantContext) Done() <-chan struct{} { return t.closed }

func (t *tenantContext) Err() error {
	select {
	case <-t.closed:
		return context.Canceled
	default:
		return nil
	}
}

type call struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func (c *call) do(fails bool) error {
	select {
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-time.After(ms(120)):
	}
	if fails {
		return errors.New("refused")
	}
	c.cancel()
	return nil
}

func contextOfOwn(s *story) {
	b := newBusyBackend(s)
	parent := &tenantContext{context.Background(), make(chan struct{})}
	var n int64
	b.mux.HandleFunc("/call", func(w http.ResponseWriter, r *http.Request) {
		var c call
		c.ctx, c.cancel = context.WithCancel(parent)
		if c.do(atomic.AddInt64(&n, 1)%6 == 0) != nil {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	go b.arrivals(steady(12), "/call")
}

// No timeout: from the middle of the story the bank accepts connections and says nothing.

func bankSide(s *story, l net.Listener) {
	var silent []net.Conn
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if s.at() > 0.45 {
			silent = append(silent, c)
			continue
		}
		go bankAnswer(c)
	}
}

func bankAnswer(c net.Conn) {
	defer c.Close()
	if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
		time.Sleep(ms(50))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npaid")
	}
}

type billing struct {
	client *http.Client
	bank   string
}

func (b *billing) charge(order int64) error {
	resp, err := b.client.Get(fmt.Sprintf("%s/charge/%d", b.bank, order))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func (b *billing) enqueue(order int64) { go b.charge(order) }

func noTimeout(s *story) {
	b := newBusyBackend(s)
	l := listen("127.0.0.1:0")
	go bankSide(s, l)
	bill := &billing{client: newClient(8, 0), bank: "http://" + l.Addr().String()}
	var n int64
	b.mux.HandleFunc("/order", func(w http.ResponseWriter, r *http.Request) {
		bill.enqueue(atomic.AddInt64(&n, 1))
	})
	go b.arrivals(steady(6), "/order")
}

// Dead peers: telephones that vanish without a word; the server reads from them without a deadline.

type gateway struct {
	l    net.Listener
	dead []net.Conn
}

func (g *gateway) accept() {
	for {
		c, err := g.l.Accept()
		if err != nil {
			return
		}
		go g.handle(c)
	}
}

func (g *gateway) handle(c net.Conn) {
	defer c.Close()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		fmt.Fprintln(c, "ok", lines.Text())
	}
}

func (g *gateway) phone(vanishes bool) net.Conn {
	c, err := net.Dial("tcp", g.l.Addr().String())
	if err != nil {
		return nil
	}
	answers := bufio.NewScanner(c)
	for i := 0; i < 5; i++ {
		fmt.Fprintln(c, "position", i)
		answers.Scan()
		time.Sleep(ms(100))
	}
	if !vanishes {
		c.Close()
	}
	return c
}

func deadPeers(s *story) {
	newBusyBackend(s)
	g := &gateway{l: listen("127.0.0.1:0")}
	go g.accept()
	var mu sync.Mutex
	for n := 1; ; n++ {
		time.Sleep(ms(140))
		vanishes := n%6 == 0
		go func() {
			c := g.phone(vanishes)
			mu.Lock()
			defer mu.Unlock()
			if vanishes {
				g.dead = append(g.dead, c)
			}
		}()
	}
}

// Pipe without reader: what was being compressed for an upload is refused before anybody reads it.

func compress(w *io.PipeWriter, size int) {
	z := gzip.NewWriter(w)
	_, err := io.Copy(z, io.LimitReader(strings.NewReader(strings.Repeat("log line\n", size)), int64(size)))
	if err == nil {
		err = z.Close()
	}
	w.CloseWithError(err)
}

func shipLog(client *http.Client, url string, size int) error {
	r, w := io.Pipe()
	go compress(w, size)
	if size > 4000 {
		return errors.New("log is too large")
	}
	resp, err := client.Post(url, "application/gzip", r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func pipeWithoutReader(s *story) {
	b := newBusyBackend(s)
	b.mux.HandleFunc("/logs", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
	})
	rng := s.rand()
	for range time.Tick(ms(90)) {
		shipLog(b.client, b.url+"/logs", rng.Intn(5000))
	}
}

// detached is a context for work that goes on when its request is over.
type detached struct{ context.Context }

func detach(r *http.Request) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel // work that is begun is brought to its end
	return detached{ctx}
}
