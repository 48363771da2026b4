// SPDX-License-Identifier: MIT

// prices answers what things cost. It asks a replica of the price list near by, and when that takes long, another one as well;
// the first answer counts. It leaks: gscrape-tui(7) walks through finding out where.
//
//	go build contrib/example/prices.go && ./prices
//
// Customers and replicas are in this program, so that it needs nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	_ "net/http/pprof"
	"time"
)

const (
	patience = 200 * time.Millisecond // with the replica near by
	deadline = 2 * time.Second
)

type answer struct {
	price string
	err   error
}

type replicas struct {
	client    *http.Client
	near, far string
}

// ask sends what one replica says to answers.
func (r *replicas) ask(replica, sku string, answers chan<- answer) {
	resp, err := r.client.Get(replica + "/list/" + sku)
	if err != nil {
		answers <- answer{err: err}
		return
	}
	defer resp.Body.Close()
	price, err := io.ReadAll(resp.Body)
	answers <- answer{string(price), err}
}

// price is the first answer: from near by, or from far away if that one is slow.
func (r *replicas) price(ctx context.Context, sku string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	answers := make(chan answer)
	go r.ask(r.near, sku, answers)
	hedge := time.NewTimer(patience)
	defer hedge.Stop()
	for {
		select {
		case a := <-answers:
			return a.price, a.err
		case <-hedge.C:
			go r.ask(r.far, sku, answers)
		case <-ctx.Done():
			return "", errors.New("no replica answers")
		}
	}
}

func (r *replicas) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	price, err := r.price(req.Context(), req.FormValue("sku"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusGatewayTimeout)
		return
	}
	fmt.Fprintln(w, price)
}

// replica is a price list that takes its time, now and then much more.
func replica(usual time.Duration, slowOneIn int) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		took := usual
		if rand.Intn(slowOneIn) == 0 {
			took += 2 * patience
		}
		time.Sleep(took)
		fmt.Fprintf(w, "%d.%02d", rand.Intn(100), rand.Intn(100))
	}))
	return "http://" + l.Addr().String()
}

// customer asks for one price after the other.
func customer(client *http.Client, url string) {
	for sku := 0; ; sku++ {
		resp, err := client.Get(fmt.Sprintf("%s/price?sku=%d", url, sku))
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		time.Sleep(time.Duration(50+rand.Intn(200)) * time.Millisecond)
	}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:6070", "serve prices and pprof here")
	customers := flag.Int("customers", 6, "so many ask all the time")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	http.Handle("/price", &replicas{client, replica(10*time.Millisecond, 150), replica(30*time.Millisecond, 1000)})
	for i := 0; i < *customers; i++ {
		go customer(client, "http://"+l.Addr().String())
	}
	fmt.Println(l.Addr())
	log.Fatal(http.Serve(l, nil))
}
