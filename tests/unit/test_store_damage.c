/* SPDX-License-Identifier: MIT */
/*
 * Damage is told where events leave the store. Rows are written over from inside, with the right checksum (a fault of the
 * program, or of one that wrote the file) and with a wrong one (a fault of the disk): whatever is asked then ends with an
 * answer or a sentence, and reads and writes nothing outside. Run it under AddressSanitizer too.
 */
#include "history.h"
#include "store/lmdb/lmdb_store.h"
#include <gscrape/gzip.h>
#include <gscrape/insight.h>

#define SHOTS 1500 /* several pieces */

static uint32_t seed = 12345;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)seed * n) >> 32);
}

/* Goroutines that come, change and go, each snapshot; 7 is there all the time. */
static void record(struct history *h, int shots)
{
	struct buf b = {0};

	for (int i = 0; i < shots; i++) {
		buf_reset(&b);
		buf_addf(&b, "goroutine 7 [running]:\nmain.w()\n\t/m.go:9 +0x1\ncreated by main.%s in goroutine 1\n\t/m.go:3 +0x2\n\n", i < 10 ? "old" : "new");
		for (int k = 0; k < 4; k++)
			buf_addf(&b,
				 "goroutine %d [%s, %d minutes]:\nmain.f%d(0xc00001%d000)\n\t/f.go:%d +0x1\ncreated by main.w in goroutine 7\n\t/m.go:%d +0x2\n\n",
				 10 + (i + k * 7) / 9 * 4 + k, (i + k) % 5 ? "select" : "sync.Mutex.Lock", i % 3, (i / 2 + k) % 6, i % 2, k, k);
		assert_int_equal(add(h, i, b.p, SNAP_OK), 0);
	}
	buf_release(&b);
}

/* Everything that can be asked; how many answers were sentences of damage. What fails for another reason fails the test. */
struct asking {
	struct query *q;
	uint32_t host;
	struct pool p;
	int damaged, asked;
	struct err e;
};

static void note(struct asking *a, int rc)
{
	a->asked++;
	if (rc >= 0)
		return;
	a->damaged++;
	if (a->e.kind != ERR_DAMAGED && !strstr(a->e.text, "not there") && !strstr(a->e.text, "no such host") &&
	    !strstr(a->e.text, "another program") && !strstr(a->e.text, "of format") && !strstr(a->e.text, "another version"))
		fail_msg("%s", a->e.text);
}

static bool next_run(void *ctx, const struct window_run *t)
{
	(void)ctx;
	(void)t;
	return true;
}

