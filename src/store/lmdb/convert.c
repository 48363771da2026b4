/* SPDX-License-Identifier: MIT */
/*
 * A file of an older format into one of the present format: the same rows, each with its checksum, and those of chunks
 * packed. The old file stays, under another name, and whoever reads it goes on reading it. What is damaged in it is so in
 * the new one, or missing, and told by whoever meets it.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct copying {
	const struct env *old;
	MDB_txn *from, *to;
};

static int append(const struct copying *cp, MDB_dbi to, MDB_val *k, struct str value)
{
	uint32_t sum = row_sum(*k, value);
	MDB_val out = {value.n + sizeof sum, NULL};
	int rc = mdb_put(cp->to, to, k, &out, MDB_RESERVE | MDB_APPEND);

	if (rc)
		return rc;
	memcpy(out.mv_data, value.p, value.n);
	memcpy((char *)out.mv_data + value.n, &sum, sizeof sum);
	return 0;
}

/* A chunk's row; its children go with its events. */
static int append_piece(const struct copying *cp, MDB_dbi to, MDB_val *k, struct str value)
{
	struct str children = {0};
	char tag = ((char *)k->mv_data)[4], key[9];
	MDB_val second = {sizeof key, key}, v;
	struct buf b = {0};
	int rc;

	if (tag == 'C')
		return 0;
	if (tag == 'E') {
		memcpy(key, k->mv_data, sizeof key);
		key[4] = 'C';
		if (mdb_get(cp->from, cp->old->data, &second, &v) || !row_checked(cp->old, second, v, &children))
			children = STR("\xff"); /* no list of anything */
	}
	piece_pack(&b, value, children);
	rc = append(cp, to, k, (struct str){b.p, b.n});
	buf_release(&b);
	return rc;
}

static bool is_piece(const struct copying *cp, MDB_dbi table, MDB_val k)
{
	return table == cp->old->data && k.mv_size == 9 && memchr("KEC", ((char *)k.mv_data)[4], 3);
}

static int copy_table(const struct copying *cp, MDB_dbi a, MDB_dbi b)
{
	MDB_val k, v;
	MDB_cursor *c;
	int rc = mdb_cursor_open(cp->from, a, &c);

	if (rc)
		return rc;
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); !rc; rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		struct str value;
		bool good = row_checked(cp->old, k, v, &value);

		if (is_piece(cp, a, k))
			rc = good ? append_piece(cp, b, &k, value) : 0;
		else
			rc = good ? append(cp, b, &k, value) : mdb_put(cp->to, b, &k, &v, MDB_APPEND);
		if (rc)
			break;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The highest host number that was ever given; format 1 had none. */
static int copy_last_host(const struct copying *cp, MDB_dbi to)
{
	char name[] = "last host";
	MDB_val k = {sizeof name - 1, name}, v;
	int rc = mdb_get(cp->from, cp->old->meta, &k, &v);

	return rc ? (rc == MDB_NOTFOUND ? 0 : rc) : mdb_put(cp->to, to, &k, &v, MDB_APPEND);
}

static int copy_all(const struct env *old, struct env *new)
{
	struct copying cp = {.old = old};
	int rc = mdb_txn_begin(old->env, NULL, MDB_RDONLY, &cp.from);

	if (!rc)
		rc = mdb_txn_begin(new->env, NULL, 0, &cp.to);
	if (!rc)
		rc = make_tables(new, cp.to);
	if (!rc)
		rc = copy_last_host(&cp, new->meta);
	if (!rc)
		rc = copy_table(&cp, old->dict, new->dict);
	if (!rc)
		rc = copy_table(&cp, old->data, new->data);
	if (cp.from)
		mdb_txn_abort(cp.from);
	if (rc && cp.to)
		mdb_txn_abort(cp.to);
	if (!rc)
		rc = mdb_txn_commit(cp.to);
	return rc ? rc : mdb_env_sync(new->env, 1);
}

/* The new file takes the old one's place at once; its lock file first, which a reader of the old one keeps. */
static int change_places(const char *path, int format, const char *fresh, struct err *e)
{
	char *kept = xasprintf("%s.v%d", path, format), *lock = xasprintf("%s-lock", path), *kept_lock = xasprintf("%s-lock", kept);
	int rc = 0;

	if (access(kept, F_OK) == 0)
		rc = fail(e, "%s: cannot be converted: %s is there already", path, kept);
	else if (link(path, kept) < 0)
		rc = fail_errno(e, errno, kept);
	else if (rename(lock, kept_lock) < 0 && errno != ENOENT)
		rc = fail_errno(e, errno, kept_lock);
	else if (rename(fresh, path) < 0)
		rc = fail_errno(e, errno, path);
	free(kept);
	free(lock);
	free(kept_lock);
	return rc;
}

int store_convert(const char *path, const struct env *old, struct err *e)
{
	char *fresh = xasprintf("%s.new", path), *lock = xasprintf("%s.new-lock", path);
	struct env new = {0};
	int rc;

	unlink(fresh);
	unlink(lock);
	rc = env_map(fresh, 0, &new.env);
	if (!rc) {
		rc = copy_all(old, &new);
		mdb_env_close(new.env);
	}
	rc = rc ? fail_write(e, rc > 0 ? rc : EIO, fresh) : change_places(path, old->format, fresh, e);
	unlink(fresh);
	unlink(lock);
	free(fresh);
	free(lock);
	return rc;
}
