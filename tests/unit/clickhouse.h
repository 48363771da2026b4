/* SPDX-License-Identifier: MIT */
/* clickhouse.h: a clickhouse-server of the test's own, which ends with it; where there is none, clickhouse_start says 0. */
#ifndef TESTS_CLICKHOUSE_H
#define TESTS_CLICKHOUSE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Its HTTP port. */
static int clickhouse_start(void)
{
	const char *tmp = getenv("TMP"), *top = getenv("TOP");
	int to[2], from[2], port = 0;
	char folder[300], script[300];
	FILE *in;

	snprintf(folder, sizeof folder, "%s/clickhouse%d", tmp ? tmp : "/tmp", (int)getpid());
	snprintf(script, sizeof script, "%s/tests/clickhouse/server.py", top ? top : ".");
	if (pipe(to) < 0 || pipe(from) < 0)
		return 0;
	if (fork() == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		close(from[0]);
		execlp("python3", "python3", script, folder, (char *)NULL);
		_exit(77);
	}
	close(to[0]);
	close(from[1]);
	in = fdopen(from[0], "r");
	if (!in || fscanf(in, "%d", &port) != 1)
		port = 0;
	return port; /* to[1] stays open as long as this process lives */
}

#endif
