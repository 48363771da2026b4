/* SPDX-License-Identifier: MIT */
/*
 * Three times through the dump: those who wait for a lock, with what their callers' arguments tell of the object around it; where that
 * is in doubt, the objects that methods of its type are on; then everybody's arguments, held against those addresses. Nothing of other
 * arguments is kept.
 *
 * Most of the text is only searched: for the states of those who wait, the types whose methods take a lock, and all addresses at once. A
 * recorder does this for each dump in which somebody waits: it has the states and the stacks from its scan, and knows which
 * addresses are in a goroutine's text until that changes (lock_memory.h).
 */
#include "held.h"
#include "lock_memory.h"
#include "lock_object.h"
#include "previous.h"
#include <stdio.h>
#include <stdlib.h>

#define CALLERS     3  /* frames above the lock's own that may have the object */
#define TAKING_MOST 4  /* lines that take one lock: those of the first who wait */
#define BEHIND      1  /* the score of one that is behind such a line: whatever a word tells counts more */
#define HEAP        0x10000
#define LINES_MOST  96 /* locks: from here on lines are not compared */
#define NAMES_MOST  12 /* types and functions to search a text for: from here on it is as fast to read everybody */
#define NO_LOCK     UINT32_MAX

struct lock {
	struct held_lock told;
	uint64_t object;      /* that it is in; 0 not known */
	uint32_t near;        /* how far behind the nearest address of any argument that may be it, and 1; 0 there is none */
	bool certain;         /* the receiver of who takes it is the object */
	bool elsewhere;       /* ... is not: there is a pointer to the lock in it */
	bool guessed;         /* the object is the nearest address, which no other lock confirms */
	uint32_t next;        /* of those in the same object; NO_LOCK ends */
	struct str type;      /* "main.(*cache)." of the method that waits; empty: a function */
	struct taking {       /* where they wait for it: the lines that take the lock */
		struct str func, file;
		uint32_t line;
		uint64_t key; /* of the three */
	} at[TAKING_MOST];
	size_t n_at;
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
	uint32_t at, in, one; /* the lock that is there; the first of those in the object that begins there; NO_LOCK: none */
};
HASH_TABLE(address_map, struct address, word, one);
/* Which object a method is called on. */
struct receiver {
	uint64_t type, word; /* type: its hash */
	enum vote_weight weight;
};

struct locks {
	struct pool *p;
	struct str text;
	const struct lock_scan *scan; /* of the text; NULL: it is to be searched */
	struct lock *a;
	size_t n, cap;
	struct waiter_map waiters;
	struct address_map addresses; /* of the locks; of the objects */
	struct lock_votes votes;
	struct receiver *receivers;   /* of methods of the types whose locks are not in a known object */
	size_t n_receivers, cap_receivers;
	struct str names[LOCK_NAMES_MOST + 1]; /* of types and functions that take a lock; all are known once who waits is */
	size_t n_names;
	struct blocks named;  /* who has one of them in his text, */
	bool looked;          /* once it was looked for */
	int *score;           /* while one goroutine is looked at: its best word for each lock, */
	struct str *func;     /* where that stands, */
	uint32_t *touched;    /* and for which there is one */
	size_t n_touched;
};

/* The next word of an argument list: "0xc000012345, {0x1?, 0x2}, ...". False at the end. */
static bool next_argument(struct str *args, uint64_t *word, bool *doubtful)
{
	const char *at = args->n ? memmem(args->p, args->n, "0x", 2) : NULL, *end;

	if (!at)
		return false;
	end = args->p + args->n;
	at = hex_digits(at + 2, end, word);
	*doubtful = at < end && *at == '?';
	*args = (struct str){at, (size_t)(end - at)};
	return true;
}

static bool is_lock_frame(struct str func)
{
	return str_begins(func, STR("sync.")) || str_begins(func, STR("internal/sync.")) || str_begins(func, STR("runtime."));
}

/* "main.(*cache)." of main.(*cache).get; empty for what is no method. */
static struct str type_of(struct str func)
{
	const char *end = func.n ? memmem(func.p, func.n, ").", 2) : NULL;

