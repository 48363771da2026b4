/* SPDX-License-Identifier: MIT */
#include "lock_blocks.h"
#include <gscrape/err.h>
#include <stdlib.h>

static const char header[] = "goroutine ";

bool blocks_are_plain(struct str text)
{
	return str_begins(text, (struct str){header, sizeof header - 1});
}

/* The block around place i: where it begins. One that no header stands before begins with the text. */
static size_t block_begin(struct str text, size_t i)
{
	for (;;) {
		const char *nl = i ? memrchr(text.p, '\n', i) : NULL;
		size_t line = nl ? (size_t)(nl - text.p) + 1 : 0;

		if (!line || str_begins((struct str){text.p + line, text.n - line}, (struct str){header, sizeof header - 1}))
			return line;
		i = line - 1;
	}
}

static size_t block_end(struct str text, size_t begin)
{
	const char *blank = memmem(text.p + begin, text.n - begin, "\n\n", 2);

	return blank ? (size_t)(blank - text.p) + 2 : text.n;
}

/* The block around place `at`; what is behind it. */
static size_t take_block(struct blocks *b, struct str text, size_t at)
{
	size_t end;

	GROW(b->a, b->n, b->cap);
	b->a[b->n] = block_begin(text, at);
	end = block_end(text, b->a[b->n++]);
	return end > at ? end : at + 1;
}

void blocks_add(struct blocks *b, const struct blocks *others)
{
	for (size_t i = 0; i < others->n; i++) {
		GROW(b->a, b->n, b->cap);
		b->a[b->n++] = others->a[i];
	}
}

void blocks_with(struct blocks *b, struct str text, struct str word)
{
	for (size_t i = 0; i < text.n;) {
		const char *at = memmem(text.p + i, text.n - i, word.p, word.n);

		if (!at)
			return;
		i = take_block(b, text, (size_t)(at - text.p));
	}
}

void blocks_with_state(struct blocks *b, struct str text, const char *const *words, size_t n)
{
	const char *end = text.p + text.n, *p = text.p;

	while (p < end && (p = memchr(p, '[', (size_t)(end - p)))) {
		struct str rest = {p + 1, (size_t)(end - p - 1)};
		size_t i = 0;

		while (i < n && !str_begins(rest, str_of(words[i])))
			i++;
		p = i < n ? text.p + take_block(b, text, (size_t)(p - text.p)) : p + 1;
	}
}

/* And 1; 0 it is none. By a table: which of the two kinds comes next no processor can guess. */
static const uint8_t digit_and_1[256] = {
	['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static int digit_of(char c)
{
	return digit_and_1[(uint8_t)c] - 1;
}

const char *hex_digits(const char *p, const char *end, uint64_t *number)
{
	for (*number = 0; p < end; p++) {
		int digit = digit_of(*p);

		if (digit < 0)
			break;
		*number = *number << 4 | (uint64_t)digit;
	}
	return p;
}

uint32_t leading_digit(uint64_t number)
{
	while (number > 15)
		number >>= 4;
	return 1u << number;
}

/* All in one pass, however many are wanted. */
void blocks_with_number(struct blocks *b, struct str text, uint32_t leading, bool (*wanted)(const void *ctx, uint64_t number), const void *ctx)
{
	const char *end = text.p + text.n, *p = text.p;

	while (p < end && (p = memchr(p, 'x', (size_t)(end - p)))) {
		uint64_t number;
		int digit = ++p < end ? digit_of(*p) : -1;

		if (digit < 0 || !(leading >> digit & 1))
			continue;
		p = hex_digits(p, end, &number);
		if (wanted(ctx, number))
			p = text.p + take_block(b, text, (size_t)(p - text.p) - 1);
	}
}

static int by_place(const void *pa, const void *pb)
{
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;

	return a < b ? -1 : a > b;
}

void blocks_visit_all(struct str text, visit_fn visit, void *ctx)
{
	struct dump d = {.text = text};

	while (dump_next(&d))
		visit(ctx, &d.g);
	dump_release(&d);
}

void blocks_sort(struct blocks *b)
{
	size_t n = 0;

	if (b->n)
		qsort(b->a, b->n, sizeof *b->a, by_place);
	for (size_t i = 0; i < b->n; i++)
		if (!n || b->a[n - 1] != b->a[i])
			b->a[n++] = b->a[i];
	b->n = n;
}

void blocks_visit(struct blocks *b, struct str text, visit_fn visit, void *ctx)
{
	blocks_sort(b);
	for (size_t i = 0; i < b->n; i++)
		blocks_visit_all((struct str){text.p + b->a[i], block_end(text, b->a[i]) - b->a[i]}, visit, ctx);
	free(b->a);
	*b = (struct blocks){0};
}
