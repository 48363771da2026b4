/* SPDX-License-Identifier: MIT */
/*
 * json.h: JSON out, streamed into a growing buffer, and JSON in (cJSON behind it, one file).
 *
 *     struct jw j = {.out = &buf};
 *     jw_obj(&j); jw_key(&j, "id"); jw_uint(&j, 18); jw_end(&j);
 *
 * Commas and nesting are kept by the writer. Bytes that are no UTF-8 become \xNN, as texts are shown.
 */
#ifndef GSCRAPE_JSON_H
#define GSCRAPE_JSON_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

struct jw {
	struct buf *out;
	uint64_t is_array, has_items; /* a bit per level */
	int depth;
	bool after_key;
};

void jw_obj(struct jw *j);
void jw_arr(struct jw *j);
void jw_end(struct jw *j); /* closes what jw_obj or jw_arr opened */
void jw_key(struct jw *j, const char *key);
void jw_str(struct jw *j, const char *s); /* NULL is null */
void jw_strn(struct jw *j, const char *s, size_t n);
void jw_int(struct jw *j, int64_t v);
void jw_uint(struct jw *j, uint64_t v);
void jw_double(struct jw *j, double v, int decimals); /* null when it is no number */
void jw_bool(struct jw *j, bool v);
void jw_null(struct jw *j);
void jw_raw(struct jw *j, const char *s, size_t n); /* a value that is JSON already */
void jw_time(struct jw *j, int64_t t); /* ms, or null for NO_TIME */

/* A key and its value in one call. */
void jw_kstr(struct jw *j, const char *key, const char *s);
void jw_kint(struct jw *j, const char *key, int64_t v);
void jw_kuint(struct jw *j, const char *key, uint64_t v);
void jw_kdouble(struct jw *j, const char *key, double v, int decimals);
void jw_kbool(struct jw *j, const char *key, bool v);
void jw_ktime(struct jw *j, const char *key, int64_t t);

/* JSON in. A document is read whole; what the accessors return lives until json_free. */
struct json; /* one value of the document */
struct json *json_parse(const char *text, size_t n, struct err *e); /* NULL and a sentence naming the byte */
void json_free(struct json *root);
bool json_is_arr(const struct json *v);
bool json_is_obj(const struct json *v);
const char *json_str(const struct json *v);                   /* NULL unless a string */
bool json_int(const struct json *v, int64_t *out);            /* false unless a whole number */
const struct json *json_get(const struct json *v, const char *key); /* member of an object, or NULL */
const struct json *json_first(const struct json *v);          /* first element or member, or NULL */
const struct json *json_next(const struct json *v);
const char *json_name(const struct json *v);                  /* a member's key, or NULL */

#endif
