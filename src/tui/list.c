/* SPDX-License-Identifier: MIT */
#include "session.h"
#include <gscrape/system.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* --- the filter --- */

/* A text of this key, which the word names with a colon. */
static bool is_named(const char *word, const char *key)
{
	size_t n = key ? strlen(key) : 0;

	return n && *key != '=' && strncasecmp(word, key, n) == 0 && word[n] == ':';
}

static bool has(const char *text, const char *want)
{
	struct match_word w = match_word(want, strlen(want));

	return match_word_in(&w, text);
}

/* After "id:": a number is meant whole. */
static bool is_or_has(const char *text, const char *want)
{
	if (text[0] && strspn(text, "0123456789") == strlen(text))
		return strcmp(text, want) == 0;
	return has(text, want);
}

static bool found(const char *word, const struct list_text *t, size_t n)
{
	bool named = false, any = false;

	for (size_t i = 0; i < n; i++) {
		if (t[i].key && *t[i].key == '=' && strcasecmp(word, t[i].key + 1) == 0)
			return t[i].text != NULL;
		if (!is_named(word, t[i].key))
			continue;
		named = true;
		any |= t[i].text && is_or_has(t[i].text, word + strlen(t[i].key) + 1);
	}
	for (size_t i = 0; i < n && !named; i++)
		any |= t[i].text && !(t[i].key && *t[i].key == '=') && has(t[i].text, word);
	return any;
}

static bool any_matches(const struct session *a, const struct list_text *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].text && matcher_matches(a->matcher, t[i].text))
			return true;
	return false;
}

bool list_passes(const struct session *a, const struct list_text *t, size_t n)
{
	char word[256];

	if (a->filter_regex && a->filter[0])
		return any_matches(a, t, n);
	for (const char *s = a->filter; *s;) {
		size_t len = strcspn(s, " ");
		bool negated = len > 1 && *s == '!';

		snprintf(word, sizeof word, "%.*s", (int)(len - negated), s + negated);
		if (len && found(word, t, n) == negated)
			return false;
		s += len;
		s += strspn(s, " ");
	}
	return true;
}

/* --- the rows --- */

struct ordering {
	const struct session *a;
	const struct list *l;
};

/* For sort_with(). Rows that are equal in all stay as they come. */
static int list_compare(const void *pa, const void *pb, void *ctx)
{
	const struct ordering *o = ctx;
	const struct list_sort *sorts = o->l->kind->sorts;
	size_t x = *(const size_t *)pa, y = *(const size_t *)pb;
	int64_t d = sorts[o->l->sort].compare(o->a, x, y);

	if (!d)
		d = sorts[0].compare(o->a, x, y);
	if (!d)
		d = x < y ? -1 : x > y;
	return o->l->reverse ? (d < 0) - (d > 0) : (d > 0) - (d < 0);
}

void list_fill(struct list *l, const struct session *a, const struct list_kind *kind, size_t n)
{
	struct list_text texts[LIST_TEXTS];
	struct pool p = {0};
	size_t kept = 0;

	l->kind = kind;
	if (!l->order || n > l->cap)
		l->order = xrealloc(l->order, (l->cap = n * 2 + 16), sizeof *l->order);
	for (size_t i = 0; i < n; i++)
		if (a->where ? !kind->accepts || kind->accepts(a, i) :
		    !a->filter[0] || !kind->texts || list_passes(a, texts, kind->texts(a, i, &p, texts)))
			l->order[kept++] = i;
	pool_release(&p);
	if (kind->sorts)
		sort_with(l->order, kept, sizeof *l->order, list_compare, &(struct ordering){a, l});
	list_clamp(l, kept);
}

static void list_sort_next(struct session *a, struct list *l)
{
	const struct list_kind *k = l->kind;

	l->sort = k->sorts[l->sort + 1].name ? l->sort + 1 : 0;
	say(a, "%s%ssorted by %s", k->what ? k->what : "", k->what ? " " : "", k->sorts[l->sort].name);
}

const char *list_sorted(const struct list *l, char *out, size_t n)
{
	snprintf(out, n, "by %s%s", l->kind && l->kind->sorts ? l->kind->sorts[l->sort].name : "", l->reverse ? " rev" : "");
	return out;
}

void list_begin(struct list *l)
{
	l->sel = l->top = 0;
}

void list_release(struct list *l)
{
	free(l->order);
	*l = (struct list){0};
}

void list_clamp(struct list *l, size_t n)
{
	l->n = n;
	if (l->sel >= n)
		l->sel = n ? n - 1 : 0;
	if (l->top >= n)
		l->top = 0;
}

void list_show(struct list *l, int rows)
{
	size_t r = rows > 0 ? (size_t)rows : 1;

	l->rows = rows;
	if (l->sel < l->top)
		l->top = l->sel;
	if (l->sel >= l->top + r)
		l->top = l->sel - r + 1;
	if (l->n <= r)
		l->top = 0;
	else if (l->top + r > l->n)
		l->top = l->n - r;
}

bool list_act(struct session *a, struct list *l, enum action action)
{
	size_t page = l->rows > 1 ? (size_t)l->rows : 1, by;

	switch (action) {
	case ACT_FIRST:
		l->sel = 0;
		return true;
	case ACT_LAST:
		l->sel = l->n ? l->n - 1 : 0;
		return true;
	case ACT_DOWN:
	case ACT_HALF_DOWN:
	case ACT_PAGE_DOWN:
		by = action == ACT_DOWN ? 1 : action == ACT_PAGE_DOWN ? page : (page + 1) / 2;
		l->sel = l->sel + by < l->n ? l->sel + by : l->n ? l->n - 1 : 0;
		return true;
	case ACT_UP:
	case ACT_HALF_UP:
	case ACT_PAGE_UP:
		by = action == ACT_UP ? 1 : action == ACT_PAGE_UP ? page : (page + 1) / 2;
		l->sel = l->sel > by ? l->sel - by : 0;
		return true;
	case ACT_SORT:
	case ACT_REVERSE:
		if (!l->kind || !l->kind->sorts)
			return false;
		if (action == ACT_SORT)
			list_sort_next(a, l);
		else
			l->reverse = !l->reverse;
		return true;
	default:
		return false;
	}
}

void list_draw(const struct session *a, struct canvas *c, const struct list *list, const struct list_pane *p, struct list *shown)
{
	struct list l = *list;
	int each = p->each ? p->each : 1, rows = p->h / each, w = p->w ? p->w : c->w;

	list_show(&l, rows);
	touch_rows(c, &(struct touch){TOUCH_ROWS, p->y, p->x, p->h, w, .first = l.top, .each = each, .focused = !p->unfocused});
	for (int y = 0; y < rows && l.top + (size_t)y < l.n; y++) {
		size_t i = l.top + (size_t)y;

		p->row(a, c, &(struct list_row){.y = p->y + y * each, .x = p->x, .w = w, .i = list_at(&l, i), .selected = i == l.sel && !p->unfocused,
						.marked = i == l.sel && p->unfocused, .ctx = p->ctx});
	}
	if (!p->unfocused)
		*shown = l;
}
