/* SPDX-License-Identifier: MIT */
#include "collect/writer.h"
#include <gscrape/archive.h>
#include <gscrape/system.h>
#include <gscrape/workers.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Something that can fail for a while. */
struct alarm {
	const char *what;
	bool now;
};

enum { LIGHT, HEAVY, LANES };
#define HEAVY_FROM ((size_t)1 << 20) /* bytes of a dump that is written by the second thread */

struct writer {
	struct writer_options o;
	struct recorder *recorder;
	struct workers *lanes[LANES]; /* a thread each */

	pthread_mutex_t lock; /* guards what follows */
	struct job *done, **done_tail;
	struct writer_note *notes, **notes_tail;
	struct writer_state state;
	size_t pending;
	bool stop, ending;
	bool dirty; /* something was added since the last commit, or waits for a server */
	bool far;   /* the store is reached over the network */
	int64_t commit_due, committed_at;
	uint64_t written;                   /* bytes in the archive since retention last ran */
	uint32_t life;                      /* counts failed commits, from 1 */
	bool lost;                          /* something was not written */
	bool clock_back;                    /* the clock was set back, and has been told */
	struct alarm archive, store, server, expire;

	/* the light lane's own: it commits and expires, too */
	int64_t expire_due, expire_soonest; /* by the clock; and when much was written meanwhile */
};

/* With the lock held. */
__attribute__((format(printf, 3, 4))) static void tell(struct writer *w, bool bad, const char *fmt, ...)
{
	struct writer_note *n = xcalloc(1, sizeof *n);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(n->text, sizeof n->text, fmt, ap);
	va_end(ap);
	n->bad = bad;
	*w->notes_tail = n;
	w->notes_tail = &n->next;
	w->o.wake(w->o.wake_ctx);
}

/* Told when it begins and when it is over, not each time. */
static void result(struct writer *w, struct alarm *t, bool ok, const struct err *e)
{
	pthread_mutex_lock(&w->lock);
	if (!ok && !t->now)
		tell(w, true, "%s: %s", t->what, e->text);
	else if (ok && t->now)
		tell(w, false, "%s: works again", t->what);
	t->now = !ok;
	w->lost |= !ok;
	w->state.errors += !ok;
	if (!ok && t != &w->expire)
		snprintf(w->state.failing, sizeof w->state.failing, "%s: %s", t->what, e->text);
	else if (!w->archive.now && !w->store.now && !w->server.now)
		w->state.failing[0] = '\0';
	pthread_mutex_unlock(&w->lock);
}

/* What was committed waits for its server, which is no loss. */
static void waits(struct writer *w, bool now, const struct err *e)
{
	struct alarm *t = &w->server;

	pthread_mutex_lock(&w->lock);
	if (now && !t->now)
		tell(w, true, "%s: %s", t->what, e->text);
	else if (!now && t->now)
		tell(w, false, "%s: what waited has been delivered", t->what);
	t->now = now;
	if (now)
		snprintf(w->state.failing, sizeof w->state.failing, "%s: %s", t->what, e->text);
	pthread_mutex_unlock(&w->lock);
}

void writer_state(struct writer *w, struct writer_state *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->state;
	pthread_mutex_unlock(&w->lock);
}

/* --- one job --- */

/* The recorder goes on from the last time; a person should know. */
static void tell_of_clock(struct writer *w, const struct job *j)
{
	int64_t ahead = j->out.time - j->in.time;
	char how_far[TIME_MAX];

	pthread_mutex_lock(&w->lock);
	if (ahead > 1000 && !w->clock_back) {
		w->clock_back = true;
		tell(w, true, "the clock is %s behind the last snapshot of %s: times go on from there", duration_format(how_far, ahead), j->host);
	}
	pthread_mutex_unlock(&w->lock);
}

static int register_host(struct writer *w, struct job *j, struct err *e)
{
	struct writer_host *c = j->known;
	uint32_t life;

	pthread_mutex_lock(&w->lock);
	life = w->life;
	pthread_mutex_unlock(&w->lock);
	if (c->life == life)
		return 0;
	if (!c->life && w->o.output)
		archive_tidy(w->o.output, j->host);
	if (recorder_host(w->recorder, j->host, *j->labels ? j->labels : NULL, &c->number, e) < 0)
		return -1;
	c->life = life;
	return 0;
}

/* Bytes on disk, or -1. A dump that broke off between two lines loses its last newline, by which --index will
 * know. */
static int64_t to_archive(struct writer *w, const struct job *j, int64_t time)
{
	struct str text = {j->in.body.p, j->in.body.n};
	struct err e = {0};
	int64_t bytes;

	if (!w->o.output || !snap_has_text(j->in.status))
		return 0;
	while (j->in.status == SNAP_PARTIAL && text.n && text.p[text.n - 1] == '\n')
		text.n--;
	bytes = archive_write(w->o.output, j->host, time, text, &e);
	result(w, &w->archive, bytes >= 0, &e);
	pthread_mutex_lock(&w->lock);
	w->written += bytes > 0 ? (uint64_t)bytes : 0;
	pthread_mutex_unlock(&w->lock);
	return bytes;
}

