/* SPDX-License-Identifier: MIT */
/* What an API server says of pods, any bytes: refused with a sentence, or a target that is complete and has a harmless name. */
#include "collect/kube.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void as_target(const struct json *pod, const struct kubernetes_options *o, const struct kube_place *place)
{
	struct target t = {0};
	struct err e = {0};
	int rc = kube_pod_target(pod, o, place, &t, &e);

	if (rc < 0 && !e.text[0])
		abort();
	if (rc != 1)
		return;
	if (!t.host || !t.url || !t.labels || !*t.host || strpbrk(t.host, " \n\x1b") || strstr(t.host, "/../") || (t.access && !o->proxy) || t.user)
		abort();
	target_release(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct kube_place place = {.server = "https://127.0.0.1:6443", .prefix = "/k8s"};
	struct kubernetes_options o = {0};
	const struct json *items;
	struct json *root;
	struct err e = {0};

	if (!n)
		return 0;
	o.proxy = data[0] & 1; /* how it is asked for comes first */
	o.port = data[0] & 2 ? "http" : NULL;
	root = json_parse((const char *)data + 1, n - 1, &e);
	if (!root) {
		if (!e.text[0])
			abort();
		return 0;
	}
	as_target(root, &o, &place);
	items = json_get(root, "items");
	for (const struct json *pod = json_first(items); pod; pod = json_next(pod))
		as_target(pod, &o, &place);
	json_free(root);
	return 0;
}
