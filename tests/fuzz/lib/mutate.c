/* SPDX-License-Identifier: MIT */
/*
 * mutate: a fuzz target without libFuzzer, for any compiler, so that each run of the tests has some of it, and tells which lines that
 * reaches. Its words are libFuzzer's:
 *
 *     fuzz_NAME -runs=N -seed=N FOLDER
 *
 * gives the target each file of FOLDER as it is, then N texts that are made of them: some bytes are other ones, repeated, gone, or
 * of another file. The same seed and files make the same texts. What made the target die stands in FOLDER/crash.
 */
#include <dirent.h>
#include <fcntl.h>
#include <gscrape/err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 8000 /* bytes of a text */

int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
	uint8_t b[MOST];
	size_t n;
};

struct chance {
	uint64_t state;
};

/* xorshift64*: below n, which is not 0. */
static size_t below(struct chance *c, size_t n)
{
	c->state ^= c->state >> 12;
	c->state ^= c->state << 25;
	c->state ^= c->state >> 27;
	return (size_t)((c->state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

/* --- changes: each of some bytes at a place --- */

static void insert(struct text *t, size_t at, const uint8_t *p, size_t n)
{
	n = n < MOST - t->n ? n : MOST - t->n;
	memmove(t->b + at + n, t->b + at, t->n - at);
	memcpy(t->b + at, p, n);
	t->n += n;
}

static void flip(struct text *t, size_t at, const struct text *other, struct chance *c)
{
	(void)other;
	t->b[at] ^= (uint8_t)(1 << below(c, 8));
}

static void replace(struct text *t, size_t at, const struct text *other, struct chance *c)
{
	static const char odd[] = "\0\1\2\x7f\x80\xff\n\r\t \"'\\:,;[]{}()<>=-+&|#0109az";

	(void)other;
	t->b[at] = below(c, 4) ? (uint8_t)odd[below(c, sizeof odd)] : (uint8_t)below(c, 256);
}

static void cut(struct text *t, size_t at, const struct text *other, struct chance *c)
{
	size_t n = below(c, 4) ? 1 + below(c, 8) : 1 + below(c, t->n - at);

	(void)other;
	n = n < t->n - at ? n : t->n - at;
	memmove(t->b + at, t->b + at + n, t->n - at - n);
	t->n -= n;
}

static void repeat(struct text *t, size_t at, const struct text *other, struct chance *c)
{
	uint8_t some[MOST];
	size_t n = 1 + below(c, t->n - at);

	(void)other;
	memcpy(some, t->b + at, n);
	insert(t, at, some, n);
}

static void number(struct text *t, size_t at, const struct text *other, struct chance *c)
{
	static const char *const numbers[] = {"0", "-1", "18446744073709551615", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\xff\xff\xff\xff\x0f"};
	const char *s = numbers[below(c, sizeof numbers / sizeof *numbers)];

	(void)other;
	insert(t, at, (const uint8_t *)s, strlen(s));
}

static void graft(struct text *t, size_t at, const struct text *other, struct chance *c)
{
	size_t from = other->n ? below(c, other->n) : 0;

	if (other->n)
		insert(t, at, other->b + from, 1 + below(c, other->n - from));
}

static void (*const changes[])(struct text *t, size_t at, const struct text *other, struct chance *c) = {flip, replace, cut, repeat, number, graft};

/* --- files --- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static struct text *files_of(const char *folder, size_t *n)
{
	struct dirent **names;
	int found = scandir(folder, &names, NULL, by_name);
	struct text *all = xcalloc((size_t)(found > 0 ? found : 0) + 1, sizeof *all);

	*n = 0;
	for (int i = 0; i < found; i++) {
		char *path = xasprintf("%s/%s", folder, names[i]->d_name);
		FILE *f = *names[i]->d_name == '.' ? NULL : fopen(path, "rb");

		if (f) {
			all[*n].n = fread(all[*n].b, 1, MOST, f);
			*n += 1;
			fclose(f);
		}
		free(path);
		free(names[i]);
	}
	if (found >= 0)
		free(names);
	*n += !*n; /* an empty one */
	return all;
}

static void give(const struct text *t, int crash)
{
	uint8_t *exact = xmalloc(t->n ? t->n : 1); /* of its length, so that a step too far is seen */

	memcpy(exact, t->b, t->n);
	if (ftruncate(crash, 0) < 0 || pwrite(crash, t->b, t->n, 0) != (ssize_t)t->n)
		die("cannot write down what is tried");
	LLVMFuzzerTestOneInput(exact, t->n);
	free(exact);
}

int main(int argc, char **argv)
{
	struct chance c = {1};
	size_t runs = 0, n;
	struct text *all, *t = xcalloc(1, sizeof *t);
	const char *folder = ".";
	char *path;
	int crash;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "-runs=", 6) == 0)
			runs = strtoul(argv[i] + 6, NULL, 10);
		else if (strncmp(argv[i], "-seed=", 6) == 0)
			c.state = strtoul(argv[i] + 6, NULL, 10) * 2 + 1;
		else if (*argv[i] != '-')
			folder = argv[i];
	}
	all = files_of(folder, &n);
	path = xasprintf("%s/crash", folder);
	crash = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (size_t i = 0; i < n; i++)
		give(&all[i], crash);
	for (size_t i = 0; i < runs; i++) {
		*t = all[below(&c, n)];
		for (size_t k = 1 + below(&c, 4); k; k--) {
			size_t change = t->n ? below(&c, sizeof changes / sizeof *changes) : 5;

			changes[change](t, t->n ? below(&c, t->n) : 0, &all[below(&c, n)], &c);
		}
		give(t, crash);
	}
	close(crash);
	unlink(path);
	free(path);
	free(all);
	free(t);
	return 0;
}
