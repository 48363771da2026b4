/* SPDX-License-Identifier: MIT */
/*
 * Marks stand in a text file beside the store, FILE-marks, so that one can be made while a recorder has the store: a line for each,
 * time, host and text with tabs between, added at its end and never changed. A person may take a line out with an editor.
 */
#include "lmdb_store.h"
#include "rights.h"
#include <gscrape/err.h>
#include <gscrape/gzip.h>
#include <gscrape/timefmt.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST ((size_t)16 << 20) /* bytes of the file: nobody makes so many */

static char *path_of(const char *store)
{
	return xasprintf("%s-marks", store);
}

uint64_t marks_size(const char *store)
{
	char *path = path_of(store);
	struct stat st;
	uint64_t n = stat(path, &st) < 0 ? 0 : (uint64_t)st.st_size;

	free(path);
	return n;
}

/* Who may read the store may read its marks. */
static void same_rights(const char *store, int fd)
{
	struct stat st;

	if (stat(store, &st) < 0 || fchmod(fd, st.st_mode & 0666) < 0)
		return;
	if (fchown(fd, st.st_uid, st.st_gid) < 0) /* who is no superuser makes files of its own */
		return;
}

/* All of it or nothing, on the disk. A line that a crash cut short is ended first. */
static int append(int fd, struct str line, const char *path, struct err *e)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';
	bool torn = end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
	ssize_t n = end < 0 || (torn && write(fd, "\n", 1) != 1) ? -1 : write(fd, line.p, line.n);

	if (n == (ssize_t)line.n && fsync(fd) == 0)
		return 0;
	fail_write(e, n >= 0 && n < (ssize_t)line.n ? ENOSPC : errno, path);
	if (end >= 0 && ftruncate(fd, end) < 0)
		return -1;
	return -1;
}

static int add(const char *store, const struct mark *m, struct err *e)
{
	char *path = path_of(store), time[TIME_MAX];
	struct buf line = {0};
	struct stat st;
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), rc;

	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		rc = fail_right(e, errno, path, true);
	} else {
		if (fstat(fd, &st) == 0 && !st.st_size)
			same_rights(store, fd);
		buf_addf(&line, "%s\t%s\t%s\n", time_format(time, m->time, TIME_RFC3339, NULL), m->host, m->text);
		rc = append(fd, (struct str){line.p, line.n}, path, e);
	}
	if (fd >= 0)
		close(fd);
	buf_release(&line);
	free(path);
	return rc;
}

int lmdb_add_mark(struct store *s, const struct mark *m, struct err *e)
{
	return add(s->where, m, e);
}

/* "TIME\tHOST\tTEXT", the line's end cut off. */
static bool mark_of(char *line, struct mark *out)
{
	char *host = strchr(line, '\t'), *text = host ? strchr(host + 1, '\t') : NULL;

	if (!text || !text[1] || strlen(text + 1) > MARK_MAX)
		return false;
	*host++ = *text++ = '\0';
	*out = (struct mark){.host = host, .text = text};
	return time_parse(line, 0, NULL, &out->time, NULL) == 0;
}

static int read_all(const char *store, struct pool *p, struct mark **out, size_t *n, struct err *e)
{
	char *path = path_of(store), *at, *end;
	struct buf text = {0};
	size_t cap = 0;
	int rc = 0, number = 0;

	if (access(path, F_OK) < 0 && errno == ENOENT) {
		free(path);
		return 0;
	}
	if (file_read(path, &text, MOST, e) < 0)
		rc = -1;
	buf_putc(&text, '\0');
	at = rc ? text.p : pool_strndup(p, text.p, text.n);
	for (; !rc && (end = strchr(at, '\n')); at = end + 1) { /* what has no end was being written */
		struct mark m;

		*end = '\0';
		number++;
		if (!*at)
			continue;
		if (!mark_of(at, &m))
			rc = fail_as(e, ERR_DAMAGED, "%s: line %d is no mark (time, host, name, with tabs between)", path, number);
		else
			*out = pool_grow(p, *out, *n, &cap, sizeof **out);
		if (!rc)
			(*out)[(*n)++] = m;
	}
	buf_release(&text);
	free(path);
	return rc;
}

int lmdb_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e)
{
	return read_all(v->store->where, p, out, n, e);
}

int marks_copy(const char *from, const char *to, struct err *e)
{
	struct mark *theirs = NULL, *ours = NULL;
	size_t n_theirs = 0, n_ours = 0;
	struct pool p = {0};
	int rc = read_all(from, &p, &ours, &n_ours, e) < 0 || read_all(to, &p, &theirs, &n_theirs, e) < 0 ? -1 : 0;

	for (size_t i = 0; !rc && i < n_ours; i++)
		if (!has_mark(theirs, n_theirs, &ours[i]))
			rc = add(to, &ours[i], e);
	pool_release(&p);
	return rc;
}
