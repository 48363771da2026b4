/* SPDX-License-Identifier: MIT */
#include <gscrape/timefmt.h>
#include <gscrape/buf.h>
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int add_date(char *out, const struct civil *c, char between)
{
	return snprintf(out, TIME_MAX, "%04" PRId64 "-%02d-%02d%c", c->year, c->mon, c->day, between);
}

static int add_clock(char *out, int at, const struct civil *c, char between)
{
	return at + snprintf(out + at, (size_t)(TIME_MAX - at), "%02d%c%02d%c%02d", c->hour, between, c->min, between, c->sec);
}

static void add_rfc3339(char *out, const struct civil *c, int offset)
{
	int n = add_clock(out, add_date(out, c, 'T'), c, ':');

	if (c->ms)
		n += snprintf(out + n, (size_t)(TIME_MAX - n), ".%03d", c->ms);
	if (offset == 0)
		snprintf(out + n, (size_t)(TIME_MAX - n), "Z");
	else
		snprintf(out + n, (size_t)(TIME_MAX - n), "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 3600,
			 abs(offset) / 60 % 60);
}

char *time_format(char *out, int64_t t, enum time_style style, const struct zone *zone)
{
	struct civil c;
	int n;

	if (t == NO_TIME)
		return strcpy(out, "-");
	c = zone_civil(style == TIME_ARCHIVE ? NULL : zone, t);
	switch (style) {
	case TIME_TABLE:
		add_clock(out, add_date(out, &c, ' '), &c, ':');
		break;
	case TIME_CLOCK:
		add_clock(out, 0, &c, ':');
		break;
	case TIME_HM:
		snprintf(out, TIME_MAX, "%02d:%02d", c.hour, c.min);
		break;
	case TIME_ARCHIVE:
		n = add_clock(out, add_date(out, &c, 'T'), &c, '-');
		snprintf(out + n, (size_t)(TIME_MAX - n), ".%03dZ", c.ms);
		break;
	case TIME_RFC3339:
		add_rfc3339(out, &c, zone_offset(zone, t));
		break;
	}
	return out;
}

char *duration_bound(char *out, char bound, int64_t ms)
{
	char text[TIME_MAX];

	if (!bound || ms == NO_TIME)
		return duration_format(out, ms);
	if (bound == '?' || (bound == '<' && ms < 1000)) /* they were there when nobody had looked yet */
		return duration_format(out, NO_TIME);
	snprintf(out, TIME_MAX, "%c=%s", bound, duration_format(text, ms));
	return out;
}

char *duration_format(char *out, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}};
	const char *sign = ms < 0 ? "-" : "";

	if (ms == NO_TIME)
		return strcpy(out, "-");
	if (ms < 0)
		ms = -ms;
	if (ms < 1000) {
		snprintf(out, TIME_MAX, ms ? "%s%" PRId64 "ms" : "%s0s", sign, ms);
		return out;
	}
	for (size_t i = 0; i < 4; i++) {
		int64_t big = ms / units[i].ms, small;

		if (!big)
			continue;
		small = i < 3 ? ms % units[i].ms / units[i + 1].ms : 0;
		if (small)
			snprintf(out, TIME_MAX, "%s%" PRId64 "%s%" PRId64 "%s", sign, big, units[i].unit, small, units[i + 1].unit);
		else
			snprintf(out, TIME_MAX, "%s%" PRId64 "%s", sign, big, units[i].unit);
		break;
	}
	return out;
}

/* A row per unit, longest name first where one begins like another. */
struct unit {
	const char *name;
	double size;
};

/* A number and a unit at *s; moves *s behind them. False when there is none. */
static bool number_unit(const char **s, const struct unit *units, double *out)
{
	const char *p = *s;
	char *end;
	double v;

	if (!isdigit((unsigned char)*p) && *p != '.')
		return false;
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		return false;
	v = strtod(p, &end);
	if (end == p)
		return false;
	for (; units->name; units++) {
		size_t n = strlen(units->name);

		if (strncasecmp(end, units->name, n) != 0)
			continue;
		*out = v * units->size;
		*s = end + n;
		return isfinite(*out) && *out < 9e15;
	}
	return false;
}

int duration_parse(const char *text, int64_t *out, struct err *e)
{
	static const struct unit units[] = {{"ms", 1},	    {"us", 1e-3},     {"ns", 1e-6}, {"h", 3600000}, {"m", 60000},
					    {"s", 1000},    {"d", 86400000},  {"w", 604800000}, {0}};
	const char *s = text;
	double sum = 0, v;
	bool minus = *s == '-';

	if (*s == '-' || *s == '+')
		s++;
	if (strcmp(s, "0") == 0) {
		*out = 0;
		return 0;
	}
	do {
		if (!number_unit(&s, units, &v))
			return fail(e, "'%s' is no duration (write 90s, 1m30s, 250ms or 7d)", text);
		sum += v;
	} while (*s);
	if (sum > 9e15)
		return fail(e, "'%s' is no duration (write 90s, 1m30s, 250ms or 7d)", text);
	*out = (int64_t)llround(minus ? -sum : sum);
	return 0;
}

