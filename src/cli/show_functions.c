/* SPDX-License-Identifier: MIT */
/* --list-funcs: functions by name. --query: goroutines that had some on their stack, while they had them, or who calls
 * them and whom they call. */
#include "ask.h"
#include <gscrape/insight.h>
#include <inttypes.h>

static const char *name_of(const struct function *f, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].func_id == id)
			return f[i].name;
	return NULL;
}

static void function_json(struct ask *a, const struct function *f, uint32_t now)
{
	struct jw j = ask_json(a);

	jw_kstr(&j, "func", f->name);
	jw_kuint(&j, "stacks", f->stacks);
	jw_kuint(&j, "now", now);
	ask_json_end(a, &j);
}

int run_list_funcs(const struct options *o, struct err *e)
{
	static const struct column columns[] = {{"STACKS", true}, {"NOW", true}, {"FUNCTION", false}};
	struct function *f;
	struct table t;
	uint32_t *now;
	struct ask a;
	size_t n;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	if (query_functions(a.q, o->operands.n ? o->operands.v[0] : "", &a.pool, &f, &n, e) < 0 ||
	    query_function_counts(a.q, f, n, o->host ? a.hosts->id : 0, INT64_MAX, &a.pool, &now, e) < 0)
		return ask_end(&a, -1);
	t = TABLE(&a, columns);
	for (size_t i = 0; i < n; i++) {
		if (o->json) {
			function_json(&a, &f[i], now[i]);
			continue;
		}
		table_number(&t, f[i].stacks);
		table_number(&t, now[i]);
		table_text(&t, f[i].name);
	}
	if (!o->json)
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

/* --- --query --callers --- */

static void paths_rows(struct table *t, const char *way, const char *none, const struct call_path *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		table_text(t, way);
		table_share(t, c[i].share);
		table_number(t, (int64_t)c[i].samples);
		table_text(t, *c[i].path ? c[i].path : none);
	}
}

static int show_callers(struct ask *a, const struct function *f, size_t n)
{
	static const struct column columns[] = {{"CALLS", false}, {"SHARE", true}, {"SAMPLES", true}, {"PATH", false}};
	uint32_t *ids = pool_alloc(&a->pool, (n + 1) * sizeof *ids);
	struct callers_question question = {.func_ids = ids, .n_funcs = n, .host = a->o->host ? a->hosts->id : 0, .from = a->o->from,
					    .to = a->o->to};
	struct table t = TABLE(a, columns);
	struct callers c;

	for (size_t i = 0; i < n; i++)
		ids[i] = f[i].func_id;
	if (query_callers(a->q, &question, &a->pool, &c, a->e) < 0)
		return -1;
	if (a->o->json) {
		callers_json(&(struct jw){.out = &a->out.buf}, a->q, n == 1 ? f->name : a->o->func, &c);
		ask_json_line(a);
		return 0;
	}
	paths_rows(&t, "from", "(it is the root)", c.callers, c.n_callers);
	paths_rows(&t, "to", "(it is the leaf)", c.callees, c.n_callees);
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
	return ask_end(&a, o->callers ? show_callers(&a, f, n) : show_hits(&a, f, n));
}
