/* SPDX-License-Identifier: MIT */
/*
 * models.h: what each view has loaded. A view's load fills its model, its draw reads it and nothing else; pools that are
 * kept from load to load say what they are of, and are asked for again when that changes.
 */
#ifndef TUI_MODELS_H
#define TUI_MODELS_H

#include <gscrape/insight.h>

/* A list on the screen: what is selected and from where it is shown. */
struct list {
	size_t sel, top, n;
	int rows; /* shown at the last draw: pages go by it */
};

struct host_line { /* of the overview */
	const struct host *host;
	struct bucket *spark;
	uint32_t min, max;
	int64_t at_t, last; /* -1 unknown */
	double slope;       /* goroutines per hour over the window */
};

struct overview {
	struct pool pool;
	struct host_line *hosts;
	size_t n;
	int spark_w, chart_w;
	uint32_t shown;      /* the host that the chart and all below it are of */
	struct bucket *chart;
	uint32_t chart_max;
	struct moved *moved; /* those whose number changed */
	size_t n_moved;
	int64_t moved_from, moved_to;
	int64_t at_t, before; /* goroutines at T and at moved_from; -1 unknown */
	struct pool mix_pool; /* asked for again when the window, the host or the store changes */
	uint8_t (*mix)[FAM_MAX]; /* in the chart's columns: share of each family, percent */
	struct {
		uint32_t host;
		int64_t from, to;
		int w;
		uint64_t version;
	} mix_of;
	struct list list;
	struct pool moved_pool; /* of the two below: asked for again when they change */
	uint32_t moved_host, moved_a, moved_b;
};

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
	int64_t delta;
	const struct activity *activity; /* of the group, NULL unknown */
	const struct member_life *life;  /* of the goroutine; NULL when it is far from what is shown */
};

/* Of the selected group. */
struct group_facts {
	size_t line;            /* of the row that has it: while rows go by, the one before (rest.c) */
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
	struct pool alive_pool; /* who is alive at T, in groups: asked for again when one of these changes */
	struct {
		uint32_t host;
		enum group_by by;
		int64_t t, delta_from;
		uint64_t version;
	} alive_of;
	struct group *groups;
	size_t n_groups;
	int64_t *deltas;
	struct alive *alive;
	size_t n_alive;
	struct group_line *lines;
	size_t n;
	uint64_t *open;        /* keys of expanded groups */
	size_t n_open, cap_open;
	bool all_open, reverse;
	int sort;
	struct bucket *chart;
	int chart_w;
	uint32_t chart_max;
	int64_t delta_from;
	struct list list;
	uint64_t *order;       /* groups as they stood when playback began: rows keep their place */
	size_t n_order;
	struct pool act_pool;  /* of what follows: asked for again when what it is of changes */
	struct activity *activity;
	size_t n_activity;
	struct bucket *pieces; /* the chart in the activity's columns, for its gaps */
	int act_w;
	struct {
		uint32_t host;
		enum group_by by;
		int64_t from, to;
		int w;
		uint64_t version;
	} act_of;
	struct member_life *lives;
	size_t n_lives;
	struct group_facts facts;
};

enum diff_mark { DIFF_SAME = ' ', DIFF_CHANGED = '~', DIFF_ADDED = '+', DIFF_GONE = '-' };

struct frame_line {
	const struct frame *f;
	char mark;
	bool created;
};

struct lane_column {
	char state;        /* family letter, '.' not alive, '?' no sample */
	enum family family;
	int changes;       /* of the stack, in it */
	int kids;          /* most alive in it */
};

/* A relative: an ancestor, a sibling. */
struct relative {
	uint64_t id;
	const char *func;      /* its entry function, NULL unknown */
	int64_t first, last;   /* NO_TIME: never seen */
	bool ended;
	const char *state;     /* at T, NULL not alive; looked up for the siblings that are shown */
	enum family family;
};

/* A stack that the goroutine had, over all its life. */
struct own_stack {
	uint32_t stack, samples;
	const char *state;     /* the most common on it */
	enum family family;
	int64_t first, last;
};

enum goroutine_pane { PANE_STACK, PANE_CHILDREN, PANE_STACKS };

