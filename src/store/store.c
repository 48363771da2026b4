/* SPDX-License-Identifier: MIT */
/* Which engine a store is, and each call to it. */
#include "copy.h"
#include <gscrape/text.h>
#include <stdlib.h>

static const struct {
	const char *scheme; /* what `where` begins with; the last one takes what is left */
	const struct store_ops *ops;
	bool remote;
} engines[] = {
	{"memory:", &memory_ops, .remote = false},
	{"clickhouse://", &clickhouse_ops, .remote = true},
	{"clickhouse+https://", &clickhouse_ops, .remote = true},
	{"", &lmdb_ops, .remote = false},
};

static const char *const status_names[] = {"ok", "truncated", "partial", "counted", "failed", "grouped"};

const char *snap_status_name(enum snap_status s)
{
	return s < sizeof status_names / sizeof *status_names ? status_names[s] : "unknown";
}

int snapshot_follows(const struct store *s, const struct host_place *at, const char *name, const struct snapshot *snap, struct err *e)
{
	if (snap->seq != at->last_seq + 1 || snap->ordinal != at->ordinal + snap_has_text(snap->status))
		return fail(e, "%s: snapshot %u of %s, sample %u, does not follow %u, sample %u", s->where, snap->seq, name, snap->ordinal,
			    at->last_seq, at->ordinal);
	if (at->last != NO_TIME && snap->time <= at->last)
		return fail(e, "%s: snapshot %u of %s is not later than the one before", s->where, snap->seq, name);
	if (snap->epoch < at->epoch)
		return fail(e, "%s: snapshot %u of %s is of epoch %u, the one before of %u", s->where, snap->seq, name, snap->epoch, at->epoch);
	return 0;
}

const struct host_row *row_named(const struct host_row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

bool has_mark(const struct mark *a, size_t n, const struct mark *m)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].time == m->time && strcmp(a[i].host, m->host) == 0 && strcmp(a[i].text, m->text) == 0)
			return true;
	return false;
}

static size_t engine_number(const char *where)
{
	size_t i = 0;

	while (strncmp(where, engines[i].scheme, strlen(engines[i].scheme)) != 0)
		i++;
	return i;
}

static const struct store_ops *engine_of(const char *where)
{
	return engines[engine_number(where)].ops;
}

bool store_is_remote(const char *where)
{
	return engines[engine_number(where)].remote;
}

/* A URL of something else is no path. */
static int known_address(const char *where, struct err *e)
{
	size_t n = strspn(where, "abcdefghijklmnopqrstuvwxyz+");

	if (engine_of(where) != &lmdb_ops || !n || strncmp(where + n, "://", 3) != 0)
		return 0;
	return fail_as(e, ERR_USAGE, "%s: no store has such an address (a file, or clickhouse://user@host:port/database)", where);
}

int store_open(struct store **out, const char *where, enum store_mode mode, struct err *e)
{
	*out = NULL;
	if (known_address(where, e) < 0)
		return -1;
	return engine_of(where)->open(out, where, mode, e);
}

void store_close(struct store *s)
{
	if (s)
		s->ops->close(s);
}

int store_version(struct store *s, uint64_t *version, struct err *e)
{
	return s->ops->version(s, version, e);
}

/* --- writing --- */

int store_begin(struct store *s, struct err *e)
{
	return s->ops->begin(s, e);
}

int store_host(struct store *s, const char *name, const char *labels, struct host_place *out, struct err *e)
{
	return s->ops->host(s, name, labels, out, e);
}

int store_put_snapshot(struct store *s, const struct snapshot_put *put, struct err *e)
{
	return s->ops->put_snapshot(s, put, e);
}

int store_put_liveness(struct store *s, uint32_t host, const struct liveness *l, size_t n, struct err *e)
{
	return s->ops->put_liveness(s, host, l, n, e);
}

int store_put_memory(struct store *s, uint32_t host, struct str bytes, struct err *e)
{
	return s->ops->put_memory(s, host, bytes, e);
}

int store_commit(struct store *s, struct commit *done, struct err *e)
{
	struct commit unused;

	return s->ops->commit(s, done ? done : &unused, e);
}

void store_abort(struct store *s)
{
	s->ops->abort(s);
}

void store_forget_names(struct store *s)
{
	s->ops->forget_names(s);
}

/* One line that can be shown as it is. */
static bool is_plain(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0, k; i < n; i += k) {
		const char *at = text + i;

		k = utf8_length((const unsigned char *)at, n - i);
		if (!k || char_is_hidden(utf8_next(&at)))
			return false;
	}
	return true;
}

int store_add_mark(struct store *s, const struct mark *m, struct err *e)
{
	if (!m->text[strspn(m->text, " ")])
		return fail_as(e, ERR_USAGE, "a mark needs a name, such as 'deploy 1.4'");
	if (strlen(m->text) > MARK_MAX)
		return fail_as(e, ERR_USAGE, "a mark's name has %d bytes at most, not %zu", MARK_MAX, strlen(m->text));
	if (!is_plain(m->text) || !is_plain(m->host))
		return fail_as(e, ERR_USAGE, "a mark's name is one line of plain UTF-8");
	return s->ops->add_mark(s, m, e);
}

/* --- optional --- */

int store_put_end(struct store *s, int64_t time, struct err *e)
{
	return s->ops->put_end ? s->ops->put_end(s, time, e) : 0;
}

/* By time; of one time by host and text, so that all engines give them in one order. */
static int by_time(const void *pa, const void *pb)
{
	const struct mark *a = pa, *b = pb;
	int d = (a->time > b->time) - (a->time < b->time);

	if (!d)
		d = strcmp(a->host, b->host);
	return d ? d : strcmp(a->text, b->text);
}

