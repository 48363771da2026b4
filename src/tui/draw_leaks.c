/* SPDX-License-Identifier: MIT */
/* View 5, how it is drawn. */
#include "draw.h"
#include "path.h"
#include "view_leaks.h"
#include "view_overview.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define WHOLE_NAMES 150 /* columns: functions have their packages */
#define NARROW 56 /* fewer columns: what matters most alone */
#define MIDDLE 96 /* as many have room for the host and the activity, too */

/* Where the columns stand behind the score; 0: not there. `where`: what they are blocked in, the state before the function. */
struct leak_columns {
	int oldest, host, host_w, act, act_w, where, state_w;
	bool few; /* numbers: how many there are, alone */
};

/* Are they of several hosts? Then each is named; those of hosts together have their label's value. Into *longest the cells of the longest name. */
static bool are_of_several(const struct leak_view *l, int *longest)
{
	bool several = false;

	*longest = 4;
	for (size_t i = 0; i < l->n; i++) {
		int w = text_cells(l->suspects[i].host_name);

		*longest = w > *longest ? w : *longest;
		several |= !l->is_together && l->suspects[i].host != l->suspects[0].host;
	}
	return several;
}

/* A narrow screen of several hosts has their names where else the state, or how they came and went, would be. */
static struct leak_columns place_leaks(const struct session *a)
{
	struct leak_columns c = {.oldest = 38, .state_w = is_wide(a) ? 14 : 9};
	int longest;
	bool several = are_of_several(leak_view_of(a), &longest);

	c.few = a->w < (several ? 72 : NARROW);
	if (c.few) {
		c.oldest = 0;
		c.where = 15;
		c.state_w = several && a->w < NARROW ? 0 : 9;
	} else if (several && a->w < MIDDLE) {
		c.oldest = 0;
		c.where = 38;
	} else {
		c.where = 46;
	}
	if (several && !is_wide(a)) {
		c.host = c.where;
		c.host_w = a->w < NARROW ? 10 : 15;
		c.host_w = longest < c.host_w ? longest : c.host_w;
		c.where += c.host_w + 1;
	}
	if (leak_view_of(a)->is_together) /* in its place */
		c.act_w = a->w < 72 ? 0 : is_wide(a) ? 24 : 12;
	else if (is_wide(a))
		c.act_w = 12 + (a->w - 80) * 2 / 5;
	else if (!several && a->w >= 72)
		c.act_w = 12 + (a->w - 80) / 3;
	else if (several && a->w >= MIDDLE)
		c.act_w = 8 + (a->w - MIDDLE) / 3;
	if (c.act_w) {
		c.act = c.where;
		c.where += c.act_w + 1;
	}
	return c;
}

int leak_activity_width(const struct session *a)
{
	return place_leaks(a).act_w;
}

static const char *file_line(const struct frame *f, char *out, size_t n)
{
	const char *slash = f->file ? strrchr(f->file, '/') : NULL;

	out[0] = '\0';
	if (f->file)
		snprintf(out, n, "%s:%" PRIu32, slash ? slash + 1 : f->file, f->line);
	return out;
}

static enum style score_style(const struct suspect *s)
{
	return s->verdict == VERDICT_LEAK ? STYLE_ERROR : s->verdict == VERDICT_WATCH ? STYLE_CHANGED : STYLE_DIM;
}

static void draw_activity_of(const struct session *a, struct canvas *c, int y, const struct leak_columns *k, size_t i)
{
	const struct leak_view *l = leak_view_of(a);
	const struct bucket *b = l->flows + i * (size_t)l->flow_w;
	uint32_t max = 0;

	for (int n = 0; n < l->flow_w; n++)
		max = b[n].max > max ? b[n].max : max;
	draw_spark(a, c, (struct area){y, k->act, l->flow_w, 1}, b, max);
}

/* Hosts together: on how many of them, and how many are stuck there on all of these. */
static void draw_all(struct canvas *c, int y, const struct suspect *s)
{
	char text[80], n[32];

	snprintf(text, sizeof text, "%" PRIu32 "/%zu", s->on_hosts, s->together->n);
	canvas_right(c, y, 7, 8, STYLE_NORMAL, text);
	canvas_right(c, y, 16, 6, STYLE_NORMAL, number_fit(n, (int64_t)s->all_count, 6));
}

