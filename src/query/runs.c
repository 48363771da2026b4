/* SPDX-License-Identifier: MIT */
/* Every run there was, and what a run is of an interval. */
#include "interval.h"

struct run run_of(const struct range *r, const struct interval *v)
{
	struct query *q = r->q;

	return (struct run){.from = range_time(r, v->run), .to = range_time(r, v->to), .from_seq = v->run, .to_seq = v->to,
			    .samples = v->samples, .state = query_string(q, v->state), .state_id = v->state,
			    .family = query_family(q, v->state, v->stack), .flags = v->flags,
			    .labels = labels_of(q, v->labels), .labels_id = v->labels, .stack = v->stack, .minutes = v->minutes,
			    .moved = v->moved ? range_time(r, v->moved) : NO_TIME, .moved_proof = v->moved_proof, .wait_object = v->wait_object};
}

struct window_run window_run_of(const struct range *r, const struct interval *v)
{
	return (struct window_run){.epoch = v->epoch, .id = v->id, .parent = v->parent, .born = range_time(r, v->born), .run = run_of(r, v),
				   .until = v->ended == ENDED_CHANGED ? range_time(r, v->end) : NO_TIME,
				   .first = v->run == v->born || v->run <= r->text,
				   .done = v->mark <= r->from ? 0 : (double)(v->mark - r->from) / (double)(r->to - r->from + 1)};
}

int query_runs(struct query *q, const struct window *w, bool (*fn)(void *ctx, const struct window_run *t), void *ctx,
	       struct err *e)
{
	struct interval_question ask = {.w = *w, .live = true};
	const struct interval *v;
	struct intervals *it;
	const struct range *r;
	int rc;

	if (!host_row(q, w->host))
		return fail(e, "%s: has no such host", q->path);
	rc = intervals_begin(q, &ask, &it, e);
	if (rc != 1)
		return rc;
	r = intervals_range(it);
	while ((rc = intervals_next(it, &v)) == 1) {
		struct window_run t = window_run_of(r, v);

		if (!fn(ctx, &t)) {
			rc = 0;
			break;
		}
	}
	intervals_end(it);
	return rc;
}
