/* SPDX-License-Identifier: MIT */
/* What one types and points at: prompts, the search, options, commands, the mouse; views as files and for screen readers. */
#include <gscrape/gzip.h>
#include <gscrape/index.h>
#include <gscrape/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <tui/app.h>
#include <tui/draw.h>
#include <tui/view_host.h>
#include <tui/view_functions.h>
#include <tui/settings.h>
#include <tui/row_model.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static char db[256], home[256];

static int make_store(void **state)
{
	struct index_options o = {.paths = (const char *[]){"tests/data/series"}, .n_paths = 1, .db = db, .jobs = 1};
	struct index_totals t;
	struct err e;
	const char *tmp = getenv("TMP");

	(void)state;
	snprintf(db, sizeof db, "%s/input.db", tmp ? tmp : "/tmp");
	snprintf(home, sizeof home, "%s/input-home", tmp ? tmp : "/tmp");
	unlink(db);
	setenv("XDG_STATE_HOME", home, 1);
	return index_run(&o, &t, &e);
}

static char kept[512];

static int keep(const char *file, const char *name, const char *value, struct err *e)
{
	(void)e;
	snprintf(kept, sizeof kept, "%s %s %s", file, name, value ? value : "-");
	return 0;
}

static struct tui_options options(const char *view)
{
	return (struct tui_options){.db = db, .view = view, .host = "127.0.0.1:6060", .glyphs = "ascii", .id = 1,
				    .at = 1795451100000 /* 16:25:00 */, .base = NO_TIME, .config_file = "config", .keep = keep};
}

static void begin(struct app *a, const struct tui_options *o)
{
	struct err e;

	assert_int_equal(app_open(a, o, &e), 0);
	a->s.w = 80;
	a->s.h = 24;
	assert_int_equal(app_load(a, &e), 0);
}

/* Keys as a script has them: <Enter>, <Ctrl-A>, or characters. */
static void type(struct app *a, const char *keys)
{
	struct err e;

	while (*keys) {
		const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
		char name[32];
		int key = (unsigned char)*keys;

		if (end) {
			snprintf(name, sizeof name, "%.*s", (int)(end - keys - 1), keys + 1);
			key = key_parse(name);
			assert_true(key >= 0);
		}
		assert_int_equal(app_load(a, &e), 0);
		app_key(a, key);
		keys = end ? end + 1 : keys + 1;
	}
	assert_int_equal(app_load(a, &e), 0);
}

static struct buf screen(struct app *a)
{
	struct canvas c = {0};
	struct buf b = {0};

	canvas_resize(&c, a->s.w, a->s.h);
	app_draw(a, &c);
	canvas_dump(&c, &b);
	buf_putc(&b, '\0');
	canvas_release(&c);
	return b;
}

static void expect_on_screen(struct app *a, const char *text)
{
	struct buf b = screen(a);

	if (!strstr(b.p, text))
		fail_msg("no '%s' in\n%s", text, b.p);
	buf_release(&b);
}

static void lines_are_edited(void **state)
{
	static const struct {
		const char *keys, *want;
		size_t at;
	} rows[] = {
		{"one two", "one two", 7},
		{"one two<Ctrl-A>x", "xone two", 1},
		{"one two<Home>x<End>y", "xone twoy", 9},
		{"one two<Ctrl-W>", "one ", 4},
		{"one two <Ctrl-W><Ctrl-W>", "", 0},
		{"one two<Ctrl-B><Ctrl-B><Ctrl-K>", "one t", 5},
		{"one two<Left><Left><Ctrl-U>", "wo", 0},
		{"one<Left><Delete>", "on", 2},
		{"one<Ctrl-A><Ctrl-D><Ctrl-F>x", "nxe", 2},
		{"one<Backspace><Ctrl-H>", "o", 1},
		{"\xc3\xa4\xe2\x82\xac<Backspace>", "\xc3\xa4", 2},
		{"\xc3\xa4\xe2\x82\xac<Left><Left><Right>x", "\xc3\xa4x\xe2\x82\xac", 3},
		{"<Left><Right><Delete><Ctrl-K><Ctrl-U><Ctrl-W>", "", 0},
	};
	struct tui_options o = options("host");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct app a;

		begin(&a, &o);
		type(&a, ":");
		type(&a, rows[i].keys);
		assert_string_equal(a.prompt.text, rows[i].want);
		assert_int_equal(a.prompt.at, rows[i].at);
		type(&a, "<Esc>");
		assert_int_equal(a.prompt.kind, PROMPT_NONE);
		app_close(&a);
	}
}

static void a_long_line_shows_its_end(void **state)
{
	struct tui_options o = options("host");
	struct app a;

	(void)state;
	begin(&a, &o);
	type(&a, ":");
	for (int i = 0; i < 300; i++)
		type(&a, "x");
	assert_int_equal(a.prompt.n, 255); /* as far as there was room */
	type(&a, "<Backspace><Backspace><Backspace>END");
	expect_on_screen(&a, "xxxEND");
	type(&a, "<Home>");
	expect_on_screen(&a, " :xxx");
	type(&a, "<Ctrl-K><Backspace>");
	assert_int_equal(a.prompt.kind, PROMPT_NONE); /* nothing left to erase */
	app_close(&a);
}

