/* SPDX-License-Identifier: MIT */
/*
 * replay: an archive as live pprof endpoints on loopback, for tests, benches and the demo.
 *
 *     replay [OPTION...] ARCHIVE
 *
 * Each host folder becomes a server of its own on a port of its own; each request for debug=2 gets the host's next
 * snapshot (the last one again and again, or --loop), or with --speed the one that is due by the clock. Prints a line
 * "FOLDER http://127.0.0.1:PORT" per server, and serves until SIGTERM, or for --seconds.
 */
#include <gscrape/archive.h>
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum mode { GOOD, SLOW, CUT, STATUS, HTML, ENDLESS, STALL, LIMIT, GZIPPED, EMPTY, N_MODES };
static const char *const modes[N_MODES] = {"good", "slow", "cut", "status", "html", "endless", "stall", "limit", "gzip", "empty"};

struct server {
	const struct archive_host *host;
	struct replay *all;
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	size_t next;
	unsigned port, fresh;
};

struct replay {
	struct archive archive;
	struct server *servers;
	size_t n;
	double speed;      /* 0: a snapshot per request */
	bool loop, fresh;
	enum mode mode;
	int64_t began;
	volatile sig_atomic_t *stop;
};

/* A body on its way out. */
struct body {
	struct buf text;
	enum mode mode;
	const volatile sig_atomic_t *stop;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void pause_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

#define SLOW_BYTES 512 /* per 50 ms */

static ssize_t give(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct body *b = ctx;
	size_t left;

	if (b->mode == STALL || b->mode == SLOW) {
		for (int i = 0; i < (b->mode == STALL ? 1200 : 1) && !*b->stop; i++) /* a minute at most */
			pause_ms(50);
		max = max < SLOW_BYTES ? max : SLOW_BYTES;
	}
	if (*b->stop)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (b->mode == ENDLESS && b->text.n)
		pos %= b->text.n;
	if (b->mode == CUT && pos >= b->text.n / 2)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	left = pos < b->text.n ? b->text.n - (size_t)pos : 0;
	if (!left)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (b->mode == CUT && left > b->text.n / 2 - (size_t)pos)
		left = b->text.n / 2 - (size_t)pos;
	if (left > max)
		left = max;
	memcpy(out, b->text.p + pos, left);
	return (ssize_t)left;
}

static void drop(void *ctx)
{
	struct body *b = ctx;

	buf_release(&b->text);
	free(b);
}

/* Which snapshot is due. */
static size_t due(struct server *s, bool advance)
{
	const struct archive_host *h = s->host;
	size_t i;

	pthread_mutex_lock(&s->lock);
	if (s->all->speed > 0) {
		int64_t t = h->files[0].time + (int64_t)((double)(monotonic_ms() - s->all->began) * s->all->speed);

		for (i = 0; i + 1 < h->n && h->files[i + 1].time <= t; i++)
			;
	} else {
		i = s->next < h->n ? s->next : h->n - 1;
		if (advance && s->next + 1 < h->n)
			s->next++;
		else if (advance && s->all->loop)
			s->next = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return i;
}

/* What debug=1 begins with; a scraper that is kind asks for no more. */
static void total_only(struct buf *text)
{
	struct dump d = {.text = {text->p, text->n}};
	size_t n = 0;

	while (dump_next(&d))
		n++;
	dump_release(&d);
	buf_reset(text);
	buf_addf(text, "goroutine profile: total %zu\n", n);
}

static void spoil(struct body *b)
{
	struct buf packed = {0};

	switch (b->mode) {
	case HTML:
		buf_reset(&b->text);
		buf_adds(&b->text, "<!DOCTYPE html>\n<html><body>502 from a proxy, with status 200</body></html>\n");
		break;
	case EMPTY:
		buf_reset(&b->text);
		break;
	case LIMIT: /* as runtime/pprof does: exactly 64 MiB, in mid-line */
		while (b->text.n < (size_t)64 << 20)
			buf_add(&b->text, b->text.p, b->text.n < (32u << 20) ? b->text.n : ((size_t)64 << 20) - b->text.n);
		b->text.n = (size_t)64 << 20;
		break;
	case GZIPPED:
		gzip_deflate(b->text.p, b->text.n, 1, &packed);
		buf_release(&b->text);
		b->text = packed;
		break;
	default:
		break;
	}
}

/* A goroutine of a function that was never there before. */
static void add_fresh(struct server *s, struct buf *text)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->fresh++;
	pthread_mutex_unlock(&s->lock);
	buf_addf(text, "\ngoroutine %u [select]:\nmain.fresh%u_%u(0x1)\n\t/srv/fresh.go:%u +0x1\ncreated by main.main in goroutine 1\n\t/srv/main.go:5 +0x2\n",
		 10000000 + n, s->port, n, n % 1000 + 1);
}

static enum mode mode_named(const char *name)
{
	for (int i = 0; i < N_MODES; i++)
		if (strcmp(modes[i], name) == 0)
			return (enum mode)i;
	fprintf(stderr, "replay: no mode '%s'\n", name);
	exit(2);
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
			      const char *data, size_t *size, void **own)
{
	static int seen;
	struct server *s = ctx;
	const char *debug = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "debug");
	const char *bad = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "bad");
	struct MHD_Response *r;
	enum MHD_Result rc;
	struct body *b;
	unsigned status = 200;

	(void)version;
	(void)data;
	(void)size;
	if (!*own) {
		*own = &seen;
		return strcmp(method, "GET") == 0 ? MHD_YES : MHD_NO;
	}
	b = xcalloc(1, sizeof *b);
	b->mode = bad ? mode_named(bad) : s->all->mode;
	b->stop = s->all->stop;
	if (b->mode == STATUS) {
		status = 503;
		buf_adds(&b->text, "no\n");
	} else if (!strstr(url, "/debug/pprof/goroutine")) {
		status = 404;
		buf_adds(&b->text, "Unknown profile\n");
	} else {
		file_read(s->host->files[due(s, !debug || *debug == '2')].path, &b->text, FILE_MAX, NULL);
		if (s->all->fresh)
			add_fresh(s, &b->text);
		if (debug && *debug == '1')
			total_only(&b->text);
		spoil(b);
	}
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 32 << 10, give, b, drop);
	MHD_add_response_header(r, "Content-Type", b->mode == HTML ? "text/html" : "text/plain; charset=utf-8");
	rc = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return rc;
}

