/* SPDX-License-Identifier: MIT */
/* Options from the command line, the environment and a config file; writing one option back into the file. */
#include <cli/option_table.h>
#include <gscrape/gzip.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char *path_of(const char *name)
{
	return xasprintf("%s/%s", getenv("TMP") ? getenv("TMP") : "/tmp", name);
}

static void put_file(const char *path, const char *text)
{
	assert_int_equal(file_write(path, text, strlen(text), NULL), 0);
}

/* Lines as "line:key=value" in one text; what failed at the end. */
static char *read_lines(const char *text, size_t n)
{
	struct config_reader r = {.text = {text, n}, .name = "f"};
	struct buf out = {0};
	struct pool pool = {0};
	struct config_line l;
	struct err e = {0};
	int rc;

	while ((rc = config_next(&r, &l, &e)) > 0)
		buf_addf(&out, "%d:%.*s%s%s|", l.line, (int)l.key.n, l.key.p, l.has_value ? "=" : "",
			 l.has_value ? config_value(&pool, l.value) : "");
	buf_adds(&out, rc < 0 ? e.text : "");
	pool_release(&pool);
	return out.p;
}

static void lines_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", ""},
		{"interval = 5s", "1:interval=5s|"},
		{"interval 5s\n", "1:interval=5s|"},
		{"\n  # note\n\tinterval=5s  # fast\r\n", "3:interval=5s|"},
		{"no-archive\ninsecure = no\n", "1:no-archive|2:insecure=no|"},
		{"header = \"X: a # b\"\n", "1:header=X: a # b|"},
		{"user = \"a:\\\"b\\\\\"", "1:user=a:\"b\\|"},
		{"db = a#b", "1:db=a#b|"},
		{"db =", "1:db=|"},
		{"db = = x", "1:db== x|"},
		{"map # goto-id   # go to", "1:map=# goto-id|"},
		{"map = zoom-in", "1:map== zoom-in|"},
		{"ok\n[section]\n", "1:ok|f:2: no option's name (write name = value)"},
		{"= 5", "f:1: no option's name (write name = value)"},
		{"inter!val 5", "f:1: no option's name (write name = value)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *got = read_lines(rows[i].text, strlen(rows[i].text));

		assert_string_equal(got ? got : "", rows[i].want);
		free(got);
	}
	free(read_lines("a\0b", 3));
}

static int parse(struct options *o, const char *line, char **env, struct err *e)
{
	static char words[1024];
	char *argv[32] = {"gscrape-tui"};
	int argc = 1;

	snprintf(words, sizeof words, "%s", line);
	for (char *save, *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return options_parse(o, argc, argv, env, e);
}

static void the_strongest_source_wins(void **state)
{
	char *path = path_of("config"), *config = xasprintf("GSCRAPE_CONFIG=%s", path);
	char *env[] = {config, "GSCRAPE_INTERVAL=20s", "GSCRAPE_TIMEOUT=7s", "GSCRAPE_DB=", NULL};
	struct options o;
	struct err e = {0};

	(void)state;
	put_file(path, "interval = 10s\ntimeout = 5s\nretain 7d\ndb = file.db\nheader = A: 1\nheader = B: 2\nmap x pin\n");
	assert_int_equal(parse(&o, "--scrape --interval 30s a:1 -- --b", env, &e), 0);
	assert_int_equal(o.command, CMD_SCRAPE);
	assert_int_equal(o.interval, 30000);   /* command line */
	assert_int_equal(o.timeout, 7000);     /* environment */
	assert_int_equal(o.retain, 604800000); /* file */
	assert_string_equal(o.output, "output"); /* default */
	assert_string_equal(o.db, "file.db");  /* an empty variable says nothing */
	assert_int_equal(o.headers.n, 2);
	assert_int_equal(o.n_bindings, 1);
	assert_string_equal(o.bindings[0].key, "x");
	assert_string_equal(o.bindings[0].action, "pin");
	assert_int_equal(o.bindings[0].line, 7);
	assert_int_equal(o.operands.n, 2);
	assert_string_equal(o.operands.v[1], "--b");
	options_release(&o);

	assert_int_equal(parse(&o, "--scrape -H C:3 a:1", env, &e), 0);
	assert_int_equal(o.headers.n, 1); /* a list is that of its strongest source */
	options_release(&o);
	options_release(&o);
	unlink(path);
	free(config);
	free(path);
}

static void wrong_settings_are_named(void **state)
{
	static const struct {
		const char *text, *want; /* %s: the file */
	} rows[] = {
		{"db = a\nintervall = 5s\n", "%s:2: intervall: no such option; did you mean interval?"},
		{"interval = soon\n", "%s:1: interval: 'soon' is no duration (write 90s, 1m30s, 250ms or 7d)"},
		{"no-archive = perhaps\n", "%s:1: no-archive: 'perhaps' is neither yes nor no"},
		{"scrape\n", "%s:1: scrape may stand on the command line only"},
		{"interval\n", "%s:1: interval needs DURATION"},
		{"map x\n", "%s:1: map needs a key and an action"},
		{"\n[recording]\n", "%s:2: no option's name (write name = value)"},
	};
	char *path = path_of("wrong"), *config = xasprintf("GSCRAPE_CONFIG=%s", path), *env[] = {config, NULL};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *rest = rows[i].want + 2;
		struct options o;
		struct err e = {0};

		put_file(path, rows[i].text);
		assert_int_equal(parse(&o, "--hosts", env, &e), -1);
		assert_memory_equal(e.text, path, strlen(path));
		assert_string_equal(e.text + strlen(path), rest);
		options_release(&o);
		assert_int_equal(parse(&o, "--help", env, &e), 0); /* which must be had with a broken file, too */
		options_release(&o);
	}
	unlink(path);
	free(config);
	free(path);
}

