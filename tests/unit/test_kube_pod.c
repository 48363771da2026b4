/* SPDX-License-Identifier: MIT */
/* A pod as a target: what no API server says is left out, and gets into no name, URL or path. */
#include "collect/kube.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <gscrape/gzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The pod's target, or the sentence. */
static int target_of(const char *name, const char *ns, const char *ip, struct target *t, struct err *e)
{
	struct kube_place place = {.server = "https://127.0.0.1:6443", .prefix = ""};
	struct kubernetes_options o = {.port = "6060", .proxy = true};
	char *text = xasprintf("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\"},\"status\":{\"phase\":\"Running\",\"podIP\":\"%s\"}}", name, ns, ip);
	struct json *pod = json_parse(text, strlen(text), e);
	int rc;

	assert_non_null(pod);
	rc = kube_pod_target(pod, &o, &place, t, e);
	json_free(pod);
	free(text);
	return rc;
}

static void names_that_are_none(void **state)
{
	static const char *const bad[][3] = {
		{"a/../../secrets/x", "prod", "10.0.0.1"}, {"a?b", "prod", "10.0.0.1"}, {"a\\nb", "prod", "10.0.0.1"}, {"a", "..%2f", "10.0.0.1"},
		{"a", "\\u001b[2J", "10.0.0.1"}, {"a", "prod", "me:pw@evil.example"}, {"", "prod", "10.0.0.1"}, {"a", "prod", ""},
	};
	struct target t;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		e.text[0] = '\0';
		assert_int_equal(target_of(bad[i][0], bad[i][1], bad[i][2], &t, &e), -1);
		assert_non_null(strstr(e.text, "left out"));
	}
	assert_int_equal(target_of("web-1", "prod", "fd00::1", &t, &e), 1);
	assert_string_equal(t.host, "web-1/prod");
	target_release(&t);
}

/* A token goes to this machine without TLS, and to no other that begins like it. */
static void near_or_not(void **state)
{
	static const struct {
		const char *server;
		int rc;
	} of[] = {{"http://127.0.0.1:8001", 0}, {"http://localhost", 0}, {"http://[::1]:8001", 0}, {"HTTP://LOCALHOST:1", 0}, {"http://127.evil.example", -1},
		  {"http://localhost.evil.example:80", -1}, {"http://127.0.0.1.evil.example", -1}, {"http://192.0.2.1", -1}, {"https://192.0.2.1", 0}};
	char path[300];

	(void)state;
	snprintf(path, sizeof path, "%s/kubeconfig", getenv("TMP") ? getenv("TMP") : "/tmp");
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		struct kubernetes_options o = {.api = "auto", .kubeconfig = path};
		struct kube_place p;
		struct err e = {0};
		char *text = xasprintf("current-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"
				       "clusters: [{name: a, cluster: {server: \"%s\"}}]\nusers: [{name: a, user: {token: secret}}]\n", of[i].server);
		int rc;

		assert_int_equal(file_write(path, text, strlen(text), &e), 0);
		rc = kube_place_find(&p, &o, &e);
		if (rc < 0 && strstr(e.text, "without libyaml"))
			skip();
		if (rc != of[i].rc)
			fail_msg("%s: %d %s", of[i].server, rc, e.text);
		kube_place_release(&p);
		free(text);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_that_are_none), cmocka_unit_test(near_or_not)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
