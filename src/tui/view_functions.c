/* SPDX-License-Identifier: MIT */
/* View 4: functions by name, as one types, and who had the chosen one on the stack. */
#include "app.h"
#include <stdio.h>
#include <stdlib.h>

static int by_samples(const void *pa, const void *pb)
{
	const struct hit *a = pa, *b = pb;

	if (a->now != b->now)
		return a->now ? -1 : 1;
	if (a->samples != b->samples)
		return a->samples > b->samples ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int load_hits(struct app *a, struct err *e)
{
	struct function_view *f = &a->func;
	uint64_t version = store_version(query_store(a->q));
	uint32_t id = f->list.sel < f->n ? f->functions[f->list.sel].func_id : 0;

	if (f->hits_of == id && f->version == version && f->loaded)
		return 0;
	pool_release(&f->hit_pool);
	f->n_hits = f->n_now = 0;
	f->hits_of = id;
	f->version = version;
	f->loaded = true;
	f->hit_list = (struct list){0};
	if (!id)
		return 0;
	if (query_hits(a->q, &id, 1, f->this_host ? a->host : 0, NO_TIME, NO_TIME, &f->hit_pool, &f->hits, &f->n_hits, e) < 0)
		return -1;
	qsort(f->hits, f->n_hits, sizeof *f->hits, by_samples);
	for (size_t i = 0; i < f->n_hits; i++)
		f->n_now += f->hits[i].now;
	return 0;
}

static int load(struct app *a, struct err *e)
{
	struct function_view *f = &a->func;

	pool_release(&f->pool);
	if (query_functions(a->q, f->pattern, &f->pool, &f->functions, &f->n, e) < 0)
		return -1;
	list_clamp(&f->list, f->n);
	if (load_hits(a, e) < 0)
		return -1;
	list_clamp(&f->hit_list, f->n_hits);
	return 0;
}

static const char *host_name(const struct app *a, uint32_t id)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	for (size_t i = 0; i < n; i++)
		if (h[i].id == id)
			return h[i].name;
	return "";
}

static void draw_hit(const struct app *a, struct canvas *c, int y, const struct hit *h)
{
	char t0[TIME_MAX], t1[TIME_MAX], d[TIME_MAX], path[600] = "", part[200];
	const struct stack *s = query_stack(a->q, h->stack);
	size_t k = 0;

	for (uint32_t i = s->n; i-- > 0 && k < sizeof path - 1;)
		k += (size_t)snprintf(path + k, sizeof path - k, "%s%s", k ? " > " : "", query_short(part, sizeof part, s->frames[i].func));
	canvas_printf(c, y, 1, 11, STYLE_NORMAL, "%10llu", (unsigned long long)h->id);
	canvas_printf(c, y, 13, 8, STYLE_NORMAL, "%7u", h->samples);
	canvas_printf(c, y, 22, 26, STYLE_DIM, "%s-%s %s", app_time(a, t0, h->first, TIME_CLOCK), h->now ? "now" : app_time(a, t1, h->last, TIME_CLOCK),
		      duration_format(d, h->last - h->first));
	if (is_wide(a))
		canvas_text(c, y, 48, 22, STYLE_DIM, host_name(a, h->host));
	canvas_text(c, y, is_wide(a) ? 71 : 48, c->w - (is_wide(a) ? 72 : 49), STYLE_NORMAL, path);
}

