/* SPDX-License-Identifier: MIT */
/*
 * query.h: the only door to the data. Terminal, web and command line ask here, and get plain structs.
 *
 * Lifetimes: arrays and structs live in the pool the caller gave, until pool_release. Names (hosts, functions, files,
 * states, labels) live until query_close. All times are ms UTC; NO_TIME is unknown.
 *
 * A query is one view of the store that does not change until query_refresh, and belongs to one thread; open one per
 * thread. Functions return 0, or 1 found / 0 not there, and -1 with a sentence. Names, stacks and times of snapshots are
 * given in the midst of a line and have no error: what could not be read of them is told by query_fault.
 */
#ifndef GSCRAPE_QUERY_H
#define GSCRAPE_QUERY_H

#include <gscrape/dump.h>
#include <gscrape/store.h>

struct query;
struct filter; /* filter.h */

int query_open(struct query **out, const char *db, struct err *e);
void query_close(struct query *q);
/* Look at the newest state of the store. 1 when something changed since the last look, 0 not, -1 when the store is gone
 * or was replaced (the old view stays usable). Cheap: call it every second. */
int query_refresh(struct query *q, struct err *e);
/* Around questions of all hosts, one after the other, what is known of each: one look at the store serves them all. 0 or -1; not ended then. */
int query_all_begin(struct query *q, struct err *e);
void query_all_end(struct query *q);
const char *query_path(const struct query *q);
/* What a face asks once its answer is made: -1 with a sentence where a name, a stack or a snapshot's time could not be read since it
 * was asked last, and stands in it as empty or "(lost)"; 0. */
int query_fault(struct query *q, struct err *e);
/* And then this: what was asked since the last query_refresh was told without what a part of the store keeps that cannot be reached, as
 * `why` says. Whoever shows an answer says it with it. */
bool query_is_partial(const struct query *q, struct err *why);

/* What questions are about. */
struct moment {
	uint32_t host;
	int64_t t;        /* NO_TIME, INT64_MAX: the host's newest moment */
};
struct window {
	uint32_t host;    /* 0: all, where that is said */
	int64_t from, to; /* NO_TIME: the beginning, the end of what is kept */
	size_t cols;      /* for questions by columns: how many equal pieces */
};

/* --- hosts --- */
struct host {
	uint32_t id;
	const char *name;   /* host:port */
	const char *labels; /* "k=v,k2=v2" or "" */
	uint32_t snapshots, failed, epochs;
	int64_t first, last; /* first and last snapshot, failed ones too; NO_TIME when there is none */
	uint32_t peak;
	int64_t newest;      /* goroutines in the last snapshot that has a number, however old that is; -1 unknown. How many there are now
			      * query_known says */
	uint64_t events, bytes;
};
/* All hosts, by name (numbers in names compare as numbers). The array lives until the next query_refresh. */
const struct host *query_hosts(struct query *q, size_t *n);
const struct host *query_host_numbered(struct query *q, uint32_t id); /* NULL: there is none */
/* By either spelling ("a:1", "a_1"). NULL and a sentence naming the nearest when unknown. */
const struct host *query_host(struct query *q, const char *name, struct err *e);

/* --- snapshots and charts --- */
/* The last snapshot at or before t; before the first one, the first. 1, 0 when the host has none, -1. Its states, size
 * and note are left out here and in query_step: query_snapshots has them. */
int query_snapshot_at(struct query *q, uint32_t host, int64_t t, struct snapshot *out, struct err *e);
/* n snapshots on (n < 0: back) from the one at t; stops at the ends. Failed ones count too. */
int query_step(struct query *q, uint32_t host, int64_t t, int n, struct snapshot *out, struct err *e);
/* Those with the numbers from..to that are kept, in order, at most max of them, as in query_step; returns how many. From
 * memory, where they were looked at before. */
