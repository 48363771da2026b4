/* SPDX-License-Identifier: MIT */
/*
 * From a filter's text to its tree (the grammar is in filter.h), by recursive descent: a function for each rule, and one token
 * looked at ahead. The children of a node are a list, so that the tree is as deep as the brackets and no deeper.
 */
#include "filter_node.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum token { TOK_END, TOK_OPEN, TOK_CLOSE, TOK_COMMA, TOK_NOT, TOK_AND, TOK_OR, TOK_OP, TOK_IN, TOK_QUOTED, TOK_WORD, TOK_SAVED, TOK_BAD };

struct parsing {
	struct filter *f;
	const struct filter_source *src;
	const char *text;      /* the filter's, or that of a saved one in it */
	size_t n;
	size_t pos;            /* behind the token */
	enum token token;
	size_t at;             /* where it begins */
	struct str word;       /* what it says, for words, quoted ones, saved ones */
	enum filter_op op;
	bool keyed;            /* a word is label."KEY" */
	bool list;             /* within "in (": a comma ends a word */
	int depth, saved;
	size_t conditions;
	struct str name;       /* of the saved one */
	struct filter_fault *where;
	struct err *e;
};

/* The text from `at` to `to` is wrong. In a saved filter nobody sees where. */
static int __attribute__((format(printf, 4, 5))) wrong(struct parsing *p, size_t at, size_t to, const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	if (p->saved)
		return fail_as(p->e, ERR_USAGE, "the saved filter '%.*s': %s", (int)p->name.n, p->name.p, why);
	*p->where = (struct filter_fault){at, to - at};
	return fail_as(p->e, ERR_USAGE, "%s", why);
}

static int wrong_here(struct parsing *p, const char *why)
{
	return wrong(p, p->at, p->pos, "%s", why);
}

/* --- tokens --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const struct {
	const char *text;
	enum token token;
	enum filter_op op;
} signs[] = { /* longer ones first */
	{"==", TOK_OP, OP_EQ},  {"!=", TOK_OP, OP_NE},	{"!~", TOK_OP, OP_UNLIKE}, {"<=", TOK_OP, OP_LE}, {">=", TOK_OP, OP_GE}, {"&&", TOK_AND, 0},
	{"||", TOK_OR, 0},	{"=", TOK_OP, OP_EQ},	{"<", TOK_OP, OP_LT},	   {">", TOK_OP, OP_GT},  {"~", TOK_OP, OP_LIKE}, {"!", TOK_NOT, 0},
	{"(", TOK_OPEN, 0},	{")", TOK_CLOSE, 0},	{",", TOK_COMMA, 0},
}, names[] = {
	{"and", TOK_AND, 0}, {"or", TOK_OR, 0}, {"not", TOK_NOT, 0}, {"in", TOK_IN, 0}, {"contains", TOK_OP, OP_CONTAINS},
	{"AND", TOK_AND, 0}, {"OR", TOK_OR, 0}, {"NOT", TOK_NOT, 0}, {"IN", TOK_IN, 0}, {"CONTAINS", TOK_OP, OP_CONTAINS},
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* In quotes: \ takes away what the quote and \ itself mean, and is a letter before any other. */
static bool next_quoted(struct parsing *p)
{
	char quote = p->text[p->pos++], *out = pool_alloc(&p->f->pool, p->n - p->pos + 1);
	size_t n = 0;

	while (p->pos < p->n && p->text[p->pos] != quote) {
		if (p->text[p->pos] == '\\' && p->pos + 1 < p->n && (p->text[p->pos + 1] == quote || p->text[p->pos + 1] == '\\'))
			p->pos++;
		out[n++] = p->text[p->pos++];
	}
	p->word = (struct str){out, n};
	if (p->pos == p->n)
		return false;
	p->pos++;
	return true;
}

/* Where a word that begins at `pos` ends: at a blank, an operator, or a bracket that it did not open. */
static size_t word_end(const struct parsing *p, size_t pos)
{
	int open = 0;

	for (; pos < p->n && !is_blank(p->text[pos]); pos++) {
		char c = p->text[pos], then = pos + 1 < p->n ? p->text[pos + 1] : 0;

		if (strchr("=<>~", c) || (c == '!' && (then == '=' || then == '~')) || (p->list && !open && c == ','))
			break;
		open += c == '(' ? 1 : c == ')' ? -1 : 0;
		if (open < 0)
			break;
	}
	return pos;
}

static bool is_relation(struct str w, enum node_kind *kind)
{
	static const char *const relations[] = {"ancestors", "descendants", "siblings"};

	for (int i = 0; i < 3; i++) {
		size_t n = strlen(relations[i]);

		*kind = (enum node_kind)(NODE_ANCESTORS + i);
		if (str_begins(w, (struct str){relations[i], n}) && (w.n == n || w.p[n] == '('))
			return true;
	}
	return false;
}

/* label."a key that is not one word": its field, as if it were. False: it is none of those. */
static bool next_keyed(struct parsing *p)
{
	static const char label[] = "label.";
	size_t n = sizeof label - 1;

	if (p->n - p->at <= n || memcmp(p->text + p->at, label, n) != 0 || (p->text[p->at + n] != '"' && p->text[p->at + n] != '\''))
		return false;
	p->pos = p->at + n;
	p->token = next_quoted(p) ? TOK_WORD : TOK_BAD;
	p->word = str_of(pool_printf(&p->f->pool, "%s%.*s", label, (int)p->word.n, p->word.p));
	p->keyed = true;
	return true;
}

static void next_word(struct parsing *p)
{
	enum node_kind kind;

	p->pos = word_end(p, p->at);
	p->word = (struct str){p->text + p->at, p->pos - p->at};
	p->token = p->word.p[0] == '@' && p->word.n > 1 ? TOK_SAVED : TOK_WORD;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!str_eq(p->word, str_of(names[i].text)))
			continue;
		p->token = names[i].token;
		p->op = names[i].op;
	}
	if (is_relation(p->word, &kind)) { /* its bracket is a token */
		p->word.n = strcspn(p->word.p, "( \t\n\r");
		p->word.n = p->word.n < p->pos - p->at ? p->word.n : p->pos - p->at;
		p->pos = p->at + p->word.n;
	}
}

