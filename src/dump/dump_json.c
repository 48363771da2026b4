/* SPDX-License-Identifier: MIT */
/* One goroutine, or a group of them, as the JSON of --parse. */
#include <gscrape/grouped.h>
#include <stdlib.h>

static void func_key(struct jw *j, struct str func)
{
	struct buf b = {0};

	func_display(&b, func);
	jw_key(j, "func");
	jw_strn(j, b.p, b.n);
	buf_release(&b);
}

static void place(struct jw *j, const struct dump_frame *f)
{
	if (!f->file.n)
		return;
	jw_key(j, "file");
	jw_strn(j, f->file.p, f->file.n);
	jw_kuint(j, "line", f->line);
}

static void frames(struct jw *j, const struct dump_frame *f, size_t n)
{
	jw_key(j, "frames");
	jw_arr(j);
	for (size_t i = 0; i < n; i++) {
		if (f[i].kind == FRAME_ELIDED)
			continue;
		jw_obj(j);
		func_key(j, f[i].func);
		place(j, &f[i]);
		if (f[i].args.p) {
			jw_key(j, "args");
			jw_strn(j, f[i].args.p, f[i].args.n);
		}
		jw_end(j);
	}
	jw_end(j);
}

static void label(void *ctx, struct str key, struct str value)
{
	struct jw *j = ctx;
	char *k = xstrndup(key.p, key.n);

	jw_key(j, k);
	jw_strn(j, value.p, value.n);
	free(k);
}

static void labels(struct jw *j, struct str text)
{
	if (!text.n)
		return;
	jw_key(j, "labels");
	jw_obj(j);
	dump_labels(text, label, j);
	jw_end(j);
}

static void header(struct jw *j, const struct dump_header *h)
{
	jw_kuint(j, "id", h->id);
	jw_key(j, "state");
	jw_strn(j, h->state.p, h->state.n);
	if (h->minutes >= 0)
		jw_kint(j, "minutes", h->minutes);
	jw_kbool(j, "locked", h->flags & DUMP_LOCKED);
	jw_kbool(j, "leaked", h->flags & DUMP_LEAKED);
	if (h->flags & DUMP_DURABLE)
		jw_kbool(j, "durable", true);
	if (h->bubble)
		jw_kuint(j, "bubble", h->bubble);
	labels(j, h->labels);
}

static void created_by(struct jw *j, const struct dump_goroutine *g)
{
	if (!g->created_by.func.n)
		return;
	jw_key(j, "created_by");
	jw_obj(j);
	func_key(j, g->created_by.func);
	place(j, &g->created_by);
	if (g->parent)
		jw_kuint(j, "goroutine", g->parent);
	jw_end(j);
}

void dump_json(struct jw *j, const struct dump_goroutine *g)
{
	jw_obj(j);
	header(j, &g->head);
	frames(j, g->frames, g->n_frames);
	jw_kuint(j, "elided", g->elided);
	if (g->rootless)
		jw_kbool(j, "rootless", true);
	if (g->cut)
		jw_kbool(j, "cut", true);
	created_by(j, g);
	if (g->n_ancestors) {
		jw_key(j, "ancestors");
		jw_arr(j);
		for (size_t i = 0; i < g->n_ancestors; i++) {
			jw_obj(j);
			jw_kuint(j, "goroutine", g->ancestors[i].goroutine);
			frames(j, g->frames + g->ancestors[i].first, g->ancestors[i].n);
			jw_end(j);
		}
		jw_end(j);
	}
	jw_end(j);
}

void group_json(struct jw *j, const struct grouped_stack *g)
{
	struct str state = grouped_state(g);

	jw_obj(j);
	jw_kuint(j, "count", g->count);
	if (g->missing)
		jw_kbool(j, "missing", true);
	jw_key(j, "state");
	jw_strn(j, state.p, state.n);
	if (g->leaked)
		jw_kbool(j, "leaked", true);
	labels(j, g->labels);
	frames(j, g->frames, g->n);
	jw_end(j);
}
