/* SPDX-License-Identifier: MIT */
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define MINUTE 60000LL
#define T0 1795449905123LL /* 2026-11-23T16:05:05.123Z */

static char *scratch(void)
{
	char *dir = xasprintf("%s/archive.XXXXXX", getenv("TMP") ? getenv("TMP") : "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void touch(const char *dir, const char *folder, const char *name, size_t size)
{
	char *path = xasprintf("%s/%s", dir, folder), *file = xasprintf("%s/%s", path, name);
	FILE *f;

	mkdir(path, 0755);
	f = fopen(file, "w");
	assert_non_null(f);
	for (size_t i = 0; i < size; i++)
		fputc('x', f);
	fclose(f);
	free(path);
	free(file);
}

static void folders_and_hosts(void **state)
{
	static const struct {
		const char *host, *folder;
	} rows[] = {
	        {"127.0.0.1:6060", "127.0.0.1_6060"},
	        {"localhost:6060", "localhost_6060"},
	        {"[::1]:6060", "[__1]_6060"},
	        {"[fe80::1%eth_0]:80", "[fe80__1%25eth%5F0]_80"},
	        {"my_host_2:80", "my_host_2_80"},
	        {"my_80", "my%5F80"},
	        {"unix:/run/my_app.sock", "unix_%2Frun%2Fmy_app.sock"},
	        {"unix:/run/a:7", "unix_%2Frun%2Fa%3A7"},
	        {"unix:80", "unix_80"},
	        {"../../etc/passwd:1", "%2E.%2F..%2Fetc%2Fpasswd_1"},
	        {"..", "%2E."},
	        {".", "%2E"},
	        {"", "%"},
	        {"%", "%25"},
	        {"a b\n\x1b[2J:1", "a%20b%0A%1B[2J_1"},
	        {"bücher:1", "b%C3%BCcher_1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *folder = archive_folder(rows[i].host), *host = archive_host(rows[i].folder);

		assert_string_equal(folder, rows[i].folder);
		assert_string_equal(host, rows[i].host);
		free(folder);
		free(host);
	}
}

static void times_in_names(void **state)
{
	static const struct {
		const char *name, *zone;
		int64_t time; /* NO_TIME: none */
	} rows[] = {
	        {"2026-11-23T16-05-05.123Z.goroutines.txt.gz", "Europe/Berlin", T0},
	        {"2026-11-23T16-05-05Z.goroutines.txt.gz", "Europe/Berlin", T0 - 123},
	        {"2026-11-23T17-05-05.goroutines.txt.gz", "Europe/Berlin", T0 - 123},
	        {"2026-11-23T16-05-05.goroutines.txt.gz", NULL, T0 - 123},
	        {"2026-11-23T16-05-05.goroutines.txt", NULL, T0 - 123},
	        {"2026-11-23T16-05-05.goroutines.txt.gz.tmp.12", NULL, NO_TIME},
	        {"2026-13-23T16-05-05.goroutines.txt.gz", NULL, NO_TIME},
	        {"2026-11-23T24-05-05.goroutines.txt.gz", NULL, NO_TIME},
	        {"2026-11-23T16-05-05.12Z.goroutines.txt.gz", NULL, NO_TIME},
	        {"2026-11-23T16-05.goroutines.txt.gz", NULL, NO_TIME},
	        {"0000-11-23T16-05-05.goroutines.txt.gz", NULL, NO_TIME},
	        {"README.md", NULL, NO_TIME},
	        {"", NULL, NO_TIME},
	};

	struct pool p = {0};
	const struct zone *berlin = zone_open(&p, "Europe/Berlin", NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t t = NO_TIME;
		bool is = archive_time(rows[i].name, rows[i].zone ? berlin : NULL, NO_TIME, &t);

		assert_int_equal(is, rows[i].time != NO_TIME);
		assert_true(t == rows[i].time);
	}
	pool_release(&p);
}

/* On 2026-10-25 Berlin's clocks show 02:30 twice: at 00:30 and at 01:30 UTC. */
static void the_hour_that_comes_twice(void **state)
{
	static const char name[] = "2026-10-25T02-30-00.goroutines.txt.gz";
	struct pool p = {0};
	const struct zone *zone = zone_open(&p, "Europe/Berlin", NULL);
	int64_t first = 1792888200000LL, second = first + 60 * MINUTE, t;

	(void)state;
	assert_true(archive_time(name, zone, NO_TIME, &t));
	assert_true(t == first);
	assert_true(archive_time(name, zone, first + 200, &t));
	assert_true(t == first);
	assert_true(archive_time(name, zone, second + 200, &t));
	assert_true(t == second);
	assert_true(archive_time(name, zone, second + 90 * 24 * 60 * MINUTE, &t)); /* copied months later */
	assert_true(t == first);
	pool_release(&p);
}

static void written_files_are_whole_and_listed(void **state)
{
	struct err e = {0};
	struct archive a;
	struct buf text = {0};
	char *dir = scratch(), *deep = xasprintf("%s/not/yet/there", dir), *left;

	(void)state;
	assert_true(archive_write(deep, "[::1]:6060", T0, STR("goroutine 1 [running]:\n"), &e) > 0);
	assert_true(archive_write(deep, "[::1]:6060", T0, STR("goroutine 2 [running]:\n"), &e) >
	            0); /* not over the first */
	assert_true(archive_write(deep, "../../../escaped:1", T0 - 5, STR("goroutine 3 [running]:\n"), &e) >
	            0);
	touch(deep, "[__1]_6060", "2026-11-23T16-05-05.999Z.goroutines.txt.gz.tmp.77",
	      3); /* what a killed writer leaves */
	assert_int_equal(archive_list(&a, deep, NULL, &e), 0);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.hosts[0].name, "../../../escaped:1");
	assert_string_equal(a.hosts[1].name, "[::1]:6060");
	assert_int_equal(a.hosts[1].n, 2);
	assert_true(a.hosts[1].files[0].time == T0 && a.hosts[1].files[1].time == T0 + 1);
	assert_int_equal(a.ignored, 0);
	assert_int_equal(file_read(a.hosts[1].files[0].path, &text, FILE_MAX, &e), 0);
	assert_true(str_eq((struct str){text.p, text.n}, STR("goroutine 1 [running]:\n")));
	assert_true(strncmp(a.hosts[0].files[0].path, deep, strlen(deep)) == 0);
	assert_null(strstr(a.hosts[0].files[0].path, "/../"));
	left = xasprintf("%s/[__1]_6060/2026-11-23T16-05-05.999Z.goroutines.txt.gz.tmp.77", deep);
	archive_tidy(deep, "[::1]:6060");
	assert_int_equal(access(left, F_OK), 0);
	assert_int_equal(utimes(left, (struct timeval[2]){{.tv_sec = 1000000000}, {.tv_sec = 1000000000}}), 0);
	archive_tidy(deep, "[::1]:6060");
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(access(a.hosts[1].files[0].path, F_OK), 0);
	free(left);
	buf_release(&text);
	archive_release(&a);
	free(deep);
	free(dir);
}

static void lists_a_folder_of_one_host_and_says_what_is_odd(void **state)
{
	struct err e = {0};
	struct archive a;
	char *dir = scratch(), *one = xasprintf("%s/h_1/", dir);

	(void)state;
	touch(dir, "h_1", "2026-11-23T16-05-07.goroutines.txt.gz", 1);
	touch(dir, "h_1", "2026-11-23T16-05-05.goroutines.txt.gz", 1);
	touch(dir, "h_1", "notes.txt", 1);
	assert_int_equal(archive_list(&a, one, NULL, &e), 0);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.hosts[0].name, "h:1");
	assert_int_equal(a.hosts[0].n, 2);
	assert_true(a.hosts[0].files[0].time < a.hosts[0].files[1].time);
	assert_int_equal(a.ignored, 1);
	assert_non_null(strstr(a.odd, "h_1/notes.txt"));
	archive_release(&a);
	touch(dir, "empty_1", "x", 0);
	assert_int_equal(archive_list(&a, dir, NULL, &e), 0);
	assert_int_equal(a.n, 1); /* a folder without snapshots is no host */
	assert_int_equal(a.ignored, 2);
	archive_release(&a);
	free(one);
	one = xasprintf("%s/none", dir);
	assert_int_equal(archive_list(&a, one, NULL, &e), -1);
	assert_non_null(strstr(e.text, "none"));
	free(one);
	free(dir);
}

static void two_folders_of_one_host_are_one(void **state)
{
	struct err e = {0};
	struct archive a;
	char *dir = scratch();

	(void)state;
	touch(dir, "[__1]_1", "2026-11-23T16-05-07.goroutines.txt.gz", 1);
	touch(dir, "[::1]_1", "2026-11-23T16-05-05.goroutines.txt.gz", 1);
	assert_int_equal(archive_list(&a, dir, NULL, &e), 0);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.hosts[0].n, 2);
	assert_true(a.hosts[0].files[0].time < a.hosts[0].files[1].time);
	archive_release(&a);
	free(dir);
}

