// SPDX-License-Identifier: MIT

//go:build modules

// Servers of real modules, whose clients come and stay, or leave: the server runs in a process of its own, and that process
// is the one that is recorded. None of them leaks.
package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"math/rand"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sort"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/gorilla/websocket"
	"github.com/hashicorp/yamux"
	mqttd "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"golang.org/x/crypto/ssh"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	grpchealth "google.golang.org/grpc/health"
	health "google.golang.org/grpc/health/grpc_health_v1"
)

func serveGRPC() string {
	l := listen("127.0.0.1:0")
	srv := grpc.NewServer()
	health.RegisterHealthServer(srv, grpchealth.NewServer())
	go srv.Serve(l)
	return l.Addr().String()
}

func serveNATS() string {
	srv, err := natsd.NewServer(&natsd.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	must(err)
	go srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		panic("nats")
	}
	return srv.Addr().String()
}

func serveMQTT() string {
	srv := mqttd.New(&mqttd.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	srv.AddHook(new(auth.AllowHook), nil)
	l := listen("127.0.0.1:0")
	addr := l.Addr().String()
	l.Close()
	must(srv.AddListener(listeners.NewTCP("t", addr, nil)))
	must(srv.Serve())
	return addr
}

func serveSockets(each func(*websocket.Conn)) string {
	up := websocket.Upgrader{}
	return strings.TrimPrefix(newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := up.Upgrade(w, r, nil); err == nil {
			each(c)
		}
	})), "http://")
}

// serveHub is the chat of the tutorials: all hear what one says.
func serveHub() string {
	return serveSockets(func(c *websocket.Conn) {
		k := newPump(c)
		defer close(k.send)
		for {
			_, m, err := c.ReadMessage()
			if err != nil {
				return
			}
			k.send <- m
		}
	})
}

func serveSSH() string {
	_, key, _ := ed25519.GenerateKey(nil)
	signer, err := ssh.NewSignerFromKey(key)
	must(err)
	config := &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(signer)
	l := listen("127.0.0.1:0")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveSSHConn(c, config)
		}
	}()
	return l.Addr().String()
}

func serveSSHConn(c net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for ch := range channels {
		ch.Reject(ssh.UnknownChannelType, "no")
	}
}

