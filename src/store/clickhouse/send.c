/* SPDX-License-Identifier: MIT */
/*
 * Rows on their way. A batch that the server does not take waits in the spool, whatever the reason, and so do all behind it: they
 * arrive in the order in which they were committed. Between two tries goes a second and more, in which nobody waits for a server.
 */
#include "ch.h"
#include <gscrape/gzip.h>
#include <gscrape/timefmt.h>

#define AGAIN_MS 1000      /* doubled by each failure up to */
#define AGAIN_MAX_MS 5000

static bool waits(const struct ch_store *s)
{
	return s->unsent.n || ch_spool_waits(&s->spool, SPOOL_ROWS);
}

static void refused(struct ch_store *s, const struct err *why)
{
	s->pause = !s->pause ? AGAIN_MS : s->pause * 2 > AGAIN_MAX_MS ? AGAIN_MAX_MS : s->pause * 2;
	s->again = monotonic_ms() + s->pause;
	s->why = *why;
}

static void put_off(struct ch_store *s, const char *table, const struct buf *packed)
{
	ch_put_text(&s->unsent, str_of(table));
	ch_put_text(&s->unsent, (struct str){packed->p, packed->n});
}

int ch_send(struct ch_store *s, const char *table, struct buf *rows, struct err *e)
{
	struct buf packed = {0};
	int rc = 0;

	if (!rows->n)
		return 0;
	gzip_deflate(rows->p, rows->n, 1, &packed);
	buf_reset(rows);
	if (!waits(s)) {
		s->sent = true;
		rc = ch_insert_packed(&s->line, table, (struct str){packed.p, packed.n}, e);
		if (rc < 0)
			refused(s, e);
	}
	if (s->spool.folder && (rc < 0 || waits(s))) {
		put_off(s, table, &packed);
		rc = 0;
	}
	buf_release(&packed);
	return rc;
}

int ch_put_by(struct ch_store *s, struct err *e)
{
	struct err full;

	if (!s->unsent.n)
		return 0;
	if (ch_spool_put(&s->spool, SPOOL_ROWS, (struct str){s->unsent.p, s->unsent.n}, &full) < 0)
		return fail_as(e, full.kind, "%s; %s", s->why.text, full.text);
	buf_reset(&s->unsent);
	return 0;
}

static int deliver_one(struct ch_store *s, const struct buf *batch, struct err *e)
{
	struct ch_rows r = {(const uint8_t *)batch->p, (const uint8_t *)batch->p + batch->n, false};
	int rc = 0;

	while (!rc && ch_more(&r)) {
		char table[32];
		struct str name = ch_get_text(&r), packed = ch_get_text(&r);

		if (r.bad || name.n >= sizeof table)
			return fail_as(e, ERR_DAMAGED, "a batch that waits is damaged");
		memcpy(table, name.p, name.n);
		table[name.n] = '\0';
		rc = ch_insert_packed(&s->line, table, packed, e);
	}
	return rc;
}

static int still_waits(const struct ch_store *s, struct err *e)
{
	fail_as(e, *s->why.text ? s->why.kind : ERR_AWAY, "%s%s%.1f of %.1f MB wait in %s", s->why.text, *s->why.text ? "; " : "", (double)s->spool.bytes / 1e6, (double)s->spool.limit / 1e6,
	     s->spool.own);
	return 1;
}

int ch_deliver(struct ch_store *s, int64_t ms, struct err *e)
{
	int64_t until = monotonic_ms() + ms;
	struct buf batch = {0};
	struct err why;
	int rc;

	while (ch_spool_waits(&s->spool, SPOOL_ROWS) && monotonic_ms() >= s->again && monotonic_ms() < until) {
		rc = ch_spool_next(&s->spool, SPOOL_ROWS, &batch, &why);
		if (!rc)
			break;
		if (rc == 1 && deliver_one(s, &batch, &why) == 0) {
			ch_spool_taken(&s->spool, SPOOL_ROWS);
			ch_spool_drop(&s->spool, SPOOL_ROWS);
			s->pause = 0;
			s->why.text[0] = '\0';
			continue;
		}
		refused(s, &why);
	}
	buf_release(&batch);
	return ch_spool_waits(&s->spool, SPOOL_ROWS) ? still_waits(s, e) : 0;
}

int ch_put_off(struct ch_store *s, struct err *e)
{
	refused(s, e);
	if (s->spool.own && s->spool.bytes)
		still_waits(s, e);
	return -1;
}

int ch_rests(struct ch_store *s, struct err *e)
{
	if (!s->pause || monotonic_ms() >= s->again)
		return 0;
	*e = s->why;
	if (s->spool.own && s->spool.bytes)
		still_waits(s, e);
	return -1;
}

int ch_put_aside(struct ch_store *s, const char *table, struct str rows, struct err *e)
{
	struct buf packed = {0}, batch = {0};
	int rc;

	gzip_deflate(rows.p, rows.n, 1, &packed);
	ch_put_text(&batch, str_of(table));
	ch_put_text(&batch, (struct str){packed.p, packed.n});
	rc = ch_spool_put(&s->spool, SPOOL_ROWS, (struct str){batch.p, batch.n}, e);
	buf_release(&packed);
	buf_release(&batch);
	return rc;
}

/* --- what a recorder puts by --- */

int ch_keep(struct store *store, struct str bytes, struct err *e)
{
	struct ch_store *s = ch_of(store);

	return s->spool.folder ? ch_spool_put(&s->spool, SPOOL_KEPT, bytes, e) : fail(e, "%s: no folder for a spool (spool=FOLDER in the URL)", store->where);
}

int ch_kept(struct store *store, struct buf *out, struct err *e)
{
	return ch_spool_next(&ch_of(store)->spool, SPOOL_KEPT, out, e);
}

void ch_kept_taken(struct store *store)
{
	ch_spool_taken(&ch_of(store)->spool, SPOOL_KEPT);
}
