/* SPDX-License-Identifier: MIT */
#include "world.h"
#include <gscrape/err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- chance --- */

static uint64_t mixed(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

double uniform(struct world *w, double lo, double hi)
{
	w->random += 0x9e3779b97f4a7c15u;
	return lo + (hi - lo) * (double)(mixed(w->random) >> 11) / 9007199254740992.0;
}

double exponential(struct world *w, double mean)
{
	return -mean * log(1 - uniform(w, 0, 1));
}

uint32_t whole(struct world *w, uint32_t lo, uint32_t hi)
{
	return lo + (uint32_t)uniform(w, 0, hi - lo + 1);
}

bool chance(struct world *w, double p)
{
	return uniform(w, 0, 1) < p;
}

double load_at(const struct world *w, double t)
{
	double day = .5 - .5 * cos(2 * M_PI * t / DAY);

	switch (w->load) {
	case LOAD_DAILY: return .05 + .95 * day;
	case LOAD_RISING: return .2 + .8 * (t < 0 ? 0 : t / w->until);
	case LOAD_ENDS: return t < .6 * w->until ? 1 : .03;
	default: return 1;
	}
}

double next_arrival(struct world *w, double t, double every, double until)
{
	for (;;) {
		t += exponential(w, every);
		if (t >= until)
			return NEVER;
		if (chance(w, load_at(w, t)))
			return t;
	}
}

/* --- planning --- */

struct goroutine *add(struct world *w, double born, double ends, const char *site, const char *func, const char *state)
{
	GROW(w->a, w->n, w->cap);
	w->a[w->n] = (struct goroutine){.born = born, .ends = ends, .site = site, .rest = {func, state}, .stops = NEVER, .parent = -1};
	return &w->a[w->n++];
}

double life_end(const struct world *w, double t)
{
	for (uint32_t i = 0; i < w->n_lives; i++)
		if (w->lives[i] > t)
			return w->lives[i];
	return NEVER;
}

int32_t conn_at(struct world *w, double t)
{
	for (int tries = 0; w->n_conns && tries < 60; tries++) {
		uint32_t i = w->conns[whole(w, 0, w->n_conns - 1)];

		if (w->a[i].born < t && w->a[i].ends > t)
			return (int32_t)i;
	}
	return -1;
}

void cause(struct world *w, const char *site, const char *place)
{
	if (w->n_causes < CAUSES_MAX) {
		w->causes[w->n_causes][0] = site;
		w->causes[w->n_causes++][1] = place;
	}
}

static void clients(struct world *w, double from, double to)
{
	double every = uniform(w, 20 * SECOND, 60 * SECOND), residency = uniform(w, 2 * MINUTE, 10 * MINUTE);

	if (w->interval > MINUTE) /* so that a long history isn't all clients */
		every *= 2, residency *= 2;
	for (double t = from > -6 * residency ? from : -6 * residency; (t = next_arrival(w, t, every, to)) < NEVER;) {
		struct goroutine *g = add(w, t, t + exponential(w, residency), "net/http.(*Server).Serve", "net/http.(*conn).serve", "IO wait");
		g->work = (struct spot){"main.(*api).ServeHTTP", "select"};
		g->root = "net/http.(*conn).serve";
		g->every = 10 * SECOND;
		g->takes = 300;
		GROW(w->conns, w->n_conns, w->cap_conns);
		w->conns[w->n_conns++] = w->n - 1;
	}
}

static void process(struct world *w, double from, double to)
{
	uint32_t workers = whole(w, 2, 16);
	struct goroutine *g;

	add(w, from, NEVER, "main.main", "main.main.func1", "IO wait")->root = "main.main.func1";
	add(w, from, NEVER, "os/signal.Notify.func1.1", "os/signal.loop", "syscall");
	g = add(w, from, NEVER, "main.newServer", "main.(*janitor).loop", "select");
	g->tick = 30 * SECOND;
	g = add(w, from, NEVER, "main.newServer:88", "main.(*stats).push", "sleep");
	g->tick = 10 * SECOND;
	for (uint32_t i = 0; i < workers; i++) {
		g = add(w, from + 5, NEVER, "main.newPool", "main.(*pool).run", "chan receive");
		g->work = (struct spot){"main.(*pool).do", "select"};
		g->root = "main.(*pool).run";
		g->every = 20 * SECOND;
		g->takes = 2 * SECOND;
	}
	clients(w, from, to);
}

void company(struct world *w)
{
	for (uint32_t i = 0; i < w->n_lives; i++)
		process(w, w->lives[i], i + 1 < w->n_lives ? w->lives[i + 1] : w->until);
}

static const struct world *sorting; /* qsort has no context */

static int by_birth(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	const struct goroutine *ga = &sorting->a[a], *gb = &sorting->a[b];

	return ga->born < gb->born ? -1 : ga->born > gb->born ? 1 : a < b ? -1 : a > b;
}

void settle(struct world *w)
{
	uint32_t *order = xcalloc(w->n + 1, sizeof *order), *to = xcalloc(w->n + 1, sizeof *to);
	struct goroutine *sorted = xcalloc(w->n + 1, sizeof *sorted);
	uint64_t id = 0;
	uint32_t life = 0;

	for (uint32_t i = 0; i < w->n; i++)
		order[i] = i;
	sorting = w;
	qsort(order, w->n, sizeof *order, by_birth);
	for (uint32_t i = 0; i < w->n; i++) {
		sorted[i] = w->a[order[i]];
		to[order[i]] = i;
	}
	for (uint32_t i = 0; i < w->n; i++) {
		struct goroutine *g = &sorted[i];

		g->parent = g->parent < 0 ? -1 : (int32_t)to[g->parent];
		while (life + 1 < w->n_lives && g->born >= w->lives[life + 1]) {
			life++;
			id = 0;
		}
		g->life = life;
		g->id = id = (id ? id : 17) + whole(w, 1, 3);
		if (g->ends > life_end(w, g->born))
			g->ends = life_end(w, g->born);
		g->moved = g->born;
		g->next = g->every > 0 ? g->born + exponential(w, g->every) : NEVER;
	}
	free(w->a);
	w->a = sorted;
	w->cap = w->n + 1;
	free(order);
	free(to);
}

void world_release(struct world *w)
{
	free(w->a);
	free(w->conns);
	*w = (struct world){0};
}

/* --- a look --- */

/* Frames of the standard library above a place; %x is the object it waits for. */
static const struct {
	const char *state, *frames;
} leaves[] = {
	{"IO wait", "internal/poll.runtime_pollWait(0x%x, 0x72)\n\t/go/src/runtime/netpoll.go:351 +0x85\n"
		    "internal/poll.(*FD).Read(0x%x, {0xc000100000, 0x1000, 0x1000})\n\t/go/src/internal/poll/fd_unix.go:165 +0x27a\n"
		    "net.(*conn).Read(0x%x, {0xc000100000, 0x1000, 0x1000})\n\t/go/src/net/net.go:196 +0x45\n"},
	{"sleep", "time.Sleep(0x2540be400)\n\t/go/src/runtime/time.go:338 +0x167\n"},
	{"sync.Mutex.Lock", "internal/sync.runtime_SemacquireMutex(0x%x, 0x0, 0x1)\n\t/go/src/runtime/sema.go:95 +0x25\n"
			    "internal/sync.(*Mutex).lockSlow(0x%x)\n\t/go/src/internal/sync/mutex.go:149 +0x15d\n"
			    "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46\n"},
	{"sync.WaitGroup.Wait", "sync.runtime_SemacquireWaitGroup(0x%x)\n\t/go/src/runtime/sema.go:110 +0x25\n"
				"sync.(*WaitGroup).Wait(0x%x)\n\t/go/src/sync/waitgroup.go:118 +0x48\n"},
	{"sync.Cond.Wait", "sync.runtime_notifyListWait(0x%x, 0x1)\n\t/go/src/runtime/sema.go:597 +0x159\n"
			   "sync.(*Cond).Wait(0x%x)\n\t/go/src/sync/cond.go:71 +0x85\n"},
	{"syscall", "syscall.Syscall6(0x%x, 0x0, 0x0)\n\t/go/src/syscall/syscall_linux.go:91 +0x39\n"},
};

/* "function:line" or "function"; the line is made up, the same each time. */
static void frame(struct buf *out, const char *name, const char *args, uint64_t pc)
{
	const char *colon = strrchr(name, ':');
	size_t n = colon && strspn(colon + 1, "0123456789") == strlen(colon + 1) ? (size_t)(colon - name) : strlen(name);
	uint64_t h = 7;

	for (size_t i = 0; i < n; i++)
		h = h * 31 + (uint8_t)name[i];
	buf_addf(out, "%.*s%s\n\t/src/%.*s.go:%d +0x%llx\n", (int)n, name, args, (int)strcspn(name, "/.("), name,
		 name[n] ? atoi(name + n + 1) : (int)(20 + h % 400), (unsigned long long)pc);
}

static void leaf(struct buf *out, const char *frames, unsigned long long object)
{
	for (const char *p = frames, *x; *p; p = x) {
		x = p + strcspn(p, "%");
		buf_add(out, p, (size_t)(x - p));
		if (*x) {
			buf_addf(out, "%llx", object);
			x += 2;
		}
	}
}

static void print(const struct world *w, const struct goroutine *g, const struct spot *at, double since, double t, struct buf *out)
{
	/* The waiting time is known from the first collection on that saw it wait, at most two minutes later. */
	double seen = since + (double)(mixed(g->id * 31 + (uint64_t)since) % 120000), minutes = floor((t - seen) / MINUTE);
	unsigned long long object = g->object ? g->object : 0xc000000000u + (mixed(w->seed * 131 + g->life * 77 + g->id) & 0xffffff0);
	char args[40];

	if (minutes >= 1 && strncmp(at->state, "run", 3) != 0)
		buf_addf(out, "goroutine %llu [%s, %.0f minutes]:\n", (unsigned long long)g->id, at->state, minutes);
	else
		buf_addf(out, "goroutine %llu [%s]:\n", (unsigned long long)g->id, at->state);
	for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
		if (strcmp(leaves[i].state, at->state) == 0)
			leaf(out, leaves[i].frames, object);
	snprintf(args, sizeof args, "(0x%llx)", object);
	frame(out, at->func, args, 0x3c);
	if (g->root && strcmp(g->root, at->func) != 0)
		frame(out, g->root, args, 0x91);
	buf_adds(out, "created by ");
	snprintf(args, sizeof args, " in goroutine %llu", g->parent < 0 ? 1ull : (unsigned long long)w->a[g->parent].id);
	frame(out, g->site, args, 0x1d);
	buf_adds(out, "\n");
}

/* What it has done until t. */
static void advance(struct world *w, struct goroutine *g, double t, const struct spot **at, double *since)
{
	double until = t < g->stops ? t : g->stops, begun = g->moved;
	bool computes = g->round && g->stops >= NEVER;

	*at = &g->rest;
	while (g->next <= until) {
		begun = g->next;
		g->moved = g->next + (computes ? exponential(w, g->takes) : g->takes);
		g->next = next_arrival(w, g->moved, g->every, NEVER / 2);
	}
	if (g->tick > 0) {
		double last = g->born + floor((until - g->born) / g->tick) * g->tick;

		if (g->work.func && !(g->every > 0) && last > g->born) { /* its timer's work takes a moment, too */
			begun = last;
			last += g->takes;
		}
		g->moved = last > g->moved ? last : g->moved;
	}
	if (t >= g->stops) {
		*at = g->round ? &g->round[mixed(g->id * 31 + (uint64_t)t) % 3] : &g->stuck;
		*since = g->stops;
	} else if (g->moved > t && (g->work.func || computes)) {
		*at = computes ? &g->round[mixed(g->id * 31 + (uint64_t)t) % 3] : &g->work;
		*since = begun;
	} else {
		*since = g->moved > t ? t : g->moved;
	}
}

void look(struct world *w, double t, struct buf *out)
{
	buf_reset(out);
	buf_adds(out, "goroutine 1 [chan receive]:\nmain.main()\n\t/src/main.go:9 +0x1\n\n");
	for (uint32_t i = 0; i < w->n && w->a[i].born <= t; i++) {
		struct goroutine *g = &w->a[i];
		const struct spot *at;
		double since;

		if (g->ends <= t)
			continue;
		advance(w, g, t, &at, &since);
		print(w, g, at, since, t, out);
	}
}
