/* SPDX-License-Identifier: MIT */
/* The columns of what is in the store: hosts, snapshots, groups, goroutines, runs, functions. */
#include "query_internal.h"
#include <gscrape/values.h>
#include <inttypes.h>

int query_host_facts(struct query *q, const struct host *h, int64_t t, struct host_facts *out, struct err *e)
{
	*out = (struct host_facts){.host = h, .interval = query_interval(q, h->id)};
	return query_known(q, h->id, t, &out->known, e);
}

const char *host_name_of(struct query *q, uint32_t host)
{
	const struct host_row *r = host_row(q, host);

	return r ? r->name : NULL;
}

/* "20 select, 3 running" */
static const char *states_text(struct pool *p, struct query *q, const struct state_count *s, size_t n)
{
	struct buf b = {0};
	const char *text;

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%u %s", i ? ", " : "", s[i].n, query_string(q, s[i].state));
	text = pool_strndup(p, b.n ? b.p : "", b.n);
	buf_release(&b);
	return text;
}

static void states_object(struct jw *j, struct query *q, const struct state_count *s, size_t n)
{
	jw_obj(j);
	for (size_t i = 0; i < n; i++)
		jw_kuint(j, query_string(q, s[i].state), s[i].n);
	jw_end(j);
}

void stack_array(struct jw *j, struct pool *p, const struct stack *s)
{
	jw_arr(j);
	for (uint32_t i = 0; i <= s->n; i++) {
		if (i == stack_elided_at(s))
			jw_str(j, ELIDED_FRAMES);
		if (i < s->n)
			jw_str(j, a_place(p, &s->frames[i]).text);
	}
	jw_end(j);
}

/* --- hosts --- */

GETTER(host_name, struct host_facts, a_text(x->host->name))
GETTER(host_labels, struct host_facts, a_text(x->host->labels))
GETTER(host_snapshots, struct host_facts, a_number(x->host->snapshots))
GETTER(host_failed, struct host_facts, a_number(x->host->failed))
GETTER(host_epochs, struct host_facts, a_number_if(x->host->epochs, x->host->epochs))
GETTER(host_first, struct host_facts, a_time(x->host->first))
GETTER(host_last, struct host_facts, a_time(x->host->last))
GETTER(host_most, struct host_facts, a_number_if(x->known.number.seq || x->host->peak, x->host->peak))
#define AT_LEAST(x) (known_number_is_cut(&(x)->known) ? '>' : 0)
GETTER(host_count, struct host_facts, a_bound(AT_LEAST(x), a_number_if(x->known.number.seq, x->known.number.goroutines)))
GETTER(host_status, struct host_facts, a_text(x->known.number.seq ? snap_status_name(x->known.number.status) : NULL))
GETTER(host_good, struct host_facts, a_time(x->known.number.seq ? x->known.number.time : NO_TIME))
GETTER(host_now, struct host_facts, a_bound(AT_LEAST(x), a_number(x->known.now)))
GETTER(host_interval, struct host_facts, a_number_if(x->interval > 0, x->interval))
GETTER(host_down, struct host_facts, a_time(x->known.down_since))
GETTER(host_why, struct host_facts, a_text(x->known.down_since == NO_TIME ? NULL : x->known.why))

static const struct column of_host[] = {
	{"host", "HOST", COLUMN_TEXT, .get = host_name},
	{"snapshots", "SNAPSHOTS", COLUMN_NUMBER, .get = host_snapshots},
	{"failed", "FAILED", COLUMN_NUMBER, .get = host_failed},
	{"epochs", "EPOCHS", COLUMN_NUMBER, COLUMN_WIDE, .get = host_epochs},
	{"first", "FIRST", COLUMN_TIME, COLUMN_WIDE, .get = host_first},
	{"last", "LAST TRIED", COLUMN_TIME, COLUMN_WIDE, .get = host_last},
	{"goroutines", "MOST", COLUMN_NUMBER, .get = host_most},
	{"goroutines_last", "LAST", COLUMN_NUMBER, .get = host_count},
	{"last_good", "MEASURED", COLUMN_TIME, .get = host_good},
	{"status", "STATUS", COLUMN_TEXT, COLUMN_WIDE, .get = host_status},
	{"now", "NOW", COLUMN_NUMBER, .get = host_now},
	{"interval", "INTERVAL", COLUMN_SPAN, COLUMN_WIDE, .get = host_interval},
	{"down_since", "DOWN SINCE", COLUMN_TIME, COLUMN_WIDE, .get = host_down},
	{"why", "WHY", COLUMN_TEXT, COLUMN_WIDE, .get = host_why},
	{"labels", "LABELS", COLUMN_TEXT, COLUMN_WIDE, .get = host_labels},
};
const struct columns host_columns = COLUMNS(of_host);

