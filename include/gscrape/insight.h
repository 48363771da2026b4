/* SPDX-License-Identifier: MIT */
/*
 * insight.h: what a history means: what leaks, and why the program believes it; who waits for what. Part of the query
 * room: same lifetimes, errors and threads as query.h.
 */
#ifndef GSCRAPE_INSIGHT_H
#define GSCRAPE_INSIGHT_H

#include <gscrape/query.h>

/* --- leaks --- */
enum verdict {
	VERDICT_NONE,  /* listed for its rank only */
	VERDICT_WATCH, /* worth a look; may be healthy */
	VERDICT_LEAK,  /* meant to page somebody */
};
const char *verdict_name(enum verdict v); /* "none", "watch", "leak" */

enum suspect_kind {
	SUSPECT_GROWTH, /* more and more goroutines that never leave */
	SUSPECT_STUCK,  /* a set that does not grow, blocked for ever: a deadlock, a nil channel */
	SUSPECT_QUEUE,  /* a lock convoy: many wait for one object, and it moves, but not fast enough */
	SUSPECT_REST,   /* moved all the time, and then never again, while the process goes on */
	SUSPECT_MAX
};
const char *suspect_kind_name(enum suspect_kind k); /* "growth", "stuck", "queue", "rest" */

/* One term of a suspect's score. */
struct argument {
	const char *name; /* "growth", "never ends", "wait", "used", … one or two words */
	double weight;    /* what it adds to the log odds, natural logarithm; negative speaks against a leak */
	const char *text; /* one sentence with its figures */
};

/* Others of the same cause: born with a suspect's goroutines, of the same parents, or as their parents or children. */
struct suspect_relatives {
	struct frame created, place;
	uint32_t count;
	const uint64_t *ids; /* of those stuck there, count of them; NULL: they are among the ids of the suspect that tells of them */
};

/* Goroutines of one creation site that are stuck in one place. */
struct suspect {
	uint32_t host;
	const char *host_name;
	enum verdict verdict;
	enum suspect_kind kind;
	double score;          /* probability by the model that this is a leak: 0 to 1 */
	struct frame created;  /* the `go` statement; func NULL when the dump has none */
	struct frame place;    /* where they are stuck: the first frame from the leaf that is neither of the runtime nor of
				* the standard library */
	const char *state;     /* the most common wait reason there */
	enum family family;
	uint32_t stack;        /* the most common one */
	uint32_t epoch;        /* of the newest process in the window */
	uint32_t count;        /* there at the end of the window */
	int64_t first_count;   /* there at its beginning */
	bool before;           /* how they grew was seen in the process before, which has ended; who is there now (count, ids, oldest; `epoch`,
	                        * if there is somebody) is of the new one, which is too young to tell */
	int64_t growth;        /* goroutines that came and did not go over the window: count less what it began with */
	double per_hour;       /* growth per hour while it grew */
	double never_ended;    /* share of those that reached the place and never left; 0 to 1, NAN when nobody was seen coming */
	uint32_t reached, left; /* goroutines seen to come to the place; of them those that left it or ended */
	int64_t since;         /* when those stuck now began to gather, asked of the whole recording up to the window's end; */
	bool since_before;     /* before the recording began, at that time */
	const char *after;     /* "12m40s after deploy 1.4": how long `since` is after a mark; NULL: after none (query_after_mark) */
	int64_t until;         /* when the last of them came, where that it ended explains it better; NO_TIME: it goes on */
	int64_t oldest;        /* by when the oldest of them was there: it came, or the recording began, or the dump's minutes prove more */
	uint64_t oldest_id;
	uint64_t wait_object;  /* address that most of them wait for, 0 none; and how many do */
	uint32_t wait_object_n;
	uint64_t *ids;         /* of those stuck, oldest first; count of them */
	struct suspect_relatives *relatives; /* suspects that are not told by themselves, since this one has the same cause; strongest first */
	size_t n_relatives;
	struct frame whose;    /* where the program itself is, in those who started them, or those who started these; func NULL:
				* `created` is the program itself, or no snapshot has any of them */
	struct argument *evidence, *against; /* strongest first; against always has one */
	size_t n_evidence, n_against;

