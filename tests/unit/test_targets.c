/* SPDX-License-Identifier: MIT */
#include "collect/targets.h"
#include <gscrape/target_labels.h>
#include <gscrape/gzip.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define PROFILE "/debug/pprof/goroutine?debug=2"

static void forms_of_a_target(void **state)
{
	static const struct {
		const char *text, *host, *url, *user, *socket;
	} rows[] = {
	        {"localhost:6060", "localhost:6060", "http://localhost:6060" PROFILE, NULL, NULL},
	        {":6060", "localhost:6060", "http://localhost:6060" PROFILE, NULL, NULL},
	        {"[::1]:6060", "[::1]:6060", "http://[::1]:6060" PROFILE, NULL, NULL},
	        {"[fe80::1%eth0]:6060", "[fe80::1%eth0]:6060", "http://[fe80::1%eth0]:6060" PROFILE, NULL,
	         NULL},
	        {"http://a", "a:80", "http://a:80" PROFILE, NULL, NULL},
	        {"https://a/", "a:443", "https://a:443" PROFILE, NULL, NULL},
	        {"HTTPS://a:8443/x/debug/pprof/", "a:8443", "https://a:8443/x/debug/pprof/goroutine?debug=2",
	         NULL, NULL},
	        {"http://a:1/debug/pprof", "a:1", "http://a:1" PROFILE, NULL, NULL},
	        {"http://a:1/debug/pprof/goroutine", "a:1", "http://a:1" PROFILE, NULL, NULL},
	        {"http://a:1/debug/pprof/goroutine?debug=1", "a:1", "http://a:1" PROFILE, NULL, NULL},
	        {"http://a:1/debug/pprof/goroutine?x=debug=1&debug=0&tok=7#top", "a:1",
	         "http://a:1/debug/pprof/goroutine?x=debug=1&debug=2&tok=7", NULL, NULL},
	        {"http://a:1/debug/pprof/goroutineleak", "a:1",
	         "http://a:1/debug/pprof/goroutineleak?debug=2", NULL, NULL},
	        {"http://a:1?tok=7", "a:1", "http://a:1/debug/pprof/goroutine?tok=7&debug=2", NULL, NULL},
	        {"http://a:1/my/dump?full=yes", "a:1", "http://a:1/my/dump?full=yes", NULL, NULL},
	        {"http://me:se:c@ret@a:1/", "a:1", "http://a:1" PROFILE, "me:se:c@ret", NULL},
	        {"a:1/debug/pprof/goroutine", "a:1", "http://a:1" PROFILE, NULL, NULL},
	        {"unix:/run/app.sock", "unix:/run/app.sock", "http://localhost" PROFILE, NULL,
	         "/run/app.sock"},
	        {"unix:///run/app.sock:/x/pprof", "unix:/run/app.sock",
	         "http://localhost/x/pprof/goroutine?debug=2", NULL, "/run/app.sock"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct target t;
		struct err e = {0};

		if (target_parse(&t, rows[i].text, &e) < 0)
			fail_msg("%s: %s", rows[i].text, e.text);
		assert_string_equal(t.host, rows[i].host);
		assert_string_equal(t.url, rows[i].url);
		assert_string_equal(t.user ? t.user : "", rows[i].user ? rows[i].user : "");
		assert_string_equal(t.unix_path ? t.unix_path : "", rows[i].socket ? rows[i].socket : "");
		if (strstr(t.url, "debug=2"))
			assert_non_null(strstr(t.count_url, "debug=1"));
		else
			assert_null(t.count_url);
		target_release(&t);
	}
}

static void refused_targets_say_why(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
	        {"localhost", "no port (write localhost:6060)"},
	        {"6190", "no host (write localhost:6190)"},
	        {"", "no host name"},
	        {"::1:6060", "brackets"},
	        {"[nonsense]:1", "brackets"},
	        {"a:0", "no port (1 to 65535)"},
	        {"a:65536", "no port (1 to 65535)"},
	        {"a:1x", "no port (1 to 65535)"},
	        {"a:", "no port"},
	        {"ftp://a:1/", "only http"},
	        {"http://", "no host name"},
	        {"a b:1", "blanks"},
	        {"a\n:1", "blanks"},
	        {"unix:run/app.sock", "no port"},
	        {"unix:/", "begins with '/'"},
	        {"unix:/"
	         "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"
	         "234567890123456789",
	         "longer than 107"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct target t;
		struct err e = {0};
		int rc = target_parse(&t, rows[i].text, &e);

		if (rc == 0 || !strstr(e.text, rows[i].why))
			fail_msg("'%s' gave '%s', expected '%s'", rows[i].text, e.text, rows[i].why);
		target_release(&t);
	}
}

static void a_refusal_shows_no_password_and_no_control_bytes(void **state)
{
	struct target t;
	struct err e = {0};

	(void)state;
	assert_int_equal(target_parse(&t, "ftp://me:secret@a\x1b[2J:1/", &e), -1);
	assert_null(strstr(e.text, "secret"));
	assert_null(strchr(e.text, '\x1b'));
	assert_int_equal(target_parse(&t, "http://me:secret@a:99999/", &e), -1);
	assert_null(strstr(e.text, "secret"));
}

static void lists_and_duplicates(void **state)
{
	struct target_set set = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(targets_add_list(&set, "a:1, b:2,,http://a:1/", &e), 0);
	assert_int_equal(targets_add(&set, "http://b:2/other", &e), 0);
	assert_int_equal(set.n, 2);
	assert_string_equal(set.t[1].url, "http://b:2" PROFILE);
	assert_string_equal(set.notes.p, "a:1 is named more than once: scraped once\n"
	                                 "b:2 is named with different URLs: the first is used\n");
	assert_int_equal(targets_add_list(&set, "c:3,d", &e), -1);
	targets_release(&set);
}

#define MANY 100000

/* In a moment, not in the minutes that comparing each with each takes. */
static void a_hundred_thousand_and_all_of_them_twice(void **state)
{
	struct target_set set = {0};
	struct buf text = {0};
	struct err e = {0};

	(void)state;
	buf_adds(&text, "[{\"targets\": [");
	for (int i = 0; i < 2 * MANY; i++)
		buf_addf(&text, "%s\"pod-%d.example.org:6060\"", i ? "," : "", i % MANY);
	buf_adds(&text, "], \"labels\": {\"job\": \"api\"}}]");
	if (targets_add_json(&set, text.p, text.n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(set.n, MANY);
	assert_int_equal(set.merged, MANY);
	assert_true(set.notes.n < 1000);
	assert_string_equal(set.t[MANY - 1].host, "pod-99999.example.org:6060");
	targets_release(&set);
	buf_release(&text);
}

static uint32_t part_of(const char *host, uint32_t parts)
{
	uint32_t part = 0;

	for (struct shard s = {1, parts}; s.part <= parts; s.part++) {
		if (!shard_has(&s, host))
			continue;
		assert_int_equal(part, 0);
		part = s.part;
	}
	assert_int_not_equal(part, 0);
	return part;
}

static void one_part_more_moves_its_share_alone(void **state)
{
	size_t of[6] = {0}, moved = 0;
	char host[32];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint32_t five, six;

		snprintf(host, sizeof host, "10.0.%d.%d:6060", i / 256, i % 256);
		five = part_of(host, 5);
		six = part_of(host, 6);
		of[five]++;
		assert_true(six == five || six == 6);
		moved += six != five;
	}
	for (int k = 1; k <= 5; k++)
		assert_in_range(of[k], 1800, 2200);
	assert_in_range(moved, 1500, 1834);
}

/* The same on every machine: what a part is does not change with a version of the program. */
static void parts_are_for_ever(void **state)
{
	static const uint32_t parts[] = {5, 2, 3, 3, 1, 4, 1, 5, 5, 1};

	(void)state;
	for (uint32_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char host[16];

		snprintf(host, sizeof host, "host-%u:6060", i);
		assert_int_equal(part_of(host, 5), parts[i]);
	}
}

static void what_a_part_may_be(void **state)
{
	static const char *const wrong[] = {"", "2", "2/", "/5", "0/5", "6/5", "-1/5", "2/5x", "a/b", "1/0", "1/1001", "2 /5", "2/ 5", "99999999999999999999/5",
					    "4294967298/4294967301"};
	struct target_set set = {0};
	struct shard s;
	struct err e = {0};
	size_t kept = 0;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(shard_parse(wrong[i], &s, &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
	}
	for (uint32_t k = 1; k <= 3; k++) {
		char text[8];

		snprintf(text, sizeof text, "%u/3", k);
		assert_int_equal(shard_parse(text, &s, &e), 0);
		assert_int_equal(targets_add_list(&set, "a:1,b:2,c:3,d:4,e:5,f:6", &e), 0);
		targets_keep(&set, &s);
		kept += set.n;
		for (size_t i = 0; i < set.n; i++)
			assert_true(shard_has(&s, set.t[i].host));
		targets_release(&set);
	}
	assert_int_equal(kept, 6);
}

static void file_sd(void **state)
{
	static const char text[] = "[{\"targets\": [\"a:1\", \"[::1]:2\"], \"labels\": {\"job\": \"api\", "
	                           "\"env\": \"prod\\u001b\", \"__meta_x\": \"y\"}},\n"
	                           " {\"targets\": [\"c:3\"]},\n"
	                           " {\"targets\": [\"d\"], \"labels\": {\"__scheme__\": \"https\", "
	                           "\"__metrics_path__\": \"/metrics\"}},\n"
	                           " {\"targets\": [\"e:5\"], \"labels\": {\"__metrics_path__\": "
	                           "\"/x/debug/pprof\", \"__param_tok\": \"7\","
	                           "   \"__scrape_interval__\": \"1m\", \"__scrape_timeout__\": \"5s\"}},\n"
	                           " {\"targets\": [\"f\"], \"labels\": {\"__address__\": \"g:7\"}}]";
	struct target_set set = {0};
	struct err e = {0};

	(void)state;
	if (targets_add_json(&set, text, sizeof text - 1, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(set.n, 6);
	assert_string_equal(set.t[0].labels, "job=api,env=prod^[");
	assert_string_equal(set.t[1].host, "[::1]:2");
	assert_string_equal(set.t[2].labels, "");
	assert_string_equal(set.t[3].url, "https://d:443" PROFILE);
	assert_string_equal(set.t[4].url, "http://e:5/x/debug/pprof/goroutine?tok=7&debug=2");
	assert_int_equal(set.t[4].interval, 60000);
	assert_int_equal(set.t[4].timeout, 5000);
	assert_string_equal(set.t[5].host, "g:7");
	targets_release(&set);
}

static void broken_files_say_where(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
	        {"", "JSON"},
	        {"[{\"targets\": [\"a:1\"]}", "JSON"},
	        {"{\"targets\": [\"a:1\"]}", "no list of target groups"},
	        {"[7]", "group 1: has no list \"targets\""},
	        {"[{\"targets\": \"a:1\"}]", "group 1"},
	        {"[{\"targets\": [\"a:1\"]}, {\"targets\": [\"a:1\", 7]}]", "group 2: target 2 is no string"},
	        {"[{\"targets\": [\"a\"]}]", "group 1: target 'a': no port"},
	        {"[{\"targets\": [], \"labels\": {\"k\": 1}}]", "label k is no string"},
	        {"[{\"targets\": [], \"labels\": [1]}]", "\"labels\" is no object"},
	        {"[{\"targets\": [], \"labels\": {\"__scrape_interval__\": \"soon\"}}]", "soon"},
	        {"[{\"targets\": [], \"labels\": {\"__scrape_interval__\": \"-1s\"}}]", "-1s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct target_set set = {0};
		struct err e = {0};

		assert_int_equal(targets_add_json(&set, rows[i].text, strlen(rows[i].text), &e), -1);
		if (!strstr(e.text, rows[i].why))
			fail_msg("'%s' gave '%s', expected '%s'", rows[i].text, e.text, rows[i].why);
		targets_release(&set);
	}
}

static void the_example_is_understood(void **state)
{
	struct target_set set = {0};
	struct err e = {0};
	char *path = xasprintf("%s/contrib/targets.example.json", getenv("TOP") ? getenv("TOP") : ".");

	(void)state;
	if (targets_add_file(&set, path, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(set.n, 6);
	assert_string_equal(set.t[2].url, "https://worker-1.example.org:6060" PROFILE);
	assert_int_equal(set.t[2].interval, 60000);
	assert_string_equal(set.t[4].host, "gateway.example.org:443");
	assert_string_equal(set.t[4].labels, "job=edge");
	assert_string_equal(set.t[5].unix_path, "/run/billing/debug.sock");
	targets_release(&set);
	free(path);
}

/* One reader and one writer: whatever a key or a value has in it comes back as it is shown, and parts nothing. */
static void labels_of_any_text(void **state)
{
	struct buf b = {0};
	const char *at;
	struct str key, value;

	(void)state;
	target_label_add(&b, "a=b,c", str_of("x,y=z"));
	target_label_add(&b, "tenant", str_of("acme\033corp"));
	target_label_add(&b, "empty", (struct str){0});
	assert_string_equal(b.p, "a\\x3db\\x2cc=x\\x2cy=z,tenant=acme^[corp,empty=");
	at = b.p;
	assert_true(target_label_next(&at, &key, &value));
	assert_true(str_eq(key, str_of("a\\x3db\\x2cc")) && str_eq(value, str_of("x\\x2cy=z")));
	assert_true(target_label_next(&at, &key, &value) && target_label_next(&at, &key, &value));
	assert_true(str_eq(key, str_of("empty")) && value.n == 0);
	assert_false(target_label_next(&at, &key, &value));
	assert_true(str_eq(target_label_value(b.p, "tenant"), str_of("acme^[corp")));
	assert_null(target_label_value(b.p, "tenan").p);
	assert_non_null(target_label_value(b.p, "empty").p);
	assert_null(target_label_value("", "tenant").p);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(forms_of_a_target),
	        cmocka_unit_test(refused_targets_say_why),
	        cmocka_unit_test(a_refusal_shows_no_password_and_no_control_bytes),
	        cmocka_unit_test(lists_and_duplicates),
	        cmocka_unit_test(a_hundred_thousand_and_all_of_them_twice),
	        cmocka_unit_test(one_part_more_moves_its_share_alone),
	        cmocka_unit_test(parts_are_for_ever),
	        cmocka_unit_test(what_a_part_may_be),
	        cmocka_unit_test(file_sd),
	        cmocka_unit_test(broken_files_say_where),
	        cmocka_unit_test(the_example_is_understood),
	        cmocka_unit_test(labels_of_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
