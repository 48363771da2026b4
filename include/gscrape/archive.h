/* SPDX-License-Identifier: MIT */
/*
 * archive.h: gscrape's archive: DIR/<host with : as _>/<time>.goroutines.txt.gz.
 *
 * Ours write the time in UTC with milliseconds and a Z: 2026-11-23T16-05-05.123Z. Names without Z are gscrape's own, in
 * the local time of the machine that recorded them (--archive-tz). A folder's name becomes host:port by its last "_"
 * before digits. Plain .txt files (not compressed) are read too.
 */
#ifndef GSCRAPE_ARCHIVE_H
#define GSCRAPE_ARCHIVE_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/timefmt.h>

#define ARCHIVE_SUFFIX ".goroutines.txt.gz"

/* host:port to its folder and back. '/' and other bytes that must not be in a file name become %XX; ".." cannot arise. */
char *archive_folder(const char *host);               /* caller frees */
char *archive_host(const char *folder);               /* caller frees */

/* The time in a file's name. zone: for names without Z. mtime decides in the repeated hour of autumn
 * (NO_TIME: the first). False when the name is none of an archive's. */
bool archive_time(const char *file, const struct zone *zone, int64_t mtime, int64_t *out);
/* The two times it can be; *second is NO_TIME but in that hour. */
bool archive_times(const char *file, const struct zone *zone, int64_t *first, int64_t *second);

/* The folder's name, which names the host, of a path under which a file stands in an archive: "x/h_1/2026-11-23T16-05-05Z.goroutines.txt".
 * NULL for any other. Caller frees. */
char *archive_file_folder(const char *path, const struct zone *zone);

struct archive_file {
	char *path;
	int64_t time;
};

struct archive_host {
	char *name;    /* host:port */
	char *folder;  /* path */
	struct archive_file *files; /* by time */
	size_t n;
	bool unread; /* a folder of it could not be read to the end: it has no files here */
};

struct archive {
	struct archive_host *hosts; /* by name */
	size_t n;
	size_t ignored; /* files and folders whose names are none of an archive's */
	char *odd;      /* the first of them, or NULL */
	char **troubles; /* a sentence for each folder that could not be read, and for what has an archive's name and is no file */
	size_t n_troubles;
};

/* List archives, hosts' folders, and files that stand in one, as one. 0, also where a host's folder cannot be read; -1 where a folder that is
 * named cannot. */
int archive_list_all(struct archive *a, const char *const *paths, size_t n, const struct zone *zone, struct err *e);
/* The same of one. */
int archive_list(struct archive *a, const char *dir, const struct zone *zone, struct err *e);
void archive_release(struct archive *a);
/* Would it list anything? Looks no further than the first file. */
bool archive_is(const char *dir, const struct zone *zone);

/* Write a snapshot: compresses, temporary name, fsync, rename. Makes folders as needed. Never over a file that is there:
 * the time then moves on by a millisecond. Bytes written, or -1. */
int64_t archive_write(const char *dir, const char *host, int64_t time, struct str text, struct err *e);

/* Remove what writers of this host that were killed left behind an hour ago or more. */
void archive_tidy(const char *dir, const char *host);

/* Remove files older than `before` (NO_TIME: none), then the oldest until all are smaller than max_bytes (0: no limit).
 * Only names that an archive gives are ever removed. How many went, or -1. */
int64_t archive_expire(const char *dir, int64_t before, uint64_t max_bytes, struct err *e);

#endif
