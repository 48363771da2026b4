/* SPDX-License-Identifier: MIT */
/* A batch is rows in memory, sent when it is committed or has grown large; the rows of its hosts come last. */
#include "ch.h"
#include <gscrape/timefmt.h>
#include <stdlib.h>
#include <unistd.h>

#define LARGE ((size_t)16 << 20) /* bytes of events that are sent before the commit */
#define DELIVER_MS 2000          /* of a commit go into what waited before it */
#define LAST_DELIVER_MS 10000    /* and of the end */
#define WATCH_MS 300             /* the version is asked for no more often */

enum session_what { SESSION_BEGAN, SESSION_ENDED, RECORDING_ENDED };
enum kept_what { KEPT_LIVENESS, KEPT_MEMORY };

int ch_version(struct store *store, uint64_t *version, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct buf sql = {0};
	struct ch_rows r;
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	if (!s->version_at || now_ms() - s->version_at > WATCH_MS || now_ms() < s->version_at) {
		buf_addf(&sql, "SELECT toUInt64(sum(v)) FROM (SELECT max(ver) AS v FROM %s.host GROUP BY name) AS x", s->place.database);
		s->watch.partial = false;
		rc = ch_ask(&s->watch, &sql, &r, e);
		if (rc < 0 && s->watch.shard_away) { /* another number than with it: it is looked at again */
			s->watch.partial = true;
			rc = ch_ask(&s->watch, &sql, &r, e);
		}
		if (!rc) {
			s->version = ch_get(&r, 8);
			rc = ch_torn(store, &r, e);
		}
		s->version_at = rc ? 0 : now_ms();
		buf_release(&sql);
	}
	*version = s->version;
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* --- the session --- */

static void put_session(struct ch_store *s, struct buf *b, enum session_what what, int64_t time)
{
	ch_put(b, s->session, 8);
	ch_put(b, what, 1);
	ch_put(b, (uint64_t)time, 8);
}

static int tell_session(struct ch_store *s, enum session_what what, struct err *e)
{
	struct buf b = {0};
	int rc;

	put_session(s, &b, what, now_ms());
	rc = ch_insert(&s->line, "session", (struct str){b.p, b.n}, e);
	buf_release(&b);
	return rc;
}

static int read_open_sessions(struct ch_store *s, struct err *e)
{
	struct buf sql = {0};
	struct ch_rows r;
	int rc;

	buf_addf(&sql, "SELECT session FROM %s.session WHERE session != %llu GROUP BY session HAVING countIf(what = %d) = 0",
		 s->place.database, (unsigned long long)s->session, SESSION_ENDED);
	rc = ch_ask(&s->line, &sql, &r, e);
	buf_release(&sql);
	free(s->open);
	s->open = xcalloc((size_t)(r.end - r.p) / 8 + 1, sizeof *s->open);
	s->n_open = 0;
	while (!rc && ch_more(&r))
		s->open[s->n_open++] = ch_get(&r, 8);
	return rc < 0 ? -1 : ch_torn(&s->base, &r, e);
}

static int read_stored(struct ch_store *s, struct err *e)
{
	struct ch_row *rows;
	size_t n;

	if (ch_read_hosts(s, &s->pool, &rows, &n, e) < 0)
		return -1;
	for (size_t i = 1; i < s->n_hosts; i++) {
		s->hosts[i].stored = (struct ch_row){0};
		s->hosts[i].adopted = false;
	}
	for (size_t i = 0; i < n; i++)
		s->hosts[rows[i].row.host].stored = rows[i];
	return 0;
}

/* The largest number that has been given, also by others, whose clocks may be ahead. */
static int last_session(struct ch_store *s, uint64_t *last, struct err *e)
{
	const char *db = s->place.database;
	struct buf sql = {0};
	struct ch_rows r;
	int rc;

	buf_addf(&sql, "SELECT max(v) FROM (SELECT max(session) AS v FROM %s.session UNION ALL SELECT max(ver) AS v FROM %s.host) AS x", db, db);
	rc = ch_ask(&s->line, &sql, &r, e);
	buf_release(&sql);
	*last = rc < 0 ? 0 : ch_get(&r, 8);
	if (*last < s->session + s->counter)
		*last = s->session + s->counter;
	return rc < 0 ? -1 : ch_torn(&s->base, &r, e);
}

/* A number larger than each before it: the time, and something that two who begin within a millisecond do not share. */
static int number_session(struct ch_store *s, struct err *e)
{
	uint64_t now = (uint64_t)now_ms(), last;

	if (last_session(s, &last, e) < 0)
		return -1;
	now = now << 20 | (hash_u64((uint64_t)(uintptr_t)s ^ (uint64_t)getpid() << 32 ^ now) & 0xfffff);
	s->session = now > last ? now : last + 1 + (now & 0xfffff);
	s->counter = 0;
	return 0;
}

static int begin_session(struct ch_store *s, struct err *e)
{
	if (ch_rests(s, e) < 0)
		return -1;
	if (ch_fits(s, e) < 0)
		return ch_put_off(s, e);
	if (ch_deliver(s, DELIVER_MS, e))
		return -1;
	if (number_session(s, e) < 0 || tell_session(s, SESSION_BEGAN, e) < 0 || read_open_sessions(s, e) < 0 || read_stored(s, e) < 0)
		return ch_put_off(s, e);
	s->ready = true;
	s->pause = 0;
	s->why.text[0] = '\0';
	return 0;
}

int ch_begin(struct store *store, struct err *e)
{
	struct ch_store *s = ch_of(store);

	if (s->mode != STORE_WRITE)
		return fail(e, "%s: is open for reading", store->where);
	if (!s->ready && begin_session(s, e) < 0)
		return -1;
	s->begun = true;
	return 0;
}

/* --- hosts --- */

/* From here on the host is this session's: what others that have not ended wrote behind its last snapshot does not count. */
static void adopt(struct ch_store *s, struct ch_host *h)
{
	bool anew = !h->stored.ver || h->stored.gone;
	struct ch_row *w = &h->work;
	struct ch_cut *cuts = pool_alloc(&s->pool, (h->stored.n_cuts + s->n_open + 1) * sizeof *cuts);
	size_t n = 0;

	*w = h->stored;
	if (anew) {
		*w = (struct ch_row){.row = {.first_seq = 1, .first = NO_TIME, .last = NO_TIME, .labels = ""}};
		cuts[n++] = (struct ch_cut){s->session, UINT32_MAX};
	} else {
		memcpy(cuts, h->stored.cuts, h->stored.n_cuts * sizeof *cuts);
		n = h->stored.n_cuts;
		for (size_t i = 0; i < s->n_open; i++) {
			size_t k = 0;

			while (k < n && (cuts[k].session != s->open[i] || cuts[k].last == UINT32_MAX))
				k++;
			if (k == n)
				cuts[n++] = (struct ch_cut){s->open[i], h->stored.row.last_seq};
		}
	}
	w->row.name = h->name;
	w->cuts = cuts;
	w->n_cuts = n;
	h->stored.cuts = cuts; /* an abort comes back to it */
	h->stored.n_cuts = n;
	h->adopted = true;
	h->dirty = anew;
}

struct ch_host *ch_host_ready(struct ch_store *s, uint32_t host, struct err *e)
{
	struct ch_host *h = host && host < s->n_hosts ? &s->hosts[host] : NULL;

	if (!s->begun) {
		fail(e, "%s: no batch is begun", s->base.where);
		return NULL;
	}
	if (!h || (!h->registered && (!h->stored.ver || h->stored.gone))) {
		fail(e, "%s: host %u is not registered", s->base.where, host);
		return NULL;
	}
	if (!h->adopted)
		adopt(s, h);
	if (h->labels && strcmp(h->labels, h->work.row.labels) != 0) {
		h->work.row.labels = h->labels;
		h->dirty = true;
	}
	return h;
}

static struct host_place place_of(const struct ch_host *h, uint32_t handle)
{
	return (struct host_place){handle, h->work.row.last_seq, h->work.ordinal, h->work.row.epoch, h->work.row.last};
}

int ch_host(struct store *store, const char *name, const char *labels, struct host_place *out, struct err *e)
{
	struct ch_store *s = ch_of(store);
	uint32_t handle;

	if (!s->begun)
		return fail(e, "%s: no batch is begun", store->where);
	handle = ch_host_handle(s, str_of(name));
	s->hosts[handle].registered = true;
	if (labels)
		s->hosts[handle].labels = pool_strndup(&s->pool, labels, strlen(labels));
	if (!ch_host_ready(s, handle, e))
		return -1;
	*out = place_of(&s->hosts[handle], handle);
	return 0;
}

/* --- rows --- */

/* A stack's key says what is on it, not who met it first. Its row is added when this process has not sent it yet. */
static void put_frames(struct buf *b, const struct symtab *t, const struct sym_stack *st)
{
	buf_varint(b, st->n);
	for (uint32_t i = 0; i < st->n; i++)
		ch_put_text(b, symtab_get_string(t, symtab_get_frame(t, st->frames[i]).func));
	buf_varint(b, st->n);
	for (uint32_t i = 0; i < st->n; i++) {
		uint32_t file = symtab_get_frame(t, st->frames[i]).file;

		ch_put_text(b, file ? symtab_get_string(t, file) : STR(""));
	}
	buf_varint(b, st->n);
	for (uint32_t i = 0; i < st->n; i++)
		ch_put(b, symtab_get_frame(t, st->frames[i]).line, 4);
}

static uint64_t put_stack(struct ch_store *s, const struct symtab *t, uint32_t id)
{
	struct sym_stack st = symtab_get_stack(t, id);
	struct sym_frame by = st.created ? symtab_get_frame(t, st.created) : (struct sym_frame){0};
	struct buf *b = &s->stacks;
	size_t at = b->n;
	uint64_t key;
	uint32_t sent;

	ch_put(b, 0, 8);
	ch_put(b, st.flags, 1);
	put_frames(b, t, &st);
	ch_put_text(b, by.func ? symtab_get_string(t, by.func) : STR(""));
	ch_put_text(b, by.file ? symtab_get_string(t, by.file) : STR(""));
	ch_put(b, by.line, 4);
	key = hash64(b->p + at + 8, b->n - at - 8);
	key += !key;
	memcpy(b->p + at, &key, 8);
	HASH_FIND(&s->stacks_sent, hash_u64(key), sent, s->sent_keys[sent] == key);
	if (sent != HASH_NONE) {
		b->n = at;
		return key;
	}
	GROW(s->sent_keys, s->n_sent, s->cap_sent);
	s->sent_keys[s->n_sent] = key;
	hash_put(&s->stacks_sent, hash_u64(key), (uint32_t)s->n_sent++);
	return key;
}

static uint64_t stack_key(struct ch_store *s, const struct symtab *t, uint32_t id)
{
	struct ch_numbers *m = &s->stack_keys;

	if (!id)
		return 0;
	REACH(m->a, m->n, id);
	if (!m->a[id])
		m->a[id] = put_stack(s, t, id);
	return m->a[id];
}

static struct str text_of(const struct symtab *t, uint32_t id)
{
	return id ? symtab_get_string(t, id) : STR("");
}

/* Births and ends of goroutines are there once more, where their parent finds them. */
static void put_child(struct ch_store *s, const struct ch_host *h, const struct snapshot_put *put, const struct event *ev)
{
	struct buf *b = &s->children;
	bool gone = ev->kind == EV_GONE;

	ch_put_text(b, str_of(h->name));
	ch_put(b, s->session, 8);
	ch_put(b, gone ? h->work.row.epoch : put->snapshot->epoch, 4);
	ch_put(b, ev->parent, 8);
	ch_put(b, ev->id, 8);
	ch_put(b, put->snapshot->seq, 4);
	ch_put(b, gone, 1);
	ch_put(b, gone ? 0 : stack_key(s, put->names, ev->stack), 8);
}

static void put_event(struct ch_store *s, const struct ch_host *h, const struct snapshot_put *put, const struct event *ev)
{
	bool run = ev->kind == EV_BORN || ev->kind == EV_RUN;
	struct buf *b = &s->events;

	ch_put_text(b, str_of(h->name));
	ch_put(b, s->session, 8);
	ch_put(b, ev->kind == EV_GONE ? h->work.row.epoch : put->snapshot->epoch, 4);
	ch_put(b, ev->id, 8);
	ch_put(b, put->snapshot->seq, 4);
	ch_put(b, ev->kind, 1);
	ch_put(b, ev->flags, 1);
	ch_put(b, ev->moved_proof, 1);
	ch_put(b, (uint32_t)ev->minutes, 4);
	ch_put(b, ev->moved, 4);
	ch_put(b, run ? stack_key(s, put->names, ev->stack) : 0, 8);
	ch_put_text(b, run ? text_of(put->names, ev->state) : STR(""));
	ch_put_text(b, run ? text_of(put->names, ev->labels) : STR(""));
	ch_put(b, ev->kind == EV_BORN ? ev->parent : 0, 8);
	ch_put(b, ev->wait_object, 8);
	if (ev->parent && (ev->kind == EV_BORN || ev->kind == EV_GONE))
		put_child(s, h, put, ev);
}

static void put_header(struct ch_store *s, const struct ch_host *h, const struct snapshot_put *put)
{
	const struct snapshot *snap = put->snapshot;
	struct buf *b = &s->snapshots;

	ch_put_text(b, str_of(h->name));
	ch_put(b, snap->seq, 4);
	ch_put(b, s->session, 8);
	ch_put(b, (uint64_t)snap->time, 8);
	ch_put(b, snap->ordinal, 4);
	ch_put(b, snap->epoch, 4);
	ch_put(b, snap->status, 1);
	ch_put(b, snap->goroutines, 4);
	ch_put(b, snap->bytes, 8);
	ch_put(b, snap->took, 4);
	ch_put_text(b, text_of(put->names, snap->note));
	buf_varint(b, snap->n_states);
	for (uint32_t i = 0; i < snap->n_states; i++)
		ch_put_text(b, text_of(put->names, snap->states[i].state));
	buf_varint(b, snap->n_states);
	for (uint32_t i = 0; i < snap->n_states; i++)
		ch_put(b, snap->states[i].n, 4);
}

static void put_held(struct ch_store *s, const struct ch_host *h, const struct snapshot *snap)
{
	struct buf *b = &s->holdings;

	if (!snap->held_ago)
		return;
	ch_put_text(b, str_of(h->name));
	ch_put(b, snap->seq, 4);
	ch_put(b, s->session, 8);
	ch_put(b, snap->held_ago, 4);
	ch_put_text(b, snap->held);
}

static void count_snapshot(struct ch_row *w, const struct snapshot *snap, size_t n_events)
{
	struct host_row *r = &w->row;

	if (!host_row_snapshots(r) || r->first == NO_TIME) {
		r->first = snap->time;
		w->first_epoch = snap->epoch;
	}
	r->last = snap->time;
	r->last_seq = snap->seq;
	r->epoch = snap->epoch;
	r->failed += snap->status == SNAP_FAILED;
	r->with_text += snap_has_text(snap->status);
	r->bytes += snap->bytes;
	r->events += n_events;
	if (snap->status != SNAP_FAILED && snap->goroutines > r->peak)
		r->peak = snap->goroutines;
	w->ordinal = snap->ordinal;
}

int ch_send_rows(struct ch_store *s, struct err *e)
{
	return ch_send(s, "stack", &s->stacks, e) < 0 || ch_send(s, "event", &s->events, e) < 0 || ch_send(s, "child", &s->children, e) < 0 ||
			       ch_send(s, "holding", &s->holdings, e) < 0 || ch_send(s, "snapshot", &s->snapshots, e) < 0 ?
		       -1 :
		       0;
}

int ch_put_snapshot(struct store *store, const struct snapshot_put *put, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct ch_host *h = ch_host_ready(s, put->host, e);
	struct host_place at;

	if (!h)
		return -1;
	at = place_of(h, put->host);
	if (snapshot_follows(store, &at, h->name, put->snapshot, e) < 0)
		return -1;
	for (size_t i = 0; i < put->n_events; i++)
		put_event(s, h, put, &put->events[i]);
	put_header(s, h, put);
	put_held(s, h, put->snapshot);
	count_snapshot(&h->work, put->snapshot, put->n_events);
	h->dirty = true;
	s->batch.snapshots++;
	s->batch.events += put->n_events;
	return s->events.n > LARGE ? ch_send_rows(s, e) : 0;
}

static int keep(struct store *store, uint32_t host, enum kept_what what, struct str bytes, struct err *e)
{
	struct ch_store *s = ch_of(store);
	struct ch_host *h = ch_host_ready(s, host, e);

	if (!h)
		return -1;
	h->dirty = h->keeps[what] = true;
	buf_reset(&h->kept[what]);
	buf_add(&h->kept[what], bytes.p, bytes.n);
	return 0;
}

int ch_put_liveness(struct store *store, uint32_t host, const struct liveness *l, size_t n, struct err *e)
{
	struct buf b = {0};
	uint64_t last = 0;
	int rc;

	for (size_t i = 0; i < n; i++) {
		buf_varint(&b, l[i].id - last);
		buf_varint(&b, (uint64_t)l[i].moved << 1 | l[i].moved_proof);
		buf_svarint(&b, l[i].minutes);
		last = l[i].id;
	}
	rc = keep(store, host, KEPT_LIVENESS, (struct str){b.p, b.n}, e);
	buf_release(&b);
	return rc;
}

int ch_put_memory(struct store *store, uint32_t host, struct str bytes, struct err *e)
{
	return keep(store, host, KEPT_MEMORY, bytes, e);
}

int ch_put_end(struct store *store, int64_t time, struct err *e)
{
	struct ch_store *s = ch_of(store);

	if (!s->begun)
		return fail(e, "%s: no batch is begun", store->where);
	s->end = time;
	return 0;
}

/* --- the end of a batch --- */

static void put_row(struct buf *b, const struct ch_row *w)
{
	const struct host_row *r = &w->row;
	const uint32_t numbers[] = {r->first_seq, r->last_seq, w->ordinal, r->epoch, w->first_epoch, r->failed, r->with_text, r->peak};

	ch_put_text(b, str_of(r->name));
	ch_put(b, w->ver, 8);
	ch_put_text(b, str_of(r->labels));
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		ch_put(b, numbers[i], 4);
	ch_put(b, (uint64_t)r->first, 8);
	ch_put(b, (uint64_t)r->last, 8);
	ch_put(b, r->events, 8);
	ch_put(b, r->bytes, 8);
	buf_varint(b, w->n_cuts);
	for (size_t i = 0; i < w->n_cuts; i++)
		ch_put(b, w->cuts[i].session, 8);
	buf_varint(b, w->n_cuts);
	for (size_t i = 0; i < w->n_cuts; i++)
		ch_put(b, w->cuts[i].last, 4);
	ch_put(b, w->gone, 1);
}

static void forget_batch(struct ch_store *s)
{
	buf_reset(&s->events);
	buf_reset(&s->snapshots);
	buf_reset(&s->stacks);
	buf_reset(&s->children);
	buf_reset(&s->holdings);
	buf_reset(&s->unsent);
	for (size_t i = 1; i < s->n_hosts; i++)
		s->hosts[i].keeps[KEPT_LIVENESS] = s->hosts[i].keeps[KEPT_MEMORY] = false;
	ch_others_release(&s->others);
	s->batch = (struct commit){0};
	s->begun = s->sent = false;
	s->end = NO_TIME;
}

static void forget_sent(struct ch_store *s)
{
	hash_release(&s->stacks_sent);
	s->n_sent = 0;
	ch_forget_names(&s->base);
}

/* Nothing of it counts. Where rows were sent, the next batch is another session's. */
void ch_abort(struct store *store)
{
	struct ch_store *s = ch_of(store);

	s->ready &= !s->sent;
	for (size_t i = 1; i < s->n_hosts; i++) {
		struct ch_host *h = &s->hosts[i];

		h->adopted = false;
		h->dirty = false;
	}
	forget_batch(s);
	forget_sent(s);
	ch_spool_again(&s->spool, SPOOL_KEPT);
}

static int send_kept(struct ch_store *s, struct err *e)
{
	struct buf rows = {0};
	int rc;

	for (size_t i = 1; i < s->n_hosts; i++) {
		const struct ch_host *h = &s->hosts[i];

		for (int what = KEPT_LIVENESS; what <= KEPT_MEMORY; what++) {
			if (!h->keeps[what])
				continue;
			ch_put_text(&rows, str_of(h->name));
			ch_put(&rows, (uint64_t)what, 1);
			ch_put(&rows, s->session + s->counter, 8); /* as the host's row */
			ch_put_text(&rows, (struct str){h->kept[what].p, h->kept[what].n});
		}
	}
	rc = ch_send(s, "kept", &rows, e);
	buf_release(&rows);
	return rc;
}

static int send_hosts(struct ch_store *s, struct err *e)
{
	struct buf rows = {0};
	int rc;

	for (size_t i = 1; i < s->n_hosts; i++) {
		if (!s->hosts[i].dirty)
			continue;
		s->hosts[i].work.ver = s->session + s->counter;
		put_row(&rows, &s->hosts[i].work);
	}
	rc = ch_send(s, "host", &rows, e);
	buf_release(&rows);
	return rc;
}

/* It stands: what was the batch's is stored. */
static void settle(struct ch_store *s, struct commit *done)
{
	*done = s->batch;
	for (uint32_t i = 1; i < s->n_hosts; i++) {
		struct ch_host *h = &s->hosts[i];
		const struct host_row *was = &h->stored.row, *is = &h->work.row;

		if (!h->dirty)
			continue;
		done->hosts += !h->stored.ver || was->last_seq != is->last_seq || strcmp(was->labels, is->labels) != 0;
		h->stored = h->work;
		h->dirty = false;
		if (h->work.gone) { /* its handle is nobody's any more */
			hash_drop(&s->by_name, hash64(h->name, strlen(h->name)), i);
			buf_release(&h->kept[KEPT_LIVENESS]);
			buf_release(&h->kept[KEPT_MEMORY]);
			*h = (struct ch_host){.name = h->name};
		}
	}
	forget_batch(s);
}

static int send_end(struct ch_store *s, struct err *e)
{
	struct buf row = {0};
	int rc;

	if (s->end != NO_TIME)
		put_session(s, &row, RECORDING_ENDED, s->end);
	rc = ch_send(s, "session", &row, e);
	buf_release(&row);
	return rc;
}

/* What stands by now is told; that the server has gone away since is no failure of the batch. */
static uint64_t version_after(struct ch_store *s)
{
	uint64_t version;
	struct err unused;

	pthread_mutex_lock(&s->lock);
	s->version_at = 0;
	version = ++s->version;
	pthread_mutex_unlock(&s->lock);
	if (!ch_spool_waits(&s->spool, SPOOL_ROWS))
		ch_version(&s->base, &version, &unused);
	return version;
}

int ch_commit(struct store *store, struct commit *done, struct err *e)
{
	struct ch_store *s = ch_of(store);
	int rc;

	*done = (struct commit){0};
	if (s->begun) {
		s->counter++;
		if (ch_send_rows(s, e) < 0 || send_kept(s, e) < 0 || send_hosts(s, e) < 0 || send_end(s, e) < 0 || ch_put_by(s, e) < 0) {
			ch_abort(store);
			return -1;
		}
		settle(s, done);
	}
	ch_spool_drop(&s->spool, SPOOL_KEPT);
	rc = ch_deliver(s, DELIVER_MS, e);
	done->version = version_after(s);
	return rc;
}

void ch_forget_names(struct store *store)
{
	struct ch_store *s = ch_of(store);

	free(s->stack_keys.a);
	s->stack_keys = (struct ch_numbers){0};
}

/* The last word of a session is that nothing of it is on its way any more. */
void ch_write_close(struct ch_store *s)
{
	struct err e;

	if (ch_deliver(s, LAST_DELIVER_MS, &e) == 0 && s->ready && !s->sent)
		tell_session(s, SESSION_ENDED, &e);
	forget_batch(s);
	forget_sent(s);
	buf_release(&s->events);
	buf_release(&s->snapshots);
	buf_release(&s->holdings);
	buf_release(&s->stacks);
	buf_release(&s->children);
	for (size_t i = 1; i < s->n_hosts; i++) {
		buf_release(&s->hosts[i].kept[KEPT_LIVENESS]);
		buf_release(&s->hosts[i].kept[KEPT_MEMORY]);
	}
	free(s->sent_keys);
	buf_release(&s->unsent);
	ch_spool_release(&s->spool);
}
