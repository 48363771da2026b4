/* SPDX-License-Identifier: MIT */
/*
 * session.h: what all views share: the store, the screen's size, the host, T and the window, the filter, how things are shown.
 * Each view's own state hangs from it unseen by the others (view_*.h has a struct and who may ask for it); what one view wants
 * of another is said here. A view loads what it shows into its own state, then draws it: loading may ask the query room,
 * drawing may not.
 */
#ifndef TUI_SESSION_H
#define TUI_SESSION_H

#include "glyphs.h"
#include "list.h"
#include <gscrape/match.h>
#include "memo.h"
#include <gscrape/filter.h>
#include <gscrape/insight.h>
#include <gscrape/tui.h>

enum view_id { VIEW_OVERVIEW, VIEW_HOST, VIEW_GOROUTINE, VIEW_FUNCTIONS, VIEW_LEAKS, VIEW_LOCKS, VIEW_HELP, VIEW_OPTIONS, VIEW_MAX };

struct view {
	const char *name, *tab, *wide_tab;
	enum key_place keys;                            /* that count here besides those of every view; AT_GLOBAL: none */
	size_t size;                                    /* of its state, zero at first */
	void (*release)(void *state);
	void (*enter)(struct session *a);               /* it comes on the screen, from another one */
	int (*load)(struct session *a, struct err *e);
	void (*draw)(const struct session *a, struct canvas *c, struct list *rows);
	bool (*act)(struct session *a, enum action action); /* false: not this view's */
	struct list *(*list)(const struct session *a);  /* that the row keys move */
	void (*summary)(const struct session *a, struct buf *out); /* it in a sentence or two */
	/* What y takes of the selected row: 'i' its number or name, 'l' file:line, 's' its stack; and 'n', by what a search finds it where
	 * that is not 'i'. Nothing is nothing. */
	void (*copy)(const struct session *a, int what, struct buf *out);
	/* Whose the selected row is, where rows are of all hosts; 0: of the chosen one. */
	uint32_t (*host_of_row)(const struct session *a);
	bool (*walks)(const struct session *a);         /* n and N are the view's own now, not the search's */
	bool (*next_change)(const struct session *a, int64_t *t); /* the next sample in which something changes; false: any */
	bool panes;                                     /* Tab goes through them */
	bool scrolls, doubles;                          /* L and H move its texts; w gives its rows a second line, or whole paths */
	bool follows;                                   /* other panes are of the selected row, and wait while it moves */
	const char *(*other_hints)(const struct session *a); /* for what it shows now, in place of these; NULL: as ever */
	const char *hints, *wide_hints;
};

/* Where one is: what q and Backspace lead back to. */
struct place {
	enum view_id view;
	uint32_t host, epoch;
	uint64_t id;
	int64_t t;
};

/* A place on the way back, and what was left of its rows there. */
struct visit {
	struct place place;
	char filter[TUI_FILTER_BYTES + 1];
	bool filter_regex;
};

/* A key that the user bound, to a row of the key table. */
struct map {
	int key;
	const struct key_row *row;
};

struct session {
	const struct tui_options *o;
	struct query *q;
	const struct view *const *views;
	void *own[VIEW_MAX];      /* each view's state */
	int w, h;
	enum glyph_tier tier;
	enum glyph_tier auto_tier; /* what the terminal can show by itself */
	bool utf8;                /* and whether it can show more than ASCII at all */
	const char *glyphs, *theme;
	const struct zone *zone, *local; /* of displayed times, and the machine's own */
	struct pool zones;        /* those opened here */
	bool since_start;         /* times count from the first snapshot */
	int64_t start;            /* that one */
	enum view_id view;
	enum view_id below;       /* the view that help or the options stand over */
	struct visit *back, *ahead;
	size_t n_back, cap_back, n_ahead, cap_ahead;
	struct place marks[27];
	bool marked[27];

