/* SPDX-License-Identifier: MIT */
/*
 * Browsing, and --dump: the store; live targets, recorded in this process meanwhile; an archive or one dump, taken into
 * a store of their own that is gone afterwards; or a view's URL.
 */
#include "record.h"
#include <errno.h>
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <gscrape/link.h>
#include <gscrape/recorder.h>
#include <gscrape/tui.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A store for the length of one run. */
struct scratch {
	char *dir, *db;
};

static int scratch_make(struct scratch *s, struct err *e)
{
	const char *tmp = getenv("TMPDIR");

	s->dir = xasprintf("%s/gscrape-tui.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(s->dir)) {
		int rc = fail(e, "%s: %s", s->dir, strerror(errno));

		free(s->dir);
		s->dir = NULL;
		return rc;
	}
	s->db = xasprintf("%s/gscrape.db", s->dir);
	return 0;
}

static void scratch_remove(struct scratch *s)
{
	char *lock;

	if (!s->dir)
		return;
	lock = xasprintf("%s-lock", s->db);
	unlink(s->db);
	unlink(lock);
	rmdir(s->dir);
	free(lock);
	free(s->db);
	free(s->dir);
}

static int view_options(const struct options *o, const char *db, struct tui_options *t, struct err *e)
{
	*t = (struct tui_options){.db = db, .view = o->command == CMD_DUMP || o->view ? o->view : NULL, .host = o->host, .id = o->id,
				  .epoch = o->epoch, .at = o->at, .base = o->base, .filter = o->filter, .tz = o->tz, .size = o->size,
				  .keys = o->keys, .glyphs = o->glyphs, .theme = o->theme, .color = o->color,
				  .no_state = o->no_state, .bindings = o->bindings, .n_bindings = o->n_bindings,
				  .config_file = o->config_file};
	if (!t->view && t->id)
		t->view = "goroutine";
	if (t->id && !t->host)
		return fail(e, "--id needs --host") - 1;
	return 0;
}

static int dump(const struct options *o, struct tui_options *t, struct err *e)
{
	struct out out = {0};
	int rc;

	if (!t->glyphs || strcmp(t->glyphs, "auto") == 0) {
		const char *lang = getenv("LC_ALL") && *getenv("LC_ALL") ? getenv("LC_ALL") : getenv("LC_CTYPE") && *getenv("LC_CTYPE") ? getenv("LC_CTYPE") : getenv("LANG");

		t->glyphs = lang && (strcasestr(lang, "utf-8") || strcasestr(lang, "utf8")) ? "blocks" : "ascii";
	}
	rc = tui_dump(t, false, &out.buf, e);
	(void)o;
	if (rc < 0) {
		buf_release(&out.buf);
		return rc;
	}
	return out_close(&out, e);
}

static int show(const struct options *o, const char *db, bool live, struct err *e)
{
	struct tui_options t;
	int rc = view_options(o, db, &t, e);

	if (rc < 0)
		return WRONG_USAGE;
	t.live = live;
	if (o->command == CMD_DUMP)
		return dump(o, &t, e);
	rc = tui_run(&t, e);
	return rc == -2 ? WRONG_USAGE : rc;
}

/* One dump becomes a store of one host and one snapshot. */
static int record_dump(const char *path, const char *db, struct err *e)
{
	struct buf text = {0};
	struct shot shot = {.time = now_ms(), .status = SNAP_OK};
	struct outcome got;
	struct recorder *r;
	struct stat st;
	uint32_t host;
	int rc = file_read(path, &text, FILE_MAX, e);

	if (rc < 0 || recorder_open(&r, db, e) < 0) {
		buf_release(&text);
		return -1;
	}
	if (strcmp(path, "-") != 0 && stat(path, &st) == 0)
		shot.time = (int64_t)st.st_mtim.tv_sec * 1000;
	shot.text = (struct str){text.p, text.n};
	if (dump_sniff(text.p, text.n) != DUMP_GOROUTINES)
		rc = fail(e, "%s: is %s", strcmp(path, "-") ? path : "standard input", dump_kind_name(dump_sniff(text.p, text.n)));
	else
		rc = recorder_host(r, strcmp(path, "-") ? path : "stdin", NULL, &host, e) < 0 ? -1 : recorder_add(r, host, &shot, &got, e);
	if (recorder_close(r, rc < 0 ? NULL : e) < 0)
		rc = -1;
	buf_release(&text);
	return rc;
}

static int browse_path(const struct options *o, const char *path, struct err *e)
{
	struct scratch s = {0};
	struct index_totals totals;
	struct stat st;
	int rc;

	if (scratch_make(&s, e) < 0)
		return -1;
	if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		rc = index_archive(o, path, s.db, &totals, e);
	else
		rc = record_dump(path, s.db, e);
	if (rc >= 0 && strcmp(path, "-") == 0 && o->command != CMD_DUMP && !freopen("/dev/tty", "r", stdin))
		rc = fail(e, "no terminal to read keys from: %s", strerror(errno));
	if (rc >= 0)
		rc = show(o, s.db, false, e);
	scratch_remove(&s);
	return rc;
}

/* Record the targets in this process and show them as they come. */
static int browse_live(const struct options *o, struct err *e)
{
	struct scrape_options so;
	struct scrape *scraper;
	struct err later;
	int rc;

	scrape_options(o, &so);
	if (scrape_start(&scraper, &so, e) < 0)
		return -1;
	rc = show(o, o->db, true, e);
	if (scrape_stop(scraper, &later) < 0 && rc >= 0) {
		*e = later;
		rc = -1;
	}
	return rc;
}

static int browse_url(const struct options *o, const char *url, struct err *e)
{
	struct options mine = *o;
	struct pool p = {0};
	struct link l;
	int rc = link_parse(url, &p, &l, e);

	if (!rc) {
		mine.view = l.view ? l.view : "overview";
		mine.host = l.host;
		mine.id = l.id;
		mine.epoch = l.epoch;
		mine.at = l.at;
		mine.base = l.base;
		mine.filter = l.filter;
		rc = show(&mine, o->db, false, e);
	}
	pool_release(&p);
	return rc;
}

int run_browse(const struct options *o, struct err *e)
{
	const char *what = o->operands.n ? o->operands.v[0] : NULL;
	struct stat st;

	if (what && o->operands.n == 1 && link_is(what))
		return browse_url(o, what, e);
	if (what && o->operands.n == 1 && (strcmp(what, "-") == 0 || stat(what, &st) == 0) && strncmp(what, "unix:", 5) != 0)
		return browse_path(o, what, e);
	if (has_targets(o) && o->command == CMD_BROWSE)
		return browse_live(o, e);
	if (what)
		return fail(e, "%s: %s", what, strerror(ENOENT));
	return show(o, o->db, false, e);
}
