// SPDX-License-Identifier: MIT

//go:build modules

// Real modules, in versions of some years ago, used in the way that leaks, and used well: each has one thing that must be
// closed. Whoever asks opens one and closes it; in the leaking service some forget to.
package main

import (
	"context"
	"log"
	"math/rand"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/allegro/bigcache/v2"
	"github.com/cenkalti/backoff/v3"
	"github.com/dgraph-io/ristretto"
	"github.com/eclipse/paho.mqtt.golang"
	"github.com/fsnotify/fsnotify"
	"github.com/go-redis/redis/v8"
	"github.com/gorilla/websocket"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/hashicorp/yamux"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
	"github.com/panjf2000/ants/v2"
	robfig "github.com/robfig/cron/v3"
	"github.com/segmentio/kafka-go"
	"go.etcd.io/etcd/client/v3"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap/zapcore"
	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"gopkg.in/natefinch/lumberjack.v2"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/util/workqueue"
)

// opener makes what a service uses at each request; what it returns closes the one that was opened.
type opener func(s *story) func(ctx context.Context) func()

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// module is one way to use a module: a leak where one in so many forgets to close, and its healthy twin.
type module struct {
	name, sites, places string
	open                opener
}

var modules = []module{
	{"grpc-client", "google.golang.org/grpc*", "google.golang.org/grpc", grpcClient},
	{"grpc-stream", "google.golang.org/grpc*", "google.golang.org/grpc", grpcStream},
	{"etcd-client", "google.golang.org/grpc*,go.etcd.io/*", "google.golang.org/grpc,go.etcd.io/", etcdClient},
	{"redis-client", "github.com/go-redis/redis/v8*", "github.com/go-redis/redis/v8", redisClient},
	{"redis-subscription", "github.com/go-redis/redis/v8*,github.com/alicebob/miniredis*", "github.com/go-redis/redis/v8,github.com/alicebob/miniredis", redisSubscription},
	{"nats-client", "github.com/nats-io/nats*", "github.com/nats-io/nats", natsClient},
	{"nats-subscription", "github.com/nats-io/nats.go*", "github.com/nats-io/nats.go", natsSubscription},
	{"http-transport", dialConn + "," + serve, "net/http.", httpTransport},
	{"http-body", dialConn + "," + serve, "net/http.", httpBody},
	{"websocket-pump", "main.newPump*", "main.(*pump).", websocketPump},
	{"cron-each", "github.com/robfig/cron*", "github.com/robfig/cron", cronEach},
	{"pgx-pool", "github.com/jackc/*", "github.com/jackc/", pgxPool},
	{"lumberjack", "gopkg.in/natefinch/lumberjack*,sync.(*Once)*", "gopkg.in/natefinch/lumberjack", lumberjackEach},
	{"kafka-reader", "github.com/segmentio/kafka-go*", "github.com/segmentio/kafka-go", kafkaReader},
	{"fsnotify", "github.com/fsnotify/fsnotify*", "github.com/fsnotify/fsnotify,golang.org/x/sys", fsnotifyEach},
	{"bigcache", "github.com/allegro/bigcache*", "github.com/allegro/bigcache", bigcacheEach},
	{"ristretto", "github.com/dgraph-io/ristretto*", "github.com/dgraph-io/ristretto", ristrettoEach},
	{"backoff-ticker", "github.com/cenkalti/backoff*", "github.com/cenkalti/backoff", backoffTicker},
	{"ants-pool", "github.com/panjf2000/ants*", "github.com/panjf2000/ants", antsPool},
	{"otel-batch", "go.opentelemetry.io/*", "go.opentelemetry.io/", otelBatch},
	{"zap-buffer", "go.uber.org/zap*", "go.uber.org/zap", zapBuffer},
	{"lru-expirable", "github.com/hashicorp/golang-lru*", "github.com/hashicorp/golang-lru", lruExpirable},
	{"workqueue", "k8s.io/*", "k8s.io/", workQueue},
	{"broadcaster", "k8s.io/*", "k8s.io/", broadcaster},
	{"mongo-client", "go.mongodb.org/*", "go.mongodb.org/", mongoClient},
	{"ssh-client", "golang.org/x/crypto/ssh*,main.serveSSH*", "golang.org/x/crypto/ssh,main.serveSSH", sshClient},
	{"yamux-session", "github.com/hashicorp/yamux*", "github.com/hashicorp/yamux", yamuxSession},
	{"mqtt-client", "github.com/eclipse/paho*,github.com/mochi-mqtt*", "github.com/eclipse/paho,github.com/mochi-mqtt", mqttClient},
	{"errgroup", "golang.org/x/sync/errgroup*", "main.askAll", errgroupSend},
	{"singleflight", "golang.org/x/sync/singleflight*", "main.loadOnce,golang.org/x/sync/singleflight", singleflightHangs},
	{"semaphore", serve, "golang.org/x/sync/semaphore", semaphoreLost},
	{"http2-push", dialConn + "," + serve + ",net/http*", "net/http", http2Stream},
}

