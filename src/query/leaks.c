/* SPDX-License-Identifier: MIT */
/* Leak suspects: each place of each host is judged (judge.c), each process by itself; then what is found is put together. */
#include "judge.h"
#include <math.h>
#include <stdlib.h>

#define SURE 0.90  /* probability from which a suspect is a leak */
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

struct finding {
	struct suspect s;
	struct judgement j;
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
	int64_t lasted;  /* ms of that process */
	struct finding f;
};

struct search {
	struct query *q;
	const struct leak_question *ask;
	const struct host *host;
	struct pool *p;
	struct past *past; /* by group */
	size_t n_past;
	struct kin *kin;   /* of the process that is looked at */
	struct finding *a;
	size_t n, cap;
};

static int strongest_first(const void *pa, const void *pb)
{
	double a = fabs(((const struct argument *)pa)->weight), b = fabs(((const struct argument *)pb)->weight);

	return a > b ? -1 : a < b;
}

/* Arguments to the two sides. */
static void argue(struct suspect *s, const struct judgement *j, struct pool *p)
{
	s->evidence = pool_alloc(p, (j->n_terms + 1) * sizeof *s->evidence);
	s->against = pool_alloc(p, (j->n_terms + 1) * sizeof *s->against);
	for (size_t i = 0; i < j->n_terms; i++) {
		if (j->terms[i].weight > 0)
			s->evidence[s->n_evidence++] = j->terms[i];
		else
			s->against[s->n_against++] = j->terms[i];
	}
	qsort(s->evidence, s->n_evidence, sizeof *s->evidence, strongest_first);
	qsort(s->against, s->n_against, sizeof *s->against, strongest_first);
}

static int oldest_first(const void *pa, const void *pb)
{
	const struct stay *const *a = pa, *const *b = pb;

	if ((*a)->first != (*b)->first)
		return (*a)->first < (*b)->first ? -1 : 1;
	return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

/* Who is there in the last snapshot. */
static void list_members(struct suspect *s, const struct stays *st, const struct stay_group *g, uint32_t here,
			 struct pool *p)
{
	const struct stay **a = xcalloc(here + 1, sizeof *a);
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->n && n < here; i++)
		if (st->a[g->first + i].flags & STAY_HERE)
			a[n++] = &st->a[g->first + i];
	qsort(a, n, sizeof *a, oldest_first);
	s->ids = pool_alloc(p, (n + 1) * sizeof *s->ids);
	for (uint32_t i = 0; i < n; i++)
		s->ids[i] = a[i]->id;
	free(a);
}

static void describe(struct suspect *s, const struct stays *st, const struct stay_group *g, const struct judgement *j,
		     struct pool *p)
{
	const struct stay *some = &st->a[g->first + j->oldest_at];

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
	s->never_ended = j->reached ? 1 - (double)j->left / j->reached : NAN;
	s->since = st->times[j->first_came];
	s->oldest = st->times[some->first];
	s->oldest_id = some->id;
	if (j->last_came > j->first_came)
		s->per_hour = (j->came - 1) * 3.6e6 / (double)(st->times[j->last_came] - st->times[j->first_came]);
	list_members(s, st, g, j->here, p);
}

/* --- one process --- */

static bool growth_of(const struct search *x, const struct stays *st, const struct stay_group *g, struct judgement *j)
{
	return judge_growth(st, g, x->kin, x->p, j);
}

static bool stuck_of(const struct search *x, const struct stays *st, const struct stay_group *g, struct judgement *j)
{
	return judge_stuck(st, g, x->kin, x->p, j);
}

static bool queue_of(const struct search *x, const struct stays *st, const struct stay_group *g, struct judgement *j)
{
	return judge_queue(st, g, x->p, j);
}

static bool rest_of(const struct search *x, const struct stays *st, const struct stay_group *g, struct judgement *j)
{
	return judge_rest(st, g, x->kin, x->p, j);
}

