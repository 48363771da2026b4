/* SPDX-License-Identifier: MIT */
/* buf.h: growing bytes, a borrowed piece of text, and a pool of allocations that are freed together. */
#ifndef GSCRAPE_BUF_H
#define GSCRAPE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed piece of text: not terminated, owned by somebody else. Zero is the empty text. */
struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})

static inline struct str str_of(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Is it one of these? NUL, which may stand in any text from outside, is one of none. */
static inline bool char_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static inline bool str_begins(struct str a, struct str with)
{
	return a.n >= with.n && memcmp(a.p, with.p, with.n) == 0;
}

/* Growing bytes. Zero is empty; p is NUL-terminated after buf_addf, buf_adds and buf_putc. */
struct buf {
	char *p;
	size_t n, cap;
};

void buf_release(struct buf *b); /* frees and zeroes; may be called again */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void buf_reset(struct buf *b)
{
	b->n = 0;
}

/* Numbers in 7-bit groups, low first, as the store writes them; at most 10 bytes. */
void buf_varint(struct buf *b, uint64_t v);
void buf_svarint(struct buf *b, int64_t v); /* zig-zag */
uint64_t get_varint(const uint8_t **p, const uint8_t *end); /* *p = NULL when it runs past end */
int64_t get_svarint(const uint8_t **p, const uint8_t *end);

/* Allocations that are freed together. Zero is an empty pool. */
struct pool {
	struct pool_block *head;
	size_t used, cap;
};

void *pool_alloc(struct pool *p, size_t n); /* zeroed, aligned to 16 */
/* Room for one more of an array in the pool, n of `size` bytes in it so far: `a`, or a larger copy of it. */
void *pool_grow(struct pool *p, void *a, size_t n, size_t *cap, size_t size);
char *pool_strndup(struct pool *p, const char *s, size_t n);
char *pool_printf(struct pool *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pool_release(struct pool *p); /* frees everything; the pool is empty and usable again */

/* Grow an array by doubling: GROW(a, n, cap) makes room for one more element at a[n]. */
#define GROW(a, n, cap)                                                                                      \
	do {                                                                                                 \
		if ((n) >= (cap)) {                                                                          \
			(cap) = (cap) ? 2 * (cap) : 16;                                                      \
			(a) = xrealloc((a), (cap), sizeof *(a));                                             \
		}                                                                                            \
	} while (0)

/* Grow an array so that a[at] is there: REACH(a, n, at); n is how many are, and what is new is zero. */
#define REACH(a, n, at)                                                                                      \
	do {                                                                                                 \
		if ((at) >= (n)) {                                                                           \
			size_t reach_n = (size_t)(at) * 2 + 64;                                              \
			(a) = xrealloc((a), reach_n, sizeof *(a));                                           \
			memset((a) + (n), 0, (reach_n - (n)) * sizeof *(a));                                 \
			(n) = reach_n;                                                                       \
		}                                                                                            \
	} while (0)

/* XXH3, 64 bits. */
uint64_t hash64(const void *p, size_t n);

#endif