/* With the lock held. */
static void set_commit(struct writer *w)
{
	w->commit_due = monotonic_ms() + COMMIT_MS;
	if (w->far && w->committed_at && w->commit_due < w->committed_at + COMMIT_FAR_MS)
		w->commit_due = w->committed_at + COMMIT_FAR_MS;
}

/* The first of those that a commit will serve sets its time. */
static void mark_dirty(struct writer *w)
{
	bool first;

	pthread_mutex_lock(&w->lock);
	first = !w->dirty;
	if (first)
		set_commit(w);
	w->dirty = true;
	pthread_mutex_unlock(&w->lock);
	if (first)
		workers_wake(w->lanes[LIGHT]);
}

static void handle(struct writer *w, struct job *j)
{
	struct scraped scraped = {.time = j->in.time,
	                    .mono = j->mono,
	                    .status = j->in.status,
	                    .text = {j->in.body.p, j->in.body.n},
	                    .counted = j->in.counted,
	                    .took = j->in.took,
	                    .note = j->in.note[0] ? j->in.note : NULL};
	struct err e = {0};

	j->out.time = j->in.time;
	j->stored = register_host(w, j, &e) == 0 && recorder_add(w->recorder, j->known->number, &scraped, &j->out, &e) == 0;
	if (j->stored && !j->in.note[0])
		snprintf(j->in.note, sizeof j->in.note, "%s", j->out.note);
	tell_of_clock(w, j);
	j->disk_bytes = to_archive(w, j, j->out.time);
	if (!j->stored) /* whether it works again the next commit will tell */
		result(w, &w->store, false, &e);
	else
		mark_dirty(w);
}

/* --- the thread --- */

static void commit(struct writer *w)
{
	struct err e = {0};
	int rc;

	pthread_mutex_lock(&w->lock);
	w->dirty = false; /* what comes from here on may miss this one */
	pthread_mutex_unlock(&w->lock);
	rc = w->ending ? recorder_end(w->recorder, &e) : recorder_commit(w->recorder, &e);
	pthread_mutex_lock(&w->lock);
	w->life += rc < 0;
	w->committed_at = monotonic_ms();
	if (rc == 1) { /* to be delivered, whether more is added or not */
		set_commit(w);
		w->dirty = true;
	}
	pthread_mutex_unlock(&w->lock);
	if (rc >= 0)
		waits(w, rc == 1, &e);
	if (rc != 1)
		result(w, &w->store, rc == 0, &e);
	if (rc == 0) {
		pthread_mutex_lock(&w->lock);
		w->state.last_commit = now_ms();
		pthread_mutex_unlock(&w->lock);
	}
	if (rc == 0 && w->o.committed)
		w->o.committed(w->o.committed_ctx);
}

/*
 * Retention runs each minute, or sooner when the limits are so narrow that much goes over them meanwhile; but
 * it takes at most a fiftieth of the time, however large the archive is.
 */
static void expire(struct writer *w)
{
	int64_t begin = monotonic_ms(), every = w->o.retain / 10, used;
	int64_t before = w->o.retain ? now_ms() - w->o.retain : NO_TIME;
	struct err e = {0};
	int rc = 0;

	if (w->o.output && access(w->o.output, F_OK) == 0 &&
	    archive_expire(w->o.output, before, w->o.retain_size, &e) < 0)
		rc = -1;
	if (recorder_expire(w->recorder, before, w->o.retain_size, rc ? NULL : &e) < 0)
		rc = -1;
	result(w, &w->expire, rc == 0, &e);
	used = monotonic_ms() - begin;
	every = every < 1000 ? 1000 : every > 60000 || !every ? 60000 : every;
	w->expire_soonest = begin + used + (50 * used > 1000 ? 50 * used : 1000);
	w->expire_due = begin + every > w->expire_soonest ? begin + every : w->expire_soonest;
	pthread_mutex_lock(&w->lock);
	w->written = 0;
	pthread_mutex_unlock(&w->lock);
}

static bool wants_expire(const struct writer *w)
{
	return w->o.retain || w->o.retain_size;
}

static bool expire_is_due(const struct writer *w)
{
	int64_t now = monotonic_ms();

	return wants_expire(w) &&
	       (now >= w->expire_due ||
	        (w->o.retain_size && w->written > w->o.retain_size / 20 && now >= w->expire_soonest));
}

