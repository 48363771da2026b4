/* SPDX-License-Identifier: MIT */
#include <gscrape/err.h>
#include <gscrape/fault.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* What a signal handler may touch: no more stores than these are open at a time. */
static struct mapped {
	uintptr_t from, to;
	const char *path;
} mapped[16];
#define MAPPED (sizeof mapped / sizeof *mapped)

static const int signals[] = {SIGBUS, SIGSEGV};
static struct sigaction before[2];
static bool armed;

static void say(const char *s)
{
	ssize_t unused = write(STDERR_FILENO, s, strlen(s));

	(void)unused;
}

/* A fault that is not ours goes to whoever had the signal before: the instruction is run again. What somebody sent is no fault, and
   ends the program under the signal's own name, whoever else (a sanitizer) would make a report of it. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;

	(void)context;
	for (size_t i = 0; i < MAPPED; i++) {
		if (at < mapped[i].from || at >= mapped[i].to)
			continue;
		die_quietly();
		say("gscrape-tui: ");
		say(mapped[i].path);
		say(": is damaged: a page that was sound cannot be read any more\n");
		_exit(1);
	}
	die_quietly();
	if (info->si_code <= 0) {
		signal(sig, SIG_DFL);
		raise(sig); /* comes when this handler has returned */
		return;
	}
	for (size_t i = 0; i < 2; i++)
		if (signals[i] == sig)
			sigaction(sig, &before[i], NULL);
}

void fault_arm(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < 2 && !armed; i++)
		sigaction(signals[i], &sa, &before[i]);
	armed = true;
}

void fault_watch(const void *at, size_t n, const char *path)
{
	for (size_t i = 0; i < MAPPED; i++) {
		if (mapped[i].to)
			continue;
		mapped[i] = (struct mapped){(uintptr_t)at, (uintptr_t)at + n, path};
		break;
	}
	fault_arm();
}

void fault_forget(const void *at)
{
	for (size_t i = 0; i < MAPPED; i++)
		if (at && mapped[i].from == (uintptr_t)at)
			mapped[i] = (struct mapped){0};
}
