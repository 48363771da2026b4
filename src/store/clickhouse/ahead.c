/* SPDX-License-Identifier: MIT */
/*
 * What will be asked of many hosts, one after the other, is fetched for some of them at once: three statements in place of some for each
 * host, and while one batch is looked through the next one is on its way, on a line of its own. Rows come in any order, with whose they
 * are: the server is spared the sorting, and which of them count is found here. Nothing follows from a batch that could not be had: its
 * hosts are asked one by one, and that tells why.
 */
#include "ch.h"
#include <gscrape/workers.h>
#include <stdlib.h>

#define BATCH_EVENTS 500000    /* of a batch, about */
#define BATCH_SNAPSHOTS 200000
#define ALONE 200000           /* a host of more events is asked by itself: the server leaves out those that are not needed */
#define SHORT 20000            /* one of fewer never is */
#define MUCH 4                 /* nor one of which no more than so many times the window would come */

enum part { PART_SNAPSHOTS, PART_EVENTS, PART_LIVENESS, PARTS };

struct batch {
	size_t first, n;      /* of ahead.hosts */
	struct buf sql[PARTS], got[PARTS];
	pthread_t thread;
	bool on_its_way, failed;
};

struct ch_ahead {
	struct store_view *view;
	const struct ch_row **hosts; /* in the order in which they will be asked */
	size_t n, at;         /* at: the first that is in no batch yet */
	struct store_expected what;
	struct batch next;
	struct ch_line line;  /* of its thread */
	bool has_line;
	struct ch_ahead_host *of; /* the batch that is there */
	size_t n_of, last;    /* last: which was found */
	struct pool p;
	int walks;            /* that read it */
};

/* --- what is asked --- */

/* The first snapshot that is fetched of a host. */
static uint32_t first_of(const struct ch_ahead *a, const struct ch_row *h)
{
	const struct host_row *r = &h->row;

	return a->what.events || a->what.newest >= host_row_snapshots(r) ? r->first_seq : r->last_seq + 1 - a->what.newest;
}

/* All that a host has would come: is that worth it? */
static bool comes_whole(const struct ch_ahead *a, const struct ch_row *h)
{
	const struct host_row *r = &h->row;
	int64_t from = a->what.from == NO_TIME || a->what.from < r->first ? r->first : a->what.from;
	int64_t to = a->what.to == NO_TIME || a->what.to > r->last ? r->last : a->what.to;

	if (!a->what.events)
		return a->what.newest > 0;
	if (host_row_snapshots(r) > BATCH_SNAPSHOTS / 4 || r->events > ALONE)
		return false;
	return r->events <= SHORT || MUCH * (to - from) >= r->last - r->first;
}

/* How many of the hosts from `first` on are asked together. */
static size_t batch_size(const struct ch_ahead *a, size_t first)
{
	uint64_t events = 0, snapshots = 0;
	uint32_t least = UINT32_MAX, most = 0;
	size_t n = 0;

	for (; first + n < a->n && (!n || (events < BATCH_EVENTS && snapshots < BATCH_SNAPSHOTS)); n++) {
		const struct ch_row *h = a->hosts[first + n];

		if (!comes_whole(a, h))
			break;
		events += a->what.events ? h->row.events : 0;
		least = first_of(a, h) < least ? first_of(a, h) : least;
		most = h->row.last_seq > most ? h->row.last_seq : most;
		snapshots = a->what.events ? snapshots + host_row_snapshots(&h->row) : (n + 1) * (uint64_t)(most - least + 1);
	}
	return n;
}

static void add_hosts(struct buf *sql, const struct ch_ahead *a, const struct batch *b)
{
	buf_adds(sql, " host IN (");
	for (size_t i = 0; i < b->n; i++) {
		if (i)
			buf_putc(sql, ',');
		ch_add_text(sql, str_of(a->hosts[b->first + i]->row.name));
	}
	buf_putc(sql, ')');
}

