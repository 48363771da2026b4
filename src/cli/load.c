/* SPDX-License-Identifier: MIT */
#include "load.h"
#include "bundle.h"
#include "tell.h"
#include <errno.h>
#include <fcntl.h>
#include <gscrape/gzip.h>
#include <gscrape/profile.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)1 << 20)
#define SMALL ((size_t)16 << 20)         /* a gzip file up to here is inflated at once, */
#define INFLATED_MAX ((size_t)32 << 20)  /* when it comes to no more than that, as a dump does */
#define DEPTH 3                          /* bundles within bundles */
#define FILES_MAX 100000                 /* in all bundles of a file */
#define BYTES_MAX ((uint64_t)16 << 30)   /* unpacked, of one file */

/* A walk over one file that was named. */
struct walk {
	const struct options *o;
	const char *name; /* for sentences */
	load_fn *fn;
	void *ctx;
	struct err *e;
	size_t files;
	uint64_t bytes;   /* unpacked */
	size_t given;
	enum dump_kind other; /* what one that held nothing was */
};

static ssize_t read_fd(void *ctx, void *p, size_t n, struct err *e)
{
	ssize_t got;

	do
		got = read(*(int *)ctx, p, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? fail(e, "%s", errno == EISDIR ? "is a directory" : strerror(errno)) : got;
}

static ssize_t read_nothing(void *ctx, void *p, size_t n, struct err *e)
{
	(void)ctx, (void)p, (void)n, (void)e;
	return 0;
}

/* n bytes, unless the end comes before. */
static ssize_t read_full(const struct source *from, char *p, size_t n, struct err *e)
{
	size_t got = 0;

	while (got < n) {
		ssize_t some = from->read(from->ctx, p + got, n - got, e);

		if (some < 0)
			return -1;
		if (some == 0)
			break;
		got += (size_t)some;
	}
	return (ssize_t)got;
}

/* What is left, or as much of it as max allows. */
static int read_up_to(const struct source *from, struct buf *out, size_t max, struct err *e)
{
	ssize_t got;

	do {
		buf_reserve(out, STEP);
		got = read_full(from, out->p + out->n, STEP, e);
		if (got < 0)
			return -1;
		out->n += (size_t)got;
	} while (got > 0 && out->n <= max);
	return 0;
}

static int read_rest(const struct source *from, struct buf *out, struct err *e)
{
	if (read_up_to(from, out, FILE_MAX, e) < 0)
		return -1;
	return out->n > FILE_MAX ? fail(e, "is larger than %zu MiB", FILE_MAX >> 20) : 0;
}

/* Give what was found in a text, if it is anything; name and time as load_fn's. */
static int give(struct walk *w, const char *name, int64_t time, struct unwrapped *r)
{
	int rc = 0;

	if (r->kind == DUMP_GOROUTINES || r->kind == DUMP_DEBUG1) {
		w->given++;
		rc = w->fn(w->ctx, name, time, r, w->e);
	} else if (!w->given) {
		w->other = r->kind;
	}
	unwrapped_release(r);
	return rc;
}

static void strict(struct buf *text, struct unwrapped *r)
{
	*r = (struct unwrapped){.kind = dump_sniff(text->p, text->n)};
	if (r->kind == DUMP_DEBUG1)
		r->grouped = *text;
	else
		r->text = *text;
	*text = (struct buf){0};
}

/* A profile in protobuf, whole in bytes. 1 when it was given; 0 when it is none; -1. */
static int load_profile(struct walk *w, const char *name, int64_t time, const struct buf *bytes)
{
	struct unwrapped r = {.kind = DUMP_DEBUG1};

	if (!profile_is(bytes->p, bytes->n) || !profile_text(bytes->p, bytes->n, &r.grouped)) {
		unwrapped_release(&r);
		return 0;
	}
	return give(w, name, time, &r) < 0 ? -1 : 1;
}

/* A text whose first bytes are in piece. 0; 1 when it is damaged and what came before was given; -1. */
static int load_text(struct walk *w, const char *name, int64_t time, struct buf *piece, const struct source *from)
{
	struct unwrapped r;
	struct unwrap *u;
	struct err why = {0};
	ssize_t got = (ssize_t)piece->n;
	int rc = piece->n < STEP || from->read == read_nothing ? load_profile(w, name, time, piece) : 0;

	if (rc)
		return rc < 0 ? -1 : 0;
	if (w->o->strict) {
		rc = read_rest(from, piece, &why);
		strict(piece, &r);
	} else {
		u = unwrap_new(w->o->archive_tz);
		while (got > 0) {
			unwrap_feed(u, piece->p, (size_t)got);
			w->bytes += (uint64_t)got;
			buf_reserve(piece, STEP);
			got = read_full(from, piece->p, STEP, &why);
			if (from->read == bundle_read && w->bytes > BYTES_MAX)
				got = fail(&why, "unpacks to more than %u GiB: the rest is left out", (unsigned)(BYTES_MAX >> 30));
		}
		rc = got < 0 ? -1 : 0;
		unwrap_end(u, &r);
	}
	if (give(w, name, time, &r) < 0)
		return -1;
	if (rc < 0)
		rc = fail(w->e, "%s: %s", w->name, why.text) < 0 && w->given ? 1 : -1;
	return rc;
}

static int load(struct walk *w, const char *name, int64_t time, const struct source *from, int depth);

static int load_entry(struct walk *w, struct bundle *b, const char *name, int64_t time, int depth)
{
	const struct source entry = {bundle_read, b};
	char *own = xstrdup(name);
	int rc = load(w, own, time, &entry, depth + 1);

	free(own);
	return rc;
}

/* name: of what the bundle is, which a single file that is compressed takes over. */
static int load_bundle(struct walk *w, struct bundle *b, const char *name, int64_t time, int depth)
{
	const char *inner;
	struct err why = {0};
	int64_t when;
	int rc = 0, found;

	while (rc == 0 && (found = bundle_next(b, &inner, &when, &why)) != 0) {
		if (found < 0 || ++w->files > FILES_MAX) {
			if (found > 0)
				fail(&why, "holds more than %d files: the rest is left out", FILES_MAX);
			fail(w->e, "%s: %s", w->name, why.text);
			return w->given ? 1 : -1;
		}
		rc = load_entry(w, b, *inner ? inner : name, when == NO_TIME ? time : when, depth);
	}
	return rc;
}

/* What holds files, or one that is compressed; its first bytes are in begun. */
static int unpack(struct walk *w, const char *name, int64_t time, struct str begun, const struct source *from, int depth)
{
	struct bundle *b;
	struct err why = {0};
	int rc;

	if (bundle_open(&b, begun, from, &why) < 0)
		return fail(w->e, "%s: %s", w->name, why.text);
	rc = load_bundle(w, b, name, time, depth);
	bundle_close(b);
	return rc;
}

/* Does a gzip file hold a bundle? */
static bool holds_files(struct str file)
{
	const struct source nothing = {read_nothing, NULL};
	struct bundle *b;
	struct err why = {0};
	const char *inner;
	int64_t when;
	bool many;

	if (bundle_open(&b, file, &nothing, &why) < 0)
		return false;
	many = bundle_next(b, &inner, &when, &why) > 0 && !bundle_is_single(b);
	bundle_close(b);
	return many;
}

/* gzip, of which the first bytes are in raw. A dump is inflated at once, and what comes before a damage counts; a log may be
 * of any size. */
static int load_gzip(struct walk *w, const char *name, int64_t time, struct buf *raw, const struct source *from, int depth)
{
	const struct source nothing = {read_nothing, NULL};
	struct buf text = {0};
	struct err why = {0};
	int rc, told = 0;

	if (read_up_to(from, raw, SMALL, &why) < 0)
		return fail(w->e, "%s: %s", w->name, why.text);
	if (raw->n > SMALL ? depth <= DEPTH : depth < DEPTH && holds_files((struct str){raw->p, raw->n}))
		return unpack(w, name, time, (struct str){raw->p, raw->n}, from, depth);
	rc = gzip_inflate(raw->p, raw->n, &text, INFLATED_MAX, &why);
	if (rc == GZIP_TOO_LARGE && depth <= DEPTH) {
		buf_release(&text);
		return unpack(w, name, time, (struct str){raw->p, raw->n}, from, depth);
	}
	if (rc == 0 && depth < DEPTH && gzip_is(text.p, text.n)) /* sent compressed, and kept so by who fetched it */
		told = load_gzip(w, name, time, &text, &nothing, depth + 1);
	else if (rc >= 0)
		told = load_text(w, name, time, &text, &nothing);
	if (rc && told != -1) {
		fail(w->e, "%s: %s", w->name, why.text);
		told = rc > 0 && w->given ? 1 : -1;
	}
	buf_release(&text);
	return told;
}

static int load(struct walk *w, const char *name, int64_t time, const struct source *from, int depth)
{
	struct buf piece = {0};
	struct err why = {0};
	ssize_t got;
	int rc;

	buf_reserve(&piece, STEP);
	got = read_full(from, piece.p, STEP, &why);
	piece.n = got < 0 ? 0 : (size_t)got;
	if (got < 0)
		rc = fail_as(w->e, from->read == read_fd ? ERR_IO : ERR_FAILED, "%s: %s", w->name, why.text) < 0 && w->given ? 1 : -1;
	else if (gzip_is(piece.p, piece.n))
		rc = load_gzip(w, name, time, &piece, from, depth);
	else if (depth < DEPTH && bundle_is(piece.p, piece.n))
		rc = unpack(w, name, time, (struct str){piece.p, piece.n}, from, depth);
	else
		rc = load_text(w, name, time, &piece, from);
	buf_release(&piece);
	return rc;
}

static int nothing_found(const struct walk *w)
{
	if (w->files)
		return fail(w->e, "%s: holds no goroutine dump", w->name);
	if (w->other == DUMP_GZIP)
		return fail(w->e, "%s: is gzip within gzip, more than %d deep: not looked into", w->name, DEPTH);
	if (w->other == DUMP_EMPTY)
		return fail(w->e, "%s: is empty, no goroutine dump", w->name);
	if (w->other == DUMP_UNKNOWN)
		return fail(w->e, "%s: is no goroutine dump", w->name);
	return fail(w->e, "%s: is %s, no goroutine dump", w->name, dump_kind_name(w->other));
}

#define SILENT_MS 1000

/* A file to be read. A pipe that nobody writes to is waited for, as cat does it, but not without a word. */
static int open_input(const char *path)
{
	struct pollfd p = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), .events = POLLIN};
	struct stat st;

	if (p.fd < 0)
		return -1;
	if (fstat(p.fd, &st) == 0 && S_ISFIFO(st.st_mode) && poll(&p, 1, SILENT_MS) == 0) {
		tell("%s: is a pipe, and nothing comes out of it yet: waiting", path);
		poll(&p, 1, -1);
	}
	fcntl(p.fd, F_SETFL, 0); /* from here on reading waits */
	return p.fd;
}

