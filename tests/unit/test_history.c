/* SPDX-License-Identifier: MIT */
/*
 * From text to answers through the real store: births, runs, ends, epochs, cuts, gaps, restarts of the recorder, retention;
 * what a store refuses. Each test records dumps made here and asks the query room.
 */
#include "history.h"
#include <gscrape/insight.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct life life_of(struct history *h, uint64_t id, uint32_t epoch)
{
	struct life l;
	struct err e = {0};

	if (query_goroutine(h->q, &(struct life_question){h->host + 1, epoch, id, NO_TIME}, &h->p, &l, &e) != 1)
		fail_msg("goroutine %d: %s", (int)id, e.text);
	return l;
}

#define MAIN "goroutine 1 [IO wait]:\nmain.main()\n\t/m.go:9 +0x1\n\n"
#define MAIN_5 "goroutine 1 [IO wait, 5 minutes]:\nmain.main()\n\t/m.go:9 +0x1\n\n"
#define MAIN_6 "goroutine 1 [IO wait, 6 minutes]:\nmain.main()\n\t/m.go:9 +0x1\n\n"
#define WORK(id, state, line) "goroutine " #id " [" state "]:\nmain.work(0x1)\n\t/w.go:" #line " +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n"
#define OTHER(id) "goroutine " #id " [select]:\nmain.other()\n\t/o.go:1 +0x1\ncreated by main.init in goroutine 1\n\t/m.go:6 +0x2\n\n"

static void lives(void **state)
{
	struct history h;
	struct life l;
	struct child *kids;
	size_t n;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN WORK(7, "select", 10), SNAP_OK);
	assert_true(h.got.new_epoch);
	assert_int_equal(h.got.born, 2);
	add(&h, 5, MAIN WORK(7, "select", 10), SNAP_OK);
	assert_int_equal(h.got.unchanged, 2);
	add(&h, 10, MAIN WORK(7, "chan send", 11) WORK(8, "select", 10), SNAP_OK);
	assert_int_equal(h.got.changed, 1);
	add(&h, 15, MAIN WORK(8, "select", 10), SNAP_OK);
	assert_int_equal(h.got.gone, 1);
	add(&h, 20, MAIN WORK(8, "select", 10), SNAP_OK);
	ask(&h);
	l = life_of(&h, 7, 0);
	assert_int_equal(l.n, 2);
	assert_true(l.ended && l.before);
	assert_int_equal(l.parent, 1);
	assert_int_equal(l.first, T0);
	assert_int_equal(l.last, T0 + 10000);
	assert_int_equal(l.runs[0].samples, 2);
	assert_int_equal(l.runs[0].to, T0 + 5000);
	assert_string_equal(l.runs[1].state, "chan send");
	assert_int_equal(l.runs[1].samples, 1);
	l = life_of(&h, 8, 0);
	assert_true(!l.ended && !l.before);
	assert_int_equal(l.last, T0 + 20000);
	assert_int_equal(life_run_at(&l, T0 + 9000), -1);
	assert_int_equal(life_run_at(&l, T0 + 12000), 0);
	assert_int_equal(query_children(h.q, &(struct goroutine_key){1, 1, 1}, &h.p, &kids, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_true(kids[0].id == 7 && kids[0].ended && kids[1].id == 8 && !kids[1].ended);
	finish(&h);
}

static void restart_by_clash(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN WORK(7, "select", 10), SNAP_OK);
	add(&h, 5, MAIN OTHER(7), SNAP_OK); /* the same number, created elsewhere */
	assert_true(h.got.new_epoch);
	add(&h, 10, MAIN OTHER(7), SNAP_OK);
	assert_false(h.got.new_epoch);
	ask(&h);
	assert_true(life_of(&h, 7, 1).ended);
	assert_false(life_of(&h, 7, 2).ended);
	assert_int_equal(life_of(&h, 1, 1).last, T0);
	assert_int_equal(life_of(&h, 1, 2).first, T0 + 5000);
	finish(&h);
}

