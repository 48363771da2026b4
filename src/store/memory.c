/* SPDX-License-Identifier: MIT */
/*
 * A store in memory: arrays in the order of time. What is committed is an image, which nobody changes any more: a view
 * holds one, a batch makes the next one out of a copy. Arrays only grow, behind what older images look at, so that a copy
 * shares them.
 */
#include "engine.h"
#include <gscrape/hash.h>
#include <pthread.h>
#include <stdlib.h>

#define PIECE 64 /* snapshots of a piece of a walk */

/* --- arrays that images share --- */

struct block {
	int refs;
	size_t cap; /* bytes */
	max_align_t data[];
};

struct series {
	struct block *b;
	size_t n;
};

static void *series_of(const struct series *s)
{
	return s->b ? s->b->data : NULL;
}

static void series_release(struct series *s)
{
	if (s->b && --s->b->refs == 0)
		free(s->b);
	*s = (struct series){0};
}

static void *series_add(struct series *s, size_t size)
{
	if (!s->b || (s->n + 1) * size > s->b->cap) {
		size_t cap = s->n ? 2 * s->n * size : 16 * size;
		struct block *b = xmalloc(sizeof *b + cap);

		*b = (struct block){.refs = 1, .cap = cap};
		if (s->n)
			memcpy(b->data, s->b->data, s->n * size);
		if (s->b && --s->b->refs == 0)
			free(s->b);
		s->b = b;
	}
	return (char *)s->b->data + s->n++ * size;
}

static void series_set(struct series *s, const void *a, size_t n, size_t size)
{
	series_release(s);
	for (size_t i = 0; i < n; i++)
		memcpy(series_add(s, size), (const char *)a + i * size, size);
}

/* --- what there is --- */

struct mem_event {
	struct event ev;
	uint32_t epoch;
};

struct mem_state {
	struct goroutine_state g;
	uint32_t epoch;
};

struct mem_host {
	struct host_row row;
	uint32_t ordinal;
	struct series snapshots; /* struct snapshot, those kept */
	struct series events;    /* struct mem_event, from the first kept snapshot on, by seq */
	struct series base;      /* struct mem_state: who was alive before those */
	struct series liveness;
	struct series memory;    /* bytes; */
	bool remembers;          /* there are some, if none */
};

struct image {
	int refs;
	uint64_t version;
	struct mem_host *hosts;
	size_t n, cap;
	size_t n_strings, n_stacks; /* of the dictionary that are committed */
	int64_t end; /* 0: no recording ended in order */
};

/* One store; shared by all who have it open under its name. */
struct mem_db {
	struct mem_db *next;
	char *name; /* "" private */
	int refs;
	bool written; /* somebody has it open for writing */
	pthread_mutex_t lock;
	struct image *now;
	uint32_t last_host;
	struct pool pool; /* texts and frames: until the end */
	struct str *strings;
	struct store_stack *stacks;
	size_t n_strings, cap_strings, n_stacks, cap_stacks; /* from 1 */
	struct hash string_index, stack_index;
};

struct registered {
	uint32_t host;
	const char *name, *labels;
};

struct numbers {
	uint32_t *a;
	size_t n;
};

struct mem_store {
	struct store base;
	struct mem_db *db;
	enum store_mode mode;
	struct image *work; /* the batch */
	struct commit batch;
	struct registered *hosts;
	size_t n_hosts, cap_hosts;
	struct numbers strings, stacks; /* of a symtab: handles */
};

struct mem_view {
	struct store_view base;
	struct image *image;
};

static pthread_mutex_t dbs_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mem_db *dbs; /* those with a name */

static struct mem_store *mem_of(struct store *s)
{
	return (struct mem_store *)s;
}

static const struct image *image_of(const struct store_view *v)
{
	return ((const struct mem_view *)v)->image;
}

static void host_share(struct mem_host *h, int by)
{
	struct series *all[] = {&h->snapshots, &h->events, &h->base, &h->liveness, &h->memory};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (by > 0 && all[i]->b)
			all[i]->b->refs++;
		if (by < 0)
			series_release(all[i]);
	}
}

static void image_put(struct image *m)
{
	if (!m || --m->refs)
		return;
	for (size_t i = 0; i < m->n; i++)
		host_share(&m->hosts[i], -1);
	free(m->hosts);
	free(m);
}

static struct image *image_copy(const struct image *from)
{
	struct image *m = xcalloc(1, sizeof *m);

	*m = *from;
	m->refs = 1;
	m->cap = from->n + 8;
	m->hosts = xcalloc(m->cap, sizeof *m->hosts);
	for (size_t i = 0; i < m->n; i++) {
		m->hosts[i] = from->hosts[i];
		host_share(&m->hosts[i], 1);
	}
	return m;
}

