/* SPDX-License-Identifier: MIT */
#include "shape.h"
#include <strings.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t over_blanks(struct str s, size_t i)
{
	while (i < s.n && is_blank(s.p[i]))
		i++;
	return i;
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

#define LABEL 16 /* hexadecimal digits that are a number, not a name: TAI64 and nanoseconds have 24 */

/* Behind the number that begins at s[i]: digits, and one mark of dates and times before more digits. */
static size_t over_number(struct str s, size_t i)
{
	size_t end = i;

	while (end < s.n && is_hex(s.p[end]))
		end++;
	if (end - i >= LABEL)
		return end;
	while (i < s.n && is_digit(s.p[i])) {
		while (i < s.n && is_digit(s.p[i]))
			i++;
		if (i + 1 < s.n && is_digit(s.p[i + 1]) && char_in(s.p[i], ".,:-/_T+"))
			i++;
	}
	return i;
}

#define LEVEL '\1' /* in a shape */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "E1123 10:00:00": klog and glog write the level as a letter before the day. */
static bool is_klog(struct str s, size_t i)
{
	if (s.n - i < 6 || !char_in(s.p[i], "DIWEF") || s.p[i + 5] != ' ')
		return false;
	for (size_t k = i + 1; k < i + 5; k++)
		if (!is_digit(s.p[k]))
			return false;
	return true;
}

/* Behind the level's word at s[i] and its blanks; i when there is none. */
static size_t over_level(struct str s, size_t i)
{
	static const char *const levels[] = {"trace", "debug", "info", "notice", "warn", "warning", "error", "err", "fatal", "panic", "critical",
					     "trac", "debu", "erro", "fata", "pani", "trc", "dbg", "inf", "wrn", "ftl", "pnc"};
	size_t n = 0;

	if (i && is_letter(s.p[i - 1]))
		return i;
	if (is_klog(s, i))
		return i + 1;
	while (i + n < s.n && is_letter(s.p[i + n]))
		n++;
	for (size_t k = 0; k < sizeof levels / sizeof *levels; k++)
		if (strlen(levels[k]) == n && strncasecmp(s.p + i, levels[k], n) == 0)
			return over_blanks(s, i + n);
	return i;
}

bool shape_is_level(struct str s)
{
	return s.n && over_level(s, 0) == s.n;
}

void shape_add(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t next = over_blanks(s, i);

		if (next > i) {
			if (next == s.n || !is_digit(s.p[next]))
				buf_putc(out, ' ');
			i = next;
		} else if (is_digit(s.p[i])) {
			buf_putc(out, '0');
			i = over_number(s, i);
		} else if ((next = over_level(s, i)) > i) {
			buf_putc(out, LEVEL);
			i = next;
		} else {
			buf_putc(out, s.p[i++]);
		}
	}
}

/* grep -A writes 12: before the line it looked for and 13- before the next. */
static bool same(char a, char b)
{
	return a == b || (a == ':' && b == '-') || (a == '-' && b == ':');
}

size_t shape_prefix(struct str shape, struct str line)
{
	size_t i = 0;

	for (size_t k = 0; k < shape.n; k++) {
		size_t next = over_blanks(line, i);

		if (shape.p[k] == '0') {
			if (next == line.n || !is_digit(line.p[next]))
				return 0;
			i = over_number(line, next);
		} else if (shape.p[k] == LEVEL) {
			next = over_level(line, i);
			if (next == i)
				return 0;
			i = next;
		} else if (shape.p[k] == ' ') {
			if (next == i && (k + 1 < shape.n || i < line.n))
				return 0;
			i = k + 1 == shape.n && next > i ? i + 1 : next; /* more blanks are the line's own */
		} else {
			if (i == line.n || !same(shape.p[k], line.p[i]))
				return 0;
			i++;
		}
	}
	return i;
}

bool shape_is(struct str shape, struct str text)
{
	size_t n = shape_prefix(shape, text);

	if (n && shape.p[shape.n - 1] == ' ') /* as many blanks as there are */
		n = over_blanks(text, n);
	return shape.n && n == text.n;
}
