/* SPDX-License-Identifier: MIT */
/* View 1: every host's sparkline, the selected host's chart, and what moved there. */
#include "copy.h"
#include "draw.h"
#include "row_model.h"
#include "view_leaks.h"
#include "view_overview.h"
#include <gscrape/target_labels.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- the rows --- */

/* What only this view knows of a host: of the window. */
struct told_line_of {
	const struct host_line *l;
	bool suspect;
};
GETTER(line_min, struct told_line_of, a_number_if(x->l->min != UINT32_MAX, x->l->min))
GETTER(line_max, struct told_line_of, a_number_if(x->l->min != UINT32_MAX, x->l->max))
GETTER(line_at, struct told_line_of, a_number(x->l->at_t))
GETTER(line_slope, struct told_line_of, a_number_if(!isnan(x->l->slope), isnan(x->l->slope) ? 0 : llround(x->l->slope)))

GETTER(line_suspect, struct told_line_of, a_number_if(x->suspect, 1))

static const struct column of_window[] = {
	{"suspect", "LEAK SUSPECTED", COLUMN_FLAG, COLUMN_IF_KNOWN, .get = line_suspect},
	{"min", "MIN", COLUMN_NUMBER, .get = line_min},
	{"max", "MAX", COLUMN_NUMBER, .get = line_max},
	{"at", "AT T", COLUMN_NUMBER, .get = line_at},
	{"per_hour", "PER HOUR", COLUMN_NET, .get = line_slope},
};
static const struct columns window_columns = COLUMNS(of_window);

static void overview_tell(const struct session *a, struct row_model *s, size_t i)
{
	const struct host_line *l = &overview_of(a)->hosts[i];

	if (l->group) {
		struct host_group_facts f;
		struct err e;

		if (query_host_group_facts(a->q, l->group, &f, &e) < 0)
			f = (struct host_group_facts){.group = l->group, .now = -1, .last = -1}; /* the load that follows tells why */
		row_model_add(s, &host_group_columns, &f, sizeof f);
	} else {
		ROW_MODEL_ADD(s, host_columns, struct host_facts, l->host, l->known, query_interval(a->q, l->host->id));
	}
	ROW_MODEL_ALSO(s, window_columns, struct told_line_of, l, line_is_suspect(a, l));
}

static size_t overview_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	const struct host *h = overview_of(a)->hosts[i].host;
	const struct host_group *g = overview_of(a)->hosts[i].group;

	const char *at = h->labels, *pair = at;
	struct str key, value;
	size_t n = 2;

	if (g) {
		out[0] = (struct list_text){"label", g->value};
		return 1;
	}
	out[0] = (struct list_text){"host", h->name};
	out[1] = (struct list_text){"=suspect", host_is_suspect(a, h->id) ? h->name : NULL};
	for (; n < LIST_TEXTS - 1 && target_label_next(&at, &key, &value); pair = at)
		out[n++] = (struct list_text){"label", pool_strndup(p, key.p, (size_t)(value.p + value.n - key.p))};
	if (*pair) /* more than there is room for */
		out[n++] = (struct list_text){"label", pair};
	return n;
}

static int64_t by_name(const struct session *a, size_t x, size_t y)
{
	(void)a;
	return x < y ? -1 : x > y; /* as they come */
}

static int64_t by_at_t(const struct session *a, size_t x, size_t y)
{
	return overview_of(a)->hosts[y].at_t - overview_of(a)->hosts[x].at_t;
}

static int64_t by_change(const struct session *a, size_t x, size_t y)
{
	return llabs(overview_of(a)->hosts[y].change) - llabs(overview_of(a)->hosts[x].change);
}

static int64_t by_slope(const struct session *a, size_t x, size_t y)
{
	double dx = overview_of(a)->hosts[x].slope, dy = overview_of(a)->hosts[y].slope;

	return isnan(dx) || isnan(dy) ? (int64_t)isnan(dx) - isnan(dy) : (dx < dy) - (dx > dy);
}

