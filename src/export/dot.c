/* SPDX-License-Identifier: MIT */
/*
 * Who started whom, for Graphviz. Goroutines that the same one started (or ones that are one box themselves), with the same creation
 * site, function and state, are one box with their number, so that a picture of ten thousand can be read.
 */
#include "room.h"
#include <gscrape/hash.h>
#include <gscrape/text.h>
#include <inttypes.h>

struct box {
	uint64_t key;      /* what its members have in common */
	uint32_t number;   /* from 1; 0 none */
	uint32_t parent;   /* number of the box that started it; 0 none that is shown */
	uint32_t count;
	const struct alive *one;
};
HASH_TABLE(box_map, struct box, key, number);

struct owned { /* which box a goroutine is in */
	uint64_t id;
	uint32_t number;
};
HASH_TABLE(owner_map, struct owned, id, number);

struct drawing {
	struct query *q;
	const struct sink *to;
	uint32_t n;        /* boxes drawn, of all hosts */
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

/* Numbers are given in order, so a goroutine's parent comes before it. */
static bool draw_host(void *ctx, const struct host *h, const struct snapshot *s, const struct alive *a, size_t n)
{
	struct drawing *d = ctx;
	struct box_map boxes = {0};
	struct owner_map owners = {0};
	uint32_t first = d->n;
	struct buf *b = d->to->text;
	const struct box **order;
	char t[TIME_MAX];
	bool more;

	for (size_t i = 0; i < n; i++) {
		const struct owned *o = a[i].parent ? owner_map_find(&owners, a[i].parent) : NULL;
		struct box *x = box_map_at(&boxes, box_key(d, &a[i], o ? o->number : 0));

		if (!x->number) {
			x->number = ++d->n;
			x->parent = o ? o->number : 0;
			x->one = &a[i];
		}
		x->count++;
		owner_map_at(&owners, a[i].id)->number = x->number;
	}
	buf_addf(b, "\tsubgraph cluster_%u {\n\tlabel=\"", h->id);
	add_text(b, h->name);
	buf_addf(b, " %s\";\n", time_format(t, s->time, TIME_RFC3339, NULL));
	order = xcalloc(d->n - first + 1, sizeof *order);
	for (size_t i = 0; i < boxes.cap; i++)
		if (boxes.a[i].number)
			order[boxes.a[i].number - first - 1] = &boxes.a[i];
	for (uint32_t k = 0; k < d->n - first; k++)
		add_box(d, order[k]);
	free(order);
	buf_adds(b, "\t}\n");
	more = d->to->ready(d->to->ctx, 1);
	box_map_release(&boxes);
	owner_map_release(&owners);
	return more;
}

int export_dot(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	struct drawing d = {q, to, 0};

	buf_adds(to->text, "digraph goroutines {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
	if (each_alive(q, ask, draw_host, &d, e) < 0)
		return -1;
	buf_adds(to->text, "}\n");
	return 0;
}
