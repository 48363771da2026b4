/* SPDX-License-Identifier: MIT */
/*
 * model_filter.h: random filters, each as a text and as a tree that is asked of whole snapshots in the slow, obvious way. What
 * query_alive with the filter leaves must be the same.
 */
#ifndef TESTS_MODEL_FILTER_H
#define TESTS_MODEL_FILTER_H

#include "model.h"
#include <gscrape/filter.h>

enum wish_kind { WISH_AND, WISH_OR, WISH_NOT, WISH_ABOVE, WISH_BELOW, WISH_BESIDE, WISH_LEAF };

struct wish {
	enum wish_kind kind;
	int leaf;
	struct wish *a, *b;
	const bool *granted; /* of relations: whom `a` is granted, by place in the snapshot */
	uint64_t number;
	const char *text;
};

struct wishing {
	const struct model *m;
	int i; /* the snapshot */
	uint32_t (*dice)(uint32_t n);
	struct pool pool;
	struct buf text;
};

static inline int64_t wish_run(const struct wishing *w, uint64_t id)
{
	int first, last;

	model_run(w->m, w->i, id, &first, &last);
	return w->m->m[first].time;
}

/* A condition, with a value of one that is there. */
static inline struct wish *wish_leaf(struct wishing *w)
{
	const struct whole *at = &w->m->m[w->i];
	const struct cell *c = &at->c[w->dice((uint32_t)at->n)];
	const struct stack *s = query_stack(w->m->q, w->m->what[c->what].stack);
	struct wish *x = pool_alloc(&w->pool, sizeof *x);
	const struct frame *f = s->n ? &s->frames[w->dice(s->n)] : NULL;
	static const char *const names[] = {"id <= ", "state == ", "func = ", "created_by contains ", "label.job == ", "locked == ", "age >= ", "waiting < ",
					    "depth > ", "wait_object = ", "stack ~ ", "top != ", "parent == ", "file in "};

	*x = (struct wish){.kind = WISH_LEAF, .leaf = (int)w->dice(14), .text = ""};
	switch (x->leaf) {
	case 0:
		x->number = c->id;
		break;
	case 1:
		x->text = w->m->what[c->what].state;
		break;
	case 2:
	case 10:
		x->text = f ? f->func : "x";
		break;
	case 11:
		x->text = stack_user_frame(s) ? stack_user_frame(s)->func : "x";
		break;
	case 3:
		x->text = s->created.func ? s->created.func : "x";
		break;
	case 4:
		x->text = w->dice(2) ? "x" : "";
		break;
	case 5:
		x->number = w->dice(2);
		break;
	case 6:
	case 7:
		x->number = (uint64_t)(at->time - (x->leaf == 7 ? wish_run(w, c->id) : c->born));
		break;
	case 8:
		x->number = s->n;
		break;
	case 9:
		x->number = c->wait_object;
		break;
	case 12:
		x->number = c->parent;
		break;
	default:
		x->text = f && f->file ? f->file : "x";
	}
	buf_adds(&w->text, names[x->leaf]);
	if (x->leaf == 5)
		buf_adds(&w->text, x->number ? "yes" : "no");
	else if (x->leaf == 6 || x->leaf == 7)
		buf_addf(&w->text, "%llums", (unsigned long long)x->number);
	else if (x->leaf == 10)
		buf_addf(&w->text, "'\\Q%s\\E'", x->text);
	else if (x->leaf == 13)
		buf_addf(&w->text, "(nothing, \"%s\")", x->text);
	else if (*x->text || x->leaf == 4)
		buf_addf(&w->text, "\"%s\"", x->text);
	else
		buf_addf(&w->text, "%llu", (unsigned long long)x->number);
	return x;
}

static inline struct wish *wish_any(struct wishing *w, int deep)
{
	static const char *const joints[] = {" and ", " or "}, *const heads[] = {"not (", "ancestors(", "descendants(", "siblings("};
	enum wish_kind kind = deep ? (enum wish_kind)w->dice(WISH_LEAF + 3) : WISH_LEAF;
	struct wish *x;

	if (kind >= WISH_LEAF)
		return wish_leaf(w);
	x = pool_alloc(&w->pool, sizeof *x);
	x->kind = kind;
	buf_adds(&w->text, kind < WISH_NOT ? "(" : heads[kind - WISH_NOT]);
	x->a = wish_any(w, kind > WISH_NOT ? 0 : deep - 1);
	if (kind < WISH_NOT) {
		buf_adds(&w->text, joints[kind]);
		x->b = wish_any(w, deep - 1);
	}
	buf_adds(&w->text, ")");
	return x;
}

/* In any frame; any: or as creation site. */
static inline bool wish_frames(const struct stack *s, const char *text, bool file, bool any)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (file ? s->frames[i].file && strcmp(s->frames[i].file, text) == 0 : any ? strstr(s->frames[i].func, text) != NULL :
										   strcmp(s->frames[i].func, text) == 0)
			return true;
	return any && !file && s->created.func && strstr(s->created.func, text);
}

static inline uint64_t wish_parent(const struct wishing *w, uint64_t id)
{
	const struct cell *here = model_cell(w->m, w->i, id);

	if (here)
		return here->parent < id ? here->parent : 0;
	for (int k = 0; k < w->m->n; k++)
		if (w->m->m[k].epoch == w->m->m[w->i].epoch && model_cell(w->m, k, id))
			return model_cell(w->m, k, id)->parent < id ? model_cell(w->m, k, id)->parent : 0;
	return 0;
}

