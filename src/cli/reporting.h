/* SPDX-License-Identifier: MIT */
/* reporting.h: --report, alone or beside --leaks. */
#ifndef CLI_REPORTING_H
#define CLI_REPORTING_H

#include "session.h"
#include <gscrape/export.h>

int reporting_wrong(const struct options *o, struct err *e); /* -1: a file of that ending is not written */
/* Write the file. 0 or -1. */
/* Can the rules of --leak-ignore be read? For what runs on, or shows more than leaks: there the file
 * may come later. 0 or -1. */
int reporting_check(const struct options *o, struct err *e);
/* leak_ignore_apply by --leak-ignore; a file that was named must be there. 0 or -1 */
int reporting_ignore(const struct options *o, struct suspect *s, size_t *n, size_t *ignored, struct err *e);
int reporting_write(struct session *a, const struct suspect *s, size_t n, const struct leak_notes *notes);

#endif
