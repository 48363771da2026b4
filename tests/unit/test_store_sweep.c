/* SPDX-License-Identifier: MIT */
/* Names that nobody uses any more go while history is dropped, and no other; a store of ever new names comes to rest. */
#include "history.h"
#include "store/lmdb/lmdb_store.h"
#include <stdbool.h>

#define GOROUTINE "goroutine %d [%s]:\nmain.%s%d(0x1)\n\t/srv/%s%d.go:%d +0x1\ncreated by main.start%d in goroutine 1\n\t/srv/main.go:5 +0x2\n\n"

static void one(struct buf *b, int id, const char *state, const char *word, int n)
{
	buf_addf(b, GOROUTINE, id, state, word, n, word, n, n % 90 + 1, n % 7);
}

static void put(struct history *h, int second, struct buf *b)
{
	buf_putc(b, '\0');
	assert_int_equal(add(h, second, b->p, SNAP_OK), 0);
	buf_reset(b);
}

static void drop_until(struct history *h, int second)
{
	struct err e = {0};

	if (recorder_expire(h->r, T0 + second * 1000LL, 0, &e) < 0)
		fail_msg("%s", e.text);
}

struct extent {
	uint64_t bytes;
	size_t rows; /* of the dictionary */
};

static struct extent extent_of(const char *db)
{
	struct store_view *v;
	struct extent x;
	struct store *s;
	MDB_stat st;
	struct err e;

	assert_int_equal(store_open(&s, db, STORE_READ, &e), 0);
	assert_int_equal(store_size(s, &x.bytes, &e), 0);
	assert_int_equal(store_view_open(s, &v, &e), 0);
	assert_int_equal(mdb_stat(view_of(v)->txn, lmdb_of(s)->env->dict, &st), 0);
	x.rows = st.ms_entries;
	store_view_close(v);
	store_close(s);
	return x;
}

static void is_sound(const char *db)
{
	struct store *s;
	struct err e;

	assert_int_equal(store_open(&s, db, STORE_READ, &e), 0);
	assert_int_equal(store_verify(s, NULL, NULL, &e), 0);
	store_close(s);
}

static size_t functions_named(struct history *h, const char *pattern)
{
	struct function *f;
	struct err e = {0};
	size_t n;

	assert_int_equal(query_refresh(h->q, &e) < 0, 0);
	if (query_functions(h->q, pattern, &h->p, &f, &n, &e) < 0)
		fail_msg("%s", e.text);
	return n;
}

#define NEW 60       /* goroutines of a snapshot, of functions that were never there before */
#define KEPT 100     /* snapshots */
#define YEAR 2000

/* Store and dictionary are as large at the end as they were after a quarter. */
static void year_of_new_names(unsigned share)
{
	struct extent early = {0}, late = {0};
	struct history h;
	struct buf b = {0};

	sweep_share = share;
	begin(&h);
	for (int i = 0; i < YEAR; i++) {
		struct extent now, *most = i < YEAR / 2 ? &early : &late;

		one(&b, 1, "select", "always", 0);
		for (int k = 0; k < NEW; k++)
			one(&b, 2 + i * NEW + k, "chan receive", "fresh", i * NEW + k);
		put(&h, i, &b);
		if (i % 10)
			continue;
		drop_until(&h, i - KEPT);
		if (i % 100)
			continue;
		is_sound(h.db);
		now = extent_of(h.db);
		most->bytes = now.bytes > most->bytes ? now.bytes : most->bytes;
		most->rows = now.rows > most->rows ? now.rows : most->rows;
	}
	print_message("share %u: dictionary %zu rows, at the end %zu; store %llu, at the end %llu bytes\n", share, early.rows, late.rows,
		      (unsigned long long)early.bytes, (unsigned long long)late.bytes);
	assert_true(late.rows <= early.rows * 1.1);
	assert_true(late.bytes <= early.bytes * 1.1 + 65536);
	ask(&h);
	assert_int_equal(functions_named(&h, "always"), 1);
	assert_in_range(functions_named(&h, "fresh"), KEPT * NEW, 8 * KEPT * NEW);
	buf_release(&b);
	finish(&h);
}

static void a_year_of_new_names(void **state)
{
	(void)state;
	year_of_new_names(1 << 18);
}

/* A round takes as long as forty batches. */
static void a_year_in_small_steps(void **state)
{
	(void)state;
	year_of_new_names(4096);
}

static int dice(uint32_t *seed, int n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (int)(*seed >> 8) % n;
}

