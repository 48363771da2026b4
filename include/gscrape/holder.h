/* SPDX-License-Identifier: MIT */
/*
 * holder.h: who probably holds the locks that others wait for, by the arguments in one dump. Part of the dump room.
 *
 * A waiter's frames tell the lock's address and, by the caller's receiver, the object that the lock is in; where that is in doubt, all
 * locks that one line takes are as far from the beginning of their objects, so that the distance most have in common from some address
 * in an argument tells. Who does not wait for the lock and has its address or the object in a frame may hold it; most likely one that is within a method of the same
 * type, on that object. A word with ? may be stale and counts less. Where no word tells, as of a lock in a global variable, it may be
 * one that is in the very function that waits, further down. All of this is a guess, and comes with its reason; where two are as likely
 * nobody is named.
 */
#ifndef GSCRAPE_HOLDER_H
#define GSCRAPE_HOLDER_H

#include <gscrape/scan.h>

struct held_lock {
	uint64_t address;     /* where RLock is inlined, of the object that the lock is in */
	uint32_t waiters;
	uint64_t waiter;      /* the one with the lowest number */
	uint64_t holder;      /* 0: nobody, or several as likely */
	uint32_t candidates;  /* how many are as likely as the holder, it among them */
	bool sure;            /* it is within a method on the very object */
	const char *func;     /* where the holder is seen; "" it is not known who it is */
	bool is;              /* by a word that is no doubt */
	bool behind;          /* by no word: it is in the function that waits, behind the line that takes the lock */
	const char *taken_in; /* the function that the first who wait take it in; "" not known */
	const char *reason;   /* "is in main.(*cache).load with the lock or the object around it" */
	uint64_t waits_for;   /* address of the lock that the holder waits for in turn; 0 none */
	const char *deadlock; /* the chain, where all in it are sure: "7 seems to hold 0x… and waits for 0x…; 9 seems to hold …"; NULL none */
	bool first;           /* of those in the chain it has the lowest address: to tell each once */
};

/* Of all locks (Mutex, RWMutex) that somebody waits for, by address; in the pool. Of a dump as Go writes it only those goroutines
 * are taken apart that wait for a lock, or have one's address, object or type in their text. */
void dump_held_locks(struct str text, struct pool *p, struct held_lock **out, size_t *n);

/* The same of a text that scan_text() went through last, of the host whose memory that is: what it knows of texts that are as they were
 * is not searched for again. */
struct held_scan {
	struct str text;
	const struct scan_result *r;
	struct previous *host;
	const struct symtab *sym;
};
void dump_held_locks_of(const struct held_scan *s, struct pool *p, struct held_lock **out, size_t *n);

/* Goroutines that wait so may wait for a lock: where a dump has none, nobody need ask. */
bool state_is_of_lock(struct str state);

/*
 * The same as bytes, for a store: equal when the same goroutines hold the same locks for the same reasons, whoever waits and however
 * many: `waiters` and `waiter` are not in it. Of more than HELD_MOST locks those that most wait for. Back: false, they are damaged.
 */
#define HELD_MOST 64
void held_pack(const struct held_lock *a, size_t n, struct buf *out);
bool held_unpack(struct str bytes, struct pool *p, struct held_lock **out, size_t *n);

#endif
