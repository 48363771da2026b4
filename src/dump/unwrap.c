/* SPDX-License-Identifier: MIT */
/*
 * From bytes to lines, and to lines within lines.
 *
 * Far from any header, only the word "goroutine" is looked for. Where it begins a header, the engine goes back a little
 * and takes line by line: cleaned, then, where the header stands in a quoted string, or its line ends are spelled out, one
 * level of that is undone and each line of what comes out is taken the same way; then tags; then the streams. What the
 * string was called ("log", msg=) is remembered, for logs that write one string per line.
 */
#include "find.h"
#include "unwrap_internal.h"
#include <gscrape/err.h>
#include <gscrape/timefmt.h>
#include <stdlib.h>

#define PIECE_MAX ((size_t)4 << 20) /* a longer line is taken in pieces */
#define BACK ((size_t)64 << 10)     /* how far before a header its line, and what was said before it, may begin */
#define NOTES_BACK 4096
#define QUIET 64                    /* lines without any block before the engine searches again */
#define BEGIN ((size_t)64 << 10)    /* bytes that say what the input is, in whatever pieces they come */
#define STEP ((size_t)256 << 10)    /* bytes gone through at a time */
#define KEPT_MAX ((size_t)16 << 20) /* of lines that may be in the other order */

struct unwrap *unwrap_new(const struct zone *zone)
{
	struct unwrap *u = xcalloc(1, sizeof *u);

	u->zone = zone;
	u->streams = streams_new();
	u->time = NO_TIME;
	u->keeps = true;
	return u;
}

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

/* As long as nothing says that the lines are in order. */
static void keep(struct unwrap *u, const char *p, size_t n)
{
	u->keeps &= !streams_sure(u->streams) && u->kept.n + n <= KEPT_MAX;
	if (u->keeps)
		buf_add(&u->kept, p, n);
	else
		buf_release(&u->kept);
}

/* One line, or a piece of it, at the window's i: where the next begins; SIZE_MAX when more bytes are needed. */
static size_t take_one(struct unwrap *u, size_t i)
{
	const char *p = u->window.p + i;
	size_t n = u->window.n - i, end, next;
	bool was_in_line = u->in_line, whole;
	struct str line;

	if (n > PIECE_MAX + 1)
		n = PIECE_MAX + 1;
	whole = line_end(u, p, n, &end, &next) && (end < PIECE_MAX || n <= PIECE_MAX);
	if (!whole && n <= PIECE_MAX)
		return SIZE_MAX;
	if (!whole)
		end = next = piece_end(p, PIECE_MAX);
	u->in_line = !whole;
	line = (struct str){p, end};
	if (!was_in_line) {
		u->n_levels = 0;
		if (find_header(p, end, 0) < end)
			u->time = log_time((struct str){p, end}, u->zone);
	}
	keep(u, p, next);
	if (!was_in_line)
		streams_record(u->streams, line);
	if (was_in_line && u->n_levels)
		unwrap_rest(u, line);
	else if (was_in_line || !whole || (!unwrap_join(u, &line) && !yaml_fold(u, &line)))
		unwrap_line(u, line, 0);
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
		u->quiet = streams_busy(u->streams) || u->fold.quote ? 0 : u->quiet + 1;
		u->taken = i;
		u->near = u->quiet <= QUIET || u->in_line || u->always;
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
	while (begin > least && is_piece(u, (struct str){p + line_begins(p, begin - 1, least), begin - 1 - line_begins(p, begin - 1, least)}))
		begin = line_begins(p, begin - 1, least);
	if (begin > least)
		begin = line_begins(p, begin - least > NOTES_BACK ? begin - NOTES_BACK : least, least);
	if (begin > i)
		u->skipped += find_newlines(p + i, begin - i);
	else
		u->skipped -= find_newlines(p + begin, i - begin);
	keep(u, p + line_begins(p, least, u->taken), begin - line_begins(p, least, u->taken));
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
	if (framed_begins(&u->framed, raw.p, raw.n)) {
		u->undone |= UNWRAP_FRAMED;
		u->window = (struct buf){0};
		framed_add(&u->framed, raw.p, raw.n, &u->window);
		buf_release(&raw);
		raw = u->window;
	}
	if (utf16_begins(&u->utf16, raw.p, raw.n)) {
		u->undone |= UNWRAP_UTF16;
		u->window = (struct buf){0};
		utf16_add(&u->utf16, raw.p, raw.n, &u->window);
		buf_release(&raw);
	}
	if (cast_begins(&u->cast, u->window.p, u->window.n)) {
		raw = u->window;
		u->undone |= UNWRAP_CAST;
		u->window = (struct buf){0};
		cast_add(&u->cast, raw.p, raw.n, &u->window);
		buf_release(&raw);
	}
	if (mail_begins(&u->mail, u->window.p, u->window.n)) {
		raw = u->window;
		u->undone |= UNWRAP_MAIL;
		u->window = (struct buf){0};
		mail_add(&u->mail, raw.p, raw.n, &u->window);
		buf_release(&raw);
	}
	if (u->window.n)
		buf_add(&u->head, u->window.p, u->window.n);
	buf_putc(&u->head, '\0');
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		u->html |= strcasestr(u->head.p, pages[i]) != NULL;
	if (strstr(u->head.p, "\"MESSAGE\"") && (strstr(u->head.p, "\"_PID\"") || strstr(u->head.p, "\"__CURSOR\""))) {
		u->keys[u->n_keys++] = (struct key){.kind = KEY_JSON, .name = "\"MESSAGE\""}; /* of the journal: it may be bytes, which no search finds */
		u->near = u->always = true;
	}
}

