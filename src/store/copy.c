/* SPDX-License-Identifier: MIT */
/*
 * From a store of one engine into one of another, by what each can be asked and told: host by host, a stretch of snapshots in one
 * commit, so that a copy that was cut short goes on behind the last one. A host's first stretch brings those who were alive before it:
 * snapshots that are dropped are stood in for, with births in their places, and dropped in the same commit.
 */
#include "copy.h"
#include "renames.h"
#include <gscrape/err.h>
#include <stdlib.h>

#define STRETCH (1u << 20)             /* goroutines of all its snapshots, about */
#define NAMES_MAX ((size_t)256 << 20)  /* bytes of names, before they are begun afresh */

struct copying {
	struct store_view *from;
	struct store *to;
	struct renames names;
	struct err *e;
};

/* Snapshots that go together, and their events. */
struct stretch {
	const struct host_row *row; /* in the store that is copied */
	uint32_t host;              /* number in the other */
	uint32_t from, to, first;   /* first: of what is put, stand-ins with it */
	struct snapshot *snaps;     /* of from to to */
	struct event *events;
	size_t n, cap;
	struct pool p;
};

/* --- events --- */

static void add_event(struct stretch *w, struct event ev)
{
	if (ev.seq < w->first || ev.seq > w->to)
		return;
	GROW(w->events, w->n, w->cap);
	w->events[w->n++] = ev;
}

/* What led to it, as far as anybody can ask. */
static void add_start(struct stretch *w, const struct goroutine_state *g)
{
	struct event ev = {.id = g->id, .seq = g->born, .kind = EV_BORN, .flags = g->flags, .minutes = -1, .stack = g->stack, .state = g->state,
			   .labels = g->labels, .parent = g->parent, .wait_object = g->wait_object};

	add_event(w, ev);
	if (g->run <= g->born)
		return;
	ev.seq = g->run;
	ev.kind = EV_RUN;
	ev.parent = 0;
	add_event(w, ev);
}

static void add_step(struct stretch *w, const struct walk_step *step)
{
	uint64_t parent = step->start ? step->start->parent : 0;

	if (step->start && step->piece == 1 && w->first < w->from)
		add_start(w, step->start);
	for (size_t i = 0; i < step->n; i++) {
		struct event ev = step->events[i];

		if (ev.kind == EV_BORN)
			parent = ev.parent;
		else if (ev.kind == EV_GONE)
			ev.parent = parent;
		add_event(w, ev);
	}
}

/* As they are put: a process's end stands before what the next one begins with. */
static int by_snapshot(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (b->kind == EV_GONE) - (a->kind == EV_GONE);
}

/* Ends of a process are told with the snapshots before them: the walk begins one earlier. */
static int read_events(struct copying *c, struct stretch *w)
{
	uint32_t from = w->from > w->row->first_seq ? w->from - 1 : w->from;
	struct walk_step step;
	struct store_walk *walk;
	int rc = store_walk_begin(c->from, w->row->host, from, w->to, &walk, c->e);

	if (rc < 0)
		return -1;
	while ((rc = store_walk_next(walk, &step, c->e)) == 1)
		add_step(w, &step);
	store_walk_end(walk);
	if (w->n)
		qsort(w->events, w->n, sizeof *w->events, by_snapshot);
	return rc;
}

static bool has_place(const struct event *ev)
{
	return ev->kind == EV_BORN || ev->kind == EV_RUN;
}

static int rename_events(struct copying *c, struct stretch *w)
{
	uint32_t *stacks = xcalloc(w->n + 1, sizeof *stacks);
	int rc;

	for (size_t i = 0; i < w->n; i++)
		stacks[i] = has_place(&w->events[i]) ? w->events[i].stack : 0;
	rc = rename_stacks(&c->names, stacks, w->n, c->e);
	for (size_t i = 0; i < w->n && !rc; i++) {
		struct event *ev = &w->events[i];

		ev->stack = rename_stack(&c->names, stacks[i]);
		if (has_place(ev))
			rc = rename_string(&c->names, &ev->state, c->e) < 0 ? -1 : rename_string(&c->names, &ev->labels, c->e);
	}
	free(stacks);
	return rc;
}

/* --- snapshots --- */

