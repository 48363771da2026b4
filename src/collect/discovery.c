/* SPDX-License-Identifier: MIT */
#include "collect/discovery.h"
#include "collect/source.h"
#include <gscrape/text.h>
#include <gscrape/timefmt.h>
#include <gscrape/workers.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BACKOFF_MIN 1000 /* ms after the first failure, doubled with each */
#define BACKOFF_MAX 60000
#define KEPT_FOR 1       /* answers that leave a target out before it goes */
#define QUIET_FOR 10     /* answers, before it is told again that some are missing */

static const struct source_ops *const kinds[] = {&source_url, &source_dns, &source_kube};

#define KINDS (sizeof kinds / sizeof *kinds)

struct source {
	const struct source_ops *ops;
	void *self;
	struct discovery *d;
	pthread_t thread;
	bool runs;
	struct target_set set; /* under d's lock */
	unsigned quiet;        /* answers until missing ones are told of */
	unsigned failures;     /* in a row */
	bool hurry;            /* under d's lock */
	bool told_shared;
};

struct sentence {
	struct sentence *next;
	bool bad;
	char *text;
};

struct discovery {
	struct source sources[KINDS];
	size_t n;
	int64_t refresh;
	const char *name_label;
	void (*wake)(void *ctx);
	void *ctx;

	pthread_mutex_t lock; /* guards what follows, and the sources' sets */
	pthread_cond_t change;
	bool stop, changed;
	struct sentence *first, **last;
};

static void wake(struct discovery *d)
{
	if (d->wake)
		d->wake(d->ctx);
}

static void put_sentence(struct discovery *d, bool bad, const char *text)
{
	struct sentence *s = xcalloc(1, sizeof *s);
	struct buf b = {0};

	buf_add_visible(&b, text, strlen(text));
	*s = (struct sentence){.bad = bad, .text = b.p};
	pthread_mutex_lock(&d->lock);
	*d->last = s;
	d->last = &s->next;
	pthread_mutex_unlock(&d->lock);
	wake(d);
}

void source_say(struct source *s, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		die("out of memory");
	va_end(ap);
	put_sentence(s->d, false, text);
	free(text);
}

char *discovery_sentence(struct discovery *d, bool *bad)
{
	struct sentence *s;
	char *text = NULL;

	if (!d)
		return NULL;
	pthread_mutex_lock(&d->lock);
	s = d->first;
	if (s) {
		d->first = s->next;
		if (!d->first)
			d->last = &d->first;
		*bad = s->bad;
		text = s->text;
		free(s);
	}
	pthread_mutex_unlock(&d->lock);
	return text;
}

/* --- what was found --- */

static struct target *find(const struct target_set *set, const char *host)
{
	uint32_t at;

	HASH_FIND(&set->by_host, hash64(host, strlen(host)), at, strcmp(set->t[at].host, host) == 0);
	return at == HASH_NONE ? NULL : &set->t[at];
}

/* Those that the new answer leaves out go over into it, if they were not left out for too long; returns how many are left out for the
 * first time. */
static size_t keep_missing(struct target_set *old, struct target_set *now)
{
	size_t fresh = 0, named = now->n;

	for (size_t i = 0; i < old->n && named + fresh < SOURCE_MAX_TARGETS; i++) {
		struct target *t = &old->t[i], kept;

		if (t->missing >= KEPT_FOR || find(now, t->host))
			continue;
		kept = target_copy(t);
		fresh += kept.missing++ == 0;
		targets_insert(now, &kept);
	}
	return fresh;
}

static bool equal(const struct target_set *a, const struct target_set *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct target *o = find(b, a->t[i].host);

		if (!o || !target_same(&a->t[i], o) || strcmp(a->t[i].labels, o->labels) != 0)
			return false;
	}
	return true;
}

static void tell_missing(struct source *s, size_t missing)
{
	s->quiet -= s->quiet > 0;
	if (!missing || s->quiet)
		return;
	s->quiet = QUIET_FOR;
	source_say(s, "%zu target%s missing from what was found now: kept, unless the next answer leaves %s out, too", missing, missing == 1 ? " is" : "s are",
		   missing == 1 ? "it" : "them");
}

static void tell_shared(struct source *s, size_t shared)
{
	if (shared && !s->told_shared)
		source_say(s, "%zu targets share their value of label %s: they keep their own names", shared, s->d->name_label);
	s->told_shared = shared;
}

int source_found(struct source *s, struct target_set *set, struct err *e)
{
	struct discovery *d = s->d;
	struct target_set old;
	bool changed;

	if (set->n > SOURCE_MAX_TARGETS)
		return fail(e, "names %zu targets, more than %d", set->n, SOURCE_MAX_TARGETS);
	if (d->name_label)
		tell_shared(s, targets_rename(set, d->name_label));
	if (!s->ops->watches)
		tell_missing(s, keep_missing(&s->set, set)); /* this thread alone writes it */
	changed = !equal(&s->set, set);
	pthread_mutex_lock(&d->lock);
	old = s->set;
	s->set = *set;
	d->changed |= changed;
	pthread_mutex_unlock(&d->lock);
	*set = (struct target_set){0};
	targets_release(&old);
	if (changed)
		wake(d);
	return 0;
}

