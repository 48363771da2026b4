/* SPDX-License-Identifier: MIT */
/* The options menu: the settings with their values. Enter takes the next value, which acts at once and is kept. */
#include "draw.h"
#include "settings.h"
#include "row_model.h"
#include "view_help.h"
#include <stdio.h>

struct told_setting {
	const struct session *a;
	const struct setting *s;
};

GETTER(setting_called, struct told_setting, a_text(x->s->name))
GETTER(setting_is, struct told_setting, a_text(setting_value(x->a, x->s)))
GETTER(setting_help, struct told_setting, a_text(x->s->help))

static const struct column of_setting[] = {
	{"option", "", COLUMN_TEXT, .get = setting_called}, {"value", "IS", COLUMN_TEXT, .get = setting_is}, {"help", "", COLUMN_TEXT, .get = setting_help},
};
static const struct columns setting_columns = COLUMNS(of_setting);

static void setting_tell(const struct session *a, struct row_model *s, size_t i)
{
	ROW_MODEL_ADD(s, setting_columns, struct told_setting, a, &settings[i]);
}

static const struct list_kind setting_kind = {.columns = &setting_columns, .tell = setting_tell};

static int options_load(struct session *a, struct err *e)
{
	struct list *l = a->own[VIEW_OPTIONS];

	(void)e;
	l->kind = &setting_kind;
	list_clamp(l, settings_n);
	return 0;
}

static void draw_setting_row(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct setting *s = &settings[r->i];

	canvas_text(c, r->y, 2, 15, STYLE_NORMAL, s->name);
	canvas_text(c, r->y, 18, 11, STYLE_HEADER, setting_value(a, s));
	canvas_text(c, r->y, 30, c->w - 31, STYLE_DIM, s->help);
	if (r->selected)
		draw_selected(c, r->y, 0, c->w);
}

static void options_draw(const struct session *a, struct canvas *c, struct list *rows)
{
	bool kept = a->o->keep && a->o->config_file;

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, "options%s%s", kept ? ", kept in " : ", for this run", kept ? a->o->config_file : "");
	canvas_text(c, 2, 2, c->w - 3, STYLE_HEADER, "OPTION          VALUE       WHAT IT DOES");
	list_draw(a, c, a->own[VIEW_OPTIONS], &(struct list_pane){.y = 3, .h = c->h - 4, .row = draw_setting_row}, rows);
}

static struct list *options_list(const struct session *a)
{
	return a->own[VIEW_OPTIONS];
}

static bool options_act(struct session *a, enum action action)
{
	if (action != ACT_OPEN)
		return false;
	setting_next(a, &settings[((struct list *)a->own[VIEW_OPTIONS])->sel]);
	return true;
}

static void options_summary(const struct session *a, struct buf *out)
{
	(void)a;
	buf_adds(out, "options; Enter changes");
}

const struct view option_view_ops = {
	.name = "options",
	.tab = "Options",
	.wide_tab = "Options",
	.size = sizeof(struct list),
	.load = options_load,
	.draw = options_draw,
	.act = options_act,
	.list = options_list,
	.summary = options_summary,
	.hints = "Enter next value  j/k rows  : set NAME VALUE  q close  ? help",
	.wide_hints = "Enter next value   j/k rows   : set NAME VALUE   q close   ? help",
};
