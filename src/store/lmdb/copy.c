/* SPDX-License-Identifier: MIT */
/*
 * A whole store into a new file, as of the last commit, with no page that is free: a back-up, or in the file's own place a
 * smaller one. Readers and the writer go on meanwhile; who reads a file that was replaced reads it to the end.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written, on the disk, and opened once, which looks at each of its pages. */
static int copy_pages(struct lmdb_store *s, const char *to, struct err *e)
{
	struct stat st;
	struct store *copy;
	int from, fd, rc;

	if (mdb_env_get_fd(s->env->env, &from) || fstat(from, &st) < 0)
		return fail(e, "%s: cannot be read", s->base.where);
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, st.st_mode & 0666);
	if (fd < 0)
		return fail_errno(e, errno, to);
	rc = mdb_env_copyfd2(s->env->env, fd, MDB_CP_COMPACT);
	if (!rc && fsync(fd) < 0)
		rc = errno;
	close(fd);
	if (rc)
		return rc > 0 ? fail_write(e, rc, to) : mdb_failed(s, rc, "cannot be copied", e);
	if (store_open(&copy, to, STORE_READ, e) < 0)
		return -1;
	store_close(copy);
	return 0;
}

/* A lock file belongs to one file: who reads the old one keeps the old one. */
static int put_in_place(const char *fresh, const char *to, struct err *e)
{
	char *lock = xasprintf("%s-lock", to);
	int rc = unlink(lock) < 0 && errno != ENOENT ? fail_errno(e, errno, lock) : rename(fresh, to) < 0 ? fail_errno(e, errno, to) : 0;

	free(lock);
	return rc;
}

int lmdb_copy(struct store *store, const char *to, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	bool itself = strcmp(to, store->where) == 0;
	char *fresh = xasprintf("%s.new", to), *lock = xasprintf("%s.new-lock", to);
	int rc;

	if (itself && s->mode != STORE_WRITE)
		rc = fail(e, "%s: is open for reading", to);
	else if (!itself && access(to, F_OK) == 0)
		rc = fail(e, "%s: is there already", to);
	else if ((rc = copy_pages(s, fresh, e)) == 0)
		rc = put_in_place(fresh, to, e);
	unlink(fresh);
	unlink(lock);
	free(fresh);
	free(lock);
	return rc;
}
