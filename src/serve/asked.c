/* SPDX-License-Identifier: MIT */
/* What a request asks for, by its parameters, and the refusal of one that cannot be answered. */
#include "server.h"
#include <stdarg.h>
#include <stdio.h>

int refuse(struct request *r, int status, struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	r->status = status;
	return -1;
}

const struct value *param(const struct request *r, const char *name)
{
	for (int i = 0; i < PARAMS_MAX && r->route->params[i].name; i++)
		if (strcmp(r->route->params[i].name, name) == 0)
			return &r->params[i];
	die("route %s has no parameter %s", r->route->path, name);
}

const struct host *asked_host(struct request *r, struct err *e)
{
	const struct host *h = query_host(r->q, param(r, "host")->text, e);

	if (!h)
		r->status = MHD_HTTP_NOT_FOUND;
	return h;
}

static int no_goroutine(struct request *r, const struct host *h, struct err *e)
{
	const char *id = param(r, "id")->text;
	const struct value *epoch = param(r, "epoch");

	if (epoch->number)
		return refuse(r, MHD_HTTP_NOT_FOUND, e, "%s: no goroutine %s in epoch %s", h->name, id, epoch->text);
	return refuse(r, MHD_HTTP_NOT_FOUND, e, "%s: no goroutine %s", h->name, id);
}

int asked_goroutine(struct request *r, struct life *out, struct err *e)
{
	const struct host *h = asked_host(r, e);
	const struct value *id = param(r, "id");
	uint32_t epoch = (uint32_t)param(r, "epoch")->number;
	int rc;

	if (!h)
		return -1;
	rc = query_goroutine(r->q, &(struct life_question){h->id, epoch, id->number, param(r, "at")->time}, &r->pool, out, e);
	if (rc == 0)
		return no_goroutine(r, h, e);
	return rc < 0 ? -1 : 0;
}

int asked_children(struct request *r, struct child **out, size_t *n, struct err *e)
{
	struct children_question ask;
	const struct host *h = asked_host(r, e);
	const struct value *id = param(r, "id");
	uint32_t epoch = (uint32_t)param(r, "epoch")->number;
	int rc;

	if (!h)
		return -1;
	rc = query_epoch_of(r->q, &(struct life_question){h->id, epoch, id->number, param(r, "at")->time}, &epoch, e);
	if (rc <= 0)
		return rc < 0 ? -1 : no_goroutine(r, h, e);
	ask = (struct children_question){{h->id, epoch, id->number}, param(r, "at")->time, r->where};
	if (query_children(r->q, &ask.who, &r->pool, out, n, e) < 0)
		return -1;
	return children_where(r->q, &ask, *out, n, e);
}

int asked_filter(struct request *r, struct err *e)
{
	const char *text = param(r, "where")->text;
	const struct serve_options *o = &r->server->o;
	struct filter_source src = {.text = text ? text : "", .now = now_ms(), .saved = o->saved, .n_saved = o->n_saved};
	struct filter_fault at;
	struct err why;

	if (filter_open(&r->where, &src, &at, &why) < 0)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "where: at %zu: %s", at.at + 1, why.text);
	return 0;
}

int asked_filter_of_each(struct request *r, struct err *e)
{
	struct err why;

	if (asked_filter(r, e) < 0)
		return -1;
	return filter_of_each(r->where, &why) < 0 ? refuse(r, MHD_HTTP_BAD_REQUEST, e, "where: %s", why.text) : 0;
}

int asked_together(struct request *r, struct host_group **out, size_t *n, struct err *e)
{
	const char *of = param(r, "of")->text;
	struct err why;

	*n = 0;
	if (!of)
		return 0;
	if (param(r, "host")->text)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "of: does not go with host");
	return query_hosts_of(r->q, of, &r->pool, out, n, &why) < 0 ? refuse(r, MHD_HTTP_BAD_REQUEST, e, "of: %s", why.text) : 0;
}

enum group_by asked_grouping(struct request *r)
{
	const char *by = param(r, "by")->text;

	query_group_label(r->q, strncmp(by, "label.", 6) == 0 ? by + 6 : param(r, "label")->text);
	return (enum group_by)param(r, "by")->number;
}

int64_t asked_time(struct request *r, const char *name, int64_t otherwise)
{
	int64_t t = param(r, name)->time;

	return t == NO_TIME ? otherwise : t;
}

struct page asked_page(struct request *r, size_t n)
{
	struct page p = {.from = param(r, "offset")->number, .total = n};
	size_t limit = param(r, "limit")->number;

	if (p.from > n)
		p.from = n;
	p.to = n - p.from > limit ? p.from + limit : n;
	return p;
}
