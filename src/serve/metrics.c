/* SPDX-License-Identifier: MIT */
/* /metrics in OpenMetrics, and /healthz. */
#include "server.h"
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATES_MAX 100 /* states per host: there are about forty, but a dump may say anything */
#define TOP_SITES 10 /* creation sites per host: a series each, so few */

void metric_family(struct buf *b, const char *name, const char *type, const char *unit, const char *help)
{
	buf_addf(b, "# TYPE %s %s\n", name, type);
	if (unit)
		buf_addf(b, "# UNIT %s %s\n", name, unit);
	buf_addf(b, "# HELP %s %s\n", name, help);
}

void metric_label(struct buf *b, const char *name, const char *value, bool more)
{
	buf_addf(b, "%s%s=\"", more ? "," : "{", name);
	for (size_t n = strlen(value), len; n > 0; value += len, n -= len) {
		len = utf8_length((const unsigned char *)value, n);
		if (!len) {
			buf_adds(b, "\xef\xbf\xbd");
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
	buf_addf(b, "} %.17g\n", v);
}

static void hosts_table(struct request *r, const struct host *h, size_t n)
{
	struct buf *b = &r->out;
	struct snapshot s;
	struct err e;

	metric_family(b, "gscrape_goroutines", "gauge", NULL, "Goroutines in the last snapshot.");
	for (size_t i = 0; i < n; i++)
		if (h[i].now >= 0)
			host_value(b, "gscrape_goroutines", h[i].name, (double)h[i].now);
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
		if (h[i].last != NO_TIME)
			host_value(b, "gscrape_last_snapshot_timestamp_seconds", h[i].name, (double)h[i].last / 1000);
	metric_family(b, "gscrape_last_snapshot_up", "gauge", NULL, "1 when the last snapshot brought goroutines or their number.");
	for (size_t i = 0; i < n; i++)
		if (h[i].last != NO_TIME && query_snapshot_at(r->q, h[i].id, h[i].last, &s, &e) > 0)
			host_value(b, "gscrape_last_snapshot_up", h[i].name, s.status != SNAP_FAILED);
	metric_family(b, "gscrape_last_snapshot_duration_seconds", "gauge", "seconds", "How long the last scrape took.");
	for (size_t i = 0; i < n; i++)
		if (h[i].last != NO_TIME && query_snapshot_at(r->q, h[i].id, h[i].last, &s, &e) > 0 && s.took)
			host_value(b, "gscrape_last_snapshot_duration_seconds", h[i].name, s.took / 1000.0);
}

static int groups_table(struct request *r, const struct host *h, size_t n, enum group_by by, const char *name, const char *what,
			size_t most, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct pool p = {0};
		struct group *g;
		size_t n_groups;

		if (h[i].last == NO_TIME)
			continue;
		if (query_groups(r->q, &(struct group_question){{h[i].id, h[i].last}, by}, &p, &g, &n_groups, e) < 0) {
			pool_release(&p);
			return -1;
		}
		for (size_t k = 0; k < n_groups && k < most; k++) {
			buf_adds(&r->out, name);
			metric_label(&r->out, "host", h[i].name, false);
			metric_label(&r->out, what, g[k].name, true);
			buf_addf(&r->out, "} %u\n", g[k].count);
		}
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
}

static uint64_t resident_bytes(void)
{
	unsigned long size, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
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

int answer_metrics(struct request *r, struct err *e)
{
	size_t n;
	const struct host *h = query_hosts(r->q, &n);

	hosts_table(r, h, n);
	metric_family(&r->out, "gscrape_state_goroutines", "gauge", NULL, "Goroutines in the last snapshot by state.");
	if (groups_table(r, h, n, BY_STATE, "gscrape_state_goroutines", "state", STATES_MAX, e) < 0)
		return -1;
	metric_family(&r->out, "gscrape_created_by_goroutines", "gauge", NULL, "Goroutines of the ten largest creation sites of each host.");
	if (groups_table(r, h, n, BY_CREATED, "gscrape_created_by_goroutines", "created_by", TOP_SITES, e) < 0)
		return -1;
	leak_metrics_add(r->server->leaks, r);
	recorder_table(r);
	process_table(r);
	buf_adds(&r->out, "# EOF\n");
	return 0;
}

int answer_health(struct request *r, struct err *e)
{
	(void)e; /* without a store the question was refused already */
	buf_adds(&r->out, "ok\n");
	return 0;
}
