/* SPDX-License-Identifier: MIT */
/* --goroutine ID --profile: where one goroutine spends its time. */
#include "session.h"

int show_profile(struct session *s, const struct host *h)
{
	struct profile_question question = {.host = h->id, .id = s->o->id, .epoch = s->o->epoch, .from = s->o->from, .to = s->o->to};
	struct table t = session_table(s, &line_columns);
	struct profile_line *l;
	size_t n;
	int rc = query_profile(s->q, &question, &s->pool, &l, &n, s->e);

	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		session_row(s, &t, &(struct told_line){h->name, s->o->id, &l[i]});
	session_table_end(s, &t);
	return 1;
}
