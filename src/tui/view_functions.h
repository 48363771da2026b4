/* SPDX-License-Identifier: MIT */
#ifndef TUI_VIEW_FUNCTIONS_H
#define TUI_VIEW_FUNCTIONS_H

#include "app.h"

/* Where everything stands, from the size alone; 0 rows: not there. */
struct function_places {
	int functions_y, functions_h, hits_y, hits_h; /* rows, without titles and column names */
	int preview_y, preview_h, callers_y, callers_h; /* with their titles */
	int act_x, act_w, when_x, when_w, host_x, host_w, path_x;
};
struct function_places place_functions(const struct app *a);

void draw_functions(const struct app *a, struct canvas *c, struct list *rows);
/* What the panes below are of; NULL: none. Not what is selected while the selection moves. */
const struct function *shown_function(const struct function_view *f);
const struct hit_row *shown_hit(const struct function_view *f);
const char *hit_sort_name(enum hit_sort s);

/* function_use.c: what is known of the functions shown. */
int load_uses(struct app *a, struct err *e);
const struct use *use_of_function(const struct function_view *f, uint32_t func_id); /* NULL: not known */
/* function_hits.c: who had the chosen function. */
int load_alive_at_t(struct app *a, struct err *e);
int load_hits(struct app *a, struct err *e);

#endif
