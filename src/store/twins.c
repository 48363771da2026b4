/* SPDX-License-Identifier: MIT */
/* Do two stores tell the same of a host? Names are compared as numbers of a symtab that both share. */
#include "copy.h"
#include "renames.h"

#define AT_ONCE 4096 /* snapshots */
#define SAMPLES 5    /* times at which everybody is looked at */

struct look {
	struct renames a, b;
	uint32_t host_a, host_b;
	struct err *e;
};

static struct look look_at(const struct twins *t, struct err *e)
{
	struct symtab *names = symtab_new();

	return (struct look){{.view = t->a, .symtab = names}, {.view = t->b, .symtab = names}, t->in_a->host, t->in_b->host, e};
}

static void look_release(struct look *l)
{
	symtab_free(l->a.symtab);
	renames_forget(&l->a);
	renames_forget(&l->b);
}

static bool same_snapshot(const struct snapshot *x, const struct snapshot *y)
{
	bool same = x->time == y->time && x->seq == y->seq && x->ordinal == y->ordinal && x->epoch == y->epoch && x->status == y->status &&
		    x->goroutines == y->goroutines && x->bytes == y->bytes && x->took == y->took && x->note == y->note && x->n_states == y->n_states;

	for (uint32_t i = 0; same && i < x->n_states; i++)
		same = x->states[i].state == y->states[i].state && x->states[i].n == y->states[i].n;
	return same;
}

static int same_snapshots(struct look *l, uint32_t from, uint32_t to)
{
	struct snapshot *x = NULL, *y = NULL;
	struct pool p = {0};
	size_t n = 0, k = 0;
	int rc = store_snapshots(l->a.view, (struct seq_range){l->host_a, from, to}, &p, &x, &n, l->e);

	if (!rc)
		rc = store_snapshots(l->b.view, (struct seq_range){l->host_b, from, to}, &p, &y, &k, l->e);
	if (!rc)
		rc = n == k && n == (size_t)to - from + 1;
	for (size_t i = 0; i < n && rc == 1; i++) {
		if (rename_snapshot(&l->a, &x[i], &p, l->e) < 0 || rename_snapshot(&l->b, &y[i], &p, l->e) < 0)
			rc = -1;
		else
			rc = same_snapshot(&x[i], &y[i]);
	}
	pool_release(&p);
	return rc;
}

static int rename_living(struct renames *r, struct goroutine_state *g, size_t n, struct pool *p, struct err *e)
{
	uint32_t *stacks = pool_alloc(p, (n + 1) * sizeof *stacks);

	for (size_t i = 0; i < n; i++)
		stacks[i] = g[i].stack;
	if (rename_stacks(r, stacks, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		g[i].stack = rename_stack(r, g[i].stack);
		if (rename_string(r, &g[i].state, e) < 0 || rename_string(r, &g[i].labels, e) < 0)
			return -1;
	}
	return 0;
}

static bool same_goroutine(const struct goroutine_state *x, const struct goroutine_state *y)
{
	return x->id == y->id && x->parent == y->parent && x->born == y->born && x->run == y->run && x->stack == y->stack &&
	       x->state == y->state && x->labels == y->labels && x->flags == y->flags && x->wait_object == y->wait_object;
}

static int same_living(struct look *l, uint32_t seq)
{
	struct goroutine_state *x = NULL, *y = NULL;
	struct pool p = {0};
	size_t n = 0, k = 0;
	int rc = store_alive(l->a.view, (struct snapshot_key){l->host_a, seq}, &p, &x, &n, l->e);

	if (!rc)
		rc = store_alive(l->b.view, (struct snapshot_key){l->host_b, seq}, &p, &y, &k, l->e);
	if (!rc)
		rc = rename_living(&l->a, x, n, &p, l->e) < 0 || rename_living(&l->b, y, k, &p, l->e) < 0 ? -1 : n == k;
	for (size_t i = 0; i < n && rc == 1; i++)
		rc = same_goroutine(&x[i], &y[i]);
	pool_release(&p);
	return rc;
}

static int same_held(struct look *l, uint32_t seq)
{
	struct pool p = {0};
	struct str x, y;
	int a = store_held(l->a.view, (struct snapshot_key){l->host_a, seq}, &p, &x, l->e);
	int b = a < 0 ? -1 : store_held(l->b.view, (struct snapshot_key){l->host_b, seq}, &p, &y, l->e);
	int rc = b < 0 ? -1 : a == b && (!a || str_eq(x, y));

	pool_release(&p);
	return rc;
}

static uint32_t shorter(const struct twins *t)
{
	return t->in_a->last_seq < t->in_b->last_seq ? t->in_a->last_seq : t->in_b->last_seq;
}

int twins_are_one(const struct twins *t, struct err *e)
{
	struct look l = look_at(t, e);
	uint32_t last = shorter(t);
	int rc = last ? same_snapshots(&l, last, last) : 1;

	look_release(&l);
	return rc;
}

int twins_agree(const struct twins *t, struct err *e)
{
	struct look l = look_at(t, e);
	uint32_t last = shorter(t), first = t->in_a->first_seq > t->in_b->first_seq ? t->in_a->first_seq : t->in_b->first_seq;
	int rc = 1;

	for (uint64_t seq = first; seq <= last && rc == 1; seq += AT_ONCE)
		rc = same_snapshots(&l, (uint32_t)seq, seq + AT_ONCE - 1 < last ? (uint32_t)(seq + AT_ONCE - 1) : last);
	for (uint64_t i = 0; first <= last && i < SAMPLES && rc == 1; i++) {
		uint32_t seq = (uint32_t)(first + (last - first) * i / (SAMPLES - 1));

		rc = same_living(&l, seq);
		if (rc == 1)
			rc = same_held(&l, seq);
	}
	look_release(&l);
	return rc;
}
