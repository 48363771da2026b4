/* SPDX-License-Identifier: MIT */
#include "ch.h"
#include <gscrape/timefmt.h>
#include <stdlib.h>

static void close_store(struct store *store)
{
	struct ch_store *s = ch_of(store);

	if (s->mode == STORE_WRITE)
		ch_write_close(s);
	ch_line_close(&s->line);
	ch_line_close(&s->watch);
	ch_place_release(&s->place);
	ch_names_release(&s->names);
	pool_release(&s->pool);
	hash_release(&s->by_name);
	free(s->hosts);
	free(s->open);
	pthread_mutex_destroy(&s->lock);
	free(s->base.where);
	free(s);
}

int ch_fits(struct ch_store *s, struct err *e)
{
	if (!s->fits && ch_schema_ready(&s->line, s->mode, e) < 0)
		return -1;
	s->fits = true;
	return 0;
}

/*
 * What a recorder before this one could not deliver comes first. A server that is away just now is no reason not to begin where there
 * is a spool; whether it will do is asked when it answers.
 */
static int begin_writing(struct ch_store *s, struct err *e)
{
	int rc;

	ch_spool_init(&s->spool, &s->place);
	if (ch_spool_adopt(&s->spool, e) < 0)
		return -1;
	rc = ch_fits(s, e);
	if (!rc)
		rc = ch_deliver(s, INT64_MAX / 2, e);
	if (!rc || e->kind != ERR_AWAY || !s->spool.folder)
		return rc ? -1 : 0;
	if (!s->fits)
		ch_put_off(s, e);
	return 0;
}

static int open_store(struct store **out, const char *where, enum store_mode mode, struct err *e)
{
	struct ch_store *s = xcalloc(1, sizeof *s);

	s->base.ops = &clickhouse_ops;
	s->mode = mode;
	s->end = NO_TIME;
	s->n_hosts = 1;
	s->spool.lock = -1;
	pthread_mutex_init(&s->lock, NULL);
	if (ch_place_of(&s->place, where, e) < 0 || ch_line_open(&s->line, &s->place, e) < 0 || ch_line_open(&s->watch, &s->place, e) < 0) {
		close_store(&s->base);
		return -1;
	}
	s->base.where = xstrdup(s->place.shown);
	if ((mode == STORE_WRITE ? begin_writing(s, e) : ch_fits(s, e)) < 0) {
		close_store(&s->base);
		return -1;
	}
	*out = &s->base;
	return 0;
}

static int size_of_store(struct store *store, uint64_t *bytes, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct ch_rows rows;
	struct buf sql = {0};
	int rc;

	buf_adds(&sql, "SELECT toUInt64(sum(bytes_on_disk)) FROM ");
	ch_add_system(&sql, &s->place, "parts");
	buf_addf(&sql, " WHERE active AND database = '%s'", s->place.database);
	rc = ch_ask(&s->line, &sql, &rows, e);
	*bytes = ch_get(&rows, 8);
	buf_release(&sql);
	return rc < 0 ? -1 : ch_torn(store, &rows, e);
}

const struct store_ops clickhouse_ops = {
	.open = open_store,
	.close = close_store,
	.version = ch_version,
	.begin = ch_begin,
	.host = ch_host,
	.put_snapshot = ch_put_snapshot,
	.put_liveness = ch_put_liveness,
	.put_memory = ch_put_memory,
	.commit = ch_commit,
	.abort = ch_abort,
	.forget_names = ch_forget_names,
	.view_open = ch_view_open,
	.view_close = ch_view_close,
	.hosts = ch_hosts,
	.snapshots = ch_snapshots,
	.seq_at = ch_seq_at,
	.chart = ch_chart,
	.history = ch_history,
	.epochs_of = ch_epochs_of,
	.alive = ch_alive,
	.liveness = ch_liveness,
	.memory = ch_memory,
	.held = ch_held,
	.children = ch_children,
	.walk_begin = ch_walk_begin,
	.walk_next = ch_walk_next,
	.walk_end = ch_walk_end,
	.strings = ch_strings,
	.stacks = ch_stacks,
	.functions = ch_functions,
	.stacks_with = ch_stacks_with,
	.add_mark = ch_add_mark,
	.marks = ch_marks,
	.put_end = ch_put_end,
	.end = ch_end,
	.keep = ch_keep,
	.kept = ch_kept,
	.kept_taken = ch_kept_taken,
	.is_partial = ch_is_partial,
	.expect = ch_expect,
	.expire = ch_expire,
	.sweep = ch_sweep,
	.size = size_of_store,
};
