/* SPDX-License-Identifier: MIT */
/* View 1, how it is drawn. */
#include "draw.h"
#include "view_leaks.h"
#include "view_overview.h"
#include <gscrape/target_labels.h>
#include <gscrape/text.h>
#include <math.h>
#include <stdio.h>

#define MIX_ROWS 10

static int name_width(const struct session *a)
{
	size_t n;
	const struct host *h = query_hosts(a->q, &n);
	const char *label = overview_of(a)->label;
	int w = 8, most = is_wide(a) ? 34 : a->w / 3;

	for (size_t i = 0; i < n; i++) {
		struct str value = label[0] ? target_label_value(h[i].labels, label) : (struct str){0};
		int k = label[0] ? (int)visible_cells(value.p, value.n) + 6 : text_cells(h[i].name); /* " (40)" behind it */

		w = k > w ? k : w;
	}
	return w > most ? most : w;
}

struct overview_layout place_overview(const struct session *a)
{
	struct overview_layout l = {.host_w = name_width(a), .num_w = 7, .list_y = 3};
	size_t n;
	int columns = a->w >= 70 ? 4 : a->w >= 56 ? 2 : 1, room;

	query_hosts(a->q, &n);
	l.spark_x = l.host_w + 3;
	l.spark_w = a->w - l.spark_x - columns * l.num_w - 1 - (is_wide(a) ? 11 : 0);
	if (l.spark_w < 4)
		l.spark_w = 4;
	l.moved_h = a->h >= 30 ? 7 : a->h >= MOVED_FROM ? 5 : 0; /* with its title */
	l.mix_y = 0;
	room = a->h - 3 - 1 - 1 - l.moved_h - (is_wide(a) && a->h >= 44 ? MIX_ROWS + 1 : 0);
	l.list_h = (int)n < 1 ? 1 : (int)n;
	if (a->zoomed)
		room = a->h - 5;
	if (a->zoomed && moved_has_keys(a)) {
		l.list_h = 0;
		l.moved_y = 2;
		l.moved_h = a->h - 3;
		return l;
	}
	if (room < 9 || a->zoomed) { /* the list alone */
		l.list_h = l.list_h < room ? l.list_h : room;
		l.moved_h = 0;
		return l;
	}
	if (l.list_h > room - 7)
		l.list_h = room - 7 > 4 ? room - 7 : 4;
	l.chart_y = l.list_y + l.list_h + 2;
	l.chart_h = room - l.list_h - 3;
	l.moved_y = l.chart_y + l.chart_h + 2;
	if (is_wide(a) && a->h >= 44)
		l.mix_y = l.moved_y + l.moved_h;
	return l;
}

/* "all hosts (row 1 of 11) by leak  & 0003  11 of 500" in w cells. Of lesser weight, and so left out first: that it is all of them, then the
 * row; then what is typed loses its middle. */
static char *list_title(const struct session *a, int w, char *out, size_t size)
{
	const struct overview *o = overview_of(a);
	const char *what = o->label[0] ? "hosts by label" : "all hosts";
	bool sorted = o->list.sort || o->list.reverse, scrolls = o->list.n > (size_t)place_overview(a).list_h;
	char sort[40] = "", row[3][64] = {"", "", ""}, note[320];
	int room;

	if (sorted)
		list_sorted(&o->list, sort + snprintf(sort, sizeof sort, " "), sizeof sort - 1);
	if (scrolls)
		snprintf(row[0], sizeof row[0], "row %zu of ", o->list.sel + 1);
	snprintf(row[0] + strlen(row[0]), 24, "%zu", o->list.n);
	if (scrolls)
		snprintf(row[1], sizeof row[1], ", row %zu", o->list.sel + 1);
	filter_note(a, note, o->list.n, o->n, w);
	snprintf(out, size, "%s (%s)%s", what, row[0], sort);
	for (int k = 1; k <= 2 && text_cells(out) + text_cells(note) > w; k++)
		snprintf(out, size, "%s%s%s", o->label[0] ? what : "hosts", row[k], sort);
	room = w - text_cells(out);
	snprintf(out + strlen(out), size - strlen(out), "%s", filter_note(a, note, o->list.n, o->n, room));
	return out;
}

