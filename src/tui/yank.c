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
	return view_of(&a->s, view_shown(&a->s))->name;
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

/* Of the selected row; where that has none, or has gone meanwhile, the chosen one. */
static const struct host *host_yanked(const struct session *s)
{
	const struct view *v = view_of(s, view_shown(s));
	const struct host *h = v->host_of_row ? host_of(s, v->host_of_row(s)) : NULL;

	return h ? h : chosen_host(s);
}

static void url_text(const struct app *a, struct buf *b)
{
	const struct host *h = host_yanked(&a->s);
	struct link l = {.view = view_name(a), .host = h ? h->name : NULL, .id = a->s.view == VIEW_GOROUTINE ? a->s.id : 0, .epoch = a->s.epoch,
			 .at = a->s.t, .base = a->s.use_pin ? a->s.pin : NO_TIME, .filter = a->s.filter[0] ? a->s.filter : NULL};

	link_format(&l, a->s.o->page_url ? a->s.o->page_url : LINK_HERE, b);
}

/* What must be there for the URL to open anything. */
static const char *url_needs(const struct app *a)
{
	return a->s.o->page_url && strcmp(a->s.o->page_url, LINK_HERE) != 0 ? "; it is of --page-url" : "; --serve must run here to open it";
}

/* With a filter or something pinned only a URL says all of it. */
static void command_text(const struct app *a, struct buf *b)
{
	const struct host *h = host_yanked(&a->s);
	struct buf url = {0};
	char t[TIME_MAX];

	buf_adds(b, "gscrape-tui --db ");
	add_quoted(b, query_path(a->s.q));
	if (a->s.filter[0] || a->s.use_pin) {
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
	if (a->s.id && a->s.view == VIEW_GOROUTINE)
		buf_addf(b, " --id %" PRIu64, a->s.id);
	if (a->s.id && a->s.view == VIEW_GOROUTINE && a->s.epoch)
		buf_addf(b, " --epoch %" PRIu32, a->s.epoch);
	buf_addf(b, " --at %s", time_format(t, a->s.t, TIME_RFC3339, NULL));
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

static const struct {
	char key;
	const char *what;
	bool of_row;
} choices[] = {
	{'i', "name", true}, {'s', "stack", true}, {'f', "file:line", true}, {'t', "time", false}, {'u', "URL", false}, {'c', "command", false},
};

/* Of the selected row. */
static void copy_row(const struct app *a, int what, struct buf *out)
{
	const struct view *v = view_of(&a->s, a->s.view);

	if (v->copy)
		v->copy(&a->s, what == 'f' ? 'l' : what, out);
}

char *yank_choices(const struct app *a, char *out, size_t n)
{
	out[0] = '\0';
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		struct buf b = {0};

		if (choices[i].of_row)
			copy_row(a, choices[i].key, &b);
		if (b.n || !choices[i].of_row)
			snprintf(out + strlen(out), n - strlen(out), "%s%c %s", *out ? ", " : "", choices[i].key, choices[i].what);
		buf_release(&b);
	}
	return out;
}

void yank(struct app *a, int what)
{
	struct buf b = {0}, osc = {0};
	char there[120];
	bool tmux;

	switch (what) {
	case 'i': case 'f': case 'l': case 's': copy_row(a, what, &b); break;
	case 't': {
		char t[TIME_MAX];

		buf_adds(&b, time_text(&a->s, t, a->s.t, TIME_RFC3339));
		break;
	}
	case 'u': url_text(a, &b); break;
	case 'c': command_text(a, &b); break;
	default: break;
	}
	if (!b.n) {
		say(&a->s, "nothing to yank by that here: %s", yank_choices(a, there, sizeof there));
		return;
	}
	tmux = to_tmux(&b);
	buf_adds(&osc, "\033]52;c;");
	base64(&osc, (const unsigned char *)b.p, b.n);
	buf_adds(&osc, "\a");
	if (osc.n > OSC52_MAX) {
		say(&a->s, "%zu bytes are too many for the clipboard; W writes the screen to a file", b.n);
		buf_release(&osc);
	} else {
		free(a->yanked);
		a->yanked = osc.p;
		say(&a->s, "%zu bytes to %sthe clipboard (OSC 52)%s", b.n, tmux ? "tmux's buffer and " : "", what == 'u' ? url_needs(a) : "");
	}
	buf_release(&b);
}
