/* SPDX-License-Identifier: MIT */
/* Which goroutines pass a filter. */
#include "filter_node.h"
#include <stdio.h>
#include <stdlib.h>

/* --- conditions --- */

static bool text_is_one_of(const struct node *n, const char *text)
{
	for (size_t i = 0; i < n->n_values; i++)
		if (strcmp(n->texts[i], text) == 0)
			return true;
	return false;
}

/* != and !~ are turned round later: of several texts none may fit. */
bool node_text_fits(struct filter *f, const struct node *n, const char *text)
{
	size_t length;
	int rc;

	if (!n->pattern)
		return n->op == OP_CONTAINS || n->op == OP_WORD ? match_word_in(&n->word, text) : text_is_one_of(n, text);
	if (f->gave_up)
		return false;
	length = strlen(text);
	rc = pattern_in(n->pattern, text, length);
	if (rc < 0) {
		f->gave_up = n;
		f->gave_up_on = length;
	}
	return rc == 1;
}

static bool number_fits(const struct node *n, int64_t v)
{
	int64_t want = n->numbers[0];

	switch (n->op) {
	case OP_NE:
		return v != want;
	case OP_LT:
		return v < want;
	case OP_LE:
		return v <= want;
	case OP_GT:
		return v > want;
	case OP_GE:
		return v >= want;
	default:
		for (size_t i = 0; i < n->n_values; i++)
			if (v == n->numbers[i])
				return true;
		return false;
	}
}

static bool test_passes(struct looking *l, struct node *n)
{
	int64_t v;

	if (n->field->texts)
		return n->field->texts(l, n) != (n->op == OP_NE || n->op == OP_UNLIKE);
	return n->field->number(l, &v) && number_fits(n, v);
}

