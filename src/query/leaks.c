/* SPDX-License-Identifier: MIT */
/* Leak suspects: each place of each host is judged (score.c), each process by itself; then what is found is put together. */
#include "cause.h"
#include "score.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SURE 0.90  /* probability from which a suspect is a leak */
#define BEFORE_LEAST 3 /* of the stuck that stood in the first snapshot: they began to gather before it */
#define WORTH 0.50 /* and from which it is worth a look */

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {"none", "watch", "leak"};

	return names[v];
}

const char *suspect_kind_name(enum suspect_kind k)
{
	static const char *const names[SUSPECT_MAX] = {"growth", "stuck", "queue", "rest"};

	return names[k];
}

char *rate_text(char *out, double per_hour)
{
	snprintf(out, RATE_MAX, "%+.*f", fabs(per_hour) < 9.95 ? 1 : 0, per_hour);
	return out;
}

struct finding {
	struct suspect s;
	struct score j;
	struct births births;
	struct locked lock;
	bool told; /* with another of the same cause */
};

#define PAST_TOLD 6

/* What earlier processes showed of a group. */
struct past {
	uint32_t n;      /* processes that had it; */
	uint32_t grew;   /* of them those in which somebody came to stay */
	uint32_t came[PAST_TOLD]; /* how many, in some of them */
	double pace;     /* sum of those of the judgements */
	bool leak;       /* one of them alone looks like a leak, rather */
	bool judged;     /* the longest one has a judgement: */
	bool grouped;    /* by profiles without identities */
	int64_t lasted;  /* ms of that process */
	struct finding f;
};

struct search {
	struct query *q;
	const struct leak_question *ask;
	const struct host *host;
	const struct host_group *together; /* that it is in */
	struct pool *p;
	struct past *past; /* by group */
	size_t n_past;
	struct relatives *relatives;   /* of the process that is looked at */
	struct locked *locks; /* and who waits for one there */
	size_t n_locks;
	struct finding *a;
	size_t n, cap;
};

static int strongest_first(const void *pa, const void *pb)
{
	double a = fabs(((const struct argument *)pa)->weight), b = fabs(((const struct argument *)pb)->weight);

	return a > b ? -1 : a < b;
}

/* Arguments to the two sides. */
static void argue(struct suspect *s, const struct score *j, struct pool *p)
{
	s->evidence = pool_alloc(p, (j->n_terms + 1) * sizeof *s->evidence);
	s->against = pool_alloc(p, (j->n_terms + 1) * sizeof *s->against);
	for (size_t i = 0; i < j->n_terms; i++) {
		if (j->terms[i].weight > 0 || strcmp(j->terms[i].name, "together") == 0)
			s->evidence[s->n_evidence++] = j->terms[i];
		else
			s->against[s->n_against++] = j->terms[i];
	}
	qsort(s->evidence, s->n_evidence, sizeof *s->evidence, strongest_first);
	qsort(s->against, s->n_against, sizeof *s->against, strongest_first);
}

static int oldest_first(const void *pa, const void *pb)
{
	const struct residency *const *a = pa, *const *b = pb;

	if ((*a)->first != (*b)->first)
		return (*a)->first < (*b)->first ? -1 : 1;
	return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

/* Who is there in the last snapshot. */
static void list_members(struct suspect *s, const struct residencies *st, const struct residency_group *g, uint32_t here,
			 struct pool *p)
{
	const struct residency **a = xcalloc(here + 1, sizeof *a);
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->n && n < here; i++)
		if (st->a[g->first + i].flags & RESIDENCY_HERE)
			a[n++] = &st->a[g->first + i];
	qsort(a, n, sizeof *a, oldest_first);
	s->ids = pool_alloc(p, (n + 1) * sizeof *s->ids);
	for (uint32_t i = 0; i < n; i++)
		s->ids[i] = a[i]->id;
	free(a);
}

/* By when the oldest of those there was, as first seen, or before that as the dump's minutes prove. */
static void tell_oldest(struct suspect *s, const struct residencies *st, const struct residency_group *g)
{
	int64_t end = st->times[st->n_times - 1];

	for (uint32_t i = 0; i < g->n; i++) {
		const struct residency *m = &st->a[g->first + i];
		int64_t proven = end - (int64_t)m->minutes * 60000;

		if (!(m->flags & RESIDENCY_HERE) || !m->minutes || proven > s->oldest || (proven == s->oldest && m->id > s->oldest_id))
			continue;
		s->oldest = proven;
		s->oldest_id = m->id;
	}
}

