/* SPDX-License-Identifier: MIT */
/* What is known of a host at a time: the one rule, which every face asks. It reads snapshots by number only. */
#include "query_internal.h"
#include <stdlib.h>

#define AROUND   5     /* snapshots on either side that say what the usual interval is */
#define WIDE     60    /* where those are all at one time: the clock was set back, and has not caught up yet */
#define DEFAULT  30000 /* ms: of a host that nothing is known of, the program's own */
#define SLACK    2000  /* ms from a scrape to its being seen by a reader */
#define BATCH    64

static int by_length(const void *pa, const void *pb)
{
	int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return a < b ? -1 : a > b;
}

/* Which distances tell the interval: of two good ones, side by side or not; or, since after a failed scrape the next waits for
 * longer, from a good one to whatever comes. */
enum distance { OF_NEIGHBOURS, OF_GOOD, AFTER_GOOD, OF_ANY };

static size_t distances(const struct snapshot *s, size_t n, enum distance which, int64_t *out)
{
	const struct snapshot *was = NULL; /* the one before, if it counts */
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		bool failed = s[i].status == SNAP_FAILED;

		if (was && !(failed && which <= OF_GOOD) && s[i].time - was->time > 1) /* 1: the clock went back */
			out[k++] = s[i].time - was->time;
		if (!failed || which == OF_ANY)
			was = &s[i];
		else if (which != OF_GOOD)
			was = NULL;
	}
	return k;
}

static int64_t usual(struct query *q, struct snapshot_key at, uint32_t around, enum distance which, size_t least)
{
	struct snapshot s[2 * WIDE + 1];
	int64_t d[2 * WIDE];
	size_t n = query_numbered(q, at.host, at.seq > around ? at.seq - around : 1, at.seq + around, s, 2 * around + 1);
	size_t k = distances(s, n, which, d);

	if (k < least)
		return 0;
	qsort(d, k, sizeof *d, by_length);
	return d[(k - 1) / 2];
}

/* The usual interval around a snapshot; 0 unknown. */
static int64_t interval_at(struct query *q, uint32_t host, uint32_t seq)
{
	static const struct {
		uint32_t around;
		enum distance which;
		size_t least;
	} tries[] = {{AROUND, OF_NEIGHBOURS, 1}, {WIDE, OF_GOOD, 3}, {AROUND, AFTER_GOOD, 1}, {AROUND, OF_ANY, 1}, {WIDE, OF_ANY, 1}};
	int64_t out = 0;

	for (size_t i = 0; i < sizeof tries / sizeof *tries && !out; i++)
		out = usual(q, (struct snapshot_key){host, seq}, tries[i].around, tries[i].which, tries[i].least);
	return out;
}

int64_t query_reach(struct query *q, uint32_t host, uint32_t seq)
{
	int64_t interval = interval_at(q, host, seq);

	return (interval ? interval : DEFAULT) * 5 / 2;
}

int64_t query_newest(struct query *q, uint32_t host)
{
	int64_t newest = NO_TIME;
	size_t n;
	const struct host *h = query_hosts(q, &n), *one = host ? query_host_numbered(q, host) : NULL;

	if (host)
		return one ? one->last : NO_TIME;
	for (size_t i = 0; i < n; i++)
		if (h[i].last > newest)
			newest = h[i].last;
	return newest;
}

/* From snapshot `seq` back to the newest ones with a number and with text; how many failed on the way to the number. */
static void look_back(struct query *q, uint32_t host, uint32_t seq, struct known *k)
{
	struct snapshot s[BATCH];
	size_t n;

	while (seq && !k->text.seq) {
		n = query_numbered(q, host, seq >= BATCH ? seq - BATCH + 1 : 1, seq, s, BATCH);
		if (!n)
			return;
		seq = s[0].seq - 1;
		while (n-- && !k->text.seq) {
			bool failed = s[n].status == SNAP_FAILED;

			if (failed && !k->number.seq) {
				k->failures++;
				k->down_since = s[n].time;
			}
			if (!failed && !k->number.seq)
				k->number = s[n];
			if (snap_has_text(s[n].status))
				k->text = s[n];
		}
	}
}

