/* SPDX-License-Identifier: MIT */
/* View 2, what it shows: one host's goroutines in groups, which open to their members. */
#include "copy.h"
#include "filter.h"
#include "view_host.h"
#include <gscrape/system.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define SHOWN_MEMBERS 3 /* of an open group; Enter lists them all */
#define ALL_MEMBERS 200 /* as many as that */

enum sort_by { SORT_COUNT, SORT_DELTA, SORT_OLDEST, SORT_STATE, SORT_PEAK, SORT_TOP, SORT_NAME, SORT_MAX };
static const char *const sort_names[SORT_MAX] = {"count", "change", "oldest", "state", "peak", "top", "name"};

const char *host_sort_name(const struct host_view *h)
{
	return sort_names[h->sort];
}

bool group_is_open(const struct host_view *h, const struct group *g)
{
	for (size_t i = 0; i < h->n_open; i++)
		if (h->open[i] == g->key)
			return !h->all_open;
	return h->all_open;
}

static void toggle(struct host_view *h, const struct group *g)
{
	for (size_t i = 0; i < h->n_open; i++) {
		if (h->open[i] == g->key) {
			h->open[i] = h->open[--h->n_open];
			return;
		}
	}
	GROW(h->open, h->n_open, h->cap_open);
	h->open[h->n_open++] = g->key;
}

static bool passes(const struct session *a, const struct group *g)
{
	char stack[16];
	struct filter_text t[] = {{NULL, g->name}, {NULL, g->top.func}, {"state", query_string(a->q, g->states[0].state)}, {"stack", stack},
				  {NULL, g->created.func}};

	if (!a->filter[0])
		return true;
	snprintf(stack, sizeof stack, "%" PRIu32, g->stack);
	return filter_passes(a, t, sizeof t / sizeof *t);
}

static int by_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int64_t peak_of(const struct host_view *h, const struct group *g)
{
	const struct activity *act = activity_of(h->activity, h->n_activity, g->key);

	return act ? act->peak : 0;
}

/* For sort_with(): the view's order. */
static int compare(const void *pa, const void *pb, void *ctx)
{
	struct session *a = ctx;
	const struct host_view *h = host_view_of(a);
	const struct group *x = &h->groups[*(const size_t *)pa], *y = &h->groups[*(const size_t *)pb];
	int64_t d = 0;

	switch (h->sort) {
	case SORT_DELTA: d = llabs(h->deltas[y - h->groups]) - llabs(h->deltas[x - h->groups]); break;
	case SORT_OLDEST: d = x->oldest < y->oldest ? -1 : x->oldest > y->oldest; break;
	case SORT_STATE: d = strcmp(query_string(a->q, x->states[0].state), query_string(a->q, y->states[0].state)); break;
	case SORT_PEAK: d = peak_of(h, y) - peak_of(h, x); break;
	case SORT_TOP: d = by_text(x->top.func, y->top.func); break;
	case SORT_NAME: d = strcmp(x->name, y->name); break;
	default: break;
	}
	if (!d)
		d = (int64_t)y->count - x->count;
	if (!d)
		d = strcmp(x->name, y->name);
	return h->reverse ? (d < 0) - (d > 0) : (d > 0) - (d < 0);
}

/* --- the order of rows while playing --- */

struct ranked {
	uint64_t key;
	size_t rank;
};

static int by_rank_key(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	return a->key < b->key ? -1 : a->key > b->key;
}

static int by_rank(const void *pa, const void *pb, void *ctx)
{
	const size_t *rank = ctx, x = *(const size_t *)pa, y = *(const size_t *)pb;

	return rank[x] < rank[y] ? -1 : rank[x] > rank[y];
}