static void read_token(struct parsing *p)
{
	while (p->pos < p->n && is_blank(p->text[p->pos]))
		p->pos++;
	p->at = p->pos;
	p->word = (struct str){0};
	p->keyed = false;
	if (p->pos == p->n) {
		p->token = TOK_END;
		return;
	}
	for (size_t i = 0; i < COUNT(signs); i++) {
		size_t n = strlen(signs[i].text);

		if (p->n - p->pos < n || memcmp(p->text + p->pos, signs[i].text, n) != 0 || (signs[i].token == TOK_COMMA && !p->list))
			continue;
		p->token = signs[i].token;
		p->op = signs[i].op;
		p->pos += n;
		return;
	}
	if (p->text[p->pos] == '"' || p->text[p->pos] == '\'')
		p->token = next_quoted(p) ? TOK_QUOTED : TOK_BAD;
	else if (!next_keyed(p))
		next_word(p);
}

/* What words have anyway: a ! right before one. */
static bool is_of_word(const struct parsing *p)
{
	return p->text[p->at] == '!' && p->pos < p->n && !is_blank(p->text[p->pos]);
}

static void next(struct parsing *p)
{
	read_token(p);
	p->f->asks |= p->token == TOK_NOT ? !is_of_word(p) : p->token != TOK_END && p->token != TOK_WORD && p->token != TOK_BAD;
}

bool filter_is_operator(struct str word)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(word, str_of(names[i].text)))
			return true;
	return false;
}

/* --- nodes --- */

static uint32_t add_node(struct parsing *p, enum node_kind kind)
{
	struct filter *f = p->f;

	GROW(f->nodes, f->n, f->cap);
	f->nodes[f->n] = (struct node){.kind = kind, .at = p->at, .n = p->pos - p->at, .on = ON_GOROUTINE};
	return f->n++;
}

