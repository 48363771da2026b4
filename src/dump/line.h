/* SPDX-License-Identifier: MIT */
/* line.h: single lines of a block, shared by the whole parser and the fast scanner. */
#ifndef DUMP_LINE_H
#define DUMP_LINE_H

#include <gscrape/dump.h>

enum line_kind {
	LINE_FUNC,      /* a function, with or without arguments */
	LINE_FILE,      /* a file line */
	LINE_CREATED,   /* created by X [in goroutine N] */
	LINE_ELIDED,    /* ...N frames elided... */
	LINE_ANCESTOR,  /* [originating from goroutine N]: */
	LINE_LONE,      /* a frame that needs no file line: non-Go function at pc=… */
	LINE_OTHER,     /* anything else */
};

struct line {
	enum line_kind kind;
	struct str func, args; /* FUNC, CREATED, LONE */
	struct str file;       /* FILE */
	uint32_t number;       /* FILE: line; ELIDED: how many, 0 unknown */
	uint64_t goroutine;    /* CREATED: parent, 0 unknown; ANCESTOR */
};

/* Take one line apart: without newline, CR and the block's indent. */
void line_parse(struct str text, struct line *out);
/* The line at pos without its newline; *next is where the one after it begins. CR is cut. */
struct str line_at(struct str text, size_t pos, size_t *next);
/* Does `goroutine N [` stand here, after any indent? */
static inline bool line_is_header(struct str line)
{
	return dump_header(line, &(struct dump_header){0});
}
/* The header at s, without indent, whatever follows it: its length, with its colon if it has one. 0 when it is none. */
size_t header_span(struct str s, struct dump_header *h, bool *colon);
/* Length of the byte order mark that a text begins with; 0 without. */
static inline size_t dump_mark(struct str text)
{
	return str_begins(text, STR("\xef\xbb\xbf")) ? 3 : 0;
}
/* What follows a header's number: ` [chan receive, 3 minutes] {k: v}:`. False when it makes no header. */
bool header_tail(struct str tail, struct dump_header *h);
/* FILE:LINE[ +0x1a][ fp=0x… sp=0x… pc=0x…], or pc=0x… alone, of any indent. *out must be zero before. */
bool line_is_file(struct str text, struct line *out);
/* Length of the blanks and tabs a line begins with. */
size_t line_indent(struct str line);
/* A line around the blocks of a crash or a log that is no loss, told from its beginning. One that begins a section sets
 * *section: what follows up to the next blank line is none either. */
bool line_is_noise(struct str line, bool *section);
/* Cut as Go 1.8 to 1.20 cut a deep stack: about 100 frames, no mark, no root. */
bool stack_is_rootless(struct str root, size_t n, bool elided, uint64_t parent);

#endif