static void do_job(void *ctx)
{
	struct job *j = ctx;
	struct writer *w = j->writer;
	int64_t begin = monotonic_ms();

	handle(w, j);
	buf_release(&j->in.body);
	j->cost = monotonic_ms() - begin;
	pthread_mutex_lock(&w->lock);
	w->pending -= j->bytes;
	j->next = NULL;
	*w->done_tail = j;
	w->done_tail = &j->next;
	w->o.wake(w->o.wake_ctx);
	pthread_mutex_unlock(&w->lock);
}

#define REST_MS 60000 /* nothing is due: look again then */

static int64_t ms_to_next(struct writer *w)
{
	int64_t now = monotonic_ms(), until = now + REST_MS;

	pthread_mutex_lock(&w->lock);
	if (w->dirty && w->commit_due < until)
		until = w->commit_due;
	if (wants_expire(w) && w->expire_due < until)
		until = w->expire_due;
	pthread_mutex_unlock(&w->lock);
	return until > now ? until - now : 0;
}

/* The light lane's, between its jobs: commit and drop what is old, when it is time. Returns when it wants to be called again, ms. */
static int64_t keep_up(void *ctx)
{
	struct writer *w = ctx;
	bool committing, expiring;

	pthread_mutex_lock(&w->lock);
	committing = w->dirty && monotonic_ms() >= w->commit_due;
	pthread_mutex_unlock(&w->lock);
	if (committing)
		commit(w);
	pthread_mutex_lock(&w->lock);
	expiring = !w->stop && expire_is_due(w);
	pthread_mutex_unlock(&w->lock);
	if (expiring)
		expire(w);
	return ms_to_next(w);
}

static int start_lanes(struct writer *w, struct err *e)
{
	return workers_open_between(&w->lanes[LIGHT], keep_up, w, e) < 0 ? -1 : workers_open(&w->lanes[HEAVY], 1, e);
}

int writer_open(struct writer **out, const struct writer_options *o, struct err *e)
{
	struct writer *w = xcalloc(1, sizeof *w);

	*out = NULL;
	w->o = *o;
	w->life = 1;
	w->far = store_is_remote(o->db);
	w->state.last_commit = NO_TIME;
	w->done_tail = &w->done;
	w->notes_tail = &w->notes;
	w->archive.what = "archive";
	w->store.what = w->server.what = "store";
	w->expire.what = "retention";
	pthread_mutex_init(&w->lock, NULL);
	memory_by_pages();
	if (recorder_open(&w->recorder, o->db, e) < 0 || start_lanes(w, e) < 0) {
		writer_close(w, NULL);
		return -1;
	}
	recorder_may_wait(w->recorder);
	*out = w;
	return 0;
}

void writer_put(struct writer *w, struct job *j)
{
	j->writer = w;
	j->disk_bytes = -1;
	j->bytes = j->in.body.n;
	pthread_mutex_lock(&w->lock);
	w->pending += j->bytes;
	pthread_mutex_unlock(&w->lock);
	workers_put(w->lanes[j->bytes < HEAVY_FROM ? LIGHT : HEAVY], do_job, j);
}

struct job *writer_next(struct writer *w)
{
	struct job *j;

	pthread_mutex_lock(&w->lock);
	j = w->done;
	if (j)
		w->done = j->next;
	if (!w->done)
		w->done_tail = &w->done;
	pthread_mutex_unlock(&w->lock);
	return j;
}

struct writer_note *writer_next_note(struct writer *w)
{
	struct writer_note *n;

	pthread_mutex_lock(&w->lock);
	n = w->notes;
	if (n)
		w->notes = n->next;
	if (!w->notes)
		w->notes_tail = &w->notes;
	pthread_mutex_unlock(&w->lock);
	return n;
}

size_t writer_pending(struct writer *w)
{
	size_t n;

	pthread_mutex_lock(&w->lock);
	n = w->pending;
	pthread_mutex_unlock(&w->lock);
	return n;
}

void writer_finish(struct writer *w)
{
	bool ran = w->lanes[LIGHT];

	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_mutex_unlock(&w->lock);
	workers_close(w->lanes[HEAVY]); /* first: what it does may wake the light one */
	workers_close(w->lanes[LIGHT]);
	w->lanes[LIGHT] = w->lanes[HEAVY] = NULL;
	if (ran && wants_expire(w) && !w->expire_due) /* a short run has not come to it yet */
		expire(w);
	w->ending = !w->o.goes_on && (w->dirty || w->state.last_commit != NO_TIME);
	if (ran && (w->dirty || w->ending))
		commit(w);
}

bool writer_lost(struct writer *w)
{
	return w->lost;
}

int writer_close(struct writer *w, struct err *e)
{
	struct writer_note *n;
	struct job *j;
	int rc;

	if (!w)
		return 0;
	writer_finish(w);
	rc = recorder_close(w->recorder, e);
	while ((j = writer_next(w)))
		free(j);
	while ((n = writer_next_note(w)))
		free(n);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return rc;
}
