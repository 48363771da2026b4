/* SPDX-License-Identifier: MIT */
#include "lock_frames.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct place {
	uint32_t at, n; /* at: from the body's beginning, plus 1; 0 there is none */
};

struct frames_of {
	uint32_t slot, n;
	struct kept_frame {
		struct place func, args, file;
		uint32_t line;
	} *frames;
};

static uint32_t find(const struct lock_frames *f, uint32_t slot)
{
	uint32_t at;

	HASH_FIND(&f->by_slot, hash_u64(slot), at, f->of[at].slot == slot);
	return at;
}

void lock_frames_release(struct lock_frames *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		free(f->of[i].frames);
	free(f->of);
	free(f->recalled);
	hash_release(&f->by_slot);
	*f = (struct lock_frames){0};
}

void lock_frames_begin(struct lock_frames *f)
{
	if (f->n == FRAMES_OF_MOST && f->asked < FRAMES_OF_MOST / 2)
		lock_frames_release(f);
	f->asked = 0;
}

/* The last one comes in its place. */
static void drop(struct lock_frames *f, uint32_t at)
{
	uint32_t last = --f->n;

	free(f->of[at].frames);
	hash_drop(&f->by_slot, hash_u64(f->of[at].slot), at);
	if (at == last)
		return;
	hash_drop(&f->by_slot, hash_u64(f->of[last].slot), last);
	f->of[at] = f->of[last];
	hash_put(&f->by_slot, hash_u64(f->of[at].slot), at);
}

void lock_frames_forget(struct lock_frames *f, uint32_t slot)
{
	uint32_t at = find(f, slot);

	if (at != HASH_NONE)
		drop(f, at);
}

static struct place place_in(struct str body, struct str s)
{
	return s.p ? (struct place){(uint32_t)(s.p - body.p) + 1, (uint32_t)s.n} : (struct place){0};
}

static struct str text_at(struct str body, struct place p)
{
	return p.at ? (struct str){body.p + p.at - 1, p.n} : (struct str){0};
}

void lock_frames_keep(struct lock_frames *f, uint32_t slot, const struct dump_goroutine *g)
{
	struct kept_frame *frames;

	if (f->n == FRAMES_OF_MOST)
		return;
	frames = xcalloc(g->n_frames + 1, sizeof *frames);
	for (size_t i = 0; i < g->n_frames; i++)
		frames[i] = (struct kept_frame){place_in(g->body, g->frames[i].func), place_in(g->body, g->frames[i].args),
						place_in(g->body, g->frames[i].file), g->frames[i].line};
	if (!f->of)
		f->of = xcalloc(FRAMES_OF_MOST, sizeof *f->of);
	f->of[f->n] = (struct frames_of){slot, (uint32_t)g->n_frames, frames};
	hash_put(&f->by_slot, hash_u64(slot), f->n++);
}

bool lock_frames_recall(struct lock_frames *f, uint32_t slot, struct dump_goroutine *g)
{
	uint32_t at = find(f, slot);
	const struct frames_of *of = at == HASH_NONE ? NULL : &f->of[at];

	if (!of)
		return false;
	f->asked++;
	if (of->n > f->cap_recalled) {
		f->cap_recalled = of->n;
		f->recalled = xrealloc(f->recalled, f->cap_recalled, sizeof *f->recalled);
	}
	for (uint32_t i = 0; i < of->n; i++) {
		const struct kept_frame *k = &of->frames[i];

		f->recalled[i] = (struct dump_frame){.func = text_at(g->body, k->func), .args = text_at(g->body, k->args),
						     .file = text_at(g->body, k->file), .line = k->line};
	}
	g->frames = f->recalled;
	g->n_frames = of->n;
	return true;
}
