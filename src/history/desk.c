/* SPDX-License-Identifier: MIT */
#include "desk.h"
#include <gscrape/err.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct job {
	struct job *next;
	int (*fn)(void *ctx);
	void *ctx;
	int rc;
	bool done;
};

struct desk {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t asked, done;
	struct job *first, **last;
	bool stop;
};

static void *work(void *arg)
{
	struct desk *d = arg;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		struct job *j = d->first;

		if (!j && d->stop)
			break;
		if (!j) {
			pthread_cond_wait(&d->asked, &d->lock);
			continue;
		}
		d->first = j->next;
		if (!d->first)
			d->last = &d->first;
		pthread_mutex_unlock(&d->lock);
		j->rc = j->fn(j->ctx);
		pthread_mutex_lock(&d->lock);
		j->done = true;
		pthread_cond_broadcast(&d->done);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

struct desk *desk_new(void)
{
	struct desk *d = xcalloc(1, sizeof *d);
	sigset_t all, was;

	d->last = &d->first;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->asked, NULL);
	pthread_cond_init(&d->done, NULL);
	sigfillset(&all); /* signals are for the threads of the face */
	pthread_sigmask(SIG_SETMASK, &all, &was);
	if (pthread_create(&d->thread, NULL, work, d))
		die("cannot start a thread");
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return d;
}

void desk_free(struct desk *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_signal(&d->asked);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->asked);
	pthread_cond_destroy(&d->done);
	free(d);
}

int desk_do(struct desk *d, int (*fn)(void *ctx), void *ctx)
{
	struct job j = {.fn = fn, .ctx = ctx};

	pthread_mutex_lock(&d->lock);
	*d->last = &j; /* it lives until it is done, which is waited for below */
	d->last = &j.next; /* cppcheck-suppress autoVariables */
	pthread_cond_signal(&d->asked);
	while (!j.done)
		pthread_cond_wait(&d->done, &d->lock);
	pthread_mutex_unlock(&d->lock);
	return j.rc;
}
