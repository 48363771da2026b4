/* SPDX-License-Identifier: MIT */
/* "Did you mean": the name with the fewest edits. */
#include "option_table.h"
#include <gscrape/match.h>
#include <stdint.h>
#include <stdlib.h>

const char *suggest(const char *word, const char *(*next)(void *ctx), void *ctx)
{
	size_t n = strlen(word), best = 1 + (n + 1) / 3; /* a third of the word may be wrong */
	const char *found = NULL, *name;

	if (n == 0)
		return NULL;
	while ((name = next(ctx))) {
		size_t d = edits(word, name);

		/* a name that goes on where the word ends is as near as one edit */
		if (n >= 3 && d > 1 && strncmp(name, word, n) == 0)
			d = 1;
		if (d < best) {
			best = d;
			found = name;
		}
	}
	return found;
}

struct names {
	const struct option_row *row;
	unsigned flags;
};

static const char *next_option(void *ctx)
{
	struct names *s = ctx;

	for (; s->row->name; s->row++)
		if ((s->row->flags & s->flags) == s->flags && !(s->row->flags & OPT_HIDDEN))
			return s->row++->name;
	return NULL;
}

const char *option_suggest(const char *name, unsigned flags)
{
	struct names s = {option_table, flags};

	return suggest(name, next_option, &s);
}
