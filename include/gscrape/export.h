/* SPDX-License-Identifier: MIT */
/*
 * export.h: what the store holds, in the forms that other tools read.
 *
 *     pprof   a profile of the goroutines alive at a time, for `go tool pprof`; or what changed since another time
 *     folded  a line per stack with its count, for flame graph tools
 *     trace   lifelines of all goroutines, for Perfetto
 *
 * An export asks query.h alone, and writes through a sink, so that none needs more memory than one answer of the query
 * room does. Texts from dumps are made visible (buf_add_visible) where they are no plain UTF-8.
 */
#ifndef GSCRAPE_EXPORT_H
#define GSCRAPE_EXPORT_H

#include <gscrape/filter.h>
#include <gscrape/insight.h>

/* Where an export goes: what is in `text` may be taken out whenever `ready` is called, and is not touched after it. */
struct sink {
	struct buf *text;
	bool (*ready)(void *ctx, double done); /* done: 0 to 1, how much is behind. false: have no more of it */
	void *ctx;
};

struct export_ask {
	const struct host *hosts;
	size_t n_hosts;
	int64_t at;        /* pprof, folded; NO_TIME: each host's newest moment */
	int64_t from, to;  /* pprof: `to` less `from`; folded, trace: all of from..to; NO_TIME: no such limit */
	struct filter *where; /* those that pass; of a span of time, runs that pass at their end. NULL: all */
	bool with_state;   /* folded: the state is the innermost frame */
	const struct zone *tz; /* of times in sentences */
};

struct export_format {
	const char *name; /* "pprof", "folded", "trace" */
	bool binary;      /* nothing for a terminal */
	bool at;          /* knows `at`: one time */
	bool span;        /* knows from and to */
	/* 0, or -1 with a sentence: also when there is nothing to export, because no snapshot is there. */
	int (*run)(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e);
};

const struct export_format *export_format(const char *name); /* NULL: unknown */
const char *export_format_name(size_t i);                    /* of the i-th; NULL: there are not so many */

/* --- a report on what leaks, to attach to a ticket --- */
struct report_ask {
	const struct suspect *suspects; /* best first */
	size_t n_suspects;
	const struct leak_notes *notes;
	const struct host *hosts;       /* that were asked about */
	size_t n_hosts;
	const char *told;               /* what was said of the files that they come from, a line each; NULL: nothing */
	int64_t from, to;               /* as in struct leak_question */
	const struct zone *tz;
	const char *page_url;           /* where links lead, with a slash at its end; NULL: 127.0.0.1:8080 */
};

struct report_style; /* HTML or Markdown */

const struct report_style *report_style(const char *path); /* by its ending, .html or .md; NULL: another */
/* Appends the report. The same store and question give the same bytes. */
int report_write(struct query *q, const struct report_ask *ask, const struct report_style *style, struct buf *out, struct err *e);

#endif
