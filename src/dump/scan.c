/* SPDX-License-Identifier: MIT */
/*
 * One snapshot against a host's memory. Three ways, cheapest first, for each goroutine:
 *
 *   1. the bytes at hand, as many as its block had last time, hash to what they hashed to: nothing is parsed; where only
 *      the header differs (another minute), that alone is read;
 *   2. the trie of known stacks follows the lines, stepping over argument words;
 *   3. dump_next() takes whatever is left: ancestors, indents, opaque lines, the text's cut end.
 */
#include "line.h"
#include "lock_memory.h"
#include "previous.h"
#include "trie.h"
#include <gscrape/err.h>
#include <ctype.h>
#include <stdlib.h>

/*
 * What stands behind a goroutine's number is the same text for many: " [select, 3 minutes]:". A direct-mapped cache of
 * such texts saves taking them apart; one that is longer than it holds is taken apart each time.
 */
#define TAILS 256
#define TAIL_MAX 107

struct tail {
	uint8_t n;
	uint8_t flags;
	char text[TAIL_MAX];
	uint32_t state, labels;
	int32_t minutes;
};

struct scanner {
	struct symtab *symtab;
	struct trie *trie;
	struct tail tails[TAILS];
	struct scan_item *items;
	size_t n, cap;
	uint32_t *gone;
	uint64_t *gone_ids;
	size_t n_gone, cap_gone, cap_gone_ids;
	uint32_t *order;
	size_t cap_order;
};

struct scanner *scanner_new(struct symtab *t)
{
	struct scanner *sc = xcalloc(1, sizeof *sc);

	sc->symtab = t;
	sc->trie = trie_new(t);
	return sc;
}

void scanner_free(struct scanner *sc)
{
	if (!sc)
		return;
	trie_free(sc->trie);
	free(sc->items);
	free(sc->gone);
	free(sc->gone_ids);
	free(sc->order);
	free(sc);
}

/* A pass over one text. */
struct pass {
	struct scanner *sc;
	struct previous *m;
	struct scan_result *out;
	const char *begin, *p, *end;
	size_t expect; /* index into m->order of the goroutine that should come next */
};

/* Decimal digits at p; what is behind them, or NULL when there are none or too many for an id. */
static const char *digits(const char *p, const char *end, uint64_t *v)
{
	const char *from = p;

	for (*v = 0; p < end && *p >= '0' && *p <= '9'; p++)
		*v = *v * 10 + (uint64_t)(*p - '0');
	return p > from && p - from < 19 ? p : NULL;
}

static int32_t minutes_of(const struct dump_header *h)
{
	return h->minutes > INT32_MAX ? INT32_MAX : (int32_t)h->minutes;
}

static uint8_t flags_of(const struct dump_header *h)
{
	return h->flags & (DUMP_LOCKED | DUMP_LEAKED | DUMP_DURABLE);
}

/* " [chan receive, 3 minutes]:" into *it. False when it is none. */
static bool read_tail(struct scanner *sc, struct str text, struct scan_item *it)
{
	struct dump_header h = {.minutes = -1};
	struct tail *t;
	uint64_t a, b;

	if (text.n < 8)
		return false;
	memcpy(&a, text.p, sizeof a);
	memcpy(&b, text.p + text.n - 8, sizeof b);
	t = &sc->tails[((a ^ b * 3 ^ text.n) * 0x9e3779b97f4a7c15u) >> 56];
	if (t->n != text.n || memcmp(t->text, text.p, text.n) != 0) {
		if (!header_tail(text, &h))
			return false;
		it->state = symtab_string(sc->symtab, h.state);
		it->labels = symtab_string(sc->symtab, h.labels);
		it->minutes = minutes_of(&h);
		it->flags = flags_of(&h);
		if (text.n > TAIL_MAX)
			return true;
		*t = (struct tail){.n = (uint8_t)text.n, .flags = it->flags, .state = it->state, .labels = it->labels,
				   .minutes = it->minutes};
		memcpy(t->text, text.p, text.n);
		return true;
	}
	it->state = t->state;
	it->labels = t->labels;
	it->minutes = t->minutes;
	it->flags = t->flags;
	return true;
}

