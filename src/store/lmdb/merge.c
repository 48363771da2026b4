/* SPDX-License-Identifier: MIT */
/*
 * Hosts of one store into another, each in one commit, with the names that they use and no others: who is cut short goes on where
 * he was. A host that both have is one recording where the last snapshot of the one is a snapshot of the other, too. The one that
 * ends later is taken then, and keeps what the other has from before its beginning. Two recordings under one name are not put together.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct merging {
	struct lmdb_view *from;
	struct lmdb_store *to;
	uint32_t host, as;         /* the number in each */
	struct host_row before;    /* what was there of it already; last_seq 0: nothing, or nothing that is to stay */
	uint32_t *strings, *stacks; /* number in the other, 0 not yet */
	bool failed;               /* in the midst of a walk */
	struct err *e;
};

/* --- numbers --- */

static int map_string(struct merging *m, uint32_t *id)
{
	uint32_t *known = &m->strings[*id];

	if (*id && !*known && dict_take_string(m->to, m->from, *id, known, m->e) < 0)
		return -1;
	*id = *id ? *known : 0;
	return 0;
}

static int map_frame(void *ctx, struct sym_frame *f)
{
	return map_string(ctx, &f->func) < 0 ? -1 : map_string(ctx, &f->file);
}

static int map_stack(struct merging *m, uint32_t *id)
{
	uint32_t *known = &m->stacks[*id];

	if (*id && !*known && dict_take_stack(m->to, m->from, *id, known, &(struct frame_map){map_frame, m}, m->e) < 0)
		return -1;
	*id = *id ? *known : 0;
	return 0;
}

static int map_place(struct merging *m, uint32_t *stack, uint32_t *state, uint32_t *labels)
{
	return map_stack(m, stack) < 0 || map_string(m, state) < 0 || map_string(m, labels) < 0 ? -1 : 0;
}

/* --- rows --- */

static int put(struct merging *m, struct key k, struct buf *b)
{
	int rc = data_put(m->to, k, b->p, b->n, m->e);

	buf_release(b);
	return rc;
}

/* Rows without names in them. */
static int same_row(void *ctx, struct str key, struct str value)
{
	struct merging *m = ctx;
	struct key k = key_u32((struct key){.n = 0}, m->as);

	memcpy(k.b + k.n, key.p + k.n, key.n - k.n);
	k.n = key.n;
	return data_put(m->to, k, value.p, value.n, m->e) < 0 ? -2 : 0;
}

static int same_rows(struct merging *m, char tag)
{
	int rc = data_each(m->from, key_of(m->host, tag), 5, same_row, m);

	return rc == -1 ? damaged(m->from, "a row", m->host, 0, m->e) : rc;
}

static int take_snapshot(void *ctx, const struct snapshot *snap)
{
	struct merging *m = ctx;
	struct state_count *states = xcalloc((size_t)snap->n_states + 1, sizeof *states);
	struct snapshot mine = *snap;
	struct buf b = {0};
	int rc = map_string(m, &mine.note);

	if (snap->n_states)
		memcpy(states, snap->states, snap->n_states * sizeof *states);
	for (uint32_t i = 0; i < snap->n_states && !rc; i++)
		rc = map_string(m, &states[i].state);
	mine.states = states;
	if (!rc) {
		snapshot_pack(&b, &mine);
		rc = put(m, key_u32(key_of(m->as, 'S'), mine.seq), &b);
	}
	free(states);
	m->failed = rc != 0;
	return rc;
}

static int take_snapshots(struct merging *m, const struct host_row *r)
{
	if (r->last_seq < r->first_seq)
		return 0;
	if (snapshots_each(m->from, (struct seq_range){m->host, r->first_seq, r->last_seq}, take_snapshot, m, m->e) < 0)
		return -1;
	return m->failed ? -1 : 0; /* what ends the walk is no fault of it */
}

static int put_events(struct merging *m, const struct chunk_row *c, const struct keyframe *l, const struct event_list *ev)
{
	struct key open = key_u32(key_u32(key_of(m->as, 'L'), c->no), c->first_seq);
	struct buf b = {0}, children = {0};
	struct ended *ended;
	int rc;

	if (!c->last_seq && !ev->n)
		return 0;
	events_encode(&b, ev->a, ev->n, c->first_seq);
	if (!c->last_seq)
		return put(m, open, &b);
	ended = xcalloc(ev->n + 1, sizeof *ended);
	ended_encode(&children, ended, chunk_ended(l->a, l->n, ev->a, ev->n, ended), c->first_seq);
	rc = piece_put(m->to, key_u32(key_of(m->as, 'E'), c->no), (struct str){b.p, b.n}, (struct str){children.p, children.n}, m->e);
	free(ended);
	buf_release(&b);
	buf_release(&children);
	return rc;
}

