/* SPDX-License-Identifier: MIT */
/* View 2, how it is drawn. A column that there is no room for is left out; names come last and take what is left. */
#include "draw.h"
#include "path.h"
#include "view_host.h"
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>

#define FACTS 11 /* rows of the panes at the bottom, with their titles */
#define DUMP_LINES 6 /* rows of what one dump says of itself, at most */
#define WHOLE 2  /* rows below the list in place of them: what the selected row is, whole */

/* Where the columns stand; a width of 0: not there. */
struct host_columns_at {
	int count, delta, delta_w, oldest, oldest_w, wait, wait_w, state, state_w, act, act_w, name, name_w, by, by_w;
};

#define NUMBER_W 7 /* of a column, with the blank before it */

static struct host_columns_at place_host(const struct session *a)
{
	struct host_columns_at c = {.count = 2, .delta = 9, .oldest = 9, .state_w = is_wide(a) ? 14 : 10};
	int gap;
	bool one = is_one_dump(a); /* there is nothing to compare it with, nor a time before or after */

	if (a->w < 60) {
		c.state = 10;
		c.name = 21;
		c.name_w = a->w - c.name - 1;
		return c;
	}
	c.delta_w = one ? 0 : NUMBER_W;
	c.oldest += c.delta_w;
	c.oldest_w = NUMBER_W;
	c.wait = c.oldest + c.oldest_w;
	c.wait_w = a->w < 80 ? 0 : NUMBER_W;
	gap = c.wait_w && !is_wide(a) ? 1 : 2;
	c.state = c.wait + c.wait_w + gap;
	if (!one && is_wide(a))
		c.act_w = (a->w - 41) * 2 / 5;
	else if (!one && a->w >= 72)
		c.act_w = (c.wait_w ? 8 : 12) + (a->w - 80) / 3;
	c.act = c.state + c.state_w + gap;
	c.name = c.act_w ? c.act + c.act_w + gap : c.state + c.state_w + 1;
	if (is_wide(a)) {
		c.by_w = (a->w - c.name) / 2 - 1;
		c.by = a->w - c.by_w;
	}
	c.name_w = (c.by ? c.by : a->w) - c.name - 1;
	return c;
}

int host_activity_width(const struct session *a)
{
	return place_host(a).act_w;
}

/* Of one dump there is no chart: the rows that its list leaves are the stack's. */
int host_facts_rows(const struct session *a)
{
	int empty = is_one_dump(a) ? a->h - 4 - DUMP_LINES - FACTS - (int)host_view_of(a)->n * (a->two_lines ? 2 : 1) : 0;

	return a->h < 40 || a->zoomed ? 0 : empty > 0 ? FACTS + empty : FACTS;
}

static int whole_rows(const struct session *a)
{
	return a->h >= 20 && !a->zoomed && !host_facts_rows(a) ? WHOLE : 0;
}

/* "sync.Mutex.Lock" says no more than "Mutex.Lock" and is longer than the column. */
static const char *wait_text(const char *state, int w)
{
	return text_cells(state) > w && strncmp(state, "sync.", 5) == 0 ? state + 5 : state;
}

static void draw_when(const struct session *a, struct canvas *c, int y, const struct host_columns_at *k, const struct group_line *l)
{
	const struct host_view *h = host_view_of(a);

	if (!k->act_w || k->act_w != h->act_w || !h->pieces)
		return;
	if (l->a && l->life)
		draw_life(a, c, (struct area){y, k->act, k->act_w, 1}, h->pieces, l->life->first, l->life->last);
	else if (!l->a && l->activity)
		draw_activity(a, c, (struct area){y, k->act, k->act_w, 1}, l->activity->alive, h->pieces, l->activity->peak);
}

/* For how long; "-" who does not wait. */
static const char *waiting_text(const struct session *a, int64_t since, char *out)
{
	return since == NO_TIME ? strcpy(out, "-") : duration_format(out, session_seen(a) - since);
}

/* Is there one column for both? Then it has what the rows are sorted by. */
static bool has_waits_alone(const struct session *a, const struct host_columns_at *k)
{
	return !k->wait_w && host_tells_waits(host_view_of(a));
}