static void what_was_typed_is_kept(void **state)
{
	struct tui_options o = options("host");
	struct app a, b;
	struct err e;

	(void)state;
	begin(&a, &o);
	type(&a, ":pin<Enter>:zoom-in<Enter>:pin<Enter>/main<Enter>/<Up>");
	assert_string_equal(a.prompt.text, "main"); /* of this kind of prompt alone */
	type(&a, "<Esc>:<Ctrl-P>");
	assert_string_equal(a.prompt.text, "pin");
	type(&a, "<Ctrl-P>");
	assert_string_equal(a.prompt.text, "zoom-in"); /* each once, the newest last */
	type(&a, "<Ctrl-P><Ctrl-P>");
	assert_string_equal(a.prompt.text, "zoom-in");
	type(&a, "<Down><Ctrl-N>");
	assert_string_equal(a.prompt.text, "");
	type(&a, "<Esc>");
	assert_int_equal(history_save(&a, &e), 0);
	app_close(&a);

	begin(&b, &o);
	history_load(&b);
	type(&b, ":<Up><Up>");
	assert_string_equal(b.prompt.text, "zoom-in");
	for (int i = 0; i < 120; i++) {
		char text[32];

		snprintf(text, sizeof text, "%d", i);
		history_add(&b.prompt.history[PROMPT_TIME], text);
	}
	assert_int_equal(b.prompt.history[PROMPT_TIME].n, 50);
	assert_string_equal(b.prompt.history[PROMPT_TIME].text[49], "119");
	app_close(&b);
}

static void tab_completes(void **state)
{
	static const struct {
		const char *keys, *text, *hint;
	} rows[] = {
		{":zoom-i<Tab>", "zoom-in", ""},
		{":zo<Tab>", "zoom-", "zoom-in zoom-out zoom-all zoom-pane"},
		{":set th<Tab>", "set theme", ""},
		{":set theme <Tab>", "set theme ", "default light colorblind mono"},
		{":set theme c<Tab>", "set theme colorblind", ""},
		{":set mouse y<Tab>", "set mouse yes", ""},
		{":map V gro<Tab>", "map V group-by", ""},
		{":host 127.0.0.1:16<Tab>", "host 127.0.0.1:16060", ""},
		{":goto-mark <Tab>", "goto-mark q", ""},
		{":nothing<Tab>", "nothing", "nothing begins so"},
		{"tsta<Tab>", "start", ""},
		{"#100<Tab>", "100", "100 1000"},
		{":goto-id 1907<Tab>", "goto-id 1907", ""},
		{"&<Tab>", "", "id parent host state family func top root"},
		{"&sta<Tab>", "sta", "state stack"},
		{"&(not des<Tab>", "(not descendants(", ""},
		{"&waiting <Tab>", "waiting ", "== != < <= > >="},
		{"&state <Tab>", "state ", "== != ~ !~ contains in ("},
		{"&locked <Tab>", "locked ", "and or"},
		{"&state == x <Tab>", "state == x ", "and or"},
		{"&state == \"chan s<Tab>", "state == \"chan send\"", ""},
		{"&state == 'chan s<Tab>", "state == \"chan send\"", ""},
		{"&state == 'sle<Tab>", "state == \"sleep\"", ""},
		{"&state==\"IO<Tab>", "state==\"IO wait\"", ""},
		{"&state in (select, \"chan s<Tab>", "state in (select, \"chan send\"", ""},
		{"&top ~ main.fe<Tab>", "top ~ main.fetch.func1", ""},
		{"&created_by contains main.fe<Tab>", "created_by contains main.fetch", ""},
		{"&host == 127.0.0.1:16<Tab>", "host == \"127.0.0.1:16060\"", ""}, /* what needs quotes gets them */
		{"&state:sel<Tab>", "state:\"select (no cases)\"", ""},
		{"&func == net/http.(*conn).ser<Tab>", "func == \"net/http.(*conn).serve\"", ""},
		{"&func == net/http.(*conn<Tab>", "func == \"net/http.(*conn", "\"net/http.(*conn"},
		{"&not (top ~ main.fe<Tab>", "not (top ~ main.fetch.func1", ""},
		{"&package == net/ht<Tab>", "package == net/http", ""},
		{"&host == \"127.0.0.1:16<Tab>", "host == \"127.0.0.1:16060\"", ""},
		{"&family == l<Tab>", "family == lock", ""},
		{"&id == 3 and @<Tab>", "id == 3 and @qui", "@quiet @quick"},
		{"&nosuch == <Tab>", "nosuch == ", "and or"},
		{"&state == x OR stat<Tab>", "state == x OR state", ""},
		{"&NOT stat<Tab>", "NOT state", ""},
		{":filter <Tab>", "filter ", "quiet quick id parent"},
		{":filter qui<Tab>", "filter qui", "quiet quick"},
		{":filter state == \"chan s<Tab>", "filter state == \"chan send\"", ""},
	};
	static const char *const saved[] = {"quiet: waiting > 1h", "quick: waiting < 1s"};
	struct tui_options o = options("host");

	(void)state;
	o.saved = saved;
	o.n_saved = 2;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct app a;

		begin(&a, &o);
		type(&a, "mq");
		type(&a, rows[i].keys);
		assert_string_equal(a.prompt.text, rows[i].text);
		if (strncmp(a.prompt.hint, rows[i].hint, strlen(rows[i].hint)) != 0)
			fail_msg("%s: %s", rows[i].keys, a.prompt.hint);
		app_close(&a);
	}
}

