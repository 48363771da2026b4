/* SPDX-License-Identifier: MIT */
/* room.h: what the files of this room share. */
#ifndef QUERY_ROOM_H
#define QUERY_ROOM_H

#include <gscrape/query.h>
#include <sys/types.h>

#define BLOCK 256 /* snapshots remembered together */

/* The part of a snapshot that everything asks for. */
struct tick {
	int64_t time; /* NO_TIME: not kept */
	uint32_t ordinal, goroutines, epoch;
	uint8_t status;
};

struct block {
	uint32_t upto; /* the host's last snapshot when it was read */
	struct tick t[BLOCK];
};

struct host_cache {
	uint32_t host;
	const char *name; /* until query_close */
	struct block **blocks;
	size_t n_blocks;
	int64_t interval; /* -1 not known yet */
};

struct query {
	struct store *store;
	char *path;
	dev_t dev;
	ino_t ino;
	uint64_t version;
	struct pool host_pool; /* of the rows below: until the next refresh */
	struct host_row *rows;
	struct host *hosts;
	size_t n_hosts;
	struct host_cache *caches;
	size_t n_caches, cap_caches;
	struct pool names;     /* until query_close */
	struct stack **stacks; /* by number; what it points to stays */
	size_t n_stacks;
	uint8_t *families;     /* by state: family + 1, 0 not known yet */
	size_t n_families;
	struct function *functions; /* sorted by name */
	size_t n_functions;
	uint32_t functions_of; /* number of stacks they were counted over */
};

const struct host_row *host_row(struct query *q, uint32_t host);
/* A snapshot by number; NULL when it is not kept. Valid until the next call. */
const struct tick *tick(struct query *q, uint32_t host, uint32_t seq);
/* The host's name, kept until query_close. */
const char *keep_host_name(struct query *q, uint32_t host, const char *name);
/* The last snapshot with text at or before seq, and at or after the first that is kept; 0 none. */
uint32_t text_seq(struct query *q, uint32_t host, uint32_t seq);
/* The first one with text at or after seq; 0 none. */
uint32_t next_text_seq(struct query *q, uint32_t host, uint32_t seq);
/* Time of seq, or of the first kept snapshot when seq is older. */
int64_t time_or_first(struct query *q, uint32_t host, uint32_t seq);
/* The last snapshot at or before t, within what was there at the last refresh; 0 none. -1 failed. */
int seq_at(struct query *q, uint32_t host, int64_t t, uint32_t *seq, struct err *e);

/* Who is alive at a snapshot that is kept and has text. */
int alive_at(struct query *q, uint32_t host, uint32_t seq, struct pool *p, struct alive **out, size_t *n, struct err *e);
/* What goroutines of one group have in common (BY_NONE: id), and a group's name, of its key, stack, created and top. */
uint64_t group_key(struct query *q, enum group_by by, uint32_t stack, uint32_t state, uint64_t id);
const char *group_name(struct query *q, struct pool *p, const struct group *g, enum group_by by);
/* Those of a in groups, by key. */
struct group *groups_of(struct query *q, const struct alive *a, size_t n_a, enum group_by by, struct pool *p, size_t *n);

/*
 * A stretch of a host's snapshots, and what every goroutine was in it: for questions about everything. A walk goes
 * through history piece by piece (store.h's chunks); within one, goroutines come by id, and each one's spells in order.
 */
struct window {
	uint32_t host, from, to; /* numbers of its first and last snapshot with text */
	struct instant *at;      /* by number, less from */
};
struct instant {
	int64_t time;
	uint32_t ordinal; /* as in struct snapshot: differences count samples */
	uint32_t text;    /* the last snapshot with text at or before it */
	uint32_t epoch;
};
/* from NO_TIME: the beginning; to NO_TIME: the end. 1, 0 there is no snapshot with text in it, -1. */
int window_open(struct query *q, uint32_t host, int64_t from, int64_t to, struct window *out, struct err *e);
void window_close(struct window *w);
static inline const struct instant *window_at(const struct window *w, uint32_t seq)
{
	return &w->at[seq - w->from];
}

/* A goroutine in one state, on one stack, waiting for one thing: as much of it as lies in the window and in one chunk. */
struct spell {
	uint64_t id, wait_object;
	uint32_t epoch, born;   /* its process, and the snapshot it was first seen in */
	uint32_t run;           /* begin of its run; may be before the window */
	uint32_t stack, state;
	uint32_t from, to;      /* first and last snapshot with text */
	uint32_t samples;       /* how many there are from one to the other */
	bool begins, gone;      /* it came to it at `from`; after `to` the goroutine is not there any more */
	bool killed;            /* gone, and its process too */
	bool on;                /* the chunk or the window ends while it goes on */
};
int window_walk(struct query *q, const struct window *w, void (*fn)(void *ctx, const struct spell *s), void *ctx, struct err *e);

/*
 * Spells that follow each other at the same place are one stay, across chunks too. `place` says where a spell is (0:
 * nowhere; it is asked for each, once, in order of the walk), `stay` is told each stay when it ends or the window does.
 */
enum stay_end { STAY_ON, STAY_LEFT, STAY_GONE, STAY_KILLED };
struct stay {
	uint64_t id, place;
	uint32_t epoch, born, since; /* since: may be before the window */
	uint32_t from, to;           /* in the window */
	bool came;                   /* it began in the window, at `from` */
	enum stay_end end;
};
struct stays {
	uint64_t (*place)(void *ctx, const struct spell *s);
	void (*stay)(void *ctx, const struct stay *s);
	void *ctx;
};
int window_stays(struct query *q, const struct window *w, const struct stays *fns, struct err *e);

/* A search pattern: words that must be there, !word that must not, ^ and $ anchors; lower case matches any case. */
struct pattern;
struct pattern *pattern_new(const char *text);
bool pattern_match(const struct pattern *p, const char *s);
void pattern_free(struct pattern *p);

#endif
