/* SPDX-License-Identifier: MIT */
/*
 * --kubernetes: pods, by the API server's list and watch.
 *
 * A list, taken in pages, tells what there is at a version; a watch from that version tells what changes, and where we are
 * (bookmarks), so that it can be begun again there. A version that is too old is told in two ways: by status 410, or by an event with
 * that code in a watch that began well. Then all is listed anew. What is known stays as it is until a new list is whole.
 */
#include "collect/kube.h"
#include "collect/source.h"
#include <gscrape/timefmt.h>
#include <stdlib.h>

#define PAGE 500
#define TIMEOUT_MS 30000
#define WATCH_S 300            /* so long a watch is asked to last, and up to half as much more */
#define WATCHED_MS 5000        /* one that lasted so long had a server: that it ended is no news */
#define MAX_EVENT ((size_t)8 << 20)
#define PUBLISH_MS 1000        /* at most once in so long */
#define GONE 410

struct pod {
	char *name; /* "pod/namespace" */
	struct target t;
};

struct pods {
	struct pod *a;
	size_t n, cap;
	struct hash by_name;
	size_t all; /* that were listed, those that are no targets included */
};

struct kube {
	const struct scrape_options *o;
	struct kube_place place;
	const char *address[1];
	struct http *http;
	struct buf base;    /* "/api/v1/namespaces/NS/pods?labelSelector=…" */
	struct buf answer;
	struct pods pods;
	char *version;      /* where the next watch begins; NULL: a list is due */

	/* a watch */
	struct source *s;
	struct buf line;
	bool changed, took, gone;
	unsigned gone_in_a_row; /* watches that could not begin where the list ended */
	int64_t published;
	struct err trouble;
};

/* --- the pods --- */

static void pods_release(struct pods *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->a[i].name);
		target_release(&p->a[i].t);
	}
	free(p->a);
	hash_release(&p->by_name);
	*p = (struct pods){0};
}

static uint64_t key_of(const char *name)
{
	return hash64(name, strlen(name));
}

static uint32_t pods_find(const struct pods *p, const char *name)
{
	uint32_t at;

	HASH_FIND(&p->by_name, key_of(name), at, strcmp(p->a[at].name, name) == 0);
	return at;
}

static bool pods_drop(struct pods *p, const char *name)
{
	uint32_t at = pods_find(p, name), last = (uint32_t)p->n - 1;

	if (at == HASH_NONE)
		return false;
	hash_drop(&p->by_name, key_of(name), at);
	free(p->a[at].name);
	target_release(&p->a[at].t);
	if (at != last) {
		hash_drop(&p->by_name, key_of(p->a[last].name), last);
		p->a[at] = p->a[last];
		hash_put(&p->by_name, key_of(p->a[at].name), at);
	}
	p->n--;
	return true;
}

/* Takes the target over. True when something changed. */
static bool pods_set(struct pods *p, const char *name, struct target *t)
{
	uint32_t at = pods_find(p, name);

	if (at == HASH_NONE) {
		GROW(p->a, p->n, p->cap);
		hash_put(&p->by_name, key_of(name), (uint32_t)p->n);
		p->a[p->n++] = (struct pod){xstrdup(name), *t};
		return true;
	}
	if (target_same(&p->a[at].t, t) && strcmp(p->a[at].t.labels, t->labels) == 0) {
		target_release(t);
		return false;
	}
	target_release(&p->a[at].t);
	p->a[at].t = *t;
	return true;
}

static const char *meta(const struct json *v, const char *key)
{
	const struct json *m = v ? json_get(v, "metadata") : NULL;

	m = m ? json_get(m, key) : NULL;
	return m ? json_str(m) : NULL;
}

