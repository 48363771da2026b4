/* SPDX-License-Identifier: MIT */
#include "collect/progress.h"
#include <gscrape/json.h>
#include <gscrape/service.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REFRESH_MS 1000

struct progress {
	bool live, json, quiet, color, once, aside;
	bool journal[3]; /* by descriptor */
	const struct zone *tz;
	int64_t drawn; /* monotonic ms */
	size_t lines;  /* of the block on the screen */
	struct buf buf;
};

struct progress *progress_new(const struct scrape_options *o)
{
	struct progress *p = xcalloc(1, sizeof *p);
	const char *term = getenv("TERM");

	p->aside = o->aside;
	p->json = o->json && !o->aside;
	p->quiet = o->quiet;
	p->color = o->color;
	p->once = o->once;
	p->tz = o->tz;
	for (int fd = 1; fd < 3; fd++)
		p->journal[fd] = service_journal(fd);
	p->live =
	        !o->aside && !o->json && !o->quiet && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
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

enum { BAD = 3, WARNING = 4, WORD = 6 }; /* syslog's */

/* What a line begins with: the time, or where the journal has that already, how bad it is. */
static void begin_line(struct progress *p, int fd, int priority, int64_t t)
{
	char when[TIME_MAX];

	if (p->journal[fd])
		buf_addf(&p->buf, "<%d>", priority);
	else
		buf_addf(&p->buf, "%s ", time_format(when, t, TIME_TABLE, p->tz));
}

void progress_scrape(struct progress *p, const struct target_status *st, bool new_process)
{
	bool failed = st->status == SNAP_FAILED;

	if (!p || p->live || ((p->quiet || p->aside) && !failed))
		return;
	if (p->json) {
		scrape_json(p, st, new_process);
		put(p, stdout);
		return;
	}
	begin_line(p, failed ? STDERR_FILENO : STDOUT_FILENO, failed ? WARNING : WORD, st->last);
	buf_add_visible(&p->buf, st->host, strlen(st->host));
	buf_putc(&p->buf, ' ');
	add_outcome(&p->buf, st);
	buf_adds(&p->buf, new_process ? ", a new process\n" : "\n");
	put(p, failed ? stderr : stdout);
}

void progress_message(struct progress *p, bool bad, const char *sentence)
{
	FILE *to;

	if (!p || (p->quiet && !bad))
		return;
	to = !p->aside && (p->live || !bad) ? stdout : stderr;
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
			begin_line(p, fileno(to), bad ? BAD : WORD, now_ms());
		buf_add_visible(&p->buf, sentence, strlen(sentence));
	}
	buf_putc(&p->buf, '\n');
	put(p, to);
}

/* Append the text cut to so many columns. */
static void add_cut(struct buf *b, const char *s, size_t cols)
{
	const char *end = s, *next = s;

	while (*end) {
		size_t w = (size_t)char_cells(utf8_next(&next));

		if (w > cols)
			break;
		cols -= w;
		end = next;
	}
	buf_add(b, s, (size_t)(end - s));
}

#define COLUMNS "%-24s %10s %8s %8s %7s  "

static void end_line(struct progress *p, struct buf *line, size_t width, const char *style)
{
	bool plain = !p->color || !*style;

	if (!plain)
		buf_adds(&p->buf, style);
	add_cut(&p->buf, line->p, width);
	buf_adds(&p->buf, plain ? "\x1b[K\n" : "\x1b[m\x1b[K\n");
	p->lines++;
	buf_release(line);
}

static void heading(struct progress *p, size_t width)
{
	struct buf line = {0};

	buf_addf(&line, COLUMNS, "TARGET", "GOROUTINES", "SIZE", "TIME", "NEXT");
	end_line(p, &line, width, "\x1b[1m");
}

/* What is not known yet, or not at all, is a dash. A failure's reason comes last, else the labels. */
static void target_line(struct progress *p, const struct target_status *st, size_t width, int64_t now)
{
	struct buf line = {0}, host = {0}, size = {0};
	char next[TIME_MAX] = "-", took[16] = "-", goroutines[16] = "-";
	bool known = st->scrapes > st->failed;

	buf_add_visible(&host, st->host, strlen(st->host));
	if (known)
		add_size(&size, (double)st->bytes);
	if (known)
		snprintf(goroutines, sizeof goroutines, "%u", st->goroutines);
	if (st->scrapes)
		snprintf(took, sizeof took, "%u ms", st->took);
	if (st->fetching)
		snprintf(next, sizeof next, "now");
	else if (st->next != NO_TIME)
		duration_format(next, st->next > now ? (st->next - now + 999) / 1000 * 1000 : 0);
	buf_addf(&line, COLUMNS, host.p, goroutines, known ? size.p : "-", took, next);
	buf_adds(&line, *st->note ? st->note : st->labels);
	end_line(p, &line, width, st->in_a_row ? "\x1b[31m" : "");
	buf_release(&size);
	buf_release(&host);
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
	buf_addf(&line, "%zu target%s, %" PRIu64 " scraped, %" PRIu64 " failed, %" PRIu64 " ticks missed",
	         all->n, all->n == 1 ? "" : "s", scrapes, failed, missed);
	if (!p->once)
		buf_addf(&line, ", %.1f MB/h", all->mb_per_hour);
	end_line(p, &line, width, "");
}

/* Those that fail, those that do not, or both, as long as there is room. */
static size_t draw_some(struct progress *p, const struct scrape_status *all, size_t rows, size_t width,
                        bool bad, bool good)
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
	rows = ws.ws_row > 4 ? ws.ws_row - 3u : 21; /* heading, summary, cursor */
	width = ws.ws_col > 1 ? ws.ws_col - 1u : 79;
	erase(p);
	heading(p, width);
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
