/* SPDX-License-Identifier: MIT */
#include "kin.h"
#include <stdlib.h>

struct kin {
	const struct stays *s;
	bool indexed;
	const struct stay **alive; /* stays at their sites as wholes, by id */
	size_t n_alive;
	const struct stay **io;    /* of them those that have waited for I/O, by parent and birth */
	size_t n_io;
	const struct stay **ever;  /* all of them, by id; made when somebody asks for one that ended */
	size_t n_ever;
};

static int by_id(const void *pa, const void *pb)
{
	uint64_t a = (*(const struct stay *const *)pa)->id, b = (*(const struct stay *const *)pb)->id;

	return a < b ? -1 : a > b;
}

static int by_parent(const void *pa, const void *pb)
{
	const struct stay *a = *(const struct stay *const *)pa, *b = *(const struct stay *const *)pb;

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->born != b->born)
		return a->born < b->born ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

struct kin *kin_new(const struct stays *s)
{
	struct kin *k = xcalloc(1, sizeof *k);

	k->s = s;
	return k;
}

void kin_free(struct kin *k)
{
	if (!k)
		return;
	free(k->alive);
	free(k->io);
	free(k->ever);
	free(k);
}

static void index_alive(struct kin *k)
{
	size_t n = 0;

	if (k->indexed)
		return;
	k->indexed = true;
	for (size_t g = 1; g < k->s->n_groups; g++)
		for (uint32_t i = 0; !k->s->groups[g].place.func && i < k->s->groups[g].n; i++)
			n += (k->s->a[k->s->groups[g].first + i].flags & STAY_ALIVE) != 0;
	k->alive = xcalloc(n + 1, sizeof *k->alive);
	k->io = xcalloc(n + 1, sizeof *k->io);
	for (size_t g = 1; g < k->s->n_groups; g++) {
		for (uint32_t i = 0; !k->s->groups[g].place.func && i < k->s->groups[g].n; i++) {
			const struct stay *m = &k->s->a[k->s->groups[g].first + i];

			if (!(m->flags & STAY_ALIVE))
				continue;
			k->alive[k->n_alive++] = m;
			if (m->flags & STAY_IO)
				k->io[k->n_io++] = m;
		}
	}
	qsort(k->alive, k->n_alive, sizeof *k->alive, by_id);
	qsort(k->io, k->n_io, sizeof *k->io, by_parent);
}

static const struct stay *find(const struct stay **a, size_t n, uint64_t id)
{
	struct stay key = {.id = id};
	const struct stay *const pkey = &key, **found = n ? bsearch(&pkey, a, n, sizeof *a, by_id) : NULL;

	return found ? *found : NULL;
}

const struct stay *kin_life(struct kin *k, uint64_t id)
{
	index_alive(k);
	return find(k->alive, k->n_alive, id);
}

/* The same of one that may have ended. */
static const struct stay *ever(struct kin *k, uint64_t id)
{
	for (size_t g = 1; !k->ever && g < k->s->n_groups; g++)
		k->n_ever += k->s->groups[g].place.func ? 0 : k->s->groups[g].n;
	if (!k->ever) {
		size_t n = 0;

		k->ever = xcalloc(k->n_ever + 1, sizeof *k->ever);
		for (size_t g = 1; g < k->s->n_groups; g++)
			for (uint32_t i = 0; !k->s->groups[g].place.func && i < k->s->groups[g].n; i++)
				k->ever[n++] = &k->s->a[k->s->groups[g].first + i];
		qsort(k->ever, k->n_ever, sizeof *k->ever, by_id);
	}
	return find(k->ever, k->n_ever, id);
}

static bool together(const struct stay *a, const struct stay *b)
{
	return a->born > b->born ? a->born - b->born <= 1 : b->born - a->born <= 1;
}

/* One that reads a connection, among the children of `parent` that were born with m; without parents, among those that the same
 * function started. */
