/* SPDX-License-Identifier: MIT */
/* Hosts: their handles and their rows. */
#include "ch.h"
#include <gscrape/timefmt.h>
#include <stdlib.h>

uint32_t ch_host_handle(struct ch_store *s, struct str name)
{
	uint64_t hash = hash64(name.p, name.n);
	uint32_t at;

	HASH_FIND(&s->by_name, hash, at, str_eq(str_of(s->hosts[at].name), name));
	if (at != HASH_NONE)
		return at;
	if (s->n_hosts >= s->cap_hosts) {
		s->cap_hosts = s->cap_hosts ? 2 * s->cap_hosts : 64;
		s->hosts = xrealloc(s->hosts, s->cap_hosts, sizeof *s->hosts);
	}
	at = (uint32_t)s->n_hosts++;
	s->hosts[at] = (struct ch_host){.name = pool_strndup(&s->pool, name.p, name.n)};
	hash_put(&s->by_name, hash, at);
	return at;
}

static void get_cuts(struct ch_rows *r, struct pool *p, struct ch_row *row)
{
	uint64_t n = ch_get_length(r);
	struct ch_cut *cuts;

	if (n > (uint64_t)(r->end - r->p) / 8) {
		r->bad = true;
		return;
	}
	cuts = pool_alloc(p, ((size_t)n + 1) * sizeof *cuts);
	for (uint64_t i = 0; i < n; i++)
		cuts[i].session = ch_get(r, 8);
	r->bad |= ch_get_length(r) != n;
	for (uint64_t i = 0; i < n; i++)
		cuts[i].last = (uint32_t)ch_get(r, 4);
	row->cuts = cuts;
	row->n_cuts = (size_t)n;
}

static void get_row(struct ch_store *s, struct ch_rows *r, struct pool *p, struct ch_row *row)
{
	struct host_row *h = &row->row;
	struct str name = ch_get_text(r), labels;

	*row = (struct ch_row){.ver = ch_get(r, 8)};
	h->name = pool_strndup(p, name.p, name.n);
	labels = ch_get_text(r);
	h->labels = pool_strndup(p, labels.p, labels.n);
	h->first_seq = (uint32_t)ch_get(r, 4);
	h->last_seq = (uint32_t)ch_get(r, 4);
	row->ordinal = (uint32_t)ch_get(r, 4);
	h->epoch = (uint32_t)ch_get(r, 4);
	row->first_epoch = (uint32_t)ch_get(r, 4);
	h->failed = (uint32_t)ch_get(r, 4);
	h->with_text = (uint32_t)ch_get(r, 4);
	h->peak = (uint32_t)ch_get(r, 4);
	h->first = (int64_t)ch_get(r, 8);
	h->last = (int64_t)ch_get(r, 8);
	h->events = ch_get(r, 8);
	h->bytes = ch_get(r, 8);
	get_cuts(r, p, row);
	row->gone = ch_get(r, 1);
	h->host = r->bad ? 0 : ch_host_handle(s, name);
}

int ch_read_hosts(struct ch_store *s, struct pool *p, struct ch_row **out, size_t *n, struct err *e)
{
	struct ch_row *rows = NULL;
	struct buf sql = {0};
	struct ch_rows r;
	size_t cap = 0;
	int rc;

	*n = 0;
	buf_addf(&sql, "SELECT * FROM %s.host ORDER BY name, ver DESC LIMIT 1 BY name", s->place.database);
	rc = ch_ask(&s->line, &sql, &r, e);
	buf_release(&sql);
	while (!rc && ch_more(&r)) {
		GROW(rows, *n, cap);
		get_row(s, &r, p, &rows[(*n)++]);
	}
	if (!rc)
		rc = ch_torn(&s->base, &r, e);
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	if (*n)
		memcpy(*out, rows, *n * sizeof **out);
	free(rows);
	return rc;
}

const struct ch_row *ch_row_of(struct store_view *v, uint32_t host)
{
	const struct ch_view *view = ch_view_of(v);

	return host < view->n_place_of && view->place_of[host] ? &view->rows[view->place_of[host] - 1] : NULL;
}

void ch_add_where(struct buf *sql, const struct ch_row *r, uint32_t to)
{
	buf_adds(sql, " host = ");
	ch_add_text(sql, str_of(r->row.name));
	buf_addf(sql, " AND seq <= %u", to < r->row.last_seq ? to : r->row.last_seq);
	for (size_t i = 0; i < r->n_cuts; i++) {
		unsigned long long session = r->cuts[i].session;

		if (r->cuts[i].last == UINT32_MAX) /* an earlier history of that name */
			buf_addf(sql, " AND session >= %llu", session);
		else
			buf_addf(sql, " AND NOT (session = %llu AND seq > %u)", session, r->cuts[i].last);
	}
}
