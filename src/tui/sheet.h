/* SPDX-License-Identifier: MIT */
/*
 * sheet.h: rows of a list as things with columns (columns.h), for files, screen readers and the search. The columns are those
 * that the command line and the web have, and after them, where a view knows more of its rows, a few of its own.
 */
#ifndef TUI_SHEET_H
#define TUI_SHEET_H

#include "session.h"
#include <gscrape/values.h>

struct sheet_row {
	struct {
		const struct columns *columns; /* NULL: none */
		const void *thing;
	} part[2]; /* none at all: a line of the list that is no row of the table: "12 more" */
};

/* Zero is an empty sheet. */
struct sheet {
	struct pool pool; /* of the rows' things, and of what their columns say */
	const struct columns *columns; /* that a list has: CSV names them even where there is no row */
	struct sheet_row *rows;
	size_t n, cap;
};

/* A row; or a second part of the last one. The thing is copied. */
void sheet_add(struct sheet *s, const struct columns *c, const void *thing, size_t size);
void sheet_also(struct sheet *s, const struct columns *c, const void *thing, size_t size);
#define SHEET_ADD(s, columns, type, ...)  sheet_add(s, &(columns), &(type){__VA_ARGS__}, sizeof(type))
#define SHEET_ALSO(s, columns, type, ...) sheet_also(s, &(columns), &(type){__VA_ARGS__}, sizeof(type))
void sheet_blank(struct sheet *s); /* a row of no part */
void sheet_list(struct sheet *s, const struct session *a, const struct list *l); /* all rows of a list, in its order */
void sheet_release(struct sheet *s);

/* RFC 4180 with a line of names: all that a row has, each once. And one JSON object per line. */
void sheet_csv(struct sheet *s, const struct session *a, struct buf *out);
void sheet_json(struct sheet *s, const struct session *a, struct buf *out);
/* A row as it is read out: "host 127.0.0.1:6060, snapshots 20, most 1777": what tables have without --wide, but for the host
 * where all is of one. */
void sheet_line(struct sheet *s, const struct session *a, size_t row, struct buf *out);
/* All texts of a row, for searching. */
void sheet_words(struct sheet *s, const struct session *a, size_t row, struct buf *out);

#endif
