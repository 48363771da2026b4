/* SPDX-License-Identifier: MIT */
/* Statements over HTTP, and rows in RowBinary. */
#include "ch.h"
#include <gscrape/gzip.h>
#include <gscrape/secret.h>
#include <gscrape/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <gscrape/timefmt.h>

#define TRIES 3
#define HURRY_MS 2000 /* a try that took longer is the last */
#define MAX_ANSWER ((size_t)1 << 30)
#define MAX_ROWS 20000000 /* of one answer */

static int read_password(const struct ch_place *p, struct buf *out, struct err *e)
{
	if (!p->password_file)
		return 0;
	if (file_read(p->password_file, out, 1 << 16, e))
		return -1;
	while (out->n && char_in(out->p[out->n - 1], " \t\r\n"))
		out->n--;
	if (!out->n || memchr(out->p, '\n', out->n) || memchr(out->p, '\r', out->n) || memchr(out->p, '\0', out->n))
		return fail(e, "%s: holds no password of one line", p->password_file);
	return 0;
}

int ch_line_open(struct ch_line *l, const struct ch_place *p, struct err *e)
{
	struct buf password = {0};
	int rc = read_password(p, &password, e);

	*l = (struct ch_line){.place = p};
	if (!rc) {
		l->headers = xcalloc(2, sizeof *l->headers);
		l->headers[l->n_headers++] = xasprintf("X-ClickHouse-User: %s", p->user);
		if (password.n)
			l->headers[l->n_headers++] = xasprintf("X-ClickHouse-Key: %.*s", (int)password.n, password.p);
		rc = http_open(&l->http,
			       &(struct http_options){.addresses = p->addresses, .n_addresses = p->n_addresses,
						      .headers = (const char *const *)l->headers, .n_headers = l->n_headers, .access = {.cacert = p->cacert},
						      .timeout = p->timeout + 5000, .connect_timeout = 5000, .max_body = MAX_ANSWER}, e);
	}
	if (password.p)
		explicit_bzero(password.p, password.cap);
	buf_release(&password);
	return rc;
}

void ch_line_close(struct ch_line *l)
{
	http_close(l->http);
	for (size_t i = 0; i < l->n_headers; i++) {
		explicit_bzero(l->headers[i], strlen(l->headers[i]));
		free(l->headers[i]);
	}
	free(l->headers);
	buf_release(&l->path);
	buf_release(&l->answer);
	buf_release(&l->packed);
	*l = (struct ch_line){0};
}

/* What is known by the server's number. */
static const struct {
	int code;
	const char *words;
	enum { LASTS, PASSES, SHARD_AWAY } kind; /* PASSES: by itself, as the last one, too */
} codes[] = {
	{16, "a table has other columns than this program's", LASTS},
	{47, "a table has other columns than this program's", LASTS},
	{60, "a table is not there", LASTS},
	{81, "the database is not there", LASTS},
	{159, "the question took too long (timeout=SECONDS in the URL allows more)", PASSES},
	{192, "the user is not known there", LASTS},
	{193, "the password is wrong", LASTS},
	{194, "a password is needed (password-file=FILE in the URL)", LASTS},
	{202, "the server has too many questions to answer", PASSES},
	{209, "a shard does not answer", SHARD_AWAY},
	{210, "a shard cannot be reached", SHARD_AWAY},
	{225, "the cluster's coordination (ZooKeeper) is away", PASSES},
	{241, "the server has not enough memory for that", PASSES},
	{242, "the table is read-only just now", PASSES},
	{243, "the server's disk is full", PASSES},
	{252, "the server cannot keep up with what is written", PASSES},
	{279, "a shard cannot be reached", SHARD_AWAY},
	{285, "too few replicas are there", PASSES},
	{319, "it is not certain that the rows were stored", PASSES},
	{396, "there are more rows than are allowed", LASTS},
	{497, "the user may not do that", LASTS},
	{516, "user or password are wrong", LASTS},
	{999, "the cluster's coordination (ZooKeeper) is away", PASSES},
};

static void refused(struct ch_line *l, int status, struct err *e)
{
	struct buf b = {0};
	int code = 0;
	const char *words = NULL;

	buf_putc(&l->answer, '\0');
	sscanf(l->answer.p, "Code: %d", &code);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == code) {
			words = codes[i].words;
			l->away = codes[i].kind != LASTS;
			l->shard_away = codes[i].kind == SHARD_AWAY;
		}
	if (!words && status >= 502 && status <= 504) { /* what stands before it has no other answer */
		words = "does not answer";
		l->away = true;
	} else if (!words && !code) {
		words = status == 401 || status == 403 ? "user or password are wrong" : "is no ClickHouse, by its answer";
	} else if (!words) {
		l->answer.n = strcspn(l->answer.p, "\n");
		l->answer.n = l->answer.n > 200 ? 200 : l->answer.n;
		buf_add_visible(&b, l->answer.p, l->answer.n);
		buf_putc(&b, '\0');
		words = b.p;
	}
	fail(e, "%s: %s", l->place->shown, words);
	buf_release(&b);
}

