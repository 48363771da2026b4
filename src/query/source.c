/* SPDX-License-Identifier: MIT */
#include "source.h"
#include <stdlib.h>

struct copied {
	uint64_t id;
	struct living start;
	bool had;
	size_t first, n;
};

struct source {
	struct query *q;
	uint32_t host, from, to, next;
	struct step step;
	struct copied *a;
	size_t n, cap, at;
	struct event *ev;
	size_t n_ev, cap_ev;
	struct pool pool; /* source_one */
	struct trail trail;
	bool one;
};

static void copy_chunk(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	struct source *s = ctx;

	s->step = (struct step){.piece = s->step.piece + 1, .epoch = epoch, .first_seq = first_seq, .last_seq = last_seq};
}

static void copy_trail(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n)
{
	struct source *s = ctx;

	GROW(s->a, s->n, s->cap);
	s->a[s->n] = (struct copied){.id = id, .had = start != NULL, .first = s->n_ev, .n = n};
	if (start)
		s->a[s->n].start = *start;
	s->n++;
	for (size_t i = 0; i < n; i++) {
		GROW(s->ev, s->n_ev, s->cap_ev);
		s->ev[s->n_ev++] = ev[i];
	}
}

static void note_begin(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq)
{
	(void)epoch;
	(void)last_seq;
	*(uint32_t *)ctx = first_seq;
}

struct source *source_all(struct query *q, uint32_t host, uint32_t from, uint32_t to)
{
	struct source *s = xcalloc(1, sizeof *s);

	*s = (struct source){.q = q, .host = host, .from = from, .to = to, .next = from};
	return s;
}

struct source *source_one(struct query *q, uint32_t host, uint32_t epoch, uint64_t id, int *rc, struct err *e)
{
	struct source *s = xcalloc(1, sizeof *s);

	s->q = q;
	s->one = true;
	*rc = store_trail(q->store, host, epoch, id, &s->pool, &s->trail, e);
	if (*rc == 1) {
		s->step = (struct step){1, epoch, 0, UINT32_MAX, id, s->trail.start.id ? &s->trail.start : NULL, s->trail.events, s->trail.n};
		return s;
	}
	source_end(s);
	return NULL;
}

/* One chunk, copied. */
static int next_chunk(struct source *s, struct err *e)
{
	uint32_t first, was = s->step.piece, another = 0;

	do {
		s->n = s->n_ev = s->at = 0;
		if (s->next > s->to)
			return 0;
		if (store_walk(s->q->store, s->host, s->next, s->next, &(struct store_walk){copy_chunk, copy_trail, s}, e) < 0)
			return -1;
		if (s->step.piece == was) {
			s->next++;
			continue;
		}
		first = s->step.first_seq;
		if (s->step.last_seq == s->next && s->next < s->to) {
			if (store_walk(s->q->store, s->host, s->next + 1, s->next + 1, &(struct store_walk){.chunk = note_begin, .ctx = &another}, e) < 0)
				return -1;
			if (another == first) /* the open one: it lasts to the end */
				s->step.last_seq = s->to;
		}
		s->next = s->step.last_seq + 1;
	} while (!s->n);
	return 1;
}

int source_next(struct source *s, struct step *out, struct err *e)
{
	int rc = 1;

	if (s->one) {
		*out = s->step;
		return s->at++ ? 0 : 1;
	}
	if (s->at == s->n)
		rc = next_chunk(s, e);
	if (rc != 1)
		return rc;
	*out = s->step;
	out->id = s->a[s->at].id;
	out->start = s->a[s->at].had ? &s->a[s->at].start : NULL;
	out->events = s->ev ? s->ev + s->a[s->at].first : NULL;
	out->n = s->a[s->at].n;
	s->at++;
	return 1;
}

void source_end(struct source *s)
{
	if (!s)
		return;
	free(s->a);
	free(s->ev);
	pool_release(&s->pool);
	free(s);
}
