/* SPDX-License-Identifier: MIT */
/* copy.h: what y takes from a row, for views. */
#ifndef TUI_COPY_H
#define TUI_COPY_H

#include "session.h"

void copy_id(struct buf *b, uint64_t id);
void copy_name(struct buf *b, const char *name);          /* NULL: nothing */
void copy_frame(struct buf *b, const struct frame *f);    /* "/src/main.go:12"; nothing without a file */
/* As a dump has it; id 0 and state NULL: the stack is of many, and has no head. */
void copy_stack(const struct session *a, struct buf *b, uint32_t stack, uint64_t id, const char *state);

#endif
