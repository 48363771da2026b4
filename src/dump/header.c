/* SPDX-License-Identifier: MIT */
/*
 * The first line of a goroutine's block:
 *
 *     goroutine 18 gp=0xc000002380 m=nil [chan receive (leaked), 3 minutes, locked to thread] {k: "a]b"}:
 *
 * The number and the bracket make it a header: a log that says "goroutine 12 started" has none. What stands in the
 * bracket may be unknown, and so may what follows up to the colon: nothing may glue the next goroutine to this one.
 */
#include "line.h"
#include <gscrape/text.h>
#include <ctype.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number at s[*i]; moves *i behind it. */
static bool number(struct str s, size_t *i, uint64_t *out)
{
	size_t from = *i;
	uint64_t v = 0;

	for (; *i < s.n && is_digit(s.p[*i]); (*i)++)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[*i] - '0'), &v))
			return false;
	*out = v;
	return *i > from;
}

/*
 * Index of the first `close` at or after i that is neither in a Go-quoted string nor in braces opened on the way;
 * s.n when there is none. Quotes count only inside braces: a wait reason has none.
 */
static size_t closing(struct str s, size_t i, char close, int depth)
{
	bool quoted = false;

	for (; i < s.n; i++) {
		char c = s.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
			continue;
		}
		if (c == close && depth == (close == '}'))
			return i;
		if (c == '"' && depth)
			quoted = true;
		else if (c == '{')
			depth++;
		else if (c == '}' && depth)
			depth--;
	}
	return s.n;
}

static bool cut_suffix(struct str *s, struct str suffix)
{
	if (s->n < suffix.n || memcmp(s->p + s->n - suffix.n, suffix.p, suffix.n) != 0)
		return false;
	s->n -= suffix.n;
	return true;
}

/* The wait reason and the flags behind it; other parentheses, as in "select (no cases)", belong to the reason. */
static void status(struct str s, struct dump_header *h)
{
	static const struct {
		struct str text;
		unsigned flag;
	} flags[] = {
		{{" (scan)", 7}, DUMP_SCAN},
		{{" (leaked)", 9}, DUMP_LEAKED},
		{{" (durable)", 10}, DUMP_DURABLE},
	};
	bool more;

	do {
		more = false;
		for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
			if (cut_suffix(&s, flags[i].text)) {
				h->flags |= flags[i].flag;
				more = true;
			}
		}
	} while (more);
	h->state = s;
}

/* "3 minutes", "locked to thread", "synctest bubble 4". False for anything else. */
static bool attribute(struct str s, struct dump_header *h)
{
	static const struct str bubble = {"synctest bubble ", 16}, group = {"synctest group ", 15};
	uint64_t v;
	size_t i = 0;

	if (str_eq(s, STR("locked to thread"))) {
		h->flags |= DUMP_LOCKED;
		return true;
	}
	if (str_begins(s, bubble) || str_begins(s, group)) {
		i = str_begins(s, bubble) ? bubble.n : group.n;
		if (number(s, &i, &v))
			h->bubble = v;
		return true;
	}
	if (number(s, &i, &v) && str_begins((struct str){s.p + i, s.n - i}, STR(" minute")) && v < INT32_MAX) {
		h->minutes = (int64_t)v;
		return true;
	}
	return false;
}

/* What stands between [ and ]. An attribute nobody knows stays part of the reason, so that it is seen. */
static void bracket(struct str s, struct dump_header *h)
{
	static const struct str inner = {" labels:{", 9};
	const char *at = s.n > inner.n ? memmem(s.p, s.n, inner.p, inner.n) : NULL;
	size_t reason;

	if (at) {
		size_t from = (size_t)(at - s.p) + inner.n;
		size_t end = closing(s, from, '}', 1);

		h->labels = (struct str){s.p + from, end - from}; /* no attribute ever follows */
		s.n = (size_t)(at - s.p);
	}
	for (reason = s.n;;) {
		const char *comma = memrchr(s.p, ',', reason);
		size_t from = comma ? (size_t)(comma - s.p) : 0;

		if (!comma || from + 2 > reason || comma[1] != ' ' ||
		    !attribute((struct str){s.p + from + 2, reason - from - 2}, h))
			break;
		reason = from;
	}
	status((struct str){s.p, reason}, h);
}

/* " gp=0xc000002380 m=0 mp=0x5f5100 [" or " [" at s[*i]: moves *i behind the bracket. */
static bool open_bracket(struct str s, size_t *i)
{
	static const struct str words[] = {{"gp=", 3}, {"m=", 2}, {"mp=", 3}};
	size_t k = 0;

	for (;;) {
		size_t from = *i;

		while (*i < s.n && s.p[*i] == ' ')
			(*i)++;
		if (*i == from || *i == s.n)
			return false;
		if (s.p[*i] == '[') {
			(*i)++;
			return true;
		}
		while (k < sizeof words / sizeof *words && !str_begins((struct str){s.p + *i, s.n - *i}, words[k]))
			k++;
		if (k == sizeof words / sizeof *words)
			return false;
		while (*i < s.n && s.p[*i] != ' ')
			(*i)++;
	}
}

