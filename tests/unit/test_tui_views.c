/* SPDX-License-Identifier: MIT */
/* What the views do beyond drawing: jumps by real changes, siblings, a stack's occurrences, who else has it, filters, sorting, rows
 * that keep their place. The store is real dumps; each expectation is read from the query room itself. */
#include <errno.h>
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <tui/app.h>
#include <tui/view_leaks.h>
#include <tui/view_host.h>
#include <tui/view_overview.h>
#include <tui/view_goroutine.h>
#include <tui/path.h>
#include <tui/row_model.h>
#include <tui/source.h>
#include <tui/view_functions.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static char db[256];

static int make_store(void **state)
{
	struct index_options o = {.paths = (const char *[]){"tests/data/series"}, .n_paths = 1, .db = db, .jobs = 1};
	struct index_totals t;
	struct err e;
	const char *tmp = getenv("TMP");

	(void)state;
	snprintf(db, sizeof db, "%s/views.db", tmp ? tmp : "/tmp");
	unlink(db);
	return index_run(&o, &t, &e);
}

static const struct tui_options base = {.at = NO_TIME, .base = NO_TIME, .no_state = true};
static struct tui_options o;
static struct canvas c;

static void load(struct app *a)
{
	struct err e;

	if (app_load(a, &e) < 0)
		fail_msg("%s", e.text);
	canvas_resize(&c, a->s.w, a->s.h);
	app_draw(a, &c);
}

static void begin(struct app *a, const char *view, const char *host, uint64_t id)
{
	struct err e;

	o = base;
	o.db = db;
	o.view = view;
	o.host = host;
	o.id = id;
	if (app_open(a, &o, &e) < 0)
		fail_msg("%s", e.text);
	a->s.w = 160;
	a->s.h = 48;
	load(a);
}

static void finish(struct app *a)
{
	app_close(a);
	canvas_release(&c);
}

static void press(struct app *a, const char *keys)
{
	for (; *keys; keys++) {
		app_key(a, *keys == '\n' ? K_ENTER : (unsigned char)*keys);
		load(a);
	}
}

/* [ ] stop where the stack changes and nowhere else, { } where the state does. */
static void jumps(void **state)
{
	struct app a;
	const struct life *l;
	size_t stacks = 0, states = 0;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:16060", 50);
	l = &goroutine_view_of(&a.s)->life;
	for (size_t i = 1; i < l->n; i++) {
		stacks += l->runs[i].stack != l->runs[i - 1].stack;
		states += l->runs[i].state != l->runs[i - 1].state;
	}
	assert_true(stacks > 2 && states > 2);
	for (int by_state = 0; by_state < 2; by_state++) {
		size_t n = 0, want = by_state ? states : stacks;

		set_time(&a.s, l->first);
		load(&a);
		for (int64_t was = a.s.t - 1; a.s.t > was && n <= want; n++) {
			was = a.s.t;
			press(&a, by_state ? "}" : "]");
		}
		assert_int_equal(n - 1, want);
		for (n = 0; n < want; n++) {
			int64_t was = a.s.t;

			press(&a, by_state ? "{" : "[");
			assert_true(a.s.t < was);
		}
		assert_int_equal(a.s.t, l->first);
	}
	finish(&a);
}

/* J and K go through the children that the same statement of the parent made, and back. */
static void siblings(void **state)
{
	struct app a;
	uint64_t first;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:16060", 50);
	assert_true(goroutine_view_of(&a.s)->n_siblings > 2);
	assert_int_equal(goroutine_view_of(&a.s)->siblings[goroutine_view_of(&a.s)->self].id, 50);
	assert_int_equal(goroutine_view_of(&a.s)->ancestors[goroutine_view_of(&a.s)->n_ancestors - 1].id, goroutine_view_of(&a.s)->life.parent);
	for (size_t i = 0; i + 1 < goroutine_view_of(&a.s)->n_siblings; i++)
		assert_true(goroutine_view_of(&a.s)->siblings[i].id < goroutine_view_of(&a.s)->siblings[i + 1].id);
	first = goroutine_view_of(&a.s)->siblings[0].id;
	for (size_t i = 0; i < goroutine_view_of(&a.s)->n_siblings; i++)
		press(&a, "K");
	assert_int_equal(a.s.id, first);
	press(&a, "JK");
	assert_int_equal(a.s.id, first);
	press(&a, "p");
	assert_int_equal(a.s.id, 1);
	assert_int_equal(goroutine_view_of(&a.s)->n_ancestors, 0);
	finish(&a);
}

static void stacks(void **state)
{
	struct app a;
	const struct goroutine_view *g;
	uint32_t samples = 0;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:16060", 50);
	g = goroutine_view_of(&a.s);
	for (size_t i = 0; i < g->n_stacks; i++) {
		samples += g->stacks[i].samples;
		assert_true(!i || g->stacks[i].samples <= g->stacks[i - 1].samples);
	}
	assert_int_equal(samples, g->samples);
	assert_true(g->n_stacks > 1);
	set_time(&a.s, g->life.first);
	load(&a);
	press(&a, "\tj"); /* the second most common one */
	for (int i = 0; i < 3; i++) {
		int64_t was = a.s.t;

		press(&a, "n");
		assert_true(a.s.t > was);
		assert_int_equal(g->life.runs[life_run_at(&g->life, a.s.t)].stack, g->stacks[1].stack);
	}
	press(&a, "N");
	assert_int_equal(g->life.runs[life_run_at(&g->life, a.s.t)].stack, g->stacks[1].stack);
	finish(&a);
}

