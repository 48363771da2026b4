/* SPDX-License-Identifier: MIT */
/* Targets files of any bytes: refused with a sentence, or every target complete. */
#include "collect/targets.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct target_set set = {0};
	struct err e = {0};
	char *text = xstrndup((const char *)data, n);

	if (targets_add_json(&set, text, n, &e) < 0 && !e.text[0])
		abort();
	e.text[0] = '\0';
	if (targets_add_list(&set, text, &e) < 0 && !e.text[0])
		abort();
	for (size_t i = 0; i < set.n; i++) {
		if (!set.t[i].host || !set.t[i].url || !set.t[i].labels || strpbrk(set.t[i].host, " \n\x1b"))
			abort();
	}
	targets_release(&set);
	free(text);
	return 0;
}
