/* SPDX-License-Identifier: MIT */
#include "collect/progress.h"
#include <gscrape/json.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REFRESH_MS 1000

struct progress {
	bool live, json, quiet, color;
	int64_t drawn;  /* monotonic ms */
	size_t lines;   /* of the block on the screen */
	struct buf buf;
};

struct progress *progress_new(const struct scrape_options *o)
{
	struct progress *p = xcalloc(1, sizeof *p);
	const char *term = getenv("TERM");

	p->json = o->json;
	p->quiet = o->quiet;
	p->color = o->color;
	p->live = !o->json && !o->quiet && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
	return p;
}

bool progress_is_live(const struct progress *p)
{
	return p && p->live;
}

static void put(struct progress *p, FILE *to)
{
	fwrite(p->buf.p, 1, p->buf.n, to);
	fflush(to);
	clearerr(to); /* a reader that went away does not stop the recording */
	buf_reset(&p->buf);
}

/* Remove the block from the screen, so that a sentence can stand above the next one. */
static void erase(struct progress *p)
{
	if (p->lines)
		buf_addf(&p->buf, "\x1b[%zuA\r\x1b[J", p->lines);
	p->lines = 0;
	p->drawn = 0;
}

static void add_size(struct buf *b, double bytes)
{
	static const char units[] = "kMGT";
	int u = -1;

	while (bytes >= 1000 && u < 3) {
		bytes /= 1000;
		u++;
	}
	if (u < 0)
		buf_addf(b, "%.0f B", bytes);
	else
		buf_addf(b, bytes < 10 ? "%.1f %cB" : "%.0f %cB", bytes, units[u]);
}

/* What came of a scrape: "412 goroutines, 1.2 MB, 35 ms", and the note. */
static void add_outcome(struct buf *b, const struct target_status *st)
{
	if (st->status == SNAP_FAILED) {
		buf_addf(b, "failed: %s", st->note);
		return;
	}
	buf_addf(b, "%s %u goroutines", snap_status_name(st->status), st->goroutines);
	if (snap_has_text(st->status)) {
		buf_adds(b, ", ");
		add_size(b, (double)st->bytes);
	}
	buf_addf(b, ", %u ms", st->took);
	if (*st->note)
		buf_addf(b, " (%s)", st->note);
}

static void scrape_json(struct progress *p, const struct target_status *st, bool new_process)
{
	struct jw j = {.out = &p->buf};

	jw_obj(&j);
	jw_ktime(&j, "time", st->last);
	jw_kstr(&j, "host", st->host);
	jw_kstr(&j, "status", snap_status_name(st->status));
	if (st->status != SNAP_FAILED)
		jw_kuint(&j, "goroutines", st->goroutines);
	if (snap_has_text(st->status))
		jw_kuint(&j, "bytes", st->bytes);
	jw_kuint(&j, "took", st->took);
	if (new_process)
		jw_kbool(&j, "restarted", true);
	if (*st->note)
		jw_kstr(&j, "note", st->note);
	jw_end(&j);
	buf_putc(&p->buf, '\n');
}

void progress_scrape(struct progress *p, const struct target_status *st, bool new_process)
{
	bool failed = st->status == SNAP_FAILED;
	char when[TIME_MAX];

	if (!p || p->live || (p->quiet && !failed))
		return;
	if (p->json) {
		scrape_json(p, st, new_process);
		put(p, stdout);
		return;
	}
	buf_addf(&p->buf, "%s ", time_format(when, st->last, TIME_TABLE, NULL));
	buf_add_visible(&p->buf, st->host, strlen(st->host));
	buf_putc(&p->buf, ' ');
	add_outcome(&p->buf, st);
	buf_adds(&p->buf, new_process ? ", a new process\n" : "\n");
	put(p, failed ? stderr : stdout);
}

void progress_message(struct progress *p, bool bad, const char *sentence)
{
	char when[TIME_MAX];

	if (!p || (p->quiet && !bad))
		return;
	if (p->live)
		erase(p);
	if (p->json && !bad) {
		struct jw j = {.out = &p->buf};

		jw_obj(&j);
		jw_ktime(&j, "time", now_ms());
		jw_kstr(&j, "message", sentence);
		jw_end(&j);
	} else {
		if (!p->live)
			buf_addf(&p->buf, "%s ", time_format(when, now_ms(), TIME_TABLE, NULL));
		buf_add_visible(&p->buf, sentence, strlen(sentence));
	}
	buf_putc(&p->buf, '\n');
	put(p, p->live || !bad ? stdout : stderr);
}

