/* SPDX-License-Identifier: MIT */
/* --diff: what moved between two times. */
#include "session.h"

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
	if (query_diff(s.q, &question, &s.pool, &m, &n, e) < 0)
		return session_end(&s, -1);
	t = session_table(&s, &moved_columns);
	for (size_t i = 0; i < n; i++)
		session_row(&s, &t, &m[i]);
	session_table_end(&s, &t);
	return session_end(&s, say_unknown(&s));
}
