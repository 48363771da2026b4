/* SPDX-License-Identifier: MIT */
/*
 * The scraper's loop. All state is this thread's; the writer's thread gives back what it has written, and
 * scrape_status() reads under the lock, which is held whenever the loop does not wait.
 */
#include "collect/scrape.h"
#include <gscrape/service.h>
#include <gscrape/system.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PENDING_MAX ((size_t)32 << 20) /* so much text may wait for the writer before no more of those is fetched that */
#define LIGHT_MAX ((size_t)256 << 10)  /*   last had more than this */
#define HEAVY ((size_t)4 << 20)        /* a dump of this size takes its target's time, not the others': it rests REST times as */
#define REST 3                         /*   long as it took */
#define BURST 64 /* begun at once; what libcurl does for each grows with how many there are, and most end soon */
#define FILE_CHECK_MS 1000
#define LONGEST_WAIT 60000

__attribute__((format(printf, 3, 4))) static void say(struct scrape *s, bool bad, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->message, sizeof s->message, fmt, ap);
	va_end(ap);
	progress_message(s->progress, bad, s->message);
}

void scrape_notes(struct scrape *s, const struct buf *notes)
{
	for (size_t i = 0, n; i < notes->n; i += n + 1) {
		n = strcspn(notes->p + i, "\n");
		say(s, false, "%.*s", (int)n, notes->p + i);
	}
}

static void begin(struct scrape *s, struct watched *w, int64_t now)
{
	struct fetch_request wish = {.max_goroutines = s->o.max_goroutines,
				     .grouped = s->o.grouped,
				     .expect = w->st.bytes,
				     .leaks = s->o.goroutineleak && !w->no_detector};

	target_list_take_first(&s->target_list);
	schedule_begin(&w->when, now);
	fetch_begin(s->fetch, &w->t, &wish, w);
}

/* Those that are due, the one that waits longest first; what brings much waits for the writer. */
static void begin_due(struct scrape *s, int64_t now)
{
	bool full = writer_pending(s->writer) > PENDING_MAX;
	struct watched *w;

	if (!full)
		target_list_unhold(&s->target_list);
	for (int n = 0; n < BURST && fetcher_has_room(s->fetch) && (w = target_list_first(&s->target_list)) && schedule_is_due(&w->when, now); n++) {
		if (s->o.once && w->st.scrapes)
			target_list_take_first(&s->target_list);
		else if (full && w->st.bytes > LIGHT_MAX)
			target_list_hold_first(&s->target_list);
		else
			begin(s, w, now);
	}
}

/* What was fetched goes to the writer. */
static void take_fetched(struct scrape *s)
{
	struct fetch_result r;

	while (fetch_next(s->fetch, &r)) {
		struct watched *w = r.ctx;
		struct job *j = xcalloc(1, sizeof *j);

		*j = (struct job){.ctx = w,
		                  .host = w->t.host,
		                  .labels = w->t.labels,
		                  .known = &w->known,
		                  .in = r,
		                  .mono = monotonic_ms()};
		schedule_end(&w->when, j->mono, r.status != SNAP_FAILED);
		s->text_bytes += r.body.n;
		w->no_detector = r.status != SNAP_FAILED &&
		                 (w->no_detector || r.no_detector); /* after an outage: ask again */
		w->st.bytes = snap_has_text(r.status) ? r.body.n : w->st.bytes;
		w->storing = true;
		writer_put(s->writer, j);
	}
}

static void update(struct scrape *s, struct watched *w, const struct job *j)
{
	struct target_status *st = &w->st;

	st->status = j->stored ? j->out.status : j->in.status;
	st->last = j->stored ? j->out.time : j->in.time;
	st->took = j->in.took;
	st->scrapes++;
	st->in_a_row = st->status == SNAP_FAILED ? st->in_a_row + 1 : 0;
	st->failed += st->status == SNAP_FAILED;
	s->failed |= st->status == SNAP_FAILED;
	if (st->status == SNAP_COUNTED)
		st->goroutines = j->in.counted;
	else if (j->stored && !j->out.waits && snap_has_text(st->status))
		st->goroutines = j->out.goroutines;
	if (j->disk_bytes > 0)
		s->disk_bytes += (uint64_t)j->disk_bytes;
	if (j->stored && !j->in.note[0] && j->out.skipped_lines)
		snprintf(w->note, sizeof w->note, "%u lines skipped", j->out.skipped_lines);
	else
		snprintf(w->note, sizeof w->note, "%s",
		         j->stored || j->in.note[0] ? j->in.note : "not stored");
}

