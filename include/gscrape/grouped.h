/* SPDX-License-Identifier: MIT */
/*
 * grouped.h: a goroutine profile without identities, as debug=1 writes it: stacks, and how many goroutines have each. It
 * knows no numbers, states, parents or arguments; it costs its process far less than debug=2.
 */
#ifndef GSCRAPE_GROUPED_H
#define GSCRAPE_GROUPED_H

#include <gscrape/dump.h>

struct grouped_stack {
	uint64_t count;
	struct str labels;         /* raw text between { and }, for dump_labels() */
	struct str state;          /* as the profile says it; empty: ask grouped_state() */
	bool leaked;               /* the profile is of Go's leak detector */
	struct dump_frame *frames; /* leaf first; without arguments */
	size_t n;
	bool missing;              /* the last one: what the profile's total counts and its text does not hold */
};

/* A walk over one text. Zeroed but for text; grouped_release when done. */
struct grouped {
	struct str text;
	size_t pos;
	uint64_t total; /* as the profile's first line says */
	uint64_t told;  /* by the groups so far */
	uint64_t base;  /* where the process has the function that writes its profiles; 0 not met, or not told */
	bool leaked;
	struct grouped_stack g;
	size_t cap;
};

bool grouped_next(struct grouped *d); /* the next group is in d->g, valid until the next call; false at the end */
void grouped_release(struct grouped *d);

/* What its goroutines wait for, if the profile or the leaf tells; else "unknown": which it is for channels in debug=1. */
struct str grouped_state(const struct grouped_stack *g);

/* One group as the JSON of --parse; no newline. */
void group_json(struct jw *j, const struct grouped_stack *g);

#endif
