/* SPDX-License-Identifier: MIT */
/*
 * fleet WHERE [HOSTS GOROUTINES SNAPSHOTS PER_MILLE]: a store of many hosts, as events without text: pods of 60 deployments, each of 40
 * `go` statements with their pools: a goroutine waits at one place, works at another and waits for the network at a third, or ends, and
 * another begins. Of each thousand so many do something from one snapshot to the next. In one deployment some stay at a place for good.
 */
#include "bench.h"
#include <stdio.h>
#include <string.h>

#define DEPLOYMENTS 60
#define SITES 40
#define AT_SITE 3      /* places of a site: where it waits, works, reads */
#define LEAKY 17       /* deployment whose site 0 leaks: */
#define LEAK_EVERY 4   /* one in so many snapshots */
#define T0 1790000000000

struct goroutine {
	uint64_t id, parent;
	uint32_t site, at;
	uint32_t run; /* snapshot of its last event */
};

struct fleet {
	struct store *s;
	struct symtab *t;
	struct err e;
	uint32_t n_hosts, goroutines, snapshots, per_mille;
	uint32_t stacks[SITES][AT_SITE], states[AT_SITE], *hosts;
	struct goroutine **alive;
	uint32_t *n_alive;
	uint64_t *next;
};

static void check(const struct fleet *f, int rc)
{
	if (rc < 0)
		die("%s", f->e.text);
}

static void make_names(struct fleet *f)
{
	static const char *const states[AT_SITE] = {"select", "running", "IO wait"};

	for (uint32_t i = 0; i < SITES; i++)
		for (uint32_t at = 0; at < AT_SITE; at++) {
			uint32_t frames[12];
			char func[80];

			for (uint32_t k = 0; k < 12; k++) {
				snprintf(func, sizeof func, "example.com/service/internal/part%u.(*Worker).step%u", i, k < 6 ? 10 * at + k : 100 + k);
				frames[k] = symtab_frame(f->t, str_of(func), STR("/src/service/internal/part.go"), 40 + k);
			}
			f->stacks[i][at] = symtab_stack(f->t, &(struct sym_stack){.n = 12, .created = frames[11], .frames = frames});
		}
	for (uint32_t at = 0; at < AT_SITE; at++)
		f->states[at] = symtab_string(f->t, str_of(states[at]));
}

static void make_hosts(struct fleet *f)
{
	struct host_place at;

	check(f, store_begin(f->s, &f->e));
	for (uint32_t h = 0; h < f->n_hosts; h++) {
		char name[40], labels[60];

		snprintf(name, sizeof name, "service-%u-%u/production", h % DEPLOYMENTS, h / DEPLOYMENTS);
		snprintf(labels, sizeof labels, "app=service-%u,zone=%c", h % DEPLOYMENTS, "abc"[h % 3]);
		check(f, store_host(f->s, name, labels, &at, &f->e));
		f->hosts[h] = at.host;
		f->next[h] = 1;
		f->alive[h] = xcalloc(f->goroutines + f->snapshots, sizeof **f->alive);
	}
}

static struct event event_of(const struct fleet *f, const struct goroutine *g, enum event_kind kind, uint32_t seq)
{
	return (struct event){.id = g->id, .seq = seq, .kind = kind, .minutes = -1, .parent = kind == EV_RUN ? 0 : g->parent,
			      .stack = f->stacks[g->site][g->at], .state = f->states[g->at]};
}

static struct event born(struct fleet *f, uint32_t h, struct goroutine *g, uint32_t seq)
{
	g->id = f->next[h]++;
	g->parent = 1 + g->site;
	g->run = seq;
	return event_of(f, g, EV_BORN, seq);
}

static size_t first_events(struct fleet *f, uint32_t h, struct event *ev)
{
	for (uint32_t i = 0; i < f->goroutines; i++) {
		f->alive[h][i] = (struct goroutine){.site = i % SITES, .at = chance(10) ? 0 : 1 + chance(2)};
		ev[i] = born(f, h, &f->alive[h][i], 1);
	}
	f->n_alive[h] = f->goroutines;
	return f->goroutines;
}

