/* SPDX-License-Identifier: MIT */
/*
 * kin.h: who belongs together in the last snapshot of a process: parents, and those who were born with one. A connection
 * is one goroutine that reads it (it waits for I/O) and others beside: its parent, its children, or its parent's children,
 * born in the same snapshot.
 */
#ifndef QUERY_KIN_H
#define QUERY_KIN_H

#include "stays.h"

struct kin;

enum connection {
	CONNECTION_NONE,     /* nobody reads one for it */
	CONNECTION_DIALLED,  /* this process called: how many there are is its own affair */
	CONNECTION_ACCEPTED, /* a peer called */
	CONNECTION_LIKELY,   /* nobody saw who called, but somebody in the package waits for calls */
	CONNECTION_SOME,     /* one of the two */
	CONNECTION_REQUEST,  /* a server started it for a connection that is still there, later than that */
	CONNECTION_MAX
};

/* Of a process's stays, which must outlive it. Indexed at the first question. */
struct kin *kin_new(const struct stays *s);
void kin_free(struct kin *k);

/* A goroutine that is alive at the end, as its stay at its site as a whole; NULL when it is not. */
const struct stay *kin_life(struct kin *k, uint64_t id);
/* Does it serve a connection, and whose? */
enum connection kin_connection(struct kin *k, const struct stay *m);
/* Its own connection: did this process call, by the names of those who made it? */
enum connection kin_caller(struct kin *k, const struct stay *m);
/* Where the program itself is in those, ended or not, who started one whose `go` statement is a library's; func NULL: it is
 * not to be seen, or the statement is the program's own. */
struct frame kin_starter(struct kin *k, const struct stay *m);
/* Does it wait for somebody to call? */
bool kin_accepts(struct kin *k, const struct stay *m);

#endif
