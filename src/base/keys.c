/* SPDX-License-Identifier: MIT */
#include <gscrape/keys.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CTRL(c) ((c) & 0x1f)

static const char *const places[AT_PLACES] = {"EVERYWHERE", "TIME CURSOR T", "ROWS AND PANES", "OVERVIEW", "HOST", "GOROUTINE VIEWER",
					      "FUNCTIONS", "LEAKS", "LOCKS", "AT A PROMPT"};

const char *key_place_name(enum key_place p)
{
	return places[p];
}

/* Deliberate: Space plays (it does not page), ? is help, digits are views, b pages up as in less. */
const struct key_row key_table[] = {
	{ACT_VIEW_1, AT_GLOBAL, "overview", "view 1: all hosts", {'1'}},
	{ACT_VIEW_2, AT_GLOBAL, "host", "view 2: one host's groups", {'2'}},
	{ACT_VIEW_3, AT_GLOBAL, "goroutine", "view 3: one goroutine", {'3'}},
	{ACT_VIEW_4, AT_GLOBAL, "functions", "view 4: functions", {'4'}},
	{ACT_VIEW_5, AT_GLOBAL, "leaks", "view 5: leak suspects", {'5'}},
	{ACT_VIEW_6, AT_GLOBAL, "locks", "view 6: what is waited for, and who holds it", {'6'}},
	{ACT_HELP, AT_GLOBAL, "help", "help for this screen; again: all keys", {'?', K_F1}},
	{ACT_CLOSE, AT_GLOBAL, "close", "back; at the first view: quit", {'q'}},
	{ACT_BACK, AT_GLOBAL, "back", "back; never quits", {K_BACKSPACE}},
	{ACT_QUIT, AT_GLOBAL, "quit", "quit now", {'Q', K_F10}},
	{ACT_FORWARD, AT_GLOBAL, "forward", "the view that q closed, again", {'a'}},
	{ACT_CANCEL, AT_GLOBAL, "cancel", "cancel prompt, filter, playback", {K_ESC}},
	{ACT_INTERRUPT, AT_GLOBAL, "interrupt", "stop playback; twice: quit", {CTRL('C')}},
	{ACT_SUSPEND, AT_GLOBAL, "suspend", "suspend", {CTRL('Z')}},
	{ACT_REPAINT, AT_GLOBAL, "repaint", "paint the whole screen again", {CTRL('L')}},
	{ACT_RELOAD, AT_GLOBAL, "reload", "look at the store again", {'R', K_F5}},
	{ACT_FOLLOW, AT_GLOBAL, "follow", "follow live data on/off", {'F'}},
	{ACT_COMMAND, AT_GLOBAL, "command", "run an action by name", {':'}},
	{ACT_SEARCH, AT_GLOBAL, "search", "search in this list as you type; Ctrl-R: regex", {'/', K_F3}},
	{ACT_NEXT_MATCH, AT_GLOBAL, "next-match", "next match", {'n'}},
	{ACT_PREV_MATCH, AT_GLOBAL, "prev-match", "previous match", {'N'}},
	{ACT_FILTER, AT_GLOBAL, "filter", "show matching rows only; !word excludes; empty clears", {'&', K_F4, '\\'}},
	{ACT_GOTO_ID, AT_GLOBAL, "goto-id", "go to a goroutine by its number or a part of it", {'#'}},
	{ACT_FIND_FUNCTION, AT_GLOBAL, "find-function", "find a function, or server.go:88 (view 4)", {'f'}},
	{ACT_GOTO_TIME, AT_GLOBAL, "goto-time", "go to a time: 15:56, -10m, +1h, 50%, end", {'t'}},
	{ACT_MARK, AT_GLOBAL, "mark", "set mark a-z: host, goroutine, time", {'m'}},
	{ACT_GOTO_MARK, AT_GLOBAL, "goto-mark", "go to a mark; '' = where I was", {'\''}},
	{ACT_YANK, AT_GLOBAL, "yank", "yank: i id, s stack, f file:line, t time, u URL, c command", {'y'}},
	{ACT_WRITE, AT_GLOBAL, "write", "write this view: text, .csv or .json", {'W'}},
	{ACT_TIMES, AT_GLOBAL, "times", "times: UTC, local, since the start", {'T'}},
	{ACT_GLYPHS, AT_GLOBAL, "glyphs", "glyphs: auto, blocks, ascii", {'~'}},
	{ACT_MOUSE, AT_GLOBAL, "mouse", "mouse on/off", {'M'}},
	{ACT_OPTIONS, AT_GLOBAL, "options", "options, kept in the config file", {'o'}},
	{ACT_EDIT, AT_GLOBAL, "edit", "open file:line in $EDITOR", {'V'}},
	{ACT_PREV, AT_TIME, "prev", "one sample back", {'h', K_LEFT}},
	{ACT_NEXT, AT_TIME, "next", "one sample forward", {'l', K_RIGHT}},
	{ACT_PREV_COLUMN, AT_TIME, "prev-column", "one chart column back", {','}},
	{ACT_NEXT_COLUMN, AT_TIME, "next-column", "one chart column forward", {'.'}},
	{ACT_START, AT_TIME, "start", "to the window's start", {'0', '^'}},
	{ACT_END, AT_TIME, "end", "to the window's end", {'$'}},
	{ACT_PREV_CHANGE, AT_TIME, "prev-change", "previous change (stack; elsewhere: big step)", {'['}},
	{ACT_NEXT_CHANGE, AT_TIME, "next-change", "next change", {']'}},
	{ACT_PLAY, AT_TIME, "play", "play / pause", {' '}},
	{ACT_SLOWER, AT_TIME, "slower", "slower, down to 0.5x", {'<'}},
	{ACT_FASTER, AT_TIME, "faster", "faster, up to 10x", {'>'}},
	{ACT_SKIP, AT_TIME, "skip", "playback skips unchanged samples on/off", {'u'}},
	{ACT_ZOOM_IN, AT_TIME, "zoom-in", "zoom in around T", {'z', '+', '='}},
	{ACT_ZOOM_OUT, AT_TIME, "zoom-out", "zoom out", {'Z', '-'}},
	{ACT_ZOOM_ALL, AT_TIME, "zoom-all", "zoom to everything", {'|'}},
	{ACT_PIN, AT_TIME, "pin", "pin T as the comparison base; again: unpin", {'x'}},
	{ACT_BASE, AT_TIME, "base", "compare with: previous sample / pinned", {'d'}},
	{ACT_DOWN, AT_LIST, "down", "row down", {'j', K_DOWN}},
	{ACT_UP, AT_LIST, "up", "row up", {'k', K_UP}},
	{ACT_FIRST, AT_LIST, "first", "first row", {'g', K_HOME}},
	{ACT_LAST, AT_LIST, "last", "last row", {'G', K_END}},
	{ACT_HALF_DOWN, AT_LIST, "half-down", "half page down", {CTRL('D')}},
	{ACT_HALF_UP, AT_LIST, "half-up", "half page up", {CTRL('U')}},
	{ACT_PAGE_DOWN, AT_LIST, "page-down", "page down (Space is play)", {CTRL('F'), K_PGDN}},
	{ACT_PAGE_UP, AT_LIST, "page-up", "page up", {CTRL('B'), K_PGUP, 'b'}},
	{ACT_SCROLL_LEFT, AT_LIST, "scroll-left", "scroll text left", {'H', K_SHIFT_LEFT}},
	{ACT_SCROLL_RIGHT, AT_LIST, "scroll-right", "scroll text right", {'L', K_SHIFT_RIGHT}},
	{ACT_OPEN, AT_LIST, "open", "open the row", {K_ENTER}},
	{ACT_NEXT_PANE, AT_LIST, "next-pane", "next pane", {K_TAB}},
	{ACT_PREV_PANE, AT_LIST, "prev-pane", "previous pane", {K_BACKTAB}},
	{ACT_SORT, AT_LIST, "sort", "next sort column", {'s', K_F6}},
	{ACT_REVERSE, AT_LIST, "reverse", "reverse the sort", {'S', 'I'}},
	{ACT_TWO_LINES, AT_LIST, "two-lines", "two lines a row, with whole names and paths, on/off", {'w'}},
	{ACT_ZOOM_PANE, AT_LIST, "zoom-pane", "this pane on the whole screen on/off", {'O'}},
	{ACT_GROUP_HOSTS, AT_OVERVIEW, "by-label", "hosts by a label, the next one; none", {'v'}},
	{ACT_ONE_SCALE, AT_OVERVIEW, "one-scale", "all on one scale / each its own", {'c'}},
	{ACT_OVERLAY, AT_OVERVIEW, "overlay", "lay this host over other charts", {'C'}},
	{ACT_ALL_MOVED, AT_OVERVIEW, "all-moved", "what moved: all hosts / this one", {'A'}},
	{ACT_AGAINST_REST, AT_OVERVIEW, "against-rest", "this group against the rest; next", {'r'}},
	{ACT_GROUP_BY, AT_HOST, "group-by", "group by: created-by, top, stack, state, none", {'v'}},
	{ACT_EXPAND, AT_HOST, "expand", "expand / collapse the group", {'e'}},
	{ACT_EXPAND_ALL, AT_HOST, "expand-all", "expand / collapse all", {'E'}},
	{ACT_PARENT, AT_GOROUTINE, "parent", "open the parent", {'p'}},
	{ACT_CHILDREN, AT_GOROUTINE, "children", "children pane on/off", {'c'}},
	{ACT_NEXT_SIBLING, AT_GOROUTINE, "next-sibling", "next sibling", {'J'}},
	{ACT_PREV_SIBLING, AT_GOROUTINE, "prev-sibling", "previous sibling", {'K'}},
	{ACT_PREV_STATE, AT_GOROUTINE, "prev-state", "previous state change", {'{'}},
	{ACT_NEXT_STATE, AT_GOROUTINE, "next-state", "next state change", {'}'}},
	{ACT_PREV_CHILD, AT_GOROUTINE, "prev-child", "previous child start or end", {'('}},
	{ACT_NEXT_CHILD, AT_GOROUTINE, "next-child", "next child start or end", {')'}},
	{ACT_ROOT_FIRST, AT_GOROUTINE, "root-first", "root first / leaf first", {'r'}},
	{ACT_EDIT_FRAME, AT_GOROUTINE, "edit-frame", "open the frame in $EDITOR", {'e'}},
	{ACT_EVENTS, AT_GOROUTINE, "events", "its events on/off", {'E'}},
	{ACT_SOURCE, AT_GOROUTINE, "source", "source around the frame", {'v'}},
	{ACT_RAW, AT_GOROUTINE, "raw", "its text in the dump at T, arguments and all", {'i'}},
	{ACT_WHO_ELSE, AT_GOROUTINE, "who-else", "who else is on this stack", {'A'}},
	{ACT_CALLERS, AT_FUNCTIONS, "callers", "callers of the function on/off", {'e'}},
	{ACT_OWN_CODE, AT_FUNCTIONS, "own-code", "hide / show runtime and standard library", {'r'}},
	{ACT_HOSTS, AT_FUNCTIONS, "hosts", "of all hosts / of this host", {CTRL('T')}},
	{ACT_EVIDENCE, AT_LEAKS, "evidence", "the evidence on/off", {'e'}},
	{ACT_TOGETHER, AT_LEAKS, "together", "hosts by a label together; next", {'v'}},
	{ACT_IGNORE, AT_LEAKS, "ignore", "ignore this creation site", {'i'}},
	{ACT_HOLDER, AT_LOCKS, "holder", "open who seems to hold it", {'p'}},
	{ACT_ACCEPT, AT_PROMPT, "accept", "accept", {K_ENTER, CTRL('J')}},
	{ACT_ABANDON, AT_PROMPT, "abandon", "leave the prompt", {K_ESC, CTRL('G'), CTRL('C')}},
	{ACT_OLDER, AT_PROMPT, "older", "what was typed before; functions: row up", {K_UP, CTRL('P')}},
	{ACT_NEWER, AT_PROMPT, "newer", "what was typed after; functions: row down", {K_DOWN, CTRL('N')}},
	{ACT_LINE_START, AT_PROMPT, "line-start", "start of the line", {CTRL('A'), K_HOME}},
	{ACT_LINE_END, AT_PROMPT, "line-end", "end of the line", {CTRL('E'), K_END}},
	{ACT_ERASE_BEFORE, AT_PROMPT, "erase-before", "erase up to the start", {CTRL('U')}},
	{ACT_ERASE_WORD, AT_PROMPT, "erase-word", "erase a word", {CTRL('W')}},
	{ACT_ERASE_AFTER, AT_PROMPT, "erase-after", "erase up to the end", {CTRL('K')}},
	{ACT_CURSOR_LEFT, AT_PROMPT, "cursor-left", "left", {K_LEFT, CTRL('B')}},
	{ACT_CURSOR_RIGHT, AT_PROMPT, "cursor-right", "right", {K_RIGHT, CTRL('F')}},
	{ACT_ERASE, AT_PROMPT, "erase", "erase a character; nothing there: leave", {K_BACKSPACE, CTRL('H')}},
	{ACT_DELETE, AT_PROMPT, "delete", "erase the character at the cursor", {K_DELETE, CTRL('D')}},
	{ACT_COMPLETE, AT_PROMPT, "complete", "complete", {K_TAB}},
	{ACT_REGEX, AT_PROMPT, "regex", "regular expression on/off", {CTRL('R')}},
	{ACT_SCOPE, AT_PROMPT, "scope", "functions: all hosts / this host", {CTRL('T')}},
};