/* All of a list depend on the same thing: so does what is made of them. */
static uint32_t finish(struct parsing *p, uint32_t at)
{
	struct node *n = &p->f->nodes[at];

	if (n->kind >= NODE_ANCESTORS) {
		p->f->relations = true;
		return at;
	}
	n->on = p->f->nodes[n->first].on;
	for (uint32_t i = n->first; i; i = p->f->nodes[i].next)
		if (p->f->nodes[i].on != n->on)
			n->on = n->on == ON_GROUP || p->f->nodes[i].on == ON_GROUP ? ON_GROUP : ON_GOROUTINE;
	return at;
}

/* --- values --- */

static int take_number(struct parsing *p, struct node *n, struct str w)
{
	char *text = pool_strndup(&p->f->pool, w.p, w.n), *end = text;
	bool hex = w.n > 2 && text[0] == '0' && text[1] == 'x';

	errno = 0;
	n->numbers[n->n_values] = (int64_t)strtoull(text, &end, hex ? 16 : 10);
	if (!w.n || *end || *text < '0' || *text > '9' || errno)
		return wrong(p, p->at, p->pos, "'%.60s' is no number", text);
	return 0;
}

static int take_flag(struct parsing *p, struct node *n, struct str w)
{
	static const char *const words[] = {"false", "true", "no", "yes"};

	for (int i = 0; i < 4; i++) {
		n->numbers[n->n_values] = i % 2;
		if (str_eq(w, str_of(words[i])))
			return 0;
	}
	return wrong(p, p->at, p->pos, "%s is true or false", n->field->name);
}

/* The token is a value of the field. */
static int take_value(struct parsing *p, struct node *n)
{
	char *text = pool_strndup(&p->f->pool, p->word.p, p->word.n);
	struct err why;
	int rc;

	n->texts[n->n_values] = text;
	if (n->field->type == TYPE_NUMBER || n->field->type == TYPE_FLAG)
		rc = n->field->type == TYPE_FLAG ? take_flag(p, n, p->word) : take_number(p, n, p->word);
	else if (n->field->type == TYPE_SPAN)
		rc = duration_parse(text, &n->numbers[n->n_values], &why) < 0 ? wrong_here(p, why.text) : 0;
	else if (n->field->type == TYPE_TIME)
		rc = time_parse(text, p->src->now, p->src->zone, &n->numbers[n->n_values], &why) < 0 ? wrong_here(p, why.text) : 0;
	else
		rc = 0;
	n->n_values += rc == 0;
	return rc;
}

static int want_value(struct parsing *p, const struct node *n)
{
	if (p->token == TOK_BAD)
		return wrong(p, p->at, p->n, "this quote has no end");
	if (p->token == TOK_WORD || p->token == TOK_QUOTED || (p->token == TOK_SAVED))
		return 0;
	if (p->token == TOK_END)
		return wrong(p, p->at, p->at, "%s: what it is compared with is missing", n->field->name);
	return wrong(p, p->at, p->pos, "%s: '%.*s' is no value; put it in quotes if it is", n->field->name, (int)(p->pos - p->at), p->text + p->at);
}

/* "(" value { "," value } ")"; the token is "(". */
static int take_list(struct parsing *p, struct node *n)
{
	size_t cap = 4;
	int rc = 0;

	p->list = true;
	do {
		if (n->n_values == cap) {
			const char **texts = pool_alloc(&p->f->pool, 2 * cap * sizeof *texts);
			int64_t *numbers = pool_alloc(&p->f->pool, 2 * cap * sizeof *numbers);

			memcpy(texts, n->texts, cap * sizeof *texts);
			memcpy(numbers, n->numbers, cap * sizeof *numbers);
			n->texts = texts;
			n->numbers = numbers;
			cap *= 2;
		}
		next(p);
		rc = want_value(p, n) < 0 ? -1 : take_value(p, n);
		if (rc == 0)
			next(p);
	} while (rc == 0 && p->token == TOK_COMMA);
	p->list = false;
	if (rc == 0 && p->token != TOK_CLOSE)
		rc = wrong(p, p->at, p->pos, "%s in (…): a comma or ) is missing", n->field->name);
	return rc;
}

