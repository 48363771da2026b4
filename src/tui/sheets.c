/* SPDX-License-Identifier: MIT */
/* The list of each view as a table: the one that the row keys move. */
#include "app.h"
#include "path.h"
#include "view_functions.h"
#include "view_goroutine.h"
#include <inttypes.h>

/* "main.go:224", whole path; unknown without a file. */
static void add_place(struct sheet *s, const struct frame *f)
{
	if (f->func && f->file)
		sheet_text(s, pool_printf(&s->pool, "%s:%" PRIu32, f->file, f->line));
	else
		sheet_unknown(s);
}

static void add_or_unknown(struct sheet *s, int64_t v, bool known)
{
	if (known)
		sheet_value(s, v);
	else
		sheet_unknown(s);
}

static void say_where(const struct app *a, struct sheet *s)
{
	char t[TIME_MAX];

	buf_addf(&s->summary, "%s at %s", *host_name(a, a->host) ? host_name(a, a->host) : "no host", app_time(a, t, a->t, TIME_CLOCK));
}

static void sheet_of_overview(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"host", NULL, CELL_TEXT},	   {"labels", NULL, CELL_TEXT},	      {"min", "min", CELL_NUMBER},
		{"max", "max", CELL_NUMBER},	   {"at", "at T", CELL_NUMBER},	      {"now", "last", CELL_NUMBER},
		{"per_hour", "per hour", CELL_NUMBER}, {"snapshots", "snapshots", CELL_NUMBER}, {"failed", "failed", CELL_NUMBER},
		{"epochs", "processes", CELL_NUMBER}, {"first", "from", CELL_TIME},	      {"last", "to", CELL_TIME},
	};
	const struct overview *o = &a->over;
	char t[TIME_MAX];

	SHEET_COLUMNS(s, columns);
	buf_addf(&s->summary, "%zu hosts at %s", o->n, app_time(a, t, a->t, TIME_CLOCK));
	for (size_t i = 0; i < o->n; i++) {
		const struct host_line *l = &o->hosts[i];

		sheet_text(s, l->host->name);
		sheet_text(s, l->host->labels);
		add_or_unknown(s, l->min, l->min != UINT32_MAX);
		add_or_unknown(s, l->max, l->min != UINT32_MAX);
		add_or_unknown(s, l->at_t, l->at_t >= 0);
		add_or_unknown(s, l->last, l->last >= 0);
		sheet_value(s, (int64_t)l->slope);
		sheet_value(s, l->host->snapshots);
		sheet_value(s, l->host->failed);
		sheet_value(s, l->host->epochs);
		add_or_unknown(s, l->host->first, l->host->first != NO_TIME);
		add_or_unknown(s, l->host->last, l->host->last != NO_TIME);
	}
}

static void add_group(const struct app *a, struct sheet *s, const struct group_line *l)
{
	const struct group *g = l->g;

	sheet_text(s, g->name);
	sheet_value(s, g->count);
	sheet_value(s, l->delta);
	sheet_value(s, g->oldest);
	sheet_text(s, g->n_states ? query_string(a->q, g->states[0].state) : NULL);
	sheet_text(s, g->top.func);
	add_place(s, &g->top);
	sheet_text(s, g->created.func);
	add_place(s, &g->created);
	add_or_unknown(s, l->a ? (int64_t)l->a->id : 0, l->a != NULL);
	add_or_unknown(s, l->a ? (int64_t)l->a->parent : 0, l->a && l->a->parent);
}

static void add_member(const struct app *a, struct sheet *s, const struct group_line *l)
{
	const struct stack *stack = query_stack(a->q, l->a->stack);
	const struct frame *f = stack_user_frame(stack), none = {0};

	sheet_text(s, l->g->name);
	sheet_unknown(s);
	sheet_unknown(s);
	sheet_value(s, l->a->first);
	sheet_text(s, l->a->state);
	sheet_text(s, f ? f->func : NULL);
	add_place(s, f ? f : &none);
	sheet_text(s, stack->created.func);
	add_place(s, &stack->created);
	sheet_value(s, (int64_t)l->a->id);
	add_or_unknown(s, (int64_t)l->a->parent, l->a->parent != 0);
}

static void sheet_of_host(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"group", NULL, CELL_TEXT},	 {"count", "count", CELL_NUMBER},	{"change", "change", CELL_NUMBER},
		{"oldest", "oldest from", CELL_TIME}, {"state", "state", CELL_TEXT},	{"function", "in", CELL_TEXT},
		{"function_at", "at", CELL_TEXT}, {"created_by", "created by", CELL_TEXT}, {"created_at", "at", CELL_TEXT},
		{"id", "goroutine", CELL_NUMBER}, {"parent", "parent", CELL_NUMBER},
	};
	const struct host_view *h = &a->hostv;

	SHEET_COLUMNS(s, columns);
	say_where(a, s);
	buf_addf(&s->summary, ": %zu goroutines in %zu groups by %s", h->n_alive, h->n_groups, group_by_name(h->by));
	for (size_t i = 0; i < h->n; i++) {
		const struct group_line *l = &h->lines[i];

		if (l->a && h->by != BY_NONE)
			add_member(a, s, l);
		else if (l->more)
			sheet_blank_row(s);
		else
			add_group(a, s, l);
	}
}

