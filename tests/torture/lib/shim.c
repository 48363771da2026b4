/* SPDX-License-Identifier: MIT */
/*
 * shim: the system below a program fails. LD_PRELOAD it and say FAULT=CALL:N:HOW: the Nth call of that kind fails with the
 * error HOW (a number), or writes half of what it was given (short), or the program is killed before it (kill). With N+ it
 * and all that follow fail. CALL is write, head (a write within the first two pages of a file, where LMDB has its commits),
 * sync, rename, truncate, open or alloc. Only regular files count, and for open what is opened for writing. With
 * FAULT_COUNT=FILE the calls of each kind are counted and written there at the end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum call { WRITE, HEAD, SYNC, RENAME, TRUNCATE, OPEN, ALLOC, CALLS };
static const char *const names[CALLS] = {"write", "head", "sync", "rename", "truncate", "open", "alloc"};
enum how { FINE, FAIL, SHORT };

static atomic_uint counts[CALLS];
static int kind = -1, code;
static unsigned nth;
static bool from_then_on, cut, killed, ready;
static __thread bool inside;

__attribute__((constructor)) static void begin(void)
{
	const char *s = getenv("FAULT");

	for (int i = 0; s && i < CALLS; i++) {
		size_t n = strlen(names[i]);
		char *end;

		if (strncmp(s, names[i], n) != 0 || s[n] != ':')
			continue;
		kind = i;
		nth = (unsigned)strtoul(s + n + 1, &end, 10);
		from_then_on = *end == '+';
		end += from_then_on + 1;
		cut = strcmp(end, "short") == 0;
		killed = strcmp(end, "kill") == 0;
		code = atoi(end);
	}
	ready = true;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAULT_COUNT");
	FILE *f = path ? fopen(path, "w") : NULL;

	for (int i = 0; f && i < CALLS; i++)
		fprintf(f, "%s %u\n", names[i], counts[i]);
	if (f)
		fclose(f);
}

static enum how meet(enum call c)
{
	unsigned n;

	if (!ready || inside)
		return FINE;
	n = atomic_fetch_add(&counts[c], 1) + 1;
	if ((int)c != kind || (from_then_on ? n < nth : n != nth))
		return FINE;
	if (killed)
		kill(getpid(), SIGKILL);
	errno = code;
	return cut ? SHORT : FAIL;
}

static bool regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (!real) { inside = true; real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name); inside = false; }

#define HOW_AT(fd, call) enum how how = regular(fd) ? meet(call) : FINE
#define HOW(fd) HOW_AT(fd, WRITE)

ssize_t write(int fd, const void *p, size_t n)
{
	REAL(ssize_t, write, int, const void *, size_t)
	HOW(fd);
	return how == FAIL ? -1 : real(fd, p, how == SHORT ? n / 2 : n);
}
ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
	HOW_AT(fd, at < 2 * 4096 && n < 4096 ? HEAD : WRITE);
	return how == FAIL ? -1 : real(fd, p, how == SHORT ? n / 2 : n, at);
}
ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return pwrite(fd, p, n, at);
}
ssize_t writev(int fd, const struct iovec *v, int n)
{
	REAL(ssize_t, writev, int, const struct iovec *, int)
	HOW(fd);
	return how == FAIL ? -1 : real(fd, v, how == SHORT ? (n + 1) / 2 : n);
}
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t)
	HOW(fd);
	if (how == SHORT && n == 1)
		return pwrite(fd, v->iov_base, v->iov_len / 2, at);
	return how == FAIL ? -1 : real(fd, v, how == SHORT ? n / 2 : n, at);
}
ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t at)
{
	return pwritev(fd, v, n, at);
}
int fsync(int fd)
{
	REAL(int, fsync, int)
	return meet(SYNC) ? -1 : real(fd);
}
int fdatasync(int fd)
{
	REAL(int, fdatasync, int)
	return meet(SYNC) ? -1 : real(fd);
}
int msync(void *p, size_t n, int flags)
{
	REAL(int, msync, void *, size_t, int)
	return meet(SYNC) ? -1 : real(p, n, flags);
}
int rename(const char *a, const char *b)
{
	REAL(int, rename, const char *, const char *)
	return meet(RENAME) ? -1 : real(a, b);
}
int linkat(int d, const char *a, int e, const char *b, int flags)
{
	REAL(int, linkat, int, const char *, int, const char *, int)
	return meet(RENAME) ? -1 : real(d, a, e, b, flags);
}
int link(const char *a, const char *b)
{
	REAL(int, link, const char *, const char *)
	return meet(RENAME) ? -1 : real(a, b);
}
int ftruncate(int fd, off_t n)
{
	REAL(int, ftruncate, int, off_t)
	return meet(TRUNCATE) ? -1 : real(fd, n);
}
int ftruncate64(int fd, off64_t n)
{
	return ftruncate(fd, n);
}
int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;
	REAL(int, open, const char *, int, ...)

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return (flags & O_ACCMODE) != O_RDONLY && strncmp(path, "/dev/", 5) && meet(OPEN) ? -1 : real(path, flags, mode);
}
int open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return open(path, flags, mode);
}
void *malloc(size_t n)
{
	extern void *__libc_malloc(size_t);
	return meet(ALLOC) ? NULL : __libc_malloc(n);
}
void *calloc(size_t a, size_t b)
{
	extern void *__libc_calloc(size_t, size_t);
	return meet(ALLOC) ? NULL : __libc_calloc(a, b);
}
void *realloc(void *p, size_t n)
{
	extern void *__libc_realloc(void *, size_t);
	return meet(ALLOC) ? NULL : __libc_realloc(p, n);
}