/* A: its stack alone, open, as many as are on it; and q gives back what was filtered before. */
static void who_else(void **state)
{
	struct app a;
	uint32_t also;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:16060", 50);
	press(&a, "&main\n");
	also = goroutine_view_of(&a.s)->also;
	assert_true(also > 0);
	press(&a, "A");
	assert_int_equal(a.s.view, VIEW_HOST);
	assert_int_equal(host_view_of(&a.s)->by, BY_STACK);
	assert_int_equal(host_view_of(&a.s)->lines[0].g->count, also + 1);
	assert_int_equal(host_view_of(&a.s)->n, also + 2); /* the group and its members, no other */
	for (size_t i = 1; i < host_view_of(&a.s)->n; i++)
		assert_non_null(host_view_of(&a.s)->lines[i].a);
	press(&a, "q");
	assert_int_equal(a.s.view, VIEW_GOROUTINE);
	assert_string_equal(a.s.filter, "main");
	finish(&a);
}

static int64_t sort_value(const struct app *a, const struct group_line *l, int by)
{
	switch (by) {
	case 0: return -(int64_t)l->g->count;
	case 1: return -llabs(l->delta);
	case 2: return l->g->oldest;
	default: return l->activity ? -(int64_t)l->activity->peak : 0;
	}
	(void)a;
}

static void sorting(void **state)
{
	static const struct { const char *keys; int by; } sorts[] = {{"", 0}, {"s", 1}, {"s", 2}, {"ss", 3}};
	struct app a;

	(void)state;
	begin(&a, "host", "127.0.0.1:2379", 0);
	set_time(&a.s, chosen_host(&a.s)->last);
	load(&a);
	assert_true(host_view_of(&a.s)->n > 5);
	for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
		press(&a, sorts[i].keys);
		for (size_t k = 1; k < host_view_of(&a.s)->n; k++)
			assert_true(sort_value(&a, &host_view_of(&a.s)->lines[k - 1], sorts[i].by) <= sort_value(&a, &host_view_of(&a.s)->lines[k], sorts[i].by));
	}
	press(&a, "S");
	for (size_t k = 1; k < host_view_of(&a.s)->n; k++)
		assert_true(sort_value(&a, &host_view_of(&a.s)->lines[k - 1], 3) >= sort_value(&a, &host_view_of(&a.s)->lines[k], 3));
	finish(&a);
}

/* While playing, rows keep their place; and the selected group stays selected when rows move under it. */
static void rows_keep_their_place(void **state)
{
	struct app a;
	uint64_t order[200], key;
	size_t n, k = 0;

	(void)state;
	begin(&a, "host", "127.0.0.1:2379", 0);
	set_time(&a.s, chosen_host(&a.s)->first + 60000);
	load(&a);
	n = host_view_of(&a.s)->n;
	assert_true(n > 5 && n < 200);
	for (size_t i = 0; i < n; i++)
		order[i] = host_view_of(&a.s)->lines[i].g->key;
	a.s.playing = true;
	for (int step = 0; step < 10; step++) {
		struct snapshot s;

		assert_int_equal(query_step(a.s.q, a.s.host, a.s.t, 1, &s, NULL), 1);
		set_time(&a.s, s.time);
		load(&a);
		k = 0;
		for (size_t i = 0; i < host_view_of(&a.s)->n; i++) { /* those that stood somewhere stand in the same order */
			size_t at = 0;

			while (at < n && order[at] != host_view_of(&a.s)->lines[i].g->key)
				at++;
			assert_true(at == n || at >= k);
			k = at < n ? at : k;
		}
	}
	a.s.playing = false;
	press(&a, "jjj");
	key = host_view_of(&a.s)->lines[host_view_of(&a.s)->list.sel].g->key;
	press(&a, "sss");
	assert_int_equal(host_view_of(&a.s)->lines[host_view_of(&a.s)->list.sel].g->key, key);
	finish(&a);
}

/* The functions stay in the order they were opened in while T moves; another sort is of T. */
static void functions_keep_their_place(void **state)
{
	struct function_view *f;
	uint32_t first, third;
	struct app a;

	(void)state;
	begin(&a, "functions", "127.0.0.1:6060", 0);
	f = function_view_of(&a.s);
	press(&a, "jj");
	first = f->functions[list_at(&f->list, 0)].func_id;
	third = f->functions[list_chosen(&f->list)].func_id;
	set_time(&a.s, a.s.from);
	load(&a);
	assert_int_equal(f->functions[list_at(&f->list, 0)].func_id, first);
	assert_int_equal(f->functions[list_chosen(&f->list)].func_id, third);
	press(&a, "gs"); /* by AT T: of this time */
	for (size_t i = 1; i < f->list.n; i++)
		assert_true(f->tally[f->functions[list_at(&f->list, i - 1)].func_id].at_t >= f->tally[f->functions[list_at(&f->list, i)].func_id].at_t);
	finish(&a);
}