static bool is_relative(const struct node *n, uint64_t id)
{
	size_t lo = 0, hi = n->n_ids;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (n->ids[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n->n_ids && n->ids[lo] == id;
}

static bool find_out(struct looking *l, struct node *n)
{
	bool any = n->kind == NODE_OR;

	switch (n->kind) {
	case NODE_TEST:
		return test_passes(l, n);
	case NODE_NOT:
		return !node_passes(l, n->first);
	case NODE_AND:
	case NODE_OR:
		for (uint32_t i = n->first; i; i = l->f->nodes[i].next)
			if (node_passes(l, i) == any)
				return any;
		return !any;
	default:
		return is_relative(n, l->s->g->id);
	}
}

/* Where the answer for this stack, state or these labels is kept. */
static uint8_t *answer_of(struct node *n, const struct alive *g)
{
	uint32_t key = n->on == ON_STACK ? g->stack : n->on == ON_STATE ? g->state_id : g->labels_id;

	if (key >= n->n_known) {
		size_t more = (size_t)key * 2 + 64;

		n->known = xrealloc(n->known, more, 1);
		memset(n->known + n->n_known, 0, more - n->n_known);
		n->n_known = more;
	}
	return &n->known[key];
}

bool node_passes(struct looking *l, uint32_t at)
{
	struct node *n = &l->f->nodes[at];
	uint8_t *known = n->remembers ? answer_of(n, l->s->g) : NULL;
	bool passes;

	if (known && *known)
		return *known == 2;
	passes = find_out(l, n);
	if (known && !l->f->gave_up)
		*known = passes ? 2 : 1;
	return passes;
}

/* --- the whole --- */

/* Numbers are another query's: what was known by them is nothing any more. */
static void forget(struct filter *f, struct query *q)
{
	if (f->q == q)
		return;
	for (uint32_t i = 0; i < f->n; i++)
		if (f->nodes[i].n_known)
			memset(f->nodes[i].known, 0, f->nodes[i].n_known);
	f->q = q;
}

bool filter_accepts(struct filter *f, struct query *q, const struct filter_subject *s)
{
	if (!f || !f->root)
		return true;
	forget(f, q);
	return node_passes(&(struct looking){f, q, s}, f->root);
}

static bool count_passes(const struct filter *f, uint32_t at, uint32_t count)
{
	const struct node *n = &f->nodes[at];
	bool any = n->kind == NODE_OR;

	if (n->kind == NODE_TEST)
		return number_fits(n, count);
	if (n->kind == NODE_NOT)
		return !count_passes(f, n->first, count);
	for (uint32_t i = n->first; i; i = f->nodes[i].next)
		if (count_passes(f, i, count) == any)
			return any;
	return !any;
}

bool filter_accepts_count(const struct filter *f, uint32_t count)
{
	return !f || !f->counts || count_passes(f, f->counts, count);
}

/* Who of a process is there at its host's newest moment; others come from a process that is no more. */
struct present {
	struct goroutine_state *a;
	size_t n;
};

static int present_of(struct query *q, const struct host_row *r, uint32_t epoch, struct pool *p, struct present *out, struct err *e)
{
	uint32_t seq = text_seq(q, r->host, r->last_seq);
	int rc;

	if (!seq || snapshot_header(q, r->host, seq)->epoch != epoch || view_begin(q, e) < 0)
		return seq && snapshot_header(q, r->host, seq)->epoch == epoch ? -1 : 0;
	rc = store_alive(q->view, (struct snapshot_key){r->host, seq}, p, &out->a, &out->n, e);
	view_end(q);
	return rc;
}

int filter_alive_at(struct filter *f, struct query *q, struct snapshot_key at, struct alive *a, size_t *n, struct err *e)
{
	const struct host_row *r = host_row(q, at.host);
	struct filter_subject s = {.host = r ? r->name : ""};
	struct present now = {0};
	size_t kept = 0, k = 0;
	struct pool p = {0};
	int rc = 0;

	if (!f || !*n || !r)
		return 0;
	s.at = query_seq_time(q, at.host, at.seq);
	forget(f, q);
	if (f->presence)
		rc = present_of(q, r, a[0].epoch, &p, &now, e);
	if (rc == 0 && f->relations)
		rc = filter_relate(f, q, &s, a, *n, e);
	for (size_t i = 0; i < *n && rc == 0; i++) {
		s.g = &a[i];
		while (k < now.n && now.a[k].id < a[i].id)
			k++;
		s.alive = k < now.n && now.a[k].id == a[i].id;
		if (filter_accepts(f, q, &s))
			a[kept++] = a[i];
	}
	*n = kept;
	pool_release(&p);
	return rc < 0 ? -1 : filter_gave_up(f, e);
}

int filter_alive(struct filter *f, struct query *q, const struct moment *at, struct alive *a, size_t *n, struct err *e)
{
	uint32_t seq;

	if (!f || !*n)
		return 0;
	if (known_text_seq(q, at->host, at->t, &seq, e) < 0)
		return -1;
	return filter_alive_at(f, q, (struct snapshot_key){at->host, seq}, a, n, e);
}

int filter_has_match(struct filter *f, struct query *q, const struct moment *at, struct err *e)
{
	struct pool p = {0};
	struct alive *a;
	size_t n;
	int rc;

	if (!f)
		return 1;
	rc = query_alive(q, at, &p, &a, &n, e) < 0 || filter_alive(f, q, at, a, &n, e) < 0 ? -1 : n > 0;
	pool_release(&p);
	return rc;
}

int filter_gave_up(const struct filter *f, struct err *e)
{
	if (!f || !f->gave_up)
		return 0;
	return fail_as(e, ERR_USAGE, "'%.100s' takes too long on a text of %zu bytes: a simpler expression, please", f->gave_up->texts[0],
		       f->gave_up_on);
}

int filter_over_time(const struct filter *f, struct err *e)
{
	if (!f || (!f->relations && !f->presence))
		return 0;
	return fail_as(e, ERR_USAGE, "who is related to whom, and who is alive now, is asked of one time, not of a span");
}

int filter_of_each(const struct filter *f, struct err *e)
{
	return f && f->counts ? fail_as(e, ERR_USAGE, "count is asked of groups, and here are none") : 0;
}

const char *filter_unseen_label(const struct filter *f, char *out, size_t size)
{
	static const char none[] = " (in dumps they are with GODEBUG=tracebacklabels=1, which go 1.27 in go.mod sets)";

	for (uint32_t i = 0; f && f->q && i < f->n; i++) {
		const struct node *n = &f->nodes[i];

		if (!n->key || n->seen)
			continue;
		if (n->near)
			snprintf(out, size, "nobody has a label '%.60s'; did you mean %.60s?", n->key, n->near);
		else
			snprintf(out, size, "nobody has a label '%.60s'%s", n->key, n->labelled ? ": there are others" : none);
		return out;
	}
	return NULL;
}

const char *filter_hint(const struct filter *f, char *out, size_t size)
{
	if (!f || !f->forgot[0])
		return NULL;
	snprintf(out, size, "'%s' is looked for as a word here; as a condition it is %s == %.60s", f->forgot[0], f->forgot[0], f->forgot[1]);
	return out;
}

bool filter_is_words(const struct filter *f)
{
	return !f || !f->asks;
}

const char *filter_text(const struct filter *f)
{
	return f ? f->text : "";
}
