/* SPDX-License-Identifier: MIT */
#include "collect/kube.h"
#include <gscrape/target_labels.h>
#include <ctype.h>
#include <stdlib.h>

#define ANNOTATION "gscrape.io/port"
#define ZONE	   "topology.kubernetes.io/zone"

/* Labels that tell no more than the pod's name does. */
static const char *const dull[] = {"pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "job-name",
				   "batch.kubernetes.io/", "statefulset.kubernetes.io/", "apps.kubernetes.io/", ZONE};

static const struct json *path(const struct json *v, const char *a, const char *b)
{
	v = v ? json_get(v, a) : NULL;
	return v ? json_get(v, b) : NULL;
}

static const char *text(const struct json *v, const char *a, const char *b)
{
	const struct json *at = path(v, a, b);

	return at ? json_str(at) : NULL;
}

/* --- its port --- */

static int number(const char *s)
{
	long n = 0;

	for (const char *p = s; *p; p++) {
		if (!isdigit((unsigned char)*p) || n > 65535)
			return 0;
		n = n * 10 + (*p - '0');
	}
	return n >= 1 && n <= 65535 ? (int)n : 0;
}

static int port_among(const struct json *containers, const char *name)
{
	for (const struct json *c = json_first(containers); c; c = json_next(c)) {
		const struct json *ports = json_get(c, "ports");

		for (const struct json *p = json_first(ports); p; p = json_next(p)) {
			const struct json *its = json_get(p, "name"), *n = json_get(p, "containerPort");
			int64_t port;

			if (its && json_str(its) && strcmp(json_str(its), name) == 0 && n && json_int(n, &port) && port >= 1 && port <= 65535)
				return (int)port;
		}
	}
	return 0;
}

/* A number, or the name of a container's port. 0: there is none. */
static int port_called(const struct json *pod, const char *want)
{
	int port = number(want);

	if (!port)
		port = port_among(path(pod, "spec", "containers"), want);
	return port ? port : port_among(path(pod, "spec", "initContainers"), want); /* where side-cars stand */
}

/* --- its labels --- */

static void add_label(struct buf *b, const char *key, struct str value)
{
	if (value.n)
		target_label_add(b, key, value);
}

/* Without "-SUFFIX", where it ends so; else empty. */
static struct str without(const char *name, struct str suffix)
{
	struct str s = str_of(name);

	if (s.n <= suffix.n + 1 || s.p[s.n - suffix.n - 1] != '-' || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) != 0)
		return (struct str){0};
	return (struct str){s.p, s.n - suffix.n - 1};
}

/* A job that a cron job began ends with the minute: "backup-29401260". */
static struct str cron_job(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash && strlen(dash + 1) >= 8 && strspn(dash + 1, "0123456789") == strlen(dash + 1) ? without(name, str_of(dash + 1)) : (struct str){0};
}

/* The workload: what a person deployed. */
static void add_owner(struct buf *b, const struct json *pod)
{
	const struct json *owner = json_first(path(pod, "metadata", "ownerReferences"));
	const char *kind = owner && json_get(owner, "kind") ? json_str(json_get(owner, "kind")) : NULL;
	const char *name = owner && json_get(owner, "name") ? json_str(json_get(owner, "name")) : NULL;
	const struct json *hash = path(pod, "metadata", "labels") ? json_get(path(pod, "metadata", "labels"), "pod-template-hash") : NULL;
	struct str deployment = {0};
	char key[32] = "";

	if (!kind || !name)
		return;
	if (strcmp(kind, "ReplicaSet") == 0 && hash && json_str(hash))
		deployment = without(name, str_of(json_str(hash)));
	if (deployment.n) {
		add_label(b, "deployment", deployment);
		return;
	}
	if (strcmp(kind, "Job") == 0)
		add_label(b, "cronjob", cron_job(name));
	for (size_t i = 0; i < sizeof key - 1 && kind[i]; i++)
		key[i] = (char)tolower((unsigned char)kind[i]);
	add_label(b, key, str_of(name));
}

