/* SPDX-License-Identifier: MIT */
/*
 * Names that nobody uses any more go, while history is dropped. In rounds: what is kept is read, piece by piece, and each stack,
 * state and label in it is marked; then, by rising number, stacks without a mark go, then frames that no stack left has, then strings.
 * A batch that drops history does a share of it: sweep_share rows and events, whatever the store's size, and PER_DROPPED more for each
 * that it drops, so that names cannot come quicker than they go. What is written meanwhile marks what it names.
 *
 * A number that went is never given again: readers keep names by number. So the highest one of each kind stays, and which ones went
 * stands in the dictionary, as ranges: one that is missing and not among them is lost.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

#define PER_DROPPED 4
#define WORTH 8 /* a round begins when a share of what the last one cost has been dropped */

unsigned sweep_share = 1 << 18; /* some 20 ms */

static const char name_tags[NAME_KINDS] = {'K', 'F', 'S'};

/* --- sets of numbers --- */

bool numbers_have(const struct number_set *set, uint32_t no)
{
	return no / 64 < set->n && set->words[no / 64] >> no % 64 & 1;
}

static void numbers_add(struct number_set *set, uint32_t no)
{
	if (no / 64 >= set->n) {
		size_t n = no / 64 + set->n / 2 + 64;

		set->words = xrealloc(set->words, n, sizeof *set->words);
		memset(set->words + set->n, 0, (n - set->n) * sizeof *set->words);
		set->n = n;
	}
	set->count += !numbers_have(set, no);
	set->words[no / 64] |= (uint64_t)1 << no % 64;
}

/* None of from..to-1 is in it yet. A year's may be millions. */
static void numbers_add_range(struct number_set *set, uint32_t from, uint32_t to)
{
	while (from < to) {
		numbers_add(set, from);
		if (from % 64 == 0 && to - from >= 64) {
			set->words[from / 64] = UINT64_MAX;
			set->count += 63;
			from += 63;
		}
		from++;
	}
}

void numbers_release(struct number_set *set)
{
	free(set->words);
	*set = (struct number_set){0};
}

/* The first number from `no` on that is in the set, or is not; past its end that is `end`. */
static uint32_t numbers_next(const struct number_set *set, bool in, uint32_t no, uint32_t end)
{
	while (no < end) {
		uint64_t word = no / 64 < set->n ? set->words[no / 64] : 0;

		word = (in ? word : ~word) >> no % 64;
		if (word) {
			no += (uint32_t)__builtin_ctzll(word);
			return no < end ? no : end;
		}
		no = (no | 63) + 1;
	}
	return end;
}

/* --- those that went, as a row --- */

static struct key dropped_key(enum name_kind kind)
{
	return dict_key('X', (uint64_t)kind, 4);
}

int names_dropped(struct lmdb_view *v, enum name_kind kind, uint32_t most, struct number_set *out, struct err *e)
{
	struct str row = {0};
	int rc = row_get(v, store_of(v)->env->dict, dropped_key(kind), &row);
	const uint8_t *p, *end;
	uint64_t at = 0;

	*out = (struct number_set){0};
	if (!rc)
		return 0;
	p = (const uint8_t *)row.p;
	end = rc == 1 ? p + row.n : p;
	while (rc == 1 && p && p < end) {
		uint64_t skip = get_varint(&p, end), n = get_varint(&p, end);

		if (!p || skip > most - at || n > most - at - skip)
			rc = -1;
		at += skip;
		if (rc == 1)
			numbers_add_range(out, (uint32_t)at, (uint32_t)(at + n));
		at += n;
	}
	if (rc < 0 || (rc == 1 && !p)) {
		numbers_release(out);
		return fail_as(e, ERR_DAMAGED, "%s: is damaged: the list of names that were dropped", v->base.store->where);
	}
	return 0;
}

static int save_dropped(struct lmdb_store *s, enum name_kind kind, struct err *e)
{
	const struct number_set *set = &s->sweep.dropped[kind];
	uint32_t end = s->sweep.upto[kind], at = 0;
	struct buf b = {0};
	int rc;

	while (at < end) {
		uint32_t from = numbers_next(set, true, at, end), to = numbers_next(set, false, from, end);

		if (from == to)
			break;
		buf_varint(&b, from - at);
		buf_varint(&b, to - from);
		at = to;
	}
	rc = row_put(s, s->env->dict, dropped_key(kind), (struct str){b.p, b.n}, e);
	buf_release(&b);
	return rc;
}

/* --- marks --- */

void sweep_keep(struct lmdb_store *s, enum name_kind kind, uint32_t no)
{
	if (s->sweep.step != SWEEP_RESTS && no && no <= s->sweep.upto[kind])
		numbers_add(&s->sweep.used[kind], no);
}

void sweep_keep_living(struct lmdb_store *s, const struct goroutine_state *l, size_t n)
{
	for (size_t i = 0; i < n && s->sweep.step != SWEEP_RESTS; i++) {
		sweep_keep(s, NAME_STACK, l[i].stack);
		sweep_keep(s, NAME_STRING, l[i].state);
		sweep_keep(s, NAME_STRING, l[i].labels);
	}
}