/* What is not understood stays at the prompt, with what is wrong; Esc leaves it as it was before. */
static void a_wrong_filter_stays(void **state)
{
	struct tui_options o = options("host");
	struct app a;

	(void)state;
	begin(&a, &o);
	type(&a, "&stat == x<Enter>");
	assert_int_equal(a.prompt.kind, PROMPT_FILTER);
	expect_on_screen(&a, "no field 'stat'; did you mean state?");
	type(&a, "<Ctrl-A><Right><Right><Right><Right>e<Enter>");
	assert_int_equal(a.prompt.kind, PROMPT_NONE);
	assert_string_equal(a.s.filter, "state == x");
	expect_on_screen(&a, "no group passes the filter");
	type(&a, "&<Ctrl-U>(<Ctrl-R><Enter>"); /* as a regular expression */
	assert_int_equal(a.prompt.kind, PROMPT_FILTER);
	type(&a, "<Esc>");
	assert_string_equal(a.s.filter, "state == x");
	snprintf(a.s.filter, sizeof a.s.filter, "stat == x"); /* kept by an older version */
	type(&a, "<Ctrl-L>");
	expect_on_screen(&a, "no field 'stat'; did you mean state?");
	app_close(&a);
}

/* What the command line takes for more than words is so here. */
static void words_and_conditions(void **state)
{
	static const struct {
		const char *text;
		bool asks;
	} rows[] = {{"fetch", false}, {"!fetch", false}, {"host:6060 !fetch", false}, {"not fetch", true}, {"NOT fetch", true}, {"\"chan send\"", true},
		    {"locked", true}, {"!locked", true}, {"main.go:50", true}, {"a or b", true}, {"a OR b", true}, {"or-not", false}};
	struct tui_options o = options("host");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct app a;

		begin(&a, &o);
		type(&a, "&");
		type(&a, rows[i].text);
		type(&a, "<Enter>");
		if ((a.s.where != NULL) != rows[i].asks)
			fail_msg("%s", rows[i].text);
		app_close(&a);
	}
}

/* While news comes suspects are not asked for at each key; a new filter is another question. */
static void suspects_by_a_new_filter(void **state)
{
	struct tui_options o = options("leaks");
	struct app a;
	size_t all;

	(void)state;
	o.live = true;
	begin(&a, &o);
	all = view_of(&a.s, a.s.view)->list(&a.s)->n;
	type(&a, "&top ~ quote<Enter>");
	assert_true(view_of(&a.s, a.s.view)->list(&a.s)->n > 0);
	assert_true(view_of(&a.s, a.s.view)->list(&a.s)->n < all);
	app_close(&a);
}

static void a_filter_by_its_name(void **state)
{
	static const char *const saved[] = {"sending: state == \"chan send\"", "broken: state == ("};
	struct tui_options o = options("host");
	struct app a;

	(void)state;
	o.saved = saved;
	o.n_saved = 2;
	begin(&a, &o);
	type(&a, ":filter sending<Enter>");
	assert_string_equal(a.s.filter, "@sending");
	type(&a, ":filter fetch<Enter>");
	assert_string_equal(a.s.filter, "fetch");
	expect_on_screen(&a, "no filter is saved as 'fetch': looked for as a word");
	type(&a, ":filter broken<Enter>");
	expect_on_screen(&a, "the saved filter 'broken': state: '(' is no value");
	app_close(&a);
}

static size_t selected(struct app *a)
{
	return view_of(&a->s, a->s.view)->list(&a->s)->sel;
}

