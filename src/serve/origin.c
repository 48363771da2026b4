/* SPDX-License-Identifier: MIT */
/*
 * The Host header. A page of somebody else's can have its own name resolve to 127.0.0.1 (DNS rebinding) and read what
 * "its" server answers; but the browser then sends that name. Addresses cannot be rebound, so all of them are fine.
 */
#include "server.h"
#include <arpa/inet.h>
#include <strings.h>
#include <unistd.h>

/* The name without its port and brackets, into out. False when it is no host at all. */
static bool name_of(const char *host, char out[256])
{
	size_t n = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");
	const char *port = host + n + (host[0] == '[' && host[n]), *from = host + (host[0] == '[');

	n -= host[0] == '[';
	if (n == 0 || n > 255 || (*port && (*port != ':' || port[1 + strspn(port + 1, "0123456789")])))
		return false;
	memcpy(out, from, n);
	out[n] = 0;
	if (out[n - 1] == '.')
		out[n - 1] = 0;
	return true;
}

bool origin_host_ok(const char *host, const char *const *names, size_t n)
{
	char name[256], own[256] = "";
	unsigned char ip[16];
	size_t len;

	if (!host) /* HTTP/1.0: no browser */
		return true;
	if (!name_of(host, name))
		return false;
	if (inet_pton(AF_INET, name, ip) == 1 || inet_pton(AF_INET6, name, ip) == 1 || strcasecmp(name, "localhost") == 0)
		return true;
	len = strlen(name);
	if (len > 10 && strcasecmp(name + len - 10, ".localhost") == 0)
		return true;
	if (gethostname(own, sizeof own - 1) == 0 && own[0] && strcasecmp(name, own) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}
