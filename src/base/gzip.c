/* SPDX-License-Identifier: MIT */
/* The only home of zlib and libdeflate. libdeflate inflates whole files two to three times as fast; where it is not
 * there, or the file is damaged and what came before the damage is wanted, zlib does it. */
#include <gscrape/gzip.h>
#include <gscrape/timefmt.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

bool gzip_is(const void *p, size_t n)
{
	const unsigned char *s = p;

	return n >= 2 && s[0] == 0x1f && s[1] == 0x8b;
}

size_t gzip_size_hint(const void *file, size_t n)
{
	const unsigned char *p = file;

	if (n < 18 || !gzip_is(p, n))
		return 0;
	p += n - 4;
	return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

#ifdef HAVE_LIBDEFLATE
/* True when the file was one whole member that fitted. */
static bool inflate_fast(const void *p, size_t n, struct buf *out, size_t max)
{
	size_t hint = gzip_size_hint(p, n), used = 0, got = 0;
	struct libdeflate_decompressor *d;
	enum libdeflate_result rc;

	if (hint == 0 || hint > max || hint / 1100 > n) /* deflate cannot do better than 1032:1 */
		return false;
	d = libdeflate_alloc_decompressor();
	if (!d)
		return false;
	buf_reserve(out, hint + 1);
	rc = libdeflate_gzip_decompress_ex(d, p, n, out->p, hint, &used, &got);
	libdeflate_free_decompressor(d);
	if (rc != LIBDEFLATE_SUCCESS || used != n)
		return false;
	out->n = got;
	return true;
}
#endif

int gzip_inflate_zlib(const void *p, size_t n, struct buf *out, size_t max, struct err *e)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n};
	int rc;

	out->n = 0;
	if (n > UINT32_MAX)
		return fail(e, "larger than 4 GiB");
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		die("zlib cannot start");
	for (;;) {
		size_t room = out->cap - out->n;

		if (room < 1 << 16) {
			buf_reserve(out, out->cap > 1 << 18 ? out->cap : 1 << 18);
			room = out->cap - out->n;
		}
		if (room > max - out->n + 1) /* no more is touched than tells that it is too much */
			room = max - out->n + 1;
		if (room > UINT32_MAX)
			room = UINT32_MAX;
		z.next_out = (Bytef *)out->p + out->n;
		z.avail_out = (uInt)room;
		rc = inflate(&z, Z_NO_FLUSH);
		out->n += room - z.avail_out;
		if (out->n > max) {
			inflateEnd(&z);
			out->n = 0;
			fail(e, "larger than %zu bytes when inflated", max);
			return GZIP_TOO_LARGE;
		}
		if (rc == Z_STREAM_END && gzip_is(z.next_in, z.avail_in)) {
			inflateReset2(&z, 15 + 16); /* another member */
			continue;
		}
		if (rc != Z_OK)
			break;
	}
	inflateEnd(&z);
	if (rc == Z_STREAM_END)
		return 0; /* bytes behind the last member are padding, as gzip itself takes them */
	fail(e, "%s after %zu bytes of text", rc == Z_BUF_ERROR ? "gzip file is cut" : "gzip file is damaged", out->n);
	return out->n ? 1 : -1;
}

int gzip_inflate(const void *p, size_t n, struct buf *out, size_t max, struct err *e)
{
	out->n = 0;
#ifdef HAVE_LIBDEFLATE
	if (inflate_fast(p, n, out, max))
		return 0;
#endif
	return gzip_inflate_zlib(p, n, out, max, e);
}

#ifdef HAVE_LIBDEFLATE
static bool deflate_fast(const void *p, size_t n, int level, struct buf *out)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
	size_t bound, got;

	if (!c)
		return false;
	bound = libdeflate_gzip_compress_bound(c, n);
	buf_reserve(out, bound);
	got = libdeflate_gzip_compress(c, p, n, out->p + out->n, bound);
	libdeflate_free_compressor(c);
	out->n += got;
	return got > 0;
}
#endif

static void deflate_zlib(const void *p, size_t n, int level, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)p};
	size_t left = n;
	int rc = Z_OK;

	if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		die("zlib cannot start");
	while (rc == Z_OK) {
		uInt room = 1 << 16;

		if (z.avail_in == 0) {
			z.avail_in = left > 1 << 30 ? 1 << 30 : (uInt)left;
			left -= z.avail_in;
		}
		buf_reserve(out, room);
		z.next_out = (Bytef *)out->p + out->n;
		z.avail_out = room;
		rc = deflate(&z, left ? Z_NO_FLUSH : Z_FINISH);
		out->n += room - z.avail_out;
	}
	deflateEnd(&z);
	if (rc != Z_STREAM_END)
		die("zlib cannot compress (%d)", rc);
}

void gzip_deflate(const void *p, size_t n, int level, struct buf *out)
{
#ifdef HAVE_LIBDEFLATE
	if (deflate_fast(p, n, level, out))
		return;
#endif
	deflate_zlib(p, n, level, out);
}

