/* SPDX-License-Identifier: MIT */
/*
 * How many passed a filter, snapshot by snapshot, in one walk over the history. What depends on time alone (waiting, age)
 * turns at most twice for each condition within an interval: there it is asked again.
 */
#include "filter_node.h"
#include "interval.h"
#include <stdlib.h>

#define TURNS_MAX 64

struct matching {
	struct query *q;
	struct filter *f;
	const struct range *r;
	const char *host;
	int32_t *delta;     /* by snapshot of the range */
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
	find_turns(m, v, &g);
	for (size_t i = 0; i <= m->n_turns; i++) {
		uint32_t to = i < m->n_turns ? m->turns[i] : v->to + 1;

		if (to <= from)
			continue;
		s.at = range_time(m->r, from);
		if (filter_accepts(m->f, q, &s)) {
			m->delta[from - m->r->from]++;
			m->delta[to - m->r->from]--;
		}
		from = to;
	}
	return 0;
}

/* At the newest snapshot the dump's minutes prove more: what is said of that time alone stands here, too. */
static int count_newest(struct matching *m, struct matches *out, struct err *e)
{
	const struct host_row *h = host_row(m->q, m->r->host);
	uint32_t last = range_text(m->r, m->r->to);
	struct alive_list l;
	struct pool p = {0};
	int rc;

	if (!last || last < m->r->from || last != text_seq(m->q, m->r->host, h->last_seq))
		return 0;
	rc = alive_at(m->q, m->r->host, last, &p, &l, e);
	if (rc == 0)
		rc = filter_alive_at(m->f, m->q, (struct snapshot_key){m->r->host, last}, l.a, &l.n, e);
	out->count[last - m->r->from] = (int32_t)l.n;
	pool_release(&p);
	return rc;
}

int query_matches(struct query *q, const struct window *w, struct filter *f, struct pool *p, struct matches *out, struct err *e)
{
	struct interval_question ask = {.w = *w, .waits = true};
	struct matching m = {.q = q, .f = f};
	const struct interval *v;
	struct intervals *it;
	int32_t now = 0;
	int rc;

	*out = (struct matches){0};
	if (filter_over_time(f, e) < 0)
		return -1;
	rc = intervals_begin(q, &ask, &it, e);
	if (rc != 1)
		return rc;
	m.r = intervals_range(it);
	m.host = host_row(q, w->host)->name;
	out->first = m.r->from;
	out->n = m.r->to - m.r->from + 1;
	out->count = pool_alloc(p, (out->n + 2) * sizeof *out->count);
	m.delta = out->count;
	while ((rc = intervals_next(it, &v)) == 1)
		if (count_interval(&m, v, e) < 0)
			break;
	rc = rc == 1 ? -1 : rc;
	for (size_t i = 0; i < out->n && rc == 0; i++) {
		const struct snapshot_header *t = range_at(m.r, out->first + (uint32_t)i);

		now += out->count[i];
		out->count[i] = t && t->text == out->first + i ? now : -1;
	}
	if (rc == 0)
		rc = count_newest(&m, out, e);
	intervals_end(it);
	pool_release(&m.pool);
	return rc < 0 ? -1 : filter_gave_up(f, e);
}
