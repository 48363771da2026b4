/* SPDX-License-Identifier: MIT */
#include "watch/command.h"
#include <errno.h>
#include <gscrape/system.h>
#include <gscrape/timefmt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 20
#define GRACE_MS 300 /* from "please end" to the end */

static void become(const char *command, int input)
{
	char *argv[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
	sigset_t none;

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(input, STDIN_FILENO);
	close_from(3);
	execv("/bin/sh", argv);
	_exit(127);
}

static int put(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return -1;
		text.p += n > 0 ? n : 0;
		text.n -= n > 0 ? (size_t)n : 0;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? -1 : 0;
}

static void nap(void)
{
	const struct timespec tick = {0, LOOK_MS * 1000000};

	nanosleep(&tick, NULL);
}

/* Did it end before `end`? */
static bool ends_before(pid_t pid, int64_t end, int *status)
{
	while (waitpid(pid, status, WNOHANG) == 0) {
		if (monotonic_ms() >= end)
			return false;
		nap();
	}
	return true;
}

/* The group is ended even when its first process is gone: that one may have left others behind. */
static void end_group(pid_t pid, int *status)
{
	kill(-pid, SIGTERM);
	ends_before(pid, monotonic_ms() + GRACE_MS, status);
	kill(-pid, SIGKILL);
	waitpid(pid, status, 0);
}

static int judge(const char *command, int status, struct err *e)
{
	if (WIFSIGNALED(status))
		return fail(e, "%s: ended with signal %d", command, WTERMSIG(status));
	return WEXITSTATUS(status) ? fail(e, "%s: ended with status %d", command, WEXITSTATUS(status)) : 0;
}

static int await(pid_t pid, const char *command, int64_t patience, int64_t (*until)(void *ctx), void *ctx, struct err *e)
{
	int64_t begin = monotonic_ms(), now;
	char time[TIME_MAX];
	int status = 0;

	while (!ends_before(pid, 0, &status)) {
		now = monotonic_ms();
		if (now - begin < patience && now < until(ctx)) {
			nap();
			continue;
		}
		end_group(pid, &status);
		if (now - begin < patience)
			return fail(e, "%s: had not ended when the recording did: killed", command);
		return fail(e, "%s: did not end within %s: killed", command, duration_format(time, patience));
	}
	return judge(command, status, e);
}

int command_run(const char *command, struct str text, int64_t patience, int64_t (*until)(void *ctx), void *ctx, struct err *e)
{
	int input = file_in_memory("leak"), rc;
	pid_t pid;

	if (input < 0 || put(input, text) < 0) {
		rc = fail_errno(e, errno, command);
		if (input >= 0)
			close(input);
		return rc;
	}
	pid = fork();
	if (pid == 0)
		become(command, input);
	rc = pid < 0 ? fail_errno(e, errno, command) : 0;
	close(input);
	if (rc)
		return rc;
	setpgid(pid, pid); /* whoever of the two comes first */
	return await(pid, command, patience, until, ctx, e);
}
