/* SPDX-License-Identifier: MIT */
/*
 * The config file: one option per line, `key = value` or `key value`, or a key alone for a flag. A # at the beginning of
 * a line or behind a blank begins a comment. A value may stand in double quotes, in which \" and \\ are " and \.
 * `map KEY ACTION` binds a key of the terminal; there a # as KEY is a key.
 */
#include "option_table.h"
#include <ctype.h>
#include <errno.h>
#include <gscrape/gzip.h>
#include <stdlib.h>
#include <sys/stat.h>

#define KEY_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str trim(struct str s)
{
	while (s.n && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Without the comment at its end. `from` is where one may begin: a map line's key may be #. */
static struct str strip_comment(struct str s, size_t from)
{
	bool quoted = false;

	for (size_t i = from; i < s.n; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '#' && !quoted && (i == 0 || blank(s.p[i - 1])))
			s.n = i;
	}
	return trim(s);
}

static struct str next_line(struct config_reader *r)
{
	const char *p = r->text.p + r->pos, *end = memchr(p, '\n', r->text.n - r->pos);
	size_t n = end ? (size_t)(end - p) : r->text.n - r->pos;

	r->pos += n + (end != NULL);
	r->line++;
	return trim((struct str){p, n});
}

/* Split a line that is no comment. */
static int split(struct config_reader *r, struct str s, struct config_line *out, struct err *e)
{
	size_t n = 0;
	bool is_map;

	while (n < s.n && memchr(KEY_CHARS, s.p[n], sizeof KEY_CHARS - 1))
		n++;
	*out = (struct config_line){.key = {s.p, n}, .line = r->line};
	if (n == 0 || (n < s.n && !blank(s.p[n]) && s.p[n] != '='))
		return fail(e, "%s:%d: no option's name (write name = value)", r->name, r->line);
	is_map = str_eq(out->key, STR("map"));
	s.p += n;
	s.n -= n;
	s = is_map ? strip_comment(trim(s), 1) : strip_comment(s, 0);
	if (s.n && s.p[0] == '=' && !is_map) {
		s.p++;
		s.n--;
		out->has_value = true;
	}
	out->value = trim(s);
	out->has_value |= out->value.n > 0;
	return 1;
}

int config_next(struct config_reader *r, struct config_line *out, struct err *e)
{
	while (r->pos < r->text.n) {
		struct str s = next_line(r);

		if (memchr(s.p, '\0', s.n))
			return fail(e, "%s:%d: is no text", r->name, r->line);
		if (s.n && s.p[0] != '#')
			return split(r, s, out, e);
	}
	return 0;
}

char *config_value(struct pool *p, struct str v)
{
	char *out = pool_strndup(p, v.p, v.n);
	size_t n = 0;

	if (v.n < 2 || v.p[0] != '"' || v.p[v.n - 1] != '"')
		return out;
	for (size_t i = 1; i + 1 < v.n; i++) {
		if (v.p[i] == '\\' && i + 2 < v.n)
			i++;
		out[n++] = v.p[i];
	}
	out[n] = '\0';
	return out;
}

char *config_default_path(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (base && base[0] == '/')
		return xasprintf("%s/gscrape-tui/config", base);
	return home && home[0] ? xasprintf("%s/.config/gscrape-tui/config", home) : NULL;
}

/* A value as the reader takes it back. */
static void add_setting(struct buf *out, const char *key, const char *value)
{
	bool quote = !*value || strpbrk(value, "#\"\\") || blank(*value) || blank(value[strlen(value) - 1]);

	buf_addf(out, "%s = ", key);
	if (quote)
		buf_putc(out, '"');
	for (; *value; value++) {
		if (quote && (*value == '"' || *value == '\\'))
			buf_putc(out, '\\');
		buf_putc(out, *value);
	}
	buf_adds(out, quote ? "\"\n" : "\n");
}

/* The text `was` with one line changed. */
static void set_in(struct buf *out, struct str was, const char *key, const char *value)
{
	struct config_reader r = {.text = was};
	struct config_line l;
	bool done = value == NULL;

	while (r.pos < r.text.n) {
		size_t from = r.pos;
		struct str s = next_line(&r);
		bool same = s.n && s.p[0] != '#' && split(&r, s, &l, NULL) == 1 && str_eq(l.key, str_of(key));

		if (!same)
			buf_add(out, was.p + from, r.pos - from);
		else if (!done)
			add_setting(out, key, value);
		done |= same;
	}
	if (out->n && out->p[out->n - 1] != '\n')
		buf_putc(out, '\n');
	if (!done)
		add_setting(out, key, value);
}

int config_set(const char *path, const char *key, const char *value, struct err *e)
{
	struct buf was = {0}, out = {0};
	struct stat st = {.st_mode = 0600}; /* it may hold a password some day */
	char *real = realpath(path, NULL);  /* a link to somebody's dotfiles stays one */
	int rc;

	if (value && strchr(value, '\n')) {
		free(real);
		return fail(e, "%s: a value is one line", key);
	}
	rc = real ? file_read(real, &was, FILE_MAX, e) : file_folders(path, e);
	if (rc == 0) {
		if (real)
			stat(real, &st);
		set_in(&out, (struct str){was.p, was.n}, key, value);
		rc = file_write_mode(real ? real : path, out.p, out.n, st.st_mode & 0777, e);
	}
	free(real);
	buf_release(&was);
	buf_release(&out);
	return rc;
}