static int64_t by_leak(const struct session *a, size_t x, size_t y)
{
	const struct overview *o = overview_of(a);

	return (int64_t)line_is_suspect(a, &o->hosts[y]) - line_is_suspect(a, &o->hosts[x]);
}

/* Who leaks is what one comes for: suspects are on top until another order is chosen. */
static const struct list_sort overview_sorts[] = {
	{"leak", by_leak}, {"at T", by_at_t}, {"change", by_change}, {"slope", by_slope}, {"name", by_name}, {NULL, NULL},
};
/* A filter that asks is of goroutines: hosts in which somebody passes at T. */
static bool overview_accepts(const struct session *a, size_t i)
{
	const struct overview *o = overview_of(a);

	return o->pass && o->pass[i] > 0;
}

static const struct list_kind overview_kind = {
	.what = "hosts", .columns = &host_columns, .tell = overview_tell, .texts = overview_texts, .accepts = overview_accepts,
	.sorts = overview_sorts,
};

static const struct list_kind group_kind = {
	.what = "groups of hosts", .columns = &host_group_columns, .tell = overview_tell, .texts = overview_texts, .accepts = overview_accepts,
	.sorts = overview_sorts,
};

/* The first row, or the first of which something is known, where nobody has chosen one. */
static void choose_first(struct session *a)
{
	const struct overview *o = overview_of(a);
	size_t i = 0;

	while (a->unchosen && i < o->list.n && o->hosts[list_at(&o->list, i)].at_t < 0)
		i++;
	a->host = o->hosts[list_at(&o->list, i < o->list.n ? i : 0)].host->id;
	a->unchosen = false;
}

/* The selected row is the chosen host, in every view. */
static void overview_fill(struct session *a)
{
	struct overview *o = overview_of(a);

	list_fill(&o->list, a, o->label[0] ? &group_kind : &overview_kind, o->n);
	if ((o->sorted || a->unchosen) && o->list.n)
		choose_first(a);
	o->sorted = false;
	for (size_t i = 0; i < o->list.n; i++) {
		if (line_has(&o->hosts[list_at(&o->list, i)], a->host)) {
			o->list.sel = i;
			return;
		}
	}
	if (o->list.n) /* it does not pass the filter */
		a->host = o->hosts[list_chosen(&o->list)].host->id;
}

/* What of a line is of the window: its chart, and least and most in it. */
static int load_spark(struct session *a, const struct host *h, struct host_line *line, int w, struct err *e)
{
	*line = (struct host_line){.min = UINT32_MAX};
	line->spark = pool_alloc(&overview_of(a)->spark_memo.pool, (size_t)w * sizeof *line->spark);
	if (query_chart(a->q, &(struct window){h->id, a->from, a->to, (size_t)w}, line->spark, e) < 0)
		return -1;
	for (int i = 0; i < w; i++) {
		if (!line->spark[i].has_value)
			continue;
		if (line->spark[i].min < line->min) {
			line->min = line->spark[i].min;
			line->min_cut = line->spark[i].cut;
		}
		if (line->spark[i].max >= line->max) {
			line->max = line->spark[i].max;
			line->max_cut = line->spark[i].cut;
		}
	}
	return 0;
}

/* And what is of T. */
static int load_line(struct session *a, const struct host *h, struct host_line *line, struct err *e)
{
	struct known base, last;

	line->host = h;
	line->last = h->newest;
	if (query_known(a->q, h->id, a->t, &line->known, e) < 0)
		return -1;
	if (a->t >= h->last)
		last = line->known;
	else if (query_known(a->q, h->id, INT64_MAX, &last, e) < 0)
		return -1;
	line->last_cut = known_number_is_cut(&last);
	line->at_t = line->known.goroutines;
	if (session_base(a, h->id, &base, e) < 0)
		return -1;
	line->change = line->at_t >= 0 && base.goroutines >= 0 && !known_number_is_cut(&line->known) && !known_number_is_cut(&base) ? line->at_t - base.goroutines : 0;
	return 0;
}

