/* SPDX-License-Identifier: MIT */
/* What can be asked of a goroutine: the fields of filters, and where each looks. */
#include "filter_node.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const struct stack *filter_stack_of(struct looking *l)
{
	return query_stack(l->q, l->s->g->stack);
}

/* --- names and places of frames --- */

/* A function fits by its whole name or by its short one. */
static bool fits_func(struct looking *l, struct node *n, const char *func)
{
	char shorter[512];

	return func && (node_text_fits(l->f, n, func) || node_text_fits(l->f, n, query_short(shorter, sizeof shorter, func)));
}

static bool ends_in(const char *path, const char *tail)
{
	size_t n = strlen(path), k = strlen(tail);

	return k < n && path[n - k - 1] == '/' && strcmp(path + n - k, tail) == 0;
}

/* "/src/server.go:88": whole, or what follows a slash, with the line or without. */
static bool fits_place(struct looking *l, struct node *n, const struct frame *f)
{
	struct buf *b = &l->f->scratch;

	if (!f || !f->file)
		return false;
	buf_reset(b);
	buf_addf(b, "%s:%u", f->file, f->line);
	if (node_text_fits(l->f, n, b->p))
		return true;
	if (n->op != OP_EQ && n->op != OP_NE && n->op != OP_IN)
		return false;
	for (size_t i = 0; i < n->n_values; i++)
		if (strcmp(f->file, n->texts[i]) == 0 || ends_in(f->file, n->texts[i]) || ends_in(b->p, n->texts[i]))
			return true;
	return false;
}

static bool any_func(struct looking *l, struct node *n)
{
	const struct stack *s = filter_stack_of(l);

	for (uint32_t i = 0; i < s->n; i++)
		if (fits_func(l, n, s->frames[i].func))
			return true;
	return false;
}

static bool any_file(struct looking *l, struct node *n)
{
	const struct stack *s = filter_stack_of(l);

	for (uint32_t i = 0; i < s->n; i++)
		if (fits_place(l, n, &s->frames[i]))
			return true;
	return false;
}

static bool any_package(struct looking *l, struct node *n)
{
	const struct stack *s = filter_stack_of(l);

	for (uint32_t i = 0; i < s->n; i++) {
		struct str package = func_package(str_of(s->frames[i].func));

		buf_reset(&l->f->scratch);
		buf_add(&l->f->scratch, package.p, package.n);
		buf_putc(&l->f->scratch, '\0');
		if (node_text_fits(l->f, n, l->f->scratch.p))
			return true;
	}
	return false;
}

static bool top_func(struct looking *l, struct node *n)
{
	const struct frame *f = stack_user_frame(filter_stack_of(l));

	return fits_func(l, n, f ? f->func : "");
}

/* "server.go:88" as well, where it is asked for whole: a part of it may be one of a path by chance. */
static bool top_place(struct looking *l, struct node *n)
{
	bool whole = n->op == OP_EQ || n->op == OP_NE || n->op == OP_IN;

	return top_func(l, n) || (whole && fits_place(l, n, stack_user_frame(filter_stack_of(l))));
}

static bool root_func(struct looking *l, struct node *n)
{
	const struct frame *f = stack_root(filter_stack_of(l));

	return fits_func(l, n, f ? f->func : "");
}

static bool creator(struct looking *l, struct node *n)
{
	const struct frame *f = &filter_stack_of(l)->created;

	return fits_func(l, n, f->func ? f->func : "") || fits_place(l, n, f);
}

static void add_place(struct buf *b, const char *before, const struct frame *f)
{
	char line[16];
	int n;

	buf_adds(b, before);
	buf_add(b, f->func, strlen(f->func));
	if (f->file) {
		buf_putc(b, ' ');
		buf_add(b, f->file, strlen(f->file));
		n = snprintf(line, sizeof line, ":%u", f->line);
		buf_add(b, line, (size_t)n);
	}
	buf_putc(b, '\n');
}