int64_t query_interval(struct query *q, uint32_t host)
{
	struct known k = {0};
	struct snapshot s;

	if (query_snapshot_at(q, host, INT64_MAX, &s, NULL) != 1)
		return 0;
	look_back(q, host, s.seq, &k);
	return k.number.seq ? interval_at(q, host, k.number.seq) : 0;
}

/* What the failed scrape at this time left in writing. */
static int reason(struct query *q, uint32_t host, int64_t time, const char **out, struct err *e)
{
	struct pool p = {0};
	struct snapshot *s;
	size_t n = 0;
	int rc = query_snapshots(q, &(struct window){.host = host, .from = time, .to = time}, &p, &s, &n, e);

	if (rc == 0 && n && s[n - 1].note)
		*out = query_string(q, s[n - 1].note);
	pool_release(&p);
	return rc;
}

/* How long the next scrape may take to come after this one, the newest. A target that fails is tried less and less often, each
 * time after up to 3.4 times as long. */
static int64_t patience(struct query *q, uint32_t host, const struct snapshot *last)
{
	int64_t reach = query_reach(q, host, last->seq), wait = 0;
	struct snapshot two[2];

	if (last->status == SNAP_FAILED && last->seq > 1 && query_numbered(q, host, last->seq - 1, last->seq, two, 2) == 2)
		wait = (two[1].time - two[0].time) * 4;
	return reach > wait ? reach : wait;
}

static void known_judge(struct known *k, int64_t reach_number, int64_t reach_text)
{
	bool number = k->number.seq && k->t - k->number.time <= reach_number;

	k->known = k->text.seq && k->t - k->text.time <= reach_text;
	k->goroutines = number ? (int64_t)k->number.goroutines : -1;
	k->age = k->number.seq ? k->t - k->number.time : NO_TIME;
	if (k->known)
		k->how = KNOWN;
	else if (number)
		k->how = KNOWN_COUNT;
}

/* Is it of another clock than ours? A recorder whose clock was set back takes steps of 1 ms until that has caught up. */
static bool is_of_future(struct query *q, uint32_t host, const struct snapshot *last)
{
	struct snapshot two[2];

	return last->time > now_ms() + SLACK &&
	       !(last->seq > 1 && query_numbered(q, host, last->seq - 1, last->seq, two, 2) == 2 && two[1].time - two[0].time == 1);
}

/* Was it scraped just now? Of a snapshot that came from a file nobody knows how long it took to scrape: nobody scrapes that host,
 * however new the file is. A target that fails may never have answered. */
static bool is_scraped(struct query *q, uint32_t host, const struct snapshot *last)
{
	return last->time > q->end && !is_of_future(q, host, last) && (last->took || last->status == SNAP_FAILED) && now_ms() - last->time <= patience(q, host, last) + SLACK;
}

static void score_now(struct query *q, struct known *k)
{
	struct snapshot last;

	if (query_snapshot_at(q, k->host, INT64_MAX, &last, NULL) != 1)
		return;
	k->scraped = is_scraped(q, k->host, &last);
	k->now = k->scraped && last.status != SNAP_FAILED ? (int64_t)last.goroutines : -1;
}

bool query_is_now(struct query *q, uint32_t host)
{
	struct snapshot last;

	return query_snapshot_at(q, host, INT64_MAX, &last, NULL) == 1 && snap_has_text(last.status) && is_scraped(q, host, &last);
}

int query_known(struct query *q, uint32_t host, int64_t t, struct known *out, struct err *e)
{
	struct snapshot at;
	int64_t newest = query_newest(q, host);
	int rc;

	if (t == NO_TIME || t == INT64_MAX)
		t = newest;
	*out = (struct known){.host = host, .t = t, .how = UNKNOWN_NEVER, .goroutines = -1, .age = NO_TIME, .down_since = NO_TIME,
			      .first = NO_TIME, .now = -1};
	rc = newest == NO_TIME ? 0 : query_snapshot_at(q, host, t, &at, e);
	if (rc <= 0)
		return rc;
	score_now(q, out);
	if (at.time > t) { /* before the first one */
		out->how = UNKNOWN_BEFORE;
		out->first = at.time;
		return 0;
	}
	look_back(q, host, at.seq, out);
	out->how = at.status == SNAP_FAILED && t - at.time <= patience(q, host, &at) ? UNKNOWN_DOWN : UNKNOWN_SILENT;
	known_judge(out, out->number.seq ? query_reach(q, host, out->number.seq) : 0,
		    out->text.seq ? query_reach(q, host, out->text.seq) : 0);
	return at.status == SNAP_FAILED ? reason(q, host, at.time, &out->why, e) : 0;
}

