/* SPDX-License-Identifier: MIT */
#include "app.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const int play_speeds[5] = {2000, 1000, 500, 200, 100}; /* 0.5x 1x 2x 5x 10x, as the web page has them */

static const struct view *const views[VIEW_MAX] = {
	[VIEW_OVERVIEW] = &overview_view,   [VIEW_HOST] = &host_view_ops,  [VIEW_GOROUTINE] = &goroutine_view_ops,
	[VIEW_FUNCTIONS] = &function_view_ops, [VIEW_LEAKS] = &leak_view_ops, [VIEW_HELP] = &help_view_ops,
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

char *app_time(const struct app *a, char *out, int64_t t, enum time_style style)
{
	return time_format(out, t, style, a->zone);
}

const struct host *app_host(const struct app *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	for (size_t i = 0; i < n; i++)
		if (h[i].id == a->host)
			return &h[i];
	return NULL;
}

/* A host that went by retention must not stay chosen. */
static void choose_host(struct app *a)
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

/* --- the way back --- */

static struct place here(const struct app *a)
{
	return (struct place){a->view, a->host, a->epoch, a->id, a->t};
}

static void go_to(struct app *a, const struct place *p)
{
	a->view = p->view;
	a->host = p->host;
	a->epoch = p->epoch;
	a->id = p->id;
	choose_host(a);
}

static struct visit this_visit(const struct app *a)
{
	struct visit v = {.place = here(a)};

	snprintf(v.filter, sizeof v.filter, "%s", a->filter);
	return v;
}

static void visit_again(struct app *a, const struct visit *v)
{
	go_to(a, &v->place);
	snprintf(a->filter, sizeof a->filter, "%s", v->filter);
}

static void remember(struct app *a)
{
	if (a->n_back == 64) {
		memmove(a->back, a->back + 1, 63 * sizeof *a->back);
		a->n_back--;
	}
	GROW(a->back, a->n_back, a->cap_back);
	a->back[a->n_back++] = this_visit(a);
	a->n_ahead = 0;
}

void app_go(struct app *a, enum view_id v)
{
	if (v == a->view)
		return;
	remember(a);
	a->view = v;
	a->scroll = 0;
}

void app_open_goroutine(struct app *a, uint64_t id)
{
	remember(a);
	a->view = VIEW_GOROUTINE;
	a->id = id;
	a->epoch = 0;
	a->scroll = 0;
	a->filter[0] = '\0';
}

static bool go_back(struct app *a)
{
	if (!a->n_back)
		return false;
	GROW(a->ahead, a->n_ahead, a->cap_ahead);
	a->ahead[a->n_ahead++] = this_visit(a);
	visit_again(a, &a->back[--a->n_back]);
	return true;
}

static void go_ahead(struct app *a)
{
	if (!a->n_ahead)
		return;
	GROW(a->back, a->n_back, a->cap_back);
	a->back[a->n_back++] = this_visit(a);
	visit_again(a, &a->ahead[--a->n_ahead]);
}

/* --- marks --- */

static void set_mark(struct app *a, int key)
{
	if (key < 'a' || key > 'z')
		return;
	a->marks[key - 'a'] = here(a);
	a->marked[key - 'a'] = true;
	app_say(a, "mark %c set", key);
}

static void goto_mark(struct app *a, int key)
{
	int i = key == '\'' ? 26 : key - 'a';
	struct place was = here(a);

	if (i < 0 || i > 26 || !a->marked[i]) {
		app_say(a, "no such mark");
		return;
	}
	go_to(a, &a->marks[i]);
	app_set_time(a, a->marks[i].t);
	a->marks[26] = was;
	a->marked[26] = true;
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

static void next_zone(struct app *a)
{
	bool utc = a->zone && strcmp(a->zone, "UTC") == 0;

	a->zone = utc ? (a->o->tz && strcmp(a->o->tz, "UTC") != 0 ? a->o->tz : NULL) : "UTC";
}

static void open_help(struct app *a)
{
	if (a->view == VIEW_HELP) {
		a->help.all = !a->help.all;
		return;
	}
	a->help.of = a->view;
	a->help.all = false;
	a->help.list = (struct list){0};
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
	a->zoomed = false;
	if (a->view == VIEW_HELP)
		go_back(a);
}

static const enum prompt_kind prompts[ACT_MAX] = {
	[ACT_COMMAND] = PROMPT_COMMAND, [ACT_SEARCH] = PROMPT_SEARCH, [ACT_FILTER] = PROMPT_FILTER, [ACT_GOTO_ID] = PROMPT_ID,
	[ACT_GOTO_TIME] = PROMPT_TIME,	[ACT_MARK] = PROMPT_KEY,      [ACT_GOTO_MARK] = PROMPT_KEY, [ACT_YANK] = PROMPT_KEY,
};

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
	case ACT_GLYPHS: a->tier = (enum glyph_tier)((a->tier + 1) % GLYPHS_MAX); return true;
	case ACT_TWO_LINES: a->two_lines = !a->two_lines; return true;
	case ACT_ZOOM_PANE: a->zoomed = !a->zoomed; return true;
	case ACT_SCROLL_LEFT: a->scroll = a->scroll > 8 ? a->scroll - 8 : 0; return true;
	case ACT_SCROLL_RIGHT: a->scroll += 8; return true;
	case ACT_FIND_FUNCTION: app_go(a, VIEW_FUNCTIONS); prompt_open(a, PROMPT_FUNCTION, a->func.pattern); return true;
	case ACT_WRITE: write_view(a); return true;
	default: return false;
	}
}