static int too_large(struct err *e, const char *path, size_t max)
{
	fail(e, "%s: larger than %zu bytes", path, max);
	return GZIP_TOO_LARGE;
}

static int read_all(int fd, const char *path, struct buf *b, size_t max, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno(e, errno, path);
	if (S_ISDIR(st.st_mode))
		return fail(e, "%s: is a directory", path);
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max)
		return too_large(e, path, max);
	if (S_ISREG(st.st_mode))
		buf_reserve(b, (size_t)st.st_size + 1);
	for (;;) {
		ssize_t got;

		buf_reserve(b, 1 << 16);
		got = read(fd, b->p + b->n, b->cap - b->n - 1);
		if (got == 0)
			return 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(e, errno, path);
		b->n += (size_t)got;
		if (b->n > max)
			return too_large(e, path, max);
	}
}

int file_read(const char *path, struct buf *out, size_t max, struct err *e)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct buf raw = {0};
	struct err why = {0};
	int rc;

	if (standard)
		path = "standard input";
	if (fd < 0)
		return fail_errno(e, errno, path);
	out->n = 0;
	rc = read_all(fd, path, &raw, max, e);
	if (!standard)
		close(fd);
	if (rc < 0 || !gzip_is(raw.p, raw.n)) {
		buf_release(out);
		*out = raw;
		return rc;
	}
	rc = gzip_inflate(raw.p, raw.n, out, max, &why); /* into the memory that the last text had */
	if (rc)
		fail(e, "%s: %s", path, why.text);
	buf_release(&raw);
	return rc;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = ENOSPC; /* and no end of trying */
		if (put <= 0)
			return -1;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

int file_write(const char *path, const void *p, size_t n, struct err *e)
{
	return file_write_mode(path, p, n, 0644, e);
}

/* Left by a process that is not there any more; in another container one may be that cannot be seen: hence the hour. */
static bool is_left(int folder, const char *name, const char *of, size_t n)
{
	struct stat st;

	return strncmp(name, of, n) == 0 && strncmp(name + n, ".tmp.", 5) == 0 && name[n + 5] && strspn(name + n + 5, "0123456789") == strlen(name + n + 5) &&
	       kill((pid_t)atoi(name + n + 5), 0) < 0 && errno == ESRCH && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && now_ms() / 1000 - st.st_mtime > 3600;
}

char *file_temporary(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *folder = slash ? xstrndup(path, (size_t)(name - path)) : xstrdup(".");
	DIR *d = opendir(folder);
	struct dirent *de;

	while (d && (de = readdir(d)))
		if (is_left(dirfd(d), de->d_name, name, strlen(name)))
			unlinkat(dirfd(d), de->d_name, 0);
	if (d)
		closedir(d);
	free(folder);
	return xasprintf("%s.tmp.%d", path, (int)getpid());
}

int file_write_mode(const char *path, const void *p, size_t n, unsigned mode, struct err *e)
{
	char *tmp = file_temporary(path);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
	int rc = 0;

	if (fd < 0) {
		rc = fail_write(e, errno, path);
		free(tmp);
		return rc;
	}
	if (write_all(fd, p, n) < 0 || fsync(fd) < 0)
		rc = fail_write(e, errno, path);
	if (close(fd) < 0 && !rc)
		rc = fail_write(e, errno, path);
	if (!rc && rename(tmp, path) < 0)
		rc = fail_write(e, errno, path);
	if (rc)
		unlink(tmp);
	free(tmp);
	return rc;
}

/* A file without a name in the folder of `path`; -1 where the file system has none. */
static int nameless(const char *path)
{
#ifdef O_TMPFILE
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, slash > path ? (size_t)(slash - path) : 1) : xstrdup(".");
	int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);

	free(dir);
	return fd;
#else
	(void)path;
	return -1;
#endif
}

/* Give it its name, unless somebody has that. */
static int name_it(int fd, const char *path, struct err *e)
{
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	return errno == EEXIST ? 1 : fail_write(e, errno, path);
}

int file_create(const char *path, const void *p, size_t n, struct err *e)
{
	int fd, rc = 0;

	if (access(path, F_OK) == 0)
		return 1;
	fd = access("/proc/self/fd", F_OK) == 0 ? nameless(path) : -1;
	if (fd < 0)
		return file_write(path, p, n, e);
	if (write_all(fd, p, n) < 0 || fsync(fd) < 0)
		rc = fail_write(e, errno, path);
	if (!rc)
		rc = name_it(fd, path, e);
	close(fd);
	return rc;
}

int file_folders(const char *path, struct err *e)
{
	char *dir = xstrdup(path);
	int rc = 0;

	for (char *p = strchr(dir + 1, '/'); p && !rc; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			rc = fail_errno(e, errno, dir);
		*p = '/';
	}
	free(dir);
	return rc;
}
