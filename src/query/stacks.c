/* SPDX-License-Identifier: MIT */
/* Names: strings, stacks, the frame that names a stack, families. */
#include "query_internal.h"
#include <gscrape/text.h>
#include <stdio.h>
#include <stdlib.h>

static const char lost[] = "(lost)"; /* as a store that was repaired has it */
static const char dropped[] = "(dropped)"; /* retention was quicker than who looks at an answer */

const char *query_string(struct query *q, uint32_t id)
{
	struct str text;
	struct err e = {0};
	int rc;

	if (!id)
		return "";
	if (id < q->n_strings && q->strings[id])
		return q->strings[id];
	rc = view_begin(q, &e);
	if (rc == 0) {
		rc = store_strings(q->view, &id, 1, &q->names, &text, &e);
		view_end(q);
		if (rc < 0 && e.kind == ERR_GONE)
			return dropped;
	}
	if (rc < 0) {
		note_fault(q, &e);
		return lost;
	}
	REACH(q->strings, q->n_strings, id);
	return q->strings[id] = text.p;
}

static struct frame frame_of(struct query *q, const struct sym_frame *f)
{
	return (struct frame){.func = f->func ? query_string(q, f->func) : NULL,
			      .file = f->file ? query_string(q, f->file) : NULL,
			      .line = f->line, .func_id = f->func, .file_id = f->file};
}

/* First elements of the standard library's import paths, as of Go 1.27; panic() has no package. */
bool func_is_standard(const char *func)
{
	static const char *const roots[] = {
		"archive", "bufio",    "bytes",	 "cmp",	    "compress", "container", "context", "crypto",  "database", "debug",
		"embed",   "encoding", "errors", "expvar",  "flag",	"fmt",	     "go",	"hash",	   "html",     "image",
		"index",   "internal", "io",	 "iter",    "log",	"maps",	     "math",	"mime",	   "net",      "os",
		"path",	   "plugin",   "reflect", "regexp", "runtime",	"slices",    "sort",	"strconv", "strings",  "structs",
		"sync",	   "syscall",  "testing", "text",   "time",	"unicode",   "unique",	"unsafe",  "vendor",   "weak",
		"panic",
	};
	size_t n = strcspn(func, "/.(");

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		if (strncmp(func, roots[i], n) == 0 && roots[i][n] == '\0')
			return true;
	return false;
}

/* Where a stack begins for its program. */
static const struct frame *find_root(const struct stack *s)
{
	static const char *const before[] = {"runtime.goexit", "runtime.main"};
	uint32_t n = s->n;

	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		if (n > 1 && strcmp(s->frames[n - 1].func, before[i]) == 0)
			n--;
	return n ? &s->frames[n - 1] : NULL;
}

static const struct frame *find_user_frame(const struct stack *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (!func_is_standard(s->frames[i].func))
			return &s->frames[i];
	return stack_root(s);
}

static const struct stack no_stack;

static bool is_lost(const struct frame *f)
{
	return f->func == lost || f->file == lost;
}

/* A stack that is known already; what is missing of it is told each time. */
static const struct stack *known_stack(struct query *q, const struct stack *s)
{
	struct err e;

	if (s->lost) {
		fail_as(&e, ERR_DAMAGED, "%s: is damaged: names of a stack are lost", q->path);
		note_fault(q, &e);
	}
	return s;
}

const struct stack *query_stack(struct query *q, uint32_t id)
{
	struct store_stack st;
	struct pool p = {0};
	struct err e = {0};
	struct stack *s;
	struct frame *frames;

	if (!id)
		return &no_stack;
	if (id < q->n_stacks && q->stacks[id])
		return known_stack(q, q->stacks[id]);
	if (view_begin(q, &e) < 0) {
		note_fault(q, &e);
		return &no_stack;
	}
	if (store_stacks(q->view, &id, 1, &p, &st, &e) < 0) {
		if (e.kind != ERR_GONE)
			note_fault(q, &e);
		pool_release(&p);
		view_end(q);
		return &no_stack;
	}
	REACH(q->stacks, q->n_stacks, id);
	s = pool_alloc(&q->names, sizeof *s);
	frames = pool_alloc(&q->names, (st.n + 1) * sizeof *frames);
	for (uint32_t i = 0; i < st.n; i++)
		frames[i] = frame_of(q, &st.frames[i]);
	*s = (struct stack){.id = id, .n = st.n, .flags = st.flags, .frames = frames, .created = frame_of(q, &st.created)};
	s->root = find_root(s);
	s->user = find_user_frame(s);
	s->lost = is_lost(&s->created);
	for (uint32_t i = 0; i < st.n; i++)
		s->lost = s->lost || is_lost(&frames[i]);
	q->stacks[id] = s;
	pool_release(&p);
	view_end(q);
	return s;
}

const struct frame *stack_user_frame(const struct stack *s)
{
	return s->user;
}

uint32_t stack_elided_at(const struct stack *s)
{
	if (!(s->flags & STACK_ELIDED))
		return UINT32_MAX;
	return s->n > 50 ? 50 : s->n;
}

const struct frame *stack_root(const struct stack *s)
{
	return s->root;
}

static enum family refine(struct query *q, struct str state, uint32_t stack)
{
	const struct stack *s = query_stack(q, stack);
	struct str top[4];
	size_t n = 0;

	for (; n < 4 && n < s->n; n++)
		top[n] = str_of(s->frames[n].func);
	return dump_family(state, top, n);
}

enum family query_family(struct query *q, uint32_t state, uint32_t stack)
{
	struct str text;
	enum family f;

	if (state < q->n_families && q->families[state])
		return (enum family)(q->families[state] - 1);
	text = str_of(query_string(q, state));
	if (str_begins(text, STR("semacquire")))
		return refine(q, text, stack);
	f = dump_family(text, NULL, 0);
	if (text.p == lost)
		return f;
	if (state >= q->n_families) {
		size_t n = (size_t)state * 2 + 64;

		q->families = xrealloc(q->families, n, 1);
		memset(q->families + q->n_families, 0, n - q->n_families);
		q->n_families = n;
	}
	q->families[state] = (uint8_t)(f + 1);
	return f;
}

char *query_short(char *out, size_t size, const char *func)
{
	struct buf b = {0};

	func_short(&b, str_of(func ? func : ""));
	buf_putc(&b, '\0');
	text_fit(out, size, b.p);
	buf_release(&b);
	return out;
}
