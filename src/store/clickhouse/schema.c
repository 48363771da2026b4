/* SPDX-License-Identifier: MIT */
/* The tables: made when a store is opened for writing and there is none, and told from what others have there. */
#include "ch.h"
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *name, *columns, *engine, *shard; /* what a row's shard follows from */
} tables[] = {
	{"session", "session UInt64, what UInt8, time Int64", "ReplacingMergeTree() ORDER BY (session, what)", "session"},
	{"host", "name String, ver UInt64, labels String, first_seq UInt32, last_seq UInt32, ordinal UInt32, epoch UInt32, first_epoch UInt32, "
		 "failed UInt32, with_text UInt32, peak UInt32, first_time Int64, last_time Int64, events UInt64, bytes UInt64, "
		 "cut_session Array(UInt64), cut_last Array(UInt32), gone UInt8",
	 "ReplacingMergeTree(ver) ORDER BY name", "cityHash64(name)"},
	{"snapshot", "host String, seq UInt32, session UInt64, time Int64, ordinal UInt32, epoch UInt32, status UInt8, goroutines UInt32, "
		     "bytes UInt64, took UInt32, note String, states Array(String), counts Array(UInt32)",
	 "ReplacingMergeTree() ORDER BY (host, seq, session)", "cityHash64(host)"},
	{"event", "host String, session UInt64, epoch UInt32, id UInt64, seq UInt32, kind UInt8, flags UInt8, proof UInt8, minutes Int32, "
		  "moved UInt32, stack UInt64, state String, labels String, parent UInt64, wait UInt64",
	 "ReplacingMergeTree() ORDER BY (host, epoch, id, seq, session)", "cityHash64(host)"},
	{"child", "host String, session UInt64, epoch UInt32, parent UInt64, id UInt64, seq UInt32, gone UInt8, stack UInt64",
	 "ReplacingMergeTree() ORDER BY (host, epoch, parent, id, seq, gone, session) SETTINGS index_granularity = 1024", "cityHash64(host)"},
	{"holding", "host String, seq UInt32, session UInt64, ago UInt32, bytes String", "ReplacingMergeTree() ORDER BY (host, seq, session)",
	 "cityHash64(host)"},
	{"mark", "time Int64, host String, text String", "ReplacingMergeTree() ORDER BY (time, host, text)", "cityHash64(host)"},
	{"kept", "host String, what UInt8, ver UInt64, bytes String", "ReplacingMergeTree(ver) ORDER BY (host, what)", "cityHash64(host)"},
	{"stack", "stack UInt64, flags UInt8, funcs Array(String), files Array(String), lines Array(UInt32), by_func String, by_file String, "
		  "by_line UInt32",
	 "ReplacingMergeTree() ORDER BY stack", "stack"},
	{"gscrape_schema", "version UInt32", "ReplacingMergeTree() ORDER BY version", NULL}, /* the last: when it is there, all are */
};

/* And, of a cluster, what spreads it over the shards. */
static int make_table(struct ch_line *l, size_t i, struct err *e)
{
	const char *db = l->place->database, *cluster = l->place->cluster, *local = cluster && tables[i].shard ? "_l" : "";
	struct buf sql = {0};
	int rc;

	buf_addf(&sql, "CREATE TABLE IF NOT EXISTS %s.%s%s (%s) ENGINE = %s", db, tables[i].name, local, tables[i].columns, tables[i].engine);
	rc = ch_do(l, sql.p, true, e);
	if (!rc && *local) {
		buf_reset(&sql);
		buf_addf(&sql, "CREATE TABLE IF NOT EXISTS %s.%s AS %s.%s_l ENGINE = Distributed('%s', '%s', '%s_l', %s)", db, tables[i].name, db,
			 tables[i].name, cluster, db, tables[i].name, tables[i].shard);
		rc = ch_do(l, sql.p, true, e);
	}
	buf_release(&sql);
	return rc;
}