	/* Where hosts are asked about together: the group, on how many of its hosts it is suspected, how many are stuck there on all of
	 * these, and how fast they come; all else is of the one on which it is most likely. NULL: of one host. */
	const struct host_group *together;
	uint32_t on_hosts;
	uint64_t all_count;
	double all_per_hour;
};

struct leak_question {
	uint32_t host;     /* 0: all */
	int64_t from, to;  /* NO_TIME: the whole history */
	double least;      /* suspects with a lower score are left out */
	struct filter *where; /* those of which no goroutine that is stuck passes, nor one of their relatives, are left out; NULL: none */
	const struct zone *zone; /* of the times in notes */
	const struct host_group *together; /* hosts of one of these groups have one suspect for one place; others are not looked at. NULL: */
	size_t n_together;                 /* each host by itself */
};

/*
 * Suspects that nobody wants to hear of again, on any face: rules in a file, a line each, "CREATED-BY FUNCTION", the names
 * as in suspect_json ("-" where there is none); # begins a comment. path NULL: rules of this run only. A file that is not
 * there has no rules, and is made by the first toggle.
 */
struct leak_ignore;
int leak_ignore_open(struct leak_ignore **out, const char *path, struct err *e);
void leak_ignore_close(struct leak_ignore *g);
bool leak_ignored(const struct leak_ignore *g, const struct suspect *s); /* g NULL: no */
int leak_ignore_toggle(struct leak_ignore *g, const struct suspect *s, struct err *e); /* and writes the file */
/* By a file's rules (NULL: none): those that are not ignored come to the front of s and are *n now; *ignored are gone. */
int leak_ignore_apply(const char *path, struct suspect *s, size_t *n, size_t *ignored, struct err *e);

/* What could not be known, in sentences: "127.0.0.1:6060: 1 snapshot: growth cannot be told from fewer than three". */
struct leak_notes {
	size_t ignored; /* suspects that were left out (leak_ignore_apply's; query_leak_notes leaves it 0) */
	size_t looked_at; /* snapshots that have goroutines; 0: nothing can be told, and nobody may say that nothing leaks */
	const char **text;
	size_t n;
};

/*
 * Some hosts against others at one time, as a canary against the rest: how many goroutines of each group a host has, on the one side and on
 * the other. Hosts of which nothing is known then are not counted.
 */
struct canary_side {
	uint32_t hosts;       /* of which it is known */
	uint64_t count;       /* on all of these */
	uint32_t least, most; /* on one of them */
};
struct canary_row {
	const struct group *group; /* as on the host that has most of it: */
	uint32_t host;
	struct canary_side canary, rest;
	double differs;       /* how many more each canary has, on average; never 0 */
	bool apart;           /* no canary has as many as any of the rest, nor in between */
};
struct canary_question {
	const char *canary; /* "KEY=VALUE": hosts with this label, */
	const char *of;     /*   and both sides of these alone, the same; NULL: all */
	int64_t at;
	enum group_by by;
	struct filter *where; /* of those that pass; NULL: all */
};
/* Those that are apart first, the largest difference first. None where of one side nothing is known; -1 too where there are no two sides. */
int query_canary(struct query *q, const struct canary_question *ask, struct pool *p, struct canary_row **out, size_t *n, struct err *e);

#define RATE_MAX 32
/* How many an hour, with a sign (of one that came, 0, there is no rate to tell): "+6780"; what is slow with a decimal, "+0.3". Into out[RATE_MAX]; returns it. */
char *rate_text(char *out, double per_hour);

/* Best first. */
int query_leaks(struct query *q, const struct leak_question *ask, struct pool *p, struct suspect **out, size_t *n, struct err *e);
struct leak_notes query_leak_notes(struct query *q, const struct leak_question *ask, struct pool *p);

/* The JSON of --leaks, one object (gscrape-tui(5)), for every face alike. */
void suspect_json(struct jw *j, struct query *q, const struct suspect *s);

/* How a suspect's goroutines came and went over from..to, in `cols` equal pieces. */
struct flow {
	int64_t from, to;
	uint32_t alive; /* most at the place at once */
	uint32_t came, left;
	bool known;     /* a snapshot with text falls in it, or before it without a gap */
};
int query_suspect_flow(struct query *q, const struct suspect *s, const struct window *w, struct flow *out, struct err *e);
/* The same for n of them by one walk over each host; out holds n times cols. */
int query_suspect_flows(struct query *q, const struct suspect *s, size_t n, const struct window *w, struct flow *out,
			struct err *e);

