/* SPDX-License-Identifier: MIT */
/* View 1: what moved, a list of its own that Tab gives the keys to. */
#include "draw.h"
#include "narrow.h"
#include "row_model.h"
#include "view_overview.h"
#include <gscrape/columns.h>
#include <stdio.h>

static void tell_moved(const struct session *a, struct row_model *s, size_t i)
{
	const struct moved *m = &overview_of(a)->moved[i];

	row_model_add(s, m->together ? &moved_together_columns : &moved_columns, m, sizeof *m);
}

static const struct list_kind moved_kind = {.what = "what moved", .columns = &moved_columns, .tell = tell_moved};

bool moved_has_keys(const struct session *a)
{
	const struct overview *o = overview_of(a);

	return o->in_moved && o->n_moved && a->h >= MOVED_FROM && !canary_shown(a);
}

void moved_fill(struct session *a)
{
	struct overview *o = overview_of(a);

	if (!o->in_moved) /* it is of another host, perhaps */
		list_begin(&o->moved_list);
	list_fill(&o->moved_list, a, &moved_kind, canary_shown(a) ? 0 : o->n_moved);
}

/* Of whom nobody is left: to when they were there. */
static void back_to(struct session *a, const struct moved *m)
{
	char t[TIME_MAX], gone[TIME_MAX];

	time_text(a, gone, m->to_time, TIME_CLOCK);
	a->playing = a->follow = false;
	take_sample(a, m->from_time);
	say(a, "none of them is there at %s: T is %s, when there %s", gone, time_text(a, t, a->t, TIME_CLOCK), m->from == 1 ? "was one" : "were some");
}

/* View 2, by creation site, with these alone. */
void moved_open(struct session *a)
{
	const struct overview *o = overview_of(a);
	const struct moved *m = &o->moved[list_chosen(&o->moved_list)];
	const struct group *g = moved_group(m);
	struct buf filter = {0};

	if (m->host)
		a->host = m->host;
	a->groups.asked = true;
	a->groups.open = false;
	a->groups.by = BY_CREATED;
	go_view(a, VIEW_HOST);
	if (!m->now)
		back_to(a, m);
	if (g->created.func)
		narrow_add_frame(a, &filter, "created_by", &g->created);
	else
		buf_adds(&filter, g->name);
	buf_putc(&filter, '\0');
	narrow_to(a, filter.p);
	buf_release(&filter);
}

/* --- drawing --- */

/* "chan send", "chan send 80%" or "gone" */
static const char *moved_state(const struct session *a, const struct moved *m, char *out, size_t size)
{
	const struct state_count *s = m->now ? m->now->states : NULL;

	if (!s)
		snprintf(out, size, "gone");
	else if (s->n == m->to)
		snprintf(out, size, "%s", query_string(a->q, s->state));
	else
		snprintf(out, size, "%s %u%%", query_string(a->q, s->state), (unsigned)((uint64_t)s->n * 100 / m->to));
	return out;
}

static void draw_row(const struct session *a, struct canvas *c, const struct list_row *r)
{
	const struct moved *m = &overview_of(a)->moved[r->i];
	const struct group *g = moved_group(m);
	int y = r->y;
	char state[96], net[32], by[160], func[256], name[200];
	int func_w = is_wide(a) ? 44 : 28, host_w = overview_of(a)->all_moved ? place_overview(a).host_w + 2 : 0, state_w = text_cells(moved_state(a, m, state, sizeof state));

	canvas_right(c, y, 1, 7, m->net > 0 ? STYLE_ADDED : STYLE_GONE, number_change(net, m->net, 7));
	if (host_w)
		canvas_text(c, y, 10, host_w - 2, STYLE_NORMAL, host_fit(host_name(a, m->host), host_w - 2, name, sizeof name));
	canvas_name(c, (struct area){y, 10 + host_w, func_w, 1}, STYLE_NORMAL, query_short(func, sizeof func, g->top.func ? g->top.func : g->name), 0);
	snprintf(by, sizeof by, "by %s", g->created.func ? query_short(func, sizeof func, g->created.func) : "the runtime");
	canvas_name(c, (struct area){y, 11 + host_w + func_w, c->w - 13 - host_w - func_w - state_w, 1}, STYLE_DIM, by, 0);
	canvas_right(c, y, c->w - 1 - state_w, state_w, STYLE_NORMAL, state);
	if (r->selected)
		draw_selected(c, y, 0, c->w);
}

