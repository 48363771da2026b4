/* SPDX-License-Identifier: MIT */
/* What the command line and the web write alike. */
#include "query_internal.h"
#include <gscrape/insight.h>

void frame_json(struct jw *j, const char *key, const struct frame *f)
{
	if (key)
		jw_key(j, key);
	if (!f || !f->func) {
		jw_null(j);
		return;
	}
	jw_obj(j);
	jw_kstr(j, "func", f->func);
	if (f->file) {
		jw_kstr(j, "file", f->file);
		jw_kuint(j, "line", f->line);
	}
	jw_end(j);
}

void place_json(struct jw *j, const char *func_key, const char *at_key, const struct frame *f)
{
	struct buf b = {0};

	jw_kstr(j, func_key, f->func);
	if (f->file)
		buf_addf(&b, "%s:%u", f->file, f->line);
	jw_kstr(j, at_key, b.p);
	buf_release(&b);
}
