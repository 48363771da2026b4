/* SPDX-License-Identifier: MIT */
/* Hosts of one store into another, over many pieces, of which some are dropped: everything that can be asked is as in the store that has it all. */
#include "history.h"
#include <gscrape/store.h>

#define SHOTS 3000 /* several pieces, in the part that is dropped, too */
#define THEN 1400  /* when the back-up was made first */
#define KEPT 1100  /* what is older is dropped */

static void record(struct history *h, int from, int to)
{
	struct buf b = {0};

	for (int i = from; i < to; i++) {
		buf_reset(&b);
		buf_addf(&b, "goroutine 7 [running]:\nmain.w()\n\t/m.go:9 +0x1\ncreated by main.%s in goroutine 1\n\t/m.go:3 +0x2\n\n", "old");
		for (int k = 0; k < 24; k++) /* who stay, and change */
			buf_addf(&b, "goroutine %d [%s]:\nmain.f%d(0xc00001%d000)\n\t/f.go:%d +0x1\ncreated by main.w in goroutine 7\n\t/m.go:%d +0x2\n\n", 10 + k,
				 (i + k) % 5 ? "select" : "sync.Mutex.Lock", (i / 2 + k) % 6, i % 2, k + i / 300, k);
		for (int k = i; k >= 0 && k > i - 3; k--) /* who come and go */
			buf_addf(&b, "goroutine %d [running]:\nmain.short()\n\t/s.go:1 +0x1\ncreated by main.w in goroutine 7\n\t/m.go:99 +0x2\n\n", 1025 + 16 * k);
		assert_int_equal(add(h, i, b.p, SNAP_OK), 0);
	}
	buf_release(&b);
}

static void end_recording(struct history *h)
{
	struct err e;

	assert_int_equal(recorder_close(h->r, &e), 0);
	h->r = NULL;
}

static void copy(const char *from, const char *to)
{
	struct store *s;
	struct err e = {0};

	assert_int_equal(store_open(&s, from, STORE_READ, &e), 0);
	if (store_copy(s, to, &e) < 0)
		fail_msg("%s", e.text);
	store_close(s);
}

static void drop_before(struct history *h, int64_t time)
{
	struct err e;

	open_recorder(h);
	assert_int_equal(recorder_expire(h->r, time, 0, &e), 0);
	end_recording(h);
}

/* One store's everything as text, in names and not in numbers. */
static void tell_goroutine(struct store_view *v, const struct goroutine_state *g, struct pool *p, struct buf *out)
{
	struct store_stack stack;
	struct str names[3];
	struct err e;

	assert_int_equal(store_stacks(v, &g->stack, 1, p, &stack, &e), 0);
	assert_int_equal(store_strings(v, (uint32_t[]){g->state, stack.frames[0].func, stack.created.func}, 3, p, names, &e), 0);
	buf_addf(out, "%llu %llu %u %u %s %s %s\n", (unsigned long long)g->id, (unsigned long long)g->parent, g->born, g->run, names[0].p, names[1].p,
		 names[2].p);
}

static void tell_children(struct store_view *v, uint32_t host, struct pool *p, struct buf *out)
{
	struct goroutine_child *c;
	struct err e;
	size_t n;

	assert_int_equal(store_children(v, &(struct goroutine_key){host, 1, 7}, p, &c, &n, &e), 0);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%llu %u %u\n", (unsigned long long)c[i].id, c[i].born, c[i].gone);
}

