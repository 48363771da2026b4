/* SPDX-License-Identifier: MIT */
#include "loose.h"
#include "load.h"
#include "tell.h"
#include <dirent.h>
#include <errno.h>
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/recorder.h>
#include <gscrape/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define KEPT_MAX ((size_t)1 << 30) /* bytes of compressed text that wait to be put in order */
#define FOLDERS_DEEP 8

/* A snapshot that waits to be put in order. */
struct loose_shot {
	char *host;
	int64_t time;
	size_t order; /* as they came */
	struct buf gz;
};

struct loose {
	const struct options *o;
	struct loose_shot *all;
	size_t n, cap, kept;
	const char *host;  /* of the files now being read; NULL: each its own */
	const char *path;  /* the file that was named, or found in a folder */
	bool several;      /* more than one was named */
	bool quiet;        /* in a folder, a file that is no dump is none of our business */
	bool silent;       /* all was said already */
	size_t others;
	bool told;
	struct loose_totals *t;
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* --- times */

/* n digits at p. */
static bool digits(const char **p, int n, char *out)
{
	for (int i = 0; i < n; i++)
		if ((out[i] = (*p)[i]) < '0' || (*p)[i] > '9')
			return false;
	*p += n;
	return true;
}

static void over(const char **p, const char *marks)
{
	if (**p && strchr(marks, **p))
		(*p)++;
}

/* 2026-11-23T16-05-05, 20261123_160505: a date and a time of day in a name. */
static bool name_time(const char *name, const struct zone *zone, int64_t *out)
{
	for (const char *from = name; *from; from++) {
		char text[] = "0000-00-00T00:00:00Z";
		const char *p = from;

		if (from > name && from[-1] >= '0' && from[-1] <= '9')
			continue;
		if (!digits(&p, 4, text) || (over(&p, "-_."), !digits(&p, 2, text + 5)) || (over(&p, "-_."), !digits(&p, 2, text + 8)) ||
		    (over(&p, "T_-. "), !digits(&p, 2, text + 11)) || (over(&p, "-_.:"), !digits(&p, 2, text + 14)) ||
		    (over(&p, "-_.:"), !digits(&p, 2, text + 17)))
			continue;
		text[19] = *p == 'Z' ? 'Z' : '\0';
		if (time_parse(text, now_ms(), zone, out, NULL) == 0)
			return true;
	}
	return false;
}

/* --- what is found */

/* Whose dump it is: an archive's path says so, a folder, or the name of the file. Caller frees. */
static char *host_of(const struct loose *l, const char *name)
{
	char *archived = archive_file_folder(name, l->o->archive_tz), *folder = path_folder(name), *host = NULL;

	if (archived)
		host = archive_host(archived);
	else if (l->host)
		host = xstrdup(l->host);
	else if (folder && name != l->path)
		host = xstrdup(folder); /* in a bundle */
	free(archived);
	free(folder);
	return host ? host : xstrdup(strcmp(l->path, "-") == 0 ? "standard input" : base_of(l->path));
}

static int keep(struct loose *l, const char *host, int64_t time, struct str text, struct err *e)
{
	struct loose_shot *m;

	GROW(l->all, l->n, l->cap);
	m = &l->all[l->n];
	*m = (struct loose_shot){.host = xstrdup(host), .time = time, .order = l->n};
	l->n++;
	gzip_deflate(text.p, text.n, 1, &m->gz);
	l->kept += m->gz.n;
	return l->kept > KEPT_MAX ? fail(e, "%s: more dumps than can be kept at a time: --index them in parts", l->path) : 0;
}

/* Where the next grouped profile of a text begins, behind the one at i. */
static size_t next_profile(struct str text, size_t i)
{
	const char *at = i < text.n ? memmem(text.p + i + 1, text.n - i - 1, "\ngoroutine", 10) : NULL;

	return at ? (size_t)(at - text.p) + 1 : text.n;
}

/* Each profile of a text, a second from one to the next: nothing in them says when they were. */
static int keep_profiles(struct loose *l, const char *host, int64_t time, struct str text, struct err *e)
{
	int rc = 0;

	for (size_t i = 0, next; i < text.n && rc == 0; i = next, time += 1000) {
		next = next_profile(text, i);
		rc = keep(l, host, time, (struct str){text.p + i, next - i}, e);
	}
	return rc;
}

/* load_fn: each moment of a text. */
static int found(void *ctx, const char *name, int64_t changed, struct unwrapped *r, struct err *e)
{
	struct loose *l = ctx;
	const char *base = base_of(name);
	char *host = host_of(l, name);
	int64_t time = changed == NO_TIME ? now_ms() : changed, begin;
	bool named = archive_time(base, l->o->archive_tz, changed, &time) || name_time(base, l->o->archive_tz, &time);
	int rc = 0;

	begin = time;
	if (r->kind == DUMP_DEBUG1)
		rc = keep_profiles(l, host, time, (struct str){r->grouped.p, r->grouped.n}, e);
	for (size_t i = 0; r->kind == DUMP_GOROUTINES && rc == 0 && i < (r->n_moments ? r->n_moments : 1); i++) {
		size_t from = i ? r->moments[i].at : 0, to = i + 1 < r->n_moments ? r->moments[i + 1].at : r->text.n;

		bool first = i == 0 || r->moments[i].origin != r->moments[i - 1].origin;

		if (r->n_moments && r->moments[i].time != NO_TIME && (!first || !named))
			time = r->moments[i].time;
		else
			time = first ? begin : time + 1000;
		rc = keep(l, r->n_moments && r->moments[i].origin ? r->moments[i].origin : host, time, (struct str){r->text.p + from, to - from}, e);
	}
	l->t->failed = l->n == 1 ? unwrap_failed(r) : 0;
	if (!l->silent)
		dump_load_tell(strcmp(l->path, "-") == 0 ? "-" : name, r);
	dump_load_words(&l->t->told, strcmp(l->path, "-") == 0 ? "-" : name, r);
	free(host);
	return rc;
}

/* --- files and folders */

static void complain(struct loose *l, const char *sentence)
{
	if (!l->silent)
		tell("%s", sentence);
	buf_addf(&l->t->told, "%s\n", sentence);
	l->told = true;
}

static int take_file(struct loose *l, const char *path, struct err *e)
{
	size_t before = l->n;
	struct err why = {0};
	int rc;

	l->path = path;
	rc = load_each(path, l->o, found, l, &why);
	if (rc < 0 && l->kept > KEPT_MAX)
		return fail(e, "%s", why.text);
	if (rc < 0 && l->n == before && !l->quiet)
		return fail(e, "%s", why.text);
	if (rc < 0 && l->n == before && why.kind != ERR_IO) {
		l->others++;
	} else if (rc) {
		complain(l, why.text);
	}
	return 0;
}

static int take_folder(struct loose *l, const char *path, int deep, struct err *e)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort), rc = 0;
	struct err why;
	char *host;

	if (n < 0 && deep == 0)
		return fail_errno(e, errno, path);
	if (n < 0) {
		fail_errno(&why, errno, path);
		complain(l, why.text);
		return 0;
	}
	host = xstrdup(base_of(path));
	for (int i = 0; i < n; i++) {
		char *file = xasprintf("%s/%s", path, entries[i]->d_name);
		struct stat st;

		if (rc == 0 && entries[i]->d_name[0] != '.' && lstat(file, &st) == 0) {
			l->host = host;
			if (S_ISREG(st.st_mode))
				rc = take_file(l, file, e);
			else if (S_ISDIR(st.st_mode) && deep < FOLDERS_DEEP)
				rc = take_folder(l, file, deep + 1, e);
		}
		free(file);
		free(entries[i]);
	}
	l->host = NULL;
	free(entries);
	free(host);
	return rc;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What files that are named together are called: "before.txt, after.txt". Caller frees. */
