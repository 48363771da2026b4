/* SPDX-License-Identifier: MIT */
/*
 * commands.h: what each command runs. A command writes its answer to standard output through struct out, and returns
 * its exit status, or -1 with a sentence: status 2 for one of the kind ERR_USAGE, else 1.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "option_table.h"

/*
 * Standard output, or a file, buffered. A reader that goes away (`| head`) ends the program quietly, as SIGPIPE would; any
 * other failure is remembered and told by out_close. A file is written under a temporary name and renamed at the end, so
 * that nobody sees half of it; a device or a pipe is written to as it is.
 */
struct out {
	struct buf buf;
	int failed;     /* errno of the first write that failed */
	int fd;         /* 0: standard output */
	bool any;       /* something was written */
	char *path, *tmp;
};

int out_to(struct out *o, const char *path, struct err *e); /* write there; "-" is standard output. 0 or -1 */
void out_drop(struct out *o); /* the file is not made after all; out_close is still to be called */
void out_flush(struct out *o);
/* JSON of nothing is nothing, which may as well be a failure: say so on stderr. */
void out_tell_empty(const struct out *o, const struct options *asked);
/* Write when much is waiting: call it after each line. */
static inline void out_line(struct out *o)
{
	if (o->buf.n >= 1 << 16)
		out_flush(o);
}
int out_close(struct out *o, struct err *e);

int run_browse(const struct options *o, struct err *e);
int run_scrape(const struct options *o, struct err *e);
int run_index(const struct options *o, struct err *e);
int run_hosts(const struct options *o, struct err *e);
int run_stats(const struct options *o, struct err *e);
int run_goroutines(const struct options *o, struct err *e);
int run_goroutine(const struct options *o, struct err *e);
int run_query(const struct options *o, struct err *e);
int run_list_funcs(const struct options *o, struct err *e);
int run_diff(const struct options *o, struct err *e);
int run_canary(const struct options *o, struct err *e);
int run_waiters(const struct options *o, struct err *e);
int run_lives(const struct options *o, struct err *e);
int run_leaks(const struct options *o, struct err *e);
int run_parse(const struct options *o, struct err *e);
int run_serve(const struct options *o, struct err *e);
int run_hash_password(const struct options *o, struct err *e);
int run_count(const struct options *o, struct err *e);
int run_export(const struct options *o, struct err *e);
int run_report(const struct options *o, struct err *e);
int run_mark(const struct options *o, struct err *e);
int run_marks(const struct options *o, struct err *e);
int run_verify(const struct options *o, struct err *e);
int run_copy(const struct options *o, struct err *e);
int run_compact(const struct options *o, struct err *e);
int run_expire(const struct options *o, struct err *e);
int run_help(const struct options *o, struct err *e);
int run_version(const struct options *o, struct err *e);
int run_completions(const struct options *o, struct err *e);

#endif