static struct mem_host *find_host(const struct image *m, uint32_t host)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->hosts[i].row.host == host)
			return &m->hosts[i];
	return NULL;
}

/* --- open and close --- */

static struct mem_db *db_new(const char *name)
{
	struct mem_db *db = xcalloc(1, sizeof *db);

	db->name = xstrdup(name);
	pthread_mutex_init(&db->lock, NULL);
	db->now = xcalloc(1, sizeof *db->now);
	db->now->refs = 1;
	return db;
}

static void db_put(struct mem_db *db)
{
	pthread_mutex_lock(&dbs_lock);
	if (--db->refs == 0) {
		for (struct mem_db **at = &dbs; *at; at = &(*at)->next) {
			if (*at == db) {
				*at = db->next;
				break;
			}
		}
		image_put(db->now);
		pool_release(&db->pool);
		free(db->strings);
		free(db->stacks);
		hash_release(&db->string_index);
		hash_release(&db->stack_index);
		pthread_mutex_destroy(&db->lock);
		free(db->name);
		free(db);
	}
	pthread_mutex_unlock(&dbs_lock);
}

static int mem_open(struct store **out, const char *where, enum store_mode mode, struct err *e)
{
	const char *name = where + strlen(memory_ops.scheme);
	struct mem_db *db = NULL;
	struct mem_store *s;
	int rc = 0;

	pthread_mutex_lock(&dbs_lock);
	for (db = *name ? dbs : NULL; db && strcmp(db->name, name) != 0; db = db->next)
		;
	if (!db && *name && mode == STORE_READ) {
		rc = fail(e, "%s: no such store", where);
	} else if (db && mode == STORE_WRITE && db->written) {
		rc = fail(e, "%s: another writer has it open", where);
	} else {
		if (!db) {
			db = db_new(name);
			db->next = *name ? dbs : NULL;
			if (*name)
				dbs = db;
		}
		db->refs++;
		db->written |= mode == STORE_WRITE;
	}
	pthread_mutex_unlock(&dbs_lock);
	if (rc)
		return rc;
	s = xcalloc(1, sizeof *s);
	*s = (struct mem_store){.base = {&memory_ops, xstrdup(where)}, .db = db, .mode = mode};
	*out = &s->base;
	return 0;
}

static void mem_close(struct store *store)
{
	struct mem_store *s = mem_of(store);

	store_abort(store);
	if (s->mode == STORE_WRITE) {
		pthread_mutex_lock(&dbs_lock);
		s->db->written = false;
		pthread_mutex_unlock(&dbs_lock);
	}
	db_put(s->db);
	free(s->hosts);
	free(s->base.where);
	free(s);
}

static int mem_version(struct store *s, uint64_t *version, struct err *e)
{
	struct mem_db *db = mem_of(s)->db;

	(void)e;
	pthread_mutex_lock(&db->lock);
	*version = db->now->version;
	pthread_mutex_unlock(&db->lock);
	return 0;
}

/* --- the dictionary --- */

static uint32_t *number_at(struct numbers *m, uint32_t id)
{
	if (id >= m->n) {
		size_t n = (size_t)id * 2 + 256;

		m->a = xrealloc(m->a, n, sizeof *m->a);
		memset(m->a + m->n, 0, (n - m->n) * sizeof *m->a);
		m->n = n;
	}
	return &m->a[id];
}

static uint32_t intern_string(struct mem_store *s, const struct symtab *t, uint32_t id)
{
	struct mem_db *db = s->db;
	uint32_t at, *known;
	struct str text;
	uint64_t hash;

	if (!id)
		return 0;
	known = number_at(&s->strings, id);
	if (*known)
		return *known; /* cppcheck-suppress identicalInnerCondition */
	text = symtab_get_string(t, id);
	hash = hash64(text.p, text.n);
	HASH_FIND(&db->string_index, hash, at, str_eq(db->strings[at], text));
	if (at == HASH_NONE) {
		if (!db->n_strings)
			db->n_strings = 1;
		GROW(db->strings, db->n_strings, db->cap_strings);
		at = (uint32_t)db->n_strings++;
		db->strings[at] = (struct str){pool_strndup(&db->pool, text.p, text.n), text.n};
		hash_put(&db->string_index, hash, at);
	}
	return *known = at;
}

static struct sym_frame intern_frame(struct mem_store *s, const struct symtab *t, uint32_t id)
{
	struct sym_frame f = id ? symtab_get_frame(t, id) : (struct sym_frame){0};