static void ask_all(struct asking *a, int64_t from, int64_t to)
{
	struct window w = {.host = a->host, .from = from, .to = to, .cols = 40};
	struct moment at = {a->host, to};
	struct bucket columns[40];
	struct functions_question fq = {.w = w};
	struct function *f = NULL;
	uint32_t ids[4];
	size_t n = 0;

	note(a, query_chart(a->q, &w, columns, &a->e));
	note(a, query_snapshots(a->q, &w, &a->p, &(struct snapshot *){0}, &n, &a->e));
	for (uint64_t id = 7; id < 40; id += 5) {
		note(a, query_goroutine(a->q, &(struct life_question){a->host, 0, id, to}, &a->p, &(struct life){0}, &a->e));
		note(a, query_children(a->q, &(struct goroutine_key){a->host, 1, id}, &a->p, &(struct child *){0}, &n, &a->e));
	}
	note(a, query_alive(a->q, &at, &a->p, &(struct alive *){0}, &n, &a->e));
	for (enum group_by by = 0; by < BY_NONE; by++) {
		note(a, query_groups(a->q, &(struct group_question){at, by, NULL}, &a->p, &(struct group *){0}, &n, &a->e));
		note(a, query_activity(a->q, &(struct activity_question){w, by, 0, NULL}, &a->p, &(struct activity *){0}, &n, &a->e));
		note(a, query_diff(a->q, &(struct diff_question){.host = a->host, .from = from, .to = to, .by = by}, &a->p, &(struct moved *){0}, &n, &a->e));
		note(a, query_lives(a->q, &(struct lives_question){a->host, from, to, by, NULL}, &a->p, &(struct lives *){0}, &n, &a->e));
	}
	n = 0;
	note(a, query_functions(a->q, "", &a->p, &f, &n, &a->e));
	for (fq.n_funcs = 0; fq.n_funcs < 4 && fq.n_funcs < n; fq.n_funcs++)
		ids[fq.n_funcs] = f[fq.n_funcs].func_id;
	fq.func_ids = ids;
	note(a, query_hits(a->q, &fq, &a->p, &(struct hit *){0}, &n, &a->e));
	note(a, query_use(a->q, &fq, &a->p, &(struct use *){0}, &a->e));
	note(a, query_callers(a->q, &(struct callers_question){ids, fq.n_funcs, a->host, from, to}, &a->p, &(struct callers){0}, &a->e));
	note(a, query_runs(a->q, &w, next_run, NULL, &a->e));
	note(a, query_waiters(a->q, &(struct waiters_question){.w = w}, &a->p, &(struct waiters *){0}, &n, &a->e));
	note(a, query_profile(a->q, &(struct profile_question){.host = a->host, .by = BY_NONE, .from = from, .to = to}, &a->p,
			      &(struct profile_line *){0}, &n, &a->e));
	note(a, query_leaks(a->q, &(struct leak_question){.host = a->host, .from = from, .to = to, .least = .5}, &a->p, &(struct suspect *){0}, &n, &a->e));
	note(a, query_fault(a->q, &a->e)); /* what came without an error */
	pool_release(&a->p);
}

/* Open, ask, verify; how many sentences. Opening may fail with one, too. */
static int ask_about(const char *db, int64_t *faults)
{
	struct asking a = {0};
	size_t n;

	*faults = 0;
	if (query_open(&a.q, db, &a.e) < 0) {
		note(&a, -1);
		*faults = 1;
		return 1;
	}
	if (query_hosts(a.q, &n) && n) {
		a.host = query_hosts(a.q, &n)[0].id;
		ask_all(&a, T0, T0 + SHOTS * 1000LL);
		ask_all(&a, T0 + SHOTS * 300LL, T0 + SHOTS * 500LL);
	}
	*faults = store_verify(query_store(a.q), NULL, NULL, &a.e);
	if (*faults < 0)
		note(&a, -1);
	query_close(a.q);
	return a.damaged;
}

/* Writes a row over, as the program would; of names and stacks, or of a host. */
static void put_row(const char *db, bool name, struct key k, const void *p, size_t n)
{
	struct store *s;
	struct err e;

	assert_int_equal(store_open(&s, db, STORE_WRITE, &e), 0);
	assert_int_equal(store_begin(s, &e), 0);
	if (name)
		assert_int_equal(row_put(lmdb_of(s), lmdb_of(s)->env->dict, k, (struct str){p, n}, &e), 0);
	else
		assert_int_equal(data_put(lmdb_of(s), k, p, n, &e), 0);
	assert_int_equal(store_commit(s, NULL, &e), 0);
	store_close(s);
}

