/* SPDX-License-Identifier: MIT */
/* Handles of strings and stacks: numbers in the order in which this process met them. A stack's frames are read when asked for. */
#include "ch.h"
#include <stdlib.h>

#define AT_ONCE 2000 /* stacks of one question */

uint32_t ch_string(struct ch_names *n, struct str s)
{
	uint64_t hash;
	uint32_t at;

	if (!s.n)
		return 0;
	hash = hash64(s.p, s.n);
	HASH_FIND(&n->by_text, hash, at, str_eq(n->strings[at], s));
	if (at != HASH_NONE)
		return at;
	n->n_strings += !n->n_strings;
	if (n->n_strings >= n->cap_strings) {
		n->cap_strings = n->cap_strings ? 2 * n->cap_strings : 256;
		n->strings = xrealloc(n->strings, n->cap_strings, sizeof *n->strings);
	}
	at = (uint32_t)n->n_strings++;
	n->strings[at] = (struct str){pool_strndup(&n->pool, s.p, s.n), s.n};
	hash_put(&n->by_text, hash, at);
	return at;
}

uint32_t ch_stack(struct ch_names *n, uint64_t key)
{
	uint32_t at;

	if (!key)
		return 0;
	HASH_FIND(&n->by_key, hash_u64(key), at, n->stacks[at].key == key);
	if (at != HASH_NONE)
		return at;
	n->n_stacks += !n->n_stacks;
	if (n->n_stacks >= n->cap_stacks) {
		n->cap_stacks = n->cap_stacks ? 2 * n->cap_stacks : 256;
		n->stacks = xrealloc(n->stacks, n->cap_stacks, sizeof *n->stacks);
	}
	at = (uint32_t)n->n_stacks++;
	n->stacks[at] = (struct ch_stack){.key = key};
	hash_put(&n->by_key, hash_u64(key), at);
	return at;
}

void ch_names_release(struct ch_names *n)
{
	pool_release(&n->pool);
	free(n->strings);
	free(n->stacks);
	hash_release(&n->by_text);
	hash_release(&n->by_key);
}

int ch_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e)
{
	const struct ch_names *names = &ch_of(v->store)->names;

	for (size_t i = 0; i < n; i++) {
		struct str s = handles[i] && handles[i] < names->n_strings ? names->strings[handles[i]] : STR("");

		if (handles[i] && handles[i] >= names->n_strings)
			return fail_as(e, ERR_DAMAGED, "%s: string %u is not there", v->store->where, handles[i]);
		out[i] = (struct str){pool_strndup(p, s.p, s.n), s.n};
	}
	return 0;
}

/* funcs, files, lines: arrays one after the other. */
static void get_frames(struct ch_names *names, struct ch_rows *r, struct store_stack *st)
{
	uint64_t n = ch_get_length(r);
	struct sym_frame *f;

	if (n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return;
	}
	f = pool_alloc(&names->pool, ((size_t)n + 1) * sizeof *f);
	for (uint64_t i = 0; i < n; i++)
		f[i].func = ch_string(names, ch_get_text(r));
	r->bad |= ch_get_length(r) != n;
	for (uint64_t i = 0; i < n && !r->bad; i++)
		f[i].file = ch_string(names, ch_get_text(r));
	r->bad |= ch_get_length(r) != n;
	for (uint64_t i = 0; i < n && !r->bad; i++)
		f[i].line = (uint32_t)ch_get(r, 4);
	st->n = (uint32_t)n;
	st->frames = f;
}

static void get_stack(struct ch_names *names, struct ch_rows *r)
{
	uint32_t at = ch_stack(names, ch_get(r, 8));
	struct store_stack st = {.flags = (uint32_t)ch_get(r, 1)};

	get_frames(names, r, &st);
	st.created.func = ch_string(names, ch_get_text(r));
	st.created.file = ch_string(names, ch_get_text(r));
	st.created.line = (uint32_t)ch_get(r, 4);
	if (!r->bad && at) {
		names->stacks[at].st = st;
		names->stacks[at].loaded = true;
	}
}

static int load_some(struct ch_store *s, const uint32_t *handles, size_t n, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows rows;
	int rc;

	buf_addf(&sql, "SELECT stack, flags, funcs, files, lines, by_func, by_file, by_line FROM %s.stack WHERE stack IN (", s->place.database);
	for (size_t i = 0; i < n; i++)
		buf_addf(&sql, "%s%llu", i ? "," : "", (unsigned long long)s->names.stacks[handles[i]].key);
	buf_adds(&sql, ") LIMIT 1 BY stack");
	rc = ch_ask(&s->line, &sql, &rows, e);
	while (!rc && ch_more(&rows))
		get_stack(&s->names, &rows);
	buf_release(&sql);
	return rc < 0 ? -1 : ch_torn(&s->base, &rows, e);
}

/* Who asks for one asks for the others that were met by then: they come along, each once. */
static size_t take_along(struct ch_names *names, uint32_t *want, size_t n)
{
	for (uint32_t i = names->n_tried; i < names->n_stacks && n < AT_ONCE; names->n_tried = ++i) {
		struct ch_stack *st = &names->stacks[i];

		if (i && !st->loaded && !st->tried)
			want[n++] = i;
		st->tried = true;
	}
	return n;
}

