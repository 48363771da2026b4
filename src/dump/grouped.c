/* SPDX-License-Identifier: MIT */
/*
 * 4724 @ 0x10420bec0 0x10420fe30
 * # labels: {"pool":"a b"}
 * #	0x10420fe2f	time.Sleep+0x14f		/usr/local/go/src/runtime/time.go:363
 *
 * Tabs may have become blanks on the way.
 */
#include "line.h"
#include <gscrape/grouped.h>
#include <stdlib.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* "4724 @ 0x1 0x2": the count, or false. */
static bool count_line(struct str s, uint64_t *count)
{
	size_t i = 0;

	for (*count = 0; i < s.n && i < 18 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		*count = *count * 10 + (uint64_t)(s.p[i] - '0');
	return i && i + 1 < s.n && s.p[i] == ' ' && s.p[i + 1] == '@';
}

/* The word at s[*i], behind blanks; *i goes behind it. */
static struct str word(struct str s, size_t *i)
{
	size_t from;

	while (*i < s.n && is_blank(s.p[*i]))
		(*i)++;
	for (from = *i; *i < s.n && !is_blank(s.p[*i]); (*i)++)
		;
	return (struct str){s.p + from, *i - from};
}

/* "#	0x1043af917	main.work+0x27	/src/a b.go:90" */
static bool frame_line(struct str s, struct dump_frame *f)
{
	struct line place = {0};
	struct str name;
	const char *plus;
	size_t i = 1;

	if (!str_begins(word(s, &i), STR("0x")))
		return false;
	name = word(s, &i);
	if (!name.n)
		return false;
	plus = memrchr(name.p, '+', name.n);
	if (plus && plus + 2 < name.p + name.n && plus[1] == '0' && plus[2] == 'x')
		name.n = (size_t)(plus - name.p);
	line_is_file((struct str){s.p + i, s.n - i}, &place);
	*f = (struct dump_frame){.func = name, .file = place.file, .line = place.number};
	return true;
}

static struct str labels_of(struct str s)
{
	const char *from = memchr(s.p, '{', s.n), *to = memrchr(s.p, '}', s.n);

	return from && to > from ? (struct str){from + 1, (size_t)(to - from) - 1} : (struct str){0};
}

bool grouped_next(struct grouped *d)
{
	static const struct str labels = {"# labels:", 9};
	struct grouped_stack *g = &d->g;
	size_t next;

	d->told += g->count;
	*g = (struct grouped_stack){.frames = g->frames};
	for (; d->pos < d->text.n; d->pos = next) {
		struct str line = line_at(d->text, d->pos, &next);
		uint64_t count;

		if (count_line(line, &count)) {
			if (g->count)
				return true; /* groups without an empty line between */
			g->count = count;
		} else if (!g->count) {
			const char *total = memmem(line.p, line.n, "profile: total ", 15);

			for (d->total = total ? 0 : d->total; total && total + 15 < line.p + line.n && total[15] >= '0' && total[15] <= '9'; total++)
				d->total = d->total * 10 + (uint64_t)(total[15] - '0');
		} else if (str_begins(line, labels)) {
			g->labels = labels_of(line);
		} else if (line.n && line.p[0] == '#') {
			GROW(g->frames, g->n, d->cap);
			g->n += frame_line(line, &g->frames[g->n]);
		} else {
			return true;
		}
	}
	if (!g->count && d->total > d->told) {
		g->count = d->total - d->told;
		g->missing = true;
	}
	return g->count > 0;
}

void grouped_release(struct grouped *d)
{
	free(d->g.frames);
	*d = (struct grouped){0};
}
