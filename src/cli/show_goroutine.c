/* SPDX-License-Identifier: MIT */
/* --goroutine: the history of one goroutine, with its children. */
#include "dump_text.h"
#include <gscrape/dump.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A run within its life, which has said whose it is. */
static const size_t OF_LIFE = 5;

static void run_json(struct session *a, struct jw *j, const struct life *l, const struct run *r)
{
	struct columns own = {run_columns.a + OF_LIFE, run_columns.n - OF_LIFE};

	columns_json(j, &own, &(struct told_row){a->q, &a->pool, &(struct told_run){a->hosts->name, l, r}});
}

static void children_json(struct session *a, struct jw *j, const struct child *c, size_t n)
{
	jw_key(j, "children");
	jw_arr(j);
	for (size_t i = 0; i < n; i++)
		columns_json(j, &child_columns, &(struct told_row){a->q, &a->pool, &c[i]});
	jw_end(j);
}

static void life_json(struct session *a, const struct host *h, const struct life *l, const struct child *c, size_t n)
{
	struct jw j = session_json(a);

	jw_kstr(&j, "host", h->name);
	jw_kuint(&j, "epoch", l->epoch);
	jw_kuint(&j, "id", l->id);
	frame_json(&j, "created_by", &l->created);
	jw_key(&j, "parent");
	if (l->parent)
		jw_uint(&j, l->parent);
	else
		jw_null(&j);
	jw_ktime(&j, "first", l->first);
	jw_ktime(&j, "last", l->last);
	jw_kbool(&j, "ended", l->ended);
	jw_key(&j, "runs");
	jw_arr(&j);
	for (size_t i = 0; i < l->n; i++)
		run_json(a, &j, l, &l->runs[i]);
	jw_end(&j);
	children_json(a, &j, c, n);
	session_json_end(a, &j);
}

/* --- as CSV: a row per run --- */

static void life_csv(struct session *a, const struct life *l)
{
	struct table t = session_table(a, &run_columns);

	for (size_t i = 0; i < l->n; i++)
		table_row(&t, &(struct told_run){a->hosts->name, l, &l->runs[i]});
	table_end(&t);
}

/* --- as text --- */

static void life_head(struct session *a, const struct host *h, const struct life *l)
{
	struct buf *out = &a->out.buf;
	const char *created = frame_text(&a->pool, &l->created);
	char first[TIME_MAX], last[TIME_MAX], lived[TIME_MAX];
	bool grouped = query_is_grouped(a->q, l->host, l->epoch);

	styled(out, a->color, CELL_HEAD, pool_printf(&a->pool, "goroutine %" PRIu64, l->id));
	buf_adds(out, " of ");
	styled(out, a->color, CELL_PLAIN, h->name);
	buf_addf(out, ", epoch %u\n", l->epoch);
	if (created) {
		buf_adds(out, "created by ");
		styled(out, a->color, CELL_PLAIN, created);
		if (l->parent)
			buf_addf(out, " in goroutine %" PRIu64, l->parent);
		buf_putc(out, '\n');
	}
	buf_addf(out, "seen from %s to %s (%s), %s\n", time_format(first, l->first, TIME_TABLE, a->o->tz),
		 time_format(last, l->last, TIME_TABLE, a->o->tz), duration_bound(lived, grouped && l->ended ? '>' : query_age_bound(a->q, l->host, l->epoch, l->first), l->last - l->first),
		 l->ended ? "then gone" : "still there");
	if (grouped)
		session_words(a, "a grouped profile tells no identities, parents or creation sites: this one is made up, of as many as there were", 0, 0);
}

/* "chan receive, 3 minutes, moved 16:05:05, waits on 0xc000…" */
static const char *run_text(struct session *a, const struct run *r)
{
	struct pool *p = &a->pool;
	char t[TIME_MAX];
	const char *s = r->state;

	if (r->minutes > 0)
		s = pool_printf(p, "%s, %d minutes", s, r->minutes);
	if (r->flags & DUMP_LOCKED)
		s = pool_printf(p, "%s, locked to thread", s);
	if (r->flags & DUMP_LEAKED)
		s = pool_printf(p, "%s, leaked", s);
	if (r->moved != NO_TIME)
		s = pool_printf(p, "%s, moved %s", s, time_format(t, r->moved, TIME_CLOCK, a->o->tz));
	if (r->wait_object)
		s = pool_printf(p, "%s, waits on 0x%" PRIx64, s, r->wait_object);
	if (*r->labels)
		s = pool_printf(p, "%s, {%s}", s, r->labels);
	return s;
}

