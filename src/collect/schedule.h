/* SPDX-License-Identifier: MIT */
/*
 * schedule.h: when a target is due. Pure: the clock (any monotonic ms) is passed in.
 *
 * Each target has a grid: points `interval` apart, at a phase of its own so that targets spread evenly over
 * the interval. A scrape belongs to one grid point. One that is late, or lasts longer than the interval, does
 * not move the grid: the points it covered are missed, and the next one is served on time. The first scrape
 * comes soon after the start rather than at its phase, so that a person with two targets sees both. After
 * failures a target is asked less and less often, at times with jitter; the first success brings it back to
 * its grid.
 */
#ifndef COLLECT_SCHEDULE_H
#define COLLECT_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_SPREAD_MS 100     /* at most so long between two first scrapes */
#define SCHEDULE_BACKOFF_MAX 8     /* intervals between attempts, at most, */
#define SCHEDULE_BACKOFF_MS 300000 /* and ms, unless the interval itself is longer */

struct schedule {
	int64_t interval;
	int64_t grid; /* a grid point: the one being served, or the last that was */
	int64_t due;  /* when to begin next */
	bool busy;
	bool off_grid;     /* due is no grid point: the first scrape, or one after a failure */
	uint32_t failures; /* in a row */
	uint64_t missed; /* grid points at which nothing could begin because the last scrape still went on, or
	                  * the scraper itself came too late */
	uint64_t random;
};

/* The `index`th target of `n` that start at `now`. seed: anything that differs per target. */
void schedule_init(struct schedule *s, int64_t now, int64_t interval, uint64_t index, uint64_t n,
                   uint64_t seed);
static inline bool schedule_is_due(const struct schedule *s, int64_t now)
{
	return !s->busy && now >= s->due;
}
void schedule_begin(struct schedule *s, int64_t now);
/* It ended; a partial or truncated dump is a success. */
void schedule_end(struct schedule *s, int64_t now, bool ok);
/* It cost much: it is not due before `until`. Grid points before that are missed. */
void schedule_push(struct schedule *s, int64_t until);

#endif
