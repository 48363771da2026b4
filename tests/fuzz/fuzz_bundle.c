/* SPDX-License-Identifier: MIT */
/* Any bytes as a bundle: whatever is in it, it ends, and every byte that it gives was read from somewhere. */
#include "cli/bundle.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t nothing(void *ctx, void *p, size_t n, struct err *e)
{
	(void)ctx, (void)p, (void)n, (void)e;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct source from = {nothing, NULL};
	struct bundle *b;
	struct err e = {0};
	const char *name;
	char piece[4096];
	int64_t time;
	size_t all = 0;

	bundle_is((const char *)data, size);
	if (bundle_open(&b, (struct str){(const char *)data, size}, &from, &e) < 0)
		return 0;
	while (all < ((size_t)1 << 20) && bundle_next(b, &name, &time, &e) > 0) {
		ssize_t n;

		while (all < ((size_t)1 << 20) && (n = bundle_read(b, piece, sizeof piece, &e)) > 0)
			all += (size_t)n;
		all += strlen(name) + 1;
	}
	bundle_close(b);
	return 0;
}