/* "what moved of those that pass on all hosts, 16:10:00 to T (pinned)": of many hosts the time that each of them is compared with. */
static void moved_title(const struct session *a, int w, char *out, size_t size)
{
	const struct overview *o = overview_of(a);
	bool many = o->all_moved || o->label[0], words = a->filter[0] && !a->where;
	const char *where = o->all_moved ? words ? " on the hosts that pass" : " on all hosts" : o->label[0] ? " in this group" : "";
	const char *hint = o->all_moved ? "   (A: this host)" : "   (A: all hosts)";
	char t[TIME_MAX], pin[TIME_MAX + 16] = "";

	if (a->use_pin && many)
		snprintf(pin, sizeof pin, " (pinned)");
	else if (a->use_pin)
		snprintf(pin, sizeof pin, " (pinned %s)", time_text(a, t, a->pin, TIME_CLOCK));
	snprintf(out, size, "what moved%s%s, %s to T%s", a->where ? " of those that pass" : "", where,
		 time_text(a, t, many ? session_base_time(a) : o->then.known ? o->then.text.time : o->then.t, TIME_CLOCK), pin);
	if (text_cells(out) + text_cells(hint) <= w)
		snprintf(out + strlen(out), size - strlen(out), "%s", hint);
}

/* Where not all is in sight: "4 of 23, Tab", and with the keys "row 7 of 23". */
static const char *place_in_list(const struct session *a, int rows, char *out, size_t size)
{
	const struct overview *o = overview_of(a);

	if (moved_has_keys(a))
		snprintf(out, size, "row %zu of %zu", o->moved_list.sel + 1, o->n_moved);
	else if (o->n_moved > (size_t)rows)
		snprintf(out, size, "%d of %zu, Tab", rows, o->n_moved);
	else
		return NULL;
	return out;
}

/* Why there is nothing; "" where there could be. */
static const char *why_none(const struct session *a, char *why, size_t size)
{
	const struct overview *o = overview_of(a);
	char t[TIME_MAX], reason[300];

	if (o->all_moved || o->label[0])
		snprintf(why, size, "%s", o->n_moved ? "" : "nothing, where both times are known");
	else if (!o->now.known)
		return unknown_text(a, &o->now, why, size);
	else if (o->then.how == UNKNOWN_BEFORE)
		snprintf(why, size, "nothing to compare with: this is the first snapshot");
	else if (!o->then.known)
		snprintf(why, size, "nothing to compare with: %s", unknown_text(a, &o->then, reason, sizeof reason));
	else if (o->then.text.seq == o->now.text.seq)
		snprintf(why, size, "nothing to compare with: the one snapshot of %s is both ends", time_text(a, t, o->now.text.time, TIME_CLOCK));
	else
		snprintf(why, size, "%s", o->n_moved ? "" : a->where ? "nothing: of every creation site as many pass as before" :
			 "nothing: every creation site has as many goroutines as before");
	return why;
}

void draw_moved(const struct session *a, struct canvas *c, const struct overview_layout *l, struct list *rows)
{
	const struct overview *o = overview_of(a);
	char title[200], place[64], why[400];
	const char *right = place_in_list(a, l->moved_h - 1, place, sizeof place);

	moved_title(a, c->w - 4 - (right ? text_cells(right) + 3 : 0), title, sizeof title);
	draw_rule(a, c, l->moved_y, title, right);
	canvas_text(c, l->moved_y + 1, 3, c->w - 4, STYLE_DIM, why_none(a, why, sizeof why));
	list_draw(a, c, &o->moved_list, &(struct list_pane){.y = l->moved_y + 1, .h = l->moved_h - 1, .row = draw_row, .unfocused = !moved_has_keys(a)}, rows);
}
