/* SPDX-License-Identifier: MIT */
/* Suspects that the user does not want to hear of again. By functions, not by lines: those move with every change. */
#include "view_leaks.h"
#include <gscrape/gzip.h>
#include <stdlib.h>

/* Beside the configuration file; NULL when there is none. The caller frees. */
static char *ignore_path(const struct session *a)
{
	const char *config = a->o->config_file, *slash = config ? strrchr(config, '/') : NULL;

	return slash ? xasprintf("%.*s/leak-ignore", (int)(slash - config), config) : NULL;
}

static char *rule_of(const struct suspect *s, struct pool *p)
{
	return pool_printf(p, "%s %s", s->created.func ? s->created.func : "-", s->place.func ? s->place.func : "-");
}

static void add_rule(struct leak_view *l, const char *text, size_t n)
{
	GROW(l->ignored, l->n_ignored, l->cap_ignored);
	l->ignored[l->n_ignored++] = pool_strndup(&l->ignore_pool, text, n);
}

void ignore_load(struct leak_view *l, const struct session *a)
{
	char *path = ignore_path(a);
	struct buf text = {0};
	struct err unused = {0};

	if (l->ignore_read || !path) {
		free(path);
		return;
	}
	l->ignore_read = true;
	if (file_read(path, &text, 1 << 20, &unused) == 0) {
		for (size_t i = 0; i < text.n;) {
			const char *end = memchr(text.p + i, '\n', text.n - i);
			size_t n = end ? (size_t)(end - text.p) - i : text.n - i;

			if (n && text.p[i] != '#')
				add_rule(l, text.p + i, n);
			i += n + 1;
		}
	}
	buf_release(&text);
	free(path);
}

static size_t find_rule(const struct leak_view *l, const char *rule)
{
	size_t i = 0;

	while (i < l->n_ignored && strcmp(l->ignored[i], rule) != 0)
		i++;
	return i;
}

bool is_ignored(const struct leak_view *l, const struct suspect *s)
{
	struct pool p = {0};
	bool found = l->n_ignored && find_rule(l, rule_of(s, &p)) < l->n_ignored;

	pool_release(&p);
	return found;
}

static int save(const struct leak_view *l, const struct session *a, struct err *e)
{
	char *path = ignore_path(a);
	struct buf text = {0};
	int rc;

	if (!path)
		return 0; /* for this run */
	buf_adds(&text, "# leak suspects to be ignored: creation site, function\n");
	for (size_t i = 0; i < l->n_ignored; i++)
		buf_addf(&text, "%s\n", l->ignored[i]);
	rc = file_folders(path, e);
	if (!rc)
		rc = file_write_mode(path, text.p, text.n, 0600, e);
	buf_release(&text);
	free(path);
	return rc;
}

int ignore_toggle(struct leak_view *l, const struct session *a, const struct suspect *s, struct err *e)
{
	struct pool p = {0};
	char *rule = rule_of(s, &p);
	size_t i = find_rule(l, rule);

	if (i < l->n_ignored)
		l->ignored[i] = l->ignored[--l->n_ignored];
	else
		add_rule(l, rule, strlen(rule));
	pool_release(&p);
	return save(l, a, e);
}
