/* SPDX-License-Identifier: MIT */
#include "reporting.h"
#include <errno.h>
#include <gscrape/gzip.h>
#include <unistd.h>

#define LEAST .5 /* as --leaks has it */

int reporting_wrong(const struct options *o, struct err *e)
{
	return fail_as(e, ERR_USAGE, "--report: '%s' ends neither in .html nor in .md", o->report);
}

int reporting_check(const struct options *o, struct err *e)
{
	struct leak_ignore *g;

	if (leak_ignore_open(&g, o->leak_ignore, e) < 0)
		return -1;
	leak_ignore_close(g);
	return 0;
}

int reporting_ignore(const struct options *o, struct suspect *s, size_t *n, size_t *ignored, struct err *e)
{
	if (o->leak_ignore_named && access(o->leak_ignore, R_OK) < 0)
		return fail_errno(e, errno, o->leak_ignore);
	return leak_ignore_apply(o->leak_ignore, s, n, ignored, e);
}

int reporting_write(struct session *a, const struct suspect *s, size_t n, const struct leak_notes *notes)
{
	const struct options *o = a->o;
	struct report_ask ask = {.suspects = s, .n_suspects = n, .notes = notes, .hosts = a->hosts, .n_hosts = a->n_hosts, .told = o->told,
				 .from = o->from, .to = o->to, .tz = o->tz, .page_url = o->page_url};
	struct buf text = {0};
	int rc = a->n_hosts ? report_write(a->q, &ask, report_style(o->report), &text, a->e) : fail(a->e, "%s has no hosts yet", query_path(a->q));

	if (rc == 0)
		rc = file_write(o->report, text.p, text.n, a->e);
	buf_release(&text);
	return rc;
}

int run_report(const struct options *o, struct err *e)
{
	struct leak_question question = {.from = o->from, .to = o->to, .least = LEAST, .zone = o->tz};
	struct leak_notes notes;
	struct suspect *s;
	struct session a;
	size_t n;
	int rc;

	if (!report_style(o->report))
		return reporting_wrong(o, e);
	if (session_begin(&a, o, e) < 0)
		return -1;
	question.host = o->host ? a.hosts->id : 0;
	question.where = a.where;
	rc = query_leaks(a.q, &question, &a.pool, &s, &n, e);
	notes = query_leak_notes(a.q, &question, &a.pool);
	if (rc == 0)
		rc = reporting_ignore(o, s, &n, &notes.ignored, e);
	if (rc == 0)
		rc = reporting_write(&a, s, n, &notes);
	return session_end(&a, rc);
}
