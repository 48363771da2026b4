/* SPDX-License-Identifier: MIT */
#include "lock_frames.h"
#include "lock_memory.h"
#include <gscrape/hash.h>
#include <gscrape/holder.h>

#define KEPT_UNUSED 16  /* snapshots in which nobody waits */
#define LIST_MOST   ((1 << 15) - 1) /* a text with so many addresses has every one */
#define ADDRESS_LEAST 0x10000

/* A list is its length, doubled, with a bit for who is in one of the names; then the hashes of its addresses. */
struct lock_memory {
	uint16_t *a;
	size_t n, cap, live;  /* live: of lists that somebody has */
	uint32_t *at;         /* by slot: where its list begins; 0 it is to be made */
	size_t cap_at;
	uint32_t *of;         /* of the scan's items: the same */
	size_t cap_of;
	struct lock_frames frames;
	struct str names[LOCK_NAMES_MOST]; /* that the bits are about */
	size_t n_names;
	struct pool of_names;
	unsigned unused;
};

struct lock_memory *lock_memory_new(void)
{
	return xcalloc(1, sizeof(struct lock_memory));
}

void lock_memory_free(struct lock_memory *m)
{
	if (!m)
		return;
	free(m->a);
	free(m->at);
	free(m->of);
	lock_frames_release(&m->frames);
	pool_release(&m->of_names);
	free(m);
}

bool lock_memory_unused(struct lock_memory *m)
{
	return ++m->unused > KEPT_UNUSED;
}

static size_t length_of(const struct lock_memory *m, uint32_t at)
{
	return (size_t)(m->a[at] >> 1) + 1;
}

void lock_memory_changed(struct lock_memory *m, uint32_t slot)
{
	lock_frames_forget(&m->frames, slot);
	if (slot >= m->cap_at || !m->at[slot])
		return;
	m->live -= length_of(m, m->at[slot]);
	m->at[slot] = 0;
}

static uint16_t hash_of(uint64_t address)
{
	return (uint16_t)(hash_u64(address) >> 48);
}

void lock_wanted_add(struct lock_wanted *w, uint64_t address)
{
	uint16_t h = hash_of(address);

	w->bits[h >> 6] |= (uint64_t)1 << (h & 63);
}

static bool is_wanted(const struct lock_wanted *w, uint16_t h)
{
	return w->bits[h >> 6] >> (h & 63) & 1;
}

static void append(struct lock_memory *m, uint16_t v)
{
	GROW(m->a, m->n, m->cap);
	m->a[m->n++] = v;
}

#define LOOK_BACK 24 /* the same address is in several arguments of one text */

static void add_address(struct lock_memory *m, uint32_t at, uint64_t address)
{
	size_t n = m->n - at - 1, back = n < LOOK_BACK ? n : LOOK_BACK;
	uint16_t h = hash_of(address);

	for (size_t i = m->n - back; i < m->n; i++)
		if (m->a[i] == h)
			return;
	if (n < LIST_MOST)
		append(m, h);
}

static void make_list(struct lock_memory *m, uint32_t slot, struct str text)
{
	const char *end = text.p + text.n, *p = text.p;
	uint64_t address;
	uint32_t at;

	if (!m->n)
		append(m, 0); /* no list begins there */
	at = (uint32_t)m->n;
	append(m, 0);
	while (p < end && (p = memchr(p, 'x', (size_t)(end - p)))) {
		bool number = p > text.p && p[-1] == '0';

		p = hex_digits(p + 1, end, &address);
		if (number && address >= ADDRESS_LEAST)
			add_address(m, at, address);
	}
	m->a[at] = (uint16_t)((m->n - at - 1) << 1);
	m->at[slot] = at;
	m->live += m->n - at;
}

/* Lists that nobody has any more are as much as the others: only those stay. */
static void tidy(struct lock_memory *m)
{
	uint16_t *a = xrealloc(NULL, m->live + 1, sizeof *a);
	size_t n = 1;

	for (size_t slot = 0; slot < m->cap_at; slot++) {
		if (!m->at[slot])
			continue;
		memcpy(a + n, m->a + m->at[slot], length_of(m, m->at[slot]) * sizeof *a);
		n += length_of(m, m->at[slot]);
		m->at[slot] = (uint32_t)(n - length_of(m, m->at[slot]));
	}
	free(m->a);
	m->a = a;
	m->n = n;
	m->cap = m->live + 1;
}

/* --- who is in one of the names --- */

static bool has_name(const struct lock_memory *m, struct str func)
{
	for (size_t i = 0; i < m->n_names; i++) {
		struct str name = m->names[i];

		if (str_begins(func, name) && (name.n == func.n || (name.n && name.p[name.n - 1] == '.')))
			return true;
	}
	return false;
}

static bool stack_has_name(const struct lock_scan *s, uint32_t stack)
{
	const struct sym_stack st = symtab_get_stack(s->sym, stack);

	for (uint32_t i = 0; i < st.n; i++)
		if (has_name(s->m, symtab_get_string(s->sym, symtab_get_frame(s->sym, st.frames[i]).func)))
			return true;
	return false;
}

/* Many have the same stack: what was found of it last. */
struct answers {
	struct {
		uint32_t number;
		bool known, yes;
	} a[64];
};

static bool answer(struct answers *known, const struct lock_scan *s, uint32_t number, bool (*ask)(const struct lock_scan *s, uint32_t number))
{
	size_t i = number % (sizeof known->a / sizeof *known->a);

	if (!known->a[i].known || known->a[i].number != number) {
		known->a[i].number = number;
		known->a[i].known = true;
		known->a[i].yes = ask(s, number);
	}
	return known->a[i].yes;
}

