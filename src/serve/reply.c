/* SPDX-License-Identifier: MIT */
/* From an answer to what goes over the line: ETag, compression, the headers that keep a browser safe. */
#include "server.h"
#include <gscrape/gzip.h>
#include <inttypes.h>
#include <stdio.h>

#define JSON_TYPE "application/json"
#define PACK_FROM 1000 /* bytes; less is not worth compressing */

/* On every answer. Scripts, styles and data come from here alone; nobody frames the page or reads it from elsewhere. */
static const char *const headers[][2] = {
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
				    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cache-Control", "no-cache"},
	{"Vary", "Accept, Accept-Encoding, Origin"},
};

void reply_error(struct request *r, int status, const char *sentence)
{
	r->status = status;
	r->type = NULL;
	r->more = NULL;
	r->etag[0] = '\0';
	buf_release(&r->out);
	r->j = (struct jw){.out = &r->out};
	jw_obj(&r->j);
	jw_kstr(&r->j, "error", sentence);
	jw_end(&r->j);
	buf_putc(&r->out, '\n');
}

void reply_options(struct request *r)
{
	r->status = MHD_HTTP_NO_CONTENT;
	r->preflight = true;
	r->note[0] = "Allow";
	r->note[1] = "GET, HEAD, OPTIONS";
}

static bool is_packed(const struct request *r)
{
	return gzip_is(r->out.p, r->out.n);
}

void reply_pack(struct request *r)
{
	struct buf packed = {0};

	if (r->status == MHD_HTTP_OK && !r->stream)
		snprintf(r->etag, sizeof r->etag, "W/\"%016" PRIx64 "\"", hash64(r->out.p, r->out.n));
	if (is_packed(r) == r->gzip_ok || (r->gzip_ok && r->out.n < PACK_FROM))
		return;
	if (r->gzip_ok)
		gzip_deflate(r->out.p, r->out.n, 4, &packed);
	else if (gzip_inflate(r->out.p, r->out.n, &packed, 1 << 24, NULL) < 0)
		die("a page that was built in does not inflate");
	buf_release(&r->out);
	r->out = packed;
}

/* The next piece of a streamed answer: 1 there may be more, 0 it was the last, -1. */
static int next_piece(struct request *r)
{
	struct err e;
	struct source *src = source_take(r->server, &e);
	int more = -1;

	buf_reset(&r->out);
	r->sent = 0;
	if (src && src->store == r->store) {
		r->q = src->q;
		more = r->more(r, &e);
		if (query_fault(r->q, &e) < 0 || (query_is_partial(r->q, &e) && !r->partial)) /* what was said before was that all is there */
			more = -1;
	}
	source_give(r->server, src);
	if (more <= 0)
		r->more = NULL;
	ticker_allow(r, READ_TIME, false);
	return more;
}

static ssize_t read_piece(void *ctx, uint64_t pos, char *to, size_t max)
{
	struct request *r = ctx;
	size_t n;

	(void)pos;
	while (r->sent == r->out.n) {
		if (!r->more)
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (next_piece(r) < 0)
			return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	n = r->out.n - r->sent < max ? r->out.n - r->sent : max;
	memcpy(to, r->out.p + r->sent, n);
	r->sent += n;
	return (ssize_t)n;
}

/* Has the client this very answer already? */
static bool is_known(struct request *r)
{
	const char *have = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "If-None-Match");

	return r->etag[0] && have && (strcmp(have, "*") == 0 || strstr(have, r->etag + 2));
}

static struct MHD_Response *body(struct request *r)
{
	struct MHD_Response *m;

	if (r->more)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1 << 16, read_piece, r, NULL);
	if (is_known(r)) {
		r->status = MHD_HTTP_NOT_MODIFIED;
		return MHD_create_response_from_buffer(0, (void *)(uintptr_t)"", MHD_RESPMEM_PERSISTENT);
	}
	m = MHD_create_response_from_buffer(r->out.n, r->out.n ? r->out.p : (void *)(uintptr_t)"",
					    r->out.n ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (m && is_packed(r))
		MHD_add_response_header(m, "Content-Encoding", "gzip");
	if (m && r->out.n)
		r->out = (struct buf){0};
	return m;
}

static void allow_origin(struct request *r, struct MHD_Response *m)
{
	const char *origin = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Origin");

	if (!r->server->o.cors || !origin || strcmp(origin, r->server->o.cors) != 0) {
		MHD_add_response_header(m, "Cross-Origin-Resource-Policy", "same-origin");
		return;
	}
	MHD_add_response_header(m, "Access-Control-Allow-Origin", origin);
	MHD_add_response_header(m, "Access-Control-Allow-Credentials", "true");
	if (r->preflight) { /* a browser asks before it sends a password to another origin */
		MHD_add_response_header(m, "Access-Control-Allow-Methods", "GET, HEAD");
		MHD_add_response_header(m, "Access-Control-Allow-Headers", "Authorization");
		MHD_add_response_header(m, "Access-Control-Max-Age", "600");
	}
	MHD_add_response_header(m, "Cross-Origin-Resource-Policy", "cross-origin");
}

/* What the answer is without, and what is odd about the filter: no faults. A header is a line. */
static void add_note(struct request *r, struct MHD_Response *m)
{
	char odd[200];
	char *text;

	if (r->status >= 400)
		return;
	if (!filter_unseen_label(r->where, odd, sizeof odd) && !filter_hint(r->where, odd, sizeof odd))
		odd[0] = '\0';
	if (!r->partial && !odd[0])
		return;
	text = pool_printf(&r->pool, "%s%s%s", r->partial ? r->partial : "", r->partial && odd[0] ? "; " : "", odd);
	for (char *c = text; *c; c++)
		*c = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
	MHD_add_response_header(m, "Gscrape-Note", text);
}

void reply_headers(struct request *r, struct MHD_Response *m)
{
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		MHD_add_response_header(m, headers[i][0], headers[i][1]);
	allow_origin(r, m);
	MHD_add_response_header(m, "Content-Type", r->type ? r->type : JSON_TYPE);
	if (r->etag[0])
		MHD_add_response_header(m, "ETag", r->etag);
	if (r->note[0])
		MHD_add_response_header(m, r->note[0], r->note[1]);
	add_note(r, m);
	if (r->last)
		MHD_add_response_header(m, "Connection", "close");
	if (r->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(m, "WWW-Authenticate", "Basic realm=\"gscrape-tui\", charset=\"UTF-8\"");
	if (r->status == MHD_HTTP_SERVICE_UNAVAILABLE || r->status == MHD_HTTP_TOO_MANY_REQUESTS)
		MHD_add_response_header(m, "Retry-After", "1");
}

enum MHD_Result reply(struct request *r)
{
	struct MHD_Response *m;
	enum MHD_Result rc;

	if (r->stream)
		return events_reply(r);
	m = body(r);
	if (!m)
		return MHD_NO;
	atomic_fetch_add(&r->server->answers[r->status / 100 % 6], 1);
	reply_headers(r, m);
	rc = MHD_queue_response(r->connection, (unsigned)r->status, m);
	MHD_destroy_response(m);
	return rc;
}
