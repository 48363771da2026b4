/* SPDX-License-Identifier: MIT */
/* View 3: its rows (the frames of the stack at T, the children, the stacks it has had) and what keys do. */
#include "copy.h"
#include "narrow.h"
#include "path.h"
#include "row_model.h"
#include "view_goroutine.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* --- the rows --- */

const struct frame_line *frame_at(const struct session *a, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	return &g->frames[a->leaf_first ? g->n_frames - 1 - i : i];
}

bool child_active(const struct session *a, const struct child *k)
{
	return a->known.known && k->first <= a->t && (a->t <= k->last || !k->ended);
}

struct told_frame { /* of the stack at T, with what became of it */
	const struct frame_line *l;
};
GETTER(frame_mark, struct told_frame, a_text(x->l->mark == DIFF_CHANGED ? "changed" : x->l->mark == DIFF_ADDED ? "new" : x->l->mark == DIFF_GONE ? "gone" : ""))
GETTER(frame_created, struct told_frame, a_text(x->l->created ? "created by" : ""))
GETTER(frame_function, struct told_frame, a_text(x->l->f->func))
GETTER(frame_at_line, struct told_frame, a_text(x->l->f->file ? pool_printf(r->p, "%s:%" PRIu32, x->l->f->file, x->l->f->line) : NULL))

static const struct column of_frame[] = {
	{"mark", "", COLUMN_TEXT, .get = frame_mark},
	{"created_by", "", COLUMN_TEXT, .get = frame_created},
	{"function", "", COLUMN_TEXT, .get = frame_function},
	{"at", "AT", COLUMN_TEXT, .get = frame_at_line},
};
static const struct columns frame_columns = COLUMNS(of_frame);

static void frame_tell(const struct session *a, struct row_model *s, size_t i)
{
	ROW_MODEL_ADD(s, frame_columns, struct told_frame, frame_at(a, i));
}

static const struct list_kind frame_kind = {.columns = &frame_columns, .tell = frame_tell};

const struct alive *child_now(const struct session *a, const struct child *k)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	size_t lo = 0, hi = g->n_at;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (g->at[mid].id < k->id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n_at && g->at[lo].id == k->id && g->at[lo].epoch == g->life.epoch ? &g->at[lo] : NULL;
}

static const struct frame *child_frame(const struct session *a, const struct child *k)
{
	const struct alive *now = child_now(a, k);

	return now ? stack_user_frame(query_stack(a->q, now->stack)) : NULL;
}

char *child_text(const struct session *a, const struct child *k, char *out, size_t n)
{
	const struct frame *f = child_frame(a, k);
	char top[300], entry[300];

	query_short(out, n, k->func ? k->func : "");
	if (f && (!k->func || strcmp(f->func, k->func) != 0))
		snprintf(out, n, "%s < %s", path_name(top, sizeof top, f->func), path_name(entry, sizeof entry, k->func ? k->func : "?"));
	return out;
}

struct told_child {
	bool active;
	const char *state;
	const struct frame *top;
};
GETTER(child_at_t, struct told_child, a_number_if(true, x->active))
GETTER(child_state, struct told_child, a_text(x->state))
GETTER(child_top, struct told_child, a_place(r->p, x->top))

static const struct column of_child_at[] = {
	{"active", "ACTIVE AT T", COLUMN_FLAG, .get = child_at_t},
	{"state_at_t", "STATE", COLUMN_TEXT, .get = child_state},
	{"top", "IN", COLUMN_TEXT, .get = child_top},
};
static const struct columns child_at_columns = COLUMNS(of_child_at);

static const struct child *child_of(const struct session *a, size_t i)
{
	return &goroutine_view_of(a)->children[i];
}

static const char *child_doing(const struct session *a, size_t i)
{
	const struct alive *now = child_now(a, child_of(a, i));

	return now ? now->state : NULL;
}

static void child_tell(const struct session *a, struct row_model *s, size_t i)
{
	row_model_add(s, &child_columns, child_of(a, i), sizeof(struct child));
	ROW_MODEL_ALSO(s, child_at_columns, struct told_child, child_active(a, child_of(a, i)), child_doing(a, i), child_frame(a, child_of(a, i)));
}

