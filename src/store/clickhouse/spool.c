/* SPDX-License-Identifier: MIT */
/*
 * Where batches wait while nobody takes them: FOLDER/DATABASE.N/NUMBER.rows, one file each, whole or not there. A recorder has a
 * folder of its own, locked for as long as it lives; one that nobody has locked was left by a recorder that was killed, and the
 * next one takes it over. A file is a line that says what it is, tables' names and rows as they are sent, and a hash of all of it.
 */
#include "ch.h"
#include <gscrape/gzip.h>
#include <gscrape/timefmt.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "gscrape-tui rows 1\n"
#define SUFFIX ".rows"
#define OWN_MAX 1000 /* recorders of one store on one machine */

/* The place that is used where nobody names one. */
static char *usual_folder(const struct ch_place *p)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	uint64_t hash = hash64(p->shown, strlen(p->shown));

	if (base && base[0] == '/')
		return xasprintf("%s/gscrape-tui/spool-%016" PRIx64, base, hash);
	return home && home[0] == '/' ? xasprintf("%s/.local/state/gscrape-tui/spool-%016" PRIx64, home, hash) : NULL;
}

void ch_spool_init(struct ch_spool *sp, const struct ch_place *p)
{
	sp->folder = p->spool ? xstrdup(p->spool) : usual_folder(p);
	sp->database = p->database;
	sp->limit = p->spool_size;
	sp->lock = -1;
}

/* The folder stays only with something in it. */
static void leave(struct ch_spool *sp)
{
	char *lock = sp->own ? xasprintf("%s/lock", sp->own) : NULL;

	if (sp->own && sp->first == sp->next) {
		unlink(lock);
		rmdir(sp->own);
		rmdir(sp->folder);
	}
	if (sp->lock >= 0)
		close(sp->lock);
	free(lock);
	free(sp->own);
	sp->own = NULL;
	sp->lock = -1;
	sp->first = sp->next = sp->bytes = 0;
}

void ch_spool_release(struct ch_spool *sp)
{
	leave(sp);
	free(sp->folder);
	*sp = (struct ch_spool){.lock = -1};
}

static char *file_of(const struct ch_spool *sp, uint64_t number)
{
	return xasprintf("%s/%016" PRIu64 SUFFIX, sp->own, number);
}

/* What lies there. Files that were being written when their recorder was killed were told to nobody as safe. */
static void take_stock(struct ch_spool *sp)
{
	DIR *d = opendir(sp->own);
	struct dirent *de;

	while (d && (de = readdir(d))) {
		uint64_t n = strtoull(de->d_name, NULL, 10);
		struct stat st;

		if (strstr(de->d_name, SUFFIX ".tmp."))
			unlinkat(dirfd(d), de->d_name, 0);
		else if (n && strstr(de->d_name, SUFFIX) && fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			sp->first = !sp->next || n < sp->first ? n : sp->first;
			sp->next = n >= sp->next ? n + 1 : sp->next;
			sp->bytes += (uint64_t)st.st_size;
		}
	}
	if (d)
		closedir(d);
}

/* 1 it is this process's now, 0 somebody has it, -1 */
static int take_folder(struct ch_spool *sp, const char *path, struct err *e)
{
	char *lock = xasprintf("%s/lock", path);
	int fd = -1, rc = file_folders(lock, e);

	if (!rc && (fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
		rc = fail_errno(e, errno, lock);
	if (!rc && flock(fd, LOCK_EX | LOCK_NB) == 0 && access(lock, F_OK) == 0) {
		sp->lock = fd;
		sp->own = xstrdup(path);
		take_stock(sp);
		rc = 1;
	} else if (fd >= 0) {
		close(fd);
	}
	free(lock);
	return rc;
}

int ch_spool_adopt(struct ch_spool *sp, struct err *e)
{
	size_t n = strlen(sp->database);
	DIR *d = sp->folder ? opendir(sp->folder) : NULL;
	struct dirent *de;
	int rc = 0;

	leave(sp);
	while (d && rc >= 0 && !sp->own && (de = readdir(d))) {
		char *path;

		if (strncmp(de->d_name, sp->database, n) != 0 || de->d_name[n] != '.')
			continue;
		path = xasprintf("%s/%s", sp->folder, de->d_name);
		rc = take_folder(sp, path, e);
		if (rc == 1 && sp->first == sp->next)
			leave(sp);
		free(path);
	}
	if (d)
		closedir(d);
	return rc < 0 ? -1 : sp->own != NULL;
}

static int own_folder(struct ch_spool *sp, struct err *e)
{
	int rc = sp->own ? 1 : 0;

	for (int i = 1; !rc && i < OWN_MAX; i++) {
		char *path = xasprintf("%s/%s.%d", sp->folder, sp->database, i);

		rc = take_folder(sp, path, e);
		free(path);
	}
	return rc == 1 ? 0 : rc < 0 ? -1 : fail(e, "%s: is used by %d recorders", sp->folder, OWN_MAX);
}

int ch_spool_put(struct ch_spool *sp, const struct buf *rows, struct err *e)
{
	struct buf b = {0};
	uint64_t hash;
	char *path;
	int rc;

	if (sp->bytes + rows->n > sp->limit)
		return fail_as(e, ERR_FULL, "the spool is full (%.1f of %.1f MB in %s): what comes from now on is lost until the server takes it (spool-size=SIZE in "
					    "the URL allows more)", (double)sp->bytes / 1e6, (double)sp->limit / 1e6, sp->own ? sp->own : sp->folder);
	if (own_folder(sp, e) < 0)
		return -1;
	sp->next += !sp->next;
	sp->first += !sp->first;
	path = file_of(sp, sp->next);
	buf_adds(&b, MAGIC);
	buf_add(&b, rows->p, rows->n);
	hash = hash64(b.p, b.n);
	buf_add(&b, &hash, sizeof hash);
	rc = file_write_mode(path, b.p, b.n, 0600, e);
	if (!rc) {
		sp->next++;
		sp->bytes += b.n;
	}
	buf_release(&b);
	free(path);
	return rc;
}

/* The rows alone; -1 damaged. */
static int unwrap(const char *path, struct buf *b, struct err *e)
{
	const size_t magic = strlen(MAGIC);
	uint64_t hash;

	if (b->n < magic + sizeof hash || memcmp(b->p, MAGIC, magic) != 0)
		return fail_as(e, ERR_DAMAGED, "%s: is no batch of this program's; move it away", path);
	b->n -= sizeof hash;
	memcpy(&hash, b->p + b->n, sizeof hash);
	if (hash64(b->p, b->n) != hash)
		return fail_as(e, ERR_DAMAGED, "%s: is damaged; move it away", path);
	b->n -= magic;
	memmove(b->p, b->p + magic, b->n);
	return 0;
}

int ch_spool_next(struct ch_spool *sp, struct buf *out, struct err *e)
{
	while (sp->own && sp->first < sp->next) {
		char *path = file_of(sp, sp->first);
		int rc = 1;

		if (access(path, F_OK) < 0 && errno == ENOENT) /* moved away */
			rc = 0;
		else if (file_read(path, out, (size_t)1 << 30, e) || unwrap(path, out, e) < 0)
			rc = -1;
		free(path);
		if (rc)
			return rc;
		sp->first++;
	}
	sp->bytes = 0;
	return 0;
}

void ch_spool_drop(struct ch_spool *sp)
{
	char *path = file_of(sp, sp->first);
	struct stat st;

	if (stat(path, &st) == 0 && sp->bytes >= (uint64_t)st.st_size)
		sp->bytes -= (uint64_t)st.st_size;
	unlink(path);
	free(path);
	sp->first++;
}
