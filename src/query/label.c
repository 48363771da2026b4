/* SPDX-License-Identifier: MIT */
/* Groups by what a label says, or all labels do: a value's key, and the value of a key. */
#include "query_internal.h"
#include <gscrape/dump.h>
#include <gscrape/hash.h>
#include <stdlib.h>

#define NO_LABEL 1 /* the key of those that have none */

struct label_value {
	uint64_t key;
	const char *text;
};
HASH_TABLE(value_map, struct label_value, key, text);

struct label_values {
	char *label;    /* "": all of them together */
	uint64_t *keys; /* by the number of the labels' text; 0 not known yet */
	size_t n;
	struct value_map map;
};

static void forget(struct label_values *v)
{
	free(v->label);
	free(v->keys);
	value_map_release(&v->map);
	*v = (struct label_values){0};
}

static struct label_values *values_of(struct query *q)
{
	if (!q->label_values)
		query_group_label(q, "");
	return q->label_values;
}

void query_group_label(struct query *q, const char *key)
{
	if (q->label_values && strcmp(q->label_values->label, key) == 0)
		return;
	if (!q->label_values)
		q->label_values = xcalloc(1, sizeof *q->label_values);
	forget(q->label_values);
	q->label_values->label = xstrdup(key);
}

void label_values_release(struct query *q)
{
	if (q->label_values)
		forget(q->label_values);
	free(q->label_values);
}

struct reading {
	const char *label;
	struct buf text;
	bool found;
};

/* "acme", or "job=x, tenant=acme". */
static void take_pair(void *ctx, struct str key, struct str value)
{
	struct reading *r = ctx;

	if (*r->label && (r->found || !str_eq(key, str_of(r->label))))
		return;
	buf_adds(&r->text, r->found ? ", " : "");
	if (!*r->label) {
		buf_add(&r->text, key.p, key.n);
		buf_putc(&r->text, '=');
	}
	buf_add(&r->text, value.p, value.n);
	r->found = true;
}

void labels_add(struct buf *out, const char *raw)
{
	struct reading r = {.label = "", .text = *out};

	dump_labels(str_of(raw), take_pair, &r);
	*out = r.text;
	buf_adds(out, ""); /* ends it */
}

static bool hidden;

void query_hide_labels(void)
{
	hidden = true;
}

bool query_hides_labels(void)
{
	return hidden;
}

const char *labels_of(struct query *q, uint32_t labels)
{
	return hidden ? "" : query_string(q, labels);
}

uint64_t label_key(struct query *q, uint32_t labels)
{
	struct label_values *v = values_of(q);
	struct reading r = {.label = v->label};
	struct label_value *known;

	if (labels < v->n && v->keys[labels])
		return v->keys[labels];
	REACH(v->keys, v->n, labels);
	dump_labels(str_of(labels_of(q, labels)), take_pair, &r);
	v->keys[labels] = NO_LABEL;
	if (r.found) {
		v->keys[labels] = hash64(r.text.p, r.text.n) | 2;
		known = value_map_at(&v->map, v->keys[labels]);
		if (!known->text)
			known->text = pool_strndup(&q->names, r.text.p, r.text.n);
	}
	buf_release(&r.text);
	return v->keys[labels];
}

const char *label_name(struct query *q, uint64_t key)
{
	const struct label_value *v = key == NO_LABEL ? NULL : value_map_find(&values_of(q)->map, key);

	return v ? v->text : "(no label)";
}
