/* SPDX-License-Identifier: MIT */
/*
 * judge.h: is what happens at a place a leak? The model, apart from where its figures come from and how they are shown.
 */
#ifndef QUERY_JUDGE_H
#define QUERY_JUDGE_H

#include "stays.h"
#include <gscrape/insight.h>

#define TERMS_MAX 16 /* more than there are kinds of them */

struct judgement {
	double log_odds;           /* sum of the terms */
	struct argument terms[TERMS_MAX];
	size_t n_terms;
	uint32_t stuck;            /* those here that are not just passing through */
	uint32_t came;             /* of them, seen coming */
	uint32_t reached, left;    /* all who came to the place; of them those that left or ended */
	uint32_t here, began;      /* there in the last snapshot, in the first one */
	uint32_t first_came, last_came; /* snapshots: when the first and the last of `came` did */
	int64_t oldest;            /* the longest stay, ms */
	uint32_t oldest_at;        /* index into the group's stays */
};

/*
 * The group's stays in one process. False when there is nothing to judge. Texts live in the pool. idle_partners: how many
 * goroutines that the same function started with another go statement are there now, waiting for I/O.
 */
bool judge_growth(const struct stays *s, const struct stay_group *g, uint32_t idle_partners, struct pool *p, struct judgement *out);
/* A set that does not grow: dead locks, nil channels, what Go's detector has marked. */
bool judge_stuck(const struct stays *s, const struct stay_group *g, struct pool *p, struct judgement *out);
/* A lock that many wait for, although it is handed on. */
bool judge_queue(const struct stays *s, const struct stay_group *g, struct pool *p, struct judgement *out);

void judge_add(struct judgement *j, const char *name, double weight, const char *text); /* one more term */
double judge_evidence(const struct judgement *j); /* what the terms say without the odds before */
double probability(double log_odds);

#endif