/* A closed piece with an event of a snapshot of a later one: bytes that decode, and once led outside an array. */
static void an_event_outside(void **state)
{
	struct event ev[2] = {{.id = 7, .seq = 1, .kind = EV_BORN, .stack = 1, .state = 1, .minutes = -1},
			      {.id = 7, .seq = 1400, .kind = EV_RUN, .stack = 2, .state = 1, .minutes = -1}};
	struct asking a = {0};
	struct history h;
	struct buf b = {0}, row = {0};
	size_t n;

	(void)state;
	begin(&h);
	record(&h, SHOTS);
	ask(&h);
	query_close(h.q);
	h.q = NULL;
	events_encode(&b, ev, 2, 1);
	piece_pack(&row, (struct str){b.p, b.n}, (struct str){0});
	put_row(h.db, false, key_u32(key_of(h.host + 1, 'E'), 1), row.p, row.n);
	buf_release(&b);
	buf_release(&row);
	assert_int_equal(query_open(&a.q, h.db, &a.e), 0);
	a.host = query_hosts(a.q, &n)[0].id;
	assert_int_equal(query_activity(a.q, &(struct activity_question){{.host = a.host, .from = T0, .to = T0 + 3000000, .cols = 40}, BY_STACK, 0, NULL}, &a.p,
					&(struct activity *){0}, &n, &a.e),
			 -1);
	assert_non_null(strstr(a.e.text, "is damaged: events of a:1, piece 1"));
	assert_int_equal(a.e.kind, ERR_DAMAGED);
	ask_all(&a, T0, T0 + SHOTS * 1000LL);
	assert_true(a.damaged > 15); /* every question that looks at this piece */
	assert_true(store_verify(query_store(a.q), NULL, NULL, &a.e) > 0);
	query_close(a.q);
	pool_release(&a.p);
	finish(&h);
}

/* A stack that cannot be read stands as an empty one in an answer, and the answer's end says so, once. */
static void a_stack_that_cannot_be_read(void **state)
{
	struct history h;
	struct query *q;
	struct err e = {0};

	(void)state;
	begin(&h);
	record(&h, 20);
	ask(&h);
	query_close(h.q);
	h.q = NULL;
	put_row(h.db, true, key_u32(key_u8((struct key){.n = 0}, 'K'), 1), "\xff", 1);
	assert_int_equal(query_open(&q, h.db, &e), 0);
	assert_int_equal(query_fault(q, &e), 0);
	assert_int_equal(query_stack(q, 1)->n, 0);
	assert_int_equal(query_fault(q, &e), -1);
	assert_non_null(strstr(e.text, "damaged"));
	assert_int_equal(query_fault(q, &e), 0);
	query_close(q);
	finish(&h);
}

/* A piece of no bytes, which need not be anywhere (seen under UBSan). */
static void an_empty_piece(void **state)
{
	struct goroutine_state one;
	struct cursor c;

	(void)state;
	cursor_open(&c, (struct str){0}, 1);
	assert_false(living_next(&c, &one));
	assert_false(c.bad);
}

static void read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char b[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(b, 1, sizeof b, f)) > 0)
		buf_add(out, b, n);
	fclose(f);
}

static void write_file(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(b->p, 1, b->n, f), b->n);
	assert_int_equal(fclose(f), 0);
}

struct rows {
	struct row {
		struct key key;
		bool dict;
		char *value;
		size_t n;
	} *a;
	size_t n, cap;
};

static void take_table(struct rows *r, MDB_txn *txn, struct env *env, bool dict)
{
	MDB_cursor *c;
	MDB_val k, v;

	assert_int_equal(mdb_cursor_open(txn, dict ? env->dict : env->data, &c), 0);
	while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
		struct row *row;

		GROW(r->a, r->n, r->cap);
		row = &r->a[r->n++];
		*row = (struct row){.key = {.n = k.mv_size}, .dict = dict, .n = v.mv_size};
		memcpy(row->key.b, k.mv_data, k.mv_size);
		row->value = xmalloc(v.mv_size);
		memcpy(row->value, v.mv_data, v.mv_size);
	}
	mdb_cursor_close(c);
}

static void read_rows(const char *db, struct rows *r)
{
	struct store_view *v;
	struct store *s;
	struct err e;

	assert_int_equal(store_open(&s, db, STORE_READ, &e), 0);
	assert_int_equal(store_view_open(s, &v, &e), 0);
	take_table(r, view_of(v)->txn, lmdb_of(s)->env, false);
	take_table(r, view_of(v)->txn, lmdb_of(s)->env, true);
	store_view_close(v);
	store_close(s);
}

