/* SPDX-License-Identifier: MIT */
/*
 * row_model.h: rows of a list as things with columns (columns.h), for files, screen readers and the search. The columns are those
 * that the command line and the web have, and after them, where a view knows more of its rows, a few of its own.
 */
#ifndef TUI_ROW_MODEL_H
#define TUI_ROW_MODEL_H

#include "session.h"
#include <gscrape/values.h>

struct row_model_row {
	struct {
		const struct columns *columns; /* NULL: none */
		const void *thing;
	} part[2]; /* none at all: a line of the list that is no row of the table: "12 more" */
};

/* Zero is empty. */
struct row_model {
	struct pool pool; /* of the rows' things, and of what their columns say */
	const struct columns *columns; /* that a list has: CSV names them even where there is no row */
	struct row_model_row *rows;
	size_t n, cap;
};

/* A row; or a second part of the last one. The thing is copied. */
void row_model_add(struct row_model *s, const struct columns *c, const void *thing, size_t size);
void row_model_also(struct row_model *s, const struct columns *c, const void *thing, size_t size);
#define ROW_MODEL_ADD(s, columns, type, ...)  row_model_add(s, &(columns), &(type){__VA_ARGS__}, sizeof(type))
#define ROW_MODEL_ALSO(s, columns, type, ...) row_model_also(s, &(columns), &(type){__VA_ARGS__}, sizeof(type))
void row_model_blank(struct row_model *s); /* a row of no part */
void row_model_list(struct row_model *s, const struct session *a, const struct list *l); /* all rows of a list, in its order */
void row_model_release(struct row_model *s);

/* RFC 4180 with a line of names: all that a row has, each once. And one JSON object per line. */
void row_model_csv(struct row_model *s, const struct session *a, struct buf *out);
void row_model_json(struct row_model *s, const struct session *a, struct buf *out);
/* A row as it is read out: "host 127.0.0.1:6060, snapshots 20, most 1777": what tables have without --wide, but for the host
 * where all is of one. */
void row_model_line(struct row_model *s, const struct session *a, size_t row, struct buf *out);
/* All texts of a row, for searching. */
void row_model_words(struct row_model *s, const struct session *a, size_t row, struct buf *out);

#endif
