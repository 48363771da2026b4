/* SPDX-License-Identifier: MIT */
/*
 * /api/v1/events: server-sent events. The ticker writes what is new into one ring of messages; each stream has its own
 * place in it. A stream with nothing to send is suspended, so that a thousand of them cost nothing; the ticker resumes
 * all when there is something, and every 15 s for a sign of life, which also finds the clients that have gone.
 */
#include "server.h"
#include <stdio.h>
#include <stdlib.h>

#define RING 512 /* messages; who is further behind is told to start afresh */

struct stream {
	struct request *request;
	struct stream *next;
	uint64_t at;     /* the next message */
	struct buf buf;  /* being sent */
	size_t sent;
	bool suspended, beat;
	bool greeted;    /* was told "hello": from here on it misses nothing */
};

struct told_host {
	uint32_t host;
	int64_t last;
};

struct events {
	struct server *server;
	pthread_mutex_t lock;
	struct stream *streams;
	size_t n_streams;
	char *ring[RING];
	uint64_t n;          /* messages ever */
	bool ended;
	struct told_host *known; /* the last snapshot told of, by host; the ticker's own */
	size_t n_known, cap_known;
	bool primed;
};

struct events *events_new(struct server *s)
{
	struct events *ev = xcalloc(1, sizeof *ev);

	ev->server = s;
	pthread_mutex_init(&ev->lock, NULL);
	return ev;
}

void events_free(struct events *ev)
{
	if (!ev)
		return;
	for (size_t i = 0; i < RING; i++)
		free(ev->ring[i]);
	free(ev->known);
	pthread_mutex_destroy(&ev->lock);
	free(ev);
}

/* --- telling, by the ticker --- */

static void wake(struct events *ev) /* with the lock held */
{
	for (struct stream *st = ev->streams; st; st = st->next) {
		if (!st->suspended)
			continue;
		st->suspended = false;
		MHD_resume_connection(st->request->connection);
	}
}

static void tell(struct events *ev, const char *event, const struct buf *data)
{
	pthread_mutex_lock(&ev->lock);
	free(ev->ring[ev->n % RING]);
	ev->ring[ev->n % RING] = xasprintf("id: %llu\nevent: %s\ndata: %.*s\n\n", (unsigned long long)ev->n, event,
					   (int)data->n, data->p);
	ev->n++;
	pthread_mutex_unlock(&ev->lock);
}

static struct told_host *known_host(struct events *ev, uint32_t host)
{
	for (size_t i = 0; i < ev->n_known; i++)
		if (ev->known[i].host == host)
			return &ev->known[i];
	GROW(ev->known, ev->n_known, ev->cap_known);
	ev->known[ev->n_known] = (struct told_host){host, NO_TIME};
	return &ev->known[ev->n_known++];
}

static void tell_host(struct events *ev, struct query *q, const struct host *h)
{
	struct buf data = {0};
	struct jw j = {.out = &data};
	struct snapshot snap;
	struct err e;

	if (query_snapshot_at(q, h->id, h->last, &snap, &e) <= 0)
		return;
	jw_obj(&j);
	jw_kstr(&j, "host", h->name);
	jw_ktime(&j, "time", snap.time);
	jw_kuint(&j, "epoch", snap.epoch);
	jw_kstr(&j, "status", snap_status_name(snap.status));
	jw_key(&j, "goroutines");
	if (snap.status == SNAP_FAILED)
		jw_null(&j);
	else
		jw_uint(&j, snap.goroutines);
	jw_kuint(&j, "snapshots", h->snapshots);
	jw_end(&j);
	tell(ev, "snapshot", &data);
	buf_release(&data);
}

/* True when something was told. */
static bool look(struct events *ev, struct query *q)
{
	size_t n;
	const struct host *hosts = query_hosts(q, &n);
	uint64_t before = ev->n;

	for (size_t i = 0; i < n; i++) {
		struct told_host *k = known_host(ev, hosts[i].id);

		if (hosts[i].last == k->last || hosts[i].last == NO_TIME)
			continue;
		k->last = hosts[i].last;
		if (ev->primed)
			tell_host(ev, q, &hosts[i]);
	}
	return ev->n != before;
}

