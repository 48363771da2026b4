/* SPDX-License-Identifier: MIT */
/* /api/v1/diff: what moved between two times, largest change first. /api/v1/canary: some hosts against the rest. */
#include "server.h"

static void diff_answer(struct request *r, const struct moved *all, size_t n, const struct diff_notes *notes)
{
	static const char *const ends[] = {[DIFF_BOTH] = "", [DIFF_FROM] = " at from", [DIFF_TO] = " at to"};

	struct page page = asked_page(r, n);

	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "diff");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, all[i].together ? &moved_together_columns : &moved_columns, &all[i]);
	jw_end(&r->j);
	jw_key(&r->j, "notes");
	jw_arr(&r->j);
	for (size_t i = 0; i < notes->n; i++)
		jw_str(&r->j, pool_printf(&r->pool, "%s%s: %s", notes->a[i].host, ends[notes->a[i].end], notes->a[i].text));
	jw_end(&r->j);
	jw_end(&r->j);
}

int answer_diff(struct request *r, struct err *e)
{
	struct diff_question ask = {.from = param(r, "from")->time, .to = param(r, "to")->time,
				    .by = asked_grouping(r)};
	const struct host *one = NULL;
	struct host_group *together;
	struct diff_notes notes;
	struct moved *all;
	size_t n, n_together;

	if (param(r, "host")->text && !(one = asked_host(r, e)))
		return -1;
	if (ask.to != NO_TIME && ask.from > ask.to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	if (asked_filter(r, e) < 0 || asked_together(r, &together, &n_together, e) < 0)
		return -1;
	if (n_together > 1)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "of: is to be KEY=VALUE");
	ask.together = n_together ? together : NULL;
	ask.host = one ? one->id : 0;
	ask.where = r->where;
	if (query_diff(r->q, &ask, &r->pool, &all, &n, e) < 0 || query_diff_notes(r->q, &ask, NULL, &r->pool, &notes, e) < 0)
		return -1;
	diff_answer(r, all, n, &notes);
	return 0;
}

int answer_canary(struct request *r, struct err *e)
{
	struct canary_question ask = {param(r, "canary")->text, param(r, "of")->text, param(r, "at")->time, asked_grouping(r), NULL};
	struct canary_row *all;
	struct page page;
	struct err why;
	size_t n;

	if (asked_filter_of_each(r, e) < 0)
		return -1;
	ask.where = r->where;
	if (query_canary(r->q, &ask, &r->pool, &all, &n, &why) < 0) {
		if (why.kind == ERR_USAGE)
			return refuse(r, MHD_HTTP_BAD_REQUEST, e, "%s", why.text);
		*e = why;
		return -1;
	}
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "canary");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &canary_columns, &all[i]);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}
