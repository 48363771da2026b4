/* SPDX-License-Identifier: MIT */
/*
 * hash.h: the hash tables of the program. Open addressing in powers of two, at most half full; nothing is allocated per
 * entry; zero is an empty table, and release may be called again. Two kinds:
 *
 *   struct hash    an index over an array that the caller has, by any key: it holds numbers (places in the array) and 32
 *                  bits of each one's hash, so that it grows without asking, and compares only what is very likely equal.
 *   HASH_TABLE()   entries in the table itself, by an integer key: one place in memory is touched, not two.
 */
#ifndef GSCRAPE_HASH_H
#define GSCRAPE_HASH_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <stdlib.h>

/* An integer as a hash, every bit of which depends on every bit of x. Text and structs: hash64 (buf.h). */
static inline uint64_t hash_u64(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
	return x ^ x >> 32;
}

struct hash_slot {
	uint32_t bits;   /* of the entry's hash */
	uint32_t number; /* place in the caller's array, plus 1; 0 is free */
};

struct hash {
	struct hash_slot *a;
	uint32_t n, cap;
};

#define HASH_NONE UINT32_MAX

/* All 64 bits count, whichever of them the caller's hash made good. */
static inline uint32_t hash_bits(uint64_t h)
{
	return (uint32_t)(h ^ h >> 32);
}

/* The next candidate for `bits` from slot *i on: its number, or HASH_NONE; *i is then behind it, or at the free slot. */
static inline uint32_t hash_next(const struct hash *t, uint32_t bits, uint32_t *i)
{
	if (!t->cap)
		return HASH_NONE;
	for (uint32_t k = *i & (t->cap - 1);; k = (k + 1) & (t->cap - 1)) {
		if (!t->a[k].number || t->a[k].bits == bits) {
			*i = k + 1;
			return t->a[k].number ? t->a[k].number - 1 : HASH_NONE;
		}
	}
}

/*
 * Sets `at`, a uint32_t variable, to the number of the entry of `hash` for which the expression `same`, in terms of
 * `at`, is true; HASH_NONE when there is none:
 *
 *     HASH_FIND(&t->index, hash64(name.p, name.n), at, str_eq(t->rows[at].name, name));
 *     if (at == HASH_NONE) {
 *             at = add a row to t->rows;
 *             hash_put(&t->index, hash64(name.p, name.n), at);
 *     }
 */
#define HASH_FIND(table, hash, at, same)                                                                     \
	do {                                                                                                 \
		uint32_t hash_find_bits = hash_bits(hash), hash_find_i = hash_find_bits;                     \
		do                                                                                           \
			(at) = hash_next((table), hash_find_bits, &hash_find_i);                             \
		while ((at) != HASH_NONE && !(same));                                                        \
	} while (0)

static inline void hash_place(struct hash *t, struct hash_slot s)
{
	uint32_t i = s.bits & (t->cap - 1);

	while (t->a[i].number)
		i = (i + 1) & (t->cap - 1);
	t->a[i] = s;
}

/* Room for n numbers; hash_put calls it. */
static inline void hash_reserve(struct hash *t, uint32_t n)
{
	struct hash old = *t;

	if (t->cap && n <= t->cap / 2)
		return;
	if (n >= 1u << 30)
		die("too many entries for a hash table");
	for (t->cap = t->cap ? t->cap : 16; n > t->cap / 2;)
		t->cap *= 2;
	t->a = xcalloc(t->cap, sizeof *t->a);
	for (uint32_t i = 0; i < old.cap; i++)
		if (old.a[i].number)
			hash_place(t, old.a[i]);
	free(old.a);
}

/* Adds a number that is not there yet. */
static inline void hash_put(struct hash *t, uint64_t hash, uint32_t number)
{
	hash_reserve(t, t->n + 1);
	hash_place(t, (struct hash_slot){hash_bits(hash), number + 1});
	t->n++;
}

