/* SPDX-License-Identifier: MIT */
/*
 * Strings, frames and stacks, each stored once for all hosts:
 *
 *     's' hash -> number     'S' number -> bytes
 *     'f' hash -> number     'F' number -> varint func, file, line
 *     'k' hash -> number     'K' number -> varint flags, created, n, n x frame
 *     'X' kind -> those numbers that went (sweep.c): varint how many stay, how many went, and so on, from 0
 *
 * where a hash is taken by another text (one in 2^64) the next one is tried.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

#define MAX_STRING (64 << 10) /* bytes of one name kept; longer ones are cut */
#define FRAMES_KEPT (1 << 22) /* in memory, at most */

struct key dict_key(char tag, uint64_t v, size_t bytes)
{
	struct key k = key_u8((struct key){.n = 0}, (uint8_t)tag);

	for (size_t i = bytes; i-- > 0;)
		k.b[k.n++] = (uint8_t)(v >> (8 * i));
	return k;
}

static int dict_get(struct lmdb_view *v, struct key k, struct str *out)
{
	return row_get(v, store_of(v)->env->dict, k, out);
}

static int dict_put(struct lmdb_store *s, struct key k, const void *p, size_t n, struct err *e)
{
	return row_put(s, s->env->dict, k, (struct str){p, n}, e);
}

/* The highest number of a kind, from the table's end; a row that is not what was written may have any. */
static int last_number(struct lmdb_view *view, char tag, uint32_t *out)
{
	struct str unused;
	struct key after = dict_key((char)(tag + 1), 0, 0);
	MDB_val k = {after.n, after.b}, v;
	MDB_cursor *c;
	int rc;

	*out = 0;
	if (mdb_cursor_open(view->txn, store_of(view)->env->dict, &c))
		return -1;
	rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	rc = mdb_cursor_get(c, &k, &v, rc ? MDB_LAST : MDB_PREV);
	while (!rc && *(const char *)k.mv_data == tag && !row_checked(store_of(view)->env, k, v, &unused))
		rc = mdb_cursor_get(c, &k, &v, MDB_PREV);
	if (!rc && k.mv_size == 5 && *(const char *)k.mv_data == tag)
		*out = key_tail((struct str){k.mv_data, k.mv_size});
	mdb_cursor_close(c);
	return 0;
}

int dict_open(struct lmdb_store *s, struct err *e)
{
	struct store_view *view;
	int rc;

	if (store_view_open(&s->base, &view, e) < 0)
		return -1;
	s->names_counted = false;
	rc = last_number(view_of(view), 'S', &s->next_string) | last_number(view_of(view), 'F', &s->next_frame) |
	     last_number(view_of(view), 'K', &s->next_stack);
	store_view_close(view);
	s->names_counted = !rc;
	return rc ? fail_as(e, ERR_DAMAGED, "%s: cannot be read", s->base.where) : 0;
}

int dict_count(struct lmdb_view *v, struct err *e)
{
	struct lmdb_store *s = store_of(v);

	if (v == &s->pen) {
		v->n_strings = s->next_string;
		v->n_stacks = s->next_stack;
	} else if (!v->counted) {
		if (last_number(v, 'S', &v->n_strings) | last_number(v, 'K', &v->n_stacks))
			return fail_as(e, ERR_DAMAGED, "%s: cannot be read", s->base.where);
		v->counted = true;
	}
	return 0;
}

static enum name_kind kind_of(char lower)
{
	return lower == 'k' ? NAME_STACK : lower == 'f' ? NAME_FRAME : NAME_STRING;
}

/* The number of these bytes in table (lower, upper); given and written when it is new. */
static int intern(struct lmdb_store *s, char lower, struct str bytes, uint32_t *next, uint32_t *out, struct err *e)
{
	char upper = (char)(lower - 'a' + 'A');
	struct str found, have;
	uint64_t hash = hash64(bytes.p, bytes.n);

	for (;; hash++) {
		int rc = dict_get(&s->pen, dict_key(lower, hash, 8), &found);

		if (rc < 0)
			return fail_as(e, ERR_DAMAGED, "%s: cannot be read", s->base.where);
		if (!rc)
			break;
		memcpy(out, found.p, found.n < sizeof *out ? found.n : sizeof *out);
		if (dict_get(&s->pen, dict_key(upper, *out, 4), &have) == 1 && str_eq(have, bytes)) {
			sweep_keep(s, kind_of(lower), *out);
			return 0;
		}
	}
	*out = ++*next;
	if (dict_put(s, dict_key(lower, hash, 8), out, sizeof *out, e) < 0)
		return -1;
	return dict_put(s, dict_key(upper, *out, 4), bytes.p, bytes.n, e);
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

void lmdb_forget_names(struct store *store)
{
	struct lmdb_store *s = lmdb_of(store);

	free(s->strings.a);
	free(s->stacks.a);
	s->strings = s->stacks = (struct id_map){0};
}

int dict_string(struct lmdb_store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e)
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
		if (intern(s, 's', text, &s->next_string, &known, e) < 0)
			return -1;
		*map_slot(&s->strings, id) = known;
	}
	sweep_keep(s, NAME_STRING, known);
	*out = known;
	return 0;
}