bool discovery_changed(struct discovery *d)
{
	bool changed;

	if (!d)
		return false;
	pthread_mutex_lock(&d->lock);
	changed = d->changed;
	pthread_mutex_unlock(&d->lock);
	return changed;
}

void discovery_add(struct discovery *d, struct target_set *set)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->n; i++) {
		const struct target_set *from = &d->sources[i].set;

		for (size_t k = 0; k < from->n; k++) {
			struct target t = target_copy(&from->t[k]);

			t.missing = 0;
			targets_insert(set, &t);
		}
		set->merged += from->merged;
		buf_add(&set->notes, from->notes.p, from->notes.n);
	}
	d->changed = false;
	pthread_mutex_unlock(&d->lock);
}

/* --- the threads --- */

/* A little more or less, so that recorders that lost the same server do not come back as one. */
static int64_t back_off(struct source *s)
{
	int64_t ms = BACKOFF_MIN, seed = monotonic_ms();

	for (unsigned i = 1; i < s->failures && ms < BACKOFF_MAX; i++)
		ms *= 2;
	ms = ms < BACKOFF_MAX ? ms : BACKOFF_MAX;
	return ms * 3 / 4 + (int64_t)(hash64(&seed, sizeof seed) % (uint64_t)(ms / 2));
}

static void told_failure(struct source *s, const struct err *why)
{
	char *text;

	if (s->failures++)
		return;
	text = xasprintf("%s; the targets stay as they were", why->text);
	put_sentence(s->d, true, text);
	free(text);
}

/* False: it is over. */
static bool rest(struct source *s, int64_t ms)
{
	struct discovery *d = s->d;
	int64_t until = monotonic_ms() + ms;
	struct timespec t = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
	bool stop;

	pthread_mutex_lock(&d->lock);
	while (!d->stop && !s->hurry && monotonic_ms() < until)
		pthread_cond_timedwait(&d->change, &d->lock, &t);
	s->hurry = false;
	stop = d->stop;
	pthread_mutex_unlock(&d->lock);
	return !stop;
}

static void *run(void *ctx)
{
	struct source *s = ctx;
	int64_t wait = s->ops->watches ? 0 : s->d->refresh;

	while (rest(s, wait)) {
		int64_t began = monotonic_ms();
		struct err why = {0};

		if (s->ops->ask(s->self, s, true, &why) < 0) {
			told_failure(s, &why);
			wait = back_off(s);
			continue;
		}
		if (s->failures)
			source_say(s, "answers again, after %u tries", s->failures);
		s->failures = 0;
		wait = !s->ops->watches ? s->d->refresh : monotonic_ms() - began < BACKOFF_MIN ? BACKOFF_MIN : 0;
	}
	return NULL;
}

int discovery_open(struct discovery **out, const struct scrape_options *o, struct err *e)
{
	struct discovery *d = xcalloc(1, sizeof *d);
	int rc = 0;

	*out = NULL;
	d->refresh = o->refresh;
	d->name_label = o->name_label;
	d->last = &d->first;
	pthread_mutex_init(&d->lock, NULL);
	cond_init_steady(&d->change);
	for (size_t i = 0; rc == 0 && i < KINDS; i++) {
		struct source *s = &d->sources[d->n];

		*s = (struct source){.ops = kinds[i], .d = d};
		rc = s->ops->open(&s->self, o, e);
		d->n += s->self != NULL;
	}
	for (size_t i = 0; rc == 0 && i < d->n; i++)
		rc = d->sources[i].ops->ask(d->sources[i].self, &d->sources[i], false, e);
	if (rc == 0 && d->name_label && !d->n)
		rc = fail_as(e, ERR_USAGE, "--name-label is of targets that are found: --targets-url, --targets-dns, --kubernetes");
	if (rc < 0 || !d->n) {
		discovery_close(d);
		return rc;
	}
	*out = d;
	return 0;
}

int discovery_start(struct discovery *d, void (*wake_fn)(void *ctx), void *ctx, struct err *e)
{
	int rc = 0;

	if (!d)
		return 0;
	d->wake = wake_fn;
	d->ctx = ctx;
	for (size_t i = 0; rc == 0 && i < d->n; i++) {
		rc = thread_start(&d->sources[i].thread, run, &d->sources[i], e);
		d->sources[i].runs = rc == 0;
	}
	return rc;
}

void discovery_hurry(struct discovery *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->n; i++)
		d->sources[i].hurry = true;
	pthread_cond_broadcast(&d->change);
	pthread_mutex_unlock(&d->lock);
}

static void end_threads(struct discovery *d)
{
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_broadcast(&d->change);
	pthread_mutex_unlock(&d->lock);
	for (size_t i = 0; i < d->n; i++) {
		d->sources[i].ops->stop(d->sources[i].self);
		if (d->sources[i].runs)
			pthread_join(d->sources[i].thread, NULL);
	}
}

void discovery_close(struct discovery *d)
{
	char *text;
	bool bad;

	if (!d)
		return;
	end_threads(d);
	for (size_t i = 0; i < d->n; i++) {
		d->sources[i].ops->close(d->sources[i].self);
		targets_release(&d->sources[i].set);
	}
	while ((text = discovery_sentence(d, &bad)))
		free(text);
	pthread_cond_destroy(&d->change);
	pthread_mutex_destroy(&d->lock);
	free(d);
}
