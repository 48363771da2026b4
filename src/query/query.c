/* SPDX-License-Identifier: MIT */
/* Opening, refreshing, hosts. */
#include "query_internal.h"
#include <gscrape/text.h>
#include <gscrape/match.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* Names with numbers in them as a person sorts them: 10.1.1.9 before 10.1.1.44. */
static int natural(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			char *ea, *eb;
			unsigned long long na = strtoull(a, &ea, 10), nb = strtoull(b, &eb, 10);

			if (na != nb)
				return na < nb ? -1 : 1;
			a = ea;
			b = eb;
		} else if (*a != *b) {
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return (*a != 0) - (*b != 0);
}

static int hosts_by_name(const void *pa, const void *pb)
{
	const struct host_row *a = pa, *b = pb;
	int c = natural(a->name, b->name);

	return c ? c : strcmp(a->name, b->name);
}

/* Goroutines in the last snapshot that has a number. */
int view_begin(struct query *q, struct err *e)
{
	if (q->viewing == 0) {
		if (store_view_open(q->store, &q->view, e) < 0)
			return -1;
		store_is_partial(q->view, &q->partial);
	}
	q->viewing++;
	return 0;
}

void view_end(struct query *q)
{
	if (--q->viewing == 0) {
		store_view_close(q->view);
		q->view = NULL;
	}
}

void expect_events(struct query *q, const uint32_t *hosts, size_t n, int64_t from, int64_t to)
{
	if (n > 1)
		store_expect(q->view, &(struct store_expected){hosts, n, true, 0, from, to});
}

static void expect_newest(struct query *q, uint32_t newest)
{
	uint32_t *hosts = xcalloc(q->n_hosts + 1, sizeof *hosts);

	for (size_t i = 0; i < q->n_hosts; i++)
		hosts[i] = q->rows[i].host;
	if (q->n_hosts > 1)
		store_expect(q->view, &(struct store_expected){hosts, q->n_hosts, false, newest, NO_TIME, NO_TIME});
	free(hosts);
}

int query_all_begin(struct query *q, struct err *e)
{
	if (view_begin(q, e) < 0)
		return -1;
	expect_newest(q, BLOCK);
	return 0;
}

void query_all_end(struct query *q)
{
	view_end(q);
}

/* The newest one of a host is read by itself: those before it may never be asked for. */
static int64_t goroutines_last(struct query *q, const struct host_row *r)
{
	int64_t out = -1;
	struct snapshot *s;
	struct pool p = {0};
	struct err unused;
	size_t n = 0;

	if (r->last_seq >= r->first_seq && store_snapshots(q->view, (struct seq_range){r->host, r->last_seq, r->last_seq}, &p, &s, &n, &unused) == 0 && n &&
	    s[0].status != SNAP_FAILED)
		out = s[0].goroutines;
	pool_release(&p);
	return out;
}

static int64_t goroutines_newest(struct query *q, const struct host_row *r)
{
	for (uint32_t seq = r->last_seq; seq >= r->first_seq && seq; seq--) {
		const struct snapshot_header *t = snapshot_header(q, r->host, seq);

		if (t && t->status != SNAP_FAILED)
			return t->goroutines;
	}
	return -1;
}

/* Handles are small numbers. */
static void index_rows(struct query *q)
{
	q->n_places = 0;
	for (size_t i = 0; i < q->n_hosts; i++)
		if (q->rows[i].host >= q->n_places)
			q->n_places = q->rows[i].host + 1;
	q->place_of = pool_alloc(&q->host_pool, (q->n_places + 1) * sizeof *q->place_of);
	for (size_t i = 0; i < q->n_hosts; i++)
		q->place_of[q->rows[i].host] = (uint32_t)i + 1;
}

static int load_hosts(struct query *q, struct err *e)
{
	struct pool p = {0};
	struct host_row *rows;
	size_t n;

	q->partial.text[0] = '\0';
	if (store_version(q->store, &q->version, e) < 0 || view_begin(q, e) < 0)
		return -1;
	marks_load(q, &p);
	if (store_hosts(q->view, &p, &rows, &n, e) < 0 || store_end(q->view, &q->end, e) < 0) {
		q->n_marks = 0;
		view_end(q);
		pool_release(&p);
		return -1;
	}
	qsort(rows, n, sizeof *rows, hosts_by_name);
	pool_release(&q->host_pool);
	q->host_pool = p;
	q->rows = rows;
	q->n_hosts = n;
	index_rows(q);
	expect_newest(q, 1);
	q->hosts = pool_alloc(&q->host_pool, (n + 1) * sizeof *q->hosts);
	for (size_t i = 0; i < n; i++) {
		const struct host_row *r = &rows[i];
		struct host *h = &q->hosts[i];

		*h = (struct host){.id = r->host, .labels = r->labels, .failed = r->failed, .epochs = r->epoch,
				   .first = r->first, .last = r->last, .peak = r->peak, .events = r->events, .bytes = r->bytes};
		h->snapshots = r->last_seq >= r->first_seq ? r->last_seq - r->first_seq + 1 : 0;
		h->name = keep_host_name(q, r->host, r->name);
		h->newest = goroutines_last(q, r);
		if (h->newest < 0)
			h->newest = goroutines_newest(q, r);
	}
	view_end(q);
	return 0;
}

