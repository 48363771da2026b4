/* SPDX-License-Identifier: MIT */
#include "app.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const int play_speeds[5] = {2000, 1000, 500, 200, 100}; /* 0.5x 1x 2x 5x 10x, as the web page has them */

static const struct view *const views[VIEW_MAX] = {
	[VIEW_OVERVIEW] = &overview_view,   [VIEW_HOST] = &host_view_ops,  [VIEW_GOROUTINE] = &goroutine_view_ops,
	[VIEW_FUNCTIONS] = &function_view_ops, [VIEW_LEAKS] = &leak_view_ops, [VIEW_HELP] = &help_view_ops,
	[VIEW_OPTIONS] = &option_view_ops,
};

const struct view *view_of(enum view_id v)
{
	return views[v];
}

void app_say(struct app *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->message, sizeof a->message, fmt, ap);
	va_end(ap);
	a->message_is_error = false;
}

void app_error(struct app *a, const char *text)
{
	snprintf(a->message, sizeof a->message, "%s", text);
	a->message_is_error = true;
}

enum key_place app_place(const struct app *a)
{
	static const enum key_place own[VIEW_MAX] = {
		[VIEW_HOST] = AT_HOST, [VIEW_GOROUTINE] = AT_GOROUTINE, [VIEW_FUNCTIONS] = AT_FUNCTIONS, [VIEW_LEAKS] = AT_LEAKS,
	};

	return own[a->view]; /* elsewhere: the keys of every view alone */
}

enum view_id app_view(const struct app *a)
{
	return a->view >= VIEW_HELP ? a->below : a->view;
}

/* "+0:19:55" and "+0:19": as wide as the time of day. */
static char *time_since(char *out, int64_t ms, enum time_style style)
{
	long s = (long)((ms < 0 ? -ms : ms) / 1000), h = s / 3600;
	char sign = ms < 0 ? '-' : '+';

	if (h >= 100)
		snprintf(out, TIME_MAX, style == TIME_CLOCK ? "%c%ldd%02ldh" : "%c%ldd", sign, h / 24, h % 24);
	else if (h >= 10)
		snprintf(out, TIME_MAX, style == TIME_CLOCK ? "%02ld:%02ld:%02ld" : "%02ld:%02ld", h, s / 60 % 60, s % 60);
	else
		snprintf(out, TIME_MAX, style == TIME_CLOCK ? "%c%ld:%02ld:%02ld" : "%c%ld:%02ld", sign, h, s / 60 % 60, s % 60);
	return out;
}

char *app_time(const struct app *a, char *out, int64_t t, enum time_style style)
{
	if (a->since_start && t != NO_TIME && (style == TIME_CLOCK || style == TIME_HM))
		return time_since(out, t - a->start, style);
	return time_format(out, t, style, a->zone);
}

const struct host *host_of(const struct app *a, uint32_t id)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	for (size_t i = 0; i < n; i++)
		if (h[i].id == id)
			return &h[i];
	return NULL;
}

const struct host *app_host(const struct app *a)
{
	return host_of(a, a->host);
}

const char *host_name(const struct app *a, uint32_t id)
{
	const struct host *h = host_of(a, id);

	return h ? h->name : "";
}

void choose_host(struct app *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	if (!app_host(a))
		a->host = n ? h[0].id : 0;
}

void app_set_time(struct app *a, int64_t t)
{
	int64_t span = a->to - a->from;

	a->t = t;
	if (t < a->from) {
		a->from = t;
		a->to = t + span;
	} else if (t > a->to) {
		a->to = t;
		a->from = t - span;
	}
}

/* --- actions that mean the same everywhere --- */

static void toggle_follow(struct app *a)
{
	const struct host *h = app_host(a);

	a->follow = !a->follow;
	a->playing = false;
	if (a->follow && h && h->last != NO_TIME)
		app_set_time(a, h->last);
}

/* UTC, the zone that was asked for, the local one, since the start. */
static void next_zone(struct app *a)
{
	const char *asked = a->o->tz && strcmp(a->o->tz, "UTC") != 0 ? a->o->tz : NULL;
	bool utc = a->zone && strcmp(a->zone, "UTC") == 0;

	if (a->since_start || !(utc || a->zone)) {
		a->zone = a->since_start ? "UTC" : NULL;
		a->since_start = !a->since_start;
	} else {
		a->zone = utc ? asked : NULL;
	}
}

