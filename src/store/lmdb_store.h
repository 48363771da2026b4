/* SPDX-License-Identifier: MIT */
/*
 * lmdb_store.h: the LMDB engine, private to this room.
 *
 * Three tables. `meta` says whose file it is. `dict` has strings, frames and stacks, each by number and by hash. `data`
 * has everything else under keys of the host's number, a tag and a place, all big endian, so that a host's rows of a
 * kind stand together in order:
 *
 *     0    'H' host        the host's row
 *     host 'S' seq         a snapshot
 *     host 'Z' level n     a summary of 32^level snapshots
 *     host 'D' chunk       a chunk: epoch, first and last snapshot
 *     host 'K' chunk       who was alive just before its first snapshot's events (its keyframe)
 *     host 'L' chunk seq   events of one commit, while the chunk is open
 *     host 'E' chunk       all its events, once it is closed
 *     host 'C' chunk       the goroutines that ended in it, by parent, once it is closed
 *     host 'P'             the pulse of the living
 *
 * A chunk holds one epoch's events until there are twice as many as were alive at its beginning (and 4096): then the keyframe
 * of the next one costs a fixed share of what the events cost, whatever the process does.
 */
#ifndef STORE_LMDB_STORE_H
#define STORE_LMDB_STORE_H

#include "codec.h"
#include <lmdb.h>
#include <pthread.h>

#define STORE_FORMAT 1
#define LEVELS 3
#define FAN 32               /* snapshots per summary of level 1, summaries per summary above */
#define CHUNK_MIN 4096       /* events */
#define CHUNK_PER_LIVING 2

/* One open file; shared by all stores of the process on it, since LMDB must not open a file twice. */
struct env {
	struct env *next;
	dev_t dev;
	ino_t ino;
	int refs;
	MDB_env *env;
	MDB_dbi meta, dict, data;
	bool writable;
};

struct chunk_row {
	uint32_t no, epoch, first_seq, last_seq; /* last_seq 0: open */
	uint32_t events, living;
	uint64_t max_id;
};

struct host_state { /* a host's row, with what a writer must know to go on */
	struct host_row row;
	uint32_t ordinal;  /* of its last snapshot */
	uint32_t chunk;    /* open chunk, 0 none */
	struct chunk_row open;
	uint64_t last_max_id;
};

struct writer_host {
	uint32_t host;
	struct host_state st;
	struct summary sum[LEVELS];
	struct event *pending; /* since the last flush, in order of arrival */
	size_t n_pending, cap_pending;
	uint32_t pending_seq;  /* snapshot of the first of them */
	bool dirty;
};

struct id_map { /* symtab number to the store's, 0 unknown */
	uint32_t *a;
	size_t n;
};

struct store {
	struct env *env;
	char *path;
	enum store_mode mode;
	int lock_fd; /* the writer's flock on the data file, -1 */
	MDB_txn *read;
	int reading;
	MDB_txn *write;
	struct writer_host *hosts;
	size_t n_hosts, cap_hosts;
	struct id_map strings, stacks;
	uint32_t next_string, next_frame, next_stack;
	/* what was read: lives until store_close */
	struct pool names;
	struct str *string_cache;
	struct store_stack *stack_cache;
	size_t n_string_cache, n_stack_cache;
};

/* env.c */
struct env *env_get(const char *path, enum store_mode mode, struct err *e);
void env_put(struct env *env);

/* keys: built in a caller's array */
struct key {
	uint8_t b[16];
	size_t n;
};
struct key key_of(uint32_t host, char tag);
struct key key_u32(struct key k, uint32_t v);
struct key key_u8(struct key k, uint8_t v);
struct key host_key(uint32_t host);    /* the host's own row */
uint32_t level_size(int level);        /* snapshots in a summary of this level */
uint32_t key_tail(const MDB_val *k, size_t from_end); /* u32 that ends from_end bytes before the key's end */

/* The transaction to read by: the write transaction when there is one, else the read view. NULL when neither. */
MDB_txn *store_txn(struct store *s);
int data_get(struct store *s, struct key k, struct str *out); /* 1, 0, -1 */
int data_put(struct store *s, struct key k, const void *p, size_t n, struct err *e);
int data_del(struct store *s, struct key k, struct err *e);
int data_del_prefix(struct store *s, struct key k, struct err *e); /* every row whose key begins so */
int writing(struct store *s, struct err *e); /* begin the write transaction when there is none */
int mdb_failed(struct store *s, int rc, const char *doing, struct err *e); /* always -1 */

/* Call fn for the rows host|tag|…, from key `from` on, in order, until it returns non-zero (which is returned). */
int data_each(struct store *s, struct key from, size_t prefix, int (*fn)(void *ctx, struct str key, struct str value), void *ctx);

/* rows.c */
void snapshot_pack(struct buf *b, const struct snapshot *s);
bool snapshot_unpack(struct str v, uint32_t seq, struct snapshot *s, struct state_count *states, size_t max);
void host_pack(struct buf *b, const struct host_state *h);
bool host_unpack(struct str v, struct pool *p, struct host_state *h);
void summary_pack(struct buf *b, const struct summary *s);
bool summary_unpack(struct str v, struct summary *s);
void summary_add(struct summary *sum, const struct snapshot *s, bool new_epoch);
void chunk_pack(struct buf *b, const struct chunk_row *c);
bool chunk_unpack(struct str v, uint32_t no, struct chunk_row *c);

/* dict.c */
int dict_string(struct store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e);
int dict_stack(struct store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e);
int dict_open(struct store *s, struct err *e);

/* chunk.c: reading and rolling chunks */
int chunk_list(struct store *s, uint32_t host, uint32_t from_seq, uint32_t to_seq, struct pool *p, struct chunk_row **out, size_t *n);
/* All events of a chunk, sorted by (id, seq); pending ones of the writer are not in it. */
int chunk_events(struct store *s, uint32_t host, const struct chunk_row *c, struct event_list *out, struct err *e);
int chunk_living(struct store *s, uint32_t host, const struct chunk_row *c, struct pool *p, struct living **out, size_t *n, struct err *e);
void events_sort(struct event *ev, size_t n);
/* l after the events up to and with `upto`; out has room for n_l + n_ev. */
size_t living_apply(const struct living *l, size_t n_l, const struct event *ev, size_t n_ev, uint32_t upto, struct living *out);
int damaged(struct store *s, const char *what, uint32_t host, uint32_t chunk, struct err *e); /* always -1 */

/* write.c */
struct writer_host *writer_find(struct store *s, uint32_t host);

#endif
