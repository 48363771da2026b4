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

static bool same(const struct target *a, const struct target *b)
{
	return strcmp(a->host, b->host) == 0 && strcmp(a->url, b->url) == 0 &&
	       strcmp(a->labels, b->labels) == 0 &&
	       strcmp(a->user ? a->user : "", b->user ? b->user : "") == 0 && a->interval == b->interval &&
	       a->timeout == b->timeout;
}

static struct watched *find(const struct target_list *r, const struct target *t)
{
	for (size_t i = 0; i < r->n; i++) {
		if (!r->w[i]->gone && same(&r->w[i]->t, t))
			return r->w[i];
	}
	return NULL;
}

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
}

/* Every watched target that the set does not have is gone, every new one of the set is watched. */
static void replace(struct target_list *r, struct target_set *set, const struct scrape_options *o)
{
	size_t old = r->n, new_ones = set->n;
	bool *keep = xcalloc(old, sizeof *keep);

	for (size_t i = 0; i < set->n; i++) {
		struct watched *w = find(r, &set->t[i]);

		for (size_t k = 0; w && k < old; k++)
			keep[k] |= r->w[k] == w;
		new_ones -= w != NULL;
	}
	for (size_t k = 0; k < old; k++)
		r->w[k]->gone |= !keep[k];
	for (size_t i = 0; i < set->n; i++) {
		if (!find(r, &set->t[i]))
			watch(r, &set->t[i], o, new_ones);
	}
	free(keep);
}

int target_list_load(struct target_list *r, const struct scrape_options *o, struct buf *notes, struct err *e)
{
	struct target_set set = {0};
	int rc;

	if (o->targets_file && stat(o->targets_file, &r->file) < 0)
		r->file = (struct stat){0}; /* reading it will say why */
	rc = read_sources(&set, o, e);
	if (rc == 0)
		replace(r, &set, o);
	if (rc == 0 && set.notes.n)
		buf_add(notes, set.notes.p, set.notes.n);
	targets_release(&set);
	return rc;
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
	target_release(&w->t);
	free(w);
}

void target_list_sweep(struct target_list *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->w[i]->gone && !r->w[i]->when.busy && !r->w[i]->storing)
			watched_free(r->w[i]);
		else
			r->w[kept++] = r->w[i];
	}
	r->n = kept;
}

void target_list_release(struct target_list *r)
{
	for (size_t i = 0; i < r->n; i++)
		watched_free(r->w[i]);
	free(r->w);
	*r = (struct target_list){0};
}
