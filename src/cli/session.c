/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "option_table.h"
#include "tell.h"
#include <gscrape/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROOM 80 /* columns, where nobody says */

#define AROUND 60 /* bytes of a long filter on either side of what is wrong in it */

/* The filter, and a mark below what is wrong. */
static int point_at(const struct filter_fault *f, const char *text, const struct err *why, struct err *e)
{
	size_t from = f->at > AROUND ? f->at - AROUND : 0, n = strlen(text + from), wide = f->n < AROUND ? f->n : AROUND;
	struct buf b = {0};
	size_t before;

	buf_addf(&b, "--where: %s\n  ", why->text);
	before = b.n;
	buf_add_visible(&b, text + from, f->at - from);
	before = visible_cells(b.p + before, b.n - before);
	buf_add_visible(&b, text + f->at, from + n - f->at < 2 * AROUND ? from + n - f->at : 2 * AROUND);
	buf_addf(&b, "\n  %*s^%.*s", (int)before, "", wide > 1 ? (int)wide - 1 : 0,
		 "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
	fail_as(e, ERR_USAGE, "%s", b.p);
	buf_release(&b);
	return -1;
}

/* Are the answers of groups of goroutines, of which count can be asked? */
static bool tells_groups(const struct options *o)
{
	const uint32_t always = CMD(BROWSE) | CMD(DUMP) | CMD(LEAKS) | CMD(REPORT) | CMD(SCRAPE) | CMD(SERVE);
	const uint32_t grouped = CMD(GOROUTINES) | CMD(DIFF) | CMD(LIVES);

	return (o->group_by == BY_NONE ? always : always | grouped) & (uint32_t)1 << o->command;
}

int options_filter(const struct options *o, struct filter **out, struct err *e)
{
	struct filter_source src = {o->where ? o->where : "", now_ms(), o->tz, o->saved.v, o->saved.n};
	struct filter_fault where;
	struct err why;

	if (filter_open(out, &src, &where, &why) < 0)
		return point_at(&where, src.text, &why, e);
	if (tells_groups(o) || filter_of_each(*out, &why) == 0)
		return 0;
	filter_close(*out);
	*out = NULL;
	return fail_as(e, ERR_USAGE, "--where: %s", why.text);
}

/* In the order of groups. */
static int take_hosts_of(struct session *s)
{
	struct host *hosts;

	if (query_hosts_of(s->q, s->o->of, &s->pool, &s->of, &s->n_of, s->e) < 0)
		return -1;
	query_hosts(s->q, &s->n_hosts);
	s->hosts = hosts = pool_alloc(&s->pool, (s->n_hosts + 1) * sizeof *hosts);
	s->n_hosts = 0;
	for (size_t i = 0; i < s->n_of; i++)
		for (size_t k = 0; k < s->of[i].n; k++)
			hosts[s->n_hosts++] = *s->of[i].hosts[k];
	return 0;
}

static int take_hosts(struct session *s)
{
	if (s->o->of)
		return take_hosts_of(s);
	s->n_hosts = 1;
	s->hosts = s->o->host ? query_host(s->q, s->o->host, s->e) : query_hosts(s->q, &s->n_hosts);
	return s->o->host && !s->hosts ? -1 : 0;
}

int session_begin(struct session *s, const struct options *o, struct err *e)
{
	*s = (struct session){.o = o, .e = e, .color = use_color(o)};
	if (options_filter(o, &s->where, e) < 0)
		return -1;
	if (query_open(&s->q, o->db, e) < 0) {
		filter_close(s->where);
		return -1;
	}
	if (o->group_label)
		query_group_label(s->q, o->group_label);
	if (take_hosts(s) < 0) {
		filter_close(s->where);
		pool_release(&s->pool);
		query_close(s->q);
		return -1;
	}
	return 0;
}

int session_end(struct session *s, int rc)
{
	struct err why = {0};

	if (rc < 0 && s->e->kind == ERR_USAGE)
		out_drop(&s->out); /* a table's head alone would say that there is nobody */
	if (rc >= 0 && s->o->json)
		out_tell_empty(&s->out, s->o);
	if (out_close(&s->out, &why) < 0 && rc >= 0)
		rc = fail(s->e, "%s", why.text);
	if ((query_fault(s->q, &why) < 0 || query_is_partial(s->q, &why)) && rc >= 0) {
		*s->e = why;
		rc = -1;
	}
	if (rc >= 0 && filter_unseen_label(s->where, why.text, sizeof why.text))
		tell("note: %s", why.text);
	if (rc >= 0 && filter_hint(s->where, why.text, sizeof why.text) && !s->o->json && !s->o->csv)
		tell("note: %s", why.text);
	filter_close(s->where);
	pool_release(&s->pool);
	query_close(s->q);
	return rc;
}

/* How wide the screen is that reads it. */
static size_t room(const struct session *s)
{
	struct winsize w = {0};

	if (s->o->wide)
		return 0;
	if (!s->o->out && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col)
		return w.ws_col;
	return ROOM;
}

void session_words(struct session *s, const char *text, size_t at, size_t indent)
{
	size_t width = !s->o->out && isatty(STDOUT_FILENO) ? room(s) : 0;
	struct buf *out = &s->out.buf;

	for (bool first = true; *text; first = false) {
		size_t n = strcspn(text, " "), cells = visible_cells(text, n);

		if (width && !first && at + 1 + cells > width) {
			buf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			buf_putc(out, ' ');
			at++;
		}
		buf_add_visible(out, text, n);
		at += cells;
		text += n + (text[n] == ' ');
	}
	buf_putc(out, '\n');
}

struct table session_table(struct session *s, const struct columns *columns)
{
	return (struct table){.out = &s->out, .columns = columns, .q = s->q, .pool = &s->pool, .color = s->color, .csv = s->o->csv,
			      .room = room(s), .tz = s->o->tz};
}

void session_row(struct session *s, struct table *t, const void *thing)
{
	if (!s->o->json) {
		table_row(t, thing);
		return;
	}
	columns_json(&(struct jw){.out = &s->out.buf}, t->columns, &(struct told_row){s->q, &s->pool, thing});
	session_json_line(s);
}

void session_table_end(struct session *s, struct table *t)
{
	if (!s->o->json)
		table_end(t);
}

struct jw session_json(struct session *s)
{
	struct jw j = {.out = &s->out.buf};

	jw_obj(&j);
	return j;
}

void session_json_line(struct session *s)
{
	buf_putc(&s->out.buf, '\n');
	out_line(&s->out);
}

void session_json_end(struct session *s, struct jw *j)
{
	jw_end(j);
	session_json_line(s);
}

const char *session_host_name(const struct session *s, uint32_t host)
{
	for (size_t i = 0; i < s->n_hosts; i++)
		if (s->hosts[i].id == host)
			return s->hosts[i].name;
	return NULL;
}

uint32_t session_host(const struct session *s)
{
	return s->o->host ? s->hosts->id : 0;
}

int64_t session_at(const struct session *s)
{
	return s->o->at == NO_TIME ? query_newest(s->q, session_host(s)) : s->o->at;
}

void session_note(struct session *s, const char *host, const char *when, const char *text)
{
	if (s->o->json) {
		struct jw j = session_json(s);

		jw_kstr(&j, "host", host);
		jw_kstr(&j, "unknown", *when ? pool_printf(&s->pool, "%s: %s", when, text) : text);
		session_json_end(s, &j);
	}
	if (s->o->json || s->o->csv)
		return;
	buf_addf(&s->out.buf, "note: ");
	buf_add_visible(&s->out.buf, host, strlen(host));
	buf_addf(&s->out.buf, "%s%s: ", *when ? " " : "", when);
	buf_add_visible(&s->out.buf, text, strlen(text));
	buf_putc(&s->out.buf, '\n');
}

int session_say_empty(struct session *s)
{
	int64_t to = s->o->to == NO_TIME ? INT64_MAX : s->o->to;

	for (size_t i = 0; i < s->n_hosts; i++) {
		const struct host *h = &s->hosts[i];
		char t0[TIME_MAX], t1[TIME_MAX], text[200];
		struct snapshot last;
		int rc = query_snapshot_at(s->q, h->id, to, &last, s->e);

		if (rc < 0)
			return -1;
		if (rc == 1 && last.time <= to && (s->o->from == NO_TIME || last.time >= s->o->from))
			continue;
		if (h->first == NO_TIME)
			snprintf(text, sizeof text, "has no snapshot");
		else
			snprintf(text, sizeof text, "no snapshot in this window; they are from %s to %s", time_format(t0, h->first, TIME_TABLE, s->o->tz),
				 time_format(t1, h->last, TIME_TABLE, s->o->tz));
		session_note(s, h->name, "", text);
	}
	return 0;
}

int session_say_odd(struct session *s, int64_t t)
{
	for (size_t i = 0; i < s->n_hosts && !s->o->json && !s->o->csv; i++) {
		struct buf b = {0};
		struct known k;

		if (query_known(s->q, s->hosts[i].id, t, &k, s->e) < 0)
			return -1;
		known_odd_sentence(&b, &k, s->o->tz);
		buf_putc(&b, '\0');
		if (*b.p)
			session_note(s, s->hosts[i].name, "", b.p);
		buf_release(&b);
	}
	return 0;
}

int session_say_unknown(struct session *s, int64_t t, const char *when)
{
	for (size_t i = 0; i < s->n_hosts; i++) {
		struct buf b = {0};
		struct known k;

		if (query_known(s->q, s->hosts[i].id, t, &k, s->e) < 0)
			return -1;
		known_sentence(&b, &k, s->o->tz);
		buf_putc(&b, '\0');
		if (!k.known)
			session_note(s, s->hosts[i].name, when, b.p);
		buf_release(&b);
	}
	return 0;
}

const char *frame_text(struct pool *p, const struct frame *f)
{
	if (!f || !f->func)
		return NULL;
	return f->file ? pool_printf(p, "%s %s:%u", f->func, f->file, f->line) : f->func;
}