const size_t key_table_n = sizeof key_table / sizeof *key_table;

static const struct {
	int key;
	const char *name;
} names[] = {
	{K_UP, "Up"},		{K_DOWN, "Down"},	    {K_LEFT, "Left"},		  {K_RIGHT, "Right"},
	{K_HOME, "Home"},	{K_END, "End"},		    {K_PGUP, "PgUp"},		  {K_PGDN, "PgDn"},
	{K_BACKTAB, "Shift-Tab"}, {K_SHIFT_LEFT, "Shift-Left"}, {K_SHIFT_RIGHT, "Shift-Right"}, {K_DELETE, "Delete"},
	{K_ESC, "Esc"},		{K_ENTER, "Enter"},	    {K_TAB, "Tab"},		  {K_BACKSPACE, "Backspace"},
	{' ', "Space"},		{'<', "lt"},
};

bool key_place_counts(enum key_place row, enum key_place here)
{
	return row == here || (row <= AT_LIST && here != AT_PROMPT);
}

const struct key_row *key_row_at(enum key_place here, int key)
{
	for (size_t i = 0; i < key_table_n; i++)
		for (size_t k = 0; key_place_counts(key_table[i].place, here) && k < 4 && key_table[i].keys[k]; k++)
			if (key_table[i].keys[k] == key)
				return &key_table[i];
	return NULL;
}

