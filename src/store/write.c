/* SPDX-License-Identifier: MIT */
/*
 * Writing. A host's events since the last commit wait in memory; a commit sorts them into one 'L' row. When a chunk has
 * enough of them it is rolled: its rows are merged into one 'E' row in which a goroutine is found by a binary search,
 * who ended in it goes to 'C', and who is alive opens the next one as its keyframe.
 */
#include "lmdb_store.h"
#include <gscrape/err.h>
#include <stdlib.h>

struct writer_host *writer_find(struct store *s, uint32_t host)
{
	for (size_t i = 0; i < s->n_hosts; i++)
		if (s->hosts[i].host == host)
			return &s->hosts[i];
	return NULL;
}

static struct key summary_key(uint32_t host, int level, uint32_t n)
{
	return key_u32(key_u8(key_of(host, 'Z'), (uint8_t)level), n);
}

struct search {
	struct store *s;
	const char *name;
	uint32_t found, last;
	struct host_state st;
};

static int match_host(void *ctx, struct str key, struct str value)
{
	struct search *q = ctx;
	MDB_val k = {key.n, (void *)(uintptr_t)key.p};
	struct host_state st;

	q->last = key_tail(&k, 0);
	if (!host_unpack(value, &q->s->names, &st))
		return -1;
	if (strcmp(st.row.name, q->name) == 0) {
		q->found = q->last;
		q->st = st;
	}
	return 0;
}

static int load_summaries(struct store *s, struct writer_host *w)
{
	for (int level = 1; level <= LEVELS && w->st.row.last_seq; level++) {
		struct str v;
		uint32_t n = (w->st.row.last_seq - 1) / level_size(level);

		if (data_get(s, summary_key(w->host, level, n), &v) == 1 && !summary_unpack(v, &w->sum[level - 1]))
			return -1;
	}
	return 0;
}

static int load_chunk(struct store *s, struct writer_host *w, struct err *e)
{
	uint32_t events = w->st.open.events;
	uint64_t max_id = w->st.open.max_id;
	struct str v;

	if (!w->st.chunk)
		return 0;
	if (data_get(s, key_u32(key_of(w->host, 'D'), w->st.chunk), &v) != 1 || !chunk_unpack(v, w->st.chunk, &w->st.open))
		return damaged(s, "directory", w->host, w->st.chunk, e);
	w->st.open.events = events;
	w->st.open.max_id = max_id;
	return 0;
}

static struct writer_host *add_host(struct store *s, uint32_t host)
{
	struct writer_host *w;

	GROW(s->hosts, s->n_hosts, s->cap_hosts);
	w = &s->hosts[s->n_hosts++];
	*w = (struct writer_host){.host = host};
	return w;
}

int store_host(struct store *s, const char *name, const char *labels, uint32_t *host, struct err *e)
{
	struct search q = {.s = s, .name = name};
	struct writer_host *w;

	if (writing(s, e) < 0)
		return -1;
	if (data_each(s, key_of(0, 'H'), 5, match_host, &q) < 0)
		return fail(e, "%s: is damaged: hosts", s->path);
	for (size_t i = 0; i < s->n_hosts; i++) { /* those whose rows no commit has written yet */
		if (s->hosts[i].host > q.last)
			q.last = s->hosts[i].host;
		if (strcmp(s->hosts[i].st.row.name, name) == 0)
			q.found = s->hosts[i].host;
	}
	*host = q.found ? q.found : q.last + 1;
	w = writer_find(s, *host);
	if (!w) {
		w = add_host(s, *host);
		w->st = q.st;
		if (load_summaries(s, w) < 0)
			return damaged(s, "summaries", *host, 0, e);
		if (load_chunk(s, w, e) < 0)
			return -1;
	}
	if (!q.found) {
		w->st.row.name = pool_strndup(&s->names, name, strlen(name));
		w->st.row.labels = "";
		w->st.row.first = w->st.row.last = NO_TIME;
		w->st.row.first_seq = 1;
		w->dirty = true;
	}
	if (labels && strcmp(labels, w->st.row.labels) != 0) {
		w->st.row.labels = pool_strndup(&s->names, labels, strlen(labels));
		w->dirty = true;
	}
	w->st.row.host = *host;
	return 0;
}

/* --- chunks --- */

