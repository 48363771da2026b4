/* SPDX-License-Identifier: MIT */
/* Search patterns as people type them: "pgx query", "!test", "^main.", "serve$". A word with a capital letter in it must
 * match exactly, any other in any case. */
#include "room.h"
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

struct word {
	char *text;
	size_t n;
	bool not, begin, end, exact;
};

struct pattern {
	struct word *words;
	size_t n, cap;
};

static void add_word(struct pattern *p, const char *s, size_t n)
{
	struct word w = {0};

	if (n > 1 && *s == '!') {
		w.not = true;
		s++;
		n--;
	}
	if (n > 1 && *s == '^') {
		w.begin = true;
		s++;
		n--;
	}
	if (n > 1 && s[n - 1] == '$') {
		w.end = true;
		n--;
	}
	w.text = xstrndup(s, n);
	w.n = n;
	for (size_t i = 0; i < n; i++)
		w.exact |= isupper((unsigned char)s[i]) != 0;
	GROW(p->words, p->n, p->cap);
	p->words[p->n++] = w;
}

struct pattern *pattern_new(const char *text)
{
	struct pattern *p = xcalloc(1, sizeof *p);

	for (const char *s = text; *s;) {
		size_t n = strcspn(s, " \t");

		if (n)
			add_word(p, s, n);
		s += n;
		s += strspn(s, " \t");
	}
	return p;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		free(p->words[i].text);
	free(p->words);
	free(p);
}

static bool equal(const struct word *w, const char *s)
{
	return (w->exact ? strncmp(s, w->text, w->n) : strncasecmp(s, w->text, w->n)) == 0;
}

static bool has(const struct word *w, const char *s)
{
	size_t n = strlen(s);

	if (n < w->n)
		return false;
	if (w->begin && w->end)
		return n == w->n && equal(w, s);
	if (w->begin)
		return equal(w, s);
	if (w->end)
		return equal(w, s + n - w->n);
	return (w->exact ? strstr(s, w->text) : strcasestr(s, w->text)) != NULL;
}

bool pattern_match(const struct pattern *p, const char *s)
{
	for (size_t i = 0; i < p->n; i++)
		if (has(&p->words[i], s) == p->words[i].not)
			return false;
	return true;
}
