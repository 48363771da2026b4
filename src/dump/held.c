/* SPDX-License-Identifier: MIT */
#include "held.h"
#include <gscrape/err.h>
#include <inttypes.h>
#include <stdlib.h>

/* In words, from what is known. */
void held_give_reason(struct held_lock *t, struct pool *p)
{
	if (t->holder && t->behind)
		t->reason = pool_printf(p, "is in %s, behind the line that takes the lock", t->func);
	else if (t->holder)
		t->reason = pool_printf(p, "%s in %s with the lock or the object around it", t->is ? "is" : "may be", t->func);
	else
		t->reason = t->candidates ? pool_printf(p, "%" PRIu32 " are as likely", t->candidates) : "nobody has its address in a frame";
}

static int by_address(const void *pa, const void *pb)
{
	const struct held_lock *a = pa, *b = pb;

	return a->address < b->address ? -1 : a->address > b->address;
}

static struct held_lock *lock_at(struct held_lock *a, size_t n, uint64_t address)
{
	return bsearch(&(struct held_lock){.address = address}, a, n, sizeof *a, by_address);
}

/* From holder to holder, back to where it began; of locks by address. */
static void find_cycle(struct held_lock *a, size_t n, struct held_lock *first, struct pool *p)
{
	struct buf b = {0};
	struct held_lock *l = first;
	bool lowest = true;

	for (size_t steps = 0; steps <= n && l->holder && l->sure && l->waits_for; steps++) {
		struct held_lock *then = lock_at(a, n, l->waits_for);

		if (!then)
			break;
		buf_addf(&b, "%s%" PRIu64 " seems to hold 0x%" PRIx64 " and waits for 0x%" PRIx64, steps ? "; " : "", l->holder,
			 l->address, then->address);
		if (then == first) {
			first->deadlock = pool_printf(p, "%s", b.p);
			first->first = lowest;
			break;
		}
		l = then;
		lowest &= l->address > first->address;
	}
	buf_release(&b);
}

void held_finish(struct held_lock *a, size_t n, struct pool *p)
{
	if (n)
		qsort(a, n, sizeof *a, by_address);
	for (size_t i = 0; i < n; i++)
		find_cycle(a, n, &a[i], p);
}

/* --- as bytes --- */

enum { HELD_SURE = 1, HELD_IS = 2, HELD_BEHIND = 4 };

static int most_waited_for(const void *pa, const void *pb)
{
	const struct held_lock *a = pa, *b = pb;

	if (a->waiters != b->waiters)
		return a->waiters > b->waiters ? -1 : 1;
	return by_address(pa, pb);
}

static void pack_text(struct buf *out, const char *s)
{
	size_t n = strlen(s);

	buf_varint(out, n);
	buf_add(out, s, n);
}

void held_pack(const struct held_lock *a, size_t n, struct buf *out)
{
	struct held_lock *kept = xrealloc(NULL, n + 1, sizeof *kept);
	uint64_t last = 0;

	if (n)
		memcpy(kept, a, n * sizeof *a);
	if (n > HELD_MOST) {
		qsort(kept, n, sizeof *kept, most_waited_for);
		n = HELD_MOST;
		qsort(kept, n, sizeof *kept, by_address);
	}
	buf_varint(out, n);
	for (size_t i = 0; i < n; last = kept[i++].address) {
		buf_varint(out, kept[i].address - last);
		buf_varint(out, kept[i].holder);
		buf_varint(out, kept[i].candidates);
		buf_varint(out, (kept[i].sure ? HELD_SURE : 0) | (kept[i].is ? HELD_IS : 0) | (kept[i].behind ? HELD_BEHIND : 0));
		buf_varint(out, kept[i].waits_for);
		pack_text(out, kept[i].func);
		pack_text(out, kept[i].taken_in);
	}
	free(kept);
}

static const char *unpack_text(const uint8_t **at, const uint8_t *end, struct pool *p)
{
	uint64_t n = get_varint(at, end);
	const char *s;

	if (!*at || n > (uint64_t)(end - *at)) {
		*at = NULL;
		return "";
	}
	s = pool_strndup(p, (const char *)*at, (size_t)n);
	*at += n;
	return s;
}

static bool unpack_one(const uint8_t **at, const uint8_t *end, struct pool *p, struct held_lock *l)
{
	uint64_t flags;

	l->address += get_varint(at, end);
	l->holder = get_varint(at, end);
	l->candidates = (uint32_t)get_varint(at, end);
	flags = get_varint(at, end);
	l->sure = flags & HELD_SURE;
	l->is = flags & HELD_IS;
	l->behind = flags & HELD_BEHIND;
	l->waits_for = get_varint(at, end);
	l->func = unpack_text(at, end, p);
	l->taken_in = unpack_text(at, end, p);
	held_give_reason(l, p);
	return *at != NULL;
}

bool held_unpack(struct str bytes, struct pool *p, struct held_lock **out, size_t *n)
{
	const uint8_t *at = (const uint8_t *)bytes.p, *end = at + bytes.n;
	uint64_t count = get_varint(&at, end), last = 0;

	*n = 0;
	*out = pool_alloc(p, (HELD_MOST + 1) * sizeof **out);
	if (!at || count > HELD_MOST)
		return false;
	for (; *n < count; last = (*out)[(*n)++].address) {
		(*out)[*n] = (struct held_lock){.address = last};
		if (!unpack_one(&at, end, p, &(*out)[*n]) || (*n && (*out)[*n].address <= last))
			return false;
	}
	held_finish(*out, *n, p);
	return at == end;
}
