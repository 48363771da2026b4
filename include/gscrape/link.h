/* SPDX-License-Identifier: MIT */
/*
 * link.h: a view as a URL: http://127.0.0.1:8080/?view=goroutine&host=a:1&id=3999&at=1795451332000. The page, the
 * terminal's "y u" and `gscrape-tui URL` speak the same one.
 */
#ifndef GSCRAPE_LINK_H
#define GSCRAPE_LINK_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/timefmt.h>

#define LINK_HERE "http://127.0.0.1:8080/" /* where --serve is, unless told */

struct link {
	const char *view;   /* "overview", "host", "goroutine", "functions", "leaks"; NULL: overview */
	const char *host;   /* NULL: none */
	uint64_t id;        /* 0: none */
	uint32_t epoch;     /* 0: the newest that has the id */
	int64_t at;         /* NO_TIME: now */
	int64_t base;       /* what is compared with; NO_TIME: the snapshot before */
	const char *filter; /* NULL: none */
};

/* Appends the URL; server is "http://127.0.0.1:8080/" or "" for the query alone. */
void link_format(const struct link *l, const char *server, struct buf *out);

/* Is this the URL of a view, rather than that of a target? It has a query with view= in it. */
bool link_is(const char *url);

/* Take a URL (or its query) apart; the texts live in the pool. Unknown parameters are let through. -1: a broken one. */
int link_parse(const char *url, struct pool *p, struct link *out, struct err *e);

/* Percent-decode one piece of a URL into the pool, "+" is a blank with `form`. NULL and a sentence for a broken escape,
 * %00, or bytes that are no UTF-8. */
char *url_decode(struct str s, bool form, struct pool *p, struct err *e);
void url_encode(const char *s, struct buf *out);

#endif
