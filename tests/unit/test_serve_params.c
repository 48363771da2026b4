/* SPDX-License-Identifier: MIT */
/* Query strings by a route's list: what is taken, and the sentence for what is not. */
#include "../../src/serve/params.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define NOW 1795449905000

static const struct param list[] = {
	{.name = "host", .type = PARAM_HOST, .required = true},
	{.name = "id", .type = PARAM_ID},
	{.name = "limit", .type = PARAM_NUMBER, .least = 1, .most = 50, .preset = "10"},
	{.name = "at", .type = PARAM_TIME},
	{.name = "by", .type = PARAM_CHOICE, .values = "one two three", .preset = "two"},
	{.name = "prefix", .type = PARAM_DIGITS},
	{.name = "least", .type = PARAM_SHARE, .preset = "0.5"},
	{0},
};

static const struct refusal {
	const char *query, *sentence;
} refusals[] = {
	{"", "host: is missing"},
	{"id=1", "host: is missing"},
	{"host=", "host: is empty"},
	{"host", "host: is empty"},
	{"host=a&host=a", "host: given more than once"},
	{"host=a&colour=red", "colour: no parameter of this route"},
	{"host=%4", "host: has a percent sign without two hexadecimal digits behind it"},
	{"host=%00", "host: has a NUL byte"},
	{"host=%ff", "host: has bytes that are no UTF-8"},
	{"host=a%0Ab", "host: has a control byte"},
	{"%zz=1", "the name of a parameter has a percent sign without two hexadecimal digits behind it"},
	{"host=a&id=0", "id: 0 is not between 1 and 18446744073709551615"},
	{"host=a&id=18446744073709551616", "id: \"18446744073709551616\" is no number that can be"},
	{"host=a&limit=51", "limit: 51 is not between 1 and 50"},
	{"host=a&limit=+5", "limit: \" 5\" is no number that can be"},
	{"host=a&by=four", "by: \"four\" is none of: one two three"},
	{"host=a&by=", "by: \"\" is none of: one two three"},
	{"host=a&prefix=1x", "prefix: wants up to 20 digits"},
	{"host=a&least=", "least: \"\" is no number from 0 to 1"},
	{"host=a&least=1.", "least: \"1.\" is no number from 0 to 1"},
	{"host=a&least=0,5", "least: \"0,5\" is no number from 0 to 1"},
	{"host=a&least=1e-3", "least: \"1e-3\" is no number from 0 to 1"},
	{"host=a&least=nan", "least: \"nan\" is no number from 0 to 1"},
	{"host=a&least=1.0001", "least: 1.0001 is more than 1"},
	{"host=a&at=never", "at: \"never\" is no time: milliseconds since 1970, 2026-11-23T16:05:05Z or -10m"},
};

static const struct params_wanted strict = {list, false, NOW}, loose = {list, true, NOW};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct value v[PARAMS_MAX];
		struct pool p = {0};
		struct err e = {0};

		assert_int_equal(params_parse(&strict, str_of(refusals[i].query), &p, v, &e), -1);
		assert_string_equal(e.text, refusals[i].sentence);
		pool_release(&p);
	}
}

static void taken(void **state)
{
	struct value v[PARAMS_MAX];
	struct pool p = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(params_parse(&strict, STR("&&by=three&host=a%3A1+b&at=-10m&&id=7&prefix=007&"), &p, v, &e), 0);
	assert_string_equal(v[0].text, "a:1 b");
	assert_true(v[1].number == 7 && v[1].given && v[2].number == 10 && !v[2].given && v[4].number == 2);
	assert_true(v[3].time == NOW - 600000);
	assert_string_equal(v[5].text, "007");
	assert_true(v[6].share == .5);
	assert_int_equal(params_parse(&loose, STR("host=a&_=1&at=1795449905123"), &p, v, &e), 0);
	assert_true(v[3].time == 1795449905123 && v[4].number == 1 && v[1].time == NO_TIME);
	assert_int_equal(params_parse(&strict, STR("host=a&least=0.25"), &p, v, &e), 0);
	assert_true(v[6].share > .2499999 && v[6].share < .2500001);
	assert_int_equal(params_parse(&strict, STR("host=a&least=1.000"), &p, v, &e), 0);
	assert_true(v[6].share == 1);
	pool_release(&p);
}

static void too_long(void **state)
{
	struct value v[PARAMS_MAX];
	struct pool p = {0};
	struct err e = {0};
	struct buf b = {0};

	(void)state;
	buf_adds(&b, "host=");
	for (int i = 0; i < 1001; i++)
		buf_putc(&b, 'x');
	assert_int_equal(params_parse(&strict, (struct str){b.p, b.n}, &p, v, &e), -1);
	assert_string_equal(e.text, "host: longer than 1000 bytes");
	assert_int_equal(params_parse(&strict, (struct str){b.p, b.n - 1}, &p, v, &e), 0);
	while (b.n <= QUERY_MAX)
		buf_putc(&b, '&');
	assert_int_equal(params_parse(&strict, (struct str){b.p, b.n}, &p, v, &e), -1);
	buf_release(&b);
	pool_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(taken),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
