/* SPDX-License-Identifier: MIT */
/* The options menu: the settings with their values. Enter takes the next value, which acts at once and is kept. */
#include "app.h"
#include <stdio.h>

static int load(struct app *a, struct err *e)
{
	(void)e;
	list_clamp(&a->options, settings_n);
	return 0;
}

static void draw(const struct app *a, struct canvas *c, struct list *rows)
{
	int h = c->h - 4;

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, "options%s%s", a->o->keep && a->o->config_file ? ", kept in " : ", for this run",
		      a->o->keep && a->o->config_file ? a->o->config_file : "");
	canvas_text(c, 2, 2, c->w - 3, STYLE_HEADER, "OPTION          VALUE       WHAT IT DOES");
	list_show(rows, h);
	for (int y = 0; y < h && rows->top + (size_t)y < settings_n; y++) {
		const struct setting *s = &settings[rows->top + (size_t)y];

		canvas_text(c, y + 3, 2, 15, STYLE_NORMAL, s->name);
		canvas_text(c, y + 3, 18, 11, STYLE_HEADER, setting_value(a, s));
		canvas_text(c, y + 3, 30, c->w - 31, STYLE_DIM, s->help);
		if (rows->top + (size_t)y == rows->sel)
			draw_selected(c, y + 3, 0, c->w);
	}
	touch_rows(c, 3, h, rows->top, 1, true);
}

static struct list *list(struct app *a)
{
	return &a->options;
}

static bool act(struct app *a, enum action action)
{
	if (action != ACT_OPEN)
		return false;
	setting_next(a, &settings[a->options.sel]);
	return true;
}

const struct view option_view_ops = {
	.name = "options",
	.tab = "Options",
	.wide_tab = "Options",
	.load = load,
	.draw = draw,
	.act = act,
	.list = list,
	.hints = "Enter next value  j/k rows  : set NAME VALUE  q close  ? help",
	.wide_hints = "Enter next value   j/k rows   : set NAME VALUE   q close   ? help",
};