/* The bracket and the labels behind it: how long they are, with the colon; 0 when there is no whole bracket. */
static size_t status_and_labels(struct str s, struct dump_header *h, bool *colon)
{
	size_t i = 0, end;

	if (!open_bracket(s, &i))
		return 0;
	end = closing(s, i, ']', 0);
	if (end == s.n)
		return 0;
	bracket((struct str){s.p + i, end - i}, h);
	i = end + 1;
	if (i + 1 < s.n && s.p[i] == ' ' && s.p[i + 1] == '{') {
		end = closing(s, i + 2, '}', 1);
		h->labels = (struct str){s.p + i + 2, end - i - 2};
		i = end < s.n ? end + 1 : end;
	}
	*colon = i < s.n && s.p[i] == ':';
	return i + *colon;
}

bool header_tail(struct str s, struct dump_header *h)
{
	bool colon;
	size_t end = status_and_labels(s, h, &colon);

	if (!end)
		return false;
	while (s.n > end && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return end == s.n || (!colon && s.p[s.n - 1] == ':'); /* "goroutine 7 [worker]: done" is a log's */
}

/* "goroutine 12" at s[*i], blanks between; *i goes behind it. */
static bool word_and_number(struct str s, size_t *i, uint64_t *id)
{
	static const struct str word = {"goroutine ", 10};

	if (!str_begins((struct str){s.p + *i, s.n - *i}, word))
		return false;
	for (*i += word.n; *i < s.n && s.p[*i] == ' '; (*i)++)
		; /* pasted through a page that doubles blanks */
	return number(s, i, id);
}

size_t header_span(struct str s, struct dump_header *h, bool *colon)
{
	size_t i = 0, n;

	*h = (struct dump_header){.minutes = -1};
	if (!word_and_number(s, &i, &h->id))
		return 0;
	n = status_and_labels((struct str){s.p + i, s.n - i}, h, colon);
	return n ? i + n : 0;
}

bool dump_header(struct str line, struct dump_header *out)
{
	struct dump_header h = {.minutes = -1};
	size_t i = line_indent(line);

	if (!word_and_number(line, &i, &h.id) || !header_tail((struct str){line.p + i, line.n - i}, &h))
		return false;
	*out = h;
	return true;
}

/* The n hexadecimal digits at p, of `left` that are there; 0: they are none. */
static uint32_t hex_digits(const char *p, size_t left, size_t n)
{
	uint32_t v = 0;

	if (n > left)
		return 0;
	for (size_t k = 0; k < n; k++) {
		if (!isxdigit((unsigned char)p[k]))
			return 0;
		v = v << 4 | (uint32_t)(p[k] <= '9' ? p[k] - '0' : (p[k] | 0x20) - 'a' + 10);
	}
	return v;
}

/* What is behind a \ at s[*i], as Go quotes; moves *i to its last byte. Bytes that are no text, and what is no such thing, stay as
 * they are written. */
static void unescape(struct str s, size_t *i, struct buf *out)
{
	static const char names[] = "a\ab\bf\fn\nr\rt\tv\v", numbers[] = "x\2u\4U\10";
	char c = s.p[*i];
	const char *name = c ? strchr(names, c) : NULL, *number = c ? strchr(numbers, c) : NULL;
	size_t n = number && (number - numbers) % 2 == 0 ? (size_t)number[1] : 0;
	uint32_t v = n ? hex_digits(s.p + *i + 1, s.n - *i - 1, n) : 0;

	if (v && v <= 0x10ffff && (v < 0x80 || c != 'x') && (v < 0xd800 || v > 0xdfff)) {
		buf_add_utf8(out, v);
		*i += n;
		return;
	}
	if (n)
		buf_putc(out, '\\');
	buf_putc(out, name && (name - names) % 2 == 0 ? name[1] : c);
}

/* One side of a label at s[*i], unquoted into out; moves *i behind it. A bare side ends at `stop`. */
static struct str label_side(struct str s, size_t *i, const char *stop, struct buf *out)
{
	size_t from = *i;

	if (*i >= s.n || s.p[*i] != '"') {
		const char *at = memmem(s.p + from, s.n - from, stop, strlen(stop));

		*i = at ? (size_t)(at - s.p) : s.n;
		return (struct str){s.p + from, *i - from};
	}
	buf_reset(out);
	buf_reserve(out, 1);
	for ((*i)++; *i < s.n && s.p[*i] != '"'; (*i)++) {
		if (s.p[*i] == '\\' && *i + 1 < s.n) {
			(*i)++;
			unescape(s, i, out);
		} else {
			buf_putc(out, s.p[*i]);
		}
	}
	if (*i < s.n)
		(*i)++;
	return (struct str){out->p, out->n};
}

void dump_labels(struct str s, void (*fn)(void *ctx, struct str key, struct str value), void *ctx)
{
	struct buf kb = {0}, vb = {0};
	size_t i = 0;

	while (i < s.n) {
		struct str k = label_side(s, &i, ":", &kb), v;

		if (i >= s.n || s.p[i] != ':')
			break;
		i++;
		if (i < s.n && s.p[i] == ' ')
			i++;
		v = label_side(s, &i, ", ", &vb);
		fn(ctx, k, v);
		if (i < s.n && s.p[i] == ',')
			i++;
		while (i < s.n && s.p[i] == ' ')
			i++;
	}
	buf_release(&kb);
	buf_release(&vb);
}
