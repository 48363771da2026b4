/* SPDX-License-Identifier: MIT */
/*
 * http.h: one question and one answer at a time, to a server that has one or more addresses. The connection is kept. An address
 * that cannot be reached makes way for the next; the one that answered last is asked first. Redirects are not followed.
 */
#ifndef GSCRAPE_HTTP_H
#define GSCRAPE_HTTP_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

struct http_options { /* copied, but for what it points to, which lives until http_close */
	const char *const *addresses; /* "http://host:port", tried in this order */
	size_t n_addresses;
	const char *const *headers;   /* "Name: value", sent with each question */
	size_t n_headers;
	const char *cacert;           /* NULL: the system's */
	long timeout;                 /* ms from question to last byte */
	long connect_timeout;         /* ms, for each address */
	size_t max_body;              /* bytes of an answer */
};

struct http_request {
	const char *path;     /* begins with "/", with its query */
	struct str body;      /* POSTed */
	bool gzip;            /* the body is */
	const char *only;     /* this address and no other; NULL: whoever answers */
};

struct http;

int http_open(struct http **out, const struct http_options *o, struct err *e);
void http_close(struct http *h);
/* The answer's status, with its body in out (emptied first); -1 when there is none from any address. */
int http_ask(struct http *h, const struct http_request *r, struct buf *out, struct err *e);
/* A word of a query, escaped for a URL. */
void http_add_escaped(struct buf *b, const char *word);

#endif