static void filters(void **state)
{
	static const struct { const char *filter; bool regex, passes; } cases[] = {
		{"", false, true},	     {"serve", false, true},	{"SERVE", false, false}, {"Serve", false, true}, {"serve io", false, true},
		{"serve select", false, false}, {"!select", false, true}, {"!serve", false, false}, {"state:io", false, true},
		{"state:serve", false, false},  {"id:12", false, false},  {"id:123", false, true},  {"!id:123", false, false},
		{"alive", false, true},	     {"!alive", false, false},	{"^IO", true, true},	 {"^wait", true, false},  {"[", true, false},
	};
	static const struct list_text t[] = {{NULL, "http.(*Server).Serve"}, {"state", "IO wait"}, {"id", "123"}, {"=alive", ""}};
	struct app a;

	(void)state;
	begin(&a, "host", "127.0.0.1:6060", 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(a.s.filter, sizeof a.s.filter, "%s", cases[i].filter);
		a.s.filter_regex = cases[i].regex;
		load(&a);
		if (list_passes(&a.s, t, 4) != cases[i].passes)
			fail_msg("'%s' passes: %d", cases[i].filter, !cases[i].passes);
	}
	finish(&a);
}

/* More than words: goroutines are asked for, so that groups have those that pass; what is wrong is told, and is words then. */
static void filters_ask(void **state)
{
	struct host_view *h;
	uint32_t all = 0;
	struct app a;

	(void)state;
	begin(&a, "host", "127.0.0.1:6060", 0);
	h = host_view_of(&a.s);
	snprintf(a.s.filter, sizeof a.s.filter, "state == \"chan send\" and id > 100");
	load(&a);
	for (size_t i = 0; i < h->order.n; i++)
		all += h->groups[i].count;
	assert_true(all > 1000 && all == h->n_alive);
	for (size_t i = 0; i < h->n_alive; i++)
		assert_true(h->alive[i].id > 100 && strcmp(h->alive[i].state, "chan send") == 0);
	snprintf(a.s.filter, sizeof a.s.filter, "stat == x");
	load(&a);
	assert_null(a.s.where);
	assert_string_equal(a.s.filter_fault, "no field 'stat'; did you mean state?");
	assert_string_equal(filter_word(&a.s, "no group passes"), "no field 'stat'; did you mean state?");
	snprintf(a.s.filter, sizeof a.s.filter, "(");
	a.s.filter_regex = true;
	load(&a);
	assert_non_null(strstr(filter_word(&a.s, ""), "parenthesis"));
	a.s.filter_regex = false;
	snprintf(a.s.filter, sizeof a.s.filter, "main.fetch");
	load(&a);
	assert_null(a.s.where);
	assert_int_equal(h->order.n, 1);
	assert_true(h->n_alive > all); /* of words the list alone knows */
	finish(&a);
}

static void paths(void **state)
{
	static const struct frame f[] = {{.func = "runtime.gopark"}, {.func = "sync.(*Mutex).Lock"}, {.func = "a/b/store.(*DB).Select"},
					 {.func = "main.(*engine).poll.func1"}};
	const struct stack s = {.n = 4, .frames = f, .root = &f[3]};
	char out[200], small[12];

	(void)state;
	assert_string_equal(path_name(out, sizeof out, "a/b/store.(*DB).Select"), "DB.Select");
	assert_string_equal(stack_path(out, sizeof out, &s, 0, 100), "engine.poll.func1 > DB.Select > Mutex.Lock > gopark");
	assert_string_equal(stack_path(out, sizeof out, &s, 2, 100), "engine.poll.func1 > DB.Select");
	assert_string_equal(stack_path(out, sizeof out, &s, 0, 40), "engine.poll.func1 > .. > gopark");
	assert_string_equal(stack_path(out, sizeof out, &s, 9, 40), "");
	assert_true(strlen(stack_path(small, sizeof small, &s, 0, 100)) < sizeof small);
}

static const struct hit_row *hit_shown(const struct app *a, size_t i)
{
	const struct function_view *f = function_view_of(&a->s);

	return &f->rows[list_at(&f->hit_list, i)];
}