static void restart_by_waits(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN_5 WORK(90, "select", 10), SNAP_OK);
	add(&h, 5, MAIN_5 WORK(91, "select", 10), SNAP_OK); /* goes on */
	assert_false(h.got.new_epoch);
	add(&h, 10, MAIN WORK(20, "select", 10), SNAP_OK); /* the wait is gone and ids start over */
	assert_true(h.got.new_epoch);
	ask(&h);
	finish(&h);
}

/* Goroutines that show no address, by number. */
static void add_numbers(struct history *h, int second, const int *ids)
{
	struct buf text = {0};

	buf_adds(&text, MAIN);
	for (; *ids; ids++)
		buf_addf(&text, "goroutine %d [chan receive]:\nmain.work()\n\t/m.go:30 +0x1\ncreated by main.main in goroutine 1\n\t/m.go:12 +0x2\n\n", *ids);
	buf_putc(&text, '\0');
	add(h, second, text.p, SNAP_OK);
	buf_release(&text);
}

/* A process that starts again sooner than anybody looks: nobody waits for a minute, and no address tells. */
static void restart_by_numbers(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add_numbers(&h, 0, (int[]){18, 19, 20, 38, 40, 43, 44, 47, 49, 0});
	add_numbers(&h, 5, (int[]){18, 19, 20, 36, 39, 41, 42, 46, 48, 60, 0}); /* passed before, wherever a batch begins */
	assert_true(h.got.new_epoch);
	add_numbers(&h, 10, (int[]){18, 19, 20, 36, 39, 61, 80, 0});
	assert_false(h.got.new_epoch);
	ask(&h);
	finish(&h);
}

/* Batches begin one later here: 18, 34, 50. Another processor's goes on; and so for a dump that was cut. */
static void no_restart_by_numbers(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add_numbers(&h, 0, (int[]){18, 19, 20, 50, 51, 52, 0});
	add_numbers(&h, 5, (int[]){18, 19, 20, 21, 33, 34, 49, 50, 51, 52, 66, 0});
	assert_false(h.got.new_epoch);
	add(&h, 10, MAIN WORK(90, "select", 10), SNAP_PARTIAL);
	add(&h, 15, MAIN WORK(81, "select", 10) WORK(89, "select", 10) WORK(90, "select", 10), SNAP_OK);
	assert_false(h.got.new_epoch);
	ask(&h);
	finish(&h);
}

#define LISTENS(poll, left_over) \
	"goroutine 1 [IO wait]:\ninternal/poll.runtime_pollWait(0x" poll ", 0x72)\n\t/go/netpoll.go:351 +0x85\nmain.main(0x" left_over "?)\n\t/m.go:9 +0x1\n\n"

/* What the poller waits at is where it was; a left-over of a call beside it is not. */
static void no_restart_in_place(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, LISTENS("7f22a2072000", "900422257") WORK(594, "select", 10), SNAP_OK);
	add(&h, 5, NULL, SNAP_FAILED);
	add(&h, 10, LISTENS("7f22a2072000", "900000036") WORK(589, "select", 10), SNAP_OK);
	assert_false(h.got.new_epoch);
	add(&h, 15, NULL, SNAP_FAILED);
	add(&h, 20, LISTENS("7fa1b2072000", "900000036") WORK(580, "select", 10), SNAP_OK);
	assert_true(h.got.new_epoch);
	ask(&h);
	finish(&h);
}

static void no_false_restart(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN_5 WORK(500, "select", 10), SNAP_OK);
	add(&h, 5, MAIN_5 WORK(40, "select", 10), SNAP_OK); /* a low id from a processor's old batch */
	assert_false(h.got.new_epoch);
	add(&h, 65, MAIN_6 WORK(40, "select", 10), SNAP_OK);
	assert_false(h.got.new_epoch);
	add(&h, 70, NULL, SNAP_FAILED);
	add(&h, 75, MAIN_6 WORK(40, "select", 10), SNAP_OK); /* an outage of the network, not of the process */
	assert_false(h.got.new_epoch);
	ask(&h);
	assert_int_equal(life_of(&h, 40, 0).n, 1);
	finish(&h);
}

