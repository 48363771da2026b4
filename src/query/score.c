/* SPDX-License-Identifier: MIT */
/*
 * The model. Two explanations compete for what is seen at a place:
 *
 *   leak     some of those who come never leave. Their number grows for as long as the load goes on.
 *   healthy  everybody leaves sooner or later, or the place fills up to a level and stays there: a pool, a cache, clients.
 *
 * Each term is the logarithm of how much more likely what is seen is under the first than under the second; the terms are
 * added to the logarithm of the odds before anything is seen (naive Bayes: they are taken as independent). What a term
 * may add is bounded, since neither explanation is as simple as its formula. The terms:
 *
 *   growth      When those who are stuck came. Both explanations are mixtures of paces (Poisson processes) with a likelihood
 *               of their own for just these snapshots, so that few arrivals, at random, tell as much as they can and no
 *               more. A leak: an even pace 0.6, one that begins late 0.2, that changes threefold 0.1, that ended 0.1.
 *               Healthy: fills up until some moment, any alike, 0.3; falls off like an exponential, 0.25; is what a
 *               turnover left behind, mostly young, 0.15; and 0.3 a few steps, each half as likely as the one before, or
 *               two thirds where five or more come at once. The clock is time, the passers-by, or births elsewhere: whichever
 *               explains more counts more.
 *   lasted      How long it grew, where it grew like a leak: half of what fills up is full after 15 minutes. Not for steps.
 *   young       In fewer than 8 snapshots since then: 0.3 less for each that is missing.
 *   net         If those who stay were replacing others who leave, the population would not change; in a leak it grows by as
 *               many as came. Both are compared with the growth that is seen, whose noise is that of the passers-by.
 *   never ends  Of those who stayed long (half of the median age of those who are stuck, or more): how many left after
 *               all? A leak: 7 in 10 that nobody does, else a small share. Something healthy: 4 in 10 that nobody does
 *               within the window, else any share alike. (A cure model, as in survival analysis: Boag 1949.)
 *   others leave  Goroutines of the same site pass here quickly, and these do not: half of the leaks look so, one in seven
 *               of healthy places.
 *   used        Did those who are stuck ever work here again, after they had come to rest (suspect_stats.c)?
 *   wait        What they wait for. Channels are what leaks wait for (Uber's LeakProf, 2022: nearly all leaks that were
 *               found in production block on a channel operation or a select); idle clients wait for I/O.
 *   peers       They serve connections, whose number is their peers' affair, if it was the peers that called (relatives.h).
 *   orphans     Those who started them are gone.
 *   marked      Go's own detector (GOEXPERIMENT=goroutineleakprofile, Go 1.26 and on) has marked them: a proof.
 *   before, restarted  What the processes before showed, and whether the present one goes on with it (leaks.c).
 *   kept        There is a third explanation: whoever comes is kept on purpose, without an end. It grows like a leak, so that
 *               only the terms about use tell it apart. It is one for each 16 leaks that grow like this.
 *
 * Who is stuck: whoever is here in the last snapshot for longer than 19 in 20 of those who left had stayed.
 */
#include "relatives.h"
#include "suspect_stats.h"
#include <math.h>
#include <stdlib.h>

double probability(double log_odds)
{
	return 1 / (1 + exp(-log_odds));
}

void score_add(struct score *j, const char *name, double weight, const char *text)
{
	j->terms[j->n_terms++] = (struct argument){name, weight, text};
	j->log_odds += weight;
}

/* --- growth --- */

/*
 * When those who are stuck came, as shares of a clock that runs from the first of them (0) to the last moment at which one
 * can have come (1): a snapshot in which several came is one arrival. One clock is time; the other runs with the load.
 */
struct arrivals {
	double *at;     /* rising */
	double *weight; /* by how many came at once; as much in all as there were moments that do not hang together */
	uint32_t n;     /* without the first */
	uint32_t many;  /* of them those at which AT_ONCE or more came */
	double base;    /* ln of how likely these snapshots are by this clock, if each moment is as likely as any other */
};

#define AT_ONCE 5

enum clock { CLOCK_TIME, CLOCK_PASSERS, CLOCK_BIRTHS, CLOCKS };

/* How far a clock goes in a snapshot: ms, goroutines that came here and left since, or that were born elsewhere. */
static double tick_of(const struct suspect_stats *c, enum clock clock, uint32_t i)
{
	if (clock == CLOCK_TIME)
		return (double)(stats_time(c, i) - stats_time(c, i - 1));
	if (clock == CLOCK_PASSERS)
		return c->passed[i];
	return c->s->born[i] > c->own[i] ? c->s->born[i] - c->own[i] : 0;
}

