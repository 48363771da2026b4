/* SPDX-License-Identifier: MIT */
/*
 * leak_watch.h: --on-leak: look at the store after each commit of a scraper in this process, and run a command once for
 * each new leak, with the JSON of --leaks on its standard input. In a thread of its own: scraping does not wait for it.
 */
#ifndef GSCRAPE_LEAK_WATCH_H
#define GSCRAPE_LEAK_WATCH_H

#include <gscrape/filter.h>
#include <stdint.h>

struct leak_watch;

struct leak_watch_options { /* borrowed until leak_watch_stop */
	const char *db;
	const char *command;  /* for sh; it gets 60 s, and a second in all once the recording has ended */
	const char *ignore;   /* leak_ignore_open's file: what it names is no news; read for each look. NULL: none */
	struct filter *where; /* only those of which a goroutine passes; the thread's own from leak_watch_start on, and closed with it. NULL: all */
	int64_t patience;     /* ms of snapshots: it must have been a leak in each look over so long */
	void (*say)(void *ctx, const char *sentence); /* from the thread: what went wrong */
	void *ctx;
};

int leak_watch_start(struct leak_watch **out, const struct leak_watch_options *o, struct err *e); /* 0 or -1 */
void leak_watch_committed(void *w); /* from any thread: there is something new */
void leak_watch_stop(struct leak_watch *w); /* looks once more when there was something new; NULL is fine */

#endif
