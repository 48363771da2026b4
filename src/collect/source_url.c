/* SPDX-License-Identifier: MIT */
/* --targets-url: a server that answers what Prometheus' http_sd understands. */
#include "collect/source.h"
#include <gscrape/secret.h>
#include <gscrape/text.h>
#include <stdlib.h>
#include <strings.h>

#define MAX_VALUES 8000000 /* of one answer: 50 MB of commas would be gigabytes of values */

struct url_source {
	char *address; /* "http://host:port", without password */
	char *path;
	char *user;
	char *shown;
	struct http *http;
	struct buf answer;
	const char *addresses[1];
};

static void url_close(void *self)
{
	struct url_source *u = self;

	http_close(u->http);
	buf_release(&u->answer);
	free(u->address);
	free(u->path);
	free(u->user);
	free(u->shown);
	free(u);
}

/* "http://me:secret@host/path#x" taken apart. */
static int split(struct url_source *u, const char *url, struct err *e)
{
	size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;
	struct str authority = {url + scheme, strcspn(url + scheme, "/?#")};
	const char *rest = authority.p + authority.n, *at = memrchr(authority.p, '@', authority.n);
	struct buf open = {0}, b = {0};

	buf_add_public(&open, url, strlen(url));
	buf_add_visible(&b, open.p, open.n > 200 ? 200 : open.n);
	buf_release(&open);
	u->shown = b.p;
	if (at) {
		u->user = xstrndup(authority.p, (size_t)(at - authority.p));
		authority.n -= (size_t)(at + 1 - authority.p);
		authority.p = at + 1;
	}
	if (!scheme || !authority.n || strpbrk(url, " \t\r\n"))
		return fail_as(e, ERR_USAGE, "--targets-url %s: is no http or https URL", u->shown);
	u->address = xasprintf("%.*s%.*s", (int)scheme, url, (int)authority.n, authority.p);
	u->path = xasprintf("%s%.*s", *rest == '/' ? "" : "/", (int)strcspn(rest, "#"), rest);
	u->addresses[0] = u->address;
	return 0;
}

static int url_open(void **self, const struct scrape_options *o, struct err *e)
{
	struct url_source *u;

	*self = NULL;
	if (!o->targets_url)
		return 0;
	*self = u = xcalloc(1, sizeof *u);
	if (split(u, o->targets_url, e) < 0)
		return -1;
	return http_open(&u->http,
			 &(struct http_options){.addresses = u->addresses, .n_addresses = 1, .access = {.user = u->user, .cacert = o->cacert},
						.timeout = (long)o->timeout, .connect_timeout = (long)o->timeout, .max_body = SOURCE_MAX_BODY}, e);
}

static int check_answer(const struct url_source *u, int status, struct err *e)
{
	size_t values = 0;

	if (status != 200)
		return fail(e, "HTTP %d%s", status,
			    status / 100 == 3			 ? ": redirects are not followed, name where it points to"
			    : status == 401 || status == 403 ? ": it wants a name and a password (in the URL), or others"
								 : "");
	for (size_t i = 0; i < u->answer.n; i++)
		values += u->answer.p[i] == ',';
	return values > MAX_VALUES ? fail(e, "the answer has more than %d values", MAX_VALUES) : 0;
}

static int url_ask(void *self, struct source *s, bool patient, struct err *e)
{
	struct url_source *u = self;
	struct http_request r = {.path = u->path, .get = true};
	struct target_set set = {0};
	struct err why = {0};
	int status = http_ask(u->http, &r, &u->answer, &why), rc;

	(void)patient;
	if (status < 0)
		return fail(e, "--targets-url %s", why.text); /* it begins with the address */
	rc = check_answer(u, status, &why);
	if (rc == 0)
		rc = targets_add_json(&set, u->answer.p ? u->answer.p : "", u->answer.n, &why);
	buf_release(&u->answer); /* it may have been large, and the next one is far off */
	if (rc == 0)
		rc = source_found(s, &set, &why);
	targets_release(&set);
	return rc < 0 ? fail(e, "--targets-url %s: %s", u->shown, why.text) : 0;
}

static void url_stop(void *self)
{
	struct url_source *u = self;

	if (u->http)
		http_stop(u->http);
}

const struct source_ops source_url = {.open = url_open, .ask = url_ask, .stop = url_stop, .close = url_close};
