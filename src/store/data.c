/* SPDX-License-Identifier: MIT */
/* Keys, transactions, and single rows. */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <errno.h>
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

uint32_t key_tail(const MDB_val *k, size_t from_end)
{
	const uint8_t *p = (const uint8_t *)k->mv_data + k->mv_size - from_end - 4;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int mdb_failed(struct store *s, int rc, const char *doing, struct err *e)
{
	if (rc == MDB_MAP_FULL)
		return fail(e, "%s: cannot grow further: no more address space (ulimit -v?)", s->path);
	if (rc == ENOSPC)
		return fail(e, "%s: the disk is full", s->path);
	return fail(e, "%s: %s: %s", s->path, doing, mdb_strerror(rc));
}

MDB_txn *store_txn(struct store *s)
{
	return s->write ? s->write : s->reading ? s->read : NULL;
}

int writing(struct store *s, struct err *e)
{
	int rc;

	if (s->write)
		return 0;
	rc = mdb_txn_begin(s->env->env, NULL, 0, &s->write);
	return rc ? mdb_failed(s, rc, "cannot begin to write", e) : 0;
}

int store_read_begin(struct store *s, struct err *e)
{
	int rc;

	if (s->reading++ || s->write)
		return 0;
	rc = s->read ? mdb_txn_renew(s->read) : mdb_txn_begin(s->env->env, NULL, MDB_RDONLY, &s->read);
	if (rc) {
		s->reading--;
		return mdb_failed(s, rc, "cannot begin to read", e);
	}
	return 0;
}

void store_read_end(struct store *s)
{
	if (--s->reading == 0 && !s->write)
		mdb_txn_reset(s->read);
}

uint64_t store_version(struct store *s)
{
	MDB_envinfo info;

	return mdb_env_info(s->env->env, &info) ? 0 : info.me_last_txnid;
}

/* Pages on LMDB's free list: the file does not shrink, but they are used again. */
static uint64_t free_pages(struct store *s)
{
	MDB_cursor *c;
	MDB_val k, v;
	uint64_t n = 0;
	size_t one;

	if (mdb_cursor_open(store_txn(s), 0, &c))
		return 0;
	while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0 && v.mv_size >= sizeof one) {
		memcpy(&one, v.mv_data, sizeof one);
		n += one;
	}
	mdb_cursor_close(c);
	return n;
}

uint64_t store_size(struct store *s)
{
	MDB_envinfo info;
	MDB_stat st;
	uint64_t unused;

	if (store_read_begin(s, NULL) < 0)
		return 0;
	unused = free_pages(s);
	store_read_end(s);
	if (mdb_env_info(s->env->env, &info) || mdb_env_stat(s->env->env, &st))
		return 0;
	return (info.me_last_pgno + 1 - unused) * st.ms_psize;
}

int data_get(struct store *s, struct key k, struct str *out)
{
	MDB_val key = {k.n, k.b}, v;
	int rc = mdb_get(store_txn(s), s->env->data, &key, &v);

	if (rc)
		return rc == MDB_NOTFOUND ? 0 : -1;
	*out = (struct str){v.mv_data, v.mv_size};
	return 1;
}

int data_put(struct store *s, struct key k, const void *p, size_t n, struct err *e)
{
	MDB_val key = {k.n, k.b}, v = {n, (void *)(uintptr_t)p};
	int rc = mdb_put(s->write, s->env->data, &key, &v, 0);

	return rc ? mdb_failed(s, rc, "cannot write", e) : 0;
}

int data_del(struct store *s, struct key k, struct err *e)
{
	MDB_val key = {k.n, k.b};
	int rc = mdb_del(s->write, s->env->data, &key, NULL);

	return rc && rc != MDB_NOTFOUND ? mdb_failed(s, rc, "cannot delete", e) : 0;
}

int data_del_prefix(struct store *s, struct key k, struct err *e)
{
	MDB_val key = {k.n, k.b}, v;
	MDB_cursor *c;
	int rc = mdb_cursor_open(s->write, s->env->data, &c);

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

int data_each(struct store *s, struct key from, size_t prefix, int (*fn)(void *ctx, struct str key, struct str value),
	      void *ctx)
{
	MDB_val k = {from.n, from.b}, v;
	MDB_cursor *c;
	int rc, stop = 0;

	if (mdb_cursor_open(store_txn(s), s->env->data, &c))
		return -1;
	for (rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE); !rc && !stop; rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		if (k.mv_size < prefix || memcmp(k.mv_data, from.b, prefix) != 0)
			break;
		stop = fn(ctx, (struct str){k.mv_data, k.mv_size}, (struct str){v.mv_data, v.mv_size});
	}
	mdb_cursor_close(c);
	return rc && rc != MDB_NOTFOUND ? -1 : stop;
}

int damaged(struct store *s, const char *what, uint32_t host, uint32_t chunk, struct err *e)
{
	return fail(e, "%s: is damaged: %s of host %u, piece %u", s->path, what, host, chunk);
}
