/* SPDX-License-Identifier: MIT */
/*
 * Many at once, by libcurl.
 *
 * Bodies are held in memory until the writer has them, so all of them together have a budget, and each a share of it. A
 * transfer that is over its share waits (its socket is not read) while there is no room; the one that came first goes on, so
 * that there is always one that ends. A compressed body is held as it came and inflated when there is room for that.
 */
#include "collect/fetch.h"
#include "collect/reason.h"
#include "collect/source.h"
#include <gscrape/collect.h>
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
#include <gscrape/secret.h>
#include <gscrape/text.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#define ACTIVE_MAX 4096 /* transfers: so many may hang before others have to wait */
#define MANY_TARGETS 1000 /* names of more are not cached by libcurl, which goes through all of its cache for each connection */
#define SNIFF_AFTER ((size_t)64 << 10) /* by then a dump has begun */
#define COUNT_MIN 256                  /* of a grouped profile: its first line, whatever is allowed */
#define COUNT_MAX ((size_t)16 << 20)   /* of an error no more is read; and of a grouped profile, of which the number counts then */
#define ERROR_MAX ((size_t)4 << 10)    /* of an error's body */
#define BUDGET ((size_t)48 << 20)      /* bytes held of all bodies */
#define RATIO 400                      /* a dump is deflated to a hundredth at most; what is smaller still is made to do harm, */
#define RATIO_FROM ((size_t)4 << 20)   /*   when it comes to this much */

/* What is being asked; one scrape goes through some of them, in this order. */
enum stage { ASK_COUNT, ASK_LEAKS, ASK_DUMP };

enum stop { STOP_NOT, STOP_NO_DUMP, STOP_TOO_LONG, STOP_BOMB, STOP_COUNTED };

struct transfer {
	struct transfer *next;
	CURL *easy;
	const struct target *target;
	void *ctx;
	struct fetch_request wish;
	enum stage stage;
	enum stop stop; /* why the body is not taken to its end */
	size_t came;    /* bytes of body, kept or not */
	bool gzip;      /* it is compressed on the way */
	bool paused;
	CURLcode rc;    /* how it ended, while it waits to be inflated */
	struct fetcher *f;
	struct buf secret; /* read for this request */
	struct buf body;
	struct fetch_result result;
	char error[CURL_ERROR_SIZE];
};

struct fetcher {
	CURLM *multi;
	struct fetch_options o;
	struct curl_slist *headers; /* the user's, and */
	struct curl_slist packed;   /*   before them: "Accept-Encoding: gzip" */
	struct transfer *idle, *done, **done_tail;
	struct transfer *wrapped, **wrapped_tail; /* ended, and not inflated yet */
	struct transfer *first; /* it alone may go beyond the budget */
	size_t held, elsewhere; /* bytes: of bodies here; of those that the writer has */
	size_t active, most;    /* transfers at a time */
	struct transfer **all; /* each of them is idle, done or under way */
	size_t n_all, cap_all;
};

static const char accept_gzip[] = "Accept-Encoding: gzip";

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

/* Some descriptors are for others. */
static size_t most_transfers(void)
{
	struct rlimit l;
	size_t files = getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < 2 * ACTIVE_MAX ? (size_t)l.rlim_cur : 2 * ACTIVE_MAX;

	return files > 200 ? files / 2 : 100;
}

int fetcher_open(struct fetcher **out, const struct fetch_options *o, struct err *e)
{
	struct fetcher *f;

	*out = NULL;
	if (!!o->user + !!o->user_file + !!o->bearer_file > 1)
		return fail(e, "--user, --user-file and --bearer-file exclude each other");
	if (readable("--user-file", o->user_file, e) < 0 || readable("--bearer-file", o->bearer_file, e) < 0 || readable("--cacert", o->cacert, e) < 0 ||
	    readable("--cert", o->cert, e) < 0 || readable("--key", o->key, e) < 0)
		return -1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return fail(e, "libcurl cannot start");
	f = xcalloc(1, sizeof *f);
	f->o = *o;
	f->done_tail = &f->done;
	f->wrapped_tail = &f->wrapped;
	f->most = most_transfers();
	f->o.max_body = o->max_body ? o->max_body : FETCH_MAX_BODY;
	f->multi = curl_multi_init();
	if (!f->multi)
		die("out of memory");
	curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS,
	                  (long)(o->max_targets < MANY_TARGETS ? o->max_targets + 16 : MANY_TARGETS + 16));
	if (add_headers(f, e) < 0) {
		fetcher_close(f);
		return -1;
	}
	f->packed = (struct curl_slist){(char *)(uintptr_t)accept_gzip, f->headers};
	*out = f;
	return 0;
}

