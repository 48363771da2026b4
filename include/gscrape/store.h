/* SPDX-License-Identifier: MIT */
/*
 * store.h: where histories are kept, in the program's own terms. LMDB implements it (src/store); a second engine gives
 * another struct store_ops, and one conformance test runs on each.
 *
 * A store knows hosts, snapshots and events. A snapshot of a host has a sequence number, 1, 2, 3 … without holes, and a
 * time that never goes back. An event says: from this snapshot on, this goroutine is in this state on this stack, or is
 * gone. A run ends where the next event of its goroutine begins, so nothing is rewritten when nothing happens.
 *
 * One writer at a time (a second one is refused), any number of readers, which never wait. What was appended is seen by
 * readers, and survives a kill, from store_commit on. Numbers of strings and stacks are the store's own.
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
};
const char *snap_status_name(enum snap_status s); /* "ok", "truncated", "partial", "counted", "failed" */
/* Has goroutines in it (ok, truncated, partial). */
static inline bool snap_has_text(enum snap_status s)
{
	return s <= SNAP_PARTIAL;
}

struct state_count {
	uint32_t state; /* string number */
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
	uint32_t note;       /* string number: why it failed, or what was odd; 0 none */
	const struct state_count *states; /* most first */
	uint32_t n_states;
};

enum event_kind {
	EV_BORN, /* first seen */
	EV_RUN,  /* other state or stack */
	EV_WAIT, /* same state and stack, waits for another object */
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
	uint32_t state;       /* BORN, RUN: string number */
	uint32_t labels;      /* BORN, RUN: string number of the raw label text, 0 none */
	uint64_t parent;      /* BORN: 0 unknown */
	uint64_t wait_object; /* BORN, RUN, WAIT: 0 none */
};

/* A goroutine as of one snapshot. */
struct living {
	uint64_t id, parent;
	uint32_t born, run;   /* sequence numbers: first seen, and begin of its run */
	uint32_t stack, state, labels;
	uint8_t flags;
	uint64_t wait_object;
};

/* What is known of the newest snapshot's goroutines only. */
struct pulse {
	uint64_t id;
	uint32_t moved;    /* as in struct event */
	bool moved_proof;
	int32_t minutes;
};

struct host_row {
	uint32_t host;        /* number, from 1 */
	const char *name;     /* host:port */
	const char *labels;   /* "k=v,k2=v2" of its target, or "" */
	uint32_t first_seq, last_seq; /* kept snapshots; last_seq < first_seq when there is none */
	uint32_t failed, with_text, epoch;
	uint32_t peak;        /* most goroutines in a kept snapshot */
	int64_t first, last;  /* times of those snapshots */
	uint64_t events, bytes; /* ever written: events, and text they stand for */
};

struct store_stack {
	uint32_t n, flags;        /* enum sym_stack_flag */
	const struct sym_frame *frames; /* leaf first; string numbers of the store */
	struct sym_frame created; /* func 0: none */
};

struct store;

enum store_mode { STORE_READ, STORE_WRITE };

/*
 * Open. For writing the file is made when it is not there; for reading it must be there, and needs no right to write.
 * A file of another program, or of another version, is refused with a sentence and left alone.
 */
int store_open(struct store **out, const char *path, enum store_mode mode, struct err *e);
void store_close(struct store *s);

/* --- writing: one thread at a time --- */
int store_host(struct store *s, const char *name, const char *labels, uint32_t *host, struct err *e);
/*
 * Append one snapshot and its events (sorted by id, at most one BORN, RUN or WAIT and one GONE each; a GONE of an id of
 * the last epoch stands before the new epoch's BORN). Strings and stacks in both are numbers of `t`, which the store
 * maps to its own. snap->seq, ordinal are given by the store. An epoch higher than the host's last begins a new one.
 */
int store_append(struct store *s, uint32_t host, struct snapshot *snap, const struct event *ev, size_t n_ev,
		 const struct symtab *t, struct err *e);
