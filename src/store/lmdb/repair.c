/* SPDX-License-Identifier: MIT */
/*
 * What is sound in a damaged file, into a new one. Rows whose checksums are right are taken over as they are. Then each
 * host keeps the longest stretch of snapshots that has no hole: each has its row, lies in a piece whose keyframe and
 * events are whole, and has as many goroutines as these lead to. Names that are lost are "(lost)".
 */
#include "lmdb_store.h"
#include "pages.h"
#include <gscrape/err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char lost_name[] = "(lost)";

struct taking {
	const struct env *env; /* the new file */
	MDB_txn *txn;
	size_t n;
	int rc, format; /* format: of the old file */
};

static void take_row(void *ctx, struct str key, struct str value, bool large)
{
	static const struct env newest = {.format = STORE_FORMAT};
	struct taking *t = ctx;
	MDB_val k = {key.n, (void *)(uintptr_t)key.p}, v = {value.n, (void *)(uintptr_t)value.p};
	struct str unused;
	int rc;

	(void)large;
	if (key.n == 6 && value.n && memcmp(key.p, "format", 6) == 0)
		t->format = value.p[value.n - 1] - '0';
	if (t->rc || key.n < 5 || key.n > sizeof((struct key *)0)->b || !row_checked(&newest, k, v, &unused))
		return;
	rc = mdb_put(t->txn, is_name_key(key) ? t->env->dict : t->env->data, &k, &v, MDB_NOOVERWRITE);
	t->n += !rc;
	t->rc = rc == MDB_KEYEXIST ? 0 : rc;
}

static int take_rows(const char *from, const char *to, size_t *n, struct err *e)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC), rc;
	struct env new = {.format = STORE_FORMAT};
	struct taking t = {.env = &new};
	struct row_reader rows = {take_row, &t};

	if (fd < 0)
		return fail_errno(e, errno, from);
	rc = env_map(to, 0, &new.env);
	if (!rc && !(rc = mdb_txn_begin(new.env, NULL, 0, &t.txn)) && !(rc = make_tables(&new, t.txn))) {
		rc = pages_salvage(fd, from, &rows, e) < 0 ? -1 : t.rc;
		if (rc)
			mdb_txn_abort(t.txn);
		else
			rc = mdb_txn_commit(t.txn);
	}
	if (new.env)
		mdb_env_close(new.env);
	close(fd);
	*n = t.n;
	if (!rc && t.format && t.format != STORE_FORMAT)
		return fail(e, "%s: is of format %d: what can be repaired is of format %d", from, t.format, STORE_FORMAT);
	return rc > 0 ? fail_write(e, rc, to) : rc ? -1 : 0;
}

/* --- names: numbers have no hole but for those that went --- */

static bool get_name(struct lmdb_store *s, char tag, uint32_t no, struct str *out)
{
	return row_get(&s->pen, s->env->dict, key_u32(key_u8((struct key){.n = 0}, (uint8_t)tag), no), out) == 1;
}

static bool has_name(struct lmdb_store *s, char tag, uint32_t no)
{
	struct str unused;

	return get_name(s, tag, no, &unused);
}

static int put_name(struct lmdb_store *s, char tag, uint32_t no, const struct buf *b, struct err *e)
{
	return row_put(s, s->env->dict, key_u32(key_u8((struct key){.n = 0}, (uint8_t)tag), no), (struct str){b->p, b->n}, e);
}

/* The highest number that the first `rows` of a kind name: a frame names function and file, a stack its creator and its frames. */
static uint32_t highest_named(struct lmdb_store *s, char tag, uint32_t rows)
{
	uint64_t most = 0;

	for (uint32_t no = 1; no <= rows; no++) {
		struct str row;
		const uint8_t *p, *end;

		if (!get_name(s, tag, no, &row))
			continue;
		p = (const uint8_t *)row.p;
		end = p + row.n;
		for (int i = 0; p && p < end; i++) {
			uint64_t value = get_varint(&p, end);

			if ((tag == 'F' ? i < 2 : i == 1 || i > 2) && value > most)
				most = value;
		}
	}
	return most < UINT32_MAX ? (uint32_t)most : UINT32_MAX - 1;
}

