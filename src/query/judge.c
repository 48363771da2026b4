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
 *   growth      The time since the first of those who are stuck came is cut into pieces, as many as there were arrivals, 4
 *               to 12. A leak adds to them in 17 of 20 pieces. Something healthy either goes up and down by chance, up in
 *               1 of 3, or fills up like a leak until some piece, any alike, and then hardly grows any more. A piece
 *               without growth in which the process did less than usual (the load had ended) tells as much less.
 *   lasted      How long it grew, where it grew like a leak: half of what fills up is full after 15 minutes.
 *   young       In fewer than 8 snapshots since then: 0.3 less for each that is missing.
 *   net         If those who stay were replacing others who leave, the population would not change; in a leak it grows by as
 *               many as came. Both are compared with the growth that is seen, whose noise is that of the passers-by.
 *   never ends  Of those who stayed long (half of the median age of those who are stuck, or more): how many left after
 *               all? A leak: 7 in 10 that nobody does, else a small share. Something healthy: 4 in 10 that nobody does
 *               within the window, else any share alike. (A cure model, as in survival analysis: Boag 1949.)
 *   others leave  Goroutines of the same site pass here quickly, and these do not: half of the leaks look so, one in seven
 *               of healthy places.
 *   used        Did those who are stuck ever work here again, after they had come to rest? Most leaks are abandoned.
 *   wait        What they wait for. Channels are what leaks wait for (Uber's LeakProf, 2022: nearly all leaks that were
 *               found in production block on a channel operation or a select); idle clients wait for I/O.
 *   peers       They serve connections, whose number is their peers' affair.
 *   marked      Go's own detector (GOEXPERIMENT=goroutineleakprofile, Go 1.26 and on) has marked them: a proof.
 *   before, restarted  What the process before showed, and whether the present one goes on with it (leaks.c).
 *
 * Who is stuck: whoever is here in the last snapshot for longer than 19 in 20 of those who left had stayed.
 */
#include "scene.h"
#include <math.h>
#include <stdlib.h>

double probability(double log_odds)
{
	return 1 / (1 + exp(-log_odds));
}

double judge_evidence(const struct judgement *j)
{
	return j->log_odds - PRIOR;
}

void judge_add(struct judgement *j, const char *name, double weight, const char *text)
{
	j->terms[j->n_terms++] = (struct argument){name, weight, text};
	j->log_odds += weight;
}

/* Snapshots in which somebody who is stuck now came. */
static uint32_t occasions(const struct scene *c, uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	for (uint32_t i = from + 1; i <= to; i++)
		n += c->stuck[i] > c->stuck[i - 1];
	return n;
}

#define PASSERS 5

/*
 * The load in snapshots a + 1 to b: goroutines that came here and left. Where hardly anybody does, those that were born
 * anywhere else.
 */
static double load_of(const struct scene *c, uint32_t a, uint32_t b, bool passers)
{
	double n = 0;

	for (uint32_t i = a + 1; i <= b; i++)
		n += passers ? c->passed[i] : c->s->born[i] > c->own[i] ? c->s->born[i] - c->own[i] : 0;
	return n;
}

#define PIECES 12

/* The time since the first of the stuck came, in pieces. */
struct pieces {
	uint32_t n, up;        /* of them those in which more came to stay */
	bool rose[PIECES];
	double share[PIECES];  /* how much a piece without any tells: all, unless the load was low; then less */
	double quiet;          /* pieces' worth of that */
};

static struct pieces cut(const struct scene *c, uint32_t from, uint32_t to)
{
	struct pieces p = {.n = (uint32_t)bounded(occasions(c, from, to) + 1, 4, PIECES)};
	bool passers = load_of(c, from, to, true) >= PASSERS;
	uint32_t edge[PIECES + 1];
	double load = 0;

	if (to - from < p.n)
		p.n = to - from;
	for (uint32_t i = 0; i <= p.n; i++)
		edge[i] = from + (uint32_t)((uint64_t)(to - from) * i / p.n);
	for (uint32_t i = 0; i < p.n; i++) {
		p.rose[i] = c->stuck[edge[i + 1]] > c->stuck[edge[i]];
		p.up += p.rose[i];
		load += p.rose[i] ? load_of(c, edge[i], edge[i + 1], passers) : 0;
	}
	for (uint32_t i = 0; i < p.n; i++) {
		p.share[i] = load > 0 ? bounded(load_of(c, edge[i], edge[i + 1], passers) / (load / p.up), 0, 1) : 1;
		p.share[i] += (1 - p.share[i]) * c->at_work / c->n_ages; /* who works has a load */
		p.quiet += p.rose[i] ? 0 : 1 - p.share[i];
	}
	return p;
}

/* ln of how likely pieces a..b are when each rises with probability q. */
static double likely(const struct pieces *p, uint32_t a, uint32_t b, double q)
{
	double sum = 0;

	for (uint32_t i = a; i < b; i++)
		sum += p->rose[i] ? log(q) : p->share[i] * log(1 - q);
	return sum;
}

/* Something healthy: its number goes up and down by chance, or it fills up until some piece and then stays as it is. */
static double likely_healthy(const struct pieces *p)
{
	double filling = 0;

	for (uint32_t full = 1; full <= p->n; full++)
		filling += exp(likely(p, 0, full, .85) + likely(p, full, p->n, .03)) / p->n;
	return log(.5 * exp(likely(p, 0, p->n, .33)) + .5 * filling);
}

