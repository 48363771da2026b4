/* SPDX-License-Identifier: MIT */
#include "app.h"
#include "settings.h"
#include "view_functions.h"
#include "view_goroutine.h"
#include "view_help.h"
#include "view_host.h"
#include "view_leaks.h"
#include "view_locks.h"
#include "view_overview.h"
#include <stdio.h>
#include <stdlib.h>

const struct view *const all_views[VIEW_MAX] = {
	[VIEW_OVERVIEW] = &overview_view,   [VIEW_HOST] = &host_view_ops,  [VIEW_GOROUTINE] = &goroutine_view_ops,
	[VIEW_FUNCTIONS] = &function_view_ops, [VIEW_LEAKS] = &leak_view_ops, [VIEW_LOCKS] = &lock_view_ops, [VIEW_HELP] = &help_view_ops,
	[VIEW_OPTIONS] = &option_view_ops,
};

/* --- actions that mean the same everywhere --- */

static void toggle_follow(struct app *a)
{
	struct session *s = &a->s;
	int64_t newest = query_newest(s->q, 0);
	char t[TIME_MAX], ago[TIME_MAX];

	s->follow = !s->follow;
	s->playing = false;
	if (!s->follow)
		return;
	follow_newest(s);
	if (!s->recorded && newest != NO_TIME)
		say(s, "nobody records here: the newest scrape is of %s, %s ago. What comes is shown", time_text(s, t, newest, TIME_TABLE),
		    duration_format(ago, now_ms() - newest));
}

/* UTC, the zone that was asked for, the local one, since the start. */
static void next_zone(struct app *a)
{
	struct session *s = &a->s;
	const struct zone *asked = zone_is_utc(s->o->tz) ? s->local : s->o->tz;
	char zone[16];

	if (s->since_start || s->zone == s->local) {
		s->zone = s->since_start ? NULL : s->local;
		s->since_start = !s->since_start;
	} else {
		s->zone = zone_is_utc(s->zone) ? asked : s->local;
	}
	say(s, "times: %s", zone_shown(s, zone, sizeof zone));
}

static void next_glyphs(struct app *a)
{
	const struct setting *s = setting_named("glyphs");
	struct err e = {0};
	size_t i = 0;

	while (s->values[i] && strcmp(s->values[i], a->s.glyphs) != 0)
		i++;
	if (set_glyphs(&a->s, s->values[i] && s->values[i + 1] ? s->values[i + 1] : s->values[0], &e) < 0) {
		set_glyphs(&a->s, "auto", &e);
		say_error(&a->s, "this locale's character set has ascii only");
	} else {
		say(&a->s, "glyphs: %s", a->s.glyphs);
	}
}

static void interrupt(struct app *a)
{
	int64_t now = monotonic_ms();

	if (a->interrupted && now - a->interrupted < 2000)
		a->quit = true;
	a->interrupted = now;
	a->s.playing = false;
	say(&a->s, "again to quit");
}

/* What would end or stop the recording of this process is asked once. */
static bool sure(struct app *a, enum action action, const char *question)
{
	if (a->s.o->live && a->asked != action) {
		a->asked = action;
		say(&a->s, "%s", question);
		return false;
	}
	a->asked = ACT_NONE;
	return true;
}

static void close_view(struct app *a)
{
	if (!go_back(&a->s) && sure(a, ACT_CLOSE, "ends the recording: q again does it, any other key goes on"))
		a->quit = true;
}

/* Text is moved by this many cells, where the view has some. */
/* Where all fits nothing is seen to move. */
static void scroll_to(struct session *s, int cells)
{
	s->scroll = cells;
	if (cells)
		say(s, "names whole, %d cells further where they go on (H: back)", cells);
}

static void scroll_by(struct session *s, int by)
{
	if (!view_of(s, s->view)->scrolls && !s->screen_reader)
		say(s, "no text to scroll here");
	else if (by < 0 && !s->scroll)
		say(s, "no text to scroll on this side: this is its begin");
	else
		scroll_to(s, s->scroll + by > 0 ? s->scroll + by : 0);
}

static void two_lines(struct session *s)
{
	if (view_of(s, s->view)->doubles)
		s->two_lines = !s->two_lines;
	else
		say(s, "no rows of two lines here");
}