static size_t child_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	const struct child *k = child_of(a, i);
	const char *g = pool_printf(p, "g%" PRIu64, k->id);

	out[0] = (struct list_text){NULL, k->func};
	out[1] = (struct list_text){"id", g + 1};
	out[2] = (struct list_text){NULL, g};
	out[3] = (struct list_text){"=alive", child_active(a, k) ? g : NULL};
	out[4] = (struct list_text){"state", child_doing(a, i)};
	out[5] = (struct list_text){NULL, child_frame(a, k) ? child_frame(a, k)->func : NULL};
	return 6;
}

static int64_t by_id(const struct session *a, size_t x, size_t y)
{
	return child_of(a, x)->id < child_of(a, y)->id ? -1 : child_of(a, x)->id > child_of(a, y)->id;
}

static int64_t by_first(const struct session *a, size_t x, size_t y)
{
	return child_of(a, x)->first - child_of(a, y)->first;
}

static int64_t by_lived(const struct session *a, size_t x, size_t y)
{
	return child_of(a, y)->last - child_of(a, y)->first - (child_of(a, x)->last - child_of(a, x)->first);
}

static int64_t by_function(const struct session *a, size_t x, size_t y)
{
	return strcmp(child_of(a, x)->func ? child_of(a, x)->func : "", child_of(a, y)->func ? child_of(a, y)->func : "");
}

/* Those that are there first. */
static int64_t by_state(const struct session *a, size_t x, size_t y)
{
	const char *i = child_doing(a, x), *k = child_doing(a, y);

	return i && k ? strcmp(i, k) : (int64_t)!i - !k;
}

/* Who is there at T comes first: of a hundred that were, one may be. */
static int64_t by_there(const struct session *a, size_t x, size_t y)
{
	int64_t d = (int64_t)child_active(a, child_of(a, y)) - child_active(a, child_of(a, x));

	return d ? d : by_id(a, x, y);
}

static const struct list_sort child_sorts[] = {
	{"there at T", by_there}, {"state", by_state}, {"first seen", by_first}, {"lived", by_lived}, {"function", by_function}, {"number", by_id}, {NULL, NULL},
};
static bool child_accepts(const struct session *a, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	return g->passing && g->passing[i];
}

static const struct list_kind child_kind = {
	.what = "children", .columns = &child_columns, .tell = child_tell, .texts = child_texts, .accepts = child_accepts, .sorts = child_sorts,
};

struct told_stack { /* what only this view knows of one of its stacks */
	const struct own_stack *s;
};
GETTER(stack_first, struct told_stack, a_time(x->s->first))
GETTER(stack_last, struct told_stack, a_time(x->s->last))

static const struct column of_own_stack[] = {
	{"first", "FIRST", COLUMN_TIME, .get = stack_first}, {"last", "LAST", COLUMN_TIME, .get = stack_last},
};
static const struct columns own_stack_columns = COLUMNS(of_own_stack);

static void stack_tell(const struct session *a, struct row_model *s, size_t i)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct own_stack *x = &g->stacks[i];
	double share = g->samples ? (double)x->samples / g->samples : 0;
	const struct profile_line *line = memcpy(pool_alloc(&s->pool, sizeof *line),
						 &(struct profile_line){x->stack, x->state, x->samples, share}, sizeof *line);

	ROW_MODEL_ADD(s, line_columns, struct told_line, host_name(a, a->host), a->id, line);
	ROW_MODEL_ALSO(s, own_stack_columns, struct told_stack, x);
}

static const struct list_kind stack_kind = {.columns = &line_columns, .tell = stack_tell};

/* Who is there changes with T: the one that the keys are on stays selected. Else the first rows are seen. */
static void fill_children(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);
	size_t chosen = list_chosen(&g->list);

	list_fill(&g->list, a, &child_kind, g->n_children);
	if (g->pane != PANE_CHILDREN)
		list_begin(&g->list);
	for (size_t i = 0; g->pane == PANE_CHILDREN && i < g->list.n; i++)
		if (list_at(&g->list, i) == chosen)
			g->list.sel = i;
}

static void fill_lists(struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);

	g->stack.kind = &frame_kind;
	list_clamp(&g->stack, g->n_frames);
	g->stacks_list.kind = &stack_kind;
	list_clamp(&g->stacks_list, g->n_stacks < 10 ? g->n_stacks : 10);
	fill_children(a);
	events_fill(a);
	g->n_active = 0;
	for (size_t i = 0; i < g->n_children; i++)
		g->n_active += child_active(a, &g->children[i]);
}