	return (struct sym_frame){intern_string(s, t, f.func), intern_string(s, t, f.file), f.line};
}

static uint64_t stack_hash(const struct store_stack *st)
{
	return hash64(st->frames, st->n * sizeof *st->frames) ^ hash64(&st->created, sizeof st->created) * 3 ^ st->flags;
}

static bool same_stack(const struct store_stack *a, const struct store_stack *b)
{
	return a->n == b->n && a->flags == b->flags && memcmp(&a->created, &b->created, sizeof a->created) == 0 &&
	       (!a->n || memcmp(a->frames, b->frames, a->n * sizeof *a->frames) == 0);
}

static uint32_t intern_stack(struct mem_store *s, const struct symtab *t, uint32_t id)
{
	struct mem_db *db = s->db;
	struct sym_frame *frames;
	struct store_stack st;
	struct sym_stack from;
	uint32_t at, known;
	uint64_t hash;

	if (!id || (known = *number_at(&s->stacks, id)))
		return id ? known : 0;
	from = symtab_get_stack(t, id);
	frames = pool_alloc(&db->pool, ((size_t)from.n + 1) * sizeof *frames);
	for (uint32_t i = 0; i < from.n; i++)
		frames[i] = intern_frame(s, t, from.frames[i]);
	st = (struct store_stack){from.n, from.flags, frames, intern_frame(s, t, from.created)};
	hash = stack_hash(&st);
	HASH_FIND(&db->stack_index, hash, at, same_stack(&db->stacks[at], &st));
	if (at == HASH_NONE) {
		if (!db->n_stacks)
			db->n_stacks = 1;
		GROW(db->stacks, db->n_stacks, db->cap_stacks);
		at = (uint32_t)db->n_stacks++;
		db->stacks[at] = st;
		hash_put(&db->stack_index, hash, at);
	}
	return *number_at(&s->stacks, id) = at;
}

static void mem_forget_names(struct store *store)
{
	struct mem_store *s = mem_of(store);

	free(s->strings.a);
	free(s->stacks.a);
	s->strings = s->stacks = (struct numbers){0};
}

/* Back to what is committed. */
static void dictionary_truncate(struct mem_db *db)
{
	db->n_strings = db->now->n_strings;
	db->n_stacks = db->now->n_stacks;
	hash_release(&db->string_index);
	hash_release(&db->stack_index);
	for (size_t i = 1; i < db->n_strings; i++)
		hash_put(&db->string_index, hash64(db->strings[i].p, db->strings[i].n), (uint32_t)i);
	for (size_t i = 1; i < db->n_stacks; i++)
		hash_put(&db->stack_index, stack_hash(&db->stacks[i]), (uint32_t)i);
}

/* --- writing --- */

static int mem_begin(struct store *store, struct err *e)
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
		.row = {.host = r->host, .name = r->name, .labels = r->labels ? r->labels : "", .first_seq = 1, .first = NO_TIME, .last = NO_TIME}};
	return &m->hosts[m->n++];
}

/* The host whose turn it is; one that is registered begins anew when it is not there. */
static struct mem_host *host_ready(struct mem_store *s, uint32_t host, struct err *e)
{
	struct mem_host *h;

	if (!s->work) {
		fail(e, "%s: no batch is begun", s->base.where);
		return NULL;
	}
	h = find_host(s->work, host);
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
	*r = (struct registered){.host = host ? host : ++s->db->last_host, .name = pool_strndup(&s->db->pool, name, strlen(name))};
	return r;
}

static int mem_host(struct store *store, const char *name, const char *labels, struct host_place *out, struct err *e)
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
	h = host_ready(s, r->host, e);
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
		mine->ev.stack = run ? intern_stack(s, put->names, ev->stack) : 0;
		mine->ev.state = run ? intern_string(s, put->names, ev->state) : 0;
		mine->ev.labels = run ? intern_string(s, put->names, ev->labels) : 0;
	}
}

static void put_snapshot(struct mem_store *s, struct mem_host *h, const struct snapshot_put *put)
{
	const struct snapshot *from = put->snapshot;
	struct snapshot *mine = series_add(&h->snapshots, sizeof *mine);
	struct state_count *states = pool_alloc(&s->db->pool, ((size_t)from->n_states + 1) * sizeof *states);

	*mine = *from;
	mine->note = intern_string(s, put->names, from->note);
	mine->states = states;
	for (uint32_t i = 0; i < from->n_states; i++)
		states[i] = (struct state_count){intern_string(s, put->names, from->states[i].state), from->states[i].n};
}

