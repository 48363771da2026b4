/* SPDX-License-Identifier: MIT */
/*
 * growth GEN REAL_ARCHIVE FOLDER: how costs grow. An archive is made at four sizes, each twice the one before, along one axis
 * at a time: hosts, snapshots, goroutines, change. The figures are slopes in a log-log plot: 1 is in proportion, 0 is not at all.
 * Time is the processor's, over that of a piece of work which is the same at each size and done just before and behind, since a
 * machine that does other things as well is not always as fast; the least of some tries counts. Memory is what the process has of
 * its own at most. Status 1 when a cost grows faster than in proportion (1.05), or the answer to a question of a time or a
 * window costs more the longer the history is.
 */
#include <gscrape/hash.h>
#include <gscrape/index.h>
#include <gscrape/insight.h>
#include <gscrape/system.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIZES 4
#define TRIES 3
#define WINDOW 40 /* snapshots */
#define MOMENTS 20
#define MOST 1.05
#define STILL .1 /* of what should not grow: a B-tree is a little higher */

enum { INDEX, MEMORY, STORE, LIVES, LEAKS, /* of all that is kept, below of a window or of one time */
	ONE, CHILDREN, /* each closed piece of a life is looked into */
	ALIVE, MOVED, WAITERS_WINDOW, LIVES_WINDOW, LEAKS_WINDOW, COSTS };

static const char *const cost_names[COSTS] = {
	"--index, processor", "--index, memory", "store, bytes", "lives, whole history", "leaks, whole history", "one goroutine, ended",
	"its children", "alive at T by site", "what moved at T", "waiters, 40 snapshots", "lives, 40 snapshots", "leaks, 40 snapshots",
};

static const struct axis {
	const char *name;
	int which; /* of hosts, snapshots, goroutines, change per mille */
	int from[4];
} axes[] = {
	{"hosts", 0, {2, 60, 400, 50}},
	{"snapshots", 1, {2, 250, 400, 200}},
	{"goroutines", 2, {2, 60, 500, 50}},
	{"change", 3, {2, 100, 800, 20}},
};

struct figures {
	double of[COSTS];
};

static double processor(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The same work each time: some sorting, some hashing. */
static double yard(void)
{
	static uint64_t a[1 << 16];
	uint64_t seed = 1;
	double from;

	for (size_t i = 0; i < sizeof a / sizeof *a; i++)
		a[i] = seed = seed * 6364136223846793005u + 1442695040888963407u;
	from = processor();
	for (int i = 0; i < 20; i++)
		seed += hash64(a, sizeof a);
	sort_numbers(a, sizeof a / sizeof *a);
	return seed ? processor() - from : 0;
}

static double own_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	long kb = 0;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "RssAnon: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return (double)kb;
}

/* A goroutine of which the history is asked, and the window that others are asked about: the newest of the first host. */
struct asked {
	struct query *q;
	const struct host *h;
	int64_t from, to;
	uint64_t id;
	struct pool p;
	size_t n;
	struct err e;
};

static int ask_lives(struct asked *a)
{
	return query_lives(a->q, &(struct lives_question){a->h->id, NO_TIME, NO_TIME, BY_CREATED, NULL}, &a->p, &(struct lives *){0}, &a->n, &a->e);
}

static int ask_leaks(struct asked *a)
{
	return query_leaks(a->q, &(struct leak_question){.from = NO_TIME, .to = NO_TIME, .least = .5}, &a->p, &(struct suspect *){0}, &a->n, &a->e);
}

static int ask_one(struct asked *a)
{
	return query_goroutine(a->q, &(struct life_question){a->h->id, 0, a->id, NO_TIME}, &a->p, &(struct life){0}, &a->e);
}

static int ask_children(struct asked *a)
{
	return query_children(a->q, &(struct goroutine_key){a->h->id, 1, a->id}, &a->p, &(struct child *){0}, &a->n, &a->e);
}

static int ask_alive(struct asked *a)
{
	return query_groups(a->q, &(struct group_question){{a->h->id, a->from}, BY_CREATED, NULL}, &a->p, &(struct group *){0}, &a->n, &a->e);
}

static int ask_moved(struct asked *a)
{
	return query_diff(a->q, &(struct diff_question){.host = a->h->id, .from = a->from, .to = a->to, .by = BY_CREATED}, &a->p, &(struct moved *){0}, &a->n, &a->e);
}

static int ask_waiters(struct asked *a)
{
	return query_waiters(a->q, &(struct waiters_question){.w = {.host = a->h->id, .from = a->from, .to = a->to}}, &a->p,
			     &(struct waiters *){0}, &a->n, &a->e);
}

static int ask_lives_window(struct asked *a)
{
	return query_lives(a->q, &(struct lives_question){a->h->id, a->from, a->to, BY_CREATED, NULL}, &a->p, &(struct lives *){0}, &a->n, &a->e);
}

static int ask_leaks_window(struct asked *a)
{
	struct leak_question ask = {.host = a->h->id, .from = a->from, .to = a->to, .least = .5};

	return query_leaks(a->q, &ask, &a->p, &(struct suspect *){0}, &a->n, &a->e);
}

static int (*const asking[COSTS])(struct asked *a) = {
	[LIVES] = ask_lives, [LEAKS] = ask_leaks, [ONE] = ask_one, [CHILDREN] = ask_children, [ALIVE] = ask_alive, [MOVED] = ask_moved,
	[WAITERS_WINDOW] = ask_waiters, [LIVES_WINDOW] = ask_lives_window, [LEAKS_WINDOW] = ask_leaks_window,
};