static int put_keyframe(struct merging *m, const struct chunk_row *c, const struct keyframe *l)
{
	struct buf b = {0};
	int rc;

	living_encode(&b, l->a, l->n, c->first_seq);
	rc = piece_put(m->to, key_u32(key_of(m->as, 'K'), c->no), (struct str){b.p, b.n}, (struct str){0}, m->e);
	buf_release(&b);
	return rc;
}

static int map_chunk(struct merging *m, struct keyframe *l, struct event_list *ev)
{
	for (size_t i = 0; i < l->n; i++)
		if (map_place(m, &l->a[i].stack, &l->a[i].state, &l->a[i].labels) < 0)
			return -1;
	for (size_t i = 0; i < ev->n; i++)
		if ((ev->a[i].kind == EV_BORN || ev->a[i].kind == EV_RUN) && map_place(m, &ev->a[i].stack, &ev->a[i].state, &ev->a[i].labels) < 0)
			return -1;
	return 0;
}

static int take_chunk(struct merging *m, const struct chunk_row *c)
{
	struct event_list ev = {0};
	struct keyframe l;
	struct pool p = {0};
	struct bounds fit;
	struct buf row = {0};
	int rc = -1;

	if (chunk_living(m->from, m->host, c, &p, &l, m->e) == 0 && chunk_events(m->from, m->host, c, &ev, m->e) == 0 &&
	    bounds_of(m->from, c, &fit, m->e) == 0)
		rc = chunk_fits(&fit, l.a, l.n, ev.a, ev.n) ? 0 : damaged(m->from, "events", m->host, c->no, m->e);
	if (!rc)
		rc = map_chunk(m, &l, &ev) < 0 || put_keyframe(m, c, &l) < 0 || put_events(m, c, &l, &ev) < 0 ? -1 : 0;
	chunk_pack(&row, c);
	if (!rc)
		rc = data_put(m->to, key_u32(key_of(m->as, 'D'), c->no), row.p, row.n, m->e);
	buf_release(&row);
	free(ev.a);
	pool_release(&p);
	return rc;
}

static int take_chunks(struct merging *m)
{
	struct pool p = {0};
	struct chunk_row *rows;
	size_t n = 0;
	int rc = chunk_list(m->from, (struct seq_range){m->host, 0, UINT32_MAX}, &p, &rows, &n, m->e);

	for (size_t i = 0; i < n && !rc; i++)
		rc = take_chunk(m, &rows[i]);
	pool_release(&p);
	return rc;
}

/* --- hosts --- */

struct counted {
	uint32_t failed, with_text;
};

static int count_one(void *ctx, const struct snapshot *snap)
{
	struct counted *c = ctx;

	c->failed += snap->status == SNAP_FAILED;
	c->with_text += snap_has_text(snap->status);
	return 0;
}

/* The row of a host whose earlier snapshots stay where they are. */
static int reach_back(struct merging *m, struct host_row *r)
{
	struct seq_range earlier = {m->as, m->before.first_seq, r->first_seq - 1};
	struct counted n = {0};

	if (!m->before.last_seq)
		return 0;
	if (snapshots_each(&m->to->pen, earlier, count_one, &n, m->e) < 0)
		return -1;
	r->first_seq = m->before.first_seq;
	r->first = m->before.first;
	r->failed += n.failed;
	r->with_text += n.with_text;
	if (m->before.peak > r->peak)
		r->peak = m->before.peak;
	return 0;
}

/* Both cut the time that they share into the same pieces: then those of one go on where the other's end. */
static int same_pieces(struct merging *m, const struct host_row *a, const struct host_row *b, bool *same)
{
	struct pool p = {0};
	struct chunk_row *x = NULL, *y = NULL;
	size_t n = 0, k = 0, i = 0;
	int rc = chunk_list(m->from, (struct seq_range){a->host, 0, UINT32_MAX}, &p, &x, &n, m->e);

	if (!rc)
		rc = chunk_list(&m->to->pen, (struct seq_range){b->host, 0, UINT32_MAX}, &p, &y, &k, m->e);
	*same = !rc && n && k;
	while (*same && i < k && y[i].no < x[0].no)
		i++;
	for (size_t at = 0; *same && i < k; i++, at++)
		*same = at < n && y[i].no == x[at].no && y[i].epoch == x[at].epoch && y[i].first_seq == x[at].first_seq &&
			(!y[i].last_seq || y[i].last_seq == x[at].last_seq);
	pool_release(&p);
	return rc;
}

/* Is the last snapshot of the shorter one in the longer one, too? */
static int one_recording(struct merging *m, const struct host_row *a, const struct host_row *b, bool *same)
{
	uint32_t seq = a->last_seq < b->last_seq ? a->last_seq : b->last_seq;
	struct snapshot *x, *y;
	struct pool p = {0};
	size_t n, k;
	int rc = lmdb_snapshots(&m->from->base, (struct seq_range){a->host, seq, seq}, &p, &x, &n, m->e);

	if (!rc)
		rc = lmdb_snapshots(&m->to->pen.base, (struct seq_range){b->host, seq, seq}, &p, &y, &k, m->e);
	*same = !rc && (!seq || (n == 1 && k == 1 && x->time == y->time && x->status == y->status && x->goroutines == y->goroutines &&
				 x->bytes == y->bytes && x->epoch == y->epoch && x->ordinal == y->ordinal));
	pool_release(&p);
	return rc;
}

