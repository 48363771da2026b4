/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* The reader has seen enough. Die of SIGPIPE as cat would, so that the shell sees the usual 141. */
static void reader_gone(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_exit(0); /* it was blocked */
}

void out_flush(struct out *o)
{
	const char *p = o->buf.p;
	size_t left = o->failed ? 0 : o->buf.n;

	while (left) {
		ssize_t put = write(STDOUT_FILENO, p, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EPIPE)
			reader_gone();
		if (put < 0) {
			o->failed = errno;
			break;
		}
		p += put;
		left -= (size_t)put;
	}
	buf_reset(&o->buf);
}

int out_close(struct out *o, struct err *e)
{
	out_flush(o);
	buf_release(&o->buf);
	return o->failed ? fail(e, "standard output: %s", strerror(o->failed)) : 0;
}
