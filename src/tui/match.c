/* SPDX-License-Identifier: MIT */
#include "match.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool has_upper(const char *s)
{
	for (; *s; s++)
		if (isupper((unsigned char)*s))
			return true;
	return false;
}

void matcher_release(struct matcher *m)
{
	if (m->compiled)
		regfree(&m->re);
	*m = (struct matcher){0};
}

void matcher_set(struct matcher *m, const char *text, bool regex, bool words)
{
	if (m->ready && m->regex == regex && m->words == words && strcmp(m->text, text) == 0)
		return;
	matcher_release(m);
	m->ready = true;
	m->regex = regex;
	m->words = words;
	snprintf(m->text, sizeof m->text, "%s", text);
	if (!regex || !*text)
		return;
	m->broken = regcomp(&m->re, text, REG_EXTENDED | REG_NOSUB | REG_NEWLINE | (has_upper(text) ? 0 : REG_ICASE)) != 0;
	m->compiled = !m->broken;
}

/* Is a piece of a pattern in the line? */
static bool has(const char *line, const char *p, size_t n, bool fold)
{
	size_t len = strlen(line);

	for (size_t i = 0; i + n <= len; i++)
		if ((fold ? strncasecmp(line + i, p, n) : strncmp(line + i, p, n)) == 0)
			return true;
	return n == 0;
}

static bool has_words(const char *line, const char *p, bool fold)
{
	while (*p) {
		size_t n = strcspn(p, " ");
		bool not = n > 1 && *p == '!';

		if (has(line, p + not, n - not, fold) == not)
			return false;
		p += n;
		p += strspn(p, " ");
	}
	return true;
}

bool matcher_matches(const struct matcher *m, const char *line)
{
	bool fold = !has_upper(m->text);

	if (!m->text[0])
		return true;
	if (m->regex)
		return !m->broken && regexec(&m->re, line, 0, NULL, 0) == 0;
	return m->words ? has_words(line, m->text, fold) : has(line, m->text, strlen(m->text), fold);
}
