/* SPDX-License-Identifier: MIT */
/* --parse: the goroutines of one dump as JSON, or the groups of a grouped profile, in its order. */
#include "commands.h"
#include "load.h"
#include <gscrape/grouped.h>
#include <stdio.h>

static void parse_goroutines(struct unwrapped *r, bool hide_labels, struct out *out)
{
	struct dump d = {.text = {r->text.p, r->text.n}};

	while (dump_next(&d)) {
		struct jw j = {.out = &out->buf};

		if (hide_labels)
			d.g.head.labels = (struct str){0};
		dump_json(&j, &d.g);
		buf_putc(&out->buf, '\n');
		out_line(out);
	}
	r->skipped += d.skipped_lines;
	dump_release(&d);
}

static void parse_groups(const struct unwrapped *r, bool hide_labels, struct out *out)
{
	struct grouped d = {.text = {r->grouped.p, r->grouped.n}};

	while (grouped_next(&d)) {
		struct jw j = {.out = &out->buf};

		if (hide_labels)
			d.g.labels = (struct str){0};
		group_json(&j, &d.g);
		buf_putc(&out->buf, '\n');
		out_line(out);
	}
	grouped_release(&d);
}

int run_parse(const struct options *o, struct err *e)
{
	const char *path = o->operands.n ? o->operands.v[0] : "-";
	struct unwrapped r;
	struct out out = {0};
	struct err why = {0};
	int rc = dump_load(path, o, &r, e);

	if (rc < 0) {
		unwrapped_release(&r);
		return -1;
	}
	if (r.kind == DUMP_DEBUG1)
		parse_groups(&r, o->hide_labels, &out);
	else
		parse_goroutines(&r, o->hide_labels, &out);
	dump_load_tell(path, &r);
	unwrapped_release(&r);
	if (out_close(&out, &why) < 0)
		return fail(e, "%s", why.text);
	return rc; /* a damaged file is told, after what it held */
}
