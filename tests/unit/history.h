/* SPDX-License-Identifier: MIT */
/* history.h: dumps made in a test, recorded in a real store, and asked about in the query room. Includes cmocka. */
#ifndef TESTS_HISTORY_H
#define TESTS_HISTORY_H

#include <gscrape/query.h>
#include <gscrape/recorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define T0 1790000000000 /* ms */

struct history {
	char db[256];
	struct recorder *r;
	uint32_t host;
	struct query *q;
	struct pool p;
	struct outcome got;
};

static inline void open_recorder(struct history *h)
{
	struct err e;

	if (recorder_open(&h->r, h->db, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(recorder_host(h->r, "a:1", NULL, &h->host, &e), 0);
}

static inline void begin(struct history *h)
{
	const char *tmp = getenv("TMP");
	static int n;
	char *lock;

	*h = (struct history){0};
	snprintf(h->db, sizeof h->db, "%s/history%d.db", tmp ? tmp : "/tmp", n++);
	unlink(h->db);
	lock = xasprintf("%s-lock", h->db);
	unlink(lock);
	free(lock);
	open_recorder(h);
}

static inline int add(struct history *h, int second, const char *text, enum snap_status status)
{
	struct scraped scraped = {.time = T0 + second * 1000LL, .status = status, .text = str_of(text ? text : "")};
	struct err e = {0};
	int rc = recorder_add(h->r, h->host, &scraped, &h->got, &e);

	if (rc)
		print_message("%s\n", e.text);
	return rc;
}

static inline void ask(struct history *h)
{
	struct err e;

	if (h->r && recorder_close(h->r, &e) < 0)
		fail_msg("%s", e.text);
	h->r = NULL;
	if (query_open(&h->q, h->db, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(store_verify(query_store(h->q), NULL, NULL, &e), 0);
}

static inline void finish(struct history *h)
{
	query_close(h->q);
	pool_release(&h->p);
	unlink(h->db);
}

#endif