static void oldest_here(struct suspect *s, const struct residencies *st, const struct residency_group *g)
{
	s->oldest = INT64_MAX;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct residency *m = &st->a[g->first + i];

		if (!(m->flags & RESIDENCY_HERE) || st->times[m->first] > s->oldest || (st->times[m->first] == s->oldest && m->id > s->oldest_id))
			continue;
		s->oldest = st->times[m->first];
		s->oldest_id = m->id;
	}
	tell_oldest(s, st, g);
}

/* first: nothing is known of what was before. */
static void describe(struct suspect *s, const struct residencies *st, const struct residency_group *g, const struct score *j, bool first,
		     struct pool *p)
{
	const struct residency *some = &st->a[g->first + j->oldest_at];

	s->epoch = st->epoch;
	s->created = g->created;
	s->place = g->place;
	s->stack = some->stack;
	s->state = query_string(st->q, some->state);
	s->family = query_family(st->q, some->state, some->stack);
	s->count = j->here;
	s->first_count = j->began;
	s->growth = j->came;
	s->reached = j->reached;
	s->left = j->left;
	s->never_ended = j->reached && !query_is_grouped(st->q, st->host, st->epoch) ? 1 - (double)j->left / j->reached : NAN;
	s->since_before = first && (j->first_came == 0 || j->stuck_before >= BEFORE_LEAST);
	s->since = st->times[s->since_before ? 0 : j->first_came];
	s->until = j->ended ? st->times[j->last_came] : NO_TIME;
	s->oldest = st->times[some->first];
	s->oldest_id = some->id;
	tell_oldest(s, st, g);
	if (j->last_came > j->first_came)
		s->per_hour = (j->came - 1) * 3.6e6 / (double)(st->times[j->last_came] - st->times[j->first_came]);
	list_members(s, st, g, j->here, p);
}

/* --- one process --- */

static bool growth_of(const struct search *x, const struct residencies *st, const struct residency_group *g, struct score *j)
{
	return score_growth(st, g, x->relatives, x->p, j);
}

static bool stuck_of(const struct search *x, const struct residencies *st, const struct residency_group *g, struct score *j)
{
	if (st->n_times < 3)
		return score_many(st, g, x->relatives, x->p, j);
	return score_stuck(st, g, x->relatives, x->p, j) || score_busy(st, g, x->p, j);
}

static bool queue_of(const struct search *x, const struct residencies *st, const struct residency_group *g, struct score *j)
{
	return score_queue(st, g, x->p, j);
}

static bool rest_of(const struct search *x, const struct residencies *st, const struct residency_group *g, struct score *j)
{
	return score_rest(st, g, x->relatives, x->p, j);
}

/* Who is missing in a dump that was cut is not taken for gone; so where many are cut, some of those who stay have ended. */
static void doubt_cut(const struct search *x, const struct residencies *st, struct score *j)
{
	uint32_t n = 0, cut = 0;

	for (uint32_t i = j->first_came < st->n_times ? j->first_came : 0; i < st->n_times; i++, n++)
		cut += st->cut[i];
	if (cut * 3 < n)
		return;
	score_add(j, "cut", -2.0 * cut / n, pool_printf(x->p, "%u of %u snapshots since then were cut short: some of them may have ended unseen", cut, n));
	j->watch = true;
}

/* The best explanation of what is at a place. */
static bool score(const struct search *x, const struct residencies *st, uint32_t group, struct finding *f)
{
	static bool (*const models[SUSPECT_MAX])(const struct search *, const struct residencies *, const struct residency_group *, struct score *) = {
		[SUSPECT_GROWTH] = growth_of, [SUSPECT_STUCK] = stuck_of, [SUSPECT_QUEUE] = queue_of, [SUSPECT_REST] = rest_of};
	bool grouped = query_is_grouped(x->q, st->host, st->epoch);
	struct score j;
	bool found = false;

	for (int k = 0; k < SUSPECT_MAX; k++) {
		if (grouped && (k == SUSPECT_QUEUE || k == SUSPECT_REST))
			continue; /* both ask who came through */
		if (!models[k](x, st, &st->groups[group], &j) || (found && j.log_odds <= f->j.log_odds))
			continue;
		f->s.kind = k;
		f->j = j;
		found = true;
	}
	if (found)
		doubt_cut(x, st, &f->j);
	return found;
}

#define ASKED 32 /* of its goroutines, whose they are */

