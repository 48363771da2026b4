/* SPDX-License-Identifier: MIT */
/* What other programs do to bytes and lines, one row for each way; large inputs of each form, in pieces of any size. */
#include "dump/decode.h"
#include "dump/previous.h"
#include "dump/trie.h"
#include <gscrape/grouped.h>
#include <gscrape/scan.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct {
	const char *text;
	enum escape how;
	const char *is;
} escapes[] = {
	{"a\\nb\\tc\\\"d\\\\", ESCAPE_BACKSLASH, "a\nb\tc\"d\\"},
	{"\\u0041\\u00f6\\u4e2d", ESCAPE_BACKSLASH, "A\xc3\xb6\xe4\xb8\xad"},
	{"\\ud83d\\ude00", ESCAPE_BACKSLASH, "\xf0\x9f\x98\x80"},
	{"\\ud83d\\u0041\\udc00", ESCAPE_BACKSLASH, "\xef\xbf\xbd" "A\xef\xbf\xbd"},
	{"\\U0001f600\\U00110000", ESCAPE_BACKSLASH, "\xf0\x9f\x98\x80U00110000"},
	{"\\x41\\xg1\\u12", ESCAPE_BACKSLASH, "Axg1u12"},
	{"\\101\\777\\q", ESCAPE_BACKSLASH, "A777q"},
	{"end\\", ESCAPE_BACKSLASH, "end\\"},
	{"a#012b#011c#999#0", ESCAPE_OCTAL, "a\nb\tc#999#0"},
	{"a&#10;b&#x41;&#xa0;&lt;&bogus;&#;&#x110000;&", ESCAPE_ENTITY, "a\nbA <&bogus;&#;&#x110000;&"},
	{"a|nb|rc||d|[e|", ESCAPE_PIPE, "a\nb\rc|d[e|"},
	{"\\[a\\_b\\c\\", ESCAPE_MARKDOWN, "[a_b\\c\\"},
};

static void test_escapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		struct buf out = {0};

		decode_escapes((struct str){escapes[i].text, strlen(escapes[i].text)}, escapes[i].how, &out);
		buf_putc(&out, '\0');
		assert_string_equal(out.p, escapes[i].is);
		buf_release(&out);
	}
}

/* Lines as a terminal got them. */
static const struct {
	const char *line, *is;
} lines[] = {
	{"\033[31mred\033[0m", "red"},
	{"^[[31mred^[[0m", "red"},
	{"\033]0;title\agoroutine", "goroutine"},
	{"\033]8;;http://a/\033\\link\033]8;;\033\\", "link"},
	{"\033]0;no end", ""},
	{"last\033", "last"},
	{"\033cfull", "full"},
	{"a\xc2\xa0" "b  ", "a b"},
};

static void test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct buf out = {0};
		unsigned undone = 0;
		struct str s = decode_bytes((struct str){lines[i].line, strlen(lines[i].line)}, &out, &undone);
		char *got = xstrndup(s.p, s.n);

		assert_string_equal(got, lines[i].is);
		assert_int_not_equal(undone, 0);
		free(got);
		buf_release(&out);
	}
}

static void test_utf16(void **state)
{
	static const char pair[] = {0x3d, (char)0xd8, 0x00, (char)0xde, 0x41, 0, 0, (char)0xdc};
	struct utf16 c = {.on = true};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof pair; i++)
		utf16_add(&c, pair + i, 1, &out);
	assert_int_equal(out.n, 8);
	assert_memory_equal(out.p, "\xf0\x9f\x98\x80" "A\xef\xbf\xbd", 8);
	buf_release(&out);
}

/* --- large inputs of each form --- */

#define MANY 3000

static void as_it_is(struct str s, struct buf *out)
{
	buf_add(out, s.p, s.n);
}

static void as_utf16(struct str s, struct buf *out)
{
	buf_add(out, "\xff\xfe", 2);
	for (size_t i = 0; i < s.n; i++) {
		buf_putc(out, s.p[i]);
		buf_putc(out, '\0');
	}
}

static void as_utf16_big(struct str s, struct buf *out) /* and without a mark */
{
	for (size_t i = 0; i < s.n; i++) {
		buf_putc(out, '\0');
		buf_putc(out, s.p[i]);
	}
}

static void as_framed(struct str s, struct buf *out)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		n = s.n - i < 999 ? s.n - i : 999;
		buf_add(out, "\1\0\0\0\0\0", 6);
		buf_putc(out, (char)(n >> 8));
		buf_putc(out, (char)n);
		buf_add(out, s.p + i, n);
	}
}

