/* SPDX-License-Identifier: MIT */
/* The base room: bytes, numbers, visible text, JSON out and in, gzip, times. */
#include "base/hash_wide.h"
#include <gscrape/buf.h>
#include <gscrape/gzip.h>
#include <gscrape/hash.h>
#include <gscrape/json.h>
#include <gscrape/match.h>
#include <gscrape/system.h>
#include <gscrape/text.h>
#include <gscrape/timefmt.h>
#include <gscrape/workers.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void numbers_are_sorted(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 63, 64, 1000, 70000};
	uint64_t seed = 1;

	(void)state;
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		for (unsigned shift = 0; shift < 64; shift += 21) {
			size_t n = sizes[k];
			uint64_t *a = xcalloc(n + 1, sizeof *a), sum = 0;

			for (size_t i = 0; i < n; i++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				a[i] = seed >> shift;
				sum += a[i];
			}
			sort_numbers(a, n);
			for (size_t i = 0; i < n; i++) {
				assert_true(!i || a[i - 1] <= a[i]);
				sum -= a[i];
			}
			assert_true(sum == 0);
			free(a);
		}
	}
}

static void varints_come_back(void **state)
{
	static const uint64_t v[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
	static const int64_t s[] = {0, -1, 1, -64, 64, INT64_MIN, INT64_MAX};
	struct buf b = {0};
	const uint8_t *p, *end;

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		buf_varint(&b, v[i]);
	for (size_t i = 0; i < sizeof s / sizeof *s; i++)
		buf_svarint(&b, s[i]);
	p = (const uint8_t *)b.p;
	end = p + b.n;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		assert_true(get_varint(&p, end) == v[i]);
	for (size_t i = 0; i < sizeof s / sizeof *s; i++)
		assert_true(get_svarint(&p, end) == s[i]);
	assert_ptr_equal(p, end);
	get_varint(&p, end);
	assert_null(p); /* past the end */
	buf_release(&b);
	buf_release(&b);
}

struct counted {
	uint64_t key;
	uint32_t n;
};

HASH_TABLE(counts, struct counted, key, n);

/* Keys of few different values, so that many share a slot's beginning; a plain array knows what is right. */
/* Stores have its numbers in them: the same for ever, whichever way this processor takes. */
static void a_hash_is_the_same_everywhere(void **state)
{
	uint8_t text[5000];
	uint64_t all = 0;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)(i * i / 7 + i);
	for (size_t n = 0; n < sizeof text; n += 1 + n / 16) {
		uint64_t h = hash64(text, n);

		all = hash_u64(all ^ h);
#ifdef __x86_64__
		if (__builtin_cpu_supports("avx2"))
			assert_int_equal(hash64_wide(text, n), h);
#endif
	}
	assert_int_equal(hash64(text, 0), 0x2d06800538d394c2u);
	assert_int_equal(all, 0xf219d9ca14edeff4u);
}

static void hash_tables_hold_what_was_put_in(void **state)
{
	enum { KEYS = 3000, STEPS = 40000 };
	struct hash t = {0};
	struct counts c = {0};
	static bool there[KEYS];
	static uint32_t count[KEYS];
	uint32_t at, n = 0;
	uint64_t random = 1;

	(void)state;
	HASH_FIND(&t, 7, at, true);
	assert_int_equal(at, HASH_NONE);
	assert_null(counts_find(&c, 0));
	for (size_t step = 0; step < STEPS; step++) {
		uint32_t k = (uint32_t)((random = hash_u64(random)) % KEYS);
		uint64_t hash = k % 3 ? hash_u64(k) : k / 64; /* a third of them in runs of 64 with equal hashes */

		HASH_FIND(&t, hash, at, at == k);
		assert_int_equal(at, there[k] ? k : HASH_NONE);
		if (there[k])
			hash_drop(&t, hash, k);
		else
			hash_put(&t, hash, k);
		there[k] = !there[k];
		n += there[k] ? 1 : UINT32_MAX;
		assert_int_equal(t.n, n);
		counts_at(&c, k)->n++;
		count[k]++;
	}
	for (uint32_t k = 0; k < KEYS; k++) {
		HASH_FIND(&t, k % 3 ? hash_u64(k) : k / 64, at, at == k);
		assert_int_equal(at, there[k] ? k : HASH_NONE);
		assert_int_equal(counts_find(&c, k) ? counts_find(&c, k)->n : 0, count[k]);
	}
	assert_null(counts_find(&c, KEYS));
	hash_clear(&t);
	HASH_FIND(&t, 0, at, true);
	assert_int_equal(at, HASH_NONE);
	hash_release(&t);
	hash_release(&t);
	counts_release(&c);
}