static void draw_numbers(const struct session *a, struct canvas *c, int y, const struct leak_columns *k, size_t i)
{
	const struct leak_view *l = leak_view_of(a);
	const struct suspect *s = &l->suspects[i];
	double per_hour = s->together ? s->all_per_hour : s->per_hour;
	char text[80], n0[32], n1[32], d[TIME_MAX];

	snprintf(text, sizeof text, "%s -> %s", number_fit(n0, s->first_count, 6), number_fit(n1, l->at_t[i], 6));
	if (s->together)
		draw_all(c, y, s);
	else
		canvas_right(c, y, 7, 16, STYLE_NORMAL, text);
	rate_text(text, per_hour);
	if (!strchr(text, '.')) /* in groups of three digits */
		snprintf(text, sizeof text, "%c%s", per_hour < 0 ? '-' : '+', number_fit(n0, llround(fabs(per_hour)), 6));
	canvas_right(c, y, 24, 7, per_hour > 0 ? STYLE_ADDED : STYLE_DIM, s->kind == SUSPECT_GROWTH && per_hour ? text : "");
	snprintf(text, sizeof text, isnan(s->never_ended) ? "-" : "%.0f%%", s->never_ended * 100);
	canvas_right(c, y, 32, 5, STYLE_NORMAL, text);
	if (k->oldest)
		canvas_right(c, y, k->oldest, 6, STYLE_DIM, l->at_t[i] > 0 && l->seen[i] >= s->oldest ? duration_bound(d, query_age_bound(a->q, s->host, s->epoch, s->oldest), l->seen[i] - s->oldest) : "-");
	if (s->together)
		canvas_text(c, y, k->act, k->act_w, STYLE_NORMAL, text_cut(text, sizeof text, s->together->value, k->act_w));
	else if (k->act_w && k->act_w == l->flow_w)
		draw_activity_of(a, c, y, k, i);
}

/* Of the host's name behind the function's, where both have room: no less than this. */
static int host_width(const struct session *a, const struct leak_columns *k)
{
	return is_wide(a) ? (a->w - k->where) / 3 : 0;
}

/* The second line: the go statement, whole. */
static void draw_site(const struct session *a, struct canvas *c, int y, const struct suspect *s)
{
	char where[200], text[1000];

	snprintf(text, sizeof text, "%s: go in %s  %s", s->host_name, s->created.func ? s->created.func : "?", file_line(&s->created, where, sizeof where));
	canvas_name(c, (struct area){y, 6, c->w - 7, 1}, STYLE_DIM, text, a->scroll);
}

/* Whole while names are scrolled, and else as there is room for its package. */
static const char *place_name(const struct session *a, const struct suspect *s, char *out, size_t size)
{
	if (a->scroll && s->place.func)
		return s->place.func;
	return a->w >= WHOLE_NAMES ? query_short(out, size, s->place.func) : path_name(out, size, s->place.func);
}

static void draw_suspect(const struct session *a, struct canvas *c, int y, const struct leak_columns *k, size_t i, bool ignored)
{
	const struct suspect *s = &leak_view_of(a)->suspects[i];
	char name[300], host[300];
	int x = k->where;

	canvas_printf(c, y, 3, 4, ignored ? STYLE_DIM : score_style(s), "%.2f", s->score);
	if (k->few)
		canvas_right(c, y, 8, 6, STYLE_NORMAL, number_fit((char[32]){0}, s->together ? (int64_t)s->all_count : leak_view_of(a)->at_t[i], 6));
	else
		draw_numbers(a, c, y, k, i);
	if (k->host)
		canvas_text(c, y, k->host, k->host_w, STYLE_DIM, host_fit(s->host_name, k->host_w, host, sizeof host));
	canvas_text(c, y, x, k->state_w, (enum style)(STYLE_STATE + s->family), s->state);
	x += k->state_w + (k->state_w > 0);
	x += canvas_name(c, (struct area){y, x, c->w - x - 1 - host_width(a, k), 1}, ignored ? STYLE_DIM : STYLE_NORMAL,
			 place_name(a, s, name, sizeof name), a->scroll) + 2;
	if (is_wide(a))
		canvas_text(c, y, x, c->w - x - 1 - (ignored ? 9 : 0), STYLE_DIM, host_fit(s->host_name, c->w - x - 1 - (ignored ? 9 : 0), host, sizeof host));
	if (ignored)
		canvas_text(c, y, c->w - 9, 8, STYLE_DIM, " ignored");
}

