/* SPDX-License-Identifier: MIT */
/* --list-funcs: functions by name. --query: goroutines that had some on their stack, while they had them, or who calls
 * them and whom they call. */
#include "session.h"
#include "temp_store.h"

/* Whoever names a file where a pattern is taken means what is in it: with no store, or no function of that name. */
static bool means_a_file(const char *pattern)
{
	enum operand kind = operand_kind(pattern);

	return *pattern && (kind == OPERAND_FILE || kind == OPERAND_FOLDER);
}

static int fail_of_file(const char *name, struct err *e)
{
	return fail_as(e, ERR_USAGE, "--list-funcs takes a PATTERN, and '%s' is a file or folder: --index takes it into a store that --list-funcs asks then, "
		       "--dump functions shows what is in it", name);
}

int run_list_funcs(const struct options *o, struct err *e)
{
	const char *pattern = o->operands.n ? o->operands.v[0] : "";
	struct function *f;
	struct session s;
	struct table t;
	struct function_count *counts;
	size_t n;

	if (session_begin(&s, o, e) < 0)
		return e->kind == ERR_GONE && means_a_file(pattern) ? fail_of_file(pattern, e) : -1;
	if (query_functions(s.q, pattern, &s.pool, &f, &n, e) < 0)
		return session_end(&s, -1);
	if (!n && means_a_file(pattern))
		return session_end(&s, fail_of_file(pattern, e));
	counts = pool_alloc(&s.pool, (n + 1) * sizeof *counts);
	if (query_function_counts(s.q, f, n, &(struct counts_question){{session_host(&s), session_at(&s)}, s.where}, counts, e) < 0)
		return session_end(&s, -1);
	if (s.where)
		n = functions_present(f, counts, n);
	t = session_table(&s, &function_columns);
	for (size_t i = 0; i < n; i++)
		session_row(&s, &t, &(struct told_function){&f[i], counts[i]});
	session_table_end(&s, &t);
	return session_end(&s, 0);
}

static uint32_t *numbers_of(struct session *s, const struct function *f, size_t n)
{
	uint32_t *ids = pool_alloc(&s->pool, (n + 1) * sizeof *ids);

	for (size_t i = 0; i < n; i++)
		ids[i] = f[i].func_id;
	return ids;
}

static int show_hits(struct session *s, const struct function *f, size_t n)
{
	int64_t from = s->o->from == NO_TIME ? INT64_MIN + 1 : s->o->from, to = s->o->to == NO_TIME ? INT64_MAX : s->o->to;
	struct functions_question ask = {.func_ids = numbers_of(s, f, n), .n_funcs = n, .scope = IN_ANY_FRAME,
					 .w = {.host = session_host(s), .from = from, .to = to}, .where = s->where};
	struct table t = session_table(s, &hit_columns);
	struct hit *hits;
	size_t n_hits;

	if (filter_over_time(s->where, s->e) < 0)
		return -1;
	source_line_read(&ask.at, str_of(s->o->func));
	if (query_hits(s->q, &ask, &s->pool, &hits, &n_hits, s->e) < 0 || filter_gave_up(s->where, s->e) < 0)
		return -1;
	if (!n_hits && ask.at.file.n && !s->where && s->o->from == NO_TIME && s->o->to == NO_TIME)
		return fail(s->e, "no call at '%s' was on a stack; --goroutines --where 'created_by == FILE:LINE' asks for go statements", s->o->func);
	for (size_t i = 0; i < n_hits; i++)
		session_row(s, &t, &(struct told_hit){session_host_name(s, hits[i].host), &hits[i], query_is_now(s->q, hits[i].host)});
	session_table_end(s, &t);
	return session_say_empty(s);
}

static int show_callers(struct session *s, const struct function *f, size_t n)
{
	struct callers_question question = {.func_ids = numbers_of(s, f, n), .n_funcs = n, .host = session_host(s), .from = s->o->from,
					    .to = s->o->to};
	struct table t = session_table(s, &call_columns);
	const char *func = n == 1 ? f->name : s->o->func;
	struct callers c;

	if (s->where)
		return fail_as(s->e, ERR_USAGE, "--where does not go with --callers");
	if (query_callers(s->q, &question, &s->pool, &c, s->e) < 0)
		return -1;
	if (s->o->json) {
		callers_json(&(struct jw){.out = &s->out.buf}, s->q, func, &c);
		session_json_line(s);
		return 0;
	}
	for (size_t i = 0; i < c.n_callers; i++)
		table_row(&t, &(struct told_call){func, &c.callers[i], false});
	for (size_t i = 0; i < c.n_callees; i++)
		table_row(&t, &(struct told_call){func, &c.callees[i], true});
	table_end(&t);
	return 0;
}

/* What FUNC means: the function of that very name, or else all that match it as a pattern; of a place in the source, all
 * that there are, of which those calls are asked for that stand there. */
static int functions_meant(struct session *s, struct function **f, size_t *n)
{
	if (source_line_read(&(struct source_line){0}, str_of(s->o->func))) {
		if (s->o->callers)
			return fail_as(s->e, ERR_USAGE, "--callers is of functions, and '%s' is a place", s->o->func);
		return query_functions(s->q, "", &s->pool, f, n, s->e);
	}
	if (query_functions(s->q, s->o->func, &s->pool, f, n, s->e) < 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		if (strcmp((*f)[i].name, s->o->func) != 0)
			continue;
		*f += i;
		*n = 1;
	}
	return *n ? 0 : fail(s->e, "no function matches '%s'; see gscrape-tui --list-funcs", s->o->func);
}

int run_query(const struct options *o, struct err *e)
{
	struct function *f;
	struct session s;
	size_t n;

	if (session_begin(&s, o, e) < 0)
		return -1;
	if (functions_meant(&s, &f, &n) < 0)
		return session_end(&s, -1);
	return session_end(&s, o->callers ? show_callers(&s, f, n) : show_hits(&s, f, n));
}