/* Names come and go and come back, hosts too, while rounds are in each of their steps, and the recorder starts again in between. */
static void at_random(void **state)
{
	static const char *const states[] = {"select", "chan send", "IO wait", "running", "sleep"};
	uint32_t hosts[3], seed = 1;
	struct history h;
	struct buf b = {0};
	struct err e = {0};

	(void)state;
	begin(&h);
	for (int i = 0; i < 3000; i++) {
		char host[8] = "x:0";

		sweep_share = 1 + (unsigned)(dice(&seed, 3) ? dice(&seed, 40) : dice(&seed, 4000));
		if (i % 97 == 0 && i)
			assert_int_equal(recorder_close(h.r, &e), 0);
		if (i % 97 == 0 && i)
			assert_int_equal(recorder_open(&h.r, h.db, &e), 0);
		for (int k = 0; k < 3 && i % 97 == 0; k++) {
			host[2] = (char)('0' + (k + i / 970) % 6); /* after a while others */
			assert_int_equal(recorder_host(h.r, host, NULL, &hosts[k], &e), 0);
		}
		h.host = hosts[dice(&seed, 3)];
		for (int k = dice(&seed, 30); k > 0; k--) {
			int name = dice(&seed, 4) ? i / 40 + dice(&seed, 3) : dice(&seed, 400);

			const char *in = states[dice(&seed, 5)];

			one(&b, 5000 - k * 100 + name, in, dice(&seed, 2) ? "old" : "work", name);
		}
		one(&b, 6000, states[dice(&seed, 5)], "last", 0);
		put(&h, i, &b);
		if (dice(&seed, 3) == 0)
			drop_until(&h, i - 20 - dice(&seed, 60));
		if (i % 25 == 0) {
			assert_int_equal(recorder_commit(h.r, &e), 0);
			is_sound(h.db);
		}
	}
	buf_release(&b);
	ask(&h);
	finish(&h);
}

static uint32_t last_string(const char *db)
{
	struct store *s;
	struct err e;
	uint32_t last;

	assert_int_equal(store_open(&s, db, STORE_WRITE, &e), 0);
	last = lmdb_of(s)->next_string;
	store_close(s);
	return last;
}

/* Who keeps a name's number for longer than the name stays is told that it went, and never gets another name for it. */
static void numbers_that_were_kept(void **state)
{
	struct number_set gone;
	struct store_view *v;
	struct store *s;
	struct history h;
	struct buf b = {0};
	struct str text;
	struct err e = {0};
	uint32_t highest, number = 1;

	(void)state;
	sweep_share = 1 << 18;
	begin(&h);
	for (int i = 0; i < 50; i++) {
		one(&b, i + 1, "select", i < 25 ? "early" : "late", i);
		put(&h, i, &b);
	}
	recorder_close(h.r, &e);
	h.r = NULL;
	highest = last_string(h.db);
	open_recorder(&h);
	assert_int_equal(store_open(&s, h.db, STORE_READ, &e), 0);
	for (int i = 50; i < 60; i++) {
		put(&h, i, &b);                          /* nobody is left: the events of before may go with their piece */
		drop_until(&h, i);
	}
	assert_int_equal(recorder_close(h.r, &e), 0);
	assert_int_equal(recorder_open(&h.r, h.db, &e), 0);
	drop_until(&h, 100000);                          /* nobody records the host: it goes as a whole */
	assert_int_equal(recorder_host(h.r, "b:1", NULL, &h.host, &e), 0);
	one(&b, 1, "select", "early", 3);                /* one that is back */
	put(&h, 200000, &b);
	assert_int_equal(recorder_commit(h.r, &e), 0);
	assert_int_equal(store_view_open(s, &v, &e), 0);
	assert_int_equal(dict_count(view_of(v), &e), 0);
	assert_true(view_of(v)->n_strings > highest);    /* and has a number of its own */
	assert_int_equal(names_dropped(view_of(v), NAME_STRING, view_of(v)->n_strings, &gone, &e), 0);
	assert_in_range(gone.count, 60, highest);
	while (!numbers_have(&gone, number))
		number++;
	assert_int_equal(store_strings(v, &number, 1, &h.p, &text, &e), -1);
	assert_int_equal(e.kind, ERR_GONE);
	numbers_release(&gone);
	store_view_close(v);
	store_close(s);
	ask(&h);
	assert_int_equal(functions_named(&h, "early"), 1);
	assert_int_equal(functions_named(&h, "late"), 1); /* the highest number stays, so that it is given once */
	buf_release(&b);
	finish(&h);
}

static void no_word(void *ctx, const char *sentence)
{
	(void)ctx;
	fail_msg("%s", sentence);
}

/* A name that is missing and did not go is lost: it is told, and mended; those that went are not. */
static void lost_is_not_dropped(void **state)
{
	struct repairing quietly = {no_word, NULL};
	struct store *s;
	struct history h;
	struct buf b = {0};
	struct err e = {0};
	char to[300];

	(void)state;
	sweep_share = 1 << 18;
	begin(&h);
	for (int i = 0; i < 400; i++) {
		for (int k = 0; k < 40; k++)
			one(&b, i * 40 + k + 1, "select", "fresh", i * 40 + k);
		put(&h, i, &b);
		if (i % 10 == 0)
			drop_until(&h, i - 10);
	}
	recorder_close(h.r, &e);
	h.r = NULL;
	snprintf(to, sizeof to, "%s.mended", h.db);
	unlink(to);
	if (store_repair(h.db, to, &quietly, &e) < 0)
		fail_msg("%s", e.text);
	is_sound(to);
	unlink(to);
	assert_int_equal(store_open(&s, h.db, STORE_WRITE, &e), 0);
	assert_int_equal(store_begin(s, &e), 0);
	assert_int_equal(dict_del(lmdb_of(s), dict_key('K', lmdb_of(s)->next_stack - 3, 4), &e), 0);
	assert_int_equal(store_commit(s, NULL, &e), 0);
	assert_int_not_equal(store_verify(s, NULL, NULL, &e), 0);
	store_close(s);
	buf_release(&b);
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_year_of_new_names), cmocka_unit_test(a_year_in_small_steps), cmocka_unit_test(at_random),
		cmocka_unit_test(numbers_that_were_kept), cmocka_unit_test(lost_is_not_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
