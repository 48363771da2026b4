/* SPDX-License-Identifier: MIT */
/* View 4, how it is drawn. */
#include "draw.h"
#include "path.h"
#include "view_functions.h"
#include <inttypes.h>
#include <stdio.h>

#define NARROW 60 /* fewer columns: what matters most alone */

static int longest_host(const struct session *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	int w = 4;

	for (size_t i = 0; i < n; i++)
		w = text_cells(h[i].name) > w ? text_cells(h[i].name) : w;
	return w;
}

/* Of all hosts each goroutine's is named, at any width: before the path to the function, or on a narrow screen in place of its samples. */
static void place_hosts(const struct session *a, struct function_places *p)
{
	int most = is_wide(a) ? 21 : a->w >= NARROW ? 15 : 14, w = longest_host(a);
	size_t n;

	query_hosts(a->q, &n);
	if (a->func.this_host || n < 2)
		return;
	p->host_w = w < most ? w : most;
	p->host_x = a->w >= NARROW ? p->path_x : p->samples_x;
	p->path_x = p->host_x + p->host_w + 1;
	if (a->w < NARROW)
		p->samples_x = 0;
}

struct function_places place_functions(const struct session *a)
{
	struct function_places p = {.functions_y = 4};
	bool panes = a->h >= 40 && !a->zoomed;
	int bottom = a->h - 1;

	if (panes) {
		p.callers_h = 6;
		p.preview_h = 10;
		p.callers_y = bottom - p.callers_h;
		p.preview_y = p.callers_y - p.preview_h;
		bottom = p.preview_y;
	}
	if (!panes && !a->zoomed && function_view_of(a)->calls && a->h >= 16) {
		p.callers_h = a->h / 3;
		p.callers_y = bottom - p.callers_h;
		bottom = p.callers_y;
	}
	p.id_w = function_view_of(a)->id_w < ID_LEAST ? ID_LEAST : function_view_of(a)->id_w;
	if (a->func.digits[0]) { /* these alone */
		p.hits_y = 3;
		p.hits_h = bottom - p.hits_y;
		p.host_x = p.id_w + 33;
		p.host_w = is_wide(a) ? 30 : 21;
		p.path_x = p.host_x + p.host_w + 1;
		return p;
	}
	p.functions_h = a->zoomed ? (function_view_of(a)->pane ? 0 : a->h - 5) : (bottom - 5) / 3;
	p.hits_y = p.functions_y + p.functions_h + 2;
	p.hits_h = a->zoomed && !function_view_of(a)->pane ? 0 : bottom - p.hits_y;
	p.hits_h = p.hits_h < 0 ? 0 : p.hits_h;
	p.act_x = 23;
	p.act_w = a->w < NARROW ? 0 : is_wide(a) ? (a->w - p.act_x) * 2 / 5 : 16 + (a->w - 80) / 3;
	p.act_w = p.act_w && p.act_w < 8 ? 8 : p.act_w;
	p.samples_x = p.id_w + 15;
	p.when_x = p.id_w + 23;
	p.when_w = a->w < NARROW ? 0 : is_wide(a) ? (a->w - p.when_x) / 3 : 10;
	p.path_x = p.when_x + (p.when_w ? p.when_w + 1 : 0);
	place_hosts(a, &p);
	return p;
}

/* --- the functions --- */

static void draw_prompt_row(const struct session *a, struct canvas *c)
{
	int x = c->w - 1;

	for (int s = SCOPE_MAX - 1; s >= 0 && c->w >= NARROW; s--) { /* from the right */
		char text[32];

		snprintf(text, sizeof text, a->func.scope == (enum scope)s ? "[%s]" : " %s ", scope_name((enum scope)s));
		x -= text_cells(text) + 1;
		canvas_text(c, 2, x, text_cells(text), a->func.scope == (enum scope)s ? STYLE_CONTEXT : STYLE_DIM, text);
	}
	canvas_printf(c, 2, 0, x - 1, STYLE_NORMAL, "%s> %s", a->func.regex ? "regex" : "f", a->func.pattern);
}

