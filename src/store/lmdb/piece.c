/* SPDX-License-Identifier: MIT */
/*
 * Rows of a chunk that are written once and read whole: its keyframe, and in one row its events and who ended in it. Since
 * format 3 they are deflated:
 *
 *     u8 how: 0 as they are, 1 gzip | varint bytes of the first | varint bytes of the second | both
 *
 * What was inflated is kept, up to UNPACKED_MAX, since questions come back to the same chunks. A reader holds what it
 * reads; what nobody holds is dropped all at once when there is too much.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <gscrape/gzip.h>
#include <stdlib.h>

#define PACK_LEVEL 6                     /* a percent or two of the time of indexing; beyond that nothing is gained */
#define UNPACKED_MAX ((size_t)32 << 20)

struct unpacked {
	struct buf text;
	size_t first;  /* bytes of its first part */
	unsigned held;
};

static void forget(struct unpacked *u)
{
	buf_release(&u->text);
	free(u);
}

void pieces_forget(struct lmdb_store *s)
{
	struct unpacked_rows kept = {0};

	s->unpacked_bytes = 0;
	for (size_t i = 0; i < s->unpacked.cap; i++) {
		struct unpacked_row *r = &s->unpacked.a[i];

		if (!r->is)
			continue;
		if (!r->is->held) {
			forget(r->is);
			continue;
		}
		s->unpacked_bytes += r->is->text.cap;
		unpacked_rows_at(&kept, r->key)->is = r->is;
	}
	unpacked_rows_release(&s->unpacked);
	s->unpacked = kept;
}

void piece_pack(struct buf *out, struct str first, struct str second)
{
	struct buf both = {0};
	size_t from = out->n, head;

	buf_add(&both, first.p, first.n);
	buf_add(&both, second.p, second.n);
	buf_putc(out, 1);
	buf_varint(out, first.n);
	buf_varint(out, second.n);
	head = out->n;
	gzip_deflate(both.p, both.n, PACK_LEVEL, out);
	if (out->n - head >= both.n) {
		out->n = head;
		out->p[from] = 0;
		buf_add(out, both.p, both.n);
	}
	buf_release(&both);
}

/* Of a packed row: false when it is not what piece_pack wrote. */
static bool head_of(struct str *row, bool *packed, size_t *first, size_t *second)
{
	const uint8_t *p = (const uint8_t *)row->p, *end = p + row->n;

	if (!row->n || *p > 1)
		return false;
	*packed = *p++;
	*first = get_varint(&p, end);
	*second = get_varint(&p, end);
	if (!p || *first > UINT32_MAX || *second > UINT32_MAX)
		return false;
	*row = (struct str){(const char *)p, (size_t)(end - p)};
	return *packed || *first + *second == row->n;
}

static struct str part(const char *p, size_t first, size_t all, bool second)
{
	if (!p) /* nothing at all */
		return (struct str){0};
	return second ? (struct str){p + first, all - first} : (struct str){p, first};
}

static int unpack(struct lmdb_store *s, uint64_t key, struct str row, struct unpacked **out)
{
	size_t first, second;
	struct unpacked *u;
	bool packed;

	if (!head_of(&row, &packed, &first, &second))
		return -1;
	u = xcalloc(1, sizeof *u);
	u->first = first;
	if (!packed)
		buf_add(&u->text, row.p, row.n);
	if ((packed && gzip_inflate(row.p, row.n, &u->text, first + second, NULL) != 0) || u->text.n != first + second) {
		forget(u);
		return -1;
	}
	if (s->unpacked_bytes + u->text.cap > UNPACKED_MAX)
		pieces_forget(s);
	s->unpacked_bytes += u->text.cap;
	unpacked_rows_at(&s->unpacked, key)->is = u;
	*out = u;
	return 1;
}

int piece_get(struct lmdb_view *v, uint32_t host, uint32_t chunk, char tag, struct piece *out)
{
	struct lmdb_store *s = store_of(v);
	bool second = tag == 'C';
	struct key k = key_u32(key_of(host, s->env->format >= FORMAT_PACKED && second ? 'E' : tag), chunk);
	uint64_t id = (uint64_t)host << 33 ^ (uint64_t)chunk << 1 ^ (tag == 'K');
	struct unpacked_row *known = unpacked_rows_find(&s->unpacked, id);
	struct unpacked *u = known ? known->is : NULL;
	struct str row;
	int rc;

	*out = (struct piece){0};
	if (s->env->format < FORMAT_PACKED)
		return data_get_fixed(v, k, &out->bytes);
	if (!u) {
		rc = data_get(v, k, &row);
		if (rc == 1)
			rc = unpack(s, id, row, &u);
		if (rc != 1)
			return rc;
	}
	u->held++;
	*out = (struct piece){part(u->text.p, u->first, u->text.n, second), u};
	return 1;
}

void piece_release(struct piece *p)
{
	if (p->held)
		p->held->held--;
	*p = (struct piece){0};
}

int piece_put(struct lmdb_store *s, struct key k, struct str first, struct str second, struct err *e)
{
	struct buf b = {0};
	int rc;

	piece_pack(&b, first, second);
	rc = data_put(s, k, b.p, b.n, e);
	buf_release(&b);
	return rc;
}