static bool is_dull(const char *key)
{
	for (size_t i = 0; i < sizeof dull / sizeof *dull; i++)
		if (strncmp(key, dull[i], strlen(dull[i])) == 0)
			return true;
	return false;
}

static char *labels_of(const struct json *pod)
{
	const struct json *labels = path(pod, "metadata", "labels"), *zone = labels ? json_get(labels, ZONE) : NULL;
	struct buf b = {0};

	add_owner(&b, pod);
	add_label(&b, "namespace", str_of(text(pod, "metadata", "namespace")));
	add_label(&b, "node", str_of(text(pod, "spec", "nodeName")));
	add_label(&b, "zone", str_of(zone ? json_str(zone) : NULL));
	for (const struct json *l = json_first(labels); l; l = json_next(l))
		if (json_str(l) && !is_dull(json_name(l)) && !(b.n && target_label_value(b.p, json_name(l)).p))
			add_label(&b, json_name(l), str_of(json_str(l)));
	return b.n ? b.p : xstrdup("");
}

/* --- the target --- */

/* What an API server lets nobody call anything else than: the bytes of names, and of addresses. */
static bool is_of(const char *s, const char *bytes)
{
	return *s && s[strspn(s, bytes)] == '\0';
}

static bool is_sound(const char *name, const char *ns, const char *ip)
{
	static const char names[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";

	return is_of(name, names) && is_of(ns, names) && is_of(ip, "0123456789abcdefABCDEF.:");
}

static char *url_of(const struct json *pod, const struct kubernetes_options *o, const struct kube_place *p, int port)
{
	const char *ip = text(pod, "status", "podIP"), *name = text(pod, "metadata", "name"), *ns = text(pod, "metadata", "namespace");

	if (o->proxy)
		return xasprintf("%s%s/api/v1/namespaces/%s/pods/%s:%d/proxy/debug/pprof/goroutine", p->server, p->prefix, ns, name, port);
	return xasprintf(strchr(ip, ':') ? "http://[%s]:%d" : "http://%s:%d", ip, port);
}

/* What "gscrape.io/port" says goes before --port. 1, 0 or -1, as kube_pod_target. */
static int choose_port(const struct json *pod, const struct kubernetes_options *o, int *port, struct err *why)
{
	const struct json *all = path(pod, "metadata", "annotations"), *a = all ? json_get(all, ANNOTATION) : NULL;
	const char *own = a ? json_str(a) : NULL;

	if (own && (strcmp(own, "none") == 0 || !*own))
		return 0;
	*port = port_called(pod, own ? own : o->port ? o->port : "pprof");
	if (!*port && own)
		return fail(why, "%s/%s: annotation " ANNOTATION ": '%s' is neither a port nor the name of one of its ports: left out",
			    text(pod, "metadata", "name"), text(pod, "metadata", "namespace"), own);
	return *port != 0;
}

int kube_pod_target(const struct json *pod, const struct kubernetes_options *o, const struct kube_place *p, struct target *t, struct err *why)
{
	const char *phase = text(pod, "status", "phase"), *name = text(pod, "metadata", "name"), *ns = text(pod, "metadata", "namespace");
	const char *ip = text(pod, "status", "podIP");
	int port = 0, rc;
	char *url;

	if (!name || !ns || !phase || strcmp(phase, "Running") != 0 || !ip)
		return 0;
	if (!is_sound(name, ns, ip))
		return fail(why, "a pod has a name, namespace or address that no API server gives: left out");
	rc = choose_port(pod, o, &port, why);
	if (rc <= 0)
		return rc;
	url = url_of(pod, o, p, port);
	rc = target_parse(t, url, why);
	free(url);
	if (rc < 0)
		return -1;
	free(t->host);
	free(t->labels);
	t->host = xasprintf("%s/%s", name, ns);
	t->labels = labels_of(pod);
	t->access = o->proxy ? &p->access : NULL;
	return 1;
}
