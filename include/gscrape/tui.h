/* SPDX-License-Identifier: MIT */
/* tui.h: the terminal, and its batch twin. */
#ifndef GSCRAPE_TUI_H
#define GSCRAPE_TUI_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/keys.h>
#include <gscrape/timefmt.h>

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

#define TUI_FILTER_BYTES 255

struct tui_options {
	const char *db;
	const char *view;    /* where to begin: overview, host, goroutine, functions, leaks, locks, help, options, or 1 to 6; NULL: overview */
	const char *host;    /* either spelling; NULL: the first */
	uint64_t id;
	uint32_t epoch;      /* 0: the newest that has the id */
	int64_t at;          /* NO_TIME: the newest snapshot */
	int64_t base;        /* pinned for comparison; NO_TIME: none */
	const char *filter;   /* what & begins with; TUI_FILTER_BYTES at most */
	const char *const *saved; /* "NAME: filter" each, for @NAME */
	size_t n_saved;
	const struct zone *tz; /* of all times; NULL is UTC */
	const char *size;    /* "80x24": --dump only */
	const char *keys;    /* typed before the first frame: "2j]]", with <Enter>, <Left>, <Esc> … */
	const char *glyphs;  /* auto, blocks, ascii; NULL: auto */
	const char *theme;   /* default, light, colorblind, mono; NULL: default */
	const char *source;  /* where sources are, "FROM=TO,FROM=TO"; NULL: where the dump says */
	const char *format;  /* --dump: text, csv, json; NULL: text */
	int color;           /* enum color_when */
	bool live;           /* follow from the start: this process is recording */
	bool closed;         /* nobody can record into this store: it was made of a file or a folder for this run */
	const char *notice;  /* something to tell the user at the start, NULL; in its first line what befell the program, if any */
	uint64_t failed;     /* of a crash that is all there is: the goroutine that it printed first; 0: it is none */
	bool no_state;
	bool mouse, sync, skip_unchanged, two_lines, leaf_first, cursorline, slow_link, screen_reader;
	const struct binding *bindings; /* "map KEY ACTION" of the config file */
	size_t n_bindings;
	const char *config_file;
	const char *page_url;    /* where the page is, with a slash at its end; NULL: 127.0.0.1:8080 */
	const char *leak_ignore; /* the file of what is ignored; NULL: for this run only */
	/* The text of a host's dump of this time, where it still is, into out: arguments are not in the store. False: it is not there.
	 * NULL: nobody can give it. */
	bool (*dump_text)(const void *ctx, const char *host, int64_t time, struct buf *out);
	const void *dump_ctx;
	/* Keep an option in the config file, value NULL: take it out. NULL: options change for this run only. */
	int (*keep)(const char *config_file, const char *name, const char *value, struct err *e);
};

/* Is there a terminal to paint on at all? 0, or -2 with a sentence: asked before anything is made for it. */
int tui_check(struct err *e);

/* Browse until the user quits. 0; -1 with a sentence; -2 with one when it was asked for wrongly: no such view, or no
 * terminal that can be painted on. */
int tui_run(const struct tui_options *o, struct err *e);

/* One view as text, h lines of at most w cells; or the rows of its list as CSV or JSON. With styles, the same again as
 * letters of styles follows. 0, -1 or -2 as above. */
int tui_dump(const struct tui_options *o, bool styles, struct buf *out, struct err *e);

#endif