static void expires_by_age_and_by_size(void **state)
{
	struct err e = {0};
	struct archive a;
	int64_t t;
	char *dir = scratch();

	(void)state;
	touch(dir, "a_1", "2026-11-23T16-00-00.000Z.goroutines.txt.gz", 100);
	touch(dir, "b_1", "2026-11-23T16-01-00.000Z.goroutines.txt.gz", 100);
	touch(dir, "a_1", "2026-11-23T16-02-00.000Z.goroutines.txt.gz", 100);
	touch(dir, "b_1", "2026-11-23T16-03-00.000Z.goroutines.txt.gz", 100);
	touch(dir, "b_1", "keep.me", 5000);
	assert_true(archive_time("2026-11-23T16-01-00Z.goroutines.txt", NULL, NO_TIME, &t));
	assert_int_equal(archive_expire(dir, t, 0, &e), 1);
	assert_int_equal(archive_expire(dir, t, 0, &e), 0);
	assert_int_equal(archive_expire(dir, NO_TIME, 150, &e), 2);
	assert_int_equal(archive_list(&a, dir, NULL, &e), 0);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.hosts[0].n, 1);
	assert_true(a.hosts[0].files[0].time == t + 2 * MINUTE);
	assert_int_equal(a.ignored, 1);
	archive_release(&a);
	assert_int_equal(archive_expire(dir, NO_TIME, 0, &e), 0); /* no limit, nothing goes */
	free(dir);
}

