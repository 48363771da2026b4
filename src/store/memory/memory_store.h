/* SPDX-License-Identifier: MIT */
/*
 * memory_store.h: the engine in memory, private to this room: arrays in the order of time. What is committed is an image,
 * which nobody changes any more: a view holds one, a batch makes the next one out of a copy. Arrays only grow, behind what
 * older images look at, so that a copy shares them.
 */
#ifndef STORE_MEMORY_STORE_H
#define STORE_MEMORY_STORE_H

#include "store/engine.h"
#include <gscrape/hash.h>
#include <pthread.h>
#include <stddef.h>

/* --- arrays that images share --- */

struct block {
	int refs;
	size_t cap; /* bytes */
	max_align_t data[];
};

struct series {
	struct block *b;
	size_t n;
};

/* --- what there is --- */

struct mem_event {
	struct event ev;
	uint32_t epoch;
};

struct mem_state {
	struct goroutine_state g;
	uint32_t epoch;
};

struct mem_host {
	struct host_row row;
	uint32_t ordinal;
	struct series snapshots; /* struct snapshot, those kept */
	struct series events;    /* struct mem_event, from the first kept snapshot on, by seq */
	struct series base;      /* struct mem_state: who was alive before those */
	struct series liveness;
	struct series memory;    /* bytes; */
	bool remembers;          /* there are some, if none */
};

struct image {
	int refs;
	uint64_t version;
	struct mem_host *hosts;
	size_t n, cap;
	size_t n_strings, n_stacks; /* of the dictionary that are committed */
	int64_t end; /* 0: no recording ended in order */
};

/* One store; shared by all who have it open under its name. */
struct mem_db {
	struct mem_db *next;
	char *name; /* "" private */
	int refs;
	bool written; /* somebody has it open for writing */
	pthread_mutex_t lock;
	struct image *now;
	uint32_t last_host;
	struct mark *marks;
	size_t n_marks, cap_marks;
	struct pool pool; /* texts and frames: until the end */
	struct str *strings;
	struct store_stack *stacks;
	size_t n_strings, cap_strings, n_stacks, cap_stacks; /* from 1 */
	struct hash string_index, stack_index;
};

struct registered {
	uint32_t host;
	const char *name, *labels;
};

struct numbers {
	uint32_t *a;
	size_t n;
};

struct mem_store {
	struct store base;
	struct mem_db *db;
	enum store_mode mode;
	struct image *work; /* the batch */
	struct commit batch;
	struct registered *hosts;
	size_t n_hosts, cap_hosts;
	struct numbers strings, stacks; /* of a symtab: handles */
};

struct mem_view {
	struct store_view base;
	struct image *image;
};

/* Who is alive after an event; states stand sorted by (epoch, id). */
struct crowd {
	struct mem_state *a;
	size_t n, cap;
};

/* image.c */
void *series_of(const struct series *s);
void series_release(struct series *s);
void *series_add(struct series *s, size_t size);
void series_set(struct series *s, const void *a, size_t n, size_t size);
struct mem_store *mem_of(struct store *s);
const struct image *image_of(const struct store_view *v);
void host_share(struct mem_host *h, int by);
void image_put(struct image *m);
struct image *image_copy(const struct image *from);
struct mem_host *image_host(const struct image *m, uint32_t host);

/* crowd.c */
size_t crowd_at(const struct crowd *c, uint32_t epoch, uint64_t id);
struct crowd crowd_before(const struct mem_host *h, uint32_t seq, size_t *next);

/* names.c */
uint32_t names_string(struct mem_store *s, const struct symtab *t, uint32_t id);
uint32_t names_stack(struct mem_store *s, const struct symtab *t, uint32_t id);
void mem_forget_names(struct store *store);
void names_truncate(struct mem_db *db);
int mem_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out,
		struct err *e);
int mem_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out,
	       struct err *e);
int mem_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f),
		  void *ctx, struct err *e);
int mem_stacks_with(struct store_view *v, const struct functions_wanted *wanted,
		    int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e);

/* write.c */
int mem_begin(struct store *store, struct err *e);
struct mem_host *mem_host_ready(struct mem_store *s, uint32_t host, struct err *e);
int mem_host(struct store *store, const char *name, const char *labels, struct host_place *out, struct err *e);
int mem_put_snapshot(struct store *store, const struct snapshot_put *put, struct err *e);
int mem_put_liveness(struct store *store, uint32_t host, const struct liveness *l, size_t n, struct err *e);
int mem_put_memory(struct store *store, uint32_t host, struct str bytes, struct err *e);
int mem_put_end(struct store *store, int64_t time, struct err *e);
int mem_add_mark(struct store *store, const struct mark *m, struct err *e);
int mem_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e);
int mem_commit(struct store *store, struct commit *done, struct err *e);
void mem_abort(struct store *store);

/* env.c */
int mem_open(struct store **out, const char *where, enum store_mode mode, struct err *e);
void mem_close(struct store *store);
int mem_version(struct store *s, uint64_t *version, struct err *e);
int mem_view_open(struct store *store, struct store_view **out, struct err *e);
void mem_view_close(struct store_view *view);

/* expire.c */
int64_t mem_expire(struct store *store, uint32_t host, int64_t before, struct err *e);

/* read.c */
int mem_end(struct store_view *v, int64_t *time, struct err *e);
int mem_hosts(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e);
int mem_snapshots(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n,
		  struct err *e);
int mem_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e);
int mem_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n,
	      struct err *e);
int mem_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out,
		struct err *e);
int mem_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n,
		  struct err *e);
int mem_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
	      struct err *e);
int mem_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e);
int mem_held(struct store_view *v, struct snapshot_key at, struct pool *p, uint32_t *ago, struct str *out, struct err *e);
int mem_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e);
int mem_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out,
		 size_t *n, struct err *e);

/* walk.c */
int mem_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out,
		   struct err *e);
void mem_walk_end(struct store_walk *base);
int mem_walk_next(struct store_walk *base, struct walk_step *step, struct err *e);

#endif