/* An argument: its weight, its name, its sentence. */
static int draw_argument(struct canvas *c, int y, int most, const struct argument *v)
{
	canvas_printf(c, y, 1, 6, v->weight > 0 ? STYLE_ADDED : STYLE_CHANGED, "%+5.1f", v->weight);
	canvas_text(c, y, 7, 12, STYLE_NORMAL, v->name);
	return draw_sentence(c, y, 20, most, v->weight > 0 ? STYLE_NORMAL : STYLE_DIM, v->text);
}

#define SENTENCE 4 /* rows of an argument, at most */

static int draw_arguments(struct canvas *c, int y, int end, const struct suspect *s)
{
	for (size_t i = 0; i < s->n_evidence && y < end; i++)
		y += draw_argument(c, y, end - y > SENTENCE ? SENTENCE : end - y, &s->evidence[i]);
	for (size_t i = 0; i < s->n_against && y < end; i++)
		y += draw_argument(c, y, end - y > SENTENCE ? SENTENCE : end - y, &s->against[i]);
	return y;
}

static void draw_frame_of(struct canvas *c, int y, const char *before, const struct frame *f)
{
	char where[200], name[400];
	int n;

	file_line(f, where, sizeof where);
	n = text_cells(where);
	n = n > c->w / 3 ? c->w / 3 : n;
	canvas_printf(c, y, 1, c->w - n - 4, STYLE_NORMAL, "%s%s", before, query_short(name, sizeof name, f->func));
	canvas_right(c, y, c->w - n - 1, n, STYLE_DIM, where);
}

static int draw_typical_stack(const struct session *a, struct canvas *c, int y, int end, const struct suspect *s)
{
	const struct stack *st = query_stack(a->q, s->stack);

	if (y + 1 >= end)
		return y;
	draw_rule(a, c, y++, "typical stack, root first", NULL);
	if (s->created.func && y < end)
		draw_frame_of(c, y++, "created by ", &s->created);
	for (uint32_t i = st->n; i-- > 0 && y < end;)
		draw_frame_of(c, y++, "", &st->frames[i]);
	return y;
}

#define MOST_STACK 12

/* How many of them a chart above leaves to the stack. */
static int stack_rows(const struct session *a, const struct suspect *s)
{
	int rows = 1 + (s->created.func != NULL) + (int)query_stack(a->q, s->stack)->n;

	return rows < MOST_STACK ? rows : MOST_STACK;
}

/* Arguments are of the window's end: where T is another time that is said. */
static const char *told_at(const struct session *a, const char *what, char *out, size_t n)
{
	int64_t last = query_newest(a->q, 0), end = a->to < last ? a->to : last;
	char t[TIME_MAX];

	if (end - a->t < 1000)
		return *what ? what : NULL;
	snprintf(out, n, "%s%s%s, the window's end", what, *what ? ", at " : "told at ", time_text(a, t, end, TIME_CLOCK));
	return out;
}

#define LEAST_NAME 12 /* cells that are left of a name in the title */

/* "leak api-7d9f:6060: go in main.fetch main.go:49, since 16:40:23": where it is too long the names lose their middles. */
static void why_title(const struct session *a, const struct suspect *s, int w, char *out, size_t size)
{
	char name[300], func[300], host[300], where[200], since[TIME_MAX];
	const char *verdict = is_wide(a) ? "" : verdict_name(s->verdict), *full = s->created.func ? query_short(func, sizeof func, s->created.func) : "?";
	int room = w - text_cells(verdict) - text_cells(file_line(&s->created, where, sizeof where)) - (int)strlen(" : go in  , since 16:40:23") - (s->since_before ? 7 : 0);
	int func_w = text_cells(full), host_w = text_cells(s->host_name);

	if (room < 2 * LEAST_NAME) { /* what and where alone */
		snprintf(out, size, "%s: go in %s %s", host_fit(s->host_name, LEAST_NAME, host, sizeof host), text_cut(name, sizeof name, full, LEAST_NAME), where);
		return;
	}
	if (func_w + host_w > room) {
		func_w = room - host_w > LEAST_NAME ? room - host_w : LEAST_NAME;
		host_w = room - func_w > LEAST_NAME ? room - func_w : LEAST_NAME;
	}
	snprintf(out, size, "%s%s%s: go in %s%s%s, since %s%s", verdict, *verdict ? " " : "", host_fit(s->host_name, host_w, host, sizeof host),
		 text_cut(name, sizeof name, full, func_w), *where ? " " : "", where, s->since_before ? "before " : "",
		 time_text(a, since, s->since, TIME_CLOCK));
}

