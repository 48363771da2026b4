/* SPDX-License-Identifier: MIT */
/* Lines within lines: strings of JSON, of logs and of programs, ends of lines that are spelled out, pages. */
#include "find.h"
#include "line.h"
#include "unwrap_internal.h"
#include <gscrape/err.h>
#include <ctype.h>
#include <stdlib.h>

/* Each line of a decoded text. */
void unwrap_lines(struct unwrap *u, struct str text, int depth)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.n;) {
		size_t end = i;

		while (end < text.n && text.p[end] != '\n' && text.p[end] != '\r')
			end++;
		unwrap_line(u, (struct str){text.p + i, end - i}, depth);
		lines += end > i;
		if (end + 1 < text.n && text.p[end] == '\r' && text.p[end + 1] == '\n')
			end++;
		i = end + 1;
	}
	if (lines > 1 && !u->n_levels)
		streams_close(u->streams);
}

void unwrap_decoded(struct unwrap *u, struct str text, enum escape how, int depth)
{
	struct buf *out = &u->decoded[depth];

	buf_reset(out);
	decode_escapes(text, how, out);
	unwrap_lines(u, (struct str){out->p, out->n}, depth + 1);
}

/* "MESSAGE":[103,111,114]: bytes, as journald tells what it holds for no text. */
static bool take_bytes(struct unwrap *u, struct str s, const struct key *k, int depth)
{
	const char *at = k->kind == KEY_JSON ? memmem(s.p, s.n, k->name, strlen(k->name)) : NULL, *end = s.p + s.n;
	struct buf *out = &u->decoded[depth];

	if (!at)
		return false;
	for (at += strlen(k->name); at < end && char_in(*at, ": "); at++)
		;
	if (at + 1 >= end || *at != '[' || !char_in(at[1], "0123456789 "))
		return false;
	buf_reset(out);
	for (at++; at < end && char_in(*at, "0123456789, ");) {
		unsigned v = 0;

		while (at < end && char_in(*at, ", "))
			at++;
		if (at == end || *at < '0' || *at > '9')
			break;
		for (; at < end && *at >= '0' && *at <= '9'; at++)
			v = v * 10 + (unsigned)(*at - '0');
		buf_putc(out, (char)v);
	}
	u->undone |= UNWRAP_STRINGS;
	unwrap_lines(u, (struct str){out->n ? out->p : "", out->n}, depth + 1);
	return true;
}

