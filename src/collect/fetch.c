/* SPDX-License-Identifier: MIT */
/* The only home of libcurl. */
#include "collect/fetch.h"
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
#include <gscrape/text.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SNIFF_AFTER ((size_t)64 << 10) /* by then a dump has begun */
#define COUNT_MAX ((size_t)16 << 20)   /* of debug=1 no more is read: the number stands in its first line */
#define ERROR_MAX ((size_t)4 << 10)    /* of an error's body */

/* What is being asked; one scrape goes through some of them, in this order. */
enum stage { ASK_COUNT, ASK_LEAKS, ASK_DUMP };

enum stop { STOP_NOT, STOP_NO_DUMP, STOP_TOO_LONG, STOP_COUNTED };

struct transfer {
	struct transfer *next;
	CURL *easy;
	const struct target *target;
	void *ctx;
	struct fetch_wish wish;
	enum stage stage;
	enum stop stop; /* why the body is not taken to its end */
	size_t came;    /* bytes of body, kept or not */
	struct buf body;
	struct fetch_result result;
	char error[CURL_ERROR_SIZE];
};

struct fetcher {
	CURLM *multi;
	struct fetch_options o;
	struct curl_slist *headers;
	struct transfer *idle, *done, **done_tail;
	struct transfer **all; /* each of them is idle, done or under way */
	size_t n_all, cap_all;
};

static int readable(const char *option, const char *path, struct err *e)
{
	return path && access(path, R_OK) < 0 ? fail(e, "%s %s: %s", option, path, strerror(errno)) : 0;
}

static int add_headers(struct fetcher *f, struct err *e)
{
	for (size_t i = 0; i < f->o.n_headers; i++) {
		const char *h = f->o.headers[i];
		size_t name = strcspn(h, ":;");

		if (name == 0 || !h[name] ||
		    strpbrk(h, "\r\n")) /* the value may be a secret: it is not shown */
			return fail(e, "--header number %zu is none (write 'Name: value')", i + 1);
		f->headers = curl_slist_append(f->headers, h);
	}
	return 0;
}

int fetcher_open(struct fetcher **out, const struct fetch_options *o, struct err *e)
{
	struct fetcher *f;

	*out = NULL;
	if (o->user && o->bearer_file)
		return fail(e, "--user and --bearer-file exclude each other");
	if (readable("--bearer-file", o->bearer_file, e) < 0 || readable("--cacert", o->cacert, e) < 0 ||
	    readable("--cert", o->cert, e) < 0 || readable("--key", o->key, e) < 0)
		return -1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return fail(e, "libcurl cannot start");
	f = xcalloc(1, sizeof *f);
	f->o = *o;
	f->done_tail = &f->done;
	f->multi = curl_multi_init();
	if (!f->multi)
		die("out of memory");
	curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS,
	                  (long)(o->max_targets < 1000 ? o->max_targets + 16 : 1016));
	if (add_headers(f, e) < 0) {
		fetcher_close(f);
		return -1;
	}
	*out = f;
	return 0;
}

/* --- the body as it comes --- */

static size_t stop(struct transfer *x, enum stop why)
{
	x->stop = why;
	return 0; /* libcurl ends the transfer when fewer bytes are taken than were given */
}

static size_t take_count(struct transfer *x, const char *p, size_t n)
{
	if (x->body.n < ERROR_MAX)
		buf_add(&x->body, p, n < ERROR_MAX ? n : ERROR_MAX);
	return x->came > COUNT_MAX ? stop(x, STOP_COUNTED) : n;
}

static size_t take(char *p, size_t size, size_t count, void *ctx)
{
	struct transfer *x = ctx;
	size_t n = size * count;
	bool sniff = x->came < SNIFF_AFTER && x->came + n >= SNIFF_AFTER;
	long code = 0;

	x->came += n;
	if (x->stage == ASK_COUNT)
		return take_count(x, p, n);
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &code);
	if (code != 200) {
		buf_add(&x->body, p, x->body.n >= ERROR_MAX ? 0 : n < ERROR_MAX ? n : ERROR_MAX);
		return x->came > COUNT_MAX ? stop(x, STOP_NO_DUMP) : n;
	}
	if (x->body.n + n > FETCH_MAX_BODY)
		return stop(x, STOP_TOO_LONG);
	buf_add(&x->body, p, n);
	return sniff && dump_sniff(x->body.p, x->body.n) != DUMP_GOROUTINES ? stop(x, STOP_NO_DUMP) : n;
}

__attribute__((format(printf, 2, 3))) static void note(struct transfer *x, const char *fmt, ...)
{
	char raw[FETCH_NOTE];
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	buf_add_visible(&b, raw, strlen(raw)); /* servers have a say in it */
	snprintf(x->result.note, sizeof x->result.note, "%s", b.p);
	buf_release(&b);
}

