/* SPDX-License-Identifier: MIT */
/* Which blocks of a text are of one moment, and whose they are. */
#include "block.h"
#include <gscrape/err.h>
#include <gscrape/hash.h>
#include <gscrape/timefmt.h>
#include <stdlib.h>

#define MOMENT_MS 1000 /* lines of one dump may get other times by that much */

/* Ids, and the moment in which each came last. */
struct met {
	struct hash index;
	struct met_id {
		uint64_t id;
		size_t moment;
	} *v;
	size_t n, cap;
};

static struct met_id *met_find(const struct met *m, uint64_t id)
{
	uint32_t at;

	HASH_FIND(&m->index, hash_u64(id), at, m->v[at].id == id);
	return at == HASH_NONE ? NULL : &m->v[at];
}

static struct met_id *met_get(struct met *m, uint64_t id)
{
	struct met_id *found = met_find(m, id);

	if (found)
		return found;
	hash_put(&m->index, hash_u64(id), (uint32_t)m->n);
	GROW(m->v, m->n, m->cap);
	m->v[m->n] = (struct met_id){.id = id};
	return &m->v[m->n++];
}

/* Do a panic's words or a log's times say that something new begins with block i? */
static bool told_apart(const struct streams *x, size_t i)
{
	const struct begun *o = &x->blocks[i];

	return (o->front & FRONT_HEAD) || (i && o->origin != o[-1].origin) || (i && o->time != NO_TIME && o[-1].time != NO_TIME && o->time - o[-1].time > MOMENT_MS);
}

/*
 * Does block i, whose goroutine was in this moment already, begin the next one? Not when it alone is there again: who panics
 * may be printed first and once more among all others, and a crash ends with what each of its threads was at.
 */
static bool begins_moment(const struct streams *x, const struct met *m, size_t i, size_t moment)
{
	const struct begun *o = &x->blocks[i];
	size_t others = 0;

	if (o->front & FRONT_RULE)
		return false;
	if (told_apart(x, i))
		return true;
	for (size_t k = i + 1; k < x->n_blocks && x->blocks[k].id != o->id && !told_apart(x, k); k++) {
		const struct met_id *other = met_find(m, x->blocks[k].id);

		if (!x->blocks[k].id || (x->blocks[k].front & FRONT_RULE))
			continue;
		if (other && other->moment == moment)
			return true;
		others++;
	}
	return others > 1 && o->id < o[-1].id; /* ids went up within a list: another list */
}

/* Where one alone is named, all is of it: a prefix may stand in the first line only. Are there several? */
static bool several_origins(struct streams *x)
{
	uint32_t one = NOBODY;

	for (size_t i = 0; i < x->n_blocks; i++) {
		uint32_t origin = x->blocks[i].origin;

		if (origin != NOBODY && one != NOBODY && origin != one)
			return true;
		one = origin != NOBODY ? origin : one;
	}
	for (size_t i = 0; i < x->n_blocks; i++)
		x->blocks[i].origin = NOBODY;
	return false;
}

void find_moments(struct streams *x, struct unwrapped *out)
{
	struct met met = {0};
	size_t cap = 0;
	bool several = several_origins(x);

	for (size_t i = 0; i < x->n_blocks; i++) {
		const struct begun *o = &x->blocks[i];
		struct met_id *m = o->id ? met_get(&met, o->id) : NULL; /* each thread's scheduler has number 0 */

		if (out->n_moments == 0 || o->origin != o[-1].origin || (m && m->moment == out->n_moments && begins_moment(x, &met, i, out->n_moments))) {
			GROW(out->moments, out->n_moments, cap);
			out->moments[out->n_moments++] = (struct unwrap_moment){.at = o->at, .time = o->time, .origin = several && o->origin != NOBODY ? x->origins[o->origin] : NULL};
		}
		if (m)
			m->moment = out->n_moments;
	}
	hash_release(&met.index);
	free(met.v);
}
