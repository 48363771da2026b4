/* SPDX-License-Identifier: MIT */
/*
 * zone.h: a time zone is a value: opened once, then asked by any thread. Nothing here looks at the environment or at a
 * file after zone_open, and the C library's idea of a zone is never asked, since that is one for the whole process.
 */
#ifndef GSCRAPE_ZONE_H
#define GSCRAPE_ZONE_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

struct zone; /* NULL is UTC, wherever a zone is asked for */

/*
 * "UTC"; "local", which is what TZ names, or /etc/localtime, or else UTC; a name of the system's folder of zones
 * ("Europe/Berlin"; TZDIR may name another folder); a file's path; or a rule as POSIX writes it
 * ("CET-1CEST,M3.5.0,M10.5.0/3"). NULL with a sentence when it is none of them. It lives as long as the pool.
 */
const struct zone *zone_open(struct pool *p, const char *name, struct err *e);

const char *zone_name(const struct zone *z); /* as it was opened */
bool zone_is_utc(const struct zone *z);      /* was it asked for by that name, or not at all */

/* Seconds east of UTC at t, which is ms since 1970 UTC. */
int zone_offset(const struct zone *z, int64_t t);

/* A date and a clock's time, as people write them. */
struct civil {
	int64_t year;
	int mon, day;            /* 1…12, 1…31 */
	int hour, min, sec, ms;
};

struct civil zone_civil(const struct zone *z, int64_t t);

/*
 * When a clock of this zone shows it, in ms since 1970 UTC; a field may be out of its range (day 0 is the day before the
 * first). In the hour that comes twice in autumn it is the first time, and *other (NULL: nobody asks) the second; else
 * *other is NO_TIME. A time that is skipped in spring is as far behind the last one before as it says.
 */
int64_t zone_time(const struct zone *z, const struct civil *c, int64_t *other);

#endif
