/* SPDX-License-Identifier: MIT */
/* query_internal.h: what the files of this room share. */
#ifndef QUERY_INTERNAL_H
#define QUERY_INTERNAL_H

#include <gscrape/hash.h>
#include <gscrape/query.h>
#include <sys/types.h>

#define BLOCK 256 /* snapshots remembered together */

/* The part of a snapshot that everything asks for. */
struct snapshot_header {
	int64_t time; /* NO_TIME: not kept */
	uint32_t ordinal, goroutines, epoch;
	uint32_t text; /* the last one with text at or before it; 0 none, or none that is kept */
	uint32_t took;
	uint8_t status;
};

struct block {
	uint32_t upto; /* the host's last snapshot when it was read */
	bool lost;     /* some could not be read, and have a guess for their time */
	struct snapshot_header t[BLOCK];
};

struct host_cache {
	uint32_t host;
	const char *name; /* until query_close */
	struct block **blocks;
	size_t n_blocks;
};

struct query {
	struct store *store;
	struct store_view *view; /* while `viewing` */
	int viewing;
	char *path;
	uint64_t version;
	int64_t end;           /* store_end */
	struct pool host_pool; /* of the rows below: until the next refresh */
	struct host_row *rows;
	struct host *hosts;
	size_t n_hosts;
	uint32_t *place_of;    /* in host_pool, by the host's number: its place in rows and hosts, from 1; 0 none */
	size_t n_places;
	struct mark *marks;    /* in host_pool, by time */
	size_t n_marks;
	struct host_cache *caches;
	size_t n_caches, cap_caches;
	uint32_t *cache_of;    /* by the host's number: its place in caches, from 1; 0 none */
	size_t n_cache_of;
	struct pool names;     /* until query_close */
	const char **strings;  /* by handle; NULL not read yet */
	size_t n_strings;
	struct stack **stacks; /* by number; what it points to stays */
	size_t n_stacks;
	uint8_t *families;     /* by state: family + 1, 0 not known yet */
	size_t n_families;
	struct function *functions; /* sorted by name */
	size_t n_functions;
	uint32_t (*scoped)[SCOPE_MAX]; /* by function: stacks that have it there */
	uint64_t functions_of; /* as of which stacks: store_functions */
	struct label_values *label_values; /* label.c's */
	struct err fault;      /* query_fault's; no text: none */
	struct err partial;    /* query_is_partial's; no text: all is there */
};

void marks_load(struct query *q, struct pool *p); /* in a view, into the pool */

/* A view of the store for the reads of one question: q->view. Nests. */
int view_begin(struct query *q, struct err *e);
void view_end(struct query *q);
/* Of these hosts who is alive, or all that happened, will be asked in this view, in this order. */
void expect_events(struct query *q, const uint32_t *hosts, size_t n, int64_t from, int64_t to);

/* A read failed where nothing can be returned: query_fault tells the first one. */
void note_fault(struct query *q, const struct err *e);
/* The same of a read that gave all it could, where it is damage: 0 then, else rc. */
int note_damage(struct query *q, int rc, const struct err *e);

const struct host_row *host_row(struct query *q, uint32_t host);
/* A snapshot by number; NULL when it is not kept. Valid until the next call. */
const struct snapshot_header *snapshot_header(struct query *q, uint32_t host, uint32_t seq);
/* Is it the first with text that is kept of its process? */
bool is_first_of_epoch(struct query *q, uint32_t host, uint32_t seq);
struct host_cache *host_cache(struct query *q, uint32_t host);
/* The host's name, kept until query_close. */
const char *keep_host_name(struct query *q, uint32_t host, const char *name);
/* The last snapshot with text at or before seq, and at or after the first that is kept; 0 none. */
uint32_t text_seq(struct query *q, uint32_t host, uint32_t seq);
/* The one with text that reaches t (query_known's rule); 0 the host is unknown then. -1 failed. */
int known_text_seq(struct query *q, uint32_t host, int64_t t, uint32_t *seq, struct err *e);
/* The first one with text at or after seq; 0 none. */
uint32_t next_text_seq(struct query *q, uint32_t host, uint32_t seq);
/* Time of seq; when it is older than what is kept, of the first snapshot with text that is. */
int64_t time_or_first(struct query *q, uint32_t host, uint32_t seq);
/* The last snapshot at or before t, within what was there at the last refresh; 0 none. -1 failed. */
int seq_at(struct query *q, uint32_t host, int64_t t, uint32_t *seq, struct err *e);

struct alive_list {
	struct alive *a;
	size_t n;
};
/* What the last snapshot of a process says of those who were alive in it. */
struct last_words {
	uint32_t seq;       /* of that snapshot */
	int64_t time;
	bool newest;        /* it is the host's newest with text */
	struct liveness *a; /* by id */
	size_t n;
};
/* Of the process of snapshot seq; nothing when that is not kept. The view is open. */
int last_words(struct query *q, uint32_t host, uint32_t seq, struct pool *p, struct last_words *out, struct err *e);
/* No later than when it was born, which was first seen then: the minutes of its last wait may prove more. */
int64_t words_born(const struct last_words *w, uint64_t id, int64_t first);
/* Who is alive at a snapshot that is kept and has text. */
int alive_at(struct query *q, uint32_t host, uint32_t seq, struct pool *p, struct alive_list *out, struct err *e);
/* What goroutines of one group have in common (BY_NONE: id), and a group's name, of its key, stack, created and top. */
struct trait {
	uint32_t stack, state, labels;
	uint64_t id;
};
uint64_t group_key(struct query *q, enum group_by by, const struct trait *t);
/* The value that BY_LABEL goes by, of these labels; and its text. */
uint64_t label_key(struct query *q, uint32_t labels);
const char *label_name(struct query *q, uint64_t key);
void label_values_release(struct query *q);
const char *labels_of(struct query *q, uint32_t labels); /* their text, unless labels are hidden: query_string */
const char *group_name(struct query *q, struct pool *p, const struct group *g, enum group_by by);
/* filter_alive, of those at a snapshot. */
int filter_alive_at(struct filter *f, struct query *q, struct snapshot_key at, struct alive *a, size_t *n, struct err *e);
/* Those of a in groups, by key. */
struct group *groups_of(struct query *q, const struct alive *a, size_t n_a, enum group_by by, struct pool *p, size_t *n);
void groups_where(const struct filter *f, struct group *g, size_t *n); /* those with a count that passes come first; *n becomes how many */
void groups_sort(struct group *g, size_t n); /* largest first */
void states_sort(struct query *q, struct state_count *s, size_t n); /* most first */

/* How many of each: `n` is not zero while a key is there. */
struct count {
	uint64_t key, n;
};
HASH_TABLE(counter_map, struct count, key, n);
static inline uint64_t count_of(const struct counter_map *m, uint64_t key)
{
	const struct count *c = counter_map_find(m, key);

	return c ? c->n : 0;
}

void stack_array(struct jw *j, struct pool *p, const struct stack *s); /* "main.f /src/a.go:12", leaf first */
const char *host_name_of(struct query *q, uint32_t host); /* NULL: not there any more */

#endif