static void the_search_follows(void **state)
{
	struct tui_options o = options("goroutine");
	struct app a;
	size_t first;

	(void)state;
	begin(&a, &o);
	type(&a, "/accept");
	assert_int_equal(a.s.found, 4);
	assert_int_equal(a.s.found_at, 1);
	first = selected(&a);
	assert_true(first > 0);
	expect_on_screen(&a, " 1/4\n");
	type(&a, "<Enter>");
	expect_on_screen(&a, " /accept  1/4\n");
	type(&a, "n");
	assert_int_equal(selected(&a), first + 1);
	expect_on_screen(&a, " /accept  2/4\n");
	type(&a, "NN");
	assert_int_equal(a.s.found_at, 4); /* round the end */
	type(&a, "/Accept");
	assert_int_equal(a.s.found, 2); /* upper case counts when there is any */
	type(&a, "<Ctrl-U>a[a-c]+ept$");
	assert_int_equal(a.s.found, 0);
	type(&a, "<Ctrl-R>");
	assert_int_equal(a.s.found, 4);
	expect_on_screen(&a, "regex /a[a-c]+ept$");
	type(&a, "(");
	assert_int_equal(a.s.found, 0); /* not finished yet: matches nothing, and nothing breaks */
	type(&a, "<Esc>");
	assert_string_equal(a.s.search, "accept"); /* as before */
	assert_false(a.s.search_regex);
	type(&a, "/nowhere<Enter>");
	expect_on_screen(&a, "nothing here matches 'nowhere'");
	app_close(&a);
}

