/* SPDX-License-Identifier: MIT */
/*
 * http_load PORT CLIENTS SECONDS PATH...: ask a server on loopback, each client over one connection, paths in turn; prints
 * requests, errors, requests per second, p50 and p99 in ms.
 * http_load --constant: serve one small constant with libmicrohttpd as our server is set up, print the port, until killed:
 * what cannot be surpassed.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 4000000

struct client {
	pthread_t thread;
	int port, n_paths, first;
	char **paths;
	double end, *times; /* ms */
	size_t n, errors;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int dial(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return connect(fd, (struct sockaddr *)&a, sizeof a) == 0 ? fd : -1;
}

/* The last seven bytes of all that came. */
static void roll(char tail[7], const char *p, size_t n)
{
	size_t keep = n < 7 ? 7 - n : 0;

	memmove(tail, tail + 7 - keep, keep);
	memcpy(tail + keep, p + n - (7 - keep), 7 - keep);
}

/* One answer: its status, or 0 when the connection broke. Chunked answers end with an empty chunk. */
static int answer(int fd)
{
	static const char last[] = "\r\n0\r\n\r\n";
	char buf[1 << 16], tail[8] = "";
	size_t n = 0, want = 0, body = 0;
	int status = 0, chunked = 0;

	for (;;) {
		ssize_t got = read(fd, buf + n, sizeof buf - 1 - n);
		char *head;

		if (got <= 0)
			return 0;
		if (status) {
			body += (size_t)got;
			roll(tail, buf, (size_t)got);
		} else {
			n += (size_t)got;
			buf[n] = 0;
			head = strstr(buf, "\r\n\r\n");
			if (!head)
				continue;
			status = atoi(buf + 9);
			body = n - (size_t)(head + 4 - buf);
			head = strcasestr(buf, "\r\nContent-Length:");
			want = head ? (size_t)atoll(head + 17) : 0;
			chunked = !head;
			roll(tail, buf, n);
			n = 0;
		}
		if (chunked ? memcmp(tail, last, 7) == 0 : body >= want)
			return status;
	}
}

static void *run(void *ctx)
{
	struct client *c = ctx;
	int fd = dial(c->port);

	for (int i = c->first; now() < c->end && c->n < TIMES_MAX; i++) {
		char ask[2048];
		int n = snprintf(ask, sizeof ask, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", c->paths[i % c->n_paths]);
		double began = now();

		if (write(fd, ask, (size_t)n) != n || answer(fd) != 200) {
			c->errors++;
			close(fd);
			fd = dial(c->port);
			continue;
		}
		c->times[c->n++] = now() - began;
	}
	close(fd);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static enum MHD_Result constant(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
				const char *upload, size_t *size, void **ctx)
{
	struct MHD_Response *m;
	enum MHD_Result rc;

	(void)cls, (void)url, (void)method, (void)version, (void)upload, (void)size;
	if (!*ctx) {
		*ctx = c;
		return MHD_YES;
	}
	m = MHD_create_response_from_buffer(3, (void *)(uintptr_t)"ok\n", MHD_RESPMEM_PERSISTENT);
	rc = MHD_queue_response(c, 200, m);
	MHD_destroy_response(m);
	return rc;
}

static int serve_constant(void)
{
	struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, constant, NULL, MHD_OPTION_END);

	if (!d)
		return 1;
	printf("%d\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	sleep(300);
	return 0;
}

int main(int argc, char **argv)
{
	struct client *c;
	double *all, began;
	size_t n = 0, errors = 0;
	int clients;

	if (argc == 2 && strcmp(argv[1], "--constant") == 0)
		return serve_constant();
	if (argc < 5)
		return 2;
	clients = atoi(argv[2]);
	c = calloc((size_t)clients, sizeof *c);
	began = now();
	for (int i = 0; i < clients; i++) {
		c[i] = (struct client){.port = atoi(argv[1]), .paths = argv + 4, .n_paths = argc - 4, .first = i,
				       .end = began + atof(argv[3]) * 1e3, .times = malloc(TIMES_MAX * sizeof(double))};
		pthread_create(&c[i].thread, NULL, run, &c[i]);
	}
	for (int i = 0; i < clients; i++) {
		pthread_join(c[i].thread, NULL);
		n += c[i].n;
		errors += c[i].errors;
	}
	all = malloc((n + 1) * sizeof *all);
	n = 0;
	for (int i = 0; i < clients; i++) {
		memcpy(all + n, c[i].times, c[i].n * sizeof *all);
		n += c[i].n;
	}
	qsort(all, n, sizeof *all, by_value);
	printf("%zu requests, %zu errors, %.0f/s, p50 %.2f ms, p99 %.2f ms\n", n, errors, (double)n * 1e3 / (now() - began),
	       n ? all[n / 2] : 0, n ? all[n * 99 / 100] : 0);
	return errors != 0;
}