/* How old, and for how long it waits. The cells that the first column of these takes. */
static int draw_ages(const struct session *a, struct canvas *c, int y, const struct host_columns_at *k, int64_t waits, const char *age)
{
	char d[TIME_MAX];

	waiting_text(a, waits, d);
	if (k->oldest_w)
		canvas_right(c, y, k->oldest, k->oldest_w, STYLE_DIM, has_waits_alone(a, k) ? d : age);
	if (k->wait_w)
		canvas_right(c, y, k->wait, k->wait_w, STYLE_DIM, d);
	return text_cells(has_waits_alone(a, k) ? d : age);
}

static void parent_text(const struct session *a, const struct alive *who, char *out, size_t n)
{
	const struct alive *parent = who->parent ? host_member(host_view_of(a), who->parent) : NULL;
	const struct frame *root = parent ? stack_root(query_stack(a->q, parent->stack)) : NULL;
	char func[512] = "";

	out[0] = '\0';
	if (who->parent)
		snprintf(out, n, "%s g%" PRIu64 " %s", is_wide(a) ? "parent" : "<-", who->parent,
			 root ? query_short(func, sizeof func, root->func) : parent ? "" : "(gone)");
}

static void draw_member(const struct session *a, struct canvas *c, int y, const struct host_columns_at *k, const struct group_line *l)
{
	uint32_t corner = glyph_table[a->tier].corner;
	char d[TIME_MAX], text[600];
	int ages;

	canvas_put(c, y, 3, STYLE_DIM, corner);
	if (l->a && l->a->id == a->o->failed)
		canvas_put(c, y, 2, STYLE_ERROR, '!');
	if (l->more) {
		canvas_printf(c, y, 5, c->w - 6, STYLE_DIM, "%s more (Enter: list all, & filter)", number(text, (int64_t)l->more));
		return;
	}
	if (!l->a)
		return;
	ages = draw_ages(a, c, y, k, l->a->waits, duration_bound(d, l->a->bound, session_seen(a) - l->a->born));
	canvas_printf(c, y, 5, (k->oldest_w ? k->oldest + k->oldest_w - ages : k->state) - 6, STYLE_NORMAL, "g%" PRIu64, l->a->id);
	canvas_text(c, y, k->state, k->state_w, (enum style)(STYLE_STATE + l->a->family), wait_text(l->a->state, k->state_w));
	draw_when(a, c, y, k, l);
	parent_text(a, l->a, text, sizeof text);
	canvas_name(c, (struct area){y, k->name, k->name_w, 1}, STYLE_DIM, text, a->scroll);
	if (k->by && l->life)
		canvas_printf(c, y, k->by, k->by_w, STYLE_DIM, "samples %" PRIu32 "  changes %" PRIu32, l->life->samples, l->life->changes);
}

#define TOP_W 10 /* of a top frame beside a long go statement */

/* One function may have many go statements: the line tells them apart, and what they run follows, without its package. */
static void draw_site_and_top(const struct session *a, struct canvas *c, struct area at, const char *by, const char *top)
{
	int top_w = text_cells(top) < TOP_W ? text_cells(top) : TOP_W, n;
	char both[1100];

	if (a->scroll) {
		snprintf(both, sizeof both, "%s %s", by, top);
		canvas_name(c, at, STYLE_NORMAL, both, a->scroll);
		return;
	}
	n = canvas_name(c, (struct area){at.y, at.x, at.w - top_w - (top_w > 0), 1}, STYLE_NORMAL, by, 0);
	canvas_name(c, (struct area){at.y, at.x + n + 1, at.w - n - 1, 1}, STYLE_DIM, top, 0);
}

