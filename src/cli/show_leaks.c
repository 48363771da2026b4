/* SPDX-License-Identifier: MIT */
/* --leaks: suspects, best first, each as a sentence and the arguments under it. */
#include "session.h"
#include "reporting.h"
#include <gscrape/insight.h>
#include <gscrape/text.h>

#define FOUND 3 /* exit status of --fail-on */

static const char *place_text(struct pool *p, const struct frame *f)
{
	char func[400];
	const char *slash;

	if (!f->func)
		return "(no creation site)";
	query_short(func, sizeof func, f->func);
	if (!f->file)
		return pool_printf(p, "%s", func);
	slash = strrchr(f->file, '/');
	return pool_printf(p, "%s (%s:%u)", func, slash ? slash + 1 : f->file, f->line);
}

/* "api-1 and 2 more of 40 with app=api, 1736 in all" */
static void add_together(struct buf *b, const struct suspect *s)
{
	const struct host_group *g = s->together;

	if (s->on_hosts > 1)
		buf_addf(b, " and %u more of %zu with %s=%s, %llu in all", s->on_hosts - 1, g->n, g->key, g->value, (unsigned long long)s->all_count);
	else if (g->n > 1)
		buf_addf(b, ", alone of %zu with %s=%s", g->n, g->key, g->value);
	else
		buf_addf(b, " (%s=%s)", g->key, g->value);
}

/* The sentence that stands alone: what, where, since when, how fast, why, and what speaks against it. */
static void sentence(struct session *a, struct buf *b, const struct suspect *s)
{
	char since[TIME_MAX], rate[RATE_MAX];

	buf_addf(b, " %.2f  %s", s->score, s->host_name);
	if (s->together)
		add_together(b, s);
	buf_adds(b, ": ");
	if (s->created.func) /* a grouped profile tells none */
		buf_addf(b, "go statement in %s: ", place_text(&a->pool, &s->created));
	buf_addf(b, "%u stuck in %s [%s]", s->count, place_text(&a->pool, &s->place), s->state);
	if (s->kind == SUSPECT_GROWTH && s->per_hour)
		buf_addf(b, ", %s/h", rate_text(rate, s->per_hour));
	time_format(since, s->since, TIME_TABLE, a->o->tz);
	buf_addf(b, s->since_before ? " since before the recording began (%s)" : " since %s", since);
	if (s->after)
		buf_addf(b, ", %s", s->after);
	if (s->until != NO_TIME)
		buf_addf(b, " until %s, and they are still there", time_format(since, s->until, TIME_TABLE, a->o->tz));
	if (s->whose.func)
		buf_addf(b, "; started by %s", place_text(&a->pool, &s->whose));
	if (s->n_evidence)
		buf_addf(b, "; for: %s", s->evidence[0].text);
	if (s->n_against)
		buf_addf(b, "; against: %s", s->against[0].text);
	buf_putc(b, '\0');
}

static void arguments(struct session *a, const struct argument *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t from = a->out.buf.n;

		buf_addf(&a->out.buf, "  %+5.1f  %-10s  ", v[i].weight, v[i].name);
		session_words(a, v[i].text, a->out.buf.n - from, a->out.buf.n - from);
	}
}

static void show(struct session *a, const struct suspect *s)
{
	struct buf *b = &a->out.buf, text = {0};

	styled(b, a->color, s->verdict == VERDICT_LEAK ? CELL_BAD : CELL_HEAD, s->verdict == VERDICT_LEAK ? "LEAK " : "watch");
	sentence(a, &text, s);
	session_words(a, text.p, 5, 6);
	buf_release(&text);
	arguments(a, s->evidence, s->n_evidence);
	arguments(a, s->against, s->n_against);
	out_line(&a->out);
}

static void show_json(struct session *a, const struct suspect *s)
{
	struct jw j = {.out = &a->out.buf};

	suspect_json(&j, a->q, s);
	buf_putc(&a->out.buf, '\n');
	out_line(&a->out);
}

#define SEEN_FOR 8 /* snapshots that growth has to go on for, as the model wants them */
#define SEEN_MANY 6 /* arrivals that make it likely enough */

/* What would have been too slow or too young to be seen on the host that was recorded for the shortest time. */
static void how_sure(struct session *a)
{
	char every[TIME_MAX], young[TIME_MAX];
	const struct host *least = NULL;

	for (size_t i = 0; i < a->n_hosts; i++)
		if (a->hosts[i].snapshots >= SEEN_FOR && (!least || a->hosts[i].last - a->hosts[i].first < least->last - least->first))
			least = &a->hosts[i];
	if (!least)
		return;
	buf_addf(&a->out.buf, "A leak of fewer than one in %s, or one that began in the last %s, may not be seen yet (%s).\n",
		 duration_format(every, (least->last - least->first) / SEEN_MANY),
		 duration_format(young, (least->last - least->first) / (least->snapshots - 1) * SEEN_FOR), least->name);
}

static void show_none(struct session *a, const struct leak_notes *notes)
{
	size_t n = notes->looked_at;

	if (!n) {
		buf_adds(&a->out.buf, "Nothing can be told: no snapshot has goroutines.\n");
		return;
	}
	buf_addf(&a->out.buf, "Nothing leaks, as far as %zu snapshot%s of %zu host%s can tell.\n", n, n == 1 ? "" : "s", a->n_hosts,
		 a->n_hosts == 1 ? "" : "s");
	if (a->o->from == NO_TIME && a->o->to == NO_TIME)
		how_sure(a);
}

int run_leaks(const struct options *o, struct err *e)
{
	struct leak_question ask = {.from = o->from, .to = o->to, .least = .5, .zone = o->tz};
	struct leak_notes notes;
	struct suspect *s;
	enum verdict worst = VERDICT_NONE;
	struct session a;
	struct table t;
	size_t n;

	if (o->report && !report_style(o->report))
		return reporting_wrong(o, e);
	if (session_begin(&a, o, e) < 0)
		return -1;
	ask.host = session_host(&a);
	ask.where = a.where;
	ask.together = a.of;
	ask.n_together = a.n_of;
	if (query_leaks(a.q, &ask, &a.pool, &s, &n, e) < 0)
		return session_end(&a, -1);
	notes = query_leak_notes(a.q, &ask, &a.pool);
	if (reporting_ignore(o, s, &n, &notes.ignored, e) < 0)
		return session_end(&a, -1);
	for (size_t i = 0; i < n; i++)
		worst = s[i].verdict > worst ? s[i].verdict : worst;
	if (worst < VERDICT_LEAK && !o->json && !o->csv)
		show_none(&a, &notes);
	t = session_table(&a, &suspect_columns);
	for (size_t i = 0; i < n && o->csv; i++)
		table_row(&t, &s[i]);
	if (o->csv)
		table_end(&t);
	for (size_t i = 0; i < n && !o->csv; i++) {
		if (o->json)
			show_json(&a, &s[i]);
		else
			show(&a, &s[i]);
	}
	for (size_t i = 0; i < notes.n && !o->json && !o->csv; i++) {
		buf_adds(&a.out.buf, "note: ");
		session_words(&a, notes.text[i], 6, 6);
	}
	if (notes.ignored && !o->json && !o->csv)
		buf_addf(&a.out.buf, "note: %zu ignored by %s\n", notes.ignored, o->leak_ignore);
	if (o->report && reporting_write(&a, s, n, &notes) < 0)
		return session_end(&a, -1);
	return session_end(&a, o->fail_on && worst >= (enum verdict)o->fail_on ? FOUND : 0);
}
