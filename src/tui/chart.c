/* SPDX-License-Identifier: MIT */
/*
 * Charts are honest: from zero; per column the least is filled and a thin line reaches the most, so that a spike of one
 * sample survives any zoom; zero paints nothing, anything else at least one step; what is missing is marked as missing.
 */
#include "draw.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int column_of(const struct session *a, int64_t t, int w)
{
	return t > a->to || a->to <= a->from ? -1 : (int)time_column(t, a->from, a->to, (size_t)w);
}

/* Height in steps of a cell: 0 for nothing, at least 1 for anything. */
static int steps(uint32_t v, uint32_t max, int full)
{
	int n;

	if (!v || !max)
		return 0;
	n = (int)((double)v / (double)max * full + 0.5);
	return n < 1 ? 1 : n > full ? full : n;
}

void draw_spark(const struct session *a, struct canvas *c, struct area at, const struct bucket *b, uint32_t max)
{
	int y = at.y, x = at.x, w = at.w;
	const struct glyphs *g = &glyph_table[a->tier];

	touch_time(c, y, x, 1, w);
	for (int i = 0; i < w; i++) {
		if (b[i].gap && !b[i].has_value)
			canvas_put(c, y, x + i, STYLE_GAP, g->gap);
		else if (b[i].has_value)
			canvas_put(c, y, x + i, STYLE_CHART, g->step[steps(b[i].max, max, g->levels)]);
	}
}

void draw_activity(const struct session *a, struct canvas *c, struct area at, const uint32_t *alive, const struct bucket *pieces, uint32_t max)
{
	int y = at.y, x = at.x, w = at.w;
	const struct glyphs *g = &glyph_table[a->tier];

	touch_time(c, y, x, 1, w);
	for (int i = 0; i < w; i++) {
		if (pieces[i].gap && !pieces[i].has_value)
			canvas_put(c, y, x + i, STYLE_GAP, g->gap);
		else if (pieces[i].has_value && alive[i])
			canvas_put(c, y, x + i, STYLE_CHART, g->step[steps(alive[i], max, g->levels)]);
	}
}

void draw_life(const struct session *a, struct canvas *c, struct area at, const struct bucket *pieces, int64_t from, int64_t to)
{
	int y = at.y, x = at.x, w = at.w;
	const struct glyphs *g = &glyph_table[a->tier];

	for (int i = 0; i < w; i++) {
		if (pieces[i].to < from || pieces[i].from > to || (pieces[i].to == from && i + 1 < w))
			continue;
		if (pieces[i].gap && !pieces[i].has_value)
			canvas_put(c, y, x + i, STYLE_GAP, g->gap);
		else if (pieces[i].has_value)
			canvas_put(c, y, x + i, STYLE_CHART, g->step[g->levels]);
	}
}

static void draw_column(const struct glyphs *g, struct canvas *c, struct area at, const struct bucket *b, uint32_t max)
{
	int x = at.x, h = at.h, bottom = at.y + h - 1;
	int filled = steps(b->min, max, h * g->levels), line = steps(b->max, max, h * g->levels);

	if (b->gap && !b->has_value) {
		canvas_put(c, bottom, x, STYLE_GAP, g->gap);
		return;
	}
	for (int r = 0; b->has_value && r < h; r++) {
		int part = filled - r * g->levels;

		if (part >= g->levels)
			canvas_put(c, bottom - r, x, STYLE_CHART, g->step[g->levels]);
		else if (part > 0)
			canvas_put(c, bottom - r, x, STYLE_CHART, g->step[part]);
		else if (line > r * g->levels && line - filled > g->levels / 2)
			canvas_put(c, bottom - r, x, STYLE_CHART_MAX, g->max_line);
		else if (line > 0 && r == 0) /* however little: it is not nothing */
			canvas_put(c, bottom, x, STYLE_CHART_MAX, g->step[1]);
	}
	if (b->epoch) /* another process begins */
		canvas_put(c, bottom - h + 1, x, STYLE_CURSOR, '!');
}

/* Zero, the most, and each fourth row between them where a whole number stands at about that height: of few there may be none. */
static bool has_label(int r, int h, uint32_t max)
{
	double v = (double)max * (h - r) / h;

	if (r == h - 1 || r == 0)
		return r == h - 1 || max;
	return max && h > 3 && (h - r) % 4 == 0 && v - floor(v) <= v / 10;
}

