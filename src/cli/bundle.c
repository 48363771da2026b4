/* SPDX-License-Identifier: MIT */
#include "bundle.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <gscrape/timefmt.h>
#include <stdlib.h>

struct bundle {
	struct archive *a;
	struct source from;
	struct str begun; /* given out first */
	char block[1 << 16];
	struct err why;   /* of the source */
};

bool bundle_is(const char *p, size_t n)
{
	static const struct {
		size_t at;
		struct str magic;
	} known[] = {
		{0, {"\xfd" "7zXZ", 5}}, {0, {"\x28\xb5\x2f\xfd", 4}}, {0, {"BZh", 3}}, {0, {"\x04\x22\x4d\x18", 4}}, {0, {"PK\3\4", 4}},
		{0, {"PK\5\6", 4}}, {257, {"ustar", 5}},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (n >= known[i].at + known[i].magic.n && memcmp(p + known[i].at, known[i].magic.p, known[i].magic.n) == 0)
			return true;
	return false;
}

static la_ssize_t more(struct archive *a, void *ctx, const void **p)
{
	struct bundle *b = ctx;
	ssize_t n;

	if (b->begun.n) {
		n = (ssize_t)b->begun.n;
		*p = b->begun.p;
		b->begun.n = 0;
		return n;
	}
	n = b->from.read(b->from.ctx, b->block, sizeof b->block, &b->why);
	if (n < 0)
		archive_set_error(a, EIO, "%s", b->why.text);
	*p = b->block;
	return n;
}

static int failed(struct bundle *b, struct err *e)
{
	const char *what = archive_error_string(b->a);

	if (what && strstr(what, "No progress is possible"))
		what = "the compressed file is cut"; /* which xz calls so */
	return fail(e, "%s", what ? what : "cannot be unpacked");
}

int bundle_open(struct bundle **out, struct str begun, const struct source *from, struct err *e)
{
	struct bundle *b = xcalloc(1, sizeof *b);
	int rc;

	*out = b;
	b->from = *from;
	b->begun = begun;
	b->a = archive_read_new();
	if (!b->a)
		die("out of memory");
	archive_read_support_filter_gzip(b->a);
	archive_read_support_filter_xz(b->a);
	archive_read_support_filter_lzma(b->a);
	archive_read_support_filter_zstd(b->a);
	archive_read_support_filter_bzip2(b->a);
	archive_read_support_filter_lz4(b->a);
	archive_read_support_format_tar(b->a);
	archive_read_support_format_zip(b->a);
	archive_read_support_format_raw(b->a);
	rc = archive_read_open(b->a, b, NULL, more, NULL);
	if (rc == ARCHIVE_OK)
		return 0;
	failed(b, e);
	bundle_close(b);
	*out = NULL;
	return -1;
}

void bundle_close(struct bundle *b)
{
	if (!b)
		return;
	archive_read_free(b->a);
	free(b);
}

int bundle_next(struct bundle *b, const char **name, int64_t *time, struct err *e)
{
	struct archive_entry *entry;
	int rc;

	do {
		rc = archive_read_next_header(b->a, &entry);
		if (rc == ARCHIVE_EOF)
			return 0;
		if (rc < ARCHIVE_WARN)
			return failed(b, e);
	} while (archive_entry_filetype(entry) != AE_IFREG);
	*name = archive_entry_pathname(entry);
	if (!*name || bundle_is_single(b))
		*name = "";
	*time = archive_entry_mtime_is_set(entry) && archive_entry_mtime(entry) > 0 ? (int64_t)archive_entry_mtime(entry) * 1000 + archive_entry_mtime_nsec(entry) / 1000000 : NO_TIME;
	return 1;
}

bool bundle_is_single(const struct bundle *b)
{
	return archive_format(b->a) == ARCHIVE_FORMAT_RAW;
}

ssize_t bundle_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct bundle *b = ctx;
	la_ssize_t got;

	do
		got = archive_read_data(b->a, p, n);
	while (got == ARCHIVE_RETRY);
	if (got < 0)
		return failed(b, e);
	return (ssize_t)got;
}

const char *bundle_made_with(void)
{
	return archive_version_details();
}
