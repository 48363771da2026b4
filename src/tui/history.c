/* SPDX-License-Identifier: MIT */
/* What was typed at prompts, kept between runs: one file for all stores, $XDG_STATE_HOME/gscrape-tui/history. */
#include "app.h"
#include <gscrape/gzip.h>
#include <stdio.h>
#include <stdlib.h>

#define HISTORY_MAX 65536

static const char *const kinds[PROMPT_MAX] = {
	[PROMPT_COMMAND] = "command", [PROMPT_SEARCH] = "search",     [PROMPT_FILTER] = "filter", [PROMPT_ID] = "id",
	[PROMPT_TIME] = "time",	      [PROMPT_FUNCTION] = "function", [PROMPT_FILE] = "file",
};

static void drop(struct history *h, size_t i)
{
	free(h->text[i]);
	memmove(h->text + i, h->text + i + 1, (h->n - i - 1) * sizeof *h->text);
	h->n--;
}

/* The newest last, each once. */
void history_add(struct history *h, const char *text)
{
	char *mine;

	if (!*text || strpbrk(text, "\r\n"))
		return;
	mine = xstrdup(text); /* it may be one of those dropped */
	for (size_t i = h->n; i-- > 0;)
		if (strcmp(h->text[i], mine) == 0)
			drop(h, i);
	if (h->n == sizeof h->text / sizeof *h->text)
		drop(h, 0);
	h->text[h->n++] = mine;
}

void history_release(struct app *a)
{
	for (int k = 0; k < PROMPT_MAX; k++) {
		struct history *h = &a->prompt.history[k];

		for (size_t i = 0; i < h->n; i++)
			free(h->text[i]);
		h->n = 0;
	}
}

/* Caller frees; NULL where there is no home. */
static char *history_path(void)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (base && base[0] == '/')
		return xasprintf("%s/gscrape-tui/history", base);
	return home && home[0] == '/' ? xasprintf("%s/.local/state/gscrape-tui/history", home) : NULL;
}

int history_save(const struct app *a, struct err *e)
{
	char *path = history_path();
	struct buf b = {0};
	int rc = 0;

	for (int k = 0; k < PROMPT_MAX; k++)
		for (size_t i = 0; kinds[k] && i < a->prompt.history[k].n; i++)
			buf_addf(&b, "%s %s\n", kinds[k], a->prompt.history[k].text[i]);
	if (path && b.n) {
		rc = file_folders(path, e);
		if (!rc)
			rc = file_write_mode(path, b.p, b.n, 0600, e);
	}
	buf_release(&b);
	free(path);
	return rc;
}

static void load_line(struct app *a, const char *line, size_t n)
{
	char text[sizeof a->prompt.text];

	for (int k = 0; k < PROMPT_MAX; k++) {
		size_t len = kinds[k] ? strlen(kinds[k]) : 0;

		if (!len || n <= len + 1 || n - len > sizeof text || memcmp(line, kinds[k], len) != 0 || line[len] != ' ')
			continue;
		snprintf(text, sizeof text, "%.*s", (int)(n - len - 1), line + len + 1);
		history_add(&a->prompt.history[k], text);
	}
}

void history_load(struct app *a)
{
	char *path = history_path();
	struct buf b = {0};
	struct err e;

	if (path && file_read(path, &b, HISTORY_MAX, &e) == 0 && b.n) {
		buf_putc(&b, '\0');
		for (const char *p = b.p; *p;) {
			size_t n = strcspn(p, "\n");

			load_line(a, p, n);
			p += n + (p[n] == '\n');
		}
	}
	buf_release(&b);
	free(path);
}
