/* SPDX-License-Identifier: MIT */
/* Start, wait for a signal, drain, stop. */
#include "server.h"
#include <gscrape/confine.h>
#include <gscrape/gzip.h>
#include <gscrape/store.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define DRAIN_TIME 5000   /* ms for answers that are being written when we are told to end */
#define IDLE_SECONDS 60u
#define HEADER_BYTES (512u << 10) /* a connection's memory: request line and header must fit, a filter of 100 kB in hexadecimal too; what it does not touch
				   * costs nothing */

static void log_line(void *server, const char *fmt, va_list ap)
{
	struct server *s = server;

	vsnprintf(s->log, sizeof s->log, fmt, ap);
	s->log[strcspn(s->log, "\n")] = 0;
}

static int read_pem(const char *path, char **out, struct err *e)
{
	struct buf b = {0};

	if (file_read(path, &b, 1 << 20, e) != 0) {
		buf_release(&b);
		return -1;
	}
	buf_putc(&b, 0);
	*out = b.p;
	return 0;
}

static bool has_https(void)
{
	return MHD_is_feature_supported(MHD_FEATURE_TLS) == MHD_YES;
}

/* A path of plain names: it stands in addresses as it is. */
static int check_base(const char *base, struct err *e)
{
	const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~./";
	size_t n = base ? strlen(base) : 0;

	if (!base || (n > 1 && base[0] == '/' && base[n - 1] != '/' && !base[strspn(base, plain)] &&
		      !strstr(base, "//") && !strstr(base, "/.")))
		return 0;
	return fail_as(e, ERR_USAGE, "--base-path: '%s' is no path such as /gs", base);
}

/* Is it safe to listen there? And everything that is read from files. */
static int open_files(struct server *s, struct err *e)
{
	const struct serve_options *o = &s->o;

	if (!o->tls_cert != !o->tls_key)
		return fail(e, "--tls-cert and --tls-key belong together");
	if (o->tls_cert && !has_https())
		return fail(e, "--tls-cert: this program was built without https for --serve; a proxy in front of it can do that");
	if (check_base(o->base_path, e) < 0)
		return -1;
	if (o->auth_file && o->no_auth)
		return fail(e, "--auth-file and --no-auth cannot both be");
	if (o->tls_cert && (read_pem(o->tls_cert, &s->tls_cert, e) < 0 || read_pem(o->tls_key, &s->tls_key, e) < 0))
		return -1;
	if (o->auth_file && auth_open(&s->auth, o->auth_file, e) < 0)
		return -1;
	if (listen_open(&s->listener, o->address, o->tls_cert != NULL, e) < 0)
		return -1;
	if (!s->listener.loopback && !o->auth_file && !o->no_auth)
		return fail(e, "%s can be reached by others: give --auth-file FILE, or --no-auth to let everybody read", s->listener.url);
	return 0;
}

/* Every connection is a descriptor. */
static void more_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max < CONNECTIONS_MAX + 256 ? l.rlim_max : CONNECTIONS_MAX + 256;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

void serve_made_with(struct buf *out)
{
	buf_addf(out, "libmicrohttpd %s, %s", MHD_get_version(), has_https() ? "https too" : "without https");
}

static int start_daemon(struct server *s, struct err *e)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			 (s->tls_cert ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, s->tls_cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, s->tls_key},
		{MHD_OPTION_END, 0, NULL},
	};

	more_descriptors();
	s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, request_access, s,
				     MHD_OPTION_EXTERNAL_LOGGER, log_line, s,
				     MHD_OPTION_LISTEN_SOCKET, s->listener.fd,
				     MHD_OPTION_URI_LOG_CALLBACK, request_begin, s,
				     MHD_OPTION_NOTIFY_COMPLETED, request_end, s,
				     MHD_OPTION_NOTIFY_CONNECTION, ticker_connection, s,
				     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
				     MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
				     MHD_OPTION_STRICT_FOR_CLIENT, 1,
				     MHD_OPTION_ARRAY, s->tls_cert ? tls : &tls[2],
				     MHD_OPTION_END);
	if (!s->daemon)
		return fail(e, "cannot serve on %s: %s", s->listener.url,
			    s->tls_cert ? "the certificate or its key is no PEM that fits" : s->log);
	s->listener.fd = -1; /* the daemon's now */
	return 0;
}

