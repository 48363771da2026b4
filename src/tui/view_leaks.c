/* SPDX-License-Identifier: MIT */
/* View 5: leak suspects of all hosts within the window, the most likely first, with the arguments for and against. */
#include "copy.h"
#include "narrow.h"
#include "row_model.h"
#include "view_leaks.h"
#include "view_overview.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAST 0.05 /* suspects with less are not listed */
#define MOST 200

/* What nobody wants to hear of (insight.h). */
static void load_ignored(struct leak_view *l, struct session *a)
{
	struct err e;

	if (l->ignore || leak_ignore_open(&l->ignore, a->o->leak_ignore, &e) == 0)
		return;
	say_error(a, e.text);
	leak_ignore_open(&l->ignore, NULL, &e); /* what is ignored now is so for this run: the file stays as it is */
}

/* The whole history is asked for as such, so that nothing depends on where the window's edge lies. */
static struct leak_question leak_question_of(const struct session *a)
{
	struct leak_question ask = {.from = a->from, .to = a->to, .least = LEAST, .where = a->where, .zone = a->zone};
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	bool all_from = true, all_to = true;

	for (size_t i = 0; i < n; i++) {
		all_from &= h[i].first == NO_TIME || a->from <= h[i].first;
		all_to &= h[i].last == NO_TIME || a->to >= h[i].last;
	}
	ask.from = all_from ? NO_TIME : ask.from;
	ask.to = all_to ? NO_TIME : ask.to;
	return ask;
}

/* Is it asked for what it was asked for before, but for the news that came? Then the window's end has moved, or all of it. */
static bool same_but_later(const struct memo_key *old, const struct memo_key *k)
{
	return old->what[0] == k->what[0] && old->id == k->id && (old->from == k->from || old->to - old->from == k->to - k->from);
}

/* Hosts by the overview's label, without those that have none; in the pool. */
static void put_together(struct session *a, struct leak_question *ask, struct pool *p)
{
	struct host_group *g;

	query_host_groups(a->q, overview_of(a)->label, p, &g, &ask->n_together);
	if (ask->n_together && !g[ask->n_together - 1].value)
		ask->n_together--;
	ask->together = g;
	leak_view_of(a)->together.n_hosts = 0;
	for (size_t i = 0; i < ask->n_together; i++)
		leak_view_of(a)->together.n_hosts += g[i].n;
}

/* The suspects of the window. Live, every snapshot is news: looking again takes a twentieth of the time at most. */
static int ask_suspects(struct session *a, struct suspects_found *f, struct err *e)
{
	struct leak_view *l = leak_view_of(a);
	struct leak_question ask = leak_question_of(a);
	const char *label = f == &l->together ? overview_of(a)->label : "";
	struct memo_key k = {.from = a->from, .to = a->to, .what = {a->where_no}, .id = hash64(label, strlen(label)), .version = session_version(a)};
	int64_t began = monotonic_ms();

	if ((f->memo.filled && is_looking(a) && began < f->due && same_but_later(&f->memo.key, &k)) || memo_holds(&f->memo, &k))
		return 0;
	f->n = l->n = l->list.n = 0;
	f->notes = (struct leak_notes){0};
	l->followed = SIZE_MAX;
	if (*label)
		put_together(a, &ask, &f->memo.pool);
	else
		l->flow_w = 0;
	if (*label && !ask.n_together) /* nobody has it any more */
		return 0;
	if (query_leaks(a->q, &ask, &f->memo.pool, &f->a, &f->n, e) < 0)
		return -1;
	f->notes = query_leak_notes(a->q, &ask, &f->memo.pool);
	f->n = f->n > MOST ? MOST : f->n;
	f->due = monotonic_ms() + (monotonic_ms() - began) * 19;
	return 0;
}

/* Those that are shown: by the label by which the overview has its hosts in groups. */
static int load_suspects(struct session *a, struct err *e)
{
	struct leak_view *l = leak_view_of(a);
	bool together = overview_of(a)->label[0];
	struct suspects_found *f = together ? &l->together : &l->each;

	if (l->is_together != together)
		l->followed = SIZE_MAX;
	l->is_together = together;
	l->n = 0;
	if (ask_suspects(a, f, e) < 0)
		return -1;
	l->suspects = f->a;
	l->n = f->n;
	l->notes = f->notes;
	return 0;
}

static size_t suspect_texts(const struct session *a, size_t i, struct pool *p, struct list_text *out)
{
	const struct suspect *s = &leak_view_of(a)->suspects[i];

	(void)p;
	out[0] = (struct list_text){"host", s->host_name};
	out[1] = (struct list_text){NULL, s->created.func};
	out[2] = (struct list_text){NULL, s->place.func};
	out[3] = (struct list_text){"state", s->state};
	out[4] = (struct list_text){"label", s->together ? s->together->value : NULL};
	return 5;
}

