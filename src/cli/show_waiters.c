/* SPDX-License-Identifier: MIT */
/* --waiters: who waits for what at a time. */
#include "session.h"

/* Every connection at rest is a descriptor that one waits for: as text they are counted only. */
static bool is_at_rest(const struct waiters *w)
{
	return w->count == 1 && strcmp(w->what, "network descriptor") == 0;
}

static int show_host(struct session *s, struct table *t, const struct host *h, size_t *resting)
{
	struct waiters *w;
	size_t n;

	if (query_waiters(s->q, &(struct window){.host = h->id, .from = s->o->from, .to = session_at(s)}, &s->pool, &w, &n,
		s->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!s->o->json && !s->o->csv && is_at_rest(&w[i]))
			++*resting;
		else
			session_row(s, t, &w[i]);
	}
	pool_release(&s->pool);
	return 0;
}

int run_waiters(const struct options *o, struct err *e)
{
	size_t resting = 0;
	struct session s;
	struct table t;
	int rc = 0;

	if (session_begin(&s, o, e) < 0)
		return -1;
	t = session_table(&s, &waiters_columns);
	for (size_t i = 0; i < s.n_hosts && rc == 0; i++)
		rc = show_host(&s, &t, &s.hosts[i], &resting);
	session_table_end(&s, &t);
	if (resting)
		buf_addf(&s.out.buf, "and %zu network descriptor%s with one goroutine%s\n", resting, resting == 1 ? "" : "s",
			 resting == 1 ? "" : " each");
	if (rc == 0)
		rc = session_say_unknown(&s, session_at(&s), "");
	return session_end(&s, rc);
}
