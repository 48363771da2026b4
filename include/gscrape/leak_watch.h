/* SPDX-License-Identifier: MIT */
/*
 * leak_watch.h: --on-leak: look at the store after each commit of a scraper in this process, and run a command once for
 * each new leak, with the JSON of --leaks on its standard input. In a thread of its own: scraping does not wait for it.
 */
#ifndef GSCRAPE_LEAK_WATCH_H
#define GSCRAPE_LEAK_WATCH_H

#include <gscrape/err.h>
#include <stdint.h>

struct leak_watch;

/* command is run by sh, when a leak has been one in each look over `patience` ms of snapshots. 0 or -1. */
int leak_watch_start(struct leak_watch **out, const char *db, const char *command, int64_t patience, struct err *e);
void leak_watch_committed(void *w); /* from any thread: there is something new */
void leak_watch_stop(struct leak_watch *w); /* looks once more when there was something new; NULL is fine */

#endif
