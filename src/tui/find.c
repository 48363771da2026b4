/* SPDX-License-Identifier: MIT */
/* The search: in the list that the row keys move, whichever view it is of. Rows are searched as the list's table has them. */
#include "app.h"
#include "row_model.h"
#include <stdio.h>
#include <stdlib.h>

void select_row(struct app *a, size_t i)
{
	const struct view *v = view_of(&a->s, a->s.view);
	struct list *l = v->list ? v->list(&a->s) : NULL;

	if (!l || i >= l->n)
		return;
	l->sel = i ? i - 1 : 0;
	app_do(a, i ? ACT_DOWN : ACT_FIRST); /* as if gone there by keys: a view may act on it */
}

/* Which rows match: a byte each. Caller frees. A regular expression that is not understood matches none, and search_fault says why. */
static bool *find_matches(struct app *a, const struct list *l)
{
	struct err why;
	bool *out = xcalloc(l->n + 1, sizeof *out);
	struct matcher m = {0};
	struct buf words = {0};
	struct row_model s = {0};

	row_model_list(&s, &a->s, l);
	a->search_fault[0] = '\0';
	if (matcher_set(&m, a->s.search, a->s.search_regex ? MATCH_REGEX : MATCH_TEXT, &why) < 0)
		snprintf(a->search_fault, sizeof a->search_fault, "%s", why.text);
	for (size_t i = 0; i < l->n; i++) {
		buf_reset(&words);
		row_model_words(&s, &a->s, i, &words);
		buf_putc(&words, '\0');
		out[i] = words.n > 1 && matcher_matches(&m, words.p);
	}
	matcher_release(&m);
	buf_release(&words);
	row_model_release(&s);
	return out;
}

/* To the first match from a row on in a direction, round the end; counts all. */
static void find(struct app *a, size_t from, int dir, bool this_too)
{
	const struct view *v = view_of(&a->s, a->s.view);
	const struct list *l = v->list(&a->s);
	size_t n = l->n, at = n;
	bool *match = n ? find_matches(a, l) : NULL;

	a->s.found = a->s.found_at = 0;
	for (size_t i = this_too ? 0 : 1; match && i <= n && at == n; i++) {
		size_t k = (from + (dir > 0 ? i : n - i % n)) % n;

		if (match[k])
			at = k;
	}
	for (size_t i = 0; at < n && i < n; i++) {
		a->s.found += match[i];
		a->s.found_at += i <= at && match[i];
	}
	free(match);
	if (at < n)
		select_row(a, at);
}

void find_as_typed(struct app *a)
{
	snprintf(a->s.search, sizeof a->s.search, "%s", a->prompt.text);
	if (!a->s.search[0]) {
		a->s.found = 0;
		select_row(a, a->prompt.was_sel);
		return;
	}
	find(a, a->prompt.was_sel, 1, true);
	if (!a->s.found)
		select_row(a, a->prompt.was_sel);
}

static void tell(struct app *a)
{
	if (a->search_fault[0])
		say_error(&a->s, a->search_fault);
	else if (a->s.found)
		say(&a->s, "%s/%s  %zu/%zu", a->s.search_regex ? "regex " : "", a->s.search, a->s.found_at, a->s.found);
	else
		say(&a->s, "nothing here matches '%s'", a->s.search);
}

/* An empty search takes the last one again, as less does. */
void find_accept(struct app *a, const char *text)
{
	if (!*text) {
		snprintf(a->s.search, sizeof a->s.search, "%s", a->prompt.was);
		if (a->s.search[0])
			find_next(a, 1);
		return;
	}
	find_as_typed(a);
	tell(a);
}

void find_next(struct app *a, int dir)
{
	const struct view *v = view_of(&a->s, a->s.view);

	find(a, v->list ? v->list(&a->s)->sel : 0, dir, false);
	tell(a);
}