/* A row's bytes, checksum and all, as they are given. */
static void put_bytes(const char *db, const struct row *row, const char *p, size_t n)
{
	struct key key = row->key;
	MDB_val k = {key.n, key.b}, v = {n, (void *)(uintptr_t)p};
	struct store *s;
	struct err e;

	assert_int_equal(store_open(&s, db, STORE_WRITE, &e), 0);
	assert_int_equal(store_begin(s, &e), 0);
	assert_int_equal(mdb_put(lmdb_of(s)->pen.txn, row->dict ? lmdb_of(s)->env->dict : lmdb_of(s)->env->data, &k, &v, 0), 0);
	assert_int_equal(store_commit(s, NULL, &e), 0);
	store_close(s);
}

/* Other bytes for a row: some changed, or cut, or longer. */
static size_t spoil(const struct row *row, char *out)
{
	size_t n = row->n - sizeof(uint32_t), how = dice(4);

	memcpy(out, row->value, n);
	if (how == 0) {
		n = n ? dice((uint32_t)n) : 0;
	} else if (how == 1) {
		for (int i = 0; i < 9; i++)
			out[n++] = (char)dice(256);
	} else {
		for (uint32_t i = 1 + dice(3); i && n; i--)
			out[dice((uint32_t)(n < 40 || dice(2) ? n : 40))] = dice(3) ? (char)dice(256) : (char)0xff;
	}
	return n;
}

static bool is_piece(const struct row *row)
{
	return !row->dict && row->key.n == 9 && (row->key.b[4] == 'K' || row->key.b[4] == 'E');
}

/* Such a row as it is read, in the form that is not deflated: else damage would go no further than to the deflated bytes. */
static void inflate_row(struct row *row)
{
	const uint8_t *p = (const uint8_t *)row->value + 1, *end = p + row->n;
	uint64_t first = get_varint(&p, end), second = get_varint(&p, end);
	struct buf text = {0}, plain = {0};

	if (row->value[0] == 0)
		return;
	assert_int_equal(gzip_inflate(p, (size_t)(end - 1 - p) - sizeof(uint32_t), &text, first + second, NULL), 0);
	buf_putc(&plain, 0);
	buf_varint(&plain, first);
	buf_varint(&plain, second);
	buf_add(&plain, text.p, text.n);
	buf_add(&plain, "sum.", sizeof(uint32_t));
	free(row->value);
	row->value = plain.p;
	row->n = plain.n;
	buf_release(&text);
}

static void every_row(void **state)
{
	struct history h;
	struct buf whole = {0};
	struct rows r = {0};
	int told = 0, rounds = 70;
	int64_t faults;

	(void)state;
	begin(&h);
	record(&h, SHOTS);
	ask(&h);
	query_close(h.q);
	h.q = NULL;
	assert_int_equal(ask_about(h.db, &faults), 0);
	assert_int_equal(faults, 0);
	read_rows(h.db, &r);
	read_file(h.db, &whole);
	for (int i = 0; i < rounds; i++) {
		/* Half of the rows are snapshots: not the others' share of the rounds. */
		const struct row *row = &r.a[dice((uint32_t)r.n)];
		struct row other;
		char *bytes = xmalloc(row->n + 16);
		bool right = dice(2);
		uint32_t sum;
		MDB_val k;
		size_t n;
		int damaged;

		for (int k2 = 0; k2 < 20 && !row->dict && row->key.b[4] == 'S'; k2++)
			row = &r.a[dice((uint32_t)r.n)];
		other = *row;
		if (is_piece(row) && dice(2)) {
			other.value = memcpy(xmalloc(row->n), row->value, row->n);
			inflate_row(&other);
		}
		bytes = xrealloc(bytes, other.n + 16, 1);
		n = spoil(&other, bytes);
		if (other.value != row->value)
			free(other.value);
		k = (MDB_val){row->key.n, (void *)(uintptr_t)row->key.b};
		sum = row_sum(k, (struct str){bytes, n}) + !right;
		memcpy(bytes + n, &sum, sizeof sum);
		n += sizeof sum;
		put_bytes(h.db, row, bytes, n);
		damaged = ask_about(h.db, &faults);
		told += damaged > 0 || faults != 0;
		if (!right)
			assert_true(faults != 0); /* a wrong checksum is always told */
		write_file(h.db, &whole); /* what is damaged is not opened for writing */
		free(bytes);
	}
	assert_true(told > rounds / 3);
	assert_int_equal(ask_about(h.db, &faults), 0);
	for (size_t i = 0; i < r.n; i++)
		free(r.a[i].value);
	free(r.a);
	buf_release(&whole);
	finish(&h);
}

