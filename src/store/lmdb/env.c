/* SPDX-License-Identifier: MIT */
/*
 * The file that LMDB has open: mapped once for all who read or write it in this process, looked at before it is trusted, and
 * opened anew where LMDB has given it up.
 */
#include "lmdb_store.h"
#include "pages.h"
#include "rights.h"
#include <gscrape/err.h>
#include <gscrape/fault.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Address space, not memory: the file grows to it page by page. */
#define MAP_WANTED ((size_t)1 << (sizeof(size_t) > 4 ? 38 : 30))
#define MAP_LEAST ((size_t)64 << 20)
#define CHECK_TRIES 100
#define READERS 510
#define LOCK_SIZE 32768 /* of LMDB's lock file, for so many readers: 64 bytes for each, two to begin with */

static pthread_mutex_t envs_lock = PTHREAD_MUTEX_INITIALIZER; /* before LMDB's own, and that before an env's */
static struct env *envs; /* one per file and process: LMDB's locks do not bear a file that is opened twice */

static const char format_key[] = "format", format_head[] = "gscrape-tui ";

static struct env *env_find(dev_t dev, ino_t ino)
{
	for (struct env *v = envs; v; v = v->next)
		if (v->dev == dev && v->ino == ino)
			return v;
	return NULL;
}

/* LMDB found what it thought impossible. */
static void on_assert(MDB_env *env, const char *message)
{
	const char *path = "the store";

	mdb_env_get_path(env, &path);
	die("%s: is damaged: LMDB says: %s", path, message);
}

/*
 * LMDB makes its lock file long by a hole and maps it: on a full disk the first write to it would end us. The room is taken
 * before; nothing is touched where it is there already, since a close would drop the locks that LMDB has on the file.
 */
static int make_room_for_lock(const char *path)
{
	char *lock = xasprintf("%s-lock", path);
	struct stat st, of = {.st_mode = 0600};
	int fd, rc = 0;

	if (stat(lock, &st) < 0 || st.st_size < LOCK_SIZE || (int64_t)st.st_blocks * 512 < LOCK_SIZE) {
		(void)stat(path, &of);
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, of.st_mode & 0644);
		if (fd >= 0) {
			rc = posix_fallocate(fd, 0, LOCK_SIZE);
			close(fd);
		} else {
			rc = errno;
		}
	}
	free(lock);
	return rc == ENOSPC || rc == EDQUOT ? rc : 0; /* what else there is, LMDB finds, too */
}

int env_map(const char *path, unsigned flags, MDB_env **out)
{
	int rc = flags & MDB_NOLOCK ? 0 : make_room_for_lock(path);

	if (rc)
		return rc;
	rc = EINVAL;
	for (size_t size = MAP_WANTED; size >= MAP_LEAST; size /= 4) {
		rc = mdb_env_create(out);
		if (rc)
			return rc;
		mdb_env_set_maxdbs(*out, 8);
		mdb_env_set_assert(*out, on_assert);
		mdb_env_set_maxreaders(*out, READERS);
		mdb_env_set_mapsize(*out, size);
		rc = mdb_env_open(*out, path, flags | MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD, 0644);
		if (!rc)
			return 0;
		mdb_env_close(*out);
		*out = NULL;
		if (rc != ENOMEM && rc != EINVAL) /* too much: valgrind says it so */
			break;
	}
	return rc;
}

/* Rows that many answers lean on. Others are checked when they are read, and so are these: but see check_rows. */
struct leaned_on {
	size_t n, bad, bad_hosts;
	int format;
};

static int format_of(struct str v)
{
	char text[64] = {0};

	if (v.n < sizeof format_head || v.n >= sizeof text || memcmp(v.p, format_head, sizeof format_head - 1) != 0)
		return 0;
	memcpy(text, v.p, v.n);
	return atoi(text + sizeof format_head - 1);
}

static void lean_on(void *ctx, struct str key, struct str value, bool large)
{
	static const struct env newest = {.format = STORE_FORMAT};
	struct leaned_on *l = ctx;
	struct str unused;

	if (str_eq(key, (struct str){format_key, sizeof format_key - 1}))
		l->format = format_of(value);
	else if (!large && (is_name_key(key) || is_host_key(key) || is_snapshot_key(key))) {
		bool bad = !row_checked(&newest, (MDB_val){key.n, (void *)(uintptr_t)key.p}, (MDB_val){value.n, (void *)(uintptr_t)value.p}, &unused);

		l->n++;
		l->bad += bad;
		l->bad_hosts += bad && is_host_key(key);
	}
}

