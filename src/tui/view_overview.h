/* SPDX-License-Identifier: MIT */
/* view_overview.h: view 1, what it has loaded. */
#ifndef TUI_VIEW_OVERVIEW_H
#define TUI_VIEW_OVERVIEW_H

#include "session.h"

struct host_line { /* of the overview */
	const struct host *host;
	struct bucket *spark;
	uint32_t min, max;
	bool min_cut, max_cut, last_cut; /* of cut dumps: at least so many */
	int64_t at_t, last; /* -1 unknown */
	int64_t change;     /* at_t against the base time's; 0 unknown */
	struct known known;
	double slope;       /* goroutines per hour over the window; NAN unknown */
	const struct host_group *group; /* it is of all these, `host` is the largest, `known` that one's; NULL: of one */
	bool partial;       /* of some of them nothing is known at T */
};

struct overview {
	struct pool pool;
	struct memo lines_memo; /* of the window, T and what it is compared with */
	struct host_line *lines; /* of each host */
	struct memo spark_memo; /* of the window */
	struct host_line *sparks; /* what of those is of it */
	struct host_line *hosts; /* those, or of their groups */
	size_t n;
	int spark_w, chart_w;
	uint32_t shown;      /* the host that the chart and all below it are of */
	struct memo chart_memo; /* of the window */
	struct bucket *chart;
	uint32_t chart_max;
	char label[128];        /* by which the hosts are in groups; "" they are not */
	bool one_scale;         /* all sparklines from zero to the same number */
	uint32_t over;          /* the host whose chart is laid over that of the one that is shown; 0 none */
	struct bucket *over_chart; /* NULL: none */
	bool all_moved;         /* what moved is of all hosts */
	unsigned against_rest;  /* in its place stands in what the group differs from the rest: 1 of all; 2 and on of those with which it shares a label */
	struct memo canary_memo; /* of T, the filter and the group */
	struct canary_row *canary;
	size_t n_canary;
	const char *canary_of;  /* "app=api": both of these alone; NULL: of all */
	size_t canary_hosts, rest_hosts; /* known at T */
	struct memo moved_memo; /* of the two snapshots that are compared */
	struct moved *moved; /* those whose number changed */
	size_t n_moved;
	struct list moved_list;
	bool in_moved;          /* the row keys move there */
	struct known now, then; /* of the host that is shown, at T and at the time it is compared with */
	struct memo slope_memo; /* of the window */
	double *slopes;         /* of each host */
	struct memo mix_memo;
	uint8_t (*mix)[FAM_MAX]; /* in the chart's columns: share of each family, percent */
	struct memo pass_memo;  /* of T and the filter */
	int64_t *pass;          /* of each row: how many pass; -1 unknown. NULL: no filter asks */
	int64_t *host_pass;     /* the same of each host */
	struct memo match_memo; /* of the window and the filter */
	struct bucket *matching; /* of those that pass, in the chart's columns; NULL: of all */
	uint32_t matching_max;
	bool sorted;             /* otherwise since it was filled, with the first one selected: the new first one is */
	struct list list;
};

static inline struct overview *overview_of(const struct session *a)
{
	return a->own[VIEW_OVERVIEW];
}

/* Of the host, or of any in the group. And the line that the chart is of; NULL none. And its group; NULL: hosts are not in groups. */
bool line_is_suspect(const struct session *a, const struct host_line *l);
bool line_has(const struct host_line *l, uint32_t host);
const struct host_line *line_shown(const struct session *a);
const struct host_group *group_shown(const struct session *a);

/* Instead of the hosts' lines those of their groups. */
void overview_group(struct session *a, int spark_w);
void overview_next_label(struct session *a); /* the label after this one, and none after the last */
void overview_open_group(struct session *a, const struct host_group *g); /* its hosts alone, each on a line */

/* The group that is set against the rest; NULL: what moved is shown. */
const struct host_group *canary_shown(const struct session *a);
void canary_switch(struct session *a);
int canary_load(struct session *a, const struct host_group *g, struct err *e);
void canary_tell(const struct session *a, struct buf *out); /* in a sentence */
void draw_canary(const struct session *a, struct canvas *c, int y, int rows);

/* What moved has the keys of rows: it was given them, and has any. */
#define MOVED_FROM 20 /* rows of a screen on which it is */
bool moved_has_keys(const struct session *a);
void moved_fill(struct session *a);
void moved_open(struct session *a);

extern const struct view overview_view;

/* Where everything stands, from the size, and from what has the whole screen; 0: not there. */
struct overview_layout {
	int host_w, num_w, spark_x, spark_w, list_y, list_h, chart_y, chart_h, moved_y, moved_h, mix_y;
};
struct overview_layout place_overview(const struct session *a);
void draw_moved(const struct session *a, struct canvas *c, const struct overview_layout *l, struct list *rows);
void draw_overview(const struct session *a, struct canvas *c, struct list *rows);

#endif