/* --- hosts in groups --- */

GETTER(hosts_key, struct host_group_facts, a_text(x->group->key))
GETTER(hosts_value, struct host_group_facts, a_text(x->group->value))
GETTER(hosts_n, struct host_group_facts, a_number((int64_t)x->group->n))
GETTER(hosts_known, struct host_group_facts, a_number(x->known))
GETTER(hosts_down, struct host_group_facts, a_number(x->down))
GETTER(hosts_last, struct host_group_facts, a_number(x->last))
GETTER(hosts_now, struct host_group_facts, a_number(x->now))

static const struct column of_host_group[] = {
	{"label", "LABEL", COLUMN_TEXT, .get = hosts_key},
	{"value", "VALUE", COLUMN_TEXT, .get = hosts_value},
	{"hosts", "HOSTS", COLUMN_NUMBER, .get = hosts_n},
	{"hosts_known", "KNOWN", COLUMN_NUMBER, .get = hosts_known},
	{"hosts_down", "DOWN", COLUMN_NUMBER, .get = hosts_down},
	{"goroutines_last", "LAST", COLUMN_NUMBER, .get = hosts_last},
	{"now", "NOW", COLUMN_NUMBER, .get = hosts_now},
};
const struct columns host_group_columns = COLUMNS(of_host_group);

/* --- snapshots --- */

GETTER(snap_host, struct told_snapshot, a_text(x->host))
GETTER(snap_time, struct told_snapshot, a_time(x->s->time))
GETTER(snap_epoch, struct told_snapshot, a_number(x->s->epoch))
GETTER(snap_count, struct told_snapshot, a_number_if(x->s->status != SNAP_FAILED, x->s->goroutines))
GETTER(snap_bytes, struct told_snapshot, a_number_if(snap_has_text(x->s->status), (int64_t)x->s->bytes))
GETTER(snap_took, struct told_snapshot, a_number_if(x->s->took != 0, x->s->took))
GETTER(snap_note, struct told_snapshot, a_text(x->s->note ? query_string(r->q, x->s->note) : NULL))

static struct column_value snap_status(const struct told_row *r)
{
	const struct told_snapshot *x = r->thing;

	return (struct column_value){.known = true, .text = snap_status_name(x->s->status), .bad = x->s->status != SNAP_OK};
}

/* The states, and what was odd. */
static struct column_value snap_states(const struct told_row *r)
{
	const struct snapshot *s = ((const struct told_snapshot *)r->thing)->s;
	const char *text = states_text(r->p, r->q, s->states, s->n_states);

	return a_text(s->note ? pool_printf(r->p, "%s%s%s", text, *text ? "; " : "", query_string(r->q, s->note)) : text);
}

static void snap_states_json(struct jw *j, const struct told_row *r)
{
	const struct snapshot *s = ((const struct told_snapshot *)r->thing)->s;

	if (snap_has_text(s->status))
		states_object(j, r->q, s->states, s->n_states);
	else
		jw_null(j);
}

