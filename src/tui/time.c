/* SPDX-License-Identifier: MIT */
/* What moves time: T by samples, columns and jumps; the window; playback by the wall clock. */
#include "session.h"
#include <stdio.h>
#include <stdlib.h>

#define LEAST_WINDOW 1000 /* ms */
#define SLOW_FRAME   500  /* ms between frames of playback on a slow link */

static const int play_speeds[5] = {2000, 1000, 500, 200, 100}; /* 0.5x 1x 2x 5x 10x, as the web page has them */

static int lane_width(const struct session *a)
{
	return a->w > 10 ? a->w - 8 : 1;
}

static void step(struct session *a, int n)
{
	struct snapshot s;
	struct err e;
	int64_t was = a->t;
	int rc = query_snapshot_at(a->q, a->host, a->t, &s, &e);

	if (rc == 1 && s.time < a->t && n < 0) /* T is between two: the one before is a step back */
		n++;
	if (rc == 1)
		rc = query_step(a->q, a->host, a->t, n, &s, &e);
	if (rc < 0)
		say_error(a, e.text);
	else if (rc == 1)
		set_time(a, s.time);
	if (rc >= 0 && a->t == was)
		say(a, "no sample of %s %s T", a->host ? host_name(a, a->host) : "any host", n < 0 ? "before" : "after");
}

void take_sample(struct session *a, int64_t want)
{
	struct snapshot s;
	struct err e;
	char t[TIME_MAX], w[TIME_MAX];

	if (!shows_host(a) || query_snapshot_at(a->q, a->host, want, &s, &e) != 1) {
		set_time(a, want);
		return;
	}
	set_time(a, s.time);
	if (want - s.time > query_reach(a->q, a->host, s.seq) || s.time > want)
		say(a, "T is %s: of %s there is no sample at %s", time_text(a, t, s.time, TIME_CLOCK), host_name(a, a->host),
		    time_text(a, w, want, TIME_CLOCK));
}

/* n columns on, and at least one sample. */
static void step_column(struct session *a, int n)
{
	int64_t width = (a->to - a->from) / lane_width(a), was = a->t;
	struct snapshot s;
	struct err e;
	int64_t want = a->t + n * (width > 0 ? width : 1);

	if (query_snapshot_at(a->q, a->host, want, &s, &e) == 1 && (n < 0 ? s.time < was : s.time > was))
		set_time(a, s.time);
	else
		step(a, n);
}

/* Elsewhere than in the goroutine view a change is a step of the chart: a twentieth of the most there was. */
static void step_change(struct session *a, int dir)
{
	const struct host *h = chosen_host(a);
	uint32_t least = h ? h->peak / 20 + 1 : 1;
	struct snapshot s, next;
	struct err e;
	int64_t t = a->t;

	if (query_snapshot_at(a->q, a->host, t, &s, &e) != 1)
		return;
	for (int i = 0; i < 100000; i++) {
		if (query_step(a->q, a->host, s.time, dir, &next, &e) != 1 || next.seq == s.seq)
			break;
		if (s.status != next.status || s.epoch != next.epoch ||
		    (uint32_t)abs((int)next.goroutines - (int)s.goroutines) >= least) {
			set_time(a, next.time);
			return;
		}
		s = next;
	}
	say(a, "no change of that size %s", dir < 0 ? "before" : "after");
}

static void zoom(struct session *a, double by)
{
	double span = (double)(a->to - a->from) * by;
	char t0[TIME_MAX], t1[TIME_MAX];
	double at = a->to > a->from ? (double)(a->t - a->from) / (double)(a->to - a->from) : 0.5;

	if (span < LEAST_WINDOW)
		span = LEAST_WINDOW;
	if (span > 3.2e12) /* a century */
		return;
	if (at < 0 || at > 1)
		at = 0.5;
	a->whole = false;
	a->from = a->t - (int64_t)(span * at);
	a->to = a->from + (int64_t)span;
	say(a, "the window: %s..%s", time_in_window(a, t0, a->from, TIME_CLOCK), time_in_window(a, t1, a->to, TIME_CLOCK));
}

static void play(struct session *a)
{
	struct snapshot s;
	struct err e;

	a->playing = !a->playing;
	a->follow = false;
	if (!a->playing || query_snapshot_at(a->q, a->host, a->t, &s, &e) != 1)
		return;
	a->play_since = monotonic_ms();
	a->play_seq = s.seq;
}

static void change_speed(struct session *a, int by)
{
	struct snapshot s;
	struct err e;

	a->speed += by;
	if (a->speed < 0)
		a->speed = 0;
	if (a->speed > 4)
		a->speed = 4;
	if (a->playing && query_snapshot_at(a->q, a->host, a->t, &s, &e) == 1) {
		a->play_since = monotonic_ms();
		a->play_seq = s.seq;
	}
	say(a, "playback at %gx%s", 1000.0 / play_speeds[a->speed], a->playing ? "" : "; Space plays");
}

static void pin(struct session *a)
{
	char text[TIME_MAX];

	if (a->pin != NO_TIME) {
		a->pin = NO_TIME;
		a->use_pin = false;
		say(a, "unpinned");
		return;
	}
	a->pin = a->t;
	a->use_pin = true;
	say(a, "pinned %s as the base to compare with", time_text(a, text, a->pin, TIME_CLOCK));
}

static void base(struct session *a)
{
	if (a->pin == NO_TIME) {
		say(a, "nothing is pinned; x pins T");
		return;
	}
	a->use_pin = !a->use_pin;
	say(a, a->use_pin ? "compared with the pinned time" : "compared with the sample before");
}

