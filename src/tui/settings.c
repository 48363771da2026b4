/* SPDX-License-Identifier: MIT */
/* What can be set while the program runs: one table for the options menu, `:set`, and what is kept in the config file. */
#include "settings.h"
#include <stddef.h>
#include <stdio.h>

#define FLAG(field) .at = offsetof(struct session, field)

static const char *get_glyphs(const struct session *a)
{
	return a->glyphs;
}

int set_glyphs(struct session *a, const char *name, struct err *e)
{
	static const char *const names[] = {"blocks", "ascii"}; /* in the order of enum glyph_tier */

	if (strcmp(name, "auto") == 0) {
		a->glyphs = "auto";
		a->tier = a->auto_tier;
		return 0;
	}
	for (int i = 0; i < GLYPHS_MAX; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		if (i != GLYPHS_ASCII && !a->utf8)
			return fail(e, "the locale's character set has no %s: ascii it is", names[i]);
		a->glyphs = names[i];
		a->tier = (enum glyph_tier)i;
		return 0;
	}
	return fail(e, "glyphs are auto, blocks or ascii");
}

static const char *get_theme(const struct session *a)
{
	return a->theme;
}

static const char *const themes[] = {"default", "light", "colorblind", "mono", NULL};

static int set_theme(struct session *a, const char *value, struct err *e)
{
	for (size_t i = 0; themes[i]; i++) {
		if (strcmp(themes[i], value) == 0) {
			a->theme = themes[i];
			return 0;
		}
	}
	return fail(e, "themes are default, light, colorblind and mono");
}

static const char *get_zone(const struct session *a)
{
	return zone_name(a->zone);
}

static int set_zone(struct session *a, const char *value, struct err *e)
{
	const struct zone *z = strcmp(value, "local") == 0 ? a->local : zone_open(&a->zones, value, e);

	if (!z)
		return -1;
	a->since_start = false;
	a->zone = z;
	return 0;
}

static const char *get_source(const struct session *a)
{
	return a->source[0] ? a->source : "-";
}

static int set_source(struct session *a, const char *value, struct err *e)
{
	if (strcmp(value, "-") != 0 && (*value == '-' || !strchr(value, '=') || strlen(value) >= sizeof a->source))
		return fail(e, "source is FROM=TO, or several with commas: beginnings of paths, and what is there instead; a lone - takes it away");
	snprintf(a->source, sizeof a->source, "%s", strcmp(value, "-") == 0 ? "" : value);
	return 0;
}

static const char *const no_source[] = {"-", NULL};
static const char *const glyph_names[] = {"auto", "blocks", "ascii", NULL};
static const char *const zones[] = {"UTC", "local", NULL}; /* what Enter goes through; any other can be typed */

const struct setting settings[] = {
	{"theme", "colours", themes, .get = get_theme, .set = set_theme},
	{"glyphs", "characters for charts", glyph_names, .get = get_glyphs, .set = set_glyphs},
	{"tz", "zone of all times; others by :set tz ZONE", zones, .get = get_zone, .set = set_zone},
	{"source", "where sources are: :set source FROM=TO", no_source, .form = "FROM=TO, or - for none", .get = get_source, .set = set_source},
	{"mouse", "the wheel scrolls, a click selects or moves T", FLAG(mouse)},
	{"skip-unchanged", "playback skips samples in which nothing changed", FLAG(skip)},
	{"two-lines", "frames with whole package and path", FLAG(two_lines)},
	{"leaf-first", "stacks begin with the function that runs", FLAG(leaf_first)},
	{"cursorline", "T as a line through charts and lanes", FLAG(cursorline)},
	{"slow-link", "fewer lanes, short hints, two frames a second", FLAG(slow_link)},
	{"sync", "synchronized output, where the terminal has it", FLAG(sync)},
	{"screen-reader", "no charts and boxes: a line for each row", FLAG(screen_reader)},
};
const size_t settings_n = sizeof settings / sizeof *settings;

const struct setting *setting_named(const char *name)
{
	for (size_t i = 0; i < settings_n; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

const char *setting_value(const struct session *a, const struct setting *s)
{
	if (s->get)
		return s->get(a);
	return *(const bool *)((const char *)a + s->at) ? "yes" : "no";
}

static int set_flag(struct session *a, const struct setting *s, const char *value, struct err *e)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], value) == 0) {
			*(bool *)((char *)a + s->at) = i % 2;
			return 0;
		}
	}
	return fail(e, "%s is yes or no", s->name);
}

void setting_change(struct session *a, const struct setting *s, const char *value)
{
	struct err e = {0};
	const char *kept;
	int rc = s->set ? s->set(a, value, &e) : set_flag(a, s, value, &e);

	if (rc < 0) {
		say_error(a, e.text);
		return;
	}
	kept = setting_value(a, s);
	if (!a->o->keep || !a->o->config_file)
		say(a, "%s is %s, for this run", s->name, kept);
	else if (a->o->keep(a->o->config_file, s->name, strcmp(kept, "local") == 0 || strcmp(kept, "-") == 0 ? NULL : kept, &e) < 0)
		say_error(a, e.text);
	else
		say(a, "%s is %s, kept in %s", s->name, kept, a->o->config_file);
}

void setting_next(struct session *a, const struct setting *s)
{
	const char *now = setting_value(a, s);
	size_t i = 0;

	if (!s->values) {
		setting_change(a, s, strcmp(now, "yes") == 0 ? "no" : "yes");
		return;
	}
	while (s->values[i] && strcmp(s->values[i], now) != 0)
		i++;
	setting_change(a, s, s->values[i] && s->values[i + 1] ? s->values[i + 1] : s->values[0]);
}
