/* SPDX-License-Identifier: MIT */
/* Tab at a prompt: names of actions and options with their values, hosts, marks, goroutines' numbers. */
#include "command.h"
#include "settings.h"
#include <dirent.h>
#include <gscrape/export.h>
#include <gscrape/filter.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What could stand where the cursor is. */
struct choice {
	struct app *a;
	const char *word; /* what is there of it */
	size_t n, found, common;
	char first[256];  /* the first one */
	const char *nothing; /* why there is none, or what could be typed; NULL: nothing begins so */
	struct buf all;
};

static void take(struct choice *c, const char *name)
{
	size_t k = 0;

	if (strlen(name) >= sizeof c->first)
		return;
	if (!c->found++) {
		snprintf(c->first, sizeof c->first, "%s", name);
		c->common = strlen(name);
	}
	while (k < c->common && c->first[k] == name[k])
		k++;
	c->common = k;
	buf_addf(&c->all, "%s%s", c->all.n ? " " : "", name);
}

static void offer(struct choice *c, const char *name)
{
	if (strncmp(name, c->word, c->n) == 0)
		take(c, name);
}

static void offer_actions(struct choice *c, const char *before)
{
	(void)before;
	for (size_t i = 0; i < key_table_n; i++)
		if (key_table[i].place != AT_PROMPT)
			offer(c, key_table[i].name);
}

static void offer_words(struct choice *c, const char *before)
{
	offer_actions(c, before);
	for (size_t i = 0; i < command_words_n; i++)
		if (!key_row_named(command_words[i].name))
			offer(c, command_words[i].name);
}

static void offer_settings(struct choice *c, const char *before)
{
	static const char *const yes_no[] = {"yes", "no", NULL};
	char name[64];
	const struct setting *s;

	if (sscanf(before, "set %63s", name) != 1) {
		for (size_t i = 0; i < settings_n; i++)
			offer(c, settings[i].name);
		return;
	}
	s = setting_named(name);
	if (s && s->form) { /* its own value can be changed; what else there is, is only its form */
		if (strcmp(setting_value(&c->a->s, s), "-") != 0)
			offer(c, setting_value(&c->a->s, s));
		c->nothing = s->form;
		return;
	}
	for (const char *const *v = !s ? NULL : s->values ? s->values : yes_no; v && *v; v++)
		offer(c, *v);
}

static void offer_hosts(struct choice *c, const char *before)
{
	size_t n;
	const struct host *h = query_hosts(c->a->s.q, &n);

	(void)before;
	for (size_t i = 0; i < n; i++)
		offer(c, h[i].name);
}

static void offer_marks(struct choice *c, const char *before)
{
	char name[2] = "a";

	(void)before;
	for (int i = 0; i < 26; i++, name[0]++)
		if (c->a->s.marked[i])
			offer(c, name);
	c->nothing = "no mark begins so: m and a letter set one";
}

/* To be set: those that are free, or all. */
static void offer_letters(struct choice *c, const char *before)
{
	char name[2] = "a";
	bool full = true;

	(void)before;
	for (int i = 0; i < 26; i++)
		full &= c->a->s.marked[i];
	for (int i = 0; i < 26; i++, name[0]++)
		if (full || !c->a->s.marked[i])
			offer(c, name);
	c->nothing = "that mark is set already: this sets it anew";
}

static void offer_ids(struct choice *c, const char *before)
{
	struct pool p = {0};
	struct err e;
	uint64_t *ids;
	char text[32];
	size_t n = 0;

	(void)before;
	if (c->a->s.host && query_ids(c->a->s.q, &(struct ids_question){{c->a->s.host, c->a->s.t}, c->word, 50}, &p, &ids,
		&n, &e) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "%" PRIu64, ids[i]);
		offer(c, text);
	}
	if (!c->a->s.known.known)
		c->nothing = "nobody is known at T: digits look everywhere";
	pool_release(&p);
}

/* What needs quotes gets them, and who began with one. */
static void offer_one(void *ctx, const char *word)
{
	struct choice *c = ctx;
	char quoted[sizeof c->first];

	if (!filter_word_fits(word, c->word, c->n))
		return;
	if (c->n && char_in(*c->word, "\"'") && *word != '"' && (size_t)snprintf(quoted, sizeof quoted, "\"%s\"", word) < sizeof quoted)
		word = quoted;
	take(c, word);
}

/* The filter language. */
static void offer_filter(struct choice *c, const char *before)
{
	const struct session *s = &c->a->s;

	filter_offer(&(struct filter_offer){.q = s->q, .at = {s->host, s->t}, .before = str_of(before), .saved = s->saved, .n_saved = s->n_saved,
					    .fn = offer_one, .ctx = c});
}

#define FILTER_COMMAND "filter "

/* The same behind its command, where a saved one's name stands for it, too. */
static void offer_filter_named(struct choice *c, const char *before)
{
	const struct session *s = &c->a->s;
	char name[64];

	for (size_t i = 0; i < s->n_saved && !before[strlen(FILTER_COMMAND)]; i++) {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(s->saved[i], ":"), s->saved[i]);
		offer(c, name);
	}
	offer_filter(c, before + strlen(FILTER_COMMAND));
}