/*
 * A name or a snapshot that is lost spoils the answers that need it, and these say so. Without a host's row nobody knows what there
 * should be, and a writer would go on from what he cannot trust.
 */
static int check_rows(const struct env *v, const struct leaned_on *l, const char *path, struct err *e)
{
	if (l->format && l->format < FORMAT_SUMS && l->n && !l->bad)
		return fail_as(e, ERR_DAMAGED, "%s: is damaged: the number of its format", path);
	if (l->format < FORMAT_SUMS || !l->bad || (!v->writable && !l->bad_hosts && l->bad <= l->n / 2))
		return 0;
	return fail_as(e, ERR_DAMAGED, "%s: is damaged: %zu of %zu names, hosts and snapshots are not what was written (--verify --repair keeps what is sound)",
		       path, l->bad, l->n);
}

/* Each page of the newest commit is looked at before LMDB trusts it; while somebody writes there may be a newer one by then. */
static int check_pages(struct env *v, const char *path, struct err *e)
{
	struct leaned_on l;
	struct row_reader rows = {lean_on, &l};
	int rc = 0, fd;
	MDB_txn *txn;

	for (int i = 0; i < CHECK_TRIES && !rc; i++) {
		l = (struct leaned_on){0};
		rc = mdb_env_get_fd(v->env, &fd);
		if (!rc)
			rc = mdb_txn_begin(v->env, NULL, MDB_RDONLY, &txn);
		if (rc)
			return fail(e, "%s: %s", path, mdb_strerror(rc));
		rc = pages_sound(fd, path, mdb_txn_id(txn), &rows, e);
		mdb_txn_abort(txn);
	}
	if (rc != 1)
		return -1;
	return check_rows(v, &l, path, e);
}

/* Whose file is it? 1 ours, 0 empty (and nobody's), -1. */
static int check_format(MDB_txn *txn, MDB_dbi *meta, int *format, const char *path, struct err *e)
{
	MDB_val k = {sizeof format_key - 1, (void *)(uintptr_t)format_key}, v;
	MDB_dbi main;
	MDB_stat st;

	*format = STORE_FORMAT;
	if (mdb_dbi_open(txn, "meta", 0, meta) == 0 && mdb_get(txn, *meta, &k, &v) == 0) {
		*format = format_of((struct str){v.mv_data, v.mv_size});
		if (*format >= 1 && *format <= STORE_FORMAT)
			return 1;
		return *format <= 0 ? fail(e, "%s: is an LMDB database of another program", path) :
		        fail(e, "%s: is a store of format %d; this program reads formats 1 to %d", path, *format, STORE_FORMAT);
	}
	if (mdb_dbi_open(txn, NULL, 0, &main) == 0 && mdb_stat(txn, main, &st) == 0 && st.ms_entries == 0)
		return 0;
	return fail(e, "%s: is an LMDB database of another program", path);
}

int make_tables(struct env *v, MDB_txn *txn)
{
	char text[32];
	MDB_val k = {sizeof format_key - 1, (void *)(uintptr_t)format_key}, val;
	int rc;

	snprintf(text, sizeof text, "%s%d", format_head, STORE_FORMAT);
	val = (MDB_val){strlen(text), text};
	rc = mdb_dbi_open(txn, "meta", MDB_CREATE, &v->meta);
	if (!rc)
		rc = mdb_put(txn, v->meta, &k, &val, 0);
	if (!rc)
		rc = mdb_dbi_open(txn, "dict", MDB_CREATE, &v->dict);
	if (!rc)
		rc = mdb_dbi_open(txn, "data", MDB_CREATE, &v->data);
	return rc;
}

/* Where the file is in memory: LMDB does not say, but a row does that stands in a page, which has its number. */
static void watch_map(struct env *v, MDB_txn *txn)
{
	MDB_val k = {sizeof format_key - 1, (void *)(uintptr_t)format_key}, row;
	MDB_envinfo info;
	MDB_stat st;
	size_t page;

	if (mdb_get(txn, v->meta, &k, &row) || mdb_env_info(v->env, &info) || mdb_env_stat(v->env, &st))
		return;
	page = (uintptr_t)row.mv_data & ~((uintptr_t)st.ms_psize - 1);
	v->map = (const char *)page - *(const size_t *)page * st.ms_psize;
	fault_watch(v->map, info.me_mapsize, v->path);
}