/* Where each key has its meaning: "no e here: expand in view 2, edit-frame in 3". */
static void say_no_key(struct session *s, int key)
{
	struct buf b = {0};
	char name[24];

	buf_addf(&b, "no %s here", key < K_UP && key >= 0x7f && key != K_BACKSPACE ? "such key" : key_label(name, sizeof name, key));
	for (int v = VIEW_OVERVIEW, n = 0; v < VIEW_HELP; v++) {
		const struct key_row *r = bound_row(s, view_of(s, (enum view_id)v)->keys, key);

		if (r)
			buf_addf(&b, n++ ? ", %s in %d" : ": %s in view %d", r->name, v + 1);
	}
	say(s, "%.*s", (int)b.n, b.p);
	buf_release(&b);
}

static void cancel(struct app *a)
{
	a->s.playing = false;
	a->s.message[0] = '\0';
	a->s.filter[0] = '\0';
	a->s.func.digits[0] = '\0';
	a->s.found = 0;
	a->s.zoomed = false;
	if (a->s.view >= VIEW_HELP)
		go_back(&a->s);
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
	case ACT_HELP: go_view(&a->s, VIEW_HELP); return true;
	case ACT_CLOSE: close_view(a); return true;
	case ACT_BACK:
		if (!go_back(&a->s))
			say(&a->s, "there is no view to go back to; q quits");
		return true;
	case ACT_FORWARD: go_ahead(&a->s); return true;
	case ACT_QUIT: a->quit = true; return true;
	case ACT_CANCEL: cancel(a); return true;
	case ACT_INTERRUPT: interrupt(a); return true;
	case ACT_SUSPEND:
		a->suspend = sure(a, ACT_SUSPEND, "stops the recording until fg: Ctrl-Z again does it, any other key goes on");
		return true;
	case ACT_REPAINT: a->repaint = true; return true;
	case ACT_RELOAD: app_refresh(a); return true;
	case ACT_FOLLOW: toggle_follow(a); return true;
	case ACT_TIMES: next_zone(a); return true;
	case ACT_GLYPHS: next_glyphs(a); return true;
	case ACT_MOUSE: a->s.mouse = !a->s.mouse; say(&a->s, a->s.mouse ? "mouse on" : "mouse off"); return true;
	case ACT_OPTIONS: go_view(&a->s, VIEW_OPTIONS); return true;
	case ACT_NEXT_MATCH: case ACT_PREV_MATCH: say(&a->s, "nothing was searched for yet; / searches"); return true;
	case ACT_TWO_LINES: two_lines(&a->s); return true;
	case ACT_ZOOM_PANE: a->s.zoomed = !a->s.zoomed; return true;
	case ACT_SCROLL_LEFT: scroll_by(&a->s, -8); return true;
	case ACT_SCROLL_RIGHT: scroll_by(&a->s, 8); return true;
	case ACT_FIND_FUNCTION: go_view(&a->s, VIEW_FUNCTIONS); a->s.func.digits[0] = '\0'; prompt_open(a, PROMPT_FUNCTION, a->s.func.pattern); return true;
	case ACT_WRITE: write_ask(a, WRITE_VIEW); return true;
	case ACT_EDIT: edit_ask(a); return true;
	default: return false;
	}
}

/* What is done to the selected row, or selects another. */
static bool wants_row(enum action action)
{
	return (action >= ACT_DOWN && action <= ACT_PAGE_UP) || action == ACT_OPEN || action == ACT_EXPAND || action == ACT_IGNORE || action == ACT_HOLDER;
}

static bool view_act(struct app *a, enum action action)
{
	const struct view *v = view_of(&a->s, a->s.view);
	struct list *l;

	if (too_small(&a->s)) /* nothing is loaded: only leaving makes sense */
		return global_act(a, action);
	if ((action == ACT_NEXT_MATCH || action == ACT_PREV_MATCH) && a->s.search[0] && !(v->walks && v->walks(&a->s))) {
		find_next(a, action == ACT_NEXT_MATCH ? 1 : -1); /* the same in all views */
		return true;
	}
	l = v->list ? v->list(&a->s) : NULL;
	if (l && !l->n && wants_row(action)) {
		say(&a->s, "no row here for '%s'", key_row_of(action)->name);
		return true;
	}
	if (v->act && v->act(&a->s, action))
		return true;
	l = v->list ? v->list(&a->s) : NULL; /* another pane's, perhaps */
	return (l && list_act(&a->s, l, action)) || time_act(&a->s, action) || global_act(a, action);
}