/* Where the program itself started those whose `go` statement is a library's: the place of most of those that are known. */
static void whose(struct search *x, const struct residencies *st, const struct residency_group *g, struct finding *f)
{
	struct frame at[ASKED];
	uint32_t n = 0, best = 0, most = 0;

	for (uint32_t i = 0; i < g->n && n < ASKED; i++) {
		const struct residency *life = st->a[g->first + i].flags & RESIDENCY_HERE ? relatives_life(x->relatives, st->a[g->first + i].id) : NULL;

		if (life && (at[n] = relatives_starter(x->relatives, life)).func)
			n++;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t same = 0;

		for (uint32_t k = 0; k < n; k++)
			same += same_place(&at[k], &at[i]);
		if (same > most) {
			most = same;
			best = i;
		}
	}
	if (most * 2 > n)
		f->s.whose = at[best];
}

/* Two places, whoever started who is there, that began to wait for two locks at the same moment. */
static void lock_each_other_out(const struct search *x, const struct residencies *st, uint32_t group, struct finding *f)
{
	const struct locked *mate = NULL;

	f->lock = lock_of(x->locks, x->n_locks, group);
	if (f->s.kind == SUSPECT_STUCK || f->s.kind == SUSPECT_REST)
		mate = lock_mate(x->locks, x->n_locks, &f->lock);
	for (size_t i = 0; mate && i < f->j.n_terms; i++)
		if (strcmp(f->j.terms[i].name, "cycle") == 0)
			mate = NULL;
	if (mate)
		score_add(&f->j, "cycle", 1.7, pool_printf(x->p, "at the same moment others began to wait for another lock, in %s: "
							      "so does a lock order that is broken", st->groups[mate->group].place.func));
}

static void keep(struct search *x, const struct residencies *st, const struct residency_group *g, struct finding *f)
{
	if (!f->s.count)
		return; /* who is gone is no suspect, with the process or without */
	if (f->s.kind == SUSPECT_GROWTH)
		score_kept(&f->j, query_is_grouped(x->q, st->host, st->epoch), x->p);
	if (probability(f->j.log_odds) >= WORTH) {
		f->births = births_of(st, g, x->p);
		whose(x, st, g, f);
	}
	GROW(x->a, x->n, x->cap);
	x->a[x->n++] = *f;
}

static void remember(struct search *x, const struct residencies *st, uint32_t group, const struct finding *f, bool judged)
{
	struct past *past = &x->past[group];
	int64_t lasted = st->times[st->n_times - 1] - st->times[0];

	judged = judged && f->s.kind == SUSPECT_GROWTH;
	past->n++;
	if (judged) {
		past->pace += f->j.pace;
		past->came[past->grew++ % PAST_TOLD] = f->j.came;
		past->leak |= f->j.log_odds > 0;
	}
	if (past->lasted > lasted)
		return;
	past->judged = judged;
	past->grouped = query_is_grouped(x->q, st->host, st->epoch);
	past->lasted = lasted;
	if (judged)
		past->f = *f;
}

/* "+6, +5, +7" */
static const char *how_many(const struct past *past, struct pool *p)
{
	const char *text = "";

	for (uint32_t i = 0; i < past->grew && i < PAST_TOLD; i++)
		text = pool_printf(p, "%s%s+%u", text, i ? ", " : "", past->came[i]);
	return text;
}

/* What the paces of several lives say together. */
static double of_lives(const struct past *past, double pace)
{
	if (pace > 0 && !past->leak)
		return 0; /* they only filled up */
	return pace < -5 ? -5 : pace > 3 ? 3 : pace;
}

/* The longest of the lives before stands for this one, which is too young; what do the others say? */
static void add_others(const struct past *past, struct finding *f, struct pool *p)
{
	if (past->grew > 1)
		score_add(&f->j, "before", of_lives(past, past->pace - f->j.pace),
			  pool_printf(p, "in %u processes before, %s%s came to stay, %s", past->grew, how_many(past, p), past->grew > PAST_TOLD ? ", …" : "",
				      past->pace > 0 ? "all the time" : "and then hardly any more"));
}

/*
 * Both processes have it: the arrivals of each life are one more observation of the same thing. What filled up in one fills
 * up in the next; what came at an even pace in each is a leak, even if no life was long enough to show it.
 */
