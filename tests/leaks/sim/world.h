/* SPDX-License-Identifier: MIT */
/*
 * world.h: a service that lives in simulated time, played as dumps without a second passing. Goroutines are planned first
 * (when each is born and ends, what it does meanwhile), then the world is looked at every interval, as a scraper would.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <gscrape/buf.h>
#include <stdbool.h>
#include <stdint.h>

#define SECOND 1000.0
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NEVER 1e18

/* Where a goroutine is and what it does there; the frames of the standard library above it follow from the state. */
struct spot {
	const char *func;  /* "name", or "name:line" where one function has several places */
	const char *state; /* wait reason */
};

struct goroutine {
	double born, ends;       /* ms; ends NEVER: with its process */
	const char *site;        /* the `go` statement: "function" or "function:line" */
	struct spot rest, work;  /* where it waits; where it works in between */
	const char *root;        /* the function it was started with, NULL: that of its spot */
	double every, takes;     /* it works at random, this often on average at full load; for this long */
	double tick;             /* or a timer wakes it this often: it moves, and is seen elsewhere if it has work to do; 0 none */
	double stops;            /* from then on it is stuck where `stuck` says; NEVER */
	struct spot stuck;
	const struct spot *round; /* then, or when it works if it is never stuck: at one of these three, any at each look */
	uint64_t object;         /* what it waits for: a lock's address */
	int32_t parent;          /* index, -1: main */
	/* while the world is looked at */
	uint64_t id;
	uint32_t life;
	double next, moved;
	bool alive;
};

/* A load between 0 and 1, by time. */
enum load { LOAD_FLAT, LOAD_DAILY, LOAD_RISING, LOAD_ENDS };

#define LIVES_MAX 40
#define CAUSES_MAX 32

struct world {
	uint64_t seed, random;
	double interval, until;       /* from one look to the next; how long it is looked at */
	enum load load;
	double lives[LIVES_MAX];      /* when each process begins; the first at 0 or before */
	uint32_t n_lives;
	struct goroutine *a;          /* by birth once planned */
	uint32_t n, cap;
	uint32_t *conns, n_conns;     /* connections of the HTTP server: who may start something */
	uint32_t cap_conns;
	/* what is right */
	const char *causes[CAUSES_MAX][2]; /* site and place, without lines */
	uint32_t n_causes;
	double mended;                     /* until then it leaks */
};

double uniform(struct world *w, double lo, double hi);
double exponential(struct world *w, double mean);
uint32_t whole(struct world *w, uint32_t lo, uint32_t hi); /* lo..hi */
bool chance(struct world *w, double p);
double load_at(const struct world *w, double t);
/* The next of random events, at most one in `every` on average at full load, after t; NEVER when none comes before `until`. */
double next_arrival(struct world *w, double t, double every, double until);

/* One more goroutine, at rest for ever unless told otherwise. The pointer lives until the next call. */
struct goroutine *add(struct world *w, double born, double ends, const char *site, const char *func, const char *state);
/* A connection of the HTTP server that is alive at t; -1 when there is none. */
int32_t conn_at(struct world *w, double t);
double life_end(const struct world *w, double t); /* end of the process that lives at t */
void cause(struct world *w, const char *site, const char *place); /* this is a leak */

/* Everybody that any service has: an HTTP server with clients, a pool, timers. */
void company(struct world *w);

/* After all were planned: parents, order, ids. */
void settle(struct world *w);
/* The dump at t; times never go back. */
void look(struct world *w, double t, struct buf *out);
void world_release(struct world *w);

/* kinds.c */
struct kind {
	const char *name;
	bool leaks, held_out; /* held out: nobody tunes on these */
	void (*plan)(struct world *w);
	const char *about;
};
extern const struct kind kinds[];
extern const uint32_t n_kinds;

#endif
