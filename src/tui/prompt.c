/* SPDX-License-Identifier: MIT */
/* The line at the bottom that takes text. */
#include "app.h"
#include <stdio.h>
#include <stdlib.h>

static const char *const labels[] = {
	[PROMPT_COMMAND] = ":", [PROMPT_SEARCH] = "/", [PROMPT_FILTER] = "& ", [PROMPT_ID] = "goroutine #", [PROMPT_TIME] = "go to time ",
	[PROMPT_FUNCTION] = "f> ", [PROMPT_KEY] = "",
};

void prompt_open(struct app *a, enum prompt_kind kind, const char *text)
{
	struct prompt *p = &a->prompt;

	p->kind = kind;
	snprintf(p->text, sizeof p->text, "%s", text);
	p->n = p->at = strlen(p->text);
	p->back = p->n_history;
}

void prompt_draw(const struct app *a, struct canvas *c)
{
	const struct prompt *p = &a->prompt;
	const char *label = labels[p->kind];
	int x = 1, y = c->h - 1;

	if (p->kind == PROMPT_KEY) {
		const struct key_row *r = key_row_of(p->then);

		canvas_printf(c, y, 1, c->w - 2, STYLE_HINT, "%s, then a key; Esc cancels", r ? r->help : "");
		return;
	}
	x += canvas_text(c, y, x, c->w - 2, STYLE_HINT, label);
	canvas_text(c, y, x, c->w - x - 1, STYLE_NORMAL, p->text);
	c->cursor_y = y;
	c->cursor_x = x + (int)p->at < c->w ? x + (int)p->at : c->w - 1;
}

static void keep(struct prompt *p)
{
	if (!p->n || (p->n_history && strcmp(p->history[p->n_history - 1], p->text) == 0))
		return;
	if (p->n_history == 32) {
		free(p->history[0]);
		memmove(p->history, p->history + 1, 31 * sizeof *p->history);
		p->n_history--;
	}
	p->history[p->n_history++] = xstrdup(p->text);
}

static void run_command(struct app *a, const char *text)
{
	const struct key_row *r, *only = NULL;
	size_t n = strlen(text), found = 0;

	if (strncmp(text, "goto-time ", 10) == 0) {
		goto_time(a, text + 10);
		return;
	}
	r = key_row_named(text);
	for (size_t i = 0; !r && i < key_table_n; i++) {
		if (n && strncmp(key_table[i].name, text, n) == 0) {
			only = &key_table[i];
			found++;
		}
	}
	if (!r && found == 1)
		r = only;
	if (r)
		app_do(a, r->action);
	else if (n)
		app_say(a, found ? "'%s' could be several actions; Tab completes" : "no action '%s'; ? lists them", text);
}

static void accept(struct app *a)
{
	struct prompt *p = &a->prompt;
	enum prompt_kind kind = p->kind;
	char text[sizeof p->text];

	snprintf(text, sizeof text, "%s", p->text);
	keep(p);
	p->kind = PROMPT_NONE;
	switch (kind) {
	case PROMPT_COMMAND: run_command(a, text); break;
	case PROMPT_SEARCH:
		snprintf(a->search, sizeof a->search, "%s", text);
		app_do(a, ACT_NEXT_MATCH);
		break;
	case PROMPT_FILTER: snprintf(a->filter, sizeof a->filter, "%s", text); break;
	case PROMPT_TIME: goto_time(a, text); break;
	case PROMPT_ID:
		if (strtoull(text, NULL, 10))
			app_open_goroutine(a, strtoull(text, NULL, 10));
		break;
	case PROMPT_FUNCTION: snprintf(a->func.pattern, sizeof a->func.pattern, "%s", text); break;
	default: break;
	}
}

/* Complete an action's name as far as it is the only way on. */
static void complete(struct prompt *p)
{
	const char *first = NULL;
	size_t common = 0;

	for (size_t i = 0; i < key_table_n; i++) {
		const char *name = key_table[i].name;

		if (strncmp(name, p->text, p->n) != 0)
			continue;
		if (!first) {
			first = name;
			common = strlen(name);
		}
		while (common && strncmp(first, name, common) != 0)
			common--;
	}
	if (first && common > p->n && common < sizeof p->text) {
		memcpy(p->text, first, common);
		p->text[common] = '\0';
		p->n = p->at = common;
	}
}

static void erase(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->n - to + 1);
	p->n -= to - from;
	p->at = from;
}

static void from_history(struct prompt *p, int dir)
{
	if (dir < 0 && p->back)
		p->back--;
	else if (dir > 0 && p->back < p->n_history)
		p->back++;
	else
		return;
	snprintf(p->text, sizeof p->text, "%s", p->back < p->n_history ? p->history[p->back] : "");
	p->n = p->at = strlen(p->text);
}

static size_t word_start(const struct prompt *p)
{
	size_t i = p->at;

	while (i && p->text[i - 1] == ' ')
		i--;
	while (i && p->text[i - 1] != ' ')
		i--;
	return i;
}

static void insert(struct prompt *p, int key)
{
	if (key < 0x20 || key > 0xff || p->n + 1 >= sizeof p->text)
		return;
	memmove(p->text + p->at + 1, p->text + p->at, p->n - p->at + 1);
	p->text[p->at++] = (char)key;
	p->n++;
}

/* Keys as readline has them. */
static void edit(struct app *a, struct prompt *p, int key)
{
	switch (key) {
	case K_ENTER: case '\n': accept(a); break;
	case K_ESC: case 7: p->kind = PROMPT_NONE; break;
	case K_BACKSPACE:
		if (p->at)
			erase(p, p->at - 1, p->at);
		else if (!p->n)
			p->kind = PROMPT_NONE;
		break;
	case K_DELETE: if (p->at < p->n) erase(p, p->at, p->at + 1); break;
	case K_LEFT: case 2: p->at -= p->at > 0; break;
	case K_RIGHT: case 6: p->at += p->at < p->n; break;
	case K_HOME: case 1: p->at = 0; break;
	case K_END: case 5: p->at = p->n; break;
	case K_UP: case 16: from_history(p, -1); break;
	case K_DOWN: case 14: from_history(p, 1); break;
	case 21: erase(p, 0, p->at); break;
	case 23: erase(p, word_start(p), p->at); break;
	case 11: p->text[p->at] = '\0'; p->n = p->at; break;
	case K_TAB: if (p->kind == PROMPT_COMMAND) complete(p); break;
	case 20: if (p->kind == PROMPT_FUNCTION) a->func.this_host = !a->func.this_host; break;
	default: insert(p, key); break;
	}
}

bool prompt_key(struct app *a, int key)
{
	struct prompt *p = &a->prompt;
	enum prompt_kind kind = p->kind;

	if (kind == PROMPT_NONE)
		return false;
	edit(a, p, key);
	if (kind == PROMPT_FUNCTION && p->kind == kind) /* results follow each keystroke */
		snprintf(a->func.pattern, sizeof a->func.pattern, "%s", p->text);
	return true;
}
