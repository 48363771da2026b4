/* SPDX-License-Identifier: MIT */
/* session.h: what every command that asks the store has in common: the store open, the hosts meant, an output. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "table.h"
#include <gscrape/filter.h>

struct session {
	const struct options *o;
	struct err *e;
	struct query *q;
	const struct host *hosts; /* all, or the one of --host, or those of --of */
	size_t n_hosts;
	struct host_group *of;    /* --of's groups; none: each host is by itself */
	size_t n_of;
	struct filter *where;     /* of --where; NULL: all */
	struct out out;
	struct pool pool;         /* for answers; released at the end, or by the command sooner */
	bool color;
};

int session_begin(struct session *s, const struct options *o, struct err *e); /* 0 or -1; then nothing is to be ended */
int session_end(struct session *s, int rc); /* rc is passed on, unless the output failed */

/* --where's filter, for those who have no session. *out NULL: there is none. 0 or -1, with the filter and a mark below what is wrong. */
int options_filter(const struct options *o, struct filter **out, struct err *e);

/* A sentence from column `at` on, and the end of its line: on a terminal its words go on in lines that begin at `indent`. */
void session_words(struct session *s, const char *text, size_t at, size_t indent);

/* A list: each row as a line of JSON, or in a table, as was asked for. */
struct table session_table(struct session *s, const struct columns *columns);
void session_row(struct session *s, struct table *t, const void *thing);
void session_table_end(struct session *s, struct table *t);

/* A line of JSON: begin opens an object, end closes it and the line. */
struct jw session_json(struct session *s);
void session_json_end(struct session *s, struct jw *j);
void session_json_line(struct session *s); /* ends a line whose value others wrote into s->out.buf */

const char *session_host_name(const struct session *s, uint32_t host);
uint32_t session_host(const struct session *s); /* the number of --host's; 0: all */
/* --at, or the newest moment of the hosts that are meant. */
int64_t session_at(const struct session *s);
/* For people, a line behind the table: "note: host when: text". Nothing in JSON and CSV. */
void session_note(struct session *s, const char *host, const char *when, const char *text);
/* For people, of each host whose dump at t does not tell all: "note: host: the dump of ... is truncated: ...". 0 or -1. */
int session_say_odd(struct session *s, int64_t t);
/* For people: "host: no sample at T; ..." for each host of which nothing is known at t. 0 or -1. */
int session_say_unknown(struct session *s, int64_t t, const char *when);
/* And of which no snapshot lies between --from and --to. */
int session_say_empty(struct session *s);
/* show_profile.c: 1, 0 the goroutine is unknown, -1 */
int show_profile(struct session *s, const struct host *h);

/* "main.f /src/a.go:12", in the pool; NULL when there is no function */
const char *frame_text(struct pool *p, const struct frame *f);

#endif