static void draw_function(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct function_places *p = r->ctx;
	const struct function_view *f = function_view_of(a);
	const struct function *fn = &f->functions[r->i];
	const struct use *use = use_of_function(f, fn->func_id);
	char n[32], name[400];
	int x = p->act_w ? p->act_x + p->act_w + 1 : p->act_x;

	canvas_right(c, r->y, 1, 7, STYLE_NORMAL, use ? number_fit(n, use->ever, 7) : "");
	canvas_right(c, r->y, 9, 6, STYLE_NORMAL, number_fit(n, functions_at_t(f, f->at_t[r->i]), 6));
	if (functions_by_change(a)) {
		canvas_right(c, r->y, 16, 6, STYLE_NORMAL, number_change(n, f->tally[fn->func_id].change, 6));
	} else if (f->alive && f->at_t[r->i]) {
		unsigned share = (unsigned)((uint64_t)f->at_t[r->i] * 100 / f->alive);

		snprintf(n, sizeof n, share ? "%u%%" : "<1%%", share);
		canvas_right(c, r->y, 16, 6, STYLE_DIM, n);
	}
	if (use && p->act_w && p->act_w == f->act_w)
		draw_activity(a, c, (struct area){r->y, p->act_x, p->act_w, 1}, use->alive, f->pieces, use->peak);
	canvas_name(c, (struct area){r->y, x, c->w - x - 1, 1}, STYLE_NORMAL, is_wide(a) ? fn->name : func_shown(a, fn->name, name, sizeof name), a->scroll);
	if (r->selected)
		draw_selected(c, r->y, 0, p->act_x - 1);
	else if (r->marked)
		canvas_put(c, r->y, 0, STYLE_NORMAL, '>');
}

static void draw_list(const struct session *a, struct canvas *c, const struct function_places *p, struct list *rows)
{
	const struct function_view *f = function_view_of(a);
	int x = p->act_w ? p->act_x + p->act_w + 1 : p->act_x;
	char sort[48];

	canvas_right(c, 3, 1, 7, STYLE_HEADER, "EVER");
	canvas_right(c, 3, 9, 6, STYLE_HEADER, "AT T");
	canvas_right(c, 3, 16, 6, STYLE_HEADER, functions_by_change(a) ? "CHANGE" : "SHARE");
	if (p->act_w)
		canvas_text(c, 3, p->act_x, p->act_w, STYLE_HEADER, "ACTIVITY");
	canvas_printf(c, 3, x, c->w - x - 1, STYLE_HEADER, "FUNCTION  %s%s", list_sorted(&f->list, sort, sizeof sort), f->own ? ", r: others" : "");
	list_draw(a, c, &f->list, &(struct list_pane){.y = p->functions_y, .h = p->functions_h, .unfocused = f->pane != 0, .row = draw_function, .ctx = p},
		  rows);
	if (f->complaint[0])
		draw_sentence(c, p->functions_y, 3, p->functions_h < FAULT_ROWS ? p->functions_h : FAULT_ROWS, STYLE_ERROR, f->complaint);
	else if (!f->n)
		canvas_text(c, p->functions_y, 3, c->w - 4, STYLE_DIM, "no function matches (!word not, ^start, end$; or a line, server.go:88)");
}

/* --- the goroutines that had it --- */

/* Frames from the leaf up to the function: what is called below it is not the way to it. */
static uint32_t frames_below(const struct stack *s, uint32_t func_id)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->frames[i].func_id == func_id)
			return i + 1 < s->n ? i + 1 : i;
	return 0;
}

