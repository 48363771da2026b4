/* SPDX-License-Identifier: MIT */
/* Hosts by a label of their targets. Labels are "k=v,k2=v2". */
#include "query_internal.h"
#include <stdlib.h>

/* The value of a key among labels; p NULL: there is none. */
static struct str value_of(const char *labels, const char *key)
{
	size_t k = strlen(key);

	for (const char *at = labels; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, key, k) == 0 && at[k] == '=')
			return (struct str){at + k + 1, strcspn(at + k + 1, ",")};
	return (struct str){0};
}

static int by_text(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

void query_host_keys(struct query *q, struct pool *p, const char ***out, size_t *n)
{
	size_t cap = 0, kept = 0;

	*out = NULL;
	*n = 0;
	for (size_t i = 0; i < q->n_hosts; i++) {
		for (const char *at = q->hosts[i].labels; *at; at += strcspn(at, ","), at += *at == ',') {
			size_t k = strcspn(at, "=,"), j = 0;

			while (j < *n && (strncmp((*out)[j], at, k) != 0 || (*out)[j][k]))
				j++;
			if (j < *n || at[k] != '=')
				continue;
			*out = pool_grow(p, *out, *n, &cap, sizeof **out);
			(*out)[(*n)++] = pool_strndup(p, at, k);
		}
	}
	if (*n)
		qsort(*out, *n, sizeof **out, by_text);
	for (size_t i = 0; i < *n; i++)
		if (!kept || strcmp((*out)[kept - 1], (*out)[i]) != 0)
			(*out)[kept++] = (*out)[i];
	*n = kept;
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
		m[i] = (struct member){value_of(q->hosts[i].labels, key), &q->hosts[i]};
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