static inline bool wish_granted(const struct wishing *w, const struct wish *x, const struct cell *c);

static inline bool wish_kin(const struct wishing *w, const struct wish *x, const struct cell *c)
{
	const struct whole *at = &w->m->m[w->i];

	for (size_t i = 0; i < at->n; i++) {
		const struct cell *o = &at->c[i];
		uint64_t low = x->kind == WISH_ABOVE ? o->id : c->id, high = x->kind == WISH_ABOVE ? c->id : o->id;

		if (o->id == c->id || !x->granted[i])
			continue;
		if (x->kind == WISH_BESIDE && wish_parent(w, c->id) && wish_parent(w, c->id) == wish_parent(w, o->id))
			return true;
		while (x->kind != WISH_BESIDE && low && low != high)
			low = wish_parent(w, low);
		if (x->kind != WISH_BESIDE && low)
			return true;
	}
	return false;
}

static inline bool wish_granted(const struct wishing *w, const struct wish *x, const struct cell *c)
{
	const struct what *what = &w->m->what[c->what];
	const struct stack *s = query_stack(w->m->q, what->stack);
	const struct frame *top = stack_user_frame(s);

	switch (x->kind) {
	case WISH_AND:
		return wish_granted(w, x->a, c) && wish_granted(w, x->b, c);
	case WISH_OR:
		return wish_granted(w, x->a, c) || wish_granted(w, x->b, c);
	case WISH_NOT:
		return !wish_granted(w, x->a, c);
	case WISH_LEAF:
		break;
	default:
		return wish_kin(w, x, c);
	}
	switch (x->leaf) {
	case 0:
		return c->id <= x->number;
	case 1:
		return strcmp(what->state, x->text) == 0;
	case 2:
		return wish_frames(s, x->text, false, false);
	case 3:
		return s->created.func && strstr(s->created.func, x->text);
	case 4:
		return (strcmp(c->labels, "job: x") == 0) == (x->text[0] != 0);
	case 5:
		return ((c->flags & DUMP_LOCKED) != 0) == x->number;
	case 6:
		return w->m->m[w->i].time - c->born >= (int64_t)x->number;
	case 7:
		return what->family != FAM_RUNNING && w->m->m[w->i].time - wish_run(w, c->id) < (int64_t)x->number;
	case 8:
		return s->n > x->number;
	case 9:
		return c->wait_object == x->number;
	case 10:
		return wish_frames(s, x->text, false, true);
	case 11:
		return !top || strcmp(top->func, x->text) != 0;
	case 12:
		return x->number && c->parent == x->number;
	default:
		return wish_frames(s, x->text, true, false);
	}
}

static inline void wish_relations(struct wishing *w, struct wish *x)
{
	const struct whole *at = &w->m->m[w->i];
	bool *granted;

	if (x->kind == WISH_LEAF)
		return;
	wish_relations(w, x->a);
	if (x->b)
		wish_relations(w, x->b);
	granted = pool_alloc(&w->pool, at->n + 1);
	for (size_t i = 0; i < at->n && x->kind > WISH_NOT; i++)
		granted[i] = wish_granted(w, x->a, &at->c[i]);
	x->granted = granted;
}

/* At every snapshot up to this one. */
static inline void check_matches(struct wishing *w, const struct wish *x, struct filter *f)
{
	const struct model *m = w->m;
	struct matches all;
	int z = w->i;

	assert_int_equal(query_matches(m->q, &(struct window){.host = m->host, .from = m->m[0].time, .to = m->m[z].time}, f, &w->pool, &all, NULL), 0);
	for (w->i = z > 12 ? z - 12 : 0; w->i < z; w->i++) {
		int32_t n = 0;

		for (size_t c = 0; c < m->m[w->i].n; c++)
			n += wish_granted(w, x, &m->m[w->i].c[c]);
		if (matches_at(&all, m->m[w->i].seq) != n)
			fail_msg("%s: %d matches at %d, not %d", w->text.p, matches_at(&all, m->m[w->i].seq), w->i, n);
	}
	w->i = z;
}

/* One random filter on one snapshot; not the newest, where the dump's minutes prove more. */
static inline void check_filter(const struct model *m, int i, uint32_t (*dice)(uint32_t n))
{
	struct wishing w = {.m = m, .i = i, .dice = dice};
	const struct whole *at = &m->m[i];
	struct filter *f;
	struct alive *a;
	struct wish *x;
	struct err e;
	size_t n, k = 0;

	if (!at->n || i == m->n - 1)
		return;
	x = wish_any(&w, 3);
	wish_relations(&w, x);
	if (filter_open(&f, &(struct filter_source){.text = w.text.p, .now = at->time}, NULL, &e) < 0)
		fail_msg("%s: %s", w.text.p, e.text);
	assert_int_equal(query_alive(m->q, &(struct moment){m->host, at->time}, &w.pool, &a, &n, NULL), 0);
	assert_int_equal(filter_alive(f, m->q, &(struct moment){m->host, at->time}, a, &n, NULL), 0);
	for (size_t c = 0; c < at->n; c++) {
		bool there = k < n && a[k].id == at->c[c].id;

		k += there;
		if (there != wish_granted(&w, x, &at->c[c]))
			fail_msg("%s: goroutine %llu %s", w.text.p, (unsigned long long)at->c[c].id, there ? "passed" : "did not");
	}
	assert_int_equal(k, n);
	if (filter_over_time(f, NULL) == 0)
		check_matches(&w, x, f);
	filter_close(f);
	buf_release(&w.text);
	pool_release(&w.pool);
}

#endif
