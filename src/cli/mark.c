/* SPDX-License-Identifier: MIT */
/* --mark gives a moment a name, --marks lists them. */
#include "session.h"
#include <gscrape/store.h>
#include <string.h>

/* The host's name as the store has it, in the pool; "" of all. A typing error is no host of its own. */
static int named_host(const struct options *o, struct pool *p, const char **out, struct err *e)
{
	const struct host *h;
	struct query *q;

	*out = "";
	if (!o->host)
		return 0;
	if (query_open(&q, o->db, e) < 0)
		return -1;
	h = query_host(q, o->host, e);
	if (h)
		*out = pool_strndup(p, h->name, strlen(h->name));
	query_close(q);
	return h ? 0 : -1;
}

/* Nobody keeps it for a server that is away; but it can be made at any time, of this one. */
static int say_later(const struct mark *m, struct err *e)
{
	struct err why = *e;
	char when[TIME_MAX];

	if (e->kind == ERR_AWAY)
		fail_as(e, ERR_AWAY, "%s; once it answers, the same with --at %s names this moment", why.text, time_format(when, m->time, TIME_RFC3339, NULL));
	return -1;
}

int run_mark(const struct options *o, struct err *e)
{
	struct mark m = {.time = o->at == NO_TIME ? now_ms() : o->at, .text = o->mark};
	struct pool p = {0};
	struct store *s;
	int rc = named_host(o, &p, &m.host, e);

	if (!rc)
		rc = store_open(&s, o->db, STORE_READ, e);
	if (!rc) {
		rc = store_add_mark(s, &m, e);
		store_close(s);
	}
	pool_release(&p);
	return rc < 0 ? say_later(&m, e) : rc;
}

int run_marks(const struct options *o, struct err *e)
{
	const struct mark *m;
	struct session s;
	struct table t;
	size_t n;
	int rc;

	if (session_begin(&s, o, e) < 0)
		return -1;
	m = query_marks(s.q, &n);
	t = session_table(&s, &mark_columns);
	for (size_t i = 0; i < n; i++)
		if ((o->from == NO_TIME || m[i].time >= o->from) && (o->to == NO_TIME || m[i].time <= o->to) &&
		    mark_is_of(&m[i], o->host && s.n_hosts ? s.hosts : NULL))
			session_row(&s, &t, &m[i]);
	session_table_end(&s, &t);
	rc = query_fault(s.q, e);
	return session_end(&s, rc);
}