	return end ? (struct str){func.p, (size_t)(end + 2 - func.p)} : (struct str){0};
}

/* RLock is inlined, and has no address: the object of the method that called it stands for the lock in it. Before Go 1.20 it is always
 * in doubt; who holds the lock must then have the same word. */
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
	return next_argument(&args, address, &doubtful) && (!doubtful || !str_begins(g->head.state, STR("sync."))) && *address >= HEAP;
}

/* The frame that has the lock's address: its place, and the address; false when it waits for no lock. */
static bool waited_for(const struct dump_goroutine *g, uint64_t *address, size_t *frame)
{
	struct str top[4];
	size_t n = 0;
	bool doubtful, reads = str_begins(g->head.state, STR("sync.RWMutex"));

	for (; n < 4 && n < g->n_frames; n++)
		top[n] = g->frames[n].func;
	if (dump_family(g->head.state, top, n) != FAM_LOCK)
		return false;
	for (size_t i = 0; i < g->n_frames && i < DUMP_WAIT_DEPTH; i++) {
		const char *kind = dump_wait_kind(g->frames[i].func);
		struct str args = g->frames[i].args;

		reads |= kind && strcmp(kind, "sync.RWMutex") == 0;
		if (!kind || !next_argument(&args, address, &doubtful) || *address < HEAP)
			continue;
		*frame = i;
		return strcmp(kind, "sync.Mutex") == 0 || strcmp(kind, "sync.RWMutex") == 0;
	}
	return reads && waits_in_method(g, address, frame);
}

/* Is the word an address of what the lock may be in? */
static bool is_before(const struct lock *l, uint64_t word)
{
	return word >= HEAP && word <= l->told.address && l->told.address - word < OBJECT_MAX;
}

static void vote(struct locks *x, struct lock *l, const struct taking *t, uint64_t word, enum vote_weight weight)
{
	uint32_t distance = (uint32_t)(l->told.address - word);

	lock_vote(&x->votes, (uint32_t)(l - x->a), t->key, distance, weight);
	if (!l->near || distance + 1 < l->near)
		l->near = distance + 1;
}

/* "to.mu.Lock()" in a method of another account: an argument is nearer to the lock than the receiver. */
static bool learn_nearer(struct locks *x, struct lock *l, const struct taking *t, struct str args, uint64_t receiver)
{
	uint64_t word;
	bool doubtful, nearer = false;

	while (next_argument(&args, &word, &doubtful)) {
		if (doubtful || !is_before(l, word) || (is_before(l, receiver) && word <= receiver))
			continue;
		vote(x, l, t, word, VOTE_FAIR);
		nearer = true;
	}
	return nearer;
}

/* The receiver of who takes it: the object, where there is no doubt, and no argument that is as good. */
static void learn_receiver(struct locks *x, struct lock *l, const struct taking *t, const struct dump_frame *f)
{
	struct str args = f->args;
	uint64_t word;
	bool doubtful, nearer;

	if (!next_argument(&args, &word, &doubtful) || word < HEAP)
		return;
	nearer = learn_nearer(x, l, t, args, word);
	if (!is_before(l, word)) {
		l->elsewhere |= !doubtful;
		return;
	}
	if (!doubtful && !nearer) {
		l->certain = true;
		l->object = word;
	}
	vote(x, l, t, word, doubtful ? VOTE_WEAK : nearer ? VOTE_FAIR : VOTE_CERTAIN);
}

/* What who takes it and who called that have in their arguments. */
static void learn_object(struct locks *x, struct lock *l, const struct taking *t, const struct dump_goroutine *g, size_t taker)
{
	for (size_t i = taker; i < g->n_frames && i < taker + CALLERS; i++) {
		const struct dump_frame *f = &g->frames[i];
		struct str args = f->args;
		uint64_t word;
		bool doubtful;

		if (i == taker && type_of(f->func).n) {
			learn_receiver(x, l, t, f);
			continue;
		}
		while (next_argument(&args, &word, &doubtful))
			if (is_before(l, word))
				vote(x, l, t, word, i > taker || doubtful ? VOTE_WEAK : VOTE_FAIR);
	}
}

