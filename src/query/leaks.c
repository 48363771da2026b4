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
	double log_odds;
};

struct search {
	struct query *q;
	const struct leak_question *ask;
	const struct host *host;
	struct pool *p;
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

static const struct stay *oldest_first_keep(const struct stays *st, const struct stay_group *g, uint32_t k)
{
	return &st->a[g->first + k];
}

/* Who is there in the last snapshot. */
static void describe(struct suspect *s, const struct stays *st, const struct stay_group *g, const struct judgement *j, struct pool *p)
{
	const struct stay *some = oldest_first_keep(st, g, j->oldest_at);

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
	s->ids = pool_alloc(p, (j->here + 1) * sizeof *s->ids);
	for (uint32_t i = 0, n = 0; i < g->n && n < j->here; i++)
		if (st->a[g->first + i].flags & STAY_HERE)
			s->ids[n++] = st->a[g->first + i].id;
}

static int on_process(void *ctx, const struct stays *st)
{
	struct search *x = ctx;

	for (size_t i = 1; i < st->n_groups; i++) {
		struct judgement j;
		struct suspect s = {.host = x->host->id, .host_name = x->host->name, .kind = SUSPECT_GROWTH};

		if (!st->groups[i].place.func || !st->groups[i].n || !judge_growth(st, &st->groups[i], x->p, &j))
			continue;
		describe(&s, st, &st->groups[i], &j, x->p);
		argue(&s, &j, x->p);
		GROW(x->a, x->n, x->cap);
		x->a[x->n++] = (struct finding){s, j.log_odds};
	}
	return 0;
}

static int best_first(const void *pa, const void *pb)
{
	const struct finding *a = pa, *b = pb;

	if (a->log_odds != b->log_odds)
		return a->log_odds > b->log_odds ? -1 : 1;
	return a->s.count > b->s.count ? -1 : a->s.count < b->s.count;
}

int query_leaks(struct query *q, const struct leak_question *ask, struct pool *p, struct suspect **out, size_t *n,
		struct leak_notes *notes, struct err *e)
{
	struct search x = {.q = q, .ask = ask, .p = p};
	size_t n_hosts;
	const struct host *hosts = query_hosts(q, &n_hosts);
	int rc = 0;

	*n = 0;
	*notes = (struct leak_notes){0};
	for (size_t i = 0; i < n_hosts && !rc; i++) {
		x.host = &hosts[i];
		if (!ask->host || ask->host == hosts[i].id)
			rc = stays_each(q, hosts[i].id, ask->from, ask->to, on_process, &x, e);
	}
	if (x.n)
		qsort(x.a, x.n, sizeof *x.a, best_first);
	*out = pool_alloc(p, (x.n + 1) * sizeof **out);
	for (size_t i = 0; i < x.n && !rc; i++) {
		struct suspect *s = &x.a[i].s;

		s->score = probability(x.a[i].log_odds);
		s->verdict = s->score >= SURE ? VERDICT_LEAK : s->score >= WORTH ? VERDICT_WATCH : VERDICT_NONE;
		if (s->score >= ask->least)
			(*out)[(*n)++] = *s;
	}
	free(x.a);
	return rc;
}
