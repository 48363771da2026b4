/* SPDX-License-Identifier: MIT */
/*
 * The store as a file: other versions of the format, who may open it while others do, readers that were killed, a full disk.
 */
#include "history.h"
#include "store/lmdb/lmdb_store.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define WORK(id) "goroutine " #id " [select]:\nmain.work(0x1)\n\t/w.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n"

static void record(struct history *h, int from, int shots)
{
	for (int i = from; i < from + shots; i++)
		assert_int_equal(add(h, i, i % 3 ? WORK(7) WORK(8) : WORK(7), SNAP_OK), 0);
}

static char *beside(const struct history *h, const char *suffix)
{
	return xasprintf("%s%s", h->db, suffix);
}

static void drop(const struct history *h, const char *suffix)
{
	char *path = beside(h, suffix);

	unlink(path);
	free(path);
}

/* --- versions of the format --- */

static void strip_table(MDB_txn *txn, MDB_dbi dbi)
{
	MDB_cursor *c;
	MDB_val k, v;

	assert_int_equal(mdb_cursor_open(txn, dbi, &c), 0);
	while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
		char *value = xmalloc(v.mv_size), key[16];
		MDB_val less = {v.mv_size - sizeof(uint32_t), value}, same = {k.mv_size, key};

		memcpy(value, v.mv_data, v.mv_size);
		memcpy(key, k.mv_data, k.mv_size);
		assert_int_equal(mdb_cursor_put(c, &same, &less, MDB_CURRENT), 0);
		free(value);
	}
	mdb_cursor_close(c);
}