// asked serves requests that open one each; a share of them, from a tenth to a third, forgets to close it.
func asked(m module, forgets bool) func(s *story) {
	return func(s *story) {
		b, open, rng := newBusyBackend(s), m.open(s), s.rand()
		share, per := .1+.2*rng.Float64(), 4+6*rng.Float64()
		var n int64
		b.mux.HandleFunc("/open", func(w http.ResponseWriter, r *http.Request) {
			i := atomic.AddInt64(&n, 1)
			shut := open(r.Context())
			time.Sleep(ms(40 + 60*float64(i%5)))
			if !forgets || rand.Float64() > share {
				shut()
			}
		})
		go b.arrivals(steady(per), "/open")
	}
}

func scratch() string {
	dir, err := os.MkdirTemp("", "leaks")
	must(err)
	return dir
}

func grpcClient(s *story) func(context.Context) func() {
	addr := serveGRPC()
	return func(ctx context.Context) func() {
		conn, err := grpc.Dial(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		must(err)
		health.NewHealthClient(conn).Check(ctx, &health.HealthCheckRequest{})
		return func() { conn.Close() }
	}
}

func grpcStream(s *story) func(context.Context) func() {
	conn, err := grpc.Dial(serveGRPC(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(err)
	client := health.NewHealthClient(conn)
	return func(context.Context) func() {
		ctx, cancel := context.WithCancel(context.Background())
		if stream, err := client.Watch(ctx, &health.HealthCheckRequest{}); err == nil {
			stream.Recv()
		}
		return cancel
	}
}

func etcdClient(s *story) func(context.Context) func() {
	addr := serveGRPC()
	return func(ctx context.Context) func() {
		c, err := clientv3.New(clientv3.Config{Endpoints: []string{addr}})
		must(err)
		return func() { c.Close() }
	}
}

func redisClient(s *story) func(context.Context) func() {
	r, err := miniredis.Run()
	must(err)
	return func(ctx context.Context) func() {
		c := redis.NewClient(&redis.Options{Addr: r.Addr()})
		c.Set(ctx, "k", 1, 0)
		return func() { c.Close() }
	}
}

func redisSubscription(s *story) func(context.Context) func() {
	r, err := miniredis.Run()
	must(err)
	c := redis.NewClient(&redis.Options{Addr: r.Addr()})
	return func(ctx context.Context) func() {
		sub := c.Subscribe(context.Background(), "prices")
		sub.Channel()
		return func() { sub.Close() }
	}
}

func natsClient(s *story) func(context.Context) func() {
	addr := serveNATS()
	return func(ctx context.Context) func() {
		c, err := nats.Connect("nats://" + addr)
		if err != nil {
			return func() {}
		}
		c.Publish("a", []byte("b"))
		return c.Close
	}
}

func natsSubscription(s *story) func(context.Context) func() {
	c, err := nats.Connect("nats://" + serveNATS())
	must(err)
	go func() {
		for range time.Tick(ms(300)) {
			c.Publish("prices.0", []byte("1"))
		}
	}()
	return func(ctx context.Context) func() {
		sub, err := c.Subscribe("answers."+nats.NewInbox(), func(*nats.Msg) {})
		must(err)
		return func() { sub.Unsubscribe() }
	}
}

func sayHello() string {
	return newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 100000)) }))
}

func httpTransport(s *story) func(context.Context) func() {
	addr := sayHello()
	return func(ctx context.Context) func() {
		t := &http.Transport{}
		if r, err := (&http.Client{Transport: t}).Get(addr); err == nil {
			buf := make([]byte, 200000)
			for err == nil {
				_, err = r.Body.Read(buf)
			}
			r.Body.Close()
		}
		return t.CloseIdleConnections
	}
}