/* Which numbers of a kind went; one above them stays, whatever became of it. */
static int went(struct lmdb_store *s, enum name_kind kind, struct number_set *out, uint32_t *last, struct err *e)
{
	uint32_t above = 0;

	if (names_dropped(&s->pen, kind, UINT32_MAX - 2, out, e) < 0)
		return -1;
	for (size_t i = out->n * 64; i > 0 && !above; i--)
		above = numbers_have(out, (uint32_t)(i - 1)) ? (uint32_t)i : 0;
	if (above > *last)
		*last = above;
	return 0;
}

/* The rows that are missing, up to `last`, but for those that went. */
struct filling {
	char tag;
	const struct number_set *went;
	uint32_t last;
	const struct buf *with;
};

static int fill(struct lmdb_store *s, const struct filling *f, size_t *lost, struct err *e)
{
	for (uint32_t no = 1; no <= f->last; no++) {
		if (numbers_have(f->went, no) || has_name(s, f->tag, no))
			continue;
		++*lost;
		if (put_name(s, f->tag, no, f->with, e) < 0)
			return -1;
	}
	return 0;
}

/* Lost strings and frames are (lost), lost stacks are empty. Where a table lost its end, those who name it know how far it went. */
static int fill_names(struct lmdb_store *s, size_t *lost, struct err *e)
{
	struct buf text = {0}, frame = {0}, stack = {0};
	struct number_set no[NAME_KINDS] = {0};
	uint32_t *last[NAME_KINDS] = {&s->next_stack, &s->next_frame, &s->next_string}, name, named;
	size_t was;
	int rc = 0;

	*lost = 0;
	for (int i = 0; i < NAME_KINDS && !rc; i++)
		rc = went(s, (enum name_kind)i, &no[i], last[i], e);
	if ((named = highest_named(s, 'K', s->next_stack)) > s->next_frame)
		s->next_frame = named;
	if ((named = highest_named(s, 'F', s->next_frame)) > s->next_string)
		s->next_string = named;
	name = s->next_string + 1;
	buf_adds(&text, lost_name);
	buf_varint(&frame, name);
	for (int i = 0; i < 2; i++)
		buf_varint(&frame, 0);
	for (int i = 0; i < 3; i++)
		buf_varint(&stack, 0);
	if (!rc)
		rc = fill(s, &(struct filling){'S', &no[NAME_STRING], s->next_string, &text}, lost, e);
	was = *lost;
	if (!rc)
		rc = fill(s, &(struct filling){'F', &no[NAME_FRAME], s->next_frame, &frame}, lost, e);
	if (*lost > was && !rc) {
		rc = put_name(s, 'S', name, &text, e);
		s->next_string = name;
	}
	if (!rc)
		rc = fill(s, &(struct filling){'K', &no[NAME_STACK], s->next_stack, &stack}, lost, e);
	for (int i = 0; i < NAME_KINDS; i++)
		numbers_release(&no[i]);
	buf_release(&text);
	buf_release(&frame);
	buf_release(&stack);
	return rc;
}

/* --- hosts --- */

struct mending {
	struct lmdb_store *s;
	struct host_state st;   /* as the file has it, then as it is to be */
	struct chunk_row *rows;
	size_t n_rows;
	uint8_t *good;          /* by seq - first */
	uint32_t *counts;       /* goroutines, UINT32_MAX: not to be compared */
	uint32_t first, last;   /* what the host should have */
	struct pool p;
	struct summary sum[LEVELS];
	uint32_t epoch;
	struct err *e;
};

enum { ROW = 1, COVERED = 2, GOOD = ROW | COVERED };