static void as_cast(struct str s, struct buf *out)
{
	buf_adds(out, "{\"version\": 2, \"width\": 80, \"height\": 24}\n[0.1, \"o\", \"");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_adds(out, "\\r\\n");
		else if (s.p[i] == '\t')
			buf_adds(out, "\\t");
		else
			buf_putc(out, s.p[i]);
		if (i % 1000 == 999)
			buf_addf(out, "\"]\n[%zu.2, \"i\", \"x\"]\nodd\n[%zu.3, \"o\"]\n[%zu.4, \"o\", \"", i, i, i);
	}
	buf_adds(out, "\"]");
}

static void as_quoted_printable(struct str s, struct buf *out)
{
	buf_adds(out, "From: a@b\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
	for (size_t i = 0, column = 0; i < s.n; i++, column++) {
		if (s.p[i] == '=' || s.p[i] == '\t')
			buf_addf(out, "=%02X", (unsigned)s.p[i]);
		else if (s.p[i] == '\n')
			buf_adds(out, " \t\r\n");
		else
			buf_putc(out, s.p[i]);
		if (s.p[i] == '\n')
			column = 0;
		else if (column == 20)
			buf_adds(out, "=\r\n");
	}
}

static void as_base64(struct str s, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	buf_adds(out, "From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Transfer-Encoding:\tbase64\r\n\r\n");
	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;

		if (i + 1 < s.n)
			v |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
		if (i + 2 < s.n)
			v |= (unsigned char)s.p[i + 2];
		buf_putc(out, digits[v >> 18]);
		buf_putc(out, digits[v >> 12 & 63]);
		buf_putc(out, i + 1 < s.n ? digits[v >> 6 & 63] : '=');
		buf_putc(out, i + 2 < s.n ? digits[v & 63] : '=');
		if (i % 57 == 54)
			buf_adds(out, "\r\n");
	}
	buf_adds(out, "\r\n--x--\r");
}

static void as_prefixed(struct str s, struct buf *out)
{
	for (size_t i = 0, end; i < s.n; i = end + 1) {
		end = (size_t)((const char *)memchr(s.p + i, '\n', s.n - i) - s.p);
		buf_addf(out, "2026-11-23T10:00:00Z api-7d9f8b6c5d-x2x9z web ");
		buf_add(out, s.p + i, end + 1 - i);
	}
}

static void as_yaml(struct str s, struct buf *out)
{
	buf_adds(out, "- insertId: a\n  textPayload: \"");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_adds(out, "\\n\\\n    ");
		else if (s.p[i] == '\t')
			buf_adds(out, "\\t");
		else
			buf_putc(out, s.p[i]);
	}
	buf_adds(out, "\"\n  severity: ERROR\n");
}

static void as_syslog(struct str s, struct buf *out) /* in one line, without a blank to cut it at */
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' || s.p[i] == '\t')
			buf_adds(out, s.p[i] == '\n' ? "#012" : "#011");
		else
			buf_putc(out, s.p[i]);
	}
	buf_putc(out, '\n');
}

static const struct {
	const char *name;
	void (*fn)(struct str s, struct buf *out);
	unsigned undone;
} forms[] = {
	{"as it is", as_it_is, 0},
	{"UTF-16", as_utf16, UNWRAP_UTF16},
	{"UTF-16, big endian", as_utf16_big, UNWRAP_UTF16},
	{"docker's frames", as_framed, UNWRAP_FRAMED},
	{"a terminal's recording", as_cast, UNWRAP_CAST},
	{"quoted-printable", as_quoted_printable, UNWRAP_MAIL},
	{"base64", as_base64, UNWRAP_MAIL},
	{"a prefix", as_prefixed, 0},
	{"YAML that is folded", as_yaml, UNWRAP_STRINGS},
	{"one line of syslog", as_syslog, UNWRAP_ESCAPES},
};

static struct unwrapped unwrapped(const struct buf *in, size_t step)
{
	struct unwrap *u = unwrap_new(NULL);
	struct unwrapped r;

	for (size_t i = 0; i < in->n; i += step)
		unwrap_feed(u, in->p + i, in->n - i < step ? in->n - i : step);
	unwrap_end(u, &r);
	return r;
}

static size_t goroutines(const struct unwrapped *r)
{
	struct dump d = {.text = {r->text.p, r->text.n}};
	size_t n = 0;

	while (dump_next(&d))
		n += d.g.n_frames == 1 && d.g.created_by.func.n == 9;
	dump_release(&d);
	return n;
}

