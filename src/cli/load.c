/* SPDX-License-Identifier: MIT */
#include "load.h"
#include <errno.h>
#include <fcntl.h>
#include <gscrape/gzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP ((size_t)1 << 20)

/* Not a byte more or less than n, unless the end comes before. */
static ssize_t read_full(int fd, char *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t some = read(fd, p + got, n - got);

		if (some < 0 && errno == EINTR)
			continue;
		if (some < 0)
			return -1;
		if (some == 0)
			break;
		got += (size_t)some;
	}
	return (ssize_t)got;
}

/* A gzip file of which `got` bytes were read: the rest, inflated, goes to u. */
static int feed_gzip(struct unwrap *u, int fd, const char *name, struct buf *raw, struct err *e)
{
	struct buf text = {0};
	struct err why = {0};
	int rc = 0;

	for (;;) {
		ssize_t got;

		buf_reserve(raw, STEP);
		got = read_full(fd, raw->p + raw->n, STEP);
		if (got < 0)
			return fail(e, "%s: %s", name, strerror(errno));
		raw->n += (size_t)got;
		if (got == 0)
			break;
		if (raw->n > FILE_MAX)
			return fail(e, "%s: is larger than %zu MiB", name, FILE_MAX >> 20);
	}
	rc = gzip_inflate(raw->p, raw->n, &text, FILE_MAX, &why);
	if (rc)
		fail(e, "%s: %s", name, why.text);
	if (rc >= 0)
		unwrap_feed(u, text.p, text.n);
	buf_release(&text);
	return rc;
}

static int feed(struct unwrap *u, int fd, const char *name, struct err *e)
{
	struct buf piece = {0};
	int rc = 0;

	buf_reserve(&piece, STEP);
	for (bool first = true;; first = false) {
		ssize_t got = read_full(fd, piece.p, STEP);

		if (got < 0)
			rc = fail(e, "%s: %s", name, errno == EISDIR ? "is a directory" : strerror(errno));
		if (got <= 0)
			break;
		piece.n = (size_t)got;
		if (first && gzip_is(piece.p, piece.n)) {
			rc = feed_gzip(u, fd, name, &piece, e);
			break;
		}
		unwrap_feed(u, piece.p, piece.n);
	}
	buf_release(&piece);
	return rc;
}

static int load_unwrapped(const char *path, const struct options *o, struct unwrapped *out, struct err *e)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct unwrap *u;
	int rc;

	if (fd < 0)
		return fail(e, "%s: %s", name, strerror(errno));
	u = unwrap_new(o->archive_tz);
	rc = feed(u, fd, name, e);
	unwrap_end(u, out);
	if (!standard)
		close(fd);
	return rc;
}

static int load_strict(const char *path, struct unwrapped *out, struct err *e)
{
	int rc = file_read(path, &out->text, FILE_MAX, e);

	out->kind = dump_sniff(out->text.p, out->text.n);
	if (out->kind == DUMP_DEBUG1) {
		out->grouped = out->text;
		out->text = (struct buf){0};
	}
	return rc;
}

int dump_load(const char *path, const struct options *o, struct unwrapped *out, struct err *e)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	int rc;

	*out = (struct unwrapped){0};
	rc = o->strict ? load_strict(path, out, e) : load_unwrapped(path, o, out, e);
	if (rc < 0)
		return -1;
	if (out->kind == DUMP_GOROUTINES || out->kind == DUMP_DEBUG1)
		return rc;
	if (rc == 1)
		return -1; /* that the file is damaged explains more than what is left of it */
	if (out->kind == DUMP_EMPTY)
		return fail(e, "%s: is empty, no goroutine dump", name);
	if (out->kind == DUMP_UNKNOWN)
		return fail(e, "%s: is no goroutine dump", name);
	return fail(e, "%s: is %s, no goroutine dump", name, dump_kind_name(out->kind));
}

void dump_load_tell(const char *path, const struct unwrapped *r)
{
	struct buf b = {0};

	unwrap_tell(&b, r);
	if (r->skipped)
		buf_addf(&b, "%s%llu line%s of no goroutine skipped", b.n ? "; " : "", (unsigned long long)r->skipped, r->skipped == 1 ? "" : "s");
	if (r->too_much)
		buf_addf(&b, "%smore goroutines than %zu MiB hold: the rest is left out", b.n ? "; " : "", FILE_MAX >> 21);
	if (b.n)
		fprintf(stderr, "gscrape-tui: %s: %.*s\n", strcmp(path, "-") == 0 ? "standard input" : path, (int)b.n, b.p);
	buf_release(&b);
}
