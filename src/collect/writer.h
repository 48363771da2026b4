/* SPDX-License-Identifier: MIT */
/*
 * writer.h: the threads that write what was fetched to the archive and the store, so that fetching never
 * waits for a disk: one for what is soon done, and one for large dumps, so that nobody waits behind those.
 *
 * One commit serves all hosts, at most every COMMIT_MS; into a store that is reached over the network at most every
 * COMMIT_FAR_MS, whose rows are better for coming in numbers. What cannot be written, or waits on this machine's disk for a
 * server that is away, is told once when it begins and once when it is over; meanwhile everything else goes on.
 */
#ifndef COLLECT_WRITER_H
#define COLLECT_WRITER_H

#include "collect/fetch.h"
#include <gscrape/recorder.h>

#define COMMIT_MS 500
#define COMMIT_FAR_MS 5000

/* A host as the writer knows it; zero at first, touched by the writer's thread alone while jobs of it are on
 * the way. */
struct writer_host {
	uint32_t number; /* the recorder's, */
	uint32_t life;   /*   as long as no commit failed: one that does takes the host's registration with it */
};

struct job {
	struct job *next;
	struct writer *writer; /* the writer's own */
	void *ctx;
	const char *host, *labels; /* live until the job came back */
	struct writer_host *known;
	struct fetch_result in;
	int64_t mono; /* monotonic time of its end */
	/* filled in by the writer */
	struct outcome out;
	bool stored;
	int64_t disk_bytes; /* in the archive; -1 not written */
	size_t bytes;       /* of the body it had */
	int64_t cost;       /* ms of a thread's time */
};

/* One sentence about no single target. */
struct writer_note {
	struct writer_note *next;
	bool bad;
	char text[512];
};

struct writer_options {
	const char *db, *output; /* output NULL: no archive */
	int64_t retain;
	uint64_t retain_size;
	bool goes_on;               /* --once from cron: somebody will come again */
	void (*committed)(void *ctx);
	void *committed_ctx;
	void (*wake)(void *ctx); /* called from a thread when a job or a note is ready */
	void *wake_ctx;
};

struct writer;

int writer_open(struct writer **out, const struct writer_options *o, struct err *e);
void writer_put(struct writer *w, struct job *j); /* the writer's until writer_next gives it back */
struct job *writer_next(struct writer *w);        /* done: the caller's again, body released; NULL none */
struct writer_note *writer_next_note(struct writer *w); /* the caller frees; NULL none */
size_t writer_pending(struct writer *w);                /* bytes of text that wait */
void writer_finish(struct writer *w);                   /* write all that waits, commit, end the thread */
/* How writing goes, from any thread. */
struct writer_state {
	uint64_t errors;     /* so far */
	int64_t last_commit; /* of the store; NO_TIME none yet */
	char failing[600];   /* what cannot be written just now, and why; "" */
};
void writer_state(struct writer *w, struct writer_state *out);
bool writer_lost(struct writer *w); /* something could not be written; to be asked after writer_finish */
int writer_close(struct writer *w, struct err *e); /* finish, close the store, free */

#endif