/*
 * All that are asked, each at another time, since what it costs depends on where in a chunk that is; asked before, so that it is
 * what somebody who looks around pays.
 */
static double cost_of(struct asked *a, int (*ask)(struct asked *a))
{
	double from = 0, yards = yard();

	for (int i = -1; i < MOMENTS; i++) {
		struct snapshot first;

		if (i == 0)
			from = processor();
		query_step(a->q, a->h->id, a->h->last, -WINDOW - 7 * (i < 0 ? 0 : i), &first, &a->e);
		a->from = first.time;
		query_step(a->q, a->h->id, a->from, WINDOW, &first, &a->e);
		a->to = first.time;
		a->id = 2 + (uint64_t)(i < 0 ? 0 : i);
		if (ask(a) < 0)
			die("%s", a->e.text);
		pool_release(&a->p);
	}
	from = (processor() - from) / MOMENTS;
	return from / (yards + yard());
}

static void watch(void *ctx, const struct index_totals *t, size_t done)
{
	double *peak = ctx, kb = own_kb();

	(void)t;
	(void)done;
	*peak = kb > *peak ? kb : *peak;
}

static void measure(const char *dir, const char *db, struct figures *out)
{
	struct index_options o = {.paths = (const char *[]){dir}, .n_paths = 1, .db = db, .jobs = 1, .progress = watch, .ctx = &out->of[MEMORY]};
	double yards = yard(), from = processor(), before = own_kb();
	struct asked a = {0};
	struct store *s;
	uint64_t bytes;
	size_t n;

	unlink(db);
	if (index_run(&o, &(struct index_totals){0}, &a.e) < 0)
		die("%s", a.e.text);
	from = processor() - from;
	out->of[INDEX] = from / (yards + yard());
	out->of[MEMORY] -= before;
	if (store_open(&s, db, STORE_READ, &a.e) < 0 || store_size(s, &bytes, &a.e) < 0)
		die("%s", a.e.text);
	store_close(s);
	out->of[STORE] = (double)bytes;
	if (query_open(&a.q, db, &a.e) < 0)
		die("%s", a.e.text);
	a.h = query_hosts(a.q, &n);
	for (int c = 0; c < COSTS; c++)
		if (asking[c])
			out->of[c] = cost_of(&a, asking[c]);
	query_close(a.q);
}

/* In a process of its own, whose memory is measured. */
static void in_child(const char *dir, const char *db, struct figures *out)
{
	int fd[2], status;
	pid_t child;

	if (pipe(fd) < 0 || (child = fork()) < 0)
		die("cannot start a process");
	if (child == 0) {
		measure(dir, db, out);
		_exit(write(fd[1], out, sizeof *out) != sizeof *out);
	}
	close(fd[1]);
	if (read(fd[0], out, sizeof *out) != sizeof *out || waitpid(child, &status, 0) < 0 || status)
		die("a measurement failed");
	close(fd[0]);
}

static void run(const char *const argv[])
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		execvp(argv[0], (char *const *)(void *)(uintptr_t)argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		die("%s: failed", argv[0]);
}

struct place {
	const char *gen, *real, *dir;
};

static void at_size(const struct place *where, const int size[4], struct figures *out)
{
	char text[4][16], *dir = xasprintf("%s/archive", where->dir), *db = xasprintf("%s/db", where->dir);

	for (int i = 0; i < 4; i++)
		snprintf(text[i], sizeof text[i], "%d", size[i]);
	run((const char *[]){"rm", "-rf", dir, NULL});
	run((const char *[]){where->gen, where->real, dir, text[0], text[1], text[2], text[3], NULL});
	for (int i = 0; i < TRIES; i++) {
		struct figures f = {0};

		in_child(dir, db, &f);
		for (int c = 0; c < COSTS; c++)
			out->of[c] = !i || f.of[c] < out->of[c] ? f.of[c] : out->of[c];
	}
	free(dir);
	free(db);
}

/* Of the line through the points, whose x are one apart: how often the cost doubles where the size does. */
static double slope(const struct figures f[SIZES], int cost)
{
	double sum = 0, weight = 0;

	for (int i = 0; i < SIZES; i++) {
		double x = i - (SIZES - 1) / 2.;

		sum += x * log2(f[i].of[cost]);
		weight += x * x;
	}
	return sum / weight;
}

/* What an axis does not touch may not grow at all. */
static double most(int axis, int cost)
{
	return cost >= ALIVE && axis < 2 ? STILL : MOST;
}

int main(int argc, char **argv)
{
	struct figures f[sizeof axes / sizeof *axes][SIZES] = {0};
	size_t n_axes = sizeof axes / sizeof *axes;
	bool good = true;

	if (argc < 4)
		return 2;
	for (size_t x = 0; x < n_axes; x++) {
		int size[4];

		memcpy(size, axes[x].from, sizeof size);
		for (int i = 0; i < SIZES; i++, size[axes[x].which] *= 2)
			at_size(&(struct place){argv[1], argv[2], argv[3]}, size, &f[x][i]);
	}
	printf("%-28s", "grows with, log-log slopes:");
	for (size_t x = 0; x < n_axes; x++)
		printf("%12s", axes[x].name);
	printf("\n");
	for (int c = 0; c < COSTS; c++) {
		printf("%-28s", cost_names[c]);
		for (size_t x = 0; x < n_axes; x++) {
			double s = slope(f[x], c);

			printf("%11.2f%s", s, s > most((int)x, c) ? "!" : " ");
			good &= s <= most((int)x, c);
		}
		printf("\n");
	}
	return !good;
}
