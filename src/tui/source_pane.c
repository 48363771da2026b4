/* SPDX-License-Identifier: MIT */
/* View 3, the lines of source around the selected frame's, where its file is here. */
#include "draw.h"
#include "source.h"
#include "view_goroutine.h"
#include <gscrape/gzip.h>
#include <stdio.h>
#include <stdlib.h>

#define SOURCE_MOST (4u << 20) /* bytes: generated files are long */

void source_release(struct source_text *s)
{
	free(s->path);
	free(s->missing);
	buf_release(&s->text);
	*s = (struct source_text){0};
}

/* The frame that the cursor is on, which has a file. */
static const struct frame *frame_chosen(const struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct frame *f = g->stack.sel < g->n_frames ? frame_at(a, g->stack.sel)->f : NULL;

	return f && f->file ? f : NULL;
}

void source_load(struct session *a)
{
	struct source_text *s = &goroutine_view_of(a)->source;
	const struct frame *f = frame_chosen(a);
	char *path = f ? source_here(a->source, f->file) : NULL;
	bool same = path && s->path && strcmp(path, s->path) == 0 && source_changed(path) == s->changed;
	struct err e;

	if (!same) {
		source_release(s);
		s->path = path;
		if (path && file_read(path, &s->text, SOURCE_MOST, &e) < 0) {
			free(s->path);
			s->path = NULL;
		}
		s->missing = f && !s->path ? source_missing(a->source, f->file) : NULL;
		s->changed = s->path ? source_changed(s->path) : 0;
	} else {
		free(path);
	}
	s->file = f ? f->file : NULL;
	s->line = f ? f->line : 0;
}

/* Line n of a text, from 1; false: it has none. */
static bool line_of(const struct buf *text, uint32_t n, struct str *out)
{
	const char *p = text->p, *end = text->n ? text->p + text->n : text->p;

	for (uint32_t i = 1; p && p < end; i++) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));

		if (i == n) {
			*out = (struct str){p, (size_t)((stop ? stop : end) - p)};
			return true;
		}
		p = stop ? stop + 1 : end;
	}
	return false;
}

static void draw_line(struct canvas *c, int y, struct area at, uint32_t n, struct str text, bool here)
{
	struct buf b = {0};

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\t')
			buf_adds(&b, "    ");
		else if (text.p[i] != '\r')
			buf_putc(&b, text.p[i]);
	}
	buf_putc(&b, '\0');
	canvas_put(c, y, at.x, STYLE_CURSOR, here ? '>' : ' ');
	canvas_printf(c, y, at.x + 1, 6, STYLE_DIM, "%5u", n);
	canvas_text(c, y, at.x + 8, at.w - 9, here ? STYLE_CONTEXT : STYLE_NORMAL, b.p);
	buf_release(&b);
}

/* Why there is nothing to be seen; NULL there is. */
static const char *why_not(const struct source_text *s)
{
	struct str line;

	if (!s->file)
		return "this row has no line of source";
	if (!s->path)
		return s->missing;
	return line_of(&s->text, s->line, &line) ? NULL : "the file that is here has no such line";
}

void draw_source(const struct session *a, struct canvas *c, struct area at)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct source_text *s = &g->source;
	const char *why = why_not(s), *slash = s->file ? strrchr(s->file, '/') : NULL;
	uint32_t rows = at.h > 1 ? (uint32_t)at.h - 1 : 1, from = s->line > rows / 2 ? s->line - rows / 2 : 1;
	char title[400];
	struct str line;

	/* newer: who runs it was seen before the file was written */
	snprintf(title, sizeof title, "source %s:%u   %s", slash ? slash + 1 : s->file ? s->file : "-", s->line,
		 s->path && s->changed > g->life.first ? "newer than the binary: its lines may be others" : "e edit   v closes");
	pane_rule(a, c, at.y, at.x, at.w, title);
	if (why)
		draw_sentence(c, at.y + 1, at.x + 2, at.h - 1 < 4 ? at.h - 1 : 4, STYLE_DIM, why);
	for (uint32_t i = 0; !why && i < rows && line_of(&s->text, from + i, &line); i++)
		draw_line(c, at.y + 1 + (int)i, at, from + i, line, from + i == s->line);
}
