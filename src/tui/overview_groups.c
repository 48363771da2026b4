/* SPDX-License-Identifier: MIT */
/* View 1, its hosts in groups by what a label of their targets says: one line for all pods of a deployment, which opens. */
#include "view_leaks.h"
#include "view_overview.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>

bool line_is_suspect(const struct session *a, const struct host_line *l)
{
	for (size_t i = 0; l->group && i < l->group->n; i++)
		if (host_is_suspect(a, l->group->hosts[i]->id))
			return true;
	return host_is_suspect(a, l->host->id);
}

bool line_has(const struct host_line *l, uint32_t host)
{
	for (size_t i = 0; l->group && i < l->group->n; i++)
		if (l->group->hosts[i]->id == host)
			return true;
	return l->host->id == host;
}

const struct host_line *line_shown(const struct session *a)
{
	const struct overview *o = overview_of(a);

	for (size_t i = 0; i < o->n; i++)
		if (line_has(&o->hosts[i], o->shown))
			return &o->hosts[i];
	return NULL;
}

const struct host_group *group_shown(const struct session *a)
{
	const struct host_line *l = overview_of(a)->label[0] ? line_shown(a) : NULL;

	return l ? l->group : NULL;
}

/* A number more, where it is known. */
static int64_t sum(int64_t a, int64_t b)
{
	return b < 0 ? a : a < 0 ? b : a + b;
}

/* One line of all its hosts. */
static void add_line(struct host_line *to, const struct host_line *l, int w)
{
	if (!to->host || sum(to->known.goroutines, -1) < l->known.goroutines) {
		to->host = l->host;
		to->known = l->known;
	}
	buckets_add(to->spark, l->spark, (size_t)w);
	to->min_cut |= l->min_cut;
	to->max_cut |= l->max_cut;
	to->last_cut |= l->last_cut;
	to->partial |= l->at_t < 0;
	to->at_t = sum(to->at_t, l->at_t);
	to->last = sum(to->last, l->last);
	to->change += l->change;
	if (!isnan(l->slope))
		to->slope = isnan(to->slope) ? l->slope : to->slope + l->slope;
}

static void line_range(struct host_line *l, int w)
{
	l->min = UINT32_MAX;
	for (int i = 0; i < w; i++) {
		if (l->spark[i].has_value && l->spark[i].min < l->min)
			l->min = l->spark[i].min;
		if (l->spark[i].has_value && l->spark[i].max > l->max)
			l->max = l->spark[i].max;
	}
}

void overview_group(struct session *a, int spark_w)
{
	struct overview *o = overview_of(a);
	const struct host *first = o->n ? o->hosts[0].host : NULL;
	struct host_line *lines;
	struct host_group *g;
	int64_t *pass;
	size_t n;

	query_host_groups(a->q, o->label, &o->pool, &g, &n);
	lines = pool_alloc(&o->pool, (n + 1) * sizeof *lines);
	pass = pool_alloc(&o->pool, (n + 1) * sizeof *pass);
	for (size_t i = 0; i < n; i++) {
		lines[i] = (struct host_line){.group = &g[i], .at_t = -1, .last = -1, .slope = NAN, .spark = pool_alloc(&o->pool, (size_t)spark_w * sizeof *lines->spark)};
		pass[i] = -1;
		for (size_t k = 0; k < g[i].n; k++) {
			size_t at = (size_t)(g[i].hosts[k] - first);

			add_line(&lines[i], &o->hosts[at], spark_w);
			if (o->pass)
				pass[i] = sum(pass[i], o->pass[at]);
		}
		line_range(&lines[i], spark_w);
	}
	o->pass = o->pass ? pass : NULL;
	o->hosts = lines;
	o->n = n;
}

void overview_next_label(struct session *a)
{
	struct overview *o = overview_of(a);
	struct pool p = {0};
	const char **keys;
	size_t n, i = 0;

	query_host_keys(a->q, &p, &keys, &n);
	while (o->label[0] && i < n && strcmp(keys[i], o->label) <= 0)
		i++;
	if (!n)
		say(a, "no host has labels: targets files and discovery give them");
	snprintf(o->label, sizeof o->label, "%s", i < n ? keys[i] : "");
	memo_drop(&o->moved_memo);
	pool_release(&p);
}

/* `=acme` becomes `^tenant=acme$`, what is no letter or number as it stands. */
static void add_plain(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x80 && !isalnum((unsigned char)*s))
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
}

void overview_open_group(struct session *a, const struct host_group *g)
{
	struct buf b = {0};

	buf_putc(&b, '^');
	add_plain(&b, g->key);
	buf_putc(&b, '=');
	add_plain(&b, g->value ? g->value : "");
	buf_adds(&b, "$");
	if (!g->value) {
		say(a, "those without a label '%s' have nothing to be found by: all hosts", g->key);
	} else if (b.n >= sizeof a->filter) {
		say(a, "'%s' is too long to be looked for: all hosts", g->value);
	} else {
		memcpy(a->filter, b.p, b.n + 1);
		a->filter_regex = true;
	}
	buf_release(&b);
	overview_of(a)->label[0] = '\0';
}
