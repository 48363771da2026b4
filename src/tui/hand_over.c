/* SPDX-License-Identifier: MIT */
/* What leaves the terminal for a colleague or another tool: the report on what leaks in the window, and exports of what is shown. */
#include "app.h"
#include "view_leaks.h"
#include <gscrape/export.h>

#define LEAST .5 /* as --report has it */

int report_text(const struct app *a, const char *path, struct buf *out, struct err *e)
{
	const struct session *s = &a->s;
	struct leak_question question = {.from = s->whole ? NO_TIME : s->from, .to = s->whole ? NO_TIME : s->to, .least = LEAST, .zone = s->zone};
	struct report_ask ask = {.from = question.from, .to = question.to, .tz = s->zone, .page_url = s->o->page_url};
	struct pool p = {0};
	struct leak_notes notes;
	struct suspect *suspects;
	int rc;

	if (!report_style(path))
		return fail(e, "report: '%s' ends neither in .html nor in .md", path);
	ask.hosts = query_hosts(s->q, &ask.n_hosts);
	rc = query_leaks(s->q, &question, &p, &suspects, &ask.n_suspects, e);
	if (rc >= 0) {
		notes = query_leak_notes(s->q, &question, &p);
		ask.notes = &notes;
		rc = leak_ignore_apply(s->o->leak_ignore, suspects, &ask.n_suspects, &notes.ignored, e);
		ask.suspects = suspects;
	}
	if (rc >= 0)
		rc = report_write(s->q, &ask, report_style(path), out, e);
	pool_release(&p);
	return rc;
}

static bool go_on(void *ctx, double done)
{
	(void)ctx;
	(void)done;
	return true;
}

/* Of the host that is shown, or of all; at T, or what takes a span of time alone: of the window. */
int export_text(const struct app *a, struct buf *out, struct err *e)
{
	const struct session *s = &a->s;
	struct export_ask ask = {.at = NO_TIME, .from = NO_TIME, .to = NO_TIME, .where = s->where, .tz = s->zone};
	struct sink to = {.text = out, .ready = go_on};

	ask.hosts = query_hosts(s->q, &ask.n_hosts);
	if (!ask.n_hosts)
		return fail(e, "%s has no hosts yet", query_path(s->q));
	if (shows_host(s) && chosen_host(s)) {
		ask.hosts = chosen_host(s);
		ask.n_hosts = 1;
	}
	if (a->format->at)
		ask.at = s->t;
	if (strcmp(a->format->name, "pprof") == 0) /* a profile ends at its time */
		ask.to = s->t;
	if (!a->format->at && !s->whole) {
		ask.from = s->from;
		ask.to = s->to;
	}
	return a->format->run(s->q, &ask, &to, e);
}