/* How many goroutines were at each suspect's place at t; -1 where no snapshot tells. Into counts[n]. */
int query_suspects_at(struct query *q, const struct suspect *s, size_t n, int64_t t, int64_t *counts, struct err *e);

/* --- who waits for what --- */
struct waiters {
	uint32_t host, epoch;
	uint64_t object;        /* the address; 0: no dump has it, as where RLock is inlined, and */
	struct frame place;     /*   the line that takes the lock stands for it. Else its func is NULL */
	const char *what;       /* "sync.Mutex", "sync.RWMutex", "sync.WaitGroup", "sync.Cond", "network descriptor" */
	const char *state;      /* the most common wait reason */
	uint32_t count;         /* waiting at T */
	uint32_t longest;       /* most that waited at once within the window; without an address, at T */
	int64_t longest_at;
	int64_t oldest;         /* since when the oldest waits, as far as it was seen or the newest dump's minutes prove */
	uint64_t oldest_id;
	int64_t proven;         /* since when one of them waits for sure, by the dump's minutes; NO_TIME: they do not tell */
	uint32_t handed_over;   /* times that one was seen to wait and then not any more: it got it, or gave up. At least:
				 * between two snapshots more may have happened */
	uint32_t *over;         /* by column of the window, when it has any: the most that waited at once. NULL: it has no address */
	struct group *sites;    /* by creation site, largest first */
	size_t n_sites;
	uint64_t holder;        /* who probably holds it, why, and a deadlock it is in: holder.h. waiters_held fills them in. 0, NULL: not known */
	const char *holder_why, *deadlock;
};
struct waiters_question {
	struct window w;      /* columns are pieces of times that are given */
	struct filter *where; /* of those who wait at the end; NULL: all */
	uint64_t object;      /* columns of this queue alone; 0: of each */
};
/* Of how long the oldest waits, as duration_bound takes it: 0 the dump's minutes prove it; '<' at most, since who is seen to wait at two
 * looks may have got it in between. */
char waiters_oldest_bound(const struct waiters *w);
/* "0xc000012345", or "cache.go:19" where the place stands for the address. Into out. */
const char *waiters_where(const struct waiters *w, char *out, size_t n);
/* At the end of a host's window, looking back over it; most waiters first. */
int query_waiters(struct query *q, const struct waiters_question *ask, struct pool *p, struct waiters **out, size_t *n, struct err *e);
/*
 * Who seems to hold which lock that others wait for (holder.h), at t as query_known has it: the recorder notes it whenever it changes,
 * so that no dump need be there. By address. 1; 0 nobody waits for a lock, or it was recorded by a version that did not look: then a
 * dump of that time can be asked (dump_held_locks); -1.
 */
struct held_lock;
int query_held(struct query *q, const struct moment *at, struct pool *p, struct held_lock **out, size_t *n, struct err *e);
/* Fill in who seems to hold what: texts are borrowed. */
void waiters_held(struct waiters *w, size_t n, const struct held_lock *held, size_t n_held);

/* --- who may meet whom on a channel --- */

/*
 * A dump does not say which channel somebody waits for. Told are ends, by place: so many send here; and for each end the others that
 * may be at the other end of its channels, by what the places have in common: the function they stand in, the type, who started whom.
 * The others are those of T, and those that waited in the 2,048 snapshots before it. Nobody waits at both ends of one channel at once:
 * where one goroutine started all of both, a place that was seen waiting at the same time is not the other end. It is a guess, and comes
 * with its reason. A nil channel has no other end.
 */
enum channel_way { CHANNEL_SENDS, CHANNEL_RECEIVES, CHANNEL_SELECTS };
const char *channel_way_name(enum channel_way w); /* "sends", "receives", "selects" */
#define CHANNEL_PARTNERS 3 /* told at most */
struct channel_end {
	uint32_t host;
	struct frame place;     /* where they wait: their code's own frame */
	enum channel_way way;
	const char *state;
	uint32_t count;         /* of an other end, 0: nobody now */
	int64_t last;           /* of an other end: when somebody was last seen to wait there */
	int64_t oldest;         /* since when the one waits that does so for longest; NO_TIME: nobody knows */
	uint64_t oldest_id;
	const struct channel_partner {
		const struct channel_end *end;
		uint32_t points; /* the more, the likelier */
		const char *why;
	} *partners;             /* likeliest first */
	size_t n_partners;
};
struct channels_question {
	struct moment at;
	struct filter *where; /* of those that pass; NULL: all */
};
/* Most waiting first; who is alive unknown: none. */
int query_channels(struct query *q, const struct channels_question *ask, struct pool *p, const struct channel_end ***out, size_t *n, struct err *e);