static void growth(const struct scene *c, struct judgement *j)
{
	uint32_t from = j->first_came - 1, to = scene_last_sure(c);
	int64_t time = scene_time(c, to) - scene_time(c, from);
	struct pieces p = cut(c, from, to);
	double weight = bounded(likely(&p, 0, p.n, .85) - likely_healthy(&p), -5, 4);

	if (weight > 0 && c->usual > time)
		weight *= (double)time / (double)c->usual; /* that far back only stragglers are left */
	judge_add(j, "growth", weight,
		  pool_printf(c->p, "%u came to stay within %s, in %u of %u pieces of that time%s", j->came,
			      scene_lasted(c, time), p.up, p.n, p.quiet >= 1 ? "; in the others the process did less than usual" : ""));
}

#define WARM_UP 300000 /* ms */

/* What fills up is full at some time: the chance that it is not yet falls as 1 / sqrt(1 + t / 5 min). */
static void lasted(const struct scene *c, struct judgement *j, bool grows)
{
	int64_t t = scene_time(c, j->last_came) - scene_time(c, j->first_came - 1);

	if (grows && t >= WARM_UP / 2)
		judge_add(j, "lasted", bounded(.5 * log1p((double)t / WARM_UP), 0, 1.5),
			  pool_printf(c->p, "they have been coming for %s", scene_lasted(c, t)));
}

#define YOUNG 8 /* snapshots */

/* Much fills up for a few snapshots. */
static void young(const struct scene *c, struct judgement *j)
{
	uint32_t n = c->end - (j->first_came - 1);

	if (n < YOUNG)
		judge_add(j, "young", -.3 * (YOUNG - n),
			  pool_printf(c->p, "it has been going on for %u snapshot%s only", n, n == 1 ? "" : "s"));
}

static void net(const struct scene *c, struct judgement *j)
{
	uint32_t from = j->first_came - 1, to = c->end, piece = (to - from) / 12, before = from > piece ? from - piece : 0;
	double sure = series_mean(c->stuck, to - piece, to) - series_mean(c->stuck, before, from);
	double grew = series_mean(c->alive, to - piece, to) - series_mean(c->alive, before, from), passing = 0, noise, weight;
	double middle = 0;

	for (uint32_t i = from; i <= to; i++)
		middle += (double)c->alive[i] - c->stuck[i];
	middle /= to - from + 1;
	for (uint32_t i = from; i <= to; i++)
		passing += ((double)c->alive[i] - c->stuck[i] - middle) * ((double)c->alive[i] - c->stuck[i] - middle);
	noise = 2 * passing / (to - from + 1) + .09 * sure * sure + 1;
	weight = bounded((grew - sure / 2) * sure / noise, -5, 2);
	judge_add(j, "net", weight,
		  pool_printf(c->p, "there are %+.0f since the first of them came; %.0f of those that came are still there", grew, sure));
}

/* ln of how likely it is that `ended` of n end, when their share is Beta(1, b). */
static double beta_binomial(double n, double ended, double b)
{
	return log(b) + lgamma(n + 1) - lgamma(n - ended + 1) + lgamma(n - ended + b) - lgamma(n + 1 + b);
}

static void never_ends(const struct scene *c, struct judgement *j)
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
	judge_add(j, "never ends", bounded(log(leak / healthy), -5, 2),
		  ended > 0 ? pool_printf(c->p, "%.0f of %.0f that stayed %s or longer left after all", ended, n,
					  scene_lasted(c, (int64_t)theta)) :
			      pool_printf(c->p, "none of %.0f that stayed %s or longer has left", n,
					  scene_lasted(c, (int64_t)theta)));
}

static void others_leave(const struct scene *c, struct judgement *j)
{
	if (c->usual > 0 && j->left >= 3 && c->median >= 3 * (double)c->usual)
		judge_add(j, "others leave", log(.5 / .15) * (1 - c->at_work / c->n_ages),
			  pool_printf(c->p, "%u others left, nearly all within %s; half of these have been here for %s or longer", j->left,
				      scene_lasted(c, c->usual), scene_lasted(c, (int64_t)c->median)));
}

/*
 * Do they belong to connections, whose number is their peers' affair? They do when they wait for I/O in between, or when
 * the same function starts about as many others that do.
 */
static void peers(const struct scene *c, struct judgement *j, uint32_t idle)
{
	uint32_t here = j->here ? j->here : 1;

	if (c->clients > 0)
		judge_add(j, "peers", -2.0 * c->clients / c->n_ages,
			  pool_printf(c->p, "%.0f of %u wait for I/O in between: they serve connections", c->clients, c->n_ages));
	else if (idle * 4 >= here * 3 && idle * 3 <= here * 4)
		judge_add(j, "peers", -2.0,
			  pool_printf(c->p, "the same function started %u that wait for I/O: these are halves of idle connections", idle));
}

bool judge_growth(const struct stays *s, const struct stay_group *g, uint32_t idle_partners, struct pool *p,
		  struct judgement *out)
{
	struct scene c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .p = p};

	*out = (struct judgement){0};
	if (g->n < 3 || s->n_times < 3)
		return false;
	scene_look(&c, out);
	if (out->came >= 3 && scene_last_sure(&c) >= out->first_came) {
		growth(&c, out);
		lasted(&c, out, out->log_odds > 0);
		young(&c, out);
		net(&c, out);
		never_ends(&c, out);
		others_leave(&c, out);
		judge_used(&c, out);
		judge_wait(&c, out);
		judge_marked(&c, out);
		peers(&c, out, idle_partners);
		judge_add(out, "odds", PRIOR, "one in thirty places where goroutines gather is a leak; "
					      "a pool or clients that still come look the same until they are all there");
	}
	scene_release(&c);
	return out->n_terms > 0;
}