/* To be looked for: the type of a method, or a function. */
static void add_name(struct locks *x, struct str name)
{
	for (size_t i = 0; i < x->n_names; i++)
		if (str_eq(x->names[i], name))
			return;
	if (x->n_names <= LOCK_NAMES_MOST)
		x->names[x->n_names++] = name;
}

static uint64_t line_key(const struct dump_frame *f)
{
	return hash_u64(hash64(f->func.p, f->func.n) ^ hash_u64(hash64(f->file.p, f->file.n) + (uint64_t)f->line));
}

/* Where it waits for the lock: the line that takes it; NULL there is none, or there are enough. */
static const struct taking *learn_line(struct locks *x, struct lock *l, const struct dump_frame *f)
{
	uint64_t key = line_key(f);
	struct str type = type_of(f->func);

	for (size_t i = 0; i < l->n_at; i++)
		if (l->at[i].key == key)
			return &l->at[i];
	if (l->n_at == TAKING_MOST)
		return NULL;
	if (!l->type.n)
		l->type = type;
	add_name(x, type.n ? type : f->func);
	l->at[l->n_at] = (struct taking){f->func, f->file, (uint32_t)f->line, key};
	return &l->at[l->n_at++];
}

static void learn(struct locks *x, struct lock *l, const struct dump_goroutine *g, size_t frame)
{
	const struct taking *t;

	while (++frame < g->n_frames && is_lock_frame(g->frames[frame].func))
		;
	t = frame < g->n_frames ? learn_line(x, l, &g->frames[frame]) : NULL;
	if (t && !l->certain)
		learn_object(x, l, t, g, frame);
}

static void meet_waiter(void *ctx, const struct dump_goroutine *g)
{
	struct locks *x = ctx;
	struct waiter *w;
	struct address *a;
	uint64_t address;
	size_t frame;

	if (!waited_for(g, &address, &frame))
		return;
	a = address_map_at(&x->addresses, address);
	if (!a->one) {
		GROW(x->a, x->n, x->cap);
		*a = (struct address){address, (uint32_t)x->n, NO_LOCK, 1};
		x->a[x->n++] = (struct lock){.told = {.address = address, .waiter = g->head.id}, .next = NO_LOCK};
	}
	w = waiter_map_at(&x->waiters, g->head.id);
	*w = (struct waiter){g->head.id, a->at, 1};
	x->a[a->at].told.waiters++;
	if (g->head.id < x->a[a->at].told.waiter)
		x->a[a->at].told.waiter = g->head.id;
	learn(x, &x->a[a->at], g, frame);
}