/* A header without indent, `goroutine 18 [chan receive, 3 minutes] {k: v}:`. What is behind it, or NULL: dump_next() must
 * look. */
static const char *plain_header(struct pass *s, struct scan_item *it)
{
	const char *p = s->p, *nl;

	if (s->end - p < 16 || memcmp(p, "goroutine ", 10) != 0)
		return NULL;
	p = digits(p + 10, s->end, &it->id);
	nl = p ? memchr(p, '\n', (size_t)(s->end - p)) : NULL;
	if (!nl || nl[-1] == '\r' || !read_tail(s->sc, (struct str){p, (size_t)(nl - p)}, it))
		return NULL;
	return nl + 1;
}

/* The slot of it->id: the one expected next, one found, or a new one. */
static void find_slot(struct pass *s, struct scan_item *it)
{
	struct previous *m = s->m;
	long found = -1;

	/* A goroutine or two that went since: look a little ahead before the hash table is asked. */
	for (size_t k = s->expect; k < m->n_order && k < s->expect + 4; k++) {
		if (m->slots[m->order[k]].id == it->id) {
			found = m->order[k];
			s->expect = k + 1;
			break;
		}
	}
	if (found < 0)
		found = previous_find(m, it->id);
	it->fresh = found < 0;
	it->slot = found < 0 ? previous_add(m, it->id) : (uint32_t)found;
}

static bool body_ends(const char *p, const char *end)
{
	size_t next;

	if (p == end || *p == '\n')
		return true;
	return line_is_header(line_at((struct str){p, (size_t)(end - p)}, 0, &next));
}

static bool same_body(const struct previous_slot *slot, const char *p, const char *end)
{
	return slot->body_len && (size_t)(end - p) >= slot->body_len && p[slot->body_len - 1] == '\n' &&
	       body_ends(p + slot->body_len, end) && hash64(p, slot->body_len) == slot->body_hash;
}

#define ADDRESS_DIGITS 8

/* Has it a word long enough for an address? */
static bool has_address(struct str body)
{
	const char *end = body.p + body.n;

	for (const char *p = body.p; p < end && (p = memchr(p, 'x', (size_t)(end - p))); p++) {
		size_t n = 1;

		while (p + n < end && isxdigit((uint8_t)p[n]))
			n++;
		if (n > ADDRESS_DIGITS && p > body.p && p[-1] == '0')
			return true;
	}
	return false;
}

#define MAPPED_DIGITS 11

/*
 * The first argument of the innermost function, when the kernel chose where that is: what the poller waits at is in memory of its
 * own, at another address in each process, and so is the heap since Go 1.26. It was at 0xc000000000 before that, which tells nothing.
 * 0 none; a word with ? may be a left-over.
 */
static uint32_t mapped_at(struct str body)
{
	const char *end = memchr(body.p, '\n', body.n), *p = end ? memmem(body.p, (size_t)(end - body.p), "(0x", 3) : NULL;
	uint64_t v = 0;
	size_t n = 0;

	if (!p)
		return 0;
	for (p += 3; isxdigit((uint8_t)p[n]); n++)
		v = v << 4 | (uint64_t)(isdigit((uint8_t)p[n]) ? p[n] - '0' : (p[n] | 0x20) - 'a' + 10);
	return n >= MAPPED_DIGITS && n <= 16 && p[n] != '?' ? (uint32_t)(v >> 8) | 1 : 0;
}

/* What a body says of its goroutine, compared with what the slot knows. */
static void learn_body(struct pass *s, struct scan_item *it, const struct trie_walk *w, struct str body)
{
	struct previous_slot *slot = &s->m->slots[it->slot];
	uint64_t hash = body.n ? hash64(body.p, body.n) : 0;
	bool known = slot->body_len && body.n && slot->stack == w->stack;

	it->same_body = known && slot->body_len == body.n && slot->body_hash == hash;
	it->args_moved = known && !it->same_body;
	it->stack = w->stack;
	it->parent = w->parent;
	it->wait_object = w->wait_object;
	it->addressed = body.n && has_address(body);
	it->map = body.n ? mapped_at(body) : 0;
	it->same_map = known && it->map && it->map == slot->map;
	if (s->m->locks)
		lock_memory_changed(s->m->locks, it->slot);
	slot->body_len = previous_length(body.n, BODY_BITS) & ((1u << BODY_BITS) - 1);
	slot->body_hash = hash;
}

