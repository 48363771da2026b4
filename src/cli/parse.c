/* SPDX-License-Identifier: MIT */
/*
 * Command line, environment and config file to struct options.
 *
 * Everything that was said is first collected as (row, text, where it was said), the weakest source first; then it is
 * applied in that order, so that the strongest wins. Times come last of all: reading them needs --tz.
 */
#include "parse.h"
#include <gscrape/gzip.h>
#include <stdlib.h>
#include <unistd.h>

struct parse {
	struct options *o;
	struct said *said;
	size_t n, cap;
	struct binding *bindings;
	size_t n_bindings, cap_bindings;
	uint32_t commands; /* CMD() bits of what was asked for */
	const char *behind_serve; /* the word that follows a --serve without =ADDR */
	struct err *e;
};

static void say(struct parse *p, const struct option_row *row, const char *value, const char *where, enum source source)
{
	GROW(p->said, p->n, p->cap);
	p->said[p->n++] = (struct said){row, value, where, source};
	if (row->command)
		p->commands |= (uint32_t)1 << row->command;
}

/* --- the command line --- */

static int unknown_option(struct parse *p, const char *name)
{
	const char *near = option_suggest(name, 0);

	if (near)
		return fail(p->e, "--%s: no such option; did you mean --%s?", name, near);
	return fail(p->e, "--%s: no such option; see gscrape-tui --help", name);
}

/* "--db" and "--db=x"; not what only begins like an option, as a file may. */
static bool is_option(const char *word)
{
	return strncmp(word, "--", 2) == 0 && option_find(word + 2, strcspn(word + 2, "="));
}

/* What stands behind an option that needs something. NULL, with a sentence, where nothing does, or the next option. */
static const char *next_word(struct parse *p, const struct option_row *row, const char *where, char **argv, int i, int argc)
{
	if (i + 1 >= argc) {
		fail(p->e, "%s needs %s", where, row->arg);
		return NULL;
	}
	if (is_option(argv[i + 1])) {
		fail(p->e, "%s needs %s before %s (or %s%s%s, if that is meant)", where, row->arg, argv[i + 1], where, where[1] == '-' ? "=" : "", argv[i + 1]);
		return NULL;
	}
	return argv[i + 1];
}

/* Beside --help a command may stand without what it needs. */
static bool help_asked(char **argv, int argc)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* "name=value" behind the dashes of argv[i]; returns how many arguments were taken, or -1. */
static int long_option(struct parse *p, char **argv, int i, int argc)
{
	const char *text = argv[i] + 2, *eq = strchr(text, '=');
	size_t n = eq ? (size_t)(eq - text) : strlen(text);
	const struct option_row *row = option_find(text, n);
	const char *where, *value = eq ? eq + 1 : NULL;

	if (!row) {
		char *name = pool_strndup(&p->o->pool, text, n);

		return unknown_option(p, name);
	}
	where = pool_printf(&p->o->pool, "--%s", row->name);
	if (!row->arg && eq && row->command) {
		texts_add(&p->o->operands, value); /* --index=DIR is --index DIR */
		value = NULL;
	} else if (!row->arg && eq) {
		return fail(p->e, "%s takes no argument", where);
	}
	if (row->arg && !eq && !(row->flags & OPT_MAYBE)) {
		value = next_word(p, row, where, argv, i, argc);
		if (!value && row->command && help_asked(argv, argc)) {
			p->commands |= (uint32_t)1 << row->command;
			return 1;
		}
		if (!value)
			return -1;
	}
	if (row->command == CMD_SERVE)
		p->behind_serve = !eq && i + 1 < argc && argv[i + 1][0] != '-' ? argv[i + 1] : NULL;
	say(p, row, value, where, FROM_ARGS);
	return value && !eq ? 2 : 1;
}

/* Letters behind one dash: "-q", "-qk", "-i 5s", "-i5s". */
static int short_options(struct parse *p, char **argv, int i, int argc)
{
	for (const char *s = argv[i] + 1; *s; s++) {
		const struct option_row *row = option_letter(*s);
		const char *where = pool_printf(&p->o->pool, "-%c", *s), *value;

		if (!row)
			return fail(p->e, "%s: no such option; see gscrape-tui --help", where);
		if (!row->arg) {
			say(p, row, NULL, where, FROM_ARGS);
			continue;
		}
		value = s[1] ? s + 1 : next_word(p, row, where, argv, i, argc);
		if (!value)
			return -1;
		say(p, row, value, where, FROM_ARGS);
		return s[1] ? 1 : 2;
	}
	return 1;
}

