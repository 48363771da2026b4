/* SPDX-License-Identifier: MIT */
/* narrow.h: the filter as the program sets it, so that what a row is about is left and nothing else. */
#ifndef TUI_NARROW_H
#define TUI_NARROW_H

#include "session.h"

/* This is the filter now, as it stands: no regular expression. Where it is too long there is none, which is told. */
void narrow_to(struct session *a, const char *filter);
/* `created_by == leaky/main.go:49`: as much of the path as tells it from all other frames that who is alive on the chosen host at T was
 * created by or is in; by function where it has no file. Append. */
void narrow_add_frame(struct session *a, struct buf *out, const char *field, const struct frame *f);

#endif
