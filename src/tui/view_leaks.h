/* SPDX-License-Identifier: MIT */
/* view_leaks.h: view 5, what it has loaded. */
#ifndef TUI_VIEW_LEAKS_H
#define TUI_VIEW_LEAKS_H

#include "session.h"

/* An answer, of the window. */
struct suspects_found {
	struct memo memo;
	struct suspect *a;
	size_t n;
	struct leak_notes notes; /* what could not be told */
	size_t n_hosts;          /* together: that have the label */
	int64_t due;             /* monotonic: when it may be asked for again, live */
};

struct leak_view {
	struct suspects_found each;     /* hosts each by itself */
	struct suspects_found together; /* those of a value of the overview's label */
	bool is_together;        /* the latter is shown: */
	struct suspect *suspects;
	size_t n;
	struct leak_notes notes;
	int64_t *at_t;           /* how many of each were there at T; -1 unknown */
	int64_t *seen;           /* and when that was measured */
	struct bucket *flows;    /* flow_w columns for each suspect, hosts by themselves */
	int flow_w;
	size_t followed;         /* index of the suspect that the panes are of; n: none */
	struct bucket *chart;    /* of that one */
	int chart_w;
	uint32_t chart_max;
	bool hide_evidence;
	struct list list;
	struct leak_ignore *ignore;
};

static inline struct leak_view *leak_view_of(const struct session *a)
{
	return a->own[VIEW_LEAKS];
}

extern const struct view leak_view_ops;

const struct suspect *leak_selected(const struct session *a); /* NULL: none */
/* The suspects, for other views: found where that costs no more than a few ms, or was paid for already. */
int leak_marks(struct session *a, struct err *e);
bool host_is_suspect(const struct session *a, uint32_t host); /* one at least is worth a look */

void draw_leak_view(const struct session *a, struct canvas *c, struct list *rows);
int leak_activity_width(const struct session *a);

bool leak_is_ignored(const struct session *a, size_t i); /* suspect i */

#endif
