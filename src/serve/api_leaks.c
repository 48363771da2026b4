/* SPDX-License-Identifier: MIT */
/* /api/v1: what leaks, and who waits for what; and the leaks of all hosts for /metrics. */
#include "server.h"
#include <gscrape/holder.h>
#include <gscrape/insight.h>
#include <stdlib.h>
#include <sys/stat.h>

static void numbers(struct jw *j, const char *key, const struct flow *f, size_t n, size_t field)
{
	jw_key(j, key);
	jw_arr(j);
	for (size_t i = 0; i < n; i++) {
		if (f[i].known)
			jw_uint(j, *(const uint32_t *)(const void *)((const char *)&f[i] + field));
		else
			jw_null(j);
	}
	jw_end(j);
}

/* The window of a chart: what was asked for, or all that the hosts have. */
static void window(struct request *r, const struct host *h, int64_t *from, int64_t *to)
{
	size_t n = 1;
	const struct host *all = h ? h : query_hosts(r->q, &n);

	*from = asked_time(r, "from", INT64_MAX);
	*to = asked_time(r, "to", 0);
	for (size_t i = 0; i < n; i++) {
		if (all[i].first == NO_TIME)
			continue;
		if (param(r, "from")->time == NO_TIME && all[i].first < *from)
			*from = all[i].first;
		if (param(r, "to")->time == NO_TIME && all[i].last > *to)
			*to = all[i].last;
	}
	if (*to <= *from)
		*to = *from + 1;
}

/* An object for each suspect on the page, in their order. */
static int flows(struct request *r, const struct host *h, const struct suspect *s, size_t n, struct err *e)
{
	size_t cols = param(r, "buckets")->number;
	struct flow *f = pool_alloc(&r->pool, (n * cols + 1) * sizeof *f);
	int64_t from, to;

	window(r, h, &from, &to);
	if (n && query_suspect_flows(r->q, s, n, &(struct window){0, from, to, cols}, f, e) < 0)
		return -1;
	jw_key(&r->j, "flows");
	jw_arr(&r->j);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&r->j);
		jw_ktime(&r->j, "from", from);
		jw_ktime(&r->j, "to", to);
		numbers(&r->j, "alive", f + i * cols, cols, offsetof(struct flow, alive));
		numbers(&r->j, "came", f + i * cols, cols, offsetof(struct flow, came));
		numbers(&r->j, "left", f + i * cols, cols, offsetof(struct flow, left));
		jw_end(&r->j);
	}
	jw_end(&r->j);
	return 0;
}

static void notes_json(struct jw *j, const struct leak_notes *notes)
{
	jw_key(j, "notes");
	jw_arr(j);
	for (size_t i = 0; i < notes->n; i++)
		jw_str(j, notes->text[i]);
	jw_end(j);
}

int answer_leaks(struct request *r, struct err *e)
{
	struct leak_question ask = {.from = param(r, "from")->time, .to = param(r, "to")->time, .least = param(r, "least")->share};
	const struct host *h = NULL;
	struct host_group *together = NULL;
	struct leak_notes notes;
	struct suspect *s;
	struct page page;
	size_t n;

	if (param(r, "host")->text && !(h = asked_host(r, e)))
		return -1;
	if (ask.from != NO_TIME && ask.to != NO_TIME && ask.from > ask.to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	if (asked_filter(r, e) < 0 || asked_together(r, &together, &ask.n_together, e) < 0)
		return -1;
	ask.host = h ? h->id : 0;
	ask.together = together;
	ask.where = r->where;
	if (query_leaks(r->q, &ask, &r->pool, &s, &n, e) < 0)
		return -1;
	notes = query_leak_notes(r->q, &ask, &r->pool);
	if (leak_ignore_apply(r->server->o.leak_ignore, s, &n, &notes.ignored, e) < 0)
		return -1;
	page = asked_page(r, n);
	jw_obj(&r->j);
	shape_page(&r->j, page);
	notes_json(&r->j, &notes);
	jw_kuint(&r->j, "ignored", notes.ignored);
	jw_kuint(&r->j, "looked_at", notes.looked_at);
	jw_key(&r->j, "leaks");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &suspect_columns, &s[i]);
	jw_end(&r->j);
	if (param(r, "buckets")->number && flows(r, h, s + page.from, page.to - page.from, e) < 0)
		return -1;
	jw_end(&r->j);
	return 0;
}

