/* SPDX-License-Identifier: MIT */
/*
 * Twice through the dump: first those who wait for a lock, with what their callers' arguments tell of the object around it; then
 * everybody's arguments, held against those addresses. Nothing of other arguments is kept.
 */
#include <gscrape/dump.h>
#include <gscrape/hash.h>
#include <gscrape/holder.h>
#include <inttypes.h>
#include <stdlib.h>

#define OBJECT_MAX 4096 /* bytes from an object's beginning to a lock in it */
#define CALLERS    3    /* frames above the lock's own that may have the object */
#define HEAP       0x10000

struct lock {
	struct held_lock told;
	uint64_t object;      /* that it is in, as far as arguments tell: the nearest word before it; 0 none */
	struct str type;      /* "main.(*cache)." of the method that waits; empty: a function */
	int best;             /* score of the likeliest so far */
	struct str func;      /* where that one is */
};

/* What a goroutine waits for: its lock's place in the array. */
struct waiter {
	uint64_t id;
	uint32_t lock, one; /* one: it is there */
};
HASH_TABLE(waiter_map, struct waiter, id, one);
struct address {
	uint64_t word;
	uint32_t lock, one;
};
HASH_TABLE(address_map, struct address, word, one);

struct locks {
	struct pool *p;
	struct lock *a;
	size_t n, cap;
	struct waiter_map waiters;
	struct address_map addresses; /* of the locks; of the objects */
};

/* The next word of an argument list: "0xc000012345, {0x1?, 0x2}, ...". False at the end. */
static bool next_argument(struct str *args, uint64_t *word, bool *doubtful)
{
	const char *at = args->n ? memmem(args->p, args->n, "0x", 2) : NULL;
	size_t left = at ? args->n - (size_t)(at - args->p) : 0, k = 2;

	if (!at)
		return false;
	*word = 0;
	for (; k < left; k++) {
		char c = at[k];
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0)
			break;
		*word = *word << 4 | (uint64_t)digit;
	}
	*doubtful = k < left && at[k] == '?';
	*args = (struct str){at + k, left - k};
	return true;
}

static bool is_lock_frame(struct str func)
{
	return str_begins(func, STR("sync.")) || str_begins(func, STR("internal/sync.")) || str_begins(func, STR("runtime."));
}

/* "main.(*cache)." of main.(*cache).get; empty for what is no method. */
static struct str type_of(struct str func)
{
	const char *end = memmem(func.p, func.n, ").", 2);

	return end ? (struct str){func.p, (size_t)(end + 2 - func.p)} : (struct str){0};
}

/* RLock is inlined, and has no address: the object of the method that called it stands for the lock in it. */
static bool waits_in_method(const struct dump_goroutine *g, uint64_t *address, size_t *frame)
{
	size_t i = 0;
	bool doubtful;
	struct str args;

	while (i < g->n_frames && is_lock_frame(g->frames[i].func))
		i++;
	if (!i || i == g->n_frames || !type_of(g->frames[i].func).n)
		return false;
	args = g->frames[i].args;
	*frame = i - 1;
	return next_argument(&args, address, &doubtful) && !doubtful && *address >= HEAP;
}

/* The frame that has the lock's address: its place, and the address; false when it waits for no lock. */
static bool waited_for(const struct dump_goroutine *g, uint64_t *address, size_t *frame)
{
	struct str top[4];
	size_t n = 0;
	bool doubtful;

	for (; n < 4 && n < g->n_frames; n++)
		top[n] = g->frames[n].func;
	if (dump_family(g->head.state, top, n) != FAM_LOCK)
		return false;
	for (size_t i = 0; i < g->n_frames && i < DUMP_WAIT_DEPTH; i++) {
		const char *kind = dump_wait_kind(g->frames[i].func);
		struct str args = g->frames[i].args;

		if (!kind || !next_argument(&args, address, &doubtful) || *address < HEAP)
			continue;
		*frame = i;
		return strcmp(kind, "sync.Mutex") == 0 || strcmp(kind, "sync.RWMutex") == 0;
	}
	return str_begins(g->head.state, STR("sync.RWMutex")) && waits_in_method(g, address, frame);
}

