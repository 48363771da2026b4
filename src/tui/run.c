/* SPDX-License-Identifier: MIT */
/*
 * The loop: wait for a key, the playback's next frame or a look at the store; take everything that is there; load; draw
 * once. Idle and not following, it waits without a timeout.
 */
#include "app.h"
#include "console.h"
#include "settings.h"
#include <ctype.h>
#include <errno.h>
#include <gscrape/system.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 1000 /* between two looks at the store while following */

/* What stands between '<' and the next '>' is a key's name where it is at least two letters: "<Enter>", "<lt>", "<Ctrl-T>". The others are
 * keys themselves: slower and faster. *n: bytes that it takes. -1: no key is called so. */
static int script_key(const char *s, size_t *n)
{
	const char *end = *s == '<' && isalpha((unsigned char)s[1]) ? strchr(s, '>') : NULL;
	char name[32];

	*n = 1;
	if (!end || end - s < 3)
		return (unsigned char)*s;
	*n = (size_t)(end - s) + 1;
	snprintf(name, sizeof name, "%.*s", (int)(end - s - 1), s + 1);
	return key_parse(name);
}

/* All of them, before the first one is pressed. */
static int check_script(const char *keys, struct err *e)
{
	size_t n;

	for (const char *s = keys ? keys : ""; *s; s += n)
		if (script_key(s, &n) < 0)
			return fail(e, "--keys: no key is called '%.*s' (<Enter>, <Tab>, <Esc>, <Left>, <PgDn>, <Ctrl-T>, <F1>, <lt>; others are in gscrape-tui(1))", (int)n, s) - 1;
	return 0;
}

/* A number before a key repeats it in scripts: 5l. Digits alone are views, so it must be followed by a key that moves; at a prompt it is text. */
static int script_count(const char **s)
{
	const char *p = *s;
	int n = 0;

	while (isdigit((unsigned char)*p) && n < 10000)
		n = n * 10 + (*p++ - '0');
	if (!n || !*p || !char_in(*p, "hjkl[]{}(),."))
		return 1;
	*s = p;
	return n;
}

/* Where the store is damaged a view has what is sound. */
static bool is_shown(int rc, const struct err *e)
{
	return rc == 0 || e->kind == ERR_DAMAGED;
}

/* As if typed with the screen in sight: drawn after each key, since a page is as long as what was drawn. */
static int play_script(struct app *a, const char *keys, struct err *e)
{
	struct canvas c = {0};
	int rc = check_script(keys, e);

	if (rc < 0)
		return rc;
	canvas_resize(&c, a->s.w, a->s.h);
	for (const char *s = keys ? keys : ""; *s && !rc;) {
		int n = a->prompt.kind == PROMPT_NONE ? script_count(&s) : 1, key;
		size_t taken;

		key = script_key(s, &taken);
		s += taken;
		while (n-- > 0 && !a->quit) {
			rc = app_load(a, e);
			if (!is_shown(rc, e))
				break;
			app_draw(a, &c);
			app_key(a, key);
		}
	}
	canvas_release(&c);
	return rc < 0 ? -1 : 0;
}

static void load(struct app *a)
{
	struct err e = {0};

	if (app_load(a, &e) < 0)
		say_error(&a->s, e.text);
}

static int timeout(const struct app *a, int64_t now, int64_t next_look)
{
	int64_t due = time_due(&a->s, now), ms = -1;

	if (is_looking(&a->s))
		ms = next_look > now ? next_look - now : 0;
	if (due >= 0 && (ms < 0 || due < ms))
		ms = due;
	return (int)ms;
}

/* Wait until something is to be done. Signals are let in only here, so that none falls between check and wait. */
static void wait_for(struct console *t, int ms)
{
	struct pollfd p = {.fd = console_fd(t), .events = POLLIN};

	if (!console_signal(t))
		poll_with_signals(&p, ms);
}

static const struct key_row *row_of(const struct app *a, int key)
{
	return bound_row(&a->s, a->prompt.kind != PROMPT_NONE ? AT_PROMPT : key_place_here(&a->s), key);
}

static void take_keys(struct app *a, struct console *t)
{
	bool loaded = true; /* what was painted last */
	struct mouse_event m;
	int key;

	while (!a->quit && (key = console_key(t)) != 0) {
		if (key == K_RESIZE) { /* what was typed after it is meant for the new size */
			console_size(t, &a->s.w, &a->s.h);
			loaded = false;
			continue;
		}
		if (key == K_NONE || (key == K_MOUSE && !console_mouse(t, &m)))
			continue;
		if (console_pasting(t)) {
			prompt_paste(a, key);
			loaded = false;
			continue;
		}
		if ((key != K_MOUSE || m.kind == MOUSE_CLICK) && settle_before(&a->s, row_of(a, key)))
			loaded = false;
		if (!loaded)
			load(a); /* each key acts on what the one before it led to */
		loaded = false;
		if (key == K_MOUSE)
			app_mouse(a, &m);
		else
			app_key(a, key);
	}
}

static void paint(struct app *a, struct console *t, struct canvas *c)
{
	console_size(t, &a->s.w, &a->s.h);
	canvas_resize(c, a->s.w, a->s.h);
	a->s.colored = console_colored(t);
	load(a);
	app_draw(a, c);
	console_set(t, &(struct console_modes){a->s.theme, a->s.mouse, a->s.sync});
	console_show(t, c, a->repaint);
	console_cost(t, &a->cost);
	settle_painted(&a->s, monotonic_ms());
	a->repaint = false;
}

