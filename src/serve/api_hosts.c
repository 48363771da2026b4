/* SPDX-License-Identifier: MIT */
/* /api/v1: hosts, snapshots and charts, who is alive. */
#include "server.h"
#include <stdlib.h>

/* A row of --hosts, and what is known of it at a time, if one is asked about. */
static int host_object(struct request *r, const struct host *h, int64_t at, struct err *e)
{
	struct host_facts f;
	struct known k;

	if (query_host_facts(r->q, h, NO_TIME, &f, e) < 0 || (at != NO_TIME && query_known(r->q, h->id, at, &k, e) < 0))
		return -1;
	jw_obj(&r->j);
	columns_members(&r->j, &host_columns, &(struct told_row){r->q, &r->pool, &f});
	if (at != NO_TIME) {
		jw_key(&r->j, "known");
		jw_obj(&r->j);
		known_json(&r->j, &k);
		jw_end(&r->j);
	}
	jw_end(&r->j);
	return 0;
}

int answer_hosts(struct request *r, struct err *e)
{
	size_t n;
	const struct host *hosts = query_hosts(r->q, &n);
	int64_t at = asked_time(r, "at", NO_TIME);

	if (asked_filter_of_each(r, e) < 0)
		return -1;
	jw_arr(&r->j);
	for (size_t i = 0; i < n; i++) {
		int match = filter_has_match(r->where, r->q, &(struct moment){hosts[i].id, at}, e);

		if (match < 0 || (match && host_object(r, &hosts[i], at, e) < 0))
			return -1;
	}
	jw_end(&r->j);
	return 0;
}

/* --- hosts in groups --- */

int answer_host_groups(struct request *r, struct err *e)
{
	struct host_group *g;
	size_t n;

	query_host_groups(r->q, param(r, "key")->text, &r->pool, &g, &n);
	jw_arr(&r->j);
	for (size_t i = 0; i < n; i++) {
		struct host_group_facts facts;

		if (query_host_group_facts(r->q, &g[i], &facts, e) < 0)
			return -1;
		shape_row(r, &host_group_columns, &facts);
	}
	jw_end(&r->j);
	return 0;
}

/* --- marks --- */

int answer_marks(struct request *r, struct err *e)
{
	int64_t from = asked_time(r, "from", NO_TIME), to = asked_time(r, "to", INT64_MAX);
	bool of_one = param(r, "host")->text;
	const struct host *h = of_one ? asked_host(r, e) : NULL;
	size_t n;
	const struct mark *m = query_marks(r->q, &n);

	if ((of_one && !h) || query_fault(r->q, e) < 0)
		return -1;
	jw_arr(&r->j);
	for (size_t i = 0; i < n; i++)
		if (m[i].time >= from && m[i].time <= to && mark_is_of(&m[i], h))
			shape_row(r, &mark_columns, &m[i]);
	jw_end(&r->j);
	return 0;
}

/* --- snapshots --- */

static void head(struct request *r, const struct host *h, int64_t from, int64_t to)
{
	jw_obj(&r->j);
	jw_kstr(&r->j, "host", h->name);
	jw_ktime(&r->j, "from", from);
	jw_ktime(&r->j, "to", to);
}

/* Lists of equal length instead of objects: a tenth of the bytes. */
static void columns(struct request *r, const struct snapshot *s, size_t n)
{
	static const char *const names[] = {"time", "goroutines", "epoch"};

	for (size_t c = 0; c < 3; c++) {
		jw_key(&r->j, names[c]);
		jw_arr(&r->j);
		for (size_t i = 0; i < n; i++) {
			if (c == 0)
				jw_time(&r->j, s[i].time);
			else if (c == 2)
				jw_uint(&r->j, s[i].epoch);
			else if (s[i].status == SNAP_FAILED)
				jw_null(&r->j);
			else
				jw_uint(&r->j, s[i].goroutines);
		}
		jw_end(&r->j);
	}
}

