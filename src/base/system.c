/* SPDX-License-Identifier: MIT */
#include <gscrape/err.h>
#include <gscrape/system.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int signals_open(const sigset_t *set)
{
	return signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int signals_next(int fd)
{
	struct signalfd_siginfo si;

	return fd >= 0 && read(fd, &si, sizeof si) == (ssize_t)sizeof si ? (int)si.ssi_signo : 0;
}

int file_in_memory(const char *what)
{
	return memfd_create(what, MFD_CLOEXEC);
}

int poll_with_signals(struct pollfd *p, int ms)
{
	struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};
	sigset_t none;

	sigemptyset(&none);
	return ppoll(p, 1, ms < 0 ? NULL : &ts, &none);
}

void close_from(int first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	for (int fd = first; fd < 65536; fd++)
		close(fd);
}

void give_up_set_user_id(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void memory_by_pages(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 256 << 10); /* glibc raises it itself, up to 32 MiB, unless it is set */
#endif
}

uint64_t resident_bytes(void)
{
	unsigned long size, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

#define DIGIT 8 /* bits */
#define FEW 64

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* By one digit, in order otherwise. */
static void sort_by_digit(const uint64_t *a, size_t n, unsigned shift, uint64_t *out)
{
	size_t room[1 << DIGIT] = {0}, at = 0;

	for (size_t i = 0; i < n; i++)
		room[a[i] >> shift & ((1 << DIGIT) - 1)]++;
	for (size_t i = 0; i < 1 << DIGIT; i++) {
		size_t here = room[i];

		room[i] = at;
		at += here;
	}
	for (size_t i = 0; i < n; i++)
		out[room[a[i] >> shift & ((1 << DIGIT) - 1)]++] = a[i];
}

void sort_numbers(uint64_t *a, size_t n)
{
	uint64_t differ = 0, *spare, *from = a, *to;

	if (n < FEW) {
		if (n)
			qsort(a, n, sizeof *a, by_number);
		return;
	}
	spare = xrealloc(NULL, n, sizeof *spare);
	to = spare;
	for (size_t i = 1; i < n; i++)
		differ |= a[i] ^ a[0];
	for (unsigned shift = 0; shift < 64; shift += DIGIT) {
		uint64_t *was = from;

		if (!(differ >> shift & ((1 << DIGIT) - 1)))
			continue;
		sort_by_digit(from, n, shift, to);
		from = to;
		to = was;
	}
	if (from != a)
		memcpy(a, from, n * sizeof *a);
	free(spare);
}

void sort_with(void *base, size_t n, size_t size, int (*compare)(const void *a, const void *b, void *ctx), void *ctx)
{
	if (n)
		qsort_r(base, n, size, compare, ctx);
}