static void draw_hit(const struct session *a, struct canvas *c, const struct list_row *row)
{
	const struct function_places *p = row->ctx;
	const struct function_view *f = function_view_of(a);
	const struct hit_row *r = &f->rows[row->i];
	static const struct bucket present = {.has_value = true};
	const struct stack *s = query_stack(a->q, r->at_t ? r->at_t->stack : r->hit->stack);
	char path[600], n[32], host[300];
	int w = c->w - p->path_x - 1, y = row->y;

	canvas_printf(c, y, 1, p->id_w + 1, STYLE_NORMAL, "%*" PRIu64, p->id_w, r->hit->id);
	canvas_text(c, y, p->id_w + 3, 11, r->at_t ? (enum style)(STYLE_STATE + r->at_t->family) : STYLE_DIM, r->at_t ? r->at_t->state : "-");
	if (p->samples_x)
		canvas_right(c, y, p->samples_x, 7, STYLE_NORMAL, number_fit(n, r->hit->samples, 7));
	for (int i = 0; r->share && i < p->when_w && p->when_w == f->when_w; i++)
		draw_activity(a, c, (struct area){y, p->when_x + i, 1, 1}, &r->share[i], &present, 100);
	if (p->host_w)
		canvas_text(c, y, p->host_x, p->host_w, STYLE_DIM, host_fit(host_name(a, r->hit->host), p->host_w, host, sizeof host));
	if (w > 0)
		canvas_name(c, (struct area){y, p->path_x, w, 1}, STYLE_NORMAL, stack_path(path, sizeof path, s, frames_below(s, r->hit->func_id), a->scroll ? 500 : w), a->scroll);
	if (row->selected)
		draw_selected(c, y, 0, p->when_x - 1);
}

/* Of those found by a part of their number: when they were there, and where. */
static void draw_numbered(const struct session *a, struct canvas *c, const struct list_row *row)
{
	const struct function_places *p = row->ctx;
	const struct hit_row *r = &function_view_of(a)->rows[row->i];
	const struct stack *s = query_stack(a->q, r->at_t ? r->at_t->stack : r->hit->stack);
	char t[TIME_MAX], path[600], host[300];
	int y = row->y, w = c->w - p->path_x - 1;

	canvas_printf(c, y, 1, p->id_w + 1, STYLE_NORMAL, "%*" PRIu64, p->id_w, r->hit->id);
	canvas_text(c, y, p->id_w + 3, 11, r->at_t ? (enum style)(STYLE_STATE + r->at_t->family) : STYLE_DIM, r->at_t ? r->at_t->state : "-");
	canvas_text(c, y, p->id_w + 15, 8, STYLE_DIM, time_text(a, t, r->hit->first, TIME_CLOCK));
	canvas_text(c, y, p->id_w + 24, 8, STYLE_DIM, time_text(a, t, r->hit->last, TIME_CLOCK));
	canvas_text(c, y, p->host_x, p->host_w, STYLE_NORMAL, host_fit(host_name(a, r->hit->host), p->host_w, host, sizeof host));
	if (w > 0)
		canvas_name(c, (struct area){y, p->path_x, w, 1}, STYLE_NORMAL, stack_path(path, sizeof path, s, 0, a->scroll ? 500 : w), a->scroll);
	if (row->selected)
		draw_selected(c, y, 0, p->id_w + 2);
}

static void draw_numbers_found(const struct session *a, struct canvas *c, const struct function_places *p, struct list *rows)
{
	const struct function_view *f = function_view_of(a);
	char sort[32], note[320], host[200];

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, "%zu/%zu goroutines with %s in their number, %s%s   s %s", f->hit_list.n ? f->hit_list.sel + 1 : 0, f->hit_list.n,
		      a->func.digits, a->func.this_host ? host_fit(host_name(a, a->host), c->w / 4, host, sizeof host) : "all hosts",
		      filter_note(a, note, f->hit_list.n, f->n_hits, c->w / 3),
		      list_sorted(&f->hit_list, sort, sizeof sort));
	if (!f->hit_list.n)
		draw_sentence(c, p->hits_y, 3, FAULT_ROWS, STYLE_DIM, f->n_hits ? filter_word(a, "no goroutine passes the filter") : "no goroutine has this in its number");
	canvas_right(c, 2, 1, p->id_w, STYLE_HEADER, "G");
	canvas_text(c, 2, p->id_w + 3, 67, STYLE_HEADER, "AT T        FROM     TO       HOST");
	canvas_text(c, 2, p->path_x, c->w - p->path_x - 1, STYLE_HEADER, "STACK");
	list_draw(a, c, &f->hit_list, &(struct list_pane){.y = p->hits_y, .h = p->hits_h, .row = draw_numbered, .ctx = p}, rows);
}