/* How likely it is for one word of one frame; 0: it says nothing. */
static int score_of(const struct lock *l, const struct dump_frame *f, uint64_t word, bool doubtful, bool receiver)
{
	bool method = receiver && l->type.n && str_begins(f->func, l->type);
	int score = word == l->told.address || method ? 4 : 2;

	return (method ? score + (l->guessed ? 2 : 4) : score) / (doubtful ? 2 : 1);
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

/* Is this frame in a function that waits for the lock, further down? Not where its object is known to be another one. */
static bool is_behind(const struct lock *l, const struct dump_frame *f)
{
	struct str args = f->args;
	bool doubtful;
	uint64_t word;

	for (size_t i = 0; i < l->n_at; i++) {
		const struct taking *t = &l->at[i];

		if ((uint32_t)f->line <= t->line || !str_eq(f->func, t->func) || !str_eq(f->file, t->file))
			continue;
		return !(l->object && next_argument(&args, &word, &doubtful) && !doubtful && word >= HEAP && word != l->object);
	}
	return false;
}

/* Of the lock at an address and those in the object there, that which this goroutine does not wait for; NO_LOCK: there is none, or
 * more than one. */
static uint32_t the_other(const struct locks *x, const struct address *a, const struct waiter *w)
{
	uint32_t waits = w ? w->lock : NO_LOCK, other = a->at == waits ? NO_LOCK : a->at;

	for (uint32_t lock = a->in; lock != NO_LOCK; lock = x->a[lock].next) {
		if (lock == waits)
			continue;
		if (other != NO_LOCK)
			return NO_LOCK;
		other = lock;
	}
	return other;
}

static void touch(struct locks *x, uint32_t lock, int score, struct str func)
{
	if (score <= x->score[lock])
		return;
	if (!x->score[lock])
		x->touched[x->n_touched++] = lock;
	x->score[lock] = score;
	x->func[lock] = func;
}

static void meet_words(struct locks *x, const struct dump_frame *f, const struct waiter *w)
{
	struct str args = f->args;
	bool doubtful, receiver = true;
	uint64_t word;

	for (; next_argument(&args, &word, &doubtful); receiver = false) {
		const struct address *a = word < HEAP ? NULL : address_map_find(&x->addresses, word);
		uint32_t lock = a ? the_other(x, a, w) : NO_LOCK;

		if (lock != NO_LOCK)
			touch(x, lock, score_of(&x->a[lock], f, word, doubtful, receiver), f->func);
	}
}

/* Locks of which no word tells: who is behind a line that takes them. */
static void meet_lines(struct locks *x, const struct dump_goroutine *g, const struct waiter *w)
{
	for (uint32_t k = 0; k < x->n; k++)
		for (size_t i = 0; i < g->n_frames && !x->score[k] && !(w && w->lock == k); i++)
			if (is_behind(&x->a[k], &g->frames[i]))
				touch(x, k, BEHIND, g->frames[i].func);
}

/* Each lock once a goroutine, by its best word. */
static void meet_anybody(void *ctx, const struct dump_goroutine *g)
{
	struct locks *x = ctx;
	const struct waiter *w = waiter_map_find(&x->waiters, g->head.id);

	for (size_t i = 0; i < g->n_frames; i++)
		if (!is_lock_frame(g->frames[i].func))
			meet_words(x, &g->frames[i], w);
	if (x->n <= LINES_MOST)
		meet_lines(x, g, w);
	for (size_t i = 0; i < x->n_touched; i++) {
		uint32_t k = x->touched[i];

		take_candidate(&x->a[k], g->head.id, x->score[k], x->func[k]);
		x->score[k] = 0;
	}
	x->n_touched = 0;
}

/* --- those that need to be read --- */

static const char *const lock_states[] = {"sync.Mutex.Lock", "sync.RWMutex.", "semacquire"};

bool state_is_of_lock(struct str state)
{
	for (size_t i = 0; i < sizeof lock_states / sizeof *lock_states; i++)
		if (str_begins(state, str_of(lock_states[i])))
			return true;
	return false;
}

static void find_waiters(struct locks *x)
{
	struct blocks b = {0};

	if (x->scan) {
		lock_scan_waiters(x->scan, &b);
		lock_scan_visit(x->scan, &b, meet_waiter, x);
	} else if (blocks_are_plain(x->text)) {
		blocks_with_state(&b, x->text, lock_states, sizeof lock_states / sizeof *lock_states);
		blocks_visit(&b, x->text, meet_waiter, x);
	} else {
		blocks_visit_all(x->text, meet_waiter, x);
	}
}

/* Is it as fast to read everybody? */
static bool everybody(const struct locks *x)
{
	return x->scan ? x->n_names > LOCK_NAMES_MOST : x->n_names > NAMES_MOST || !blocks_are_plain(x->text);
}

/* Once all names are known. */
static void find_named(struct locks *x)
{
	if (x->looked)
		return;
	x->looked = true;
	if (x->scan) {
		lock_scan_learn(x->scan, x->names, x->n_names);
		lock_scan_named(x->scan, &x->named);
	}
	for (size_t i = 0; i < x->n_names && !x->scan; i++)
		blocks_with(&x->named, x->text, x->names[i]);
}

/* Those in b, and who is in a method of a type, or in a function, that takes a lock. */
static void visit_names(struct locks *x, struct blocks *b, visit_fn visit)
{
	if (everybody(x)) {
		free(b->a);
		blocks_visit_all(x->text, visit, x);
		return;
	}
	find_named(x);
	blocks_add(b, &x->named);
	if (x->scan)
		lock_scan_visit(x->scan, b, visit, x);
	else
		blocks_visit(b, x->text, visit, x);
}

/* --- the object --- */

static int by_type_and_word(const void *pa, const void *pb)
{
	const struct receiver *a = pa, *b = pb;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return a->word < b->word ? -1 : a->word > b->word;
}

static uint64_t type_key(struct str type)
{
	return hash64(type.p, type.n);
}

static void meet_receiver(void *ctx, const struct dump_goroutine *g)
{
	struct locks *x = ctx;

	for (size_t i = 0; i < g->n_frames; i++) {
		struct str args = g->frames[i].args, type = type_of(g->frames[i].func);
		uint64_t word;
		bool doubtful;

		if (!type.n || is_lock_frame(g->frames[i].func) || !next_argument(&args, &word, &doubtful) || word < HEAP)
			continue;
		GROW(x->receivers, x->n_receivers, x->cap_receivers);
		x->receivers[x->n_receivers++] = (struct receiver){type_key(type), word, doubtful ? VOTE_WEAK : VOTE_FAIR};
	}
}

/* The first that is not before. */
static size_t receivers_from(const struct locks *x, const struct receiver *r)
{
	size_t from = 0, to = x->n_receivers;

	while (from < to) {
		size_t i = from + (to - from) / 2;

		if (by_type_and_word(&x->receivers[i], r) < 0)
			from = i + 1;
		else
			to = i;
	}
	return from;
}

static void vote_for_receivers(struct locks *x, struct lock *l)
{
	uint64_t type = type_key(l->type), least = l->told.address > OBJECT_MAX ? l->told.address - OBJECT_MAX + 1 : 0;

	for (size_t i = receivers_from(x, &(struct receiver){.type = type, .word = least}); i < x->n_receivers; i++) {
		if (x->receivers[i].type != type || x->receivers[i].word > l->told.address)
			break;
		for (size_t k = 0; k < l->n_at; k++)
			vote(x, l, &l->at[k], x->receivers[i].word, x->receivers[i].weight);
	}
}

/* As most locks of a line say; of a line that takes but one, the nearest. */
static void find_object(struct locks *x, struct lock *l)
{
	const struct lock_line *best = NULL;

	if (l->certain)
		return;
	for (size_t k = 0; k < l->n_at; k++) {
		const struct lock_line *line = lock_line_of(&x->votes, l->at[k].key);

		if (line && (!best || line->weight > best->weight))
			best = line;
	}
	if (l->elsewhere && !best)
		return;
	l->guessed = !best;
	if (best)
		l->object = l->told.address > best->distance ? l->told.address - best->distance : 0;
	else if (l->near)
		l->object = l->told.address - (l->near - 1);
}

/* Objects are looked for as well as the locks themselves. One may begin where another lock is: the object before ends there. */
static void add_object(struct locks *x, uint32_t lock)
{
	struct lock *l = &x->a[lock];
	struct address *a;

	if (l->object == l->told.address)
		return;
	a = address_map_at(&x->addresses, l->object);
	if (!a->one)
		*a = (struct address){l->object, NO_LOCK, NO_LOCK, 1};
	l->next = a->in;
	a->in = lock;
}

static bool wants_receivers(const struct lock *l)
{
	return l->type.n && !l->certain && !l->elsewhere;
}

static void find_objects(struct locks *x)
{
	struct blocks b = {0};
	bool some = false;

	for (size_t i = 0; i < x->n; i++)
		some |= wants_receivers(&x->a[i]);
	if (some) {
		visit_names(x, &b, meet_receiver);
		if (x->n_receivers)
			qsort(x->receivers, x->n_receivers, sizeof *x->receivers, by_type_and_word);
		for (size_t i = 0; i < x->n; i++)
			if (wants_receivers(&x->a[i]))
				vote_for_receivers(x, &x->a[i]);
	}
	lock_votes_count(&x->votes);
	for (size_t i = 0; i < x->n; i++)
		find_object(x, &x->a[i]);
	for (uint32_t i = 0; i < x->n; i++)
		if (x->a[i].object)
			add_object(x, i);
}

static bool is_address(const void *ctx, uint64_t word)
{
	const struct locks *x = ctx;

	return address_map_find(&x->addresses, word) != NULL;
}

static void search_addresses(struct locks *x, struct blocks *b)
{
	uint32_t leading = 0;

	for (size_t i = 0; i < x->addresses.cap; i++)
		if (x->addresses.a[i].one)
			leading |= leading_digit(x->addresses.a[i].word);
	blocks_with_number(b, x->text, leading, is_address, x);
}

static void recall_addresses(struct locks *x, struct blocks *b)
{
	struct lock_wanted wanted = {0};

	for (size_t i = 0; i < x->addresses.cap; i++)
		if (x->addresses.a[i].one)
			lock_wanted_add(&wanted, x->addresses.a[i].word);
	find_named(x);
	lock_scan_wanted(x->scan, &wanted, b);
}

/* Who may hold it: all that score_of and is_behind count. */
static void find_holders(struct locks *x)
{
	struct blocks b = {0};

	if (!everybody(x))
		(x->scan ? recall_addresses : search_addresses)(x, &b);
	visit_names(x, &b, meet_anybody);
}

static void conclude(struct locks *x, struct lock *l)
{
	struct held_lock *t = &l->told;
	const struct waiter *w;

	t->func = "";
	t->taken_in = l->n_at ? pool_strndup(x->p, l->at[0].func.p, l->at[0].func.n) : "";
	if (t->candidates != 1) {
		t->holder = 0;
	} else {
		t->sure = l->best >= 8;
		t->is = l->best == 8 || l->best == 4;
		t->behind = l->best == BEHIND;
		t->func = pool_strndup(x->p, l->func.p, l->func.n);
		w = waiter_map_find(&x->waiters, t->holder);
		t->waits_for = w ? x->a[w->lock].told.address : 0;
	}
	held_give_reason(t, x->p);
}

static void find_out(struct str text, const struct lock_scan *scan, struct pool *p, struct held_lock **out, size_t *n)
{
	struct locks x = {.p = p, .text = text, .scan = scan};

	find_waiters(&x);
	if (x.n) {
		x.score = xcalloc(x.n, sizeof *x.score);
		x.func = xcalloc(x.n, sizeof *x.func);
		x.touched = xcalloc(x.n, sizeof *x.touched);
		find_objects(&x);
		find_holders(&x);
	}
	*out = pool_alloc(p, (x.n + 1) * sizeof **out);
	for (size_t i = 0; i < x.n; i++) {
		conclude(&x, &x.a[i]);
		(*out)[i] = x.a[i].told;
	}
	*n = x.n;
	held_finish(*out, *n, p);
	free(x.score);
	free(x.func);
	free(x.touched);
	free(x.receivers);
	free(x.named.a);
	free(x.a);
	lock_votes_release(&x.votes);
	waiter_map_release(&x.waiters);
	address_map_release(&x.addresses);
}

void dump_held_locks(struct str text, struct pool *p, struct held_lock **out, size_t *n)
{
	find_out(text, NULL, p, out, n);
}

void dump_held_locks_of(const struct held_scan *s, struct pool *p, struct held_lock **out, size_t *n)
{
	struct lock_scan scan = {s->text, s->r, s->sym, NULL};
	bool whole = !s->r->cut && !s->r->left_out && blocks_are_plain(s->text);

	if (whole && !s->host->locks)
		s->host->locks = lock_memory_new();
	scan.m = s->host->locks;
	find_out(s->text, whole ? &scan : NULL, p, out, n);
}
