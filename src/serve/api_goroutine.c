/* SPDX-License-Identifier: MIT */
/* /api/v1: one goroutine, its children, its ancestors; ids by their first digits; functions. */
#include "server.h"
#include <inttypes.h>
#include <stdio.h>

/* The stacks of the runs on this page, each once; runs tell them by their place in the list. */
struct stack_list {
	uint32_t *ids;
	size_t n;
};

static size_t place(struct stack_list *l, uint32_t stack)
{
	for (size_t i = l->n; i-- > 0;)
		if (l->ids[i] == stack)
			return i;
	l->ids[l->n] = stack;
	return l->n++;
}

static void shape_flags(struct jw *j, unsigned flags)
{
	if (flags & DUMP_LOCKED)
		jw_kbool(j, "locked", true);
	if (flags & DUMP_LEAKED)
		jw_kbool(j, "leaked", true);
}

static void shape_wait_object(struct jw *j, uint64_t object)
{
	char text[24];

	if (!object)
		return;
	snprintf(text, sizeof text, "0x%" PRIx64, object);
	jw_kstr(j, "wait_object", text);
}

static void run(struct request *r, const struct run *x, struct stack_list *stacks)
{
	static const char letters[] = "RCSLWIZYG"; /* enum family */
	struct jw *j = &r->j;

	jw_obj(j);
	jw_ktime(j, "from", x->from);
	jw_ktime(j, "to", x->to);
	jw_kuint(j, "snapshots", x->samples);
	jw_kstr(j, "state", x->state);
	jw_key(j, "family");
	jw_strn(j, &letters[x->family < FAM_MAX ? x->family : FAM_RUNTIME], 1);
	shape_count(j, "minutes", x->minutes);
	jw_ktime(j, "moved", x->moved);
	if (x->moved != NO_TIME)
		jw_kbool(j, "moved_proof", x->moved_proof);
	shape_wait_object(j, x->wait_object);
	shape_flags(j, x->flags);
	if (x->labels && *x->labels)
		jw_kstr(j, "labels", x->labels);
	jw_kuint(j, "stack", place(stacks, x->stack));
	jw_end(j);
}

static void shape_stack(struct request *r, uint32_t id)
{
	const struct stack *s = query_stack(r->q, id);

	jw_obj(&r->j);
	jw_key(&r->j, "frames");
	jw_arr(&r->j);
	for (size_t i = 0; i < s->n; i++)
		frame_json(&r->j, NULL, &s->frames[i]);
	jw_end(&r->j);
	if (s->flags & STACK_ELIDED)
		jw_kbool(&r->j, "elided", true);
	if (s->flags & STACK_ROOTLESS)
		jw_kbool(&r->j, "rootless", true);
	jw_end(&r->j);
}

static void life(struct request *r, const struct life *l, const char *host)
{
	struct jw *j = &r->j;
	const struct stack *s = query_stack(r->q, l->n ? l->runs[l->n - 1].stack : 0);
	const struct frame *top = stack_user_frame(s), *root = stack_root(s);

	jw_kstr(j, "host", host);
	jw_kuint(j, "epoch", l->epoch);
	jw_kuint(j, "id", l->id);
	jw_key(j, "parent");
	if (l->parent)
		jw_uint(j, l->parent);
	else
		jw_null(j);
	jw_ktime(j, "first", l->first);
	jw_ktime(j, "last", l->last);
	jw_kbool(j, "ended", l->ended);
	jw_kbool(j, "before", l->before);
	frame_json(j, "created_by", &l->created);
	jw_kstr(j, "func", root ? root->func : NULL);
	jw_kstr(j, "user_func", top ? top->func : NULL);
	jw_kstr(j, "state", l->n ? l->runs[l->n - 1].state : NULL);
}

int answer_goroutine(struct request *r, struct err *e)
{
	struct stack_list stacks = {0};
	struct page page;
	struct life l;

	if (asked_goroutine(r, &l, e) < 0)
		return -1;
	page = asked_page(r, l.n);
	stacks.ids = pool_alloc(&r->pool, (page.to - page.from + 1) * sizeof *stacks.ids);
	jw_obj(&r->j);
	life(r, &l, asked_host(r, e)->name);
	shape_page(&r->j, page);
	jw_key(&r->j, "runs");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		run(r, &l.runs[i], &stacks);
	jw_end(&r->j);
	jw_key(&r->j, "stacks");
	jw_arr(&r->j);
	for (size_t i = 0; i < stacks.n; i++)
		shape_stack(r, stacks.ids[i]);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

int answer_children(struct request *r, struct err *e)
{
	struct page page;
	struct child *c;
	size_t n;

	if (asked_children(r, &c, &n, e) < 0)
		return -1;
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "children");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++) {
		const struct frame *top = stack_user_frame(query_stack(r->q, c[i].stack));

		jw_obj(&r->j);
		jw_kuint(&r->j, "id", c[i].id);
		jw_kstr(&r->j, "func", c[i].func);
		jw_kstr(&r->j, "user_func", top ? top->func : NULL);
		jw_ktime(&r->j, "first", c[i].first);
		jw_ktime(&r->j, "last", c[i].last);
		jw_kbool(&r->j, "ended", c[i].ended);
		jw_end(&r->j);
	}
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