static const struct column of_snapshot[] = {
	{"host", "HOST", COLUMN_TEXT, .get = snap_host},
	{"time", "TIME", COLUMN_TIME, .get = snap_time},
	{"epoch", "EPOCH", COLUMN_NUMBER, COLUMN_WIDE, .get = snap_epoch},
	{"goroutines", "COUNT", COLUMN_NUMBER, .get = snap_count},
	{"status", "STATUS", COLUMN_TEXT, .get = snap_status},
	{"bytes", "BYTES", COLUMN_NUMBER, COLUMN_WIDE | COLUMN_IF_KNOWN, .get = snap_bytes},
	{"took", "TOOK", COLUMN_SPAN, COLUMN_WIDE | COLUMN_IF_KNOWN, .get = snap_took},
	{"states", "STATES", COLUMN_TEXT, .get = snap_states, .json = snap_states_json},
	{"note", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = snap_note},
};
const struct columns snapshot_columns = COLUMNS(of_snapshot);

GETTER(snap_matching, struct told_snapshot, a_number(x->matching))

static const struct column of_matching[] = {
	{"host", "HOST", COLUMN_TEXT, .get = snap_host},
	{"time", "TIME", COLUMN_TIME, .get = snap_time},
	{"epoch", "EPOCH", COLUMN_NUMBER, COLUMN_WIDE, .get = snap_epoch},
	{"goroutines", "COUNT", COLUMN_NUMBER, .get = snap_count},
	{"matching", "MATCHING", COLUMN_NUMBER, .get = snap_matching},
	{"status", "STATUS", COLUMN_TEXT, .get = snap_status},
};
const struct columns matching_columns = COLUMNS(of_matching);

/* --- groups --- */

GETTER(group_host, struct told_group, a_text(x->host))
GETTER(group_key_text, struct told_group, a_text(x->g ? x->g->name : NULL))
GETTER(group_shown, struct told_group, a_text(x->g ? x->g->name : "(unknown)"))
GETTER(group_count, struct told_group, a_number_if(x->g, x->g ? x->g->count : 0))
GETTER(group_stacks, struct told_group, a_number_if(x->g, x->g ? x->g->stacks : 0))
GETTER(group_oldest, struct told_group, a_time(x->g && !(x->g->grouped && x->g->bound == '?') ? x->g->oldest : NO_TIME))
GETTER(group_age, struct told_group, a_bound(x->g ? x->g->bound : 0, a_number_if(x->g && x->g->oldest != NO_TIME, x->g ? x->at - x->g->oldest : 0)))
GETTER(group_bound, struct told_group, a_number_if(x->g && x->g->grouped, 1))
GETTER(group_oldest_id, struct told_group, a_number_if(x->g, x->g ? (int64_t)x->g->oldest_id : 0))
GETTER(group_created, struct told_group, a_place(r->p, x->g ? &x->g->created : NULL))
GETTER(group_top, struct told_group, a_place(r->p, x->g ? &x->g->top : NULL))
GETTER(group_states, struct told_group, a_text(x->g ? states_text(r->p, r->q, x->g->states, x->g->n_states) : NULL))
GETTER(group_waiting, struct told_group, a_number_if(x->g && x->g->waits != NO_TIME, x->g && x->g->waits != NO_TIME ? x->at - x->g->waits : 0))
GETTER(group_unknown, struct told_group, a_text(x->unknown))

static void group_created_json(struct jw *j, const struct told_row *r)
{
	const struct told_group *x = r->thing;

	frame_json(j, NULL, x->g ? &x->g->created : NULL);
}

static void group_top_json(struct jw *j, const struct told_row *r)
{
	const struct told_group *x = r->thing;

	frame_json(j, NULL, x->g ? &x->g->top : NULL);
}

static struct column_value group_waits(const struct told_row *r)
{
	const struct told_group *x = r->thing;
	uint32_t n[WAIT_SPANS] = {0};
	struct buf b = {0};
	const char *text;

	if (x->g)
		group_wait_spans(x->g, x->at, n);
	for (int i = 0; i < WAIT_SPANS; i++)
		if (n[i])
			buf_addf(&b, "%s%s %" PRIu32, b.n ? ", " : "", wait_span_name(i), n[i]);
	text = b.n ? pool_strndup(r->p, b.p, b.n) : NULL;
	buf_release(&b);
	return a_text(text);
}

