/* SPDX-License-Identifier: MIT */
/* renames.h: a store's handles as numbers of a symtab, in which names of several stores are the same number when they are the same. */
#ifndef STORE_RENAMES_H
#define STORE_RENAMES_H

#include <gscrape/store.h>

struct numbers {
	uint32_t *a; /* by handle; 0 not asked for yet */
	size_t n;
};

struct renames {
	struct store_view *view;
	struct symtab *symtab;
	struct numbers strings, stacks;
};
void renames_forget(struct renames *r); /* frees; `view` stays, and a new symtab may be put in */

int rename_string(struct renames *r, uint32_t *handle, struct err *e);
/* Ask for these, in one question; rename_stack knows them afterwards. */
int rename_stacks(struct renames *r, const uint32_t *handles, size_t n, struct err *e);
uint32_t rename_stack(const struct renames *r, uint32_t handle);
/* Its note, and its states, which are a copy in p. */
int rename_snapshot(struct renames *r, struct snapshot *snap, struct pool *p, struct err *e);

#endif
