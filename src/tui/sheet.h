/* SPDX-License-Identifier: MIT */
/* sheet.h: what a view lists as a table, for files, screen readers and the search. */
#ifndef TUI_SHEET_H
#define TUI_SHEET_H

#include "session.h"

enum cell_kind {
	CELL_TEXT,
	CELL_NUMBER,
	CELL_TIME, /* ms UTC */
	CELL_SPAN, /* ms */
};

struct sheet_column {
	const char *key;   /* in JSON and CSV */
	const char *label; /* as it is read out: "min"; NULL: the value stands alone */
	enum cell_kind kind;
};

struct sheet_cell {
	const char *text; /* NULL unknown; borrowed, or in the sheet's pool */
	int64_t value;
	bool known;
};

/* Zero is an empty sheet. Cells are added row by row. */
struct sheet {
	struct pool pool;
	const struct sheet_column *columns;
	size_t n_columns;
	struct sheet_cell *cells;
	size_t n_cells, cap_cells;
	struct buf summary; /* the view in a sentence or two */
};

#define SHEET_COLUMNS(s, table) ((s)->columns = (table), (s)->n_columns = sizeof(table) / sizeof *(table))

void sheet_text(struct sheet *s, const char *text);
void sheet_value(struct sheet *s, int64_t v); /* a number, a time or a span */
void sheet_unknown(struct sheet *s);
void sheet_known(struct sheet *s, int64_t v, bool known);
void sheet_frame(struct sheet *s, const struct frame *f); /* "/src/main.go:224"; unknown without a file */
void sheet_blank_row(struct sheet *s);        /* a line of the list that is no row of the table: "12 more" */
size_t sheet_rows(const struct sheet *s);
void sheet_release(struct sheet *s);

void sheet_where(struct sheet *s, const struct session *a); /* begins the summary: the host and T */

/* RFC 4180 with a line of names; and one JSON object per line. Blank rows are left out. */
void sheet_csv(const struct sheet *s, struct buf *out);
void sheet_json(const struct sheet *s, struct buf *out);
/* A row as it is read out: "127.0.0.1:6060, min 111, max 1,777". Times in this zone. */
void sheet_line(const struct sheet *s, const struct session *a, size_t row, struct buf *out);
/* All texts of a row, for searching. */
void sheet_words(const struct sheet *s, size_t row, struct buf *out);

#endif
