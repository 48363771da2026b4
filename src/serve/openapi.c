/* SPDX-License-Identifier: MIT */
/* /api/v1/openapi.json: the routes, told to programs. /api/v1/keys: the keys, told to the page. */
#include "server.h"
#include <gscrape/keys.h>

/* What may stand in a text, as far as a pattern can say it: a filter has a grammar, and a day of a month its own end. */
static void text_of(struct jw *j, const struct param *p)
{
	static const char *const patterns[] = {
		[PARAM_TEXT] = "^[^\\u0000-\\u001f\\u007f]*$",
		[PARAM_HOST] = "^[^\\u0000-\\u001f\\u007f]+$",
		[PARAM_DIGITS] = "^[0-9]{1,20}$",
		[PARAM_TIME] = "^([0-9]{1,15}|-[0-9]{1,4}[smhd]|(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z)$",
		[PARAM_GROUPING] = "^(created-by|top|stack|state|none|label|label\\.[^\\u0000-\\u001f\\u007f]+)$",
	};

	jw_kstr(j, "pattern", patterns[p->type]);
	if (p->type == PARAM_TEXT || p->type == PARAM_HOST)
		jw_kuint(j, "maxLength", p->most ? p->most : 1000);
	if (p->type == PARAM_HOST)
		jw_kuint(j, "minLength", 1);
}

static void type_of(struct jw *j, const struct param *p)
{
	bool whole = p->type == PARAM_NUMBER || p->type == PARAM_ID, share = p->type == PARAM_SHARE, number = whole || share;

	jw_key(j, "schema");
	jw_obj(j);
	jw_kstr(j, "type", whole ? "integer" : share ? "number" : "string");
	if (!number && p->type != PARAM_CHOICE)
		text_of(j, p);
	if (share) {
		jw_kuint(j, "minimum", 0);
		jw_kuint(j, "maximum", 1);
	}
	if (whole)
		jw_kuint(j, "minimum", p->type == PARAM_ID ? 1 : p->least);
	if (whole && p->most)
		jw_kuint(j, "maximum", p->most);
	if (p->type == PARAM_CHOICE) {
		jw_key(j, "enum");
		jw_arr(j);
		for (const char *s = p->values; *s;) {
			size_t n = strcspn(s, " ");

			jw_strn(j, s, n);
			s += n + (s[n] == ' ');
		}
		jw_end(j);
	}
	if (p->preset && number) {
		jw_key(j, "default");
		jw_raw(j, p->preset, strlen(p->preset));
	} else if (p->preset) {
		jw_kstr(j, "default", p->preset);
	}
	jw_end(j);
}

static void parameters(struct jw *j, const struct param *list)
{
	jw_key(j, "parameters");
	jw_arr(j);
	for (int i = 0; i < PARAMS_MAX && list[i].name; i++) {
		jw_obj(j);
		jw_kstr(j, "name", list[i].name);
		jw_kstr(j, "in", "query");
		jw_kbool(j, "required", list[i].required);
		jw_kstr(j, "description", list[i].help);
		type_of(j, &list[i]);
		jw_end(j);
	}
	jw_end(j);
}

static void response(struct jw *j, const char *status, const char *text, const char *const types[2])
{
	jw_key(j, status);
	jw_obj(j);
	jw_kstr(j, "description", text);
	jw_key(j, "content");
	jw_obj(j);
	for (int i = 0; i < 2 && types[i]; i++) {
		jw_key(j, types[i]);
		jw_obj(j);
		jw_end(j);
	}
	jw_end(j);
	jw_end(j);
}

static void path(struct jw *j, const struct route *route)
{
	static const char json[] = "application/json";

	jw_key(j, route->path);
	jw_obj(j);
	jw_key(j, "get");
	jw_obj(j);
	jw_kstr(j, "summary", route->help);
	parameters(j, route->params);
	jw_key(j, "responses");
	jw_obj(j);
	response(j, "200", route->shape, (const char *const[2]){route->type ? route->type : json, route->flags & ROUTE_METRICS ? METRICS_TEXT : NULL});
	response(j, "default", "{error}: one sentence", (const char *const[2]){json, NULL});
	jw_end(j);
	jw_end(j);
	jw_end(j);
}

int answer_openapi(struct request *r, struct err *e)
{
	struct jw *j = &r->j;

	(void)e;
	jw_obj(j);
	jw_kstr(j, "openapi", "3.1.0");
	jw_key(j, "info");
	jw_obj(j);
	jw_kstr(j, "title", "gscrape-tui");
	jw_kstr(j, "version", GS_VERSION);
	jw_kstr(j, "description", "Histories of goroutines. Times are milliseconds since 1970 UTC, but seconds in gscrape's own routes "
				  "(/api/hosts, goroutine, search, stats, children). Nothing can be changed through any route.");
	jw_end(j);
	if (r->server->o.base_path) {
		jw_key(j, "servers");
		jw_arr(j);
		jw_obj(j);
		jw_kstr(j, "url", r->server->o.base_path);
		jw_end(j);
		jw_end(j);
	}
	jw_key(j, "paths");
	jw_obj(j);
	for (const struct route *route = routes; route->path; route++)
		if (!(route->flags & ROUTE_ASSET))
			path(j, route);
	jw_end(j);
	jw_end(j);
	return 0;
}

int answer_keys(struct request *r, struct err *e)
{
	struct jw *j = &r->j;
	char label[16];

	(void)e;
	jw_arr(j);
	for (size_t i = 0; i < key_table_n; i++) {
		const struct key_row *k = &key_table[i];

		jw_obj(j);
		jw_kstr(j, "where", key_place_name(k->place));
		jw_kstr(j, "action", k->name);
		jw_key(j, "keys");
		jw_arr(j);
		for (size_t n = 0; n < sizeof k->keys / sizeof *k->keys && k->keys[n]; n++)
			jw_str(j, key_label(label, sizeof label, k->keys[n]));
		jw_end(j);
		jw_kstr(j, "help", k->help);
		jw_end(j);
	}
	jw_end(j);
	return 0;
}