static int check_op(struct parsing *p, const struct node *n, const char *sign, int sign_n)
{
	bool text = n->field->type == TYPE_TEXT, flag = n->field->type == TYPE_FLAG;

	if (text && n->op >= OP_LT && n->op <= OP_GE)
		return wrong_here(p, pool_printf(&p->f->pool, "%s is a text: '%.*s' is for numbers and times", n->field->name, sign_n, sign));
	if (!text && (n->op == OP_LIKE || n->op == OP_UNLIKE || n->op == OP_CONTAINS))
		return wrong_here(p, pool_printf(&p->f->pool, "%s is no text: '%.*s' is for texts", n->field->name, sign_n, sign));
	if (flag && n->op != OP_EQ && n->op != OP_NE)
		return wrong_here(p, pool_printf(&p->f->pool, "%s is true or false", n->field->name));
	return 0;
}

/* What the value is looked for with. */
static int prepare(struct parsing *p, struct node *n)
{
	struct err why;

	if (n->op == OP_CONTAINS || n->op == OP_WORD) {
		n->word = match_word(n->texts[0], strlen(n->texts[0]));
		if (n->op == OP_CONTAINS || n->word.negated) /* the signs are letters there */
			n->word = match_literal(n->texts[0], strlen(n->texts[0]));
	}
	if (n->op == OP_LIKE || n->op == OP_UNLIKE)
		if (pattern_open(&n->pattern, n->texts[0], match_any_case(n->texts[0], strlen(n->texts[0])), NULL, &why) < 0)
			return wrong(p, p->at, p->pos, "'%.100s' is no regular expression: %s", n->texts[0], why.text);
	return 0;
}

/* --- conditions --- */

static struct node *add_test(struct parsing *p, const struct field *field, enum filter_op op)
{
	uint32_t at = add_node(p, NODE_TEST);
	struct node *n = &p->f->nodes[at];

	p->f->presence |= field->name && strcmp(field->name, "alive") == 0;
	n->field = field;
	n->on = field->on;
	n->op = op;
	n->texts = pool_alloc(&p->f->pool, 4 * sizeof *n->texts);
	n->numbers = pool_alloc(&p->f->pool, 4 * sizeof *n->numbers);
	return n;
}

static uint32_t place_of(const struct parsing *p, const struct node *n)
{
	return (uint32_t)(n - p->f->nodes);
}