const struct key_row *key_row_of(enum action a)
{
	for (size_t i = 0; i < key_table_n; i++)
		if (key_table[i].action == a)
			return &key_table[i];
	return NULL;
}

const struct key_row *key_row_named(const char *name)
{
	for (size_t i = 0; i < key_table_n; i++)
		if (strcmp(key_table[i].name, name) == 0)
			return &key_table[i];
	return NULL;
}

char *key_label(char *out, size_t n, int key)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (names[i].key == key && key != '<') {
			snprintf(out, n, "%s", names[i].name);
			return out;
		}
	}
	if (key >= K_F1 && key <= K_F10)
		snprintf(out, n, "F%d", key - K_F1 + 1);
	else if (key < 0x20)
		snprintf(out, n, "Ctrl-%c", key + 0x40);
	else
		snprintf(out, n, "%c", key);
	return out;
}

int key_parse(const char *name)
{
	int f;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(names[i].name, name) == 0)
			return names[i].key;
	if (strncasecmp(name, "Ctrl-", 5) == 0 && name[5] >= '@' && name[5] < 0x7f && !name[6])
		return CTRL(name[5]);
	if (name[0] == 'F' && sscanf(name + 1, "%d", &f) == 1 && f >= 1 && f <= 10)
		return K_F1 + f - 1;
	return name[0] > ' ' && name[0] < 0x7f && !name[1] ? name[0] : -1;
}
