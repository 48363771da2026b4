/* SPDX-License-Identifier: MIT */
/*
 * 4724 @ 0x10420bec0 0x10420fe30
 * # labels: {"pool":"a b"}
 * # runtime: runtime.gopark time.Sleep (of a profile in protobuf: the leaf and what is behind it, as profile.h writes it)
 * #	0x10420fe2f	time.Sleep+0x14f		/usr/local/go/src/runtime/time.go:363
 *
 * Tabs may have become blanks on the way.
 */
#include "line.h"
#include <ctype.h>
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

/* 0x10420bec0; 0 when it is none. */
static uint64_t number(struct str s)
{
	uint64_t v = 0;

	for (size_t i = 2; i < s.n && i < 18 && isxdigit((unsigned char)s.p[i]); i++)
		v = v << 4 | (uint64_t)(s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 32) - 'a' + 10);
	return v;
}

/* "#	0x1043af917	main.work+0x27	/src/a b.go:90" */
static bool frame_line(struct str s, struct dump_frame *f, uint64_t *base)
{
	struct line place = {0};
	struct str pc, name, offset = {0};
	const char *plus;
	size_t i = 1;

	pc = word(s, &i);
	if (!str_begins(pc, STR("0x")))
		return false;
	name = word(s, &i);
	if (!name.n)
		return false;
	plus = memrchr(name.p, '+', name.n);
	if (plus && plus + 2 < name.p + name.n && plus[1] == '0' && plus[2] == 'x') {
		offset = (struct str){plus + 1, (size_t)(name.p + name.n - plus) - 1};
		name.n = (size_t)(plus - name.p);
	}
	if (str_eq(name, STR("runtime/pprof.writeRuntimeProfile")))
		*base = number(pc) - number(offset);
	line_is_file((struct str){s.p + i, s.n - i}, &place);
	*f = (struct dump_frame){.func = name, .file = place.file, .line = place.number};
	return true;
}

static struct str labels_of(struct str s)
{
	const char *from = memchr(s.p, '{', s.n), *to = memrchr(s.p, '}', s.n);

	return from && to > from ? (struct str){from + 1, (size_t)(to - from) - 1} : (struct str){0};
}

/* The first of these functions that says a state. */
static struct str state_of(struct str line, size_t i)
{
	struct str state = {0};

	while (i < line.n && !state.n)
		state = dump_state_by(word(line, &i));
	return state;
}

bool grouped_next(struct grouped *d)
{
	static const struct str labels = {"# labels:", 9}, runtime = {"# runtime: ", 11};
	struct grouped_stack *g = &d->g;
	size_t next;

	d->told += g->count;
	*g = (struct grouped_stack){.frames = g->frames, .leaked = d->leaked};
	for (; d->pos < d->text.n; d->pos = next) {
		struct str line = line_at(d->text, d->pos, &next);
		uint64_t count;

		if (count_line(line, &count)) {
			if (g->count)
				return true; /* groups without an empty line between */
			g->count = count;
		} else if (!g->count) {
			const char *total = memmem(line.p, line.n, "profile: total ", 15);

			g->leaked = d->leaked |= total && memmem(line.p, line.n, "goroutineleak", 13);
			for (d->total = total ? 0 : d->total; total && total + 15 < line.p + line.n && total[15] >= '0' && total[15] <= '9'; total++)
				d->total = d->total * 10 + (uint64_t)(total[15] - '0');
		} else if (str_begins(line, labels)) {
			g->labels = labels_of(line);
		} else if (str_begins(line, runtime)) {
			g->state = state_of(line, runtime.n);
		} else if (line.n && line.p[0] == '#') {
			GROW(g->frames, g->n, d->cap);
			g->n += frame_line(line, &g->frames[g->n], &d->base);
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

struct str grouped_state(const struct grouped_stack *g)
{
	struct str s = g->n && !g->state.n ? dump_state_by(g->frames[0].func) : g->state;

	return s.n ? s : STR("unknown");
}

void grouped_release(struct grouped *d)
{
	free(d->g.frames);
	*d = (struct grouped){0};
}