static void cut_dumps(void **state)
{
	struct history h;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN WORK(7, "select", 10) WORK(8, "select", 10), SNAP_OK);
	add(&h, 5, MAIN "goroutine 7 [sel", SNAP_OK); /* no newline at the end: nobody is gone */
	assert_int_equal(h.got.status, SNAP_TRUNCATED);
	assert_int_equal(h.got.gone, 0);
	add(&h, 10, MAIN, SNAP_PARTIAL);
	assert_int_equal(h.got.gone, 0);
	add(&h, 15, MAIN WORK(7, "select", 10) WORK(8, "select", 10), SNAP_OK);
	assert_int_equal(h.got.born, 0);
	add(&h, 20, MAIN WORK(7, "select", 10), SNAP_OK);
	assert_int_equal(h.got.gone, 1);
	ask(&h);
	finish(&h);
}

/* Wherever the last goroutine is cut, in its creation site, path or parent's number: the process is the same. */
static void cut_anywhere(void **state)
{
	const char *whole = MAIN WORK(7, "select", 10) WORK(8, "select", 10), *work = WORK(8, "select", 10);
	size_t last = strlen(whole) - strlen(work);

	(void)state;
	for (int known = 0; known <= 1; known++) {
		for (size_t n = last; n < strlen(whole); n += 3) {
			char *cut = xstrndup(whole, n);
			struct history h;

			begin(&h);
			add(&h, 0, known ? whole : MAIN WORK(7, "select", 10), SNAP_OK);
			add(&h, 5, cut, SNAP_PARTIAL);
			assert_false(h.got.new_epoch);
			add(&h, 10, whole, SNAP_OK);
			assert_false(h.got.new_epoch);
			assert_int_equal(h.got.goroutines, 3);
			ask(&h);
			assert_int_equal(query_hosts(h.q, &(size_t){0})[0].epochs, 1);
			if (known)
				assert_string_equal(life_of(&h, 8, 1).created.func, "main.main");
			finish(&h);
			free(cut);
		}
	}
}

static void what_is_no_dump(void **state)
{
	static const char *const bodies[] = {"<html>502</html>", "{}", "", "goroutine profile: total 3\n1 @ 0x1\n", "\x1f\x8b garbage"};
	struct history h;
	struct bucket b[10];

	(void)state;
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	for (int i = 0; i < 5; i++) {
		add(&h, 5 + 5 * i, bodies[i], SNAP_OK);
		assert_int_equal(h.got.status, SNAP_FAILED);
	}
	add(&h, 30, MAIN, SNAP_OK);
	ask(&h);
	assert_int_equal(query_hosts(h.q, &(size_t){0})[0].failed, 5);
	assert_int_equal(query_chart(h.q, &(struct window){1, T0, T0 + 30000, 6}, b, NULL), 0);
	assert_true(b[0].has_value && !b[0].gap && b[2].gap && !b[2].has_value); /* a gap, not a fall to zero */
	finish(&h);
}

static void signs_of_life(void **state)
{
	struct history h;
	struct life l;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN_6, SNAP_OK);
	add(&h, 5, MAIN_5, SNAP_OK); /* fewer minutes at the same place: it ran */
	add(&h, 10, MAIN_5, SNAP_OK);
	ask(&h);
	l = life_of(&h, 1, 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.runs[0].moved, T0 + 5000);
	assert_true(l.runs[0].moved_proof);
	assert_int_equal(l.runs[0].minutes, 5);
	finish(&h);
}

/* A recorder that is killed and starts again goes on where the store stands, in the middle of runs. */
static void goes_on_after_a_kill(void **state)
{
	struct history h;
	struct life l;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN WORK(7, "select", 10), SNAP_OK);
	recorder_commit(h.r, NULL);
	for (int i = 1; i < 6; i++) {
		pid_t pid;

		recorder_close(h.r, NULL);
		pid = fork();
		if (!pid) { /* commits one, adds another that nobody will see, and is killed */
			open_recorder(&h);
			add(&h, 10 * i, MAIN WORK(7, "select", 10), SNAP_OK);
			recorder_commit(h.r, NULL);
			add(&h, 10 * i + 5, MAIN, SNAP_OK);
			raise(SIGKILL);
		}
		waitpid(pid, NULL, 0);
		open_recorder(&h);
		assert_int_equal(recorder_last_time(h.r, h.host), T0 + 10000 * i);
	}
	add(&h, 60, MAIN WORK(7, "select", 10), SNAP_OK);
	assert_int_equal(h.got.born, 0);
	ask(&h);
	l = life_of(&h, 7, 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.runs[0].samples, 7);
	finish(&h);
}

