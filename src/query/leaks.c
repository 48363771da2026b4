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
	static const char *const names[SUSPECT_MAX] = {"growth", "stuck", "queue"};

	return names[k];
}

struct finding {
	struct suspect s;
	struct judgement j;
};

/* What an earlier process showed of a group. */
struct past {
	bool there, judged;
	double evidence;
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
	uint32_t *idle;    /* by group: how many are there in IO wait */
	uint32_t *by_func; /* by function number: the last group that it started, */
	uint32_t *next;    /* and by group the one before */
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

/* Who started what, and how many of each group wait for I/O, or come back to it. */
static void index_groups(struct search *x, const struct stays *st)
{
	size_t n_names = 1;

	for (uint32_t i = 1; i < st->n_groups; i++)
		if (st->groups[i].created.func_id >= n_names)
			n_names = (size_t)st->groups[i].created.func_id + 1;
	x->idle = xcalloc(st->n_groups, sizeof *x->idle);
	x->next = xcalloc(st->n_groups, sizeof *x->next);
	x->by_func = xcalloc(n_names, sizeof *x->by_func);
	for (uint32_t i = 1; i < st->n_groups; i++) {
		const struct stay_group *g = &st->groups[i];

		if (!g->place.func)
			continue;
		x->next[i] = x->by_func[g->created.func_id];
		x->by_func[g->created.func_id] = i;
		for (uint32_t k = 0; k < g->n; k++) {
			const struct stay *m = &st->a[g->first + k];

			if (m->flags & STAY_HERE || (m->flags & STAY_ALIVE && m->visits > 1))
				x->idle[i] += query_family(st->q, m->state, m->stack) == FAM_IO;
		}
	}
}

static void forget_index(struct search *x)
{
	free(x->idle);
	free(x->next);
	free(x->by_func);
}

#define PARTNERS_MAX 64 /* groups of one function that are looked through */

/* Goroutines in IO wait that the same function started with another go statement. */
static uint32_t idle_partners(const struct search *x, const struct stays *st, uint32_t group)
{
	const struct frame *mine = &st->groups[group].created;
	uint32_t n = 0, k = 0;

	if (!mine->func)
		return 0;
	for (uint32_t i = x->by_func[mine->func_id]; i && k < PARTNERS_MAX; i = x->next[i], k++)
		if (st->groups[i].created.line != mine->line)
			n += x->idle[i];
	return n;
}

/* The best explanation of what is at a place. */
static bool judge(const struct search *x, const struct stays *st, uint32_t group, struct finding *f)
{
	const struct stay_group *g = &st->groups[group];
	struct judgement j;
	bool found = false;

	if (judge_growth(st, g, idle_partners(x, st, group), x->p, &f->j)) {
		f->s.kind = SUSPECT_GROWTH;
		found = true;
	}
	if (judge_stuck(st, g, x->p, &j) && (!found || j.log_odds > f->j.log_odds)) {
		f->s.kind = SUSPECT_STUCK;
		f->j = j;
		found = true;
	}
	if (judge_queue(st, g, x->p, &j) && (!found || j.log_odds > f->j.log_odds)) {
		f->s.kind = SUSPECT_QUEUE;
		f->j = j;
		found = true;
	}
	return found;
}

static void keep(struct search *x, const struct finding *f)
{
	GROW(x->a, x->n, x->cap);
	x->a[x->n++] = *f;
}

static void remember(struct search *x, const struct stays *st, uint32_t group, const struct finding *f, bool judged)
{
	struct past *past = &x->past[group];
	int64_t lasted = st->times[st->n_times - 1] - st->times[0];

	if (past->there && past->lasted > lasted)
		return;
	past->there = true;
	past->judged = judged && f->s.kind == SUSPECT_GROWTH;
	past->evidence = judged ? judge_evidence(&f->j) : 0;
	past->lasted = lasted;
	if (judged)
		past->f = *f;
}

/* Both processes have it: what the one before showed counts in proportion to how long it ran. */
static void add_past(const struct past *past, const struct stays *st, struct finding *f, struct pool *p)
{
	int64_t lasted = st->times[st->n_times - 1] - st->times[0];
	double share = past->lasted < lasted ? (double)past->lasted / (double)(lasted + 1) : 1;
	double weight = past->judged ? past->evidence / 2 : -.7; /* it may have been another program */
	char text[TIME_MAX];

	if (weight > 0 && past->f.j.log_odds < log(SURE / (1 - SURE)))
		weight = 0; /* two that filled up */
	weight = (weight < -3 ? -3 : weight > 2 ? 2 : weight) * share;
	judge_add(&f->j, "before", weight,
		  pool_printf(p, "in the process before, which ran %s, it %s", duration_format(text, past->lasted),
			      weight > 0 ? "grew as well" : "did not grow without end"));
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
	if (judged && past && past->there && f.s.kind == SUSPECT_GROWTH)
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
	index_groups(x, st);
	for (uint32_t i = 1; i < st->n_groups; i++)
		if (st->groups[i].place.func)
			on_group(x, st, i);
	forget_index(x);
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

int query_leaks(struct query *q, const struct leak_question *ask, struct pool *p, struct suspect **out, size_t *n,
		struct leak_notes *notes, struct err *e)
{
	struct search x = {.q = q, .ask = ask, .p = p};
	size_t n_hosts;
	const struct host *hosts = query_hosts(q, &n_hosts);
	int rc = 0;

	*n = 0;
	*notes = (struct leak_notes){.text = pool_alloc(p, NOTES_MAX * sizeof *notes->text)};
	for (size_t i = 0; i < n_hosts && !rc; i++) {
		x.host = &hosts[i];
		if (ask->host && ask->host != hosts[i].id)
			continue;
		rc = stays_each(q, &(struct window){.host = hosts[i].id, .from = ask->from, .to = ask->to}, on_process, &x, e);
		note_host(&x, notes);
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
