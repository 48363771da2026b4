/* SPDX-License-Identifier: MIT */
/* path.h: a stack as one line: "poller > pollerTryAllWork > DB.Select". */
#ifndef TUI_PATH_H
#define TUI_PATH_H

#include <gscrape/query.h>

/* "http.(*conn).serve" is "conn.serve" here: what the reader tells functions apart by. Into out, returns out. */
char *path_name(char *out, size_t size, const char *func);
/* From the root up to, and without, frame `end` counted from the leaf (0: all but the leaf); at most `cells` wide: what
 * does not fit is left out of the middle, since both ends tell most. */
char *stack_path(char *out, size_t size, const struct stack *s, uint32_t end, int cells);

#endif