/* What the string that begins at s[quote] is called; false when nothing before it says so. */
static bool key_of(struct str s, size_t quote, struct key *k)
{
	size_t i = back_over_blanks(s, quote), from;

	*k = (struct key){0};
	if (i && s.p[i - 1] == '=') {
		for (from = i - 1; from && !char_in(s.p[from - 1], " \t\"{[,"); from--)
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

void unwrap_learn(struct unwrap *u, const struct key *k, int depth)
{
	for (size_t i = 0; i < u->n_keys; i++)
		if (u->keys[i].kind == k->kind && u->keys[i].depth == depth && u->keys[i].column == k->column && strcmp(u->keys[i].name, k->name) == 0)
			return;
	if (u->n_keys == KEYS) {
		memmove(u->keys, u->keys + 1, (KEYS - 1) * sizeof *u->keys);
		u->n_keys--;
	}
	u->keys[u->n_keys] = *k;
	u->keys[u->n_keys++].depth = depth;
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
		if (depth == 0 && !any)
			streams_prefix(u->streams, (struct str){s.p, (size_t)(value.p - s.p)});
		if (!whole)
			remember_level(u, depth, ESCAPE_BACKSLASH, true);
		if (value.n)
			unwrap_decoded(u, value, ESCAPE_BACKSLASH, depth);
		else
			unwrap_line(u, (struct str){"", 0}, depth + 1);
		if (k.kind != KEY_JSON)
			return true;
		s = (struct str){value.p + value.n, (size_t)(s.p + s.n - value.p - value.n)};
	}
	return any;
}

/* The strings of one key, when the line has some. */
static bool take_by(struct unwrap *u, struct str s, const struct key *k, int depth)
{
	switch (k->kind) {
	case KEY_YAML:
		return yaml_take(u, s, k, depth);
	case KEY_LITERAL:
		return literal_next(u, s, depth);
	case KEY_CSV:
		return csv_next(u, s, k, depth);
	default:
		return take_bytes(u, s, k, depth) || take_values(u, s, *k, depth);
	}
}

/* A known key's strings, when the line has some. */
static bool take_value(struct unwrap *u, struct str s, int depth)
{
	for (size_t i = 0; i < u->n_keys; i++)
		if (u->keys[i].depth == depth && take_by(u, s, &u->keys[i], depth))
			return true;
	return false;
}

/* Where the tag at s[i] ends; i when it does not. */
static size_t over_tag(struct str s, size_t i)
{
	const char *end = memchr(s.p + i, '>', s.n - i);

	return end ? (size_t)(end - s.p) : i;
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
		if (s.p[i] == '<' && i + 1 < until && (isalpha((unsigned char)s.p[i + 1]) || s.p[i + 1] == '/'))
			i = over_tag(s, i);
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

/* A header at s[at] in a quoted string or with its line's end spelled out: undone. False: it is none of these. *next: from
 * where on another string may hold one. */
static bool take_one_string(struct unwrap *u, struct str s, size_t at, int depth, size_t *next)
{
	struct ending end = ending_of(s, at);
	size_t quote = quote_before(s, at), from = 0, until = s.n;
	bool quoted = quote != SIZE_MAX && !(quote + 2 == at && s.p[at - 1] == '>'); /* or it is a tag's */
	struct key k = {.kind = KEY_ELEMENT};

	if (end.how == ESCAPE_NONE && !(end.quote && quoted))
		return false;
	if (end.how == ESCAPE_NONE || end.how == ESCAPE_BACKSLASH) {
		if (quoted) {
			from = quote + 1;
			until = quote_after(s, from);
			u->undone |= UNWRAP_STRINGS;
			if (listed_take(u, s, quote, depth))
				return true;
			if (until > at && key_of(s, quote, &k))
				unwrap_learn(u, &k, depth);
			else if (end.how == ESCAPE_NONE)
				return false;
			if (until < at)
				until = s.n;
		}
		end.how = ESCAPE_BACKSLASH;
	}
	u->undone |= UNWRAP_ESCAPES;
	if (depth == 0)
		streams_prefix(u->streams, (struct str){s.p, quoted ? quote : at});
	if (until == s.n)
		remember_level(u, depth, end.how, quoted);
	unwrap_decoded(u, (struct str){s.p + from, until - from}, end.how, depth);
	if (k.kind == KEY_JSON && k.name[0] && !take_values(u, (struct str){s.p + until, s.n - until}, k, depth))
		*next = until;
	return true;
}

#define STRINGS_MAX 16 /* of one line, each called otherwise */

/* {"short_message": "goroutine 1 [running]:", "full_message": "goroutine 1 [running]:\nmain.f()…"}: all of them. */
static bool take_string(struct unwrap *u, struct str s, size_t at, int depth)
{
	size_t next = s.n;
	bool any = false;

	for (int i = 0; i < STRINGS_MAX && at < s.n && take_one_string(u, s, at, depth, &next); i++) {
		any = true;
		at = find_header(s.p, s.n, next);
		next = s.n;
	}
	return any;
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

/* goroutine 18 [select] {tenant: "<b>acme</b>"}: as the dump itself has it. */
static bool is_label(struct str s)
{
	const char *tag = memchr(s.p, '<', s.n), *labels = memchr(s.p, '{', s.n);

	return str_begins(s, STR("goroutine ")) && labels && tag > labels && s.p[s.n - 1] == ':' && memrchr(s.p, '>', s.n) < memrchr(s.p, '}', s.n);
}

/* Tags of a page. */
static bool take_html(struct unwrap *u, struct str s, int depth)
{
	struct buf *out = &u->decoded[depth];

	if (s.n && !u->html && is_label(s))
		return false;
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

#define RECORD_MAX 64 /* lines without the key that one has at most */

/* Another line of a record of YAML or JSON whose key for the log's text is known: `"timestamp": "…",`, `severity: ERROR`. */
static bool is_of_record(struct unwrap *u, struct str s)
{
	size_t i = line_indent(s), end = i;
	bool json = false, yaml = false;

	for (size_t k = 0; k < u->n_keys; k++) {
		json |= u->keys[k].depth == 0 && u->keys[k].kind == KEY_JSON;
		yaml |= u->keys[k].depth == 0 && u->keys[k].kind == KEY_YAML;
	}
	if (i == s.n || u->dropped >= RECORD_MAX)
		return false;
	if (json && char_in(s.p[i], "\"{}[]"))
		return true;
	if (!yaml)
		return false;
	if (s.n - i >= 2 && memcmp(s.p + i, "- ", 2) == 0)
		end = i += 2;
	while (end < s.n && (isalnum((unsigned char)s.p[end]) || char_in(s.p[end], "_.-/")))
		end++;
	return str_eq(s, STR("---")) || (end > i && end < s.n && s.p[end] == ':' && (end + 1 == s.n || s.p[end + 1] == ' '));
}

/* `goroutine 1 [running] {""job"":""nightly""}:`, out of a cell of CSV that has several lines: each quote was doubled. */
static bool without_doubled(struct str s, size_t at, struct buf *out)
{
	const char *open = memmem(s.p + at, s.n - at, "{\"\"", 3);

	if (!open || open + 3 >= s.p + s.n || open[3] == ':')
		return false;
	buf_reset(out);
	for (size_t i = 0; i < s.n; i++) {
		buf_putc(out, s.p[i]);
		i += s.p[i] == '"' && i + 1 < s.n && s.p[i + 1] == '"';
	}
	return true;
}

/* "goroutine *1* [running]:", "**goroutine** `1` [running]:": without the marks of bold words. False: there are none. */
static bool without_emphasis(struct str s, size_t at, struct buf *out)
{
	static const char marks[] = "*`";
	const char *close = memchr(s.p + at, ']', s.n - at);
	size_t until = close ? (size_t)(close - s.p) + 1 : at, before = at, within = at;

	while (within < until && !strchr(marks, s.p[within]))
		within++;
	if (within == until)
		return false; /* the whole line may be */
	while (until < s.n && until > at && strchr(marks, s.p[until]))
		until++;
	while (before && strchr(marks, s.p[before - 1]))
		before--;
	buf_reset(out);
	buf_add(out, s.p, before);
	for (size_t i = before; i < until; i++)
		if (!strchr(marks, s.p[i]))
			buf_putc(out, s.p[i]);
	buf_add(out, s.p + until, s.n - until);
	return true;
}

/* What means something in markdown, or in TeamCity's messages, has a mark before it: "goroutine 1 \[running\]:". */
static bool take_marked(struct unwrap *u, struct str s, size_t at, int depth)
{
	const char *open = memchr(s.p + at, '[', s.n - at);
	char mark = open ? open[-1] : 0;

	if (mark != '|' && mark != '\\')
		return false;
	u->undone |= UNWRAP_ESCAPES;
	u->markdown |= mark == '\\' && depth == 0;
	unwrap_decoded(u, s, mark == '|' ? ESCAPE_PIPE : ESCAPE_MARKDOWN, depth);
	return true;
}

void unwrap_line(struct unwrap *u, struct str line, int depth)
{
	struct str s = decode_bytes(line, &u->clean[depth], &u->undone);
	struct key k;
	size_t at;

	if (u->markdown && depth == 0 && memchr(s.p, '\\', s.n)) {
		unwrap_decoded(u, s, ESCAPE_MARKDOWN, depth);
		return;
	}

	if (depth < DEPTH) {
		if (take_value(u, s, depth)) {
			u->dropped = 0;
			return;
		}
		at = find_header(s.p, s.n, 0);
		if (at < s.n && yaml_key(s, at, &k)) {
			unwrap_learn(u, &k, depth);
			yaml_take(u, s, &k, depth);
			return;
		}
		if (at < s.n && take_marked(u, s, at, depth))
			return;
		if (at < s.n && (without_doubled(s, at, &u->plain[depth]) || without_emphasis(s, at, &u->plain[depth]))) {
			u->undone |= UNWRAP_EMPHASIS;
			s = (struct str){u->plain[depth].p, u->plain[depth].n};
			at = find_header(s.p, s.n, 0);
		}
		if (at < s.n && (csv_take(u, s, at, depth) || literal_take(u, s, at, depth) || take_string(u, s, at, depth)))
			return;
		if (depth == 0 && at == s.n && u->n_keys && is_of_record(u, s)) {
			u->dropped++;
			u->skipped++;
			return;
		}
		u->html |= is_tagged(s, at);
		if (take_html(u, s, depth))
			return;
	}
	streams_line(u->streams, s, u->time);
}

/* The next piece of a long line: what was undone for the one before is undone for it. */
void unwrap_rest(struct unwrap *u, struct str piece)
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
	unwrap_lines(u, piece, n);
}
