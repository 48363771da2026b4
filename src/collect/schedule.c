/* SPDX-License-Identifier: MIT */
#include "collect/schedule.h"
#include <math.h>

static uint64_t next_random(struct schedule *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

/* Multiples of the golden ratio, modulo 1, fill the interval evenly for any number of targets, later ones
 * included. */
static int64_t phase(uint64_t index, int64_t interval)
{
	double turns = (double)index * 0.6180339887498949;

	return (int64_t)((turns - floor(turns)) * (double)interval);
}

void schedule_init(struct schedule *s, int64_t now, int64_t interval, uint64_t index, uint64_t n,
                   uint64_t seed)
{
	int64_t step = n ? interval / (int64_t)n : 0;

	if (step > SCHEDULE_SPREAD_MS)
		step = SCHEDULE_SPREAD_MS;
	*s = (struct schedule){.interval = interval, .random = seed | 1, .off_grid = true};
	s->grid = now + phase(index, interval) - interval;
	s->due = now + step * (int64_t)(n ? index % n : 0);
}

/* Move the grid point to the last one at or before t; returns how many steps that were. */
static int64_t advance(struct schedule *s, int64_t t)
{
	int64_t steps = t > s->grid ? (t - s->grid) / s->interval : 0;

	s->grid += steps * s->interval;
	return steps;
}

void schedule_begin(struct schedule *s, int64_t now)
{
	int64_t late = now - s->due;

	if (late >= s->interval && !s->off_grid)
		s->missed += (uint64_t)(late / s->interval);
	advance(s, now);
	s->busy = true;
}

static int64_t backoff(struct schedule *s)
{
	int64_t most = SCHEDULE_BACKOFF_MAX * s->interval, wait = s->interval;

	if (most > SCHEDULE_BACKOFF_MS)
		most = SCHEDULE_BACKOFF_MS;
	if (most < s->interval)
		most = s->interval;
	for (uint32_t i = 1; i < s->failures && wait < most; i++)
		wait *= 2;
	if (wait > most)
		wait = most;
	return wait * 3 / 4 + (int64_t)(next_random(s) % (uint64_t)(wait / 2 + 1));
}

void schedule_end(struct schedule *s, int64_t now, bool ok)
{
	int64_t covered = advance(s, now - 1); /* a point at this very moment can still be served */

	s->busy = false;
	if (!ok) {
		s->failures++;
		s->due = now + backoff(s);
		s->off_grid = true;
		return;
	}
	if (s->off_grid && covered)
		covered--; /* the point near which it began anyway */
	s->missed += (uint64_t)covered;
	s->failures = 0;
	s->due = s->grid + s->interval;
	if (s->off_grid && s->due - now < s->interval / 4)
		s->due += s->interval; /* not twice in short time */
	s->off_grid = false;
}

void schedule_push(struct schedule *s, int64_t until)
{
	int64_t steps = until > s->due ? (until - s->due + s->interval - 1) / s->interval : 0;

	s->due += steps * s->interval;
	if (!s->off_grid) {
		s->grid += steps * s->interval;
		s->missed += (uint64_t)steps;
	}
}
