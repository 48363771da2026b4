/* SPDX-License-Identifier: MIT */
#include "rescue.h"
#include <gscrape/err.h>
#include <gscrape/fault.h>
#include <signal.h>
#include <unistd.h>

/* What a signal handler may touch. */
static struct {
	int fd;
	char restore[256];
	size_t n;
	struct termios modes;
	volatile sig_atomic_t armed, ended, mouse, came[CAME_MAX];
} rescue;

static const char mouse_off[] = "\033[?1006l\033[?1000l"; /* the beginning of the restoring string, sent where it was on */
#define MOUSE_OFF (sizeof mouse_off - 1)

static void restore_now(void)
{
	size_t from = rescue.mouse ? 0 : MOUSE_OFF;
	ssize_t unused;

	if (!rescue.armed)
		return;
	rescue.armed = 0;
	unused = write(rescue.fd, rescue.restore + from, rescue.n - from);
	(void)unused;
	tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
}


static void on_fatal(int sig);

static void on_end(int sig)
{
	rescue.ended = sig;
}

static void on_other(int sig)
{
	rescue.came[sig == SIGWINCH ? CAME_RESIZE : sig == SIGCONT ? CAME_RESUME : CAME_STOP] = 1;
}

/* SIGTSTP in place of ncurses' own handler, which writes while it handles. */
static const struct {
	int sig;
	void (*fn)(int);
	int flags;
} handlers[] = {
	{SIGABRT, on_fatal, 0},			{SIGFPE, on_fatal, 0},			{SIGILL, on_fatal, 0},
	{SIGQUIT, on_fatal, 0},			{SIGALRM, on_fatal, 0},			{SIGUSR1, on_fatal, 0},
	{SIGUSR2, on_fatal, 0},
	{SIGTERM, on_end, 0},			{SIGHUP, on_end, 0},			{SIGINT, on_end, 0},
	{SIGWINCH, on_other, 0},		{SIGCONT, on_other, 0},			{SIGTSTP, on_other, 0},
};
#define HANDLERS (sizeof handlers / sizeof *handlers)

static struct sigaction before[HANDLERS]; /* whoever called us may have something to do as well when it ends */

static void on_fatal(int sig)
{
	restore_now();
	for (size_t i = 0; i < HANDLERS; i++)
		if (handlers[i].sig == sig)
			sigaction(sig, &before[i], NULL);
	raise(sig);
}

static void handle(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = {.sa_handler = fn, .sa_flags = flags};

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

void rescue_remember(void)
{
	for (size_t i = 0; i < HANDLERS; i++)
		sigaction(handlers[i].sig, NULL, &before[i]);
}

void rescue_arm(int fd, const struct termios *modes, const struct buf *restore)
{
	size_t room = sizeof rescue.restore - MOUSE_OFF;

	rescue.fd = fd;
	rescue.modes = *modes;
	memcpy(rescue.restore, mouse_off, MOUSE_OFF);
	rescue.n = MOUSE_OFF;
	if (restore->n && restore->n <= room) {
		memcpy(rescue.restore + MOUSE_OFF, restore->p, restore->n);
		rescue.n += restore->n;
	}
	rescue.ended = rescue.mouse = 0;
	for (int i = 0; i < CAME_MAX; i++)
		rescue.came[i] = 0;
	for (size_t i = 0; i < HANDLERS; i++)
		handle(handlers[i].sig, handlers[i].fn, handlers[i].flags);
	rescue.armed = 1;
	handle(SIGPIPE, SIG_IGN, 0);
	fault_arm();
	die_hook(restore_now);
}

void rescue_disarm(void)
{
	rescue.armed = 0;
	die_hook(NULL);
	for (size_t i = 0; i < HANDLERS; i++)
		sigaction(handlers[i].sig, &before[i], NULL);
}

void rescue_mouse(bool on)
{
	rescue.mouse = on;
}

int rescue_ended(void)
{
	return rescue.ended;
}

void rescue_stop(void)
{
	sigset_t set, was;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &was); /* here it stops */
	sigprocmask(SIG_SETMASK, &was, NULL);
	handle(SIGTSTP, on_other, 0);
	rescue.came[CAME_STOP] = 0;
	rescue.came[CAME_RESUME] = 1;
}

bool rescue_came(enum rescue_came what)
{
	bool came = rescue.came[what] != 0;

	rescue.came[what] = 0;
	return came;
}
