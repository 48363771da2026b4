// SPDX-License-Identifier: MIT

// Leaks of other libraries' goroutines, and of sites that have many healthy ones too.
package main

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log"
	"math"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Transaction not ended: database/sql has a goroutine for each that waits for its context. The driver does nothing.

type nullDriver struct{}
type nullConn struct{}
type nullTx struct{}

func (nullDriver) Open(string) (driver.Conn, error) { return nullConn{}, nil }

func (nullConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("cannot prepare") }
func (nullConn) Close() error                        { return nil }
func (nullConn) Begin() (driver.Tx, error)           { return nullTx{}, nil }

func (nullTx) Commit() error   { time.Sleep(ms(5)); return nil }
func (nullTx) Rollback() error { return nil }

func openDatabase() *sql.DB {
	sql.Register("null", nullDriver{})
	db, err := sql.Open("null", "")
	if err != nil {
		log.Fatal(err)
	}
	return db
}

func book(db *sql.DB, r *http.Request, soldOut bool) error {
	tx, err := db.BeginTx(detach(r), nil)
	if err != nil {
		return err
	}
	time.Sleep(ms(60))
	if soldOut {
		return errors.New("sold out")
	}
	return tx.Commit()
}

func transactionOpen(s *story) {
	b, db := newBusyBackend(s), openDatabase()
	var n int64
	b.mux.HandleFunc("/book", func(w http.ResponseWriter, r *http.Request) {
		if book(db, r, atomic.AddInt64(&n, 1)%9 == 0) != nil {
			w.WriteHeader(http.StatusConflict)
		}
	})
	go b.arrivals(steady(15), "/book")
}

// Transport for each: every call of the weather service has a client of its own, whose connection is kept for the next call.

func forecast(url string) error {
	client := &http.Client{Transport: &http.Transport{}, Timeout: ms(2000)}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func transportForEach(s *story) {
	b := newBusyBackend(s)
	weather := http.NewServeMux()
	weather.HandleFunc("/today", slow(ms(40)))
	url := newServer(weather) + "/today"
	b.mux.HandleFunc("/weather", func(w http.ResponseWriter, r *http.Request) { forecast(url) })
	go b.arrivals(steady(2), "/weather")
}

// Cache without a bound: each key has a janitor; keys are made of what users type.
func cacheUnbounded(s *story) {
	newBusyBackend(s)
	e := &entries{}
	for range time.Tick(ms(150)) {
		e.add(math.MaxInt)
	}
}

// Restart and leak: the process starts itself again in the middle, and leaks in both lives.
func restartAndLeak(s *story) {
	newBusyBackend(s)
	rng := s.rand()
	for first := s.at() < 0.5; !first || s.at() < 0.5; {
		reserve()
		time.Sleep(ms(400 * rng.Float64()))
	}
	s.again()
}

// Leak under a swing: the load goes up and down, and one in fifteen stays.
func leakUnderSwing(s *story) {
	b := newBusyBackend(s)
	var n int64
	b.mux.HandleFunc("/seat", func(w http.ResponseWriter, r *http.Request) {
		v := reserve()
		time.Sleep(ms(400))
		if atomic.AddInt64(&n, 1)%15 != 0 {
			close(v.paid)
		}
	})
	go b.arrivals(func(at float64) float64 { return 35 - 28*math.Cos(at*5*math.Pi) }, "/seat")
}

// Big site: two hundred devices are watched rightly; those that come again get a second watcher.

type device struct {
	state  chan int
	detach chan struct{}
}

func (d *device) watch() {
	for {
		select {
		case <-d.state:
		case <-d.detach:
			return
		}
	}
}

func (d *device) attach() {
	d.detach = make(chan struct{}) // the old one is forgotten with whoever waits for it
	go d.watch()
}

func bigSite(s *story) {
	newBusyBackend(s)
	all := make([]*device, 200)
	for i := range all {
		all[i] = &device{state: make(chan int)}
		all[i].attach()
	}
	rng := s.rand()
	for n := 1; ; n++ {
		time.Sleep(ms(50))
		all[rng.Intn(len(all))].state <- n
		if n%14 == 0 {
			all[rng.Intn(len(all))].attach()
		}
	}
}

// Stuck in the kernel: a child's pipe is read with system calls, and its other end was given to somebody who keeps it.

func drainPipe(fd int) {
	defer syscall.Close(fd)
	for buf := make([]byte, 512); ; {
		if n, err := syscall.Read(fd, buf); n <= 0 || err != nil {
			return
		}
	}
}

func runHook(kept *[]int, keeps bool) {
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		log.Fatal(os.NewSyscallError("pipe", err))
	}
	go drainPipe(fds[0])
	syscall.Write(fds[1], []byte("hook done\n"))
	if keeps {
		*kept = append(*kept, fds[1])
		return
	}
	time.Sleep(ms(80))
	syscall.Close(fds[1])
}

func stuckInKernel(s *story) {
	newBusyBackend(s)
	var kept []int
	for n := 1; ; n++ {
		time.Sleep(ms(120))
		runHook(&kept, n%4 == 0)
	}
}

// Semaphore in a batch: each item takes a place and starts its goroutine; a batch that is given up leaves its items waiting for
// the gate that opens at the end.

type gate struct {
	wg   sync.WaitGroup
	open chan struct{}
}

func (g *gate) item(took time.Duration) {
	defer g.wg.Done()
	time.Sleep(took)
	<-g.open
}

func (g *gate) run(items int, givenUp bool) {
	for i := 0; i < items; i++ {
		g.wg.Add(1)
		go g.item(ms(float64(40 + 10*i)))
	}
	if givenUp {
		return
	}
	time.Sleep(ms(200))
	close(g.open)
	g.wg.Wait()
}

func batchGivenUp(s *story) {
	newBusyBackend(s)
	for n := 1; ; n++ {
		time.Sleep(ms(700))
		(&gate{open: make(chan struct{})}).run(12, n%4 == 0)
	}
}