/* What stands beside a function is what its hits say. */
static void functions(void **state)
{
	struct app a;

	(void)state;
	begin(&a, "functions", "127.0.0.1:6060", 0);
	set_time(&a.s, chosen_host(&a.s)->last);
	press(&a, "f\x14^main.fetch.func1$\n");
	assert_int_equal(function_view_of(&a.s)->n, 1);
	assert_int_equal(use_of_function(function_view_of(&a.s), function_view_of(&a.s)->functions[0].func_id)->ever, function_view_of(&a.s)->n_hits);
	assert_int_equal(function_view_of(&a.s)->at_t[0], function_view_of(&a.s)->n_at_t);
	assert_true(function_view_of(&a.s)->n_at_t > 100);
	press(&a, "&alive state:send\n");
	assert_true(function_view_of(&a.s)->hit_list.n > 100 && function_view_of(&a.s)->hit_list.n <= function_view_of(&a.s)->n_at_t);
	for (size_t i = 0; i < function_view_of(&a.s)->hit_list.n; i++)
		assert_string_equal(hit_shown(&a, i)->at_t->state, "chan send");
	press(&a, "&\x15\n\ts");
	for (size_t i = 1; i < function_view_of(&a.s)->hit_list.n; i++)
		assert_true(hit_shown(&a, i - 1)->hit->id < hit_shown(&a, i)->hit->id);
	finish(&a);
}

/* A line of the source: the functions it is in, and who had them there, and not elsewhere in them. */
static void functions_by_line(void **state)
{
	const struct function_view *f;
	struct app a;
	size_t whole;

	(void)state;
	begin(&a, "functions", "127.0.0.1:6060", 0);
	f = function_view_of(&a.s);
	press(&a, "f^main.fetch.func1$\n");
	whole = f->n_hits;
	assert_true(whole > 100);
	press(&a, "f\x15leaky/main.go:50\n");
	assert_int_equal(f->list.n, 1);
	assert_string_equal(f->functions[0].name, "main.fetch.func1");
	assert_int_equal(f->n_hits, whole);
	for (size_t i = 0; i < f->n_hits; i++) {
		const struct stack *s = query_stack(a.s.q, f->hits[i].stack);
		bool there = false;

		for (uint32_t k = 0; k < s->n; k++)
			there |= s->frames[k].line == 50 && strcmp(s->frames[k].func, "main.fetch.func1") == 0;
		assert_true(there);
	}
	press(&a, "f\x15main.go:51\n");
	assert_int_equal(f->list.n, 0);
	assert_int_equal(f->n_hits, 0);
	press(&a, "f\x15n.go:50\n"); /* no whole name of a file */
	assert_int_equal(f->list.n, 0);
	press(&a, "f\x15\n");
	assert_true(f->list.n > 100);
	finish(&a);
}

/* The i-th row of the list. */
static const struct function *function_row(const struct app *a, size_t i)
{
	const struct function_view *f = function_view_of(&a->s);

	return &f->functions[list_at(&f->list, i)];
}

/* One's own code first; then by how many have it at T, and by change; r leaves one's own alone. */
static void functions_are_sorted(void **state)
{
	const struct function_view *f;
	struct app a;
	size_t all, own = 0;

	(void)state;
	begin(&a, "functions", "127.0.0.1:6060", 0);
	f = function_view_of(&a.s);
	for (size_t i = 1; i < f->list.n; i++)
		assert_true(func_is_standard(function_row(&a, i)->name) >= func_is_standard(function_row(&a, i - 1)->name));
	all = f->list.n;
	for (size_t i = 0; i < all; i++)
		own += !func_is_standard(function_row(&a, i)->name);
	assert_true(f->at_t[list_at(&f->list, 0)] > 0); /* it opens on what is in use */
	for (size_t i = 1; i < own; i++)
		assert_true(f->tally[function_row(&a, i)->func_id].at_t <= f->tally[function_row(&a, i - 1)->func_id].at_t);
	assert_true(own > 10 && own < all);
	press(&a, "s");
	for (size_t i = 1; i < f->list.n; i++)
		assert_true(f->tally[function_row(&a, i)->func_id].at_t <= f->tally[function_row(&a, i - 1)->func_id].at_t);
	for (size_t i = 0; i < 5; i++) /* as is told of the rows in sight */
		assert_int_equal(f->tally[function_row(&a, i)->func_id].at_t, f->at_t[list_at(&f->list, i)]);
	press(&a, "s");
	assert_true(functions_by_change(&a.s));
	for (size_t i = 1; i < f->list.n; i++)
		assert_true(llabs(f->tally[function_row(&a, i)->func_id].change) <= llabs(f->tally[function_row(&a, i - 1)->func_id].change));
	press(&a, "r");
	assert_int_equal(f->list.n, own);
	press(&a, "r");
	assert_int_equal(f->list.n, all);
	finish(&a);
}

/* Of one host: each that is listed was had by somebody there, and those of all hosts are more. */
static void functions_of_a_host(void **state)
{
	const struct function_view *f;
	struct app a;
	size_t all;

	(void)state;
	begin(&a, "functions", "127.0.0.1:2019", 0);
	f = function_view_of(&a.s);
	all = f->list.n;
	assert_int_equal(f->all, all);
	press(&a, "\x14");
	assert_true(f->list.n > 10 && f->list.n < all);
	assert_int_equal(f->all, f->list.n);
	for (size_t i = 0; i < f->n_uses; i++)
		assert_true(f->uses[i].use.ever > 0);
	press(&a, "f\t\t\n"); /* created-by */
	assert_true(f->list.n <= f->all);
	finish(&a);
}

