/* SPDX-License-Identifier: MIT */
/*
 * loose.h: dumps that lie about, as a history: files, folders and bundles of them, whose names are none of an archive's.
 *
 * Each dump is a snapshot; of a text in which an id comes again, each moment is. A snapshot's time is the one in the file's
 * name, else the one in the log around it, else the file's. The files of a folder are one host, named as it; so are files
 * that are named together.
 */
#ifndef CLI_LOOSE_H
#define CLI_LOOSE_H

#include <gscrape/index.h>
#include <gscrape/options.h>

struct loose_shot_key {
	const char *host;
	int64_t time;
};

struct loose_totals {
	struct index_totals in; /* but files, left and ignored, which are an archive's */
	size_t others; /* files that hold no dump */
	uint64_t failed; /* where one dump is all there is: the goroutine that a crash printed first; 0 none */
	bool none;     /* folders alone, and no dump in them */
	struct buf told; /* what was said on stderr, a line each; the caller releases it */
};

/* Record what is in the files and folders into the store db. 0; 1 when some could not be read whole, which is told on
 * standard error already; -1. */
int loose_record(const struct options *o, const struct texts *paths, const char *db, struct loose_totals *t, struct err *e);

/* The text of the dump that such a recording has of this host at this time, read again. 1; 0: there is none; -1. Of what came
 * on standard input there is none: it is used up. */
int loose_text(const struct options *o, const struct texts *paths, const struct loose_shot_key *key, struct buf *out, struct err *e);

#endif
