/* SPDX-License-Identifier: MIT */
#ifndef TUI_VIEW_GOROUTINE_H
#define TUI_VIEW_GOROUTINE_H

#include "app.h"

void draw_goroutine(const struct app *a, struct canvas *c, struct list *rows);
/* Two panes side by side: beside the stack the family, below it the goroutine's other stacks. */
bool has_family_pane(const struct app *a);
void draw_family(const struct app *a, struct canvas *c, int y, int h, int x, struct list *rows);
/* The title of what is known of the stack at T, then the most common stacks. */
void draw_stacks(const struct app *a, struct canvas *c, int y, int h, int w, struct list *rows);
/* Frame i of the stack pane, from the top. */
const struct frame_line *frame_at(const struct goroutine_view *g, size_t i);

/* goroutine_kin.c: what is known once its life is; and what changes with T. */
int load_kin(struct app *a, struct err *e);
void load_kin_at(struct app *a);
#define SIBLINGS_SHOWN 5
size_t first_sibling_shown(const struct goroutine_view *g);

/* Is this child alive at T? */
bool child_active(const struct app *a, const struct child *k);

#endif
