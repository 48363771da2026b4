/* SPDX-License-Identifier: MIT */
/* Yank: to the terminal's clipboard by OSC 52, and in tmux to its buffer. */
#include "app.h"
#include <gscrape/link.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define OSC52_MAX 74994 /* encoded bytes that terminals take */

static void base64(struct buf *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);

		buf_putc(out, digits[v >> 18]);
		buf_putc(out, digits[v >> 12 & 63]);
		buf_putc(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_putc(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

static const char *view_name(const struct app *a)
{
	return view_of(app_view(a))->name;
}

static void stack_text(const struct app *a, struct buf *b)
{
	const struct goroutine_view *g = &a->gor;
	const struct stack *s;

	if (a->view != VIEW_GOROUTINE || !g->found || g->run < 0)
		return;
	s = query_stack(a->q, g->life.runs[g->run].stack);
	buf_addf(b, "goroutine %" PRIu64 " [%s]:\n", a->id, g->life.runs[g->run].state);
	for (uint32_t i = 0; i < s->n; i++)
		buf_addf(b, "%s(...)\n\t%s:%u\n", s->frames[i].func, s->frames[i].file ? s->frames[i].file : "?", s->frames[i].line);
	if (s->created.func)
		buf_addf(b, "created by %s\n\t%s:%u\n", s->created.func, s->created.file ? s->created.file : "?", s->created.line);
}

/* As one word for a shell. */
static void add_quoted(struct buf *b, const char *text)
{
	buf_putc(b, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_adds(b, "'\\'");
		buf_putc(b, *text);
	}
	buf_putc(b, '\'');
}

static void url_text(const struct app *a, struct buf *b)
{
	const struct host *h = app_host(a);
	struct link l = {.view = view_name(a), .host = h ? h->name : NULL, .id = a->view == VIEW_GOROUTINE ? a->id : 0, .epoch = a->epoch,
			 .at = a->t, .base = a->use_pin ? a->pin : NO_TIME, .filter = a->filter[0] ? a->filter : NULL};

	link_format(&l, "http://127.0.0.1:8080/", b);
}

/* With a filter or something pinned only a URL says all of it. */
static void command_text(const struct app *a, struct buf *b)
{
	const struct host *h = app_host(a);
	struct buf url = {0};
	char t[TIME_MAX];

	buf_adds(b, "gscrape-tui --db ");
	add_quoted(b, query_path(a->q));
	if (a->filter[0] || a->use_pin) {
		url_text(a, &url);
		buf_putc(b, ' ');
		add_quoted(b, url.p);
		buf_release(&url);
		return;
	}
	buf_addf(b, " --view %s", view_name(a));
	if (h) {
		buf_adds(b, " --host ");
		add_quoted(b, h->name);
	}
	if (a->id && a->view == VIEW_GOROUTINE)
		buf_addf(b, " --id %" PRIu64, a->id);
	if (a->id && a->view == VIEW_GOROUTINE && a->epoch)
		buf_addf(b, " --epoch %" PRIu32, a->epoch);
	buf_addf(b, " --at %s", time_format(t, a->t, TIME_RFC3339, "UTC"));
}

/* The selected row as it stands on the screen. */
static void line_text(struct app *a, struct buf *b)
{
	struct canvas c = {0};
	struct buf screen = {0};
	const char *p;
	size_t y;

	canvas_resize(&c, a->w, a->h);
	app_draw(a, &c);
	canvas_dump(&c, &screen);
	p = screen.p;
	for (y = (size_t)c.cursor_y; y && p; y--)
		p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL;
	if (p)
		buf_add(b, p, strcspn(p, "\n"));
	canvas_release(&c);
	buf_release(&screen);
}

/* tmux keeps OSC 52 from the outer terminal unless told otherwise: hand it to tmux itself. */
static bool to_tmux(const struct buf *b)
{
	FILE *f;

	if (!getenv("TMUX"))
		return false;
	f = popen("tmux load-buffer -w - 2>/dev/null", "w");
	if (!f)
		return false;
	fwrite(b->p, 1, b->n, f);
	return pclose(f) == 0;
}

void yank(struct app *a, int what)
{
	struct buf b = {0}, osc = {0};
	bool tmux;

	switch (what) {
	case 'i': if (a->id) buf_addf(&b, "%" PRIu64, a->id); break;
	case 's': stack_text(a, &b); break;
	case 'l': line_text(a, &b); break;
	case 't': {
		char t[TIME_MAX];

		buf_adds(&b, app_time(a, t, a->t, TIME_RFC3339));
		break;
	}
	case 'u': url_text(a, &b); break;
	case 'c': command_text(a, &b); break;
	default: break;
	}
	if (!b.n) {
		app_say(a, "nothing to yank there (i id, s stack, l line, t time, u URL, c command)");
		return;
	}
	tmux = to_tmux(&b);
	buf_adds(&osc, "\033]52;c;");
	base64(&osc, (const unsigned char *)b.p, b.n);
	buf_adds(&osc, "\a");
	if (osc.n > OSC52_MAX) {
		app_say(a, "%zu bytes are too many for the clipboard; W writes the screen to a file", b.n);
		buf_release(&osc);
	} else {
		free(a->yanked);
		a->yanked = osc.p;
		app_say(a, tmux ? "%zu bytes to tmux's buffer and the clipboard (OSC 52)" : "%zu bytes to the clipboard (OSC 52)", b.n);
	}
	buf_release(&b);
}
