/* SPDX-License-Identifier: MIT */
/* kube.h: where a cluster's API server is and as whom it is asked; and what a pod is as a target. */
#ifndef COLLECT_KUBE_H
#define COLLECT_KUBE_H

#include "collect/targets.h"
#include <gscrape/collect.h>
#include <gscrape/json.h>

#define KUBE_PROXY_HINT "run 'kubectl proxy' and give --kubernetes=http://127.0.0.1:8001"

struct kube_place {
	const char *server;     /* "https://host:port" */
	const char *prefix;     /* path before "/api", or "" */
	const char *ns;         /* the namespace where nobody names one */
	struct http_access access;
	struct pool own;        /* all of the texts */
	struct buf secrets[3];  /* certificates and key that stood in a kubeconfig */
};

/* By the options, in a cluster by what each pod is given, else by a kubeconfig. 0 or -1; released in either case. */
int kube_place_find(struct kube_place *p, const struct kubernetes_options *o, struct err *e);
void kube_place_release(struct kube_place *p);

int kube_place_set_server(struct kube_place *p, const char *url, struct err *e);
/* The current context of a kubeconfig. 0, or -1 with a sentence that names the file. */
int kubeconfig_read(struct kube_place *p, const char *path, struct err *e);

/* 1: *t is the pod as a target; 0: it is none; -1: it is none, though its annotation says otherwise, or it is no pod: why. */
int kube_pod_target(const struct json *pod, const struct kubernetes_options *o, const struct kube_place *p, struct target *t, struct err *why);

#endif
