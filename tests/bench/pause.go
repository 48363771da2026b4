// SPDX-License-Identifier: MIT

// What a profile costs its process: for how long nothing else runs, and how long the answer takes, with N goroutines on 50 stacks.
// go run pause.go [N]
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

var forever = make(chan bool)

func deep(n int) {
	if n == 0 {
		<-forever
		return
	}
	deep(n - 1)
}

func main() {
	n := 100000
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	for i := 0; i < n; i++ {
		go deep(i % 50)
	}
	var longest atomic.Int64
	go func() { // a loop that is never late by more than its process stands still
		for last := time.Now(); ; {
			now := time.Now()
			if d := int64(now.Sub(last)); d > longest.Load() {
				longest.Store(d)
			}
			last = now
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, nil)
	time.Sleep(2 * time.Second)
	for _, debug := range []int{2, 1, 2, 1, 2, 1} {
		longest.Store(0)
		from := time.Now()
		r, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/goroutine?debug=%d", l.Addr(), debug))
		if err != nil {
			panic(err)
		}
		size, _ := io.Copy(io.Discard, r.Body)
		r.Body.Close()
		fmt.Printf("debug=%d  %7.1f ms stopped  %7.1f ms in all  %6.1f MB\n", debug, float64(longest.Load())/1e6, float64(time.Since(from))/1e6, float64(size)/1e6)
	}
}
