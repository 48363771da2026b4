/* SPDX-License-Identifier: MIT */
/* Rows to bytes and back. Fields are only ever added at the end; a reader takes what is missing for zero. */
#include "lmdb_store.h"
#include <gscrape/err.h>

struct in {
	const uint8_t *p, *end;
};

static struct in in_of(struct str v)
{
	return (struct in){(const uint8_t *)v.p, (const uint8_t *)v.p + v.n};
}

static uint64_t u(struct in *in)
{
	if (in->p && in->p == in->end)
		return 0;
	return get_varint(&in->p, in->end);
}

static uint32_t u32(struct in *in)
{
	return (uint32_t)u(in);
}

/* They stand in the row. */
static struct str get_bytes(struct in *in)
{
	uint64_t n = u(in);
	struct str s = {(const char *)in->p, (size_t)n};

	if (!in->p || n > (uint64_t)(in->end - in->p)) {
		in->p = NULL;
		return (struct str){0};
	}
	in->p += n;
	return s;
}

void snapshot_pack(struct buf *b, const struct snapshot *s)
{
	buf_svarint(b, s->time);
	buf_varint(b, s->ordinal);
	buf_varint(b, s->epoch);
	buf_varint(b, s->status);
	buf_varint(b, s->goroutines);
	buf_varint(b, s->bytes);
	buf_varint(b, s->took);
	buf_varint(b, s->note);
	buf_varint(b, s->n_states);
	for (uint32_t i = 0; i < s->n_states; i++) {
		buf_varint(b, s->states[i].state);
		buf_varint(b, s->states[i].n);
	}
	if (!s->held_ago)
		return;
	buf_varint(b, s->held_ago);
	buf_varint(b, s->held.n);
	buf_add(b, s->held.p, s->held.n);
}

bool snapshot_unpack(struct str v, uint32_t seq, struct snapshot *s, struct state_count **states, size_t *cap)
{
	struct in in = in_of(v);

	*s = (struct snapshot){.seq = seq};
	s->time = get_svarint(&in.p, in.end);
	s->ordinal = u32(&in);
	s->epoch = u32(&in);
	s->status = (enum snap_status)u32(&in);
	s->goroutines = u32(&in);
	s->bytes = u(&in);
	s->took = u32(&in);
	s->note = u32(&in);
	s->n_states = u32(&in);
	if (!in.p || s->n_states > v.n || s->status > SNAP_GROUPED)
		return false;
	if (s->n_states > *cap) {
		*cap = 2 * (size_t)s->n_states;
		*states = xrealloc(*states, *cap, sizeof **states);
	}
	for (uint32_t i = 0; i < s->n_states; i++) {
		(*states)[i].state = u32(&in);
		(*states)[i].n = u32(&in);
	}
	s->states = *states;
	s->held_ago = u32(&in);
	s->held = get_bytes(&in);
	return in.p != NULL;
}

static void put_text(struct buf *b, const char *s)
{
	size_t n = strlen(s);

	buf_varint(b, n);
	buf_add(b, s, n);
}

static const char *get_text(struct in *in, struct pool *p)
{
	uint64_t n = u(in);
	const char *s;

	if (!in->p || n > (uint64_t)(in->end - in->p)) {
		in->p = NULL;
		return "";
	}
	s = p ? pool_strndup(p, (const char *)in->p, n) : "";
	in->p += n;
	return s;
}

void chunk_pack(struct buf *b, const struct chunk_row *c)
{
	buf_varint(b, c->epoch);
	buf_varint(b, c->first_seq);
	buf_varint(b, c->last_seq);
	buf_varint(b, c->events);
	buf_varint(b, c->living);
	buf_varint(b, c->max_id);
}

bool chunk_unpack(struct str v, uint32_t no, struct chunk_row *c)
{
	struct in in = in_of(v);

	*c = (struct chunk_row){.no = no};
	c->epoch = u32(&in);
	c->first_seq = u32(&in);
	c->last_seq = u32(&in);
	c->events = u32(&in);
	c->living = u32(&in);
	c->max_id = u(&in);
	return in.p != NULL;
}

void host_pack(struct buf *b, const struct host_state *h)
{
	const struct host_row *r = &h->row;

	put_text(b, r->name);
	put_text(b, r->labels);
	buf_varint(b, r->first_seq);
	buf_varint(b, r->last_seq);
	buf_varint(b, r->failed);
	buf_varint(b, r->with_text);
	buf_varint(b, r->epoch);
	buf_varint(b, r->peak);
	buf_svarint(b, r->first);
	buf_svarint(b, r->last);
	buf_varint(b, r->events);
	buf_varint(b, r->bytes);
	buf_varint(b, h->ordinal);
	buf_varint(b, h->chunk);
	buf_varint(b, h->open.events);
	buf_varint(b, h->open.max_id);
}

bool host_unpack(struct str v, struct pool *p, struct host_state *h)
{
	struct in in = in_of(v);
	struct host_row *r = &h->row;

	*h = (struct host_state){0};
	r->name = get_text(&in, p);
	r->labels = get_text(&in, p);
	r->first_seq = u32(&in);
	r->last_seq = u32(&in);
	r->failed = u32(&in);
	r->with_text = u32(&in);
	r->epoch = u32(&in);
	r->peak = u32(&in);
	r->first = get_svarint(&in.p, in.end);
	r->last = get_svarint(&in.p, in.end);
	r->events = u(&in);
	r->bytes = u(&in);
	h->ordinal = u32(&in);
	h->chunk = u32(&in);
	h->open.events = u32(&in);
	h->open.max_id = u(&in);
	return in.p != NULL;
}

void summary_pack(struct buf *b, const struct summary *s)
{
	buf_svarint(b, s->from);
	buf_svarint(b, s->to - s->from);
	buf_varint(b, s->first_seq);
	buf_varint(b, s->n);
	buf_varint(b, s->min);
	buf_varint(b, s->max);
	buf_varint(b, s->last);
	buf_varint(b, s->bad);
	buf_varint(b, s->epochs);
}

bool summary_unpack(struct str v, struct summary *s)
{
	struct in in = in_of(v);

	*s = (struct summary){0};
	s->from = get_svarint(&in.p, in.end);
	s->to = s->from + get_svarint(&in.p, in.end);
	s->first_seq = u32(&in);
	s->n = u32(&in);
	s->min = u32(&in);
	s->max = u32(&in);
	s->last = u32(&in);
	s->bad = u32(&in);
	s->epochs = u32(&in);
	return in.p != NULL;
}

void summary_add(struct summary *sum, const struct snapshot *s, bool new_epoch)
{
	if (!sum->n) {
		*sum = (struct summary){.from = s->time, .first_seq = s->seq, .min = UINT32_MAX};
	}
	sum->to = s->time;
	sum->n++;
	sum->epochs += new_epoch;
	if (s->status == SNAP_FAILED) {
		sum->bad++;
		return;
	}
	if (s->goroutines < sum->min)
		sum->min = s->goroutines;
	if (s->goroutines > sum->max)
		sum->max = s->goroutines;
	sum->last = s->goroutines;
}