bool leak_is_ignored(const struct session *a, size_t i)
{
	const struct leak_view *l = leak_view_of(a);

	return leak_ignored(l->ignore, &l->suspects[i]);
}

/* As the analysis has them, what is ignored last. */
static int64_t by_score(const struct session *a, size_t x, size_t y)
{
	return (int64_t)leak_is_ignored(a, x) - leak_is_ignored(a, y);
}

/* As the column has it, of hosts together in all: where it is not known at T it is last. */
static int64_t by_at_t(const struct session *a, size_t x, size_t y)
{
	const struct suspect *i = &leak_view_of(a)->suspects[x], *k = &leak_view_of(a)->suspects[y];

	return i->together ? (int64_t)k->all_count - (int64_t)i->all_count : leak_view_of(a)->at_t[y] - leak_view_of(a)->at_t[x];
}

static int64_t by_rate(const struct session *a, size_t x, size_t y)
{
	const struct suspect *i = &leak_view_of(a)->suspects[x], *k = &leak_view_of(a)->suspects[y];
	double u = i->together ? i->all_per_hour : i->per_hour, v = k->together ? k->all_per_hour : k->per_hour;

	return (u < v) - (u > v);
}

static int64_t by_host(const struct session *a, size_t x, size_t y)
{
	return strcmp(leak_view_of(a)->suspects[x].host_name, leak_view_of(a)->suspects[y].host_name);
}

/* What is read aloud of a suspect beyond its columns. */
struct told_reasons {
	const struct suspect *s;
	bool ignored;
};
static const char *on_words(struct pool *p, const struct suspect *s)
{
	return s->together ? pool_printf(p, "%" PRIu32 " of %zu hosts with %s=%s: %" PRIu64 " in all", s->on_hosts, s->together->n, s->together->key, s->together->value,
					 s->all_count) : NULL;
}
GETTER(reason_on, struct told_reasons, a_text(on_words(r->p, x->s)))
GETTER(reason_ignored, struct told_reasons, a_number_if(true, x->ignored))
GETTER(reason_for, struct told_reasons, a_text(x->s->n_evidence ? x->s->evidence[0].text : NULL))
GETTER(reason_against, struct told_reasons, a_text(x->s->n_against ? x->s->against[0].text : NULL))

static const struct column of_reasons[] = {
	{NULL, "ON", COLUMN_TEXT, .get = reason_on},
	{"ignored", "IGNORED", COLUMN_FLAG, .get = reason_ignored},
	{NULL, "FOR", COLUMN_TEXT, .get = reason_for},
	{NULL, "AGAINST", COLUMN_TEXT, .get = reason_against},
};
static const struct columns reason_columns = COLUMNS(of_reasons);

static void suspect_tell(const struct session *a, struct row_model *s, size_t i)
{
	const struct suspect *x = &leak_view_of(a)->suspects[i];

	row_model_add(s, &suspect_columns, x, sizeof *x);
	ROW_MODEL_ALSO(s, reason_columns, struct told_reasons, x, leak_is_ignored(a, i));
}

static const struct list_sort suspect_sorts[] = {{"score", by_score}, {"AT T", by_at_t}, {"rate", by_rate}, {"host", by_host}, {NULL, NULL}};
static const struct list_kind suspect_kind = {
	.what = "suspects", .columns = &suspect_columns, .tell = suspect_tell, .texts = suspect_texts, .sorts = suspect_sorts,
};

static void to_buckets(const struct flow *f, size_t n, struct bucket *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct bucket){.from = f[i].from, .to = f[i].to, .n = f[i].known, .min = f[i].alive, .max = f[i].alive,
					 .last = f[i].alive, .has_value = f[i].known, .gap = !f[i].known};
}

/* How each came and went, in the columns that there are. */
static int load_flows(struct session *a, struct err *e)
{
	struct leak_view *l = leak_view_of(a);
	int w = leak_activity_width(a);
	struct flow *f;

	if (l->is_together || w <= 0 || w == l->flow_w || !l->n)
		return 0;
	f = pool_alloc(&l->each.memo.pool, l->n * (size_t)w * sizeof *f);
	l->flows = pool_alloc(&l->each.memo.pool, l->n * (size_t)w * sizeof *l->flows);
	if (query_suspect_flows(a->q, l->suspects, l->n, &(struct window){0, a->from, a->to, (size_t)w}, f, e) < 0)
		return -1;
	to_buckets(f, l->n * (size_t)w, l->flows);
	l->flow_w = w;
	return 0;
}

/* The suspect that the panes are of: the selected one, or the one before while the selection moves. */
static void follow_suspect(struct session *a)
{
	struct leak_view *l = leak_view_of(a);

	if (!a->moving || l->followed >= l->n)
		l->followed = l->list.n ? list_chosen(&l->list) : l->n;
}

