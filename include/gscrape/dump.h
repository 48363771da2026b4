/* SPDX-License-Identifier: MIT */
/*
 * dump.h: goroutine dump text (debug=2, SIGQUIT, crashes, logs) to goroutines. Knows nothing of hosts, time or storage.
 *
 * Two ways through the same grammar:
 *   dump_next()  builds everything of every goroutine, as slices into the text: for --parse, --count, one dump.
 *   scan.h       recognises what did not change since the last snapshot and interns the rest: for recording.
 * A test and a fuzz target hold them to the same answer.
 *
 * Source of the grammar: the Go runtime's traceback.go and runtime2.go, 1.0 to 1.27.
 */
#ifndef GSCRAPE_DUMP_H
#define GSCRAPE_DUMP_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/json.h>

enum dump_flag {
	DUMP_LOCKED = 1,  /* locked to thread */
	DUMP_LEAKED = 2,  /* (leaked): Go's own detector says so */
	DUMP_SCAN = 4,    /* (scan): the collector was reading its stack */
	DUMP_DURABLE = 8, /* (durable): durably blocked in a synctest bubble */
};

/* What stands in `goroutine 18 [chan receive, 3 minutes, locked to thread] {k: v}:`. */
struct dump_header {
	uint64_t id;
	struct str state;    /* the wait reason, without minutes and flags */
	int64_t minutes;     /* -1 when the dump does not say */
	unsigned flags;      /* enum dump_flag */
	uint64_t bubble;     /* synctest bubble or group, 0 none */
	struct str labels;   /* raw text between { and }, or empty; dump_labels() takes it apart */
};

enum dump_frame_kind {
	FRAME_CALL,   /* a function and its file line */
	FRAME_ELIDED, /* ...N frames elided... */
	FRAME_OPAQUE, /* a line that is neither; func holds it whole */
};

struct dump_frame {
	struct str func;  /* without arguments */
	struct str args;  /* between the outer parentheses, raw; p NULL when the line had none */
	struct str file;  /* empty when there is no file line */
	uint32_t line;    /* 0 when there is none */
	enum dump_frame_kind kind;
	uint32_t elided;  /* for FRAME_ELIDED: how many; 0 when the dump does not say */
};

struct dump_ancestor {
	uint64_t goroutine;
	size_t first, n; /* its frames: frames[first .. first + n) of the goroutine */
};

struct dump_goroutine {
	struct dump_header head;
	struct dump_frame *frames; /* leaf first; then the ancestors' frames */
	size_t n_frames;           /* of the goroutine itself */
	struct dump_frame created_by; /* func empty when the dump has none (goroutine 1, runtime goroutines) */
	uint64_t parent;           /* "in goroutine N", 0 when the dump does not say */
	struct dump_ancestor *ancestors;
	size_t n_ancestors;
	uint32_t elided;           /* sum over its FRAME_ELIDED lines (1 where the number is not given) */
	bool cut;                  /* the text ends inside this block */
	bool rootless;             /* no root frame: cut at about 100 frames without a mark, as Go up to 1.20 does */
	struct str body;           /* the lines after the header */
};

/* A walk over one text. Zeroed but for text: `struct dump d = {.text = …}`; dump_release when done. */
struct dump {
	struct str text;
	size_t pos;
	size_t goroutines;    /* blocks met */
	size_t skipped_lines; /* lines outside any block that are no known noise */
	size_t opaque_lines;  /* lines inside blocks kept as opaque frames */
	bool cut;             /* no newline at the end of the text, or the last block is incomplete */
	struct dump_goroutine g;
	size_t cap_frames, cap_ancestors;
};

bool dump_next(struct dump *d); /* the next goroutine is in d->g, valid until the next call; false at the end */
void dump_release(struct dump *d);

/* One goroutine's own text within a dump's, from its header to its last line; n 0: the dump has none of this id. */
struct str dump_block(struct str text, uint64_t id);

/* Parse one header line (without its newline, any indent). False when it is none. */
bool dump_header(struct str line, struct dump_header *out);

/* What a text is, told from its first bytes; leading logs may stand before the first goroutine. */
enum dump_kind {
	DUMP_GOROUTINES, /* debug=2 or a crash */
	DUMP_DEBUG1,     /* goroutine profile: total N */
	DUMP_GZIP,       /* debug=0, or any gzip */
	DUMP_HTML,
	DUMP_JSON,
	DUMP_RACE,       /* a race detector's report: refused politely */
	DUMP_GOLEAK,     /* what goleak says of a test; DUMP_GOLEAK and DUMP_DELVE are told by unwrap.h only */
	DUMP_DELVE,      /* a debugger's list of goroutines */
	DUMP_COUNT,      /* what --count prints */
	DUMP_LOG,        /* a dump behind other lines; told by dump_sniff_answer() only */
	DUMP_EMPTY,
	DUMP_UNKNOWN,
};
enum dump_kind dump_sniff(const char *p, size_t n);
enum dump_kind dump_sniff_answer(const char *p, size_t n); /* the same of what a target answers: its dump begins at once */
const char *dump_kind_name(enum dump_kind k);        /* "an HTML page", for sentences */
int64_t dump_debug1_total(const char *p, size_t n);  /* N of "goroutine profile: total N" (or goroutineleak), or -1 */

/* Walk the labels: calls fn for each pair, unquoted. */
void dump_labels(struct str labels, void (*fn)(void *ctx, struct str key, struct str value), void *ctx);

/* The families that wait reasons fall into; the letter is the state lane's. */
enum family {
	FAM_RUNNING, /* R running, runnable */
	FAM_CHAN,    /* C */
	FAM_SELECT,  /* S */
	FAM_LOCK,    /* L Mutex, RWMutex, sema */
	FAM_WAIT,    /* W WaitGroup, Cond */
	FAM_IO,      /* I */
	FAM_SLEEP,   /* Z */
	FAM_SYSCALL, /* Y */
	FAM_RUNTIME, /* G */
	FAM_MAX
};
/* `top` are the names of the first frames, leaf first; they refine the "semacquire" of Go up to 1.19. May be NULL. */
enum family dump_family(struct str state, const struct str *top, size_t n_top);

/* The wait reason of whoever has this function as its leaf, or behind functions of the runtime only; empty: it tells none. */
struct str dump_state_by(struct str func);

/* The frames whose first argument is the address of what the goroutine waits for: what that is ("sync.Mutex"), or NULL
 * for any other frame. It is looked for in the first DUMP_WAIT_DEPTH frames from the leaf, and the first one counts. */
#define DUMP_WAIT_DEPTH 8
const char *dump_wait_kind(struct str func);

char family_letter(enum family f);
const char *family_name(enum family f); /* "chan", "select", … */

/*
 * Function names. `net/http.(*conn).serve` has package `net/http`; after the last slash a dot of the import path is
 * written %2e, and is decoded for display.
 */
struct str func_package(struct str func);
void func_short(struct buf *out, struct str func);   /* "http.(*conn).serve": the path's last part only, but for what Go has behind
							     * a package of that name, "internal/sync.(*Mutex).Lock"; appends */
void func_display(struct buf *out, struct str func); /* percent-decoded whole name; appends */

/* One goroutine as the JSON of --parse; no newline. */
void dump_json(struct jw *j, const struct dump_goroutine *g);

#endif
