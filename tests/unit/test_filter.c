/* SPDX-License-Identifier: MIT */
/* The language of filters: what is refused, in which words and where; what passes; and what takes too long. */
#include "history.h"
#include <gscrape/filter.h>

static const char *const saved[] = {"stuck: waiting > 10s or state == \"chan send\"", "round: a and @round"};

static struct filter *parsed(const char *text, struct filter_fault *at, struct err *e)
{
	struct filter_source src = {text, T0, NULL, saved, 2};
	struct filter *f;

	*e = (struct err){0};
	filter_open(&f, &src, at, e);
	return f;
}

/* A mark under what is wrong: blanks before it, ^ and ~. */
static void refused(const char *text, const char *mark, const char *sentence)
{
	struct filter_fault at;
	struct err e;

	assert_null(parsed(text, &at, &e));
	assert_string_equal(e.text, sentence);
	assert_int_equal(at.at, strspn(mark, " "));
	assert_int_equal(at.at + at.n, strlen(mark) - (strchr(mark, '|') != NULL));
}

static void errors_point(void **state)
{
	(void)state;
	refused("stat == x",
		"^~~~", "no field 'stat'; did you mean state?");
	refused("a and lable.x == y",
		"      ^~~~~~~", "no field 'lable.x'; text to look for goes in quotes");
	refused("foo == 3",
		"^~~", "no field 'foo'; text to look for goes in quotes");
	refused("wait > 3m",
		"^~~~", "no field 'wait'; did you mean waiting?");
	refused("label.\"a key > 3",
		"^~~~~~~~~~~~~~~~", "this quote has no end");
	refused("label.\"\" == y",
		"^~~~~~", "a label is asked for by its key: label.KEY");
	refused("label == y",
		"^~~~~", "a label is asked for by its key: label.KEY");
	refused("state ==",
		"        |", "state: what it is compared with is missing");
	refused("state == and",
		"         ^~~", "state: 'and' is no value; put it in quotes if it is");
	refused("state > 5",
		"      ^", "state is a text: '>' is for numbers and times");
	refused("id ~ 5",
		"   ^", "id is no text: '~' is for texts");
	refused("id == five",
		"      ^~~~", "'five' is no number");
	refused("age > soon",
		"      ^~~~", "'soon' is no duration (write 90s, 1m30s, 250ms or 7d)");
	refused("locked == maybe",
		"          ^~~~~", "locked is true or false");
	refused("state == \"sel",
		"         ^~~~", "this quote has no end");
	refused("(a or b",
		"^", "this bracket is not closed");
	refused("a or b)",
		"      ^", "no bracket is open that this could close");
	refused("a or",
		"    |", "a condition is missing here");
	refused("or a",
		"^~", "a condition is missing before 'or'");
	refused("id in 5",
		"      ^", "id in: a list in brackets is missing, as in id in (a, b)");
	refused("id in (5, 6",
		"           |", "id in (…): a comma or ) is missing");
	refused("state ~ \"a(\"",
		"        ^~~~", "'a(' is no regular expression: missing closing parenthesis (at 3)");
	refused("siblings x",
		"         ^", "whose? A filter in brackets is missing");
	refused("count > 3 or state == select",
		"^~~~~~~~~", "count is asked of groups of what the rest wants: join it by 'and'");
	refused("a @nobody",
		"  ^~~~~~~", "no filter is saved as 'nobody'");
	refused("@round",
		"^~~~~~", "the saved filter 'round': it is in itself");
}

/* However long or deep, there is a sentence. */
static void bounded(void **state)
{
	static const char *const pieces[] = {"(", "not ", "a ", "ancestors(", "\"", "id in (1,", "state=="};
	struct filter_fault at;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		for (size_t n = 1; n < 200000; n *= 20) {
			struct buf b = {0};
			struct filter *f;

			while (b.n < n)
				buf_adds(&b, pieces[i]);
			f = parsed(b.p, &at, &e);
			assert_true(f || e.text[0]);
			assert_true(f || at.at + at.n <= b.n);
			assert_true(b.n < 65536 || !f);
			filter_close(f);
			buf_release(&b);
		}
	}
	assert_null(parsed("", &at, &e));
	assert_null(parsed(" \t", &at, &e));
	assert_string_equal(e.text, "");
}

