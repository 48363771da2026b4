/* SPDX-License-Identifier: MIT */
/* What is old: a host's row says from which snapshot on its history is kept, and what stands before it is deleted by and by. */
#include "ch.h"
#include <gscrape/timefmt.h>

static int count_kept(struct ch_store *s, struct ch_row *w, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;
	int rc;

	buf_addf(&sql, "SELECT toUInt32(uniqExactIf(seq, status = %d)), toUInt32(uniqExactIf(seq, status <= %d OR status = %d)), "
		       "maxIf(goroutines, status != %d), min(time), argMin(epoch, seq) FROM %s.snapshot WHERE seq >= %u AND", SNAP_FAILED,
		 SNAP_PARTIAL, SNAP_GROUPED, SNAP_FAILED, s->place.database, w->row.first_seq);
	ch_add_where(&sql, w, UINT32_MAX);
	rc = ch_ask(&s->line, &sql, &r, e);
	buf_release(&sql);
	w->row.failed = (uint32_t)ch_get(&r, 4);
	w->row.with_text = (uint32_t)ch_get(&r, 4);
	w->row.peak = (uint32_t)ch_get(&r, 4);
	w->row.first = (int64_t)ch_get(&r, 8);
	w->first_epoch = (uint32_t)ch_get(&r, 4);
	return rc < 0 ? -1 : ch_torn(&s->base, &r, e);
}

static int64_t count_before(struct ch_store *s, const struct ch_row *w, int64_t before, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;
	uint64_t n;
	int rc;

	buf_addf(&sql, "SELECT uniqExact(seq) FROM %s.snapshot WHERE seq >= %u AND time < %lld AND", s->place.database, w->row.first_seq,
		 (long long)before);
	ch_add_where(&sql, w, UINT32_MAX);
	rc = ch_ask(&s->line, &sql, &r, e);
	n = ch_get(&r, 8);
	buf_release(&sql);
	return rc < 0 || ch_torn(&s->base, &r, e) < 0 ? -1 : (int64_t)n;
}

/* Rows of all hosts, by handle: others record theirs meanwhile. */
static int read_others(struct ch_store *s, struct ch_others *o, struct err *e)
{
	struct ch_row *rows;
	size_t n;

	if (ch_read_hosts(s, &o->p, &rows, &n, e) < 0)
		return -1;
	o->n = s->n_hosts;
	o->of = pool_alloc(&o->p, o->n * sizeof *o->of);
	for (size_t i = 0; i < n; i++)
		o->of[rows[i].row.host] = &rows[i];
	return 0;
}

static const struct ch_row *row_of_another(const struct ch_others *o, uint32_t host)
{
	return host < o->n ? o->of[host] : NULL;
}

void ch_others_release(struct ch_others *o)
{
	pool_release(&o->p);
	*o = (struct ch_others){0};
}

/*
 * A host that this session was not told of may be another recorder's, who drops what is old himself: to write its row would take it from
 * him. Where all of it is old, and by an hour at least, nobody records it any more, and whoever comes first drops it. 1: so it is, and
 * its row is known.
 */
static int nobodys(struct ch_store *s, uint32_t host, int64_t before, struct err *e)
{
	const struct ch_row *w;
	struct ch_row *row;
	struct ch_cut *cuts;

	if (!s->others.n && read_others(s, &s->others, e) < 0)
		return -1;
	w = row_of_another(&s->others, host);
	if (!w)
		return 0;
	if (w->gone || w->row.last == NO_TIME || w->row.last >= before || w->row.last > now_ms() - STORE_QUIET_MS)
		return 0;
	row = &s->hosts[host].stored;
	cuts = pool_alloc(&s->pool, (w->n_cuts + 1) * sizeof *cuts);
	memcpy(cuts, w->cuts, w->n_cuts * sizeof *cuts);
	*row = *w;
	row->cuts = cuts;
	row->row.name = s->hosts[host].name;
	row->row.labels = pool_strndup(&s->pool, w->row.labels, strlen(w->row.labels));
	s->hosts[host].adopted = false;
	return 1;
}