/* A line a frame, as the program shows them. */
static bool stack_text(struct looking *l, struct node *n)
{
	const struct stack *s = filter_stack_of(l);
	struct buf *b = &l->f->scratch;

	buf_reset(b);
	for (uint32_t i = 0; i < s->n; i++)
		add_place(b, "", &s->frames[i]);
	if (s->created.func)
		add_place(b, "created by ", &s->created);
	buf_putc(b, '\0');
	return node_text_fits(l->f, n, b->p);
}

static bool places_of_top(struct looking *l, struct node *n)
{
	const struct stack *s = filter_stack_of(l);

	return top_func(l, n) || root_func(l, n) || creator(l, n) || fits_place(l, n, stack_user_frame(s));
}

/* --- the rest --- */

static bool state_text(struct looking *l, struct node *n)
{
	return node_text_fits(l->f, n, l->s->g->state);
}

static bool family_text(struct looking *l, struct node *n)
{
	return node_text_fits(l->f, n, family_name(l->s->g->family));
}

static bool host_text(struct looking *l, struct node *n)
{
	return node_text_fits(l->f, n, l->s->host ? l->s->host : "");
}

static bool id_text(struct looking *l, struct node *n)
{
	char id[24];

	snprintf(id, sizeof id, "%llu", (unsigned long long)l->s->g->id);
	return node_text_fits(l->f, n, id);
}

struct label_search {
	struct looking *l;
	struct node *n;
	bool found, fits;
};

/* Where nobody has the label that is asked for: the one that is most like it. */
static void note_other(struct filter *f, struct node *n, struct str key)
{
	char *text = xstrndup(key.p, key.n);
	size_t d = edits(text, n->key);

	n->labelled = true;
	if (strcasecmp(text, n->key) == 0)
		d = 0;
	if (!n->seen && d < 2 + key.n / 4 && (!n->near || d < edits(n->near, n->key)))
		n->near = pool_strndup(&f->pool, text, key.n);
	free(text);
}

static void try_label(void *ctx, struct str key, struct str value)
{
	struct label_search *x = ctx;
	char *text;

	if (!str_eq(key, str_of(x->n->key))) {
		note_other(x->l->f, x->n, key);
		return;
	}
	text = xstrndup(value.p ? value.p : "", value.n);
	x->found = true;
	x->fits |= node_text_fits(x->l->f, x->n, text);
	free(text);
}

static bool label_text(struct looking *l, struct node *n)
{
	struct label_search x = {.l = l, .n = n};

	dump_labels(str_of(l->s->g->labels), try_label, &x);
	n->seen |= x.found;
	return x.found ? x.fits : node_text_fits(l->f, n, "");
}

static bool labels_text(struct looking *l, struct node *n)
{
	buf_reset(&l->f->scratch); /* as they are shown, and as they stand in the dump */
	labels_add(&l->f->scratch, l->s->g->labels);
	return node_text_fits(l->f, n, l->f->scratch.p) || node_text_fits(l->f, n, l->s->g->labels);
}

static bool waiting_of(struct looking *l, int64_t *out)
{
	int64_t since = l->s->g->waits;

	*out = since == NO_TIME ? 0 : l->s->at - since;
	return since != NO_TIME;
}

#define NUMBER(name, known, value)                                       \
	static bool name(struct looking *l, int64_t *out)                \
	{                                                                \
		const struct filter_subject *s = l->s;                   \
                                                                         \
		if (!(known))                                            \
			return false;                                    \
		*out = (int64_t)(value);                                 \
		return true;                                             \
	}

NUMBER(id_of, true, s->g->id)
NUMBER(parent_of, s->g->parent != 0, s->g->parent)
NUMBER(epoch_of, true, s->g->epoch)
NUMBER(born_of, s->g->born != NO_TIME, s->g->born)
NUMBER(age_of, s->g->born != NO_TIME, s->at - s->g->born)
NUMBER(moved_of, s->g->moved != NO_TIME, s->g->moved)
NUMBER(object_of, true, s->g->wait_object)
NUMBER(locked_of, true, (s->g->flags & DUMP_LOCKED) != 0)
NUMBER(leaked_of, true, (s->g->flags & DUMP_LEAKED) != 0)
NUMBER(alive_of, true, s->alive)
NUMBER(depth_of, true, query_stack(l->q, s->g->stack)->n)

