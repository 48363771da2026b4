/* SPDX-License-Identifier: MIT */
/*
 * serve.h: the browser fallback: gscrape's JSON API, ours under /api/v1, /metrics, and a web page, over HTTP or HTTPS.
 *
 * Everything is read-only: no request changes anything. Nobody who should not read the dumps can: loopback unless told,
 * other addresses need a password file or an explicit word, the Host header is checked, no other origin may read answers.
 */
#ifndef GSCRAPE_SERVE_H
#define GSCRAPE_SERVE_H

#include <gscrape/collect.h>
#include <gscrape/err.h>

#define SERVE_ADDRESS "127.0.0.1:8080" /* unless told */

/* Zero is "not given" for all but db. */
struct serve_options {
	const char *db;
	/* "127.0.0.1:8080", "[::1]:8080", "8080" (loopback), ":8080" (all addresses), a host name. Port 0: any free one.
	 * NULL: what systemd handed over (LISTEN_FDS), else SERVE_ADDRESS. */
	const char *address;
	const char *auth_file;     /* lines "user:hash" as serve_hash_password writes them; read again when it changes */
	bool no_auth;              /* everybody may ask, whatever the address */
	const char *tls_cert;      /* PEM files: both or none */
	const char *tls_key;
	const char *cors;          /* this origin may read answers: "https://grafana.example:3000" */
	const char *base_path;     /* "/gs": all is below it, too, for a proxy that leaves it; NULL: none */
	const char *const *hosts;  /* further names under which the server may be asked for (Host header), without a port */
	size_t n_hosts;
	const char *const *saved;  /* "NAME: filter" each, for @NAME in `where` */
	size_t n_saved;
	struct scrape *scrape;     /* the scraper of this process, for /metrics; NULL: none */
	const char *leak_ignore;   /* leak_ignore_open's file; read for each answer. NULL: none */
	/* The text of a host's dump of this time, where it still is, into out: arguments are not in the store. Several threads ask. False:
	 * it is not there. NULL: nobody can give it. */
	bool (*dump_text)(const void *ctx, const char *host, int64_t time, struct buf *out);
	const void *dump_ctx;
	const char *dumps;         /* the folder that it reads; NULL: none */
	bool quiet;                /* do not print where it listens */
	bool confined;             /* the process does nothing else from now on, and may do nothing else (confine.h) */
};

/*
 * Serve until SIGTERM or SIGINT: then no new connection is taken, what is being answered is finished (at most 5 s), and 0
 * is returned. With a scraper, SIGHUP has it read its targets again. Prints one line on standard output when it listens,
 * "http://127.0.0.1:8080/". Options are copied or not looked at after that. -1 with a sentence when it cannot start: no
 * store, a port in use, a certificate that cannot be read, an address that others reach without --auth-file or --no-auth.
 */
int serve_run(const struct serve_options *o, struct err *e);

void serve_made_with(struct buf *out); /* "libmicrohttpd 0.9.75, https too" */

/* --hash-password: a line for the auth file, "user:hash\n", appended to out. The hash is crypt(3)'s yescrypt. */
int serve_hash_password(const char *user, const char *password, struct buf *out, struct err *e);

#endif
