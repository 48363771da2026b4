/* SPDX-License-Identifier: MIT */
/* decode.h: what other programs do to the bytes of a line, undone. All append to a buf. */
#ifndef DUMP_DECODE_H
#define DUMP_DECODE_H

#include <gscrape/unwrap.h>

/*
 * A line without colour codes, control characters, no-break and zero-width blanks, and blanks at its end. Returns the line
 * itself where nothing was to be done, else what was written to out; *undone gets its bits of enum unwrap_undone.
 */
struct str decode_bytes(struct str line, struct buf *out, unsigned *undone);

/* How a text spells a line's end within a line. */
enum escape {
	ESCAPE_NONE,
	ESCAPE_BACKSLASH, /* \n, \t, \", A: JSON, Go's %q, logfmt */
	ESCAPE_OCTAL,     /* #012, #011: rsyslog */
	ESCAPE_ENTITY,    /* &#10; */
	ESCAPE_PIPE,      /* |n, |[: TeamCity */
	ESCAPE_MARKDOWN,  /* \[, \_: a backslash before what means something; no line's end */
};

/* Is a line's end spelled at s[i], and how? Behind one or more backslashes too, for what was escaped twice. */
enum escape escape_at(struct str s, size_t i);

/* One level of it undone. */
void decode_escapes(struct str s, enum escape how, struct buf *out);

/* The next double quote at or after i that no backslash escapes; s.n when there is none. */
size_t quote_after(struct str s, size_t i);
size_t mark_after(struct str s, size_t i, char mark); /* the same of another */
/* The last one before i; SIZE_MAX when there is none. */
size_t quote_before(struct str s, size_t i);

/* Tags taken out, of which some end a line, and entities if `entities` or a tag was there. False: s has none; out is as it
 * was. */
bool decode_html(struct str s, bool entities, struct buf *out);

/* Several streams in one, as docker sends them: each piece behind eight bytes of which, and how long. In pieces; zero
 * begins. */
struct framed {
	bool on;
	unsigned char head[8];
	size_t have;   /* bytes of head */
	uint32_t left; /* of the piece */
};
bool framed_begins(struct framed *c, const char *p, size_t n);
void framed_add(struct framed *c, const char *p, size_t n, struct buf *out);

/* A recording of a terminal by asciinema: what was shown. In pieces; zero begins. */
struct cast {
	bool on;
	struct buf line; /* that is not whole yet */
};
bool cast_begins(struct cast *c, const char *p, size_t n);
void cast_add(struct cast *c, const char *p, size_t n, struct buf *out);
void cast_end(struct cast *c, struct buf *out); /* no more comes */
void cast_release(struct cast *c);

/* A mail as it was sent, whose parts may be encoded. In pieces; zero begins. */
struct mail {
	bool on;
	enum { MAIL_PLAIN, MAIL_QUOTED, MAIL_BASE64 } body, next; /* next: as the head says that is being read */
	uint32_t bits;
	unsigned have;   /* of them, of base64 */
	struct buf line; /* that is not whole yet */
};
bool mail_begins(struct mail *m, const char *p, size_t n);
void mail_add(struct mail *m, const char *p, size_t n, struct buf *out);
void mail_end(struct mail *m, struct buf *out); /* no more comes */

/* UTF-16 to UTF-8, in pieces. Zero begins; `big` for big-endian. */
struct utf16 {
	bool on, big, have_odd;
	unsigned char odd;
	uint16_t high; /* a surrogate that waits for its other half */
};
/* What the first bytes of an input say: is it UTF-16, by its mark or by every other byte being 0? */
bool utf16_begins(struct utf16 *c, const char *p, size_t n);
void utf16_add(struct utf16 *c, const char *p, size_t n, struct buf *out);

#endif
