/* SPDX-License-Identifier: MIT */
/*
 * Leave and come back: where one was, the window, the filter, the pin and the marks, one file per store in
 * $XDG_STATE_HOME/gscrape-tui. What was at the newest snapshot comes back at the newest, which may be another one by then.
 * A file that is damaged or not there costs nothing but the memory of the place.
 */
#include "session.h"
#include <errno.h>
#include <gscrape/gzip.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define STATE_MAX 65536

/* The store's file of state; caller frees. NULL where there is no home. */
static char *state_path(const struct session *a)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *real = realpath(query_path(a->q), NULL), *path = NULL;

	if (real && base && base[0] == '/')
		path = xasprintf("%s/gscrape-tui/%016" PRIx64, base, hash64(real, strlen(real)));
	else if (real && home && home[0] == '/')
		path = xasprintf("%s/.local/state/gscrape-tui/%016" PRIx64, home, hash64(real, strlen(real)));
	free(real);
	return path;
}

/* --- writing --- */

static void add_place(const struct session *a, struct buf *b, const char *what, const struct place *p)
{
	const char *host = host_name(a, p->host);

	/* A host is kept by name: retention and a store made anew number hosts otherwise. */
	if (*host && !strpbrk(host, "\n\r"))
		buf_addf(b, "%s %s %" PRIu32 " %" PRIu64 " %" PRId64 " %s\n", what, view_of(a, p->view)->name, p->epoch, p->id, p->t, host);
}

static struct place place_of(const struct session *a)
{
	int64_t last = query_newest(a->q, shows_host(a) ? a->host : 0);
	bool newest = last != NO_TIME && a->t >= last;

	return (struct place){view_shown(a), a->host, a->epoch, a->id, newest ? INT64_MAX : a->t};
}

void state_text(const struct session *a, struct buf *b)
{
	struct place here = place_of(a);
	struct session whole = *a;
	char name[] = "mark ?";

	buf_adds(b, "gscrape-tui state 1\n");
	add_place(a, b, "place", &here);
	window_all(&whole);
	if (a->from != whole.from || a->to != whole.to)
		buf_addf(b, "window %" PRId64 " %" PRId64 "\n", a->from, a->to);
	if (a->pin != NO_TIME)
		buf_addf(b, "pin %" PRId64 " %d\n", a->pin, a->use_pin);
	if (a->filter[0] && !strpbrk(a->filter, "\n\r"))
		buf_addf(b, "%s %s\n", a->filter_regex ? "filter-regex" : "filter", a->filter);
	for (int i = 0; i < 26; i++) {
		name[5] = (char)('a' + i);
		if (a->marked[i])
			add_place(a, b, name, &a->marks[i]);
	}
}

int state_save(const struct session *a, struct err *e)
{
	char *path = state_path(a);
	struct buf b = {0};
	int rc = 0;

	if (path) {
		state_text(a, &b);
		rc = file_folders(path, e);
		if (!rc)
			rc = file_write_mode(path, b.p, b.n, 0600, e);
	}
	buf_release(&b);
	free(path);
	return rc;
}

/* --- reading --- */

/* "VIEW EPOCH ID TIME HOST". False for anything else, and for a host that is no longer there. */
static bool read_place(const struct session *a, const char *text, struct place *out)
{
	char view[16], host[300];
	const struct host *h;
	struct err e;
	int64_t last;

	if (sscanf(text, "%15s %" SCNu32 " %" SCNu64 " %" SCNd64 " %299s", view, &out->epoch, &out->id, &out->t, host) != 5)
		return false;
	h = query_host(a->q, host, &e);
	if (!h || h->last == NO_TIME)
		return false;
	out->host = h->id;
	for (int v = 0; v < VIEW_HELP; v++) {
		if (strcmp(view_of(a, (enum view_id)v)->name, view) != 0)
			continue;
		out->view = (enum view_id)v;
		last = query_newest(a->q, v == VIEW_HOST || v == VIEW_GOROUTINE ? h->id : 0);
		out->t = out->t > last ? last : out->t < 0 ? h->first : out->t;
		return true;
	}
	return false;
}

/* What the command line asks for goes before what is remembered. */
static bool asked(const struct tui_options *o)
{
	return o->view || o->host || o->id || o->at != NO_TIME || o->base != NO_TIME || o->filter || o->live;
}

static void apply_line(struct session *a, const char *line)
{
	struct place p;
	int64_t from, to;
	int use;

	if (strncmp(line, "mark ", 5) == 0 && line[5] >= 'a' && line[5] <= 'z' && read_place(a, line + 6, &p)) {
		a->marks[line[5] - 'a'] = p;
		a->marked[line[5] - 'a'] = true;
	}
	if (asked(a->o))
		return;
	if (strncmp(line, "place ", 6) == 0 && read_place(a, line + 6, &p)) {
		a->view = p.view;
		a->host = p.host;
		a->unchosen = false;
		a->epoch = p.epoch;
		a->id = p.id;
		a->t = p.t;
	} else if (sscanf(line, "window %" SCNd64 " %" SCNd64, &from, &to) == 2 && from >= 0 && to > from && to < INT64_MAX / 4) {
		a->from = from;
		a->to = to;
		a->whole = false;
	} else if (sscanf(line, "pin %" SCNd64 " %d", &from, &use) == 2 && from >= 0 && from < INT64_MAX / 4) {
		a->pin = from;
		a->use_pin = use != 0;
	} else if (strncmp(line, "filter ", 7) == 0 || strncmp(line, "filter-regex ", 13) == 0) {
		a->filter_regex = line[6] == '-';
		snprintf(a->filter, sizeof a->filter, "%.*s", (int)sizeof a->filter - 1, line + (a->filter_regex ? 13 : 7));
	}
}

void state_apply(struct session *a, const char *text)
{
	char line[1024];

	if (strncmp(text, "gscrape-tui state 1\n", 20) != 0)
		return;
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n < sizeof line) {
			memcpy(line, text, n);
			line[n] = '\0';
			apply_line(a, line);
		}
		text += n + (text[n] == '\n');
	}
	set_time(a, a->t);
}

void state_load(struct session *a)
{
	char *path = state_path(a);
	struct buf b = {0};
	struct err e;

	if (path && file_read(path, &b, STATE_MAX, &e) == 0 && b.n) {
		buf_putc(&b, '\0');
		state_apply(a, b.p);
	}
	buf_release(&b);
	free(path);
}
