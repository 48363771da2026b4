/* SPDX-License-Identifier: MIT */
/*
 * The trails are walked by those who count (activity.c, use.c); here is the order of time. window.c tells spans instead of
 * numbers, stays.c keeps the spans of a whole process.
 */
#include "sweep.h"
#include <stdlib.h>

struct change {
	uint32_t seq, counter;
	int32_t by;
};

uint32_t sweep_counter(struct sweep *s)
{
	GROW(s->c, s->n, s->cap);
	s->c[s->n] = (struct counter){.alive = pool_alloc(s->p, s->cols * sizeof *s->c->alive)};
	return (uint32_t)s->n++;
}

void sweep_change(struct sweep *s, uint32_t seq, uint32_t counter, int32_t by)
{
	GROW(s->changes, s->n_changes, s->cap_changes);
	s->changes[s->n_changes++] = (struct change){seq, counter, by};
}

uint32_t sweep_samples(const struct sweep *s, uint32_t a, uint32_t z)
{
	a = a < s->from ? s->from : a;
	z = z > s->to ? s->to : z;
	if (a > z)
		return 0;
	return s->when[z - s->from].samples - (a > s->from ? s->when[a - 1 - s->from].samples : 0);
}

/* Changes in the order of their snapshots; those of snapshot first + i begin at at[i]. */
static struct change *in_order(const struct sweep *s, size_t n_seqs, size_t *at)
{
	struct change *sorted = xcalloc(s->n_changes + 1, sizeof *sorted);

	for (size_t i = 0; i < s->n_changes; i++)
		at[s->changes[i].seq - s->first + 1]++;
	for (size_t i = 1; i <= n_seqs; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < s->n_changes; i++)
		sorted[at[s->changes[i].seq - s->first]++] = s->changes[i];
	for (size_t i = n_seqs; i > 0; i--) /* each has moved on to the next one's begin */
		at[i] = at[i - 1];
	at[0] = 0;
	return sorted;
}

/* Columns that no snapshot falls in have what was before. */
static void fill(struct sweep *s, int32_t upto)
{
	for (size_t i = 0; i < s->n && s->begun; i++)
		for (int32_t c = s->column + 1; c < upto; c++)
			s->c[i].alive[c] = s->c[i].now;
	if (s->begun && upto - 1 > s->column)
		s->column = upto - 1;
}

static void sweep_one(struct sweep *s, uint32_t seq, const struct change *c, size_t n)
{
	int32_t column = seq < s->from ? -1 : s->when[seq - s->from].column;

	if (column > s->column)
		fill(s, column);
	for (size_t i = 0; i < n; i++)
		s->c[c[i].counter].now += (uint32_t)c[i].by;
	if (column > s->column) {
		for (size_t i = 0; i < s->n; i++)
			s->c[i].alive[column] = s->c[i].now;
		s->column = column;
	}
	for (size_t i = 0; i < n && column >= 0; i++) {
		struct counter *k = &s->c[c[i].counter];

		if (k->now > k->alive[column])
			k->alive[column] = k->now;
	}
	s->begun |= seq >= s->from;
}

static void sweep_all(struct sweep *s)
{
	uint32_t last = s->last < s->to ? s->last : s->to;
	size_t n_seqs = (size_t)s->last - s->first + 2, *at; /* what ends with a process ends after its last snapshot */
	struct change *sorted;

	if (!s->first)
		return;
	at = xcalloc(n_seqs + 2, sizeof *at);
	sorted = in_order(s, n_seqs, at);
	if (s->first > s->from && s->first <= s->to) /* a process that ended is carried on up to the next one */
		fill(s, s->when[s->first - s->from].column);
	for (size_t i = 0; i < s->n; i++) {
		s->c[i].now = s->c[i].start;
		s->c[i].start = 0;
	}
	for (uint32_t seq = s->first; seq <= last; seq++)
		sweep_one(s, seq, sorted + at[seq - s->first], at[seq - s->first + 1] - at[seq - s->first]);
	s->n_changes = 0;
	free(sorted);
	free(at);
}

void sweep_chunk(struct sweep *s, uint32_t first_seq, uint32_t last_seq)
{
	sweep_all(s);
	s->first = first_seq;
	s->last = last_seq;
}

void sweep_close(struct sweep *s)
{
	const struct host_row *r = host_row(s->q, s->host);

	sweep_all(s);
	if (r && s->to < r->last_seq) /* up to the edge, since more lies beyond */
		fill(s, (int32_t)s->cols);
}

void sweep_release(struct sweep *s)
{
	free(s->when);
	free(s->c);
	free(s->changes);
	*s = (struct sweep){0};
}

static void look_up_times(struct sweep *s, int64_t from, int64_t to)
{
	uint32_t samples = 0;

	s->when = xcalloc((size_t)s->to - s->from + 1, sizeof *s->when);
	for (uint32_t seq = s->from; seq <= s->to; seq++) {
		const struct tick *t = tick(s->q, s->host, seq);
		int64_t at = t ? t->time : from;
		int32_t c = at < from ? -1 : (int32_t)((double)(at - from) / (double)(to - from) * (double)s->cols);

		samples += t && snap_has_text((enum snap_status)t->status);
		s->when[seq - s->from] = (struct when){c < (int32_t)s->cols ? c : (int32_t)s->cols - 1, samples};
	}
}

int sweep_open(struct sweep *s, struct query *q, uint32_t host, int64_t from, int64_t to, size_t cols, struct pool *p, struct err *e)
{
	const struct host_row *r = host_row(q, host);

	*s = (struct sweep){.q = q, .p = p, .host = host, .cols = cols, .column = -1};
	if (!r || r->last_seq < r->first_seq || to <= from || !cols)
		return 0;
	if (seq_at(q, host, from, &s->from, e) < 0 || seq_at(q, host, to, &s->to, e) < 0)
		return -1;
	s->from = s->from < r->first_seq ? r->first_seq : s->from;
	if (s->to < s->from)
		return 0;
	look_up_times(s, from, to);
	return 1;
}