/* Each run as a block; a stack equal to that of the run before is not printed again. */
static void runs_text(struct session *a, const struct life *l)
{
	struct buf *out = &a->out.buf;
	char from[TIME_MAX], to[TIME_MAX], lasted[TIME_MAX];
	bool at_least = l->ended && query_is_grouped(a->q, l->host, l->epoch);

	for (size_t i = 0; i < l->n; i++) {
		const struct run *r = &l->runs[i];
		const struct stack *s = query_stack(a->q, r->stack);

		size_t at;

		buf_putc(out, '\n');
		at = out->n;
		buf_addf(out, "%s  %s  %6s  %u snapshot%s  ", time_format(from, r->from, TIME_TABLE, a->o->tz),
			 time_format(to, r->to, TIME_CLOCK, a->o->tz), duration_bound(lasted, at_least ? '>' : query_age_bound(a->q, l->host, l->epoch, r->from), r->to - r->from), r->samples,
			 r->samples == 1 ? "" : "s");
		at = out->n - at;
		buf_adds(out, style_begin(a->color, CELL_HEAD));
		session_words(a, run_text(a, r), at, 4);
		buf_adds(out, style_end(a->color, CELL_HEAD));
		if (i && l->runs[i - 1].stack == r->stack) {
			styled(out, a->color, CELL_DIM, "    the same stack");
			buf_putc(out, '\n');
			continue;
		}
		for (uint32_t f = 0; f <= s->n; f++) {
			if (f == stack_elided_at(s))
				buf_adds(out, "    " ELIDED_FRAMES "\n");
			if (f == s->n)
				break;
			buf_adds(out, "    ");
			styled(out, a->color, CELL_PLAIN, frame_text(&a->pool, &s->frames[f]));
			buf_putc(out, '\n');
		}
		out_line(&a->out);
	}
}

static void children_text(struct session *a, const struct child *c, size_t n)
{
	struct table t = session_table(a, &child_columns);

	if (n == 0)
		return;
	buf_putc(&a->out.buf, '\n');
	for (size_t i = 0; i < n; i++)
		table_row(&t, &c[i]);
	table_end(&t);
}

/* --- an id that is not there --- */

#define NEAR_ENOUGH 10000 /* ids looked at */

/* The known id that is nearest in value to `id`: among those that begin with ever fewer of its digits. */
static uint64_t nearest_id(struct session *a, uint32_t host, uint64_t id)
{
	char prefix[24];
	int digits = snprintf(prefix, sizeof prefix, "%" PRIu64, id);
	uint64_t best = 0;

	for (int keep = digits - 1; keep >= 0 && !best; keep--) {
		uint64_t *ids;
		size_t n;

		prefix[keep] = '\0';
		if (query_ids(a->q, &(struct ids_question){{host, NO_TIME}, prefix, NEAR_ENOUGH}, &a->pool, &ids, &n, NULL) < 0)
			return 0;
		for (size_t i = 0; i < n; i++)
			if (!best || llabs((long long)(ids[i] - id)) < llabs((long long)(best - id)))
				best = ids[i];
	}
	return best;
}

static int unknown_id(struct session *a, const struct host *h)
{
	uint64_t near;

	if (a->o->epoch)
		return fail(a->e, "%s has no goroutine %" PRIu64 " in epoch %u", h->name, a->o->id, a->o->epoch);
	near = nearest_id(a, h->id, a->o->id);
	if (near)
		return fail(a->e, "%s has no goroutine %" PRIu64 "; the nearest is %" PRIu64, h->name, a->o->id, near);
	return fail(a->e, "%s has no goroutine %" PRIu64, h->name, a->o->id);
}

