/* SPDX-License-Identifier: MIT */
/* count.h: the goroutines of one dump, grouped by state and stack. Argument words and addresses do not matter. */
#ifndef CLI_COUNT_H
#define CLI_COUNT_H

#include <gscrape/dump.h>
#include <gscrape/hash.h>

struct count_group {
	const char *state; /* "chan send", "chan receive (leaked)"; "" when it is not told */
	const char *stack; /* "main.f\n/src/a.go:1\n…created by main.g\n/src/a.go:2\n" */
	const char *json;  /* "frames":[…],"created_by":{…} */
	size_t count;
};

struct count {
	struct count_group *groups; /* most first */
	size_t n, cap;
	size_t total;
	size_t skipped; /* lines that belong to no goroutine */
	struct pool pool;
	struct hash index; /* of groups, until they are sorted */
};

void count_text(struct count *c, struct str text); /* c is zero, or released */
void count_groups(struct count *c, struct str text); /* the same of a grouped profile, which says no states */
void count_release(struct count *c);

/* Where it was counted; what is NULL or 0 is not told. */
struct count_from {
	const char *file, *inner, *origin; /* inner: of a bundle; origin: whose lines of a log */
	size_t moment;
};

/* As debug=1 looks in gscrape's gcount, or a line of JSON per group. Appends. */
void count_write(const struct count *c, struct buf *out);
void count_write_json(const struct count *c, const struct count_from *from, struct buf *out);

#endif
