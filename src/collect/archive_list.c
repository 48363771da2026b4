/* SPDX-License-Identifier: MIT */
/* What an archive holds, and its retention. */
#include <gscrape/archive.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A temporary file as file_write() names it, left by a writer that was killed: time, suffix, ".tmp.", process
 * number. */
static bool is_leftover(const char *name)
{
	const char *tmp = strstr(name, ".tmp.");
	char *whole;
	int64_t t;
	bool yes;

	if (!tmp || !tmp[5] || strspn(tmp + 5, "0123456789") != strlen(tmp + 5))
		return false;
	whole = xstrndup(name, (size_t)(tmp - name));
	yes = archive_time(whole, NULL, NO_TIME, &t);
	free(whole);
	return yes;
}

static void ignore(struct archive *a, const char *path)
{
	if (!a->ignored++)
		a->odd = xstrdup(path);
}

static void trouble(struct archive *a, const char *sentence)
{
	a->troubles = xrealloc(a->troubles, a->n_troubles + 1, sizeof *a->troubles);
	a->troubles[a->n_troubles++] = xasprintf("%s: left out this time", sentence);
}

static int by_time(const void *x, const void *y)
{
	const struct archive_file *a = x, *b = y;

	return a->time != b->time ? (a->time < b->time ? -1 : 1) : strcmp(a->path, b->path);
}

static int by_name(const void *x, const void *y)
{
	const struct archive_host *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	return c ? c : strcmp(a->folder, b->folder);
}

/* A walk through one folder. */
struct walk {
	struct archive *a;
	const struct zone *zone;
	struct archive_host *host; /* gets the files */
	size_t cap_files, cap_hosts;
	bool top;    /* folders in it are hosts */
	bool enough; /* one file is */
};

/* When the file was written is asked only where its name means two times. */
static bool time_of(const struct walk *w, const char *path, const char *name, int64_t *time)
{
	int64_t second;
	struct stat st;

	if (!archive_times(name, w->zone, time, &second))
		return false;
	return second == NO_TIME || stat(path, &st) < 0 ||
	       archive_time(name, w->zone, (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000, time);
}

static void add_file(struct walk *w, const char *path, const char *name)
{
	struct archive_host *h = w->host;
	int64_t t;

	if (!time_of(w, path, name, &t)) {
		if (!is_leftover(name))
			ignore(w->a, path);
		return;
	}
	GROW(h->files, h->n, w->cap_files);
	h->files[h->n++] = (struct archive_file){.path = xstrdup(path), .time = t};
}

static int read_folder(struct walk *w, const char *path, struct err *e);

static void drop_files(struct archive_host *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->files[i].path);
	h->n = 0;
}

/* Keep the host when it has files, or may have some that could not be listed. */
static void add_host(struct walk *w, struct archive_host *h)
{
	if (h->n == 0 && (!h->unread || w->enough)) {
		free(h->name);
		free(h->folder);
		free(h->files);
		return;
	}
	if (h->n)
		qsort(h->files, h->n, sizeof *h->files, by_time);
	GROW(w->a->hosts, w->a->n, w->cap_hosts);
	w->a->hosts[w->a->n++] = *h;
}

/* Of a folder that cannot be read to its end nothing is kept: what is missing may be older than what is there. */
static void read_host(struct walk *top, const char *path, const char *name)
{
	struct archive_host h = {.name = archive_host(name), .folder = xstrdup(path)};
	struct walk w = {.a = top->a, .zone = top->zone, .host = &h, .enough = top->enough};
	struct err why;

	if (read_folder(&w, path, &why) < 0) {
		h.unread = true;
		drop_files(&h);
		trouble(top->a, why.text);
	}
	add_host(top, &h);
}

/* What it is, through a link; DT_UNKNOWN, with errno, when that cannot be told: it is gone since, or a link to nowhere. */
static int kind_of(const char *path, int told)
{
	struct stat st;

	errno = 0;
	if (told != DT_UNKNOWN && told != DT_LNK)
		return told;
	return stat(path, &st) < 0 ? DT_UNKNOWN : S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : DT_CHR;
}

/* A mounted disk has one at its top, for itself. */
static bool is_file_systems(const char *name)
{
	return strcmp(name, "lost+found") == 0;
}

