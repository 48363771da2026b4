/* SPDX-License-Identifier: MIT */
/*
 * store.h: where histories are kept, in the program's own terms. An engine is a filled table of functions
 * (src/store/engine.h): LMDB in a file, ClickHouse over HTTP, or sorted arrays in memory; one contract test runs on each.
 *
 * A store knows hosts, snapshots and events. A snapshot of a host has a sequence number, 1, 2, 3 … without holes, and a
 * time that never goes back. An event says: from this snapshot on, this goroutine is in this state on this stack, or is
 * gone. A run ends where the next event of its goroutine begins, so nothing is rewritten when nothing happens.
 *
 * One writer at a time (a second one is refused, but by ClickHouse, where the newest one's word holds for a host), any number of readers, which never wait. What was put is seen by
 * readers, and survives a kill, from store_commit on. A struct store is used by one thread at a time, but for
 * store_version.
 *
 * Handles. Hosts, strings and stacks are named by numbers, from 1; 0 is none. A handle is the open store's own: it means
 * the same thing until store_close, is never given to another, and is small enough to index an array that grows. How
 * many there are is nobody's question.
 *
 * Errors. Every call can fail, with one sentence: -1 failed, 0 done or not there, 1 found. Damage is told here: what a
 * read gives has states, stacks and strings that exist, snapshots within the bounds it was asked for, kinds of events
 * that follow from one another. Nobody behind needs a check.
 */
#ifndef GSCRAPE_STORE_H
#define GSCRAPE_STORE_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/symtab.h>
#include <gscrape/timefmt.h>

enum snap_status {
	SNAP_OK,
	SNAP_TRUNCATED, /* Go cut it at 64 MiB, or the text ends in mid-line: goroutines may be missing */
	SNAP_PARTIAL,   /* the transfer broke off: goroutines may be missing */
	SNAP_COUNTED,   /* only the number is known (--max-goroutines) */
	SNAP_FAILED,    /* nothing came; counts are unknown */
	SNAP_GROUPED,   /* a profile without identities: those of its goroutines, one epoch's all, were made up (history/lots.h) */
};
const char *snap_status_name(enum snap_status s); /* "ok", "truncated", "partial", "counted", "failed", "grouped" */
/* Has goroutines in it (ok, truncated, partial, grouped). */
static inline bool snap_has_text(enum snap_status s)
{
	return s <= SNAP_PARTIAL || s == SNAP_GROUPED;
}
/* Goroutines may be missing in it. */
static inline bool snap_is_cut(enum snap_status s)
{
	return s == SNAP_TRUNCATED || s == SNAP_PARTIAL;
}

struct state_count {
	uint32_t state; /* string */
	uint32_t n;
};

struct snapshot {
	int64_t time;        /* ms */
	uint32_t seq;
	uint32_t ordinal;    /* how many snapshots with text there are up to and with this one: differences count samples */
	uint32_t epoch;      /* 1, 2, …: the process's lives; 0 before the first good snapshot */
	enum snap_status status;
	uint32_t goroutines; /* unknown when failed */
	uint64_t bytes;      /* of text */
	uint32_t took;       /* ms from request to last byte; 0 unknown */
	uint32_t note;       /* string: why it failed, or what was odd; 0 none */
	const struct state_count *states; /* most first, ties by name */
	uint32_t n_states;
	/* Who seems to hold the locks that somebody waits for, as the recorder packs it (holder.h): 1 and the bytes; n + 1: the same as n
	 * snapshots before this one; 0: nobody waits for a lock, or nobody looked. As it is put; store_held reads it. */
	uint32_t held_ago;
	struct str held;
};

enum event_kind {
	EV_BORN, /* first seen */
	EV_RUN,  /* other state or stack */
	EV_WAIT, /* same state and stack; waits for another object, or is proven to have moved, which is told once in a row */
	EV_GONE, /* not there any more: last seen in the snapshot with text before this one */
};

struct event {
	uint64_t id;
	uint32_t seq;
	enum event_kind kind;
	uint8_t flags;        /* enum dump_flag of the new run */
	bool moved_proof;     /* `moved` below is proof (minutes went down), not a hint */
	int32_t minutes;      /* EV_RUN, EV_GONE: the dump's minutes at the end of the run that ends here; -1 unknown */
	uint32_t moved;       /* EV_RUN, EV_GONE: sequence number of the last sign of life in the run that ends; 0 none */
	uint32_t stack;       /* BORN, RUN */
	uint32_t state;       /* BORN, RUN: string */
	uint32_t labels;      /* BORN, RUN: string, the raw label text, 0 none */
	uint64_t parent;      /* BORN, and GONE as it is put (who reads it need not find it): 0 unknown */
	uint64_t wait_object; /* BORN, RUN, WAIT: 0 none */
};