/* "120x14s": the chosen host's samples in the window, and from one to the next; whether there is any. */
static void samples_text(const struct session *a, char *out, size_t size)
{
	int64_t interval = query_interval(a->q, a->host);
	struct numbers in = {a->host, 1, 0};
	char d[TIME_MAX];

	if (interval >= 1000) /* 1,998 ms between two answers are the two seconds that were asked for */
		interval = (interval + 500) / 1000 * 1000;
	if (chosen_host(a))
		query_numbers(a->q, &(struct window){.host = a->host, .from = a->from, .to = a->to}, &in, NULL);
	if (in.to + 1 == in.from)
		snprintf(out, size, "no sample");
	else
		snprintf(out, size, "%u%s%s", in.to - in.from + 1, interval ? "x" : "", interval ? duration_format(d, interval) : "");
}

#define SHORT 120000 /* ms: a window whose ends may be the same minute */

static void draw_context(const struct session *a, struct canvas *c)
{
	const struct overview *o = overview_of(a);
	char t0[TIME_MAX], t1[TIME_MAX], t2[TIME_MAX], samples[TIME_MAX + 16], right[160], left[500];
	enum time_style style = a->to - a->from < SHORT ? TIME_CLOCK : TIME_HM;

	if (!o->n) {
		canvas_text(c, 1, 1, c->w - 2, STYLE_CONTEXT, "all hosts (0)");
		return;
	}
	samples_text(a, samples, sizeof samples);
	snprintf(right, sizeof right, "%s..%s %s  T %s", time_in_window(a, t0, a->from, style), time_in_window(a, t1, a->to, style), samples,
		 time_in_window(a, t2, a->t, TIME_CLOCK));
	canvas_right(c, 1, c->w - 1 - text_cells(right), text_cells(right), STYLE_CONTEXT, right);
	canvas_text(c, 1, 1, c->w - 3 - text_cells(right), STYLE_CONTEXT, list_title(a, c->w - 3 - text_cells(right), left, sizeof left));
}

/* "last 16:15:41, 9m12s ago" where there is no room for all of it. */
static const char *short_enough(const char *why, int w)
{
	const char *rest = text_cells(why) > w ? strstr(why, "; ") : NULL;

	return rest ? rest + 2 : why;
}

/* "api (40)": what is too long is cut before the number. */
static const char *group_name(const struct host_group *g, int w, char *out, size_t size)
{
	char n[32];
	int room = w - snprintf(n, sizeof n, " (%zu)", g->n);
	const char *value = g->value ? g->value : "(none)";

	if (text_cells(value) <= room)
		snprintf(out, size, "%s%s", value, n);
	else
		snprintf(out, size, "%.*s~%s", room > 1 ? room - 1 : 0, value, n);
	return out;
}

/* Of those that pass the filter. */
static uint32_t scale_of_all(const struct session *a)
{
	const struct overview *o = overview_of(a);
	uint32_t most = 0;

	for (size_t i = 0; i < o->list.n; i++)
		if (o->hosts[list_at(&o->list, i)].max > most)
			most = o->hosts[list_at(&o->list, i)].max;
	return most;
}