/* Takes a number out that is there; what was pushed aside by it moves back, so that no mark of the dead is needed. */
static inline void hash_drop(struct hash *t, uint64_t hash, uint32_t number)
{
	uint32_t mask = t->cap - 1, i = hash_bits(hash) & mask;

	while (t->a[i].number != number + 1)
		i = (i + 1) & mask;
	for (uint32_t k = (i + 1) & mask; t->a[k].number; k = (k + 1) & mask) {
		if (((k - t->a[k].bits) & mask) < ((k - i) & mask))
			continue; /* it stands at home, or as near to it as it can */
		t->a[i] = t->a[k];
		i = k;
	}
	t->a[i] = (struct hash_slot){0};
	t->n--;
}

/* Empty again, with its memory kept. */
static inline void hash_clear(struct hash *t)
{
	if (t->cap)
		memset(t->a, 0, t->cap * sizeof *t->a);
	t->n = 0;
}

static inline void hash_release(struct hash *t)
{
	free(t->a);
	*t = (struct hash){0};
}

/*
 * HASH_TABLE(NAME, struct ENTRY, KEY, USED): struct NAME {struct ENTRY *a; size_t n, cap;}, where KEY is an integer member
 * of the entry and USED a member (it may be KEY) that is not zero while the entry is there; and the static functions
 *
 *     struct ENTRY *NAME_find(const struct NAME *, uint64_t key)   NULL when it is not there
 *     struct ENTRY *NAME_at(struct NAME *, uint64_t key)           made when it is new: zero but for its key, and the caller
 *                                                                  makes USED true before the next call
 *     void NAME_clear(struct NAME *), NAME_release(struct NAME *)
 *
 * Pointers hold until the next NAME_at. To visit all: for i < cap, if a[i].USED; their order means nothing.
 */
#define HASH_TABLE(NAME, ENTRY, KEY, USED)                                                                   \
	struct NAME {                                                                                        \
		ENTRY *a;                                                                                    \
		size_t n, cap;                                                                               \
	};                                                                                                   \
	static inline ENTRY *NAME##_slot(const struct NAME *t, uint64_t key)                                 \
	{                                                                                                    \
		size_t i = (size_t)hash_u64(key) & (t->cap - 1);                                             \
		while (t->a[i].USED && t->a[i].KEY != key)                                                   \
			i = (i + 1) & (t->cap - 1);                                                          \
		return &t->a[i];                                                                             \
	}                                                                                                    \
	static inline __attribute__((unused)) ENTRY *NAME##_find(const struct NAME *t, uint64_t key)         \
	{                                                                                                    \
		ENTRY *e = t->cap ? NAME##_slot(t, key) : NULL;                                              \
		return e && e->USED ? e : NULL;                                                              \
	}                                                                                                    \
	static inline __attribute__((unused)) ENTRY *NAME##_at(struct NAME *t, uint64_t key)                 \
	{                                                                                                    \
		ENTRY *e;                                                                                    \
		if (2 * t->n >= t->cap) {                                                                    \
			struct NAME old = *t;                                                                \
			t->cap = old.cap ? 2 * old.cap : 64;                                                 \
			t->a = xcalloc(t->cap, sizeof *t->a);                                                \
			for (size_t i = 0; i < old.cap; i++)                                                 \
				if (old.a[i].USED)                                                           \
					*NAME##_slot(t, old.a[i].KEY) = old.a[i];                            \
			free(old.a);                                                                         \
		}                                                                                            \
		e = NAME##_slot(t, key);                                                                     \
		if (!e->USED) {                                                                              \
			e->KEY = key;                                                                        \
			t->n++;                                                                              \
		}                                                                                            \
		return e;                                                                                    \
	}                                                                                                    \
	static inline __attribute__((unused)) void NAME##_clear(struct NAME *t)                              \
	{                                                                                                    \
		if (t->cap)                                                                                  \
			memset(t->a, 0, t->cap * sizeof *t->a);                                              \
		t->n = 0;                                                                                    \
	}                                                                                                    \
	static inline __attribute__((unused)) void NAME##_release(struct NAME *t)                            \
	{                                                                                                    \
		free(t->a);                                                                                  \
		*t = (struct NAME){0};                                                                       \
	}                                                                                                    \
	struct NAME

#endif