static int put_chunk_row(struct store *s, uint32_t host, const struct chunk_row *c, struct err *e)
{
	struct buf b = {0};
	int rc;

	chunk_pack(&b, c);
	rc = data_put(s, key_u32(key_of(host, 'D'), c->no), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

static int begin_chunk(struct store *s, struct writer_host *w, uint32_t epoch, uint32_t first_seq,
		       const struct living *l, size_t n, struct err *e)
{
	struct buf b = {0};
	int rc;

	w->st.open = (struct chunk_row){.no = ++w->st.chunk, .epoch = epoch, .first_seq = first_seq, .living = (uint32_t)n};
	living_encode(&b, l, n, first_seq);
	rc = data_put(s, key_u32(key_of(w->host, 'K'), w->st.chunk), b.p, b.n, e);
	buf_release(&b);
	return rc < 0 ? rc : put_chunk_row(s, w->host, &w->st.open, e);
}

/* Move what is pending into an 'L' row of the open chunk. */
static int flush(struct store *s, struct writer_host *w, struct err *e)
{
	struct buf b = {0};
	int rc;

	if (!w->n_pending)
		return 0;
	events_sort(w->pending, w->n_pending);
	events_encode(&b, w->pending, w->n_pending, w->st.open.first_seq);
	rc = data_put(s, key_u32(key_u32(key_of(w->host, 'L'), w->st.chunk), w->pending_seq), b.p, b.n, e);
	buf_release(&b);
	w->n_pending = 0;
	return rc;
}

static int by_parent(const void *pa, const void *pb)
{
	const struct ended *a = pa, *b = pb;

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* The goroutines that end in these events, whole lives, by parent. */
static size_t collect_ended(const struct living *l, size_t n_l, const struct event *ev, size_t n_ev, struct ended *out)
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

/* Close the open chunk at last_seq. *out: who is alive after it. */
static int close_chunk(struct store *s, struct writer_host *w, uint32_t last_seq, struct pool *p, struct living **out,
		       size_t *n_out, struct err *e)
{
	struct chunk_row *c = &w->st.open;
	struct event_list ev = {0};
	struct living *l;
	struct ended *ended;
	struct buf b = {0};
	size_t n_l, n_ended;
	int rc = -1;

	if (flush(s, w, e) < 0 || chunk_living(s, w->host, c, p, &l, &n_l, e) < 0 || chunk_events(s, w->host, c, &ev, e) < 0)
		goto done;
	*out = pool_alloc(p, (n_l + ev.n + 1) * sizeof **out);
	*n_out = living_apply(l, n_l, ev.a, ev.n, UINT32_MAX, *out);
	events_encode(&b, ev.a, ev.n, c->first_seq);
	if (data_put(s, key_u32(key_of(w->host, 'E'), c->no), b.p, b.n, e) < 0)
		goto done;
	ended = pool_alloc(p, (ev.n + 1) * sizeof *ended);
	n_ended = collect_ended(l, n_l, ev.a, ev.n, ended);
	buf_reset(&b);
	ended_encode(&b, ended, n_ended, c->first_seq);
	if (data_put(s, key_u32(key_of(w->host, 'C'), c->no), b.p, b.n, e) < 0)
		goto done;
	c->last_seq = last_seq;
	if (put_chunk_row(s, w->host, c, e) == 0 && data_del_prefix(s, key_u32(key_of(w->host, 'L'), c->no), e) == 0)
		rc = 0;
done:
	buf_release(&b);
	free(ev.a);
	return rc;
}

/* Close the open chunk and begin the next one, with whoever is alive, or with nobody in a new epoch. */
static int roll(struct store *s, struct writer_host *w, uint32_t last_seq, uint32_t epoch, struct err *e)
{
	struct pool p = {0};
	struct living *l = NULL;
	size_t n = 0;
	bool same = w->st.open.epoch == epoch;
	int rc = w->st.chunk ? close_chunk(s, w, last_seq, &p, &l, &n, e) : 0;

	if (!rc)
		rc = begin_chunk(s, w, epoch, last_seq + 1, l, same ? n : 0, e);
	pool_release(&p);
	return rc;
}

/* --- snapshots --- */

static int map_event(struct store *s, const struct symtab *t, struct event *ev, struct err *e)
{
	if (ev->kind != EV_BORN && ev->kind != EV_RUN)
		return 0;
	if (dict_stack(s, t, ev->stack, &ev->stack, e) < 0 || dict_string(s, t, ev->state, &ev->state, e) < 0)
		return -1;
	return dict_string(s, t, ev->labels, &ev->labels, e);
}

/* Take over the events; `gone` ones only, or the others. */
static int take_events(struct store *s, struct writer_host *w, const struct event *ev, size_t n, uint32_t seq, int which,
		       const struct symtab *t, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct event *mine;

		if (which >= 0 && (ev[i].kind == EV_GONE) != which)
			continue;
		if (!w->n_pending)
			w->pending_seq = seq;
		GROW(w->pending, w->n_pending, w->cap_pending);
		mine = &w->pending[w->n_pending];
		*mine = ev[i];
		mine->seq = seq;
		if (map_event(s, t, mine, e) < 0)
			return -1;
		w->n_pending++;
		w->st.open.events++;
		w->st.row.events++;
		if (ev[i].id > w->st.open.max_id)
			w->st.open.max_id = ev[i].id;
	}
	return 0;
}

static int put_snapshot(struct store *s, struct writer_host *w, const struct snapshot *snap, const struct symtab *t, struct err *e)
{
	struct state_count states[256];
	struct snapshot mine = *snap;
	struct buf b = {0};
	int rc;

	if (mine.n_states > 256)
		mine.n_states = 256;
	for (uint32_t i = 0; i < mine.n_states; i++) {
		states[i].n = snap->states[i].n;
		if (dict_string(s, t, snap->states[i].state, &states[i].state, e) < 0)
			return -1;
	}
	mine.states = states;
	if (dict_string(s, t, snap->note, &mine.note, e) < 0)
		return -1;
	snapshot_pack(&b, &mine);
	rc = data_put(s, key_u32(key_of(w->host, 'S'), mine.seq), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

static int put_summary(struct store *s, struct writer_host *w, int level, struct err *e)
{
	struct summary *sum = &w->sum[level - 1];
	struct buf b = {0};
	int rc;

	summary_pack(&b, sum);
	rc = data_put(s, summary_key(w->host, level, (sum->first_seq - 1) / level_size(level)), b.p, b.n, e);
	buf_release(&b);
	return rc;
}

static int summarise(struct store *s, struct writer_host *w, const struct snapshot *snap, bool new_epoch, struct err *e)
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

int store_append(struct store *s, uint32_t host, struct snapshot *snap, const struct event *ev, size_t n_ev,
		 const struct symtab *t, struct err *e)
{
	struct writer_host *w = writer_find(s, host);
	bool new_epoch;

	if (!w)
		return fail(e, "%s: host %u is not registered", s->path, host);
	if (writing(s, e) < 0)
		return -1;
	new_epoch = snap->epoch > w->st.row.epoch;
	snap->seq = w->st.row.last_seq + 1;
	snap->ordinal = w->st.ordinal + snap_has_text(snap->status);
	w->dirty = true;
	if (new_epoch && w->st.chunk && take_events(s, w, ev, n_ev, snap->seq, 1, t, e) < 0)
		return -1;
	if ((new_epoch || !w->st.chunk) && snap->epoch && roll(s, w, snap->seq - 1, snap->epoch, e) < 0)
		return -1;
	if (take_events(s, w, ev, n_ev, snap->seq, new_epoch ? 0 : -1, t, e) < 0 || put_snapshot(s, w, snap, t, e) < 0 ||
	    summarise(s, w, snap, new_epoch, e) < 0)
		return -1;
	count_snapshot(&w->st, snap);
	if (w->st.chunk && w->st.open.events >= CHUNK_MIN && w->st.open.events >= CHUNK_PER_LIVING * w->st.open.living)
		return roll(s, w, snap->seq, snap->epoch, e);
	return 0;
}

int store_pulse(struct store *s, uint32_t host, const struct pulse *p, size_t n, struct err *e)
{
	struct writer_host *w = writer_find(s, host);
	struct buf b = {0};
	uint64_t last = 0;
	uint32_t base;
	int rc;

	if (!w || writing(s, e) < 0)
		return w ? -1 : fail(e, "%s: host %u is not registered", s->path, host);
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

static int write_host(struct store *s, struct writer_host *w, struct err *e)
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
	w->dirty = false;
	return rc;
}

int store_commit(struct store *s, struct err *e)
{
	MDB_txn *txn;
	int rc;

	for (size_t i = 0; i < s->n_hosts; i++) {
		if (s->hosts[i].dirty && (writing(s, e) < 0 || write_host(s, &s->hosts[i], e) < 0)) {
			store_abort(s);
			return -1;
		}
	}
	if (!s->write)
		return 0;
	txn = s->write;
	s->write = NULL;
	rc = mdb_txn_commit(txn);
	if (!rc)
		return 0;
	mdb_failed(s, rc, "cannot commit", e);
	store_abort(s);
	return -1;
}

void store_abort(struct store *s)
{
	bool was = s->write || s->n_hosts;

	if (s->write)
		mdb_txn_abort(s->write);
	s->write = NULL;
	for (size_t i = 0; i < s->n_hosts; i++)
		free(s->hosts[i].pending);
	s->n_hosts = 0;
	store_forget_symtab(s);
	if (was && s->mode == STORE_WRITE && s->env)
		dict_open(s, NULL);
}
