/* SPDX-License-Identifier: MIT */
#include "line.h"

struct str line_at(struct str text, size_t pos, size_t *next)
{
	const char *p = text.p + pos;
	const char *nl = memchr(p, '\n', text.n - pos);
	struct str line = {p, nl ? (size_t)(nl - p) : text.n - pos};

	*next = pos + line.n + (nl != NULL);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

size_t line_indent(struct str line)
{
	size_t i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i;
}

/* A number and nothing else; *v is left alone otherwise. */
static bool all_digits(struct str s, uint64_t *v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || i > 17)
			return false;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (s.n)
		*v = n;
	return s.n > 0;
}

/* Cut " key0x1f" from the end. */
static void cut_hex(struct str *s, struct str key)
{
	size_t i = s->n;

	while (i && ((s->p[i - 1] >= '0' && s->p[i - 1] <= '9') || (s->p[i - 1] >= 'a' && s->p[i - 1] <= 'f')))
		i--;
	if (i < s->n && i >= key.n && memcmp(s->p + i - key.n, key.p, key.n) == 0)
		s->n = i - key.n;
}

/* The file may hold blanks and colons. */
bool line_is_file(struct str s, struct line *out)
{
	const char *colon;
	uint64_t v;
	size_t i = line_indent(s);

	s.p += i;
	s.n -= i;
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	cut_hex(&s, STR(" pc=0x"));
	cut_hex(&s, STR(" sp=0x"));
	cut_hex(&s, STR(" fp=0x"));
	cut_hex(&s, STR(" +0x"));
	out->kind = LINE_FILE;
	if (str_begins(s, STR("pc=0x")))
		return true;
	colon = memrchr(s.p, ':', s.n);
	if (!colon || colon == s.p || !all_digits((struct str){colon + 1, (size_t)(s.p + s.n - colon - 1)}, &v) ||
	    v > UINT32_MAX)
		return false;
	out->file = (struct str){s.p, (size_t)(colon - s.p)};
	out->number = (uint32_t)v;
	return true;
}

/* Name and arguments split at the parenthesis that matches the last one. Braces stand in pairs inside; a dump that breaks
 * one still has its name. */
static void function_line(struct str s, struct line *out)
{
	int depth = 0;

	out->kind = LINE_FUNC;
	out->func = s;
	if (!s.n || s.p[s.n - 1] != ')')
		return;
	for (size_t i = s.n; i-- > 0;) {
		if (s.p[i] == ')')
			depth++;
		else if (s.p[i] == '(')
			depth--;
		if (depth == 0) {
			if (i == 0)
				return;
			out->func.n = i;
			out->args = (struct str){s.p + i + 1, s.n - i - 2};
			return;
		}
	}
}

static bool created_line(struct str s, struct line *out)
{
	static const struct str by = {"created by ", 11}, in = {" in goroutine ", 14};
	const char *at;

	if (!str_begins(s, by))
		return false;
	s = (struct str){s.p + by.n, s.n - by.n};
	at = memmem(s.p, s.n, in.p, in.n);
	if (at && all_digits((struct str){at + in.n, (size_t)(s.p + s.n - at) - in.n}, &out->goroutine))
		s.n = (size_t)(at - s.p);
	out->kind = LINE_CREATED;
	out->func = s;
	return s.n > 0;
}

/* "...additional frames elided..." and "...12 frames elided..." */
static bool elided_line(struct str s, struct line *out)
{
	static const struct str tail = {" frames elided...", 17};
	uint64_t v = 0;

	if (!str_begins(s, STR("...")) || s.n < 3 + tail.n || memcmp(s.p + s.n - tail.n, tail.p, tail.n) != 0)
		return false;
	if (!all_digits((struct str){s.p + 3, s.n - 3 - tail.n}, &v) || v > UINT32_MAX)
		v = 0;
	out->kind = LINE_ELIDED;
	out->number = (uint32_t)v;
	return true;
}

static bool ancestor_line(struct str s, struct line *out)
{
	static const struct str head = {"[originating from goroutine ", 28};

	if (!str_begins(s, head) || s.n < head.n + 3 || s.p[s.n - 1] != ':' || s.p[s.n - 2] != ']')
		return false;
	out->kind = LINE_ANCESTOR;
	return all_digits((struct str){s.p + head.n, s.n - head.n - 2}, &out->goroutine);
}

void line_parse(struct str s, struct line *out)
{
	*out = (struct line){.kind = LINE_OTHER, .func = s};
	if (!s.n)
		return;
	if (s.p[0] == '\t' || (s.n >= 4 && memcmp(s.p, "    ", 4) == 0)) {
		if (!line_is_file(s, out))
			*out = (struct line){.kind = LINE_OTHER, .func = s};
		return;
	}
	if (s.p[0] == ' ')
		return;
	if (created_line(s, out) || elided_line(s, out) || ancestor_line(s, out))
		return;
	*out = (struct line){.func = s};
	if (str_begins(s, STR("non-Go function at pc=")))
		out->kind = LINE_LONE;
	else
		function_line(s, out);
}

bool line_is_noise(struct str s, bool *section)
{
	static const struct {
		const char *head;
		bool section;
	} known[] = {
		{"panic: ", true},	 {"fatal error: ", true},	{"runtime: ", true},   {"runtime stack:", true}, {"SIG", true},
		{"[signal ", false},	 {"PC=", true},			{"-----", false},      {"exit status ", false},	 {"goroutine profile:", true},
		{"rax ", true},		 {"r0 ", true},			{"trap ", true},       {"Aborted", false},	 {"signal arrived", false},
		{"	panic: ", true},	 {"[recovered]", false},	{"x0 ", true},	       {"===", true},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (str_begins(s, str_of(known[i].head))) {
			*section = known[i].section;
			return true;
		}
	}
	return false;
}

bool stack_is_rootless(struct str root, size_t n, bool elided, uint64_t parent)
{
	if (n < 90 || n > 100 || elided || parent)
		return false;
	return !str_eq(root, STR("main.main")) && !str_eq(root, STR("runtime.main"));
}