static bool is_open(const struct session *s, enum action view)
{
	return (enum view_id)(view - ACT_VIEW_1) == s->view && !(s->view == VIEW_FUNCTIONS && s->func.digits[0]);
}

void app_do(struct app *a, enum action action)
{
	const struct key_row *r = key_row_of(action);

	if (action >= ACT_VIEW_1 && action <= ACT_VIEW_6 && is_open(&a->s, action)) {
		say(&a->s, "this is view %d", action - ACT_VIEW_1 + 1);
		return;
	}
	if (action >= ACT_VIEW_1 && action <= ACT_VIEW_6) {
		if (action == ACT_VIEW_4)
			a->s.func.digits[0] = '\0';
		go_view(&a->s, (enum view_id)(action - ACT_VIEW_1));
		return;
	}
	if (prompts[action] != PROMPT_NONE) {
		prompt_open(a, prompts[action], action == ACT_FILTER ? a->s.filter : "");
		a->prompt.then = action;
		return;
	}
	if (!view_act(a, action) && r && !too_small(&a->s))
		say(&a->s, "'%s' does nothing here", r->name);
	settle_moved(&a->s, action);
	action = a->s.then;
	a->s.then = ACT_NONE;
	if (action)
		app_do(a, action);
}

void app_answer(struct app *a, enum action then, int key)
{
	if (key == K_ESC)
		return;
	if (then == ACT_MARK)
		set_mark(&a->s, key);
	else if (then == ACT_GOTO_MARK)
		goto_mark(&a->s, key);
	else if (then == ACT_YANK)
		yank(a, key);
	else if (then == ACT_WRITE && key == 'y')
		write_over(a);
	else if (then == ACT_WRITE)
		say(&a->s, "not written");
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
	a->s.message[0] = '\0';
	r = bound_row(&a->s, key_place_here(&a->s), key);
	if (!r || r->action != a->asked)
		a->asked = ACT_NONE;
	if (r)
		app_do(a, r->action);
	else
		say_no_key(&a->s, key);
}

/* --- opening, loading --- */

static int choose_view(struct app *a, const char *name, struct err *e)
{
	struct buf all = {0};

	for (int v = 0; v < VIEW_MAX; v++) {
		const char *is = view_of(&a->s, (enum view_id)v)->name;
		bool by_key = v < VIEW_HELP && name[0] == '1' + v && !name[1]; /* its key is its number */

		if (by_key || strcmp(is, name) == 0) {
			a->s.view = (enum view_id)v;
			buf_release(&all);
			return 0;
		}
		buf_addf(&all, "%s%s", v ? ", " : "", is);
	}
	fail(e, "no view '%s' (%s)", name, all.p);
	buf_release(&all);
	return -2;
}

static int choose_start(struct app *a, const struct tui_options *o, struct err *e)
{
	const struct host *h = NULL;
	int rc;

	if (o->host && !(h = query_host(a->s.q, o->host, e)))
		return -1;
	a->s.host = h ? h->id : 0;
	choose_host(&a->s);
	a->s.id = o->id;
	a->s.epoch = o->epoch;
	a->s.t = NO_TIME;
	window_all(&a->s);
	if (o->at != NO_TIME)
		set_time(&a->s, o->at);
	else
		a->s.t = query_newest(a->s.q, h ? a->s.host : 0);
	if (a->s.t == NO_TIME) /* nothing yet */
		a->s.t = a->s.to;
	a->s.pin = o->base;
	a->s.use_pin = o->base != NO_TIME;
	if (o->filter)
		snprintf(a->s.filter, sizeof a->s.filter, "%s", o->filter);
	if (is_one_dump(&a->s))
		host_begin_dump(&a->s);
	rc = o->view ? choose_view(a, o->view, e) : is_one_dump(&a->s) ? choose_view(a, "host", e) : 0;
	a->s.unchosen = !h && a->s.view == VIEW_OVERVIEW;
	return rc;
}

