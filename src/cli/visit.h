/* SPDX-License-Identifier: MIT */
/* visit.h: browsing what is not in a store: an archive or one dump goes into a temporary one. */
#ifndef CLI_VISIT_H
#define CLI_VISIT_H

#include "record.h"

enum operand {
	OPERAND_TARGET,
	OPERAND_FOLDER,
	OPERAND_FILE,  /* or standard input */
	OPERAND_LINK,  /* the URL of a view */
	OPERAND_NONE,  /* neither there nor a target */
};
enum operand operand_kind(const char *s);

struct visit {
	char *folder, *db;
};

/* Make a store of `path` (OPERAND_FOLDER or OPERAND_FILE) under $TMPDIR. 0 or -1; visit_close in any case. */
int visit_open(struct visit *v, const struct options *o, const char *path, struct err *e);
void visit_close(struct visit *v); /* removes it */

#endif
