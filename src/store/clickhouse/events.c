/* SPDX-License-Identifier: MIT */
/* Questions about goroutines: events are read in order, and what a goroutine was is what they add up to. */
#include "ch.h"
#include <stdlib.h>

/* Keeps those who have an event from snapshot %u on, or are alive. */
#define HAVING_KNOWN "HAVING max(seq) >= %u OR argMax(kind, seq) != 3"

void ch_apply(struct goroutine_state *g, const struct event *ev)
{
	if (ev->kind == EV_GONE) {
		*g = (struct goroutine_state){0};
		return;
	}
	if (ev->kind == EV_BORN)
		*g = (struct goroutine_state){.id = ev->id, .parent = ev->parent, .born = ev->seq};
	g->wait_object = ev->wait_object;
	if (ev->kind == EV_WAIT)
		return;
	g->run = ev->seq;
	g->stack = ev->stack;
	g->state = ev->state;
	g->labels = ev->labels;
	g->flags = ev->flags;
}

static int ask_of(struct store_view *v, struct buf *sql, struct ch_rows *r, struct err *e)
{
	int rc = ch_ask(&ch_of(v->store)->line, sql, r, e);

	buf_release(sql);
	return rc;
}

static const char *database(const struct store_view *v)
{
	return ch_of(v->store)->place.database;
}

int ch_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, who->host);
	struct event *a = NULL;
	struct buf sql = {0};
	struct ch_rows r;
	size_t cap = 0;
	uint32_t last = 0;
	int rc;

	out->epoch = who->epoch;
	if (!h || who->epoch < h->first_epoch)
		return 0;
	buf_addf(&sql, "SELECT " CH_EVENT_COLUMNS " FROM %s.event WHERE epoch = %u AND id = %llu AND", database(v), who->epoch,
		 (unsigned long long)who->id);
	ch_add_where(&sql, h, UINT32_MAX);
	buf_adds(&sql, " ORDER BY seq");
	rc = ask_of(v, &sql, &r, e);
	while (!rc && ch_more(&r)) {
		struct ch_event one;

		ch_get_event(ch_of(v->store), &r, &one);
		if (one.ev.seq == last)
			continue; /* a row that came twice */
		last = one.ev.seq;
		if (last < h->row.first_seq) {
			ch_apply(&out->start, &one.ev);
			continue;
		}
		GROW(a, out->n, cap);
		a[out->n++] = one.ev;
	}
	rc = rc < 0 ? -1 : ch_torn(v->store, &r, e);
	out->events = pool_alloc(p, (out->n + 1) * sizeof *a);
	if (out->n)
		memcpy(out->events, a, out->n * sizeof *a);
	free(a);
	return rc < 0 ? -1 : out->n || out->start.id;
}

int ch_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, who->host);
	struct buf sql = {0};
	struct ch_rows r;

	*out = pool_alloc(p, sizeof **out);
	if (!h)
		return 0;
	buf_addf(&sql, "SELECT epoch FROM %s.event WHERE id = %llu AND epoch >= %u AND", database(v), (unsigned long long)who->id, h->first_epoch);
	ch_add_where(&sql, h, UINT32_MAX);
	buf_addf(&sql, " GROUP BY epoch " HAVING_KNOWN " ORDER BY epoch DESC", h->row.first_seq);
	if (ask_of(v, &sql, &r, e) < 0)
		return -1;
	*out = pool_alloc(p, (size_t)(r.end - r.p) + sizeof **out);
	while (ch_more(&r))
		(*out)[(*n)++] = (uint32_t)ch_get(&r, 4);
	return ch_torn(v->store, &r, e);
}

static int epoch_at(struct store_view *v, const struct ch_row *h, const struct ch_ahead_host *ahead, uint32_t seq, uint32_t *epoch, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;

	*epoch = seq < h->row.first_seq ? h->first_epoch : h->row.epoch;
	if (seq < h->row.first_seq || seq >= h->row.last_seq)
		return 0;
	if (ahead) {
		*epoch = 0;
		for (size_t i = 0; i < ahead->n_snapshots; i++)
			if (ahead->snapshots[i].seq == seq)
				*epoch = ahead->snapshots[i].epoch;
		return 0;
	}
	buf_addf(&sql, "SELECT max(epoch) FROM %s.snapshot WHERE seq = %u AND", database(v), seq);
	ch_add_where(&sql, h, seq);
	if (ask_of(v, &sql, &r, e) < 0)
		return -1;
	*epoch = (uint32_t)ch_get(&r, 4);
	return ch_torn(v->store, &r, e);
}

