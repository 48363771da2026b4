/* SPDX-License-Identifier: MIT */
/* Keys, transactions, and single rows. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct key key_u8(struct key k, uint8_t v)
{
	k.b[k.n++] = v;
	return k;
}

struct key key_u32(struct key k, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		k.b[k.n++] = (uint8_t)(v >> shift);
	return k;
}

struct key key_of(uint32_t host, char tag)
{
	return key_u8(key_u32((struct key){.n = 0}, host), (uint8_t)tag);
}

struct key host_key(uint32_t host)
{
	return key_u32(key_of(0, 'H'), host);
}

uint32_t level_size(int level)
{
	uint32_t n = 1;

	while (level--)
		n *= FAN;
	return n;
}

uint32_t key_tail(struct str key)
{
	const uint8_t *p = (const uint8_t *)key.p + key.n - 4;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool is_name_key(struct str key)
{
	return (key.n == 5 && memchr("SFKX", *key.p, 4)) || (key.n == 9 && memchr("sfk", *key.p, 3));
}

bool is_host_key(struct str key)
{
	struct key k = key_of(0, 'H');

	return key.n == k.n + 4 && memcmp(key.p, k.b, k.n) == 0;
}

bool is_snapshot_key(struct str key)
{
	return key.n == 9 && key.p[4] == 'S' && !is_name_key(key);
}

int mdb_failed(struct lmdb_store *s, int rc, const char *doing, struct err *e)
{
	if (rc == MDB_PANIC)
		return fail_as(e, ERR_IO, "%s: a write to it failed, and it cannot be read before the next one", s->base.where);
	if (rc == MDB_MAP_FULL)
		return fail_as(e, ERR_FULL, "%s: is full: there is no more address space (ulimit -v?)", s->base.where);
	if (rc == ENOSPC || rc == EDQUOT || rc == EIO) /* a write that the disk cut short is EIO to LMDB */
		return fail_write(e, rc, s->base.where);
	return fail_as(e, rc < 0 ? ERR_DAMAGED : ERR_IO, "%s: %s: %s", s->base.where, doing, mdb_strerror(rc));
}

int lmdb_view_open(struct store *store, struct store_view **out, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	struct env *env = s->env;
	struct lmdb_view *v;
	int rc;

	pthread_mutex_lock(&env->lock);
	v = env->spare;
	if (v) {
		env->spare = v->spare;
		rc = mdb_txn_renew(v->txn);
	} else {
		v = xcalloc(1, sizeof *v);
		rc = env->env ? mdb_txn_begin(env->env, NULL, MDB_RDONLY, &v->txn) : MDB_PANIC;
	}
	env->live += !rc;
	if (rc && v->txn)
		mdb_txn_abort(v->txn); /* with the lock: nobody counts it, and the file may be opened anew */
	pthread_mutex_unlock(&env->lock);
	if (rc) {
		free(v);
		return mdb_failed(s, rc, "cannot begin to read", e);
	}
	*v = (struct lmdb_view){.base = {store}, .txn = v->txn};
	*out = &v->base;
	return 0;
}

/* A transaction that is reset keeps its place in the table of readers and pins nothing. */
void lmdb_view_close(struct store_view *view)
{
	struct lmdb_view *v = view_of(view);
	struct env *env = store_of(v)->env;

	mdb_txn_reset(v->txn);
	pthread_mutex_lock(&env->lock);
	v->spare = env->spare;
	env->spare = v;
	env->live--;
	pthread_mutex_unlock(&env->lock);
}

uint64_t last_commit(struct lmdb_store *s)
{
	struct env *v = s->env;
	MDB_envinfo info;
	uint64_t last;

	pthread_mutex_lock(&v->lock);
	if (v->env && mdb_env_info(v->env, &info) == 0)
		v->last = info.me_last_txnid;
	last = v->last;
	pthread_mutex_unlock(&v->lock);
	return last;
}

