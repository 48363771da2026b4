/* SPDX-License-Identifier: MIT */
/*
 * fault.h: files that are mapped. Where one is cut or damaged while it is being read, the processor finds out; that ends
 * the program with a sentence (die(), with what restores the terminal), not with a core dump.
 */
#ifndef GSCRAPE_FAULT_H
#define GSCRAPE_FAULT_H

#include <stddef.h>

/* The bytes from `at` on are the file `path` (not copied), until fault_forget(at). */
void fault_watch(const void *at, size_t n, const char *path);
void fault_forget(const void *at);
/* Any other fault of the processor runs die()'s hook too, and then ends the program as ever; fault_watch arms this as well. */
void fault_arm(void);

#endif