/* What was written is shown. */
static void take_written(struct scrape *s)
{
	struct writer_note *n;
	struct job *j;

	while ((j = writer_next(s->writer))) {
		struct watched *w = j->ctx;
		struct target_status shown;

		bool restarted = j->stored && j->out.new_epoch && w->st.goroutines &&
				 (w->st.status == SNAP_GROUPED) == (j->out.status == SNAP_GROUPED); /* else identities begin anew */

		w->storing = false;
		update(s, w, j);
		if (j->bytes >= HEAVY)
			schedule_push(&w->when, j->mono + REST * (j->in.took + j->cost));
		if (!s->o.once)
			target_list_wait(&s->target_list, w);
		shown = w->st;
		shown.host = w->t.host;
		shown.labels = w->t.labels;
		shown.note = w->note;
		progress_scrape(s->progress, &shown, restarted);
		free(j);
	}
	while ((n = writer_next_note(s->writer))) {
		say(s, n->bad, "%s", n->text);
		free(n);
	}
}

int scrape_targets(struct scrape *s, struct buf *notes, struct err *e)
{
	struct target_set set = {0};
	int rc = target_list_read(&s->target_list, &s->o, s->discovery, &set, e);

	pthread_mutex_lock(&s->lock);
	if (rc == 0)
		rc = target_list_take(&s->target_list, &s->o, &set, notes, e);
	pthread_mutex_unlock(&s->lock);
	targets_release(&set);
	return rc;
}

static void load_targets(struct scrape *s)
{
	struct buf notes = {0};
	struct err e = {0};
	int rc = scrape_targets(s, &notes, &e);

	pthread_mutex_lock(&s->lock);
	if (rc < 0)
		say(s, true, "%s; the targets stay as they were", e.text);
	else
		say(s, false, "targets read again: %zu", target_list_size(&s->target_list));
	scrape_notes(s, &notes);
	pthread_mutex_unlock(&s->lock);
	buf_release(&notes);
}

/* What those who look for targets have to say. */
static void take_sentences(struct scrape *s)
{
	char *text;
	bool bad;

	while ((text = discovery_sentence(s->discovery, &bad))) {
		say(s, bad, "%s", text);
		free(text);
	}
}

/* Reading may take long, of a file, too: whoever asks how we are doing does not wait for it. */
static void check_targets(struct scrape *s, int64_t now)
{
	bool look = s->o.targets_file && now - s->file_checked >= FILE_CHECK_MS, reload;

	pthread_mutex_lock(&s->lock);
	take_sentences(s);
	reload = s->reload;
	s->reload = false;
	pthread_mutex_unlock(&s->lock);
	if (look)
		s->file_checked = now;
	if (reload)
		discovery_hurry(s->discovery);
	if (reload || discovery_changed(s->discovery) || (look && target_list_file_changed(&s->target_list, &s->o)))
		load_targets(s);
}

/* Until something is due, ms. */
static int64_t next_wait(const struct scrape *s, int64_t now)
{
	int64_t until = now + LONGEST_WAIT;
	const struct watched *w = target_list_first(&s->target_list);

	if (w && w->when.due < until && fetcher_has_room(s->fetch)) /* else what ends wakes us; so does the writer, for those that are held */
		until = w->when.due;
	if (s->o.targets_file && s->file_checked + FILE_CHECK_MS < until)
		until = s->file_checked + FILE_CHECK_MS;
	if (progress_is_live(s->progress) && now + 1000 < until)
		until = now + 1000;
	if (s->watchdog && s->told_service + s->watchdog < until)
		until = s->told_service + s->watchdog;
	return until > now ? until - now : 0;
}

/* A hangup tells a daemon to read its files again; when it was our terminal that went, there is nobody left
 * to watch. */
static bool terminal_is_gone(const struct scrape *s)
{
	return progress_is_live(s->progress) && tcgetpgrp(STDOUT_FILENO) < 0;
}

#define PATIENCE 1000 /* ms */

static int64_t first_signal; /* monotonic; 0: none came. Set before `again` is installed */

/* One that comes right behind the first is the same wish: whoever ends a group of processes may tell each twice. A later one ends
 * us at once. */
