/* SPDX-License-Identifier: MIT */
#include "source.h"
#include <errno.h>
#include <gscrape/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path that is there, else NULL; takes it. */
static char *if_there(char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0) /* who reads a pipe waits for its writer */
		return path;
	free(path);
	return NULL;
}

static char *at_home(const char *to, size_t n, const char *rest)
{
	const char *home = getenv("HOME");

	if (n >= 1 && to[0] == '~' && (n == 1 || to[1] == '/') && home)
		return xasprintf("%s%.*s%s", home, (int)n - 1, to + 1, rest);
	return xasprintf("%.*s%s", (int)n, to, rest);
}

/* By the longest FROM that the file is below. */
static char *mapped(const char *map, const char *file)
{
	const char *best = NULL;
	size_t longest = 0, to_n = 0;

	for (const char *p = map; p && *p;) {
		size_t n = strcspn(p, ","), from = strcspn(p, "=");

		if (from < n && from >= longest && strncmp(file, p, from) == 0 && (file[from] == '/' || (from && p[from - 1] == '/'))) {
			longest = from;
			best = p + from + 1;
			to_n = n - from - 1;
		}
		p += n + (p[n] == ',');
	}
	return best ? at_home(best, to_n, file + longest) : NULL;
}

static char *below(const char *folder, const char *sub, const char *rest)
{
	return folder && *folder ? if_there(xasprintf("%s%s%s", folder, sub, rest)) : NULL;
}

static char *of_go(const char *file)
{
	const char *module = strstr(file, "/pkg/mod/"), *library = strstr(file, "/src/"), *home = getenv("HOME");
	const char *const roots[] = {getenv("GOROOT"), "/usr/local/go", "/usr/lib/go", "/usr/lib/golang"};
	char *out = NULL;

	if (module) {
		module += strlen("/pkg/mod/");
		out = below(getenv("GOMODCACHE"), "/", module);
		out = out ? out : below(getenv("GOPATH"), "/pkg/mod/", module);
		return out ? out : below(home, "/go/pkg/mod/", module);
	}
	for (size_t i = 0; library && !out && i < sizeof roots / sizeof *roots; i++)
		out = below(roots[i], "", library);
	return out;
}

char *source_here(const char *map, const char *file)
{
	char *out = mapped(map, file);

	if (out)
		return if_there(out);
	out = if_there(xstrdup(file));
	return out ? out : of_go(file);
}

char *source_missing(const char *map, const char *file)
{
	char *path = mapped(map, file), *out;
	struct stat st;
	int rc;

	path = path ? path : xstrdup(file);
	rc = stat(path, &st);
	if (rc < 0 && (errno == ENOENT || errno == ENOTDIR))
		out = xasprintf("%s is not here; :set source FROM=TO says where sources are", path);
	else if (rc == 0 && !S_ISREG(st.st_mode))
		out = xasprintf("%s is no file but a folder, pipe or device", path);
	else if (rc < 0 || access(path, R_OK) < 0)
		out = xasprintf("%s: %s", path, strerror(errno));
	else
		out = xasprintf("%s cannot be read, or is longer than 4 MiB", path);
	free(path);
	return out;
}

int64_t source_changed(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_mtime * 1000 : 0;
}