static void add_past(const struct past *past, const struct residencies *st, struct finding *f, struct pool *p)
{
	int64_t lasted = st->times[st->n_times - 1] - st->times[0];
	double share = past->lasted < lasted ? (double)past->lasted / (double)(lasted + 1) : 1;
	const char *lives = past->n == 1 ? "the process before" : pool_printf(p, "%u processes before", past->n);
	char text[TIME_MAX];

	if (!past->grew) {
		score_add(&f->j, "before", -.7 * share, /* it may have been another program */
			  pool_printf(p, "in %s, for up to %s, nobody came to stay", lives, duration_format(text, past->lasted)));
		return;
	}
	score_add(&f->j, "before", of_lives(past, past->pace) * (past->n == 1 ? share : 1),
		  pool_printf(p, "in %s, which ran for up to %s, %s%s came to stay, %s", lives, duration_format(text, past->lasted),
			      how_many(past, p), past->grew > PAST_TOLD ? ", …" : "",
			      past->pace > 0 ? "all the time" : "and then hardly any more"));
}

/* What was seen in a process that is not there any more. */
static void of_process_before(struct finding *f, struct pool *p)
{
	for (size_t i = 0; i < f->j.n_terms; i++)
		if (strcmp(f->j.terms[i].name, "odds") != 0)
			f->j.terms[i].text = pool_printf(p, "before the restart: %s", f->j.terms[i].text);
	f->s.before = true;
}

/* The process of now does not have it (enough of it to judge): how many should have come by now? */
static void add_absence(const struct residencies *st, const struct residency_group *g, struct finding *f, struct pool *p)
{
	int64_t lasted = st->times[st->n_times - 1] - st->times[0];
	double due = f->s.per_hour * (double)lasted / 3.6e6, weight;
	uint32_t here = 0;

	for (uint32_t i = 0; i < g->n; i++)
		here += (st->a[g->first + i].flags & RESIDENCY_HERE) != 0;
	weight = here < due ? here - due : 0;
	f->s.count = here;
	list_members(&f->s, st, g, here, p);
	if (here) { /* else the oldest one is of the process before */
		f->s.epoch = st->epoch;
		oldest_here(&f->s, st, g);
	}
	score_add(&f->j, "restarted", weight < -9 ? -9 : weight,
		  pool_printf(p, "in the process of now there are %u, where %.1f were due after the one before", here, due));
}

/* Who is at this place in the last snapshot, whoever started them: how many; *most is where most of them are. */
static uint32_t here_at(const struct residencies *st, const struct frame *place, const struct residency_group **most, uint32_t *of_them)
{
	uint32_t sum = 0;

	*of_them = 0;
	for (uint32_t i = 1; i < st->n_groups; i++) {
		const struct residency_group *g = &st->groups[i];
		uint32_t here = 0;

		if (!g->place.func || !same_place(&g->place, place))
			continue;
		for (uint32_t k = 0; k < g->n; k++)
			here += (st->a[g->first + k].flags & RESIDENCY_HERE) != 0;
		if (here > *of_them) {
			*of_them = here;
			*most = g;
		}
		sum += here;
	}
	return sum;
}

/* Is this host's place judged as it is now? */
static bool judged_now(const struct search *x, const struct residencies *st, const struct frame *place)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->a[i].s.host == st->host && x->a[i].s.epoch == st->epoch && same_place(&x->a[i].s.place, place))
			return true;
	return false;
}

/*
 * Dumps had identities before and have none now, or the other way round: they begin anew, and who started them is known of
 * one form only. That is no restart, and all of them should be at the place still.
 */
static void carry_on(struct search *x, const struct residencies *st, const struct past *past)
{
	const struct residency_group *most = NULL;
	struct finding f = past->f;
	uint32_t of_them, here = here_at(st, &f.s.place, &most, &of_them), before = f.s.count;

	if (!here || judged_now(x, st, &f.s.place))
		return;
	f.s.count = here;
	list_members(&f.s, st, most, of_them, x->p);
	f.s.epoch = st->epoch;
	f.s.oldest_id = f.s.ids[0];
	score_add(&f.j, "other form", here < before ? fmax(-9, (double)here - before) : 0,
		  pool_printf(x->p, "of %u %u are there in dumps of another form, which have identities of their own", before, here));
	keep(x, st, most, &f);
}

/* What the dumps of another form had shown, where those of now are too few to judge. */
static bool is_carried(const struct search *x, const struct residencies *st, uint32_t group)
{
	return group < x->n_past && x->past[group].judged && x->past[group].grouped != query_is_grouped(x->q, st->host, st->epoch);
}