/* Registered for its number alone: its rows are written as they are. */
static int number_of(struct merging *m, const struct host_row *r)
{
	struct host_place place;
	struct writer_host *w;

	if (lmdb_host(&m->to->base, r->name, NULL, &place, m->e) < 0)
		return -1;
	w = writer_find(m->to, place.host);
	w->loaded = w->dirty = false;
	m->as = place.host;
	if (m->before.last_seq)
		return data_del_prefix(m->to, key_of(m->as, 'L'), m->e); /* of its last piece, which comes whole */
	if (data_del_prefix(m->to, key_u32((struct key){.n = 0}, m->as), m->e) < 0)
		return -1;
	return data_del(m->to, host_key(m->as), m->e);
}

static int take_host(struct merging *m, const struct host_row *r)
{
	struct host_state st;
	struct pool p = {0};
	struct buf b = {0};
	int rc = lmdb_begin(&m->to->base, m->e);

	m->host = r->host;
	if (!rc)
		rc = number_of(m, r) < 0 || take_snapshots(m, r) < 0 || take_chunks(m) < 0 ? -1 : 0;
	for (const char *tag = "ZPM"; *tag && !rc; tag++)
		rc = same_rows(m, *tag);
	if (!rc && host_find(m->from, m->host, &p, &st, m->e) != 1)
		rc = damaged(m->from, "the row", m->host, 0, m->e);
	if (!rc)
		rc = reach_back(m, &st.row);
	if (!rc) {
		host_pack(&b, &st);
		rc = put(m, host_key(m->as), &b);
	}
	pool_release(&p);
	return rc ? -1 : lmdb_commit(&m->to->base, &(struct commit){0}, m->e);
}

/* A host that is taken, and what stays of what is there. */
struct wanted {
	bool is;
	struct host_row before;
};

static int compare_host(struct merging *m, const struct host_row *r, const struct host_row *have, struct wanted *out)
{
	bool same;

	out->is = r->last_seq > have->last_seq;
	if (one_recording(m, r, have, &same) < 0)
		return -1;
	if (!same)
		return fail(m->e, "%s: has another history of %s: nothing is copied", m->to->base.where, r->name);
	if (!out->is || r->first_seq <= have->first_seq)
		return 0;
	out->before = *have;
	if (same_pieces(m, r, have, &same) < 0)
		return -1;
	return same ? 0 : fail(m->e, "%s: has snapshots of %s that are gone in %s, and other pieces: nothing is copied", m->to->base.where, r->name,
			       m->from->base.store->where);
}

/* Which of them are to be taken; -1 where one is another's. */
static int compare_hosts(struct merging *m, const struct host_row *rows, size_t n, struct wanted *wanted)
{
	struct pool p = {0};
	struct host_row *there;
	size_t n_there;
	int rc = lmdb_hosts(&m->to->pen.base, &p, &there, &n_there, m->e);

	for (size_t i = 0; i < n && !rc; i++) {
		const struct host_row *have = row_named(there, n_there, rows[i].name);

		wanted[i].is = true;
		if (have)
			rc = compare_host(m, &rows[i], have, &wanted[i]);
	}
	pool_release(&p);
	return rc;
}

int store_merge(struct lmdb_view *from, struct lmdb_store *to, struct err *e)
{
	struct merging m = {.from = from, .to = to, .e = e};
	struct host_row *rows;
	struct pool p = {0};
	size_t n = 0;
	struct wanted *wanted = NULL;
	int rc = dict_count(from, e);

	if (!rc)
		rc = lmdb_hosts(&from->base, &p, &rows, &n, e);
	if (!rc)
		rc = lmdb_begin(&to->base, e);
	if (!rc) {
		m.strings = xcalloc((size_t)from->n_strings + 1, sizeof *m.strings);
		m.stacks = xcalloc((size_t)from->n_stacks + 1, sizeof *m.stacks);
		wanted = xcalloc(n + 1, sizeof *wanted);
		rc = compare_hosts(&m, rows, n, wanted);
	}
	for (size_t i = 0; i < n && !rc; i++)
		if (wanted[i].is) {
			m.before = wanted[i].before;
			rc = take_host(&m, &rows[i]);
		}
	if (rc)
		lmdb_abort(&to->base);
	else
		rc = lmdb_commit(&to->base, &(struct commit){0}, e);
	free(m.strings);
	free(m.stacks);
	free(wanted);
	pool_release(&p);
	return rc;
}