static int goroutine_load(struct session *a, struct err *e)
{
	struct goroutine_view *g = goroutine_view_of(a);

	if (load_goroutine(a, e) < 0)
		return -1;
	fill_lists(a);
	if ((!has_family_pane(a) && g->pane == PANE_STACKS) || ((g->pane == PANE_EVENTS || g->pane == PANE_RAW) && g->lower != g->pane))
		g->pane = PANE_STACK;
	if (g->lower == PANE_SOURCE)
		source_load(a);
	if (g->lower == PANE_RAW)
		raw_load(a);
	return 0;
}

static struct list *goroutine_list(const struct session *a)
{
	struct goroutine_view *g = goroutine_view_of(a);

	switch (g->pane) {
	case PANE_CHILDREN: return &g->list;
	case PANE_EVENTS: return &g->events;
	case PANE_STACKS: return &g->stacks_list;
	case PANE_RAW: return &g->raw.list;
	default: return &g->stack;
	}
}

bool made_up(const struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	return g->found && query_is_grouped(a->q, g->life.host, g->life.epoch);
}

/* How long it has been so since then: by the samples, or by the dump's minutes when those know of more. */
static int64_t lasted_since(const struct session *a, const struct run *r, int64_t since)
{
	int64_t at = session_seen(a), seen = at - since, told = r->minutes > 0 ? (int64_t)r->minutes * 60000 - (r->to - at) : 0;

	return told > seen ? told : seen;
}

void add_state(const struct session *a, const struct run *r, struct buf *out)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	int64_t lasted = lasted_since(a, r, r->from);
	bool ran = r->moved_proof && r->moved != NO_TIME, later = ran && r->moved > session_seen(a);
	char d[TIME_MAX];

	buf_adds(out, r->state);
	if (r->wait_object && r->family != FAM_IO) /* 6 goes to it; before what grows, which moves all behind it */
		buf_addf(out, " on 0x%" PRIx64, r->wait_object);
	if (ran && !later)
		buf_addf(out, " for %s, on and off", duration_format(d, lasted_since(a, r, r->moved)));
	if (!lasted && r->from == g->life.first && g->life.before)
		return; /* one dump, and no minutes: nobody knows */
	buf_addf(out, r->family == FAM_RUNNING && lasted ? " at each look for %s" : " for %s", duration_bound(d, lasted < 1000 ? 0 : later ? '<' : query_age_bound(a->q, a->host, g->life.epoch, r->from), lasted));
}

static void summary_of_run(const struct session *a, const struct run *r, struct buf *out)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	buf_addf(out, ": g%" PRIu64 " ", a->id);
	add_state(a, r, out);
	buf_addf(out, ", sample %u of %u, %d changed %d new %d gone, children %zu, active %zu", g->sample, g->samples, g->changed, g->added,
		 g->gone, g->n_children, g->n_active);
}

void add_absence(const struct session *a, struct buf *out)
{
	const struct life *l = &goroutine_view_of(a)->life;
	char t[TIME_MAX], d[TIME_MAX];

	if (a->t < l->first)
		buf_addf(out, "not born yet, first seen %s, %s later", time_text(a, t, l->first, TIME_CLOCK), duration_format(d, l->first - a->t));
	else
		buf_addf(out, "%s, last seen %s, %s before", l->ended ? "gone" : "not seen", time_text(a, t, l->last, TIME_CLOCK), duration_format(d, a->t - l->last));
}

static void add_absent(const struct session *a, struct buf *out)
{
	buf_addf(out, ": g%" PRIu64 " is ", a->id);
	add_absence(a, out);
	buf_adds(out, a->t < goroutine_view_of(a)->life.first ? "; ] goes to that" : "; [ goes back to that");
}

static void goroutine_summary(const struct session *a, struct buf *out)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct run *r = g->found && g->run >= 0 ? &g->life.runs[g->run] : NULL;

	add_where(a, out);
	if (!a->id)
		buf_adds(out, ": no goroutine is chosen");
	else if (!g->found)
		buf_addf(out, ": g%" PRIu64 " is not in its history", a->id);
	else if (!r && !a->known.known)
		buf_addf(out, ": g%" PRIu64 " is not known then", a->id);
	else if (!r)
		add_absent(a, out);
	else
		summary_of_run(a, r, out);
	if (r && g->life.parent)
		buf_addf(out, ", parent g%" PRIu64, g->life.parent);
}