static void start(struct server *s, struct replay *all, size_t i)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	s->all = all;
	s->host = &all->archive.hosts[i % all->archive.n];
	pthread_mutex_init(&s->lock, NULL);
	/* a thread per connection: a body that stalls must not hold up another */
	s->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, s,
				     MHD_OPTION_SOCK_ADDR, &sa, MHD_OPTION_CONNECTION_TIMEOUT, 120u, MHD_OPTION_END);
	if (!s->daemon)
		die("cannot listen on loopback");
	s->port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static void write_targets(const struct replay *all, const char *path)
{
	struct buf b = {0};
	struct jw j = {.out = &b};
	struct err e;

	jw_arr(&j);
	for (size_t i = 0; i < all->n; i++) {
		char target[32];

		snprintf(target, sizeof target, "127.0.0.1:%u", all->servers[i].port);
		jw_obj(&j);
		jw_key(&j, "targets");
		jw_arr(&j);
		jw_str(&j, target);
		jw_end(&j);
		jw_key(&j, "labels");
		jw_obj(&j);
		jw_kstr(&j, "replays", all->servers[i].host->name);
		jw_end(&j);
		jw_end(&j);
	}
	jw_end(&j);
	if (file_write(path, b.p, b.n, &e) < 0)
		die("%s", e.text);
	buf_release(&b);
}

static const char usage[] =
	"usage: replay [OPTION...] ARCHIVE: serve an archive as live pprof endpoints on loopback\n"
	"  --hosts N         N servers, host folders used again and again\n"
	"  --speed X         by the clock, X times as fast as recorded; without: the next snapshot per request\n"
	"  --loop            begin again after the last snapshot, as a restarted process would\n"
	"  --fresh           each answer has a goroutine of a function that was never there before\n"
	"  --bad MODE        slow, cut, status, html, endless, stall, limit, gzip, empty; also per request: &bad=MODE\n"
	"  --targets-file F  write the servers as Prometheus' file_sd JSON\n"
	"  --seconds N       stop by itself (600)\n";

struct settings {
	size_t hosts;
	int seconds;
	const char *targets, *dir;
};

static void options(int argc, char **argv, struct replay *all, struct settings *s)
{
	for (int i = 1; i < argc; i++) {
		const char *o = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(o, "--loop") == 0) {
			all->loop = true;
			continue;
		}
		if (strcmp(o, "--fresh") == 0) {
			all->fresh = true;
			continue;
		}
		if (o[0] != '-') {
			s->dir = o;
			continue;
		}
		if (strcmp(o, "--hosts") == 0)
			s->hosts = (size_t)atoi(value);
		else if (strcmp(o, "--speed") == 0)
			all->speed = atof(value);
		else if (strcmp(o, "--bad") == 0)
			all->mode = mode_named(value);
		else if (strcmp(o, "--targets-file") == 0)
			s->targets = value;
		else if (strcmp(o, "--seconds") == 0)
			s->seconds = atoi(value);
		else {
			fputs(usage, strcmp(o, "--help") == 0 ? stdout : stderr);
			exit(strcmp(o, "--help") == 0 ? 0 : 2);
		}
		i++;
	}
	if (!s->dir) {
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct replay all = {.stop = &stop, .began = monotonic_ms()};
	struct settings s = {.seconds = 600};
	struct err e;

	options(argc, argv, &all, &s);
	if (archive_list(&all.archive, s.dir, NULL, &e) < 0)
		die("%s", e.text);
	if (!all.archive.n)
		die("%s: no snapshots there", s.dir);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	all.n = s.hosts ? s.hosts : all.archive.n;
	all.servers = xcalloc(all.n, sizeof *all.servers);
	for (size_t i = 0; i < all.n; i++)
		start(&all.servers[i], &all, i);
	if (s.targets)
		write_targets(&all, s.targets);
	for (size_t i = 0; i < all.n; i++)
		printf("%s http://127.0.0.1:%u\n", all.servers[i].host->name, all.servers[i].port);
	fflush(stdout);
	for (int64_t end = all.began + s.seconds * 1000LL; !stop && monotonic_ms() < end;)
		pause_ms(100);
	stop = 1;
	for (size_t i = 0; i < all.n; i++)
		MHD_stop_daemon(all.servers[i].daemon);
	archive_release(&all.archive);
	free(all.servers);
	return 0;
}