static void sheet_of_stack(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"mark", NULL, CELL_TEXT}, {"created_by", NULL, CELL_TEXT}, {"function", NULL, CELL_TEXT}, {"at", "at", CELL_TEXT},
	};
	const struct goroutine_view *g = &a->gor;

	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < g->n_frames; i++) {
		const struct frame_line *f = &g->frames[g->leaf_first ? g->n_frames - 1 - i : i];
		char mark = f->mark;

		sheet_text(s, mark == DIFF_CHANGED ? "changed" : mark == DIFF_ADDED ? "new" : mark == DIFF_GONE ? "gone" : "");
		sheet_text(s, f->created ? "created by" : "");
		sheet_text(s, f->f->func);
		add_place(s, f->f);
	}
}

static void sheet_of_children(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"id", "goroutine", CELL_NUMBER}, {"function", NULL, CELL_TEXT}, {"first", "from", CELL_TIME},
		{"last", "to", CELL_TIME},	  {"ended", NULL, CELL_TEXT},	 {"active", NULL, CELL_TEXT},
	};
	const struct goroutine_view *g = &a->gor;

	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < g->n_shown; i++) {
		const struct child *k = &g->children[g->shown[i]];

		sheet_value(s, (int64_t)k->id);
		sheet_text(s, k->func);
		sheet_value(s, k->first);
		sheet_value(s, k->last);
		sheet_text(s, k->ended ? "ended" : "");
		sheet_text(s, child_active(a, k) ? "active" : "");
	}
}

static void sheet_of_stacks(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"samples", "samples", CELL_NUMBER}, {"state", NULL, CELL_TEXT}, {"first", "from", CELL_TIME}, {"last", "to", CELL_TIME},
		{"path", NULL, CELL_TEXT},
	};
	const struct goroutine_view *g = &a->gor;
	char path[600];

	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < g->stacks_list.n; i++) {
		sheet_value(s, g->stacks[i].samples);
		sheet_text(s, g->stacks[i].state);
		sheet_value(s, g->stacks[i].first);
		sheet_value(s, g->stacks[i].last);
		stack_path(path, sizeof path, query_stack(a->q, g->stacks[i].stack), 0, 400);
		sheet_text(s, pool_strndup(&s->pool, path, strlen(path)));
	}
}

static void sheet_of_goroutine(const struct app *a, struct sheet *s)
{
	const struct goroutine_view *g = &a->gor;
	const struct run *r = g->found && g->run >= 0 ? &g->life.runs[g->run] : NULL;
	char d[TIME_MAX];

	say_where(a, s);
	if (!g->found)
		buf_addf(&s->summary, ": g%" PRIu64 " is not in its history", a->id);
	else if (!r)
		buf_addf(&s->summary, ": g%" PRIu64 " is not alive", a->id);
	else
		buf_addf(&s->summary, ": g%" PRIu64 " %s for %s, frame %u of %u, %d changed %d new %d gone, children %zu, active %zu", a->id,
			 r->state, duration_format(d, a->t - r->from), g->sample, g->samples, g->changed, g->added, g->gone,
			 g->n_children, g->n_active);
	if (r && g->life.parent)
		buf_addf(&s->summary, ", parent g%" PRIu64, g->life.parent);
	if (g->pane == PANE_CHILDREN)
		sheet_of_children(a, s);
	else if (g->pane == PANE_STACKS)
		sheet_of_stacks(a, s);
	else
		sheet_of_stack(a, s);
}

static void sheet_of_hits(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"host", NULL, CELL_TEXT},  {"epoch", "process", CELL_NUMBER}, {"id", "goroutine", CELL_NUMBER}, {"func", NULL, CELL_TEXT},
		{"first", "from", CELL_TIME}, {"last", "to", CELL_TIME},       {"snapshots", "snapshots", CELL_NUMBER},
		{"state_at_t", "at T", CELL_TEXT}, {"path", "by", CELL_TEXT},
	};
	const struct function_view *f = &a->func;
	const struct function *fn = shown_function(f);
	char path[600];

	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < f->n_rows; i++) {
		const struct hit *h = f->rows[i].hit;

		sheet_text(s, host_name(a, h->host));
		sheet_value(s, h->epoch);
		sheet_value(s, (int64_t)h->id);
		sheet_text(s, fn ? fn->name : NULL);
		sheet_value(s, h->first);
		sheet_value(s, h->last);
		sheet_value(s, h->samples);
		sheet_text(s, f->rows[i].at_t ? f->rows[i].at_t->state : NULL);
		stack_path(path, sizeof path, query_stack(a->q, h->stack), 0, 400);
		sheet_text(s, pool_strndup(&s->pool, path, strlen(path)));
	}
}