struct goroutine_view {
	struct pool life_pool, pool;
	struct relative *ancestors, *siblings; /* ancestors: the eldest first; siblings by id, itself among them */
	size_t n_ancestors, n_siblings, self;  /* self: its index among the siblings */
	struct own_stack *stacks;              /* most seen first */
	size_t n_stacks;
	uint32_t n_changes, n_states, also;    /* changes of stack, different states; others on its stack at T */
	struct list stacks_list;
	struct life life;
	bool found;
	struct child *children;
	size_t n_children, n_active;
	size_t *shown;         /* children that pass the filter */
	size_t n_shown;
	struct lane_column *lanes;
	int lane_w;
	uint32_t kids_max;
	long run;              /* at T, -1 not alive */
	struct frame_line *frames;
	size_t n_frames;
	int changed, added, gone;
	uint32_t sample, samples;
	int64_t base;          /* compared with this time; NO_TIME none */
	bool leaf_first, hide_children;
	enum goroutine_pane pane;
	struct list stack, list;
	uint64_t version;
	uint32_t host, epoch;
	uint64_t id;
};

/* A goroutine that had the function. */
struct hit_row {
	const struct hit *hit;
	const struct alive *at_t; /* NULL: not alive at T, or without the function */
	const uint32_t *share;    /* by column of WHEN: percent of the time that it had it; NULL: far from what is shown */
};

struct at_host { /* who is alive at T */
	uint32_t host;
	struct alive *alive;
	size_t n;
};

enum hit_sort { HITS_BY_SAMPLES, HITS_BY_ID, HITS_BY_STATE, HITS_BY_FIRST, HITS_BY_PATH, HIT_SORTS };

struct function_view {
	struct pool pool;
	struct function *functions;
	size_t n;
	size_t all;              /* functions there are */
	char complaint[512];     /* a regular expression that cannot be understood */
	char pattern[256];
	enum scope scope;
	bool this_host, regex;
	int calls;               /* pane of calls: 0 where there is room for it, 1 callers, 2 callees */
	int pane;                /* 0 functions, 1 goroutines */
	struct list list, hit_list;
	uint32_t shown;          /* the function that the other panes are of; 0: none */
	const struct hit *shown_hit; /* whose stack is shown */

	/* How much the functions shown were used: kept until what it is of changes. */
	struct pool use_pool;
	struct function_use {
		uint32_t func_id;
		struct use use;
	} *uses;
	size_t n_uses, cap_uses;
	struct bucket *pieces;   /* the activity's columns, for their gaps */
	int act_w;
	struct {
		uint32_t host;
		enum scope scope;
		int64_t from, to;
		int w;
		uint64_t version;
	} use_of;
	uint32_t *at_t;          /* by function: goroutines that have it at T */
	size_t alive;            /* of all these */

	struct pool at_pool;     /* who is alive at T; kept while T stands */
	struct at_host *at;
	size_t n_at;
	struct {
		uint32_t host;
		int64_t t;
		uint64_t version;
	} at_of;

	struct pool call_pool;   /* who calls the selected function, and whom it calls */
	struct callers callers;
	struct hits_key {
		uint32_t func, host;
		enum scope scope;
		int64_t from, to;
		uint64_t version;
	} calls_of, hits_of;

	struct pool hit_pool;    /* of the selected function */
	struct hit *hits;
	size_t n_hits;
	uint64_t *masks;         /* by stack: bit 0: has it */
	size_t n_masks;
	struct hit_row *rows;    /* those that pass the filter, sorted */
	size_t n_rows, n_now, n_at_t; /* n_now, n_at_t: of all hits */
	struct bucket *hit_pieces;
	int when_w;
	enum hit_sort sort;
	bool reverse;
};

struct leak_view {
	struct pool pool;        /* of suspects and flows: asked for again when the window or the store changes */
	struct suspect *suspects;
	size_t n;
	size_t *shown, n_shown;  /* those that pass the filter; the first n_heard of them are not ignored */
	size_t n_heard;
	int64_t *at_t;           /* how many of each were there at T; -1 unknown */
	struct bucket *flows;    /* flow_w columns for each suspect */
	int flow_w;
	size_t followed;         /* index of the suspect that the panes are of; n: none */
	struct bucket *chart;    /* of that one */
	int chart_w;
	uint32_t chart_max;
	bool loaded, hide_evidence;
	int64_t from, to;        /* of what is loaded */
	uint64_t version;
	int64_t due;             /* monotonic: when it may be asked for again, live */
	struct list list;
	struct pool ignore_pool; /* of the rules */
	const char **ignored;
	size_t n_ignored, cap_ignored;
	bool ignore_read;
};

struct help_view {
	bool all;
	struct list list;
};

#endif