static int load_slopes(struct session *a, const struct host *h, size_t n, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.from = a->from, .to = a->to, .version = session_version(a)};
	int rc;

	if (memo_holds(&o->slope_memo, &k))
		return 0;
	o->slopes = pool_alloc(&o->slope_memo.pool, (n + 1) * sizeof *o->slopes);
	rc = query_all_begin(a->q, e);
	if (rc == 0) {
		for (size_t i = 0; i < n && rc == 0; i++)
			rc = query_slope(a->q, &(struct window){.host = h[i].id, .from = a->from, .to = a->to}, &o->slopes[i], e);
		query_all_end(a->q);
	}
	if (rc < 0)
		memo_drop(&o->slope_memo);
	return rc < 0 ? -1 : 0;
}

static int count_passing(struct session *a, uint32_t host, int64_t *out, struct err *e)
{
	struct moment at = {host, a->t};
	struct pool p = {0};
	struct alive *all;
	struct known k;
	size_t n;
	int rc = query_known(a->q, host, a->t, &k, e);

	*out = -1;
	if (rc == 0 && k.known)
		rc = query_alive(a->q, &at, &p, &all, &n, e) < 0 ? -1 : filter_alive(a->where, a->q, &at, all, &n, e);
	if (rc == 0 && k.known)
		*out = (int64_t)n;
	pool_release(&p);
	return rc;
}

static int load_passing(struct session *a, const struct host *h, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.what = {a->where_no}, .to = a->t, .version = session_version(a)};

	if (!a->where) {
		memo_drop(&o->pass_memo);
		o->host_pass = NULL;
		return 0;
	}
	if (memo_holds(&o->pass_memo, &k))
		return 0;
	o->host_pass = pool_alloc(&o->pass_memo.pool, (o->n + 1) * sizeof *o->host_pass);
	for (size_t i = 0; i < o->n; i++) {
		if (count_passing(a, h[i].id, &o->host_pass[i], e) < 0) {
			memo_drop(&o->pass_memo);
			o->host_pass = NULL;
			return -1;
		}
	}
	return 0;
}

/* For memos of what is of the group, where hosts are in groups: which hosts it has changes with its label. */
static uint64_t label_key_of(const struct overview *o)
{
	return o->label[0] ? hash64(o->label, strlen(o->label)) : 0;
}

static uint32_t highest(const struct bucket *b, int n, uint32_t least)
{
	for (int i = 0; i < n; i++)
		if (b[i].has_value && b[i].max > least)
			least = b[i].max;
	return least;
}

/* The host that is laid over the chart; both are on one scale then. */
static int load_over(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);

	o->over_chart = NULL;
	if (!host_of(a, o->over) || o->over == o->shown)
		return 0;
	o->over_chart = pool_alloc(&o->pool, (size_t)o->chart_w * sizeof *o->over_chart);
	if (query_chart(a->q, &(struct window){o->over, a->from, a->to, (size_t)o->chart_w}, o->over_chart, e) < 0)
		return -1;
	o->chart_max = highest(o->over_chart, o->chart_w, o->chart_max);
	return 0;
}

/* Which part of the goroutines was in which state. */
static void take_mix(struct session *a, const struct snapshot *s, uint8_t *mix)
{
	uint32_t sum[FAM_MAX] = {0};
	uint64_t below = 0;

	for (uint32_t k = 0; k < s->n_states; k++)
		sum[query_family(a->q, s->states[k].state, 0)] += s->states[k].n;
	for (int f = 0; f < FAM_MAX; below += sum[f], f++) /* so that they add up */
		mix[f] = (uint8_t)((below + sum[f]) * 100 / s->goroutines - below * 100 / s->goroutines);
}