static void the_search_is_in_all_views(void **state)
{
	static const struct {
		const char *view, *keys, *row;
	} rows[] = {
		{"overview", "/:9091<Enter>", ">127.0.0.1:9091"}, {"host", "/newPool<Enter>", "main.new"},
		{"functions", "/writer).flush<Enter>", "bufio.(*Writer).Flush"}, {"help", "/pin T<Enter>", "pin T as the comparison base"},
		{"options", "/reader<Enter>", "screen-reader"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tui_options o = options(rows[i].view);
		struct buf b;
		struct app a;
		const char *row;

		begin(&a, &o);
		type(&a, rows[i].keys);
		b = screen(&a);
		row = strstr(b.p, "\n>");
		if (!row || !memmem(row, strcspn(row + 1, "\n") + 1, rows[i].row, strlen(rows[i].row)))
			fail_msg("%s %s: no '%s' selected in\n%s", rows[i].view, rows[i].keys, rows[i].row, b.p);
		buf_release(&b);
		app_close(&a);
	}
}

static void filters(void **state)
{
	struct tui_options o = options("host");
	struct app a;
	size_t all, some;

	(void)state;
	begin(&a, &o);
	all = host_view_of(&a.s)->n;
	type(&a, "&main");
	some = host_view_of(&a.s)->n; /* as one types */
	assert_true(some > 0 && some < all);
	type(&a, "<Enter>");
	assert_int_equal(host_view_of(&a.s)->n, some);
	type(&a, "&<Ctrl-U>!main<Enter>");
	assert_int_equal(host_view_of(&a.s)->n, all - some);
	type(&a, "&<Ctrl-U>zzz<Esc>");
	assert_string_equal(a.s.filter, "!main");
	type(&a, "&<Ctrl-U>main chan<Enter>");
	assert_true(host_view_of(&a.s)->n > 0 && host_view_of(&a.s)->n <= some); /* both words */
	type(&a, "&<Ctrl-U><Enter>");
	assert_int_equal(host_view_of(&a.s)->n, all);
	app_close(&a);
}

static void options_act_and_are_kept(void **state)
{
	struct tui_options o = options("host");
	struct app a;

	(void)state;
	begin(&a, &o);
	type(&a, ":set two-lines<Enter>");
	assert_true(a.s.two_lines);
	assert_string_equal(kept, "config two-lines yes");
	type(&a, ":set two-lines no<Enter>");
	assert_false(a.s.two_lines);
	assert_string_equal(kept, "config two-lines no");
	type(&a, ":set theme light<Enter>");
	assert_string_equal(a.s.theme, "light");
	type(&a, ":set tz Asia/Kolkata<Enter>");
	assert_string_equal(kept, "config tz Asia/Kolkata");
	expect_on_screen(&a, "T 21:55:00");
	type(&a, ":set tz local<Enter>");
	assert_string_equal(kept, "config tz -"); /* the line goes: it is what holds without one */
	assert_ptr_equal(a.s.zone, a.s.local);
	kept[0] = '\0';
	type(&a, ":set theme nonsense<Enter>:set tz Nowhere/Town<Enter>:set glyphs x<Enter>:set mouse maybe<Enter>:set nothing yes<Enter>");
	assert_string_equal(kept, "");
	assert_string_equal(a.s.theme, "light");
	type(&a, "o<Enter>"); /* the menu: Enter takes the next value */
	assert_string_equal(a.s.theme, "colorblind");
	expect_on_screen(&a, "> theme           colorblind");
	for (size_t i = 0; i + 1 < settings_n; i++)
		type(&a, "j<Enter>");
	assert_true(a.s.screen_reader && a.s.mouse && a.s.sync && a.s.cursorline && a.s.slow_link && a.s.skip && a.s.leaf_first);
	type(&a, "q");
	assert_int_equal(a.s.view, VIEW_HOST);
	app_close(&a);

	o.keep = NULL;
	begin(&a, &o);
	type(&a, ":set mouse<Enter>");
	expect_on_screen(&a, "mouse is yes, for this run");
	app_close(&a);
}

static void times_can_count_from_the_start(void **state)
{
	struct tui_options o = options("overview");
	struct app a;

	(void)state;
	begin(&a, &o);
	type(&a, "T");
	assert_ptr_equal(a.s.zone, a.s.local);
	type(&a, "T");
	expect_on_screen(&a, "T +0:19:55"); /* since 16:05:05 */
	expect_on_screen(&a, "since start");
	type(&a, "T");
	expect_on_screen(&a, "T 16:25:00");
	app_close(&a);
}

static void commands_take_what_prompts_ask(void **state)
{
	struct tui_options o = options("overview");
	struct app a;

	(void)state;
	begin(&a, &o);
	type(&a, ":host 127.0.0.1_16060<Enter>");
	assert_int_equal(a.s.view, VIEW_HOST);
	expect_on_screen(&a, "127.0.0.1:16060 > groups");
	type(&a, ":host nobody:1<Enter>");
	assert_true(a.s.message_is_error);
	type(&a, ":goto-time 16:41:23<Enter>:filter main<Enter>:mark k<Enter>:goto-id 50<Enter>");
	assert_int_equal(a.s.view, VIEW_GOROUTINE);
	assert_int_equal(a.s.id, 50);
	assert_true(a.s.marked['k' - 'a']);
	type(&a, ":goto-mark k<Enter>");
	assert_int_equal(a.s.view, VIEW_HOST);
	type(&a, ":map V pin<Enter>V");
	assert_true(a.s.pin != NO_TIME);
	type(&a, ":zoom-i<Enter>"); /* the only one that begins so */
	type(&a, ":nonsense<Enter>");
	expect_on_screen(&a, "no action 'nonsense'");
	type(&a, ":parent<Enter>");
	expect_on_screen(&a, "'parent' does nothing here");
	type(&a, ":erase<Enter>");
	expect_on_screen(&a, "'erase' is a key of prompts");
	type(&a, ":stats<Enter>");
	expect_on_screen(&a, "0 frames, 0 writes");
	for (size_t i = 0; i < key_table_n; i++) { /* each action by its name, whatever it does */
		struct buf line = {0};

		if (key_table[i].action == ACT_QUIT || key_table[i].action == ACT_CLOSE || key_table[i].action == ACT_YANK)
			continue;
		buf_addf(&line, ":%s<Enter><Esc><Esc>", key_table[i].name);
		type(&a, line.p);
		buf_release(&line);
	}
	app_close(&a);
}

static void click(struct app *a, int y, int x)
{
	struct err e;

	app_mouse(a, &(struct mouse_event){y, x, MOUSE_CLICK});
	assert_int_equal(app_load(a, &e), 0);
}

static void the_mouse_points(void **state)
{
	struct tui_options o = options("overview");
	struct app a;
	struct err e;
	int64_t was;

	(void)state;
	begin(&a, &o);
	type(&a, "j"); /* another one than that is clicked at */
	click(&a, 3, 2);
	assert_int_equal(selected(&a), 0);
	app_mouse(&a, &(struct mouse_event){3, 2, MOUSE_WHEEL_DOWN});
	assert_int_equal(app_load(&a, &e), 0);
	assert_int_equal(selected(&a), 3);
	click(&a, 3, 2);
	was = a.s.t;
	click(&a, 13, 40); /* in the chart */
	assert_true(a.s.t != was);
	click(&a, 3, 2);
	assert_int_equal(a.s.view, VIEW_HOST); /* the selected row once more */
	click(&a, 0, 32);
	assert_int_equal(a.s.view, VIEW_FUNCTIONS);
	click(&a, 0, 76);
	assert_int_equal(a.s.view, VIEW_HELP);
	type(&a, "q3");
	assert_int_equal(a.s.view, VIEW_GOROUTINE);
	was = a.s.t;
	click(&a, 6, 8); /* the slider's begin */
	assert_true(a.s.t < was);
	click(&a, 0, 0);
	click(&a, 23, 79);
	click(&a, 500, 500);
	app_close(&a);
}

static void views_become_files(void **state)
{
	static const char *const views[] = {"overview", "host", "goroutine", "functions", "leaks", "help", "options"};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
		struct tui_options o = options(views[i]);
		struct buf csv = {0}, json = {0};
		size_t rows_csv = 0, rows_json = 0;

		o.size = "80x24";
		o.format = "csv";
		assert_int_equal(tui_dump(&o, false, &csv, &e), 0);
		o.format = "json";
		assert_int_equal(tui_dump(&o, false, &json, &e), 0);
		for (size_t k = 0; k < csv.n; k++)
			rows_csv += csv.p[k] == '\n';
		buf_putc(&json, '\0');
		for (const char *p = json.p; *p; p += strcspn(p, "\n") + 1, rows_json++) {
			struct json *v = json_parse(p, strcspn(p, "\n"), &e);

			assert_true(json_is_obj(v));
			json_free(v);
		}
		assert_true(rows_json > 0);
		assert_int_equal(rows_csv, rows_json + 1); /* and the names */
		buf_release(&csv);
		buf_release(&json);
	}
}

