/* SPDX-License-Identifier: MIT */
#include "trie.h"
#include "line.h"
#include <gscrape/err.h>
#include <stdlib.h>

enum shape_kind { SHAPE_CALL, SHAPE_CREATED, SHAPE_ELIDED };

struct shape {
	struct str name; /* CALL: up to the arguments; CREATED: whole line up to " in goroutine"; ELIDED: whole line */
	struct str file; /* the file line as it stands, without newline; empty for ELIDED */
	uint64_t hash;
	uint32_t frame;  /* symtab number */
	uint8_t kind;
	bool waits;      /* its first argument is what the goroutine waits for */
};

struct node {
	const struct shape *shape;
	struct node *up, *child, *sibling; /* children: the one taken last is first */
	uint32_t stack; /* of a body that ends here; 0 not known yet */
	uint32_t depth;
};

#define TRIE_MAX ((size_t)1 << 20) /* nodes; 48 bytes each */
#define GUESSES 4                  /* children tried before the file line is hashed */
#define RECENT 16384               /* entries of the cache that is asked then */

struct trie {
	struct symtab *symtab;
	struct pool pool;
	struct node root;
	struct shape **shapes; /* hash table */
	size_t n_shapes, cap_shapes;
	struct node **nodes;   /* hash table */
	size_t n_nodes, cap_nodes;
	struct node *recent[RECENT]; /* children by node and file line: direct-mapped, only ever a guess */
	uint32_t *frames;      /* scratch */
	size_t cap_frames;
	struct buf name;       /* scratch */
};

struct trie *trie_new(struct symtab *symtab)
{
	struct trie *t = xcalloc(1, sizeof *t);

	t->symtab = symtab;
	t->cap_shapes = t->cap_nodes = 1024;
	t->shapes = xcalloc(t->cap_shapes, sizeof *t->shapes);
	t->nodes = xcalloc(t->cap_nodes, sizeof *t->nodes);
	return t;
}

void trie_free(struct trie *t)
{
	if (!t)
		return;
	pool_release(&t->pool);
	buf_release(&t->name);
	free(t->shapes);
	free(t->nodes);
	free(t->frames);
	free(t);
}

void trie_trim(struct trie *t)
{
	if (t->n_nodes < TRIE_MAX)
		return;
	pool_release(&t->pool);
	memset(t->shapes, 0, t->cap_shapes * sizeof *t->shapes);
	memset(t->nodes, 0, t->cap_nodes * sizeof *t->nodes);
	memset(t->recent, 0, sizeof t->recent);
	t->n_shapes = t->n_nodes = 0;
	t->root = (struct node){0};
}

/* "0xc00010e0d8, …" of a blocking frame. A word with "?" behind it may be stale and says nothing. */
static uint64_t first_address(const char *p, const char *end)
{
	uint64_t v = 0;
	const char *s = p + 2;

	if (end - p < 3 || p[0] != '0' || p[1] != 'x')
		return 0;
	for (; s < end && s - p < 18; s++) {
		if (*s >= '0' && *s <= '9')
			v = v << 4 | (uint64_t)(*s - '0');
		else if (*s >= 'a' && *s <= 'f')
			v = v << 4 | (uint64_t)(*s - 'a' + 10);
		else
			break;
	}
	return s < end && *s == '?' ? 0 : v;
}

static uint32_t intern_frame(struct trie *t, struct str func, struct str file, uint32_t line)
{
	if (func.n && memchr(func.p, '%', func.n)) {
		buf_reset(&t->name);
		func_display(&t->name, func);
		func = (struct str){t->name.p, t->name.n};
	}
	return symtab_frame(t->symtab, func, file, line);
}

static void shapes_grow(struct trie *t)
{
	size_t cap = t->cap_shapes * 2;
	struct shape **table = xcalloc(cap, sizeof *table);

	for (size_t i = 0; i < t->cap_shapes; i++) {
		size_t k;

		if (!t->shapes[i])
			continue;
		for (k = t->shapes[i]->hash & (cap - 1); table[k]; k = (k + 1) & (cap - 1))
			;
		table[k] = t->shapes[i];
	}
	free(t->shapes);
	t->shapes = table;
	t->cap_shapes = cap;
}