static void add_item(struct pass *s, const struct scan_item *it, struct str head)
{
	struct scanner *sc = s->sc;
	struct previous_slot *slot = &s->m->slots[it->slot];

	slot->mark = s->m->mark;
	previous_keep(slot, it);
	slot->head_len = previous_length(head.n, HEAD_BITS) & ((1u << HEAD_BITS) - 1);
	slot->hash = slot->head_len && slot->body_len ? hash64(head.p, head.n + slot->body_len) : 0;
	if (it->id > s->out->max_id)
		s->out->max_id = it->id;
	GROW(sc->items, sc->n, sc->cap);
	sc->items[sc->n++] = *it;
}

/* The hash comes first: what stands behind the text is then on its way to the processor. */
static bool same(const struct previous_slot *slot, const char *p, const char *end)
{
	size_t n = (size_t)slot->head_len + slot->body_len;

	return slot->head_len && slot->body_len && (size_t)(end - p) >= n && hash64(p, n) == slot->hash && p[n - 1] == '\n' &&
	       body_ends(p + n, end);
}

#define AHEAD 6 /* goroutines, of whose slots the processor is told that they will be asked: they do not lie one behind the other */

/* The first way at its cheapest: the goroutine that should come next stands here, to the byte as it was. */
static bool unchanged(struct pass *s)
{
	struct scanner *sc = s->sc;
	struct previous *m = s->m;
	struct previous_slot *slot;
	struct scan_item *it;

	if (s->expect >= m->n_order)
		return false;
	if (s->expect + AHEAD < m->n_order) {
		slot = &m->slots[m->order[s->expect + AHEAD]];
		__builtin_prefetch(slot); /* which may be in two lines of the cache */
		__builtin_prefetch(&slot->addressed);
	}
	slot = &m->slots[m->order[s->expect]];
	if (slot->mark == m->mark || !same(slot, s->p, s->end))
		return false;
	slot->mark = m->mark;
	GROW(sc->items, sc->n, sc->cap);
	it = &sc->items[sc->n++];
	*it = previous_item(slot, m->order[s->expect++]);
	it->at = (uint32_t)(s->p - s->begin);
	s->p += slot->head_len + slot->body_len;
	if (it->id > s->out->max_id)
		s->out->max_id = it->id;
	return true;
}

/* A second block with an id that this dump had already: the first counts. */
static bool skip_duplicate(struct pass *s, const char *body)
{
	struct trie_walk w;

	if (!trie_follow(s->sc->trie, body, s->end, &w))
		return false;
	s->out->duplicate_ids++;
	s->out->left_out = true;
	s->p = w.end;
	return true;
}

/* The first and second way. False: nothing was taken. */
static bool plain(struct pass *s)
{
	struct scan_item it = {.minutes = -1};
	struct trie_walk w;
	const char *body = plain_header(s, &it), *from = s->p;
	struct previous_slot *slot;

	if (!body || !it.id)
		return false;
	it.at = (uint32_t)(from - s->begin);
	find_slot(s, &it);
	slot = &s->m->slots[it.slot];
	if (!it.fresh && slot->mark == s->m->mark)
		return skip_duplicate(s, body);
	if (!it.fresh && same_body(slot, body, s->end)) {
		it.same_body = 1;
		it.stack = slot->stack;
		it.parent = slot->parent;
		it.wait_object = slot->wait_object;
		it.addressed = slot->addressed;
		it.map = slot->map;
		it.same_map = it.map != 0;
		s->p = body + slot->body_len;
	} else if (trie_follow(s->sc->trie, body, s->end, &w)) {
		learn_body(s, &it, &w, (struct str){body, (size_t)(w.end - body)});
		s->p = w.end;
	} else {
		if (it.fresh)
			previous_drop(s->m, it.slot);
		return false;
	}
	add_item(s, &it, (struct str){from, (size_t)(body - from)});
	return true;
}