int store_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	if (v->store->ops->marks(v, p, out, n, e) < 0)
		return -1;
	if (*n)
		qsort(*out, *n, sizeof **out, by_time);
	return 0;
}

int store_end(struct store_view *v, int64_t *time, struct err *e)
{
	*time = NO_TIME;
	return v->store->ops->end ? v->store->ops->end(v, time, e) : 0;
}

bool store_can_keep(const struct store *s)
{
	return s->ops->keep;
}

int store_keep(struct store *s, struct str bytes, struct err *e)
{
	return s->ops->keep ? s->ops->keep(s, bytes, e) : fail(e, "%s: cannot put anything by", s->where);
}

int store_kept(struct store *s, struct buf *out, struct err *e)
{
	return s->ops->kept ? s->ops->kept(s, out, e) : 0;
}

void store_kept_taken(struct store *s)
{
	if (s->ops->kept_taken)
		s->ops->kept_taken(s);
}

int64_t store_expire(struct store *s, uint32_t host, int64_t before, struct err *e)
{
	return s->ops->expire ? s->ops->expire(s, host, before, e) : fail(e, "%s: cannot drop what is old", s->where);
}

int store_sweep(struct store *s, bool all, struct err *e)
{
	return s->ops->sweep ? s->ops->sweep(s, all, e) : 0;
}

int store_size(struct store *s, uint64_t *bytes, struct err *e)
{
	return s->ops->size ? s->ops->size(s, bytes, e) : fail(e, "%s: cannot say how large it is", s->where);
}

int store_copy(struct store *s, const char *to, struct err *e)
{
	if (known_address(to, e) < 0)
		return -1;
	if (s->ops->copy && s->ops == engine_of(to))
		return s->ops->copy(s, to, e);
	return copy_between(s, to, e);
}

int store_repair(const char *from, const char *to, const struct repairing *how, struct err *e)
{
	const struct store_ops *ops = engine_of(from);

	return ops->repair && ops == engine_of(to) ? ops->repair(from, to, how, e) : fail(e, "%s: cannot be repaired", from);
}

int64_t store_verify(struct store *s, void (*fn)(void *ctx, const char *sentence), void *ctx, struct err *e)
{
	return s->ops->verify ? s->ops->verify(s, fn, ctx, e) : fail(e, "%s: cannot be verified", s->where);
}

/* --- reading --- */

int store_view_open(struct store *s, struct store_view **out, struct err *e)
{
	*out = NULL;
	return s->ops->view_open(s, out, e);
}

void store_view_close(struct store_view *v)
{
	if (v)
		v->store->ops->view_close(v);
}

bool store_is_partial(struct store_view *v, struct err *why)
{
	return v->store->ops->is_partial && v->store->ops->is_partial(v, why);
}

void store_expect(struct store_view *v, const struct store_expected *what)
{
	if (v->store->ops->expect)
		v->store->ops->expect(v, what);
}

int store_hosts(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	return v->store->ops->hosts(v, p, out, n, e);
}

int store_snapshots(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	return v->store->ops->snapshots(v, r, p, out, n, e);
}

int store_held(struct store_view *v, struct snapshot_key at, struct pool *p, struct str *out, struct err *e)
{
	uint32_t ago = 0;

	*out = (struct str){0};
	if (v->store->ops->held(v, at, p, &ago, out, e) < 0)
		return -1;
	if (ago > 1 && ago <= at.seq) {
		at.seq -= ago - 1;
		if (v->store->ops->held(v, at, p, &ago, out, e) < 0)
			return -1;
	}
	return ago == 1; /* else the one that has it was dropped */
}

int store_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	*seq = 0;
	return v->store->ops->seq_at(v, host, t, seq, e);
}

int store_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	return v->store->ops->chart(v, range, p, out, n, e);
}

int store_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out, struct err *e)
{
	*out = (struct goroutine_history){0};
	return v->store->ops->history(v, who, p, out, e);
}

int store_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	return v->store->ops->epochs_of(v, who, p, out, n, e);
}

int store_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
		struct err *e)
{
	*n = 0;
	*out = NULL;
	return v->store->ops->alive(v, at, p, out, n, e);
}

int store_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	return v->store->ops->liveness(v, host, p, out, n, e);
}

int store_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e)
{
	*out = STR("");
	return v->store->ops->memory(v, host, p, out, e);
}

int store_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out,
		   size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	return v->store->ops->children(v, who, p, out, n, e);
}

int store_walk_begin(struct store_view *v, uint32_t host, uint32_t from, uint32_t to, struct store_walk **out, struct err *e)
{
	*out = NULL;
	return v->store->ops->walk_begin(v, host, from, to, out, e);
}

int store_walk_next(struct store_walk *w, struct walk_step *step, struct err *e)
{
	return w->view->store->ops->walk_next(w, step, e);
}

void store_walk_end(struct store_walk *w)
{
	if (w)
		w->view->store->ops->walk_end(w);
}

int store_strings(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct str *out, struct err *e)
{
	return v->store->ops->strings(v, handles, n, p, out, e);
}

int store_stacks(struct store_view *v, const uint32_t *handles, size_t n, struct pool *p, struct store_stack *out, struct err *e)
{
	return v->store->ops->stacks(v, handles, n, p, out, e);
}

int store_functions(struct store_view *v, uint64_t *as_of, int (*fn)(void *ctx, const struct function_row *f), void *ctx, struct err *e)
{
	return v->store->ops->functions(v, as_of, fn, ctx, e);
}

int store_stacks_with(struct store_view *v, const struct functions_wanted *w,
		      int (*fn)(void *ctx, uint32_t handle, const struct store_stack *stack), void *ctx, struct err *e)
{
	return v->store->ops->stacks_with(v, w, fn, ctx, e);
}
