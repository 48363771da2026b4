/* SPDX-License-Identifier: MIT */
/* View 3, the goroutine's own text in the dump at T: arguments, program counters, what the store does not keep. */
#include "draw.h"
#include "row_model.h"
#include "view_goroutine.h"
#include <gscrape/dump.h>
#include <stdio.h>

/* --- what is there --- */

static void split_lines(struct raw_text *r, struct str block)
{
	size_t cap = 0;

	for (size_t i = 0; i < block.n;) {
		const char *p = block.p + i, *nl = memchr(p, '\n', block.n - i);
		size_t n = nl ? (size_t)(nl - p) : block.n - i;

		r->lines = pool_grow(&r->memo.pool, r->lines, r->n, &cap, sizeof *r->lines);
		r->lines[r->n++] = (struct str){pool_strndup(&r->memo.pool, p, n), n};
		i += n + 1;
	}
}

static const char *read_text(struct session *a, struct raw_text *r)
{
	const struct tui_options *o = a->o;
	const struct host *h = chosen_host(a);
	struct buf text = {0};

	if (query_hides_labels())
		return "with --hide-labels this is not shown: labels stand in it";
	if (a->playing)
		return "read when playback stops";
	if (!h || !a->known.known || goroutine_view_of(a)->run < 0)
		return "it is not there at T";
	if (!o->dump_text || !o->dump_text(o->dump_ctx, h->name, r->time, &text))
		return "the dump of this time is not there: it is read from the archive (--output), or from the files that were opened";
	split_lines(r, dump_block((struct str){text.p, text.n}, a->id));
	buf_release(&text);
	return r->n ? NULL : "the dump of this time does not have it";
}

/* --- the rows --- */

struct told_text {
	const char *text;
};
GETTER(line_text, struct told_text, a_text(x->text))

static const struct column of_line[] = {{"text", "TEXT", COLUMN_TEXT, .get = line_text}};
static const struct columns line_of_text_columns = COLUMNS(of_line);

static void line_tell(const struct session *a, struct row_model *s, size_t i)
{
	ROW_MODEL_ADD(s, line_of_text_columns, struct told_text, goroutine_view_of(a)->raw.lines[i].p);
}

static const struct list_kind line_kind = {.columns = &line_of_text_columns, .tell = line_tell};

void raw_load(struct session *a)
{
	struct raw_text *r = &goroutine_view_of(a)->raw;
	struct memo_key k = {.host = a->host, .what = {a->playing, goroutine_view_of(a)->run >= 0}, .from = a->known.text.time, .id = a->id,
			     .version = session_version(a)};

	if (!memo_holds(&r->memo, &k)) {
		r->lines = NULL;
		r->n = 0;
		r->time = a->known.text.time;
		r->why = read_text(a, r);
	}
	r->list.kind = &line_kind;
	list_clamp(&r->list, r->n);
}

void raw_release(struct raw_text *r)
{
	memo_drop(&r->memo);
	list_release(&r->list);
}

/* --- how it is drawn --- */

static void draw_text_line(const struct session *a, struct canvas *c, const struct list_row *r)
{
	struct str s = goroutine_view_of(a)->raw.lines[r->i];
	struct buf b = {0};

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\t')
			buf_adds(&b, "    ");
		else
			buf_putc(&b, s.p[i]);
	}
	buf_adds(&b, "");
	canvas_text(c, r->y, 2, r->w - 3, s.n && s.p[0] == '\t' ? STYLE_DIM : STYLE_NORMAL, (size_t)a->scroll < b.n ? b.p + a->scroll : "");
	if (r->selected)
		draw_selected(c, r->y, 0, r->w);
	buf_release(&b);
}

void draw_raw(const struct session *a, struct canvas *c, struct area at, struct list *rows)
{
	const struct goroutine_view *g = goroutine_view_of(a);
	struct list l = g->raw.list;
	char title[200], t[TIME_MAX];

	list_show(&l, at.h - 1);
	if (g->raw.why)
		snprintf(title, sizeof title, "text in the dump   i closes");
	else
		snprintf(title, sizeof title, "text in the dump of %s, line %zu/%zu   H/L scroll   i closes", time_text(a, t, g->raw.time, TIME_CLOCK),
			 l.n ? l.sel + 1 : 0, l.n);
	pane_rule(a, c, at.y, at.x, at.w, title);
	list_draw(a, c, &g->raw.list, &(struct list_pane){.y = at.y + 1, .h = at.h - 1, .w = at.w, .unfocused = g->pane != PANE_RAW,
							  .row = draw_text_line}, rows);
	if (g->raw.why)
		draw_sentence(c, at.y + 1, 2, at.h - 1, STYLE_DIM, g->raw.why);
}
