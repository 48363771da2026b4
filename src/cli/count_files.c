/* SPDX-License-Identifier: MIT */
/* --count: which dumps to group, and where the answers go. */
#include "commands.h"
#include "count.h"
#include "load.h"
#include "tell.h"
#include <dirent.h>
#include <errno.h>
#include <gscrape/gzip.h>
#include <gscrape/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct inputs {
	bool loose; /* of a folder all files are taken, and what is no dump is passed over */
	struct texts paths;    /* files, in order */
	struct texts relative; /* each file's path below the folder that was named; NULL for a file that was named */
	struct pool pool;
};

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The dumps below a folder, as archives name them; links to folders are not followed. `below` ends in '/' or is "". */
static int add_folder(struct inputs *in, const char *top, const char *below, struct err *e)
{
	char *path = pool_printf(&in->pool, "%s/%s", top, below);
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort), rc = 0;

	if (n < 0)
		return fail_errno(e, errno, path);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *file = pool_printf(&in->pool, "%s%s", path, name), *relative = pool_printf(&in->pool, "%s%s", below, name);
		struct stat st = {0};

		if (name[0] != '.' && lstat(file, &st) == 0 && S_ISDIR(st.st_mode) && rc == 0)
			rc = add_folder(in, top, pool_printf(&in->pool, "%s/", relative), e);
		else if (in->loose ? name[0] != '.' && S_ISREG(st.st_mode) : ends_with(name, ".goroutines.txt.gz") || ends_with(name, ".goroutines.txt")) {
			texts_add(&in->paths, file);
			texts_add(&in->relative, relative);
		}
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static int find_inputs(struct inputs *in, const struct options *o, struct err *e)
{
	if (o->operands.n == 0) {
		texts_add(&in->paths, "-");
		texts_add(&in->relative, NULL);
	}
	for (size_t i = 0; i < o->operands.n; i++) {
		const char *path = o->operands.v[i];
		size_t before = in->paths.n;

		if (!is_folder(path)) {
			texts_add(&in->paths, path);
			texts_add(&in->relative, NULL);
			continue;
		}
		if (add_folder(in, path, "", e) < 0)
			return -1;
		in->loose = in->paths.n == before; /* no archive: dumps by any name */
		if (in->loose && add_folder(in, path, "", e) < 0)
			return -1;
		if (in->paths.n == before)
			return fail(e, "%s: holds no goroutine dump", path);
	}
	return 0;
}

/* Where the answer for an input goes below the folder --out: the same path, not compressed. */
static int write_below(const char *out, const char *relative, const struct buf *text, struct err *e)
{
	char *path = xasprintf("%s/%s", out, relative);
	int rc = 0;

	if (ends_with(path, ".gz"))
		path[strlen(path) - 3] = '\0';
	for (char *p = strchr(path + 1, '/'); p && !rc; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			rc = fail_errno(e, errno, path);
		*p = '/';
	}
	if (!rc)
		rc = file_write(path, text->p, text->n, e);
	free(path);
	return rc;
}

static void complain(const char *sentence)
{
	tell("%s", sentence);
}

struct count_ask {
	bool name_it; /* the input, since there are others */
	bool loose;   /* it is no fault when it holds nothing */
	bool json;
};

/* What was grouped together: one moment of one text. */
struct counted {
	const char *inner;  /* in a bundle, which file; NULL */
	const char *origin; /* whose it is, in a log of several; NULL */
	size_t moment, of;  /* of the moments of its text */
	struct count c;
};

/* All that one input holds. */
struct counting {
	const char *path;
	struct counted *all;
	size_t n, cap;
	struct pool pool;
};

static struct count *next_count(struct counting *w, const struct counted *is)
{
	GROW(w->all, w->n, w->cap);
	w->all[w->n] = *is;
	return &w->all[w->n++].c;
}

/* load_fn: the groups of each moment of a text. */
static int count_text_of(void *ctx, const char *name, int64_t time, struct unwrapped *r, struct err *e)
{
	struct counting *w = ctx;
	struct counted is = {.of = r->n_moments ? r->n_moments : 1};

	(void)time, (void)e;
	if (strcmp(w->path, "-") != 0 && strcmp(name, w->path) != 0)
		is.inner = pool_strndup(&w->pool, name, strlen(name));
	if (r->kind == DUMP_DEBUG1) {
		is.of = is.moment = 1;
		count_groups(next_count(w, &is), (struct str){r->grouped.p, r->grouped.n});
	}
	for (size_t i = 0; r->kind == DUMP_GOROUTINES && i < is.of; i++) {
		size_t from = i ? r->moments[i].at : 0, to = i + 1 < is.of ? r->moments[i + 1].at : r->text.n;
		const char *origin = r->n_moments ? r->moments[i].origin : NULL;
		struct count *c;

		is.moment = i + 1;
		is.origin = origin ? pool_strndup(&w->pool, origin, strlen(origin)) : NULL;
		c = next_count(w, &is);
		count_text(c, (struct str){r->text.p + from, to - from});
		r->skipped += c->skipped;
	}
	dump_load_tell(w->path, r);
	return 0;
}