static int open_maps(struct app *a, const struct tui_options *o, struct err *e)
{
	for (size_t i = 0; i < o->n_bindings; i++) {
		struct err why = {0};

		for (size_t k = 0; k < i; k++)
			if (key_parse(o->bindings[k].key) == key_parse(o->bindings[i].key))
				return fail(e, "%s:%d: %s is bound in line %d already", o->config_file, o->bindings[i].line,
					    o->bindings[i].key, o->bindings[k].line);
		if (map_key(&a->s, o->bindings[i].key, o->bindings[i].action, &why) < 0)
			return fail(e, "%s:%d: %s", o->config_file, o->bindings[i].line, why.text);
	}
	return 0;
}

int app_open(struct app *a, const struct tui_options *o, struct err *e)
{
	*a = (struct app){.s = {.o = o, .views = all_views, .zone = o->tz, .pin = NO_TIME, .speed = 1, .follow = o->live, .utf8 = true,
				.auto_tier = GLYPHS_BLOCKS, .glyphs = "auto", .theme = "default", .mouse = o->mouse, .sync = o->sync,
				.skip = o->skip_unchanged, .two_lines = o->two_lines, .cursorline = o->cursorline,
				.slow_link = o->slow_link, .screen_reader = o->screen_reader, .leaf_first = o->leaf_first}};
	for (int v = 0; v < VIEW_MAX; v++)
		a->s.own[v] = xcalloc(1, all_views[v]->size);
	a->s.local = zone_open(&a->s.zones, "local", NULL);
	if (a->s.zone && strcmp(zone_name(a->s.zone), "local") == 0)
		a->s.zone = a->s.local;
	a->s.matcher = xcalloc(1, sizeof *a->s.matcher);
	if (set_glyphs(&a->s, o->glyphs ? o->glyphs : "auto", e) < 0)
		return -2;
	if (o->theme)
		a->s.theme = o->theme;
	if (o->source)
		snprintf(a->s.source, sizeof a->s.source, "%s", o->source);
	a->s.saved = o->saved;
	a->s.n_saved = o->n_saved;
	if (open_maps(a, o, e) < 0 || query_open(&a->s.q, o->db, e) < 0)
		return -1;
	return choose_start(a, o, e);
}

void app_close(struct app *a)
{
	for (int v = 0; v < VIEW_MAX && a->s.own[v]; v++) {
		if (all_views[v]->release)
			all_views[v]->release(a->s.own[v]);
		free(a->s.own[v]);
		a->s.own[v] = NULL;
	}
	pool_release(&a->s.zones);
	history_release(a);
	filter_close(a->s.where);
	matcher_release(a->s.matcher);
	free(a->s.matcher);
	free(a->s.maps);
	free(a->s.back);
	free(a->s.ahead);
	free(a->yanked);
	free(a->edit);
	query_close(a->s.q);
	a->s.q = NULL;
}

int app_load(struct app *a, struct err *e)
{
	struct err why;
	int rc;

	choose_host(&a->s);
	session_where(&a->s);
	if (session_look(&a->s, e) < 0)
		return -1;
	rc = too_small(&a->s) ? 0 : view_of(&a->s, a->s.view)->load(&a->s, e);
	session_gave_up(&a->s);
	snprintf(a->s.partial, sizeof a->s.partial, "%.199s", query_is_partial(a->s.q, &why) ? why.text : "");
	return rc < 0 ? -1 : query_fault(a->s.q, e);
}

int app_refresh(struct app *a)
{
	struct err e = {0};
	int rc = query_refresh(a->s.q, &e);

	if (rc < 0 && strcmp(a->s.message, e.text) != 0) {
		say_error(&a->s, e.text);
		return 1;
	}
	if (rc <= 0)
		return 0;
	choose_host(&a->s);
	if (!a->s.start) /* the first that ever came */
		window_all(&a->s);
	if (a->s.follow || a->s.t < a->s.from)
		follow_newest(&a->s);
	return 1;
}
