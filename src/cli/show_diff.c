/* SPDX-License-Identifier: MIT */
/* --diff: what moved between two times. */
#include "session.h"
#include <stdio.h>

/* Of which hosts it cannot be told. Before its first snapshot a host is compared with that. */
static int say_unknown(struct session *s)
{
	struct session one = *s;
	int rc = 0;

	for (size_t i = 0; i < s->n_hosts && rc == 0; i++) {
		one.hosts = &s->hosts[i];
		one.n_hosts = 1;
		if (s->o->from != NO_TIME && s->hosts[i].first != NO_TIME && s->o->from >= s->hosts[i].first)
			rc = session_say_unknown(&one, s->o->from, "at --from");
		if (rc == 0)
			rc = session_say_unknown(&one, s->o->to, s->o->to == NO_TIME ? "" : "at --to");
	}
	s->out = one.out;
	return rc;
}

/* One snapshot is both ends: all that a dump by itself can have. */
static int say_same(struct session *s)
{
	for (size_t i = 0; i < s->n_hosts; i++) {
		const struct host *h = &s->hosts[i];
		struct known from, to;
		char t[TIME_MAX], text[100];

		if (h->first == NO_TIME)
			continue;
		if (query_known(s->q, h->id, s->o->from > h->first ? s->o->from : h->first, &from, s->e) < 0 ||
		    query_known(s->q, h->id, s->o->to, &to, s->e) < 0)
			return -1;
		if (!from.known || !to.known || from.text.seq != to.text.seq)
			continue;
		snprintf(text, sizeof text, "nothing to compare: the one snapshot of %s is both ends", time_format(t, to.text.time, TIME_TABLE, s->o->tz));
		session_note(s, h->name, "", text);
	}
	return 0;
}

static int say_why_little(struct session *s, size_t found)
{
	size_t n = s->out.buf.n;

	if (say_unknown(s) < 0 || say_same(s) < 0)
		return -1;
	if (!found && s->out.buf.n == n && !s->o->json && !s->o->csv)
		buf_adds(&s->out.buf, "note: nothing moved\n");
	return 0;
}

int run_diff(const struct options *o, struct err *e)
{
	struct diff_question question = {.from = o->from, .to = o->to, .by = (enum group_by)o->group_by};
	struct moved *m;
	struct session s;
	struct table t;
	size_t n;

	if (session_begin(&s, o, e) < 0)
		return -1;
	question.host = session_host(&s);
	question.where = s.where;
	if (query_diff(s.q, &question, &s.pool, &m, &n, e) < 0)
		return session_end(&s, -1);
	t = session_table(&s, &moved_columns);
	for (size_t i = 0; i < n; i++)
		session_row(&s, &t, &m[i]);
	session_table_end(&s, &t);
	return session_end(&s, say_why_little(&s, n));
}
