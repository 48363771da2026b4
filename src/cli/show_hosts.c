/* SPDX-License-Identifier: MIT */
/* --hosts: a row per host. --stats: a row per snapshot. */
#include "ask.h"
#include <stdio.h>

static void host_json(struct ask *a, const struct host *h)
{
	struct jw j = ask_json(a);

	jw_kstr(&j, "host", h->name);
	if (*h->labels)
		jw_kstr(&j, "labels", h->labels);
	jw_kuint(&j, "snapshots", h->snapshots);
	jw_kuint(&j, "failed", h->failed);
	jw_kuint(&j, "epochs", h->epochs);
	jw_ktime(&j, "first", h->first);
	jw_ktime(&j, "last", h->last);
	jw_kuint(&j, "goroutines", h->peak);
	jw_key(&j, "now");
	if (h->now < 0)
		jw_null(&j);
	else
		jw_int(&j, h->now);
	ask_json_end(a, &j);
}

static void host_row(struct table *t, const struct host *h)
{
	table_text(t, h->name);
	table_number(t, h->snapshots);
	table_number(t, h->failed);
	table_number(t, h->epochs);
	table_time(t, h->first);
	table_time(t, h->last);
	table_number(t, h->peak);
	table_number(t, h->now);
	table_text(t, *h->labels ? h->labels : NULL);
}

int run_hosts(const struct options *o, struct err *e)
{
	static const struct column columns[] = {
		{"HOST", false}, {"SNAPSHOTS", true}, {"FAILED", true}, {"EPOCHS", true}, {"FIRST", false},
		{"LAST", false}, {"MOST", true}, {"NOW", true}, {"LABELS", false},
	};
	struct table t;
	struct ask a;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	t = TABLE(&a, columns);
	for (size_t i = 0; i < a.n_hosts; i++) {
		if (o->json)
			host_json(&a, &a.hosts[i]);
		else
			host_row(&t, &a.hosts[i]);
	}
	if (!o->json)
		table_end(&t);
	return ask_end(&a, 0);
}

static void snapshot_json(struct ask *a, const struct host *h, const struct snapshot *s)
{
	struct jw j = ask_json(a);

	jw_kstr(&j, "host", h->name);
	jw_ktime(&j, "time", s->time);
	jw_kuint(&j, "epoch", s->epoch);
	if (s->status != SNAP_FAILED)
		jw_kuint(&j, "goroutines", s->goroutines);
	if (snap_has_text(s->status)) {
		states_json(&j, a->q, s->states, s->n_states);
		jw_kuint(&j, "bytes", s->bytes);
	}
	jw_kstr(&j, "status", snap_status_name(s->status));
	if (s->took)
		jw_kuint(&j, "took", s->took);
	if (s->note)
		jw_kstr(&j, "note", query_string(a->q, s->note));
	ask_json_end(a, &j);
}

/* "20 select, 3 running": the states, or why there are none. */
static const char *states_text(struct ask *a, const struct snapshot *s)
{
	struct buf b = {0};
	char *text;

	for (size_t i = 0; i < s->n_states; i++)
		buf_addf(&b, "%s%u %s", i ? ", " : "", s->states[i].n, query_string(a->q, s->states[i].state));
	if (s->note)
		buf_addf(&b, "%s%s", b.n ? "; " : "", query_string(a->q, s->note));
	text = pool_strndup(&a->pool, b.p, b.n);
	buf_release(&b);
	return text;
}

static void snapshot_row(struct ask *a, struct table *t, const struct host *h, const struct snapshot *s)
{
	const char *status = snap_status_name(s->status);

	table_text(t, h->name);
	table_time(t, s->time);
	table_number(t, s->epoch ? (int64_t)s->epoch : -1);
	table_number(t, s->status == SNAP_FAILED ? -1 : (int64_t)s->goroutines);
	table_styled(t, s->status == SNAP_OK ? CELL_PLAIN : CELL_BAD, status);
	table_number(t, snap_has_text(s->status) ? (int64_t)s->bytes : -1);
	table_duration(t, s->took ? (int64_t)s->took : -1);
	table_text(t, states_text(a, s));
}

#define PIECE 1000 /* snapshots asked for at a time, so that a long history is not held in memory */

/* The time at which a piece that begins at `from` ends, `to` at most. */
static int piece_end(struct ask *a, uint32_t host, int64_t from, int64_t to, int64_t *end)
{
	struct snapshot s;
	int rc = query_step(a->q, host, from, PIECE, &s, a->e);

	*end = rc == 1 && s.time > from && s.time < to ? s.time : to;
	return rc;
}

static int host_stats(struct ask *a, struct table *t, const struct host *h)
{
	int64_t from = h->first, to = h->last, end;

	if (h->first == NO_TIME)
		return 0;
	if (a->o->from != NO_TIME && a->o->from > from)
		from = a->o->from;
	if (a->o->to != NO_TIME && a->o->to < to)
		to = a->o->to;
	for (; from <= to; from = end + 1) {
		struct snapshot *s;
		size_t n;

		if (piece_end(a, h->id, from, to, &end) < 0 ||
		    query_snapshots(a->q, h->id, from, end, &a->pool, &s, &n, a->e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			if (a->o->json)
				snapshot_json(a, h, &s[i]);
			else
				snapshot_row(a, t, h, &s[i]);
		}
		pool_release(&a->pool);
	}
	return 0;
}

int run_stats(const struct options *o, struct err *e)
{
	static const struct column columns[] = {
		{"HOST", false}, {"TIME", false}, {"EPOCH", true}, {"GOROUTINES", true}, {"STATUS", false},
		{"BYTES", true}, {"TOOK", true}, {"STATES", false},
	};
	struct table t;
	struct ask a;
	int rc = 0;

	if (ask_begin(&a, o, e) < 0)
		return -1;
	t = TABLE(&a, columns);
	for (size_t i = 0; i < a.n_hosts && rc == 0; i++)
		rc = host_stats(&a, &t, &a.hosts[i]);
	if (!o->json)
		table_end(&t);
	return ask_end(&a, rc);
}
