/* SPDX-License-Identifier: MIT */
/*
 * From bytes to lines, and to lines within lines.
 *
 * Far from any header, only the word "goroutine" is looked for. Where it begins a header, the engine goes back a little
 * and takes line by line: cleaned, then, where the header stands in a quoted string, or its line ends are spelled out, one
 * level of that is undone and each line of what comes out is taken the same way; then tags; then the streams. What the
 * string was called ("log", msg=) is remembered, for logs that write one string per line.
 */
#include "decode.h"
#include "find.h"
#include "line.h"
#include "streams.h"
#include <gscrape/err.h>
#include <gscrape/timefmt.h>
#include <stdlib.h>

#define PIECE_MAX ((size_t)4 << 20) /* a longer line is taken in pieces */
#define BACK ((size_t)64 << 10)     /* how far before a header its line, and what was said before it, may begin */
#define NOTES_BACK 4096
#define QUIET 64                    /* lines without any block before the engine searches again */
#define DEPTH 4                     /* strings within strings */
#define KEYS 4
#define KEY_MAX 64
#define HEAD_MAX ((size_t)64 << 10)
#define BEGIN ((size_t)4 << 10)     /* bytes that say what the input is */
#define STEP ((size_t)256 << 10)    /* bytes gone through at a time */

/* How one string per line is told from the rest of the line. */
struct key {
	enum { KEY_JSON, KEY_LOGFMT, KEY_ELEMENT } kind;
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
	struct buf window; /* what was fed and not yet taken */
	size_t looked;     /* bytes of it that were searched or taken */
	size_t taken;      /* bytes of it that were taken, and are not again */
	struct buf head;   /* the input's first bytes */
	bool begun, near, in_line; /* in_line: the window begins within a line of which a piece was taken */
	bool ended;
	int64_t quiet;     /* lines since a block was open; below 0: the header is still to come */
	uint64_t skipped;
	unsigned undone;
	bool html;
	struct streams *streams;
	struct key keys[KEYS];
	size_t n_keys;
	struct level levels[DEPTH];
	int n_levels;      /* of the piece before */
	struct buf clean[DEPTH + 1], decoded[DEPTH + 1];
	int64_t time;
};

struct unwrap *unwrap_new(const struct zone *zone)
{
	struct unwrap *u = xcalloc(1, sizeof *u);

	u->zone = zone;
	u->streams = streams_new();
	u->time = NO_TIME;
	return u;
}

static void take(struct unwrap *u, struct str line, int depth);

/* --- times */

static bool is_digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return true;
}

/* 2021-09-16T03:24:13.2720341Z or 2019/04/15 17:44:16 at p: as RFC 3339 into out, or false. */
static bool date_at(const char *p, size_t n, char out[48])
{
	size_t i = 19, k;

	if (n < 19 || !is_digits(p, 4) || (p[4] != '-' && p[4] != '/') || p[7] != p[4] || !is_digits(p + 5, 2) || !is_digits(p + 8, 2) ||
	    (p[10] != ' ' && p[10] != 'T') || !is_digits(p + 11, 2) || p[13] != ':' || !is_digits(p + 14, 2) || p[16] != ':' ||
	    !is_digits(p + 17, 2))
		return false;
	memcpy(out, p, 19);
	out[4] = out[7] = '-';
	out[10] = 'T';
	k = 19;
	if (i < n && (p[i] == '.' || p[i] == ',')) {
		out[k++] = '.';
		for (i++; i < n && p[i] >= '0' && p[i] <= '9'; i++)
			if (k < 23)
				out[k++] = p[i];
	}
	if (i < n && p[i] == 'Z') {
		out[k++] = 'Z';
	} else if (n - i >= 5 && (p[i] == '+' || p[i] == '-') && is_digits(p + i + 1, 2)) {
		memcpy(out + k, p + i, 3);
		out[k + 3] = ':';
		memcpy(out + k + 4, p + i + 3 + (p[i + 3] == ':'), 2);
		k += is_digits(out + k + 4, 2) ? 6 : 0;
	}
	out[k] = '\0';
	return true;
}

