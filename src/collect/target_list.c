/* SPDX-License-Identifier: MIT */
#include "collect/target_list.h"
#include <stdlib.h>

#define ONCE_SPREAD_MS 1000 /* --once does not wait for an interval */

static int read_sources(struct target_set *set, const struct scrape_options *o, struct err *e)
{
	for (size_t i = 0; i < o->n_targets; i++) {
		if (targets_add(set, o->targets[i], e) < 0)
			return -1;
	}
	if (o->targets_list && targets_add_list(set, o->targets_list, e) < 0)
		return -1;
	return o->targets_file ? targets_add_file(set, o->targets_file, e) : 0;
}

static uint64_t key_of(const struct target *t)
{
	return hash64(t->host, strlen(t->host));
}

/* The watched targets that are not gone, by host. */
static struct hash index_of(const struct target_list *r)
{
	struct hash h = {0};

	for (size_t i = 0; i < r->n; i++) {
		if (!r->w[i]->gone)
			hash_put(&h, key_of(&r->w[i]->t), (uint32_t)i);
	}
	return h;
}

/* --- who is due --- */

static void swap(struct watched **a, struct watched **b)
{
	struct watched *w = *a;

	*a = *b;
	*b = w;
}

void target_list_wait(struct target_list *r, struct watched *w)
{
	size_t i = r->n_due;

	GROW(r->due, r->n_due, r->cap_due);
	r->due[r->n_due++] = w;
	for (; i > 0 && r->due[i]->when.due < r->due[(i - 1) / 2]->when.due; i = (i - 1) / 2)
		swap(&r->due[i], &r->due[(i - 1) / 2]);
}

struct watched *target_list_first(const struct target_list *r)
{
	return r->n_due ? r->due[0] : NULL;
}

void target_list_take_first(struct target_list *r)
{
	size_t i = 0, child;

	r->due[0] = r->due[--r->n_due];
	while ((child = 2 * i + 1) < r->n_due) {
		child += child + 1 < r->n_due && r->due[child + 1]->when.due < r->due[child]->when.due;
		if (r->due[i]->when.due <= r->due[child]->when.due)
			return;
		swap(&r->due[i], &r->due[child]);
		i = child;
	}
}

void target_list_hold_first(struct target_list *r)
{
	GROW(r->held, r->n_held, r->cap_held);
	r->held[r->n_held++] = r->due[0];
	target_list_take_first(r);
}

void target_list_unhold(struct target_list *r)
{
	while (r->n_held)
		target_list_wait(r, r->held[--r->n_held]);
}

bool target_list_round_is_over(struct target_list *r)
{
	while (r->over < r->n && (r->w[r->over]->st.scrapes || r->w[r->over]->gone))
		r->over++;
	return r->over == r->n;
}

/* --- who is watched --- */

/* Takes the target over. */
static void watch(struct target_list *r, struct target *t, const struct scrape_options *o, size_t new_ones)
{
	struct watched *w = xcalloc(1, sizeof *w);
	int64_t interval = o->once ? ONCE_SPREAD_MS : t->interval ? t->interval : o->interval;

	w->t = *t;
	*t = (struct target){0};
	w->st.last = NO_TIME;
	schedule_init(&w->when, monotonic_ms(), interval, r->ever++, new_ones,
	              hash64(w->t.host, strlen(w->t.host)));
	GROW(r->w, r->n, r->cap);
	r->w[r->n++] = w;
	target_list_wait(r, w);
}

static void relabel(struct watched *w, struct target *t)
{
	if (strcmp(w->labels ? w->labels : w->t.labels, t->labels) == 0)
		return;
	free(w->labels);
	w->labels = t->labels;
	t->labels = NULL;
}