static void sheet_of_functions(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {{"func", NULL, CELL_TEXT}, {"stacks", "stacks", CELL_NUMBER}};
	const struct function_view *f = &a->func;
	const struct function *fn = shown_function(f);

	buf_addf(&s->summary, "%zu functions match '%s'", f->n, f->pattern);
	if (fn)
		buf_addf(&s->summary, "; %s: %zu goroutines at T, %zu ever", fn->name, f->n_at_t, f->n_hits);
	if (f->pane) {
		sheet_of_hits(a, s);
		return;
	}
	SHEET_COLUMNS(s, columns);
	for (size_t i = 0; i < f->n; i++) {
		sheet_text(s, f->functions[i].name);
		sheet_value(s, f->functions[i].stacks);
	}
}

static void sheet_of_help(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {{"keys", NULL, CELL_TEXT}, {"help", NULL, CELL_TEXT}, {"action", "colon", CELL_TEXT}};
	const struct key_row *r;
	char keys[80];

	SHEET_COLUMNS(s, columns);
	buf_addf(&s->summary, a->help.all ? "all keys" : "keys of %s", view_of(a->below)->wide_tab);
	for (size_t i = 0; (r = help_row(a, i)) != NULL; i++) {
		app_keys_of(a, r, keys, sizeof keys);
		sheet_text(s, pool_strndup(&s->pool, keys, strlen(keys)));
		sheet_text(s, r->help);
		sheet_text(s, r->name);
	}
}

static void sheet_of_options(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {{"option", NULL, CELL_TEXT}, {"value", "is", CELL_TEXT}, {"help", NULL, CELL_TEXT}};

	SHEET_COLUMNS(s, columns);
	buf_adds(&s->summary, "options; Enter changes");
	for (size_t i = 0; i < settings_n; i++) {
		sheet_text(s, settings[i].name);
		sheet_text(s, setting_value(a, &settings[i]));
		sheet_text(s, settings[i].help);
	}
}

static void sheet_of_leaks(const struct app *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {
		{"verdict", NULL, CELL_TEXT},	 {"percent", "percent", CELL_NUMBER}, {"host", NULL, CELL_TEXT},
		{"created_by", "created by", CELL_TEXT}, {"created_at", "at", CELL_TEXT}, {"function", "stuck in", CELL_TEXT},
		{"function_at", "at", CELL_TEXT}, {"state", "state", CELL_TEXT},   {"count", "count", CELL_NUMBER},
		{"growth", "grown by", CELL_NUMBER}, {"per_hour", "per hour", CELL_NUMBER}, {"since", "since", CELL_TIME},
		{"evidence", "for", CELL_TEXT},  {"against", "against", CELL_TEXT},
	};
	const struct leak_view *l = &a->leaks;

	SHEET_COLUMNS(s, columns);
	buf_addf(&s->summary, "%zu leak suspects of all hosts, the most likely first", l->n_shown);
	for (size_t i = 0; i < l->n_shown; i++) {
		const struct suspect *x = &l->suspects[l->shown[i]];

		sheet_text(s, i < l->n_heard ? verdict_name(x->verdict) : "ignored");
		sheet_value(s, (int64_t)(x->score * 100));
		sheet_text(s, x->host_name);
		sheet_text(s, x->created.func);
		add_place(s, &x->created);
		sheet_text(s, x->place.func);
		add_place(s, &x->place);
		sheet_text(s, x->state);
		sheet_value(s, x->count);
		sheet_value(s, x->growth);
		sheet_value(s, (int64_t)x->per_hour);
		sheet_value(s, x->since);
		sheet_text(s, x->n_evidence ? x->evidence[0].text : NULL);
		sheet_text(s, x->n_against ? x->against[0].text : NULL);
	}
}

static void (*const sheet_of[VIEW_MAX])(const struct app *, struct sheet *) = {
	[VIEW_OVERVIEW] = sheet_of_overview,   [VIEW_HOST] = sheet_of_host, [VIEW_GOROUTINE] = sheet_of_goroutine,
	[VIEW_FUNCTIONS] = sheet_of_functions, [VIEW_LEAKS] = sheet_of_leaks, [VIEW_HELP] = sheet_of_help,
	[VIEW_OPTIONS] = sheet_of_options,
};

bool view_sheet(const struct app *a, struct sheet *s)
{
	if (sheet_of[a->view])
		sheet_of[a->view](a, s);
	return sheet_of[a->view] != NULL;
}
