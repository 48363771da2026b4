/* SPDX-License-Identifier: MIT */
/* What recorders that are no more left of what no server took: the next one has all of it, and no folder stays. */
#include "store/clickhouse/ch.h"
#include <gscrape/gzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct ch_place place;
static char folder[256];

static int begin(void **state)
{
	const char *tmp = getenv("TMP");

	(void)state;
	snprintf(folder, sizeof folder, "%s/spool", tmp ? tmp : "/tmp");
	place = (struct ch_place){.spool = folder, .shown = "clickhouse://there/gs", .database = "gs", .spool_size = 1 << 20};
	return 0;
}

static void put(struct ch_spool *sp, enum ch_spool_kind kind, const char *text)
{
	struct err e;

	if (ch_spool_put(sp, kind, str_of(text), &e) < 0)
		fail_msg("%s", e.text);
}

/* All that waits, sorted by who wrote it: each text is one letter. */
static void assert_waits(struct ch_spool *sp, enum ch_spool_kind kind, const char *want)
{
	char got[16] = "";
	struct buf b = {0};
	struct err e;

	while (ch_spool_next(sp, kind, &b, &e) == 1) {
		size_t i = strlen(got);

		for (; i && got[i - 1] > b.p[0]; i--)
			got[i] = got[i - 1];
		got[i] = b.p[0];
		ch_spool_taken(sp, kind);
		buf_reset(&b);
	}
	assert_string_equal(got, want);
	ch_spool_drop(sp, kind);
	buf_release(&b);
}

static void two_left_some(void **state)
{
	struct ch_spool a = {0}, b = {0}, next = {0};
	struct err e;
	char *torn;

	(void)state;
	ch_spool_init(&a, &place);
	ch_spool_init(&b, &place);
	put(&a, SPOOL_ROWS, "a");
	put(&b, SPOOL_ROWS, "b");
	put(&b, SPOOL_ROWS, "c");
	put(&a, SPOOL_ROWS, "d");
	put(&b, SPOOL_KEPT, "k");
	torn = xasprintf("%s/0000000000000003.rows.tmp.1", a.own);
	assert_int_equal(file_write(torn, "half", 4, &e), 0); /* as a kill leaves it */
	ch_spool_release(&a);
	ch_spool_release(&b);
	ch_spool_init(&next, &place);
	assert_int_equal(ch_spool_adopt(&next, &e), 0);
	assert_true(ch_spool_waits(&next, SPOOL_ROWS) && ch_spool_waits(&next, SPOOL_KEPT));
	assert_int_equal(access(torn, F_OK), -1);
	assert_waits(&next, SPOOL_ROWS, "abcd");
	assert_waits(&next, SPOOL_KEPT, "k");
	ch_spool_release(&next);
	assert_int_equal(access(folder, F_OK), -1);
	free(torn);
}

/* Who is still there keeps what is his. */
static void one_is_there(void **state)
{
	struct ch_spool a = {0}, b = {0};
	struct err e;

	(void)state;
	ch_spool_init(&a, &place);
	ch_spool_init(&b, &place);
	put(&a, SPOOL_ROWS, "a");
	assert_int_equal(ch_spool_adopt(&b, &e), 0);
	assert_false(ch_spool_waits(&b, SPOOL_ROWS));
	put(&b, SPOOL_ROWS, "b");
	assert_waits(&b, SPOOL_ROWS, "b");
	assert_waits(&a, SPOOL_ROWS, "a");
	ch_spool_release(&b);
	ch_spool_release(&a);
	assert_int_equal(access(folder, F_OK), -1);
}

/* A batch that was damaged is moved away, as the sentence says: the others go on. */
static void one_was_moved_away(void **state)
{
	struct ch_spool sp = {0};
	struct buf b = {0};
	char *first;
	struct err e;

	(void)state;
	ch_spool_init(&sp, &place);
	put(&sp, SPOOL_ROWS, "a");
	put(&sp, SPOOL_ROWS, "b");
	first = xasprintf("%s/0000000000000001.rows", sp.own);
	assert_int_equal(file_write(first, "odd", 3, &e), 0);
	assert_int_equal(ch_spool_next(&sp, SPOOL_ROWS, &b, &e), -1);
	assert_non_null(strstr(e.text, "move it away"));
	buf_release(&b);
	assert_int_equal(unlink(first), 0);
	assert_waits(&sp, SPOOL_ROWS, "b");
	ch_spool_release(&sp);
	free(first);
}

/* Without a folder that is named it is where programs keep their state; without a home there is none. */
static void where_it_is(void **state)
{
	struct ch_spool sp = {0};
	struct err e;

	(void)state;
	place.spool = NULL;
	unsetenv("XDG_STATE_HOME");
	setenv("HOME", "/home/somebody", 1);
	ch_spool_init(&sp, &place);
	assert_non_null(strstr(sp.folder, "/home/somebody/.local/state/gscrape-tui/spool-"));
	ch_spool_release(&sp);
	unsetenv("HOME");
	ch_spool_init(&sp, &place);
	assert_null(sp.folder);
	assert_int_equal(ch_spool_adopt(&sp, &e), 0);
	ch_spool_release(&sp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(two_left_some), cmocka_unit_test(one_is_there), cmocka_unit_test(one_was_moved_away), cmocka_unit_test(where_it_is)};

	return cmocka_run_group_tests(tests, begin, NULL);
}
