/* SPDX-License-Identifier: MIT */
/* --goroutines: who is alive at a time, one by one or in groups. */
#include "ask.h"
#include <stdio.h>

/* One goroutine of query_alive, with what its row shows beside. */
struct shown {
	const struct host *host;
	const struct alive *g;
	const char *func, *created;
	int64_t last;
};

static void alive_json(struct ask *a, const struct shown *s)
{
	struct jw j = ask_json(a);

	jw_kstr(&j, "host", s->host->name);
	jw_kuint(&j, "epoch", s->g->epoch);
	jw_kuint(&j, "id", s->g->id);
	jw_kstr(&j, "state", s->g->state);
	jw_kstr(&j, "func", s->func);
	jw_kstr(&j, "created_by", s->created);
	jw_ktime(&j, "first", s->g->first);
	jw_ktime(&j, "last", s->last);
	ask_json_end(a, &j);
}

static void alive_row(struct ask *a, struct table *t, const struct shown *s)
{
	table_text(t, s->host->name);
	table_number(t, s->g->epoch);
	table_text(t, pool_printf(&a->pool, "%llu", (unsigned long long)s->g->id));
	table_text(t, s->g->state);
	table_time(t, s->g->first);
	table_time(t, s->g->since);
	table_text(t, s->func);
	table_text(t, s->created);
}

/* When a goroutine alive at `at` was last seen: at the newest snapshot that is now; before it, its history knows. */
static int last_seen(struct ask *a, const struct host *h, const struct alive *g, int64_t at, struct pool *p, int64_t *last)
{
	struct life life;
	int rc;

	if (at >= h->last) {
		*last = at;
		return 0;
	}
	rc = query_goroutine(a->q, h->id, g->epoch, NO_TIME, g->id, p, &life, a->e);
	*last = rc == 1 ? life.last : at;
	return rc < 0 ? -1 : 0;
}

static int show_alive(struct ask *a, struct table *t, const struct host *h, const struct snapshot *at)
{
	struct alive *g;
	size_t n;

	if (query_alive(a->q, h->id, ask_at(a), &a->pool, &g, &n, a->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct stack *s = query_stack(a->q, g[i].stack);
		const struct frame *f = stack_user_frame(s);
		struct shown row = {h, &g[i], f ? f->func : NULL, s->created.func, NO_TIME};
		struct pool scratch = {0};
		int rc = a->o->json ? last_seen(a, h, &g[i], at->time, &scratch, &row.last) : 0;

		pool_release(&scratch);
		if (rc < 0)
			return -1;
		if (a->o->json)
			alive_json(a, &row);
		else
			alive_row(a, t, &row);
	}
	return 0;
}

static void group_json(struct ask *a, const struct host *h, const struct group *g)
{
	struct jw j = ask_json(a);

	jw_kstr(&j, "host", h->name);
	jw_kstr(&j, "group", g->name);
	jw_kuint(&j, "count", g->count);
	jw_ktime(&j, "oldest", g->oldest);
	states_json(&j, a->q, g->states, g->n_states);
	ask_json_end(a, &j);
}

static void group_row(struct ask *a, struct table *t, const struct host *h, const struct group *g)
{
	const char *states = "";

	for (size_t i = 0; i < g->n_states; i++)
		states = pool_printf(&a->pool, "%s%s%u %s", states, i ? ", " : "", g->states[i].n,
				     query_string(a->q, g->states[i].state));
	table_text(t, h->name);
	table_number(t, g->count);
	table_time(t, g->oldest);
	table_text(t, g->name);
	table_text(t, states);
}

static int show_groups(struct ask *a, struct table *t, const struct host *h)
{
	struct group *g;
	size_t n;

	if (query_groups(a->q, h->id, ask_at(a), (enum group_by)a->o->group_by, &a->pool, &g, &n, a->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (a->o->json)
			group_json(a, h, &g[i]);
		else
			group_row(a, t, h, &g[i]);
	}
	return 0;
}

/* A host that was not yet watched at --at has nobody, rather than those of its first snapshot. */
static int show_host(struct ask *a, struct table *t, const struct host *h)
{
	struct snapshot at;
	int rc = query_snapshot_at(a->q, h->id, ask_at(a), &at, a->e);

	if (rc <= 0 || at.time > ask_at(a))
		return rc < 0 ? -1 : 0;
	return a->o->group_by == BY_NONE ? show_alive(a, t, h, &at) : show_groups(a, t, h);
}

int run_goroutines(const struct options *o, struct err *e)
{
	static const struct column each[] = {
		{"HOST", false}, {"EPOCH", true}, {"ID", true}, {"STATE", false}, {"FIRST", false}, {"SINCE", false},
		{"FUNCTION", false}, {"CREATED BY", false},
	};
	static const struct column grouped[] = {
		{"HOST", false}, {"COUNT", true}, {"OLDEST", false}, {"GROUP", false}, {"STATES", false},
	};
	struct table t;
	struct ask a;
	int rc = 0;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	t = o->group_by == BY_NONE ? TABLE(&a, each) : TABLE(&a, grouped);
	for (size_t i = 0; i < a.n_hosts && rc == 0; i++) {
		rc = show_host(&a, &t, &a.hosts[i]);
		pool_release(&a.pool);
	}
	if (!o->json)
		table_end(&t);
	return ask_end(&a, rc);
}
