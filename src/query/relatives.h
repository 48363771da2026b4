/* SPDX-License-Identifier: MIT */
/*
 * relatives.h: who belongs together in the last snapshot of a process: parents, and those who were born with one. A connection
 * is one goroutine that reads it (it waits for I/O) and others beside: its parent, its children, or its parent's children,
 * born in the same snapshot.
 */
#ifndef QUERY_RELATIVES_H
#define QUERY_RELATIVES_H

#include "residency.h"

struct relatives;

enum connection {
	CONNECTION_NONE,     /* nobody reads one for it */
	CONNECTION_DIALLED,  /* this process called: how many there are is its own affair */
	CONNECTION_ACCEPTED, /* a peer called */
	CONNECTION_LIKELY,   /* nobody saw who called, but somebody in the package waits for calls */
	CONNECTION_SOME,     /* one of the two */
	CONNECTION_REQUEST,  /* a server started it for a connection that is still there, later than that */
	CONNECTION_MAX
};

/* Of a process's residencies, which must outlive it. Indexed at the first question. */
struct relatives *relatives_new(const struct residencies *s);
void relatives_free(struct relatives *k);

/* A goroutine that is alive at the end, as its residency at its site as a whole; NULL when it is not. */
const struct residency *relatives_life(struct relatives *k, uint64_t id);
/* Does it serve a connection, and whose? */
enum connection relatives_connection(struct relatives *k, const struct residency *m);
/* Its own connection: did this process call, by the names of those who made it? */
enum connection relatives_caller(struct relatives *k, const struct residency *m);
/* Where the program itself is in those, ended or not, who started one whose `go` statement is a library's; func NULL: it is
 * not to be seen, or the statement is the program's own. */
struct frame relatives_starter(struct relatives *k, const struct residency *m);
/* Does it wait for somebody to call? */
bool relatives_accepts(struct relatives *k, const struct residency *m);

#endif