/* Rows of chunks as they were up to version 2. */
static void plain_pieces(struct lmdb_store *s, uint32_t host)
{
	struct pool p = {0};
	struct chunk_row *rows;
	size_t n;

	assert_int_equal(chunk_list(&s->pen, (struct seq_range){host, 0, UINT32_MAX}, &p, &rows, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		for (const char *tag = rows[i].last_seq ? "KCE" : "K"; *tag; tag++) { /* E goes last: C is in it */
			struct piece piece;

			assert_int_equal(piece_get(&s->pen, host, rows[i].no, *tag, &piece), 1);
			assert_int_equal(data_put(s, key_u32(key_of(host, *tag), rows[i].no), piece.bytes.p, piece.bytes.n, NULL), 0);
			piece_release(&piece);
		}
	}
	pool_release(&p);
}

/* What a program of version 1 or 2 would have written; or one of a version to come. */
static void make_version(const char *db, int version)
{
	char text[32], name[] = "format", last[] = "last host";
	MDB_val k = {6, name}, v = {0, text}, host = {9, last};
	struct store *s;
	struct env *env;
	MDB_txn *txn;
	struct err e;

	assert_int_equal(store_open(&s, db, STORE_WRITE, &e), 0);
	assert_int_equal(store_begin(s, &e), 0);
	env = lmdb_of(s)->env;
	txn = lmdb_of(s)->pen.txn;
	v.mv_size = (size_t)snprintf(text, sizeof text, "gscrape-tui %d", version);
	assert_int_equal(mdb_put(txn, env->meta, &k, &v, 0), 0);
	for (uint32_t no = 1; version < 3 && no < 3; no++)
		plain_pieces(lmdb_of(s), no);
	if (version == 1) {
		strip_table(txn, env->dict);
		strip_table(txn, env->data);
		assert_int_equal(mdb_del(txn, env->meta, &host, NULL), 0);
	}
	assert_int_equal(store_commit(s, NULL, &e), 0);
	store_close(s);
}

static int samples_of(struct history *h, uint64_t id)
{
	struct life l;
	size_t n;
	int samples = 0;

	ask(h);
	assert_int_equal(query_goroutine(h->q, &(struct life_question){query_hosts(h->q, &n)[0].id, 0, id, NO_TIME}, &h->p, &l, NULL), 1);
	for (size_t i = 0; i < l.n; i++)
		samples += (int)l.runs[i].samples;
	query_close(h->q);
	h->q = NULL;
	return samples;
}

/* Some thousand goroutines of which half are new each time: pieces that are closed, of rows that are large. */
static void record_many(struct history *h, int from, int shots)
{
	struct buf b = {0};

	for (int i = from; i < from + shots; i++) {
		buf_reset(&b);
		buf_adds(&b, WORK(7));
		for (int k = 0; k < 1000; k++)
			buf_addf(&b, "goroutine %d [select]:\nmain.work%d(0x1)\n\t/w.go:%d +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n",
				 10 + i * 500 + k, k % 7, k < 500);
		buf_putc(&b, '\0');
		assert_int_equal(add(h, i, b.p, SNAP_OK), 0);
	}
	buf_release(&b);
}

/* Read as it is; turned into one of today when it is written to, and kept. */
static void older(int version)
{
	struct history h, old;
	char *kept, name[24];

	snprintf(name, sizeof name, ".v%d", version);
	begin(&h);
	record(&h, 0, 40);
	record_many(&h, 40, 10);
	recorder_close(h.r, NULL);
	h.r = NULL;
	make_version(h.db, version);
	assert_int_equal(samples_of(&h, 7), 50); /* and verified */
	kept = beside(&h, name);
	assert_int_equal(access(kept, F_OK), -1);
	open_recorder(&h);
	record(&h, 50, 10);
	assert_int_equal(samples_of(&h, 7), 60);
	old = (struct history){0};
	snprintf(old.db, sizeof old.db, "%s", kept);
	assert_int_equal(samples_of(&old, 7), 50);
	pool_release(&old.p);
	unlink(kept);
	free(kept);
	snprintf(name, sizeof name, ".v%d-lock", version);
	drop(&h, name);
	finish(&h);
}

static void version_1(void **state)
{
	(void)state;
	older(1);
}

static void version_2(void **state)
{
	(void)state;
	older(2);
}

/* The new file cannot be written: the old one is as it was, and nothing else is there. */
static void version_1_on_a_full_disk(void **state)
{
	struct history h;
	int status;
	char *path;
	pid_t pid;

	(void)state;
	begin(&h);
	record(&h, 0, 50);
	recorder_close(h.r, NULL);
	h.r = NULL;
	make_version(h.db, 1);
	pid = fork();
	if (!pid) {
		struct rlimit small = {8192, 8192};
		struct store *s;
		struct err e;
		int rc;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &small);
		rc = store_open(&s, h.db, STORE_WRITE, &e);
		_exit(rc == -1 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	path = beside(&h, ".v1");
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	path = beside(&h, ".new");
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	assert_int_equal(samples_of(&h, 7), 50);
	finish(&h);
}

static void a_version_to_come(void **state)
{
	struct history h;
	struct store *s;
	struct err e;

	(void)state;
	begin(&h);
	record(&h, 0, 3);
	recorder_close(h.r, NULL);
	h.r = NULL;
	make_version(h.db, 4);
	for (enum store_mode m = STORE_READ; m <= STORE_WRITE; m++) {
		assert_int_equal(store_open(&s, h.db, m, &e), -1);
		assert_non_null(strstr(e.text, "is a store of format 4"));
	}
	finish(&h);
}

/* What is no store is told without a lock file being made beside it, and without waiting for it. */
static void no_store(void **state)
{
	struct history h;
	struct store *s;
	struct err e;
	FILE *f;

	(void)state;
	begin(&h);
	recorder_close(h.r, NULL);
	h.r = NULL;
	for (int kind = 0; kind < 3; kind++) {
		static const char *const says[] = {"is no store of gscrape-tui", "is an empty file", "is a pipe"};
		char *lock = beside(&h, "-lock");

		unlink(h.db);
		unlink(lock);
		if (kind == 2) {
			assert_int_equal(mkfifo(h.db, 0600), 0);
		} else {
			f = fopen(h.db, "w");
			assert_non_null(f);
			for (int i = 0; i < 1000 && kind == 0; i++)
				fputs("root:x:0:0:root:/root:/bin/sh\n", f);
			fclose(f);
		}
		assert_int_equal(store_open(&s, h.db, STORE_READ, &e), -1);
		assert_non_null(strstr(e.text, says[kind]));
		if (kind != 1) {
			assert_int_equal(store_open(&s, h.db, STORE_WRITE, &e), -1);
			assert_non_null(strstr(e.text, says[kind]));
		}
		assert_int_equal(access(lock, F_OK), -1);
		free(lock);
	}
	finish(&h);
}

/* --- others --- */

/* A reader that was killed while it looked: its pages are used again. */
static void a_killed_reader(void **state)
{
	uint64_t size[2];
	struct history h;
	struct store *s;
	int ready[2];
	struct err e;
	pid_t pid;
	char c;

	(void)state;
	begin(&h);
	record(&h, 0, 20);
	recorder_commit(h.r, NULL);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		char *self[] = {"/proc/self/exe", "--read", h.db, NULL};

		dup2(ready[1], 1); /* another program, since LMDB does not bear a fork */
		execv(self[0], self);
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1); /* it has its view */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int round = 0; round < 2; round++) {
		struct stat st;

		for (int i = 0; i < 150; i++) {
			assert_int_equal(add(&h, 100 + round * 1000 + i, i % 3 ? WORK(7) WORK(8) : WORK(7), SNAP_OK), 0);
			assert_int_equal(recorder_expire(h.r, T0 + (90 + round * 1000 + i) * 1000LL, 0, &e), 0);
		}
		assert_int_equal(stat(h.db, &st), 0);
		size[round] = (uint64_t)st.st_size;
	}
	assert_true(size[1] <= size[0] + 65536);
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(store_open(&s, h.db, STORE_READ, &e), 0);
	store_close(s);
	recorder_close(h.r, NULL);
	finish(&h);
}

