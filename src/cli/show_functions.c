/* SPDX-License-Identifier: MIT */
/* --list-funcs: functions by name. --query: goroutines that had some on their stack, while they had them. */
#include "ask.h"
#include <inttypes.h>

static const char *name_of(const struct function *f, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].func_id == id)
			return f[i].name;
	return NULL;
}

static void function_json(struct ask *a, const struct function *f)
{
	struct jw j = ask_json(a);

	jw_kstr(&j, "func", f->name);
	jw_kuint(&j, "stacks", f->stacks);
	ask_json_end(a, &j);
}

static void function_row(struct table *t, const struct function *f)
{
	table_text(t, f->name);
	table_number(t, f->stacks);
}

/* The name alone, for grep and its like. */
static void function_line(struct ask *a, const struct function *f)
{
	styled(&a->out.buf, false, CELL_PLAIN, f->name);
	buf_putc(&a->out.buf, '\n');
	out_line(&a->out);
}

int run_list_funcs(const struct options *o, struct err *e)
{
	static const struct column columns[] = {{"FUNCTION", false}, {"STACKS", true}};
	struct function *f;
	struct table t;
	struct ask a;
	size_t n;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	if (query_functions(a.q, o->operands.n ? o->operands.v[0] : "", &a.pool, &f, &n, e) < 0)
		return ask_end(&a, -1);
	t = TABLE(&a, columns);
	for (size_t i = 0; i < n; i++) {
		if (o->json)
			function_json(&a, &f[i]);
		else if (o->csv)
			function_row(&t, &f[i]);
		else
			function_line(&a, &f[i]);
	}
	if (o->csv)
		table_end(&t);
	return ask_end(&a, 0);
}

static void hit_json(struct ask *a, const char *host, const char *func, const struct hit *h)
{
	struct jw j = ask_json(a);

	jw_kstr(&j, "host", host);
	jw_kuint(&j, "epoch", h->epoch);
	jw_kuint(&j, "id", h->id);
	jw_kstr(&j, "func", func);
	jw_ktime(&j, "first", h->first);
	jw_ktime(&j, "last", h->last);
	jw_kuint(&j, "snapshots", h->samples);
	ask_json_end(a, &j);
}

static void hit_row(struct ask *a, struct table *t, const char *host, const char *func, const struct hit *h)
{
	table_text(t, host);
	table_number(t, h->epoch);
	table_text(t, pool_printf(&a->pool, "%" PRIu64, h->id));
	table_time(t, h->first);
	table_time(t, h->last);
	table_duration(t, h->last - h->first);
	table_number(t, h->samples);
	table_text(t, func);
}

static int show_hits(struct ask *a, const struct function *f, size_t n)
{
	static const struct column columns[] = {
		{"HOST", false}, {"EPOCH", true}, {"GOROUTINE", true}, {"FIRST", false}, {"LAST", false},
		{"LASTED", true}, {"SNAPSHOTS", true}, {"FUNCTION", false},
	};
	int64_t from = a->o->from == NO_TIME ? INT64_MIN + 1 : a->o->from, to = a->o->to == NO_TIME ? INT64_MAX : a->o->to;
	uint32_t *ids = pool_alloc(&a->pool, (n + 1) * sizeof *ids);
	struct table t = TABLE(a, columns);
	struct hit *hits;
	size_t n_hits;

	for (size_t i = 0; i < n; i++)
		ids[i] = f[i].func_id;
	if (query_hits(a->q, ids, n, a->o->host ? a->hosts->id : 0, from, to, &a->pool, &hits, &n_hits, a->e) < 0)
		return -1;
	for (size_t i = 0; i < n_hits; i++) {
		const char *host = ask_host_name(a, hits[i].host), *func = name_of(f, n, hits[i].func_id);

		if (a->o->json)
			hit_json(a, host, func, &hits[i]);
		else
			hit_row(a, &t, host, func, &hits[i]);
	}
	if (!a->o->json)
		table_end(&t);
	return 0;
}

/* What FUNC means: the function of that very name, or else all that match it as a pattern. */
static int functions_meant(struct ask *a, struct function **f, size_t *n)
{
	if (query_functions(a->q, a->o->func, &a->pool, f, n, a->e) < 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		if (strcmp((*f)[i].name, a->o->func) != 0)
			continue;
		*f += i;
		*n = 1;
	}
	return *n ? 0 : fail(a->e, "no function matches '%s'; see gscrape-tui --list-funcs", a->o->func);
}

int run_query(const struct options *o, struct err *e)
{
	struct function *f;
	struct ask a;
	size_t n;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	if (functions_meant(&a, &f, &n) < 0)
		return ask_end(&a, -1);
	return ask_end(&a, show_hits(&a, f, n));
}
