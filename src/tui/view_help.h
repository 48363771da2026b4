/* SPDX-License-Identifier: MIT */
/* view_help.h: help and the options, which stand over a view. */
#ifndef TUI_VIEW_HELP_H
#define TUI_VIEW_HELP_H

#include "session.h"

struct help_view {
	bool all;
	struct list list;
};

static inline struct help_view *help_view_of(const struct session *a)
{
	return a->own[VIEW_HELP];
}

extern const struct view help_view_ops, option_view_ops;

const struct key_row *help_row(const struct session *a, size_t i); /* the i-th row of help, NULL behind the last */
void help_at(struct session *a, const char *action);              /* all keys, at that action's row */

#endif
