/* SPDX-License-Identifier: MIT */
/*
 * memo.h: an answer that is kept until what it was asked for changes. A view's load runs for each frame; most of what it
 * needs is as it was.
 */
#ifndef TUI_MEMO_H
#define TUI_MEMO_H

#include <gscrape/buf.h>

/* The question: what does not matter to it is 0. */
struct memo_key {
	uint32_t host, what[2]; /* what: a grouping, a scope, a function, an epoch */
	int64_t from, to;       /* ms UTC, or a number that T gives */
	uint64_t id;
	int w;                  /* columns */
	uint64_t version;       /* of the store: session_version */
};

struct memo {
	struct pool pool;       /* of the answer */
	struct memo_key key;
	bool filled;
};

/* Is the answer there? If not, the old one goes and the caller gives a new one; should that fail, memo_drop. */
bool memo_holds(struct memo *m, const struct memo_key *key);
void memo_drop(struct memo *m);

#endif
