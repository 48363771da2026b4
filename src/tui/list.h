/* SPDX-License-Identifier: MIT */
/*
 * list.h: rows on the screen, whichever view they are of. A view gives rows by number and says what they are (a kind); which of
 * them pass the filter, in which order, what is selected and from where they are shown, the keys that move through them and sort
 * them, and the loop that paints those in sight are one for all. As a table, for the search, for files and for reading aloud, a
 * kind tells its rows to a row model (row_model.h).
 */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "canvas.h"
#include <gscrape/keys.h>

struct columns;
struct session;
struct row_model;

/* What & is held against. */
struct list_text {
	const char *key;  /* "state": asked for by "state:..." and by words alone; "=alive": by that word alone; NULL: by words alone */
	const char *text; /* NULL: nothing there */
};
#define LIST_TEXTS 32

struct list_sort {
	const char *name;
	int64_t (*compare)(const struct session *a, size_t x, size_t y); /* below 0: row x comes first */
};

struct list_kind {
	const char *what;              /* is sorted: "goroutines"; NULL: what else */
	const struct columns *columns; /* of most rows */
	void (*tell)(const struct session *a, struct row_model *s, size_t row); /* one row to it, or a blank */
	/* Texts of a row, for the filter: how many. What is made for it goes into the pool. NULL: nothing is filtered. */
	size_t (*texts)(const struct session *a, size_t row, struct pool *p, struct list_text *out);
	bool (*accepts)(const struct session *a, size_t row); /* by the session's `where`; NULL: rows were asked for by it */
	const struct list_sort *sorts; /* the first one decides between equals, too; ends with a NULL name. NULL: as they come */
};

struct list {
	const struct list_kind *kind;
	size_t sel, top, n; /* n: of those that pass */
	int rows;           /* shown at the last draw: pages go by it */
	size_t *order;      /* the view's numbers of those that pass; NULL: all, as they come */
	size_t cap;
	unsigned sort;
	bool reverse;
};

/* Of n rows those that pass the filter, sorted. */
void list_fill(struct list *l, const struct session *a, const struct list_kind *kind, size_t n);
static inline size_t list_at(const struct list *l, size_t i) /* the view's number of the i-th row */
{
	return l->order ? l->order[i] : i;
}
static inline size_t list_chosen(const struct list *l) /* of the selected one; SIZE_MAX: there is none */
{
	return l->sel < l->n ? list_at(l, l->sel) : SIZE_MAX;
}
const char *list_sorted(const struct list *l, char *out, size_t n); /* "by count rev", into out */
void list_clamp(struct list *l, size_t n);
void list_begin(struct list *l); /* at its first row */
void list_release(struct list *l);
void list_show(struct list *l, int rows); /* scroll so that the selected row is seen */
bool list_act(struct session *a, struct list *l, enum action action); /* false: no key of lists */

/* Every word must be in one of the texts, !word in none; upper case counts where a word has any, numbers are meant whole.
 * A regular expression must match one of the texts. */
bool list_passes(const struct session *a, const struct list_text *t, size_t n);

/* A row to be painted. */
struct list_row {
	int y, x, w;
	size_t i;        /* the view's number */
	bool selected;   /* and the keys move it */
	bool marked;     /* selected in a list that the keys do not move */
	const void *ctx;
};

/* Where rows stand, and how one is painted. */
struct list_pane {
	int y, x, h, w;  /* w 0: as wide as the screen */
	int each;        /* lines of a row; 0: one */
	bool unfocused;  /* the row keys move another list */
	void (*row)(const struct session *a, struct canvas *c, const struct list_row *r);
	const void *ctx; /* for row */
};

/* Paint what is in sight of a list and tell the mouse where; `shown` takes it as it was shown when the row keys move it. */
void list_draw(const struct session *a, struct canvas *c, const struct list *l, const struct list_pane *p, struct list *shown);

#endif
