/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a text that a person hands over. In whatever pieces they come, the same goroutines come out, and nothing but
 * what dump_next() and grouped_next() read.
 */
#include <gscrape/grouped.h>
#include <gscrape/unwrap.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unwrap(const char *p, size_t n, size_t piece, struct unwrapped *out)
{
	struct unwrap *u = unwrap_new(NULL);

	for (size_t i = 0; i < n; i += piece)
		unwrap_feed(u, p + i, n - i < piece ? n - i : piece);
	unwrap_end(u, out);
}

static void differ(const char *what, const struct buf *a, const struct buf *b)
{
	fprintf(stderr, "%s:\n--- one\n%.*s\n--- other\n%.*s\n", what, (int)a->n, a->p, (int)b->n, b->p);
	abort();
}

static void same(const char *what, const struct buf *a, const struct buf *b)
{
	if (a->n != b->n || (a->n && memcmp(a->p, b->p, a->n) != 0))
		differ(what, a, b);
}

/* The blocks begin where the moments say, and are goroutines to the parser too. */
static void readable(const struct unwrapped *r)
{
	struct dump d = {.text = {r->text.p, r->text.n}};
	struct grouped g = {.text = {r->grouped.p, r->grouped.n}};

	for (size_t i = 0; i < r->n_moments; i++)
		if (r->moments[i].at >= r->text.n ||
		    memcmp(r->text.p + r->moments[i].at, "goroutine ", 10) != 0)
			abort();
	if ((r->n_moments > 0) != (r->text.n > 0) || (r->text.n > 0) != dump_next(&d))
		differ("moments, text and parser disagree", &r->text, &r->grouped);
	while (dump_next(&d))
		;
	dump_release(&d);
	while (grouped_next(&g))
		;
	grouped_release(&g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unwrapped whole, pieces;
	struct buf told = {0};
	char *copy = malloc(size ? size : 1); /* of exact length, so that a step too far is seen */

	if (size)
		memcpy(copy, data, size);
	unwrap(copy, size, size + 1, &whole);
	unwrap(copy, size, 1 + size % 7, &pieces);
	same("text in pieces", &whole.text, &pieces.text);
	same("groups in pieces", &whole.grouped, &pieces.grouped);
	if (whole.skipped != pieces.skipped || whole.undone != pieces.undone || whole.prefixed != pieces.prefixed)
		abort();
	readable(&whole);
	unwrap_tell(&told, &whole);
	buf_release(&told);
	unwrapped_release(&whole);
	unwrapped_release(&pieces);
	free(copy);
	return 0;
}
