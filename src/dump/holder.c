/* SPDX-License-Identifier: MIT */
/*
 * Twice through the dump: first those who wait for a lock, with what their callers' arguments tell of the object around it; then
 * everybody's arguments, held against those addresses. Nothing of other arguments is kept.
 *
 * A recorder does this for each dump in which somebody waits, so that most of the text is only searched: for the states of those
 * who wait, and then for the addresses and types that would count.
 */
#include <gscrape/dump.h>
#include <gscrape/hash.h>
#include <gscrape/holder.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define OBJECT_MAX 4096 /* bytes from an object's beginning to a lock in it */
#define CALLERS    3    /* frames above the lock's own that may have the object */
#define TAKING_MOST 4   /* lines that take one lock: those of the first who wait */
#define BEHIND     1    /* the score of one that is behind such a line: whatever a word tells counts more */
#define HEAP       0x10000
#define WORDS_MOST 96  /* locks: from here on it is as fast to read everybody, and lines are not compared */

struct lock {
	struct held_lock told;
	uint64_t object;      /* that it is in, as far as arguments tell: the nearest word before it; 0 none */
	struct str type;      /* "main.(*cache)." of the method that waits; empty: a function */
	struct taking {       /* where they wait for it: the lines that take the lock */
		struct str func, file;
		uint32_t line;
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
	uint32_t lock, one;
};
HASH_TABLE(address_map, struct address, word, one);

struct locks {
	struct pool *p;
	struct lock *a;
	size_t n, cap;
	struct waiter_map waiters;
	struct address_map addresses; /* of the locks; of the objects */
	int *score;           /* while one goroutine is looked at: its best word for each lock, */
	struct str *func;     /* and where that stands */
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

static bool same_line(const struct taking *t, const struct dump_frame *f)
{
	return t->line == f->line && str_eq(t->func, f->func) && str_eq(t->file, f->file);
}

static void learn_line(struct lock *l, const struct dump_goroutine *g, size_t frame)
{
	const struct dump_frame *f;

	while (++frame < g->n_frames && is_lock_frame(g->frames[frame].func))
		;
	if (frame >= g->n_frames || l->n_at == TAKING_MOST)
		return;
	f = &g->frames[frame];
	for (size_t i = 0; i < l->n_at; i++)
		if (same_line(&l->at[i], f))
			return;
	l->at[l->n_at++] = (struct taking){f->func, f->file, (uint32_t)f->line};
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
	learn_line(&x->a[a->lock], g, frame);
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

/* Each lock once a goroutine, by its best word. */
static void meet_anybody(struct locks *x, const struct dump_goroutine *g)
{
	int *best = x->score;
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
				x->func[k] = g->frames[i].func;
			}
		}
	}
	for (size_t k = 0; k < x->n && x->n <= WORDS_MOST; k++) {
		if (best[k] || (w && w->lock == k))
			continue;
		for (size_t i = 0; i < g->n_frames && !best[k]; i++) {
			if (!is_behind(&x->a[k], &g->frames[i]))
				continue;
			best[k] = BEHIND;
			x->func[k] = g->frames[i].func;
		}
	}
	for (size_t k = 0; k < x->n; k++)
		if (best[k])
			take_candidate(&x->a[k], g->head.id, best[k], x->func[k]);
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

/* In words, from what is known. */
static void give_reason(struct held_lock *t, struct pool *p)
{
	if (t->holder && t->behind)
		t->reason = pool_printf(p, "is in %s, behind the line that takes the lock", t->func);
	else if (t->holder)
		t->reason = pool_printf(p, "%s in %s with the lock or the object around it", t->is ? "is" : "may be", t->func);
	else
		t->reason = t->candidates ? pool_printf(p, "%" PRIu32 " are as likely", t->candidates) : "nobody has its address in a frame";
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
	give_reason(t, x->p);
}

static int by_address(const void *pa, const void *pb)
{
	const struct held_lock *a = pa, *b = pb;

	return a->address < b->address ? -1 : a->address > b->address;
}

static struct held_lock *lock_at(struct held_lock *a, size_t n, uint64_t address)
{
	return bsearch(&(struct held_lock){.address = address}, a, n, sizeof *a, by_address);
}

/* From holder to holder, back to where it began; of locks by address. */
static void find_cycle(struct held_lock *a, size_t n, struct held_lock *first, struct pool *p)
{
	struct buf b = {0};
	struct held_lock *l = first;
	bool lowest = true;

	for (size_t steps = 0; steps <= n && l->holder && l->sure && l->waits_for; steps++) {
		struct held_lock *then = lock_at(a, n, l->waits_for);

		if (!then)
			break;
		buf_addf(&b, "%s%" PRIu64 " seems to hold 0x%" PRIx64 " and waits for 0x%" PRIx64, steps ? ", which " : "", l->holder,
			 l->address, then->address);
		if (then == first) {
			first->deadlock = pool_printf(p, "%s", b.p);
			first->first = lowest;
			break;
		}
		l = then;
		lowest &= l->address > first->address;
	}
	buf_release(&b);
}

static void find_cycles(struct held_lock *a, size_t n, struct pool *p)
{
	for (size_t i = 0; i < n; i++)
		find_cycle(a, n, &a[i], p);
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

/* Places in a text where goroutines begin, each once and rising, by end_blocks. */
struct blocks {
	size_t *a;
	size_t n, cap;
};

static const char header[] = "goroutine ";

static bool is_plain(struct str text)
{
	return str_begins(text, (struct str){header, sizeof header - 1});
}

/* The block around place i: where it begins. One that no header stands before begins with the text. */
static size_t block_begin(struct str text, size_t i)
{
	for (;;) {
		const char *nl = i ? memrchr(text.p, '\n', i) : NULL;
		size_t line = nl ? (size_t)(nl - text.p) + 1 : 0;

		if (!line || str_begins((struct str){text.p + line, text.n - line}, (struct str){header, sizeof header - 1}))
			return line;
		i = line - 1;
	}
}

static size_t block_end(struct str text, size_t begin)
{
	const char *blank = memmem(text.p + begin, text.n - begin, "\n\n", 2);

	return blank ? (size_t)(blank - text.p) + 2 : text.n;
}

/* Each block that has the word. */
static void blocks_with(struct blocks *b, struct str text, struct str word)
{
	for (size_t i = 0; i < text.n;) {
		const char *at = memmem(text.p + i, text.n - i, word.p, word.n);

		if (!at)
			return;
		GROW(b->a, b->n, b->cap);
		b->a[b->n] = block_begin(text, (size_t)(at - text.p));
		i = block_end(text, b->a[b->n++]);
		if (i <= (size_t)(at - text.p))
			i = (size_t)(at - text.p) + 1;
	}
}

static int by_place(const void *pa, const void *pb)
{
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;

	return a < b ? -1 : a > b;
}

static void end_blocks(struct blocks *b)
{
	size_t n = 0;

	if (b->n)
		qsort(b->a, b->n, sizeof *b->a, by_place);
	for (size_t i = 0; i < b->n; i++)
		if (!n || b->a[n - 1] != b->a[i])
			b->a[n++] = b->a[i];
	b->n = n;
}

typedef void (*meet_fn)(struct locks *x, const struct dump_goroutine *g);

static void meet_all(struct locks *x, struct str text, meet_fn meet)
{
	struct dump d = {.text = text};

	while (dump_next(&d))
		meet(x, &d.g);
	dump_release(&d);
}

static void meet_some(struct locks *x, struct str text, struct blocks *b, meet_fn meet)
{
	end_blocks(b);
	for (size_t i = 0; i < b->n; i++)
		meet_all(x, (struct str){text.p + b->a[i], block_end(text, b->a[i]) - b->a[i]}, meet);
	free(b->a);
}

/* Who waits. */
static void find_waiters(struct locks *x, struct str text)
{
	struct blocks b = {0};
	char word[32];

	if (!is_plain(text)) {
		meet_all(x, text, meet_waiter);
		return;
	}
	for (size_t i = 0; i < sizeof lock_states / sizeof *lock_states; i++) {
		snprintf(word, sizeof word, "[%s", lock_states[i]);
		blocks_with(&b, text, str_of(word));
	}
	meet_some(x, text, &b, meet_waiter);
}

/* "0xc000012345", into out. */
static struct str hexadecimal(char *out, size_t size, uint64_t word)
{
	snprintf(out, size, "0x%" PRIx64, word);
	return str_of(out);
}

static bool looked_for(const struct locks *x, size_t n, struct str func)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < x->a[i].n_at; k++)
			if (str_eq(x->a[i].at[k].func, func))
				return true;
	return false;
}