/* The clipboard's escape sequence, between two frames. */
static void send_yanked(struct app *a, struct console *t)
{
	if (!a->yanked)
		return;
	console_raw(t, a->yanked, strlen(a->yanked));
	free(a->yanked);
	a->yanked = NULL;
}

static void loop(struct app *a, struct console *t)
{
	struct canvas c = {0};
	int64_t next_look = 0;
	struct pollfd gone = {.fd = console_fd(t)};

	while (!a->quit && !console_signal(t)) {
		int64_t now = monotonic_ms();

		if (now >= next_look) { /* of what nobody records, when a key is pressed */
			app_refresh(a);
			next_look = now + LOOK_MS;
		}
		time_tick(&a->s, now);
		paint(a, t, &c);
		send_yanked(a, t);
		wait_for(t, timeout(a, monotonic_ms(), next_look));
		if (poll(&gone, 1, 0) > 0 && gone.revents & (POLLHUP | POLLERR | POLLNVAL))
			break;
		take_keys(a, t);
		edit_now(a, t);
		if (a->suspend || console_stop_asked(t))
			console_suspend(t, a->s.o->live ? "gscrape-tui: stopped, and the recording with it; fg goes on\r\n" : "");
		a->suspend = false;
		a->repaint |= console_resumed(t);
	}
	canvas_release(&c);
}

/* What was noticed, a line each, on the one line there is for it. */
static void say_lines(struct session *s, const char *lines)
{
	struct buf one = {0};

	for (size_t n; *lines; lines += n + (lines[n] != '\0')) {
		n = strcspn(lines, "\n");
		if (n)
			buf_addf(&one, "%s%.*s", one.n ? "; " : "", (int)n, lines);
	}
	say(s, "%s", one.n ? one.p : "");
	buf_release(&one);
}

/* What the terminal can show, and where one was. */
static void begin(struct app *a, struct console *t, const struct tui_options *o)
{
	struct err e = {0};

	a->s.auto_tier = console_tier(t);
	a->s.utf8 = console_utf8(t);
	if (!o->theme && console_light())
		a->s.theme = "light";
	if (set_glyphs(&a->s, a->s.glyphs, &e) < 0)
		set_glyphs(&a->s, "auto", &e);
	if (o->notice)
		say_lines(&a->s, o->notice);
	else if (console_notice(t))
		say(&a->s, "%s", console_notice(t));
	if (!o->no_state) {
		state_load(&a->s);
		history_load(a);
	}
	console_size(t, &a->s.w, &a->s.h);
}

int tui_run(const struct tui_options *o, struct err *e)
{
	static const int ours[] = {SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGCONT, SIGTSTP};
	struct console *t;
	struct app a;
	sigset_t block, was;
	int rc = app_open(&a, o, e), ended;

	if (rc < 0) {
		app_close(&a);
		return rc;
	}
	rc = console_open(&t, o, e);
	if (rc < 0) {
		app_close(&a);
		return rc;
	}
	sigemptyset(&block);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		sigaddset(&block, ours[i]);
	sigprocmask(SIG_BLOCK, &block, &was);
	begin(&a, t, o);
	rc = play_script(&a, o->keys, e);
	a.s.patient = true;
	if (!rc)
		loop(&a, t);
	ended = console_signal(t);
	console_close(t);
	if (!rc && !o->no_state) { /* after a dropped line (SIGHUP) too; a home that cannot be written to is no failure */
		state_save(&a.s, NULL);
		history_save(&a, NULL);
	}
	app_close(&a);
	sigprocmask(SIG_SETMASK, &was, NULL);
	if (ended) /* the status tells the signal */
		raise(ended);
	return rc;
}

static int size_parse_cells(const char *text, int *w, int *h, struct err *e)
{
	char end;

	if (text && (sscanf(text, "%dx%d%c", w, h, &end) != 2 || *w < 1 || *h < 1 || *w > 1000 || *h > 1000))
		return fail(e, "'%s' is no size (write 80x24)", text) - 1;
	return 0;
}

static void dump_styles(struct app *a, struct buf *out)
{
	struct canvas c = {0};

	canvas_resize(&c, a->s.w, a->s.h);
	app_draw(a, &c);
	canvas_dump_styles(&c, out);
	canvas_release(&c);
}

int tui_dump(const struct tui_options *o, bool styles, struct buf *out, struct err *e)
{
	struct app a;
	int w = 80, h = 24, rc = size_parse_cells(o->size, &w, &h, e);

	if (rc < 0)
		return rc;
	rc = app_open(&a, o, e);
	a.s.w = w;
	a.s.h = h;
	if (rc) {
		app_close(&a);
		return rc;
	}
	rc = play_script(&a, o->keys, e);
	if (is_shown(rc, e))
		rc = app_load(&a, e);
	if (is_shown(rc, e)) {
		view_text(&a, o->format ? o->format : "text", out);
		if (styles)
			dump_styles(&a, out);
	}
	if (!rc && query_is_partial(a.s.q, e)) /* who reads its text may not see it */
		rc = -1;
	app_close(&a);
	return rc;
}