/* Replace what is known of the living (sorted by id). */
int store_pulse(struct store *s, uint32_t host, const struct pulse *p, size_t n, struct err *e);
int store_commit(struct store *s, struct err *e); /* on failure nothing since the last commit is there */
void store_abort(struct store *s);
/* A new symtab from now on, or its numbers are not to be trusted: forget the mapping. */
void store_forget_symtab(struct store *s);
/* Drop what is older than `before`; returns how many snapshots went, or -1. */
int64_t store_expire(struct store *s, uint32_t host, int64_t before, struct err *e);
uint64_t store_size(struct store *s); /* bytes in use in the file */

/* --- reading: a read is one consistent view of the whole store; keep it short --- */
int store_read_begin(struct store *s, struct err *e); /* nests */
void store_read_end(struct store *s);
uint64_t store_version(struct store *s); /* changes with every commit */

int store_hosts(struct store *s, struct pool *p, struct host_row **rows, size_t *n, struct err *e);
/* Snapshots from..to by number, in order, until fn returns non-zero. snap and its states live during the call. */
int store_snapshots(struct store *s, uint32_t host, uint32_t from, uint32_t to,
		    int (*fn)(void *ctx, const struct snapshot *snap), void *ctx, struct err *e);
/* The last snapshot at or before t (0: none so early). */
int store_seq_at(struct store *s, uint32_t host, int64_t t, uint32_t *seq, struct err *e);

/* Summaries of 32^level snapshots each (level 1, 2, 3), in order. */
struct summary {
	int64_t from, to;
	uint32_t first_seq, n;
	uint32_t min, max, last; /* goroutines; of good snapshots only */
	uint32_t bad;            /* failed among n */
	uint32_t epochs;         /* epochs that begin in it */
};
int store_summaries(struct store *s, uint32_t host, int level, uint32_t from_seq, uint32_t to_seq,
		    int (*fn)(void *ctx, const struct summary *sum), void *ctx, struct err *e);

/* One goroutine: what it was when kept history begins (found in a keyframe), then its events. 1 found, 0 unknown, -1. */
struct trail {
	struct living start; /* start.id 0: first event is its birth */
	uint32_t epoch, start_seq;
	struct event *events;
	size_t n;
};
int store_trail(struct store *s, uint32_t host, uint32_t epoch, uint64_t id, struct pool *p, struct trail *out, struct err *e);
/* The epochs in which the host had this id, newest first. */
int store_epochs_of(struct store *s, uint32_t host, uint64_t id, uint32_t *epochs, size_t max, size_t *n, struct err *e);

/* Who is alive at snapshot seq, sorted by id. */
int store_alive(struct store *s, uint32_t host, uint32_t seq, struct pool *p, struct living **out, size_t *n, struct err *e);
int store_pulses(struct store *s, uint32_t host, struct pool *p, struct pulse **out, size_t *n, struct err *e);

/* Goroutines that `parent` created, by id. gone 0: alive at the newest snapshot, otherwise the seq of its EV_GONE. */
struct kin {
	uint64_t id;
	uint32_t born, gone;
	uint32_t stack; /* its first */
};
int store_children(struct store *s, uint32_t host, uint32_t epoch, uint64_t parent, struct pool *p, struct kin **out,
		   size_t *n, struct err *e);

/*
 * Every goroutine's trail that touches from..to, chunk by chunk: per chunk of history first fn->chunk, then for each
 * goroutine that is alive at its beginning or has events in it fn->trail (start as in struct trail: where it stood when
 * the chunk began). The fast way to answer a question about everything: about 10 ns per event. NULL skips a callback.
 */
struct store_walk {
	void (*chunk)(void *ctx, uint32_t epoch, uint32_t first_seq, uint32_t last_seq);
	void (*trail)(void *ctx, uint64_t id, const struct living *start, const struct event *ev, size_t n);
	void *ctx;
};
int store_walk(struct store *s, uint32_t host, uint32_t from_seq, uint32_t to_seq, const struct store_walk *w, struct err *e);

/* Strings and stacks by number; NULL and empty when unknown. The text lives until store_close. */
struct str store_string(struct store *s, uint32_t id);
struct store_stack store_get_stack(struct store *s, uint32_t id);
uint32_t store_n_strings(struct store *s);
uint32_t store_n_stacks(struct store *s);

/* Check everything from end to end; fn is told each fault in one sentence. Number of faults, or -1. */
int64_t store_verify(struct store *s, void (*fn)(void *ctx, const char *sentence), void *ctx, struct err *e);

#endif
