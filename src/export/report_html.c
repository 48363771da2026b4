/* SPDX-License-Identifier: MIT */
/* A report as one HTML page: no script, nothing from elsewhere, and written so that it is XML, too. */
#include "report.h"

static void escaped(struct buf *b, const char *s)
{
	static const char *const names[256] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};

	for (; *s; s++) {
		if (names[(unsigned char)*s])
			buf_adds(b, names[(unsigned char)*s]);
		else
			buf_putc(b, *s);
	}
}

static void element(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "<%s>", name);
	escaped(b, text);
	buf_addf(b, "</%s>", name);
}

static const char style[] =
	":root { color-scheme: light dark; --line: #8888; --bar: #2a6db0; --gap: #8883; --link: #0b5c9e; }\n"
	"@media (prefers-color-scheme: dark) { :root { --bar: #5b9bd5; --link: #7cc0ff; } }\n"
	"a { color: var(--link); }\n"
	"h1, h2, h3, p, li { overflow-wrap: anywhere; }\n"
	"body { background: Canvas; color: CanvasText; font: 15px/1.45 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }\n"
	"h2 { margin-top: 2em; border-top: 1px solid var(--line); padding-top: 1em; }\n"
	"table { border-collapse: collapse; display: block; overflow-x: auto; }\n"
	"th, td { text-align: left; vertical-align: top; padding: .15em 1.2em .15em 0; }\n"
	"thead th { border-bottom: 1px solid var(--line); }\n"
	"tbody th { font-weight: normal; opacity: .7; white-space: nowrap; }\n"
	"code, pre { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: break-word; }\n"
	"pre { overflow: auto; padding: .8em; border: 1px solid var(--line); }\n"
	"svg { width: 100%; max-width: 50em; font: 11px system-ui, sans-serif; fill: currentColor; }\n"
	".bar { fill: var(--bar); }\n"
	".gap { fill: var(--gap); }\n"
	".axis { stroke: var(--line); }\n"
	"footer { margin-top: 3em; opacity: .7; }\n";

static void begin(struct buf *b, const char *title)
{
	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
	element(b, "title", title);
	buf_addf(b, "\n<style>\n%s</style>\n</head>\n<body>\n", style);
	element(b, "h1", title);
	buf_putc(b, '\n');
}

static void heading(struct buf *b, int level, const char *text)
{
	char name[3] = {'h', (char)('0' + level), '\0'};

	element(b, name, text);
	buf_putc(b, '\n');
}

static void text(struct buf *b, const char *s)
{
	element(b, "p", s);
	buf_putc(b, '\n');
}

static void facts(struct buf *b, const struct fact *f, size_t n)
{
	buf_adds(b, "<table>\n<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		if (!f[i].value)
			continue;
		buf_adds(b, "<tr>");
		element(b, "th", f[i].name);
		buf_adds(b, "<td>");
		if (f[i].code)
			element(b, "code", f[i].value);
		else
			escaped(b, f[i].value);
		buf_adds(b, "</td></tr>\n");
	}
	buf_adds(b, "</tbody>\n</table>\n");
}

static void table(struct buf *b, const struct report_table *t)
{
	buf_adds(b, "<table>\n<thead>\n<tr>");
	for (size_t i = 0; i < t->n_columns; i++)
		element(b, "th", t->heads[i]);
	buf_adds(b, "</tr>\n</thead>\n<tbody>\n");
	for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
		buf_adds(b, i % t->n_columns ? "" : "<tr>");
		buf_adds(b, "<td>");
		if (t->code && t->code[i % t->n_columns] && *t->cells[i])
			element(b, "code", t->cells[i]);
		else
			escaped(b, t->cells[i]);
		buf_adds(b, (i + 1) % t->n_columns ? "</td>" : "</td></tr>\n");
	}
	buf_adds(b, "</tbody>\n</table>\n");
}

static void items(struct buf *b, const char *const *v, size_t n)
{
	buf_adds(b, "<ul>\n");
	for (size_t i = 0; i < n; i++) {
		element(b, "li", v[i]);
		buf_putc(b, '\n');
	}
	buf_adds(b, "</ul>\n");
}

static void block(struct buf *b, const char *s)
{
	element(b, "pre", s);
	buf_putc(b, '\n');
}

static void link_to(struct buf *b, const char *url)
{
	buf_adds(b, "<p><a href=\"");
	escaped(b, url);
	buf_adds(b, "\">");
	escaped(b, url);
	buf_adds(b, "</a></p>\n");
}

/* --- the chart: in units of a tenth of a column, so that all numbers are whole --- */

#define COLUMN 10
#define HEIGHT 150
#define LEFT 60

static void bar(struct buf *b, const struct report_chart *c, size_t i)
{
	const struct flow *f = &c->flow[i];
	uint32_t height = f->known ? (uint32_t)((uint64_t)f->alive * HEIGHT / c->most) : HEIGHT;
	char from[TIME_MAX];

	buf_addf(b, "<rect class=\"%s\" x=\"%zu\" y=\"%u\" width=\"%d\" height=\"%u\"><title>from ", f->known ? "bar" : "gap",
		 LEFT + i * COLUMN, HEIGHT - height, COLUMN, height);
	escaped(b, time_format(from, f->from, TIME_RFC3339, c->tz));
	if (f->known)
		buf_addf(b, ": %u there, %u came, %u left</title></rect>\n", f->alive, f->came, f->left);
	else
		buf_adds(b, ": nothing is known</title></rect>\n");
}

static void chart(struct buf *b, const struct report_chart *c)
{
	size_t right = LEFT + c->n * COLUMN;

	text(b, c->title);
	buf_addf(b, "<svg viewBox=\"0 0 %zu %d\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">\n", right + 4, HEIGHT + 24);
	element(b, "title", c->title);
	buf_putc(b, '\n');
	for (size_t i = 0; i < c->n; i++)
		bar(b, c, i);
	buf_addf(b, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%zu\" y2=\"%d\"/>\n", LEFT, HEIGHT, right, HEIGHT);
	buf_addf(b, "<text x=\"%d\" y=\"10\" text-anchor=\"end\">%u</text>\n", LEFT - 6, c->most);
	buf_addf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n", LEFT - 6, HEIGHT);
	buf_addf(b, "<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, HEIGHT + 16, c->from);
	buf_addf(b, "<text x=\"%zu\" y=\"%d\" text-anchor=\"end\">%s</text>\n</svg>\n", right, HEIGHT + 16, c->to);
}

static void end(struct buf *b, const char *footer)
{
	element(b, "footer", footer);
	buf_adds(b, "\n</body>\n</html>\n");
}

const struct report_style report_html = {
	.ending = ".html",
	.begin = begin,
	.heading = heading,
	.text = text,
	.facts = facts,
	.table = table,
	.items = items,
	.block = block,
	.link = link_to,
	.chart = chart,
	.end = end,
};