#define LOAD_LEAST 12 /* fewer are no measure of load */

/* Per snapshot after `from`. The load is counted in noise, so it is smoothed. NULL: there is nothing to go by. */
static double *clock_ticks(const struct suspect_stats *c, enum clock clock, uint32_t from, uint32_t to)
{
	uint32_t n = to - from, half;
	double *ticks = pool_alloc(c->p, (n + 1) * sizeof *ticks), all = 0, sum = 0;

	for (uint32_t i = 0; i < n; i++)
		all += ticks[i] = tick_of(c, clock, from + 1 + i);
	if (clock == CLOCK_TIME)
		return ticks;
	if (all < LOAD_LEAST)
		return NULL;
	half = (uint32_t)bounded(3 * n / all, 0, n / 4);
	for (uint32_t i = 0, lo = 0, hi = 0; i < n; i++) {
		for (; hi < n && hi <= i + half; hi++)
			sum += tick_of(c, clock, from + 1 + hi);
		for (; lo + half < i; lo++)
			sum -= tick_of(c, clock, from + 1 + lo);
		ticks[i] = sum / (hi - lo) + .1 * all / n; /* a leak has a cause without load, too */
	}
	return ticks;
}

/*
 * Those who came at once may have come by themselves: by as much as the numbers per snapshot vary more than at random (the
 * variance of a Poisson process is its mean), arrivals hang together.
 */
static double moments_of(const struct arrivals *a, double came, uint32_t snapshots)
{
	double mean = came / snapshots, squares = 0;

	for (uint32_t i = 0; i < a->n; i++)
		squares += a->weight[i] * a->weight[i];
	return bounded(came / bounded((squares / snapshots - mean * mean) / mean, 1, HUGE_VAL), a->n, HUGE_VAL);
}

static bool by_clock(const struct suspect_stats *c, enum clock clock, uint32_t from, uint32_t to, struct arrivals *a)
{
	const double *ticks = clock_ticks(c, clock, from, to);
	double all = 0, sum = 0, came = 0, moments;

	*a = (struct arrivals){.at = pool_alloc(c->p, (to - from + 1) * sizeof *a->at), .weight = pool_alloc(c->p, (to - from + 1) * sizeof *a->weight)};
	if (!ticks)
		return false;
	for (uint32_t i = 0; i < to - from; i++)
		all += ticks[i];
	for (uint32_t i = 0; i < to - from; i++) {
		if (c->stuck[from + 1 + i] > c->stuck[from + i]) {
			came += a->weight[a->n] = c->stuck[from + 1 + i] - c->stuck[from + i];
			a->many += a->weight[a->n] >= AT_ONCE;
			a->at[a->n++] = (sum + ticks[i] / 2) / all;
		}
		sum += ticks[i];
	}
	moments = moments_of(a, came, to - from);
	for (uint32_t i = 0, k = 0; i < to - from; i++) {
		if (c->stuck[from + 1 + i] <= c->stuck[from + i])
			continue;
		a->weight[k] = bounded(a->weight[k] * moments / came, 0, 3);
		a->base += a->weight[k++] * log(bounded(ticks[i] / all, 1e-9, 1));
	}
	return true;
}

/* ln of how much likelier the arrivals are than at an even pace, if before x the pace is `before` and after it `after`. */
static double with_step(const struct arrivals *a, double x, double before, double after)
{
	double early = 0, late = 0;

	for (uint32_t i = 0; i < a->n; i++)
		*(a->at[i] <= x ? &early : &late) += a->weight[i];
	return early * log(before) + late * log(after) - (early + late) * log(before * x + after * (1 - x));
}

/* The same for a pace that falls by e in each tau (or rises, backwards). */
static double with_decay(const struct arrivals *a, double tau, bool backwards)
{
	double sum = 0, all = 0;

	for (uint32_t i = 0; i < a->n; i++) {
		sum -= a->weight[i] * (backwards ? 1 - a->at[i] : a->at[i]) / tau;
		all += a->weight[i];
	}
	return sum - all * log(tau * (1 - exp(-1 / tau)));
}

#define GRID 24

/* Mean of the likelihoods of the steps at 1/GRID .. (upto - 1)/GRID. */
static double steps_anywhere(const struct arrivals *a, double before, double after, int upto, double *best_at)
{
	double sum = 0, best = -1;

	for (int i = 1; i < upto; i++) {
		double l = exp(with_step(a, (double)i / GRID, before, after));

		sum += l;
		if (l > best) {
			best = l;
			*best_at = (double)i / GRID;
		}
	}
	return sum / (upto - 1);
}

