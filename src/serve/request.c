/* SPDX-License-Identifier: MIT */
/*
 * One request. libmicrohttpd calls request_begin with the first line, request_access when the header is there (and
 * again when a suspended connection is resumed), request_end when the last byte is sent or the client has gone.
 */
#include "server.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define HEADER_TIME 15000  /* ms for a request's header */
#define IDLE_TIME 60000    /* ms between two requests of a connection */

/* The path behind --base-path; a proxy may have taken that off already. */
static char *behind_base(const struct request *r, char *path)
{
	const char *base = r->server->o.base_path;
	size_t n = base ? strlen(base) : 0;

	return n && strncmp(path, base, n) == 0 && path[n] == '/' ? path + n : path;
}

/* The page's addresses are relative, so it has to be looked at as a folder. */
static bool sent_on(struct request *r)
{
	const char *base = r->server->o.base_path;

	if (!base || strcmp(r->path, base) != 0)
		return false;
	r->note[0] = "Location";
	r->note[1] = pool_printf(&r->pool, "%s/%s%s", base, *r->query ? "?" : "", r->query);
	reply_error(r, MHD_HTTP_PERMANENT_REDIRECT, "it is there with a slash at the end");
	return true;
}

void *request_begin(void *server, const char *uri, struct MHD_Connection *c)
{
	struct request *r = xcalloc(1, sizeof *r);
	size_t path = strcspn(uri, "?");

	r->server = server;
	r->connection = c;
	r->path = behind_base(r, pool_strndup(&r->pool, uri, path));
	r->query = pool_strndup(&r->pool, uri + path + (uri[path] == '?'), strlen(uri + path) - (uri[path] == '?'));
	r->j.out = &r->out;
	r->status = MHD_HTTP_OK;
	atomic_fetch_add(&r->server->active, 1);
	ticker_allow(r, HEADER_TIME, false);
	return r;
}

void request_end(void *server, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode why)
{
	struct server *s = server;
	struct request *r = *request;

	(void)c;
	(void)why;
	if (!r)
		return;
	if (r->stream)
		events_gone(s->events, r);
	else
		atomic_fetch_sub(&s->active, 1);
	ticker_allow(r, IDLE_TIME, true);
	atomic_fetch_sub(&s->held, r->held);
	buf_release(&r->out);
	filter_close(r->where);
	pool_release(&r->pool);
	free(r);
	*request = NULL;
}

static bool is_read(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static const char *header(struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* Does the client take gzip: named, and not with q=0. */
static bool takes_gzip(const char *accept)
{
	const char *at = accept ? strstr(accept, "gzip") : NULL;
	size_t n;

	if (!at)
		return false;
	at += 4;
	n = strcspn(at, ",");
	at = memmem(at, n, "q=0", 3);
	return !at || (at[3] == '.' && strspn(at + 4, "0") != strcspn(at + 4, ",; "));
}

/* fn(auth, user, password) of the request; 0 when it names nobody. */
static int with_password(struct request *r, int (*fn)(struct auth *a, const char *user, const char *password))
{
	char *password = NULL, *user = MHD_basic_auth_get_username_password(r->connection, &password);
	int rc = user && password ? fn(r->server->auth, user, password) : 0;

	MHD_free(user);
	MHD_free(password);
	return rc;
}

static int is_named(struct auth *a, const char *user, const char *password)
{
	return auth_known(a, user, password) ? 1 : -1;
}

/* False when the answer (a refusal) is in r already. */
static bool check_login(struct request *r)
{
	int known;

	if (!r->server->auth || (r->route && r->route->flags & ROUTE_OPEN))
		return true;
	known = with_password(r, is_named);
	r->check_password = known < 0;
	if (!known)
		reply_error(r, MHD_HTTP_UNAUTHORIZED, "who are you? This server wants a user and a password");
	return known;
}

struct counts {
	int host, length, encoding;
};

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct counts *n = ctx;

	(void)kind;
	(void)value;
	n->host += strcasecmp(name, "Host") == 0;
	n->length += strcasecmp(name, "Content-Length") == 0;
	n->encoding += strcasecmp(name, "Transfer-Encoding") == 0;
	return MHD_YES;
}

/* What a proxy in front of us may read in another way than we do: then one request could be hidden in another. */
static bool is_ambiguous(struct request *r)
{
	struct counts n = {0};

	MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count_header, &n);
	return n.host > 1 || n.length > 1 || n.encoding > 1 || (n.length && n.encoding);
}

