/* SPDX-License-Identifier: MIT */
/*
 * Who started whom, for Graphviz. Goroutines that the same one started (or ones that are one box themselves), with the same creation
 * site, function and state, are one box with their number, so that a picture of ten thousand can be read.
 */
#include "room.h"
#include <gscrape/hash.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdlib.h>

struct box {
	uint64_t key;      /* what its members have in common */
	uint32_t number;   /* from 1; 0 none */
	uint32_t parent;   /* number of the box that started it; 0 none that is shown */
	uint32_t count;
	const struct alive *one;
};
HASH_TABLE(box_map, struct box, key, number);

struct drawing {
	struct query *q;
	const struct sink *to;
	uint32_t n;        /* boxes drawn, of all hosts */

	/* of one host */
	const struct alive *a; /* by id */
	size_t n_alive;
	uint32_t *in;      /* the number of each one's box; 0 not known yet */
	size_t *path;      /* from one up to its first ancestor whose box is known */
	struct box_map boxes;
};

static void add_text(struct buf *b, const char *s)
{
	struct buf plain = {0};

	buf_add_visible(&plain, s ? s : "", s ? strlen(s) : 0);
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '"' || plain.p[i] == '\\')
			buf_putc(b, '\\');
		buf_putc(b, plain.p[i]);
	}
	buf_release(&plain);
}

static void add_box(struct drawing *d, const struct box *x)
{
	const struct stack *s = query_stack(d->q, x->one->stack);
	const struct frame *top = stack_user_frame(s);
	struct buf *b = d->to->text;
	char name[300];

	buf_addf(b, "\tg%u [label=\"", x->number);
	if (x->count > 1)
		buf_addf(b, "%u x ", x->count);
	else
		buf_addf(b, "%" PRIu64 " ", x->one->id);
	add_text(b, query_short(name, sizeof name, top ? top->func : "(no frames)"));
	buf_adds(b, "\\n");
	add_text(b, x->one->state);
	buf_addf(b, "\"%s];\n", x->count > 1 ? ", style=bold" : "");
	if (x->parent)
		buf_addf(b, "\tg%u -> g%u;\n", x->parent, x->number);
}

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
	struct box *x = box_map_at(&d->boxes, box_key(d, &d->a[i], parent));

	if (!x->number) {
		x->number = ++d->n;
		x->parent = parent;
		x->one = &d->a[i];
	}
	x->count++;
	d->in[i] = x->number;
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
	uint32_t first = d->n;
	struct buf *b = d->to->text;
	const struct box **order;
	char t[TIME_MAX];

	d->a = a;
	d->n_alive = n;
	d->in = xcalloc(n + 1, sizeof *d->in);
	d->path = xcalloc(n + 1, sizeof *d->path);
	d->boxes = (struct box_map){0};
	for (size_t i = 0; i < n; i++)
		if (!d->in[i])
			put_with_ancestors(d, i);
	buf_addf(b, "\tsubgraph cluster_%u {\n\tlabel=\"", first + 1);
	add_text(b, h->name);
	buf_addf(b, " %s\";\n", time_format(t, s->time, TIME_RFC3339, NULL));
	order = xcalloc(d->n - first + 1, sizeof *order);
	for (size_t i = 0; i < d->boxes.cap; i++)
		if (d->boxes.a[i].number)
			order[d->boxes.a[i].number - first - 1] = &d->boxes.a[i];
	for (uint32_t k = 0; k < d->n - first; k++)
		add_box(d, order[k]);
	free(order);
	free(d->path);
	free(d->in);
	box_map_release(&d->boxes);
	buf_adds(b, "\t}\n");
	return d->to->ready(d->to->ctx, 1);
}

int export_dot(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	struct drawing d = {.q = q, .to = to};

	buf_adds(to->text, "digraph goroutines {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
	if (each_alive(q, ask, draw_host, &d, e) < 0)
		return -1;
	buf_adds(to->text, "}\n");
	return 0;
}
