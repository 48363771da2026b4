/* SPDX-License-Identifier: MIT */
/* Hosts by a label of their targets. */
#include "query_internal.h"
#include <gscrape/filter.h>
#include <gscrape/target_labels.h>
#include <stdlib.h>

static int by_text(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

void query_host_keys(struct query *q, struct pool *p, const char ***out, size_t *n)
{
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	for (size_t i = 0; i < q->n_hosts; i++) {
		const char *at = q->hosts[i].labels;
		struct str key, value;

		while (target_label_next(&at, &key, &value)) {
			size_t j = 0;

			while (j < *n && !str_eq(str_of((*out)[j]), key))
				j++;
			if (j < *n || !key.n)
				continue;
			*out = pool_grow(p, *out, *n, &cap, sizeof **out);
			(*out)[(*n)++] = pool_strndup(p, key.p, key.n);
		}
	}
	if (*n)
		qsort(*out, *n, sizeof **out, by_text);
}

struct member {
	struct str value;
	const struct host *host;
};

/* Those without the label last; of one value in the order of hosts. */
static int by_value(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;
	size_t n = a->value.n < b->value.n ? a->value.n : b->value.n;
	int c;

	if (!a->value.p || !b->value.p)
		return a->value.p || b->value.p ? (a->value.p ? -1 : 1) : (a->host > b->host) - (a->host < b->host);
	c = memcmp(a->value.p, b->value.p, n);
	if (!c && a->value.n != b->value.n)
		c = a->value.n < b->value.n ? -1 : 1;
	return c ? c : (a->host > b->host) - (a->host < b->host);
}

static bool same_value(const struct member *a, const struct member *b)
{
	return !a->value.p == !b->value.p && a->value.n == b->value.n && (!a->value.n || memcmp(a->value.p, b->value.p, a->value.n) == 0);
}

void query_host_groups(struct query *q, const char *key, struct pool *p, struct host_group **out, size_t *n)
{
	struct member *m = pool_alloc(p, (q->n_hosts + 1) * sizeof *m);
	const struct host **hosts = pool_alloc(p, (q->n_hosts + 1) * sizeof *hosts);

	for (size_t i = 0; i < q->n_hosts; i++)
		m[i] = (struct member){target_label_value(q->hosts[i].labels, key), &q->hosts[i]};
	if (q->n_hosts)
		qsort(m, q->n_hosts, sizeof *m, by_value);
	*out = pool_alloc(p, (q->n_hosts + 1) * sizeof **out);
	*n = 0;
	for (size_t i = 0; i < q->n_hosts; i++) {
		hosts[i] = m[i].host;
		if (!i || !same_value(&m[i - 1], &m[i]))
			(*out)[(*n)++] = (struct host_group){pool_strndup(p, key, strlen(key)), m[i].value.p ? pool_strndup(p, m[i].value.p, m[i].value.n) : NULL, hosts + i, 0};
		(*out)[*n - 1].n++;
	}
}

/* "app is api, web": what one may ask for. */
static int no_such_value(const struct host_group *g, size_t n, const char *value, struct err *e)
{
	struct buf b = {0};
	int rc;

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", g[i].value);
	buf_putc(&b, '\0');
	rc = fail_as(e, ERR_USAGE, "no host has the label %s=%s: %s is %s", g->key, value, g->key, b.p);
	buf_release(&b);
	return rc;
}

int query_hosts_of(struct query *q, const char *label, struct pool *p, struct host_group **out, size_t *n, struct err *e)
{
	const char *value = strchr(label, '=');
	const char *key = pool_strndup(p, label, value ? (size_t)(value++ - label) : strlen(label));

	query_host_groups(q, key, p, out, n);
	if (*n && !(*out)[*n - 1].value)
		--*n;
	if (!*n)
		return fail_as(e, ERR_USAGE, "no host has a label '%s'", key);
	for (size_t i = 0; value && i < *n; i++) {
		if (strcmp((*out)[i].value, value) == 0) {
			*out += i;
			*n = 1;
			return 0;
		}
	}
	return value ? no_such_value(*out, *n, value, e) : 0;
}

int query_host_group_facts(struct query *q, const struct host_group *g, struct host_group_facts *out, struct err *e)
{
	*out = (struct host_group_facts){.group = g, .now = -1, .last = -1};
	for (size_t i = 0; i < g->n; i++) {
		struct known k;

		if (query_known(q, g->hosts[i]->id, NO_TIME, &k, e) < 0)
			return -1;
		if (g->hosts[i]->newest >= 0)
			out->last = (out->last < 0 ? 0 : out->last) + g->hosts[i]->newest;
		out->down += k.how == UNKNOWN_DOWN;
		if (!k.scraped || k.goroutines < 0)
			continue;
		out->known++;
		out->now = (out->now < 0 ? 0 : out->now) + k.goroutines;
	}
	return 0;
}

static void add_bucket(struct bucket *to, const struct bucket *b)
{
	to->n += b->n;
	to->bad += b->bad;
	to->cut |= b->cut;
	to->gap &= b->gap;
	to->epoch |= b->epoch;
	if (!b->has_value)
		return;
	to->min += b->min;
	to->max += b->max;
	to->last += b->last;
	to->has_value = true;
}

void buckets_add(struct bucket *to, const struct bucket *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!to[i].from)
			to[i] = (struct bucket){.from = b[i].from, .to = b[i].to, .gap = true};
		add_bucket(&to[i], &b[i]);
	}
}

int query_host_group_chart(struct query *q, const struct host_group_window *ask, struct bucket *out, struct err *e)
{
	struct bucket *one = xcalloc(ask->w.cols + 1, sizeof *one);
	struct window w = ask->w;
	int rc = 0;

	for (size_t i = 0; i < ask->group->n && rc == 0; i++) {
		w.host = ask->group->hosts[i]->id;
		memset(one, 0, w.cols * sizeof *one);
		rc = ask->where ? query_match_chart(q, &w, ask->where, one, e) : query_chart(q, &w, one, e);
		if (rc == 0)
			buckets_add(out, one, w.cols);
	}
	free(one);
	return rc;
}