/* Each run is an event, and that it went; Enter sets T. */
static void events_are_listed(void **state)
{
	const struct goroutine_view *g;
	struct app a;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:16060", 50);
	g = goroutine_view_of(&a.s);
	press(&a, "E");
	assert_int_equal(g->events.n, g->life.n + g->life.ended);
	assert_true(g->life.n > 2);
	press(&a, "g\n");
	assert_int_equal(a.s.t, g->life.runs[0].from);
	press(&a, "jj\n");
	assert_int_equal(a.s.t, g->life.runs[2].from);
	press(&a, "E");
	assert_int_equal(g->pane, PANE_STACK);
	finish(&a);
}

/* The lines around the frame's; a file that was written after the goroutine was seen is newer than the binary. */
static void source_is_shown(void **state)
{
	const char *tmp = getenv("TMP") ? getenv("TMP") : "/tmp";
	const struct goroutine_view *g;
	struct buf lines = {0};
	struct err e;
	struct app a;
	char *file;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:6060", 1);
	g = goroutine_view_of(&a.s);
	assert_string_equal(g->frames[0].f->func, "main.main");
	for (int i = 1; i < 200; i++)
		buf_addf(&lines, "line %d of it\n", i);
	file = xasprintf("%s%s", tmp, strrchr(g->frames[0].f->file, '/'));
	assert_int_equal(file_write(file, lines.p, lines.n, &e), 0);
	snprintf(a.s.source, sizeof a.s.source, "%.*s=%s", (int)(strrchr(g->frames[0].f->file, '/') - g->frames[0].f->file), g->frames[0].f->file, tmp);
	press(&a, "v");
	buf_reset(&lines);
	canvas_dump(&c, &lines);
	assert_non_null(strstr(lines.p, "newer than the binary"));
	assert_non_null(strstr(lines.p, "130  line 130 of it"));
	unlink(file);
	press(&a, "R");
	buf_reset(&lines);
	canvas_dump(&c, &lines);
	assert_non_null(strstr(lines.p, "is not here"));
	assert_int_equal(symlink(file, file), 0);
	press(&a, "R");
	buf_reset(&lines);
	canvas_dump(&c, &lines);
	assert_non_null(strstr(lines.p, strerror(ELOOP)));
	press(&a, "e");
	assert_non_null(strstr(a.s.message, strerror(ELOOP)));
	unlink(file);
	buf_release(&lines);
	free(file);
	finish(&a);
}

/* The words of a row, whatever the lines they stand on. */
static void squeeze(struct buf *out, const char *text)
{
	buf_reset(out);
	for (bool blank = true; *text; text++) {
		bool is = *text == ' ' || *text == '\n' || *text == '>';

		if (!is)
			buf_putc(out, *text);
		else if (!blank)
			buf_putc(out, ' ');
		blank = is;
	}
	buf_adds(out, "");
}

static void nothing_is_cut_when_read_aloud(void **state)
{
	struct buf seen = {0}, words = {0}, line = {0};
	const struct list *l;
	struct app a;

	(void)state;
	begin(&a, "host", "127.0.0.1:6060", 0);
	a.s.screen_reader = true;
	a.s.w = 60;
	a.s.h = 24;
	load(&a);
	l = view_of(&a.s, a.s.view)->list(&a.s);
	for (size_t i = 0; i < l->n; i++, press(&a, "j")) {
		struct row_model s = {0};

		buf_reset(&seen);
		buf_reset(&line);
		canvas_dump(&c, &seen);
		squeeze(&words, seen.p);
		l->kind->tell(&a.s, &s, list_at(l, l->sel));
		row_model_line(&s, &a.s, 0, &line);
		squeeze(&seen, line.p);
		if (!strstr(words.p, seen.p))
			fail_msg("row %zu is not read whole: %s in %s", i, seen.p, words.p);
		row_model_release(&s);
	}
	assert_int_equal(l->sel, l->n - 1);
	buf_release(&seen);
	buf_release(&words);
	buf_release(&line);
	finish(&a);
}

static bool give_dump(const void *ctx, const char *host, int64_t time, struct buf *out)
{
	struct archive ar;
	struct err e;
	bool found = false;

	assert_int_equal(archive_list(&ar, ctx, NULL, &e), 0);
	for (size_t i = 0; i < ar.n; i++)
		for (size_t k = 0; k < ar.hosts[i].n && strcmp(ar.hosts[i].name, host) == 0; k++)
			found |= ar.hosts[i].files[k].time == time && file_read(ar.hosts[i].files[k].path, out, FILE_MAX, &e) == 0;
	archive_release(&ar);
	return found;
}

