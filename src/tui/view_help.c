/* SPDX-License-Identifier: MIT */
/* Help: drawn from the key table, so that it cannot be out of date. Enter runs the row. */
#include "draw.h"
#include "row_model.h"
#include "view_help.h"
#include <stdio.h>

/* Would the key of lists do nothing there? */
static bool does_nothing(const struct view *v, enum action action)
{
	switch (action) {
	case ACT_NEXT_PANE: case ACT_PREV_PANE: return !v->panes;
	case ACT_SCROLL_LEFT: case ACT_SCROLL_RIGHT: return !v->scrolls;
	case ACT_TWO_LINES: return !v->doubles;
	default: return false;
	}
}

/* Which places' keys matter in a view. */
static bool is_shown(const struct session *a, const struct key_row *r)
{
	if (help_view_of(a)->all)
		return true;
	if (does_nothing(view_of(a, a->below), r->action))
		return false;
	return r->place < AT_OVERVIEW || (r->place < AT_PROMPT && r->place == view_of(a, a->below)->keys);
}

const struct key_row *help_row(const struct session *a, size_t index)
{
	static const enum key_place order[AT_PLACES] = {AT_OVERVIEW, AT_HOST, AT_GOROUTINE, AT_FUNCTIONS, AT_LEAKS, AT_LOCKS, AT_LIST, AT_TIME, AT_GLOBAL, AT_PROMPT};
	size_t n = 0;

	for (int place = 0; place < AT_PLACES; place++) /* the screen's own keys first */
		for (size_t i = 0; i < key_table_n; i++)
			if (key_table[i].place == order[place] && is_shown(a, &key_table[i]) && n++ == index)
				return &key_table[i];
	return NULL;
}

/* --- the rows --- */

struct told_key {
	const struct session *a;
	const struct key_row *row;
};

static struct column_value key_keys(const struct told_row *r)
{
	const struct told_key *x = r->thing;
	char keys[80];

	return a_text(pool_printf(r->p, "%s", bound_keys(x->a, x->row, keys, sizeof keys)));
}

GETTER(key_help, struct told_key, a_text(x->row->help))
GETTER(key_action, struct told_key, a_text(x->row->name))

static const struct column of_key[] = {
	{"keys", "", COLUMN_TEXT, .get = key_keys}, {"help", "", COLUMN_TEXT, .get = key_help}, {"action", "COLON", COLUMN_TEXT, .get = key_action},
};
static const struct columns key_columns = COLUMNS(of_key);

static void key_tell(const struct session *a, struct row_model *s, size_t i)
{
	ROW_MODEL_ADD(s, key_columns, struct told_key, a, help_row(a, i));
}

static const struct list_kind key_kind = {.columns = &key_columns, .tell = key_tell};

static int help_load(struct session *a, struct err *e)
{
	size_t n = 0;

	(void)e;
	while (help_row(a, n))
		n++;
	help_view_of(a)->list.kind = &key_kind;
	list_clamp(&help_view_of(a)->list, n);
	return 0;
}

/* What stands on the screen that help was asked for, beyond words and numbers. %g %m %v %s %d %c: the characters for a gap, for T, for a mark, for
 * one change and for more, and for what hangs from the row above, as they are drawn now. */
#define SIGNS 9
static const char *const signs[VIEW_HELP][SIGNS] = {
	[VIEW_OVERVIEW] = {"SIGNS HERE", "! at a host: a suspect", "! in a chart: new process", "%g nothing was scraped", "+ at least: a cut dump", "%v a mark (--mark)", "%m T", "117x12s samples, each 12s"},
	[VIEW_HOST] = {"SIGNS HERE", "+ - a group: e opens", "%c one of its goroutines", "<- its parent", "%g nothing was scraped", "%v a mark (--mark)", "d10m change in 10 minutes", "! it failed (a crash)"},
	[VIEW_GOROUTINE] = {"DIFF", "~ changed  + new  - gone", "* there at T", "x the pinned time", "|1x paused  >1x playing", "%s stack changed once", "%d more than once"},
	[VIEW_FUNCTIONS] = {"SIGNS HERE", "^ $ a name's begin, end", "! before a word: without", "> the matching frame", "%g nothing was scraped"},
	[VIEW_LEAKS] = {"SIGNS HERE", "+2.7 speaks for a leak", "-3.5 speaks against it", "-> from the begin to T", "%g nothing was scraped"},
	[VIEW_LOCKS] = {"SIGNS HERE", "WAIT how many at T", "MOST at once, up to T", "HOLDER? a guess, with why", "red: in a deadlock"},
};