static int intern_frame(struct lmdb_store *s, uint32_t func, uint32_t file, uint32_t line, uint32_t *out, struct err *e)
{
	uint8_t bytes[32];
	struct buf b = {.p = (char *)bytes, .cap = sizeof bytes};

	buf_varint(&b, func);
	buf_varint(&b, file);
	buf_varint(&b, line);
	return intern(s, 'f', (struct str){b.p, b.n}, &s->next_frame, out, e);
}

static int dict_frame(struct lmdb_store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e)
{
	struct sym_frame f = symtab_get_frame(t, id);
	uint32_t func, file;

	*out = 0;
	if (!id)
		return 0;
	if (dict_string(s, t, f.func, &func, e) < 0 || dict_string(s, t, f.file, &file, e) < 0)
		return -1;
	return intern_frame(s, func, file, f.line, out, e);
}

int dict_stack(struct lmdb_store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e)
{
	struct sym_stack st = symtab_get_stack(t, id);
	struct buf b = {0};
	uint32_t frame, known = *map_slot(&s->stacks, id);
	int rc = -1;

	*out = known;
	sweep_keep(s, NAME_STACK, known);
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
	rc = intern(s, 'k', (struct str){b.p, b.n}, &s->next_stack, out, e);
	if (!rc)
		*map_slot(&s->stacks, id) = *out;
done:
	buf_release(&b);
	return rc;
}

/* --- reading --- */

/* Whoever kept a number for longer than its name stays asks for what went; else it is damage. */
static int not_there(struct lmdb_view *v, enum name_kind kind, uint32_t id, struct err *e)
{
	const char *what = kind == NAME_STACK ? "stack" : "string";
	struct number_set gone = {0};
	bool went = dict_count(v, e) == 0 && names_dropped(v, kind, kind == NAME_STACK ? v->n_stacks : v->n_strings, &gone, e) == 0 &&
		    numbers_have(&gone, id);

	numbers_release(&gone);
	if (went)
		return fail_as(e, ERR_GONE, "%s: %s %u went with the last snapshot that had it", store_of(v)->base.where, what, id);
	return fail_as(e, ERR_DAMAGED, "%s: is damaged: %s %u is lost (--verify --repair keeps what is sound)", store_of(v)->base.where, what, id);
}

int lmdb_strings(struct store_view *view, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e)
{
	struct lmdb_view *v = view_of(view);

	for (size_t i = 0; i < n; i++) {
		struct str text = STR("");

		if (handles[i] && dict_get(v, dict_key('S', handles[i], 4), &text) != 1)
			return not_there(v, NAME_STRING, handles[i], e);
		out[i] = (struct str){pool_strndup(p, text.p, text.n), text.n};
	}
	return 0;
}

static bool parse_frame(struct lmdb_view *v, struct str row, struct sym_frame *f)
{
	const uint8_t *p = (const uint8_t *)row.p, *end = p + row.n;

	f->func = (uint32_t)get_varint(&p, end);
	f->file = (uint32_t)get_varint(&p, end);
	f->line = (uint32_t)get_varint(&p, end);
	return p && f->func && f->func <= v->n_strings && f->file <= v->n_strings;
}

static void keep_frame(struct lmdb_store *s, uint64_t id, const struct sym_frame *f)
{
	if (id >= s->n_frame_cache) {
		size_t n = (size_t)id + id / 2 + 1024;

		s->frame_cache = xrealloc(s->frame_cache, n, sizeof *s->frame_cache);
		memset(s->frame_cache + s->n_frame_cache, 0, (n - s->n_frame_cache) * sizeof *s->frame_cache);
		s->n_frame_cache = n;
	}
	s->frame_cache[id] = *f;
}

/* A frame stands on many stacks, and is read once. */
static bool read_frame(struct lmdb_view *v, uint64_t id, struct sym_frame *f)
{
	struct lmdb_store *s = store_of(v);
	struct str row;

	*f = id < s->n_frame_cache ? s->frame_cache[id] : (struct sym_frame){0};
	if (!id || f->func)
		return true;
	if (id > UINT32_MAX || dict_get(v, dict_key('F', id, 4), &row) != 1 || !parse_frame(v, row, f))
		return false;
	if (id < FRAMES_KEPT)
		keep_frame(s, id, f);
	return true;
}

