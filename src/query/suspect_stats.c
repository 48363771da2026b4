/* SPDX-License-Identifier: MIT */
/* A group's residencies, looked through: who is stuck, since when, among how many; and the terms that all kinds have. */
#include "relatives.h"
#include "suspect_stats.h"
#include <math.h>
#include <stdlib.h>

double bounded(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

int64_t stats_time(const struct suspect_stats *c, uint32_t i)
{
	return c->s->times[i];
}

/* Comes and goes: it has been here before, and this visit is not much longer than its rounds were. */
static bool wanders(const struct suspect_stats *c, const struct residency *m)
{
	int64_t now = stats_time(c, m->flags & RESIDENCY_HERE ? c->end : m->last) - stats_time(c, m->since);

	return m->visits > 1 && now * (m->visits - 1) <= 3 * (stats_time(c, m->since) - stats_time(c, m->born));
}

bool has_left(const struct residency *m)
{
	return !(m->flags & RESIDENCY_HERE) && (!(m->flags & RESIDENCY_ALIVE) || m->visits < 2);
}

/* It spends its life here, and leaves only to work: a worker of a pool, whose rest is no arrival, however long. */
static bool at_home(const struct residency *m)
{
	return m->visits > 1 && m->spent * 2 >= m->since - m->born;
}

/* When it came. One that comes and goes did not come when it was first seen here, but when it was born. */
uint32_t came_at(const struct suspect_stats *c, const struct residency *m)
{
	return m->visits == 1 ? m->first : at_home(m) || wanders(c, m) ? m->born : m->since;
}

static bool worked(const struct suspect_stats *c, const struct residency *m)
{
	return m->visits > 1 ? at_home(m) || wanders(c, m) : m->works > 0;
}

static bool ticked(const struct residency *m)
{
	return m->visits > 1 ? (m->flags & RESIDENCY_TICKED) != 0 : m->ticks > 0;
}

static bool was_before(const struct suspect_stats *c, const struct residency *m)
{
	return came_at(c, m) == 0;
}

int64_t stayed(const struct suspect_stats *c, const struct residency *m)
{
	return stats_time(c, has_left(m) ? m->last : c->end) - stats_time(c, came_at(c, m));
}

bool is_stuck(const struct suspect_stats *c, const struct residency *m)
{
	return !has_left(m) && stayed(c, m) >= c->usual;
}

/* The kth smallest of n (Hoare's selection); the order of a changes. */
static double kth(double *a, uint32_t n, uint32_t k)
{
	int64_t lo = 0, hi = (int64_t)n - 1;

	while (lo < hi) {
		double pivot = a[lo + (hi - lo) / 2];
		int64_t i = lo, j = hi;

		while (i <= j) {
			while (a[i] < pivot)
				i++;
			while (a[j] > pivot)
				j--;
			if (i <= j) {
				double t = a[i];

				a[i++] = a[j];
				a[j--] = t;
			}
		}
		if (k <= j)
			hi = j;
		else if (k >= i)
			lo = i;
		else
			break;
	}
	return a[k];
}

/* Longer than 19 in 20 of those who came and left had stayed; 0 when too few left to tell. */
static int64_t usual_residency(const struct suspect_stats *c, uint32_t *left)
{
	double *d = xcalloc(c->n + 1, sizeof *d);
	uint32_t n = 0, here = 0;
	int64_t usual = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		here += !has_left(&c->a[i]);
		if (has_left(&c->a[i]) && !was_before(c, &c->a[i]))
			d[n++] = (double)stayed(c, &c->a[i]);
	}
	if (n * 4 >= here && n)
		usual = (int64_t)kth(d, n, n - 1 - n / 20) + 1;
	free(d);
	*left = n;
	return usual;
}

static void count_over_time(struct suspect_stats *c, const struct residency *m, uint32_t *per_snapshot)
{
	per_snapshot[came_at(c, m)]++;
	if (has_left(m) && m->last < c->end)
		per_snapshot[m->last + 1]--;
}