/* What the callers say of the object that the lock is in. */
static void learn_object(struct lock *l, const struct dump_goroutine *g, size_t frame)
{
	size_t callers = 0;

	for (size_t i = frame + 1; i < g->n_frames && callers < CALLERS; i++) {
		struct str args = g->frames[i].args;
		uint64_t word;
		bool doubtful;

		if (is_lock_frame(g->frames[i].func))
			continue;
		if (!callers++ && !l->type.n)
			l->type = type_of(g->frames[i].func);
		while (next_argument(&args, &word, &doubtful))
			if (word >= HEAP && word <= l->told.address && l->told.address - word < OBJECT_MAX && word > l->object)
				l->object = word;
	}
}

static void meet_waiter(struct locks *x, const struct dump_goroutine *g)
{
	struct waiter *w;
	struct address *a;
	uint64_t address;
	size_t frame;

	if (!waited_for(g, &address, &frame))
		return;
	a = address_map_at(&x->addresses, address);
	if (!a->one) {
		GROW(x->a, x->n, x->cap);
		*a = (struct address){address, (uint32_t)x->n, 1};
		x->a[x->n++] = (struct lock){.told = {.address = address, .waiter = g->head.id}};
	}
	w = waiter_map_at(&x->waiters, g->head.id);
	*w = (struct waiter){g->head.id, a->lock, 1};
	x->a[a->lock].told.waiters++;
	if (g->head.id < x->a[a->lock].told.waiter)
		x->a[a->lock].told.waiter = g->head.id;
	learn_object(&x->a[a->lock], g, frame);
}

/* The lock that may be in the object a method is on: the nearest behind its beginning that methods of this type wait for. NULL none. */
static struct lock *lock_within(const struct locks *x, struct str func, uint64_t word)
{
	struct str type = type_of(func);
	struct lock *near = NULL;

	for (size_t i = 0; type.n && i < x->n; i++) {
		struct lock *l = &x->a[i];

		if (l->told.address >= word && l->told.address - word < OBJECT_MAX && str_eq(l->type, type) && (!l->object || l->object == word) &&
		    (!near || l->told.address < near->told.address))
			near = l;
	}
	return near;
}

/* How likely it is for one word of one frame; 0: it says nothing. */
static int score_of(const struct lock *l, const struct dump_frame *f, uint64_t word, bool doubtful, bool receiver)
{
	bool method = receiver && l->type.n && str_begins(f->func, l->type);
	int score = word == l->told.address || method ? 4 : 2;

	return (method ? score + 4 : score) / (doubtful ? 2 : 1);
}

static void take_candidate(struct lock *l, uint64_t id, int score, struct str func)
{
	struct held_lock *t = &l->told;

	if (score < l->best || (score == l->best && t->holder == id))
		return;
	t->candidates = score > l->best ? 1 : t->candidates + 1;
	if (score == l->best)
		return;
	l->best = score;
	l->func = func;
	t->holder = id;
}

/* Each lock once a goroutine, by its best word. */
static void meet_anybody(struct locks *x, const struct dump_goroutine *g, int *best, struct str *func)
{
	const struct waiter *w = waiter_map_find(&x->waiters, g->head.id);

	memset(best, 0, x->n * sizeof *best);
	for (size_t i = 0; i < g->n_frames; i++) {
		struct str args = g->frames[i].args;
		bool doubtful, receiver = true;
		uint64_t word;

		for (; !is_lock_frame(g->frames[i].func) && next_argument(&args, &word, &doubtful); receiver = false) {
			const struct address *a = word < HEAP ? NULL : address_map_find(&x->addresses, word);
			struct lock *l = a ? &x->a[a->lock] : receiver && word >= HEAP ? lock_within(x, g->frames[i].func, word) : NULL;
			size_t k = l ? (size_t)(l - x->a) : 0;
			int score = !l || (w && w->lock == k) ? 0 : a ? score_of(l, &g->frames[i], word, doubtful, receiver) : doubtful ? 3 : 6;

			if (score && score > best[k]) {
				best[k] = score;
				func[k] = g->frames[i].func;
			}
		}
	}
	for (size_t k = 0; k < x->n; k++)
		if (best[k])
			take_candidate(&x->a[k], g->head.id, best[k], func[k]);
}

