/* SPDX-License-Identifier: MIT */
/*
 * lmdb_store.h: the LMDB engine, private to this room.
 *
 * Three tables. `meta` says whose file it is. `dict` has strings, frames and stacks, each by number and by hash, and which
 * numbers went (sweep.c). `data`
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
 *     host 'C' chunk       the goroutines that ended in it, by parent, once it is closed; from format 3 on behind the events
 *     host 'P'             the liveness of the living
 *     host 'M'             what the recorder wants to find again
 *
 * From format 2 on each row of each table, but for the format's own, ends with 32 bits of XXH3 over its key and value,
 * which every read checks (large rows that do not change once).
 *
 * A chunk holds one epoch's events until there are twice as many as were alive at its beginning (and 8192): then the keyframe
 * of the next one costs a fixed share of what the events cost, whatever the process does.
 */
#ifndef STORE_LMDB_STORE_H
#define STORE_LMDB_STORE_H

#include "codec.h"
#include "store/engine.h"
#include <gscrape/hash.h>
#include <lmdb.h>
#include <pthread.h>

#define STORE_FORMAT 3
#define FORMAT_SUMS 2        /* from here on a checksum stands behind each row */
#define FORMAT_PACKED 3      /* from here on what is written once is deflated: piece.c */
#define LEVELS 3
#define FAN 32               /* snapshots per summary of level 1, summaries per summary above */
#define CHUNK_MIN 8192       /* events */
#define CHUNK_PER_LIVING 2

/* One open file; shared by all stores of the process on it, since LMDB must not open a file twice. */
struct env {
	struct env *next;
	dev_t dev;
	ino_t ino;
	int refs;
	pthread_mutex_t lock; /* guards env, live and spare against other threads than the writer's, which alone changes env */
	MDB_env *env;         /* NULL: could not be opened anew after a write that failed */
	size_t live;          /* views that are open */
	struct lmdb_view *spare; /* views that are closed, of any store: their transactions are renewed */
	char *path;
	const char *map; /* where LMDB has the file in memory, NULL not known */
	MDB_dbi meta, dict, data;
	bool writable;
	int format;
	uint64_t noted; /* the newest commit that pages.h's note tells of */
	uint64_t last;  /* the newest commit that was seen */
	int shared_fd; /* a flock that keeps writers away, where LMDB's lock file may not be written; -1 */
};

struct chunk_row {
	uint32_t no, epoch, first_seq, last_seq; /* last_seq 0: open */
	uint32_t events, living;
	uint64_t max_id;
	uint32_t upto; /* last_seq, or the host's last snapshot while the chunk is open; not in the row's bytes */
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
	const char *name, *labels; /* as registered: they outlive an abort; labels NULL: as stored */
	bool loaded;           /* st and sum are what the store has and what was put since; false after an abort */
	struct host_state st;
	struct summary sum[LEVELS];
	struct event *pending; /* since the last flush, in order of arrival */
	size_t n_pending, cap_pending;
	uint32_t pending_seq;  /* snapshot of the first of them */
	bool dirty; /* its rows are to be written */
	bool put;   /* the batch has a snapshot of it */
};

struct id_map { /* symtab number to the store's, 0 unknown */
	uint32_t *a;
	size_t n;
};

/* A read transaction; or the writer's own, by which it reads what it has written. */
struct lmdb_view {
	struct store_view base;
	MDB_txn *txn;
	uint32_t n_strings, n_stacks; /* in the dictionary, once `counted` */
	bool counted;
	struct lmdb_view *spare;      /* the next one of its env's */
};

/* A row that was found to be whole: by a hash of its key. */
struct checked {
	uint64_t key;
	size_t size;
};
HASH_TABLE(checked_rows, struct checked, key, size);

/* A row that was inflated: piece.c. */
struct unpacked_row {
	uint64_t key;
	struct unpacked *is;
};
HASH_TABLE(unpacked_rows, struct unpacked_row, key, is);

