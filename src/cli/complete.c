/* SPDX-License-Identifier: MIT */
/* Completions for bash, zsh and fish, from the table. contrib/completions holds their output; a test compares. */
#include "option_table.h"

static bool shown(const struct option_row *r)
{
	return !(r->flags & OPT_HIDDEN);
}

/* Help text as a shell takes it between single quotes; zsh also minds brackets and colons. */
static void add_quoted(struct buf *out, const char *s, const char *backslash)
{
	for (; *s; s++) {
		if (*s == '\'') {
			buf_adds(out, "'\\''");
			continue;
		}
		if (strchr(backslash, *s))
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
}

/* --- bash --- */

static void bash_case(struct buf *out, const struct option_row *r)
{
	if (!r->arg || r->flags & OPT_MAYBE || (!r->values && !(r->flags & OPT_PATH) && r->command))
		return;
	buf_addf(out, "\t--%s", r->name);
	if (r->letter)
		buf_addf(out, "|-%c", r->letter);
	if (r->values)
		buf_addf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", r->values);
	else if (r->flags & OPT_PATH)
		buf_adds(out, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
	else if (strcmp(r->name, "host") == 0)
		buf_adds(out, ") COMPREPLY=($(compgen -W \"$(_gscrape_tui_hosts)\" -- \"$cur\")); return ;;\n");
	else
		buf_adds(out, ") return ;;\n");
}

static void bash(struct buf *out)
{
	buf_adds(out, "# bash completion for gscrape-tui; made by gscrape-tui --completions bash\n\n"
		      "_gscrape_tui_hosts() {\n"
		      "\tgscrape-tui --hosts --json 2>/dev/null | sed -n 's/^{\"host\":\"\\([^\"]*\\)\".*/\\1/p' | tr : _\n"
		      "}\n\n"
		      "_gscrape_tui() {\n"
		      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		      "\tCOMPREPLY=()\n"
		      "\tcase $prev in\n");
	for (const struct option_row *r = option_table; r->name; r++)
		if (shown(r))
			bash_case(out, r);
	buf_adds(out, "\tesac\n"
		      "\tcase $cur in\n"
		      "\t-*) COMPREPLY=($(compgen -W '");
	for (const struct option_row *r = option_table; r->name; r++)
		if (shown(r))
			buf_addf(out, "%s--%s", r == option_table ? "" : " ", r->name);
	buf_adds(out, "' -- \"$cur\")) ;;\n"
		      "\t*) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
		      "\tesac\n"
		      "}\n\n"
		      "complete -o filenames -F _gscrape_tui gscrape-tui\n");
}

/* --- zsh --- */

static void zsh_row(struct buf *out, const struct option_row *r)
{
	if (r->letter)
		buf_addf(out, "\t'(-%c --%s)'{-%c%s,--%s%s}'[", r->letter, r->name, r->letter, r->arg ? "+" : "", r->name,
			 r->arg ? "=" : "");
	else
		buf_addf(out, "\t'%s--%s%s[", r->type == OPT_LIST ? "*" : "", r->name,
			 !r->arg ? "" : r->flags & OPT_MAYBE ? "=-" : "=");
	add_quoted(out, r->help, "[]:\\");
	buf_putc(out, ']');
	if (r->arg) {
		buf_adds(out, r->flags & OPT_MAYBE ? "::" : ":");
		add_quoted(out, r->arg, "[]:\\");
		buf_putc(out, ':');
	}
	if (r->values)
		buf_addf(out, "(%s)", r->values);
	else if (r->flags & OPT_PATH)
		buf_adds(out, "_files");
	else if (strcmp(r->name, "host") == 0)
		buf_adds(out, "_gscrape_tui_hosts");
	buf_adds(out, "' \\\n");
}

static void zsh(struct buf *out)
{
	buf_adds(out, "#compdef gscrape-tui\n"
		      "# zsh completion for gscrape-tui; made by gscrape-tui --completions zsh\n\n"
		      "_gscrape_tui_hosts() {\n"
		      "\tlocal -a hosts\n"
		      "\thosts=(${(f)\"$(gscrape-tui --hosts --json 2>/dev/null | sed -n 's/^{\"host\":\"\\([^\"]*\\)\".*/\\1/p')\"})\n"
		      "\tcompadd -a hosts\n"
		      "}\n\n"
		      "_arguments -s \\\n");
	for (const struct option_row *r = option_table; r->name; r++)
		if (shown(r))
			zsh_row(out, r);
	buf_adds(out, "\t'*:target, folder or file:_files'\n");
}

/* --- fish --- */

static void fish_row(struct buf *out, const struct option_row *r)
{
	buf_addf(out, "complete -c gscrape-tui -l %s", r->name);
	if (r->letter)
		buf_addf(out, " -s %c", r->letter);
	if (r->values)
		buf_addf(out, " -x -a '%s'", r->values);
	else if (strcmp(r->name, "host") == 0)
		buf_adds(out, " -x -a '(__gscrape_tui_hosts)'");
	else if (r->arg && r->flags & OPT_PATH)
		buf_adds(out, " -r -F");
	else if (r->arg && !(r->flags & OPT_MAYBE))
		buf_adds(out, " -x");
	buf_adds(out, " -d '");
	for (const char *s = r->help; *s; s++) {
		if (*s == '\'' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_adds(out, "'\n");
}

static void fish(struct buf *out)
{
	buf_adds(out, "# fish completion for gscrape-tui; made by gscrape-tui --completions fish\n\n"
		      "function __gscrape_tui_hosts\n"
		      "\tgscrape-tui --hosts --json 2>/dev/null | string replace -rf '^{\"host\":\"([^\"]*)\".*' '$1'\n"
		      "end\n\n");
	for (const struct option_row *r = option_table; r->name; r++)
		if (shown(r))
			fish_row(out, r);
}

int completions(struct buf *out, const char *shell, struct err *e)
{
	static const struct {
		const char *name;
		void (*write)(struct buf *out);
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		if (strcmp(shells[i].name, shell) != 0)
			continue;
		shells[i].write(out);
		return 0;
	}
	return fail(e, "no completions for %s", shell);
}
