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
 *               to 12. A leak adds to them in 4 of 5 pieces, something healthy in 1 of 3. Pieces in which the process
 *               did less than usual (the load had ended) count in proportion to what it did.
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
 *   marked      Go's own detector (GOEXPERIMENT=goroutineleakprofile, Go 1.26 and on) has marked them: a proof.
 *
 * Who is stuck: whoever is here in the last snapshot for longer than 19 in 20 of those who left had stayed.
 */
#include "judge.h"
#include <math.h>
#include <stdlib.h>

#define PRIOR -3.5 /* one place in 30 where at least three goroutines are stuck is a leak */

double probability(double log_odds)
{
	return 1 / (1 + exp(-log_odds));
}

double judge_evidence(const struct judgement *j)
{
	return j->log_odds - PRIOR;
}

static double bound(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

void judge_add(struct judgement *j, const char *name, double weight, const char *text)
{
	j->terms[j->n_terms++] = (struct argument){name, weight, text};
	j->log_odds += weight;
}

/* What the terms are worked out from. */
struct scene {
	const struct stays *s;
	const struct stay *a;      /* the group's stays */
	uint32_t n;
	uint32_t end;              /* the last snapshot */
	int64_t usual;             /* longer than this is stuck */
	uint32_t *alive, *stuck;   /* per snapshot: there; of them stuck ones */
	uint32_t *own;             /* goroutines born that came here */
	double *ages;              /* of the stuck, ms */
	uint32_t n_ages;
	double median;             /* of the ages */
	double at_work;            /* of the stuck: worked here again after they had come to rest */
	double clients;            /* of those: are in IO wait in between */
	struct pool *p;
};

static int64_t time_at(const struct scene *c, uint32_t i)
{
	return c->s->times[i];
}

/* Comes and goes: it has been here before, and this visit is not much longer than its rounds were. */
static bool wanders(const struct scene *c, const struct stay *m)
{
	int64_t now = time_at(c, m->flags & STAY_HERE ? c->end : m->last) - time_at(c, m->since);

	return m->visits > 1 && now * (m->visits - 1) <= 3 * (time_at(c, m->since) - time_at(c, m->born));
}

static bool has_left(const struct stay *m)
{
	return !(m->flags & STAY_HERE) && (!(m->flags & STAY_ALIVE) || m->visits < 2);
}

/* When it came. One that comes and goes did not come when it was first seen here, but when it was born. */
static uint32_t came_at(const struct scene *c, const struct stay *m)
{
	return m->visits == 1 ? m->first : wanders(c, m) ? m->born : m->since;
}

static bool was_before(const struct scene *c, const struct stay *m)
{
	return came_at(c, m) == 0;
}

static int64_t stayed(const struct scene *c, const struct stay *m)
{
	return time_at(c, has_left(m) ? m->last : c->end) - time_at(c, came_at(c, m));
}

static bool is_stuck(const struct scene *c, const struct stay *m)
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
static int64_t usual_stay(const struct scene *c, uint32_t *left)
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

static void count_over_time(struct scene *c, const struct stay *m, uint32_t *per_snapshot)
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

static void look(struct scene *c, struct judgement *j)
{
	size_t n = c->s->n_times;
	uint32_t seen_leaving;

	c->usual = usual_stay(c, &seen_leaving);
	c->alive = xcalloc(n + 1, sizeof *c->alive);
	c->stuck = xcalloc(n + 1, sizeof *c->stuck);
	c->own = xcalloc(n + 1, sizeof *c->own);
	c->ages = xcalloc(c->n + 1, sizeof *c->ages);
	j->first_came = UINT32_MAX;
	j->oldest = -1;
	for (uint32_t i = 0; i < c->n; i++) {
		const struct stay *m = &c->a[i];

		j->here += (m->flags & STAY_HERE) != 0;
		j->began += was_before(c, m);
		j->reached += !was_before(c, m);
		j->left += !was_before(c, m) && has_left(m);
		c->own[m->born]++;
		count_over_time(c, m, c->alive);
		if (!is_stuck(c, m))
			continue;
		count_over_time(c, m, c->stuck);
		c->ages[c->n_ages++] = (double)stayed(c, m);
		c->at_work += m->visits > 1 ? wanders(c, m) : m->uses > 0;
		c->clients += wanders(c, m) && m->flags & STAY_IO;
		if (stayed(c, m) > j->oldest) {
			j->oldest = stayed(c, m);
			j->oldest_at = i;
		}
		if (was_before(c, m))
			continue;
		j->came++;
		j->first_came = came_at(c, m) < j->first_came ? came_at(c, m) : j->first_came;
		j->last_came = came_at(c, m) > j->last_came ? came_at(c, m) : j->last_came;
	}
	j->stuck = c->n_ages;
	c->median = c->n_ages ? kth(c->ages, c->n_ages, c->n_ages / 2) : 0;
	add_up(c->alive, (uint32_t)n);
	add_up(c->stuck, (uint32_t)n);
}

static void release(struct scene *c)
{
	free(c->alive);
	free(c->stuck);
	free(c->own);
	free(c->ages);
}

/* The last snapshot that those who are stuck can have come in: later ones may still be passing through. */
static uint32_t last_sure(const struct scene *c)
{
	uint32_t i = c->end;

	while (i > 0 && time_at(c, c->end) - time_at(c, i) < c->usual)
		i--;
	return i;
}

/* --- growth --- */

/* Snapshots in which somebody who is stuck now came. */
static uint32_t occasions(const struct scene *c, uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	for (uint32_t i = from + 1; i <= to; i++)
		n += c->stuck[i] > c->stuck[i - 1];
	return n;
}

/* How many goroutines were born that did not come here, in snapshots a + 1 to b: the load. */
static double births(const struct scene *c, uint32_t a, uint32_t b)
{
	double n = 0;

	for (uint32_t i = a + 1; i <= b; i++)
		n += c->s->born[i] > c->own[i] ? c->s->born[i] - c->own[i] : 0;
	return n;
}

static const char *lasted(const struct scene *c, int64_t ms)
{
	char text[TIME_MAX];

	return pool_printf(c->p, "%s", duration_format(text, ms));
}

static void growth(const struct scene *c, struct judgement *j)
{
	uint32_t from = j->first_came - 1, to = last_sure(c), up = 0, edge[13], n;
	double weight = 0, load = 0, quiet = 0;

	n = (uint32_t)bound(occasions(c, from, to) + 1, 4, 12);
	if (to - from < n)
		n = to - from;
	for (uint32_t i = 0; i <= n; i++)
		edge[i] = from + (uint32_t)((uint64_t)(to - from) * i / n);
	for (uint32_t i = 0; i < n; i++) {
		if (c->stuck[edge[i + 1]] > c->stuck[edge[i]]) {
			up++;
			load += births(c, edge[i], edge[i + 1]);
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		double share = load > 0 ? bound(births(c, edge[i], edge[i + 1]) / (load / up), 0, 1) : 1;

		share += (1 - share) * c->at_work / c->n_ages; /* who works has a load */
		if (c->stuck[edge[i + 1]] > c->stuck[edge[i]])
			continue;
		weight += share * log(.2 / .67);
		quiet += 1 - share;
	}
	weight = bound(weight + (double)(up - 1) * log(.8 / .33), -5, 4); /* the first piece begins with an arrival */
	if (weight > 0 && c->usual > time_at(c, to) - time_at(c, from))
		weight *= (double)(time_at(c, to) - time_at(c, from)) / (double)c->usual; /* that far back only stragglers are left */
	judge_add(j, "growth", weight,
	     pool_printf(c->p, "%u came to stay within %s, in %u of %u pieces of that time%s", j->came,
			 lasted(c, time_at(c, to) - time_at(c, from)), up, n, quiet >= 1 ? "; in the others the process did less than usual" : ""));
}

#define YOUNG 8 /* snapshots */

/* Much fills up for a few snapshots. */
static void young(const struct scene *c, struct judgement *j)
{
	uint32_t n = c->end - (j->first_came - 1);

	if (n < YOUNG)
		judge_add(j, "young", -.3 * (YOUNG - n), pool_printf(c->p, "it has been going on for %u snapshot%s only", n, n == 1 ? "" : "s"));
}

/* Mean of a series over snapshots a to b. */
static double mean(const uint32_t *v, uint32_t a, uint32_t b)
{
	double sum = 0;

	for (uint32_t i = a; i <= b; i++)
		sum += v[i];
	return sum / (b - a + 1);
}

static void net(const struct scene *c, struct judgement *j)
{
	uint32_t from = j->first_came - 1, to = c->end, piece = (to - from) / 12, before = from > piece ? from - piece : 0;
	double sure = mean(c->stuck, to - piece, to) - mean(c->stuck, before, from);
	double grew = mean(c->alive, to - piece, to) - mean(c->alive, before, from), passing = 0, noise, weight;
	double middle = 0;

	for (uint32_t i = from; i <= to; i++)
		middle += (double)c->alive[i] - c->stuck[i];
	middle /= to - from + 1;
	for (uint32_t i = from; i <= to; i++)
		passing += ((double)c->alive[i] - c->stuck[i] - middle) * ((double)c->alive[i] - c->stuck[i] - middle);
	noise = 2 * passing / (to - from + 1) + .09 * sure * sure + 1;
	weight = bound((grew - sure / 2) * sure / noise, -5, 2);
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
	judge_add(j, "never ends", bound(log(leak / healthy), -5, 2),
	     ended > 0 ? pool_printf(c->p, "%.0f of %.0f that stayed %s or longer left after all", ended, n, lasted(c, (int64_t)theta)) :
			 pool_printf(c->p, "none of %.0f that stayed %s or longer has left", n, lasted(c, (int64_t)theta)));
}

static void others_leave(const struct scene *c, struct judgement *j)
{
	if (c->usual > 0 && j->left >= 3 && c->median >= 3 * (double)c->usual)
		judge_add(j, "others leave", log(.5 / .15) * (1 - c->at_work / c->n_ages),
			  pool_printf(c->p, "%u others left, nearly all within %s; half of these have been here for %s or longer", j->left,
				      lasted(c, c->usual), lasted(c, (int64_t)c->median)));
}

static void used(const struct scene *c, struct judgement *j)
{
	double share = c->at_work / c->n_ages;

	judge_add(j, "used", share * log(.2 / .6) + (1 - share) * log(.8 / .4),
	     c->at_work > 0 ? pool_printf(c->p, "%.0f of %u worked again after they had come to rest", c->at_work, c->n_ages) :
			      pool_printf(c->p, "none of %u has moved since it came to rest", c->n_ages));
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
	{"chan send", 1.0, "somebody would have to receive"},
	{"chan receive", 0.4, "somebody would have to send or close"},
	{"select", 0.2, "one of several channels would have to be ready"},
	{"sync.WaitGroup", 0.7, "a Done would have to come"},
	{"sync.Cond", 0, "a Signal would have to come"},
	{"sync.", 0.4, "the lock would have to be released"},
	{"semacquire", 0.4, "a lock or a WaitGroup"},
	{"IO wait", -2.0, "a peer would have to write or hang up: idle clients look like this"},
	{"sleep", -0.7, "it wakes up by itself"},
	{"runn", -2.0, "it is at work"},
	{"syscall", -1.0, "the system is at work for it"},
};

static void wait(const struct scene *c, struct judgement *j)
{
	double sum = 0, n = 0;
	size_t most[sizeof waits / sizeof *waits + 1] = {0}, best = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		const char *state = query_string(c->s->q, c->a[i].state);
		size_t k = 0;

		if (!is_stuck(c, &c->a[i]))
			continue;
		while (k < sizeof waits / sizeof *waits && strncmp(state, waits[k].state, strlen(waits[k].state)) != 0)
			k++;
		n++;
		most[k]++;
		sum += k < sizeof waits / sizeof *waits ? waits[k].weight : 0;
		best = most[k] > most[best] ? k : best;
	}
	if (best < sizeof waits / sizeof *waits)
		judge_add(j, "wait", sum / n, pool_printf(c->p, "%zu of %.0f in %s: %s", most[best], n, waits[best].state, waits[best].why));
}

static void marked(const struct scene *c, struct judgement *j)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++)
		n += is_stuck(c, &c->a[i]) && c->a[i].flags & STAY_LEAKED;
	if (n)
		judge_add(j, "marked", 6.0 * n / j->stuck, pool_printf(c->p, "Go's own detector marks %u of %u as leaked", n, j->stuck));
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

