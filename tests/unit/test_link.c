/* SPDX-License-Identifier: MIT */
/* A view's URL: there and back, and broken ones. */
#include <gscrape/link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void there_and_back(void **state)
{
	struct link l = {.view = "goroutine", .host = "[::1]:6060", .id = UINT64_MAX, .epoch = 2, .at = 1795451332123,
			 .base = 1795451000000, .filter = "a b&c=d%é+#"};
	struct link got;
	struct pool p = {0};
	struct buf b = {0};
	struct err e;

	(void)state;
	link_format(&l, "http://127.0.0.1:8080/", &b);
	assert_true(link_is(b.p));
	assert_int_equal(link_parse(b.p, &p, &got, &e), 0);
	assert_string_equal(got.view, l.view);
	assert_string_equal(got.host, l.host);
	assert_string_equal(got.filter, l.filter);
	assert_true(got.id == l.id && got.epoch == l.epoch && got.at == l.at && got.base == l.base);
	pool_release(&p);
	buf_release(&b);
}

static void what_is_left_out(void **state)
{
	struct link l = {.host = "a:1", .at = NO_TIME, .base = NO_TIME}, got;
	struct pool p = {0};
	struct buf b = {0};
	struct err e;

	(void)state;
	link_format(&l, "", &b);
	assert_string_equal(b.p, "?host=a:1");
	assert_int_equal(link_parse("http://h/?x=1&view=host&at=2026-11-23T16:05:05Z#frag", &p, &got, &e), 0);
	assert_true(got.at == 1795449905000 && got.base == NO_TIME && got.id == 0 && !got.host);
	assert_false(link_is("http://127.0.0.1:6060/debug/pprof/goroutine?debug=2"));
	assert_false(link_is("127.0.0.1:6060"));
	pool_release(&p);
	buf_release(&b);
}

static void broken(void **state)
{
	static const char *const urls[] = {"?id=x", "?id=", "?id=-1", "?id=18446744073709551616", "?epoch=4294967296", "?host=%",
					   "?host=%4", "?host=%zz", "?host=a%00b", "?host=%ff", "?host=%c0%80", "?host=%ed%a0%80",
					   "?at=tomorrowish"};

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct pool p = {0};
		struct link got;
		struct err e = {0};

		assert_int_equal(link_parse(urls[i], &p, &got, &e), -1);
		assert_true(e.text[0]);
		pool_release(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
