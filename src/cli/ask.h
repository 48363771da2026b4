/* SPDX-License-Identifier: MIT */
/* ask.h: what every command that asks the store has in common: the store open, the hosts meant, an output. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "table.h"

struct ask {
	const struct options *o;
	struct err *e;
	struct query *q;
	const struct host *hosts; /* all, or the one of --host */
	size_t n_hosts;
	struct out out;
	struct pool pool;         /* for answers; released at the end, or by the command sooner */
	bool color;
};

int ask_begin(struct ask *a, const struct options *o, struct err *e); /* 0 or -1; then nothing is to be ended */
int ask_end(struct ask *a, int rc); /* rc is passed on, unless the output failed */

struct table ask_table(struct ask *a, const struct column *columns, size_t n);
#define TABLE(a, columns) ask_table(a, columns, sizeof(columns) / sizeof *(columns))

/* A line of JSON: begin opens an object, end closes it and the line. */
struct jw ask_json(struct ask *a);
void ask_json_end(struct ask *a, struct jw *j);
void ask_json_line(struct ask *a); /* ends a line whose value others wrote into a->out.buf */

const char *ask_host_name(const struct ask *a, uint32_t host);
/* show_profile.c: 1, 0 the goroutine is unknown, -1 */
int show_profile(struct ask *a, const struct host *h);

int64_t ask_at(const struct ask *a); /* --at, or the end of time */

/* "main.f /src/a.go:12", in the pool; NULL when there is no function */
const char *frame_text(struct pool *p, const struct frame *f);

#endif
