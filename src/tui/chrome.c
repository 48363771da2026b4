/* SPDX-License-Identifier: MIT */
/* The three rows that every view shares: title with tabs, (each view's own context), hints. */
#include "draw.h"
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>

char *number(char *out, int64_t n)
{
	char digits[24];
	int len, k = 0;

	if (n < 0) {
		snprintf(out, 32, "-");
		return out;
	}
	len = snprintf(digits, sizeof digits, "%" PRId64, n);
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[k++] = ',';
		out[k++] = digits[i];
	}
	out[k] = '\0';
	return out;
}

char *number_fit(char *out, int64_t n, int w)
{
	static const char units[] = "kMGTPE";
	double v = (double)n;

	if (text_cells(number(out, n)) <= w)
		return out;
	for (int i = 0; units[i]; i++) {
		v /= 1000;
		for (int digits = 2; digits >= 0; digits--) {
			snprintf(out, 32, "%.*f%c", digits, v, units[i]);
			if ((int)strlen(out) <= w && (int)strlen(out) <= 5)
				return out;
		}
	}
	return out;
}

char *number_change(char *out, int64_t n, int w)
{
	out[0] = n < 0 ? '-' : '+';
	number_fit(out + (n != 0), n < 0 ? -n : n, w - (n != 0));
	return out;
}

/* Does T move, and is there anything to come? */
static const char *mode(const struct session *a, char *out, size_t n, bool whole)
{
	char newer[32];

	snprintf(out, n, "%s%s", a->partial[0] ? "PARTIAL " : "", a->playing ? "playing" : a->follow && a->recorded ? "LIVE" : a->follow ? "nobody records" :
		 a->recorded ? "paused, recording" : "recorded");
	if (a->newer && !a->playing && whole)
		snprintf(out + strlen(out), n - strlen(out), "; %s newer", number(newer, a->newer));
	return out;
}

static const char *tab_text(const struct session *a, const struct canvas *c, int v, char *out, size_t n)
{
	const struct view *view = view_of(a, (enum view_id)v);
	bool open = view_shown(a) == (enum view_id)v;

	snprintf(out, n, open ? "[%d %s]" : " %d %s ", v + 1, is_wide(a) ? view->wide_tab : c->w < 60 ? "" : view->tab);
	return out;
}

static int tabs_width(const struct session *a, const struct canvas *c)
{
	char tab[32];
	int w = 0;

	for (int v = VIEW_OVERVIEW; v < VIEW_HELP; v++)
		w += text_cells(tab_text(a, c, v, tab, sizeof tab));
	return w;
}

#define BRAND "gscrape"

void draw_title(const struct session *a, struct canvas *c)
{
	char right[160], zone[16], now[64];
	int x = 1, n;

	mode(a, now, sizeof now, is_wide(a));
	snprintf(right, sizeof right, "%s %s ?=help", zone_shown(a, zone, sizeof zone), now);
	canvas_fill(c, 0, 0, c->w, STYLE_TITLE, ' ');
	if (c->w < 60 || 1 + text_cells(BRAND) + 1 + tabs_width(a, c) + text_cells(right) < c->w) { /* it matters least */
		x += canvas_text(c, 0, x, c->w - x, STYLE_TITLE, BRAND);
		x += is_wide(a) ? 2 : c->w >= 60;
	} else {
		x = 0;
	}
	if (is_wide(a))
		snprintf(right, sizeof right, "tz %s   %s (F=follow)   glyphs %s   theme %s   ?=help ", zone_shown(a, zone, sizeof zone), now,
			 glyph_table[a->tier].name, a->theme);
	n = text_cells(right);
	for (int v = VIEW_OVERVIEW; v < VIEW_HELP; v++) {
		char tab[32];

		tab_text(a, c, v, tab, sizeof tab);
		touch_tab(c, x, text_cells(tab), v);
		x += canvas_text(c, 0, x, c->w - x, view_shown(a) == (enum view_id)v ? STYLE_TAB : STYLE_TITLE, tab);
	}
	if (c->w - n <= x) { /* what matters less goes first */
		snprintf(right, sizeof right, "%s %s ?=help", zone_shown(a, zone, sizeof zone), now);
		n = text_cells(right);
	}
	if (c->w - n <= x) {
		snprintf(right, sizeof right, "%s %s ?=help", zone_shown(a, zone, sizeof zone), mode(a, now, sizeof now, false));
		n = text_cells(right);
	}
	if (c->w - n <= x)
		n = snprintf(right, sizeof right, "%.*s ?=help", (int)strcspn(now, ","), now);
	if (c->w - n > x) {
		canvas_text(c, 0, c->w - n, n, STYLE_TITLE, right);
		touch_tab(c, c->w - 7, 7, VIEW_HELP);
	}
}

