/* SPDX-License-Identifier: MIT */
/* Kubeconfigs of any bytes: refused with a sentence, or a server to ask. */
#include "collect/kube.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	static char path[64];
	struct kube_place p = {0};
	struct err e = {0};
	int rc;

	if (fd < 0) {
		fd = memfd_create("kubeconfig", MFD_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, n, 0) != (ssize_t)n)
		abort();
	rc = kubeconfig_read(&p, path, &e);
	if (rc < 0 ? !e.text[0] : !p.server || strncasecmp(p.server, "http", 4) != 0)
		abort();
	kube_place_release(&p);
	return 0;
}
