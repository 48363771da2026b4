/* SPDX-License-Identifier: MIT */
/* The line at the bottom that takes text. Its keys are rows of the key table; what is no key of it is text. */
#include "app.h"
#include <stdio.h>
#include <stdlib.h>

static void prompt_put(struct prompt *p, const char *text)
{
	snprintf(p->text, sizeof p->text, "%s", text);
	p->n = p->at = strlen(p->text);
}

void prompt_open(struct app *a, enum prompt_kind kind, const char *text)
{
	struct prompt *p = &a->prompt;
	const struct view *v = view_of(&a->s, a->s.view);

	p->kind = kind;
	prompt_put(p, text);
	p->back = p->history[kind].n;
	p->hint[0] = '\0';
	p->proposed = a->s.filter_refused = false;
	p->was_sel = v->list ? v->list(&a->s)->sel : 0;
	p->was_regex = kind == PROMPT_FILTER ? a->s.filter_regex : a->s.search_regex;
	snprintf(p->was, sizeof p->was, "%s", kind == PROMPT_FILTER ? a->s.filter : a->s.search);
	if (kind == PROMPT_SEARCH) {
		a->s.search[0] = '\0';
		a->s.found = 0;
	}
}

static size_t char_before(const struct prompt *p, size_t i)
{
	while (i > 0 && ((unsigned char)p->text[--i] & 0xc0) == 0x80)
		;
	return i;
}

static size_t char_after(const struct prompt *p, size_t i)
{
	if (i < p->n)
		i++;
	while (i < p->n && ((unsigned char)p->text[i] & 0xc0) == 0x80)
		i++;
	return i;
}

/* --- editing --- */

static size_t word_before(const struct prompt *p)
{
	size_t i = p->at;

	while (i && p->text[i - 1] == ' ')
		i--;
	while (i && p->text[i - 1] != ' ')
		i--;
	return i;
}

static void erase(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->n - to + 1);
	p->n -= to - from;
	p->at = from;
}

static void insert(struct prompt *p, int key)
{
	if (key < 0x20 || key > 0xff || key == 0x7f || p->n + 1 >= sizeof p->text)
		return;
	if (p->proposed)
		erase(p, 0, p->n);
	p->proposed = false;
	memmove(p->text + p->at + 1, p->text + p->at, p->n - p->at + 1);
	p->text[p->at++] = (char)key;
	p->n++;
}

static void leave(struct app *a)
{
	struct prompt *p = &a->prompt;

	if (p->kind == PROMPT_SEARCH) {
		snprintf(a->s.search, sizeof a->s.search, "%s", p->was);
		a->s.search_regex = p->was_regex;
		a->s.found = 0;
		select_row(a, p->was_sel);
	} else if (p->kind == PROMPT_FILTER) {
		snprintf(a->s.filter, sizeof a->s.filter, "%s", p->was);
		a->s.filter_regex = p->was_regex;
	}
	p->kind = PROMPT_NONE;
}

static void from_history(struct app *a, int dir)
{
	struct prompt *p = &a->prompt;
	const struct history *h = &p->history[p->kind];

	if (p->kind == PROMPT_FUNCTION) { /* picks in the list below instead */
		view_of(&a->s, VIEW_FUNCTIONS)->act(&a->s, dir < 0 ? ACT_OLDER : ACT_NEWER);
		settle_moved(&a->s, ACT_DOWN);
		return;
	}
	if (dir < 0 ? p->back == 0 : p->back >= h->n)
		return;
	p->back = dir < 0 ? p->back - 1 : p->back + 1;
	prompt_put(p, p->back < h->n ? h->text[p->back] : "");
}

static void next_scope(struct session *s)
{
	s->func.scope = (enum scope)((s->func.scope + 1) % SCOPE_MAX);
}

static void next_hosts(struct app *a)
{
	if (a->prompt.kind == PROMPT_FUNCTION)
		a->s.func.this_host = !a->s.func.this_host;
}