/* The shape of this line and its file line; made when it is new. */
static const struct shape *shape_of(struct trie *t, enum shape_kind kind, struct str name, struct str file,
				    const struct line *call, const struct line *where)
{
	uint64_t hash = hash64(name.p, name.n) ^ (hash64(file.p, file.n) * 3 + kind);
	struct shape *s;
	size_t i;

	for (i = hash & (t->cap_shapes - 1); (s = t->shapes[i]); i = (i + 1) & (t->cap_shapes - 1))
		if (s->hash == hash && s->kind == kind && str_eq(s->name, name) && str_eq(s->file, file))
			return s;
	s = pool_alloc(&t->pool, sizeof *s);
	s->name = (struct str){pool_strndup(&t->pool, name.p, name.n), name.n};
	s->file = (struct str){pool_strndup(&t->pool, file.p, file.n), file.n};
	s->hash = hash;
	s->kind = (uint8_t)kind;
	if (kind != SHAPE_ELIDED)
		s->frame = intern_frame(t, call->func, where->file, where->number);
	s->waits = kind == SHAPE_CALL && dump_wait_kind(name) != NULL;
	t->shapes[i] = s;
	if (++t->n_shapes * 2 > t->cap_shapes)
		shapes_grow(t);
	return s;
}

static uint64_t node_hash(const struct node *up, const struct shape *s)
{
	return ((uint64_t)(uintptr_t)up * 0x9e3779b97f4a7c15u ^ s->hash) * 0xff51afd7ed558ccdu >> 16;
}

static void nodes_grow(struct trie *t)
{
	size_t cap = t->cap_nodes * 2;
	struct node **table = xcalloc(cap, sizeof *table);

	for (size_t i = 0; i < t->cap_nodes; i++) {
		size_t k;

		if (!t->nodes[i])
			continue;
		for (k = node_hash(t->nodes[i]->up, t->nodes[i]->shape) & (cap - 1); table[k]; k = (k + 1) & (cap - 1))
			;
		table[k] = t->nodes[i];
	}
	free(t->nodes);
	t->nodes = table;
	t->cap_nodes = cap;
}

static struct node *child_of(struct trie *t, struct node *up, const struct shape *s)
{
	struct node *n;
	size_t i;

	for (i = node_hash(up, s) & (t->cap_nodes - 1); (n = t->nodes[i]); i = (i + 1) & (t->cap_nodes - 1))
		if (n->up == up && n->shape == s)
			return n;
	n = pool_alloc(&t->pool, sizeof *n);
	n->up = up;
	n->shape = s;
	n->depth = up->depth + 1;
	n->sibling = up->child;
	up->child = n;
	t->nodes[i] = n;
	if (++t->n_nodes * 2 > t->cap_nodes)
		nodes_grow(t);
	return n;
}

/* A body on its way down the trie. */
struct course {
	const char *p, *end;
	struct trie_walk *w;
	bool created; /* its creation site is behind us: nothing of it follows but ancestors */
};

/* "(0xc000012345, ...)\n" at p, without inner parentheses: what is behind it, or NULL. */
static const char *over_arguments(const char *p, const char *end)
{
	const char *nl;

	if (p >= end || *p != '(')
		return NULL;
	if (end - p > 5 && p[1] == '.' && memcmp(p, "(...)\n", 6) == 0)
		return p + 6;
	if (end - p > 2 && p[1] == ')' && p[2] == '\n')
		return p + 3;
	nl = memchr(p, '\n', (size_t)(end - p));
	if (!nl || nl[-1] != ')' || memchr(p + 1, '(', (size_t)(nl - p - 1)) || memchr(p + 1, ')', (size_t)(nl - p - 2)))
		return NULL;
	return nl + 1;
}

