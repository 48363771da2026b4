/* SPDX-License-Identifier: MIT */
#include "session.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void say(struct session *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->message, sizeof a->message, fmt, ap);
	va_end(ap);
	a->message_is_error = false;
}

void say_error(struct session *a, const char *text)
{
	snprintf(a->message, sizeof a->message, "%s", text);
	a->message_is_error = true;
}

enum key_place key_place_here(const struct session *a)
{
	return view_of(a, a->view)->keys;
}

enum view_id view_shown(const struct session *a)
{
	return a->view >= VIEW_HELP ? a->below : a->view;
}

bool is_wide(const struct session *a)
{
	return a->w >= 120;
}

/* --- times --- */

/* "+0:19:55" and "+0:19": as wide as the time of day. */
static char *time_since(char *out, int64_t ms, enum time_style style)
{
	long s = (long)((ms < 0 ? -ms : ms) / 1000), h = s / 3600;
	char sign = ms < 0 ? '-' : '+';

	if (h >= 100)
		snprintf(out, TIME_MAX, style == TIME_CLOCK ? "%c%ldd%02ldh" : "%c%ldd", sign, h / 24, h % 24);
	else if (h >= 10)
		snprintf(out, TIME_MAX, style == TIME_CLOCK ? "%02ld:%02ld:%02ld" : "%02ld:%02ld", h, s / 60 % 60, s % 60);
	else
		snprintf(out, TIME_MAX, style == TIME_CLOCK ? "%c%ld:%02ld:%02ld" : "%c%ld:%02ld", sign, h, s / 60 % 60, s % 60);
	return out;
}

char *time_text(const struct session *a, char *out, int64_t t, enum time_style style)
{
	if (a->since_start && t != NO_TIME && (style == TIME_CLOCK || style == TIME_HM))
		return time_since(out, t - a->start, style);
	return time_format(out, t, style, a->zone);
}

#define DAY ((int64_t)24 * 60 * 60 * 1000)

char *time_in_window(const struct session *a, char *out, int64_t t, enum time_style style)
{
	if (a->since_start || a->to - a->from < DAY || t == NO_TIME)
		return time_text(a, out, t, style);
	time_text(a, out, t, TIME_TABLE);
	memmove(out, out + sizeof "2026-" - 1, strlen(out) - sizeof "2026-" + 2);
	if (style == TIME_HM)
		out[sizeof "11-23 16:05" - 1] = '\0';
	return out;
}

const char *zone_shown(const struct session *a, char *out, size_t n)
{
	int off;

	if (a->since_start)
		return "since start";
	off = zone_offset(a->zone, a->t == NO_TIME ? 0 : a->t);
	if (off == 0)
		return "UTC";
	snprintf(out, n, "%c%02d:%02d", off < 0 ? '-' : '+', (off < 0 ? -off : off) / 3600, (off < 0 ? -off : off) / 60 % 60);
	return out;
}

/* --- hosts --- */

const struct host *host_of(const struct session *a, uint32_t id)
{
	return query_host_numbered(a->q, id);
}

const struct host *chosen_host(const struct session *a)
{
	return host_of(a, a->host);
}

bool is_one_dump(const struct session *a)
{
	size_t n;
	const struct host *hosts = query_hosts(a->q, &n);

	return a->o->closed && n == 1 && hosts[0].snapshots == 1;
}

const char *host_name(const struct session *a, uint32_t id)
{
	const struct host *h = host_of(a, id);

	return h ? h->name : "";
}

void choose_host(struct session *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	if (!chosen_host(a))
		a->host = n ? h[0].id : 0;
}

uint64_t session_version(const struct session *a)
{
	return query_version(a->q);
}

/* --- the window --- */

bool shows_host(const struct session *a)
{
	return view_shown(a) == VIEW_HOST || view_shown(a) == VIEW_GOROUTINE;
}

