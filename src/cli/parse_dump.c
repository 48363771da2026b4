/* SPDX-License-Identifier: MIT */
/* --parse: the goroutines of one dump as JSON, in the dump's order. */
#include "commands.h"
#include "load.h"
#include <stdio.h>

int run_parse(const struct options *o, struct err *e)
{
	struct buf text = {0};
	struct out out = {0};
	struct dump d = {0};
	struct err why = {0};
	int rc = dump_load(o->operands.n ? o->operands.v[0] : "-", &text, e);

	if (rc < 0) {
		buf_release(&text);
		return -1;
	}
	d.text = (struct str){text.p, text.n};
	while (dump_next(&d)) {
		struct jw j = {.out = &out.buf};

		dump_json(&j, &d.g);
		buf_putc(&out.buf, '\n');
		out_line(&out);
	}
	if (d.skipped_lines)
		fprintf(stderr, "gscrape-tui: %zu line%s of no goroutine skipped\n", d.skipped_lines, d.skipped_lines == 1 ? "" : "s");
	dump_release(&d);
	buf_release(&text);
	if (out_close(&out, &why) < 0)
		return fail(e, "%s", why.text);
	return rc; /* a damaged file is told, after what it held */
}