static int mem_put_snapshot(struct store *store, const struct snapshot_put *put, struct err *e)
{
	struct mem_store *s = mem_of(store);
	struct mem_host *h = host_ready(s, put->host, e);
	const struct snapshot *snap = put->snapshot;
	struct host_row *r;

	if (!h || snapshot_follows(store, &(struct host_place){h->row.host, h->row.last_seq, h->ordinal, h->row.epoch, h->row.last}, h->row.name,
				   snap, e) < 0)
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

static int mem_put_liveness(struct store *store, uint32_t host, const struct liveness *l, size_t n, struct err *e)
{
	struct mem_host *h = host_ready(mem_of(store), host, e);

	if (!h)
		return -1;
	pthread_mutex_lock(&mem_of(store)->db->lock); /* blocks are shared with what others read */
	series_set(&h->liveness, l, n, sizeof *l);
	pthread_mutex_unlock(&mem_of(store)->db->lock);
	return 0;
}

static int mem_put_memory(struct store *store, uint32_t host, struct str bytes, struct err *e)
{
	struct mem_host *h = host_ready(mem_of(store), host, e);

	if (!h)
		return -1;
	pthread_mutex_lock(&mem_of(store)->db->lock);
	series_set(&h->memory, bytes.p, bytes.n, 1);
	pthread_mutex_unlock(&mem_of(store)->db->lock);
	h->remembers = true;
	return 0;
}

static int mem_commit(struct store *store, struct commit *done, struct err *e)
{
	struct mem_store *s = mem_of(store);
	struct mem_db *db = s->db;
	struct image *old = db->now;

	*done = s->batch;
	if (!s->work)
		return mem_version(store, &done->version, e);
	pthread_mutex_lock(&db->lock);
	for (size_t i = 0; i < s->work->n; i++) {
		const struct mem_host *h = &s->work->hosts[i], *was = find_host(old, h->row.host);

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

static void mem_abort(struct store *store)
{
	struct mem_store *s = mem_of(store);

	pthread_mutex_lock(&s->db->lock);
	if (s->work) {
		image_put(s->work);
		dictionary_truncate(s->db);
	}
	s->work = NULL;
	pthread_mutex_unlock(&s->db->lock);
	s->batch = (struct commit){0};
	mem_forget_names(store);
}

/* --- time --- */

/* Who is alive after an event; states stand sorted by (epoch, id). */
struct crowd {
	struct mem_state *a;
	size_t n, cap;
};

static size_t crowd_at(const struct crowd *c, uint32_t epoch, uint64_t id)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->a[mid].epoch < epoch || (c->a[mid].epoch == epoch && c->a[mid].g.id < id))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void crowd_apply(struct crowd *c, const struct mem_event *m)
{
	const struct event *ev = &m->ev;
	size_t at = crowd_at(c, m->epoch, ev->id);
	struct goroutine_state *g;

	if (ev->kind == EV_BORN) {
		GROW(c->a, c->n, c->cap);
		memmove(c->a + at + 1, c->a + at, (c->n++ - at) * sizeof *c->a);
		c->a[at] = (struct mem_state){.g = {.id = ev->id, .parent = ev->parent, .born = ev->seq}, .epoch = m->epoch};
	} else if (ev->kind == EV_GONE) {
		memmove(c->a + at, c->a + at + 1, (--c->n - at) * sizeof *c->a);
		return;
	}
	g = &c->a[at].g;
	g->wait_object = ev->wait_object;
	if (ev->kind == EV_WAIT)
		return;
	g->run = ev->seq;
	g->stack = ev->stack;
	g->state = ev->state;
	g->labels = ev->labels;
	g->flags = ev->flags;
}

/* Who is alive before the events of `seq`; *next is the first of those. */
static struct crowd crowd_before(const struct mem_host *h, uint32_t seq, size_t *next)
{
	const struct mem_event *ev = series_of(&h->events);
	struct crowd c = {.n = h->base.n, .cap = h->base.n + 16};

	c.a = xcalloc(c.cap, sizeof *c.a);
	if (c.n)
		memcpy(c.a, series_of(&h->base), c.n * sizeof *c.a);
	for (*next = 0; *next < h->events.n && ev[*next].ev.seq < seq; ++*next)
		crowd_apply(&c, &ev[*next]);
	return c;
}

static int64_t drop_before(struct mem_store *s, struct mem_host *h, int64_t before)
{
	const struct snapshot *snaps = series_of(&h->snapshots);
	struct series kept = {0}, events = {0}, base = {0};
	struct crowd c;
	size_t n = 0, next;
	uint32_t epoch;

	while (n < h->snapshots.n && snaps[n].time < before) {
		h->row.failed -= snaps[n].status == SNAP_FAILED;
		h->row.with_text -= snap_has_text(snaps[n].status);
		n++;
	}
	if (!n)
		return 0;
	h->row.first_seq += (uint32_t)n;
	h->row.first = n < h->snapshots.n ? snaps[n].time : NO_TIME;
	h->row.peak = 0;
	for (size_t i = n; i < h->snapshots.n; i++)
		if (snaps[i].status != SNAP_FAILED && snaps[i].goroutines > h->row.peak)
			h->row.peak = snaps[i].goroutines;
	/* Of a process that ended before the first kept snapshot nothing is left. */
	epoch = n < h->snapshots.n ? snaps[n].epoch : h->row.epoch;
	c = crowd_before(h, h->row.first_seq, &next);
	for (size_t i = 0; i < c.n; i++)
		if (c.a[i].epoch >= epoch)
			*(struct mem_state *)series_add(&base, sizeof *c.a) = c.a[i];
	for (const struct mem_event *ev = series_of(&h->events); next < h->events.n; next++)
		if (ev[next].epoch >= epoch)
			*(struct mem_event *)series_add(&events, sizeof *ev) = ev[next];
	series_set(&kept, snaps + n, h->snapshots.n - n, sizeof *snaps);
	free(c.a);
	series_release(&h->base);
	series_release(&h->events);
	series_release(&h->snapshots);
	h->base = base;
	h->events = events;
	h->snapshots = kept;
	for (size_t i = 0; i < s->n_hosts; i++)
		if (s->hosts[i].host == h->row.host)
			return (int64_t)n;
	if (!kept.n) { /* nothing is left, and nobody records it now */
		host_share(h, -1);
		*h = s->work->hosts[--s->work->n];
	}
	return (int64_t)n;
}

static int mem_put_end(struct store *store, int64_t time, struct err *e)
{
	struct mem_store *s = mem_of(store);

	if (!s->work)
		return fail(e, "%s: no batch is begun", s->base.where);
	s->work->end = time;
	return 0;
}

static int mem_end(struct store_view *v, int64_t *time, struct err *e)
{
	(void)e;
	*time = image_of(v)->end ? image_of(v)->end : NO_TIME;
	return 0;
}

static int64_t mem_expire(struct store *store, uint32_t host, int64_t before, struct err *e)
{
	struct mem_store *s = mem_of(store);
	struct mem_host *h = host_ready(s, host, e);
	int64_t n;

	if (!h)
		return -1;
	pthread_mutex_lock(&s->db->lock);
	n = drop_before(s, h, before);
	pthread_mutex_unlock(&s->db->lock);
	return n;
}

/* --- reading --- */

static int mem_view_open(struct store *store, struct store_view **out, struct err *e)
{
	struct mem_db *db = mem_of(store)->db;
	struct mem_view *v = xcalloc(1, sizeof *v);

	(void)e;
	v->base.store = store;
	pthread_mutex_lock(&db->lock);
	v->image = db->now;
	v->image->refs++;
	pthread_mutex_unlock(&db->lock);
	*out = &v->base;
	return 0;
}

static void mem_view_close(struct store_view *view)
{
	struct mem_db *db = mem_of(view->store)->db;

	pthread_mutex_lock(&db->lock);
	image_put(((struct mem_view *)view)->image);
	pthread_mutex_unlock(&db->lock);
	free(view);
}

static int by_name(const void *pa, const void *pb)
{
	const struct host_row *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

static int mem_hosts(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e)
{
	const struct image *m = image_of(v);

	(void)e;
	*n = m->n;
	*out = pool_alloc(p, (m->n + 1) * sizeof **out);
	for (size_t i = 0; i < m->n; i++) {
		struct host_row *r = &(*out)[i];

		*r = m->hosts[i].row;
		r->name = pool_strndup(p, r->name, strlen(r->name));
		r->labels = pool_strndup(p, r->labels, strlen(r->labels));
	}
	qsort(*out, *n, sizeof **out, by_name);
	return 0;
}

/* The kept snapshots of from..to: the first one's index, and how many. */
static const struct snapshot *snapshots_of(const struct mem_host *h, uint32_t from, uint32_t to, size_t *n)
{
	const struct host_row *r = &h->row;

	from = from < r->first_seq ? r->first_seq : from;
	to = to > r->last_seq ? r->last_seq : to;
	*n = to < from ? 0 : (size_t)(to - from) + 1;
	return *n ? (const struct snapshot *)series_of(&h->snapshots) + (from - r->first_seq) : NULL;
}

static int mem_snapshots(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n, struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), r.host);
	const struct snapshot *s = h ? snapshots_of(h, r.from, r.to, n) : NULL;

	(void)e;
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++) {
		struct state_count *states = pool_alloc(p, ((size_t)s[i].n_states + 1) * sizeof *states);

		memcpy(states, s[i].states, s[i].n_states * sizeof *states);
		(*out)[i] = s[i];
		(*out)[i].states = states;
	}
	return 0;
}

