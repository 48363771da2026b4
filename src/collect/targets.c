/* SPDX-License-Identifier: MIT */
/* One TARGET taken apart, and the set of them. */
#include "collect/targets.h"
#include <gscrape/archive.h>
#include <gscrape/secret.h>
#include <gscrape/text.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/un.h>

#define PPROF "/debug/pprof/goroutine"

/* A target as a sentence may show it: without a password. */
static char *shown(const char *s)
{
	struct buf open = {0}, b = {0};

	buf_add_public(&open, s, strlen(s));
	buf_add_visible(&b, open.p, open.n > 80 ? 80 : open.n);
	buf_release(&open);
	return b.p;
}

__attribute__((format(printf, 3, 4))) static int refuse(struct err *e, const char *text, const char *why, ...)
{
	char *what = shown(text), *reason;
	va_list ap;

	va_start(ap, why);
	if (vasprintf(&reason, why, ap) < 0)
		die("out of memory");
	va_end(ap);
	fail(e, "target '%s': %s", what, reason);
	free(reason);
	free(what);
	return -1;
}

void target_release(struct target *t)
{
	free(t->host);
	free(t->url);
	free(t->count_url);
	free(t->leak_url);
	free(t->unix_path);
	free(t->user);
	free(t->labels);
	*t = (struct target){0};
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct target target_copy(const struct target *t)
{
	struct target c = *t;

	c.host = copy(t->host);
	c.url = copy(t->url);
	c.count_url = copy(t->count_url);
	c.leak_url = copy(t->leak_url);
	c.unix_path = copy(t->unix_path);
	c.user = copy(t->user);
	c.labels = copy(t->labels);
	return c;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

bool target_same(const struct target *a, const struct target *b)
{
	return strcmp(a->host, b->host) == 0 && strcmp(a->url, b->url) == 0 && same_text(a->user, b->user) && a->interval == b->interval &&
	       a->timeout == b->timeout && a->access == b->access;
}

/* Where the parameter `name` stands in a query (behind its '?'), or NULL. */
static const char *find_param(const char *query, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = query; s; s = strchr(s, '&') ? strchr(s, '&') + 1 : NULL) {
		if (strncmp(s, name, n) == 0 && s[n] == '=')
			return s;
	}
	return NULL;
}

/* The URL with debug=LEVEL in its query, replacing the one that is there. */
static char *with_debug(const char *url, int level)
{
	const char *query = strchr(url, '?');
	const char *at = query ? find_param(query + 1, "debug") : NULL;

	if (!at)
		return xasprintf("%s%cdebug=%d", url, query ? '&' : '?', level);
	return xasprintf("%.*sdebug=%d%s", (int)(at - url), url, level, at + strcspn(at, "&"));
}

/* ".../goroutine?..." as ".../goroutineleak?..." */
static char *of_detector(const char *url)
{
	size_t n = strcspn(url, "?");

	if (n < 10 || memcmp(url + n - 10, "/goroutine", 10) != 0)
		return NULL;
	return xasprintf("%.*sleak%s", (int)n, url, url + n);
}

static bool ends_with(struct str s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

/*
 * scheme://authority and the path as given to the URL that is fetched. No path, or one that ends at pprof's
 * index, means the goroutine profile below; of a goroutine profile debug=2 is asked, whatever was copied from
 * a browser; any other path is taken as it is.
 */
static void set_url(struct target *t, const char *scheme, struct str authority, struct str rest)
{
	const char *mark = memchr(rest.p, '?', rest.n);
	struct str path = {rest.p, mark ? (size_t)(mark - rest.p) : rest.n};
	struct str query = {rest.p + path.n, rest.n - path.n};
	const char *add = "";
	char *url;

	if (path.n == 0 || str_eq(path, STR("/"))) {
		path = STR(PPROF);
	} else if (ends_with(path, "/pprof") || ends_with(path, "/pprof/")) {
		path.n -= ends_with(path, "/");
		add = "/goroutine";
	}
	url = xasprintf("%s://%.*s%.*s%s%.*s", scheme, (int)authority.n, authority.p, (int)path.n, path.p,
	                add, (int)query.n, query.p);
	if (!*add && !ends_with(path, "/goroutine") && !ends_with(path, "/goroutineleak")) {
		t->url = url;
		return;
	}
	t->url = with_debug(url, 2);
	t->count_url = with_debug(url, 1);
	t->leak_url = of_detector(t->url);
	free(url);
}

/* Names of hosts as they may stand in a URL: no blanks, controls or delimiters. */
static bool host_ok(struct str host)
{
	for (size_t i = 0; i < host.n; i++) {
		unsigned char c = (unsigned char)host.p[i];

		if (c <= ' ' || c == 0x7f || strchr("/\\?#@<>\"'`^|{}%[]:", c))
			return false;
	}
	return host.n > 0 && host.n <= 253;
}

static bool address6_ok(struct str a)
{
	size_t colons = 0;

	for (size_t i = 0; i < a.n; i++) {
		unsigned char c = (unsigned char)a.p[i];

		if (c == '%')
			return colons >= 2 && host_ok((struct str){a.p + i + 1, a.n - i - 1}); /* zone */
		if (!isxdigit(c) && c != ':' && c != '.')
			return false;
		colons += c == ':';
	}
	return colons >= 2;
}

/* host:port taken apart. */
struct authority {
	struct str host, port; /* port empty: none given */
	bool bracketed;
};

static struct authority split(struct str text)
{
	const char *close = text.n && text.p[0] == '[' ? memchr(text.p, ']', text.n) : NULL;
	const char *from = close ? close : text.p;
	const char *colon = memrchr(from, ':', text.n - (size_t)(from - text.p));
	struct authority a = {.host = text, .bracketed = close};

	if (colon) {
		a.host.n = (size_t)(colon - text.p);
		a.port = (struct str){colon + 1, text.n - a.host.n - 1};
	}
	if (a.host.n == 0 && a.port.n)
		a.host = STR("localhost"); /* ":6060", as Go programs write it */
	return a;
}

static int check_host(const struct authority *a, const char *text, struct err *e)
{
	struct str within = {a->host.p + 1, a->host.n > 2 ? a->host.n - 2 : 0};

	if (a->bracketed ? a->host.p[a->host.n - 1] == ']' && address6_ok(within) : host_ok(a->host))
		return 0;
	if (a->bracketed || memchr(a->host.p, ':', a->host.n))
		return refuse(e, text, "IPv6 addresses stand in brackets ([::1]:6060)");
	return refuse(e, text, "no host name in it (write host:port)");
}

/* The port, or the scheme's where none is given (0: then it is an error). -1 with a sentence. */
static int port_of(const struct authority *a, int preset, const char *text, struct err *e)
{
	int n = 0;

	bool number = a->host.n && strspn(a->host.p, "0123456789") >= a->host.n; /* a port alone */

	if (!a->port.n)
		return preset ? preset
		              : refuse(e, text, number ? "no host (write localhost:%.*s)" : "no port (write %.*s:6060)", (int)a->host.n, a->host.p);
	for (size_t i = 0; i < a->port.n && n >= 0; i++) {
		bool digit = a->port.p[i] >= '0' && a->port.p[i] <= '9';

		n = digit && n <= 65535 ? n * 10 + (a->port.p[i] - '0') : -1;
	}
	if (n < 1 || n > 65535)
		return refuse(e, text, "'%.*s' is no port (1 to 65535)", (int)a->port.n, a->port.p);
	return n;
}

static int set_host(struct target *t, struct str authority, int preset, const char *text, struct err *e)
{
	struct authority a = split(authority);
	int port;

	if (check_host(&a, text, e) < 0 || (port = port_of(&a, preset, text, e)) < 0)
		return -1;
	t->host = xasprintf("%.*s:%d", (int)a.host.n, a.host.p, port);
	return 0;
}

static int parse_unix(struct target *t, const char *text, struct err *e)
{
	const char *path = text + 5, *http;

	while (path[0] == '/' && path[1] == '/')
		path++;
	http = strstr(path, ":/");
	t->unix_path = http ? xstrndup(path, (size_t)(http - path)) : xstrdup(path);
	if (path[0] != '/' || !t->unix_path[1])
		return refuse(e, text, "the path of a unix socket begins with '/' (unix:/run/app.sock)");
	if (strlen(t->unix_path) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
		return refuse(e, text, "the path of the socket is longer than %zu bytes",
		              sizeof((struct sockaddr_un *)NULL)->sun_path - 1);
	t->host = xasprintf("unix:%s", t->unix_path);
	set_url(t, "http", STR("localhost"), str_of(http ? http + 1 : ""));
	return 0;
}

static int parse_url(struct target *t, const char *text, struct err *e)
{
	const char *colon = strstr(text, "://");
	const char *s = colon ? colon + 3 : text, *at;
	struct str scheme = colon ? (struct str){text, (size_t)(colon - text)} : STR("http");
	bool tls = scheme.n == 5 && strncasecmp(scheme.p, "https", 5) == 0;
	struct str authority = {s, strcspn(s, "/?#")};
	struct str rest = {s + authority.n, strcspn(s + authority.n, "#")};

	if (!tls && !(scheme.n == 4 && strncasecmp(scheme.p, "http", 4) == 0))
		return refuse(e, text, "only http, https and unix are known");
	at = memrchr(authority.p, '@', authority.n);
	if (at) {
		t->user = xstrndup(authority.p, (size_t)(at - authority.p));
		authority.n -= (size_t)(at + 1 - authority.p);
		authority.p = at + 1;
	}
	if (set_host(t, authority, !colon ? 0 : tls ? 443 : 80, text, e) < 0)
		return -1;
	set_url(t, tls ? "https" : "http", str_of(t->host), rest);
	return 0;
}

int target_parse(struct target *out, const char *text, struct err *e)
{
	struct target t = {.labels = xstrdup("")};
	char *folder;
	int rc = 0;

	for (const char *s = text; rc == 0 && *s; s++) {
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			rc = refuse(e, text, "blanks and control bytes have no place in it");
	}
	if (rc == 0)
		rc = strncmp(text, "unix:/", 6) == 0 ? parse_unix(&t, text, e) : parse_url(&t, text, e);
	if (rc == 0) {
		folder = archive_folder(t.host);
		if (strlen(folder) > 255)
			rc = refuse(e, text, "the name is too long for a folder of the archive");
		free(folder);
	}
	if (rc < 0)
		target_release(&t);
	*out = t;
	return rc;
}

#define NOTES_MAX 3 /* of a list that has all its targets twice, three are enough to know */

static void note_merged(struct target_set *set, const struct target *old, const struct target *t)
{
	if (set->merged++ >= NOTES_MAX)
		return;
	if (strcmp(old->url, t->url) == 0)
		buf_addf(&set->notes, "%s is named more than once: scraped once\n", t->host);
	else
		buf_addf(&set->notes, "%s is named with different URLs: the first is used\n", t->host);
}

void targets_insert(struct target_set *set, struct target *t)
{
	uint64_t key = hash64(t->host, strlen(t->host));
	struct target *old;
	uint32_t at;

	HASH_FIND(&set->by_host, key, at, strcmp(set->t[at].host, t->host) == 0);
	if (at == HASH_NONE) {
		GROW(set->t, set->n, set->cap);
		hash_put(&set->by_host, key, (uint32_t)set->n);
		set->t[set->n++] = *t;
		return;
	}
	old = &set->t[at];
	note_merged(set, old, t);
	if (!*old->labels) {
		free(old->labels);
		old->labels = xstrdup(t->labels);
	}
	target_release(t);
}

int targets_add(struct target_set *set, const char *text, struct err *e)
{
	struct target t;

	if (target_parse(&t, text, e) < 0)
		return -1;
	targets_insert(set, &t);
	return 0;
}

int targets_add_list(struct target_set *set, const char *list, struct err *e)
{
	int rc = 0;

	for (const char *s = list; rc == 0 && *s; s += strspn(s, ", \t\n")) {
		size_t n = strcspn(s, ", \t\n");
		char *one = xstrndup(s, n);

		if (n)
			rc = targets_add(set, one, e);
		free(one);
		s += n;
	}
	return rc;
}

void targets_release(struct target_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		target_release(&set->t[i]);
	free(set->t);
	hash_release(&set->by_host);
	buf_release(&set->notes);
	*set = (struct target_set){0};
}
