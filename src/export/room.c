/* SPDX-License-Identifier: MIT */
/* What the formats share. */
#include "room.h"
#include <gscrape/text.h>

int nothing_at(struct query *q, const struct export_ask *ask, int64_t t, struct err *e)
{
	const struct host *h = NULL;
	struct buf why = {0};
	char at[TIME_MAX];
	struct known k;
	int rc;

	for (size_t i = 0; i < ask->n_hosts; i++)
		if (!h || (ask->hosts[i].first != NO_TIME && (h->first == NO_TIME || ask->hosts[i].first < h->first)))
			h = &ask->hosts[i];
	if (!h)
		return fail(e, "no host has a snapshot yet");
	if (query_known(q, h->id, t, &k, e) < 0)
		return -1;
	known_sentence(&why, &k, ask->tz);
	if (t == NO_TIME)
		rc = fail(e, "%s: %s", h->name, why.n ? why.p : "no snapshot");
	else
		rc = fail(e, "nothing is known at %s; %s: %s", time_format(at, t, TIME_RFC3339, ask->tz), h->name, why.n ? why.p : "no snapshot");
	buf_release(&why);
	return rc;
}

int each_alive(struct query *q, const struct export_ask *ask,
	       bool (*fn)(void *ctx, const struct host *h, const struct snapshot *s, const struct alive *a, size_t n), void *ctx, struct err *e)
{
	size_t told = 0;
	bool more = true;
	int rc = 0;

	for (size_t i = 0; i < ask->n_hosts && rc == 0 && more; i++) {
		struct moment at = {ask->hosts[i].id, ask->at};
		struct pool p = {0};
		struct known k;
		struct alive *a;
		size_t n;

		if (query_known(q, at.host, at.t, &k, e) < 0 || query_alive(q, &at, &p, &a, &n, e) < 0 || filter_alive(ask->where, q, &at, a, &n, e) < 0)
			rc = -1;
		told += rc == 0 && k.known;
		if (rc == 0 && k.known)
			more = fn(ctx, &ask->hosts[i], &k.text, a, n);
		pool_release(&p);
	}
	return rc < 0 || told ? rc : nothing_at(q, ask, ask->at, e);
}

int something_within(struct query *q, const struct export_ask *ask, struct err *e)
{
	int64_t last = NO_TIME;
	char from[TIME_MAX], edge[TIME_MAX];

	if (filter_over_time(ask->where, e) < 0)
		return -1;
	for (size_t i = 0; i < ask->n_hosts; i++) {
		struct known k;

		if (query_known(q, ask->hosts[i].id, ask->to, &k, e) < 0)
			return -1;
		if (k.text.seq && (ask->from == NO_TIME || k.text.time >= ask->from))
			return 0;
		if (k.text.seq && k.text.time > last)
			last = k.text.time;
	}
	if (last == NO_TIME)
		return nothing_at(q, ask, ask->to, e);
	return fail(e, "no snapshot with goroutines in it after %s%s; the last before is of %s", time_format(from, ask->from, TIME_RFC3339, ask->tz),
		    ask->to == NO_TIME ? "" : " and before the end asked for", time_format(edge, last, TIME_RFC3339, ask->tz));
}

static bool is_plain(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t left = strlen(s), n;

	for (; left; p += n, left -= n) {
		n = utf8_length(p, left);
		if (!n || *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) /* C0, DEL, C1 */
			return false;
	}
	return true;
}

char *plain_text(struct pool *p, const char *s)
{
	struct buf b = {0};
	char *text;

	if (!s)
		return (char *)(uintptr_t) "";
	if (is_plain(s))
		return (char *)(uintptr_t)s; /* the library takes char * and changes nothing */
	buf_add_visible(&b, s, strlen(s));
	text = pool_strndup(p, b.p, b.n);
	buf_release(&b);
	return text;
}