/* Those who do something: seven of ten go to another place, the others end, and others begin. */
static size_t next_events(struct fleet *f, uint32_t h, uint32_t seq, struct event *ev)
{
	size_t n = 0, want = f->goroutines * f->per_mille / 1000;

	if (h % DEPLOYMENTS == LEAKY && seq % LEAK_EVERY == 0) {
		struct goroutine *g = &f->alive[h][f->n_alive[h]++];

		*g = (struct goroutine){.site = 0, .at = 0};
		ev[n++] = born(f, h, g, seq);
	}
	while (n < want) {
		struct goroutine *g = &f->alive[h][chance(f->goroutines)];

		if (g->run == seq)
			continue;
		if (chance(10) < 7) {
			g->at = (g->at + 1 + chance(AT_SITE - 1)) % AT_SITE;
			g->run = seq;
			ev[n++] = event_of(f, g, EV_RUN, seq);
			continue;
		}
		ev[n++] = event_of(f, g, EV_GONE, seq);
		g->at = 0;
		ev[n++] = born(f, h, g, seq);
	}
	qsort(ev, n, sizeof *ev, by_id);
	return n;
}

static int by_goroutine(const void *pa, const void *pb)
{
	const struct goroutine *x = pa, *y = pb;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void put_living(struct fleet *f, uint32_t h)
{
	struct liveness *l = xcalloc(f->n_alive[h] + 1, sizeof *l);
	struct goroutine *g = f->alive[h];

	qsort(g, f->n_alive[h], sizeof *g, by_goroutine);
	for (uint32_t i = 0; i < f->n_alive[h]; i++)
		l[i] = (struct liveness){.id = g[i].id, .minutes = g[i].at ? 0 : (int32_t)((f->snapshots - g[i].run) / 4)};
	check(f, store_put_liveness(f->s, f->hosts[h], l, f->n_alive[h], &f->e));
	free(l);
}

/* Events that were stored. */
static size_t fill(struct fleet *f)
{
	struct event *ev = xcalloc(2 * f->goroutines + 4, sizeof *ev);
	size_t done = 0, waiting = 0;

	make_hosts(f);
	for (uint32_t seq = 1; seq <= f->snapshots; seq++) {
		for (uint32_t h = 0; h < f->n_hosts; h++) {
			size_t n = seq == 1 ? first_events(f, h, ev) : next_events(f, h, seq, ev);
			struct snapshot snap = {.time = T0 + 15000 * (int64_t)seq, .seq = seq, .ordinal = seq, .epoch = 1, .goroutines = f->n_alive[h],
						.states = &(struct state_count){f->states[0], f->n_alive[h]}, .n_states = 1};

			check(f, store_begin(f->s, &f->e));
			check(f, store_put_snapshot(f->s, &(struct snapshot_put){f->hosts[h], &snap, ev, n, f->t}, &f->e));
			if (seq == f->snapshots)
				put_living(f, h);
			done += n;
			waiting += n;
			if (waiting >= 200000) {
				check(f, store_commit(f->s, &(struct commit){0}, &f->e));
				waiting = 0;
			}
		}
	}
	check(f, store_commit(f->s, &(struct commit){0}, &f->e));
	free(ev);
	return done;
}

int main(int argc, char **argv)
{
	struct fleet f = {.n_hosts = 2000, .goroutines = 500, .snapshots = 240, .per_mille = 50};
	uint32_t *const sizes[] = {&f.n_hosts, &f.goroutines, &f.snapshots, &f.per_mille};
	double began = now();
	size_t n;

	if (argc < 2)
		die("usage: fleet WHERE [HOSTS GOROUTINES SNAPSHOTS PER_MILLE]");
	for (int i = 2; i < argc && i < 6; i++)
		*sizes[i - 2] = (uint32_t)strtoul(argv[i], NULL, 10);
	f.t = symtab_new();
	f.hosts = xcalloc(f.n_hosts, sizeof *f.hosts);
	f.alive = xcalloc(f.n_hosts, sizeof *f.alive);
	f.n_alive = xcalloc(f.n_hosts, sizeof *f.n_alive);
	f.next = xcalloc(f.n_hosts, sizeof *f.next);
	make_names(&f);
	check(&f, store_open(&f.s, argv[1], STORE_WRITE, &f.e));
	n = fill(&f);
	printf("  %zu events of %u hosts x %u goroutines x %u snapshots in %.1f s\n", n, f.n_hosts, f.goroutines, f.snapshots, now() - began);
	store_close(f.s);
	return 0;
}