/* A goroutine as of one snapshot. */
struct goroutine_state {
	uint64_t id, parent;
	uint32_t born, run;   /* sequence numbers: first seen, and begin of its run */
	uint32_t stack, state, labels;
	uint8_t flags;
	uint64_t wait_object;
};

/* What is known of the newest snapshot's goroutines only. */
struct liveness {
	uint64_t id;
	uint32_t moved;    /* as in struct event */
	bool moved_proof;
	int32_t minutes;
};

struct host_row {
	uint32_t host;
	const char *name;     /* host:port */
	const char *labels;   /* "k=v,k2=v2" of its target, or "" */
	uint32_t first_seq, last_seq; /* kept snapshots; last_seq < first_seq when there is none */
	uint32_t failed, with_text, epoch;
	uint32_t peak;        /* most goroutines in a kept snapshot */
	int64_t first, last;  /* times of those snapshots; NO_TIME when there is none */
	uint64_t events, bytes; /* ever written: events, and text they stand for */
};
/* How many snapshots are kept. */
static inline uint32_t host_row_snapshots(const struct host_row *r)
{
	return r->last_seq < r->first_seq ? 0 : r->last_seq - r->first_seq + 1;
}

struct store_stack {
	uint32_t n, flags;        /* enum sym_stack_flag */
	const struct sym_frame *frames; /* leaf first; strings of the store */
	struct sym_frame created; /* func 0: none */
};

struct store;

enum store_mode { STORE_READ, STORE_WRITE };

/*
 * Open. `where` is the path of a file (LMDB), or memory:NAME for a store that is gone with the last one in this process
 * who has it open (memory: alone is nobody else's), or clickhouse://user@host:port/database for tables in a server. For writing a file is made when it is not there; for reading it must
 * be there, and needs no right to write. A file of another program, or of a later version, is refused with a sentence
 * and left alone.
 */
bool store_is_remote(const char *where); /* reached over the network */
int store_open(struct store **out, const char *where, enum store_mode mode, struct err *e);
void store_close(struct store *s);
/* Changes with every commit. Also from another thread than the store's own. -1 too when `where` is gone, or names another
 * store by now: what is open can still be read. */
int store_version(struct store *s, uint64_t *version, struct err *e);

/* --- writing --- */

/* Where a host's history stands: what a recorder needs to go on. */
struct host_place {
	uint32_t host;
	uint32_t last_seq, ordinal, epoch; /* of its last snapshot; 0 there is none yet */
	int64_t last;                      /* its time, NO_TIME */
};

/*
 * A snapshot and its events (sorted by id, at most one BORN, RUN or WAIT and one GONE each; a GONE of an id of the last
 * epoch stands before the new epoch's BORN). Strings and stacks in both are numbers of `names`, which the store maps to
 * its own. seq and ordinal follow the host's last ones by one (ordinal: when it has text), or it is refused.
 * An epoch higher than the host's last begins a new one.
 */
struct snapshot_put {
	uint32_t host;
	const struct snapshot *snapshot;
	const struct event *events;
	size_t n_events;
	const struct symtab *names;
};

/* What a commit made safe. */
struct commit {
	uint64_t version;  /* of the store, after it */
	size_t hosts, snapshots, events;
};

/* Begin a batch; when one is begun already, go on with it. What follows needs it. ERR_AWAY: a server is away, later it may work. */
int store_begin(struct store *s, struct err *e);
/* Register a host, or find it. labels NULL: keep what is stored. Holds until store_close, whatever is aborted. */
int store_host(struct store *s, const char *name, const char *labels, struct host_place *out, struct err *e);
int store_put_snapshot(struct store *s, const struct snapshot_put *put, struct err *e);
/* Replace what is known of the living (sorted by id), as of the host's last snapshot. */
int store_put_liveness(struct store *s, uint32_t host, const struct liveness *l, size_t n, struct err *e);
/* Replace what the recorder wants to find again when it starts, in a form of its own. */
int store_put_memory(struct store *s, uint32_t host, struct str bytes, struct err *e);
/*
 * The batch is safe, and is seen by views opened from now on. On failure each host stands where it stood before. 1: it is safe on this
 * machine, while the server that keeps the store is away, and is seen once it has been delivered; the sentence says why, how much
 * waits, and where. To commit without a batch delivers more of it.
 */
int store_commit(struct store *s, struct commit *done, struct err *e);
/* Give up the batch. */
void store_abort(struct store *s);
/* A new symtab from now on, or its numbers are not to be trusted: forget the mapping. */
void store_forget_names(struct store *s);

