/* SPDX-License-Identifier: MIT */
/*
 * Strings in lists, and a program's literals, one in each line:
 *
 *     ["goroutine 1 [select]:", "main.f()", …]                 JSON
 *     ["goroutine 1 [select]:" "main.f()" …]                   Go's %q; []string{"…", "…"}
 *     [["1764125999000000000", "goroutine 1 [select]:"], …]    pairs of time and text
 *     ['goroutine 1 [select]:', "main.f()", …]                 Python
 *     b'goroutine 1 [select]:\n'                               Python, what came out of a pipe line by line
 *     ('goroutine 1 [select]:\n'                               Python's pprint: what is too wide is in two
 *      'main.f(0x1, '
 *      '0x2)\n'
 */
#include "unwrap_internal.h"
#include <ctype.h>

#define PARTS_MAX 65536

/* Behind the letter that a literal may have before its quote: b'…', u"…". */
static size_t over_letter(struct str s, size_t i)
{
	return i + 1 < s.n && char_in(s.p[i], "bur") && (s.p[i + 1] == '\'' || s.p[i + 1] == '"') ? i + 1 : i;
}

static bool is_quote(struct str s, size_t i)
{
	return i < s.n && (s.p[i] == '"' || s.p[i] == '\'');
}

/* Where the next string of the list is, behind the one that ended before s[i]: commas, blanks, a letter. s.n: no more. */
static size_t next_listed(struct str s, size_t i)
{
	i = over_blanks(s, i);
	if (i < s.n && s.p[i] == ',')
		i++;
	i = over_letter(s, over_blanks(s, i));
	return is_quote(s, i) ? i : s.n;
}

/* From the string at s[i] on: each is a line. */
static void take_list(struct unwrap *u, struct str s, size_t i, int depth)
{
	while (i < s.n) {
		size_t end = mark_after(s, i + 1, s.p[i]);

		unwrap_decoded(u, (struct str){s.p + i + 1, end - i - 1}, ESCAPE_BACKSLASH, depth);
		if (end == i + 1)
			unwrap_line(u, (struct str){"", 0}, depth + 1);
		i = end < s.n ? next_listed(s, end + 1) : s.n;
	}
}

/* Is the string at s[quote] one of several in a list, of which more follow? The last cell of a line of CSV is none. */
static bool is_listed(struct str s, size_t quote)
{
	size_t letter = quote && char_in(s.p[quote - 1], "bur") ? quote - 1 : quote, i = back_over_blanks(s, letter);
	size_t end = mark_after(s, quote + 1, s.p[quote]), next = end < s.n ? next_listed(s, end + 1) : s.n;

	if (!i || next == s.n || next == end + 1)
		return false;
	return char_in(s.p[i - 1], "[,({") || (i < letter && is_quote(s, i - 1));
}

/* Where the first string of the list is that has one at s[quote]. */
static size_t list_begins(struct str s, size_t quote)
{
	for (size_t i, first; (i = back_over_blanks(s, quote)) && s.p[i - 1] == ','; quote = first) {
		i = back_over_blanks(s, i - 1);
		first = i && s.p[i - 1] == '"' ? quote_before(s, i - 1) : SIZE_MAX;
		if (first == SIZE_MAX)
			break;
	}
	return quote;
}

/* Is the string at s[quote] the second of a list that begins with another string? */
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

		unwrap_decoded(u, (struct str){s.p + i + 1, end - i - 1}, ESCAPE_BACKSLASH, depth);
		if (end == i + 1)
			unwrap_line(u, (struct str){"", 0}, depth + 1);
		i = next_pair(s, end);
	}
}

bool listed_take(struct unwrap *u, struct str s, size_t quote, int depth)
{
	if (is_listed(s, quote))
		take_list(u, s, u->back ? list_begins(s, quote) : quote, depth);
	else if (s.p[quote] == '"' && is_paired(s, quote))
		take_pairs(u, s, u->back ? next_pair(s, 0) : quote, depth);
	else
		return false;
	u->undone |= UNWRAP_STRINGS;
	return true;
}

/* --- literals, one in each line */

/* The literal that the line ends with, behind its quote; *comma: one follows it. False: none that could be of a kind. */
static bool literal_of(struct str s, bool bytes, struct str *out, bool *comma)
{
	size_t n = s.n, i;

	while (n && char_in(s.p[n - 1], ",])}+ "))
		n--;
	*comma = n < s.n && !memchr(s.p + n, '+', s.n - n);
	if (n < 2 || !is_quote(s, n - 1))
		return false;
	for (i = 0; i + 1 < n; i++)
		if (s.p[i] == s.p[n - 1] && (!i || char_in(s.p[i - 1], " ([{,") || (s.p[i - 1] == 'b' && (i == 1 || !isalnum((unsigned char)s.p[i - 2])))) &&
		    bytes == (i && s.p[i - 1] == 'b') && mark_after(s, i + 1, s.p[i]) == n - 1)
			break;
	if (i + 1 >= n)
		return false;
	*out = (struct str){s.p + i + 1, n - i - 2};
	return true;
}

static bool ends_with_newline(struct str s)
{
	return s.n >= 2 && memcmp(s.p + s.n - 2, "\\n", 2) == 0;
}

/* Its text, unless it is a part of one. */
static void take_literal(struct unwrap *u, struct str s, bool comma, int depth)
{
	struct literal *l = &u->literal;
	struct buf text = {0};
	bool whole = l->ends == ENDS_ANYHOW || (l->ends == ENDS_WITH_NEWLINE ? ends_with_newline(s) : comma);

	buf_add(&l->text, s.p, s.n);
	if (!whole && l->text.n < PARTS_MAX)
		return;
	text = l->text;
	l->text = (struct buf){0};
	u->undone |= UNWRAP_STRINGS;
	unwrap_decoded(u, (struct str){text.n ? text.p : "", text.n}, ESCAPE_BACKSLASH, depth);
	if (!text.n)
		unwrap_line(u, (struct str){"", 0}, depth + 1);
	buf_release(&text);
}

bool literal_take(struct unwrap *u, struct str s, size_t at, int depth)
{
	struct literal *l = &u->literal;
	bool bytes = at > 1 && s.p[at - 2] == 'b', comma;
	struct key k = {.kind = KEY_LITERAL};
	struct str text;

	if (!at || !is_quote(s, at - 1) || (s.p[at - 1] == '"' && !bytes))
		return false;
	if (listed_take(u, s, at - 1, depth))
		return true;
	if (!literal_of(s, bytes, &text, &comma) || text.p != s.p + at)
		return false;
	for (const char *p = text.p; (p = memmem(p, (size_t)(text.p + text.n - p), "\\n", 2)); p += 2)
		if (p + 2 < text.p + text.n)
			return false; /* several lines: a whole text */
	l->bytes = bytes;
	l->ends = ends_with_newline(text) ? ENDS_WITH_NEWLINE : comma ? ENDS_WITH_COMMA : ENDS_ANYHOW;
	buf_reset(&l->text);
	unwrap_learn(u, &k, depth);
	take_literal(u, text, comma, depth);
	return true;
}

bool literal_next(struct unwrap *u, struct str s, int depth)
{
	struct str text;
	bool comma;

	if (!literal_of(s, u->literal.bytes, &text, &comma))
		return false;
	take_literal(u, text, comma, depth);
	return true;
}

void literal_end(struct unwrap *u)
{
	buf_release(&u->literal.text);
}
