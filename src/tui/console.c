/* SPDX-License-Identifier: MIT */
/*
 * ncurses writes after each cursor jump; over SSH each write may become a packet, and half a frame is seen. So doupdate()
 * writes into a memfd that stands in for the terminal for the length of the call, and the frame is sent in one write.
 *
 * Whatever way the program ends, rescue.c puts the terminal back.
 */
#include "session.h"
#include "console.h"
#include "rescue.h"
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <gscrape/keys.h>
#include <gscrape/system.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

struct console {
	const char *type;       /* of the terminal: TERM, or what is taken for it */
	SCREEN *screen;
	FILE *out, *in;
	int fd, tty, frame; /* what ncurses writes to; the terminal; the memfd (-1: none, ncurses writes itself) */
	int line;           /* the terminal once more, opened so that writing never waits: a dup would change the shell's too */
	bool cut;           /* the end was asked for while nobody took what was sent */
	enum glyph_tier tier;
	const char *notice;
	int colors;
	bool utf8, has_color, mono, light; /* light: the background */
	struct console_modes modes;
	struct cost cost;
	struct buf sent;
	bool knows_paste;       /* it marks what is pasted, when asked */
	bool paste_on, pasting;
	size_t end_seen;        /* bytes of the mark behind a paste, where they came one by one */
};

/* --- styles to attributes --- */

struct paint {
	short c256, c8;  /* foreground, -1 the terminal's own */
	attr_t attr;     /* always */
	attr_t mono;     /* where there is no colour */
};

static const struct paint paints[STYLE_FILL] = {
	[STYLE_NORMAL] = {-1, -1, 0, 0},
	[STYLE_TITLE] = {-1, -1, A_REVERSE, A_REVERSE},
	[STYLE_TAB] = {-1, -1, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD},
	[STYLE_CONTEXT] = {-1, -1, A_BOLD, A_BOLD},
	[STYLE_HINT] = {244, -1, 0, A_DIM},
	[STYLE_RULE] = {244, -1, 0, A_DIM},
	[STYLE_HEADER] = {-1, -1, A_BOLD, A_BOLD},
	[STYLE_SELECTED] = {-1, -1, A_REVERSE, A_REVERSE},
	[STYLE_DIM] = {244, -1, 0, 0},
	[STYLE_CHART] = {74, COLOR_CYAN, 0, 0},
	[STYLE_CHART_MAX] = {244, -1, 0, 0},
	[STYLE_GAP] = {167, COLOR_RED, 0, A_BOLD},
	[STYLE_CURSOR] = {-1, -1, A_BOLD, A_BOLD},
	[STYLE_CHANGED] = {167, COLOR_RED, 0, A_BOLD},
	[STYLE_ADDED] = {71, COLOR_GREEN, 0, A_BOLD},
	[STYLE_GONE] = {244, -1, 0, A_DIM},
	[STYLE_ERROR] = {167, COLOR_RED, A_BOLD, A_REVERSE},
	[STYLE_STATE + FAM_RUNNING] = {36, COLOR_GREEN, 0, A_BOLD},
	[STYLE_STATE + FAM_CHAN] = {227, COLOR_YELLOW, 0, A_UNDERLINE},
	[STYLE_STATE + FAM_SELECT] = {245, -1, 0, 0},
	[STYLE_STATE + FAM_LOCK] = {166, COLOR_RED, 0, A_REVERSE},
	[STYLE_STATE + FAM_WAIT] = {175, COLOR_MAGENTA, 0, A_UNDERLINE},
	[STYLE_STATE + FAM_IO] = {74, COLOR_CYAN, 0, 0},
	[STYLE_STATE + FAM_SLEEP] = {68, COLOR_BLUE, 0, A_DIM},
	[STYLE_STATE + FAM_SYSCALL] = {214, COLOR_YELLOW, A_BOLD, A_BOLD},
	[STYLE_STATE + FAM_RUNTIME] = {244, -1, 0, 0},
};

#define COLORBLIND_LIGHT "colorblind, light" /* where the terminal says that it is: the rest is as in the light one */

