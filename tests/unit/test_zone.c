/* SPDX-License-Identifier: MIT */
/* Time zones, against what the C library says of the same ones: it knows one at a time, so each is asked in a child. */
#include <gscrape/hash.h>
#include <gscrape/timefmt.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "/usr/share/zoneinfo/"
#define HOUR   3600000LL

/* From 1900 to 2100, in ms. */
#define FIRST (-2208988800000LL)
#define LAST  4102444800000LL

static struct tm libc_civil(int64_t t)
{
	time_t sec = (time_t)(t / 1000 - (t % 1000 < 0));
	struct tm tm;

	localtime_r(&sec, &tm);
	return tm;
}

/* Is this moment the same on our clock and on libc's, and does our clock's time lead back to it? */
static bool agrees(const struct zone *z, int64_t t)
{
	struct tm tm = libc_civil(t);
	struct civil c = zone_civil(z, t);
	int64_t other, back = zone_time(z, &c, &other);

	return zone_offset(z, t) == tm.tm_gmtoff && c.year == tm.tm_year + 1900 && c.mon == tm.tm_mon + 1 && c.day == tm.tm_mday &&
	       c.hour == tm.tm_hour && c.min == tm.tm_min && c.sec == tm.tm_sec && (back == t || other == t);
}

/* Where libc's offset changes between a and b, to the second. */
static int64_t change_between(int64_t a, int64_t b)
{
	long was = libc_civil(a).tm_gmtoff;

	for (a /= 1000, b /= 1000; b - a > 1;) {
		int64_t mid = a + (b - a) / 2;

		if (libc_civil(mid * 1000).tm_gmtoff == was)
			a = mid;
		else
			b = mid;
	}
	return b * 1000;
}

/* What the clock shows in the hours around a change: each time of it is one, two or none of libc's. */
static bool local_times_agree(const struct zone *z, int64_t change)
{
	int64_t jump = 1000LL * labs(zone_offset(z, change) - zone_offset(z, change - 1000)); /* 24 hours at the date line */

	for (int64_t t = change - 3 * HOUR; t <= change + 3 * HOUR; t += HOUR / 4) {
		int64_t there = t + zone_offset(z, change - 1000) * 1000LL, first = NO_TIME, second = NO_TIME, other, got;
		struct civil c = zone_civil(NULL, there);

		for (int64_t at = t - jump; at <= t + jump; at += HOUR / 4) {
			if (at + libc_civil(at).tm_gmtoff * 1000LL != there)
				continue;
			if (first == NO_TIME)
				first = at;
			else
				second = at;
		}
		got = zone_time(z, &c, &other);
		if (first == NO_TIME) /* skipped: as late as it says */
			first = t;
		if (got != first || other != second)
			return false;
	}
	return true;
}

/* The first changes, from a town's own time, were of any number of seconds. */
static bool whole_quarters(const struct zone *z, int64_t change)
{
	return change % (HOUR / 4) == 0 && (zone_offset(z, change) - zone_offset(z, change - 1000)) % 900 == 0;
}

/* In a child: 0 when all agree, else which kind of question did not. */
static int compare(const char *name, int64_t step)
{
	struct pool p = {0};
	const struct zone *z;
	bool rule = strchr(name, ',') || *name == '<';
	int64_t begin = rule ? 365 * 24 * HOUR : FIRST, t, was = begin; /* a rule was not looked at before 1970 by libc */
	int wrong = 0;

	setenv("TZ", name, 1);
	tzset();
	z = zone_open(&p, rule ? name : "local", NULL);
	for (t = begin; z && !wrong && t < LAST; was = t, t += step) {
		int64_t change;

		if (!agrees(z, t))
			wrong = 1;
		if (libc_civil(was).tm_gmtoff == libc_civil(t).tm_gmtoff)
			continue;
		change = change_between(was, t);
		if (!agrees(z, change) || !agrees(z, change - 1000))
			wrong = 2;
		if (whole_quarters(z, change) && !local_times_agree(z, change))
			wrong = 3;
	}
	if (wrong)
		print_message("# %s differs at %lld (%d)\n", name, (long long)was / 1000, wrong);
	wrong = z ? wrong : 9;
	pool_release(&p);
	return wrong;
}

static int in_child(const char *name, int64_t step)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(compare(name, step));
	waitpid(pid, &status, 0);
	return status;
}