static const struct field fields[] = {
	{"id", "number of the goroutine", TYPE_NUMBER, ON_GOROUTINE, .number = id_of},
	{"parent", "number of the one that started it", TYPE_NUMBER, ON_GOROUTINE, .number = parent_of},
	{"host", "where it is", TYPE_TEXT, ON_GOROUTINE, .texts = host_text},
	{"state", "wait reason, as Go has it", TYPE_TEXT, ON_STATE, .texts = state_text},
	{"family", "chan, select, lock, wait, io, sleep, syscall, running, runtime", TYPE_TEXT, ON_GOROUTINE, .texts = family_text},
	{"func", "function of any frame", TYPE_TEXT, ON_STACK, .texts = any_func},
	{"top", "first function that is neither the runtime's nor the standard library's; its file:line", TYPE_TEXT, ON_STACK, .texts = top_place},
	{"root", "function that it was started with", TYPE_TEXT, ON_STACK, .texts = root_func},
	{"created_by", "function, or file:line, of the go statement", TYPE_TEXT, ON_STACK, .texts = creator},
	{"file", "file or file:line of any frame", TYPE_TEXT, ON_STACK, .texts = any_file},
	{"package", "package of any frame", TYPE_TEXT, ON_STACK, .texts = any_package},
	{"stack", "the whole stack, a line a frame", TYPE_TEXT, ON_STACK, .texts = stack_text},
	{"depth", "number of frames", TYPE_NUMBER, ON_STACK, .number = depth_of},
	{"label", "label.KEY: the label's value, \"\" where there is none", TYPE_TEXT, ON_LABELS, .texts = label_text},
	{"waiting", "for how long it has been waiting as it does", TYPE_SPAN, ON_GOROUTINE, .number = waiting_of},
	{"age", "how long it is known to live", TYPE_SPAN, ON_GOROUTINE, .number = age_of},
	{"born", "when it was there at the latest", TYPE_TIME, ON_GOROUTINE, .number = born_of},
	{"moved", "its last sign of life; of the newest snapshot", TYPE_TIME, ON_GOROUTINE, .number = moved_of},
	{"wait_object", "address that it waits for, 0 none", TYPE_NUMBER, ON_GOROUTINE, .number = object_of},
	{"locked", "locked to its thread", TYPE_FLAG, ON_GOROUTINE, .number = locked_of},
	{"leaked", "Go's own detector says so", TYPE_FLAG, ON_GOROUTINE, .number = leaked_of},
	{"epoch", "which life of its process", TYPE_NUMBER, ON_GOROUTINE, .number = epoch_of},
	{"alive", "it is there at the host's newest moment", TYPE_FLAG, ON_GOROUTINE, .number = alive_of},
	{"count", "of a group: how many of those that the rest wants", TYPE_NUMBER, ON_GROUP, .texts = NULL},
};
#define FIELDS (sizeof fields / sizeof *fields)

static const struct field of_words[] = {
	{.on = ON_STATE, .texts = state_text},	   {.on = ON_STACK, .texts = places_of_top}, {.on = ON_GOROUTINE, .texts = id_text},
	{.on = ON_GOROUTINE, .texts = host_text}, {.on = ON_LABELS, .texts = labels_text}, {0},
};
static const struct field of_places[] = {{.on = ON_STACK, .texts = any_file}, {0}};

const struct field *field_of_words(void)
{
	return of_words;
}

const struct field *field_of_places(void)
{
	return of_places;
}

const struct field *field_find(struct str name)
{
	const char *dot = memchr(name.p, '.', name.n);

	if (dot && str_begins(name, STR("label.")) && name.n > 6)
		name.n = 5;
	else if (str_eq(name, STR("label")))
		return NULL;
	for (size_t i = 0; i < FIELDS; i++)
		if (str_eq(name, str_of(fields[i].name)))
			return &fields[i];
	return NULL;
}

const char *filter_field(size_t i, const char **help)
{
	*help = i < FIELDS ? fields[i].help : NULL;
	return i < FIELDS ? fields[i].name : NULL;
}
