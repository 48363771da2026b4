/* SPDX-License-Identifier: MIT */
/*
 * simulated [-s SEEDS] [-f FIRST_SEED] [-k KIND] [-v]: how well the leak detector does on stories told in simulated time.
 * Each is recorded through the real recorder into a real store, and asked about as it goes on, as a pager would, at ATTEMPTS
 * moments and at its end.
 *
 * top    a leak's first suspect is the right one, and worth a look (watch or leak)
 * called and it says leak
 * false  a healthy story has a leak at its end; alarms: at some moment on the way
 * stray  a leaking story has another leak besides the right ones
 * --to   moments at which asking later gives another answer (verdicts of all suspects) than was given then
 */
#include "world.h"
#include <gscrape/insight.h>
#include <gscrape/recorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0 1790000000000 /* ms */
#define ATTEMPTS 12

struct score {
	uint32_t n, top, called, false_end, alarms, stray, other, asked;
};

struct story {
	const struct kind *kind;
	uint64_t seed;
	struct world w;
	char db[300];
	struct recorder *r;
	uint32_t host;
	struct query *q;
	struct pool p;
	struct suspect *s;
	size_t n;
	int64_t when[ATTEMPTS + 1];
	uint64_t said[ATTEMPTS + 1]; /* a hash of the verdicts */
	uint32_t n_said;
};

static void fatal(const struct err *e)
{
	fprintf(stderr, "simulated: %s\n", e->text);
	exit(1);
}

static void ask(struct story *t, int64_t to)
{
	struct leak_question question = {.from = NO_TIME, .to = to};
	struct err e;

	pool_release(&t->p);
	if ((t->q ? query_refresh(t->q, &e) : query_open(&t->q, t->db, &e)) < 0 ||
	    query_leaks(t->q, &question, &t->p, &t->s, &t->n, &e) < 0)
		fatal(&e);
}

static uint64_t verdicts(const struct story *t)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->s[i].verdict != VERDICT_NONE)
			sum += (t->s[i].created.func_id * 31u + t->s[i].created.line) * 7919u + t->s[i].place.func_id * 17u + t->s[i].verdict;
	return sum;
}

static bool right(const struct story *t, const struct suspect *s)
{
	for (uint32_t i = 0; i < t->w.n_causes; i++)
		if (s->created.func && strcmp(s->created.func, t->w.causes[i][0]) == 0 && s->place.func &&
		    strcmp(s->place.func, t->w.causes[i][1]) == 0)
			return true;
	return false;
}

/* A leak that is none of the right ones. */
static const struct suspect *wrong_leak(const struct story *t, double at)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->s[i].verdict == VERDICT_LEAK && !(right(t, &t->s[i]) && at < t->w.mended))
			return &t->s[i];
	return NULL;
}

static void explain(const struct story *t, const struct suspect *s)
{
	char from[TIME_MAX];

	printf("    %s %.3f %s %s:%u -> %s, %u there, %lld came, since +%s\n", verdict_name(s->verdict), s->score, suspect_kind_name(s->kind),
	       s->created.func ? s->created.func : "-", s->created.line, s->place.func, s->count, (long long)s->growth,
	       duration_format(from, s->since - T0));
	for (size_t i = 0; i < s->n_evidence; i++)
		printf("      %+.2f %-10s %s\n", s->evidence[i].weight, s->evidence[i].name, s->evidence[i].text);
	for (size_t i = 0; i < s->n_against; i++)
		printf("      %+.2f %-10s %s\n", s->against[i].weight, s->against[i].name, s->against[i].text);
	(void)t;
}

static void headline(const struct story *t, const char *what)
{
	char every[TIME_MAX], until[TIME_MAX];

	printf("  %s, seed %llu (%s every %s): %s\n", t->kind->name, (unsigned long long)t->seed, duration_format(until, (int64_t)t->w.until),
	       duration_format(every, (int64_t)t->w.interval), what);
}

static void record(struct story *t, double at, struct buf *text)
{
	struct scraped scraped = {.time = T0 + (int64_t)at, .status = SNAP_OK};
	struct err e;

	look(&t->w, at, text);
	scraped.text = (struct str){text->p, text->n};
	if (recorder_add(t->r, t->host, &scraped, NULL, &e) < 0)
		fatal(&e);
}

static void on_the_way(struct story *t, double at, struct score *score, bool loud)
{
	const struct suspect *wrong;
	bool alarmed = false;
	struct err e;

	if (recorder_commit(t->r, &e) < 0)
		fatal(&e);
	ask(t, NO_TIME);
	t->when[t->n_said] = T0 + (int64_t)at;
	t->said[t->n_said++] = verdicts(t);
	wrong = wrong_leak(t, at);
	if (wrong && !t->kind->leaks && score->alarms == 0) {
		score->alarms = 1;
		alarmed = true;
	}
	if (alarmed && loud) {
		char text[TIME_MAX];

		headline(t, "ALARM on the way");
		printf("    after %s:\n", duration_format(text, (int64_t)at));
		explain(t, wrong);
	}
}

