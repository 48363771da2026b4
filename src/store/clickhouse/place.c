/* SPDX-License-Identifier: MIT */
/* clickhouse://user@host:port,host:port/database?option=value&… in its parts. */
#include "ch.h"
#include <gscrape/timefmt.h>
#include <stdlib.h>

#define SPOOL_SIZE ((uint64_t)1 << 30)
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* A name that stands in statements as it is. */
static bool plain_name(const char *s)
{
	return *s && strspn(s, NAME_CHARS) == strlen(s);
}

static int take_option(struct ch_place *pl, char *option, struct err *e)
{
	const struct {
		const char *name, **to;
	} texts[] = {{"cluster", &pl->cluster}, {"password-file", &pl->password_file}, {"cacert", &pl->cacert}, {"spool", &pl->spool}};
	char *value = strchr(option, '='), *end;

	if (!value || !value[1])
		return fail_as(e, ERR_USAGE, "%s: write option=value for '%s'", pl->shown, option);
	*value++ = '\0';
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(option, texts[i].name) == 0) {
			*texts[i].to = value;
			return 0;
		}
	}
	if (strcmp(option, "spool-size") == 0) {
		struct err why;

		return size_parse(value, &pl->spool_size, &why) < 0 ? fail_as(e, ERR_USAGE, "%s: spool-size: %s", pl->shown, why.text) : 0;
	}
	if (strcmp(option, "timeout") != 0)
		return fail_as(e, ERR_USAGE, "%s: there is no option '%s' (cluster, password-file, cacert, timeout, spool, spool-size)", pl->shown, option);
	pl->timeout = strtol(value, &end, 10) * 1000;
	return *end || pl->timeout <= 0 || pl->timeout > 3600000 ? fail_as(e, ERR_USAGE, "%s: timeout is in seconds, 1 to 3600", pl->shown) : 0;
}

static int take_address(struct ch_place *pl, const char *host, bool tls, struct err *e)
{
	const char *colon = strrchr(host, ':'), *bracket = strrchr(host, ']');
	bool port = colon && (!bracket || colon > bracket);

	if (!*host || host == colon || strspn(host, NAME_CHARS "-.:[]") != strlen(host) || (port && (!colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))))
		return fail_as(e, ERR_USAGE, "%s: '%s' is no address (host:port)", pl->shown, host);
	pl->addresses[pl->n_addresses++] = pool_printf(&pl->p, "%s://%s%s", tls ? "https" : "http", host, port ? "" : tls ? ":8443" : ":8123");
	return 0;
}

int ch_place_of(struct ch_place *out, const char *url, struct err *e)
{
	struct ch_place *pl = out;
	bool tls = strncmp(url, "clickhouse+", strlen("clickhouse+")) == 0;
	const char *from = strstr(url, "://") + 3;
	char *text, *at, *slash, *options, *save;

	*pl = (struct ch_place){.timeout = 30000, .user = "default", .spool_size = SPOOL_SIZE};
	text = pool_strndup(&pl->p, from, strlen(from));
	options = strchr(text, '?');
	if (options)
		*options++ = '\0';
	slash = strchr(text, '/');
	at = strrchr(text, '@');
	pl->shown = pool_strndup(&pl->p, url, strcspn(url, "?"));
	if (at && memchr(text, ':', (size_t)(at - text))) {
		pl->shown = "clickhouse://…";
		return fail_as(e, ERR_USAGE, "a password does not belong into a URL: write ?password-file=FILE");
	}
	if (!slash || (at && at > slash) || !plain_name(slash + 1))
		return fail_as(e, ERR_USAGE, "%s: write clickhouse://user@host:port/database, the database in letters, digits and _", pl->shown);
	*slash = '\0';
	pl->database = slash + 1;
	if (at) {
		*at = '\0';
		pl->user = text;
		if (strpbrk(text, "\r\n"))
			return fail_as(e, ERR_USAGE, "%s: the user's name has a line break", pl->shown);
		text = at + 1;
	}
	pl->addresses = pool_alloc(&pl->p, (strlen(text) + 1) * sizeof *pl->addresses);
	for (char *host = strtok_r(text, ",", &save); host; host = strtok_r(NULL, ",", &save))
		if (take_address(pl, host, tls, e) < 0)
			return -1;
	if (!pl->n_addresses)
		return fail_as(e, ERR_USAGE, "%s: has no address", pl->shown);
	for (char *o = options ? strtok_r(options, "&", &save) : NULL; o; o = strtok_r(NULL, "&", &save))
		if (take_option(pl, o, e) < 0)
			return -1;
	if (pl->cluster && !plain_name(pl->cluster))
		return fail_as(e, ERR_USAGE, "%s: a cluster's name has letters, digits and _", pl->shown);
	return 0;
}

void ch_place_release(struct ch_place *p)
{
	pool_release(&p->p);
}
