/* SPDX-License-Identifier: MIT */
/* The options menu: the settings with their values. Enter takes the next value, which acts at once and is kept. */
#include "draw.h"
#include "settings.h"
#include "sheet.h"
#include "view_help.h"
#include <stdio.h>

static int load(struct session *a, struct err *e)
{
	(void)e;
	list_clamp(a->own[VIEW_OPTIONS], settings_n);
	return 0;
}

static void draw(const struct session *a, struct canvas *c, struct list *rows)
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

static struct list *list(const struct session *a)
{
	return a->own[VIEW_OPTIONS];
}

static bool act(struct session *a, enum action action)
{
	if (action != ACT_OPEN)
		return false;
	setting_next(a, &settings[((struct list *)a->own[VIEW_OPTIONS])->sel]);
	return true;
}

static void sheet(const struct session *a, struct sheet *s)
{
	static const struct sheet_column columns[] = {{"option", NULL, CELL_TEXT}, {"value", "is", CELL_TEXT}, {"help", NULL, CELL_TEXT}};

	SHEET_COLUMNS(s, columns);
	buf_adds(&s->summary, "options; Enter changes");
	for (size_t i = 0; i < settings_n; i++) {
		sheet_text(s, settings[i].name);
		sheet_text(s, setting_value(a, &settings[i]));
		sheet_text(s, settings[i].help);
	}
}

const struct view option_view_ops = {
	.name = "options",
	.tab = "Options",
	.wide_tab = "Options",
	.size = sizeof(struct list),
	.load = load,
	.draw = draw,
	.act = act,
	.list = list,
	.sheet = sheet,
	.hints = "Enter next value  j/k rows  : set NAME VALUE  q close  ? help",
	.wide_hints = "Enter next value   j/k rows   : set NAME VALUE   q close   ? help",
};