/* Append the text cut to so many columns; a byte that continues a UTF-8 character takes none. */
static void add_cut(struct buf *b, const char *s, size_t cols)
{
	size_t n = 0;

	for (; s[n] && (cols || ((unsigned char)s[n] & 0xc0) == 0x80); n++)
		cols -= ((unsigned char)s[n] & 0xc0) != 0x80;
	buf_add(b, s, n);
}

/* host   412 goroutines  1.2 MB    35 ms  next 12s  note */
static void target_line(struct progress *p, const struct target_status *st, size_t width, int64_t now)
{
	struct buf line = {0}, size = {0};
	char next[TIME_MAX] = "now";
	bool failed = st->in_a_row > 0;

	if (!st->fetching && st->next > now)
		duration_format(next, (st->next - now + 999) / 1000 * 1000);
	buf_add_visible(&line, st->host, strlen(st->host));
	while (line.n < 24)
		buf_putc(&line, ' ');
	add_size(&size, (double)st->bytes);
	if (st->scrapes == 0)
		buf_adds(&line, "      -");
	else
		buf_addf(&line, "%7u", st->goroutines);
	buf_addf(&line, "  %8s  %6u ms  next %-6s %s", size.p, st->took, next, failed || *st->note ? st->note : "");
	if (p->color && failed)
		buf_adds(&p->buf, "\x1b[31m");
	add_cut(&p->buf, line.p, width);
	buf_adds(&p->buf, p->color && failed ? "\x1b[m\x1b[K\n" : "\x1b[K\n");
	p->lines++;
	buf_release(&size);
	buf_release(&line);
}

static void summary_line(struct progress *p, const struct scrape_status *all, size_t hidden, size_t width)
{
	uint64_t scrapes = 0, failed = 0, missed = 0;
	struct buf line = {0};

	for (size_t i = 0; i < all->n; i++) {
		scrapes += all->targets[i].scrapes;
		failed += all->targets[i].failed;
		missed += all->targets[i].missed;
	}
	if (hidden)
		buf_addf(&line, "and %zu more; ", hidden);
	buf_addf(&line, "%zu targets, %" PRIu64 " scrapes, %" PRIu64 " failed, %" PRIu64 " missed, %.1f MB/h", all->n, scrapes,
		 failed, missed, all->mb_per_hour);
	add_cut(&p->buf, line.p, width);
	buf_adds(&p->buf, "\x1b[K\n");
	p->lines++;
	buf_release(&line);
}

/* Those that fail, those that do not, or both, as long as there is room. */
static size_t draw_some(struct progress *p, const struct scrape_status *all, size_t rows, size_t width, bool bad, bool good)
{
	int64_t now = now_ms();
	size_t shown = 0;

	for (size_t i = 0; i < all->n && shown < rows; i++) {
		if (all->targets[i].in_a_row ? !bad : !good)
			continue;
		target_line(p, &all->targets[i], width, now);
		shown++;
	}
	return shown;
}

static void draw(struct progress *p, const struct scrape_status *all)
{
	struct winsize ws = {0};
	size_t rows, width, shown;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws);
	rows = ws.ws_row > 3 ? ws.ws_row - 2u : 22;
	width = ws.ws_col > 1 ? ws.ws_col - 1u : 79;
	erase(p);
	if (all->n <= rows) {
		shown = draw_some(p, all, rows, width, true, true);
	} else { /* not all fit: what fails comes first */
		shown = draw_some(p, all, rows, width, true, false);
		shown += draw_some(p, all, rows - shown, width, false, true);
	}
	summary_line(p, all, all->n - shown, width);
	put(p, stdout);
}

void progress_refresh(struct progress *p, const struct scrape_status *all, bool last)
{
	int64_t now = monotonic_ms();

	if (!p || !p->live || (!last && p->drawn && now - p->drawn < REFRESH_MS))
		return;
	draw(p, all);
	p->drawn = now;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	buf_release(&p->buf);
	free(p);
}
