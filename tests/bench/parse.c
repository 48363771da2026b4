/* SPDX-License-Identifier: MIT */
/*
 * parse DIR: how fast text becomes goroutines and interned frames, against zlib's inflate of the same text on the same
 * core in the same run. DIR is an archive; each host folder is one series.
 *
 *   fresh      every snapshot with an empty memory, so that each body is followed and none recognised
 *   cold       the same, and with an empty table of known stacks for each snapshot
 *   whole      dump_next(), which builds every frame
 *   unchanged  every snapshot a second time, right after the first
 *   series     the series as it is recorded
 *   labels     unchanged, each header with labels of its own, in the time that unchanged takes: near 1
 *   leaked     unchanged, each header marked (leaked), as /debug/pprof/goroutineleak writes it: near 1
 */
#include <gscrape/gzip.h>
#include <gscrape/scan.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct series {
	struct buf *gz, *text;
	size_t n, bytes;
};

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void load(struct series *s, const char *dir)
{
	DIR *d = opendir(dir);
	char **names = NULL;
	size_t n = 0, cap = 0;
	struct err e;

	for (struct dirent *f; d && (f = readdir(d));) {
		if (!strstr(f->d_name, ".gz"))
			continue;
		GROW(names, n, cap);
		names[n++] = xasprintf("%s/%s", dir, f->d_name);
	}
	if (d)
		closedir(d);
	qsort(names, n, sizeof *names, by_name);
	s->gz = xcalloc(n, sizeof *s->gz);
	s->text = xcalloc(n, sizeof *s->text);
	for (size_t i = 0; i < n; i++) {
		FILE *f = fopen(names[i], "rb");
		char block[65536];

		for (size_t got; f && (got = fread(block, 1, sizeof block, f)) > 0;)
			buf_add(&s->gz[i], block, got);
		if (f)
			fclose(f);
		if (gzip_inflate(s->gz[i].p, s->gz[i].n, &s->text[i], FILE_MAX, &e) != 0)
			die("%s: %s", names[i], e.text);
		s->bytes += s->text[i].n;
		free(names[i]);
	}
	free(names);
	s->n = n;
}

static void inflate_all(struct series *s)
{
	struct buf b = {0};

	for (size_t i = 0; i < s->n; i++)
		gzip_inflate_zlib(s->gz[i].p, s->gz[i].n, &b, FILE_MAX, NULL);
	buf_release(&b);
}

static void whole(struct series *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct dump d = {.text = {s->text[i].p, s->text[i].n}};

		while (dump_next(&d))
			;
		dump_release(&d);
	}
}

static double scan(struct series *s, bool cold, bool forget, int times)
{
	struct symtab *t = symtab_new();
	struct scanner *sc = scanner_new(t);
	struct previous *m = previous_new();
	struct scan_result r;
	double spent = 0;

	for (size_t i = 0; i < s->n; i++) {
		double from;

		if (forget)
			previous_clear(m);
		if (cold) {
			scanner_free(sc);
			symtab_free(t);
			t = symtab_new();
			sc = scanner_new(t);
		}
		from = seconds();
		scan_text(sc, m, (struct str){s->text[i].p, s->text[i].n}, false, &r);
		if (times > 1)
			from = seconds();
		for (int k = 1; k < times; k++)
			scan_text(sc, m, (struct str){s->text[i].p, s->text[i].n}, false, &r);
		spent += (seconds() - from) / (times > 1 ? times - 1 : 1);
	}
	scanner_free(sc);
	previous_free(m);
	symtab_free(t);
	return spent;
}

/* The series with something put into each header, in front of its "]:" or behind its bracket. */
static void decorate(const struct series *plain, bool labels, struct series *out)
{
	unsigned serial = 0;

	*out = (struct series){.text = xcalloc(plain->n, sizeof *out->text), .n = plain->n};
	for (size_t i = 0; i < plain->n; i++) {
		const char *p = plain->text[i].p, *end = p + plain->text[i].n, *nl;

		for (; p < end; p = nl) {
			const char *bracket = end - p > 10 && memcmp(p, "goroutine ", 10) == 0 ? memchr(p, ']', (size_t)(end - p)) : NULL;

			nl = memchr(p, '\n', (size_t)(end - p));
			nl = nl ? nl + 1 : end;
			if (!bracket || bracket > nl) {
				buf_add(&out->text[i], p, (size_t)(nl - p));
				continue;
			}
			buf_add(&out->text[i], p, (size_t)(bracket - p));
			if (labels)
				buf_addf(&out->text[i], "] {pattern: \"GET /orders/{id}\", request: r%u}", serial++);
			else
				buf_adds(&out->text[i], " (leaked)]");
			buf_adds(&out->text[i], ":\n");
		}
		out->bytes += out->text[i].n;
	}
}

/* How much longer unchanged snapshots of it take than those of the plain series: the median of three. */
static double against_plain(struct series *plain, bool labels)
{
	struct series other;
	double r[3];

	decorate(plain, labels, &other);
	for (int i = 0; i < 3; i++)
		r[i] = scan(&other, false, false, 16) / scan(plain, false, false, 16);
	for (size_t i = 0; i < other.n; i++)
		buf_release(&other.text[i]);
	free(other.text);
	if (r[0] > r[1] ? r[0] < r[2] : r[0] > r[2])
		return r[0];
	if (r[1] > r[0] ? r[1] < r[2] : r[1] > r[2])
		return r[1];
	return r[2];
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	int n;

	if (argc < 2) {
		fprintf(stderr, "usage: parse ARCHIVE\n");
		return 2;
	}
	printf("%-22s %9s %8s   as multiples of zlib's inflate\n", "series", "text MB", "inflate");
	printf("%-22s %9s %8s %8s %8s %8s %10s %8s %8s %8s\n", "", "", "MB/s", "fresh", "cold", "whole", "unchanged", "series",
	       "labels", "leaked");
	n = scandir(argv[1], &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char *dir = xasprintf("%s/%s", argv[1], entries[i]->d_name);
		struct series s = {0};
		double mb, base, from, w;

		if (entries[i]->d_name[0] != '.')
			load(&s, dir);
		free(dir);
		if (!s.n)
			continue;
		mb = (double)s.bytes / 1e6;
		from = seconds();
		inflate_all(&s);
		base = seconds() - from;
		from = seconds();
		whole(&s);
		w = seconds() - from;
		printf("%-22s %9.1f %8.0f %8.2f %8.2f %8.2f %10.2f %8.2f %8.2f %8.2f\n", entries[i]->d_name, mb, mb / base,
		       base / scan(&s, false, true, 1), base / scan(&s, true, true, 1), base / w,
		       base / scan(&s, false, false, 4), base / scan(&s, false, false, 1), against_plain(&s, true),
		       against_plain(&s, false));
	}
	return 0;
}
