/* SPDX-License-Identifier: MIT */
/* reason.h: why a scrape brought no dump, in one short sentence that is stored, and what can be done about it. */
#ifndef COLLECT_REASON_H
#define COLLECT_REASON_H

#include <gscrape/buf.h>

/* What went wrong below HTTP. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_OTHER,    /* in the library's own words */
	TROUBLE_NAME,     /* the host's name is not known */
	TROUBLE_REFUSED,  /* nobody listens there */
	TROUBLE_ROUTE,    /* no way there */
	TROUBLE_CONNECT,  /* no connection within the time */
	TROUBLE_SLOW,     /* connected, and not done within the time */
	TROUBLE_CLOSED,   /* hung up without an answer */
	TROUBLE_NO_HTTP,  /* what came is no HTTP */
	TROUBLE_NO_TLS,   /* https was asked of a port that does not speak TLS */
	TROUBLE_UNTRUSTED /* its certificate is not one we trust */
};

struct answer {
	const char *host;     /* host:port */
	enum trouble trouble;
	const char *words;    /* the library's, or "" */
	int64_t timeout;      /* ms */
	long code;            /* HTTP status, 0: none came */
	struct str body;      /* its beginning */
	const char *type;     /* what it says it is (Content-Type), or NULL */
	const char *location; /* where it points, or NULL */
	bool profile;         /* a grouped profile was asked for, not a dump */
	bool credentials;     /* a password, a token or headers were sent */
};

/* Appends the sentence. It may hold what a server said: it is still to be made public and visible. */
void reason_of(const struct answer *a, struct buf *out);

/* Appends that a text is longer than this, and what can be done about it. */
void reason_too_long(size_t most, struct buf *out);

#endif