/* What a group is called in the name column, and beside it where there is room. */
static void draw_names(const struct session *a, struct canvas *c, int y, const struct host_columns_at *k, const struct group *g)
{
	const struct host_view *h = host_view_of(a);
	char top[512], site[512], by[512 + 16];
	const char *at = func_shown(a, g->top.func, top, sizeof top);
	int x = k->name, w = k->name_w;

	text_fit(by, sizeof by - 16, func_shown(a, g->created.func ? g->created.func : "-", site, sizeof site)); /* its line comes behind it */
	if (h->by == BY_NONE || h->by == BY_LABEL) {
		int n = canvas_printf(c, y, x, w, STYLE_NORMAL, h->by == BY_NONE ? "g%s " : "%s  ", g->name);

		x += n;
		w -= n;
	}
	if (g->created.func)
		snprintf(by + strlen(by), sizeof by - strlen(by), ":%" PRIu32, g->created.line);
	else if (h->by == BY_CREATED)
		text_fit(by, sizeof by, g->name);
	if (h->by != BY_CREATED || k->by)
		canvas_name(c, (struct area){y, x, w, 1}, STYLE_NORMAL, at, a->scroll);
	else
		draw_site_and_top(a, c, (struct area){y, x, w, 1}, by, !g->created.func ? "" : a->scroll ? at : path_name(top, sizeof top, g->top.func));
	if (k->by)
		canvas_name(c, (struct area){y, k->by, k->by_w, 1}, STYLE_DIM, by, a->scroll);
}

static void draw_group(const struct session *a, struct canvas *c, int y, const struct host_columns_at *k, const struct group_line *l)
{
	const struct host_view *h = host_view_of(a);
	const struct group *g = l->g;
	const char *state = query_string(a->q, g->states[0].state);
	char text[32], d[TIME_MAX];
	enum family f = query_family(a->q, g->states[0].state, g->stack);

	canvas_put(c, y, 1, STYLE_NORMAL, h->by == BY_NONE ? ' ' : group_is_open(h, g) ? '-' : '+');
	canvas_right(c, y, k->count, 7, STYLE_NORMAL, number_fit(text, g->count, 6));
	if (host_has_failed(a, g))
		canvas_put(c, y, k->count, STYLE_ERROR, '!');
	if (k->delta_w && h->by != BY_NONE && h->deltas_known)
		canvas_right(c, y, k->delta, k->delta_w, l->delta > 0 ? STYLE_ADDED : l->delta < 0 ? STYLE_GONE : STYLE_DIM,
			     number_change(text, l->delta, k->delta_w - 1));
	else if (k->delta_w && h->by != BY_NONE)
		canvas_right(c, y, k->delta, k->delta_w, STYLE_DIM, "-");
	draw_ages(a, c, y, k, g->waits, duration_bound(d, g->bound, session_seen(a) - g->oldest));
	canvas_text(c, y, k->state, k->state_w, (enum style)(STYLE_STATE + f), wait_text(state, k->state_w));
	draw_when(a, c, y, k, l);
	draw_names(a, c, y, k, g);
}

static void draw_heads(const struct session *a, struct canvas *c, int y, const struct host_columns_at *k)
{
	const struct host_view *h = host_view_of(a);
	char span[TIME_MAX], delta[TIME_MAX + 2], sort[32];

	snprintf(delta, sizeof delta, "d%s", !h->deltas_known ? "" : a->use_pin && a->pin != NO_TIME ? " pin" : duration_format(span, session_seen(a) - h->delta_from));
	list_sorted(&h->order, sort, sizeof sort);
	canvas_text(c, y, 1, 1, STYLE_HEADER, "v");
	canvas_right(c, y, k->count, 7, STYLE_HEADER, "COUNT");
	if (k->delta_w)
		canvas_right(c, y, k->delta, k->delta_w, STYLE_HEADER, delta);
	if (k->oldest_w)
		canvas_right(c, y, k->oldest, k->oldest_w, STYLE_HEADER, has_waits_alone(a, k) ? "WAIT" : "OLDEST");
	if (k->wait_w)
		canvas_right(c, y, k->wait, k->wait_w, STYLE_HEADER, "WAIT");
	canvas_text(c, y, k->state, k->state_w, STYLE_HEADER, "STATE");
	if (k->act_w)
		canvas_text(c, y, k->act, k->act_w, STYLE_HEADER, "ACTIVITY");
	canvas_text(c, y, k->name, c->w < 72 || k->by ? k->name_w : k->name_w - text_cells(sort) - 1, STYLE_HEADER, h->by == BY_LABEL ? "LABEL / TOP" : k->by || h->by != BY_CREATED ? "TOP USER FRAME" : c->w < 60 ? "BY" : "CREATED BY / TOP");
	if (k->by)
		canvas_text(c, y, k->by, k->by_w, STYLE_HEADER, "CREATED BY");
	if (c->w >= 72)
		canvas_text(c, y, c->w - 1 - text_cells(sort), text_cells(sort), STYLE_DIM, sort);
}