/* --- who passes --- */

static const char dump[] =
	"goroutine 1 [select]:\nmain.main()\n\t/src/main.go:9 +0x1\n\n"
	"goroutine 7 [chan send, 3 minutes]:\nmain.(*pool).get(0xc000010)\n\t/src/pool.go:88 +0x1\ncreated by main.start in goroutine 1\n\t/src/main.go:40 +0x1\n\n"
	"goroutine 8 [sync.Mutex.Lock] {job: x, tenant: \"a \\\"b\\\"\"}:\nsync.(*Mutex).lockSlow(0xc000000010)\n\t/go/s.go:1 +0x1\n"
	"net/http.(*conn).serve(0x1)\n\t/go/net/http/server.go:88 +0x1\ncreated by main.start in goroutine 7\n\t/src/main.go:41 +0x1\n\n"
	"goroutine 9 [running, locked to thread]:\nmain.spin()\n\t/src/spin.go:5 +0x1\ncreated by main.start in goroutine 7\n\t/src/main.go:41 +0x1\n\n";

static void passes(struct history *h, const char *text, const char *ids)
{
	struct filter_fault at;
	struct err e;
	struct filter *f = parsed(text, &at, &e);
	struct buf b = {0};
	struct alive *a;
	size_t n;

	if (!f)
		fail_msg("%s: %s", text, e.text);
	for (int twice = 0; twice < 2; twice++) { /* what is remembered is no other answer */
		buf_reset(&b);
		assert_int_equal(query_alive(h->q, &(struct moment){1, NO_TIME}, &h->p, &a, &n, NULL), 0);
		assert_int_equal(filter_alive(f, h->q, &(struct moment){1, NO_TIME}, a, &n, &e), 0);
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, "%s%llu", i ? " " : "", (unsigned long long)a[i].id);
		if (strcmp(n ? b.p : "", ids) != 0)
			fail_msg("%s: %s, not %s", text, n ? b.p : "nobody", ids);
	}
	filter_close(f);
	buf_release(&b);
}

