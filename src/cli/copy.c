/* SPDX-License-Identifier: MIT */
/* --copy and --compact: the store as a new file, elsewhere or in its own place. */
#include "commands.h"
#include <gscrape/store.h>
#include <stdio.h>
#include <sys/stat.h>

/* What a file takes, or a server's tables. */
static int megabytes(const char *where, double *mb, struct err *e)
{
	struct store *s;
	struct stat st;
	uint64_t bytes = 0;
	int rc;

	if (!store_is_remote(where)) {
		*mb = stat(where, &st) < 0 ? 0 : (double)st.st_size / 1e6;
		return 0;
	}
	if (store_open(&s, where, STORE_READ, e) < 0)
		return -1;
	rc = store_size(s, &bytes, e);
	store_close(s);
	*mb = (double)bytes / 1e6;
	return rc;
}

static int copy(const struct options *o, enum store_mode mode, const char *to, struct err *e)
{
	double before, after;
	struct store *s;
	int rc;

	if (megabytes(o->db, &before, e) < 0 || store_open(&s, o->db, mode, e) < 0)
		return -1;
	rc = store_copy(s, to, e);
	store_close(s);
	if (!rc)
		rc = megabytes(to, &after, e);
	if (!rc && !o->quiet)
		fprintf(stderr, "%s: %.1f MB (%s: %.1f MB)\n", to, after, mode == STORE_WRITE ? "before" : o->db, before);
	return rc;
}

int run_copy(const struct options *o, struct err *e)
{
	return copy(o, STORE_READ, o->copy_to, e);
}

int run_compact(const struct options *o, struct err *e)
{
	struct store *there;

	if (store_open(&there, o->db, STORE_READ, e) < 0) /* to open it for writing would make it */
		return -1;
	store_close(there);
	return copy(o, STORE_WRITE, o->db, e);
}
