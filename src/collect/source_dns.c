/* SPDX-License-Identifier: MIT */
/*
 * --targets-dns: names that have many addresses, or service records. "name:port" is asked for A and AAAA, and each address is a target;
 * "_port._tcp.name" for SRV, and each record's host is one. The addresses that were answered are what is asked for dumps, so that a
 * resolver of one's own (--resolver) is enough.
 */
#include "collect/source.h"
#include <gscrape/target_labels.h>
#include <gscrape/timefmt.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef HAVE_CARES
#define CARES_NO_DEPRECATED /* newer versions have newer names for what every version has */
#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>

#define TRY_MS 2000
#define TRIES 3
#define LOOK_MS 100 /* how often a question looks whether it is to end */

struct dns {
	ares_channel channel;
	char **names; /* as given */
	size_t n, cap;
	atomic_bool stop;
	bool library;
};

/* One question on its way. */
struct question {
	bool over;
	int status;
	struct ares_addrinfo *found;
	struct ares_srv_reply *services;
};

static void took_addresses(void *ctx, int status, int timeouts, struct ares_addrinfo *found)
{
	struct question *q = ctx;

	(void)timeouts;
	q->over = true;
	q->status = status;
	q->found = found;
}

static void took_services(void *ctx, int status, int timeouts, unsigned char *answer, int n)
{
	struct question *q = ctx;

	(void)timeouts;
	q->over = true;
	q->status = status == ARES_SUCCESS ? ares_parse_srv_reply(answer, n, &q->services) : status;
}

/* Until it is answered, or no more wanted. */
static void wait_for(struct dns *d, struct question *q)
{
	while (!q->over && !atomic_load(&d->stop)) {
		ares_socket_t fds[ARES_GETSOCK_MAXNUM];
		/* Who reads, and above that who writes; c-ares' own macros shift a 1 into the sign. */
		unsigned bits = (unsigned)ares_getsock(d->channel, fds, ARES_GETSOCK_MAXNUM);
		int n = 0;
		struct pollfd p[ARES_GETSOCK_MAXNUM];

		for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
			short events = (short)((bits >> i & 1 ? POLLIN : 0) | (bits >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));

			if (events)
				p[n++] = (struct pollfd){.fd = fds[i], .events = events};
		}
		poll(p, (nfds_t)n, LOOK_MS);
		for (int i = 0; i < n; i++)
			ares_process_fd(d->channel, p[i].revents & (POLLIN | POLLERR | POLLHUP) ? p[i].fd : ARES_SOCKET_BAD,
					p[i].revents & POLLOUT ? p[i].fd : ARES_SOCKET_BAD);
		ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what was too slow is asked again */
	}
	if (!q->over)
		ares_cancel(d->channel); /* which ends the question */
}

/* There is nothing of the name: while running that is an answer (a service without pods), at the start a slip of the pen. */
static int judge(const char *name, int status, bool patient, struct err *e)
{
	bool none = status == ARES_ENOTFOUND || status == ARES_ENODATA;

	if (status == ARES_SUCCESS || (none && patient))
		return 0;
	return fail(e, "--targets-dns %s: %s", name, none ? "no such name, or nothing of it" : ares_strerror(status));
}

/* --- targets --- */

static bool format_address(const struct ares_addrinfo_node *node, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	bool v6 = node->ai_family == AF_INET6;
	const void *at = v6 ? (const void *)&((const struct sockaddr_in6 *)(const void *)node->ai_addr)->sin6_addr
			    : (const void *)&((const struct sockaddr_in *)(const void *)node->ai_addr)->sin_addr;

	if ((!v6 && node->ai_family != AF_INET) || !inet_ntop(node->ai_family, at, text, sizeof text))
		return false;
	snprintf(out, size, v6 ? "[%s]" : "%s", text);
	return true;
}

/* A name that was asked for, and the host of a service record behind it or NULL. */
struct origin {
	const char *name, *service;
	int port;
};

