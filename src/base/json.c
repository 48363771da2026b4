/* SPDX-License-Identifier: MIT */
/* The only home of cJSON, which reads; what is written is streamed, so that a long answer costs no tree. */
#include <gscrape/json.h>
#include <gscrape/text.h>
#include <gscrape/timefmt.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

static void before_value(struct jw *j)
{
	uint64_t bit = (uint64_t)1 << j->depth;

	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->has_items & bit)
		buf_putc(j->out, ',');
	j->has_items |= bit;
}

static void open_level(struct jw *j, bool array)
{
	before_value(j);
	buf_putc(j->out, array ? '[' : '{');
	if (++j->depth > 63)
		die("JSON nested too deeply");
	j->is_array &= ~((uint64_t)1 << j->depth);
	j->is_array |= (uint64_t)array << j->depth;
	j->has_items &= ~((uint64_t)1 << j->depth);
}

void jw_obj(struct jw *j)
{
	open_level(j, false);
}

void jw_arr(struct jw *j)
{
	open_level(j, true);
}

void jw_end(struct jw *j)
{
	buf_putc(j->out, (j->is_array >> j->depth) & 1 ? ']' : '}');
	j->depth--;
}

/* Bytes of text that JSON takes as they are; a table would be no faster than these three comparisons. */
static inline bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void add_escaped(struct buf *b, unsigned char c)
{
	static const char names[32] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
	char name = c < sizeof names ? names[c] : (char)c;

	if (name)
		buf_add(b, (char[]){'\\', name}, 2);
	else
		buf_addf(b, "\\u%04x", c);
}

static void add_quoted(struct buf *b, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	buf_putc(b, '"');
	for (size_t i = 0; i < n;) {
		size_t run = i, len;

		while (run < n && plain(s[run]))
			run++;
		buf_add(b, s + i, run - i);
		i = run;
		if (i == n)
			break;
		if (s[i] < 0x80 && s[i] != 0x7f) {
			add_escaped(b, s[i++]);
			continue;
		}
		len = utf8_length(s + i, n - i);
		if (len)
			buf_add(b, s + i, len);
		else
			buf_addf(b, "\\\\x%02x", s[i]); /* names that differ stay names that differ */
		i += len ? len : 1;
	}
	buf_putc(b, '"');
}

void jw_key(struct jw *j, const char *key)
{
	before_value(j);
	add_quoted(j->out, key, strlen(key));
	buf_putc(j->out, ':');
	j->after_key = true;
}

void jw_strn(struct jw *j, const char *s, size_t n)
{
	before_value(j);
	add_quoted(j->out, s, n);
}

void jw_str(struct jw *j, const char *s)
{
	if (s)
		jw_strn(j, s, strlen(s));
	else
		jw_null(j);
}

/* Long answers are mostly numbers: printf would take half of their time. */
static void add_number(struct buf *b, uint64_t v, bool negative)
{
	char text[24], *p = text + sizeof text;

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	if (negative)
		*--p = '-';
	buf_add(b, p, (size_t)(text + sizeof text - p) - 1);
	buf_putc(b, text[sizeof text - 1]);
}

void jw_int(struct jw *j, int64_t v)
{
	before_value(j);
	add_number(j->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
}

void jw_uint(struct jw *j, uint64_t v)
{
	before_value(j);
	add_number(j->out, v, false);
}

void jw_double(struct jw *j, double v, int decimals)
{
	if (!isfinite(v)) {
		jw_null(j);
		return;
	}
	before_value(j);
	buf_addf(j->out, "%.*f", decimals, v);
}

void jw_bool(struct jw *j, bool v)
{
	before_value(j);
	buf_adds(j->out, v ? "true" : "false");
}

void jw_null(struct jw *j)
{
	before_value(j);
	buf_adds(j->out, "null");
}

void jw_raw(struct jw *j, const char *s, size_t n)
{
	before_value(j);
	buf_add(j->out, s, n);
}

void jw_time(struct jw *j, int64_t t)
{
	if (t == NO_TIME)
		jw_null(j);
	else
		jw_int(j, t);
}

void jw_kstr(struct jw *j, const char *key, const char *s)
{
	jw_key(j, key);
	jw_str(j, s);
}

void jw_kint(struct jw *j, const char *key, int64_t v)
{
	jw_key(j, key);
	jw_int(j, v);
}

void jw_kuint(struct jw *j, const char *key, uint64_t v)
{
	jw_key(j, key);
	jw_uint(j, v);
}

void jw_kdouble(struct jw *j, const char *key, double v, int decimals)
{
	jw_key(j, key);
	jw_double(j, v, decimals);
}

void jw_kbool(struct jw *j, const char *key, bool v)
{
	jw_key(j, key);
	jw_bool(j, v);
}

void jw_ktime(struct jw *j, const char *key, int64_t t)
{
	jw_key(j, key);
	jw_time(j, t);
}

/* struct json is cJSON seen from outside. */
static const cJSON *in(const struct json *v)
{
	return (const cJSON *)v;
}

struct json *json_parse(const char *text, size_t n, struct err *e)
{
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithLengthOpts(text, n, &end, 0);

	if (!root) {
		fail(e, "no JSON from byte %zu on", end ? (size_t)(end - text) : (size_t)0);
		return NULL;
	}
	for (; end < text + n; end++) {
		if (!strchr(" \t\r\n", *end) || !*end) {
			cJSON_Delete(root);
			fail(e, "text behind the JSON value, at byte %zu", (size_t)(end - text));
			return NULL;
		}
	}
	return (struct json *)root;
}

void json_free(struct json *root)
{
	cJSON_Delete((cJSON *)root);
}

bool json_is_arr(const struct json *v)
{
	return cJSON_IsArray(in(v));
}

bool json_is_obj(const struct json *v)
{
	return cJSON_IsObject(in(v));
}

const char *json_str(const struct json *v)
{
	return cJSON_IsString(in(v)) ? in(v)->valuestring : NULL;
}

bool json_int(const struct json *v, int64_t *out)
{
	double d = cJSON_IsNumber(in(v)) ? in(v)->valuedouble : 0.5;

	*out = d > -9e15 && d < 9e15 ? (int64_t)d : 0;
	return (double)*out == d;
}

const struct json *json_get(const struct json *v, const char *key)
{
	return (const struct json *)cJSON_GetObjectItemCaseSensitive(in(v), key);
}

const struct json *json_first(const struct json *v)
{
	return v ? (const struct json *)in(v)->child : NULL;
}

const struct json *json_next(const struct json *v)
{
	return (const struct json *)in(v)->next;
}

const char *json_name(const struct json *v)
{
	return in(v)->string;
}
