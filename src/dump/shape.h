/* SPDX-License-Identifier: MIT */
/*
 * shape.h: what stands before each line of a log, or behind it, but for its numbers.
 *
 * `Mar 01 13:42:08 shop01 shopd[765]: ` and the next second's have the same shape: runs of digits, with the dots, colons,
 * dashes and slashes of times between them, are one 0; blanks are one blank, and none before a number. The word of a level
 * (INFO, warning) and the blanks behind it are as good as any other's, and so is the letter before a day (E1123).
 */
#ifndef DUMP_SHAPE_H
#define DUMP_SHAPE_H

#include <gscrape/buf.h>

bool shape_is_level(struct str word); /* INFO, warning */

/* Append the shape of a text. */
void shape_add(struct buf *out, struct str text);

/* How much of the line's beginning has this shape; 0 when it has not. Blanks at the shape's end may be missing. */
size_t shape_prefix(struct str shape, struct str line);

/* Does the whole text have this shape? */
bool shape_is(struct str shape, struct str text);

#endif