static void group_waits_json(struct jw *j, const struct told_row *r)
{
	const struct told_group *x = r->thing;
	uint32_t n[WAIT_SPANS] = {0};

	if (x->g)
		group_wait_spans(x->g, x->at, n);
	jw_obj(j);
	for (int i = 0; i < WAIT_SPANS; i++)
		if (n[i])
			jw_kuint(j, wait_span_name(i), n[i]);
	jw_end(j);
}

static void group_states_json(struct jw *j, const struct told_row *r)
{
	const struct told_group *x = r->thing;

	states_object(j, r->q, x->g ? x->g->states : NULL, x->g ? x->g->n_states : 0);
}

static const struct column of_group[] = {
	{"host", "HOST", COLUMN_TEXT, .get = group_host},
	{"count", "COUNT", COLUMN_NUMBER, .get = group_count},
	{"oldest", NULL, COLUMN_TIME, .get = group_oldest},
	{"age", "OLDEST", COLUMN_SPAN, .get = group_age},
	{"bound", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = group_bound},
	{"waiting", "WAIT", COLUMN_SPAN, .get = group_waiting},
	{"group", NULL, COLUMN_TEXT, .get = group_key_text},
	{NULL, "GROUP", COLUMN_TEXT, .get = group_shown},
	{"states", "STATES", COLUMN_TEXT, .get = group_states, .json = group_states_json},
	{"wait_histogram", "WAITS", COLUMN_TEXT, COLUMN_WIDE, .get = group_waits, .json = group_waits_json},
	{"stacks", "STACKS", COLUMN_NUMBER, COLUMN_WIDE, .get = group_stacks},
	{"oldest_id", "OLDEST ID", COLUMN_ID, COLUMN_WIDE, .get = group_oldest_id},
	{"created_by", NULL, COLUMN_TEXT, .get = group_created, .json = group_created_json},
	{"top", "FUNCTION", COLUMN_TEXT, COLUMN_WIDE, .get = group_top, .json = group_top_json},
	{"unknown", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = group_unknown},
};
const struct columns group_columns = COLUMNS(of_group);

/* --- marks --- */

GETTER(mark_time, struct mark, a_time(x->time))
GETTER(mark_host, struct mark, a_text(*x->host ? x->host : NULL))
GETTER(mark_text, struct mark, a_text(x->text))

static const struct column of_mark[] = {
	{"time", "TIME", COLUMN_TIME, .get = mark_time},
	{"host", "HOST", COLUMN_TEXT, .get = mark_host},
	{"mark", "MARK", COLUMN_TEXT, .get = mark_text},
};
const struct columns mark_columns = COLUMNS(of_mark);

/* --- goroutines that are alive --- */

static const struct frame *alive_frame(struct query *q, const struct alive *g)
{
	return g ? stack_user_frame(query_stack(q, g->stack)) : NULL;
}

GETTER(alive_host, struct told_goroutine, a_text(x->host))
GETTER(alive_epoch, struct told_goroutine, a_number_if(x->g, x->g ? x->g->epoch : 0))
GETTER(alive_id, struct told_goroutine, a_number_if(x->g, x->g ? (int64_t)x->g->id : 0))
GETTER(alive_state, struct told_goroutine, a_text(x->g ? x->g->state : NULL))
GETTER(alive_minutes, struct told_goroutine, a_number(x->g ? x->g->minutes : -1))
GETTER(alive_func, struct told_goroutine, a_text(alive_frame(r->q, x->g) ? alive_frame(r->q, x->g)->func : NULL))
GETTER(alive_shown, struct told_goroutine, a_text(x->unknown ? "(unknown)" : alive_func(r).text))
GETTER(alive_created, struct told_goroutine, a_text(x->g ? query_stack(r->q, x->g->stack)->created.func : NULL))
GETTER(alive_parent, struct told_goroutine, a_number_if(x->g && x->g->parent, x->g ? (int64_t)x->g->parent : 0))
GETTER(alive_first, struct told_goroutine, a_time(x->g ? x->g->first : NO_TIME))
GETTER(alive_since, struct told_goroutine, a_time(x->g ? x->g->since : NO_TIME))
GETTER(alive_waits, struct told_goroutine, a_time(x->g && !x->g->waits_bound ? x->g->waits : NO_TIME))
GETTER(alive_labels, struct told_goroutine, a_text(x->g && x->g->labels[0] ? x->g->labels : NULL))
GETTER(alive_last, struct told_goroutine, a_time(x->last))
GETTER(alive_bound, struct told_goroutine, a_number_if(x->g && x->g->grouped, 1))
GETTER(alive_unknown, struct told_goroutine, a_text(x->unknown))

