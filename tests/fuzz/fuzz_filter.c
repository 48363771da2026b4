/* SPDX-License-Identifier: MIT */
/* A filter's text, to its tree: a sentence and a place within the text, or a filter that says the same when it is read again. */
#include <gscrape/filter.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const saved[] = {"a: state == x", "b: @a or @b"};
	char *text = xstrndup((const char *)data, size);
	struct filter_source src = {text, 1795449905000, NULL, saved, 2};
	struct filter_fault at;
	struct filter *f;
	struct err e = {0};

	if (filter_open(&f, &src, &at, &e) < 0) {
		if (!e.text[0] || at.at + at.n > strlen(text))
			abort();
	} else if (f && strcmp(filter_text(f), text) != 0) {
		abort();
	} else {
		filter_accepts_count(f, 3);
	}
	filter_close(f);
	free(text);
	return 0;
}
