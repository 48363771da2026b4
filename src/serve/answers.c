/* SPDX-License-Identifier: MIT */
/* Threads that answer what takes time, while the connection is suspended. */
#include "server.h"

static void answer(void *request)
{
	struct request *r = request;
	struct MHD_Connection *c = r->connection;
	bool stopping;

	pthread_mutex_lock(&r->server->jobs_lock);
	stopping = r->server->stopping;
	pthread_mutex_unlock(&r->server->jobs_lock);
	if (stopping)
		reply_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is going down");
	else
		request_run(r);
	r->state = REQUEST_READY;
	MHD_resume_connection(c); /* r may be gone from here on */
}

int answers_start(struct server *s, struct err *e)
{
	return workers_open(&s->workers, WORKERS, e);
}

/* Under the lock, so that nothing is put in when the workers are told to end. */
bool answers_push(struct server *s, struct request *r)
{
	bool room;

	pthread_mutex_lock(&s->jobs_lock);
	room = !s->stopping && workers_waiting(s->workers) < JOBS_MAX;
	if (room) {
		r->state = REQUEST_WAITS;
		MHD_suspend_connection(r->connection); /* first: a worker may be done at once */
		workers_put(s->workers, answer, r);
	}
	pthread_mutex_unlock(&s->jobs_lock);
	return room;
}

void answers_stop(struct server *s)
{
	pthread_mutex_lock(&s->jobs_lock);
	s->stopping = true;
	pthread_mutex_unlock(&s->jobs_lock);
	workers_close(s->workers);
}
