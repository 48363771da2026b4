/* SPDX-License-Identifier: MIT */
/* A batch: the next image, made out of a copy of the last one. */
#include "memory_store.h"
#include <stdlib.h>

int mem_begin(struct store *store, struct err *e)
{
	struct mem_store *s = mem_of(store);

	if (s->mode != STORE_WRITE)
		return fail(e, "%s: is open for reading", s->base.where);
	if (!s->work) {
		pthread_mutex_lock(&s->db->lock);
		s->work = image_copy(s->db->now);
		pthread_mutex_unlock(&s->db->lock);
	}
	return 0;
}

static struct mem_host *add_host(struct mem_store *s, const struct registered *r)
{
	struct image *m = s->work;

	GROW(m->hosts, m->n, m->cap);
	m->hosts[m->n] = (struct mem_host){
		.row = {.host = r->host, .name = r->name, .labels = r->labels ? r->labels : "", .first_seq = 1, .first = NO_TIME,
			.last = NO_TIME}};
	return &m->hosts[m->n++];
}

/* The host whose turn it is; one that is registered begins anew when it is not there. */
struct mem_host *mem_host_ready(struct mem_store *s, uint32_t host, struct err *e)
{
	struct mem_host *h;

	if (!s->work) {
		fail(e, "%s: no batch is begun", s->base.where);
		return NULL;
	}
	h = image_host(s->work, host);
	for (size_t i = 0; i < s->n_hosts && !h; i++)
		if (s->hosts[i].host == host)
			h = add_host(s, &s->hosts[i]);
	if (!h)
		fail(e, "%s: host %u is not registered", s->base.where, host);
	return h;
}

static struct registered *register_host(struct mem_store *s, const char *name)
{
	struct registered *r;
	uint32_t host = 0;

	for (size_t i = 0; i < s->n_hosts; i++)
		if (strcmp(s->hosts[i].name, name) == 0)
			return &s->hosts[i];
	for (size_t i = 0; i < s->work->n; i++)
		if (strcmp(s->work->hosts[i].row.name, name) == 0)
			host = s->work->hosts[i].row.host;
	GROW(s->hosts, s->n_hosts, s->cap_hosts);
	r = &s->hosts[s->n_hosts++];
	*r = (struct registered){.host = host ? host : ++s->db->last_host,
				 .name = pool_strndup(&s->db->pool, name, strlen(name))};
	return r;
}

int mem_host(struct store *store, const char *name, const char *labels, struct host_place *out, struct err *e)
{
	struct mem_store *s = mem_of(store);
	struct registered *r;
	struct mem_host *h;

	if (!s->work)
		return fail(e, "%s: no batch is begun", s->base.where);
	pthread_mutex_lock(&s->db->lock);
	r = register_host(s, name);
	if (labels)
		r->labels = pool_strndup(&s->db->pool, labels, strlen(labels));
	pthread_mutex_unlock(&s->db->lock);
	h = mem_host_ready(s, r->host, e);
	if (r->labels)
		h->row.labels = r->labels;
	*out = (struct host_place){r->host, h->row.last_seq, h->ordinal, h->row.epoch, h->row.last};
	return 0;
}

static void put_events(struct mem_store *s, struct mem_host *h, const struct snapshot_put *put)
{
	for (size_t i = 0; i < put->n_events; i++) {
		const struct event *ev = &put->events[i];
		struct mem_event *mine = series_add(&h->events, sizeof *mine);
		bool run = ev->kind == EV_BORN || ev->kind == EV_RUN;

		*mine = (struct mem_event){.ev = *ev, .epoch = ev->kind == EV_GONE ? h->row.epoch : put->snapshot->epoch};
		mine->ev.seq = put->snapshot->seq;
		mine->ev.stack = run ? names_stack(s, put->names, ev->stack) : 0;
		mine->ev.state = run ? names_string(s, put->names, ev->state) : 0;
		mine->ev.labels = run ? names_string(s, put->names, ev->labels) : 0;
	}
}