static void draw_hits_title(const struct session *a, struct canvas *c, int y)
{
	const struct function_view *f = function_view_of(a);
	const struct function *fn = shown_function(f);
	char title[700], name[300], n0[32], n1[32], right[160], sort[32];
	size_t n;

	if (!fn) {
		draw_rule(a, c, y, "goroutines: no function is selected", NULL);
		return;
	}
	query_short(name, sizeof name, fn->name);
	n = (size_t)snprintf(title, sizeof title, a->func.scope == IN_CREATOR ? "goroutines created by %s: %s at T, %s ever" : "goroutines with %s: %s at T, %s ever",
			     name, number(n0, functions_at_t(f, f->n_at_t)), number(n1, (int64_t)f->n_hits));
	if (a->filter[0] && n < sizeof title)
		snprintf(title + n, sizeof title - n, "  & %s  %zu", a->filter, f->hit_list.n);
	if (is_wide(a))
		snprintf(right, sizeof right, "s %s   & state: id: host: alive", list_sorted(&f->hit_list, sort, sizeof sort));
	else
		snprintf(right, sizeof right, "s %s", list_sorted(&f->hit_list, sort, sizeof sort));
	draw_rule(a, c, y, title, right);
}

static void draw_hits(const struct session *a, struct canvas *c, const struct function_places *p, struct list *rows)
{
	const struct function_view *f = function_view_of(a);
	int y = p->hits_y;

	draw_hits_title(a, c, y - 2);
	canvas_right(c, y - 1, 1, p->id_w, STYLE_HEADER, "G");
	canvas_text(c, y - 1, p->id_w + 3, 10, STYLE_HEADER, "AT T");
	if (p->samples_x)
		canvas_right(c, y - 1, p->samples_x, 7, STYLE_HEADER, "SAMPLES");
	if (p->when_w)
		canvas_text(c, y - 1, p->when_x, p->when_w, STYLE_HEADER, "WHEN");
	if (p->host_w)
		canvas_text(c, y - 1, p->host_x, p->host_w, STYLE_HEADER, "HOST");
	canvas_text(c, y - 1, p->path_x, c->w - p->path_x - 1, STYLE_HEADER, "PATH TO IT");
	list_draw(a, c, &f->hit_list, &(struct list_pane){.y = y, .h = p->hits_h, .unfocused = f->pane != 1, .row = draw_hit, .ctx = p}, rows);
	if (!f->hit_list.n && f->n)
		draw_sentence(c, y, 3, p->hits_h < FAULT_ROWS ? p->hits_h : FAULT_ROWS, STYLE_DIM, f->n_hits ? filter_word(a, "no goroutine passes the filter") : "nobody had it in this window");
}

/* --- the selected one's stack --- */

static void draw_preview_frame(struct canvas *c, int y, const struct frame *f, const char *before, bool match)
{
	char func[512], where[300];
	const char *slash = f->file ? strrchr(f->file, '/') : NULL;
	int w;

	snprintf(where, sizeof where, "%s:%" PRIu32, slash ? slash + 1 : f->file ? f->file : "", f->line);
	w = text_cells(where);
	w = w > c->w / 3 ? c->w / 3 : w;
	canvas_put(c, y, 1, STYLE_CURSOR, match ? '>' : ' ');
	canvas_printf(c, y, 2, c->w - w - 5, match ? STYLE_CONTEXT : STYLE_NORMAL, "%s%s", before, query_short(func, sizeof func, f->func));
	canvas_right(c, y, c->w - 1 - w, w, STYLE_DIM, where);
}

