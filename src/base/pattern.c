/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <gscrape/pattern.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 200000 /* of one search: some milliseconds */
#define HEAP_MAX  20000  /* KiB */

struct pattern {
	pcre2_code *code;
	pcre2_match_data *found;
	pcre2_match_context *limits;
};

static bool is_ascii(const char *s)
{
	while (*s && (unsigned char)*s < 0x80)
		s++;
	return !*s;
}

int pattern_open(struct pattern **out, const char *text, bool any_case, size_t *wrong, struct err *e)
{
	uint32_t flags = PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | (any_case ? PCRE2_CASELESS : 0);
	struct pattern *p = xcalloc(1, sizeof *p);
	PCRE2_SIZE at;
	PCRE2_UCHAR why[200];
	int code;

	*out = NULL;
	/* Bytes are faster, and the same where the expression has no other characters. */
	p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
				flags | (is_ascii(text) ? 0 : PCRE2_UTF | PCRE2_MATCH_INVALID_UTF), &code, &at, NULL);
	if (!p->code) {
		free(p);
		if (pcre2_get_error_message(code, why, sizeof why) < 0)
			strcpy((char *)why, "it cannot be understood");
		if (wrong)
			*wrong = at;
		return fail(e, "%s (at %zu)", (char *)why, at + 1);
	}
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* without it, where no page may be written and run, it is slower */
	p->found = pcre2_match_data_create(1, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (!p->found || !p->limits)
		die("out of memory");
	pcre2_set_match_limit(p->limits, STEPS_MAX);
	pcre2_set_heap_limit(p->limits, HEAP_MAX);
	*out = p;
	return 0;
}

void pattern_close(struct pattern *p)
{
	if (!p)
		return;
	pcre2_match_context_free(p->limits);
	pcre2_match_data_free(p->found);
	pcre2_code_free(p->code);
	free(p);
}

int pattern_in(struct pattern *p, const char *text, size_t n)
{
	int rc = pcre2_match(p->code, (PCRE2_SPTR)text, n, 0, 0, p->found, p->limits);

	return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
