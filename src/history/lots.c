/* SPDX-License-Identifier: MIT */
#include "lots.h"
#include <gscrape/err.h>
#include <gscrape/grouped.h>
#include <stdlib.h>

#define COUNT_MAX ((uint64_t)1 << 26) /* goroutines: beyond that no profile is believed */

static uint64_t kind_hash(const struct lot_kind *k)
{
	uint32_t parts[4] = {k->stack, k->state, k->labels, k->flags};

	return hash64(parts, sizeof parts);
}

static bool kind_is(const struct lot *l, const struct lot_kind *k)
{
	return l->kind.stack == k->stack && l->kind.state == k->state && l->kind.labels == k->labels && l->kind.flags == k->flags;
}

const struct lot *lots_find(const struct lots *l, const struct lot_kind *kind)
{
	uint32_t at;

	HASH_FIND(&l->index, kind_hash(kind), at, kind_is(&l->a[at], kind));
	return at == HASH_NONE ? NULL : &l->a[at];
}

struct lot *lots_at(struct lots *l, const struct lot_kind *kind)
{
	const struct lot *was = lots_find(l, kind);

	if (was)
		return &l->a[was - l->a];
	GROW(l->a, l->n, l->cap);
	hash_put(&l->index, kind_hash(kind), (uint32_t)l->n);
	l->a[l->n] = (struct lot){.kind = *kind};
	return &l->a[l->n++];
}

void lot_add(struct lot *lot, uint64_t id)
{
	struct lot_span *last = lot->n ? &lot->spans[lot->n - 1] : NULL;

	lot->count++;
	if (last && last->first + last->n == id) {
		last->n++;
		return;
	}
	GROW(lot->spans, lot->n, lot->cap);
	lot->spans[lot->n++] = (struct lot_span){id, 1};
}

static uint32_t stack_of(struct symtab *sym, const struct grouped_stack *g, uint32_t **frames, size_t *cap)
{
	struct sym_stack s = {.n = (uint32_t)g->n};

	if (g->n > *cap) {
		*cap = 2 * g->n;
		*frames = xrealloc(*frames, *cap, sizeof **frames);
	}
	for (size_t i = 0; i < g->n; i++)
		(*frames)[i] = symtab_frame(sym, g->frames[i].func, g->frames[i].file, g->frames[i].line);
	s.frames = *frames;
	return symtab_stack(sym, &s);
}

void lots_read(struct lots *out, struct symtab *sym, struct str text)
{
	struct grouped d = {.text = text};
	uint32_t *frames = NULL;
	size_t cap = 0;

	*out = (struct lots){0};
	while (grouped_next(&d) && !out->cut) {
		const struct grouped_stack *g = &d.g;
		struct lot_kind kind = {.flags = g->leaked ? DUMP_LEAKED : 0};

		out->cut = g->missing || g->count > COUNT_MAX - out->total;
		if (out->cut)
			break;
		kind.stack = stack_of(sym, g, &frames, &cap);
		kind.state = symtab_string(sym, grouped_state(g));
		kind.labels = g->labels.n ? symtab_string(sym, g->labels) : 0;
		lots_at(out, &kind)->count += g->count;
		out->total += g->count;
	}
	out->cut |= text.n && text.p[text.n - 1] != '\n';
	out->base = d.base;
	free(frames);
	grouped_release(&d);
}

void lots_tidy(struct lots *l)
{
	struct lots left = {.total = l->total, .base = l->base};
	size_t empty = 0;

	for (size_t i = 0; i < l->n; i++)
		empty += !l->a[i].count;
	if (empty < 64 || empty < l->n / 2)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (!l->a[i].count)
			continue;
		*lots_at(&left, &l->a[i].kind) = l->a[i];
		l->a[i].spans = NULL;
	}
	lots_release(l);
	*l = left;
}

void lots_release(struct lots *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->a[i].spans);
	free(l->a);
	hash_release(&l->index);
	*l = (struct lots){0};
}
