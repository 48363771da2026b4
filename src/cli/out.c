/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "tell.h"
#include <gscrape/gzip.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reader has seen enough. Die of SIGPIPE as cat would, so that the shell sees the usual 141. */
static void reader_gone(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_exit(0); /* it was blocked */
}

int out_to(struct out *o, const char *path, struct err *e)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return 0;
	o->path = xstrdup(path);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		o->fd = open(path, O_WRONLY | O_CLOEXEC);
		return o->fd < 0 ? fail_errno(e, errno, path) : 0;
	}
	o->tmp = file_temporary(path);
	o->fd = open(o->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	return o->fd < 0 ? fail_errno(e, errno, o->tmp) : 0;
}

void out_flush(struct out *o)
{
	const char *p = o->buf.p;
	size_t left = o->failed ? 0 : o->buf.n;

	o->any |= o->buf.n > 0;
	while (left) {
		ssize_t put = write(o->fd ? o->fd : STDOUT_FILENO, p, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EPIPE)
			reader_gone();
		if (put <= 0) {
			o->failed = put ? errno : ENOSPC;
			break;
		}
		p += put;
		left -= (size_t)put;
	}
	buf_reset(&o->buf);
}

void out_tell_empty(const struct out *o, const struct options *asked)
{
	if (!o->any && !o->buf.n && !asked->quiet)
		tell("note: the answer is empty: there is nobody and nothing of what was asked for");
}

void out_drop(struct out *o)
{
	buf_reset(&o->buf);
	if (o->tmp)
		unlink(o->tmp);
	free(o->tmp);
	o->tmp = NULL;
}

/* The file gets its name, unless something went wrong. */
static void finish_file(struct out *o)
{
	if (!o->failed && o->tmp && fsync(o->fd) < 0)
		o->failed = errno;
	if (o->fd > 0 && close(o->fd) < 0 && !o->failed)
		o->failed = errno;
	if (!o->failed && o->tmp && rename(o->tmp, o->path) < 0)
		o->failed = errno;
	if (o->failed)
		out_drop(o);
}

int out_close(struct out *o, struct err *e)
{
	int rc = 0;

	out_flush(o);
	finish_file(o);
	if (o->failed)
		rc = fail_write(e, o->failed, o->path ? o->path : "standard output");
	buf_release(&o->buf);
	free(o->path);
	free(o->tmp);
	*o = (struct out){0};
	return rc;
}
