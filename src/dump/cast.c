/* SPDX-License-Identifier: MIT */
/*
 * What a terminal showed, as asciinema records it: the output in pieces of any size.
 *
 *     {"version": 2, "width": 80, "height": 24}
 *     [0.248848, "o", "goroutine 1 [runn"]
 *     [0.248912, "o", "ing]:\r\nmain.f()\r\n"]
 */
#include "decode.h"

#define EVENT_MAX ((size_t)4 << 20)

bool cast_begins(struct cast *c, const char *p, size_t n)
{
	const char *nl = n && *p == '{' ? memchr(p, '\n', n) : NULL;
	size_t head = nl ? (size_t)(nl - p) : 0;

	c->on = head && memmem(p, head, "\"version\"", 9) && (memmem(p, head, "\"width\"", 7) || memmem(p, head, "\"cols\"", 6)) && head + 1 < n &&
		p[head + 1] == '[';
	return c->on;
}

/* The text of an event of output. */
static void event(struct str s, struct buf *out)
{
	const char *code = memmem(s.p, s.n, "\"o\"", 3);
	size_t from = code ? quote_after(s, (size_t)(code - s.p) + 3) : s.n, to;

	if (s.p[0] != '[' || from == s.n)
		return;
	to = quote_after(s, from + 1);
	decode_escapes((struct str){s.p + from + 1, to - from - 1}, ESCAPE_BACKSLASH, out);
}

void cast_end(struct cast *c, struct buf *out)
{
	if (c->line.n)
		event((struct str){c->line.p, c->line.n}, out);
	buf_reset(&c->line);
}

void cast_add(struct cast *c, const char *p, size_t n, struct buf *out)
{
	for (size_t i = 0, end; i < n; i = end + 1) {
		const char *nl = memchr(p + i, '\n', n - i);

		end = nl ? (size_t)(nl - p) : n;
		if (c->line.n < EVENT_MAX)
			buf_add(&c->line, p + i, end - i);
		if (nl)
			cast_end(c, out);
	}
}

void cast_release(struct cast *c)
{
	buf_release(&c->line);
}