static int tell_version(struct ch_line *l, struct err *e)
{
	struct buf sql = {0};
	int rc;

	buf_addf(&sql, "INSERT INTO %s.gscrape_schema VALUES (%d)", l->place->database, CH_SCHEMA);
	rc = ch_do(l, sql.p, true, e);
	buf_release(&sql);
	return rc;
}

static int make_tables(struct ch_line *l, struct err *e)
{
	struct buf sql = {0};
	int rc;

	buf_addf(&sql, "CREATE DATABASE IF NOT EXISTS %s", l->place->database);
	rc = ch_do(l, sql.p, true, e);
	buf_release(&sql);
	for (size_t i = 0; i < sizeof tables / sizeof *tables && !rc; i++)
		rc = make_table(l, i, e);
	return rc;
}

/* --- tables of an earlier version --- */

/* Version 1 had no table of children: births, and ends with the parents of their births. */
static int fill_children(struct ch_line *l, struct str host, struct err *e)
{
	const char *db = l->place->database;
	struct buf sql = {0};
	int rc;

	buf_addf(&sql, "INSERT INTO %s.child SELECT host, session, epoch, parent, id, seq, toUInt8(0), stack FROM %s.event "
		       "WHERE kind = 0 AND parent != 0 AND host = ", db, db);
	ch_add_text(&sql, host);
	buf_putc(&sql, '\0');
	rc = ch_do(l, sql.p, false, e);
	buf_reset(&sql);
	buf_addf(&sql, "INSERT INTO %s.child SELECT host, session, epoch, p AS parent, id, seq, toUInt8(1), toUInt64(0) FROM "
		       "(SELECT host, session, epoch, id, seq FROM %s.event WHERE kind = 3 AND host = ", db, db);
	ch_add_text(&sql, host);
	buf_addf(&sql, ") AS x GLOBAL ANY INNER JOIN (SELECT epoch, id, max(parent) AS p FROM %s.event WHERE kind = 0 AND parent != 0 AND host = ", db);
	ch_add_text(&sql, host);
	buf_adds(&sql, " GROUP BY epoch, id) AS y USING (epoch, id)");
	if (!rc)
		rc = ch_do(l, sql.p, false, e);
	buf_release(&sql);
	return rc;
}

/* What was begun and not ended is begun again: rows that come twice are there once. */
static int migrate(struct ch_line *l, uint64_t version, struct err *e)
{
	struct buf sql = {0}, names = {0};
	struct ch_rows rows;
	int rc;

	if (make_tables(l, e) < 0)
		return -1;
	if (version > 1) /* what version 2 lacks is a table, with nothing in it */
		return tell_version(l, e);
	buf_addf(&sql, "SELECT DISTINCT name FROM %s.host", l->place->database);
	rc = ch_ask(l, &sql, &rows, e);
	buf_release(&sql);
	if (!rc)
		buf_add(&names, rows.p, (size_t)(rows.end - rows.p)); /* the answer goes with the next question */
	rows = (struct ch_rows){(const uint8_t *)names.p, (const uint8_t *)names.p + names.n, false};
	while (!rc && names.n && ch_more(&rows))
		rc = fill_children(l, ch_get_text(&rows), e);
	if (!rc && rows.bad)
		rc = fail(e, "%s: is no ClickHouse, by its answer", l->place->shown);
	buf_release(&names);
	return rc < 0 ? -1 : tell_version(l, e);
}

static int number_of(struct ch_line *l, const struct buf *sql, uint64_t *out, struct err *e)
{
	struct ch_rows rows;

	if (ch_ask(l, sql, &rows, e) < 0)
		return -1;
	*out = ch_get(&rows, 8);
	return rows.bad || rows.p < rows.end ? fail(e, "%s: is no ClickHouse, by its answer", l->place->shown) : 0;
}

/* The first that has all that is asked for; what is older was never tried. */
#define MIN_MAJOR 18
#define MIN_MINOR 16