/* As it was recorded; of a store that does not have it the dump of that time is read where it still is. */
static int ask_holders(struct request *r, const struct host *h, struct waiters *w, size_t n, struct err *e)
{
	const struct serve_options *o = &r->server->o;
	int64_t at = param(r, "at")->time;
	struct held_lock *held;
	struct buf text = {0};
	struct known k;
	size_t n_held;
	int rc = n ? query_held(r->q, &(struct moment){h->id, at}, &r->pool, &held, &n_held, e) : 0;

	if (rc == 1)
		waiters_held(w, n, held, n_held);
	if (rc || !n || !o->dump_text)
		return rc < 0 ? -1 : 0;
	if (query_known(r->q, h->id, at, &k, e) < 0)
		return -1;
	if (k.known && o->dump_text(o->dump_ctx, h->name, k.text.time, &text)) {
		dump_held_locks((struct str){text.p, text.n}, &r->pool, &held, &n_held);
		waiters_held(w, n, held, n_held);
	}
	buf_release(&text);
	return 0;
}

/* An object for each queue on the page, in their order. */
static void queue_flows(struct jw *j, const struct waiters *queues, size_t n, const struct window *w)
{
	jw_key(j, "flows");
	jw_arr(j);
	for (size_t i = 0; i < n; i++) {
		jw_obj(j);
		jw_ktime(j, "from", w->from);
		jw_ktime(j, "to", w->to);
		jw_key(j, "waiting");
		jw_arr(j);
		for (size_t c = 0; c < w->cols && queues[i].over; c++)
			jw_uint(j, queues[i].over[c]);
		jw_end(j);
		jw_end(j);
	}
	jw_end(j);
}

int answer_waiters(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	int64_t at = param(r, "at")->time;
	struct waiters_question ask;
	struct waiters *w = NULL;
	struct page page;
	size_t n;

	if (!h || asked_filter_of_each(r, e) < 0)
		return -1;
	ask = (struct waiters_question){.w = {h->id, param(r, "from")->time, at, param(r, "buckets")->number}, .where = r->where};
	if (ask.w.cols) { /* pieces of what? */
		ask.w.from = asked_time(r, "from", h->first);
		ask.w.to = at == NO_TIME || at > h->last ? h->last : at;
	}
	if (query_waiters(r->q, &ask, &r->pool, &w, &n, e) < 0 || ask_holders(r, h, w, n, e) < 0 || shape_moment(r, h, at, NULL, e) < 0)
		return -1;
	page = asked_page(r, n);
	shape_page(&r->j, page);
	jw_key(&r->j, "waiters");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &waiters_columns, &w[i]);
	jw_end(&r->j);
	if (ask.w.cols)
		queue_flows(&r->j, w + page.from, page.to - page.from, &ask.w);
	jw_end(&r->j);
	return 0;
}

/* --- for /metrics: looked at again when there is something new, and not so often that it takes more than a tenth of the
 * time --- */

#define METRIC_LEAKS 50
#define LEAST_SCORE .5

/* Lines of the two families, each of one host: those of a host that is not scraped any more are left out at once. */
struct leak_lines {
	struct leak_line { uint32_t host; bool verdict; const char *text; } *a;
	size_t n, cap;
	struct pool p;
};

static void lines_release(struct leak_lines *l)
{
	free(l->a);
	pool_release(&l->p);
	*l = (struct leak_lines){0};
}

struct leak_metrics {
	pthread_mutex_t lock;
	struct leak_lines lines;
	uint64_t stamp;     /* of what the hosts had */
	int64_t due;        /* monotonic ms */
	bool busy, failed;
};