static void again(int sig)
{
	if (monotonic_ms() - first_signal < PATIENCE)
		return;
	signal(sig, SIG_DFL);
	raise(sig); /* comes when this returns */
}

static void heed_another(const struct scrape *s)
{
	struct sigaction act = {.sa_handler = again, .sa_flags = SA_RESTART}, was;

	first_signal = monotonic_ms();
	for (const int *sig = (const int[]){SIGINT, SIGTERM, 0}; *sig; sig++)
		if (sigaction(*sig, NULL, &was) == 0 && was.sa_handler == SIG_DFL)
			sigaction(*sig, &act, NULL);
	pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
}

static void read_signals(struct scrape *s)
{
	int sig;

	while ((sig = signals_next(s->signals)) != 0) {
		if (sig == SIGHUP && !terminal_is_gone(s)) {
			s->reload = true;
			continue;
		}
		if (!first_signal)
			heed_another(s);
		s->stop = true;
	}
}

static void show(struct scrape *s, bool last)
{
	struct scrape_status all;
	struct pool p = {0};

	if (!progress_is_live(s->progress))
		return;
	scrape_status(s, &p, &all);
	progress_refresh(s->progress, &all, last);
	pool_release(&p);
}

/* Whoever runs us as a service learns that we are alive, and how it goes; called with the lock held. */
static void tell_service(struct scrape *s, int64_t now)
{
	size_t failing = 0, n = 0;
	char text[128];

	if (!s->watchdog || now < s->told_service + s->watchdog)
		return;
	for (size_t i = 0; i < s->target_list.n; i++) {
		n += !s->target_list.w[i]->gone;
		failing += !s->target_list.w[i]->gone && s->target_list.w[i]->st.in_a_row;
	}
	snprintf(text, sizeof text, "WATCHDOG=1\nSTATUS=%zu target%s, %zu of them fail", n, n == 1 ? "" : "s", failing);
	service_tell(text);
	s->told_service = now;
}

static bool turn(struct scrape *s)
{
	int64_t wait = -1, now = monotonic_ms();

	check_targets(s, now);
	pthread_mutex_lock(&s->lock);
	take_fetched(s);
	take_written(s);
	now = monotonic_ms();
	if (!s->stop && !(s->o.once && target_list_round_is_over(&s->target_list))) {
		target_list_sweep(&s->target_list);
		begin_due(s, now);
		tell_service(s, now);
		wait = next_wait(s, now);
	}
	pthread_mutex_unlock(&s->lock);
	show(s, false);
	if (wait < 0)
		return false;
	fetcher_wait(s->fetch, s->signals, wait, writer_pending(s->writer));
	return true;
}

/* In a pipe the rate is told once, at the end; a terminal had it all the time. */
static void say_farewell(struct scrape *s)
{
	uint64_t scrapes = 0, failed = 0, missed = 0;
	double rate = scrape_rate(s);
	struct writer_state wrote;
	char *lost = NULL;

	for (size_t i = 0; i < s->target_list.n; i++) {
		scrapes += s->target_list.w[i]->st.scrapes;
		failed += s->target_list.w[i]->st.failed;
		missed += s->target_list.w[i]->when.missed;
	}
	writer_state(s->writer, &wrote);
	if (wrote.errors)
		lost = xasprintf("; %" PRIu64 " writes failed%s%s", wrote.errors, *wrote.failing ? ", and the last of them, too: " : "", wrote.failing);
	if (!s->o.once && !s->o.aside && !progress_is_live(s->progress))
		say(s, lost,
		    "stopped after %" PRIu64 " scrapes, %" PRIu64 " failed, %" PRIu64
		    " ticks missed; %.1f MB/h%s",
		    scrapes, failed, missed, rate, lost ? lost : "");
	free(lost);
}

void scrape_loop(struct scrape *s)
{
	s->watchdog = service_watchdog();
	service_tell("READY=1");
	do {
		pthread_mutex_lock(&s->lock);
		read_signals(s);
		pthread_mutex_unlock(&s->lock);
	} while (turn(s));
	service_tell("STOPPING=1\nSTATUS=what waits is being written");
	writer_finish(s->writer);
	pthread_mutex_lock(&s->lock);
	take_written(s);
	s->failed |= writer_lost(s->writer);
	pthread_mutex_unlock(&s->lock);
	show(s, true);
	say_farewell(s);
}
