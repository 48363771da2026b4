/* SPDX-License-Identifier: MIT */
/* What may come next in a filter that is being typed: the table of fields, and what there is at the time that is looked at. */
#include "filter_node.h"
#include "query_internal.h"
#include <gscrape/dump.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* Words, each once, in order. */
struct words {
	struct pool pool;
	const char **a;
	size_t n, cap;
};

static void words_add(struct words *w, const char *text)
{
	GROW(w->a, w->n, w->cap);
	w->a[w->n++] = text;
}

static int words_by_text(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

void filter_add_value(struct buf *out, const char *text)
{
	if (!strpbrk(text, " \t\n\r\"'()=!<>~,|&@:") && *text && !filter_is_operator(str_of(text))) {
		buf_adds(out, text);
		return;
	}
	buf_putc(out, '"');
	for (const char *s = text; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

/* Behind `before`, as a value. */
static const char *as_word(struct words *w, const char *before, const char *text)
{
	struct buf b = {0};
	const char *out;

	buf_adds(&b, before);
	filter_add_value(&b, text);
	out = pool_strndup(&w->pool, b.p, b.n);
	buf_release(&b);
	return out;
}

static void words_give(struct words *w, const struct filter_offer *o, bool values)
{
	if (w->n)
		qsort(w->a, w->n, sizeof *w->a, words_by_text);
	for (size_t i = 0; i < w->n; i++)
		if (!i || strcmp(w->a[i], w->a[i - 1]) != 0)
			o->fn(o->ctx, values ? as_word(w, "", w->a[i]) : w->a[i]);
	free(w->a);
	pool_release(&w->pool);
}

/* --- values --- */

static const char *package_of(struct words *w, const char *func)
{
	struct str package = func_package(str_of(func));

	return pool_strndup(&w->pool, package.p, package.n);
}

static void take_frames(struct words *w, const struct stack *s, const char *field)
{
	const struct frame *top = stack_user_frame(s), *root = stack_root(s);

	if (strcmp(field, "created_by") == 0 && s->created.func)
		words_add(w, s->created.func);
	else if (strcmp(field, "top") == 0 && top)
		words_add(w, top->func);
	else if (strcmp(field, "root") == 0 && root)
		words_add(w, root->func);
	for (uint32_t i = 0; i < s->n; i++) {
		if (strcmp(field, "func") == 0)
			words_add(w, s->frames[i].func);
		else if (strcmp(field, "file") == 0 && s->frames[i].file)
			words_add(w, s->frames[i].file);
		else if (strcmp(field, "package") == 0)
			words_add(w, package_of(w, s->frames[i].func));
	}
}

struct label_pick {
	struct words *w;
	const char *key; /* its values; NULL: keys */
};

static void take_label(void *ctx, struct str key, struct str value)
{
	struct label_pick *x = ctx;

	if (!x->key)
		words_add(x->w, as_word(x->w, "label.", pool_strndup(&x->w->pool, key.p, key.n)));
	else if (str_eq(key, str_of(x->key)))
		words_add(x->w, pool_strndup(&x->w->pool, value.p ? value.p : "", value.n));
}

/* Of those alive then, what their field says. */
static void values_of_alive(struct words *w, struct query *q, const struct alive *a, size_t n, const char *field)
{
	struct label_pick label = {w, strncmp(field, "label.", 6) == 0 ? field + 6 : NULL};
	uint32_t last = 0;

	for (size_t i = 0; i < n; i++) {
		if (label.key || strcmp(field, "label") == 0)
			dump_labels(str_of(a[i].labels), take_label, &label);
		else if (strcmp(field, "state") == 0)
			words_add(w, a[i].state);
		else if (i == 0 || a[i].stack != last)
			take_frames(w, query_stack(q, a[i].stack), field);
		last = a[i].stack;
	}
}

static int by_stack(const void *pa, const void *pb)
{
	const struct alive *a = pa, *b = pb;

	return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static void offer_values(const struct filter_offer *o, const char *field)
{
	struct words w = {0};
	struct pool p = {0};
	struct alive *a;
	size_t n, n_hosts;
	const struct host *h = query_hosts(o->q, &n_hosts);

	for (size_t i = 0; strcmp(field, "host") == 0 && i < n_hosts; i++)
		words_add(&w, h[i].name);
	for (int f = 0; strcmp(field, "family") == 0 && f < FAM_MAX; f++)
		words_add(&w, family_name((enum family)f));
	if (o->at.host && query_alive(o->q, &o->at, &p, &a, &n, NULL) == 0) {
		if (n)
			qsort(a, n, sizeof *a, by_stack);
		values_of_alive(&w, o->q, a, n, field);
	}
	words_give(&w, o, true);
	pool_release(&p);
}

/* --- where the text stands --- */

static void offer_list(const struct filter_offer *o, const char *const *words)
{
	for (; *words; words++)
		o->fn(o->ctx, *words);
}

static void offer_fields(const struct filter_offer *o)
{
	static const char *const relations[] = {"not", "ancestors(", "descendants(", "siblings(", NULL};
	struct words labels = {0};
	struct pool p = {0};
	struct alive *a;
	const char *help, *name;
	size_t n;

	for (size_t i = 0; (name = filter_field(i, &help)); i++)
		if (strcmp(name, "label") != 0)
			o->fn(o->ctx, name);
	if (o->at.host && query_alive(o->q, &o->at, &p, &a, &n, NULL) == 0)
		values_of_alive(&labels, o->q, a, n, "label");
	words_give(&labels, o, false);
	pool_release(&p);
	offer_list(o, relations);
	for (size_t i = 0; i < o->n_saved; i++) {
		char name_at[80];

		snprintf(name_at, sizeof name_at, "@%.*s", (int)strcspn(o->saved[i], ":"), o->saved[i]);
		o->fn(o->ctx, name_at);
	}
}

static void offer_operators(const struct filter_offer *o, const struct field *f)
{
	static const char *const of_text[] = {"==", "!=", "~", "!~", "contains", "in (", NULL};
	static const char *const of_number[] = {"==", "!=", "<", "<=", ">", ">=", NULL};
	static const char *const of_flag[] = {"and", "or", NULL};

	offer_list(o, f->type == TYPE_TEXT ? of_text : f->type == TYPE_FLAG ? of_flag : of_number);
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || char_in(c, "_.");
}

/* The last word before `end`, and where it begins; no word: n 0. */
static struct str word_before(struct str s, size_t end)
{
	size_t from;

	while (end && s.p[end - 1] == ' ')
		end--;
	from = end;
	if (end > 1 && s.p[end - 1] == '"') { /* label."KEY" */
		for (from--; from && s.p[from - 1] != '"'; from--)
			;
		from -= from > 0;
	}
	for (; from && in_word(s.p[from - 1]); from--)
		;
	return (struct str){s.p + from, end - from};
}

/* Is the condition open: an operator stands last, or a list behind "in"? The field's name, then. */
static struct str field_asked(struct str s)
{
	size_t end = s.n;
	struct str word;

	while (end && s.p[end - 1] == ' ')
		end--;
	if (end && char_in(s.p[end - 1], "=~<>:")) {
		while (end && char_in(s.p[end - 1], "=~<>!:"))
			end--;
		return word_before(s, end);
	}
	word = word_before(s, end);
	if (str_eq(word, STR("contains")))
		return word_before(s, (size_t)(word.p - s.p));
	while (end && !char_in(s.p[end - 1], "()")) /* in (a, b, */
		end--;
	if (end && s.p[end - 1] == '(' && (s.p[s.n - 1] == ',' || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '(')) {
		word = word_before(s, end - 1);
		if (str_eq(word, STR("in")))
			return word_before(s, (size_t)(word.p - s.p));
	}
	return (struct str){0};
}

static bool begins_condition(struct str before, struct str word)
{
	size_t end = before.n;

	while (end && before.p[end - 1] == ' ')
		end--;
	return !end || before.p[end - 1] == '(' || before.p[end - 1] == '!' || filter_is_operator(word);
}

void filter_offer(const struct filter_offer *o)
{
	static const char *const joints[] = {"and", "or", NULL};
	struct str asked = field_asked(o->before), word = word_before(o->before, o->before.n);
	const struct field *f = asked.n ? field_find(asked) : NULL;
	char name[120];
	size_t n = 0;

	if (f) {
		for (size_t i = 0; i < asked.n && n + 1 < sizeof name; i++)
			if (asked.p[i] != '"')
				name[n++] = asked.p[i];
		name[n] = '\0';
		if (f->type == TYPE_TEXT)
			offer_values(o, name);
	} else if (begins_condition(o->before, word)) {
		offer_fields(o);
	} else if (word.n && (f = field_find(word))) {
		offer_operators(o, f);
	} else {
		offer_list(o, joints);
	}
}

/* --- the word at hand --- */

/* Does a word that a bracket follows end there? Others have it in them: main.(*cache).get. */
static bool opens_bracket(struct str word)
{
	static const char *const names[] = {"", "ancestors", "descendants", "siblings"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(word, str_of(names[i])))
			return true;
	return filter_is_operator(word);
}

/* Is it a field's name, so that what follows a colon is a value? */
static bool is_field(struct str word)
{
	const char *name, *help;

	for (size_t i = 0; (name = filter_field(i, &help)); i++)
		if (str_eq(word, str_of(name)))
			return true;
	return str_begins(word, STR("label."));
}

size_t filter_word_begin(const char *text, size_t end)
{
	size_t start = 0;
	char quote = 0;
	int open = 0;

	for (size_t i = 0; i < end; i++) {
		struct str word = {text + start, i - start};
		char c = text[i];

		if (quote) {
			start = c == quote && !str_begins(word, STR("label.")) ? i + 1 : start;
			quote = c == quote ? 0 : quote;
		} else if (char_in(c, "\"'")) {
			start = str_eq(word, STR("label.")) ? start : i;
			quote = c;
		} else if (c == '(' && !opens_bracket(word)) {
			open++;
		} else if (c == ')' && open) {
			open--;
		} else if (char_in(c, " =~<>!(),") || (c == ':' && is_field(word))) {
			start = i + 1;
			open = 0;
		}
	}
	return start;
}

bool filter_word_fits(const char *word, const char *typed, size_t n)
{
	const char *end = typed + n;

	typed += n && *typed == '\''; /* either quote begins one */
	for (;; word++, typed++) {
		while (typed < end && *typed == '"')
			typed++;
		if (typed == end)
			return true;
		while (*word == '"')
			word++;
		if (*word != *typed)
			return false;
	}
}