static const struct column of_goroutine[] = {
	{"host", "HOST", COLUMN_TEXT, .get = alive_host},
	{"epoch", "EPOCH", COLUMN_NUMBER, COLUMN_WIDE, .get = alive_epoch},
	{"id", "ID", COLUMN_ID, .get = alive_id},
	{"state", "STATE", COLUMN_TEXT, .get = alive_state},
	{"first", "FIRST", COLUMN_TIME, COLUMN_WIDE, .get = alive_first},
	{"since", "SINCE", COLUMN_TIME, .get = alive_since},
	{"bound", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = alive_bound},
	{"minutes", "MINUTES", COLUMN_NUMBER, COLUMN_WIDE, .get = alive_minutes},
	{"waits", "WAITS SINCE", COLUMN_TIME, COLUMN_WIDE, .get = alive_waits},
	{"func", NULL, COLUMN_TEXT, .get = alive_func},
	{NULL, "FUNCTION", COLUMN_TEXT, .get = alive_shown},
	{"created_by", "CREATED BY", COLUMN_TEXT, .get = alive_created},
	{"parent", "PARENT", COLUMN_ID, COLUMN_WIDE | COLUMN_IF_KNOWN, .get = alive_parent},
	{"labels", "LABELS", COLUMN_TEXT, COLUMN_WIDE | COLUMN_IF_KNOWN, .get = alive_labels},
	{"last", NULL, COLUMN_TIME, COLUMN_IF_KNOWN, .get = alive_last},
	{"unknown", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = alive_unknown},
	{"function", NULL, COLUMN_TEXT, .get = alive_func}, /* the name that all lists have; func and others were before */
};
const struct columns goroutine_columns = COLUMNS(of_goroutine);

/* --- functions --- */

GETTER(func_name, struct told_function, a_text(x->f->name))
GETTER(func_stacks, struct told_function, a_number(x->f->stacks))
GETTER(func_at, struct told_function, a_number(x->count.at))
GETTER(func_now, struct told_function, a_number(x->count.now))

static const struct column of_function[] = {
	{"stacks", "STACKS", COLUMN_NUMBER, .get = func_stacks},
	{"goroutines", "AT T", COLUMN_NUMBER, .get = func_at},
	{"now", "NOW", COLUMN_NUMBER, .get = func_now},
	{"func", "FUNCTION", COLUMN_TEXT, .get = func_name},
	{"function", NULL, COLUMN_TEXT, .get = func_name},
};
const struct columns function_columns = COLUMNS(of_function);

GETTER(hit_host, struct told_hit, a_text(x->host))
GETTER(hit_epoch, struct told_hit, a_number(x->h->epoch))
GETTER(hit_id, struct told_hit, a_number_if(true, (int64_t)x->h->id))
GETTER(hit_func, struct told_hit, a_text(query_string(r->q, x->h->func_id)))
GETTER(hit_first, struct told_hit, a_time(x->h->first))
GETTER(hit_last, struct told_hit, a_time(x->h->last))
#define HIT_GROUPED query_is_grouped(r->q, x->h->host, x->h->epoch)
GETTER(hit_lasted, struct told_hit, a_bound(HIT_GROUPED && !x->h->at_newest ? '>' : query_age_bound(r->q, x->h->host, x->h->epoch, x->h->first), a_number(x->h->last - x->h->first)))
GETTER(hit_bound, struct told_hit, a_number_if(HIT_GROUPED, 1))
GETTER(hit_samples, struct told_hit, a_number(x->h->samples))
GETTER(hit_newest, struct told_hit, a_number_if(true, x->h->at_newest))
GETTER(hit_now, struct told_hit, a_number_if(x->scraped, x->h->at_newest))

