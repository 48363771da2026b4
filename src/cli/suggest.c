/* SPDX-License-Identifier: MIT */
/* "Did you mean": the name with the fewest edits (insert, remove, replace, swap two neighbours). */
#include "option_table.h"
#include <stdlib.h>

#define LONGEST 64

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits from a to b, both shorter than LONGEST; three rows of the usual table are enough, since a swap looks two back. */
static size_t edits(const char *a, const char *b)
{
	size_t row[3][LONGEST + 1], na = strlen(a), nb = strlen(b);

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

const char *suggest(const char *word, const char *(*next)(void *ctx), void *ctx)
{
	size_t n = strlen(word), best = 1 + (n + 1) / 3; /* a third of the word may be wrong */
	const char *found = NULL, *name;

	if (n == 0 || n > LONGEST)
		return NULL;
	while ((name = next(ctx))) {
		size_t d = strlen(name) > LONGEST ? best : edits(word, name);

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