/* What it is about, in the pane's title. */
static void draw_why(const struct session *a, struct canvas *c, int y, const struct suspect *s)
{
	char title[1000], right[100];

	why_title(a, s, c->w - 4, title, sizeof title);
	draw_rule(a, c, y, title, told_at(a, is_wide(a) ? "what each argument adds to the log odds" : "", right, sizeof right));
}

/* Hosts together: of which one all that stands below is. */
static void draw_where(struct canvas *c, int y, const struct suspect *s)
{
	const struct host_group *g = s->together;
	char n[32], text[600];

	if (s->on_hosts > 1)
		snprintf(text, sizeof text, "on %" PRIu32 " of %zu hosts with %s=%s, %s stuck; the likeliest has %" PRIu32, s->on_hosts, g->n, g->key, g->value,
			 number(n, (int64_t)s->all_count), s->count);
	else if (g->n > 1)
		snprintf(text, sizeof text, "on this one alone of %zu hosts with %s=%s", g->n, g->key, g->value);
	else
		snprintf(text, sizeof text, "the only host with %s=%s", g->key, g->value);
	canvas_text(c, y, 2, c->w - 3, STYLE_CHANGED, text);
}

/* Between the arguments and the stack, as high as these leave it. */
static int draw_flow(const struct session *a, struct canvas *c, int y, int end, const struct suspect *s)
{
	const struct leak_view *l = leak_view_of(a);
	int h = end - y - 3;
	char title[300];

	if (!l->chart_w || h < 3)
		return y;
	snprintf(title, sizeof title, "there over time%s%s", s->together ? " on " : "", s->together ? s->host_name : "");
	draw_rule(a, c, y++, title, NULL);
	draw_chart(a, c, (struct area){y, 7, l->chart_w, h}, l->chart, l->chart_max);
	draw_marks(a, c, (struct area){y, 7, l->chart_w, h}, host_of(a, s->host));
	draw_axis(a, c, y + h, 7, l->chart_w);
	return y + h + 2;
}

/* Of a row. */
static int leak_lines(const struct session *a)
{
	return a->two_lines ? 2 : 1;
}

static int list_height(const struct session *a, size_t n)
{
	int most = a->zoomed || leak_view_of(a)->hide_evidence || a->h < 16 ? a->h - 4 : a->h < 40 ? (a->h - 4) / 3 : 12;

	return (int)n * leak_lines(a) < most ? (int)n * leak_lines(a) : most;
}

/* They are judged by all of the window, wherever T is in it. */
static const char *judged_at(const struct session *a, char *out, size_t n)
{
	int64_t newest = query_newest(a->q, 0), end = a->to < newest ? a->to : newest;
	char t[TIME_MAX];

	if (newest == NO_TIME || a->t >= end)
		return "";
	snprintf(out, n, ", as of %s", time_text(a, t, end, TIME_CLOCK));
	return out;
}

static const char *head_of_numbers(const struct session *a, const struct leak_columns *k)
{
	if (leak_view_of(a)->is_together)
		return k->few ? "SCORE IN ALL" : "SCORE   HOSTS IN ALL      /h STAYED OLDEST";
	return k->few ? "SCORE   AT T" : k->oldest ? "SCORE  FIRST -> AT T      /h STAYED OLDEST" : "SCORE  FIRST -> AT T      /h STAYED";
}

