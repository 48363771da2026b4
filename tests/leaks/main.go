// SPDX-License-Identifier: MIT

// Services that leak goroutines, and services that only look as if they did: `leaks CASE` is one of them, with pprof on a
// loopback port. They are what the leak detector is measured by, so they are written as services are, and nothing in them
// knows of it.
//
// A case is a story of 14 seconds, told with -period 20ms; another period tells it slower or faster. The first line of
// output is the address, the line "end" comes when the story is over; the process lives until its input closes, or -for.
package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	usualPeriod = 20 * time.Millisecond
	storyMs     = 14000
	bornEnv     = "LEAKS_BORN" // when the story began, for a process that took over from itself
)

type service struct {
	name   string
	leaks  bool
	sites  string // functions with the go statement, separated by commas; any of them is right
	places string // functions in which they are stuck
	about  string
	run    func(s *story)
}

// apart starts, for some of the services, the process that is to be recorded instead of this one, and gives pprof's address.
var apart = map[string]func() string{}

// roles are other things that this program can be, by its first argument; the second is theirs.
var roles = map[string]func(string){}

// pace is how much slower than written everything goes.
var pace = 1.0

// ms is a duration as written for the usual period.
func ms(n float64) time.Duration { return time.Duration(n * pace * float64(time.Millisecond)) }

type story struct {
	began time.Time
	addr  string // of pprof
	seed  int64
}

// at is where the story is: 0 at its beginning, 1 at its end, more after it.
func (s *story) at() float64 { return float64(time.Since(s.began)) / float64(ms(storyMs)) }

// until sleeps until the story is at a point.
func (s *story) until(at float64) { time.Sleep(time.Duration((at - s.at()) * float64(ms(storyMs)))) }

// rand is a new source of numbers, the same each time the story is told.
func (s *story) rand() *rand.Rand { return rand.New(rand.NewSource(atomic.AddInt64(&s.seed, 1))) }

// again starts the process once more in its own place, on the same port, and the story goes on.
func (s *story) again() {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	os.Setenv(bornEnv, strconv.FormatInt(s.began.UnixNano(), 10))
	args := append([]string{os.Args[0], "-addr", s.addr}, os.Args[1:]...)
	log.Fatal(syscall.Exec(self, args, os.Environ()))
}

func newStory(c *service, seed int64) *story {
	h := fnv.New32a()
	h.Write([]byte(c.name))
	s := &story{began: time.Now(), seed: int64(h.Sum32()) + seed<<32}
	if born, err := strconv.ParseInt(os.Getenv(bornEnv), 10, 64); err == nil {
		s.began = time.Unix(0, born)
	}
	return s
}

func list() {
	for _, c := range services {
		kind, sites, places := "healthy", "-", "-"
		if c.leaks {
			kind, sites, places = "leaks", c.sites, c.places
		}
		fmt.Printf("%s\t%s\t%s\t%s\t%s\n", c.name, kind, sites, places, c.about)
	}
}

func find(name string) *service {
	for i := range services {
		if services[i].name == name {
			return &services[i]
		}
	}
	return nil
}

// listen waits for a port that the process itself held a moment ago.
func listen(addr string) net.Listener {
	for tries := 0; ; tries++ {
		l, err := net.Listen("tcp", addr)
		if err == nil {
			return l
		}
		if tries == 100 {
			log.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func live(c *service, s *story, addr string, most time.Duration) {
	l := listen(addr)
	s.addr = l.Addr().String()
	go func() { log.Fatal(http.Serve(l, nil)) }()
	if start := apart[c.name]; start != nil {
		s.addr = start()
	}
	if os.Getenv(bornEnv) == "" {
		fmt.Println(s.addr)
	}
	closed := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(closed)
	}()
	go c.run(s)
	over := time.NewTimer(time.Until(s.began.Add(ms(storyMs))))
	last := time.NewTimer(time.Until(s.began.Add(most)))
	for {
		select {
		case <-over.C:
			fmt.Println("end")
		case <-last.C:
			return
		case <-closed:
			return
		}
	}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "serve pprof here")
	period := flag.Duration("period", usualPeriod, "what a short request takes; everything else goes with it")
	most := flag.Duration("for", time.Minute, "live this long")
	seed := flag.Int64("seed", 0, "another story of the same kind")
	all := flag.Bool("list", false, "list the cases: name, leaks or healthy, creation sites, places, what it is")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: leaks [-addr ADDR] [-period D] [-for D] [-seed N] CASE, or leaks -list")
		flag.PrintDefaults()
	}
	flag.Parse()
	if *all {
		list()
		return
	}
	if role := roles[flag.Arg(0)]; role != nil {
		role(flag.Arg(1))
		return
	}
	c := find(flag.Arg(0))
	if c == nil || *period <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	pace = float64(*period) / float64(usualPeriod)
	live(c, newStory(c, *seed), *addr, *most)
}