static const struct column of_hit[] = {
	{"host", "HOST", COLUMN_TEXT, .get = hit_host},
	{"epoch", "EPOCH", COLUMN_NUMBER, COLUMN_WIDE, .get = hit_epoch},
	{"id", "ID", COLUMN_ID, .get = hit_id},
	{"first", "FIRST", COLUMN_TIME, .get = hit_first},
	{"last", "LAST", COLUMN_TIME, COLUMN_WIDE, .get = hit_last},
	{"lasted", "LASTED", COLUMN_SPAN, .get = hit_lasted},
	{"bound", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = hit_bound},
	{"snapshots", "SNAPSHOTS", COLUMN_NUMBER, COLUMN_WIDE, .get = hit_samples},
	{"at_newest", "AT NEWEST", COLUMN_FLAG, .get = hit_newest},
	{"now", NULL, COLUMN_FLAG, .get = hit_now},
	{"func", "FUNCTION", COLUMN_TEXT, .get = hit_func},
	{"function", NULL, COLUMN_TEXT, .get = hit_func},
};
const struct columns hit_columns = COLUMNS(of_hit);

/* The calls without who created the goroutine: "main.serve <- main.main"; nothing for a leaf or a root. */
static const char *calls_alone(const struct told_row *r, const struct told_call *x)
{
	struct buf b = {0};
	const char *text;

	for (uint32_t k = 0; k + x->c->created < x->c->n; k++)
		buf_addf(&b, "%s%s", k ? x->callee ? " -> " : " <- " : "", query_string(r->q, x->c->funcs[k]));
	text = b.n ? pool_strndup(r->p, b.p, b.n) : "";
	buf_release(&b);
	return text;
}

GETTER(call_way, struct told_call, a_text(x->callee ? "to" : "from"))
GETTER(call_words, struct told_call, a_text(*x->c->path ? x->c->path : x->callee ? "(it is the leaf)" : "(it is the root)"))
GETTER(call_func, struct told_call, a_text(x->func))
GETTER(call_list, struct told_call, a_text(x->callee ? "callees" : "callers"))
GETTER(call_path, struct told_call, a_text(calls_alone(r, x)))
GETTER(call_created, struct told_call, a_text(x->c->created ? query_string(r->q, x->c->funcs[x->c->n - 1]) : NULL))
GETTER(call_samples, struct told_call, a_number((int64_t)x->c->samples))
GETTER(call_share, struct told_call, a_real(x->c->share))

/* As CSV what the JSON of callers_json has, by the names that it has there; the list that a call is of is a column. */
static const struct column of_call[] = {
	{"func", NULL, COLUMN_TEXT, .get = call_func},
	{"list", NULL, COLUMN_TEXT, .get = call_list},
	{NULL, "CALLS", COLUMN_TEXT, .get = call_way},
	{NULL, "SHARE", COLUMN_SHARE, .get = call_share},
	{NULL, "SAMPLES", COLUMN_NUMBER, .get = call_samples},
	{NULL, "PATH", COLUMN_TEXT, .get = call_words},
	{"path", NULL, COLUMN_TEXT, .get = call_path},
	{"created_by", NULL, COLUMN_TEXT, .get = call_created},
	{"samples", NULL, COLUMN_NUMBER, .get = call_samples},
	{"share", NULL, COLUMN_SHARE, .digits = 4, .get = call_share},
};
const struct columns call_columns = COLUMNS(of_call);

/* --- one goroutine --- */