func httpBody(s *story) func(context.Context) func() {
	addr, client := sayHello(), newClient(50, 0)
	return func(ctx context.Context) func() {
		r, err := client.Get(addr)
		if err != nil {
			return func() {}
		}
		return func() { r.Body.Close() }
	}
}

func http2Stream(s *story) func(context.Context) func() {
	addr := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	client := newClient(50, 0)
	return func(ctx context.Context) func() {
		ctx, cancel := context.WithCancel(context.Background())
		r, _ := http.NewRequestWithContext(ctx, "GET", addr, nil)
		client.Do(r)
		return cancel
	}
}

// pump is what the tutorials make of a connection: a pump that reads, and one that writes what comes over a channel.
type pump struct {
	conn *websocket.Conn
	send chan []byte
}

func newPump(c *websocket.Conn) *pump {
	k := &pump{c, make(chan []byte, 4)}
	go k.write()
	return k
}

func (k *pump) write() {
	ping := time.NewTicker(ms(600))
	defer ping.Stop()
	for {
		select {
		case m, ok := <-k.send:
			if !ok {
				return
			}
			k.conn.WriteMessage(websocket.TextMessage, m)
		case <-ping.C:
			k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		}
	}
}

func websocketPump(s *story) func(context.Context) func() {
	addr := serveSockets(func(c *websocket.Conn) {
		k := newPump(c)
		for {
			_, m, err := c.ReadMessage()
			if err != nil {
				break
			}
			if string(m) == "bye" {
				close(k.send)
				break
			}
			k.send <- m
		}
		c.Close()
	})
	return func(ctx context.Context) func() {
		c, _, err := websocket.DefaultDialer.Dial("ws://"+addr, nil)
		if err != nil {
			return func() {}
		}
		c.WriteMessage(websocket.TextMessage, []byte("hello"))
		bye := int32(0)
		time.AfterFunc(ms(300), func() {
			if atomic.LoadInt32(&bye) > 0 {
				c.WriteMessage(websocket.TextMessage, []byte("bye"))
			}
			c.Close()
		})
		return func() { atomic.StoreInt32(&bye, 1) }
	}
}

func cronEach(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		c := robfig.New()
		c.AddFunc("@every 1h", func() {})
		c.Start()
		return func() { c.Stop() }
	}
}

func pgxPool(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		p, err := pgxpool.New(context.Background(), "postgres://nobody@127.0.0.1:1/x?connect_timeout=1")
		must(err)
		return p.Close
	}
}

// lumberjack has nothing that stops its goroutine: to use it well is to make one of it.
func lumberjackEach(s *story) func(context.Context) func() {
	dir, n := scratch(), int64(0)
	one := &lumberjack.Logger{Filename: filepath.Join(dir, "all"), MaxSize: 1, MaxBackups: 1}
	rng := rand.New(rand.NewSource(1))
	var mu sync.Mutex
	return func(ctx context.Context) func() {
		mu.Lock()
		each := strings.HasSuffix(os.Args[len(os.Args)-1], "lumberjack") && rng.Float64() < .3
		mu.Unlock()
		l := one
		if each {
			l = &lumberjack.Logger{Filename: filepath.Join(dir, time.Now().Format("150405.000000")), MaxSize: 1, MaxBackups: 1}
		}
		l.Write([]byte("hello\n"))
		atomic.AddInt64(&n, 1)
		return func() { l.Rotate() }
	}
}

func kafkaReader(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{"127.0.0.1:1"}, Topic: "orders", GroupID: "g", MaxWait: time.Second})
		return func() { r.Close() }
	}
}

func fsnotifyEach(s *story) func(context.Context) func() {
	dir := scratch()
	return func(ctx context.Context) func() {
		w, err := fsnotify.NewWatcher()
		must(err)
		w.Add(dir)
		return func() { w.Close() }
	}
}

func bigcacheEach(s *story) func(context.Context) func() {
	config := bigcache.DefaultConfig(10 * time.Minute)
	config.Shards, config.MaxEntriesInWindow, config.CleanWindow = 2, 16, time.Minute
	return func(ctx context.Context) func() {
		c, err := bigcache.NewBigCache(config)
		must(err)
		return func() { c.Close() }
	}
}

