/* SPDX-License-Identifier: MIT */
/*
 * options.h: what the user asked for, whichever way: command line first, then GSCRAPE_* variables, then the config file.
 *
 * Every option is one row of one table (src/cli/options.c). The parser, --help, the suggestions for a wrong option, the
 * variables, the config file's keys, the shell completions and the manual's list all come from the row, or are tested
 * against it. To add an option: a field here, a row there, a paragraph in man/gscrape-tui.1.
 */
#ifndef GSCRAPE_OPTIONS_H
#define GSCRAPE_OPTIONS_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/query.h>
#include <gscrape/timefmt.h>
#include <gscrape/tui.h>

enum command {
	CMD_BROWSE, /* when no other is asked for */
	CMD_SCRAPE,
	CMD_INDEX,
	CMD_SERVE,
	CMD_DUMP,
	CMD_HOSTS,
	CMD_STATS,
	CMD_GOROUTINES,
	CMD_GOROUTINE,
	CMD_QUERY,
	CMD_LIST_FUNCS,
	CMD_DIFF,
	CMD_CANARY,
	CMD_WAITERS,
	CMD_LIVES,
	CMD_LEAKS,
	CMD_PARSE,
	CMD_COUNT,
	CMD_MARK,
	CMD_MARKS,
	CMD_VERIFY,
	CMD_COPY,
	CMD_COMPACT,
	CMD_EXPIRE,
	CMD_EXPORT,
	CMD_REPORT,
	CMD_HASH_PASSWORD,
	CMD_COMPLETIONS,
	CMD_HELP,
	CMD_VERSION,
	CMD_MAX
};

struct texts {
	const char **v;
	size_t n, cap;
};

/* Texts are NULL, times NO_TIME and lists empty where nothing was given and the row has no default. Numbers are 0. */
struct options {
	enum command command;
	bool scrape_too;            /* --scrape beside --serve */
	bool targets_asked;         /* --targets or another option that names targets stands on the command line */
	struct texts visited;       /* files that a question is about, while a store is made of them */
	const char *told;           /* what was said of them as they were read, a line each, or NULL */
	struct texts operands;      /* what stands without a dash: targets, files, a pattern */
	const char *config_file;    /* the one that was read or would be: where the options menu saves; NULL: none */
	const struct binding *bindings;
	size_t n_bindings;

	/* for several commands */
	const char *db;
	const char *copy_to;
	const struct zone *tz;      /* of times that are read and shown: the local one */
	const char *host;           /* as typed: query_host() knows both spellings */
	const char *of;             /* --of: hosts together, by a label of their targets; NULL each by itself */
	uint64_t id;                /* 0: none */
	uint32_t epoch;             /* 0: the newest */
	int64_t at, from, to;
	int64_t base;               /* a view's URL: what it is compared with */
	const char *filter;         /* a view's URL */
	const char *where;          /* --where: filter.h */
	struct texts saved;         /* --saved-filter: "NAME: filter" */
	bool json, csv, wide, quiet;
	bool hide_labels;
	int color;                  /* enum color_when; use_color() decides */
	int group_by;               /* enum group_by */
	const char *group_label;    /* BY_LABEL: of which label; NULL all */
	const char *out;            /* --out; NULL: standard output */

	/* commands' own arguments */
	const char *func;           /* --query */
	bool callers, profile, raw, channels;
	const char *canary;         /* --canary: which label's */
	const char *mark;           /* --mark */
	const char *view;           /* --view, --dump */
	const char *serve;          /* --serve=ADDR; NULL: the default address */
	const char *shell;          /* --completions */
	const char *export;         /* --export */
	const char *report;         /* --report */
	bool with_state;            /* --with-state, of --export folded */
	const char *help_on;        /* --help COMMAND */
	bool leak_ignore_named;     /* it was asked for, and is not the usual one */
	const char *leak_ignore;    /* NULL: there is no place for one */
	int fail_on;                /* --leaks: index into "never watch leak" */

	/* scraping and indexing: collect.h, index.h */
	const char *output, *targets, *targets_file, *targets_url, *targets_dns, *resolver, *shard, *name_label;
	const char *kubernetes, *kubeconfig, *service_account, *ns, *selector, *port;
	bool pod_proxy;
	const struct zone *archive_tz; /* of times in file names: the local one */
	int64_t interval, timeout, refresh, retain, expire;
	uint64_t retain_size, jobs, max_goroutines, max_body;
	bool no_archive, once, goroutineleak, grouped, group_readable, repair;
	bool strict; /* dumps are read as they are, without unwrap.h */
	const char *on_leak;        /* command for the shell; NULL: none */
	int64_t leak_for;           /* ms */
	struct texts headers;
	const char *user, *user_file, *bearer_file, *cacert, *cert, *key;
	bool insecure;

	/* the terminal: tui.h */
	const char *size, *keys, *theme, *glyphs, *format;
	const char *source;         /* a map of paths */
	bool no_state, mouse, sync, skip_unchanged, two_lines, leaf_first, cursorline, slow_link, screen_reader;

	const char *page_url;       /* with a slash at its end; where links in reports and copies lead */

	/* the server: serve.h */
	const char *auth_file, *tls_cert, *tls_key, *cors, *base_path;
	struct texts server_names;
	bool no_auth;

	struct pool pool; /* holds all the texts */
};

/* Should standard output be coloured: --color, NO_COLOR, a terminal. */
bool use_color(const struct options *o);

/*
 * Change one option in a config file, for the options menu: the line that sets it is replaced, or one is appended;
 * everything else stays as it is. value NULL takes the line away. The file and its folder are made. 0 or -1.
 */
int config_set(const char *path, const char *key, const char *value, struct err *e);

#endif
