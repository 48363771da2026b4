/* SPDX-License-Identifier: MIT */
/*
 * discovery.h: targets that are found by themselves, and found again while we run, in threads that nobody waits for.
 *
 * An answer that cannot be had or read changes nothing: what was found before stays, and the source is asked again, less and less
 * often. A target that an answer leaves out is kept until the next one leaves it out, too: names with more addresses than fit into an
 * answer, and servers that begin anew, are no reason to lose a history.
 */
#ifndef COLLECT_DISCOVERY_H
#define COLLECT_DISCOVERY_H

#include "collect/targets.h"
#include <gscrape/collect.h>

struct discovery;

/* Ask each source once. 0; -1 when one cannot be understood or does not answer. NULL in *out when none was asked for. */
int discovery_open(struct discovery **out, const struct scrape_options *o, struct err *e);
/* From now on in threads; wake(ctx) is called by them when there is something to take. `o` lives until close. 0 or -1. */
int discovery_start(struct discovery *d, void (*wake)(void *ctx), void *ctx, struct err *e);
void discovery_close(struct discovery *d); /* NULL is fine; targets that were added are not used any more */

void discovery_hurry(struct discovery *d); /* ask all now */
bool discovery_changed(struct discovery *d); /* since discovery_add */
void discovery_add(struct discovery *d, struct target_set *set); /* copies of all that is known */
/* A sentence that was not told yet, to be freed, or NULL. *bad: of a failure. */
char *discovery_sentence(struct discovery *d, bool *bad);

#endif
