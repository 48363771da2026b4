/* SPDX-License-Identifier: MIT */
/* source.h: what intervals are made from: goroutines' events, in pieces of time. */
#ifndef QUERY_SOURCE_H
#define QUERY_SOURCE_H

#include "room.h"

struct step {
	uint32_t piece, epoch, first_seq, last_seq; /* piece: another number, another stretch of time */
	uint64_t id;
	const struct living *start;  /* what it was when the piece begins; NULL: not there */
	const struct event *events;
	size_t n;
};

struct source;
struct source *source_all(struct query *q, uint32_t host, uint32_t from, uint32_t to);
/* NULL when the goroutine is unknown (rc 0), or on failure (rc -1). */
struct source *source_one(struct query *q, uint32_t host, uint32_t epoch, uint64_t id, int *rc, struct err *e);
int source_next(struct source *s, struct step *out, struct err *e); /* 1, 0 no more, -1 */
void source_end(struct source *s);

#endif
