/* SPDX-License-Identifier: MIT */
#include <gscrape/timefmt.h>
#include <gscrape/workers.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct work {
	struct work *next;
	void (*fn)(void *ctx);
	void *ctx;
};

struct workers {
	pthread_t *threads;
	size_t n_threads;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t more;  /* something waits, or it is over */
	struct work *first, **last;
	size_t n;
	bool stop;

	int64_t (*between)(void *ctx); /* NULL: nothing is to be done between */
	void *ctx;
	int64_t due; /* monotonic ms: when it wants to be called */
};

/* A thread's own, that nobody else can handle. */
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

void cond_init_steady(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

int thread_start(pthread_t *t, void *(*fn)(void *ctx), void *ctx, struct err *e)
{
	sigset_t all, was;
	int rc;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	rc = pthread_create(t, NULL, fn, ctx);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return rc ? fail_as(e, ERR_IO, "no thread can be started: %s", strerror(rc)) : 0;
}

/* With the lock held, which is given up meanwhile. */
static void call_between(struct workers *w)
{
	int64_t ms;

	w->due = INT64_MAX;
	pthread_mutex_unlock(&w->lock);
	ms = w->between(w->ctx);
	pthread_mutex_lock(&w->lock);
	if (w->due == INT64_MAX) /* nobody woke it meanwhile */
		w->due = monotonic_ms() + ms;
}

static void rest(struct workers *w)
{
	struct timespec ts = {.tv_sec = w->due / 1000, .tv_nsec = w->due % 1000 * 1000000};

	if (!w->between)
		pthread_cond_wait(&w->more, &w->lock);
	else if (monotonic_ms() >= w->due)
		call_between(w);
	else
		pthread_cond_timedwait(&w->more, &w->lock, &ts);
}

static struct work *next_work(struct workers *w)
{
	struct work *job;

	while (!w->first && !w->stop)
		rest(w);
	job = w->first;
	if (!job)
		return NULL;
	w->first = job->next;
	if (!w->first)
		w->last = &w->first;
	w->n--;
	return job;
}

static void *run(void *ctx)
{
	struct workers *w = ctx;
	struct work *job;

	pthread_mutex_lock(&w->lock);
	while ((job = next_work(w))) {
		pthread_mutex_unlock(&w->lock);
		job->fn(job->ctx);
		free(job);
		pthread_mutex_lock(&w->lock);
		if (w->between)
			call_between(w);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Takes what `how` has of the caller's. */
static int begin(struct workers **out, size_t threads, const struct workers *how, struct err *e)
{
	struct workers *w = xcalloc(1, sizeof *w);

	*w = *how;
	w->threads = xcalloc(threads, sizeof *w->threads);
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	cond_init_steady(&w->more);
	for (; w->n_threads < threads; w->n_threads++) {
		if (thread_start(&w->threads[w->n_threads], run, w, e) < 0) {
			workers_close(w);
			return -1;
		}
	}
	*out = w;
	return 0;
}

int workers_open(struct workers **out, size_t threads, struct err *e)
{
	return begin(out, threads, &(struct workers){0}, e);
}

int workers_open_between(struct workers **out, int64_t (*between)(void *ctx), void *ctx, struct err *e)
{
	return begin(out, 1, &(struct workers){.between = between, .ctx = ctx}, e);
}

void workers_wake(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->due = 0;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

void workers_put(struct workers *w, void (*fn)(void *ctx), void *ctx)
{
	struct work *job = xmalloc(sizeof *job);

	*job = (struct work){.fn = fn, .ctx = ctx};
	pthread_mutex_lock(&w->lock);
	*w->last = job;
	w->last = &job->next;
	w->n++;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

size_t workers_waiting(struct workers *w)
{
	size_t n;

	pthread_mutex_lock(&w->lock);
	n = w->n;
	pthread_mutex_unlock(&w->lock);
	return n;
}

/* Somebody waits for the end of it. */
struct errand {
	int (*fn)(void *ctx);
	void *ctx;
	int rc;
	bool done;
	pthread_mutex_t lock;
	pthread_cond_t end;
};

static void run_errand(void *ctx)
{
	struct errand *x = ctx;
	int rc = x->fn(x->ctx);

	pthread_mutex_lock(&x->lock);
	x->rc = rc;
	x->done = true;
	pthread_cond_signal(&x->end);
	pthread_mutex_unlock(&x->lock);
}

int workers_do(struct workers *w, int (*fn)(void *ctx), void *ctx)
{
	struct errand x = {.fn = fn, .ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER, .end = PTHREAD_COND_INITIALIZER};

	workers_put(w, run_errand, &x);
	pthread_mutex_lock(&x.lock);
	while (!x.done)
		pthread_cond_wait(&x.end, &x.lock);
	pthread_mutex_unlock(&x.lock);
	pthread_mutex_destroy(&x.lock);
	pthread_cond_destroy(&x.end);
	return x.rc;
}

void workers_close(struct workers *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < w->n_threads; i++)
		pthread_join(w->threads[i], NULL);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->more);
	free(w->threads);
	free(w);
}