/* Those of n handles that are not here yet. */
static int load_stacks(struct ch_store *s, const uint32_t *handles, size_t n, struct err *e)
{
	uint32_t *want = xcalloc(AT_ONCE, sizeof *want);
	size_t k = 0;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		if (handles[i] && handles[i] < s->names.n_stacks && !s->names.stacks[handles[i]].loaded)
			want[k++] = handles[i];
		if (k && i + 1 == n)
			k = take_along(&s->names, want, k);
		if (k == AT_ONCE || (k && i + 1 == n)) {
			rc = load_some(s, want, k, e);
			k = 0;
		}
	}
	free(want);
	return rc;
}

/* Of a partial view: a shard keeps it that cannot be reached. */
static struct store_stack stack_that_is_away(struct ch_store *s)
{
	struct sym_frame *f = pool_alloc(&s->names.pool, sizeof *f);

	f->func = ch_string(&s->names, STR("(away)"));
	return (struct store_stack){.n = 1, .frames = f, .created = *f};
}

int ch_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out, struct err *e)
{
	struct ch_store *s = ch_of(v->store);

	if (load_stacks(s, handles, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct sym_frame *frames;

		out[i] = (struct store_stack){0};
		if (!handles[i])
			continue;
		if (handles[i] < s->names.n_stacks && s->names.stacks[handles[i]].loaded)
			out[i] = s->names.stacks[handles[i]].st;
		else if (handles[i] < s->names.n_stacks && s->line.partial)
			out[i] = stack_that_is_away(s);
		else
			return fail_as(e, ERR_DAMAGED, "%s: stack %u is not there", v->store->where, handles[i]);
		frames = pool_alloc(p, ((size_t)out[i].n + 1) * sizeof *frames);
		memcpy(frames, out[i].frames, out[i].n * sizeof *frames);
		out[i].frames = frames;
	}
	return 0;
}

/* Handles of all stacks that are stored, with their frames. */
static int all_stacks(struct ch_store *s, uint32_t **out, size_t *n, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows rows;
	int rc;

	buf_addf(&sql, "SELECT DISTINCT stack FROM %s.stack", s->place.database);
	rc = ch_ask(&s->line, &sql, &rows, e);
	buf_release(&sql);
	*n = 0;
	*out = xcalloc((size_t)(rows.end - rows.p) / 8 + 1, sizeof **out);
	while (!rc && ch_more(&rows))
		(*out)[(*n)++] = ch_stack(&s->names, ch_get(&rows, 8));
	if (!rc)
		rc = ch_torn(&s->base, &rows, e) < 0 ? -1 : load_stacks(s, *out, *n, e);
	return rc;
}

struct tally {
	struct function_row *rows; /* by string */
	uint32_t *seen;            /* the stack that counted it last, plus 1 */
};

static void tally_stack(struct tally *t, const struct store_stack *st, uint32_t mark)
{
	for (uint32_t i = 0; i < st->n; i++) {
		uint32_t f = st->frames[i].func;

		t->rows[f].any += t->seen[f] != mark;
		t->seen[f] = mark;
		t->rows[f].leaf += i == 0;
	}
	t->rows[st->created.func].creator++;
}

int ch_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx, struct err *e)
{
	struct ch_store *s = ch_of(v->store);
	struct tally t = {0};
	uint32_t *handles;
	size_t n, n_strings;
	int rc = all_stacks(s, &handles, &n, e);

	if (rc < 0 || *as_of == n + 1) {
		free(handles);
		return rc;
	}
	n_strings = s->names.n_strings;
	t.rows = xcalloc(n_strings + 1, sizeof *t.rows);
	t.seen = xcalloc(n_strings + 1, sizeof *t.seen);
	for (size_t i = 0; i < n; i++)
		tally_stack(&t, &s->names.stacks[handles[i]].st, (uint32_t)i + 1);
	*as_of = n + 1;
	for (uint32_t f = 1; f < n_strings; f++) {
		t.rows[f].func = f;
		t.rows[f].name = s->names.strings[f];
		if ((t.rows[f].any || t.rows[f].creator) && fn(ctx, &t.rows[f])) {
			*as_of = 0;
			break;
		}
	}
	free(t.rows);
	free(t.seen);
	free(handles);
	return 1;
}

static bool has_one(const struct store_stack *st, const struct functions_wanted *w)
{
	for (size_t k = 0; k < w->n; k++) {
		if (!w->funcs[k])
			continue;
		if (st->created.func == w->funcs[k])
			return true;
		for (uint32_t i = 0; i < st->n; i++)
			if (st->frames[i].func == w->funcs[k])
				return true;
	}
	return false;
}

int ch_stacks_with(struct store_view *v, const struct functions_wanted *w, int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack),
		   void *ctx, struct err *e)
{
	struct ch_store *s = ch_of(v->store);
	uint32_t *handles;
	size_t n;
	int rc = all_stacks(s, &handles, &n, e);

	for (size_t i = 0; i < n && !rc; i++) {
		struct store_stack st = s->names.stacks[handles[i]].st;

		if (has_one(&st, w))
			rc = fn(ctx, handles[i], &st);
	}
	free(handles);
	return rc;
}
