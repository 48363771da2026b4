/* SPDX-License-Identifier: MIT */
/* empty FILE: a store that nothing was recorded in yet. */
#include <gscrape/store.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct store *s = NULL;
	struct err e = {0};

	if (argc == 2 && store_open(&s, argv[1], STORE_WRITE, &e) == 0 && store_begin(s, &e) == 0 && store_commit(s, &(struct commit){0}, &e) == 0) {
		store_close(s);
		return 0;
	}
	fprintf(stderr, "empty: %s\n", argc == 2 ? e.text : "usage: empty FILE");
	store_close(s);
	return 1;
}