static void failures_have_a_kind(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(fail_errno(&e, ENOENT, "a.db"), -1);
	assert_string_equal(e.text, "a.db: No such file or directory");
	assert_int_equal(e.kind, ERR_GONE);
	fail_errno(&e, ENOSPC, "a.db");
	assert_string_equal(e.text, "a.db: the disk is full");
	assert_int_equal(e.kind, ERR_FULL);
	fail_write(&e, EIO, "/tmp/not/there/yet"); /* there is room in /tmp */
	assert_string_equal(e.text, "/tmp/not/there/yet: Input/output error");
	assert_int_equal(e.kind, ERR_IO);
	fail_as(&e, ERR_FAILED, "anything");
	assert_int_equal(e.kind, ERR_FAILED);
	assert_int_equal(fail_write(NULL, EIO, "/dev/null"), -1);
}

struct tally {
	pthread_mutex_t lock;
	int done;
	struct workers *w;
};

static void one_more(void *ctx)
{
	struct tally *t = ctx;

	pthread_mutex_lock(&t->lock);
	t->done++;
	pthread_mutex_unlock(&t->lock);
}

static int in_order(void *ctx)
{
	return ++*(int *)ctx;
}

static void workers_do_what_was_put_in(void **state)
{
	struct tally t = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct err e;
	int n = 0;

	(void)state;
	assert_int_equal(workers_open(&t.w, 1, &e), 0);
	for (int i = 1; i <= 1000; i++)
		assert_int_equal(workers_do(t.w, in_order, &n), i);
	workers_close(t.w);
	assert_int_equal(workers_open(&t.w, 4, &e), 0);
	for (int i = 0; i < 1000; i++)
		workers_put(t.w, one_more, &t);
	workers_close(t.w); /* what waits is done first */
	assert_int_equal(t.done, 1000);
	workers_close(NULL);
}

/* What a thread does between its pieces of work, and how often. */
struct between {
	pthread_mutex_t lock;
	pthread_cond_t called;
	int calls, works;
	int64_t again; /* what it returns */
};

static int64_t count_call(void *ctx)
{
	struct between *b = ctx;

	pthread_mutex_lock(&b->lock);
	b->calls++;
	pthread_cond_signal(&b->called);
	pthread_mutex_unlock(&b->lock);
	return b->again;
}

static void count_work(void *ctx)
{
	((struct between *)ctx)->works++;
}

