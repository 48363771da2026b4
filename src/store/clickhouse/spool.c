/* SPDX-License-Identifier: MIT */
/*
 * Where batches wait while nobody takes them: FOLDER/DATABASE.N/NUMBER.rows, one file each, whole or not there. A recorder has a
 * folder of its own, locked for as long as it lives; one that nobody has locked was left by a recorder that was killed, and the
 * next one takes it over. A file is a line that says what it is, tables' names and rows as they are sent, and a hash of all of it.
 * NUMBER.kept is what a recorder put by that does not know yet where its hosts stand. All rows go before it: they are of a recorder
 * before, or came of what was kept earlier.
 */
#include "ch.h"
#include <gscrape/gzip.h>
#include <gscrape/timefmt.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "gscrape-tui rows 1\n"
#define OWN_MAX 1000 /* recorders of one store on one machine */

static const char *const suffixes[] = {".rows", ".kept"};

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

	if (sp->own && !ch_spool_waits(sp, SPOOL_ROWS) && !ch_spool_waits(sp, SPOOL_KEPT)) {
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
	sp->bytes = 0;
	memset(sp->queues, 0, sizeof sp->queues);
}

void ch_spool_release(struct ch_spool *sp)
{
	leave(sp);
	free(sp->folder);
	*sp = (struct ch_spool){.lock = -1};
}

static char *file_of(const struct ch_spool *sp, enum ch_spool_kind kind, uint64_t number)
{
	return xasprintf("%s/%016" PRIu64 "%s", sp->own, number, suffixes[kind]);
}

/* A file's place in its queue. */
static void count_file(struct ch_spool *sp, enum ch_spool_kind kind, uint64_t number, uint64_t bytes)
{
	struct ch_queue *q = &sp->queues[kind];

	q->first = !q->next || number < q->first ? number : q->first;
	q->at = q->first;
	q->next = number >= q->next ? number + 1 : q->next;
	sp->bytes += bytes;
}

/* What lies there. Files that were being written when their recorder was killed were told to nobody as safe. */
static void take_stock(struct ch_spool *sp)
{
	DIR *d = opendir(sp->own);
	struct dirent *de;

	while (d && (de = readdir(d))) {
		char *end;
		uint64_t n = strtoull(de->d_name, &end, 10);
		struct stat st;

		if (strstr(de->d_name, ".tmp."))
			unlinkat(dirfd(d), de->d_name, 0);
		for (int kind = SPOOL_ROWS; kind <= SPOOL_KEPT; kind++)
			if (n && strcmp(end, suffixes[kind]) == 0 && fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
				count_file(sp, kind, n, (uint64_t)st.st_size);
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

/* What `from` holds goes behind what is there. */
static int move_files(struct ch_spool *sp, struct ch_spool *from, struct err *e)
{
	for (int kind = SPOOL_ROWS; kind <= SPOOL_KEPT; kind++) {
		struct ch_queue *q = &from->queues[kind], *to = &sp->queues[kind];

		for (; q->first < q->next; q->at = ++q->first) {
			uint64_t number = to->next + !to->next;
			char *was = file_of(from, kind, q->first), *is = file_of(sp, kind, number);
			struct stat st;
			int rc = stat(was, &st) < 0 ? 0 : rename(was, is) < 0 ? fail_errno(e, errno, was) : 1;

			if (rc == 1)
				count_file(sp, kind, number, (uint64_t)st.st_size);
			free(was);
			free(is);
			if (rc < 0)
				return -1;
		}
	}
	return 0;
}

/* A folder that somebody left: the first one is this process's from now on, the others' files go there. */
static int take_over(struct ch_spool *sp, const char *path, struct err *e)
{
	struct ch_spool other = {.folder = sp->folder, .lock = -1};
	int rc;

	if (!sp->own) {
		rc = take_folder(sp, path, e);
		if (rc == 1 && !ch_spool_waits(sp, SPOOL_ROWS) && !ch_spool_waits(sp, SPOOL_KEPT))
			leave(sp);
		return rc < 0 ? -1 : 0;
	}
	rc = take_folder(&other, path, e);
	if (rc == 1)
		rc = move_files(sp, &other, e);
	leave(&other);
	return rc;
}

int ch_spool_adopt(struct ch_spool *sp, struct err *e)
{
	size_t n = strlen(sp->database);
	DIR *d = sp->folder ? opendir(sp->folder) : NULL;
	struct dirent *de;
	int rc = 0;

	while (d && !rc && (de = readdir(d))) {
		char *path;

		if (strncmp(de->d_name, sp->database, n) != 0 || de->d_name[n] != '.')
			continue;
		path = xasprintf("%s/%s", sp->folder, de->d_name);
		if (!sp->own || strcmp(path, sp->own) != 0)
			rc = take_over(sp, path, e);
		free(path);
	}
	if (d)
		closedir(d);
	return rc;
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

int ch_spool_put(struct ch_spool *sp, enum ch_spool_kind kind, struct str rows, struct err *e)
{
	struct ch_queue *q = &sp->queues[kind];
	struct buf b = {0};
	uint64_t hash;
	char *path;
	int rc;

	if (sp->bytes + rows.n > sp->limit)
		return fail_as(e, ERR_FULL, "the spool is full (%.1f of %.1f MB in %s): what comes from now on is lost until the server takes it (spool-size=SIZE in "
					    "the URL allows more)", (double)sp->bytes / 1e6, (double)sp->limit / 1e6, sp->own ? sp->own : sp->folder);
	if (own_folder(sp, e) < 0)
		return -1;
	q->next += !q->next;
	q->first += !q->first;
	q->at += !q->at;
	path = file_of(sp, kind, q->next);
	buf_adds(&b, MAGIC);
	buf_add(&b, rows.p, rows.n);
	hash = hash64(b.p, b.n);
	buf_add(&b, &hash, sizeof hash);
	rc = file_write_mode(path, b.p, b.n, 0600, e);
	if (!rc) {
		q->next++;
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

int ch_spool_next(struct ch_spool *sp, enum ch_spool_kind kind, struct buf *out, struct err *e)
{
	struct ch_queue *q = &sp->queues[kind];

	while (sp->own && q->at < q->next) {
		char *path = file_of(sp, kind, q->at);
		int rc = 1;

		if (access(path, F_OK) < 0 && errno == ENOENT) /* moved away */
			rc = 0;
		else if (file_read(path, out, (size_t)1 << 30, e) || unwrap(path, out, e) < 0)
			rc = -1;
		free(path);
		if (rc)
			return rc;
		q->at++;
	}
	return 0;
}

void ch_spool_taken(struct ch_spool *sp, enum ch_spool_kind kind)
{
	sp->queues[kind].at++;
}

void ch_spool_again(struct ch_spool *sp, enum ch_spool_kind kind)
{
	sp->queues[kind].at = sp->queues[kind].first;
}

void ch_spool_drop(struct ch_spool *sp, enum ch_spool_kind kind)
{
	struct ch_queue *q = &sp->queues[kind];

	for (; q->first < q->at; q->first++) {
		char *path = file_of(sp, kind, q->first);
		struct stat st;

		if (stat(path, &st) == 0 && sp->bytes >= (uint64_t)st.st_size)
			sp->bytes -= (uint64_t)st.st_size;
		unlink(path);
		free(path);
	}
}
