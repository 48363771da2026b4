/* SPDX-License-Identifier: MIT */
/* view_functions.h: view 4, what it has loaded. */
#ifndef TUI_VIEW_FUNCTIONS_H
#define TUI_VIEW_FUNCTIONS_H

#include "session.h"

/* A goroutine that had the function. */
struct hit_row {
	const struct hit *hit;
	const struct alive *at_t; /* NULL: not alive at T, or without the function */
	const uint32_t *share;    /* by column of WHEN: percent of the time that it had it; NULL: far from what is shown */
};

#define ID_LEAST 10

struct at_host { /* who is alive at T */
	uint32_t host;
	struct alive *alive;
	size_t n;
};

struct function_view {
	struct pool pool;
	struct function *functions;
	size_t n;
	size_t all;              /* functions there are where they are looked for, of this host where it alone is asked about */
	struct memo place_memo;  /* of the window and the line that is looked for */
	uint32_t *at_place;      /* functions that it is in */
	size_t n_at_place;
	struct memo of_memo;     /* of the window, the host, the scope */
	bool *of_host;           /* by func_id: this host had it there; NULL: of all hosts */
	size_t n_of_host;
	bool *standard;          /* by function: it is of the runtime or the standard library; the list is sorted by it */
	bool own;                /* those of the runtime and the standard library are hidden */
	struct memo tally_memo;  /* of all functions, where the list is sorted by it */
	struct function_tally {  /* by function */
		uint32_t at_t;
		int64_t change;  /* since what T is compared with, of hosts that are known then, too */
	} *tally;
	size_t n_tally;
	uint64_t tally_of;       /* the pattern, scope and host that the order is of */
	char complaint[512];     /* a regular expression that cannot be understood */
	int calls;               /* pane of calls: 0 where there is room for it, 1 callers, 2 callees */
	int pane;                /* 0 functions, 1 goroutines */
	struct list list, hit_list;
	uint32_t shown;          /* the function that the other panes are of; 0: none */
	const struct hit *shown_hit; /* whose stack is shown */

	struct memo use_memo;    /* how much the functions shown were used in the window */
	struct function_use {
		uint32_t func_id;
		struct use use;
	} *uses;
	size_t n_uses, cap_uses;
	struct bucket *pieces;   /* the activity's columns, for their gaps */
	int act_w;
	uint32_t *at_t;          /* by function: goroutines that have it at T */
	size_t alive;            /* of all these */

	struct memo at_memo;     /* who is alive at T */
	struct at_host *at;
	size_t n_at;
	bool at_unknown;         /* of some host it is not known */

	struct memo call_memo;   /* who calls the selected function, and whom it calls */
	struct callers callers;

	struct memo hit_memo;    /* of the selected function */
	int id_w;                /* as many digits as the longest number has, or ID_LEAST */
	struct hit *hits;
	size_t n_hits;
	uint64_t *masks;         /* by stack: bit 0: has it */
	size_t n_masks;
	struct hit_row *rows;    /* of each hit; hit_list has those that pass the filter */
	size_t n_at_t;           /* of all hits */
	int when_w;
};

static inline struct function_view *function_view_of(const struct session *a)
{
	return a->own[VIEW_FUNCTIONS];
}

extern const struct view function_view_ops;

/* How many it is at T, of n that were found; -1: none was, and of some host it is not known. */
int64_t functions_at_t(const struct function_view *f, size_t n);

/* function_tally.c: fills the tally, of functions up to this number; changes: of what was before T, too, which takes a load of each host. */
int tally_functions(struct session *a, uint32_t highest, bool changes, struct err *e);
bool functions_by_change(const struct session *a); /* is the list sorted by it? Then it stands in the place of the share */

/* Where everything stands, from the size alone; 0 rows: not there. */
struct function_places {
	int id_w;
	int functions_y, functions_h, hits_y, hits_h; /* rows, without titles and column names */
	int preview_y, preview_h, callers_y, callers_h; /* with their titles */
	int act_x, act_w, samples_x, when_x, when_w, host_x, host_w, path_x; /* 0: not there */
};
struct function_places place_functions(const struct session *a);

void draw_functions(const struct session *a, struct canvas *c, struct list *rows);
/* What the panes below are of; NULL: none. Not what is selected while the selection moves. */
const struct function *shown_function(const struct function_view *f);
const struct hit_row *shown_hit(const struct function_view *f);
const struct use *use_of_function(const struct function_view *f, uint32_t func_id); /* NULL: not known */

#endif