/* The events of an open chunk, in order, as of a host's last snapshot: they stand in several rows, and every question wants them. */
struct open_events {
	uint32_t host, chunk, upto;
	unsigned held;
	bool kept;
	struct event_list ev;
};
#define OPEN_EVENTS 8

struct stored_host {
	uint64_t name; /* hash */
	uint32_t host;
};

/* Numbers, as bits. */
struct number_set {
	uint64_t *words;
	size_t n;
	uint32_t count; /* how many are in it */
};

enum name_kind { NAME_STACK, NAME_FRAME, NAME_STRING, NAME_KINDS }; /* those of one kind name those of the next */

/* How far the looking for names that nobody uses has come: sweep.c. */
struct sweep {
	enum { SWEEP_RESTS, SWEEP_MARKS, SWEEP_DROPS } step;
	uint32_t upto[NAME_KINDS];              /* later ones are not looked at in this round */
	struct number_set used[NAME_KINDS], dropped[NAME_KINDS];
	uint32_t host, next_host, seq, chunk;   /* marking goes on from here; host 0: at the next one */
	enum name_kind kind;                    /* dropping from here, */
	uint32_t at;                            /*   this number */
	uint64_t cost, last_cost;               /* rows and events of this round, and of the last one */
	uint64_t due;                           /* those dropped since it began */
	uint64_t share;                         /* rows and events that this batch is to look at; */
	int64_t credit;                         /*   what is left of them */
};

struct lmdb_store {
	struct store base;
	struct checked_rows checked;
	struct unpacked_rows unpacked;
	size_t unpacked_bytes;
	struct open_events open_events[OPEN_EVENTS]; /* [host % OPEN_EVENTS] */
	struct env *env;
	enum store_mode mode;
	int lock_fd; /* the writer's flock on the data file, -1 */
	/* the writer's */
	struct lmdb_view pen;         /* txn NULL: no batch is begun */
	struct writer_host *hosts;
	size_t n_hosts, cap_hosts;
	struct hash by_name, by_number; /* of `hosts` */
	struct stored_host *stored;   /* the hosts that the file had when one was first looked for by its name, */
	size_t n_stored, cap_stored;
	struct hash stored_by_name;   /*   of which some may be gone; */
	bool stored_listed;           /*   this is so */
	struct commit batch;          /* what is put since the last commit */
	struct id_map strings, stacks;
	uint32_t next_string, next_frame, next_stack;
	struct sweep sweep;
	bool names_counted;           /* those three are what the file has, and the batch */
	uint32_t last_host, host_written; /* the highest number ever given; as the file has it */
	struct pool names;            /* of hosts and stacks: until close */
	/* what was read: by number, until close */
	struct store_stack *stack_cache;
	size_t n_stack_cache;
	struct sym_frame *frame_cache;
	size_t n_frame_cache;
	uint32_t stacks_known;        /* all up to here are in it */
};

static inline struct lmdb_store *lmdb_of(struct store *s)
{
	return (struct lmdb_store *)s;
}
static inline struct lmdb_view *view_of(struct store_view *v)
{
	return (struct lmdb_view *)v;
}
static inline struct lmdb_store *store_of(const struct lmdb_view *v)
{
	return (struct lmdb_store *)v->base.store;
}

/* convert.c: a file of an older format becomes one of the present format; the old one is kept beside it, as PATH.v1, PATH.v2. */
int store_convert(const char *path, const struct env *old, struct err *e);

/* env.c */
struct env *env_get(const char *path, enum store_mode mode, struct err *e); /* opened, or found open */
void env_put(struct env *v); /* NULL is fine */
int env_map(const char *path, unsigned flags, MDB_env **out); /* an error of LMDB's, or 0 */
int make_tables(struct env *v, MDB_txn *txn);
int note_commit(struct env *v, bool on_disk);                  /* a code of errno, or 0 */
/* The writer's transaction. After a failed write of its head the file is opened anew. */
int env_write(struct env *v, MDB_txn **out, struct err *e);    /* an error of LMDB's, 0, or MDB_PANIC with a sentence */

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
uint32_t key_tail(struct str key);         /* the u32 at its end */
bool is_name_key(struct str key);          /* of `dict`: hosts' numbers do not begin with a letter */
bool is_host_key(struct str key);
bool is_snapshot_key(struct str key);

