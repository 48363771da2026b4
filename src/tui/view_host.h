/* SPDX-License-Identifier: MIT */
/* view_host.h: view 2, what it has loaded. */
#ifndef TUI_VIEW_HOST_H
#define TUI_VIEW_HOST_H

#include "session.h"

/* What is shown of a goroutine's life beside its row. */
struct member_life {
	uint64_t id;
	uint32_t epoch, samples, changes; /* of its stack */
	int64_t first, last;
};

struct group_line {
	const struct group *g;  /* a group, or */
	const struct alive *a;  /* one of its goroutines */
	size_t more;            /* or "N more" */
	bool member;            /* below its group */
	int64_t delta;
	bool known;             /* what it is compared with: delta */
	const struct activity *activity; /* of the group, NULL unknown */
	const struct member_life *life;  /* of the goroutine; NULL when it is far from what is shown */
};

/* Of the selected group. */
struct group_facts {
	size_t line;            /* of the row that has it: while rows go by, the one before (settle.c) */
	uint32_t dominant;      /* members on its most common stack */
	uint64_t still_id;      /* longest on one stack */
	int64_t still_since;
	struct { uint64_t id; uint32_t n; bool alive; } parents[3]; /* most first; n 0: none */
	uint32_t n_parents;
	struct { uint64_t address; uint32_t n; } objects[2]; /* that most of them wait for, by the dump; n 0: none */
};

#define LIVES 512 /* goroutines whose lives are remembered */

struct host_view {
	struct pool pool;
	enum group_by by;
	struct memo alive_memo; /* who is alive at T, in groups */
	struct group *groups;
	size_t n_groups;
	int64_t *deltas;       /* by group */
	bool deltas_known;     /* else nothing is known of the time to compare with */
	struct alive *alive;
	size_t n_alive;
	struct group_line *lines;
	size_t n;
	uint64_t *open;        /* keys of expanded groups */
	size_t n_open, cap_open;
	bool all_open;
	struct bucket *chart;
	int chart_w;
	uint32_t chart_max;
	int64_t delta_from;
	struct list order;     /* of the groups: those that pass the filter, sorted */
	struct list list;      /* of the lines */
	bool oldest_first;     /* to begin with: of one dump, where ages are known */
	bool failed_first;     /* to begin with, over all others: of a crash, the group that has the one that failed */
	bool sorted;           /* otherwise since they were made, with the first one selected: the new first one is */
	uint64_t *stood;       /* groups as they stood when playback began: rows keep their place */
	size_t n_stood;
	struct memo act_memo;  /* of the window */
	struct activity *activity;
	size_t n_activity;
	struct bucket *pieces; /* the chart in the activity's columns, for its gaps */
	int act_w;
	struct memo lives_memo; /* of the window, too */
	struct member_life *lives;
	size_t n_lives;
	struct group_facts facts;
};

static inline struct host_view *host_view_of(const struct session *a)
{
	return a->own[VIEW_HOST];
}

extern const struct view host_view_ops;

void draw_host_view(const struct session *a, struct canvas *c, struct list *rows);
void host_begin_dump(struct session *a); /* one dump: in the order in which it is asked about */
bool host_has_failed(const struct session *a, const struct group *g); /* the goroutine that the crash printed first */
struct str host_notice_line(const char **notice); /* the next one, without the file's name before it */
bool host_tells_waits(const struct host_view *h); /* rows are sorted by how long they wait, and say it in place of their age */
bool group_is_open(const struct host_view *h, const struct group *g);
/* Cells of the activity column; 0: there is no room for one. */
int host_activity_width(const struct session *a);
/* Rows at the bottom for what is known of the selected group; 0: none. */
int host_facts_rows(const struct session *a);

/* A goroutine alive at T, NULL when there is none of this number. */
const struct alive *host_member(const struct host_view *h, uint64_t id);

#endif
