/* SPDX-License-Identifier: MIT */
/*
 * index.h: an archive into the store: only what is new. Killed at any moment, the next run goes on from what was
 * committed. Files are inflated and parsed by several threads, each host's in order of time. A file that cannot be read is where
 * its host rests: it is read the next time, and no later one is recorded before it. So is a host's newest that is not whole and
 * was written to in the last minute. One that was removed meanwhile, as retention does, is no loss.
 */
#ifndef GSCRAPE_INDEX_H
#define GSCRAPE_INDEX_H

#include <gscrape/err.h>
#include <gscrape/timefmt.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct index_totals {
	size_t hosts, files;    /* in the archive */
	size_t recorded;        /* snapshots written now */
	size_t known;           /* in the store already */
	size_t late;            /* older than the host's last snapshot in the store, and not in it: left out */
	size_t gone;            /* removed before they were read */
	size_t left;            /* for the next time: of a host whose next file could not be read, from that on; one being written */
	size_t failed, cut;     /* of recorded: no dump; a cut one */
	size_t ignored;         /* files whose names are none of an archive's */
	uint64_t bytes;         /* of text recorded */
	uint64_t goroutines;    /* goroutine samples in them */
	size_t epochs;          /* processes that began */
};

/* One more that a recorder was given: so much text, and what became of it. */
struct outcome;
void index_count(struct index_totals *t, size_t bytes, const struct outcome *got);

struct index_options {
	const char *const *paths; /* archives, hosts' folders, files in them: archive_list_all() */
	size_t n_paths;
	const char *db;
	const struct zone *zone; /* of names without Z; NULL is UTC */
	int jobs;               /* threads, at most 4 for each processor; 0: one for each, at most 4 */
	uint64_t max_body;      /* bytes of one text, inflated: a longer one is a failed scrape; 0: 64 MiB, as struct scrape_options has it */
	bool passing;           /* the store is gone soon: what cannot be read is a failed scrape, nothing is left for a next time */
	const volatile sig_atomic_t *stop; /* set: finish what is begun, commit, return. NULL never */
	/* Told a sentence about each file that is no whole dump or cannot be read, and each host of which some are late; and how far it is, a few times a second. May be NULL. */
	void (*say)(void *ctx, const char *sentence);
	void (*progress)(void *ctx, const struct index_totals *t, size_t done);
	void *ctx;
};

/* 0, or -1 when nothing could be done or the store failed; what was recorded before stays. */
int index_run(const struct index_options *o, struct index_totals *t, struct err *e);

#endif
