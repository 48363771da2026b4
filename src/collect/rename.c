/* SPDX-License-Identifier: MIT */
#include "collect/targets.h"
#include <gscrape/target_labels.h>

#define NAME_MOST 80 /* bytes: escaped, it is a folder of the archive */

/* How many targets bear a value. */
struct bearer {
	uint64_t value;
	size_t n;
};

HASH_TABLE(bearers, struct bearer, value, n);

static bool fits(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ')
			return false;
	return name.n && name.n <= NAME_MOST;
}

size_t targets_rename(struct target_set *set, const char *key)
{
	struct bearers all = {0};
	struct target_set out = {.merged = set->merged, .notes = set->notes};
	size_t shared = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct str v = target_label_value(set->t[i].labels, key);

		bearers_at(&all, hash64(v.p, v.n))->n++;
	}
	for (size_t i = 0; i < set->n; i++) {
		struct target *t = &set->t[i];
		struct str v = target_label_value(t->labels, key);

		if (fits(v) && bearers_find(&all, hash64(v.p, v.n))->n == 1) {
			char *name = xstrndup(v.p, v.n);

			free(t->host);
			t->host = name;
		} else if (v.n) {
			shared++;
		}
		targets_insert(&out, t);
	}
	free(set->t);
	hash_release(&set->by_host);
	bearers_release(&all);
	*set = out;
	return shared;
}
