/* SPDX-License-Identifier: MIT */
/* timefmt.h: times are milliseconds since 1970 UTC (int64_t), durations milliseconds; here they become text and back. */
#ifndef GSCRAPE_TIMEFMT_H
#define GSCRAPE_TIMEFMT_H

#include <gscrape/err.h>
#include <gscrape/zone.h>
#include <stdbool.h>
#include <stdint.h>

#define NO_TIME INT64_MIN /* unknown; JSON says null */

int64_t now_ms(void);       /* wall clock */
int64_t monotonic_ms(void); /* for measuring */

/* In which of so many equal pieces of from..to, from < to, a time is: one rule for all charts and what lies over them. -1 before them;
 * `to` itself is in the last one, and what is behind it in one after that. */
static inline int64_t time_column(int64_t t, int64_t from, int64_t to, size_t columns)
{
	int64_t n = (int64_t)columns;

	return t < from ? -1 : t > to ? n : t == to ? n - 1 : (t - from) * n / (to - from);
}

/*
 * A time as people type it: RFC 3339 (2026-11-23T16:05:05Z, +01:00, with or without seconds and fraction), a local
 * date and time (2026-11-23 16:05[:05[.123]], with T or a blank), a time of day (16:05[:05], the last such time before
 * now), "now", or relative to now (-10m, -1h30m). 0 or -1.
 */
int time_parse(const char *text, int64_t now, const struct zone *zone, int64_t *out, struct err *e);

/* Durations as Go writes them: "90s", "1m30s", "250ms", "1.5h"; also d (24 h) and w. A bare 0 is 0. 0 or -1. */
int duration_parse(const char *text, int64_t *out_ms, struct err *e);

/* Sizes: "5GB", "64MiB", "1000000"; k, M, G, T are 1000-based, Ki, Mi, Gi, Ti 1024-based. 0 or -1. */
int size_parse(const char *text, uint64_t *out, struct err *e);

enum time_style {
	TIME_RFC3339, /* 2026-11-23T16:05:05.123Z; fraction left out when it is zero */
	TIME_TABLE,   /* 2026-11-23 16:05:05 */
	TIME_CLOCK,   /* 16:05:05 */
	TIME_HM,      /* 16:05 */
	TIME_ARCHIVE, /* 2026-11-23T16-05-05.123Z, always UTC and milliseconds */
};

#define TIME_MAX 48
/* Writes t into out[TIME_MAX] and returns out. NO_TIME gives "-". */
char *time_format(char *out, int64_t t, enum time_style style, const struct zone *zone);

/* "27m18s", "1h58m", "42s", "350ms", "3d4h": at most two units, as Go would print them but shorter. */
char *duration_format(char *out, int64_t ms);
/* The same where it is a bound: "<=3h" with '<', ">=3h" with '>'; 0: it is none. Not known, '?', is "-",
 * and so is at most nothing. */
char *duration_bound(char *out, char bound, int64_t ms);

#endif