static void test_large(void **state)
{
	static const size_t steps[] = {1 << 30, 4096, 7};
	struct buf text = {0};

	(void)state;
	for (int i = 1; i <= MANY; i++)
		buf_addf(&text, "goroutine %d [select, 2 minutes]:\nmain.f(0xc000010000, 0x1)\n\t/src/some/folder/a.go:%d +0x1a\ncreated by main.main in goroutine 1\n\t/src/a.go:9 +0x2\n\n", i, i);
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		struct buf in = {0};

		forms[f].fn((struct str){text.p, text.n}, &in);
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
			struct unwrapped r = unwrapped(&in, steps[k]);

			if (goroutines(&r) != MANY || (r.undone & forms[f].undone) != forms[f].undone)
				fail_msg("%s in pieces of %zu: %zu goroutines, undone %#x", forms[f].name, steps[k], goroutines(&r), r.undone);
			unwrapped_release(&r);
		}
		buf_release(&in);
	}
	buf_release(&text);
}

/* --- odd ones --- */

#define ONE "goroutine 7 [select]:\nmain.f()\n\t/src/a.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/src/a.go:9 +0x2\n"

static const struct {
	const char *text, *is, *grouped;
} odd[] = {
	/* YAML: an item of a list; in single quotes; over lines; with what ends it too early, or never */
	{"- message: 'goroutine 7 [select]:'\n- message: 'main.f()'\n- message: '\t/src/a.go:1 +0x1'\n- message: 'created by main.main in goroutine 1'\n"
	 "- message: '\t/src/a.go:9 +0x2'\n", ONE, ""},
	{"message: 'it''s \"so\" \\\n\n\n  goroutine 7 [select]:\n\n  main.f()\n\n  \t/src/a.go:1 +0x1\n\n  created by main.main in goroutine 1\n\n"
	 "  \t/src/a.go:9 +0x2'\n", ONE, ""},
	{"- insertId: a\n  message: 'goroutine 7 [select]:'\n- insertId: b\n  message: 'main.f()'\n- insertId: c\n  message: '\t/src/a.go:1 +0x1'\n"
	 "- insertId: d\n  message: 'created by main.main in goroutine 1'\n- insertId: e\n  message: '\t/src/a.go:9 +0x2'\n", ONE, ""},
	{"message: 'it is\nlevel: x\n" ONE, ONE, ""},
	{ONE "message: 'never\n  ends", ONE, ""},
	/* JSON, with more keys than are remembered; with the ends of lines that Windows has */
	{"{\"a\":\"goroutine 1 [x]:\\nmain.f()\\n\\t/a.go:1\"}\n{\"b\":\"goroutine 2 [x]:\\nmain.f()\\n\\t/a.go:1\"}\n{\"c\":\"goroutine 3 [x]:\\nmain.f()\\n\\t/a.go:1\"}\n"
	 "{\"d\":\"goroutine 4 [x]:\\nmain.f()\\n\\t/a.go:1\"}\n{\"e\":\"goroutine 5 [x]:\\nmain.f()\\n\\t/a.go:1\"}\n",
	 "goroutine 1 [x]:\nmain.f()\n\t/a.go:1\n\ngoroutine 2 [x]:\nmain.f()\n\t/a.go:1\n\ngoroutine 3 [x]:\nmain.f()\n\t/a.go:1\n\n"
	 "goroutine 4 [x]:\nmain.f()\n\t/a.go:1\n\ngoroutine 5 [x]:\nmain.f()\n\t/a.go:1\n", ""},
	{"{\"msg\":\"goroutine 7 [select]:\\r\\nmain.f()\\r\\n\\t/src/a.go:1 +0x1\\r\\ncreated by main.main in goroutine 1\\r\\n\\t/src/a.go:9 +0x2\\r\\n\"}\n", ONE, ""},
	/* a cell of CSV that has several lines, with labels whose quotes are doubled */
	{"time,\"goroutine 7 [select] {\"\"job\"\":\"\"nightly\"\"}:\nmain.f()\n\t/src/a.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/src/a.go:9 +0x2\n\"\n",
	 "goroutine 7 [select] {\"job\":\"nightly\"}:\nmain.f()\n\t/src/a.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/src/a.go:9 +0x2\n", ""},
	/* a runtime's pieces before the first one, and one whose rest never came */
	{"2026-11-23T10:00:00.000000000Z stderr P panic: boom\\n\\n\n2026-11-23T10:00:00.000000000Z stderr F goroutine 7 [select]:\\nmain.f()\\n\\t/src/a.go:1 +0x1\\n"
	 "created by main.main in goroutine 1\\n\\t/src/a.go:9 +0x2\\n\n", ONE, ""},
	{"2026-11-23T10:00:00.000000000Z stderr F goroutine 7 [select]:\n2026-11-23T10:00:00.000000000Z stderr F main.f()\n"
	 "2026-11-23T10:00:00.000000000Z stderr F \t/src/a.go:1 +0x1\n2026-11-23T10:00:00.000000000Z stderr F created by main.main in goroutine 1\n"
	 "2026-11-23T10:00:00.000000000Z stderr P \t/src/a.go:9 +0x2\n", ONE, ""},
	{"2026-11-23T10:00:00.000000000Z stderr X\n" ONE, ONE, ""},
	/* a table, whose longest line touches its edge */
	{"| goroutine 7 [select]:              |\n| main.f()                           |\n| \t/src/a.go:1 +0x1                  |\n"
	 "| created by main.main in goroutine 1|\n| \t/src/a.go:9 +0x2                  |\n", ONE, ""},
	/* a function's line that was broken where none can be */
	{"goroutine 7 [select]:\nmain.f(0x1,\n0x2)\n\t/src/a.go:1 +0x1\n\ngoroutine 8 [select]:\nmain.f(0x1,\n)) ((\n\t/src/a.go:1 +0x1\n",
	 "goroutine 7 [select]:\nmain.f(0x1, 0x2)\n\t/src/a.go:1 +0x1\n\ngoroutine 8 [select]:\nmain.f(...)\n\t/src/a.go:1 +0x1\n", ""},
	{"\xc2\xab" "goroutine 7 [select]:\xc2\xbb\nmain.f()\n\t/src/a.go:1 +0x1\n", "goroutine 7 [select]:\nmain.f()\n\t/src/a.go:1 +0x1\n", ""},
	{"goroutine 7 [syscall]:\nnon-Go function\n\tpc=0x1234\nmain.f()\n\t/src/a.go:1 +0x1\n",
	 "goroutine 7 [syscall]:\nnon-Go function\n\tpc=0x1234\nmain.f()\n\t/src/a.go:1 +0x1\n", ""},
	/* a profile in a log that goes on */
	{"goroutine profile: total 2\n2 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/src/a.go:1\n\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\n", "",
	 "goroutine profile: total 2\n2 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/src/a.go:1\n"},
};

