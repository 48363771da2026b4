/* SPDX-License-Identifier: MIT */
/* --diff: what moved between two times. */
#include "session.h"

/* What happened meanwhile, for people: programs ask --marks. */
static void say_marks(struct session *s, const struct diff_question *ask)
{
	char t[TIME_MAX];
	size_t n;
	const struct mark *m = query_marks(s->q, &n);

	for (size_t i = 0; i < n && !s->o->json && !s->o->csv; i++)
		if (m[i].time >= ask->from && (ask->to == NO_TIME || m[i].time <= ask->to) && mark_is_of(&m[i], ask->host ? s->hosts : NULL))
			session_note(s, *m[i].host ? m[i].host : "all hosts", time_format(t, m[i].time, TIME_TABLE, s->o->tz), m[i].text);
}

static int say_why_little(struct session *s, const struct diff_question *ask, size_t found)
{
	static const char *const ends[] = {[DIFF_BOTH] = "", [DIFF_FROM] = "at --from", [DIFF_TO] = "at --to"};
	struct diff_notes notes;

	if (query_diff_notes(s->q, ask, s->o->tz, &s->pool, &notes, s->e) < 0)
		return -1;
	for (size_t i = 0; i < notes.n; i++)
		session_note(s, notes.a[i].host, ask->to == NO_TIME && notes.a[i].end == DIFF_TO ? "" : ends[notes.a[i].end], notes.a[i].text);
	say_marks(s, ask);
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
