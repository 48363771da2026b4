/* SPDX-License-Identifier: MIT */
/* origin.h: which of several services of one log a line is from, where what stands around it says so. */
#ifndef DUMP_ORIGIN_H
#define DUMP_ORIGIN_H

#include <gscrape/buf.h>

#define ORIGIN_MAX 128 /* a longer name is none */

/* A prefix, as it stands: `[pod/shop-0/shop] ` is of shop-0/shop, `shop-1  | ` of shop-1, `shop-0 shop ` of shop-0/shop, `Nov 23
 * 10:00:00 web shopd[7]: ` of web/shopd; and a pod's name anywhere. Appends nothing where it names nobody. */
void origin_of_prefix(struct buf *out, struct str prefix);

/* A record of JSON: its pod, container, unit or host. */
void origin_of_record(struct buf *out, struct str line);

#endif