/* Differences to sums. */
static void add_up(uint32_t *a, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		a[i] += a[i - 1];
}

void stats_collect(struct suspect_stats *c, struct score *j)
{
	size_t n = c->s->n_times;
	uint32_t seen_leaving;

	c->usual = usual_residency(c, &seen_leaving);
	c->alive = xcalloc(n + 1, sizeof *c->alive);
	c->stuck = xcalloc(n + 1, sizeof *c->stuck);
	c->own = xcalloc(n + 1, sizeof *c->own);
	c->passed = xcalloc(n + 1, sizeof *c->passed);
	c->ages = xcalloc(c->n + 1, sizeof *c->ages);
	j->first_came = UINT32_MAX;
	j->oldest = -1;
	for (uint32_t i = 0; i < c->n; i++) {
		const struct residency *m = &c->a[i];

		j->here += (m->flags & RESIDENCY_HERE) != 0;
		j->began += was_before(c, m);
		j->reached += !was_before(c, m);
		j->left += !was_before(c, m) && has_left(m);
		c->own[m->born]++;
		c->passed[came_at(c, m)] += has_left(m);
		count_over_time(c, m, c->alive);
		if (!is_stuck(c, m))
			continue;
		count_over_time(c, m, c->stuck);
		c->ages[c->n_ages++] = (double)stayed(c, m);
		c->at_work += worked(c, m);
		c->ticking += !worked(c, m) && ticked(m);
		c->exposed += (double)stayed(c, m);
		c->clients += worked(c, m) && m->flags & RESIDENCY_IO;
		if (stayed(c, m) > j->oldest || (stayed(c, m) == j->oldest && m->id < c->a[j->oldest_at].id)) {
			j->oldest = stayed(c, m);
			j->oldest_at = i;
		}
		if (was_before(c, m)) {
			j->stuck_before++;
			continue;
		}
		j->came++;
		j->first_came = came_at(c, m) < j->first_came ? came_at(c, m) : j->first_came;
		j->last_came = came_at(c, m) > j->last_came ? came_at(c, m) : j->last_came;
	}
	j->stuck = c->n_ages;
	c->median = c->n_ages ? kth(c->ages, c->n_ages, c->n_ages / 2) : 0;
	add_up(c->alive, (uint32_t)n);
	add_up(c->stuck, (uint32_t)n);
}

void stats_release(struct suspect_stats *c)
{
	free(c->alive);
	free(c->stuck);
	free(c->own);
	free(c->passed);
	free(c->ages);
}

/* The last snapshot that those who are stuck can have come in: later ones may still be passing through. */
uint32_t stats_last_sure(const struct suspect_stats *c)
{
	uint32_t i = c->end;

	while (i > 0 && stats_time(c, c->end) - stats_time(c, i) < c->usual)
		i--;
	return i;
}

const char *stats_lasted(const struct suspect_stats *c, int64_t ms)
{
	char text[TIME_MAX];

	return pool_printf(c->p, "%s", duration_format(text, ms));
}

/* Mean of a series over snapshots a to b. */
double series_mean(const uint32_t *v, uint32_t a, uint32_t b)
{
	double sum = 0;

	for (uint32_t i = a; i <= b; i++)
		sum += v[i];
	return sum / (b - a + 1);
}

/* --- terms --- */

struct rest {
	double lasted; /* ms */
	bool moved;
};

static int shortest_first(const void *pa, const void *pb)
{
	const struct rest *a = pa, *b = pb;

	if (a->lasted != b->lasted)
		return a->lasted < b->lasted ? -1 : 1;
	return a->moved - b->moved;
}

/*
 * A timer of one period has moved all that are older than it, and none that are younger. So where an older one has not
 * moved and a younger one has, in more than one of five pairs, it is not a timer that moves them. Those that a look happened
 * to see running do not count: it might as well have been the others.
 */