static int open_tables(struct env *v, const char *path, bool create, struct err *e)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(v->env, NULL, create ? 0 : MDB_RDONLY, &txn), ours;

	if (rc)
		return fail(e, "%s: %s", path, mdb_strerror(rc));
	ours = check_format(txn, &v->meta, &v->format, path, e);
	if (ours < 0 || (ours == 0 && !create)) {
		mdb_txn_abort(txn);
		return ours < 0 ? -1 : fail(e, "%s: is an empty store", path);
	}
	if (ours == 0)
		rc = make_tables(v, txn);
	if (!rc)
		rc = mdb_dbi_open(txn, "dict", 0, &v->dict);
	if (!rc)
		rc = mdb_dbi_open(txn, "data", 0, &v->data);
	if (rc) {
		mdb_txn_abort(txn);
		return fail(e, "%s: %s", path, mdb_strerror(rc));
	}
	if (ours)
		watch_map(v, txn);
	rc = mdb_txn_commit(txn);
	return rc ? fail(e, "%s: %s", path, mdb_strerror(rc)) : 0;
}

static int open_failed(const char *path, int rc, struct err *e)
{
	if (rc == MDB_INVALID || rc == MDB_CORRUPTED)
		return fail_as(e, ERR_DAMAGED, "%s: is no store of gscrape-tui", path);
	if (rc == MDB_VERSION_MISMATCH)
		return fail(e, "%s: was written by another version of LMDB", path);
	return rc > 0 ? fail_errno(e, rc, path) : fail(e, "%s: %s", path, mdb_strerror(rc));
}

/*
 * Whoever may not write LMDB's lock file, or has no room for it, cannot tell a writer what is being read, and would see pages change. Such a reader
 * keeps writers away by a shared flock instead, and does not read where there is one already.
 */
static int map_unlocked(struct env *v, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return fail_errno(e, errno, path);
	if (flock(fd, LOCK_SH | LOCK_NB) < 0) {
		close(fd);
		return fail_as(e, ERR_IO, "%s: is being written, and cannot be read without the right to write %s-lock", path, path);
	}
	rc = env_map(path, MDB_RDONLY | MDB_NOLOCK, &v->env);
	if (rc) {
		close(fd);
		return open_failed(path, rc, e);
	}
	v->shared_fd = fd;
	return 0;
}

/* Who may read the file may write the lock file: a reader says there what it reads. */
static void share_lock(MDB_env *env, const char *path)
{
	char *lock = xasprintf("%s-lock", path);
	struct stat st;
	int fd;

	if (mdb_env_get_fd(env, &fd) == 0 && fstat(fd, &st) == 0)
		chmod(lock, (st.st_mode & 0644) | (st.st_mode & 040) >> 1);
	free(lock);
}

static int map_file(struct env *v, const char *path, enum store_mode mode, struct err *e)
{
	int rc = env_map(path, mode == STORE_READ ? MDB_RDONLY : MDB_NOMETASYNC, &v->env);

	if (!rc && mode == STORE_WRITE)
		share_lock(v->env, path);

	if ((rc == EACCES || rc == ENOSPC || rc == EDQUOT) && mode == STORE_READ)
		return map_unlocked(v, path, e);
	if (rc == EACCES) { /* the file itself was written to a moment ago */
		char *lock = xasprintf("%s-lock", path);

		fail_right(e, rc, lock, true);
		free(lock);
		return -1;
	}
	return rc ? open_failed(path, rc, e) : 0;
}

int note_commit(struct env *v, bool on_disk)
{
	MDB_envinfo info;
	int fd;

	if (mdb_env_info(v->env, &info) || mdb_env_get_fd(v->env, &fd) || (v->noted == info.me_last_txnid && !on_disk))
		return 0;
	if (pages_note(fd, info.me_last_txnid, on_disk) < 0)
		return errno;
	v->noted = info.me_last_txnid;
	return 0;
}

/* Transactions do not outlive what they are of. */
static void unmap(struct env *v)
{
	fault_forget(v->map);
	v->map = NULL;
	while (v->spare) {
		struct lmdb_view *view = v->spare;

		v->spare = view->spare;
		mdb_txn_abort(view->txn);
		free(view);
	}
	if (v->env)
		mdb_env_close(v->env);
	v->env = NULL;
}

