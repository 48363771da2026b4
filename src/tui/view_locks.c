/* SPDX-License-Identifier: MIT */
/* View 6: what the chosen host's goroutines wait for at T, object by object, and who seems to hold it. */
#include "copy.h"
#include "draw.h"
#include "narrow.h"
#include "row_model.h"
#include "view_goroutine.h"
#include "view_locks.h"
#include <gscrape/holder.h>
#include <inttypes.h>
#include <stdio.h>

/* Every connection at rest is a descriptor that one waits for. */
static bool is_at_rest(const struct waiters *w)
{
	return w->count == 1 && strcmp(w->what, "network descriptor") == 0;
}

/* As it was recorded; of a store that does not have it the dump of T is read where it still is, and not for each frame of a playback. */
static int ask_holders(struct session *a, struct lock_view *l, struct waiters *w, size_t n, struct err *e)
{
	const struct tui_options *o = a->o;
	const struct host *h = chosen_host(a);
	struct held_lock *held;
	struct buf text = {0};
	size_t n_held;
	int rc = query_held(a->q, &(struct moment){a->host, a->t}, &l->memo.pool, &held, &n_held, e);

	l->read = rc == 1;
	if (!rc && !a->playing && o->dump_text && h && a->known.known && o->dump_text(o->dump_ctx, h->name, a->known.text.time, &text)) {
		l->read = true;
		dump_held_locks((struct str){text.p, text.n}, &l->memo.pool, &held, &n_held);
	}
	if (l->read)
		waiters_held(w, n, held, n_held);
	buf_release(&text);
	return rc < 0 ? -1 : 0;
}

static int ask_queues(struct session *a, struct err *e)
{
	struct lock_view *l = lock_view_of(a);
	struct memo_key k = {.host = a->host, .what = {a->where_no, a->playing}, .from = a->from, .to = a->t, .version = session_version(a)};
	struct waiters_question ask = {.w = {.host = a->host, .from = a->from, .to = a->t}, .where = a->where};
	struct waiters *all;
	size_t n;

	if (memo_holds(&l->memo, &k))
		return 0;
	l->n = l->resting = 0;
	l->queues = NULL;
	if (!a->host)
		return 0;
	if (query_waiters(a->q, &ask, &l->memo.pool, &all, &n, e) < 0) {
		memo_drop(&l->memo);
		return -1;
	}
	l->queues = pool_alloc(&l->memo.pool, (n + 1) * sizeof *l->queues);
	for (size_t i = 0; i < n; i++) {
		if (is_at_rest(&all[i]))
			l->resting++;
		else
			l->queues[l->n++] = all[i];
	}
	if (ask_holders(a, l, l->queues, l->n, e) < 0) {
		memo_drop(&l->memo);
		return -1;
	}
	return 0;
}

/* --- the rows --- */

static const struct waiters *queue_at(const struct session *a, size_t i)
{
	return &lock_view_of(a)->queues[i];
}

static size_t queue_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	const struct waiters *w = queue_at(a, i);

	out[0] = (struct list_text){"state", w->state};
	out[1] = (struct list_text){NULL, w->what};
	out[2] = (struct list_text){NULL, waiters_where(w, pool_alloc(p, 300), 300)};
	out[3] = (struct list_text){NULL, w->n_sites ? w->sites[0].created.func : NULL};
	out[4] = (struct list_text){NULL, w->n_sites ? w->sites[0].top.func : NULL};
	out[5] = (struct list_text){"holder", w->holder ? pool_printf(p, "%" PRIu64, w->holder) : NULL};
	return 6;
}

static void queue_tell(const struct session *a, struct row_model *s, size_t i)
{
	row_model_add(s, &waiters_columns, queue_at(a, i), sizeof(struct waiters));
}

static int64_t by_count(const struct session *a, size_t x, size_t y)
{
	return (int64_t)queue_at(a, y)->count - queue_at(a, x)->count;
}

