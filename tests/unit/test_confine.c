/* SPDX-License-Identifier: MIT */
/* What a process that answers strangers cannot do any more. Each try is in a child, since there is no way back. */
#include <gscrape/err.h>
#include <gscrape/confine.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char *folder;

static int can_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? errno : 0;
}

static int in_folder(const char *name, int flags)
{
	char *path = xasprintf("%s/%s", folder, name);
	int rc = can_open(path, flags);

	free(path);
	return rc;
}

static int reads_the_store(void)
{
	return in_folder("s/db", O_RDONLY);
}
static int writes_the_lock(void)
{
	return in_folder("s/db-lock", O_RDWR | O_CREAT | O_TRUNC);
}
static int reads_what_is_named(void)
{
	return in_folder("named/auth", O_RDONLY);
}
static int writes_what_is_named(void)
{
	return in_folder("named/auth", O_RDWR);
}
static int reads_another(void)
{
	return in_folder("other", O_RDONLY);
}
static int reads_the_system(void)
{
	return can_open("/etc/passwd", O_RDONLY);
}
static int runs_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}
static int opens_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static void *nothing(void *unused)
{
	return unused;
}

static int starts_a_thread(void)
{
	pthread_t t;
	int rc = pthread_create(&t, NULL, nothing, NULL);

	return rc ? rc : pthread_join(t, NULL);
}

static int confined(void)
{
	char *store = xasprintf("%s/s/db", folder), *named = xasprintf("%s/named/auth", folder);
	const char *const read[] = {NULL, named};

	return confine(store, read, 2);
}

/* In a child: what it told, and for what holds there. */
static int tried(int (*what)(void), int needs)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit((confined() & needs) == needs ? what() : 255);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void what_may_be_done(void **state)
{
	static const struct {
		int (*what)(void);
		int needs, want;
	} tries[] = {
		{reads_the_store, CONFINED_FILES, 0},	   {writes_the_lock, CONFINED_FILES, 0},
		{reads_what_is_named, CONFINED_FILES, 0},  {writes_what_is_named, CONFINED_FILES, EACCES},
		{reads_another, CONFINED_FILES, EACCES},   {reads_the_system, CONFINED_FILES, 0},
		{runs_a_program, CONFINED_CALLS, EPERM},   {opens_a_socket, CONFINED_CALLS, EPERM},
		{starts_a_thread, CONFINED_CALLS, 0},
	};
	int skipped = 0;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		int rc = tried(tries[i].what, tries[i].needs);

		if (rc == 255)
			skipped++;
		else
			assert_int_equal(rc, tries[i].want);
	}
	if (skipped)
		skip(); /* this kernel, or this build, cannot */
}

static void make(const char *name, bool is_folder)
{
	char *path = xasprintf("%s/%s", folder, name);

	if (is_folder)
		assert_int_equal(mkdir(path, 0700), 0);
	else
		assert_int_equal(can_open(path, O_WRONLY | O_CREAT), 0);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_may_be_done)};

	folder = xasprintf("%s/confine.XXXXXX", getenv("TMP") ? getenv("TMP") : "/tmp");
	if (!mkdtemp(folder))
		return 1;
	make("s", true);
	make("named", true);
	make("s/db", false);
	make("named/auth", false);
	make("other", false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