/* Who is alive, out of events in order. */
struct living {
	struct goroutine_state *a, g;
	size_t n, cap;
	uint64_t id; /* of the last event */
};

static void add_living(struct living *l)
{
	if (l->g.id) {
		GROW(l->a, l->n, l->cap);
		l->a[l->n++] = l->g;
	}
	l->g = (struct goroutine_state){0};
}

static void live(struct living *l, const struct event *ev)
{
	if (l->id != ev->id)
		add_living(l);
	l->id = ev->id;
	ch_apply(&l->g, ev);
}

int ch_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, at.host);
	const struct ch_ahead_host *ahead = ch_ahead(v, at.host);
	struct living l = {0};
	struct buf sql = {0};
	struct ch_rows r;
	uint32_t epoch, to = at.seq;
	int rc = 0;

	*out = pool_alloc(p, sizeof **out);
	if (!h || !h->row.last_seq)
		return 0;
	ahead = ahead && ahead->whole ? ahead : NULL;
	if (epoch_at(v, h, ahead, at.seq, &epoch, e) < 0)
		return -1;
	to = to < h->row.first_seq ? h->row.first_seq - 1 : to;
	if (ahead) {
		for (size_t i = 0; i < ahead->n_events; i++)
			if (ahead->events[i].epoch == epoch && ahead->events[i].ev.seq <= to)
				live(&l, &ahead->events[i].ev);
	} else {
		buf_addf(&sql, "SELECT " CH_EVENT_COLUMNS " FROM %s.event WHERE epoch = %u AND id GLOBAL IN (SELECT id FROM %s.event WHERE epoch = %u AND",
			 database(v), epoch, database(v), epoch);
		ch_add_where(&sql, h, to);
		buf_adds(&sql, " GROUP BY id HAVING argMax(kind, seq) != 3) AND");
		ch_add_where(&sql, h, to);
		buf_adds(&sql, " ORDER BY id, seq");
		rc = ask_of(v, &sql, &r, e);
		while (!rc && ch_more(&r)) {
			struct ch_event one;

			ch_get_event(ch_of(v->store), &r, &one);
			live(&l, &one.ev);
		}
		rc = rc < 0 ? -1 : ch_torn(v->store, &r, e);
	}
	add_living(&l);
	*out = pool_alloc(p, (l.n + 1) * sizeof **out);
	*n = l.n;
	if (l.n)
		memcpy(*out, l.a, l.n * sizeof **out);
	free(l.a);
	return rc;
}

int ch_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out, size_t *n, struct err *e)
{
	const struct ch_row *h = ch_row_of(v, who->host);
	struct buf sql = {0};
	struct ch_rows r;

	*out = pool_alloc(p, sizeof **out);
	if (!h || !who->id || who->epoch < h->first_epoch)
		return 0;
	buf_addf(&sql, "SELECT id, minIf(seq, gone = 0), maxIf(seq, gone = 1), argMinIf(stack, seq, gone = 0) FROM %s.child WHERE epoch = %u AND "
		       "parent = %llu AND", database(v), who->epoch, (unsigned long long)who->id);
	ch_add_where(&sql, h, UINT32_MAX);
	buf_addf(&sql, " GROUP BY id HAVING min(gone) = 0 AND (max(seq) >= %u OR argMax(gone, seq) = 0) ORDER BY id", h->row.first_seq);
	if (ask_of(v, &sql, &r, e) < 0)
		return -1;
	*out = pool_alloc(p, ((size_t)(r.end - r.p) / 24 + 1) * sizeof **out);
	while (ch_more(&r)) {
		struct goroutine_child c = {.id = ch_get(&r, 8), .born = (uint32_t)ch_get(&r, 4)};

		c.gone = (uint32_t)ch_get(&r, 4);
		c.stack = ch_stack(&ch_of(v->store)->names, ch_get(&r, 8));
		if (!r.bad)
			(*out)[(*n)++] = c;
	}
	return ch_torn(v->store, &r, e);
}
