/* SPDX-License-Identifier: MIT */
/* filter_node.h: a filter as it is held: a tree of conditions, which filter_parse.c makes and filter.c asks. */
#ifndef QUERY_FILTER_NODE_H
#define QUERY_FILTER_NODE_H

#include "query_internal.h"
#include <gscrape/filter.h>
#include <gscrape/match.h>

#define FILTER_BYTES (64 << 10) /* a longer one is refused, */
#define FILTER_CONDITIONS 512   /* and one with more of these, also those of saved ones */
#define FILTER_DEEP  50         /* brackets within brackets */

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_TEST, NODE_ANCESTORS, NODE_DESCENDANTS, NODE_SIBLINGS };
enum filter_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_LIKE, OP_UNLIKE, OP_CONTAINS, OP_IN, OP_WORD };
enum field_type { TYPE_TEXT, TYPE_NUMBER, TYPE_SPAN, TYPE_TIME, TYPE_FLAG };
/* What an answer depends on; of a group: on all of it. */
enum depends { ON_STACK, ON_STATE, ON_LABELS, ON_GOROUTINE, ON_GROUP };

struct looking;
struct node;
struct field {
	const char *name, *help;
	enum field_type type;
	enum depends on;
	/* A text field: gives each of its texts to node_text_fits until one does. */
	bool (*texts)(struct looking *l, struct node *n);
	/* Any other: false is unknown. */
	bool (*number)(struct looking *l, int64_t *out);
};
const struct field *field_find(struct str name); /* NULL: none. "label.x" is `label` */
const struct field *field_of_words(void);        /* what a bare word is looked for in is a list of these, */
const struct field *field_of_places(void);       /*   and of one like server.go:88 */

struct node {
	enum node_kind kind;
	uint32_t first, next;      /* its first child, and the next of its parent; 0 none */
	enum depends on;
	size_t at, n;              /* bytes of the text */
	/* NODE_TEST */
	const struct field *field;
	enum filter_op op;
	const char *key;           /* of a label */
	bool seen, labelled;       /* a goroutine with this label was there; with any */
	const char *near;          /* while it was not: the key that is most like it, of those that were */
	const char **texts;        /* values */
	int64_t *numbers;
	size_t n_values;
	struct match_word word;
	struct pattern *pattern;
	/* by stack, state or labels: 0 not known yet, 1 no, 2 yes */
	bool remembers;
	uint8_t *known;
	size_t n_known;
	/* relations: who of those alive is one; by number */
	uint64_t *ids;
	size_t n_ids;
};

struct filter {
	char *text;
	struct pool pool;
	struct node *nodes;        /* nodes[0] is none */
	uint32_t n, cap;
	uint32_t root, counts;     /* counts: of groups; 0 none */
	bool asks;                 /* it has more than words */
	bool relations, presence;  /* it asks for those; for who is there now */
	struct query *q;           /* whose numbers `known` is by */
	const struct node *gave_up; /* an expression that took too long */
	size_t gave_up_on;         /*   on a text of so many bytes */
	struct buf scratch;
	const char *forgot[2];     /* a field and its value, side by side as two words; NULL: none */
};

/* One goroutine that is looked at. */
struct looking {
	struct filter *f;
	struct query *q;
	const struct filter_subject *s;
};
bool node_text_fits(struct filter *f, const struct node *n, const char *text);
bool node_passes(struct looking *l, uint32_t node);

/* filter_relatives.c: finds who is related, for each relation of f. 0 or -1. */
int filter_relate(struct filter *f, struct query *q, const struct filter_subject *like, const struct alive *a, size_t n, struct err *e);

#endif
