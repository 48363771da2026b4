/* SPDX-License-Identifier: MIT */
/* /api/v1/export/…: what --export writes, and the groups of a host as a table. */
#include "server.h"
#include <gscrape/export.h>

#define EXPORT_MAX (64u << 20) /* bytes; what is larger is the command line's, which needs no memory for it */

static bool export_fits(void *ctx, double done)
{
	(void)done;
	return ((struct request *)ctx)->out.n <= EXPORT_MAX;
}

/* A file name that says what is in it. */
static void export_named(struct request *r, const char *host, const char *ending)
{
	char *name = pool_printf(&r->pool, "%s.%s", host ? host : "all-hosts", ending);

	for (char *c = name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", *c))
			*c = '_';
	r->note[0] = "Content-Disposition";
	r->note[1] = pool_printf(&r->pool, "attachment; filename=\"%s\"", name);
}

/* One host, or all. */
static int export_hosts(struct request *r, const struct host **out, size_t *n, struct err *e)
{
	*out = query_hosts(r->q, n);
	if (!param(r, "host")->text)
		return 0;
	*out = asked_host(r, e);
	*n = 1;
	return *out ? 0 : -1;
}

static int answer_export(struct request *r, const char *format, const char *ending, struct export_ask ask, struct err *e)
{
	const struct sink to = {&r->out, export_fits, r};

	if (ask.from != NO_TIME && ask.to != NO_TIME && ask.from > ask.to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	if (export_hosts(r, &ask.hosts, &ask.n_hosts, e) < 0 || asked_filter_of_each(r, e) < 0)
		return -1;
	ask.where = r->where;
	if (export_format(format)->run(r->q, &ask, &to, e) < 0) {
		if (e->kind != ERR_USAGE)
			r->status = MHD_HTTP_NOT_FOUND; /* nothing is known then, and why */
		return -1;
	}
	if (!export_fits(r, 1))
		return refuse(r, MHD_HTTP_CONTENT_TOO_LARGE, e, "more than %u MiB: gscrape-tui --export %s writes it, or ask for less time",
			      EXPORT_MAX >> 20, format);
	export_named(r, param(r, "host")->text ? ask.hosts->name : NULL, ending);
	return 0;
}

int answer_pprof(struct request *r, struct err *e)
{
	int64_t at = param(r, "at")->time;

	return answer_export(r, "pprof", "pb", (struct export_ask){.at = at, .from = param(r, "from")->time, .to = at}, e);
}

int answer_folded(struct request *r, struct err *e)
{
	return answer_export(r, "folded", "folded.txt", (struct export_ask){.at = param(r, "at")->time, .from = param(r, "from")->time,
		.to = param(r, "to")->time}, e);
}

int answer_trace(struct request *r, struct err *e)
{
	return answer_export(r, "trace", "perfetto-trace", (struct export_ask){.at = NO_TIME, .from = param(r, "from")->time,
		.to = param(r, "to")->time}, e);
}

int answer_dump(struct request *r, struct err *e)
{
	return answer_export(r, "dump", "goroutines.txt", (struct export_ask){.at = param(r, "at")->time, .from = NO_TIME, .to = NO_TIME}, e);
}

int answer_grouped(struct request *r, struct err *e)
{
	return answer_export(r, "grouped", "grouped.txt", (struct export_ask){.at = param(r, "at")->time, .from = NO_TIME, .to = NO_TIME}, e);
}

int answer_dot(struct request *r, struct err *e)
{
	return answer_export(r, "dot", "dot", (struct export_ask){.at = param(r, "at")->time, .from = NO_TIME, .to = NO_TIME}, e);
}

int answer_svg(struct request *r, struct err *e)
{
	return answer_export(r, "svg", "svg", (struct export_ask){.at = param(r, "at")->time, .from = NO_TIME, .to = NO_TIME}, e);
}

int answer_groups_csv(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	struct told_group row = {0};
	struct group *g;
	struct known k;
	size_t n;

	if (!h || asked_filter(r, e) < 0 || query_known(r->q, h->id, param(r, "at")->time, &k, e) < 0 ||
	    query_groups(r->q, &(struct group_question){.at = {h->id, param(r, "at")->time}, .by = asked_grouping(r),
		.where = r->where}, &r->pool, &g, &n, e) < 0)
		return -1;
	row.host = h->name;
	row.at = k.text.time;
	columns_csv_head(&r->out, &group_columns);
	if (!k.known) { /* a row that says so, as the command line has it */
		struct buf why = {0};

		known_sentence(&why, &k, NULL);
		row.unknown = pool_strndup(&r->pool, why.p, why.n);
		buf_release(&why);
		columns_csv(&r->out, &group_columns, &(struct told_row){r->q, &r->pool, &row}, NULL);
	}
	for (size_t i = 0; i < n; i++) {
		row.g = &g[i];
		columns_csv(&r->out, &group_columns, &(struct told_row){r->q, &r->pool, &row}, NULL);
	}
	export_named(r, h->name, "csv");
	return 0;
}
