/* SPDX-License-Identifier: MIT */
/* Marks of the time axis: whose they are, and what came after them. */
#include "query_internal.h"

#define NEAR_MS ((int64_t)24 * 3600 * 1000) /* what happened longer ago explains nothing */

void marks_load(struct query *q, struct pool *p)
{
	struct err e;

	q->marks = NULL;
	q->n_marks = 0;
	if (store_marks(q->view, p, &q->marks, &q->n_marks, &e) < 0) {
		note_fault(q, &e);
		q->n_marks = 0;
	}
}

const struct mark *query_marks(struct query *q, size_t *n)
{
	*n = q->n_marks;
	return q->marks;
}

bool mark_is_of(const struct mark *m, const struct host *h)
{
	return !*m->host || !h || strcmp(m->host, h->name) == 0;
}

const struct mark *query_mark_before(struct query *q, uint32_t host, int64_t t)
{
	const struct host *h = query_host_numbered(q, host);

	for (size_t i = q->n_marks; i-- > 0;)
		if (q->marks[i].time <= t && mark_is_of(&q->marks[i], h))
			return t - q->marks[i].time > NEAR_MS ? NULL : &q->marks[i];
	return NULL;
}

const char *query_after_mark(struct query *q, uint32_t host, int64_t t, struct pool *p)
{
	const struct mark *m = query_mark_before(q, host, t);
	char ago[TIME_MAX];

	return m ? pool_printf(p, "%s after %s", duration_format(ago, t - m->time), m->text) : NULL;
}
