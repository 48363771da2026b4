/* SPDX-License-Identifier: MIT */
/*
 * source.h: one way in which targets are found while we run. Each that is asked for has a thread of its own (discovery.h), in
 * which ask() is called again and again.
 */
#ifndef COLLECT_SOURCE_H
#define COLLECT_SOURCE_H

#include "collect/targets.h"
#include <gscrape/collect.h>

#define SOURCE_MAX_BODY ((size_t)50 << 20) /* bytes of one answer */
#define SOURCE_MAX_TARGETS 100000

struct source; /* the thread's side of it */

/* All targets that there are now, taken over; 0, or -1 when they are too many. From within ask() only. */
int source_found(struct source *s, struct target_set *set, struct err *e);
/* A sentence for whoever watches. */
__attribute__((format(printf, 2, 3))) void source_say(struct source *s, const char *fmt, ...);

struct source_ops {
	/* Checks what was asked for, and asks nobody. *self stays NULL when it was not asked for. 0 or -1. */
	int (*open)(void **self, const struct scrape_options *o, struct err *e);
	/* Asks, and tells what was found. With `patient` it may go on for as long as it likes. 0, or -1: what was found before stays. */
	int (*ask)(void *self, struct source *s, bool patient, struct err *e);
	void (*stop)(void *self); /* from another thread: ask() returns soon, this one and each that follows */
	void (*close)(void *self);
	bool watches; /* ask() learns of changes by itself: no rest between, and what is gone is gone */
};

extern const struct source_ops source_url, source_dns, source_kube;
void dns_made_with(struct buf *out); /* ", c-ares 1.18.1", or nothing */

#endif