/* What a theme paints otherwise (256 colours). Light: at least 4.5 to 1 on white, as the others are on black. */
static const struct {
	const char *theme;
	enum style style;
	short color;
} themed[] = {
	{"light", STYLE_HINT, 240},	      {"light", STYLE_RULE, 242},		 {"light", STYLE_DIM, 240},
	{"light", STYLE_CHART, 25},	      {"light", STYLE_CHART_MAX, 242},		 {"light", STYLE_GAP, 124},
	{"light", STYLE_CHANGED, 124},	      {"light", STYLE_ADDED, 28},		 {"light", STYLE_GONE, 242},
	{"light", STYLE_ERROR, 124},	      {"light", STYLE_STATE + FAM_RUNNING, 23},	 {"light", STYLE_STATE + FAM_CHAN, 94},
	{"light", STYLE_STATE + FAM_SELECT, 242}, {"light", STYLE_STATE + FAM_LOCK, 160}, {"light", STYLE_STATE + FAM_WAIT, 90},
	{"light", STYLE_STATE + FAM_IO, 25},  {"light", STYLE_STATE + FAM_SLEEP, 61},	 {"light", STYLE_STATE + FAM_SYSCALL, 130},
	{"light", STYLE_STATE + FAM_RUNTIME, 242},
	{"colorblind", STYLE_CHANGED, 214},   {"colorblind", STYLE_ADDED, 33},		 {"colorblind", STYLE_GAP, 214},
	{COLORBLIND_LIGHT, STYLE_CHANGED, 130}, {COLORBLIND_LIGHT, STYLE_ADDED, 25},	 {COLORBLIND_LIGHT, STYLE_GAP, 130},
};

static short themed_color(const char *theme, int style, short otherwise)
{
	for (size_t i = 0; i < sizeof themed / sizeof *themed; i++)
		if ((int)themed[i].style == style && strcmp(themed[i].theme, theme) == 0)
			return themed[i].color;
	return otherwise;
}

short console_color(const char *theme, bool light, int style)
{
	if (light && strcmp(theme, "colorblind") == 0)
		return themed_color(COLORBLIND_LIGHT, style, themed_color("light", style, paints[style].c256));
	return themed_color(theme, style, paints[style].c256);
}

static short color_of(const struct console *t, int style)
{
	return t->colors >= 256 ? console_color(t->modes.theme, t->light, style) : paints[style].c8;
}

static void make_pairs(struct console *t)
{
	t->mono = !t->has_color || strcmp(t->modes.theme, "mono") == 0;
	if (t->mono)
		return;
	t->colors = COLORS;
	for (short s = 0; s < STYLE_FILL; s++)
		init_pair((short)(s + 1), color_of(t, s), -1);
}

/* The bytes that put the terminal back, without the pauses that its description asks for ("$<2>"). */
static void add_cap(struct buf *out, const char *name)
{
	const char *s = tigetstr(name);

	while (s && s != (char *)-1 && *s) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;

		if (!end)
			buf_putc(out, *s);
		s = end ? end + 1 : s + 1;
	}
}

static const char paste_begin[] = "\033[?2004h", paste_end[] = "\033[?2004l", after_paste[] = "\033[201~";
enum { KEY_PASTE = KEY_MAX + 1, KEY_PASTED };
#define SEQUENCE_MS 50 /* between the bytes of one sequence of a key */

static void arm(const struct console *t, const struct termios *modes)
{
	struct buf restore = {0};

	if (t->knows_paste)
		buf_adds(&restore, paste_end);
	add_cap(&restore, "sgr0");
	add_cap(&restore, "cnorm");
	add_cap(&restore, "rmkx");
	add_cap(&restore, "rmcup");
	rescue_arm(t->line, modes, &restore);
	buf_release(&restore);
}

/* --- opening --- */

static const char no_terminal[] = "this is no terminal to paint on; --dump VIEW, --hosts, --goroutines and --goroutine print instead, and --scrape TARGET records without one";

int tui_check(struct err *e)
{
	const char *name = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && name && *name && strcmp(name, "dumb") != 0 ? 0 : fail(e, "%s", no_terminal) - 1;
}

/* A terminal that nobody has described is most likely like xterm. */
static int choose_type(struct console *t, struct err *e)
{
	const char *name = getenv("TERM");
	int rc = tui_check(e);

	t->type = name;
	if (rc < 0)
		return rc;
	if (setupterm(name, STDOUT_FILENO, &rc) == ERR) {
		t->type = setupterm("xterm-256color", STDOUT_FILENO, &rc) != ERR ? "xterm-256color" : "xterm";
		if (strcmp(t->type, "xterm") == 0 && setupterm("xterm", STDOUT_FILENO, &rc) == ERR)
			return fail(e, "TERM=%s is not known, and neither is xterm; %s", name, no_terminal) - 1;
		t->notice = "this TERM is not known here: painted as xterm";
	}
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1)
		return fail(e, "%s", no_terminal) - 1;
	return 0;
}

