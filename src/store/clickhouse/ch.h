/* SPDX-License-Identifier: MIT */
/*
 * ch.h: the engine that keeps histories in ClickHouse, over HTTP.
 *
 * Rows are only added. A host's row (table host) is what its history is: rows of events and snapshots behind its last
 * number are not there yet, so that a commit is the insert of host rows, after all else. Who opens the store for writing
 * is a session, with a number that only grows; each row says whose it is. A session that finds others that did not end in order
 * writes into the rows of its hosts up to where those count ("cuts"): what they left half-done, or go on writing, is passed over.
 * The row of the newest session wins, so two writers of one host do no harm. All keys come from the data, and a row that was sent
 * twice is one row, so each insert may be tried again. Table child has births and ends of goroutines once more, by parent.
 *
 * Handles are this process's own: strings and stacks are texts and hashes in the tables. Text of others reaches a statement as
 * unhex('…') and never otherwise.
 */
#ifndef STORE_CH_H
#define STORE_CH_H

#include "../engine.h"
#include <gscrape/hash.h>
#include <gscrape/http.h>
#include <pthread.h>

#define CH_SCHEMA 3 /* version of the tables */

/* Where it is: clickhouse://user@a:8123,b:8123/database?cluster=NAME&password-file=FILE&cacert=FILE&timeout=SECONDS&spool=FOLDER&spool-size=SIZE */
struct ch_place {
	struct pool p;
	const char **addresses;
	size_t n_addresses;
	const char *shown; /* the URL, for sentences */
	const char *user, *database, *cluster, *password_file, *cacert;
	const char *spool;    /* NULL: the usual folder */
	uint64_t spool_size;  /* bytes */
	long timeout;         /* ms */
};
int ch_place_of(struct ch_place *out, const char *url, struct err *e);
void ch_place_release(struct ch_place *p);

/* A connection: one question at a time. */
struct ch_line {
	const struct ch_place *place;
	struct http *http;
	char **headers;
	size_t n_headers;
	struct buf path, answer, packed;
	bool away; /* the last question was not answered, for reasons that pass */
	bool shard_away; /* of which this is one: what a shard keeps cannot be had */
	bool partial;    /* such shards are left out of what is read */
};
int ch_line_open(struct ch_line *l, const struct ch_place *p, struct err *e);
void ch_line_close(struct ch_line *l);

/* A statement that gives nothing back; at each address, or at one that answers. */
int ch_do(struct ch_line *l, const char *sql, bool everywhere, struct err *e);
/* What the server says of itself; of a cluster, all its servers. */
void ch_add_system(struct buf *sql, const struct ch_place *p, const char *table);
/* An insert of rows in RowBinary; tried again until it is certain, or has failed three times. */
int ch_insert(struct ch_line *l, const char *into, struct str rows, struct err *e);
int ch_insert_packed(struct ch_line *l, const char *into, struct str packed, struct err *e); /* in gzip */

/* Rows that come back, read from left to right. What runs out is `bad`, and zero from then on. */
struct ch_rows {
	const uint8_t *p, *end;
	bool bad;
};
/* The answer holds until the line's next question. */
int ch_ask(struct ch_line *l, const struct buf *sql, struct ch_rows *out, struct err *e);
static inline bool ch_more(const struct ch_rows *r)
{
	return !r->bad && r->p < r->end;
}
int ch_torn(const struct store *s, const struct ch_rows *r, struct err *e); /* -1 with the sentence when the rows were bad */
uint64_t ch_get(struct ch_rows *r, int bytes);
struct str ch_get_text(struct ch_rows *r);
static inline uint64_t ch_get_length(struct ch_rows *r)
{
	uint64_t n = get_varint(&r->p, r->end);

	r->bad |= !r->p;
	r->p = r->p ? r->p : r->end;
	return r->bad ? 0 : n;
}

void ch_put(struct buf *b, uint64_t v, int bytes);
void ch_put_text(struct buf *b, struct str s);
void ch_add_text(struct buf *sql, struct str s); /* unhex('…') */

int ch_schema_ready(struct ch_line *l, enum store_mode mode, struct err *e);

/* --- the spool: spool.c --- */

enum ch_spool_kind { SPOOL_ROWS, SPOOL_KEPT };

/* Numbers of files: the oldest, the one that is read next, and the one that comes next; 0 there was none yet. */
struct ch_queue {
	uint64_t first, at, next;
};

struct ch_spool {
	char *folder;          /* NULL: there is none */
	const char *database;
	char *own;             /* this recorder's, in it; NULL not yet */
	int lock;
	struct ch_queue queues[2];
	uint64_t bytes, limit;
};
void ch_spool_init(struct ch_spool *sp, const struct ch_place *p);
void ch_spool_release(struct ch_spool *sp);
static inline bool ch_spool_waits(const struct ch_spool *sp, enum ch_spool_kind kind)
{
	return sp->queues[kind].first < sp->queues[kind].next;
}
int ch_spool_adopt(struct ch_spool *sp, struct err *e); /* take over what those left who are not there any more */
int ch_spool_put(struct ch_spool *sp, enum ch_spool_kind kind, struct str bytes, struct err *e); /* safe on the disk, or -1 */
/* The oldest that was not taken: 1, 0 there is none, -1 damaged. */
int ch_spool_next(struct ch_spool *sp, enum ch_spool_kind kind, struct buf *out, struct err *e);
void ch_spool_taken(struct ch_spool *sp, enum ch_spool_kind kind);
void ch_spool_again(struct ch_spool *sp, enum ch_spool_kind kind); /* none was taken */
void ch_spool_drop(struct ch_spool *sp, enum ch_spool_kind kind);  /* those that were taken are needed no more */

