/* SPDX-License-Identifier: MIT */
/* diff.h: two stacks compared from the root: a stack grows and shrinks at its leaf. */
#ifndef TUI_DIFF_H
#define TUI_DIFF_H

#include "view_goroutine.h"

/*
 * The lines of `now`, root first (the creation site before it), marked against `was` (NULL: nothing is marked). A frame
 * that went away stands as a line of its own with DIFF_GONE when with_gone is set; it is counted in any case.
 */
void stack_diff(struct goroutine_view *v, const struct stack *now, const struct stack *was, bool with_gone);

#endif