static void make_questions(const struct ch_ahead *a, struct batch *b)
{
	const char *db = ch_of(a->view->store)->place.database;
	uint32_t from = UINT32_MAX, to = 0;

	for (size_t i = b->first; i < b->first + b->n; i++) {
		const struct ch_row *h = a->hosts[i];
		uint32_t first = first_of(a, h);

		from = first < from ? first : from;
		to = h->row.last_seq > to ? h->row.last_seq : to;
	}
	for (int i = 0; i < PARTS; i++) {
		buf_reset(&b->sql[i]);
		buf_reset(&b->got[i]);
	}
	buf_addf(&b->sql[PART_SNAPSHOTS], "SELECT host, session, " CH_SNAPSHOT_COLUMNS " FROM %s.snapshot WHERE seq >= %u AND seq <= %u AND", db, from, to);
	add_hosts(&b->sql[PART_SNAPSHOTS], a, b);
	if (!a->what.events)
		return;
	buf_addf(&b->sql[PART_EVENTS], "SELECT host, session, " CH_EVENT_COLUMNS " FROM %s.event WHERE seq <= %u AND", db, to);
	add_hosts(&b->sql[PART_EVENTS], a, b);
	buf_addf(&b->sql[PART_LIVENESS], "SELECT host, ver, bytes FROM %s.kept WHERE what = 0 AND", db);
	add_hosts(&b->sql[PART_LIVENESS], a, b);
}

/* --- fetching --- */

static void *fetch(void *ctx)
{
	struct ch_ahead *a = ctx;
	struct batch *b = &a->next;
	struct ch_rows unused;
	struct err e;

	for (int i = 0; i < PARTS && !b->failed; i++) {
		struct buf old = b->got[i];

		if (!b->sql[i].n)
			continue;
		b->failed = ch_ask(&a->line, &b->sql[i], &unused, &e) < 0;
		b->got[i] = a->line.answer;
		a->line.answer = old;
	}
	return NULL;
}

static void fetch_next(struct ch_ahead *a)
{
	struct batch *b = &a->next;
	struct err e;

	b->first = a->at;
	b->n = batch_size(a, b->first);
	b->failed = b->n == 0;
	b->on_its_way = false;
	if (b->failed)
		return;
	make_questions(a, b);
	a->line.partial = ch_of(a->view->store)->line.partial;
	b->on_its_way = thread_start(&b->thread, fetch, a, &e) == 0; /* `failed` is the thread's now */
	if (!b->on_its_way)
		b->failed = true;
}

static void await(struct batch *b)
{
	if (b->on_its_way)
		pthread_join(b->thread, NULL);
	b->on_its_way = false;
}

/* --- what came --- */

static bool counts(const struct ch_row *h, uint64_t session, uint32_t seq)
{
	if (seq > h->row.last_seq)
		return false;
	for (size_t i = 0; i < h->n_cuts; i++)
		if (h->cuts[i].last == UINT32_MAX ? session < h->cuts[i].session : session == h->cuts[i].session && seq > h->cuts[i].last)
			return false;
	return true;
}

/* Whose row it is; rows of one host mostly come together. */
static struct ch_ahead_host *whose(struct ch_ahead *a, struct str name)
{
	for (size_t i = 0; i < a->n_of; i++) {
		size_t k = (a->last + i) % a->n_of;

		if (str_eq(str_of(a->of[k].row->row.name), name)) {
			a->last = k;
			return &a->of[k];
		}
	}
	return NULL;
}