const char *host_fit(const char *name, int w, char *out, size_t size)
{
	int first = (int)strcspn(name, "."), all = text_cells(name);
	char label[200];

	if (all <= w || w < 8)
		return name;
	snprintf(label, sizeof label, "%.*s", first, name);
	if (first >= w)
		return text_cut(out, size, label, w);
	if (first > w - 1 - w / 2 && all == (int)strlen(name))
		snprintf(out, size, "%.*s~%s", first, name, name + all - (w - 1 - first));
	else
		text_cut(out, size, name, w);
	return out;
}

/* Bytes of the text's first line of w cells, broken at a blank, or where it is full. */
static int line_bytes(const char *text, int w)
{
	const char *p = text, *blank = NULL, *full = NULL;
	int cells = 0;

	if (text_cells(text) <= w)
		return (int)strlen(text);
	while (*p && cells <= w) {
		blank = *p == ' ' ? p : blank;
		full = p > text ? p : full;
		cells += char_cells(utf8_next(&p));
	}
	full = full ? full : p;
	return (int)((blank && blank > text ? blank : full) - text);
}

int sentence_rows(int w, const char *text)
{
	int rows = 0;

	for (; *text; rows++) {
		text += line_bytes(text, w);
		text += strspn(text, " ");
	}
	return rows;
}

int draw_sentence(struct canvas *c, int y, int x, int most, enum style style, const char *text)
{
	int w = c->w - x - 1, used = 0;
	char cut[2048];

	if (sentence_rows(w, text) > most) /* some cells are lost at each row's end */
		text = text_cut(cut, sizeof cut, text, most * w - (most - 1) * (w < 60 ? w / 6 : 10));
	while (*text && used < most) {
		int n = used + 1 < most ? line_bytes(text, w) : (int)strlen(text);

		canvas_printf(c, y + used++, x, w, style, "%.*s", n, text);
		text += n;
		text += strspn(text, " ");
	}
	return used ? used : 1;
}

#define MESSAGE_ROWS 4

/* One that is too long for the last row takes rows above it, too: the reason stands at its end. */
static void draw_message(const struct session *a, struct canvas *c)
{
	enum style s = a->message_is_error ? STYLE_ERROR : STYLE_HINT;
	int rows = 1;

	while (rows < MESSAGE_ROWS && rows < c->h - 2 && sentence_rows(c->w - 2, a->message) > rows)
		rows++;
	for (int i = 1; i <= rows; i++)
		canvas_fill(c, c->h - i, 0, c->w, s, ' ');
	draw_sentence(c, c->h - rows, 1, rows, s, a->message);
}

static const char *hints_here(const struct session *a, const struct view *v, int w)
{
	const char *other = v->other_hints ? v->other_hints(a) : NULL;

	return other ? other : text_cells(v->wide_hints) <= w ? v->wide_hints : v->hints;
}

