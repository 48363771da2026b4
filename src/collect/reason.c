/* SPDX-License-Identifier: MIT */
#include "collect/reason.h"
#include <gscrape/dump.h>
#include <gscrape/timefmt.h>
#include <ctype.h>
#include <string.h>

/* What to do about a status; the first row that fits. */
static const struct hint {
	int least, most;
	int credentials; /* 1: some were sent, 0: none, -1: either */
	const char *text;
} hints[] = {
	{400, 400, -1, "is the scheme right (http, https)?"},
	{401, 401, 0, "it wants a password or a token (--user-file, --bearer-file)"},
	{401, 401, 1, "the password or token is not accepted"},
	{403, 403, -1, "it is not allowed to whom was asked as, or from here"},
	{404, 404, -1, "is net/http/pprof registered on the mux that listens there?"},
	{405, 405, -1, "something else than net/http/pprof answers there"},
	{407, 407, -1, "the proxy wants a password (http_proxy)"},
	{429, 429, -1, "it is asked too often (--interval)"},
	{502, 504, -1, "a proxy answers that cannot reach the service"},
};

static const char *hint_for(const struct answer *a)
{
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (a->code >= hints[i].least && a->code <= hints[i].most &&
		    (hints[i].credentials < 0 || hints[i].credentials == (int)a->credentials))
			return hints[i].text;
	return NULL;
}

/* What it said, by its first line. */
static void add_first_line(const struct answer *a, size_t most, struct buf *out)
{
	size_t from = 0, n = 0;

	while (from < a->body.n && isspace((unsigned char)a->body.p[from]))
		from++;
	while (from + n < a->body.n && n < most && a->body.p[from + n] != '\n' && a->body.p[from + n] != '\r')
		n++;
	if (n)
		buf_addf(out, " \"%.*s\"", (int)n, a->body.p + from);
}

/* The answer's status line and what it said, in one line. */
static void of_status(const struct answer *a, struct buf *out)
{
	const char *hint = hint_for(a);

	buf_addf(out, "HTTP %ld", a->code);
	if (a->location && a->code / 100 == 3) {
		buf_addf(out, " points to %.*s: redirects are not followed, name that one", (int)strcspn(a->location, "?#"), a->location);
		return;
	}
	if (dump_sniff(a->body.p, a->body.n) == DUMP_HTML)
		buf_adds(out, " with an HTML page");
	else
		add_first_line(a, 80, out);
	if (hint)
		buf_addf(out, ": %s", hint);
}

static void of_trouble(const struct answer *a, struct buf *out)
{
	char time[TIME_MAX];

	duration_format(time, a->timeout);
	switch (a->trouble) {
	case TROUBLE_NAME:
		buf_addf(out, "no host of this name is known: %s", a->words);
		break;
	case TROUBLE_REFUSED:
		buf_addf(out, "connection refused: nothing listens on %s", a->host);
		break;
	case TROUBLE_ROUTE:
		buf_addf(out, "no route to %s: is the address right, and does a firewall let it through?", a->host);
		break;
	case TROUBLE_CONNECT:
		buf_addf(out, "timed out after %s without a connection: is the address right, and does a firewall let it through?", time);
		break;
	case TROUBLE_SLOW:
		buf_addf(out, "timed out after %s (--timeout)", time);
		break;
	case TROUBLE_CLOSED:
		buf_adds(out, "closed the connection without an answer: is the scheme right (http, https)?");
		break;
	case TROUBLE_NO_HTTP:
		buf_adds(out, "what answers there does not speak HTTP: is the port right?");
		break;
	case TROUBLE_NO_TLS:
		buf_adds(out, "no TLS is spoken there: write http://");
		break;
	case TROUBLE_UNTRUSTED:
		buf_addf(out, "its certificate is not trusted (--cacert): %s", a->words);
		break;
	default:
		buf_adds(out, *a->words ? a->words : "failed");
	}
}

/* Status 200 with what has no name here: what it called itself, and how it begins. */
static void of_unknown(const struct answer *a, struct buf *out)
{
	const char *type = a->type ? a->type : "";

	buf_addf(out, "HTTP 200 with%s%.*s", *type ? " " : "", (int)strcspn(type, "; "), type);
	add_first_line(a, 40, out);
	buf_addf(out, " is not %s", dump_kind_name(a->profile ? DUMP_DEBUG1 : DUMP_GOROUTINES));
}

static void of_content(const struct answer *a, struct buf *out)
{
	static const char *const advice[] = {
		[DUMP_HTML] = "is it a login page, or the path wrong?",
		[DUMP_JSON] = "is the path right? host:port alone asks Go's own, /debug/pprof/goroutine",
		[DUMP_UNKNOWN] = "is the path right? host:port alone asks Go's own, /debug/pprof/goroutine",
		[DUMP_DEBUG1] = "add ?debug=2",
		[DUMP_GOROUTINES] = "does the target heed ?debug=1?",
	};
	enum dump_kind kind = dump_sniff_answer(a->body.p, a->body.n);

	if (kind == DUMP_UNKNOWN)
		of_unknown(a, out);
	else
		buf_addf(out, "answered %s, not %s", dump_kind_name(kind), dump_kind_name(a->profile ? DUMP_DEBUG1 : DUMP_GOROUTINES));
	if ((size_t)kind < sizeof advice / sizeof *advice && advice[kind] && kind != (a->profile ? DUMP_DEBUG1 : DUMP_GOROUTINES))
		buf_addf(out, ": %s", advice[kind]);
}

void reason_of(const struct answer *a, struct buf *out)
{
	if (a->code && a->code != 200)
		of_status(a, out);
	else if (a->trouble)
		of_trouble(a, out);
	else
		of_content(a, out);
}

void reason_too_long(size_t most, struct buf *out)
{
	bool mib = most >= (1 << 20) && most % (1 << 20) == 0;

	buf_addf(out, "longer than %zu %s (--max-body): not taken", mib ? most >> 20 : most, mib ? "MiB" : "bytes");
}