static int mem_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), host);
	const struct snapshot *s = h ? series_of(&h->snapshots) : NULL;

	(void)e;
	for (size_t i = 0; s && i < h->snapshots.n && s[i].time <= t; i++)
		*seq = s[i].seq;
	return *seq != 0;
}

static void summarise(struct summary *sum, const struct snapshot *s, bool epoch)
{
	if (!sum->n)
		*sum = (struct summary){.from = s->time, .first_seq = s->seq, .min = UINT32_MAX};
	sum->n++;
	sum->to = s->time;
	sum->epochs += epoch;
	sum->bad += s->status == SNAP_FAILED;
	if (s->status == SNAP_FAILED)
		return;
	sum->min = s->goroutines < sum->min ? s->goroutines : sum->min;
	sum->max = s->goroutines > sum->max ? s->goroutines : sum->max;
	sum->last = s->goroutines;
}

static int mem_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n, struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), range->in.host);
	size_t n_s = 0, each;
	const struct snapshot *s = h ? snapshots_of(h, range->in.from, range->in.to, &n_s) : NULL;

	(void)e;
	each = range->columns ? n_s / (2 * range->columns) : 0;
	each = each ? each : 1;
	*n = (n_s + each - 1) / each;
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < n_s; i++)
		summarise(&(*out)[i / each], &s[i], i && s[i - 1].epoch && s[i].epoch != s[i - 1].epoch);
	return 0;
}