int query_open(struct query **out, const char *db, struct err *e)
{
	struct query *q = xcalloc(1, sizeof *q);

	q->path = xstrdup(db);
	if (store_open(&q->store, db, STORE_READ, e) < 0 || load_hosts(q, e) < 0) {
		query_close(q);
		return -1;
	}
	*out = q;
	return 0;
}

void query_close(struct query *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n_caches; i++) {
		for (size_t k = 0; k < q->caches[i].n_blocks; k++)
			free(q->caches[i].blocks[k]);
		free(q->caches[i].blocks);
	}
	free(q->caches);
	free(q->cache_of);
	free(q->stacks);
	free(q->strings);
	free(q->families);
	free(q->functions);
	free(q->scoped);
	label_values_release(q);
	pool_release(&q->host_pool);
	pool_release(&q->names);
	store_close(q->store);
	free(q->path);
	free(q);
}

/* Stacks that were away are there again. */
static void forget_away(struct query *q)
{
	if (q->n_stacks)
		memset(q->stacks, 0, q->n_stacks * sizeof *q->stacks);
	q->functions_of = 0;
}

int query_refresh(struct query *q, struct err *e)
{
	bool was_partial = q->partial.text[0];
	uint64_t version;

	if (store_version(q->store, &version, e) < 0)
		return -1;
	if (version == q->version && !was_partial)
		return 0;
	if (load_hosts(q, e) < 0)
		return -1;
	if (was_partial)
		forget_away(q);
	return 1;
}

bool query_is_partial(const struct query *q, struct err *why)
{
	if (q->partial.text[0])
		*why = q->partial;
	return q->partial.text[0];
}

void note_fault(struct query *q, const struct err *e)
{
	if (!q->fault.text[0])
		q->fault = *e;
}

int note_damage(struct query *q, int rc, const struct err *e)
{
	if (rc >= 0 || e->kind != ERR_DAMAGED)
		return rc;
	note_fault(q, e);
	return 0;
}

int query_fault(struct query *q, struct err *e)
{
	struct err was = q->fault;

	q->fault = (struct err){0};
	if (!was.text[0])
		return 0;
	if (e)
		*e = was;
	return -1;
}

const char *query_path(const struct query *q)
{
	return q->path;
}

uint64_t query_version(const struct query *q)
{
	return q->version;
}

const struct host *query_hosts(struct query *q, size_t *n)
{
	*n = q->n_hosts;
	return q->hosts;
}

/* The next byte of a name as the archive's folders have it: %XX is one. */
static char folder_byte(const char **s)
{
	unsigned byte;

	if (**s == '%' && isxdigit((unsigned char)(*s)[1]) && isxdigit((unsigned char)(*s)[2]) && sscanf(*s + 1, "%2x", &byte) == 1 && byte) {
		*s += 3;
		return (char)byte;
	}
	return *(*s)++;
}

/* The folder's form, host_port, names the same host. */
static bool same_name(const char *folder, const char *host)
{
	for (; *folder && *host; host++) {
		char c = folder_byte(&folder);

		if ((c == ':' ? '_' : c) != (*host == ':' ? '_' : *host))
			return false;
	}
	return *folder == *host;
}

const struct host *query_host(struct query *q, const char *name, struct err *e)
{
	const struct host *near = NULL;
	size_t best = SIZE_MAX;
	struct buf b = {0};

	for (size_t i = 0; i < q->n_hosts; i++)
		if (strcmp(q->hosts[i].name, name) == 0)
			return &q->hosts[i];
	for (size_t i = 0; i < q->n_hosts; i++) {
		size_t d = edits(name, q->hosts[i].name);

		if (same_name(name, q->hosts[i].name))
			return &q->hosts[i];
		if (d < best) {
			best = d;
			near = &q->hosts[i];
		}
	}
	buf_add_visible(&b, name, strlen(name));
	if (q->partial.text[0])
		fail(e, "no host '%s' there; %s", b.p, q->partial.text);
	else if (near)
		fail(e, "no host '%s' in %s; the nearest is '%s'", b.p, q->path, near->name);
	else
		fail(e, "no host '%s' in %s, which has none", b.p, q->path);
	buf_release(&b);
	return NULL;
}

const struct host_row *host_row(struct query *q, uint32_t host)
{
	return host < q->n_places && q->place_of[host] ? &q->rows[q->place_of[host] - 1] : NULL;
}

const struct host *query_host_numbered(struct query *q, uint32_t id)
{
	return id < q->n_places && q->place_of[id] ? &q->hosts[q->place_of[id] - 1] : NULL;
}

struct store *query_store(struct query *q)
{
	return q->store;
}