static void nothing_is_overwritten_unasked(void **state)
{
	struct tui_options o = options("overview");
	struct app a;
	struct buf b = {0};
	struct err e;
	const char *path = "overwrite-view.csv"; /* in the scratch folder: its own name may be too long for the sentence */
	char keys[400];

	(void)state;
	assert_int_equal(chdir(getenv("TMP") ? getenv("TMP") : "/tmp"), 0);
	unlink(path);
	begin(&a, &o);
	snprintf(keys, sizeof keys, "W<Ctrl-U>%s<Enter>", path);
	type(&a, keys);
	assert_int_equal(file_read(path, &b, FILE_MAX, &e), 0);
	assert_memory_equal(b.p, "host,snapshots,failed,", 22);
	assert_int_equal(file_write(path, "mine", 4, &e), 0);
	type(&a, keys);
	expect_on_screen(&a, "is there already: y overwrites it");
	type(&a, "n");
	assert_int_equal(file_read(path, &b, FILE_MAX, &e), 0);
	assert_int_equal(b.n, 4);
	type(&a, keys);
	type(&a, "y");
	assert_int_equal(file_read(path, &b, FILE_MAX, &e), 0);
	assert_true(b.n > 100);
	type(&a, ":write /dev/null/x.txt<Enter>");
	assert_true(a.s.message_is_error);
	unlink(path);
	buf_release(&b);
	app_close(&a);
}

struct value {
	const char *text;
	int64_t n;
};
GETTER(get_text, struct value, a_text(x->text))
GETTER(get_number, struct value, a_number_if(true, x->n))

static void csv_is_as_everybodys(void **state)
{
	static const struct column of_a[] = {
		{"a", "A", COLUMN_TEXT, .get = get_text}, {"b", NULL, COLUMN_NUMBER, .get = get_number}, {NULL, "ALSO", COLUMN_TEXT, .get = get_text},
	};
	static const struct column of_b[] = {{"c", "C", COLUMN_TIME, .get = get_number}};
	static const struct columns columns = COLUMNS(of_a), others = COLUMNS(of_b);
	struct session a = {.tier = GLYPHS_ASCII};
	struct row_model s = {.columns = &columns};
	struct buf b = {0};

	(void)state;
	ROW_MODEL_ADD(&s, columns, struct value, "x,\"y\"\n", -3);
	ROW_MODEL_ALSO(&s, others, struct value, "second", 1795451100000);
	row_model_blank(&s);
	ROW_MODEL_ADD(&s, others, struct value, NULL, 0);
	row_model_csv(&s, &a, &b);
	buf_putc(&b, '\0');
	assert_string_equal(b.p, "a,b,c\r\n\"x,\"\"y\"\"^J\",-3,2026-11-23T16:25:00.000Z\r\n,,1970-01-01T00:00:00.000Z\r\n");
	buf_reset(&b);
	row_model_json(&s, &a, &b);
	buf_putc(&b, '\0');
	assert_string_equal(b.p, "{\"a\":\"x,\\\"y\\\"\\n\",\"b\":-3,\"c\":1795451100000}\n{\"c\":0}\n");
	buf_reset(&b);
	row_model_csv(&(struct row_model){.columns = &columns}, &a, &b);
	assert_memory_equal(b.p, "a,b\r\n", 5); /* names, where there is no row */
	row_model_release(&s);
	buf_release(&b);
}

/* No charts, no boxes: what is not text is not there; and the cursor is on the selected row. */
static void a_screen_reader_reads(void **state)
{
	static const char *const views[] = {"overview", "host", "goroutine", "functions", "leaks", "help", "options"};

	(void)state;
	for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
		struct tui_options o = options(views[i]);
		struct canvas c = {0};
		struct buf b;
		struct app a;

		o.screen_reader = true;
		o.glyphs = "blocks";
		begin(&a, &o);
		type(&a, "j");
		canvas_resize(&c, 80, 24);
		app_draw(&a, &c);
		assert_int_equal(c.cursor_x, 0);
		assert_int_equal(c.cells[c.cursor_y * c.w].ch, '>');
		b = screen(&a);
		for (size_t k = 0; k + 1 < b.n; k++)
			if ((unsigned char)b.p[k] >= 0x80 || strncmp(b.p + k, "---", 3) == 0 || strncmp(b.p + k, "###", 3) == 0)
				fail_msg("%s draws:\n%s", views[i], b.p);
		assert_memory_equal(b.p, "gscrape ", 8);
		if (i == 0 && !strstr(b.p, "127.0.0.1:16060: no sample at "))
			fail_msg("it is not said why nothing is known of the chosen host:\n%s", b.p);
		buf_release(&b);
		canvas_release(&c);
		app_close(&a);
	}
}

