/* SPDX-License-Identifier: MIT */
/*
 * A long random history with outages and restarts, over several pieces of the store, asked about in random windows: what the
 * query room says of lives, queues and callers is also worked out plainly, from a model of what was recorded.
 */
#include "history.h"
#include <gscrape/insight.h>

#define SHOTS 600
#define SLOTS 60
#define RESTART 290 /* every so many */

struct cell {
	uint64_t id;
	int kind; /* row of kinds */
};

struct shot_model {
	bool failed;
	int process;
	struct cell c[SLOTS];
	int n;
};

static const struct {
	const char *state, *top, *frames;
	int object;
} kinds[] = {
	{"select", "main.a", "main.a()\n\t/a.go:1 +0x1\n", 0},
	{"sleep", "main.a", "time.Sleep(0x1)\n\t/t.go:1 +0x1\nmain.a()\n\t/a.go:2 +0x1\n", 0},
	{"chan receive", "main.b", "main.b()\n\t/b.go:1 +0x1\n", 0},
	{"sync.Mutex.Lock", "main.l", "sync.(*Mutex).lockSlow(0xc000000010)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 1},
	{"sync.Mutex.Lock", "main.l", "sync.(*Mutex).lockSlow(0xc000000020)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 2},
	{"runnable", "main.l", "sync.(*Mutex).lockSlow(0xc000000010)\n\t/s.go:1 +0x1\nmain.l()\n\t/l.go:1 +0x1\n", 0},
};
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

static struct shot_model model[SHOTS];

static uint32_t dice(uint32_t n)
{
	static uint64_t seed = 42;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void roll(struct shot_model *s, const struct shot_model *was, int process, uint64_t *ids)
{
	s->process = process;
	s->n = 0;
	for (int i = 0; was->process == process && i < was->n; i++) {
		if (dice(12) == 0)
			continue;
		s->c[s->n] = was->c[i];
		if (dice(3) == 0)
			s->c[s->n].kind = (int)dice((uint32_t)KINDS);
		s->n++;
	}
	while (s->n < SLOTS && (s->n < 20 || dice(4)))
		s->c[s->n++] = (struct cell){++*ids, (int)dice((uint32_t)KINDS)};
}

/* Goroutine 2 is created elsewhere in each process: that tells them apart. */
static void record(struct history *h, int i)
{
	struct shot_model *s = &model[i];
	struct buf b = {0};

	buf_addf(&b, "goroutine 2 [select]:\nmain.main()\n\t/m.go:9 +0x1\ncreated by main.process in goroutine 1\n\t/p.go:%d +0x1\n\n", s->process + 1);
	for (int k = 0; k < s->n; k++)
		buf_addf(&b, "goroutine %d [%s]:\n%screated by main.start in goroutine 1\n\t/m.go:%d +0x2\n\n", (int)s->c[k].id,
			 kinds[s->c[k].kind].state, kinds[s->c[k].kind].frames, 10 + (int)(s->c[k].id % 3));
	assert_int_equal(add(h, i, s->failed ? NULL : b.p, s->failed ? SNAP_FAILED : SNAP_OK), 0);
	assert_true(s->failed || h->got.new_epoch == (i == 0 || s->process != model[i - 1].process));
	buf_release(&b);
}

static void make_history(struct history *h)
{
	uint64_t ids = 2;
	int process = 0;

	for (int i = 0; i < SHOTS; i++) {
		static const struct shot_model nothing = {.process = -1};
		const struct shot_model *was = i ? &model[i - 1] : &nothing;

		model[i].failed = i && dice(15) == 0;
		if (model[i].failed) { /* as it was, so that the next one goes on from there */
			model[i] = *was;
			model[i].failed = true;
		} else {
			if (i / RESTART != process) {
				process = i / RESTART;
				ids = 2;
			}
			roll(&model[i], was, process, &ids);
		}
		record(h, i);
	}
}

static const char *name_of(const struct cell *c, enum group_by by)
{
	static const char *const sites[] = {"main.start /m.go:10", "main.start /m.go:11", "main.start /m.go:12"};

	return by == BY_CREATED ? sites[c->id % 3] : by == BY_STATE ? kinds[c->kind].state : kinds[c->kind].top;
}

static const struct cell *cell_of(int shot, uint64_t id)
{
	for (int i = 0; i < model[shot].n; i++)
		if (model[shot].c[i].id == id)
			return &model[shot].c[i];
	return NULL;
}

static bool is_in(int shot, uint64_t id, enum group_by by, const char *name)
{
	const struct cell *c = cell_of(shot, id);

	return c && strcmp(name_of(c, by), name) == 0;
}

/* The text snapshot before or after; -1 when it is of another process or there is none. */
static int neighbour(int shot, int step)
{
	int i = shot + step;

	while (i >= 0 && i < SHOTS && model[i].failed)
		i += step;
	return i < 0 || i >= SHOTS || model[i].process != model[shot].process ? -1 : i;
}

static bool is_last_process(int shot, int to)
{
	for (int i = shot; i <= to; i++)
		if (!model[i].failed && model[i].process != model[shot].process)
			return false;
	return true;
}

/* What query_lives must say of a group, by looking at each stay from its first snapshot on. */
static struct lives count_lives(int from, int to, enum group_by by, const char *name)
{
	struct lives l = {.max = NO_TIME};

	for (int i = 0; i <= to; i++) {
		for (int k = 0; !model[i].failed && k < model[i].n; k++) {
			uint64_t id = model[i].c[k].id;
			int before = neighbour(i, -1), end = i, next;
			bool born, ended;

			if (strcmp(name_of(&model[i].c[k], by), name) != 0)
				continue;
			l.samples += i >= from;
			if (before >= 0 && is_in(before, id, by, name))
				continue; /* looked at already */
			while ((next = neighbour(end, 1)) >= 0 && next <= to && is_in(next, id, by, name))
				end = next;
			if (end < from)
				continue;
			born = before >= 0 && i >= from;
			ended = next >= 0 && next <= to;
			l.births += born;
			l.before += !born;
			l.deaths += ended;
			l.alive += !ended && is_last_process(end, to);
			l.killed += !ended && !is_last_process(end, to);
			l.ended += born && ended;
			l.censored += born && !ended;
			if (born && ended && (end - i) * 1000 > l.max)
				l.max = (end - i) * 1000;
		}
	}
	return l;
}

static void check_lives(struct history *h, int from, int to, enum group_by by)
{
	struct lives_question q = {1, T0 + from * 1000, T0 + to * 1000, by};
	struct lives *l;
	size_t n;
	uint64_t samples = 0, all = 0;

	assert_int_equal(query_lives(h->q, &q, &h->p, &l, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		struct lives want;

		if (strstr(l[i].name, "main.process") || strcmp(l[i].name, "main.main") == 0)
			continue; /* goroutine 2 */
		want = count_lives(from, to, by, l[i].name);
		if (by == BY_STATE && strcmp(l[i].name, "select") == 0)
			continue; /* goroutine 2, too */
		assert_int_equal(l[i].before, want.before);
		assert_int_equal(l[i].births, want.births);
		assert_int_equal(l[i].deaths, want.deaths);
		assert_int_equal(l[i].killed, want.killed);
		assert_int_equal(l[i].alive, want.alive);
		assert_int_equal(l[i].ended, want.ended);
		assert_int_equal(l[i].censored, want.censored);
		assert_int_equal(l[i].max, want.max);
		assert_int_equal(l[i].samples, want.samples);
		samples += want.samples;
	}
	for (int i = from; i <= to; i++)
		for (int k = 0; !model[i].failed && k < model[i].n; k++)
			all += by != BY_STATE || strcmp(kinds[model[i].c[k].kind].state, "select") != 0;
	assert_int_equal(samples, all); /* no group is missing */
}

static uint32_t queue_length(int shot, int object)
{
	uint32_t n = 0;

	for (int i = 0; i < model[shot].n; i++)
		n += kinds[model[shot].c[i].kind].object == object;
	return n;
}

static void check_waiters(struct history *h, int from, int to)
{
	struct waiters *w;
	size_t n;
	uint32_t waiting = 0;

	while (model[to].failed)
		to--;
	if (to < from)
		return;
	assert_int_equal(query_waiters(h->q, 1, T0 + from * 1000, T0 + to * 1000, &h->p, &w, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		int object = (int)(w[i].object >> 4 & 0xf), next;
		uint32_t longest = 0, handed = 0;

		for (int k = from; k <= to; k++) {
			if (model[k].failed || model[k].process != model[to].process)
				continue;
			longest = queue_length(k, object) > longest ? queue_length(k, object) : longest;
			next = neighbour(k, 1);
			for (int j = 0; next >= 0 && next <= to && j < model[k].n; j++) {
				const struct cell *then = cell_of(next, model[k].c[j].id);

				handed += kinds[model[k].c[j].kind].object == object && (!then || kinds[then->kind].object != object);
			}
		}
		assert_int_equal(w[i].count, queue_length(to, object));
		assert_int_equal(w[i].longest, longest);
		assert_int_equal(w[i].handed_over, handed);
		waiting += w[i].count;
	}
	assert_int_equal(waiting, queue_length(to, 1) + queue_length(to, 2));
}

static void check_callers(struct history *h, int from, int to)
{
	struct function *f;
	struct callers c;
	uint64_t want = 0;
	size_t n;

	assert_int_equal(query_functions(h->q, "^sync.(*Mutex).lockSlow$", &h->p, &f, &n, NULL), 0);
	assert_int_equal(query_callers(h->q, &(struct callers_question){&f[0].func_id, 1, 0, T0 + from * 1000, T0 + to * 1000}, &h->p, &c, NULL), 0);
	for (int i = from; i <= to; i++)
		for (int k = 0; !model[i].failed && k < model[i].n; k++)
			want += kinds[model[i].c[k].kind].frames[0] == 's';
	assert_int_equal(c.samples, want);
}

static uint32_t count_pieces(struct store *s)
{
	struct store_view *v;
	struct store_walk *w;
	struct walk_step step = {0};
	struct err e;
	int rc;

	assert_int_equal(store_view_open(s, &v, &e), 0);
	assert_int_equal(store_walk_begin(v, 1, 1, SHOTS, &w, &e), 0);
	while ((rc = store_walk_next(w, &step, &e)) == 1)
		assert_true(step.first_seq <= step.last_seq);
	assert_int_equal(rc, 0);
	store_walk_end(w);
	store_view_close(v);
	return step.piece;
}

static void random_history(void **state)
{
	struct history h;
	uint32_t pieces = 0, epochs;

	(void)state;
	begin(&h);
	make_history(&h);
	ask(&h);
	pieces = count_pieces(query_store(h.q));
	epochs = query_hosts(h.q, &(size_t){0})[0].epochs;
	assert_true(epochs == 3 && pieces > 4); /* a process has more than one */
	for (int round = 0; round < 60; round++) {
		int from = round ? (int)dice(SHOTS) : 0, to = round ? from + (int)dice((uint32_t)(SHOTS - from)) : SHOTS - 1;
		static const enum group_by by[] = {BY_CREATED, BY_STATE, BY_TOP};

		check_lives(&h, from, to, by[round % 3]);
		check_waiters(&h, from, to);
		check_callers(&h, from, to);
		pool_release(&h.p);
	}
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_history)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
