/* SPDX-License-Identifier: MIT */
/*
 * A whole store into a new file, as of the last commit, with no page that is free: a back-up; in the file's own place a smaller
 * one, without the names that nobody uses; or its hosts into a store that has others. Readers and the writer go on meanwhile; who
 * reads a file that was replaced reads it to the end.
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

/* Host by host into a store that is there, or is made; checked from end to end. */
static int copy_hosts(struct lmdb_store *s, const char *to, struct err *e)
{
	struct store_view *view;
	struct store *other;
	int64_t faults = 0;
	int rc = store_open(&other, to, STORE_WRITE, e);

	if (rc < 0)
		return -1;
	rc = store_view_open(&s->base, &view, e);
	if (!rc) {
		rc = store_merge(view_of(view), lmdb_of(other), e);
		store_view_close(view);
	}
	if (!rc)
		faults = store_verify(other, NULL, NULL, e);
	if (faults > 0)
		fail_as(e, ERR_DAMAGED, "%s: is not what was to be copied: --verify tells more", to);
	store_close(other);
	return rc || faults ? -1 : 0;
}

/* A lock file belongs to one file: who reads the old one keeps the old one. */
static int put_in_place(const char *fresh, const char *to, struct err *e)
{
	char *lock = xasprintf("%s-lock", to);
	int rc = unlink(lock) < 0 && errno != ENOENT ? fail_errno(e, errno, lock) : rename(fresh, to) < 0 ? fail_errno(e, errno, to) : 0;

	free(lock);
	return rc;
}

static void remove_store(const char *path)
{
	char *lock = xasprintf("%s-lock", path);

	unlink(path);
	unlink(lock);
	free(lock);
}

/* Hosts first, without what they do not use, and then pages, without those that were written in between. */
static int copy_used(struct lmdb_store *s, const char *fresh, struct err *e)
{
	char *used = xasprintf("%s.hosts", fresh);
	struct store *hosts;
	struct stat st;
	int rc;

	remove_store(used); /* an earlier try's */
	rc = copy_hosts(s, used, e);
	if (!rc)
		rc = store_open(&hosts, used, STORE_READ, e);
	if (!rc) {
		rc = copy_pages(lmdb_of(hosts), fresh, e);
		store_close(hosts);
	}
	if (!rc && (stat(s->base.where, &st) < 0 || chmod(fresh, st.st_mode & 0666) < 0))
		rc = fail_errno(e, errno, fresh);
	remove_store(used);
	free(used);
	return rc;
}

/* By whatever names. */
static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

int lmdb_copy(struct store *store, const char *to, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	bool itself = same_file(to, store->where);
	char *fresh = xasprintf("%s.new", to);
	int rc;

	if (itself && s->mode != STORE_WRITE)
		rc = fail(e, "%s: is the store itself; a copy needs another name", to);
	else if (!itself && access(to, F_OK) == 0)
		rc = copy_hosts(s, to, e);
	else if ((rc = itself ? copy_used(s, fresh, e) : copy_pages(s, fresh, e)) == 0)
		rc = put_in_place(fresh, to, e);
	if (!rc && !itself)
		rc = marks_copy(store->where, to, e);
	remove_store(fresh);
	free(fresh);
	return rc;
}
