/* SPDX-License-Identifier: MIT */
#include "relatives.h"
#include <gscrape/hash.h>
#include <stdlib.h>

struct relatives {
	const struct residencies *s;
	bool indexed;
	struct hash lives[2];       /* of who is alive, and of who has ended, made when one of those is asked for; by id: their
				     * residencies at their sites as wholes */
	const struct residency **io;     /* of those that are alive, those that have waited for I/O, by parent and birth */
	size_t n_io;
	const struct residency **accept; /* of them those that wait for somebody to call */
	size_t n_accept;
};

static int by_parent(const void *pa, const void *pb)
{
	const struct residency *a = *(const struct residency *const *)pa, *b = *(const struct residency *const *)pb;

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->born != b->born)
		return a->born < b->born ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

struct relatives *relatives_new(const struct residencies *s)
{
	struct relatives *k = xcalloc(1, sizeof *k);

	k->s = s;
	return k;
}

void relatives_free(struct relatives *k)
{
	if (!k)
		return;
	hash_release(&k->lives[0]);
	hash_release(&k->lives[1]);
	free(k->io);
	free(k->accept);
	free(k);
}

/* What comes first after i that is a residency at a site as a whole, alive or not; s->n at the end. */
static size_t next_life(const struct residencies *s, size_t i, bool alive)
{
	for (; i < s->n; i++) {
		const struct residency_group *g = &s->groups[s->a[i].group];

		if (g->place.func)
			i = g->first + g->n - 1;
		else if (!(s->a[i].flags & RESIDENCY_ALIVE) != alive)
			break;
	}
	return i;
}

static void index_alive(struct relatives *k)
{
	const struct residencies *s = k->s;
	size_t n = 0;

	if (k->indexed)
		return;
	k->indexed = true;
	for (size_t i = next_life(s, 0, true); i < s->n; i = next_life(s, i + 1, true)) {
		hash_put(&k->lives[0], hash_u64(s->a[i].id), (uint32_t)i);
		n += (s->a[i].flags & RESIDENCY_IO) != 0;
	}
	k->io = xcalloc(n + 1, sizeof *k->io);
	k->accept = xcalloc(n + 1, sizeof *k->accept);
	for (size_t i = next_life(s, 0, true); i < s->n; i = next_life(s, i + 1, true))
		if (s->a[i].flags & RESIDENCY_IO)
			k->io[k->n_io++] = &s->a[i];
	qsort(k->io, k->n_io, sizeof *k->io, by_parent);
	for (size_t i = 0; i < k->n_io; i++)
		if (relatives_accepts(k, k->io[i]))
			k->accept[k->n_accept++] = k->io[i];
}

static const struct residency *find(const struct relatives *k, bool ended, uint64_t id)
{
	uint32_t at;

	HASH_FIND(&k->lives[ended], hash_u64(id), at, k->s->a[at].id == id);
	return at == HASH_NONE ? NULL : &k->s->a[at];
}

const struct residency *relatives_life(struct relatives *k, uint64_t id)
{
	index_alive(k);
	return find(k, false, id);
}

/* One who may have ended. */
static const struct residency *ever(struct relatives *k, uint64_t id)
{
	const struct residencies *s = k->s;
	const struct residency *m = relatives_life(k, id);

	if (m)
		return m;
	if (!k->lives[1].n)
		for (size_t i = next_life(s, 0, false); i < s->n; i = next_life(s, i + 1, false))
			hash_put(&k->lives[1], hash_u64(s->a[i].id), (uint32_t)i);
	return find(k, true, id);
}

static bool together(const struct residency *a, const struct residency *b)
{
	return a->born > b->born ? a->born - b->born <= 1 : b->born - a->born <= 1;
}

/* One that reads a connection, among the children of `parent` that were born with m; without parents, among those that the same
 * function started. */
static const struct residency *reader(struct relatives *k, uint64_t parent, const struct residency *m)
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
		if (k->io[lo]->id != m->id && !relatives_accepts(k, k->io[lo]) && (parent || k->s->groups[k->io[lo]->group].created.func_id == func))
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
static bool is_request(struct relatives *k, const struct residency *m, const struct residency *parent)
{
	static const char *const servers[] = {"erver)", "erverConn)", NULL};

	return parent && has_word(k->s->groups[m->group].created.func, servers) && !relatives_accepts(k, parent) &&
	       (parent->flags & RESIDENCY_IO || reader(k, parent->id, parent));
}

#define GENERATIONS 3

static const struct residency *partner(struct relatives *k, const struct residency *m, bool *request)
{
	const struct residency *io;

	for (int up = 0; m && up < GENERATIONS; up++) {
		const struct residency *parent = m->parent ? relatives_life(k, m->parent) : NULL;

		io = reader(k, m->id, m);
		if (!io)
			io = reader(k, m->parent, m);
		if (!io && parent && parent->flags & RESIDENCY_IO && together(m, parent) && !relatives_accepts(k, parent))
			io = parent;
		*request = !io && is_request(k, m, parent);
		if (io || *request || !parent || !together(m, parent))
			return io;
		m = parent;
	}
	return NULL;
}