size_t query_numbered(struct query *q, uint32_t host, uint32_t from_seq, uint32_t to_seq, struct snapshot *out, size_t max);
/* Those of a window, in order; states included. */
int query_snapshots(struct query *q, const struct window *w, struct pool *p, struct snapshot **out, size_t *n, struct err *e);
/* For who reads a long window in pieces: the numbers of the first and the last snapshot of a window of one host (to < from: none is
 * in it), and those with such numbers, as query_snapshots has them. */
struct numbers {
	uint32_t host, from, to;
};
int query_numbers(struct query *q, const struct window *w, struct numbers *out, struct err *e);
int query_snapshots_of(struct query *q, struct numbers of, struct pool *p, struct snapshot **out, size_t *n, struct err *e);

/* One column of a chart. Empty, before the first snapshot and after the last, when n is 0 and gap is false. */
struct bucket {
	int64_t from, to;
	uint32_t n;              /* snapshots, failed ones too */
	uint32_t bad;            /* failed among them */
	uint32_t min, max, last; /* goroutines */
	bool has_value;          /* min, max, last are known */
	bool cut;                /* of cut dumps alone: there were at least so many */
	bool gap;                /* no number is known in it: the one before does not reach to its end (query_reach) */
	bool epoch;              /* a new process begins in it; no change to profiles without identities and back, but where summaries are read */
};
/* `cols` equal pieces of from..to. A piece that no number falls in is given the one before as far as that reaches. A cut dump is no
 * fall: it counts where no whole one reaches. Of more than 64 samples in a piece summaries are read, in which it counts as it stands. */
int query_chart(struct query *q, const struct window *w, struct bucket *out, struct err *e);
/* How fast the number of goroutines goes up in a window, per hour: a line of least squares through all its good snapshots, of
 * more than 16,384 through the last in each of some 256 pieces. The window's `cols` does not matter. NAN: fewer than two were
 * measured. Only the newest process in the window counts; cut dumps do not, but in such pieces. 0 or -1. */
int query_slope(struct query *q, const struct window *w, double *per_hour, struct err *e);
/* The host's usual interval, ms, around its newest good snapshot; 0 unknown (it was never good, or there are fewer than two). */
int64_t query_interval(struct query *q, uint32_t host);

/*
 * Hosts in groups, by what their targets' labels say: the pods of a deployment. Keys that any of them has, by name; and hosts by the
 * value of one of these, values as a person sorts them, those that have none last. In the pool; hosts until the next query_refresh.
 */
struct host_group {
	const char *key, *value; /* value NULL: no such label */
	const struct host **hosts;
	size_t n;
};
void query_host_keys(struct query *q, struct pool *p, const char ***out, size_t *n);
void query_host_groups(struct query *q, const char *key, struct pool *p, struct host_group **out, size_t *n);
/* "KEY=VALUE": the one group of those whose label says so; "KEY": the groups of all that have it. -1 with the sentence: there is none. */
int query_hosts_of(struct query *q, const char *label, struct pool *p, struct host_group **out, size_t *n, struct err *e);
/* What is known of all of them together, now. */
struct host_group_facts {
	const struct host_group *group;
	int64_t now;        /* goroutines of those of which the number is known; -1 of none */
	uint32_t known, down; /* so many hosts */
	int64_t last;       /* goroutines when they were last counted; -1 none was */
};
int query_host_group_facts(struct query *q, const struct host_group *g, struct host_group_facts *out, struct err *e);
/* Piece by piece n more numbers to a chart that begins as zeros: `min` and `max` are then sums of what need not have been at once. */
void buckets_add(struct bucket *to, const struct bucket *b, size_t n);
struct host_group_window {
	const struct host_group *group;
	struct window w;      /* its `host` does not matter */
	struct filter *where; /* of those that pass, as query_match_chart has it; NULL: all */
};
int query_host_group_chart(struct query *q, const struct host_group_window *ask, struct bucket *out, struct err *e); /* added to `out` */

/*
 * Marks of the time axis, by time: what somebody set (--mark), and labels of targets that changed while they were recorded. Until
 * the next query_refresh; a file of them that is damaged is query_fault's, and there are none.
 */
