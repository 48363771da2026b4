/* SPDX-License-Identifier: MIT */
/*
 * fetch.h: many HTTP transfers at once in one thread; one of libcurl's two homes (http.h is for one question at a time).
 *
 * As curl does, and unlike a browser: redirects are not followed (credentials go where they were meant to go;
 * the note says where the answer points), certificates are checked, proxies come from the environment. A
 * compressed transfer is accepted from a proxy that offers it. Connections are kept between scrapes.
 */
#ifndef COLLECT_FETCH_H
#define COLLECT_FETCH_H

#include "collect/targets.h"
#include <gscrape/store.h>

#define FETCH_MAX_BODY ((size_t)64 << 20) /* where Go itself cuts */
#define FETCH_NOTE 256

struct fetch_options { /* as in struct scrape_options; borrowed until fetcher_close */
	int64_t timeout;
	const char *const *headers;
	size_t n_headers;
	const char *user, *user_file, *bearer_file, *cacert, *cert, *key;
	bool insecure;
	size_t max_targets; /* how many connections to keep */
	size_t max_body;    /* bytes of one answer, inflated; 0: FETCH_MAX_BODY */
};

struct fetch_result {
	void *ctx;               /* as given to fetch_begin */
	enum snap_status status; /* OK, PARTIAL (broke off after some of a dump came), GROUPED, COUNTED or FAILED */
	int64_t time;            /* ms UTC: the last byte's */
	uint32_t took;           /* ms from request to last byte */
	uint32_t counted;        /* for COUNTED */
	struct buf body;         /* dump text or grouped profile, the receiver's to release; empty when COUNTED or FAILED */
	bool no_detector;        /* leaks were asked for, and the target does not have that profile */
	char note[FETCH_NOTE];   /* why not OK; fit for a terminal, free of secrets */
};

struct fetcher;

/* 0, or -1 when an option cannot work (a file that cannot be read, a header that is none). */
int fetcher_open(struct fetcher **out, const struct fetch_options *o, struct err *e);
void fetcher_close(struct fetcher *f); /* drops what is under way */

struct fetch_request {
	uint32_t max_goroutines; /* > 0: ask for the grouped profile (debug=1) first, and leave it at that when they are more */
	bool grouped;            /* ask for nothing else */
	bool leaks;              /* ask Go's leak detector for the dump, where the target has it */
	size_t expect;           /* bytes that will probably come, 0 unknown */
};

/* Begin a scrape; its result comes from fetch_next(), failures too. `t` must live until then. */
void fetch_begin(struct fetcher *f, const struct target *t, const struct fetch_request *wish, void *ctx);

/* May one more begin? They are bounded by the descriptors a process may have; whoever ends makes room. */
bool fetcher_has_room(const struct fetcher *f);

/* Let transfers go on until something happened, fd (-1: none) is readable, fetcher_wake() was called, or ms
 * are over. elsewhere: bytes of bodies that the caller still holds; the budget is for all. */
void fetcher_wait(struct fetcher *f, int fd, int64_t ms, size_t elsewhere);
void fetcher_wake(struct fetcher *f); /* from any thread */

/* A result that is ready. */
bool fetch_next(struct fetcher *f, struct fetch_result *out);

#endif