static void tell(const char *db, struct buf *out)
{
	struct store_view *v;
	struct store *s;
	struct host_row *r;
	struct pool p = {0};
	struct err e;
	size_t n;

	assert_int_equal(store_open(&s, db, STORE_READ, &e), 0);
	assert_int_equal(store_verify(s, NULL, NULL, &e), 0);
	assert_int_equal(store_view_open(s, &v, &e), 0);
	assert_int_equal(store_hosts(v, &p, &r, &n, &e), 0);
	assert_int_equal(n, 1);
	buf_addf(out, "%s %u %u %u %u %u %lld %lld\n", r->name, r->first_seq, r->last_seq, r->failed, r->with_text, r->peak, (long long)r->first,
		 (long long)r->last);
	for (uint32_t seq = r->first_seq; seq <= r->last_seq; seq += 37) {
		struct goroutine_state *alive;
		struct snapshot *snap;

		assert_int_equal(store_alive(v, (struct snapshot_key){r->host, seq}, &p, &alive, &n, &e), 0);
		for (size_t i = 0; i < n; i++)
			tell_goroutine(v, &alive[i], &p, out);
		assert_int_equal(store_snapshots(v, (struct seq_range){r->host, seq, seq}, &p, &snap, &n, &e), 0);
		buf_addf(out, "%lld %u %u\n", (long long)snap->time, snap->goroutines, snap->n_states);
	}
	tell_children(v, r->host, &p, out);
	store_view_close(v);
	store_close(s);
	pool_release(&p);
}

static void forget(const char *db)
{
	char *lock = xasprintf("%s-lock", db);

	unlink(db);
	unlink(lock);
	free(lock);
}

/* A back-up of each day, of a store that keeps less than it: it has it all. */
static void a_backup_goes_on(void **state)
{
	struct buf want = {0}, got = {0};
	struct history all, some;
	char backup[300];

	(void)state;
	begin(&all);
	record(&all, 0, SHOTS);
	end_recording(&all);
	begin(&some);
	record(&some, 0, THEN);
	end_recording(&some);
	snprintf(backup, sizeof backup, "%s.backup", some.db);
	forget(backup);
	copy(some.db, backup);
	open_recorder(&some);
	record(&some, THEN, SHOTS);
	end_recording(&some);
	drop_before(&some, T0 + KEPT * 1000LL);
	copy(some.db, backup);
	tell(all.db, &want);
	tell(backup, &got);
	assert_string_equal(got.p, want.p);
	copy(some.db, backup); /* nothing is new */
	buf_reset(&got);
	tell(backup, &got);
	assert_string_equal(got.p, want.p);
	buf_release(&want);
	buf_release(&got);
	forget(backup);
	finish(&all);
	finish(&some);
}

static void copy_again_and_tell(const char *from, const char *to, struct buf *out)
{
	copy(from, to);
	copy(from, to); /* nothing is new */
	buf_reset(out);
	tell(to, out);
}

/* By way of another engine, which has no copy of its own: from where it begins in the midst of lives, and on to where it ends later. */
static void another_engine_tells_the_same(void **state)
{
	struct buf want = {0}, got = {0};
	struct history h;
	struct store *there, *first;
	struct err e;
	char back[300];

	(void)state;
	begin(&h);
	record(&h, 0, THEN);
	end_recording(&h);
	drop_before(&h, T0 + KEPT * 1000LL);
	snprintf(back, sizeof back, "%s.back", h.db);
	forget(back);
	assert_int_equal(store_open(&first, "memory:there", STORE_WRITE, &e), 0);
	assert_int_equal(store_open(&there, "memory:there", STORE_READ, &e), 0); /* which keeps it, and the copy writes */
	store_close(first);
	copy(h.db, "memory:there");
	tell(h.db, &want);
	copy_again_and_tell("memory:there", back, &got);
	assert_string_equal(got.p, want.p);

	open_recorder(&h);
	record(&h, THEN, SHOTS);
	end_recording(&h);
	copy(h.db, "memory:there");
	buf_reset(&want);
	tell(h.db, &want);
	copy_again_and_tell("memory:there", back, &got);
	assert_string_equal(got.p, want.p);
	store_close(there);
	buf_release(&want);
	buf_release(&got);
	forget(back);
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_backup_goes_on), cmocka_unit_test(another_engine_tells_the_same)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