static void times_are_read_in_the_zone_asked_for(void **state)
{
	struct options o;
	struct err e = {0};
	char *env[] = {"GSCRAPE_CONFIG=/dev/null", "GSCRAPE_TZ=Asia/Kolkata", NULL};

	(void)state;
	assert_int_equal(parse(&o, "--goroutines --at 2026-11-23T21:35:05", env, &e), 0);
	assert_int_equal(o.at, 1795449905000);
	options_release(&o);
	assert_int_equal(parse(&o, "--goroutines --at 2026-11-23T16:05:05 --tz UTC", env, &e), 0);
	assert_int_equal(o.at, 1795449905000);
	assert_true(o.from == NO_TIME && o.to == NO_TIME);
	options_release(&o);
}

static void short_options_may_stand_together(void **state)
{
	struct options o;
	struct err e = {0};
	char *env[] = {"GSCRAPE_CONFIG=/dev/null", NULL};

	(void)state;
	assert_int_equal(parse(&o, "--scrape -qki5s -d x.db -", env, &e), 0);
	assert_true(o.quiet && o.insecure);
	assert_int_equal(o.interval, 5000);
	assert_string_equal(o.db, "x.db");
	assert_string_equal(o.operands.v[0], "-");
	options_release(&o);
}

static void serving_and_scraping_go_together(void **state)
{
	struct options o;
	struct err e = {0};
	char *env[] = {"GSCRAPE_CONFIG=/dev/null", NULL};

	(void)state;
	assert_int_equal(parse(&o, "--scrape --serve=:9000 a:1 --interval 1s --no-auth", env, &e), 0);
	assert_true(o.command == CMD_SERVE && o.scrape_too);
	assert_string_equal(o.serve, ":9000");
	assert_int_equal(o.operands.n, 1);
	options_release(&o);
	assert_int_equal(parse(&o, "--scrape a:1 --serve :9000 b:1", env, &e), 0); /* no target is called so */
	assert_string_equal(o.serve, ":9000");
	assert_int_equal(o.operands.n, 2);
	assert_string_equal(o.operands.v[1], "b:1");
	options_release(&o);
	assert_int_equal(parse(&o, "--scrape a:1 --serve", env, &e), 0);
	assert_null(o.serve);
	assert_int_equal(o.operands.n, 1);
	options_release(&o);
	assert_int_equal(parse(&o, "--serve a:1", env, &e), 0); /* alone it is run_serve that looks what it is */
	assert_int_equal(o.operands.n, 1);
	options_release(&o);
	assert_int_equal(parse(&o, "--scrape --hosts", env, &e), -1);
	assert_string_equal(e.text, "--scrape and --hosts do not go together");
	options_release(&o);
}

static void one_line_is_written_back(void **state)
{
	char *path = path_of("deep/er/config");
	struct buf b = {0};
	struct stat st;
	struct err e = {0};

	(void)state;
	assert_int_equal(config_set(path, "theme", "mono", &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	put_file(path, "# mine\ntheme = light # bright\nmap x pin\ntheme light\nlast = 1");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(config_set(path, "theme", " a # \"b\" ", &e), 0);
	assert_int_equal(config_set(path, "glyphs", "ascii", &e), 0);
	assert_int_equal(config_set(path, "map", NULL, &e), 0);
	assert_int_equal(file_read(path, &b, FILE_MAX, &e), 0);
	buf_putc(&b, '\0');
	assert_string_equal(b.p, "# mine\ntheme = \" a # \\\"b\\\" \"\nlast = 1\nglyphs = ascii\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(config_set("/proc/nothing/config", "a", "b", &e), -1);
	assert_non_null(strstr(e.text, "/proc/nothing"));
	assert_int_equal(config_set(path, "a", "b\nc", &e), -1);
	buf_release(&b);
	unlink(path);
	free(path);
}

static void the_table_is_sound(void **state)
{
	(void)state;
	for (const struct option_row *r = option_table; r->name; r++) {
		for (const struct option_row *s = r + 1; s->name; s++) {
			assert_string_not_equal(r->name, s->name);
			assert_true(!r->letter || r->letter != s->letter);
		}
		assert_true(r->command || r->with);       /* belongs somewhere */
		assert_true(r->at != NOWHERE || r->command);
		assert_non_null(r->help);
		assert_true(r->help[strlen(r->help) - 1] != '.');
		assert_int_equal(r->type == OPT_FLAG, r->arg == NULL);
		assert_int_equal(r->type == OPT_CHOICE || r->type == OPT_GROUPING || r->type == OPT_WORD, r->values != NULL);
		assert_true(!(r->command && r->flags & OPT_FILE));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_taken_apart),
		cmocka_unit_test(the_strongest_source_wins),
		cmocka_unit_test(wrong_settings_are_named),
		cmocka_unit_test(times_are_read_in_the_zone_asked_for),
		cmocka_unit_test(short_options_may_stand_together),
		cmocka_unit_test(serving_and_scraping_go_together),
		cmocka_unit_test(one_line_is_written_back),
		cmocka_unit_test(the_table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
