/* SPDX-License-Identifier: MIT */
/* One goroutine: its runs, its children. */
#include "room.h"
#include <stdio.h>
#include <stdlib.h>

struct making {
	struct query *q;
	struct life *l;
	struct pool *p;
	struct run *run; /* the open one */
	size_t cap;
};

static void begin_run(struct making *m, uint32_t seq, uint32_t stack, uint32_t state, uint32_t labels, unsigned flags, uint64_t wait)
{
	struct life *l = m->l;

	if (l->n == m->cap) {
		struct run *more;

		m->cap = m->cap ? 2 * m->cap : 16;
		more = pool_alloc(m->p, m->cap * sizeof *more);
		if (l->n)
			memcpy(more, l->runs, l->n * sizeof *more);
		l->runs = more;
	}
	m->run = &l->runs[l->n++];
	*m->run = (struct run){.from_seq = seq, .from = time_or_first(m->q, l->host, seq), .stack = stack, .flags = flags,
			       .state = query_string(m->q, state), .state_id = state, .family = query_family(m->q, state, stack),
			       .labels = query_string(m->q, labels), .wait_object = wait, .minutes = -1, .moved = NO_TIME};
}

/* The open run ends at the last snapshot with text at or before seq. */
static void end_run(struct making *m, uint32_t seq, int32_t minutes, uint32_t moved, bool proof)
{
	struct run *r = m->run;
	uint32_t last = text_seq(m->q, m->l->host, seq);

	r->to_seq = last >= r->from_seq ? last : r->from_seq;
	r->to = time_or_first(m->q, m->l->host, r->to_seq);
	r->samples = query_samples(m->q, m->l->host, r->from_seq, r->to_seq);
	r->minutes = minutes;
	r->moved = moved >= r->from_seq ? query_seq_time(m->q, m->l->host, moved) : NO_TIME;
	r->moved_proof = proof && r->moved != NO_TIME;
	m->run = NULL;
}

static void take_event(struct making *m, const struct event *e)
{
	if (e->kind == EV_WAIT) {
		if (m->run)
			m->run->wait_object = e->wait_object;
		return;
	}
	if (m->run)
		end_run(m, e->seq - 1, e->minutes, e->moved, e->moved_proof);
	if (e->kind == EV_GONE) {
		m->l->ended = true;
		return;
	}
	if (e->kind == EV_BORN)
		m->l->parent = e->parent;
	begin_run(m, e->seq, e->stack, e->state, e->labels, e->flags, e->wait_object);
}

