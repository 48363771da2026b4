/* SPDX-License-Identifier: MIT */
/* /metrics in OpenMetrics, and /healthz. */
#include "server.h"
#include <gscrape/system.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#define STATES_MAX 100 /* states per host: there are about forty, but a dump may say anything */
#define TOP_SITES 10 /* creation sites per host: a series each, so few */

void metric_family(struct buf *b, const char *name, const char *type, const char *unit, const char *help)
{
	buf_addf(b, "# TYPE %s %s\n", name, type);
	if (unit)
		buf_addf(b, "# UNIT %s %s\n", name, unit);
	buf_addf(b, "# HELP %s %s\n", name, help);
}

/*
 * Names that differ must stay series that differ, or the whole answer is invalid for everybody: bytes that are no UTF-8 are
 * written as \xNN, and a backslash before an x, which would look like one, as \x5c.
 */
void metric_label(struct buf *b, const char *name, const char *value, bool more)
{
	buf_addf(b, "%s%s=\"", more ? "," : "{", name);
	for (size_t n = strlen(value), len; n > 0; value += len, n -= len) {
		len = utf8_length((const unsigned char *)value, n);
		if (!len || (*value == '\\' && value[1] == 'x')) {
			buf_addf(b, "\\\\x%02x", (unsigned char)*value);
			len = 1;
		} else if (*value == '\n') {
			buf_adds(b, "\\n");
		} else {
			if (*value == '"' || *value == '\\')
				buf_putc(b, '\\');
			buf_add(b, value, len);
		}
	}
	buf_putc(b, '"');
}

static void host_value(struct buf *b, const char *name, const char *host, double v)
{
	buf_adds(b, name);
	metric_label(b, "host", host, false);
	buf_addf(b, "} %.15g\n", v);
}

/* The newest scrape of a host, good or not. */
struct newest {
	struct known known;
	bool there, up;
	uint32_t took; /* ms, 0 unknown */
};

static int metrics_look(struct request *r, const struct host *h, struct newest *out, struct err *e)
{
	struct snapshot *s;
	size_t n;

	*out = (struct newest){.there = h->last != NO_TIME};
	if (query_known(r->q, h->id, NO_TIME, &out->known, e) < 0)
		return -1;
	if (!out->there)
		return 0;
	if (query_snapshots(r->q, &(struct window){.host = h->id, .from = h->last, .to = h->last}, &r->pool, &s, &n, e) < 0)
		return -1;
	out->up = n && s[n - 1].status != SNAP_FAILED;
	out->took = n ? s[n - 1].took : 0;
	return 0;
}

static void hosts_table(struct request *r, const struct host *h, const struct newest *w, size_t n)
{
	struct buf *b = &r->out;

	metric_family(b, "gscrape_goroutines", "gauge", NULL, "Goroutines now; of a host that is down, or not scraped, there is none.");
	for (size_t i = 0; i < n; i++)
		if (w[i].known.now >= 0)
			host_value(b, "gscrape_goroutines", h[i].name, (double)w[i].known.now);
	metric_family(b, "gscrape_goroutines_cut", "gauge", NULL, "1 when the dump they were counted in was cut: there are at least so many.");
	for (size_t i = 0; i < n; i++)
		if (w[i].known.now >= 0)
			host_value(b, "gscrape_goroutines_cut", h[i].name, known_number_is_cut(&w[i].known));
	metric_family(b, "gscrape_snapshots", "gauge", NULL, "Snapshots kept, failed ones too.");
	for (size_t i = 0; i < n; i++)
		host_value(b, "gscrape_snapshots", h[i].name, h[i].snapshots);
	metric_family(b, "gscrape_failed_snapshots", "gauge", NULL, "Snapshots kept that brought nothing.");
	for (size_t i = 0; i < n; i++)
		host_value(b, "gscrape_failed_snapshots", h[i].name, h[i].failed);
	metric_family(b, "gscrape_epochs", "gauge", NULL, "Lives of the process.");
	for (size_t i = 0; i < n; i++)
		host_value(b, "gscrape_epochs", h[i].name, h[i].epochs);
	metric_family(b, "gscrape_last_snapshot_timestamp_seconds", "gauge", "seconds", "When the last snapshot was taken.");
	for (size_t i = 0; i < n; i++)
		if (w[i].there)
			host_value(b, "gscrape_last_snapshot_timestamp_seconds", h[i].name, (double)h[i].last / 1000);
	metric_family(b, "gscrape_last_snapshot_up", "gauge", NULL, "1 when the last snapshot brought goroutines or their number.");
	for (size_t i = 0; i < n; i++)
		if (w[i].there)
			host_value(b, "gscrape_last_snapshot_up", h[i].name, w[i].up);
	metric_family(b, "gscrape_last_good_timestamp_seconds", "gauge", "seconds", "When goroutines, or their number, were last seen.");
	for (size_t i = 0; i < n; i++)
		if (w[i].known.number.seq)
			host_value(b, "gscrape_last_good_timestamp_seconds", h[i].name, (double)w[i].known.number.time / 1000);
	metric_family(b, "gscrape_last_snapshot_duration_seconds", "gauge", "seconds", "How long the last scrape took.");
	for (size_t i = 0; i < n; i++)
		if (w[i].took)
			host_value(b, "gscrape_last_snapshot_duration_seconds", h[i].name, w[i].took / 1000.0);
}