/* The first time that a line of a log tells. */
static int64_t time_of(const struct unwrap *u, struct str s)
{
	char text[48];
	int64_t t;

	if (s.n > 4096)
		s.n = 4096;
	for (size_t i = 0; i + 19 <= s.n; i++)
		if ((s.p[i + 4] == '-' || s.p[i + 4] == '/') && date_at(s.p + i, s.n - i, text))
			return time_parse(text, now_ms(), u->zone, &t, NULL) == 0 ? t : NO_TIME;
	return NO_TIME;
}

/* --- lines within lines */

/* Each line of a decoded text. */
static void take_lines(struct unwrap *u, struct str text, int depth)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.n;) {
		size_t end = i;

		while (end < text.n && text.p[end] != '\n' && text.p[end] != '\r')
			end++;
		take(u, (struct str){text.p + i, end - i}, depth);
		lines += end > i;
		if (end + 1 < text.n && text.p[end] == '\r' && text.p[end + 1] == '\n')
			end++;
		i = end + 1;
	}
	if (lines > 1 && !u->n_levels)
		streams_close(u->streams);
}

static void take_decoded(struct unwrap *u, struct str text, enum escape how, int depth)
{
	struct buf *out = &u->decoded[depth];

	buf_reset(out);
	decode_escapes(text, how, out);
	take_lines(u, (struct str){out->p, out->n}, depth + 1);
}

static size_t back_over_blanks(struct str s, size_t i)
{
	while (i && s.p[i - 1] == ' ')
		i--;
	return i;
}

/* What the string that begins at s[quote] is called; false when nothing before it says so. */
static bool key_of(struct str s, size_t quote, struct key *k)
{
	size_t i = back_over_blanks(s, quote), from;

	*k = (struct key){0};
	if (i && s.p[i - 1] == '=') {
		for (from = i - 1; from && !strchr(" \t\"{[,", s.p[from - 1]); from--)
			;
		k->kind = KEY_LOGFMT;
		if (i - from < 2 || i - from >= KEY_MAX)
			return false;
		memcpy(k->name, s.p + from, i - from);
		return true;
	}
	if (i > 1 && s.p[i - 1] == '>' && s.p[i - 2] == '=')
		i--; /* "log"=>"…", as Ruby writes a hash */
	if (i && (s.p[i - 1] == ':' || s.p[i - 1] == '=')) {
		for (i--; i && s.p[i - 1] == ' '; i--)
			;
		if (!i || s.p[i - 1] != '"')
			return false;
		from = quote_before(s, i - 1);
		if (from == SIZE_MAX || i - from >= KEY_MAX)
			return false;
		memcpy(k->name, s.p + from, i - from);
		return true;
	}
	k->kind = KEY_ELEMENT;
	return i == 0 || line_indent(s) == quote;
}

static void learn(struct unwrap *u, const struct key *k, int depth)
{
	for (size_t i = 0; i < u->n_keys; i++)
		if (u->keys[i].kind == k->kind && u->keys[i].depth == depth && strcmp(u->keys[i].name, k->name) == 0)
			return;
	if (u->n_keys == KEYS) {
		memmove(u->keys, u->keys + 1, (KEYS - 1) * sizeof *u->keys);
		u->n_keys--;
	}
	u->keys[u->n_keys] = *k;
	u->keys[u->n_keys++].depth = depth;
}

static size_t over_blanks(struct str s, size_t i)
{
	while (i < s.n && s.p[i] == ' ')
		i++;
	return i;
}

