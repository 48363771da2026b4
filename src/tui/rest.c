/* SPDX-License-Identifier: MIT */
/*
 * A view may have panes of the selected row: its goroutines, its chart. While rows go by they would be painted for nothing,
 * so on a terminal they follow once the selection has rested; until then they stay, title and all, of the row before. Any
 * other key finds them caught up.
 */
#include "session.h"

#define REST_MS 150

static bool moves_rows(enum action action)
{
	return (action >= ACT_DOWN && action <= ACT_PAGE_UP) || action == ACT_NEXT_MATCH || action == ACT_PREV_MATCH ||
	       action == ACT_OLDER || action == ACT_NEWER; /* at the prompt for functions */
}

void rest_moved(struct session *a, enum action action)
{
	if (!a->patient || a->screen_reader || !view_of(a, a->view)->follows || !moves_rows(action))
		return;
	a->moving = true;
	a->rest_at = 0;
}

bool rest_before(struct session *a, const struct key_row *r)
{
	bool was = a->moving;

	if (!r || !moves_rows(r->action))
		a->moving = false;
	return was && !a->moving;
}

void rest_painted(struct session *a, int64_t now)
{
	if (a->moving && !a->rest_at)
		a->rest_at = now + REST_MS;
}

void rest_tick(struct session *a, int64_t now)
{
	if (a->moving && a->rest_at && now >= a->rest_at)
		a->moving = false;
}

int64_t rest_due(const struct session *a, int64_t now)
{
	if (!a->moving || !a->rest_at)
		return -1;
	return a->rest_at > now ? a->rest_at - now : 0;
}