static int mem_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out, struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), who->host);
	const struct mem_event *ev = h ? series_of(&h->events) : NULL;
	struct crowd base = {0};
	size_t at;

	(void)e;
	out->epoch = who->epoch;
	if (!h)
		return 0;
	base.a = series_of(&h->base);
	base.n = h->base.n;
	at = crowd_at(&base, who->epoch, who->id);
	if (at < base.n && base.a[at].epoch == who->epoch && base.a[at].g.id == who->id)
		out->start = base.a[at].g;
	for (size_t i = 0; i < h->events.n; i++)
		out->n += ev[i].epoch == who->epoch && ev[i].ev.id == who->id;
	out->events = pool_alloc(p, (out->n + 1) * sizeof *out->events);
	for (size_t i = 0, k = 0; i < h->events.n; i++)
		if (ev[i].epoch == who->epoch && ev[i].ev.id == who->id)
			out->events[k++] = ev[i].ev;
	return out->n || out->start.id;
}

static int mem_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n, struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), who->host);
	uint32_t last = h ? h->row.epoch : 0;
	struct goroutine_history one;

	*out = pool_alloc(p, ((size_t)last + 1) * sizeof **out);
	for (uint32_t epoch = last; epoch; epoch--) {
		one = (struct goroutine_history){0};
		if (mem_history(v, &(struct goroutine_key){who->host, epoch, who->id}, p, &one, e) == 1)
			(*out)[(*n)++] = epoch;
	}
	return 0;
}

static int mem_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
		     struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), at.host);
	struct crowd c;
	size_t next;

	(void)e;
	if (!h)
		return 0;
	c = crowd_before(h, at.seq + 1, &next);
	*out = pool_alloc(p, (c.n + 1) * sizeof **out);
	for (size_t i = 0; i < c.n; i++)
		(*out)[i] = c.a[i].g;
	*n = c.n;
	free(c.a);
	return 0;
}

static int mem_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), host);

	(void)e;
	*n = h ? h->liveness.n : 0;
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	if (*n)
		memcpy(*out, series_of(&h->liveness), *n * sizeof **out);
	return 0;
}

static int mem_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), host);

	(void)e;
	if (!h || !h->remembers)
		return 0;
	*out = (struct str){pool_strndup(p, h->memory.n ? series_of(&h->memory) : "", h->memory.n), h->memory.n};
	return 1;
}

static int child_by_id(const void *pa, const void *pb)
{
	const struct goroutine_child *a = pa, *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

static int mem_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out, size_t *n,
			struct err *e)
{
	const struct mem_host *h = find_host(image_of(v), who->host);
	const struct mem_event *ev = h ? series_of(&h->events) : NULL;
	const struct mem_state *base = h ? series_of(&h->base) : NULL;

