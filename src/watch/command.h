/* SPDX-License-Identifier: MIT */
/* command.h: a shell command, run with a text on its standard input, that cannot hold up whoever started it. */
#ifndef WATCH_COMMAND_H
#define WATCH_COMMAND_H

#include <gscrape/buf.h>
#include <gscrape/err.h>

/*
 * Started in a process group of its own, with no descriptor of ours but standard output and error; the text is in a file
 * without a name, so it need not read it. It ends within `patience` ms, or before `until(ctx)` (monotonic ms, INT64_MAX:
 * no hurry), which is asked again and again; else it is ended with all that it started. 0, or -1 with what went wrong: it
 * could not be started, ended with another status than 0, or was ended.
 */
int command_run(const char *command, struct str text, int64_t patience, int64_t (*until)(void *ctx), void *ctx, struct err *e);

#endif
