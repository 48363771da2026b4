/* SPDX-License-Identifier: MIT */
/* Help: drawn from the key table, so that it cannot be out of date. Enter runs the row. */
#include "app.h"
#include <stdio.h>

/* Which places' keys matter in a view. */
static bool shows(const struct app *a, const struct key_row *r)
{
	if (a->help.all)
		return true;
	if (r->place == AT_HOST)
		return a->help.of == VIEW_HOST;
	if (r->place == AT_GOROUTINE)
		return a->help.of == VIEW_GOROUTINE;
	return true;
}

static const struct key_row *row_at(const struct app *a, size_t index)
{
	size_t n = 0;

	for (int place = AT_PLACES - 1; place >= 0; place--) /* the screen's own keys first */
		for (size_t i = 0; i < key_table_n; i++)
			if (key_table[i].place == (enum key_place)place && shows(a, &key_table[i]) && n++ == index)
				return &key_table[i];
	return NULL;
}

static int load(struct app *a, struct err *e)
{
	size_t n = 0;

	(void)e;
	while (row_at(a, n))
		n++;
	list_clamp(&a->help.list, n);
	return 0;
}

static void keys_of(const struct key_row *r, char *out, size_t n)
{
	char one[24];

	out[0] = '\0';
	for (int i = 0; i < 4 && r->keys[i]; i++)
		snprintf(out + strlen(out), n - strlen(out), "%s%s", i ? " " : "", key_label(one, sizeof one, r->keys[i]));
}

static void draw_letters(struct canvas *c, int y, int x, int w)
{
	static const char *const lines[] = {
		"STATE LETTERS",   "R running, runnable", "C chan send, receive", "S select",	      "L Mutex, RWMutex, sema",
		"W WaitGroup, Cond", "I IO wait",	  "Z sleep",		  "Y syscall",	      "G runtime",
		". not alive",	   "? no sample (a gap)", "",			  "DIFF",	      "~ changed  + new  - gone",
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines && y + (int)i < c->h - 1; i++)
		canvas_text(c, y + (int)i, x, w, i == 0 || i == 13 ? STYLE_HEADER : STYLE_NORMAL, lines[i]);
}

static void draw(const struct app *a, struct canvas *c, struct list *rows)
{
	int h = c->h - 3, w = c->w >= 76 ? c->w - 28 : c->w;
	const struct view *v = view_of(a->help.of);

	canvas_printf(c, 1, 1, c->w - 2, STYLE_CONTEXT, a->help.all ? "help: all keys" : "help: keys of %s   (? again: all keys)", v->wide_tab);
	list_show(rows, h);
	for (int y = 0; y < h; y++) {
		const struct key_row *r = row_at(a, rows->top + (size_t)y);
		bool sel = rows->top + (size_t)y == rows->sel;
		char keys[64];

		if (!r)
			break;
		keys_of(r, keys, sizeof keys);
		canvas_text(c, y + 2, 2, 16, STYLE_HEADER, keys);
		canvas_text(c, y + 2, 19, w - 19 - (w > 70 ? 16 : 0), STYLE_NORMAL, r->help);
		if (w > 70)
			canvas_printf(c, y + 2, w - 15, 15, STYLE_DIM, ":%s", r->name);
		if (sel)
			draw_selected(c, y + 2, 0, w);
	}
	if (w < c->w)
		draw_letters(c, 2, w + 2, c->w - w - 3);
}

static struct list *list(struct app *a)
{
	return &a->help.list;
}

static bool act(struct app *a, enum action action)
{
	const struct key_row *r;

	if (action != ACT_OPEN)
		return false;
	r = row_at(a, a->help.list.sel);
	app_do(a, ACT_BACK);
	if (r)
		app_do(a, r->action);
	return true;
}

const struct view help_view_ops = {
	.name = "help",
	.tab = "Help",
	.wide_tab = "Help",
	.load = load,
	.draw = draw,
	.act = act,
	.list = list,
	.hints = "q close  j/k scroll  Enter run the action  ? all keys / this screen's",
	.wide_hints = "q close   j/k scroll   Enter run the action under the cursor   ? all keys / this screen's   every :name can be typed after :",
};
