/* SPDX-License-Identifier: MIT */
/*
 * events WHERE EVENTS|ask: what an engine makes of events, without text to be read first: 50 hosts of 2,000 goroutines, of which 200
 * do something from one snapshot to the next (six change their place, two end and two begin of each ten), 100,000 events to a
 * commit. Then one goroutine's history and the children of one are asked for, again and again.
 */
#include "bench.h"
#include <stdio.h>
#include <string.h>

#define HOSTS 50
#define ALIVE 2000
#define PER_SNAPSHOT 200
#define PARENTS 200
#define PLACES 300
#define STATES 8
#define T0 1790000000000

struct bench {
	struct store *s;
	struct symtab *t;
	struct err e;
	uint32_t stacks[PLACES], states[STATES], hosts[HOSTS];
	uint64_t alive[HOSTS][ALIVE], parent[HOSTS][ALIVE], next[HOSTS];
	uint32_t run[HOSTS][ALIVE];
};

static void check(const struct bench *b, int rc)
{
	if (rc < 0)
		die("%s", b->e.text);
}

static void make_names(struct bench *b)
{
	static const char *const states[STATES] = {"select",  "IO wait", "chan receive",    "chan send",
						   "running", "sleep",   "sync.Mutex.Lock", "semacquire"};

	for (uint32_t i = 0; i < PLACES; i++) {
		uint32_t frames[12];
		char func[80];

		for (uint32_t k = 0; k < 12; k++) {
			snprintf(func, sizeof func, "example.com/service/internal/part%u.(*Worker).step%u", i % 40, k < 4 ? k : i * 12 + k);
			frames[k] = symtab_frame(b->t, str_of(func), STR("/src/service/internal/part.go"), 40 + k);
		}
		b->stacks[i] = symtab_stack(b->t, &(struct sym_stack){.n = 12, .created = frames[11], .frames = frames});
	}
	for (uint32_t i = 0; i < STATES; i++)
		b->states[i] = symtab_string(b->t, str_of(states[i]));
}

static struct event born(struct bench *b, uint32_t h, uint32_t seq)
{
	return (struct event){.id = b->next[h]++, .seq = seq, .kind = EV_BORN, .minutes = -1, .stack = b->stacks[chance(PLACES)],
			      .state = b->states[chance(STATES)], .parent = 1 + chance(PARENTS)};
}

static size_t make_events(struct bench *b, uint32_t h, uint32_t seq, struct event *ev)
{
	size_t n = 0;

	for (uint32_t i = 0; seq == 1 && i < ALIVE; i++) {
		ev[n++] = born(b, h, seq);
		b->alive[h][i] = ev[n - 1].id;
		b->parent[h][i] = ev[n - 1].parent;
		b->run[h][i] = seq;
	}
	while (seq > 1 && n < PER_SNAPSHOT) {
		uint32_t i = chance(ALIVE);

		if (b->run[h][i] == seq)
			continue;
		b->run[h][i] = seq;
		ev[n] = (struct event){.id = b->alive[h][i], .seq = seq, .kind = EV_RUN, .minutes = (int32_t)chance(3),
				       .stack = b->stacks[chance(PLACES)],
				       .state = b->states[chance(STATES)], .moved = seq - 1,
				       .wait_object = chance(4) ? 0 : 0xc000000000 + 64 * chance(4000)};
		if (chance(10) < 4) {
			ev[n].kind = EV_GONE;
			ev[n].parent = b->parent[h][i];
			ev[++n] = born(b, h, seq);
			b->alive[h][i] = ev[n].id;
			b->parent[h][i] = ev[n].parent;
		}
		n++;
	}
	qsort(ev, n, sizeof *ev, by_id);
	return n;
}