int known_text_seq(struct query *q, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	struct known k;

	*seq = 0;
	if (query_known(q, host, t, &k, e) < 0)
		return -1;
	if (k.known)
		*seq = k.text.seq;
	return 0;
}

/* The time alone, or with its day where that is not T's. */
static const char *moment(char *out, int64_t time, int64_t t, const struct zone *zone)
{
	char other[TIME_MAX];

	time_format(out, time, TIME_TABLE, zone);
	time_format(other, t, TIME_TABLE, zone);
	return memcmp(out, other, 10) == 0 ? time_format(out, time, TIME_CLOCK, zone) : out;
}

static bool is_cut(const struct snapshot *s)
{
	return s->seq && snap_is_cut(s->status);
}

bool known_number_is_cut(const struct known *k)
{
	return is_cut(&k->number);
}

bool known_is_cut(const struct known *k)
{
	return k->known && is_cut(&k->text);
}

void known_sentence(struct buf *out, const struct known *k, const struct zone *zone)
{
	char when[TIME_MAX], ago[TIME_MAX];

	switch (k->how) {
	case KNOWN:
		return;
	case KNOWN_COUNT:
		buf_addf(out, "counted only at %s: who they are was not asked", moment(when, k->number.time, k->t, zone));
		return;
	case UNKNOWN_NEVER:
		buf_adds(out, "not scraped yet");
		return;
	case UNKNOWN_BEFORE:
		buf_addf(out, "no sample at T; first %s", moment(when, k->first, k->t, zone));
		return;
	case UNKNOWN_DOWN:
		buf_addf(out, "down since %s: %s", moment(when, k->down_since, k->t, zone), k->why ? k->why : "no answer");
		return;
	case UNKNOWN_SILENT:
		break;
	}
	if (k->number.seq)
		buf_addf(out, "no sample at T; last %s, %s ago", moment(when, k->number.time, k->t, zone),
			 duration_format(ago, k->age));
	else
		buf_addf(out, "no sample at T; it failed from %s on: %s", moment(when, k->down_since, k->t, zone),
			 k->why ? k->why : "no answer");
}

void known_odd_sentence(struct buf *out, const struct known *k, const struct zone *zone)
{
	char t[TIME_MAX];

	if (!k->known || k->text.status == SNAP_OK)
		return;
	buf_addf(out, "the dump of %s is %s: %s", time_format(t, k->text.time, TIME_TABLE, zone), snap_status_name(k->text.status),
		 k->text.status == SNAP_GROUPED ? "it tells no identities, which are made up, nor creation sites; ages are at most as told" :
						  "goroutines may be missing");
}

static void number_or_null(struct jw *j, const char *key, bool known, int64_t v)
{
	jw_key(j, key);
	if (known)
		jw_int(j, v);
	else
		jw_null(j);
}

void known_json(struct jw *j, const struct known *k)
{
	struct buf why = {0};

	known_sentence(&why, k, NULL);
	jw_ktime(j, "at", k->t);
	jw_ktime(j, "time", k->known ? k->text.time : NO_TIME);
	number_or_null(j, "goroutines", k->goroutines >= 0, k->goroutines);
	jw_ktime(j, "last_good", k->number.seq ? k->number.time : NO_TIME);
	number_or_null(j, "goroutines_last", k->number.seq, k->number.goroutines);
	number_or_null(j, "ago", k->number.seq, k->age);
	jw_ktime(j, "down_since", k->down_since);
	jw_kstr(j, "status", k->known ? snap_status_name(k->text.status) : NULL);
	jw_kstr(j, "unknown", why.n ? why.p : NULL);
	buf_release(&why);
}
