/* SPDX-License-Identifier: MIT */
/* The only home of utf8proc. */
#include <gscrape/err.h>
#include <gscrape/text.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <utf8proc.h>

#define REPLACEMENT 0xfffd

/* Bytes of the character at s, which goes to *ch; 0 when it is none. n may be negative: terminated. */
static size_t decode(const char *s, ssize_t n, uint32_t *ch)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t len;

	if (*(const unsigned char *)s < 0x80) {
		*ch = *(const unsigned char *)s;
		return 1;
	}
	len = utf8proc_iterate((const utf8proc_uint8_t *)s, n, &c);
	*ch = len > 0 ? (uint32_t)c : REPLACEMENT;
	return len > 0 ? (size_t)len : 0;
}

size_t utf8_length(const unsigned char *s, size_t n)
{
	uint32_t ch;

	return decode((const char *)s, (ssize_t)n, &ch);
}

uint32_t utf8_next(const char **s)
{
	uint32_t ch;
	size_t len = decode(*s, -1, &ch);

	*s += len ? len : 1;
	return ch;
}

size_t utf8_whole(const char *s, size_t n)
{
	size_t from = n;

	while (from && n - from < 4 && ((unsigned char)s[from - 1] & 0xc0) == 0x80)
		from--;
	if (!from || (unsigned char)s[from - 1] < 0xc0)
		return n; /* it ends with a whole one, or with what is no character */
	return utf8_length((const unsigned char *)s + from - 1, n - from + 1) ? n : from - 1;
}

char *text_fit(char *out, size_t size, const char *text)
{
	size_t n = strlen(text), head = size / 2 - 1, tail = size - head - 2;

	if (n < size) {
		memcpy(out, text, n + 1);
		return out;
	}
	for (int i = 0; i < 3 && ((unsigned char)text[n - tail] & 0xc0) == 0x80; i++)
		tail--;
	head = utf8_whole(text, head);
	snprintf(out, size, "%.*s~%s", (int)head, text, text + n - tail);
	return out;
}

void buf_add_utf8(struct buf *b, uint32_t ch)
{
	utf8proc_uint8_t out[4] = {0};

	buf_add(b, out, (size_t)utf8proc_encode_char((utf8proc_int32_t)ch, out));
}

int char_cells(uint32_t ch)
{
	return ch < 0x300 ? 1 : utf8proc_charwidth((utf8proc_int32_t)ch);
}

static bool is_control(uint32_t ch)
{
	return ch < 0x20 || (ch >= 0x7f && ch < 0xa0);
}

bool char_is_hidden(uint32_t ch)
{
	utf8proc_category_t c;

	if (ch < 0xad)
		return is_control(ch);
	c = utf8proc_category((utf8proc_int32_t)ch);
	return (c == UTF8PROC_CATEGORY_CF && ch != 0x200c && ch != 0x200d) || c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP;
}

void buf_add_visible(struct buf *b, const char *s, size_t n)
{
	uint32_t ch;

	for (size_t i = 0, len; i < n; i += len) {
		len = decode(s + i, (ssize_t)(n - i), &ch);
		if (!len || (ch >= 0x80 && ch < 0xa0)) {
			buf_addf(b, "\\x%02X", (unsigned char)s[i]);
			len = 1;
		} else if (ch < 0x80 && is_control(ch)) {
			buf_putc(b, '^');
			buf_putc(b, (char)(ch ^ 0x40));
		} else if (char_is_hidden(ch)) {
			buf_addf(b, "<U+%04X>", ch);
		} else {
			buf_add(b, s + i, len);
		}
	}
	buf_reserve(b, 1);
	b->p[b->n] = '\0';
}

size_t visible_cells(const char *s, size_t n)
{
	size_t cells = 0;
	uint32_t ch;

	for (size_t i = 0, len; i < n; i += len) {
		len = decode(s + i, (ssize_t)(n - i), &ch);
		if (!len || (ch >= 0x80 && ch < 0xa0)) {
			cells += 4;
			len = 1;
		} else if (ch < 0x80) {
			cells += is_control(ch) ? 2 : 1;
		} else if (char_is_hidden(ch)) {
			cells += ch > 0xffff ? 9 : 8;
		} else {
			cells += (size_t)char_cells(ch);
		}
	}
	return cells;
}

size_t word_length(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
}

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/'), *from = slash;
	char *folder;

	if (!slash)
		return NULL;
	while (from > path && from[-1] != '/')
		from--;
	folder = xstrndup(from, (size_t)(slash - from));
	if (*folder && strcmp(folder, ".") != 0 && strcmp(folder, "..") != 0)
		return folder;
	free(folder);
	return NULL;
}
