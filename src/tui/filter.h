/* SPDX-License-Identifier: MIT */
/* filter.h: what & leaves of a list whose rows have several texts. */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include "session.h"

struct filter_text {
	const char *key;  /* "state": asked for by "state:..." and by words alone; "=alive": by that word alone; NULL: by words alone */
	const char *text; /* NULL: nothing there */
};

/* Every word must be in one of the texts, !word in none; upper case counts where a word has any, numbers are meant whole.
 * A regular expression must match one of the texts. */
bool filter_passes(const struct session *a, const struct filter_text *t, size_t n);

#endif
