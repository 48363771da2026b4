/* SPDX-License-Identifier: MIT */
/* One option's text to its value, by its row's type; a sentence that begins with where it was said. */
#include "parse.h"
#include <errno.h>
#include <gscrape/text.h>
#include <stdlib.h>
#include <unistd.h>

void texts_add(struct texts *t, const char *s)
{
	GROW(t->v, t->n, t->cap);
	t->v[t->n++] = s;
}

static int set_flag(const char *text, bool *out)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};

	if (!text) {
		*out = true;
		return 0;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		*out = i % 2;
		return 0;
	}
	return -1;
}

static bool has_name(const char *text)
{
	const char *s = text + word_length(text);

	return s > text && *s == ':' && s[1 + strspn(s + 1, " \t")];
}

static int word_index(const char *values, const char *word)
{
	size_t n = strlen(word);
	int i = 0;

	for (const char *p = values; *p; i++) {
		size_t len = strcspn(p, " ");

		if (len == n && memcmp(p, word, n) == 0)
			return i;
		p += len + (p[len] == ' ');
	}
	return -1;
}

static int set_number(const struct said *s, uint64_t most, uint64_t *out, struct err *e)
{
	char *end;

	errno = 0;
	*out = strtoull(s->value, &end, 10);
	if (s->value[0] < '0' || s->value[0] > '9' || *end || errno || *out > most)
		return fail(e, "%s: '%s' is no number%s", s->where, s->value,
			    *end || s->value[0] < '0' || s->value[0] > '9' ? "" : " this program can hold");
	return 0;
}

/* A parser's sentence, with where it was said before it. */
static int blame(const struct said *s, const struct err *why, struct err *e)
{
	return fail(e, "%s: %s", s->where, why->text);
}

static int apply_number(const struct said *s, void *at, struct err *e)
{
	struct err why = {0};
	uint64_t v = 0;
	int64_t ms = 0;
	int rc = 0;

	switch (s->row->type) {
	case OPT_DURATION:
		rc = duration_parse(s->value, &ms, &why);
		if (!rc && ms < 0)
			rc = fail(&why, "'%s' is less than nothing", s->value);
		*(int64_t *)at = ms;
		v = (uint64_t)ms;
		break;
	case OPT_SIZE:
		rc = size_parse(s->value, &v, &why);
		*(uint64_t *)at = v;
		break;
	case OPT_SMALL:
		if (set_number(s, UINT32_MAX, &v, e) < 0)
			return -1;
		*(uint32_t *)at = (uint32_t)v;
		break;
	default:
		if (set_number(s, UINT64_MAX, &v, e) < 0)
			return -1;
		*(uint64_t *)at = v;
	}
	if (rc)
		return blame(s, &why, e);
	if (v == 0 && s->row->flags & OPT_POSITIVE)
		return fail(e, "%s: must be more than 0", s->where);
	return 0;
}

static int apply_word(const struct said *s, void *at, struct err *e)
{
	int i = word_index(s->row->values, s->value);

	if (i < 0)
		return fail(e, "%s: '%s' is none of: %s", s->where, s->value, s->row->values);
	if (s->row->type == OPT_WORD)
		*(const char **)at = s->value;
	else
		*(int *)at = i;
	return 0;
}

static int apply_grouping(struct options *o, const struct said *s, struct err *e)
{
	static const char label[] = "label.";

	o->group_label = NULL;
	if (strncmp(s->value, label, sizeof label - 1) != 0 || !s->value[sizeof label - 1])
		return apply_word(s, &o->group_by, e);
	o->group_label = s->value + sizeof label - 1;
	o->group_by = word_index(s->row->values, "label");
	return 0;
}

static int apply_zone(const struct said *s, struct pool *pool, void *at, struct err *e)
{
	struct err why = {0};
	const struct zone *z = zone_open(pool, s->value, &why);

	if (!z)
		return blame(s, &why, e);
	*(const struct zone **)at = z;
	return 0;
}

int said_apply_time(struct options *o, const struct said *s, struct err *e)
{
	struct err why = {0};

	if (time_parse(s->value, now_ms(), o->tz, (int64_t *)((char *)o + s->row->at), &why) < 0)
		return blame(s, &why, e);
	return 0;
}

int said_apply(struct options *o, const struct said *s, struct err *e)
{
	void *at;

	if (s->row->at == NOWHERE || (!s->value && s->row->flags & OPT_MAYBE && s->row->command))
		return 0;
	at = (char *)o + s->row->at;
	switch (s->row->type) {
	case OPT_FLAG:
		if (set_flag(s->value, at) < 0)
			return fail(e, "%s: '%s' is neither yes nor no", s->where, s->value);
		return 0;
	case OPT_TEXT:
		*(const char **)at = s->value ? s->value : OPT_AUTO;
		return 0;
	case OPT_LIST:
		if (s->row->flags & OPT_NAMED && !has_name(s->value))
			return fail(e, "%s: '%s' is no %s: a name of letters, digits, _ and -, a colon, and what it stands for", s->where, s->value, s->row->arg);
		texts_add(at, s->value);
		return 0;
	case OPT_CHOICE:
	case OPT_WORD:
		return apply_word(s, at, e);
	case OPT_GROUPING:
		return apply_grouping(o, s, e);
	case OPT_ZONE:
		return apply_zone(s, &o->pool, at, e);
	case OPT_TIME:
		return 0; /* later: needs --tz */
	default:
		return apply_number(s, at, e);
	}
}

bool use_color(const struct options *o)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}