void set_time(struct session *a, int64_t t)
{
	int64_t span = a->to - a->from;

	a->t = t;
	if (t < a->from) {
		a->from = t;
		a->to = t + span;
	} else if (t > a->to) {
		a->to = t;
		a->from = t - span;
	} else {
		return;
	}
	a->whole = false;
}

void window_all(struct session *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	a->whole = true;
	a->from = INT64_MAX;
	a->to = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		if (h[i].first != NO_TIME && h[i].first < a->from)
			a->from = h[i].first;
		if (h[i].last != NO_TIME && h[i].last > a->to)
			a->to = h[i].last;
	}
	if (a->from > a->to)
		a->from = a->to = a->t != NO_TIME ? a->t : 0;
	else if (!a->start)
		a->start = a->from;
	if (a->to - a->from < 1000)
		a->to = a->from + 1000;
}

void follow_newest(struct session *a)
{
	int64_t newest = query_newest(a->q, shows_host(a) ? a->host : 0), span = a->to - a->from;
	bool at_end = a->t >= a->to, whole = a->whole;

	if (whole)
		window_all(a);
	if (newest == NO_TIME || newest <= a->t)
		return;
	set_time(a, newest);
	if (!whole && !at_end)
		a->from = a->to - span;
}

/* --- what is known --- */

#define LONG_AGO 86400000 /* ms: whoever scraped then and not since is not asked about */

static bool is_recorded(struct session *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	int64_t now = now_ms();
	struct known k;

	for (size_t i = 0; i < n && !a->o->live && !a->o->closed; i++)
		if (h[i].last != NO_TIME && now - h[i].last < LONG_AGO && query_known(a->q, h[i].id, NO_TIME, &k, NULL) == 0 && k.scraped)
			return true;
	return a->o->live;
}

static int look_at_oddity(struct session *a, struct err *e)
{
	struct pool p = {0};
	struct snapshot *s;
	size_t n = 0;
	int64_t t = a->known.text.time;
	int rc = query_snapshots(a->q, &(struct window){.host = a->host, .from = t, .to = t}, &p, &s, &n, e);

	a->oddity = rc == 0 && n && s[n - 1].note ? query_string(a->q, s[n - 1].note) : "its end is missing";
	pool_release(&p);
	return rc;
}

int session_look(struct session *a, struct err *e)
{
	struct snapshot at, last;

	a->recorded = is_recorded(a);
	a->newer = 0;
	a->oddity = NULL;
	a->known = (struct known){.how = UNKNOWN_NEVER, .goroutines = -1, .age = NO_TIME, .now = -1};
	if (!a->host)
		return 0;
	if (!a->follow && a->recorded && query_snapshot_at(a->q, a->host, a->t, &at, e) == 1 &&
	    query_snapshot_at(a->q, a->host, INT64_MAX, &last, e) == 1)
		a->newer = last.seq - at.seq + (at.time > a->t);
	if (query_known(a->q, a->host, a->t, &a->known, e) < 0)
		return -1;
	return known_is_cut(&a->known) ? look_at_oddity(a, e) : 0;
}

int64_t session_seen(const struct session *a)
{
	return a->known.known ? a->known.text.time : a->t;
}

int64_t session_base_time(const struct session *a)
{
	int64_t span = (a->to - a->from) / 4;

	span = span < 600000 ? span : 600000;
	return a->use_pin && a->pin != NO_TIME ? a->pin : a->t - span;
}

int session_base(const struct session *a, uint32_t host, struct known *out, struct err *e)
{
	if (query_known(a->q, host, session_base_time(a), out, e) < 0)
		return -1;
	if (out->how == UNKNOWN_BEFORE && out->first < a->t)
		return query_known(a->q, host, out->first, out, e);
	return 0;
}

/* A failure's reason ends with what to do: "HTTP 404: is net/http/pprof registered …?". */
static const char *advice_of(const char *why)
{
	const char *advice = "";

	for (const char *p = why; p && (p = strstr(p, ": ")) != NULL; p += 2)
		advice = p + 2;
	return advice;
}