/* Objects are looked for as well as the locks themselves; one that two locks are in tells them apart by nothing, and is left out. */
static void add_objects(struct locks *x)
{
	for (size_t i = 0; i < x->n; i++) {
		struct address *a = x->a[i].object ? address_map_at(&x->addresses, x->a[i].object) : NULL;

		if (a && !a->one)
			*a = (struct address){x->a[i].object, (uint32_t)i, 1};
		else if (a && a->lock != i && x->a[a->lock].told.address != a->word)
			x->a[i].object = 0;
	}
}

static void conclude(struct locks *x, struct lock *l)
{
	struct held_lock *t = &l->told;
	const struct waiter *w;

	if (t->candidates != 1) {
		t->reason = t->candidates ? pool_printf(x->p, "%" PRIu32 " are as likely", t->candidates) : "nobody has its address in a frame";
		t->holder = 0;
		return;
	}
	t->sure = l->best >= 8;
	t->reason = pool_printf(x->p, "%s in %.*s with the lock or the object around it", l->best == 8 || l->best == 4 ? "is" : "may be",
				(int)l->func.n, l->func.p);
	w = waiter_map_find(&x->waiters, t->holder);
	t->waits_for = w ? x->a[w->lock].told.address : 0;
}

/* From holder to holder, back to where it began. */
static void find_cycle(struct locks *x, struct lock *first)
{
	struct buf b = {0};
	struct lock *l = first;
	bool lowest = true;

	for (size_t steps = 0; steps <= x->n && l->told.holder && l->told.sure && l->told.waits_for; steps++) {
		struct lock *then = &x->a[address_map_find(&x->addresses, l->told.waits_for)->lock];

		buf_addf(&b, "%s%" PRIu64 " seems to hold 0x%" PRIx64 " and waits for 0x%" PRIx64, steps ? ", which " : "", l->told.holder,
			 l->told.address, then->told.address);
		if (then == first) {
			first->told.deadlock = pool_printf(x->p, "%s", b.p);
			first->told.first = lowest;
			break;
		}
		l = then;
		lowest &= l->told.address > first->told.address;
	}
	buf_release(&b);
}

static int by_address(const void *pa, const void *pb)
{
	const struct held_lock *a = pa, *b = pb;

	return a->address < b->address ? -1 : a->address > b->address;
}

void dump_held_locks(struct str text, struct pool *p, struct held_lock **out, size_t *n)
{
	struct locks x = {.p = p};
	struct dump d = {.text = text};
	struct str *func;
	int *best;

	while (dump_next(&d))
		meet_waiter(&x, &d.g);
	dump_release(&d);
	add_objects(&x);
	best = xcalloc(x.n + 1, sizeof *best);
	func = xcalloc(x.n + 1, sizeof *func);
	d = (struct dump){.text = text};
	while (x.n && dump_next(&d))
		meet_anybody(&x, &d.g, best, func);
	dump_release(&d);
	for (size_t i = 0; i < x.n; i++)
		conclude(&x, &x.a[i]);
	for (size_t i = 0; i < x.n; i++)
		find_cycle(&x, &x.a[i]);
	*out = pool_alloc(p, (x.n + 1) * sizeof **out);
	for (size_t i = 0; i < x.n; i++)
		(*out)[i] = x.a[i].told;
	*n = x.n;
	if (x.n)
		qsort(*out, x.n, sizeof **out, by_address);
	free(best);
	free(func);
	free(x.a);
	waiter_map_release(&x.waiters);
	address_map_release(&x.addresses);
}