/* Who may hold it: all that score_of, lock_within and is_behind count. */
static void find_holders(struct locks *x, struct str text)
{
	struct blocks b = {0};
	char word[32];

	if (!x->n)
		return;
	if (!is_plain(text) || x->n > WORDS_MOST) {
		meet_all(x, text, meet_anybody);
		return;
	}
	for (size_t i = 0; i < x->n; i++) {
		const struct lock *l = &x->a[i];
		bool known = false;

		for (size_t k = 0; k < i && !known; k++)
			known = str_eq(x->a[k].type, l->type);
		if (l->type.n && !known)
			blocks_with(&b, text, l->type);
		for (size_t k = 0; k < l->n_at; k++)
			if (!type_of(l->at[k].func).n && !looked_for(x, i, l->at[k].func))
				blocks_with(&b, text, l->at[k].func);
		blocks_with(&b, text, hexadecimal(word, sizeof word, l->told.address));
		if (l->object && l->object != l->told.address)
			blocks_with(&b, text, hexadecimal(word, sizeof word, l->object));
	}
	meet_some(x, text, &b, meet_anybody);
}

void dump_held_locks(struct str text, struct pool *p, struct held_lock **out, size_t *n)
{
	struct locks x = {.p = p};

	find_waiters(&x, text);
	add_objects(&x);
	x.score = xcalloc(x.n + 1, sizeof *x.score);
	x.func = xcalloc(x.n + 1, sizeof *x.func);
	find_holders(&x, text);
	for (size_t i = 0; i < x.n; i++)
		conclude(&x, &x.a[i]);
	*out = pool_alloc(p, (x.n + 1) * sizeof **out);
	for (size_t i = 0; i < x.n; i++)
		(*out)[i] = x.a[i].told;
	*n = x.n;
	if (x.n)
		qsort(*out, x.n, sizeof **out, by_address);
	find_cycles(*out, *n, p);
	free(x.score);
	free(x.func);
	free(x.a);
	waiter_map_release(&x.waiters);
	address_map_release(&x.addresses);
}

