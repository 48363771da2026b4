/* SPDX-License-Identifier: MIT */
/* Prometheus file_sd: [{"targets": ["host:port", …], "labels": {"name": "value", …}}, …] */
#include "collect/targets.h"
#include <gscrape/gzip.h>
#include <gscrape/json.h>
#include <gscrape/target_labels.h>
#include <gscrape/timefmt.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_LIMIT ((size_t)64 << 20)

/* What a group's labels say. */
struct group_labels {
	struct buf kept;   /* target_labels.h */
	struct buf params; /* name=value&… of __param_name */
	const char *address, *scheme, *path;
	int64_t interval, timeout;
};

static int positive(const char *text, int64_t *out, struct err *e)
{
	if (duration_parse(text, out, e) < 0)
		return -1;
	return *out > 0 ? 0 : fail(e, "'%s' is not longer than nothing", text);
}

static int take_label(struct group_labels *g, const char *name, const char *value, struct err *e)
{
	if (strncmp(name, "__param_", 8) == 0) {
		buf_addf(&g->params, "%s%s=%s", g->params.n ? "&" : "", name + 8, value);
	} else if (strcmp(name, "__address__") == 0) {
		g->address = value;
	} else if (strcmp(name, "__scheme__") == 0) {
		g->scheme = value;
	} else if (strcmp(name, "__metrics_path__") == 0) {
		g->path = strstr(value, "/pprof") ? value : NULL;
	} else if (strcmp(name, "__scrape_interval__") == 0) {
		return positive(value, &g->interval, e);
	} else if (strcmp(name, "__scrape_timeout__") == 0) {
		return positive(value, &g->timeout, e);
	} else if (strncmp(name, "__", 2) != 0) {
		target_label_add(&g->kept, name, str_of(value));
	}
	return 0;
}

static int take_labels(struct group_labels *g, const struct json *labels, struct err *e)
{
	if (labels && !json_is_obj(labels))
		return fail(e, "\"labels\" is no object");
	for (const struct json *l = json_first(labels); l; l = json_next(l)) {
		if (!json_str(l))
			return fail(e, "label %s is no string", json_name(l));
		if (take_label(g, json_name(l), json_str(l), e) < 0)
			return -1;
	}
	return 0;
}

/* The address as the labels would have it scraped; a target that is a URL already says all itself. The caller
 * frees. */
static char *address(const struct group_labels *g, const char *target)
{
	const char *at = g->address ? g->address : target;
	bool bare = !strstr(at, "://") && strncmp(at, "unix:", 5) != 0;
	struct buf b = {0};

	if (bare && (g->scheme || g->path || g->params.n))
		buf_addf(&b, "%s://", g->scheme ? g->scheme : "http");
	buf_adds(&b, at);
	if (bare && (g->path || g->params.n))
		buf_addf(&b, "%s%s", g->path && *g->path != '/' ? "/" : "",
		         g->path ? g->path : "/debug/pprof/goroutine");
	if (bare && g->params.n)
		buf_addf(&b, "?%s", g->params.p);
	return b.p;
}

static int add_target(struct target_set *set, const struct group_labels *g, const char *target, struct err *e)
{
	char *text = address(g, target);
	struct target t;
	int rc = target_parse(&t, text, e);

	free(text);
	if (rc < 0)
		return -1;
	free(t.labels);
	t.labels = xstrdup(g->kept.n ? g->kept.p : "");
	t.interval = g->interval;
	t.timeout = g->timeout;
	targets_insert(set, &t);
	return 0;
}

static int add_group(struct target_set *set, const struct json *group, struct err *e)
{
	const struct json *list = json_get(group, "targets");
	struct group_labels g = {0};
	int rc, nth = 1;

	if (!json_is_obj(group) || !list || !json_is_arr(list))
		return fail(e, "has no list \"targets\"");
	rc = take_labels(&g, json_get(group, "labels"), e);
	for (const struct json *t = json_first(list); rc == 0 && t; t = json_next(t), nth++)
		rc = json_str(t) ? add_target(set, &g, json_str(t), e)
		                 : fail(e, "target %d is no string", nth);
	buf_release(&g.kept);
	buf_release(&g.params);
	return rc;
}

int targets_add_json(struct target_set *set, const char *text, size_t n, struct err *e)
{
	struct json *root = json_parse(text, n, e);
	struct err why = {0};
	int rc = 0, nth = 1;

	if (!root)
		return -1;
	if (!json_is_arr(root))
		rc = fail(e, "is no list of target groups ([{\"targets\": [\"host:port\"]}])");
	for (const struct json *g = rc ? NULL : json_first(root); rc == 0 && g; g = json_next(g), nth++) {
		rc = add_group(set, g, &why);
		if (rc < 0)
			fail(e, "group %d: %s", nth, why.text);
	}
	json_free(root);
	return rc;
}

int targets_add_file(struct target_set *set, const char *path, struct err *e)
{
	struct buf text = {0};
	struct err why = {0};
	int rc = file_read(path, &text, FILE_LIMIT, e);

	if (rc > 0)
		rc = -1; /* a cut gzip file is no list of targets */
	else if (rc == 0 && (rc = targets_add_json(set, text.p, text.n, &why)) < 0)
		fail(e, "%s: %s", path, why.text);
	buf_release(&text);
	return rc;
}