const struct mark *query_marks(struct query *q, size_t *n);
/* Is it one of this host's? host 0: of all that is shown together. */
bool mark_is_of(const struct mark *m, const struct host *h);
/* The last mark of the host at or before t; NULL: there is none within a day. */
const struct mark *query_mark_before(struct query *q, uint32_t host, int64_t t);
/* "12m40s after deploy 1.4", of that, in the pool; NULL: there is none. */
const char *query_after_mark(struct query *q, uint32_t host, int64_t t, struct pool *p);

/*
 * --- what is known of a host at a time ---
 *
 * One rule, and every face asks it. The newest good snapshot at or before T (one with text; for a number alone, one with a
 * count) reaches T if no more than 2.5 times the host's usual interval lies between. Otherwise the host is unknown at T: no
 * number, no age, no change, but since when and why. One failed scrape between two good ones changes nothing; an outage does.
 *
 * The usual interval is that of the time around a snapshot: the median (of two in the middle the shorter) of the distances
 * of the five snapshots before it to the five after it, so that a changed interval counts from the third scrape on. After a
 * failed scrape the next waits longer: where no two good ones follow each other (a target that answers each third time) the
 * distances of good ones count, if there are three among sixty; else those of failed ones, too. Those of 1 ms, which a clock that was
 * set back leaves, count never. With two snapshots it is their distance; with one, 30 s.
 * An archive's host follows the same rule: at its newest moment it is known, but it is not scraped now, however new its files
 * are. Nor is one whose recorder stopped: at once where it ended in order, else as soon as no scrape comes. (To pause the terminal pauses no recorder.)
 */
enum knowledge {
	KNOWN,          /* a snapshot with text reaches T */
	KNOWN_COUNT,    /* one with a count alone does: who they are is unknown */
	UNKNOWN_NEVER,  /* not scraped yet: no snapshot at all */
	UNKNOWN_BEFORE, /* T is before the first snapshot */
	UNKNOWN_DOWN,   /* scraped at T, and it failed */
	UNKNOWN_SILENT, /* no scrape at T: nobody recorded, or not this host */
};
struct known {
	uint32_t host;
	int64_t t;              /* as asked, or the host's newest moment; NO_TIME: it has none */
	enum knowledge how;
	bool known;             /* how == KNOWN: who is alive can be told */
	int64_t goroutines;     /* at T; -1 unknown */
	struct snapshot number; /* the newest with a count at or before T, whether it reaches T or not: seq 0 none. What */
	struct snapshot text;   /*   stands in it is "last", with its time. And the newest with text. As query_step gives them */
	int64_t age;            /* ms from `number` to T; NO_TIME none */
	int64_t first;          /* UNKNOWN_BEFORE: when the first one comes */
	int64_t down_since;     /* first failed scrape after `number`, up to T; NO_TIME: the newest up to T did not fail */
	uint32_t failures;      /* so many failed in a row up to T */
	const char *why;        /* the newest failure's reason, until query_close; NULL none */
	bool scraped;           /* by the wall clock: the newest snapshot was scraped, with success or not, and is no older than usual. Whatever T is */
	int64_t now;            /* goroutines in the newest scrape, if it was good and the host is scraped; else -1: say "last" */
};
/* t NO_TIME or INT64_MAX: the host's newest moment, which may be that of a failed scrape. 0 or -1. */
int query_known(struct query *q, uint32_t host, int64_t t, struct known *out, struct err *e);
/* Was the newest number cut off, so that there were at least so many? And who is known at T (struct known's `text`)? */
bool known_number_is_cut(const struct known *k);
bool known_is_cut(const struct known *k);
/* Is the host's newest snapshot with text now: struct known's `now`, and who they are? */
bool query_is_now(struct query *q, uint32_t host);
/* Why it is not known: "no sample at T; last 16:15:41, 9m12s ago", "down since 16:18:42: connection refused". Appends; nothing
 * when it is known. */
