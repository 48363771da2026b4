/* SPDX-License-Identifier: MIT */
#include <gscrape/secret.h>
#include <ctype.h>
#include <strings.h>

static const char mask[] = "\xe2\x80\xa6";

static bool is_blank(char c)
{
	return isspace((unsigned char)c) || char_in(c, "\"'<>`");
}

/* Where the userinfo that begins at s ends, which is at its "@"; 0 when there is none. What stands before an "@" is one only
 * with a colon in it: "a@b" is anybody's address. With a scheme before it, any. */
static size_t userinfo(const char *s, size_t n, bool scheme)
{
	size_t end = 0, at = 0;
	bool colon = false;

	for (; end < n && !is_blank(s[end]) && !char_in(s[end], "/?#,"); end++) {
		colon |= s[end] == ':' && !at;
		if (s[end] == '@')
			at = end;
	}
	return scheme || colon ? at : 0;
}

/* Does the parameter's name end in a word for what is secret? */
static bool names_secret(const char *s, size_t n)
{
	static const char *const words[] = {"token", "key", "secret", "password", "passwd", "pass", "pwd", "auth", "sig", "signature",
					    "code", "session", "credential", "credentials", "jwt", "sid", "apikey", "authorization"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t len = strlen(words[i]);

		if (n >= len && strncasecmp(s + n - len, words[i], len) == 0)
			return true;
	}
	return false;
}

/* Bytes of the value of a secret parameter at s, behind its "="; 0 where the name before it is of no secret. */
static size_t secret_value(const char *text, size_t at, size_t n)
{
	size_t name = at - 1, end = at; /* text[at - 1] is the "=" */

	while (name > 0 && (isalnum((unsigned char)text[name - 1]) || char_in(text[name - 1], "_-.")))
		name--;
	if (name == 0 || !char_in(text[name - 1], "?&;") || !names_secret(text + name, at - 1 - name))
		return 0;
	while (end < n && !is_blank(text[end]) && !char_in(text[end], "&#;,"))
		end++;
	return end - at;
}

/* Bytes of the scheme of authorization and the blanks behind it, at s. */
static size_t authorization(const char *s, size_t n)
{
	static const char *const kinds[] = {"Basic ", "Bearer "};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (n > strlen(kinds[i]) && strncasecmp(s, kinds[i], strlen(kinds[i])) == 0)
			return strlen(kinds[i]);
	return 0;
}

static bool begins_word(const char *s, size_t i)
{
	return i == 0 || is_blank(s[i - 1]) || char_in(s[i - 1], ",=([{");
}

void buf_add_public(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0, len; i < n;) {
		bool scheme = i >= 3 && memcmp(s + i - 3, "://", 3) == 0, word = begins_word(s, i);

		if ((scheme || word) && (len = userinfo(s + i, n - i, scheme))) {
			buf_adds(b, mask);
			i += len;
		} else if (i > 0 && s[i - 1] == '=' && (len = secret_value(s, i, n))) {
			buf_adds(b, mask);
			i += len;
		} else if (word && (len = authorization(s + i, n - i))) {
			buf_add(b, s + i, len);
			buf_adds(b, mask);
			for (i += len; i < n && !is_blank(s[i]) && s[i] != ','; i++)
				;
		} else {
			buf_add(b, s + i++, 1);
		}
	}
	buf_reserve(b, 1);
	b->p[b->n] = '\0';
}

void buf_hide(struct buf *b, size_t from, const char *secret, size_t n)
{
	const char *at;

	if (n < 3)
		return;
	while (from < b->n && (at = memmem(b->p + from, b->n - from, secret, n))) {
		size_t pos = (size_t)(at - b->p), left = b->n - pos - n;

		buf_reserve(b, sizeof mask);
		memmove(b->p + pos + sizeof mask - 1, b->p + pos + n, left);
		memcpy(b->p + pos, mask, sizeof mask - 1);
		b->n = pos + sizeof mask - 1 + left;
		b->p[b->n] = '\0';
		from = pos + sizeof mask - 1;
	}
}
