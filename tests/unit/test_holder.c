/* SPDX-License-Identifier: MIT */
/*
 * Who holds what, against a program that says it (tests/data/locks): locks of methods, of functions, in objects, read locks, and deadlocks
 * of two to four. Never a cycle that is none.
 */
#include <gscrape/archive.h>
#include <gscrape/dump.h>
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

/* One host, of which all texts that are asked about are snapshots: whatever is left out of one because it was known before must not matter. */
static struct {
	struct symtab *names;
	struct scanner *scanner;
	struct previous *host;
} recorded;

static int begin_host(void **state)
{
	(void)state;
	recorded.names = symtab_new();
	recorded.scanner = scanner_new(recorded.names);
	recorded.host = previous_new();
	return 0;
}

static int end_host(void **state)
{
	(void)state;
	previous_free(recorded.host);
	scanner_free(recorded.scanner);
	symtab_free(recorded.names);
	return 0;
}

static void assert_equal_locks(const struct held_lock *a, size_t n_a, const struct held_lock *b, size_t n_b)
{
	struct buf x = {0}, y = {0};

	held_pack(a, n_a, &x);
	held_pack(b, n_b, &y);
	assert_true(n_a == n_b && x.n == y.n && memcmp(x.p, y.p, x.n) == 0);
	for (size_t i = 0; i < n_a; i++)
		assert_true(a[i].waiters == b[i].waiters && a[i].waiter == b[i].waiter);
	buf_release(&x);
	buf_release(&y);
}

/* The locks of a text, the same as of a snapshot with it, and as of the same one again. */
static void ask_locks(struct str text, struct pool *p, struct held_lock **l, size_t *n)
{
	dump_held_locks(text, p, l, n);
	for (int again = 0; again < 2; again++) {
		struct scan_result r;
		struct held_lock *of;
		size_t n_of;

		scan_text(recorded.scanner, recorded.host, text, false, &r);
		dump_held_locks_of(&(struct held_scan){text, &r, recorded.host, recorded.names}, p, &of, &n_of);
		assert_equal_locks(*l, *n, of, n_of);
	}
}

static void read_data(const char *name, struct buf *out)
{
	char *top = getenv("TOP"), path[500];

	snprintf(path, sizeof path, "%s/tests/data/locks/%s", top ? top : ".", name);
	assert_true(file_read(path, out, 1 << 20, NULL) >= 0);
}

/* The same, whether a few blocks are read or, behind a line of a log, all; and out of bytes again. */
static void check_equal(struct str dump, bool nothing_left_out)
{
	struct buf log = {0}, packed = {0}, again = {0};
	struct held_lock *some, *all, *back;
	struct pool p = {0};
	size_t n_some, n_all, n_back;

	buf_adds(&log, "a line of a log\n");
	buf_add(&log, dump.p, dump.n);
	ask_locks(dump, &p, &some, &n_some);
	dump_held_locks((struct str){log.p, log.n}, &p, &all, &n_all);
	held_pack(some, n_some, &packed);
	held_pack(all, n_all, &again);
	assert_int_equal(n_some, n_all);
	assert_true(packed.n == again.n && memcmp(packed.p, again.p, packed.n) == 0);
	assert_true(held_unpack((struct str){packed.p, packed.n}, &p, &back, &n_back));
	assert_int_equal(n_back, n_some);
	for (size_t i = 0; i < n_some; i++) {
		assert_true(some[i].waiters == all[i].waiters && some[i].waiter == all[i].waiter && some[i].first == back[i].first);
		assert_true(some[i].address == back[i].address && some[i].holder == back[i].holder && some[i].candidates == back[i].candidates);
		assert_true(some[i].sure == back[i].sure && some[i].waits_for == back[i].waits_for && !some[i].deadlock == !back[i].deadlock);
		assert_string_equal(some[i].reason, back[i].reason);
		if (some[i].deadlock)
			assert_string_equal(some[i].deadlock, back[i].deadlock);
	}
	assert_true(!nothing_left_out || n_some > 0);
	for (size_t i = 0; i < packed.n; i++) { /* damaged bytes are told, or are others; nothing is read behind them */
		struct held_lock *bad;
		char *copy = xstrndup(packed.p, packed.n);
		size_t n;

		copy[i] ^= 0x55;
		held_unpack((struct str){copy, packed.n}, &p, &bad, &n);
		assert_false(held_unpack((struct str){packed.p, i}, &p, &bad, &n));
		free(copy);
	}
	buf_release(&log);
	buf_release(&packed);
	buf_release(&again);
	pool_release(&p);
}

