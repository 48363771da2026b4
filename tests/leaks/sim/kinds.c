/* SPDX-License-Identifier: MIT */
/* The kinds of stories: what leaks in production look like, and what only looks like one. */
#include "world.h"
#include <math.h>
#include <string.h>

/* How long it is looked at, and how often. */
enum scale { MINUTES = 1, HOURS = 2, DAYS = 4, WEEKS = 8, ANY = 15 };

static void begin(struct world *w, int scales, enum load load)
{
	static const struct { double interval[2], until[2]; } spans[] = {
		{{2 * SECOND, 5 * SECOND}, {12 * MINUTE, 30 * MINUTE}},
		{{10 * SECOND, 30 * SECOND}, {1 * HOUR, 3 * HOUR}},
		{{1 * MINUTE, 3 * MINUTE}, {10 * HOUR, 30 * HOUR}},
		{{10 * MINUTE, 30 * MINUTE}, {6 * DAY, 16 * DAY}},
	};
	uint32_t k;

	do
		k = whole(w, 0, 3);
	while (!(scales & 1 << k));
	w->interval = floor(uniform(w, spans[k].interval[0], spans[k].interval[1]) / SECOND) * SECOND;
	w->until = uniform(w, spans[k].until[0], spans[k].until[1]);
	w->load = load;
	w->mended = NEVER;
	w->n_lives = 1;
	w->lives[0] = chance(w, .5) ? -5 : -uniform(w, HOUR, 10 * DAY);
}

/* A moment of from..to, likelier where the load is higher. */
static double moment(struct world *w, double from, double to)
{
	double t;

	do
		t = uniform(w, from, to);
	while (!chance(w, load_at(w, t)));
	return t;
}

/* n that come at random between from and to and stay, each started by somebody's request. */
static void residency(struct world *w, uint32_t n, double from, double to, const char *site, const char *func, const char *state)
{
	for (uint32_t i = 0; i < n; i++) {
		double t = moment(w, from, to);
		int32_t parent = conn_at(w, t);

		add(w, t, NEVER, site, func, state)->parent = parent;
	}
}

/* As many as it takes that come and leave after a moment. */
static void pass(struct world *w, double every, double takes, const char *site, const char *func, const char *state)
{
	for (double t = 0; (t = next_arrival(w, t, every, w->until)) < NEVER;) {
		int32_t parent = conn_at(w, t);

		add(w, t, t + exponential(w, takes), site, func, state)->parent = parent;
	}
}

static double some(struct world *w, double share)
{
	return w->until * share * uniform(w, .7, 1.3);
}

static const char *const waiting[] = {"chan send", "chan receive", "select"};

/* --- leaks --- */

static void steady(struct world *w)
{
	uint32_t n;
	double every;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	n = whole(w, 30, 90);
	every = w->until / n;
	for (uint32_t i = 0; i < n; i++)
		add(w, (i + .5) * every, NEVER, "main.(*mailer).send", "main.(*mailer).awaitReceipt", waiting[w->seed % 2])->parent = conn_at(w, (i + .5) * every);
	cause(w, "main.(*mailer).send", "main.(*mailer).awaitReceipt");
}

