/* SPDX-License-Identifier: MIT */
/* Threads that answer what takes time, while the connection is suspended. First come, first served. */
#include "server.h"

static struct request *pop(struct server *s)
{
	struct request *r;

	pthread_mutex_lock(&s->jobs_lock);
	while (!s->jobs && !s->stopping)
		pthread_cond_wait(&s->jobs_cond, &s->jobs_lock);
	r = s->jobs;
	if (r) {
		s->jobs = r->next;
		s->n_jobs--;
		if (!s->jobs)
			s->jobs_tail = &s->jobs;
	}
	pthread_mutex_unlock(&s->jobs_lock);
	return r;
}

static void *work(void *server)
{
	struct server *s = server;
	struct request *r;

	while ((r = pop(s))) {
		struct MHD_Connection *c = r->connection;

		if (s->stopping)
			reply_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is going down");
		else
			request_run(r);
		r->state = REQUEST_READY;
		MHD_resume_connection(c); /* r may be gone from here on */
	}
	return NULL;
}

int workers_start(struct server *s, struct err *e)
{
	s->jobs_tail = &s->jobs;
	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&s->workers[i], NULL, work, s) != 0)
			return fail(e, "no thread can be started");
	return 0;
}

bool workers_push(struct server *s, struct request *r)
{
	bool room;

	pthread_mutex_lock(&s->jobs_lock);
	room = s->n_jobs < JOBS_MAX && !s->stopping;
	if (room) {
		r->state = REQUEST_WAITS;
		r->next = NULL;
		MHD_suspend_connection(r->connection);
		*s->jobs_tail = r;
		s->jobs_tail = &r->next;
		s->n_jobs++;
		pthread_cond_signal(&s->jobs_cond);
	}
	pthread_mutex_unlock(&s->jobs_lock);
	return room;
}

void workers_stop(struct server *s)
{
	pthread_mutex_lock(&s->jobs_lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->jobs_cond);
	pthread_mutex_unlock(&s->jobs_lock);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(s->workers[i], NULL);
}
