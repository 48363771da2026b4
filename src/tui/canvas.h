/* SPDX-License-Identifier: MIT */
/*
 * canvas.h: a frame before it is sent: cells with a character and a meaning. Views draw here and know neither curses nor
 * colours; the terminal and --dump show the same canvas.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <gscrape/buf.h>
#include <gscrape/dump.h>

enum style {
	STYLE_NORMAL,
	STYLE_TITLE,    /* row 0 */
	STYLE_TAB,      /* the open view's tab */
	STYLE_CONTEXT,  /* row 1 */
	STYLE_HINT,     /* last row */
	STYLE_RULE,     /* pane titles */
	STYLE_HEADER,   /* column names */
	STYLE_SELECTED,
	STYLE_DIM,      /* file:line, what matters less */
	STYLE_CHART,    /* filled part */
	STYLE_CHART_MAX,/* thin line up to the maximum */
	STYLE_GAP,      /* a missing scrape */
	STYLE_CURSOR,   /* the mark of T */
	STYLE_CHANGED,  /* ~ */
	STYLE_ADDED,    /* + */
	STYLE_GONE,     /* - */
	STYLE_ERROR,
	STYLE_STATE,    /* STYLE_STATE + enum family */
	STYLE_FILL = STYLE_STATE + FAM_MAX, /* STYLE_FILL + enum family: its letter on its colour: an area of one byte a cell, a block is three */
	STYLE_MAX = STYLE_FILL + FAM_MAX,
};

struct cell {
	uint32_t ch;   /* 0: the right half of a wide character */
	uint32_t mark; /* a combining character on it, 0 none */
	uint8_t style;
};

/* A part of the canvas. */
struct area {
	int y, x, w, h;
};

/* Where something was drawn that a mouse can point at. */
enum touch_kind { TOUCH_ROWS, TOUCH_TIME, TOUCH_TAB };
struct touch {
	enum touch_kind kind;
	int y, x, h, w;
	size_t first;  /* ROWS: the index of the first one */
	int each;      /* ROWS: lines of each */
	bool focused;  /* ROWS: the row keys move this list */
	int tab;       /* TAB: its view */
};
#define TOUCH_MAX 200

struct canvas {
	int w, h;
	struct cell *cells;
	int cursor_y, cursor_x; /* where the terminal's cursor rests: the selected row, or the prompt */
	struct touch touches[TOUCH_MAX];
	int n_touches;
};

void canvas_resize(struct canvas *c, int w, int h);
void canvas_clear(struct canvas *c);
void canvas_release(struct canvas *c);

/* Rows of a list, each `each` lines, from index `first`; columns that stand for the window of time. More than there is room
 * for are left out. */
void touch_rows(struct canvas *c, const struct touch *rows);
void touch_time(struct canvas *c, int y, int x, int h, int w);
void touch_tab(struct canvas *c, int x, int w, int tab);

/* Text at (y, x), at most `width` cells; what does not fit is cut, with "~" as its last cell. Control bytes are shown as
 * ^X. Outside the canvas nothing happens. Returns the cells used. */
int canvas_text(struct canvas *c, int y, int x, int width, enum style s, const char *text);
int canvas_printf(struct canvas *c, int y, int x, int width, enum style s, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* The same, right-aligned in its width; the beginning is cut. */
void canvas_right(struct canvas *c, int y, int x, int width, enum style s, const char *text);
void canvas_put(struct canvas *c, int y, int x, enum style s, uint32_t ch);
void canvas_fill(struct canvas *c, int y, int x, int width, enum style s, uint32_t ch);
void canvas_restyle(struct canvas *c, int y, int x, int width, enum style s);
int text_cells(const char *text);
const char *text_from(const char *text, size_t n); /* its rest behind n bytes, or behind the character that they end in; "" when it is shorter */
/* The text in at most w cells: what is too long loses its middle, since names differ at both ends. Into out, returns out. */
char *text_cut(char *out, size_t size, const char *text, int w);
/* The same on the canvas, in the area's first line; scrolled: from that cell on, and cut at its end; what fits is not
 * moved, and nothing further than to its end. Returns the cells used. */
int canvas_name(struct canvas *c, struct area at, enum style s, const char *text, int scroll);

/* The frame as UTF-8 lines without trailing blanks; and the styles as letters. */
void canvas_dump(const struct canvas *c, struct buf *out);
void canvas_dump_styles(const struct canvas *c, struct buf *out);

#endif
