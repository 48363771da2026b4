/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a row of the store, of each kind, with the right checksum: whatever is asked then ends with an answer or a sentence,
 * and what an answer names is there. The first two bytes say which row of a small store of two hosts they stand for. With
 * $SEEDS the rows as they are go into that folder, deflated ones inflated, so that damage goes further than to the packing.
 */
#include "dump/previous.h"
#include "history/track.h"
#include "store/lmdb/lmdb_store.h"
#include <gscrape/gzip.h>
#include <gscrape/recorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SHOTS 40
#define MOST 20000 /* bytes of a row that is worth having as a seed */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct row {
	struct key key;
	bool dict;
} *rows;
static size_t n_rows, cap_rows;
static char path[256];

static void must(int rc, const struct err *e)
{
	if (rc < 0)
		die("%s", e->text);
}

static void take(struct row row, struct str value)
{
	const char *seeds = getenv("SEEDS");
	struct buf plain = {0}, text = {0};
	const uint8_t *p = (const uint8_t *)value.p + 1, *end = (const uint8_t *)value.p + value.n;
	struct err e;
	char *file = seeds ? xasprintf("%s/row%zu", seeds, n_rows) : NULL;

	buf_putc(&plain, (char)(n_rows >> 8));
	buf_putc(&plain, (char)n_rows);
	if (!row.dict && row.key.n == 9 && memchr("KE", row.key.b[4], 2) && value.n && *value.p == 1) {
		uint64_t first = get_varint(&p, end), second = get_varint(&p, end);

		must(gzip_inflate(p, (size_t)(end - p), &text, first + second, &e), &e);
		buf_putc(&plain, 0);
		buf_varint(&plain, first);
		buf_varint(&plain, second);
		value = (struct str){text.p, text.n};
	}
	buf_add(&plain, value.p, value.n);
	if (file && plain.n < MOST)
		file_write(file, plain.p, plain.n, NULL);
	free(file);
	buf_release(&plain);
	buf_release(&text);
	GROW(rows, n_rows, cap_rows);
	rows[n_rows++] = row;
}

static void take_table(struct lmdb_view *v, bool dict)
{
	const struct env *env = store_of(v)->env;
	MDB_cursor *c;
	MDB_val k, val;
	struct str value;

	if (mdb_cursor_open(v->txn, dict ? env->dict : env->data, &c))
		die("a table does not open");
	while (mdb_cursor_get(c, &k, &val, MDB_NEXT) == 0) {
		struct row row = {.key = {.n = k.mv_size}, .dict = dict};

		memcpy(row.key.b, k.mv_data, k.mv_size);
		if (row_checked(env, k, val, &value))
			take(row, value);
	}
	mdb_cursor_close(c);
}

static void shot(struct recorder *r, uint32_t host, int i)
{
	struct scraped s = {.time = 1790000000000 + i * 1000, .status = i % 9 ? SNAP_OK : SNAP_TRUNCATED};
	struct err e;
	struct buf b = {0};

	for (int k = 0; k < 6; k++) /* who stay, and change; in the second half another process */
		buf_addf(&b, "goroutine %d [%s, %d minutes]:\nmain.f%d(0xc00001%d000)\n\t/f.go:%d +0x1\ncreated by main.w%d in goroutine 7\n\t/m.go:%d +0x2\n\n", 10 + k,
			 (i + k) % 5 ? "select" : "sync.Mutex.Lock", i % 3, (i / 2 + k) % 6, i % 2, k, i / (SHOTS / 2), k);
	for (int k = i; k >= 0 && k > i - 3; k--) /* who come and go */
		buf_addf(&b, "goroutine %d [running]:\nmain.short()\n\t/s.go:1 +0x1\ncreated by main.w in goroutine 10\n\t/m.go:99 +0x2\n\n", 1025 + 16 * k);
	s.text = (struct str){b.p, b.n};
	must(recorder_add(r, host, &s, NULL, &e), &e);
	if (i % 8 == 7)
		must(recorder_commit(r, &e), &e);
	buf_release(&b);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct store_view *v;
	struct recorder *r;
	struct store *s;
	struct err e;
	uint32_t host;

	(void)argc;
	(void)argv;
	if (getenv("SEEDS"))
		snprintf(path, sizeof path, "%s.db", getenv("SEEDS"));
	else
		snprintf(path, sizeof path, "%s/fuzz_row.%d", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid());
	must(recorder_open(&r, path, &e), &e);
	for (int h = 0; h < 2; h++) {
		must(recorder_host(r, h ? "b:1" : "a:1", "k=v", &host, &e), &e);
		for (int i = 0; i < SHOTS; i++)
			shot(r, host, i);
	}
	must(recorder_close(r, &e), &e);
	must(store_open(&s, path, STORE_READ, &e), &e);
	must(store_view_open(s, &v, &e), &e);
	take_table(view_of(v), false);
	take_table(view_of(v), true);
	store_view_close(v);
	store_close(s);
	return 0;
}

static int any_stack(void *ctx, uint32_t handle, const struct store_stack *stack)
{
	(void)ctx;
	return !handle || (stack->n && !stack->frames[0].func);
}

static int any_function(void *ctx, const struct function_row *f)
{
	(void)ctx;
	return !f->func;
}

