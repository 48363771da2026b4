/* SPDX-License-Identifier: MIT */
/* --serve, alone or beside --scrape, of the store or of files; --hash-password. */
#include "dump_text.h"
#include "reporting.h"
#include "temp_store.h"
#include <gscrape/serve.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Are they dumps? No address is a file's name. */
static bool serves_files(const struct options *o)
{
	enum operand kind = o->operands.n && !o->scrape_too ? operand_kind(o->operands.v[0]) : OPERAND_NONE;

	return kind == OPERAND_FILE || kind == OPERAND_FOLDER;
}

/* Is it meant as a file? A host's name with a dot in it has a port then, else nobody could tell. */
static bool is_lost_file(const char *s)
{
	const char *dot = strrchr(s, '.');

	return operand_kind(s) == OPERAND_NONE && s[0] != ':' && (strchr(s, '/') || (dot && dot[1] && dot[1 + strspn(dot + 1, "0123456789")]));
}

/* Where to listen: --serve=ADDR, or without --scrape the one operand. */
static int address(const struct options *o, const char **out, struct err *e)
{
	*out = o->serve;
	if (o->scrape_too || o->operands.n == 0)
		return 0;
	if (o->serve || o->operands.n > 1)
		return fail_as(e, ERR_USAGE, "--serve takes one ADDR: '%s' is too much", o->operands.v[o->serve ? 0 : 1]);
	*out = o->operands.v[0];
	if (is_lost_file(*out))
		return strchr(*out, '/') ? fail(e, "%s: no such file or folder", *out) :
					   fail(e, "%s: no such file or folder (an address has its port: %s:8080)", *out, *out);
	return 0;
}

/* For the server: serve.h. */
static bool serving_dump(const void *ctx, const char *host, int64_t time, struct buf *out)
{
	return dump_text_of(ctx, host, time, out);
}

int run_serve(const struct options *o, struct err *e)
{
	struct serve_options s = {
		.db = o->db, .auth_file = o->auth_file, .no_auth = o->no_auth, .tls_cert = o->tls_cert, .tls_key = o->tls_key,
		.cors = o->cors, .base_path = o->base_path,
		.hosts = o->server_names.v, .n_hosts = o->server_names.n, .leak_ignore = o->leak_ignore, .saved = o->saved.v, .n_saved = o->saved.n, .quiet = o->quiet,
		.dump_text = serving_dump, .dump_ctx = o, .dumps = o->output,
		.confined = !o->scrape_too && !o->visited.n, /* files that were handed over are removed at the end */
	};
	struct scrape_options so;
	struct leak_watch *w;
	struct err why = {0};
	int rc, stopped;

	if (serves_files(o))
		return run_on_files(o, run_serve, e);
	rc = address(o, &s.address, e);
	if (rc == 0)
		rc = reporting_check(o, e);
	if (rc < 0)
		return rc;
	if (!o->scrape_too)
		return serve_run(&s, e);
	if (!has_targets(o))
		return fail_as(e, ERR_USAGE, "--scrape needs a TARGET, --targets, --targets-file, --targets-url, --targets-dns or --kubernetes");
	scrape_options(o, &so);
	so.aside = true;
	if (start_leak_watch(o, &so, &w, e) < 0)
		return -1;
	if (scrape_start(&s.scrape, &so, e) < 0) {
		leak_watch_stop(w);
		return -1;
	}
	rc = serve_run(&s, e);
	stopped = scrape_stop(s.scrape, &why);
	leak_watch_stop(w);
	if (rc == 0 && stopped < 0)
		return fail(e, "%s", why.text);
	return rc;
}

/* One line of standard input, without echo on a terminal; the prompt goes to standard error. */
static int ask_line(const char *prompt, bool secret, char *out, size_t size, struct err *e)
{
	bool terminal = isatty(STDIN_FILENO);
	struct termios was, quiet;
	char *got;

	if (terminal)
		fputs(prompt, stderr);
	secret = secret && terminal && tcgetattr(STDIN_FILENO, &was) == 0;
	if (secret) {
		quiet = was;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	got = fgets(out, (int)size, stdin);
	if (secret) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		fputc('\n', stderr);
	}
	if (!got)
		return fail(e, "standard input: no %s", secret ? "password" : "line");
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

/* The user is the operand, or the first line; the password is never an argument, since those can be seen. */
int run_hash_password(const struct options *o, struct err *e)
{
	char user[256], password[1024], again[1024];
	struct out out = {0};

	if (o->operands.n)
		snprintf(user, sizeof user, "%s", o->operands.v[0]);
	else if (ask_line("User: ", false, user, sizeof user, e) < 0)
		return -1;
	if (ask_line("Password: ", true, password, sizeof password, e) < 0)
		return -1;
	if (isatty(STDIN_FILENO)) {
		if (ask_line("Again: ", true, again, sizeof again, e) < 0)
			return -1;
		if (strcmp(password, again) != 0)
			return fail(e, "the two passwords differ");
	}
	if (serve_hash_password(user, password, &out.buf, e) < 0) {
		buf_release(&out.buf);
		return -1;
	}
	return out_close(&out, e);
}
