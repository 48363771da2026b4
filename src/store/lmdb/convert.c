/* SPDX-License-Identifier: MIT */
/*
 * A file of format 1 into one of the present format: the same rows, each with its checksum. The old file stays, under
 * another name, and whoever reads it goes on reading it.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int copy_table(MDB_txn *from, MDB_dbi a, MDB_txn *to, MDB_dbi b)
{
	MDB_val k, v;
	MDB_cursor *c;
	int rc = mdb_cursor_open(from, a, &c);

	if (rc)
		return rc;
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); !rc; rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		struct str value = {v.mv_data, v.mv_size};
		uint32_t sum = row_sum(k, value);
		MDB_val out = {v.mv_size + sizeof sum, NULL};

		rc = mdb_put(to, b, &k, &out, MDB_RESERVE | MDB_APPEND);
		if (rc)
			break;
		memcpy(out.mv_data, value.p, value.n);
		memcpy((char *)out.mv_data + value.n, &sum, sizeof sum);
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int copy_all(const struct env *old, struct env *new)
{
	MDB_txn *from = NULL, *to = NULL;
	int rc = mdb_txn_begin(old->env, NULL, MDB_RDONLY, &from);

	if (!rc)
		rc = mdb_txn_begin(new->env, NULL, 0, &to);
	if (!rc)
		rc = make_tables(new, to);
	if (!rc)
		rc = copy_table(from, old->dict, to, new->dict);
	if (!rc)
		rc = copy_table(from, old->data, to, new->data);
	if (from)
		mdb_txn_abort(from);
	if (rc && to)
		mdb_txn_abort(to);
	if (!rc)
		rc = mdb_txn_commit(to);
	return rc ? rc : mdb_env_sync(new->env, 1);
}

/* The new file takes the old one's place at once; its lock file first, which a reader of the old one keeps. */
static int change_places(const char *path, const char *fresh, struct err *e)
{
	char *kept = xasprintf("%s.v1", path), *lock = xasprintf("%s-lock", path), *kept_lock = xasprintf("%s.v1-lock", path);
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
	rc = rc ? fail_write(e, rc > 0 ? rc : EIO, fresh) : change_places(path, fresh, e);
	unlink(fresh);
	unlink(lock);
	free(fresh);
	free(lock);
	return rc;
}