static int read_snapshots(struct copying *c, struct stretch *w)
{
	size_t n;
	int rc = store_snapshots(c->from, (struct seq_range){w->row->host, w->from, w->to}, &w->p, &w->snaps, &n, c->e);

	if (!rc && n != (size_t)w->to - w->from + 1)
		return fail_as(c->e, ERR_DAMAGED, "%s: has not all snapshots of %s from %u to %u", c->from->store->where, w->row->name, w->from, w->to);
	for (size_t i = 0; i < n && !rc; i++) {
		struct snapshot_key at = {w->row->host, w->snaps[i].seq};

		rc = rename_snapshot(&c->names, &w->snaps[i], &w->p, c->e);
		if (!rc)
			rc = c->from->store->ops->held(c->from, at, &w->p, &w->snaps[i].held_ago, &w->snaps[i].held, c->e);
	}
	return rc;
}

/* One that is dropped: with text as often as the first one that is kept wants it. */
static struct snapshot stand_in(const struct stretch *w, uint32_t seq)
{
	const struct snapshot *first = &w->snaps[0];
	uint32_t with_text = first->ordinal - snap_has_text(first->status);
	bool same_process = w->n && w->events[0].seq < w->from;

	return (struct snapshot){.seq = seq, .time = first->time - (w->from - seq), .status = seq <= with_text ? SNAP_OK : SNAP_FAILED,
				 .ordinal = seq <= with_text ? seq : with_text, .epoch = first->epoch - (first->epoch && !same_process)};
}

static int put_snapshots(struct copying *c, const struct stretch *w)
{
	size_t at = 0;

	for (uint32_t seq = w->first; seq <= w->to; seq++) {
		struct snapshot snap = seq < w->from ? stand_in(w, seq) : w->snaps[seq - w->from];
		struct snapshot_put put = {w->host, &snap, w->n ? w->events + at : NULL, 0, c->names.symtab};

		for (; at < w->n && w->events[at].seq == seq; at++)
			put.n_events++;
		if (store_put_snapshot(c->to, &put, c->e) < 0)
			return -1;
	}
	return 0;
}

static int drop_stand_ins(struct copying *c, const struct stretch *w)
{
	int64_t n = w->first < w->from ? store_expire(c->to, w->host, w->snaps[0].time, c->e) : 0;

	if (n < 0 || n == w->from - w->first)
		return n < 0 ? -1 : 0;
	return fail(c->e, "%s: %u snapshots of %s could not be dropped, but %lld: begin again", c->to->where, w->from - w->first, w->row->name,
		    (long long)n);
}

/* --- hosts --- */

/* What is known of the last snapshot's goroutines, and what the recorder wants to find again. */
static int put_rest(struct copying *c, const struct host_row *r, uint32_t host)
{
	struct liveness *l;
	struct pool p = {0};
	struct str bytes = {0};
	size_t n;
	int rc = store_liveness(c->from, r->host, &p, &l, &n, c->e);

	if (!rc)
		rc = store_put_liveness(c->to, host, l, n, c->e);
	if (!rc)
		rc = store_memory(c->from, r->host, &p, &bytes, c->e);
	if (rc == 1)
		rc = store_put_memory(c->to, host, bytes, c->e);
	pool_release(&p);
	return rc;
}

/* Names are needed until they are put; those of all times may be too many. */
static void begin_names(struct copying *c)
{
	if (c->names.symtab && symtab_bytes(c->names.symtab) < NAMES_MAX)
		return;
	symtab_free(c->names.symtab);
	renames_forget(&c->names);
	c->names.symtab = symtab_new();
	store_forget_names(c->to);
}

/* What waits on this machine is delivered, and seen, before the copy goes on. */
static int commit(struct copying *c)
{
	return store_commit(c->to, NULL, c->e) ? -1 : 0;
}

static int copy_stretch(struct copying *c, struct stretch *w)
{
	bool last = w->to == w->row->last_seq;
	int rc;

	begin_names(c);
	rc = store_begin(c->to, c->e) < 0 || read_snapshots(c, w) < 0 || read_events(c, w) < 0 || rename_events(c, w) < 0 ||
			     put_snapshots(c, w) < 0 || drop_stand_ins(c, w) < 0 || (last && put_rest(c, w->row, w->host) < 0) ?
		     -1 :
		     commit(c);
	free(w->events);
	pool_release(&w->p);
	return rc;
}

static int copy_host(struct copying *c, const struct host_row *r)
{
	uint32_t step = STRETCH / (r->peak + 1) + 1;
	struct host_place at;
	int rc = store_begin(c->to, c->e);

	if (!rc)
		rc = store_host(c->to, r->name, NULL, &at, c->e);
	if (!rc && at.last_seq && at.last_seq >= r->last_seq)
		return 0; /* its labels there are of later */
	if (!rc)
		rc = store_host(c->to, r->name, r->labels, &at, c->e);
	if (!rc && r->last_seq < r->first_seq)
		return commit(c);
	while (!rc && at.last_seq < r->last_seq) {
		struct stretch w = {.row = r, .host = at.host, .first = at.last_seq + 1};

		w.from = w.first < r->first_seq ? r->first_seq : w.first;
		w.to = r->last_seq - w.from < step ? r->last_seq : w.from + step;
		rc = copy_stretch(c, &w);
		at.last_seq = w.to;
	}
	return rc;
}