/* A row of a table: 1, 0 not there, -1 cannot be read or is not what was written. */
int row_get(struct lmdb_view *v, MDB_dbi dbi, struct key k, struct str *out);
int row_put(struct lmdb_store *s, MDB_dbi dbi, struct key k, struct str value, struct err *e);
uint32_t row_sum(MDB_val key, struct str value);
bool row_checked(const struct env *env, MDB_val key, MDB_val v, struct str *out);
/* The same, of `data`. */
int data_get(struct lmdb_view *v, struct key k, struct str *out);
int data_get_fixed(struct lmdb_view *v, struct key k, struct str *out); /* of a row that does not change */
int data_put(struct lmdb_store *s, struct key k, const void *p, size_t n, struct err *e);
int data_del(struct lmdb_store *s, struct key k, struct err *e);
int data_del_prefix(struct lmdb_store *s, struct key k, struct err *e); /* every row whose key begins so */
int mdb_failed(struct lmdb_store *s, int rc, const char *doing, struct err *e); /* always -1 */
/* Call fn for the rows host|tag|…, from key `from` on, in order, until it returns non-zero (which is returned). */
int data_each(struct lmdb_view *v, struct key from, size_t prefix, int (*fn)(void *ctx, struct str key, struct str value),
	      void *ctx);
int damaged(struct lmdb_view *v, const char *what, uint32_t host, uint32_t chunk, struct err *e); /* always -1 */

int lmdb_view_open(struct store *s, struct store_view **out, struct err *e);
void lmdb_view_close(struct store_view *v);
uint64_t last_commit(struct lmdb_store *s); /* its number */
int lmdb_version(struct store *s, uint64_t *version, struct err *e);
int lmdb_size(struct store *s, uint64_t *bytes, struct err *e);

/* piece.c: a keyframe ('K'), a closed chunk's events ('E') or who ended in it ('C'), as codec.h has them. 1, 0 not there, -1;
 * held until piece_release, which must come before the view is closed. */
struct piece {
	struct str bytes;
	struct unpacked *held;
};
int piece_get(struct lmdb_view *v, uint32_t host, uint32_t chunk, char tag, struct piece *out);
void piece_release(struct piece *p);
/* As a row: one after the other, the second of an 'E' row being its 'C'. */
void piece_pack(struct buf *out, struct str first, struct str second);
int piece_put(struct lmdb_store *s, struct key k, struct str first, struct str second, struct err *e);
void pieces_forget(struct lmdb_store *s); /* what nobody holds */

/* rows.c */
void snapshot_pack(struct buf *b, const struct snapshot *s);
/* Its states stand in *states, which grows as needed. */
bool snapshot_unpack(struct str v, uint32_t seq, struct snapshot *s, struct state_count **states, size_t *cap);
void host_pack(struct buf *b, const struct host_state *h);
bool host_unpack(struct str v, struct pool *p, struct host_state *h); /* p NULL: without its texts */
void summary_pack(struct buf *b, const struct summary *s);
bool summary_unpack(struct str v, struct summary *s);
void summary_add(struct summary *sum, const struct snapshot *s, bool new_epoch);
void chunk_pack(struct buf *b, const struct chunk_row *c);
bool chunk_unpack(struct str v, uint32_t no, struct chunk_row *c);

