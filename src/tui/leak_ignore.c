/* SPDX-License-Identifier: MIT */
/* What is ignored (insight.h), as the view of leaks has it. */
#include "view_leaks.h"

void ignore_load(struct leak_view *l, const struct session *a)
{
	struct err unused;

	if (!l->ignore && leak_ignore_open(&l->ignore, a->o->leak_ignore, &unused) < 0)
		leak_ignore_open(&l->ignore, NULL, &unused); /* a file that cannot be read: for this run */
}

bool is_ignored(const struct leak_view *l, const struct suspect *s)
{
	return leak_ignored(l->ignore, s);
}

int ignore_toggle(struct leak_view *l, const struct session *a, const struct suspect *s, struct err *e)
{
	ignore_load(l, a);
	return leak_ignore_toggle(l->ignore, s, e);
}