static void full_disk(void **state)
{
	struct history h;
	pid_t pid;
	int status;

	(void)state;
	begin(&h);
	add(&h, 0, MAIN, SNAP_OK);
	recorder_close(h.r, NULL);
	pid = fork();
	if (!pid) { /* a file may grow by 32 KiB only */
		struct rlimit small = {65536, 65536};
		struct buf b = {0};
		int bad = 0;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &small);
		open_recorder(&h);
		for (int i = 1; i < 40; i++) {
			buf_reset(&b);
			for (int k = 0; k < 200; k++)
				buf_addf(&b, "goroutine %d [select]:\nmain.f%d()\n\t/f%d.go:1 +0x1\n\n", i * 1000 + k, i * 1000 + k, k);
			bad += add(&h, i, b.p, SNAP_OK) < 0;
			bad += recorder_commit(h.r, NULL) < 0;
		}
		_exit(bad > 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	open_recorder(&h); /* what was committed is whole, and it goes on */
	add(&h, 100, MAIN, SNAP_OK);
	ask(&h);
	finish(&h);
}

/* Of an archive nothing is recorded behind what could not be stored: it would be newer, and what is missing never taken. */
static void full_disk_in_order(void **state)
{
	struct history h;
	pid_t pid;
	int status;

	(void)state;
	begin(&h);
	recorder_close(h.r, NULL);
	pid = fork();
	if (!pid) {
		struct rlimit small = {4096, RLIM_INFINITY}, large = {RLIM_INFINITY, RLIM_INFINITY};
		struct scraped later = {.time = T0 + 99000, .status = SNAP_OK, .text = STR(MAIN)};
		uint32_t other;
		struct err why = {0}, again = {0};
		bool good;

		signal(SIGXFSZ, SIG_IGN);
		open_recorder(&h);
		recorder_ends_at_failure(h.r);
		recorder_host(h.r, "other:1", NULL, &other, NULL);
		add(&h, 0, MAIN, SNAP_OK);
		setrlimit(RLIMIT_FSIZE, &small);
		good = recorder_commit(h.r, &why) < 0;
		setrlimit(RLIMIT_FSIZE, &large);
		good &= recorder_add(h.r, other, &later, NULL, &again) < 0 && strcmp(why.text, again.text) == 0;
		recorder_close(h.r, NULL);
		open_recorder(&h);
		recorder_host(h.r, "other:1", NULL, &other, NULL);
		_exit(good && recorder_last_time(h.r, other) == NO_TIME ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	open_recorder(&h);
	add(&h, 100, MAIN, SNAP_OK);
	ask(&h);
	finish(&h);
}

static void many_chunks(void **state)
{
	struct history h;
	struct buf b = {0};
	struct alive *alive;
	struct hit *hits;
	struct function *f;
	size_t n, n_hits;

	(void)state;
	begin(&h);
	for (int i = 0; i < 120; i++) {
		buf_reset(&b);
		buf_adds(&b, MAIN_5);
		for (int k = 0; k < 100; k++) /* half of them new each time */
			buf_addf(&b, "goroutine %d [select]:\nmain.work()\n\t/w.go:%d +0x1\ncreated by main.main in goroutine 1\n\t/m.go:5 +0x2\n\n",
				 10 + i * 50 + k, k < 50 ? 1 : 2);
		assert_int_equal(add(&h, i, b.p, SNAP_OK), 0);
		if (i % 7 == 0)
			recorder_commit(h.r, NULL);
	}
	ask(&h);
	for (int i = 0; i < 120; i += 17) {
		assert_int_equal(query_alive(h.q, &(struct moment){1, T0 + i * 1000}, &h.p, &alive, &n, NULL), 0);
		assert_int_equal(n, 101);
		assert_int_equal(alive[1].id, 10 + i * 50);
		assert_int_equal(alive[100].id, 10 + i * 50 + 99);
	}
	assert_int_equal(life_of(&h, 1, 0).runs[0].samples, 120);
	assert_int_equal(life_of(&h, 60, 0).n, 2);
	assert_int_equal(query_functions(h.q, "^main.work$", &h.p, &f, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(query_hits(h.q, &(struct functions_question){.func_ids = &f[0].func_id, .n_funcs = 1, .scope = IN_ANY_FRAME, .w = {.host = 0,
		.from = NO_TIME, .to = NO_TIME}}, &h.p, &hits, &n_hits, NULL), 0);
	assert_int_equal(n_hits, 119 * 50 + 100);
	assert_int_equal(hits[60].samples, 2);
	buf_release(&b);
	finish(&h);
}

static void retention(void **state)
{
	struct history h;
	const struct host *host;
	struct err e;
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 100; i++)
		add(&h, i * 10, i % 2 ? MAIN WORK(7, "select", 10) : MAIN WORK(7, "select", 11), SNAP_OK);
	assert_int_equal(recorder_expire(h.r, T0 + 500000, 0, &e), 0);
	add(&h, 1000, MAIN, SNAP_OK);
	ask(&h);
	host = query_hosts(h.q, &n);
	assert_int_equal(host->snapshots, 51);
	assert_int_equal(host->first, T0 + 500000);
	assert_int_equal(life_of(&h, 7, 0).first, T0 + 500000);
	finish(&h);
}

/* Who asks reads the list of hosts, and a moment later what retention has dropped by then. */
static void retention_meanwhile(void **state)
{
	struct leak_question all = {.from = NO_TIME, .to = NO_TIME};
	struct suspect *suspects;
	struct alive *alive;
	struct buf text = {0};
	struct history h;
	struct err e = {0};
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 4000; i++) { /* they come and stay */
		buf_reset(&text);
		buf_adds(&text, MAIN);
		for (int k = 0; k < i / 100; k++)
			buf_addf(&text, "goroutine %d [chan send]:\nmain.ask()\n\t/m.go:20 +0x1\ncreated by main.serve in goroutine 1\n\t/m.go:30 +0x1\n\n", k + 10);
		buf_putc(&text, '\0');
		add(&h, i, text.p, SNAP_OK);
	}
	assert_int_equal(recorder_commit(h.r, &e), 0);
	assert_int_equal(query_open(&h.q, h.db, &e), 0);
	assert_int_equal(query_alive(h.q, &(struct moment){h.host + 1, T0 + 5000}, &h.p, &alive, &n, &e), 0); /* some it knows already */
	assert_int_equal(recorder_expire(h.r, T0 + 2000000, 0, &e), 0);
	if (query_leaks(h.q, &all, &h.p, &suspects, &n, &e) < 0)
		fail_msg("%s", e.text);
	if (query_alive(h.q, &(struct moment){h.host + 1, T0 + 3950000}, &h.p, &alive, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(n, 40);
	buf_release(&text);
	recorder_close(h.r, NULL);
	finish(&h);
}

/* Two thousand snapshots that fail in a row, an hour in which nothing was recorded, a new process, and one failed at times. */
static void add_many(struct history *h, struct scraped *all, size_t n)
{
	static char text[3][4000];
	int64_t at = T0;

	for (size_t k = 0; k < 3; k++) {
		struct buf b = {0};

		for (size_t i = 0; i < 2 + k * 5; i++)
			buf_addf(&b, "goroutine %zu [select]:\nmain.work()\n\t/w.go:1 +0x1\ncreated by main.%s\n\t/w.go:2 +0x1\n\n", i + 1, k == 2 ? "other" : "serve");
		buf_putc(&b, '\0');
		strcpy(text[k], b.p);
		buf_release(&b);
	}
	for (size_t i = 0; i < n; i++, at += i == 5000 ? 3600000 : 1000) {
		bool fails = (i >= 2000 && i < 4000) || i % 700 == 0;

		all[i] = (struct scraped){.time = at, .status = fails ? SNAP_FAILED : SNAP_OK, .text = str_of(fails ? "" : text[i < 3000 ? i % 2 : i < 6500 ? 1 : 2])};
		all[i].counted = (uint32_t)(fails ? 0 : 2 + 5 * (i < 3000 ? i % 2 : i < 6500 ? 1 : 2));
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(recorder_add(h->r, h->host, &all[i], &h->got, &(struct err){0}), 0);
}

/* One column, counted by hand. */
static struct bucket column_of(const struct scraped *all, size_t n, const struct window *w, const struct bucket *b)
{
	struct bucket is = {0};

	for (size_t i = 0; i < n; i++) {
		if (all[i].time < w->from || all[i].time > w->to)
			continue;
		if ((all[i].time < b->from || all[i].time >= b->to) && !(b->to == w->to && all[i].time == w->to))
			continue;
		is.n++;
		is.bad += all[i].status == SNAP_FAILED;
		if (all[i].status == SNAP_FAILED)
			continue;
		is.min = !is.has_value || all[i].counted < is.min ? all[i].counted : is.min;
		is.max = all[i].counted > is.max ? all[i].counted : is.max;
		is.last = all[i].counted;
		is.has_value = true;
	}
	return is;
}

/* Of so many the store is asked for summaries, and charts are as they would be without: what was not measured is a gap. */
static void chart_of_many(void **state)
{
	enum { N = 8000, COLUMNS = 60 };
	struct scraped *all = xcalloc(N, sizeof *all);
	struct bucket b[COLUMNS];
	struct history h;

	(void)state;
	begin(&h);
	add_many(&h, all, N);
	ask(&h);
	for (size_t trim = 0; trim < 3; trim++) {
		struct window w = {h.host + 1, all[trim * 37].time, 0, COLUMNS};
		size_t gaps = 0, epochs = 0;

		w.to = w.from + (all[N - 1 - trim * 61].time - w.from) / COLUMNS * COLUMNS; /* whole milliseconds in each */
		assert_int_equal(query_chart(h.q, &w, b, NULL), 0);
		for (size_t i = 0; i < COLUMNS; i++) {
			struct bucket is = column_of(all, N, &w, &b[i]);

			assert_int_equal(b[i].n, is.n);
			assert_int_equal(b[i].bad, is.bad);
			assert_int_equal(b[i].gap, !is.has_value);
			assert_true(!is.has_value || (b[i].min == is.min && b[i].max == is.max && b[i].last == is.last));
			gaps += b[i].gap;
			epochs += b[i].epoch;
		}
		assert_in_range(gaps, 20, 30); /* 2,000 and 3,600 of 11,600 s */
		assert_int_equal(epochs, 1);
	}
	free(all);
	finish(&h);
}

/* Down to a size: the oldest twentieth goes, again and again, and the newest snapshot stays whatever it is. */
static void retention_by_size(void **state)
{
	struct history h;
	struct err e;
	size_t n;

	(void)state;
	begin(&h);
	for (int i = 0; i < 200; i++)
		add(&h, i * 10, i % 2 ? MAIN WORK(7, "select", 10) : MAIN WORK(7, "select", 11), SNAP_OK);
	assert_int_equal(recorder_expire(h.r, NO_TIME, (uint64_t)1 << 40, &e), 0); /* there is room */
	assert_int_equal(recorder_expire(h.r, NO_TIME, 1, &e), 0);
	ask(&h);
	assert_in_range(query_hosts(h.q, &n)->snapshots, 1, 20);
	assert_int_equal(query_hosts(h.q, &n)->last, T0 + 1990000);
	finish(&h);
}

/* A name beyond all reason is cut, and so is what is told of labels that change. */
static void long_names(void **state)
{
	static const char begins[] = "goroutine 7 [select]:\n", ends[] = "()\n\t/a.go:1 +0x1\n";
	const struct mark *marks;
	struct buf b = {0};
	struct history h;
	struct err e;
	size_t n;

	(void)state;
	begin(&h);
	buf_adds(&b, begins);
	buf_adds(&b, "main.");
	for (int i = 0; i < 70000; i++)
		buf_putc(&b, 'f');
	buf_adds(&b, ends);
	buf_putc(&b, '\0');
	assert_int_equal(add(&h, 0, b.p, SNAP_OK), 0);
	assert_int_equal(recorder_host(h.r, "a:1", "version=1", &h.host, &e), 0);
	buf_reset(&b);
	buf_adds(&b, "version=");
	for (int i = 0; i < 3000; i++)
		buf_adds(&b, "\xc3\xa4");
	buf_putc(&b, '\0');
	assert_int_equal(recorder_host(h.r, "a:1", b.p, &h.host, &e), 0);
	assert_int_equal(add(&h, 1, MAIN, SNAP_OK), 0);
	ask(&h);
	marks = query_marks(h.q, &n);
	assert_int_equal(n, 1);
	assert_true(strlen(marks[0].text) <= MARK_MAX && strlen(marks[0].text) > MARK_MAX - 2);
	buf_release(&b);
	finish(&h);
}

static void times(void **state)
{
	struct scraped scraped = {.time = T0, .status = SNAP_OK, .text = STR(MAIN)};
	struct history h;
	struct pool p = {0};
	struct times known;

	(void)state;
	begin(&h);
	add(&h, 10, MAIN, SNAP_OK);
	add(&h, 5, MAIN, SNAP_OK); /* an archive's older file */
	assert_true(h.got.late);
	scraped.mono = 1; /* a clock that stepped back while scraping */
	assert_int_equal(recorder_add(h.r, h.host, &scraped, &h.got, NULL), 0);
	assert_int_equal(h.got.time, T0 + 10001);
	assert_int_equal(recorder_times(h.r, h.host, &p, &known, NULL), 0);
	assert_int_equal(known.n, 2);
	assert_true(times_have(&known, T0 + 10000));
	assert_true(times_have(&known, T0 + 10001));
	assert_false(times_have(&known, T0 + 5000));
	assert_false(times_have(&known, T0 + 10002));
	pool_release(&p);
	ask(&h);
	finish(&h);
}

static void refusals(void **state)
{
	struct history h;
	struct store *s;
	struct err e;
	char path[300];
	FILE *f;

	(void)state;
	begin(&h);
	assert_int_equal(store_open(&s, h.db, STORE_WRITE, &e), -1);
	assert_non_null(strstr(e.text, "another gscrape-tui is writing"));
	add(&h, 0, MAIN, SNAP_OK);
	ask(&h);
	snprintf(path, sizeof path, "%s.other", h.db);
	f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("not a store at all\n", f);
	fclose(f);
	assert_int_equal(store_open(&s, path, STORE_READ, &e), -1);
	assert_non_null(strstr(e.text, "no store of gscrape-tui"));
	assert_int_equal(store_open(&s, path, STORE_WRITE, &e), -1);
	assert_int_equal(access(path, F_OK), 0); /* and it is still there */
	unlink(path);
	assert_int_equal(store_open(&s, "/nonexistent/x", STORE_READ, &e), -1);
	assert_int_equal(store_open(&s, "/tmp", STORE_READ, &e), -1);
	assert_null(query_host(h.q, "a:2", &e));
	assert_non_null(strstr(e.text, "'a:1'"));
	assert_non_null(query_host(h.q, "a_1", &e));
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives),	    cmocka_unit_test(restart_by_clash), cmocka_unit_test(restart_by_waits),
		cmocka_unit_test(restart_by_numbers), cmocka_unit_test(no_restart_by_numbers), cmocka_unit_test(no_restart_in_place), cmocka_unit_test(no_false_restart), cmocka_unit_test(cut_dumps), cmocka_unit_test(cut_anywhere),	cmocka_unit_test(what_is_no_dump),
		cmocka_unit_test(signs_of_life),    cmocka_unit_test(goes_on_after_a_kill), cmocka_unit_test(full_disk), cmocka_unit_test(full_disk_in_order),
		cmocka_unit_test(many_chunks),	    cmocka_unit_test(retention), cmocka_unit_test(retention_meanwhile), cmocka_unit_test(chart_of_many), cmocka_unit_test(retention_by_size), cmocka_unit_test(long_names),	cmocka_unit_test(times),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