/* Older descriptions do not tell. */
static bool knows_paste(const struct console *t)
{
	static const char *const families[] = {"xterm", "tmux", "screen", "rxvt", "st-"};
	const char *be = tigetstr("BE");

	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strncmp(t->type, families[i], strlen(families[i])) == 0)
			return true;
	return be && be != (char *)-1;
}

static enum glyph_tier choose_tier(const struct console *t)
{
	const char *term = t->type;

	return !t->utf8 || (term && (strcmp(term, "linux") == 0 || strncmp(term, "vt", 2) == 0)) ? GLYPHS_ASCII : GLYPHS_BLOCKS;
}

static bool wants_color(const struct tui_options *o)
{
	const char *no = getenv("NO_COLOR");

	if (o->color == COLOR_NEVER)
		return false;
	return o->color == COLOR_ALWAYS || !no || !*no;
}

/* "15;0" and "0;default;15": what stands last is the background, as some terminals tell it. */
bool console_light(void)
{
	const char *fgbg = getenv("COLORFGBG"), *last = fgbg ? strrchr(fgbg, ';') : NULL;
	int n = last && last[1] >= '0' && last[1] <= '9' ? atoi(last + 1) : 0;

	return n == 7 || (n >= 9 && n <= 15);
}

static const char *const homes[] = {"\033[1~", "\033[7~", "\033[H", "\033OH"}, *const ends[] = {"\033[4~", "\033[8~", "\033[F", "\033OF"};

static void set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(SEQUENCE_MS);
	leaveok(stdscr, FALSE);
	mouseinterval(0); /* a click acts when it is pressed */
	define_key("\033[200~", KEY_PASTE);
	define_key(after_paste, KEY_PASTED);
	/* as other terminals than the one that TERM names send them: read one by one they would be commands */
	for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
		define_key(homes[i], KEY_HOME);
		define_key(ends[i], KEY_END);
	}
}