/* A gauge by a group's name. */
struct group_metric {
	enum group_by by;
	const char *name, *label, *help;
	size_t most; /* groups of each host */
};

static void group_lines(struct request *r, const char *host, const struct group_metric *m, const struct group *g, size_t n)
{
	for (size_t k = 0; k < n && k < m->most; k++) {
		buf_adds(&r->out, m->name);
		metric_label(&r->out, "host", host, false);
		metric_label(&r->out, m->label, g[k].name, true);
		buf_addf(&r->out, "} %u\n", g[k].count);
	}
}

static int groups_table(struct request *r, const struct newest *w, const struct group_metric *m, struct err *e)
{
	size_t n;
	const struct host *h = query_hosts(r->q, &n);

	metric_family(&r->out, m->name, "gauge", NULL, m->help);
	for (size_t i = 0; i < n; i++) {
		struct pool p = {0};
		struct group *g;
		size_t n_groups;

		if (w[i].known.now < 0)
			continue;
		if (query_groups(r->q, &(struct group_question){{h[i].id, NO_TIME}, m->by, NULL}, &p, &g, &n_groups, e) < 0) {
			pool_release(&p);
			return -1;
		}
		group_lines(r, h[i].name, m, g, n_groups);
		pool_release(&p);
	}
	return 0;
}

/* The scraper of this process, when there is one. */
static void recorder_table(struct request *r)
{
	static const char *const names[] = {"gscrape_target_scrapes", "gscrape_target_failed_scrapes", "gscrape_target_missed_scrapes"};
	static const char *const helps[] = {"Scrapes since the start.", "Scrapes that brought nothing.",
					    "Scrapes that could not begin before the next was due."};
	struct scrape_status st;

	if (!r->server->o.scrape)
		return;
	scrape_status(r->server->o.scrape, &r->pool, &st);
	for (int k = 0; k < 3; k++) {
		metric_family(&r->out, names[k], "counter", NULL, helps[k]);
		for (size_t i = 0; i < st.n; i++) {
			const struct target_status *t = &st.targets[i];
			uint64_t v = k == 0 ? t->scrapes : k == 1 ? t->failed : t->missed;

			buf_addf(&r->out, "%s_total", names[k]);
			metric_label(&r->out, "host", t->host, false);
			buf_addf(&r->out, "} %" PRIu64 "\n", v);
		}
	}
	metric_family(&r->out, "gscrape_fetched_bytes", "counter", "bytes", "Text fetched since the start.");
	buf_addf(&r->out, "gscrape_fetched_bytes_total %" PRIu64 "\n", st.text_bytes);
	metric_family(&r->out, "gscrape_archived_bytes", "counter", "bytes", "Written to the archive since the start, compressed.");
	buf_addf(&r->out, "gscrape_archived_bytes_total %" PRIu64 "\n", st.archive_bytes);
	metric_family(&r->out, "gscrape_write_errors", "counter", NULL, "What could not be written to the archive or the store since the start.");
	buf_addf(&r->out, "gscrape_write_errors_total %" PRIu64 "\n", st.write_errors);
	metric_family(&r->out, "gscrape_write_failing", "gauge", NULL, "1 while the archive or the store cannot be written.");
	buf_addf(&r->out, "gscrape_write_failing %d\n", st.failing[0] != '\0');
	if (st.last_commit != NO_TIME) {
		metric_family(&r->out, "gscrape_last_commit_timestamp_seconds", "gauge", "seconds", "When the store was last written.");
		buf_addf(&r->out, "gscrape_last_commit_timestamp_seconds %.3f\n", (double)st.last_commit / 1000);
	}
}