	int64_t t, from, to;      /* the cursor and the window */
	bool whole;               /* the window is the whole recording, and grows with it */
	struct known known;       /* what is known of the host at T: from session_look, for each frame */
	char partial[200];        /* what all that is shown is without; "" all is there */
	const char *oddity;       /* what was odd about the dump at T, in the recorder's words: it was cut; NULL nothing */
	bool recorded;            /* somebody records into this store now */
	uint32_t newer;           /* snapshots of the host behind T, while one stands still and it is recorded */
	uint32_t host;            /* 0: the store has none */
	bool unchosen;            /* it is the first there is: nobody has chosen one, and the overview may have a better one on top */
	uint32_t epoch;
	uint64_t id;              /* goroutine, 0 none chosen yet */
	int64_t pin;              /* NO_TIME: none */
	bool use_pin;

	bool playing, skip, follow;
	int speed;                /* index into play_speeds */
	int64_t play_since;       /* monotonic ms at which play_seq was shown */
	uint32_t play_seq;

	char filter[TUI_FILTER_BYTES + 1], search[256];
	bool filter_regex, search_regex;
	struct matcher *matcher;  /* of the filter */
	struct filter *where;     /* the filter, where it is more than words (filter.h): goroutines are asked for by it. NULL: it is not */
	const char *const *saved; /* "NAME: filter", for @NAME */
	size_t n_saved;
	char where_of[256];       /* what it was made of, and */
	char where_wrong[200];    /*   why it could not be made, or a word of advice; "" it could */
	char filter_fault[512];   /* why nothing can pass the filter: it is not understood, or takes too long; "" */
	struct filter_fault fault_at; /* where, in bytes of the filter; n 0: nowhere in it */
	bool filter_refused;      /* it was to be taken at the prompt, which says why it is not, until the next key */
	uint32_t where_no;        /* another number: another filter */
	size_t found, found_at;   /* rows that match the search, and which of them is selected; 0: none */
	struct {                  /* the functions that are looked for */
		char pattern[256];
		bool regex, this_host;
		enum scope scope;
		char digits[24];      /* instead: goroutines that have these in their number; "": none */
	} func;
	struct {                  /* how view 2 is to show its groups when it comes next */
		bool asked, open;
		enum group_by by;
	} groups;
	enum action then;         /* to be done next, as if its key was pressed */

	char message[512];
	bool message_is_error;
	bool patient;             /* somebody watches: what is of the selected row waits until the selection rests */
	bool moving;              /* it waits: still of the row before */
	int64_t settle_at;          /* monotonic ms at which the selection has rested; 0: not painted yet */
	bool two_lines, leaf_first;
	bool colored;             /* the terminal shows the colours of styles */
	bool mouse, sync, slow_link, cursorline, screen_reader;
	char source[512];         /* where sources are: source.h's map */
	struct map *maps;
	size_t n_maps, cap_maps;
	bool zoomed;              /* the pane that has the keys takes the whole screen */
	int scroll;
};

static inline const struct view *view_of(const struct session *a, enum view_id v)
{
	return a->views[v];
}

/* --- session.c --- */