static void odd_goroutine(struct pass *s, const struct dump_goroutine *g, size_t at)
{
	struct scan_item it = {.id = g->head.id, .flags = flags_of(&g->head), .minutes = minutes_of(&g->head), .at = (uint32_t)at};
	struct trie_walk w;
	struct str body = {0};

	if (!it.id) {
		s->out->left_out = true;
		return; /* a thread's scheduler, as a crash shows it: each thread has a goroutine 0, and nobody made them */
	}
	it.state = symtab_string(s->sc->symtab, g->head.state);
	it.labels = symtab_string(s->sc->symtab, g->head.labels);
	find_slot(s, &it);
	if (!it.fresh && s->m->slots[it.slot].mark == s->m->mark) {
		s->out->duplicate_ids++;
		s->out->left_out = true;
		return;
	}
	trie_stack_of(s->sc->trie, g, &w);
	if (!g->cut)
		body = g->body;
	learn_body(s, &it, &w, body);
	add_item(s, &it, (struct str){s->p, 0});
}

/* The third way: dump_next() from here, over whatever stands before the next header. False at the end. */
static bool anything(struct pass *s)
{
	size_t at = (size_t)(s->p - s->begin);
	struct dump d = {.text = {s->begin, (size_t)(s->end - s->begin)}, .pos = at};
	bool found = dump_next(&d);

	s->out->skipped_lines += d.skipped_lines;
	s->out->opaque_lines += d.opaque_lines;
	s->out->cut |= d.cut;
	s->p = s->begin + d.pos;
	if (found)
		odd_goroutine(s, &d.g, at);
	dump_release(&d);
	return found;
}

static void drop_gone(struct scanner *sc, struct previous *m)
{
	for (size_t i = 0; i < m->n_order; i++) {
		uint32_t slot = m->order[i];

		if (m->slots[slot].mark == m->mark)
			continue;
		GROW(sc->gone, sc->n_gone, sc->cap_gone);
		GROW(sc->gone_ids, sc->n_gone, sc->cap_gone_ids);
		sc->gone[sc->n_gone] = slot;
		sc->gone_ids[sc->n_gone++] = m->slots[slot].id;
		previous_drop(m, slot);
	}
}

/* This snapshot's order becomes the next one's expectation; those that a cut dump does not show stay at its end. */
static void remember_order(struct scanner *sc, struct previous *m, bool keep_missing)
{
	size_t n = sc->n + (keep_missing ? m->n_order : 0), k = 0;

	if (n > sc->cap_order) {
		sc->cap_order = n + n / 2;
		sc->order = xrealloc(sc->order, sc->cap_order, sizeof *sc->order);
	}
	for (size_t i = 0; i < sc->n; i++)
		sc->order[k++] = sc->items[i].slot;
	for (size_t i = 0; keep_missing && i < m->n_order; i++)
		if (m->slots[m->order[i]].mark != m->mark)
			sc->order[k++] = m->order[i];
	if (k > m->cap_order) {
		m->cap_order = k + k / 16;
		m->order = xrealloc(m->order, m->cap_order, sizeof *m->order);
	}
	if (k)
		memcpy(m->order, sc->order, k * sizeof *m->order);
	m->n_order = k;
}

void scan_text(struct scanner *sc, struct previous *m, struct str text, bool keep_missing, struct scan_result *out)
{
	struct pass s = {.sc = sc, .m = m, .out = out, .begin = text.p, .p = text.p + dump_mark(text), .end = text.p + text.n};

	trie_trim(sc->trie);
	*out = (struct scan_result){0};
	sc->n = sc->n_gone = 0;
	m->mark++;
	while (s.p < s.end) {
		if (*s.p == '\n')
			s.p++;
		else if (!unchanged(&s) && !plain(&s) && !anything(&s))
			break;
	}
	if (text.n && text.p[text.n - 1] != '\n')
		out->cut = true;
	if (!keep_missing && !out->cut)
		drop_gone(sc, m);
	remember_order(sc, m, keep_missing || out->cut);
	out->items = sc->items;
	out->n = sc->n;
	out->gone = sc->gone;
	out->gone_ids = sc->gone_ids;
	out->n_gone = sc->n_gone;
}
