/* SPDX-License-Identifier: MIT */
/* What the host view knows beyond its groups: the lives of the goroutines on the screen, the selected group's parents. */
#include "view_host.h"
#include <stdlib.h>

#define NEAR 120    /* rows around the selected one whose lives are looked up: more than a screen has */
#define PARENTS 256 /* that are told apart */

const struct alive *host_member(const struct host_view *h, uint64_t id)
{
	size_t lo = 0, hi = h->n_alive;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (h->alive[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->n_alive && h->alive[lo].id == id ? &h->alive[lo] : NULL;
}

static const struct member_life *look_up(struct session *a, const struct alive *who)
{
	struct host_view *h = host_view_of(a);
	struct member_life *m;
	struct pool p = {0};
	struct life l;

	for (size_t i = 0; i < h->n_lives; i++)
		if (h->lives[i].id == who->id && h->lives[i].epoch == who->epoch)
			return &h->lives[i];
	if (h->n_lives == LIVES)
		return NULL;
	m = &h->lives[h->n_lives++];
	*m = (struct member_life){.id = who->id, .epoch = who->epoch, .first = who->first, .last = a->t};
	if (query_goroutine(a->q, &(struct life_question){a->host, who->epoch, who->id, NO_TIME}, &p, &l, NULL) == 1) {
		m->first = l.first;
		m->last = l.last;
		m->samples = query_samples(a->q, a->host, l.runs[0].from_seq, l.runs[l.n - 1].to_seq);
		for (size_t i = 1; i < l.n; i++)
			m->changes += l.runs[i].stack != l.runs[i - 1].stack;
	}
	pool_release(&p);
	return m;
}

void load_member_lives(struct session *a)
{
	struct host_view *h = host_view_of(a);
	size_t from = h->list.sel > NEAR ? h->list.sel - NEAR : 0, to = h->list.sel + NEAR < h->n ? h->list.sel + NEAR : h->n;

	if (!h->lives)
		h->lives = xcalloc(LIVES, sizeof *h->lives);
	if (h->n_lives + 2 * NEAR > LIVES)
		h->n_lives = 0;
	for (size_t i = from; i < to; i++)
		if (h->lines[i].a)
			h->lines[i].life = look_up(a, h->lines[i].a);
}

/* Numbers (parents' ids, addresses), and how many members have each. */
struct shared {
	uint64_t id[PARENTS];
	uint32_t n[PARENTS];
	size_t len;
};

static void count_shared(struct shared *p, uint64_t id)
{
	size_t i = 0;

	while (i < p->len && p->id[i] != id)
		i++;
	if (i == PARENTS)
		return;
	if (i == p->len)
		p->id[p->len++] = id;
	p->n[i]++;
}

/* The most common one, which is counted no more after that. */
static uint64_t take_most(struct shared *p, uint32_t *n)
{
	size_t best = 0;

	for (size_t i = 1; i < p->len; i++)
		if (p->n[i] > p->n[best])
			best = i;
	*n = p->n[best];
	p->n[best] = 0;
	return p->id[best];
}

static void take_parents(struct host_view *h, struct shared *p)
{
	h->facts.n_parents = (uint32_t)p->len;
	for (size_t k = 0; k < 3 && k < p->len; k++) {
		h->facts.parents[k].id = take_most(p, &h->facts.parents[k].n);
		h->facts.parents[k].alive = host_member(h, h->facts.parents[k].id) != NULL;
	}
}

static void take_objects(struct group_facts *f, struct shared *o)
{
	for (size_t k = 0; k < 2 && k < o->len; k++)
		f->objects[k].address = take_most(o, &f->objects[k].n);
}

void load_group_facts(struct host_view *h)
{
	const struct group *g = h->list.sel < h->n ? h->lines[h->list.sel].g : NULL;
	struct shared p = {.len = 0}, objects = {.len = 0};

	h->facts = (struct group_facts){.line = h->list.sel, .still_since = INT64_MAX};
	for (size_t i = 0; g && i < g->count; i++) {
		const struct alive *m = host_member(h, g->ids[i]);

		if (!m)
			continue;
		h->facts.dominant += m->stack == g->stack;
		if (m->since < h->facts.still_since) {
			h->facts.still_since = m->since;
			h->facts.still_id = m->id;
		}
		if (m->parent)
			count_shared(&p, m->parent);
		if (m->wait_object)
			count_shared(&objects, m->wait_object);
	}
	take_parents(h, &p);
	take_objects(&h->facts, &objects);
}
