/* SPDX-License-Identifier: MIT */
/*
 * A zone's file (RFC 9636) has a table of changes, each a time and the offset that holds from then on, and behind it the
 * rule for all later times as POSIX writes it. Both are read into one struct; a question is a search in the table.
 */
#include <gscrape/zone.h>
#include <gscrape/timefmt.h>
#include "base/zone_rule.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER	 "/usr/share/zoneinfo"
#define LOCAL	 "/etc/localtime"
#define FILE_MAX ((size_t)1 << 20) /* the largest zone of the world has 8 kB */
#define A_DAY	 86400
#define FAR	 (26 * 3600) /* no offset is larger */

struct change {
	int64_t at; /* seconds since 1970 UTC */
	int32_t offset;
};

struct zone {
	const char *name;
	int32_t before; /* offset before the first change */
	struct change *changes;
	size_t n;
	bool has_rule;
	struct zone_rule rule; /* from the last change on */
};

const char *zone_name(const struct zone *z)
{
	return z ? z->name : "UTC";
}

bool zone_is_utc(const struct zone *z)
{
	return strcmp(zone_name(z), "UTC") == 0;
}

/* --- a file --- */

struct reader {
	const uint8_t *p, *end;
};

static int64_t big_endian(const uint8_t *p, int bytes)
{
	uint64_t v = bytes && *p & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* n bytes, or NULL when there are fewer. */
static const uint8_t *take(struct reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (!p || n > (size_t)(r->end - p)) {
		r->p = NULL;
		return NULL;
	}
	r->p += n;
	return p;
}

/* How many there are of each thing in a block, in the order in which its header says so. */
enum { IS_UT, IS_STD, LEAPS, TIMES, TYPES, CHARS, COUNTS };

/* The version, or -1. */
static int read_header(struct reader *r, size_t n[COUNTS])
{
	const uint8_t *h = take(r, 44);

	if (!h || memcmp(h, "TZif", 4) != 0)
		return -1;
	for (int i = 0; i < COUNTS; i++) {
		n[i] = (size_t)(uint32_t)big_endian(h + 20 + 4 * i, 4);
		if (n[i] > FILE_MAX)
			return -1;
	}
	return h[4] ? h[4] - '0' : 1;
}

static size_t block_size(const size_t n[COUNTS], size_t bytes)
{
	return n[TIMES] * (bytes + 1) + n[TYPES] * 6 + n[CHARS] + n[LEAPS] * (bytes + 4) + n[IS_STD] + n[IS_UT];
}

/* Files under "right/" count leap seconds, which clocks do not: what had passed of them before `t` is taken away. */
static int64_t without_leaps(const uint8_t *leaps, size_t n, int bytes, int64_t t)
{
	int64_t passed = 0;

	for (size_t i = 0; i < n; i++, leaps += bytes + 4)
		if (big_endian(leaps, bytes) <= t)
			passed = big_endian(leaps + bytes, 4);
	return t - passed;
}

static bool read_block(struct zone *z, struct pool *pool, struct reader *r, const size_t n[COUNTS], int bytes)
{
	const uint8_t *times, *kinds, *types, *leaps;
	int32_t was;

	times = take(r, n[TIMES] * (size_t)bytes);
	kinds = take(r, n[TIMES]);
	types = take(r, n[TYPES] * 6);
	take(r, n[CHARS]);
	leaps = take(r, n[LEAPS] * (size_t)(bytes + 4));
	take(r, n[IS_STD] + n[IS_UT]);
	if (!r->p || !n[TYPES])
		return false;
	was = z->before = (int32_t)big_endian(types, 4);
	z->changes = pool_alloc(pool, n[TIMES] * sizeof *z->changes);
	for (size_t i = 0; i < n[TIMES]; i++) {
		struct change c = {.at = without_leaps(leaps, n[LEAPS], bytes, big_endian(times + i * (size_t)bytes, bytes))};

		if (kinds[i] >= n[TYPES] || (z->n && c.at < z->changes[z->n - 1].at))
			return false;
		c.offset = (int32_t)big_endian(types + 6 * kinds[i], 4);
		if (c.offset <= -FAR || c.offset >= FAR)
			return false;
		if (c.offset != was)
			z->changes[z->n++] = c; /* else only the name changed */
		was = c.offset;
	}
	return z->before > -FAR && z->before < FAR;
}

/* The line behind the blocks: a rule, or nothing. */
static bool read_footer(struct zone *z, struct reader *r)
{
	size_t left = (size_t)(r->end - r->p), n;
	char rule[256];

	if (left < 2 || *r->p != '\n' || !memchr(r->p + 1, '\n', left - 1))
		return false;
	n = (size_t)((const uint8_t *)memchr(r->p + 1, '\n', left - 1) - r->p) - 1;
	if (n >= sizeof rule)
		return false;
	memcpy(rule, r->p + 1, n);
	rule[n] = '\0';
	z->has_rule = n > 0;
	return !n || rule_parse(rule, &z->rule);
}

static bool read_zone(struct zone *z, struct pool *pool, struct str text)
{
	struct reader r = {(const uint8_t *)text.p, (const uint8_t *)text.p + text.n};
	size_t n[COUNTS];
	int version = read_header(&r, n);

	if (version < 1)
		return false;
	if (version == 1)
		return read_block(z, pool, &r, n, 4);
	if (!take(&r, block_size(n, 4)) || read_header(&r, n) < 2)
		return false;
	return read_block(z, pool, &r, n, 8) && read_footer(z, &r);
}

/* 1 read, 0 no such file, -1. A folder or a pipe is no zone; none is waited for. */
static int read_file(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t got = -1;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail_errno(e, errno, path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size <= FILE_MAX) {
		buf_reserve(out, (size_t)st.st_size + 1);
		got = read(fd, out->p, (size_t)st.st_size);
	}
	close(fd);
	if (got < 0)
		return fail(e, "%s: is no time zone's file", path);
	out->n = (size_t)got;
	return 1;
}

/* 1, 0 no such file, -1. */
static int open_file(struct zone *z, struct pool *pool, const char *name, struct err *e)
{
	const char *dir = getenv("TZDIR");
	char *path = *name == '/' ? xstrdup(name) : xasprintf("%s/%s", dir && *dir ? dir : FOLDER, name);
	struct buf text = {0};
	int rc = read_file(path, &text, e);

	if (rc > 0 && !read_zone(z, pool, (struct str){text.p, text.n}))
		rc = fail(e, "%s: is no time zone's file, or damaged", path);
	buf_release(&text);
	free(path);
	return rc;
}

/* A file of that name, or else a rule. */
static int open_named(struct zone *z, struct pool *pool, const char *name, struct err *e)
{
	int rc;

	name += *name == ':';
	rc = *name ? open_file(z, pool, name, e) : 0;
	if (rc)
		return rc < 0 ? -1 : 0;
	if (strcmp(name, "UTC") == 0)
		return 0;
	z->has_rule = rule_parse(name, &z->rule);
	if (z->has_rule)
		return 0;
	return fail(e, "'%s' is no time zone known here (write UTC, local or Europe/Berlin)", name);
}

const struct zone *zone_open(struct pool *p, const char *name, struct err *e)
{
	struct zone *z = pool_alloc(p, sizeof *z);
	const char *tz = getenv("TZ");

	z->name = pool_strndup(p, name, strlen(name));
	if (strcmp(name, "UTC") == 0)
		return z;
	if (strcmp(name, "local") != 0)
		return open_named(z, p, name, e) < 0 ? NULL : z;
	/* What TZ names and nobody knows is UTC, as the C library has it. */
	if (open_named(z, p, tz ? tz : LOCAL, NULL) < 0)
		*z = (struct zone){.name = z->name};
	return z;
}

/* --- questions --- */

/* How many changes lie at or before sec. */
static size_t passed(const struct zone *z, int64_t sec)
{
	size_t lo = 0, hi = z->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (z->changes[mid].at <= sec)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct zone_span span_at(const struct zone *z, int64_t sec)
{
	struct zone_span s = {INT64_MIN, INT64_MAX, z ? z->before : 0};
	int64_t last;
	size_t i;

	if (!z)
		return s;
	i = passed(z, sec);
	if (i == z->n && z->has_rule) {
		last = z->n ? z->changes[z->n - 1].at : INT64_MIN;
		s = rule_span(&z->rule, sec);
		s.from = s.from > last ? s.from : last;
		return s;
	}
	if (i > 0) {
		s.from = z->changes[i - 1].at;
		s.offset = z->changes[i - 1].offset;
	}
	if (i < z->n)
		s.to = z->changes[i].at;
	return s;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int zone_offset(const struct zone *z, int64_t t)
{
	return span_at(z, floor_div(t, 1000)).offset;
}

struct civil zone_civil(const struct zone *z, int64_t t)
{
	int64_t sec = floor_div(t, 1000), there = sec + span_at(z, sec).offset, days = floor_div(there, A_DAY);
	int of_day = (int)(there - days * A_DAY);
	struct civil c = {.hour = of_day / 3600, .min = of_day / 60 % 60, .sec = of_day % 60, .ms = (int)(t - sec * 1000)};

	date_of_days(days, &c.year, &c.mon, &c.day);
	return c;
}

/* Which offsets hold in the day around it, and with which of them does a clock show it? */
int64_t zone_time(const struct zone *z, const struct civil *c, int64_t *other)
{
	int64_t there = days_of_date(c->year, c->mon, 1) * A_DAY + (c->day - 1) * (int64_t)A_DAY + c->hour * 3600 + c->min * 60 + c->sec;
	int64_t found[2] = {0}, skipped = 0;
	struct zone_span s = span_at(z, there - FAR);
	int n = 0;

	for (;;) {
		int64_t t = there - s.offset;

		if (t >= s.from && t < s.to && n < 2)
			found[n++] = t;
		else if (t >= s.to)
			skipped = t; /* unless it comes later, too */
		if (s.to > there + FAR)
			break;
		s = span_at(z, s.to);
	}
	if (other)
		*other = n == 2 ? found[1] * 1000 + c->ms : NO_TIME;
	return (n ? found[0] : skipped) * 1000 + c->ms;
}
