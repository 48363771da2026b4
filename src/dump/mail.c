/* SPDX-License-Identifier: MIT */
/*
 * A mail as it was sent: parts whose bodies are quoted-printable or base64.
 *
 *     Content-Transfer-Encoding: quoted-printable
 *
 *     main.run(0xc00009c210, {0x2d8701?, 0x7?,=20
 *     0x51be80?})
 *     =09/src/shop/run.go:31 +0x41=
 *     4
 */
#include "decode.h"
#include <ctype.h>
#include <strings.h>

static const char field[] = "content-transfer-encoding:";

bool mail_begins(struct mail *m, const char *p, size_t n)
{
	const char *end = n ? p + n : p;

	*m = (struct mail){0};
	for (const char *s = p; s < end && !m->on; s++) {
		m->on = (size_t)(end - s) >= sizeof field - 1 && strncasecmp(s, field, sizeof field - 1) == 0 && (s == p || s[-1] == '\n');
		s = memchr(s, '\n', (size_t)(end - s));
		if (!s)
			break;
	}
	return m->on;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static void quoted_printable(struct str s, struct buf *out)
{
	bool soft;

	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	soft = s.n && s.p[s.n - 1] == '=';
	s.n -= soft;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '=' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			buf_putc(out, (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2])));
			i += 2;
		} else {
			buf_putc(out, s.p[i]);
		}
	}
	if (!soft)
		buf_putc(out, '\n');
}

static int digit64(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void base64(struct mail *m, struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int d = digit64(s.p[i]);

		if (d < 0)
			continue;
		m->bits = m->bits << 6 | (uint32_t)d;
		m->have += 6;
		if (m->have >= 8) {
			m->have -= 8;
			buf_putc(out, (char)(m->bits >> m->have & 0xff));
		}
	}
}

/* A line of a part's head, which an empty one ends. */
static void head_line(struct mail *m, struct str s, struct buf *out)
{
	size_t i = sizeof field - 1;

	if (s.n > i && strncasecmp(s.p, field, i) == 0) {
		while (i < s.n && isspace((unsigned char)s.p[i]))
			i++;
		m->next = s.n - i >= 16 && strncasecmp(s.p + i, "quoted-printable", 16) == 0 ? MAIL_QUOTED :
			  s.n - i >= 6 && strncasecmp(s.p + i, "base64", 6) == 0 ? MAIL_BASE64 : MAIL_PLAIN;
	}
	if (!s.n) {
		m->body = m->next;
		m->bits = m->have = 0;
		m->next = MAIL_PLAIN;
	}
	buf_add(out, s.p, s.n);
	buf_putc(out, '\n');
}

static void mail_line(struct mail *m, struct str s, struct buf *out)
{
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	if (s.n > 2 && s.p[0] == '-' && s.p[1] == '-') { /* between parts */
		if (m->body == MAIL_BASE64)
			buf_putc(out, '\n');
		m->body = MAIL_PLAIN;
	}
	if (m->body == MAIL_QUOTED)
		quoted_printable(s, out);
	else if (m->body == MAIL_BASE64)
		base64(m, s, out);
	else
		head_line(m, s, out);
}

void mail_end(struct mail *m, struct buf *out)
{
	if (m->line.n)
		mail_line(m, (struct str){m->line.p, m->line.n}, out);
	buf_release(&m->line);
}

#define MAIL_LINE_MAX ((size_t)1 << 20)

void mail_add(struct mail *m, const char *p, size_t n, struct buf *out)
{
	for (size_t i = 0, end; i < n; i = end + 1) {
		const char *nl = memchr(p + i, '\n', n - i);

		end = nl ? (size_t)(nl - p) : n;
		buf_add(&m->line, p + i, end - i);
		if (!nl && m->line.n < MAIL_LINE_MAX)
			break;
		mail_line(m, (struct str){m->line.n ? m->line.p : "", m->line.n}, out);
		buf_reset(&m->line);
	}
}
