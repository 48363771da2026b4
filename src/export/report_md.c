/* SPDX-License-Identifier: MIT */
/* A report as Markdown (GitHub's, for the tables). */
#include "report.h"
#include <stdio.h>

/* What Markdown or HTML would take for their own stands behind a backslash. */
static void escaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (strchr("\\`*_[]<>|&#~$", *s))
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
}

/* Longest row of backticks in a text: a fence must be longer. */
static int backticks(const char *s)
{
	int most = 0;

	for (int n = 0; *s; s++) {
		n = *s == '`' ? n + 1 : 0;
		most = n > most ? n : most;
	}
	return most;
}

static void repeat(struct buf *b, char c, int n)
{
	for (; n > 0; n--)
		buf_putc(b, c);
}

/* A code span. In a table a bar ends the cell even there, unless it is escaped. */
static void span(struct buf *b, const char *s, bool in_table)
{
	int fence = backticks(s) + 1;
	bool pad = fence > 1 || *s == ' ';

	if (!*s)
		return;
	repeat(b, '`', fence);
	buf_adds(b, pad ? " " : "");
	for (; *s; s++) {
		if (*s == '|' && in_table)
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
	buf_adds(b, pad ? " " : "");
	repeat(b, '`', fence);
}

static void code(struct buf *b, const char *s)
{
	span(b, s, false);
}

static void cell_code(struct buf *b, const char *s)
{
	span(b, s, true);
}

static void begin(struct buf *b, const char *title)
{
	buf_adds(b, "# ");
	escaped(b, title);
	buf_adds(b, "\n\n");
}

static void heading(struct buf *b, int level, const char *text)
{
	repeat(b, '#', level);
	buf_putc(b, ' ');
	escaped(b, text);
	buf_adds(b, "\n\n");
}

static void text(struct buf *b, const char *s)
{
	escaped(b, s);
	buf_adds(b, "\n\n");
}

static void facts(struct buf *b, const struct fact *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!f[i].value)
			continue;
		buf_addf(b, "- **%s**: ", f[i].name);
		(f[i].code ? code : escaped)(b, f[i].value);
		buf_putc(b, '\n');
	}
	buf_putc(b, '\n');
}

static void table(struct buf *b, const struct report_table *t)
{
	for (size_t i = 0; i < t->n_columns; i++)
		buf_addf(b, "| %s ", t->heads[i]);
	buf_adds(b, "|\n");
	for (size_t i = 0; i < t->n_columns; i++)
		buf_adds(b, "|---");
	buf_adds(b, "|\n");
	for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
		buf_adds(b, "| ");
		(t->code && t->code[i % t->n_columns] ? cell_code : escaped)(b, t->cells[i]);
		buf_adds(b, (i + 1) % t->n_columns ? " " : " |\n");
	}
	buf_putc(b, '\n');
}

static void items(struct buf *b, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, "- ");
		escaped(b, v[i]);
		buf_putc(b, '\n');
	}
	buf_putc(b, '\n');
}

static void block(struct buf *b, const char *s)
{
	int fence = backticks(s) < 3 ? 3 : backticks(s) + 1;

	repeat(b, '`', fence);
	buf_addf(b, "\n%s\n", s);
	repeat(b, '`', fence);
	buf_adds(b, "\n\n");
}

static void link_to(struct buf *b, const char *url)
{
	buf_addf(b, "<%s>\n\n", url);
}

#define ROWS 6

static void chart_row(struct buf *b, const struct report_chart *c, int row)
{
	static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

	for (size_t i = 0; i < c->n; i++) {
		uint64_t full = (uint64_t)c->flow[i].alive * ROWS * 8, least = (uint64_t)row * 8 * c->most, part;

		if (!c->flow[i].known) {
			buf_adds(b, row ? " " : "·");
			continue;
		}
		part = full > least ? (full - least + c->most - 1) / c->most : 0;
		buf_adds(b, eighths[part > 8 ? 8 : part]);
	}
	buf_putc(b, '\n');
}

static void chart(struct buf *b, const struct report_chart *c)
{
	char most[16];
	int width = snprintf(most, sizeof most, "%u", c->most);

	text(b, c->title);
	buf_adds(b, "```\n");
	for (int row = ROWS - 1; row >= 0; row--) {
		buf_addf(b, "%*s%s", width, row == ROWS - 1 ? most : row ? "" : "0", row ? "┤" : "┼");
		chart_row(b, c, row);
	}
	buf_addf(b, "%*s%s%*s\n```\n\n", width + 1, "", c->from, (int)(c->n - strlen(c->from)), c->to);
}

static void end(struct buf *b, const char *footer)
{
	buf_adds(b, "---\n\n");
	escaped(b, footer);
	buf_putc(b, '\n');
}

const struct report_style report_md = {
	.ending = ".md",
	.begin = begin,
	.heading = heading,
	.text = text,
	.facts = facts,
	.table = table,
	.items = items,
	.block = block,
	.link = link_to,
	.chart = chart,
	.end = end,
};