static int64_t drop_before(struct ch_store *s, struct ch_host *h, int64_t before, struct err *e)
{
	struct ch_row *w = &h->work;
	int64_t n;

	if (!host_row_snapshots(&w->row) || w->row.first >= before)
		return 0;
	n = count_before(s, w, before, e);
	if (n <= 0)
		return n < 0 && s->line.away ? 0 : n;
	w->row.first_seq += (uint32_t)n;
	h->dirty = true;
	if (host_row_snapshots(&w->row))
		return count_kept(s, w, e) < 0 ? -1 : n;
	w->row.failed = w->row.with_text = w->row.peak = 0;
	w->row.first = NO_TIME;
	w->first_epoch = w->row.epoch;
	w->gone = !h->registered;
	return n;
}

int64_t ch_expire(struct store *store, uint32_t host, int64_t before, struct err *e)
{
	struct ch_store *s = ch_of(store);
	bool known = host && host < s->n_hosts, ours = known && s->hosts[host].registered;
	struct ch_host *h;
	int rc;

	if (s->begun && (s->unsent.n || ch_spool_waits(&s->spool, SPOOL_ROWS))) /* another time: the server is away */
		return 0;
	rc = s->begun && known && !ours ? nobodys(s, host, before, e) : 1;
	if (rc <= 0)
		return rc < 0 && s->line.away ? 0 : rc;
	h = ch_host_ready(s, host, e);
	if (!h || ch_send_rows(s, e) < 0)
		return -1;
	return s->unsent.n ? 0 : drop_before(s, h, before, e);
}

/* --- what was dropped leaves the server's disk --- */

#define STATEMENT_MAX 60000 /* bytes; a server takes 256 KiB unless told otherwise */
#define SHARE	      10    /* unless all is to go, a host waits until so much of what is there, one in SHARE, is dropped */

/* What is there of a host, and how it is told. */
struct left {
	const struct ch_row *row;
	uint32_t first;    /* the oldest snapshot that has a row */
	uint64_t session;  /* and the oldest session */
};

static bool is_anew(const struct ch_cut *c)
{
	return c->last == UINT32_MAX;
}

/* From which session on its rows are those of its history; 0 all are. A later session's of a host that is gone are not known here. */
static uint64_t first_session(const struct ch_row *w)
{
	uint64_t from = w->gone ? w->ver + 1 : 0;

	for (size_t i = 0; i < w->n_cuts; i++)
		if (is_anew(&w->cuts[i]) && w->cuts[i].session > from)
			from = w->cuts[i].session;
	return from;
}

static bool is_worth_it(const struct left *l, bool all)
{
	uint32_t kept = host_row_snapshots(&l->row->row), dropped = l->row->row.first_seq > l->first ? l->row->row.first_seq - l->first : 0;

	return l->session < first_session(l->row) || (dropped && (all || (uint64_t)dropped * SHARE >= kept));
}

/* Conditions, one after the other, of hosts: each is true of rows that nobody asks for. */
struct conditions {
	struct buf dropped; /* snapshots before the first that is kept, and rows of a history that was there before this one */
	struct buf earlier; /* of these, only the latter */
	struct buf ended;   /* events that tell of an end before that snapshot */
	struct buf kept;    /* rows from that snapshot on */
};

static void add_host(struct buf *b)
{
	buf_adds(b, b->n ? " OR (" : "(");
}

static void add_conditions(struct conditions *c, const struct ch_row *w)
{
	uint64_t session = first_session(w);
	uint32_t first = w->row.first_seq;
	struct buf host = {0};

	buf_adds(&host, "host = ");
	ch_add_text(&host, str_of(w->row.name));
	buf_putc(&host, '\0');
	add_host(&c->dropped);
	buf_addf(&c->dropped, "%s AND (seq < %u OR session < %llu))", host.p, w->gone ? 0 : first, (unsigned long long)session);
	add_host(&c->earlier);
	buf_addf(&c->earlier, "%s AND session < %llu)", host.p, (unsigned long long)session);
	add_host(&c->ended);
	ch_add_where(&c->ended, w, first - 1);
	buf_adds(&c->ended, ")");
	add_host(&c->kept);
	buf_addf(&c->kept, "%s AND seq >= %u)", host.p, first);
	buf_release(&host);
}

static void end_conditions(struct conditions *c)
{
	struct buf *const all[] = {&c->dropped, &c->earlier, &c->ended, &c->kept};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_putc(all[i], '\0');
}

static void forget_conditions(struct conditions *c)
{
	buf_release(&c->dropped);
	buf_release(&c->earlier);
	buf_release(&c->ended);
	buf_release(&c->kept);
}

