/* SPDX-License-Identifier: MIT */
/*
 * http.h: one question and one answer at a time, to a server that has one or more addresses. The connection is kept. An address
 * that cannot be reached makes way for the next; the one that answered last is asked first. Redirects are not followed.
 */
#ifndef GSCRAPE_HTTP_H
#define GSCRAPE_HTTP_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

/* As whom servers are asked, and which of them are trusted. Zero: as nobody, and the system's certificates. */
struct http_access {
	const char *user, *user_file;     /* "name:password", or the file that holds it; else */
	const char *bearer, *bearer_file; /*   a token, or its file. Files are read again for each question: secrets are renewed */
	const char *cacert, *cert, *key;  /* files; or */
	struct str cacert_text, cert_text, key_text; /* PEM */
	bool insecure;                    /* certificates are not checked */
};

struct http_options { /* copied, but for what it points to, which lives until http_close */
	const char *const *addresses; /* "http://host:port", tried in this order */
	size_t n_addresses;
	const char *const *headers;   /* "Name: value", sent with each question */
	size_t n_headers;
	struct http_access access;
	long timeout;                 /* ms from question to last byte */
	long connect_timeout;         /* ms, for each address */
	size_t max_body;              /* bytes of an answer, unpacked */
};

struct http_request {
	const char *path;     /* begins with "/", with its query */
	struct str body;      /* POSTed */
	bool gzip;            /* the body is */
	bool get;             /* a GET, without body */
	const char *only;     /* this address and no other; NULL: whoever answers */
	long timeout;         /* ms, in place of the usual; 0 */
	/* For answers that go on: what comes with status 200 is given here and not kept; false ends it in order. */
	bool (*take)(void *ctx, const char *p, size_t n);
	void (*rest)(void *ctx); /* all that came is taken; called at least each half second. NULL: nobody cares */
	void *ctx;
};

struct http;

int http_open(struct http **out, const struct http_options *o, struct err *e);
void http_close(struct http *h);
/* The answer's status, with its body in out (emptied first); -1 when there is none from any address. */
int http_ask(struct http *h, const struct http_request *r, struct buf *out, struct err *e);
void http_turn(struct http *h); /* the next address is asked first from now on */
/* From any thread: the question that is being asked, and each that is asked later, fails at once. */
void http_stop(struct http *h);

/* Set up a transfer of libcurl's (a CURL *). What was read of files goes to `secret`, and lives as long as the transfer. 0 or -1. */
int http_apply(void *easy, const struct http_access *a, struct buf *secret, struct err *e);
void http_forget(struct buf *secret); /* wiped and freed */
/* A word of a query, escaped for a URL. */
void http_add_escaped(struct buf *b, const char *word);

#endif
