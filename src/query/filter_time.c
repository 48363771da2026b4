/* SPDX-License-Identifier: MIT */
/*
 * How many passed a filter, snapshot by snapshot, in one walk over the history. What depends on time alone (waiting, age)
 * turns at most twice for each condition within an interval: there it is asked again.
 */
#include "filter_node.h"
#include "match_walk.h"
#include <stdlib.h>

#define TURNS_MAX 64

struct matching {
	struct query *q;
	struct filter *f;
	const struct match_walk *tell;
	const struct range *r;
	const char *host;
	uint32_t turns[TURNS_MAX];
	size_t n_turns;
	struct last_words words; /* of the process that is walked over: how old its goroutines are at least */
	uint32_t words_of;
	struct pool pool;
};

bool filter_accepts_run(struct filter *f, struct query *q, const char *host, const struct window_run *t)
{
	const struct run *r = &t->run;
	struct alive g = {.id = t->id, .parent = t->parent, .first = t->born, .born = t->born, .since = r->from, .epoch = t->epoch, .stack = r->stack,
			  .state = r->state, .labels = r->labels, .state_id = r->state_id, .labels_id = r->labels_id, .family = r->family,
			  .flags = r->flags, .wait_object = r->wait_object, .minutes = r->minutes, .moved = r->moved};

	g.waits = r->family == FAM_RUNNING ? NO_TIME : r->from;
	return filter_accepts(f, q, &(struct filter_subject){.host = host, .at = r->to, .g = &g, .alive = t->until == NO_TIME});
}