/* The string of this key in a line, without its quotes; not *whole: the line ends within it. */
static bool value_of(struct str s, const struct key *k, struct str *out, bool *whole)
{
	size_t n = strlen(k->name), i;
	const char *at;

	if (k->kind == KEY_ELEMENT) {
		i = line_indent(s);
	} else {
		at = memmem(s.p, s.n, k->name, n);
		if (!at || (k->kind == KEY_LOGFMT && at > s.p && at[-1] != ' '))
			return false;
		i = (size_t)(at - s.p) + n;
		if (k->kind == KEY_JSON) {
			i = over_blanks(s, i);
			if (i + 1 < s.n && s.p[i] == '=' && s.p[i + 1] == '>')
				i++;
			else if (i == s.n || s.p[i] != ':')
				return false;
			i = over_blanks(s, i + 1);
		}
	}
	if (i < s.n && s.p[i] == '"') {
		*whole = quote_after(s, i + 1) < s.n;
		*out = (struct str){s.p + i + 1, quote_after(s, i + 1) - i - 1};
		return true;
	}
	*whole = true;
	if (k->kind != KEY_LOGFMT)
		return false;
	at = memchr(s.p + i, ' ', s.n - i);
	*out = (struct str){s.p + i, at ? (size_t)(at - s.p) - i : s.n - i};
	return true;
}

/* Remember, at the end of a piece, how the next one is to be undone. */
static void remember_level(struct unwrap *u, int depth, enum escape how, bool quoted)
{
	u->levels[depth] = (struct level){how, quoted};
	if (u->in_line && u->n_levels <= depth)
		u->n_levels = depth + 1;
}

/* The strings of this key in a line: a list of objects has one in each. False when there is none. */
static bool take_values(struct unwrap *u, struct str s, struct key k, int depth)
{
	struct str value;
	bool whole, any = false;

	for (; value_of(s, &k, &value, &whole); any = true) {
		u->undone |= UNWRAP_STRINGS;
		if (!whole)
			remember_level(u, depth, ESCAPE_BACKSLASH, true);
		if (value.n)
			take_decoded(u, value, ESCAPE_BACKSLASH, depth);
		else
			take(u, (struct str){"", 0}, depth + 1);
		if (k.kind != KEY_JSON)
			return true;
		s = (struct str){value.p + value.n, (size_t)(s.p + s.n - value.p - value.n)};
	}
	return any;
}

/* A known key's strings, when the line has some. */
static bool take_value(struct unwrap *u, struct str s, int depth)
{
	for (size_t i = 0; i < u->n_keys; i++)
		if (u->keys[i].depth == depth && take_values(u, s, u->keys[i], depth))
			return true;
	return false;
}

/* How a line goes on behind the bracket of its header. */
struct ending {
	enum escape how;
	bool quote; /* a string ends there */
};

static struct ending ending_of(struct str s, size_t header)
{
	const char *close = memchr(s.p + header, ']', s.n - header);
	size_t from = close ? (size_t)(close - s.p) + 1 : s.n, until = s.n - from < 4096 ? s.n : from + 4096;
	struct ending end = {ESCAPE_NONE, false};

	for (size_t i = from; i < until; i++) {
		if (s.p[i] == '"' && s.p[i - 1] != '\\') {
			end.quote = !memchr(s.p + from, '{', i - from);
			return end;
		}
		if (s.p[i] != '\\' && s.p[i] != '#' && s.p[i] != '&')
			continue;
		end.how = escape_at(s, i);
		if (end.how != ESCAPE_NONE)
			return end;
		while (i + 1 < until && s.p[i] == '\\' && s.p[i + 1] == '\\')
			i++;
		i++; /* what it escapes */
	}
	return end;
}

/* ["goroutine 1 [select]:", "main.f()", …] from the string that begins behind s[from] on: each is a line. */
static void take_array(struct unwrap *u, struct str s, size_t from, int depth)
{
	for (size_t i = from, end; i < s.n && s.p[i] == '"'; i = over_blanks(s, i)) {
		end = quote_after(s, i + 1);
		take_decoded(u, (struct str){s.p + i + 1, end - i - 1}, ESCAPE_BACKSLASH, depth);
		if (end == i + 1)
			take(u, (struct str){"", 0}, depth + 1);
		i = over_blanks(s, end + (end < s.n));
		if (i < s.n && s.p[i] == ',')
			i++;
	}
}

