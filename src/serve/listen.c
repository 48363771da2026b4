/* SPDX-License-Identifier: MIT */
/* The socket to listen on: an address as people write it, or what systemd handed over. */
#include "server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SYSTEMD_FD 3
#define DEFAULT_PORT "8080"

struct address {
	char host[256]; /* "" all addresses */
	char port[8];
};

/* "host:port", "[v6]:port", ":port", "port", "host". */
static int split(const char *text, struct address *a, struct err *e)
{
	const char *colon = strrchr(text, ':'), *port = DEFAULT_PORT, *host = text;
	size_t n = strlen(text);

	if (text[0] == '[') {
		const char *end = strchr(text, ']');

		if (!end || (end[1] && end[1] != ':'))
			return fail(e, "%s: no address to serve on", text);
		host = text + 1;
		n = (size_t)(end - host);
		port = end[1] ? end + 2 : DEFAULT_PORT;
	} else if (colon && strchr(text, ':') == colon) {
		n = (size_t)(colon - text);
		port = colon + 1;
	} else if (!colon && n && !text[strspn(text, "0123456789")]) {
		host = "127.0.0.1";
		n = strlen(host);
		port = text;
	}
	if (n >= sizeof a->host || strlen(port) > 5 || !*port || port[strspn(port, "0123456789")] || atoi(port) > 65535)
		return fail(e, "%s: no address to serve on: 127.0.0.1:8080, [::1]:8080, :8080 or 8080", text);
	snprintf(a->host, sizeof a->host, "%.*s", (int)n, host);
	snprintf(a->port, sizeof a->port, "%s", port);
	return 0;
}

static bool is_loopback(const struct sockaddr_storage *sa)
{
	if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	if (sa->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
	return sa->ss_family == AF_UNIX; /* its file's mode says who may */
}

static int bind_one(const struct addrinfo *ai, bool all)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, off = 0, err;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (ai->ai_family == AF_INET6 && all)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int open_address(const struct address *a, struct err *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list, *ai;
	int fd = -1, rc, pass;

	rc = getaddrinfo(a->host[0] ? a->host : NULL, a->port, &hints, &list);
	if (rc)
		return fail(e, "%s: %s", a->host, gai_strerror(rc));
	/* All addresses: the IPv6 socket takes IPv4 too, so it comes first. */
	for (pass = 0; pass < 2 && fd < 0; pass++)
		for (ai = list; ai && fd < 0; ai = ai->ai_next)
			if (a->host[0] || (ai->ai_family == AF_INET6) == (pass == 0))
				fd = bind_one(ai, !a->host[0]);
	rc = errno;
	freeaddrinfo(list);
	return fd < 0 ? fail(e, "cannot listen on %s:%s: %s%s", a->host[0] ? a->host : "*", a->port, strerror(rc),
				   rc == EADDRINUSE ? " (another port: --serve HOST:PORT; port 0 is any that is free)" : "") : fd;
}

/* What systemd opened for us, or -1. */
static int systemd_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	if (!pid || !fds || atol(pid) != (long)getpid() || atoi(fds) < 1)
		return -1;
	fcntl(SYSTEMD_FD, F_SETFD, FD_CLOEXEC);
	fcntl(SYSTEMD_FD, F_SETFL, fcntl(SYSTEMD_FD, F_GETFL) | O_NONBLOCK);
	return SYSTEMD_FD;
}

static void name_it(struct listener *l, const struct sockaddr_storage *sa, socklen_t n, bool tls)
{
	char host[64] = "", port[8] = "";

	if (sa->ss_family == AF_UNIX) {
		snprintf(l->url, sizeof l->url, "unix:%s", ((const struct sockaddr_un *)(const void *)sa)->sun_path);
		return;
	}
	getnameinfo((const struct sockaddr *)sa, n, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(l->url, sizeof l->url, strchr(host, ':') ? "%s://[%s]:%s/" : "%s://%s:%s/", tls ? "https" : "http", host, port);
}

int listen_open(struct listener *l, const char *address, bool tls, struct err *e)
{
	struct sockaddr_storage sa = {0};
	socklen_t n = sizeof sa;
	struct address a;

	l->fd = address ? -1 : systemd_socket();
	if (l->fd < 0) {
		if (split(address ? address : SERVE_ADDRESS, &a, e) < 0)
			return -1;
		l->fd = open_address(&a, e);
		if (l->fd < 0)
			return -1;
	}
	if (getsockname(l->fd, (struct sockaddr *)&sa, &n) < 0)
		return fail(e, "the socket that systemd handed over: %s", strerror(errno));
	l->loopback = is_loopback(&sa);
	name_it(l, &sa, n, tls);
	return 0;
}