static uint32_t seed = 11;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void any_key(struct app *a)
{
	static const char text[] = "main http 50% -10m frame 3 [a-( set tz UTC g1 127.0.0.1:6060 \xc3\xa4\xff~";
	const struct key_row *r = &key_table[random_below((uint32_t)key_table_n)];
	int n = 0;

	if (random_below(4) == 0) {
		app_key(a, (unsigned char)text[random_below(sizeof text - 1)]);
		return;
	}
	if (random_below(16) == 0) {
		app_mouse(a, &(struct mouse_event){(int)random_below(70), (int)random_below(210), (enum mouse_kind)random_below(3)});
		return;
	}
	while (n < 3 && r->keys[n + 1])
		n++;
	app_key(a, r->keys[random_below((uint32_t)n + 1)]);
}

/* Any keys and clicks, twenty thousand of them, while the size changes to any other, down to 1x1. */
static void anything_goes(void **state)
{
	struct tui_options o = options("overview");
	struct canvas c = {0};
	struct app a;
	struct err e;
	char *was = getcwd(NULL, 0);

	(void)state;
	unsetenv("TMUX");
	begin(&a, &o);
	assert_int_equal(chdir(getenv("TMP") ? getenv("TMP") : "/tmp"), 0); /* W writes */
	for (int i = 0; i < 20000; i++) {
		if (random_below(40) == 0) {
			a.s.w = 1 + (int)random_below(random_below(3) ? 200 : 45);
			a.s.h = 1 + (int)random_below(random_below(3) ? 60 : 12);
			canvas_resize(&c, a.s.w, a.s.h);
		}
		any_key(&a);
		a.quit = a.suspend = a.s.playing = false;
		if (app_load(&a, &e) < 0)
			fail_msg("%s", e.text);
		if (!c.cells)
			canvas_resize(&c, a.s.w, a.s.h);
		app_draw(&a, &c);
		assert_true(c.cursor_y >= 0 && c.cursor_x >= 0);
	}
	assert_int_equal(chdir(was), 0);
	free(was);
	canvas_release(&c);
	app_close(&a);
}

/* Somebody watches: the panes stay of the row before until the selection has rested, or until another key. */
static void panes_follow_at_rest(void **state)
{
	struct tui_options o = options("functions");
	struct app a;
	struct err e;
	uint32_t was;

	(void)state;
	begin(&a, &o);
	was = function_view_of(&a.s)->shown;
	assert_int_equal(was, function_view_of(&a.s)->functions[list_at(&function_view_of(&a.s)->list, 0)].func_id);
	a.s.patient = true;
	app_key(&a, 'j');
	assert_int_equal(app_load(&a, &e), 0);
	assert_int_equal(function_view_of(&a.s)->list.sel, 1);
	assert_int_equal(function_view_of(&a.s)->shown, was);
	assert_int_equal(time_due(&a.s, 1000), -1); /* not from the key, from its frame on */
	settle_painted(&a.s, 1000);
	assert_int_equal(time_due(&a.s, 1000), 150);
	time_tick(&a.s, 1149);
	assert_true(a.s.moving);
	time_tick(&a.s, 1150);
	assert_int_equal(app_load(&a, &e), 0);
	assert_int_equal(function_view_of(&a.s)->shown, function_view_of(&a.s)->functions[list_at(&function_view_of(&a.s)->list, 1)].func_id);
	assert_int_equal(time_due(&a.s, 1150), -1);

	app_key(&a, 'j');
	assert_false(settle_before(&a.s, bound_row(&a.s, AT_FUNCTIONS, 'j'))); /* rows go by */
	assert_true(settle_before(&a.s, bound_row(&a.s, AT_FUNCTIONS, K_TAB)));
	assert_int_equal(app_load(&a, &e), 0);
	assert_int_equal(function_view_of(&a.s)->shown, function_view_of(&a.s)->functions[list_at(&function_view_of(&a.s)->list, 2)].func_id);
	app_close(&a);
}