/* Is the string at s[quote] the second of a list that begins with another string: [["1764125999000000000", "main.f()"], …? */
static bool is_paired(struct str s, size_t quote)
{
	size_t i = back_over_blanks(s, quote), first;

	if (!i || s.p[i - 1] != ',' || quote_after(s, quote + 1) == s.n)
		return false;
	i = back_over_blanks(s, i - 1);
	first = i && s.p[i - 1] == '"' ? quote_before(s, i - 1) : SIZE_MAX;
	i = first == SIZE_MAX ? 0 : back_over_blanks(s, first);
	return i && s.p[i - 1] == '[';
}

/* Where the second string of the next pair begins, at or after s[i]; s.n when there is none. */
static size_t next_pair(struct str s, size_t i)
{
	while (i < s.n) {
		const char *open = memchr(s.p + i, '[', s.n - i);
		size_t k = open ? over_blanks(s, (size_t)(open - s.p) + 1) : s.n;

		i = open ? (size_t)(open - s.p) + 1 : s.n;
		if (k == s.n || s.p[k] != '"')
			continue;
		k = over_blanks(s, quote_after(s, k + 1) + 1);
		if (k >= s.n || s.p[k] != ',')
			continue;
		k = over_blanks(s, k + 1);
		if (k < s.n && s.p[k] == '"')
			return k;
	}
	return s.n;
}

/* The lines of a log as pairs of time and text, from the text that begins behind s[i] on. */
static void take_pairs(struct unwrap *u, struct str s, size_t i, int depth)
{
	while (i < s.n) {
		size_t end = quote_after(s, i + 1);

		take_decoded(u, (struct str){s.p + i + 1, end - i - 1}, ESCAPE_BACKSLASH, depth);
		if (end == i + 1)
			take(u, (struct str){"", 0}, depth + 1);
		i = next_pair(s, end);
	}
}

/* Is the string at s[quote] one of several in a list, of which more follow? The last cell of a line of CSV is none. */
static bool is_listed(struct str s, size_t quote)
{
	size_t i = back_over_blanks(s, quote), next = quote_after(s, quote + 1);

	if (!i || (s.p[i - 1] != '[' && s.p[i - 1] != ','))
		return false;
	next = over_blanks(s, next + (next < s.n));
	return next < s.n && s.p[next] == ',' && over_blanks(s, next + 1) < s.n && s.p[over_blanks(s, next + 1)] == '"';
}

/* A header at s[at] in a quoted string or with its line's end spelled out: undone. False: it is none of these. */
static bool take_string(struct unwrap *u, struct str s, size_t at, int depth)
{
	struct ending end = ending_of(s, at);
	size_t quote = quote_before(s, at), from = 0, until = s.n;
	bool quoted = quote != SIZE_MAX;
	struct key k = {.kind = KEY_ELEMENT};

	if (end.how == ESCAPE_NONE && !(end.quote && quoted))
		return false;
	if (end.how == ESCAPE_NONE || end.how == ESCAPE_BACKSLASH) {
		if (quoted) {
			from = quote + 1;
			until = quote_after(s, from);
			u->undone |= UNWRAP_STRINGS;
			if (is_listed(s, quote) || is_paired(s, quote)) {
				(is_listed(s, quote) ? take_array : take_pairs)(u, s, quote, depth);
				return true;
			}
			if (until > at && key_of(s, quote, &k))
				learn(u, &k, depth);
			else if (end.how == ESCAPE_NONE)
				return false;
			if (until < at)
				until = s.n;
		}
		end.how = ESCAPE_BACKSLASH;
	}
	u->undone |= UNWRAP_ESCAPES;
	if (until == s.n)
		remember_level(u, depth, end.how, quoted);
	take_decoded(u, (struct str){s.p + from, until - from}, end.how, depth);
	if (k.kind == KEY_JSON && k.name[0])
		take_values(u, (struct str){s.p + until, s.n - until}, k, depth);
	return true;
}

