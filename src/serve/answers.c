/* SPDX-License-Identifier: MIT */
/* Threads that answer what takes time, while the connection is suspended. */
#include "server.h"

static bool is_stopping(struct server *s)
{
	bool stopping;

	pthread_mutex_lock(&s->jobs_lock);
	stopping = s->stopping;
	pthread_mutex_unlock(&s->jobs_lock);
	return stopping;
}

static void done(struct request *r)
{
	struct MHD_Connection *c = r->connection;

	r->state = REQUEST_READY;
	MHD_resume_connection(c); /* r may be gone from here on */
}

static void answers_answer(void *request)
{
	struct request *r = request;

	if (is_stopping(r->server))
		reply_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is going down");
	else
		request_run(r);
	done(r);
}

/* Passwords are checked first come, first served, however many guess: who has the right one waits, and is not sent away. */
static void check_login(void *request)
{
	struct request *r = request;

	if (is_stopping(r->server)) {
		reply_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is going down");
	} else if (request_login(r)) {
		workers_put(r->server->workers, answers_answer, r);
		return;
	}
	done(r);
}

int answers_start(struct server *s, struct err *e)
{
	if (workers_open(&s->workers, WORKERS, e) < 0)
		return -1;
	return s->auth ? workers_open(&s->checkers, CHECKERS, e) : 0;
}

/* Under the lock, so that nothing is put in when the workers are told to end. */
bool answers_push(struct server *s, struct request *r)
{
	bool room;

	pthread_mutex_lock(&s->jobs_lock);
	room = !s->stopping && (r->check_password ? workers_waiting(s->checkers) < CONNECTIONS_MAX : workers_waiting(s->workers) < JOBS_MAX);
	if (room) {
		r->state = REQUEST_WAITS;
		MHD_suspend_connection(r->connection); /* first: a worker may be done at once */
		if (r->check_password)
			workers_put(s->checkers, check_login, r);
		else
			workers_put(s->workers, answers_answer, r);
	}
	pthread_mutex_unlock(&s->jobs_lock);
	return room;
}

void answers_stop(struct server *s)
{
	pthread_mutex_lock(&s->jobs_lock);
	s->stopping = true;
	pthread_mutex_unlock(&s->jobs_lock);
	workers_close(s->checkers); /* first: what is right goes to the others */
	workers_close(s->workers);
}