static int draw_lines(const struct session *a, struct canvas *c, struct area at, const char *const *lines, size_t n)
{
	const struct glyphs *g = &glyph_table[a->tier];

	for (size_t i = 0; i < n && lines[i] && at.y < c->h - 1; i++, at.y++) {
		bool drawn = lines[i][0] == '%';

		if (drawn)
			canvas_put(c, at.y, at.x, STYLE_NORMAL, lines[i][1] == 'g' ? g->gap : lines[i][1] == 'm' ? g->mark : lines[i][1] == 'v' ? g->event : lines[i][1] == 's' ? g->small_dot : lines[i][1] == 'd' ? g->dot : g->corner);
		canvas_text(c, at.y, at.x + drawn, at.w - drawn, i == 0 ? STYLE_HEADER : STYLE_NORMAL, lines[i] + 2 * drawn);
	}
	return at.y;
}

static void draw_legend(const struct session *a, struct canvas *c, int y, int x, int w)
{
	static const char *const letters[] = {
		"STATE LETTERS",   "R running, runnable", "C chan send, receive", "S select",	  "L Mutex, RWMutex, sema",
		"W WaitGroup, Cond", "I IO wait",	  "Z sleep",		  "Y syscall",	  "G runtime",
		". not alive",	   "? no sample (a gap)",
	};

	y = draw_lines(a, c, (struct area){y, x, w, 0}, signs[view_shown(a)], SIGNS) + 1;
	draw_lines(a, c, (struct area){y, x, w, 0}, letters, sizeof letters / sizeof *letters);
}

/* Which view's, where all are shown. */
static const char *const whose[AT_PLACES] = {
	[AT_OVERVIEW] = "overview: ", [AT_HOST] = "host: ", [AT_GOROUTINE] = "goroutine: ", [AT_FUNCTIONS] = "functions: ", [AT_LEAKS] = "leaks: ", [AT_LOCKS] = "locks: ", [AT_PROMPT] = "prompt: ",
};

static void draw_key_row(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct key_row *k = help_row(a, r->i);
	char keys[64];

	bound_keys(a, k, keys, sizeof keys);
	canvas_text(c, r->y, 2, 16, STYLE_HEADER, keys);
	canvas_printf(c, r->y, 19, r->w - 19 - (r->w > 70 ? 16 : 0), STYLE_NORMAL, "%s%s",
		      help_view_of(a)->all && whose[k->place] ? whose[k->place] : "", k->help);
	if (r->w > 70)
		canvas_printf(c, r->y, r->w - 15, 15, STYLE_DIM, ":%s", k->name);
	if (r->selected)
		draw_selected(c, r->y, 0, r->w);
}

static void help_draw(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct help_view *v = help_view_of(a);
	int w = c->w >= 76 ? c->w - 28 : c->w;

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, v->all ? "help: all keys" : "help: keys of %s   (? again: all keys)",
		      view_of(a, a->below)->wide_tab);
	list_draw(a, c, &v->list, &(struct list_pane){.y = 2, .h = c->h - 3, .w = w, .row = draw_key_row}, rows);
	if (w < c->w)
		draw_legend(a, c, 2, w + 2, c->w - w - 3);
}

static struct list *help_list(const struct session *a)
{
	return &help_view_of(a)->list;
}

static void help_enter(struct session *a)
{
	*help_view_of(a) = (struct help_view){0};
}

static bool help_act(struct session *a, enum action action)
{
	struct help_view *v = help_view_of(a);
	const struct key_row *r;

	if (action == ACT_HELP) {
		v->all = !v->all;
		return true;
	}
	if (action != ACT_OPEN)
		return false;
	r = help_row(a, v->list.sel);
	go_back(a);
	if (r)
		a->then = r->action;
	return true;
}

void help_at(struct session *a, const char *action)
{
	struct help_view *v = help_view_of(a);
	const struct key_row *r;

	v->all = true;
	for (size_t i = 0; (r = help_row(a, i)) != NULL; i++)
		if (strcmp(r->name, action) == 0)
			v->list.sel = i;
}

static void help_summary(const struct session *a, struct buf *out)
{
	buf_addf(out, help_view_of(a)->all ? "all keys" : "keys of %s", view_of(a, a->below)->wide_tab);
}

const struct view help_view_ops = {
	.name = "help",
	.tab = "Help",
	.wide_tab = "Help",
	.size = sizeof(struct help_view),
	.enter = help_enter,
	.load = help_load,
	.draw = help_draw,
	.act = help_act,
	.list = help_list,
	.summary = help_summary,
	.hints = "q close  j/k scroll  Enter run the action  ? all keys / this screen's",
	.wide_hints = "q close   j/k scroll   Enter run the action under the cursor   ? all keys / this screen's   every :name can be typed after :",
};
