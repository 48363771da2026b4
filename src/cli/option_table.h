/* SPDX-License-Identifier: MIT */
/* option_table.h: the one table of options, and who reads it. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include <gscrape/options.h>

enum option_type {
	OPT_FLAG,     /* bool */
	OPT_TEXT,     /* const char * */
	OPT_LIST,     /* struct texts: may be given again */
	OPT_NUMBER,   /* uint64_t */
	OPT_SMALL,    /* uint32_t */
	OPT_DURATION, /* int64_t, ms */
	OPT_SIZE,     /* uint64_t, bytes */
	OPT_TIME,     /* int64_t, ms UTC */
	OPT_ZONE,     /* const struct zone * */
	OPT_CHOICE,   /* int: index into values */
	OPT_GROUPING, /* as OPT_CHOICE; and of label.KEY the key, into options.group_label */
	OPT_WORD,     /* const char *: one of values */
};

enum option_flag {
	OPT_FILE = 1,     /* may stand in the config file and the environment */
	OPT_HIDDEN = 2,   /* not in help, completions and manual */
	OPT_POSITIVE = 4, /* zero is refused */
	OPT_PATH = 8,     /* the argument is a file's name (completions) */
	OPT_TARGETS = 32, /* it names targets */
	OPT_NAMED = 64,   /* NAME:…, a name of letters, digits, _ and - */
	OPT_MAYBE = 16,   /* the argument may be left out: --name=ARG or nothing */
};

#define OPT_AUTO "auto" /* the text of an option whose argument was left out; that of a command stays as it is */

#define CMD(c) ((uint32_t)1 << CMD_##c)

struct option_row {
	const char *section;  /* help's heading above this row and those that follow */
	const char *name;     /* without dashes */
	const char *arg;      /* what help calls its argument; NULL: takes none */
	const char *help;     /* one line, no full stop */
	enum command command; /* the command it asks for; CMD_BROWSE: it is no command */
	enum option_type type;
	char letter;          /* 0: none */
	size_t at;            /* offset in struct options, NOWHERE */
	unsigned flags;       /* enum option_flag */
	uint32_t with;        /* CMD() bits of the commands it goes with; unused for a command */
	const char *preset;   /* default, as it would be typed */
	const char *values;   /* OPT_CHOICE, OPT_WORD: "a b c" */
};

#define NOWHERE SIZE_MAX

/* What a command takes besides options, in the order of enum command. */
struct command_row {
	const char *operands; /* for usage lines; NULL: none are taken */
	size_t most;          /* how many of them */
	uint32_t also;        /* CMD() bits of commands it may be combined with */
	bool files;           /* its operands are files and folders of dumps, which it is asked of instead of the store */
};

extern const struct option_row option_table[]; /* ends with a row whose name is NULL */
extern const struct command_row command_table[CMD_MAX];

const struct option_row *option_find(const char *name, size_t n);
const struct option_row *option_letter(char letter);
/* The row that chooses a command; NULL for CMD_BROWSE. */
const struct option_row *option_command(enum command c);
/* Its variable: GSCRAPE_MAX_GOROUTINES. Into out, cut to size. */
char *option_variable(const struct option_row *row, char *out, size_t size);

/* The name nearest to `word` among those that `next` gives until NULL, or NULL when none is near. */
const char *suggest(const char *word, const char *(*next)(void *ctx), void *ctx);
const char *option_suggest(const char *name, unsigned flags); /* among rows that have all these flags */

void texts_add(struct texts *t, const char *s); /* t->v is freed by its owner, the texts are borrowed */

/* help.c: all of it, or of one command (name without or with dashes; -1 when there is none) */
void help_all(struct buf *out);
int help_on(struct buf *out, const char *command, struct err *e);

/* complete.c: 0, or -1 for an unknown shell */
int completions(struct buf *out, const char *shell, struct err *e);

/* parse.c: 0; -1 wrong usage; may be released in any case. env is environ. */
int options_parse(struct options *o, int argc, char **argv, char **env, struct err *e);
void options_release(struct options *o);

/* config.c: a config file's text, line by line. */
struct config_line {
	struct str key, value; /* pieces of the text */
	bool has_value;        /* "key =" has an empty one, "key" none */
	int line;
};
/* The next line that says something: 1, 0 at the end, -1 with a sentence when it cannot be understood. */
struct config_reader {
	struct str text;
	size_t pos;
	int line;
	const char *name; /* for sentences */
};
int config_next(struct config_reader *r, struct config_line *out, struct err *e);
char *config_value(struct pool *p, struct str value); /* without its quotes */
/* $XDG_CONFIG_HOME/gscrape-tui/config or ~/.config/…; NULL when neither is set. Caller frees. */
char *config_default_path(void);

#endif
