/* SPDX-License-Identifier: MIT */
/*
 * Three open-addressing tables over three chunked arrays. What is stored never moves: entries live in chunks of fixed
 * size that are found through a directory of fixed length, so that a reader needs no lock for a number it was given.
 */
#include <gscrape/symtab.h>
#include <gscrape/err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CHUNK 4096
#define DIRECTORY 16384 /* chunks: 67 million entries */

struct entry { /* a string (bytes), a frame (struct sym_frame) or a stack (struct sym_stack) */
	union {
		struct str string;
		struct sym_frame frame;
		struct sym_stack stack;
	} u;
	uint64_t hash;
};

struct kind {
	struct entry **chunks; /* [DIRECTORY] */
	uint32_t n;            /* numbers given out; the first is 1 */
	uint32_t *slots;       /* hash table of numbers */
	size_t n_slots;        /* a power of two */
};

struct symtab {
	pthread_mutex_t lock;
	struct kind strings, frames, stacks;
	struct pool bytes;
	atomic_size_t used; /* asked for without the lock */
};

static void kind_init(struct kind *k)
{
	k->chunks = xcalloc(DIRECTORY, sizeof *k->chunks);
	k->n_slots = 1024;
	k->slots = xcalloc(k->n_slots, sizeof *k->slots);
}

static void kind_free(struct kind *k)
{
	for (size_t i = 0; i * CHUNK <= k->n; i++)
		free(k->chunks[i]);
	free(k->chunks);
	free(k->slots);
}

struct symtab *symtab_new(void)
{
	struct symtab *t = xcalloc(1, sizeof *t);

	pthread_mutex_init(&t->lock, NULL);
	kind_init(&t->strings);
	kind_init(&t->frames);
	kind_init(&t->stacks);
	return t;
}

void symtab_free(struct symtab *t)
{
	if (!t)
		return;
	kind_free(&t->strings);
	kind_free(&t->frames);
	kind_free(&t->stacks);
	pool_release(&t->bytes);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

size_t symtab_bytes(const struct symtab *t)
{
	return atomic_load_explicit(&t->used, memory_order_relaxed);
}

static struct entry *at(const struct kind *k, uint32_t id)
{
	return &k->chunks[id / CHUNK][id % CHUNK];
}

static void *keep(struct symtab *t, const void *p, size_t n)
{
	void *copy = pool_alloc(&t->bytes, n ? n : 1);

	atomic_fetch_add_explicit(&t->used, n + 16, memory_order_relaxed);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

static void rehash(struct kind *k)
{
	free(k->slots);
	k->n_slots *= 2;
	k->slots = xcalloc(k->n_slots, sizeof *k->slots);
	for (uint32_t id = 1; id <= k->n; id++) {
		size_t i = at(k, id)->hash & (k->n_slots - 1);

		while (k->slots[i])
			i = (i + 1) & (k->n_slots - 1);
		k->slots[i] = id;
	}
}

typedef bool same_fn(const struct entry *have, const void *want);

/* The number of what `same` recognises, or a new entry's: *fresh is then to be filled in. */
static uint32_t intern(struct symtab *t, struct kind *k, uint64_t hash, same_fn *same, const void *want,
		       struct entry **fresh)
{
	size_t i = hash & (k->n_slots - 1);
	uint32_t id;

	for (; (id = k->slots[i]); i = (i + 1) & (k->n_slots - 1))
		if (at(k, id)->hash == hash && same(at(k, id), want))
			return id;
	id = ++k->n;
	if (id / CHUNK >= DIRECTORY)
		die("too many distinct stacks");
	if (!k->chunks[id / CHUNK])
		k->chunks[id / CHUNK] = xcalloc(CHUNK, sizeof **k->chunks);
	atomic_fetch_add_explicit(&t->used, sizeof(struct entry) + 2 * sizeof *k->slots, memory_order_relaxed);
	*fresh = at(k, id);
	(*fresh)->hash = hash;
	k->slots[i] = id;
	if ((size_t)k->n * 2 > k->n_slots)
		rehash(k);
	return id;
}

static bool same_string(const struct entry *have, const void *want)
{
	return str_eq(have->u.string, *(const struct str *)want);
}

static bool same_frame(const struct entry *have, const void *want)
{
	return memcmp(&have->u.frame, want, sizeof have->u.frame) == 0;
}

static bool same_stack(const struct entry *have, const void *want)
{
	const struct sym_stack *w = want, *h = &have->u.stack;

	return h->n == w->n && h->created == w->created && h->flags == w->flags &&
	       (h->n == 0 || memcmp(h->frames, w->frames, h->n * sizeof *h->frames) == 0);
}

static uint32_t string_locked(struct symtab *t, struct str s)
{
	struct entry *fresh = NULL;
	uint32_t id;

	if (!s.n)
		return 0;
	id = intern(t, &t->strings, hash64(s.p, s.n), same_string, &s, &fresh);
	if (fresh)
		fresh->u.string = (struct str){keep(t, s.p, s.n), s.n};
	return id;
}

uint32_t symtab_string(struct symtab *t, struct str s)
{
	uint32_t id;

	pthread_mutex_lock(&t->lock);
	id = string_locked(t, s);
	pthread_mutex_unlock(&t->lock);
	return id;
}

uint32_t symtab_frame(struct symtab *t, struct str func, struct str file, uint32_t line)
{
	struct sym_frame f = {.line = line};
	struct entry *fresh = NULL;
	uint32_t id;

	pthread_mutex_lock(&t->lock);
	f.func = string_locked(t, func);
	f.file = string_locked(t, file);
	id = intern(t, &t->frames, hash64(&f, sizeof f), same_frame, &f, &fresh);
	if (fresh)
		fresh->u.frame = f;
	pthread_mutex_unlock(&t->lock);
	return id;
}

uint32_t symtab_stack(struct symtab *t, const struct sym_stack *s)
{
	uint64_t hash = hash64(s->frames, s->n * sizeof *s->frames) ^ (((uint64_t)s->created << 8 | s->flags) * 0x9e3779b97f4a7c15u);
	struct entry *fresh = NULL;
	uint32_t id;

	pthread_mutex_lock(&t->lock);
	id = intern(t, &t->stacks, hash, same_stack, s, &fresh);
	if (fresh) {
		fresh->u.stack = *s;
		fresh->u.stack.frames = keep(t, s->frames, s->n * sizeof *s->frames);
	}
	pthread_mutex_unlock(&t->lock);
	return id;
}

struct str symtab_get_string(const struct symtab *t, uint32_t id)
{
	return id ? at(&t->strings, id)->u.string : (struct str){"", 0};
}

struct sym_frame symtab_get_frame(const struct symtab *t, uint32_t id)
{
	return id ? at(&t->frames, id)->u.frame : (struct sym_frame){0};
}

struct sym_stack symtab_get_stack(const struct symtab *t, uint32_t id)
{
	return id ? at(&t->stacks, id)->u.stack : (struct sym_stack){0};
}
