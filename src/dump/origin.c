/* SPDX-License-Identifier: MIT */
#include "origin.h"
#include "shape.h"
#include <ctype.h>
#include <stdbool.h>

static bool is_letter(char c)
{
	return isalpha((unsigned char)c) != 0;
}

/* Of a name of a host, a service, a pod. */
static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || char_in(c, "-_.");
}

static size_t over_name(struct str s, size_t i)
{
	while (i < s.n && is_name_char(s.p[i]))
		i++;
	return i;
}

static size_t over_blanks(struct str s, size_t i)
{
	while (i < s.n && s.p[i] == ' ')
		i++;
	return i;
}

/* Has it a letter, and is it no level? */
static bool is_name(struct str s)
{
	if (!s.n || s.n > ORIGIN_MAX || shape_is_level(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (is_letter(s.p[i]))
			return true;
	return false;
}

static void add(struct buf *out, struct str a, struct str b)
{
	buf_add(out, a.p, a.n);
	if (b.n) {
		buf_putc(out, '/');
		buf_add(out, b.p, b.n);
	}
}

/* `[pod/NAME/CONTAINER] `, as kubectl logs --prefix writes it. */
static bool kubectl(struct buf *out, struct str s)
{
	const char *from = memmem(s.p, s.n, "[pod/", 5), *to = from ? memchr(from, ']', (size_t)(s.p + s.n - from)) : NULL;

	if (!to || to - from - 5 > ORIGIN_MAX || to == from + 5)
		return false;
	buf_add(out, from + 5, (size_t)(to - from) - 5);
	return true;
}

/* `NAME  | ` at the beginning. */
static bool compose(struct buf *out, struct str s)
{
	size_t from = over_blanks(s, 0), end = over_name(s, from), bar = over_blanks(s, end);
	struct str name = {s.p + from, end - from};

	if (bar == s.n || s.p[bar] != '|' || !is_name(name))
		return false;
	add(out, name, (struct str){0});
	return true;
}

static bool is_lower(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (isupper((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

/* `POD CONTAINER ` and nothing else, as stern writes it. */
static bool stern(struct buf *out, struct str s)
{
	size_t end = over_name(s, 0), from = over_blanks(s, end), to = over_name(s, from);
	struct str pod = {s.p, end}, container = {s.p + from, to - from};

	if (from == end || to == from || over_blanks(s, to) != s.n || !memchr(pod.p, '-', pod.n) || !is_name(pod) || !is_name(container) ||
	    !is_lower(pod) || !is_lower(container))
		return false;
	add(out, pod, container);
	return true;
}

/* Is it NAME-HASH-RANDOM, as a deployment's pods are called? */
static bool is_pod(struct str s)
{
	size_t n = s.n, hash;

	if (n < 17 || s.p[n - 6] != '-')
		return false;
	for (size_t i = n - 5; i < n; i++)
		if (!islower((unsigned char)s.p[i]) && !isdigit((unsigned char)s.p[i]))
			return false;
	for (hash = n - 7; hash > 0 && isxdigit((unsigned char)s.p[hash]) && !isupper((unsigned char)s.p[hash]); hash--)
		;
	return hash > 0 && s.p[hash] == '-' && n - 7 - hash >= 8 && n - 7 - hash <= 10;
}

static bool pod(struct buf *out, struct str s)
{
	for (size_t i = 0, end; i < s.n; i = end + 1) {
		end = over_name(s, i);
		if (is_pod((struct str){s.p + i, end - i})) {
			add(out, (struct str){s.p + i, end - i}, (struct str){0});
			return true;
		}
	}
	return false;
}

/* `10:00:00 HOST PROGRAM[PID]: ` at the end: the program of that host. */
static bool syslog_line(struct buf *out, struct str s)
{
	size_t open, from, end, begin;

	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	if (s.n < 8 || s.p[s.n - 1] != ':' || s.p[s.n - 2] != ']')
		return false;
	for (open = s.n - 2; open && isdigit((unsigned char)s.p[open - 1]); open--)
		;
	if (!open || open == s.n - 2 || s.p[open - 1] != '[')
		return false;
	for (from = open - 1; from && is_name_char(s.p[from - 1]); from--)
		;
	if (from < 2 || s.p[from - 1] != ' ')
		return false;
	for (end = begin = from - 1; begin && is_name_char(s.p[begin - 1]); begin--)
		;
	if (!is_name((struct str){s.p + begin, end - begin}) || !is_name((struct str){s.p + from, open - 1 - from}) || begin < 9 || s.p[begin - 1] != ' ')
		return false;
	add(out, (struct str){s.p + begin, end - begin}, (struct str){s.p + from, open - 1 - from});
	return true;
}

void origin_of_prefix(struct buf *out, struct str prefix)
{
	static bool (*const forms[])(struct buf *, struct str) = {kubectl, compose, stern, pod, syslog_line};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (forms[i](out, prefix))
			return;
}

/* The string of a key in a line of JSON, no longer than a name; empty when it is not there. */
static struct str string_of(struct str s, const char *key)
{
	size_t n = strlen(key), from, end;

	for (const char *at = memmem(s.p, s.n, key, n); at; at = memmem(at + 1, (size_t)(s.p + s.n - at) - 1, key, n)) {
		from = over_blanks(s, (size_t)(at - s.p) + n);
		if (from == s.n || s.p[from] != ':')
			continue;
		from = over_blanks(s, from + 1);
		if (from == s.n || s.p[from] != '"')
			continue;
		end = over_name(s, from + 1);
		if (end < s.n && s.p[end] == '"' && end > from + 1 && end - from <= ORIGIN_MAX)
			return (struct str){s.p + from + 1, end - from - 1};
	}
	return (struct str){0};
}

void origin_of_record(struct buf *out, struct str line)
{
	static const struct {
		const char *who, *more;
	} keys[] = {
		{"\"pod_name\"", "\"container_name\""}, {"\"pod\"", "\"container\""}, {"\"k8s.pod.name\"", "\"k8s.container.name\""},
		{"\"_HOSTNAME\"", "\"SYSLOG_IDENTIFIER\""}, {"\"container_name\"", NULL}, {"\"hostname\"", NULL}, {"\"host\"", "\"service\""},
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct str who = string_of(line, keys[i].who), more = keys[i].more && who.n ? string_of(line, keys[i].more) : (struct str){0};

		if (!who.n)
			continue;
		add(out, who, more);
		return;
	}
}