/* Events that were stored. */
static size_t fill(struct bench *b, size_t want)
{
	struct event *ev = xcalloc(ALIVE + PER_SNAPSHOT + 2, sizeof *ev);
	struct host_place at;
	size_t done = 0, waiting = 0;

	check(b, store_begin(b->s, &b->e));
	for (uint32_t h = 0; h < HOSTS; h++) {
		char name[40];

		snprintf(name, sizeof name, "service-%u/production", h);
		check(b, store_host(b->s, name, "zone=a,version=1", &at, &b->e));
		b->hosts[h] = at.host;
		b->next[h] = 1;
	}
	for (uint32_t seq = 1; done < want; seq++) {
		for (uint32_t h = 0; h < HOSTS; h++) {
			size_t n = make_events(b, h, seq, ev);
			struct snapshot snap = {.time = T0 + 15000 * (int64_t)seq, .seq = seq, .ordinal = seq, .epoch = 1, .goroutines = ALIVE,
						.states = &(struct state_count){b->states[0], ALIVE}, .n_states = 1};

			check(b, store_begin(b->s, &b->e));
			check(b, store_put_snapshot(b->s, &(struct snapshot_put){b->hosts[h], &snap, ev, n, b->t}, &b->e));
			done += n;
			waiting += n;
			if (waiting >= 100000) {
				check(b, store_commit(b->s, NULL, &b->e));
				waiting = 0;
			}
		}
	}
	check(b, store_commit(b->s, NULL, &b->e));
	free(ev);
	return done;
}

enum { ASKED = 40 };

static int by_time(const void *pa, const void *pb)
{
	double x = *(const double *)pa, y = *(const double *)pb;

	return x < y ? -1 : x > y;
}

/* Who is there, of a store that is filled already. */
static void find_out(struct bench *b)
{
	struct goroutine_state *alive;
	struct host_row *rows;
	struct store_view *v;
	struct pool p = {0};
	size_t n, k;

	check(b, store_view_open(b->s, &v, &b->e));
	check(b, store_hosts(v, &p, &rows, &n, &b->e));
	if (n != HOSTS)
		die("%s: is none of this program's", "events");
	for (size_t h = 0; h < HOSTS; h++) {
		b->hosts[h] = rows[h].host;
		check(b, store_alive(v, (struct snapshot_key){rows[h].host, rows[h].last_seq}, &p, &alive, &k, &b->e));
		for (size_t i = 0; i < k && i < ALIVE; i++)
			b->alive[h][i] = alive[i].id;
	}
	store_view_close(v);
	pool_release(&p);
}

static void ask(struct bench *b, const char *what)
{
	double took[ASKED];
	size_t n = 0, all = 0;

	for (uint32_t i = 0; i < ASKED; i++) {
		uint32_t h = chance(HOSTS);
		struct goroutine_key who = {b->hosts[h], 1, *what == 'c' ? 1 + chance(PARENTS) : b->alive[h][chance(ALIVE)]};
		struct goroutine_history history;
		struct goroutine_child *children;
		struct store_view *v;
		struct pool p = {0};
		double from;

		check(b, store_view_open(b->s, &v, &b->e));
		from = now();
		if (*what == 'c') {
			check(b, store_children(v, &who, &p, &children, &n, &b->e));
			all += n;
		} else {
			check(b, store_history(v, &who, &p, &history, &b->e));
			all += history.n;
		}
		took[i] = now() - from;
		pool_release(&p);
		store_view_close(v);
	}
	qsort(took, ASKED, sizeof *took, by_time);
	printf("  %-10s median %7.2f ms, worst %7.2f ms (%zu each)\n", what, took[ASKED / 2] * 1e3, took[ASKED - 1] * 1e3, all / ASKED);
}

int main(int argc, char **argv)
{
	struct bench *b = xcalloc(1, sizeof *b);
	double began, took;
	uint64_t bytes = 0;
	size_t n;

	if (argc != 3)
		die("usage: events WHERE EVENTS|ask");
	b->t = symtab_new();
	make_names(b);
	check(b, store_open(&b->s, argv[1], STORE_WRITE, &b->e));
	if (strcmp(argv[2], "ask") != 0) {
		began = now();
		n = fill(b, strtoull(argv[2], NULL, 10));
		took = now() - began;
		printf("  %zu events in %.1f s: %.0f a second\n", n, took, (double)n / took);
		if (store_size(b->s, &bytes, &b->e) == 0)
			printf("  %.1f MB just now, %.1f bytes an event\n", (double)bytes / 1e6, (double)bytes / (double)n);
	}
	find_out(b);
	ask(b, "history");
	ask(b, "children");
	store_close(b->s);
	symtab_free(b->t);
	free(b);
	return 0;
}
