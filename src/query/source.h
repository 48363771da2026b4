/* SPDX-License-Identifier: MIT */
/* source.h: what intervals are made from: goroutines' events, in pieces of time, of all or of one. */
#ifndef QUERY_SOURCE_H
#define QUERY_SOURCE_H

#include "room.h"

struct source; /* lives as long as q->view */
/* All: NULL on failure. One: NULL when the goroutine is unknown (rc 0), or on failure (rc -1). */
struct source *source_all(struct query *q, uint32_t host, uint32_t from, uint32_t to, struct err *e);
struct source *source_one(struct query *q, const struct goroutine_key *who, int *rc, struct err *e);
int source_next(struct source *s, struct walk_step *out, struct err *e); /* 1, 0 no more, -1 */
void source_end(struct source *s);

#endif
