/* SPDX-License-Identifier: MIT */
/* The config file's reader: any bytes; every line it gives is a piece of the text, in order, and is applied. */
#include <cli/option_table.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_reader r = {.text = {(const char *)data, size}, .name = "fuzz"};
	struct config_line l;
	struct pool pool = {0};
	struct err e = {0};
	const char *end = (const char *)data;
	int line = 0;

	while (config_next(&r, &l, &e) > 0) {
		const char *value = config_value(&pool, l.value);

		if (l.key.p < end || l.key.n == 0 || l.line <= line || strlen(value) > l.value.n)
			abort();
		end = l.key.p + l.key.n;
		line = l.line;
		option_find(l.key.p, l.key.n);
	}
	pool_release(&pool);
	return 0;
}
