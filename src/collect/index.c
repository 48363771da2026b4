/* SPDX-License-Identifier: MIT */
/*
 * Each worker does whatever is next: record an inflated file of a host that nobody is recording (in order), else inflate
 * one more file of the host that has fewest waiting. So two hosts are recorded at once where there are two, and where
 * there is one, the next file is inflated while this one is parsed. The number of texts in memory is one more than the
 * number of workers, however many hosts there are.
 */
#include "collect/fetch.h"
#include "collect/reason.h"
#include "collect/unfinished.h"
#include <gscrape/archive.h>
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <gscrape/recorder.h>
#include <gscrape/text.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define AHEAD 4 /* files of one host inflated and not yet recorded, at most */

struct text {
	struct buf buf;
	struct err err;
	int rc;        /* of file_read */
	bool ready;
	bool taken;    /* some host's */
};

struct series {
	const struct archive_host *from;
	uint32_t host;
	size_t *todo;  /* indexes of files to record */
	size_t n, inflated, recorded;
	struct text *ahead[AHEAD]; /* [i % AHEAD] for file i */
	bool busy;     /* being recorded */
	bool rests;    /* a file could not be read: it and those behind it wait for the next time, so that their order is kept */
};

struct index {
	const struct index_options *o;
	struct recorder *r;
	struct archive archive;
	struct series *series;
	struct text *texts;
	size_t n_texts;
	size_t done;
	size_t max_body;
	size_t idle;   /* workers that wait for something to do */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct index_totals *t;
	struct err *e;
	bool failed;
	int64_t told;
};

static bool stopped(const struct index *x)
{
	return x->failed || (x->o->stop && *x->o->stop);
}

static void say(struct index *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct index *x, const char *fmt, ...)
{
	va_list ap;
	struct buf b = {0};
	char sentence[PATH_MAX + 1024];

	if (!x->o->say)
		return;
	va_start(ap, fmt);
	vsnprintf(sentence, sizeof sentence, fmt, ap);
	va_end(ap);
	buf_add_visible(&b, sentence, strlen(sentence));
	x->o->say(x->o->ctx, b.p);
	buf_release(&b);
}

static struct text *free_text(struct index *x)
{
	for (size_t i = 0; i < x->n_texts; i++)
		if (!x->texts[i].taken)
			return &x->texts[i];
	return NULL;
}

static struct series *to_record(struct index *x)
{
	for (size_t i = 0; i < x->archive.n; i++) {
		struct series *s = &x->series[i];
		struct text *t = s->recorded < s->inflated ? s->ahead[s->recorded % AHEAD] : NULL;

		if (!s->busy && t && t->ready)
			return s;
	}
	return NULL;
}

static struct series *to_inflate(struct index *x)
{
	struct series *best = NULL;
	size_t least = AHEAD;

	for (size_t i = 0; i < x->archive.n; i++) {
		struct series *s = &x->series[i];
		size_t waiting = s->inflated - s->recorded;

		if (s->inflated < s->n && waiting < least) {
			best = s;
			least = waiting;
		}
	}
	return best;
}

/* Who has found something to do wakes one more, if there is more: all of them at each step would only get in each other's way. */
static void wake_another(struct index *x)
{
	if (x->idle && (to_record(x) || (free_text(x) && to_inflate(x))))
		pthread_cond_signal(&x->changed);
}

/* With the lock held; it is given up meanwhile. */
static void inflate(struct index *x, struct series *s, struct text *t)
{
	const struct archive_file *f = &s->from->files[s->todo[s->inflated]];

	t->taken = true;
	t->ready = false;
	s->ahead[s->inflated++ % AHEAD] = t;
	wake_another(x);
	pthread_mutex_unlock(&x->lock);
	t->rc = file_read(f->path, &t->buf, x->max_body, &t->err);
	pthread_mutex_lock(&x->lock);
	t->ready = true;
	t->taken = !s->rests;
}

void index_count(struct index_totals *t, size_t bytes, const struct outcome *got)
{
	t->recorded += !got->late;
	t->late += got->late;
	t->failed += got->status == SNAP_FAILED;
	t->cut += snap_is_cut(got->status);
	t->bytes += bytes;
	t->goroutines += got->goroutines;
	t->epochs += got->new_epoch;
}

