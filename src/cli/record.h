/* SPDX-License-Identifier: MIT */
/* record.h: recording, as the options ask for it. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "commands.h"
#include <gscrape/leak_watch.h>
#include <gscrape/collect.h>
#include <gscrape/index.h>

bool has_targets(const struct options *o);
void scrape_options(const struct options *o, struct scrape_options *s); /* borrows from o */
/* --on-leak, when it was asked for: hooks it into s. *out is NULL otherwise. Stop it after the scraper. 0 or -1. */
int start_leak_watch(const struct options *o, struct scrape_options *s, struct leak_watch **out, struct err *e);

/* On standard error: so many dumps were too old to be taken. */
void say_late(size_t n);

/* Where an archive goes. */
struct taking {
	const struct options *o;
	const char *db;
	bool passing; /* a store that is gone soon: as struct index_options has it */
};

/*
 * Take archives, as index_run() has them, into a store, telling standard error what they have that cannot be taken, and on a terminal how
 * far it is. 0; 1 when some file was no whole dump or could not be read, which is told already; -1.
 */
int index_archive(const struct taking *k, const struct texts *paths, struct index_totals *t, struct err *e);

#endif