/* sweep.c */
extern unsigned sweep_share; /* rows and events that one batch looks at; tests make it small */
bool numbers_have(const struct number_set *set, uint32_t no);
void numbers_release(struct number_set *set);
/* The names of a kind, none above `most`, that went: a number without a row that is not among them is lost. */
int names_dropped(struct lmdb_view *v, enum name_kind kind, uint32_t most, struct number_set *out, struct err *e);
/* It is used by what is written now. */
void sweep_keep(struct lmdb_store *s, enum name_kind kind, uint32_t no);
void sweep_keep_living(struct lmdb_store *s, const struct goroutine_state *l, size_t n);
void sweep_keep_events(struct lmdb_store *s, const struct event *ev, size_t n);
void sweep_dropped(struct lmdb_store *s, uint64_t n); /* rows and events, in this batch; 0: none, though it could be */
int sweep_on(struct lmdb_store *s, struct err *e); /* this batch's share, once all is dropped and written that is to be in it */
void sweep_stop(struct lmdb_store *s); /* the round begins anew */

/* dict.c */
struct key dict_key(char tag, uint64_t v, size_t bytes);
int dict_del(struct lmdb_store *s, struct key k, struct err *e);
/* The number that a name of another store has in this one, in which it is written where it is new. */
int dict_take_string(struct lmdb_store *s, struct lmdb_view *from, uint32_t id, uint32_t *out, struct err *e);
struct frame_map { /* makes numbers of this store of a frame's; -1 with a sentence */
	int (*fn)(void *ctx, struct sym_frame *f);
	void *ctx;
};
int dict_take_stack(struct lmdb_store *s, struct lmdb_view *from, uint32_t id, uint32_t *out, const struct frame_map *map, struct err *e);
int dict_string(struct lmdb_store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e);
int dict_stack(struct lmdb_store *s, const struct symtab *t, uint32_t id, uint32_t *out, struct err *e);
/* Where the numbers stand: at the start, and after an abort. */
int dict_open(struct lmdb_store *s, struct err *e);
/* How many strings and stacks there are: v->n_strings, n_stacks. */
int dict_count(struct lmdb_view *v, struct err *e);
int lmdb_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e);
int lmdb_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out, struct err *e);
int lmdb_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx,
		   struct err *e);
int lmdb_stacks_with(struct store_view *v, const struct functions_wanted *w,
		     int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e);
struct store_stack dict_stack_of(struct lmdb_view *v, uint32_t id); /* empty when it is not there */

/* read.c: hosts and snapshots */
int host_find(struct lmdb_view *v, uint32_t host, struct pool *p, struct host_state *out, struct err *e);
/* Those of from..to, in order, until fn returns non-zero; the snapshot lives during the call. */
int snapshots_each(struct lmdb_view *v, struct seq_range r,
		   int (*fn)(void *ctx, const struct snapshot *snap), void *ctx, struct err *e);
int summaries_each(struct lmdb_view *v, struct seq_range r, int level,
		   int (*fn)(void *ctx, const struct summary *sum), void *ctx, struct err *e);
int lmdb_hosts(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e);
int lmdb_snapshots(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n, struct err *e);
int lmdb_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e);
int lmdb_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n,
	       struct err *e);
int lmdb_held(struct store_view *v, struct snapshot_key at, struct pool *p, uint32_t *ago, struct str *out, struct err *e);
int lmdb_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e);
int lmdb_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e);

/* chunk.c: reading chunks */
int chunk_list(struct lmdb_view *v, struct seq_range r, struct pool *p, struct chunk_row **out, size_t *n, struct err *e);
/* Who is alive as a chunk begins, by id. */
struct keyframe {
	struct goroutine_state *a;
	size_t n;
};
/* All events of a chunk, sorted by (id, seq), and its keyframe, as their bytes have them; pending ones are not in it. */
int chunk_events(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, struct event_list *out, struct err *e);
int chunk_living(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, struct pool *p, struct keyframe *out,
		 struct err *e);
