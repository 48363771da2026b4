/* SPDX-License-Identifier: MIT */
/* The scraper as a part of another program: in the background, against a server in this process. */
#include "collect/writer.h"
#include <gscrape/archive.h>
#include <gscrape/collect.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define BOUND_MS 20000
#define DUMP                                                                                                 \
	"goroutine 1 [running]:\nmain.main()\n\t/src/a.go:3 +0x1d\n\ngoroutine 7 "                           \
	"[select]:\nmain.f()\n\t/src/a.go:9 +0x1d\n\n"

/* Answers every connection once with the dump. */
struct server {
	int fd;
	char host[32];
	pthread_t thread;
};

static void *serve(void *ctx)
{
	struct server *s = ctx;
	char request[4096];
	int c;

	while ((c = accept(s->fd, NULL, NULL)) >= 0) {
		if (read(c, request, sizeof request) > 0)
			dprintf(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
			        sizeof DUMP - 1, DUMP);
		close(c);
	}
	return NULL;
}

static void server_start(struct server *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;

	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &n), 0);
	snprintf(s->host, sizeof s->host, "127.0.0.1:%d", ntohs(a.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static char *scratch(void)
{
	char *dir = xasprintf("%s/scrape.XXXXXX", getenv("TMP") ? getenv("TMP") : "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void nap(void)
{
	usleep(10000);
}

static void count_commit(void *ctx)
{
	atomic_fetch_add((atomic_int *)ctx, 1);
}

static void records_in_the_background(void **state)
{
	struct server srv;
	char *dir = scratch(), *db = xasprintf("%s/h.db", dir);
	atomic_int commits = 0;
	const char *targets[1];
	struct scrape_options o = {.targets = targets,
	                           .n_targets = 1,
	                           .targets_list = "127.0.0.1:1",
	                           .db = db,
	                           .output = dir,
	                           .interval = 50,
	                           .timeout = 5000,
	                           .committed = count_commit,
	                           .ctx = &commits};
	struct scrape_status st = {0};
	struct scrape *s;
	struct pool p = {0};
	struct err e = {0};
	struct archive a;

	(void)state;
	server_start(&srv);
	targets[0] = srv.host;
	if (scrape_start(&s, &o, &e) < 0)
		fail_msg("%s", e.text);
	for (int64_t end = monotonic_ms() + BOUND_MS; monotonic_ms() < end; nap()) {
		pool_release(&p);
		scrape_status(s, &p, &st);
		if (st.targets[0].scrapes >= 3 && st.targets[1].failed >= 1 && commits >= 1)
			break;
	}
	assert_int_equal(st.n, 2);
	assert_string_equal(st.targets[0].host, srv.host);
	assert_true(st.targets[0].scrapes >= 3);
	assert_int_equal(st.targets[0].failed, 0);
	assert_int_equal(st.targets[0].goroutines, 2);
	assert_int_equal(st.targets[0].bytes, sizeof DUMP - 1);
	assert_true(st.targets[0].last > 0 && st.targets[0].next != NO_TIME);
	assert_true(st.targets[1].failed >= 1);
	assert_int_equal(st.targets[1].status, SNAP_FAILED);
	assert_true(*st.targets[1].note);
	assert_true(st.text_bytes >= 3 * (sizeof DUMP - 1));
	assert_true(commits >= 1);
	assert_int_equal(scrape_stop(s, &e), 0);
	assert_int_equal(archive_list(&a, dir, NULL, &e), 0);
	assert_int_equal(a.n, 1);
	assert_true(a.hosts[0].n >= 3);
	archive_release(&a);
	pool_release(&p);
	server_stop(&srv);
	free(db);
	free(dir);
}

static void one_round_ends_by_itself(void **state)
{
	char *dir = scratch(), *db = xasprintf("%s/h.db", dir);
	struct scrape_options o = {.targets_list = "127.0.0.1:1", .db = db, .interval = 50, .once = true};
	struct scrape_status st = {0};
	struct pool p = {0};
	struct scrape *s;
	struct err e = {0};

	(void)state;
	assert_int_equal(scrape_start(&s, &o, &e), 0);
	for (int64_t end = monotonic_ms() + BOUND_MS; monotonic_ms() < end; nap()) {
		pool_release(&p);
		scrape_status(s, &p, &st);
		if (st.targets[0].scrapes)
			break;
	}
	assert_int_equal(st.targets[0].failed, 1);
	pool_release(&p);
	assert_int_equal(scrape_stop(s, &e), 1); /* it failed */
	o.targets_list = "nonsense";
	assert_int_equal(scrape_start(&s, &o, &e), -1);
	assert_non_null(strstr(e.text, "nonsense"));
	assert_int_equal(scrape_stop(s, &e), 0); /* NULL */
	free(db);
	free(dir);
}

static void no_wake(void *ctx)
{
	(void)ctx;
}

/* A scrape whose clock says `time`, at monotonic `mono`. */
static int64_t record(struct writer *w, struct writer_host *known, int64_t time, int64_t mono)
{
	struct job *j = xcalloc(1, sizeof *j);
	int64_t at;

	*j = (struct job){.host = "a:1",
	                  .labels = "",
	                  .known = known,
	                  .mono = mono,
	                  .in = {.status = SNAP_OK, .time = time}};
	buf_adds(&j->in.body, DUMP);
	writer_put(w, j);
	j = NULL;
	for (int64_t end = monotonic_ms() + BOUND_MS; !j && monotonic_ms() < end; nap())
		j = writer_next(w);
	assert_non_null(j);
	assert_true(j->stored && !j->out.late);
	at = j->out.time;
	free(j);
	return at;
}

static void a_clock_set_back_loses_nothing(void **state)
{
	char *dir = scratch(), *db = xasprintf("%s/h.db", dir);
	struct writer_options o = {.db = db, .output = dir, .wake = no_wake};
	struct writer_host known = {0};
	struct writer_note *n;
	struct writer *w;
	struct archive a;
	struct err e = {0};
	const int64_t t = 1795449905000LL;

	(void)state;
	assert_int_equal(writer_open(&w, &o, &e), 0);
	assert_true(record(w, &known, t, 1000000) == t);
	assert_true(record(w, &known, t + 5000, 1005000) == t + 5000);
	assert_true(record(w, &known, t - 3590000, 1010000) == t + 10000); /* an hour back */
	assert_true(record(w, &known, t - 3585000, 1015000) == t + 15000);
	assert_true(record(w, &known, t + 20000, 1020000) == t + 20000); /* and forth again */
	n = writer_next_note(w);
	assert_non_null(n);
	assert_non_null(strstr(n->text, "the clock is"));
	free(n);
	assert_null(writer_next_note(w)); /* told once */
	assert_int_equal(writer_close(w, &e), 0);
	assert_int_equal(archive_list(&a, dir, NULL, &e), 0);
	assert_int_equal(a.hosts[0].n, 5);
	assert_true(a.hosts[0].files[4].time == t + 20000);
	archive_release(&a);
	free(db);
	free(dir);
}

static void secrets_leave_the_title(void **state)
{
	char args[][40] = {"prog",
	                   "--user",
	                   "me:s3cret",
	                   "--header=K: s3cret",
	                   "--once",
	                   "http://u:s3cret@h:1/p@q",
	                   "--head",
	                   "K: s3cret",
	                   "a:1,https://x:s3cret@y:2",
	                   "x:s3cret@y:2,z:3?token=s3cret",
	                   "-ume:s3cret",
	                   "-qH",
	                   "K: s3cret",
	                   "--",
	                   "--user"};
	enum { N = sizeof args / sizeof *args };
	char *argv[N + 1] = {0};

	(void)state;
	for (int i = 0; i < N; i++)
		argv[i] = args[i];
	secrets_take(N, argv);
	for (int i = 0; i < N; i++)
		assert_null(strstr(args[i], "s3cret"));
	assert_string_equal(argv[2], "me:s3cret");
	assert_string_equal(argv[3], "--header=K: s3cret");
	assert_string_equal(argv[5], "http://u:s3cret@h:1/p@q");
	assert_string_equal(argv[8], "a:1,https://x:s3cret@y:2");
	assert_string_equal(args[4], "--once");
	assert_non_null(strstr(args[5], "@h:1/"));
	for (int i = 1; i < N; i++)
		free(argv[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(records_in_the_background),
	        cmocka_unit_test(one_round_ends_by_itself),
	        cmocka_unit_test(a_clock_set_back_loses_nothing),
	        cmocka_unit_test(secrets_leave_the_title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