	(void)e;
	*out = pool_alloc(p, ((h ? h->base.n + h->events.n : 0) + 1) * sizeof **out);
	for (size_t i = 0; h && who->id && i < h->base.n; i++)
		if (base[i].epoch == who->epoch && base[i].g.parent == who->id)
			(*out)[(*n)++] = (struct goroutine_child){base[i].g.id, base[i].g.born, 0, base[i].g.stack};
	for (size_t i = 0; h && who->id && i < h->events.n; i++)
		if (ev[i].epoch == who->epoch && ev[i].ev.kind == EV_BORN && ev[i].ev.parent == who->id)
			(*out)[(*n)++] = (struct goroutine_child){ev[i].ev.id, ev[i].ev.seq, 0, ev[i].ev.stack};
	qsort(*out, *n, sizeof **out, child_by_id);
	for (size_t i = 0; h && *n && i < h->events.n; i++) {
		struct goroutine_child want = {.id = ev[i].ev.id}, *found = bsearch(&want, *out, *n, sizeof want, child_by_id);

		if (found && ev[i].epoch == who->epoch && ev[i].ev.kind == EV_GONE)
			found->gone = ev[i].ev.seq;
	}
	return 0;
}

/* --- the walk: an epoch's snapshots, PIECE at a time --- */

struct mem_walk {
	struct store_walk base;
	const struct mem_host *host;
	uint32_t to, next_seq; /* first snapshot of the next piece */
	struct walk_step step;
	struct crowd start;    /* as the piece begins: those of its epoch */
	size_t at_start, at_event, n_events;
	struct event *events;  /* of the piece, by id */
	struct goroutine_state now;
};

static int event_order(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int mem_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out, struct err *e)
{
	struct mem_walk *w = xcalloc(1, sizeof *w);

	(void)e;
	w->base.view = v;
	w->host = find_host(image_of(v), host);
	if (w->host) {
		w->next_seq = from < w->host->row.first_seq ? w->host->row.first_seq : from;
		w->to = to > w->host->row.last_seq ? w->host->row.last_seq : to;
	}
	*out = &w->base;
	return 0;
}

static void mem_walk_end(struct store_walk *base)
{
	struct mem_walk *w = (struct mem_walk *)base;

	free(w->start.a);
	free(w->events);
	free(w);
}

/* From next_seq to where PIECE, the range or the epoch ends, or before its first snapshot with an epoch. */
static bool next_piece(struct mem_walk *w)
{
	const struct mem_event *ev = w->host ? series_of(&w->host->events) : NULL;
	const struct snapshot *s = w->host ? series_of(&w->host->snapshots) : NULL;
	uint32_t first = w->next_seq, last, epoch;
	size_t next, n = 0;

	if (!w->host || first > w->to)
		return false;
	s += first - w->host->row.first_seq;
	epoch = s[0].epoch;
	for (last = first; last < w->to && last - first + 1 < PIECE && s[last + 1 - first].epoch == epoch; last++)
		;
	free(w->start.a);
	free(w->events);
	w->start = crowd_before(w->host, first, &next);
	for (size_t i = 0; i < w->start.n; i++)
		if (w->start.a[i].epoch == epoch)
			w->start.a[n++] = w->start.a[i];
	w->start.n = n;
	w->events = xcalloc(w->host->events.n - next + 1, sizeof *w->events);
	w->n_events = 0;
	for (; next < w->host->events.n && ev[next].ev.seq <= last + 1; next++)
		if (ev[next].epoch == epoch && (ev[next].ev.seq <= last || last == w->host->row.last_seq || s[last + 1 - first].epoch != epoch))
			w->events[w->n_events++] = ev[next].ev;
	qsort(w->events, w->n_events, sizeof *w->events, event_order);
	w->at_start = w->at_event = 0;
	w->step.piece++;
	w->step.epoch = epoch;
	w->step.first_seq = first;
	w->step.last_seq = last;
	w->next_seq = last + 1;
	return true;
}

static int mem_walk_next(struct store_walk *base, struct walk_step *step, struct err *e)
{
	struct mem_walk *w = (struct mem_walk *)base;
	uint64_t id;
	bool had;

	(void)e;
	while (w->at_start == w->start.n && w->at_event == w->n_events)
		if (!next_piece(w))
			return 0;
	id = w->at_start < w->start.n ? w->start.a[w->at_start].g.id : UINT64_MAX;
	if (w->at_event < w->n_events && w->events[w->at_event].id < id)
		id = w->events[w->at_event].id;
	had = w->at_start < w->start.n && w->start.a[w->at_start].g.id == id;
	*step = w->step;
	step->id = id;
	step->start = had ? &w->start.a[w->at_start++].g : NULL;
	step->events = w->events + w->at_event;
	while (w->at_event < w->n_events && w->events[w->at_event].id == id) {
		w->at_event++;
		step->n++;
	}
	return 1;
}