/* From the last snapshot in each column; one that none falls in has what was before, as the chart has. */
static int ask_mix(struct session *a, int w, struct err *e)
{
	struct overview *o = overview_of(a);
	struct pool p = {0};
	struct snapshot *s;
	size_t n;
	bool *own = pool_alloc(&p, (size_t)w * sizeof *own);
	int rc = query_snapshots(a->q, &(struct window){.host = o->shown, .from = a->from, .to = a->to}, &p, &s, &n, e);

	o->mix = pool_alloc(&o->mix_memo.pool, (size_t)w * sizeof *o->mix);
	for (size_t i = 0; !rc && i < n; i++) {
		int col = column_of(a, s[i].time, w);

		if (col < 0 || !s[i].goroutines || s[i].status == SNAP_FAILED)
			continue;
		take_mix(a, &s[i], o->mix[col]);
		own[col] = true;
	}
	for (int i = 1; i < w; i++)
		if (!own[i] && o->chart[i].has_value)
			memcpy(o->mix[i], o->mix[i - 1], sizeof o->mix[i]);
	pool_release(&p);
	return rc;
}

static int load_mix(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.host = o->shown, .from = a->from, .to = a->to, .w = o->chart_w, .version = session_version(a)};

	if (memo_holds(&o->mix_memo, &k))
		return 0;
	return ask_mix(a, o->chart_w, e);
}

/* Of many hosts all are compared with one time, each with what it was then, as --diff has it; of one, its two snapshots say whether the
 * answer is another. */
static struct memo_key moved_key(const struct session *a, const struct diff_question *ask)
{
	const struct overview *o = overview_of(a);

	if (ask->host)
		return (struct memo_key){.host = ask->host, .id = a->where_no, .what = {o->then.known ? o->then.text.seq : 0, o->now.known ? o->now.text.seq : 0}};
	return (struct memo_key){.host = ask->together ? o->shown : 0, .id = a->where_no, .what = {(uint32_t)hash64(a->filter, strlen(a->filter)), a->filter_regex},
				 .from = ask->from, .to = ask->to, .version = session_version(a)};
}

/* By number of the host: is it in one of the rows? NULL: all are. */
static bool *hosts_in_rows(const struct session *a, struct pool *p)
{
	const struct overview *o = overview_of(a);
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	uint32_t highest = 0;
	bool *in;

	if (!a->filter[0] || a->where) /* one that asks is of goroutines, wherever they are */
		return NULL;
	for (size_t i = 0; i < n; i++)
		highest = h[i].id > highest ? h[i].id : highest;
	in = pool_alloc(p, ((size_t)highest + 1) * sizeof *in);
	for (size_t i = 0; i < o->list.n; i++) {
		const struct host_line *l = &o->hosts[list_at(&o->list, i)];

		in[l->host->id] = true;
		for (size_t k = 0; l->group && k < l->group->n; k++)
			in[l->group->hosts[k]->id] = true;
	}
	return in;
}

/* One goroutine after the other at the same place is no news here; nor is, of all hosts, one that the filter hides. */
static void take_moved(const struct session *a, struct moved *m, size_t n)
{
	struct overview *o = overview_of(a);
	struct pool p = {0};
	const bool *in = o->all_moved ? hosts_in_rows(a, &p) : NULL;

	o->moved = m;
	for (size_t i = 0; i < n; i++)
		if (m[i].net && (!in || in[m[i].host]))
			o->moved[o->n_moved++] = m[i];
	pool_release(&p);
}

/* What moved from a time to T, by creation site; of those that pass a filter that asks. */
static int load_moved(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	const struct host_group *g = o->all_moved ? NULL : group_shown(a);
	struct diff_question ask = {.host = o->all_moved || g ? 0 : o->shown, .together = g, .by = BY_CREATED, .where = a->where, .to = a->t};
	struct memo_key key;
	struct moved *m;
	size_t n;

	if (session_base(a, o->shown, &o->then, e) < 0 || query_known(a->q, o->shown, a->t, &o->now, e) < 0)
		return -1;
	if (canary_shown(a))
		return canary_load(a, canary_shown(a), e);
	ask.from = ask.host ? o->then.t : session_base_time(a);
	key = moved_key(a, &ask);
	if (memo_holds(&o->moved_memo, &key))
		return 0;
	o->moved = NULL;
	o->n_moved = 0;
	if (ask.host && (!o->then.known || !o->now.known))
		return 0;
	if (query_diff(a->q, &ask, &o->moved_memo.pool, &m, &n, e) < 0) {
		memo_drop(&o->moved_memo);
		return -1;
	}
	take_moved(a, m, n);
	return 0;
}

