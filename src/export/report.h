/* SPDX-License-Identifier: MIT */
/*
 * report.h: a report is written once, in terms of headings, facts, tables and charts; a style says how each looks. Texts
 * given to a style are plain (plain_text), and it escapes what its language would take for its own.
 */
#ifndef EXPORT_REPORT_H
#define EXPORT_REPORT_H

#include <gscrape/export.h>

struct fact {
	const char *name, *value; /* value NULL: left out */
	bool code;                /* a name of the program's */
};

struct report_chart {
	const char *title;
	const char *from, *to; /* times, as text */
	uint32_t most;
	const struct flow *flow;
	size_t n;
	const struct zone *tz;
};

struct report_table {
	const char *const *heads;
	size_t n_columns;
	const char **cells; /* row by row */
	size_t n_rows;
	const bool *code;   /* which columns are names of the program's; NULL none */
};

#define CHART_COLUMNS 72

struct report_style {
	const char *ending; /* of file names */
	void (*begin)(struct buf *b, const char *title);
	void (*heading)(struct buf *b, int level, const char *text);
	void (*text)(struct buf *b, const char *text);
	void (*facts)(struct buf *b, const struct fact *f, size_t n);
	void (*table)(struct buf *b, const struct report_table *t);
	void (*items)(struct buf *b, const char *const *v, size_t n);
	void (*block)(struct buf *b, const char *text); /* as it is, line by line */
	void (*link)(struct buf *b, const char *url);
	void (*chart)(struct buf *b, const struct report_chart *c);
	void (*end)(struct buf *b, const char *footer);
};

extern const struct report_style report_html, report_md;

/* One that is being written. */
struct report {
	struct query *q;
	const struct report_ask *ask;
	const struct report_style *style;
	struct buf *out;
	struct pool pool;
};

/* The stack as the runtime would print it, below a header of the caller's. */
void report_stack(struct report *r, struct buf *b, uint32_t stack);

/* Who is there and where, of each host of which there is one dump only; appends nothing when there is none. */
int report_dumps(struct report *r, struct err *e);

#endif
