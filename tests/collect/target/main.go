// SPDX-License-Identifier: MIT

// A live program to scrape: pprof on an address, over TLS and on a unix socket when told, and goroutines on request.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"strconv"
)

func leak(n int) {
	for i := 0; i < n; i++ {
		c := make(chan int)
		go func() { c <- i }()
	}
}

// abort writes half of its own dump and then breaks the connection off.
func abort(w http.ResponseWriter, r *http.Request) {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	w.Write(buf[:len(buf)/2])
	panic(http.ErrAbortHandler)
}

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "listen here")
	cert := flag.String("cert", "", "serve TLS with this certificate")
	key := flag.String("key", "", "and its key")
	flag.Parse()
	network := "tcp"
	if (*addr)[0] == '/' {
		network = "unix"
	}
	l, err := net.Listen(network, *addr)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/leak", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		leak(n)
	})
	http.HandleFunc("/abort/debug/pprof/goroutine", abort)
	_ = pprof.Index // its init registers /debug/pprof/
	fmt.Println(l.Addr())
	os.Stdout.Sync()
	if *cert != "" {
		log.Fatal(http.ServeTLS(l, nil, *cert, *key))
	}
	log.Fatal(http.Serve(l, nil))
}