/* One byte of the file is another: what says that all is sound has all the answers; tests/torture/flips asks for more. */
static void any_byte(void **state)
{
	int told = 0, rounds = 150;
	struct history h;
	struct buf whole = {0};

	(void)state;
	begin(&h);
	record(&h, 300);
	ask(&h);
	query_close(h.q);
	h.q = NULL;
	read_file(h.db, &whole);
	for (int i = 0; i < rounds; i++) {
		size_t at = i % 2 ? dice((uint32_t)whole.n) : dice((uint32_t)whole.n / 4096) * 4096 + dice(300);
		char was = whole.p[at];
		int64_t faults;
		int damaged;

		whole.p[at] = (char)(was ^ (1 << dice(8)));
		write_file(h.db, &whole);
		damaged = ask_about(h.db, &faults);
		assert_false(damaged && !faults);
		told += faults != 0;
		whole.p[at] = was;
	}
	assert_true(told > rounds / 4);
	write_file(h.db, &whole);
	buf_release(&whole);
	finish(&h);
}

/* The newest commit's head says that it is an old one: LMDB would answer from the one before. */
static void hear(void *ctx, const char *what)
{
	(void)ctx;
	(void)what;
}

static void assert_repaired(const char *db, uint32_t snapshots)
{
	struct repairing how = {hear, NULL};
	struct query *q;
	struct err e;
	size_t n;
	char *to = xasprintf("%s.repaired", db);

	assert_int_equal(store_repair(db, to, &how, &e), 0);
	assert_int_equal(query_open(&q, to, &e), 0);
	assert_int_equal(query_hosts(q, &n)->snapshots, snapshots);
	assert_int_equal(store_verify(query_store(q), NULL, NULL, &e), 0);
	query_close(q);
	unlink(to);
	free(to);
}

/* Of the two heads of a file one has another byte, in what no commit writes or in where its rows are: it is told, and the other
 * head, and the pages themselves, are enough to give back all. LMDB's layout, see pages.c. */
static void one_of_two_heads(void **state)
{
	const size_t word = sizeof(size_t), head = word + 8;
	const size_t places[] = {1, word + 2, word + 3, head, head + 3, head + 4, head + 7, head + 8 + 2 * word, head + 8 + 2 * word + 1};
	const size_t root = head + 8 + 2 * word + 2 * (8 + 5 * word) - word; /* of the tables */
	struct history h;
	struct buf whole = {0};
	int64_t faults;

	(void)state;
	begin(&h);
	record(&h, 20);
	ask(&h);
	query_close(h.q);
	h.q = NULL;
	read_file(h.db, &whole);
	for (size_t i = 0; i < 2 * sizeof places / sizeof *places; i++) {
		size_t at = i % 2 * 4096 + places[i / 2];

		whole.p[at] ^= 0x20;
		write_file(h.db, &whole);
		assert_true(ask_about(h.db, &faults) && faults);
		assert_repaired(h.db, 20);
		whole.p[at] ^= 0x20;
	}
	for (size_t page = 0; page < 2; page++) { /* of the newest one */
		whole.p[page * 4096 + root + 3] ^= 0x20;
		write_file(h.db, &whole);
		if (ask_about(h.db, &faults))
			assert_repaired(h.db, 20);
		whole.p[page * 4096 + root + 3] ^= 0x20;
	}
	write_file(h.db, &whole);
	buf_release(&whole);
	finish(&h);
}

