/* SPDX-License-Identifier: MIT */
#include <gscrape/link.h>
#include <gscrape/text.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static bool is_utf8(const char *s, size_t n)
{
	size_t len;

	for (; n > 0; s += len, n -= len) {
		len = utf8_length((const unsigned char *)s, n);
		if (len == 0)
			return false;
	}
	return true;
}

char *url_decode(struct str s, bool form, struct pool *p, struct err *e)
{
	char *out = pool_alloc(p, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			bool room = s.n - i > 2;
			int hi = room ? hex(s.p[i + 1]) : -1, lo = room ? hex(s.p[i + 2]) : -1;

			if (hi < 0 || lo < 0) {
				fail(e, "a percent sign without two hexadecimal digits behind it");
				return NULL;
			}
			c = (char)(hi << 4 | lo);
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		if (c == 0) {
			fail(e, "a NUL byte");
			return NULL;
		}
		out[n++] = c;
	}
	if (is_utf8(out, n))
		return out;
	fail(e, "bytes that are no UTF-8");
	return NULL;
}

void url_encode(const char *s, struct buf *out)
{
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~:/", *s))
			buf_putc(out, *s);
		else
			buf_addf(out, "%%%02X", (unsigned char)*s);
	}
}

enum kind { TEXT, NUMBER, TIME };

/* The order of a URL's parameters. */
static const struct piece {
	const char *name;
	enum kind kind;
	size_t at, size;
} pieces[] = {
	{"view", TEXT, offsetof(struct link, view), 0},
	{"host", TEXT, offsetof(struct link, host), 0},
	{"id", NUMBER, offsetof(struct link, id), 8},
	{"epoch", NUMBER, offsetof(struct link, epoch), 4},
	{"at", TIME, offsetof(struct link, at), 8},
	{"base", TIME, offsetof(struct link, base), 8},
	{"filter", TEXT, offsetof(struct link, filter), 0},
};
#define N_PIECES (sizeof pieces / sizeof *pieces)

/* The value as text in tmp, or NULL when the link does not say. */
static const char *piece_text(const struct link *l, const struct piece *p, char tmp[32])
{
	const void *at = (const char *)l + p->at;
	int64_t t = NO_TIME;
	uint64_t v;

	if (p->kind == TEXT) {
		const char *const *s = at;

		return *s && **s ? *s : NULL;
	}
	if (p->kind == TIME) {
		memcpy(&t, at, sizeof t);
		snprintf(tmp, 32, "%" PRId64, t);
		return t == NO_TIME ? NULL : tmp;
	}
	v = p->size == 4 ? *(const uint32_t *)at : *(const uint64_t *)at;
	snprintf(tmp, 32, "%" PRIu64, v);
	return v ? tmp : NULL;
}

void link_format(const struct link *l, const char *server, struct buf *out)
{
	char sep = '?', tmp[32];

	buf_adds(out, server);
	for (size_t i = 0; i < N_PIECES; i++) {
		const char *text = piece_text(l, &pieces[i], tmp);

		if (!text)
			continue;
		buf_addf(out, "%c%s=", sep, pieces[i].name);
		url_encode(text, out);
		sep = '&';
	}
}

static const char *query_of(const char *url)
{
	const char *q = strchr(url, '?');

	return q ? q + 1 : strstr(url, "://") ? "" : url;
}

bool link_is(const char *url)
{
	const char *q = strchr(url, '?');

	return q && (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0) &&
	       (strncmp(q + 1, "view=", 5) == 0 || strstr(q, "&view="));
}

static int set_piece(struct link *l, const struct piece *p, char *text, struct err *e)
{
	char *at = (char *)l + p->at, *end;

	if (p->kind == TEXT) {
		memcpy(at, &text, sizeof text);
		return 0;
	}
	if (p->kind == TIME && (!isdigit((unsigned char)*text) || text[strspn(text, "0123456789")]))
		return time_parse(text, now_ms(), NULL, (int64_t *)(void *)at, e);
	errno = 0;
	uint64_t v = strtoull(text, &end, 10);
	if (errno || *end || !isdigit((unsigned char)*text) || (p->size == 4 && v > UINT32_MAX) ||
	    (p->kind == TIME && v > INT64_MAX))
		return fail(e, "%s=%s is no number", p->name, text);
	if (p->size == 4)
		*(uint32_t *)(void *)at = (uint32_t)v;
	else
		memcpy(at, &v, sizeof v);
	return 0;
}

int link_parse(const char *url, struct pool *pool, struct link *out, struct err *e)
{
	const char *q = query_of(url);

	*out = (struct link){.at = NO_TIME, .base = NO_TIME};
	while (*q && *q != '#') {
		size_t n = strcspn(q, "&#"), name = strcspn(q, "=&#");

		for (size_t i = 0; i < N_PIECES; i++) {
			struct str value = {q + name + 1, name < n ? n - name - 1 : 0};
			char *text;

			if (strlen(pieces[i].name) != name || memcmp(pieces[i].name, q, name) != 0)
				continue;
			text = url_decode(value, true, pool, e);
			if (!text || set_piece(out, &pieces[i], text, e) < 0)
				return -1;
		}
		q += n + (q[n] == '&');
	}
	return 0;
}
