/* SPDX-License-Identifier: MIT */
/* /api/v1/diff: what moved between two times, by creation site, largest change first. */
#include "server.h"
#include <stdlib.h>

struct moved {
	const char *host;
	const struct group *was, *now; /* one of them may be NULL */
	uint32_t born, gone;
};

struct moves {
	struct moved *a;
	size_t n, cap;
};

static int by_name(const void *pa, const void *pb)
{
	return strcmp(((const struct group *)pa)->name, ((const struct group *)pb)->name);
}

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

static uint32_t net(const struct moved *m)
{
	uint32_t a = m->was ? m->was->count : 0, b = m->now ? m->now->count : 0;

	return a < b ? b - a : a - b;
}

static int by_change(const void *pa, const void *pb)
{
	const struct moved *a = pa, *b = pb;
	uint32_t x = net(a), y = net(b);

	if (x != y)
		return x < y ? 1 : -1;
	x = a->born + a->gone;
	y = b->born + b->gone;
	return x < y ? 1 : x > y ? -1 : strcmp((a->now ? a->now : a->was)->name, (b->now ? b->now : b->was)->name);
}

/* How many of a's members are b's, too. */
static uint32_t shared(const struct group *a, const struct group *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0, k = 0; i < a->count && k < b->count;) {
		n += a->ids[i] == b->ids[k];
		if (a->ids[i] < b->ids[k])
			i++;
		else if (a->ids[i] > b->ids[k])
			k++;
		else
			i++, k++;
	}
	return n;
}

static void add(struct moves *out, const char *host, const struct group *was, const struct group *now, bool restarted)
{
	uint32_t stayed = was && now && !restarted ? shared(was, now) : 0;
	struct moved m = {host, was, now, now ? now->count - stayed : 0, was ? was->count - stayed : 0};

	if (m.born == 0 && m.gone == 0)
		return;
	GROW(out->a, out->n, out->cap);
	out->a[out->n++] = m;
}

/* Groups of a host at t, by name, their members by number; and the epoch. */
static int groups_at(struct request *r, const struct host *h, int64_t t, struct group **g, size_t *n, uint32_t *epoch, struct err *e)
{
	struct snapshot s;
	int rc = query_snapshot_at(r->q, h->id, t, &s, e);

	*n = 0;
	if (rc <= 0 || query_groups(r->q, h->id, t, BY_CREATED, &r->pool, g, n, e) < 0)
		return rc < 0 || rc > 0 ? -1 : 0;
	*epoch = s.epoch;
	qsort(*g, *n, sizeof **g, by_name);
	for (size_t i = 0; i < *n; i++)
		qsort((*g)[i].ids, (*g)[i].count, sizeof *(*g)[i].ids, by_number);
	return 1;
}

static int compare(struct request *r, const struct host *h, int64_t from, int64_t to, struct moves *out, struct err *e)
{
	struct group *a = NULL, *b = NULL;
	size_t na, nb, i = 0, k = 0;
	uint32_t was = 0, now = 0;

	if (groups_at(r, h, from, &a, &na, &was, e) < 0 || groups_at(r, h, to, &b, &nb, &now, e) < 0)
		return -1;
	while (i < na || k < nb) {
		int order = i == na ? 1 : k == nb ? -1 : strcmp(a[i].name, b[k].name);

		add(out, h->name, order <= 0 ? &a[i] : NULL, order >= 0 ? &b[k] : NULL, was != now);
		i += order <= 0;
		k += order >= 0;
	}
	return 0;
}

static void shape(struct request *r, const struct moved *m)
{
	const struct group *g = m->now ? m->now : m->was;
	struct jw *j = &r->j;

	jw_obj(j);
	jw_kstr(j, "host", m->host);
	jw_kstr(j, "created_by", g->created.func ? g->created.func : g->name);
	jw_kstr(j, "created_at", g->created.file ? pool_printf(&r->pool, "%s:%u", g->created.file, g->created.line) : NULL);
	jw_kstr(j, "function", g->top.func);
	jw_kstr(j, "state", g->n_states ? query_string(r->q, g->states[0].state) : NULL);
	jw_kuint(j, "from", m->was ? m->was->count : 0);
	jw_kuint(j, "to", m->now ? m->now->count : 0);
	jw_kuint(j, "born", m->born);
	jw_kuint(j, "gone", m->gone);
	jw_end(j);
}

static void answer(struct request *r, const struct moves *all)
{
	struct page page = asked_page(r, all->n);

	jw_obj(&r->j);
	shape_page(&r->j, page);
	jw_key(&r->j, "diff");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape(r, &all->a[i]);
	jw_end(&r->j);
	jw_end(&r->j);
}

int answer_diff(struct request *r, struct err *e)
{
	int64_t from = param(r, "from")->time, to = asked_time(r, "to", now_ms());
	const struct host *hosts, *one = NULL;
	struct moves all = {0};
	size_t n;
	int rc = 0;

	if (param(r, "host")->text && !(one = asked_host(r, e)))
		return -1;
	if (from > to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	hosts = query_hosts(r->q, &n);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (hosts[i].last != NO_TIME && (!one || one->id == hosts[i].id))
			rc = compare(r, &hosts[i], from, to, &all, e);
	if (all.n)
		qsort(all.a, all.n, sizeof *all.a, by_change);
	if (rc == 0)
		answer(r, &all);
	free(all.a);
	return rc;
}
