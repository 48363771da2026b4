/* SPDX-License-Identifier: MIT */
#include "params.h"
#include <gscrape/link.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static int params_find(const struct param *list, struct str name)
{
	for (int i = 0; i < PARAMS_MAX && list[i].name; i++)
		if (str_eq(str_of(list[i].name), name))
			return i;
	return -1;
}

static bool digits_only(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static int take_text(const struct param *p, struct value *v, struct err *e)
{
	size_t most = p->most ? p->most : 1000;

	if (p->type == PARAM_HOST && !*v->text)
		return fail(e, "%s: is empty", p->name);
	if (p->type == PARAM_DIGITS && !*v->text && p->preset) /* whatever it is */
		return 0;
	if (p->type == PARAM_DIGITS && (!digits_only(v->text) || strlen(v->text) > 20))
		return fail(e, "%s: wants up to 20 digits", p->name);
	return strlen(v->text) > most ? fail(e, "%s: longer than %zu bytes", p->name, most) : 0;
}

static int take_number(const struct param *p, struct value *v, struct err *e)
{
	uint64_t least = p->type == PARAM_ID ? 1 : p->least;
	uint64_t most = p->most ? p->most : UINT64_MAX;

	errno = 0;
	v->number = digits_only(v->text) ? strtoull(v->text, NULL, 10) : 0;
	if (errno || !digits_only(v->text))
		return fail(e, "%s: \"%.40s\" is no number that can be", p->name, v->text);
	if (v->number < least || v->number > most)
		return fail(e, "%s: %s is not between %llu and %llu", p->name, v->text, (unsigned long long)least,
			    (unsigned long long)most);
	return 0;
}

/* strtod would also take inf, hexadecimal numbers, and a locale's comma. */
static int take_share(const struct param *p, struct value *v, struct err *e)
{
	const char *s = v->text;
	double unit = 1;

	v->share = *s == '1';
	if ((*s != '0' && *s != '1') || (s[1] && (s[1] != '.' || !digits_only(s + 2) || strlen(s) > 20)))
		return fail(e, "%s: \"%.40s\" is no number from 0 to 1", p->name, v->text);
	for (const char *d = s[1] ? s + 2 : ""; *d; d++)
		v->share += (*d - '0') * (unit /= 10);
	return v->share > 1 ? fail(e, "%s: %.40s is more than 1", p->name, v->text) : 0;
}

static int take_time(const struct param *p, struct value *v, int64_t now, struct err *e)
{
	uint64_t ms;
	struct err why;

	if (digits_only(v->text)) {
		errno = 0;
		ms = strtoull(v->text, NULL, 10);
		if (errno || ms > (uint64_t)1 << 52)
			return fail(e, "%s: \"%.40s\" is no time in milliseconds", p->name, v->text);
		v->time = (int64_t)ms;
		return 0;
	}
	if (strlen(v->text) > 64 || time_parse(v->text, now, NULL, &v->time, &why) < 0)
		return fail(e, "%s: \"%.40s\" is no time: milliseconds since 1970, 2026-11-23T16:05:05Z or -10m", p->name,
			    v->text);
	return 0;
}

static int take_choice(const struct param *p, struct value *v, struct err *e)
{
	uint64_t i = 0;

	for (const char *s = p->values; *s; i++) {
		size_t n = strcspn(s, " ");

		if (strlen(v->text) == n && memcmp(s, v->text, n) == 0) {
			v->number = i;
			return 0;
		}
		s += n + (s[n] == ' ');
	}
	return fail(e, "%s: \"%.40s\" is none of: %s", p->name, v->text, p->values);
}

/* "label.KEY" is "label", of that key. */
static int take_grouping(const struct param *p, struct value *v, struct err *e)
{
	struct value label = {.text = "label"};

	if (strncmp(v->text, "label.", 6) != 0 || !v->text[6])
		return take_choice(p, v, e);
	if (strlen(v->text) > 1000)
		return fail(e, "%s: longer than 1000 bytes", p->name);
	if (take_choice(p, &label, e) < 0)
		return -1;
	v->number = label.number;
	return 0;
}

static int take(const struct param *p, struct value *v, int64_t now, struct err *e)
{
	switch (p->type) {
	case PARAM_NUMBER:
	case PARAM_ID:
		return take_number(p, v, e);
	case PARAM_TIME:
		return take_time(p, v, now, e);
	case PARAM_SHARE:
		return take_share(p, v, e);
	case PARAM_CHOICE:
		return take_choice(p, v, e);
	case PARAM_GROUPING:
		return take_grouping(p, v, e);
	default:
		return take_text(p, v, e);
	}
}

/* Decoded, and fit to be repeated in a sentence. */
static char *plain_text(struct str raw, struct pool *pool, struct err *e)
{
	char *text = url_decode(raw, true, pool, e);

	for (const char *s = text; s && *s; s++) {
		if (!iscntrl((unsigned char)*s))
			continue;
		fail(e, "a control byte");
		return NULL;
	}
	return text;
}

/* One name=value. */
static int take_pair(const struct params_wanted *w, struct str pair, struct pool *pool, struct value *out, struct err *e)
{
	const char *eq = memchr(pair.p, '=', pair.n);
	size_t n = eq ? (size_t)(eq - pair.p) : pair.n;
	struct str raw = {pair.p + n + 1, eq ? pair.n - n - 1 : 0};
	char *name, *text;
	struct err why;
	int i;

	name = plain_text((struct str){pair.p, n}, pool, &why);
	if (!name)
		return fail(e, "the name of a parameter has %s", why.text);
	text = plain_text(raw, pool, &why);
	if (!text)
		return fail(e, "%.40s: has %s", name, why.text);
	i = params_find(w->list, str_of(name));
	if (i < 0)
		return w->loose ? 0 : fail(e, "%.40s: no parameter of this route", name);
	if (out[i].given)
		return fail(e, "%s: given more than once", name);
	out[i] = (struct value){.given = true, .text = text, .time = NO_TIME};
	return take(&w->list[i], &out[i], w->now, e);
}

int params_parse(const struct params_wanted *w, struct str query, struct pool *pool, struct value out[PARAMS_MAX], struct err *e)
{
	const struct param *list = w->list;

	for (int i = 0; i < PARAMS_MAX; i++)
		out[i] = (struct value){.time = NO_TIME};
	if (query.n > QUERY_MAX)
		return fail(e, "more than %d bytes of parameters", QUERY_MAX);
	for (size_t at = 0; at < query.n;) {
		const char *amp = memchr(query.p + at, '&', query.n - at);
		size_t n = amp ? (size_t)(amp - query.p) - at : query.n - at;

		if (n && take_pair(w, (struct str){query.p + at, n}, pool, out, e) < 0)
			return -1;
		at += n + 1;
	}
	for (int i = 0; i < PARAMS_MAX && list[i].name; i++) {
		if (out[i].given)
			continue;
		if (list[i].required)
			return fail(e, "%s: is missing", list[i].name);
		out[i].text = list[i].preset;
		if (list[i].preset && take(&list[i], &out[i], w->now, e) < 0)
			return -1;
	}
	return 0;
}
