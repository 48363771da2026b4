/* SPDX-License-Identifier: MIT */
/* --goroutines: who is alive at a time, one by one or in groups. */
#include "session.h"
#include "commands.h"
#include <gscrape/text.h>

/* A host, and what is known of it at T. */
struct there {
	const struct host *host;
	struct known known;
	const char *unknown; /* why nothing is; NULL: it is known */
};

static int look(struct session *s, const struct host *h, struct there *out)
{
	struct buf b = {0};
	int rc = query_known(s->q, h->id, session_at(s), &out->known, s->e);

	out->host = h;
	out->unknown = NULL;
	if (rc == 0 && !out->known.known) {
		known_sentence(&b, &out->known, s->o->tz);
		out->unknown = pool_strndup(&s->pool, b.p, b.n);
	}
	buf_release(&b);
	return rc;
}

/* When a goroutine alive at T was last seen: at the newest snapshot that is now; before it, its history knows. */
static int last_seen(struct session *s, const struct there *w, const struct alive *g, int64_t *last)
{
	struct pool p = {0};
	struct life life;
	int rc;

	*last = w->known.text.time;
	if (*last >= w->host->last)
		return 0;
	rc = query_goroutine(s->q, &(struct life_question){w->host->id, g->epoch, g->id, NO_TIME}, &p, &life, s->e);
	if (rc == 1)
		*last = life.last;
	pool_release(&p);
	return rc < 0 ? -1 : 0;
}

static int show_alive(struct session *s, struct table *t, const struct there *w)
{
	struct told_goroutine row = {.host = w->host->name, .unknown = w->unknown, .last = NO_TIME};
	struct alive *g;
	size_t n;

	if (w->unknown) {
		session_row(s, t, &row);
		return 0;
	}
	if (query_alive(s->q, &(struct moment){w->host->id, session_at(s)}, &s->pool, &g, &n, s->e) < 0 ||
	    filter_alive(s->where, s->q, &(struct moment){w->host->id, session_at(s)}, g, &n, s->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		row.g = &g[i];
		if (s->o->json && last_seen(s, w, &g[i], &row.last) < 0)
			return -1;
		session_row(s, t, &row);
	}
	return 0;
}

static int show_groups(struct session *s, struct table *t, const struct there *w)
{
	struct told_group row = {.host = w->host->name, .unknown = w->unknown, .at = w->known.text.time};
	struct group *g;
	size_t n;

	if (w->unknown) {
		session_row(s, t, &row);
		return 0;
	}
	if (query_groups(s->q, &(struct group_question){{w->host->id, session_at(s)}, (enum group_by)s->o->group_by, s->where},
		&s->pool, &g, &n, s->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		row.g = &g[i];
		session_row(s, t, &row);
	}
	return 0;
}

/* The other ways to say --json and --csv, and dumps, which are exports. */
static int run_as(const struct options *o, struct err *e)
{
	struct options as = *o;

	as.json |= strcmp(o->format, "json") == 0;
	as.csv |= strcmp(o->format, "csv") == 0;
	as.export = o->format;
	as.format = "text";
	if (strcmp(o->format, "json") == 0 || strcmp(o->format, "csv") == 0)
		return run_goroutines(&as, e);
	if (o->json || o->csv)
		return fail_as(e, ERR_USAGE, "--format %s does not go with --%s", o->format, o->json ? "json" : "csv");
	return run_export(&as, e);
}

int run_goroutines(const struct options *o, struct err *e)
{
	bool each = o->group_by == BY_NONE;
	struct session s;
	struct table t;
	int rc = 0;

	if (strcmp(o->format, "text") != 0)
		return run_as(o, e);
	if (session_begin(&s, o, e) < 0)
		return -1;
	t = session_table(&s, each ? &goroutine_columns : &group_columns);
	for (size_t i = 0; i < s.n_hosts && rc == 0; i++) {
		struct there w;

		rc = look(&s, &s.hosts[i], &w);
		if (rc == 0)
			rc = each ? show_alive(&s, &t, &w) : show_groups(&s, &t, &w);
		pool_release(&s.pool);
	}
	session_table_end(&s, &t);
	if (rc == 0 && !o->json) /* whose rows say it */
		rc = session_say_unknown(&s, session_at(&s), "");
	if (rc == 0)
		rc = session_say_odd(&s, session_at(&s));
	return session_end(&s, rc);
}