static void process_table(struct request *r)
{
	struct server *s = r->server;
	struct stat st;

	metric_family(&r->out, "gscrape_http_requests", "counter", NULL, "Answers by the first digit of their status.");
	for (int i = 2; i < 6; i++)
		buf_addf(&r->out, "gscrape_http_requests_total{code=\"%dxx\"} %" PRIu64 "\n", i, (uint64_t)atomic_load(&s->answers[i]));
	metric_family(&r->out, "gscrape_http_held_bytes", "gauge", "bytes", "Answers that are kept until their clients have read them.");
	buf_addf(&r->out, "gscrape_http_held_bytes %zu\n", atomic_load(&s->held));
	if (stat(s->o.db, &st) == 0) {
		metric_family(&r->out, "gscrape_store_bytes", "gauge", "bytes", "The store's file.");
		buf_addf(&r->out, "gscrape_store_bytes %" PRId64 "\n", (int64_t)st.st_blocks * 512);
	}
	metric_family(&r->out, "process_resident_memory_bytes", "gauge", "bytes", "Resident memory.");
	buf_addf(&r->out, "process_resident_memory_bytes %" PRIu64 "\n", resident_bytes());
	metric_family(&r->out, "process_start_time_seconds", "gauge", "seconds", "When the server started.");
	buf_addf(&r->out, "process_start_time_seconds %.3f\n", (double)s->began / 1000);
}

static const struct group_metric group_metrics[] = {
	{BY_STATE, "gscrape_state_goroutines", "state", "Goroutines now by state.", STATES_MAX},
	{BY_CREATED, "gscrape_created_by_goroutines", "created_by", "Goroutines now of the ten largest creation sites of each host.", TOP_SITES},
};

/* The older form, which who does not ask for OpenMetrics understands: there a counter's family is called as its series are, and a unit
 * is no word of its own. */
static void as_plain_text(struct buf *out)
{
	struct buf plain = {0};
	const char *end = out->p + out->n;

	for (const char *line = out->p, *nl; line < end; line = nl + 1) {
		char name[128], type[16];
		size_t n;

		nl = memchr(line, '\n', (size_t)(end - line));
		n = (size_t)(nl - line);
		if (n > 7 && memcmp(line, "# UNIT ", 7) == 0)
			continue;
		if (n > 6 && n < 256 && sscanf(line, "# TYPE %127s %15[a-z]", name, type) == 2 && strcmp(type, "counter") == 0) {
			const char *help = nl + 1;

			if (end - help > 7 && memcmp(help, "# UNIT ", 7) == 0)
				help = (const char *)memchr(help, '\n', (size_t)(end - help)) + 1;
			nl = memchr(help, '\n', (size_t)(end - help));
			help += strlen("# HELP ") + strlen(name);
			buf_addf(&plain, "# HELP %s_total%.*s\n# TYPE %s_total counter\n", name, (int)(nl - help), help, name);
			continue;
		}
		buf_add(&plain, line, n + 1);
	}
	buf_release(out);
	*out = plain;
}

int answer_metrics(struct request *r, struct err *e)
{
	size_t n;
	const struct host *h = query_hosts(r->q, &n);
	struct err why;
	struct newest *w = pool_alloc(&r->pool, (n + 1) * sizeof *w);
	bool *now = pool_alloc(&r->pool, n + 1);

	for (size_t i = 0; i < n; i++) {
		if (metrics_look(r, &h[i], &w[i], e) < 0)
			return -1;
		now[i] = w[i].known.now >= 0;
	}
	hosts_table(r, h, w, n);
	metric_family(&r->out, "gscrape_store_partial", "gauge", NULL, "1 when a part of the store cannot be reached, and its hosts are missing here.");
	buf_addf(&r->out, "gscrape_store_partial %d\n", query_is_partial(r->q, &why));
	for (size_t i = 0; i < sizeof group_metrics / sizeof *group_metrics; i++)
		if (groups_table(r, w, &group_metrics[i], e) < 0)
			return -1;
	leak_metrics_add(r->server->leaks, r, now);
	recorder_table(r);
	process_table(r);
	buf_adds(&r->out, "# EOF\n");
	if (!r->open_metrics) {
		as_plain_text(&r->out);
		r->type = METRICS_TEXT;
	}
	return 0;
}

int answer_health(struct request *r, struct err *e)
{
	struct scrape_status st = {.failing = ""};

	(void)e; /* without a store the question was refused already */
	if (r->server->o.scrape)
		scrape_status(r->server->o.scrape, &r->pool, &st);
	if (*st.failing)
		r->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	buf_addf(&r->out, "%s\n", *st.failing ? st.failing : "ok");
	return 0;
}
