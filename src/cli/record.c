/* SPDX-License-Identifier: MIT */
/* --scrape and --index: what was asked for, handed to the rooms that do it. */
#include "reporting.h"
#include "session.h"
#include "tell.h"
#include "temp_store.h"
#include <errno.h>
#include <gscrape/index.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

bool has_targets(const struct options *o)
{
	return o->operands.n || o->targets || o->targets_file || o->targets_url || o->targets_dns || o->kubernetes;
}

void scrape_options(const struct options *o, struct scrape_options *s)
{
	*s = (struct scrape_options){
		.targets = o->operands.v,
		.n_targets = o->operands.n,
		.targets_list = o->targets,
		.targets_file = o->targets_file,
		.targets_url = o->targets_url,
		.targets_dns = o->targets_dns,
		.resolver = o->resolver,
		.refresh = o->refresh,
		.kubernetes = {.api = o->kubernetes, .kubeconfig = o->kubeconfig, .service_account = o->service_account, .ns = o->ns,
			       .selector = o->selector, .port = o->port, .proxy = o->pod_proxy},
		.name_label = o->name_label,
		.shard = o->shard,
		.db = o->db,
		.output = o->no_archive ? NULL : o->output,
		.interval = o->interval,
		.timeout = o->timeout,
		.once = o->once,
		.goroutineleak = o->goroutineleak,
		.grouped = o->grouped,
		.max_goroutines = o->max_goroutines > UINT32_MAX ? UINT32_MAX : (uint32_t)o->max_goroutines,
		.retain = o->retain,
		.retain_size = o->retain_size,
		.max_body = o->max_body,
		.headers = o->headers.v,
		.n_headers = o->headers.n,
		.user = o->user,
		.user_file = o->user_file,
		.bearer_file = o->bearer_file,
		.cacert = o->cacert,
		.cert = o->cert,
		.key = o->key,
		.insecure = o->insecure,
		.json = o->json,
		.quiet = o->quiet,
		.color = use_color(o),
		.tz = o->tz,
	};
}

static void say_of_leak(void *ctx, const char *sentence)
{
	(void)ctx;
	tell("--on-leak: %s", sentence);
}

int start_leak_watch(const struct options *o, struct scrape_options *s, struct leak_watch **out, struct err *e)
{
	struct leak_watch_options w = {.db = o->db, .command = o->on_leak, .patience = o->leak_for, .ignore = o->leak_ignore, .say = say_of_leak};

	*out = NULL;
	if (!o->on_leak)
		return 0;
	if (reporting_check(o, e) < 0 || options_filter(o, &w.where, e) < 0)
		return -1;
	if (leak_watch_start(out, &w, e) < 0) {
		filter_close(w.where);
		return -1;
	}
	s->committed = leak_watch_committed;
	s->ctx = *out;
	return 0;
}

int run_scrape(const struct options *o, struct err *e)
{
	struct scrape_options s;
	struct leak_watch *w;
	int rc;

	if (!has_targets(o))
		return fail_as(e, ERR_USAGE, "--scrape needs a TARGET, --targets, --targets-file, --targets-url, --targets-dns or --kubernetes");
	scrape_options(o, &s);
	if (start_leak_watch(o, &s, &w, e) < 0)
		return -1;
	rc = scrape_run(&s, e);
	leak_watch_stop(w);
	return rc;
}

/* Set by the handler alone; an indexing that is asked to stop commits what it has. */
static volatile sig_atomic_t stopped;

static void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

struct indexing {
	bool show;    /* progress, on a terminal */
	bool shown;
	size_t said;
};

static void clear_line(struct indexing *x)
{
	if (x->shown)
		fputs("\r\x1b[K", stderr);
	x->shown = false;
}

static void say(void *ctx, const char *sentence)
{
	struct indexing *x = ctx;

	clear_line(x);
	tell("%s", sentence);
	x->said++;
}

