/* SPDX-License-Identifier: MIT */
/*
 * keys.h: what can be done at the keyboard: one table, from which the keys, the help screen, the prompt's names, the
 * manual's list and the web page's keys come.
 */
#ifndef GSCRAPE_KEYS_H
#define GSCRAPE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* A `map KEY ACTION` line of the config file. */
struct binding {
	const char *key, *action;
	int line; /* in the file */
};

enum action {
	ACT_NONE,
	ACT_VIEW_1, ACT_VIEW_2, ACT_VIEW_3, ACT_VIEW_4, ACT_VIEW_5, ACT_VIEW_6,
	ACT_HELP, ACT_CLOSE, ACT_BACK, ACT_QUIT, ACT_FORWARD, ACT_CANCEL, ACT_INTERRUPT, ACT_SUSPEND, ACT_REPAINT,
	ACT_RELOAD, ACT_FOLLOW, ACT_COMMAND, ACT_SEARCH, ACT_NEXT_MATCH, ACT_PREV_MATCH, ACT_FILTER, ACT_GOTO_ID,
	ACT_FIND_FUNCTION, ACT_GOTO_TIME, ACT_MARK, ACT_GOTO_MARK, ACT_YANK, ACT_WRITE, ACT_TIMES, ACT_GLYPHS,
	ACT_MOUSE, ACT_OPTIONS, ACT_EDIT,
	ACT_PREV, ACT_NEXT, ACT_PREV_COLUMN, ACT_NEXT_COLUMN, ACT_START, ACT_END, ACT_PREV_CHANGE, ACT_NEXT_CHANGE,
	ACT_PLAY, ACT_SLOWER, ACT_FASTER, ACT_SKIP, ACT_ZOOM_IN, ACT_ZOOM_OUT, ACT_ZOOM_ALL, ACT_PIN, ACT_BASE,
	ACT_DOWN, ACT_UP, ACT_FIRST, ACT_LAST, ACT_HALF_DOWN, ACT_HALF_UP, ACT_PAGE_DOWN, ACT_PAGE_UP,
	ACT_SCROLL_LEFT, ACT_SCROLL_RIGHT, ACT_OPEN, ACT_NEXT_PANE, ACT_PREV_PANE, ACT_SORT, ACT_REVERSE, ACT_TWO_LINES,
	ACT_ZOOM_PANE,
	ACT_GROUP_HOSTS, ACT_ONE_SCALE, ACT_OVERLAY, ACT_ALL_MOVED, ACT_AGAINST_REST,
	ACT_GROUP_BY, ACT_EXPAND, ACT_EXPAND_ALL,
	ACT_PARENT, ACT_CHILDREN, ACT_NEXT_SIBLING, ACT_PREV_SIBLING, ACT_PREV_STATE, ACT_NEXT_STATE, ACT_PREV_CHILD,
	ACT_NEXT_CHILD, ACT_ROOT_FIRST, ACT_WHO_ELSE, ACT_EDIT_FRAME, ACT_EVENTS, ACT_SOURCE, ACT_RAW,
	ACT_CALLERS, ACT_HOSTS, ACT_OWN_CODE,
	ACT_EVIDENCE, ACT_TOGETHER, ACT_IGNORE, ACT_HOLDER,
	ACT_ACCEPT, ACT_ABANDON, ACT_OLDER, ACT_NEWER, ACT_LINE_START, ACT_LINE_END, ACT_ERASE_BEFORE, ACT_ERASE_WORD,
	ACT_ERASE_AFTER, ACT_CURSOR_LEFT, ACT_CURSOR_RIGHT, ACT_ERASE, ACT_DELETE, ACT_COMPLETE, ACT_REGEX, ACT_SCOPE,
	ACT_MAX
};

/* Keys beyond printable ASCII. Control keys are their ASCII codes. */
enum special_key {
	K_UP = 0x110000, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PGUP, K_PGDN, K_SHIFT_LEFT, K_SHIFT_RIGHT, K_BACKTAB,
	K_DELETE, K_F1, K_F3 = K_F1 + 2, K_F4, K_F5, K_F6, K_F10 = K_F1 + 9, K_RESIZE = 0x110100, K_MOUSE, K_NONE,
	K_ESC = 27, K_ENTER = 13, K_TAB = 9, K_BACKSPACE = 127,
};

/* The first three are everywhere but at a prompt, the others in one view each; the last is the prompt alone. */
enum key_place { AT_GLOBAL, AT_TIME, AT_LIST, AT_OVERVIEW, AT_HOST, AT_GOROUTINE, AT_FUNCTIONS, AT_LEAKS, AT_LOCKS, AT_PROMPT, AT_PLACES };
const char *key_place_name(enum key_place p);

struct key_row {
	enum action action;
	enum key_place place;
	const char *name;  /* as `:` and the config file know it */
	const char *help;
	int keys[4];       /* 0 ends */
};

extern const struct key_row key_table[];
extern const size_t key_table_n;

/* Does a row of this place count where one is? */
bool key_place_counts(enum key_place row, enum key_place here);
/* The row of a key where one is, of an action, or by name; NULL when there is none. */
const struct key_row *key_row_at(enum key_place here, int key);
const struct key_row *key_row_of(enum action a);
const struct key_row *key_row_named(const char *name);
/* "Ctrl-D", "Left", "Space", "q": into out, returns out. And back: -1 when it is no key's name. */
char *key_label(char *out, size_t n, int key);
int key_parse(const char *name);

#endif
