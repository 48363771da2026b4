/* SPDX-License-Identifier: MIT */
#include "codec.h"
#include <gscrape/err.h>
#include <stdlib.h>

enum head_bit {
	H_KIND = 3,
	H_LAST = 4,
	H_PARENT = 8,
	H_WAIT = 16,
	H_EXTRA = 32,
	H_MINUTES = 64,
	H_MOVED = 128,
};

/* --- writing --- */

struct writer {
	struct buf groups;
	struct buf index; /* u64 id, u32 offset each */
	size_t n;
	uint64_t last;    /* id of the group before */
	uint64_t wait_base;
};

static void put_fixed(struct buf *b, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf_putc(b, (char)(v >> (8 * i)));
}

static uint64_t get_fixed(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void begin_group(struct writer *w, uint64_t id)
{
	if (w->n % INDEX_STEP == 0) {
		if (w->n) {
			put_fixed(&w->index, id, 8);
			put_fixed(&w->index, w->groups.n, 4);
		}
		w->last = 0;
	}
	buf_varint(&w->groups, id - w->last);
	w->last = id;
	w->n++;
}

static void finish(struct writer *w, struct buf *out)
{
	buf_varint(out, w->n);
	buf_varint(out, w->index.n / 12);
	buf_varint(out, w->wait_base);
	buf_add(out, w->index.p, w->index.n);
	buf_add(out, w->groups.p, w->groups.n);
	buf_release(&w->index);
	buf_release(&w->groups);
}

/* The optional parts that a new run and a living goroutine share. */
struct parts {
	uint64_t id, parent, wait_object;
	uint32_t labels;
	uint8_t flags;
};

static uint8_t parts_head(const struct parts *p)
{
	return (uint8_t)((p->parent ? H_PARENT : 0) | (p->wait_object ? H_WAIT : 0) | (p->labels || p->flags ? H_EXTRA : 0));
}

static void put_parts(struct writer *w, const struct parts *p)
{
	if (p->parent)
		buf_svarint(&w->groups, (int64_t)(p->id - p->parent));
	if (p->wait_object) {
		if (!w->wait_base)
			w->wait_base = p->wait_object;
		buf_svarint(&w->groups, (int64_t)(p->wait_object - w->wait_base));
	}
	if (p->labels || p->flags) {
		buf_putc(&w->groups, (char)p->flags);
		buf_varint(&w->groups, p->labels);
	}
}

static void put_event(struct writer *w, const struct event *e, uint32_t before, bool last)
{
	struct parts parts = {.id = e->id, .parent = e->kind == EV_BORN ? e->parent : 0, .wait_object = e->wait_object,
			      .labels = e->labels, .flags = e->flags};
	bool run = e->kind == EV_BORN || e->kind == EV_RUN, ends = e->kind == EV_RUN || e->kind == EV_GONE;
	uint8_t head = (uint8_t)e->kind | (last ? H_LAST : 0);

	if (run || e->kind == EV_WAIT)
		head |= parts_head(&parts);
	if (ends && e->minutes >= 0)
		head |= H_MINUTES;
	if (ends && e->moved)
		head |= H_MOVED;
	buf_putc(&w->groups, (char)head);
	buf_varint(&w->groups, e->seq - before);
	if (run) {
		buf_varint(&w->groups, e->stack);
		buf_varint(&w->groups, e->state);
	}
	if (run || e->kind == EV_WAIT)
		put_parts(w, &parts);
	if (head & H_MINUTES)
		buf_varint(&w->groups, (uint64_t)e->minutes);
	if (head & H_MOVED)
		buf_varint(&w->groups, (uint64_t)(e->seq - e->moved) << 1 | e->moved_proof);
}

void events_encode(struct buf *out, const struct event *ev, size_t n, uint32_t base)
{
	struct writer w = {0};

	for (size_t i = 0; i < n; i++) {
		bool first = i == 0 || ev[i].id != ev[i - 1].id;

		if (first)
			begin_group(&w, ev[i].id);
		put_event(&w, &ev[i], first ? base : ev[i - 1].seq, i + 1 == n || ev[i + 1].id != ev[i].id);
	}
	finish(&w, out);
}

void living_encode(struct buf *out, const struct goroutine_state *l, size_t n, uint32_t base)
{
	struct writer w = {0};

	for (size_t i = 0; i < n; i++) {
		struct parts parts = {.id = l[i].id, .parent = l[i].parent, .wait_object = l[i].wait_object,
				      .labels = l[i].labels, .flags = l[i].flags};

		begin_group(&w, l[i].id);
		buf_putc(&w.groups, (char)parts_head(&parts));
		buf_varint(&w.groups, l[i].stack);
		buf_varint(&w.groups, l[i].state);
		buf_varint(&w.groups, base - l[i].born);
		buf_varint(&w.groups, base - l[i].run);
		put_parts(&w, &parts);
	}
	finish(&w, out);
}

void ended_encode(struct buf *out, const struct ended *e, size_t n, uint32_t base)
{
	struct writer w = {0};

	for (size_t i = 0; i < n;) {
		uint64_t last = 0;
		size_t k = i;

		while (k < n && e[k].parent == e[i].parent)
			k++;
		begin_group(&w, e[i].parent);
		buf_varint(&w.groups, k - i);
		for (; i < k; i++) {
			buf_varint(&w.groups, e[i].id - last);
			buf_svarint(&w.groups, (int64_t)base - e[i].born);
			buf_varint(&w.groups, e[i].gone - base);
			buf_varint(&w.groups, e[i].stack);
			last = e[i].id;
		}
	}
	finish(&w, out);
}

/* --- reading ---
 *
 * Nothing is believed: a number that runs past the end makes p NULL, after which get_varint gives 0 for ever, and `bad` is
 * set where a group is finished, so that inner loops need no check of their own. Counts are only ever compared with the bytes
 * that are left, never allocated for. What the numbers mean (snapshots, handles) is checked in chunk.c.
 */

/* Most numbers are one byte or two: those without a call. */
static inline uint64_t number(struct cursor *c)
{
	const uint8_t *p = c->p;

	if (p && c->end - p >= 2) {
		if (p[0] < 0x80) {
			c->p = p + 1;
			return p[0];
		}
		if (p[1] < 0x80) {
			c->p = p + 2;
			return (uint64_t)(p[0] & 0x7f) | (uint64_t)p[1] << 7;
		}
	}
	return get_varint(&c->p, c->end);
}

static inline int64_t difference(struct cursor *c)
{
	uint64_t v = number(c);

	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

void cursor_open(struct cursor *c, struct str bytes, uint32_t base)
{
	*c = (struct cursor){.p = (const uint8_t *)bytes.p, .base = base};
	if (!bytes.n)
		return; /* and no pointer, perhaps */
	c->end = c->p + bytes.n;
	c->n_groups = number(c);
	c->n_index = number(c);
	c->wait_base = number(c);
	if (!c->p || c->n_index > (size_t)(c->end - c->p) / 12) {
		c->bad = true;
		c->n_groups = c->n_index = 0;
		c->p = c->end;
	}
	c->index = c->p;
	c->p += c->n_index * 12;
	c->groups = c->p;
}

/* Enter the next group: its id is in c->id. */
static bool enter(struct cursor *c)
{
	uint64_t delta;

	if (c->bad || c->group >= c->n_groups)
		return false;
	delta = number(c);
	c->id = (c->group % INDEX_STEP ? c->id : 0) + delta;
	c->group++;
	c->bad |= c->p == NULL;
	return !c->bad;
}

/* Stand before the last indexed group that is not behind id. */
static void jump(struct cursor *c, uint64_t id)
{
	size_t lo = 0, hi = c->n_index;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (get_fixed(c->index + mid * 12, 8) <= id)
			lo = mid + 1;
		else
			hi = mid;
	}
	c->group = lo * INDEX_STEP;
	c->p = c->groups;
	if (lo) {
		size_t off = get_fixed(c->index + (lo - 1) * 12 + 8, 4);

		if (off > (size_t)(c->end - c->groups))
			c->bad = true;
		else
			c->p += off;
	}
}

static void get_parts(struct cursor *c, uint8_t head, struct parts *p)
{
	*p = (struct parts){0};
	if (head & H_PARENT)
		p->parent = c->id - (uint64_t)difference(c);
	if (head & H_WAIT)
		p->wait_object = c->wait_base + (uint64_t)difference(c);
	if (head & H_EXTRA) {
		if (!c->p || c->p >= c->end) {
			c->bad = true;
			return;
		}
		p->flags = *c->p++;
		p->labels = (uint32_t)number(c);
	}
	c->bad |= c->p == NULL;
}

static uint8_t get_event(struct cursor *c, uint32_t before, struct event *e)
{
	struct parts parts = {0};
	uint8_t head;
	bool run;

	if (c->p >= c->end) {
		c->bad = true;
		return H_LAST;
	}
	head = *c->p++;
	*e = (struct event){.id = c->id, .kind = head & H_KIND, .minutes = -1};
	e->seq = before + (uint32_t)number(c);
	run = e->kind == EV_BORN || e->kind == EV_RUN;
	if (run) {
		e->stack = (uint32_t)number(c);
		e->state = (uint32_t)number(c);
	}
	if (run || e->kind == EV_WAIT)
		get_parts(c, head, &parts);
	e->parent = parts.parent;
	e->wait_object = parts.wait_object;
	e->labels = parts.labels;
	e->flags = parts.flags;
	if (head & H_MINUTES)
		e->minutes = (int32_t)number(c);
	if (head & H_MOVED) {
		uint64_t v = number(c);

		e->moved = e->seq - (uint32_t)(v >> 1);
		e->moved_proof = v & 1;
	}
	c->bad |= c->p == NULL;
	return c->bad ? H_LAST : head;
}

static void group_events(struct cursor *c, struct event_list *ev)
{
	uint32_t before = c->base;
	uint8_t head;

	do {
		GROW(ev->a, ev->n, ev->cap);
		head = get_event(c, before, &ev->a[ev->n]);
		if (c->bad)
			return;
		before = ev->a[ev->n++].seq;
	} while (!(head & H_LAST));
}

bool events_next(struct cursor *c, uint64_t *id, struct event_list *ev)
{
	ev->n = 0;
	if (!enter(c))
		return false;
	*id = c->id;
	group_events(c, ev);
	return !c->bad;
}

/* Appends to ev. */
bool events_find(struct cursor *c, uint64_t id, struct event_list *ev)
{
	struct event_list skip = {0};
	bool found = false;

	jump(c, id);
	while (enter(c) && c->id <= id) {
		found = c->id == id;
		if (!found)
			skip.n = 0;
		group_events(c, found ? ev : &skip);
		if (found)
			break;
	}
	free(skip.a);
	return found && !c->bad;
}

bool living_next(struct cursor *c, struct goroutine_state *out)
{
	struct parts parts;
	uint8_t head;

	if (!enter(c))
		return false;
	if (c->p >= c->end) {
		c->bad = true;
		return false;
	}
	head = *c->p++;
	out->id = c->id;
	out->stack = (uint32_t)number(c);
	out->state = (uint32_t)number(c);
	out->born = c->base - (uint32_t)number(c);
	out->run = c->base - (uint32_t)number(c);
	get_parts(c, head, &parts);
	out->parent = parts.parent;
	out->wait_object = parts.wait_object;
	out->labels = parts.labels;
	out->flags = parts.flags;
	return !c->bad;
}

bool living_find(struct cursor *c, uint64_t id, struct goroutine_state *out)
{
	jump(c, id);
	while (living_next(c, out))
		if (out->id >= id)
			return out->id == id;
	return false;
}

/* The next parent: it is in c->id. */
static bool ended_group(struct cursor *c, size_t *n)
{
	if (!enter(c))
		return false;
	*n = number(c);
	c->bad |= c->p == NULL || *n > (size_t)(c->end - c->p);
	c->child = 0;
	return !c->bad;
}

bool ended_next(struct cursor *c, struct ended *out)
{
	c->child += number(c);
	out->parent = c->id;
	out->id = c->child;
	out->born = c->base - (uint32_t)difference(c);
	out->gone = c->base + (uint32_t)number(c);
	out->stack = (uint32_t)number(c);
	c->bad |= c->p == NULL;
	return !c->bad;
}

bool ended_find(struct cursor *c, uint64_t parent, size_t *n)
{
	struct ended skip;

	jump(c, parent);
	while (ended_group(c, n)) {
		if (c->id >= parent)
			return c->id == parent;
		for (size_t i = 0; i < *n && ended_next(c, &skip); i++)
			;
	}
	return false;
}