static int note_snapshot(void *ctx, const struct snapshot *snap)
{
	struct mending *m = ctx;
	uint32_t i = snap->seq - m->first;

	m->good[i] = snap->epoch ? ROW : GOOD; /* before the first good one there is no piece */
	m->counts[i] = snap->status == SNAP_OK ? snap->goroutines : UINT32_MAX;
	return 0;
}

/* Its events lead to as many goroutines as the snapshots have. */
static void cover(struct mending *m, const struct chunk_row *c, const struct keyframe *l, const struct event_list *ev)
{
	int32_t *delta = xcalloc((size_t)c->upto - c->first_seq + 2, sizeof *delta);
	int64_t alive = (int64_t)l->n;

	for (size_t i = 0; i < ev->n; i++)
		delta[ev->a[i].seq - c->first_seq] += (ev->a[i].kind == EV_BORN) - (ev->a[i].kind == EV_GONE);
	for (uint32_t seq = c->first_seq; seq <= c->upto; seq++) {
		alive += delta[seq - c->first_seq];
		if (seq >= m->first && seq <= m->last && (m->counts[seq - m->first] == UINT32_MAX || m->counts[seq - m->first] == alive))
			m->good[seq - m->first] |= COVERED;
	}
	free(delta);
}

static int read_chunk(struct mending *m, const struct chunk_row *c, struct keyframe *l, struct event_list *ev)
{
	struct bounds fit;

	if (chunk_living(&m->s->pen, m->st.row.host, c, &m->p, l, NULL) < 0 || chunk_events(&m->s->pen, m->st.row.host, c, ev, NULL) < 0 ||
	    bounds_of(&m->s->pen, c, &fit, NULL) < 0 || !chunk_fits(&fit, l->a, l->n, ev->a, ev->n))
		return -1;
	return !c->last_seq && ev->n != m->st.open.events ? -1 : 0; /* rows of an open one may be missing */
}

static void find_good(struct mending *m)
{
	for (uint32_t seq = m->first; seq <= m->last && seq; seq++)
		snapshots_each(&m->s->pen, (struct seq_range){m->st.row.host, seq, seq}, note_snapshot, m, NULL);
	for (size_t i = 0; i < m->n_rows; i++) {
		struct event_list ev = {0};
		struct keyframe l;

		if (m->rows[i].upto >= m->rows[i].first_seq && read_chunk(m, &m->rows[i], &l, &ev) == 0)
			cover(m, &m->rows[i], &l, &ev);
		free(ev.a);
	}
}

/* The longest stretch of good ones, the newest of equal ones; b < a: there is none. */
static void longest(const struct mending *m, uint32_t *a, uint32_t *b)
{
	*a = m->first;
	*b = m->first - 1;
	for (uint32_t seq = m->first, from = seq; seq <= m->last && seq; seq++) {
		if (m->good[seq - m->first] != GOOD)
			from = seq + 1;
		else if (seq - from + 1 >= *b - *a + 1) {
			*a = from;
			*b = seq;
		}
	}
}

static int drop_kind(struct mending *m, char tag)
{
	return data_del_prefix(m->s, key_of(m->st.row.host, tag), m->e);
}

static int put_packed(struct mending *m, struct key k, struct buf *b)
{
	int rc = data_put(m->s, k, b->p, b->n, m->e);

	buf_release(b);
	return rc;
}

/* The last piece of the stretch stays open, with the events up to its end. */
static int reopen(struct mending *m, struct chunk_row c, uint32_t last)
{
	struct event_list ev = {0};
	struct keyframe l;
	struct buf b = {0}, row = {0};
	size_t n = 0;
	int rc = read_chunk(m, &c, &l, &ev);

	m->st.open.max_id = 0;
	for (size_t i = 0; i < ev.n && !rc; i++) {
		if (ev.a[i].seq > last)
			continue;
		if (ev.a[i].id > m->st.open.max_id)
			m->st.open.max_id = ev.a[i].id;
		ev.a[n++] = ev.a[i];
	}
	for (const char *tag = "ECL"; *tag && !rc; tag++)
		rc = data_del_prefix(m->s, key_u32(key_of(m->st.row.host, *tag), c.no), m->e);
	if (!rc && n) {
		events_encode(&b, ev.a, n, c.first_seq);
		rc = put_packed(m, key_u32(key_u32(key_of(m->st.row.host, 'L'), c.no), c.first_seq), &b);
	}
	c.last_seq = 0;
	m->st.chunk = c.no;
	m->st.open.events = (uint32_t)n;
	chunk_pack(&row, &c);
	free(ev.a);
	return rc || put_packed(m, key_u32(key_of(m->st.row.host, 'D'), c.no), &row) < 0 ? -1 : 0;
}

