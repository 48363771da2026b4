/* SPDX-License-Identifier: MIT */
#include "filter.h"
#include <gscrape/match.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A text of this key, which the word names with a colon. */
static bool names(const char *word, const char *key)
{
	size_t n = key ? strlen(key) : 0;

	return n && *key != '=' && strncasecmp(word, key, n) == 0 && word[n] == ':';
}

static bool has(const char *text, const char *want)
{
	struct match_word w = match_word(want, strlen(want));

	return match_word_in(&w, text);
}

/* After "id:": a number is meant whole. */
static bool is_or_has(const char *text, const char *want)
{
	if (text[0] && strspn(text, "0123456789") == strlen(text))
		return strcmp(text, want) == 0;
	return has(text, want);
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
		any |= t[i].text && is_or_has(t[i].text, word + strlen(t[i].key) + 1);
	}
	for (size_t i = 0; i < n && !named; i++)
		any |= t[i].text && !(t[i].key && *t[i].key == '=') && has(t[i].text, word);
	return any;
}

static bool any_matches(const struct session *a, const struct filter_text *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].text && passes_filter(a, t[i].text))
			return true;
	return false;
}

bool filter_passes(const struct session *a, const struct filter_text *t, size_t n)
{
	char word[256];

	if (a->filter_regex && a->filter[0])
		return any_matches(a, t, n);
	for (const char *s = a->filter; *s;) {
		size_t len = strcspn(s, " ");
		bool negated = len > 1 && *s == '!';

		snprintf(word, sizeof word, "%.*s", (int)(len - negated), s + negated);
		if (len && found(word, t, n) == negated)
			return false;
		s += len;
		s += strspn(s, " ");
	}
	return true;
}