static const struct stay *reader(struct kin *k, uint64_t parent, const struct stay *m)
{
	uint32_t func = k->s->groups[m->group].created.func_id, born = m->born ? m->born - 1 : 0;
	size_t lo = 0, hi = k->n_io;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->io[mid]->parent < parent || (k->io[mid]->parent == parent && k->io[mid]->born < born))
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < k->n_io && k->io[lo]->parent == parent && k->io[lo]->born <= m->born + 1; lo++)
		if (k->io[lo]->id != m->id && !kin_accepts(k, k->io[lo]) && (parent || k->s->groups[k->io[lo]->group].created.func_id == func))
			return k->io[lo];
	return NULL;
}

static bool has_word(const char *name, const char *const *words)
{
	for (; name && *words; words++)
		if (strstr(name, *words))
			return true;
	return false;
}

/* Started by a server's own function, for a connection that somebody still reads, whenever that was opened. */
static bool is_request(struct kin *k, const struct stay *m, const struct stay *parent)
{
	static const char *const servers[] = {"erver)", "erverConn)", NULL};

	return parent && has_word(k->s->groups[m->group].created.func, servers) && !kin_accepts(k, parent) &&
	       (parent->flags & STAY_IO || reader(k, parent->id, parent));
}

#define GENERATIONS 3

static const struct stay *partner(struct kin *k, const struct stay *m, bool *request)
{
	const struct stay *io;

	for (int up = 0; m && up < GENERATIONS; up++) {
		const struct stay *parent = m->parent ? kin_life(k, m->parent) : NULL;

		io = reader(k, m->id, m);
		if (!io)
			io = reader(k, m->parent, m);
		if (!io && parent && parent->flags & STAY_IO && together(m, parent) && !kin_accepts(k, parent))
			io = parent;
		*request = !io && is_request(k, m, parent);
		if (io || *request || !parent || !together(m, parent))
			return io;
		m = parent;
	}
	return NULL;
}

bool kin_accepts(struct kin *k, const struct stay *m)
{
	static const char *const words[] = {"Accept", "accept", NULL};
	const struct stack *s = query_stack(k->s->q, m->stack);

	for (uint32_t i = 0; i < s->n; i++)
		if (has_word(s->frames[i].func, words))
			return true;
	return false;
}

enum connection kin_caller(struct kin *k, const struct stay *m)
{
	static const char *const calls[] = {"dial", "Dial", "Transport)", "NewClient", "lientConn", "ClientTransport", "http2Client", "HTTP2Client", "onnector)", NULL};
	static const char *const takes[] = {"Accept", "accept", "Serve", "serve", "Listen", "listen", NULL};
	const struct frame *made = &k->s->groups[m->group].created;
	const struct stay *parent = m->parent ? kin_life(k, m->parent) : NULL;
	const struct stack *s = query_stack(k->s->q, m->stack);

	if (has_word(made->func, calls))
		return CONNECTION_DIALLED;
	if ((parent && kin_accepts(k, parent)) || has_word(made->func, takes))
		return CONNECTION_ACCEPTED;
	for (uint32_t i = 0; i < s->n; i++)
		if (has_word(s->frames[i].func, calls))
			return CONNECTION_DIALLED;
	return CONNECTION_SOME;
}

enum connection kin_connection(struct kin *k, const struct stay *m)
{
	const struct stay *io;

	bool request = false;

	index_alive(k);
	io = partner(k, m, &request);
	return request ? CONNECTION_REQUEST : io ? kin_caller(k, io) : CONNECTION_NONE;
}

/* Neither of the standard library nor of a module that was fetched. */
static bool is_own(const struct frame *f)
{
	static const char *const fetched[] = {"/pkg/mod/", "/vendor/", "@v", NULL};

	return f->func && f->file && !func_is_standard(f->func) && !has_word(f->file, fetched);
}

#define ANCESTORS 8

struct frame kin_starter(struct kin *k, const struct stay *m)
{
	const struct frame *made = &k->s->groups[m->group].created;

	for (int up = 0; m && up < ANCESTORS; up++) {
		const struct stack *s;

		if (up && is_own(made))
			return *made;
		m = m->parent ? ever(k, m->parent) : NULL;
		if (!m)
			break;
		s = query_stack(k->s->q, m->stack);
		for (uint32_t i = 0; i < s->n; i++)
			if (is_own(&s->frames[i]))
				return s->frames[i];
		made = &k->s->groups[m->group].created;
	}
	return (struct frame){0};
}
