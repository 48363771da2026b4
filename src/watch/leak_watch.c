/* SPDX-License-Identifier: MIT */
/*
 * After a commit the newest RECENT snapshots of each host that has new ones are looked at, which costs a few ms. A slow
 * leak needs the whole history: it is looked at as often as costs 1 % of the time.
 */
#include <gscrape/leak_watch.h>
#include <errno.h>
#include <fcntl.h>
#include <gscrape/insight.h>
#include <gscrape/workers.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECENT 240
#define PATIENCE_MS 60000 /* for the command */

/* A leak that a look has shown; recent and whole looks are told apart, since each sees what the other may not. */
struct heard {
	const char *key;
	uint32_t host;
	bool whole, again; /* again: the look at hand has shown it, too */
	int64_t since;     /* time of the snapshot from which on each look has; NO_TIME: the last one did not */
};

struct leak_watch {
	char *db, *command;
	int64_t patience;       /* ms that it must have been a leak for */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool dirty, stopping;
	/* the thread's own */
	struct query *q;
	struct pool names;
	const char **told;      /* leaks that the command knows of */
	size_t n_told, cap_told;
	struct heard *heard;
	size_t n_heard, cap_heard;
	int64_t *seen;          /* by host number: its last snapshot when it was looked at */
	size_t n_seen;
	int64_t whole_due;      /* monotonic: when the whole history may be looked at again */
	bool complained;
};

/* --- telling --- */

static void write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return; /* a command that does not read is its own affair */
		p += put;
		n -= (size_t)put;
	}
}

