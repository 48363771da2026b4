/* SPDX-License-Identifier: MIT */
/* --lives: how goroutines come and go. */
#include "session.h"

static int show_host(struct session *s, struct table *t, const struct host *h, size_t *shown)
{
	struct lives_question question = {.host = h->id, .from = s->o->from, .to = s->o->to, .by = (enum group_by)s->o->group_by,
					 .where = s->where};
	struct lives *l;
	size_t n;

	if (query_lives(s->q, &question, &s->pool, &l, &n, s->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		session_row(s, t, &l[i]);
	*shown += n;
	pool_release(&s->pool);
	return 0;
}

int run_lives(const struct options *o, struct err *e)
{
	struct session s;
	struct table t;
	size_t shown = 0, said;
	int rc = 0;

	if (o->group_by == BY_NONE)
		return fail_as(e, ERR_USAGE, "--lives: --group-by none leaves one life in each group; see --goroutine");
	if (session_begin(&s, o, e) < 0)
		return -1;
	t = session_table(&s, &lives_columns);
	for (size_t i = 0; i < s.n_hosts && rc == 0; i++)
		rc = show_host(&s, &t, &s.hosts[i], &shown);
	session_table_end(&s, &t);
	said = s.out.buf.n;
	if (rc == 0)
		rc = session_say_empty(&s);
	if (rc == 0 && (!shown || !o->json) && s.out.buf.n == said) /* there are snapshots, but none tells who was alive at the end */
		rc = session_say_unknown(&s, o->to, "");
	if (rc == 0)
		rc = session_say_odd(&s, o->to);
	return session_end(&s, rc);
}