bool judge_growth(const struct stays *s, const struct stay_group *g, uint32_t idle_partners, struct pool *p, struct judgement *out)
{
	struct scene c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .p = p};

	*out = (struct judgement){0};
	if (g->n < 3 || s->n_times < 3)
		return false;
	look(&c, out);
	if (out->came >= 3 && last_sure(&c) >= out->first_came) {
		growth(&c, out);
		young(&c, out);
		net(&c, out);
		never_ends(&c, out);
		others_leave(&c, out);
		used(&c, out);
		wait(&c, out);
		marked(&c, out);
		peers(&c, out, idle_partners);
		judge_add(out, "odds", PRIOR, "one in thirty places where goroutines gather is a leak; a pool or clients that still come look the same until they are all there");
	}
	release(&c);
	return out->n_terms > 0;
}

/* --- a set that does not grow --- */

struct wait_for {
	uint64_t object;
	uint32_t since;   /* here: begin of the visit; left: when it got through */
	bool here;
};

static int by_object(const void *pa, const void *pb)
{
	const struct wait_for *a = pa, *b = pb;

	return a->object < b->object ? -1 : a->object > b->object;
}

/* A queue at one object: who waits, and for how long nobody has got through. */
struct dead {
	uint32_t n, objects;
	int64_t held;
};