/* What the killed reader runs. */
static int read_and_wait(const char *db)
{
	struct store_view *v;
	struct store *s;
	struct err e;

	if (store_open(&s, db, STORE_READ, &e) < 0 || store_view_open(s, &v, &e) < 0 || write(1, "r", 1) != 1)
		return 1;
	for (;;)
		pause();
}

/* Without the right to write the lock file: right answers while nobody writes, and nobody can; a sentence while somebody does. */
static void no_right_to_lock(void **state)
{
	char dir[] = "/tmp/gscrape-storeXXXXXX"; /* where another user may look */
	struct history h = {0};
	int status;
	char *lock;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	chmod(dir, 0755);
	snprintf(h.db, sizeof h.db, "%s/s.db", dir);
	open_recorder(&h);
	record(&h, 0, 20);
	recorder_commit(h.r, NULL);
	lock = beside(&h, "-lock");
	chmod(h.db, 0644);
	chmod(lock, 0600);
	for (int writes = 1; writes >= 0; writes--) {
		if (!writes) {
			recorder_close(h.r, NULL);
			h.r = NULL;
		}
		pid = fork();
		if (!pid) {
			char *self[] = {"/proc/self/exe", "--unlocked", h.db, writes ? "1" : "0", NULL};

			execv(self[0], self);
			_exit(9);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	unlink(lock);
	free(lock);
	finish(&h);
	rmdir(dir);
}

static int read_unlocked(const char *db, bool written)
{
	struct store *s;
	struct err e;
	int rc, fd;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 2;
	rc = store_open(&s, db, STORE_READ, &e);
	if (written)
		return rc == -1 && strstr(e.text, "is being written, and cannot be read without the right to write") ? 0 : 3;
	if (rc < 0 || store_verify(s, NULL, NULL, &e) != 0)
		return 4;
	fd = open(db, O_RDONLY | O_CLOEXEC);
	rc = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 ? 0 : 5; /* a writer is kept away */
	store_close(s);
	return rc;
}

/* A file that may not grow: a sentence with its name, no damage, and what was committed is there. */
static void no_room(void **state)
{
	struct history h;
	int status;
	pid_t pid;

	(void)state;
	begin(&h);
	record(&h, 0, 3);
	recorder_close(h.r, NULL);
	h.r = NULL;
	pid = fork();
	if (!pid) {
		struct rlimit small = {65536, 65536};
		struct err e = {0};
		struct buf b = {0};
		int rc = 0;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &small);
		open_recorder(&h);
		for (int i = 10; i < 60 && !rc; i++) {
			buf_reset(&b);
			for (int k = 0; k < 200; k++)
				buf_addf(&b, "goroutine %d [select]:\nmain.f%d()\n\t/f%d.go:1 +0x1\n\n", i * 1000 + k, i * 1000 + k, k);
			rc = recorder_add(h.r, h.host, &(struct scraped){.time = T0 + i * 1000LL, .text = {b.p, b.n}}, NULL, &e);
			rc = rc ? rc : recorder_commit(h.r, &e);
		}
		_exit(rc == -1 && strstr(e.text, h.db) && e.kind != ERR_DAMAGED ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(samples_of(&h, 7), 3);
	finish(&h);
}

/* A reader that stays open while the file is replaced, or goes, is told; so is one whose host is another by now. */
static void while_a_reader_looks(void **state)
{
	const struct host *host;
	struct history h;
	uint32_t first;
	uint64_t version;
	struct err e;
	size_t n;

	(void)state;
	begin(&h);
	record(&h, 0, 20);
	assert_int_equal(recorder_commit(h.r, &e), 0);
	assert_int_equal(query_open(&h.q, h.db, &e), 0);
	first = query_hosts(h.q, &n)[0].id;
	recorder_close(h.r, NULL);
	assert_int_equal(recorder_open(&h.r, h.db, &e), 0); /* nobody records a:1 any more */
	assert_int_equal(recorder_expire(h.r, T0 + 1000000, 0, &e), 0);
	assert_int_equal(recorder_host(h.r, "c:1", NULL, &h.host, &e), 0);
	record(&h, 5000, 20);
	assert_int_equal(recorder_commit(h.r, &e), 0);
	assert_int_equal(query_refresh(h.q, &e), 1);
	host = query_hosts(h.q, &n);
	assert_int_equal(n, 1);
	assert_string_equal(host->name, "c:1");
	assert_true(host->id != first);
	for (int i = 0; i < 20; i++) {
		struct snapshot s;

		assert_int_equal(query_snapshot_at(h.q, host->id, T0 + (5000 + i) * 1000LL, &s, &e), 1);
		assert_true(s.time == T0 + (5000 + i) * 1000LL);
	}
	recorder_close(h.r, NULL);
	h.r = NULL;
	unlink(h.db);
	assert_int_equal(store_version(query_store(h.q), &version, &e), -1);
	assert_int_equal(e.kind, ERR_GONE);
	assert_int_equal(query_refresh(h.q, &e), -1);
	assert_non_null(strstr(e.text, "the store is gone"));
	finish(&h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1),	   cmocka_unit_test(version_2), cmocka_unit_test(version_1_on_a_full_disk), cmocka_unit_test(a_version_to_come),
		cmocka_unit_test(a_killed_reader), cmocka_unit_test(no_right_to_lock),	     cmocka_unit_test(no_room),
		cmocka_unit_test(while_a_reader_looks), cmocka_unit_test(no_store),
	};

	if (argc > 2 && strcmp(argv[1], "--read") == 0)
		return read_and_wait(argv[2]);
	if (argc > 3 && strcmp(argv[1], "--unlocked") == 0)
		return read_unlocked(argv[2], argv[3][0] == '1');
	return cmocka_run_group_tests(tests, NULL, NULL);
}