/* With the lock held: is anybody there? Without, what is known grows old, and is looked at afresh for the next one. */
static bool anybody(struct events *ev)
{
	if (!ev->streams)
		ev->primed = false;
	return ev->streams != NULL;
}

void events_look(struct events *ev, bool beat)
{
	struct source *src;
	struct err e;
	bool listened, news = false, first;

	pthread_mutex_lock(&ev->lock);
	listened = anybody(ev);
	first = !ev->primed;
	pthread_mutex_unlock(&ev->lock);
	src = listened ? source_take(ev->server, &e) : NULL;
	if (src) {
		news = look(ev, src->q);
		source_give(ev->server, src);
	}
	if (!listened || (!news && !beat && !first))
		return;
	pthread_mutex_lock(&ev->lock);
	ev->primed |= src != NULL;
	for (struct stream *st = ev->streams; beat && st; st = st->next)
		st->beat = true;
	wake(ev);
	pthread_mutex_unlock(&ev->lock);
}

void events_end(struct events *ev)
{
	pthread_mutex_lock(&ev->lock);
	ev->ended = true;
	wake(ev);
	pthread_mutex_unlock(&ev->lock);
}

/* --- listening, by the I/O thread --- */

static void fill(struct events *ev, struct stream *st)
{
	buf_reset(&st->buf);
	st->sent = 0;
	if (!st->greeted && ev->primed) {
		buf_adds(&st->buf, "event: hello\ndata: {}\n\n");
		st->greeted = true;
	}
	if (ev->n - st->at > RING) {
		buf_adds(&st->buf, "event: reset\ndata: {}\n\n");
		st->at = ev->n;
	}
	for (; st->at < ev->n; st->at++)
		buf_adds(&st->buf, ev->ring[st->at % RING]);
	if (!st->buf.n && st->beat)
		buf_adds(&st->buf, ": still here\n\n");
	st->beat = false;
}

static ssize_t read_stream(void *ctx, uint64_t pos, char *to, size_t max)
{
	struct stream *st = ctx;
	struct events *ev = st->request->server->events;
	ssize_t n = 0;

	(void)pos;
	pthread_mutex_lock(&ev->lock);
	if (st->sent == st->buf.n)
		fill(ev, st);
	if (st->sent < st->buf.n) {
		n = (ssize_t)(st->buf.n - st->sent < max ? st->buf.n - st->sent : max);
		memcpy(to, st->buf.p + st->sent, (size_t)n);
		st->sent += (size_t)n;
	} else if (ev->ended) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		st->suspended = true;
		MHD_suspend_connection(st->request->connection);
	}
	pthread_mutex_unlock(&ev->lock);
	return n;
}

int answer_events(struct request *r, struct err *e)
{
	struct events *ev = r->server->events;
	struct stream *st;

	pthread_mutex_lock(&ev->lock);
	if (ev->n_streams >= STREAMS_MAX || ev->ended) {
		pthread_mutex_unlock(&ev->lock);
		return refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE, e, "too many event streams at a time");
	}
	st = xcalloc(1, sizeof *st);
	st->request = r;
	st->at = ev->n;
	buf_adds(&st->buf, "retry: 2000\n\n");
	st->next = ev->streams;
	ev->streams = st;
	ev->n_streams++;
	r->stream = st;
	atomic_fetch_sub(&r->server->active, 1); /* draining does not wait for it */
	pthread_mutex_unlock(&ev->lock);
	return 0;
}

void events_gone(struct events *ev, struct request *r)
{
	pthread_mutex_lock(&ev->lock);
	for (struct stream **p = &ev->streams; *p; p = &(*p)->next) {
		if (*p != r->stream)
			continue;
		*p = r->stream->next;
		ev->n_streams--;
		break;
	}
	pthread_mutex_unlock(&ev->lock);
	buf_release(&r->stream->buf);
	free(r->stream);
	r->stream = NULL;
}

enum MHD_Result events_reply(struct request *r)
{
	struct MHD_Response *m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_stream, r->stream, NULL);
	enum MHD_Result rc;

	if (!m)
		return MHD_NO;
	atomic_fetch_add(&r->server->answers[2], 1);
	reply_headers(r, m);
	rc = MHD_queue_response(r->connection, MHD_HTTP_OK, m);
	MHD_destroy_response(m);
	return rc;
}
