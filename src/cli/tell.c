/* SPDX-License-Identifier: MIT */
#include "tell.h"
#include <gscrape/err.h>
#include <gscrape/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_add_told(struct buf *b, const char *text)
{
	for (;; text++) {
		size_t n = strcspn(text, "\n");

		buf_add_visible(b, text, n);
		text += n;
		if (!*text)
			return;
		buf_putc(b, '\n');
	}
}

void tell(const char *fmt, ...)
{
	struct buf told = {0};
	char *raw = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&raw, fmt, ap) < 0)
		die("out of memory");
	va_end(ap);
	buf_adds(&told, "gscrape-tui: ");
	buf_add_told(&told, raw);
	fprintf(stderr, "%s\n", told.p);
	free(raw);
	buf_release(&told);
}