static void an_older_commit(void **state)
{
	/* In its page, behind page head, magic and version, address and size, and two tables; LMDB's layout, see pages.c. */
	const size_t word = sizeof(size_t), number = (word + 8) + 8 + 2 * word + 2 * (8 + 5 * word) + word;
	struct history h;
	struct buf whole = {0};
	struct query *q;
	size_t commit[2];
	struct err e;

	(void)state;
	begin(&h);
	record(&h, 20);
	ask(&h);
	query_close(h.q);
	h.q = NULL;
	read_file(h.db, &whole);
	for (size_t page = 0; page < 2; page++)
		memcpy(&commit[page], whole.p + page * 4096 + number, sizeof commit[page]);
	whole.p[(commit[1] > commit[0]) * 4096 + number] &= 1;
	write_file(h.db, &whole);
	assert_int_equal(query_open(&q, h.db, &e), -1);
	assert_non_null(strstr(e.text, "is damaged: its newest commit"));
	buf_release(&whole);
	finish(&h);
}

/* A snapshot in the midst is lost: the longer stretch stays, whole pieces and parts of them, and recording goes on from its end. */
static void a_snapshot_in_the_midst(void **state)
{
	static const struct {
		uint32_t lost, stay;
	} of[] = {{150, 149}, {60, 140}, {200, 199}, {1, 199}};

	(void)state;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		struct repairing how = {hear, NULL};
		struct history h;
		struct store *s;
		struct err e = {0};
		char to[sizeof h.db];

		begin(&h);
		record(&h, 100);
		assert_int_equal(add(&h, 100, "goroutine 7 [running]:\nmain.other()\n\t/m.go:9 +0x1\ncreated by main.else in goroutine 1\n\t/m.go:3 +0x2\n", SNAP_OK), 0);
		for (int k = 101; k < 200; k++) /* another process: another piece */
			assert_int_equal(add(&h, k, k % 2 ? "goroutine 7 [select]:\nmain.a()\n\t/m.go:9 +0x1\ncreated by main.else in goroutine 1\n\t/m.go:3 +0x2\n"
							  : "goroutine 7 [running]:\nmain.b()\n\t/m.go:9 +0x1\ncreated by main.else in goroutine 1\n\t/m.go:3 +0x2\n", SNAP_OK), 0);
		assert_int_equal(recorder_close(h.r, &e), 0);
		h.r = NULL;
		assert_int_equal(store_open(&s, h.db, STORE_WRITE, &e), 0);
		assert_int_equal(store_begin(s, &e), 0);
		assert_int_equal(data_del(lmdb_of(s), key_u32(key_of(1, 'S'), of[i].lost), &e), 0);
		assert_int_equal(store_commit(s, NULL, &e), 0);
		assert_int_not_equal(store_verify(s, NULL, NULL, &e), 0);
		store_close(s);
		assert_repaired(h.db, of[i].stay);
		snprintf(to, sizeof to, "%.200s.on", h.db);
		unlink(to);
		assert_int_equal(store_repair(h.db, to, &how, &e), 0);
		unlink(h.db);
		memcpy(h.db, to, sizeof to);
		open_recorder(&h);
		assert_int_equal(add(&h, 300, "goroutine 7 [select]:\nmain.a()\n\t/m.go:9 +0x1\ncreated by main.else in goroutine 1\n\t/m.go:3 +0x2\n", SNAP_OK), 0);
		ask(&h);
		finish(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_snapshot_in_the_midst), cmocka_unit_test(an_empty_piece), cmocka_unit_test(an_event_outside), cmocka_unit_test(a_stack_that_cannot_be_read),
					   cmocka_unit_test(every_row), cmocka_unit_test(any_byte), cmocka_unit_test(an_older_commit),
					   cmocka_unit_test(one_of_two_heads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
