/* SPDX-License-Identifier: MIT */
/* What a text is, before it is believed: a proxy's error page with status 200 must not become a snapshot of nothing. */
#include "line.h"
#include <gscrape/gzip.h>
#include <ctype.h>
#include <strings.h>

static const char *const names[] = {
	[DUMP_GOROUTINES] = "a goroutine dump",
	[DUMP_DEBUG1] = "a grouped goroutine profile (debug=1)",
	[DUMP_GZIP] = "compressed data (a profile of debug=0?)",
	[DUMP_HTML] = "an HTML page",
	[DUMP_JSON] = "JSON",
	[DUMP_RACE] = "a race detector's report",
	[DUMP_GOLEAK] = "goleak's report of a test",
	[DUMP_DELVE] = "a debugger's list of goroutines",
	[DUMP_COUNT] = "what --count prints, groups without addresses",
	[DUMP_LOG] = "a text in which goroutines stand behind other lines",
	[DUMP_EMPTY] = "nothing",
	[DUMP_UNKNOWN] = "no goroutine dump",
};

const char *dump_kind_name(enum dump_kind k)
{
	return names[k];
}

/* Behind the first line's words, where the number stands; 0: it is no grouped profile. */
static size_t total_at(struct str s)
{
	static const struct str totals[] = {{"goroutine profile: total ", 25}, {"goroutineleak profile: total ", 29}};

	for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
		if (str_begins(s, totals[i]))
			return totals[i].n;
	return 0;
}

int64_t dump_debug1_total(const char *p, size_t n)
{
	struct str s = {p, n};
	int64_t v = 0;
	size_t i = total_at(s);

	if (!i || i >= n || !isdigit((unsigned char)p[i]))
		return -1;
	for (; i < n && isdigit((unsigned char)p[i]) && v < INT32_MAX; i++)
		v = v * 10 + (p[i] - '0');
	return v;
}

static bool begins_nocase(struct str s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && strncasecmp(s.p, with, n) == 0;
}

static bool has_header(struct str s)
{
	size_t pos = 0;

	while (pos < s.n) {
		struct str line = line_at(s, pos, &pos);

		if (line_is_header(line))
			return true;
	}
	return false;
}

/* Behind the first line: "12 [select]" and "#\tmain.f", where a profile has "12 @ 0x1" and "#\t0x1\tmain.f+0x1". */
static bool is_count(struct str s)
{
	size_t pos = 0, i = 0;
	struct str line;

	line_at(s, 0, &pos);
	do
		line = line_at(s, pos, &pos);
	while (!line.n && pos < s.n);
	while (i < line.n && isdigit((unsigned char)line.p[i]))
		i++;
	if (!i || (i < line.n && !str_begins((struct str){line.p + i, line.n - i}, STR(" ["))) || pos >= s.n)
		return false;
	line = line_at(s, pos, &pos);
	return str_begins(line, STR("#\t")) && !str_begins(line, STR("#\t0x"));
}

/* From the first thing that can be read on, behind a byte order mark and blanks. */
static struct str without_lead(struct str s)
{
	size_t i = dump_mark(s);

	while (i < s.n && isspace((unsigned char)s.p[i]))
		i++;
	return i ? (struct str){s.p + i, s.n - i} : s; /* what is empty may be at no address */
}

enum dump_kind dump_sniff(const char *p, size_t n)
{
	struct str s = without_lead((struct str){p, n});

	if (gzip_is(p, n))
		return DUMP_GZIP;
	if (!s.n)
		return DUMP_EMPTY;
	if (total_at(s))
		return is_count(s) ? DUMP_COUNT : DUMP_DEBUG1;
	if (line_is_header(line_at(s, 0, &(size_t){0})))
		return DUMP_GOROUTINES;
	if (begins_nocase(s, "<!doctype") || begins_nocase(s, "<html") || begins_nocase(s, "<head") || begins_nocase(s, "<?xml"))
		return DUMP_HTML;
	if (memmem(s.p, s.n < 4096 ? s.n : 4096, "WARNING: DATA RACE", 18))
		return DUMP_RACE;
	if (has_header(s))
		return DUMP_GOROUTINES;
	return *s.p == '{' ? DUMP_JSON : DUMP_UNKNOWN;
}

enum dump_kind dump_sniff_answer(const char *p, size_t n)
{
	enum dump_kind kind = dump_sniff(p, n);

	if (kind == DUMP_GOROUTINES && !line_is_header(line_at(without_lead((struct str){p, n}), 0, &(size_t){0})))
		return DUMP_LOG;
	return kind;
}