struct leak_metrics *leak_metrics_new(void)
{
	struct leak_metrics *m = xcalloc(1, sizeof *m);

	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void leak_metrics_free(struct leak_metrics *m)
{
	if (!m)
		return;
	lines_release(&m->lines);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static uint64_t stamp(struct request *r)
{
	size_t n;
	const struct host *h = query_hosts(r->q, &n);
	uint64_t mix = r->store;
	struct stat st;

	if (r->server->o.leak_ignore && stat(r->server->o.leak_ignore, &st) == 0)
		mix = hash64(&st.st_mtim, sizeof st.st_mtim) ^ r->store;

	for (size_t i = 0; i < n; i++) {
		uint64_t words[] = {mix, h[i].id, h[i].snapshots, (uint64_t)h[i].last};

		mix = hash64(words, sizeof words);
	}
	return mix;
}

static const char *site(struct pool *p, const struct frame *f)
{
	return !f->func ? "" : !f->file ? f->func : pool_printf(p, "%s %s:%u", f->func, f->file, f->line);
}

static void add_line(struct leak_lines *l, uint32_t host, bool verdict, const struct buf *text)
{
	GROW(l->a, l->n, l->cap);
	l->a[l->n++] = (struct leak_line){host, verdict, pool_strndup(&l->p, text->p, text->n)};
}

static void score_lines(struct request *r, struct leak_lines *l, const struct suspect *s, size_t n)
{
	const char *names[METRIC_LEAKS];
	size_t k = 0;

	for (size_t i = 0; i < n && k < METRIC_LEAKS; i++) {
		struct buf one = {0};
		bool told = false;

		buf_adds(&one, "gscrape_leak_score");
		metric_label(&one, "host", s[i].host_name, false);
		metric_label(&one, "created_by", site(&r->pool, &s[i].created), true);
		metric_label(&one, "function", site(&r->pool, &s[i].place), true);
		names[k] = pool_strndup(&r->pool, one.p, one.n);
		for (size_t m = 0; m < k; m++)
			told |= strcmp(names[m], names[k]) == 0;
		buf_addf(&one, "} %.2f\n", s[i].score);
		if (!told)
			add_line(l, s[i].host, false, &one);
		k += !told;
		buf_release(&one);
	}
}

static void verdict_lines(struct request *r, struct leak_lines *l, const struct suspect *s, size_t n)
{
	size_t n_hosts;
	const struct host *h = query_hosts(r->q, &n_hosts);

	for (size_t i = 0; i < n_hosts; i++) {
		for (enum verdict v = VERDICT_WATCH; v <= VERDICT_LEAK; v++) {
			struct buf one = {0};
			size_t count = 0;

			for (size_t k = 0; k < n; k++)
				count += s[k].host == h[i].id && s[k].verdict == v;
			buf_adds(&one, "gscrape_leak_suspects");
			metric_label(&one, "host", h[i].name, false);
			metric_label(&one, "verdict", verdict_name(v), true);
			buf_addf(&one, "} %zu\n", count);
			add_line(l, h[i].id, true, &one);
			buf_release(&one);
		}
	}
}

static int compute(struct request *r, struct leak_lines *l, struct err *e)
{
	struct leak_question ask = {.from = NO_TIME, .to = NO_TIME, .least = LEAST_SCORE};
	struct suspect *s;
	size_t n, ignored;

	if (query_leaks(r->q, &ask, &r->pool, &s, &n, e) < 0 || leak_ignore_apply(r->server->o.leak_ignore, s, &n, &ignored, e) < 0)
		return -1;
	score_lines(r, l, s, n);
	verdict_lines(r, l, s, n);
	return 0;
}

static void put_lines(struct request *r, const struct leak_lines *l, bool verdict, const bool *now)
{
	size_t n;
	const struct host *h = query_hosts(r->q, &n);

	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < n && l->a[i].verdict == verdict; k++)
			if (h[k].id == l->a[i].host && now[k])
				buf_adds(&r->out, l->a[i].text);
}

void leak_metrics_add(struct leak_metrics *m, struct request *r, const bool *now)
{
	uint64_t fresh_stamp = stamp(r);
	int64_t began = monotonic_ms();
	struct leak_lines fresh = {0};
	struct err e;
	bool mine;
	int rc = 0;

	pthread_mutex_lock(&m->lock);
	mine = !m->busy && m->stamp != fresh_stamp && began >= m->due;
	m->busy |= mine;
	pthread_mutex_unlock(&m->lock);
	if (mine)
		rc = compute(r, &fresh, &e);
	pthread_mutex_lock(&m->lock);
	if (mine) {
		m->busy = false;
		m->due = monotonic_ms() + 9 * (monotonic_ms() - began);
		m->failed = rc < 0; /* the other figures are worth more than an error */
		if (rc == 0) {
			struct leak_lines old = m->lines;

			m->lines = fresh;
			m->stamp = fresh_stamp;
			fresh = old;
		}
	}
	metric_family(&r->out, "gscrape_leak_score", "gauge", NULL, "How likely goroutines of a creation site leak, 0 to 1; the fifty likeliest.");
	if (!m->failed)
		put_lines(r, &m->lines, false, now);
	metric_family(&r->out, "gscrape_leak_suspects", "gauge", NULL, "Creation sites whose goroutines leak, or are worth a look.");
	if (!m->failed)
		put_lines(r, &m->lines, true, now);
	metric_family(&r->out, "gscrape_leaks_up", "gauge", NULL, "0: what leaks cannot be told, since the rules of --leak-ignore or the store cannot be read.");
	buf_addf(&r->out, "gscrape_leaks_up %d\n", !m->failed);
	pthread_mutex_unlock(&m->lock);
	lines_release(&fresh);
}

int answer_channels(struct request *r, struct err *e)
{
	const struct host *h = asked_host(r, e);
	int64_t at = param(r, "at")->time;
	const struct channel_end **ends;
	struct page page;
	size_t n;

	if (!h || asked_filter_of_each(r, e) < 0 || query_channels(r->q, &(struct channels_question){{h->id, at}, r->where}, &r->pool, &ends, &n, e) < 0 ||
	    shape_moment(r, h, at, NULL, e) < 0)
		return -1;
	page = asked_page(r, n);
	shape_page(&r->j, page);
	jw_key(&r->j, "channels");
	jw_arr(&r->j);
	for (size_t i = page.from; i < page.to; i++)
		shape_row(r, &channel_columns, ends[i]);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}