static void on_group(struct search *x, const struct residencies *st, uint32_t group)
{
	struct finding f = {.s = {.host = x->host->id, .host_name = x->host->name, .together = x->together}};
	const struct residency_group *g = &st->groups[group];
	struct past *past = group < x->n_past ? &x->past[group] : NULL;
	bool judged = g->n && score(x, st, group, &f);

	if (judged)
		describe(&f.s, st, g, &f.j, !x->n_past, x->p);
	if (!st->newest) {
		if (g->n)
			remember(x, st, group, &f, judged);
		return;
	}
	if (judged)
		lock_each_other_out(x, st, group, &f);
	if (judged && past && past->n && f.s.kind == SUSPECT_GROWTH)
		add_past(past, st, &f, x->p);
	if (!judged && past && past->judged && !is_carried(x, st, group)) {
		f = past->f;
		of_process_before(&f, x->p);
		add_others(past, &f, x->p);
		add_absence(st, g, &f, x->p);
		judged = true;
	}
	if (judged)
		keep(x, st, g, &f);
}

/* --- many places, few in each --- */

#define FEW 3         /* came to stay at a place, at most */
#define PLACES_LEAST 4

/* Came to a place, and all of them stayed: how many, if they are few but more than one. */
static uint32_t few_stayed(const struct residencies *st, const struct residency_group *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->n; i++) {
		const struct residency *m = &st->a[g->first + i];

		if (!(m->flags & RESIDENCY_HERE) || m->visits > 1 || m->works || query_family(st->q, m->state, m->stack) == FAM_IO ||
		    query_family(st->q, m->state, m->stack) == FAM_RUNNING)
			return 0;
		n += m->first > 0;
	}
	return n >= 2 && n <= FEW ? n : 0;
}

/* The package that a place is in, up to its first dot behind the last slash; and what they wait for there. */
static uint64_t alike(const struct residencies *st, const struct residency_group *g)
{
	const char *func = g->place.func, *slash = strrchr(func, '/');
	size_t n = (size_t)((slash ? slash : func) - func);

	return hash64(func, n + strcspn(func + n, ".")) ^ hash_u64(st->a[g->first].state);
}

struct place {
	uint64_t alike;
	uint32_t group;
};

static int by_likeness(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	if (a->alike != b->alike)
		return a->alike < b->alike ? -1 : 1;
	return a->group < b->group ? -1 : a->group > b->group;
}

/* They are judged as if they were one place, and the largest of them stands for all. */
static void score_together(struct search *x, const struct residencies *st, const struct place *at, size_t n)
{
	struct finding f = {.s = {.host = x->host->id, .host_name = x->host->name, .together = x->together}};
	struct residency_group all = {.created = st->groups[at->group].created, .place = st->groups[at->group].place};
	const struct residency_group *most = &st->groups[at->group];
	struct residencies some = *st;

	for (size_t i = 0; i < n; i++)
		all.n += st->groups[at[i].group].n;
	some.a = pool_alloc(x->p, (all.n + 1) * sizeof *some.a);
	all.n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct residency_group *g = &st->groups[at[i].group];

		memcpy(some.a + all.n, st->a + g->first, g->n * sizeof *some.a);
		all.n += g->n;
		most = g->n > most->n ? g : most;
	}
	if (!score_growth(&some, &all, x->relatives, x->p, &f.j))
		return;
	f.s.kind = SUSPECT_GROWTH;
	describe(&f.s, &some, &all, &f.j, !x->n_past, x->p);
	f.s.created = most->created;
	f.s.place = most->place;
	score_add(&f.j, "together", 0, pool_printf(x->p, "few came to each of %zu places of one package, all wait for the same, and none has left", n));
	f.s.relatives = pool_alloc(x->p, n * sizeof *f.s.relatives);
	for (size_t i = 0; i < n; i++)
		if (&st->groups[at[i].group] != most)
			f.s.relatives[f.s.n_relatives++] =
				(struct suspect_relatives){st->groups[at[i].group].created, st->groups[at[i].group].place, st->groups[at[i].group].n, NULL};
	keep(x, &some, &all, &f);
}

static void score_many_places(struct search *x, const struct residencies *st)
{
	struct place *a = xcalloc(st->n_groups, sizeof *a);
	size_t n = 0;

	for (uint32_t i = 1; i < st->n_groups; i++)
		if (st->groups[i].place.func && few_stayed(st, &st->groups[i]))
			a[n++] = (struct place){alike(st, &st->groups[i]), i};
	qsort(a, n, sizeof *a, by_likeness);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i; k < n && a[k].alike == a[i].alike; k++)
			;
		if (k - i >= PLACES_LEAST)
			score_together(x, st, a + i, k - i);
	}
	free(a);
}

