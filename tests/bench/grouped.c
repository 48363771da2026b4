/* SPDX-License-Identifier: MIT */
/* grouped: a grouped profile of 200,000 goroutines on 200 stacks, recorded: the first, one in which nothing changed, and one
 * in which one in a hundred did. Milliseconds of our time, commit included. */
#include <gscrape/recorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define STACKS 200

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void profile(struct buf *b, unsigned total, unsigned changed)
{
	unsigned each = total / STACKS;

	buf_reset(b);
	buf_addf(b, "goroutine profile: total %u\n", total);
	for (unsigned i = 0; i < STACKS; i++) {
		buf_addf(b, "%u @", i % 100 == changed ? i / 100 % 2 ? 2 * each : 0 : each);
		for (unsigned f = 0; f < 12; f++)
			buf_addf(b, " 0x%x", 0x400000 + i * 256 + f);
		buf_putc(b, '\n');
		for (unsigned f = 0; f < 12; f++)
			buf_addf(b, "#\t0x%x\tgithub.com/acme/shop/internal/orders.(*Server).handle%u.func%u+0x%x\t/home/build/src/github.com/acme/shop/internal/orders/server%u.go:%u\n",
				 0x400000 + i * 256 + f, f ? f + i % (40 * f) : i, f, f, f, 100 + i % 900);
		buf_putc(b, '\n');
	}
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"new", "unchanged", "1 in 100 changed"};
	struct buf text = {0};
	char db[] = "/tmp/bench-grouped.XXXXXX";
	struct recorder *r;
	struct err e;
	uint32_t host;

	(void)argc, (void)argv;
	if (!mkdtemp(db) || chdir(db) < 0 || recorder_open(&r, "grouped.db", &e) < 0 || recorder_host(r, "a:1", NULL, &host, &e) < 0)
		return 1;
	for (int i = 0; i < 3; i++) {
		struct outcome got;
		double from;

		profile(&text, 200000, i == 2 ? 7 : 100);
		from = now();
		if (recorder_add(r, host, &(struct scraped){.time = 1790000000000 + 10000 * i, .status = SNAP_GROUPED, .text = {text.p, text.n}}, &got, &e) < 0 ||
		    recorder_commit(r, &e) < 0)
			return fprintf(stderr, "%s\n", e.text), 1;
		printf("%-18s %6.1f ms  (%.1f MB, %u goroutines, %u born, %u gone)\n", names[i], now() - from, (double)text.n / 1e6, got.goroutines, got.born, got.gone);
	}
	buf_release(&text);
	recorder_close(r, &e);
	unlink("grouped.db");
	unlink("grouped.db-lock");
	return rmdir(db);
}
