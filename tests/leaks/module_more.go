// SPDX-License-Identifier: MIT

//go:build modules

// More real modules, that came after the model was made: nobody tunes on these.
package main

import (
	"context"
	"io"
	"time"

	"github.com/ReneKroon/ttlcache/v2"
	"github.com/alitto/pond"
	"github.com/eapache/channels"
	"github.com/gammazero/workerpool"
	"github.com/go-co-op/gocron"
	"github.com/influxdata/influxdb-client-go/v2"
	"github.com/karlseguin/ccache/v2"
	"github.com/lib/pq"
	"github.com/segmentio/analytics-go"
	"github.com/uber/jaeger-client-go"
	"github.com/uber/jaeger-client-go/config"
)

func init() {
	modules = append(modules, []module{
		{"ttlcache", "github.com/ReneKroon/ttlcache*", "github.com/ReneKroon/ttlcache", ttlCache},
		{"pond", "github.com/alitto/pond*", "github.com/alitto/pond", pondPool},
		{"channels", "github.com/eapache/channels*", "github.com/eapache/channels", infiniteChannel},
		{"workerpool", "github.com/gammazero/workerpool*", "github.com/gammazero/workerpool", workerPool},
		{"gocron", "github.com/go-co-op/gocron*", "github.com/go-co-op/gocron", goCron},
		{"influxdb-writer", "github.com/influxdata/*", "github.com/influxdata/", influxWriter},
		{"ccache", "github.com/karlseguin/ccache*", "github.com/karlseguin/ccache", ccacheEach},
		{"pq-listener", "github.com/lib/pq*", "github.com/lib/pq", pqListener},
		{"analytics", "github.com/segmentio/*,gopkg.in/segmentio/*", "github.com/segmentio/,gopkg.in/segmentio/", analyticsEach},
		{"jaeger-tracer", "github.com/uber/jaeger-client-go*", "github.com/uber/jaeger-client-go", jaegerTracer},
	}...)
}

func ttlCache(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		c := ttlcache.NewCache()
		c.SetWithTTL("a", 1, time.Hour)
		return func() { c.Close() }
	}
}

func pondPool(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		p := pond.New(4, 10, pond.MinWorkers(1))
		p.Submit(func() {})
		return p.StopAndWait
	}
}

func infiniteChannel(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		c := channels.NewInfiniteChannel()
		c.In() <- 1
		return func() {
			c.Close()
			for range c.Out() {
			}
		}
	}
}

func workerPool(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		p := workerpool.New(2)
		p.Submit(func() {})
		return p.Stop
	}
}

func goCron(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		c := gocron.NewScheduler(time.UTC)
		c.Every(1).Hour().Do(func() {})
		c.StartAsync()
		return c.Stop
	}
}

func influxWriter(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		c := influxdb2.NewClient("http://127.0.0.1:1", "token")
		c.WriteAPI("org", "bucket")
		return c.Close
	}
}

func ccacheEach(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		c := ccache.New(ccache.Configure().MaxSize(10))
		c.Set("a", 1, time.Hour)
		return c.Stop
	}
}

func pqListener(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		l := pq.NewListener("postgres://nobody@127.0.0.1:1/x", time.Second, time.Minute, nil)
		return func() { l.Close() }
	}
}

func analyticsEach(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		c := analytics.New("key")
		return func() { c.Close() }
	}
}

func jaegerTracer(s *story) func(context.Context) func() {
	return func(context.Context) func() {
		c := config.Configuration{ServiceName: "a", Sampler: &config.SamplerConfig{Type: jaeger.SamplerTypeConst, Param: 1}, Reporter: &config.ReporterConfig{LocalAgentHostPort: "127.0.0.1:1"}}
		t, shut, err := c.NewTracer()
		must(err)
		t.StartSpan("b").Finish()
		return func() { io.Closer(shut).Close() }
	}
}