/* --- lives --- */

/*
 * How the goroutines of a group come and go in a window. By creation site a life is that of the goroutine; in other
 * groups it is a residency: as long as it is in the group without a break.
 */
struct lives {
	uint32_t host;
	uint64_t key;            /* name … top: as in struct group; the stack is the one with most samples */
	const char *name;
	struct frame created, top;
	uint32_t stack;
	uint32_t before;         /* there already when the window, or their process, begins */
	uint32_t births, deaths; /* came; ended, or left the group */
	uint32_t killed;         /* ended with their process */
	uint32_t alive;          /* at the end: before + births - deaths - killed */
	double births_per_minute, deaths_per_minute; /* NAN: the window is one moment */
	/* How long those lived whose birth was seen, from the first snapshot to the last that has them, ms. Of those whose
	 * end was seen too (`ended`): NO_TIME none. The others are censored: alive, or killed. */
	uint32_t ended, censored;
	int64_t p50, p90, p99, max;
	int64_t median;          /* of all of them, by Kaplan and Meier; NO_TIME: more than half outlive what was seen */
	int64_t oldest;          /* of those alive at the end: first seen there; NO_TIME none */
	uint64_t oldest_id;
	uint64_t samples, families[FAM_MAX]; /* how often one was seen there, and in which states */
};
struct lives_question {
	uint32_t host;
	int64_t from, to;        /* NO_TIME: the whole history */
	enum group_by by;        /* not BY_NONE */
	struct filter *where;    /* of those that pass at some time in the window; NULL: all */
};
/* Most births first. */
int query_lives(struct query *q, const struct lives_question *ask, struct pool *p, struct lives **out, size_t *n, struct err *e);

/* --- where the time goes --- */
struct profile_question {
	uint32_t host;
	uint64_t id;             /* one goroutine, of `epoch` (0: the newest that has it); or 0: */
	uint32_t epoch;
	enum group_by by;        /* all of the group with this key (struct group); BY_NONE: everybody */
	uint64_t key;
	int64_t from, to;        /* NO_TIME: the whole history */
};
struct profile_line {
	uint32_t stack;
	const char *state;
	uint64_t samples;
	double share;            /* of all samples; 0 to 1 */
};
/* In which state and on which stack it was how often: a profile by the wall clock. Most samples first. 1, 0 when the
 * goroutine is unknown, -1. */
int query_profile(struct query *q, const struct profile_question *ask, struct pool *p, struct profile_line **out, size_t *n,
		  struct err *e);

/* --- callers --- */
#define CALL_DEPTH 3
struct call_path {
	const char *path;           /* callers: "main.serve <- main.main <- created by main.init"; callees: "main.get ->
				     * sync.(*Mutex).Lock"; "": the function is the leaf, or the root of a goroutine whose
				     * creation site is unknown */
	uint32_t funcs[CALL_DEPTH]; /* string numbers: the nearest to the function first */
	uint32_t n;
	bool created;               /* the last one is who created the goroutine */
	uint64_t samples;           /* how often a goroutine was seen so */
	double share;               /* of the function's samples; 0 to 1 */
};
struct callers_question {
	const uint32_t *func_ids;   /* any of these */
	size_t n_funcs;
	uint32_t host;              /* 0: all */
	int64_t from, to;           /* NO_TIME: the whole history */
};
struct callers {
	uint64_t samples, all;      /* goroutines times snapshots with the function on their stack; and of everybody */
	struct call_path *callers, *callees; /* most samples first; each kind adds up to `samples` */
	size_t n_callers, n_callees;
};
/* Who calls a function, and whom it calls in turn. Where it calls itself, its callers are those of the outermost call,
 * and its callees those of the innermost. */
int query_callers(struct query *q, const struct callers_question *ask, struct pool *p, struct callers *out, struct err *e);
/* The JSON of --query --callers, one object. */
void callers_json(struct jw *j, struct query *q, const char *func, const struct callers *c);

#endif
