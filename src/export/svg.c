/* SPDX-License-Identifier: MIT */
/*
 * Who started whom, as a picture: a row for each box below the one that started it, indented, with lines between them as a tree has
 * them. It needs nothing else to be seen, and takes light or dark from who shows it.
 */
#include "graph.h"
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ROW 22       /* pixels: of a row, */
#define STEP 24      /* from a box to those that it started, */
#define LETTER 7     /* a letter of the box, at most */
#define ROWS_MOST 5000

struct picture {
	struct buf body;
	int rows, width;
	uint32_t left_out; /* boxes for which there was no row */
};

static void add_text(struct buf *b, const char *s)
{
	struct buf plain = {0};

	buf_add_visible(&plain, s ? s : "", s ? strlen(s) : 0);
	for (size_t i = 0; i < plain.n; i++) {
		switch (plain.p[i]) {
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		case '&': buf_adds(b, "&amp;"); break;
		case '"': buf_adds(b, "&quot;"); break;
		default: buf_putc(b, plain.p[i]); break;
		}
	}
	buf_release(&plain);
}

/* The boxes of a host as rows: each behind the one that started it. */
struct tree {
	uint32_t *child, *next; /* by number - first: its first child, the next of its parent; number - first + 1, 0 none */
	uint32_t *row;          /* where the box stands */
	uint32_t roots;
};

static void grow(struct tree *t, const struct graph *g)
{
	t->child = xcalloc((size_t)g->n + 1, sizeof *t->child);
	t->next = xcalloc((size_t)g->n + 1, sizeof *t->next);
	t->row = xcalloc((size_t)g->n + 1, sizeof *t->row);
	t->roots = 0;
	for (uint32_t i = g->n; i-- > 0;) { /* so that the first stands in front */
		uint32_t *head = g->boxes[i].parent ? &t->child[g->boxes[i].parent - g->first] : &t->roots;

		t->next[i] = *head;
		*head = i + 1;
	}
}

static void draw_box(struct picture *p, const struct graph *g, const struct box *x, int depth)
{
	char name[300], created[400] = "", number[32];
	const struct frame *c = &query_stack(g->q, x->one->stack)->created;
	int at = 8 + depth * STEP, y = p->rows * ROW, w;

	box_function(g, x, name, sizeof name);
	if (c->func)
		snprintf(created, sizeof created, ", created by %s at %s:%" PRIu32, c->func, c->file ? c->file : "?", c->line);
	if (x->count > 1)
		snprintf(number, sizeof number, "%" PRIu32 " \u00d7 ", x->count);
	else
		snprintf(number, sizeof number, "%" PRIu64 " ", x->one->id);
	w = (int)(visible_cells(name, strlen(name)) + visible_cells(number, strlen(number)) + visible_cells(x->one->state, strlen(x->one->state)) + 4) * LETTER;
	buf_addf(&p->body, "<g><title>");
	add_text(&p->body, name);
	buf_adds(&p->body, ", ");
	add_text(&p->body, x->one->state);
	add_text(&p->body, created);
	buf_addf(&p->body, "</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"%s/>", at, y + 2, w, ROW - 4, x->count > 1 ? " class=\"many\"" : "");
	buf_addf(&p->body, "<text x=\"%d\" y=\"%d\"><tspan class=\"n\">%s</tspan>", at + 6, y + 15, number);
	add_text(&p->body, name);
	buf_adds(&p->body, " <tspan class=\"s\">");
	add_text(&p->body, x->one->state);
	buf_adds(&p->body, "</tspan></text></g>\n");
	p->width = at + w + 8 > p->width ? at + w + 8 : p->width;
}

/* From the box that started it down to this row, and to it. */
static void draw_line(struct picture *p, uint32_t parent_row, int depth)
{
	int x = 8 + (depth - 1) * STEP + 10, y = p->rows * ROW + ROW / 2;

	buf_addf(&p->body, "<path d=\"M%d %dV%dH%d\"/>\n", x, (int)(parent_row + 1) * ROW - 2, y, 8 + depth * STEP);
}

static void svg_host(void *ctx, const struct graph *g, struct buf *out)
{
	struct picture *p = ctx;
	char t[TIME_MAX];
	struct tree tree;
	uint32_t *path, n = 0; /* where the walk is: a number - first + 1 for each depth */

	(void)out;
	buf_addf(&p->body, "<text class=\"host\" x=\"8\" y=\"%d\">", p->rows * ROW + 15);
	add_text(&p->body, g->host);
	buf_addf(&p->body, " %s</text>\n", time_format(t, g->time, TIME_RFC3339, NULL));
	p->width = p->width < 400 ? 400 : p->width;
	p->rows++;
	grow(&tree, g);
	path = xcalloc((size_t)g->n + 2, sizeof *path);
	for (uint32_t at = tree.roots; at;) {
		const struct box *x = &g->boxes[at - 1];

		tree.row[at - 1] = (uint32_t)p->rows;
		if (p->rows < ROWS_MOST) {
			if (x->parent)
				draw_line(p, tree.row[x->parent - g->first], (int)n);
			draw_box(p, g, x, (int)n);
			p->rows++;
		} else {
			p->left_out++;
		}
		if (tree.child[at - 1]) {
			path[n++] = at;
			at = tree.child[at - 1];
			continue;
		}
		while (at && !tree.next[at - 1])
			at = n ? path[--n] : 0;
		at = at ? tree.next[at - 1] : 0;
	}
	free(path);
	free(tree.child);
	free(tree.next);
	free(tree.row);
}

static void svg_end(void *ctx, struct buf *out)
{
	struct picture *p = ctx;

	if (p->left_out)
		buf_addf(&p->body, "<text class=\"host\" x=\"8\" y=\"%d\">and %" PRIu32 " more boxes</text>\n", p->rows++ * ROW + 15, p->left_out);
	buf_addf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n", p->width, p->rows * ROW + 8,
		 p->width, p->rows * ROW + 8);
	buf_adds(out, "<title>who started whom</title>\n"
		      "<style>svg{color:#222;background:#fff}text{font:12px ui-monospace,monospace;fill:currentColor}.host{font-weight:bold}"
		      ".n{font-weight:bold}.s{opacity:.75}rect{fill:currentColor;fill-opacity:.06;stroke:currentColor;stroke-opacity:.4}"
		      ".many{stroke-opacity:1;stroke-width:1.5}path{fill:none;stroke:currentColor;stroke-opacity:.5}"
		      "@media(prefers-color-scheme:dark){svg{color:#ddd;background:#16181d}}</style>\n");
	buf_add(out, p->body.p, p->body.n);
	buf_adds(out, "</svg>\n");
}

int export_svg(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	static const struct graph_writer svg = {NULL, svg_host, svg_end};
	struct picture p = {0};
	int rc = graph_write(q, &(struct graph_ask){ask, &svg, &p}, to, e);

	buf_release(&p.body);
	return rc;
}
