/* SPDX-License-Identifier: MIT */
/* The scraper from outside: options, threads, signals, and how it is doing. loop.c is its heart. */
#include "collect/scrape.h"
#include <gscrape/system.h>
#include <gscrape/workers.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *copy(struct pool *p, const char *s)
{
	return s ? pool_strndup(p, s, strlen(s)) : NULL;
}

static const char *const *copy_list(struct pool *p, const char *const *list, size_t n)
{
	const char **out = pool_alloc(p, (n + 1) * sizeof *out);

	for (size_t i = 0; i < n; i++)
		out[i] = copy(p, list[i]);
	return out;
}

void scrape_options_copy(struct scrape_options *to, const struct scrape_options *from, struct pool *p)
{
	*to = *from;
	to->targets = copy_list(p, from->targets, from->n_targets);
	to->headers = copy_list(p, from->headers, from->n_headers);
	to->targets_list = copy(p, from->targets_list);
	to->targets_file = copy(p, from->targets_file);
	to->targets_url = copy(p, from->targets_url);
	to->targets_dns = copy(p, from->targets_dns);
	to->resolver = copy(p, from->resolver);
	to->kubernetes.api = copy(p, from->kubernetes.api);
	to->kubernetes.kubeconfig = copy(p, from->kubernetes.kubeconfig);
	to->kubernetes.service_account = copy(p, from->kubernetes.service_account);
	to->kubernetes.ns = copy(p, from->kubernetes.ns);
	to->kubernetes.selector = copy(p, from->kubernetes.selector);
	to->kubernetes.port = copy(p, from->kubernetes.port);
	to->name_label = copy(p, from->name_label);
	to->shard = copy(p, from->shard);
	to->db = copy(p, from->db);
	to->output = copy(p, from->output);
	to->user = copy(p, from->user);
	to->user_file = copy(p, from->user_file);
	to->bearer_file = copy(p, from->bearer_file);
	to->cacert = copy(p, from->cacert);
	to->cert = copy(p, from->cert);
	to->key = copy(p, from->key);
	to->timeout = from->timeout > 0 ? from->timeout : 30000;
	to->refresh = from->refresh > 0 ? from->refresh : 30000;
}

/* A thousand targets are a thousand sockets. */
static void raise_file_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max < 65536 ? l.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static void wake(void *ctx)
{
	fetcher_wake(((struct scrape *)ctx)->fetch);
}

static int open_parts(struct scrape *s, struct err *e)
{
	const struct scrape_options *o = &s->o;
	struct fetch_options f = {.timeout = o->timeout,
	                          .headers = o->headers,
	                          .n_headers = o->n_headers,
	                          .user = o->user,
	                          .user_file = o->user_file,
	                          .bearer_file = o->bearer_file,
	                          .cacert = o->cacert,
	                          .cert = o->cert,
	                          .key = o->key,
	                          .insecure = o->insecure,
	                          .max_targets = s->discovery ? SIZE_MAX : s->target_list.n,
	                          .max_body = o->max_body};
	struct writer_options w = {.db = o->db,
	                           .output = o->output,
	                           .retain = o->retain,
	                           .retain_size = o->retain_size,
	                           .goes_on = o->once,
	                           .committed = o->committed,
	                           .committed_ctx = o->ctx,
	                           .wake = wake,
	                           .wake_ctx = s};

	if (fetcher_open(&s->fetch, &f, e) < 0 || writer_open(&s->writer, &w, e) < 0)
		return -1;
	return o->once ? 0 : discovery_start(s->discovery, wake, s, e);
}

/* All targets there are, before anything is made. */
static int first_targets(struct scrape *s, struct buf *notes, struct err *e)
{
	const struct scrape_options *o = &s->o;

	if (o->interval <= 0)
		return fail(e, "the interval must be longer than nothing");
	if (discovery_open(&s->discovery, o, e) < 0 || scrape_targets(s, notes, e) < 0)
		return -1;
	if (s->target_list.all == 0 && (o->once || !(o->targets_file || s->discovery)))
		return fail(e, "%s%sno target to scrape", o->targets_file ? o->targets_file : "", o->targets_file ? ": " : "");
	return 0;
}

int scrape_open(struct scrape **out, const struct scrape_options *o, struct progress *p, struct err *e)
{
	struct scrape *s = xcalloc(1, sizeof *s);
	struct buf notes = {0};
	int rc;

	*out = NULL;
	s->signals = -1;
	s->progress = p;
	s->began = monotonic_ms();
	pthread_mutex_init(&s->lock, NULL);
	scrape_options_copy(&s->o, o, &s->own);
	raise_file_limit();
	rc = first_targets(s, &notes, e);
	if (rc == 0)
		rc = open_parts(s, e);
	if (rc == 0)
		scrape_notes(s, &notes);
	buf_release(&notes);
	if (rc < 0) {
		scrape_close(s, NULL);
		return -1;
	}
	*out = s;
	return 0;
}

