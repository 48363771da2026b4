/* SPDX-License-Identifier: MIT */
/*
 * target_labels.h: what is known of a target besides its address, as it is stored and shown: "k=v,k2=v2", "" nothing. Keys and
 * values are text as a terminal may show it (text.h); a comma in one is written \x2c, and '=' in a key \x3d.
 */
#ifndef GSCRAPE_TARGET_LABELS_H
#define GSCRAPE_TARGET_LABELS_H

#include <gscrape/buf.h>

/* One more at the end; NUL-terminated. */
void target_label_add(struct buf *labels, const char *key, struct str value);

/* The next pair at *at, which moves on, both within labels; false at the end. What has no '=' is a key with an empty value. */
bool target_label_next(const char **at, struct str *key, struct str *value);

/* The value of a key, within labels; p NULL: there is none. */
struct str target_label_value(const char *labels, const char *key);

#endif
