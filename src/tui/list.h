/* SPDX-License-Identifier: MIT */
/*
 * list.h: rows on the screen, whichever view they are of: what is selected and from where they are shown, the keys that move
 * through them, and the loop that paints those in sight. What a row is made of only its view knows; as a table for the search,
 * for files and for reading aloud it gives them as a sheet (sheet.h).
 */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "canvas.h"
#include <gscrape/keys.h>

struct session;

struct list {
	size_t sel, top, n;
	int rows; /* shown at the last draw: pages go by it */
};

void list_clamp(struct list *l, size_t n);
void list_show(struct list *l, int rows); /* scroll so that the selected row is seen */
bool list_act(struct list *l, enum action action);

/* A row to be painted. */
struct list_row {
	int y, x, w;
	size_t i;
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
