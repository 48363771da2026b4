/* SPDX-License-Identifier: MIT */
#include "ask.h"

int ask_begin(struct ask *a, const struct options *o, struct err *e)
{
	*a = (struct ask){.o = o, .e = e, .color = use_color(o)};
	if (query_open(&a->q, o->db, e) < 0)
		return -1;
	if (!o->host) {
		a->hosts = query_hosts(a->q, &a->n_hosts);
		return 0;
	}
	a->hosts = query_host(a->q, o->host, e);
	a->n_hosts = 1;
	if (!a->hosts) {
		query_close(a->q);
		return -1;
	}
	return 0;
}

int ask_end(struct ask *a, int rc)
{
	struct err why = {0};

	if (out_close(&a->out, &why) < 0 && rc >= 0)
		rc = fail(a->e, "%s", why.text);
	pool_release(&a->pool);
	query_close(a->q);
	return rc;
}

struct table ask_table(struct ask *a, const struct column *columns, size_t n)
{
	return (struct table){.out = &a->out, .columns = columns, .n_columns = n, .color = a->color, .csv = a->o->csv,
			      .tz = a->o->tz};
}

struct jw ask_json(struct ask *a)
{
	struct jw j = {.out = &a->out.buf};

	jw_obj(&j);
	return j;
}

void ask_json_line(struct ask *a)
{
	buf_putc(&a->out.buf, '\n');
	out_line(&a->out);
}

void ask_json_end(struct ask *a, struct jw *j)
{
	jw_end(j);
	ask_json_line(a);
}

const char *ask_host_name(const struct ask *a, uint32_t host)
{
	for (size_t i = 0; i < a->n_hosts; i++)
		if (a->hosts[i].id == host)
			return a->hosts[i].name;
	return NULL;
}

int64_t ask_at(const struct ask *a)
{
	return a->o->at == NO_TIME ? INT64_MAX : a->o->at;
}

const char *frame_text(struct pool *p, const struct frame *f)
{
	if (!f || !f->func)
		return NULL;
	return f->file ? pool_printf(p, "%s %s:%u", f->func, f->file, f->line) : f->func;
}
