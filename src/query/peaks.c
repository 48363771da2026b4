/* SPDX-License-Identifier: MIT */
#include "peaks.h"
#include <stdlib.h>

struct change {
	uint32_t seq, counter;
	int32_t by;
};

void peaks_begin(struct peaks *k, const struct range *r, const struct window *w, struct pool *p)
{
	*k = (struct peaks){.r = r, .p = p, .from = w->from, .to = w->to, .cols = w->cols, .done = r->before, .column = -1};
}

uint32_t peaks_counter(struct peaks *k)
{
	GROW(k->c, k->n, k->cap);
	k->c[k->n] = (struct counter){.alive = pool_alloc(k->p, (k->cols + 1) * sizeof *k->c->alive),
				      .last = pool_alloc(k->p, (k->cols + 1) * sizeof *k->c->last)};
	return (uint32_t)k->n++;
}

void peaks_change(struct peaks *k, uint32_t seq, uint32_t counter, int32_t by)
{
	GROW(k->changes, k->n_changes, k->cap_changes);
	k->changes[k->n_changes++] = (struct change){seq < k->r->before ? k->r->before : seq, counter, by};
}

/* The column of the snapshot before is over. */
static void peaks_close(struct peaks *k)
{
	for (size_t i = 0; i < k->n && k->column >= 0; i++)
		k->c[i].last[k->column] = k->c[i].now;
}

/* Columns that no snapshot falls in have what was before. */
static void peaks_fill(struct peaks *k, int32_t upto)
{
	for (size_t i = 0; i < k->n; i++)
		for (int32_t c = k->column + 1; c < upto; c++)
			k->c[i].alive[c] = k->c[i].last[c] = k->c[i].now;
	if (upto - 1 > k->column)
		k->column = upto - 1;
}

static int32_t peaks_column(const struct peaks *k, uint32_t seq)
{
	int32_t c = (int32_t)time_column(range_time(k->r, seq), k->from, k->to, k->cols);

	return c < (int32_t)k->cols ? c : (int32_t)k->cols - 1;
}

static void peaks_snapshot(struct peaks *k, uint32_t seq, const struct change *c, size_t n)
{
	int32_t column = peaks_column(k, seq);
	bool fresh = column > k->column;

	if (fresh)
		peaks_close(k);
	if (fresh && seq > k->r->before)
		peaks_fill(k, column);
	for (size_t i = 0; i < n; i++)
		k->c[c[i].counter].now += (uint32_t)c[i].by;
	if (fresh) {
		for (size_t i = 0; i < k->n; i++)
			k->c[i].alive[column] = k->c[i].now;
		k->column = column;
	}
	for (size_t i = 0; i < n && column >= 0; i++) {
		struct counter *one = &k->c[c[i].counter];

		if (one->now > one->alive[column])
			one->alive[column] = one->now;
	}
}

/* Changes before `mark` in the order of their snapshots: those of snapshot done + i begin at at[i]. The others stay. */
static struct change *peaks_sort(struct peaks *k, uint32_t mark, size_t *at)
{
	struct change *sorted = xcalloc(k->n_changes + 1, sizeof *sorted);
	size_t n = mark - k->done, rest = 0;

	for (size_t i = 0; i < k->n_changes; i++)
		if (k->changes[i].seq < mark)
			at[k->changes[i].seq - k->done + 1]++;
	for (size_t i = 1; i <= n; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < k->n_changes; i++) {
		if (k->changes[i].seq < mark)
			sorted[at[k->changes[i].seq - k->done]++] = k->changes[i];
		else
			k->changes[rest++] = k->changes[i];
	}
	k->n_changes = rest;
	for (size_t i = n; i > 0; i--) /* each has moved on to the next one's begin */
		at[i] = at[i - 1];
	at[0] = 0;
	return sorted;
}

void peaks_upto(struct peaks *k, uint32_t mark)
{
	struct change *sorted;
	size_t *at;

	if (mark <= k->done)
		return;
	at = xcalloc((size_t)(mark - k->done) + 2, sizeof *at);
	sorted = peaks_sort(k, mark, at);
	for (uint32_t seq = k->done; seq < mark; seq++)
		peaks_snapshot(k, seq, sorted + at[seq - k->done], at[seq - k->done + 1] - at[seq - k->done]);
	k->done = mark;
	free(sorted);
	free(at);
}

void peaks_end(struct peaks *k)
{
	peaks_upto(k, k->r->to + 1);
	peaks_close(k);
	if (k->r->to < k->r->last) /* up to the edge, since more lies beyond */
		peaks_fill(k, (int32_t)k->cols);
}

void peaks_release(struct peaks *k)
{
	free(k->c);
	free(k->changes);
	*k = (struct peaks){0};
}
