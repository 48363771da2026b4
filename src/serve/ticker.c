/* SPDX-License-Identifier: MIT */
/*
 * One thread with a clock. Each second it ends connections that did not take their next step in time (a request whose
 * header comes byte by byte never idles, so an idle limit alone would let it stand for hours), and twice a second it
 * lets the event streams look for new snapshots.
 *
 * A connection's deadline is a slot in one array; libmicrohttpd keeps the slot's number with the connection, and tells
 * us before it closes the descriptor, so that a descriptor in a slot is always that connection's.
 */
#include "server.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define LOOK_EVERY 500  /* ms */
#define BEAT_EVERY 30   /* looks: every 15 s */
#define FIRST_STEP 15000
#define CROWDED (CONNECTIONS_MAX / 4 * 3) /* connections from which on idle ones make room */

static size_t free_slot(struct server *s)
{
	for (size_t i = 0; i < s->n_deadlines; i++)
		if (s->deadlines[i].fd < 0)
			return i;
	GROW(s->deadlines, s->n_deadlines, s->cap_deadlines);
	return s->n_deadlines++;
}

/* With the lock held. Where many hold connections without a word, the one that has been silent for longest makes room. */
static void end_idle_one(struct server *s)
{
	struct deadline *oldest = NULL;

	for (size_t i = 0; i < s->n_deadlines; i++) {
		struct deadline *d = &s->deadlines[i];

		if (d->fd >= 0 && d->idle && d->at && (!oldest || d->at < oldest->at))
			oldest = d;
	}
	if (!oldest)
		return;
	shutdown(oldest->fd, SHUT_RDWR);
	oldest->at = 0;
}

void ticker_connection(void *server, struct MHD_Connection *c, void **ctx, enum MHD_ConnectionNotificationCode what)
{
	struct server *s = server;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	size_t i;

	pthread_mutex_lock(&s->tick_lock);
	if (what == MHD_CONNECTION_NOTIFY_STARTED && info) {
		if (++s->open > CROWDED)
			end_idle_one(s);
		i = free_slot(s);
		s->deadlines[i] = (struct deadline){.fd = info->connect_fd, .idle = true, .at = monotonic_ms() + FIRST_STEP};
		*ctx = (void *)(uintptr_t)(i + 1);
	} else if (what == MHD_CONNECTION_NOTIFY_CLOSED && *ctx) {
		s->deadlines[(uintptr_t)*ctx - 1] = (struct deadline){.fd = -1};
		s->open--;
	}
	pthread_mutex_unlock(&s->tick_lock);
}

void ticker_allow(struct request *r, int64_t ms, bool idle)
{
	struct server *s = r->server;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	uintptr_t slot = info ? (uintptr_t)info->socket_context : 0;

	pthread_mutex_lock(&s->tick_lock);
	if (slot && slot <= s->n_deadlines)
		s->deadlines[slot - 1] = (struct deadline){.fd = s->deadlines[slot - 1].fd, .idle = idle, .at = ms ? monotonic_ms() + ms : 0};
	pthread_mutex_unlock(&s->tick_lock);
}

/* With the lock held. The I/O thread then finds the connection closed, and cleans up. */
static void end_late_ones(struct server *s)
{
	int64_t now = monotonic_ms();

	for (size_t i = 0; i < s->n_deadlines; i++) {
		struct deadline *d = &s->deadlines[i];

		if (d->fd >= 0 && d->at && now > d->at) {
			shutdown(d->fd, SHUT_RDWR);
			d->at = 0;
		}
	}
}

static void wait_until(struct server *s, int64_t ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	while (!s->tick_stop && pthread_cond_timedwait(&s->tick_cond, &s->tick_lock, &t) != ETIMEDOUT)
		;
}

static void *tick(void *server)
{
	struct server *s = server;
	int64_t next = monotonic_ms();
	unsigned looks = 0;

	pthread_mutex_lock(&s->tick_lock);
	while (!s->tick_stop) {
		next += LOOK_EVERY;
		wait_until(s, next);
		end_late_ones(s);
		pthread_mutex_unlock(&s->tick_lock);
		events_look(s->events, ++looks % BEAT_EVERY == 0);
		pthread_mutex_lock(&s->tick_lock);
	}
	pthread_mutex_unlock(&s->tick_lock);
	return NULL;
}

int ticker_start(struct server *s, struct err *e)
{
	cond_init_steady(&s->tick_cond);
	return thread_start(&s->ticker, tick, s, e);
}

void ticker_stop(struct server *s)
{
	pthread_mutex_lock(&s->tick_lock);
	s->tick_stop = true;
	pthread_cond_signal(&s->tick_cond);
	pthread_mutex_unlock(&s->tick_lock);
	pthread_join(s->ticker, NULL);
	pthread_cond_destroy(&s->tick_cond);
}