bool relatives_accepts(struct relatives *k, const struct residency *m)
{
	static const char *const words[] = {"Accept", "accept", NULL};
	const struct stack *s = query_stack(k->s->q, m->stack);

	for (uint32_t i = 0; i < s->n; i++)
		if (has_word(s->frames[i].func, words))
			return true;
	return false;
}

/* The package that a function is of, up to the first dot behind the last slash of its path. */
static size_t package_length(const char *func)
{
	size_t path = strcspn(func, "("), at = path;

	while (at > 0 && func[at - 1] != '/')
		at--;
	return at + strcspn(func + at, ".");
}

static bool is_of_package(const char *a, const char *b)
{
	return a && b && package_length(a) == package_length(b) && strncmp(a, b, package_length(a)) == 0;
}

/* Does anybody in the package of a function wait for somebody to call? */
static bool package_accepts(struct relatives *k, const char *func)
{
	for (size_t i = 0; i < k->n_accept; i++) {
		const struct stack *s = query_stack(k->s->q, k->accept[i]->stack);

		for (uint32_t f = 0; f < s->n; f++)
			if (is_of_package(s->frames[f].func, func))
				return true;
	}
	return false;
}

static bool is_reading(struct relatives *k, const struct residency *m)
{
	return m->flags & RESIDENCY_ALIVE && query_family(k->s->q, m->state, m->stack) == FAM_IO;
}

/* It was started by an acceptor of its own package, and is gone: whoever shook hands left the connection to its children. */
static bool shook_hands(struct relatives *k, const struct residency *parent, const struct residency *child)
{
	const char *made = k->s->groups[parent->group].created.func;
	const struct residency *acceptor = parent->flags & RESIDENCY_ALIVE || !parent->parent ? NULL : ever(k, parent->parent);

	return acceptor && relatives_accepts(k, acceptor) && is_of_package(made, k->s->groups[child->group].created.func);
}

/*
 * Up the chain of those who started the reader m: an acceptor did, so it was accepted; somebody who was there for long and
 * accepts nobody did, so it was dialled; or a peer's connection did, for itself, unless that is read by its own goroutine.
 */
static enum connection by_ancestors(struct relatives *k, const struct residency *m, const char *const *takes)
{
	const struct residency *child = m, *parent;

	for (int up = 0; up < GENERATIONS && child->parent && (parent = ever(k, child->parent)); up++, child = parent) {
		const char *made = k->s->groups[parent->group].created.func;

		if (relatives_accepts(k, parent) || shook_hands(k, parent, child))
			return CONNECTION_ACCEPTED;
		if (has_word(made, takes) && is_of_package(made, k->s->groups[m->group].created.func))
			return CONNECTION_ACCEPTED;
		if (is_reading(k, parent) || !together(child, parent))
			return CONNECTION_DIALLED;
	}
	return CONNECTION_NONE;
}

enum connection relatives_caller(struct relatives *k, const struct residency *m)
{
	static const char *const calls[] = {"dial", "Dial", "Transport)", "NewClient", "lientConn", "ClientTransport", "http2Client", "HTTP2Client", "onnector)", NULL};
	static const char *const takes[] = {"Accept", "accept", "Serve", "serve", "Listen", "listen", NULL};
	const struct frame *made = &k->s->groups[m->group].created;
	const struct stack *s = query_stack(k->s->q, m->stack);
	enum connection c;

	if (has_word(made->func, calls))
		return CONNECTION_DIALLED;
	if (has_word(made->func, takes))
		return CONNECTION_ACCEPTED;
	if ((c = by_ancestors(k, m, takes)) != CONNECTION_NONE)
		return c;
	for (uint32_t i = 0; i < s->n; i++)
		if (has_word(s->frames[i].func, calls))
			return CONNECTION_DIALLED;
	if (made->func && package_accepts(k, made->func))
		return CONNECTION_LIKELY;
	return m->parent && made->func ? CONNECTION_DIALLED : CONNECTION_SOME;
}

enum connection relatives_connection(struct relatives *k, const struct residency *m)
{
	const struct residency *io;

	bool request = false;

	index_alive(k);
	io = partner(k, m, &request);
	return request ? CONNECTION_REQUEST : io ? relatives_caller(k, io) : CONNECTION_NONE;
}

/* Neither of the standard library nor of a module that was fetched. */
static bool is_own(const struct frame *f)
{
	static const char *const fetched[] = {"/pkg/mod/", "/vendor/", "@v", NULL};

	return f->func && f->file && !func_is_standard(f->func) && !has_word(f->file, fetched);
}

#define ANCESTORS 8

struct frame relatives_starter(struct relatives *k, const struct residency *m)
{
	const struct frame *made = &k->s->groups[m->group].created;

	for (int up = 0; m && up < ANCESTORS; up++) {
		const struct stack *s;

		if (is_own(made))
			return up ? *made : (struct frame){0};
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
