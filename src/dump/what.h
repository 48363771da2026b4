/* SPDX-License-Identifier: MIT */
/* what.h: what a line of a block is by its words, whatever its indent; line.h knows what the runtime writes, this what became
 * of it on the way. */
#ifndef DUMP_WHAT_H
#define DUMP_WHAT_H

#include <gscrape/dump.h>

enum what {
	WHAT_BLANK,
	WHAT_FILE,
	WHAT_FUNC,
	WHAT_PART,     /* the beginning of a function's line */
	WHAT_CREATED,
	WHAT_ELIDED,
	WHAT_ANCESTOR,
	WHAT_LONE,
	WHAT_FOREIGN,
};

enum what what_is(struct str s); /* s as trim_marks() gives it */

struct str trim_blanks(struct str s);
struct str trim_marks(struct str s);          /* without the marks that quoting and fences leave at a line's end */
struct str without_spelled_tab(struct str s); /* at a line's beginning */

bool is_file_line(struct str s);         /* a file line beyond doubt: it has an offset, or its name ends as sources do */
bool is_func_name(struct str s);         /* as the runtime prints one: `main.(*T).run`, `panic` */
bool is_func_part(struct str s);         /* "main.run(0xc00009c210, {0x2d8701?," */
size_t func_name_begins(struct str func); /* behind the last blank of what stands before the arguments */
size_t func_name_ends(struct str s);      /* where the arguments begin; s.n when there are none */

bool is_header_part(struct str s); /* `goroutine 12 [select] {"job":"night`: a terminal broke it */

/* From where the runtime says in a line that the program failed or got a signal, to the line's end; empty: nowhere. */
struct str runtime_words(struct str s);

size_t grouped_header(struct str s); /* where "goroutine profile: total 12" stands in a line; SIZE_MAX: nowhere */

#endif