static void set_path(struct ch_line *l, const char *query, bool read)
{
	buf_reset(&l->path);
	buf_addf(&l->path, "/?wait_end_of_query=1&max_execution_time=%ld", l->place->timeout / 1000);
	if (read)
		buf_addf(&l->path, "&readonly=2&max_threads=2&max_result_rows=%d&result_overflow_mode=throw", MAX_ROWS);
	if (read && l->partial)
		buf_adds(&l->path, "&skip_unavailable_shards=1");
	if (!read && l->place->cluster)
		buf_adds(&l->path, "&insert_distributed_sync=1");
	if (query) {
		buf_adds(&l->path, "&query=");
		http_add_escaped(&l->path, query);
	}
}

static int ask(struct ch_line *l, struct http_request *r, struct err *e)
{
	int status;

	r->path = l->path.p;
	status = http_ask(l->http, r, &l->answer, e);
	l->away = status < 0;
	l->shard_away = false;
	if (status == 200)
		return 0;
	if (status >= 0)
		refused(l, status, e);
	if (l->away && e)
		e->kind = ERR_AWAY;
	return -1;
}

int ch_do(struct ch_line *l, const char *sql, bool everywhere, struct err *e)
{
	struct http_request r = {.body = str_of(sql)};
	int rc = 0;

	set_path(l, NULL, false);
	if (!everywhere)
		return ask(l, &r, e);
	for (size_t i = 0; i < l->place->n_addresses && !rc; i++) {
		r.only = l->place->addresses[i];
		rc = ask(l, &r, e);
	}
	return rc;
}

void ch_add_system(struct buf *sql, const struct ch_place *p, const char *table)
{
	if (p->cluster)
		buf_addf(sql, "cluster('%s', system, %s)", p->cluster, table);
	else
		buf_addf(sql, "system.%s", table);
}

/* The same rows are the same, however often they come: what is uncertain is sent again, to the next address. */
int ch_insert_packed(struct ch_line *l, const char *into, struct str packed, struct err *e)
{
	char *sql = xasprintf("INSERT INTO %s.%s FORMAT RowBinary", l->place->database, into);
	int64_t began = monotonic_ms();
	int rc = -1;

	set_path(l, sql, false);
	for (int i = 0; i < TRIES && rc < 0; i++) {
		if (i)
			http_turn(l->http);
		rc = ask(l, &(struct http_request){.body = packed, .gzip = true}, e);
		if (rc < 0 && (!l->away || monotonic_ms() - began > HURRY_MS))
			break;
	}
	free(sql);
	return rc;
}

int ch_insert(struct ch_line *l, const char *into, struct str rows, struct err *e)
{
	if (!rows.n)
		return 0;
	buf_reset(&l->packed);
	gzip_deflate(rows.p, rows.n, 1, &l->packed);
	return ch_insert_packed(l, into, (struct str){l->packed.p, l->packed.n}, e);
}

int ch_ask(struct ch_line *l, const struct buf *sql, struct ch_rows *out, struct err *e)
{
	struct buf body = {0};
	int rc;

	buf_add(&body, sql->p, sql->n);
	buf_adds(&body, " FORMAT RowBinary");
	set_path(l, NULL, true);
	rc = ask(l, &(struct http_request){.body = {body.p, body.n}}, e);
	buf_release(&body);
	*out = (struct ch_rows){0};
	if (!rc && l->answer.n) {
		out->p = (const uint8_t *)l->answer.p;
		out->end = out->p + l->answer.n;
	}
	return rc;
}

int ch_torn(const struct store *s, const struct ch_rows *r, struct err *e)
{
	return r->bad ? fail_as(e, ERR_DAMAGED, "%s: the server's rows are not what was asked for", s->where) : 0;
}

uint64_t ch_get(struct ch_rows *r, int bytes)
{
	uint64_t v = 0;

	if (r->end - r->p < bytes) {
		r->bad = true;
		return 0;
	}
	memcpy(&v, r->p, (size_t)bytes); /* low byte first, as the server has it */
	r->p += bytes;
	return v;
}

struct str ch_get_text(struct ch_rows *r)
{
	uint64_t n = ch_get_length(r);
	struct str s = {(const char *)r->p, (size_t)n};

	if (r->bad || n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return STR("");
	}
	r->p += n;
	return s;
}

void ch_put(struct buf *b, uint64_t v, int bytes)
{
	buf_add(b, &v, (size_t)bytes);
}

void ch_put_text(struct buf *b, struct str s)
{
	buf_varint(b, s.n);
	buf_add(b, s.p, s.n);
}

void ch_add_text(struct buf *sql, struct str s)
{
	static const char hex[] = "0123456789abcdef";

	buf_adds(sql, "unhex('");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		buf_putc(sql, hex[c >> 4]);
		buf_putc(sql, hex[c & 15]);
	}
	buf_adds(sql, "')");
}