static int load_sparks(struct session *a, const struct host *h, size_t n, int spark_w, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.from = a->from, .to = a->to, .w = spark_w, .version = session_version(a)};

	if (memo_holds(&o->spark_memo, &k))
		return 0;
	o->sparks = pool_alloc(&o->spark_memo.pool, (n + 1) * sizeof *o->sparks);
	for (size_t i = 0; i < n; i++) {
		if (load_spark(a, &h[i], &o->sparks[i], spark_w, e) < 0) {
			memo_drop(&o->spark_memo);
			return -1;
		}
	}
	return 0;
}

/* Each host's line; a row that moves changes none. Who is scraped now is a matter of the clock: looked at again each ten seconds. */
static int load_each(struct session *a, const struct host *h, size_t n, int spark_w, struct err *e)
{
	struct overview *o = overview_of(a);
	uint64_t pin = a->use_pin ? (uint64_t)a->pin : 0;
	struct memo_key k = {.from = a->from, .to = a->to, .id = (uint64_t)a->t, .host = (uint32_t)(now_ms() / 10000),
			     .what = {(uint32_t)pin, (uint32_t)(pin >> 32)}, .w = spark_w, .version = session_version(a)};
	int rc;

	if (memo_holds(&o->lines_memo, &k))
		return 0;
	o->lines = pool_alloc(&o->lines_memo.pool, (n + 1) * sizeof *o->lines);
	rc = query_all_begin(a->q, e);
	if (rc == 0) {
		rc = load_sparks(a, h, n, spark_w, e);
		for (size_t i = 0; i < n && rc == 0; i++) {
			o->lines[i] = o->sparks[i];
			rc = load_line(a, &h[i], &o->lines[i], e);
		}
		query_all_end(a->q);
	}
	if (rc < 0)
		memo_drop(&o->lines_memo);
	return rc < 0 ? -1 : 0;
}

static int load_lines(struct session *a, int spark_w, struct err *e)
{
	struct overview *o = overview_of(a);
	const struct host *h = query_hosts(a->q, &o->n);

	if (load_each(a, h, o->n, spark_w, e) < 0)
		return -1;
	o->hosts = o->lines;
	if (load_slopes(a, h, o->n, e) < 0 || leak_marks(a, e) < 0 || load_passing(a, h, e) < 0)
		return -1;
	for (size_t i = 0; i < o->n; i++)
		o->hosts[i].slope = o->slopes[i];
	o->pass = o->host_pass;
	if (o->label[0])
		overview_group(a, spark_w);
	return 0;
}

/* Of the group's hosts together, or of the one; of those that pass `where`, or of all. Into zeros. */
static int ask_chart(struct session *a, struct filter *where, struct bucket *out, struct err *e)
{
	struct overview *o = overview_of(a);
	struct window w = {o->shown, a->from, a->to, (size_t)o->chart_w};
	const struct host_group *g = group_shown(a);

	if (g)
		return query_host_group_chart(a->q, &(struct host_group_window){g, w, where}, out, e);
	return where ? query_match_chart(a->q, &w, where, out, e) : query_chart(a->q, &w, out, e);
}

static int load_chart(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.host = o->shown, .id = label_key_of(o), .from = a->from, .to = a->to, .w = o->chart_w, .version = session_version(a)};

	if (memo_holds(&o->chart_memo, &k))
		return 0;
	o->chart = pool_alloc(&o->chart_memo.pool, (size_t)o->chart_w * sizeof *o->chart);
	if (ask_chart(a, NULL, o->chart, e) < 0) {
		memo_drop(&o->chart_memo);
		o->chart = NULL;
		return -1;
	}
	return 0;
}