static void progress(void *ctx, const struct index_totals *t, size_t done)
{
	struct indexing *x = ctx;

	if (!x->show)
		return;
	fprintf(stderr, "\r%zu of %zu dumps, %" PRIu64 " MB\x1b[K", done, t->files, t->bytes / 1000000);
	x->shown = true;
}

static void totals_json(struct buf *out, const struct index_totals *t)
{
	struct jw j = {.out = out};

	jw_obj(&j);
	jw_kuint(&j, "hosts", t->hosts);
	jw_kuint(&j, "files", t->files);
	jw_kuint(&j, "recorded", t->recorded);
	jw_kuint(&j, "known", t->known);
	jw_kuint(&j, "late", t->late);
	jw_kuint(&j, "gone", t->gone);
	jw_kuint(&j, "left", t->left);
	jw_kuint(&j, "failed", t->failed);
	jw_kuint(&j, "cut", t->cut);
	jw_kuint(&j, "ignored", t->ignored);
	jw_kuint(&j, "bytes", t->bytes);
	jw_kuint(&j, "goroutines", t->goroutines);
	jw_kuint(&j, "epochs", t->epochs);
	jw_end(&j);
	buf_putc(out, '\n');
}

/* One line on a terminal; a pipe hears of what was not taken only. */
void say_late(size_t n)
{
	if (n)
		fprintf(stderr, "gscrape-tui: %zu dump%s older than what the store has of %s host: left out\n", n, n == 1 ? " is" : "s are",
			n == 1 ? "its" : "their");
}

static void totals_text(const struct indexing *x, const struct index_totals *t)
{
	if (x->show)
		fprintf(stderr, "%zu snapshot%s of %zu host%s recorded, %zu known already\n", t->recorded,
			t->recorded == 1 ? "" : "s", t->hosts, t->hosts == 1 ? "" : "s", t->known);
}

int index_archive(const struct taking *k, const struct texts *paths, struct index_totals *t, struct err *e)
{
	const struct options *o = k->o;
	struct indexing x = {.show = isatty(STDERR_FILENO) && !o->quiet};
	struct index_options io = {.paths = paths->v, .n_paths = paths->n, .db = k->db, .zone = o->archive_tz, .jobs = o->jobs > INT_MAX ? INT_MAX : (int)o->jobs,
				   .max_body = o->max_body, .passing = k->passing, .stop = &stopped, .say = say, .progress = progress, .ctx = &x};
	struct sigaction act = {.sa_handler = on_stop}, was_int, was_term;
	int rc;

	sigaction(SIGINT, &act, &was_int);
	sigaction(SIGTERM, &act, &was_term);
	rc = index_run(&io, t, e);
	sigaction(SIGINT, &was_int, NULL);
	sigaction(SIGTERM, &was_term, NULL);
	clear_line(&x);
	if (rc < 0)
		return -1;
	if (stopped)
		return fail(e, "stopped; the next --index goes on from here");
	if (t->files == 0)
		return fail(e, "%s: holds no *.goroutines.txt.gz", paths->v[0]);
	totals_text(&x, t);
	return x.said ? 1 : 0;
}

int run_index(const struct options *o, struct err *e)
{
	struct index_totals t = {0};
	struct out out = {0};
	struct err why = {0};
	const char *output = o->output;
	struct texts archive = {.v = &output, .n = 1};
	int rc;

	if (!o->operands.n && access(output, F_OK) < 0 && errno == ENOENT)
		return fail_as(e, ERR_GONE, "%s: no such folder; --index DIR takes an archive that is elsewhere", output);
	rc = take_paths(&(struct taking){.o = o, .db = o->db}, o->operands.n ? &o->operands : &archive, &t, e);

	if (rc >= 0 && o->json)
		totals_json(&out.buf, &t);
	if (out_close(&out, &why) < 0)
		return fail(e, "%s", why.text);
	return rc;
}