/* What an answer names is there: else the sentence came too late. */
static void is_there(const char *what, uint32_t handle, uint32_t most)
{
	if (handle > most)
		die("an answer names %s %u of %u", what, handle, most);
}

static void ask_walk(struct store_view *v, uint32_t host, uint32_t to)
{
	struct store_walk *w;
	struct walk_step step;
	struct err e;

	if (store_walk_begin(v, host, 1, to, &w, &e) < 0)
		return;
	while (store_walk_next(w, &step, &e) == 1)
		for (size_t i = 0; i < step.n; i++)
			if (step.events[i].kind == EV_BORN || step.events[i].kind == EV_RUN)
				is_there("stack", step.events[i].stack, view_of(v)->n_stacks);
	store_walk_end(w);
}

static void ask_host(struct store_view *v, struct pool *p, const struct host_row *row)
{
	struct seq_range all = {row->host, row->first_seq, row->last_seq};
	struct goroutine_state *alive = NULL;
	struct snapshot *snaps;
	struct err e;
	size_t n = 0, n_snaps, unused;
	uint32_t seq, *epochs;
	static const uint64_t ids[] = {10, 12, 1025 + 16 * 5};

	if (store_snapshots(v, all, p, &snaps, &n_snaps, &e) == 0)
		for (size_t i = 0; i < n_snaps; i++)
			is_there("string", snaps[i].note, view_of(v)->n_strings);
	for (size_t columns = 1; columns < 41; columns += 39)
		store_chart(v, &(struct chart_range){all, row->first, row->last + 1, columns}, p, &(struct summary *){0}, &unused, &e);
	store_seq_at(v, row->host, row->last - 1, &seq, &e);
	store_memory(v, row->host, p, &(struct str){0}, &e);
	store_liveness(v, row->host, p, &(struct liveness *){0}, &unused, &e);
	for (uint32_t at = 1; at < 45; at += 30)
		if (store_alive(v, (struct snapshot_key){row->host, at}, p, &alive, &n, &e) == 0)
			for (size_t i = 0; i < n; i++)
				is_there("stack", alive[i].stack, view_of(v)->n_stacks);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		struct goroutine_key who = {row->host, 1 + i % 2, ids[i]};

		store_history(v, &who, p, &(struct goroutine_history){0}, &e);
		store_epochs_of(v, &who, p, &epochs, &unused, &e);
		store_children(v, &who, p, &(struct goroutine_child *){0}, &unused, &e);
	}
	ask_walk(v, row->host, row->last_seq);
}

static void ask_names(struct store_view *v, struct pool *p)
{
	uint32_t funcs[] = {1, 2, 3};
	struct store_stack stack;
	struct str text;
	struct err e;

	for (uint32_t id = 1; id < 30; id++) {
		store_strings(v, &id, 1, p, &text, &e);
		store_stacks(v, &id, 1, p, &stack, &e);
	}
	store_functions(v, &(uint64_t){0}, any_function, NULL, &e);
	store_stacks_with(v, &(struct functions_wanted){funcs, 3}, any_stack, NULL, &e);
}

/* What the recorder left for itself. */
static void as_memory(struct str bytes)
{
	const uint8_t *p = (const uint8_t *)bytes.p, *end = p + bytes.n;
	struct previous *previous = previous_new();
	struct track track = {0};

	if (track_load(&track, &p, end))
		previous_load(previous, (struct str){(const char *)p, (size_t)(end - p)});
	track_release(&track);
	previous_free(previous);
}

/* A batch that is given up leaves nothing but what was read in it: that goes too. Opened anew now and then, for what grows. */
static struct store *fresh(void)
{
	static struct store *s;
	static unsigned times;
	struct lmdb_store *l;
	struct err e;

	if (s && times++ % 256 == 0) {
		store_close(s);
		s = NULL;
	}
	if (!s)
		must(store_open(&s, path, STORE_WRITE, &e), &e);
	store_abort(s);
	l = lmdb_of(s);
	checked_rows_release(&l->checked);
	for (size_t i = 0; i < l->n_stack_cache; i++)
		l->stack_cache[i] = (struct store_stack){0};
	must(store_begin(s, &e), &e);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host_row *hosts;
	struct host_place place;
	struct pool p = {0};
	struct store *s;
	struct err e;
	struct row row;
	size_t n = 0;

	if (size < 2)
		return 0;
	row = rows[((size_t)data[0] << 8 | data[1]) % n_rows];
	s = fresh();
	must(row_put(lmdb_of(s), row.dict ? lmdb_of(s)->env->dict : lmdb_of(s)->env->data, row.key, (struct str){(const char *)data + 2, size - 2}, &e), &e);
	must(dict_count(&lmdb_of(s)->pen, &e), &e);
	if (store_hosts(&lmdb_of(s)->pen.base, &p, &hosts, &n, &e) == 0)
		for (size_t i = row.dict && n ? n - 1 : 0; i < n; i++)
			ask_host(&lmdb_of(s)->pen.base, &p, &hosts[i]);
	ask_names(&lmdb_of(s)->pen.base, &p);
	if (store_host(s, "a:1", "k=w", &place, &e) == 0)
		store_expire(s, place.host, 1790000010000, &e);
	if (!row.dict && row.key.n == 5 && row.key.b[4] == 'M')
		as_memory((struct str){(const char *)data + 2, size - 2});
	pool_release(&p);
	return 0;
}