static void draw_host(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct overview_layout *l = r->ctx;
	const struct host_line *h = &overview_of(a)->hosts[r->i];
	char text[64], change[32], why[300], name[200];
	int x = l->spark_x + l->spark_w, columns = a->w >= 70 ? 4 : a->w >= 56 ? 2 : 1;
	bool known = h->min != UINT32_MAX, down = h->known.how == UNKNOWN_DOWN;
	int64_t v[4] = {known ? (int64_t)h->min : -1, known ? (int64_t)h->max : -1, h->at_t, h->last};
	bool at_least[4] = {h->min_cut, h->max_cut, h->partial ? h->at_t >= 0 : known_number_is_cut(&h->known), h->last_cut};
	int first = columns == 4 ? 0 : columns == 2 ? 2 : 3;

	if (h->group)
		canvas_text(c, r->y, 1, l->host_w, STYLE_NORMAL, group_name(h->group, l->host_w, name, sizeof name));
	else
		canvas_text(c, r->y, 1, l->host_w, STYLE_NORMAL, host_fit(h->host->name, l->host_w, name, sizeof name));
	if (!known && h->at_t >= 0)
		canvas_text(c, r->y, l->spark_x, l->spark_w, STYLE_DIM, "no sample in this window");
	else if (known)
		draw_spark(a, c, (struct area){r->y, l->spark_x, l->spark_w, 1}, h->spark, overview_of(a)->one_scale ? scale_of_all(a) : h->max);
	else /* dots would tell nothing */
		canvas_text(c, r->y, l->spark_x, l->spark_w, down ? STYLE_ERROR : STYLE_DIM, short_enough(unknown_text(a, &h->known, why, sizeof why), l->spark_w));
	for (int k = first; k < 4; k++, x += l->num_w)
		canvas_right(c, r->y, x, l->num_w, down && k == 2 ? STYLE_ERROR : STYLE_NORMAL,
			     down && k == 2 ? "down" : number_fit(text, v[k], l->num_w - 1));
	for (int k = first, end = x - (4 - first) * l->num_w; k < 4 && columns > 1; k++) {
		end += l->num_w;
		if (at_least[k])
			canvas_put(c, r->y, end, STYLE_CHANGED, '+');
	}
	if (is_wide(a)) {
		snprintf(text, sizeof text, "%s/h", isnan(h->slope) ? "" : number_change(change, llround(h->slope), 7));
		canvas_right(c, r->y, x, 10, STYLE_NORMAL, isnan(h->slope) ? "-" : text);
	}
	if (line_is_suspect(a, h))
		canvas_put(c, r->y, c->w - 1, STYLE_ERROR, '!');
	if (r->selected)
		draw_selected(c, r->y, 0, l->spark_x);
	else if (r->marked)
		canvas_put(c, r->y, 0, STYLE_CURSOR, '>');
}

static void draw_hosts(const struct session *a, struct canvas *c, const struct overview_layout *l, struct list *rows)
{
	const struct overview *o = overview_of(a);
	static const char *const heads[] = {"MIN", "MAX", "AT T", "LAST"};
	int columns = a->w >= 70 ? 4 : a->w >= 56 ? 2 : 1, x = l->spark_x + l->spark_w, at;
	char most[32];

	canvas_text(c, 2, 1, l->host_w, STYLE_HEADER, o->label[0] ? o->label : "HOST");
	if (o->one_scale)
		canvas_printf(c, 2, l->spark_x, l->spark_w, STYLE_HEADER, "GOROUTINES 0..%s, all", number_fit(most, scale_of_all(a), 6));
	else
		canvas_text(c, 2, l->spark_x, l->spark_w, STYLE_HEADER, is_wide(a) ? "GOROUTINES 0..max, peak per column" : l->spark_w < 23 ? "GOROUTINES" : "GOROUTINES 0..max, peak");
	for (int i = columns == 4 ? 0 : columns == 2 ? 2 : 3; i < 4; i++, x += l->num_w)
		canvas_right(c, 2, x, l->num_w, STYLE_HEADER, heads[i]);
	if (is_wide(a))
		canvas_right(c, 2, x, 10, STYLE_HEADER, "SLOPE/h");
	if (!o->list.n)
		draw_sentence(c, l->list_y, 2, l->list_h < FAULT_ROWS ? l->list_h : FAULT_ROWS, STYLE_DIM, filter_word(a, "no host passes the filter (& with nothing clears it)"));
	list_draw(a, c, &o->list, &(struct list_pane){.y = l->list_y, .h = l->list_h, .w = l->spark_x, .row = draw_host, .ctx = l, .unfocused = moved_has_keys(a)}, rows);
	at = column_of(a, a->t, l->spark_w);
	canvas_text(c, l->list_y + l->list_h, 1, l->spark_x - 2, STYLE_DIM, l->spark_x - 2 < 13 ? "T" : "time cursor T");
	if (at >= 0)
		canvas_put(c, l->list_y + l->list_h, l->spark_x + at, STYLE_CURSOR, glyph_table[a->tier].mark);
}