/* i: its own block of the dump at T, and no other's; why there is none where the dump is gone. */
static void text_in_the_dump(void **state)
{
	const struct raw_text *r;
	struct app a;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:6060", 1);
	r = &goroutine_view_of(&a.s)->raw;
	press(&a, "i");
	assert_int_equal(r->n, 0);
	assert_non_null(strstr(r->why, "is not there"));
	o.dump_text = give_dump;
	o.dump_ctx = "tests/data/series";
	press(&a, "h");
	assert_null(r->why);
	assert_true(r->n > 4);
	assert_memory_equal(r->lines[0].p, "goroutine 1 [", 13);
	for (size_t i = 1; i < r->n; i++)
		assert_true(strncmp(r->lines[i].p, "goroutine ", 10) != 0);
	assert_int_equal(r->time, session_seen(&a.s));
	press(&a, "jj");
	assert_int_equal(r->list.sel, 2);
	press(&a, "i");
	assert_int_equal(goroutine_view_of(&a.s)->pane, PANE_STACK);
	finish(&a);
}

/* After its end [ is at its last sample again; frames have an order, so that s sorts the children. */
static void what_went(void **state)
{
	const struct goroutine_view *g;
	struct app a;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:6060", 49);
	g = goroutine_view_of(&a.s);
	assert_true(g->found && g->life.ended);
	set_time(&a.s, chosen_host(&a.s)->last);
	load(&a);
	assert_true(a.s.t > g->life.last && g->run < 0);
	press(&a, "[");
	assert_int_equal(a.s.t, g->life.last);
	press(&a, "#1\n");
	assert_int_equal(g->pane, PANE_STACK);
	assert_true(g->list.n > 10 && g->list.sort == 0);
	press(&a, "s");
	assert_int_equal(g->list.sort, 1);
	press(&a, "#50\n"); /* of another host only, and in the numbers of many */
	assert_int_equal(a.s.view, VIEW_FUNCTIONS);
	finish(&a);
}

/* The very number goes to its goroutine; asked for there it lists all that have it in theirs. */
static void a_number_hides_no_others(void **state)
{
	struct app a;

	(void)state;
	begin(&a, "goroutine", "127.0.0.1:6060", 49);
	press(&a, "#1\n");
	assert_int_equal(a.s.view, VIEW_GOROUTINE);
	assert_int_equal(a.s.id, 1);
	assert_string_equal(a.s.message, "#1 again lists all that have 1 in their number");
	press(&a, "#1\n");
	assert_int_equal(a.s.view, VIEW_FUNCTIONS);
	assert_string_equal(a.s.func.digits, "1");
	assert_true(function_view_of(&a.s)->hit_list.n > 100);
	finish(&a);
}

/* Colours of 256 as terminals have them, and how they stand out from black or white (WCAG). */
static double luminance(short color)
{
	static const int steps[] = {0, 95, 135, 175, 215, 255};
	int v[3], k = color - 16;
	double out = 0;
	static const double weight[] = {.2126, .7152, .0722};

	v[0] = color >= 232 ? 8 + 10 * (color - 232) : steps[k / 36];
	v[1] = color >= 232 ? v[0] : steps[k / 6 % 6];
	v[2] = color >= 232 ? v[0] : steps[k % 6];
	for (int i = 0; i < 3; i++) {
		double x = v[i] / 255.0;

		out += weight[i] * (x <= .03928 ? x / 12.92 : pow((x + .055) / 1.055, 2.4));
	}
	return out;
}

static void colours_stand_out(void **state)
{
	static const struct { const char *theme; double ground; } themes[] = {{"default", 0}, {"light", 1}, {"colorblind", 0}, {"colorblind", 1}};

	(void)state;
	for (size_t t = 0; t < sizeof themes / sizeof *themes; t++) {
		for (int s = 0; s < STYLE_FILL; s++) {
			short color = console_color(themes[t].theme, themes[t].ground > 0, s);
			double l = color < 0 ? 0 : luminance(color), hi = l > themes[t].ground ? l : themes[t].ground, lo = l > themes[t].ground ? themes[t].ground : l;

			if (color >= 0 && (hi + .05) / (lo + .05) < 4.5)
				fail_msg("%s: style %d, colour %d: %.2f to 1", themes[t].theme, s, color, (hi + .05) / (lo + .05));
		}
	}
}

/* A map's longest FROM counts, whole folders, once. */
static void sources_are_found(void **state)
{
	const char *tmp = getenv("TMP") ? getenv("TMP") : "/tmp";
	char *file = xasprintf("%s/views-source.go", tmp), *map = xasprintf("/build=/nowhere,/build/src=%s,%s=/build/src", tmp, tmp), *got;
	struct err e;

	(void)state;
	assert_int_equal(file_write(file, "x", 1, &e), 0);
	got = source_here(map, "/build/src/views-source.go");
	assert_string_equal(got, file);
	free(got);
	assert_null(source_here(map, "/build/srcs/views-source.go"));
	assert_null(source_here(map, "/build/views-source.go"));
	got = source_here(NULL, file);
	assert_string_equal(got, file);
	free(got);
	setenv("GOROOT", tmp, 1);
	assert_null(source_here(NULL, "/usr/local/go/src/views/none.go"));
	unlink(file);
	free(file);
	free(map);
}