/* What is no file, though it is called as one, or cannot be looked at, is told. */
static void leave_out(struct walk *w, const char *path, bool named, int why)
{
	struct err e;

	ignore(w->a, path);
	if (named)
		fail(&e, "%s: is no file", path);
	else if (w->top && why && why != ENOENT)
		fail_errno(&e, why, path);
	else
		return;
	trouble(w->a, e.text);
}

static void read_entry(struct walk *w, const char *folder, const struct dirent *de)
{
	char *path = xasprintf("%s/%s", folder, de->d_name);
	int kind = kind_of(path, de->d_type), why = errno;
	int64_t unused;

	if (kind == DT_REG)
		add_file(w, path, de->d_name);
	else if (kind == DT_DIR && w->top && !is_file_systems(de->d_name))
		read_host(w, path, de->d_name);
	else if (!archive_time(de->d_name, w->zone, NO_TIME, &unused))
		leave_out(w, path, false, why);
	else if (kind == DT_UNKNOWN) /* who reads it will tell */
		add_file(w, path, de->d_name);
	else
		leave_out(w, path, true, 0);
	free(path);
}

static int read_folder(struct walk *w, const char *path, struct err *e)
{
	DIR *d = opendir(path);
	struct dirent *de;
	int rc = 0;

	if (!d)
		return fail_errno(e, errno, path);
	for (errno = 0; (de = readdir(d)); errno = 0) {
		if (de->d_name[0] != '.')
			read_entry(w, path, de);
		if (w->enough && (w->host->n || w->a->n))
			break;
	}
	if (!de && errno)
		rc = fail_errno(e, errno, path);
	closedir(d);
	return rc;
}

/* Take in the files of those behind, which are of the same host. */
static void merge(struct archive_host *into, struct archive_host *others, size_t n)
{
	size_t total = into->n;

	for (size_t i = 0; i < n; i++)
		total += others[i].n;
	into->files = xrealloc(into->files, total, sizeof *into->files);
	for (size_t i = 0; i < n; i++) {
		struct archive_host *h = &others[i];

		if (h->n)
			memcpy(into->files + into->n, h->files, h->n * sizeof *h->files);
		into->n += h->n;
		into->unread |= h->unread;
		free(h->files);
		free(h->name);
		free(h->folder);
	}
	if (into->unread)
		drop_files(into);
	else if (into->n)
		qsort(into->files, into->n, sizeof *into->files, by_time);
}

/* Two folders of one host ("[::1]_1" made by hand beside "[__1]_1", last month's archive beside this one's) become one. */
static void merge_hosts(struct archive *a)
{
	size_t kept = 0;

	if (a->n)
		qsort(a->hosts, a->n, sizeof *a->hosts, by_name);
	for (size_t i = 0, next; i < a->n; i = next) {
		for (next = i + 1; next < a->n && strcmp(a->hosts[i].name, a->hosts[next].name) == 0; next++)
			;
		if (next > i + 1)
			merge(&a->hosts[i], &a->hosts[i + 1], next - i - 1);
		a->hosts[kept++] = a->hosts[i];
	}
	a->n = kept;
}

static int list_folder(struct walk *top, const char *dir, struct err *e)
{
	char *real = realpath(dir, NULL), *trimmed = xstrdup(dir);
	struct archive_host own = {0};
	int rc;

	for (size_t n = strlen(trimmed); n > 1 && trimmed[n - 1] == '/'; n--)
		trimmed[n - 1] = '\0';
	own.name = archive_host(real && strrchr(real, '/') ? strrchr(real, '/') + 1 : trimmed);
	own.folder = xstrdup(trimmed);
	top->host = &own;
	top->cap_files = 0;
	rc = read_folder(top, trimmed, e);
	top->host = NULL;
	add_host(top, &own);
	free(trimmed);
	free(real);
	return rc;
}

static void list_file(struct walk *top, const char *path, char *folder)
{
	const char *name = strrchr(path, '/') + 1;
	struct archive_host own = {.name = archive_host(folder), .folder = xstrndup(path, (size_t)(name - path - 1))};

	top->host = &own;
	top->cap_files = 0;
	add_file(top, path, name);
	top->host = NULL;
	add_host(top, &own);
	free(folder);
}

