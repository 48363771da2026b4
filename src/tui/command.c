/* SPDX-License-Identifier: MIT */
/* What `:` takes: the names of actions, with what the prompt of one would ask for behind it, and a few words of its own. */
#include "app.h"
#include "command.h"
#include "settings.h"
#include "view_help.h"
#include <gscrape/export.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>

static void do_set(struct app *a, char *text)
{
	char *value = text + strcspn(text, " ");
	const struct setting *s;

	if (*value)
		*value++ = '\0';
	value += strspn(value, " ");
	s = setting_named(text);
	if (!*text)
		app_do(a, ACT_OPTIONS);
	else if (!s)
		say(&a->s, "no option '%s'; o lists them", text);
	else if (*value || (!s->set && !s->get))
		setting_change(&a->s, s, *value ? value : "yes");
	else
		say(&a->s, "%s is %s", s->name, setting_value(&a->s, s));
}

static void do_stats(struct app *a, char *text)
{
	const struct cost *c = &a->cost;

	(void)text;
	say(&a->s, "last frame %" PRIu64 " bytes, mean %" PRIu64 ", %" PRIu64 " frames, %" PRIu64 " writes, %" PRIu64 " bytes in all", c->last,
		c->frames ? c->bytes / c->frames : 0, c->frames, c->writes, c->bytes);
}

static void do_map(struct app *a, char *text)
{
	char *action = text + strcspn(text, " ");
	struct err e = {0};

	if (*action)
		*action++ = '\0';
	action += strspn(action, " ");
	if (!*text || !*action)
		say(&a->s, "map KEY ACTION");
	else if (map_key(&a->s, text, action, &e) < 0)
		say_error(&a->s, e.text);
	else
		say(&a->s, "%s is %s, for this run; the config file keeps it", text, action);
}

static void do_host(struct app *a, char *text)
{
	struct err e = {0};
	const struct host *h = *text ? query_host(a->s.q, text, &e) : chosen_host(&a->s);

	if (!h) {
		say_error(&a->s, e.text);
		return;
	}
	if (*text)
		a->s.host = h->id;
	go_view(&a->s, VIEW_HOST);
}

/* What is to be written, now or when the prompt is answered. */
static void write_what(struct app *a, enum written what, const char *path)
{
	a->written = what;
	if (*path)
		write_view(a, path);
	else
		write_ask(a, what);
}

static void do_report(struct app *a, char *text)
{
	write_what(a, WRITE_REPORT, text);
}

/* The prompt again, with what can stand there. */
static void ask_format(struct app *a, const char *text)
{
	struct buf names = {0};

	for (size_t i = 0; export_format_name(i); i++)
		buf_addf(&names, "%s%s", i ? " " : "", export_format_name(i));
	prompt_open(a, PROMPT_COMMAND, "export ");
	if (*text)
		snprintf(a->prompt.hint, sizeof a->prompt.hint, "no format '%.40s': %s", text, names.p);
	else
		snprintf(a->prompt.hint, sizeof a->prompt.hint, "%s", names.p);
	buf_release(&names);
}

static void do_export(struct app *a, char *text)
{
	char *path = text + strcspn(text, " ");

	if (*path)
		*path++ = '\0';
	path += strspn(path, " ");
	a->format = export_format(text);
	if (a->format)
		write_what(a, WRITE_EXPORT, path);
	else
		ask_format(a, text);
}

/* All keys, at the row of an action. */
static void do_help(struct app *a, char *text)
{
	app_do(a, ACT_HELP);
	if (*text)
		help_at(&a->s, text);
}

const struct command_word command_words[] = {
	{"set", "set an option: set NAME VALUE", do_set},
	{"stats", "what painting costs", do_stats},
	{"map", "bind a key: map KEY ACTION", do_map},
	{"host", "view 2, of this host", do_host},
	{"report", "what leaks, for a ticket: report FILE.html or .md", do_report},
	{"export", "for other tools: export FORMAT FILE", do_export},
	{"help", "the keys, at an action: help NAME", do_help},
};
const size_t command_words_n = sizeof command_words / sizeof *command_words;

/* The one action whose name begins so. */
static const struct key_row *row_begins(const char *name, size_t *found)
{
	const struct key_row *only = NULL;
	size_t n = strlen(name);

	*found = 0;
	for (size_t i = 0; n && i < key_table_n; i++) {
		if (key_table[i].place != AT_PROMPT && strncmp(key_table[i].name, name, n) == 0) {
			only = &key_table[i];
			++*found;
		}
	}
	return *found == 1 ? only : NULL;
}

/* The name of a saved filter stands for it; another word is looked for, with a word that it is no name. */
static const char *filter_named(struct session *s, const char *arg, char *out, size_t size)
{
	size_t n = strlen(arg);

	for (size_t i = 0; n && i < s->n_saved; i++) {
		if (strncmp(s->saved[i], arg, n) == 0 && s->saved[i][n] == ':') {
			snprintf(out, size, "@%s", arg);
			return out;
		}
	}
	if (n && s->n_saved && word_length(arg) == n)
		say(s, "no filter is saved as '%s': looked for as a word", arg);
	return arg;
}

/* An action; `arg` is what its prompt would be given. */
static void run_row(struct app *a, const struct key_row *r, const char *arg)
{
	enum prompt_kind kind = prompt_of(r->action);
	char saved[200];

	if (r->action == ACT_FILTER)
		arg = filter_named(&a->s, arg, saved, sizeof saved);

	if (r->action == ACT_WRITE && *arg) {
		write_what(a, WRITE_VIEW, arg);
	} else if (r->place == AT_PROMPT) {
		say(&a->s, "'%s' is a key of prompts", r->name);
	} else if (*arg && kind == PROMPT_KEY) {
		app_answer(a, r->action, (unsigned char)*arg);
	} else if (*arg && kind != PROMPT_NONE) {
		prompt_open(a, kind, arg);
		prompt_accept(a);
	} else {
		app_do(a, r->action);
	}
}

void run_command(struct app *a, const char *text)
{
	char line[256], *arg;
	const struct key_row *r;
	size_t found = 0;

	snprintf(line, sizeof line, "%s", text + strspn(text, " :"));
	arg = line + strcspn(line, " ");
	if (*arg)
		*arg++ = '\0';
	arg += strspn(arg, " ");
	for (size_t i = 0; i < command_words_n; i++) {
		if (strcmp(command_words[i].name, line) == 0) {
			command_words[i].run(a, arg);
			return;
		}
	}
	r = key_row_named(line);
	if (!r)
		r = row_begins(line, &found);
	if (r)
		run_row(a, r, arg);
	else if (*line)
		say(&a->s, found ? "'%s' could be several actions; Tab completes" : "no action '%s'; ? lists them", line);
}