/* --- its text --- */

static void put_raw(struct session *a, const struct host *h, int64_t time, struct str block)
{
	struct jw j;

	if (!a->o->json) {
		for (size_t i = 0, end; i < block.n; i = end + 1) {
			const char *nl = memchr(block.p + i, '\n', block.n - i);

			end = nl ? (size_t)(nl - block.p) : block.n;
			for (; i < end && block.p[i] == '\t'; i++)
				buf_putc(&a->out.buf, '\t');
			buf_add_visible(&a->out.buf, block.p + i, end - i);
			buf_putc(&a->out.buf, '\n');
		}
		return;
	}
	j = session_json(a);
	jw_kstr(&j, "host", h->name);
	jw_kint(&j, "time", time);
	jw_kuint(&j, "id", a->o->id);
	jw_key(&j, "text");
	jw_strn(&j, block.p, block.n);
	session_json_end(a, &j);
}

static int show_raw(struct session *a, const struct host *h)
{
	struct buf text = {0}, why = {0};
	char at[TIME_MAX];
	struct known k;
	struct str block = {0};
	int rc = query_known(a->q, h->id, session_at(a), &k, a->e);

	if (rc == 0 && !k.known) {
		known_sentence(&why, &k, a->o->tz);
		rc = fail(a->e, "%s: %.*s", h->name, (int)why.n, why.p);
	} else if (rc == 0) {
		time_format(at, k.text.time, TIME_TABLE, a->o->tz);
		if (!dump_text_of(a->o, h->name, k.text.time, &text))
			rc = fail(a->e, "the text of %s at %s is not there: it is read from the archive (--output) or the files that are named", h->name, at);
		else if (!(block = dump_block((struct str){text.p, text.n}, a->o->id)).n)
			rc = fail(a->e, "%s has no goroutine %" PRIu64 " at %s", h->name, a->o->id, at);
	}
	if (rc == 0)
		put_raw(a, h, k.text.time, block);
	buf_release(&why);
	buf_release(&text);
	return rc;
}

/* --- the command --- */

/* With one host in the store it need not be named. */
static int one_host(struct session *a)
{
	if (a->n_hosts == 1)
		return 0;
	if (a->n_hosts == 0)
		return fail(a->e, "%s has no hosts yet", query_path(a->q));
	return fail_as(a->e, ERR_USAGE, "--goroutine needs --host: there are %zu, for instance %s", a->n_hosts, a->hosts[0].name);
}

static int show_life(struct session *a)
{
	const struct host *h = a->hosts;
	struct child *c;
	struct life l;
	size_t n;
	int rc;

	if (one_host(a) < 0)
		return -1;
	if (a->o->raw && a->o->hide_labels)
		return fail_as(a->e, ERR_USAGE, "--raw prints the dump's own text, with its labels: not together with --hide-labels");
	if (a->o->raw)
		return show_raw(a, h);
	if (a->o->profile) {
		rc = show_profile(a, h);
		return rc ? rc < 0 ? -1 : 0 : unknown_id(a, h);
	}
	if (a->o->from != NO_TIME || a->o->to != NO_TIME)
		return fail_as(a->e, ERR_USAGE, "--from and --to need --profile here");
	rc = query_goroutine(a->q, &(struct life_question){h->id, a->o->epoch, a->o->id, a->o->at}, &a->pool, &l, a->e);
	if (rc <= 0)
		return rc < 0 ? -1 : unknown_id(a, h);
	if (query_children(a->q, &(struct goroutine_key){h->id, l.epoch, l.id}, &a->pool, &c, &n, a->e) < 0)
		return -1;
	if (a->o->json) {
		life_json(a, h, &l, c, n);
		return 0;
	}
	if (a->o->csv) {
		life_csv(a, &l);
		return 0;
	}
	life_head(a, h, &l);
	runs_text(a, &l);
	children_text(a, c, n);
	return 0;
}

int run_goroutine(const struct options *o, struct err *e)
{
	struct session a;

	if (session_begin(&a, o, e) < 0)
		return -1;
	return session_end(&a, show_life(&a));
}