static int read_args(struct parse *p, int argc, char **argv)
{
	bool options = true;

	for (int i = 1; i < argc;) {
		const char *a = argv[i];
		int took = 1;

		if (options && strcmp(a, "--") == 0)
			options = false;
		else if (options && a[0] == '-' && a[1] == '-')
			took = long_option(p, argv, i, argc);
		else if (options && a[0] == '-' && a[1])
			took = short_options(p, argv, i, argc);
		else
			texts_add(&p->o->operands, a);
		if (took < 0)
			return -1;
		i += took;
	}
	return 0;
}

/* --- the environment --- */

static const char *env_get(char **env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

/* An empty variable is one that is not there: the usual way to switch one off. */
static void read_env(struct parse *p, char **env)
{
	char name[64];

	for (const struct option_row *r = option_table; r->name; r++) {
		const char *value = r->flags & OPT_FILE ? env_get(env, option_variable(r, name, sizeof name)) : NULL;

		if (value && *value)
			say(p, r, value, pool_strndup(&p->o->pool, name, strlen(name)), FROM_ENV);
	}
}

/* --- the config file --- */

static int add_binding(struct parse *p, const struct config_line *l, const char *name)
{
	char *value = pool_strndup(&p->o->pool, l->value.p, l->value.n), *action = value + strcspn(value, " \t");

	if (!*value || !*action)
		return fail(p->e, "%s:%d: map needs a key and an action", name, l->line);
	*action++ = '\0';
	action += strspn(action, " \t");
	GROW(p->bindings, p->n_bindings, p->cap_bindings);
	p->bindings[p->n_bindings++] = (struct binding){value, action, l->line};
	return 0;
}

static int file_line(struct parse *p, const struct config_line *l, const char *name)
{
	struct pool *pool = &p->o->pool;
	const struct option_row *row = option_find(l->key.p, l->key.n);
	const char *key = pool_strndup(pool, l->key.p, l->key.n), *near;

	if (strcmp(key, "map") == 0)
		return add_binding(p, l, name);
	if (!row) {
		near = option_suggest(key, OPT_FILE);
		return near ? fail(p->e, "%s:%d: %s: no such option; did you mean %s?", name, l->line, key, near)
			    : fail(p->e, "%s:%d: %s: no such option", name, l->line, key);
	}
	if (!(row->flags & OPT_FILE))
		return fail(p->e, "%s:%d: %s may stand on the command line only", name, l->line, key);
	if (row->arg && !l->has_value)
		return fail(p->e, "%s:%d: %s needs %s", name, l->line, key, row->arg);
	say(p, row, l->has_value ? config_value(pool, l->value) : NULL,
	    pool_printf(pool, "%s:%d: %s", name, l->line, key), FROM_FILE);
	return 0;
}

static int read_file(struct parse *p, const char *path)
{
	struct buf text = {0};
	struct config_reader r = {.name = path};
	struct config_line l;
	int rc = file_read(path, &text, FILE_MAX, p->e);

	if (rc == 0) {
		r.text = (struct str){text.p, text.n};
		while ((rc = config_next(&r, &l, p->e)) > 0 && file_line(p, &l, path) == 0)
			;
		if (rc > 0)
			rc = -1;
	}
	buf_release(&text);
	return rc ? -1 : 0;
}

/* --config and GSCRAPE_CONFIG name a file that must be there; the default one need not. */
static int read_config(struct parse *p, char **env)
{
	const char *named = env_get(env, "GSCRAPE_CONFIG");
	char *usual;

	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->said[i].row->name, "config") == 0)
			named = p->said[i].value;
	if (named && *named) {
		p->o->config_file = pool_strndup(&p->o->pool, named, strlen(named));
		return read_file(p, p->o->config_file);
	}
	usual = config_default_path();
	if (!usual)
		return 0;
	p->o->config_file = pool_strndup(&p->o->pool, usual, strlen(usual));
	free(usual);
	return access(p->o->config_file, F_OK) == 0 ? read_file(p, p->o->config_file) : 0;
}

/* --- applying --- */

/* A list is that of its strongest source: --header on the command line takes those of the file away. */
static bool outdone(const struct parse *p, size_t i)
{
	if (p->said[i].row->type != OPT_LIST)
		return false;
	for (size_t j = i + 1; j < p->n; j++)
		if (p->said[j].row == p->said[i].row && p->said[j].source > p->said[i].source)
			return true;
	return false;
}

/* Weakest source first; within a source the order stays, so that what was said last wins. */
static void sort_said(struct parse *p)
{
	for (size_t i = 1; i < p->n; i++)
		for (size_t j = i; j > 0 && p->said[j - 1].source > p->said[j].source; j--) {
			struct said t = p->said[j];

			p->said[j] = p->said[j - 1];
			p->said[j - 1] = t;
		}
}