static int keep_chunks(struct mending *m, uint32_t a, uint32_t b)
{
	int rc = 0;

	m->st.chunk = 0;
	for (size_t i = 0; i < m->n_rows && !rc; i++) {
		const struct chunk_row *c = &m->rows[i];

		if (c->upto >= a && c->first_seq <= b) {
			if (c->upto >= b)
				rc = reopen(m, *c, b);
			continue;
		}
		for (const char *tag = "DKECL"; *tag && !rc; tag++)
			rc = data_del_prefix(m->s, key_u32(key_of(m->st.row.host, *tag), c->no), m->e);
	}
	return rc;
}

static int put_sum(struct mending *m, int level)
{
	struct summary *sum = &m->sum[level - 1];
	struct buf b = {0};

	if (!sum->n)
		return 0;
	summary_pack(&b, sum);
	return put_packed(m, key_u32(key_u8(key_of(m->st.row.host, 'Z'), (uint8_t)level), (sum->first_seq - 1) / level_size(level)), &b);
}

static int count_again(void *ctx, const struct snapshot *snap)
{
	struct mending *m = ctx;
	struct host_row *r = &m->st.row;
	int rc = 0;

	if (r->first == NO_TIME)
		r->first = snap->time;
	r->last = snap->time;
	r->failed += snap->status == SNAP_FAILED;
	r->with_text += snap_has_text(snap->status);
	r->epoch = snap->epoch;
	if (snap->status != SNAP_FAILED && snap->goroutines > r->peak)
		r->peak = snap->goroutines;
	m->st.ordinal = snap->ordinal;
	for (int level = 1; level <= LEVELS && !rc; level++) {
		struct summary *sum = &m->sum[level - 1];

		if (sum->n && (sum->first_seq - 1) / level_size(level) != (snap->seq - 1) / level_size(level)) {
			rc = put_sum(m, level);
			*sum = (struct summary){0};
		}
		summary_add(sum, snap, m->epoch && snap->epoch != m->epoch && snap->epoch > 1);
	}
	m->epoch = snap->epoch;
	return rc;
}

/* What a host keeps; its rows outside of that go. */
static int keep(struct mending *m, uint32_t a, uint32_t b)
{
	struct host_row *r = &m->st.row;
	struct buf row = {0};
	int rc = 0;

	for (uint32_t seq = m->first; seq <= m->last && seq && !rc; seq++)
		if (seq < a || seq > b)
			rc = data_del(m->s, key_u32(key_of(r->host, 'S'), seq), m->e);
	if (!rc)
		rc = keep_chunks(m, a, b);
	if (rc || drop_kind(m, 'Z') < 0 || (b < m->last && (drop_kind(m, 'P') < 0 || drop_kind(m, 'M') < 0)))
		return -1;
	r->first = r->last = NO_TIME;
	r->failed = r->with_text = r->peak = 0;
	if (snapshots_each(&m->s->pen, (struct seq_range){r->host, a, b}, count_again, m, m->e) < 0)
		return -1;
	for (int level = 1; level <= LEVELS && !rc; level++)
		rc = put_sum(m, level);
	r->first_seq = a;
	r->last_seq = b;
	host_pack(&row, &m->st);
	return rc || put_packed(m, host_key(r->host), &row) < 0 ? -1 : 0;
}

