/* SPDX-License-Identifier: MIT */
/* The way back and forward through the views, and marks: places one can return to. */
#include "session.h"
#include "view_goroutine.h"
#include <stdio.h>
#include <stdlib.h>

static struct place here(const struct session *a)
{
	return (struct place){a->view, a->host, a->epoch, a->id, a->t};
}

static void go_to(struct session *a, const struct place *p)
{
	a->view = p->view;
	a->found = 0;
	a->host = p->host;
	a->epoch = p->epoch;
	a->id = p->id;
	choose_host(a);
}

static struct visit this_visit(const struct session *a)
{
	struct visit v = {.place = here(a)};

	snprintf(v.filter, sizeof v.filter, "%s", a->filter);
	v.filter_regex = a->filter_regex;
	return v;
}

static void visit_again(struct session *a, const struct visit *v)
{
	go_to(a, &v->place);
	snprintf(a->filter, sizeof a->filter, "%s", v->filter);
	a->filter_regex = v->filter_regex;
}

static void remember(struct session *a)
{
	if (a->n_back == 64) {
		memmove(a->back, a->back + 1, 63 * sizeof *a->back);
		a->n_back--;
	}
	GROW(a->back, a->n_back, a->cap_back);
	a->back[a->n_back++] = this_visit(a);
	a->n_ahead = 0;
}

void go_view(struct session *a, enum view_id v)
{
	if (v == a->view)
		return;
	if (a->view < VIEW_HELP) /* help and options stand over a view */
		a->below = a->view;
	remember(a);
	if (!a->where && v < VIEW_HELP && (v == VIEW_OVERVIEW || view_shown(a) == VIEW_OVERVIEW))
		a->filter[0] = '\0'; /* words are of hosts there, of goroutines elsewhere */
	if (view_of(a, v)->enter)
		view_of(a, v)->enter(a);
	a->view = v;
	a->scroll = 0;
	a->found = 0;
}

void go_goroutine(struct session *a, uint64_t id)
{
	remember(a);
	a->view = VIEW_GOROUTINE;
	a->id = id;
	a->epoch = 0;
	a->scroll = 0;
	a->filter[0] = '\0';
}

/* Does the screen show it? Its number alone may be another's, of a later process. */
static bool is_shown(const struct session *a, uint64_t id, uint32_t epoch)
{
	const struct goroutine_view *g = goroutine_view_of(a);

	return a->view == VIEW_GOROUTINE && a->id == id && g->found && g->life.epoch == epoch;
}

void go_number(struct session *a, const char *text)
{
	const char *digits = text + (*text == 'g');
	struct digits_question part = {digits, {.from = NO_TIME, .to = NO_TIME}};
	struct life_question exact = {a->host, 0, strtoull(digits, NULL, 10), a->t};
	struct pool p = {0};
	struct err e = {0};
	struct hit *h;
	uint32_t epoch;
	size_t n;

	if (!*text)
		return;
	if (strspn(digits, "0123456789") != strlen(digits) || strlen(digits) >= sizeof a->func.digits) {
		say(a, "'%s' is no goroutine's number", text);
	} else if (query_epoch_of(a->q, &exact, &epoch, NULL) == 1 && !is_shown(a, exact.id, epoch)) {
		go_goroutine(a, exact.id);
		say(a, "#%s again lists all that have %s in their number", digits, digits);
	} else if (query_with_digits(a->q, &part, &p, &h, &n, &e) < 0) {
		say_error(a, e.text);
	} else if (n == 1 && a->view == VIEW_GOROUTINE && a->id == h[0].id && a->host == h[0].host) {
		say(a, "no other goroutine has %s in its number", digits);
	} else if (n == 1) {
		go_goroutine(a, h[0].id);
		a->host = h[0].host;
		a->epoch = h[0].epoch;
	} else if (n) {
		go_view(a, VIEW_FUNCTIONS);
		snprintf(a->func.digits, sizeof a->func.digits, "%s", digits);
	} else {
		say(a, "no goroutine of any host has %s in its number", digits);
	}
	pool_release(&p);
}

bool go_back(struct session *a)
{
	if (!a->n_back)
		return false;
	GROW(a->ahead, a->n_ahead, a->cap_ahead);
	a->ahead[a->n_ahead++] = this_visit(a);
	visit_again(a, &a->back[--a->n_back]);
	return true;
}

void go_ahead(struct session *a)
{
	if (!a->n_ahead) {
		say(a, "there is no view to come again: q closed none");
		return;
	}
	GROW(a->back, a->n_back, a->cap_back);
	a->back[a->n_back++] = this_visit(a);
	visit_again(a, &a->ahead[--a->n_ahead]);
}

void set_mark(struct session *a, int key)
{
	if (key < 'a' || key > 'z') {
		say(a, "no mark set: a mark is a letter from a to z");
		return;
	}
	a->marks[key - 'a'] = here(a);
	a->marked[key - 'a'] = true;
	say(a, "mark %c set", key);
}

void goto_mark(struct session *a, int key)
{
	int i = key == '\'' ? 26 : key - 'a';
	struct place was = here(a);

	if (i < 0 || i > 26 || !a->marked[i]) {
		say(a, "no such mark");
		return;
	}
	go_to(a, &a->marks[i]);
	set_time(a, a->marks[i].t);
	a->marks[26] = was;
	a->marked[26] = true;
}