static int apply_all(struct parse *p)
{
	sort_said(p);
	for (size_t i = 0; i < p->n; i++)
		p->o->targets_asked |= p->said[i].source == FROM_ARGS && p->said[i].row->flags & OPT_TARGETS;
	for (size_t i = 0; i < p->n; i++)
		if (!outdone(p, i) && said_apply(p->o, &p->said[i], p->e) < 0)
			return -1;
	for (size_t i = 0; i < p->n; i++)
		if (p->said[i].row->type == OPT_TIME && said_apply_time(p->o, &p->said[i], p->e) < 0)
			return -1;
	return 0;
}

/* --- the command --- */

/* Which command it is; several only where the table says that they go together. */
static int choose_command(struct parse *p)
{
	uint32_t all = p->commands;
	const struct option_row *first = NULL;

	if (all & CMD(HELP)) {
		p->o->command = CMD_HELP;
		for (enum command c = CMD_BROWSE + 1; c < CMD_HELP; c++)
			if (all >> c & 1)
				p->o->help_on = option_command(c)->name;
		return 0;
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct option_row *row = p->said[i].row;

		if (!row->command)
			continue;
		if (first && first != row && !(command_table[first->command].also >> row->command & 1))
			return fail(p->e, "--%s and --%s do not go together", first->name, row->name);
		if (!first)
			first = row;
	}
	p->o->command = first ? first->command : CMD_BROWSE;
	if (all & CMD(LEAKS))
		p->o->command = CMD_LEAKS;
	if (all & CMD(SERVE)) {
		p->o->command = CMD_SERVE;
		p->o->scrape_too = all & CMD(SCRAPE);
	}
	return 0;
}

static int check_fit(struct parse *p)
{
	const struct command_row *c = &command_table[p->o->command];
	const struct option_row *row = option_command(p->o->command);
	uint32_t asked = p->commands | (uint32_t)1 << p->o->command;

	for (size_t i = 0; i < p->n; i++) {
		const struct said *s = &p->said[i];

		if (s->source == FROM_ARGS && !s->row->command && !(s->row->with & asked) && row)
			return fail(p->e, "%s does not go with --%s", s->where, row->name);
		if (s->source == FROM_ARGS && !s->row->command && !(s->row->with & asked))
			return fail(p->e, "%s needs a command; see gscrape-tui --help", s->where);
	}
	if (p->o->operands.n > c->most && row)
		return c->most ? fail(p->e, "--%s takes one %s: '%s' is too much", row->name, c->operands, p->o->operands.v[1])
			       : fail(p->e, "--%s takes no '%s'", row->name, p->o->operands.v[0]);
	return 0;
}

static void presets(struct parse *p)
{
	for (const struct option_row *r = option_table; r->name; r++)
		if (r->preset)
			say(p, r, r->preset, r->name, FROM_PRESET);
}

static int check_times(struct parse *p)
{
	const struct options *o = p->o;

	if (o->from != NO_TIME && o->to != NO_TIME && o->from > o->to)
		return fail(p->e, "--from is after --to");
	return o->from != NO_TIME && o->at != NO_TIME && o->from > o->at ? fail(p->e, "--from is after --at") : 0;
}

static bool was_said(const struct parse *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->said[i].row->name, name) == 0)
			return true;
	return false;
}

/* Options that mean nothing without another. */
static int check_needs(struct parse *p)
{
	static const struct {
		const char *name, *needs;
	} rows[] = {{"kubeconfig", "kubernetes"}, {"service-account", "kubernetes"}, {"namespace", "kubernetes"}, {"selector", "kubernetes"},
		    {"port", "kubernetes"},	  {"pod-proxy", "kubernetes"},	     {"resolver", "targets-dns"}, {"leak-for", "on-leak"}};

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
			if (p->said[i].source == FROM_ARGS && strcmp(p->said[i].row->name, rows[k].name) == 0 && !was_said(p, rows[k].needs))
				return fail(p->e, "--%s needs --%s", rows[k].name, rows[k].needs);
	return 0;
}

static const struct said *asked_for(const struct parse *p, const char *name)
{
	for (size_t i = p->n; i-- > 0;)
		if (p->said[i].source == FROM_ARGS && strcmp(p->said[i].row->name, name) == 0)
			return &p->said[i];
	return NULL;
}

/* Hosts have labels alone to go by, and only when asked: what goroutines are grouped by elsewhere is not meant. */
static int check_hosts(struct parse *p)
{
	const struct said *by = asked_for(p, "group-by");

	if (p->o->command != CMD_HOSTS)
		return 0;
	if (by && !p->o->group_label)
		return fail(p->e, "--hosts goes in groups by label.KEY, not by %s", by->value);
	if (!by)
		p->o->group_label = NULL;
	return 0;
}

