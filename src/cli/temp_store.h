/* SPDX-License-Identifier: MIT */
/* temp_store.h: browsing what is not in a store: an archive, or loose dumps, go into a temporary one. */
#ifndef CLI_TEMP_STORE_H
#define CLI_TEMP_STORE_H

#include "record.h"

enum operand {
	OPERAND_TARGET,
	OPERAND_FOLDER,
	OPERAND_FILE,  /* or standard input */
	OPERAND_LINK,  /* the URL of a view */
	OPERAND_NONE,  /* neither there nor a target */
};
enum operand operand_kind(const char *s);

struct temp_store {
	char *folder, *db;
	struct buf notes; /* lines of what is to be told of it besides: it was cut, lines were skipped */
	uint64_t failed;  /* where one dump is all there is: the goroutine that a crash printed first; 0 none */
};

/* Make a store of these files and folders under $TMPDIR. 0 or -1; visit_close in any case. */
int temp_store_open(struct temp_store *v, const struct options *o, const struct texts *paths, struct err *e);
void temp_store_close(struct temp_store *v); /* removes it */

/* Run a command on the files and folders that are its operands, instead of on the store. */
int run_on_files(const struct options *o, int (*run)(const struct options *o, struct err *e), struct err *e);

/* Take files and folders into a store: an archive, or loose dumps. 0; 1 when some were not whole, which is told already;
 * -1. */
int take_paths(const struct taking *k, const struct texts *paths, struct index_totals *t, struct err *e);

#endif