/* What stands in place of a list of which nothing passes the filter: what is wrong with that, or else `nothing`. */
const char *filter_word(const struct session *a, const char *nothing);
void session_where(struct session *a); /* makes `where` of the filter, when that is another */
void session_gave_up(struct session *a); /* after a list: that the filter took too long is a fault of it */
void say(struct session *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void say_error(struct session *a, const char *text);
const struct host *chosen_host(const struct session *a);
bool is_one_dump(const struct session *a); /* it is all there is, and all there will be */
const struct host *host_of(const struct session *a, uint32_t id); /* NULL: none */
const char *host_name(const struct session *a, uint32_t id); /* "": none */
void choose_host(struct session *a);                /* one that went by retention must not stay chosen */
uint64_t session_version(const struct session *a);  /* of the store: grows with each commit that is seen */
void set_time(struct session *a, int64_t t);        /* the window goes with it */
void window_all(struct session *a);                 /* and it stays so */
void follow_newest(struct session *a);              /* T to the newest moment: of the host that is shown, or of all */
int session_look(struct session *a, struct err *e);
int64_t session_seen(const struct session *a);      /* when what is known of the host at T was measured: ages run to that. T: nothing is */
/* The time that T is compared with on all hosts; each of them by what is known of it then, as follows. */
int64_t session_base_time(const struct session *a);
/* What T is compared with: what is pinned, or a while before; where the host was not recorded yet, its first snapshot, if that is
 * older than T. What is known then. */
int session_base(const struct session *a, uint32_t host, struct known *out, struct err *e);
/* Why nothing is known at T, of one host: "no sample at T; last 16:15:41, 9m12s ago", "down since 16:18:42: HTTP 404 (3 of 3)";
 * and of another time than T: "no sample at 16:05:00; …". "" where it is known. Into out, returns out. */
char *unknown_text(const struct session *a, const struct known *k, char *out, size_t n);
const char *unknown_advice(const struct session *a); /* what to do where the chosen host is down; "" nothing */
bool is_looking(const struct session *a);           /* the store is looked at each second */
bool shows_host(const struct session *a);           /* what is on the screen is of the chosen host, not of all */
char *time_text(const struct session *a, char *out, int64_t t, enum time_style style);
/* A time of the window: with month and day where that is a day or longer, "11-23 16:05". */
char *time_in_window(const struct session *a, char *out, int64_t t, enum time_style style);
const char *zone_shown(const struct session *a, char *out, size_t n); /* of the displayed times */
enum key_place key_place_here(const struct session *a); /* whose keys count */
enum view_id view_shown(const struct session *a);   /* the open view, or the one below help and options */
bool is_wide(const struct session *a);
void add_where(const struct session *a, struct buf *out); /* "127.0.0.1:6060 at 16:25:00", and why nothing is known then */

/* --- navigation.c --- */

void go_view(struct session *a, enum view_id v);    /* keeps the way back */
void go_goroutine(struct session *a, uint64_t id);
void go_number(struct session *a, const char *text); /* of a goroutine, or a part of it: to the one, or to a list of all that have it */
bool go_back(struct session *a);                    /* false: there is nothing behind */
void go_ahead(struct session *a);                   /* says so where there is nothing */
void set_mark(struct session *a, int key);
void goto_mark(struct session *a, int key);

/* --- time.c --- */

bool time_act(struct session *a, enum action action);
void goto_time(struct session *a, const char *text);
/* T to this time, and where what is shown is of one host to its sample before that. A sample that is far from it is told. */
void take_sample(struct session *a, int64_t want);
void time_tick(struct session *a, int64_t now);     /* playback and rest, by the monotonic clock */
int64_t time_due(const struct session *a, int64_t now); /* ms until time_tick has work; -1 never */

/* --- settle.c --- */

void settle_moved(struct session *a, enum action action); /* the selection did, perhaps */
/* A key of this row of the table comes, NULL for none: true: what waits must be loaded before it acts. */
bool settle_before(struct session *a, const struct key_row *r);
void settle_painted(struct session *a, int64_t now);  /* the selection is seen from now on */
void settle_tick(struct session *a, int64_t now);
int64_t settle_due(const struct session *a, int64_t now); /* as time_due */

/* --- maps.c: keys as they are for this user --- */

int map_key(struct session *a, const char *key, const char *action, struct err *e);
char *bound_keys(const struct session *a, const struct key_row *row, char *out, size_t n); /* "Enter g", into out */
const struct key_row *bound_row(const struct session *a, enum key_place here, int key);

/* --- state.c: where one was, kept between runs --- */

void state_load(struct session *a);                 /* what is missing or damaged is left out */
int state_save(const struct session *a, struct err *e);
void state_text(const struct session *a, struct buf *b);
void state_apply(struct session *a, const char *text);

#endif