/* --- names --- */

static int mem_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e)
{
	struct mem_db *db = mem_of(v->store)->db;
	int rc = 0;

	pthread_mutex_lock(&db->lock);
	for (size_t i = 0; i < n && !rc; i++) {
		struct str s = handles[i] && handles[i] < image_of(v)->n_strings ? db->strings[handles[i]] : STR("");

		if (handles[i] && handles[i] >= image_of(v)->n_strings)
			rc = fail_as(e, ERR_DAMAGED, "%s: string %u is not there", v->store->where, handles[i]);
		else
			out[i] = (struct str){pool_strndup(p, s.p, s.n), s.n};
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

static int mem_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out, struct err *e)
{
	struct mem_db *db = mem_of(v->store)->db;
	int rc = 0;

	pthread_mutex_lock(&db->lock);
	for (size_t i = 0; i < n && !rc; i++) {
		struct sym_frame *frames;

		out[i] = (struct store_stack){0};
		if (!handles[i])
			continue;
		if (handles[i] >= image_of(v)->n_stacks) {
			rc = fail_as(e, ERR_DAMAGED, "%s: stack %u is not there", v->store->where, handles[i]);
			break;
		}
		out[i] = db->stacks[handles[i]];
		frames = pool_alloc(p, ((size_t)out[i].n + 1) * sizeof *frames);
		memcpy(frames, out[i].frames, out[i].n * sizeof *frames);
		out[i].frames = frames;
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

static bool has_function(const struct store_stack *st, uint32_t func)
{
	for (uint32_t i = 0; i < st->n; i++)
		if (st->frames[i].func == func)
			return true;
	return false;
}

static int mem_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx, struct err *e)
{
	const struct image *m = image_of(v);
	struct mem_db *db = mem_of(v->store)->db;

	(void)e;
	if (*as_of == m->n_stacks + 1)
		return 0;
	pthread_mutex_lock(&db->lock);
	for (uint32_t f = 1; f < m->n_strings; f++) {
		struct function_row row = {.func = f, .name = db->strings[f]};

		for (size_t i = 1; i < m->n_stacks; i++) {
			row.any += has_function(&db->stacks[i], f);
			row.leaf += db->stacks[i].n && db->stacks[i].frames[0].func == f;
			row.creator += db->stacks[i].created.func == f;
		}
		if (!row.any && !row.creator)
			continue;
		pthread_mutex_unlock(&db->lock); /* it may ask for more */
		if (fn(ctx, &row))
			return 1;
		pthread_mutex_lock(&db->lock);
	}
	pthread_mutex_unlock(&db->lock);
	*as_of = m->n_stacks + 1;
	return 1;
}

static int mem_stacks_with(struct store_view *v, const struct functions_wanted *wanted,
			   int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e)
{
	struct mem_db *db = mem_of(v->store)->db;
	int rc = 0;

	(void)e;
	for (uint32_t i = 1; i < image_of(v)->n_stacks && !rc; i++) {
		struct store_stack st;
		bool has = false;

		pthread_mutex_lock(&db->lock);
		st = db->stacks[i];
		pthread_mutex_unlock(&db->lock);
		for (size_t k = 0; k < wanted->n && !has; k++)
			has = wanted->funcs[k] && (st.created.func == wanted->funcs[k] || has_function(&st, wanted->funcs[k]));
		if (has)
			rc = fn(ctx, i, &st);
	}
	return rc;
}

const struct store_ops memory_ops = {
	.scheme = "memory:",
	.open = mem_open,
	.close = mem_close,
	.version = mem_version,
	.begin = mem_begin,
	.host = mem_host,
	.put_snapshot = mem_put_snapshot,
	.put_liveness = mem_put_liveness,
	.put_memory = mem_put_memory,
	.commit = mem_commit,
	.abort = mem_abort,
	.forget_names = mem_forget_names,
	.view_open = mem_view_open,
	.view_close = mem_view_close,
	.hosts = mem_hosts,
	.snapshots = mem_snapshots,
	.seq_at = mem_seq_at,
	.chart = mem_chart,
	.history = mem_history,
	.epochs_of = mem_epochs_of,
	.alive = mem_alive,
	.liveness = mem_liveness,
	.memory = mem_memory,
	.children = mem_children,
	.walk_begin = mem_walk_begin,
	.walk_next = mem_walk_next,
	.walk_end = mem_walk_end,
	.strings = mem_strings,
	.stacks = mem_stacks,
	.functions = mem_functions,
	.stacks_with = mem_stacks_with,
	.put_end = mem_put_end,
	.end = mem_end,
	.expire = mem_expire,
};
