/* SPDX-License-Identifier: MIT */
/* /api/v1: one goroutine, its children, its ancestors; ids by their first digits; functions. */
#include "server.h"

/* The stacks of the runs on this page, each once; runs tell them by their place in the list. */
struct stack_list {
	uint32_t *ids;
	size_t n;
};

static size_t goroutine_place(struct stack_list *l, uint32_t stack)
{
	for (size_t i = l->n; i-- > 0;)
		if (l->ids[i] == stack)
			return i;
	l->ids[l->n] = stack;
	return l->n++;
}

/* A run as everywhere, but that its life has said whose it is and its stack is a place in the list. */
static void goroutine_run(struct request *r, const struct life *l, const struct run *x, struct stack_list *stacks)
{
	struct columns own = {run_columns.a + 5, run_columns.n - 6};

	jw_obj(&r->j);
	columns_members(&r->j, &own, &(struct told_row){r->q, &r->pool, &(struct told_run){NULL, l, x}});
	jw_kuint(&r->j, "stack", goroutine_place(stacks, x->stack));
	jw_end(&r->j);
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
	if (s->flags & STACK_ELIDED) {
		jw_kbool(&r->j, "elided", true);
		jw_kint(&r->j, "elided_at", stack_elided_at(s));
	}
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
		goroutine_run(r, &l, &l.runs[i], &stacks);
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

	if (asked_filter_of_each(r, e) < 0 || asked_children(r, &c, &n, e) < 0)
		return -1;
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "children");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &child_columns, &c[i]);
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
		rc = query_goroutine(r->q, &(struct life_question){l.host, l.epoch, parent, NO_TIME}, &r->pool, &l, e);
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

	if (!h || query_ids(r->q, &(struct ids_question){{h->id, param(r, "at")->time}, param(r, "prefix")->text,
		limit + 1}, &r->pool, &ids, &n, e) < 0)
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
	struct function_count *counts;
	struct counts_question ask;
	size_t n;

	if (asked_filter_of_each(r, e) < 0 || query_functions(r->q, param(r, "q")->text, &r->pool, &f, &n, e) < 0)
		return -1;
	ask = (struct counts_question){{0, asked_time(r, "at", query_newest(r->q, 0))}, r->where};
	counts = pool_alloc(&r->pool, (n + 1) * sizeof *counts);
	if (query_function_counts(r->q, f, n, &ask, counts, e) < 0)
		return -1;
	if (r->where)
		n = functions_present(f, counts, n);
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "functions");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &function_columns, &(struct told_function){&f[i], counts[i]});
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

/* What func means: the function with exactly this name, or, of a place in the source, all that may stand there. */
static int functions_meant(struct request *r, struct functions_question *out, struct err *e)
{
	const char *name = param(r, "func")->text;
	bool place = source_line_read(&out->at, str_of(name));
	struct function *f;
	uint32_t *ids;
	size_t n;

	if (query_functions(r->q, "", &r->pool, &f, &n, e) < 0)
		return -1;
	out->func_ids = ids = pool_alloc(&r->pool, (n + 1) * sizeof *ids);
	for (size_t i = 0; i < n; i++)
		if (place || strcmp(f[i].name, name) == 0)
			ids[out->n_funcs++] = f[i].func_id;
	return out->n_funcs ? 0 : refuse(r, MHD_HTTP_NOT_FOUND, e, "no function %s was on any stack", name);
}

static const char *name_of(const struct host *hosts, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (hosts[i].id == id)
			return hosts[i].name;
	return NULL;
}

int answer_hits(struct request *r, struct err *e)
{
	struct functions_question ask = {.scope = IN_ANY_FRAME};
	const struct host *h = NULL, *hosts;
	struct page page;
	struct hit *hits;
	size_t n, n_hosts;

	if (param(r, "host")->text && !(h = asked_host(r, e)))
		return -1;
	if (functions_meant(r, &ask, e) < 0 || asked_filter_of_each(r, e) < 0)
		return -1;
	if (filter_over_time(r->where, e) < 0)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "where: %s", pool_strndup(&r->pool, e->text, strlen(e->text)));
	ask.w = (struct window){.host = h ? h->id : 0, .from = asked_time(r, "from", 0), .to = asked_time(r, "to", INT64_MAX)};
	ask.where = r->where;
	if (query_hits(r->q, &ask, &r->pool, &hits, &n, e) < 0 || filter_gave_up(r->where, e) < 0)
		return -1;
	hosts = query_hosts(r->q, &n_hosts);
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "hits");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &hit_columns, &(struct told_hit){name_of(hosts, n_hosts, hits[i].host), &hits[i], query_is_now(r->q, hits[i].host)});
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}
