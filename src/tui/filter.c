/* SPDX-License-Identifier: MIT */
#include "filter.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A text of this key, which the word names with a colon. */
static bool names(const char *word, const char *key)
{
	size_t n = key ? strlen(key) : 0;

	return n && *key != '=' && strncasecmp(word, key, n) == 0 && word[n] == ':';
}

/* Numbers are meant whole. */
static bool has(const char *text, const char *want)
{
	if (text[0] && strspn(text, "0123456789") == strlen(text))
		return strcmp(text, want) == 0;
	return strcasestr(text, want) != NULL;
}

static bool found(const char *word, const struct filter_text *t, size_t n)
{
	bool named = false, any = false;

	for (size_t i = 0; i < n; i++) {
		if (t[i].key && *t[i].key == '=' && strcasecmp(word, t[i].key + 1) == 0)
			return t[i].text != NULL;
		if (!names(word, t[i].key))
			continue;
		named = true;
		any |= t[i].text && has(t[i].text, word + strlen(t[i].key) + 1);
	}
	for (size_t i = 0; i < n && !named; i++)
		any |= t[i].text && !(t[i].key && *t[i].key == '=') && strcasestr(t[i].text, word);
	return any;
}

bool filter_passes(const char *filter, const struct filter_text *t, size_t n)
{
	char word[256];

	for (const char *s = filter; *s;) {
		size_t len = strcspn(s, " ");
		bool not = len > 1 && *s == '!';

		snprintf(word, sizeof word, "%.*s", (int)(len - not), s + not);
		if (len && found(word, t, n) == not)
			return false;
		s += len;
		s += strspn(s, " ");
	}
	return true;
}