/* But for an empty line at its end. */
static void is_text(struct buf *b, const char *want)
{
	while (b->n > 1 && b->p[b->n - 1] == '\n' && b->p[b->n - 2] == '\n')
		b->n--;
	buf_putc(b, '\0');
	assert_string_equal(b->p, want);
}

static void test_odd(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		for (size_t step = 1 << 20; step; step = step == 1 ? 0 : 1) {
			struct buf in = {0};
			struct unwrapped r;

			buf_adds(&in, odd[i].text);
			r = unwrapped(&in, step);
			is_text(&r.text, odd[i].is);
			is_text(&r.grouped, odd[i].grouped);
			buf_release(&in);
			unwrapped_release(&r);
		}
	}
}

/* A profile of those that Go knows to be leaked says it of each. */
static void test_leaked(void **state)
{
	struct grouped g = {.text = STR("goroutineleak profile: total 2\n2 @ 0x10\n#\t0x10\tmain.f+0x1\t/src/a.go:9\n\n")};
	struct buf json = {0};
	struct jw j = {.out = &json};

	(void)state;
	assert_true(grouped_next(&g));
	group_json(&j, &g.g);
	buf_putc(&json, '\0');
	assert_non_null(strstr(json.p, "\"leaked\":true"));
	grouped_release(&g);
	buf_release(&json);
}

/* Twenty that write at the same time, of which a log keeps sixteen apart. */
static void test_many_streams(void **state)
{
	struct buf in = {0};
	struct unwrapped r;

	(void)state;
	for (int pod = 0; pod < 20; pod++)
		for (const char *p = ONE, *end; *p; p = end + 1) {
			end = strchr(p, '\n');
			buf_addf(&in, "service-%c_1  | %.*s\n", 'a' + pod, (int)(end - p), p);
		}
	r = unwrapped(&in, 1 << 20);
	assert_int_equal(goroutines(&r), 20);
	assert_int_equal(r.n_origins, 20);
	unwrapped_release(&r);
	buf_release(&in);
}