void draw_hints(const struct session *a, struct canvas *c)
{
	const struct view *v = view_of(a, a->view);
	char newer[32];
	int y = c->h - 1;

	canvas_fill(c, y, 0, c->w, a->message[0] && a->message_is_error ? STYLE_ERROR : STYLE_HINT, ' ');
	if (a->message[0])
		draw_message(a, c);
	else if (a->partial[0])
		canvas_text(c, y, 1, c->w - 2, STYLE_ERROR, a->partial);
	else if (*unknown_advice(a))
		canvas_text(c, y, 1, c->w - 2, STYLE_ERROR, unknown_advice(a));
	else if (a->oddity && (shows_host(a) || a->view == VIEW_OVERVIEW))
		canvas_printf(c, y, 1, c->w - 2, STYLE_HINT, "the dump at T is cut: %s; there may be more goroutines", a->oddity);
	else if (a->newer && !a->playing && !is_wide(a))
		canvas_printf(c, y, 1, c->w - 2, STYLE_HINT, "paused, recording; %s newer   F follow", number(newer, a->newer));
	else
		canvas_text(c, y, 1, c->w - 2, STYLE_HINT, a->slow_link ? "? help" : hints_here(a, v, c->w - 2));
}

/* "  & pgx  12 of 214" in two parts: what is typed may lose its middle, the count may not. */
static void filter_parts(const struct session *a, size_t shown, size_t all, char *sign, char *count)
{
	char n0[32], n1[32];

	snprintf(sign, 16, "  %s& ", a->filter_regex ? "regex " : "");
	snprintf(count, 80, "  %s of %s", number(n0, (int64_t)shown), number(n1, (int64_t)all));
}

char *filter_note(const struct session *a, char *out, size_t shown, size_t all, int w)
{
	char sign[16], count[80], typed[200];
	int room;

	out[0] = '\0';
	if (!a->filter[0])
		return out;
	filter_parts(a, shown, all, sign, count);
	room = w - text_cells(sign) - text_cells(count);
	snprintf(out, 320, "%s%s%s", sign, text_cut(typed, sizeof typed, a->filter, room > 4 ? room : 4), count);
	return out;
}

#define NAME_LEAST 16 /* cells of a host's name beside a filter */

char *context_fit(const struct session *a, const struct context *k, int w, char *out, size_t size)
{
	char name[200], note[320];
	const char *what = k->what;
	int note_w = text_cells(filter_note(a, note, k->shown, k->all, 200)), host_w = text_cells(k->host), room = w - text_cells(what) - note_w;

	if (room < host_w && room < NAME_LEAST && note_w) { /* which filter it is and what it left matters more */
		what = k->brief;
		room = host_w < NAME_LEAST ? host_w : NAME_LEAST;
		filter_note(a, note, k->shown, k->all, w - text_cells(what) - room);
		room = w - text_cells(what) - text_cells(note);
	}
	snprintf(out, size, "%s%s%s", host_fit(k->host, room < host_w ? room : host_w, name, sizeof name), what, note);
	return out;
}

const char *func_shown(const struct session *a, const char *func, char *out, size_t size)
{
	return a->scroll && func ? func : query_short(out, size, func);
}

void draw_rule(const struct session *a, struct canvas *c, int y, const char *left, const char *right)
{
	uint32_t g = glyph_table[a->tier].rule;
	int n = right ? text_cells(right) : 0, x = 3;

	if (text_cells(left) + n + 7 > c->w) /* what is said first matters more */
		n = 0;
	canvas_fill(c, y, 0, c->w, STYLE_RULE, g);
	canvas_put(c, y, 2, STYLE_RULE, ' ');
	x += canvas_text(c, y, x, c->w - x - (n ? n + 3 : 1), STYLE_RULE, left);
	canvas_put(c, y, x, STYLE_RULE, ' ');
	if (n && x + n + 3 < c->w) {
		canvas_put(c, y, c->w - n - 2, STYLE_RULE, ' ');
		canvas_text(c, y, c->w - n - 1, n, STYLE_RULE, right);
		canvas_put(c, y, c->w - 1, STYLE_RULE, ' ');
	}
}

void draw_selected(struct canvas *c, int y, int x, int width)
{
	canvas_put(c, y, x, STYLE_NORMAL, '>');
	canvas_restyle(c, y, 0, width, STYLE_SELECTED);
	c->cursor_y = y;
	c->cursor_x = 0;
}
