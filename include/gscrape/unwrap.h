/* SPDX-License-Identifier: MIT */
/*
 * unwrap.h: any text that a person hands over, to the plain dump that is in it.
 *
 * A log, a paste, a page that was saved: dumps reach people with a prefix before each line, inside JSON strings, with
 * colour codes, as UTF-16, with the indentation lost. This front end undoes that and lets through what dump_next() and
 * grouped_next() read: goroutines without anything around them. It is fed in pieces of any size, keeps one line at a time
 * (and of a longer one, 4 MiB), and looks closely only near a header: the rest of a log costs a search for a word.
 *
 * A scrape never comes here: what a target answers is read as it is.
 */
#ifndef GSCRAPE_UNWRAP_H
#define GSCRAPE_UNWRAP_H

#include <gscrape/dump.h>
#include <gscrape/zone.h>

enum unwrap_undone {
	UNWRAP_UTF16 = 1,     /* was UTF-16 */
	UNWRAP_BYTES = 2,     /* byte order mark, no-break blanks, control characters */
	UNWRAP_COLOURS = 4,   /* terminal's codes */
	UNWRAP_ENDS = 8,      /* lines ended by a lone CR, or several */
	UNWRAP_STRINGS = 16,  /* out of JSON, logfmt or another quoted string */
	UNWRAP_ESCAPES = 32,  /* \n or #012 where a line ended */
	UNWRAP_HTML = 64,     /* tags and entities */
	UNWRAP_SUFFIX = 128,  /* the same words behind each line */
	UNWRAP_INDENT = 256,  /* file lines without their tab */
	UNWRAP_BLANKS = 512,  /* empty lines within a block */
	UNWRAP_BETWEEN = 1024,/* lines of a log within a block */
	UNWRAP_PIECES = 2048, /* lines that a runtime cut in pieces */
	UNWRAP_FRAMED = 4096, /* docker's stream of several */
	UNWRAP_NEWEST = 8192, /* the newest line stood first */
	UNWRAP_CAST = 32768,     /* out of a terminal's recording */
	UNWRAP_MAIL = 65536,     /* out of a mail's encoding */
	UNWRAP_EMPHASIS = 16384, /* words of a header were bold */
};

/* A stretch of the text that is of one moment. A goroutine that comes twice in it was printed twice by one crash: its first
 * stack counts. Several that come again, or another panic's words or another time before one that does, are the next moment. */
struct unwrap_moment {
	size_t at;     /* offset into the text */
	int64_t time;  /* ms UTC, as a line of the log says; NO_TIME when none does */
	const char *origin; /* which of several services of the log wrote it, as the log calls it; NULL: it names none, or one */
};

struct unwrapped {
	struct buf text;    /* goroutines, as debug=2 writes them; empty: there are none */
	struct buf grouped; /* where text is empty: a grouped profile, as debug=1 writes it */
	struct buf notes;   /* what the runtime said before the first goroutine: "panic: …", a signal; a line each */
	struct unwrap_moment *moments; /* of text */
	size_t n_moments;
	char **origins;     /* what moments point to */
	size_t n_origins;
	unsigned undone;    /* enum unwrap_undone */
	size_t columns;     /* length of the prefix that was cut, 0 none */
	uint64_t prefixed;  /* lines it was cut from */
	uint64_t skipped;   /* lines that belong to no goroutine */
	bool cut;           /* the text ends within a goroutine */
	bool too_much;      /* more goroutines than FILE_MAX bytes hold: the rest is left out */
	enum dump_kind kind;/* DUMP_GOROUTINES, DUMP_DEBUG1, or what else it seems to be */
};

struct unwrap;

/* zone: of times in a log that name none, as in time_parse(); it must outlive the walk. */
struct unwrap *unwrap_new(const struct zone *zone);
void unwrap_feed(struct unwrap *u, const char *p, size_t n);
/* The end of the input: *out is the caller's, for unwrapped_release(); u is gone. */
void unwrap_end(struct unwrap *u, struct unwrapped *out);
void unwrapped_release(struct unwrapped *r);

/* "a prefix of 21 columns was cut from 812 lines, colour codes were taken out"; appends nothing when nothing was undone. */
void unwrap_tell(struct buf *out, const struct unwrapped *r);

/* What befell the program, in a line: "panic: boom; first came goroutine 12 [running]; go1.22.3; cut". Appends nothing when
 * the text says nothing of it. */
void unwrap_describe(struct buf *out, const struct unwrapped *r);

/* The goroutine that a crash printed first, which is the one that failed; 0: the text is no crash, or a signal from outside. */
uint64_t unwrap_failed(const struct unwrapped *r);

#endif
