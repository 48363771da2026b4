/* SPDX-License-Identifier: MIT */
/*
 * console.h: the terminal. The only home of ncurses: it gets a canvas, and sends what differs from the last one in exactly
 * one write; it gives keys. Whatever way the program ends, the terminal is put back as it was.
 */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include "canvas.h"
#include "glyphs.h"
#include <gscrape/err.h>
#include <gscrape/tui.h>

struct console;

/* How it paints and what it reports; may change from frame to frame. */
struct console_modes {
	const char *theme;
	bool mouse; /* clicks and the wheel come as K_MOUSE */
	bool sync;  /* frames as synchronized output */
};

struct mouse_event {
	int y, x;
	enum mouse_kind { MOUSE_CLICK, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN } kind;
};

/* What painting cost: bytes and write(2) calls of the frames sent. */
struct cost {
	uint64_t frames, bytes, writes, last;
};

/* 0; -2 with a sentence when there is no terminal that can be painted on. */
int console_open(struct console **out, const struct tui_options *o, struct err *e);
void console_close(struct console *t);
/* Block or text glyphs only where they will be seen as such. */
enum glyph_tier console_tier(const struct console *t);
bool console_utf8(const struct console *t); /* more than ASCII can be shown at all */
const char *console_notice(const struct console *t);  /* something to tell the user once, or NULL */
bool console_light(void); /* the terminal says that its background is light */
/* What a theme paints a style with where there are 256 colours; -1: the terminal's own. No STYLE_FILL. */
short console_color(const char *theme, bool light, int style); /* light: the background is, by console_light */
bool console_colored(const struct console *t); /* styles have colours now */
void console_size(struct console *t, int *w, int *h);
void console_set(struct console *t, const struct console_modes *m);
void console_show(struct console *t, const struct canvas *c, bool whole);
void console_cost(const struct console *t, struct cost *out); /* of all frames so far */
/* The next key that is there already, 0 none, K_NONE one that means nothing, K_RESIZE, K_MOUSE: console_mouse tells where; false: nothing of use. */
int console_key(struct console *t);
bool console_pasting(const struct console *t); /* the key is text that is pasted */
bool console_mouse(struct console *t, struct mouse_event *out);
int console_fd(const struct console *t);
/* Until somebody lets the program go on; `last` is left on the terminal meanwhile. */
void console_suspend(struct console *t, const char *last);
/* The terminal is another program's, until it is taken back; the screen is to be painted whole then. */
void console_lend(struct console *t);
void console_take_back(struct console *t);
/* Was the program stopped and is it going on? Once each time; the screen is to be painted whole. */
bool console_resumed(struct console *t);
/* Somebody else asked for a stop (SIGTSTP). Once each time. */
bool console_stop_asked(struct console *t);
/* Bytes as they are: a clipboard's escape sequence. */
void console_raw(struct console *t, const char *p, size_t n);
/* A signal that asks to end came (SIGTERM, SIGHUP, SIGINT): its number, else 0. */
int console_signal(const struct console *t);

#endif
