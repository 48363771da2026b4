/* SPDX-License-Identifier: MIT */
#include "base/zone_rule.h"
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define DAY 86400

/* --- the calendar: years begin in March here, so that the odd day is a year's last --- */

int64_t days_of_date(int64_t year, int mon, int day)
{
	int64_t y = mon <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (mon > 2 ? mon - 3 : mon + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_of_days(int64_t days, int64_t *year, int *mon, int *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = (int)(of_era - (365 * y + y / 4 - y / 100)), m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*mon = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*mon <= 2);
}

static bool is_leap(int64_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int64_t rule_day_of(const struct rule_day *d, int64_t year)
{
	int64_t first = days_of_date(year, d->kind == 'M' ? d->month : 1, 1), next;
	int weekday;

	if (d->kind == 'D')
		return first + d->day;
	if (d->kind == 'J')
		return first + d->day - 1 + (d->day > 59 && is_leap(year));
	weekday = (int)((first % 7 + 11) % 7); /* 1970 began on a Thursday */
	first += (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
	next = days_of_date(year + d->month / 12, d->month % 12 + 1, 1);
	return first < next ? first : first - 7;
}

struct zone_span rule_span(const struct zone_rule *r, int64_t sec)
{
	struct zone_span s = {INT64_MIN, INT64_MAX, r->standard};
	int64_t year;
	int mon, day;

	if (!r->changes)
		return s;
	date_of_days(sec / DAY - (sec % DAY < 0), &year, &mon, &day);
	/* A change may lie some days within a neighbouring year, and one of these may end where the other begins. */
	for (int64_t y = year - 1; y <= year + 1; y++) {
		int64_t summer = rule_day_of(&r->to_summer, y) * DAY + r->to_summer.time - r->standard;
		int64_t standard = rule_day_of(&r->to_standard, y) * DAY + r->to_standard.time - r->summer;
		struct zone_span at[2] = {{summer, 0, r->summer}, {standard, 0, r->standard}};
		bool turned = summer >= standard; /* south of the equator; where both are equal, summer goes on */

		for (int i = 0; i < 2; i++) {
			const struct zone_span *c = &at[turned ? 1 - i : i];

			if (c->from <= sec)
				s = (struct zone_span){c->from, INT64_MAX, c->offset};
			else if (s.to > c->from)
				s.to = c->from;
		}
	}
	return s;
}

/* --- the text: "CET-1CEST,M3.5.0,M10.5.0/3", "<+0530>-5:30" --- */

static bool abbreviation(const char **s)
{
	const char *p = *s, *begin = p;

	if (*p == '<') {
		begin = ++p;
		while (isalnum((unsigned char)*p) || *p == '+' || *p == '-')
			p++;
		*s = p + 1;
		return *p == '>' && p - begin >= 3;
	}
	while (isalpha((unsigned char)*p))
		p++;
	*s = p;
	return p - begin >= 3;
}

/* Digits up to `most` at *s; -1 when there are none, or it is more. */
static int number(const char **s, int most)
{
	int v = 0;

	if (!isdigit((unsigned char)**s))
		return -1;
	for (; isdigit((unsigned char)**s); (*s)++) {
		v = v * 10 + (**s - '0');
		if (v > most)
			return -1;
	}
	return v;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool clock_time(const char **s, int most_hours, int32_t *out)
{
	int sign = **s == '-' ? -1 : 1, part[3] = {0};

	if (**s == '-' || **s == '+')
		(*s)++;
	for (int i = 0; i < 3; i++) {
		if (i && *(*s)++ != ':') {
			(*s)--;
			break;
		}
		part[i] = number(s, i ? 59 : most_hours);
		if (part[i] < 0)
			return false;
	}
	*out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
	return true;
}

static bool rule_day(const char **s, struct rule_day *d)
{
	*d = (struct rule_day){.kind = 'D', .time = 2 * 3600};
	if (*(*s)++ != ',')
		return false;
	if (**s == 'M') {
		(*s)++;
		d->kind = 'M';
		d->month = number(s, 12);
		d->week = *(*s)++ == '.' ? number(s, 5) : -1;
		d->day = d->week > 0 && *(*s)++ == '.' ? number(s, 6) : -1;
		if (d->month < 1 || d->week < 1 || d->day < 0)
			return false;
	} else {
		if (**s == 'J') {
			(*s)++;
			d->kind = 'J';
		}
		d->day = number(s, 365);
		if (d->day < (d->kind == 'J'))
			return false;
	}
	if (**s != '/')
		return true;
	(*s)++;
	return clock_time(s, 167, &d->time);
}

bool rule_parse(const char *s, struct zone_rule *r)
{
	static const char usual[] = ",M3.2.0,M11.1.0"; /* where none is given */
	int32_t west;
	const char *days;

	*r = (struct zone_rule){0};
	if (!abbreviation(&s) || !clock_time(&s, 24, &west))
		return false;
	r->standard = -west;
	if (!*s)
		return true;
	if (!abbreviation(&s))
		return false;
	r->changes = true;
	r->summer = r->standard + 3600;
	if (*s && *s != ',') {
		if (!clock_time(&s, 24, &west))
			return false;
		r->summer = -west;
	}
	days = *s ? s : usual;
	return rule_day(&days, &r->to_summer) && rule_day(&days, &r->to_standard) && !*days;
}
