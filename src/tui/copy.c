/* SPDX-License-Identifier: MIT */
#include "copy.h"
#include <inttypes.h>

void copy_id(struct buf *b, uint64_t id)
{
	if (id)
		buf_addf(b, "%" PRIu64, id);
}

void copy_name(struct buf *b, const char *name)
{
	if (name)
		buf_adds(b, name);
}

void copy_frame(struct buf *b, const struct frame *f)
{
	if (f && f->func && f->file)
		buf_addf(b, "%s:%" PRIu32, f->file, f->line);
}

void copy_stack(const struct session *a, struct buf *b, uint32_t stack, uint64_t id, const char *state)
{
	const struct stack *s = query_stack(a->q, stack);

	if (id)
		buf_addf(b, "goroutine %" PRIu64 " [%s]:\n", id, state ? state : "");
	for (uint32_t i = 0; i < s->n; i++) {
		buf_adds(b, i == stack_elided_at(s) ? ELIDED_FRAMES "\n" : "");
		buf_addf(b, "%s(...)\n\t%s:%" PRIu32 "\n", s->frames[i].func, s->frames[i].file ? s->frames[i].file : "?", s->frames[i].line);
	}
	buf_adds(b, s->n == stack_elided_at(s) ? ELIDED_FRAMES "\n" : "");
	if (s->created.func)
		buf_addf(b, "created by %s\n\t%s:%" PRIu32 "\n", s->created.func, s->created.file ? s->created.file : "?", s->created.line);
}
