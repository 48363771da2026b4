/* SPDX-License-Identifier: MIT */
/* --diff: what moved between two times. */
#include "session.h"

/* What happened meanwhile, for people: programs ask --marks. */
static void say_marks(struct session *s)
{
	const struct options *o = s->o;
	char t[TIME_MAX];
	size_t n;
	const struct mark *m = query_marks(s->q, &n);

	for (size_t i = 0; i < n && !o->json && !o->csv; i++)
		if (m[i].time >= o->from && (o->to == NO_TIME || m[i].time <= o->to) && mark_is_of(&m[i], o->host ? s->hosts : NULL))
			session_note(s, *m[i].host ? m[i].host : "all hosts", time_format(t, m[i].time, TIME_TABLE, o->tz), m[i].text);
}

/* Why a host, or each of those that are asked about together, cannot be compared. */
static int say_why_little(struct session *s, const struct diff_question *ask, size_t *notes)
{
	static const char *const ends[] = {[DIFF_BOTH] = "", [DIFF_FROM] = "at --from", [DIFF_TO] = "at --to"};
	struct diff_notes n;

	if (query_diff_notes(s->q, ask, s->o->tz, &s->pool, &n, s->e) < 0)
		return -1;
	for (size_t i = 0; i < n.n; i++)
		session_note(s, n.a[i].host, ask->to == NO_TIME && n.a[i].end == DIFF_TO ? "" : ends[n.a[i].end], n.a[i].text);
	*notes += n.n;
	return 0;
}

typedef int asker(struct session *s, struct diff_question *ask, void *ctx);

/* Once; or of each group of hosts. */
static int each_question(struct session *s, asker *fn, void *ctx)
{
	struct diff_question ask = {.host = session_host(s), .from = s->o->from, .to = s->o->to, .by = (enum group_by)s->o->group_by, .where = s->where};
	int rc = s->n_of ? 0 : fn(s, &ask, ctx);

	for (size_t i = 0; i < s->n_of && !rc; i++) {
		ask.together = &s->of[i];
		rc = fn(s, &ask, ctx);
	}
	return rc;
}

struct telling {
	struct table t;
	size_t rows, notes;
};

static int tell_moved(struct session *s, struct diff_question *ask, void *ctx)
{
	struct telling *x = ctx;
	struct moved *m;
	size_t n;

	if (query_diff(s->q, ask, &s->pool, &m, &n, s->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		session_row(s, &x->t, &m[i]);
	x->rows += n;
	return 0;
}

static int tell_notes(struct session *s, struct diff_question *ask, void *ctx)
{
	return say_why_little(s, ask, &((struct telling *)ctx)->notes);
}

int run_diff(const struct options *o, struct err *e)
{
	struct telling x = {0};
	struct session s;
	int rc;

	if (session_begin(&s, o, e) < 0)
		return -1;
	x.t = session_table(&s, s.n_of ? &moved_together_columns : &moved_columns);
	rc = each_question(&s, tell_moved, &x);
	session_table_end(&s, &x.t);
	if (rc == 0)
		rc = each_question(&s, tell_notes, &x);
	if (rc == 0)
		say_marks(&s);
	if (rc == 0 && !x.rows && !x.notes && !o->json && !o->csv)
		buf_adds(&s.out.buf, "note: nothing moved\n");
	return session_end(&s, rc);
}
