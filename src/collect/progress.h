/* SPDX-License-Identifier: MIT */
/*
 * progress.h: what the headless scraper shows. On a terminal one line per target, refreshed in place at most
 * once a second; in a pipe one plain line per event (JSON with --json), failures on standard error. Beside something else
 * that has standard output (`aside`), only failures and messages.
 */
#ifndef COLLECT_PROGRESS_H
#define COLLECT_PROGRESS_H

#include <gscrape/collect.h>

struct progress;

struct progress *progress_new(const struct scrape_options *o);
/* One scrape is stored. new_process: its target was restarted. */
void progress_scrape(struct progress *p, const struct target_status *st, bool new_process);
void progress_message(struct progress *p, bool bad, const char *sentence);
/* Redraws when a second is over or `last`; nothing in a pipe. */
void progress_refresh(struct progress *p, const struct scrape_status *all, bool last);
bool progress_is_live(const struct progress *p); /* a terminal: wants progress_refresh each second */
void progress_free(struct progress *p);          /* leaves the last state on the screen */

#endif