static void few_blocks_tell_all(void **state)
{
	struct buf dump = {0};
	struct archive a;
	struct err e;

	(void)state;
	for (const char *const *f = (const char *const[]){"go119.txt", "go126.txt", "go127.txt", "rings119.txt", "rings126.txt", "rings127.txt", NULL}; *f; f++) {
		read_data(*f, &dump);
		check_equal((struct str){dump.p, dump.n}, true);
	}
	assert_int_equal(archive_list(&a, "tests/data/series", NULL, &e), 0);
	for (size_t h = 0; h < a.n; h++) {
		for (size_t i = 0; i < a.hosts[h].n; i += 9) {
			assert_true(file_read(a.hosts[h].files[i].path, &dump, FILE_MAX, &e) >= 0);
			check_equal((struct str){dump.p, dump.n}, false);
		}
	}
	archive_release(&a);
	buf_release(&dump);
}

/* How many locks a program has, how many of them are in deadlocks, and how many deadlocks that is. */
struct program {
	const char *name;
	size_t locks, cycles, first;
};

static void check_holders(const struct program *known, const char *version)
{
	char dump_name[40], said_name[40];
	struct buf dump = {0}, said = {0};
	struct pool p = {0};
	struct held_lock *l;
	size_t n, right = 0, all = 0, cycles = 0, first = 0;

	snprintf(dump_name, sizeof dump_name, "%s%s.txt", known->name, version);
	snprintf(said_name, sizeof said_name, "%s%s.said", known->name, version);
	read_data(dump_name, &dump);
	read_data(said_name, &said);
	buf_putc(&said, '\0');
	ask_locks((struct str){dump.p, dump.n}, &p, &l, &n);
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
	assert_int_equal(all, known->locks);
	assert_int_equal(right, known->locks);
	assert_int_equal(cycles, known->cycles);
	assert_int_equal(first, known->first);
	buf_release(&dump);
	buf_release(&said);
	pool_release(&p);
}

static void holders_are_right(void **state)
{
	static const struct program programs[] = {{"go", 18, 9, 3}, {"rings", 16, 14, 5}};

	(void)state;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		for (const char *const *v = (const char *const[]){"119", "126", "127", NULL}; *v; v++)
			check_holders(&programs[i], *v);
}

static const struct held_lock *only(const char *text, struct pool *p)
{
	struct held_lock *l;
	size_t n;

	ask_locks((struct str){text, strlen(text)}, p, &l, &n);
	assert_int_equal(n, 1);
	return l;
}

#define WAITER "goroutine 9 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc000010010)\n\t/s.go:1 +0x1\nmain.(*cache).get(0xc000010000)\n\t/c.go:1 +0x1\n\n"

/* Of too many those stay that most wait for, in the order of their addresses. */
static void most_waited_for_stay(void **state)
{
	struct held_lock all[HELD_MOST + 6] = {0}, *back;
	struct buf packed = {0};
	struct pool p = {0};
	size_t n;

	(void)state;
	for (size_t i = 0; i < HELD_MOST + 6; i++)
		all[i] = (struct held_lock){.address = 0xc000000000 + 64 * i, .waiters = i < 3 ? 1 : 2, .func = "", .taken_in = "", .reason = ""};
	held_pack(all, HELD_MOST + 6, &packed);
	assert_true(held_unpack((struct str){packed.p, packed.n}, &p, &back, &n));
	assert_int_equal(n, HELD_MOST);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(back[i].address, all[i + 3].address);
	buf_release(&packed);
	pool_release(&p);
}

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

#define GLOBAL "goroutine 9 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc000010010)\n\t/s.go:1 +0x1\nmain.(*counter).add(0x0?)\n\t/c.go:75 +0x1\n\n"
#define AT(id, line) "goroutine " id " [sleep]:\nmain.pause()\n\t/c.go:3 +0x1\nmain.(*counter).add(0x0?)\n\t/c.go:" line " +0x1\n\n"

/* Of a lock in a global variable no word tells anything: who is in the function that waits, further down. */
static void behind_the_line(void **state)
{
	struct pool p = {0};

	(void)state;
	assert_int_equal(only(GLOBAL AT("3", "78"), &p)->holder, 3);
	assert_string_equal(only(GLOBAL AT("3", "78"), &p)->reason, "is in main.(*counter).add, behind the line that takes the lock");
	assert_false(only(GLOBAL AT("3", "78"), &p)->sure);
	assert_int_equal(only(GLOBAL AT("3", "75"), &p)->holder, 0); /* it may be about to wait */
	assert_int_equal(only(GLOBAL AT("3", "70"), &p)->holder, 0);
	assert_int_equal(only(GLOBAL AT("3", "78") AT("4", "80"), &p)->holder, 0);
	/* a word that tells counts more */
	assert_int_equal(only(GLOBAL AT("3", "78") "goroutine 4 [sleep]:\nmain.x(0xc000010010)\n\t/c.go:1 +0x1\n\n", &p)->holder, 4);
	/* on another object it holds another lock */
	assert_int_equal(only(WAITER "goroutine 3 [sleep]:\nmain.(*cache).get(0xc000077000)\n\t/c.go:5 +0x1\n\n", &p)->holder, 0);
	pool_release(&p);
}