void known_sentence(struct buf *out, const struct known *k, const struct zone *zone);
/* What the dump that tells who is known at T cannot tell: "the dump of 16:15:41 is truncated: goroutines may be missing". Appends; nothing
 * when it is whole. */
void known_odd_sentence(struct buf *out, const struct known *k, const struct zone *zone);
/* In an open object: "at", and of what is known then "time" (of the snapshot with text), "goroutines", "last_good" and
 * "goroutines_last" (the newest number and its time, with "ago" in ms), "down_since", "status" (of the snapshot with text: ok, truncated, partial), "unknown" (the sentence, in UTC); null each. */
void known_json(struct jw *j, const struct known *k);
/* The newest moment of a host, or of all (0): what T is unless it is said. NO_TIME: nothing was scraped yet. */
int64_t query_newest(struct query *q, uint32_t host);
/* How far a snapshot reaches, ms. */
int64_t query_reach(struct query *q, uint32_t host, uint32_t seq);

/* --- names --- */
struct frame {
	const char *func; /* whole name, percent-decoded: "net/http.(*conn).serve" */
	const char *file; /* NULL none */
	uint32_t line;
	uint32_t func_id, file_id;
};
static inline bool frame_is(const struct frame *a, const struct frame *b)
{
	return a->func_id == b->func_id && a->line == b->line && a->file_id == b->file_id;
}
struct stack {
	uint32_t id, n, flags; /* enum sym_stack_flag */
	const struct frame *frames; /* leaf first */
	struct frame created;  /* func NULL: none */
	const struct frame *user, *root; /* what stack_user_frame() and stack_root() give */
	bool lost;             /* names of it could not be read, and are "(lost)" */
};
/* Lives until query_close. Never NULL: an unknown number gives an empty stack. */
const struct stack *query_stack(struct query *q, uint32_t id);
const char *query_string(struct query *q, uint32_t id); /* "" for 0 */
/* Numbers are given as things come; these orders, for qsort, are the same whatever came first: hosts by name, stacks by their
 * functions and lines, leaf first. */
int query_host_order(struct query *q, uint32_t a, uint32_t b);
int query_stack_order(struct query *q, uint32_t a, uint32_t b);
/* The frame to name a stack by: the first from the leaf that is neither of the runtime nor of the standard library;
 * else its root. NULL when the stack is empty. And its root, the function that it was started with: not what the runtime puts before that,
 * which a crash dump shows (runtime.goexit, runtime.main). */
const struct frame *stack_user_frame(const struct stack *s);
const struct frame *stack_root(const struct stack *s);
#define ELIDED_FRAMES "...frames elided..." /* what stands in their place; how many is not kept */
/* Before which frame of a stack that says so (STACK_ELIDED) some are left out: Go prints the 50 innermost and the 50
 * outermost. n when behind the last; UINT32_MAX when none are. */
uint32_t stack_elided_at(const struct stack *s);
enum family query_family(struct query *q, uint32_t state, uint32_t stack); /* refines semacquire */
/* "http.(*conn).serve": path elided to its last part. Into out (cut to size), returns out. */
char *query_short(char *out, size_t size, const char *func);