static void expect_copy(struct app *a, int what, const char *want)
{
	struct buf b = {0};

	view_of(&a->s, a->s.view)->copy(&a->s, what, &b);
	buf_putc(&b, '\0');
	if (strncmp(b.p, want, strlen(want)) != 0)
		fail_msg("y %c of %s: '%s' and not '%s'", what, view_of(&a->s, a->s.view)->name, b.p, want);
	buf_release(&b);
}

/* y takes the selected row's, in each view. */
static void rows_are_copied(void **state)
{
	struct app a;
	const struct host_view *h;
	char id[32];

	(void)state;
	begin(&a, "overview", "127.0.0.1:6060", 1);
	expect_copy(&a, 'i', "127.0.0.1:6060");
	press(&a, "2");
	h = host_view_of(&a.s);
	expect_copy(&a, 'i', h->lines[0].g->name);
	press(&a, "ej");
	assert_non_null(h->lines[1].a);
	snprintf(id, sizeof id, "%" PRIu64, h->lines[1].a->id);
	expect_copy(&a, 'i', id);
	expect_copy(&a, 'l', stack_user_frame(query_stack(a.s.q, h->lines[1].a->stack))->file);
	expect_copy(&a, 's', "goroutine ");
	finish(&a);
	begin(&a, "functions", "127.0.0.1:6060", 0);
	press(&a, "fmain.fetch\n");
	expect_copy(&a, 'i', "main.fetch");
	press(&a, "\n");
	assert_int_equal(function_view_of(&a.s)->pane, 1);
	snprintf(id, sizeof id, "%" PRIu64, hit_shown(&a, 0)->hit->id);
	expect_copy(&a, 'i', id);
	finish(&a);
	begin(&a, "leaks", NULL, 0);
	press(&a, "j");
	expect_copy(&a, 'i', leak_selected(&a.s)->place.func);
	expect_copy(&a, 'l', leak_selected(&a.s)->place.file);
	finish(&a);
}

/* i hides the selected suspect, and i again is about the same one. */
static void ignoring_is_taken_back(void **state)
{
	struct app a;
	const struct leak_view *l;
	const struct suspect *s;

	(void)state;
	begin(&a, "leaks", NULL, 0);
	l = leak_view_of(&a.s);
	s = leak_selected(&a.s);
	assert_true(l->list.n > 1 && !leak_is_ignored(&a.s, list_at(&l->list, l->list.n - 1)));
	press(&a, "i");
	assert_ptr_equal(leak_selected(&a.s), s);
	assert_int_equal(l->list.sel, l->list.n - 1); /* it went behind the others, and is selected there */
	assert_true(leak_is_ignored(&a.s, list_at(&l->list, l->list.n - 1)));
	press(&a, "i");
	assert_false(leak_is_ignored(&a.s, list_at(&l->list, l->list.n - 1)));
	assert_ptr_equal(leak_selected(&a.s), s);
	finish(&a);
}

/* What view 1 says moved is what is asked here, in its order. */
static void expect_moved(struct app *a, const struct diff_question *ask)
{
	const struct overview *v = overview_of(&a->s);
	struct pool p = {0};
	struct moved *m;
	struct err e;
	size_t n, k = 0;

	assert_int_equal(query_diff(a->s.q, ask, &p, &m, &n, &e), 0);
	for (size_t i = 0; i < n; i++) {
		if (!m[i].net)
			continue;
		assert_true(k < v->n_moved);
		assert_int_equal(v->moved[k].host, m[i].host);
		assert_int_equal(v->moved[k].net, m[i].net);
		assert_int_equal(v->moved[k].from_time, m[i].from_time);
		k++;
	}
	assert_int_equal(k, v->n_moved);
	assert_true(k > 0);
	pool_release(&p);
}

/* On all hosts everybody is compared with the one time that is pinned, whatever row is selected; with a filter, those that pass. */
static void moved_on_all_hosts(void **state)
{
	struct diff_question ask = {.by = BY_CREATED};
	const struct overview *v;
	struct app a;

	(void)state;
	begin(&a, "overview", "127.0.0.1:12019", 0);
	v = overview_of(&a.s);
	a.s.use_pin = true;
	ask.from = a.s.pin = chosen_host(&a.s)->first - 60000; /* before this host, within others */
	ask.to = chosen_host(&a.s)->first + 30000;
	set_time(&a.s, ask.to);
	load(&a);
	press(&a, "A");
	expect_moved(&a, &ask);
	for (size_t i = 0; i < v->n; i++) {
		press(&a, "j");
		expect_moved(&a, &ask);
	}
	press(&a, "&12019\n");
	assert_true(v->list.n == 1 && v->n_moved > 0);
	for (size_t i = 0; i < v->n_moved; i++)
		assert_int_equal(v->moved[i].host, a.s.host);
	press(&a, "&\x15state == \"IO wait\"\n");
	assert_non_null(a.s.where);
	ask.where = a.s.where;
	expect_moved(&a, &ask);
	press(&a, "A");
	ask.host = a.s.host;
	expect_moved(&a, &ask);
	finish(&a);
}

