/* SPDX-License-Identifier: MIT */
#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t want;

	if (__builtin_add_overflow(b->n, more, &want) || want == SIZE_MAX)
		die("out of memory (%zu bytes)", more);
	if (want < b->cap)
		return;
	while (b->cap <= want)
		b->cap = b->cap ? b->cap + b->cap / 2 + 64 : 256;
	b->p = xrealloc(b->p, b->cap, 1);
}

/* As a rule there is room. */
static inline void room(struct buf *b, size_t more)
{
	if (b->cap - b->n <= more)
		buf_reserve(b, more);
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!n)
		return;
	room(b, n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void buf_adds(struct buf *b, const char *s)
{
	size_t n = strlen(s);

	buf_reserve(b, n + 1);
	memcpy(b->p + b->n, s, n + 1);
	b->n += n;
}

void buf_putc(struct buf *b, char c)
{
	room(b, 2);
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("cannot format %s", fmt);
	buf_reserve(b, (size_t)n + 1);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
	va_end(again);
	b->n += (size_t)n;
}

void buf_varint(struct buf *b, uint64_t v)
{
	room(b, 10);
	while (v >= 0x80) {
		b->p[b->n++] = (char)(v | 0x80);
		v >>= 7;
	}
	b->p[b->n++] = (char)v;
}

void buf_svarint(struct buf *b, int64_t v)
{
	buf_varint(b, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

uint64_t get_varint(const uint8_t **p, const uint8_t *end)
{
	uint64_t v = 0;
	const uint8_t *s = *p;
	unsigned shift = 0;

	if (!s)
		return 0;
	if (s < end && *s < 0x80) { /* by far the most common */
		*p = s + 1;
		return *s;
	}
	for (; s < end && shift < 64; shift += 7) {
		uint8_t c = *s++;

		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80) {
			*p = s;
			return v;
		}
	}
	*p = NULL;
	return 0;
}

int64_t get_svarint(const uint8_t **p, const uint8_t *end)
{
	uint64_t v = get_varint(p, end);

	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* A pool is a list of blocks; each new one is larger than the last, so that many small pools stay small. */
struct pool_block {
	struct pool_block *next;
	size_t size;
};

#define POOL_HEAD ((sizeof(struct pool_block) + 15) & ~(size_t)15)

void *pool_alloc(struct pool *p, size_t n)
{
	void *at;

	if (n > SIZE_MAX / 2)
		die("out of memory (%zu bytes)", n);
	n = (n + 15) & ~(size_t)15;
	if (!p->head || p->cap - p->used < n) {
		size_t size = p->head ? p->head->size * 2 : 1024;
		struct pool_block *block;

		if (size > 1 << 20)
			size = 1 << 20;
		if (size < n + POOL_HEAD)
			size = n + POOL_HEAD;
		block = xmalloc(size);
		block->next = p->head;
		block->size = size;
		p->head = block;
		p->used = POOL_HEAD;
		p->cap = size;
	}
	at = (char *)p->head + p->used;
	p->used += n;
	return memset(at, 0, n);
}

void *pool_grow(struct pool *p, void *a, size_t n, size_t *cap, size_t size)
{
	void *more;

	if (n < *cap)
		return a;
	*cap = *cap * 2 + 16;
	more = pool_alloc(p, *cap * size);
	if (n)
		memcpy(more, a, n * size);
	return more;
}

char *pool_strndup(struct pool *p, const char *s, size_t n)
{
	char *out = pool_alloc(p, n + 1);

	if (n)
		memcpy(out, s, n);
	return out;
}

char *pool_printf(struct pool *p, const char *fmt, ...)
{
	va_list ap, again;
	char *out;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("cannot format %s", fmt);
	out = pool_alloc(p, (size_t)n + 1);
	vsnprintf(out, (size_t)n + 1, fmt, again);
	va_end(again);
	return out;
}

void pool_release(struct pool *p)
{
	struct pool_block *next;

	for (; p->head; p->head = next) {
		next = p->head->next;
		free(p->head);
	}
	*p = (struct pool){0};
}
