/* SPDX-License-Identifier: MIT */
/* --expire drops what is old from a store that nobody records into; where somebody does, his --retain does it. */
#include "commands.h"
#include <gscrape/store.h>
#include <gscrape/timefmt.h>
#include <stdio.h>

struct dropping {
	const struct options *o;
	struct store *store;
	int64_t now, before;
	int64_t snapshots; /* that went, */
	size_t hosts;      /* of so many hosts */
	size_t left;       /* hosts that somebody seems to record */
};

/* A server does not tell whether somebody else is writing, as a file's lock does. */
static bool is_recorded(const struct dropping *d, const struct host_row *row)
{
	return store_is_remote(d->o->db) && row->last > d->now - STORE_QUIET_MS;
}

/* A host that goes as a whole is not registered, so that nothing is left of it. */
static int drop_of(struct dropping *d, const struct host_row *row, struct err *e)
{
	struct host_place at = {.host = row->host};
	int64_t n;

	if (!host_row_snapshots(row) || row->first >= d->before)
		return 0;
	if (is_recorded(d, row)) {
		d->left++;
		return 0;
	}
	if (row->last >= d->before && store_host(d->store, row->name, NULL, &at, e) < 0)
		return -1;
	n = store_expire(d->store, at.host, d->before, e);
	d->snapshots += n > 0 ? n : 0;
	d->hosts += n > 0;
	return n < 0 ? -1 : 0;
}

static int drop_of_all(struct dropping *d, const struct host_row *rows, size_t n, struct err *e)
{
	int rc = store_begin(d->store, e);

	for (size_t i = 0; !rc && i < n; i++)
		rc = drop_of(d, &rows[i], e);
	if (!rc)
		rc = store_commit(d->store, NULL, e);
	if (rc < 0)
		store_abort(d->store);
	return rc < 0 ? -1 : 0;
}

static int drop(struct dropping *d, struct err *e)
{
	struct store_view *v;
	struct pool p = {0};
	struct host_row *rows;
	size_t n;
	int rc = store_view_open(d->store, &v, e);

	if (!rc) {
		rc = store_hosts(v, &p, &rows, &n, e);
		store_view_close(v);
	}
	if (!rc)
		rc = drop_of_all(d, rows, n, e);
	if (!rc)
		rc = store_sweep(d->store, true, e) < 0 ? -1 : 0;
	pool_release(&p);
	return rc;
}

int run_expire(const struct options *o, struct err *e)
{
	struct dropping d = {.o = o, .now = now_ms()};
	int rc;

	d.before = d.now - o->expire;
	if (store_open(&d.store, o->db, STORE_READ, e) < 0) /* to open it for writing would make it */
		return -1;
	store_close(d.store);
	if (store_open(&d.store, o->db, STORE_WRITE, e) < 0)
		return -1;
	rc = drop(&d, e);
	store_close(d.store);
	if (!rc && !o->quiet)
		fprintf(stderr, "%s: %lld snapshots of %zu hosts are dropped\n", o->db, (long long)d.snapshots, d.hosts);
	if (!rc && d.left)
		return fail(e, "%s: %zu hosts with a snapshot of the last hour are left as they are: who records them drops what is old with --retain",
			    o->db, d.left);
	return rc;
}
