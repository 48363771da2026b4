/* SPDX-License-Identifier: MIT */
/* A ticket's attachment: what leaks, where, since when, at what rate, why the program believes it and what speaks against. */
#include "report.h"
#include "room.h"
#include <gscrape/link.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define MOST_SUSPECTS 5
#define MOST_OLDEST 10

const struct report_style *report_style(const char *path)
{
	static const struct report_style *const styles[] = {&report_html, &report_md};
	size_t n = strlen(path);

	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
		size_t end = strlen(styles[i]->ending);

		if (n > end && strcmp(path + n - end, styles[i]->ending) == 0)
			return styles[i];
	}
	return NULL;
}

/* --- texts --- */

static const char *when(struct report *r, int64_t t)
{
	char s[TIME_MAX];

	return t == NO_TIME ? "unknown" : pool_printf(&r->pool, "%s", time_format(s, t, TIME_RFC3339, r->ask->tz));
}

static const char *report_place(struct report *r, const struct frame *f)
{
	const char *func = f->func ? plain_text(&r->pool, f->func) : NULL;

	return func && f->file ? pool_printf(&r->pool, "%s %s:%u", func, plain_text(&r->pool, f->file), f->line) : func;
}

static const char *short_name(struct report *r, const struct frame *f)
{
	char s[400];

	return f->func ? pool_printf(&r->pool, "%s", plain_text(&r->pool, query_short(s, sizeof s, f->func))) : "an unknown place";
}

static const struct host *host_of(const struct report *r, uint32_t id)
{
	for (size_t i = 0; i < r->ask->n_hosts; i++)
		if (r->ask->hosts[i].id == id)
			return &r->ask->hosts[i];
	return NULL;
}