static int raw(struct request *r, const struct host *h, int64_t from, int64_t to, struct err *e)
{
	const struct columns *told = r->where ? &matching_columns : &snapshot_columns;
	size_t limit = param(r, "limit")->number, n = 0;
	struct snapshot *snaps = NULL;
	struct matches m = {0};
	struct span s;

	if (span_open(&s, r->q, h->id, from, to, e) < 0 || span_next(&s, limit, &r->pool, &snaps, &n, e) < 0)
		return -1;
	if (r->where && n && query_matches(r->q, &(struct window){.host = h->id, .from = snaps[0].time, .to = snaps[n - 1].time}, r->where,
		&r->pool, &m, e) < 0)
		return -1;
	head(r, h, from, to);
	jw_ktime(&r->j, "next", s.seq <= s.last ? query_seq_time(r->q, h->id, s.seq) : NO_TIME);
	if (param(r, "as")->number == 1) {
		columns(r, snaps, n);
	} else {
		jw_key(&r->j, "snapshots");
		jw_arr(&r->j);
		for (size_t i = 0; i < n; i++)
			shape_member(r, told, &(struct told_snapshot){h->name, &snaps[i], matches_at(&m, snaps[i].seq)});
		jw_end(&r->j);
	}
	jw_end(&r->j);
	return 0;
}

/* The most that pass in each of n pieces of w; -1 where no snapshot with text is. */
static int bucket_matches(struct request *r, const struct window *w, int64_t *most, struct err *e)
{
	struct matches m;

	for (size_t i = 0; i < w->cols; i++)
		most[i] = -1;
	if (query_matches(r->q, w, r->where, &r->pool, &m, e) < 0)
		return -1;
	for (size_t i = 0; i < m.n; i++) {
		int64_t t = m.count[i] < 0 ? NO_TIME : query_seq_time(r->q, w->host, m.first + (uint32_t)i);
		int64_t k = time_column(t, w->from, w->to, w->cols);

		if (k >= 0 && k < (int64_t)w->cols && m.count[i] > most[k])
			most[k] = m.count[i];
	}
	return 0;
}

static void bucket(struct jw *j, const struct bucket *b, const int64_t *matching)
{
	jw_obj(j);
	jw_ktime(j, "from", b->from);
	jw_ktime(j, "to", b->to);
	jw_kuint(j, "snapshots", b->n);
	jw_kuint(j, "failed", b->bad);
	shape_count(j, "min", b->has_value ? (int64_t)b->min : -1);
	shape_count(j, "max", b->has_value ? (int64_t)b->max : -1);
	shape_count(j, "last", b->has_value ? (int64_t)b->last : -1);
	if (matching)
		shape_count(j, "matching", *matching);
	if (b->cut)
		jw_kbool(j, "cut", true);
	if (b->gap)
		jw_kbool(j, "gap", true);
	if (b->epoch)
		jw_kbool(j, "epoch", true);
	jw_end(j);
}

static void buckets(struct jw *j, const struct bucket *b, size_t n, const int64_t *matching)
{
	jw_key(j, "buckets");
	jw_arr(j);
	for (size_t i = 0; i < n; i++)
		bucket(j, &b[i], matching ? &matching[i] : NULL);
	jw_end(j);
}

