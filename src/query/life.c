/* SPDX-License-Identifier: MIT */
/* One goroutine: its runs, its children. */
#include "interval.h"
#include <gscrape/filter.h>
#include <stdio.h>
#include <stdlib.h>

static int make_life(struct query *q, const struct interval_question *ask, struct pool *p, struct life *l, struct err *e)
{
	const struct interval *v;
	struct intervals *it;
	const struct range *r;
	size_t cap = 0;
	int rc = intervals_begin(q, ask, &it, e);

	*l = (struct life){.host = ask->w.host, .epoch = ask->epoch, .id = ask->id};
	if (rc != 1)
		return rc;
	r = intervals_range(it);
	while ((rc = intervals_next(it, &v)) == 1) {
		if (l->n == cap) {
			struct run *more = pool_alloc(p, (cap = cap ? 2 * cap : 16) * sizeof *more);

			if (l->n)
				memcpy(more, l->runs, l->n * sizeof *more);
			l->runs = more;
		}
		l->runs[l->n++] = run_of(r, v);
		l->parent = v->parent;
		l->first = range_time(r, v->born);
		l->last = l->runs[l->n - 1].to;
		l->before = !range_saw(r, v->epoch, v->born);
		l->ended = v->ended != ENDED_CHANGED && v->ended != ENDED_THERE;
	}
	intervals_end(it);
	if (l->n)
		l->created = query_stack(q, l->runs[0].stack)->created;
	return rc < 0 ? -1 : l->n > 0;
}

static bool has_epoch(const uint32_t *epochs, size_t n, uint32_t epoch)
{
	while (n && epochs[n - 1] != epoch)
		n--;
	return n > 0;
}

int query_epoch_of(struct query *q, const struct life_question *ask, uint32_t *out, struct err *e)
{
	struct pool p = {0};
	const struct snapshot_header *t;
	uint32_t *epochs, seq;
	size_t n = 0;
	int rc;

	*out = ask->epoch;
	if (!host_row(q, ask->host))
		return fail(e, "%s: has no such host", q->path);
	if (view_begin(q, e) < 0)
		return -1;
	rc = store_epochs_of(q->view, &(struct goroutine_key){.host = ask->host, .id = ask->id}, &p, &epochs, &n, e);
	if (!rc && !ask->epoch && n) {
		*out = epochs[0];
		if (ask->at != NO_TIME && (rc = seq_at(q, ask->host, ask->at, &seq, e)) == 0 &&
		    (t = snapshot_header(q, ask->host, seq)) && has_epoch(epochs, n, t->epoch))
			*out = t->epoch;
	}
	view_end(q);
	if (!rc)
		rc = n && has_epoch(epochs, n, *out);
	pool_release(&p);
	return rc;
}

int query_goroutine(struct query *q, const struct life_question *ask, struct pool *p, struct life *out, struct err *e)
{
	struct interval_question one = {.w = {.host = ask->host, .from = NO_TIME, .to = NO_TIME}, .id = ask->id,
		.epoch = ask->epoch, .live = true};
	int rc = 1;

	if (!host_row(q, ask->host))
		return fail(e, "%s: has no such host", q->path);
	if (view_begin(q, e) < 0)
		return -1;
	if (!ask->epoch)
		rc = query_epoch_of(q, ask, &one.epoch, e);
	if (rc == 1)
		rc = make_life(q, &one, p, out, e);
	view_end(q);
	return rc;
}