static void await_calls(struct between *b, int n)
{
	pthread_mutex_lock(&b->lock);
	while (b->calls < n)
		pthread_cond_wait(&b->called, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

static void workers_have_something_between(void **state)
{
	struct between b = {.lock = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER, .again = INT64_MAX / 2};
	struct workers *w;
	struct err e;

	(void)state;
	assert_int_equal(workers_open_between(&w, count_call, &b, &e), 0);
	await_calls(&b, 1); /* and then never of itself */
	for (int i = 0; i < 10; i++)
		workers_put(w, count_work, &b);
	await_calls(&b, 11);
	assert_int_equal(b.works, 10);
	workers_wake(w);
	await_calls(&b, 12);
	workers_close(w);
	assert_int_equal(b.calls, 12);
	b = (struct between){.lock = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER, .again = 1};
	assert_int_equal(workers_open_between(&w, count_call, &b, &e), 0);
	await_calls(&b, 5); /* when its time has come */
	workers_close(w);
}

static void one_of_a_set(void **state)
{
	(void)state;
	assert_true(char_in('b', "abc"));
	assert_false(char_in('d', "abc"));
	assert_false(char_in('\0', "abc")); /* which strchr finds */
}

static void hostile_bytes_are_shown(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"main.f", "main.f"},
		{"\x1b[31mred", "^[[31mred"},
		{"a\nb\tc\r", "a^Jb^Ic^M"},
		{"\x7f", "^?"},
		{"\xc3\xa9", "\xc3\xa9"},
		{"\xff\xc3", "\\xFF\\xC3"},
		{"\xc2\x9b"
		 "2J",
		 "\\xC2\\x9B2J"},
		{"a\xe2\x80\xae" "b", "a<U+202E>b"},           /* what follows would be written backwards */
		{"\xe2\x81\xa6\xe2\x80\xa8", "<U+2066><U+2028>"},
		{"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"}, /* joined */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = {0};

		buf_add_visible(&b, rows[i].in, strlen(rows[i].in));
		buf_putc(&b, '\0');
		assert_string_equal(b.p, rows[i].out);
		assert_int_equal(visible_cells(rows[i].in, strlen(rows[i].in)), visible_cells(b.p, b.n - 1));
		buf_release(&b);
	}
}

