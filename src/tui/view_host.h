/* SPDX-License-Identifier: MIT */
#ifndef TUI_VIEW_HOST_H
#define TUI_VIEW_HOST_H

#include "app.h"

void draw_host_view(const struct app *a, struct canvas *c, struct list *rows);
const char *host_sort_name(const struct host_view *h);
bool group_is_open(const struct host_view *h, const struct group *g);
/* Cells of the activity column; 0: there is no room for one. */
int host_activity_width(const struct app *a);
/* Rows at the bottom for what is known of the selected group; 0: none. */
int host_facts_rows(const struct app *a);

/* A goroutine alive at T, NULL when there is none of this number. */
const struct alive *host_member(const struct host_view *h, uint64_t id);
void load_member_lives(struct app *a);
void load_group_facts(struct host_view *h);

#endif
