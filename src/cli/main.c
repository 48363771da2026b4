/* SPDX-License-Identifier: MIT */
/* Options in, one command out. */
#include "bundle.h"
#include "option_table.h"
#include "tell.h"
#include "temp_store.h"
#include <gscrape/cli.h>
#include <gscrape/collect.h>
#include <gscrape/secret.h>
#include <gscrape/service.h>
#include <gscrape/system.h>
#include <gscrape/serve.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int command_fn(const struct options *o, struct err *e);

static command_fn *const commands[CMD_MAX] = {
	[CMD_BROWSE] = run_browse,
	[CMD_DUMP] = run_browse,
	[CMD_SCRAPE] = run_scrape,
	[CMD_INDEX] = run_index,
	[CMD_SERVE] = run_serve,
	[CMD_HOSTS] = run_hosts,
	[CMD_STATS] = run_stats,
	[CMD_GOROUTINES] = run_goroutines,
	[CMD_GOROUTINE] = run_goroutine,
	[CMD_QUERY] = run_query,
	[CMD_LIST_FUNCS] = run_list_funcs,
	[CMD_DIFF] = run_diff,
	[CMD_CANARY] = run_canary,
	[CMD_WAITERS] = run_waiters,
	[CMD_LIVES] = run_lives,
	[CMD_LEAKS] = run_leaks,
	[CMD_PARSE] = run_parse,
	[CMD_COUNT] = run_count,
	[CMD_VERIFY] = run_verify,
	[CMD_MARK] = run_mark,
	[CMD_MARKS] = run_marks,
	[CMD_COPY] = run_copy,
	[CMD_COMPACT] = run_compact,
	[CMD_EXPIRE] = run_expire,
	[CMD_EXPORT] = run_export,
	[CMD_REPORT] = run_report,
	[CMD_HASH_PASSWORD] = run_hash_password,
	[CMD_COMPLETIONS] = run_completions,
	[CMD_HELP] = run_help,
	[CMD_VERSION] = run_version,
};

static int write_out(struct buf *text, struct err *e)
{
	struct out out = {.buf = *text};

	*text = (struct buf){0};
	return out_close(&out, e);
}

int run_help(const struct options *o, struct err *e)
{
	struct buf text = {0};

	if (!o->help_on)
		help_all(&text);
	else if (help_on(&text, o->help_on, e) < 0)
		return -1;
	return write_out(&text, e);
}

/* Words behind column `at`, in lines of 80 that begin with a blank. */
static void add_folded(struct buf *out, const char *s, size_t at)
{
	while (*s) {
		size_t n = strcspn(s, " ");

		if (at + 1 + n > 80) {
			buf_adds(out, "\n ");
			at = 1;
		} else {
			buf_putc(out, ' ');
			at++;
		}
		buf_add(out, s, n);
		at += n;
		s += n + strspn(s + n, " ");
	}
	buf_putc(out, '\n');
}

int run_version(const struct options *o, struct err *e)
{
	struct buf text = {0};

	(void)o;
	buf_adds(&text, "gscrape-tui " GS_VERSION "\nfetches with ");
	scrape_made_with(&text);
	buf_adds(&text, "\nserves with ");
	serve_made_with(&text);
	buf_adds(&text, "\nunpacks with");
	add_folded(&text, bundle_made_with(), sizeof "unpacks with" - 1);
#ifdef GS_STATIC
	buf_adds(&text, "static, for " GS_STATIC ": xz, zstd, bzip2 and lz4 by the programs of that name\n");
#endif
	return write_out(&text, e);
}

int run_completions(const struct options *o, struct err *e)
{
	struct buf text = {0};

	if (completions(&text, o->shell, e) < 0)
		return -1;
	return write_out(&text, e);
}

/* What was typed wrong may have been a target with a password in it. */
static void complain(const struct err *e)
{
	struct buf b = {0}, told = {0};

	buf_add_public(&b, e->text, strlen(e->text));
	buf_add_told(&told, b.p);
	fprintf(stderr, "%sgscrape-tui: %s\n", service_journal(STDERR_FILENO) ? "<3>" : "", told.p);
	buf_release(&b);
	buf_release(&told);
}

/*
 * What it records is its owner's alone, unless the group is named. What it starts gains nothing by a set-user-ID file, but
 * for a command that somebody asked for, which may be one (sendmail).
 */
static void lock_down(const struct options *o)
{
	static const uint32_t writers = CMD(SCRAPE) | CMD(SERVE) | CMD(BROWSE) | CMD(INDEX) | CMD(VERIFY) | CMD(COPY) | CMD(COMPACT) | CMD(EXPIRE);

	if (writers >> o->command & 1)
		umask(o->group_readable ? 027 : 077);
	if (!o->on_leak)
		give_up_set_user_id();
}

int cli_main(int argc, char **argv)
{
	struct options o;
	struct err e = {0};
	int rc;

	setlocale(LC_CTYPE, ""); /* how wide a character is; numbers stay as they are */
	secrets_take(argc, argv);
	signal(SIGPIPE, SIG_IGN); /* sockets must not kill a scraper; out.c sees EPIPE */
	signal(SIGXFSZ, SIG_IGN); /* a limit on files is told as a full disk is */
	rc = options_parse(&o, argc, argv, environ, &e);
	if (o.hide_labels)
		query_hide_labels();
	if (!rc)
		lock_down(&o);
	if (rc < 0)
		e.kind = ERR_USAGE;
	else if (command_table[o.command].files && o.operands.n)
		rc = run_on_files(&o, commands[o.command], &e);
	else
		rc = commands[o.command](&o, &e);
	if (rc < 0)
		rc = e.kind == ERR_USAGE ? 2 : 1;
	if (rc && e.text[0])
		complain(&e);
	options_release(&o);
	return rc;
}
