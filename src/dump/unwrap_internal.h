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
	enum { KEY_JSON, KEY_LOGFMT, KEY_ELEMENT, KEY_YAML, KEY_LITERAL, KEY_CSV } kind;
	int depth;
	char name[KEY_MAX]; /* with quotes or = */
	size_t column, columns; /* of CSV */
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
	struct cast cast;
	struct mail mail;
	struct fold {
		char quote;        /* that is open; 0 none */
		size_t indent;     /* of its key */
		bool breaks;       /* a blank is due, unless empty lines come */
		struct buf raw;    /* the lines as they stood */
		struct buf line;   /* what they make */
	} fold;
	struct literal {
		enum { ENDS_ANYHOW, ENDS_WITH_NEWLINE, ENDS_WITH_COMMA } ends; /* how one is told from a part of one */
		bool bytes;        /* b'…' */
		struct buf text;   /* of parts */
	} literal;
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

/* Each line of a decoded text. */
void unwrap_lines(struct unwrap *u, struct str text, int depth);
/* A string without its quotes: one level undone, then each line of it. */
void unwrap_decoded(struct unwrap *u, struct str text, enum escape how, int depth);
/* A key whose strings are to be looked for in the next lines. */
void unwrap_learn(struct unwrap *u, const struct key *k, int depth);

/* listed.c: strings in lists, and a program's literals. Each returns false when the line has none, and then took nothing. */
bool listed_take(struct unwrap *u, struct str s, size_t quote, int depth);  /* of which one begins at s[quote] */
bool literal_take(struct unwrap *u, struct str s, size_t at, int depth);    /* one in which a header begins at s[at] */
bool literal_next(struct unwrap *u, struct str s, int depth);               /* one like those before */
void literal_end(struct unwrap *u);                                         /* none follows */

/* csv.c: a cell that a header begins at s[at]; the same column of another row. */
bool csv_take(struct unwrap *u, struct str s, size_t at, int depth);
bool csv_next(struct unwrap *u, struct str s, const struct key *k, int depth);

/* yaml.c: "textPayload: 'goroutine 1 [running]:'": a value in quotes, whose header is at s[at]. */
bool yaml_key(struct str s, size_t at, struct key *k);
bool yaml_take(struct unwrap *u, struct str s, const struct key *k, int depth);
/* A value in quotes that goes on in the next lines: true when s is a part, which waits; else s is the line, whole. */
bool yaml_fold(struct unwrap *u, struct str *s);
void yaml_end(struct unwrap *u);

static inline size_t back_over_blanks(struct str s, size_t i)
{
	while (i && s.p[i - 1] == ' ')
		i--;
	return i;
}

static inline size_t over_blanks(struct str s, size_t i)
{
	while (i < s.n && s.p[i] == ' ')
		i++;
	return i;
}

/* A line that a runtime cut (CRI's P and F, docker's 16 KiB): true when s is a piece, which waits for the next ones; else s is
 * the line, whole. */
bool unwrap_join(struct unwrap *u, struct str *s);
bool unwrap_join_end(struct unwrap *u, struct str *s); /* no more comes: true when a piece waits, which is all that there is of its line */
bool is_piece(const struct unwrap *u, struct str s); /* is it one that is not the last? */

/* The first time that a line of a log tells; NO_TIME. */
int64_t log_time(struct str s, const struct zone *zone);

#endif