int answer_snapshots(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	size_t n = param(r, "buckets")->number;
	struct window w;
	int64_t from, to, *most;
	struct bucket *b;

	if (!h || asked_filter_of_each(r, e) < 0)
		return -1;
	from = asked_time(r, "from", h->first);
	to = asked_time(r, "to", h->last);
	if (from > to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	if (!n)
		return raw(r, h, from, to, e);
	b = pool_alloc(&r->pool, n * sizeof *b);
	most = pool_alloc(&r->pool, n * sizeof *most);
	w = (struct window){h->id, from, to == from ? to + 1 : to, n};
	if (query_chart(r->q, &w, b, e) < 0 || (r->where && bucket_matches(r, &w, most, e) < 0))
		return -1;
	head(r, h, from, to);
	buckets(&r->j, b, n, r->where ? most : NULL);
	jw_end(&r->j);
	return 0;
}

/* --- the chart of hosts together --- */

/* "KEY=VALUE", or "KEY": those that have no such label. */
static const struct host_group *asked_group(struct request *r, struct err *e)
{
	const char *of = param(r, "of")->text, *value = strchr(of, '=');
	struct host_group *g;
	size_t n;

	query_host_groups(r->q, value ? pool_strndup(&r->pool, of, (size_t)(value++ - of)) : of, &r->pool, &g, &n);
	for (size_t i = 0; i < n; i++)
		if (value ? g[i].value && strcmp(g[i].value, value) == 0 : !g[i].value)
			return &g[i];
	refuse(r, MHD_HTTP_NOT_FOUND, e, value ? "no host has the label %s" : "all hosts have a label '%s'", of);
	return NULL;
}

/* From the first snapshot of any of them to the last, where nothing else is asked for; false where none has one. */
static bool group_window(struct request *r, const struct host_group *g, struct window *w)
{
	int64_t first = INT64_MAX, last = NO_TIME;

	for (size_t i = 0; i < g->n; i++) {
		if (g->hosts[i]->first == NO_TIME)
			continue;
		first = g->hosts[i]->first < first ? g->hosts[i]->first : first;
		last = g->hosts[i]->last > last ? g->hosts[i]->last : last;
	}
	w->from = asked_time(r, "from", first);
	w->to = asked_time(r, "to", last);
	return last != NO_TIME;
}

int answer_host_group(struct request *r, struct err *e)
{
	struct host_group_window ask = {.w.cols = param(r, "buckets")->number};
	struct bucket *b = pool_alloc(&r->pool, ask.w.cols * sizeof *b);
	bool any;

	ask.group = asked_group(r, e);
	if (!ask.group)
		return -1;
	any = group_window(r, ask.group, &ask.w);
	if (any && ask.w.from > ask.w.to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	ask.w.to += ask.w.to == ask.w.from;
	memset(b, 0, ask.w.cols * sizeof *b);
	if (any && query_host_group_chart(r->q, &ask, b, e) < 0)
		return -1;
	jw_obj(&r->j);
	jw_kstr(&r->j, "label", ask.group->key);
	jw_key(&r->j, "value");
	if (ask.group->value)
		jw_str(&r->j, ask.group->value);
	else
		jw_null(&r->j);
	jw_key(&r->j, "hosts");
	jw_arr(&r->j);
	for (size_t i = 0; i < ask.group->n; i++)
		jw_str(&r->j, ask.group->hosts[i]->name);
	jw_end(&r->j);
	buckets(&r->j, b, any ? ask.w.cols : 0, NULL);
	jw_end(&r->j);
	return 0;
}

/* --- who is alive --- */

int answer_groups(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	struct page page;
	struct group *g;
	int64_t at;
	size_t n;

	if (!h || asked_filter(r, e) < 0)
		return -1;
	if (query_groups(r->q, &(struct group_question){{h->id, param(r, "at")->time}, asked_grouping(r), r->where}, &r->pool, &g, &n, e) < 0 ||
	    shape_moment(r, h, param(r, "at")->time, &at, e) < 0)
		return -1;
	page = asked_page(r, n);
	shape_page(&r->j, page);
	jw_key(&r->j, "groups");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_member(r, &group_columns, &(struct told_group){h->name, &g[i], NULL, at});
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

static int by_id(const void *pa, const void *pb)
{
	uint64_t a = ((const struct alive *)pa)->id, b = ((const struct alive *)pb)->id;

	return a < b ? -1 : a > b;
}

/* Those of one group, by the name that /api/v1/groups gave it, oldest first as the group has them. */
static int members(struct request *r, struct moment at, const char *name, struct alive **a, size_t *n, struct err *e)
{
	struct group *g;
	size_t n_groups, kept = 0;
	struct alive *out = pool_alloc(&r->pool, (*n + 1) * sizeof *out);

	if (query_groups(r->q, &(struct group_question){at, asked_grouping(r), NULL}, &r->pool, &g, &n_groups, e) < 0)
		return -1;
	while (n_groups && strcmp(g->name, name) != 0) {
		g++;
		n_groups--;
	}
	for (size_t i = 0; n_groups && i < g->count; i++) {
		const struct alive *m = bsearch(&(struct alive){.id = g->ids[i]}, *a, *n, sizeof *m, by_id);

		if (m)
			out[kept++] = *m;
	}
	*a = out;
	*n = kept;
	return 0;
}

int answer_alive(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	const char *name = param(r, "group")->text;
	int64_t at = param(r, "at")->time;
	struct alive *a;
	struct page page;
	size_t n;

	if (!h || (name ? asked_filter(r, e) : asked_filter_of_each(r, e)) < 0 || query_alive(r->q, &(struct moment){h->id, at}, &r->pool, &a, &n, e) < 0 ||
	    filter_alive(r->where, r->q, &(struct moment){h->id, at}, a, &n, e) < 0)
		return -1;
	if (name && members(r, (struct moment){h->id, at}, name, &a, &n, e) < 0)
		return -1;
	if (shape_moment(r, h, at, NULL, e) < 0)
		return -1;
	page = asked_page(r, n);
	shape_page(&r->j, page);
	jw_key(&r->j, "goroutines");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_member(r, &goroutine_columns, &(struct told_goroutine){h->name, &a[i], NULL, NO_TIME});
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}