/* The same one's, for the chart. */
static int load_chart(struct session *a, struct err *e)
{
	struct leak_view *l = leak_view_of(a);
	int w = is_wide(a) ? a->w - 8 : 0;
	struct pool p = {0};
	struct flow *f;
	int rc;

	l->chart_w = 0;
	if (w <= 0 || l->followed >= l->n)
		return 0;
	f = pool_alloc(&p, (size_t)w * sizeof *f);
	rc = query_suspect_flow(a->q, &l->suspects[l->followed], &(struct window){0, a->from, a->to, (size_t)w}, f, e);
	if (!rc) {
		l->chart = xrealloc(l->chart, (size_t)w, sizeof *l->chart);
		to_buckets(f, (size_t)w, l->chart);
		l->chart_w = w;
		l->chart_max = 0;
		for (int i = 0; i < w; i++)
			l->chart_max = l->chart[i].max > l->chart_max ? l->chart[i].max : l->chart_max;
	}
	pool_release(&p);
	return rc;
}

/* How many there were at T, and when that was measured. */
static int load_at_t(struct session *a, struct err *e)
{
	struct leak_view *l = leak_view_of(a);

	l->at_t = xrealloc(l->at_t, l->n + 1, sizeof *l->at_t);
	l->seen = xrealloc(l->seen, l->n + 1, sizeof *l->seen);
	for (size_t i = 0; i < l->n; i++) {
		struct known k;

		if (query_known(a->q, l->suspects[i].host, a->t, &k, e) < 0)
			return -1;
		l->seen[i] = k.known ? k.text.time : a->t;
	}
	return query_suspects_at(a->q, l->suspects, l->n, a->t, l->at_t, e);
}

static int leaks_load(struct session *a, struct err *e)
{
	struct leak_view *l = leak_view_of(a);

	load_ignored(l, a);
	if (load_suspects(a, e) < 0 || load_flows(a, e) < 0 || load_at_t(a, e) < 0)
		return -1;
	list_fill(&l->list, a, &suspect_kind, l->n);
	follow_suspect(a);
	return load_chart(a, e);
}

#define CHEAP 100000 /* events of all hosts: about 10 ms */

int leak_marks(struct session *a, struct err *e)
{
	uint64_t events = 0;
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	for (size_t i = 0; i < n; i++)
		events += h[i].events;
	load_ignored(leak_view_of(a), a);
	return events > CHEAP ? 0 : ask_suspects(a, &leak_view_of(a)->each, e);
}

bool host_is_suspect(const struct session *a, uint32_t host)
{
	const struct leak_view *l = leak_view_of(a);
	const struct suspects_found *f = &l->each;

	if (!f->memo.filled || f->memo.key.from != a->from || f->memo.key.to != a->to)
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (f->a[i].host == host && f->a[i].verdict != VERDICT_NONE && !leak_ignored(l->ignore, &f->a[i]))
			return true;
	return false;
}

/* Where they are stuck; by name the function there. */
static void leaks_copy(const struct session *a, int what, struct buf *b)
{
	const struct suspect *s = leak_selected(a);

	if (s && what == 'i')
		copy_name(b, s->place.func ? s->place.func : s->created.func);
	else if (s && what == 's')
		copy_stack(a, b, s->stack, 0, NULL);
	else if (s && what == 'l')
		copy_frame(b, s->place.func ? &s->place : &s->created);
}

static uint32_t leaks_host(const struct session *a)
{
	const struct suspect *s = leak_selected(a);

	return s ? s->host : 0;
}

static void leaks_release(void *state)
{
	struct leak_view *l = state;

	memo_drop(&l->each.memo);
	memo_drop(&l->together.memo);
	leak_ignore_close(l->ignore);
	list_release(&l->list);
	free(l->chart);
	free(l->at_t);
	free(l->seen);
}

static void leaks_summary(const struct session *a, struct buf *out)
{
	const struct leak_view *l = leak_view_of(a);
	size_t n = l->list.n;

	buf_addf(out, "%zu leak suspect%s of all hosts", n, n == 1 ? "" : "s");
	if (l->is_together)
		buf_addf(out, " with a label %s, those of each value together", overview_of(a)->label);
	buf_adds(out, n > 1 ? ", the most likely first" : "");
}

static struct list *leaks_list(const struct session *a)
{
	return &leak_view_of(a)->list;
}

const struct suspect *leak_selected(const struct session *a)
{
	const struct leak_view *l = leak_view_of(a);

	return l->list.n ? &l->suspects[list_chosen(&l->list)] : NULL;
}

static void add_place(struct session *a, struct buf *filter, const struct frame *created, const struct frame *place)
{
	narrow_add_frame(a, filter, "created_by", created);
	buf_adds(filter, " and ");
	narrow_add_frame(a, filter, "top", place);
}

