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

/* 0; -2 with a sentence when there is no terminal that can be painted on. */
int console_open(struct console **out, const struct tui_options *o, struct err *e);
void console_close(struct console *t);
/* Block or text glyphs only where they will be seen as such. */
enum glyph_tier console_tier(const struct console *t);
const char *console_notice(const struct console *t);  /* something to tell the user once, or NULL */
void console_size(struct console *t, int *w, int *h);
void console_show(struct console *t, const struct canvas *c, bool whole);
/* The next key that is there already, 0 none, K_RESIZE. */
int console_key(struct console *t);
int console_fd(const struct console *t);
void console_suspend(struct console *t);
/* Bytes as they are: a clipboard's escape sequence. */
void console_raw(struct console *t, const char *p, size_t n);
/* A signal that asks to end came (SIGTERM, SIGHUP, SIGINT): its number, else 0. */
int console_signal(const struct console *t);

#endif
