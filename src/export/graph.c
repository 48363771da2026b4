/* SPDX-License-Identifier: MIT */
/*
 * Who started whom, as boxes. Goroutines that the same one started (or ones that are one box themselves), with the same creation
 * site, function and state, are one box with their number, so that a picture of ten thousand can be read. How boxes look is their
 * writer's: dot.c for Graphviz, svg.c a picture.
 */
#include "graph.h"
#include <gscrape/hash.h>
#include <stdlib.h>

struct entry {
	uint64_t key; /* what its members have in common */
	struct box box;
};
HASH_TABLE(box_map, struct entry, key, box.number);

struct drawing {
	struct query *q;
	const struct sink *to;
	const struct graph_writer *writer;
	void *ctx;
	uint32_t n;        /* boxes of all hosts up to now */

	/* of one host */
	const struct alive *a; /* by id */
	size_t n_alive;
	uint32_t *in;      /* the number of each one's box; 0 not known yet */
	size_t *path;      /* from one up to its first ancestor whose box is known */
	struct box_map boxes;
};

static uint64_t box_key(struct drawing *d, const struct alive *g, uint32_t parent)
{
	const struct stack *s = query_stack(d->q, g->stack);
	const struct frame *top = stack_user_frame(s);
	const uint32_t parts[] = {parent, s->created.func_id, s->created.file_id, s->created.line, top ? top->func_id : 0, g->state_id};

	return hash64(parts, sizeof parts) | 1;
}

static int by_id(const void *pa, const void *pb)
{
	const struct alive *a = pa, *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* Who started one and is there; NULL when nobody is. */
static const struct alive *starter(const struct drawing *d, const struct alive *g)
{
	return g->parent && g->parent != g->id ? bsearch(&(struct alive){.id = g->parent}, d->a, d->n_alive, sizeof *d->a, by_id) : NULL;
}

static void put_in_box(struct drawing *d, size_t i)
{
	const struct alive *o = starter(d, &d->a[i]);
	uint32_t parent = o ? d->in[o - d->a] : 0;
	struct entry *x = box_map_at(&d->boxes, box_key(d, &d->a[i], parent));

	if (!x->box.number)
		x->box = (struct box){.number = ++d->n, .parent = parent, .one = &d->a[i]};
	x->box.count++;
	d->in[i] = x->box.number;
}

/* Numbers are given out in batches, so a parent's may be higher than its child's: ancestors first. */
static void put_with_ancestors(struct drawing *d, size_t i)
{
	const struct alive *o;
	size_t n = 0;

	for (d->path[n++] = i; n < d->n_alive && (o = starter(d, &d->a[d->path[n - 1]])) && !d->in[o - d->a]; n++)
		d->path[n] = (size_t)(o - d->a);
	while (n--)
		if (!d->in[d->path[n]]) /* twice on the way: ids that a text has wrong */
			put_in_box(d, d->path[n]);
}

static bool draw_host(void *ctx, const struct host *h, const struct snapshot *s, const struct alive *a, size_t n)
{
	struct drawing *d = ctx;
	struct graph g = {.q = d->q, .host = h->name, .time = s->time, .first = d->n + 1};
	struct box *boxes;

	d->a = a;
	d->n_alive = n;
	d->in = xcalloc(n + 1, sizeof *d->in);
	d->path = xcalloc(n + 1, sizeof *d->path);
	d->boxes = (struct box_map){0};
	for (size_t i = 0; i < n; i++)
		if (!d->in[i])
			put_with_ancestors(d, i);
	g.n = d->n + 1 - g.first;
	g.boxes = boxes = xcalloc(g.n + 1, sizeof *boxes);
	for (size_t i = 0; i < d->boxes.cap; i++)
		if (d->boxes.a[i].box.number)
			boxes[d->boxes.a[i].box.number - g.first] = d->boxes.a[i].box;
	d->writer->host(d->ctx, &g, d->to->text);
	free(boxes);
	free(d->path);
	free(d->in);
	box_map_release(&d->boxes);
	return d->to->ready(d->to->ctx, 1);
}

int graph_write(struct query *q, const struct graph_ask *how, const struct sink *to, struct err *e)
{
	struct drawing d = {.q = q, .to = to, .writer = how->writer, .ctx = how->ctx};

	if (d.writer->begin)
		d.writer->begin(d.ctx, to->text);
	if (each_alive(q, how->ask, draw_host, &d, e) < 0)
		return -1;
	d.writer->end(d.ctx, to->text);
	return 0;
}

const char *box_function(const struct graph *g, const struct box *x, char *out, size_t n)
{
	const struct frame *top = stack_user_frame(query_stack(g->q, x->one->stack));

	return query_short(out, n, top ? top->func : "(no frames)");
}
