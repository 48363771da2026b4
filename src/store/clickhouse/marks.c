/* SPDX-License-Identifier: MIT */
/* Marks: each is there as soon as it was sent, or waits with the rows while the server is away. */
#include "ch.h"

int ch_add_mark(struct store *store, const struct mark *m, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct buf row = {0};
	int rc = ch_rests(s, e);

	ch_put(&row, (uint64_t)m->time, 8);
	ch_put_text(&row, str_of(m->host));
	ch_put_text(&row, str_of(m->text));
	if (!rc && (rc = ch_fits(s, e)) == 0)
		rc = ch_insert(&s->line, "mark", (struct str){row.p, row.n}, e);
	if (rc < 0 && e->kind == ERR_AWAY && s->mode == STORE_WRITE && s->spool.folder)
		rc = ch_put_aside(s, "mark", (struct str){row.p, row.n}, e);
	buf_release(&row);
	return rc;
}

int ch_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e)
{
	struct ch_store *s = ch_of(v->store);
	struct buf sql = {0};
	struct ch_rows rows;
	size_t cap = 0;
	int rc;

	buf_addf(&sql, "SELECT DISTINCT time, host, text FROM %s.mark ORDER BY time, host, text", s->place.database);
	rc = ch_ask(&s->line, &sql, &rows, e);
	while (!rc && ch_more(&rows)) {
		struct mark m = {.time = (int64_t)ch_get(&rows, 8)};
		struct str host = ch_get_text(&rows), text = ch_get_text(&rows);

		m.host = pool_strndup(p, host.p, host.n);
		m.text = pool_strndup(p, text.p, text.n);
		*out = pool_grow(p, *out, *n, &cap, sizeof **out);
		(*out)[(*n)++] = m;
	}
	if (!rc)
		rc = ch_torn(v->store, &rows, e);
	buf_release(&sql);
	return rc;
}