static void draw_head(const struct session *a, struct canvas *c, const struct leak_columns *k)
{
	char t0[TIME_MAX], t1[TIME_MAX], t[TIME_MAX], end[TIME_MAX + 8], right[160], note[320], sort[32];
	const struct leak_view *l = leak_view_of(a);
	char of[200];
	int x = 1;
	size_t n;

	query_hosts(a->q, &n);
	if (l->is_together)
		snprintf(of, sizeof of, "hosts by %s (%zu)", overview_of(a)->label, l->together.n_hosts);
	else
		snprintf(of, sizeof of, "all hosts (%zu)", n);
	snprintf(right, sizeof right, "%s..%s  T %s", time_in_window(a, t0, a->from, TIME_HM), time_in_window(a, t1, a->to, TIME_HM),
		 time_in_window(a, t, a->t, TIME_CLOCK));
	x += canvas_text(c, 1, x, c->w - 4 - text_cells(right), STYLE_CONTEXT, "leak suspects");
	if (!a->filter[0] || is_wide(a)) /* which of them are shown matters more */
		x += canvas_printf(c, 1, x, c->w - 4 - text_cells(right), STYLE_CONTEXT, ", %s", of);
	x += canvas_text(c, 1, x, c->w - 3 - text_cells(right) - x, STYLE_CONTEXT, judged_at(a, end, sizeof end));
	canvas_text(c, 1, x, c->w - 3 - text_cells(right) - x, STYLE_CONTEXT, filter_note(a, note, l->list.n, l->n, c->w - 3 - text_cells(right) - x));
	canvas_right(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
	canvas_text(c, 2, 2, c->w - 3, STYLE_HEADER, head_of_numbers(a, k));
	if (k->host)
		canvas_text(c, 2, k->host, k->host_w, STYLE_HEADER, "HOST");
	if (k->act_w)
		canvas_text(c, 2, k->act, k->act_w, STYLE_HEADER, l->is_together ? overview_of(a)->label : "ACTIVITY");
	canvas_text(c, 2, k->where, c->w, STYLE_HEADER, "BLOCKED IN");
	list_sorted(&l->list, sort, sizeof sort);
	if (k->where + 11 + text_cells(sort) < c->w)
		canvas_text(c, 2, c->w - 1 - text_cells(sort), text_cells(sort), STYLE_DIM, sort);
}

static void draw_suspect_row(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct leak_view *l = leak_view_of(a);
	const struct leak_columns *k = r->ctx;

	draw_suspect(a, c, r->y, k, r->i, leak_is_ignored(a, r->i));
	if (a->two_lines)
		draw_site(a, c, r->y + 1, &l->suspects[r->i]);
	if (r->selected)
		draw_selected(c, r->y, 0, k->act ? k->act - 1 : c->w);
}

void draw_leak_view(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct leak_view *l = leak_view_of(a);
	const struct suspect *s = l->followed < l->n ? &l->suspects[l->followed] : NULL;
	struct leak_columns k = place_leaks(a);
	int h = list_height(a, l->list.n), y = 3 + h, end = c->h - 1;

	draw_head(a, c, &k);
	list_draw(a, c, &l->list, &(struct list_pane){.y = 3, .h = h, .each = leak_lines(a), .row = draw_suspect_row, .ctx = &k}, rows);
	if (!l->list.n)
		draw_sentence(c, 3, 3, FAULT_ROWS, STYLE_DIM, l->is_together && !l->together.n_hosts ? "no host has this label any more" : a->filter[0] ? filter_word(a, "no suspect passes the filter") :
			    l->notes.looked_at ? "nothing here looks like a leak" : "nothing can be told: no snapshot has goroutines");
	y += !l->list.n;
	for (size_t i = 0; !s && i < l->notes.n && y + 1 < end; i++) /* what could not be told */
		y += draw_sentence(c, y + 1, 3, end - y - 1 < 3 ? end - y - 1 : 3, STYLE_DIM, l->notes.text[i]);
	if (s && l->notes.n && y + 12 < end)
		canvas_text(c, --end, 1, c->w - 2, STYLE_DIM, l->notes.text[0]);
	if (!s || a->zoomed || l->hide_evidence || y + 2 > end)
		return;
	draw_why(a, c, y++, s);
	if (s->together && y < end)
		draw_where(c, y++, s);
	if (s->after && y < end)
		canvas_printf(c, y++, 2, c->w - 3, STYLE_CHANGED, "it began %s", s->after);
	y = draw_arguments(c, y, end, s);
	y = draw_flow(a, c, y, end - stack_rows(a, s), s);
	draw_typical_stack(a, c, y, end, s);
}