/* The best explanation of what is at a place. */
static bool judge(const struct search *x, const struct stays *st, uint32_t group, struct finding *f)
{
	static bool (*const models[SUSPECT_MAX])(const struct search *, const struct stays *, const struct stay_group *, struct judgement *) = {
		[SUSPECT_GROWTH] = growth_of, [SUSPECT_STUCK] = stuck_of, [SUSPECT_QUEUE] = queue_of, [SUSPECT_REST] = rest_of};
	struct judgement j;
	bool found = false;

	for (int k = 0; k < SUSPECT_MAX; k++) {
		if (!models[k](x, st, &st->groups[group], &j) || (found && j.log_odds <= f->j.log_odds))
			continue;
		f->s.kind = k;
		f->j = j;
		found = true;
	}
	return found;
}

static void keep(struct search *x, struct finding *f)
{
	if (f->s.kind == SUSPECT_GROWTH)
		judge_kept(&f->j, x->p);
	GROW(x->a, x->n, x->cap);
	x->a[x->n++] = *f;
}

static void remember(struct search *x, const struct stays *st, uint32_t group, const struct finding *f, bool judged)
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

/*
 * Both processes have it: the arrivals of each life are one more observation of the same thing. What filled up in one fills
 * up in the next; what came at an even pace in each is a leak, even if no life was long enough to show it.
 */
static void add_past(const struct past *past, const struct stays *st, struct finding *f, struct pool *p)
{
	int64_t lasted = st->times[st->n_times - 1] - st->times[0];
	double share = past->lasted < lasted ? (double)past->lasted / (double)(lasted + 1) : 1, weight = past->pace;
	const char *lives = past->n == 1 ? "the process before" : pool_printf(p, "%u processes before", past->n);
	char text[TIME_MAX];

	if (!past->grew) {
		judge_add(&f->j, "before", -.7 * share, /* it may have been another program */
			  pool_printf(p, "in %s, for up to %s, nobody came to stay", lives, duration_format(text, past->lasted)));
		return;
	}
	if (weight > 0 && !past->leak)
		weight = 0; /* two that filled up */
	weight = (weight < -5 ? -5 : weight > 3 ? 3 : weight) * (past->n == 1 ? share : 1);
	judge_add(&f->j, "before", weight,
		  pool_printf(p, "in %s, which ran for up to %s, %s%s came to stay, %s", lives, duration_format(text, past->lasted),
			      how_many(past, p), past->grew > PAST_TOLD ? ", …" : "",
			      past->pace > 0 ? "all the time" : "and then hardly any more"));
}

/* The process of now does not have it (enough of it to judge): how many should have come by now? */
static void add_absence(const struct stays *st, const struct stay_group *g, struct finding *f, struct pool *p)
{
	int64_t lasted = st->times[st->n_times - 1] - st->times[0];
	double due = f->s.per_hour * (double)lasted / 3.6e6, weight;
	uint32_t here = 0;

	for (uint32_t i = 0; i < g->n; i++)
		here += (st->a[g->first + i].flags & STAY_HERE) != 0;
	weight = here < due ? here - due : 0;
	f->s.count = here;
	list_members(&f->s, st, g, here, p);
	if (here) { /* else the oldest one is of the process before */
		f->s.epoch = st->epoch;
		f->s.oldest_id = f->s.ids[0];
	}
	judge_add(&f->j, "restarted", weight < -6 ? -6 : weight,
		  pool_printf(p, "in the process of now there are %u, where %.1f were due after the one before", here, due));
}

static void on_group(struct search *x, const struct stays *st, uint32_t group)
{
	struct finding f = {.s = {.host = x->host->id, .host_name = x->host->name}};
	const struct stay_group *g = &st->groups[group];
	struct past *past = group < x->n_past ? &x->past[group] : NULL;
	bool judged = g->n && judge(x, st, group, &f);

	if (judged)
		describe(&f.s, st, g, &f.j, x->p);
	if (!st->newest) {
		if (g->n)
			remember(x, st, group, &f, judged);
		return;
	}
	if (judged && past && past->n && f.s.kind == SUSPECT_GROWTH)
		add_past(past, st, &f, x->p);
	if (!judged && past && past->judged) {
		f = past->f;
		add_absence(st, g, &f, x->p);
		judged = true;
	}
	if (judged)
		keep(x, &f);
}

