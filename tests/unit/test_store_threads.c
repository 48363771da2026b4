/* SPDX-License-Identifier: MIT */
/* Readers beside a writer, in threads of one process and with either engine: what a view shows is whole, and stays. */
#include <gscrape/store.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define SNAPSHOTS 200
#define READERS 2
#define T0 1790000000000 /* ms */

struct reading {
	const char *where;
	atomic_bool *done;
	pthread_t thread;
	unsigned views;
	char fault[sizeof((struct err){0}.text)];
};

/* As many are alive as the last snapshot says, and as many are remembered. */
static bool is_whole(struct store_view *v, struct pool *p, char *fault, size_t size)
{
	struct goroutine_state *alive;
	struct liveness *known;
	struct host_row *hosts;
	size_t n_hosts, n = 0, n_known = 0;
	struct err e = {0};

	if (store_hosts(v, p, &hosts, &n_hosts, &e) < 0 ||
	    (n_hosts && (store_alive(v, (struct snapshot_key){hosts->host, hosts->last_seq}, p, &alive, &n, &e) < 0 ||
			 store_liveness(v, hosts->host, p, &known, &n_known, &e) < 0)))
		return snprintf(fault, size, "%s", e.text), false;
	if (n_hosts && (n != hosts->last_seq || n_known != n))
		return snprintf(fault, size, "%zu alive and %zu remembered at %u", n, n_known, hosts->last_seq), false;
	return true;
}

static void *reads(void *arg)
{
	struct reading *r = arg;
	struct store *s;
	struct err e;
	bool last = false;

	if (store_open(&s, r->where, STORE_READ, &e) < 0)
		return snprintf(r->fault, sizeof r->fault, "%s", e.text), NULL;
	while (!last && !*r->fault) {
		struct store_view *v;
		struct pool p = {0};

		last = atomic_load(r->done);
		if (store_view_open(s, &v, &e) < 0) {
			snprintf(r->fault, sizeof r->fault, "%s", e.text);
			break;
		}
		if (is_whole(v, &p, r->fault, sizeof r->fault) && is_whole(v, &p, r->fault, sizeof r->fault))
			r->views++;
		store_view_close(v);
		pool_release(&p);
	}
	store_close(s);
	return NULL;
}

struct writing {
	struct store *s;
	struct symtab *names;
	uint32_t host, stack, state;
};

/* One more is born in each. */
static void write_one(struct writing *w, uint32_t seq)
{
	struct event born = {.kind = EV_BORN, .id = seq, .seq = seq, .minutes = -1, .stack = w->stack, .state = w->state};
	struct state_count all = {w->state, seq};
	struct snapshot snap = {.time = T0 + seq, .seq = seq, .ordinal = seq, .epoch = 1, .goroutines = seq, .states = &all, .n_states = 1};
	struct liveness known[SNAPSHOTS];
	struct err e = {0};

	for (uint32_t i = 0; i < seq; i++)
		known[i] = (struct liveness){.id = i + 1, .minutes = -1};
	if (store_begin(w->s, &e) < 0 || store_put_snapshot(w->s, &(struct snapshot_put){w->host, &snap, &born, 1, w->names}, &e) < 0 ||
	    store_put_liveness(w->s, w->host, known, seq, &e) < 0 || store_put_memory(w->s, w->host, STR("m"), &e) < 0 ||
	    store_commit(w->s, NULL, &e) < 0)
		fail_msg("%s", e.text);
}

static void begin_writing(struct writing *w, const char *where)
{
	struct host_place at;
	struct err e = {0};

	*w = (struct writing){.names = symtab_new()};
	w->stack = symtab_stack(w->names, &(struct sym_stack){.n = 1, .frames = &(uint32_t){symtab_frame(w->names, STR("main.f"), STR("/m.go"), 1)}});
	w->state = symtab_string(w->names, STR("select"));
	if (store_open(&w->s, where, STORE_WRITE, &e) < 0 || store_begin(w->s, &e) < 0 || store_host(w->s, "a:1", NULL, &at, &e) < 0 ||
	    store_commit(w->s, NULL, &e) < 0)
		fail_msg("%s", e.text);
	w->host = at.host;
}

static void beside_a_writer(const char *where)
{
	struct reading r[READERS];
	atomic_bool done = false;
	struct writing w;

	begin_writing(&w, where);
	for (size_t i = 0; i < READERS; i++) {
		r[i] = (struct reading){.where = where, .done = &done};
		assert_int_equal(pthread_create(&r[i].thread, NULL, reads, &r[i]), 0);
	}
	for (uint32_t seq = 1; seq <= SNAPSHOTS; seq++)
		write_one(&w, seq);
	atomic_store(&done, true);
	for (size_t i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(r[i].thread, NULL), 0);
		assert_string_equal(r[i].fault, "");
		assert_true(r[i].views > 0);
	}
	store_close(w.s);
	symtab_free(w.names);
}

static void lmdb(void **state)
{
	const char *tmp = getenv("TMP");
	char where[256];

	(void)state;
	snprintf(where, sizeof where, "%s/threads.db", tmp ? tmp : "/tmp");
	beside_a_writer(where);
	unlink(where);
	snprintf(where, sizeof where, "%s/threads.db-lock", tmp ? tmp : "/tmp");
	unlink(where);
}

static void memory(void **state)
{
	(void)state;
	beside_a_writer("memory:threads");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lmdb), cmocka_unit_test(memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
