/* SPDX-License-Identifier: MIT */
/* Who started whom, for Graphviz. */
#include "graph.h"
#include <gscrape/text.h>
#include <inttypes.h>

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

static void add_box(const struct graph *g, const struct box *x, struct buf *b)
{
	char name[300];

	buf_addf(b, "\tg%u [label=\"", x->number);
	if (x->count > 1)
		buf_addf(b, "%u x ", x->count);
	else
		buf_addf(b, "%" PRIu64 " ", x->one->id);
	add_text(b, box_function(g, x, name, sizeof name));
	buf_adds(b, "\\n");
	add_text(b, x->one->state);
	buf_addf(b, "\"%s];\n", x->count > 1 ? ", style=bold" : "");
	if (x->parent)
		buf_addf(b, "\tg%u -> g%u;\n", x->parent, x->number);
}

static void dot_begin(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_adds(out, "digraph goroutines {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
}

static void dot_host(void *ctx, const struct graph *g, struct buf *out)
{
	char t[TIME_MAX];

	(void)ctx;
	buf_addf(out, "\tsubgraph cluster_%u {\n\tlabel=\"", g->first);
	add_text(out, g->host);
	buf_addf(out, " %s\";\n", time_format(t, g->time, TIME_RFC3339, NULL));
	for (uint32_t i = 0; i < g->n; i++)
		add_box(g, &g->boxes[i], out);
	buf_adds(out, "\t}\n");
}

static void dot_end(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_adds(out, "}\n");
}

int export_dot(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	static const struct graph_writer dot = {dot_begin, dot_host, dot_end};

	return graph_write(q, &(struct graph_ask){ask, &dot, NULL}, to, e);
}
