/* SPDX-License-Identifier: MIT */
/*
 * system.h: what each system has under another name, and all that is Linux's here: a port replaces system.c.
 */
#ifndef GSCRAPE_SYSTEM_H
#define GSCRAPE_SYSTEM_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* Signals as a descriptor that can be polled, closed in children; the caller has blocked them. -1 with errno. */
int signals_open(const sigset_t *set);
int signals_next(int fd); /* one that came, 0 when there is none (more) */

/* A file that has no name and is in memory, closed in children. -1 with errno. */
int file_in_memory(const char *what);

/* poll() of one descriptor that lets all signals in for as long as it waits, so that none falls between a check and the wait.
 * ms: -1 waits as long as it takes. */
int poll_with_signals(struct pollfd *p, int ms);

/* Close every descriptor from `first` on, in a child before exec: safe between fork and exec of a program with threads. */
void close_from(int first);

/* What is started from now on gains nothing by a set-user-ID file. */
void give_up_set_user_id(void);

/* From now on each block of memory of 256 KiB and more has pages of its own: an array that grows leaves no hole behind. For who holds many
 * such arrays for long; each takes longer to come by. Does nothing where the C library has no such thing. */
void memory_by_pages(void);

uint64_t resident_bytes(void); /* of memory, this process; 0 where that is not known */

/* Rising, in time proportional to n. */
void sort_numbers(uint64_t *a, size_t n);

/* qsort with a context; base may be NULL when n is 0. */
void sort_with(void *base, size_t n, size_t size, int (*compare)(const void *a, const void *b, void *ctx), void *ctx);

#endif