/* Does a tag end where the header at s[at] begins? One of XML that no page has. */
static bool is_tagged(struct str s, size_t at)
{
	const char *open;

	if (!at || at >= s.n || s.p[at - 1] != '>')
		return false;
	open = memrchr(s.p, '<', at);
	return open && ((open[1] | 32) >= 'a' && (open[1] | 32) <= 'z');
}

/* Tags of a page. */
static bool take_html(struct unwrap *u, struct str s, int depth)
{
	struct buf *out = &u->decoded[depth];

	buf_reset(out);
	if (!decode_html(s, u->html, out))
		return false;
	u->html = true;
	u->undone |= UNWRAP_HTML;
	for (size_t i = 0, end; i <= out->n; i = end + 1) {
		const char *nl = i < out->n ? memchr(out->p + i, '\n', out->n - i) : NULL;
		struct str line;

		end = nl ? (size_t)(nl - out->p) : out->n;
		line = decode_bytes((struct str){out->p + i, end - i}, &u->clean[depth], &u->undone);
		if (line.n || (i == 0 && end == out->n))
			streams_line(u->streams, line, u->time);
	}
	return true;
}

static void take(struct unwrap *u, struct str line, int depth)
{
	struct str s = decode_bytes(line, &u->clean[depth], &u->undone);
	size_t at;

	if (depth < DEPTH) {
		if (take_value(u, s, depth))
			return;
		at = find_header(s.p, s.n, 0);
		if (at < s.n && take_string(u, s, at, depth))
			return;
		u->html |= is_tagged(s, at);
		if (take_html(u, s, depth))
			return;
	}
	streams_line(u->streams, s, u->time);
}

/* The next piece of a long line: what was undone for the one before is undone for it. */
static void take_rest(struct unwrap *u, struct str piece)
{
	int n = u->n_levels;

	for (int i = 0; i < n; i++) {
		size_t end = u->levels[i].quoted ? quote_after(piece, 0) : piece.n;
		struct buf *out = &u->decoded[i];

		if (end < piece.n)
			u->n_levels = i; /* the string ends here */
		buf_reset(out);
		decode_escapes((struct str){piece.p, end}, u->levels[i].how, out);
		piece = (struct str){out->p, out->n};
	}
	take_lines(u, piece, n);
}

/* --- lines */

/* Where a piece of a line that is too long ends: behind a line's end that is spelled out, or between words. */
static size_t piece_end(const char *p, size_t n)
{
	for (size_t i = n; i > n / 2; i--)
		if (p[i - 1] == 'n' && p[i - 2] == '\\')
			return i;
	for (size_t i = n; i > n / 2; i--)
		if (p[i - 1] == '2' && i > 3 && memcmp(p + i - 4, "#012", 4) == 0)
			return i;
	for (size_t i = n; i > n / 2; i--)
		if (p[i - 1] == ' ')
			return i;
	return n;
}

/* The end of the line at p: where its text ends; *next behind it. False when more bytes are needed to tell. */
static bool line_end(struct unwrap *u, const char *p, size_t n, size_t *end, size_t *next)
{
	const char *nl = NULL, *cr = NULL;
	size_t i;

	for (size_t look = 1024; !nl && !cr; look = look * 8 < n ? look * 8 : n) { /* not far for one where the other is near */
		look = look < n ? look : n;
		nl = memchr(p, '\n', look);
		cr = memchr(p, '\r', nl ? (size_t)(nl - p) : look);
		if (look == n)
			break;
	}
	if (cr) {
		for (i = (size_t)(cr - p); i < n && p[i] == '\r'; i++)
			;
		if (i == n && !u->ended)
			return false;
		*end = (size_t)(cr - p);
		if (i < n && p[i] == '\n') {
			if (i > *end + 1)
				u->undone |= UNWRAP_ENDS;
			*next = i + 1;
		} else {
			u->undone |= UNWRAP_ENDS;
			*next = *end + 1;
		}
		return true;
	}
	if (!nl && !u->ended)
		return false;
	*end = nl ? (size_t)(nl - p) : n;
	*next = *end + (nl != NULL);
	return true;
}

