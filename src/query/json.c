/* SPDX-License-Identifier: MIT */
/* What the command line and the web write alike. */
#include "room.h"
#include <gscrape/insight.h>
#include <inttypes.h>
#include <stdio.h>

void frame_json(struct jw *j, const char *key, const struct frame *f)
{
	if (key)
		jw_key(j, key);
	if (!f || !f->func) {
		jw_null(j);
		return;
	}
	jw_obj(j);
	jw_kstr(j, "func", f->func);
	if (f->file) {
		jw_kstr(j, "file", f->file);
		jw_kuint(j, "line", f->line);
	}
	jw_end(j);
}

void states_json(struct jw *j, struct query *q, const struct state_count *s, size_t n)
{
	jw_key(j, "states");
	jw_obj(j);
	for (size_t i = 0; i < n; i++)
		jw_kuint(j, query_string(q, s[i].state), s[i].n);
	jw_end(j);
}

void place_json(struct jw *j, const char *func_key, const char *at_key, const struct frame *f)
{
	struct buf b = {0};

	jw_kstr(j, func_key, f->func);
	if (f->file)
		buf_addf(&b, "%s:%u", f->file, f->line);
	jw_kstr(j, at_key, b.p);
	buf_release(&b);
}

static void stack_json(struct jw *j, const struct stack *s)
{
	struct buf b = {0};

	jw_key(j, "stack");
	jw_arr(j);
	for (uint32_t i = 0; i < s->n; i++) {
		buf_reset(&b);
		buf_adds(&b, s->frames[i].func);
		if (s->frames[i].file)
			buf_addf(&b, " %s:%u", s->frames[i].file, s->frames[i].line);
		jw_str(j, b.p);
	}
	jw_end(j);
	buf_release(&b);
}

static void arguments_json(struct jw *j, const char *texts, const char *terms, const struct argument *a, size_t n)
{
	jw_key(j, texts);
	jw_arr(j);
	for (size_t i = 0; i < n; i++)
		jw_str(j, a[i].text);
	jw_end(j);
	jw_key(j, terms);
	jw_arr(j);
	for (size_t i = 0; i < n; i++) {
		jw_obj(j);
		jw_kstr(j, "name", a[i].name);
		jw_kdouble(j, "weight", a[i].weight, 2);
		jw_kstr(j, "text", a[i].text);
		jw_end(j);
	}
	jw_end(j);
}

void suspect_json(struct jw *j, struct query *q, const struct suspect *s)
{
	char object[24];

	jw_obj(j);
	jw_kstr(j, "host", s->host_name);
	jw_kstr(j, "verdict", verdict_name(s->verdict));
	jw_kstr(j, "kind", suspect_kind_name(s->kind));
	jw_kdouble(j, "score", s->score, 3);
	place_json(j, "created_by", "created_at", &s->created);
	place_json(j, "function", "function_at", &s->place);
	jw_kstr(j, "state", s->state);
	jw_kuint(j, "epoch", s->epoch);
	jw_kuint(j, "count", s->count);
	jw_kint(j, "growth", s->growth);
	jw_kdouble(j, "per_hour", s->per_hour, 1);
	jw_kdouble(j, "never_ended", s->never_ended, 3);
	jw_ktime(j, "since", s->since);
	jw_ktime(j, "oldest", s->oldest);
	jw_kuint(j, "oldest_id", s->oldest_id);
	if (s->wait_object) {
		snprintf(object, sizeof object, "0x%" PRIx64, s->wait_object);
		jw_kstr(j, "wait_object", object);
		jw_kuint(j, "wait_object_waiters", s->wait_object_n);
	}
	stack_json(j, query_stack(q, s->stack));
	arguments_json(j, "evidence", "evidence_terms", s->evidence, s->n_evidence);
	arguments_json(j, "against", "against_terms", s->against, s->n_against);
	jw_end(j);
}