/* " in goroutine 12\n" or "\n" at p: what is behind it, or NULL. */
static const char *over_parent(const char *p, const char *end, uint64_t *parent)
{
	static const char in[] = " in goroutine ";
	const char *s = p + sizeof in - 1, *digits;

	*parent = 0;
	if (p < end && *p == '\n')
		return p + 1;
	if (end - p < (long)sizeof in || memcmp(p, in, sizeof in - 1) != 0)
		return NULL;
	digits = s;
	for (; s < end && *s >= '0' && *s <= '9' && s - digits < 19; s++)
		*parent = *parent * 10 + (uint64_t)(*s - '0');
	return s > digits && s - digits < 19 && s < end && *s == '\n' ? s + 1 : NULL;
}

/* memcmp() == 0 without the call: the texts are short, many, and mostly equal. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
	uint64_t x, y;

	if (n < 8)
		return memcmp(a, b, n) == 0;
	for (size_t i = 0; i + 8 < n; i += 8) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, a + n - 8, 8);
	memcpy(&y, b + n - 8, 8);
	return x == y;
}

/* At least one byte stands behind it, so that the caller may look at what ends it. */
static inline bool begins(const char *p, const char *end, struct str with)
{
	return (size_t)(end - p) > with.n && same_bytes(p, with.p, with.n);
}

/* Does shape s stand at c->p? Then go behind it. */
static bool step(struct course *c, const struct node *n)
{
	const struct shape *s = n->shape;
	const char *args, *p = c->p;
	uint64_t parent = 0;

	if (!begins(p, c->end, s->name))
		return false;
	args = p + s->name.n;
	if (s->kind == SHAPE_CALL)
		p = over_arguments(args, c->end);
	else if (s->kind == SHAPE_CREATED)
		p = over_parent(args, c->end, &parent);
	else
		p = *args == '\n' ? args + 1 : NULL;
	if (!p)
		return false;
	if (s->file.n) {
		if (!begins(p, c->end, s->file) || p[s->file.n] != '\n')
			return false;
		p += s->file.n + 1;
	}
	if (s->waits && !c->w->wait_object && n->depth <= DUMP_WAIT_DEPTH)
		c->w->wait_object = first_address(args + 1, c->end);
	if (s->kind == SHAPE_CREATED) {
		c->w->parent = parent;
		c->created = true;
	}
	c->p = p;
	return true;
}

/* Take the line at c->p apart; its shape, or NULL when it is not of the plain kind. */
static const struct shape *read_shape(struct trie *t, struct course *c)
{
	struct str text = {c->p, (size_t)(c->end - c->p)}, head, file = {0};
	struct line l, where = {0};
	size_t next;

	head = line_at(text, 0, &next);
	line_parse(head, &l);
	if (l.kind == LINE_ELIDED)
		return shape_of(t, SHAPE_ELIDED, head, file, &l, &where);
	if ((l.kind != LINE_FUNC || !l.args.p) && l.kind != LINE_CREATED)
		return NULL;
	file = line_at(text, next, &next);
	line_parse(file, &where);
	if (where.kind != LINE_FILE || line_is_header(file))
		return NULL;
	if (l.kind == LINE_FUNC)
		return shape_of(t, SHAPE_CALL, l.func, file, &l, &where);
	return shape_of(t, SHAPE_CREATED, (struct str){head.p, (size_t)(l.func.p + l.func.n - head.p)}, file, &l, &where);
}

/* Where a child of `at` with the file line at hand would be remembered; NULL when there are no two lines. */
static struct node **recent_of(struct trie *t, const struct course *c, const struct node *at)
{
	const char *nl = memchr(c->p, '\n', (size_t)(c->end - c->p)), *file = nl ? nl + 1 : NULL;

	nl = file ? memchr(file, '\n', (size_t)(c->end - file)) : NULL;
	if (!nl)
		return NULL;
	return &t->recent[(hash64(file, (size_t)(nl - file)) ^ (uint64_t)(uintptr_t)at >> 4) % RECENT];
}

static struct node *advance(struct trie *t, struct course *c, struct node *at)
{
	struct node *prev = NULL, **recent;
	const struct shape *s;
	int tries = 0;