static void next_glyphs(struct app *a)
{
	const struct setting *s = setting_named("glyphs");
	struct err e = {0};
	size_t i = 0;

	while (s->values[i] && strcmp(s->values[i], a->glyphs) != 0)
		i++;
	if (app_glyphs(a, s->values[i] && s->values[i + 1] ? s->values[i + 1] : s->values[0], &e) < 0) {
		app_glyphs(a, "auto", &e);
		app_error(a, "this locale's character set has ascii only");
	} else {
		app_say(a, "glyphs: %s", a->glyphs);
	}
}

static void open_help(struct app *a)
{
	if (a->view == VIEW_HELP) {
		a->help.all = !a->help.all;
		return;
	}
	a->help = (struct help_view){0};
	app_go(a, VIEW_HELP);
}

static void interrupt(struct app *a)
{
	int64_t now = monotonic_ms();

	if (a->interrupted && now - a->interrupted < 2000)
		a->quit = true;
	a->interrupted = now;
	a->playing = false;
	app_say(a, "again to quit");
}

static void cancel(struct app *a)
{
	a->playing = false;
	a->message[0] = '\0';
	a->filter[0] = '\0';
	a->found = 0;
	a->zoomed = false;
	if (a->view >= VIEW_HELP)
		go_back(a);
}

static const enum prompt_kind prompts[ACT_MAX] = {
	[ACT_COMMAND] = PROMPT_COMMAND, [ACT_SEARCH] = PROMPT_SEARCH, [ACT_FILTER] = PROMPT_FILTER, [ACT_GOTO_ID] = PROMPT_ID,
	[ACT_GOTO_TIME] = PROMPT_TIME,	[ACT_MARK] = PROMPT_KEY,      [ACT_GOTO_MARK] = PROMPT_KEY, [ACT_YANK] = PROMPT_KEY,
};

enum prompt_kind prompt_of(enum action action)
{
	return prompts[action];
}

static bool global_act(struct app *a, enum action action)
{
	switch (action) {
	case ACT_HELP: open_help(a); return true;
	case ACT_CLOSE: if (!go_back(a)) a->quit = true; return true;
	case ACT_BACK: go_back(a); return true;
	case ACT_FORWARD: go_ahead(a); return true;
	case ACT_QUIT: a->quit = true; return true;
	case ACT_CANCEL: cancel(a); return true;
	case ACT_INTERRUPT: interrupt(a); return true;
	case ACT_SUSPEND: a->suspend = true; return true;
	case ACT_REPAINT: a->repaint = true; return true;
	case ACT_RELOAD: app_refresh(a); return true;
	case ACT_FOLLOW: toggle_follow(a); return true;
	case ACT_TIMES: next_zone(a); return true;
	case ACT_GLYPHS: next_glyphs(a); return true;
	case ACT_MOUSE: a->mouse = !a->mouse; app_say(a, a->mouse ? "mouse on" : "mouse off"); return true;
	case ACT_OPTIONS: app_go(a, VIEW_OPTIONS); return true;
	case ACT_NEXT_MATCH: case ACT_PREV_MATCH: app_say(a, "nothing was searched for yet; / searches"); return true;
	case ACT_TWO_LINES: a->two_lines = !a->two_lines; return true;
	case ACT_ZOOM_PANE: a->zoomed = !a->zoomed; return true;
	case ACT_SCROLL_LEFT: a->scroll = a->scroll > 8 ? a->scroll - 8 : 0; return true;
	case ACT_SCROLL_RIGHT: a->scroll += 8; return true;
	case ACT_FIND_FUNCTION: app_go(a, VIEW_FUNCTIONS); prompt_open(a, PROMPT_FUNCTION, a->func.pattern); return true;
	case ACT_WRITE: write_ask(a); return true;
	default: return false;
	}
}

/* Below this nothing is loaded or drawn but a line that says so. */
static bool too_small(const struct app *a)
{
	return a->w < 40 || a->h < 10;
}

