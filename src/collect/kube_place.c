/* SPDX-License-Identifier: MIT */
#include "collect/kube.h"
#include <gscrape/gzip.h>
#include <gscrape/secret.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

int kube_place_set_server(struct kube_place *p, const char *url, struct err *e)
{
	size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;
	size_t n = scheme + strcspn(url + scheme, "/?#"), end = strlen(url);

	if (!scheme || n == scheme || strpbrk(url, " \t\r\n?#@")) {
		struct buf shown = {0};

		buf_add_public(&shown, url, strcspn(url, "?#"));
		fail_as(e, ERR_USAGE, "'%s' is no URL of an API server (https://host:port)", shown.p);
		buf_release(&shown);
		return -1;
	}
	while (end > n && url[end - 1] == '/')
		end--;
	p->server = pool_strndup(&p->own, url, n);
	p->prefix = pool_strndup(&p->own, url + n, end - n);
	return 0;
}

/* This machine. 127.evil.example is not, nor is localhost.evil.example. */
static bool is_near(const char *server)
{
	static const struct {
		const char *begins, *goes_on; /* then it ends, or a port comes */
	} near[] = {{"http://127.", "0123456789."}, {"http://localhost", ""}, {"http://[::1]", ""}};

	for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
		size_t n = strlen(near[i].begins);

		if (strncasecmp(server, near[i].begins, n) != 0)
			continue;
		n += strspn(server + n, near[i].goes_on);
		if (!server[n] || server[n] == ':')
			return true;
	}
	return false;
}

/* What Kubernetes puts into each pod. */
static int use_service_account(struct kube_place *p, const char *dir, struct err *e)
{
	struct buf ns = {0};
	char *path = xasprintf("%s/namespace", dir);

	p->access.bearer_file = pool_printf(&p->own, "%s/token", dir);
	if (access(p->access.bearer_file, R_OK) < 0) {
		free(path);
		return fail(e, "%s: cannot be read; has the pod a service account (automountServiceAccountToken)?", p->access.bearer_file);
	}
	p->access.cacert = pool_printf(&p->own, "%s/ca.crt", dir);
	if (access(p->access.cacert, R_OK) < 0)
		p->access.cacert = NULL; /* then the system's certificates have to do */
	if (file_read(path, &ns, 4096, NULL) == 0 && ns.n)
		p->ns = pool_strndup(&p->own, ns.p, strcspn(pool_strndup(&p->own, ns.p, ns.n), " \t\r\n"));
	buf_release(&ns);
	free(path);
	return 0;
}

static int in_cluster(struct kube_place *p, const char *dir, struct err *e)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
	bool v6 = host && strchr(host, ':');
	char *url;
	int rc;

	if (!host || !*host)
		return fail(e, "--service-account: KUBERNETES_SERVICE_HOST is not set: is this a pod? (--kubernetes=URL names the API server)");
	url = xasprintf("https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port && *port ? port : "443");
	rc = kube_place_set_server(p, url, e);
	free(url);
	return rc < 0 ? -1 : use_service_account(p, dir, e);
}

static int by_kubeconfig(struct kube_place *p, struct err *e)
{
	const char *named = getenv("KUBECONFIG"), *home = getenv("HOME");
	char *path;
	int rc;

	if (named && strchr(named, ':'))
		return fail(e, "KUBECONFIG names several files: name one with --kubeconfig, or " KUBE_PROXY_HINT);
	path = named && *named ? xstrdup(named) : xasprintf("%s/.kube/config", home ? home : "");
	if (access(path, F_OK) < 0)
		rc = fail(e, "--kubernetes: this is no pod, and there is no %s: name a --kubeconfig, or " KUBE_PROXY_HINT, path);
	else
		rc = kubeconfig_read(p, path, e);
	free(path);
	return rc;
}

static int find(struct kube_place *p, const struct kubernetes_options *o, struct err *e)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");

	if (strcmp(o->api, "auto") != 0) {
		struct err why = {0};

		if (kube_place_set_server(p, o->api, &why) < 0)
			return fail_as(e, ERR_USAGE, "--kubernetes: %s", why.text);
		return o->service_account ? use_service_account(p, o->service_account, e) : 0;
	}
	if (o->kubeconfig)
		return kubeconfig_read(p, o->kubeconfig, e);
	if (o->service_account || (host && *host))
		return in_cluster(p, o->service_account ? o->service_account : SERVICE_ACCOUNT, e);
	return by_kubeconfig(p, e);
}

int kube_place_find(struct kube_place *p, const struct kubernetes_options *o, struct err *e)
{
	const struct http_access *a = &p->access;

	*p = (struct kube_place){.prefix = "", .ns = "default"};
	if (find(p, o, e) < 0)
		return -1;
	if ((a->bearer || a->bearer_file || a->user) && strncasecmp(p->server, "http://", 7) == 0 && !is_near(p->server))
		return fail(e, "%s: a token is not sent without TLS (write https://)", p->server);
	return 0;
}

void kube_place_release(struct kube_place *p)
{
	for (size_t i = 0; i < sizeof p->secrets / sizeof *p->secrets; i++)
		http_forget(&p->secrets[i]);
	pool_release(&p->own);
}