/* --- one goroutine --- */
struct run {
	int64_t from, to;       /* first and last snapshot in which it was seen so */
	uint32_t from_seq, to_seq;
	uint32_t samples;       /* snapshots in between that have it */
	const char *state;
	uint32_t state_id, labels_id; /* their string numbers */
	enum family family;
	unsigned flags;         /* enum dump_flag */
	const char *labels;     /* raw, "" none */
	uint32_t stack;
	int32_t minutes;        /* the dump's, at the end of the run (or now); -1 unknown */
	int64_t moved;          /* last sign of life within the run, NO_TIME none */
	bool moved_proof;
	uint64_t wait_object;   /* the last one, 0 none */
};
struct life {
	uint32_t host, epoch;
	uint64_t id, parent;    /* parent 0: unknown or none */
	int64_t first, last;    /* first and last snapshot that has it */
	bool ended;             /* gone, or its process is */
	bool before;            /* alive already when the kept history of its process begins */
	struct frame created;   /* func NULL: none */
	struct run *runs;       /* in order, without holes in sequence numbers */
	size_t n;
};
struct life_question {
	uint32_t host, epoch; /* epoch 0: the newest one that has the id, but the one at `at` when that has it */
	uint64_t id;
	int64_t at;           /* NO_TIME: none */
};
/* 1 found, 0 the id is not there, -1. */
int query_goroutine(struct query *q, const struct life_question *ask, struct pool *p, struct life *out, struct err *e);
/* Which process query_goroutine would choose, without the history. 1 found, 0 the id is not there, -1. */
int query_epoch_of(struct query *q, const struct life_question *ask, uint32_t *out, struct err *e);
/* Index of the run at t: the last that begins at or before it; -1 when t is before the first or after its end. */
long life_run_at(const struct life *l, int64_t t);

struct child {
	uint64_t id;
	int64_t first, last;
	int64_t born;           /* as of struct alive */
	bool ended;
	uint32_t stack;         /* its first */
	const char *func;       /* its entry function, whole name */
};
int query_children(struct query *q, const struct goroutine_key *who, struct pool *p, struct child **out, size_t *n,
		   struct err *e); /* by id */
struct ids_question {
	struct moment at;   /* t NO_TIME: ever, in any process */
	const char *prefix; /* digits that they begin with */
	size_t max;         /* the smallest ones */
};
/* Of children those that are there at t and pass, in their order: *n becomes how many. No filter leaves all. 0 or -1. */
struct children_question {
	struct goroutine_key who; /* their parent */
	int64_t t;                /* as in query_alive */
	struct filter *where;     /* NULL: all children */
};
int children_where(struct query *q, const struct children_question *ask, struct child *c, size_t *n, struct err *e);
int query_ids(struct query *q, const struct ids_question *ask, struct pool *p, uint64_t **out, size_t *n, struct err *e);

/* --- who is alive --- */
struct alive {
	uint64_t id, parent;
	int64_t first, since;   /* first seen; its run's begin */
	int64_t born;           /* no later than then: first seen, or before that as the minutes in its process's last dump prove */
	int64_t waits;          /* since when it waits as it does: its run's begin, or before that as the minutes prove. NO_TIME: it runs,
	                         * or nobody knows (grouped) */
	uint32_t epoch, stack;
	bool grouped;           /* query_is_grouped */
	char bound, waits_bound; /* query_age_bound of `born`; of both '?', too, in the first dump of a process if its minutes prove nothing */
	const char *state, *labels;
	uint32_t state_id, labels_id; /* their string numbers */
	enum family family;
	unsigned flags;
	uint64_t wait_object;
	int32_t minutes;        /* at the newest snapshot only; -1 */
	int64_t moved;          /* at the newest snapshot only; NO_TIME */
};
/* At t, as query_known has it (NO_TIME, INT64_MAX: the host's newest moment). 0 and *n = 0 where who is alive is unknown. */
int query_alive(struct query *q, const struct moment *at, struct pool *p, struct alive **out, size_t *n, struct err *e);

/* How many are on this stack then; 0 too where it is unknown. */
int query_on_stack(struct query *q, uint32_t host, int64_t t, uint32_t stack, uint32_t *n, struct err *e);