/* A word of a shell's command line. */
static const char *shell_word(struct report *r, const char *s)
{
	struct buf b = {0};
	char *word;

	if (*s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,=-") == strlen(s))
		return s;
	buf_putc(&b, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_adds(&b, "'\\''");
		else
			buf_putc(&b, *s);
	}
	buf_putc(&b, '\'');
	word = pool_strndup(&r->pool, b.p, b.n);
	buf_release(&b);
	return word;
}

/* --- the parts of one suspect --- */

/* "812 at 2026-11-23T16:32:23Z", the end of what is looked at; NULL where no number is known. */
static const char *count_then(struct report *r, const struct host *h)
{
	struct known k;

	if (query_known(r->q, h->id, r->ask->to, &k, NULL) < 0 || k.goroutines < 0)
		return NULL;
	return pool_printf(&r->pool, "%s%" PRId64 " at %s", known_number_is_cut(&k) ? "at least " : "", k.goroutines, when(r, k.number.time));
}

/* The same, or why it is unknown. */
static const char *count_or_why(struct report *r, const struct host *h)
{
	const char *count = count_then(r, h);
	struct buf b = {0};
	struct known k;

	if (!count && query_known(r->q, h->id, r->ask->to, &k, NULL) == 0) {
		known_sentence(&b, &k, r->ask->tz);
		count = plain_text(&r->pool, pool_strndup(&r->pool, b.n ? b.p : "unknown", b.n ? b.n : 7));
	}
	buf_release(&b);
	return count ? count : "unknown";
}

static void put_facts(struct report *r, const struct suspect *s)
{
	struct pool *p = &r->pool;
	const struct host *h = host_of(r, s->host);
	const char *waits = NULL, *ended = NULL;
	char rate[RATE_MAX];

	if (s->wait_object)
		waits = pool_printf(p, "%u of %u for the object at 0x%" PRIx64, s->wait_object_n, s->count, s->wait_object);
	if (!isnan(s->never_ended))
		ended = pool_printf(p, "%.1f %%: of %u that came to the place while it was watched, %u left it or ended", 100 * s->never_ended, s->reached, s->left);
	const struct fact facts[] = {
		{"Host", plain_text(p, s->host_name), true},
		{"Verdict", pool_printf(p, "%s, %.2f by the model (0 to 1)", verdict_name(s->verdict), s->score), false},
		{"Kind", suspect_kind_name(s->kind), false},
		{"Created by", s->created.func ? report_place(r, &s->created) : "the dump does not say", s->created.func != NULL},
		{"Stuck in", report_place(r, &s->place), true},
		{"State", plain_text(p, s->state), false},
		{"How many", pool_printf(p, "%u at the end%s %" PRId64 " at the beginning (%+" PRId64 ")", s->count,
					 s->before ? "; in the process before," : ",", s->first_count, s->growth), false},
		{"Of all goroutines there", h ? count_then(r, h) : NULL, false},
		{"Rate", s->kind == SUSPECT_GROWTH && s->per_hour ? pool_printf(p, "%s per hour while it grew", rate_text(rate, s->per_hour)) : NULL, false},
		{"Never left", ended, false},
		{"Gathering since", s->since_before ? pool_printf(p, "before the recording began, %s", when(r, s->since)) : s->after ? pool_printf(p, "%s, %s", when(r, s->since), plain_text(p, s->after)) : when(r, s->since), false},
		{"Until", s->until != NO_TIME ? when(r, s->until) : NULL, false},
		{"Oldest", pool_printf(p, "goroutine %" PRIu64 ", there since %s", s->oldest_id, when(r, s->oldest)), false},
		{"Waiting", waits, false},
	};
	r->style->facts(r->out, facts, sizeof facts / sizeof *facts);
}

static void put_arguments(struct report *r, const char *title, const struct argument *v, size_t n)
{
	static const char *const heads[] = {"Weight", "Argument", "What was seen"};
	const char **cells = pool_alloc(&r->pool, (3 * n + 1) * sizeof *cells);

	r->style->heading(r->out, 3, title);
	for (size_t i = 0; i < n; i++) {
		cells[3 * i] = pool_printf(&r->pool, "%+.1f", v[i].weight);
		cells[3 * i + 1] = plain_text(&r->pool, v[i].name);
		cells[3 * i + 2] = plain_text(&r->pool, v[i].text);
	}
	if (n)
		r->style->table(r->out, &(struct report_table){.heads = heads, .n_columns = 3, .cells = cells, .n_rows = n});
	else
		r->style->text(r->out, "Nothing.");
}

/* Where the time that is looked at begins and ends. */
static int64_t begin_of(const struct report *r, const struct host *h)
{
	return r->ask->from != NO_TIME && r->ask->from > h->first ? r->ask->from : h->first;
}

static int64_t end_of(const struct report *r, const struct host *h)
{
	return r->ask->to != NO_TIME && r->ask->to < h->last ? r->ask->to : h->last;
}

static int put_chart(struct report *r, const struct suspect *s, struct err *e)
{
	const struct host *h = host_of(r, s->host);
	struct report_chart c = {.tz = r->ask->tz, .n = CHART_COLUMNS};
	struct flow *flow = pool_alloc(&r->pool, CHART_COLUMNS * sizeof *flow);

	if (!h || query_suspect_flow(r->q, s, &(struct window){0, begin_of(r, h), end_of(r, h), CHART_COLUMNS}, flow, e) < 0)
		return h ? -1 : 0;
	for (size_t i = 0; i < CHART_COLUMNS; i++)
		if (flow[i].known && flow[i].alive > c.most)
			c.most = flow[i].alive;
	if (!c.most)
		return 0;
	c.flow = flow;
	c.from = when(r, begin_of(r, h));
	c.to = when(r, end_of(r, h));
	c.title = pool_printf(&r->pool, "Goroutines in %s, from 0 to %u", short_name(r, &s->place), c.most);
	r->style->chart(r->out, &c);
	return 0;
}

void report_stack(struct report *r, struct buf *b, uint32_t stack)
{
	const struct stack *st = query_stack(r->q, stack);

	for (uint32_t i = 0; i < st->n; i++) {
		const struct frame *f = &st->frames[i];

		buf_addf(b, "\n%s", plain_text(&r->pool, f->func));
		if (f->file)
			buf_addf(b, "\n\t%s:%u", plain_text(&r->pool, f->file), f->line);
	}
	if (st->created.func)
		buf_addf(b, "\ncreated by %s", plain_text(&r->pool, st->created.func));
	if (st->created.func && st->created.file)
		buf_addf(b, "\n\t%s:%u", plain_text(&r->pool, st->created.file), st->created.line);
}

static void put_stack(struct report *r, const struct suspect *s)
{
	struct buf b = {0};

	r->style->heading(r->out, 3, "Typical stack");
	buf_addf(&b, "goroutine %" PRIu64 " [%s]:", s->oldest_id, plain_text(&r->pool, s->state));
	report_stack(r, &b, s->stack);
	r->style->block(r->out, b.p);
	buf_release(&b);
}

#define OLDEST_COLUMNS 5

/* One row: its id, first seen, since when it is as it is, how long, last sign of life. */
static int oldest_row(struct report *r, const struct suspect *s, uint64_t id, const char **cells, struct err *e)
{
	const struct host *h = host_of(r, s->host);
	int64_t at = h ? end_of(r, h) : NO_TIME;
	const struct run *run;
	struct life l;
	char lasted[TIME_MAX];
	int rc = query_goroutine(r->q, &(struct life_question){s->host, s->epoch, id, NO_TIME}, &r->pool, &l, e);
	long i = rc == 1 ? life_run_at(&l, at) : -1;

	if (i < 0)
		return rc < 0 ? -1 : 0;
	run = &l.runs[i];
	cells[0] = pool_printf(&r->pool, "%" PRIu64, id);
	cells[1] = when(r, l.first);
	cells[2] = when(r, run->from);
	cells[3] = pool_printf(&r->pool, "%s%s", l.before && run->from == l.first ? "at least " : "", duration_format(lasted, at - run->from));
	cells[4] = run->moved == NO_TIME ? "none" : pool_printf(&r->pool, "%s%s", when(r, run->moved), run->moved_proof ? "" : " (a hint)");
	return 1;
}

static int put_oldest(struct report *r, const struct suspect *s, struct err *e)
{
	static const char *const heads[OLDEST_COLUMNS] = {"Goroutine", "First seen", "As it is since", "For", "Sign of life since"};
	size_t most = s->count < MOST_OLDEST ? s->count : MOST_OLDEST, n = 0;
	const char **cells = pool_alloc(&r->pool, (OLDEST_COLUMNS * most + 1) * sizeof *cells);

	for (size_t i = 0; i < most; i++) {
		int rc = oldest_row(r, s, s->ids[i], cells + OLDEST_COLUMNS * n, e);

		if (rc < 0)
			return -1;
		n += (size_t)rc;
	}
	if (!n)
		return 0;
	r->style->heading(r->out, 3, n < s->count ? pool_printf(&r->pool, "The oldest %zu of %u", n, s->count) : "The goroutines, oldest first");
	r->style->table(r->out, &(struct report_table){.heads = heads, .n_columns = OLDEST_COLUMNS, .cells = cells, .n_rows = n});
	return 0;
}

static void put_commands(struct report *r, const struct suspect *s)
{
	const char *db = shell_word(r, query_path(r->q)), *host = shell_word(r, s->host_name);
	struct link l = {.view = "goroutine", .host = s->host_name, .id = s->oldest_id, .epoch = s->epoch, .at = r->ask->to, .base = NO_TIME};
	struct buf b = {0};

	r->style->heading(r->out, 3, "Look closer");
	buf_addf(&b, "gscrape-tui --db %s --view leaks --host %s\n", db, host);
	buf_addf(&b, "gscrape-tui --db %s --goroutine %" PRIu64 " --epoch %u --host %s\n", db, s->oldest_id, s->epoch, host);
	buf_addf(&b, "gscrape-tui --db %s --export pprof --host %s --out goroutines.pb.gz", db, host);
	r->style->block(r->out, b.p);
	buf_reset(&b);
	r->style->text(r->out, "Where gscrape-tui --serve runs on this store, the oldest of them is here:");
	link_format(&l, r->ask->page_url ? r->ask->page_url : LINK_HERE, &b);
	buf_putc(&b, '\0');
	r->style->link(r->out, b.p);
	buf_release(&b);
}

static int put_suspect(struct report *r, size_t i, struct err *e)
{
	const struct suspect *s = &r->ask->suspects[i];

	r->style->heading(r->out, 2, pool_printf(&r->pool, "%zu. %u goroutines stuck in %s", i + 1, s->count, short_name(r, &s->place)));
	put_facts(r, s);
	if (put_chart(r, s, e) < 0)
		return -1;
	put_arguments(r, "What speaks for a leak", s->evidence, s->n_evidence);
	put_arguments(r, "What speaks against", s->against, s->n_against);
	put_stack(r, s);
	if (put_oldest(r, s, e) < 0)
		return -1;
	put_commands(r, s);
	return 0;
}

/* --- the whole --- */

static void put_head(struct report *r, size_t shown)
{
	static const char *const heads[] = {"Host", "Snapshots", "Failed", "Processes", "First", "Last tried", "Goroutines at the end"};
	static const bool code[] = {true, false, false, false, false, false, false};
	const struct report_ask *a = r->ask;
	const char **cells = pool_alloc(&r->pool, (7 * a->n_hosts + 1) * sizeof *cells);
	struct pool *p = &r->pool;
	struct err why;

	r->style->begin(r->out, a->n_hosts == 1 ? pool_printf(p, "Goroutine leaks of %s", plain_text(p, a->hosts->name)) : "Goroutine leaks");
	if (query_is_partial(r->q, &why))
		r->style->text(r->out, plain_text(p, why.text));
	for (size_t i = 0; i < a->n_hosts; i++) {
		const struct host *h = &a->hosts[i];
		const char **row = cells + 7 * i;

		row[0] = plain_text(p, h->name);
		row[1] = pool_printf(p, "%u", h->snapshots);
		row[2] = pool_printf(p, "%u", h->failed);
		row[3] = pool_printf(p, "%u", h->epochs);
		row[4] = when(r, h->first);
		row[5] = when(r, h->last);
		row[6] = count_or_why(r, h);
	}
	if (a->from != NO_TIME || a->to != NO_TIME)
		r->style->text(r->out, pool_printf(p, "Looked at: %s to %s.", a->from == NO_TIME ? "the first snapshot" : when(r, a->from),
						   a->to == NO_TIME ? "the newest" : when(r, a->to)));
	r->style->table(r->out, &(struct report_table){.heads = heads, .n_columns = 7, .cells = cells, .n_rows = a->n_hosts, .code = code});
	if (!a->n_suspects)
		r->style->text(r->out, a->notes->looked_at ? "Nothing leaks, as far as these snapshots can tell." :
							     "Nothing can be told: no snapshot has goroutines.");
	else if (shown < a->n_suspects)
		r->style->text(r->out, pool_printf(p, "%zu suspects; the first %zu are told in full.", a->n_suspects, shown));
}

/* "one.txt: panic: boom; first came goroutine 12 [running]" */
static void put_told(struct report *r)
{
	const char *s = r->ask->told;

	for (size_t n; s && *s; s += n + (s[n] == '\n')) {
		n = strcspn(s, "\n");
		r->style->text(r->out, plain_text(&r->pool, pool_strndup(&r->pool, s, n)));
	}
}

static void put_list(struct report *r)
{
	static const char *const heads[] = {"", "Verdict", "Score", "Host", "Stuck in", "How many", "Per hour"};
	static const bool code[] = {false, false, false, true, true, false, false};
	size_t n = r->ask->n_suspects;
	char rate[RATE_MAX];
	const char **cells = pool_alloc(&r->pool, (7 * n + 1) * sizeof *cells);

	for (size_t i = 0; i < n; i++) {
		const struct suspect *s = &r->ask->suspects[i];
		const char **row = cells + 7 * i;

		row[0] = pool_printf(&r->pool, "%zu", i + 1);
		row[1] = verdict_name(s->verdict);
		row[2] = pool_printf(&r->pool, "%.2f", s->score);
		row[3] = plain_text(&r->pool, s->host_name);
		row[4] = short_name(r, &s->place);
		row[5] = pool_printf(&r->pool, "%u", s->count);
		row[6] = s->kind == SUSPECT_GROWTH && s->per_hour ? pool_printf(&r->pool, "%s", rate_text(rate, s->per_hour)) : "";
	}
	r->style->table(r->out, &(struct report_table){.heads = heads, .n_columns = 7, .cells = cells, .n_rows = n, .code = code});
}

static void put_unknown(struct report *r)
{
	const struct leak_notes *notes = r->ask->notes;
	const char **v = pool_alloc(&r->pool, (notes->n + 3) * sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < notes->n; i++)
		v[n++] = plain_text(&r->pool, notes->text[i]);
	if (notes->ignored)
		v[n++] = pool_printf(&r->pool, "%zu suspect%s left out, as --leak-ignore has it.", notes->ignored, notes->ignored == 1 ? " is" : "s are");
	v[n++] = "What came and went between two snapshots was not seen.";
	v[n++] = "A goroutine that ran and came back to the same place looks like one that waited, unless its minutes or arguments show that it moved.";
	r->style->heading(r->out, 2, "What could not be known");
	r->style->items(r->out, v, n);
}

int report_write(struct query *q, const struct report_ask *ask, const struct report_style *style, struct buf *out, struct err *e)
{
	struct report r = {.q = q, .ask = ask, .style = style, .out = out};
	size_t shown = ask->n_suspects < MOST_SUSPECTS ? ask->n_suspects : MOST_SUSPECTS;
	int rc = something_within(q, &(struct export_ask){.hosts = ask->hosts, .n_hosts = ask->n_hosts, .from = ask->from, .to = ask->to}, e);

	if (rc < 0)
		return -1;
	put_head(&r, shown);
	put_told(&r);
	if (shown > 1)
		put_list(&r);
	for (size_t i = 0; i < shown && rc == 0; i++)
		rc = put_suspect(&r, i, e);
	if (rc == 0)
		rc = report_dumps(&r, e);
	put_unknown(&r);
	style->end(out, "gscrape-tui " GS_VERSION);
	pool_release(&r.pool);
	return rc;
}