static void tell(const struct repairing *how, const struct mending *m, uint32_t a, uint32_t b)
{
	char text[256];
	uint32_t n = m->last + 1 - m->first, kept = b + 1 - a;

	if (n == kept)
		return;
	snprintf(text, sizeof text, kept ? "%.150s: %u of %u snapshots are kept" : "%.150s: none of its snapshots is kept (%u of %u)", m->st.row.name,
		 kept, n);
	how->fn(how->ctx, text);
}

static int mend_host(struct lmdb_store *s, uint32_t host, const struct repairing *how, struct err *e)
{
	struct mending m = {.s = s, .e = e};
	uint32_t a, b;
	int rc = -1;

	if (host_find(&s->pen, host, &m.p, &m.st, e) != 1)
		goto done;
	m.first = m.st.row.first_seq;
	m.last = m.st.row.last_seq;
	if (m.last + 1 < m.first || m.last - m.first > 1u << 30)
		m.last = m.first - 1;
	m.good = xcalloc((size_t)m.last + 2 - m.first, sizeof *m.good);
	m.counts = xcalloc((size_t)m.last + 2 - m.first, sizeof *m.counts);
	if (chunk_list(&s->pen, (struct seq_range){host, 0, UINT32_MAX}, &m.p, &m.rows, &m.n_rows, e) < 0)
		goto done;
	find_good(&m);
	longest(&m, &a, &b);
	tell(how, &m, a, b);
	if (b + 1 == a && m.last + 1 != m.first)
		rc = data_del_prefix(s, key_u32((struct key){.n = 0}, host), e) < 0 ? -1 : data_del(s, host_key(host), e);
	else if (a != m.first || b != m.last)
		rc = keep(&m, a, b);
	else
		rc = 0;
done:
	free(m.good);
	free(m.counts);
	pool_release(&m.p);
	return rc;
}

struct numbers {
	uint32_t *a;
	size_t n, cap;
};

static int note_host(void *ctx, struct str key, struct str value)
{
	struct numbers *hosts = ctx;

	(void)value;
	GROW(hosts->a, hosts->n, hosts->cap);
	hosts->a[hosts->n++] = key_tail(key);
	return 0;
}

static int mend(struct lmdb_store *s, const struct repairing *how, struct err *e)
{
	struct numbers hosts = {0};
	char text[64];
	size_t lost;
	int rc = fill_names(s, &lost, e);

	if (!rc && lost) {
		snprintf(text, sizeof text, "%zu name%s lost", lost, lost == 1 ? " is" : "s are");
		how->fn(how->ctx, text);
	}
	if (!rc && data_each(&s->pen, key_of(0, 'H'), 5, note_host, &hosts) < 0)
		rc = fail_as(e, ERR_DAMAGED, "%s: is damaged: the list of hosts", s->base.where);
	for (size_t i = 0; i < hosts.n && !rc; i++)
		rc = mend_host(s, hosts.a[i], how, e);
	free(hosts.a);
	return rc;
}

int lmdb_repair(const char *from, const char *to, const struct repairing *how, struct err *e)
{
	struct store *s;
	size_t n = 0;
	int rc;

	if (access(to, F_OK) == 0)
		return fail(e, "%s: is there already", to);
	if (take_rows(from, to, &n, e) < 0 || !n) {
		unlink(to);
		return n ? -1 : fail_as(e, ERR_DAMAGED, "%s: no row of it is sound", from);
	}
	if (store_open(&s, to, STORE_WRITE, e) < 0)
		return -1;
	rc = store_begin(s, e) < 0 ? -1 : mend(lmdb_of(s), how, e);
	if (!rc)
		rc = store_commit(s, NULL, e);
	if (!rc && store_verify(s, how->fn, how->ctx, e) != 0)
		rc = fail(e, "%s: what was kept of it is not sound", from);
	store_close(s);
	if (!rc && marks_copy(from, to, e) < 0 && how->fn) /* they are names only: what is sound stays */
		how->fn(how->ctx, e->text);
	return rc;
}
