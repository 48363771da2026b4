/* SPDX-License-Identifier: MIT */
/*
 * server.h: how the server hangs together.
 *
 *     one I/O thread (libmicrohttpd, epoll)    reads requests, checks them, writes answers; answers what is quick itself
 *     WORKERS threads                          answer the rest; the connection is suspended meanwhile
 *     one ticker                               looks for new snapshots, wakes the event streams, ends slow connections
 *
 * So no question, however hard, and no client, however slow, stands in another's way.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "params.h"
#include <gscrape/json.h>
#include <gscrape/columns.h>
#include <gscrape/filter.h>
#include <gscrape/serve.h>
#include <gscrape/workers.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#define WORKERS 3
#define CHECKERS 1        /* threads that check passwords: guessing takes one core at most */
#define JOBS_MAX 1024     /* waiting for a worker; beyond: 503 */
#define CONNECTIONS_MAX 2048
#define STREAMS_MAX 256   /* event streams at a time */
#define MORE_BYTES (1u << 16)  /* a piece of a streamed answer */
#define WHOLE_MAX (1u << 20)   /* an answer above this is streamed, not kept; */
#define PACKED_MAX (16u << 20) /*   or above this, when what is kept is its compression */
#define HELD_MAX (256u << 20)  /* all answers that are kept until their clients have read them; beyond, only those */
#define HELD_SMALL (1u << 18)  /*   that are smaller than this are answered */

#define READ_TIME 120000  /* ms for a client to read its answer, or a piece of it */

struct request;
struct server;

/* --- routes.c: the one table; parser, 404 and OpenAPI read it --- */
enum route_flag {
	ROUTE_QUICK = 1, /* cheap enough for the I/O thread */
	ROUTE_LOOSE = 2, /* gscrape's: unknown parameters are let through */
	ROUTE_OPEN = 4,  /* needs no password */
	ROUTE_ASSET = 8, /* part of the page, not of the API */
	ROUTE_METRICS = 16, /* OpenMetrics, or METRICS_TEXT for who does not ask for that */
};
struct route {
	const char *path;
	/* Fill r->out (r->j writes JSON there). 0, or -1 with a sentence and r->status set (500 unless). */
	int (*answer)(struct request *r, struct err *e);
	const char *type;    /* content type; NULL: JSON */
	const char *help;    /* one line, no full stop */
	const char *shape;   /* what comes back, for the OpenAPI file */
	unsigned flags;
	struct param params[PARAMS_MAX];
};
#define METRICS_TEXT "text/plain; version=0.0.4; charset=utf-8"
extern const struct route routes[]; /* ends with a path of NULL */
const struct route *route_find(const char *path);

/* --- sources.c: views of the store, one user at a time --- */
struct source {
	struct query *q;
	int64_t looked;      /* monotonic ms of the last query_refresh */
	unsigned store;      /* another number: another file, with other numbers for names, stacks and hosts */
	struct source *next;
};
/* A view that is at most 100 ms old. NULL and a sentence when the store is gone. */
struct source *source_take(struct server *s, struct err *e);
void source_give(struct server *s, struct source *src);
void sources_close(struct server *s);

/* --- request.c: one request from its first line to its last byte --- */
enum request_state { REQUEST_NEW, REQUEST_READ, REQUEST_WAITS, REQUEST_READY };
struct request {
	struct server *server;
	struct MHD_Connection *connection;
	const struct route *route;
	enum request_state state;
	bool head, gzip_ok, open_metrics, check_password, ticking;
	bool last;           /* the connection is closed behind the answer */
	bool preflight;      /* OPTIONS */
	char *path, *query;  /* raw, in the pool */
	struct pool pool;
	struct value params[PARAMS_MAX];
	struct query *q;     /* while it is answered */
	struct filter *where; /* of asked_filter */
	struct buf out;
	struct jw j;
	int status;
	const char *type;
	const char *note[2]; /* one header of the route's own: name, value */
	const char *partial; /* what the answer is without; NULL: all is there */
	/* An answer that comes in pieces: append about MORE_BYTES to r->out; 1 more follows, 0 done, -1. NULL: it is whole already. Between
	 * two pieces the view of the store is given back, so that a slow client holds none: names must be kept in the pool. */
	int (*more)(struct request *r, struct err *e);
	void *more_ctx;      /* in the pool */
	unsigned store;      /* the source's */
	size_t held;         /* counted in the server's */
	size_t sent;         /* of r->out */
	struct stream *stream; /* /api/v1/events: what the ticker knows of it */
	char etag[32];
};
void *request_begin(void *server, const char *uri, struct MHD_Connection *c);
enum MHD_Result request_access(void *server, struct MHD_Connection *c, const char *url, const char *method,
			       const char *version, const char *upload, size_t *upload_size, void **request);