static void draw(const struct app *a, struct canvas *c, struct list *rows)
{
	const struct function_view *f = &a->func;
	struct list fl = f->list, hl = f->hit_list;
	char right[96], title[400], t[TIME_MAX], name[256];
	int rows_f = !a->zoomed ? (c->h - 6) / 3 : f->pane ? 0 : c->h - 5, y = 4;

	snprintf(right, sizeof right, "%zu functions  T %s", f->n, app_time(a, t, a->t, TIME_CLOCK));
	canvas_printf(c, 1, 1, c->w - 4 - text_cells(right), STYLE_CONTEXT, "functions of %s (^T at the prompt: %s)",
		      f->this_host ? "this host" : "all hosts", f->this_host ? "all" : "this one");
	canvas_right(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
	canvas_printf(c, 2, 0, c->w - 1, STYLE_NORMAL, "f> %s", f->pattern);
	canvas_text(c, 3, 3, c->w - 4, STYLE_HEADER, "STACKS  FUNCTION");
	list_show(&fl, rows_f);
	touch_rows(c, y, rows_f, fl.top, 1, f->pane == 0);
	if (f->pane == 0)
		*rows = fl;
	for (int r = 0; r < rows_f && fl.top + (size_t)r < f->n; r++) {
		const struct function *fn = &f->functions[fl.top + (size_t)r];

		canvas_printf(c, y + r, 2, 7, STYLE_NORMAL, "%7u", fn->stacks);
		canvas_text(c, y + r, 11, c->w - 12, STYLE_NORMAL, is_wide(a) ? fn->name : query_short(name, sizeof name, fn->name));
		if (f->pane == 0 && fl.top + (size_t)r == fl.sel)
			draw_selected(c, y + r, 0, c->w);
	}
	if (!f->n)
		canvas_text(c, y, 3, c->w - 4, STYLE_DIM, "no function matches (words AND, !word NOT, ^ start, $ end)");
	y += rows_f;
	if (y >= c->h - 2)
		return;
	snprintf(title, sizeof title, "goroutines with %s: %zu now, %zu ever",
		 f->list.sel < f->n ? query_short(name, sizeof name, f->functions[f->list.sel].name) : "it", f->n_now, f->n_hits);
	draw_rule(a, c, y++, title, NULL);
	canvas_text(c, y++, 1, c->w - 2, STYLE_HEADER, is_wide(a) ? "         G  SAMPLES  WHEN                      HOST                   PATH TO IT"
							       : "         G  SAMPLES  WHEN                      PATH TO IT");
	list_show(&hl, c->h - 1 - y);
	touch_rows(c, y, c->h - 1 - y, hl.top, 1, f->pane == 1);
	if (f->pane)
		*rows = hl;
	for (int r = 0; r < c->h - 1 - y && hl.top + (size_t)r < f->n_hits; r++) {
		draw_hit(a, c, y + r, &f->hits[hl.top + (size_t)r]);
		if (f->pane == 1 && hl.top + (size_t)r == hl.sel)
			draw_selected(c, y + r, 0, c->w);
	}
}

static struct list *list(struct app *a)
{
	return a->func.pane ? &a->func.hit_list : &a->func.list;
}

static bool act(struct app *a, enum action action)
{
	struct function_view *f = &a->func;

	switch (action) {
	case ACT_OPEN:
		if (f->pane == 0) {
			f->pane = f->n_hits > 0;
		} else if (f->hit_list.sel < f->n_hits) {
			const struct hit *h = &f->hits[f->hit_list.sel];
			uint32_t host = h->host, epoch = h->epoch;
			int64_t first = h->first, last = h->last;

			app_open_goroutine(a, h->id);
			a->host = host;
			a->epoch = epoch;
			if (a->t < first || a->t > last)
				app_set_time(a, last);
		}
		return true;
	case ACT_NEXT_PANE: case ACT_PREV_PANE: f->pane = !f->pane; return true;
	case ACT_SEARCH: case ACT_FILTER: case ACT_FIND_FUNCTION:
		f->pane = 0;
		prompt_open(a, PROMPT_FUNCTION, f->pattern);
		return true;
	default: return false;
	}
}

const struct view function_view_ops = {
	.name = "functions",
	.tab = "Func",
	.wide_tab = "Functions",
	.load = load,
	.draw = draw,
	.act = act,
	.list = list,
	.hints = "f type to filter  Enter goroutines, then open  Tab pane  q back  ? help",
	.wide_hints = "f type to filter (words AND, !word NOT, ^ start, $ end, smart case)   Enter goroutines, then open one   Tab pane   q back   ? help",
};