static int check(struct request *r, const char *method)
{
	const struct serve_options *o = &r->server->o;
	struct params_wanted wanted;
	struct err e = {0};

	r->head = strcmp(method, "HEAD") == 0;
	if (is_ambiguous(r)) {
		r->last = true;
		reply_error(r, MHD_HTTP_BAD_REQUEST, "two Host headers, or two lengths: nobody knows what is meant");
		return 0;
	}
	r->gzip_ok = takes_gzip(header(r, "Accept-Encoding"));
	r->open_metrics = header(r, "Accept") && strstr(header(r, "Accept"), "application/openmetrics-text");
	if (!origin_host_ok(header(r, "Host"), o->hosts, o->n_hosts)) {
		reply_error(r, MHD_HTTP_MISDIRECTED_REQUEST, "this server is not known under that name (--server-name)");
		return 0;
	}
	if (strcmp(method, "OPTIONS") == 0) {
		reply_options(r);
		return 0;
	}
	if (!is_read(method)) {
		r->note[0] = "Allow";
		r->note[1] = "GET, HEAD, OPTIONS";
		reply_error(r, MHD_HTTP_METHOD_NOT_ALLOWED, "nothing can be changed here: GET and HEAD only");
		return 0;
	}
	r->route = route_find(r->path);
	if (!check_login(r) || sent_on(r))
		return 0;
	if (!r->route) { /* told without a password: the routes are no secret */
		reply_error(r, MHD_HTTP_NOT_FOUND, "no such route: /api/v1/openapi.json lists what there is");
		return 0;
	}
	wanted = (struct params_wanted){r->route->params, r->route->flags & ROUTE_LOOSE, now_ms()};
	if (params_parse(&wanted, str_of(r->query), &r->pool, r->params, &e) < 0) {
		reply_error(r, strlen(r->query) > QUERY_MAX ? MHD_HTTP_URI_TOO_LONG : MHD_HTTP_BAD_REQUEST, e.text);
		return 0;
	}
	return 1;
}

enum MHD_Result request_access(void *server, struct MHD_Connection *c, const char *url, const char *method,
			       const char *version, const char *upload, size_t *upload_size, void **request)
{
	struct server *s = server;
	struct request *r = *request;

	(void)url;
	(void)version;
	(void)upload;
	if (*upload_size) { /* nobody asked for a body */
		*upload_size = 0;
		return MHD_YES;
	}
	if (r->state == REQUEST_NEW && (is_read(method) || strcmp(method, "OPTIONS") == 0)) {
		r->state = REQUEST_READ; /* an answer before the next call would cost the connection */
		return MHD_YES;
	}
	if (r->state < REQUEST_WAITS) {
		ticker_allow(r, 0, false);
		r->state = REQUEST_READY;
		if (check(r, method)) {
			if (r->route->flags & ROUTE_QUICK && !r->check_password) {
				request_run(r);
			} else if (answers_push(s, r)) {
				return MHD_YES;
			} else {
				reply_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "too many questions at a time: ask again in a second");
			}
		}
	}
	(void)c;
	if (!r->stream)
		ticker_allow(r, READ_TIME, false);
	return reply(r);
}

/* Above this an answer is streamed. Where many are kept already for clients that do not read, less of each is. */
static size_t whole_max(const struct request *r)
{
	if (atomic_load(&r->server->held) > HELD_MAX / 2)
		return MORE_BYTES;
	return r->gzip_ok ? PACKED_MAX : WHOLE_MAX;
}

static int request_answer(struct request *r, struct err *e)
{
	size_t whole = whole_max(r);
	struct source *src = source_take(r->server, e);
	struct err why;
	int rc;

	if (!src) {
		r->status = MHD_HTTP_SERVICE_UNAVAILABLE;
		return -1;
	}
	r->q = src->q;
	r->store = src->store;
	r->type = r->route->type;
	rc = r->route->answer(r, e);
	while (rc == 0 && r->more && r->out.n < whole) {
		int more = r->more(r, e);

		if (more <= 0)
			r->more = NULL;
		rc = more < 0 ? -1 : 0;
	}
	if (rc == 0)
		rc = query_fault(r->q, e);
	if (query_is_partial(r->q, &why))
		r->partial = pool_strndup(&r->pool, why.text, strlen(why.text));
	source_give(r->server, src);
	return rc;
}

/* Clients that do not read what they asked for must not fill the memory. */
static bool may_be_held(struct request *r)
{
	r->held = r->out.n;
	return atomic_fetch_add(&r->server->held, r->held) + r->held <= HELD_MAX || r->held <= HELD_SMALL;
}

bool request_login(struct request *r)
{
	bool right = with_password(r, auth_check) > 0;

	if (!right)
		reply_error(r, MHD_HTTP_UNAUTHORIZED, "user or password is wrong");
	return right;
}

/* What an answer that failed has as its status, where it did not say so itself. */
static int status_of(const struct request *r, const struct err *e)
{
	if (r->status != MHD_HTTP_OK)
		return r->status;
	return e->kind == ERR_USAGE ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_INTERNAL_SERVER_ERROR;
}

void request_run(struct request *r)
{
	struct err e = {0};

	if (request_answer(r, &e) < 0)
		reply_error(r, status_of(r, &e), e.text);
	if (!r->more)
		reply_pack(r);
	if (!may_be_held(r))
		reply_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "too many long answers are being read: ask again in a second");
}
