/* SPDX-License-Identifier: MIT */
/*
 * store ARCHIVE DB: what recording costs, and what questions cost from the open store. The yardstick is zlib's inflate of
 * the whole archive on one core in the same run.
 */
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <gscrape/filter.h>
#include <gscrape/insight.h>
#include <gscrape/tui.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Of all threads of this process. */
static double processor(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long switches(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_nvcsw;
}

struct spent {
	double wall, processor;
};

static struct spent inflate_all(const char *dir, uint64_t *bytes)
{
	struct archive a;
	struct buf b = {0};
	struct err e;
	struct spent spent = {0};

	*bytes = 0;
	if (archive_list(&a, dir, NULL, &e) < 0)
		die("%s", e.text);
	for (size_t h = 0; h < a.n; h++) {
		for (size_t i = 0; i < a.hosts[h].n; i++) {
			FILE *f = fopen(a.hosts[h].files[i].path, "rb");
			struct buf gz = {0};
			char block[65536];
			struct spent from;

			for (size_t got; f && (got = fread(block, 1, sizeof block, f)) > 0;)
				buf_add(&gz, block, got);
			if (f)
				fclose(f);
			from = (struct spent){now(), processor()};
			gzip_inflate_zlib(gz.p, gz.n, &b, FILE_MAX, &e);
			spent.wall += now() - from.wall;
			spent.processor += processor() - from.processor;
			*bytes += b.n;
			buf_release(&gz);
		}
	}
	buf_release(&b);
	archive_release(&a);
	return spent;
}

/* The files read and inflated as --index does it, and nothing else: what it cannot be faster than on one core. */
static double read_all(const char *dir)
{
	double from = processor();
	struct archive a;
	struct buf b = {0};
	struct err e;

	if (archive_list(&a, dir, NULL, &e) < 0)
		die("%s", e.text);
	for (size_t h = 0; h < a.n; h++)
		for (size_t i = 0; i < a.hosts[h].n; i++)
			file_read(a.hosts[h].files[i].path, &b, FILE_MAX, &e);
	buf_release(&b);
	archive_release(&a);
	return processor() - from;
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

struct asked {
	struct query *q;
	const struct host *h;
	uint64_t id;
	struct pool p;
	struct err e;
	size_t n;
};

static void ask_history(struct asked *a)
{
	query_goroutine(a->q, &(struct life_question){a->h->id, 0, a->id, NO_TIME}, &a->p, &(struct life){0}, &a->e);
}

static void ask_children(struct asked *a)
{
	query_children(a->q, &(struct goroutine_key){a->h->id, 1, a->id}, &a->p, &(struct child *){0}, &a->n, &a->e);
}

static void ask_groups(struct asked *a)
{
	query_groups(a->q, &(struct group_question){{a->h->id, (a->h->first + a->h->last) / 2}, BY_CREATED, NULL}, &a->p,
		&(struct group *){0}, &a->n, &a->e);
}

static void ask_diff(struct asked *a)
{
	query_diff(a->q, &(struct diff_question){.host = a->h->id, .from = NO_TIME, .to = NO_TIME, .by = BY_CREATED}, &a->p, &(struct moved *){0}, &a->n, &a->e);
}

static void ask_waiters(struct asked *a)
{
	query_waiters(a->q, &(struct waiters_question){.w = {.host = a->h->id, .from = NO_TIME, .to = INT64_MAX}}, &a->p,
		&(struct waiters *){0}, &a->n, &a->e);
}

static void ask_lives(struct asked *a)
{
	query_lives(a->q, &(struct lives_question){a->h->id, NO_TIME, NO_TIME, BY_CREATED, NULL}, &a->p, &(struct lives *){0}, &a->n, &a->e);
}

static void ask_profile(struct asked *a)
{
	struct profile_question all = {.host = a->h->id, .by = BY_NONE, .from = NO_TIME, .to = NO_TIME};

	query_profile(a->q, &all, &a->p, &(struct profile_line *){0}, &a->n, &a->e);
}

static void ask_callers(struct asked *a)
{
	struct function *f;

	query_functions(a->q, "^net/http.(*conn).serve$", &a->p, &f, &a->n, &a->e);
	query_callers(a->q, &(struct callers_question){&f->func_id, a->n, a->h->id, NO_TIME, NO_TIME}, &a->p, &(struct callers){0}, &a->e);
}

static void ask_leaks(struct asked *a)
{
	struct leak_question all = {.from = NO_TIME, .to = NO_TIME, .least = .5};

	query_leaks(a->q, &all, &a->p, &(struct suspect *){0}, &a->n, &a->e);
}

/* What --on-leak asks for each new snapshot. */
static void ask_leaks_recent(struct asked *a)
{
	struct leak_question recent = {.host = a->h->id, .to = NO_TIME, .least = .5};
	struct snapshot first;

	query_step(a->q, a->h->id, a->h->last, -240, &first, &a->e);
	recent.from = first.time;
	query_leaks(a->q, &recent, &a->p, &(struct suspect *){0}, &a->n, &a->e);
}

/* Compiled the first time; what it has found out of stacks is kept. */
static void ask_where(struct asked *a, struct filter **f, const char *text, bool fresh)
{
	struct moment at = {a->h->id, a->h->last};
	struct alive *l;

	if (fresh)
		filter_close(*f);
	if (fresh || !*f)
		filter_open(f, &(struct filter_source){.text = text}, NULL, &a->e);
	query_alive(a->q, &at, &a->p, &l, &a->n, &a->e);
	filter_alive(*f, a->q, &at, l, &a->n, &a->e);
}

static void ask_filter(struct asked *a)
{
	static struct filter *f;

	ask_where(a, &f, "state == 'IO wait' and waiting > 1s and stack ~ 'serve' and not label.a == b", false);
}

static void ask_filter_fresh(struct asked *a)
{
	static struct filter *f;

	ask_where(a, &f, "stack ~ '(conn|session)[^\\n]*serve' or stack ~ 'keepAlive|readLoop'", true);
}

static void ask_matches(struct asked *a)
{
	struct filter *f;
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	struct matches m;

	filter_open(&f, &(struct filter_source){.text = "state == select and waiting > 10m and stack ~ 'keepAlive'"}, NULL, &a->e);
	for (size_t i = 0; i < n; i++)
		query_matches(a->q, &(struct window){.host = h[i].id, .from = NO_TIME, .to = INT64_MAX}, f, &a->p, &m, &a->e);
	filter_close(f);
}

enum { ASKING_LIVES = 5, ASKING_LEAKS = 8 }; /* rows of: */

static const struct {
	const char *name;
	void (*ask)(struct asked *a);
	int times;
} asking[] = {
	{"one goroutine's history", ask_history, 50}, {"its children", ask_children, 50},
	{"alive at T by site", ask_groups, 50},	      {"what moved, by site", ask_diff, 20},
	{"who waits for what", ask_waiters, 10},      {"lives, by site", ask_lives, 10},
	{"profile of everybody", ask_profile, 10},    {"callers of a function", ask_callers, 10},
	{"leaks, all hosts", ask_leaks, 5},	      {"leaks, newest 240 snapshots", ask_leaks_recent, 10},
	{"who passes a filter at T", ask_filter, 20}, {"two regular expressions, of all stacks anew", ask_filter_fresh, 10},
	{"how many pass, over time, all hosts", ask_matches, 5},
};

/* A thread's own time, so that a machine which does other things as well gives the same figures. */
static double own(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double ms_of(struct asked a, void (*ask)(struct asked *a))
{
	double from = own();

	ask(&a);
	from = (own() - from) * 1e3;
	pool_release(&a.p);
	return from;
}

/* Of one host, over its whole history, where the row says nothing else. */
static void questions(const char *db)
{
	double average[sizeof asking / sizeof *asking];
	struct asked a = {0};
	size_t n;

	if (query_open(&a.q, db, &a.e) < 0)
		die("%s", a.e.text);
	a.h = query_hosts(a.q, &n);
	for (size_t k = 0; k < sizeof asking / sizeof *asking; k++) {
		double worst = 0, sum = 0;

		a.id = 1;
		ms_of(a, asking[k].ask); /* warm */
		for (int i = 0; i < asking[k].times; i++) {
			double ms;

			a.id = 2 + (uint64_t)i * 37;
			ms = ms_of(a, asking[k].ask);
			sum += ms;
			worst = ms > worst ? ms : worst;
		}
		average[k] = sum / asking[k].times;
		printf("%-28s %8.3f ms on average, %.3f at most\n", asking[k].name, average[k], worst);
	}
	printf("%-28s %8.2f of going through all lives of as many hosts\n", "leaks, all hosts", average[ASKING_LEAKS] / average[ASKING_LIVES] / (double)n);
	query_close(a.q);
}

static void first_paint(const char *db)
{
	struct tui_options o = {.db = db, .at = NO_TIME, .base = NO_TIME, .glyphs = "ascii", .size = "80x24"};
	struct buf out = {0};
	struct err e;
	double from = own();

	if (tui_dump(&o, false, &out, &e) < 0)
		die("%s", e.text);
	printf("%-28s %8.1f ms from opening the store\n", "first paint, 80x24", (own() - from) * 1e3);
	buf_release(&out);
}

/* The newest file of each host, out of sight and back. */
static void hide_newest(const struct archive *a, bool hide)
{
	for (size_t i = 0; i < a->n; i++) {
		const char *path = a->hosts[i].files[a->hosts[i].n - 1].path, *name = strrchr(path, '/') + 1;
		char hidden[1024];

		snprintf(hidden, sizeof hidden, "%.*s.%s", (int)(name - path), path, name);
		if (rename(hide ? path : hidden, hide ? hidden : path) < 0)
			die("%s: cannot be moved", path);
	}
}

static double ms_to_index(const struct index_options *o, struct index_totals *t)
{
	double from = now();
	struct err e;

	if (index_run(o, t, &e) < 0)
		die("%s", e.text);
	return (now() - from) * 1e3;
}

static void recording(const char *dir, const char *db, uint64_t *bytes)
{
	struct spent base = inflate_all(dir, bytes), took;
	double alone = read_all(dir);
	struct peak peak = {0};
	struct index_options o = {.paths = (const char *[]){dir}, .n_paths = 1, .db = db, .progress = watch, .ctx = &peak};
	struct index_totals t, again;
	struct archive a;
	struct err e;
	double one;
	long before;

	if (archive_list(&a, dir, NULL, &e) < 0)
		die("%s", e.text);
	unlink(db);
	hide_newest(&a, true);
	before = switches();
	took.processor = processor();
	took.wall = ms_to_index(&o, &t) / 1e3;
	took.processor = processor() - took.processor;
	before = switches() - before;
	hide_newest(&a, false);
	o.progress = NULL;
	one = ms_to_index(&o, &again);
	printf("%zu hosts, %zu snapshots, %" PRIu64 " goroutine samples, %.1f MB of text\n", t.hosts, t.recorded, t.goroutines, (double)t.bytes / 1e6);
	printf("%-28s %8.2f of zlib's inflate of it all on one core (%.2f s, %.2f s)\n", "--index, wall", took.wall / base.wall, took.wall, base.wall);
	printf("%-28s %8.2f of the same (%.2f s, %.2f s)\n", "--index, processor", took.processor / base.processor, took.processor, base.processor);
	printf("%-28s %8.2f of it, %.2f of --index: reading and inflating alone (%.2f s)\n", "its limit, processor", alone / base.processor,
	       alone / took.processor, alone);
	printf("%-28s %8.2f for each snapshot\n", "context switches", (double)before / (double)t.recorded);
	printf("%-28s %8.1f MiB\n", "anonymous memory at most", (double)peak.kb / 1024);
	printf("%-28s %8.1f ms\n", "again, one new for each host", one);
	printf("%-28s %8.1f ms\n", "again, nothing new", ms_to_index(&o, &again));
	archive_release(&a);
}

static void size_of(const char *db, uint64_t bytes)
{
	struct store *s;
	struct store_view *v;
	struct pool p = {0};
	struct host_row *rows;
	struct err e;
	uint64_t size, events = 0;
	size_t n;

	if (store_open(&s, db, STORE_READ, &e) < 0 || store_size(s, &size, &e) < 0 || store_view_open(s, &v, &e) < 0 ||
	    store_hosts(v, &p, &rows, &n, &e) < 0)
		die("%s", e.text);
	for (size_t i = 0; i < n; i++)
		events += rows[i].events;
	printf("%-28s %8.1f bytes per event (%" PRIu64 " events, %" PRIu64 " bytes in all, 1/%.0f of the text)\n", "store", (double)size / (double)events,
	       events, size, (double)bytes / (double)size);
	store_view_close(v);
	store_close(s);
	pool_release(&p);
}

int main(int argc, char **argv)
{
	uint64_t bytes;

	if (argc < 3)
		return 2;
	recording(argv[1], argv[2], &bytes);
	size_of(argv[2], bytes);
	questions(argv[2]);
	first_paint(argv[2]);
	return 0;
}
