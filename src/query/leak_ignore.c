/* SPDX-License-Identifier: MIT */
/* Suspects that nobody wants to hear of again. By functions, not by lines: those move with every change. */
#include <gscrape/gzip.h>
#include <gscrape/insight.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define LARGEST (1 << 20) /* bytes of the file */

struct leak_ignore {
	char *path; /* NULL: for this run only */
	struct pool pool;
	const char **rules;
	size_t n, cap;
};

static char *rule_of(const struct suspect *s, struct pool *p)
{
	return pool_printf(p, "%s %s", s->created.func ? s->created.func : "-", s->place.func ? s->place.func : "-");
}

/* The name of a function has a dot, or nothing is known of it. */
static bool is_function(const char *word, size_t n)
{
	return (n == 1 && *word == '-') || memchr(word, '.', n);
}

/* Two functions: where blanks are within a name, the first word and the last one show it. */
static bool is_rule(const char *text, size_t n)
{
	const char *first = memchr(text, ' ', n), *last = memrchr(text, ' ', n);

	return first && is_function(text, (size_t)(first - text)) && is_function(last + 1, (size_t)(text + n - last - 1));
}

static void add_rule(struct leak_ignore *g, const char *text, size_t n)
{
	GROW(g->rules, g->n, g->cap);
	g->rules[g->n++] = pool_strndup(&g->pool, text, n);
}

/* However many blanks and tabs a person writes before, between and behind the words, they are one between. */
static struct str one_blank_each(struct pool *p, const char *text, size_t n)
{
	char *out = pool_alloc(p, n + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!strchr(" \t\r", text[i]))
			out[k++] = text[i];
		else if (k && out[k - 1] != ' ')
			out[k++] = ' ';
	if (k && out[k - 1] == ' ')
		k--;
	return (struct str){out, k};
}

/* A line: a rule, a comment, or nothing. */
static int read_line(struct leak_ignore *g, unsigned line, struct str s, struct err *e)
{
	struct str words = one_blank_each(&g->pool, s.p, s.n);
	const char *text = words.p;
	size_t n = words.n;

	if (!n || *text == '#')
		return 0;
	if (!is_rule(text, n))
		return fail_as(e, ERR_USAGE, "%s: line %u is not two functions with a blank between, who starts the goroutines and where they are: %.*s",
			       g->path, line, n > 60 ? 60 : (int)n, text);
	add_rule(g, text, n);
	return 0;
}

int leak_ignore_open(struct leak_ignore **out, const char *path, struct err *e)
{
	struct leak_ignore *g = xcalloc(1, sizeof *g);
	struct buf text = {0};
	int rc = 0;

	g->path = path ? xstrdup(path) : NULL;
	if (path && access(path, F_OK) == 0)
		rc = file_read(path, &text, LARGEST, e);
	for (size_t i = 0, line = 1; rc == 0 && i < text.n; line++) {
		const char *end = memchr(text.p + i, '\n', text.n - i);
		size_t n = end ? (size_t)(end - text.p) - i : text.n - i;

		rc = read_line(g, (unsigned)line, (struct str){text.p + i, n}, e);
		i += n + 1;
	}
	buf_release(&text);
	if (rc < 0)
		leak_ignore_close(g);
	else
		*out = g;
	return rc < 0 ? -1 : 0;
}

void leak_ignore_close(struct leak_ignore *g)
{
	if (!g)
		return;
	free(g->path);
	free(g->rules);
	pool_release(&g->pool);
	free(g);
}

static size_t find_rule(const struct leak_ignore *g, const struct suspect *s)
{
	struct pool p = {0};
	const char *rule = rule_of(s, &p);
	size_t i = 0;

	while (i < g->n && strcmp(g->rules[i], rule) != 0)
		i++;
	pool_release(&p);
	return i;
}

bool leak_ignored(const struct leak_ignore *g, const struct suspect *s)
{
	return g && g->n && find_rule(g, s) < g->n;
}

static int save(const struct leak_ignore *g, struct err *e)
{
	struct buf text = {0};
	int rc;

	if (!g->path)
		return 0;
	buf_adds(&text, "# leak suspects to be ignored: who created them, and where they are stuck\n");
	for (size_t i = 0; i < g->n; i++)
		buf_addf(&text, "%s\n", g->rules[i]);
	rc = file_folders(g->path, e);
	if (!rc)
		rc = file_write_mode(g->path, text.p, text.n, 0600, e);
	buf_release(&text);
	return rc;
}

int leak_ignore_toggle(struct leak_ignore *g, const struct suspect *s, struct err *e)
{
	size_t i = find_rule(g, s);
	struct pool p = {0};
	char *rule;

	if (i < g->n) {
		g->rules[i] = g->rules[--g->n];
	} else {
		rule = rule_of(s, &p);
		add_rule(g, rule, strlen(rule));
	}
	pool_release(&p);
	return save(g, e);
}

int leak_ignore_apply(const char *path, struct suspect *s, size_t *n, size_t *ignored, struct err *e)
{
	struct leak_ignore *g;
	size_t kept = 0;

	*ignored = 0;
	if (!path)
		return 0;
	if (leak_ignore_open(&g, path, e) < 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		if (!leak_ignored(g, &s[i]))
			s[kept++] = s[i];
	*ignored = *n - kept;
	*n = kept;
	leak_ignore_close(g);
	return 0;
}