static int by_seq(const void *pa, const void *pb)
{
	const struct snapshot *a = pa, *b = pb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static bool take_snapshots(struct ch_ahead *a, struct ch_rows r)
{
	struct ch_store *s = ch_of(a->view->store);

	while (ch_more(&r)) {
		struct str name = ch_get_text(&r);
		struct ch_ahead_host *h = whose(a, name);
		uint64_t session = ch_get(&r, 8);
		struct snapshot snap;

		ch_get_snapshot(s, &r, &a->p, &snap);
		if (!h || !counts(h->row, session, snap.seq) || snap.seq < h->from)
			continue;
		GROW(h->snapshots, h->n_snapshots, h->cap_snapshots);
		h->snapshots[h->n_snapshots++] = snap;
	}
	for (size_t i = 0; i < a->n_of; i++) {
		struct ch_ahead_host *h = &a->of[i];
		size_t n = 0;

		if (h->n_snapshots)
			qsort(h->snapshots, h->n_snapshots, sizeof *h->snapshots, by_seq);
		for (size_t k = 0; k < h->n_snapshots; k++)
			if (!n || h->snapshots[n - 1].seq != h->snapshots[k].seq) /* else a row that came twice */
				h->snapshots[n++] = h->snapshots[k];
		h->n_snapshots = n;
	}
	return !r.bad;
}

static bool before(const struct ch_event *a, const struct ch_event *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch;
	if (a->ev.id != b->ev.id)
		return a->ev.id < b->ev.id;
	return a->ev.seq < b->ev.seq;
}

/* Events come in stretches that are in order, one of each of the server's parts: two that follow each other become one, until all are. */
static void sort_events(struct ch_ahead_host *h)
{
	struct ch_event *from = h->events, *to = NULL;

	for (;;) {
		size_t out = 0, stretches = 0;

		for (size_t i = 0; i < h->n_events; stretches++) {
			size_t middle = i + 1, end, x = i, y;

			while (middle < h->n_events && !before(&from[middle], &from[middle - 1]))
				middle++;
			if (middle == h->n_events && !i)
				break; /* all is in order */
			for (end = middle + (middle < h->n_events), y = middle; end < h->n_events && !before(&from[end], &from[end - 1]);)
				end++;
			to = to ? to : xcalloc(h->n_events, sizeof *to);
			while (x < middle || y < end)
				to[out++] = y == end || (x < middle && !before(&from[y], &from[x])) ? from[x++] : from[y++];
			i = end;
		}
		if (!stretches)
			break;
		h->events = to;
		to = from;
		from = h->events;
	}
	free(to);
	h->events = from;
}

static bool take_events(struct ch_ahead *a, struct ch_rows r)
{
	struct ch_store *s = ch_of(a->view->store);

	while (ch_more(&r)) {
		struct str name = ch_get_text(&r);
		struct ch_ahead_host *h = whose(a, name);
		uint64_t session = ch_get(&r, 8);
		struct ch_event one;

		ch_get_event(s, &r, &one);
		if (!h || !counts(h->row, session, one.ev.seq))
			continue;
		GROW(h->events, h->n_events, h->cap_events);
		h->events[h->n_events++] = one;
	}
	for (size_t i = 0; i < a->n_of; i++)
		sort_events(&a->of[i]);
	return !r.bad;
}

static bool take_liveness(struct ch_ahead *a, struct ch_rows r)
{
	while (ch_more(&r)) {
		struct str name = ch_get_text(&r);
		struct ch_ahead_host *h = whose(a, name);
		uint64_t ver = ch_get(&r, 8);
		struct str bytes = ch_get_text(&r);

		if (!h || ver > h->row->ver || ver < h->liveness_ver)
			continue;
		h->liveness_ver = ver;
		h->liveness = bytes;
	}
	return !r.bad;
}

static void forget(struct ch_ahead *a)
{
	for (size_t i = 0; i < a->n_of; i++) {
		free(a->of[i].events);
		free(a->of[i].snapshots);
	}
	free(a->of);
	a->of = NULL;
	a->n_of = a->last = 0;
	pool_release(&a->p);
}

static struct ch_rows rows_of(const struct buf *b)
{
	return (struct ch_rows){(const uint8_t *)b->p, b->n ? (const uint8_t *)b->p + b->n : (const uint8_t *)b->p, false};
}

/* The batch that was on its way is the one that is there; and the next one is fetched. */
static void take(struct ch_ahead *a)
{
	struct batch *b = &a->next;
	struct buf kept;

	await(b);
	forget(a);
	if (b->failed) {
		a->at = a->n; /* one by one, from here on */
		return;
	}
	a->of = xcalloc(b->n, sizeof *a->of);
	a->n_of = b->n;
	for (size_t i = 0; i < b->n; i++) {
		const struct ch_row *h = a->hosts[b->first + i];

		a->of[i] = (struct ch_ahead_host){.row = h, .whole = a->what.events, .from = first_of(a, h)};
	}
	kept = b->got[PART_LIVENESS]; /* what is known of the living stays as it came */
	if (!take_snapshots(a, rows_of(&b->got[PART_SNAPSHOTS])) || !take_events(a, rows_of(&b->got[PART_EVENTS])) || !take_liveness(a, rows_of(&kept)))
		forget(a);
	for (size_t i = 0; i < a->n_of; i++)
		if (a->of[i].liveness.n)
			a->of[i].liveness.p = pool_strndup(&a->p, a->of[i].liveness.p, a->of[i].liveness.n);
	a->at = b->first + b->n;
	while (a->at < a->n && !comes_whole(a, a->hosts[a->at]))
		a->at++;
	fetch_next(a);
}

/* --- what others ask --- */

void ch_expect(struct store_view *view, const struct store_expected *what)
{
	struct ch_view *v = ch_view_of(view);
	struct ch_ahead *a = xcalloc(1, sizeof *a);
	bool *met = xcalloc(v->n + 1, sizeof *met);
	struct err e;

	ch_ahead_end(v);
	a->view = view;
	a->what = *what;
	a->hosts = xcalloc(what->n + 1, sizeof *a->hosts);
	for (size_t i = 0; i < what->n; i++) {
		const struct ch_row *h = ch_row_of(view, what->hosts[i]);

		if (h && host_row_snapshots(&h->row) && !met[h - v->rows]) {
			met[h - v->rows] = true;
			a->hosts[a->n++] = h;
		}
	}
	free(met);
	while (a->at < a->n && !comes_whole(a, a->hosts[a->at]))
		a->at++;
	a->has_line = a->n - a->at > 1 && ch_line_open(&a->line, &ch_of(view->store)->place, &e) == 0;
	v->ahead = a;
	if (a->has_line)
		fetch_next(a);
	else
		a->at = a->n;
}

static const struct ch_ahead_host *there(const struct ch_ahead *a, const struct ch_row *h)
{
	for (size_t i = 0; i < a->n_of; i++)
		if (a->of[i].row == h)
			return &a->of[i];
	return NULL;
}

/* Is it in the batch that is on its way? One that comes later begins another, and those before it were not wanted. */
static bool reach(struct ch_ahead *a, const struct ch_row *h)
{
	size_t i = a->at;

	while (i < a->n && a->hosts[i] != h)
		i++;
	if (i == a->n || !comes_whole(a, h))
		return false;
	if (i >= a->next.first + a->next.n) {
		await(&a->next);
		a->at = i;
		fetch_next(a);
	}
	return true;
}

const struct ch_ahead_host *ch_ahead(struct store_view *view, uint32_t host)
{
	struct ch_ahead *a = ch_view_of(view)->ahead;
	const struct ch_row *h = a ? ch_row_of(view, host) : NULL;

	if (!h)
		return NULL;
	if (!a->walks && a->at < a->n && !there(a, h) && reach(a, h))
		take(a);
	return there(a, h);
}

void ch_ahead_walks(struct store_view *view, int more)
{
	if (ch_view_of(view)->ahead)
		ch_view_of(view)->ahead->walks += more;
}

void ch_ahead_end(struct ch_view *v)
{
	struct ch_ahead *a = v->ahead;

	v->ahead = NULL;
	if (!a)
		return;
	if (a->next.on_its_way && a->line.http)
		http_stop(a->line.http);
	await(&a->next);
	forget(a);
	for (int i = 0; i < PARTS; i++) {
		buf_release(&a->next.sql[i]);
		buf_release(&a->next.got[i]);
	}
	if (a->has_line)
		ch_line_close(&a->line);
	free(a->hosts);
	free(a);
}
