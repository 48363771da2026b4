/* SPDX-License-Identifier: MIT */
/*
 * picture: a screen as an SVG, for README. `make pictures` draws those in contrib/pictures from tests/data.
 *
 *     picture DB VIEW HOST ID AT KEYS light|dark > FILE.svg        (- for an ID or KEYS that is not given)
 *
 * Characters stand in a grid of their own, so that a font of another width changes nothing; blocks are drawn as rectangles.
 */
#include <gscrape/text.h>
#include <gscrape/timefmt.h>
#include <gscrape/tui.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { W = 80, H = 24, CELL_W = 9, CELL_H = 19, EDGE = 10 };

struct ink { char style; const char *light, *dark; bool bold; };

/* By the letters of canvas_dump_styles. The first is for what has none of its own. */
static const struct ink inks[] = {
	{' ', "#24292f", "#d0d7de", false}, {'T', "#24292f", "#f0f6fc", true}, {'t', "#ffffff", "#0d1117", true},
	{'c', "#57606a", "#9aa4af", false}, {'h', "#6e7781", "#848d97", false}, {'r', "#0550ae", "#79c0ff", true},
	{'H', "#57606a", "#9aa4af", true}, {'S', "#24292f", "#f0f6fc", true}, {'d', "#6e7781", "#848d97", false},
	{'#', "#2f81f7", "#388bfd", false}, {'|', "#a5d0ff", "#1f4f8f", false}, {'g', "#6e7781", "#848d97", false},
	{'^', "#9a6700", "#e3b341", true}, {'~', "#a40e26", "#ff7b72", true}, {'+', "#116329", "#3fb950", true},
	{'-', "#82071e", "#f85149", false}, {'!', "#cf222e", "#ff7b72", true}, {'R', "#1a7f37", "#3fb950", true},
	{'C', "#9a6700", "#e3b341", false}, {'s', "#57606a", "#9aa4af", false}, {'L', "#bc4c00", "#f0883e", true},
	{'W', "#bf3989", "#f778ba", false}, {'I', "#0969da", "#58a6ff", false}, {'Z', "#0a3069", "#4a7ebb", false},
	{'Y', "#9a6700", "#ffa657", true}, {'G', "#6e7781", "#848d97", false},
};

static const struct ink *ink_of(char style)
{
	for (size_t i = 0; i < sizeof inks / sizeof *inks; i++) {
		if (inks[i].style == style)
			return &inks[i];
	}
	return inks;
}

static void escape(uint32_t ch)
{
	if (ch == '<' || ch == '>' || ch == '&')
		printf("&#%u;", ch);
	else if (ch < 0x80)
		putchar((int)ch);
	else
		printf("&#x%x;", ch);
}

/* Eighths of a cell from below. */
static bool is_block(uint32_t ch)
{
	return ch >= 0x2581 && ch <= 0x2588;
}

static bool block(uint32_t ch, int x, int y, const char *colour)
{
	int h = (int)(ch - 0x2580) * CELL_H / 8;

	if (!is_block(ch))
		return false;
	printf("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", EDGE + x * CELL_W, EDGE + (y + 1) * CELL_H - h, CELL_W, h,
	       colour);
	return true;
}

/* Cells of one style from x on: text in one piece, stretched to the grid. Returns the cell behind them. */
static int run(int y, int x, const char **text, const char *styles, size_t n_styles, bool dark)
{
	char style = (size_t)x < n_styles ? styles[x] : ' ';
	const struct ink *ink = ink_of(style);
	const char *colour = dark ? ink->dark : ink->light, *next = *text, *from = *text;
	uint32_t ch = utf8_next(&next);
	int n = 0;

	if (ch == ' ' && style != 't') {
		*text = next;
		return x + 1;
	}
	if (block(ch, x, y, colour)) {
		*text = next;
		return x + 1;
	}
	while (**text && **text != '\n' && ((size_t)(x + n) < n_styles ? styles[x + n] : ' ') == style) {
		next = *text;
		ch = utf8_next(&next);
		if (is_block(ch) || (ch == ' ' && strncmp(next, "  ", 2) == 0))
			break;
		*text = next;
		n++;
	}
	if (style == 't')
		printf("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>", EDGE + x * CELL_W, EDGE + y * CELL_H, n * CELL_W, CELL_H,
		       dark ? "#9aa4af" : "#57606a");
	printf("<text x=\"%d\" y=\"%d\" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"%s\"%s>", EDGE + x * CELL_W,
	       EDGE + y * CELL_H + 14, n * CELL_W, colour, ink->bold ? " font-weight=\"bold\"" : "");
	while (from < *text)
		escape(utf8_next(&from));
	puts("</text>");
	return x + n;
}

static void row(int y, const char *text, const char *styles, size_t n_styles, bool dark)
{
	if (memchr(styles, 'S', n_styles))
		printf("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", EDGE, EDGE + y * CELL_H, W * CELL_W, CELL_H,
		       dark ? "#1f2a3a" : "#ddf4ff");
	for (int x = 0; *text && *text != '\n';)
		x = run(y, x, &text, styles, n_styles, dark);
}

static const char *line(const char **at)
{
	const char *from = *at, *end = strchr(from, '\n');

	*at = end ? end + 1 : from + strlen(from);
	return from;
}

static void draw(const struct buf *screen, bool dark)
{
	const char *text = screen->p, *styles = text;

	for (int i = 0; i < H; i++)
		line(&styles);
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" "
	       "font-size=\"14\">\n", W * CELL_W + 2 * EDGE, H * CELL_H + 2 * EDGE);
	printf("<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"%s\"/>\n", dark ? "#0d1117" : "#f6f8fa");
	for (int y = 0; y < H; y++) {
		const char *t = line(&text), *s = line(&styles);

		row(y, t, s, strcspn(s, "\n"), dark);
	}
	puts("</svg>");
}

static const char *given(const char *arg)
{
	return strcmp(arg, "-") == 0 ? NULL : arg;
}

int main(int argc, char **argv)
{
	struct buf screen = {0};
	struct err e = {0};

	if (argc != 8) {
		fprintf(stderr, "usage: picture DB VIEW HOST ID AT KEYS light|dark\n");
		return 2;
	}
	struct tui_options o = {.db = argv[1], .view = argv[2], .host = given(argv[3]), .keys = given(argv[6]), .size = "80x24", .glyphs = "blocks",
				.base = NO_TIME, .no_state = true};
	if (given(argv[4]))
		o.id = strtoull(argv[4], NULL, 10);
	if (!time_parse(argv[5], 0, NULL, &o.at, &e) && !tui_dump(&o, true, &screen, &e)) {
		buf_putc(&screen, '\0');
		draw(&screen, strcmp(argv[7], "dark") == 0);
		buf_release(&screen);
		return 0;
	}
	fprintf(stderr, "picture: %s\n", e.text);
	return 1;
}
