/* SPDX-License-Identifier: MIT */
/* copy.h: from a store of one engine into one of another, and whether both tell the same. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "engine.h"

int copy_between(struct store *from, const char *to, struct err *e);

/* A host in both. */
struct twins {
	struct store_view *a, *b;
	const struct host_row *in_a, *in_b;
};
/* Is the last snapshot of the shorter history in the longer one, too? 1, 0, -1. Nothing is a beginning of everything. */
int twins_are_one(const struct twins *t, struct err *e);
/* All snapshots that both keep, and who was alive at some of them: 1 the same, 0, -1. */
int twins_agree(const struct twins *t, struct err *e);

#endif