static bool parse_stack(struct lmdb_view *v, struct str row, struct store_stack *st)
{
	const uint8_t *p = (const uint8_t *)row.p, *end = p + row.n;
	struct sym_frame *frames;
	uint64_t n;

	*st = (struct store_stack){.flags = (uint32_t)get_varint(&p, end)};
	if (!read_frame(v, get_varint(&p, end), &st->created))
		return false;
	n = get_varint(&p, end);
	if (!p || n > row.n)
		return false;
	frames = pool_alloc(&store_of(v)->names, (n + 1) * sizeof *frames);
	for (uint64_t i = 0; i < n; i++)
		if (!read_frame(v, get_varint(&p, end), &frames[i]) || !frames[i].func)
			return false;
	st->frames = frames;
	st->n = (uint32_t)n;
	return p != NULL;
}

/* What was read of a stack; without frames: nothing yet. */
static struct store_stack *kept_stack(struct lmdb_store *s, uint32_t id)
{
	if (id >= s->n_stack_cache) {
		size_t n = (size_t)id + id / 2 + 1024;

		s->stack_cache = xrealloc(s->stack_cache, n, sizeof *s->stack_cache);
		memset(s->stack_cache + s->n_stack_cache, 0, (n - s->n_stack_cache) * sizeof *s->stack_cache);
		s->n_stack_cache = n;
	}
	return &s->stack_cache[id];
}

/* A stack by number, read once: rows of the dictionary do not change. NULL: it is not there, or damaged. */
static const struct store_stack *stack_at(struct lmdb_view *v, uint32_t id)
{
	struct store_stack *st;
	struct str row;

	if (!id || id > v->n_stacks)
		return NULL;
	st = kept_stack(store_of(v), id);
	if (!st->frames && (dict_get(v, dict_key('K', id, 4), &row) != 1 || !parse_stack(v, row, st)))
		return NULL;
	return st;
}

/* Before all are asked for: one row after another costs a fifth of looking each one up. What is damaged stack_at() will meet. */
static void read_stacks(struct lmdb_view *v)
{
	struct lmdb_store *s = store_of(v);
	struct key from = dict_key('K', s->stacks_known + 1, 4);
	MDB_val k = {from.n, from.b}, row;
	MDB_cursor *c;

	if (s->stacks_known >= v->n_stacks || mdb_cursor_open(v->txn, s->env->dict, &c))
		return;
	for (int rc = mdb_cursor_get(c, &k, &row, MDB_SET_RANGE); !rc; rc = mdb_cursor_get(c, &k, &row, MDB_NEXT)) {
		struct str text, key = {k.mv_data, k.mv_size};
		struct store_stack *st;

		if (key.n != from.n || *key.p != 'K' || key_tail(key) > v->n_stacks)
			break;
		st = kept_stack(s, key_tail(key));
		if (!st->frames && row_checked(s->env, k, row, &text) && !parse_stack(v, text, st))
			st->frames = NULL;
	}
	mdb_cursor_close(c);
	s->stacks_known = v->n_stacks;
}

/* --- of another store --- */

int dict_take_string(struct lmdb_store *s, struct lmdb_view *from, uint32_t id, uint32_t *out, struct err *e)
{
	struct str text;

	if (dict_get(from, dict_key('S', id, 4), &text) != 1)
		return not_there(from, NAME_STRING, id, e);
	return intern(s, 's', text, &s->next_string, out, e);
}

static int take_frame(struct lmdb_store *s, const struct sym_frame *frame, uint32_t *out, const struct frame_map *map, struct err *e)
{
	struct sym_frame f = *frame;

	*out = 0;
	if (!f.func)
		return 0;
	return map->fn(map->ctx, &f) < 0 ? -1 : intern_frame(s, f.func, f.file, f.line, out, e);
}

int dict_take_stack(struct lmdb_store *s, struct lmdb_view *from, uint32_t id, uint32_t *out, const struct frame_map *map, struct err *e)
{
	const struct store_stack *st = stack_at(from, id);
	struct buf b = {0};
	uint32_t frame;
	int rc = -1;

	if (!st)
		return not_there(from, NAME_STACK, id, e);
	if (take_frame(s, &st->created, &frame, map, e) < 0)
		return -1;
	buf_varint(&b, st->flags);
	buf_varint(&b, frame);
	buf_varint(&b, st->n);
	for (uint32_t i = 0; i < st->n; i++) {
		if (take_frame(s, &st->frames[i], &frame, map, e) < 0)
			goto done;
		buf_varint(&b, frame);
	}
	rc = intern(s, 'k', (struct str){b.p, b.n}, &s->next_stack, out, e);
done:
	buf_release(&b);
	return rc;
}