void prompt_accept(struct app *a)
{
	struct prompt *p = &a->prompt;
	enum prompt_kind kind = p->kind;
	char text[sizeof p->text];

	if (kind == PROMPT_FILTER) {
		snprintf(a->s.filter, sizeof a->s.filter, "%s", p->text);
		session_where(&a->s);
		a->s.filter_refused = a->s.filter_fault[0];
		if (a->s.filter_refused)
			return; /* the fault stands there */
	}
	snprintf(text, sizeof text, "%s", p->text);
	history_add(&p->history[kind], text);
	p->kind = PROMPT_NONE;
	switch (kind) {
	case PROMPT_COMMAND: run_command(a, text); break;
	case PROMPT_SEARCH: find_accept(a, text); break;
	case PROMPT_TIME: goto_time(&a->s, text); break;
	case PROMPT_ID: go_number(&a->s, text); break;
	case PROMPT_FUNCTION: snprintf(a->s.func.pattern, sizeof a->s.func.pattern, "%s", text); break;
	case PROMPT_FILE: if (*text) write_view(a, text); break;
	default: break;
	}
}

static void toggle_regex(struct app *a)
{
	if (a->prompt.kind == PROMPT_SEARCH)
		a->s.search_regex = !a->s.search_regex;
	else if (a->prompt.kind == PROMPT_FILTER)
		a->s.filter_regex = !a->s.filter_regex;
	else if (a->prompt.kind == PROMPT_FUNCTION)
		a->s.func.regex = !a->s.func.regex;
}

static void edit(struct app *a, struct prompt *p, enum action action)
{
	switch (action) {
	case ACT_ACCEPT: prompt_accept(a); break;
	case ACT_ABANDON: leave(a); break;
	case ACT_OLDER: from_history(a, -1); break;
	case ACT_NEWER: from_history(a, 1); break;
	case ACT_LINE_START: p->at = 0; break;
	case ACT_LINE_END: p->at = p->n; break;
	case ACT_ERASE_BEFORE: erase(p, 0, p->at); break;
	case ACT_ERASE_WORD: erase(p, word_before(p), p->at); break;
	case ACT_ERASE_AFTER: erase(p, p->at, p->n); break;
	case ACT_CURSOR_LEFT: p->at = char_before(p, p->at); break;
	case ACT_CURSOR_RIGHT: p->at = char_after(p, p->at); break;
	case ACT_ERASE:
		if (!p->n)
			leave(a);
		else
			erase(p, char_before(p, p->at), p->at);
		break;
	case ACT_DELETE: erase(p, p->at, char_after(p, p->at)); break;
	case ACT_COMPLETE: if (p->kind == PROMPT_FUNCTION) next_scope(&a->s); else complete(a); break;
	case ACT_REGEX: toggle_regex(a); break;
	case ACT_SCOPE: next_hosts(a); break;
	default: break;
	}
}

/* What follows each keystroke. */
static void follow(struct app *a)
{
	const struct prompt *p = &a->prompt;

	if (p->kind == PROMPT_FUNCTION)
		snprintf(a->s.func.pattern, sizeof a->s.func.pattern, "%s", p->text);
	else if (p->kind == PROMPT_FILTER)
		snprintf(a->s.filter, sizeof a->s.filter, "%s", p->text);
	else if (p->kind == PROMPT_SEARCH)
		find_as_typed(a);
}

void prompt_paste(struct app *a, int key)
{
	struct prompt *p = &a->prompt;

	if (p->kind == PROMPT_NONE || p->kind == PROMPT_KEY) {
		say(&a->s, "what is pasted goes to a prompt: / & # f t and : open one");
		return;
	}
	p->hint[0] = '\0';
	insert(p, key);
	follow(a);
}

bool prompt_key(struct app *a, int key)
{
	struct prompt *p = &a->prompt;
	const struct key_row *r;

	if (p->kind == PROMPT_NONE)
		return false;
	a->s.filter_refused = false;
	p->hint[0] = '\0';
	r = bound_row(&a->s, AT_PROMPT, key);
	if (r) {
		p->proposed = false;
		edit(a, p, r->action);
	} else {
		insert(p, key);
	}
	follow(a);
	return true;
}
