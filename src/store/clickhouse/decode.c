/* SPDX-License-Identifier: MIT */
/* Rows of an answer as what they are: whoever asks for CH_SNAPSHOT_COLUMNS or CH_EVENT_COLUMNS, of one host or of many. */
#include "ch.h"

static void get_states(struct ch_store *s, struct ch_rows *r, struct pool *p, struct snapshot *snap)
{
	uint64_t n = ch_get_length(r);
	struct state_count *states;

	if (n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return;
	}
	states = pool_alloc(p, ((size_t)n + 1) * sizeof *states);
	for (uint64_t i = 0; i < n; i++)
		states[i].state = ch_string(&s->names, ch_get_text(r));
	r->bad |= ch_get_length(r) != n;
	for (uint64_t i = 0; i < n && !r->bad; i++)
		states[i].n = (uint32_t)ch_get(r, 4);
	snap->states = states;
	snap->n_states = (uint32_t)n;
}

void ch_get_snapshot(struct ch_store *s, struct ch_rows *r, struct pool *p, struct snapshot *snap)
{
	*snap = (struct snapshot){.seq = (uint32_t)ch_get(r, 4)};
	snap->time = (int64_t)ch_get(r, 8);
	snap->ordinal = (uint32_t)ch_get(r, 4);
	snap->epoch = (uint32_t)ch_get(r, 4);
	snap->status = (enum snap_status)ch_get(r, 1);
	snap->goroutines = (uint32_t)ch_get(r, 4);
	snap->bytes = ch_get(r, 8);
	snap->took = (uint32_t)ch_get(r, 4);
	snap->note = ch_string(&s->names, ch_get_text(r));
	get_states(s, r, p, snap);
	r->bad |= snap->status > SNAP_GROUPED;
}

void ch_get_event(struct ch_store *s, struct ch_rows *r, struct ch_event *out)
{
	struct event *ev = &out->ev;

	*out = (struct ch_event){.epoch = (uint32_t)ch_get(r, 4)};
	ev->id = ch_get(r, 8);
	ev->seq = (uint32_t)ch_get(r, 4);
	ev->kind = (enum event_kind)ch_get(r, 1);
	ev->flags = (uint8_t)ch_get(r, 1);
	ev->moved_proof = ch_get(r, 1);
	ev->minutes = (int32_t)ch_get(r, 4);
	ev->moved = (uint32_t)ch_get(r, 4);
	ev->stack = ch_stack(&s->names, ch_get(r, 8));
	ev->state = ch_string(&s->names, ch_get_text(r));
	ev->labels = ch_string(&s->names, ch_get_text(r));
	ev->parent = ch_get(r, 8);
	ev->wait_object = ch_get(r, 8);
	r->bad |= ev->kind > EV_GONE;
}
