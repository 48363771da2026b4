/* SPDX-License-Identifier: MIT */
/*
 * app.h: the state of the terminal program. One time cursor T and one window for all views; a view loads what it shows
 * into its own model, then draws it. Loading may ask the query room; drawing may not.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "canvas.h"
#include "glyphs.h"
#include "match.h"
#include "models.h"
#include "sheet.h"
#include <gscrape/keys.h>
#include <gscrape/tui.h>

enum view_id { VIEW_OVERVIEW, VIEW_HOST, VIEW_GOROUTINE, VIEW_FUNCTIONS, VIEW_LEAKS, VIEW_HELP, VIEW_OPTIONS, VIEW_MAX };

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
	char filter[256];
};

enum prompt_kind {
	PROMPT_NONE, PROMPT_COMMAND, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_ID, PROMPT_TIME, PROMPT_FUNCTION, PROMPT_FILE,
	PROMPT_KEY, /* one key, for `then` */
	PROMPT_MAX
};

struct history { /* of one kind of prompt, oldest first */
	char *text[50];
	size_t n;
};

struct prompt {
	enum prompt_kind kind;
	enum action then;  /* PROMPT_KEY: the action that waits for one more key */
	char text[256];
	size_t n, at;
	struct history history[PROMPT_MAX];
	size_t back;
	char hint[256];    /* what could be meant: after Tab */
	size_t was_sel;    /* PROMPT_SEARCH, PROMPT_FILTER: where one was, should one leave it */
	char was[256];
	bool was_regex;
};

/* A key that the user bound, to a row of the key table. */
struct map {
	int key;
	const struct key_row *row;
};

/* What painting cost: bytes and write(2) calls of the frames sent. */
struct cost {
	uint64_t frames, bytes, writes, last;
};

struct app {
	const struct tui_options *o;
	struct query *q;
	int w, h;
	enum glyph_tier tier;
	enum glyph_tier auto_tier; /* what the terminal can show by itself */
	bool utf8;                /* and whether it can show more than ASCII at all */
	const char *glyphs, *theme;
	const char *zone;         /* of displayed times: "UTC", a name, NULL local */
	char zone_text[64];       /* holds it when it was typed here */
	bool since_start;         /* times count from the first snapshot */
	int64_t start;            /* that one */
	enum view_id view;
	struct visit *back, *ahead;
	size_t n_back, cap_back, n_ahead, cap_ahead;

	int64_t t, from, to;      /* the cursor and the window */
	uint32_t host;            /* 0: the store has none */
	uint32_t epoch;
	uint64_t id;              /* goroutine, 0 none chosen yet */
	int64_t pin;              /* NO_TIME: none */
	bool use_pin;

	bool playing, skip, follow;
	int speed;                /* index into play_speeds */
	int64_t play_since;       /* monotonic ms at which play_seq was shown */
	uint32_t play_seq;

	char filter[256], search[256];
	bool filter_regex, search_regex;
	struct matcher *matcher;  /* of the filter */
	size_t found, found_at;   /* rows that match the search, and which of them is selected; 0: none */
	struct place marks[27];
	bool marked[27];
	struct prompt prompt;
	char message[512];
	bool message_is_error;
	bool quit, suspend, repaint;
	bool patient;             /* somebody watches: what is of the selected row waits until the selection rests */
	bool moving;              /* it waits: still of the row before */
	int64_t rest_at;          /* monotonic ms at which the selection has rested; 0: not painted yet */
	bool two_lines;
	bool colored;             /* the terminal shows the colours of styles */
	bool mouse, sync, slow_link, cursorline, screen_reader;
	struct map *maps;
	size_t n_maps, cap_maps;
	struct cost cost;
	enum view_id below;       /* the view that help or the options stand over */
	bool zoomed;              /* the pane that has the keys takes the whole screen */
	int scroll;
	int64_t interrupted;      /* monotonic ms of the last Ctrl-C */
	char *yanked;             /* to be sent to the terminal's clipboard; the loop frees it */

	struct overview over;
	struct host_view hostv;
	struct goroutine_view gor;
	struct function_view func;
	struct leak_view leaks;
	struct help_view help;
	struct list options;
};

struct view {
	const char *name, *tab, *wide_tab;
	int (*load)(struct app *a, struct err *e);
	void (*draw)(const struct app *a, struct canvas *c, struct list *rows);
	bool (*act)(struct app *a, enum action action); /* false: not this view's */
	struct list *(*list)(struct app *a);            /* that the row keys move */
	bool follows;                                   /* other panes are of the selected row, and wait while it moves */
	const char *hints, *wide_hints;
};

