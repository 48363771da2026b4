/* SPDX-License-Identifier: MIT */
/* The selected row's source in the user's editor: which file it is here, and how it is opened. */
#include "app.h"
#include "source.h"
#include <spawn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

void edit_ask(struct app *a)
{
	const struct view *v = view_of(&a->s, a->s.view);
	struct buf at = {0};
	char *colon;

	if (v->copy)
		v->copy(&a->s, 'l', &at);
	colon = at.n ? strrchr(at.p, ':') : NULL;
	if (!colon) {
		say(&a->s, "this row has no line of source");
	} else {
		*colon = '\0';
		free(a->edit);
		a->edit = source_here(a->s.source, at.p);
		a->edit_line = (uint32_t)strtoul(colon + 1, NULL, 10);
		if (!a->edit) {
			char *why = source_missing(a->s.source, at.p);

			say(&a->s, "%s", why);
			free(why);
		}
	}
	buf_release(&at);
}

/* The editor's status, or -1: there is none. What it was started with is a line for the shell, as git has it. */
static int run_editor(struct console *t, const char *editor, const char *path, uint32_t line)
{
	char at[16], *argv[] = {"sh", "-c", NULL, "sh", at, (char *)path, NULL};
	sigset_t none, ours;
	posix_spawnattr_t attr;
	int status = -1;
	pid_t pid;

	snprintf(at, sizeof at, "+%u", line);
	argv[2] = xasprintf("%s \"$@\"", editor);
	sigemptyset(&none);
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTSTP);
	sigaddset(&ours, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &ours);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	console_lend(t);
	if (posix_spawn(&pid, "/bin/sh", NULL, &attr, argv, environ) == 0) {
		while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status))
			raise(SIGSTOP); /* the shell has the terminal, until fg lets both go on */
	}
	console_take_back(t);
	posix_spawnattr_destroy(&attr);
	free(argv[2]);
	return status;
}

void edit_now(struct app *a, struct console *t)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
	const char *with = visual && *visual ? visual : editor && *editor ? editor : "vi";
	char *path = a->edit;
	int status;

	if (!path)
		return;
	a->edit = NULL;
	status = run_editor(t, with, path, a->edit_line);
	a->repaint = true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		say(&a->s, "there is no editor '%s': EDITOR names one", with);
	else if (status != 0)
		say(&a->s, "%s ended with status %d", with, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	else if (source_changed(path) > a->s.t)
		say(&a->s, "%s was changed after T: its lines may be others", path);
	free(path);
}
