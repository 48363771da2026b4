/* SPDX-License-Identifier: MIT */
/*
 * Writing. A host's events since the last commit wait in memory; a commit sorts them into one 'L' row. When a chunk has
 * enough of them it is rolled: its rows are merged into one 'E' row in which a goroutine is found by a binary search,
 * who ended in it goes to 'C', and who is alive opens the next one as its keyframe.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct writer_host *writer_find(struct lmdb_store *s, uint32_t host)
{
	uint32_t at;

	HASH_FIND(&s->by_number, hash_u64(host), at, s->hosts[at].host == host);
	return at == HASH_NONE ? NULL : &s->hosts[at];
}

int writer_begun(struct lmdb_store *s, struct err *e)
{
	return s->pen.txn ? 0 : fail(e, "%s: no batch is begun", s->base.where);
}

static struct key summary_key(uint32_t host, int level, uint32_t n)
{
	return key_u32(key_u8(key_of(host, 'Z'), (uint8_t)level), n);
}

/* --- hosts --- */

static struct host_place place_of(const struct writer_host *w)
{
	return (struct host_place){w->host, w->st.row.last_seq, w->st.ordinal, w->st.row.epoch, w->st.row.last};
}

/* A number is never given twice, not even that of a host which is gone: the highest one stands in `meta`. */
static const struct key last_host_key = {.b = "last host", .n = 9};

static int load_last_host(struct lmdb_store *s, struct err *e)
{
	struct str v;
	int rc = row_get(&s->pen, s->env->meta, last_host_key, &v);

	if (rc < 0 || (rc == 1 && v.n != sizeof s->host_written))
		return fail_as(e, ERR_DAMAGED, "%s: is damaged: the highest host", s->base.where);
	if (rc == 1)
		memcpy(&s->host_written, v.p, v.n);
	if (s->last_host < s->host_written)
		s->last_host = s->host_written;
	return 0;
}

static int save_last_host(struct lmdb_store *s, struct err *e)
{
	struct str v = {(const char *)&s->last_host, sizeof s->last_host};

	return s->last_host == s->host_written ? 0 : row_put(s, s->env->meta, last_host_key, v, e);
}

static const struct key end_key = {.b = "end", .n = 3};

int lmdb_put_end(struct store *store, int64_t time, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);

	return row_put(s, s->env->meta, end_key, (struct str){(const char *)&time, sizeof time}, e);
}

int lmdb_end(struct store_view *view, int64_t *time, struct err *e)
{
	struct lmdb_view *v = view_of(view);
	struct str row;
	int rc = row_get(v, store_of(v)->env->meta, end_key, &row);

	if (rc < 0 || (rc == 1 && row.n != sizeof *time))
		return fail_as(e, ERR_DAMAGED, "%s: is damaged: the time of its end", view->store->where);
	if (rc == 1)
		memcpy(time, row.p, row.n);
	return 0;
}

static uint64_t key_of_name(const char *name)
{
	return hash64(name, strlen(name));
}

static int list_stored(void *ctx, struct str key, struct str value)
{
	struct lmdb_store *s = ctx;
	struct host_state st;
	struct pool p = {0};
	bool ok = host_unpack(value, &p, &st);

	if (ok) {
		GROW(s->stored, s->n_stored, s->cap_stored);
		s->stored[s->n_stored] = (struct stored_host){key_of_name(st.row.name), key_tail(key)};
		hash_put(&s->stored_by_name, s->stored[s->n_stored].name, (uint32_t)s->n_stored);
		s->last_host = s->last_host < key_tail(key) ? key_tail(key) : s->last_host;
		s->n_stored++;
	}
	pool_release(&p);
	return ok ? 0 : -1;
}

/* Is it the host's row that the file has under this number? It may be gone. */
static bool is_stored(struct lmdb_store *s, uint32_t host, const char *name)
{
	struct host_state st;
	struct pool p = {0};
	bool is = host_find(&s->pen, host, &p, &st, NULL) == 1 && strcmp(st.row.name, name) == 0;

	pool_release(&p);
	return is;
}