/* The first snapshot of from..to at t or later; `to` + 1 when there is none. */
static uint32_t first_at(const struct range *r, uint32_t from, uint32_t to, int64_t t)
{
	uint32_t lo = from, hi = to + 1;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (range_time(r, mid) < t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int by_seq(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return a < b ? -1 : a > b;
}

/* Snapshots within the interval at which a condition on a span of time may turn. */
static void find_turns(struct matching *m, const struct interval *v, const struct alive *g)
{
	const struct filter *f = m->f;

	m->n_turns = 0;
	for (uint32_t i = 1; i < f->n; i++) {
		const struct node *n = &f->nodes[i];
		int64_t since = n->kind == NODE_TEST && n->field->name && strcmp(n->field->name, "age") == 0 ? g->born : g->since;

		if (n->kind != NODE_TEST || n->field->type != TYPE_SPAN)
			continue;
		for (size_t k = 0; k < 2 * n->n_values && m->n_turns < TURNS_MAX; k++)
			m->turns[m->n_turns++] = first_at(m->r, v->from, v->to, since + n->numbers[k / 2] + (int64_t)(k % 2));
	}
	qsort(m->turns, m->n_turns, sizeof *m->turns, by_seq);
}

static int count_interval(struct matching *m, const struct interval *v, struct err *e)
{
	struct query *q = m->q;
	struct alive g = {.id = v->id, .parent = v->parent, .first = range_time(m->r, v->born),
			  .since = range_time(m->r, v->run), .epoch = v->epoch, .stack = v->stack, .state = query_string(q, v->state),
			  .labels = labels_of(q, v->labels), .state_id = v->state, .labels_id = v->labels,
			  .family = query_family(q, v->state, v->stack), .flags = v->flags, .wait_object = v->wait_object, .minutes = -1, .moved = NO_TIME};
	struct filter_subject s = {.host = m->host, .g = &g};
	uint32_t from = v->from;

	if (m->words_of != v->epoch && last_words(q, m->r->host, v->from, &m->pool, &m->words, e) < 0)
		return -1;
	m->words_of = v->epoch;
	g.born = words_born(&m->words, v->id, g.first);
	g.waits = g.family == FAM_RUNNING || query_is_grouped(q, m->r->host, v->epoch) ? NO_TIME : g.since;
	if (!v->samples) {
		s.at = range_time(m->r, m->r->before);
		if (filter_accepts(m->f, q, &s))
			m->tell->stretch(m->tell->ctx, v, v->end, v->end);
		return 0;
	}
	find_turns(m, v, &g);
	for (size_t i = 0; i <= m->n_turns; i++) {
		uint32_t to = i < m->n_turns ? m->turns[i] : v->to + 1;

		if (to <= from)
			continue;
		s.at = range_time(m->r, from);
		if (filter_accepts(m->f, q, &s))
			m->tell->stretch(m->tell->ctx, v, from, to);
		from = to;
	}
	return 0;
}

int matches_walk(struct query *q, const struct window *w, struct filter *f, const struct match_walk *tell, struct err *e)
{
	struct interval_question ask = {.w = *w, .waits = true, .over = true};
	struct matching m = {.q = q, .f = f, .tell = tell};
	const struct interval *v;
	struct intervals *it;
	int rc;

	if (filter_over_time(f, e) < 0)
		return -1;
	rc = intervals_begin(q, &ask, &it, e);
	if (rc != 1)
		return rc;
	m.r = intervals_range(it);
	m.host = host_row(q, w->host)->name;
	tell->begin(tell->ctx, m.r);
	while ((rc = intervals_next(it, &v)) == 1)
		if (count_interval(&m, v, e) < 0)
			break;
	rc = rc == 0 ? tell->end(tell->ctx, e) : -1;
	intervals_end(it);
	pool_release(&m.pool);
	return rc < 0 || filter_gave_up(f, e) < 0 ? -1 : 1;
}

int matches_newest(struct query *q, const struct range *r, struct filter *f, struct pool *p, struct alive_list *l, struct err *e)
{
	const struct host_row *h = host_row(q, r->host);
	uint32_t last = range_text(r, r->to);

	if (!last || last < r->from || last != text_seq(q, r->host, h->last_seq))
		return 0;
	if (alive_at(q, r->host, last, p, l, e) < 0 || filter_alive_at(f, q, (struct snapshot_key){r->host, last}, l->a, &l->n, e) < 0)
		return -1;
	return 1;
}

/* --- how many, snapshot by snapshot --- */

struct tallying {
	struct query *q;
	struct filter *f;
	struct pool *p;
	const struct range *r;
	struct matches *out; /* while it is walked, by how many more or less there are than at the snapshot before */
};

static void tally_begin(void *ctx, const struct range *r)
{
	struct tallying *t = ctx;

	t->r = r;
	t->out->first = r->from;
	t->out->n = r->to - r->from + 1;
	t->out->count = pool_alloc(t->p, (t->out->n + 2) * sizeof *t->out->count);
}

static void tally_stretch(void *ctx, const struct interval *v, uint32_t from, uint32_t to)
{
	struct tallying *t = ctx;

	if (!v->samples)
		return;
	t->out->count[from - t->r->from]++;
	t->out->count[to - t->r->from]--;
}

static int tally_end(void *ctx, struct err *e)
{
	struct tallying *t = ctx;
	struct matches *out = t->out;
	struct alive_list l;
	struct pool p = {0};
	int32_t now = 0;
	int rc;

	for (size_t i = 0; i < out->n; i++) {
		const struct snapshot_header *s = range_at(t->r, out->first + (uint32_t)i);

		now += out->count[i];
		out->count[i] = s && s->text == out->first + i ? now : -1;
	}
	rc = matches_newest(t->q, t->r, t->f, &p, &l, e);
	if (rc == 1)
		out->count[range_text(t->r, t->r->to) - t->r->from] = (int32_t)l.n;
	pool_release(&p);
	return rc;
}

int query_matches(struct query *q, const struct window *w, struct filter *f, struct pool *p, struct matches *out, struct err *e)
{
	struct tallying t = {.q = q, .f = f, .p = p, .out = out};
	struct match_walk tell = {tally_begin, tally_stretch, tally_end, &t};

	*out = (struct matches){0};
	return matches_walk(q, w, f, &tell, e) < 0 ? -1 : 0;
}
