/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <gscrape/buf.h>
#include <gscrape/match.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 255
#define NAME_MAX_PLAIN 1024 /* a longer name is compared as it stands */

bool match_any_case(const char *s, size_t n)
{
	while (n && !isupper((unsigned char)s[n - 1]))
		n--;
	return n == 0;
}

struct match_word match_literal(const char *s, size_t n)
{
	return (struct match_word){s, n, .exact = !match_any_case(s, n), .brackets = memchr(s, '(', n) || memchr(s, ')', n) || memchr(s, '*', n)};
}

/* What stands in s without the anchors. */
static struct match_word anchored(const char *s, size_t n)
{
	bool begin = n > 1 && *s == '^', end = n - begin > 1 && s[n - 1] == '$';
	struct match_word w = match_literal(s + begin, n - begin - end);

	w.begin = begin;
	w.end = end;
	return w;
}

struct match_word match_word(const char *s, size_t n)
{
	bool negated = n > 1 && *s == '!';
	struct match_word w = anchored(s + negated, n - negated);

	w.negated = negated;
	return w;
}

static bool equal(const struct match_word *w, const char *s)
{
	return (w->exact ? strncmp(s, w->text, w->n) : strncasecmp(s, w->text, w->n)) == 0;
}

static bool word_in(const struct match_word *w, const char *text, size_t n)
{
	if (n < w->n || (w->begin && w->end && n != w->n))
		return false;
	if (w->begin || w->end)
		return equal(w, w->begin ? text : text + n - w->n);
	for (size_t i = 0; i + w->n <= n; i++)
		if (equal(w, text + i))
			return true;
	return false;
}

/* "http.conn.serve" of http.(*conn).serve. */
static size_t without_receiver(char *out, const char *text)
{
	size_t n = 0;

	for (const char *s = text; *s; s++) {
		if (s[0] == '(' && s[1] == '*')
			s++;
		else if (s[0] != ')' || s[1] != '.')
			out[n++] = *s;
	}
	out[n] = '\0';
	return n;
}

bool match_word_in(const struct match_word *w, const char *text)
{
	size_t n = strlen(text);
	char plain[NAME_MAX_PLAIN];

	if (word_in(w, text, n))
		return true;
	return !w->brackets && n < sizeof plain && strstr(text, "(*") && word_in(w, plain, without_receiver(plain, text));
}

void matcher_release(struct matcher *m)
{
	pattern_close(m->re);
	free(m->text);
	free(m->words);
	*m = (struct matcher){0};
}

static int compile(struct matcher *m, struct err *e)
{
	struct err why;

	m->broken = pattern_open(&m->re, m->text, match_any_case(m->text, strlen(m->text)), &m->wrong, &why) < 0;
	return m->broken ? fail(e, "'%s' is no regular expression: %s", m->text, why.text) : 0;
}

static void add_word(struct matcher *m, struct match_word w)
{
	GROW(m->words, m->n, m->cap);
	m->words[m->n++] = w;
}

int matcher_set(struct matcher *m, const char *text, enum match_kind kind, struct err *e)
{
	if (m->text && m->kind == kind && strcmp(m->text, text) == 0 && !m->broken)
		return 0;
	matcher_release(m);
	m->kind = kind;
	m->text = xstrdup(text);
	if (kind == MATCH_REGEX)
		return *text ? compile(m, e) : 0;
	if (kind == MATCH_TEXT && *text)
		add_word(m, anchored(m->text, strlen(text)));
	for (const char *s = m->text; kind == MATCH_WORDS && *s;) {
		size_t n = strcspn(s, " \t");

		if (n)
			add_word(m, match_word(s, n));
		s += n;
		s += strspn(s, " \t");
	}
	return 0;
}

bool matcher_matches(const struct matcher *m, const char *text)
{
	if (m->broken || (m->re && pattern_in(m->re, text, strlen(text)) != 1))
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (match_word_in(&m->words[i], text) == m->words[i].negated)
			return false;
	return true;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Three rows of the usual table are enough, since a swap looks two back. */
size_t edits(const char *a, const char *b)
{
	size_t row[3][LONGEST + 1], na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *now = row[i % 3], *was = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			now[j] = least(least(was[j], now[j - 1]) + 1, was[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[na % 3][nb];
}