/* Groups that stood somewhere stay there, those that are new come after them. */
static void keep_order(struct host_view *h, size_t *order, size_t n)
{
	struct ranked *was = xcalloc(h->n_order + 1, sizeof *was);
	size_t *rank = xcalloc(h->n_groups + 1, sizeof *rank);

	for (size_t i = 0; i < h->n_order; i++)
		was[i] = (struct ranked){h->order[i], i};
	qsort(was, h->n_order, sizeof *was, by_rank_key);
	for (size_t i = 0; i < n; i++) {
		struct ranked want = {.key = h->groups[order[i]].key}, *found;

		found = h->n_order ? bsearch(&want, was, h->n_order, sizeof *was, by_rank_key) : NULL;
		rank[order[i]] = found ? found->rank : h->n_order + i;
	}
	sort_with(order, n, sizeof *order, by_rank, rank);
	free(rank);
	free(was);
}

static void remember_order(struct host_view *h, const size_t *order, size_t n)
{
	h->order = xrealloc(h->order, n + 1, sizeof *h->order);
	h->n_order = n;
	for (size_t i = 0; i < n; i++)
		h->order[i] = h->groups[order[i]].key;
}

/* --- lines --- */

static void add_members(struct host_view *h, const struct group *g, size_t shown)
{
	for (size_t k = 0; k < g->count && k < shown; k++)
		h->lines[h->n++] = (struct group_line){.a = host_member(h, g->ids[k]), .g = g};
	if (g->count > shown)
		h->lines[h->n++] = (struct group_line){.more = g->count - shown, .g = g};
}

static void make_lines(struct session *a)
{
	struct host_view *h = host_view_of(a);
	size_t *order = xcalloc(h->n_groups + 1, sizeof *order), cap = h->n_groups, n = 0;

	for (size_t i = 0; i < h->n_groups; i++) {
		if (passes(a, &h->groups[i]))
			order[n++] = i;
		cap += group_is_open(h, &h->groups[i]) ? (h->groups[i].count < ALL_MEMBERS ? h->groups[i].count : ALL_MEMBERS) + 1 : 0;
	}
	sort_with(order, n, sizeof *order, compare, a);
	if (a->playing)
		keep_order(h, order, n);
	else
		remember_order(h, order, n);
	h->lines = pool_alloc(&h->pool, (cap + 1) * sizeof *h->lines);
	h->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct group *g = &h->groups[order[i]];

		h->lines[h->n++] = (struct group_line){.g = g, .delta = h->deltas[order[i]],
						       .a = h->by == BY_NONE ? host_member(h, g->ids[0]) : NULL,
						       .activity = activity_of(h->activity, h->n_activity, g->key)};
		if (h->by != BY_NONE && group_is_open(h, g))
			add_members(h, g, n == 1 ? ALL_MEMBERS : SHOWN_MEMBERS);
	}
	free(order);
	list_clamp(&h->list, h->n);
}

/* The selected row, to be found again when the rows have changed under it. */
struct chosen {
	uint64_t key, id;
	enum group_by by;
	size_t more;
	bool any;
};

static struct chosen chosen_row(const struct host_view *h)
{
	const struct group_line *l = h->list.sel < h->n ? &h->lines[h->list.sel] : NULL;

	return l ? (struct chosen){l->g->key, l->a ? l->a->id : 0, h->by, l->more, true} : (struct chosen){0};
}

static void choose_again(struct host_view *h, const struct chosen *was)
{
	if (!was->any || was->by != h->by)
		return;
	for (size_t i = 0; i < h->n; i++) {
		const struct group_line *l = &h->lines[i];

		if (l->g->key == was->key && (l->a ? l->a->id : 0) == was->id && !l->more == !was->more) {
			h->list.sel = i;
			return;
		}
	}
}

static int by_group_key(const void *pa, const void *pb)
{
	uint64_t a = moved_group(pa)->key, b = moved_group(pb)->key;

	return a < b ? -1 : a > b;
}

