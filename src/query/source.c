/* SPDX-License-Identifier: MIT */
#include "source.h"
#include <stdlib.h>

struct source {
	struct store_walk *walk; /* NULL: of one */
	struct pool pool;
	struct goroutine_history one;
	bool told;
};

struct source *source_all(struct query *q, uint32_t host, uint32_t from, uint32_t to, struct err *e)
{
	struct source *s = xcalloc(1, sizeof *s);

	if (store_walk_begin(q->view, host, from, to, &s->walk, e) == 0)
		return s;
	source_end(s);
	return NULL;
}

struct source *source_one(struct query *q, const struct goroutine_key *who, int *rc, struct err *e)
{
	struct source *s = xcalloc(1, sizeof *s);

	*rc = store_history(q->view, who, &s->pool, &s->one, e);
	if (*rc == 1)
		return s;
	source_end(s);
	return NULL;
}

int source_next(struct source *s, struct walk_step *out, struct err *e)
{
	const struct goroutine_history *h = &s->one;

	if (s->walk)
		return store_walk_next(s->walk, out, e);
	if (s->told)
		return 0;
	s->told = true;
	*out = (struct walk_step){1, h->epoch, 0, UINT32_MAX, 0, h->start.id ? &h->start : NULL, h->events, h->n};
	out->id = h->start.id ? h->start.id : h->events[0].id;
	return 1;
}

void source_end(struct source *s)
{
	if (!s)
		return;
	store_walk_end(s->walk);
	pool_release(&s->pool);
	free(s);
}