/* No target has such a name: ":8080", "8080", all addresses of this machine. */
static bool only_listens(const char *s)
{
	static const char *const everywhere[] = {":", "0.0.0.0:", "[::]:"};

	for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
		if (strncmp(s, everywhere[i], strlen(everywhere[i])) == 0)
			return true;
	return *s && !s[strspn(s, "0123456789")];
}

/* Beside --scrape operands are targets: of what stands right behind --serve, and may be one, nobody can tell what it is. */
static int check_behind_serve(struct parse *p)
{
	struct texts *words = &p->o->operands;
	const char *word = p->behind_serve;
	size_t at = 0;

	if (!p->o->scrape_too || !word || p->o->serve)
		return 0;
	if (!only_listens(word))
		return fail(p->e, "--serve %s: to listen there write --serve=%s; if it is a target, name it before --serve", word, word);
	while (words->v[at] != word)
		at++;
	p->o->serve = word;
	memmove(words->v + at, words->v + at + 1, (--words->n - at) * sizeof *words->v);
	return 0;
}

/* What says nothing alone, or not with another. */
static int check_together(struct parse *p)
{
	if (check_needs(p) < 0 || check_hosts(p) < 0 || check_behind_serve(p) < 0)
		return -1;
	if (p->o->command == CMD_DUMP && (strcmp(p->o->format, "dump") == 0 || strcmp(p->o->format, "grouped") == 0))
		return fail(p->e, "--format %s is of --goroutines", p->o->format);
	if (p->o->of && p->o->host)
		return fail(p->e, "--host and --of do not go together");
	if (p->o->where && (p->o->command == CMD_SCRAPE || p->o->command == CMD_SERVE) && !p->o->on_leak)
		return fail(p->e, "--where needs --on-leak, of whose leaks it is");
	return p->o->json && p->o->csv ? fail(p->e, "--json and --csv do not go together") : 0;
}

/* Where nobody says, what is ignored stands beside the configuration. */
static void place_leak_ignore(struct options *o)
{
	const char *slash = o->config_file ? strrchr(o->config_file, '/') : NULL;

	o->leak_ignore_named = o->leak_ignore != NULL;
	if (!o->leak_ignore && slash)
		o->leak_ignore = pool_printf(&o->pool, "%.*s/leak-ignore", (int)(slash - o->config_file), o->config_file);
}

/* Links are to what is below it. */
static int place_page(struct parse *p)
{
	const char *url = p->o->page_url, *host = strstr(url, "://");

	if ((strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) || !host[3] || host[3] == '/' || strpbrk(url, " ?#\"<>"))
		return fail(p->e, "--page-url: '%s' is no address of a page, as https://host/path/ is", url);
	if (url[strlen(url) - 1] != '/')
		p->o->page_url = pool_printf(&p->o->pool, "%s/", url);
	return 0;
}

/* Help must be had with a broken file, too. Operands of a command that was given are that command's. */
static int help_meant(struct parse *p)
{
	const struct texts *words = &p->o->operands;

	if (p->o->help_on || !words->n)
		return 0;
	p->o->help_on = words->v[0];
	return words->n > 1 ? fail(p->e, "--help takes one COMMAND: '%s' is too much", words->v[1]) : 0;
}

static int parse_all(struct parse *p, int argc, char **argv, char **env)
{
	presets(p);
	if (read_args(p, argc, argv) < 0 || choose_command(p) < 0)
		return -1;
	if (p->o->command == CMD_HELP)
		return help_meant(p);
	if (check_fit(p) < 0)
		return -1;
	if (p->o->command == CMD_VERSION)
		return 0; /* it, too, must be had with a broken file */
	if (p->o->command != CMD_COMPLETIONS && read_config(p, env) < 0)
		return -1;
	read_env(p, env);
	if (apply_all(p) < 0)
		return -1;
	place_leak_ignore(p->o);
	return place_page(p) < 0 || check_times(p) < 0 || check_together(p) < 0 ? -1 : 0;
}

int options_parse(struct options *o, int argc, char **argv, char **env, struct err *e)
{
	struct parse p = {.o = o, .e = e};
	int rc;

	*o = (struct options){.at = NO_TIME, .from = NO_TIME, .to = NO_TIME, .base = NO_TIME};
	rc = parse_all(&p, argc, argv, env);
	if (p.n_bindings) {
		struct binding *b = pool_alloc(&o->pool, p.n_bindings * sizeof *b);

		memcpy(b, p.bindings, p.n_bindings * sizeof *b);
		o->bindings = b;
		o->n_bindings = p.n_bindings;
	}
	free(p.bindings);
	free(p.said);
	return rc;
}

void options_release(struct options *o)
{
	free(o->operands.v);
	free(o->headers.v);
	free(o->server_names.v);
	pool_release(&o->pool);
	*o = (struct options){0};
}
