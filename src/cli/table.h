/* SPDX-License-Identifier: MIT */
/*
 * table.h: rows whose columns line up. Cells are given one after the other, row by row. Text may come from a dump: what
 * a terminal would obey is shown instead. Rows are held back BATCH at a time to measure them, so a long table costs no
 * more memory than a short one; a later batch may be wider than the first.
 *
 * The same rows as CSV (RFC 4180): heads in lower case, unknown cells empty, numbers plain, durations in ms, times as
 * RFC 3339 with ms. A text that a spreadsheet would take for a formula gets an apostrophe before it.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "commands.h"

enum cell_style { CELL_PLAIN, CELL_DIM, CELL_GOOD, CELL_BAD, CELL_HEAD };

struct column {
	const char *head;
	bool right; /* numbers */
};

#define TABLE_COLUMNS 16

struct table {
	struct out *out;
	const struct column *columns;
	size_t n_columns;
	bool color, csv;
	const struct zone *tz; /* for table_time */

	struct buf text;
	struct cell *cells;
	size_t n, cap;
	size_t widths[TABLE_COLUMNS];
	bool head_shown;
};

/* Fields before `text` are set by the caller; the rest is zero. */
void table_text(struct table *t, const char *s); /* NULL is "-" */
void table_styled(struct table *t, enum cell_style style, const char *s);
void table_number(struct table *t, int64_t v); /* negative: "-" */
void table_real(struct table *t, double v, int digits); /* NAN: "-" */
void table_net(struct table *t, int64_t v);      /* with its sign */
void table_share(struct table *t, double v);     /* 0 to 1: "12.5%"; 0.1250 as CSV */
void table_time(struct table *t, int64_t ms);
void table_duration(struct table *t, int64_t ms);
void table_end(struct table *t); /* writes what is held, and the heads even when there was no row; frees */

/* A piece of text in a style, outside any table. */
void styled(struct buf *out, bool color, enum cell_style style, const char *s);
size_t text_width(const char *s, size_t n); /* columns on a terminal */

#endif
