/* SPDX-License-Identifier: MIT */
/*
 * score.h: is what happens at a place a leak? The model, apart from where its figures come from and how they are shown.
 */
#ifndef QUERY_SCORE_H
#define QUERY_SCORE_H

#include "relatives.h"
#include <gscrape/insight.h>

#define TERMS_MAX 20 /* more than there are kinds of them */

struct score {
	double log_odds;           /* sum of the terms */
	struct argument terms[TERMS_MAX];
	size_t n_terms;
	uint32_t stuck;            /* those here that are not just passing through */
	uint32_t came;             /* of them, seen coming */
	uint32_t reached, left;    /* all who came to the place; of them those that left or ended */
	uint32_t here, began;      /* there in the last snapshot, in the first one */
	uint32_t first_came, last_came; /* snapshots: when the first and the last of `came` did */
	uint32_t stuck_before;     /* of the stuck, there already when the process or the window begins */
	bool ended;                /* a leak that does not go on explains it better */
	bool watch;                /* too little is known for more than a watch */
	double pace;               /* ln of how much likelier their arrivals are in a leak that goes on */
	double steps;              /* 1: so few arrivals that each may be a step by itself; 0: a stream */
	int64_t oldest;            /* the longest residency, ms */
	uint32_t oldest_at;        /* index into the group's residencies */
};

/* The group's residencies in one process. False when there is nothing to judge. Texts live in the pool. */
bool score_growth(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out);
/* The last term of a growing suspect: that what grows so may be kept on purpose. */
void score_kept(struct score *j, bool grouped, struct pool *p);
/* A set that does not grow: dead locks, nil channels, what Go's detector has marked. */
bool score_stuck(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out);
/* Those that could run at each look, at one line, from the first on. */
bool score_busy(const struct residencies *s, const struct residency_group *g, struct pool *p, struct score *out);
/* Those that moved all the time, and then never again. */
bool score_rest(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out);
/* The same line of a function, whatever dumps of another form call the file. */
static inline bool same_place(const struct frame *a, const struct frame *b)
{
	return a->func_id == b->func_id && a->line == b->line;
}

/* Those of which a goroutine passes the question's filter come first; *n becomes how many. 0 or -1. */
int suspects_where(struct query *q, const struct leak_question *ask, struct suspect *s, size_t *n, struct err *e);
/* Those of one place on hosts that are asked about together become one, the most likely; *n becomes how many. */
void suspects_together(double least, struct suspect *s, size_t *n);
/* One or two snapshots: many that have waited for long, by the minutes of the dump. */
bool score_many(const struct residencies *s, const struct residency_group *g, struct relatives *relatives, struct pool *p, struct score *out);
/* A lock that many wait for, although it is handed on. */
bool score_queue(const struct residencies *s, const struct residency_group *g, struct pool *p, struct score *out);

void score_add(struct score *j, const char *name, double weight, const char *text); /* one more term */
double probability(double log_odds);

#endif