/* --- actions --- */

/* Does run i begin another state, or another stack? */
static bool is_change(const struct life *l, size_t i, bool state)
{
	return i == 0 || (state ? l->runs[i].state != l->runs[i - 1].state : l->runs[i].stack != l->runs[i - 1].stack);
}

static void to_change(struct session *a, int dir, bool state)
{
	const struct life *l = &goroutine_view_of(a)->life;
	int64_t best = NO_TIME;

	if (dir < 0 && a->t > l->last) { /* that it went is a change, too */
		set_time(a, l->last);
		return;
	}
	for (size_t i = 0; i < l->n; i++) {
		int64_t from = l->runs[i].from;

		if (!is_change(l, i, state) || (dir > 0 ? from <= a->t : from >= a->t))
			continue;
		best = from;
		if (dir > 0)
			break;
	}
	if (best == NO_TIME)
		say(a, "no %s change %s", state ? "state" : "stack", dir < 0 ? "before" : "after");
	else
		set_time(a, best);
}

/* In its pane, or at T; 0 none. */
static uint32_t selected_stack(const struct goroutine_view *g)
{
	if (!g->found)
		return 0;
	if (g->pane == PANE_STACKS && g->stacks_list.sel < g->n_stacks)
		return g->stacks[g->stacks_list.sel].stack;
	return g->run >= 0 ? g->life.runs[g->run].stack : 0;
}

/* To where it takes the selected stack again, or took it before: a stack is one occurrence until another comes. */
static void to_occurrence(struct session *a, int dir)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct life *l = &g->life;
	uint32_t want = selected_stack(g);
	unsigned n = 0, at = 0;
	int64_t best = NO_TIME;

	if (!g->found)
		return;
	for (size_t i = 0; i < l->n; i++) {
		int64_t from = l->runs[i].from;

		if (l->runs[i].stack != want || !is_change(l, i, false))
			continue;
		n++;
		if (dir > 0 ? from > a->t && best == NO_TIME : from < a->t) {
			best = from;
			at = n;
		}
	}
	if (best == NO_TIME) {
		say(a, "it has this stack %u time%s, none of them %s", n, n == 1 ? "" : "s", dir < 0 ? "before" : "after");
		return;
	}
	a->playing = a->follow = false;
	set_time(a, best);
	say(a, "occurrence %u of %u of this stack", at, n);
}

static void to_child(struct session *a, int dir)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	int64_t best = NO_TIME;

	for (size_t i = 0; i < g->n_children; i++) {
		int64_t at[2] = {g->children[i].first, g->children[i].last};

		for (int k = 0; k < 2; k++) {
			if (dir > 0 ? at[k] <= a->t : at[k] >= a->t)
				continue;
			if (best == NO_TIME || (dir > 0 ? at[k] < best : at[k] > best))
				best = at[k];
		}
	}
	if (best == NO_TIME)
		say(a, "no child starts or ends %s", dir < 0 ? "before" : "after");
	else
		set_time(a, best);
}

static void open_parent(struct session *a)
{
	const struct life *l = &goroutine_view_of(a)->life;
	struct life parent;
	struct pool p = {0};
	struct err e = {0};

	if (!goroutine_view_of(a)->found || !l->parent) {
		say(a, "the dump names no parent");
		return;
	}
	if (query_goroutine(a->q, &(struct life_question){a->host, l->epoch, l->parent, NO_TIME}, &p, &parent, &e) == 1) {
		uint32_t epoch = l->epoch;

		go_goroutine(a, l->parent);
		a->epoch = epoch;
	} else {
		say(a, "parent g%llu ended before it was ever seen", (unsigned long long)l->parent);
	}
	pool_release(&p);
}

static void to_sibling(struct session *a, int dir)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	size_t to = g->self + (size_t)dir; /* below the first: wraps to a number that is too high */

	if (!g->found || to >= g->n_siblings) {
		say(a, "no sibling that way");
		return;
	}
	a->id = g->siblings[to].id;
	a->epoch = g->life.epoch;
}

