/* SPDX-License-Identifier: MIT */
/* --hosts: a row per host. --stats: a row per snapshot. */
#include "session.h"
#include <stdio.h>

/* --group-by label.KEY: of targets' labels. */
static int host_groups(struct session *s)
{
	struct table t = session_table(s, &host_group_columns);
	struct host_group_facts facts;
	struct host_group *g;
	size_t n;
	int rc = 0;

	query_host_groups(s->q, s->o->group_label, &s->pool, &g, &n);
	if (n == 1 && !g->value)
		rc = fail_as(s->e, ERR_USAGE, "no host in %s has a label '%s'", s->o->db, s->o->group_label);
	for (size_t i = 0; i < n && !rc; i++) {
		rc = query_host_group_facts(s->q, &g[i], &facts, s->e);
		if (!rc)
			session_row(s, &t, &facts);
	}
	session_table_end(s, &t);
	return session_end(s, rc);
}

int run_hosts(const struct options *o, struct err *e)
{
	struct host_facts *facts;
	struct session s;
	struct table t;
	int rc = 0;

	if (session_begin(&s, o, e) < 0)
		return -1;
	if (o->group_label)
		return host_groups(&s);
	t = session_table(&s, &host_columns);
	facts = pool_alloc(&s.pool, (s.n_hosts + 1) * sizeof *facts);
	if (query_all_begin(s.q, e) < 0)
		return session_end(&s, -1);
	for (size_t i = 0; i < s.n_hosts && rc == 0; i++) {
		int match = filter_has_match(s.where, s.q, &(struct moment){s.hosts[i].id, NO_TIME}, e);

		rc = match < 0 ? -1 : query_host_facts(s.q, &s.hosts[i], NO_TIME, &facts[i], e);
		if (rc == 0 && match)
			session_row(&s, &t, &facts[i]);
	}
	query_all_end(s.q);
	session_table_end(&s, &t);
	if (rc == 0 && !o->json) /* whose rows say it */
		rc = session_say_unknown(&s, NO_TIME, "");
	return session_end(&s, rc);
}

#define PIECE 1000 /* snapshots asked for at a time, so that a long history is not held in memory */

/* The time at which a piece that begins at `from` ends, `to` at most. */
static int piece_end(struct session *s, uint32_t host, int64_t from, int64_t to, int64_t *end)
{
	struct snapshot snap;
	int rc = query_step(s->q, host, from, PIECE, &snap, s->e);

	*end = rc == 1 && snap.time > from && snap.time < to ? snap.time : to;
	return rc;
}

static int host_stats(struct session *s, struct table *t, const struct host *h)
{
	int64_t from = h->first, to = h->last, end;
	struct matches m = {0};
	struct pool p = {0};
	int rc = 0;

	if (h->first == NO_TIME)
		return 0;
	if (s->o->from != NO_TIME && s->o->from > from)
		from = s->o->from;
	if (s->o->to != NO_TIME && s->o->to < to)
		to = s->o->to;
	if (s->where)
		rc = query_matches(s->q, &(struct window){.host = h->id, .from = from, .to = to}, s->where, &p, &m, s->e);
	for (; from <= to && rc == 0; from = end + 1) {
		struct snapshot *snaps;
		size_t n = 0;

		rc = piece_end(s, h->id, from, to, &end) < 0 ||
		     query_snapshots(s->q, &(struct window){.host = h->id, .from = from, .to = end}, &s->pool, &snaps, &n, s->e) < 0 ? -1 : 0;
		for (size_t i = 0; i < n; i++)
			session_row(s, t, &(struct told_snapshot){h->name, &snaps[i], matches_at(&m, snaps[i].seq)});
		pool_release(&s->pool);
	}
	pool_release(&p);
	return rc;
}

int run_stats(const struct options *o, struct err *e)
{
	struct session s;
	struct table t;
	int rc = 0;

	if (session_begin(&s, o, e) < 0)
		return -1;
	if (filter_over_time(s.where, e) < 0)
		return session_end(&s, -1);
	t = session_table(&s, s.where ? &matching_columns : &snapshot_columns);
	for (size_t i = 0; i < s.n_hosts && rc == 0; i++)
		rc = host_stats(&s, &t, &s.hosts[i]);
	session_table_end(&s, &t);
	return session_end(&s, rc < 0 ? rc : session_say_empty(&s));
}