/* What is likely of arrivals, by kind of explanation, against an even pace. */
struct paces {
	double leak, healthy;
	double goes_on;  /* a leak that has not ended */
	double few;      /* how much likelier so few arrivals are if each is a step by itself */
	double from, to; /* the leak's likeliest beginning and end */
};

static struct paces paces_of(const struct arrivals *a)
{
	static const double taus[] = {.08, .15, .3, .6};
	struct paces p = {.from = 0, .to = 1};
	double late, ended, fills, falls = 0, rises = 0, begin = 0, end = 1, x = 0;

	late = steps_anywhere(a, .05, 1, GRID, &begin);
	ended = steps_anywhere(a, 1, .03, GRID - 2, &end);
	fills = (ended * (GRID - 3) + 1) / (GRID - 2) * .97;
	for (size_t i = 0; i < sizeof taus / sizeof *taus; i++) {
		falls += exp(with_decay(a, taus[i], false)) / 4;
		rises += exp(with_decay(a, taus[i], true)) / 4;
	}
	p.few = bounded(10 * exp2(-(double)a->n) * pow(4. / 3, a->many), 0, 4);
	p.goes_on = .6 + .2 * late + .1 * (steps_anywhere(a, 1, .3, GRID, &x) + steps_anywhere(a, .3, 1, GRID, &x)) / 2;
	p.leak = p.goes_on + .1 * ended;
	p.healthy = .3 * fills + .25 * falls + .15 * rises + .3 * p.few;
	if (.2 * late > .6)
		p.from = begin;
	if (.1 * ended > p.goes_on)
		p.to = end;
	return p;
}

static void growth(const struct suspect_stats *c, struct score *j)
{
	uint32_t from = j->first_came, to = stats_last_sure(c), n = 0;
	int64_t time = stats_time(c, to) - stats_time(c, from - 1);
	double top = -HUGE_VAL, leak = 0, on = 0, healthy = 0, weight, ended = 0;
	struct arrivals a[CLOCKS];
	bool there[CLOCKS];

	for (int k = 0; k < CLOCKS; k++) {
		there[k] = by_clock(c, k, from, to, &a[k]);
		if (there[k] && a[k].base > top)
			top = a[k].base;
	}
	for (int k = 0; k < CLOCKS; k++) {
		struct paces p;
		double share;

		if (!there[k])
			continue;
		p = paces_of(&a[k]);
		share = exp(a[k].base - top);
		leak += share * p.leak;
		on += share * p.goes_on;
		healthy += share * p.healthy;
		ended += p.to < 1 ? share * p.leak : 0;
		n = a[k].n + 1;
		j->steps = bounded(p.few, 0, 1);
	}
	weight = bounded(log(leak / healthy), -4, 4);
	j->pace = bounded(log(on / healthy), -4, 4);
	if (weight > 0 && c->usual > time)
		weight *= (double)time / (double)c->usual; /* that far back only stragglers are left */
	j->ended = ended * 2 > leak;
	score_add(j, "growth", weight,
		  pool_printf(c->p, "%u came to stay within %s, in %u snapshot%s%s", j->came,
			      stats_lasted(c, j->ended ? stats_time(c, j->last_came) - stats_time(c, from - 1) : time), n, n > 1 ? "s" : "",
			      j->ended ? pool_printf(c->p, "; the last %s ago", stats_lasted(c, stats_time(c, c->end) - stats_time(c, j->last_came))) : ""));
}

#define WARM_UP 300000 /* ms */

/* What fills up is full at some time: the chance that it is not yet falls as 1 / sqrt(1 + t / 5 min). */
static void lasted(const struct suspect_stats *c, struct score *j, bool grows)
{
	int64_t t = stats_time(c, j->last_came) - stats_time(c, j->first_came - 1);

	if (grows && t >= WARM_UP / 2)
		score_add(j, "lasted", bounded(.5 * log1p((double)t / WARM_UP), 0, 1.5) * (1 - j->steps),
			  pool_printf(c->p, "they have been coming for %s", stats_lasted(c, t)));
}

#define YOUNG 8 /* snapshots */

/* Much fills up for a few snapshots. */
static void young(const struct suspect_stats *c, struct score *j)
{
	uint32_t n = c->end - (j->first_came - 1);

	if (n < YOUNG)
		score_add(j, "young", -.3 * (YOUNG - n),
			  pool_printf(c->p, "it has been going on for %u snapshot%s only", n, n == 1 ? "" : "s"));
}