/* From the goroutine itself up to the first that nothing is known of. */
int answer_ancestors(struct request *r, struct err *e)
{
	struct life l;
	int rc = asked_goroutine(r, &l, e);

	if (rc < 0)
		return -1;
	jw_arr(&r->j);
	for (;;) {
		uint64_t parent = l.parent;

		jw_obj(&r->j);
		life(r, &l, asked_host(r, e)->name);
		jw_end(&r->j);
		if (!parent || parent >= l.id) /* numbers are given in order: a parent's is lower, or the dump lies */
			break;
		rc = query_goroutine(r->q, l.host, l.epoch, NO_TIME, parent, &r->pool, &l, e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			break;
	}
	jw_end(&r->j);
	return 0;
}

int answer_ids(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	size_t n, limit = param(r, "limit")->number;
	uint64_t *ids;

	if (!h || query_ids(r->q, h->id, param(r, "at")->time, param(r, "prefix")->text, limit + 1, &r->pool, &ids, &n, e) < 0)
		return -1;
	jw_obj(&r->j);
	jw_kstr(&r->j, "host", h->name);
	jw_kbool(&r->j, "more", n > limit);
	jw_key(&r->j, "ids");
	jw_arr(&r->j);
	for (size_t i = 0; i < n && i < limit; i++)
		jw_uint(&r->j, ids[i]);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

/* --- functions --- */

int answer_functions(struct request *r, struct err *e)
{
	struct function *f;
	struct page page;
	size_t n;

	if (query_functions(r->q, param(r, "q")->text, &r->pool, &f, &n, e) < 0)
		return -1;
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "functions");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++) {
		jw_obj(&r->j);
		jw_kstr(&r->j, "func", f[i].name);
		jw_kuint(&r->j, "stacks", f[i].stacks);
		jw_end(&r->j);
	}
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

/* Numbers of the functions with exactly this name: one, or none. */
static int named(struct request *r, const char *name, uint32_t *out, struct err *e)
{
	struct function *f;
	size_t n;

	if (query_functions(r->q, "", &r->pool, &f, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(f[i].name, name) != 0)
			continue;
		*out = f[i].func_id;
		return 0;
	}
	return refuse(r, MHD_HTTP_NOT_FOUND, e, "no function %s was on any stack", name);
}

static void hit(struct request *r, const struct hit *x, const struct host *hosts, size_t n_hosts)
{
	const char *name = NULL;

	for (size_t i = 0; i < n_hosts && !name; i++)
		if (hosts[i].id == x->host)
			name = hosts[i].name;
	jw_obj(&r->j);
	jw_kstr(&r->j, "host", name);
	jw_kuint(&r->j, "epoch", x->epoch);
	jw_kuint(&r->j, "id", x->id);
	jw_kstr(&r->j, "func", query_string(r->q, x->func_id));
	jw_ktime(&r->j, "first", x->first);
	jw_ktime(&r->j, "last", x->last);
	jw_kuint(&r->j, "snapshots", x->samples);
	jw_kbool(&r->j, "now", x->now);
	jw_end(&r->j);
}

int answer_hits(struct request *r, struct err *e)
{
	const struct host *h = NULL, *hosts;
	uint32_t func;
	struct page page;
	struct hit *hits;
	size_t n, n_hosts;

	if (param(r, "host")->text && !(h = asked_host(r, e)))
		return -1;
	if (named(r, param(r, "func")->text, &func, e) < 0)
		return -1;
	if (query_hits(r->q, &func, 1, h ? h->id : 0, asked_time(r, "from", 0), asked_time(r, "to", INT64_MAX), &r->pool, &hits, &n,
		       e) < 0)
		return -1;
	hosts = query_hosts(r->q, &n_hosts);
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "hits");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		hit(r, &hits[i], hosts, n_hosts);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}