int scrape_close(struct scrape *s, struct err *e)
{
	int rc;

	if (!s)
		return 0;
	if (s->signals >= 0)
		close(s->signals);
	rc = writer_close(s->writer, e);
	discovery_close(s->discovery);
	fetcher_close(s->fetch);
	target_list_release(&s->target_list);
	pthread_mutex_destroy(&s->lock);
	rc = rc < 0 ? -1 : s->failed && s->o.once ? 1 : 0;
	pool_release(&s->own);
	free(s);
	return rc;
}

/* --- the headless program --- */

/* A shell that starts us in the background ignores the terminal's Ctrl-C on our behalf. */
static sigset_t our_signals(void)
{
	struct sigaction interrupt;
	sigset_t set;

	sigemptyset(&set);
	if (sigaction(SIGINT, NULL, &interrupt) < 0 || interrupt.sa_handler != SIG_IGN)
		sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

/* They were blocked before any thread began, so that all of them leave the signals to the loop. */
static int take_signals(struct scrape *s, struct err *e)
{
	sigset_t set = our_signals();

	s->signals = signals_open(&set);
	return s->signals < 0 ? fail(e, "cannot take signals: %s", strerror(errno)) : 0;
}

static int run(const struct scrape_options *o, const sigset_t *mask, struct progress *p, struct err *e)
{
	struct scrape *s;

	if (scrape_open(&s, o, p, e) < 0)
		return -1;
	s->mask = *mask;
	if (take_signals(s, e) < 0) {
		scrape_close(s, NULL);
		return -1;
	}
	scrape_loop(s);
	return scrape_close(s, e);
}

int scrape_run(const struct scrape_options *o, struct err *e)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, pipe_was;
	struct progress *p = progress_new(o);
	sigset_t set = our_signals(), mask;
	int rc;

	pthread_sigmask(SIG_BLOCK, &set, &mask);
	sigaction(SIGPIPE, &ignore, &pipe_was); /* who reads the progress may leave; the recording goes on */
	rc = run(o, &mask, p, e);
	progress_free(p);
	sigaction(SIGPIPE, &pipe_was, NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return rc;
}

/* --- in the background --- */

static void *background(void *ctx)
{
	scrape_loop(ctx);
	return NULL;
}

int scrape_start(struct scrape **out, const struct scrape_options *o, struct err *e)
{
	struct progress *p = o->aside ? progress_new(o) : NULL;

	if (scrape_open(out, o, p, e) < 0) {
		progress_free(p);
		return -1;
	}
	if (thread_start(&(*out)->thread, background, *out, e) == 0)
		return 0;
	scrape_close(*out, NULL);
	progress_free(p);
	*out = NULL;
	return -1;
}

int scrape_stop(struct scrape *s, struct err *e)
{
	struct progress *p;
	int rc;

	if (!s)
		return 0;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_mutex_unlock(&s->lock);
	fetcher_wake(s->fetch);
	pthread_join(s->thread, NULL);
	p = s->progress;
	rc = scrape_close(s, e);
	progress_free(p);
	return rc;
}

void scrape_reload(struct scrape *s)
{
	pthread_mutex_lock(&s->lock);
	s->reload = true;
	pthread_mutex_unlock(&s->lock);
	fetcher_wake(s->fetch);
}

/* --- how it is doing --- */

double scrape_rate(const struct scrape *s)
{
	int64_t ms = monotonic_ms() - s->began;

	if (ms < s->o.interval)
		ms = s->o.interval; /* one round stands for one interval */
	return (double)(s->o.output ? s->disk_bytes : s->text_bytes) / 1e6 * 3600000 / (double)ms;
}

void scrape_status(struct scrape *s, struct pool *p, struct scrape_status *out)
{
	int64_t now = now_ms(), mono = monotonic_ms();
	struct writer_state writing;

	writer_state(s->writer, &writing);
	pthread_mutex_lock(&s->lock);
	*out = (struct scrape_status){.text_bytes = s->text_bytes,
	                              .mb_per_hour = scrape_rate(s),
	                              .archive_bytes = s->o.output ? s->disk_bytes : 0,
	                              .write_errors = writing.errors,
	                              .last_commit = writing.last_commit,
	                              .failing = copy(p, writing.failing),
	                              .message = copy(p, s->message),
	                              .targets = pool_alloc(p, (s->target_list.n + 1) * sizeof *out->targets)};
	for (size_t i = 0; i < s->target_list.n; i++) {
		const struct watched *w = s->target_list.w[i];
		struct target_status *t = &out->targets[out->n];

		if (w->gone)
			continue;
		*t = w->st;
		t->host = copy(p, w->t.host);
		t->labels = copy(p, w->t.labels);
		t->note = copy(p, w->note);
		t->fetching = w->when.busy;
		t->missed = w->when.missed;
		t->next = s->o.once ? NO_TIME : now + (w->when.due - mono);
		out->n++;
	}
	pthread_mutex_unlock(&s->lock);
}