static int64_t by_oldest(const struct session *a, size_t x, size_t y)
{
	return queue_at(a, x)->oldest - queue_at(a, y)->oldest;
}

static int64_t by_what(const struct session *a, size_t x, size_t y)
{
	return strcmp(queue_at(a, x)->what, queue_at(a, y)->what);
}

static const struct list_sort queue_sorts[] = {{"waiters", by_count}, {"oldest", by_oldest}, {"what", by_what}, {NULL, NULL}};
static const struct list_kind queue_kind = {
	.what = "locks", .columns = &waiters_columns, .tell = queue_tell, .texts = queue_texts, .sorts = queue_sorts,
};

/* --- the view --- */

/* From view 3 it is what the goroutine waits for that is looked at. */
static void locks_enter(struct session *a)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	struct lock_view *l = lock_view_of(a);
	const struct run *r = a->view == VIEW_GOROUTINE && g->found && g->run >= 0 ? &g->life.runs[g->run] : NULL;

	l->object = r ? r->wait_object : 0;
	l->place = r && !r->wait_object && r->family == FAM_LOCK ? stack_user_frame(query_stack(a->q, r->stack)) : NULL;
}

static bool is_wanted(const struct lock_view *l, const struct waiters *w)
{
	if (l->object)
		return w->object == l->object;
	return l->place && !w->object && w->place.func_id == l->place->func_id && w->place.line == l->place->line;
}

static void select_object(const struct session *a, struct lock_view *l)
{
	for (size_t i = 0; (l->object || l->place) && i < l->list.n; i++)
		if (is_wanted(l, queue_at(a, list_at(&l->list, i))))
			l->list.sel = i;
	l->object = 0;
	l->place = NULL;
}

const struct waiters *lock_selected(const struct session *a)
{
	const struct lock_view *l = lock_view_of(a);

	return l->list.n ? queue_at(a, list_chosen(&l->list)) : NULL;
}

/* The host's chart tells what is known of each column; before a restart an address meant something else. */
static void take_lengths(struct lock_view *l, const uint32_t *length, size_t n)
{
	l->over_max = 0;
	for (size_t i = 0; i < n; i++) {
		struct bucket *b = &l->over[i];

		if (b->epoch)
			for (size_t k = 0; k < i; k++)
				l->over[k].has_value = l->over[k].gap = l->over[k].epoch = false;
		b->min = b->max = length[i];
		l->over_max = b->has_value && length[i] > l->over_max ? length[i] : l->over_max;
	}
}

/* How the queue of the selected object went, up to T. */
static int ask_over(struct session *a, uint64_t object, struct err *e)
{
	struct lock_view *l = lock_view_of(a);
	int n = column_of(a, a->t, l->over_w) + 1;
	struct window up_to_t = {a->host, a->from, a->t, (size_t)n};
	struct waiters_question ask = {.w = up_to_t, .where = a->where, .object = object};
	struct waiters *all;
	size_t found, i = 0;

	if (n <= 0 || a->t <= a->from)
		return 0;
	l->over = pool_alloc(&l->over_memo.pool, (size_t)l->over_w * sizeof *l->over);
	if (query_chart(a->q, &up_to_t, l->over, e) < 0 || query_waiters(a->q, &ask, &l->over_memo.pool, &all, &found, e) < 0)
		return -1;
	while (i < found && all[i].object != object)
		i++;
	if (i < found && all[i].over)
		take_lengths(l, all[i].over, (size_t)n);
	else
		l->over = NULL;
	return 0;
}

static bool is_listed(const struct session *a, uint64_t object)
{
	const struct lock_view *l = lock_view_of(a);

	for (size_t i = 0; object && i < l->n; i++)
		if (l->queues[i].object == object)
			return true;
	return false;
}