static void take_queue(const struct scene *c, const struct wait_for *w, uint32_t n, struct dead *d)
{
	uint32_t here = 0, since = 0, first = c->end;
	int64_t held;

	for (uint32_t i = 0; i < n; i++) {
		here += w[i].here;
		if (!w[i].here && w[i].since > since)
			since = w[i].since;
		if (w[i].here && w[i].since < first)
			first = w[i].since;
	}
	held = time_at(c, c->end) - time_at(c, first > since ? first : since);
	if (!here || held <= 0)
		return;
	if (held * 2 < d->held)
		return;
	if (d->held * 2 < held)
		d->n = d->objects = 0;
	d->held = held > d->held ? held : d->held;
	d->n += here;
	d->objects++;
}

/* The dead queues of a place: those where nobody got through for longest. */
static struct dead dead_queues(const struct scene *c)
{
	struct wait_for *w = xcalloc(c->n + 1, sizeof *w);
	struct dead d = {0};

	for (uint32_t i = 0; i < c->n; i++) {
		const struct stay *m = &c->a[i];

		w[i] = (struct wait_for){m->wait_object, m->flags & STAY_HERE ? m->since : m->last + 1, (m->flags & STAY_HERE) != 0};
	}
	qsort(w, c->n, sizeof *w, by_object);
	for (uint32_t i = 0, k; i < c->n; i = k) {
		for (k = i; k < c->n && w[k].object == w[i].object; k++)
			;
		take_queue(c, w + i, k - i, &d);
	}
	free(w);
	return d;
}