/* The store must be there before anybody is told that we serve it. */
static int look_at_store(struct server *s, struct err *e)
{
	struct source *src = source_take(s, e);

	if (!src)
		return -1;
	source_give(s, src);
	return 0;
}

static void drain(struct server *s)
{
	int64_t end = monotonic_ms() + DRAIN_TIME;
	int fd = MHD_quiesce_daemon(s->daemon);

	if (fd >= 0)
		close(fd);
	events_end(s->events);
	while (atomic_load(&s->active) && monotonic_ms() < end)
		usleep(5000);
	answers_stop(s);
	ticker_stop(s);
	MHD_stop_daemon(s->daemon);
}

static void server_release(struct server *s)
{
	if (s->listener.fd >= 0)
		close(s->listener.fd);
	sources_close(s);
	auth_close(s->auth);
	events_free(s->events);
	leak_metrics_free(s->leaks);
	free(s->tls_cert);
	if (s->tls_key)
		explicit_bzero(s->tls_key, strlen(s->tls_key));
	free(s->tls_key);
	free(s->deadlines);
	free(s);
}

/* Who only reads a store needs little, and talks with anybody. */
static void give_up(const struct serve_options *o)
{
	char *dumps;

	if (!o->confined || store_is_remote(o->db))
		return;
	if (o->leak_ignore)
		file_folders(o->leak_ignore, NULL); /* it may be written later: a folder that comes then could not be read */
	dumps = o->dumps ? xasprintf("%s/.", o->dumps) : NULL; /* what is in it is meant, not what is beside it */
	confine(o->db, (const char *const[]){o->auth_file, o->leak_ignore, dumps}, 3);
	free(dumps);
}

static void tell_url(const struct server *s)
{
	const char *base = s->o.base_path;

	if (base && strncmp(s->listener.url, "http", 4) == 0) /* which ends with the slash that the base begins with */
		printf("%s%s/\n", s->listener.url, base + 1);
	else
		printf("%s\n", s->listener.url);
}

static int serve(struct server *s, const sigset_t *signals, struct err *e)
{
	int sig = 0;

	if (look_at_store(s, e) < 0 || open_files(s, e) < 0)
		return -1;
	give_up(&s->o); /* before there are threads */
	if (answers_start(s, e) < 0)
		return -1;
	if (start_daemon(s, e) < 0 || ticker_start(s, e) < 0) {
		answers_stop(s);
		return -1;
	}
	if (!s->o.quiet) {
		tell_url(s);
		fflush(stdout);
	}
	while (sigwait(signals, &sig) == 0 && sig == SIGHUP)
		scrape_reload(s->o.scrape);
	pthread_sigmask(SIG_UNBLOCK, signals, NULL); /* the second one ends the program at once */
	drain(s);
	return 0;
}

/* What ends us; and where this process records, SIGHUP, which has the targets read again. */
static sigset_t our_signals(const struct serve_options *o)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (o->scrape)
		sigaddset(&set, SIGHUP);
	return set;
}

int serve_run(const struct serve_options *o, struct err *e)
{
	struct server *s = xcalloc(1, sizeof *s);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, pipe_was;
	sigset_t signals = our_signals(o), before;
	int rc;

	sigaction(SIGPIPE, &ignore, &pipe_was);        /* a client may leave at any time */
	pthread_sigmask(SIG_BLOCK, &signals, &before); /* all threads inherit it, so that only sigwait sees them */
	s->o = *o;
	s->listener.fd = -1;
	s->began = now_ms();
	pthread_mutex_init(&s->sources_lock, NULL);
	pthread_mutex_init(&s->jobs_lock, NULL);
	pthread_mutex_init(&s->tick_lock, NULL);
	s->leaks = leak_metrics_new();
	s->events = events_new(s);
	rc = serve(s, &signals, e);
	server_release(s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGPIPE, &pipe_was, NULL);
	return rc;
}
