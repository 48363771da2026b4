/* SPDX-License-Identifier: MIT */
/* --lives: how goroutines come and go. */
#include "ask.h"
#include <gscrape/insight.h>

/* "chan 98%, runtime 2%": the states they are in, most first */
static const char *families_text(struct pool *p, const struct lives *l)
{
	const char *text = NULL;
	bool told[FAM_MAX] = {false};

	for (int n = 0; n < FAM_MAX; n++) {
		int most = -1;

		for (int f = 0; f < FAM_MAX; f++)
			if (!told[f] && l->families[f] && (most < 0 || l->families[f] > l->families[most]))
				most = f;
		if (most < 0)
			break;
		told[most] = true;
		text = pool_printf(p, "%s%s%s %.0f%%", text ? text : "", text ? ", " : "", family_name((enum family)most),
				   100 * (double)l->families[most] / (double)l->samples);
	}
	return text;
}

static void lives_row(struct ask *a, struct table *t, const struct host *h, const struct lives *l)
{
	table_text(t, h->name);
	table_number(t, l->births);
	table_number(t, l->deaths);
	table_number(t, l->alive);
	table_real(t, l->births_per_minute, 1);
	table_real(t, l->deaths_per_minute, 1);
	table_duration(t, l->p50);
	table_duration(t, l->p90);
	table_duration(t, l->p99);
	table_duration(t, l->max);
	table_number(t, l->censored);
	table_duration(t, l->median);
	table_time(t, l->oldest);
	table_text(t, families_text(&a->pool, l));
	table_text(t, l->name);
}

static int show_host(struct ask *a, struct table *t, const struct host *h)
{
	struct lives_question question = {.host = h->id, .from = a->o->from, .to = a->o->to, .by = (enum group_by)a->o->group_by};
	struct lives *l;
	size_t n;

	if (query_lives(a->q, &question, &a->pool, &l, &n, a->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (a->o->json) {
			lives_json(&(struct jw){.out = &a->out.buf}, a->q, &l[i]);
			ask_json_line(a);
		} else {
			lives_row(a, t, h, &l[i]);
		}
	}
	pool_release(&a->pool);
	return 0;
}

int run_lives(const struct options *o, struct err *e)
{
	static const struct column columns[] = {
		{"HOST", false}, {"BIRTHS", true}, {"DEATHS", true}, {"ALIVE", true}, {"BORN/MIN", true}, {"GONE/MIN", true},
		{"P50", true}, {"P90", true}, {"P99", true}, {"MAX", true}, {"CENSORED", true}, {"MEDIAN", true},
		{"OLDEST", false}, {"STATES", false}, {"GROUP", false},
	};
	struct table t;
	struct ask a;
	int rc = 0;

	if (o->group_by == BY_NONE)
		return fail_as(e, ERR_USAGE, "--lives: --group-by none leaves one life in each group; see --goroutine");
	if (ask_begin(&a, o, e) < 0)
		return -1;
	t = TABLE(&a, columns);
	for (size_t i = 0; i < a.n_hosts && rc == 0; i++)
		rc = show_host(&a, &t, &a.hosts[i]);
	if (!o->json)
		table_end(&t);
	return ask_end(&a, rc);
}
