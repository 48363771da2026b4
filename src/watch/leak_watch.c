/* SPDX-License-Identifier: MIT */
/*
 * After a commit the newest RECENT snapshots of each host that has new ones are looked at, which costs a few ms. A slow
 * leak needs the whole history: it is looked at as often as costs 1 % of the time.
 */
#include <gscrape/leak_watch.h>
#include "watch/command.h"
#include <gscrape/insight.h>
#include <gscrape/workers.h>
#include <pthread.h>
#include <stdlib.h>

#define RECENT 240
#define PATIENCE_MS 60000 /* for the command, */
#define LAST_MS 1000      /*   and for all of them once the recording has ended */

/* A leak that a look has shown; recent and whole looks are told apart, since each sees what the other may not. */
struct candidate {
	const char *key;
	uint32_t host;
	bool whole, again; /* again: the look at hand has shown it, too */
	int64_t since;     /* time of the snapshot from which on each look has; NO_TIME: the last one did not */
};

struct leak_watch {
	struct leak_watch_options o;
	pthread_t thread;
	pthread_mutex_t lock;   /* guards what follows */
	pthread_cond_t wake;
	bool dirty, stopping;
	int64_t end;            /* monotonic: when a command must have ended */
	/* the thread's own */
	struct query *q;
	struct pool names;
	const char **notified;      /* leaks that the command knows of */
	size_t n_notified, cap_notified;
	struct candidate *candidate;
	size_t n_candidates, cap_candidates;
	int64_t *seen;          /* by host number: its last snapshot when it was looked at */
	size_t n_seen;
	int64_t whole_due;      /* monotonic: when the whole history may be looked at again, */
	int64_t whole_cost;     /*   and how long it took last */
	bool complained;
};

/* --- telling --- */

/* When a command must have ended: soon, once the recording has. */
static int64_t command_end(void *ctx)
{
	struct leak_watch *w = ctx;
	int64_t end;

	pthread_mutex_lock(&w->lock);
	end = w->end;
	pthread_mutex_unlock(&w->lock);
	return end;
}

static bool is_notified(const struct leak_watch *w, const char *key)
{
	for (size_t i = 0; i < w->n_notified; i++)
		if (strcmp(w->notified[i], key) == 0)
			return true;
	return false;
}

static struct candidate *candidate_of(struct leak_watch *w, const char *key, uint32_t host, bool whole)
{
	for (size_t i = 0; i < w->n_candidates; i++)
		if (w->candidate[i].whole == whole && strcmp(w->candidate[i].key, key) == 0)
			return &w->candidate[i];
	GROW(w->candidate, w->n_candidates, w->cap_candidates);
	w->candidate[w->n_candidates] = (struct candidate){pool_strndup(&w->names, key, strlen(key)), host, whole, false, NO_TIME};
	return &w->candidate[w->n_candidates++];
}

static int64_t last_time(struct leak_watch *w, uint32_t host)
{
	size_t n;
	const struct host *h = query_hosts(w->q, &n);

	for (size_t i = 0; i < n; i++)
		if (h[i].id == host)
			return h[i].last;
	return NO_TIME;
}

/* Is it time to tell of it? It is when it has been a leak for long enough, and the command does not know. */
static bool is_due(struct leak_watch *w, const struct suspect *s, bool whole)
{
	struct buf key = {0};
	struct candidate *h;
	bool due = false;

	buf_addf(&key, "%s\n%s:%u\n%s:%u", s->host_name, s->created.func ? s->created.func : "", s->created.line,
		 s->place.func ? s->place.func : "", s->place.line);
	if (!is_notified(w, key.p)) {
		h = candidate_of(w, key.p, s->host, whole);
		h->again = true;
		if (h->since == NO_TIME)
			h->since = last_time(w, s->host);
		due = last_time(w, s->host) - h->since >= w->o.patience;
		if (due) {
			GROW(w->notified, w->n_notified, w->cap_notified);
			w->notified[w->n_notified++] = h->key;
		}
	}
	buf_release(&key);
	return due;
}

static void tell(struct leak_watch *w, const struct suspect *s)
{
	struct buf text = {0};
	struct jw j = {.out = &text};
	struct err e;

	suspect_json(&j, w->q, s);
	buf_putc(&text, '\n');
	if (command_run(w->o.command, (struct str){text.p, text.n}, PATIENCE_MS, command_end, w, &e) < 0)
		w->o.say(w->o.ctx, e.text);
	buf_release(&text);
}

