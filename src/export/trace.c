/* SPDX-License-Identifier: MIT */
/*
 * Lifelines for Perfetto: each life of a host's process is a process there, each goroutine a track in it, each run a
 * slice; how many goroutines there were is a counter. A run stands until the next one begins, and no longer than it was
 * seen where none follows; it is interrupted where snapshots failed or none came. Packets are written as they are made:
 * what is held is which texts have been given a number, and the times without snapshots.
 */
#include "packets.h"
#include "room.h"
#include <inttypes.h>
#include <stdlib.h>

/* A track's number: the process in the high bits, the goroutine's id in the low ones, and two that are no goroutines. */
#define ID_BITS 44
enum { TRACK_COUNT = 1, TRACK_GAPS = 2 }; /* so much less than the process's own number */

struct gap {
	int64_t from, to; /* the snapshots before and after it */
};

struct tracing {
	struct query *q;
	const struct export_ask *ask;
	const struct sink *to;
	struct packets out;
	struct counter_map processes; /* host, epoch */
	const struct host *host;
	size_t host_no;
	struct gap *gaps;       /* of this host, in order */
	size_t n_gaps, cap_gaps;
	int64_t first, last;    /* of its snapshots with goroutines, so far */
	uint32_t last_seq;      /* that one at `last` */
	uint32_t epoch;         /* of the last one */
	bool broken;            /* one without came since */
};

static bool ready(struct tracing *t, double done)
{
	return t->to->ready(t->to->ctx, ((double)t->host_no + done) / (double)t->ask->n_hosts);
}

/* --- tracks --- */

static uint64_t process_track(uint64_t process)
{
	return process << ID_BITS;
}

static void add_side_track(struct tracing *t, uint64_t process, unsigned which, const char *name, bool counter)
{
	Trace__TrackDescriptor d = TRACE__TRACK_DESCRIPTOR__INIT;
	Trace__Counter c = TRACE__COUNTER__INIT;

	d.has_uuid = d.has_parent_uuid = d.has_sibling_order_rank = 1;
	d.uuid = process_track(process) - which;
	d.parent_uuid = process_track(process);
	d.name = plain_text(&t->out.pool, name);
	d.counter = counter ? &c : NULL;
	packets_track(&t->out, &d);
}

static void add_process(struct tracing *t, uint64_t process, uint32_t epoch)
{
	Trace__TrackDescriptor d = TRACE__TRACK_DESCRIPTOR__INIT;
	Trace__Process p = TRACE__PROCESS__INIT;
	const struct host *h = t->host;
	char *label = plain_text(&t->out.pool, h->labels);

	d.has_uuid = d.has_child_ordering = p.has_pid = 1;
	d.uuid = process_track(process);
	d.process = &p;
	d.child_ordering = TRACE__TRACK_DESCRIPTOR__ORDER__EXPLICIT;
	p.pid = (int32_t)process;
	p.process_name = plain_text(&t->out.pool, h->name);
	if (h->epochs > 1)
		p.process_name = pool_printf(&t->out.pool, "%s, process %u", p.process_name, epoch);
	p.n_process_labels = *label != 0;
	p.process_labels = &label;
	packets_track(&t->out, &d);
	add_side_track(t, process, TRACK_COUNT, "goroutines", true);
	add_side_track(t, process, TRACK_GAPS, "recording", false);
}

/* The process of this host in this epoch: 1, 2, … over all. A snapshot before the first good one is of the first. */
static uint64_t process_of(struct tracing *t, uint32_t epoch)
{
	const uint64_t key[COUNTER_KEY] = {t->host->id, epoch ? epoch : 1};
	struct counter_row *row = counter_row(&t->processes, key);

	if (!row->n) {
		row->n = (int64_t)t->processes.n;
		add_process(t, (uint64_t)row->n, epoch);
		return t->processes.n;
	}
	return (uint64_t)row->n;
}

