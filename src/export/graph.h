/* SPDX-License-Identifier: MIT */
/* graph.h: who started whom, as boxes, for those who write them down. */
#ifndef EXPORT_GRAPH_H
#define EXPORT_GRAPH_H

#include "room.h"

/* Some goroutines that one box started, with the same creation site, function and state. */
struct box {
	uint32_t number; /* from 1, over all hosts; higher than its parent's */
	uint32_t parent; /* number of the box that started it; 0 none that is shown */
	uint32_t count;
	const struct alive *one; /* of them, the lowest number */
};

/* One host's. */
struct graph {
	struct query *q;
	const char *host;
	int64_t time;            /* of its snapshot */
	const struct box *boxes; /* by number, from `first` on */
	uint32_t first, n;
};

struct graph_writer {
	void (*begin)(void *ctx, struct buf *out); /* NULL: nothing stands before the hosts */
	void (*host)(void *ctx, const struct graph *g, struct buf *out);
	void (*end)(void *ctx, struct buf *out);
};
struct graph_ask {
	const struct export_ask *ask;
	const struct graph_writer *writer;
	void *ctx; /* the writer's */
};
int graph_write(struct query *q, const struct graph_ask *how, const struct sink *to, struct err *e);

/* "main.fetch.func1", shortened into out. */
const char *box_function(const struct graph *g, const struct box *x, char *out, size_t n);

#endif
