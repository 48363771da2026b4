/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing a store, and what it can. LMDB's own writer lock makes a second writer wait; a person wants to be told, so
 * the writer also takes a flock on the data file, which LMDB itself does not lock.
 */
#include "lmdb_store.h"
#include "pages.h"
#include "rights.h"
#include <gscrape/err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The writer's flock; held until the descriptor is closed, by a kill too. */
static int lock_writer(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	bool shared;

	if (fd < 0)
		return fail_right(e, errno, path, true);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (errno != EWOULDBLOCK) {
		fail(e, "%s: cannot be locked: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	shared = flock(fd, LOCK_SH | LOCK_NB) == 0;
	close(fd);
	return fail(e, shared ? "%s: is being read by somebody without the right to write %s-lock" : "%s: another gscrape-tui is writing to it",
		    path, path);
}

/* The file is another one afterwards: open and locked anew. */
static int convert(struct lmdb_store *s, struct err *e)
{
	const char *path = s->base.where;

	if (store_convert(path, s->env, e) < 0)
		return -1;
	env_put(s->env);
	s->env = NULL;
	close(s->lock_fd);
	s->lock_fd = lock_writer(path, e);
	if (s->lock_fd < 0)
		return -1;
	s->env = env_get(path, STORE_WRITE, e);
	return s->env ? 0 : -1;
}

/*
 * LMDB would make a lock file beside whatever it is given, wait for a pipe, and believe any head of a file: look first. 0 when
 * it may be a store, or is not there.
 */
static int look_at(const char *path, enum store_mode mode, struct err *e)
{
	struct stat st;
	int fd, rc;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT && mode == STORE_WRITE)
			return 0;
		if (errno == ENOENT)
			return fail_as(e, ERR_GONE, "%s: no such store (record one with --scrape or --index)", path);
		return fail_right(e, errno, path, mode == STORE_WRITE);
	}
	if (!S_ISREG(st.st_mode))
		return fail(e, "%s: is a %s, not a store", path, S_ISDIR(st.st_mode) ? "directory" : S_ISFIFO(st.st_mode) ? "pipe" : "device");
	if (!st.st_size)
		return mode == STORE_WRITE ? 0 : fail(e, "%s: is an empty file, not a store", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_right(e, errno, path, mode == STORE_WRITE);
	rc = pages_heads(fd, path, e);
	close(fd);
	return rc;
}

static int lmdb_open(struct store **out, const char *path, enum store_mode mode, struct err *e)
{
	struct lmdb_store *s;

	if (look_at(path, mode, e) < 0)
		return -1;
	s = xcalloc(1, sizeof *s);
	s->base = (struct store){&lmdb_ops, xstrdup(path)};
	s->pen.base.store = &s->base;
	s->lock_fd = -1;
	s->mode = mode;
	if (mode == STORE_WRITE && (s->lock_fd = lock_writer(path, e)) < 0) {
		store_close(&s->base);
		return -1;
	}
	s->env = env_get(path, mode, e);
	if (s->env && mode == STORE_WRITE && s->env->format < STORE_FORMAT && convert(s, e) < 0) {
		store_close(&s->base);
		return -1;
	}
	if (!s->env || (mode == STORE_WRITE && dict_open(s, e) < 0)) {
		store_close(&s->base);
		return -1;
	}
	*out = &s->base;
	return 0;
}

static void lmdb_close(struct store *store)
{
	struct lmdb_store *s = lmdb_of(store);

	if (s->pen.txn)
		mdb_txn_abort(s->pen.txn);
	env_put(s->env);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	for (size_t i = 0; i < s->n_hosts; i++)
		free(s->hosts[i].pending);
	free(s->hosts);
	free(s->stored);
	hash_release(&s->by_name);
	hash_release(&s->by_number);
	hash_release(&s->stored_by_name);
	sweep_stop(s);
	free(s->strings.a);
	free(s->stacks.a);
	free(s->stack_cache);
	free(s->frame_cache);
	checked_rows_release(&s->checked);
	pieces_forget(s);
	unpacked_rows_release(&s->unpacked);
	for (size_t i = 0; i < OPEN_EVENTS; i++)
		free(s->open_events[i].ev.a);
	pool_release(&s->names);
	free(s->base.where);
	free(s);
}

const struct store_ops lmdb_ops = {
	.open = lmdb_open,
	.close = lmdb_close,
	.version = lmdb_version,
	.begin = lmdb_begin,
	.host = lmdb_host,
	.put_snapshot = lmdb_put_snapshot,
	.put_liveness = lmdb_put_liveness,
	.put_memory = lmdb_put_memory,
	.commit = lmdb_commit,
	.abort = lmdb_abort,
	.forget_names = lmdb_forget_names,
	.view_open = lmdb_view_open,
	.view_close = lmdb_view_close,
	.hosts = lmdb_hosts,
	.snapshots = lmdb_snapshots,
	.seq_at = lmdb_seq_at,
	.chart = lmdb_chart,
	.history = lmdb_history,
	.epochs_of = lmdb_epochs_of,
	.alive = lmdb_alive,
	.liveness = lmdb_liveness,
	.memory = lmdb_memory,
	.held = lmdb_held,
	.children = lmdb_children,
	.walk_begin = lmdb_walk_begin,
	.walk_next = lmdb_walk_next,
	.walk_end = lmdb_walk_end,
	.strings = lmdb_strings,
	.stacks = lmdb_stacks,
	.functions = lmdb_functions,
	.stacks_with = lmdb_stacks_with,
	.add_mark = lmdb_add_mark,
	.marks = lmdb_marks,
	.put_end = lmdb_put_end,
	.end = lmdb_end,
	.expire = lmdb_expire,
	.size = lmdb_size,
	.copy = lmdb_copy,
	.repair = lmdb_repair,
	.verify = lmdb_verify,
};
