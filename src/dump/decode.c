/* SPDX-License-Identifier: MIT */
#include "decode.h"
#include <gscrape/text.h>
#include <ctype.h>
#include <strings.h>

static void put_rune(struct buf *out, uint32_t r)
{
	if (r < 0x80) {
		buf_putc(out, (char)r);
	} else if (r < 0x800) {
		buf_putc(out, (char)(0xc0 | r >> 6));
		buf_putc(out, (char)(0x80 | (r & 0x3f)));
	} else if (r < 0x10000) {
		buf_putc(out, (char)(0xe0 | r >> 12));
		buf_putc(out, (char)(0x80 | (r >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (r & 0x3f)));
	} else {
		buf_putc(out, (char)(0xf0 | (r >> 18 & 7)));
		buf_putc(out, (char)(0x80 | (r >> 12 & 0x3f)));
		buf_putc(out, (char)(0x80 | (r >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (r & 0x3f)));
	}
}

/* --- bytes */

/* A terminal's sequence at s[i], or one whose ESC became ^[: its length, 0 when there is none. */
static size_t colour_at(struct str s, size_t i)
{
	size_t from = i;

	if (s.p[i] == '\033')
		i++;
	else if (s.p[i] == '^' && i + 2 < s.n && s.p[i + 1] == '[' && s.p[i + 2] == '[')
		i += 2;
	else
		return 0;
	if (i == s.n)
		return i - from;
	if (s.p[i] == ']') { /* up to BEL or ESC \ */
		while (i < s.n && s.p[i] != '\a' && s.p[i] != '\033')
			i++;
		i += i < s.n;
		return i - from + (i < s.n && s.p[i - 1] == '\033' && s.p[i] == '\\');
	}
	if (s.p[i] != '[')
		return i + 1 - from;
	for (i++; i < s.n && (unsigned char)s.p[i] >= 0x20 && (unsigned char)s.p[i] < 0x40;)
		i++;
	return i - from + (i < s.n);
}

/* Characters that look like a blank, or like nothing: which bytes take their place (NULL: s has none of them at i). */
static const char *odd_blank(struct str s, size_t i, size_t *length)
{
	static const struct {
		const char *bytes, *becomes;
	} odd[] = {
		{"\xc2\xa0", " "},	{"\xe2\x80\x87", " "}, {"\xe2\x80\xaf", " "}, {"\xe3\x80\x80", " "}, {"\xe2\x80\x8b", ""},
		{"\xe2\x80\x8e", ""}, {"\xe2\x81\xa0", ""},  {"\xef\xbb\xbf", ""},
	};

	for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
		*length = strlen(odd[k].bytes);
		if (s.n - i >= *length && memcmp(s.p + i, odd[k].bytes, *length) == 0)
			return odd[k].becomes;
	}
	return NULL;
}

/* Nothing below is looked at more closely. */
static bool is_plain(unsigned char c)
{
	return (c >= 0x20 && c < 0x7f && c != '^') || c == '\t';
}

static size_t clean_at(struct str s, size_t i, struct buf *out, unsigned *undone)
{
	unsigned char c = (unsigned char)s.p[i];
	size_t n = colour_at(s, i);
	const char *becomes;

	if (n) {
		*undone |= UNWRAP_COLOURS;
		return n;
	}
	if (c == '^' || c == '\t') {
		buf_putc(out, (char)c);
		return 1;
	}
	if (c < 0x20 || c == 0x7f) {
		*undone |= UNWRAP_BYTES;
		return 1;
	}
	becomes = odd_blank(s, i, &n);
	if (becomes) {
		*undone |= UNWRAP_BYTES;
		buf_adds(out, becomes);
		return n;
	}
	n = utf8_length((const unsigned char *)s.p + i, s.n - i);
	if (n == 0 && c == 0xa0) { /* of Windows-1252 and ISO 8859 */
		*undone |= UNWRAP_BYTES;
		buf_putc(out, ' ');
		return 1;
	}
	buf_add(out, s.p + i, n ? n : 1);
	return n ? n : 1;
}

struct str decode_bytes(struct str s, struct buf *out, unsigned *undone)
{
	size_t i = 0, from;

	while (i < s.n && is_plain((unsigned char)s.p[i]))
		i++;
	if (i < s.n) {
		buf_reset(out);
		buf_add(out, s.p, i);
		while (i < s.n) {
			i += clean_at(s, i, out, undone);
			for (from = i; i < s.n && is_plain((unsigned char)s.p[i]);)
				i++;
			buf_add(out, s.p + from, i - from);
		}
		s = (struct str){out->n ? out->p : "", out->n};
	}
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* --- escapes */

static bool is_at(struct str s, size_t i, const char *what)
{
	size_t n = strlen(what);

	return i <= s.n && s.n - i >= n && strncasecmp(s.p + i, what, n) == 0;
}

enum escape escape_at(struct str s, size_t i)
{
	static const char *const ends[] = {"n", "r", "u000a", "u000d", "x0a", "x0d", "012", "015"};
	size_t k = i;

	while (k < s.n && s.p[k] == '\\')
		k++;
	if (k > i) {
		for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
			if (is_at(s, k, ends[e]))
				return ESCAPE_BACKSLASH;
		return ESCAPE_NONE;
	}
	if (is_at(s, i, "#012") || is_at(s, i, "#015"))
		return ESCAPE_OCTAL;
	if (is_at(s, i, "&#10;") || is_at(s, i, "&#xa;") || is_at(s, i, "&#13;"))
		return ESCAPE_ENTITY;
	return ESCAPE_NONE;
}

/* n digits of a base at s[i]; false when there are not as many. */
static bool number_at(struct str s, size_t i, size_t n, unsigned base, uint32_t *v)
{
	*v = 0;
	if (i > s.n || s.n - i < n)
		return false;
	for (; n; n--, i++) {
		unsigned char c = (unsigned char)s.p[i];
		unsigned d = c >= '0' && c <= '9' ? c - (unsigned)'0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10u : 99;

		if (d >= base)
			return false;
		*v = *v * base + d;
	}
	return true;
}

/* A backslash at s[i] and what it stands for: how long it is. */
static size_t backslash(struct str s, size_t i, struct buf *out)
{
	static const char names[] = "n\nt\tr\rb\bf\fa\av\v";
	char c = i + 1 < s.n ? s.p[i + 1] : '\\';
	const char *at = c ? strchr(names, c) : NULL;
	uint32_t r, low;

	if (at && (at - names) % 2 == 0) {
		buf_putc(out, at[1]);
		return 2;
	}
	if (c == 'u' && number_at(s, i + 2, 4, 16, &r)) {
		if (r >= 0xd800 && r < 0xdc00 && is_at(s, i + 6, "\\u") && number_at(s, i + 8, 4, 16, &low) && low >= 0xdc00 && low < 0xe000) {
			put_rune(out, 0x10000 + ((r - 0xd800) << 10) + (low - 0xdc00));
			return 12;
		}
		put_rune(out, r >= 0xd800 && r < 0xe000 ? 0xfffd : r);
		return 6;
	}
	if (c == 'U' && number_at(s, i + 2, 8, 16, &r) && r < 0x110000) {
		put_rune(out, r);
		return 10;
	}
	if (c == 'x' && number_at(s, i + 2, 2, 16, &r)) {
		buf_putc(out, (char)r);
		return 4;
	}
	if (number_at(s, i + 1, 3, 8, &r) && r < 256) {
		buf_putc(out, (char)r);
		return 4;
	}
	buf_putc(out, c);
	return 2;
}

/* The name of an entity at s[i], which is &: its length with the semicolon, 0 when it is none of the few. */
static size_t entity(struct str s, size_t i, struct buf *out)
{
	static const struct {
		const char *name, *is;
	} known[] = {
		{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&nbsp;", " "}, {"&middot;", "\xc2\xb7"},
		{"&tab;", "\t"}, {"&newline;", "\n"}, {"&lpar;", "("}, {"&rpar;", ")"}, {"&lbrack;", "["}, {"&rbrack;", "]"}, {"&colon;", ":"},
	};
	size_t k, n = 0;
	uint32_t r;

	for (size_t e = 0; e < sizeof known / sizeof *known; e++) {
		if (is_at(s, i, known[e].name)) {
			buf_adds(out, known[e].is);
			return strlen(known[e].name);
		}
	}
	if (!is_at(s, i, "&#"))
		return 0;
	k = i + 2 + (is_at(s, i, "&#x"));
	while (k + n < s.n && n < 7 && number_at(s, k + n, 1, k == i + 3 ? 16 : 10, &r))
		n++;
	if (!n || k + n == s.n || s.p[k + n] != ';' || !number_at(s, k, n, k == i + 3 ? 16 : 10, &r) || r >= 0x110000)
		return 0;
	put_rune(out, r == 0xa0 ? ' ' : r);
	return k + n + 1 - i;
}

void decode_escapes(struct str s, enum escape how, struct buf *out)
{
	static const char marks[] = {[ESCAPE_NONE] = 0, [ESCAPE_BACKSLASH] = '\\', [ESCAPE_OCTAL] = '#', [ESCAPE_ENTITY] = '&', [ESCAPE_PIPE] = '|', [ESCAPE_MARKDOWN] = '\\'};
	size_t i = 0;
	uint32_t r;

	while (i < s.n) {
		const char *at = memchr(s.p + i, marks[how], s.n - i);
		size_t next = at ? (size_t)(at - s.p) : s.n, n = 0;

		buf_add(out, s.p + i, next - i);
		i = next;
		if (i == s.n)
			break;
		if (how == ESCAPE_BACKSLASH) {
			n = backslash(s, i, out);
		} else if (how == ESCAPE_ENTITY) {
			n = entity(s, i, out);
		} else if (how == ESCAPE_PIPE && i + 1 < s.n) {
			buf_putc(out, s.p[i + 1] == 'n' ? '\n' : s.p[i + 1] == 'r' ? '\r' : s.p[i + 1]);
			n = 2;
		} else if (how == ESCAPE_MARKDOWN && i + 1 < s.n && ispunct((unsigned char)s.p[i + 1])) {
			buf_putc(out, s.p[i + 1]);
			n = 2;
		} else if (how == ESCAPE_OCTAL && number_at(s, i + 1, 3, 8, &r) && r < 256) {
			buf_putc(out, (char)r);
			n = 4;
		}
		if (!n)
			buf_putc(out, s.p[i]);
		i += n ? n : 1;
	}
}

static bool is_escaped(struct str s, size_t i)
{
	size_t n = 0;

	while (n < i && s.p[i - 1 - n] == '\\')
		n++;
	return n % 2;
}

size_t mark_after(struct str s, size_t i, char mark)
{
	for (; i < s.n; i++) {
		const char *at = memchr(s.p + i, mark, s.n - i);

		if (!at)
			break;
		i = (size_t)(at - s.p);
		if (!is_escaped(s, i))
			return i;
	}
	return s.n;
}

size_t quote_after(struct str s, size_t i)
{
	return mark_after(s, i, '"');
}

size_t quote_before(struct str s, size_t i)
{
	while (i) {
		const char *at = memrchr(s.p, '"', i);

		if (!at)
			break;
		i = (size_t)(at - s.p);
		if (!is_escaped(s, i))
			return i;
	}
	return SIZE_MAX;
}

/* --- HTML */

#define TAG_MAX 4096

/* Length of the tag at s[i] whose > is looked for from k on; 0 when there is none near. */
static size_t tag_length(struct str s, size_t i, size_t k)
{
	const char *end = memchr(s.p + k, '>', s.n - k < TAG_MAX ? s.n - k : TAG_MAX);

	return end ? (size_t)(end - s.p) + 1 - i : 0;
}

/* A tag at s[i], which is <: its length, 0 when it is none; *ends whether a line ends with it. */
static size_t tag(struct str s, size_t i, bool *ends)
{
	static const char lines[] = " br p div tr td th li pre h1 h2 h3 h4 h5 h6 table summary details blockquote body html head title hr ul ol "
				    "script style tbody thead section article textarea ";
	static const char inlines[] = " a b i u s em strong code span font tt samp kbd small mark sub sup wbr img link meta label ";
	char name[16] = " ";
	size_t n = 1, k = i + 1;

	if (k < s.n && s.p[k] == '!' && (is_at(s, i, "<!doctype") || is_at(s, i, "<!--"))) {
		*ends = true;
		return tag_length(s, i, k);
	}
	if (k < s.n && s.p[k] == '/')
		k++;
	for (; k < s.n && n < sizeof name - 2 && ((s.p[k] | 32) >= 'a' || (s.p[k] >= '0' && s.p[k] <= '9')) && (s.p[k] | 32) <= 'z'; k++)
		name[n++] = s.p[k] >= 'A' && s.p[k] <= 'Z' ? (char)(s.p[k] | 32) : s.p[k];
	name[n++] = ' ';
	name[n] = '\0';
	if (n < 3 || k == s.n || !char_in(s.p[k], " \t/>\n"))
		return 0;
	*ends = strstr(lines, name) != NULL;
	if (!*ends && !strstr(inlines, name))
		return 0;
	return tag_length(s, i, k);
}

bool decode_html(struct str s, bool entities, struct buf *out)
{
	size_t start = out->n;
	bool any = false, ends;

	if (!memchr(s.p, '<', s.n) && !(entities && memchr(s.p, '&', s.n)))
		return false;
	for (size_t i = 0; i < s.n;) {
		size_t n = 0;

		if (s.p[i] == '<' && (n = tag(s, i, &ends))) {
			if (ends)
				buf_putc(out, '\n');
			any = true;
		} else if (s.p[i] == '&' && (entities || any) && (n = entity(s, i, out))) {
			any = true;
		} else {
			buf_putc(out, s.p[i]);
			n = 1;
		}
		i += n;
	}
	if (!any)
		out->n = start;
	return any;
}

/* --- several streams in one */

static bool is_frame_head(const unsigned char *s)
{
	return s[0] <= 2 && !s[1] && !s[2] && !s[3] && !s[4] && (s[5] | s[6] | s[7]);
}

bool framed_begins(struct framed *c, const char *p, size_t n)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t next;

	*c = (struct framed){0};
	if (n < 8 || !is_frame_head(s))
		return false;
	next = 8 + ((size_t)s[5] << 16 | (size_t)s[6] << 8 | s[7]);
	c->on = next + 8 > n || is_frame_head(s + next);
	return c->on;
}

void framed_add(struct framed *c, const char *p, size_t n, struct buf *out)
{
	while (n) {
		size_t some = c->left < n ? c->left : n;

		buf_add(out, p, some);
		c->left -= (uint32_t)some;
		p += some;
		n -= some;
		for (; n && !c->left; n--) {
			c->head[c->have++] = (unsigned char)*p++;
			if (c->have < 8)
				continue;
			c->have = 0;
			c->left = (uint32_t)c->head[4] << 24 | (uint32_t)c->head[5] << 16 | (uint32_t)c->head[6] << 8 | c->head[7];
		}
	}
}

/* --- UTF-16 */

bool utf16_begins(struct utf16 *c, const char *p, size_t n)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t zeros[2] = {0, 0}, looked = n > 4096 ? 4096 : n & ~(size_t)1;

	*c = (struct utf16){0};
	if (n >= 2 && ((s[0] == 0xff && s[1] == 0xfe) || (s[0] == 0xfe && s[1] == 0xff))) {
		c->on = true;
		c->big = s[0] == 0xfe;
		return true;
	}
	for (size_t i = 0; i < looked; i++)
		zeros[i % 2] += s[i] == 0;
	if (looked < 16 || zeros[0] + zeros[1] < looked * 2 / 5 || (zeros[0] > looked / 50 && zeros[1] > looked / 50))
		return false;
	c->on = true;
	c->big = zeros[0] > zeros[1];
	return true;
}

static void unit(struct utf16 *c, uint16_t v, struct buf *out)
{
	if (c->high && v >= 0xdc00 && v < 0xe000)
		put_rune(out, 0x10000 + ((uint32_t)(c->high - 0xd800) << 10) + (v - 0xdc00u));
	else if (v >= 0xd800 && v < 0xdc00)
		;
	else if (v != 0xfeff)
		put_rune(out, v >= 0xdc00 && v < 0xe000 ? 0xfffd : v);
	c->high = v >= 0xd800 && v < 0xdc00 ? v : 0;
}

void utf16_add(struct utf16 *c, const char *p, size_t n, struct buf *out)
{
	const unsigned char *s = (const unsigned char *)p;

	buf_reserve(out, n * 2);
	for (size_t i = 0; i < n; i++) {
		if (!c->have_odd) {
			c->odd = s[i];
			c->have_odd = true;
			continue;
		}
		c->have_odd = false;
		unit(c, (uint16_t)(c->big ? c->odd << 8 | s[i] : s[i] << 8 | c->odd), out);
	}
}