	for (struct node *n = at->child; n && tries < GUESSES; prev = n, n = n->sibling, tries++) {
		if (!step(c, n))
			continue;
		if (prev) {
			prev->sibling = n->sibling;
			n->sibling = at->child;
			at->child = n;
		}
		return n;
	}
	recent = recent_of(t, c, at);
	if (recent && *recent && (*recent)->up == at && step(c, *recent))
		return *recent;
	s = read_shape(t, c);
	if (!s)
		return NULL;
	at = child_of(t, at, s);
	if (recent)
		*recent = at;
	return step(c, at) ? at : NULL; /* not when a CR or odd blanks stand in the text: the whole parser knows */
}

static uint32_t *scratch(struct trie *t, size_t n)
{
	if (n > t->cap_frames) {
		t->cap_frames = n * 2;
		t->frames = xrealloc(t->frames, t->cap_frames, sizeof *t->frames);
	}
	return t->frames;
}

/* The stack that the path to n is; worked out once per node. */
static uint32_t stack_at(struct trie *t, struct node *n, uint64_t parent)
{
	struct sym_stack s = {0};
	const struct node *leafward = n, *root = NULL;
	uint32_t *frames = scratch(t, n->depth + 1);
	uint32_t i = n->depth;

	if (n->stack)
		return n->stack;
	if (n->depth && n->shape->kind == SHAPE_CREATED) {
		s.created = n->shape->frame;
		leafward = n->up;
	}
	for (; leafward->depth; leafward = leafward->up) {
		if (leafward->shape->kind == SHAPE_ELIDED) {
			s.flags |= STACK_ELIDED;
			continue;
		}
		root = root ? root : leafward;
		frames[--i] = leafward->shape->frame;
		s.n++;
	}
	if (root && stack_is_rootless(root->shape->name, s.n, s.flags & STACK_ELIDED, parent))
		s.flags |= STACK_ROOTLESS;
	s.frames = frames + i;
	n->stack = symtab_stack(t->symtab, &s);
	return n->stack;
}

/* A blank line, the next header or the end of the text. */
static bool at_end(const char *p, const char *end)
{
	size_t next;

	if (p >= end || *p == '\n')
		return true;
	return *p == 'g' && line_is_header(line_at((struct str){p, (size_t)(end - p)}, 0, &next));
}

bool trie_follow(struct trie *t, const char *p, const char *end, struct trie_walk *w)
{
	struct course c = {.p = p, .end = end, .w = w};
	struct node *n = &t->root;

	*w = (struct trie_walk){0};
	while (!at_end(c.p, end)) {
		if (c.created) {
			if (begins(c.p, end, STR("[originating from goroutine ")))
				return false;
			break; /* a log goes on */
		}
		n = advance(t, &c, n);
		if (!n)
			return false;
	}
	w->stack = stack_at(t, n, w->parent);
	w->end = c.p;
	return true;
}

uint32_t trie_stack_of(struct trie *t, const struct dump_goroutine *g, struct trie_walk *w)
{
	struct sym_stack s = {0};
	uint32_t *frames = scratch(t, g->n_frames + 1);

	*w = (struct trie_walk){.parent = g->parent};
	for (size_t i = 0; i < g->n_frames; i++) {
		const struct dump_frame *f = &g->frames[i];

		if (f->kind == FRAME_ELIDED) {
			s.flags |= STACK_ELIDED;
			continue;
		}
		frames[s.n++] = intern_frame(t, f->func, f->file, f->line);
		if (i < DUMP_WAIT_DEPTH && !w->wait_object && f->args.p && dump_wait_kind(f->func))
			w->wait_object = first_address(f->args.p, f->args.p + f->args.n + 1);
	}
	if (g->created_by.func.n)
		s.created = intern_frame(t, g->created_by.func, g->created_by.file, g->created_by.line);
	if (g->rootless)
		s.flags |= STACK_ROOTLESS;
	s.frames = frames;
	w->stack = symtab_stack(t->symtab, &s);
	return w->stack;
}