/* Files and folders, by what is there of their path. */
static void offer_files(struct choice *c, const char *before)
{
	const char *slash = c->n ? memrchr(c->word, '/', c->n) : NULL, *home = getenv("HOME");
	int n = slash ? (int)(slash - c->word) + 1 : 0;
	bool at_home = n >= 2 && c->word[0] == '~' && c->word[1] == '/' && home;
	char *folder = at_home ? xasprintf("%s%.*s", home, n - 1, c->word + 1) : xasprintf("%.*s", n, c->word);
	DIR *d = opendir(*folder ? folder : ".");
	struct dirent *f;

	(void)before;
	while (d && (f = readdir(d)) != NULL) {
		char *path = xasprintf("%.*s%s%s", n, c->word, f->d_name, f->d_type == DT_DIR ? "/" : "");

		if (f->d_name[0] != '.' || (slash ? c->word[n] : *c->word) == '.')
			offer(c, path);
		free(path);
	}
	if (d)
		closedir(d);
	free(folder);
}

/* What was searched for before; nothing yet: what the selected row says. */
static void offer_searched(struct choice *c, const char *before)
{
	const struct history *h = &c->a->prompt.history[PROMPT_SEARCH];
	struct session *s = &c->a->s;
	const struct view *v = view_of(s, s->view);
	struct buf row = {0};

	(void)before;
	for (size_t i = h->n; i > 0; i--)
		offer(c, h->text[i - 1]);
	if (v->copy && !h->n)
		v->copy(s, 'n', &row);
	if (v->copy && !h->n && !row.n)
		v->copy(s, 'i', &row);
	if (row.n) {
		buf_putc(&row, '\0');
		offer(c, row.p);
	}
	buf_release(&row);
}

static void offer_times(struct choice *c, const char *before)
{
	(void)before;
	offer(c, "start");
	offer(c, "end");
	offer(c, "sample ");
}

static void offer_formats(struct choice *c, const char *before)
{
	if (strchr(before + strlen("export "), ' ')) {
		offer_files(c, before);
		return;
	}
	for (size_t i = 0; export_format_name(i); i++)
		offer(c, export_format_name(i));
}

/* What follows which beginning of a command line; the last that fits counts. */
static const struct {
	const char *before;
	void (*offer)(struct choice *c, const char *before);
} after[] = {
	{"", offer_words},	{"set ", offer_settings},    {"map ", offer_actions}, {"help ", offer_actions}, {"host ", offer_hosts},
	{"write ", offer_files},     {"report ", offer_files},	  {"export ", offer_formats},
	{FILTER_COMMAND, offer_filter_named}, {"goto-mark ", offer_marks}, {"mark ", offer_letters}, {"goto-id ", offer_ids}, {"goto-time ", offer_times},
};

static void offer_all(struct choice *c, const char *before)
{
	size_t k = 0;

	switch (c->a->prompt.kind) {
	case PROMPT_ID: offer_ids(c, before); return;
	case PROMPT_TIME: offer_times(c, before); return;
	case PROMPT_FILTER: offer_filter(c, before); return;
	case PROMPT_FILE: offer_files(c, before); return;
	case PROMPT_SEARCH: offer_searched(c, before); return;
	case PROMPT_COMMAND: break;
	default: return;
	}
	for (size_t i = 1; i < sizeof after / sizeof *after; i++)
		if (strncmp(before, after[i].before, strlen(after[i].before)) == 0)
			k = i;
	if (k || !*before)
		after[k].offer(c, before);
}

/* Where the word at the cursor begins: behind a blank. */
static size_t word_begin(const struct prompt *p)
{
	size_t start = p->at;

	if (p->kind == PROMPT_FILTER || (p->kind == PROMPT_COMMAND && strncmp(p->text, FILTER_COMMAND, strlen(FILTER_COMMAND)) == 0))
		return filter_word_begin(p->text, p->at);
	while (start && p->text[start - 1] != ' ')
		start--;
	return start;
}

void complete(struct app *a)
{
	struct prompt *p = &a->prompt;
	struct choice c = {.a = a};
	char before[sizeof p->text];
	size_t start = word_begin(p);

	snprintf(before, sizeof before, "%.*s", (int)start, p->text);
	c.word = p->text + start;
	c.n = p->at - start;
	offer_all(&c, before);
	if (c.common > c.n && p->n + c.common - c.n < sizeof p->text - 1) {
		memmove(p->text + start + c.common, p->text + p->at, p->n - p->at + 1);
		memcpy(p->text + start, c.first, c.common);
		p->n += c.common - c.n;
		p->at = start + c.common;
	}
	if (c.found > 1)
		snprintf(p->hint, sizeof p->hint, "%s", c.all.p);
	else if (!c.found)
		snprintf(p->hint, sizeof p->hint, "%s", c.nothing ? c.nothing : "nothing begins so");
	buf_release(&c.all);
}