static int check_server(struct ch_line *l, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows rows;
	unsigned major = 0, minor = 0;
	char text[32] = "";
	struct str version;
	int rc;

	buf_adds(&sql, "SELECT version()");
	rc = ch_ask(l, &sql, &rows, e);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	version = ch_get_text(&rows);
	if (version.n < sizeof text)
		memcpy(text, version.p, version.n);
	if (rows.bad || rows.p < rows.end || sscanf(text, "%u.%u.", &major, &minor) != 2)
		return fail(e, "%s: is no ClickHouse, by its answer", l->place->shown);
	if (major < MIN_MAJOR || (major == MIN_MAJOR && minor < MIN_MINOR))
		return fail(e, "%s: ClickHouse %u.%u is too old: %d.%d is the first that will do", l->place->shown, major, minor, MIN_MAJOR, MIN_MINOR);
	return 0;
}

static int check_cluster(struct ch_line *l, struct err *e)
{
	struct buf sql = {0};
	uint64_t n = 0;
	int rc = 0;

	if (!l->place->cluster)
		return 0;
	buf_addf(&sql, "SELECT count() FROM system.clusters WHERE cluster = '%s'", l->place->cluster);
	rc = number_of(l, &sql, &n, e);
	if (!rc && !n)
		rc = fail(e, "%s: the server knows no cluster '%s'", l->place->shown, l->place->cluster);
	buf_release(&sql);
	return rc;
}

static int check_version(struct ch_line *l, enum store_mode mode, struct err *e)
{
	struct buf sql = {0};
	uint64_t version = 0;
	int rc;

	buf_addf(&sql, "SELECT toUInt64(max(version)) FROM %s.gscrape_schema", l->place->database);
	rc = number_of(l, &sql, &version, e);
	buf_release(&sql);
	if (!rc && version > CH_SCHEMA)
		rc = fail(e, "%s: was made by a later version of this program (its tables are of version %u, not %d)", l->place->shown,
			  (unsigned)version, CH_SCHEMA);
	if (rc || version == CH_SCHEMA)
		return rc;
	if (mode == STORE_WRITE)
		return migrate(l, version, e);
	return fail(e, "%s: its tables are of version %u, before this program's (%d): the next recorder, or --index, brings them up to it",
		    l->place->shown, (unsigned)version, CH_SCHEMA);
}

/* All is looked at before anything is made. */
int ch_schema_ready(struct ch_line *l, enum store_mode mode, struct err *e)
{
	struct buf sql = {0};
	uint64_t all = 0, ours = 0;
	int rc;

	if (check_server(l, e) < 0)
		return -1;
	buf_addf(&sql, "SELECT count() FROM system.tables WHERE database = '%s'", l->place->database);
	rc = number_of(l, &sql, &all, e);
	buf_adds(&sql, " AND name = 'gscrape_schema'");
	if (!rc)
		rc = number_of(l, &sql, &ours, e);
	buf_reset(&sql);
	if (!rc && all && !ours) { /* begun, and not ended: ours as well */
		buf_addf(&sql, "SELECT count() FROM system.tables WHERE database = '%s' AND name NOT IN ('session', 'session_l'", l->place->database);
		for (size_t i = 1; i < sizeof tables / sizeof *tables; i++)
			buf_addf(&sql, ", '%s', '%s_l'", tables[i].name, tables[i].name);
		buf_adds(&sql, ")");
		rc = number_of(l, &sql, &all, e);
	}
	buf_release(&sql);
	if (rc || (rc = check_cluster(l, e)) < 0)
		return rc;
	if (ours)
		return check_version(l, mode, e);
	if (all)
		return fail(e, "%s: the database holds tables of another program", l->place->shown);
	if (mode == STORE_WRITE)
		return make_tables(l, e) < 0 ? -1 : tell_version(l, e);
	return fail_as(e, ERR_GONE, "%s: no such store", l->place->shown);
}