/* grouped: how many there are is known, not which. */
static void net(const struct suspect_stats *c, struct score *j, bool grouped)
{
	uint32_t from = j->first_came - 1, to = c->end, piece = (to - from) / 12, before = from > piece ? from - piece : 0;
	double sure = series_mean(c->stuck, to - piece, to) - series_mean(c->stuck, before, from);
	double grew = series_mean(c->alive, to - piece, to) - series_mean(c->alive, before, from), passing = 0, noise, weight;
	double middle = 0;
	int more = (int)(c->alive[to] - c->alive[from]);

	for (uint32_t i = from; i <= to; i++)
		middle += (double)c->alive[i] - c->stuck[i];
	middle /= to - from + 1;
	for (uint32_t i = from; i <= to; i++)
		passing += ((double)c->alive[i] - c->stuck[i] - middle) * ((double)c->alive[i] - c->stuck[i] - middle);
	noise = 2 * passing / (to - from + 1) + .09 * sure * sure + 1;
	weight = bounded((grew - sure / 2) * sure / noise, -5, 2);
	score_add(j, "net", weight,
		  grouped ? pool_printf(c->p, "there are %+d since the first of them came", more) :
			    pool_printf(c->p, "there are %+d since the first of them came; %d of those that came are still there", more,
					(int)(c->stuck[to] - c->stuck[from])));
}

/* ln of how likely it is that `ended` of n end, when their share is Beta(1, b). */
static double beta_binomial(double n, double ended, double b)
{
	return log(b) + lgamma(n + 1) - lgamma(n - ended + 1) + lgamma(n - ended + b) - lgamma(n + 1 + b);
}

static void never_ends(const struct suspect_stats *c, struct score *j)
{
	double theta = c->median / 2, n = 0, ended = 0, leak, healthy;

	for (uint32_t i = 0; i < c->n; i++) {
		if ((double)stayed(c, &c->a[i]) < theta)
			continue;
		n++;
		ended += has_left(&c->a[i]);
	}
	leak = .3 * exp(beta_binomial(n, ended, 4)) + (ended > 0 ? 0 : .7);
	healthy = .6 / (n + 1) + (ended > 0 ? 0 : .4);
	score_add(j, "never ends", bounded(log(leak / healthy), -5, 2),
		  ended > 0 ? pool_printf(c->p, "%.0f of %.0f that stayed %s or longer left after all", ended, n,
					  stats_lasted(c, (int64_t)theta)) :
			      pool_printf(c->p, "none of %.0f that stayed %s or longer has left", n,
					  stats_lasted(c, (int64_t)theta)));
}

static void others_leave(const struct suspect_stats *c, struct score *j)
{
	if (c->usual > 0 && j->left >= 3 && c->median >= 3 * (double)c->usual)
		score_add(j, "others leave", (log(.5 / .15) + bounded(.25 * log(c->median / 3 / (double)c->usual), 0, .7)) * (1 - c->at_work / c->n_ages),
			  pool_printf(c->p, "%u others left, nearly all within %s; half of these have been here for %s or longer", j->left,
				      stats_lasted(c, c->usual), stats_lasted(c, (int64_t)c->median)));
}

/* A goroutine of a connection that waits for somebody of this process does not wait for its peer. */
static bool waits_for_us(const struct suspect_stats *c, const struct residency *m)
{
	static const char *const states[] = {"chan send", "sync.Mutex", "sync.RWMutex", "sync.WaitGroup", "semacquire"};
	const char *state = query_string(c->s->q, m->state);

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strncmp(state, states[i], strlen(states[i])) == 0)
			return true;
	return false;
}

/* How many are of connections, by whose. Those that read one count by themselves: for them the wait speaks. */
struct calls {
	double of[CONNECTION_MAX], reads[CONNECTION_MAX];
};

static struct calls calls_of(const struct suspect_stats *c)
{
	struct calls k = {0};

	for (uint32_t i = 0; i < c->n; i++) {
		const struct residency *m = &c->a[i], *life;

		if (!is_stuck(c, m) || !came_at(c, m) || waits_for_us(c, m) || !(life = relatives_life(c->relatives, m->id)))
			continue;
		if (query_family(c->s->q, m->state, m->stack) != FAM_IO)
			k.of[relatives_connection(c->relatives, life)]++;
		else if (!relatives_accepts(c->relatives, life))
			k.reads[relatives_caller(c->relatives, life)]++;
	}
	return k;
}