int size_parse(const char *text, uint64_t *out, struct err *e)
{
	static const struct unit units[] = {{"KiB", 1024.0},	     {"MiB", 1048576.0}, {"GiB", 1073741824.0},
					    {"TiB", 1099511627776.0}, {"Ki", 1024.0},	 {"Mi", 1048576.0},
					    {"Gi", 1073741824.0},     {"Ti", 1099511627776.0}, {"KB", 1e3},
					    {"MB", 1e6},	      {"GB", 1e9},	 {"TB", 1e12},
					    {"K", 1e3},	      {"M", 1e6},	 {"G", 1e9},
					    {"T", 1e12},	      {"B", 1},		 {"", 1}, {0}};
	const char *s = text;
	double v;

	if (!number_unit(&s, units, &v) || *s)
		return fail(e, "'%s' is no size (write 500MB, 5GB or 64MiB)", text);
	*out = (uint64_t)llround(v);
	return 0;
}

/* Date and time at s; how many characters were taken, 0 when it is none. */
static int date_and_time(const char *s, struct civil *c)
{
	int n = 0, m = 0, year;

	*c = (struct civil){0};
	if (sscanf(s, "%4d-%2d-%2d%n", &year, &c->mon, &c->day, &n) < 3 || n < 8)
		return 0;
	c->year = year;
	if (c->mon < 1 || c->mon > 12 || c->day < 1 || c->day > 31 || year < 1970)
		return 0;
	if ((s[n] == 'T' || s[n] == ' ' || s[n] == 't') && isdigit((unsigned char)s[n + 1])) {
		if (sscanf(s + n + 1, "%2d:%2d%n", &c->hour, &c->min, &m) < 2)
			return 0;
		n += 1 + m;
	}
	return n;
}

/* ":SS" and ".mmm" at s. */
static int seconds(const char *s, struct civil *c)
{
	int n = 0;

	if (s[0] == ':' && sscanf(s, ":%2d%n", &c->sec, &n) == 1 && s[n] == '.') {
		int scale = 100;

		for (n++; isdigit((unsigned char)s[n]); n++, scale /= 10)
			c->ms += (s[n] - '0') * scale;
	}
	return n;
}

static bool clock_ok(const struct civil *c)
{
	return c->hour >= 0 && c->hour < 24 && c->min >= 0 && c->min < 60 && c->sec >= 0 && c->sec <= 60;
}

/* A clock time without a date: the last one before now. */
static bool time_of_day(const char *text, int64_t now, const struct zone *zone, int64_t *out)
{
	struct civil c = {0}, today = zone_civil(zone, now);
	int n = 0;

	if (sscanf(text, "%2d:%2d%n", &c.hour, &c.min, &n) < 2)
		return false;
	n += seconds(text + n, &c);
	if (text[n] || !clock_ok(&c))
		return false;
	c.year = today.year;
	c.mon = today.mon;
	for (int back = 0; back < 2; back++) {
		c.day = today.day - back;
		*out = zone_time(zone, &c, NULL);
		if (*out <= now)
			break;
	}
	return true;
}

/* "Z", "+01:00" or nothing behind a time: how far it is from UTC in ms, or that `zone` decides. */
static bool offset_at(const char *s, bool *given, int64_t *offset)
{
	int hours, minutes, n = 0;

	*given = *s;
	*offset = 0;
	if (!*s || strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return true;
	if ((*s != '+' && *s != '-') || sscanf(s + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 || s[1 + n])
		return false;
	*offset = (*s == '-' ? -1 : 1) * (hours * 60 + minutes) * 60000LL;
	return true;
}

/* Whether text is a time in one of the forms that are understood. */
static bool some_time(const char *text, int64_t now, const struct zone *zone, int64_t *out)
{
	struct civil c;
	int64_t d;
	bool given;
	int n;

	if (strcmp(text, "now") == 0) {
		*out = now;
		return true;
	}
	if ((text[0] == '-' || text[0] == '+') && duration_parse(text, &d, NULL) == 0) {
		*out = now + d;
		return true;
	}
	if (time_of_day(text, now, zone, out))
		return true;
	n = date_and_time(text, &c);
	if (n)
		n += seconds(text + n, &c);
	if (!n || !clock_ok(&c) || !offset_at(text + n, &given, &d))
		return false;
	*out = zone_time(given ? NULL : zone, &c, NULL) - d;
	return true;
}

int time_parse(const char *text, int64_t now, const struct zone *zone, int64_t *out, struct err *e)
{
	int64_t t;

	if (!some_time(text, now, zone, &t))
		return fail(e, "'%s' is no time (write 2026-11-23T16:05:05Z, '2026-11-23 16:05', 16:05 or -10m)", text);
	if (t < 0)
		return fail(e, "'%s' is before 1970", text);
	*out = t;
	return 0;
}
