/* SPDX-License-Identifier: MIT */
#include <gscrape/http.h>
#include <curl/curl.h>
#include <stdlib.h>

struct http {
	struct http_options o;
	CURL *easy;
	struct curl_slist *headers, *packed; /* packed: for a body in gzip */
	size_t at;                           /* the address that answered last */
	struct buf *out;
	bool too_long;
	char error[CURL_ERROR_SIZE];
};

static struct curl_slist *headers_of(const struct http_options *o, bool gzip)
{
	struct curl_slist *l = NULL;

	for (size_t i = 0; i < o->n_headers; i++)
		l = curl_slist_append(l, o->headers[i]);
	l = curl_slist_append(l, "Expect:");
	return gzip ? curl_slist_append(l, "Content-Encoding: gzip") : l;
}

int http_open(struct http **out, const struct http_options *o, struct err *e)
{
	struct http *h;

	*out = NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return fail(e, "libcurl cannot start");
	h = xcalloc(1, sizeof *h);
	h->o = *o;
	h->easy = curl_easy_init();
	if (!h->easy)
		die("out of memory");
	h->headers = headers_of(o, false);
	h->packed = headers_of(o, true);
	*out = h;
	return 0;
}

void http_close(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->easy);
	curl_slist_free_all(h->headers);
	curl_slist_free_all(h->packed);
	free(h);
}

static size_t take(char *p, size_t size, size_t count, void *ctx)
{
	struct http *h = ctx;
	size_t n = size * count;

	if (h->out->n + n > h->o.max_body) {
		h->too_long = true;
		return 0;
	}
	buf_add(h->out, p, n);
	return n;
}

static void set_request(struct http *h, const char *url, const struct http_request *r)
{
	curl_easy_reset(h->easy); /* the connection stays */
	curl_easy_setopt(h->easy, CURLOPT_URL, url);
	curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, h->o.timeout);
	curl_easy_setopt(h->easy, CURLOPT_CONNECTTIMEOUT_MS, h->o.connect_timeout);
	curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->easy, CURLOPT_USERAGENT, "gscrape-tui/" GS_VERSION);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, r->gzip ? h->packed : h->headers);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, r->body.p);
	if (h->o.cacert)
		curl_easy_setopt(h->easy, CURLOPT_CAINFO, h->o.cacert);
}

/* The status, or -1 with the sentence. */
static int ask_one(struct http *h, const char *address, const struct http_request *r, struct err *e)
{
	char *url = xasprintf("%s%s", address, r->path);
	CURLcode rc;
	long status = 0;

	buf_reset(h->out);
	h->error[0] = '\0';
	h->too_long = false;
	set_request(h, url, r);
	rc = curl_easy_perform(h->easy);
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	free(url);
	if (h->too_long)
		return fail(e, "%s: the answer is longer than %zu MiB", address, h->o.max_body >> 20);
	if (rc)
		return fail(e, "%s: %s", address, h->error[0] ? h->error : curl_easy_strerror(rc));
	return (int)status;
}

int http_ask(struct http *h, const struct http_request *r, struct buf *out, struct err *e)
{
	int rc = -1;

	h->out = out;
	if (r->only)
		return ask_one(h, r->only, r, e);
	for (size_t i = 0; i < h->o.n_addresses; i++) {
		rc = ask_one(h, h->o.addresses[h->at], r, e);
		if (rc >= 0 || h->too_long)
			return rc;
		h->at = (h->at + 1) % h->o.n_addresses;
	}
	return rc;
}

void http_add_escaped(struct buf *b, const char *word)
{
	static const char hex[] = "0123456789ABCDEF";

	for (const unsigned char *p = (const unsigned char *)word; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("-_.~", *p);

		if (plain)
			buf_putc(b, (char)*p);
		else
			buf_addf(b, "%%%c%c", hex[*p >> 4], hex[*p & 15]);
	}
}