/* A pod as it is now. True when a target came, changed or went. */
static bool take_pod(struct kube *k, struct pods *to, const struct json *pod, bool deleted)
{
	const char *name = meta(pod, "name"), *ns = meta(pod, "namespace");
	struct err why = {0};
	struct target t;
	char *full;
	bool changed;
	int rc;

	if (!name || !ns)
		return false;
	full = xasprintf("%s/%s", name, ns);
	rc = deleted ? 0 : kube_pod_target(pod, &k->o->kubernetes, &k->place, &t, &why);
	changed = rc == 1 ? pods_set(to, full, &t) : pods_drop(to, full);
	if (rc < 0 && (changed || to != &k->pods))
		source_say(k->s, "%s", why.text); /* once: not at each later change of the same pod */
	free(full);
	return changed;
}

static int publish(struct kube *k, struct err *e)
{
	struct target_set set = {0};
	int rc;

	for (size_t i = 0; i < k->pods.n; i++) {
		struct target t = target_copy(&k->pods.a[i].t);

		targets_insert(&set, &t);
	}
	k->changed = false;
	k->published = monotonic_ms();
	rc = source_found(k->s, &set, e);
	targets_release(&set);
	return rc;
}

/* --- what the server says --- */

static void set_version(struct kube *k, const char *version)
{
	if (!version || !*version)
		return;
	free(k->version);
	k->version = xstrdup(version);
}

static void forget_version(struct kube *k)
{
	free(k->version);
	k->version = NULL;
}

/* An answer with an error: what the API server says of it, and what to do. */
static int refused(const struct kube *k, int status, struct err *e)
{
	struct json *v = json_parse(k->answer.p ? k->answer.p : "", k->answer.n, NULL);
	const struct json *m = v && json_is_obj(v) ? json_get(v, "message") : NULL;

	fail(e, "%s: HTTP %d%s%.300s%s", k->place.server, status, m && json_str(m) ? ": " : "", m && json_str(m) ? json_str(m) : "",
	     status == 401   ? " (the token or certificate is not accepted, or there is none)"
	     : status == 403 ? " (a role that may list and watch pods: contrib/kubernetes)"
	     : m	     ? ""
			     : ": is this the address of an API server?");
	json_free(v);
	return -1;
}

static int ask(struct kube *k, const char *path, struct err *e)
{
	struct http_request r = {.path = path, .get = true};

	return http_ask(k->http, &r, &k->answer, e);
}

/* --- list --- */

/* One page. *more: where the next one begins, or NULL. */
static int take_page(struct kube *k, struct pods *to, char **more, struct err *e)
{
	struct err why = {0};
	struct json *v = json_parse(k->answer.p ? k->answer.p : "", k->answer.n, &why);
	const struct json *items = v && json_is_obj(v) ? json_get(v, "items") : NULL;
	const char *next = meta(v, "continue");

	if (!items || !json_is_arr(items) || !meta(v, "resourceVersion")) {
		json_free(v);
		return fail(e, "%s: the answer is no list of pods%s%s", k->place.server, why.text[0] ? ": " : "", why.text);
	}
	for (const struct json *p = json_first(items); p; p = json_next(p), to->all++)
		take_pod(k, to, p, false);
	set_version(k, meta(v, "resourceVersion"));
	*more = next && *next ? xstrdup(next) : NULL;
	json_free(v);
	return to->all > 2 * SOURCE_MAX_TARGETS ? fail(e, "%s: lists more than %d pods", k->place.server, 2 * SOURCE_MAX_TARGETS) : 0;
}

/* 0 all of it, GONE when it became too old on the way, or -1. */
static int list_pages(struct kube *k, struct pods *to, struct err *e)
{
	char *more = NULL;

	do {
		struct buf path = {0};
		int status, rc = 0;

		buf_addf(&path, "%s&limit=%d", k->base.p, PAGE);
		if (more) {
			buf_adds(&path, "&continue=");
			http_add_escaped(&path, more);
		}
		free(more);
		more = NULL;
		status = ask(k, path.p, e);
		buf_release(&path);
		if (status == 200)
			rc = take_page(k, to, &more, e);
		else if (status >= 0 && status != GONE)
			rc = refused(k, status, e);
		if (status < 0 || rc < 0)
			return -1;
		if (status == GONE)
			return GONE;
	} while (more);
	return 0;
}