/* --- the selected group --- */

static const char *file_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

/* In one piece and one style: the pane changes with each row down, and a jump or a colour costs ten bytes. */
static void draw_stack_line(struct canvas *c, int y, const struct frame *f, const char *before)
{
	char func[512];

	canvas_printf(c, y, 3, c->w - 4, STYLE_NORMAL, "%s%s  %s:%" PRIu32, before, query_short(func, sizeof func, f->func), file_name(f->file), f->line);
}

/* "most common stack at T: 1,184 of 1,736 …". What changes from row to row has its place: the rest need not be sent again. */
static void dominant_title(const struct session *a, const struct group_line *l, char *out, size_t size)
{
	const struct host_view *h = host_view_of(a);
	const struct group *g = l->g;
	char func[300], n0[32], n1[32], n2[32], n3[32];
	const char *name = query_short(func, sizeof func, g->top.func ? g->top.func : g->name);

	number(n0, h->facts.dominant);
	number(n1, g->count);
	if (is_one_dump(a)) /* nobody comes or goes in it */
		snprintf(out, size, "most common stack: %6s of %6s  variants %3" PRIu32 "  group %s", n0, n1, g->stacks, name);
	else
		snprintf(out, size, "most common stack at T: %6s of %6s  variants %3" PRIu32 "  %s %6s  %s %6s in the window  group %s", n0, n1, g->stacks,
			 h->by == BY_CREATED ? "births" : "came", number(n2, l->activity ? (int64_t)l->activity->came : -1),
			 h->by == BY_CREATED ? "deaths" : "left", number(n3, l->activity ? (int64_t)l->activity->left : -1), name);
}

/* The leaf says what they wait for: a stack that is too long for the pane loses its middle. */
static void draw_dominant(const struct session *a, struct canvas *c, int y, int rows, const struct group_line *l)
{
	const struct stack *s = query_stack(a->q, l->g->stack);
	char title[600];
	int room;

	dominant_title(a, l, title, sizeof title);
	draw_rule(a, c, y++, title, NULL);
	if (s->created.func)
		draw_stack_line(c, y++, &s->created, "created by ");
	room = rows - 1 - (s->created.func != NULL);
	for (uint32_t i = 0; i < s->n && (int)i < room; i++) {
		bool cut = (int)s->n > room && (int)i == room / 2;
		uint32_t k = (int)s->n > room && (int)i > room / 2 ? s->n - (uint32_t)room + i : i;

		if (cut)
			canvas_printf(c, y++, 3, c->w - 4, STYLE_DIM, "... %" PRIu32 " more frames", s->n - (uint32_t)room + 1);
		else
			draw_stack_line(c, y++, &s->frames[s->n - 1 - k], "");
	}
}

static void draw_states(const struct session *a, struct canvas *c, int y, const struct activity *act, const char *what)
{
	uint64_t all = 0;
	char text[100];

	canvas_text(c, y, 3, 18, STYLE_DIM, what);
	for (size_t i = 0; act && i < act->n_states; i++)
		all += act->states[i].n;
	for (size_t i = 0; act && i < act->n_states && i < 5; i++) {
		unsigned share = (unsigned)(all ? (uint64_t)act->states[i].n * 100 / all : 0);

		snprintf(text, sizeof text, share ? "%s %u%%" : "%s <1%%", query_string(a->q, act->states[i].state), share);
		canvas_text(c, y, 22 + (int)i * 25, 24, (enum style)(STYLE_STATE + query_family(a->q, act->states[i].state, 0)), text);
	}
}