func serveYamux() string {
	l := listen("127.0.0.1:0")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			session, err := yamux.Server(c, nil)
			must(err)
			go func() {
				for {
					stream, err := session.Accept()
					if err != nil {
						return
					}
					go io.Copy(io.Discard, stream)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// serveEvents answers with events for as long as its client listens.
func serveEvents() string {
	return newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(ms(700))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprint(w, "data: x\n\n")
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
}

var servers = map[string]func() string{"grpc": serveGRPC, "nats": serveNATS, "mqtt": serveMQTT, "hub": serveHub, "ssh": serveSSH,
	"yamux": serveYamux, "events": serveEvents}

// --- clients; each does something now and then, or nothing ---

func say(every time.Duration, what func()) func() {
	stop := make(chan struct{})
	go func() {
		for rand.Float64() < .5 {
			select {
			case <-time.After(time.Duration(rand.ExpFloat64() * float64(every))):
				what()
			case <-stop:
				return
			}
		}
	}()
	return func() { close(stop) }
}

var clients = map[string]func(addr string) func(){
	"grpc": func(addr string) func() {
		c, err := grpc.Dial(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		must(err)
		h := health.NewHealthClient(c)
		if rand.Float64() < .6 {
			h.Watch(context.Background(), &health.HealthCheckRequest{})
		}
		stop := say(ms(2000), func() { h.Check(context.Background(), &health.HealthCheckRequest{}) })
		return func() { stop(); c.Close() }
	},
	"nats": func(addr string) func() {
		c, err := nats.Connect("nats://" + addr)
		must(err)
		c.Subscribe("a", func(*nats.Msg) {})
		stop := say(ms(2000), func() { c.Publish("a", nil) })
		return func() { stop(); c.Close() }
	},
	"mqtt": func(addr string) func() {
		c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + addr))
		c.Connect().WaitTimeout(5 * time.Second)
		c.Subscribe("a", 0, func(paho.Client, paho.Message) {})
		stop := say(ms(2000), func() { c.Publish("a", 0, false, "x") })
		return func() { stop(); c.Disconnect(1) }
	},
	"hub": func(addr string) func() {
		c, _, err := websocket.DefaultDialer.Dial("ws://"+addr, nil)
		must(err)
		go io.Copy(io.Discard, c.UnderlyingConn())
		stop := say(ms(2000), func() { c.WriteMessage(websocket.TextMessage, []byte("x")) })
		return func() { stop(); c.Close() }
	},
	"ssh": func(addr string) func() {
		c, err := dialSSH(addr)
		must(err)
		return func() { c.Close() }
	},
	"yamux": func(addr string) func() {
		c, err := net.Dial("tcp", addr)
		must(err)
		session, err := yamux.Client(c, nil)
		must(err)
		for i := rand.Intn(3); i >= 0; i-- {
			session.Open()
		}
		return func() { session.Close() }
	},
	"events": func(addr string) func() {
		ctx, cancel := context.WithCancel(context.Background())
		r, _ := http.NewRequestWithContext(ctx, "GET", addr, nil)
		go http.DefaultTransport.(*http.Transport).Clone().RoundTrip(r)
		return cancel
	},
}

// --- how they come ---

func comeAndStay(s *story, open func() func()) {
	rng, n := s.rand(), 0.
	for n = 20 + 40*rng.Float64(); s.at() < 1; {
		time.Sleep(time.Duration(rng.ExpFloat64() * float64(ms(storyMs)) / n))
		open()
	}
}

func halfStay(s *story, open func() func()) {
	rng := s.rand()
	for n := 40 + 60*rng.Float64(); s.at() < 1; {
		time.Sleep(time.Duration(rng.ExpFloat64() * float64(ms(storyMs)) / n))
		shut := open()
		if rng.Float64() < .6 {
			time.AfterFunc(time.Duration(rng.ExpFloat64()*float64(ms(1500))), shut)
		}
	}
}

func comeAndGo(s *story, open func() func()) {
	rng := s.rand()
	for s.at() < 1 {
		time.Sleep(time.Duration(rng.ExpFloat64() * float64(ms(150))))
		time.AfterFunc(time.Duration(rng.ExpFloat64()*float64(ms(4000))), open())
	}
}

// few keep their connections, and each opens more as time goes on, in steps.
func inSteps(s *story, open func() func()) {
	rng := s.rand()
	for i := 2 + rng.Intn(4); i > 0; i-- {
		s.until(s.at() + (1-s.at())/float64(i+1))
		for k := 4 + rng.Intn(8); k > 0; k-- {
			open()
		}
	}
}

var ways = []struct {
	name, about string
	come        func(s *story, open func() func())
}{
	{"stay", "clients come at random, and stay", comeAndStay},
	{"mixed", "some stay, others leave", halfStay},
	{"go", "all leave after a while", comeAndGo},
	{"steps", "several at once, and they stay", inSteps},
}

// startApart starts a server in a process of its own, and gives pprof's and the server's addresses. It lives as long as this one.
func startApart(name string) (pprof, addr string) {
	c := exec.Command(os.Args[0], serveRole, name)
	c.Stderr, c.Stdin = os.Stderr, os.Stdin
	out, err := c.StdoutPipe()
	must(err)
	must(c.Start())
	_, err = fmt.Fscanln(out, &pprof, &addr)
	must(err)
	return pprof, addr
}

const serveRole = "serve"

func serveOne(name string) {
	addr, l := servers[name](), listen("127.0.0.1:0")
	go http.Serve(l, nil)
	fmt.Println(l.Addr(), addr)
	io.Copy(io.Discard, os.Stdin)
}

// What all the files of modules have, once they have told it: this file is the last of them.
func init() {
	for _, m := range modules {
		services = append(services,
			service{name: m.name, leaks: true, sites: m.sites, places: m.places, about: "some are not closed", run: asked(m, true)},
			service{name: m.name + "-closed", about: "all are closed", run: asked(m, false)})
	}
	roles[serveRole] = serveOne
	for name := range servers {
		for _, way := range ways {
			var addr string
			title := name + "-clients-" + way.name
			apart[title] = func() (pprof string) { pprof, addr = startApart(name); return pprof }
			services = append(services, service{name: title, about: way.about,
				run: func(s *story) { way.come(s, func() func() { return clients[name](addr) }) }})
		}
	}
	sort.Slice(services, func(i, k int) bool {
		return services[i].leaks && !services[k].leaks || services[i].leaks == services[k].leaks && services[i].name < services[k].name
	})
}