const struct pulse *pulse_of(const struct pulse *a, size_t n, uint64_t id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (a[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && a[lo].id == id ? &a[lo] : NULL;
}

/* Still alive: the run goes up to the newest snapshot, and the pulse knows the rest. */
static int end_living(struct making *m, struct err *e)
{
	const struct host_row *r = host_row(m->q, m->l->host);
	const struct pulse *mine;
	struct pulse *pulses;
	size_t n;

	if (store_pulses(m->q->store, m->l->host, m->p, &pulses, &n, e) < 0)
		return -1;
	mine = pulse_of(pulses, n, m->l->id);
	end_run(m, r->last_seq, mine ? mine->minutes : -1, mine ? mine->moved : 0, mine && mine->moved_proof);
	return 0;
}

bool born_before(struct query *q, uint32_t host, uint32_t epoch, uint32_t born)
{
	const struct host_row *r = host_row(q, host);
	uint32_t prev = born > r->first_seq ? text_seq(q, host, born - 1) : 0;
	const struct tick *t = prev ? tick(q, host, prev) : NULL;

	return !t || t->epoch != epoch;
}

static int make_life(struct query *q, uint32_t host, uint64_t id, const struct trail *t, struct pool *p, struct life *out, struct err *e)
{
	struct making m = {.q = q, .l = out, .p = p};
	uint32_t born = t->start.id ? t->start.born : t->n ? t->events[0].seq : 0;

	*out = (struct life){.host = host, .epoch = t->epoch, .id = id, .parent = t->start.parent};
	if (t->start.id)
		begin_run(&m, t->start.run, t->start.stack, t->start.state, t->start.labels, t->start.flags, t->start.wait_object);
	for (size_t i = 0; i < t->n; i++)
		take_event(&m, &t->events[i]);
	if (m.run && end_living(&m, e) < 0)
		return -1;
	if (!out->n)
		return 0;
	out->first = time_or_first(q, host, born);
	out->last = out->runs[out->n - 1].to;
	out->before = born_before(q, host, t->epoch, born);
	out->created = query_stack(q, out->runs[0].stack)->created;
	return 1;
}

/* Which process is meant: the one at that time if it has the id, the newest that has it. */
static int choose_epoch(struct query *q, uint32_t host, int64_t at, uint64_t id, uint32_t *epoch, struct err *e)
{
	uint32_t epochs[64], seq;
	const struct tick *t;
	size_t n;

	if (store_epochs_of(q->store, host, id, epochs, 64, &n, e) < 0)
		return -1;
	if (!n)
		return 0;
	*epoch = epochs[0];
	if (at == NO_TIME)
		return 1;
	if (seq_at(q, host, at, &seq, e) < 0)
		return -1;
	t = tick(q, host, seq);
	for (size_t i = 0; t && i < n; i++)
		if (epochs[i] == t->epoch)
			*epoch = epochs[i];
	return 1;
}

static int has_epoch(struct query *q, uint32_t host, uint32_t epoch, uint64_t id, struct err *e)
{
	uint32_t epochs[64];
	size_t n;

	if (store_epochs_of(q->store, host, id, epochs, 64, &n, e) < 0)
		return -1;
	while (n--)
		if (epochs[n] == epoch)
			return 1;
	return 0;
}

int query_epoch_of(struct query *q, uint32_t host, uint32_t epoch, int64_t at, uint64_t id, uint32_t *out, struct err *e)
{
	*out = epoch;
	if (!host_row(q, host))
		return fail(e, "%s: has no such host", q->path);
	return epoch ? has_epoch(q, host, epoch, id, e) : choose_epoch(q, host, at, id, out, e);
}

int query_goroutine(struct query *q, uint32_t host, uint32_t epoch, int64_t at, uint64_t id, struct pool *p,
		    struct life *out, struct err *e)
{
	struct trail t;
	int rc = 1;

	if (!host_row(q, host))
		return fail(e, "%s: has no such host", q->path);
	if (store_read_begin(q->store, e) < 0)
		return -1;
	if (!epoch)
		rc = choose_epoch(q, host, at, id, &epoch, e);
	if (rc == 1)
		rc = store_trail(q->store, host, epoch, id, p, &t, e);
	if (rc == 1)
		rc = make_life(q, host, id, &t, p, out, e);
	store_read_end(q->store);
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

int query_children(struct query *q, uint32_t host, uint32_t epoch, uint64_t id, struct pool *p, struct child **out,
		   size_t *n, struct err *e)
{
	const struct host_row *r = host_row(q, host);
	uint32_t last;
	struct kin *kin;

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (!r)
		return fail(e, "%s: has no such host", q->path);
	if (store_read_begin(q->store, e) < 0)
		return -1;
	if (store_children(q->store, host, epoch, id, p, &kin, n, e) < 0) {
		store_read_end(q->store);
		return -1;
	}
	last = text_seq(q, host, r->last_seq);
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++) {
		const struct frame *root = stack_root(query_stack(q, kin[i].stack));
		uint32_t end = kin[i].gone ? text_seq(q, host, kin[i].gone - 1) : last;

		(*out)[i] = (struct child){.id = kin[i].id, .first = time_or_first(q, host, kin[i].born),
					   .last = time_or_first(q, host, end), .ended = kin[i].gone != 0, .stack = kin[i].stack,
					   .func = root ? root->func : NULL};
	}
	store_read_end(q->store);
	return 0;
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

static void walk_id(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	(void)start;
	(void)ev;
	(void)n;
	take_id(ctx, id);
}

int query_ids(struct query *q, uint32_t host, int64_t t, const char *prefix, size_t max, struct pool *p, uint64_t **out,
	      size_t *n, struct err *e)
{
	struct id_search s = {.prefix = prefix, .len = strlen(prefix), .max = max};
	struct store_walk w = {.trail = walk_id, .ctx = &s};
	const struct host_row *r = host_row(q, host);
	struct alive *alive;
	size_t n_alive;
	int rc = 0;

	*n = 0;
	*out = pool_alloc(p, sizeof **out);
	if (!r)
		return fail(e, "%s: has no such host", q->path);
	if (t == NO_TIME) {
		rc = store_walk(q->store, host, r->first_seq, r->last_seq, &w, e);
	} else {
		rc = query_alive(q, host, t, p, &alive, &n_alive, e);
		for (size_t i = 0; !rc && i < n_alive; i++)
			take_id(&s, alive[i].id);
	}
	tidy(&s);
	*out = pool_alloc(p, (s.n + 1) * sizeof **out);
	if (s.n)
		memcpy(*out, s.ids, s.n * sizeof **out);
	*n = s.n;
	free(s.ids);
	return rc;
}