/* Among a goroutine's stacks n and N go to when it had the selected one. */
static bool walks_stacks(const struct app *a)
{
	return a->view == VIEW_GOROUTINE && a->gor.pane == PANE_STACKS;
}

static bool view_act(struct app *a, enum action action)
{
	const struct view *v = view_of(a->view);
	struct list *l;

	if (too_small(a)) /* nothing is loaded: only leaving makes sense */
		return global_act(a, action);
	if ((action == ACT_NEXT_MATCH || action == ACT_PREV_MATCH) && a->search[0] && !walks_stacks(a)) {
		find_next(a, action == ACT_NEXT_MATCH ? 1 : -1); /* the same in all views */
		return true;
	}
	if (v->act && v->act(a, action))
		return true;
	l = v->list ? v->list(a) : NULL;
	return (l && list_act(l, action)) || time_act(a, action) || global_act(a, action);
}

void app_do(struct app *a, enum action action)
{
	const struct key_row *r = key_row_of(action);

	if (action >= ACT_VIEW_1 && action <= ACT_VIEW_5) {
		app_go(a, (enum view_id)(action - ACT_VIEW_1));
		return;
	}
	if (prompts[action] != PROMPT_NONE) {
		prompt_open(a, prompts[action], action == ACT_FILTER ? a->filter : "");
		a->prompt.then = action;
		return;
	}
	if (!view_act(a, action) && r && !too_small(a))
		app_say(a, "'%s' does nothing here", r->name);
	rest_moved(a, action);
}

void app_answer(struct app *a, enum action then, int key)
{
	if (key == K_ESC)
		return;
	if (then == ACT_MARK)
		set_mark(a, key);
	else if (then == ACT_GOTO_MARK)
		goto_mark(a, key);
	else if (then == ACT_YANK)
		yank(a, key);
	else if (then == ACT_WRITE && key == 'y')
		write_over(a);
	else if (then == ACT_WRITE)
		app_say(a, "not written");
}

void app_key(struct app *a, int key)
{
	const struct key_row *r;

	if (a->prompt.kind == PROMPT_KEY) {
		a->prompt.kind = PROMPT_NONE;
		app_answer(a, a->prompt.then, key);
		return;
	}
	if (key == 8)
		key = K_BACKSPACE;
	if (prompt_key(a, key))
		return;
	a->message[0] = '\0';
	r = app_key_row(a, app_place(a), key);
	if (r)
		app_do(a, r->action);
}

/* --- opening, loading --- */

static int choose_view(struct app *a, const char *name, struct err *e)
{
	for (int v = 0; v < VIEW_MAX; v++) {
		if (strcmp(view_of((enum view_id)v)->name, name) == 0) {
			a->view = (enum view_id)v;
			return 0;
		}
	}
	return fail(e, "no view '%s' (overview, host, goroutine, functions, leaks, help, options)", name) - 1;
}

void window_all(struct app *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	a->from = INT64_MAX;
	a->to = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		if (h[i].first != NO_TIME && h[i].first < a->from)
			a->from = h[i].first;
		if (h[i].last != NO_TIME && h[i].last > a->to)
			a->to = h[i].last;
	}
	if (a->from > a->to)
		a->from = a->to = a->t != NO_TIME ? a->t : 0;
	if (a->to - a->from < 1000)
		a->to = a->from + 1000;
}

static int choose_start(struct app *a, const struct tui_options *o, struct err *e)
{
	const struct host *h = NULL;

	if (o->host && !(h = query_host(a->q, o->host, e)))
		return -1;
	a->host = h ? h->id : 0;
	choose_host(a);
	a->id = o->id;
	a->epoch = o->epoch;
	a->t = NO_TIME;
	window_all(a);
	a->start = a->from;
	h = app_host(a);
	a->t = a->to;
	if (o->at != NO_TIME)
		app_set_time(a, o->at);
	else if (h && h->last != NO_TIME)
		a->t = h->last;
	a->pin = o->base;
	a->use_pin = o->base != NO_TIME;
	if (o->filter)
		snprintf(a->filter, sizeof a->filter, "%s", o->filter);
	return o->view ? choose_view(a, o->view, e) : 0;
}

