/* SPDX-License-Identifier: MIT */
/* --diff: what moved between two times. */
#include "session.h"

static int say_why_little(struct session *s, const struct diff_question *ask, size_t found)
{
	static const char *const ends[] = {[DIFF_BOTH] = "", [DIFF_FROM] = "at --from", [DIFF_TO] = "at --to"};
	struct diff_notes notes;

	if (query_diff_notes(s->q, ask, s->o->tz, &s->pool, &notes, s->e) < 0)
		return -1;
	for (size_t i = 0; i < notes.n; i++)
		session_note(s, notes.a[i].host, ask->to == NO_TIME && notes.a[i].end == DIFF_TO ? "" : ends[notes.a[i].end], notes.a[i].text);
	if (!found && !notes.n && !s->o->json && !s->o->csv)
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
	return session_end(&s, say_why_little(&s, &question, n));
}