static void says_why_it_cannot_write(void **state)
{
	struct err e = {0};
	char *dir = scratch(), *below;

	(void)state;
	touch(dir, ".", "file", 1);
	below = xasprintf("%s/file/output", dir);
	assert_int_equal(archive_write(below, "a:1", T0, STR("x"), &e), -1);
	assert_non_null(strstr(e.text, "file"));
	free(below);
	free(dir);
}

/* Told of one file: the next one goes. */
static void remove_next(void *ctx, const char *sentence)
{
	assert_non_null(strstr(sentence, "is no goroutine dump"));
	assert_int_equal(unlink(ctx), 0);
}

/* Retention of a recorder takes files away while its archive is indexed: they are passed over, and the rest is taken. */
static void what_goes_meanwhile_is_passed_over(void **state)
{
	static const char *const names[] = {"2026-11-23T16-05-05.000Z.goroutines.txt", "2026-11-23T16-05-06.000Z.goroutines.txt", "2026-11-23T16-05-07.000Z.goroutines.txt"};
	const char dump[] = "goroutine 1 [select]:\nmain.main()\n\t/a.go:1 +0x1\n\n";
	char *dir = scratch(), *db = xasprintf("%s/s.db", dir), *folder = xasprintf("%s/a/h_1", dir), *top = xasprintf("%s/a", dir), *file = NULL, *next = NULL;
	struct index_options o = {.paths = (const char *const *)&top, .n_paths = 1, .db = db, .jobs = 1, .say = remove_next};
	struct index_totals t = {0};
	struct err e = {0};

	(void)state;
	mkdir(top, 0755);
	mkdir(folder, 0755);
	for (int i = 0; i < 3; i++) {
		free(file);
		file = xasprintf("%s/%s", folder, names[i]);
		assert_int_equal(file_write(file, i ? dump : "nothing\n", i ? strlen(dump) : 8, &e), 0);
	}
	next = xasprintf("%s/%s", folder, names[1]);
	o.ctx = next;
	assert_int_equal(index_run(&o, &t, &e), 0);
	assert_int_equal(t.recorded, 2);
	assert_int_equal(t.gone, 1);
	assert_int_equal(t.left, 0);
	free(file);
	free(next);
	free(folder);
	free(top);
	free(db);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(folders_and_hosts),
	        cmocka_unit_test(times_in_names),
	        cmocka_unit_test(the_hour_that_comes_twice),
	        cmocka_unit_test(written_files_are_whole_and_listed),
	        cmocka_unit_test(lists_a_folder_of_one_host_and_says_what_is_odd),
	        cmocka_unit_test(two_folders_of_one_host_are_one),
	        cmocka_unit_test(what_goes_meanwhile_is_passed_over),
	        cmocka_unit_test(expires_by_age_and_by_size),
	        cmocka_unit_test(says_why_it_cannot_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