static void put_snapshot(struct mem_store *s, struct mem_host *h, const struct snapshot_put *put)
{
	const struct snapshot *from = put->snapshot;
	struct snapshot *mine = series_add(&h->snapshots, sizeof *mine);
	struct state_count *states = pool_alloc(&s->db->pool, ((size_t)from->n_states + 1) * sizeof *states);

	*mine = *from;
	mine->note = names_string(s, put->names, from->note);
	mine->states = states;
	mine->held.p = from->held.n ? pool_strndup(&s->db->pool, from->held.p, from->held.n) : NULL;
	for (uint32_t i = 0; i < from->n_states; i++)
		states[i] = (struct state_count){names_string(s, put->names, from->states[i].state), from->states[i].n};
}

int mem_put_snapshot(struct store *store, const struct snapshot_put *put, struct err *e)
{
	struct mem_store *s = mem_of(store);
	struct mem_host *h = mem_host_ready(s, put->host, e);
	const struct snapshot *snap = put->snapshot;
	struct host_row *r;

	if (!h || snapshot_follows(store, &(struct host_place){h->row.host, h->row.last_seq, h->ordinal, h->row.epoch, h->row.last},
				   h->row.name, snap, e) < 0)
		return -1;
	r = &h->row;
	pthread_mutex_lock(&s->db->lock);
	put_events(s, h, put);
	put_snapshot(s, h, put);
	pthread_mutex_unlock(&s->db->lock);
	if (!host_row_snapshots(r) || r->first == NO_TIME)
		r->first = snap->time;
	r->last = snap->time;
	r->last_seq = snap->seq;
	r->epoch = snap->epoch;
	r->failed += snap->status == SNAP_FAILED;
	r->with_text += snap_has_text(snap->status);
	r->bytes += snap->bytes;
	r->events += put->n_events;
	if (snap->status != SNAP_FAILED && snap->goroutines > r->peak)
		r->peak = snap->goroutines;
	h->ordinal = snap->ordinal;
	s->batch.snapshots++;
	s->batch.events += put->n_events;
	return 0;
}

int mem_put_liveness(struct store *store, uint32_t host, const struct liveness *l, size_t n, struct err *e)
{
	struct mem_host *h = mem_host_ready(mem_of(store), host, e);

	if (!h)
		return -1;
	pthread_mutex_lock(&mem_of(store)->db->lock); /* blocks are shared with what others read */
	series_set(&h->liveness, l, n, sizeof *l);
	pthread_mutex_unlock(&mem_of(store)->db->lock);
	return 0;
}

int mem_put_memory(struct store *store, uint32_t host, struct str bytes, struct err *e)
{
	struct mem_host *h = mem_host_ready(mem_of(store), host, e);

	if (!h)
		return -1;
	pthread_mutex_lock(&mem_of(store)->db->lock);
	series_set(&h->memory, bytes.p, bytes.n, 1);
	pthread_mutex_unlock(&mem_of(store)->db->lock);
	h->remembers = true;
	return 0;
}

int mem_put_end(struct store *store, int64_t time, struct err *e)
{
	struct mem_store *s = mem_of(store);

	if (!s->work)
		return fail(e, "%s: no batch is begun", s->base.where);
	s->work->end = time;
	return 0;
}

int mem_commit(struct store *store, struct commit *done, struct err *e)
{
	struct mem_store *s = mem_of(store);
	struct mem_db *db = s->db;
	struct image *old = db->now;

	*done = s->batch;
	if (!s->work)
		return mem_version(store, &done->version, e);
	pthread_mutex_lock(&db->lock);
	for (size_t i = 0; i < s->work->n; i++) {
		const struct mem_host *h = &s->work->hosts[i], *was = image_host(old, h->row.host);

		done->hosts += !was || was->row.last_seq != h->row.last_seq || was->row.labels != h->row.labels;
	}
	done->version = s->work->version = old->version + 1;
	s->work->n_strings = db->n_strings;
	s->work->n_stacks = db->n_stacks;
	db->now = s->work;
	s->work = NULL;
	s->batch = (struct commit){0};
	image_put(old);
	pthread_mutex_unlock(&db->lock);
	return 0;
}

void mem_abort(struct store *store)
{
	struct mem_store *s = mem_of(store);

	pthread_mutex_lock(&s->db->lock);
	if (s->work) {
		image_put(s->work);
		names_truncate(s->db);
	}
	s->work = NULL;
	pthread_mutex_unlock(&s->db->lock);
	s->batch = (struct commit){0};
	mem_forget_names(store);
}