static int on_process(void *ctx, const struct residencies *st)
{
	struct search *x = ctx;

	if (!st->newest) {
		x->past = xrealloc(x->past, st->n_groups, sizeof *x->past);
		memset(x->past + x->n_past, 0, (st->n_groups - x->n_past) * sizeof *x->past);
		x->n_past = st->n_groups;
	}
	x->relatives = relatives_new(st);
	x->n_locks = 0;
	if (st->newest && !query_is_grouped(st->q, st->host, st->epoch))
		x->locks = locks_of(st, x->p, &x->n_locks);
	for (uint32_t i = 1; i < st->n_groups; i++)
		if (st->groups[i].place.func)
			on_group(x, st, i);
	for (uint32_t i = 1; st->newest && i < st->n_groups; i++)
		if (is_carried(x, st, i))
			carry_on(x, st, &x->past[i]);
	if (st->newest)
		score_many_places(x, st);
	relatives_free(x->relatives);
	x->relatives = NULL;
	return 0;
}

/* --- all of them --- */

static int best_first(const void *pa, const void *pb)
{
	const struct finding *a = pa, *b = pb;

	if (a->j.log_odds != b->j.log_odds)
		return a->j.log_odds > b->j.log_odds ? -1 : 1;
	return a->s.count > b->s.count ? -1 : a->s.count < b->s.count;
}

#define NOTES_MAX 64
#define NAMED 2 /* hosts of which the same is told are named; more are a number */

/* The same sentence is told of many hosts once. */
struct note {
	const char *host[NAMED], *sentence;
	size_t hosts;
};
struct notes {
	struct note a[NOTES_MAX];
	size_t n;
};

static void add_note(struct notes *notes, const char *host, const char *sentence)
{
	size_t i = 0;

	while (i < notes->n && strcmp(notes->a[i].sentence, sentence) != 0)
		i++;
	if (i == NOTES_MAX)
		return;
	if (i == notes->n)
		notes->a[notes->n++] = (struct note){.sentence = sentence};
	if (notes->a[i].hosts < NAMED)
		notes->a[i].host[notes->a[i].hosts] = host;
	notes->a[i].hosts++;
}

/* Snapshots of a window, by what they can tell. */
struct tally {
	uint32_t good, cut, failed, counted, grouped;
};

static struct tally tally_of(struct query *q, struct numbers of)
{
	struct tally n = {0};

	for (uint32_t seq = of.from; seq <= of.to; seq++) {
		const struct snapshot_header *t = snapshot_header(q, of.host, seq);
		enum snap_status status = t ? (enum snap_status)t->status : SNAP_FAILED;

		if (!t)
			continue;
		n.good += snap_has_text(status);
		n.cut += snap_is_cut(status);
		n.failed += status == SNAP_FAILED;
		n.counted += status == SNAP_COUNTED;
		n.grouped += status == SNAP_GROUPED;
	}
	return n;
}

/* "2 snapshots, the others failed", with what that means. */
static const char *too_few(struct pool *p, const struct tally *n)
{
	const char *others = n->failed && n->counted ? "the others failed or are counts only" : n->failed ? "the others failed" : "the others are counts only";

	if (!n->good)
		others = n->failed && n->counted ? "all failed or are counts only" : n->failed ? "all failed" : "all are counts only";
	return pool_printf(p, "%u snapshot%s%s%s: growth cannot be told from fewer than three%s", n->good ? n->good : n->failed + n->counted,
			   (n->good ? n->good : n->failed + n->counted) == 1 ? "" : "s", n->failed + n->counted ? ", " : "", n->failed + n->counted ? others : "",
			   n->good > n->grouped ? "; only many that wait at one place, and for how long by the dump's minutes" : "");
}

/* What the snapshots of a host cannot tell. How many of them have goroutines. */
static size_t note_host(struct search *x, struct notes *notes)
{
	const char *name = x->host->name;
	struct numbers of;
	struct known end;
	struct tally n;

	if (query_numbers(x->q, &(struct window){.host = x->host->id, .from = x->ask->from, .to = x->ask->to}, &of, NULL) < 0)
		return 0;
	n = tally_of(x->q, of);
	if (n.good < 3)
		add_note(notes, name, too_few(x->p, &n));
	if (n.cut)
		add_note(notes, name, pool_printf(x->p, "%u of %u snapshots were cut short: goroutines that are missing there are not taken for gone", n.cut, n.good));
	if (n.grouped)
		add_note(notes, name, pool_printf(x->p, "%u of %u snapshots are grouped profiles: numbers can be told from them, "
							"and not who stays; ages are at most as told", n.grouped, n.good));
	if (n.good && query_known(x->q, x->host->id, x->ask->to, &end, NULL) == 0 && !end.known) {
		struct buf b = {0};

		known_sentence(&b, &end, x->ask->zone);
		add_note(notes, name, pool_strndup(x->p, b.p, b.n));
		buf_release(&b);
	}
	return n.good;
}