static char *trace_place(struct pool *p, const char *before, const struct frame *f)
{
	char *func = plain_text(p, f->func);

	return f->file ? pool_printf(p, "%s%s %s:%u", before, func, plain_text(p, f->file), f->line) : pool_printf(p, "%s%s", before, func);
}

static uint64_t goroutine_track(struct tracing *t, const struct window_run *one)
{
	const struct stack *s = query_stack(t->q, one->run.stack);
	const struct frame *root = stack_root(s);
	uint64_t process = process_of(t, one->epoch);
	Trace__TrackDescriptor d = TRACE__TRACK_DESCRIPTOR__INIT;
	struct pool *p = &t->out.pool;
	char name[256];

	d.uuid = process_track(process) + one->id;
	if (!one->first)
		return d.uuid;
	d.has_uuid = d.has_parent_uuid = d.has_sibling_order_rank = 1;
	d.parent_uuid = process_track(process);
	d.sibling_order_rank = one->id < INT32_MAX ? (int32_t)one->id : INT32_MAX;
	d.name = pool_printf(p, "g%" PRIu64 " %s", one->id, plain_text(p, query_short(name, sizeof name, root ? root->func : "")));
	if (s->created.func)
		d.description = trace_place(p, "created by ", &s->created);
	if (d.description && one->parent)
		d.description = pool_printf(p, "%s in goroutine %" PRIu64, d.description, one->parent);
	packets_track(&t->out, &d);
	return d.uuid;
}

/* --- slices --- */

/* What a value is known by: a text by its address, a frame and a stack by their numbers. */
enum { VALUE_TEXT, VALUE_FRAME, VALUE_STACK };

static uint64_t text_number(struct tracing *t, enum text_kind kind, const char *s)
{
	const uint64_t key[COUNTER_KEY] = {VALUE_TEXT, COUNTER_PTR(s)};
	bool fresh;
	uint64_t number = packets_number(&t->out, kind, key, &fresh);

	if (fresh)
		packets_bring(&t->out, kind, number, plain_text(&t->out.pool, s));
	return number;
}

static uint64_t frame_number(struct tracing *t, const struct frame *f)
{
	const uint64_t key[COUNTER_KEY] = {VALUE_FRAME, f->func_id, f->file_id, f->line};
	bool fresh;
	uint64_t number = packets_number(&t->out, TEXT_VALUE, key, &fresh);

	if (fresh)
		packets_bring(&t->out, TEXT_VALUE, number, trace_place(&t->out.pool, "", f));
	return number;
}

static uint64_t stack_number(struct tracing *t, const struct stack *s)
{
	const uint64_t key[COUNTER_KEY] = {VALUE_STACK, s->id};
	struct pool *p = &t->out.pool;
	struct buf b = {0};
	bool fresh;
	uint64_t number = packets_number(&t->out, TEXT_VALUE, key, &fresh);

	if (!fresh)
		return number;
	for (uint32_t i = 0; i <= s->n; i++) {
		if (i == stack_elided_at(s))
			buf_adds(&b, i ? "\n" ELIDED_FRAMES : ELIDED_FRAMES "\n");
		if (i < s->n)
			buf_adds(&b, trace_place(p, i ? "\n" : "", &s->frames[i]));
	}
	packets_bring(&t->out, TEXT_VALUE, number, pool_strndup(p, b.n ? b.p : "", b.n));
	buf_release(&b);
	return number;
}

/* What is told beside a slice. */
struct notes {
	struct tracing *t;
	Trace__Annotation *list[12];
	size_t n;
};

static Trace__Annotation *note(struct notes *s, const char *name)
{
	Trace__Annotation *a = pool_alloc(&s->t->out.pool, sizeof *a);

	trace__annotation__init(a);
	a->has_name_iid = 1;
	a->name_iid = text_number(s->t, TEXT_ANNOTATION, name);
	return s->list[s->n++] = a;
}

