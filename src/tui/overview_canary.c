/* SPDX-License-Identifier: MIT */
/* View 1, hosts in groups by a label: in what the hosts of the selected group differ from the rest, in the place of what moved. */
#include "draw.h"
#include "view_overview.h"
#include <gscrape/target_labels.h>
#include <math.h>
#include <stdio.h>

#define TOLD 3 /* differences, in the sentence */

const struct host_group *canary_shown(const struct session *a)
{
	return overview_of(a)->against_rest ? group_shown(a) : NULL;
}

/* By its label: of thousands of hosts in a group to look for one takes longer. */
static bool is_in(const struct host_group *g, const struct host *h)
{
	struct str value = target_label_value(h->labels, g->key);

	return g->value ? value.p && str_eq(value, str_of(g->value)) : !value.p;
}

/* Have all of the group this value of the key, and some of the others, but not all of them? Then they are a part of one workload. */
static bool is_shared(const struct session *a, const struct host_group *g, const char *key, struct str value)
{
	size_t n, mine = 0, others = 0;
	const struct host *h = query_hosts(a->q, &n);

	for (size_t i = 0; i < n; i++)
		if (str_eq(target_label_value(h[i].labels, key), value))
			(*(is_in(g, &h[i]) ? &mine : &others))++;
	return mine == g->n && others && mine + others < n;
}

/* "app=api": the rest is of those alone, in the pool; NULL: of all, since it is asked for or the group shares no more labels. */
static const char *rest_of(const struct session *a, const struct host_group *g, struct pool *p)
{
	const struct overview *o = overview_of(a);
	unsigned skip = o->against_rest;
	const char **keys;
	size_t n;

	query_host_keys(a->q, p, &keys, &n);
	for (size_t i = 0; skip > 1 && i < n; i++) {
		struct str value = target_label_value(g->hosts[0]->labels, keys[i]);

		if (strcmp(keys[i], o->label) != 0 && value.p && is_shared(a, g, keys[i], value) && --skip == 1)
			return pool_printf(p, "%s=%.*s", keys[i], (int)value.n, value.p);
	}
	return NULL;
}

/* Against all others, then those with which it shares a label, one label after the other; then what moved. */
static void next_rest(struct session *a)
{
	struct overview *o = overview_of(a);
	const struct host_group *g = group_shown(a);
	struct pool p = {0};

	o->against_rest++;
	if (o->against_rest > 1 && (!g || !rest_of(a, g, &p)))
		o->against_rest = 0;
	pool_release(&p);
}

void canary_switch(struct session *a)
{
	struct overview *o = overview_of(a);

	if (!o->label[0]) {
		say(a, "v puts hosts together by a label; then r sets a row's hosts against the rest");
		return;
	}
	next_rest(a);
	o->all_moved = false;
	memo_drop(&o->moved_memo);
}

/* Why these hosts and the rest are no two sides; NULL: they are. */
static const char *no_sides(const struct session *a, const struct host_group *g)
{
	size_t n;

	query_hosts(a->q, &n);
	if (!g->value)
		return "these have no such label: they are a part of the rest of each other row";
	return g->n == n ? "all hosts have it: there is no rest to compare with" : NULL;
}

/* Of which of them who is there at T is known. */
static int count_sides(struct session *a, const struct host_group *g, struct err *e)
{
	const char *of = overview_of(a)->canary_of, *eq = of ? strchr(of, '=') : NULL;
	const char *key = eq ? pool_strndup(&overview_of(a)->canary_memo.pool, of, (size_t)(eq - of)) : NULL;
	struct overview *o = overview_of(a);
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	o->canary_hosts = o->rest_hosts = 0;
	for (size_t i = 0; i < n; i++) {
		struct known k;

		if (key && !str_eq(target_label_value(h[i].labels, key), str_of(eq + 1)))
			continue;
		if (query_known(a->q, h[i].id, a->t, &k, e) < 0)
			return -1;
		*(is_in(g, &h[i]) ? &o->canary_hosts : &o->rest_hosts) += k.known;
	}
	return 0;
}

int canary_load(struct session *a, const struct host_group *g, struct err *e)
{
	struct overview *o = overview_of(a);
	struct canary_question ask = {.at = a->t, .by = BY_CREATED, .where = a->where};
	struct memo_key k = {.host = o->shown, .id = hash64(o->label, strlen(o->label)), .what = {a->where_no, o->against_rest}, .to = a->t, .version = session_version(a)};

	if (memo_holds(&o->canary_memo, &k))
		return 0;
	o->n_canary = 0;
	o->canary_of = NULL;
	if (no_sides(a, g))
		return 0;
	ask.of = o->canary_of = rest_of(a, g, &o->canary_memo.pool);
	ask.canary = pool_printf(&o->canary_memo.pool, "%s=%s", g->key, g->value);
	if (count_sides(a, g, e) == 0 && query_canary(a->q, &ask, &o->canary_memo.pool, &o->canary, &o->n_canary, e) == 0)
		return 0;
	o->n_canary = 0;
	o->canary_of = NULL;
	memo_drop(&o->canary_memo);
	return -1;
}