static char *joint_name(const struct texts *paths)
{
	size_t n = 0;
	const char *two[2];

	for (size_t i = 0; i < paths->n; i++)
		if (!is_folder(paths->v[i]) && n++ < 2)
			two[n - 1] = base_of(paths->v[i]);
	return n < 2 ? NULL : xasprintf("%s, %s%s", two[0], two[1], n > 2 ? ", ..." : "");
}

static int collect(struct loose *l, const struct texts *paths, struct err *e)
{
	char *joint = joint_name(paths);
	int rc = 0;

	for (size_t i = 0; i < paths->n && rc == 0; i++) {
		char *path = xstrdup(paths->v[i]);
		size_t n = strlen(path);

		while (n > 1 && path[n - 1] == '/')
			path[--n] = '\0';
		l->quiet = is_folder(path);
		l->host = joint;
		rc = l->quiet ? take_folder(l, path, 0, e) : take_file(l, path, e);
		free(path);
	}
	free(joint);
	l->t->none = rc == 0 && l->n == 0;
	if (l->t->none)
		return fail(e, "%s: holds no goroutine dump", paths->v[0]);
	return rc;
}

/* --- in the order that --diff names */

/* As long as the goroutine waits that does so for longest, in ms. */
static int64_t longest_wait(const struct loose_shot *m, struct err *e)
{
	struct buf text = {0};
	struct dump d = {0};
	int64_t most = 0;

	if (gzip_inflate(m->gz.p, m->gz.n, &text, FILE_MAX, e) == 0)
		for (d.text = (struct str){text.p, text.n}; dump_next(&d);)
			most = d.g.head.minutes > most ? d.g.head.minutes : most;
	dump_release(&d);
	buf_release(&text);
	return most * 60000;
}