enum group_by { BY_CREATED, BY_TOP, BY_STACK, BY_STATE, BY_NONE, BY_LABEL, BY_MAX };
const char *group_by_name(enum group_by by); /* "created-by", "top", "stack", "state", "none", "label" */
/* Which label's values BY_LABEL goes by from now on, with this query: its key, or "" for all labels together, as it is at first. */
void query_group_label(struct query *q, const char *key);
/* Labels as they are shown: "job=x, tenant=acme"; nothing where there are none. Appends. `raw` as in struct alive, struct run. */
void labels_add(struct buf *out, const char *raw);
/* From now on nobody has labels, in all queries of this process: what stands in them is not to be seen. Before any is opened. */
void query_hide_labels(void);
bool query_hides_labels(void);
struct group {
	uint64_t key;          /* what its members have in common: the same at all times and of all hosts of one query */
	const char *name;      /* created-by: "main.serve /src/a.go:40", "main.main (no creation site)" */
	struct frame created;  /* of its most common stack */
	struct frame top;      /* user frame of its most common stack */
	uint32_t stack;        /* the most common one */
	uint32_t count, stacks;
	int64_t oldest;        /* when its oldest member was there at the latest: struct alive's born */
	uint64_t oldest_id;
	bool grouped;          /* query_is_grouped: they are at most as old */
	char bound;            /* of `oldest`, as in struct alive */
	int64_t waits;         /* since when the one waits that does so for longest; NO_TIME: none does */
	struct state_count *states; /* most first; string numbers */
	size_t n_states;
	uint64_t *ids;         /* members by age, oldest first; count of them */
	int64_t *waiting;      /* since when each of them waits; NO_TIME: it does not */
};
/* How many of a group have been waiting at a time for less than 1 s, 10 s, 1 min, 10 min, 1 h, 1 day, and longer: those of each span
 * that were not in the one before. */
#define WAIT_SPANS 7
const char *wait_span_name(int i); /* "<1s" … "<1d", ">=1d" */
void group_wait_spans(const struct group *g, int64_t at, uint32_t out[WAIT_SPANS]);
struct group_question {
	struct moment at;
	enum group_by by;
	struct filter *where; /* of those that pass; NULL: all */
};
int query_groups(struct query *q, const struct group_question *ask, struct pool *p, struct group **out, size_t *n,
		 struct err *e); /* largest first */

/*
 * What became of a group over a window. A goroutine comes when it is born into the group or changes to it (of one that was
 * there in the first snapshot kept of its process nobody knows), and leaves when it ends or changes to another; grouped by
 * created-by that is birth and end. Lifetimes are of whole goroutines that ended in the group or were there at the end.
 */
struct activity {
	uint64_t key;           /* struct group's */
	uint32_t stack;         /* one that somebody in it was on */
	uint32_t *alive;        /* by column: the most at once */
	uint32_t *last;         /* by column: how many when it ends, so that those of all groups are as many as there were */
	uint32_t peak;          /* of `alive` */
	uint32_t came, left, there; /* in the window; at its end */
	int64_t p50, p90, longest;  /* ms lived */
	bool clipped;           /* some lived longer than is known */
	struct state_count *states; /* samples spent in each state, most first; string numbers */
	size_t n_states;
};
/* Of every group that was there in from..to, sorted by key; alive in `cols` equal pieces, as query_chart has them. One walk:
 * about 150 ns per event. */
struct activity_question {
	struct window w; /* of one host, by columns */
	enum group_by by;
	size_t most;     /* once there are more groups than this it is given up: *n is more than it, and *out of no use. 0: no bound */
	struct filter *where; /* of those that pass, while they do: who came and left, and how long they lived, is 0 then. NULL: all */
};
int query_activity(struct query *q, const struct activity_question *ask, struct pool *p, struct activity **out, size_t *n,
		   struct err *e);
const char *activity_name(struct query *q, struct pool *p, const struct activity *a, enum group_by by); /* struct group's */
const struct activity *activity_of(const struct activity *a, size_t n, uint64_t key); /* NULL: not there */

