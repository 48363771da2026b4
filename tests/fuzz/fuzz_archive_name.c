/* SPDX-License-Identifier: MIT */
/* Any host name becomes one file name that stays in its folder and gives the host again; any file name is taken apart. */
#include <gscrape/archive.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *name = xstrndup((const char *)data, n);
	char *folder = archive_folder(name), *host = archive_host(folder), *other = archive_host(name);
	int64_t t;

	if (!*folder || *folder == '.' || strchr(folder, '/') || strcmp(host, name) != 0)
		abort();
	archive_time(name, NULL, NO_TIME, &t);
	free(other);
	free(host);
	free(folder);
	free(name);
	return 0;
}