static void draw_empty(const struct session *a, struct canvas *c)
{
	if (a->o->live) {
		canvas_text(c, 3, 2, c->w - 4, STYLE_NORMAL, "Waiting for the first answer.");
		return;
	}
	canvas_text(c, 3, 2, c->w - 4, STYLE_NORMAL, "The store has no host yet.");
	canvas_text(c, 5, 2, c->w - 4, STYLE_DIM, "gscrape-tui --scrape localhost:6060   records a process");
	canvas_text(c, 6, 2, c->w - 4, STYLE_DIM, "gscrape-tui --index DIR               takes in an archive");
}

/* How many of the host that the chart is of pass at T; -1 unknown. */
static int64_t passing_shown(const struct overview *o)
{
	for (size_t i = 0; i < o->n && o->pass; i++)
		if (o->hosts[i].host->id == o->shown)
			return o->pass[i];
	return -1;
}

/* " (+606 in 9m37s)"; nothing where there is nothing to compare. */
static void change_text(const struct overview *o, char *out, size_t size)
{
	bool back = o->now.number.seq < o->then.number.seq;
	int64_t by = o->now.goroutines - o->then.goroutines, ms = o->now.number.time - o->then.number.time;
	char n[32], span[TIME_MAX];

	*out = '\0';
	if (known_number_is_cut(&o->now) || known_number_is_cut(&o->then))
		snprintf(out, size, " (change not known: a cut dump)");
	else if (o->now.goroutines < 0 || o->then.goroutines < 0 || o->now.number.seq == o->then.number.seq)
		return;
	else if (back)
		snprintf(out, size, " (%s in the %s to the pin)", number_change(n, -by, 20), duration_format(span, -ms));
	else
		snprintf(out, size, " (%s in %s)", number_change(n, by, 20), duration_format(span, ms));
}

/* "deployment=api: 40 hosts   T 16:25:00 = 41,428 (+606)" */
static void group_title(const struct session *a, const struct host_line *l, int w, char *out, size_t size)
{
	const struct host_group *g = l->group;
	char t[TIME_MAX], n[32], by[32], value[200];
	size_t used = (size_t)snprintf(out, size, "%s=%s: %zu host%s   T %s", g->key, text_cut(value, sizeof value, g->value ? g->value : "(none)", w / 2), g->n, g->n == 1 ? "" : "s",
				       time_text(a, t, a->t, TIME_CLOCK));

	if (used >= size)
		return;
	if (l->at_t < 0)
		snprintf(out + used, size - used, ": nothing known of %s", g->n == 1 ? "it" : "any of them");
	else
		snprintf(out + used, size - used, " %s %s (%s)", l->partial ? "at least" : "=", number(n, l->at_t), number_change(by, l->change, 20));
}

/* "(3 in a row)", or in short "(3x)". */
static const char *times_of(char *why, bool in_short)
{
	char *row = in_short ? strstr(why, " in a row)") : NULL;

	if (row)
		memcpy(row, "x)", sizeof "x)");
	return why;
}

/* "127.0.0.1:6060 goroutines   T 16:25:00 = 1,428 (+606 in 9m37s)", the host's name in name_w cells; of those that pass a filter, how many
 * of all. Of lesser weight, and so left out first: the noun, then the change, then since when nothing is known. */
