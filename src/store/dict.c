/* SPDX-License-Identifier: MIT */
/*
 * Strings, frames and stacks, each stored once for all hosts:
 *
 *     's' hash -> number     'S' number -> bytes
 *     'f' hash -> number     'F' number -> varint func, file, line
 *     'k' hash -> number     'K' number -> varint flags, created, n, n x frame
 *
 * where a hash is taken by another text (one in 2^64) the next one is tried.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

#define MAX_STRING (64 << 10) /* bytes of one name kept; longer ones are cut */

static struct key dict_key(char tag, uint64_t v, size_t bytes)
{
	struct key k = key_u8((struct key){.n = 0}, (uint8_t)tag);

	for (size_t i = bytes; i-- > 0;)
		k.b[k.n++] = (uint8_t)(v >> (8 * i));
	return k;
}

static int dict_get(struct store *s, struct key k, struct str *out)
{
	MDB_val key = {k.n, k.b}, v;
	int rc = mdb_get(store_txn(s), s->env->dict, &key, &v);

	if (rc)
		return rc == MDB_NOTFOUND ? 0 : -1;
	*out = (struct str){v.mv_data, v.mv_size};
	return 1;
}

static int dict_put(struct store *s, struct key k, const void *p, size_t n, struct err *e)
{
	MDB_val key = {k.n, k.b}, v = {n, (void *)(uintptr_t)p};
	int rc = mdb_put(s->write, s->env->dict, &key, &v, 0);

	return rc ? mdb_failed(s, rc, "cannot write", e) : 0;
}

/* The highest number of a kind, from the table's end. */
static int last_number(struct store *s, char tag, uint32_t *out)
{
	struct key after = dict_key((char)(tag + 1), 0, 0);
	MDB_val k = {after.n, after.b}, v;
	MDB_cursor *c;
	int rc;

	*out = 0;
	if (mdb_cursor_open(store_txn(s), s->env->dict, &c))
		return -1;
	rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	rc = mdb_cursor_get(c, &k, &v, rc ? MDB_LAST : MDB_PREV);
	if (!rc && k.mv_size == 5 && *(const char *)k.mv_data == tag)
		*out = key_tail(&k, 0);
	mdb_cursor_close(c);
	return 0;
}

int dict_open(struct store *s, struct err *e)
{
	int rc = store_read_begin(s, e);

	if (rc < 0)
		return rc;
	rc = last_number(s, 'S', &s->next_string) | last_number(s, 'F', &s->next_frame) | last_number(s, 'K', &s->next_stack);
	store_read_end(s);
	return rc ? fail(e, "%s: cannot be read", s->path) : 0;
}

/* The number of these bytes in table (lower, upper); given and written when it is new. */
static int intern(struct store *s, char lower, const void *p, size_t n, uint32_t *next, uint32_t *out, struct err *e)
{
	char upper = (char)(lower - 'a' + 'A');
	struct str found, have;
	uint64_t hash = hash64(p, n);

	for (;; hash++) {
		int rc = dict_get(s, dict_key(lower, hash, 8), &found);

		if (rc < 0)
			return fail(e, "%s: cannot be read", s->path);
		if (!rc)
			break;
		memcpy(out, found.p, found.n < sizeof *out ? found.n : sizeof *out);
		if (dict_get(s, dict_key(upper, *out, 4), &have) == 1 && have.n == n && memcmp(have.p, p, n) == 0)
			return 0;
	}
	*out = ++*next;
	if (dict_put(s, dict_key(lower, hash, 8), out, sizeof *out, e) < 0)
		return -1;
	return dict_put(s, dict_key(upper, *out, 4), p, n, e);
}

static uint32_t *map_slot(struct id_map *m, uint32_t id)
{
	if (id >= m->n) {
		size_t n = m->n ? m->n : 1024;

		while (n <= id)
			n *= 2;
		m->a = xrealloc(m->a, n, sizeof *m->a);
		memset(m->a + m->n, 0, (n - m->n) * sizeof *m->a);
		m->n = n;
	}
	return &m->a[id];
}

void store_forget_symtab(struct store *s)
{
	free(s->strings.a);
	free(s->stacks.a);
	s->strings = s->stacks = (struct id_map){0};
}

int dict_string(struct store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e)
{
	struct str text;
	uint32_t known;

	*out = 0;
	if (!id)
		return 0;
	known = *map_slot(&s->strings, id);
	if (!known) {
		text = symtab_get_string(t, id);
		if (text.n > MAX_STRING)
			text.n = MAX_STRING;
		if (intern(s, 's', text.p, text.n, &s->next_string, &known, e) < 0)
			return -1;
		*map_slot(&s->strings, id) = known;
	}
	*out = known;
	return 0;
}

