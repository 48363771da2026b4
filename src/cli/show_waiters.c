/* SPDX-License-Identifier: MIT */
/* --waiters: who waits for what at a time. */
#include "ask.h"
#include <gscrape/insight.h>
#include <inttypes.h>

static void waiters_row(struct ask *a, struct table *t, const struct host *h, const struct waiters *w)
{
	const char *site = frame_text(&a->pool, &w->sites[0].created);

	table_text(t, h->name);
	table_number(t, w->count);
	table_text(t, w->what);
	table_text(t, pool_printf(&a->pool, "0x%" PRIx64, w->object));
	table_text(t, w->state);
	table_number(t, w->longest);
	table_time(t, w->longest_at);
	table_time(t, w->oldest);
	table_text(t, pool_printf(&a->pool, "%" PRIu64, w->oldest_id));
	table_number(t, w->handed_over);
	if (w->n_sites > 1)
		site = pool_printf(&a->pool, "%s and %zu more", site ? site : "-", w->n_sites - 1);
	table_text(t, site);
}

/* Every connection at rest is a descriptor that one waits for: as text they are counted only. */
static bool is_at_rest(const struct waiters *w)
{
	return w->count == 1 && strcmp(w->what, "network descriptor") == 0;
}

static int show_host(struct ask *a, struct table *t, const struct host *h, size_t *resting)
{
	struct waiters *w;
	size_t n;

	if (query_waiters(a->q, h->id, a->o->from, ask_at(a), &a->pool, &w, &n, a->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (a->o->json) {
			waiters_json(&(struct jw){.out = &a->out.buf}, a->q, &w[i]);
			ask_json_line(a);
		} else if (!a->o->csv && is_at_rest(&w[i])) {
			++*resting;
		} else {
			waiters_row(a, t, h, &w[i]);
		}
	}
	pool_release(&a->pool);
	return 0;
}

int run_waiters(const struct options *o, struct err *e)
{
	static const struct column columns[] = {
		{"HOST", false}, {"WAIT", true}, {"FOR", false}, {"ADDRESS", false}, {"STATE", false}, {"LONGEST", true},
		{"AT", false}, {"OLDEST SINCE", false}, {"GOROUTINE", true}, {"HANDED OVER", true}, {"CREATED BY", false},
	};
	size_t resting = 0;
	struct table t;
	struct ask a;
	int rc = 0;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	t = TABLE(&a, columns);
	for (size_t i = 0; i < a.n_hosts && rc == 0; i++)
		rc = show_host(&a, &t, &a.hosts[i], &resting);
	if (!o->json)
		table_end(&t);
	if (resting)
		buf_addf(&a.out.buf, "and %zu network descriptor%s with one goroutine%s\n", resting, resting == 1 ? "" : "s",
			 resting == 1 ? "" : " each");
	return ask_end(&a, rc);
}
