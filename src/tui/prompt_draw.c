/* SPDX-License-Identifier: MIT */
/* How a prompt is drawn: its label, as much of the text as there is room for round the cursor, what was found so far. */
#include "app.h"
#include "draw.h"
#include <gscrape/text.h>
#include <stdio.h>

static const char *const labels[PROMPT_MAX] = {
	[PROMPT_NONE] = "",	  [PROMPT_COMMAND] = ":",      [PROMPT_SEARCH] = "/",	   [PROMPT_FILTER] = "& ", [PROMPT_ID] = "goroutine #",
	[PROMPT_TIME] = "go to time ", [PROMPT_FUNCTION] = "f> ", [PROMPT_FILE] = "write to ", [PROMPT_KEY] = "",
};

/* What may be typed, where nothing is. */
static const char *const examples[PROMPT_MAX] = {
	[PROMPT_COMMAND] = "Tab lists what there is",
	[PROMPT_SEARCH] = "words; Ctrl-R: a regular expression",
	[PROMPT_FILTER] = "words, !without, or state == select and age > 10m",
	[PROMPT_ID] = "512, or a part of it",
	[PROMPT_TIME] = "15:56, 2026-11-23 15:56, -10m, +1h, 50%, start, end",
	[PROMPT_FUNCTION] = "conn.serve, !test, ^main., server.go:88",
};

static size_t char_after(const struct prompt *p, size_t i)
{
	if (i < p->n)
		i++;
	while (i < p->n && ((unsigned char)p->text[i] & 0xc0) == 0x80)
		i++;
	return i;
}

/* Cells between a place in the text and the cursor. */
static int cells_before(const struct prompt *p, const char *from)
{
	char part[sizeof p->text];

	snprintf(part, sizeof part, "%.*s", (int)(p->text + p->at - from), from);
	return text_cells(part);
}

/* Above the prompt, where there is no room beside what is typed: all that could be meant. */
static void draw_above(struct canvas *c, const char *text)
{
	int rows = sentence_rows(c->w - 2, text), most = c->h - 4;
	bool cut = rows > most;

	rows = cut ? most : rows;
	for (int i = 1; i <= rows; i++)
		canvas_fill(c, c->h - 1 - i, 0, c->w, STYLE_HINT, ' ');
	if (rows > 0)
		draw_sentence(c, c->h - 1 - rows, 1, rows, STYLE_HINT, text);
	if (rows > 0 && cut)
		canvas_text(c, c->h - 2, c->w - 3, 2, STYLE_HINT, "..");
}

/* What stands at the right end: the count of matches, or what Tab found. */
static const char *note(const struct app *a, char *out, size_t n)
{
	const struct prompt *p = &a->prompt;

	if (p->hint[0])
		return p->hint;
	if (!p->n && examples[p->kind])
		return examples[p->kind];
	out[0] = '\0';
	if (a->s.filter_refused)
		return out;
	if (p->kind == PROMPT_FILTER && (a->s.filter_fault[0] || a->s.where_wrong[0]))
		return filter_word(&a->s, a->s.where_wrong);
	if (p->kind == PROMPT_SEARCH && p->n)
		snprintf(out, n, "%zu/%zu", a->s.found_at, a->s.found);
	return out;
}

static void draw_question(const struct app *a, struct canvas *c)
{
	const struct key_row *r = key_row_of(a->prompt.then);
	static const char there[] = " is there already: y overwrites it";
	char choices[120], name[sizeof a->prompt.text];

	if (a->prompt.then == ACT_WRITE)
		canvas_printf(c, c->h - 1, 1, c->w - 2, STYLE_HINT, "%s%s", text_cut(name, sizeof name, a->prompt.text, c->w - 1 - (int)sizeof there), there);
	else if (a->prompt.then == ACT_YANK)
		canvas_printf(c, c->h - 1, 1, c->w - 2, STYLE_HINT, "yank: %s; Esc cancels", yank_choices(a, choices, sizeof choices));
	else
		canvas_printf(c, c->h - 1, 1, c->w - 2, STYLE_HINT, "%s, then a key; Esc cancels", r ? r->help : "");
}

/* Above the prompt the whole sentence, and over the text from byte `from` on, which begins at x, the place. */
static void draw_fault(const struct app *a, struct canvas *c, int x, size_t from)
{
	const struct filter_fault *at = &a->s.fault_at;
	int rows = 1, y = c->h - 2, cells = 0;

	for (const char *p = a->prompt.text + from; at->at >= from && *p && p < a->prompt.text + at->at;)
		cells += char_cells(utf8_next(&p));
	while (rows < FAULT_ROWS && rows < c->h - 3 && sentence_rows(c->w - 2, a->s.filter_fault) > rows)
		rows++;
	if (at->n && at->at >= from && x + cells < c->w)
		rows++;
	for (int i = 0; i < rows; i++)
		canvas_fill(c, y - i, 0, c->w, STYLE_ERROR, ' ');
	if (at->n && at->at >= from && x + cells < c->w) {
		for (size_t i = 0; i < at->n && x + cells + (int)i < c->w; i++)
			canvas_put(c, y, x + cells + (int)i, STYLE_ERROR, i ? '~' : 'v');
		rows--;
		y--;
	}
	draw_sentence(c, y - rows + 1, 1, rows, STYLE_ERROR, a->s.filter_fault);
}

void prompt_draw(const struct app *a, struct canvas *c)
{
	const struct prompt *p = &a->prompt;
	bool regex = (p->kind == PROMPT_SEARCH && a->s.search_regex) || (p->kind == PROMPT_FILTER && a->s.filter_regex) ||
		     (p->kind == PROMPT_FUNCTION && a->s.func.regex);
	const char *text = p->text, *right;
	char count[64];
	int x = 1, y = c->h - 1, room, at, right_w;

	if (p->kind == PROMPT_KEY) {
		draw_question(a, c);
		return;
	}
	x += canvas_printf(c, y, x, c->w - 2, STYLE_HINT, "%s%s", regex ? "regex " : "", labels[p->kind]);
	right = note(a, count, sizeof count);
	room = c->w - x - 1;
	right_w = text_cells(right);
	if (right_w > room - 3 - text_cells(text)) /* what is typed matters more */
		right_w = 0;
	room -= right_w ? right_w + 2 : 0;
	if (!right_w && p->hint[0])
		draw_above(c, right);
	for (at = cells_before(p, text); at >= room && *text; at = cells_before(p, text))
		text = p->text + char_after(p, (size_t)(text - p->text));
	canvas_text(c, y, x, room, STYLE_NORMAL, text);
	if (a->s.filter_refused)
		draw_fault(a, c, x, (size_t)(text - p->text));
	canvas_text(c, y, c->w - 1 - right_w, right_w, STYLE_HINT, right);
	c->cursor_y = y;
	c->cursor_x = x + at < c->w ? x + at : c->w - 1;
}