static void host_title(const struct session *a, int left_out, int name_w, char *out, size_t size)
{
	const struct overview *o = overview_of(a);
	char t[TIME_MAX], of[32], n[32], change[64], why[300], name[200];
	const char *host = host_fit(host_name(a, o->shown), name_w, name, sizeof name);

	time_text(a, t, a->t, TIME_CLOCK);
	change_text(o, change, sizeof change);
	if (o->matching && passing_shown(o) >= 0)
		snprintf(out, size, "%s goroutines that pass   T %s = %s of %s", host, t, number(n, passing_shown(o)),
			 number(of, o->now.goroutines));
	else if (o->now.goroutines >= 0)
		snprintf(out, size, "%s%s   T %s %s %s%s", host, left_out ? "" : " goroutines", t, known_is_cut(&o->now) ? "at least" : "=",
			 number(n, o->now.goroutines), o->over_chart || left_out > 1 ? "" : change);
	else if (left_out > 2)
		snprintf(out, size, "%s: %.*s", host, (int)strcspn(unknown_text(a, &o->now, why, sizeof why), ";"), why);
	else if (left_out) /* T stands in the line at the top as well */
		snprintf(out, size, "%s: %s", host, times_of(unknown_text(a, &o->now, why, sizeof why), left_out > 1));
	else
		snprintf(out, size, "%s   T %s: %s", host, t, unknown_text(a, &o->now, why, sizeof why));
}

#define TITLE_NAME 16 /* cells that a host's name has at least, before less is said of it */

/* And how long after a mark, in w cells. */
static void chart_title(const struct session *a, int w, char *out, size_t size)
{
	const struct overview *o = overview_of(a);
	const struct mark *m = o->over_chart ? NULL : query_mark_before(a->q, a->host, a->t); /* the other host's name is of more use */
	const struct host_line *l = line_shown(a);
	char after[MARK_MAX + TIME_MAX + 16] = "", d[TIME_MAX];
	int whole = text_cells(host_name(a, o->shown)), over;

	if (l && l->group) {
		group_title(a, l, w, out, size);
		return;
	}
	if (m)
		snprintf(after, sizeof after, ", %s after %s", duration_format(d, a->t - m->time), m->text);
	host_title(a, 0, whole, out, size);
	for (int k = 1; k <= 2 && text_cells(out) + text_cells(after) > w; k++) {
		host_title(a, k, whole, out, size);
		over = text_cells(out) + text_cells(after) - w; /* the name's middle, before a number */
		if (over > 0 && whole - over >= TITLE_NAME)
			host_title(a, k, whole - over, out, size);
	}
	for (int k = 2; k <= 3 && (over = text_cells(out) + text_cells(after) - w) > 0; k++)
		host_title(a, k, whole - over > TITLE_NAME ? whole - over : TITLE_NAME, out, size);
	snprintf(out + strlen(out), size - strlen(out), "%s", after);
}

/* --- the states of a host over time: a column of ten rows per column of the chart above --- */

static const char *const family_words[FAM_MAX] = {
	[FAM_RUNNING] = "running", [FAM_CHAN] = "chan", [FAM_SELECT] = "select", [FAM_LOCK] = "lock",	  [FAM_WAIT] = "wait",
	[FAM_IO] = "IO",	   [FAM_SLEEP] = "sleep", [FAM_SYSCALL] = "syscall", [FAM_RUNTIME] = "runtime",
};

/* Letters tell the states apart for those who do not see the colours. */
static void put_family(const struct session *a, struct canvas *c, int y, int x, enum family f)
{
	enum style s = a->colored && a->tier != GLYPHS_ASCII ? STYLE_FILL : STYLE_STATE;

	canvas_put(c, y, x, (enum style)(s + f), (uint32_t)family_letter(f));
}

/* The state that stands at this height of a column; FAM_MAX: none. */
static enum family family_at(const uint8_t *mix, int level)
{
	int sum = 0;

	for (int f = 0; f < FAM_MAX; f++) {
		sum += mix[f];
		if (sum >= level && mix[f])
			return (enum family)f;
	}
	return FAM_MAX;
}

