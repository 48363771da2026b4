/* SPDX-License-Identifier: MIT */
/* View 5: leak suspects of all hosts within the window, the most likely first, with the arguments for and against. */
#include "copy.h"
#include "view_leaks.h"
#include <stdio.h>
#include <stdlib.h>

#define LEAST 0.05 /* suspects with less are not listed */
#define MOST 200

/* The whole history is asked for as such, so that nothing depends on where the window's edge lies. */
static struct leak_question question(const struct session *a)
{
	struct leak_question ask = {.from = a->from, .to = a->to, .least = LEAST};
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

/* The suspects of the window. Live, every snapshot is news: looking again takes a twentieth of the time at most. */
static int ask_again(struct session *a, struct err *e)
{
	struct leak_view *l = leak_view_of(a);
	struct leak_question ask = question(a);
	struct memo_key k = {.from = a->from, .to = a->to, .version = session_version(a)};
	int64_t began = monotonic_ms();

	if ((l->memo.filled && is_looking(a) && began < l->due) || memo_holds(&l->memo, &k))
		return 0;
	l->n = l->n_shown = 0;
	l->notes = (struct leak_notes){0};
	l->followed = SIZE_MAX;
	l->flow_w = 0;
	if (query_leaks(a->q, &ask, &l->memo.pool, &l->suspects, &l->n, e) < 0)
		return -1;
	l->notes = query_leak_notes(a->q, &ask, &l->memo.pool);
	l->n = l->n > MOST ? MOST : l->n;
	l->due = monotonic_ms() + (monotonic_ms() - began) * 19;
	return 0;
}

static bool passes(const struct session *a, const struct suspect *s)
{
	struct pool p = {0};
	bool ok = passes_filter(a, pool_printf(&p, "%s %s %s %s", s->host_name, s->created.func ? s->created.func : "",
					       s->place.func ? s->place.func : "", s->state));

	pool_release(&p);
	return ok;
}

/* Those that pass the filter; what is ignored comes last. */
static void choose_rows(struct session *a)
{
	struct leak_view *l = leak_view_of(a);

	l->shown = xrealloc(l->shown, l->n + 1, sizeof *l->shown);
	l->n_shown = 0;
	for (int ignored = 0; ignored < 2; ignored++) {
		for (size_t i = 0; i < l->n; i++)
			if (is_ignored(l, &l->suspects[i]) == ignored && passes(a, &l->suspects[i]))
				l->shown[l->n_shown++] = i;
		l->n_heard = ignored ? l->n_heard : l->n_shown;
	}
}

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

	if (w <= 0 || w == l->flow_w || !l->n)
		return 0;
	f = pool_alloc(&l->memo.pool, l->n * (size_t)w * sizeof *f);
	l->flows = pool_alloc(&l->memo.pool, l->n * (size_t)w * sizeof *l->flows);
	if (query_suspect_flows(a->q, l->suspects, l->n, &(struct window){0, a->from, a->to, (size_t)w}, f, e) < 0)
		return -1;
	to_buckets(f, l->n * (size_t)w, l->flows);
	l->flow_w = w;
	return 0;
}

/* The suspect that the panes are of: the selected one, or the one before while the selection moves. */
static void follow(struct session *a)
{
	struct leak_view *l = leak_view_of(a);

	if (!a->moving || l->followed >= l->n)
		l->followed = l->list.sel < l->n_shown ? l->shown[l->list.sel] : l->n;
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

static int load(struct session *a, struct err *e)
{
	struct leak_view *l = leak_view_of(a);

	ignore_load(l, a);
	if (ask_again(a, e) < 0 || load_flows(a, e) < 0 || load_at_t(a, e) < 0)
		return -1;
	choose_rows(a);
	list_clamp(&leak_view_of(a)->list, leak_view_of(a)->n_shown);
	follow(a);
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
	ignore_load(leak_view_of(a), a);
	return events > CHEAP ? 0 : ask_again(a, e);
}

bool host_is_suspect(const struct session *a, uint32_t host)
{
	const struct leak_view *l = leak_view_of(a);

	if (!l->memo.filled || l->memo.key.from != a->from || l->memo.key.to != a->to)
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->suspects[i].host == host && l->suspects[i].verdict != VERDICT_NONE && !is_ignored(l, &l->suspects[i]))
			return true;
	return false;
}

/* Where they are stuck; by name the function there. */
static void copy(const struct session *a, int what, struct buf *b)
{
	const struct suspect *s = leak_selected(a);

	if (s && what == 'i')
		copy_name(b, s->place.func ? s->place.func : s->created.func);
	else if (s && what == 's')
		copy_stack(a, b, s->stack, 0, NULL);
	else if (s && what == 'l')
		copy_frame(b, s->place.func ? &s->place : &s->created);
}

static void release(void *state)
{
	struct leak_view *l = state;

	memo_drop(&l->memo);
	leak_ignore_close(l->ignore);
	free(l->shown);
	free(l->chart);
	free(l->at_t);
	free(l->seen);
}

static struct list *list(const struct session *a)
{
	return &leak_view_of(a)->list;
}

const struct suspect *leak_selected(const struct session *a)
{
	const struct leak_view *l = leak_view_of(a);

	return l->list.sel < l->n_shown ? &l->suspects[l->shown[l->list.sel]] : NULL;
}

/* Its goroutines: view 2, by creation site, this site alone. */
static void open_goroutines(struct session *a, const struct suspect *s)
{
	a->groups.asked = true;
	a->groups.open = false;
	a->groups.by = BY_CREATED;
	go_view(a, VIEW_HOST);
	a->host = s->host;
	snprintf(a->filter, sizeof a->filter, "%s", s->created.func ? s->created.func : "");
}

static void ignore(struct session *a, const struct suspect *s)
{
	struct leak_view *l = leak_view_of(a);
	struct err e = {0};
	bool was = is_ignored(leak_view_of(a), s);

	if (ignore_toggle(leak_view_of(a), a, s, &e) < 0)
		say_error(a, e.text);
	else
		say(a, was ? "no longer ignored" : "ignored, and last in the list; i again takes it back");
	choose_rows(a);
	for (size_t i = 0; i < l->n_shown; i++) /* it stays the selected one, wherever it went */
		if (&l->suspects[l->shown[i]] == s)
			l->list.sel = i;
}

static bool act(struct session *a, enum action action)
{
	const struct suspect *s = leak_selected(a);

	switch (action) {
	case ACT_OPEN:
		if (s)
			open_goroutines(a, s);
		return true;
	case ACT_EVIDENCE:
		leak_view_of(a)->hide_evidence = !leak_view_of(a)->hide_evidence;
		return true;
	case ACT_IGNORE:
		if (s)
			ignore(a, s);
		return true;
	default:
		return false;
	}
}

const struct view leak_view_ops = {
	.name = "leaks",
	.tab = "Leak",
	.wide_tab = "Leaks",
	.keys = AT_LEAKS,
	.size = sizeof(struct leak_view),
	.release = release,
	.load = load,
	.draw = draw_leak_view,
	.act = act,
	.list = list,
	.sheet = sheet_of_leaks,
	.copy = copy,
	.follows = true,
	.hints = "Enter goroutines  e evidence  i ignore  z/Z window  y yank  q back  ? help",
	.wide_hints = "Enter goroutines   e evidence   i ignore   & filter   / search   z/Z window   W write   y yank   q back   ? help",
};
