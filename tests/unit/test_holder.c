/* SPDX-License-Identifier: MIT */
/*
 * Who holds what, against a program that says it (tests/data/locks/locks.go): locks of methods, of functions, in objects, read locks, and deadlocks
 * of two to four. Never a cycle that is none.
 */
#include <gscrape/gzip.h>
#include <gscrape/holder.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct held_lock *lock_at(const struct held_lock *l, size_t n, uint64_t address)
{
	for (size_t i = 0; i < n; i++) /* a read lock stands at its object */
		if (l[i].address <= address && address - l[i].address <= 24 && (l[i].address == address || i + 1 == n || l[i + 1].address > address))
			return &l[i];
	return NULL;
}

static void holders_are_right(void **state)
{
	struct buf dump = {0}, said = {0};
	struct pool p = {0};
	struct held_lock *l;
	size_t n, right = 0, all = 0, cycles = 0, first = 0;
	char *top = getenv("TOP"), path[500];

	(void)state;
	snprintf(path, sizeof path, "%s/tests/data/locks/go126.txt", top ? top : ".");
	assert_true(file_read(path, &dump, 1 << 20, NULL) >= 0);
	snprintf(path, sizeof path, "%s/tests/data/locks/go126.said", top ? top : ".");
	assert_true(file_read(path, &said, 1 << 20, NULL) >= 0);
	buf_putc(&said, '\0');
	dump_held_locks((struct str){dump.p, dump.n}, &p, &l, &n);
	for (char *line = strtok(said.p, "\n"); line; line = strtok(NULL, "\n")) {
		uint64_t address, holder;
		char what[20];
		const struct held_lock *at;

		assert_int_equal(sscanf(line, "%19s 0x%" SCNx64 " %" SCNu64, what, &address, &holder), 3);
		at = lock_at(l, n, address);
		assert_non_null(at);
		right += at->holder == holder;
		all++;
		assert_int_equal(at->deadlock != NULL, strncmp(what, "cycle", 5) == 0);
		cycles += at->deadlock != NULL;
		first += at->first;
	}
	assert_int_equal(all, 18);
	assert_int_equal(right, 18);
	assert_int_equal(cycles, 9);
	assert_int_equal(first, 3);
	buf_release(&dump);
	buf_release(&said);
	pool_release(&p);
}

static const struct held_lock *only(const char *text, struct pool *p)
{
	struct held_lock *l;
	size_t n;

	dump_held_locks((struct str){text, strlen(text)}, p, &l, &n);
	assert_int_equal(n, 1);
	return l;
}

#define WAITER "goroutine 9 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc000010010)\n\t/s.go:1 +0x1\nmain.(*cache).get(0xc000010000)\n\t/c.go:1 +0x1\n\n"

static void doubt_is_told(void **state)
{
	struct pool p = {0};

	(void)state;
	assert_int_equal(only(WAITER, &p)->holder, 0);
	assert_string_equal(only(WAITER, &p)->reason, "nobody has its address in a frame");
	/* two as likely: neither */
	assert_int_equal(only(WAITER "goroutine 3 [sleep]:\nmain.a(0xc000010000)\n\t/c.go:1 +0x1\n\ngoroutine 4 [sleep]:\nmain.b(0xc000010000)\n\t/c.go:1 +0x1\n\n", &p)->holder, 0);
	/* a word that may be stale counts less than one that is not, */
	assert_int_equal(only(WAITER "goroutine 3 [sleep]:\nmain.a(0xc000010000?)\n\t/c.go:1 +0x1\n\ngoroutine 4 [sleep]:\nmain.b(0xc000010000)\n\t/c.go:1 +0x1\n\n", &p)->holder, 4);
	/* and a method on the object more than a function that has it */
	assert_int_equal(only(WAITER "goroutine 3 [sleep]:\nmain.(*cache).load(0xc000010000)\n\t/c.go:1 +0x1\n\ngoroutine 4 [sleep]:\nmain.b(0xc000010000)\n\t/c.go:1 +0x1\n\n", &p)->holder, 3);
	/* one that waits for it does not hold it */
	assert_int_equal(only(WAITER "goroutine 8 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc000010010)\n\t/s.go:1 +0x1\nmain.(*cache).get(0xc000010000)\n\t/c.go:1 +0x1\n\n", &p)->holder, 0);
	pool_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(holders_are_right), cmocka_unit_test(doubt_is_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