/* Nobody goes on recording after this, as of `time` (ms): a part of the batch. An engine may leave it out, and knows then of no end. */
int store_put_end(struct store *s, int64_t time, struct err *e);

/*
 * A name for a moment: "deploy 1.4". It is no part of a batch: it is safe when the call returns, and may be made beside a writer,
 * by a store that is open for reading as well.
 */
struct mark {
	int64_t time;     /* ms */
	const char *host; /* of which; "" of all */
	const char *text; /* one line of UTF-8 */
};
#define MARK_MAX 200 /* bytes of its text */
int store_add_mark(struct store *s, const struct mark *m, struct err *e);

/* --- what an engine may leave out: "cannot" is then the answer --- */

/*
 * What cannot be recorded yet, because the server that keeps the store was not reached since it was opened for writing (store_begin fails
 * with ERR_AWAY): bytes of the recorder's own, put by on this machine; safe when the call returns, and given to who opens the store
 * next. store_kept gives the oldest: 1, 0 there is none, -1. store_kept_taken says that it is part of the batch: the next one is given, and
 * what was taken goes with the commit; after an abort it is given again.
 */
bool store_can_keep(const struct store *s);
int store_keep(struct store *s, struct str bytes, struct err *e);
int store_kept(struct store *s, struct buf *out, struct err *e);
void store_kept_taken(struct store *s);
/*
 * Drop what is older than `before`, in the batch; how many snapshots went, or -1. Names that no snapshot has any more go by and by: who
 * asks for one that he kept longer gets ERR_GONE. Where others may record beside this writer, a host that it has not registered goes
 * when all of it is older, and nothing came for an hour: until then it is another's.
 */
int64_t store_expire(struct store *s, uint32_t host, int64_t before, struct err *e);
#define STORE_QUIET_MS ((int64_t)60 * 60 * 1000) /* that hour: a recorder's spool may hold so much, what is older nobody brings */
/*
 * Outside of a batch: what was dropped gives its room back, where an engine does not do that by itself; without `all` when it has become
 * worth it. 1: it was told to, or is still at it, and store_size will say less later; 0: there is nothing, -1.
 */
int store_sweep(struct store *s, bool all, struct err *e);
int store_size(struct store *s, uint64_t *bytes, struct err *e); /* in use in the file */
/* Check everything from end to end; fn is told each fault in one sentence. Number of faults, or -1. */
int64_t store_verify(struct store *s, void (*fn)(void *ctx, const char *sentence), void *ctx, struct err *e);

/*
 * All of it, as of the last commit, into a new file; or, open for writing, into its own: free space is left out, and names that
 * nobody uses. Into a store that is there its hosts are copied, one after the other, and those that are there already are passed
 * over, so that one that was cut short can be begun again; another history under the same name is refused before anything is written.
 * Between two engines it goes on in the midst of a host.
 */
int store_copy(struct store *s, const char *to, struct err *e);
/*
 * What is sound in the damaged store `from`, into a new one, `to`. fn is told in sentences what is missing there. Each host
 * keeps its longest stretch of snapshots without a hole; names that are lost are "(lost)".
 */
struct repairing {
	void (*fn)(void *ctx, const char *sentence);
	void *ctx;
};
int store_repair(const char *from, const char *to, const struct repairing *how, struct err *e);

/* --- reading: by a view, one consistent state of the whole store, as of the last commit; keep it short --- */

struct store_view;
int store_view_open(struct store *s, struct store_view **out, struct err *e);
void store_view_close(struct store_view *v);
/* Of a store on several machines, of which one cannot be reached: all that the view tells is without what that one keeps, and `why` says
 * so. A view is only so where it could not be opened otherwise. */
bool store_is_partial(struct store_view *v, struct err *why);

/*
 * What will be asked next of these hosts, in this order, so that an engine that is far away can fetch it of many at once. No answer is
 * another for it, and nothing has to be asked; it holds until the next such call or the view's end. An engine may leave it out.
 */
struct store_expected {
	const uint32_t *hosts; /* needed during the call only */
	size_t n;
	bool events;           /* who is alive, and walks, between these times; else */
	uint32_t newest;       /* so many of the newest snapshots of each alone */
	int64_t from, to;      /* NO_TIME: from the first on, up to the last */
};
void store_expect(struct store_view *v, const struct store_expected *what);

/* All hosts, by name. */
int store_hosts(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e);
/* All marks, by time; those of one time by host and text. */
int store_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e);
/* When the last recording that ended in order did (store_put_end); NO_TIME: none has. */
int store_end(struct store_view *v, int64_t *time, struct err *e);
/* Snapshots by number: one of a host's, and a stretch of them, both ends included. */
struct snapshot_key {
	uint32_t host, seq;
};
struct seq_range {
	uint32_t host, from, to;
};

