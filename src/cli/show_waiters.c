/* SPDX-License-Identifier: MIT */
/*
 * --waiters: who waits for what at a time, and who probably holds it. Where that was not recorded, since the store is an older one, the
 * dump of that time is read again, from the archive or the file that is asked about.
 */
#include "dump_text.h"
#include <gscrape/holder.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdlib.h>

/* Every connection at rest is a descriptor that one waits for: as text they are counted only. */
static bool is_at_rest(const struct waiters *w)
{
	return w->count == 1 && strcmp(w->what, "network descriptor") == 0;
}

static void add_note(struct buf *notes, const char *host, char *text)
{
	buf_adds(notes, "note: ");
	buf_add_visible(notes, host, strlen(host));
	buf_adds(notes, ": ");
	buf_add_visible(notes, text, strlen(text));
	buf_putc(notes, '\n');
	free(text);
}

/* For people, behind the table: deadlocks, each once; and locks that have no address, by the object they are in. */
static void say_locks(struct buf *notes, const char *host, const struct waiters *w, size_t n_w, const struct held_lock *held, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool listed = false;

		for (size_t k = 0; k < n_w; k++)
			listed |= w[k].object ? w[k].object == held[i].address : w[k].holder == held[i].holder && strcmp(w[k].place.func, held[i].taken_in) == 0;
		if (!listed && held[i].holder)
			add_note(notes, host, xasprintf("some wait for a lock in 0x%" PRIx64 "; %" PRIu64 " seems to hold it: it %s", held[i].address,
				 held[i].holder, held[i].reason));
		if (held[i].deadlock && held[i].first)
			add_note(notes, host, xasprintf("a deadlock, as it seems: %s", held[i].deadlock));
	}
}

struct shown {
	size_t resting;
	struct buf notes;
};

static int ask_holders(struct session *s, const struct host *h, struct held_lock **held, size_t *n)
{
	struct buf dump = {0};
	struct known k;
	int rc = query_held(s->q, &(struct moment){h->id, session_at(s)}, &s->pool, held, n, s->e);

	if (rc)
		return rc;
	if (query_known(s->q, h->id, session_at(s), &k, s->e) < 0)
		return -1;
	if (k.known && dump_text_of(s->o, h->name, k.text.time, &dump))
		dump_held_locks((struct str){dump.p, dump.n}, &s->pool, held, n);
	buf_release(&dump);
	return 0;
}

static int show_host(struct session *s, struct table *t, const struct host *h, struct shown *out)
{
	struct held_lock *held = NULL;
	struct waiters *w = NULL;
	size_t n, n_held = 0;

	if (query_waiters(s->q, &(struct waiters_question){.w = {.host = h->id, .from = s->o->from, .to = session_at(s)}, .where = s->where}, &s->pool, &w, &n, s->e) < 0 ||
	    ask_holders(s, h, &held, &n_held) < 0)
		return -1;
	waiters_held(w, n, held, n_held);
	for (size_t i = 0; i < n; i++) {
		if (!s->o->json && !s->o->csv && is_at_rest(&w[i]))
			++out->resting;
		else
			session_row(s, t, &w[i]);
	}
	say_locks(&out->notes, h->name, w, n, held, n_held);
	pool_release(&s->pool);
	return 0;
}

/* --waiters --channels */
static int show_channels(struct session *s)
{
	struct table t = session_table(s, &channel_columns);
	int rc = 0;

	for (size_t i = 0; i < s->n_hosts && rc == 0; i++) {
		struct channels_question ask = {{s->hosts[i].id, session_at(s)}, s->where};
		const struct channel_end **ends;
		size_t n;

		rc = query_channels(s->q, &ask, &s->pool, &ends, &n, s->e);
		for (size_t k = 0; k < n && rc == 0; k++)
			session_row(s, &t, ends[k]);
		pool_release(&s->pool);
	}
	session_table_end(s, &t);
	return session_end(s, rc ? rc : session_say_unknown(s, session_at(s), ""));
}

int run_waiters(const struct options *o, struct err *e)
{
	struct shown shown = {0};
	struct session s;
	struct table t;
	int rc = 0;

	if (session_begin(&s, o, e) < 0)
		return -1;
	if (o->channels)
		return show_channels(&s);
	t = session_table(&s, &waiters_columns);
	for (size_t i = 0; i < s.n_hosts && rc == 0; i++)
		rc = show_host(&s, &t, &s.hosts[i], &shown);
	session_table_end(&s, &t);
	if (shown.resting)
		buf_addf(&s.out.buf, "and %zu network descriptor%s with one goroutine%s\n", shown.resting, shown.resting == 1 ? "" : "s",
			 shown.resting == 1 ? "" : " each");
	if (!o->json && !o->csv)
		buf_add(&s.out.buf, shown.notes.p, shown.notes.n);
	buf_release(&shown.notes);
	if (rc == 0)
		rc = session_say_unknown(&s, session_at(&s), "");
	return session_end(&s, rc);
}