/* --- the body as it comes --- */

/* May this transfer keep n bytes more? */
static bool has_room(struct fetcher *f, struct transfer *x, size_t n)
{
	size_t share = BUDGET / 2 / (f->active ? f->active : 1);

	if (x->body.n + n <= share || f->held + f->elsewhere + n <= BUDGET)
		return true;
	if (!f->first)
		f->first = x;
	return f->first == x;
}

static void keep(struct transfer *x, const char *p, size_t n)
{
	buf_add(&x->body, p, n);
	x->f->held += n;
}

static void drop_body(struct transfer *x)
{
	x->f->held -= x->body.n;
	buf_release(&x->body);
	if (x->f->first == x)
		x->f->first = NULL;
}

static size_t stop(struct transfer *x, enum stop why)
{
	x->stop = why;
	return 0; /* libcurl ends the transfer when fewer bytes are taken than were given */
}

/* A grouped profile. One that is too long has a number in its first line, at least. */
static size_t take_count(struct transfer *x, const char *p, size_t n)
{
	size_t most = x->f->o.max_body < COUNT_MAX ? x->f->o.max_body : COUNT_MAX;

	if (x->body.n + n <= most)
		keep(x, p, n);
	else if (x->body.n < COUNT_MIN)
		keep(x, p, COUNT_MIN - x->body.n < n ? COUNT_MIN - x->body.n : n);
	return x->came > most ? stop(x, STOP_COUNTED) : n;
}

static size_t take_header(char *p, size_t size, size_t count, void *ctx)
{
	static const char name[] = "content-encoding:";
	struct transfer *x = ctx;
	size_t n = size * count, at = sizeof name - 1;

	if (n <= at || strncasecmp(p, name, at) != 0)
		return n;
	while (at < n && p[at] == ' ')
		at++;
	x->gzip = n - at >= 4 && strncasecmp(p + at, "gzip", 4) == 0;
	return n;
}

static size_t take(char *p, size_t size, size_t count, void *ctx)
{
	struct transfer *x = ctx;
	size_t n = size * count;
	bool sniff = !x->gzip && x->came < SNIFF_AFTER && x->came + n >= SNIFF_AFTER;
	long code = 0;

	if (!has_room(x->f, x, n)) {
		x->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}

	x->came += n;
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &code);
	if (code == 200 && x->stage == ASK_COUNT)
		return take_count(x, p, n);
	if (code != 200) {
		keep(x, p, x->body.n >= ERROR_MAX ? 0 : n < ERROR_MAX ? n : ERROR_MAX);
		return x->came > COUNT_MAX ? stop(x, STOP_NO_DUMP) : n;
	}
	if (x->body.n + n > x->f->o.max_body)
		return stop(x, STOP_TOO_LONG);
	keep(x, p, n);
	return sniff && dump_sniff_answer(x->body.p, x->body.n) != DUMP_GOROUTINES ? stop(x, STOP_NO_DUMP) : n;
}

/* The target's own access, or ours; its own password goes before all. */
static struct http_access access_of(const struct fetcher *f, const struct target *t)
{
	const struct fetch_options *o = &f->o;
	struct http_access ours = {.user = o->user, .user_file = o->user_file, .bearer_file = o->bearer_file,
				   .cacert = o->cacert, .cert = o->cert, .key = o->key, .insecure = o->insecure};

	if (t->access)
		return *t->access;
	if (t->user)
		ours.user = t->user;
	return ours;
}