/* One line, or a piece of it, at the window's i: where the next begins; SIZE_MAX when more bytes are needed. */
static size_t take_one(struct unwrap *u, size_t i)
{
	const char *p = u->window.p + i;
	size_t n = u->window.n - i, end, next;
	bool was_in_line = u->in_line, whole;

	if (n > PIECE_MAX + 1)
		n = PIECE_MAX + 1;
	whole = line_end(u, p, n, &end, &next) && (end < PIECE_MAX || n <= PIECE_MAX);
	if (!whole && n <= PIECE_MAX)
		return SIZE_MAX;
	if (!whole)
		end = next = piece_end(p, PIECE_MAX);
	u->in_line = !whole;
	if (!was_in_line) {
		u->n_levels = 0;
		if (find_header(p, end, 0) < end)
			u->time = time_of(u, (struct str){p, end});
	}
	if (was_in_line && u->n_levels)
		take_rest(u, (struct str){p, end});
	else
		take(u, (struct str){p, end}, 0);
	return i + next;
}

/* Lines near a header, until none has come for a while. */
static size_t go_near(struct unwrap *u, size_t i)
{
	while (i < u->window.n && u->near) {
		size_t next = take_one(u, i);

		if (next == SIZE_MAX)
			break;
		i = next;
		u->quiet = streams_busy(u->streams) ? 0 : u->quiet + 1;
		u->taken = i;
		u->near = u->quiet <= QUIET || u->in_line;
	}
	return i;
}

/* A line's beginning at or before i, not further back than `least`. */
static size_t line_begins(const char *p, size_t i, size_t least)
{
	while (i > least && p[i - 1] != '\n' && p[i - 1] != '\r')
		i--;
	return i;
}

/* Search from i, up to which all was looked at, for a header: where taking lines is to begin, or how far was looked. */
static size_t search(struct unwrap *u, size_t i)
{
	const char *p = u->window.p;
	size_t n = u->window.n, at = find_header(p, n, i), begin, least;

	if (at == n || (!u->ended && n - at < FIND_TAIL)) {
		at = u->ended ? n : n - i < FIND_TAIL ? i : n - FIND_TAIL;
		u->skipped += find_newlines(p + i, at - i);
		return at;
	}
	least = at > u->taken + BACK ? at - BACK : u->taken;
	begin = line_begins(p, at, least);
	if (begin > least)
		begin = line_begins(p, begin - least > NOTES_BACK ? begin - NOTES_BACK : least, least);
	if (begin > i)
		u->skipped += find_newlines(p + i, begin - i);
	else
		u->skipped -= find_newlines(p + begin, i - begin);
	u->near = true;
	u->in_line = false;
	u->quiet = -(int64_t)find_newlines(p + begin, at - begin);
	return begin;
}

/* Go through what is in the window; what must not be looked at again, or gone back to, leaves it. */
static void go(struct unwrap *u)
{
	size_t i = u->looked, was, keep;
	bool near;

	if (!u->window.n)
		return;
	do {
		was = i;
		near = u->near;
		i = near ? go_near(u, i) : search(u, i);
	} while ((i != was || near != u->near) && i < u->window.n);
	keep = u->near ? i : i > BACK ? i - BACK : 0;
	memmove(u->window.p, u->window.p + keep, u->window.n - keep);
	u->window.n -= keep;
	u->looked = i - keep;
	u->taken = u->taken > keep ? u->taken - keep : 0;
}

/* The first bytes say what all are. */
static void begin_input(struct unwrap *u)
{
	static const char *const pages[] = {"<html", "<!doctype html", "<body", "<pre"};
	struct buf raw = u->window;

	u->begun = true;
	if (utf16_begins(&u->utf16, raw.p, raw.n)) {
		u->undone |= UNWRAP_UTF16;
		u->window = (struct buf){0};
		utf16_add(&u->utf16, raw.p, raw.n, &u->window);
		buf_release(&raw);
	}
	if (u->window.n)
		buf_add(&u->head, u->window.p, u->window.n < HEAD_MAX ? u->window.n : HEAD_MAX);
	buf_putc(&u->head, '\0');
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		u->html |= strcasestr(u->head.p, pages[i]) != NULL;
}