static bool knows(const struct lock_memory *m, struct str name)
{
	for (size_t i = 0; i < m->n_names; i++)
		if (str_eq(m->names[i], name))
			return true;
	return false;
}

/* As a symbol table spells it. False: it is known. */
static bool learn_name(struct lock_memory *m, struct str spelled)
{
	struct buf b = {0};
	struct str name;
	bool fresh;

	func_display(&b, spelled);
	name = (struct str){b.p, b.n};
	fresh = !knows(m, name);
	if (fresh && m->n_names == LOCK_NAMES_MOST) {
		pool_release(&m->of_names);
		m->n_names = 0;
	}
	if (fresh)
		m->names[m->n_names++] = (struct str){pool_strndup(&m->of_names, name.p, name.n), name.n};
	buf_release(&b);
	return fresh;
}

/* True: the bits are to be found anew. Where there is no room for all of them beside those before, these come twice. */
static bool learn_names(struct lock_memory *m, const struct str *names, size_t n)
{
	size_t fresh = 0;

	for (size_t i = 0; i < n; i++)
		fresh += learn_name(m, names[i]);
	for (size_t i = 0; i < n && fresh; i++)
		learn_name(m, names[i]);
	return fresh > 0;
}

/* --- asking --- */

/* From its header, or before it, to where the next one's begins. */
static struct str text_of(const struct lock_scan *s, size_t i)
{
	size_t from = s->r->items[i].at, to = i + 1 < s->r->n ? s->r->items[i + 1].at : s->text.n;

	return (struct str){s->text.p + from, to - from};
}

static void give_name_bit(const struct lock_scan *s, size_t i, struct answers *known)
{
	uint16_t *list = &s->m->a[s->m->at[s->r->items[i].slot]];

	*list = (uint16_t)(*list >> 1 << 1 | answer(known, s, s->r->items[i].stack, stack_has_name));
}

static void take(struct blocks *b, size_t i)
{
	GROW(b->a, b->n, b->cap);
	b->a[b->n++] = i;
}

static bool waits(const struct lock_scan *s, uint32_t state)
{
	return state_is_of_lock(symtab_get_string(s->sym, state));
}

void lock_scan_waiters(const struct lock_scan *s, struct blocks *b)
{
	struct answers known = {0};

	lock_frames_begin(&s->m->frames);
	for (size_t i = 0; i < s->r->n; i++)
		if (answer(&known, s, s->r->items[i].state, waits))
			take(b, i);
}

void lock_scan_learn(const struct lock_scan *s, const struct str *names, size_t n)
{
	struct answers known = {0};
	struct lock_memory *m = s->m;
	bool anew = learn_names(m, names, n);

	m->unused = 0;
	if (m->n > 2 * m->live + 1024)
		tidy(m);
	if (s->r->n > m->cap_of) {
		m->cap_of = s->r->n + s->r->n / 16;
		m->of = xrealloc(m->of, m->cap_of, sizeof *m->of);
	}
	for (size_t i = 0; i < s->r->n; i++) {
		uint32_t slot = s->r->items[i].slot;
		bool fresh;

		REACH(m->at, m->cap_at, slot);
		fresh = !m->at[slot];
		if (fresh)
			make_list(m, slot, text_of(s, i));
		if (fresh || anew)
			give_name_bit(s, i, &known);
		m->of[i] = m->at[slot];
	}
}

void lock_scan_named(const struct lock_scan *s, struct blocks *b)
{
	for (size_t i = 0; i < s->r->n; i++)
		if (s->m->a[s->m->of[i]] & 1)
			take(b, i);
}

void lock_scan_wanted(const struct lock_scan *s, const struct lock_wanted *w, struct blocks *b)
{
	for (size_t i = 0; i < s->r->n; i++) {
		const uint16_t *list = &s->m->a[s->m->of[i]];
		size_t n = *list >> 1;
		bool has = n == LIST_MOST;

		for (size_t k = 1; k <= n && !has; k++)
			has = is_wanted(w, list[k]);
		if (has)
			take(b, i);
	}
}

/* Behind its header, where that is what stands at its place; empty: lines of nobody stand before it. */
static struct str body_of(const struct lock_scan *s, size_t i)
{
	struct str text = text_of(s, i);
	const char *nl = str_begins(text, STR("goroutine ")) ? memchr(text.p, '\n', text.n) : NULL;

	return nl ? (struct str){nl + 1, text.n - (size_t)(nl + 1 - text.p)} : (struct str){0};
}

static bool recall(const struct lock_scan *s, size_t i, struct dump_goroutine *g)
{
	const struct scan_item *it = &s->r->items[i];

	*g = (struct dump_goroutine){.head = {.id = it->id, .state = symtab_get_string(s->sym, it->state)}, .body = body_of(s, i)};
	return g->body.n && lock_frames_recall(&s->m->frames, it->slot, g);
}

void lock_scan_visit(const struct lock_scan *s, struct blocks *b, visit_fn visit, void *ctx)
{
	struct dump d = {.text = s->text};
	struct dump_goroutine g;

	blocks_sort(b);
	for (size_t k = 0; k < b->n; k++) {
		const struct scan_item *it = &s->r->items[b->a[k]];

		d.pos = it->at;
		if (recall(s, b->a[k], &g)) {
			visit(ctx, &g);
		} else if (dump_next(&d)) {
			if (d.g.body.p && d.g.body.p == body_of(s, b->a[k]).p)
				lock_frames_keep(&s->m->frames, it->slot, &d.g);
			visit(ctx, &d.g);
		}
	}
	dump_release(&d);
	free(b->a);
	*b = (struct blocks){0};
}
