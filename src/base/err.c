/* SPDX-License-Identifier: MIT */
#include <gscrape/err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

/* The one global of the program: a process has one terminal to restore. */
static void (*before_death)(void);

static void set(struct err *e, enum err_kind kind, const char *fmt, va_list ap)
{
	if (!e)
		return;
	e->kind = kind;
	vsnprintf(e->text, sizeof e->text, fmt, ap);
}

int fail(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(e, ERR_FAILED, fmt, ap);
	va_end(ap);
	return -1;
}

int fail_as(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(e, kind, fmt, ap);
	va_end(ap);
	return -1;
}

int fail_errno(struct err *e, int code, const char *path)
{
	bool full = code == ENOSPC || code == EDQUOT, gone = code == ENOENT || code == ENOTDIR;

	return fail_as(e, full ? ERR_FULL : gone ? ERR_GONE : ERR_IO, "%s: %s", path,
		       code == ENOSPC ? "the disk is full" : code == EDQUOT ? "the disk quota is used up" : strerror(code));
}

/* Of the file's own disk, or of the nearest folder above it that is there. */
static bool has_no_room(const char *path)
{
	char *at = xstrdup(path), *slash;
	struct statvfs fs;
	int rc;

	while ((rc = statvfs(*at ? at : "/", &fs)) < 0 && errno == ENOENT && (slash = strrchr(at, '/')))
		*slash = '\0';
	if (rc < 0)
		rc = statvfs(".", &fs);
	free(at);
	return rc == 0 && fs.f_blocks > 0 && fs.f_bavail * (fs.f_frsize ? fs.f_frsize : fs.f_bsize) < 1 << 16;
}

int fail_write(struct err *e, int code, const char *path)
{
	return fail_errno(e, code == EIO && has_no_room(path) ? ENOSPC : code, path);
}

void die_hook(void (*fn)(void))
{
	before_death = fn;
}

void die_quietly(void)
{
	if (before_death)
		before_death();
}

void die(const char *fmt, ...)
{
	va_list ap;

	die_quietly();
	fputs("gscrape-tui: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		die("out of memory (%zu bytes)", size);
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		die("out of memory (%zu x %zu bytes)", n, size);
	return p;
}

void *xrealloc(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		die("out of memory (%zu x %zu bytes)", n, size);
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		die("out of memory (%zu bytes)", bytes);
	return p;
}

char *xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);

	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	if (vasprintf(&p, fmt, ap) < 0)
		die("out of memory");
	va_end(ap);
	return p;
}