char *unknown_text(const struct session *a, const struct known *k, char *out, size_t n)
{
	static const char at_t[] = "no sample at T";
	struct buf b = {0};
	char t[TIME_MAX];

	known_sentence(&b, k, a->zone);
	buf_putc(&b, '\0');
	b.n -= b.n > 1 && k->how == UNKNOWN_DOWN && *advice_of(k->why) ? strlen(advice_of(k->why)) + 3 : 1;
	if (k->how == UNKNOWN_DOWN && !k->number.seq)
		buf_addf(&b, " (%" PRIu32 " of %" PRIu32 ")", k->failures, k->failures); /* it never answered */
	else if (k->how == UNKNOWN_DOWN && k->failures > 1)
		buf_addf(&b, " (%" PRIu32 " in a row)", k->failures);
	if (k->t != a->t && b.n && strncmp(b.p, at_t, sizeof at_t - 1) == 0)
		snprintf(out, n, "no sample at %s%s", time_text(a, t, k->t, TIME_CLOCK), b.p + sizeof at_t - 1);
	else
		snprintf(out, n, "%.*s", (int)b.n, b.n ? b.p : "");
	buf_release(&b);
	return out;
}

const char *unknown_advice(const struct session *a)
{
	bool shown = shows_host(a) || view_shown(a) == VIEW_OVERVIEW;

	return shown && a->known.how == UNKNOWN_DOWN ? advice_of(a->known.why) : "";
}

void add_where(const struct session *a, struct buf *out)
{
	char t[TIME_MAX], why[300];

	buf_addf(out, "%s at %s", a->host ? host_name(a, a->host) : "no host", time_text(a, t, a->t, TIME_CLOCK));
	if (a->host && !a->known.known)
		buf_addf(out, ", %s", unknown_text(a, &a->known, why, sizeof why));
}

bool is_looking(const struct session *a)
{
	return a->follow || a->recorded || a->partial[0]; /* what is missing may come again */
}

static void take_fault(struct session *a, const struct err *why, struct filter_fault at)
{
	snprintf(a->filter_fault, sizeof a->filter_fault, "%s", why->text);
	a->fault_at = at;
}

const char *filter_word(const struct session *a, const char *nothing)
{
	return a->filter_refused ? "" : a->filter_fault[0] ? a->filter_fault : nothing;
}

void session_gave_up(struct session *a)
{
	struct err why;

	if (filter_gave_up(a->where, &why) < 0)
		take_fault(a, &why, (struct filter_fault){0, 0});
}

void session_where(struct session *a)
{
	const char *text = a->filter_regex ? "" : a->filter;
	struct filter_source src = {.text = text, .now = now_ms(), .zone = a->zone, .saved = a->saved, .n_saved = a->n_saved};
	struct filter_fault at = {0, 0};
	struct err why = {0};
	struct filter *f;

	if (matcher_set(a->matcher, a->filter, a->filter_regex ? MATCH_REGEX : MATCH_WORDS, &why) < 0)
		take_fault(a, &why, (struct filter_fault){a->matcher->wrong, 1});
	else if (a->filter_regex)
		a->filter_fault[0] = '\0';
	if (strcmp(text, a->where_of) == 0)
		return;
	snprintf(a->where_of, sizeof a->where_of, "%s", text);
	filter_close(a->where);
	if (filter_open(&f, &src, &at, &why) < 0)
		take_fault(a, &why, (struct filter_fault){at.at, at.n ? at.n : 1});
	else if (!a->filter_regex)
		a->filter_fault[0] = '\0';
	filter_hint(f, why.text, sizeof why.text);
	a->where = filter_is_words(f) ? NULL : f;
	if (!a->where)
		filter_close(f);
	snprintf(a->where_wrong, sizeof a->where_wrong, "%.199s", why.text);
	a->where_no++;
}