static void text_is_as_wide_as_it_is_shown(void **state)
{
	static const struct {
		const char *text;
		size_t cells;
	} rows[] = {
		{"main.f", 6},
		{"\xe6\xbc\xa2\xe5\xad\x97", 4},  /* two of China's */
		{"e\xcc\x81", 1},                  /* an accent of its own */
		{"\xf0\x9f\x98\x80", 2},          /* a face */
		{"\xe2\xa3\xbf\xe2\x94\x80", 2},  /* what charts are made of */
		{"\xef\xbd\xb1\xef\xbc\xa1", 3},  /* half and full width */
		{"\xd7\xa9\xd9\x85", 2},
	};
	static const char *const none[] = {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xf8\x88\x80\x80\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(visible_cells(rows[i].text, strlen(rows[i].text)), rows[i].cells);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(utf8_length((const unsigned char *)none[i], strlen(none[i])), 0);
}

static void pool_gives_zeroed_aligned_room(void **state)
{
	struct pool p = {0};

	(void)state;
	for (size_t n = 1; n < 100000; n *= 3) {
		char *m = pool_alloc(&p, n);

		assert_int_equal((uintptr_t)m % 16, 0);
		assert_int_equal(m[0] | m[n - 1], 0);
		memset(m, 0xff, n);
	}
	assert_string_equal(pool_printf(&p, "%s:%d", "a", 1), "a:1");
	assert_string_equal(pool_strndup(&p, "abcdef", 3), "abc");
	pool_release(&p);
	assert_null(p.head);
}

static void json_is_written(void **state)
{
	struct buf b = {0};
	struct jw j = {.out = &b};

	(void)state;
	jw_obj(&j);
	jw_kstr(&j, "s", "a\"\\\n\x01\xff\xc3\xa9");
	jw_kuint(&j, "u", UINT64_MAX);
	jw_ktime(&j, "t", NO_TIME);
	jw_key(&j, "a");
	jw_arr(&j);
	jw_int(&j, -1);
	jw_bool(&j, true);
	jw_obj(&j);
	jw_end(&j);
	jw_end(&j);
	jw_key(&j, "e");
	jw_arr(&j);
	jw_end(&j);
	jw_end(&j);
	buf_putc(&b, '\0');
	assert_string_equal(b.p, "{\"s\":\"a\\\"\\\\\\n\\u0001\\\\xff\xc3\xa9\",\"u\":18446744073709551615,"
				 "\"t\":null,\"a\":[-1,true,{}],\"e\":[]}");
	buf_release(&b);
}

static void json_is_read(void **state)
{
	static const char text[] = "[{\"targets\":[\"a:1\"]}]";
	struct err e = {0};
	struct json *root = json_parse(text, sizeof text - 1, &e);
	const struct json *o = json_first(root);

	(void)state;
	assert_true(json_is_arr(root) && json_is_obj(o));
	assert_string_equal(json_str(json_first(json_get(o, "targets"))), "a:1");
	assert_null(json_get(o, "none"));
	json_free(root);
	assert_null(json_parse("[1,]", 4, &e));
	assert_non_null(strstr(e.text, "byte"));
	assert_null(json_parse("{} x", 4, &e));
}

static void gzip_goes_and_comes_back(void **state)
{
	struct buf text = {0}, gz = {0}, out = {0};
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_addf(&text, "goroutine %d [select]:\n", i * 7919 % 20000);
	gzip_deflate(text.p, text.n, 6, &gz);
	assert_true(gzip_is(gz.p, gz.n) && gz.n < text.n / 2);
	assert_int_equal(gzip_inflate(gz.p, gz.n, &out, FILE_MAX, &e), 0);
	assert_int_equal(out.n, text.n);
	assert_memory_equal(out.p, text.p, text.n);

	/* half a file gives what came before the cut, and says so */
	assert_int_equal(gzip_inflate(gz.p, gz.n / 2, &out, FILE_MAX, &e), 1);
	assert_non_null(strstr(e.text, "cut"));
	assert_true(out.n > 0 && out.n < text.n);
	assert_memory_equal(out.p, text.p, out.n);

	/* more than is allowed is refused */
	assert_int_equal(gzip_inflate(gz.p, gz.n, &out, 1000, &e), GZIP_TOO_LARGE);

	/* two members, one after the other, are one text */
	gzip_deflate("tail\n", 5, 6, &gz);
	assert_int_equal(gzip_inflate(gz.p, gz.n, &out, FILE_MAX, &e), 0);
	assert_int_equal(out.n, text.n + 5);
	assert_memory_equal(out.p + text.n, "tail\n", 5);
	buf_release(&text);
	buf_release(&gz);
	buf_release(&out);
}

static void a_file_is_written_whole(void **state)
{
	char *path = xasprintf("%s/file", getenv("TMP") ? getenv("TMP") : "/tmp");
	struct buf b = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(file_write(path, "abc", 3, &e), 0);
	assert_int_equal(file_read(path, &b, FILE_MAX, &e), 0);
	assert_true(b.n == 3 && memcmp(b.p, "abc", 3) == 0);
	assert_int_equal(file_read("/nonexistent/x", &b, FILE_MAX, &e), -1);
	assert_string_equal(e.text, "/nonexistent/x: No such file or directory");
	assert_int_equal(file_read("/", &b, FILE_MAX, &e), -1);
	assert_string_equal(e.text, "/: is a directory");
	assert_int_equal(file_create(path, "def", 3, &e), 1); /* there is one */
	assert_int_equal(file_read(path, &b, FILE_MAX, &e), 0);
	assert_memory_equal(b.p, "abc", 3);
	unlink(path);
	assert_int_equal(file_create(path, "def", 3, &e), 0);
	assert_int_equal(file_read(path, &b, FILE_MAX, &e), 0);
	assert_memory_equal(b.p, "def", 3);
	assert_int_equal(file_create("/nonexistent/x", "def", 3, &e), -1);
	assert_int_equal(e.kind, ERR_GONE);
	unlink(path);
	free(path);
	buf_release(&b);
}

/* Of this file, by a process that is gone, an hour old: one of four. */
static void what_was_left_is_removed(void **state)
{
	static const char *const names[] = {".tmp.999999999", ".tmp.999999998", ".tmp.x", "2.tmp.999999999", ".tmp.1"};
	char *path = xasprintf("%s/left", getenv("TMP") ? getenv("TMP") : "/tmp");
	struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

	(void)state;
	for (int i = 0; i < 5; i++) {
		char *name = xasprintf("%s%s", path, names[i]);
		int fd = open(name, O_WRONLY | O_CREAT, 0600);

		assert_true(fd >= 0 && (i == 1 || futimens(fd, old) == 0));
		close(fd);
		free(name);
	}
	assert_int_equal(file_write(path, "abc", 3, NULL), 0);
	for (int i = 0; i < 5; i++) {
		char *name = xasprintf("%s%s", path, names[i]);

		assert_int_equal(unlink(name), i ? 0 : -1);
		free(name);
	}
	unlink(path);
	free(path);
}

static void times_are_read(void **state)
{
	static const int64_t now = 1795450000000; /* 2026-11-23T16:06:40Z */
	static const struct {
		const char *text, *zone;
		int64_t t;
	} rows[] = {
		{"2026-11-23T16:05:05Z", NULL, 1795449905000},
		{"2026-11-23T16:05:05.123Z", NULL, 1795449905123},
		{"2026-11-23T17:05:05+01:00", NULL, 1795449905000},
		{"2026-11-23 16:05:05", NULL, 1795449905000},
		{"2026-11-23 17:05:05", "Europe/Berlin", 1795449905000},
		{"16:05:05", NULL, 1795449905000},
		{"17:05:05", "Europe/Berlin", 1795449905000},
		{"00:30", "Asia/Kolkata", 1795374000000}, /* it is 21:36 there: this morning */
		{"16:30", NULL, 1795451400000 - 86400000}, /* not yet today: yesterday */
		{"now", NULL, now},
		{"-10m", NULL, now - 600000},
		{"-1h30m", NULL, now - 5400000},
	};
	static const char *const bad[] = {"", "yesterday", "25:00", "2026-13-01", "2026-11-23T16:05:05X", "10m", "-",
					  "-155555w", "1970-01-01T00:00+01:00"}; /* before 1970 */
	struct pool p = {0};
	int64_t t;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct zone *zone = rows[i].zone ? zone_open(&p, rows[i].zone, &e) : NULL;

		assert_int_equal(time_parse(rows[i].text, now, zone, &t, &e), 0);
		assert_int_equal(t, rows[i].t);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(time_parse(bad[i], now, NULL, &t, &e), -1);
	pool_release(&p);
}

static void times_are_written(void **state)
{
	struct pool p = {0};
	const struct zone *kolkata = zone_open(&p, "Asia/Kolkata", NULL);
	char s[TIME_MAX];

	(void)state;
	assert_string_equal(time_format(s, 1795449905123, TIME_RFC3339, NULL), "2026-11-23T16:05:05.123Z");
	assert_string_equal(time_format(s, 1795449905000, TIME_RFC3339, kolkata), "2026-11-23T21:35:05+05:30");
	assert_string_equal(time_format(s, 1795449905123, TIME_ARCHIVE, kolkata), "2026-11-23T16-05-05.123Z");
	assert_string_equal(time_format(s, 1795449905123, TIME_TABLE, NULL), "2026-11-23 16:05:05");
	assert_string_equal(time_format(s, NO_TIME, TIME_TABLE, NULL), "-");
	assert_string_equal(time_format(s, -1, TIME_RFC3339, NULL), "1969-12-31T23:59:59.999Z");
	assert_string_equal(time_format(s, 1795449905000, TIME_HM, kolkata), "21:35");
	assert_string_equal(time_format(s, INT64_MAX, TIME_RFC3339, kolkata), "292278994-08-17T12:42:55.807+05:30");
	pool_release(&p);
}

static void durations_and_sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *back;
	} rows[] = {
		{"90s", 90000, "1m30s"}, {"1m30s", 90000, "1m30s"}, {"250ms", 250, "250ms"},
		{"1.5h", 5400000, "1h30m"}, {"7d", 604800000, "7d"}, {"0", 0, "0s"}, {"1h58m3s", 7083000, "1h58m"},
	};
	char s[TIME_MAX];
	uint64_t size;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(duration_parse(rows[i].text, &ms, NULL), 0);
		assert_int_equal(ms, rows[i].ms);
		assert_string_equal(duration_format(s, ms), rows[i].back);
		assert_string_equal(duration_bound(s, 0, ms), rows[i].back);
	}
	assert_string_equal(duration_bound(s, '<', 3 * 3600000), "<=3h");
	assert_string_equal(duration_bound(s, '<', 0), "-");
	assert_string_equal(duration_bound(s, '>', 0), ">=0s");
	assert_int_equal(duration_parse("30", &ms, NULL), -1);
	assert_int_equal(duration_parse("", &ms, NULL), -1);
	assert_int_equal(duration_parse("5x", &ms, NULL), -1);
	assert_int_equal(duration_parse("-", &ms, NULL), -1);
	assert_int_equal(size_parse("5GB", &size, NULL), 0);
	assert_true(size == 5000000000u);
	assert_int_equal(size_parse("64MiB", &size, NULL), 0);
	assert_true(size == 67108864);
	assert_int_equal(size_parse("big", &size, NULL), -1);
	assert_int_equal(size_parse("-1", &size, NULL), -1);
}