/* " and host in (a, b)": of these hosts, where a filter has room for all of their names. */
static void add_hosts(struct session *a, struct buf *filter, const struct host_group *of)
{
	size_t had = filter->n, n;
	struct host_group *g;
	struct pool p = {0};

	query_host_groups(a->q, of->key, &p, &g, &n);
	for (size_t i = 0; i < n; i++) {
		if (!g[i].value || strcmp(g[i].value, of->value) != 0)
			continue;
		for (size_t k = 0; k < g[i].n; k++) {
			buf_adds(filter, k ? ", " : " and host in (");
			filter_add_value(filter, g[i].hosts[k]->name);
		}
		buf_putc(filter, ')');
	}
	if (filter->n > TUI_FILTER_BYTES)
		filter->n = had;
	pool_release(&p);
}

/* What makes them the suspect: who created them, and the place; of many places that are judged as one, each. */
static void narrow_to_suspect(struct session *a, const struct suspect *s, const struct host_group *of)
{
	struct buf filter = {0};

	if (of)
		buf_putc(&filter, '(');
	add_place(a, &filter, &s->created, &s->place);
	for (size_t i = 0; i < s->n_relatives; i++) {
		if (s->relatives[i].ids) /* others, of the same cause */
			continue;
		buf_adds(&filter, " or ");
		add_place(a, &filter, &s->relatives[i].created, &s->relatives[i].place);
	}
	if (of) {
		buf_putc(&filter, ')');
		add_hosts(a, &filter, of);
	}
	buf_putc(&filter, '\0');
	narrow_to(a, filter.p);
	buf_release(&filter);
}

/* Each host that has it, on a row of its own. */
static void open_hosts(struct session *a, const struct suspect *s)
{
	overview_of(a)->label[0] = '\0';
	a->host = s->host;
	narrow_to_suspect(a, s, s->together);
	list_begin(&leak_view_of(a)->list);
	say(a, "the hosts that have it, each by itself; v puts them together again");
}

/* Its goroutines: view 2, by creation site, these alone. */
static void open_goroutines(struct session *a, const struct suspect *s)
{
	a->groups.asked = true;
	a->groups.open = false;
	a->groups.by = BY_CREATED;
	go_view(a, VIEW_HOST);
	a->host = s->host;
	narrow_to_suspect(a, s, NULL);
}

static void toggle_ignored(struct session *a, const struct suspect *s)
{
	struct leak_view *l = leak_view_of(a);
	struct err e = {0};
	bool was = leak_ignored(l->ignore, s);

	if (leak_ignore_toggle(l->ignore, s, &e) < 0)
		say_error(a, e.text);
	else
		say(a, was ? "no longer ignored" : "ignored, and last in the list; i again takes it back");
	list_fill(&l->list, a, &suspect_kind, l->n);
	for (size_t i = 0; i < l->list.n; i++) /* it stays the selected one, wherever it went */
		if (&l->suspects[list_at(&l->list, i)] == s)
			l->list.sel = i;
}

static bool leaks_act(struct session *a, enum action action)
{
	const struct suspect *s = leak_selected(a);

	switch (action) {
	case ACT_OPEN:
		if (s && s->together && s->on_hosts > 1)
			open_hosts(a, s);
		else if (s)
			open_goroutines(a, s);
		return true;
	case ACT_TOGETHER:
		overview_next_label(a);
		list_begin(&leak_view_of(a)->list);
		return true;
	case ACT_EVIDENCE:
		leak_view_of(a)->hide_evidence = !leak_view_of(a)->hide_evidence;
		return true;
	case ACT_IGNORE:
		if (s)
			toggle_ignored(a, s);
		return true;
	default:
		return false;
	}
}

static const char *leaks_hints(const struct session *a)
{
	return leak_view_of(a)->is_together ? "Enter its hosts  v next label  e evidence  i ignore  z/Z window  ? help" : NULL;
}

const struct view leak_view_ops = {
	.name = "leaks",
	.tab = "Leak",
	.wide_tab = "Leaks",
	.keys = AT_LEAKS,
	.size = sizeof(struct leak_view),
	.release = leaks_release,
	.load = leaks_load,
	.draw = draw_leak_view,
	.act = leaks_act,
	.list = leaks_list,
	.summary = leaks_summary,
	.copy = leaks_copy,
	.host_of_row = leaks_host,
	.follows = true,
	.scrolls = true,
	.doubles = true,
	.other_hints = leaks_hints,
	.hints = "Enter goroutines  e evidence  i ignore  z/Z window  y yank  q back  ? help",
	.wide_hints = "Enter goroutines   e evidence   i ignore   v by label   & filter   / search   z/Z window   y yank   q back   ? help",
};