/* --- the store --- */

typedef int twins_question(const struct twins *t, struct err *e);

/* Of each host that both have; 0 when one answer is no, with the host. */
static int ask_of_twins(struct copying *c, const struct host_row *rows, size_t n, twins_question *ask, const char **odd)
{
	struct store_view *other;
	struct host_row *there;
	struct pool p = {0};
	size_t n_there;
	int rc = store_view_open(c->to, &other, c->e);

	if (rc < 0)
		return -1;
	rc = store_hosts(other, &p, &there, &n_there, c->e) < 0 ? -1 : 1;
	for (size_t i = 0; i < n && rc == 1; i++) {
		const struct host_row *have = row_named(there, n_there, rows[i].name);

		*odd = rows[i].name;
		if (have)
			rc = ask(&(struct twins){c->from, other, &rows[i], have}, c->e);
		else if (ask == twins_agree)
			rc = 0;
	}
	pool_release(&p);
	store_view_close(other);
	return rc;
}

static int copy_hosts(struct copying *c, const struct host_row *rows, size_t n)
{
	const char *odd;
	int rc = ask_of_twins(c, rows, n, twins_are_one, &odd);

	if (rc < 1)
		return rc < 0 ? -1 : fail(c->e, "%s: has another history of %s: nothing is copied", c->to->where, odd);
	for (size_t i = 0; i < n; i++)
		if (copy_host(c, &rows[i]) < 0)
			return -1;
	rc = ask_of_twins(c, rows, n, twins_agree, &odd);
	return rc ? rc - (rc > 0) : fail_as(c->e, ERR_DAMAGED, "%s: is not what was to be copied: %s", c->to->where, odd);
}

/* Marks that the other has not, and the end of the recording when it is later than the other's. */
static int copy_moments(struct copying *c, struct store_view *other)
{
	struct mark *ours, *theirs;
	struct pool p = {0};
	size_t n, n_theirs;
	int64_t end, their_end;
	int rc = store_marks(c->from, &p, &ours, &n, c->e) < 0 || store_marks(other, &p, &theirs, &n_theirs, c->e) < 0 ||
				 store_end(c->from, &end, c->e) < 0 || store_end(other, &their_end, c->e) < 0 ?
			 -1 :
			 0;

	for (size_t i = 0; i < n && !rc; i++)
		if (!has_mark(theirs, n_theirs, &ours[i]))
			rc = store_add_mark(c->to, &ours[i], c->e);
	if (!rc && end > their_end)
		rc = store_begin(c->to, c->e) < 0 || store_put_end(c->to, end, c->e) < 0 ? -1 : commit(c);
	pool_release(&p);
	return rc;
}

static int copy_into(struct copying *c, const struct host_row *rows, size_t n)
{
	struct store_view *other;
	int rc = store_begin(c->to, c->e) < 0 ? -1 : copy_hosts(c, rows, n);

	if (!rc)
		rc = store_view_open(c->to, &other, c->e);
	if (!rc) {
		rc = copy_moments(c, other);
		store_view_close(other);
	}
	if (!rc && c->to->ops->verify) {
		int64_t faults = store_verify(c->to, NULL, NULL, c->e);

		rc = faults > 0 ? fail_as(c->e, ERR_DAMAGED, "%s: is not what was to be copied: --verify tells more", c->to->where) : (int)faults;
	}
	return rc;
}

int copy_between(struct store *from, const char *to, struct err *e)
{
	struct copying c = {.e = e};
	struct host_row *rows;
	struct pool p = {0};
	size_t n;
	int rc = store_view_open(from, &c.from, e);

	if (rc < 0)
		return -1;
	c.names.view = c.from;
	rc = store_is_partial(c.from, e) ? -1 : store_hosts(c.from, &p, &rows, &n, e);
	if (!rc)
		rc = store_open(&c.to, to, STORE_WRITE, e);
	if (!rc) {
		rc = strcmp(from->where, c.to->where) == 0 ? fail_as(e, ERR_USAGE, "%s: cannot be copied into itself", from->where) :
							     copy_into(&c, rows, n);
		if (rc)
			store_abort(c.to);
		store_close(c.to);
	}
	symtab_free(c.names.symtab);
	renames_forget(&c.names);
	pool_release(&p);
	store_view_close(c.from);
	return rc;
}