int load_each(const char *path, const struct options *o, load_fn *fn, void *ctx, struct err *e)
{
	bool standard = strcmp(path, "-") == 0;
	struct walk w = {.o = o, .name = standard ? "standard input" : path, .fn = fn, .ctx = ctx, .e = e, .other = DUMP_EMPTY};
	int fd = standard ? STDIN_FILENO : open_input(path), rc;
	struct source from = {read_fd, &fd};
	int64_t time = NO_TIME;
	struct stat st;

	if (fd < 0)
		return fail_errno(e, errno, path);
	if (!standard && fstat(fd, &st) == 0)
		time = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	rc = load(&w, w.name, time, &from, 0);
	if (!standard)
		close(fd);
	return rc == 0 && !w.given ? nothing_found(&w) : rc;
}

/* A bundle's texts, one behind the other: goroutines, or else groups. */
static int add(void *ctx, const char *name, int64_t time, struct unwrapped *r, struct err *e)
{
	struct unwrapped *all = ctx;

	(void)name, (void)time, (void)e;
	if (all->kind == DUMP_EMPTY) {
		*all = *r;
		*r = (struct unwrapped){0};
		return 0;
	}
	if (r->kind == DUMP_GOROUTINES && all->kind == DUMP_GOROUTINES)
		buf_adds(&all->text, "\n");
	buf_add(&all->text, r->text.n ? r->text.p : "", r->text.n);
	buf_add(&all->grouped, r->grouped.n ? r->grouped.p : "", r->grouped.n);
	all->kind = all->text.n ? DUMP_GOROUTINES : DUMP_DEBUG1;
	all->cut |= r->cut;
	all->undone |= r->undone;
	all->prefixed += r->prefixed;
	all->columns = all->columns ? all->columns : r->columns;
	all->skipped += r->skipped;
	all->too_much |= r->too_much;
	return 0;
}