/* --- the request --- */

/* Read at each scrape: tokens are renewed under the same name. */
static int set_bearer(struct transfer *x, const char *path, struct err *e)
{
	struct buf token = {0};
	int rc = file_read(path, &token, 1 << 16, e);

	while (rc == 0 && token.n && strchr(" \t\r\n", token.p[token.n - 1]))
		token.n--;
	if (rc == 0 && (token.n == 0 || memchr(token.p, '\n', token.n) || memchr(token.p, '\0', token.n)))
		rc = fail(e, "%s: holds no token of one line", path);
	if (rc == 0) {
		buf_putc(&token, '\0');
		curl_easy_setopt(x->easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(x->easy, CURLOPT_XOAUTH2_BEARER, token.p);
		memset(token.p, 0, token.n);
	}
	buf_release(&token);
	return rc ? -1 : 0;
}

static void set_tls(CURL *easy, const struct fetch_options *o)
{
	if (o->cacert)
		curl_easy_setopt(easy, CURLOPT_CAINFO, o->cacert);
	if (o->cert)
		curl_easy_setopt(easy, CURLOPT_SSLCERT, o->cert);
	if (o->key)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, o->key);
	if (o->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static int set_request(struct fetcher *f, struct transfer *x, struct err *e)
{
	const struct target *t = x->target;
	const char *urls[] = {[ASK_COUNT] = t->count_url, [ASK_LEAKS] = t->leak_url, [ASK_DUMP] = t->url};
	const char *user = t->user ? t->user : f->o.user;
	long timeout = (long)(t->timeout ? t->timeout : f->o.timeout);
	CURL *easy = x->easy;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, urls[x->stage]);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "gscrape-tui/" GS_VERSION);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, f->headers);
	set_tls(easy, &f->o);
	if (t->unix_path)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, t->unix_path);
	if (user) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERPWD, user);
	} else if (f->o.bearer_file) {
		return set_bearer(x, f->o.bearer_file, e);
	}
	return 0;
}

static void queue_result(struct fetcher *f, struct transfer *x)
{
	x->next = NULL;
	*f->done_tail = x;
	f->done_tail = &x->next;
}

static void start(struct fetcher *f, struct transfer *x)
{
	struct err e = {0};

	buf_reset(&x->body);
	if (x->stage != ASK_COUNT && x->wish.expect)
		buf_reserve(&x->body, x->wish.expect + x->wish.expect / 8);
	x->came = 0;
	x->stop = STOP_NOT;
	x->error[0] = '\0';
	if (set_request(f, x, &e) == 0 && curl_multi_add_handle(f->multi, x->easy) == CURLM_OK)
		return;
	x->result.status = SNAP_FAILED;
	x->result.time = now_ms();
	note(x, "%s", e.text[0] ? e.text : "libcurl takes no more transfers");
	queue_result(f, x);
}

static struct transfer *free_transfer(struct fetcher *f)
{
	struct transfer *x = f->idle;

	if (x) {
		f->idle = x->next;
		return x;
	}
	x = xcalloc(1, sizeof *x);
	x->easy = curl_easy_init();
	if (!x->easy)
		die("out of memory");
	GROW(f->all, f->n_all, f->cap_all);
	return f->all[f->n_all++] = x;
}

static enum stage after_count(const struct transfer *x)
{
	return x->wish.leaks && x->target->leak_url ? ASK_LEAKS : ASK_DUMP;
}

void fetch_begin(struct fetcher *f, const struct target *t, const struct fetch_wish *wish, void *ctx)
{
	struct transfer *x = free_transfer(f);

	x->target = t;
	x->ctx = ctx;
	x->wish = *wish;
	x->stage = wish->max_goroutines && t->count_url ? ASK_COUNT : after_count(x);
	x->result = (struct fetch_result){.ctx = ctx};
	start(f, x);
}

/* --- the result --- */

/* The answer's status line and what it said, in one line. */
static void note_status(struct transfer *x, long code)
{
	char *to = NULL;
	size_t line = 0;

	curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_URL, &to);
	while (line < x->body.n && line < 80 && x->body.p[line] != '\n' && x->body.p[line] != '\r')
		line++;
	if (to && code / 100 == 3) /* its query may hold a token */
		note(x, "HTTP %ld points to %.*s: redirects are not followed, name that one", code,
		     (int)strcspn(to, "?#"), to);
	else if (dump_sniff(x->body.p, x->body.n) == DUMP_HTML)
		note(x, "HTTP %ld with an HTML page", code);
	else
		note(x, "HTTP %ld%s%.*s%s", code, line ? " \"" : "", (int)line, line ? x->body.p : "",
		     line ? "\"" : "");
}

static const char *curl_text(struct transfer *x, CURLcode rc)
{
	return x->error[0] ? x->error : curl_easy_strerror(rc);
}