/* Why there is no row; NULL: there are. */
static const char *no_rows(const struct session *a, const struct host_group *g)
{
	const struct overview *o = overview_of(a);
	const char *none = no_sides(a, g);

	if (none || o->n_canary)
		return none;
	return !o->canary_hosts ? "nothing is known of these hosts at T" : !o->rest_hosts ? "nothing is known of the others at T" : "no difference";
}

/* "120", "7.5", "0.25": of many, on average. */
static const char *mean_text(char *out, size_t size, double v)
{
	snprintf(out, size, "%.*f", v == floor(v) || fabs(v) >= 100 ? 0 : fabs(v) >= 10 ? 1 : 2, v);
	return out;
}

static double each_of(const struct canary_side *s)
{
	return (double)s->count / s->hosts;
}

/* "+105" */
static const char *differs_text(char *out, size_t size, double v)
{
	char n[40];

	snprintf(out, size, "%s%s", v > 0 ? "+" : "", mean_text(n, sizeof n, v));
	return out;
}

/* "120, others 15 (0..30)" */
static const char *sides_text(char *out, size_t size, const struct canary_row *r)
{
	char mine[40], other[40];

	snprintf(out, size, "%s, others %s (%u..%u)", mean_text(mine, sizeof mine, each_of(&r->canary)), mean_text(other, sizeof other, each_of(&r->rest)),
		 r->rest.least, r->rest.most);
	return out;
}

static const char *place_of(char *out, size_t size, const struct group *g)
{
	return query_short(out, size, g->top.func ? g->top.func : g->name);
}

void canary_tell(const struct session *a, struct buf *out)
{
	const struct overview *o = overview_of(a);
	const struct host_group *g = canary_shown(a);
	const char *none = no_rows(a, g);
	char func[256], by[48], sides[160];

	buf_addf(out, "; %s=%s against the rest%s%s%s %s", g->key, g->value ? g->value : "(none)", o->canary_of ? " of " : "",
		  o->canary_of ? o->canary_of : "", none ? ":" : ", each host:", none ? none : "");
	for (size_t i = 0; !none && i < o->n_canary && i < TOLD; i++)
		buf_addf(out, "%s%s %s: %s%s", i ? "; " : "", differs_text(by, sizeof by, o->canary[i].differs), place_of(func, sizeof func, o->canary[i].group),
			 sides_text(sides, sizeof sides, &o->canary[i]), o->canary[i].apart ? ", apart" : "");
	if (!none && o->n_canary > TOLD)
		buf_addf(out, " and %zu more", o->n_canary - TOLD);
}

#define APART "apart"

static void draw_row(const struct session *a, struct canvas *c, int y, const struct canary_row *r)
{
	char by[48], sides[160], func[256], creator[300];
	int sides_w = is_wide(a) ? 34 : 26, func_w = is_wide(a) ? 44 : 20, x = 10, end = c->w - 2 - (int)strlen(APART);

	canvas_right(c, y, 1, 7, r->differs > 0 ? STYLE_ADDED : STYLE_GONE, differs_text(by, sizeof by, r->differs));
	canvas_text(c, y, x, sides_w, STYLE_NORMAL, sides_text(sides, sizeof sides, r));
	x += sides_w + 1;
	canvas_name(c, (struct area){y, x, func_w, 1}, STYLE_NORMAL, place_of(func, sizeof func, r->group), 0);
	x += func_w + 1;
	snprintf(creator, sizeof creator, "by %s", r->group->created.func ? query_short(func, sizeof func, r->group->created.func) : "the runtime");
	canvas_name(c, (struct area){y, x, end - x, 1}, STYLE_DIM, creator, 0);
	if (r->apart)
		canvas_text(c, y, end + 1, (int)strlen(APART), STYLE_CHANGED, APART);
}

void draw_canary(const struct session *a, struct canvas *c, int y, int rows)
{
	const struct overview *o = overview_of(a);
	const struct host_group *g = canary_shown(a);
	const char *none = no_rows(a, g);
	char title[300];

	if (no_sides(a, g))
		snprintf(title, sizeof title, "%s=%s against the rest", g->key, g->value ? g->value : "(none)");
	else
		snprintf(title, sizeof title, "%s=%s (%zu) against the rest%s%s (%zu), each host%s", g->key, g->value, o->canary_hosts,
			 o->canary_of ? " of " : "", o->canary_of ? o->canary_of : "", o->rest_hosts,
			 a->where ? ", of those that pass" : "");
	draw_rule(a, c, y++, title, "r: next");
	if (none)
		canvas_text(c, y, 3, c->w - 4, STYLE_DIM, none);
	for (size_t i = 0; !none && i < o->n_canary && (int)i < rows - 1; i++, y++)
		draw_row(a, c, y, &o->canary[i]);
}