/* Is it asked about? Then it is the one that is looked at, in its group. */
static bool take_host(struct search *x, const struct host *h)
{
	const struct leak_question *ask = x->ask;

	x->host = h;
	x->together = NULL;
	for (size_t i = 0; i < ask->n_together && !x->together; i++)
		for (size_t k = 0; k < ask->together[i].n; k++)
			if (ask->together[i].hosts[k] == h)
				x->together = &ask->together[i];
	return ask->n_together ? x->together != NULL : !ask->host || ask->host == h->id;
}

static const char *note_text(const struct note *n, struct pool *p)
{
	if (n->hosts > NAMED)
		return pool_printf(p, "%zu hosts: %s", n->hosts, n->sentence);
	return n->hosts == 2 ? pool_printf(p, "%s and %s: %s", n->host[0], n->host[1], n->sentence) : pool_printf(p, "%s: %s", n->host[0], n->sentence);
}

struct leak_notes query_leak_notes(struct query *q, const struct leak_question *ask, struct pool *p)
{
	struct search x = {.q = q, .ask = ask, .p = p};
	struct leak_notes out = {0};
	struct notes notes = {.n = 0};
	size_t n_hosts;
	const struct host *hosts = query_hosts(q, &n_hosts);
	bool viewing = view_begin(q, NULL) == 0; /* one for all of them */

	for (size_t i = 0; i < n_hosts; i++)
		if (take_host(&x, &hosts[i]))
			out.looked_at += note_host(&x, &notes);
	if (viewing)
		view_end(q);
	out.text = pool_alloc(p, (notes.n + 1) * sizeof *out.text);
	for (size_t i = 0; i < notes.n; i++)
		out.text[out.n++] = note_text(&notes.a[i], p);
	return out;
}

static bool is_listed(const struct suspect *s, const struct suspect *other)
{
	for (size_t i = 0; i < s->n_relatives; i++)
		if (same_place(&s->relatives[i].created, &other->created) && same_place(&s->relatives[i].place, &other->place))
			return true;
	return false;
}

static bool one_cause(const struct finding *a, const struct finding *b)
{
	return (a->births.n >= 3 && births_share(&a->births, &b->births)) || locks_share(&a->lock, &b->lock);
}

/* s tells of g from now on, and of whom g told. */
static void take_in(struct suspect *s, const struct suspect *g, struct pool *p)
{
	struct suspect_relatives *a = pool_alloc(p, (s->n_relatives + g->n_relatives + 1) * sizeof *a);

	if (s->n_relatives)
		memcpy(a, s->relatives, s->n_relatives * sizeof *a);
	a[s->n_relatives++] = (struct suspect_relatives){g->created, g->place, g->count, g->ids};
	if (g->n_relatives)
		memcpy(a + s->n_relatives, g->relatives, g->n_relatives * sizeof *a);
	s->n_relatives += g->n_relatives;
	s->relatives = a;
}

/* Suspects of one cause are one: the strongest, which tells of the others. */
static void join_causes(struct search *x)
{
	for (size_t i = 0; i < x->n && probability(x->a[i].j.log_odds) >= WORTH; i++) {
		struct finding *f = &x->a[i];
		const char *text = NULL;

		if (f->told)
			continue;
		for (size_t k = i + 1; k < x->n && probability(x->a[k].j.log_odds) >= WORTH; k++) {
			struct finding *g = &x->a[k];
			bool listed = is_listed(&f->s, &g->s);

			if (g->told || g->s.host != f->s.host || g->s.epoch != f->s.epoch || (!listed && !one_cause(f, g)))
				continue;
			g->told = true;
			if (listed)
				continue;
			take_in(&f->s, &g->s, x->p);
			text = pool_printf(x->p, "%s%s%u in %s", text ? text : "", text ? ", " : "", g->s.count, g->s.place.func);
		}
		if (text)
			score_add(&f->j, "together", 0, pool_printf(x->p, "of one cause: %s", text));
	}
}

/* The first snapshot with text that is kept, NO_TIME none. */
static int64_t recording_begins(struct query *q, uint32_t host)
{
	const struct host_row *r = host_row(q, host);

	for (uint32_t seq = r->first_seq; seq && seq <= r->last_seq; seq++) {
		const struct snapshot_header *t = snapshot_header(q, host, seq);

		if (t && snap_has_text((enum snap_status)t->status))
			return t->time;
	}
	return NO_TIME;
}