static bool matches(const char *pattern, enum match_kind kind, const char *text)
{
	struct matcher m = {0};
	bool yes;

	matcher_set(&m, pattern, kind, NULL);
	yes = matcher_matches(&m, text);
	matcher_release(&m);
	return yes;
}

/* One rule for searches, filters and names of functions. */
static void what_is_typed_matches(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool words, text_too, regex;
	} cases[] = {
		{"", "anything", true, true, true},
		{"main", "main.serve", true, true, true},
		{"^main", "main.serve", true, true, true},
		{"^main", "x.main", false, false, false},
		{"serve$", "main.serve", true, true, true},
		{"serve$", "main.server", false, false, false},
		{"^main$", "main", true, true, true},
		{"^main$", "main.f", false, false, false},
		{"Serve", "main.serve", false, false, false},
		{"serve", "main.Serve", true, true, true},
		{"serve main", "main.serve", true, false, false},
		{"chan send", "x chan send", true, true, true},
		{"main !Test", "main.test", true, false, false},
		{"!main", "main.f", false, false, false},
		{"!main", "it says !main", false, true, true},
		{"^", "a^", true, true, true},
		{"conn.serve", "net/http.(*conn).serve", true, true, false},
		{"^net/http.conn.serve$", "net/http.(*conn).serve", true, true, false},
		{"!conn.serve", "net/http.(*conn).serve", false, false, false},
		{"*conn.serve", "net/http.(*conn).serve", false, false, false},
		{"(*conn).serve", "net/http.(*conn).serve", true, true, false},
		{"f()", "main.f(*)", false, false, true},
	};
	struct matcher m = {0};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(matches(cases[i].pattern, MATCH_WORDS, cases[i].text), cases[i].words);
		assert_int_equal(matches(cases[i].pattern, MATCH_TEXT, cases[i].text), cases[i].text_too);
		assert_int_equal(matches(cases[i].pattern, MATCH_REGEX, cases[i].text), cases[i].regex);
	}
	assert_int_equal(matcher_set(&m, "a[", MATCH_REGEX, &e), -1);
	assert_non_null(strstr(e.text, "'a[' is no regular expression"));
	assert_false(matcher_matches(&m, "a["));
	matcher_release(&m);
	assert_int_equal(edits("host", "hsot"), 1);
	assert_int_equal(edits("a:6060", "a:6061"), 1);
	assert_int_equal(edits("", "abc"), 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_sorted),
		cmocka_unit_test(varints_come_back),
		cmocka_unit_test(a_hash_is_the_same_everywhere),
		cmocka_unit_test(hash_tables_hold_what_was_put_in),
		cmocka_unit_test(failures_have_a_kind),
		cmocka_unit_test(workers_do_what_was_put_in), cmocka_unit_test(workers_have_something_between), cmocka_unit_test(one_of_a_set),
		cmocka_unit_test(hostile_bytes_are_shown),
		cmocka_unit_test(text_is_as_wide_as_it_is_shown),
		cmocka_unit_test(pool_gives_zeroed_aligned_room),
		cmocka_unit_test(json_is_written),
		cmocka_unit_test(json_is_read),
		cmocka_unit_test(gzip_goes_and_comes_back),
		cmocka_unit_test(a_file_is_written_whole), cmocka_unit_test(what_was_left_is_removed),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(times_are_written),
		cmocka_unit_test(durations_and_sizes),
		cmocka_unit_test(what_is_typed_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