static void note_text(struct notes *s, const char *name, uint64_t number)
{
	Trace__Annotation *a = note(s, name);

	a->has_string_value_iid = 1;
	a->string_value_iid = number;
}

static void note_number(struct notes *s, const char *name, uint64_t value)
{
	Trace__Annotation *a = note(s, name);

	a->has_uint_value = 1;
	a->uint_value = value;
}

static void note_flag(struct notes *s, const char *name, bool on)
{
	Trace__Annotation *a = on ? note(s, name) : NULL;

	if (a)
		a->has_bool_value = a->bool_value = 1;
}

static void note_run(struct notes *s, const struct run *r)
{
	const struct stack *st = query_stack(s->t->q, r->stack);
	const struct frame *user = stack_user_frame(st);

	if (user)
		note_text(s, "function", frame_number(s->t, user));
	if (st->created.func)
		note_text(s, "created by", frame_number(s->t, &st->created));
	if (st->n)
		note_text(s, "stack", stack_number(s->t, st));
	if (*r->labels)
		note_text(s, "labels", text_number(s->t, TEXT_VALUE, r->labels));
	if (r->minutes >= 0)
		note_number(s, "minutes", (uint64_t)r->minutes);
	note_number(s, "snapshots", r->samples);
	note_flag(s, "leaked", r->flags & DUMP_LEAKED);
	note_flag(s, "locked to thread", r->flags & DUMP_LOCKED);
	if (r->wait_object) {
		Trace__Annotation *a = note(s, "waits on");

		a->has_pointer_value = 1;
		a->pointer_value = r->wait_object;
	}
}

/* Something that lasts, on a track. */
struct slice {
	uint64_t track;
	const char *category, *name;
	const struct run *run; /* told beside it; NULL: nothing */
	int64_t from, to;
};

static void tell_slice(struct tracing *t, const struct slice *s)
{
	Trace__TrackEvent begin = TRACE__TRACK_EVENT__INIT, end = TRACE__TRACK_EVENT__INIT;
	uint64_t number = text_number(t, TEXT_CATEGORY, s->category);
	struct notes notes = {.t = t};

	if (s->run)
		note_run(&notes, s->run);
	begin.n_category_iids = 1;
	begin.category_iids = &number;
	begin.has_name_iid = 1;
	begin.name_iid = text_number(t, TEXT_NAME, s->name);
	begin.n_debug_annotations = notes.n;
	begin.debug_annotations = notes.list;
	packets_event(&t->out, s->from, TRACE__TRACK_EVENT__TYPE__SLICE_BEGIN, s->track, &begin);
	packets_event(&t->out, s->to, TRACE__TRACK_EVENT__TYPE__SLICE_END, s->track, &end);
}

