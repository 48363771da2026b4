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
	bool own = mode == STORE_WRITE; /* in its own place: what it took is told before that is gone */
	double before, after;
	struct store *s;
	int rc;

	if ((own && megabytes(o->db, &before, e) < 0) || store_open(&s, o->db, mode, e) < 0)
		return -1;
	rc = store_copy(s, to, e);
	store_close(s);
	if (!rc)
		rc = megabytes(to, &after, e);
	if (!rc && !own)
		rc = megabytes(o->db, &before, e);
	if (!rc && !o->quiet)
		fprintf(stderr, "%s: %.1f MB (%s: %.1f MB)\n", to, after, own ? "before" : o->db, before);
	return rc;
}

int run_copy(const struct options *o, struct err *e)
{
	return copy(o, STORE_READ, o->copy_to, e);
}

/* A server's tables are not written anew: it deletes what was dropped from them. */
static int sweep(const struct options *o, struct store *s, struct err *e)
{
	int rc = store_sweep(s, true, e);

	if (rc >= 0 && !o->quiet)
		fprintf(stderr, "%s: %s\n", o->db, rc ? "the server deletes what was dropped, which takes it some time" : "has nothing to give back");
	return rc < 0 ? -1 : 0;
}

int run_compact(const struct options *o, struct err *e)
{
	bool remote = store_is_remote(o->db);
	struct store *there;
	int rc;

	if (store_open(&there, o->db, STORE_READ, e) < 0) /* to open it for writing would make it */
		return -1;
	rc = remote ? sweep(o, there, e) : 0;
	store_close(there);
	return remote ? rc : copy(o, STORE_WRITE, o->db, e);
}
