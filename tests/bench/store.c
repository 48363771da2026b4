/* SPDX-License-Identifier: MIT */
/*
 * store ARCHIVE DB: what recording costs, and what questions cost from the open store. The yardstick is zlib's inflate of
 * the whole archive on one core in the same run.
 */
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <gscrape/query.h>
#include <gscrape/tui.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double inflate_all(const char *dir, uint64_t *bytes)
{
	struct archive a;
	struct buf b = {0};
	struct err e;
	double spent = 0;

	*bytes = 0;
	if (archive_list(&a, dir, "UTC", &e) < 0)
		die("%s", e.text);
	for (size_t h = 0; h < a.n; h++) {
		for (size_t i = 0; i < a.hosts[h].n; i++) {
			FILE *f = fopen(a.hosts[h].files[i].path, "rb");
			struct buf gz = {0};
			char block[65536];
			double from;

			for (size_t got; f && (got = fread(block, 1, sizeof block, f)) > 0;)
				buf_add(&gz, block, got);
			if (f)
				fclose(f);
			from = now();
			gzip_inflate_zlib(gz.p, gz.n, &b, FILE_MAX, &e);
			spent += now() - from;
			*bytes += b.n;
			buf_release(&gz);
		}
	}
	buf_release(&b);
	archive_release(&a);
	return spent;
}

static long anonymous_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	long kb = -1;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "RssAnon: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

struct peak {
	long kb;
};

static void watch(void *ctx, const struct index_totals *t, size_t done)
{
	struct peak *p = ctx;
	long kb = anonymous_kb();

	(void)t;
	(void)done;
	p->kb = kb > p->kb ? kb : p->kb;
}

static double ms_of(struct query *q, int what, const struct host *h, uint64_t id)
{
	struct pool p = {0};
	struct life life;
	struct child *kids;
	struct group *groups;
	size_t n;
	struct err e;
	double from = now();

	if (what == 0)
		query_goroutine(q, h->id, 0, NO_TIME, id, &p, &life, &e);
	else if (what == 1)
		query_children(q, h->id, 1, id, &p, &kids, &n, &e);
	else
		query_groups(q, h->id, (h->first + h->last) / 2, BY_CREATED, &p, &groups, &n, &e);
	from = (now() - from) * 1e3;
	pool_release(&p);
	return from;
}

static void questions(const char *db)
{
	static const char *const names[] = {"one goroutine's history", "its children", "alive at T by site"};
	struct query *q;
	struct err e;
	size_t n;
	const struct host *h;

	if (query_open(&q, db, &e) < 0)
		die("%s", e.text);
	h = query_hosts(q, &n);
	for (int what = 0; what < 3; what++) {
		double worst = 0, sum = 0;

		ms_of(q, what, &h[0], 1); /* warm */
		for (int i = 0; i < 50; i++) {
			double ms = ms_of(q, what, &h[0], 2 + (uint64_t)i * 37);

			sum += ms;
			worst = ms > worst ? ms : worst;
		}
		printf("%-28s %8.3f ms on average, %.3f at most\n", names[what], sum / 50, worst);
	}
	query_close(q);
}

static void first_paint(const char *db)
{
	struct tui_options o = {.db = db, .at = NO_TIME, .base = NO_TIME, .tz = "UTC", .glyphs = "ascii", .size = "80x24"};
	struct buf out = {0};
	struct err e;
	double from = now();

	if (tui_dump(&o, false, &out, &e) < 0)
		die("%s", e.text);
	printf("%-28s %8.1f ms from opening the store\n", "first paint, 80x24", (now() - from) * 1e3);
	buf_release(&out);
}

int main(int argc, char **argv)
{
	struct index_options o;
	struct index_totals t;
	struct peak peak = {0};
	struct store *s;
	struct pool p = {0};
	struct host_row *rows;
	struct err e;
	uint64_t bytes, events = 0;
	double base, took;
	size_t n;

	if (argc < 3)
		return 2;
	base = inflate_all(argv[1], &bytes);
	unlink(argv[2]);
	o = (struct index_options){.dir = argv[1], .db = argv[2], .zone = "UTC", .progress = watch, .ctx = &peak};
	took = now();
	if (index_run(&o, &t, &e) < 0)
		die("%s", e.text);
	took = now() - took;
	if (store_open(&s, argv[2], STORE_READ, &e) < 0 || store_hosts(s, &p, &rows, &n, &e) < 0)
		die("%s", e.text);
	for (size_t i = 0; i < n; i++)
		events += rows[i].events;
	printf("%zu hosts, %zu snapshots, %" PRIu64 " goroutine samples, %.1f MB of text\n", t.hosts, t.recorded, t.goroutines, (double)bytes / 1e6);
	printf("%-28s %8.2f of zlib's inflate of it all on one core (%.2f s, %.2f s)\n", "--index, wall", took / base, took, base);
	printf("%-28s %8.1f MiB\n", "anonymous memory at most", (double)peak.kb / 1024);
	printf("%-28s %8.1f bytes per event (%" PRIu64 " events, %" PRIu64 " bytes in all, 1/%.0f of the text)\n", "store", (double)store_size(s) / (double)events,
	       events, store_size(s), (double)bytes / (double)store_size(s));
	store_close(s);
	pool_release(&p);
	questions(argv[2]);
	first_paint(argv[2]);
	return 0;
}
