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

static void draw_row(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct setting *s = &settings[r->i];

	canvas_text(c, r->y, 2, 15, STYLE_NORMAL, s->name);
	canvas_text(c, r->y, 18, 11, STYLE_HEADER, setting_value(a, s));
	canvas_text(c, r->y, 30, c->w - 31, STYLE_DIM, s->help);
	if (r->selected)
		draw_selected(c, r->y, 0, c->w);
}

static void draw(const struct session *a, struct canvas *c, struct list *rows)
{
	bool kept = a->o->keep && a->o->config_file;

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, "options%s%s", kept ? ", kept in " : ", for this run", kept ? a->o->config_file : "");
	canvas_text(c, 2, 2, c->w - 3, STYLE_HEADER, "OPTION          VALUE       WHAT IT DOES");
	list_draw(a, c, a->own[VIEW_OPTIONS], &(struct list_pane){.y = 3, .h = c->h - 4, .row = draw_row}, rows);
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
