/* SPDX-License-Identifier: MIT */
/* view_goroutine.h: view 3, what it has loaded. */
#ifndef TUI_VIEW_GOROUTINE_H
#define TUI_VIEW_GOROUTINE_H

#include "session.h"

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

enum goroutine_pane { PANE_STACK, PANE_CHILDREN, PANE_STACKS, PANE_EVENTS, PANE_SOURCE, PANE_RAW };

/* Its text in the dump at T. */
struct raw_text {
	struct memo memo;      /* of the dump and the goroutine */
	struct str *lines;
	size_t n;
	const char *why;       /* there are none; NULL: there are */
	int64_t time;          /* of the dump */
	struct list list;      /* of lines */
};

/* A file of source, as it is here. */
struct source_text {
	char *path;            /* NULL: it is not here, or nothing is selected */
	char *missing;         /* why it is not; NULL: it is, or nothing is selected */
	const char *file;      /* as the stack names it; NULL: the frame has none */
	uint32_t line;
	int64_t changed;       /* ms UTC */
	struct buf text;
};

/* A row of what happened to it. */
struct happened {
	int64_t at;
	size_t run;              /* that begins; as many as there are: it went */
	const struct mark *mark; /* set meanwhile, in place of a run; NULL: none */
};

struct goroutine_view {
	struct memo life_memo; /* its life, and all that follows from that alone */
	struct pool pool;
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
	struct memo at_memo;   /* who is alive at T, where it has children */
	struct alive *at;      /* by id */
	size_t n_at;
	bool *passing;         /* by child: it is there then and passes the filter; NULL: nobody is known to */
	struct lane_column *lanes;
	int lane_w;
	uint32_t kids_max;
	long run;              /* at T, -1 not alive */
	struct frame_line *frames;
	size_t n_frames;
	int changed, added, gone;
	uint32_t sample, samples;
	int64_t base;          /* compared with this time; NO_TIME none */
	bool hide_children;
	enum goroutine_pane pane;
	enum goroutine_pane lower; /* PANE_EVENTS, PANE_SOURCE, PANE_RAW: in the place of the children, or of the stacks. Else: as ever */
	struct source_text source;
	struct raw_text raw;
	struct happened *happened; /* oldest first */
	size_t n_happened;
	struct list stack, list, events; /* of frames, of children, of the life's events */
};

/* Something stands where the children or the stacks are else. */
static inline bool has_lower_pane(const struct goroutine_view *g)
{
	return g->lower == PANE_EVENTS || g->lower == PANE_SOURCE || g->lower == PANE_RAW;
}

static inline struct goroutine_view *goroutine_view_of(const struct session *a)
{
	return a->own[VIEW_GOROUTINE];
}

extern const struct view goroutine_view_ops;

int load_goroutine(struct session *a, struct err *e);
void draw_goroutine(const struct session *a, struct canvas *c, struct list *rows);
/* Two panes side by side: beside the stack the family, below it the goroutine's other stacks. */
bool has_family_pane(const struct session *a);
/* What it does at T, on what where view 6 has it, and for how long: "IO wait for 27m1s". Of one that is proven to have run in between, in one state and at
 * one place whenever it was seen: "IO wait for 12s, on and off for 27m1s"; where that is known to be after T alone, "IO wait for <=27m1s". */
void add_state(const struct session *a, const struct run *r, struct buf *out);
void add_absence(const struct session *a, struct buf *out); /* of one that is not there at T: why, since when or until when */
/* A rule over a pane, with its title. */
void pane_rule(const struct session *a, struct canvas *c, int y, int x, int w, const char *text);

/* events.c: each run that it had, each mark meanwhile, the last row that it went. */
void events_fill(struct session *a);
const struct frame *events_frame(const struct session *a); /* where it was in the selected one; NULL: it has none */
void events_open(struct session *a);              /* T to the selected one */
void events_begin(struct session *a);             /* the one of T is selected */
void draw_events(const struct session *a, struct canvas *c, struct area at, struct list *rows);

/* source_pane.c */
void source_load(struct session *a);              /* of the selected frame */
void source_release(struct source_text *s);
void draw_source(const struct session *a, struct canvas *c, struct area at);

/* raw_pane.c */
void raw_load(struct session *a);
void raw_release(struct raw_text *r);
void draw_raw(const struct session *a, struct canvas *c, struct area at, struct list *rows);

/* Frame i of the stack pane, from the top. */
const struct frame_line *frame_at(const struct session *a, size_t i);

#define SIBLINGS_SHOWN 5
size_t first_sibling_shown(const struct goroutine_view *g);

/* Is this child alive at T? */
bool child_active(const struct session *a, const struct child *k);
bool made_up(const struct session *a); /* is its identity (query_is_grouped)? Then durations are bounds */
const struct alive *child_now(const struct session *a, const struct child *k); /* what it does at T; NULL: it is not there */
/* "Mutex.Lock < conn.serve": where it is at T, and its entry function if that is another. Into out. */
char *child_text(const struct session *a, const struct child *k, char *out, size_t n);

#endif
