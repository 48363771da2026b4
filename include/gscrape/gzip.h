/* SPDX-License-Identifier: MIT */
/* gzip.h: gzip in and out; zlib, and libdeflate where it is installed, live behind it. */
#ifndef GSCRAPE_GZIP_H
#define GSCRAPE_GZIP_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

bool gzip_is(const void *p, size_t n); /* begins like a gzip file */

/*
 * Inflate a whole gzip file, all its members, into out (which is emptied first). Returns 0; 1 when the file is cut or
 * damaged and out holds what came before the damage (the sentence says so); -1 when nothing could be had; GZIP_TOO_LARGE,
 * which is below 0 too, when the text would be larger than `max` bytes.
 */
#define GZIP_TOO_LARGE (-2)
int gzip_inflate(const void *p, size_t n, struct buf *out, size_t max, struct err *e);

/* The size that the file says of itself (its last member's, modulo 4 GiB): the text is never smaller, if the file is whole. */
size_t gzip_size_hint(const void *p, size_t n);

/* The same by zlib alone: what gzip_inflate falls back to, and the yardstick of `make bench`. */
int gzip_inflate_zlib(const void *p, size_t n, struct buf *out, size_t max, struct err *e);

/* Compress to one gzip member; level 1 to 9. Appends to out. */
void gzip_deflate(const void *p, size_t n, int level, struct buf *out);

/* Read a file whole: plain or gzip, "-" is standard input. Returns as gzip_inflate does. */
int file_read(const char *path, struct buf *out, size_t max, struct err *e);

/*
 * The temporary name of a file that is being written, PATH.tmp.PROCESS. What processes that are gone left under such names of
 * this file, untouched for an hour, is removed. The caller frees it.
 */
char *file_temporary(const char *path);

/* Write a file whole under a temporary name in the same folder, sync it, then rename: nobody sees half a file. 0 or -1. */
int file_write(const char *path, const void *p, size_t n, struct err *e);
/* The same for a file that is new: 0; 1 when there is one of that name, which stays; -1. A writer that is killed leaves
 * nothing behind, where the file system has files without a name. */
int file_create(const char *path, const void *p, size_t n, struct err *e);
int file_write_mode(const char *path, const void *p, size_t n, unsigned mode, struct err *e); /* other than 0644 */

/* Make the folders that a file's path names, for the user alone. 0 or -1. */
int file_folders(const char *path, struct err *e);

#define FILE_MAX ((size_t)2 << 30) /* no dump is larger: Go itself stops at 64 MiB */

#endif
