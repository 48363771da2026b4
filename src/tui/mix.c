/* SPDX-License-Identifier: MIT */
/* Which part of a host's goroutines was in which state: a column of ten rows per column of the chart above. */
#include "draw.h"
#include "view_overview.h"
#include <stdio.h>

static const char *const family_words[FAM_MAX] = {
	[FAM_RUNNING] = "running", [FAM_CHAN] = "chan", [FAM_SELECT] = "select", [FAM_LOCK] = "lock",	  [FAM_WAIT] = "wait",
	[FAM_IO] = "IO",	   [FAM_SLEEP] = "sleep", [FAM_SYSCALL] = "syscall", [FAM_RUNTIME] = "runtime",
};

static void take_snapshot(struct session *a, const struct snapshot *s, uint8_t *mix)
{
	uint32_t sum[FAM_MAX] = {0};
	uint64_t below = 0;

	for (uint32_t k = 0; k < s->n_states; k++)
		sum[query_family(a->q, s->states[k].state, 0)] += s->states[k].n;
	for (int f = 0; f < FAM_MAX; below += sum[f], f++) /* so that they add up */
		mix[f] = (uint8_t)((below + sum[f]) * 100 / s->goroutines - below * 100 / s->goroutines);
}

/* From the last snapshot in each column; one that none falls in has what was before, as the chart has. */
static int ask(struct session *a, int w, struct err *e)
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
		take_snapshot(a, &s[i], o->mix[col]);
		own[col] = true;
	}
	for (int i = 1; i < w; i++)
		if (!own[i] && o->chart[i].has_value)
			memcpy(o->mix[i], o->mix[i - 1], sizeof o->mix[i]);
	pool_release(&p);
	return rc;
}

int load_mix(struct session *a, struct err *e)
{
	struct overview *o = overview_of(a);
	struct memo_key k = {.host = o->shown, .from = a->from, .to = a->to, .w = o->chart_w, .version = session_version(a)};

	if (memo_holds(&o->mix_memo, &k))
		return 0;
	return ask(a, o->chart_w, e);
}

/* Letters tell the states apart for those who do not see the colours. */
static void put_family(const struct session *a, struct canvas *c, int y, int x, enum family f)
{
	enum style s = a->colored && a->tier != GLYPHS_ASCII ? STYLE_FILL : STYLE_STATE;

	canvas_put(c, y, x, (enum style)(s + f), (uint32_t)family_letter(f));
}

/* The state that stands at this height of a column; FAM_MAX: none. */
static enum family family_at(const uint8_t *mix, int level)
{
	int sum = 0;

	for (int f = 0; f < FAM_MAX; f++) {
		sum += mix[f];
		if (sum >= level && mix[f])
			return (enum family)f;
	}
	return FAM_MAX;
}

static void draw_legend(const struct session *a, struct canvas *c, int y)
{
	char title[200];
	int x = c->w - 2;

	snprintf(title, sizeof title, "state mix of %s, one row = 10%%", host_name(a, overview_of(a)->shown));
	draw_rule(a, c, y, title, NULL);
	for (int f = FAM_MAX - 1; f >= 0; f--) {
		x -= text_cells(family_words[f]) + 3;
		if (x < text_cells(title) + 6)
			return;
		canvas_put(c, y, x - 1, STYLE_RULE, ' ');
		put_family(a, c, y, x, (enum family)f);
		canvas_printf(c, y, x + 1, c->w - x - 1, STYLE_RULE, " %s ", family_words[f]);
	}
}

void draw_mix(const struct session *a, struct canvas *c, int y, int rows)
{
	const struct overview *o = overview_of(a);

	draw_legend(a, c, y);
	for (int r = 0; o->mix && r < rows && y + 1 + r < c->h - 1; r++) {
		canvas_printf(c, y + 1 + r, 1, 5, STYLE_DIM, "%4d%%", 100 - r * 10);
		for (int x = 0; x < o->chart_w; x++) {
			enum family f = family_at(o->mix[x], 100 - r * 10 - 5);

			if (f != FAM_MAX)
				put_family(a, c, y + 1 + r, 7 + x, f);
		}
	}
	touch_time(c, y + 1, 7, rows, o->chart_w);
}