/* --- what moved --- */
struct moved {
	uint32_t host;
	int64_t from_time, to_time;    /* of the two snapshots that were compared */
	const struct group *was, *now; /* NULL: nobody then; never both */
	uint32_t from, to;             /* how many there were, and are */
	int64_t net;                   /* to less from */
	/* Of those at `to`, how many were not in the group at `from`, and of those at `from`, how many are not in it at
	 * `to`. By creation site that is birth and end; in other groups, goroutines also come from and go to another one.
	 * In another process all are others. */
	uint32_t born, gone;
	uint64_t *ids;                 /* the born, oldest first */
	const struct host_group *together; /* diff_question's; NULL: it is of one host */
	uint32_t hosts;                /* on so many of these it moved */
};
struct diff_question {
	uint32_t host;    /* 0: all */
	const struct host_group *together; /* of these hosts instead: what moved on several of them is there once, with the numbers of all, and
			   * with host, times, groups and ids of the one on which it moved most. NULL: each host by itself */
	int64_t from, to; /* NO_TIME: the beginning of the history; the host's newest moment. What is known then (query_known),
			   * or for `from` a host's first snapshot when it is older than that */
	enum group_by by;
	struct filter *where; /* of those that pass at each of the two; NULL: all */
};
/* Groups in which something moved, the largest change first. A host of which nothing was known at either time has none. */
int query_diff(struct query *q, const struct diff_question *ask, struct pool *p, struct moved **out, size_t *n, struct err *e);
/* Why hosts cannot be compared: nothing is known at an end (a host is compared with its first snapshot from before that on), or
 * both ends are the one snapshot. In the order of hosts. */
enum diff_end { DIFF_BOTH, DIFF_FROM, DIFF_TO };
struct diff_note {
	const char *host, *text;
	enum diff_end end;
};
struct diff_notes {
	struct diff_note *a;
	size_t n;
};
int query_diff_notes(struct query *q, const struct diff_question *ask, const struct zone *zone, struct pool *p,
		     struct diff_notes *out, struct err *e);
/* What a group is shown as: as it is now, or was when nobody is left. */
static inline const struct group *moved_group(const struct moved *m)
{
	return m->now ? m->now : m->was;
}

/* --- functions --- */
struct function {
	uint32_t func_id;
	const char *name;
	uint32_t stacks; /* that have it */
};
/* pattern: words that must all be there, !word must not, ^ and $ anchor, smart case; "" is all. By name. */
int query_functions(struct query *q, const char *pattern, struct pool *p, struct function **out, size_t *n, struct err *e);

/* Where on a stack a function is looked for. */
enum scope { IN_ANY_FRAME, IN_LEAF, IN_CREATOR, SCOPE_MAX };
const char *scope_name(enum scope s); /* "any frame", "leaf only", "created-by" */
bool func_is_standard(const char *func); /* of the runtime or the standard library, by its name? */
/* The same for functions that stand there, as words or as a regular expression (pattern.h), which -1 and a sentence
 * refuse when it cannot be understood. */
struct find_question {
	const char *pattern;
	bool regex;
	enum scope scope;
};
int query_find(struct query *q, const struct find_question *ask, struct pool *p, struct function **out, size_t *n,
	       struct err *e);

/* A line of the source: "server.go:88", with as much of the path before it as one likes. */
struct source_line {
	struct str file; /* a piece of the text it was read from */
	uint32_t line;
};
bool source_line_read(struct source_line *out, struct str text); /* is it one? */
struct functions_question {
	const uint32_t *func_ids;
	size_t n_funcs;
	struct source_line at; /* query_hits: in this line; .file.n 0: in any */
	enum scope scope;
	struct window w; /* host 0: all */
	struct filter *where; /* query_hits: while they passed; NULL: always */
};
/* Which of up to 64 functions stand on each stack: bit i for func_ids[i]. By stack number, n of them. */
int query_stacks_with(struct query *q, const struct functions_question *ask, struct pool *p, uint64_t **masks, size_t *n,
		      struct err *e); /* w means nothing */