static double theirs(const double *of)
{
	return of[CONNECTION_ACCEPTED] + of[CONNECTION_LIKELY] + of[CONNECTION_REQUEST];
}

#define MOST .6 /* of those who came */

/*
 * Do they belong to connections that peers opened, so that their number is the peers' affair? They do when they wait for
 * I/O in between, or when somebody reads a connection for each of them (relatives.h); and whether a silent peer is still wanted is
 * not to be seen here, so that those are a watch at most. Connections that this process dialled are its own affair, although
 * a pool may keep some.
 */
static void peers(const struct suspect_stats *c, struct score *j)
{
	struct calls k = calls_of(c);
	double open = theirs(k.of) + k.of[CONNECTION_SOME];

	j->watch |= theirs(k.of) + theirs(k.reads) >= MOST * j->came;
	if (open >= MOST * j->came)
		score_add(j, "peers", -(3.0 * k.of[CONNECTION_ACCEPTED] + 2.5 * k.of[CONNECTION_REQUEST] +
					2.0 * (k.of[CONNECTION_SOME] + k.of[CONNECTION_LIKELY])) / j->came,
			  pool_printf(c->p, k.of[CONNECTION_REQUEST] * 2 > open ?
						    "%.0f of %u are a server's work for connections that are still open: how many there are is the peers' affair" :
						    "%.0f of %u belong each to a connection that was accepted, or that somebody reads: how many there are is the peers' affair",
				      open, j->came));
	else if (k.of[CONNECTION_DIALLED] >= MOST * j->came)
		score_add(j, "peers", -.5, pool_printf(c->p, "%.0f of %u belong each to a connection that this process dialled: a pool would keep some",
						       k.of[CONNECTION_DIALLED], j->came));
	else if (c->clients > 0)
		score_add(j, "peers", -2.0 * c->clients / c->n_ages,
			  pool_printf(c->p, "%.0f of %u wait for I/O in between: they serve connections", c->clients, c->n_ages));
	else if (j->watch)
		score_add(j, "peers", 0, "they read connections that peers opened and say nothing on: whether one is still wanted, only the peer knows");
}

/* Whoever started them is gone: nobody is left who could want them. Half of leaks and a quarter of healthy places look so. */
static void orphans(const struct suspect_stats *c, struct score *j)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		const struct residency *m = &c->a[i], *life = NULL;

		if (is_stuck(c, m) && m->parent && !relatives_life(c->relatives, m->parent))
			life = relatives_life(c->relatives, m->id);
		n += life && !(life->flags & RESIDENCY_IO) && relatives_connection(c->relatives, life) == CONNECTION_NONE; /* who dials ends, and should */
	}
	if (n * 2 > c->n_ages)
		score_add(j, "orphans", log(.5 / .25) * n / c->n_ages,
			  pool_printf(c->p, "%u of %u were started by goroutines that are gone", n, c->n_ages));
}

bool score_growth(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out)
{
	struct suspect_stats c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .relatives = relatives, .p = p};
	bool grouped = query_is_grouped(s->q, s->host, s->epoch);

	*out = (struct score){0};
	if (g->n < 3 || s->n_times < 3)
		return false;
	stats_collect(&c, out);
	if (out->came >= 3 && stats_last_sure(&c) > out->first_came) {
		growth(&c, out);
		lasted(&c, out, out->log_odds > -1.4);
		young(&c, out);
		net(&c, out, grouped);
		if (!grouped) { /* whose identities are made up: who stays and who goes is, too */
			never_ends(&c, out);
			others_leave(&c, out);
			score_used(&c, out);
			peers(&c, out);
			orphans(&c, out);
		}
		score_wait(&c, out);
		score_marked(&c, out);
		score_add(out, "odds", PRIOR, "one in thirty places where goroutines gather is a leak");
	}
	stats_release(&c);
	return out->n_terms > 0;
}

#define KEPT .06

void score_kept(struct score *j, bool grouped, struct pool *p)
{
	static const char *const pace[] = {"growth", "lasted", "young", "net", "never ends", "before"};
	double grows = PRIOR;

	for (size_t i = 0; i < j->n_terms; i++)
		for (size_t k = 0; k < sizeof pace / sizeof *pace; k++)
			grows += strcmp(j->terms[i].name, pace[k]) == 0 ? j->terms[i].weight : 0;
	score_add(j, "kept", -log1p(KEPT * exp(grows)),
		  pool_printf(p, "for 16 leaks that grow like this, one place keeps whoever comes on purpose: clients, a cache; %s",
			      grouped ? "a grouped profile does not tell their use" : "only their use tells them apart"));
}
