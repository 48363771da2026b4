/* SPDX-License-Identifier: MIT */
/* room.h: what the exports share. */
#ifndef EXPORT_ROOM_H
#define EXPORT_ROOM_H

#include <gscrape/export.h>

int export_pprof(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);
int export_folded(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);
int export_trace(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);

int export_grouped(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);
int export_dump(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);
int export_svg(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);
int export_dot(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);

/* Of each host those that are alive at the ask's time and pass, told to fn one host after the other. 0 or -1, also when nothing is
 * known of any host then. */
int each_alive(struct query *q, const struct export_ask *ask,
	       bool (*fn)(void *ctx, const struct host *h, const struct snapshot *s, const struct alive *a, size_t n), void *ctx, struct err *e);

/* Why nothing is known of any of the hosts then: -1 with the sentence. */
int nothing_at(struct query *q, const struct export_ask *ask, int64_t t, struct err *e);
/* 0 when a host has a snapshot in from..to, or -1 with a sentence. */
int something_within(struct query *q, const struct export_ask *ask, struct err *e);

/* The text itself when it is plain UTF-8 without control bytes; else as it may be shown, in the pool. NULL is "". */
char *plain_text(struct pool *p, const char *s);

#endif