/* Two files are compared as they are named, the first is what was. Where their times say otherwise, nobody knows how long
 * it was from one to the other: long enough for everybody in the second to have come since. */
static void order_as_named(struct loose *l, const struct texts *paths, struct err *e)
{
	struct loose_shot *was, *is;

	if (l->o->command != CMD_DIFF || paths->n != 2 || l->n != 2 || l->all[1].time > l->all[0].time)
		return;
	was = &l->all[0];
	is = &l->all[1];
	is->time = was->time + longest_wait(is, e) + 60000;
	if (!l->o->quiet && !l->silent)
		tell("by their times %s is not the later one: compared as they are named", paths->v[1]);
}

/* --- in order of time, into the store */

static int by_time(const void *x, const void *y)
{
	const struct loose_shot *a = x, *b = y;
	int c = strcmp(a->host, b->host);

	if (c)
		return c;
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* Each host's by time, of which no two are the same: files may be copied in one moment. */
static void put_in_order(struct loose *l)
{
	qsort(l->all, l->n, sizeof *l->all, by_time);
	for (size_t i = 1; i < l->n; i++)
		if (strcmp(l->all[i].host, l->all[i - 1].host) == 0 && l->all[i].time <= l->all[i - 1].time)
			l->all[i].time = l->all[i - 1].time + 1;
}

static int record(struct loose *l, struct recorder *r, struct err *e)
{
	struct buf text = {0};
	struct pool p = {0};
	struct times known = {0}; /* of this host, before */
	uint32_t host = 0;
	int rc = 0;

	for (size_t i = 0; i < l->n && rc >= 0; i++) {
		struct loose_shot *m = &l->all[i];
		struct scraped scraped = {.status = SNAP_OK};
		struct outcome got = {0};

		if (i == 0 || strcmp(m->host, l->all[i - 1].host) != 0) {
			rc = recorder_host(r, m->host, NULL, &host, e);
			if (rc == 0)
				rc = recorder_times(r, host, &p, &known, e);
			l->t->in.hosts++;
		}
		if (rc < 0 || (rc = gzip_inflate(m->gz.p, m->gz.n, &text, FILE_MAX, e)) != 0)
			break;
		scraped.time = m->time;
		scraped.text = (struct str){text.p, text.n};
		if (dump_sniff(text.p, text.n) == DUMP_DEBUG1)
			scraped.status = SNAP_GROUPED;
		if (times_have(&known, scraped.time)) {
			l->t->in.known++;
		} else {
			rc = recorder_add(r, host, &scraped, &got, e);
			if (rc == 0)
				index_count(&l->t->in, text.n, &got);
		}
	}
	buf_release(&text);
	pool_release(&p);
	return rc < 0 ? -1 : 0;
}

static void release(struct loose *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->all[i].host);
		buf_release(&l->all[i].gz);
	}
	free(l->all);
}

int loose_record(const struct options *o, const struct texts *paths, const char *db, struct loose_totals *t, struct err *e)
{
	struct loose l = {.o = o, .t = t};
	struct recorder *r;
	int rc;

	*t = (struct loose_totals){0};
	rc = collect(&l, paths, e);
	if (rc == 0)
		order_as_named(&l, paths, e);
	if (rc == 0)
		rc = recorder_open(&r, db, e);
	if (rc == 0) {
		put_in_order(&l);
		rc = record(&l, r, e);
		if (recorder_close(r, rc ? NULL : e) < 0)
			rc = -1;
	}
	t->others = l.others;
	release(&l);
	return rc < 0 ? -1 : l.told;
}

int loose_text(const struct options *o, const struct texts *paths, const struct loose_shot_key *key, struct buf *out, struct err *e)
{
	struct loose_totals t = {0};
	struct loose l = {.o = o, .t = &t, .silent = true};
	int rc = 0;

	for (size_t i = 0; i < paths->n; i++)
		if (strcmp(paths->v[i], "-") == 0)
			return 0;
	rc = collect(&l, paths, e);
	if (rc == 0) {
		order_as_named(&l, paths, e);
		put_in_order(&l);
	}
	for (size_t i = 0; i < l.n && rc == 0; i++)
		if (l.all[i].time == key->time && strcmp(l.all[i].host, key->host) == 0)
			rc = gzip_inflate(l.all[i].gz.p, l.all[i].gz.n, out, FILE_MAX, e) == 0 ? 1 : -1;
	buf_release(&t.told);
	release(&l);
	return rc;
}
