/* SPDX-License-Identifier: MIT */
/*
 * Values of YAML in quotes. One that is longer than a line is folded:
 *
 *     message: "goroutine 1 [running]:\nmain.run(0xc00009c210, {0x2d8701?,\          the backslash joins, and keeps the blank
 *       \ 0x7?})\n\t/src/shop/run.go:31 +0x414\n"
 *     message: 'goroutine 1 [running]:                                               an empty line is a line's end,
 *
 *       main.run(0xc00009c210, {0x2d8701?,                                           the end of another one a blank
 *       0x7?})
 *
 * It is written as one line, in double quotes, and taken as such.
 */
#include "line.h"
#include "unwrap_internal.h"
#include <ctype.h>

/* "textPayload: 'goroutine 1 [running]:'": a value of YAML in quotes. */
bool yaml_key(struct str s, size_t at, struct key *k)
{
	size_t from = line_indent(s), end;

	if (from + 2 < s.n && memcmp(s.p + from, "- ", 2) == 0)
		from += 2;
	for (end = from; end < s.n && (isalnum((unsigned char)s.p[end]) || char_in(s.p[end], "_.-")); end++)
		;
	*k = (struct key){.kind = KEY_YAML};
	if (at < 2 || (s.p[at - 1] != '\'' && s.p[at - 1] != '"') || end + 2 != at - 1 || memcmp(s.p + end, ": ", 2) != 0 || end - from + 2 > KEY_MAX || end == from)
		return false;
	memcpy(k->name, s.p + from, end - from + 1);
	return true;
}

/* The value of this key, when the line has it. */
bool yaml_take(struct unwrap *u, struct str s, const struct key *k, int depth)
{
	size_t from = line_indent(s), n = strlen(k->name);
	char quote;

	if (from + 2 < s.n && memcmp(s.p + from, "- ", 2) == 0)
		from += 2;
	if (s.n - from < n || memcmp(s.p + from, k->name, n) != 0)
		return false;
	for (from += n; from < s.n && s.p[from] == ' '; from++)
		;
	quote = from < s.n ? s.p[from] : 0;
	s = (struct str){s.p + from, s.n - from};
	u->undone |= UNWRAP_STRINGS;
	if (quote == '"' || quote == '\'')
		s = (struct str){s.p + 1, s.n - 1 - (s.n > 1 && s.p[s.n - 1] == quote)};
	if (quote == '"')
		unwrap_decoded(u, s, ESCAPE_BACKSLASH, depth);
	else
		unwrap_line(u, s, depth + 1);
	return true;
}

/* --- folded over lines */

#define FOLDED_MAX ((size_t)4 << 20)

/* Where the value of a key begins whose quote no other closes: the quote's place; s.n when there is none. */
static size_t open_quote(struct str s)
{
	size_t i = line_indent(s), end;
	char quote;

	while (i + 2 < s.n && memcmp(s.p + i, "- ", 2) == 0)
		i += 2;
	if (i < s.n && (s.p[i] == '"' || s.p[i] == '\'')) { /* the key itself is in quotes */
		end = mark_after(s, i + 1, s.p[i]);
		end += end < s.n;
	} else {
		for (end = i; end < s.n && (isalnum((unsigned char)s.p[end]) || char_in(s.p[end], "_.-/")); end++)
			;
	}
	if (end == i || end + 2 >= s.n || s.p[end] != ':' || s.p[end + 1] != ' ')
		return s.n;
	i = over_blanks(s, end + 1);
	if (i == s.n || (s.p[i] != '"' && s.p[i] != '\''))
		return s.n;
	quote = s.p[i];
	for (end = i + 1; (end = mark_after(s, end, quote)) < s.n && quote == '\'' && end + 1 < s.n && s.p[end + 1] == quote; end += 2)
		;
	return end < s.n ? s.n : i;
}

/* A part, as it would stand in double quotes. True when the quote ends in it. */
static bool add_part(struct fold *f, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == f->quote && f->quote == '\'' && i + 1 < s.n && s.p[i + 1] == '\'')
			i++;
		else if (s.p[i] == f->quote)
			return true;
		if (f->quote == '\'' && char_in(s.p[i], "\"\\"))
			buf_putc(&f->line, '\\');
		buf_putc(&f->line, s.p[i]);
		if (f->quote == '"' && s.p[i] == '\\' && i + 1 < s.n)
			buf_putc(&f->line, s.p[++i]);
	}
	return false;
}

/* The next line of it: true when the quote ends. */
static bool add_line(struct fold *f, struct str s)
{
	size_t from = line_indent(s);

	s = (struct str){s.p + from, s.n - from};
	if (!s.n) {
		buf_adds(&f->line, "\\n");
		f->breaks = false;
		return false;
	}
	if (f->breaks)
		buf_putc(&f->line, ' ');
	f->breaks = true;
	if (f->quote == '"' && s.p[s.n - 1] == '\\') { /* one that no other escapes */
		size_t n = 0;

		while (n < s.n && s.p[s.n - 1 - n] == '\\')
			n++;
		if (n % 2) {
			s.n--;
			f->breaks = false;
		}
	}
	return add_part(f, s);
}

/* It was none: each line is taken as it stood. */
static void give_up(struct unwrap *u)
{
	struct buf raw = u->fold.raw;

	u->fold.quote = 0;
	u->fold.raw = (struct buf){0};
	for (size_t i = 0, end; i < raw.n; i = end + 1) {
		end = (size_t)((const char *)memchr(raw.p + i, '\n', raw.n - i) - raw.p);
		unwrap_line(u, (struct str){raw.p + i, end - i}, 0);
	}
	buf_release(&raw);
}

static void begin(struct unwrap *u, struct str s, size_t quote)
{
	struct fold *f = &u->fold;

	f->quote = s.p[quote];
	f->indent = line_indent(s);
	f->breaks = false;
	buf_reset(&f->line);
	buf_add(&f->line, s.p, quote);
	buf_putc(&f->line, '"');
	add_line(f, (struct str){s.p + quote + 1, s.n - quote - 1});
}

bool yaml_fold(struct unwrap *u, struct str *s)
{
	struct fold *f = &u->fold;
	struct str line = *s;
	size_t quote;

	if (u->back)
		return false; /* its lines are in the other order */
	while (line.n && char_in(line.p[line.n - 1], " \r"))
		line.n--;
	if (f->quote && line.n && line_indent(line) <= f->indent)
		give_up(u);
	if (!f->quote) {
		quote = open_quote(line);
		if (quote == line.n)
			return false;
		buf_reset(&f->raw);
		buf_add(&f->raw, s->p, s->n);
		buf_putc(&f->raw, '\n');
		begin(u, line, quote);
		return true;
	}
	buf_add(&f->raw, s->p, s->n);
	buf_putc(&f->raw, '\n');
	if (!add_line(f, line)) {
		if (f->raw.n > FOLDED_MAX)
			give_up(u);
		return true;
	}
	f->quote = 0;
	buf_putc(&f->line, '"');
	u->undone |= UNWRAP_STRINGS;
	*s = (struct str){f->line.p, f->line.n};
	return false;
}

void yaml_end(struct unwrap *u)
{
	if (u->fold.quote)
		give_up(u);
	buf_release(&u->fold.raw);
	buf_release(&u->fold.line);
}