bool judge_stuck(const struct stays *s, const struct stay_group *g, struct pool *p, struct judgement *out)
{
	struct scene c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .p = p};
	const struct stay *last = &c.a[g->n - 1];
	const char *state = query_string(s->q, last->state);
	bool lock = query_family(s->q, last->state, last->stack) == FAM_LOCK, nil = strstr(state, "(nil chan)") != NULL;
	struct dead d;

	*out = (struct judgement){.first_came = 0};
	if (s->n_times < 3 || !(last->flags & STAY_HERE) || !(lock || nil || last->flags & STAY_LEAKED))
		return false;
	look(&c, out);
	d = dead_queues(&c);
	if (out->stuck && d.held > 0) {
		if (lock)
			judge_add(out, "held", bound(1.5 * log1p((double)d.held / 1000), 0, 7),
				  pool_printf(p, "%u wait for a lock that nobody has got for %s", d.n, lasted(&c, d.held)));
		if (lock && d.objects > 1)
			judge_add(out, "cycle", 1.0, "they wait for different locks at the same time: so does a lock order that is broken");
		used(&c, out);
		if (!lock)
			wait(&c, out);
		marked(&c, out);
		judge_add(out, "odds", PRIOR, "one in thirty places where goroutines wait for long is dead; somebody may hold it for long on purpose");
		out->first_came = c.a[out->oldest_at].first;
	}
	release(&c);
	return out->n_terms > 0;
}

/* --- a convoy --- */

bool judge_queue(const struct stays *s, const struct stay_group *g, struct pool *p, struct judgement *out)
{
	struct scene c = {.s = s, .a = s->a + g->first, .n = g->n, .end = (uint32_t)s->n_times - 1, .p = p};
	const struct stay *last = &c.a[g->n - 1];
	double average;

	*out = (struct judgement){0};
	if (s->n_times < 3 || g->n < 10 || query_family(s->q, last->state, last->stack) != FAM_LOCK)
		return false;
	look(&c, out);
	average = mean(c.alive, c.end * 2 / 3, c.end);
	if (out->here && out->left) {
		judge_add(out, "queue", bound(log(average / 5), -3, 2),
			  pool_printf(p, "%.0f wait for it on average in the last third of the time", average));
		judge_add(out, "handed on", -.7, pool_printf(p, "it is handed on: %u got through", out->left));
		out->first_came = c.a[out->oldest_at].first;
		out->oldest = out->oldest < 0 ? 0 : out->oldest;
	}
	release(&c);
	return out->n_terms > 0;
}
