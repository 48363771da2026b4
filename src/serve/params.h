/* SPDX-License-Identifier: MIT */
/* params.h: what stands behind the question mark, strictly by the route's list. No HTTP in here: a fuzz target feeds it. */
#ifndef SERVE_PARAMS_H
#define SERVE_PARAMS_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/timefmt.h>

enum param_type {
	PARAM_TEXT,   /* UTF-8 without control bytes; `most` bytes at most (0: 1,000) */
	PARAM_HOST,   /* as text, may not be empty */
	PARAM_NUMBER, /* least..most (0: any) */
	PARAM_ID,     /* a goroutine: 1 and up */
	PARAM_DIGITS, /* the beginning of a number, as typed */
	PARAM_TIME,   /* ms since 1970, RFC 3339, or relative to now: -10m */
	PARAM_SHARE,  /* 0 to 1, as a decimal number */
	PARAM_CHOICE, /* one of `values`; the number is its index */
	PARAM_GROUPING, /* the same; and label.KEY: the number is that of "label", the key is in the text */
};

struct param {
	const char *name;   /* NULL ends a list */
	enum param_type type;
	bool required;
	uint64_t least, most;
	const char *values; /* PARAM_CHOICE: "a b c" */
	const char *preset; /* what holds when it is not given */
	const char *help;   /* one line, no full stop */
};

#define PARAMS_MAX 10
#define QUERY_MAX 4096 /* bytes behind the question mark */

struct value {
	bool given;         /* false where the preset, or nothing, holds */
	const char *text;   /* NULL when there is none */
	uint64_t number;    /* of numbers, ids and choices */
	int64_t time;       /* NO_TIME when there is none */
	double share;
};

/* What may be asked for. */
struct params_wanted {
	const struct param *list;
	bool loose;  /* others are passed over */
	int64_t now; /* what "-10m" is before */
};

/*
 * Take a query string apart: a value for each parameter, in the list's order, texts in the pool. 0, or -1 with a sentence:
 * unknown, missing, repeated, too long, no number, out of range, broken escapes.
 */
int params_parse(const struct params_wanted *w, struct str query, struct pool *p, struct value out[PARAMS_MAX], struct err *e);

#endif
