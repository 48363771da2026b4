/* SPDX-License-Identifier: MIT */
/* The keys as they are for this user: the table, with what was bound otherwise. */
#include "session.h"
#include <stdio.h>

int map_key(struct session *a, const char *key, const char *action, struct err *e)
{
	const struct key_row *row = key_row_named(action);
	int k = key_parse(key);

	if (k < 0)
		return fail(e, "'%s' is no key", key);
	if (!row)
		return fail(e, "no action '%s'", action);
	for (size_t i = 0; i < a->n_maps; i++) {
		if (a->maps[i].key == k) {
			a->maps[i].row = row;
			return 0;
		}
	}
	GROW(a->maps, a->n_maps, a->cap_maps);
	a->maps[a->n_maps++] = (struct map){k, row};
	return 0;
}

const struct key_row *bound_row(const struct session *a, enum key_place here, int key)
{
	for (size_t i = 0; i < a->n_maps; i++)
		if (a->maps[i].key == key && key_place_counts(a->maps[i].row->place, here))
			return a->maps[i].row;
	return key_row_at(here, key);
}

char *bound_keys(const struct session *a, const struct key_row *row, char *out, size_t n)
{
	char one[24];

	out[0] = '\0';
	for (size_t i = 0; i < a->n_maps; i++)
		if (a->maps[i].row == row)
			snprintf(out + strlen(out), n - strlen(out), "%s%s", *out ? " " : "", key_label(one, sizeof one, a->maps[i].key));
	for (int i = 0; i < 4 && row->keys[i]; i++)
		if (bound_row(a, row->place, row->keys[i]) == row)
			snprintf(out + strlen(out), n - strlen(out), "%s%s", *out ? " " : "", key_label(one, sizeof one, row->keys[i]));
	return out;
}
