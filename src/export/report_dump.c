/* SPDX-License-Identifier: MIT */
/* What a report says of a host of which there is one dump only: no growth can be told, so it shows who is there. */
#include "report.h"
#include "room.h"
#include <inttypes.h>
#include <stdlib.h>

#define MOST_STACKS 200
#define MOST_IDS 10

/* Who waits longest first, then by number. */
static int longest_first(const void *pa, const void *pb)
{
	const struct group *a = pa, *b = pb;
	int64_t wa = a->waits == NO_TIME ? INT64_MAX : a->waits, wb = b->waits == NO_TIME ? INT64_MAX : b->waits;

	if (wa != wb)
		return wa < wb ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return a->oldest_id < b->oldest_id ? -1 : a->oldest_id > b->oldest_id;
}

/* "[chan receive, select]" */
static void states(struct report *r, struct buf *b, const struct group *g)
{
	for (size_t i = 0; i < g->n_states; i++)
		buf_addf(b, "%s%s", i ? ", " : "[", plain_text(&r->pool, query_string(r->q, g->states[i].state)));
	buf_adds(b, g->n_states ? "]" : "");
}

/* "goroutine 18, waiting for 14m", "goroutines 18, 19, 20 and 4 more, the longest waiting for 14m" */
static const char *who(struct report *r, const struct group *g, int64_t at)
{
	struct buf b = {0};
	char waits[TIME_MAX];
	const char *out;

	for (uint32_t i = 0; !g->grouped && i < g->count && i < MOST_IDS; i++)
		buf_addf(&b, "%s%" PRIu64, i ? ", " : g->count == 1 ? "goroutine " : "goroutines ", g->ids[i]);
	if (!g->grouped && g->count > MOST_IDS)
		buf_addf(&b, " and %u more", g->count - MOST_IDS);
	if (!g->grouped && g->waits != NO_TIME && at - g->waits >= 60000)
		buf_addf(&b, ", %s for %s", g->count == 1 ? "waiting" : "the longest waiting", duration_format(waits, at - g->waits));
	buf_putc(&b, '\0');
	out = pool_printf(&r->pool, "%s", b.p);
	buf_release(&b);
	return out;
}

static void put_group(struct report *r, const struct group *g, int64_t at)
{
	struct buf b = {0};
	const char *ids = who(r, g, at);

	buf_addf(&b, "%u goroutine%s ", g->count, g->count == 1 ? "" : "s");
	states(r, &b, g);
	buf_putc(&b, '\0');
	r->style->heading(r->out, 3, b.p);
	if (*ids)
		r->style->text(r->out, ids);
	buf_reset(&b);
	report_stack(r, &b, g->stack);
	buf_putc(&b, '\0');
	r->style->block(r->out, b.p + (b.p[0] == '\n'));
	buf_release(&b);
}

static int put_dump(struct report *r, const struct host *h, struct err *e)
{
	struct group_question ask = {.at = {h->id, h->last}, .by = BY_STACK};
	struct group *g;
	size_t n, shown;

	if (query_groups(r->q, &ask, &r->pool, &g, &n, e) < 0)
		return -1;
	qsort(g, n, sizeof *g, longest_first);
	shown = n < MOST_STACKS ? n : MOST_STACKS;
	r->style->heading(r->out, 2, pool_printf(&r->pool, "%s: who is there%s", plain_text(&r->pool, h->name),
						     n && g->grouped ? "" : ", the longest waits first"));
	for (size_t i = 0; i < shown; i++)
		put_group(r, &g[i], h->last);
	if (shown < n)
		r->style->text(r->out, pool_printf(&r->pool, "%zu more stacks are left out; --goroutines --group-by stack lists all.", n - shown));
	return 0;
}

int report_dumps(struct report *r, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < r->ask->n_hosts && rc == 0; i++)
		if (r->ask->hosts[i].snapshots == 1 && !r->ask->hosts[i].failed)
			rc = put_dump(r, &r->ask->hosts[i], e);
	return rc;
}
