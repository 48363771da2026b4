/* SPDX-License-Identifier: MIT */
/*
 * A view may have panes of the selected row: its goroutines, its chart. While rows go by they would be painted for nothing,
 * so on a terminal they follow once the selection has rested; until then they stay, title and all, of the row before. Any
 * other key finds them caught up.
 */
#include "session.h"

#define SETTLE_MS 150

static bool moves_rows(enum action action)
{
	return (action >= ACT_DOWN && action <= ACT_PAGE_UP) || action == ACT_NEXT_MATCH || action == ACT_PREV_MATCH ||
	       action == ACT_OLDER || action == ACT_NEWER; /* at the prompt for functions */
}

void settle_moved(struct session *a, enum action action)
{
	if (!a->patient || a->screen_reader || !view_of(a, a->view)->follows || !moves_rows(action))
		return;
	a->moving = true;
	a->settle_at = 0;
}

bool settle_before(struct session *a, const struct key_row *r)
{
	bool was = a->moving;

	if (!r || !moves_rows(r->action))
		a->moving = false;
	return was && !a->moving;
}

void settle_painted(struct session *a, int64_t now)
{
	if (a->moving && !a->settle_at)
		a->settle_at = now + SETTLE_MS;
}

void settle_tick(struct session *a, int64_t now)
{
	if (a->moving && a->settle_at && now >= a->settle_at)
		a->moving = false;
}

int64_t settle_due(const struct session *a, int64_t now)
{
	if (!a->moving || !a->settle_at)
		return -1;
	return a->settle_at > now ? a->settle_at - now : 0;
}
