/* SPDX-License-Identifier: MIT */
/*
 * columns.h: what each kind of thing is told as, once. A thing (a host, a group, a suspect …) is a table of columns; its
 * JSON, CSV, text table and the terminal's row model come from there, so a key means the same on every face. Part of the
 * query room.
 *
 * A getter takes the thing and gives a value; texts it makes are in the row's pool. Things hold pointers to answers of
 * query.h and insight.h, which must still be there.
 */
#ifndef GSCRAPE_COLUMNS_H
#define GSCRAPE_COLUMNS_H

#include <gscrape/insight.h>

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER, /* a count */
	COLUMN_ID,     /* of a goroutine */
	COLUMN_NET,    /* a change: shown with its sign */
	COLUMN_REAL,
	COLUMN_SHARE,  /* 0 to 1: "12.5%" for people */
	COLUMN_TIME,   /* ms UTC */
	COLUMN_SPAN,   /* ms */
	COLUMN_FLAG,   /* true or false; "yes" or "no" */
};

enum column_flag {
	COLUMN_WIDE = 1,     /* for people only when there is room (--wide) */
	COLUMN_IF_KNOWN = 2, /* left out of JSON where it is unknown, else null */
};

struct column_value {
	bool known;
	bool bad;         /* worth a colour */
	char bound;       /* of spans: '<' at most, '>' at least; 0 measured */
	const char *text;
	int64_t n;        /* of all kinds but texts and reals */
	double real;
};

/* One row: the thing, who to ask, and where texts go. */
struct told_row {
	struct query *q;
	struct pool *p;
	const void *thing;
};

struct column {
	const char *key;  /* in JSON and CSV; NULL: it is for people only */
	const char *head; /* over a table; NULL: it is not for people */
	enum column_kind kind;
	unsigned flags;
	int digits;       /* of reals and shares, in JSON and CSV */
	struct column_value (*get)(const struct told_row *r); /* NULL: in JSON only */
	void (*json)(struct jw *j, const struct told_row *r); /* instead of the value: a list or an object */
};
struct columns {
	const struct column *a;
	size_t n;
};

/* What is known of a host at a time, with the host. */
struct host_facts {
	const struct host *host;
	struct known known;
	int64_t interval; /* query_interval */
};
int query_host_facts(struct query *q, const struct host *h, int64_t t, struct host_facts *out, struct err *e);

struct told_snapshot {
	const char *host;
	const struct snapshot *s;
	int64_t matching;          /* how many pass a filter, where matching_columns tell it; -1 unknown */
};
struct told_group {
	const char *host;
	const struct group *g;     /* NULL: who is alive is unknown, */
	const char *unknown;       /*   and why; else NULL */
	int64_t at;                /* the moment it is told of: the oldest's age counts up to it */
};
struct told_goroutine {            /* of those alive */
	const char *host;
	const struct alive *g;     /* NULL: unknown */
	const char *unknown;
	int64_t last;              /* last seen; NO_TIME: was not asked */
};
struct told_function {
	const struct function *f;
	struct function_count count;
};
struct told_hit {
	const char *host;
	const struct hit *h;
	bool scraped;              /* its host is, and was the last time: its newest snapshot is now */
};
struct told_run {
	const char *host;
	const struct life *l;
	const struct run *r;
};
struct told_line {
	const char *host;
	uint64_t id;
	const struct profile_line *l;
};
struct told_call {
	const char *func;          /* that was asked for */
	const struct call_path *c;
	bool callee;
};

extern const struct columns host_columns;      /* struct host_facts */
extern const struct columns host_group_columns; /* struct host_group_facts */
extern const struct columns snapshot_columns;  /* struct told_snapshot */
extern const struct columns matching_columns; /* struct told_snapshot, with its `matching` */
extern const struct columns group_columns;     /* struct told_group */
extern const struct columns goroutine_columns; /* struct told_goroutine */
extern const struct columns function_columns;  /* struct told_function */
extern const struct columns hit_columns;       /* struct told_hit */
extern const struct columns run_columns;       /* struct told_run */
extern const struct columns child_columns;     /* struct child */
extern const struct columns line_columns;      /* struct told_line */
extern const struct columns call_columns;      /* struct told_call */
extern const struct columns moved_columns;     /* struct moved */
extern const struct columns moved_together_columns; /* the same, of hosts together */
extern const struct columns suspect_columns;   /* struct suspect */
extern const struct columns canary_columns;    /* struct canary_row */
extern const struct columns waiters_columns;   /* struct waiters */
extern const struct columns channel_columns;   /* struct channel_end */
extern const struct columns lives_columns;     /* struct lives */
extern const struct columns mark_columns;      /* struct mark */

/* A row as one JSON object; or its members only, into an object that is open. A piece of a table is a table: {c->a + 1,
 * c->n - 1} leaves out the first column. */
void columns_json(struct jw *j, const struct columns *c, const struct told_row *r);
void columns_members(struct jw *j, const struct columns *c, const struct told_row *r);

/* CSV as RFC 4180 has it: the names, and rows. Times are RFC 3339 with ms in this zone. */
void columns_csv_head(struct buf *out, const struct columns *c);
void columns_csv(struct buf *out, const struct columns *c, const struct told_row *r, const struct zone *zone);
static inline bool column_in_csv(const struct column *c) /* it has a name and one value */
{
	return c->key && c->get;
}
void column_csv(struct buf *out, const struct column *c, const struct told_row *r, const struct zone *zone); /* one cell */
/* One text as a cell, for CSV that comes from no table: control bytes made visible, quoted where it must be, and with an
 * apostrophe before what a spreadsheet would take for a formula. */
void csv_cell(struct buf *out, const char *text);
void csv_time(struct buf *out, int64_t t, const struct zone *zone); /* RFC 3339 with its milliseconds, always: programs read it */

/* As people read it: "-" when unknown. Into out, emptied before. */
void value_text(struct buf *out, const struct column *c, const struct column_value *v, const struct zone *zone);
static inline bool column_is_number(const struct column *c)
{
	return c->kind == COLUMN_NUMBER || c->kind == COLUMN_ID || c->kind == COLUMN_NET || c->kind == COLUMN_REAL ||
	       c->kind == COLUMN_SHARE || c->kind == COLUMN_SPAN;
}

#endif