/* The chart of those that pass; relations, and who is there now, are of one time and have none. */
static int load_matching(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.host = o->shown, .id = label_key_of(o), .what = {a->where_no}, .from = a->from, .to = a->to, .w = o->chart_w, .version = session_version(a)};
	struct err why;

	if (!a->where || filter_over_time(a->where, &why) < 0) {
		memo_drop(&o->match_memo);
		o->matching = NULL;
		return 0;
	}
	if (memo_holds(&o->match_memo, &k))
		return 0;
	o->matching = pool_alloc(&o->match_memo.pool, (size_t)o->chart_w * sizeof *o->matching);
	if (ask_chart(a, a->where, o->matching, e) < 0) {
		memo_drop(&o->match_memo);
		o->matching = NULL;
		return -1;
	}
	o->matching_max = highest(o->matching, o->chart_w, 0);
	return 0;
}

static int load_below(struct session *a, const struct overview_layout *l, struct err *e)
{
	struct overview *o = overview_of(a);

	o->chart_w = a->w - 8;
	if (load_chart(a, e) < 0)
		return -1;
	o->chart_max = highest(o->chart, o->chart_w, 0);
	if (load_over(a, e) < 0 || load_matching(a, e) < 0 || (l->mix_y && load_mix(a, e) < 0) || load_moved(a, e) < 0)
		return -1;
	moved_fill(a);
	return 0;
}

static int overview_load(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	struct overview_layout l = place_overview(a);
	uint32_t was = a->host;

	pool_release(&o->pool);
	if (load_lines(a, l.spark_w, e) < 0)
		return -1;
	overview_fill(a);
	if (a->host != was && session_look(a, e) < 0)
		return -1;
	if (!a->moving || !host_of(a, o->shown))
		o->shown = a->host;
	return o->n && l.moved_h ? load_below(a, &l, e) : 0;
}

/* --- actions --- */

#define TOLD 3 /* suspects, and things that moved, in the sentence */

static void add_suspects(const struct session *a, struct buf *out)
{
	const struct overview *o = overview_of(a);
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		const struct host_line *l = &o->hosts[i];

		if (!line_is_suspect(a, l) || n++ >= TOLD)
			continue;
		buf_addf(out, "%s%s", n > 1 ? ", " : "; a leak is suspected on ", l->group ? l->group->value ? l->group->value : "(none)" : l->host->name);
	}
	if (n > TOLD)
		buf_addf(out, " and %zu more", n - TOLD);
}

static void add_moved(const struct session *a, struct buf *out)
{
	const struct overview *o = overview_of(a);
	char func[256], n[32];

	for (size_t i = 0; i < o->n_moved && i < TOLD; i++) {
		const struct group *g = moved_group(&o->moved[i]);

		buf_addf(out, "%s %s %s", i ? "," : o->all_moved ? "; moved on all hosts:" : "; moved here:", number_change(n, o->moved[i].net, 20),
			 query_short(func, sizeof func, g->top.func ? g->top.func : g->name));
		if (o->all_moved)
			buf_addf(out, " on %s", host_name(a, o->moved[i].host));
	}
	if (o->n_moved > TOLD)
		buf_addf(out, " and %zu more", o->n_moved - TOLD);
}

static void overview_summary(const struct session *a, struct buf *out)
{
	const struct overview *o = overview_of(a);
	char t[TIME_MAX], why[300];

	buf_addf(out, "%zu host%s at %s", o->n, o->n == 1 ? "" : "s", time_text(a, t, a->t, TIME_CLOCK));
	if (o->n && !a->known.known && *unknown_text(a, &a->known, why, sizeof why)) /* of the chosen one */
		buf_addf(out, "; %s: %s", host_name(a, a->host), why);
	add_suspects(a, out);
	if (canary_shown(a))
		canary_tell(a, out);
	else
		add_moved(a, out);
}

static struct list *overview_list(const struct session *a)
{
	struct overview *o = overview_of(a);

	return moved_has_keys(a) ? &o->moved_list : &o->list;
}

static bool next_pane(struct session *a)
{
	struct overview *o = overview_of(a);

	o->in_moved = !moved_has_keys(a);
	if (o->in_moved && !moved_has_keys(a)) {
		say(a, canary_shown(a) || a->h < MOVED_FROM ? "there is no list of what moved here" : "nothing moved: there is no row");
		o->in_moved = false;
	}
	return true;
}

