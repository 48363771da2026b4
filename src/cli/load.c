/* SPDX-License-Identifier: MIT */
#include "load.h"
#include <gscrape/gzip.h>

int dump_load(const char *path, struct buf *text, struct err *e)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	int rc = file_read(path, text, FILE_MAX, e);
	enum dump_kind kind;

	if (rc < 0)
		return -1;
	kind = dump_sniff(text->p, text->n);
	if (kind == DUMP_GOROUTINES)
		return rc;
	if (rc == 1)
		return -1; /* that the file is damaged explains more than what is left of it */
	if (kind == DUMP_EMPTY)
		return fail(e, "%s: is empty, no goroutine dump", name);
	if (kind == DUMP_UNKNOWN)
		return fail(e, "%s: is no goroutine dump", name);
	return fail(e, "%s: is %s, no goroutine dump", name, dump_kind_name(kind));
}
