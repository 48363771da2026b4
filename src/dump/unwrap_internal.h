/* SPDX-License-Identifier: MIT */
/* unwrap_internal.h: what the files of the front end share: unwrap.c has bytes and lines, nested.c lines within lines. */
#ifndef DUMP_UNWRAP_INTERNAL_H
#define DUMP_UNWRAP_INTERNAL_H

#include "decode.h"
#include "streams.h"
#include <gscrape/unwrap.h>

#define DEPTH 4                     /* strings within strings */
#define KEYS 4
#define KEY_MAX 64

/* How one string per line is told from the rest of the line. */
struct key {
	enum { KEY_JSON, KEY_LOGFMT, KEY_ELEMENT, KEY_YAML } kind;
	int depth;
	char name[KEY_MAX]; /* with quotes or = */
};

/* How the string that a piece of a long line ended in is to be undone. */
struct level {
	enum escape how;
	bool quoted;
};

struct unwrap {
	const struct zone *zone;
	struct utf16 utf16;
	struct framed framed;
	struct buf part;   /* of a line that a runtime cut, up to its last piece */
	bool part_used;    /* it is done with */
	bool docker_whole; /* a line of docker's was not cut: what has no end is */
	struct buf kept;   /* lines, as long as no goroutine was found beyond doubt; they may be in the other order */
	bool keeps;
	bool always;       /* all lines are near */
	struct buf window; /* what was fed and not yet taken */
	size_t looked;     /* bytes of it that were searched or taken */
	size_t taken;      /* bytes of it that were taken, and are not again */
	struct buf head;   /* the input's first bytes */
	bool begun, near, in_line; /* in_line: the window begins within a line of which a piece was taken */
	bool ended;
	int64_t quiet;     /* lines since a block was open; below 0: the header is still to come */
	uint64_t skipped;
	unsigned undone;
	bool html, markdown;
	bool back;         /* the newest line stands first: all of a line is taken */
	struct streams *streams;
	size_t dropped;    /* other lines of records since a key's last value */
	struct key keys[KEYS];
	size_t n_keys;
	struct level levels[DEPTH];
	int n_levels;      /* of the piece before */
	struct buf clean[DEPTH + 1], plain[DEPTH + 1], decoded[DEPTH + 1];
	int64_t time;
};

/* A line, of a file (depth 0) or of what one was decoded to. */
void unwrap_line(struct unwrap *u, struct str line, int depth);
/* The next piece of a long line: what was undone for the one before is undone for it. */
void unwrap_rest(struct unwrap *u, struct str piece);

/* A line that a runtime cut (CRI's P and F, docker's 16 KiB): true when s is a piece, which waits for the next ones; else s is
 * the line, whole. */
bool unwrap_join(struct unwrap *u, struct str *s);
bool is_piece(const struct unwrap *u, struct str s); /* is it one that is not the last? */

/* The first time that a line of a log tells; NO_TIME. */
int64_t log_time(struct str s, const struct zone *zone);

#endif