#define WAITS_FOR(id, lock, object) "goroutine " id " [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc0000100" lock ")\n\t/s.go:1 +0x1\nmain.(*cache).get(" object ")\n\t/c.go:1 +0x1\n\n"

/* Several locks in one object: who is in its methods may hold any of them, and is not said to hold one. */
static void locks_of_one_object(void **state)
{
	static const char text[] = WAITS_FOR("9", "10", "0xc000010000") WAITS_FOR("10", "20", "0xc000010000") WAITS_FOR("11", "30", "0xc000010000")
		WAITS_FOR("12", "40", "0xc000010000") "goroutine 3 [sleep]:\nmain.(*cache).load(0xc000010000)\n\t/c.go:1 +0x1\nmain.(*cache).run(0xc000010000)\n\t/c.go:9 +0x1\n\n";
	struct held_lock *l;
	struct pool p = {0};
	size_t n;

	(void)state;
	ask_locks(STR(text), &p, &l, &n);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_true(!l[i].holder && !l[i].deadlock);
	/* a receiver that the lock is not in says nothing of where it is */
	assert_int_equal(only(WAITS_FOR("9", "10", "0xc000990000"), &p)->holder, 0);
	pool_release(&p);
}

/* --- two locks that one function takes --- */

/* "func (a *A) take(b *A) { a.mu.Lock(); ...; b.mu.Lock() }": each of n is in take on its object, and waits for the lock of the next. */
struct pair_ring {
	unsigned n, offset; /* of the lock in its object */
	unsigned size;      /* of an object: how far the next is behind it */
	bool backward;      /* the first goroutine has the last object */
	bool function;      /* take(a, b *A): no receiver says which of the two is held */
};

static uint64_t ring_object(const struct pair_ring *r, unsigned i)
{
	i %= r->n;
	return 0xc000010000 + (uint64_t)(r->backward ? r->n - 1 - i : i) * r->size;
}

static void write_ring(const struct pair_ring *r, struct buf *out)
{
	for (unsigned i = 0; i < r->n; i++) {
		uint64_t mine = ring_object(r, i), next = ring_object(r, i + 1);

		buf_addf(out, "goroutine %u [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0x%" PRIx64 ")\n\t/s.go:1 +0x1\n", 20 + i, next + r->offset);
		buf_addf(out, "main.%s(0x%" PRIx64 ", 0x%" PRIx64 ", 0xc000010ff0)\n\t/d.go:5 +0xb0\n\n", r->function ? "take" : "(*A).take", mine, next);
	}
	buf_putc(out, '\0');
}

static void check_ring(const struct pair_ring *r)
{
	struct buf text = {0};
	struct pool p = {0};
	struct held_lock *l;
	size_t n;

	write_ring(r, &text);
	ask_locks((struct str){text.p, text.n - 1}, &p, &l, &n);
	assert_int_equal(n, r->n);
	for (unsigned i = 0; i < r->n; i++) {
		const struct held_lock *at = lock_at(l, n, ring_object(r, i) + r->offset);

		assert_int_equal(at->holder, 20 + i);
		assert_int_equal(at->deadlock != NULL, !r->function);
	}
	buf_release(&text);
	pool_release(&p);
}

