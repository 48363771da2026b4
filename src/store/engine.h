/* SPDX-License-Identifier: MIT */
/*
 * engine.h: what an engine is: these functions, which store.h describes. An engine's own structs begin with the ones
 * here. NULL where the table says optional: "cannot" is the answer then.
 */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include <gscrape/store.h>

struct store {
	const struct store_ops *ops;
	char *where; /* for sentences; freed with the store */
};

struct store_view {
	struct store *store;
};

struct store_walk {
	struct store_view *view;
};

struct store_ops {
	int (*open)(struct store **out, const char *where, enum store_mode mode, struct err *e);
	void (*close)(struct store *s);
	int (*version)(struct store *s, uint64_t *version, struct err *e);

	int (*begin)(struct store *s, struct err *e);
	int (*host)(struct store *s, const char *name, const char *labels, struct host_place *out, struct err *e);
	int (*put_snapshot)(struct store *s, const struct snapshot_put *put, struct err *e);
	int (*put_liveness)(struct store *s, uint32_t host, const struct liveness *l, size_t n, struct err *e);
	int (*put_memory)(struct store *s, uint32_t host, struct str bytes, struct err *e);
	int (*commit)(struct store *s, struct commit *done, struct err *e);
	void (*abort)(struct store *s);
	void (*forget_names)(struct store *s);

	int (*view_open)(struct store *s, struct store_view **out, struct err *e);
	void (*view_close)(struct store_view *v);
	int (*hosts)(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e);
	int (*snapshots)(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n,
			 struct err *e);
	/* snapshot.held_ago and .held of a kept snapshot, as they were put */
	int (*held)(struct store_view *v, struct snapshot_key at, struct pool *p, uint32_t *ago, struct str *out, struct err *e);
	int (*seq_at)(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e);
	int (*chart)(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n,
		     struct err *e);
	int (*history)(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out,
		       struct err *e);
	int (*epochs_of)(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n,
			 struct err *e);
	int (*alive)(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
		     struct err *e);
	int (*liveness)(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e);
	int (*memory)(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e);
	int (*children)(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out,
			size_t *n, struct err *e);
	int (*walk_begin)(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out,
			  struct err *e);
	int (*walk_next)(struct store_walk *w, struct walk_step *step, struct err *e);
	void (*walk_end)(struct store_walk *w);
	int (*strings)(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e);
	int (*stacks)(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out,
		      struct err *e);
	int (*functions)(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx,
			 struct err *e);
	int (*stacks_with)(struct store_view *v, const struct functions_wanted *w,
			   int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e);

	int (*add_mark)(struct store *s, const struct mark *m, struct err *e);
	int (*marks)(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e); /* in any order of times */

	/* optional */
	int (*put_end)(struct store *s, int64_t time, struct err *e);
	int (*end)(struct store_view *v, int64_t *time, struct err *e);
	int (*keep)(struct store *s, struct str bytes, struct err *e); /* the three of them, or none */
	int (*kept)(struct store *s, struct buf *out, struct err *e);
	void (*kept_taken)(struct store *s);
	bool (*is_partial)(struct store_view *v, struct err *why);
	void (*expect)(struct store_view *v, const struct store_expected *what);
	int64_t (*expire)(struct store *s, uint32_t host, int64_t before, struct err *e);
	int (*sweep)(struct store *s, bool all, struct err *e);
	int (*size)(struct store *s, uint64_t *bytes, struct err *e);
	int (*copy)(struct store *s, const char *to, struct err *e);
	int (*repair)(const char *from, const char *to, const struct repairing *how, struct err *e);
	int64_t (*verify)(struct store *s, void (*fn)(void *ctx, const char *sentence), void *ctx, struct err *e);
};

/* Does a snapshot follow where its host stands? -1 with the sentence when it does not. */
int snapshot_follows(const struct store *s, const struct host_place *at, const char *name, const struct snapshot *snap,
		     struct err *e);

/* The host of that name among rows, or NULL; and whether there is just this mark. */
const struct host_row *row_named(const struct host_row *rows, size_t n, const char *name);
bool has_mark(const struct mark *a, size_t n, const struct mark *m);

extern const struct store_ops lmdb_ops, memory_ops, clickhouse_ops;

#endif