/* --- as bytes --- */

enum { HELD_SURE = 1, HELD_IS = 2, HELD_BEHIND = 4 };

static int most_waited_for(const void *pa, const void *pb)
{
	const struct held_lock *a = pa, *b = pb;

	if (a->waiters != b->waiters)
		return a->waiters > b->waiters ? -1 : 1;
	return by_address(pa, pb);
}

static void pack_text(struct buf *out, const char *s)
{
	size_t n = strlen(s);

	buf_varint(out, n);
	buf_add(out, s, n);
}

void held_pack(const struct held_lock *a, size_t n, struct buf *out)
{
	struct held_lock *kept = xrealloc(NULL, n + 1, sizeof *kept);
	uint64_t last = 0;

	if (n)
		memcpy(kept, a, n * sizeof *a);
	if (n > HELD_MOST) {
		qsort(kept, n, sizeof *kept, most_waited_for);
		n = HELD_MOST;
		qsort(kept, n, sizeof *kept, by_address);
	}
	buf_varint(out, n);
	for (size_t i = 0; i < n; last = kept[i++].address) {
		buf_varint(out, kept[i].address - last);
		buf_varint(out, kept[i].holder);
		buf_varint(out, kept[i].candidates);
		buf_varint(out, (kept[i].sure ? HELD_SURE : 0) | (kept[i].is ? HELD_IS : 0) | (kept[i].behind ? HELD_BEHIND : 0));
		buf_varint(out, kept[i].waits_for);
		pack_text(out, kept[i].func);
		pack_text(out, kept[i].taken_in);
	}
	free(kept);
}

static const char *unpack_text(const uint8_t **at, const uint8_t *end, struct pool *p)
{
	uint64_t n = get_varint(at, end);
	const char *s;

	if (!*at || n > (uint64_t)(end - *at)) {
		*at = NULL;
		return "";
	}
	s = pool_strndup(p, (const char *)*at, (size_t)n);
	*at += n;
	return s;
}

static bool unpack_one(const uint8_t **at, const uint8_t *end, struct pool *p, struct held_lock *l)
{
	uint64_t flags;

	l->address += get_varint(at, end);
	l->holder = get_varint(at, end);
	l->candidates = (uint32_t)get_varint(at, end);
	flags = get_varint(at, end);
	l->sure = flags & HELD_SURE;
	l->is = flags & HELD_IS;
	l->behind = flags & HELD_BEHIND;
	l->waits_for = get_varint(at, end);
	l->func = unpack_text(at, end, p);
	l->taken_in = unpack_text(at, end, p);
	give_reason(l, p);
	return *at != NULL;
}

bool held_unpack(struct str bytes, struct pool *p, struct held_lock **out, size_t *n)
{
	const uint8_t *at = (const uint8_t *)bytes.p, *end = at + bytes.n;
	uint64_t count = get_varint(&at, end), last = 0;

	*n = 0;
	*out = pool_alloc(p, (HELD_MOST + 1) * sizeof **out);
	if (!at || count > HELD_MOST)
		return false;
	for (; *n < count; last = (*out)[(*n)++].address) {
		(*out)[*n] = (struct held_lock){.address = last};
		if (!unpack_one(&at, end, p, &(*out)[*n]) || (*n && (*out)[*n].address <= last))
			return false;
	}
	find_cycles(*out, *n, p);
	return at == end;
}