/* The number that the file has for a name, 0 none. What this process added is in `hosts`. */
static int stored_number(struct lmdb_store *s, const char *name, uint32_t *number, struct err *e)
{
	uint64_t key = key_of_name(name);
	uint32_t at;

	if (!s->stored_listed) {
		s->n_stored = 0;
		hash_clear(&s->stored_by_name);
		if (data_each(&s->pen, key_of(0, 'H'), 5, list_stored, s) < 0)
			return fail_as(e, ERR_DAMAGED, "%s: is damaged: the list of hosts", s->base.where);
		s->stored_listed = true;
	}
	HASH_FIND(&s->stored_by_name, key, at, s->stored[at].name == key && is_stored(s, s->stored[at].host, name));
	*number = at == HASH_NONE ? 0 : s->stored[at].host;
	return 0;
}

static int load_summaries(struct lmdb_store *s, struct writer_host *w, struct err *e)
{
	for (int level = 1; level <= LEVELS && w->st.row.last_seq; level++) {
		struct str v;
		uint32_t n = (w->st.row.last_seq - 1) / level_size(level);

		if (data_get(&s->pen, summary_key(w->host, level, n), &v) == 1 && !summary_unpack(v, &w->sum[level - 1]))
			return damaged(&s->pen, "a summary", w->host, 0, e);
	}
	return 0;
}

static int load_chunk(struct lmdb_store *s, struct writer_host *w, struct err *e)
{
	uint32_t events = w->st.open.events;
	uint64_t max_id = w->st.open.max_id;
	struct str v;

	if (!w->st.chunk)
		return 0;
	if (data_get(&s->pen, key_u32(key_of(w->host, 'D'), w->st.chunk), &v) != 1 || !chunk_unpack(v, w->st.chunk, &w->st.open))
		return damaged(&s->pen, "the directory", w->host, w->st.chunk, e);
	w->st.open.events = events;
	w->st.open.max_id = max_id;
	return 0;
}

/* Where the store says the host stands; a new one stands at the beginning. */
static int load_host(struct lmdb_store *s, struct writer_host *w, struct err *e)
{
	int rc;

	memset(w->sum, 0, sizeof w->sum);
	w->n_pending = 0;
	rc = host_find(&s->pen, w->host, &s->names, &w->st, e);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		w->st = (struct host_state){.row = {.host = w->host, .labels = "", .first_seq = 1, .first = NO_TIME, .last = NO_TIME}};
		w->dirty = true;
	} else if (load_summaries(s, w, e) < 0 || load_chunk(s, w, e) < 0) {
		return -1;
	}
	w->st.row.name = w->name;
	if (w->labels && strcmp(w->labels, w->st.row.labels) != 0) {
		w->st.row.labels = w->labels;
		w->dirty = true;
	}
	w->loaded = true;
	return 0;
}

static struct writer_host *writer_named(struct lmdb_store *s, const char *name)
{
	uint32_t at;

	HASH_FIND(&s->by_name, key_of_name(name), at, strcmp(s->hosts[at].name, name) == 0);
	return at == HASH_NONE ? NULL : &s->hosts[at];
}

static struct writer_host *add_host(struct lmdb_store *s, const char *name, struct err *e)
{
	struct writer_host *w;
	uint32_t number = 0;

	if (stored_number(s, name, &number, e) < 0 || load_last_host(s, e) < 0)
		return NULL;
	GROW(s->hosts, s->n_hosts, s->cap_hosts);
	w = &s->hosts[s->n_hosts];
	*w = (struct writer_host){.host = number ? number : ++s->last_host, .name = pool_strndup(&s->names, name, strlen(name))};
	hash_put(&s->by_name, key_of_name(name), (uint32_t)s->n_hosts);
	hash_put(&s->by_number, hash_u64(w->host), (uint32_t)s->n_hosts);
	s->n_hosts++;
	return w;
}

