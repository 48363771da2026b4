/* SPDX-License-Identifier: MIT */
/* View 1, hosts in groups by a label: in what the hosts of the selected group differ from the rest, in the place of what moved. */
#include "draw.h"
#include "view_overview.h"
#include <math.h>
#include <stdio.h>

#define TOLD 3 /* differences, in the sentence */

const struct host_group *canary_shown(const struct session *a)
{
	return overview_of(a)->against_rest ? group_shown(a) : NULL;
}

void canary_switch(struct session *a)
{
	struct overview *o = overview_of(a);

	if (!o->label[0]) {
		say(a, "v puts hosts together by a label; then r sets a row's hosts against the rest");
		return;
	}
	o->against_rest = !o->against_rest;
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
	struct overview *o = overview_of(a);
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	o->canary_hosts = o->rest_hosts = 0;
	for (size_t i = 0; i < n; i++) {
		struct known k;
		bool mine = false;

		for (size_t m = 0; m < g->n && !mine; m++)
			mine = g->hosts[m] == &h[i];
		if (query_known(a->q, h[i].id, a->t, &k, e) < 0)
			return -1;
		*(mine ? &o->canary_hosts : &o->rest_hosts) += k.known;
	}
	return 0;
}

int canary_load(struct session *a, const struct host_group *g, struct err *e)
{
	struct overview *o = overview_of(a);
	struct canary_question ask = {.of = NULL, .at = a->t, .by = BY_CREATED, .where = a->where};
	struct memo_key k = {.host = o->shown, .id = hash64(o->label, strlen(o->label)), .what = {a->where_no}, .to = a->t, .version = session_version(a)};

	if (memo_holds(&o->canary_memo, &k))
		return 0;
	o->n_canary = 0;
	if (no_sides(a, g))
		return 0;
	ask.canary = pool_printf(&o->canary_memo.pool, "%s=%s", g->key, g->value);
	if (count_sides(a, g, e) == 0 && query_canary(a->q, &ask, &o->canary_memo.pool, &o->canary, &o->n_canary, e) == 0)
		return 0;
	o->n_canary = 0;
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

	buf_addf(out, "; %s=%s against the rest%s %s", g->key, g->value ? g->value : "(none)", none ? ":" : ", each host:", none ? none : "");
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
		snprintf(title, sizeof title, "%s=%s (%zu) against the rest (%zu), each host%s", g->key, g->value, o->canary_hosts, o->rest_hosts,
			 a->where ? ", of those that pass" : "");
	draw_rule(a, c, y++, title, "r: what moved");
	if (none)
		canvas_text(c, y, 3, c->w - 4, STYLE_DIM, none);
	for (size_t i = 0; !none && i < o->n_canary && (int)i < rows - 1; i++, y++)
		draw_row(a, c, y, &o->canary[i]);
}