/* Those of a stretch that are kept. */
int store_snapshots(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n, struct err *e);
/* The last snapshot at or before t: 1 found, 0 none so early. */
int store_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e);

/* snapshot.held of one of them, wherever it stands: 1, 0 there is none (any more), -1. */
int store_held(struct store_view *v, struct snapshot_key at, struct pool *p, struct str *out, struct err *e);

/* Snapshots of a chart; its columns are equal pieces of a time. */
struct chart_range {
	struct seq_range in;
	int64_t from, to; /* ms UTC; from < to */
	size_t columns;
};
static inline int64_t chart_column(const struct chart_range *r, int64_t t)
{
	return time_column(t, r->from, r->to, r->columns);
}
/* A piece of it: snapshots that follow one another. */
struct summary {
	int64_t from, to;        /* times of the first and the last */
	uint32_t first_seq, n;
	uint32_t min, max, last; /* goroutines; of good snapshots only */
	uint32_t bad;            /* failed among n */
	uint32_t epochs;         /* epochs that begin in it, but for the first */
};
/*
 * Those snapshots and no others in pieces, in order, none of them in two columns: who stands still for hours has no snapshot there, and no
 * piece reaches over that. For the rest a piece is as long as it can be found fast; one snapshot where nothing else is.
 */
int store_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n,
		struct err *e);

struct goroutine_key {
	uint32_t host, epoch;
	uint64_t id;
};
/* One goroutine: what it was before the events of the first kept snapshot, then its events. 1 found, 0 unknown. */
struct goroutine_history {
	struct goroutine_state start; /* start.id 0: first event is its birth */
	uint32_t epoch;
	struct event *events;
	size_t n;
};
int store_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out,
		  struct err *e);
/* The epochs in which the host had this id, newest first; who->epoch is not asked for. */
int store_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n,
		    struct err *e);

/* Who is alive at snapshot seq, and what is known of those alive at the last one; sorted by id. */
int store_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
		struct err *e);
int store_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e);

int store_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e); /* 1, 0 there is none, -1 */

/* Goroutines that `who` created and that kept history knows, by id. gone 0: alive at the newest snapshot, otherwise the seq of its EV_GONE. */
struct goroutine_child {
	uint64_t id;
	uint32_t born, gone;
	uint32_t stack; /* one it was on: the root says what it runs */
};
int store_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out,
		   size_t *n, struct err *e);

/*
 * Everything that happened from snapshot from to snapshot to: the fast way to answer a question about everybody, about
 * 10 ns per event. It comes in pieces of time, as the engine likes to cut it, each of one epoch; in a piece goroutine by
 * goroutine, ids rising, each that is alive when the piece begins or has events in it. Pieces overlap the range, so the
 * first and last may reach beyond it. In the last of an epoch, EV_GONE of what ended with the process has seq
 * last_seq + 1. Stop at any time; end before the view is closed.
 */
struct store_walk;
struct walk_step {
	uint32_t piece;               /* 1, 2, …: another than before, and a new piece begins */
	uint32_t epoch, first_seq, last_seq; /* of the piece */
	uint64_t id;
	const struct goroutine_state *start; /* as the piece begins, before the events of its first snapshot; NULL: not there */
	const struct event *events;   /* in order; valid until the next step, like start */
	size_t n;
};
int store_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out, struct err *e);
int store_walk_next(struct store_walk *w, struct walk_step *step, struct err *e); /* 1, 0 the end, -1 */
void store_walk_end(struct store_walk *w);

/* Texts and stacks of n handles, in one go, into p; handle 0 is the empty one, one that is not there is damage. */
int store_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e);
int store_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out, struct err *e);
/*
 * Functions on the stacks that are stored, each with the number of stacks it is on: in any frame, as the leaf, as the
 * creation site. Told until fn returns other than 0; the name lives during the call. *as_of is what the last answer left
 * there (0 at first): when there are no other stacks since, nobody is told again and 0 is returned, else 1. Where a stack or a
 * name is damaged, -1 comes after the rest was told (a name that is lost is empty); so it does below.
 */
struct function_row {
	uint32_t func; /* string */
	struct str name;
	uint32_t any, leaf, creator;
};
int store_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx,
		    struct err *e);
/* The stacks that have one of these functions in a frame or as creation site, until fn returns other than 0. */
struct functions_wanted {
	const uint32_t *funcs;
	size_t n;
};
int store_stacks_with(struct store_view *v, const struct functions_wanted *w,
		      int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e);

#endif
