/* SPDX-License-Identifier: MIT */
/* --help, from the table. */
#include "option_table.h"
#include <stdio.h>
#include <stdlib.h>

#define COLUMN 30 /* where the explanations begin */
#define WIDTH  80

static const char *const usage_lines[] = {
	"gscrape-tui                            browse the store",
	"gscrape-tui TARGET...                  record these and browse them live",
	"gscrape-tui DIR | FILE | -             browse an archive or one dump",
	"gscrape-tui --COMMAND [OPTION...]      one of the commands below",
};

/* Words in lines that begin at `column`, where we are. */
static void add_words(struct buf *out, const char *s, size_t column)
{
	size_t at = column;

	while (*s) {
		size_t n = strcspn(s, " ");

		if (at > column && at + n + 1 > WIDTH) {
			buf_addf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			buf_putc(out, ' ');
			at++;
		}
		buf_add(out, s, n);
		at += n;
		s += n + strspn(s + n, " ");
	}
}

/* "  -i, --interval DURATION     time between two scrapes (30s)" */
static void add_row(struct buf *out, const struct option_row *r)
{
	const struct command_row *c = r->command ? &command_table[r->command] : NULL;
	size_t from = out->n;
	char *text;

	if (r->letter)
		buf_addf(out, "  -%c, --%s", r->letter, r->name);
	else
		buf_addf(out, "      --%s", r->name);
	if (r->flags & OPT_MAYBE)
		buf_addf(out, "[=%s]", r->arg);
	else if (r->arg)
		buf_addf(out, " %s", r->arg);
	if (c && c->operands && !(r->flags & OPT_MAYBE))
		buf_addf(out, " %s", c->operands);
	if (out->n - from > COLUMN - 2)
		buf_addf(out, "\n%*s", COLUMN, "");
	else
		buf_addf(out, "%*s", (int)(COLUMN - (out->n - from)), "");
	text = r->preset ? xasprintf("%s (%s)", r->help, r->preset) : xstrdup(r->help);
	add_words(out, text, COLUMN);
	free(text);
	buf_putc(out, '\n');
}

/* The rows that `with` wants, under their sections; a section without any has no heading. */
static void add_rows(struct buf *out, uint32_t with)
{
	const char *section = NULL, *shown = NULL;

	for (const struct option_row *r = option_table; r->name; r++) {
		if (r->section)
			section = r->section;
		if (r->flags & OPT_HIDDEN || (with && (r->command || !(r->with & with))))
			continue;
		if (section != shown)
			buf_addf(out, "\n%s:\n", section);
		shown = section;
		add_row(out, r);
	}
}

void help_all(struct buf *out)
{
	buf_adds(out, "gscrape-tui records the goroutines of Go processes and browses their history.\n\n");
	for (size_t i = 0; i < sizeof usage_lines / sizeof *usage_lines; i++)
		buf_addf(out, "%s%s\n", i ? "       " : "Usage: ", usage_lines[i]);
	add_rows(out, 0);
	buf_adds(out, "\nA TARGET is host:port, [v6]:port or a URL. A TIME is 2026-11-23T16:05:05Z,\n"
		      "'2026-11-23 16:05', 16:05 or -10m; a DURATION 90s, 1m30s or 7d.\n"
		      "Options may also stand in GSCRAPE_* variables and in\n"
		      "$XDG_CONFIG_HOME/gscrape-tui/config.\n"
		      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 as --fail-on asks.\n"
		      "Manual: gscrape-tui(1), (5), (7).\n");
}

static const char *next_command(void *ctx)
{
	const struct option_row **r = ctx;

	for (; (*r)->name; (*r)++)
		if ((*r)->command && !((*r)->flags & OPT_HIDDEN))
			return (*r)++->name;
	return NULL;
}

int help_on(struct buf *out, const char *command, struct err *e)
{
	const char *name = command + strspn(command, "-"), *near;
	const struct option_row *row = option_find(name, strlen(name)), *first = option_table;

	if (row && !row->command) {
		add_row(out, row);
		return 0;
	}
	if (!row) {
		near = suggest(name, next_command, &first);
		return near ? fail_as(e, ERR_USAGE, "no command is called %s; did you mean %s?", name, near)
			    : fail_as(e, ERR_USAGE, "no command is called %s; see gscrape-tui --help", name);
	}
	buf_addf(out, "gscrape-tui --%s", row->name);
	if (row->arg)
		buf_addf(out, row->flags & OPT_MAYBE ? "[=%s]" : " %s", row->arg);
	if (command_table[row->command].operands)
		buf_addf(out, " %s", command_table[row->command].operands);
	buf_adds(out, "\n\n");
	add_words(out, row->help, 0);
	buf_putc(out, '\n');
	add_rows(out, (uint32_t)1 << row->command);
	return 0;
}
