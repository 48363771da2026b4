/* SPDX-License-Identifier: MIT */
/* Some hosts against others at one time: the groups of each, added up on two sides, by key. */
#include "query_internal.h"
#include <gscrape/insight.h>
#include <math.h>
#include <stdlib.h>

/* A row while it grows. */
struct growing {
	struct canary_row row;
	uint32_t has[2];       /* hosts of each side that have somebody in it */
};

struct canaries {
	struct query *q;
	const struct canary_question *ask;
	struct pool *p;
	struct growing *a;
	size_t n, cap;
	struct hash places;    /* by key */
	uint32_t hosts[2];     /* known, of each side */
};

static struct growing *row_of(struct canaries *x, const struct group *g, uint32_t host)
{
	uint32_t at;

	HASH_FIND(&x->places, hash_u64(g->key), at, x->a[at].row.group->key == g->key);
	if (at == HASH_NONE) {
		at = (uint32_t)x->n;
		hash_put(&x->places, hash_u64(g->key), at);
		GROW(x->a, x->n, x->cap);
		x->a[x->n++] = (struct growing){.row = {.group = g, .host = host}};
	}
	return &x->a[at];
}

static int add_host(struct canaries *x, const struct host *h, int side, struct err *e)
{
	const struct canary_question *ask = x->ask;
	struct group *groups;
	struct known k;
	size_t n;

	if (query_known(x->q, h->id, ask->at, &k, e) < 0)
		return -1;
	if (!k.known)
		return 0;
	if (query_groups(x->q, &(struct group_question){{h->id, ask->at}, ask->by, ask->where}, x->p, &groups, &n, e) < 0)
		return -1;
	x->hosts[side]++;
	for (size_t i = 0; i < n; i++) {
		struct growing *r = row_of(x, &groups[i], h->id);
		struct canary_side *s = side ? &r->row.rest : &r->row.canary;

		if (groups[i].count > r->row.group->count) {
			r->row.group = &groups[i];
			r->row.host = h->id;
		}
		s->count += groups[i].count;
		s->least = r->has[side] && s->least < groups[i].count ? s->least : groups[i].count;
		s->most = s->most > groups[i].count ? s->most : groups[i].count;
		r->has[side]++;
	}
	return 0;
}

static int add_side(struct canaries *x, const struct host_group *g, int side, struct err *e)
{
	for (size_t i = 0; i < g->n; i++)
		if (add_host(x, g->hosts[i], side, e) < 0)
			return -1;
	return 0;
}

static int one_group(struct canaries *x, const char *label, struct host_group *out, struct err *e)
{
	struct host_group *g;
	size_t n;

	if (!strchr(label, '='))
		return fail_as(e, ERR_USAGE, "hosts are compared by KEY=VALUE, and not by '%s'", label);
	if (query_hosts_of(x->q, label, x->p, &g, &n, e) < 0)
		return -1;
	*out = *g;
	return 0;
}

static bool has_host(const struct host_group *g, const struct host *h)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->hosts[i] == h)
			return true;
	return false;
}

/* Those of `all` that are in g, or those that are not. */
static struct host_group part_of(struct canaries *x, const struct host_group *all, const struct host_group *g, bool in)
{
	const struct host **hosts = pool_alloc(x->p, (all->n + 1) * sizeof *hosts);
	struct host_group part = {g->key, g->value, hosts, 0};

	for (size_t i = 0; i < all->n; i++)
		if (has_host(g, all->hosts[i]) == in)
			hosts[part.n++] = all->hosts[i];
	return part;
}

static int find_sides(struct canaries *x, struct host_group *canary, struct host_group *rest, struct err *e)
{
	const struct canary_question *ask = x->ask;
	size_t n;
	const struct host *h = query_hosts(x->q, &n);
	const struct host **each = pool_alloc(x->p, (n + 1) * sizeof *each);
	struct host_group all = {NULL, NULL, each, n}, named;

	for (size_t i = 0; i < n; i++)
		each[i] = &h[i];
	if (one_group(x, ask->canary, &named, e) < 0 || (ask->of && one_group(x, ask->of, &all, e) < 0))
		return -1;
	*canary = part_of(x, &all, &named, true);
	*rest = part_of(x, &all, &named, false);
	if (!canary->n)
		return fail_as(e, ERR_USAGE, "no host with %s has %s", ask->of, ask->canary);
	return rest->n ? 0 : fail_as(e, ERR_USAGE, "all hosts have %s: there is no rest to compare with", ask->canary);
}

static void finish(struct canaries *x, struct growing *r)
{
	struct canary_side *c = &r->row.canary, *rest = &r->row.rest;

	c->hosts = x->hosts[0];
	rest->hosts = x->hosts[1];
	if (r->has[0] < c->hosts)
		c->least = 0;
	if (r->has[1] < rest->hosts)
		rest->least = 0;
	r->row.differs = (double)c->count / c->hosts - (double)rest->count / rest->hosts;
	r->row.apart = c->least > rest->most || c->most < rest->least;
}

static int most_different(const void *pa, const void *pb)
{
	const struct canary_row *a = pa, *b = pb;
	double x = fabs(a->differs), y = fabs(b->differs);

	if (a->apart != b->apart)
		return a->apart ? -1 : 1;
	return x != y ? (x > y ? -1 : 1) : strcmp(a->group->name, b->group->name);
}

int query_canary(struct query *q, const struct canary_question *ask, struct pool *p, struct canary_row **out, size_t *n, struct err *e)
{
	struct canaries x = {.q = q, .ask = ask, .p = p};
	struct host_group canary, rest;
	int rc = find_sides(&x, &canary, &rest, e) < 0 || add_side(&x, &canary, 0, e) < 0 ? -1 : add_side(&x, &rest, 1, e);

	*out = pool_alloc(p, (x.n + 1) * sizeof **out);
	*n = 0;
	for (size_t i = 0; i < x.n && !rc && x.hosts[0] && x.hosts[1]; i++) {
		finish(&x, &x.a[i]);
		if (x.a[i].row.differs != 0)
			(*out)[(*n)++] = x.a[i].row;
	}
	if (*n)
		qsort(*out, *n, sizeof **out, most_different);
	hash_release(&x.places);
	free(x.a);
	return rc;
}