static void draw_lifetimes(const struct session *a, struct canvas *c, int y, const struct activity *act)
{
	const struct group_facts *f = &host_view_of(a)->facts;
	char d[3][TIME_MAX], n0[32], n1[32];

	canvas_text(c, y, 3, 18, STYLE_DIM, "lifetime");
	if (act)
		canvas_printf(c, y, 22, c->w - 23, STYLE_NORMAL, "p50 %-8s p90 %-8s max %s%-8s  never ended %6s of %6s", duration_format(d[0], act->p50),
			      duration_format(d[1], act->p90), act->clipped ? ">=" : "  ", duration_format(d[2], act->longest), number(n0, act->there),
			      number(n1, (int64_t)act->there + act->left));
	if (f->still_id && c->w >= 130)
		canvas_printf(c, y, 97, c->w - 98, STYLE_NORMAL, "longest unchanged %-8s g%" PRIu64, duration_format(d[0], session_seen(a) - f->still_since),
			      f->still_id);
}

static void draw_parents(const struct session *a, struct canvas *c, int y, const struct group *g)
{
	const struct group_facts *f = &host_view_of(a)->facts;
	char n[32];

	canvas_text(c, y, 3, 18, STYLE_DIM, "parents");
	if (!f->n_parents)
		canvas_text(c, y, 22, c->w - 23, STYLE_DIM, "the dump names none");
	for (int i = 0; i < 3 && f->parents[i].n; i++)
		canvas_printf(c, y, 22 + i * 35, 34, STYLE_NORMAL, "g%" PRIu64 " %s (%u%%)%s", f->parents[i].id, number(n, f->parents[i].n),
			      (unsigned)((uint64_t)f->parents[i].n * 100 / g->count), f->parents[i].alive ? "" : ", gone at T");
	if (f->n_parents > 3)
		canvas_printf(c, y, 127, c->w - 128, STYLE_DIM, "and %" PRIu32 " more", f->n_parents - 3);
}

/* How long the group has been waiting, where the row of its objects has room. */
static void draw_waits(const struct session *a, struct canvas *c, int y, const struct group *g)
{
	uint32_t spans[WAIT_SPANS];
	char text[120] = "", n[32];
	size_t at = 0;

	if (c->w < 130)
		return;
	group_wait_spans(g, session_seen(a), spans);
	for (int i = 0; i < WAIT_SPANS; i++)
		if (spans[i] && at < sizeof text)
			at += (size_t)snprintf(text + at, sizeof text - at, "  %s %s", wait_span_name(i), number(n, spans[i]));
	if (at)
		canvas_printf(c, y, 97, c->w - 98, STYLE_NORMAL, "waiting%s", text);
}

/* Those that wait for the same mutex, WaitGroup or condition; --waiters tells more. */
static void draw_objects(const struct session *a, struct canvas *c, int y, const struct group *g)
{
	const struct group_facts *f = &host_view_of(a)->facts;
	char n[32];

	canvas_text(c, y, 3, 18, STYLE_DIM, "waits together for");
	if (f->objects[0].n < 2)
		canvas_text(c, y, 22, c->w - 23, STYLE_DIM, "nothing that the dump names");
	for (int i = 0; i < 2 && f->objects[i].n > 1; i++)
		canvas_printf(c, y, 22 + i * 35, 34, STYLE_NORMAL, "0x%" PRIx64 " %s (%u%%)", f->objects[i].address, number(n, f->objects[i].n),
			      (unsigned)((uint64_t)f->objects[i].n * 100 / g->count));
}

static void draw_facts(const struct session *a, struct canvas *c, int y, const struct group_line *l)
{
	char t0[TIME_MAX], t1[TIME_MAX], title[100] = "group facts";
	const struct activity *act = activity_of(host_view_of(a)->activity, host_view_of(a)->n_activity, l->g->key);
	bool one = is_one_dump(a);
	int lines = one ? 3 : 4;

	draw_dominant(a, c, y, host_facts_rows(a) - 1 - lines, &(struct group_line){.g = l->g, .activity = act});
	y = c->h - 2 - lines;
	if (!one)
		snprintf(title, sizeof title, "group facts, window %s..%s", time_text(a, t0, a->from, TIME_HM), time_text(a, t1, a->to, TIME_HM));
	draw_rule(a, c, y++, title, NULL);
	draw_states(a, c, y++, act, one ? "states" : "states over time");
	if (!one)
		draw_lifetimes(a, c, y++, act);
	draw_parents(a, c, y++, l->g);
	draw_objects(a, c, y, l->g);
	draw_waits(a, c, y, l->g);
}