/* What we sent and may not say: nor may a server that repeats it. */
static void hide_sent(const struct transfer *x, struct buf *b)
{
	const struct fetch_options *o = &x->f->o;
	struct http_access a = access_of(x->f, x->target);
	const char *user = a.user ? a.user : a.user_file ? x->secret.p : NULL;
	const char *colon = user ? strchr(user, ':') : NULL;

	buf_hide(b, 0, x->secret.p, x->secret.n);
	if (a.bearer)
		buf_hide(b, 0, a.bearer, strlen(a.bearer));
	if (colon)
		buf_hide(b, 0, colon + 1, strlen(colon + 1));
	for (size_t i = 0; i < o->n_headers; i++) {
		const char *value = o->headers[i] + strcspn(o->headers[i], ":;");

		value += strspn(value, ":; \t");
		buf_hide(b, 0, value, strlen(value));
	}
}

/* Servers have a say in it: nothing secret, nothing that a terminal would obey. */
static void set_note(struct transfer *x, struct buf *raw)
{
	struct buf open = {0}, b = {0};

	hide_sent(x, raw);
	buf_add_public(&open, raw->p ? raw->p : "", raw->n);
	buf_add_visible(&b, open.p, open.n);
	if (b.n >= sizeof x->result.note)
		for (b.n = sizeof x->result.note - 1; ((unsigned char)b.p[b.n] & 0xc0) == 0x80; b.n--)
			; /* no character is cut */
	snprintf(x->result.note, sizeof x->result.note, "%.*s", (int)b.n, b.p);
	buf_release(&open);
	buf_release(&b);
	buf_release(raw);
}

__attribute__((format(printf, 2, 3))) static void note(struct transfer *x, const char *fmt, ...)
{
	struct buf raw = {0};
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		die("out of memory");
	va_end(ap);
	buf_adds(&raw, text);
	free(text);
	set_note(x, &raw);
}

/* --- the request --- */

/* Those of --header are for the targets, and for nobody who stands before them. */
static struct curl_slist *headers_of(struct transfer *x)
{
	static struct curl_slist only_packed = {(char *)(uintptr_t)accept_gzip, NULL};

	if (x->target->access)
		return x->stage == ASK_COUNT ? NULL : &only_packed;
	return x->stage == ASK_COUNT ? x->f->headers : &x->f->packed;
}

static int set_request(struct fetcher *f, struct transfer *x, struct err *e)
{
	const struct target *t = x->target;
	const char *urls[] = {[ASK_COUNT] = t->count_url, [ASK_LEAKS] = t->leak_url, [ASK_DUMP] = t->url};
	long timeout = (long)(t->timeout ? t->timeout : f->o.timeout);
	struct http_access access = access_of(f, t);
	CURL *easy = x->easy;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, urls[x->stage]);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	if (f->o.max_targets > MANY_TARGETS)
		curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "gscrape-tui/" GS_VERSION);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_of(x));
	if (t->unix_path)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, t->unix_path);
	return http_apply(easy, &access, &x->secret, e);
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

	drop_body(x);
	if (x->stage != ASK_COUNT && x->wish.expect)
		buf_reserve(&x->body, x->wish.expect + x->wish.expect / 8);
	x->came = 0;
	x->gzip = x->paused = false;
	x->stop = STOP_NOT;
	x->error[0] = '\0';
	if (set_request(f, x, &e) == 0 && curl_multi_add_handle(f->multi, x->easy) == CURLM_OK) {
		f->active++;
		return;
	}
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
	x->f = f;
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

bool fetcher_has_room(const struct fetcher *f)
{
	return f->active < f->most;
}

void fetch_begin(struct fetcher *f, const struct target *t, const struct fetch_request *wish, void *ctx)
{
	struct transfer *x = free_transfer(f);

	x->target = t;
	x->ctx = ctx;
	x->wish = *wish;
	x->stage = (wish->grouped || wish->max_goroutines) && t->count_url ? ASK_COUNT : after_count(x);
	x->result = (struct fetch_result){.ctx = ctx};
	start(f, x);
}

/* --- the result --- */

static enum trouble connect_trouble(const struct transfer *x)
{
	long code = 0;

	curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &code);
	return code == ECONNREFUSED ? TROUBLE_REFUSED : code == EHOSTUNREACH || code == ENETUNREACH ? TROUBLE_ROUTE : TROUBLE_OTHER;
}

static enum trouble trouble_of(const struct transfer *x, CURLcode rc)
{
	curl_off_t connected = 0;

	switch (rc) {
	case CURLE_OK:
		return TROUBLE_NONE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return TROUBLE_NAME;
	case CURLE_COULDNT_CONNECT:
		return connect_trouble(x);
	case CURLE_OPERATION_TIMEDOUT:
		curl_easy_getinfo(x->easy, CURLINFO_CONNECT_TIME_T, &connected);
		return connected ? TROUBLE_SLOW : TROUBLE_CONNECT;
	case CURLE_GOT_NOTHING:
		return TROUBLE_CLOSED;
	case CURLE_RECV_ERROR:
		return x->came ? TROUBLE_OTHER : TROUBLE_CLOSED;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return TROUBLE_NO_HTTP;
	case CURLE_SSL_CONNECT_ERROR:
		return strstr(x->error, "alert") || strstr(x->error, "certificate") ? TROUBLE_OTHER : TROUBLE_NO_TLS;
	case CURLE_PEER_FAILED_VERIFICATION:
		return TROUBLE_UNTRUSTED;
	default:
		return TROUBLE_OTHER;
	}
}

static void add_reason(struct transfer *x, long code, CURLcode rc, struct buf *out)
{
	const struct fetch_options *o = &x->f->o;
	struct http_access access = access_of(x->f, x->target);
	struct answer a = {.host = x->target->host, .trouble = x->stop == STOP_NOT ? trouble_of(x, rc) : TROUBLE_NONE, .code = code,
			   .words = x->error[0] ? x->error : curl_easy_strerror(rc), .body = {x->body.p, x->body.n},
			   .timeout = x->target->timeout ? x->target->timeout : o->timeout,
			   .profile = x->stage == ASK_COUNT, .credentials = access.user || access.user_file || access.bearer || access.bearer_file || (o->n_headers && !x->target->access)};

	curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_URL, (char **)(uintptr_t)&a.location);
	curl_easy_getinfo(x->easy, CURLINFO_CONTENT_TYPE, (char **)(uintptr_t)&a.type);
	reason_of(&a, out);
}

/* What came with status 200. */
static enum snap_status judge(struct transfer *x, CURLcode rc)
{
	bool dump = dump_sniff_answer(x->body.p, x->body.n) == DUMP_GOROUTINES;
	struct buf why = {0};

	if (x->stop == STOP_TOO_LONG) {
		reason_too_long(x->f->o.max_body, &why);
		set_note(x, &why);
		return SNAP_FAILED;
	}
	if (x->stop == STOP_BOMB) {
		note(x, "inflates to more than %d times its size: not taken", RATIO);
		return SNAP_FAILED;
	}
	if (dump && !rc)
		return SNAP_OK;
	if (dump)
		buf_addf(&why, "broke off after %zu bytes: ", x->body.n);
	add_reason(x, 200, rc, &why);
	set_note(x, &why);
	return dump ? SNAP_PARTIAL : SNAP_FAILED;
}

/* debug=1 is there. True when the dump itself is to be asked for. */
static bool judge_count(struct transfer *x, CURLcode rc)
{
	int64_t total = dump_debug1_total(x->body.p, x->body.n);

	if (!x->wish.grouped && total <= (int64_t)x->wish.max_goroutines)
		return true; /* or it told nothing: then the dump's answer says what is wrong */
	if (total < 0) {
		struct buf why = {0};

		x->result.status = SNAP_FAILED;
		add_reason(x, 200, CURLE_OK, &why);
		set_note(x, &why);
		return false;
	}
	x->result.status = x->stop == STOP_COUNTED || rc ? SNAP_COUNTED : SNAP_GROUPED;
	x->result.counted = total > UINT32_MAX ? UINT32_MAX : (uint32_t)total;
	if (x->result.status == SNAP_COUNTED)
		note(x, "the grouped profile is %s: counted only", rc && x->stop != STOP_COUNTED ? "not whole" : "too long");
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
		struct buf why = {0};

		x->result.status = SNAP_FAILED;
		add_reason(x, code, rc, &why);
		set_note(x, &why);
		return true;
	}
	if (x->stage == ASK_COUNT && (rc == CURLE_OK || x->stop == STOP_COUNTED || dump_debug1_total(x->body.p, x->body.n) >= 0)) {
		if (!judge_count(x, rc))
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
	x->result.took = (uint32_t)((total - request + 999) / 1000);
	if (!judge_stage(x, code, rc)) {
		start(f, x);
		return;
	}
	if (snap_has_text(x->result.status)) {
		x->result.body = x->body;
		x->body = (struct buf){0};
		f->held -= x->result.body.n;
	}
	drop_body(x);
	queue_result(f, x);
}

