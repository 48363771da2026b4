/* SPDX-License-Identifier: MIT */
#include <gscrape/http.h>
#include <gscrape/gzip.h>
#include <curl/curl.h>
#include <stdatomic.h>
#include <stdlib.h>

#define REST_MS 500

struct http {
	struct http_options o;
	CURLM *multi; /* of one transfer at a time: it can be woken */
	CURL *easy;
	struct curl_slist *headers, *packed; /* packed: for a body in gzip */
	size_t at;                           /* the address that answered last */
	const struct http_request *r;
	struct buf *out;
	struct buf secret;
	bool too_long, enough;
	atomic_bool stop;
	char error[CURL_ERROR_SIZE];
};

/* --- as whom --- */

void http_forget(struct buf *secret)
{
	if (secret->p)
		explicit_bzero(secret->p, secret->cap);
	buf_release(secret);
}

static int read_secret(struct buf *s, const char *path, const char *what, struct err *e)
{
	int rc = file_read(path, s, 1 << 16, e);

	while (rc == 0 && s->n && char_in(s->p[s->n - 1], " \t\r\n"))
		s->n--;
	if (rc == 0 && (s->n == 0 || memchr(s->p, '\n', s->n) || memchr(s->p, '\0', s->n)))
		rc = fail(e, "%s: holds no %s of one line", path, what);
	if (rc)
		return -1;
	buf_putc(s, '\0');
	s->n--;
	return 0;
}

/* Name and password, as they were given or in their file; else the token. */
static int set_credentials(CURL *easy, const struct http_access *a, struct buf *secret, struct err *e)
{
	const char *user = a->user, *bearer = a->bearer;

	if (!user && a->user_file) {
		if (read_secret(secret, a->user_file, "name:password", e) < 0)
			return -1;
		user = secret->p;
	} else if (!user && !bearer && a->bearer_file) {
		if (read_secret(secret, a->bearer_file, "token", e) < 0)
			return -1;
		bearer = secret->p;
	}
	if (user) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERPWD, user);
	} else if (bearer) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, bearer);
	}
	return 0;
}

static void set_pem(CURL *easy, CURLoption file, const char *path, CURLoption blob, struct str text)
{
	struct curl_blob b = {.data = (void *)(uintptr_t)text.p, .len = text.n, .flags = CURL_BLOB_COPY};

	if (text.n)
		curl_easy_setopt(easy, blob, &b);
	else if (path)
		curl_easy_setopt(easy, file, path);
}

int http_apply(void *easy, const struct http_access *a, struct buf *secret, struct err *e)
{
	http_forget(secret);
	set_pem(easy, CURLOPT_CAINFO, a->cacert, CURLOPT_CAINFO_BLOB, a->cacert_text);
	set_pem(easy, CURLOPT_SSLCERT, a->cert, CURLOPT_SSLCERT_BLOB, a->cert_text);
	set_pem(easy, CURLOPT_SSLKEY, a->key, CURLOPT_SSLKEY_BLOB, a->key_text);
	if (a->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return set_credentials(easy, a, secret, e);
}

/* --- a question --- */

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
	h->multi = curl_multi_init();
	h->easy = curl_easy_init();
	if (!h->easy || !h->multi)
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
	curl_multi_cleanup(h->multi);
	curl_slist_free_all(h->headers);
	curl_slist_free_all(h->packed);
	http_forget(&h->secret);
	free(h);
}

void http_stop(struct http *h)
{
	atomic_store(&h->stop, true);
	curl_multi_wakeup(h->multi);
}

static size_t take(char *p, size_t size, size_t count, void *ctx)
{
	struct http *h = ctx;
	size_t n = size * count;
	long status = 0;

	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	if (h->r->take && status == 200) {
		h->enough = !h->r->take(h->r->ctx, p, n);
		return h->enough ? 0 : n;
	}
	if (h->out->n + n > h->o.max_body) {
		h->too_long = true;
		return 0;
	}
	buf_add(h->out, p, n);
	return n;
}

static int set_request(struct http *h, const char *url, const struct http_request *r, struct err *e)
{
	curl_easy_reset(h->easy); /* the connection stays */
	curl_easy_setopt(h->easy, CURLOPT_URL, url);
	curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, r->timeout ? r->timeout : h->o.timeout);
	curl_easy_setopt(h->easy, CURLOPT_CONNECTTIMEOUT_MS, h->o.connect_timeout);
	curl_easy_setopt(h->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->easy, CURLOPT_USERAGENT, "gscrape-tui/" GS_VERSION);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, r->gzip ? h->packed : h->headers);
	if (r->get) {
		curl_easy_setopt(h->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	} else {
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, r->body.p);
	}
	return http_apply(h->easy, &h->o.access, &h->secret, e);
}

/* The transfer, from its beginning to its end. */
static CURLcode perform(struct http *h)
{
	CURLcode rc = CURLE_ABORTED_BY_CALLBACK;
	int running = 1, left;
	CURLMsg *m;

	if (curl_multi_add_handle(h->multi, h->easy))
		return CURLE_FAILED_INIT;
	while (!atomic_load(&h->stop)) {
		curl_multi_perform(h->multi, &running);
		if (!running)
			break;
		if (h->r->rest)
			h->r->rest(h->r->ctx);
		curl_multi_poll(h->multi, NULL, 0, h->r->rest ? REST_MS : 10000, NULL);
	}
	while ((m = curl_multi_info_read(h->multi, &left)))
		rc = m->msg == CURLMSG_DONE ? m->data.result : rc;
	curl_multi_remove_handle(h->multi, h->easy);
	return rc;
}

/* The status, or -1 with the sentence. */
static int ask_one(struct http *h, const char *address, const struct http_request *r, struct err *e)
{
	char *url = xasprintf("%s%s", address, r->path);
	CURLcode rc;
	long status = 0;
	int set;

	buf_reset(h->out);
	h->error[0] = '\0';
	h->too_long = h->enough = false;
	h->r = r;
	set = set_request(h, url, r, e);
	free(url);
	if (set < 0)
		return -1;
	rc = perform(h);
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	if (h->too_long)
		return fail(e, "%s: the answer is longer than %zu MiB", address, h->o.max_body >> 20);
	if (rc && !h->enough)
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
		if (rc >= 0 || h->too_long || atomic_load(&h->stop))
			return rc;
		h->at = (h->at + 1) % h->o.n_addresses;
	}
	return rc;
}

void http_turn(struct http *h)
{
	h->at = (h->at + 1) % h->o.n_addresses;
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