/* What may be typed is told where nothing is yet; what may be yanked is what there is. */
static void prompts_say_what_they_take(void **state)
{
	static const struct { const char *view, *keys, *want; } rows[] = {
		{"overview", "t", "15:56, 2026-11-23 15:56, -10m, +1h, 50%, start, end\n"},
		{"overview", "&", "or state == select and age > 10m\n"},
		{"overview", "#", "512, or a part of it\n"},
		{"overview", "f", "server.go:88\n"},
		{"overview", "/", "words; Ctrl-R: a regular expression\n"},
		{"overview", "y", "\n yank: i name, t time, u URL, c command; Esc cancels\n"},
		{"overview", "yf", "\n nothing to yank by that here: i name, t time, u URL, c command\n"},
		{"host", "y", "\n yank: i name, s stack, f file:line, t time, u URL, c command; Esc cancels\n"},
		{"host", "yu", "; --serve must run here to open it\n"},
		{"overview", "ss", "all hosts (7) by change "},
		{"overview", "ggss", "\n>127.0.0.1:6060 "}, /* the first row is the first in another order, too */
		{"overview", "gjss", "\n>127.0.0.1:16060 "}, /* another one is kept */
		{"host", ":map Ctrl-A nosuchaction and some more words, which none of the actions there are has<Enter>", "\n no action 'nosuchaction and some more words, which none of the actions there\n are has'\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tui_options o = options(rows[i].view);
		struct app a;

		begin(&a, &o);
		type(&a, rows[i].keys);
		expect_on_screen(&a, rows[i].want);
		app_close(&a);
	}
}

/* What tells hosts apart is not what is cut. */
static void hosts_are_told_apart(void **state)
{
	static const struct { const char *name; int w; const char *want; } rows[] = {
		{"h0001.eu-west-1.prod.example.internal:6060", 26, "h0001.eu-wes~internal:6060"},
		{"h0001.eu-west-1.prod.example.internal:6060", 10, "h0001~6060"},
		{"payments-api-7d9f6c5b8-x2x4q.payments.svc:6060", 26, "payments-api~9f6c5b8-x2x4q"},
		{"127.0.0.1:16060", 12, "127.0~:16060"},
		{"127.0.0.1:6060", 26, "127.0.0.1:6060"},
	};
	char out[100];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(host_fit(rows[i].name, rows[i].w, out, sizeof out), rows[i].want);
}

/* What a key that changes no view has done: it left, went to the shell, paints all again. */
static bool has_left(const struct app *a, enum action action)
{
	return a->quit || a->suspend || a->repaint || a->edit || action == ACT_CANCEL || action == ACT_RELOAD;
}

/* Where there is one row only, it cannot be left. */
static bool is_alone(const struct app *a, enum action action)
{
	const struct list *l = all_views[a->s.view]->list(&a->s);

	return action >= ACT_DOWN && action <= ACT_PAGE_UP && l->n == 1;
}

/* In a view of this number, its third row selected: the key changes the screen or a word in the status line says why not. */
static void expect_answer(char view, int key, enum action action)
{
	struct tui_options o = options("overview");
	char name[32], begin_with[8] = {view, 'j', 'j'};
	struct app a = {0};
	struct buf before, after;
	struct err e;

	begin(&a, &o);
	type(&a, begin_with);
	before = screen(&a);
	app_key(&a, key);
	if (app_load(&a, &e) < 0)
		fail_msg("view %c, key %s: %s", view, key_label(name, sizeof name, key), e.text);
	after = screen(&a);
	key_label(name, sizeof name, key);
	if (strcmp(before.p, after.p) == 0 && !a.s.message[0] && !has_left(&a, action) && !is_alone(&a, action))
		fail_msg("key %s is silent in\n%s", name, after.p);
	buf_release(&before);
	buf_release(&after);
	app_close(&a);
}

/* A key that is none in a view is told, with what it is elsewhere. */
static void expect_no_key(enum view_id v)
{
	struct tui_options o = options(all_views[v]->name);
	struct app a;

	begin(&a, &o);
	for (int key = ' '; key < 0x7f; key++) {
		bool somewhere = false;

		if (key_row_at(all_views[v]->keys, key))
			continue;
		for (int w = 0; w < VIEW_HELP; w++)
			somewhere |= key_row_at(all_views[w]->keys, key) != NULL;
		app_key(&a, key);
		if (strncmp(a.s.message, "no ", 3) != 0 || !strstr(a.s.message, " here") || !strstr(a.s.message, " in view ") == somewhere)
			fail_msg("view %d, key %c: '%s'", v + 1, key, a.s.message);
	}
	app_key(&a, 0xe9);
	assert_string_equal(a.s.message, "no such key here");
	app_close(&a);
}

static void no_key_is_silent(void **state)
{
	(void)state;
	for (int v = 0; v < VIEW_HELP; v++) {
		for (size_t i = 0; i < key_table_n; i++)
			if (key_place_counts(key_table[i].place, all_views[v]->keys))
				expect_answer((char)('1' + v), key_table[i].keys[0], key_table[i].action);
		expect_no_key((enum view_id)v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_is_silent), cmocka_unit_test(prompts_say_what_they_take), cmocka_unit_test(hosts_are_told_apart),
		cmocka_unit_test(panes_follow_at_rest), cmocka_unit_test(lines_are_edited),	      cmocka_unit_test(a_long_line_shows_its_end),
		cmocka_unit_test(what_was_typed_is_kept),     cmocka_unit_test(tab_completes), cmocka_unit_test(a_wrong_filter_stays), cmocka_unit_test(words_and_conditions), cmocka_unit_test(suspects_by_a_new_filter),
		cmocka_unit_test(a_filter_by_its_name),
		cmocka_unit_test(the_search_follows),	      cmocka_unit_test(the_search_is_in_all_views),
		cmocka_unit_test(filters),		      cmocka_unit_test(options_act_and_are_kept),
		cmocka_unit_test(times_can_count_from_the_start), cmocka_unit_test(commands_take_what_prompts_ask),
		cmocka_unit_test(the_mouse_points),	      cmocka_unit_test(views_become_files),
		cmocka_unit_test(nothing_is_overwritten_unasked), cmocka_unit_test(csv_is_as_everybodys),
		cmocka_unit_test(a_screen_reader_reads),      cmocka_unit_test(anything_goes),
	};

	return cmocka_run_group_tests(tests, make_store, NULL);
}
