/* SPDX-License-Identifier: MIT */
/* --export: what the store holds, for other tools. */
#include "session.h"
#include <gscrape/export.h>
#include <stdio.h>
#include <unistd.h>

struct exporting {
	struct session a;
	bool tell;     /* how far it is */
	int64_t began, told; /* monotonic ms; told 0: nothing yet */
};

#define SAY_AFTER 500 /* ms: what takes less needs no word */

static bool ready(void *ctx, double done)
{
	struct exporting *x = ctx;
	int64_t now = x->tell ? monotonic_ms() : 0;

	out_line(&x->a.out);
	if (x->tell && now - x->began >= SAY_AFTER && now - x->told >= 200) {
		x->told = now;
		fprintf(stderr, "\r%3d %% exported", (int)(done * 100));
	}
	return !x->a.out.failed;
}

/* Which times go with the format. */
static int check_times(const struct options *o, const struct export_format *f, struct err *e)
{
	if (o->at != NO_TIME && !f->at)
		return fail_as(e, ERR_USAGE, "--export %s is of a span of time: --from and --to, not --at", f->name);
	if ((o->from != NO_TIME || o->to != NO_TIME) && !f->span)
		return fail_as(e, ERR_USAGE, "--export %s is of one time: --at, not --from and --to", f->name);
	if (o->at != NO_TIME && (o->to != NO_TIME || (o->from != NO_TIME && strcmp(f->name, "pprof") != 0)))
		return fail_as(e, ERR_USAGE, "--at does not go with --%s", o->to != NO_TIME ? "to" : "from");
	if (o->with_state && strcmp(f->name, "folded") != 0)
		return fail_as(e, ERR_USAGE, "--with-state does not go with --export %s", f->name);
	if (f->binary && isatty(STDOUT_FILENO) && (!o->out || strcmp(o->out, "-") == 0))
		return fail_as(e, ERR_USAGE, "--export %s is no text for a terminal: name a file with --out, or a pipe", f->name);
	return 0;
}

/* A profile is of one time: --to and --at are the same there. */
static struct export_ask ask_for(const struct session *a, const struct options *o, const struct export_format *f)
{
	struct export_ask ask = {.hosts = a->hosts, .n_hosts = a->n_hosts, .at = o->at, .from = o->from, .to = o->to,
				 .with_state = o->with_state, .tz = o->tz};

	if (strcmp(f->name, "pprof") == 0)
		ask.at = ask.to = o->at != NO_TIME ? o->at : o->to;
	return ask;
}

int run_export(const struct options *o, struct err *e)
{
	const struct export_format *f = export_format(o->export);
	struct exporting x = {.began = monotonic_ms(), .tell = isatty(STDERR_FILENO) && !o->quiet};
	struct sink to = {.text = &x.a.out.buf, .ready = ready, .ctx = &x};
	struct export_ask ask;
	int rc;

	if (check_times(o, f, e) < 0)
		return -1;
	if (session_begin(&x.a, o, e) < 0)
		return -1;
	ask = ask_for(&x.a, o, f);
	ask.where = x.a.where;
	rc = o->out ? out_to(&x.a.out, o->out, e) : 0;
	if (rc == 0)
		rc = x.a.n_hosts ? f->run(x.a.q, &ask, &to, e) : fail(e, "%s has no hosts yet", query_path(x.a.q));
	if (x.told)
		fputs("\r\x1b[K", stderr);
	if (rc < 0)
		out_drop(&x.a.out);
	else
		out_tell_empty(&x.a.out, o);
	return session_end(&x.a, rc);
}