void request_end(void *server, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode why);
bool request_login(struct request *r); /* tens of milliseconds; false: the answer, a refusal, is in r */
void request_run(struct request *r); /* from any thread: r->out is the answer afterwards */

/* reply.c: from the answer in a request to what libmicrohttpd sends */
enum MHD_Result reply(struct request *r);
void reply_headers(struct request *r, struct MHD_Response *m);
void reply_pack(struct request *r); /* ETag and compression, beforehand and in the worker */
void reply_error(struct request *r, int status, const char *sentence);
void reply_options(struct request *r); /* what may be asked, and by whom */

/* --- answers.c --- */
int answers_start(struct server *s, struct err *e);
bool answers_push(struct server *s, struct request *r); /* false: too many wait */
void answers_stop(struct server *s); /* answers what waits with 503 */

/* --- auth.c --- */
struct auth;
int auth_open(struct auth **out, const char *path, struct err *e);
void auth_close(struct auth *a);
bool auth_known(struct auth *a, const char *user, const char *password); /* was right before: no need to check */
/* 1 right, 0 wrong. Takes tens of milliseconds. */
int auth_check(struct auth *a, const char *user, const char *password);

/* --- listen.c --- */
struct listener {
	int fd;
	bool loopback;       /* nobody else can reach it */
	char url[300];       /* with http:// or https:// */
};
int listen_open(struct listener *l, const char *address, bool tls, struct err *e);

/* --- origin.c: who may be asked for, and by whom --- */
bool origin_host_ok(const char *host, const char *const *names, size_t n);

/* --- events.c, ticker.c --- */
struct events;
struct events *events_new(struct server *s);
void events_free(struct events *ev);
void events_look(struct events *ev, bool beat); /* by the ticker: tell of new snapshots; beat: a sign of life */
void events_end(struct events *ev);             /* the server drains: end all streams */
enum MHD_Result events_reply(struct request *r);
void events_gone(struct events *ev, struct request *r);
int ticker_start(struct server *s, struct err *e);
void ticker_stop(struct server *s);
/* Connections and when they must be done; `busy` while the server thinks, -1 for an event stream's own pace. */
void ticker_connection(void *server, struct MHD_Connection *c, void **ctx, enum MHD_ConnectionNotificationCode what);
void ticker_allow(struct request *r, int64_t ms, bool idle); /* this connection's next step must be done by then; 0: no limit */

struct deadline {
	int fd;
	bool idle;           /* nothing was asked yet, or since the last answer */
	int64_t at;          /* monotonic ms; 0: none */
};

struct server {
	struct serve_options o;
	struct auth *auth;
	struct listener listener;
	struct MHD_Daemon *daemon;
	char *tls_cert, *tls_key;
	char log[400];       /* the newest line libmicrohttpd had to say */

	pthread_mutex_t sources_lock;
	struct source *free_sources; /* as many as threads ever asked at once */
	atomic_uint store;

	struct workers *workers;
	struct workers *checkers; /* of passwords: guessing holds up nobody whose password was right before */
	pthread_mutex_t jobs_lock; /* of `stopping`: afterwards nothing is put before the workers */
	bool stopping;

	struct leak_metrics *leaks;
	struct events *events;
	pthread_t ticker;
	pthread_mutex_t tick_lock;
	pthread_cond_t tick_cond;
	bool tick_stop;
	struct deadline *deadlines;
	size_t n_deadlines, cap_deadlines;
	size_t open;         /* connections */

	atomic_uint_fast64_t answers[6];   /* by the status's first digit */
	atomic_size_t held;                /* bytes of answers */
	atomic_size_t active;              /* requests between first line and last byte, event streams not counted */
	int64_t began;
};

