/* SPDX-License-Identifier: MIT */
/* A whole frame: the open view between the rows that every view has. */
#include "app.h"
#include "draw.h"

bool too_small(const struct session *a)
{
	return a->w < 40 || a->h < 10;
}

void app_draw(const struct app *a, struct canvas *c)
{
	const struct view *v = view_of(&a->s, a->s.view);
	struct list unused = {0}, *l = v->list ? v->list(&a->s) : &unused;

	canvas_clear(c);
	if (too_small(&a->s)) {
		canvas_text(c, 0, 0, c->w, STYLE_NORMAL, "needs 40x10 (q quits)");
		return;
	}
	if (a->s.screen_reader) {
		draw_plain(&a->s, c, l);
	} else {
		draw_title(&a->s, c);
		v->draw(&a->s, c, l);
		draw_cursorline(&a->s, c);
	}
	if (a->prompt.kind != PROMPT_NONE)
		prompt_draw(a, c);
	else
		draw_hints(&a->s, c);
}