static void few_at_random(struct world *w)
{
	begin(w, ANY, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
	pass(w, w->until / 400, 2 * w->interval, "main.(*quotes).quote", "main.(*quotes).fetch", "chan send");
	residency(w, whole(w, 5, 12), 0, w->until, "main.(*quotes).quote", "main.(*quotes).fetch", "chan send");
	cause(w, "main.(*quotes).quote", "main.(*quotes).fetch");
}

static void few_alone(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	residency(w, whole(w, 7, 14), 0, w->until, "main.(*orders).place", "main.(*orders).confirm", waiting[w->seed % 3]);
	cause(w, "main.(*orders).place", "main.(*orders).confirm");
}

static void receivers_at_random(struct world *w)
{
	begin(w, ANY, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
	pass(w, w->until / 300, w->interval, "main.(*jobs).run", "main.(*jobs).wait", "select");
	residency(w, whole(w, 12, 40), 0, w->until, "main.(*jobs).run", "main.(*jobs).wait", "select");
	cause(w, "main.(*jobs).run", "main.(*jobs).wait");
}

static void begins_late(struct world *w)
{
	uint32_t n;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	n = whole(w, 2, 6);
	for (uint32_t i = 0; i < n; i++) { /* some that are right stay long, too */
		double t = uniform(w, 0, .3 * w->until);
		add(w, t, NEVER, "main.(*hub).subscribe", "main.(*subscriber).loop", "select")->parent = conn_at(w, t);
	}
	pass(w, w->until / 300, 3 * w->interval, "main.(*hub).subscribe", "main.(*subscriber).loop", "select");
	residency(w, whole(w, 10, 40), uniform(w, .55, .8) * w->until, w->until, "main.(*hub).subscribe", "main.(*subscriber).loop", "select");
	cause(w, "main.(*hub).subscribe", "main.(*subscriber).loop");
}

static void with_ticker(struct world *w)
{
	double period;
	uint32_t n;

	begin(w, HOURS | DAYS | WEEKS, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
	period = w->seed % 3 ? uniform(w, 2 * MINUTE, 15 * MINUTE) : uniform(w, 5 * SECOND, 40 * SECOND);
	pass(w, w->until / 300, 2 * w->interval, "main.(*stream).serve", "main.(*stream).keepAlive", "select");
	n = whole(w, 8, 40);
	for (uint32_t i = 0; i < n; i++) {
		double t = moment(w, 0, w->until);
		int32_t parent = conn_at(w, t);
		struct goroutine *g = add(w, t, NEVER, "main.(*stream).serve", "main.(*stream).keepAlive", "select");

		g->parent = parent;
		g->tick = period;
	}
	cause(w, "main.(*stream).serve", "main.(*stream).keepAlive");
}

/* A loop of a ticker that was never stopped: at times it is seen just as it ticks, at the same line. */
static void heartbeats(struct world *w)
{
	double period;

	begin(w, MINUTES | HOURS | DAYS, LOAD_FLAT);
	company(w);
	period = uniform(w, 2, 50) * SECOND;
	pass(w, w->until / 300, 2 * w->interval, "main.(*lease).open", "main.(*lease).refresh", "select");
	for (uint32_t i = whole(w, 10, 40); i; i--) {
		double t = moment(w, 0, w->until);
		int32_t parent = conn_at(w, t);
		struct goroutine *g = add(w, t, NEVER, "main.(*lease).open", "main.(*lease).refresh", "select");

		g->parent = parent;
		g->tick = period;
		g->takes = uniform(w, .005, .05) * period;
		g->work = (struct spot){"main.(*lease).refresh", "runnable"};
	}
	cause(w, "main.(*lease).open", "main.(*lease).refresh");
}

static void sleepers(struct world *w)
{
	double period;
	uint32_t n;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	period = uniform(w, MINUTE, 10 * MINUTE);
	n = whole(w, 12, 50);
	for (uint32_t i = 0; i < n; i++) {
		double t = moment(w, 0, w->until);
		int32_t parent = conn_at(w, t);
		struct goroutine *g = add(w, t, NEVER, "main.issueToken", "main.(*token).renew", "sleep");

		g->parent = parent;
		g->tick = period;
	}
	cause(w, "main.issueToken", "main.(*token).renew");
}

/* Clients made for each call and never closed: each keeps the goroutines of its connection. */
static void dialled(struct world *w)
{
	uint32_t n, kind = w->seed % 3;

	begin(w, ANY, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
	n = whole(w, 10, 40);
	for (uint32_t i = 0; i < n; i++) {
		double t = moment(w, 0, w->until);
		int32_t parent = conn_at(w, t);
		struct goroutine *g;

		if (kind == 0) {
			add(w, t, NEVER, "net/http.(*Transport).dialConn:1944", "net/http.(*persistConn).readLoop", "IO wait")->parent = parent;
			add(w, t + .1, NEVER, "net/http.(*Transport).dialConn:1945", "net/http.(*persistConn).writeLoop", "select")->parent = parent;
		} else if (kind == 1) {
			add(w, t, NEVER, "google.golang.org/grpc.NewClient:207", "google.golang.org/grpc/internal/grpcsync.(*CallbackSerializer).run", "select")->parent = parent;
			add(w, t + .1, NEVER, "google.golang.org/grpc/internal/transport.NewHTTP2Client:398", "google.golang.org/grpc/internal/transport.(*http2Client).reader", "IO wait")->parent = parent;
			g = add(w, t + .2, NEVER, "google.golang.org/grpc/internal/transport.NewHTTP2Client:448", "google.golang.org/grpc/internal/transport.(*controlBuffer).get", "select");
			g->root = "google.golang.org/grpc/internal/transport.NewHTTP2Client.func6";
			g->parent = parent;
		} else {
			g = add(w, t, NEVER, "github.com/redis/go-redis/v9.NewClient", "github.com/redis/go-redis/v9/internal/pool.(*ConnPool).reaper", "select");
			g->tick = MINUTE;
			g->parent = parent;
		}
	}
	if (kind == 0) {
		cause(w, "net/http.(*Transport).dialConn", "net/http.(*persistConn).readLoop");
		cause(w, "net/http.(*Transport).dialConn", "net/http.(*persistConn).writeLoop");
	} else if (kind == 1) {
		cause(w, "google.golang.org/grpc.NewClient", "google.golang.org/grpc/internal/grpcsync.(*CallbackSerializer).run");
		cause(w, "google.golang.org/grpc/internal/transport.NewHTTP2Client", "google.golang.org/grpc/internal/transport.(*http2Client).reader");
		cause(w, "google.golang.org/grpc/internal/transport.NewHTTP2Client", "google.golang.org/grpc/internal/transport.(*controlBuffer).get");
	} else {
		cause(w, "github.com/redis/go-redis/v9.NewClient", "github.com/redis/go-redis/v9/internal/pool.(*ConnPool).reaper");
	}
}

static void lives(struct world *w, uint32_t n)
{
	w->n_lives = n;
	w->lives[0] = -5;
	for (uint32_t i = 1; i < n; i++)
		w->lives[i] = w->until * (i + uniform(w, -.2, .2)) / n;
}

static void many_lives(struct world *w)
{
	begin(w, DAYS | WEEKS, LOAD_FLAT);
	lives(w, whole(w, 12, 24));
	company(w);
	for (uint32_t i = 0; i < w->n_lives; i++) {
		double end = i + 1 < w->n_lives ? w->lives[i + 1] : w->until;
		residency(w, whole(w, 5, 7), w->lives[i] + 30, end, "main.(*session).open", "main.(*session).expire", "select");
	}
	cause(w, "main.(*session).open", "main.(*session).expire");
}

static void restarted_leak(struct world *w)
{
	begin(w, HOURS | DAYS, LOAD_FLAT);
	lives(w, 2);
	w->lives[1] = uniform(w, .8, .92) * w->until;
	company(w);
	residency(w, whole(w, 40, 80), 0, w->until, "main.reserve", "main.(*reservation).hold", "chan receive");
	cause(w, "main.reserve", "main.(*reservation).hold");
}

static void many_sites(struct world *w)
{
	static const char *const names[15] = {
		"main.(*checkout).audit", "main.(*checkout).notify", "main.(*cart).merge", "main.(*cart).save", "main.(*stock).hold",
		"main.(*stock).release", "main.(*price).ask", "main.(*price).cache", "main.(*tax).compute", "main.(*tax).report",
		"main.(*ship).label", "main.(*ship).track", "main.(*pay).charge", "main.(*pay).refund", "main.(*mail).send"};
	static char sites[15][40];

	begin(w, HOURS | DAYS | WEEKS, LOAD_FLAT);
	company(w);
	for (uint32_t i = 0; i < 15; i++) {
		strcpy(sites[i], names[i]);
		strcat(sites[i], ".start");
		cause(w, sites[i], names[i]);
		residency(w, 2 + (i % 5 == 0), .05 * w->until, w->until, sites[i], names[i], "chan send");
	}
}

static void dead_lock(struct world *w)
{
	uint32_t n;
	double from;

	begin(w, MINUTES | HOURS | DAYS, LOAD_FLAT);
	company(w);
	from = uniform(w, .3, .7) * w->until;
	n = whole(w, 2, 4);
	for (uint32_t i = 0; i < n; i++) {
		struct goroutine *g = add(w, 10, NEVER, "main.newShards", "main.(*shard).idle", "chan receive");

		g->root = "main.(*shard).run";
		g->work = (struct spot){"main.(*shard).move", "runnable"};
		g->every = 5 * SECOND;
		g->takes = 500;
		g->stops = from + i * 10;
		g->stuck = (struct spot){"main.(*shard).lock", "sync.Mutex.Lock"};
		g->object = 0xc000200000 + i * 64;
	}
	cause(w, "main.newShards", "main.(*shard).lock");
}

/* Two that different statements started take two locks in different orders. */
static void two_locks(struct world *w)
{
	static const char *const who[2][3] = {{"main.newLedger", "main.(*ledger).idle", "main.(*ledger).move"},
					      {"main.newAudit", "main.(*audit).idle", "main.(*audit).check"}};
	double from;

	begin(w, MINUTES | HOURS | DAYS, LOAD_FLAT);
	company(w);
	from = uniform(w, .3, .7) * w->until;
	for (uint32_t i = 0; i < 2; i++) {
		struct goroutine *g = add(w, 10, NEVER, who[i][0], who[i][1], "chan receive");

		g->root = who[i][0];
		g->work = (struct spot){who[i][2], "runnable"};
		g->every = 5 * SECOND;
		g->takes = 500;
		g->stops = from + i * 10;
		g->stuck = (struct spot){who[i][2], "sync.Mutex.Lock"};
		g->object = 0xc000200000 + i * 64;
		cause(w, who[i][0], who[i][2]);
	}
}

static void scheduler_rests(struct world *w)
{
	struct goroutine *g;

	begin(w, HOURS | DAYS, LOAD_FLAT);
	company(w);
	g = add(w, 5, NEVER, "main.newScheduler", "main.(*scheduler).next", "select");
	g->root = "main.(*scheduler).loop";
	g->work = (struct spot){"main.(*scheduler).place", "runnable"};
	g->every = 10 * SECOND; /* at work in about one of three looks, and its minutes never grow */
	g->takes = 4 * SECOND;
	g->stops = uniform(w, .35, .6) * w->until;
	g->stuck = (struct spot){"main.(*scheduler).publish", w->seed % 2 ? "chan send" : "select"};
	cause(w, "main.newScheduler", "main.(*scheduler).publish");
}

static void pool_rests(struct world *w)
{
	uint32_t n;
	double from;

	begin(w, HOURS | DAYS, LOAD_FLAT);
	company(w);
	n = whole(w, 4, 20);
	from = uniform(w, .35, .6) * w->until;
	for (uint32_t i = 0; i < n; i++) {
		struct goroutine *g = add(w, 5, NEVER, "main.newIndexer", "main.(*indexer).take", "chan receive");

		g->root = "main.(*indexer).run";
		g->work = (struct spot){"main.(*indexer).index", "runnable"};
		g->every = 20 * SECOND;
		g->takes = 5 * SECOND;
		g->stops = from + uniform(w, 0, .05) * w->until;
		g->stuck = (struct spot){"main.(*indexer).emit", "chan send"};
	}
	cause(w, "main.newIndexer", "main.(*indexer).emit");
}

static void live_lock(struct world *w)
{
	static const struct spot rounds[2][3] = {
		{{"main.(*election).retry", "runnable"}, {"main.(*election).retry", "running"}, {"main.(*election).retry", "runnable"}},
		{{"main.(*election).retry:61", "runnable"}, {"main.(*election).retry:64", "runnable"}, {"main.(*election).retry:66", "running"}},
	};
	uint32_t n;
	double from;

	begin(w, MINUTES | HOURS, LOAD_FLAT);
	company(w);
	n = whole(w, 1, 3);
	from = uniform(w, .3, .5) * w->until;
	for (uint32_t i = 0; i < n; i++) {
		struct goroutine *g = add(w, 5, NEVER, "main.newElection", "main.(*election).wait", "select");

		g->root = "main.(*election).run";
		g->work = (struct spot){"main.(*election).campaign", "IO wait"};
		g->every = 15 * SECOND;
		g->takes = 3 * SECOND;
		g->stops = from;
		g->stuck = (struct spot){"main.(*election).retry", "runnable"};
		g->round = w->seed % 3 ? rounds[w->seed % 3 - 1] : NULL;
	}
	cause(w, "main.newElection", "main.(*election).retry");
}

static void leak_ended(struct world *w)
{
	double from, to;

	begin(w, HOURS | DAYS, LOAD_FLAT);
	company(w);
	from = uniform(w, .05, .2) * w->until;
	to = uniform(w, .5, .65) * w->until;
	pass(w, w->until / 400, w->interval, "main.(*billing).enqueue", "main.(*billing).charge", "chan receive");
	residency(w, whole(w, 40, 80), from, to, "main.(*billing).enqueue", "main.(*billing).charge", "chan receive");
	cause(w, "main.(*billing).enqueue", "main.(*billing).charge");
}

static void by_day(struct world *w)
{
	begin(w, WEEKS, LOAD_DAILY);
	company(w);
	pass(w, w->until / 600, 10 * MINUTE, "main.(*upload).receive", "main.(*upload).watch", "select");
	residency(w, whole(w, 15, 40), 0, w->until, "main.(*upload).receive", "main.(*upload).watch", "select");
	cause(w, "main.(*upload).receive", "main.(*upload).watch");
}

static void context_children(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	residency(w, whole(w, 15, 60), 0, w->until, "context.(*cancelCtx).propagateCancel", "context.(*cancelCtx).propagateCancel.func2", "select");
	cause(w, "context.(*cancelCtx).propagateCancel", "context.(*cancelCtx).propagateCancel.func2");
}

static void big_site(struct world *w)
{
	uint32_t n;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	n = whole(w, 60, 200);
	for (uint32_t i = 0; i < n; i++)
		add(w, 50 + i, NEVER, "main.(*device).attach", "main.(*device).watch", "chan receive");
	residency(w, whole(w, 15, 50), .1 * w->until, w->until, "main.(*device).attach", "main.(*device).watch", "chan receive");
	cause(w, "main.(*device).attach", "main.(*device).watch");
}

static void wait_group(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	pass(w, w->until / 300, w->interval, "main.(*importer).start", "main.(*importer).finish", "sync.WaitGroup.Wait");
	residency(w, whole(w, 8, 25), 0, w->until, "main.(*importer).start", "main.(*importer).finish", "sync.WaitGroup.Wait");
	cause(w, "main.(*importer).start", "main.(*importer).finish");
}

static void groups_of_three(struct world *w)
{
	uint32_t n;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	n = whole(w, 6, 16);
	for (uint32_t i = 0; i < n; i++) {
		double t = moment(w, 0, w->until);
		int32_t parent = conn_at(w, t);

		add(w, t, NEVER, "main.(*gate).run", "main.(*gate).feed", "chan send")->parent = parent;
		add(w, t + .1, NEVER, "main.(*gate).run:60", "main.(*gate).item", "chan receive")->parent = parent;
		add(w, t + .2, NEVER, "main.(*gate).run:64", "main.(*gate).collect", "select")->parent = parent;
	}
	cause(w, "main.(*gate).run", "main.(*gate).feed");
	cause(w, "main.(*gate).run", "main.(*gate).item");
	cause(w, "main.(*gate).run", "main.(*gate).collect");
}

static void lock_forgotten(struct world *w)
{
	double from;

	begin(w, MINUTES | HOURS | DAYS, LOAD_FLAT);
	company(w);
	from = uniform(w, .4, .6) * w->until;
	for (double t = from; (t = next_arrival(w, t, w->until / 60, w->until)) < NEVER;) {
		int32_t parent = conn_at(w, t);
		struct goroutine *g = add(w, t, NEVER, "main.(*catalog).ask", "main.(*catalog).price", "sync.Mutex.Lock");

		g->object = 0xc000300000;
		g->parent = parent;
	}
	cause(w, "main.(*catalog).ask", "main.(*catalog).price");
}

/* --- healthy --- */

static void nothing_else(struct world *w)
{
	begin(w, ANY, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
}

/* Clients that come all the time and stay, with what a server starts for each. */
static void client(struct world *w, double t, double ends, uint32_t kind)
{
	uint32_t conn;
	struct goroutine *g;

	if (kind == 0) { /* nats: two halves by one go statement */
		g = add(w, t, ends, "github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine", "github.com/nats-io/nats-server/v2/server.(*client).readLoop", "IO wait");
		g->tick = uniform(w, 30 * SECOND, 5 * MINUTE);
		g->root = "github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine.func1";
		g = add(w, t + .1, ends, "github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine", "github.com/nats-io/nats-server/v2/server.(*client).writeLoop", "sync.Cond.Wait");
		g->tick = uniform(w, 30 * SECOND, 5 * MINUTE);
		g->root = "github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine.func1";
	} else if (kind == 1) { /* grpc: by another function */
		conn = w->n;
		g = add(w, t, ends, "google.golang.org/grpc.(*Server).Serve", "google.golang.org/grpc/internal/transport.(*http2Server).HandleStreams", "IO wait");
		g->tick = uniform(w, MINUTE, 10 * MINUTE);
		g = add(w, t + .1, ends, "google.golang.org/grpc/internal/transport.NewServerTransport:341", "google.golang.org/grpc/internal/transport.(*controlBuffer).get", "select");
		g->root = "google.golang.org/grpc/internal/transport.(*loopyWriter).run";
		g->tick = uniform(w, MINUTE, 10 * MINUTE);
		g->parent = (int32_t)conn;
		g = add(w, t + .2, ends, "google.golang.org/grpc/internal/transport.NewServerTransport:364", "google.golang.org/grpc/internal/transport.(*http2Server).keepalive", "select");
		g->tick = 2 * MINUTE;
		g->parent = (int32_t)conn;
	} else if (kind == 2) { /* etcd: a watch stream on such a connection */
		conn = w->n;
		add(w, t, ends, "google.golang.org/grpc.(*Server).Serve", "google.golang.org/grpc/internal/transport.(*http2Server).HandleStreams", "IO wait")->tick = 3 * MINUTE;
		add(w, t + .1, ends, "google.golang.org/grpc.(*Server).serveStreams.func1", "go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc.(*watchServer).Watch", "select")->parent = (int32_t)conn;
		add(w, t + .2, ends, "go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc.(*watchServer).Watch:190", "go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc.(*serverWatchStream).sendLoop", "select")->parent = (int32_t)conn + 1;
		add(w, t + .3, ends, "go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc.(*watchServer).Watch:202", "google.golang.org/grpc/internal/transport.(*recvBufferReader).read", "select")->parent = (int32_t)conn + 1;
	} else { /* kube-apiserver: a watch in an HTTP/2 connection */
		conn = w->n;
		add(w, t, ends, "net/http.(*Server).Serve", "golang.org/x/net/http2.(*serverConn).serve", "select")->tick = 90 * SECOND;
		add(w, t + .1, ends, "golang.org/x/net/http2.(*serverConn).serve", "golang.org/x/net/http2.(*serverConn).readFrames", "IO wait")->parent = (int32_t)conn;
		add(w, t + .2, ends, "golang.org/x/net/http2.(*serverConn).processHeaders", "k8s.io/apiserver/pkg/endpoints/handlers.(*WatchServer).HandleHTTP", "select")->parent = (int32_t)conn;
		add(w, t + .3, ends, "k8s.io/apiserver/pkg/server/filters.(*timeoutHandler).ServeHTTP", "k8s.io/apiserver/pkg/storage/cacher.(*cacheWatcher).processInterval", "select")->parent = (int32_t)conn + 2;
	}
}

static void clients_stay(struct world *w)
{
	uint32_t n;

	begin(w, ANY, w->seed % 3 ? LOAD_FLAT : LOAD_RISING);
	company(w);
	n = whole(w, 6, 60);
	for (uint32_t i = 0; i < n; i++)
		client(w, moment(w, 0, w->until), NEVER, w->seed % 4);
}

static void clients_mixed(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	for (double t = 0; (t = next_arrival(w, t, w->until / 80, w->until)) < NEVER;)
		client(w, t, chance(w, .5) ? NEVER : t + exponential(w, w->until / 4), w->seed % 4);
}

static void clients_in_balance(struct world *w)
{
	double residencies;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	residencies = some(w, .2);
	for (double t = -3 * residencies; (t = next_arrival(w, t, residencies / 12, w->until)) < NEVER;)
		if (t >= w->lives[0])
			client(w, t, t + exponential(w, residencies), w->seed % 4);
}

/* A connection's own goroutine by the function that accepts, and one that writes; at work now and then. */
static void sessions_all_day(struct world *w)
{
	begin(w, HOURS | DAYS, LOAD_FLAT);
	company(w);
	for (uint32_t i = whole(w, 20, 70); i; i--) {
		double t = moment(w, 0, w->until);
		struct goroutine *g = add(w, t, NEVER, "main.(*gateway).accept", "main.(*session).read", "IO wait");

		g->every = uniform(w, MINUTE, 10 * MINUTE);
		g->takes = 2 * SECOND;
		g->work = (struct spot){"main.(*session).handle", "select"};
		g = add(w, t + .1, NEVER, "main.(*gateway).accept:71", "main.(*session).write", "select");
		g->every = uniform(w, MINUTE, 10 * MINUTE);
		g->takes = 2 * SECOND;
		g->work = (struct spot){"main.(*session).flush", "runnable"};
	}
}

static void subscriptions(struct world *w)
{
	begin(w, HOURS | DAYS, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
	for (uint32_t i = whole(w, 15, 50); i; i--) {
		double t = moment(w, 0, w->until);
		struct goroutine *g = add(w, t, NEVER, "main.(*topics).follow", "main.(*topic).deliver", "select");

		g->every = uniform(w, 5 * MINUTE, 20 * MINUTE);
		g->takes = 3 * SECOND;
		g->work = (struct spot){"main.(*topic).write", "IO wait"};
	}
}

static void fills_up(struct world *w, double from, double to, double full, uint32_t n, const char *site, const char *func)
{
	for (uint32_t i = 0; i < n; i++) {
		double t = from + 20 + exponential(w, full);
		struct goroutine *g;

		if (t >= to)
			continue;
		g = add(w, t, NEVER, site, func, "select");
		g->every = 30 * MINUTE;
		g->takes = SECOND;
	}
}

static void warm_up(struct world *w)
{
	uint32_t n = whole(w, 40, 200);
	double full;

	begin(w, DAYS | WEEKS, LOAD_FLAT);
	lives(w, whole(w, 3, 6));
	w->lives[w->n_lives - 1] = w->until * uniform(w, .85, .95);
	full = w->until * uniform(w, .02, .05);
	company(w);
	for (uint32_t i = 0; i < w->n_lives; i++)
		fills_up(w, w->lives[i], i + 1 < w->n_lives ? w->lives[i + 1] : w->until, full, n, "main.(*cache).add", "main.(*entry).expire");
}

static void cache_fills(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	w->lives[0] = -5;
	company(w);
	fills_up(w, 0, w->until, w->until * uniform(w, .08, .3), whole(w, 20, 200), "main.(*cache).add", "main.(*entry).expire");
}

/* Each tenant's worker is started at its first request: at random, ever fewer new ones. */
static void tenants(struct world *w)
{
	uint32_t n;

	begin(w, ANY, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
	n = whole(w, 8, 30);
	for (uint32_t i = 0; i < n; i++) {
		double t = next_arrival(w, 0, w->until * uniform(w, .05, .4), w->until);
		struct goroutine *g;
		int32_t parent;

		if (t >= NEVER)
			continue;
		parent = conn_at(w, t);
		g = add(w, t, NEVER, "main.(*tenants).get", "main.(*tenant).run", "chan receive");
		g->parent = parent;
		g->every = uniform(w, 2 * MINUTE, 30 * MINUTE);
		g->takes = 2 * SECOND;
		g->work = (struct spot){"main.(*tenant).handle", "select"};
	}
}

static void pool_idle(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	for (uint32_t i = whole(w, 20, 200); i; i--)
		add(w, 30, NEVER, "main.startWorkers", "main.(*worker).run", waiting[1 + w->seed % 2]);
}

static void lock_on_purpose(struct world *w)
{
	double every, held;

	begin(w, HOURS | DAYS, LOAD_FLAT);
	company(w);
	held = uniform(w, 60 * SECOND, 5 * MINUTE);
	every = uniform(w, 1.3, 4) * held;
	for (double t = uniform(w, 0, every); t < w->until; t += every) {
		struct goroutine *g = add(w, t, t + held, "main.(*cron).start", "main.(*compaction).run", "sync.Mutex.Lock");
		g->object = 0xc000400000;
	}
	if (chance(w, .7)) /* and one waits now */
		add(w, w->until - uniform(w, .3, .95) * held, NEVER, "main.(*cron).start", "main.(*compaction).run", "sync.Mutex.Lock")->object = 0xc000400000;
}

static void lock_queue(struct world *w)
{
	begin(w, MINUTES | HOURS, LOAD_FLAT);
	company(w);
	for (double t = 0; (t = next_arrival(w, t, w->interval / 3, w->until)) < NEVER;) {
		int32_t parent = conn_at(w, t);
		struct goroutine *g = add(w, t, t + uniform(w, .5, 3) * w->interval, "main.(*ledger).post", "main.(*ledger).lock", "sync.Mutex.Lock");

		g->object = 0xc000500000;
		g->parent = parent;
	}
}

static void steps(struct world *w)
{
	uint32_t n;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	n = whole(w, 1, 5);
	for (uint32_t i = 0; i < n; i++) {
		double t = uniform(w, .05, .95) * w->until;
		for (uint32_t k = whole(w, 5, 40); k; k--)
			add(w, t + k, NEVER, "main.(*rollout).enable", "main.(*feature).follow", "chan receive");
	}
}

static void by_day_healthy(struct world *w)
{
	double takes;

	begin(w, DAYS | WEEKS, LOAD_DAILY);
	company(w);
	takes = uniform(w, 2, 8) * w->interval;
	pass(w, takes / 15, takes, "main.(*report).start", "main.(*report).render", "select");
}

static void rising(struct world *w)
{
	double takes;

	begin(w, ANY, LOAD_RISING);
	company(w);
	takes = uniform(w, 3, 15) * w->interval;
	pass(w, takes / 20, takes, "main.(*report).start", "main.(*report).render", "chan receive");
}

static void long_polls(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	for (double t = -5 * MINUTE; (t = next_arrival(w, t, 4 * SECOND + w->interval / 10, w->until)) < NEVER;) {
		int32_t parent = conn_at(w, t);
		add(w, t, t + 60 * SECOND + exponential(w, 2 * SECOND), "main.(*poll).ServeHTTP", "main.(*poll).wait", "select")->parent = parent;
	}
}

static void batches(struct world *w)
{
	begin(w, HOURS | DAYS, LOAD_FLAT);
	company(w);
	for (double t = some(w, .05); t < w->until; t += some(w, .1))
		for (uint32_t k = whole(w, 50, 200); k; k--)
			add(w, t + k, t + uniform(w, .01, .04) * w->until, "main.(*nightly).fan", "main.(*nightly).one", "chan send");
}

/* The load ends, and everybody rests. */
static void night(struct world *w)
{
	begin(w, HOURS | DAYS, LOAD_ENDS);
	company(w);
	for (uint32_t i = whole(w, 4, 30); i; i--) {
		struct goroutine *g = add(w, 20, NEVER, "main.newCrawler", "main.(*crawler).next", "chan receive");

		g->work = (struct spot){"main.(*crawler).fetch", "IO wait"};
		g->every = 20 * SECOND;
		g->takes = 5 * SECOND;
	}
}

/* A job that runs now and then: the rest of the time it rests, and that is right. */
static void seldom(struct world *w)
{
	struct goroutine *g;

	begin(w, HOURS | DAYS | WEEKS, LOAD_FLAT);
	company(w);
	g = add(w, 20, NEVER, "main.startCron", "main.(*cron).wait", "select");
	g->work = (struct spot){"main.(*cron).job", "IO wait"};
	g->every = some(w, .08);
	g->takes = some(w, .02);
	for (uint32_t i = 0; i < 3; i++) {
		g = add(w, 20, NEVER, "main.startQueue", "main.(*queue).take", "chan receive");
		g->work = (struct spot){"main.(*queue).handle", "select"};
		g->every = some(w, .15);
		g->takes = some(w, .02);
	}
}

/* An initialisation: a few wait for what happens in the first minutes, some for what may never come. */
static void standbys(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	w->lives[0] = -5;
	company(w);
	for (uint32_t i = whole(w, 3, 12); i; i--)
		add(w, uniform(w, 0, .1) * w->until, NEVER, "main.(*failover).arm", "main.(*failover).wait", "chan receive");
}

static void dialled_pool(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	for (uint32_t i = whole(w, 8, 40); i; i--) { /* up to the pool's limit; replaced at times */
		double residencies = some(w, .4);
		for (double t = exponential(w, w->until * .1), end; t < w->until; t = end + uniform(w, 0, .01) * w->until) {
			struct goroutine *g;

			end = t + residencies;
			g = add(w, t, end, "database/sql.OpenDB", "github.com/lib/pq.(*conn).watchCancel.func1", "select");
			g->every = 10 * MINUTE;
			g->takes = SECOND;
		}
	}
}

static void mended(struct world *w)
{
	begin(w, HOURS | DAYS, LOAD_FLAT);
	lives(w, 2);
	company(w);
	residency(w, whole(w, 40, 80), 30, w->lives[1], "main.reserve", "main.(*reservation).hold", "chan receive");
	cause(w, "main.reserve", "main.(*reservation).hold");
	w->mended = w->lives[1] + 10 * w->interval; /* so long it is not to be known */
}

static void restarts(struct world *w)
{
	begin(w, HOURS | DAYS, LOAD_FLAT);
	lives(w, whole(w, 3, 10));
	company(w);
	for (uint32_t l = 0; l < w->n_lives; l++)
		for (uint32_t i = 0; i < 25; i++)
			add(w, w->lives[l] + 40 + exponential(w, 30 * SECOND), NEVER, "main.connectAll", "main.(*upstream).watch", "select")->tick = 40 * SECOND;
}

static void few_that_stay(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	for (uint32_t i = whole(w, 3, 5); i; i--) {
		struct goroutine *g = add(w, moment(w, 0, w->until), NEVER, "main.(*plugins).load", "main.(*plugin).serve", "chan receive");
		g->every = 20 * MINUTE;
		g->takes = SECOND;
	}
}

/* --- kinds that came after the model was made --- */

/* Watches of one client, on the connections it has had for long. */
static void watches_on_few(struct world *w)
{
	uint32_t conns, first;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	first = w->n;
	conns = whole(w, 1, 4);
	for (uint32_t i = 0; i < conns; i++)
		add(w, 100 + i, NEVER, "net/http.(*Server).Serve", "golang.org/x/net/http2.(*serverConn).readFrames", "IO wait")->tick = 30 * SECOND;
	for (uint32_t i = whole(w, 10, 40); i; i--) {
		double t = moment(w, 0, w->until);
		int32_t conn = (int32_t)(first + whole(w, 0, conns - 1));
		struct goroutine *g = add(w, t, NEVER, "golang.org/x/net/http2.(*serverConn).processHeaders", "k8s.io/apiserver/pkg/endpoints/handlers.(*WatchServer).HandleHTTP", "select");

		g->parent = conn;
		g->tick = MINUTE;
		g = add(w, t + .1, NEVER, "k8s.io/apiserver/pkg/storage/cacher.(*Cacher).Watch", "k8s.io/apiserver/pkg/storage/cacher.(*cacheWatcher).processInterval", "select");
		g->parent = (int32_t)w->n - 2;
		g->every = uniform(w, MINUTE, 10 * MINUTE);
		g->takes = SECOND;
	}
}

/* A web socket: the handler's goroutine reads, another writes; most say nothing. */
static void web_sockets(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	for (uint32_t i = whole(w, 15, 60); i; i--) {
		double t = moment(w, 0, w->until), ends = chance(w, .3) ? t + exponential(w, w->until / 3) : NEVER;
		struct goroutine *g = add(w, t, ends, "net/http.(*Server).Serve", "main.(*chat).read", "IO wait");

		g->root = "net/http.(*conn).serve";
		g = add(w, t + .1, ends, "main.(*chat).ServeHTTP", "main.(*chat).write", "chan receive");
		g->parent = (int32_t)w->n - 2;
	}
}

/* Server-sent events: the connection's own goroutine waits in the handler. */
static void events(struct world *w)
{
	begin(w, ANY, w->seed % 2 ? LOAD_FLAT : LOAD_RISING);
	company(w);
	for (uint32_t i = whole(w, 15, 50); i; i--) {
		double t = moment(w, 0, w->until), ends = chance(w, .3) ? t + exponential(w, w->until / 3) : NEVER;
		struct goroutine *g = add(w, t, ends, "net/http.(*Server).Serve", "main.(*events).ServeHTTP", "select");
		int32_t conn = (int32_t)w->n - 1;

		g->root = "net/http.(*conn).serve";
		g->tick = chance(w, .5) ? 15 * SECOND : 0;
		add(w, t + .1, ends, "net/http.(*connReader).startBackgroundRead", "net/http.(*connReader).backgroundRead", "IO wait")->parent = conn;
	}
}

/* A proxy's few connections are there all the time, and their requests leak. */
static void behind_a_proxy(struct world *w)
{
	uint32_t first, conns = whole(w, 4, 20), n;

	begin(w, ANY, LOAD_FLAT);
	company(w);
	first = w->n;
	for (uint32_t i = 0; i < conns; i++) {
		struct goroutine *g = add(w, 100 + i, NEVER, "net/http.(*Server).Serve", "net/http.(*conn).serve", "IO wait");

		g->work = (struct spot){"main.(*api).ServeHTTP", "select"};
		g->every = 5 * SECOND;
		g->takes = 300;
	}
	n = whole(w, 12, 50);
	for (uint32_t i = 0; i < n; i++)
		add(w, moment(w, 0, w->until), NEVER, "main.(*api).ServeHTTP", "main.(*api).audit", waiting[w->seed % 3])->parent = (int32_t)(first + whole(w, 0, conns - 1));
	cause(w, "main.(*api).ServeHTTP", "main.(*api).audit");
}

/* Errors come in bursts, and each burst leaks several. */
static void in_bursts(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	pass(w, w->until / 300, 2 * w->interval, "main.(*sync).push", "main.(*sync).send", "chan send");
	for (uint32_t i = whole(w, 6, 14); i; i--) {
		double t = moment(w, 0, w->until);
		residency(w, whole(w, 1, 8), t, t + .01 * w->until, "main.(*sync).push", "main.(*sync).send", "chan send");
	}
	cause(w, "main.(*sync).push", "main.(*sync).send");
}

/* The load grows all the time, and the leak with it. */
static void leak_rises(struct world *w)
{
	begin(w, ANY, LOAD_RISING);
	company(w);
	residency(w, whole(w, 20, 60), 0, w->until, "main.(*report).build", "main.(*report).stream", waiting[1 + w->seed % 2]);
	cause(w, "main.(*report).build", "main.(*report).stream");
}

/* nats: the two halves were started by a goroutine that is gone. */
static void halves_of_the_gone(struct world *w)
{
	begin(w, ANY, LOAD_FLAT);
	company(w);
	for (uint32_t i = whole(w, 10, 50); i; i--) {
		double t = moment(w, 0, w->until), ends = chance(w, .2) ? t + exponential(w, w->until / 3) : NEVER;
		int32_t parent;
		struct goroutine *g;

		add(w, t, t + 5, "github.com/nats-io/nats-server/v2/server.(*Server).acceptConnections", "github.com/nats-io/nats-server/v2/server.(*Server).createClient", "runnable");
		parent = (int32_t)w->n - 1;
		g = add(w, t + 1, ends, "github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine", "github.com/nats-io/nats-server/v2/server.(*client).readLoop", "IO wait");
		g->parent = parent;
		g = add(w, t + 1.1, ends, "github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine", "github.com/nats-io/nats-server/v2/server.(*client).writeLoop", "sync.Cond.Wait");
		g->parent = parent;
	}
}

/* Jobs that take a minute as a rule and hours at times; all end. Their lengths have a long tail (Pareto, 0.8 to 1.3). */
static void long_jobs(struct world *w)
{
	double shortest, tail;

	begin(w, HOURS | DAYS, w->seed % 2 ? LOAD_FLAT : LOAD_DAILY);
	company(w);
	shortest = uniform(w, .3, 3) * w->interval;
	tail = uniform(w, .8, 1.3);
	for (double t = 0; (t = next_arrival(w, t, w->until / 200, w->until)) < NEVER;) {
		double takes = shortest * pow(uniform(w, 1e-4, 1), -1 / tail);
		int32_t parent = conn_at(w, t);

		add(w, t, t + takes, "main.(*jobs).start", "main.(*job).await", waiting[1 + w->seed / 2 % 2])->parent = parent;
	}
}

/* A pool that computes: each task for as long as it takes, at many lines, and then the next from the queue. */
static void crunchers(struct world *w)
{
	static const struct spot lines[3] = {
		{"main.(*model).fit:210", "runnable"}, {"main.(*model).fit:214", "runnable"}, {"main.(*model).fit:233", "running"}};

	begin(w, MINUTES | HOURS, LOAD_FLAT);
	company(w);
	for (uint32_t i = whole(w, 2, 8); i; i--) {
		struct goroutine *g = add(w, 20, NEVER, "main.newModels", "main.(*models).next", "chan receive");

		g->root = "main.(*models).run";
		g->every = uniform(w, 1, 6) * w->interval;
		g->takes = uniform(w, 2, 40) * w->interval;
		g->round = lines;
	}
}

/* Somebody shakes hands with each client, for as long as that takes, leaves it to others, and ends. */
struct handshake {
	const char *acceptor, *accepts, *greets;
	int32_t parent;
};

static void greet(struct world *w, const struct handshake *h, double t, double takes, double ends)
{
	int32_t hands;

	add(w, t, t + takes, h->accepts, h->greets, "select")->parent = h->parent;
	hands = (int32_t)w->n - 1;
	add(w, t + .9 * takes, ends, h->greets, "main.(*client).read", "IO wait")->parent = hands;
	add(w, t + .9 * takes + .1, ends, h->greets, "main.(*client).write", waiting[1 + w->seed % 2])->parent = hands;
}

/* Clients that say nothing, and the prober of a load balancer that looks in. */
static void silent_clients(struct world *w)
{
	static const struct handshake servers[] = {
		{"main.(*broker).start", "main.(*broker).loop", "main.(*broker).welcome", 0},
		{"example.org/mq.(*Queue).start", "example.org/mq.(*Queue).run", "example.org/mq.(*Queue).greet", 0},
		{"main.main", "main.(*server).Serve", "main.(*server).handshake", 0},
	};
	struct handshake h = servers[w->seed % 3];

	begin(w, HOURS | DAYS, LOAD_FLAT);
	company(w);
	h.parent = (int32_t)w->n;
	add(w, 20, NEVER, h.acceptor, "net.(*TCPListener).Accept", "IO wait")->root = h.accepts;
	for (uint32_t i = whole(w, 12, 60); i; i--) {
		double t = moment(w, 100, w->until), takes = uniform(w, .1, 4) * w->interval;

		greet(w, &h, t, takes, chance(w, .1) ? t + takes + exponential(w, w->until / 3) : NEVER);
	}
	for (double t = 100; w->seed % 2 && (t = next_arrival(w, t, w->until / 100, w->until)) < NEVER;)
		greet(w, &h, t, .2 * w->interval, t + uniform(w, 1, 3) * w->interval);
}

const struct kind kinds[] = {
	{"steady", true, false, steady, "one more at an even pace"},
	{"few at random", true, false, few_at_random, "5 to 12 among hundreds that leave, at random"},
	{"few alone", true, true, few_alone, "7 to 14 at random, and nobody leaves"},
	{"random selects", true, false, receivers_at_random, "12 to 40 in select, at random, among others"},
	{"begins late", true, false, begins_late, "stragglers that are right from the beginning; leaks from the last third on"},
	{"with a ticker", true, false, with_ticker, "each has a timer of its own"},
	{"heartbeats", true, false, heartbeats, "a ticker each, at times seen as it ticks"},
	{"sleepers", true, false, sleepers, "a sleeping loop each"},
	{"dialled", true, false, dialled, "clients (http, grpc, redis) made for each call and never closed"},
	{"many lives", true, false, many_lives, "+6 in each of many processes"},
	{"restarted", true, false, restarted_leak, "leaks again since the restart a while ago"},
	{"many sites", true, false, many_sites, "15 places, 2 or 3 in each, one cause"},
	{"dead lock", true, false, dead_lock, "2 to 4 lock each other out; nothing grows"},
	{"two locks", true, false, two_locks, "two of different statements lock each other out"},
	{"scheduler rests", true, false, scheduler_rests, "one worked all the time, then never again"},
	{"pool rests", true, false, pool_rests, "a pool's workers all come to rest in chan send"},
	{"live lock", true, false, live_lock, "worked now and then, now runnable for ever, at one line or three"},
	{"leak ended", true, false, leak_ended, "40 to 80 came until the middle, and are there"},
	{"leaks by day", true, false, by_day, "weeks of days; more leaks where there is load"},
	{"context children", true, true, context_children, "goroutines of the standard library, whoever called it"},
	{"big site", true, false, big_site, "60 to 200 that are right, 15 to 50 that are not"},
	{"wait group", true, true, wait_group, "Done is not called at times"},
	{"groups of three", true, false, groups_of_three, "each cause leaves three behind"},
	{"lock forgotten", true, true, lock_forgotten, "requests pile up at a lock"},

	{"nothing", false, false, nothing_else, "requests, timers, a pool"},
	{"clients stay", false, false, clients_stay, "nats, grpc, etcd, kube: clients come and none leaves"},
	{"clients mixed", false, true, clients_mixed, "half of them leave"},
	{"clients in balance", false, false, clients_in_balance, "as many come as leave"},
	{"sessions all day", false, false, sessions_all_day, "connections at work come and stay"},
	{"subscriptions", false, true, subscriptions, "at work with the load; come and stay"},
	{"warm-up", false, false, warm_up, "each process fills up in the same way; the present one is at it"},
	{"cache fills", false, false, cache_fills, "ever slower, up to a level"},
	{"tenants", false, false, tenants, "one worker each, at their first request"},
	{"pool idle", false, false, pool_idle, "20 to 200 that wait from the beginning"},
	{"lock on purpose", false, false, lock_on_purpose, "held for minutes, one waits"},
	{"lock queue", false, false, lock_queue, "handed on all the time"},
	{"steps", false, false, steps, "1 to 5 steps, and they stay"},
	{"days", false, false, by_day_healthy, "slow requests, by day"},
	{"rising", false, true, rising, "more and more load; each ends"},
	{"long polls", false, false, long_polls, "a minute each"},
	{"batches", false, false, batches, "hundreds at once, then none"},
	{"night", false, false, night, "the load ends, and all rest"},
	{"seldom", false, false, seldom, "works now and then"},
	{"standbys", false, true, standbys, "wait for what may never come"},
	{"dialled pool", false, true, dialled_pool, "connections up to a limit, replaced at times"},
	{"mended", false, false, mended, "the process before leaked, this one does not"},
	{"restarts", false, false, restarts, "the same start again and again"},
	{"few that stay", false, true, few_that_stay, "3 to 5 at random that stay"},

	{"behind a proxy", true, true, behind_a_proxy, "requests on few connections leak"},
	{"in bursts", true, true, in_bursts, "each burst of errors leaks several"},
	{"leak rises", true, true, leak_rises, "with a load that rises"},
	{"watches on few", false, true, watches_on_few, "kube: watches on connections that are there"},
	{"web sockets", false, true, web_sockets, "come and stay, and most are silent"},
	{"events", false, true, events, "a handler that waits for as long as its client does"},
	{"long jobs", false, false, long_jobs, "a minute as a rule, hours at times, and all end"},
	{"crunchers", false, false, crunchers, "compute for long, at several lines"},
	{"silent clients", false, false, silent_clients, "each set up by a handshake that ended; they say nothing, and a prober looks in"},
	{"halves of the gone", false, true, halves_of_the_gone, "nats: two halves by a goroutine that is gone"},
};
const uint32_t n_kinds = sizeof kinds / sizeof *kinds;
