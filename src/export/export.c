/* SPDX-License-Identifier: MIT */
/* The table of formats, and what they share. */
#include "room.h"
#include <gscrape/text.h>

const struct export_format *export_format(const char *name)
{
	static const struct export_format formats[] = {
		{.name = "pprof", .binary = true, .at = true, .run = export_pprof},
		{.name = "folded", .at = true, .run = export_folded},
		{.name = "trace", .binary = true, .run = export_trace},
	};

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

int text_snapshot(struct query *q, const struct host *h, int64_t t, struct snapshot *out, struct err *e)
{
	int64_t at = t == NO_TIME ? INT64_MAX : t;
	uint32_t seq = 0;

	for (int back = 0;; back--) {
		int rc = query_step(q, h->id, at, back, out, e);

		if (rc <= 0 || out->time > at || out->seq == seq) /* before the first, or again the first */
			return rc < 0 ? -1 : 0;
		if (snap_has_text(out->status))
			return 1;
		seq = out->seq;
	}
}

/* When the first snapshot of all is, and whose; NULL when there is none. */
static const struct host *earliest(const struct export_ask *ask)
{
	const struct host *h = NULL;

	for (size_t i = 0; i < ask->n_hosts; i++)
		if (ask->hosts[i].first != NO_TIME && (!h || ask->hosts[i].first < h->first))
			h = &ask->hosts[i];
	return h;
}

int nothing_at(const struct export_ask *ask, int64_t t, struct err *e)
{
	const struct host *h = earliest(ask);
	char at[TIME_MAX], first[TIME_MAX];

	if (!h && ask->n_hosts == 1)
		return fail(e, "%s has no snapshot yet", ask->hosts->name);
	if (!h)
		return fail(e, "no host has a snapshot yet");
	if (t == NO_TIME || t >= h->first)
		return fail(e, "%s: no snapshot with goroutines in it so far; all failed", h->name);
	return fail(e, "no snapshot at or before %s; the first is that of %s at %s", time_format(at, t, TIME_RFC3339, NULL), h->name,
		    time_format(first, h->first, TIME_RFC3339, NULL));
}

int something_within(struct query *q, const struct export_ask *ask, struct err *e)
{
	int64_t last = NO_TIME;
	char from[TIME_MAX], edge[TIME_MAX];

	for (size_t i = 0; i < ask->n_hosts; i++) {
		struct snapshot s;
		int rc = text_snapshot(q, &ask->hosts[i], ask->to, &s, e);

		if (rc < 0)
			return -1;
		if (rc == 1 && (ask->from == NO_TIME || s.time >= ask->from))
			return 0;
		if (rc == 1 && s.time > last)
			last = s.time;
	}
	if (last == NO_TIME)
		return nothing_at(ask, ask->to, e);
	return fail(e, "no snapshot with goroutines in it after %s%s; the last before is of %s", time_format(from, ask->from, TIME_RFC3339, NULL),
		    ask->to == NO_TIME ? "" : " and before the end asked for", time_format(edge, last, TIME_RFC3339, NULL));
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