int archive_list_all(struct archive *a, const char *const *paths, size_t n, const struct zone *zone, struct err *e)
{
	struct walk w = {.a = a, .zone = zone, .top = true};
	int rc = 0;

	*a = (struct archive){0};
	for (size_t i = 0; i < n && !rc; i++) {
		char *folder = archive_file_folder(paths[i], zone);

		if (folder)
			list_file(&w, paths[i], folder);
		else
			rc = list_folder(&w, paths[i], e);
	}
	merge_hosts(a);
	if (rc)
		archive_release(a);
	return rc;
}

int archive_list(struct archive *a, const char *dir, const struct zone *zone, struct err *e)
{
	return archive_list_all(a, &dir, 1, zone, e);
}

bool archive_is(const char *dir, const struct zone *zone)
{
	struct archive a = {0};
	struct walk w = {.a = &a, .zone = zone, .top = true, .enough = true};
	bool yes = list_folder(&w, dir, NULL) == 0 && a.n > 0;

	archive_release(&a);
	return yes;
}

void archive_release(struct archive *a)
{
	for (size_t i = 0; i < a->n; i++) {
		drop_files(&a->hosts[i]);
		free(a->hosts[i].files);
		free(a->hosts[i].name);
		free(a->hosts[i].folder);
	}
	for (size_t i = 0; i < a->n_troubles; i++)
		free(a->troubles[i]);
	free(a->troubles);
	free(a->hosts);
	free(a->odd);
	*a = (struct archive){0};
}

/* Temporary files that a killed writer left an hour ago or more. */
static void remove_leftovers(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *de;
	struct stat st;

	while (d && (de = readdir(d))) {
		if (is_leftover(de->d_name) && fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && now_ms() / 1000 - st.st_mtime > 3600)
			unlinkat(dirfd(d), de->d_name, 0);
	}
	if (d)
		closedir(d);
}

void archive_tidy(const char *dir, const char *host)
{
	char *name = archive_folder(host), *folder = xasprintf("%s/%s", dir, name);

	remove_leftovers(folder);
	free(folder);
	free(name);
}

struct kept {
	const struct archive_file *file;
	uint64_t size; /* on disk */
};

static int oldest_first(const void *x, const void *y)
{
	return by_time(((const struct kept *)x)->file, ((const struct kept *)y)->file);
}

/* All files of all hosts, oldest first; borrowed. */
static struct kept *flatten(const struct archive *a, size_t *n, uint64_t *bytes)
{
	struct kept *all;
	struct stat st;
	size_t k = 0;

	*n = 0;
	*bytes = 0;
	for (size_t i = 0; i < a->n; i++)
		*n += a->hosts[i].n;
	all = xcalloc(*n, sizeof *all);
	for (size_t i = 0; i < a->n; i++) {
		for (size_t f = 0; f < a->hosts[i].n; f++) {
			const struct archive_file *file = &a->hosts[i].files[f];

			all[k] = (struct kept){file, stat(file->path, &st) == 0 ? (uint64_t)st.st_size : 0};
			*bytes += all[k++].size;
		}
	}
	qsort(all, *n, sizeof *all, oldest_first);
	return all;
}

int64_t archive_expire(const char *dir, int64_t before, uint64_t max_bytes, struct err *e)
{
	struct archive a;
	struct kept *all;
	uint64_t bytes;
	size_t n;
	int64_t gone = 0;
	struct pool p = {0};
	int rc = archive_list(&a, dir, zone_open(&p, "local", NULL), e);

	pool_release(&p);
	if (rc < 0)
		return -1;
	all = flatten(&a, &n, &bytes);
	for (size_t i = 0; i < n; i++) {
		bool old = before != NO_TIME && all[i].file->time < before;

		if (!old && (max_bytes == 0 || bytes < max_bytes))
			break;
		if (unlink(all[i].file->path) < 0 && errno != ENOENT) {
			gone = fail_errno(e, errno, all[i].file->path);
			break;
		}
		bytes -= all[i].size;
		gone++;
	}
	for (size_t i = 0; i < a.n; i++) {
		if (a.hosts[i].unread) {
			gone = fail(e, "%s: cannot be read, and keeps what is too old", a.hosts[i].folder);
			continue;
		}
		remove_leftovers(a.hosts[i].folder);
		if (strcmp(a.hosts[i].folder, dir) != 0)
			rmdir(a.hosts[i].folder); /* goes only when it is empty */
	}
	free(all);
	archive_release(&a);
	return gone;
}