static void count(struct index *x, const struct archive_file *f, const struct scraped *scraped, const struct outcome *got)
{
	index_count(x->t, scraped->text.n, got);
	if (got->status == SNAP_FAILED && !scraped->note)
		say(x, "%s: is no goroutine dump; recorded as a failed scrape", f->path);
	else if (got->status == SNAP_TRUNCATED)
		say(x, "%s: is cut; goroutines may be missing", f->path);
	else if (got->again)
		say(x, "%s: has %u of its goroutines more than once, as if it were several dumps: taken as one, of each the first", f->path, got->again);
	x->done++;
	if (x->o->progress && monotonic_ms() - x->told >= 200) {
		x->told = monotonic_ms();
		x->o->progress(x->o->ctx, x->t, x->done);
	}
}

/* A link to nothing is there. */
static bool is_gone(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 && errno == ENOENT;
}

/* It is there, or was just now, and did not let itself be read: another time it may. */
static bool is_unread(const struct text *t)
{
	return t->rc < 0 && (t->err.kind == ERR_IO || t->err.kind == ERR_GONE);
}

/* why: gets the note's text. */
static void judge(const struct index *x, struct text *t, struct buf *why, struct scraped *out)
{
	if (t->rc == GZIP_TOO_LARGE) {
		buf_release(&t->buf);
		reason_too_long(x->max_body, why);
	} else if (t->rc < 0) {
		buf_adds(why, is_unread(t) ? "the archive's file cannot be read" : "the archive's file is damaged");
	}
	if (t->rc < 0) {
		out->status = SNAP_FAILED;
		out->note = why->p;
		return;
	}
	out->text = (struct str){t->buf.p, t->buf.n};
	out->status = dump_sniff(t->buf.p, t->buf.n) == DUMP_DEBUG1 ? SNAP_GROUPED : t->rc > 0 ? SNAP_PARTIAL : SNAP_OK;
}

/* Only of the newest can more be to come. */
static bool is_unfinished(const struct series *s, const struct archive_file *f, const struct text *t)
{
	return t->rc != GZIP_TOO_LARGE && f == &s->from->files[s->from->n - 1] &&
	       file_is_unfinished(f->path, t->rc, (struct str){t->buf.p, t->rc < 0 ? 0 : t->buf.n});
}

/* The next --index begins with the file that the host has come to. */
static void rest(struct index *x, struct series *s, const struct archive_file *f, const struct text *t)
{
	if (is_unread(t))
		say(x, "%s: %s rests here, and the next --index goes on from it", t->err.text, s->from->name);
	else
		say(x, "%s: is not whole, and was written to a moment ago: left for the next --index", f->path);
	for (size_t i = s->recorded; i < s->inflated; i++)
		s->ahead[i % AHEAD]->taken = !s->ahead[i % AHEAD]->ready; /* else who reads it gives it back */
	x->t->left += s->n - s->recorded;
	s->rests = true;
	s->n = s->inflated = s->recorded;
}

static void record(struct index *x, struct series *s)
{
	const struct archive_file *f = &s->from->files[s->todo[s->recorded]];
	struct text *t = s->ahead[s->recorded % AHEAD];
	struct scraped scraped = {.time = f->time};
	struct outcome got;
	struct buf why = {0};
	struct err e;
	bool left, gone;
	int rc = 0;

	s->busy = true;
	wake_another(x);
	pthread_mutex_unlock(&x->lock);
	gone = is_unread(t) && is_gone(f->path);
	left = !gone && !x->o->passing && (is_unread(t) || is_unfinished(s, f, t));
	if (!left && !gone) {
		judge(x, t, &why, &scraped);
		rc = recorder_add(x->r, s->host, &scraped, &got, &e);
	}
	pthread_mutex_lock(&x->lock);
	s->busy = false;
	if (left) {
		rest(x, s, f, t);
		return;
	}
	s->recorded++;
	t->taken = false;
	x->t->gone += gone;
	if (gone)
		return;
	if (t->rc == GZIP_TOO_LARGE)
		say(x, "%s: %s; recorded as a failed scrape", f->path, why.p);
	else if (t->rc)
		say(x, "%s: %s", s->from->name, t->err.text);
	if (rc < 0 && !x->failed) {
		*x->e = e;
		x->failed = true;
	} else if (rc == 0) {
		count(x, f, &scraped, &got);
	}
	buf_release(&why);
}

static bool finished(const struct index *x)
{
	for (size_t i = 0; i < x->archive.n; i++)
		if (x->series[i].recorded < x->series[i].n)
			return false;
	return true;
}

static void wait_for_more(struct index *x)
{
	x->idle++;
	pthread_cond_wait(&x->changed, &x->lock);
	x->idle--;
}

static void *work(void *arg)
{
	struct index *x = arg;

	pthread_mutex_lock(&x->lock);
	while (!stopped(x) && !finished(x)) {
		struct series *s = to_record(x);
		struct text *t;

		if (s)
			record(x, s);
		else if ((t = free_text(x)) && (s = to_inflate(x)))
			inflate(x, s, t);
		else
			wait_for_more(x);
	}
	pthread_cond_broadcast(&x->changed);
	pthread_mutex_unlock(&x->lock);
	return NULL;
}

