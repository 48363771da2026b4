/* SPDX-License-Identifier: MIT */
/* secret.h: what must not be read by everybody is taken out of a text before it is cut, printed, stored or answered. */
#ifndef GSCRAPE_SECRET_H
#define GSCRAPE_SECRET_H

#include <gscrape/buf.h>

/*
 * The text with what looks like a secret replaced by "…": user and password before the "@" of an address, with or
 * without a scheme; values of query parameters whose names say so (token, key, password, …); what follows "Basic" and
 * "Bearer". NUL-terminated.
 */
void buf_add_public(struct buf *b, const char *s, size_t n);

/* Replace each occurrence of `secret` (of 3 bytes or more; shorter ones would hit words) from byte `from` of b on. */
void buf_hide(struct buf *b, size_t from, const char *secret, size_t n);

#endif