/* "sync.(*Mutex).Lock:46 <- main.(*ledger).post:130 <- main.main:226" */
static const char *short_stack(struct pool *p, const struct stack *s)
{
	struct buf b = {0};
	char name[512];
	const char *text;

	for (uint32_t i = 0; i < s->n; i++)
		buf_addf(&b, "%s%s:%u", i ? " <- " : "", query_short(name, sizeof name, s->frames[i].func), s->frames[i].line);
	text = b.n ? pool_strndup(p, b.p, b.n) : NULL;
	buf_release(&b);
	return text;
}

static const char *long_stack(struct pool *p, const struct stack *s)
{
	struct buf b = {0};
	const char *text;

	for (uint32_t i = 0; i < s->n; i++)
		buf_addf(&b, "%s%s", i ? "; " : "", a_place(p, &s->frames[i]).text);
	text = pool_strndup(p, b.n ? b.p : "", b.n);
	buf_release(&b);
	return text;
}

static const char *object_text(struct pool *p, uint64_t object)
{
	return object ? pool_printf(p, "0x%" PRIx64, object) : NULL;
}

GETTER(run_host, struct told_run, a_text(x->host))
GETTER(run_epoch, struct told_run, a_number(x->l->epoch))
GETTER(run_id, struct told_run, a_number_if(true, (int64_t)x->l->id))
GETTER(run_parent, struct told_run, a_number_if(x->l->parent != 0, (int64_t)x->l->parent))
GETTER(run_created, struct told_run, a_place(r->p, &x->l->created))
GETTER(run_from, struct told_run, a_time(x->r->from))
GETTER(run_to, struct told_run, a_time(x->r->to))
GETTER(run_samples, struct told_run, a_number(x->r->samples))
#define RUN_GROUPED query_is_grouped(r->q, x->l->host, x->l->epoch)
GETTER(run_lasted, struct told_run, a_bound(RUN_GROUPED && x->l->ended ? '>' : query_age_bound(r->q, x->l->host, x->l->epoch, x->r->from), a_number(x->r->to - x->r->from)))
GETTER(run_bound, struct told_run, a_number_if(RUN_GROUPED, 1))
GETTER(run_state, struct told_run, a_text(x->r->state))
GETTER(run_minutes, struct told_run, a_number(x->r->minutes))
GETTER(run_moved, struct told_run, a_time(x->r->moved))
GETTER(run_proof, struct told_run, a_number_if(x->r->moved != NO_TIME, x->r->moved_proof))
GETTER(run_object, struct told_run, a_text(object_text(r->p, x->r->wait_object)))
GETTER(run_labels, struct told_run, a_text(x->r->labels && *x->r->labels ? x->r->labels : NULL))
GETTER(run_locked, struct told_run, a_number_if((x->r->flags & DUMP_LOCKED) != 0, 1))
GETTER(run_leaked, struct told_run, a_number_if((x->r->flags & DUMP_LEAKED) != 0, 1))
GETTER(run_function, struct told_run, a_place(r->p, stack_user_frame(query_stack(r->q, x->r->stack))))
GETTER(run_stack, struct told_run, a_text(long_stack(r->p, query_stack(r->q, x->r->stack))))

static struct column_value run_family(const struct told_row *r)
{
	static const char *const letters[FAM_MAX] = {"R", "C", "S", "L", "W", "I", "Z", "Y", "G"}; /* enum family */
	const struct told_run *x = r->thing;

	return a_text(letters[x->r->family < FAM_MAX ? x->r->family : FAM_RUNTIME]);
}

static void run_stack_json(struct jw *j, const struct told_row *r)
{
	const struct told_run *x = r->thing;

	stack_array(j, r->p, query_stack(r->q, x->r->stack));
}

