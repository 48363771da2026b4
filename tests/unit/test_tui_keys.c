/* SPDX-License-Identifier: MIT */
/* The key table: no key means two things at once, help and manual have each row, and what hints promise is true. */
#include <gscrape/gzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <tui/app.h>
#include <tui/view_help.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static bool has_key(const struct key_row *r, int key)
{
	for (size_t i = 0; i < 4 && r->keys[i]; i++)
		if (r->keys[i] == key)
			return true;
	return false;
}

static void rows_are_sound(void **state)
{
	char name[32];

	(void)state;
	for (size_t i = 0; i < key_table_n; i++) {
		const struct key_row *r = &key_table[i];

		assert_true(r->help && *r->help);
		assert_ptr_equal(key_row_named(r->name), r);
		assert_ptr_equal(key_row_of(r->action), r);
		assert_true(r->keys[0] != 0);
		for (size_t k = 0; k < 4 && r->keys[k]; k++) {
			assert_int_equal(key_parse(key_label(name, sizeof name, r->keys[k])), r->keys[k]);
			assert_true(r->keys[k] != 19 && r->keys[k] != 17 && r->keys[k] != 28); /* flow control and quit are the terminal's */
		}
	}
	for (int action = ACT_NONE + 1; action < ACT_MAX; action++)
		if (!key_row_of((enum action)action))
			fail_msg("action %d has no row", action);
}

/* A terminal cannot tell these apart. */
static int as_sent(int key)
{
	return key == K_BACKSPACE ? 8 : key == 10 ? K_ENTER : key;
}

static void no_key_means_two_things(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_table_n; i++) {
		for (size_t k = i + 1; k < key_table_n; k++) {
			const struct key_row *a = &key_table[i], *b = &key_table[k];

			if (!key_place_counts(a->place, b->place) && !key_place_counts(b->place, a->place))
				continue;
			for (size_t n = 0; n < 4 && a->keys[n]; n++)
				for (size_t m = 0; m < 4 && b->keys[m]; m++)
					if (as_sent(a->keys[n]) == as_sent(b->keys[m]))
						fail_msg("%s and %s share a key", a->name, b->name);
		}
	}
}

/* A key as the manual's source has it. */
static void add_key(struct buf *b, int key)
{
	static const struct {
		const char *label, *source;
	} special[] = {{"\\", "\\e"}, {"'", "\\(aq"}, {"~", "\\(ti"}, {"^", "\\(ha"}, {"-", "\\-"}};
	char label[32];

	key_label(label, sizeof label, key);
	for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
		if (strcmp(label, special[i].label) == 0) {
			buf_addf(b, " %s", special[i].source);
			return;
		}
	}
	buf_addf(b, label[1] ? " %s" : " \\&%s", label);
}

static void add_escaped(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			buf_adds(b, "\\-");
		else if (text[0] == '\'' && text[1] == '\'')
			buf_adds(b, "\\(aq\\(aq"), text++;
		else
			buf_putc(b, *text);
	}
}

static void the_manual_has_each(void **state)
{
	struct buf man = {0}, line = {0};
	struct err e;

	(void)state;
	assert_int_equal(file_read("man/gscrape-tui.1", &man, FILE_MAX, &e), 0);
	buf_putc(&man, '\0');
	for (size_t i = 0; i < key_table_n; i++) {
		buf_reset(&line);
		buf_adds(&line, "\n.It");
		for (size_t k = 0; k < 4 && key_table[i].keys[k]; k++)
			add_key(&line, key_table[i].keys[k]);
		buf_adds(&line, " Ta Ic ");
		add_escaped(&line, key_table[i].name);
		buf_adds(&line, " Ta ");
		add_escaped(&line, key_table[i].help);
		buf_adds(&line, "\n");
		if (!strstr(man.p, line.p))
			fail_msg("not in the manual: %s", line.p);
	}
	buf_release(&man);
	buf_release(&line);
}