static int dict_frame(struct store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e)
{
	struct sym_frame f = symtab_get_frame(t, id);
	uint8_t bytes[32];
	struct buf b = {.p = (char *)bytes, .cap = sizeof bytes};
	uint32_t func, file;

	*out = 0;
	if (!id)
		return 0;
	if (dict_string(s, t, f.func, &func, e) < 0 || dict_string(s, t, f.file, &file, e) < 0)
		return -1;
	buf_varint(&b, func);
	buf_varint(&b, file);
	buf_varint(&b, f.line);
	return intern(s, 'f', b.p, b.n, &s->next_frame, out, e);
}

int dict_stack(struct store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e)
{
	struct sym_stack st = symtab_get_stack(t, id);
	struct buf b = {0};
	uint32_t frame, known = *map_slot(&s->stacks, id);
	int rc = -1;

	*out = known;
	if (known || !id)
		return 0;
	if (dict_frame(s, t, st.created, &frame, e) < 0)
		return -1;
	buf_varint(&b, st.flags);
	buf_varint(&b, frame);
	buf_varint(&b, st.n);
	for (uint32_t i = 0; i < st.n; i++) {
		if (dict_frame(s, t, st.frames[i], &frame, e) < 0)
			goto done;
		buf_varint(&b, frame);
	}
	rc = intern(s, 'k', b.p, b.n, &s->next_stack, out, e);
	if (!rc)
		*map_slot(&s->stacks, id) = *out;
done:
	buf_release(&b);
	return rc;
}

/* --- reading; what is read once stays until store_close --- */

#define CACHE(s, what, n, id)                                                                                \
	do {                                                                                                 \
		if ((id) >= (s)->n) {                                                                        \
			size_t was_ = (s)->n, want_ = was_ ? was_ : 1024;                                    \
                                                                                                             \
			while (want_ <= (id))                                                                \
				want_ *= 2;                                                                  \
			(s)->what = xrealloc((s)->what, want_, sizeof *(s)->what);                           \
			memset((s)->what + was_, 0, (want_ - was_) * sizeof *(s)->what);                     \
			(s)->n = want_;                                                                      \
		}                                                                                            \
	} while (0)

struct str store_string(struct store *s, uint32_t id)
{
	struct str v = {0};

	if (!id || (id >= s->n_string_cache && id > store_n_strings(s)))
		return STR("");
	CACHE(s, string_cache, n_string_cache, id);
	if (s->string_cache[id].p)
		return s->string_cache[id];
	if (store_read_begin(s, NULL) < 0)
		return STR("");
	if (dict_get(s, dict_key('S', id, 4), &v) == 1)
		s->string_cache[id] = (struct str){pool_strndup(&s->names, v.p, v.n), v.n};
	store_read_end(s);
	return s->string_cache[id].p ? s->string_cache[id] : STR("");
}

static struct sym_frame read_frame(struct store *s, uint32_t id)
{
	struct sym_frame f = {0};
	struct str v;
	const uint8_t *p, *end;

	if (id && dict_get(s, dict_key('F', id, 4), &v) == 1) {
		p = (const uint8_t *)v.p;
		end = p + v.n;
		f.func = (uint32_t)get_varint(&p, end);
		f.file = (uint32_t)get_varint(&p, end);
		f.line = (uint32_t)get_varint(&p, end);
	}
	return f;
}

static struct store_stack read_stack(struct store *s, uint32_t id)
{
	struct store_stack st = {0};
	struct sym_frame *frames;
	const uint8_t *p, *end;
	struct str v;
	uint64_t n;

	if (dict_get(s, dict_key('K', id, 4), &v) != 1)
		return st;
	p = (const uint8_t *)v.p;
	end = p + v.n;
	st.flags = (uint32_t)get_varint(&p, end);
	st.created = read_frame(s, (uint32_t)get_varint(&p, end));
	n = get_varint(&p, end);
	if (!p || n > v.n)
		return st;
	frames = pool_alloc(&s->names, n * sizeof *frames);
	for (uint64_t i = 0; i < n && p; i++)
		frames[i] = read_frame(s, (uint32_t)get_varint(&p, end));
	st.frames = frames;
	st.n = (uint32_t)n;
	return st;
}

struct store_stack store_get_stack(struct store *s, uint32_t id)
{
	if (!id || (id >= s->n_stack_cache && id > store_n_stacks(s)))
		return (struct store_stack){0};
	CACHE(s, stack_cache, n_stack_cache, id);
	if (!s->stack_cache[id].frames) {
		if (store_read_begin(s, NULL) < 0)
			return (struct store_stack){0};
		s->stack_cache[id] = read_stack(s, id);
		store_read_end(s);
	}
	return s->stack_cache[id];
}

static uint32_t count(struct store *s, char tag)
{
	uint32_t n = 0;

	if (store_read_begin(s, NULL) < 0)
		return 0;
	last_number(s, tag, &n);
	store_read_end(s);
	return n;
}

uint32_t store_n_strings(struct store *s)
{
	return count(s, 'S');
}

uint32_t store_n_stacks(struct store *s)
{
	return count(s, 'K');
}