/* What is shown otherwise, and a word of it. */
static bool overview_switch(struct session *a, enum action action)
{
	struct overview *o = overview_of(a);

	switch (action) {
	case ACT_GROUP_HOSTS:
		overview_next_label(a);
		return true;
	case ACT_ONE_SCALE:
		o->one_scale = !o->one_scale;
		say(a, o->one_scale ? "all hosts on one scale" : "each host on its own scale");
		return true;
	case ACT_OVERLAY:
		o->over = o->over == a->host ? 0 : a->host;
		say(a, o->over ? "%s lies over the charts of the others: choose one" : "no host lies over the chart", host_name(a, o->over));
		return true;
	case ACT_AGAINST_REST:
		canary_switch(a);
		return true;
	case ACT_ALL_MOVED:
		o->all_moved = !o->all_moved;
		o->against_rest = 0;
		memo_drop(&o->moved_memo);
		return true;
	case ACT_NEXT_PANE:
	case ACT_PREV_PANE:
		return next_pane(a);
	default:
		return false;
	}
}

static bool moved_act(struct session *a, enum action action)
{
	if (action == ACT_OPEN)
		moved_open(a);
	return action == ACT_OPEN || list_act(a, &overview_of(a)->moved_list, action) || overview_switch(a, action);
}

static bool hosts_act(struct session *a, enum action action)
{
	struct overview *o = overview_of(a);
	bool sorts = action == ACT_SORT || action == ACT_REVERSE, moved = list_act(a, &o->list, action) && !sorts;

	o->sorted |= sorts && o->list.sel == 0;
	if (moved && o->list.sel < o->list.n)
		a->host = o->hosts[list_chosen(&o->list)].host->id;
	if (action == ACT_OPEN && o->label[0] && o->list.n)
		overview_open_group(a, o->hosts[list_chosen(&o->list)].group);
	else if (action == ACT_OPEN && a->host)
		go_view(a, VIEW_HOST);
	return moved || sorts || (action == ACT_OPEN && a->host) || overview_switch(a, action);
}

static bool overview_act(struct session *a, enum action action)
{
	return moved_has_keys(a) ? moved_act(a, action) : hosts_act(a, action);
}

static void overview_copy(const struct session *a, int what, struct buf *b)
{
	if (what == 'i')
		copy_name(b, host_name(a, a->host));
}

static void overview_release(void *state)
{
	struct overview *o = state;

	pool_release(&o->pool);
	memo_drop(&o->spark_memo);
	memo_drop(&o->lines_memo);
	memo_drop(&o->moved_memo);
	memo_drop(&o->canary_memo);
	memo_drop(&o->mix_memo);
	memo_drop(&o->slope_memo);
	memo_drop(&o->pass_memo);
	memo_drop(&o->match_memo);
	memo_drop(&o->chart_memo);
	list_release(&o->list);
	list_release(&o->moved_list);
}

static const char *overview_hints(const struct session *a)
{
	if (moved_has_keys(a))
		return "Enter who they are  Tab hosts  O whole screen  A all hosts  h/l time  ? help";
	return overview_of(a)->label[0] ? "Enter its hosts  r against rest  A all moved  v next label  h/l time  ? help" : NULL;
}

const struct view overview_view = {
	.name = "overview",
	.tab = "Over",
	.wide_tab = "Overview",
	.size = sizeof(struct overview),
	.release = overview_release,
	.load = overview_load,
	.draw = draw_overview,
	.act = overview_act,
	.keys = AT_OVERVIEW,
	.panes = true,
	.list = overview_list,
	.summary = overview_summary,
	.copy = overview_copy,
	.follows = true,
	.other_hints = overview_hints,
	.hints = "Enter host  h/l time  z/Z zoom  Space play  t goto  x pin  / search  ? help",
	.wide_hints = "Enter host  h/l time  , . column  z/Z zoom  Space play  < > speed  t goto  x pin  / search  # goroutine  f function  F follow  ? help",
};