/* Below this nothing is loaded or drawn but a line that says so. */
static bool too_small(const struct app *a)
{
	return a->w < 40 || a->h < 10;
}

void app_do(struct app *a, enum action action)
{
	const struct view *v = view_of(a->view);
	struct list *l;

	if (action >= ACT_VIEW_1 && action <= ACT_VIEW_5) {
		app_go(a, (enum view_id)(action - ACT_VIEW_1));
		return;
	}
	if (prompts[action] != PROMPT_NONE) {
		prompt_open(a, prompts[action], action == ACT_FILTER ? a->filter : "");
		a->prompt.then = action;
		return;
	}
	if (too_small(a)) { /* nothing is loaded: only leaving makes sense */
		global_act(a, action);
		return;
	}
	if (v->act && v->act(a, action))
		return;
	l = v->list ? v->list(a) : NULL;
	if ((l && list_act(l, action)) || time_act(a, action))
		return;
	global_act(a, action);
}

/* What a key does: the user's bindings first, then the table. */
static enum action action_of(const struct app *a, int key)
{
	for (size_t i = 0; i < a->o->n_bindings; i++) {
		const struct key_row *r = key_row_named(a->o->bindings[i].action);

		if (r && key_parse(a->o->bindings[i].key) == key)
			return r->action;
	}
	for (size_t i = 0; i < key_table_n; i++)
		for (size_t k = 0; k < 4 && key_table[i].keys[k]; k++)
			if (key_table[i].keys[k] == key)
				return key_table[i].action;
	return ACT_NONE;
}

void app_key(struct app *a, int key)
{
	enum action then = a->prompt.then;

	if (a->prompt.kind == PROMPT_KEY) {
		a->prompt.kind = PROMPT_NONE;
		if (key != K_ESC && then == ACT_MARK)
			set_mark(a, key);
		else if (key != K_ESC && then == ACT_GOTO_MARK)
			goto_mark(a, key);
		else if (key != K_ESC && then == ACT_YANK)
			yank(a, key);
		return;
	}
	if (key == 8)
		key = K_BACKSPACE;
	if (prompt_key(a, key))
		return;
	a->message[0] = '\0';
	app_do(a, action_of(a, key));
}

/* --- opening, loading --- */

static const char *const view_names[VIEW_MAX] = {"overview", "host", "goroutine", "functions", "leaks", "help"};

static int choose_view(struct app *a, const char *name, struct err *e)
{
	for (int v = 0; v < VIEW_MAX; v++) {
		if (strcmp(view_names[v], name) == 0) {
			a->view = (enum view_id)v;
			return 0;
		}
	}
	return fail(e, "no view '%s' (overview, host, goroutine, functions, leaks, help)", name) - 1;
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

int app_open(struct app *a, const struct tui_options *o, struct err *e)
{
	*a = (struct app){.o = o, .zone = o->tz, .pin = NO_TIME, .speed = 1, .follow = o->live};
	if (o->glyphs && strcmp(o->glyphs, "ascii") == 0)
		a->tier = GLYPHS_ASCII;
	else if (o->glyphs && strcmp(o->glyphs, "braille") == 0)
		a->tier = GLYPHS_BRAILLE;
	for (size_t i = 0; i < o->n_bindings; i++) {
		if (key_parse(o->bindings[i].key) < 0)
			return fail(e, "%s:%d: '%s' is no key", o->config_file, o->bindings[i].line, o->bindings[i].key);
		if (!key_row_named(o->bindings[i].action))
			return fail(e, "%s:%d: no action '%s'", o->config_file, o->bindings[i].line, o->bindings[i].action);
		for (size_t k = 0; k < i; k++)
			if (key_parse(o->bindings[k].key) == key_parse(o->bindings[i].key))
				return fail(e, "%s:%d: %s is bound in line %d already", o->config_file, o->bindings[i].line,
					    o->bindings[i].key, o->bindings[k].line);
	}
	if (query_open(&a->q, o->db, e) < 0)
		return -1;
	return choose_start(a, o, e);
}

void app_close(struct app *a)
{
	pool_release(&a->over.pool);
	pool_release(&a->over.moved_pool);
	pool_release(&a->hostv.pool);
	pool_release(&a->hostv.act_pool);
	pool_release(&a->gor.pool);
	pool_release(&a->gor.life_pool);
	pool_release(&a->func.pool);
	pool_release(&a->func.hit_pool);
	free(a->hostv.open);
	free(a->hostv.order);
	free(a->hostv.lives);
	for (size_t i = 0; i < a->prompt.n_history; i++)
		free(a->prompt.history[i]);
	free(a->back);
	free(a->ahead);
	free(a->yanked);
	query_close(a->q);
	a->q = NULL;
}

int app_load(struct app *a, struct err *e)
{
	choose_host(a);
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
	draw_title(a, c);
	v->draw(a, c, l);
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