/* What came in place of what was sent. As much as it is allowed to be; a stream that was cut gives what it has. */
static void unwrap(struct transfer *x)
{
	size_t most = x->body.n > RATIO_FROM / RATIO ? x->body.n * RATIO : RATIO_FROM;
	bool by_ratio = most < x->f->o.max_body;
	size_t limit = by_ratio ? most : x->f->o.max_body;
	struct buf out = {0};
	struct err e;
	int rc = x->rc == CURLE_OK && gzip_size_hint(x->body.p, x->body.n) > limit ? GZIP_TOO_LARGE
										   : gzip_inflate(x->body.p, x->body.n, &out, limit, &e);

	if (rc == GZIP_TOO_LARGE)
		x->stop = by_ratio ? STOP_BOMB : STOP_TOO_LONG;
	else if (rc && x->rc == CURLE_OK)
		x->rc = CURLE_BAD_CONTENT_ENCODING;
	if (rc < 0)
		buf_release(&out);
	drop_body(x);
	x->body = out;
	x->f->held += out.n;
}

/* One at a time: others are served in between. */
static void collect_wrapped(struct fetcher *f)
{
	struct transfer *x = f->wrapped;

	if (!x || (f->held + f->elsewhere > BUDGET && f->active))
		return;
	f->wrapped = x->next;
	if (!f->wrapped)
		f->wrapped_tail = &f->wrapped;
	unwrap(x);
	finish(f, x, x->rc);
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
		f->active--;
		x->result.time = now_ms();
		if (!x->gzip || x->stage == ASK_COUNT || x->stop) {
			finish(f, x, rc);
			continue;
		}
		x->rc = rc;
		x->next = NULL;
		*f->wrapped_tail = x;
		f->wrapped_tail = &x->next;
	}
	collect_wrapped(f);
}

/* Those that waited for room, oldest first. */
static void go_on(struct fetcher *f)
{
	for (size_t i = 0; i < f->n_all; i++) {
		struct transfer *x = f->all[i];

		if (x->paused && has_room(f, x, 1 << 18)) {
			x->paused = false;
			curl_easy_pause(x->easy, CURLPAUSE_CONT);
		}
	}
}

void fetcher_wait(struct fetcher *f, int fd, int64_t ms, size_t elsewhere)
{
	struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int running;

	f->elsewhere = elsewhere;
	go_on(f);
	curl_multi_perform(f->multi, &running);
	collect_done(f);
	if (f->done)
		return;
	if (ms < 0 || f->wrapped)
		ms = f->wrapped && f->held + f->elsewhere > BUDGET ? 20 : 0;
	curl_multi_poll(f->multi, &extra, fd >= 0, ms > 60000 ? 60000 : (int)ms, NULL);
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
	http_forget(&x->secret);
	x->next = f->idle;
	f->idle = x;
	return true;
}

void scrape_made_with(struct buf *out)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	buf_addf(out, "libcurl %s, %s", v->version, v->ssl_version ? v->ssl_version : "no https");
#ifdef HAVE_YAML
	buf_adds(out, ", libyaml");
#endif
	dns_made_with(out);
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
		http_forget(&x->secret);
		free(x);
	}
	free(f->all);
	curl_multi_cleanup(f->multi);
	curl_slist_free_all(f->headers);
	curl_global_cleanup();
	free(f);
}
