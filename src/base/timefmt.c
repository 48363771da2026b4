/* SPDX-License-Identifier: MIT */
/*
 * C knows one time zone at a time, the TZ of the environment. A named zone other than the local one is had by changing
 * TZ for the length of one call, under a lock that every conversion here takes.
 */
#include <gscrape/timefmt.h>
#include <gscrape/buf.h>
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t zone_lock = PTHREAD_MUTEX_INITIALIZER;

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

/* Enter `zone`; the result goes to zone_leave. */
static char *zone_enter(const char *zone)
{
	char *was = NULL;

	pthread_mutex_lock(&zone_lock);
	if (zone) {
		was = getenv("TZ") ? xstrdup(getenv("TZ")) : NULL;
		setenv("TZ", zone, 1);
	}
	tzset();
	return was;
}

static void zone_leave(const char *zone, char *was)
{
	if (zone) {
		if (was)
			setenv("TZ", was, 1);
		else
			unsetenv("TZ");
		tzset();
		free(was);
	}
	pthread_mutex_unlock(&zone_lock);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static struct tm broken_down(int64_t t, const char *zone)
{
	time_t sec = (time_t)floor_div(t, 1000);
	struct tm tm = {0};

	if (zone && strcmp(zone, "UTC") == 0) {
		gmtime_r(&sec, &tm);
	} else {
		char *was = zone_enter(zone);

		localtime_r(&sec, &tm);
		zone_leave(zone, was);
	}
	return tm;
}

int zone_offset(int64_t t, const char *zone)
{
	return (int)broken_down(t, zone).tm_gmtoff;
}

int64_t zone_to_ms(int year, int mon, int day, int hour, int min, int sec, int ms, const char *zone, int64_t *other)
{
	struct tm tm = {.tm_year = year - 1900, .tm_mon = mon - 1, .tm_mday = day,
			.tm_hour = hour, .tm_min = min, .tm_sec = sec};
	struct tm summer = tm, winter = tm;
	time_t a, b;
	char *was;

	if (other)
		*other = NO_TIME;
	if (zone && strcmp(zone, "UTC") == 0)
		return (int64_t)timegm(&tm) * 1000 + ms;
	was = zone_enter(zone);
	summer.tm_isdst = 1;
	winter.tm_isdst = 0;
	tm.tm_isdst = -1;
	a = mktime(&summer);
	b = mktime(&winter);
	/* Both readings hold only in the hour that comes twice; elsewhere mktime moved one of them. */
	if (a != b && summer.tm_hour == hour && summer.tm_min == min && winter.tm_hour == hour && winter.tm_min == min) {
		if (other)
			*other = (int64_t)(a > b ? a : b) * 1000 + ms;
		a = a < b ? a : b;
	} else {
		a = mktime(&tm);
	}
	zone_leave(zone, was);
	return (int64_t)a * 1000 + ms;
}

char *time_format(char *out, int64_t t, enum time_style style, const char *zone)
{
	struct tm tm;
	int ms, n;

	if (t == NO_TIME)
		return strcpy(out, "-");
	if (style == TIME_ARCHIVE)
		zone = "UTC";
	tm = broken_down(t, zone);
	ms = (int)(t - floor_div(t, 1000) * 1000);
	switch (style) {
	case TIME_TABLE:
		strftime(out, TIME_MAX, "%Y-%m-%d %H:%M:%S", &tm);
		break;
	case TIME_CLOCK:
		strftime(out, TIME_MAX, "%H:%M:%S", &tm);
		break;
	case TIME_HM:
		strftime(out, TIME_MAX, "%H:%M", &tm);
		break;
	case TIME_ARCHIVE:
		n = (int)strftime(out, TIME_MAX, "%Y-%m-%dT%H-%M-%S", &tm);
		snprintf(out + n, (size_t)(TIME_MAX - n), ".%03dZ", ms);
		break;
	case TIME_RFC3339:
		n = (int)strftime(out, TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
		if (ms)
			n += snprintf(out + n, (size_t)(TIME_MAX - n), ".%03d", ms);
		if (tm.tm_gmtoff == 0)
			snprintf(out + n, (size_t)(TIME_MAX - n), "Z");
		else
			snprintf(out + n, (size_t)(TIME_MAX - n), "%c%02ld:%02ld", tm.tm_gmtoff < 0 ? '-' : '+',
				 labs(tm.tm_gmtoff) / 3600, labs(tm.tm_gmtoff) / 60 % 60);
		break;
	}
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

/* Date and time fields at s; how many characters were taken, 0 when it is none. */
static int fields(const char *s, int f[7])
{
	int n = 0, m = 0;

	f[3] = f[4] = f[5] = f[6] = 0;
	if (sscanf(s, "%4d-%2d-%2d%n", &f[0], &f[1], &f[2], &n) < 3 || n < 8)
		return 0;
	if (f[1] < 1 || f[1] > 12 || f[2] < 1 || f[2] > 31 || f[0] < 1970)
		return 0;
	if ((s[n] == 'T' || s[n] == ' ' || s[n] == 't') && isdigit((unsigned char)s[n + 1])) {
		if (sscanf(s + n + 1, "%2d:%2d%n", &f[3], &f[4], &m) < 2)
			return 0;
		n += 1 + m;
	}
	return n;
}

/* ":SS" and ".mmm" at s. */
static int seconds(const char *s, int f[7])
{
	int n = 0;

	if (s[0] == ':' && sscanf(s, ":%2d%n", &f[5], &n) == 1 && s[n] == '.') {
		int scale = 100;

		for (n++; isdigit((unsigned char)s[n]); n++, scale /= 10)
			f[6] += (s[n] - '0') * scale;
	}
	return n;
}

static bool clock_ok(const int f[7])
{
	return f[3] >= 0 && f[3] < 24 && f[4] >= 0 && f[4] < 60 && f[5] >= 0 && f[5] <= 60;
}

/* A clock time without a date: the last one before now. */
static bool time_of_day(const char *text, int64_t now, const char *zone, int64_t *out)
{
	int f[7] = {0}, n = 0;
	struct tm tm = broken_down(now, zone);

	if (sscanf(text, "%2d:%2d%n", &f[3], &f[4], &n) < 2)
		return false;
	n += seconds(text + n, f);
	if (text[n] || !clock_ok(f))
		return false;
	for (int back = 0; back < 2; back++) {
		*out = zone_to_ms(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday - back, f[3], f[4], f[5], f[6], zone, NULL);
		if (*out <= now)
			break;
	}
	return true;
}

int time_parse(const char *text, int64_t now, const char *zone, int64_t *out, struct err *e)
{
	int f[7] = {0}, n, oh, om, m = 0;
	int64_t d;

	if (strcmp(text, "now") == 0) {
		*out = now;
		return 0;
	}
	if ((text[0] == '-' || text[0] == '+') && duration_parse(text, &d, NULL) == 0) {
		*out = now + d;
		return 0;
	}
	if (time_of_day(text, now, zone, out))
		return 0;
	n = fields(text, f);
	if (n) {
		const char *rest = text + n + seconds(text + n, f);

		if (clock_ok(f) && (strcmp(rest, "Z") == 0 || strcmp(rest, "z") == 0)) {
			*out = zone_to_ms(f[0], f[1], f[2], f[3], f[4], f[5], f[6], "UTC", NULL);
			return 0;
		}
		if (clock_ok(f) && (*rest == '+' || *rest == '-') && sscanf(rest + 1, "%2d:%2d%n", &oh, &om, &m) == 2 && !rest[1 + m]) {
			*out = zone_to_ms(f[0], f[1], f[2], f[3], f[4], f[5], f[6], "UTC", NULL) -
			       (*rest == '-' ? -1 : 1) * (oh * 60 + om) * 60000LL;
			return 0;
		}
		if (clock_ok(f) && !*rest) {
			*out = zone_to_ms(f[0], f[1], f[2], f[3], f[4], f[5], f[6], zone, NULL);
			return 0;
		}
	}
	return fail(e, "'%s' is no time (write 2026-11-23T16:05:05Z, '2026-11-23 16:05', 16:05 or -10m)", text);
}

bool zone_known(const char *zone)
{
	size_t letters = strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	char *path;
	bool found;

	if (strcmp(zone, "UTC") == 0 || (letters >= 3 && strspn(zone + letters, "+-0123456789") > 0))
		return true; /* CET-1CEST,M3.5.0,M10.5.0/3 */
	zone += *zone == ':';
	path = xasprintf("%s%s", *zone == '/' ? "" : "/usr/share/zoneinfo/", zone);
	found = *zone && access(path, R_OK) == 0;
	free(path);
	return found;
}