static void tell_of_list(struct kube *k)
{
	const struct kubernetes_options *o = &k->o->kubernetes;
	const char *ns = o->ns ? o->ns : k->place.ns;

	if (!k->pods.all)
		source_say(k->s, "no pod %s%s%s%s", strcmp(ns, "*") == 0 ? "in any namespace" : "in namespace ", strcmp(ns, "*") == 0 ? "" : ns,
			   o->selector ? " passes " : "", o->selector ? o->selector : "");
	else if (!k->pods.n)
		source_say(k->s, "none of %zu pods runs and has %s%s (--port, or the annotation gscrape.io/port)", k->pods.all,
			   o->port ? "port " : "a port called ", o->port ? o->port : "pprof");
}

static int list(struct kube *k, struct err *e)
{
	struct pods fresh = {0};
	int rc = list_pages(k, &fresh, e);

	if (rc == GONE) {
		pods_release(&fresh);
		rc = list_pages(k, &fresh, e); /* anew, from its first page */
	}
	buf_release(&k->answer); /* pages are large */
	if (rc) {
		pods_release(&fresh);
		forget_version(k);
		return rc < 0 ? -1 : fail(e, "%s: each list of pods is too old before it ends", k->place.server);
	}
	pods_release(&k->pods);
	k->pods = fresh;
	tell_of_list(k);
	return publish(k, e);
}

/* --- watch --- */

static bool error_event(struct kube *k, const struct json *status)
{
	const struct json *code = status ? json_get(status, "code") : NULL, *m = status ? json_get(status, "message") : NULL;
	int64_t n = 0;

	k->gone = code && json_int(code, &n) && n == GONE;
	if (!k->gone)
		fail(&k->trouble, "%s: the watch failed: %.300s", k->place.server, m && json_str(m) ? json_str(m) : "it does not say why");
	return false;
}

/* False: the watch is over. */
static bool take_event(struct kube *k, struct str text)
{
	struct err why = {0};
	struct json *v = json_parse(text.p, text.n, &why);
	const struct json *type = v && json_is_obj(v) ? json_get(v, "type") : NULL, *object = type ? json_get(v, "object") : NULL;
	const char *kind = type ? json_str(type) : NULL;
	bool go_on = true;

	if (!kind || !object) {
		fail(&k->trouble, "%s: a line of the watch is no event%s%s", k->place.server, why.text[0] ? ": " : "", why.text);
		go_on = false;
	} else if (strcmp(kind, "ERROR") == 0) {
		go_on = error_event(k, object);
	} else {
		if (strcmp(kind, "BOOKMARK") != 0)
			k->changed |= take_pod(k, &k->pods, object, strcmp(kind, "DELETED") == 0);
		set_version(k, meta(object, "resourceVersion"));
		k->took = true;
	}
	json_free(v);
	return go_on;
}

static bool take_watched(void *ctx, const char *p, size_t n)
{
	struct kube *k = ctx;
	size_t done = 0;
	const char *end;

	buf_add(&k->line, p, n);
	while ((end = memchr(k->line.p + done, '\n', k->line.n - done))) {
		struct str line = {k->line.p + done, (size_t)(end - k->line.p) - done};

		done += line.n + 1;
		if (line.n && !take_event(k, line))
			return false;
	}
	memmove(k->line.p, k->line.p + done, k->line.n - done);
	k->line.n -= done;
	if (k->line.n <= MAX_EVENT)
		return true;
	fail(&k->trouble, "%s: an event of the watch is longer than %zu MiB", k->place.server, MAX_EVENT >> 20);
	return false;
}

static void rest(void *ctx)
{
	struct kube *k = ctx;

	if (k->changed && monotonic_ms() - k->published >= PUBLISH_MS && publish(k, &k->trouble) < 0)
		k->changed = false;
}

/* The version was too old at once, though the list had just given it: once that may be, not again and again. */
static int too_old(struct kube *k, struct err *e)
{
	forget_version(k);
	k->gone_in_a_row = k->took ? 0 : k->gone_in_a_row + 1;
	if (k->gone_in_a_row < 3)
		return 0;
	return fail(e, "%s: what it lists is too old to be watched, each time", k->place.server);
}

