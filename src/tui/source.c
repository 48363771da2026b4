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

static char *in_modules(const char *file)
{
	char *out = below(getenv("GOMODCACHE"), "/", file);

	out = out ? out : below(getenv("GOPATH"), "/pkg/mod/", file);
	return out ? out : below(getenv("HOME"), "/go/pkg/mod/", file);
}

/* A module's folder has "!a" for each capital letter of its path and version: "BurntSushi/toml@v1/lex.go" is in "!burnt!sushi/toml@v1". */
static char *of_trimmed_module(const char *file)
{
	const char *at = strstr(file, "@v"), *end = at ? strchr(at, '/') : NULL;
	struct buf b = {0};
	char *out;

	for (const char *p = file; p < end; p++) {
		if (*p >= 'A' && *p <= 'Z')
			buf_addf(&b, "!%c", *p - 'A' + 'a');
		else
			buf_putc(&b, *p);
	}
	buf_addf(&b, "%s", end ? end : "");
	out = end ? in_modules(b.p) : NULL;
	buf_release(&b);
	return out;
}

/* Where the go of PATH is from: the folder above its bin. Caller frees; NULL: there is none. */
static char *root_of_path(void)
{
	char *found = NULL, *slash;

	for (const char *p = getenv("PATH"); p && *p && !found;) {
		size_t n = strcspn(p, ":");
		char *go = n ? xasprintf("%.*s/go", (int)n, p) : xstrdup("go");

		if (access(go, X_OK) == 0)
			found = realpath(go, NULL);
		free(go);
		p += n + (p[n] == ':');
	}
	for (int i = 0; found && i < 2; i++) {
		slash = strrchr(found, '/');
		if (slash)
			*slash = '\0';
	}
	return found;
}

static char *in_library(const char *sub, const char *file)
{
	char *of_path = root_of_path(), *out = NULL;
	const char *const roots[] = {getenv("GOROOT"), of_path, "/usr/local/go", "/usr/lib/go", "/usr/lib/golang"};

	for (size_t i = 0; !out && i < sizeof roots / sizeof *roots; i++)
		out = below(roots[i], sub, file);
	free(of_path);
	return out;
}

/* A path that was trimmed (go build -trimpath) begins with its module or, of the library, with its package. */
static char *of_go(const char *file)
{
	const char *module = strstr(file, "/pkg/mod/"), *library = strstr(file, "/src/");

	if (*file && *file != '/' && strstr(file, "@v"))
		return of_trimmed_module(file);
	if (*file && *file != '/')
		return in_library("/src/", file);
	if (module)
		return in_modules(module + strlen("/pkg/mod/"));
	return library ? in_library("", library) : NULL;
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
