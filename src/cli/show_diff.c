/* SPDX-License-Identifier: MIT */
/* --diff: what moved between two times. */
#include "ask.h"
#include <inttypes.h>

#define IDS_SHOWN 3

/* "12, 13, 40 and 7 more": those that are new, oldest first */
static const char *new_ids(struct pool *p, const struct moved *m)
{
	const char *s = NULL;

	for (uint32_t i = 0; i < m->born && i < IDS_SHOWN; i++)
		s = i ? pool_printf(p, "%s, %" PRIu64, s, m->ids[i]) : pool_printf(p, "%" PRIu64, m->ids[i]);
	return m->born > IDS_SHOWN ? pool_printf(p, "%s and %u more", s, m->born - IDS_SHOWN) : s;
}

static void moved_row(struct ask *a, struct table *t, const struct moved *m)
{
	const struct group *g = moved_group(m);

	table_text(t, ask_host_name(a, m->host));
	table_net(t, m->net);
	table_number(t, m->from);
	table_number(t, m->to);
	table_number(t, m->born);
	table_number(t, m->gone);
	table_text(t, m->now ? query_string(a->q, g->states[0].state) : "gone");
	table_text(t, new_ids(&a->pool, m));
	table_text(t, g->name);
	table_text(t, g->top.func);
}

int run_diff(const struct options *o, struct err *e)
{
	static const struct column columns[] = {
		{"HOST", false}, {"NET", true}, {"FROM", true}, {"TO", true}, {"BORN", true}, {"GONE", true},
		{"STATE", false}, {"NEW", false}, {"GROUP", false}, {"FUNCTION", false},
	};
	struct diff_question question = {.from = o->from, .to = o->to, .by = (enum group_by)o->group_by};
	struct moved *m;
	struct table t;
	struct ask a;
	size_t n;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	question.host = o->host ? a.hosts->id : 0;
	if (query_diff(a.q, &question, &a.pool, &m, &n, e) < 0)
		return ask_end(&a, -1);
	t = TABLE(&a, columns);
	for (size_t i = 0; i < n; i++) {
		if (o->json) {
			moved_json(&(struct jw){.out = &a.out.buf}, a.q, &m[i]);
			ask_json_line(&a);
		} else {
			moved_row(&a, &t, &m[i]);
		}
	}
	if (!o->json)
		table_end(&t);
	return ask_end(&a, 0);
}
