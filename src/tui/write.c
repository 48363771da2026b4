/* SPDX-License-Identifier: MIT */
/* A view to a file: as the screen has it, or its list as CSV or JSON. */
#include "app.h"
#include "row_model.h"
#include <gscrape/export.h>
#include <gscrape/gzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

/* By which their tools know them. */
static const char *export_ending(const char *format)
{
	static const char *const endings[][2] = {{"pprof", "pb.gz"}, {"trace", "perfetto-trace"}, {"dot", "dot"}, {"svg", "svg"}};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strcmp(endings[i][0], format) == 0)
			return endings[i][1];
	return "txt";
}

static void screen_text(const struct app *a, struct buf *out)
{
	struct canvas c = {0};

	canvas_resize(&c, a->s.w, a->s.h);
	app_draw(a, &c);
	canvas_dump(&c, out);
	canvas_release(&c);
}

void view_text(const struct app *a, const char *format, struct buf *out)
{
	struct row_model s = {0};

	if (strcmp(format, "text") == 0) {
		screen_text(a, out);
		return;
	}
	row_model_list(&s, &a->s, view_of(&a->s, a->s.view)->list(&a->s));
	(strcmp(format, "csv") == 0 ? row_model_csv : row_model_json)(&s, &a->s, out);
	row_model_release(&s);
}

/* "gscrape-host-20260102-030405.txt" */
void write_ask(struct app *a, enum written what)
{
	char name[96], t[TIME_MAX];
	const char *of = what == WRITE_REPORT ? "report" : what == WRITE_EXPORT ? a->format->name : view_of(&a->s, view_shown(&a->s))->name;
	const char *end = what == WRITE_REPORT ? "html" : what == WRITE_EXPORT ? export_ending(a->format->name) : "txt";

	snprintf(name, sizeof name, "gscrape-%s-%s.%s", of, time_format(t, a->s.t, TIME_ARCHIVE, NULL), end);
	prompt_open(a, PROMPT_FILE, name);
	a->prompt.proposed = true;
	a->written = what;
}

static const char *format_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	if (dot && strcasecmp(dot, ".csv") == 0)
		return "csv";
	return dot && (strcasecmp(dot, ".json") == 0 || strcasecmp(dot, ".jsonl") == 0) ? "json" : "text";
}

/* "~/x" is at home; caller frees. */
static char *real_path(const char *path)
{
	const char *home = getenv("HOME");

	return path[0] == '~' && path[1] == '/' && home ? xasprintf("%s%s", home, path + 1) : xstrdup(path);
}

static void write_to(struct app *a, const char *path)
{
	char *real = real_path(path);
	const char *what = a->written == WRITE_REPORT ? "report" : a->written == WRITE_EXPORT ? a->format->name : format_of(path);
	struct buf b = {0};
	struct err e;
	int rc = 0;

	if (a->written == WRITE_REPORT)
		rc = report_text(a, path, &b, &e);
	else if (a->written == WRITE_EXPORT)
		rc = export_text(a, &b, &e);
	else
		view_text(a, what, &b);
	if (rc < 0 || file_write(real, b.p ? b.p : "", b.n, &e) < 0)
		say_error(&a->s, e.text);
	else
		say(&a->s, "%zu bytes of %s written to %s", b.n, what, path);
	buf_release(&b);
	free(real);
}

void write_view(struct app *a, const char *path)
{
	char *real = real_path(path);
	bool there = access(real, F_OK) == 0;

	free(real);
	if (!there) {
		write_to(a, path);
		return;
	}
	prompt_open(a, PROMPT_KEY, path);
	a->prompt.then = ACT_WRITE;
}

void write_over(struct app *a)
{
	char path[sizeof a->prompt.text];

	snprintf(path, sizeof path, "%s", a->prompt.text);
	write_to(a, path);
}