static void some_zones_agree_every_day(void **state)
{
	static const char *const names[] = {
		"UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu",
		"Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca",
		"Asia/Gaza", "Antarctica/Troll",
		"CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "<+0530>-5:30<+0630>,J60,J300",
		"NZST-12NZDT,M9.5.0,M4.1.0/3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(in_child(names[i], 24 * HOUR), 0);
}

static char zones[1024][64];
static size_t n_zones;

static int collect(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + strlen(FOLDER);
	char head[4] = "";
	FILE *f = type == FTW_F && strncmp(name, "right/", 6) != 0 && strncmp(name, "posix/", 6) != 0 ? fopen(path, "r") : NULL;

	(void)st;
	(void)ftw;
	if (f && fread(head, 1, 4, f) == 4 && memcmp(head, "TZif", 4) == 0 && n_zones < 1024 && strlen(name) < 64)
		strcpy(zones[n_zones++], name);
	if (f)
		fclose(f);
	return 0;
}

static void all_zones_agree_at_some_times(void **state)
{
	(void)state;
	assert_int_equal(nftw(FOLDER, collect, 16, 0), 0);
	assert_true(n_zones > 200);
	for (size_t i = 0; i < n_zones; i++)
		assert_int_equal(in_child(zones[i], 5003 * HOUR), 0);
}

/* As RFC 9636 writes a summer time that never ends: each year's end meets the next one's begin, and summer goes on. */
static void summer_may_last_all_year(void **state)
{
	struct pool p = {0};
	const struct zone *z = zone_open(&p, "XXX3EDT4,0/0,J365/23", NULL);

	(void)state;
	for (int64_t t = FIRST; t < LAST; t += HOUR)
		assert_int_equal(zone_offset(z, t), -4 * 3600);
	pool_release(&p);
}

static void what_is_no_zone_is_told(void **state)
{
	static const char *const bad[] = {"", "Nowhere/Town", "CET-", "CET-25", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0",
					  "CET-1CEST,M3.5.0,M10.5.0x", "<A>1", "A1", "CET-1CEST,J0,J5", "/", "/dev/null", "Europe"};
	struct pool p = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		e.text[0] = '\0';
		assert_null(zone_open(&p, bad[i], &e));
		assert_true(*e.text);
	}
	zone_open(&p, "Nowhere/Town", &e);
	assert_string_equal(e.text, "'Nowhere/Town' is no time zone known here (write UTC, local or Europe/Berlin)");
	pool_release(&p);
}

/* A file with any byte changed, or cut anywhere, is read or refused, and answers what it is asked. */
static void damaged_files_do_no_harm(void **state)
{
	char text[4096], path[] = "/tmp/gscrape_zone_XXXXXX";
	FILE *f = fopen(FOLDER "Europe/Berlin", "r");
	size_t n = fread(text, 1, sizeof text, f);
	struct pool p = {0};
	int fd = mkstemp(path), refused = 0;

	(void)state;
	fclose(f);
	for (size_t i = 0; i < 2 * n; i++) {
		size_t len = i < n ? n : i - n;
		char was = text[i % n];
		const struct zone *z;
		struct civil c;

		if (i < n)
			text[i] = (char)(was ^ (0x80 >> i % 8));
		assert_int_equal(pwrite(fd, text, len, 0), len);
		assert_int_equal(ftruncate(fd, (off_t)len), 0);
		text[i % n] = was;
		z = zone_open(&p, path, NULL);
		refused += !z;
		for (int64_t t = FIRST; z && t < LAST; t += 9000 * HOUR) {
			c = zone_civil(z, t);
			zone_time(z, &c, NULL);
		}
		pool_release(&p);
	}
	assert_true(refused > (int)n / 2);
	close(fd);
	unlink(path);
}

static void dates_may_be_out_of_range(void **state)
{
	struct civil c = {.year = 2026, .mon = 3, .day = 0, .hour = 12};

	(void)state;
	assert_int_equal(zone_civil(NULL, zone_time(NULL, &c, NULL)).day, 28);
	c.day = 32;
	assert_int_equal(zone_civil(NULL, zone_time(NULL, &c, NULL)).mon, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_zones_agree_every_day),
		cmocka_unit_test(all_zones_agree_at_some_times),
		cmocka_unit_test(summer_may_last_all_year),
		cmocka_unit_test(what_is_no_zone_is_told),
		cmocka_unit_test(damaged_files_do_no_harm),
		cmocka_unit_test(dates_may_be_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