void sweep_keep_events(struct lmdb_store *s, const struct event *ev, size_t n)
{
	for (size_t i = 0; i < n && s->sweep.step != SWEEP_RESTS; i++) {
		if (ev[i].kind != EV_BORN && ev[i].kind != EV_RUN)
			continue;
		sweep_keep(s, NAME_STACK, ev[i].stack);
		sweep_keep(s, NAME_STRING, ev[i].state);
		sweep_keep(s, NAME_STRING, ev[i].labels);
	}
}

static void spend(struct sweep *w, size_t work)
{
	w->credit -= (int64_t)work;
	w->cost += work;
}

static int mark_snapshot(void *ctx, struct str key, struct str value)
{
	struct lmdb_store *s = ctx;
	struct state_count *states = NULL;
	struct snapshot snap;
	size_t cap = 0;
	bool ok = snapshot_unpack(value, key_tail(key), &snap, &states, &cap);

	if (ok)
		sweep_keep(s, NAME_STRING, snap.note);
	for (uint32_t i = 0; ok && i < snap.n_states; i++)
		sweep_keep(s, NAME_STRING, snap.states[i].state);
	free(states);
	s->sweep.seq = key_tail(key) + 1;
	spend(&s->sweep, 1);
	return !ok ? -1 : s->sweep.credit <= 0;
}

static int first_chunk(void *ctx, struct str key, struct str value)
{
	return chunk_unpack(value, key_tail(key), ctx) ? 1 : -1;
}

static int first_host(void *ctx, struct str key, struct str value)
{
	(void)value;
	*(uint32_t *)ctx = key_tail(key);
	return 1;
}

/* 1: one was read, 0: the host has no more. */
static int mark_chunk(struct lmdb_store *s, struct err *e)
{
	struct sweep *w = &s->sweep;
	struct event_list ev = {0};
	struct chunk_row c;
	struct keyframe l;
	struct pool p = {0};
	int rc = data_each(&s->pen, key_u32(key_of(w->host, 'D'), w->chunk), 5, first_chunk, &c);

	if (rc < 0)
		return damaged(&s->pen, "the directory", w->host, 0, e);
	if (!rc)
		return 0;
	if (chunk_living(&s->pen, w->host, &c, &p, &l, e) < 0 || chunk_events(&s->pen, w->host, &c, &ev, e) < 0) {
		rc = -1;
	} else {
		sweep_keep_living(s, l.a, l.n);
		sweep_keep_events(s, ev.a, ev.n);
		spend(w, 1 + l.n + ev.n);
		w->chunk = c.no + 1;
	}
	free(ev.a);
	pool_release(&p);
	return rc;
}

/* The part of one host that there is credit for. */
static int mark_host(struct lmdb_store *s, struct err *e)
{
	struct sweep *w = &s->sweep;
	int rc = data_each(&s->pen, key_u32(key_of(w->host, 'S'), w->seq), 5, mark_snapshot, s);

	if (rc < 0)
		return damaged(&s->pen, "a snapshot", w->host, 0, e);
	while (w->credit > 0 && (rc = mark_chunk(s, e)) == 1)
		;
	if (rc < 0 || w->credit <= 0)
		return rc < 0 ? -1 : 0;
	w->next_host = w->host + 1;
	w->host = w->seq = w->chunk = 0;
	return 0;
}

static int mark_some(struct lmdb_store *s, struct err *e)
{
	struct sweep *w = &s->sweep;

	while (w->credit > 0) {
		int rc = w->host ? 1 : data_each(&s->pen, host_key(w->next_host), 5, first_host, &w->host);

		if (rc < 0)
			return fail_as(e, ERR_DAMAGED, "%s: is damaged: the list of hosts", s->base.where);
		if (!rc) {
			w->step = SWEEP_DROPS;
			return 0;
		}
		spend(w, 1);
		if (mark_host(s, e) < 0)
			return -1;
	}
	return 0;
}

/* --- dropping --- */

static void release_sets(struct sweep *w)
{
	for (int i = 0; i < NAME_KINDS; i++) {
		numbers_release(&w->used[i]);
		numbers_release(&w->dropped[i]);
	}
}

/* What a name that stays names itself. */
static void mark_parts(struct lmdb_store *s, enum name_kind kind, struct str row)
{
	const uint8_t *p = (const uint8_t *)row.p, *end = p + row.n;

	for (int i = 0; kind != NAME_STRING && p && p < end; i++) {
		uint32_t no = (uint32_t)get_varint(&p, end);

		if (kind == NAME_STACK ? i == 1 || i > 2 : i < 2)
			sweep_keep(s, kind == NAME_STACK ? NAME_FRAME : NAME_STRING, no);
	}
}