static void draw_mix_legend(const struct session *a, struct canvas *c, int y)
{
	char title[200];
	int x = c->w - 2;

	snprintf(title, sizeof title, "state mix of %s, one row = 10%%", host_name(a, overview_of(a)->shown));
	draw_rule(a, c, y, title, NULL);
	for (int f = FAM_MAX - 1; f >= 0; f--) {
		x -= text_cells(family_words[f]) + 3;
		if (x < text_cells(title) + 6)
			return;
		canvas_put(c, y, x - 1, STYLE_RULE, ' ');
		put_family(a, c, y, x, (enum family)f);
		canvas_printf(c, y, x + 1, c->w - x - 1, STYLE_RULE, " %s ", family_words[f]);
	}
}

static void draw_mix(const struct session *a, struct canvas *c, int y, int rows)
{
	const struct overview *o = overview_of(a);

	draw_mix_legend(a, c, y);
	for (int r = 0; o->mix && r < rows && y + 1 + r < c->h - 1; r++) {
		canvas_printf(c, y + 1 + r, 1, 5, STYLE_DIM, "%4d%%", 100 - r * 10);
		for (int x = 0; x < o->chart_w; x++) {
			enum family f = family_at(o->mix[x], 100 - r * 10 - 5);

			if (f != FAM_MAX)
				put_family(a, c, y + 1 + r, 7 + x, f);
		}
	}
	touch_time(c, y + 1, 7, rows, o->chart_w);
}

/* What the chart is painted with; with another host over it, which one. */
static const char *chart_legend(const struct session *a, char *out, size_t size)
{
	const struct overview *o = overview_of(a);
	bool ascii = a->tier == GLYPHS_ASCII;
	char name[200];

	if (o->over_chart && !o->matching)
		snprintf(out, size, "%s %s", ascii ? "o" : "\u2022", host_fit(host_name(a, o->over), a->w / 4, name, sizeof name));
	else
		snprintf(out, size, "%s", ascii ? "# min  | max" : is_wide(a) ? "\u2588 min per column, thin line up to max" : "\u2588 min  \u2502 max");
	return out;
}

/* On one scale the chart has that of the lines, too; of those that pass a filter it has its own. */
static uint32_t chart_scale(const struct session *a)
{
	const struct overview *o = overview_of(a);
	uint32_t all = o->one_scale ? scale_of_all(a) : 0;

	return o->matching ? o->matching_max : all > o->chart_max ? all : o->chart_max;
}

void draw_overview(const struct session *a, struct canvas *c, struct list *rows)
{
	const struct overview *o = overview_of(a);
	struct overview_layout l = place_overview(a);
	char title[500], legend[200];

	draw_context(a, c);
	if (!o->n) {
		draw_empty(a, c);
		return;
	}
	if (l.list_h)
		draw_hosts(a, c, &l, rows);
	else
		draw_moved(a, c, &l, rows);
	if (!l.chart_y || !o->chart)
		return;
	chart_legend(a, legend, sizeof legend);
	/* whose dots they are is told beside whatever the title says */
	chart_title(a, o->over_chart && !o->matching ? c->w - 7 - text_cells(legend) : c->w - 4, title, sizeof title);
	draw_rule(a, c, l.chart_y - 1, title, legend);
	draw_chart(a, c, (struct area){l.chart_y, 7, o->chart_w, l.chart_h}, o->matching ? o->matching : o->chart, chart_scale(a));
	if (o->over_chart && !o->matching)
		draw_over(a, c, (struct area){l.chart_y, 7, o->chart_w, l.chart_h}, o->over_chart, chart_scale(a));
	draw_marks(a, c, (struct area){l.chart_y, 7, o->chart_w, l.chart_h}, o->label[0] ? NULL : chosen_host(a));
	draw_axis(a, c, l.chart_y + l.chart_h, 7, o->chart_w);
	if (l.moved_h && canary_shown(a))
		draw_canary(a, c, l.moved_y, l.moved_h);
	else if (l.moved_h)
		draw_moved(a, c, &l, rows);
	if (l.mix_y && !o->label[0])
		draw_mix(a, c, l.mix_y, MIX_ROWS);
}