static void who_passes(void **state)
{
	static const char *const rows[][2] = {
		{"select", "1"}, {"SELECT", ""}, {"main", "1 7 8 9"}, {"!main", ""}, {"main !spin", "1 7 8"}, {"^main.spin$", "9"},
		{"server.go:88", "8"}, {"server.go:8", ""}, {"pool.go:88", "7"}, {"main.(*pool).get", "7"}, {"id:7", "7"}, {"id:77", ""},
		{"state:chan", "7"}, {"\"chan send\"", "7"}, {"tenant", "8"}, {"a:1", "1 7 8 9"},
		{"state == \"chan send\"", "7"}, {"state=select", "1"}, {"state != select", "7 8 9"}, {"state in (select, 'chan send')", "1 7"},
		{"func == \"http.(*conn).serve\"", "8"}, {"func == net/http.(*conn).serve", "8"}, {"func != main.main", "7 8 9"},
		{"top == main.spin", "9"}, {"root ~ serve$", "8"}, {"package == net/http", "8"}, {"package == main", "1 7 9"},
		{"created_by == main.start", "7 8 9"}, {"created_by == main.go:41", "8 9"}, {"created_by == \"\"", "1"},
		{"file == server.go", "8"}, {"file == server.go:88", "8"}, {"file == http/server.go", "8"}, {"file == erver.go", ""},
		{"stack ~ 'lockSlow(.*\\n)+.*serve'", "8"}, {"stack !~ main", ""}, {"stack contains created", "7 8 9"}, {"depth > 1", "8"}, {"depth in (1, 2)", "1 7 8 9"},
		{"label.job == x", "8"}, {"label.job == \"\"", "1 7 9"}, {"label.tenant == 'a \"b\"'", "8"}, {"label.tenant == \"a \\\"b\\\"\"", "8"},
		{"waiting > 2m", "7"}, {"waiting >= 3m", "7"}, {"waiting > 3m", ""}, {"waiting < 1h", "1 7 8"}, {"not waiting < 1h", "9"}, {"age > 2m", "7"},
		{"born < -1m", "7"}, {"wait_object == 0xc000000010", "8"}, {"wait_object != 0", "8"}, {"locked", "9"}, {"locked == no", "1 7 8"}, {"not locked", "1 7 8"},
		{"leaked", ""}, {"alive", "1 7 8 9"}, {"epoch == 1", "1 7 8 9"}, {"host == a:1", "1 7 8 9"}, {"family == lock", "8"}, {"parent == 7", "8 9"},
		{"parent != 7", "7"}, {"id > 7 and id < 9", "8"}, {"id == 1 or id == 9", "1 9"}, {"id == 1 || id == 9 && locked", "1 9"},
		{"(id == 1 or id == 9) and locked", "9"}, {"not (id == 1 or id == 9)", "7 8"}, {"id >= 7 !spin", "7 8"},
		{"descendants(id == 1)", "7 8 9"}, {"descendants(id == 7)", "8 9"}, {"ancestors(locked)", "1 7"}, {"siblings(id == 8)", "9"}, {"siblings(id > 7)", "8 9"},
		{"ancestors(siblings(id == 8)) and not id == 1", "7"}, {"@stuck", "7"}, {"not @stuck", "1 8 9"}, {"count > 3", "1 7 8 9"},
	};
	struct history h;

	(void)state;
	begin(&h);
	assert_int_equal(add(&h, 0, dump, SNAP_OK), 0);
	ask(&h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		passes(&h, rows[i][0], rows[i][1]);
	finish(&h);
}

static void groups_have_counts(void **state)
{
	struct filter_fault at;
	struct history h;
	struct filter *f;
	struct group *g;
	struct err e;
	size_t n;

	(void)state;
	begin(&h);
	assert_int_equal(add(&h, 0, dump, SNAP_OK), 0);
	ask(&h);
	f = parsed("parent == 7 and (count >= 2 and not count > 2)", &at, &e);
	assert_int_equal(query_groups(h.q, &(struct group_question){{1, NO_TIME}, BY_CREATED, f}, &h.p, &g, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(g->count, 2);
	filter_close(f);
	finish(&h);
}

/* An expression that would take for ever is told, and nothing is made up instead. */
static void explodes(void **state)
{
	struct filter_fault at;
	struct history h;
	struct buf b = {0};
	struct filter *f;
	struct alive *a;
	struct err e;
	size_t n;

	(void)state;
	begin(&h);
	buf_adds(&b, "goroutine 1 [select]:\nmain.");
	for (int i = 0; i < 500; i++)
		buf_adds(&b, "aaaaaaaa");
	buf_adds(&b, "()\n\t/src/main.go:9 +0x1\n\n");
	assert_int_equal(add(&h, 0, b.p, SNAP_OK), 0);
	ask(&h);
	f = parsed("func ~ \"^main.(a|a)*[0-9]$\"", &at, &e);
	assert_int_equal(query_alive(h.q, &(struct moment){1, NO_TIME}, &h.p, &a, &n, NULL), 0);
	assert_int_equal(filter_alive(f, h.q, &(struct moment){1, NO_TIME}, a, &n, &e), -1);
	assert_string_equal(e.text, "'^main.(a|a)*[0-9]$' takes too long on a text of 4005 bytes: a simpler expression, please");
	filter_close(f);
	buf_release(&b);
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(errors_point), cmocka_unit_test(bounded), cmocka_unit_test(who_passes),
					   cmocka_unit_test(groups_have_counts), cmocka_unit_test(explodes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
