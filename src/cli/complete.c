/* SPDX-License-Identifier: MIT */
/* Completions for bash, zsh and fish, from the table. contrib/completions holds their output; a test compares. */
#include "option_table.h"

static bool shown(const struct option_row *r)
{
	return !(r->flags & OPT_HIDDEN);
}

/* The words that can stand for its argument; NULL: not known. */
static const char *words(const struct option_row *r)
{
	if (r->arg && strcmp(r->arg, "VIEW") == 0)
		return "overview host goroutine functions leaks locks help options";
	return r->values;
}

/* What the shell's function is called that asks the store for them; NULL: it is not asked. */
static const char *asked(const struct option_row *r)
{
	if (!r->arg)
		return NULL;
	return strcmp(r->arg, "HOST") == 0 ? "hosts" : strcmp(r->arg, "FUNC") == 0 ? "functions" : NULL;
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

static bool is_zone(const struct option_row *r)
{
	return r->type == OPT_ZONE;
}

/* The names of all commands, or of all options. */
static void add_names(struct buf *out, bool commands)
{
	const char *sep = "";

	for (const struct option_row *r = option_table; r->name; r++) {
		if (!shown(r) || (commands && !r->command))
			continue;
		buf_addf(out, "%s%s%s", sep, commands ? "" : "--", r->name);
		sep = " ";
	}
}

static void bash_case(struct buf *out, const struct option_row *r)
{
	if (!r->arg || r->flags & OPT_MAYBE)
		return;
	buf_addf(out, "\t--%s", r->name);
	if (r->letter)
		buf_addf(out, "|-%c", r->letter);
	if (words(r))
		buf_addf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", words(r));
	else if (r->flags & OPT_PATH)
		buf_adds(out, ") COMPREPLY=($(compgen -f -X '*-lock' -- \"$cur\")); return ;;\n");
	else if (asked(r))
		buf_addf(out, ") _gscrape_tui_%s; return ;;\n", asked(r));
	else if (is_zone(r))
		buf_adds(out, ") COMPREPLY=($(compgen -W \"local UTC $(awk '/^[A-Z]/ {print $3}' /usr/share/zoneinfo/zone.tab 2>/dev/null)\" -- \"$cur\")); return ;;\n");
	else
		buf_adds(out, ") return ;;\n");
}

static void bash(struct buf *out)
{
	buf_adds(out, "# bash completion for gscrape-tui; made by gscrape-tui --completions bash\n\n"
		      "# What the store of this command line knows. Names come from other machines: nothing may expand them.\n"
		      "_gscrape_tui_ask() { # COMMAND KEY [PATTERN]\n"
		      "\tlocal i db= name\n"
		      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		      "\t\tcase ${COMP_WORDS[i]} in\n"
		      "\t\t--db|-d) db=${COMP_WORDS[i+1]}; [ \"$db\" != = ] || db=${COMP_WORDS[i+2]} ;;\n"
		      "\t\t--db=*) db=${COMP_WORDS[i]#--db=} ;;\n"
		      "\t\tesac\n"
		      "\tdone\n"
		      "\tdb=${db//[\\\\\\'\\\"]/}; db=${db/#\\~\\//$HOME/}\n"
		      "\twhile IFS= read -r name; do\n"
		      "\t\t[[ $name != \"${cur//[\\\\\\'\\\"]/}\"* ]] || COMPREPLY+=(\"${name#\"$typed\"}\")\n"
		      "\tdone < <(gscrape-tui \"--$1\" ${db:+--db \"$db\"} --json \"${@:3}\" 2>/dev/null |\n"
		      "\t\tsed -n \"s/.*\\\"$2\\\":\\\"\\([^\\\"]*\\)\\\".*/\\1/p\" | if [[ $2 = host && $cur != *:* ]]; then tr : _; else cat; fi)\n"
		      "}\n"
		      "_gscrape_tui_hosts() { _gscrape_tui_ask hosts host; }\n"
		      "_gscrape_tui_functions() { _gscrape_tui_ask list-funcs func ${cur:+\"^${cur//[\\\\\\'\\\"]/}\"}; }\n\n"
		      "_gscrape_tui() {\n"
		      "\tlocal i=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev typed=\n"
		      "\t# For bash a word ends at a colon and at an equals sign: what belongs together is put together, and what it has is left out again.\n"
		      "\twhile ((i > 1)) && [[ ${COMP_WORDS[i]} = : || ${COMP_WORDS[i-1]} = : ]]; do ((i--)); cur=${COMP_WORDS[i]}$cur; done\n"
		      "\t((i == COMP_CWORD)) || typed=${cur%\"${cur##*:}\"}\n"
		      "\t[ \"$cur\" != = ] || cur=\n"
		      "\tprev=${COMP_WORDS[i-1]}\n"
		      "\t[ \"$prev\" != = ] || prev=${COMP_WORDS[i-2]}\n"
		      "\tCOMPREPLY=()\n"
		      "\tcase $prev in\n"
		      "\t--help|-h) COMPREPLY=($(compgen -W '");
	add_names(out, true);
	buf_adds(out, "' -- \"$cur\")); return ;;\n"
		      "\t--list-funcs) [[ $cur == -* ]] || { _gscrape_tui_functions; return; } ;;\n");
	for (const struct option_row *r = option_table; r->name; r++)
		if (shown(r))
			bash_case(out, r);
	buf_adds(out, "\tesac\n"
		      "\tcase $cur in\n"
		      "\t-*) COMPREPLY=($(compgen -W '");
	add_names(out, false);
	buf_adds(out, "' -- \"$cur\")) ;;\n"
		      "\t*) COMPREPLY=($(compgen -f -X '*-lock' -- \"$cur\")) ;;\n"
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
	if (words(r))
		buf_addf(out, "(%s)", words(r));
	else if (r->flags & OPT_PATH)
		buf_adds(out, "_files");
	else if (asked(r))
		buf_addf(out, "_gscrape_tui_%s", asked(r));
	else if (is_zone(r))
		buf_adds(out, "_time_zone");
	buf_adds(out, "' \\\n");
}

static void zsh(struct buf *out)
{
	buf_adds(out, "#compdef gscrape-tui\n"
		      "# zsh completion for gscrape-tui; made by gscrape-tui --completions zsh\n\n"
		      "# What the store of this command line knows.\n"
		      "_gscrape_tui_ask() { # COMMAND KEY [PATTERN]\n"
		      "\tlocal -a db names\n"
		      "\tlocal i\n"
		      "\tfor ((i = 2; i < CURRENT; i++)); do\n"
		      "\t\tcase $words[i] in\n"
		      "\t\t--db|-d) db=(--db ${(Q)words[i+1]}) ;;\n"
		      "\t\t--db=*) db=(${(Q)words[i]}) ;;\n"
		      "\t\tesac\n"
		      "\tdone\n"
		      "\tnames=(${(f)\"$(gscrape-tui --$1 $db --json $3 2>/dev/null | sed -n \"s/.*\\\"$2\\\":\\\"\\([^\\\"]*\\)\\\".*/\\1/p\")\"})\n"
		      "\tcompadd -a names\n"
		      "}\n"
		      "_gscrape_tui_hosts() { _gscrape_tui_ask hosts host }\n"
		      "_gscrape_tui_functions() { _gscrape_tui_ask list-funcs func ${(Q)PREFIX:+^$PREFIX} }\n\n"
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
	if (words(r))
		buf_addf(out, " -x -a '%s'", words(r));
	else if (asked(r))
		buf_addf(out, " -x -a '(__gscrape_tui_%s)'", asked(r));
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
		      "# What the store of this command line knows.\n"
		      "function __gscrape_tui_ask\n"
		      "\tset -l words (commandline -opc)\n"
		      "\tset -l db\n"
		      "\tfor i in (seq (count $words))\n"
		      "\t\tswitch $words[$i]\n"
		      "\t\t\tcase --db -d\n"
		      "\t\t\t\tset db --db $words[(math $i + 1)]\n"
		      "\t\t\tcase '--db=*'\n"
		      "\t\t\t\tset db $words[$i]\n"
		      "\t\tend\n"
		      "\tend\n"
		      "\tgscrape-tui --$argv[1] $db --json 2>/dev/null | string replace -rf '.*\"'$argv[2]'\":\"([^\"]*)\".*' '$1'\n"
		      "end\n"
		      "function __gscrape_tui_hosts; __gscrape_tui_ask hosts host; end\n"
		      "function __gscrape_tui_functions; __gscrape_tui_ask list-funcs func; end\n\n");
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