int lmdb_stacks(struct store_view *view, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out, struct err *e)
{
	struct lmdb_view *v = view_of(view);

	if (dict_count(v, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct store_stack *st = stack_at(v, handles[i]);
		struct sym_frame *frames;

		out[i] = (struct store_stack){0};
		if (!handles[i])
			continue;
		if (!st)
			return not_there(v, NAME_STACK, handles[i], e);
		frames = pool_alloc(p, (st->n + 1) * sizeof *frames);
		memcpy(frames, st->frames, st->n * sizeof *frames);
		out[i] = *st;
		out[i].frames = frames;
	}
	return 0;
}

int lmdb_stacks_with(struct store_view *view, const struct functions_wanted *w,
		     int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e)
{
	struct lmdb_view *v = view_of(view);
	struct number_set gone;
	uint8_t *wanted;
	int rc = 0, bad = 0;

	if (dict_count(v, e) < 0 || names_dropped(v, NAME_STACK, v->n_stacks, &gone, e) < 0)
		return -1;
	wanted = xcalloc((size_t)v->n_strings + 1, 1);
	for (size_t i = 0; i < w->n; i++)
		if (w->funcs[i] <= v->n_strings)
			wanted[w->funcs[i]] = 1;
	wanted[0] = 0;
	read_stacks(v);
	for (uint32_t id = 1; id <= v->n_stacks && !rc; id++) {
		const struct store_stack *st = stack_at(v, id);
		bool has;

		if (numbers_have(&gone, id))
			continue;
		if (!st) {
			bad = not_there(v, NAME_STACK, id, e);
			continue;
		}
		has = wanted[st->created.func];
		for (uint32_t i = 0; i < st->n && !has; i++)
			has = wanted[st->frames[i].func];
		if (has)
			rc = fn(ctx, id, st);
	}
	numbers_release(&gone);
	free(wanted);
	return rc ? rc : bad;
}

/* How many stacks have a function; `last`: the stack that was counted last. */
struct function_count {
	uint32_t any, leaf, creator, last;
};

static void count_stack(const struct store_stack *st, uint32_t id, struct function_count *count)
{
	for (uint32_t i = 0; i < st->n; i++) {
		struct function_count *c = &count[st->frames[i].func];

		c->any += c->last != id;
		c->last = id;
	}
	if (st->n)
		count[st->frames[0].func].leaf++;
	if (st->created.func)
		count[st->created.func].creator++;
}

static int tell_functions(struct lmdb_view *v, const struct function_count *count, int (*fn)(void *ctx, const struct function_row *f),
			  void *ctx, struct err *e)
{
	int rc = 1;

	for (uint32_t f = 1; f <= v->n_strings; f++) {
		struct function_row row = {.func = f, .any = count[f].any, .leaf = count[f].leaf, .creator = count[f].creator};

		if (!row.any && !row.creator)
			continue;
		if (dict_get(v, dict_key('S', f, 4), &row.name) != 1) {
			rc = not_there(v, NAME_STRING, f, e);
			row.name = STR("");
		}
		if (fn(ctx, &row))
			break;
	}
	return rc;
}

int lmdb_functions(struct store_view *view, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx, struct err *e)
{
	struct lmdb_view *v = view_of(view);
	struct function_count *count;
	struct number_set gone;
	uint64_t now;
	int rc = 1, told;

	if (dict_count(v, e) < 0 || names_dropped(v, NAME_STACK, v->n_stacks, &gone, e) < 0)
		return -1;
	now = (uint64_t)gone.count << 32 | v->n_stacks;
	if (*as_of == now + 1) {
		numbers_release(&gone);
		return 0;
	}
	count = xcalloc((size_t)v->n_strings + 1, sizeof *count);
	read_stacks(v);
	for (uint32_t id = 1; id <= v->n_stacks; id++) {
		const struct store_stack *st = stack_at(v, id);

		if (numbers_have(&gone, id))
			continue;
		if (st)
			count_stack(st, id, count);
		else
			rc = not_there(v, NAME_STACK, id, e);
	}
	told = tell_functions(v, count, fn, ctx, e);
	rc = rc < 0 ? rc : told;
	if (rc == 1)
		*as_of = now + 1;
	numbers_release(&gone);
	free(count);
	return rc;
}