/* Snapshots of a host are in order of time: what comes behind later ones is taken by a new store alone. */
static void say_late(struct index *x, const struct series *s, const struct archive_file *first, size_t n)
{
	if (n == 1)
		say(x, "%s: is older than what the store has of %s: left out; a new store takes all, in order", first->path, s->from->name);
	else if (n)
		say(x, "%s: this and %zu more are older than what the store has of %s: left out; a new store takes all, in order", first->path, n - 1,
		    s->from->name);
	x->t->late += n;
}

/* What of a host's files is new. */
static int plan(struct index *x, struct series *s)
{
	struct pool p = {0};
	struct times known = {0};
	const struct archive_file *first_late = NULL;
	size_t late = 0;
	int64_t last;
	int rc = recorder_host(x->r, s->from->name, NULL, &s->host, x->e);

	if (rc < 0)
		return -1;
	last = recorder_last_time(x->r, s->host);
	if (last != NO_TIME && s->from->files[0].time <= last)
		rc = recorder_times(x->r, s->host, &p, &known, x->e);
	s->todo = xcalloc(s->from->n + 1, sizeof *s->todo);
	for (size_t i = 0; i < s->from->n; i++) {
		int64_t time = s->from->files[i].time;

		if (i && time == s->from->files[i - 1].time) /* a copy, from another folder */
			x->t->known++;
		else if (last == NO_TIME || time > last)
			s->todo[s->n++] = i;
		else if (times_have(&known, time))
			x->t->known++;
		else if (!late++)
			first_late = &s->from->files[i];
	}
	say_late(x, s, first_late, late);
	pool_release(&p);
	return rc;
}

/* More threads than processors help where files are slow to come; more than so many for each are in each other's way. */
#define EACH 4

static int threads(int asked)
{
	cpu_set_t ours;
	int n = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : 1;

	if (asked > 0)
		return asked > n * EACH ? n * EACH : asked;
	return n > 4 ? 4 : n;
}

static void run(struct index *x, int jobs)
{
	pthread_t *threads = xcalloc((size_t)jobs, sizeof *threads);
	int n = 1;

	x->n_texts = (size_t)jobs + 1;
	x->texts = xcalloc(x->n_texts, sizeof *x->texts);
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->changed, NULL);
	while (n < jobs && pthread_create(&threads[n], NULL, work, x) == 0)
		n++;
	work(x);
	while (--n > 0)
		pthread_join(threads[n], NULL);
	pthread_mutex_destroy(&x->lock);
	pthread_cond_destroy(&x->changed);
	for (size_t i = 0; i < x->n_texts; i++)
		buf_release(&x->texts[i].buf);
	free(x->texts);
	free(threads);
}

static int index_archive(struct index *x)
{
	int rc = 0;

	x->series = xcalloc(x->archive.n + 1, sizeof *x->series);
	x->t->hosts = x->archive.n;
	x->t->ignored = x->archive.ignored;
	for (size_t i = 0; i < x->archive.n_troubles; i++)
		say(x, "%s", x->archive.troubles[i]);
	for (size_t i = 0; i < x->archive.n && !rc; i++) {
		x->series[i].from = &x->archive.hosts[i];
		x->t->files += x->archive.hosts[i].n;
		if (x->archive.hosts[i].n)
			rc = plan(x, &x->series[i]);
	}
	if (!rc)
		run(x, threads(x->o->jobs));
	for (size_t i = 0; i < x->archive.n; i++)
		free(x->series[i].todo);
	free(x->series);
	return rc || x->failed ? -1 : 0;
}

int index_run(const struct index_options *o, struct index_totals *t, struct err *e)
{
	struct index x = {.o = o, .t = t, .e = e, .max_body = o->max_body ? o->max_body : FETCH_MAX_BODY};
	struct err closing;
	int rc;

	*t = (struct index_totals){0};
	if (archive_list_all(&x.archive, o->paths, o->n_paths, o->zone, e) < 0)
		return -1;
	rc = recorder_open(&x.r, o->db, e);
	if (!rc) {
		recorder_ends_at_failure(x.r);
		rc = index_archive(&x);
		if (recorder_close(x.r, &closing) && !rc) { /* also what is safe here, but not where it was to go */
			*e = closing;
			rc = -1;
		}
	}
	if (o->progress && !rc)
		o->progress(o->ctx, t, x.done);
	archive_release(&x.archive);
	return rc;
}