static void move(struct session *a, enum action action)
{
	switch (action) {
	case ACT_PREV: step(a, -1); break;
	case ACT_NEXT: step(a, 1); break;
	case ACT_PREV_COLUMN: step_column(a, -1); break;
	case ACT_NEXT_COLUMN: step_column(a, 1); break;
	case ACT_START: take_sample(a, a->from); break;
	case ACT_END: take_sample(a, a->to); break;
	case ACT_PREV_CHANGE: step_change(a, -1); break;
	case ACT_NEXT_CHANGE: step_change(a, 1); break;
	default: break;
	}
}

bool time_act(struct session *a, enum action action)
{
	if (action >= ACT_PREV && action <= ACT_NEXT_CHANGE) {
		a->playing = a->follow = false; /* any key that moves time takes it in hand */
		move(a, action);
		return true;
	}
	switch (action) {
	case ACT_PLAY: play(a); return true;
	case ACT_SLOWER: change_speed(a, -1); return true;
	case ACT_FASTER: change_speed(a, 1); return true;
	case ACT_SKIP:
		a->skip = !a->skip;
		say(a, a->skip ? "playback skips unchanged samples" : "playback shows every sample");
		return true;
	case ACT_ZOOM_IN: zoom(a, 0.5); return true;
	case ACT_ZOOM_OUT: zoom(a, 2); return true;
	case ACT_ZOOM_ALL:
		if (a->whole)
			say(a, "the window has the whole recording");
		window_all(a);
		return true;
	case ACT_PIN: pin(a); return true;
	case ACT_BASE: base(a); return true;
	default: return false;
	}
}

void time_tick(struct session *a, int64_t now)
{
	const struct view *v = view_of(a, a->view);
	int64_t frames, target;
	struct snapshot s;
	struct err e;

	settle_tick(a, now);
	if (!a->playing)
		return;
	frames = (now - a->play_since) / play_speeds[a->speed];
	if (frames <= 0)
		return;
	if (query_snapshot_at(a->q, a->host, a->t, &s, &e) != 1) {
		a->playing = false;
		return;
	}
	if (a->skip && v->next_change && v->next_change(a, &target)) {
		set_time(a, target);
		a->play_since = now;
	} else if (query_step(a->q, a->host, s.time, (int)((int64_t)a->play_seq + frames - s.seq), &s, &e) == 1) {
		set_time(a, s.time); /* by the clock: a slow line skips samples and never plays in slow motion */
	}
	if (query_step(a->q, a->host, a->t, 1, &s, &e) != 1 || s.time <= a->t)
		a->playing = false;
}

int64_t time_due(const struct session *a, int64_t now)
{
	int64_t each = play_speeds[a->speed], past = now - a->play_since, rest = settle_due(a, now);

	if (a->slow_link && each < SLOW_FRAME)
		each = SLOW_FRAME;
	each = a->playing ? each - past % each : -1;
	return rest >= 0 && (each < 0 || rest < each) ? rest : each;
}

/* A clock's time is of the last day that has it by the window's end: told where T was on another day before. */
static bool say_day(struct session *a, int64_t before)
{
	char was[TIME_MAX], is[TIME_MAX];

	time_format(was, before, TIME_TABLE, a->zone);
	time_format(is, a->t, TIME_TABLE, a->zone);
	if (strncmp(was, is, sizeof "2026-11-23" - 1) == 0)
		return false;
	say(a, "T is %s", is);
	return true;
}

/* T is where nothing was recorded: of the host that is shown, or of all. */
static void say_outside(struct session *a)
{
	int64_t newest = query_newest(a->q, shows_host(a) ? a->host : 0), first = INT64_MAX;
	char d[TIME_MAX], t[TIME_MAX];
	size_t n;
	const struct host *h = query_hosts(a->q, &n);

	for (size_t i = 0; i < n; i++)
		if (h[i].first != NO_TIME && h[i].first < first && (!shows_host(a) || h[i].id == a->host))
			first = h[i].first;
	if (newest != NO_TIME && a->t > newest)
		say(a, "T is %s after the last sample, of %s", duration_format(d, a->t - newest), time_text(a, t, newest, TIME_CLOCK));
	else if (first != INT64_MAX && a->t < first)
		say(a, "T is %s before the first sample, of %s", duration_format(d, first - a->t), time_text(a, t, first, TIME_CLOCK));
}

/* "15:56", "-10m" and "+1h" from T, "50%", "sample 12" (or frame, as it was called), "end". */
void goto_time(struct session *a, const char *text)
{
	double percent;
	unsigned frame;
	int64_t t, before = a->t;
	struct err e;
	char *end;

	a->playing = a->follow = false;
	while (*text == ' ')
		text++;
	percent = strtod(text, &end);
	if (!*text) {
		say(a, "no time was typed: T stays");
		return;
	}
	if (end > text && strcmp(end, "%") == 0 && percent >= 0 && percent <= 100) {
		set_time(a, a->from + (int64_t)((double)(a->to - a->from) * percent / 100));
	} else if (sscanf(text, "sample %u", &frame) == 1 || sscanf(text, "frame %u", &frame) == 1) {
		t = a->from;
		a->t = t;
		step(a, (int)frame - 1);
	} else if (strncmp(text, "sample", 6) == 0 && !text[6 + strspn(text + 6, " ")]) {
		say_error(a, "which sample? 'sample 12' is the twelfth of the window");
	} else if (strcmp(text, "end") == 0 || strcmp(text, "start") == 0) {
		window_all(a);
		a->t = *text == 'e' ? a->to : a->from;
	} else if ((*text == '-' || *text == '+') && duration_parse(text, &t, &e) == 0) {
		set_time(a, a->t + t);
		say_outside(a);
	} else if (time_parse(text, a->to, a->zone, &t, &e) == 0) {
		set_time(a, t);
		if (!say_day(a, before))
			say_outside(a);
	} else {
		say_error(a, e.text);
	}
}