long life_run_at(const struct life *l, int64_t t)
{
	size_t lo = 0, hi = l->n;

	if (!l->n || t < l->runs[0].from || (l->ended && t > l->last))
		return -1;
	while (lo < hi) { /* the first that begins after t */
		size_t mid = (lo + hi) / 2;

		if (l->runs[mid].from <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (long)lo - 1;
}

int query_children(struct query *q, const struct goroutine_key *who, struct pool *p, struct child **out, size_t *n, struct err *e)
{
	const struct host_row *r = host_row(q, who->host);
	uint32_t host = who->host, last;
	struct goroutine_child *kids;
	struct last_words words;

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (!r)
		return fail(e, "%s: has no such host", q->path);
	if (view_begin(q, e) < 0)
		return -1;
	if (store_children(q->view, who, p, &kids, n, e) < 0) {
		view_end(q);
		return -1;
	}
	last = text_seq(q, host, r->last_seq);
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	if (*n && last_words(q, host, kids[*n - 1].born, p, &words, e) < 0) {
		view_end(q);
		return -1;
	}
	for (size_t i = 0; i < *n; i++) {
		const struct frame *root = stack_root(query_stack(q, kids[i].stack));
		uint32_t end = kids[i].gone ? text_seq(q, host, kids[i].gone - 1) : last;

		(*out)[i] = (struct child){.id = kids[i].id, .first = time_or_first(q, host, kids[i].born),
					   .born = words_born(&words, kids[i].id, time_or_first(q, host, kids[i].born)),
					   .last = time_or_first(q, host, end),
					   .ended = kids[i].gone != 0, .stack = kids[i].stack,
					   .func = root ? root->func : NULL};
	}
	view_end(q);
	return 0;
}

int children_where(struct query *q, const struct children_question *ask, struct child *c, size_t *n, struct err *e)
{
	struct moment at = {ask->who.host, ask->t};
	size_t n_there, k = 0, kept = 0;
	struct pool p = {0};
	struct alive *there;
	int rc;

	if (!ask->where)
		return 0;
	rc = query_alive(q, &at, &p, &there, &n_there, e) < 0 ? -1 : filter_alive(ask->where, q, &at, there, &n_there, e);
	for (size_t i = 0; i < *n && rc == 0; i++) { /* both are by number */
		while (k < n_there && there[k].id < c[i].id)
			k++;
		if (k < n_there && there[k].id == c[i].id && there[k].epoch == ask->who.epoch)
			c[kept++] = c[i];
	}
	*n = kept;
	pool_release(&p);
	return rc;
}

/* --- ids by prefix --- */

struct id_search {
	const char *prefix;
	size_t len, max, n, cap;
	uint64_t *ids; /* some more than once */
};

static int id_order(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* Each once, and no more than the smallest `max`. */
static void tidy(struct id_search *s)
{
	size_t k = 0;

	if (s->n)
		qsort(s->ids, s->n, sizeof *s->ids, id_order);
	for (size_t i = 0; i < s->n && k < s->max; i++)
		if (!k || s->ids[i] != s->ids[k - 1])
			s->ids[k++] = s->ids[i];
	s->n = k;
}

static void take_id(struct id_search *s, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", (unsigned long long)id);
	if (strncmp(text, s->prefix, s->len) != 0)
		return;
	if (s->n == s->cap) {
		tidy(s);
		if (s->n >= s->cap / 2) {
			s->cap = s->cap ? 2 * s->cap : 256;
			s->ids = xrealloc(s->ids, s->cap, sizeof *s->ids);
		}
	}
	s->ids[s->n++] = id;
}

static int ids_ever(struct query *q, uint32_t host, struct id_search *s, struct err *e)
{
	struct interval_question ask = {.w = {.host = host, .from = NO_TIME, .to = NO_TIME}};
	const struct interval *v;
	struct intervals *it;
	int rc = intervals_begin(q, &ask, &it, e);

	while (rc == 1 && (rc = intervals_next(it, &v)) == 1)
		take_id(s, v->id);
	intervals_end(it);
	return rc;
}

int query_ids(struct query *q, const struct ids_question *ask, struct pool *p, uint64_t **out, size_t *n, struct err *e)
{
	struct id_search s = {.prefix = ask->prefix, .len = strlen(ask->prefix), .max = ask->max};
	struct alive *alive;
	size_t n_alive = 0;
	int rc;

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (!host_row(q, ask->at.host))
		return fail(e, "%s: has no such host", q->path);
	rc = ask->at.t == NO_TIME ? ids_ever(q, ask->at.host, &s, e) : query_alive(q, &ask->at, p, &alive, &n_alive, e);
	for (size_t i = 0; !rc && i < n_alive; i++)
		take_id(&s, alive[i].id);
	tidy(&s);
	*out = pool_alloc(p, (s.n + 1) * sizeof **out);
	if (s.n)
		memcpy(*out, s.ids, s.n * sizeof **out);
	*n = s.n;
	free(s.ids);
	return rc;
}