static void at_end(struct story *t, struct score *score, bool loud)
{
	const struct suspect *top = t->n ? t->s : NULL, *wrong = wrong_leak(t, t->w.until);

	if (t->kind->leaks) {
		score->top = top && top->verdict != VERDICT_NONE && right(t, top);
		score->called = score->top && top->verdict == VERDICT_LEAK;
		score->stray = wrong != NULL;
		if (loud && !score->called) {
			headline(t, score->top ? "not called" : "MISSED");
			for (size_t i = 0, shown = 0; i < t->n && shown < 2; i++)
				if (i == 0 || right(t, &t->s[i])) {
					explain(t, &t->s[i]);
					shown++;
				}
		}
	} else {
		score->false_end = wrong != NULL;
	}
	if (loud && wrong) {
		headline(t, t->kind->leaks ? "STRAY" : "FALSE");
		explain(t, wrong);
	}
}

static struct score tell(const struct kind *kind, uint64_t seed, const char *folder, bool loud)
{
	struct story t = {.kind = kind, .seed = seed};
	struct score score = {.n = 1};
	struct buf text = {0};
	struct err e;
	uint32_t looks, done = 0;

	t.w.seed = seed;
	t.w.random = seed * 1000003u;
	for (const char *c = kind->name; *c; c++)
		t.w.random = t.w.random * 131 + (uint8_t)*c;
	kind->plan(&t.w);
	settle(&t.w);
	snprintf(t.db, sizeof t.db, "%s/story.db", folder);
	unlink(t.db);
	if (recorder_open(&t.r, t.db, &e) < 0 || recorder_host(t.r, "a:1", NULL, &t.host, &e) < 0)
		fatal(&e);
	looks = (uint32_t)(t.w.until / t.w.interval);
	for (uint32_t i = 0; i <= looks; i++) {
		record(&t, i * t.w.interval, &text);
		if (i > 0 && i * ATTEMPTS / looks > done && i < looks) {
			done = i * ATTEMPTS / looks;
			on_the_way(&t, i * t.w.interval, &score, loud);
		}
	}
	on_the_way(&t, looks * t.w.interval, &score, false);
	at_end(&t, &score, loud);
	if (recorder_close(t.r, &e) < 0)
		fatal(&e);
	for (uint32_t i = 0; i < t.n_said; i++) {
		ask(&t, t.when[i]);
		score.asked++;
		if (verdicts(&t) != t.said[i]) {
			score.other++;
			if (loud && getenv("SIM_TO")) {
				headline(&t, "says another thing about then");
				if (t.n)
					explain(&t, t.s);
			}
		}
	}
	query_close(t.q);
	pool_release(&t.p);
	buf_release(&text);
	world_release(&t.w);
	unlink(t.db);
	return score;
}

static void sum_up(struct score *sum, const struct score *s)
{
	sum->n += s->n;
	sum->top += s->top;
	sum->called += s->called;
	sum->false_end += s->false_end;
	sum->alarms += s->alarms;
	sum->stray += s->stray;
	sum->other += s->other;
	sum->asked += s->asked;
}

static void line(const char *name, const struct score *s, bool leaks, const char *about)
{
	char stray[24] = "";

	if (s->stray)
		snprintf(stray, sizeof stray, ", stray %u", s->stray);
	if (leaks)
		printf("%-20s leaks    %3u  top %3u  called %3u%-12s  --to differs %u of %u  %s\n", name, s->n, s->top, s->called, stray,
		       s->other, s->asked, about);
	else
		printf("%-20s healthy  %3u  false %2u  alarms %3u              --to differs %u of %u  %s\n", name, s->n, s->false_end, s->alarms,
		       s->other, s->asked, about);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	uint32_t seeds = 4, first = 1;
	const char *only = NULL, *tmp = getenv("TMP");
	char folder[256];
	bool loud = false;
	struct score all[2][2] = {0}; /* held out, leaks */
	int c;

	while ((c = getopt(argc, argv, "s:f:k:v")) != -1) {
		switch (c) {
		case 's': seeds = (uint32_t)atoi(optarg); break;
		case 'f': first = (uint32_t)atoi(optarg); break;
		case 'k': only = optarg; break;
		case 'v': loud = true; break;
		default: return 2;
		}
	}
	snprintf(folder, sizeof folder, "%s/simulated.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder)) {
		perror(folder);
		return 1;
	}
	for (uint32_t i = 0; i < n_kinds; i++) {
		struct score sum = {0};

		if (only && !strstr(kinds[i].name, only))
			continue;
		for (uint32_t s = 0; s < seeds; s++) {
			struct score one = tell(&kinds[i], first + s, folder, loud);

			sum_up(&sum, &one);
		}
		line(kinds[i].name, &sum, kinds[i].leaks, kinds[i].about);
		sum_up(&all[kinds[i].held_out][kinds[i].leaks], &sum);
	}
	for (int held = 0; held < 2; held++) {
		line(held ? "held out" : "in all", &all[held][1], true, "");
		line(held ? "held out" : "in all", &all[held][0], false, "");
	}
	snprintf(folder + strlen(folder), sizeof folder - strlen(folder), "/story.db-lock");
	unlink(folder);
	*strrchr(folder, '/') = 0;
	rmdir(folder);
	return 0;
}
