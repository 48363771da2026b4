/* SPDX-License-Identifier: MIT */
#include "collect/unfinished.h"
#include <fcntl.h>
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
#include <gscrape/timefmt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A time to come is a clock's fault, and no reason to wait for it. */
static bool is_young(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && llabs(now_ms() - (int64_t)st.st_mtime * 1000) < UNFINISHED_MS;
}

static bool is_compressed(int fd)
{
	char begin[2];

	return pread(fd, begin, sizeof begin, 0) == sizeof begin && gzip_is(begin, sizeof begin);
}

static bool ends(struct str text)
{
	struct dump d = {.text = text};
	bool cut;

	if (!text.n || text.p[text.n - 1] != '\n')
		return false;
	if (dump_sniff(text.p, text.n) != DUMP_GOROUTINES)
		return true;
	while (dump_next(&d))
		;
	cut = d.cut;
	dump_release(&d);
	return !cut;
}

bool file_is_unfinished(const char *path, int rc, struct str text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool young = fd >= 0 && is_young(fd), compressed = young && is_compressed(fd);

	if (fd >= 0)
		close(fd);
	return young && (compressed ? rc != 0 : !ends(text)); /* gzip says itself where it ends */
}
