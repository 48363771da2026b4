/* SPDX-License-Identifier: MIT */
/* draw.h: what the views draw alike: the rows that every view has (chrome.c), charts (chart.c). */
#ifndef TUI_DRAW_H
#define TUI_DRAW_H

#include "session.h"

/* --- chrome.c --- */

void draw_title(const struct session *a, struct canvas *c);
void draw_hints(const struct session *a, struct canvas *c);
void draw_rule(const struct session *a, struct canvas *c, int y, const char *left, const char *right);
/* The row that Enter opens: a ">" at x, width cells marked, and the terminal's cursor rests on it. */
void draw_selected(struct canvas *c, int y, int x, int width);
char *number(char *out, int64_t n);               /* 12,345; "-" when negative */
/* The same in at most w cells (4 or more): 98.0k and 1.23M rather than a number without its head. Into out[32]. */
char *number_fit(char *out, int64_t n, int w);
char *number_change(char *out, int64_t n, int w); /* +1,031, -12, 0: in at most w cells (5 or more). Into out[32] */
/* "  & pgx  12 of 214" while something is filtered, else "": in w cells, where what is typed loses its middle and the count nothing. Into
 * out[320], returns out. */
char *filter_note(const struct session *a, char *out, size_t shown, size_t all, int w);

/* What a view is of. */
struct context {
	const char *host;
	const char *what, *brief; /* " > groups by state (v)", and where a filter takes the room " by state" */
	size_t shown, all;       /* rows that pass the filter */
};
/* Both, and the filter's note, in w cells: the host's name loses of itself first, then `what` is brief, then what is typed is cut. Into out, returns it. */
char *context_fit(const struct session *a, const struct context *k, int w, char *out, size_t size);

/* A host's name in w cells. What comes before its first dot tells hosts apart: where it fits it stays whole, and of the rest as much of the
 * end as there is room for; where it does not, it loses its own middle. The name itself, or out. */
const char *host_fit(const char *name, int w, char *out, size_t size);

/* A function's name where there is little room: short, and while names are scrolled whole. The name itself, or out. */
const char *func_shown(const struct session *a, const char *func, char *out, size_t size);

#define FAULT_ROWS 4 /* at most, of what is wrong with a filter */

int sentence_rows(int w, const char *text); /* that it needs, of w cells each */
/* A sentence over as many lines as it needs, `most` at most, broken at blanks; where that is too little it loses its middle: what a sentence is
 * about stands at its beginning, the reason at its end. The lines used. */
int draw_sentence(struct canvas *c, int y, int x, int most, enum style style, const char *text);

/* --- chart.c --- */

/* One line, of the area's first. */
void draw_spark(const struct session *a, struct canvas *c, struct area at, const struct bucket *b, uint32_t max);
void draw_chart(const struct session *a, struct canvas *c, struct area at, const struct bucket *b, uint32_t max);
/* Another one over it, on the same scale: a dot where its most stands. */
void draw_over(const struct session *a, struct canvas *c, struct area at, const struct bucket *b, uint32_t max);
/* What happened meanwhile, over a chart in the same place: each mark's column, and its name where nothing else is painted. */
void draw_marks(const struct session *a, struct canvas *c, struct area at, const struct host *h);
/* The time axis: a line with ticks and the mark of T, then times under it. Two rows. */
void draw_axis(const struct session *a, struct canvas *c, int y, int x, int w);
/* How many were alive per column, from zero; where the pieces have a gap, the mark of a gap. */
void draw_activity(const struct session *a, struct canvas *c, struct area at, const uint32_t *alive, const struct bucket *pieces,
		   uint32_t max);
/* Alive from..to: filled, or nothing. */
void draw_life(const struct session *a, struct canvas *c, struct area at, const struct bucket *pieces, int64_t from, int64_t to);
/* The column of T in a lane of w cells; -1 when it is outside the window. */
int column_of(const struct session *a, int64_t t, int w);
/* T through all that stands over the window of time, where nothing else is painted. */
void draw_cursorline(const struct session *a, struct canvas *c);

/* plain.c: a view for a screen reader */
void draw_plain(const struct session *a, struct canvas *c, struct list *rows);

#endif
