/* SPDX-License-Identifier: MIT */
/* zone_rule.h: a zone's rule as POSIX writes it in TZ, and as zoneinfo files write it for the years behind their table. */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* A day of each year, and a time of it. */
struct rule_day {
	char kind;            /* 'M' month, week, weekday; 'J' 1…365, February 29 not counted; 'D' 0…365 */
	int month, week, day; /* week 5 is the last; day alone for J and D */
	int32_t time;         /* seconds of the clock that is left; may be negative, or of days later */
};

struct zone_rule {
	int32_t standard, summer; /* seconds east of UTC */
	bool changes;             /* is there a summer time */
	struct rule_day to_summer, to_standard;
};

/* While an offset holds: from <= t < to, in seconds; INT64_MIN and INT64_MAX where there is no end. */
struct zone_span {
	int64_t from, to;
	int32_t offset;
};

bool rule_parse(const char *text, struct zone_rule *out); /* the whole text, or it is none */
struct zone_span rule_span(const struct zone_rule *r, int64_t sec);

/* Days since 1970 of a date of the Gregorian calendar, and back; months out of range are not known here. */
int64_t days_of_date(int64_t year, int mon, int day);
void date_of_days(int64_t days, int64_t *year, int *mon, int *day);

#endif