/* How many more or fewer each group has than at the base time: as the overview and --diff have it. */
static int load_deltas(struct session *a, struct err *e)
{
	struct host_view *h = host_view_of(a);
	struct pool p = {0};
	struct moved *m;
	size_t n;
	int rc = query_diff(a->q, &(struct diff_question){a->host, h->delta_from, a->t, h->by}, &p, &m, &n, e);

	h->deltas = pool_alloc(&h->alive_memo.pool, (h->n_groups + 1) * sizeof *h->deltas);
	if (!rc && n)
		qsort(m, n, sizeof *m, by_group_key);
	for (size_t i = 0; !rc && n && i < h->n_groups; i++) {
		const struct moved *found = bsearch(&(struct moved){.now = &h->groups[i]}, m, n, sizeof *m, by_group_key);

		h->deltas[i] = found ? found->net : 0;
	}
	pool_release(&p);
	return rc;
}

/* Activity is of the window, not of T: a step of T asks for nothing. */
static int load_activity(struct session *a, struct err *e)
{
	struct host_view *h = host_view_of(a);
	int w = host_activity_width(a);
	struct memo_key k = {.host = a->host, .from = a->from, .to = a->to, .version = session_version(a)};

	h->act_w = w;
	if (!memo_holds(&h->lives_memo, &k))
		h->n_lives = 0;
	k.what[0] = h->by;
	k.w = w;
	if (memo_holds(&h->act_memo, &k))
		return 0;
	h->activity = NULL;
	h->n_activity = 0;
	h->pieces = pool_alloc(&h->act_memo.pool, (size_t)(w + 1) * sizeof *h->pieces);
	if (w && query_chart(a->q, &(struct window){a->host, a->from, a->to, (size_t)w}, h->pieces, e) < 0)
		return -1;
	if (h->by == BY_NONE) /* a goroutine's own life tells */
		return 0;
	return query_activity(a->q, &(struct activity_question){{a->host, a->from, a->to, (size_t)(w ? w : 1)}, h->by},
		&h->act_memo.pool, &h->activity, &h->n_activity, e);
}

static int load_chart(struct session *a, struct err *e)
{
	struct host_view *h = host_view_of(a);

	h->chart_w = a->w - 8;
	h->chart = pool_alloc(&h->pool, (size_t)h->chart_w * sizeof *h->chart);
	if (query_chart(a->q, &(struct window){a->host, a->from, a->to, (size_t)h->chart_w}, h->chart, e) < 0)
		return -1;
	h->chart_max = 0;
	for (int i = 0; i < h->chart_w; i++)
		if (h->chart[i].has_value && h->chart[i].max > h->chart_max)
			h->chart_max = h->chart[i].max;
	return 0;
}

/* Who is alive at T, and how many there were at the time to compare with. A row down asks for nothing. */
static int load_alive(struct session *a, struct err *e)
{
	struct host_view *h = host_view_of(a);
	struct memo_key k = {.host = a->host, .what = {h->by}, .from = h->delta_from, .to = a->t, .version = session_version(a)};
	int rc;

	if (memo_holds(&h->alive_memo, &k))
		return 0;
	h->groups = NULL;
	h->n_groups = h->n_alive = 0;
	rc = query_groups(a->q, &(struct group_question){{a->host, a->t}, h->by}, &h->alive_memo.pool, &h->groups,
		&h->n_groups, e);
	if (!rc)
		rc = query_alive(a->q, &(struct moment){a->host, a->t}, &h->alive_memo.pool, &h->alive, &h->n_alive, e);
	if (!rc && h->by == BY_NONE)
		h->deltas = pool_alloc(&h->alive_memo.pool, (h->n_groups + 1) * sizeof *h->deltas);
	else if (!rc)
		rc = load_deltas(a, e);
	if (rc < 0)
		memo_drop(&h->alive_memo);
	return rc;
}

/* Another view asked for it: the groups of this kind, and all of them open. */
static void take_wish(struct session *a)
{
	struct host_view *h = host_view_of(a);

	h->by = a->groups.by;
	if (a->groups.open) {
		h->list = (struct list){0};
		h->all_open = true;
		h->n_open = 0;
	}
	a->groups.asked = false;
}