static void draw_preview(const struct session *a, struct canvas *c, const struct function_places *p)
{
	const struct function_view *f = function_view_of(a);
	const struct hit_row *r = shown_hit(f);
	const struct stack *s = r ? query_stack(a->q, r->at_t ? r->at_t->stack : r->hit->stack) : NULL;
	int y = p->preview_y, room = p->preview_h - 1, from = 0, match = 0, rows;
	char title[200] = "preview";

	if (r)
		snprintf(title, sizeof title, "preview: g%" PRIu64 " %s, root first", r->hit->id, r->at_t ? "at T" : "where it had it first");
	draw_rule(a, c, y++, title, NULL);
	if (!s)
		return;
	rows = (int)s->n + (s->created.func != NULL);
	for (uint32_t i = 0; i < s->n; i++)
		if (s->frames[i].func_id == r->hit->func_id)
			match = (int)(s->n - 1 - i) + (s->created.func != NULL);
	if (rows > room) /* so that the match is seen */
		from = match - room / 2 < 0 ? 0 : match - room / 2 > rows - room ? rows - room : match - room / 2;
	for (int k = from; k < rows && k < from + room; k++) {
		int i = k - (s->created.func != NULL);
		const struct frame *fr = i < 0 ? &s->created : &s->frames[s->n - 1 - (uint32_t)i];

		draw_preview_frame(c, y++, fr, i < 0 ? "created by " : "", fr->func_id == r->hit->func_id && (i < 0) == (a->func.scope == IN_CREATOR));
	}
}

/* --- who calls it, and whom it calls --- */

static void draw_calls(const struct session *a, struct canvas *c, const struct function_places *p)
{
	const struct function_view *f = function_view_of(a);
	const struct function *fn = shown_function(f);
	bool callees = f->calls == 2;
	const struct call_path *path = callees ? f->callers.callees : f->callers.callers;
	size_t n = callees ? f->callers.n_callees : f->callers.n_callers;
	char title[500], name[300], share[16];
	int y = p->callers_y;

	if (!fn) {
		draw_rule(a, c, y, callees ? "calls: no function is selected" : "callers: no function is selected", NULL);
		return;
	}
	snprintf(title, sizeof title, "%s %s, over all samples of the window (e: %s)", callees ? "calls of" : "callers of",
		 query_short(name, sizeof name, fn->name), callees ? "its callers" : "whom it calls");
	draw_rule(a, c, y++, title, NULL);
	for (size_t i = 0; i < n && (int)i < p->callers_h - 1; i++, y++) {
		unsigned percent = (unsigned)(path[i].share * 100 + 0.5);

		snprintf(share, sizeof share, percent ? "%u%%" : "<1%%", percent);
		canvas_right(c, y, 1, 5, STYLE_NORMAL, share);
		canvas_text(c, y, 8, c->w - 9, STYLE_NORMAL, path[i].path[0] ? path[i].path : callees ? "nothing: it is the leaf" : "nobody: it is the root");
	}
	if (!n)
		canvas_text(c, y, 3, c->w - 4, STYLE_DIM, "it is on no stack in this window");
}

void draw_functions(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct function_view *f = function_view_of(a);
	struct function_places p = place_functions(a);
	char right[96], t[TIME_MAX], n0[32], n1[32];

	if (a->func.digits[0]) {
		draw_numbers_found(a, c, &p, rows);
		return;
	}
	snprintf(right, sizeof right, "%s of %s functions  T %s", number(n0, (int64_t)f->n), number(n1, (int64_t)f->all), time_text(a, t, a->t, TIME_CLOCK));
	canvas_printf(c, 1, 1, c->w - 4 - text_cells(right), STYLE_CONTEXT, "functions, %s (Ctrl-T: %s)", a->func.this_host ? host_name(a, a->host) : "all hosts",
		      a->func.this_host ? "all" : "this host");
	canvas_right(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
	draw_prompt_row(a, c);
	if (p.functions_h)
		draw_list(a, c, &p, rows);
	if (p.hits_h)
		draw_hits(a, c, &p, rows);
	if (p.preview_h)
		draw_preview(a, c, &p);
	if (p.callers_h)
		draw_calls(a, c, &p);
}