static int no_field(struct parsing *p, struct str name, size_t at)
{
	const char *field, *help, *near = NULL;
	char *text = pool_strndup(&p->f->pool, name.p, name.n), *low = pool_strndup(&p->f->pool, name.p, name.n);
	size_t best = 2 + strlen(text) / 4;

	for (char *c = low; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (str_eq(name, STR("label")) || str_eq(name, STR("label.")))
		return wrong(p, at, at + name.n, "a label is asked for by its key: label.KEY");
	for (size_t i = 0; (field = filter_field(i, &help)); i++) {
		size_t d = strlen(low) > 1 && strncmp(field, low, strlen(low)) == 0 ? 0 : edits(low, field);

		if (strcmp(field, "label") != 0 && d < best && d < strlen(field)) {
			best = d;
			near = field;
		}
	}
	if (near)
		return wrong(p, at, at + name.n, "no field '%.60s'; did you mean %s?", text, near);
	return wrong(p, at, at + name.n, "no field '%.60s'; text to look for goes in quotes", text);
}

/* field op value, with the operator as the token, or "in". */
static uint32_t parse_comparison(struct parsing *p, struct str name, size_t at)
{
	const struct field *field = field_find(name);
	enum filter_op op = p->token == TOK_IN ? OP_IN : p->op;
	struct node *n;
	int rc;

	if (!field) {
		no_field(p, name, at);
		return 0;
	}
	n = add_test(p, field, op);
	n->at = at;
	if (field->on == ON_LABELS)
		n->key = pool_strndup(&p->f->pool, name.p + 6, name.n - 6);
	if (check_op(p, n, p->text + p->at, (int)(p->pos - p->at)) < 0)
		return 0;
	next(p);
	if (op == OP_IN && p->token != TOK_OPEN)
		rc = wrong(p, p->at, p->pos, "%s in: a list in brackets is missing, as in %s in (a, b)", n->field->name, n->field->name);
	else if (op == OP_IN)
		rc = take_list(p, n);
	else
		rc = want_value(p, n) < 0 ? -1 : take_value(p, n);
	if (rc < 0 || prepare(p, n) < 0)
		return 0;
	n->n = p->pos - at;
	next(p);
	return place_of(p, n);
}

/* field:value, within one word. */
static uint32_t parse_short(struct parsing *p, const struct field *field, struct str key, struct str value)
{
	struct node *n = add_test(p, field, field->type == TYPE_TEXT ? OP_CONTAINS : OP_EQ);

	if (field->on == ON_LABELS)
		n->key = pool_strndup(&p->f->pool, key.p + 6, key.n - 6);
	p->word = value;
	if (!value.n) { /* the value is in quotes, and comes next */
		next(p);
		if (want_value(p, n) < 0)
			return 0;
	}
	if (take_value(p, n) < 0 || prepare(p, n) < 0)
		return 0;
	next(p);
	return place_of(p, n);
}

/* A text to look for, wherever people look. */
static uint32_t parse_word(struct parsing *p)
{
	const struct field *in = source_line_read(&(struct source_line){0}, p->word) ? field_of_places() : field_of_words();
	uint32_t any = add_node(p, NODE_OR);
	const char *text = pool_strndup(&p->f->pool, p->word.p, p->word.n);
	bool quoted = p->token == TOK_QUOTED, place = in == field_of_places();
	uint32_t added = 0;

	p->f->asks |= place;
	for (; in->texts; in++) {
		struct node *n = add_test(p, in, quoted ? OP_CONTAINS : OP_WORD);

		n->texts[n->n_values++] = text;
		if (prepare(p, n) < 0)
			return 0;
		n->word.end |= place;
		*(added ? &p->f->nodes[added].next : &p->f->nodes[any].first) = place_of(p, n);
		added = place_of(p, n);
	}
	next(p);
	return finish(p, any);
}

static uint32_t parse_or(struct parsing *p);

/* In brackets, the first of which is the token. */
static uint32_t parse_brackets(struct parsing *p)
{
	size_t at = p->at;
	uint32_t in;

	if (++p->depth > FILTER_DEEP) {
		wrong(p, p->at, p->pos, "more than %d brackets within one another", FILTER_DEEP);
		return 0;
	}
	next(p);
	in = parse_or(p);
	p->depth--;
	if (in && p->token != TOK_CLOSE) {
		wrong(p, at, at + 1, "this bracket is not closed");
		return 0;
	}
	if (in)
		next(p);
	return in;
}

/* A saved filter, in the place of its name. */
static uint32_t parse_saved(struct parsing *p)
{
	struct parsing outer = *p;
	struct str name = {p->word.p + 1, p->word.n - 1};
	const char *text = NULL;
	uint32_t in;

	for (size_t i = 0; i < p->src->n_saved; i++) {
		const char *s = p->src->saved[i];

		if (strncmp(s, name.p, name.n) == 0 && s[name.n] == ':')
			text = s + name.n + 1;
	}
	if (!text || p->saved > 8) {
		wrong(p, p->at, p->pos, text ? "it is in itself" : "no filter is saved as '%.*s'", (int)name.n, name.p);
		return 0;
	}
	p->text = text;
	p->name = name;
	p->n = strlen(text);
	p->pos = 0;
	if (!p->saved++)
		*p->where = (struct filter_fault){outer.at, outer.pos - outer.at};
	next(p);
	in = parse_or(p);
	if (in && p->token != TOK_END) {
		wrong_here(p, "nothing is open that could be closed here");
		in = 0;
	}
	outer.conditions = p->conditions;
	*p = outer;
	if (in)
		next(p);
	return in;
}

static uint32_t parse_relation(struct parsing *p, enum node_kind kind)
{
	uint32_t at = add_node(p, kind), in;

	next(p);
	if (p->token != TOK_OPEN) {
		wrong(p, p->at, p->pos, "whose? A filter in brackets is missing");
		return 0;
	}
	in = parse_brackets(p);
	p->f->nodes[at].first = in;
	return in ? finish(p, at) : 0;
}

/* It begins with a word: a condition, a flag, or text to look for. */
static uint32_t parse_named(struct parsing *p)
{
	struct str word = p->word;
	const char *colon = p->keyed ? NULL : memchr(word.p, ':', word.n);
	struct str key = {word.p, colon ? (size_t)(colon - word.p) : 0};
	const struct field *field = field_find(word);
	struct parsing ahead = *p;
	enum node_kind kind;
	struct node *n;

	if (is_relation(word, &kind))
		return parse_relation(p, kind);
	next(&ahead);
	if (ahead.token == TOK_OP || ahead.token == TOK_IN) {
		size_t at = p->at;

		*p = ahead;
		return parse_comparison(p, word, at);
	}
	if (colon && field_find(key))
		return parse_short(p, field_find(key), key, (struct str){colon + 1, word.n - key.n - 1});
	if (!field || field->type != TYPE_FLAG) {
		if (field && !p->f->forgot[0] && (ahead.token == TOK_WORD || ahead.token == TOK_QUOTED)) {
			p->f->forgot[0] = field->name;
			p->f->forgot[1] = pool_strndup(&p->f->pool, p->text + ahead.at, ahead.pos - ahead.at);
		}
		return parse_word(p);
	}
	n = add_test(p, field, OP_EQ);
	p->f->asks = true;
	n->numbers[n->n_values++] = true;
	next(p);
	return place_of(p, n);
}

static uint32_t parse_not(struct parsing *p)
{
	uint32_t at, in;

	switch (p->token) {
	case TOK_NOT:
		at = add_node(p, NODE_NOT);
		if (++p->depth > FILTER_DEEP)
			return (uint32_t)(wrong_here(p, "too many opposites of opposites") + 1);
		next(p);
		in = parse_not(p);
		p->depth--;
		p->f->nodes[at].first = in;
		return in ? finish(p, at) : 0;
	case TOK_OPEN:
		return parse_brackets(p);
	case TOK_SAVED:
		return parse_saved(p);
	case TOK_QUOTED:
	case TOK_WORD:
		if (p->conditions++ < FILTER_CONDITIONS)
			return p->token == TOK_WORD ? parse_named(p) : parse_word(p);
		wrong(p, p->at, p->pos, "a filter of more than %d conditions", FILTER_CONDITIONS);
		return 0;
	case TOK_BAD:
		wrong(p, p->at, p->n, "this quote has no end");
		return 0;
	case TOK_END:
		wrong(p, p->at, p->at, "a condition is missing here");
		return 0;
	default:
		wrong(p, p->at, p->pos, "a condition is missing before '%.*s'", (int)(p->pos - p->at), p->text + p->at);
		return 0;
	}
}

/* One or more of the same kind, in a list. */
static uint32_t parse_list(struct parsing *p, enum node_kind kind, uint32_t (*part)(struct parsing *p))
{
	uint32_t first = part(p), at, last = first;

	if (!first)
		return 0;
	for (at = 0;; last = p->f->nodes[last].next) {
		bool side = kind == NODE_AND && p->token != TOK_END && p->token != TOK_CLOSE && p->token != TOK_OR && p->token != TOK_COMMA;
		uint32_t one;

		if (p->token != (kind == NODE_AND ? TOK_AND : TOK_OR) && !side)
			return at ? finish(p, at) : first;
		at = at ? at : add_node(p, kind);
		p->f->nodes[at].first = first;
		if (p->token == TOK_AND || p->token == TOK_OR)
			next(p);
		one = part(p);
		if (!one)
			return 0;
		p->f->nodes[last].next = one;
	}
}

static uint32_t parse_and(struct parsing *p)
{
	return parse_list(p, NODE_AND, parse_not);
}

static uint32_t parse_or(struct parsing *p)
{
	return parse_list(p, NODE_OR, parse_and);
}

/* --- the whole --- */

/* Is there a condition on anything but the count in it? */
static bool is_of_goroutines(const struct filter *f, uint32_t at)
{
	const struct node *n = &f->nodes[at];

	if (n->kind == NODE_TEST)
		return n->on != ON_GROUP;
	if (n->kind >= NODE_ANCESTORS)
		return true;
	for (uint32_t i = n->first; i; i = f->nodes[i].next)
		if (is_of_goroutines(f, i))
			return true;
	return false;
}

static const struct node *count_in(const struct filter *f, uint32_t at)
{
	const struct node *n = &f->nodes[at], *found = NULL;

	if (n->kind == NODE_TEST)
		return n->on == ON_GROUP ? n : NULL;
	for (uint32_t i = n->first; i && !found; i = f->nodes[i].next)
		found = count_in(f, i);
	return found;
}

/* What is asked of groups is asked after the rest: it goes into a list of its own. */
static int part_counts(struct parsing *p)
{
	struct filter *f = p->f;
	uint32_t all = f->root, *end, *counts = &f->counts;
	const struct node *c = count_in(f, all);

	if (!c)
		return 0;
	if (f->nodes[all].kind != NODE_AND || !is_of_goroutines(f, all)) {
		f->root = 0;
		f->counts = all;
		return is_of_goroutines(f, all) ? wrong(p, c->at, c->at + c->n, "count is asked of groups of what the rest wants: join it by 'and'") : 0;
	}
	f->counts = add_node(p, NODE_AND);
	counts = &f->nodes[f->counts].first;
	end = &f->nodes[all].first;
	for (uint32_t i = *end, then; i; i = then) {
		then = f->nodes[i].next;
		c = count_in(f, i);
		if (c && is_of_goroutines(f, i))
			return wrong(p, c->at, c->at + c->n, "count is asked of groups of what the rest wants: join it by 'and'");
		f->nodes[i].next = 0;
		*(c ? counts : end) = i;
		if (c)
			counts = &f->nodes[i].next;
		else
			end = &f->nodes[i].next;
		*end = 0;
	}
	finish(p, all);
	return 0;
}

/* Answers are kept for the largest parts that depend on one thing alone. */
static void remember(struct filter *f, uint32_t at)
{
	struct node *n = &f->nodes[at];

	n->remembers = n->on < ON_GOROUTINE;
	for (uint32_t i = n->first; i && !n->remembers; i = f->nodes[i].next)
		remember(f, i);
}

int filter_open(struct filter **out, const struct filter_source *src, struct filter_fault *where, struct err *e)
{
	struct filter_fault nowhere = {0};
	struct parsing p = {.src = src, .text = src->text, .n = strlen(src->text), .where = where ? where : &nowhere, .e = e};

	*out = NULL;
	*p.where = (struct filter_fault){0};
	if (p.n > FILTER_BYTES)
		return fail_as(e, ERR_USAGE, "a filter of more than %d bytes", FILTER_BYTES);
	p.f = xcalloc(1, sizeof *p.f);
	p.f->text = xstrdup(src->text);
	GROW(p.f->nodes, p.f->n, p.f->cap);
	p.f->nodes[p.f->n++] = (struct node){0};
	next(&p);
	if (p.token == TOK_END) {
		filter_close(p.f);
		return 0;
	}
	p.f->root = parse_or(&p);
	if (p.f->root && p.token != TOK_END) {
		wrong(&p, p.at, p.pos, p.token == TOK_CLOSE ? "no bracket is open that this could close" : "nothing is asked for here");
		p.f->root = 0;
	}
	if (!p.f->root || part_counts(&p) < 0) {
		filter_close(p.f);
		return -1;
	}
	remember(p.f, p.f->root);
	*out = p.f;
	return 0;
}

void filter_close(struct filter *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->n; i++) {
		pattern_close(f->nodes[i].pattern);
		free(f->nodes[i].known);
		free(f->nodes[i].ids);
	}
	free(f->nodes);
	pool_release(&f->pool);
	buf_release(&f->scratch);
	free(f->text);
	free(f);
}