/* --- looking --- */

static int look(struct leak_watch *w, const struct leak_question *ask, bool whole, struct err *e)
{
	struct pool p = {0};
	struct suspect *s;
	size_t n = 0, ignored;
	int rc = query_leaks(w->q, ask, &p, &s, &n, e);

	if (rc == 0)
		rc = leak_ignore_apply(w->o.ignore, s, &n, &ignored, e);
	for (size_t i = 0; i < w->n_candidates; i++)
		w->candidate[i].again = false;
	for (size_t i = 0; !rc && i < n; i++)
		if (s[i].verdict == VERDICT_LEAK && is_due(w, &s[i], whole))
			tell(w, &s[i]);
	for (size_t i = 0; i < w->n_candidates; i++)
		if (w->candidate[i].whole == whole && (!ask->host || w->candidate[i].host == ask->host) && !w->candidate[i].again)
			w->candidate[i].since = NO_TIME;
	pool_release(&p);
	return rc;
}

static int look_at_recent(struct leak_watch *w, const struct host *h, struct err *e)
{
	struct leak_question ask = {.host = h->id, .to = NO_TIME, .least = .5, .where = w->o.where};
	struct snapshot first;

	if (h->id >= w->n_seen) {
		size_t n = h->id * 2 + 16;

		w->seen = xrealloc(w->seen, n, sizeof *w->seen);
		while (w->n_seen < n)
			w->seen[w->n_seen++] = NO_TIME;
	}
	if (h->last == w->seen[h->id])
		return 0;
	w->seen[h->id] = h->last;
	if (query_step(w->q, h->id, h->last, -RECENT, &first, e) < 0)
		return -1;
	ask.from = first.time;
	return look(w, &ask, false, e);
}

static int look_around(struct leak_watch *w, bool last, struct err *e)
{
	struct leak_question all = {.from = NO_TIME, .to = NO_TIME, .least = .5, .where = w->o.where};
	const struct host *hosts;
	int64_t began;
	struct err one;
	size_t n;
	int rc = 0;

	if (!w->q && query_open(&w->q, w->o.db, e) < 0)
		return -1;
	if (query_refresh(w->q, e) < 0 || query_is_partial(w->q, e)) /* who is not seen has not gone */
		return -1;
	hosts = query_hosts(w->q, &n);
	for (size_t i = 0; i < n; i++) /* one that cannot be looked at hides no other */
		if (look_at_recent(w, &hosts[i], &one) < 0 && rc == 0) {
			rc = -1;
			*e = one;
		}
	began = monotonic_ms();
	if (rc || (last ? w->whole_cost > LAST_MS : began < w->whole_due))
		return rc;
	rc = look(w, &all, true, e);
	w->whole_cost = monotonic_ms() - began;
	w->whole_due = monotonic_ms() + w->whole_cost * 99;
	return rc;
}

static void *run(void *ctx)
{
	struct leak_watch *w = ctx;
	bool last = false;

	while (!last) {
		struct err e = {0};

		pthread_mutex_lock(&w->lock);
		while (!w->dirty && !w->stopping)
			pthread_cond_wait(&w->wake, &w->lock);
		last = w->stopping;
		w->dirty = false;
		pthread_mutex_unlock(&w->lock);
		if (look_around(w, last, &e) < 0 && !w->complained)
			w->o.say(w->o.ctx, e.text);
		w->complained = e.text[0] != '\0';
	}
	return NULL;
}

int leak_watch_start(struct leak_watch **out, const struct leak_watch_options *o, struct err *e)
{
	struct leak_watch *w = xcalloc(1, sizeof *w);

	w->o = *o;
	w->end = INT64_MAX;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	if (thread_start(&w->thread, run, w, e) < 0) {
		free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void leak_watch_committed(void *ctx)
{
	struct leak_watch *w = ctx;

	pthread_mutex_lock(&w->lock);
	w->dirty = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

void leak_watch_stop(struct leak_watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	w->end = monotonic_ms() + LAST_MS;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	query_close(w->q);
	filter_close(w->o.where);
	pool_release(&w->names);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->notified);
	free(w->candidate);
	free(w->seen);
	free(w);
}
