/* SPDX-License-Identifier: MIT */
/*
 * Names of the archive, and writing into it.
 *
 * A folder's name must tell its host again, and hosts come from the network's side of the world (targets
 * files), so only bytes that mean nothing to a file system stand as they are: the rest is %XX, and a name
 * never begins with a dot. gscrape wrote ':' as '_': the last one before the port, and all of them within the
 * brackets of an IPv6 address. An underscore that would be read as such a colon is written %5F.
 */
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/text.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* 80 to 200 MB/s of this kind of text, and within some percent of the smallest. */
#define LEVEL 4 /* four fifths of the time of 5, and of the bytes 3 to 7 in 100 more */

static bool all_digits(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

static void add_escaped(struct buf *b, unsigned char c)
{
	if (isalnum(c) || (char_in(c, "-_[].") && !(c == '.' && b->n == 0)))
		buf_putc(b, (char)c);
	else
		buf_addf(b, "%%%02X", c);
}

/* The colon that parts host and port, or "unix" and its path; NULL when there is none. */
static const char *parting(const char *host)
{
	const char *last = strrchr(host, ':');

	if (strncmp(host, "unix:/", 6) == 0)
		return host + 4;
	return last && last > host && all_digits(last + 1) ? last : NULL;
}

char *archive_folder(const char *host)
{
	const char *part = parting(host);
	const char *close = host[0] == '[' ? strchr(host, ']') : NULL;
	bool misread = !part || strncmp(host, "unix_/", 6) ==
	                                0; /* an underscore might be taken for the parting colon */
	struct buf b = {0};

	for (const char *s = host; *s; s++) {
		bool within = close && s < close;

		if (s == part || (*s == ':' && within))
			buf_putc(&b, '_');
		else if (*s == '_' && (within || misread))
			buf_adds(&b, "%5F");
		else
			add_escaped(&b, (unsigned char)*s);
	}
	if (b.n == 0)
		buf_putc(&b, '%'); /* no name at all must still be a folder of its own */
	return b.p;
}

static int hex(char c)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return !at ? -1 : (int)(at - digits) - (at - digits > 15 ? 6 : 0);
}

/* Where the folder's name has an underscore for the parting colon. */
static const char *parting_bar(const char *folder)
{
	const char *bar = strrchr(folder, '_');

	if (strncmp(folder, "unix_%2F", 8) == 0 || strncmp(folder, "unix_%2f", 8) == 0)
		return folder + 4;
	return bar && bar > folder && all_digits(bar + 1) ? bar : NULL;
}

char *archive_host(const char *folder)
{
	const char *part = parting_bar(folder);
	const char *close = folder[0] == '[' ? strchr(folder, ']') : NULL;
	struct buf b = {0};

	if (strcmp(folder, "%") == 0)
		return xstrdup("");
	for (const char *s = folder; *s; s++) {
		int high = *s == '%' ? hex(s[1]) : -1;
		int low = high >= 0 ? hex(s[2]) : -1;

		if (s == part || (*s == '_' && close && s < close)) {
			buf_putc(&b, ':');
		} else if (low >= 0 && (high || low)) {
			buf_putc(&b, (char)(high << 4 | low));
			s += 2;
		} else {
			buf_putc(&b, *s);
		}
	}
	return b.p ? b.p : xstrdup("");
}

/* `digits` digits at *s, which moves on; -1 when they are not there. */
static int number(const char **s, int digits)
{
	int v = 0;

	for (int i = 0; i < digits; i++, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

/* 2026-11-23T16-05-05 at *s. */
static bool date_and_time(const char **s, struct civil *out)
{
	static const struct {
		int digits, least, most;
		char after;
	} parts[6] = {{4, 1970, 9999, '-'}, {2, 1, 12, '-'}, {2, 1, 31, 'T'},
	              {2, 0, 23, '-'},      {2, 0, 59, '-'}, {2, 0, 60, 0}};
	int f[6];

	for (int i = 0; i < 6; i++) {
		f[i] = number(s, parts[i].digits);
		if (f[i] < parts[i].least || f[i] > parts[i].most)
			return false;
		if (parts[i].after && *(*s)++ != parts[i].after)
			return false;
	}
	*out = (struct civil){f[0], f[1], f[2], f[3], f[4], f[5], 0};
	return true;
}

/* Of the two times that a clock shows this name in autumn: the second when the file was written within half
 * an hour of it (a copied file's mtime says nothing, then it is the first). */
static int64_t choose(int64_t first, int64_t second, int64_t mtime)
{
	if (second == NO_TIME || mtime == NO_TIME)
		return first;
	return llabs(mtime - second) < 1800000 ? second : first;
}

bool archive_times(const char *file, const struct zone *zone, int64_t *first, int64_t *second)
{
	struct civil c;

	if (!date_and_time(&file, &c))
		return false;
	if (*file == '.' && isdigit((unsigned char)file[1])) {
		file++;
		c.ms = number(&file, 3);
		if (c.ms < 0)
			return false;
	}
	if (*file == 'Z') {
		file++;
		zone = NULL;
	}
	if (strcmp(file, ARCHIVE_SUFFIX) != 0 && strcmp(file, ".goroutines.txt") != 0)
		return false;
	*first = zone_time(zone, &c, second);
	return true;
}

bool archive_time(const char *file, const struct zone *zone, int64_t mtime, int64_t *out)
{
	int64_t first, second;

	if (!archive_times(file, zone, &first, &second))
		return false;
	*out = choose(first, second, mtime);
	return true;
}

char *archive_file_folder(const char *path, const struct zone *zone)
{
	const char *slash = strrchr(path, '/');
	int64_t unused;

	return slash && archive_time(slash + 1, zone, NO_TIME, &unused) ? path_folder(path) : NULL;
}

static int make_folder(const char *path, struct err *e)
{
	char *copy = xstrdup(path);
	int rc = 0;

	for (char *s = copy + 1; rc == 0; s++) {
		char was = *s;

		if (was != '/' && was != '\0')
			continue;
		*s = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			rc = fail_write(e, errno, copy);
		*s = was;
		if (!was)
			break;
	}
	free(copy);
	return rc;
}

int64_t archive_write(const char *dir, const char *host, int64_t time, struct str text, struct err *e)
{
	char stamp[TIME_MAX], *name = archive_folder(host), *folder = xasprintf("%s/%s", dir, name);
	struct buf gz = {0};
	int rc = make_folder(folder, e);
	int64_t size;

	if (rc == 0) {
		gzip_deflate(text.p, text.n, LEVEL, &gz);
		rc = 1;
	}
	/* Never over another snapshot: after the clock was set back a name may be taken. */
	for (int i = 0; rc == 1 && i < 1000; i++) {
		char *path = xasprintf("%s/%s%s", folder, time_format(stamp, time + i, TIME_ARCHIVE, NULL), ARCHIVE_SUFFIX);

		rc = file_create(path, gz.p, gz.n, e);
		free(path);
	}
	if (rc == 1)
		rc = fail(e, "%s: has a thousand files of this second", folder);
	size = rc < 0 ? -1 : (int64_t)gz.n;
	buf_release(&gz);
	free(folder);
	free(name);
	return size;
}