void unwrap_feed(struct unwrap *u, const char *p, size_t n)
{
	while (n) {
		size_t most = u->begun ? STEP : BEGIN - u->window.n, some = n < most ? n : most;

		if (u->begun && u->utf16.on)
			utf16_add(&u->utf16, p, some, &u->window);
		else if (u->begun && u->framed.on)
			framed_add(&u->framed, p, some, &u->window);
		else if (u->begun && u->cast.on)
			cast_add(&u->cast, p, some, &u->window);
		else if (u->begun && u->mail.on)
			mail_add(&u->mail, p, some, &u->window);
		else
			buf_add(&u->window, p, some);
		p += some;
		n -= some;
		if (!u->begun && u->window.n == BEGIN)
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

/* Some show a log with its newest line first. Where no goroutine has its first frame behind its header, the lines are taken the
 * other way round, and if one has it then, that was so. */
static void turn_round(struct unwrap *u)
{
	struct streams *forward = u->streams;
	uint64_t skipped = u->skipped;

	if (!u->kept.n || streams_sure(forward) || !streams_any(forward))
		return;
	buf_reset(&u->window);
	buf_add(&u->window, u->kept.p, u->kept.n);
	u->streams = streams_new();
	streams_turn(u->streams);
	u->back = u->near = u->always = true;
	u->keeps = u->in_line = false;
	buf_release(&u->kept);
	go_near(u, 0);
	streams_turn(u->streams);
	if (!streams_sure(u->streams)) {
		struct unwrapped none;

		streams_end(u->streams, false, &none);
		unwrapped_release(&none);
		u->streams = forward;
		u->skipped = skipped;
		return;
	}
	u->undone |= UNWRAP_NEWEST;
	streams_drop(forward);
}

void unwrap_end(struct unwrap *u, struct unwrapped *out)
{
	struct str rest;
	bool cut;

	if (!u->begun)
		begin_input(u);
	cast_end(&u->cast, &u->window);
	cast_release(&u->cast);
	mail_end(&u->mail, &u->window);
	cut = u->window.n && u->window.p[u->window.n - 1] != '\n' && u->window.p[u->window.n - 1] != '\r';
	u->ended = true;
	go(u);
	if (unwrap_join_end(u, &rest) && !yaml_fold(u, &rest))
		unwrap_line(u, rest, 0);
	yaml_end(u);
	turn_round(u);
	literal_end(u);
	streams_end(u->streams, cut, out);
	out->undone |= u->undone;
	out->skipped += u->skipped;
	if (dump_sniff(u->head.p, u->head.n - 1) == DUMP_COUNT)
		buf_release(&out->grouped);
	out->kind = out->text.n ? DUMP_GOROUTINES : out->grouped.n ? DUMP_DEBUG1 : kind_of(u);
	for (int i = 0; i <= DEPTH; i++) {
		buf_release(&u->clean[i]);
		buf_release(&u->plain[i]);
		buf_release(&u->decoded[i]);
	}
	buf_release(&u->window);
	buf_release(&u->head);
	buf_release(&u->kept);
	buf_release(&u->part);
	free(u);
}

void unwrapped_release(struct unwrapped *r)
{
	buf_release(&r->text);
	buf_release(&r->grouped);
	buf_release(&r->notes);
	free(r->moments);
	for (size_t i = 0; i < r->n_origins; i++)
		free(r->origins[i]);
	free(r->origins);
	*r = (struct unwrapped){0};
}
