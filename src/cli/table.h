/* SPDX-License-Identifier: MIT */
/*
 * table.h: rows of one kind of thing (columns.h) as aligned text or as CSV. Widths are learnt from the rows of a batch; a
 * long table is written batch by batch, so it is never held whole. As text it is no wider than there is room (80 columns
 * where nobody says): columns that only --wide shows are left out, and the longest texts are cut in their middle.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "commands.h"
#include <gscrape/columns.h>

enum cell_style { CELL_PLAIN, CELL_DIM, CELL_GOOD, CELL_BAD, CELL_HEAD };

#define TABLE_COLUMNS 24

struct table {
	struct out *out;
	const struct columns *columns;
	struct query *q;
	struct pool *pool;  /* for texts of rows */
	bool color, csv;
	size_t room;        /* columns of the screen; 0: any number (--wide) */
	const struct zone *tz;

	struct buf text;
	struct cell *cells;
	const struct column *shown[TABLE_COLUMNS];
	size_t n, cap, n_shown;
	size_t widths[TABLE_COLUMNS];
	bool head_shown;
};

/* Fields before `text` are set by the caller; the rest is zero. */
void table_row(struct table *t, const void *thing);
void table_end(struct table *t); /* writes what is held, and the heads even when there was no row; frees */

/* A piece of text in a style, outside any table. */
const char *style_begin(bool color, enum cell_style style);
const char *style_end(bool color, enum cell_style style);
void styled(struct buf *out, bool color, enum cell_style style, const char *s);

#endif