int console_open(struct console **out, const struct tui_options *o, struct err *e)
{
	struct console *t = xcalloc(1, sizeof *t);
	struct termios modes;
	int rc;

	setlocale(LC_CTYPE, "");
	rc = choose_type(t, e);
	if (rc < 0) {
		free(t);
		return -2;
	}
	del_curterm(cur_term); /* setupterm's, which only answered whether there is one */
	tcgetattr(STDIN_FILENO, &modes);
	t->tty = dup(STDOUT_FILENO);
	t->line = ttyname(STDOUT_FILENO) ? open(ttyname(STDOUT_FILENO), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (t->line < 0)
		t->line = t->tty;
	t->fd = dup(STDOUT_FILENO);
	t->out = fdopen(t->fd, "w");
	t->in = stdin;
	t->frame = file_in_memory("frame");
	rescue_remember();
	t->screen = newterm((char *)t->type, t->out, t->in);
	if (!t->screen) {
		free(t);
		return fail(e, "%s", no_terminal) - 1;
	}
	t->knows_paste = knows_paste(t);
	arm(t, &modes);
	t->has_color = wants_color(o) && start_color() != ERR && use_default_colors() != ERR;
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->tier = choose_tier(t);
	t->modes.theme = "default";
	t->light = console_light();
	set_modes();
	make_pairs(t);
	*out = t;
	return 0;
}

static void paste_off(struct console *t)
{
	if (!t->paste_on)
		return;
	fputs(paste_end, t->out);
	fflush(t->out);
	t->paste_on = t->pasting = false;
}

void console_close(struct console *t)
{
	if (!t)
		return;
	if (t->cut)
		tcflush(t->tty, TCOFLUSH); /* what was painted goes, what restores must get through */
	paste_off(t);
	endwin();
	rescue_disarm();
	delscreen(t->screen);
	fclose(t->out);
	close(t->tty);
	if (t->line != t->tty)
		close(t->line);
	if (t->frame >= 0)
		close(t->frame);
	buf_release(&t->sent);
	free(t);
}

enum glyph_tier console_tier(const struct console *t)
{
	return t->tier;
}

bool console_utf8(const struct console *t)
{
	return t->utf8;
}

const char *console_notice(const struct console *t)
{
	return t->notice;
}

int console_fd(const struct console *t)
{
	(void)t;
	return STDIN_FILENO;
}

int console_signal(const struct console *t)
{
	(void)t;
	return rescue_ended();
}

bool console_colored(const struct console *t)
{
	return !t->mono;
}

void console_size(struct console *t, int *w, int *h)
{
	struct winsize ws;

	if (ioctl(t->tty, TIOCGWINSZ, &ws) == 0 && ws.ws_col && ws.ws_row && (ws.ws_col != COLS || ws.ws_row != LINES))
		resizeterm(ws.ws_row, ws.ws_col);
	*w = COLS;
	*h = LINES;
}

/* --- painting --- */

static void put_cell(const struct console *t, int y, int x, const struct cell *cell)
{
	wchar_t text[3] = {(wchar_t)cell->ch, (wchar_t)cell->mark, 0};
	bool fill = cell->style >= STYLE_FILL;
	int style = fill ? cell->style - STYLE_FILL + STYLE_STATE : cell->style;
	const struct paint *p = &paints[style];
	cchar_t cc;

	/* What the terminal's character set has not is shown as "?", never as bytes it would misread. */
	if (!t->utf8 && cell->ch > 0x7e)
		text[0] = '?', text[1] = 0;
	setcchar(&cc, text, fill ? A_REVERSE : t->mono ? p->mono : p->attr, t->mono ? 0 : (short)(style + 1), NULL);
	mvadd_wch(y, x, &cc);
}

/* Wait until somebody takes what is sent; a line that stands still must not keep the program from ending. */
static bool is_taken(struct console *t)
{
	struct pollfd p = {.fd = t->line, .events = POLLOUT};

	while (!rescue_ended())
		if (poll_with_signals(&p, -1) > 0)
			return (p.revents & POLLOUT) != 0;
	t->cut = true;
	return false;
}

static void write_all(struct console *t, const char *p, size_t n)
{
	while (n && is_taken(t)) {
		ssize_t put = write(t->line, p, n);

		t->cost.writes++;
		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (put < 0)
			return;
		p += put;
		n -= (size_t)put;
	}
}

static const char sync_begin[] = "\033[?2026h", sync_end[] = "\033[?2026l";

/* What doupdate() wrote into the memfd, n bytes, to the terminal. */
static void send_frame(struct console *t, size_t n)
{
	size_t before = t->modes.sync ? sizeof sync_begin - 1 : 0;
	ssize_t got;

	buf_reset(&t->sent);
	if (t->knows_paste && !t->paste_on) { /* with the first frame */
		buf_adds(&t->sent, paste_begin);
		before += t->sent.n;
		t->paste_on = true;
	}
	buf_add(&t->sent, sync_begin, t->modes.sync ? sizeof sync_begin - 1 : 0);
	buf_reserve(&t->sent, n + 1);
	got = pread(t->frame, t->sent.p + before, n, 0);
	if (got <= 0)
		return;
	t->sent.n += (size_t)got;
	if (t->modes.sync)
		buf_add(&t->sent, sync_end, sizeof sync_end - 1);
	write_all(t, t->sent.p, t->sent.n);
	t->cost.frames++;
	t->cost.last = t->sent.n;
	t->cost.bytes += t->sent.n;
}

/* doupdate() with the memfd in the terminal's place. */
static void update(struct console *t)
{
	off_t n;

	if (t->frame < 0 || dup2(t->frame, t->fd) < 0) {
		doupdate();
		return;
	}
	doupdate();
	fflush(t->out);
	n = lseek(t->frame, 0, SEEK_CUR);
	dup2(t->tty, t->fd);
	if (n > 0)
		send_frame(t, (size_t)n);
	lseek(t->frame, 0, SEEK_SET);
	if (ftruncate(t->frame, 0) < 0)
		t->frame = -1;
}

void console_set(struct console *t, const struct console_modes *m)
{
	if (strcmp(m->theme, t->modes.theme) != 0) {
		t->modes.theme = m->theme;
		make_pairs(t);
	}
	if (m->mouse != t->modes.mouse) {
		rescue_mouse(true); /* rather once too often */
		/* all events: for one that nobody asked for ncurses would wait for another, nodelay or not */
		mousemask(m->mouse ? ALL_MOUSE_EVENTS : 0, NULL);
		rescue_mouse(m->mouse);
	}
	t->modes = *m;
}

void console_cost(const struct console *t, struct cost *out)
{
	*out = t->cost;
}

void console_show(struct console *t, const struct canvas *c, bool whole)
{
	if (whole)
		clearok(stdscr, TRUE);
	for (int y = 0; y < c->h && y < LINES; y++) {
		for (int x = 0; x < c->w && x < COLS; x++) {
			const struct cell *cell = &c->cells[y * c->w + x];

			if (cell->ch)
				put_cell(t, y, x, cell);
		}
	}
	move(c->cursor_y < LINES ? c->cursor_y : LINES - 1, c->cursor_x < COLS ? c->cursor_x : COLS - 1);
	wnoutrefresh(stdscr);
	update(t);
}

void console_raw(struct console *t, const char *p, size_t n)
{
	write_all(t, p, n);
}

void console_suspend(struct console *t, const char *last)
{
	paste_off(t);
	endwin();
	write_all(t, last, strlen(last));
	rescue_stop();
}

void console_lend(struct console *t)
{
	paste_off(t);
	endwin();
}

void console_take_back(struct console *t)
{
	(void)t;
	reset_prog_mode();
	set_modes();
}

bool console_stop_asked(struct console *t)
{
	(void)t;
	return rescue_came(CAME_STOP);
}

bool console_resumed(struct console *t)
{
	(void)t;
	if (!rescue_came(CAME_RESUME))
		return false;
	reset_prog_mode(); /* a shell had the terminal meanwhile */
	set_modes();
	return true;
}

/* --- keys --- */

static const struct {
	int curses, ours;
} key_map[] = {
	{KEY_UP, K_UP},	      {KEY_DOWN, K_DOWN},   {KEY_LEFT, K_LEFT},	    {KEY_RIGHT, K_RIGHT},     {KEY_HOME, K_HOME},
	{KEY_END, K_END},     {KEY_PPAGE, K_PGUP},  {KEY_NPAGE, K_PGDN},    {KEY_SLEFT, K_SHIFT_LEFT}, {KEY_SRIGHT, K_SHIFT_RIGHT},
	{KEY_BTAB, K_BACKTAB}, {KEY_DC, K_DELETE},  {KEY_BACKSPACE, K_BACKSPACE}, {KEY_ENTER, K_ENTER}, {KEY_RESIZE, K_RESIZE},
	{KEY_MOUSE, K_MOUSE},
};

bool console_mouse(struct console *t, struct mouse_event *out)
{
	MEVENT ev;

	(void)t;
	if (getmouse(&ev) != OK)
		return false;
	*out = (struct mouse_event){.y = ev.y, .x = ev.x};
	if (ev.bstate & BUTTON4_PRESSED)
		out->kind = MOUSE_WHEEL_UP;
	else if (ev.bstate & BUTTON5_PRESSED)
		out->kind = MOUSE_WHEEL_DOWN;
	else
		out->kind = MOUSE_CLICK;
	return (ev.bstate & (BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED)) != 0;
}

bool console_pasting(const struct console *t)
{
	return t->pasting;
}

/* Where the mark behind a paste did not come at once, curses does not know it. */
static bool ends_paste(struct console *t, int key)
{
	t->end_seen = key == after_paste[t->end_seen] ? t->end_seen + 1 : key == after_paste[0];
	if (after_paste[t->end_seen])
		return false;
	t->end_seen = 0;
	return true;
}

/* A sequence that no description knows: "\033[1;2P", "\033OM". What began with Esc is taken whole, up to its last byte; read
 * one by one its bytes would be commands. A key that was typed behind Esc comes by itself, and later. */
static bool is_sequence(int esc)
{
	int key, n = 0;

	if (esc != K_ESC || (key = getch()) == ERR)
		return false;
	if (key != '[' && key != 'O') {
		ungetch(key);
		return false;
	}
	timeout(SEQUENCE_MS); /* its end may come in another packet */
	do
		key = getch();
	while (key >= 0x20 && key < 0x40 && ++n < 32);
	nodelay(stdscr, TRUE);
	return true;
}

int console_key(struct console *t)
{
	int key;

	if (rescue_came(CAME_RESIZE))
		return K_RESIZE;
	key = getch();
	if (key == ERR)
		return 0;
	if (key == KEY_PASTE || key == KEY_PASTED || (t->pasting && ends_paste(t, key))) {
		t->pasting = key == KEY_PASTE;
		t->end_seen = 0;
		return K_NONE;
	}
	if (t->pasting)
		return t->end_seen || key >= KEY_MIN ? K_NONE : key;
	if (is_sequence(key))
		return K_NONE;
	if (key >= KEY_F(1) && key <= KEY_F(10))
		return K_F1 + key - KEY_F(1);
	if (key < KEY_MIN)
		return key == '\n' ? K_ENTER : key;
	for (size_t i = 0; i < sizeof key_map / sizeof *key_map; i++)
		if (key_map[i].curses == key)
			return key_map[i].ours;
	return K_NONE;
}