/* More names than are told apart: the rest are nobody's, and are there. */
static void test_many_origins(void **state)
{
	struct buf in = {0};
	struct unwrapped r;

	(void)state;
	for (int pod = 0; pod < 1100; pod++)
		for (const char *p = ONE, *end; *p; p = end + 1) {
			end = strchr(p, '\n');
			buf_addf(&in, "service-%d  | %.*s\n", pod, (int)(end - p), p);
		}
	r = unwrapped(&in, 1 << 20);
	assert_int_equal(goroutines(&r), 1100);
	assert_int_equal(r.n_origins, 1000);
	unwrapped_release(&r);
	buf_release(&in);
}

/* --- the scanner's --- */

/* More stacks than the table of known ones holds: it begins anew, and numbers stay what they were. */
static void test_many_stacks(void **state)
{
	struct symtab *t = symtab_new();
	struct trie *trie = trie_new(t);
	struct buf b = {0};
	uint32_t first = 0;

	(void)state;
	for (int i = 0; i <= 1 << 20; i++) {
		struct trie_walk w = {0};

		buf_reset(&b);
		buf_addf(&b, "main.f()\n\t/a.go:%d +0x1\n", i % (1 << 20));
		assert_true(trie_follow(trie, b.p, b.p + b.n, &w));
		if (i == 0)
			first = w.stack;
		if (i == 1 << 20)
			assert_int_equal(w.stack, first);
		trie_trim(trie);
	}
	buf_release(&b);
	trie_free(trie);
	symtab_free(t);
}

/* A stack of which some frames are left out, and one as deep as Go prints, without its first frame: known again, and as the parser has them. */
static void test_deep_stacks(void **state)
{
	struct symtab *t = symtab_new();
	struct trie *trie = trie_new(t);

	(void)state;
	for (int deep = 0; deep < 2; deep++) {
		struct buf b = {0}, json = {0};
		struct jw j = {.out = &json};
		struct dump d = {0};
		struct trie_walk first = {0}, again = {0};

		buf_adds(&b, "goroutine 7 [select]:\n");
		for (int i = 0; i < 95; i++)
			buf_addf(&b, "main.f%d(0x1)\n\t/a.go:%d +0x1\n%s", i, i + 1, i == 50 && !deep ? "...20 frames elided...\n" : "");
		d.text = (struct str){b.p, b.n};
		assert_true(dump_next(&d));
		assert_true(trie_follow(trie, b.p + 22, b.p + b.n, &first));
		assert_true(trie_follow(trie, b.p + 22, b.p + b.n, &again));
		assert_int_equal(first.stack, again.stack);
		assert_int_equal(trie_stack_of(trie, &d.g, &again), first.stack);
		assert_int_equal(symtab_get_stack(t, first.stack).flags, deep ? STACK_ROOTLESS : STACK_ELIDED);
		dump_json(&j, &d.g);
		buf_putc(&json, '\0');
		assert_int_equal(strstr(json.p, "\"rootless\":true") != NULL, deep);
		dump_release(&d);
		buf_release(&b);
		buf_release(&json);
	}
	trie_free(trie);
	symtab_free(t);
}

/* What was kept of a host, of which some have gone since and others came. */
static void test_previous(void **state)
{
	struct previous *m = previous_new();
	struct buf b = {0};

	(void)state;
	for (uint64_t id = 1; id <= 3; id++)
		previous_restore(m, &(struct scan_item){.id = id});
	previous_save(m, &b);
	previous_restore(m, &(struct scan_item){.id = 4});
	assert_true(previous_load(m, (struct str){b.p, b.n}));
	assert_int_equal(m->n_order, 4);
	assert_false(previous_load(m, (struct str){b.p, 1}));
	previous_keep_last(m);
	assert_int_equal(previous_find(m, 4), -1);
	buf_release(&b);
	previous_free(m);
}

/* What was never made is released like what was. */
static void test_nothing(void **state)
{
	(void)state;
	scanner_free(NULL);
	trie_free(NULL);
	previous_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes), cmocka_unit_test(test_bytes), cmocka_unit_test(test_utf16),
		cmocka_unit_test(test_large),   cmocka_unit_test(test_odd),  cmocka_unit_test(test_leaked), cmocka_unit_test(test_many_streams),
		cmocka_unit_test(test_many_origins), cmocka_unit_test(test_many_stacks), cmocka_unit_test(test_deep_stacks), cmocka_unit_test(test_previous), cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