/* Which functions stood on a stack of one host in a window, at the place that is asked for: by func_id, n of them. One walk. */
int query_functions_of(struct query *q, const struct functions_question *ask, struct pool *p, bool **out, size_t *n, struct err *e);
/* How much a function was used over a window. */
struct use {
	uint32_t ever;   /* goroutines that had it on their stack */
	uint32_t *alive; /* by column: the most that had it at once, of all hosts together */
	uint32_t peak;   /* of them */
};
/* Of up to 64 functions, in one walk per host; host 0: all. `cols` equal pieces of from..to, as query_chart has them. */
int query_use(struct query *q, const struct functions_question *ask, struct pool *p, struct use **out, struct err *e);
/* Goroutines that have each of them on their stack; host 0: of all hosts of which it is known. out: n of them. */
struct function_count {
	int64_t at;      /* at t; -1: of those that are known none, and of some it is not known (struct known) */
	int64_t now;     /* of hosts that t is the newest moment of, are scraped, and were the last time; -1: there is none */
};
struct counts_question {
	struct moment at;
	struct filter *where; /* of those that pass then; NULL: all */
};
int query_function_counts(struct query *q, const struct function *f, size_t n, const struct counts_question *ask,
			  struct function_count *out, struct err *e);
/* Of functions with their counts those that somebody has at that time, in their order: how many. */
size_t functions_present(struct function *f, struct function_count *c, size_t n);

struct hit {
	uint32_t host, epoch;
	uint64_t id;
	uint32_t func_id, stack; /* the first stack that had it */
	int64_t first, last;     /* while the function was on its stack */
	uint32_t samples;
	bool at_newest;          /* on its stack at the host's newest snapshot with text */
};
/* Goroutines that had one of these functions on their stack; host 0: all hosts. By host, epoch, id. */
int query_hits(struct query *q, const struct functions_question *ask, struct pool *p, struct hit **out, size_t *n,
	       struct err *e);

/* The same for those that have these digits in their number, whatever is on their stack; func_id is 0. */
struct digits_question {
	const char *digits;
	struct window w; /* host 0: all */
};
int query_with_digits(struct query *q, const struct digits_question *ask, struct pool *p, struct hit **out, size_t *n, struct err *e);

/* --- every run there was, for exports --- */
struct window_run {
	uint32_t epoch;
	uint64_t id, parent;
	int64_t born;   /* first seen */
	struct run run; /* the whole one, but samples: of the window only */
	int64_t until;  /* when its next run begins; NO_TIME: it is gone after this one, or the window ends */
	bool first;     /* of the runs of this goroutine that are told */
	double done;    /* how much of the window is behind: 0 to 1 */
};
/* Runs that touch a window of one host, each told in the piece of history in which it ends; a goroutine's are in
 * order. Memory is that of one piece, however long the history. One view of the store: the file grows behind a fn that
 * waits. fn returns false to have no more. */
int query_runs(struct query *q, const struct window *w, bool (*fn)(void *ctx, const struct window_run *t), void *ctx, struct err *e);

/* --- as JSON, for every face alike --- */
void frame_json(struct jw *j, const char *key, const struct frame *f); /* key NULL: no key; no function: null */
/* "main.f" under one key and "/src/a.go:40" under another; null where it has none. */
void place_json(struct jw *j, const char *func_key, const char *at_key, const struct frame *f);

uint64_t query_version(const struct query *q); /* of what it knows: changes with query_refresh */
struct store *query_store(struct query *q);    /* the store below, for what looks at it by itself: verifying, tests */
int64_t query_seq_time(struct query *q, uint32_t host, uint32_t seq); /* NO_TIME when not kept */
/* Were the identities of this process's goroutines made up, since its profiles tell none (SNAP_GROUPED)? Then no duration is
 * measured: who is there is at most as old as told, and who went lived at least as long. epoch 0: the newest one. */
bool query_is_grouped(struct query *q, uint32_t host, uint32_t epoch);
/* What an age is in that process that counts from `born`: 0 measured; where identities are made up '<' at most, or '?' not known, of
 * who was in its first snapshot. As duration_bound takes it. */
char query_age_bound(struct query *q, uint32_t host, uint32_t epoch, int64_t born);
uint32_t query_samples(struct query *q, uint32_t host, uint32_t from_seq, uint32_t to_seq); /* snapshots with text, both ends included */

#endif