static void env_free(struct env *v)
{
	unmap(v);
	free(v->path);
	if (v->shared_fd >= 0)
		close(v->shared_fd);
	pthread_mutex_destroy(&v->lock);
	free(v);
}

static bool is_file_of(const struct env *v, const struct stat *st)
{
	return st->st_dev == v->dev && st->st_ino == v->ino;
}

/* With envs_lock: nobody opens another file of that name meanwhile, and what is mapped is told apart. */
static int map_anew(struct env *v, struct err *e)
{
	struct stat st;
	int fd;

	if (stat(v->path, &st) < 0)
		return fail_errno(e, errno, v->path);
	if (is_file_of(v, &st)) {
		if (map_file(v, v->path, STORE_WRITE, e) < 0)
			return -1;
		if (mdb_env_get_fd(v->env, &fd) == 0 && fstat(fd, &st) == 0 && is_file_of(v, &st))
			return check_pages(v, v->path, e) < 0 ? -1 : open_tables(v, v->path, false, e);
	}
	return fail_as(e, ERR_GONE, "%s: the store was replaced by another", v->path);
}

/*
 * LMDB takes no more calls, not even a reader's, once it failed to write a head of the file, and wants to be opened anew.
 * That must wait for the transactions that are open, since LMDB does not bear a file twice; no new one begins meanwhile.
 */
static int open_anew(struct env *v, struct err *e)
{
	int rc = MDB_PANIC;

	pthread_mutex_lock(&envs_lock);
	pthread_mutex_lock(&v->lock);
	if (v->live) {
		fail_as(e, ERR_IO, "%s: a write failed, and who reads it has not ended: it is opened anew with the next one", v->path);
	} else {
		unmap(v);
		rc = map_anew(v, e) < 0 ? MDB_PANIC : 0;
		if (rc)
			unmap(v);
	}
	pthread_mutex_unlock(&v->lock);
	pthread_mutex_unlock(&envs_lock);
	return rc;
}

/* Without the lock: LMDB's own is held by whoever writes, and he opens views. */
int env_write(struct env *v, MDB_txn **out, struct err *e)
{
	int rc = v->env ? mdb_txn_begin(v->env, NULL, 0, out) : MDB_PANIC;

	if (rc == MDB_PANIC && (rc = open_anew(v, e)) == 0)
		rc = mdb_txn_begin(v->env, NULL, 0, out);
	return rc;
}

static struct env *env_open(const char *path, enum store_mode mode, struct err *e)
{
	struct env *v = xcalloc(1, sizeof *v);
	struct stat st;
	int rc;

	v->shared_fd = -1;
	pthread_mutex_init(&v->lock, NULL);
	v->path = xstrdup(path);
	if (map_file(v, path, mode, e) < 0) {
		env_free(v);
		return NULL;
	}
	v->writable = mode == STORE_WRITE;
	rc = check_pages(v, path, e);
	if (!rc)
		rc = open_tables(v, path, mode == STORE_WRITE, e);
	if (rc || stat(path, &st) < 0) {
		env_free(v);
		return NULL;
	}
	v->dev = st.st_dev;
	v->ino = st.st_ino;
	v->refs = 1;
	v->next = envs;
	envs = v;
	return v;
}

struct env *env_get(const char *path, enum store_mode mode, struct err *e)
{
	struct env *v = NULL;
	struct stat st;

	pthread_mutex_lock(&envs_lock);
	if (stat(path, &st) == 0) {
		v = env_find(st.st_dev, st.st_ino);
		if (v && mode == STORE_WRITE && !v->writable) {
			fail(e, "%s: is open for reading in this process already", path);
			pthread_mutex_unlock(&envs_lock);
			return NULL;
		}
	}
	if (v)
		v->refs++;
	else
		v = env_open(path, mode, e);
	pthread_mutex_unlock(&envs_lock);
	return v;
}

void env_put(struct env *v)
{
	struct env **at;

	if (!v)
		return;
	pthread_mutex_lock(&envs_lock);
	if (--v->refs == 0) {
		for (at = &envs; *at != v; at = &(*at)->next)
			;
		*at = v->next;
		if (v->writable && v->env && !mdb_env_sync(v->env, 1))
			note_commit(v, true);
		env_free(v);
	}
	pthread_mutex_unlock(&envs_lock);
}