/* --- names --- */

struct ch_stack {
	uint64_t key;
	struct store_stack st;
	bool loaded, tried; /* tried: it came along with others, or should have */
};
struct ch_names {
	struct pool pool;
	struct str *strings;      /* from 1 */
	struct ch_stack *stacks;  /* from 1 */
	size_t n_strings, cap_strings, n_stacks, cap_stacks;
	uint32_t n_tried;         /* stacks up to here were asked for */
	struct hash by_text, by_key;
};
uint32_t ch_string(struct ch_names *n, struct str s);
uint32_t ch_stack(struct ch_names *n, uint64_t key);
void ch_names_release(struct ch_names *n);

/* --- hosts --- */

struct ch_cut {
	uint64_t session;
	uint32_t last;
};
struct ch_row {
	struct host_row row;
	uint64_t ver;
	uint32_t ordinal, first_epoch;
	const struct ch_cut *cuts;
	size_t n_cuts;
	bool gone;
};

/* A host that this process has met. */
struct ch_host {
	const char *name, *labels; /* labels: as registered; NULL nobody said */
	struct ch_row stored, work;
	bool registered, adopted, dirty;
	bool keeps[2];           /* liveness, memory: in this batch */
	struct buf kept[2];
};

/* Rows of all hosts, as others left them by now: by handle, NULL where there is none. n 0: not read. */
struct ch_others {
	struct pool p;
	const struct ch_row **of;
	size_t n;
};
void ch_others_release(struct ch_others *o);

struct ch_numbers {
	uint64_t *a;
	size_t n;
};

struct ch_store {
	struct store base;
	struct ch_place place;
	struct ch_line line;
	enum store_mode mode;
	struct ch_names names;
	size_t n_views;          /* that are open; where they are partial, */
	struct err missing;      /* what is not in them */
	struct ch_host *hosts; /* by handle, from 1 */
	size_t n_hosts, cap_hosts;
	struct hash by_name;

	/* the batch */
	bool fits;               /* the server was asked, and its tables are this program's */
	bool begun, sent, ready; /* rows of it were sent; the session stands and its hosts are read */
	uint64_t session, counter;
	uint64_t *open;          /* sessions that have not ended */
	size_t n_open;
	struct commit batch;
	struct ch_others others; /* read when the batch drops what is old */
	struct buf events, snapshots, stacks, children, holdings;
	int64_t end;             /* NO_TIME: nobody said so */
	struct ch_numbers stack_keys;
	struct hash stacks_sent; /* places in sent_keys */
	uint64_t *sent_keys;
	size_t n_sent, cap_sent;

	/* on their way: send.c */
	struct ch_spool spool;
	struct buf unsent;       /* tables' names and packed rows of the batch that nobody took */
	int64_t again, pause;    /* monotonic ms: nobody is asked before, and how long that was */
	struct err why;          /* what was said last */

	struct pool pool;        /* hosts' names and rows */
	pthread_mutex_t lock;    /* of what version needs */
	struct ch_line watch;
	uint64_t version;
	int64_t version_at;      /* ms; 0 ask */
};

/* Who held locks in a stretch of snapshots: who asks for one after the other is answered out of what one question brought. */
struct ch_holding {
	uint32_t seq, ago;
	struct str bytes;
};
struct ch_holdings {
	struct seq_range in;
	struct pool p;
	struct ch_holding *a;
	size_t n;
};

struct ch_ahead;

struct ch_view {
	struct store_view base;
	struct pool p;
	struct ch_row *rows;     /* by name */
	size_t n;
	struct ch_holdings holdings;
	struct ch_ahead *ahead;  /* NULL: nothing is expected */
	uint32_t *place_of;      /* by the host's handle: its place in rows, from 1; 0 none */
	size_t n_place_of;
};

static inline struct ch_store *ch_of(struct store *s)
{
	return (struct ch_store *)s;
}
static inline struct ch_view *ch_view_of(struct store_view *v)
{
	return (struct ch_view *)v;
}

uint32_t ch_host_handle(struct ch_store *s, struct str name);
/* The newest row of each host. */
int ch_read_hosts(struct ch_store *s, struct pool *p, struct ch_row **out, size_t *n, struct err *e);
const struct ch_row *ch_row_of(struct store_view *v, uint32_t host);
/* " host = … AND seq <= …", without what does not count. */
void ch_add_where(struct buf *sql, const struct ch_row *r, uint32_t to);

