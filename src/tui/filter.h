/* SPDX-License-Identifier: MIT */
/* filter.h: what & leaves of a list. */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct filter_text {
	const char *key;  /* "state": asked for by "state:…" and by words alone; "=alive": by that word alone; NULL: by words alone */
	const char *text; /* NULL: nothing there */
};

/* Every word must be in one of the texts, in any case; !word in none. */
bool filter_passes(const char *filter, const struct filter_text *t, size_t n);

#endif
