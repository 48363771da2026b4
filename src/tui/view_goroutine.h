/* SPDX-License-Identifier: MIT */
#ifndef TUI_VIEW_GOROUTINE_H
#define TUI_VIEW_GOROUTINE_H

#include "app.h"

void draw_goroutine(const struct app *a, struct canvas *c, struct list *rows);
/* Is this child alive at T? */
bool child_active(const struct app *a, const struct child *k);

#endif