void unwrap_feed(struct unwrap *u, const char *p, size_t n)
{
	while (n) {
		size_t some = n < STEP ? n : STEP;

		if (u->begun && u->utf16.on)
			utf16_add(&u->utf16, p, some, &u->window);
		else
			buf_add(&u->window, p, some);
		p += some;
		n -= some;
		if (!u->begun && u->window.n >= BEGIN)
			begin_input(u);
		if (u->begun && u->window.n - u->looked >= STEP)
			go(u);
	}
}

/* What an input without goroutines seems to be. */
static enum dump_kind kind_of(const struct unwrap *u)
{
	static const struct {
		const char *text;
		enum dump_kind kind;
	} marks[] = {
		{"WARNING: DATA RACE", DUMP_RACE}, {"found unexpected goroutines", DUMP_GOLEAK}, {"Goroutine 1 - User:", DUMP_DELVE},
		{"Goroutine 1 - Start:", DUMP_DELVE},
	};
	enum dump_kind kind;

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (strstr(u->head.p, marks[i].text))
			return marks[i].kind;
	kind = dump_sniff(u->head.p, u->head.n - 1);
	return kind == DUMP_GOROUTINES || kind == DUMP_DEBUG1 ? DUMP_UNKNOWN : kind;
}

void unwrap_end(struct unwrap *u, struct unwrapped *out)
{
	bool cut;

	if (!u->begun)
		begin_input(u);
	cut = u->window.n && u->window.p[u->window.n - 1] != '\n' && u->window.p[u->window.n - 1] != '\r';
	u->ended = true;
	go(u);
	streams_end(u->streams, cut, out);
	out->undone |= u->undone;
	out->skipped += u->skipped;
	out->kind = out->text.n ? DUMP_GOROUTINES : out->grouped.n ? DUMP_DEBUG1 : kind_of(u);
	for (int i = 0; i <= DEPTH; i++) {
		buf_release(&u->clean[i]);
		buf_release(&u->decoded[i]);
	}
	buf_release(&u->window);
	buf_release(&u->head);
	free(u);
}

void unwrapped_release(struct unwrapped *r)
{
	buf_release(&r->text);
	buf_release(&r->grouped);
	buf_release(&r->notes);
	free(r->moments);
	*r = (struct unwrapped){0};
}

void unwrap_tell(struct buf *out, const struct unwrapped *r)
{
	static const struct {
		unsigned bit;
		const char *sentence;
	} undone[] = {
		{UNWRAP_UTF16, "it was UTF-16"},
		{UNWRAP_BYTES, "odd blanks and control characters were made plain"},
		{UNWRAP_ENDS, "odd line ends were made plain"},
		{UNWRAP_COLOURS, "colour codes were taken out"},
		{UNWRAP_STRINGS, "the lines were taken out of quoted strings"},
		{UNWRAP_ESCAPES, "line ends that were spelled out were made lines"},
		{UNWRAP_HTML, "tags were taken out"},
		{UNWRAP_SUFFIX, "the words behind each line were cut"},
		{UNWRAP_INDENT, "file lines got their tab back"},
		{UNWRAP_BLANKS, "empty lines within goroutines were dropped"},
		{UNWRAP_BETWEEN, "lines of a log within goroutines were dropped"},
	};
	const char *sep = "";

	if (r->prefixed) {
		buf_addf(out, "a prefix of %zu column%s was cut from %llu line%s", r->columns, r->columns == 1 ? "" : "s",
			 (unsigned long long)r->prefixed, r->prefixed == 1 ? "" : "s");
		sep = ", ";
	}
	for (size_t i = 0; i < sizeof undone / sizeof *undone; i++) {
		if (r->undone & undone[i].bit) {
			buf_addf(out, "%s%s", sep, undone[i].sentence);
			sep = ", ";
		}
	}
}