/* What came with status 200. */
static enum snap_status judge(struct transfer *x, CURLcode rc)
{
	enum dump_kind kind = dump_sniff(x->body.p, x->body.n);

	if (kind == DUMP_GOROUTINES && x->stop == STOP_TOO_LONG) {
		note(x, "longer than %zu MiB: cut there", FETCH_MAX_BODY >> 20);
		return SNAP_PARTIAL;
	}
	if (kind == DUMP_GOROUTINES && rc) {
		note(x, "broke off after %zu bytes: %s", x->body.n, curl_text(x, rc));
		return SNAP_PARTIAL;
	}
	if (kind == DUMP_GOROUTINES)
		return SNAP_OK;
	if (rc && x->stop == STOP_NOT)
		note(x, "%s", curl_text(x, rc));
	else
		note(x, "answered %s, not a goroutine dump", dump_kind_name(kind));
	return SNAP_FAILED;
}

/* debug=1 is there. True when the dump itself is to be asked for. */
static bool judge_count(struct transfer *x)
{
	int64_t total = dump_debug1_total(x->body.p, x->body.n);

	if (total <= (int64_t)x->wish.max_goroutines)
		return true; /* or it told nothing: then the dump's answer says what is wrong */
	x->result.status = SNAP_COUNTED;
	x->result.counted = total > UINT32_MAX ? UINT32_MAX : (uint32_t)total;
	note(x, "more than %u goroutines: counted only", x->wish.max_goroutines);
	return false;
}

/* Go's detector is not there. */
static bool ask_plain(struct transfer *x)
{
	x->result.no_detector = true;
	x->result.note[0] = '\0';
	x->stage = ASK_DUMP;
	return false;
}

/* One stage is over. False when the next one, already set, is to begin. */
static bool judge_stage(struct transfer *x, long code, CURLcode rc)
{
	if (code && code != 200 && x->stage == ASK_LEAKS)
		return ask_plain(x);
	if (code && code != 200) {
		x->result.status = SNAP_FAILED;
		note_status(x, code);
		return true;
	}
	if (x->stage == ASK_COUNT && (rc == CURLE_OK || x->stop == STOP_COUNTED)) {
		if (!judge_count(x))
			return true;
		x->stage = after_count(x);
		return false;
	}
	x->result.status = judge(x, rc);
	if (x->result.status == SNAP_FAILED && x->stage == ASK_LEAKS && code == 200)
		return ask_plain(x); /* a page for whatever is unknown */
	return true;
}

static void finish(struct fetcher *f, struct transfer *x, CURLcode rc)
{
	curl_off_t total = 0, request = 0;
	long code = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(x->easy, CURLINFO_TOTAL_TIME_T, &total);
	curl_easy_getinfo(x->easy, CURLINFO_PRETRANSFER_TIME_T, &request);
	x->result.time = now_ms();
	x->result.took = (uint32_t)((total - request + 999) / 1000);
	if (!judge_stage(x, code, rc)) {
		start(f, x);
		return;
	}
	if (x->result.status == SNAP_OK || x->result.status == SNAP_PARTIAL) {
		x->result.body = x->body;
		x->body = (struct buf){0};
	}
	queue_result(f, x);
}

static void collect_done(struct fetcher *f)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(f->multi, &left))) {
		CURL *easy = m->easy_handle;
		CURLcode rc = m->data.result;
		struct transfer *x = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&x);
		curl_multi_remove_handle(f->multi, easy);
		finish(f, x, rc);
	}
}

void fetcher_wait(struct fetcher *f, int fd, int64_t ms)
{
	struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int running;

	curl_multi_perform(f->multi, &running);
	collect_done(f);
	if (f->done)
		return;
	curl_multi_poll(f->multi, &extra, fd >= 0, ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms, NULL);
	curl_multi_perform(f->multi, &running);
	collect_done(f);
}

void fetcher_wake(struct fetcher *f)
{
	curl_multi_wakeup(f->multi);
}

bool fetch_next(struct fetcher *f, struct fetch_result *out)
{
	struct transfer *x = f->done;

	if (!x)
		return false;
	f->done = x->next;
	if (!f->done)
		f->done_tail = &f->done;
	*out = x->result;
	x->result = (struct fetch_result){0};
	buf_release(&x->body);
	x->next = f->idle;
	f->idle = x;
	return true;
}

void fetcher_close(struct fetcher *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_all; i++) {
		struct transfer *x = f->all[i];

		curl_multi_remove_handle(f->multi, x->easy);
		curl_easy_cleanup(x->easy);
		buf_release(&x->body);
		buf_release(&x->result.body);
		free(x);
	}
	free(f->all);
	curl_multi_cleanup(f->multi);
	curl_slist_free_all(f->headers);
	curl_global_cleanup();
	free(f);
}
