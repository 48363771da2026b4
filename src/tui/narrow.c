/* SPDX-License-Identifier: MIT */
#include "narrow.h"
#include <inttypes.h>
#include <stdio.h>

void narrow_to(struct session *a, const char *filter)
{
	bool fits = strlen(filter) <= TUI_FILTER_BYTES;

	snprintf(a->filter, sizeof a->filter, "%s", fits ? filter : "");
	a->filter_regex = false;
	if (!fits)
		say(a, "its names are too long for a filter: nothing is filtered");
}

/* The end of a path with so many folders; all of it where it has no more. */
static const char *tail_of(const char *path, int folders)
{
	const char *p = path + strlen(path);

	for (; p > path; p--)
		if (p[-1] == '/' && folders-- == 0)
			return p;
	return path;
}

static bool ends_in(const char *path, const char *tail)
{
	size_t n = path ? strlen(path) : 0, k = strlen(tail);

	return n >= k && strcmp(path + n - k, tail) == 0 && (n == k || path[n - k - 1] == '/');
}

/* Another place whose path ends so, too. */
static bool is_taken_for(const struct frame *other, const struct frame *f, const char *tail)
{
	return other && other->func && other->line == f->line && !frame_is(other, f) && ends_in(other->file, tail);
}

static bool is_ambiguous(const struct session *a, const struct alive *alive, size_t n, const struct frame *f, const char *tail)
{
	for (size_t i = 0; i < n; i++) {
		const struct stack *s = query_stack(a->q, alive[i].stack);

		if (is_taken_for(&s->created, f, tail) || is_taken_for(stack_user_frame(s), f, tail))
			return true;
	}
	return false;
}

void narrow_add_frame(struct session *a, struct buf *out, const char *field, const struct frame *f)
{
	struct pool p = {0};
	struct buf place = {0};
	struct alive *alive;
	size_t n = 0;
	const char *tail = f->file;

	if (f->file && query_alive(a->q, &(struct moment){a->host, a->t}, &p, &alive, &n, NULL) < 0)
		n = 0;
	for (int folders = 0; f->file && (tail = tail_of(f->file, folders)) > f->file && is_ambiguous(a, alive, n, f, tail);)
		folders++;
	if (tail)
		buf_addf(&place, "%s:%" PRIu32, tail, f->line);
	else
		buf_adds(&place, f->func ? f->func : "");
	buf_putc(&place, '\0');
	buf_addf(out, "%s == ", field);
	filter_add_value(out, place.p);
	buf_release(&place);
	pool_release(&p);
}