/* Sending: send.c. To the server, or where that does not take them, to what ch_put_by puts into the spool. */
int ch_send(struct ch_store *s, const char *table, struct buf *rows, struct err *e);
int ch_put_by(struct ch_store *s, struct err *e);
/* What waits, for at most so long: 0 all is there, 1 some waits still, with a sentence that says why, how much, and where. */
int ch_deliver(struct ch_store *s, int64_t ms, struct err *e);
/* The server was asked in vain, for the reason in e: it is left alone for a while, in which ch_rests gives the reason again. */
int ch_put_off(struct ch_store *s, struct err *e);
int ch_rests(struct ch_store *s, struct err *e); /* 0, or -1 with it */
/* Straight into the spool: what is safe when the call returns, and is no part of a batch. */
int ch_put_aside(struct ch_store *s, const char *table, struct str rows, struct err *e);
int ch_keep(struct store *s, struct str bytes, struct err *e);
int ch_kept(struct store *s, struct buf *out, struct err *e);
void ch_kept_taken(struct store *s);

/* The server and its tables will do: open.c. */
int ch_fits(struct ch_store *s, struct err *e);

/* Writing: write.c; ch_expire and ch_sweep: expire.c */
int ch_version(struct store *s, uint64_t *version, struct err *e);
struct ch_host *ch_host_ready(struct ch_store *s, uint32_t host, struct err *e);
int ch_send_rows(struct ch_store *s, struct err *e);
int ch_begin(struct store *s, struct err *e);
int ch_host(struct store *s, const char *name, const char *labels, struct host_place *out, struct err *e);
int ch_put_snapshot(struct store *s, const struct snapshot_put *put, struct err *e);
int ch_put_liveness(struct store *s, uint32_t host, const struct liveness *l, size_t n, struct err *e);
int ch_put_memory(struct store *s, uint32_t host, struct str bytes, struct err *e);
int ch_put_end(struct store *s, int64_t time, struct err *e);
int64_t ch_expire(struct store *s, uint32_t host, int64_t before, struct err *e);
int ch_sweep(struct store *s, bool all, struct err *e);
int ch_commit(struct store *s, struct commit *done, struct err *e);
void ch_abort(struct store *s);
void ch_forget_names(struct store *s);
void ch_write_close(struct ch_store *s);

/* Reading: read.c */
int ch_view_open(struct store *s, struct store_view **out, struct err *e);
void ch_view_close(struct store_view *v);
bool ch_is_partial(struct store_view *v, struct err *why);
int ch_hosts(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e);
int ch_snapshots(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n, struct err *e);
int ch_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e);
int ch_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n, struct err *e);
int ch_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e);
int ch_held(struct store_view *v, struct snapshot_key at, struct pool *p, uint32_t *ago, struct str *out, struct err *e);
int ch_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e);
int ch_end(struct store_view *v, int64_t *time, struct err *e);

#define CH_SNAPSHOT_COLUMNS "seq, time, ordinal, epoch, status, goroutines, bytes, took, note, states, counts"
void ch_get_snapshot(struct ch_store *s, struct ch_rows *r, struct pool *p, struct snapshot *snap);

/* Events: events.c */
#define CH_EVENT_COLUMNS "epoch, id, seq, kind, flags, proof, minutes, moved, stack, state, labels, parent, wait"
struct ch_event {
	struct event ev;
	uint32_t epoch;
};
void ch_get_event(struct ch_store *s, struct ch_rows *r, struct ch_event *out);
/* Fetched ahead: ahead.c */
struct ch_ahead_host {
	const struct ch_row *row;
	uint32_t from;               /* the first snapshot that is in it; all from there on are */
	bool whole;                  /* and all events, and what is known of the living */
	struct snapshot *snapshots;
	struct ch_event *events;     /* by process, goroutine and snapshot; one may be there twice */
	size_t n_snapshots, cap_snapshots, n_events, cap_events;
	uint64_t liveness_ver;       /* 0 none */
	struct str liveness;
};
void ch_expect(struct store_view *v, const struct store_expected *what);
/* What was fetched of a host, until the next call, or while a walk counts; NULL: it has to be asked for. */
const struct ch_ahead_host *ch_ahead(struct store_view *v, uint32_t host);
void ch_ahead_walks(struct store_view *v, int more); /* so many more walks lean on it */
void ch_ahead_end(struct ch_view *v);

void ch_apply(struct goroutine_state *g, const struct event *ev);
int ch_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out, struct err *e);
int ch_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n, struct err *e);
int ch_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n, struct err *e);
int ch_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out, size_t *n, struct err *e);
/* Walking: walk.c */
int ch_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out, struct err *e);
int ch_walk_next(struct store_walk *w, struct walk_step *step, struct err *e);
void ch_walk_end(struct store_walk *w);
/* Marks: marks.c */
int ch_add_mark(struct store *s, const struct mark *m, struct err *e);
int ch_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e);
/* Names: names.c */
int ch_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e);
int ch_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out, struct err *e);
int ch_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx, struct err *e);
int ch_stacks_with(struct store_view *v, const struct functions_wanted *w, int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack),
		   void *ctx, struct err *e);

#endif