/* "==> dump.log: shop-1, 2 of 3 <==" */
static void write_head(const struct counting *w, const struct counted *is, struct buf *out)
{
	struct buf b = {0};

	buf_adds(&b, w->path);
	if (is->inner)
		buf_addf(&b, ": %s", is->inner);
	if (is->origin)
		buf_addf(&b, ": %s", is->origin);
	if (is->of > 1)
		buf_addf(&b, "%s %zu of %zu", is->origin ? "," : ":", is->moment, is->of);
	buf_adds(out, out->n ? "\n==> " : "==> ");
	buf_add_visible(out, b.p, b.n);
	buf_adds(out, " <==\n");
	buf_release(&b);
}

static void write_counted(const struct counting *w, const struct counted *is, const struct count_ask *ask, struct buf *out)
{
	struct count_from from = {.file = ask->name_it ? w->path : NULL, .inner = is->inner, .origin = is->origin, .moment = is->of > 1 ? is->moment : 0};

	if (ask->json) {
		count_write_json(&is->c, &from, out);
		return;
	}
	if (ask->name_it || w->n > 1)
		write_head(w, is, out);
	count_write(&is->c, out);
}

/* Group one input and append the answer. What is wrong is told here: the other inputs go on. */
static int count_one(const char *path, const struct options *o, const struct count_ask *ask, struct buf *out)
{
	struct counting w = {.path = path};
	struct err why = {0};
	int rc = load_each(path, o, count_text_of, &w, &why);

	for (size_t i = 0; i < w.n; i++) {
		write_counted(&w, &w.all[i], ask, out);
		count_release(&w.all[i].c);
	}
	if (rc < 0 && ask->loose)
		rc = 0;
	else if (rc)
		complain(why.text);
	free(w.all);
	pool_release(&w.pool);
	return rc;
}

/* To files below --out. */
static int count_to_folder(const struct inputs *in, const struct options *o)
{
	bool show = isatty(STDERR_FILENO) && !o->quiet;
	struct buf text = {0};
	struct err why = {0};
	int failed = 0;

	for (size_t i = 0; i < in->paths.n; i++) {
		const char *name = in->relative.v[i];

		if (!name)
			name = strrchr(in->paths.v[i], '/') ? strrchr(in->paths.v[i], '/') + 1 : in->paths.v[i];
		if (show)
			fprintf(stderr, "\r%zu of %zu dumps", i + 1, in->paths.n);
		buf_reset(&text);
		if (count_one(in->paths.v[i], o, &(struct count_ask){.loose = in->loose && in->relative.v[i], .json = o->json}, &text) != 0)
			failed = 1;
		if (text.n && write_below(o->out, name, &text, &why) < 0) {
			complain(why.text);
			failed = 1;
			break; /* a full disk does not get better */
		}
	}
	if (show)
		fputc('\n', stderr);
	buf_release(&text);
	return failed;
}

/* To standard output, or the one file --out. */
static int count_to_stream(const struct inputs *in, const struct options *o, struct err *e)
{
	struct out out = {0};
	bool many = in->paths.n > 1;
	int failed = 0, rc;

	for (size_t i = 0; i < in->paths.n; i++) {
		if (count_one(in->paths.v[i], o, &(struct count_ask){many, in->loose && in->relative.v[i], o->json}, &out.buf) != 0)
			failed = 1;
		if (!o->out)
			out_line(&out);
	}
	if (o->out && (out.buf.n || !failed)) {
		rc = file_write(o->out, out.buf.p, out.buf.n, e);
		buf_reset(&out.buf);
		if (rc < 0)
			failed = -1;
	}
	rc = out_close(&out, e);
	return rc < 0 ? -1 : failed;
}

int run_count(const struct options *o, struct err *e)
{
	struct inputs in = {0};
	int rc = find_inputs(&in, o, e);

	if (rc == 0) {
		bool folders = o->out && (is_folder(o->out) || in.paths.n > 1 || in.relative.v[0]);

		rc = folders ? count_to_folder(&in, o) : count_to_stream(&in, o, e);
	}
	free(in.paths.v);
	free(in.relative.v);
	pool_release(&in.pool);
	return rc;
}