int lmdb_host(struct store *store, const char *name, const char *labels, struct host_place *out, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	struct writer_host *w;

	if (writer_begun(s, e) < 0)
		return -1;
	w = writer_named(s, name);
	if (!w && !(w = add_host(s, name, e)))
		return -1;
	if (labels && (!w->labels || strcmp(labels, w->labels) != 0)) {
		w->labels = pool_strndup(&s->names, labels, strlen(labels));
		if (w->loaded && strcmp(labels, w->st.row.labels) != 0) {
			w->st.row.labels = w->labels;
			w->dirty = true;
		}
	}
	if (!w->loaded && load_host(s, w, e) < 0)
		return -1;
	*out = place_of(w);
	return 0;
}

/* --- chunks --- */

static int put_chunk_row(struct lmdb_store *s, uint32_t host, const struct chunk_row *c, struct err *e)
{
	struct buf b = {0};
	int rc;

	chunk_pack(&b, c);
	rc = data_put(s, key_u32(key_of(host, 'D'), c->no), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

static int begin_chunk(struct lmdb_store *s, struct writer_host *w, uint32_t epoch, uint32_t first_seq, const struct keyframe *l,
		       struct err *e)
{
	struct buf b = {0};
	int rc;

	w->st.open = (struct chunk_row){.no = ++w->st.chunk, .epoch = epoch, .first_seq = first_seq, .living = (uint32_t)l->n};
	living_encode(&b, l->a, l->n, first_seq);
	rc = piece_put(s, key_u32(key_of(w->host, 'K'), w->st.chunk), (struct str){b.p, b.n}, (struct str){0}, e);
	buf_release(&b);
	return rc < 0 ? rc : put_chunk_row(s, w->host, &w->st.open, e);
}

#define PENDING_KEPT 256 /* a host's first snapshot has as many events as goroutines, those after it few */

static void clear_pending(struct writer_host *w)
{
	w->n_pending = 0;
	if (w->cap_pending <= PENDING_KEPT)
		return;
	free(w->pending);
	w->pending = NULL;
	w->cap_pending = 0;
}

/* Move what is pending into an 'L' row of the open chunk. */
static int flush(struct lmdb_store *s, struct writer_host *w, struct err *e)
{
	struct buf b = {0};
	int rc;

	if (!w->n_pending)
		return 0;
	events_sort(w->pending, w->n_pending);
	events_encode(&b, w->pending, w->n_pending, w->st.open.first_seq);
	rc = data_put(s, key_u32(key_u32(key_of(w->host, 'L'), w->st.chunk), w->pending_seq), b.p, b.n, e);
	buf_release(&b);
	clear_pending(w);
	return rc;
}

static int by_parent(const void *pa, const void *pb)
{
	const struct ended *a = pa, *b = pb;

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

size_t chunk_ended(const struct goroutine_state *l, size_t n_l, const struct event *ev, size_t n_ev, struct ended *out)
{
	size_t n = 0, i = 0;
	struct ended one = {0};

	for (size_t k = 0; k < n_ev; k++) {
		if (k == 0 || ev[k].id != ev[k - 1].id) {
			while (i < n_l && l[i].id < ev[k].id)
				i++;
			one = (struct ended){0};
			if (i < n_l && l[i].id == ev[k].id)
				one = (struct ended){l[i].parent, l[i].id, l[i].born, 0, l[i].stack};
		}
		if (ev[k].kind == EV_BORN)
			one = (struct ended){ev[k].parent, ev[k].id, ev[k].seq, 0, ev[k].stack};
		if (ev[k].kind == EV_GONE && one.parent) {
			one.gone = ev[k].seq;
			out[n++] = one;
		}
	}
	qsort(out, n, sizeof *out, by_parent);
	return n;
}

/* Close the open chunk at last_seq. *out: the next one's keyframe. */
static int close_chunk(struct lmdb_store *s, struct writer_host *w, uint32_t last_seq, struct pool *p, struct keyframe *out,
		       struct err *e)
{
	struct chunk_row *c = &w->st.open;
	struct event_list ev = {0};
	struct keyframe l;
	struct bounds fit;
	struct ended *ended;
	struct buf b = {0}, children = {0};
	size_t n_ended;
	int rc = -1;

	c->upto = last_seq;
	if (flush(s, w, e) < 0 || chunk_living(&s->pen, w->host, c, p, &l, e) < 0 || chunk_events(&s->pen, w->host, c, &ev, e) < 0 ||
	    bounds_of(&s->pen, c, &fit, e) < 0)
		goto done;
	if (!chunk_fits(&fit, l.a, l.n, ev.a, ev.n)) {
		damaged(&s->pen, "events", w->host, c->no, e);
		goto done;
	}
	sweep_keep_living(s, l.a, l.n);
	sweep_keep_events(s, ev.a, ev.n);
	out->a = pool_alloc(p, (l.n + ev.n + 1) * sizeof *out->a);
	out->n = living_apply(l.a, l.n, ev.a, ev.n, UINT32_MAX, out->a);
	events_encode(&b, ev.a, ev.n, c->first_seq);
	ended = pool_alloc(p, (ev.n + 1) * sizeof *ended);
	n_ended = chunk_ended(l.a, l.n, ev.a, ev.n, ended);
	ended_encode(&children, ended, n_ended, c->first_seq);
	if (piece_put(s, key_u32(key_of(w->host, 'E'), c->no), (struct str){b.p, b.n}, (struct str){children.p, children.n}, e) < 0)
		goto done;
	c->last_seq = last_seq;
	if (put_chunk_row(s, w->host, c, e) == 0 && data_del_prefix(s, key_u32(key_of(w->host, 'L'), c->no), e) == 0)
		rc = 0;
done:
	buf_release(&b);
	buf_release(&children);
	free(ev.a);
	return rc;
}

/* Close the open chunk and begin the next one, with whoever is alive, or with nobody in a new epoch. */
static int roll(struct lmdb_store *s, struct writer_host *w, uint32_t last_seq, uint32_t epoch, struct err *e)
{
	struct pool p = {0};
	struct keyframe l = {0};
	bool same = w->st.open.epoch == epoch;
	int rc = w->st.chunk ? close_chunk(s, w, last_seq, &p, &l, e) : 0;

	if (!same)
		l.n = 0;
	if (!rc)
		rc = begin_chunk(s, w, epoch, last_seq + 1, &l, e);
	pool_release(&p);
	return rc;
}

/* --- snapshots --- */

static int map_event(struct lmdb_store *s, const struct symtab *t, struct event *ev, struct err *e)
{
	if (ev->kind != EV_BORN && ev->kind != EV_RUN)
		return 0;
	if (dict_stack(s, t, ev->stack, &ev->stack, e) < 0 || dict_string(s, t, ev->state, &ev->state, e) < 0)
		return -1;
	return dict_string(s, t, ev->labels, &ev->labels, e);
}

struct events_put {
	const struct event *a;
	size_t n;
	uint32_t seq;
	const struct symtab *names;
};

enum take { TAKE_ALL, TAKE_GONE, TAKE_OTHERS };

static int take_events(struct lmdb_store *s, struct writer_host *w, const struct events_put *put, enum take which, struct err *e)
{
	for (size_t i = 0; i < put->n; i++) {
		struct event *mine;

		if (which != TAKE_ALL && (put->a[i].kind == EV_GONE) != (which == TAKE_GONE))
			continue;
		if (!w->n_pending)
			w->pending_seq = put->seq;
		GROW(w->pending, w->n_pending, w->cap_pending);
		mine = &w->pending[w->n_pending];
		*mine = put->a[i];
		mine->seq = put->seq;
		if (map_event(s, put->names, mine, e) < 0)
			return -1;
		w->n_pending++;
		w->st.open.events++;
		w->st.row.events++;
		if (mine->id > w->st.open.max_id)
			w->st.open.max_id = mine->id;
	}
	return 0;
}

static int put_snapshot(struct lmdb_store *s, struct writer_host *w, const struct snapshot *snap, const struct symtab *t, struct err *e)
{
	struct state_count *states = xcalloc((size_t)snap->n_states + 1, sizeof *states);
	struct snapshot mine = *snap;
	struct buf b = {0};
	int rc = dict_string(s, t, snap->note, &mine.note, e);

	for (uint32_t i = 0; i < mine.n_states && !rc; i++) {
		states[i].n = snap->states[i].n;
		rc = dict_string(s, t, snap->states[i].state, &states[i].state, e);
	}
	mine.states = states;
	if (!rc) {
		snapshot_pack(&b, &mine);
		rc = data_put(s, key_u32(key_of(w->host, 'S'), mine.seq), b.p, b.n, e);
	}
	buf_release(&b);
	free(states);
	return rc;
}

static int put_summary(struct lmdb_store *s, struct writer_host *w, int level, struct err *e)
{
	struct summary *sum = &w->sum[level - 1];
	struct buf b = {0};
	int rc;

	summary_pack(&b, sum);
	rc = data_put(s, summary_key(w->host, level, (sum->first_seq - 1) / level_size(level)), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

static int summarise(struct lmdb_store *s, struct writer_host *w, const struct snapshot *snap, bool new_epoch, struct err *e)
{
	for (int level = 1; level <= LEVELS; level++) {
		struct summary *sum = &w->sum[level - 1];
		uint32_t size = level_size(level);

		if (sum->n && (sum->first_seq - 1) / size != (snap->seq - 1) / size) {
			if (put_summary(s, w, level, e) < 0)
				return -1;
			*sum = (struct summary){0};
		}
		summary_add(sum, snap, new_epoch);
	}
	return 0;
}

static void count_snapshot(struct host_state *st, const struct snapshot *snap)
{
	struct host_row *r = &st->row;

	if (r->last_seq < r->first_seq || r->first == NO_TIME)
		r->first = snap->time;
	r->last_seq = snap->seq;
	r->last = snap->time;
	r->epoch = snap->epoch;
	r->failed += snap->status == SNAP_FAILED;
	r->with_text += snap_has_text(snap->status);
	r->bytes += snap->bytes;
	if (snap->status != SNAP_FAILED && snap->goroutines > r->peak)
		r->peak = snap->goroutines;
	st->ordinal = snap->ordinal;
}

/* The host whose turn it is, as it stands; NULL when it cannot be written. */
static struct writer_host *writer_ready(struct lmdb_store *s, uint32_t host, struct err *e)
{
	struct writer_host *w = writer_find(s, host);

	if (writer_begun(s, e) < 0)
		return NULL;
	if (!w) {
		fail(e, "%s: host %u is not registered", s->base.where, host);
		return NULL;
	}
	return w->loaded || load_host(s, w, e) == 0 ? w : NULL;
}

int lmdb_put_snapshot(struct store *store, const struct snapshot_put *put, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	struct writer_host *w = writer_ready(s, put->host, e);
	const struct snapshot *snap = put->snapshot;
	struct events_put ev = {put->events, put->n_events, snap->seq, put->names};
	struct host_place at = w ? place_of(w) : (struct host_place){0};
	bool new_epoch;

	if (!w || snapshot_follows(store, &at, w->name, snap, e) < 0)
		return -1;
	new_epoch = snap->epoch > w->st.row.epoch;
	w->dirty = w->put = true;
	if (new_epoch && w->st.chunk && take_events(s, w, &ev, TAKE_GONE, e) < 0)
		return -1;
	if ((new_epoch || !w->st.chunk) && snap->epoch && roll(s, w, snap->seq - 1, snap->epoch, e) < 0)
		return -1;
	if (take_events(s, w, &ev, new_epoch ? TAKE_OTHERS : TAKE_ALL, e) < 0 || put_snapshot(s, w, snap, put->names, e) < 0 ||
	    summarise(s, w, snap, new_epoch && snap->epoch > 1, e) < 0)
		return -1;
	count_snapshot(&w->st, snap);
	s->batch.snapshots++;
	s->batch.events += put->n_events;
	if (w->st.chunk && w->st.open.events >= CHUNK_MIN && w->st.open.events >= CHUNK_PER_LIVING * w->st.open.living)
		return roll(s, w, snap->seq, snap->epoch, e);
	return 0;
}

int lmdb_put_liveness(struct store *store, uint32_t host, const struct liveness *p, size_t n, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	struct writer_host *w = writer_ready(s, host, e);
	struct buf b = {0};
	uint64_t last = 0;
	uint32_t base;
	int rc;

	if (!w)
		return -1;
	base = w->st.row.last_seq;
	buf_varint(&b, base);
	buf_varint(&b, n);
	for (size_t i = 0; i < n; i++) {
		buf_varint(&b, p[i].id - last);
		buf_varint(&b, p[i].moved ? ((uint64_t)(base - p[i].moved) << 1 | p[i].moved_proof) + 1 : 0);
		buf_varint(&b, (uint64_t)((int64_t)p[i].minutes + 1));
		last = p[i].id;
	}
	rc = data_put(s, key_of(host, 'P'), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

int lmdb_put_memory(struct store *store, uint32_t host, struct str bytes, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);

	return writer_ready(s, host, e) ? data_put(s, key_of(host, 'M'), bytes.p, bytes.n, e) : -1;
}

int writer_save(struct lmdb_store *s, struct writer_host *w, struct err *e)
{
	struct buf b = {0};
	int rc;

	if (flush(s, w, e) < 0)
		return -1;
	for (int level = 1; level <= LEVELS; level++)
		if (w->sum[level - 1].n && put_summary(s, w, level, e) < 0)
			return -1;
	host_pack(&b, &w->st);
	rc = data_put(s, host_key(w->host), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

/* What is written to a file that has no name any more is lost to everybody. */
int lmdb_begin(struct store *store, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	uint64_t version;
	int rc;

	if (s->pen.txn)
		return 0;
	if (s->mode != STORE_WRITE)
		return fail(e, "%s: is open for reading", s->base.where);
	if (lmdb_version(store, &version, e) < 0)
		return -1;
	rc = note_commit(s->env, false); /* no more than one without a note: see pages.c */
	if (!rc)
		rc = env_write(s->env, &s->pen.txn, e);
	if (rc)
		return rc == MDB_PANIC ? -1 : mdb_failed(s, rc, "cannot begin to write", e);
	if (!s->names_counted && dict_open(s, e) < 0) {
		lmdb_abort(store);
		return -1;
	}
	return 0;
}

int lmdb_commit(struct store *store, struct commit *done, struct err *e)
{
	struct lmdb_store *s = lmdb_of(store);
	MDB_txn *txn = s->pen.txn;
	int rc;

	*done = s->batch;
	done->version = last_commit(s);
	if (!txn)
		return 0;
	if (save_last_host(s, e) < 0) {
		lmdb_abort(store);
		return -1;
	}
	for (size_t i = 0; i < s->n_hosts; i++) {
		if (s->hosts[i].dirty && writer_save(s, &s->hosts[i], e) < 0) {
			lmdb_abort(store);
			return -1;
		}
		done->hosts += s->hosts[i].dirty || s->hosts[i].put;
	}
	if (sweep_on(s, e) < 0) {
		lmdb_abort(store);
		return -1;
	}
	s->pen.txn = NULL;
	rc = mdb_txn_commit(txn);
	note_commit(s->env, false);
	mdb_reader_check(s->env->env, NULL); /* a reader that was killed holds what it looked at for ever */
	if (rc) {
		lmdb_abort(store);
		return mdb_failed(s, rc, "cannot commit", e);
	}
	for (size_t i = 0; i < s->n_hosts; i++)
		s->hosts[i].dirty = s->hosts[i].put = false;
	s->host_written = s->last_host;
	s->batch = (struct commit){0};
	done->version = last_commit(s);
	return 0;
}

/* Hosts stay registered; where they stand is loaded again when it is needed. */
void lmdb_abort(struct store *store)
{
	struct lmdb_store *s = lmdb_of(store);

	if (s->pen.txn)
		mdb_txn_abort(s->pen.txn);
	s->pen.txn = NULL;
	for (size_t i = 0; i < s->n_hosts; i++)
		s->hosts[i].loaded = s->hosts[i].dirty = s->hosts[i].put = false;
	s->batch = (struct commit){0};
	pieces_forget(s);
	sweep_stop(s);
	lmdb_forget_names(store);
	s->names_counted = false;
}