/*
 * Of whom an end is told before what is kept all can go, but for one who came again since. The parent stands with both ends of a child.
 * A snapshot's holders may be those of one long before it. The snapshots go last: as long as they are there, this is done again.
 */
static int delete_rows(struct ch_store *s, struct conditions *c, struct err *e)
{
	const char *db = s->place.database, *local = s->place.cluster ? "_l" : "";
	struct buf sql[4] = {{0}};
	int rc = 0;

	end_conditions(c);
	buf_addf(&sql[0], "ALTER TABLE %s.event%s DELETE WHERE %s OR ((host, epoch, id) IN (SELECT host, epoch, id FROM %s.event%s WHERE kind = %d AND (%s)) "
			  "AND (host, epoch, id) NOT IN (SELECT host, epoch, id FROM %s.event%s WHERE kind = %d AND (%s)))",
		 db, local, c->earlier.p, db, local, EV_GONE, c->ended.p, db, local, EV_BORN, c->kept.p);
	buf_addf(&sql[1], "ALTER TABLE %s.child%s DELETE WHERE %s OR ((host, epoch, parent, id) IN (SELECT host, epoch, parent, id FROM %s.child%s WHERE gone = 1 "
			  "AND (%s)) AND (host, epoch, parent, id) NOT IN (SELECT host, epoch, parent, id FROM %s.child%s WHERE %s))",
		 db, local, c->earlier.p, db, local, c->ended.p, db, local, c->kept.p);
	buf_addf(&sql[2], "ALTER TABLE %s.holding%s DELETE WHERE (%s) AND (host, seq) NOT IN (SELECT host, toUInt32(seq + 1 - ago) FROM %s.holding%s WHERE ago > 1 "
			  "AND (%s))",
		 db, local, c->dropped.p, db, local, c->kept.p);
	buf_addf(&sql[3], "ALTER TABLE %s.snapshot%s DELETE WHERE %s", db, local, c->dropped.p);
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		if (!rc)
			rc = ch_do(&s->line, sql[i].p, true, e);
		buf_release(&sql[i]);
	}
	forget_conditions(c);
	*c = (struct conditions){0};
	return rc;
}

/* The server is still at what was deleted before. */
static int is_deleting(struct ch_store *s, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;
	uint64_t n;
	int rc;

	buf_adds(&sql, "SELECT count() FROM ");
	ch_add_system(&sql, &s->place, "mutations");
	buf_addf(&sql, " WHERE NOT is_done AND database = '%s'", s->place.database);
	rc = ch_ask(&s->line, &sql, &r, e);
	n = ch_get(&r, 8);
	buf_release(&sql);
	return rc < 0 || ch_torn(&s->base, &r, e) < 0 ? -1 : n > 0;
}

static int read_left(struct ch_store *s, struct buf *out, struct ch_rows *r, struct err *e)
{
	struct buf sql = {0};
	int rc;

	buf_addf(&sql, "SELECT host, min(seq), min(session) FROM %s.snapshot GROUP BY host", s->place.database);
	rc = ch_ask(&s->line, &sql, r, e);
	buf_release(&sql);
	if (!rc)
		buf_add(out, r->p, (size_t)(r->end - r->p)); /* the answer goes with the next question */
	*r = (struct ch_rows){(const uint8_t *)out->p, (const uint8_t *)out->p + out->n, false};
	return rc;
}

int ch_sweep(struct store *store, bool all, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct ch_others hosts = {0};
	struct conditions c = {0};
	struct buf answer = {0};
	struct ch_rows r;
	int rc = is_deleting(s, e), told = 0;

	if (!rc)
		rc = read_others(s, &hosts, e);
	if (!rc)
		rc = read_left(s, &answer, &r, e);
	while (!rc && answer.n && ch_more(&r)) {
		struct str name = ch_get_text(&r);
		struct left l = {.first = (uint32_t)ch_get(&r, 4), .session = ch_get(&r, 8)};

		l.row = row_of_another(&hosts, ch_host_handle(s, name));
		if (!l.row || !is_worth_it(&l, all))
			continue;
		add_conditions(&c, l.row);
		told = 1;
		if (c.dropped.n + c.ended.n + c.kept.n > STATEMENT_MAX / 2)
			rc = delete_rows(s, &c, e);
	}
	if (!rc && c.dropped.n)
		rc = delete_rows(s, &c, e);
	forget_conditions(&c);
	ch_others_release(&hosts);
	buf_release(&answer);
	return rc ? rc : told;
}