extern const struct view overview_view, host_view_ops, goroutine_view_ops, function_view_ops, leak_view_ops, help_view_ops,
	option_view_ops;
const struct view *view_of(enum view_id v);

extern const int play_speeds[5]; /* ms per sample */

/* Does a line of a list pass the filter? */
static inline bool passes_filter(const struct app *a, const char *line)
{
	return matcher_matches(a->matcher, line);
}

/* app.c */
int app_open(struct app *a, const struct tui_options *o, struct err *e);
void app_close(struct app *a);
int app_load(struct app *a, struct err *e);       /* what the open view shows */
void app_draw(struct app *a, struct canvas *c);
void app_key(struct app *a, int key);
void app_do(struct app *a, enum action action);
enum prompt_kind prompt_of(enum action action);   /* that an action opens; PROMPT_NONE */
void app_answer(struct app *a, enum action then, int key); /* the key that PROMPT_KEY waited for */
void app_say(struct app *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_error(struct app *a, const char *text);
void app_go(struct app *a, enum view_id v);       /* keeps the way back */
void app_set_time(struct app *a, int64_t t);
void app_open_goroutine(struct app *a, uint64_t id);
int app_refresh(struct app *a);                   /* 1 when something changed */
void app_tick(struct app *a, int64_t now);        /* playback and rest, by the monotonic clock */
int64_t app_due(const struct app *a, int64_t now);/* ms until app_tick has work; -1 never */
const struct host *app_host(const struct app *a);
const struct host *host_of(const struct app *a, uint32_t id); /* NULL: none */
const char *host_name(const struct app *a, uint32_t id); /* "": none */
enum key_place app_place(const struct app *a);    /* whose keys count */
enum view_id app_view(const struct app *a);       /* the open view, or the one below help and options */
char *app_time(const struct app *a, char *out, int64_t t, enum time_style style);

/* view_leaks.c */
void leak_view_release(struct leak_view *l);
const struct suspect *leak_selected(const struct app *a); /* NULL: none */
/* The suspects, for other views: found where that costs no more than a few ms, or was paid for already. */
int leak_marks(struct app *a, struct err *e);
bool host_is_suspect(const struct app *a, uint32_t host); /* one at least is worth a look */

/* A host that went by retention must not stay chosen. */
void choose_host(struct app *a);

/* places.c */
bool go_back(struct app *a);                      /* false: there is nothing behind */
void go_ahead(struct app *a);
void set_mark(struct app *a, int key);
void goto_mark(struct app *a, int key);

/* time.c */
bool time_act(struct app *a, enum action action);
void window_all(struct app *a);
void goto_time(struct app *a, const char *text);

/* rest.c */
void rest_moved(struct app *a, enum action action); /* the selection did, perhaps */
bool rest_before(struct app *a, int key);         /* true: what waits must be loaded before this key acts */
void rest_painted(struct app *a, int64_t now);    /* the selection is seen from now on */
void rest_tick(struct app *a, int64_t now);
int64_t rest_due(const struct app *a, int64_t now); /* as app_due */

/* prompt.c */
void prompt_open(struct app *a, enum prompt_kind kind, const char *text);
bool prompt_key(struct app *a, int key);          /* false: no prompt is open */
void prompt_draw(const struct app *a, struct canvas *c);
void prompt_put(struct prompt *p, const char *text);
void prompt_accept(struct app *a);

/* command.c: what `:` takes besides the names of actions */
void run_command(struct app *a, const char *text);
int map_key(struct app *a, const char *key, const char *action, struct err *e);
/* complete.c: the text as far as there is one way on only, and what could follow */
void complete(struct app *a);

/* keys and maps, as they are for this user: "Enter g", into out */
char *app_keys_of(const struct app *a, const struct key_row *row, char *out, size_t n);
const struct key_row *app_key_row(const struct app *a, enum key_place here, int key);

/* find.c: the search in the rows of any view */
void find_as_typed(struct app *a);                /* from where the prompt was opened */
void find_accept(struct app *a, const char *text);
void find_next(struct app *a, int dir);
void select_row(struct app *a, size_t i);

/* settings.c: what can be set while it runs */
struct setting {
	const char *name, *help;
	const char *const *values;                /* to choose from, ends with NULL; NULL: yes or no, or any text */
	size_t at;                                /* yes or no: a bool of struct app */
	const char *(*get)(const struct app *a);
	int (*set)(struct app *a, const char *value, struct err *e);
};
extern const struct setting settings[];
extern const size_t settings_n;
const struct setting *setting_named(const char *name);
const char *setting_value(const struct app *a, const struct setting *s);
void setting_change(struct app *a, const struct setting *s, const char *value); /* acts at once, and is kept */
void setting_next(struct app *a, const struct setting *s);
int app_glyphs(struct app *a, const char *name, struct err *e); /* auto, blocks, braille, ascii */

/* mouse.c */
struct mouse_event {
	int y, x;
	enum mouse_kind { MOUSE_CLICK, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN } kind;
};
void app_mouse(struct app *a, const struct mouse_event *m);
void draw_cursorline(const struct app *a, struct canvas *c);

/* sheets.c: the list that the row keys move, as a table with the list's rows; false where the view has none */
bool view_sheet(const struct app *a, struct sheet *s);

const struct key_row *help_row(const struct app *a, size_t i); /* view_help.c: the i-th row of help, NULL behind the last */

/* plain.c: a view for a screen reader; false where it has nothing to say */
bool draw_plain(const struct app *a, struct canvas *c, struct list *rows);

/* mix.c: the selected host's states over time, under the overview's chart, whose columns it shares */
int load_mix(struct app *a, struct err *e);
void draw_mix(const struct app *a, struct canvas *c, int y, int rows);

/* view_functions.c */
void functions_next_scope(struct app *a);         /* any frame, leaf only, created-by */

/* list.c */
bool list_act(struct list *l, enum action action);
void list_clamp(struct list *l, size_t n);
void list_show(struct list *l, int rows);         /* scroll so that the selected row is seen */

/* chrome.c */
void draw_title(const struct app *a, struct canvas *c);
void draw_hints(const struct app *a, struct canvas *c);
void draw_rule(const struct app *a, struct canvas *c, int y, const char *left, const char *right);
/* The row that Enter opens: a ">" at x, width cells marked, and the terminal's cursor rests on it. */
void draw_selected(struct canvas *c, int y, int x, int width);
bool is_wide(const struct app *a);
const char *zone_name(const struct app *a, char *out, size_t n); /* of the displayed times */
char *number(char *out, int64_t n);               /* 12,345; "-" when negative */
/* "  & pgx  12 of 214" while something is filtered, else "": into out[320], returns out. */
char *filter_note(const struct app *a, char *out, size_t shown, size_t all);

/* chart.c */
void draw_spark(const struct app *a, struct canvas *c, int y, int x, const struct bucket *b, int w, uint32_t max);
void draw_chart(const struct app *a, struct canvas *c, int y, int x, int w, int h, const struct bucket *b, uint32_t max);
/* The time axis: a line with ticks and the mark of T, then times under it. Two rows. */
void draw_axis(const struct app *a, struct canvas *c, int y, int x, int w);
/* How many were alive per column, from zero; where the pieces have a gap, the mark of a gap. */
void draw_activity(const struct app *a, struct canvas *c, int y, int x, const uint32_t *alive, const struct bucket *pieces, int w, uint32_t max);
/* Alive from..to: filled, or nothing. */
void draw_life(const struct app *a, struct canvas *c, int y, int x, const struct bucket *pieces, int w, int64_t from, int64_t to);
/* The column of T in a lane of w cells; -1 when it is outside the window. */
int column_of(const struct app *a, int64_t t, int w);

/* state.c: where one was, kept between runs */
void state_load(struct app *a);                   /* what is missing or damaged is left out */
int state_save(const struct app *a, struct err *e);
void state_text(const struct app *a, struct buf *b);
void state_apply(struct app *a, const char *text);

int history_save(const struct app *a, struct err *e); /* what was typed at prompts, of all stores */
void history_load(struct app *a);
void history_release(struct app *a);
void history_add(struct history *h, const char *text);

/* yank.c */
void yank(struct app *a, int what);

/* write.c */
/* The open view as "text", "csv" or "json"; of the screen's size. */
void view_text(struct app *a, const char *format, struct buf *out);
void write_ask(struct app *a);                    /* where to? */
void write_view(struct app *a, const char *path); /* asks before it overwrites */
void write_over(struct app *a);                   /* the answer was yes */

#endif