int dump_load(const char *path, const struct options *o, struct unwrapped *out, struct err *e)
{
	*out = (struct unwrapped){.kind = DUMP_EMPTY};
	return load_each(path, o, add, out, e);
}

static void words(struct buf *out, const char *name, const struct buf *b)
{
	if (b->n)
		buf_addf(out, "%s: %.*s\n", name, (int)b->n, b->p);
}

void dump_load_words(struct buf *out, const char *path, const struct unwrapped *r)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	struct buf b = {0};

	unwrap_describe(&b, r);
	words(out, name, &b);
	buf_reset(&b);
	unwrap_tell(&b, r);
	if (r->skipped)
		buf_addf(&b, "%s%llu line%s of no goroutine skipped", b.n ? "; " : "", (unsigned long long)r->skipped, r->skipped == 1 ? "" : "s");
	if (r->too_much)
		buf_addf(&b, "%smore goroutines than %zu MiB hold: the rest is left out", b.n ? "; " : "", FILE_MAX >> 21);
	words(out, name, &b);
	buf_release(&b);
}

void dump_load_tell(const char *path, const struct unwrapped *r)
{
	struct buf b = {0};

	dump_load_words(&b, path, r);
	for (size_t i = 0, end; i < b.n; i = end + 1) {
		end = (size_t)((char *)memchr(b.p + i, '\n', b.n - i) - b.p);
		tell("%.*s", (int)(end - i), b.p + i);
	}
	buf_release(&b);
}