/* The first gap that ends after `at`. */
static size_t gap_after(const struct tracing *t, int64_t at)
{
	size_t lo = 0, hi = t->n_gaps;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->gaps[mid].to <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A run as slices: as many as gaps leave of it. */
static bool take_slices(struct tracing *t, const struct window_run *one)
{
	const struct run *r = &one->run;
	struct slice s = {goroutine_track(t, one), family_name(r->family), r->state, r, r->from > t->first ? r->from : t->first, 0};
	int64_t end = one->until == NO_TIME ? r->to : one->until;

	for (size_t i = gap_after(t, s.from); i < t->n_gaps && t->gaps[i].from < end; i++) {
		s.to = t->gaps[i].from;
		tell_slice(t, &s);
		s.from = t->gaps[i].to;
	}
	s.to = end;
	if (s.from <= r->to)
		tell_slice(t, &s);
	return ready(t, one->done);
}

static bool take_run(void *ctx, const struct window_run *one)
{
	struct tracing *t = ctx;

	return filter_accepts_run(t->ask->where, t->q, t->host->name, one) ? take_slices(t, one) : ready(t, one->done);
}

/* --- snapshots --- */

/* Told in the process that was there before it. */
static void add_gap(struct tracing *t, int64_t to)
{
	uint64_t process = process_of(t, t->epoch);

	GROW(t->gaps, t->n_gaps, t->cap_gaps);
	t->gaps[t->n_gaps++] = (struct gap){t->last, to};
	tell_slice(t, &(struct slice){.track = process_track(process) - TRACK_GAPS, .category = "recording",
		.name = t->broken ? "failed snapshots" : "no snapshots", .from = t->last, .to = to});
}

static void take_snapshot(struct tracing *t, const struct snapshot *s)
{
	if (s->status != SNAP_FAILED) {
		Trace__TrackEvent count = TRACE__TRACK_EVENT__INIT;

		count.has_counter_value = 1;
		count.counter_value = s->goroutines;
		packets_event(&t->out, s->time, TRACE__TRACK_EVENT__TYPE__COUNTER, process_track(process_of(t, s->epoch)) - TRACK_COUNT, &count);
	}
	if (!snap_has_text(s->status)) {
		t->broken = true;
		return;
	}
	if (t->last == NO_TIME)
		t->first = s->time;
	else if (s->time - t->last > query_reach(t->q, t->host->id, t->last_seq))
		add_gap(t, s->time);
	t->last = s->time;
	t->last_seq = s->seq;
	t->epoch = s->epoch;
	t->broken = false;
}

#define PIECE 1000 /* snapshots asked for at a time */

static int take_snapshots(struct tracing *t, struct err *e)
{
	const struct host *h = t->host;
	int64_t from = t->ask->from == NO_TIME || t->ask->from < h->first ? h->first : t->ask->from;
	int64_t to = t->ask->to == NO_TIME || t->ask->to > h->last ? h->last : t->ask->to, end;

	t->n_gaps = 0;
	t->first = t->last = NO_TIME;
	t->broken = false;
	for (; from <= to; from = end + 1) {
		struct snapshot *s, next;
		struct pool p = {0};
		size_t n;
		int rc = query_step(t->q, h->id, from, PIECE, &next, e);

		end = rc == 1 && next.time > from && next.time < to ? next.time : to;
		if (rc < 0 || query_snapshots(t->q, &(struct window){.host = h->id, .from = from, .to = end}, &p, &s, &n,
			e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			take_snapshot(t, &s[i]);
		pool_release(&p);
		if (!ready(t, 0))
			break;
	}
	if (t->broken && t->last != NO_TIME && to - t->last > query_reach(t->q, h->id, t->last_seq))
		add_gap(t, to);
	return 0;
}

static int take_host(struct tracing *t, struct err *e)
{
	if (t->host->first == NO_TIME)
		return 0;
	if (take_snapshots(t, e) < 0)
		return -1;
	return t->last == NO_TIME ? 0 : query_runs(t->q, &(struct window){.host = t->host->id, .from = t->ask->from,
		.to = t->ask->to}, take_run,
		t, e);
}

/* When the trace begins. */
static int64_t beginning(const struct export_ask *ask)
{
	int64_t first = NO_TIME;

	for (size_t i = 0; i < ask->n_hosts; i++)
		if (ask->hosts[i].first != NO_TIME && (first == NO_TIME || ask->hosts[i].first < first))
			first = ask->hosts[i].first;
	return ask->from != NO_TIME && ask->from > first ? ask->from : first;
}

int export_trace(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	struct tracing t = {.q = q, .ask = ask, .to = to, .out = {.out = to->text}};
	int rc = something_within(q, ask, e);

	if (rc == 0)
		packets_begin(&t.out, beginning(ask));
	for (; t.host_no < ask->n_hosts && rc == 0; t.host_no++) {
		t.host = &ask->hosts[t.host_no];
		rc = take_host(&t, e);
	}
	if (rc == 0)
		rc = filter_gave_up(ask->where, e);
	free(t.gaps);
	counter_map_release(&t.processes);
	packets_release(&t.out);
	return rc;
}
