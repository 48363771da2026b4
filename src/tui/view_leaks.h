/* SPDX-License-Identifier: MIT */
#ifndef TUI_VIEW_LEAKS_H
#define TUI_VIEW_LEAKS_H

#include "app.h"

void draw_leak_view(const struct app *a, struct canvas *c, struct list *rows);
int leak_activity_width(const struct app *a);

/* leak_ignore.c: rules in the file leak-ignore beside the configuration, a line each: "CREATED-BY FUNCTION". */
void ignore_load(struct leak_view *l, const struct app *a);
bool is_ignored(const struct leak_view *l, const struct suspect *s);
int ignore_toggle(struct leak_view *l, const struct app *a, const struct suspect *s, struct err *e);

#endif
