/* SPDX-License-Identifier: MIT */
/* parse.h: one thing that was said, between being read (parse.c) and being applied (apply.c). */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "option_table.h"

enum source { FROM_PRESET, FROM_FILE, FROM_ENV, FROM_ARGS };

struct said {
	const struct option_row *row;
	const char *value; /* NULL: a flag, or an argument left out */
	const char *where; /* "--interval", "GSCRAPE_INTERVAL", "/path/config:3: interval" */
	enum source source;
};

int said_apply(struct options *o, const struct said *s, struct err *e);      /* all but times */
int said_apply_time(struct options *o, const struct said *s, struct err *e); /* when o->tz is known */

#endif