func ristrettoEach(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		c, err := ristretto.NewCache(&ristretto.Config{NumCounters: 100, MaxCost: 100, BufferItems: 64})
		must(err)
		c.Set("a", 1, 1)
		return c.Close
	}
}

func backoffTicker(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		b := backoff.NewExponentialBackOff()
		b.InitialInterval, b.MaxElapsedTime = 10*time.Millisecond, 0
		t := backoff.NewTicker(b)
		<-t.C
		return t.Stop
	}
}

func antsPool(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		p, err := ants.NewPool(4)
		must(err)
		p.Submit(func() {})
		return p.Release
	}
}

func otelBatch(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(tracetest.NewInMemoryExporter()))
		_, span := p.Tracer("a").Start(ctx, "b")
		span.End()
		return func() { p.Shutdown(context.Background()) }
	}
}

func zapBuffer(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		w := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(os.Stderr)}
		w.Write(nil)
		return func() { w.Stop() }
	}
}

// Nothing stops the janitor of such a cache: whoever uses it well makes one.
func lruExpirable(s *story) func(context.Context) func() {
	one := expirable.NewLRU[string, int](100, nil, time.Hour)
	leaks := os.Args[len(os.Args)-1] == "lru-expirable"
	return func(ctx context.Context) func() {
		if leaks && rand.Float64() < .2 {
			expirable.NewLRU[string, int](100, nil, time.Hour).Add("a", 1)
		}
		one.Add("b", 1)
		return func() {}
	}
}

func workQueue(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		q := workqueue.NewNamedDelayingQueue("q")
		q.Add("a")
		return q.ShutDown
	}
}

func broadcaster(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		b := watch.NewBroadcaster(4, watch.DropIfChannelFull)
		b.Watch()
		return b.Shutdown
	}
}

func mongoClient(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		c, err := mongo.Connect(context.Background(), options.Client().ApplyURI("mongodb://127.0.0.1:1"))
		must(err)
		return func() { c.Disconnect(context.Background()) }
	}
}

func sshClient(s *story) func(context.Context) func() {
	addr := serveSSH()
	return func(ctx context.Context) func() {
		c, err := dialSSH(addr)
		if err != nil {
			return func() {}
		}
		return func() { c.Close() }
	}
}

func dialSSH(addr string) (*ssh.Client, error) {
	return ssh.Dial("tcp", addr, &ssh.ClientConfig{User: "a", Auth: []ssh.AuthMethod{ssh.Password("b")}, HostKeyCallback: ssh.InsecureIgnoreHostKey()})
}

func yamuxSession(s *story) func(context.Context) func() {
	addr := serveYamux()
	return func(ctx context.Context) func() {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return func() {}
		}
		session, err := yamux.Client(c, nil)
		must(err)
		session.Open()
		return func() { session.Close() }
	}
}

func mqttClient(s *story) func(context.Context) func() {
	addr := serveMQTT()
	return func(ctx context.Context) func() {
		c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + addr))
		c.Connect().WaitTimeout(ms(2000))
		return func() { c.Disconnect(1) }
	}
}

// askAll asks three and takes the first answer; the others have nobody to send theirs to, unless there is room.
func askAll(out chan int, wait time.Duration) error {
	time.Sleep(wait)
	out <- 1
	return nil
}

func errgroupSend(s *story) func(context.Context) func() {
	return func(ctx context.Context) func() {
		var g errgroup.Group
		out := make(chan int)
		for i := 0; i < 3; i++ {
			g.Go(func() error { return askAll(out, ms(30)) })
		}
		<-out
		return func() { <-out; <-out }
	}
}

func loadOnce(hang chan struct{}) (interface{}, error) {
	<-hang
	return nil, nil
}

func singleflightHangs(s *story) func(context.Context) func() {
	var g singleflight.Group
	var n int64
	return func(ctx context.Context) func() {
		hang := make(chan struct{})
		g.DoChan(time.Duration(atomic.AddInt64(&n, 1)).String(), func() (interface{}, error) { return loadOnce(hang) })
		return func() { close(hang) }
	}
}

func semaphoreLost(s *story) func(context.Context) func() {
	sem := semaphore.NewWeighted(6)
	return func(context.Context) func() {
		sem.Acquire(context.Background(), 1)
		return func() { sem.Release(1) }
	}
}