static int add(struct target_set *set, const struct origin *from, const char *address, bool alone, struct err *e)
{
	char *url = xasprintf("http://%s:%d", address, from->port);
	struct buf labels = {0};
	struct target t;
	int rc = target_parse(&t, url, e);

	free(url);
	if (rc < 0)
		return -1;
	free(t.labels);
	target_label_add(&labels, "dns", str_of(from->name));
	if (from->service)
		target_label_add(&labels, "srv", str_of(from->service));
	t.labels = labels.p;
	if (from->service && alone) {
		free(t.host);
		t.host = xasprintf("%s:%d", from->service, from->port);
	}
	targets_insert(set, &t);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All addresses of a host, in an order of their own: servers turn theirs with each answer. */
static int add_addresses(struct dns *d, const char *host, const struct origin *from, bool patient, struct target_set *set, struct err *e)
{
	struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	char (*texts)[INET6_ADDRSTRLEN + 2] = NULL;
	size_t n = 0, cap = 0;
	struct question q = {0};
	int rc;

	ares_getaddrinfo(d->channel, host, NULL, &hints, took_addresses, &q);
	wait_for(d, &q);
	rc = judge(host, q.status, patient, e);
	for (const struct ares_addrinfo_node *a = q.found && !rc ? q.found->nodes : NULL; a; a = a->ai_next) {
		GROW(texts, n, cap);
		n += format_address(a, texts[n], sizeof texts[n]);
	}
	if (n)
		qsort(texts, n, sizeof *texts, by_text);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
			rc = add(set, from, texts[i], n == 1, e);
	free(texts);
	if (q.found)
		ares_freeaddrinfo(q.found);
	return rc;
}

static int add_services(struct dns *d, const char *name, bool patient, struct target_set *set, struct err *e)
{
	struct question q = {0};
	int rc;

	ares_search(d->channel, name, ns_c_in, ns_t_srv, took_services, &q);
	wait_for(d, &q);
	rc = judge(name, q.status, patient, e);
	for (const struct ares_srv_reply *s = q.services; rc == 0 && s; s = s->next) {
		size_t n = strlen(s->host);
		char *host = xstrndup(s->host, n && s->host[n - 1] == '.' ? n - 1 : n);

		if (*host && s->port) /* "." says that there is none */
			rc = add_addresses(d, host, &(struct origin){name, host, s->port}, true, set, e);
		free(host);
	}
	if (q.services)
		ares_free_data(q.services);
	return rc;
}

static int dns_ask(void *self, struct source *s, bool patient, struct err *e)
{
	struct dns *d = self;
	struct target_set set = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < d->n; i++) {
		const char *name = d->names[i], *colon = strrchr(name, ':');
		char *host = xstrndup(name, colon ? (size_t)(colon - name) : strlen(name));

		rc = *name == '_' ? add_services(d, name, patient, &set, e)
				  : add_addresses(d, host, &(struct origin){host, NULL, atoi(colon + 1)}, patient, &set, e);
		free(host);
	}
	if (rc == 0)
		rc = source_found(s, &set, e);
	targets_release(&set);
	return rc;
}

/* --- what was asked for --- */

static int take_name(struct dns *d, const char *name, struct err *e)
{
	char *as_target;
	struct err why = {0};
	struct target t;
	int rc;

	if (strpbrk(name, "/[?@") || (*name == '_' && strchr(name, ':')))
		return fail_as(e, ERR_USAGE, "--targets-dns: '%.100s' is neither name:port nor _service._tcp.name", name);
	as_target = xasprintf(*name == '_' ? "%s:1" : "%s", name);
	rc = target_parse(&t, as_target, &why);
	target_release(&t);
	free(as_target);
	if (rc < 0)
		return fail_as(e, ERR_USAGE, "--targets-dns: %s", why.text);
	GROW(d->names, d->n, d->cap);
	d->names[d->n++] = xstrdup(name);
	return 0;
}

static int take_names(struct dns *d, const char *list, struct err *e)
{
	int rc = 0;

	for (const char *s = list; rc == 0 && *s; s += strspn(s, ", \t\n")) {
		size_t n = strcspn(s, ", \t\n");
		char *one = xstrndup(s, n);

		if (n)
			rc = take_name(d, one, e);
		free(one);
		s += n;
	}
	return rc;
}

static int open_channel(struct dns *d, const char *resolver, struct err *e)
{
	char dns_alone[] = "b"; /* a server of one's own is asked, not this machine's files */
	struct ares_options o = {.timeout = TRY_MS, .tries = TRIES, .lookups = dns_alone};
	int rc = ares_library_init(ARES_LIB_INIT_ALL);

	d->library = rc == ARES_SUCCESS;
	if (rc == ARES_SUCCESS)
		rc = ares_init_options(&d->channel, &o, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | (resolver ? ARES_OPT_LOOKUPS : 0));
	if (rc != ARES_SUCCESS)
		return fail(e, "--targets-dns: c-ares cannot start: %s", ares_strerror(rc));
	if (resolver && (!*resolver || ares_set_servers_ports_csv(d->channel, resolver) != ARES_SUCCESS))
		return fail_as(e, ERR_USAGE, "--resolver: '%s' is no address of a name server (192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:53)", resolver);
	return 0;
}

static int dns_open(void **self, const struct scrape_options *o, struct err *e)
{
	struct dns *d;

	*self = NULL;
	if (!o->targets_dns)
		return 0;
	*self = d = xcalloc(1, sizeof *d);
	return take_names(d, o->targets_dns, e) < 0 ? -1 : open_channel(d, o->resolver, e);
}

static void dns_stop(void *self)
{
	atomic_store(&((struct dns *)self)->stop, true);
}

static void dns_close(void *self)
{
	struct dns *d = self;

	if (d->channel)
		ares_destroy(d->channel);
	if (d->library)
		ares_library_cleanup();
	for (size_t i = 0; i < d->n; i++)
		free(d->names[i]);
	free(d->names);
	free(d);
}

void dns_made_with(struct buf *out)
{
	buf_addf(out, ", c-ares %s", ares_version(NULL));
}

const struct source_ops source_dns = {.open = dns_open, .ask = dns_ask, .stop = dns_stop, .close = dns_close};

#else

static int dns_open(void **self, const struct scrape_options *o, struct err *e)
{
	*self = NULL;
	return o->targets_dns ? fail(e, "--targets-dns: this program was built without c-ares and asks for no names") : 0;
}

void dns_made_with(struct buf *out)
{
	(void)out;
}

const struct source_ops source_dns = {.open = dns_open};

#endif