static void one_function_takes_two(void **state)
{
	static const unsigned sizes[] = {16, 32, 896, 4096, 65536};

	(void)state;
	for (unsigned n = 2; n <= 4; n++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
			for (unsigned offset = 0; offset + 8 <= sizes[s] && offset <= 24; offset += 8)
				for (int form = 0; form < 4; form++)
					check_ring(&(struct pair_ring){n, offset, sizes[s], form & 1, form & 2});
}

/* --- a host's snapshots --- */

#define TAKES(id, lock, method, object) "goroutine " id " [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(" lock ")\n\t/s.go:1 +0x1\n" method "(" object ")\n\t/c.go:1 +0x1\n\n"
#define SLEEPS(id, method, object) "goroutine " id " [sleep]:\n" method "(" object ")\n\t/c.go:9 +0x1\n\n"

static uint64_t holder_now(const char *text)
{
	struct pool p = {0};
	uint64_t holder = only(text, &p)->holder;

	pool_release(&p);
	return holder;
}

/* What was known of a goroutine is told anew where its text, or what is asked for, is another. */
static void what_is_known_of_a_host(void **state)
{
	(void)state;
	assert_int_equal(holder_now(WAITER SLEEPS("3", "main.(*cache).load", "0xc000010000") SLEEPS("4", "main.b", "0xc000090000")), 3);
	/* a goroutine that has not changed holds a lock that nobody waited for before, by its address, */
	assert_int_equal(holder_now(TAKES("9", "0xc000090000", "main.c", "0x1") SLEEPS("3", "main.(*cache).load", "0xc000010000")
				    SLEEPS("4", "main.b", "0xc000090000")), 4);
	/* and by where it is, in a type whose name is spelled otherwise in a text; */
	assert_int_equal(holder_now(TAKES("9", "0xc000070010", "ex.org/a%2eb.(*set).add", "0x0?") SLEEPS("4", "main.b", "0xc000090000")), 0);
	assert_int_equal(holder_now(WAITER SLEEPS("4", "main.b", "0xc000090000") SLEEPS("5", "ex.org/a%2eb.(*set).add", "0x0?")), 0);
	assert_int_equal(holder_now(TAKES("9", "0xc000070010", "ex.org/a%2eb.(*set).add", "0x0?") SLEEPS("5", "ex.org/a%2eb.(*set).add", "0x0?")), 5);
	/* one that has let go of it, in the same place, does not hold it any more; another one of its number may; */
	assert_int_equal(holder_now(WAITER SLEEPS("3", "main.(*cache).load", "0xc000010000")), 3);
	assert_int_equal(holder_now(WAITER SLEEPS("3", "main.(*cache).load", "0xc000020000")), 0);
	assert_int_equal(holder_now(WAITER), 0);
	assert_int_equal(holder_now(WAITER SLEEPS("3", "main.(*cache).load", "0xc000010000")), 3);
	/* with an id twice, or a scheduler among them, everybody is asked */
	assert_int_equal(holder_now(WAITER SLEEPS("4", "main.b", "0x1") SLEEPS("4", "main.(*cache).load", "0xc000010000")), 4);
	assert_int_equal(holder_now(SLEEPS("0", "main.(*cache).load", "0xc000010000") WAITER), 0);
}

/* More types than are kept in mind, snapshot after snapshot, each with its holder; and goroutines with many addresses. */
static void many_names_and_addresses(void **state)
{
	struct buf text = {0};
	struct held_lock *l;
	struct pool p = {0};
	size_t n, held = 0;

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		buf_reset(&text);
		for (unsigned i = 0; i < 30 + 5 * round; i++) {
			unsigned type = round * 20 + i, object = 0x10000 + 64 * i;

			buf_addf(&text, "goroutine %u [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc0000%x)\n\t/s.go:1 +0x1\n", 2 * type + 1, object + 16);
			buf_addf(&text, "main.(*t%u).get(0xc0000%x)\n\t/c.go:1 +0x1\n\n", type, object);
			buf_addf(&text, "goroutine %u [sleep]:\nmain.(*t%u).get(0x0?)\n\t/c.go:%u +0x1\nmain.g(", 2 * type + 2, type, 1 + type % 3);
			for (unsigned k = 0; k < 40; k++)
				buf_addf(&text, "%s0xc0007%05x", k ? ", " : "", i * 4096 + k * 16);
			buf_adds(&text, ")\n\t/c.go:9 +0x1\n\n");
		}
		ask_locks((struct str){text.p, text.n}, &p, &l, &n);
		assert_int_equal(n, 30 + 5 * round);
		for (size_t i = 0; i < n; i++)
			held += l[i].holder != 0;
	}
	assert_true(held > 200);
	buf_release(&text);
	pool_release(&p);
}

/* More in one type than are kept taken apart; in each snapshot a few are elsewhere, and another one is on the object. */
static void many_of_one_type(void **state)
{
	struct buf text = {0};

	(void)state;
	for (unsigned round = 0; round < 6; round++) {
		buf_reset(&text);
		buf_adds(&text, WAITER);
		for (unsigned i = 0; i < 400; i++) {
			unsigned object = i == 50 * round ? 0x10000 : 0x20000 + 4096 * (i + (i % 7 == round));

			buf_addf(&text, "goroutine %u [sleep]:\nmain.(*cache).load(0xc000%06x, {0x0, 0x0})\n\t/c.go:9 +0x1\n", 20 + i, object);
			buf_adds(&text, "main.run(...)\n\t/c.go:20\ncreated by main.main in goroutine 1\n\t/c.go:30 +0x1\n\n");
		}
		buf_putc(&text, '\0');
		assert_int_equal(holder_now(text.p), 20 + 50 * round);
	}
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holders_are_right), cmocka_unit_test(few_blocks_tell_all), cmocka_unit_test(behind_the_line),
		cmocka_unit_test(most_waited_for_stay), cmocka_unit_test(doubt_is_told),
		cmocka_unit_test(locks_of_one_object), cmocka_unit_test(one_function_takes_two),
		cmocka_unit_test(what_is_known_of_a_host), cmocka_unit_test(many_names_and_addresses),
		cmocka_unit_test(many_of_one_type),
	};

	return cmocka_run_group_tests(tests, begin_host, end_host);
}
