/* SPDX-License-Identifier: MIT */
/* Any bytes as a grouped profile: every group has a count, and nothing outside the text is read. */
#include <gscrape/grouped.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1); /* of exact length, so that a step too far is seen */
	struct grouped d = {0};

	if (size)
		memcpy(copy, data, size);
	d.text = (struct str){copy, size};
	while (grouped_next(&d)) {
		struct buf b = {0};
		struct jw j = {.out = &b};

		group_json(&j, &d.g);
		if (!d.g.count || (d.g.missing && d.g.n))
			abort();
		buf_release(&b);
	}
	grouped_release(&d);
	free(copy);
	return 0;
}
