/* SPDX-License-Identifier: MIT */
#include "memo.h"

static bool same(const struct memo_key *a, const struct memo_key *b)
{
	return a->host == b->host && a->what[0] == b->what[0] && a->what[1] == b->what[1] && a->from == b->from && a->to == b->to &&
	       a->id == b->id && a->w == b->w && a->version == b->version;
}

bool memo_holds(struct memo *m, const struct memo_key *key)
{
	if (m->filled && same(&m->key, key))
		return true;
	pool_release(&m->pool);
	m->key = *key;
	m->filled = true;
	return false;
}

void memo_drop(struct memo *m)
{
	pool_release(&m->pool);
	m->filled = false;
}