void draw_chart(const struct session *a, struct canvas *c, struct area at, const struct bucket *b, uint32_t max)
{
	int y = at.y, x = at.x, w = at.w, h = at.h;
	const struct glyphs *g = &glyph_table[a->tier];
	bool empty = true;
	char text[32];

	touch_time(c, y, x, h, w);
	for (int r = 0; r < h; r++) {
		if (x >= 7 && has_label(r, h, max))
			canvas_right(c, y + r, x - 7, 6, STYLE_DIM, number_fit(text, r == h - 1 && h > 1 ? 0 : (uint32_t)((double)max * (h - r) / h), 6));
		canvas_put(c, y + r, x - 1, STYLE_DIM, g->left);
	}
	for (int i = 0; i < w; i++) {
		draw_column(g, c, (struct area){y, x + i, 1, h}, &b[i], max);
		empty &= !b[i].has_value;
	}
	if (empty)
		canvas_text(c, y + (h - 1) / 2, x + 1, w - 1, STYLE_DIM, "no sample in this window (Z: a longer one, |: all)");
}

void draw_over(const struct session *a, struct canvas *c, struct area at, const struct bucket *b, uint32_t max)
{
	uint32_t dot = a->tier == GLYPHS_ASCII ? 'o' : glyph_table[a->tier].dot;

	for (int i = 0; i < at.w; i++) {
		int up = b[i].has_value ? (steps(b[i].max, max, at.h * 8) + 7) / 8 : 0;

		if (b[i].has_value)
			canvas_put(c, at.y + at.h - (up ? up : 1), at.x + i, STYLE_CHANGED, dot);
	}
}

/* Is it free from x on, for a name and a blank? */
static bool is_free(const struct canvas *c, int y, int x, int n, int end)
{
	for (int i = x; i <= x + n; i++)
		if (i >= end || c->cells[y * c->w + i].ch != ' ')
			return false;
	return true;
}

void draw_marks(const struct session *a, struct canvas *c, struct area at, const struct host *h)
{
	const struct glyphs *g = &glyph_table[a->tier];
	size_t n;
	const struct mark *m = query_marks(a->q, &n);

	for (size_t i = 0; i < n; i++) {
		int col = mark_is_of(&m[i], h) ? column_of(a, m[i].time, at.w) : -1, x = at.x + col, cells = text_cells(m[i].text);

		if (col < 0 || at.y >= c->h)
			continue;
		canvas_put(c, at.y, x, STYLE_CURSOR, g->event);
		if (is_free(c, at.y, x + 1, cells, at.x + at.w))
			canvas_text(c, at.y, x + 1, cells, STYLE_DIM, m[i].text);
		else if (col > cells && is_free(c, at.y, x - cells - 1, cells, x))
			canvas_text(c, at.y, x - cells, cells, STYLE_DIM, m[i].text);
	}
}

#define AXIS_STEP 15 /* cells from one time to the next */

/* With its milliseconds where ticks are closer than a second. Cells. */
static int axis_text(const struct session *a, int64_t t, int64_t apart, char *out, size_t size)
{
	int64_t from = a->since_start ? a->start : 0;

	time_in_window(a, out, t, apart < AXIS_STEP * 8000 ? TIME_CLOCK : TIME_HM);
	if (apart < 1000)
		snprintf(out + strlen(out), size - strlen(out), ".%03d", (int)llabs((t - from) % 1000));
	return text_cells(out);
}

void draw_axis(const struct session *a, struct canvas *c, int y, int x, int w)
{
	const struct glyphs *g = &glyph_table[a->tier];
	int64_t apart = (int64_t)((double)(a->to - a->from) * AXIS_STEP / (w > 0 ? w : 1));
	int at = column_of(a, a->t, w);
	char text[TIME_MAX + 8], last[TIME_MAX + 8] = "";

	touch_time(c, y, x, 2, w);
	canvas_fill(c, y, x, w, STYLE_DIM, g->axis);
	for (int i = 0; i < w; i += AXIS_STEP) {
		int n = axis_text(a, a->from + (int64_t)((double)(a->to - a->from) * i / w), apart, text, sizeof text);

		canvas_put(c, y, x + i, STYLE_DIM, g->tick);
		if (i + n <= w && strcmp(text, last) != 0) /* closer than what is told two would say the same */
			canvas_text(c, y + 1, x + i, n, STYLE_DIM, text);
		snprintf(last, sizeof last, "%s", text);
	}
	if (at >= 0)
		canvas_put(c, y, x + at, STYLE_CURSOR, g->mark);
}

/* T through all that stands over the window of time, where nothing else is painted. */
void draw_cursorline(const struct session *a, struct canvas *c)
{
	uint32_t line = a->tier == GLYPHS_ASCII ? ':' : 0x250a;

	for (int i = 0; a->cursorline && i < c->n_touches; i++) {
		const struct touch *t = &c->touches[i];
		int x = t->kind == TOUCH_TIME ? column_of(a, a->t, t->w) : -1;

		for (int y = t->y; x >= 0 && y < t->y + t->h; y++)
			if (y < c->h && t->x + x < c->w && c->cells[y * c->w + t->x + x].ch == ' ')
				canvas_put(c, y, t->x + x, STYLE_CURSOR, line);
	}
}