static int after_watch(struct kube *k, int status, int64_t lasted, struct err *e)
{
	if (k->changed && publish(k, e) < 0)
		return -1;
	if (k->gone || status == GONE)
		return too_old(k, e);
	k->gone_in_a_row = 0;
	if (k->trouble.text[0]) {
		forget_version(k); /* whatever it was, a list clears it up */
		return fail(e, "%s", k->trouble.text);
	}
	if (status < 0)
		return k->took || lasted > WATCHED_MS ? 0 : -1; /* it is begun again where it broke off */
	return status == 200 ? 0 : refused(k, status, e);
}

static int watch(struct kube *k, struct err *e)
{
	int64_t began = monotonic_ms();
	int seconds = WATCH_S + (int)(hash64(&began, sizeof began) % (WATCH_S / 2));
	struct http_request r = {.get = true, .timeout = (seconds + 30) * 1000L, .take = take_watched, .rest = rest, .ctx = k};
	struct buf path = {0};
	int status;

	buf_addf(&path, "%s&watch=1&allowWatchBookmarks=true&timeoutSeconds=%d&resourceVersion=", k->base.p, seconds);
	http_add_escaped(&path, k->version);
	r.path = path.p;
	buf_reset(&k->line);
	k->took = k->gone = false;
	k->trouble = (struct err){0};
	status = http_ask(k->http, &r, &k->answer, e);
	buf_release(&path);
	return after_watch(k, status, monotonic_ms() - began, e);
}

/* --- the source --- */

static void kube_close(void *self)
{
	struct kube *k = self;

	http_close(k->http);
	pods_release(&k->pods);
	forget_version(k);
	buf_release(&k->base);
	buf_release(&k->answer);
	buf_release(&k->line);
	kube_place_release(&k->place);
	free(k);
}

static int check_port(const char *port, struct err *e)
{
	bool number = port && *port && strspn(port, "0123456789") == strlen(port);

	if (port && (!*port || (number && (strlen(port) > 5 || atoi(port) < 1 || atoi(port) > 65535))))
		return fail_as(e, ERR_USAGE, "--port: '%s' is neither a port (1 to 65535) nor the name of one", port);
	return 0;
}

static void set_base(struct kube *k)
{
	const struct kubernetes_options *o = &k->o->kubernetes;
	const char *ns = o->ns ? o->ns : k->place.ns;

	buf_addf(&k->base, "%s/api/v1/", k->place.prefix);
	if (strcmp(ns, "*") != 0) {
		buf_adds(&k->base, "namespaces/");
		http_add_escaped(&k->base, ns);
		buf_putc(&k->base, '/');
	}
	buf_adds(&k->base, "pods?labelSelector=");
	http_add_escaped(&k->base, o->selector ? o->selector : "");
}

static int kube_open(void **self, const struct scrape_options *o, struct err *e)
{
	struct kube *k;

	*self = NULL;
	if (!o->kubernetes.api)
		return 0;
	*self = k = xcalloc(1, sizeof *k);
	k->o = o;
	if (check_port(o->kubernetes.port, e) < 0 || kube_place_find(&k->place, &o->kubernetes, e) < 0)
		return -1;
	k->address[0] = k->place.server;
	set_base(k);
	return http_open(&k->http,
			 &(struct http_options){.addresses = k->address, .n_addresses = 1, .access = k->place.access, .timeout = TIMEOUT_MS,
						.connect_timeout = TIMEOUT_MS, .max_body = SOURCE_MAX_BODY}, e);
}

static int kube_ask(void *self, struct source *s, bool patient, struct err *e)
{
	struct kube *k = self;

	k->s = s;
	if (!k->version || !patient)
		return list(k, e);
	return watch(k, e);
}

static void kube_stop(void *self)
{
	struct kube *k = self;

	if (k->http)
		http_stop(k->http);
}

const struct source_ops source_kube = {.open = kube_open, .ask = kube_ask, .stop = kube_stop, .close = kube_close, .watches = true};