static int load(struct session *a, struct err *e)
{
	struct host_view *h = host_view_of(a);
	struct known base;
	struct chosen was;

	if (a->groups.asked)
		take_wish(a);
	was = chosen_row(h);
	pool_release(&h->pool);
	h->chart = NULL;
	h->n = 0;
	if (!a->host) {
		h->groups = NULL;
		h->n_groups = h->n_alive = 0;
		return 0;
	}
	if (session_base(a, a->host, &base, e) < 0)
		return -1;
	h->delta_from = base.t;
	h->deltas_known = base.known;
	if (load_alive(a, e) < 0 || load_activity(a, e) < 0)
		return -1;
	make_lines(a);
	choose_again(h, &was);
	load_member_lives(a);
	if (host_facts_rows(a) && (!a->moving || h->facts.line >= h->n))
		load_group_facts(h);
	return load_chart(a, e);
}

/* --- actions --- */

static struct list *list(const struct session *a)
{
	return &host_view_of(a)->list;
}

static void open_row(struct session *a)
{
	struct host_view *h = host_view_of(a);
	const struct group_line *l = h->list.sel < h->n ? &h->lines[h->list.sel] : NULL;

	if (!l)
		return;
	if (l->more) {
		snprintf(a->filter, sizeof a->filter, "%s", l->g->name);
		if (!group_is_open(h, l->g))
			toggle(h, l->g);
	} else if (l->a) {
		go_goroutine(a, l->a->id);
	} else if (l->g->count == 1) {
		go_goroutine(a, l->g->ids[0]);
	} else {
		toggle(h, l->g);
	}
}

static bool act(struct session *a, enum action action)
{
	struct host_view *h = host_view_of(a);

	switch (action) {
	case ACT_OPEN: open_row(a); return true;
	case ACT_GROUP_BY: h->by = (enum group_by)((h->by + 1) % BY_MAX); h->list = (struct list){0}; return true;
	case ACT_EXPAND:
		if (h->list.sel < h->n)
			toggle(h, h->lines[h->list.sel].g);
		return true;
	case ACT_EXPAND_ALL: h->all_open = !h->all_open; h->n_open = 0; return true;
	case ACT_SORT: h->sort = (h->sort + 1) % SORT_MAX; say(a, "sorted by %s", sort_names[h->sort]); return true;
	case ACT_REVERSE: h->reverse = !h->reverse; return true;
	default: return false;
	}
}

/* Of a goroutine itself; of a group what its members have in common. */
static void copy(const struct session *a, int what, struct buf *b)
{
	const struct host_view *h = host_view_of(a);
	const struct group_line *l = h->list.sel < h->n ? &h->lines[h->list.sel] : NULL;

	if (!l)
		return;
	if (what == 'i' && l->a)
		copy_id(b, l->a->id);
	else if (what == 'i')
		copy_name(b, l->g->name);
	else if (what == 's')
		copy_stack(a, b, l->a ? l->a->stack : l->g->stack, l->a ? l->a->id : 0, l->a ? l->a->state : NULL);
	else if (what == 'l' && l->a)
		copy_frame(b, stack_user_frame(query_stack(a->q, l->a->stack)));
	else if (what == 'l')
		copy_frame(b, h->by == BY_CREATED && l->g->created.func ? &l->g->created : &l->g->top);
}

static void release(void *state)
{
	struct host_view *h = state;

	pool_release(&h->pool);
	memo_drop(&h->alive_memo);
	memo_drop(&h->act_memo);
	free(h->open);
	free(h->order);
	free(h->lives);
}

const struct view host_view_ops = {
	.name = "host",
	.tab = "Host",
	.wide_tab = "Host",
	.follows = true,
	.keys = AT_HOST,
	.size = sizeof(struct host_view),
	.release = release,
	.load = load,
	.draw = draw_host_view,
	.act = act,
	.list = list,
	.sheet = sheet_of_host,
	.copy = copy,
	.hints = "Enter open  e expand  v group-by  s sort  & filter  Space play  q back  ? help",
	.wide_hints = "Enter open  e expand group  E all  v group-by  s sort  S reverse  & filter  / search  h/l time  Space play  x pin T as base  y yank  q back  ? help",
};