/* --- answers --- */
int answer_gscrape_hosts(struct request *r, struct err *e);
int answer_gscrape_goroutine(struct request *r, struct err *e);
int answer_gscrape_search(struct request *r, struct err *e);
int answer_gscrape_stats(struct request *r, struct err *e);
int answer_gscrape_children(struct request *r, struct err *e);
int answer_host_groups(struct request *r, struct err *e);
int answer_host_group(struct request *r, struct err *e);
int answer_canary(struct request *r, struct err *e);
int answer_marks(struct request *r, struct err *e);
int answer_hosts(struct request *r, struct err *e);
int answer_snapshots(struct request *r, struct err *e);
int answer_groups(struct request *r, struct err *e);
int answer_alive(struct request *r, struct err *e);
int answer_goroutine(struct request *r, struct err *e);
int answer_children(struct request *r, struct err *e);
int answer_ancestors(struct request *r, struct err *e);
int answer_ids(struct request *r, struct err *e);
int answer_words(struct request *r, struct err *e);
int answer_functions(struct request *r, struct err *e);
int answer_hits(struct request *r, struct err *e);
int answer_activity(struct request *r, struct err *e);
int answer_uses(struct request *r, struct err *e);
int answer_callers(struct request *r, struct err *e);
int answer_diff(struct request *r, struct err *e);
int answer_leaks(struct request *r, struct err *e);
int answer_pprof(struct request *r, struct err *e);
int answer_folded(struct request *r, struct err *e);
int answer_dump(struct request *r, struct err *e);
int answer_grouped(struct request *r, struct err *e);
int answer_svg(struct request *r, struct err *e);
int answer_dot(struct request *r, struct err *e);
int answer_trace(struct request *r, struct err *e);
int answer_groups_csv(struct request *r, struct err *e);
int answer_channels(struct request *r, struct err *e);
int answer_waiters(struct request *r, struct err *e);
int answer_keys(struct request *r, struct err *e);
int answer_openapi(struct request *r, struct err *e);
int answer_metrics(struct request *r, struct err *e);
int answer_health(struct request *r, struct err *e);
int answer_events(struct request *r, struct err *e);
int answer_asset(struct request *r, struct err *e);

/* --- metrics.c: pieces of OpenMetrics; api_leaks.c: the leaks in it --- */
void metric_family(struct buf *b, const char *name, const char *type, const char *unit, const char *help);
void metric_label(struct buf *b, const char *name, const char *value, bool more); /* the first opens the brace */
struct leak_metrics;
struct leak_metrics *leak_metrics_new(void);
void leak_metrics_free(struct leak_metrics *m);
void leak_metrics_add(struct leak_metrics *m, struct request *r, const bool *now); /* of the hosts that are scraped, as query_hosts has them */

/* asked.c: what a request asks for. */
const struct value *param(const struct request *r, const char *name);
int refuse(struct request *r, int status, struct err *e, const char *fmt, ...) __attribute__((format(printf, 4, 5))); /* -1 */
const struct host *asked_host(struct request *r, struct err *e); /* by the parameter "host"; 404 when unknown */
int asked_goroutine(struct request *r, struct life *out, struct err *e); /* by host, id, epoch, at; 404 when unknown */
int asked_children(struct request *r, struct child **out, size_t *n, struct err *e);
/* By the parameter "where"; NULL: all. Lives as long as the request. 400 when it cannot be understood. 0 or -1. */
int asked_filter(struct request *r, struct err *e);
int asked_filter_of_each(struct request *r, struct err *e); /* where there are no groups, of which count could be asked */
/* By the parameter "of": *n 0, each host by itself. 0, or -1 when it is refused. */
int asked_together(struct request *r, struct host_group **out, size_t *n, struct err *e);
enum group_by asked_grouping(struct request *r); /* by the parameters "by" and "label" */
int64_t asked_time(struct request *r, const char *name, int64_t otherwise);
/* shape.c: pieces of answers. */
/* Opens an object: host, and what is known of it at t; *known_at, unless NULL, gets the time of the snapshot with text. */
int shape_moment(struct request *r, const struct host *h, int64_t t, int64_t *known_at, struct err *e);
void shape_row(struct request *r, const struct columns *c, const void *thing);    /* as one object; texts go to the request's pool */
void shape_member(struct request *r, const struct columns *c, const void *thing); /* without its first column, the host */
void shape_count(struct jw *j, const char *key, int64_t v); /* null below 0 */
const char *short_func(const char *func); /* without the package's path: "http.(*conn).serve" */

/* One page of a list: what `offset` and `limit` ask for of n, and "total" and "next" (null at the end) for it. */
struct page {
	size_t from, to, total;
};
struct page asked_page(struct request *r, size_t n);
void shape_page(struct jw *j, struct page p);

/* Snapshots of a host from..to in pieces, so that ten million of them need no memory. span_next gives them whole, span_ticks
 * without states and size. */
struct span {
	struct query *q;
	uint32_t host, seq, last; /* the next one's number and the last one's; seq > last: done */
};
int span_open(struct span *s, struct query *q, uint32_t host, int64_t from, int64_t to, struct err *e);
size_t span_ticks(struct span *s, struct snapshot *out, size_t max); /* 0: none of the next ones is kept */
int span_next(struct span *s, size_t max, struct pool *p, struct snapshot **out, size_t *n, struct err *e);

#endif
