/* SPDX-License-Identifier: MIT */
/*
 * Browsing, and --dump: the store; live targets, recorded in this process meanwhile; an archive or loose dumps, taken into
 * a store of their own that is gone afterwards; or a view's URL.
 */
#include "dump_text.h"
#include "reporting.h"
#include "temp_store.h"
#include <gscrape/gzip.h>
#include <gscrape/link.h>
#include <gscrape/query.h>
#include <gscrape/tui.h>
#include <langinfo.h>

/* Whose goroutine --id is, where one host is all there is. 0, or -1 when it must be said. */
static int only_host(const char *db, struct pool *p, const char **out, struct err *e)
{
	const struct host *hosts;
	struct query *q;
	size_t n;

	if (query_open(&q, db, e) < 0)
		return -1;
	hosts = query_hosts(q, &n);
	if (n == 1)
		*out = pool_strndup(p, hosts[0].name, strlen(hosts[0].name));
	query_close(q);
	return n == 1 ? 0 : fail_as(e, ERR_USAGE, "--id needs --host: there are %zu", n);
}

/* For the terminal: tui.h. */
static bool give_dump(const void *ctx, const char *host, int64_t time, struct buf *out)
{
	return dump_text_of(ctx, host, time, out);
}

/* What & begins with: wrong ones are told before there is a screen. */
static int check_filter(const struct options *o, struct err *e)
{
	struct filter *f;

	if (options_filter(o, &f, e) < 0)
		return -1;
	filter_close(f);
	return o->where && strlen(o->where) > TUI_FILTER_BYTES ?
		       fail_as(e, ERR_USAGE, "--where: more than %d bytes are too much for the terminal", TUI_FILTER_BYTES) : 0;
}

static int view_options(const struct options *o, const char *db, struct pool *p, struct tui_options *t, struct err *e)
{
	*t = (struct tui_options){.db = db, .view = o->command == CMD_DUMP || o->view ? o->view : NULL, .host = o->host, .id = o->id,
				  .epoch = o->epoch, .at = o->at, .base = o->base, .filter = o->where ? o->where : o->filter, .saved = o->saved.v, .n_saved = o->saved.n, .tz = o->tz, .size = o->size,
				  .keys = o->keys, .glyphs = o->glyphs, .theme = o->theme, .source = o->source, .color = o->color,
				  .no_state = o->no_state, .bindings = o->bindings, .n_bindings = o->n_bindings,
				  .config_file = o->config_file, .leak_ignore = o->leak_ignore, .page_url = o->page_url, .keep = config_set, .format = o->format, .mouse = o->mouse, .sync = o->sync,
				  .skip_unchanged = o->skip_unchanged, .two_lines = o->two_lines, .leaf_first = o->leaf_first,
				  .cursorline = o->cursorline, .slow_link = o->slow_link, .screen_reader = o->screen_reader,
				  .dump_text = give_dump, .dump_ctx = o};
	if (!t->view && t->id)
		t->view = "goroutine";
	if (check_filter(o, e) < 0)
		return -1;
	return t->id && !t->host ? only_host(db, p, &t->host, e) : 0;
}

static int dump(const struct options *o, struct tui_options *t, struct err *e)
{
	struct out out = {0};
	int rc;

	if (reporting_check(o, e) < 0)
		return -1;
	if (!t->glyphs || strcmp(t->glyphs, "auto") == 0)
		t->glyphs = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "blocks" : "ascii";
	rc = tui_dump(t, false, &out.buf, e);
	if (rc < 0 && (o->out || !out.buf.n)) { /* a part of it is for who reads the sentence, too */
		buf_release(&out.buf);
		return rc;
	}
	if (rc >= 0 && o->format && strcmp(o->format, "json") == 0)
		out_tell_empty(&(struct out){.buf = out.buf}, o);
	if (o->out) {
		rc = file_write(o->out, out.buf.p, out.buf.n, e);
		buf_release(&out.buf);
		return rc;
	}
	return out_close(&out, rc < 0 ? NULL : e) < 0 ? -1 : rc;
}

/* What is browsed. */
struct browsed {
	const char *db, *notice;
	uint64_t failed;
	bool live, closed; /* all as tui.h has them */
};

static int show(const struct options *o, const struct browsed *b, struct err *e)
{
	struct tui_options t;
	struct pool p = {0};
	int rc = view_options(o, b->db, &p, &t, e);

	if (rc == 0) {
		t.live = b->live;
		t.closed = b->closed;
		t.notice = b->notice;
		t.failed = b->failed;
		rc = o->command == CMD_DUMP ? dump(o, &t, e) : tui_run(&t, e);
		if (rc == -2)
			e->kind = ERR_USAGE;
	}
	pool_release(&p);
	return rc;
}

static int browse_paths(const struct options *o, struct err *e)
{
	struct options mine = *o;
	struct temp_store v;
	int rc = temp_store_open(&v, o, &o->operands, e);

	mine.no_state = true; /* this store is gone afterwards */
	mine.visited = o->operands;
	buf_putc(&v.notes, '\0');
	if (rc >= 0)
		rc = show(&mine, &(struct browsed){.db = v.db, .closed = true, .notice = v.notes.n > 1 ? v.notes.p : NULL, .failed = v.failed}, e);
	temp_store_close(&v);
	return rc;
}

/* Record the targets in this process and show them as they come. */
static int browse_live(const struct options *o, struct err *e)
{
	struct scrape_options so;
	struct scrape *scraper;
	struct err later;
	int rc = tui_check(e);

	if (rc < 0) {
		e->kind = ERR_USAGE;
		return -1;
	}
	scrape_options(o, &so);
	if (scrape_start(&scraper, &so, e) < 0)
		return -1;
	rc = show(o, &(struct browsed){.db = o->db, .live = true}, e);
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
		rc = show(&mine, &(struct browsed){.db = o->db}, e);
	}
	pool_release(&p);
	return rc;
}

int run_browse(const struct options *o, struct err *e)
{
	const char *what = o->operands.n ? o->operands.v[0] : NULL;
	enum operand kind = what ? operand_kind(what) : OPERAND_TARGET;

	for (size_t i = 1; i < o->operands.n; i++) {
		enum operand next = operand_kind(o->operands.v[i]);

		if (next == OPERAND_NONE)
			return fail(e, "%s: no such file or folder", o->operands.v[i]);
		if (kind == OPERAND_LINK || next == OPERAND_LINK || (kind == OPERAND_TARGET) != (next == OPERAND_TARGET))
			return fail_as(e, ERR_USAGE, "files go together, or targets: '%s' is too much", o->operands.v[i]);
	}
	if (kind == OPERAND_LINK)
		return browse_url(o, what, e);
	if (kind == OPERAND_FOLDER || kind == OPERAND_FILE)
		return browse_paths(o, e);
	if (kind == OPERAND_NONE || (what && o->command == CMD_DUMP))
		return fail(e, "%s: no such file or folder%s", what,
			    o->command == CMD_DUMP ? "" : ", and no target (write host:port)");
	/* targets in the config file are for --scrape: without any on the command line the store is browsed */
	if (o->command == CMD_BROWSE && (what || o->targets_asked))
		return browse_live(o, e);
	return show(o, &(struct browsed){.db = o->db}, e);
}