static int on_process(void *ctx, const struct stays *st)
{
	struct search *x = ctx;

	if (!st->newest) {
		x->past = xrealloc(x->past, st->n_groups, sizeof *x->past);
		memset(x->past + x->n_past, 0, (st->n_groups - x->n_past) * sizeof *x->past);
		x->n_past = st->n_groups;
	}
	x->kin = kin_new(st);
	for (uint32_t i = 1; i < st->n_groups; i++)
		if (st->groups[i].place.func)
			on_group(x, st, i);
	kin_free(x->kin);
	x->kin = NULL;
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

/* What the snapshots of a host cannot tell. */
static void note_host(struct search *x, struct leak_notes *notes)
{
	const struct host_row *r = host_row(x->q, x->host->id);
	uint32_t good = 0, cut = 0, failed = 0;

	for (uint32_t seq = r->first_seq; seq && seq <= r->last_seq; seq++) {
		const struct snapshot_header *t = snapshot_header(x->q, r->host, seq);

		if (!t || (x->ask->from != NO_TIME && t->time < x->ask->from) || (x->ask->to != NO_TIME && t->time > x->ask->to))
			continue;
		good += snap_has_text((enum snap_status)t->status);
		cut += t->status == SNAP_TRUNCATED || t->status == SNAP_PARTIAL;
		failed += t->status == SNAP_FAILED;
	}
	if (notes->n + 2 > NOTES_MAX)
		return;
	if (good < 3)
		notes->text[notes->n++] = pool_printf(x->p, "%s: %u snapshot%s%s: growth cannot be told from fewer than three",
						      x->host->name, good, good == 1 ? "" : "s", failed ? good ? ", the others failed" : ", all failed" : "");
	if (cut)
		notes->text[notes->n++] = pool_printf(x->p, "%s: %u of %u snapshots were cut short: "
							    "goroutines that are missing there are not taken for gone",
						      x->host->name, cut, good);
}

struct leak_notes query_leak_notes(struct query *q, const struct leak_question *ask, struct pool *p)
{
	struct leak_notes notes = {.text = pool_alloc(p, NOTES_MAX * sizeof *notes.text)};
	struct search x = {.q = q, .ask = ask, .p = p};
	size_t n_hosts;
	const struct host *hosts = query_hosts(q, &n_hosts);

	for (size_t i = 0; i < n_hosts; i++) {
		x.host = &hosts[i];
		if (!ask->host || ask->host == hosts[i].id)
			note_host(&x, &notes);
	}
	return notes;
}

int query_leaks(struct query *q, const struct leak_question *ask, struct pool *p, struct suspect **out, size_t *n, struct err *e)
{
	struct search x = {.q = q, .ask = ask, .p = p};
	size_t n_hosts;
	const struct host *hosts = query_hosts(q, &n_hosts);
	int rc = 0;

	*n = 0;
	for (size_t i = 0; i < n_hosts && !rc; i++) {
		x.host = &hosts[i];
		if (ask->host && ask->host != hosts[i].id)
			continue;
		rc = stays_each(q, &(struct window){.host = hosts[i].id, .from = ask->from, .to = ask->to}, on_process, &x, e);
		free(x.past);
		x.past = NULL;
		x.n_past = 0;
	}
	if (x.n)
		qsort(x.a, x.n, sizeof *x.a, best_first);
	*out = pool_alloc(p, (x.n + 1) * sizeof **out);
	for (size_t i = 0; i < x.n && !rc; i++) {
		struct suspect *s = &x.a[i].s;

		s->score = probability(x.a[i].j.log_odds);
		if (s->score < ask->least)
			continue;
		s->verdict = s->score < WORTH ? VERDICT_NONE :
			     s->score < SURE || s->kind == SUSPECT_QUEUE ? VERDICT_WATCH : VERDICT_LEAK;
		argue(s, &x.a[i].j, p);
		(*out)[(*n)++] = *s;
	}
	free(x.a);
	return rc;
}