/* When a goroutine came to the place where it is at the end of its life so far. */
static int64_t came_to(struct query *q, const struct life *l, const struct frame *place)
{
	size_t i = l->n;

	while (i > 0) {
		const struct frame *f = stack_user_frame(query_stack(q, l->runs[i - 1].stack));

		if (!f || f->func_id != place->func_id || f->line != place->line)
			break;
		i--;
	}
	return i < l->n ? l->runs[i].from : l->first;
}

/*
 * When they began to gather, and how long the oldest has been there, is asked of the whole recording, so that it does not move
 * with the window: those who were there when the window begins are looked up one by one, the oldest first.
 */
static int ask_since(struct search *x, struct finding *f, struct err *e)
{
	int64_t begins = recording_begins(x->q, f->s.host), since = f->s.since;
	uint32_t before = 0, least = f->s.kind == SUSPECT_GROWTH ? BEFORE_LEAST : 1; /* some who only stay are no beginning of a growth */
	int rc = 1;

	f->s.since_before = false;
	for (uint32_t i = 0; i < f->s.count && i < BEFORE_LEAST + 1 && (f->j.stuck_before || !f->j.first_came) && rc == 1; i++) {
		struct life l;
		int64_t came;

		rc = query_goroutine(x->q, &(struct life_question){.host = f->s.host, .epoch = f->s.epoch, .id = f->s.ids[i], .at = NO_TIME}, x->p, &l, e);
		if (rc != 1)
			break;
		came = came_to(x->q, &l, &f->s.place);
		if (came < f->s.oldest) {
			f->s.oldest = came;
			f->s.oldest_id = f->s.ids[i];
		}
		before += came <= begins;
		if (came > begins && came < since)
			since = came;
		if (came <= begins && before >= least) {
			f->s.since_before = true;
			since = begins;
		}
	}
	f->s.since = since;
	return rc < 0 ? -1 : 0;
}

static void expect_hosts(struct search *x, const struct host *hosts, size_t n)
{
	uint32_t *ids = xcalloc(n + 1, sizeof *ids);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (take_host(x, &hosts[i]))
			ids[k++] = hosts[i].id;
	expect_events(x->q, ids, k, x->ask->from, x->ask->to);
	free(ids);
}

#define LEAST_TOGETHER .05 /* from which a host counts among those that have the suspect of another */

int query_leaks(struct query *q, const struct leak_question *ask, struct pool *p, struct suspect **out, size_t *n, struct err *e)
{
	struct search x = {.q = q, .ask = ask, .p = p};
	size_t n_hosts;
	const struct host *hosts = query_hosts(q, &n_hosts);
	double least = ask->n_together && ask->least > LEAST_TOGETHER ? LEAST_TOGETHER : ask->least;
	int rc = 0;

	*n = 0;
	if (view_begin(q, e) < 0)
		return -1;
	expect_hosts(&x, hosts, n_hosts);
	for (size_t i = 0; i < n_hosts && !rc; i++) {
		if (!take_host(&x, &hosts[i]))
			continue;
		rc = residencies_each(q, &(struct window){.host = hosts[i].id, .from = ask->from, .to = ask->to}, on_process, &x, e);
		free(x.past);
		x.past = NULL;
		x.n_past = 0;
	}
	view_end(q);
	if (x.n)
		qsort(x.a, x.n, sizeof *x.a, best_first);
	for (size_t i = 0; i < x.n && !rc && ask->from != NO_TIME && probability(x.a[i].j.log_odds) >= ask->least; i++)
		rc = ask_since(&x, &x.a[i], e);
	join_causes(&x);
	*out = pool_alloc(p, (x.n + 1) * sizeof **out);
	for (size_t i = 0; i < x.n && !rc; i++) {
		struct suspect *s = &x.a[i].s;

		s->score = probability(x.a[i].j.log_odds);
		if (s->score < least || x.a[i].told)
			continue;
		s->verdict = s->score < WORTH ? VERDICT_NONE :
			     s->score < SURE || s->kind == SUSPECT_QUEUE || x.a[i].j.watch ? VERDICT_WATCH : VERDICT_LEAK;
		argue(s, &x.a[i].j, p);
		s->after = s->since_before ? NULL : query_after_mark(q, s->host, s->since, p);
		(*out)[(*n)++] = *s;
	}
	free(x.a);
	if (rc < 0 || suspects_where(q, ask, *out, n, e) < 0)
		return -1;
	if (ask->n_together)
		suspects_together(ask->least, *out, n);
	return 0;
}