static void goroutine_open(struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	uint32_t epoch = g->life.epoch;

	if (!g->found)
		return;
	if (g->pane == PANE_EVENTS) {
		events_open(a);
	} else if (g->pane == PANE_CHILDREN && g->list.n) {
		go_goroutine(a, g->children[list_chosen(&g->list)].id);
		a->epoch = epoch;
	} else if (g->pane == PANE_STACKS) {
		to_occurrence(a, 1);
	} else if (g->pane == PANE_STACK && g->stack.sel < g->n_frames && frame_at(a, g->stack.sel)->f->func_id) { /* 0: left out by Go */
		snprintf(a->func.pattern, sizeof a->func.pattern, "^%s$", frame_at(a, g->stack.sel)->f->func);
		a->func.regex = false;
		a->func.scope = frame_at(a, g->stack.sel)->created ? IN_CREATOR : IN_ANY_FRAME;
		go_view(a, VIEW_FUNCTIONS);
	}
}

/* Those on the screen, in the order of the keys: how many. */
static int panes(const struct session *a, enum goroutine_pane *out)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	bool family = has_family_pane(a);
	int n = 0;

	out[n++] = PANE_STACK;
	if (g->lower == PANE_EVENTS || g->lower == PANE_RAW)
		out[n++] = g->lower;
	else if (family && !has_lower_pane(g))
		out[n++] = PANE_STACKS;
	if (family || (!g->hide_children && !has_lower_pane(g)))
		out[n++] = PANE_CHILDREN;
	return n;
}

static void next_pane(struct session *a, int dir)
{
	struct goroutine_view *g = goroutine_view_of(a);
	enum goroutine_pane order[3];
	int n = panes(a, order), at = 0;

	for (int i = 0; i < n; i++)
		at = order[i] == g->pane ? i : at;
	g->pane = order[(at + dir + n) % n];
}

/* The lower pane has events, the source or the dump's text; the same key again: what it has as ever. */
static void lower_pane(struct session *a, enum goroutine_pane what)
{
	struct goroutine_view *g = goroutine_view_of(a);

	g->lower = g->lower == what || !g->found ? PANE_STACK : what;
	g->pane = g->lower == PANE_SOURCE ? PANE_STACK : g->lower;
	if (g->lower == PANE_EVENTS)
		events_begin(a);
}

/* View 2 with the stack at T alone, open. */
static void who_else(struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	char stack[32];

	if (!g->found || g->run < 0)
		return;
	a->groups.asked = a->groups.open = true;
	a->groups.by = BY_STACK;
	go_view(a, VIEW_HOST);
	snprintf(stack, sizeof stack, "stack:%u", g->life.runs[g->run].stack);
	narrow_to(a, stack);
}

/* What moves T; each takes time in hand. */
static bool jump(struct session *a, enum action action)
{
	static const struct { enum action action; int dir; char to; } jumps[] = {
		{ACT_PREV_CHANGE, -1, 'k'}, {ACT_NEXT_CHANGE, 1, 'k'}, {ACT_PREV_STATE, -1, 's'},
		{ACT_NEXT_STATE, 1, 's'},   {ACT_PREV_CHILD, -1, 'c'}, {ACT_NEXT_CHILD, 1, 'c'},
	};

	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		if (jumps[i].action != action)
			continue;
		if (!goroutine_view_of(a)->found)
			return jumps[i].to != 'k';
		a->playing = a->follow = false;
		if (jumps[i].to == 'c')
			to_child(a, jumps[i].dir);
		else
			to_change(a, jumps[i].dir, jumps[i].to == 's');
		return true;
	}
	return false;
}

static bool goroutine_act(struct session *a, enum action action)
{
	struct goroutine_view *g = goroutine_view_of(a);

	if (jump(a, action))
		return true;
	switch (action) {
	case ACT_PARENT: open_parent(a); return true;
	case ACT_CHILDREN: g->hide_children = !g->hide_children; g->pane = g->lower = PANE_STACK; return true;
	case ACT_EVENTS: lower_pane(a, PANE_EVENTS); return true;
	case ACT_SOURCE: lower_pane(a, PANE_SOURCE); return true;
	case ACT_RAW: lower_pane(a, PANE_RAW); return true;
	case ACT_SORT:
	case ACT_REVERSE: return !goroutine_list(a)->kind->sorts && list_act(a, &g->list, action); /* frames have an order: children are meant */
	case ACT_NEXT_SIBLING: to_sibling(a, 1); return true;
	case ACT_PREV_SIBLING: to_sibling(a, -1); return true;
	case ACT_ROOT_FIRST: a->leaf_first = !a->leaf_first; return true;
	case ACT_NEXT_PANE: next_pane(a, 1); return true;
	case ACT_PREV_PANE: next_pane(a, -1); return true;
	case ACT_OPEN: goroutine_open(a); return true;
	case ACT_NEXT_MATCH: to_occurrence(a, 1); return true;
	case ACT_PREV_MATCH: to_occurrence(a, -1); return true;
	case ACT_WHO_ELSE: who_else(a); return true;
	case ACT_EDIT_FRAME: a->then = ACT_EDIT; return true;
	default: return false;
	}
}

