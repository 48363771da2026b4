/* SPDX-License-Identifier: MIT */
/* The dictionary: names in, by a symbol table's numbers, and out, by handles. */
#include "memory_store.h"
#include <stdlib.h>

static uint32_t *number_at(struct numbers *m, uint32_t id)
{
	REACH(m->a, m->n, id);
	return &m->a[id];
}

uint32_t names_string(struct mem_store *s, const struct symtab *t, uint32_t id)
{
	struct mem_db *db = s->db;
	uint32_t at, *known;
	struct str text;
	uint64_t hash;

	if (!id)
		return 0;
	known = number_at(&s->strings, id);
	if (*known)
		return *known; /* cppcheck-suppress identicalInnerCondition */
	text = symtab_get_string(t, id);
	hash = hash64(text.p, text.n);
	HASH_FIND(&db->string_index, hash, at, str_eq(db->strings[at], text));
	if (at == HASH_NONE) {
		if (!db->n_strings)
			db->n_strings = 1;
		GROW(db->strings, db->n_strings, db->cap_strings);
		at = (uint32_t)db->n_strings++;
		db->strings[at] = (struct str){pool_strndup(&db->pool, text.p, text.n), text.n};
		hash_put(&db->string_index, hash, at);
	}
	return *known = at;
}

static struct sym_frame intern_frame(struct mem_store *s, const struct symtab *t, uint32_t id)
{
	struct sym_frame f = id ? symtab_get_frame(t, id) : (struct sym_frame){0};

	return (struct sym_frame){names_string(s, t, f.func), names_string(s, t, f.file), f.line};
}

static uint64_t stack_hash(const struct store_stack *st)
{
	return hash64(st->frames, st->n * sizeof *st->frames) ^ hash64(&st->created, sizeof st->created) * 3 ^ st->flags;
}

static bool same_stack(const struct store_stack *a, const struct store_stack *b)
{
	return a->n == b->n && a->flags == b->flags && memcmp(&a->created, &b->created, sizeof a->created) == 0 &&
	       (!a->n || memcmp(a->frames, b->frames, a->n * sizeof *a->frames) == 0);
}

uint32_t names_stack(struct mem_store *s, const struct symtab *t, uint32_t id)
{
	struct mem_db *db = s->db;
	struct sym_frame *frames;
	struct store_stack st;
	struct sym_stack from;
	uint32_t at, known;
	uint64_t hash;

	if (!id || (known = *number_at(&s->stacks, id)))
		return id ? known : 0;
	from = symtab_get_stack(t, id);
	frames = pool_alloc(&db->pool, ((size_t)from.n + 1) * sizeof *frames);
	for (uint32_t i = 0; i < from.n; i++)
		frames[i] = intern_frame(s, t, from.frames[i]);
	st = (struct store_stack){from.n, from.flags, frames, intern_frame(s, t, from.created)};
	hash = stack_hash(&st);
	HASH_FIND(&db->stack_index, hash, at, same_stack(&db->stacks[at], &st));
	if (at == HASH_NONE) {
		if (!db->n_stacks)
			db->n_stacks = 1;
		GROW(db->stacks, db->n_stacks, db->cap_stacks);
		at = (uint32_t)db->n_stacks++;
		db->stacks[at] = st;
		hash_put(&db->stack_index, hash, at);
	}
	return *number_at(&s->stacks, id) = at;
}

void mem_forget_names(struct store *store)
{
	struct mem_store *s = mem_of(store);

	free(s->strings.a);
	free(s->stacks.a);
	s->strings = s->stacks = (struct numbers){0};
}

/* Back to what is committed. */
void names_truncate(struct mem_db *db)
{
	db->n_strings = db->now->n_strings;
	db->n_stacks = db->now->n_stacks;
	hash_release(&db->string_index);
	hash_release(&db->stack_index);
	for (size_t i = 1; i < db->n_strings; i++)
		hash_put(&db->string_index, hash64(db->strings[i].p, db->strings[i].n), (uint32_t)i);
	for (size_t i = 1; i < db->n_stacks; i++)
		hash_put(&db->stack_index, stack_hash(&db->stacks[i]), (uint32_t)i);
}

int mem_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e)
{
	struct mem_db *db = mem_of(v->store)->db;
	int rc = 0;

	pthread_mutex_lock(&db->lock);
	for (size_t i = 0; i < n && !rc; i++) {
		struct str s = handles[i] && handles[i] < image_of(v)->n_strings ? db->strings[handles[i]] : STR("");

		if (handles[i] && handles[i] >= image_of(v)->n_strings)
			rc = fail_as(e, ERR_DAMAGED, "%s: string %u is not there", v->store->where, handles[i]);
		else
			out[i] = (struct str){pool_strndup(p, s.p, s.n), s.n};
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

int mem_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out,
	       struct err *e)
{
	struct mem_db *db = mem_of(v->store)->db;
	int rc = 0;

	pthread_mutex_lock(&db->lock);
	for (size_t i = 0; i < n && !rc; i++) {
		struct sym_frame *frames;

		out[i] = (struct store_stack){0};
		if (!handles[i])
			continue;
		if (handles[i] >= image_of(v)->n_stacks) {
			rc = fail_as(e, ERR_DAMAGED, "%s: stack %u is not there", v->store->where, handles[i]);
			break;
		}
		out[i] = db->stacks[handles[i]];
		frames = pool_alloc(p, ((size_t)out[i].n + 1) * sizeof *frames);
		memcpy(frames, out[i].frames, out[i].n * sizeof *frames);
		out[i].frames = frames;
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

static bool has_function(const struct store_stack *st, uint32_t func)
{
	for (uint32_t i = 0; i < st->n; i++)
		if (st->frames[i].func == func)
			return true;
	return false;
}

int mem_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f),
		  void *ctx, struct err *e)
{
	const struct image *m = image_of(v);
	struct mem_db *db = mem_of(v->store)->db;

	(void)e;
	if (*as_of == m->n_stacks + 1)
		return 0;
	pthread_mutex_lock(&db->lock);
	for (uint32_t f = 1; f < m->n_strings; f++) {
		struct function_row row = {.func = f, .name = db->strings[f]};

		for (size_t i = 1; i < m->n_stacks; i++) {
			row.any += has_function(&db->stacks[i], f);
			row.leaf += db->stacks[i].n && db->stacks[i].frames[0].func == f;
			row.creator += db->stacks[i].created.func == f;
		}
		if (!row.any && !row.creator)
			continue;
		pthread_mutex_unlock(&db->lock); /* it may ask for more */
		if (fn(ctx, &row))
			return 1;
		pthread_mutex_lock(&db->lock);
	}
	pthread_mutex_unlock(&db->lock);
	*as_of = m->n_stacks + 1;
	return 1;
}

int mem_stacks_with(struct store_view *v, const struct functions_wanted *wanted,
			   int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e)
{
	struct mem_db *db = mem_of(v->store)->db;
	int rc = 0;

	(void)e;
	for (uint32_t i = 1; i < image_of(v)->n_stacks && !rc; i++) {
		struct store_stack st;
		bool has = false;

		pthread_mutex_lock(&db->lock);
		st = db->stacks[i];
		pthread_mutex_unlock(&db->lock);
		for (size_t k = 0; k < wanted->n && !has; k++)
			has = wanted->funcs[k] && (st.created.func == wanted->funcs[k] || has_function(&st, wanted->funcs[k]));
		if (has)
			rc = fn(ctx, i, &st);
	}
	return rc;
}
