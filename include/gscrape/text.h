/* SPDX-License-Identifier: MIT */
/* text.h: UTF-8 as people see it: what is valid, how wide it is, and what a terminal may be given of text from elsewhere. */
#ifndef GSCRAPE_TEXT_H
#define GSCRAPE_TEXT_H

#include <gscrape/buf.h>

/* How many bytes the character at s takes, of n > 0 that are there; 0 when it is no UTF-8 (overlong, surrogate, cut). */
size_t utf8_length(const unsigned char *s, size_t n);

/* The next character of a terminated text at *s, which moves on; a byte that is none comes as U+FFFD. */
uint32_t utf8_next(const char **s);
void buf_add_utf8(struct buf *b, uint32_t ch);

size_t utf8_whole(const char *s, size_t n); /* of n bytes those that are left without a character that was cut at their end */

/* A text into size bytes; one that is too long loses its middle, and no character is cut. Returns out. */
char *text_fit(char *out, size_t size, const char *text);

/* Columns of a terminal: 0 (combining), 1, or 2 (East Asian wide, emoji). No locale is asked. */
int char_cells(uint32_t ch);

/* Is it one that shows nothing and changes what others show: a control, or a format character such as those which turn
 * the direction of writing? The joiners within words and emoji are none. */
bool char_is_hidden(uint32_t ch);

/*
 * Text from the network as a terminal may show it: control bytes as ^X, invalid UTF-8 and C1 controls as \xNN, other
 * hidden characters as <U+202E>; the rest as it is. Never more than one line; NUL-terminated.
 */
void buf_add_visible(struct buf *b, const char *s, size_t n);
size_t visible_cells(const char *s, size_t n); /* columns of that */
size_t word_length(const char *s); /* bytes at its begin that are letters of English, digits, _ or - */

/* The name of the folder that a file stands in, NULL where the path has none, or "." or "..". Caller frees. */
char *path_folder(const char *path);

#endif
