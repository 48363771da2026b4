/* SPDX-License-Identifier: MIT */
/* --canary: how the hosts with a label differ from the rest. */
#include "session.h"

int run_canary(const struct options *o, struct err *e)
{
	struct canary_question ask = {o->canary, o->of, o->at, (enum group_by)o->group_by, NULL};
	struct canary_row *rows;
	struct session s;
	struct table t;
	size_t n;

	if (session_begin(&s, o, e) < 0)
		return -1;
	ask.where = s.where;
	if (query_canary(s.q, &ask, &s.pool, &rows, &n, e) < 0)
		return session_end(&s, -1);
	t = session_table(&s, &canary_columns);
	for (size_t i = 0; i < n; i++)
		session_row(&s, &t, &rows[i]);
	session_table_end(&s, &t);
	if (!n && !o->json && !o->csv)
		buf_adds(&s.out.buf, "note: no difference, where both are known\n");
	return session_end(&s, session_say_unknown(&s, o->at, ""));
}
