/* SPDX-License-Identifier: MIT */
/* scrape.h: the scraper's inside: one loop that fetches, one thread (writer.h) that writes. */
#ifndef COLLECT_SCRAPE_H
#define COLLECT_SCRAPE_H

#include "collect/discovery.h"
#include "collect/progress.h"
#include "collect/target_list.h"
#include <pthread.h>
#include <signal.h>

struct scrape {
	struct scrape_options o; /* strings in `own` */
	struct pool own;
	struct fetcher *fetch;
	struct writer *writer;
	struct discovery *discovery; /* NULL: no target is found by itself */
	struct progress *progress; /* NULL: prints nothing */
	int signals;               /* signals_open(), -1 none */
	sigset_t mask;             /* of the process before the signals were taken */
	pthread_t thread;          /* of scrape_start */

	pthread_mutex_t lock; /* guards what follows */
	struct target_list target_list;
	int64_t began, file_checked; /* monotonic ms */
	int64_t watchdog, told_service; /* whoever runs us as a service wants to hear from us so often, ms, 0 not; when it did */
	uint64_t text_bytes, disk_bytes;
	bool failed; /* a target brought nothing */
	bool stop, reload;
	char message[512];
};

int scrape_open(struct scrape **out, const struct scrape_options *o, struct progress *p, struct err *e);
void scrape_loop(struct scrape *s); /* until stop, or the one round is over; then writes what waits */
/* Read all sources anew, without the lock, and take over what they say, with it. 0, or -1: the targets are as they were. */
int scrape_targets(struct scrape *s, struct buf *notes, struct err *e);
void scrape_notes(struct scrape *s, const struct buf *notes); /* say each line */
double scrape_rate(const struct scrape *s); /* MB/h: of the archive, or of text where there is none */
int scrape_close(struct scrape *s, struct err *e);
void scrape_options_copy(struct scrape_options *to, const struct scrape_options *from, struct pool *p);

#endif