/* Enter on a suspect: its goroutines in view 2, no more and no fewer; q is back where it was filtered before. */
static void a_suspect_is_opened(void **state)
{
	const struct leak_view *l;
	struct app a;

	(void)state;
	begin(&a, "leaks", NULL, 0);
	l = leak_view_of(&a.s);
	assert_true(l->list.n > 2);
	for (size_t i = 0; i < l->list.n; i++) {
		const struct suspect *s = leak_selected(&a.s);
		int64_t at_t = l->at_t[list_chosen(&l->list)];
		uint32_t host = s->host;
		const struct host_view *h;

		set_time(&a.s, host_of(&a.s, host)->last);
		load(&a);
		s = leak_selected(&a.s);
		at_t = l->at_t[list_chosen(&l->list)];
		press(&a, "\n");
		h = host_view_of(&a.s);
		assert_int_equal(a.s.view, VIEW_HOST);
		assert_int_equal(a.s.host, host);
		assert_non_null(a.s.where);
		assert_int_equal(h->n_alive, at_t);
		if (at_t) { /* one go statement, one row */
			assert_int_equal(h->n, 1);
			assert_int_equal(h->groups[0].count, at_t);
		}
		press(&a, "q");
		assert_string_equal(a.s.filter, "");
		press(&a, "j");
	}
	press(&a, "g&\x12.\n"); /* a regular expression that all pass */
	assert_true(a.s.filter_regex);
	press(&a, "\n");
	assert_false(a.s.filter_regex);
	press(&a, "q");
	assert_true(a.s.filter_regex);
	assert_string_equal(a.s.filter, ".");
	finish(&a);
}

/* What went to the terminal's clipboard: base64 between OSC 52 and BEL. To be freed. */
static char *clipboard(const struct app *a)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = a->yanked + strlen("\033]52;c;"), *at;
	char *out = xcalloc(strlen(p) + 1, 1);
	uint32_t bits = 0;
	size_t n = 0;

	for (int k = 0; *p && (at = strchr(digits, *p)); p++, k++) {
		bits = bits << 6 | (uint32_t)(at - digits);
		if (k % 4)
			out[n++] = (char)(bits >> (6 - 2 * (k % 4)) & 0xff);
	}
	return out;
}

/* Goroutines by their numbers, not by these as text. */
static void numbers_are_in_order(void **state)
{
	const struct host_view *h;
	struct app a;

	(void)state;
	begin(&a, "host", "127.0.0.1:6060", 0);
	press(&a, "vvvv");
	h = host_view_of(&a.s);
	assert_int_equal(h->by, BY_NONE);
	assert_true(h->n > 1000);
	for (size_t i = 1; i < h->n; i++)
		assert_true(h->lines[i - 1].a->id < h->lines[i].a->id);
	finish(&a);
}

/* Suspects by how many there are at T, as their column has it; y takes what is of the selected one's host. */
static void suspects_by_count(void **state)
{
	const struct leak_view *l;
	struct app a;

	(void)state;
	begin(&a, "leaks", "127.0.0.1:2019", 0);
	l = leak_view_of(&a.s);
	set_time(&a.s, host_of(&a.s, leak_selected(&a.s)->host)->first);
	load(&a);
	press(&a, "s");
	for (size_t i = 1; i < l->list.n; i++)
		assert_true(l->at_t[list_at(&l->list, i - 1)] >= l->at_t[list_at(&l->list, i)]);
	press(&a, "syc");
	for (size_t i = 0; i < l->list.n; i++, press(&a, "j")) {
		struct buf want = {0};
		char *text;

		buf_addf(&want, "--view leaks --host '%s'", leak_selected(&a.s)->host_name);
		press(&a, "yc");
		text = clipboard(&a);
		if (!strstr(text, want.p))
			fail_msg("no %s in %s", want.p, text);
		buf_release(&want);
		free(text);
	}
	finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_in_order), cmocka_unit_test(suspects_by_count),
		cmocka_unit_test(a_suspect_is_opened),
		cmocka_unit_test(moved_on_all_hosts),
		cmocka_unit_test(rows_are_copied), cmocka_unit_test(ignoring_is_taken_back),
		cmocka_unit_test(colours_stand_out), cmocka_unit_test(sources_are_found), cmocka_unit_test(jumps),   cmocka_unit_test(siblings), cmocka_unit_test(stacks),
		cmocka_unit_test(who_else), cmocka_unit_test(sorting),	cmocka_unit_test(rows_keep_their_place),
		cmocka_unit_test(filters), cmocka_unit_test(filters_ask), cmocka_unit_test(paths),	cmocka_unit_test(functions), cmocka_unit_test(functions_are_sorted), cmocka_unit_test(functions_keep_their_place), cmocka_unit_test(functions_of_a_host), cmocka_unit_test(functions_by_line), cmocka_unit_test(nothing_is_cut_when_read_aloud), cmocka_unit_test(text_in_the_dump), cmocka_unit_test(what_went), cmocka_unit_test(events_are_listed), cmocka_unit_test(source_is_shown), cmocka_unit_test(a_number_hides_no_others),
	};

	return cmocka_run_group_tests(tests, make_store, NULL);
}
