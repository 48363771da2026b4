/* SPDX-License-Identifier: MIT */
/* Any bytes as a profile in protobuf: what comes out is a grouped profile that counts what it says. */
#include <gscrape/grouped.h>
#include <gscrape/profile.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = {0};
	struct grouped d = {0};

	if (profile_text(data, size, &text)) {
		d.text = (struct str){text.p, text.n};
		while (grouped_next(&d))
			;
		grouped_release(&d);
	}
	buf_release(&text);
	return 0;
}