/* --- the whole --- */

static void draw_context(const struct session *a, struct canvas *c)
{
	const struct host_view *h = host_view_of(a);
	const struct host *host = chosen_host(a);
	char t[TIME_MAX], n[32], m[32], seen[32], seen_text[64], right[200], left[600], what[64], brief[64];
	struct context k = {host ? host->name : "no host", what, brief, h->order.n, h->n_groups};
	const char *of = "";

	snprintf(what, sizeof what, " > groups by %s (v)", group_by_name(h->by));
	snprintf(brief, sizeof brief, " by %s", group_by_name(h->by));
	context_fit(a, &k, 1000, left, sizeof left);
	time_text(a, t, a->t, TIME_CLOCK);
	snprintf(seen_text, sizeof seen_text, "at least %s of ", number(seen, a->known.text.goroutines));
	if (known_is_cut(&a->known) && a->known.text.goroutines < h->n_alive) /* the others were there before, and are not known to be gone */
		of = seen_text;
	else if (known_is_cut(&a->known))
		of = "at least ";
	if (a->known.known)
		snprintf(right, sizeof right, "T %s  %s%s in %s group%s", t, of, number(n, (int64_t)h->n_alive), number(m, (int64_t)h->n_groups), h->n_groups == 1 ? "" : "s");
	else
		snprintf(right, sizeof right, "T %s", t); /* why is said below */
	if (a->filter[0] && text_cells(left) + text_cells(right) + 4 > c->w) /* what is left out matters more than how much there is */
		snprintf(right, sizeof right, "T %s", t);
	if (a->known.known && a->known.text.status == SNAP_GROUPED && text_cells(left) + text_cells(right) + 28 < c->w)
		canvas_text(c, 1, 1 + text_cells(left), c->w, STYLE_DIM, "  grouped: no identities");
	canvas_text(c, 1, 1, c->w - 4 - text_cells(right), STYLE_CONTEXT, context_fit(a, &k, c->w - 4 - text_cells(right), left, sizeof left));
	canvas_text(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
}

struct str host_notice_line(const char **notice)
{
	const char *p = *notice, *end = strchrnul(p, '\n'), *name = memmem(p, (size_t)(end - p), ": ", 2);
	const char *text = name ? name + 2 : p;

	*notice = *end ? end + 1 : end;
	return (struct str){text, (size_t)(end - text)};
}

/* What one dump says of itself, in place of a chart with one point; where there is no room for a chart, what befell the program alone. Rows taken. */
static int draw_dump(const struct session *a, struct canvas *c, int y)
{
	const char *p = a->o->notice ? a->o->notice : "";
	int most = (a->h - 4) / 2 < DUMP_LINES ? (a->h - 4) / 2 : DUMP_LINES, n = 0;
	char line[1024];

	if (a->h >= 20)
		canvas_printf(c, y + n++, 2, c->w - 4, STYLE_DIM, "one dump, %s", known_is_cut(&a->known) ? "cut: it had at least these" : "whole");
	else if (!a->o->failed)
		return 0;
	while (*p && n < most) {
		struct str s = host_notice_line(&p);

		snprintf(line, sizeof line, "%.*s", (int)s.n, s.p);
		n += draw_sentence(c, y + n, 2, most - n, STYLE_NORMAL, line);
		if (a->h < 20)
			break;
	}
	return n;
}

/* "created by main.fetch  main.go:49", with the whole of the package's path. */
static void add_frame(struct buf *b, const char *before, const struct frame *f)
{
	buf_addf(b, "%s%s", before, f->func ? f->func : "-");
	if (f->file)
		buf_addf(b, "  %s:%" PRIu32, file_name(f->file), f->line);
}

/* Where the row's goroutines were started, and where they are; a goroutine's own. */
static void add_whole(const struct session *a, const struct group_line *l, struct buf *site, struct buf *top)
{
	const struct stack *s = l->a ? query_stack(a->q, l->a->stack) : NULL;
	const struct frame *created = s ? &s->created : &l->g->created, *at = s ? stack_user_frame(s) : &l->g->top;

	if (created->func)
		add_frame(site, "created by ", created);
	else
		buf_addf(site, "created by nobody that the dump names: %s", l->g->name);
	if (at)
		add_frame(top, "in ", at);
	buf_putc(site, '\0');
	buf_putc(top, '\0');
}

/* The selected row's names, whole as far as the screen is wide, in two rows; or in one. */
static void draw_whole(const struct session *a, struct canvas *c, struct area at, const struct group_line *l)
{
	struct buf site = {0}, top = {0};
	char title[1000];

	add_whole(a, l, &site, &top);
	if (at.h == 1) {
		site.n--;
		buf_addf(&site, "  %s", top.p);
		canvas_name(c, at, STYLE_DIM, site.p, a->scroll);
	} else {
		draw_rule(a, c, at.y, text_cut(title, sizeof title, site.p, at.w - 4), NULL);
		canvas_name(c, (struct area){at.y + 1, at.x, at.w, 1}, STYLE_NORMAL, top.p, a->scroll);
	}
	buf_release(&site);
	buf_release(&top);
}

static void draw_row(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct host_view *h = host_view_of(a);
	const struct group_line *l = &h->lines[r->i];
	const struct host_columns_at *k = r->ctx;

	if (l->member)
		draw_member(a, c, r->y, k, l);
	else
		draw_group(a, c, r->y, k, l);
	if (a->two_lines && (l->a || !l->member))
		draw_whole(a, c, (struct area){r->y + 1, 6, r->w - 7, 1}, l);
	if (r->selected)
		draw_selected(c, r->y, 0, k->oldest_w ? k->oldest : k->state - 1); /* the whole row costs twice the bytes */
}

#define CHART_STEP 4 /* rows: the chart does not jump with each group that comes or goes */

/* Where few groups leave rows empty, the chart takes them. */
static int chart_height(const struct session *a)
{
	int h = a->zoomed ? 0 : a->h >= 40 ? 8 : a->h >= 20 ? 3 : 0;
	int empty = a->h - 6 - h - host_facts_rows(a) - (int)host_view_of(a)->n * (a->two_lines ? 2 : 1);

	return h < 8 || empty < CHART_STEP ? h : h + (empty > 2 * CHART_STEP ? 2 : 1) * CHART_STEP;
}

void draw_host_view(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct host_view *h = host_view_of(a);
	struct host_columns_at k = place_host(a);
	const struct group_line *shown = NULL;
	char why[300];
	int y = 2, chart_h = chart_height(a), facts = host_facts_rows(a), whole = whole_rows(a);

	draw_context(a, c);
	if (!a->host) {
		canvas_text(c, 3, 2, c->w - 4, STYLE_NORMAL, "The store has no host yet.");
		return;
	}
	if (!a->zoomed && is_one_dump(a)) {
		y += draw_dump(a, c, y);
	} else if (chart_h && h->chart) {
		draw_chart(a, c, (struct area){y, 7, h->chart_w, chart_h}, h->chart, h->chart_max);
		draw_marks(a, c, (struct area){y, 7, h->chart_w, chart_h}, chosen_host(a));
		draw_axis(a, c, y + chart_h, 7, h->chart_w);
		y += chart_h + 2;
	}
	draw_heads(a, c, y++, &k);
	list_draw(a, c, &h->list, &(struct list_pane){.y = y, .h = c->h - 1 - y - facts - whole, .each = a->two_lines ? 2 : 1, .row = draw_row, .ctx = &k}, rows);
	if (h->n)
		shown = &h->lines[h->facts.line < h->n ? h->facts.line : rows->sel];
	if (!a->known.known)
		canvas_text(c, y, 2, c->w - 4, a->known.how == UNKNOWN_DOWN ? STYLE_ERROR : STYLE_DIM, unknown_text(a, &a->known, why, sizeof why));
	else if (!h->n)
		draw_sentence(c, y, 2, FAULT_ROWS, STYLE_DIM, a->filter[0] ? filter_word(a, "no group passes the filter (& with nothing clears it)") : "there is none");
	else if (facts)
		draw_facts(a, c, c->h - 1 - facts, shown);
	else if (whole)
		draw_whole(a, c, (struct area){c->h - 1 - whole, 1, c->w - 2, whole}, shown);
}
