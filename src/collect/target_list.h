/* SPDX-License-Identifier: MIT */
/* target_list.h: the targets under watch, each with its schedule and its state; reads the targets file again when
 * it changes. */
#ifndef COLLECT_TARGET_LIST_H
#define COLLECT_TARGET_LIST_H

#include "collect/discovery.h"
#include "collect/schedule.h"
#include "collect/targets.h"
#include "collect/writer.h"
#include <gscrape/collect.h>
#include <sys/stat.h>

/* One target under watch. When a source gives it another URL it is replaced by a new one; other labels are taken over. */
struct watched {
	struct target t;
	char *labels;            /* its labels from now on, until nothing of it is under way; or NULL */
	struct schedule when;
	struct writer_host known;
	bool gone;               /* no longer wanted: goes when nothing of it is under way */
	bool no_detector;        /* it has no goroutineleak profile */
	bool storing;            /* its last dump waits for the writer */
	struct target_status st; /* host, labels and next are filled in when it is asked for */
	char note[FETCH_NOTE];
};

struct target_list {
	struct watched **w;
	size_t n, cap;
	struct watched **due; /* a heap, the one that is due first on top: those of which nothing is under way, */
	size_t n_due, cap_due;
	struct watched **held; /*   but for these, which wait until there is room for what they bring */
	size_t n_held, cap_held;
	bool unswept;     /* there is something for target_list_sweep */
	size_t over;      /* with --once: of so many, from the first on, the round is over */
	uint64_t ever;    /* how many there ever were: the next one's phase */
	size_t all;       /* how many the sources named, those of other shards included */
	struct stat file; /* the targets file as last read */
};

/* Read all sources into the set; the list itself is not touched but for what is known of the file. 0, or -1 when one is broken. */
int target_list_read(struct target_list *r, const struct scrape_options *o, struct discovery *d, struct target_set *set, struct err *e);
/* Watch what the set has, and nothing else. *notes gets sentences, one per line. 0, or -1 when --shard is no part. */
int target_list_take(struct target_list *r, const struct scrape_options *o, struct target_set *set, struct buf *notes, struct err *e);
bool target_list_file_changed(const struct target_list *r, const struct scrape_options *o);
size_t target_list_size(const struct target_list *r); /* without those that are gone */
void target_list_sweep(struct target_list *r);        /* free what is gone and idle, and take new labels over */

/* The one that is due first, or NULL; taken out, until it comes back by target_list_wait, or is held, until there is room again. */
struct watched *target_list_first(const struct target_list *r);
void target_list_take_first(struct target_list *r);
void target_list_hold_first(struct target_list *r);
void target_list_unhold(struct target_list *r);
void target_list_wait(struct target_list *r, struct watched *w); /* nothing of it is under way any more */
bool target_list_round_is_over(struct target_list *r); /* all that are not gone were scraped */
void target_list_release(struct target_list *r);

#endif
