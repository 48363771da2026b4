/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a dump. The scanner must see the same goroutines as the whole parser does; a second look at the same text
 * must find nothing new; and neither may read outside the text or stop.
 */
#include <gscrape/dump.h>
#include <gscrape/scan.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(struct symtab *t, uint32_t id)
{
	struct sym_stack s = symtab_get_stack(t, id);

	fprintf(stderr, "stack %u: flags %u\n", id, s.flags);
	for (uint32_t i = 0; i <= s.n; i++) {
		struct sym_frame f = symtab_get_frame(t, i < s.n ? s.frames[i] : s.created);
		struct str func = symtab_get_string(t, f.func), file = symtab_get_string(t, f.file);

		fprintf(stderr, "  %s'%.*s' '%.*s':%u\n", i < s.n ? "" : "created by ", (int)func.n, func.p, (int)file.n, file.p, f.line);
	}
}

static void complain(const char *what, const struct scan_item *it, const struct dump_goroutine *g)
{
	fprintf(stderr, "scan and parse differ in %s of goroutine %llu (scan says %llu)\n", what,
		(unsigned long long)g->head.id, (unsigned long long)it->id);
	abort();
}

static uint32_t frame(struct symtab *t, const struct dump_frame *f)
{
	struct buf b = {0};
	uint32_t id;

	func_display(&b, f->func);
	id = symtab_frame(t, (struct str){b.p, b.n}, f->file, f->line);
	buf_release(&b);
	return id;
}

/* The stack's number as the whole parser sees it. */
static uint32_t stack_of(struct symtab *t, const struct dump_goroutine *g)
{
	uint32_t *frames = calloc(g->n_frames + 1, sizeof *frames);
	struct sym_stack s = {.frames = frames, .flags = (g->elided ? STACK_ELIDED : 0) | (g->rootless ? STACK_ROOTLESS : 0)};
	uint32_t id;

	for (size_t i = 0; i < g->n_frames; i++)
		if (g->frames[i].kind != FRAME_ELIDED)
			frames[s.n++] = frame(t, &g->frames[i]);
	if (g->created_by.func.n)
		s.created = frame(t, &g->created_by);
	id = symtab_stack(t, &s);
	free(frames);
	return id;
}

static void compare(struct symtab *t, const struct scan_item *it, const struct dump_goroutine *g)
{
	if (it->id != g->head.id)
		complain("the number", it, g);
	if (!str_eq(symtab_get_string(t, it->state), g->head.state)) {
		fprintf(stderr, "'%.*s'\n'%.*s'\n", (int)symtab_get_string(t, it->state).n, symtab_get_string(t, it->state).p,
			(int)g->head.state.n, g->head.state.p);
		complain("the state", it, g);
	}
	if (it->minutes != (g->head.minutes > INT32_MAX ? INT32_MAX : (int32_t)g->head.minutes))
		complain("the minutes", it, g);
	if (it->flags != (g->head.flags & (DUMP_LOCKED | DUMP_LEAKED | DUMP_DURABLE)))
		complain("the flags", it, g);
	if (!str_eq(symtab_get_string(t, it->labels), g->head.labels))
		complain("the labels", it, g);
	if (it->parent != g->parent)
		complain("the parent", it, g);
	if (it->stack != stack_of(t, g)) {
		show(t, it->stack);
		show(t, stack_of(t, g));
		complain("the stack", it, g);
	}
}

static bool met_before(const struct scan_result *r, size_t upto, uint64_t id)
{
	for (size_t i = 0; i < upto; i++)
		if (r->items[i].id == id)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symtab *t = symtab_new();
	struct scanner *sc = scanner_new(t);
	struct previous *m = previous_new();
	struct scan_result r;
	struct dump d = {0};
	size_t i = 0;
	char *copy = malloc(size ? size : 1); /* of exact length, so that a step too far is seen */

	if (size)
		memcpy(copy, data, size);
	dump_sniff(copy, size);
	d.text = (struct str){copy, size};
	scan_text(sc, m, d.text, false, &r);
	while (dump_next(&d)) {
		if (!d.g.head.id || met_before(&r, i, d.g.head.id)) /* 0: a scheduler */
			continue;
		if (i == r.n) {
			fprintf(stderr, "scan misses goroutine %llu\n", (unsigned long long)d.g.head.id);
			abort();
		}
		compare(t, &r.items[i++], &d.g);
	}
	if (i != r.n || r.cut != d.cut) {
		fprintf(stderr, "scan has %zu goroutines, parse %zu; cut %d and %d\n", r.n, i, r.cut, d.cut);
		abort();
	}
	scan_text(sc, m, d.text, false, &r);
	for (size_t k = 0; k < r.n; k++)
		if (r.items[k].fresh || r.items[k].args_moved)
			abort();
	if (r.n != i || r.n_gone)
		abort();
	dump_release(&d);
	previous_free(m);
	scanner_free(sc);
	symtab_free(t);
	free(copy);
	return 0;
}
