/* SPDX-License-Identifier: MIT */
/* View 2, what it shows: one host's goroutines in groups, which open to their members. */
#include "copy.h"
#include "narrow.h"
#include "row_model.h"
#include "view_host.h"
#include <gscrape/system.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define NEAR 120    /* rows around the selected one whose lives are looked up: more than a screen has */
#define PARENTS 256 /* that are told apart */

#define SHOWN_MEMBERS 3 /* of an open group; Enter lists them all */
#define ALL_MEMBERS 200 /* as many as that */

const struct alive *host_member(const struct host_view *h, uint64_t id)
{
	size_t lo = 0, hi = h->n_alive;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (h->alive[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->n_alive && h->alive[lo].id == id ? &h->alive[lo] : NULL;
}

bool group_is_open(const struct host_view *h, const struct group *g)
{
	for (size_t i = 0; i < h->n_open; i++)
		if (h->open[i] == g->key)
			return !h->all_open;
	return h->all_open;
}

static void toggle_group(struct host_view *h, const struct group *g)
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

/* --- the groups: which pass, in which order --- */

static const struct group *group_at(const struct session *a, size_t i)
{
	return &host_view_of(a)->groups[i];
}

static size_t group_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	const struct group *g = group_at(a, i);

	out[0] = (struct list_text){NULL, g->name};
	out[1] = (struct list_text){NULL, g->top.func};
	out[2] = (struct list_text){"state", query_string(a->q, g->states[0].state)};
	out[3] = (struct list_text){"stack", pool_printf(p, "%" PRIu32, g->stack)};
	out[4] = (struct list_text){NULL, g->created.func};
	return 5;
}

static int text_order(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int64_t peak_of(const struct session *a, size_t i)
{
	const struct host_view *h = host_view_of(a);
	const struct activity *act = activity_of(h->activity, h->n_activity, h->groups[i].key);

	return act ? act->peak : 0;
}

/* Goroutines by their number, not by its text. */
static int64_t by_name(const struct session *a, size_t x, size_t y)
{
	uint64_t i = group_at(a, x)->ids[0], k = group_at(a, y)->ids[0];

	return host_view_of(a)->by == BY_NONE ? (i > k) - (i < k) : strcmp(group_at(a, x)->name, group_at(a, y)->name);
}

static int64_t by_count(const struct session *a, size_t x, size_t y)
{
	int64_t d = (int64_t)group_at(a, y)->count - group_at(a, x)->count;

	return d ? d : by_name(a, x, y);
}

static int64_t by_change(const struct session *a, size_t x, size_t y)
{
	return llabs(host_view_of(a)->deltas[y]) - llabs(host_view_of(a)->deltas[x]);
}

static int64_t by_oldest(const struct session *a, size_t x, size_t y)
{
	return group_at(a, x)->oldest - group_at(a, y)->oldest;
}

/* Who waits for longest first, who does not wait last. */
static int64_t by_waiting(const struct session *a, size_t x, size_t y)
{
	int64_t s = group_at(a, x)->waits, t = group_at(a, y)->waits;

	return s == NO_TIME || t == NO_TIME ? (int64_t)(s == NO_TIME) - (t == NO_TIME) : (s > t) - (s < t);
}

static int64_t by_state(const struct session *a, size_t x, size_t y)
{
	return strcmp(query_string(a->q, group_at(a, x)->states[0].state), query_string(a->q, group_at(a, y)->states[0].state));
}

static int64_t by_peak(const struct session *a, size_t x, size_t y)
{
	return peak_of(a, y) - peak_of(a, x);
}

static int64_t by_top(const struct session *a, size_t x, size_t y)
{
	return text_order(group_at(a, x)->top.func, group_at(a, y)->top.func);
}

static const struct list_sort group_sorts[] = {
	{"count", by_count}, {"change", by_change}, {"oldest", by_oldest}, {"state", by_state},
	{"peak", by_peak},   {"top", by_top},	    {"name", by_name},	   {"waiting", by_waiting}, {NULL, NULL},
};
#define SORT_OLDEST 2 /* of them */
#define SORT_WAITING 7

void host_begin_dump(struct session *a)
{
	host_view_of(a)->oldest_first = host_view_of(a)->failed_first = true;
}

/* Where no age is known the order stays that of numbers. */
static void sort_first(struct host_view *h)
{
	for (size_t i = 0; i < h->n_alive && h->oldest_first; i++)
		if (h->alive[i].bound != '?')
			h->order.sort = SORT_OLDEST;
	h->oldest_first = false;
}

bool host_has_failed(const struct session *a, const struct group *g)
{
	for (size_t i = 0; a->o->failed && i < g->count; i++)
		if (g->ids[i] == a->o->failed)
			return true;
	return false;
}

/* Whatever the order to begin with is by: that one is looked for. */
static void failed_first(const struct session *a, struct host_view *h)
{
	size_t *order = h->order.order;

	for (size_t i = 0; h->failed_first && i < h->order.n; i++) {
		size_t at = order[i];

		if (!host_has_failed(a, group_at(a, at)))
			continue;
		memmove(order + 1, order, i * sizeof *order);
		order[0] = at;
		return;
	}
}

bool host_tells_waits(const struct host_view *h)
{
	return h->order.sort == SORT_WAITING;
}

static const struct list_kind group_kind = {.texts = group_texts, .sorts = group_sorts};

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
static void keep_order(struct host_view *h)
{
	struct ranked *was = xcalloc(h->n_stood + 1, sizeof *was);
	size_t *rank = xcalloc(h->n_groups + 1, sizeof *rank), *order = h->order.order, n = h->order.n;

	for (size_t i = 0; i < h->n_stood; i++)
		was[i] = (struct ranked){h->stood[i], i};
	qsort(was, h->n_stood, sizeof *was, by_rank_key);
	for (size_t i = 0; i < n; i++) {
		struct ranked want = {.key = h->groups[order[i]].key}, *found;

		found = h->n_stood ? bsearch(&want, was, h->n_stood, sizeof *was, by_rank_key) : NULL;
		rank[order[i]] = found ? found->rank : h->n_stood + i;
	}
	sort_with(order, n, sizeof *order, by_rank, rank);
	free(rank);
	free(was);
}

static void remember_order(struct host_view *h)
{
	h->stood = xrealloc(h->stood, h->order.n + 1, sizeof *h->stood);
	h->n_stood = h->order.n;
	for (size_t i = 0; i < h->n_stood; i++)
		h->stood[i] = h->groups[h->order.order[i]].key;
}

/* --- lines --- */

/* The one that failed first, then by number. */
static void add_members(const struct session *a, struct host_view *h, const struct group *g, size_t shown)
{
	bool failed = host_has_failed(a, g);
	size_t from = h->n;

	if (failed)
		h->lines[h->n++] = (struct group_line){.a = host_member(h, a->o->failed), .g = g, .member = true};
	for (size_t k = 0; k < g->count && h->n - from < shown; k++)
		if (!failed || g->ids[k] != a->o->failed)
			h->lines[h->n++] = (struct group_line){.a = host_member(h, g->ids[k]), .g = g, .member = true};
	if (g->count > shown)
		h->lines[h->n++] = (struct group_line){.more = g->count - shown, .g = g, .member = true};
}

GETTER(line_change, struct group_line, a_number_if(x->known, x->delta))
GETTER(line_group, struct group_line, a_text(x->g->name))

static const struct column of_group_line[] = {{"change", "CHANGE", COLUMN_NET, .get = line_change}};
static const struct columns group_line_columns = COLUMNS(of_group_line);
static const struct column of_member[] = {{"group", NULL, COLUMN_TEXT, .get = line_group}};
static const struct columns member_columns = COLUMNS(of_member);

static void line_tell(const struct session *a, struct row_model *s, size_t i)
{
	const struct group_line *l = &host_view_of(a)->lines[i];
	const char *host = host_name(a, a->host);

	if (l->more || (!l->a && l->member)) {
		row_model_blank(s);
	} else if (l->a) {
		ROW_MODEL_ADD(s, goroutine_columns, struct told_goroutine, host, l->a, NULL, NO_TIME);
		row_model_also(s, &member_columns, l, sizeof *l);
	} else {
		ROW_MODEL_ADD(s, group_columns, struct told_group, host, l->g, NULL, session_seen(a));
		row_model_also(s, &group_line_columns, l, sizeof *l);
	}
}

static const struct list_kind line_kind = {.columns = &group_columns, .tell = line_tell};

static void make_lines(struct session *a)
{
	struct host_view *h = host_view_of(a);
	size_t cap = h->n_groups;

	list_fill(&h->order, a, &group_kind, h->n_groups);
	failed_first(a, h);
	if (a->playing)
		keep_order(h);
	else
		remember_order(h);
	for (size_t i = 0; i < h->order.n; i++) {
		const struct group *g = group_at(a, list_at(&h->order, i));

		cap += group_is_open(h, g) ? (g->count < ALL_MEMBERS ? g->count : ALL_MEMBERS) + 1 : 0;
	}
	h->lines = pool_alloc(&h->pool, (cap + 1) * sizeof *h->lines);
	h->n = 0;
	for (size_t i = 0; i < h->order.n; i++) {
		const struct group *g = group_at(a, list_at(&h->order, i));

		h->lines[h->n++] = (struct group_line){.g = g, .delta = h->deltas[list_at(&h->order, i)], .known = h->deltas_known,
						       .a = h->by == BY_NONE ? host_member(h, g->ids[0]) : NULL,
						       .activity = activity_of(h->activity, h->n_activity, g->key)};
		if (h->by != BY_NONE && group_is_open(h, g))
			add_members(a, h, g, h->order.n == 1 ? ALL_MEMBERS : SHOWN_MEMBERS);
	}
	h->list.kind = &line_kind;
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
	int rc = query_diff(a->q, &(struct diff_question){.host = a->host, .from = h->delta_from, .to = a->t, .by = h->by, .where = a->where}, &p, &m, &n, e);

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
	return query_activity(a->q, &(struct activity_question){{a->host, a->from, a->to, (size_t)(w ? w : 1)}, h->by, 0, NULL},
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
	struct memo_key k = {.host = a->host, .what = {h->by, a->where_no}, .from = h->delta_from, .to = a->t, .version = session_version(a)};
	int rc;

	if (memo_holds(&h->alive_memo, &k))
		return 0;
	h->groups = NULL;
	h->n_groups = h->n_alive = 0;
	rc = query_groups(a->q, &(struct group_question){{a->host, a->t}, h->by, a->where}, &h->alive_memo.pool, &h->groups,
		&h->n_groups, e);
	if (!rc)
		rc = query_alive(a->q, &(struct moment){a->host, a->t}, &h->alive_memo.pool, &h->alive, &h->n_alive, e);
	if (!rc)
		rc = filter_alive(a->where, a->q, &(struct moment){a->host, a->t}, h->alive, &h->n_alive, e);
	if (!rc && h->by == BY_NONE)
		h->deltas = pool_alloc(&h->alive_memo.pool, (h->n_groups + 1) * sizeof *h->deltas);
	else if (!rc)
		rc = load_deltas(a, e);
	if (rc < 0)
		memo_drop(&h->alive_memo);
	return rc;
}

/* --- beyond the groups: the lives of goroutines on the screen, what the selected group has in common --- */

static const struct member_life *member_life(struct session *a, const struct alive *who)
{
	struct host_view *h = host_view_of(a);
	struct member_life *m;
	struct pool p = {0};
	struct life l;

	for (size_t i = 0; i < h->n_lives; i++)
		if (h->lives[i].id == who->id && h->lives[i].epoch == who->epoch)
			return &h->lives[i];
	if (h->n_lives == LIVES)
		return NULL;
	m = &h->lives[h->n_lives++];
	*m = (struct member_life){.id = who->id, .epoch = who->epoch, .first = who->first, .last = a->t};
	if (query_goroutine(a->q, &(struct life_question){a->host, who->epoch, who->id, NO_TIME}, &p, &l, NULL) == 1) {
		m->first = l.first;
		m->last = l.last;
		m->samples = query_samples(a->q, a->host, l.runs[0].from_seq, l.runs[l.n - 1].to_seq);
		for (size_t i = 1; i < l.n; i++)
			m->changes += l.runs[i].stack != l.runs[i - 1].stack;
	}
	pool_release(&p);
	return m;
}

static void load_member_lives(struct session *a)
{
	struct host_view *h = host_view_of(a);
	size_t from = h->list.sel > NEAR ? h->list.sel - NEAR : 0, to = h->list.sel + NEAR < h->n ? h->list.sel + NEAR : h->n;

	if (!h->lives)
		h->lives = xcalloc(LIVES, sizeof *h->lives);
	if (h->n_lives + 2 * NEAR > LIVES)
		h->n_lives = 0;
	for (size_t i = from; i < to; i++)
		if (h->lines[i].a)
			h->lines[i].life = member_life(a, h->lines[i].a);
}

/* Numbers (parents' ids, addresses), and how many members have each. */
struct shared {
	uint64_t id[PARENTS];
	uint32_t n[PARENTS];
	size_t len;
};

static void count_shared(struct shared *p, uint64_t id)
{
	size_t i = 0;

	while (i < p->len && p->id[i] != id)
		i++;
	if (i == PARENTS)
		return;
	if (i == p->len)
		p->id[p->len++] = id;
	p->n[i]++;
}

/* The most common one, which is counted no more after that. */
static uint64_t take_most(struct shared *p, uint32_t *n)
{
	size_t best = 0;

	for (size_t i = 1; i < p->len; i++)
		if (p->n[i] > p->n[best])
			best = i;
	*n = p->n[best];
	p->n[best] = 0;
	return p->id[best];
}

static void facts_parents(struct host_view *h, struct shared *p)
{
	h->facts.n_parents = (uint32_t)p->len;
	for (size_t k = 0; k < 3 && k < p->len; k++) {
		h->facts.parents[k].id = take_most(p, &h->facts.parents[k].n);
		h->facts.parents[k].alive = host_member(h, h->facts.parents[k].id) != NULL;
	}
}

static void facts_objects(struct group_facts *f, struct shared *o)
{
	for (size_t k = 0; k < 2 && k < o->len; k++)
		f->objects[k].address = take_most(o, &f->objects[k].n);
}

/* Which row it is, and where there is a pane for it what its group has in common. */
static void load_group_facts(struct host_view *h, bool all)
{
	const struct group *g = h->list.sel < h->n ? h->lines[h->list.sel].g : NULL;
	struct shared p = {.len = 0}, objects = {.len = 0};

	h->facts = (struct group_facts){.line = h->list.sel, .still_since = INT64_MAX};
	for (size_t i = 0; all && g && i < g->count; i++) {
		const struct alive *m = host_member(h, g->ids[i]);

		if (!m)
			continue;
		h->facts.dominant += m->stack == g->stack;
		if (m->since < h->facts.still_since) {
			h->facts.still_since = m->since;
			h->facts.still_id = m->id;
		}
		if (m->parent)
			count_shared(&p, m->parent);
		if (m->wait_object)
			count_shared(&objects, m->wait_object);
	}
	facts_parents(h, &p);
	facts_objects(&h->facts, &objects);
}

/* Another view asked for it: the groups of this kind, and all of them open. */
static void take_wish(struct session *a)
{
	struct host_view *h = host_view_of(a);

	h->by = a->groups.by;
	if (a->groups.open) {
		list_begin(&h->list);
		h->all_open = true;
		h->n_open = 0;
	}
	a->groups.asked = false;
}

static int host_load(struct session *a, struct err *e)
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
	h->delta_from = base.known ? base.text.time : base.t;
	h->deltas_known = base.known && base.text.seq != a->known.text.seq;
	if (load_alive(a, e) < 0 || load_activity(a, e) < 0)
		return -1;
	sort_first(h);
	make_lines(a);
	if (h->sorted)
		list_begin(&h->list);
	else
		choose_again(h, &was);
	h->sorted = false;
	load_member_lives(a);
	if (!a->moving || h->facts.line >= h->n)
		load_group_facts(h, host_facts_rows(a) > 0);
	return load_chart(a, e);
}

/* What befell the one dump, or what was odd about it. */
static void add_notice(const char *notice, struct buf *out)
{
	while (*notice) {
		struct str s = host_notice_line(&notice);

		buf_addf(out, ", %.*s", (int)s.n, s.p);
	}
}

static void host_summary(const struct session *a, struct buf *out)
{
	const struct host_view *h = host_view_of(a);

	add_where(a, out);
	if (is_one_dump(a) && a->o->notice)
		add_notice(a->o->notice, out);
	if (a->known.known)
		buf_addf(out, ": %zu goroutine%s in %zu group%s by %s", h->n_alive, h->n_alive == 1 ? "" : "s", h->n_groups, h->n_groups == 1 ? "" : "s",
			 group_by_name(h->by));
}

/* --- actions --- */

static struct list *host_list(const struct session *a)
{
	return &host_view_of(a)->list;
}

/* All members of a group, and no others: where its name alone would do for others, too, what makes it one. */
static void narrow_to_group(struct session *a, const struct group *g)
{
	enum group_by by = host_view_of(a)->by;
	struct buf filter = {0};

	if (by == BY_CREATED && g->created.func) {
		narrow_add_frame(a, &filter, "created_by", &g->created);
	} else if (by == BY_STATE) {
		buf_adds(&filter, "state == ");
		filter_add_value(&filter, query_string(a->q, g->states[0].state));
	} else if (by == BY_STACK) {
		buf_addf(&filter, "stack:%" PRIu32, g->stack);
	} else {
		buf_adds(&filter, g->name);
	}
	buf_putc(&filter, '\0');
	narrow_to(a, filter.p);
	buf_release(&filter);
}

static void host_open(struct session *a)
{
	struct host_view *h = host_view_of(a);
	const struct group_line *l = h->list.sel < h->n ? &h->lines[h->list.sel] : NULL;

	if (!l)
		return;
	if (l->more) {
		narrow_to_group(a, l->g);
		if (!group_is_open(h, l->g))
			toggle_group(h, l->g);
	} else if (l->a) {
		go_goroutine(a, l->a->id);
	} else if (l->g->count == 1) {
		go_goroutine(a, l->g->ids[0]);
	} else {
		toggle_group(h, l->g);
	}
}

/* By label only where somebody has one. */
static enum group_by next_grouping(const struct host_view *h)
{
	enum group_by next = (enum group_by)((h->by + 1) % BY_MAX);

	for (size_t i = 0; next == BY_LABEL && i < h->n_alive; i++)
		if (*h->alive[i].labels)
			return next;
	return next == BY_LABEL ? BY_CREATED : next;
}

static bool host_act(struct session *a, enum action action)
{
	struct host_view *h = host_view_of(a);

	switch (action) {
	case ACT_OPEN: host_open(a); return true;
	case ACT_GROUP_BY: h->by = next_grouping(h); list_begin(&h->list); return true;
	case ACT_EXPAND:
		if (h->list.sel < h->n)
			toggle_group(h, h->lines[h->list.sel].g);
		return true;
	case ACT_EXPAND_ALL: h->all_open = !h->all_open; h->n_open = 0; return true;
	case ACT_SORT: case ACT_REVERSE: h->sorted = h->list.sel == 0; h->failed_first = false; return list_act(a, &h->order, action);
	default: return false;
	}
}

/* Of a goroutine itself; of a group what its members have in common. */
static void host_copy(const struct session *a, int what, struct buf *b)
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

static void host_release(void *state)
{
	struct host_view *h = state;

	pool_release(&h->pool);
	memo_drop(&h->alive_memo);
	memo_drop(&h->act_memo);
	list_release(&h->order);
	free(h->open);
	free(h->stood);
	free(h->lives);
}

const struct view host_view_ops = {
	.name = "host",
	.tab = "Host",
	.wide_tab = "Host",
	.follows = true,
	.scrolls = true,
	.doubles = true,
	.keys = AT_HOST,
	.size = sizeof(struct host_view),
	.release = host_release,
	.load = host_load,
	.draw = draw_host_view,
	.act = host_act,
	.list = host_list,
	.summary = host_summary,
	.copy = host_copy,
	.hints = "Enter open  e expand  v group-by  s sort  & filter  Space play  q back  ? help",
	.wide_hints = "Enter open  e expand group  E all  v group-by  s sort  S reverse  & filter  / search  h/l time  Space play  x pin T as base  y yank  q back  ? help",
};