/* In JSON a run stands in its life, which has the first five; its stack, last, is told in other ways too. */
static const struct column of_run[] = {
	{"host", "HOST", COLUMN_TEXT, .get = run_host},
	{"epoch", "EPOCH", COLUMN_NUMBER, .get = run_epoch},
	{"id", "ID", COLUMN_ID, .get = run_id},
	{"parent", "PARENT", COLUMN_ID, .get = run_parent},
	{"created_by", "CREATED BY", COLUMN_TEXT, .get = run_created},
	{"from", "FROM", COLUMN_TIME, .get = run_from},
	{"to", "TO", COLUMN_TIME, .get = run_to},
	{"snapshots", "SNAPSHOTS", COLUMN_NUMBER, .get = run_samples},
	{"lasted", "LASTED", COLUMN_SPAN, .get = run_lasted},
	{"state", "STATE", COLUMN_TEXT, .get = run_state},
	{"family", NULL, COLUMN_TEXT, .get = run_family},
	{"minutes", "MINUTES", COLUMN_NUMBER, .get = run_minutes},
	{"moved", "MOVED", COLUMN_TIME, .get = run_moved},
	{"moved_proof", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = run_proof},
	{"wait_object", "WAIT OBJECT", COLUMN_TEXT, COLUMN_IF_KNOWN, .get = run_object},
	{"labels", "LABELS", COLUMN_TEXT, COLUMN_IF_KNOWN, .get = run_labels},
	{"locked", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = run_locked},
	{"leaked", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = run_leaked},
	{"bound", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = run_bound},
	{"function", "FUNCTION", COLUMN_TEXT, .get = run_function},
	{"stack", "STACK", COLUMN_TEXT, .get = run_stack, .json = run_stack_json},
	{"object", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = run_object},
};
const struct columns run_columns = COLUMNS(of_run);

GETTER(child_id, struct child, a_number_if(true, (int64_t)x->id))
GETTER(child_func, struct child, a_text(x->func))
GETTER(child_first, struct child, a_time(x->first))
GETTER(child_last, struct child, a_time(x->last))
GETTER(child_lived, struct child, a_number(x->last - x->born))
GETTER(child_ended, struct child, a_number_if(true, x->ended))

static struct column_value child_user(const struct told_row *r)
{
	const struct frame *f = stack_user_frame(query_stack(r->q, ((const struct child *)r->thing)->stack));

	return a_text(f ? f->func : NULL);
}

static const struct column of_child[] = {
	{"id", "CHILD", COLUMN_ID, .get = child_id},
	{"first", "FIRST", COLUMN_TIME, .get = child_first},
	{"last", "LAST", COLUMN_TIME, COLUMN_WIDE, .get = child_last},
	{NULL, "LIVED", COLUMN_SPAN, .get = child_lived},
	{"ended", "ENDED", COLUMN_FLAG, .get = child_ended},
	{"func", "FUNCTION", COLUMN_TEXT, .get = child_func},
	{"user_func", NULL, COLUMN_TEXT, .get = child_user},
	{"function", NULL, COLUMN_TEXT, .get = child_func},
};
const struct columns child_columns = COLUMNS(of_child);

GETTER(line_host, struct told_line, a_text(x->host))
GETTER(line_id, struct told_line, a_number_if(true, (int64_t)x->id))
GETTER(line_state, struct told_line, a_text(x->l->state))
GETTER(line_samples, struct told_line, a_number((int64_t)x->l->samples))
GETTER(line_share, struct told_line, a_real(x->l->share))
GETTER(line_stack, struct told_line, a_text(short_stack(r->p, query_stack(r->q, x->l->stack))))

static void line_stack_json(struct jw *j, const struct told_row *r)
{
	const struct told_line *x = r->thing;

	stack_array(j, r->p, query_stack(r->q, x->l->stack));
}

static const struct column of_line[] = {
	{"host", NULL, COLUMN_TEXT, .get = line_host},
	{"id", NULL, COLUMN_ID, .get = line_id},
	{"share", "SHARE", COLUMN_SHARE, .digits = 4, .get = line_share},
	{"samples", "SNAPSHOTS", COLUMN_NUMBER, .get = line_samples},
	{"state", "STATE", COLUMN_TEXT, .get = line_state},
	{"stack", "STACK", COLUMN_TEXT, .get = line_stack, .json = line_stack_json},
};
const struct columns line_columns = COLUMNS(of_line);