static bool irregular(const struct suspect_stats *c)
{
	struct rest *a = xcalloc(c->n_ages + 1, sizeof *a);
	double pairs = 0, wrong = 0, moved = 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n && n < c->n_ages; i++)
		if (is_stuck(c, &c->a[i]) && (worked(c, &c->a[i]) || !(c->a[i].flags & RESIDENCY_CAUGHT)))
			a[n++] = (struct rest){(double)stayed(c, &c->a[i]), worked(c, &c->a[i]) || ticked(&c->a[i])};
	qsort(a, n, sizeof *a, shortest_first);
	for (uint32_t i = 0; i < n; i++) {
		moved += a[i].moved;
		wrong += a[i].moved ? 0 : moved;
	}
	pairs = moved * (n - moved);
	free(a);
	return moved >= 3 && n - moved >= 3 && wrong > .2 * pairs;
}

/* Its first move, that nobody saw anywhere else: how long after it came, ms; 0 there is none, or it is not known. */
static double first_move(const struct suspect_stats *c, const struct residency *m)
{
	if (!is_stuck(c, m) || !m->ticks || m->visits > 1 || m->ticked <= m->first || !m->first)
		return 0;
	return (double)(stats_time(c, m->ticked) - stats_time(c, m->first));
}

/*
 * How much the first moves are like work: 1. A timer of one period moves each for the first time when it has been here for
 * as long as the others had been, or for a uniform share of it where they share the timer: their spread is 0 to 0.58 of the
 * mean. What comes at random has a spread of 1; and so has what a look happens to see, which does not count.
 */
static double random_moves(const struct suspect_stats *c)
{
	double n = 0, sum = 0, squares = 0, mean, spread;

	for (uint32_t i = 0; i < c->n; i++) {
		double after = c->a[i].flags & RESIDENCY_CAUGHT ? 0 : first_move(c, &c->a[i]);

		n += after > 0;
		sum += after;
		squares += after * after;
	}
	if (n < 4)
		return 0;
	mean = sum / n;
	spread = sqrt(bounded(squares / n - mean * mean, 0, HUGE_VAL)) / mean;
	return bounded((spread - .55) / .2, 0, 1);
}

/*
 * May those that have not moved yet only be due? 1: those that have did so at any time of their residency, half of the way on
 * average. 0: soon after they came, so that the others will not any more.
 */
static double due(const struct suspect_stats *c)
{
	double n = 0, sum = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		double after = first_move(c, &c->a[i]);

		n += after > 0;
		sum += after > 0 ? after / (double)stayed(c, &c->a[i]) : 0;
	}
	return n < 3 ? 0 : bounded(2 * sum / n, 0, 1);
}

/*
 * How likely is it that something healthy rests for so long? What is in use at all is used once in some time between a second
 * and a day, any order of magnitude alike; and one in seven never. What is a job is not used, and ends: those that left after
 * half as long as the stuck are here tell how many rested all the time, which counts for more than the rule from three on.
 */
static double rests_for_so_long(const struct suspect_stats *c)
{
	double rule = bounded(.55 - .06 * log1p(c->exposed / 60000), .15, .4), left = 0, rested = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		const struct residency *m = &c->a[i];

		if (!has_left(m) || (double)stayed(c, m) < c->median / 2)
			continue;
		left++;
		rested += !worked(c, m) && !ticked(m);
	}
	return (3 * rule + rested) / (3 + left);
}

/*
 * Work is what takes a goroutine to another place, or to wait for another thing. A move that nobody saw anywhere may be a
 * timer's, which a leaked one has as well.
 */
