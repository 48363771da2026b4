/* SPDX-License-Identifier: MIT */
/*
 * app.h: the program around the session: the views by number, keys and what they do, prompts and commands, the mouse, the ways
 * out (clipboard, files). Few files know it; views do not.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "console.h"
#include "session.h"

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
	bool proposed;     /* the text was, and the first key of a text replaces it */
	char hint[2048];   /* what could be meant: after Tab */
	size_t was_sel;    /* PROMPT_SEARCH, PROMPT_FILTER: where one was, should one leave it */
	char was[256];
	bool was_regex;
};

/* What goes to the file that is asked for. */
enum written { WRITE_VIEW, WRITE_REPORT, WRITE_EXPORT };

struct app {
	struct session s;
	struct prompt prompt;
	char search_fault[512];   /* why the search's regular expression finds nothing; "" it is understood */
	bool quit, suspend, repaint;
	struct cost cost;
	int64_t interrupted;      /* monotonic ms of the last Ctrl-C */
	enum action asked;        /* the action that would end or stop the recording: its key once more does it */
	char *yanked;             /* to be sent to the terminal's clipboard; the loop frees it */
	char *edit;               /* a file that the editor is to open, at this line; the loop frees it */
	uint32_t edit_line;
	enum written written;
	const struct export_format *format; /* WRITE_EXPORT's */
};

/* app.c */
extern const struct view *const all_views[VIEW_MAX];
int app_open(struct app *a, const struct tui_options *o, struct err *e);
void app_close(struct app *a);
int app_load(struct app *a, struct err *e);       /* what the open view shows */
void app_key(struct app *a, int key);
void app_do(struct app *a, enum action action);
enum prompt_kind prompt_of(enum action action);   /* that an action opens; PROMPT_NONE */
void app_answer(struct app *a, enum action then, int key); /* the key that PROMPT_KEY waited for */
int app_refresh(struct app *a);                   /* 1 when something changed */

/* frame.c */
void app_draw(const struct app *a, struct canvas *c);
bool too_small(const struct session *a);          /* nothing is loaded or drawn but a line that says so */

/* prompt.c, prompt_draw.c */
void prompt_open(struct app *a, enum prompt_kind kind, const char *text);
bool prompt_key(struct app *a, int key);          /* false: no prompt is open */
void prompt_paste(struct app *a, int key);        /* of pasted text: into the prompt, or nowhere */
void prompt_accept(struct app *a);
void prompt_draw(const struct app *a, struct canvas *c);

/* command.c: what `:` takes besides the names of actions */
void run_command(struct app *a, const char *text);
/* complete.c: the text as far as there is one way on only, and what could follow */
void complete(struct app *a);

/* find.c: the search in the rows of any view */
void find_as_typed(struct app *a);                /* from where the prompt was opened */
void find_accept(struct app *a, const char *text);
void find_next(struct app *a, int dir);
void select_row(struct app *a, size_t i);

/* mouse.c */
void app_mouse(struct app *a, const struct mouse_event *m);

/* history.c: what was typed at prompts, of all stores */
int history_save(const struct app *a, struct err *e);
void history_load(struct app *a);
void history_release(struct app *a);
void history_add(struct history *h, const char *text);

/* yank.c */
void yank(struct app *a, int what);
char *yank_choices(const struct app *a, char *out, size_t n); /* "i name, t time": what there is to be yanked; into out, returns out */

/* edit.c */
void edit_ask(struct app *a);                     /* the selected row's source */
void edit_now(struct app *a, struct console *t);  /* what was asked for */

/* write.c */
/* The open view as "text", "csv" or "json"; of the screen's size. */
void view_text(const struct app *a, const char *format, struct buf *out);
void write_ask(struct app *a, enum written what); /* where to? */
void write_view(struct app *a, const char *path); /* asks before it overwrites */
void write_over(struct app *a);                   /* the answer was yes */

/* hand_over.c: what a colleague or another tool reads, of what is shown. Append; -1 with a sentence. */
int report_text(const struct app *a, const char *path, struct buf *out, struct err *e);
int export_text(const struct app *a, struct buf *out, struct err *e);

#endif
