/* SPDX-License-Identifier: MIT */
#include "advice.h"
#include <stddef.h>
#include <string.h>

/* The first that fits counts. */
static const struct {
	const char *why, *advice;
} rows[] = {
	{"HTTP 401", "it wants a name and a password: --user NAME:PASSWORD, or --header"},
	{"HTTP 403", "is this address allowed to ask? --user, --header and --cert say who asks"},
	{"HTTP 404", "is net/http/pprof registered on the mux that listens there?"},
	{"points to", "a proxy or a login page answers: name the address that it points to"},
	{"HTTP 5", "the service or a proxy before it is in trouble: ask it by hand"},
	{"HTTP", "is this the port of net/http/pprof, and the path /debug/pprof/goroutine?"},
	{"HTML", "a page answers, not pprof: is this the right port and path?"},
	{"not a goroutine dump", "is this the port of net/http/pprof, and the path /debug/pprof/goroutine?"},
	{"timed out", "is it reachable from here? a large dump may need a longer --timeout"},
	{"resolve", "is the name spelled right, and known to this machine?"},
	{"refused", "is it running, and is this the port on which it serves pprof?"},
	{"connect", "is it running, and does the way there lead through a firewall?"},
	{"route", "is the machine up, and does the way there lead through a firewall?"},
	{"certificate", "--cacert names who vouches for it, --insecure asks nobody"},
	{"SSL", "does it speak TLS there? http:// asks without"},
};

const char *advice_for(const char *why)
{
	for (size_t i = 0; why && i < sizeof rows / sizeof *rows; i++)
		if (strstr(why, rows[i].why))
			return rows[i].advice;
	return "";
}