static int load_over(struct session *a, struct err *e)
{
	struct lock_view *l = lock_view_of(a);
	const struct waiters *w = lock_selected(a);
	struct memo_key k = {.host = a->host, .what = {a->where_no}, .from = a->from, .to = a->t, .w = a->w - 8, .version = session_version(a)};

	if (!a->moving || !is_listed(a, l->over_of))
		l->over_of = w ? w->object : 0;
	k.id = l->over_of;
	if (memo_holds(&l->over_memo, &k))
		return 0;
	l->over = NULL;
	l->over_w = a->w - 8;
	if (!l->over_of || l->over_w < 1 || ask_over(a, l->over_of, e) == 0)
		return 0;
	memo_drop(&l->over_memo);
	l->over = NULL;
	return -1;
}

static int locks_load(struct session *a, struct err *e)
{
	struct lock_view *l = lock_view_of(a);

	if (ask_queues(a, e) < 0)
		return -1;
	list_fill(&l->list, a, &queue_kind, l->n);
	select_object(a, l);
	return load_over(a, e);
}

static struct list *locks_list(const struct session *a)
{
	return &lock_view_of(a)->list;
}

/* View 2, of those who wait for it alone. */
static void open_waiters(struct session *a, const struct waiters *w)
{
	struct buf filter = {0};

	a->groups.asked = true;
	a->groups.open = false;
	a->groups.by = BY_NONE;
	go_view(a, VIEW_HOST);
	buf_addf(&filter, "wait_object == 0x%" PRIx64, w->object);
	if (!w->object) { /* by the line where they wait */
		buf_reset(&filter);
		buf_adds(&filter, "wait_object == 0 and family == lock and ");
		narrow_add_frame(a, &filter, "top", &w->place);
	}
	buf_putc(&filter, '\0');
	narrow_to(a, filter.p);
	buf_release(&filter);
}

static void open_holder(struct session *a, const struct waiters *w)
{
	if (w->holder)
		go_goroutine(a, w->holder);
	else
		say(a, "nobody is seen to hold it");
}

static bool locks_act(struct session *a, enum action action)
{
	const struct waiters *w = lock_selected(a);

	switch (action) {
	case ACT_OPEN:
		if (w)
			open_waiters(a, w);
		return true;
	case ACT_HOLDER:
		if (w)
			open_holder(a, w);
		return true;
	default:
		return false;
	}
}

/* Where those wait that are most: its place, its stack; as a name the address. */
static void locks_copy(const struct session *a, int what, struct buf *b)
{
	const struct waiters *w = lock_selected(a);
	char where[300];

	if (w && what == 'i')
		buf_adds(b, waiters_where(w, where, sizeof where));
	else if (w && w->n_sites && what == 's')
		copy_stack(a, b, w->sites[0].stack, 0, NULL);
	else if (w && w->n_sites && what == 'l')
		copy_frame(b, w->sites[0].top.func ? &w->sites[0].top : &w->sites[0].created);
}

static void locks_release(void *state)
{
	struct lock_view *l = state;

	memo_drop(&l->memo);
	memo_drop(&l->over_memo);
	list_release(&l->list);
}

static void locks_summary(const struct session *a, struct buf *out)
{
	const struct lock_view *l = lock_view_of(a);

	add_where(a, out);
	buf_addf(out, ": %zu thing%s waited for, and %zu connection%s at rest", l->list.n, l->list.n == 1 ? " is" : "s are", l->resting,
		 l->resting == 1 ? " is" : "s are");
}

const struct view lock_view_ops = {
	.name = "locks",
	.tab = "Lock",
	.wide_tab = "Locks",
	.keys = AT_LOCKS,
	.size = sizeof(struct lock_view),
	.release = locks_release,
	.enter = locks_enter,
	.load = locks_load,
	.draw = draw_lock_view,
	.act = locks_act,
	.list = locks_list,
	.summary = locks_summary,
	.copy = locks_copy,
	.follows = true,
	.hints = "Enter waiters  p holder  s sort  h/l T  & filter  y yank  q back  ? help",
	.wide_hints = "Enter waiters   p holder   s sort   & filter   / search   h/l move T   W write   y yank   q back   ? help",
};
