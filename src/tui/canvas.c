/* SPDX-License-Identifier: MIT */
#include "canvas.h"
#include <gscrape/err.h>
#include <gscrape/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void canvas_resize(struct canvas *c, int w, int h)
{
	if (w < 1)
		w = 1;
	if (h < 1)
		h = 1;
	if (w != c->w || h != c->h)
		c->cells = xrealloc(c->cells, (size_t)w * (size_t)h, sizeof *c->cells);
	c->w = w;
	c->h = h;
	canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
	for (int i = 0; i < c->w * c->h; i++)
		c->cells[i] = (struct cell){.ch = ' '};
	c->cursor_y = c->h - 1;
	c->cursor_x = c->w - 1;
	c->n_touches = 0;
}

static void add_touch(struct canvas *c, struct touch t)
{
	if (c->n_touches < TOUCH_MAX)
		c->touches[c->n_touches++] = t;
}

void touch_rows(struct canvas *c, const struct touch *rows)
{
	add_touch(c, *rows);
}

void touch_time(struct canvas *c, int y, int x, int h, int w)
{
	add_touch(c, (struct touch){TOUCH_TIME, y, x, h, w, .each = 1});
}

void touch_tab(struct canvas *c, int x, int w, int tab)
{
	add_touch(c, (struct touch){TOUCH_TAB, 0, x, 1, w, .tab = tab});
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){0};
}

void canvas_put(struct canvas *c, int y, int x, enum style s, uint32_t ch)
{
	if (y >= 0 && y < c->h && x >= 0 && x < c->w)
		c->cells[y * c->w + x] = (struct cell){.ch = ch, .style = (uint8_t)s};
}

void canvas_fill(struct canvas *c, int y, int x, int width, enum style s, uint32_t ch)
{
	for (int i = 0; i < width; i++)
		canvas_put(c, y, x + i, s, ch);
}

void canvas_restyle(struct canvas *c, int y, int x, int width, enum style s)
{
	for (int i = x; i < x + width; i++)
		if (y >= 0 && y < c->h && i >= 0 && i < c->w)
			c->cells[y * c->w + i].style = (uint8_t)s;
}

/* Cells of a character on a canvas: bytes that a terminal would obey come as two characters, ^X, and what would turn the
 * direction of writing as one that says so. */
static int cells_of(uint32_t ch)
{
	return char_is_hidden(ch) ? ch < 0xa0 ? 2 : 1 : char_cells(ch);
}

int text_cells(const char *text)
{
	int n = 0;

	while (*text) {
		uint32_t ch = utf8_next(&text);

		n += cells_of(ch);
	}
	return n;
}

static int put_char(struct canvas *c, int y, int x, enum style s, uint32_t ch)
{
	int n = cells_of(ch);

	if (char_is_hidden(ch) && ch < 0xa0) {
		canvas_put(c, y, x, s, '^');
		canvas_put(c, y, x + 1, s, ch < 0x20 ? ch + 0x40 : '?');
		return 2;
	}
	if (char_is_hidden(ch))
		ch = 0xfffd;
	if (n == 0) {
		if (x > 0 && x <= c->w && y >= 0 && y < c->h && !c->cells[y * c->w + x - 1].mark && ch >= 0x300 && ch < 0x2000)
			c->cells[y * c->w + x - 1].mark = ch;
		return 0;
	}
	canvas_put(c, y, x, s, ch);
	if (n == 2)
		canvas_put(c, y, x + 1, s, 0);
	return n;
}

int canvas_text(struct canvas *c, int y, int x, int width, enum style s, const char *text)
{
	bool cut = text_cells(text) > width;
	int at = 0, room = cut ? width - 1 : width;

	if (width <= 0 || y < 0 || y >= c->h)
		return 0;
	while (*text) {
		const char *was = text;
		uint32_t ch = utf8_next(&text);
		int n = cells_of(ch);

		if (at + n > room)
			break;
		at += put_char(c, y, x + at, s, ch);
		if (text == was)
			break;
	}
	if (cut)
		canvas_put(c, y, x + at++, s, '~');
	return at;
}

int canvas_printf(struct canvas *c, int y, int x, int width, enum style s, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof text, fmt, ap) >= (int)sizeof text)
		text[utf8_whole(text, sizeof text - 1)] = '\0';
	va_end(ap);
	return canvas_text(c, y, x, width, s, text);
}

void canvas_right(struct canvas *c, int y, int x, int width, enum style s, const char *text)
{
	int n = text_cells(text);

	if (n <= width) {
		canvas_text(c, y, x + width - n, n, s, text);
		return;
	}
	while (*text && text_cells(text) > width - 1)
		utf8_next(&text);
	if (width > 0)
		canvas_put(c, y, x, s, '~');
	canvas_text(c, y, x + width - text_cells(text), width - 1, s, text);
}

/* From here to the end: as many characters as fit into w cells. */
static const char *last_cells(const char *text, int w)
{
	for (int n = text_cells(text); n > w;)
		n -= cells_of(utf8_next(&text));
	return text;
}

char *text_cut(char *out, size_t size, const char *text, int w)
{
	const char *p = text, *end = text;
	int head = w - 1 - w / 2, used = 0;

	if (text_cells(text) <= w || w < 5)
		return text_fit(out, size, text);
	while (used <= head) {
		end = p;
		used += cells_of(utf8_next(&p));
	}
	p = last_cells(text, w / 2);
	if ((size_t)(end - text) + strlen(p) + 2 > size) /* characters of many bytes each */
		return text_fit(out, size, text);
	snprintf(out, size, "%.*s~%s", (int)(end - text), text, p);
	return out;
}

const char *text_from(const char *text, size_t n)
{
	text = n < strlen(text) ? text + n : "";
	while (((unsigned char)*text & 0xc0) == 0x80)
		text++;
	return text;
}

int canvas_name(struct canvas *c, struct area at, enum style s, const char *text, int scroll)
{
	char cut[1024];

	int cells = text_cells(text), most = cells > at.w ? cells - at.w : 0;

	if (scroll > 0) /* as far as there is something to be seen */
		return canvas_text(c, at.y, at.x, at.w, s, last_cells(text, cells - (scroll < most ? scroll : most)));
	return canvas_text(c, at.y, at.x, at.w, s, text_cut(cut, sizeof cut, text, at.w));
}

static void trim_line(struct buf *b, size_t from)
{
	while (b->n > from && b->p[b->n - 1] == ' ')
		b->n--;
	buf_putc(b, '\n');
}

void canvas_dump(const struct canvas *c, struct buf *out)
{
	for (int y = 0; y < c->h; y++) {
		size_t from = out->n;

		for (int x = 0; x < c->w; x++) {
			const struct cell *cell = &c->cells[y * c->w + x];

			if (cell->ch)
				buf_add_utf8(out, cell->ch);
			if (cell->mark)
				buf_add_utf8(out, cell->mark);
		}
		trim_line(out, from);
	}
}

void canvas_dump_styles(const struct canvas *c, struct buf *out)
{
	static const char letters[STYLE_MAX + 1] = " TtchrHSd#|g^~+-!RCsLWIZYGRCsLWIZYG"; /* in the order of enum style */

	for (int y = 0; y < c->h; y++) {
		size_t from = out->n;

		for (int x = 0; x < c->w; x++)
			buf_putc(out, letters[c->cells[y * c->w + x].style]);
		trim_line(out, from);
	}
}
