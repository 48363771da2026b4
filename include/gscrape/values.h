/* SPDX-License-Identifier: MIT */
/*
 * values.h: what getters of columns (columns.h) give, for those who write a table. Part of the query room.
 */
#ifndef GSCRAPE_VALUES_H
#define GSCRAPE_VALUES_H

#include <gscrape/columns.h>
#include <math.h>

static inline struct column_value a_text(const char *s) /* NULL: unknown */
{
	return (struct column_value){.known = s != NULL, .text = s};
}

static inline struct column_value a_number(int64_t n) /* below 0: unknown */
{
	return (struct column_value){.known = n >= 0, .n = n};
}

static inline struct column_value a_number_if(bool known, int64_t n)
{
	return (struct column_value){.known = known, .n = n};
}

/* A span that rests on identities that were made up: it is a bound, or with '?' not even that. */
static inline struct column_value a_bound(char bound, struct column_value v)
{
	v.bound = bound == '?' ? 0 : bound;
	v.known &= bound != '?';
	return v;
}

static inline struct column_value a_time(int64_t t)
{
	return (struct column_value){.known = t != NO_TIME, .n = t};
}

static inline struct column_value a_real(double d) /* NAN: unknown */
{
	return (struct column_value){.known = !isnan(d), .real = d};
}

/* "main.f /src/a.go:12"; unknown when there is no function. */
static inline struct column_value a_place(struct pool *p, const struct frame *f)
{
	if (!f || !f->func)
		return a_text(NULL);
	return a_text(f->file ? pool_printf(p, "%s %s:%u", f->func, f->file, f->line) : f->func);
}

/* "/src/a.go:12" alone */
static inline struct column_value a_file(struct pool *p, const struct frame *f)
{
	return a_text(f && f->file ? pool_printf(p, "%s:%u", f->file, f->line) : NULL);
}

/* A getter: `x` is the thing, `r` the row. */
#define GETTER(name, type, expr)                                 \
	static struct column_value name(const struct told_row *r)       \
	{                                                        \
		const type *x = r->thing;                        \
                                                                 \
		return expr;                                     \
	}

#define COLUMNS(table) {table, sizeof(table) / sizeof *(table)}

#endif
