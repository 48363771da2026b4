/* SPDX-License-Identifier: MIT */
/* The clock is a number here: nothing sleeps. */
#include "collect/schedule.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define START 1000000

/* Serve one target from its first scrape on; each lasts `took`. */
static void serve(struct schedule *s, int64_t took, bool ok)
{
	int64_t at = s->due;

	schedule_begin(s, at);
	assert_true(s->busy);
	schedule_end(s, at + took, ok);
	assert_false(s->busy);
}

static void first_scrapes_come_soon_and_grids_are_spread(void **state)
{
	struct schedule s[200];
	int per_slot[10] = {0};

	(void)state;
	for (int i = 0; i < 200; i++) {
		schedule_init(&s[i], START, 5000, (uint64_t)i, 200, (uint64_t)i);
		assert_true(s[i].due >= START && s[i].due < START + 5000);
		serve(&s[i], 10, true);
		per_slot[((s[i].due - START) % 5000) / 500]++;
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(per_slot[i], 15, 25);
	schedule_init(&s[0], START, 30000, 1, 2, 1);
	assert_true(s[0].due <= START + 100); /* two targets: the second is not kept waiting for 15 s */
}

static void ticks_stay_on_the_grid(void **state)
{
	struct schedule s;
	int64_t first;

	(void)state;
	schedule_init(&s, START, 5000, 3, 10, 7);
	serve(&s, 700, true);
	first = s.due;
	for (int i = 1; i <= 100; i++) {
		schedule_begin(&s, s.due + i % 40); /* the loop comes a little late */
		schedule_end(&s, s.due + i % 40 + 3000, true);
		assert_true(s.due == first + 5000 * i);
	}
	assert_int_equal(s.missed, 0);
}

static void a_scrape_longer_than_the_interval_misses_points(void **state)
{
	struct schedule s;
	int64_t first;

	(void)state;
	schedule_init(&s, START, 5000, 0, 1, 7);
	serve(&s, 10, true);
	first = s.due;
	serve(&s, 12000, true);
	assert_int_equal(s.missed, 2);
	assert_true(s.due == first + 15000);
	assert_false(schedule_is_due(&s, first + 14999));
	assert_true(schedule_is_due(&s, first + 15000));
	serve(&s, 5000, true); /* ends at the very moment of the next point: that one is served */
	assert_int_equal(s.missed, 2);
	assert_true(s.due == first + 20000);
}

static void a_scraper_that_comes_too_late_counts_it(void **state)
{
	struct schedule s;
	int64_t first;

	(void)state;
	schedule_init(&s, START, 1000, 0, 1, 7);
	serve(&s, 10, true);
	first = s.due;
	schedule_begin(&s, first + 3500); /* the machine slept */
	schedule_end(&s, first + 3600, true);
	assert_int_equal(s.missed, 3);
	assert_true(s.due == first + 4000);
}

static void nothing_overlaps(void **state)
{
	struct schedule s;

	(void)state;
	schedule_init(&s, START, 1000, 0, 1, 7);
	schedule_begin(&s, s.due);
	assert_false(schedule_is_due(&s, START + 60000));
}

static void failures_back_off_with_jitter_up_to_a_cap(void **state)
{
	struct schedule s, other;
	int64_t waits[12], at;
	int differ = 0;

	(void)state;
	schedule_init(&s, START, 1000, 0, 1, 7);
	schedule_init(&other, START, 1000, 0, 1, 8);
	for (int i = 0; i < 12; i++) {
		at = s.due;
		serve(&s, 0, false);
		waits[i] = s.due - at;
		at = other.due;
		serve(&other, 0, false);
		differ += other.due - at != waits[i];
	}
	assert_in_range(waits[0], 750, 1250);
	assert_in_range(waits[1], 1500, 2500);
	assert_in_range(waits[2], 3000, 5000);
	for (int i = 3; i < 12; i++)
		assert_in_range(waits[i], 6000, 10000);
	assert_true(differ > 6);
	assert_int_equal(s.failures, 12);
	assert_int_equal(s.missed, 0);
}

static void the_cap_is_five_minutes_or_the_interval(void **state)
{
	static const struct {
		int64_t interval, most;
	} rows[] = {{1000, 8000}, {60000, 300000}, {3600000, 3600000}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct schedule s;
		int64_t at = 0;

		schedule_init(&s, START, rows[i].interval, 0, 1, 7);
		for (int k = 0; k < 20; k++) {
			at = s.due;
			serve(&s, 0, false);
		}
		assert_in_range(s.due - at, rows[i].most * 3 / 4, rows[i].most * 5 / 4);
	}
}

static void the_first_success_returns_to_the_grid(void **state)
{
	struct schedule s;
	int64_t first;

	(void)state;
	schedule_init(&s, START, 1000, 0, 1, 7);
	serve(&s, 10, true);
	first = s.due;
	for (int i = 0; i < 5; i++)
		serve(&s, 20, false);
	serve(&s, 20, true);
	assert_int_equal(s.failures, 0);
	assert_int_equal((s.due - first) % 1000, 0);
	serve(&s, 20, true);
	assert_int_equal((s.due - first) % 1000, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(first_scrapes_come_soon_and_grids_are_spread),
	        cmocka_unit_test(ticks_stay_on_the_grid),
	        cmocka_unit_test(a_scrape_longer_than_the_interval_misses_points),
	        cmocka_unit_test(a_scraper_that_comes_too_late_counts_it),
	        cmocka_unit_test(nothing_overlaps),
	        cmocka_unit_test(failures_back_off_with_jitter_up_to_a_cap),
	        cmocka_unit_test(the_cap_is_five_minutes_or_the_interval),
	        cmocka_unit_test(the_first_success_returns_to_the_grid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