int lmdb_version(struct store *store, uint64_t *version, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	struct stat st;

	*version = last_commit(s) + marks_size(store->where);
	if (stat(store->where, &st) < 0)
		return fail_as(e, ERR_GONE, "%s: the store is gone: %s", store->where, strerror(errno));
	if (st.st_dev != s->env->dev || st.st_ino != s->env->ino)
		return fail_as(e, ERR_GONE, "%s: the store was replaced by another", store->where);
	return 0;
}

/* Pages on LMDB's free list: the file does not shrink, but they are used again. */
static int free_pages(MDB_txn *txn, uint64_t *n)
{
	MDB_cursor *c;
	MDB_val k, v;
	size_t one;
	int rc = mdb_cursor_open(txn, 0, &c);

	*n = 0;
	if (rc)
		return rc;
	while ((rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0 && v.mv_size >= sizeof one) {
		memcpy(&one, v.mv_data, sizeof one);
		*n += one;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_size(struct store *store, uint64_t *bytes, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	struct store_view *v;
	MDB_envinfo info;
	MDB_stat st;
	uint64_t unused;
	int rc;

	*bytes = 0;
	if (store_view_open(store, &v, e) < 0)
		return -1;
	rc = free_pages(view_of(v)->txn, &unused);
	if (!rc)
		rc = mdb_env_info(s->env->env, &info);
	if (!rc)
		rc = mdb_env_stat(s->env->env, &st);
	store_view_close(v);
	if (rc)
		return mdb_failed(s, rc, "cannot be read", e);
	*bytes = (info.me_last_pgno + 1 - unused) * st.ms_psize;
	return 0;
}

uint32_t row_sum(MDB_val key, struct str value)
{
	return (uint32_t)(hash64(value.p, value.n) + hash64(key.mv_data, key.mv_size) * 3);
}

bool row_checked(const struct env *env, MDB_val key, MDB_val v, struct str *out)
{
	uint32_t sum;

	*out = (struct str){v.mv_data, v.mv_size};
	if (env->format < FORMAT_SUMS)
		return true;
	if (v.mv_size < sizeof sum)
		return false;
	out->n -= sizeof sum;
	memcpy(&sum, out->p + out->n, sizeof sum);
	return sum == row_sum(key, *out);
}

/* A row that never changes and is large is checked the first time it is met. */
#define LARGE 2048

static bool fixed_row_checked(struct lmdb_store *s, MDB_val key, MDB_val v, struct str *out)
{
	uint64_t h = hash64(key.mv_data, key.mv_size);
	struct checked *c;

	if (s->env->format < FORMAT_SUMS || v.mv_size < LARGE)
		return row_checked(s->env, key, v, out);
	c = checked_rows_find(&s->checked, h);
	if (c && c->size == v.mv_size) {
		*out = (struct str){v.mv_data, v.mv_size - sizeof(uint32_t)};
		return true;
	}
	if (!row_checked(s->env, key, v, out))
		return false;
	c = checked_rows_at(&s->checked, h);
	*c = (struct checked){h, v.mv_size};
	return true;
}

int row_get(struct lmdb_view *v, MDB_dbi dbi, struct key k, struct str *out)
{
	MDB_val key = {k.n, k.b}, val;
	int rc = mdb_get(v->txn, dbi, &key, &val);

	if (rc)
		return rc == MDB_NOTFOUND ? 0 : -1;
	return row_checked(store_of(v)->env, key, val, out) ? 1 : -1;
}

int row_put(struct lmdb_store *s, MDB_dbi dbi, struct key k, struct str value, struct err *e)
{
	MDB_val key = {k.n, k.b}, v = {value.n + sizeof(uint32_t), NULL};
	uint32_t sum = row_sum(key, value);
	int rc = mdb_put(s->pen.txn, dbi, &key, &v, MDB_RESERVE);

	if (rc)
		return mdb_failed(s, rc, "cannot write", e);
	if (value.n)
		memcpy(v.mv_data, value.p, value.n);
	memcpy((char *)v.mv_data + value.n, &sum, sizeof sum);
	return 0;
}

int data_get(struct lmdb_view *v, struct key k, struct str *out)
{
	return row_get(v, store_of(v)->env->data, k, out);
}

int data_get_fixed(struct lmdb_view *v, struct key k, struct str *out)
{
	MDB_val key = {k.n, k.b}, val;
	int rc = mdb_get(v->txn, store_of(v)->env->data, &key, &val);

	if (rc)
		return rc == MDB_NOTFOUND ? 0 : -1;
	return fixed_row_checked(store_of(v), key, val, out) ? 1 : -1;
}

int data_put(struct lmdb_store *s, struct key k, const void *p, size_t n, struct err *e)
{
	return row_put(s, s->env->data, k, (struct str){p, n}, e);
}

static int row_del(struct lmdb_store *s, MDB_dbi dbi, struct key k, struct err *e)
{
	MDB_val key = {k.n, k.b};
	int rc = mdb_del(s->pen.txn, dbi, &key, NULL);

	return rc && rc != MDB_NOTFOUND ? mdb_failed(s, rc, "cannot delete", e) : 0;
}

int data_del(struct lmdb_store *s, struct key k, struct err *e)
{
	return row_del(s, s->env->data, k, e);
}

int dict_del(struct lmdb_store *s, struct key k, struct err *e)
{
	return row_del(s, s->env->dict, k, e);
}

int data_del_prefix(struct lmdb_store *s, struct key k, struct err *e)
{
	MDB_val key = {k.n, k.b}, v;
	MDB_cursor *c;
	int rc = mdb_cursor_open(s->pen.txn, s->env->data, &c);

	if (rc)
		return mdb_failed(s, rc, "cannot delete", e);
	for (rc = mdb_cursor_get(c, &key, &v, MDB_SET_RANGE); !rc; rc = mdb_cursor_get(c, &key, &v, MDB_NEXT)) {
		if (key.mv_size < k.n || memcmp(key.mv_data, k.b, k.n) != 0)
			break;
		rc = mdb_cursor_del(c, 0);
		if (rc)
			break;
	}
	mdb_cursor_close(c);
	return rc && rc != MDB_NOTFOUND ? mdb_failed(s, rc, "cannot delete", e) : 0;
}

int data_each(struct lmdb_view *view, struct key from, size_t prefix, int (*fn)(void *ctx, struct str key, struct str value), void *ctx)
{
	MDB_val k = {from.n, from.b}, v;
	MDB_cursor *c;
	struct str value;
	int rc, stop = 0;

	if (mdb_cursor_open(view->txn, store_of(view)->env->data, &c))
		return -1;
	for (rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE); !rc && !stop; rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		if (k.mv_size < prefix || memcmp(k.mv_data, from.b, prefix) != 0)
			break;
		if (!row_checked(store_of(view)->env, k, v, &value)) {
			mdb_cursor_close(c);
			return -1;
		}
		stop = fn(ctx, (struct str){k.mv_data, k.mv_size}, value);
	}
	mdb_cursor_close(c);
	return rc && rc != MDB_NOTFOUND ? -1 : stop;
}

int damaged(struct lmdb_view *v, const char *what, uint32_t host, uint32_t chunk, struct err *e)
{
	const char *where = v->base.store->where;
	struct host_state st;
	struct pool p = {0};

	if (host_find(v, host, &p, &st, NULL) != 1)
		fail_as(e, ERR_DAMAGED, "%s: is damaged: %s of host %u", where, what, host);
	else if (chunk)
		fail_as(e, ERR_DAMAGED, "%s: is damaged: %s of %s, piece %u", where, what, st.row.name, chunk);
	else
		fail_as(e, ERR_DAMAGED, "%s: is damaged: %s of %s", where, what, st.row.name);
	pool_release(&p);
	return -1;
}