static int open_maps(struct app *a, const struct tui_options *o, struct err *e)
{
	for (size_t i = 0; i < o->n_bindings; i++) {
		struct err why = {0};

		for (size_t k = 0; k < i; k++)
			if (key_parse(o->bindings[k].key) == key_parse(o->bindings[i].key))
				return fail(e, "%s:%d: %s is bound in line %d already", o->config_file, o->bindings[i].line,
					    o->bindings[i].key, o->bindings[k].line);
		if (map_key(a, o->bindings[i].key, o->bindings[i].action, &why) < 0)
			return fail(e, "%s:%d: %s", o->config_file, o->bindings[i].line, why.text);
	}
	return 0;
}

int app_open(struct app *a, const struct tui_options *o, struct err *e)
{
	*a = (struct app){.o = o, .zone = o->tz, .pin = NO_TIME, .speed = 1, .follow = o->live, .utf8 = true, .auto_tier = GLYPHS_BLOCKS,
			  .glyphs = "auto", .theme = "default", .mouse = o->mouse, .sync = o->sync, .skip = o->skip_unchanged,
			  .two_lines = o->two_lines, .cursorline = o->cursorline, .slow_link = o->slow_link,
			  .screen_reader = o->screen_reader, .gor.leaf_first = o->leaf_first};
	a->matcher = xcalloc(1, sizeof *a->matcher);
	if (app_glyphs(a, o->glyphs ? o->glyphs : "auto", e) < 0)
		return -2;
	if (o->theme)
		a->theme = o->theme;
	if (open_maps(a, o, e) < 0 || query_open(&a->q, o->db, e) < 0)
		return -1;
	return choose_start(a, o, e);
}

void app_close(struct app *a)
{
	pool_release(&a->over.pool);
	pool_release(&a->over.moved_pool);
	pool_release(&a->over.mix_pool);
	pool_release(&a->hostv.pool);
	pool_release(&a->hostv.act_pool);
	pool_release(&a->hostv.alive_pool);
	pool_release(&a->gor.pool);
	pool_release(&a->gor.life_pool);
	pool_release(&a->func.pool);
	pool_release(&a->func.hit_pool);
	pool_release(&a->func.use_pool);
	pool_release(&a->func.call_pool);
	pool_release(&a->func.at_pool);
	free(a->func.uses);
	leak_view_release(&a->leaks);
	free(a->hostv.open);
	free(a->hostv.order);
	free(a->hostv.lives);
	history_release(a);
	matcher_release(a->matcher);
	free(a->matcher);
	free(a->maps);
	free(a->back);
	free(a->ahead);
	free(a->yanked);
	query_close(a->q);
	a->q = NULL;
}

int app_load(struct app *a, struct err *e)
{
	choose_host(a);
	matcher_set(a->matcher, a->filter, a->filter_regex, true);
	return too_small(a) ? 0 : view_of(a->view)->load(a, e);
}

void app_draw(struct app *a, struct canvas *c)
{
	const struct view *v = view_of(a->view);
	struct list unused = {0}, *l = v->list ? v->list(a) : &unused;

	canvas_clear(c);
	if (too_small(a)) {
		canvas_text(c, 0, 0, c->w, STYLE_NORMAL, "needs 40x10 (q quits)");
		return;
	}
	if (!a->screen_reader || !draw_plain(a, c, l)) {
		draw_title(a, c);
		v->draw(a, c, l);
		draw_cursorline(a, c);
	}
	draw_hints(a, c);
}

int app_refresh(struct app *a)
{
	const struct host *h;
	struct err e = {0};
	bool at_end = a->t >= a->to;
	int64_t span = a->to - a->from;
	int rc = query_refresh(a->q, &e);

	if (rc < 0 && strcmp(a->message, e.text) != 0) {
		app_error(a, e.text);
		return 1;
	}
	if (rc <= 0)
		return 0;
	choose_host(a);
	h = app_host(a);
	if (a->follow && h && h->last != NO_TIME && h->last > a->t) {
		app_set_time(a, h->last);
		if (!at_end)
			a->from = a->to - span;
	}
	return 1;
}