void events_sort(struct event *ev, size_t n);
/* Those of an open chunk, as they are kept for the next question; held until open_release. NULL with a sentence. */
struct open_events *open_get(struct lmdb_view *v, uint32_t host, const struct chunk_row *c, struct err *e);
void open_release(struct open_events *o); /* NULL is fine */
/* One goroutine after an event. False when it is gone. */
bool living_after(struct goroutine_state *l, const struct event *e);
/* l after the events up to and with `upto`; out has room for n_l + n_ev. */
size_t living_apply(const struct goroutine_state *l, size_t n_l, const struct event *ev, size_t n_ev, uint32_t upto,
		    struct goroutine_state *out);

/* What a chunk's bytes may say: everything that leaves the store is held against it. */
struct bounds {
	uint32_t first, upto, strings, stacks;
};
int bounds_of(struct lmdb_view *v, const struct chunk_row *c, struct bounds *out, struct err *e);
bool living_fits(const struct bounds *b, const struct goroutine_state *l);
/* One goroutine's events in order; alive: it is there when the chunk begins. */
bool events_fit(const struct bounds *b, bool alive, const struct event *ev, size_t n);
bool chunk_fits(const struct bounds *b, const struct goroutine_state *l, size_t n_l, const struct event *ev, size_t n_ev);

/* history.c, walk.c */
int lmdb_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out,
		 struct err *e);
int lmdb_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n,
		   struct err *e);
int lmdb_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
	       struct err *e);
int lmdb_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out, size_t *n,
		  struct err *e);
int lmdb_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out, struct err *e);
struct store_walk *lmdb_walk_chunk(struct store_view *v, uint32_t host, const struct chunk_row *c); /* of this one alone */
int lmdb_walk_next(struct store_walk *w, struct walk_step *step, struct err *e);
void lmdb_walk_end(struct store_walk *w);

/* write.c */
/* The goroutines that end in these events, whole lives, by parent; out has room for n_ev. How many. */
size_t chunk_ended(const struct goroutine_state *l, size_t n_l, const struct event *ev, size_t n_ev, struct ended *out);
struct writer_host *writer_find(struct lmdb_store *s, uint32_t host);
int writer_begun(struct lmdb_store *s, struct err *e); /* -1 when no batch is */
int writer_save(struct lmdb_store *s, struct writer_host *w, struct err *e); /* its rows, and what is pending */
int lmdb_begin(struct store *s, struct err *e);
/* marks.c */
uint64_t marks_size(const char *store); /* of the file of its marks, which only grows; 0: there is none */
int marks_copy(const char *from, const char *to, struct err *e); /* those that the store `to` has not */
int lmdb_add_mark(struct store *s, const struct mark *m, struct err *e);
int lmdb_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e);

int lmdb_put_end(struct store *s, int64_t time, struct err *e);
int lmdb_end(struct store_view *view, int64_t *time, struct err *e);
int lmdb_host(struct store *s, const char *name, const char *labels, struct host_place *out, struct err *e);
int lmdb_put_snapshot(struct store *s, const struct snapshot_put *put, struct err *e);
int lmdb_put_liveness(struct store *s, uint32_t host, const struct liveness *l, size_t n, struct err *e);
int lmdb_put_memory(struct store *s, uint32_t host, struct str bytes, struct err *e);
int lmdb_commit(struct store *s, struct commit *done, struct err *e);
void lmdb_abort(struct store *s);
void lmdb_forget_names(struct store *s);

/* merge.c: the hosts of a view into a store that is open for writing, each in a commit of its own */
int store_merge(struct lmdb_view *from, struct lmdb_store *to, struct err *e);

/* copy.c, expire.c, repair.c, verify.c */
int lmdb_copy(struct store *s, const char *to, struct err *e);
int lmdb_repair(const char *from, const char *to, const struct repairing *how, struct err *e);
int64_t lmdb_expire(struct store *s, uint32_t host, int64_t before, struct err *e);
int64_t lmdb_verify(struct store *s, void (*fn)(void *ctx, const char *sentence), void *ctx, struct err *e);

#endif