/* Until it ends; one that does not is ended. */
static void await(pid_t pid, const char *command)
{
	int64_t until = monotonic_ms() + PATIENCE_MS;
	const struct timespec tick = {0, 20000000};
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (monotonic_ms() > until) {
			fprintf(stderr, "gscrape-tui: --on-leak: %s: did not end within %d s: killed\n", command, PATIENCE_MS / 1000);
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return;
		}
		nanosleep(&tick, NULL);
	}
	if (WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status)))
		fprintf(stderr, "gscrape-tui: --on-leak: %s: ended with %s %d\n", command, WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void run_command(const char *command, const struct buf *text)
{
	char *argv[] = {"sh", "-c", (char *)command, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t normal;
	int ends[2], rc;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	sigemptyset(&normal);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &normal);
	sigaddset(&normal, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &normal);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, ends[0], STDIN_FILENO);
	rc = posix_spawn(&pid, "/bin/sh", &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	close(ends[0]);
	if (rc == 0)
		write_all(ends[1], text->p, text->n);
	close(ends[1]);
	if (rc == 0)
		await(pid, command);
	else
		fprintf(stderr, "gscrape-tui: --on-leak: %s: %s\n", command, strerror(rc));
}

static bool is_told(const struct leak_watch *w, const char *key)
{
	for (size_t i = 0; i < w->n_told; i++)
		if (strcmp(w->told[i], key) == 0)
			return true;
	return false;
}

static struct heard *heard_of(struct leak_watch *w, const char *key, uint32_t host, bool whole)
{
	for (size_t i = 0; i < w->n_heard; i++)
		if (w->heard[i].whole == whole && strcmp(w->heard[i].key, key) == 0)
			return &w->heard[i];
	GROW(w->heard, w->n_heard, w->cap_heard);
	w->heard[w->n_heard] = (struct heard){pool_strndup(&w->names, key, strlen(key)), host, whole, false, NO_TIME};
	return &w->heard[w->n_heard++];
}

static int64_t last_time(struct leak_watch *w, uint32_t host)
{
	size_t n;
	const struct host *h = query_hosts(w->q, &n);

	for (size_t i = 0; i < n; i++)
		if (h[i].id == host)
			return h[i].last;
	return NO_TIME;
}

/* Is it time to tell of it? It is when it has been a leak for long enough, and the command does not know. */
static bool is_due(struct leak_watch *w, const struct suspect *s, bool whole)
{
	struct buf key = {0};
	struct heard *h;
	bool due = false;

	buf_addf(&key, "%s\n%s:%u\n%s:%u", s->host_name, s->created.func ? s->created.func : "", s->created.line,
		 s->place.func ? s->place.func : "", s->place.line);
	if (!is_told(w, key.p)) {
		h = heard_of(w, key.p, s->host, whole);
		h->again = true;
		if (h->since == NO_TIME)
			h->since = last_time(w, s->host);
		due = last_time(w, s->host) - h->since >= w->patience;
		if (due) {
			GROW(w->told, w->n_told, w->cap_told);
			w->told[w->n_told++] = h->key;
		}
	}
	buf_release(&key);
	return due;
}

static void tell(struct leak_watch *w, const struct suspect *s)
{
	struct buf text = {0};
	struct jw j = {.out = &text};

	suspect_json(&j, w->q, s);
	buf_putc(&text, '\n');
	run_command(w->command, &text);
	buf_release(&text);
}

/* --- looking --- */

static int look(struct leak_watch *w, const struct leak_question *ask, bool whole, struct err *e)
{
	struct leak_notes notes;
	struct pool p = {0};
	struct suspect *s;
	size_t n;
	int rc = query_leaks(w->q, ask, &p, &s, &n, &notes, e);

	for (size_t i = 0; i < w->n_heard; i++)
		w->heard[i].again = false;
	for (size_t i = 0; !rc && i < n; i++)
		if (s[i].verdict == VERDICT_LEAK && is_due(w, &s[i], whole))
			tell(w, &s[i]);
	for (size_t i = 0; i < w->n_heard; i++)
		if (w->heard[i].whole == whole && (!ask->host || w->heard[i].host == ask->host) && !w->heard[i].again)
			w->heard[i].since = NO_TIME;
	pool_release(&p);
	return rc;
}

static int look_at_recent(struct leak_watch *w, const struct host *h, struct err *e)
{
	struct leak_question ask = {.host = h->id, .to = NO_TIME, .least = .5};
	struct snapshot first;

	if (h->id >= w->n_seen) {
		size_t n = h->id * 2 + 16;

		w->seen = xrealloc(w->seen, n, sizeof *w->seen);
		while (w->n_seen < n)
			w->seen[w->n_seen++] = NO_TIME;
	}
	if (h->last == w->seen[h->id])
		return 0;
	w->seen[h->id] = h->last;
	if (query_step(w->q, h->id, h->last, -RECENT, &first, e) < 0)
		return -1;
	ask.from = first.time;
	return look(w, &ask, false, e);
}

static int look_around(struct leak_watch *w, bool last, struct err *e)
{
	struct leak_question all = {.from = NO_TIME, .to = NO_TIME, .least = .5};
	const struct host *hosts;
	int64_t began;
	size_t n;
	int rc = 0;

	if (!w->q && query_open(&w->q, w->db, e) < 0)
		return -1;
	if (query_refresh(w->q, e) < 0)
		return -1;
	hosts = query_hosts(w->q, &n);
	for (size_t i = 0; i < n && !rc; i++)
		rc = look_at_recent(w, &hosts[i], e);
	began = monotonic_ms();
	if (rc || (!last && began < w->whole_due))
		return rc;
	rc = look(w, &all, true, e);
	w->whole_due = monotonic_ms() + (monotonic_ms() - began) * 99;
	return rc;
}

static void *run(void *ctx)
{
	struct leak_watch *w = ctx;
	bool last = false;

	while (!last) {
		struct err e = {0};

		pthread_mutex_lock(&w->lock);
		while (!w->dirty && !w->stopping)
			pthread_cond_wait(&w->wake, &w->lock);
		last = w->stopping;
		w->dirty = false;
		pthread_mutex_unlock(&w->lock);
		if (look_around(w, last, &e) < 0 && !w->complained)
			fprintf(stderr, "gscrape-tui: --on-leak: %s\n", e.text);
		w->complained = e.text[0] != '\0';
	}
	return NULL;
}

int leak_watch_start(struct leak_watch **out, const char *db, const char *command, int64_t patience, struct err *e)
{
	struct leak_watch *w = xcalloc(1, sizeof *w);

	w->db = xstrdup(db);
	w->command = xstrdup(command);
	w->patience = patience;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	if (thread_start(&w->thread, run, w, e) < 0) {
		free(w->db);
		free(w->command);
		free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void leak_watch_committed(void *ctx)
{
	struct leak_watch *w = ctx;

	pthread_mutex_lock(&w->lock);
	w->dirty = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

void leak_watch_stop(struct leak_watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	query_close(w->q);
	pool_release(&w->names);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->told);
	free(w->heard);
	free(w->seen);
	free(w->db);
	free(w->command);
	free(w);
}