/* Every watched target that the set does not have is gone, every new one of the set is watched. */
static void replace(struct target_list *r, struct target_set *set, const struct scrape_options *o)
{
	struct hash by_host = index_of(r);
	size_t old = r->n, new_ones = set->n;
	bool *keep = xcalloc(old + 1, sizeof *keep), *known = xcalloc(set->n + 1, sizeof *known);

	for (size_t i = 0; i < set->n; i++) {
		struct target *t = &set->t[i];
		uint32_t at;

		HASH_FIND(&by_host, key_of(t), at, strcmp(r->w[at]->t.host, t->host) == 0);
		if (at == HASH_NONE || !target_same(&r->w[at]->t, t))
			continue;
		relabel(r->w[at], t);
		keep[at] = known[i] = true;
		new_ones--;
	}
	for (size_t k = 0; k < old; k++) {
		r->w[k]->gone |= !keep[k];
		r->unswept |= r->w[k]->gone || r->w[k]->labels;
	}
	for (size_t i = 0; i < set->n; i++) {
		if (!known[i])
			watch(r, &set->t[i], o, new_ones);
	}
	free(keep);
	free(known);
	hash_release(&by_host);
}

/* What was merged and what this shard leaves to others, in sentences. */
static void add_notes(const struct target_list *r, const struct target_set *set, const struct scrape_options *o, struct buf *notes)
{
	size_t told = 0;

	buf_add(notes, set->notes.p, set->notes.n);
	for (size_t i = 0; i < set->notes.n; i++)
		told += set->notes.p[i] == '\n';
	if (set->merged > told)
		buf_addf(notes, "and %zu more that are named more than once\n", set->merged - told);
	if (o->shard && !set->n && r->all)
		buf_addf(notes, "none of %zu target%s is of shard %s\n", r->all, r->all == 1 ? "" : "s", o->shard);
}

int target_list_read(struct target_list *r, const struct scrape_options *o, struct discovery *d, struct target_set *set, struct err *e)
{
	if (o->targets_file && stat(o->targets_file, &r->file) < 0)
		r->file = (struct stat){0}; /* reading it will say why */
	if (read_sources(set, o, e) < 0)
		return -1;
	discovery_add(d, set);
	return 0;
}

int target_list_take(struct target_list *r, const struct scrape_options *o, struct target_set *set, struct buf *notes, struct err *e)
{
	struct shard shard = {0};

	if (o->shard && shard_parse(o->shard, &shard, e) < 0)
		return -1;
	r->all = set->n;
	targets_keep(set, &shard);
	add_notes(r, set, o, notes);
	replace(r, set, o);
	return 0;
}

bool target_list_file_changed(const struct target_list *r, const struct scrape_options *o)
{
	struct stat st;

	if (!o->targets_file || stat(o->targets_file, &st) < 0)
		return false; /* while it is being replaced it may not be there */
	return st.st_ino != r->file.st_ino || st.st_size != r->file.st_size ||
	       st.st_mtim.tv_sec != r->file.st_mtim.tv_sec || st.st_mtim.tv_nsec != r->file.st_mtim.tv_nsec;
}

size_t target_list_size(const struct target_list *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += !r->w[i]->gone;
	return n;
}

static void watched_free(struct watched *w)
{
	free(w->labels);
	target_release(&w->t);
	free(w);
}

static void take_labels(struct watched *w)
{
	free(w->t.labels);
	w->t.labels = w->labels;
	w->labels = NULL;
	w->known.life = 0; /* the store hears of them with the next scrape */
}

void target_list_sweep(struct target_list *r)
{
	size_t n = r->n;

	if (!r->unswept)
		return;
	r->n = r->n_due = r->n_held = r->over = 0;
	r->unswept = false;
	for (size_t i = 0; i < n; i++) {
		struct watched *w = r->w[i];
		bool idle = !w->when.busy && !w->storing;

		if (w->gone && idle) {
			watched_free(w);
			continue;
		}
		if (w->labels && idle)
			take_labels(w);
		r->unswept |= w->gone || w->labels;
		r->w[r->n++] = w;
		if (idle)
			target_list_wait(r, w);
	}
}

void target_list_release(struct target_list *r)
{
	for (size_t i = 0; i < r->n; i++)
		watched_free(r->w[i]);
	free(r->w);
	free(r->due);
	free(r->held);
	*r = (struct target_list){0};
}