void score_used(const struct suspect_stats *c, struct score *j)
{
	double used = c->ticking > 0 ? irregular(c) ? 1 : random_moves(c) : 0;
	double work = (c->at_work + used * c->ticking) / c->n_ages, tick = (1 - used) * c->ticking / c->n_ages;
	double rest = bounded(1 - 2.5 * (work + tick), 0, 1) * (1 - used * due(c));
	const char *text;

	if (used > .5)
		text = pool_printf(c->p, "%.0f of %u have moved since they came, irregularly", c->at_work + c->ticking, c->n_ages);
	else if (c->at_work > 0)
		text = pool_printf(c->p, "%.0f of %u worked again after they had come to rest", c->at_work, c->n_ages);
	else if (c->ticking > 0)
		text = pool_printf(c->p, "%.0f of %u have moved, and were seen nowhere else: a timer moves what nobody needs, too",
				   c->ticking, c->n_ages);
	else
		text = pool_printf(c->p, "none of %u has moved since it came to rest", c->n_ages);
	/* Where some are in use, the others may only wait for their turn. */
	score_add(j, "used", bounded(2.5 * work, 0, 1) * log(.2 / .6) + rest * log(.8 / rests_for_so_long(c)), text);
}

/* What they wait for; the longest name that the state begins with counts. */
static const struct {
	const char *state;
	double weight;
	const char *why;
} waits[] = {
	{"chan send (nil chan)", 2.5, "a nil channel: nobody can ever receive"},
	{"chan receive (nil chan)", 2.5, "a nil channel: nobody can ever send"},
	{"select (no cases)", 1.5, "a select without cases never ends"},
	{"chan send", 1.4, "somebody would have to receive"},
	{"chan receive", 0.4, "somebody would have to send or close"},
	{"select", 0.2, "one of several channels would have to be ready"},
	{"sync.WaitGroup", 0.7, "a Done would have to come"},
	{"sync.Cond", 0, "a Signal would have to come"},
	{"sync.", 0.4, "the lock would have to be released"},
	{"semacquire", 0.4, "a lock or a WaitGroup"},
	{"IO wait", -2.5, "a peer would have to write or hang up: idle clients look like this"},
	{"sleep", 0, "it wakes up by itself, needed or not"},
	{"runn", -2.0, "it is at work"},
	{"syscall", -1.0, "the system is at work for it"},
};

#define DIALLED -1.0 /* I/O on a connection that this process could end; but a pool keeps some */
#define N_WAITS (sizeof waits / sizeof *waits)

/* I/O on a connection that this process dialled ends when this process wants it to. */
static bool dialled(const struct suspect_stats *c, const struct residency *m)
{
	const struct residency *life = relatives_life(c->relatives, m->id);

	return life && relatives_caller(c->relatives, life) == CONNECTION_DIALLED;
}

void score_wait(const struct suspect_stats *c, struct score *j)
{
	double sum = 0, n = 0;
	size_t most[N_WAITS + 1] = {0}, best = 0, own = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		const char *state = query_string(c->s->q, c->a[i].state);
		size_t k = 0;

		if (!is_stuck(c, &c->a[i]))
			continue;
		while (k < N_WAITS && strncmp(state, waits[k].state, strlen(waits[k].state)) != 0)
			k++;
		n++;
		most[k]++;
		best = most[k] > most[best] ? k : best;
		if (k < N_WAITS && strcmp(waits[k].state, "IO wait") == 0 && dialled(c, &c->a[i]))
			own++, sum += DIALLED;
		else
			sum += k < N_WAITS ? waits[k].weight : 0;
	}
	if (best < N_WAITS)
		score_add(j, "wait", sum / n, pool_printf(c->p, "%zu of %.0f in %s: %s", most[best], n, waits[best].state,
							  own * 2 > n ? "but this process dialled, and could hang up" : waits[best].why));
}

void score_marked(const struct suspect_stats *c, struct score *j)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++)
		n += is_stuck(c, &c->a[i]) && c->a[i].flags & RESIDENCY_LEAKED;
	if (n)
		score_add(j, "marked", 6.0 * n / j->stuck, pool_printf(c->p, "Go's own detector marks %u of %u as leaked", n, j->stuck));
	else if (c->s->marked) /* it finds those that nobody can reach any more: 7 in 10 leaks */
		score_add(j, "marked", log(.3 / 1), "Go's own detector marks others as leaked, and none of these");
}
