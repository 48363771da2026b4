/* SPDX-License-Identifier: MIT */
/* --goroutine ID --profile: where one goroutine spends its time. */
#include "ask.h"
#include <gscrape/insight.h>

static void line_json(struct ask *a, const struct host *h, const struct profile_line *l)
{
	const struct stack *s = query_stack(a->q, l->stack);
	struct jw j = ask_json(a);

	jw_kstr(&j, "host", h->name);
	jw_kuint(&j, "id", a->o->id);
	jw_kstr(&j, "state", l->state);
	jw_kuint(&j, "samples", l->samples);
	jw_kdouble(&j, "share", l->share, 4);
	jw_key(&j, "stack");
	jw_arr(&j);
	for (uint32_t i = 0; i < s->n; i++)
		jw_str(&j, frame_text(&a->pool, &s->frames[i]));
	jw_end(&j);
	ask_json_end(a, &j);
}

/* "sync.(*Mutex).Lock:46 <- main.(*ledger).post:130 <- main.main:226" */
static const char *stack_text(struct ask *a, const struct stack *s)
{
	struct buf b = {0};
	char name[512];
	const char *text;

	for (uint32_t i = 0; i < s->n; i++)
		buf_addf(&b, "%s%s:%u", i ? " <- " : "", query_short(name, sizeof name, s->frames[i].func), s->frames[i].line);
	text = b.n ? pool_strndup(&a->pool, b.p, b.n) : NULL;
	buf_release(&b);
	return text;
}

static void line_row(struct ask *a, struct table *t, const struct profile_line *l)
{
	table_share(t, l->share);
	table_number(t, (int64_t)l->samples);
	table_text(t, l->state);
	table_text(t, stack_text(a, query_stack(a->q, l->stack)));
}

int show_profile(struct ask *a, const struct host *h)
{
	static const struct column columns[] = {{"SHARE", true}, {"SNAPSHOTS", true}, {"STATE", false}, {"STACK", false}};
	struct profile_question question = {.host = h->id, .id = a->o->id, .epoch = a->o->epoch, .from = a->o->from, .to = a->o->to};
	struct table t = TABLE(a, columns);
	struct profile_line *l;
	size_t n;
	int rc = query_profile(a->q, &question, &a->pool, &l, &n, a->e);

	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		if (a->o->json)
			line_json(a, h, &l[i]);
		else
			line_row(a, &t, &l[i]);
	}
	if (!a->o->json)
		table_end(&t);
	return 1;
}