static void help_has_each(void **state)
{
	struct tui_options o = {0};
	struct help_view help = {.all = true};
	struct app a = {.s = {.o = &o, .views = all_views, .own[VIEW_HELP] = &help}};
	const struct key_row *r;
	size_t n = 0;

	(void)state;
	for (; (r = help_row(&a.s, n)) != NULL; n++)
		for (size_t k = 0; k < n; k++)
			assert_ptr_not_equal(help_row(&a.s, k), r);
	assert_int_equal(n, key_table_n);
	help.all = false; /* of a view: what counts there and does something, and no more */
	for (int v = 0; v < VIEW_HELP; v++) {
		size_t nothing = (all_views[v]->panes ? 0 : 2) + (all_views[v]->scrolls ? 0 : 2) + (all_views[v]->doubles ? 0 : 1);

		a.s.below = a.s.view = (enum view_id)v;
		for (n = 0; (r = help_row(&a.s, n)) != NULL; n++)
			assert_true(key_place_counts(r->place, key_place_here(&a.s)));
		for (size_t i = 0, all = 0; i < key_table_n; i++) {
			all += key_place_counts(key_table[i].place, key_place_here(&a.s));
			if (i + 1 == key_table_n)
				assert_int_equal(n, all - nothing);
		}
	}
}

/* "h/l", "Space", "[": a key, or two with a slash between. */
static int keys_in(const char *token, int out[2])
{
	if (token[0] && token[1] == '/' && token[2] && !token[3]) {
		out[0] = token[0];
		out[1] = token[2];
		return 2;
	}
	out[0] = key_parse(token);
	return out[0] >= 0 ? 1 : 0;
}

/* Whatever looks like a key in a hint line is one that counts in that view. */
static void check_hints(enum view_id v, const char *hints)
{
	struct tui_options o = {0};
	struct app a = {.s = {.o = &o, .views = all_views, .view = v}};
	char text[400], *token, *save = NULL;
	int keys[2], n, found = 0;

	snprintf(text, sizeof text, "%s", hints);
	for (token = strtok_r(text, " ,()", &save); token; token = strtok_r(NULL, " ,()", &save)) {
		n = keys_in(token, keys);
		found += n;
		for (int i = 0; i < n; i++)
			if (!bound_row(&a.s, key_place_here(&a.s), keys[i]) && !(keys[i] < 0x20 && key_row_at(AT_PROMPT, keys[i]))) /* of its prompt */
				fail_msg("view %s: '%s' is no key there: %s", all_views[v]->name, token, hints);
	}
	if (found < 4)
		fail_msg("view %s: %d keys in '%s'", all_views[v]->name, found, hints);
}

static void hints_are_true(void **state)
{
	(void)state;
	for (int v = 0; v < VIEW_MAX; v++) {
		check_hints((enum view_id)v, all_views[v]->hints);
		check_hints((enum view_id)v, all_views[v]->wide_hints);
		assert_true(text_cells(all_views[v]->hints) <= 78);
		assert_true(text_cells(all_views[v]->wide_hints) <= 158);
	}
}

static void keys_can_be_bound(void **state)
{
	struct tui_options o = {0};
	struct app a = {.s = {.o = &o, .views = all_views}};
	struct err e;
	char keys[64];

	(void)state;
	assert_int_equal(map_key(&a.s, "V", "pin", &e), 0);
	assert_int_equal(map_key(&a.s, "z", "pin", &e), 0);
	assert_string_equal(bound_row(&a.s, AT_GLOBAL, 'V')->name, "pin");
	assert_string_equal(bound_keys(&a.s, key_row_named("pin"), keys, sizeof keys), "V z x");
	assert_string_equal(bound_keys(&a.s, key_row_named("zoom-in"), keys, sizeof keys), "+ ="); /* z is pin's now */
	assert_int_equal(map_key(&a.s, "z", "zoom-out", &e), 0);
	assert_string_equal(bound_keys(&a.s, key_row_named("pin"), keys, sizeof keys), "V x");
	assert_int_equal(map_key(&a.s, "e", "group-by", &e), 0); /* counts in the host view alone */
	assert_string_equal(bound_row(&a.s, AT_HOST, 'e')->name, "group-by");
	assert_string_equal(bound_row(&a.s, AT_LEAKS, 'e')->name, "evidence");
	assert_int_equal(map_key(&a.s, "nokey", "pin", &e), -1);
	assert_string_equal(e.text, "'nokey' is no key");
	assert_int_equal(map_key(&a.s, "V", "noaction", &e), -1);
	assert_string_equal(e.text, "no action 'noaction'");
	assert_true(has_key(key_row_named("pin"), 'x'));
	assert_null(bound_row(&a.s, AT_PROMPT, 'x')); /* text */
	free(a.s.maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound),  cmocka_unit_test(no_key_means_two_things), cmocka_unit_test(the_manual_has_each),
		cmocka_unit_test(help_has_each),   cmocka_unit_test(hints_are_true),	      cmocka_unit_test(keys_can_be_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