/* Among a goroutine's stacks n and N go to when it had the selected one. */
static bool goroutine_walks(const struct session *a)
{
	return goroutine_view_of(a)->pane == PANE_STACKS;
}

/* The next sample at which it has another run. */
static bool goroutine_next_change(const struct session *a, int64_t *t)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	long i = g->found ? life_run_at(&g->life, a->t) : -1;

	if (i < 0 || (size_t)i + 1 >= g->life.n)
		return false;
	*t = g->life.runs[i + 1].from;
	return true;
}

/* Rows of frames, of events and of stacks have functions; what the dump says is itself. Children have numbers. */
static void copy_found_by(const struct session *a, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct frame *f = NULL;
	char func[512];

	if (g->pane == PANE_STACK && g->stack.sel < g->n_frames)
		f = frame_at(a, g->stack.sel)->f;
	else if (g->pane == PANE_EVENTS)
		f = events_frame(a);
	if (f && f->func)
		copy_name(b, f->func);
	else if (g->pane == PANE_STACKS && g->stacks_list.n)
		copy_name(b, query_short(func, sizeof func, stack_user_frame(query_stack(a->q, selected_stack(g)))->func));
	else if (g->pane == PANE_RAW && g->raw.list.n)
		buf_add(b, g->raw.lines[g->raw.list.sel].p, g->raw.lines[g->raw.list.sel].n);
}

/* Of the selected child or stack, or of the goroutine itself, whose frames the rows are. */
static void goroutine_copy(const struct session *a, int what, struct buf *b)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	const struct child *k = g->pane == PANE_CHILDREN && g->list.n ? &g->children[list_chosen(&g->list)] : NULL;
	uint32_t stack = k ? k->stack : selected_stack(g);

	if (!g->found)
		return;
	if (what == 'n')
		copy_found_by(a, b);
	else if (what == 'i')
		copy_id(b, k ? k->id : a->id);
	else if (what == 's' && stack)
		copy_stack(a, b, stack, k ? k->id : a->id, k || g->run < 0 ? NULL : g->life.runs[g->run].state);
	else if (what == 'l' && g->pane == PANE_STACK && g->stack.sel < g->n_frames)
		copy_frame(b, frame_at(a, g->stack.sel)->f);
	else if (what == 'l' && k)
		copy_frame(b, &query_stack(a->q, stack)->created);
	else if (what == 'l' && stack)
		copy_frame(b, stack_user_frame(query_stack(a->q, stack)));
}

static void goroutine_release(void *state)
{
	struct goroutine_view *g = state;

	pool_release(&g->pool);
	memo_drop(&g->life_memo);
	memo_drop(&g->at_memo);
	list_release(&g->list);
	list_release(&g->events);
	source_release(&g->source);
	raw_release(&g->raw);
}

const struct view goroutine_view_ops = {
	.name = "goroutine",
	.tab = "Gor",
	.wide_tab = "Goroutine",
	.panes = true,
	.scrolls = true,
	.doubles = true,
	.keys = AT_GOROUTINE,
	.size = sizeof(struct goroutine_view),
	.release = goroutine_release,
	.load = goroutine_load,
	.draw = draw_goroutine,
	.act = goroutine_act,
	.list = goroutine_list,
	.summary = goroutine_summary,
	.copy = goroutine_copy,
	.walks = goroutine_walks,
	.next_change = goroutine_next_change,
	.hints = "Space play < > speed h/l step [ ] change { } state ( ) child E events v source",
	.wide_hints = "Space play  < > speed  [ ] change  { } state  ( ) child  t goto  x pin  d base  p parent  J/K sibling  E events  v source  e edit  Tab pane  q back  ? help",
};