/* 1: it went, 0 it stays. One that stands before another of the same hash stays, since that one is found by way of it. */
static int drop_name(struct lmdb_store *s, enum name_kind kind, uint32_t no, struct str row, struct err *e)
{
	char lower = (char)(name_tags[kind] - 'A' + 'a');
	uint64_t hash = hash64(row.p, row.n);
	struct str found;
	uint32_t is = 0;
	int rc;

	for (; (rc = row_get(&s->pen, s->env->dict, dict_key(lower, hash, 8), &found)) == 1; hash++) {
		memcpy(&is, found.p, found.n < sizeof is ? found.n : sizeof is);
		if (is == no)
			break;
	}
	if (rc == 1)
		rc = row_get(&s->pen, s->env->dict, dict_key(lower, hash + 1, 8), &found) ? 2 : 1;
	if (rc < 0)
		return fail_as(e, ERR_DAMAGED, "%s: cannot be read", s->base.where);
	if (rc != 1)
		return 0;
	return dict_del(s, dict_key(lower, hash, 8), e) < 0 || dict_del(s, dict_key(name_tags[kind], no, 4), e) < 0 ? -1 : 1;
}

/* What was said of a symbol table's numbers is so no more where the name may go. */
static void forget_unused(const struct sweep *w, enum name_kind kind, struct id_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->a[i] <= w->upto[kind] && !numbers_have(&w->used[kind], m->a[i]))
			m->a[i] = 0;
}

/* One name stays or goes; one that is lost is for others to tell. */
static int look_at_name(struct lmdb_store *s, enum name_kind kind, uint32_t no, struct err *e)
{
	struct sweep *w = &s->sweep;
	struct str row;
	int rc = row_get(&s->pen, s->env->dict, dict_key(name_tags[kind], no, 4), &row);

	if (rc < 0)
		return fail_as(e, ERR_DAMAGED, "%s: is damaged: a name is not what was written", s->base.where);
	if (!rc)
		return 0;
	rc = numbers_have(&w->used[kind], no) ? 0 : drop_name(s, kind, no, row, e);
	if (rc == 1)
		numbers_add(&w->dropped[kind], no);
	if (rc == 0) {
		sweep_keep(s, kind, no);
		mark_parts(s, kind, row);
	}
	return rc < 0 ? -1 : 0;
}

/* Names of one kind, as far as there is credit. */
static int drop_some(struct lmdb_store *s, enum name_kind kind, struct err *e)
{
	struct sweep *w = &s->sweep;
	uint32_t before = w->dropped[kind].count, end = w->upto[kind] + 1;

	while (w->credit > 0 && (w->at = numbers_next(&w->dropped[kind], false, w->at, end)) < end) {
		if (look_at_name(s, kind, w->at, e) < 0)
			return -1;
		spend(w, 1);
		w->at++;
	}
	forget_unused(w, NAME_STACK, &s->stacks);
	forget_unused(w, NAME_STRING, &s->strings);
	return w->dropped[kind].count > before ? save_dropped(s, kind, e) : 0;
}

static int drop_names(struct lmdb_store *s, struct err *e)
{
	struct sweep *w = &s->sweep;

	while (w->credit > 0 && w->kind < NAME_KINDS) {
		if (drop_some(s, w->kind, e) < 0)
			return -1;
		if (w->at > w->upto[w->kind]) {
			w->kind++;
			w->at = 1;
		}
	}
	if (w->kind == NAME_KINDS) {
		w->step = SWEEP_RESTS;
		w->last_cost = w->cost;
		release_sets(w);
	}
	return 0;
}

/* --- rounds --- */

static int begin_round(struct lmdb_store *s, struct err *e)
{
	struct sweep *w = &s->sweep;
	const uint32_t upto[NAME_KINDS] = {s->next_stack, s->next_frame, s->next_string};

	w->step = SWEEP_MARKS;
	for (int i = 0; i < NAME_KINDS; i++) {
		w->upto[i] = upto[i];
		sweep_keep(s, (enum name_kind)i, upto[i]);
		if (names_dropped(&s->pen, (enum name_kind)i, upto[i], &w->dropped[i], e) < 0)
			return -1;
	}
	w->kind = NAME_STACK;
	w->at = 1;
	w->host = w->next_host = w->seq = w->chunk = 0;
	w->due = w->cost = 0;
	return 0;
}

void sweep_dropped(struct lmdb_store *s, uint64_t n)
{
	s->sweep.due += n;
	s->sweep.share = (s->sweep.share ? s->sweep.share : sweep_share) + PER_DROPPED * n;
}

int sweep_on(struct lmdb_store *s, struct err *e)
{
	struct sweep *w = &s->sweep;

	if (!w->share)
		return 0;
	w->credit = (w->credit < 0 ? w->credit : 0) + (int64_t)w->share;
	w->share = 0;
	if (w->step == SWEEP_RESTS && w->due && w->due >= w->last_cost / WORTH && begin_round(s, e) < 0)
		return -1;
	if (w->step == SWEEP_MARKS && mark_some(s, e) < 0)
		return -1;
	return w->step == SWEEP_DROPS ? drop_names(s, e) : 0;
}

void sweep_stop(struct lmdb_store *s)
{
	struct sweep *w = &s->sweep;

	release_sets(w);
	*w = (struct sweep){.due = w->due + (w->step != SWEEP_RESTS), .last_cost = w->step != SWEEP_RESTS ? 0 : w->last_cost};
}
