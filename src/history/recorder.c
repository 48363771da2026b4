/* SPDX-License-Identifier: MIT */
/*
 * Text in, history out. Scanning and comparing run in as many threads as the caller has, each host in one at a time; what
 * they find waits with the host until a commit hands all of it to the store, so that a snapshot needs no other thread.
 * Whatever touches the store is done by the executor, by one thread.
 *
 * What is in memory (who is alive, with bodies' hashes and symtab numbers) only ever mirrors the store. When a commit
 * fails, or the table of names has grown too large, it is dropped (a new generation begins) and each host is loaded from
 * the store again at its next snapshot.
 */
#include "host.h"
#include <gscrape/err.h>
#include <gscrape/holder.h>
#include <gscrape/recorder.h>
#include <gscrape/scan.h>
#include <gscrape/target_labels.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define GO_LIMIT ((size_t)64 << 20)   /* runtime/pprof stops at exactly this many bytes, without a word */
#define SYMTAB_MAX ((size_t)24 << 20) /* bytes of names and stacks held in memory */
#define WAITING_MAX ((uint64_t)48 << 20) /* bytes of text between two commits of their own accord */
#define WAITING_EVENTS 100000

int recorder_open(struct recorder **out, const char *db, struct err *e)
{
	struct recorder *r = xcalloc(1, sizeof *r);

	if (store_open(&r->store, db, STORE_WRITE, e) < 0) {
		free(r);
		return -1;
	}
	if (workers_open(&r->executor, 1, e) < 0) {
		store_close(r->store);
		free(r);
		return -1;
	}
	pthread_mutex_init(&r->lock, NULL);
	pthread_rwlock_init(&r->quiet, NULL);
	r->symtab = symtab_new();
	r->generation = 1;
	*out = r;
	return 0;
}

static void drop_scanners(struct recorder *r)
{
	for (size_t i = 0; i < r->n_idle; i++)
		scanner_free(r->idle[i]);
	r->n_idle = 0;
}

int recorder_close(struct recorder *r, struct err *e)
{
	int rc;

	if (!r)
		return 0;
	rc = recorder_commit(r, e);
	workers_close(r->executor);
	drop_scanners(r);
	for (size_t i = 0; i < r->n_hosts; i++) {
		waiting_release(&r->hosts[i]->waiting);
		previous_free(r->hosts[i]->previous);
		buf_release(&r->hosts[i]->held);
		track_release(&r->hosts[i]->track);
		free(r->hosts[i]->name);
		free(r->hosts[i]->labels);
		free(r->hosts[i]->told);
		free(r->hosts[i]);
	}
	store_close(r->store);
	symtab_free(r->symtab);
	pool_release(&r->before);
	buf_release(&r->kept);
	free(r->idle);
	free(r->hosts);
	hash_release(&r->by_name);
	pthread_rwlock_destroy(&r->quiet);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return rc;
}

void recorder_ends_at_failure(struct recorder *r)
{
	pthread_mutex_lock(&r->lock);
	r->in_order = true;
	pthread_mutex_unlock(&r->lock);
}

/* What a job by the executor is about; each uses the fields it needs. */
struct task {
	struct recorder *r;
	struct err *e;
	struct rec_host *h;
	const char *name, *labels;
	uint32_t number;          /* of the host, as given to the caller */
	uint32_t generation;
	struct snapshot snap;
	const struct scraped *scraped;
	struct outcome *out;
	bool tracked;
	bool full;                /* much waits for a commit */
	int64_t before;
	uint64_t max_bytes;
	struct pool *p;
	struct times *times;
};

/* "version 1.3 -> 1.4": what stands in a target's labels `is` otherwise than in `was`. */
static void add_change(struct buf *out, const char *was, const char *is)
{
	struct str key, value, old_key, old;

	while (target_label_next(&is, &key, &value)) {
		const char *at = was;
		bool had = false;

		while (!had && target_label_next(&at, &old_key, &old))
			had = str_eq(old_key, key);
		if (had && str_eq(old, value))
			continue;
		buf_addf(out, "%s%.*s ", out->n ? ", " : "", (int)key.n, key.p);
		if (had)
			buf_addf(out, "%.*s -> ", (int)old.n, old.p);
		buf_add(out, value.p, value.n);
	}
}

/* At most so many bytes, no character cut in two. */
static void cut_to(struct buf *b, size_t most)
{
	if (b->n <= most)
		return;
	b->n = most;
	while (b->n && ((unsigned char)b->p[b->n] & 0xc0) == 0x80)
		b->n--;
}

/* Labels that a target has from `time` on instead of others are a mark. That it fails is no reason not to record. */
static void mark_change(struct recorder *r, const struct mark *m, const char *was, const char *is)
{
	struct buf b = {0};
	struct err e;

	add_change(&b, was, is);
	cut_to(&b, MARK_MAX);
	buf_putc(&b, '\0');
	if (*was && b.n > 1)
		store_add_mark(r->store, &(struct mark){m->time, m->host, b.p}, &e);
	buf_release(&b);
}

static int by_host_name(const void *pa, const void *pb)
{
	const struct host_row *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

/* Labels that the host had in the recording before this one, "" none. */
static const char *labels_before(struct recorder *r, const char *name)
{
	const struct host_row key = {.name = name}, *found;
	struct store_view *v;
	struct err e;

	if (!r->stored && store_view_open(r->store, &v, &e) == 0) {
		if (store_hosts(v, &r->before, &r->stored, &r->n_stored, &e) < 0)
			r->n_stored = 0; /* who reads the host itself will tell */
		store_view_close(v);
	}
	found = r->n_stored ? bsearch(&key, r->stored, r->n_stored, sizeof key, by_host_name) : NULL;
	return found ? found->labels : "";
}

struct rec_host *recorder_find_host(struct recorder *r, const char *name, uint32_t *number)
{
	struct rec_host *h;
	uint64_t key = hash64(name, strlen(name));
	uint32_t i;

	HASH_FIND(&r->by_name, key, i, strcmp(r->hosts[i]->name, name) == 0);
	if (i == HASH_NONE) {
		i = (uint32_t)r->n_hosts;
		hash_put(&r->by_name, key, i);
		h = xcalloc(1, sizeof *h);
		h->name = xstrdup(name);
		h->previous = previous_new();
		h->last_time = h->track.last_time = NO_TIME;
		pthread_mutex_lock(&r->lock);
		GROW(r->hosts, r->n_hosts, r->cap_hosts);
		r->hosts[r->n_hosts++] = h;
		pthread_mutex_unlock(&r->lock);
	}
	*number = i;
	return r->hosts[i];
}

int recorder_relabel(struct recorder *r, struct rec_host *h, const char *labels, int64_t time, struct err *e)
{
	struct host_place unused;

	if (labels && (!h->labels || strcmp(labels, h->labels) != 0)) {
		mark_change(r, &(struct mark){.time = time, .host = h->name}, h->labels ? h->labels : labels_before(r, h->name), labels);
		free(h->labels);
		h->labels = xstrdup(labels);
	}
	if (h->generation != r->generation)
		return host_place(r, h, e);
	return !labels ? 0 : store_begin(r->store, e) < 0 ? -1 : store_host(r->store, h->name, h->labels, &unused, e);
}

static int do_host(void *ctx)
{
	struct task *k = ctx;
	struct recorder *r = k->r;
	struct rec_host *h = recorder_find_host(r, k->name, &k->number);

	if (recorder_is_behind(r) && !recorder_caught_up(r)) {
		free(h->told);
		h->told = k->labels ? xstrdup(k->labels) : NULL;
		return 0;
	}
	return recorder_relabel(r, h, k->labels, now_ms(), k->e);
}

int recorder_host(struct recorder *r, const char *name, const char *labels, uint32_t *host, struct err *e)
{
	struct task k = {.r = r, .e = e, .name = name, .labels = labels};
	int rc = workers_do(r->executor, do_host, &k);

	*host = k.number;
	return rc;
}

static struct rec_host *host_of(struct recorder *r, uint32_t number)
{
	struct rec_host *h;

	pthread_mutex_lock(&r->lock);
	h = r->hosts[number];
	pthread_mutex_unlock(&r->lock);
	return h;
}

int64_t recorder_last_time(struct recorder *r, uint32_t host)
{
	return host_of(r, host)->last_time;
}

/* --- recording --- */

static struct scanner *take_scanner(struct recorder *r)
{
	struct scanner *sc = NULL;

	pthread_mutex_lock(&r->lock);
	if (r->n_idle)
		sc = r->idle[--r->n_idle];
	pthread_mutex_unlock(&r->lock);
	return sc ? sc : scanner_new(r->symtab);
}

static void give_scanner(struct recorder *r, struct scanner *sc)
{
	pthread_mutex_lock(&r->lock);
	GROW(r->idle, r->n_idle, r->cap_idle);
	r->idle[r->n_idle++] = sc;
	pthread_mutex_unlock(&r->lock);
}

/* A text that is no goroutine dump is a failure, with what it is as the reason. */
static void judge(const struct scraped *scraped, struct scraped *out, struct outcome *o)
{
	enum dump_kind kind;

	*out = *scraped;
	if (!snap_has_text(scraped->status))
		return;
	kind = dump_sniff(scraped->text.p, scraped->text.n);
	if (kind != (scraped->status == SNAP_GROUPED ? DUMP_DEBUG1 : DUMP_GOROUTINES)) {
		snprintf(o->note, sizeof o->note, "the answer was %s", dump_kind_name(kind));
		out->status = SNAP_FAILED;
		out->note = o->note;
	} else if (scraped->status == SNAP_OK && scraped->text.n == GO_LIMIT) {
		snprintf(o->note, sizeof o->note, "cut by Go at %zu MiB", GO_LIMIT >> 20);
		out->status = SNAP_TRUNCATED;
	}
}

/* Told again after so many snapshots, so that those before them can be dropped. */
#define HELD_AGAIN 128

static bool waits_for_locks(const struct recorder *r, const struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->n_states; i++)
		if (state_is_of_lock(symtab_get_string(r->symtab, snap->states[i].state)))
			return true;
	return false;
}

/* Who seems to hold what others wait for: of arguments nothing else is kept, and this when it changes. */
static void look_for_holders(const struct recorder *r, struct rec_host *h, const struct held_scan *s, struct snapshot *snap)
{
	struct held_lock *held;
	struct buf now = {0};
	struct pool p = {0};
	size_t n = 0;

	if (!waits_for_locks(r, snap))
		previous_no_locks(h->previous);
	else if (snap->status == SNAP_OK)
		dump_held_locks_of(s, &p, &held, &n);
	else
		dump_held_locks(s->text, &p, &held, &n);
	if (n)
		held_pack(held, n, &now);
	pool_release(&p);
	if (n && now.n == h->held.n && memcmp(now.p, h->held.p, now.n) == 0 && h->seq + 1 - h->held_seq < HELD_AGAIN) {
		snap->held_ago = h->seq + 1 - h->held_seq + 1;
		buf_release(&now);
		return;
	}
	buf_release(&h->held);
	h->held = now;
	h->held_seq = h->seq + 1;
	snap->held_ago = n > 0;
	snap->held = (struct str){now.p, now.n};
}

static void scan(struct recorder *r, struct rec_host *h, const struct scraped *scraped, struct snapshot *snap, struct outcome *out)
{
	struct scanner *sc = take_scanner(r);
	struct scan_result res;

	scan_text(sc, h->previous, scraped->text, scraped->status != SNAP_OK, &res);
	if (res.cut && snap->status == SNAP_OK) {
		snap->status = SNAP_TRUNCATED;
		snprintf(out->note, sizeof out->note, "ends in the middle of a goroutine");
	}
	if (snap->status != SNAP_OK && res.n) {
		track_doubt(&h->track, r->symtab, &res);
		previous_forget_body(h->previous, res.items[res.n - 1].slot);
	}
	track_scan(&h->track, r->symtab, &res, h->seq + 1, snap->time, snap->status == SNAP_OK);
	if (h->track.new_epoch)
		previous_keep_last(h->previous);
	out->skipped_lines = (uint32_t)res.skipped_lines;
	out->again = (uint32_t)res.duplicate_ids;
	snap->goroutines = (uint32_t)res.n;
	snap->states = h->track.states;
	snap->n_states = (uint32_t)h->track.n_states;
	look_for_holders(r, h, &(struct held_scan){scraped->text, &res, h->previous, r->symtab}, snap);
	give_scanner(r, sc);
}

/* One that is not whole tells a number only. */
static void scan_lots(struct recorder *r, struct rec_host *h, const struct scraped *scraped, struct task *k)
{
	struct snapshot *snap = &k->snap;
	struct lots now;

	lots_read(&now, r->symtab, scraped->text);
	k->tracked = !now.cut;
	if (k->tracked) {
		previous_clear(h->previous);
		buf_reset(&h->held);
		track_lots(&h->track, r->symtab, &now, h->seq + 1, snap->time);
		snap->goroutines = (uint32_t)now.total;
		snap->states = h->track.states;
		snap->n_states = (uint32_t)h->track.n_states;
	} else {
		int64_t total = dump_debug1_total(scraped->text.p, scraped->text.n);

		snap->status = total < 0 ? SNAP_FAILED : SNAP_COUNTED;
		snap->goroutines = total < 0 ? 0 : (uint32_t)total;
		snprintf(k->out->note, sizeof k->out->note, "the grouped profile is cut: counted only");
	}
	lots_release(&now);
}

static void report(struct outcome *out, const struct track *t, const struct snapshot *snap, bool tracked)
{
	out->status = snap->status;
	out->time = snap->time;
	out->goroutines = snap->goroutines;
	if (!tracked)
		return;
	out->born = t->born;
	out->gone = t->gone;
	out->changed = t->changed;
	out->unchanged = t->unchanged;
	out->new_epoch = t->new_epoch;
}

/* Load the host, whose memory is of another generation. */
static int do_load(void *ctx)
{
	struct task *k = ctx;

	waiting_clear(&k->h->waiting);
	return host_load(k->r, k->h, k->e);
}

/* From here on the host's memory is this thread's. */
static int enter(struct task *k)
{
	struct recorder *r = k->r;
	struct rec_host *h = k->h;

	for (;;) {
		bool loaded, failed;

		pthread_mutex_lock(&r->lock);
		k->generation = r->generation;
		failed = r->failure.text[0];
		loaded = h->busy = !failed && h->generation == r->generation;
		pthread_mutex_unlock(&r->lock);
		if (failed)
			*k->e = r->failure; /* which is never another */
		if (loaded || failed)
			return failed ? -1 : 0;
		if (workers_do(r->executor, do_load, k) < 0)
			return -1;
	}
}

/* 1 when the memory was dropped since the host was entered: what was found is compared with nothing that is stored. */
static int leave(struct task *k)
{
	struct recorder *r = k->r;
	struct rec_host *h = k->h;
	struct snapshot *snap = &k->snap;
	struct track *t = &h->track;
	const char *note = k->scraped->note ? k->scraped->note : k->out->note;
	bool valid;

	snap->note = !k->out->late && note && *note ? symtab_string(r->symtab, str_of(note)) : 0;
	pthread_mutex_lock(&r->lock);
	h->busy = false;
	valid = k->generation == r->generation;
	if (valid && !k->out->late) {
		snap->seq = ++h->seq;
		snap->ordinal = h->ordinal += snap_has_text(snap->status);
		h->last_time = snap->time;
		h->last_mono = k->scraped->mono;
		h->dirty |= k->tracked && t->memory_changed;
		waiting_add(r, h, snap, t->events, k->tracked ? t->n_events : 0);
		k->full = r->waiting_bytes > WAITING_MAX || r->waiting_events > WAITING_EVENTS;
	}
	if (valid)
		track_taken(t);
	pthread_mutex_unlock(&r->lock);
	return !valid;
}

/* See struct scraped: order is worth more than the exact time. */
int64_t recorder_time_of(const struct rec_host *h, const struct scraped *scraped)
{
	bool paced = h->last_mono && scraped->mono > h->last_mono;

	if (h->last_time == NO_TIME || scraped->time > h->last_time)
		return scraped->time;
	return h->last_time + (paced ? scraped->mono - h->last_mono : 1);
}

/* One try; 1 when the memory was dropped meanwhile and it must be done again. */
static int try_add(struct task *k)
{
	const struct scraped *scraped = k->scraped;
	struct snapshot *snap = &k->snap;
	struct rec_host *h = k->h;
	struct outcome *out = k->out;
	int rc;

	*snap = (struct snapshot){.status = scraped->status, .bytes = scraped->text.n, .took = scraped->took};
	k->tracked = snap_has_text(scraped->status);
	if (enter(k) < 0)
		return -1;
	out->late = !scraped->mono && h->last_time != NO_TIME && scraped->time <= h->last_time;
	if (out->late)
		return leave(k);
	snap->time = out->time = recorder_time_of(h, scraped);
	if (scraped->status == SNAP_GROUPED)
		scan_lots(k->r, h, scraped, k);
	else if (k->tracked)
		scan(k->r, h, scraped, snap, out);
	else if (scraped->status == SNAP_COUNTED)
		snap->goroutines = scraped->counted;
	else
		h->track.outage = true;
	snap->epoch = h->track.epoch;
	rc = leave(k);
	report(out, &h->track, snap, k->tracked);
	return rc;
}

/* The table of names has grown beyond reason: begin a new one. Nobody scans meanwhile. */
static int do_trim(void *ctx)
{
	struct task *k = ctx;
	struct recorder *r = k->r;
	int rc;

	if (symtab_bytes(r->symtab) < SYMTAB_MAX)
		return 0;
	rc = recorder_hand_over(r, k->e) < 0 ? -1 : 0;
	pthread_mutex_lock(&r->lock);
	drop_scanners(r);
	symtab_free(r->symtab);
	r->symtab = symtab_new();
	store_forget_names(r->store);
	new_generation(r);
	pthread_mutex_unlock(&r->lock);
	return rc;
}

/* For reading: until the caller is done with symtab. */
static int quiet_or_trimmed(struct recorder *r, struct err *e)
{
	struct task k = {.r = r, .e = e};
	int rc;

	pthread_rwlock_rdlock(&r->quiet);
	if (symtab_bytes(r->symtab) < SYMTAB_MAX)
		return 0;
	pthread_rwlock_unlock(&r->quiet);
	pthread_rwlock_wrlock(&r->quiet);
	rc = workers_do(r->executor, do_trim, &k);
	pthread_rwlock_unlock(&r->quiet);
	pthread_rwlock_rdlock(&r->quiet);
	return rc;
}

/* Unless another thread had the same idea. */
static int do_relieve(void *ctx)
{
	struct task *k = ctx;
	struct recorder *r = k->r;
	bool much;

	pthread_mutex_lock(&r->lock);
	much = r->waiting_bytes > WAITING_MAX || r->waiting_events > WAITING_EVENTS;
	pthread_mutex_unlock(&r->lock);
	return much && recorder_hand_over(r, k->e) < 0 ? -1 : 0;
}

int recorder_add_now(struct recorder *r, uint32_t host, const struct scraped *given, struct outcome *out, struct err *e)
{
	struct scraped scraped;
	struct task k = {.r = r, .h = host_of(r, host), .e = e, .scraped = &scraped, .out = out};
	int rc;

	*out = (struct outcome){.status = given->status, .time = given->time};
	judge(given, &scraped, out);
	do {
		rc = quiet_or_trimmed(r, e);
		if (!rc)
			rc = try_add(&k);
		pthread_rwlock_unlock(&r->quiet);
	} while (rc == 1);
	return rc || !k.full ? rc : workers_do(r->executor, do_relieve, &k);
}

int recorder_add(struct recorder *r, uint32_t host, const struct scraped *given, struct outcome *out, struct err *e)
{
	struct outcome unused = {0};
	struct scraped scraped;
	int rc;

	out = out ? out : &unused;
	*out = (struct outcome){.status = given->status, .time = given->time};
	if (!recorder_is_behind(r))
		return recorder_add_now(r, host, given, out, e);
	judge(given, &scraped, out);
	out->status = scraped.status;
	rc = recorder_keep(r, host_of(r, host), given, out, e);
	return rc == 1 ? recorder_add_now(r, host, given, out, e) : rc;
}

static int do_times(void *ctx)
{
	struct task *k = ctx;
	struct recorder *r = k->r;
	struct store_view *v = NULL;
	struct snapshot *s;
	size_t n = 0;
	int rc = k->h->waiting.n ? recorder_hand_over(r, k->e) : 0; /* a view has what is committed */

	if (rc >= 0)
		rc = store_view_open(r->store, &v, k->e);
	if (!rc)
		rc = store_snapshots(v, (struct seq_range){k->h->host, 0, UINT32_MAX}, k->p, &s, &n, k->e);
	store_view_close(v);
	if (rc < 0)
		return rc;
	*k->times = (struct times){pool_alloc(k->p, (n + 1) * sizeof(int64_t)), n};
	for (size_t i = 0; i < n; i++)
		k->times->a[i] = s[i].time;
	return 0;
}

int recorder_times(struct recorder *r, uint32_t host, struct pool *p, struct times *out, struct err *e)
{
	struct task k = {.r = r, .h = host_of(r, host), .p = p, .times = out, .e = e};

	return workers_do(r->executor, do_times, &k);
}

bool times_have(const struct times *t, int64_t time)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->a[mid] < time)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n && t->a[lo] == time;
}

static int do_commit(void *ctx)
{
	struct task *k = ctx;

	return recorder_hand_over(k->r, k->e);
}

int recorder_commit(struct recorder *r, struct err *e)
{
	struct task k = {.r = r, .e = e};
	int rc = recorder_is_behind(r) ? recorder_catch_up(r, e) : 0;

	return rc ? rc : workers_do(r->executor, do_commit, &k);
}

static int read_hosts(struct recorder *r, struct pool *p, struct host_row **rows, size_t *n, struct err *e)
{
	struct store_view *v;
	int rc;

	if (store_view_open(r->store, &v, e) < 0)
		return -1;
	rc = store_hosts(v, p, rows, n, e);
	store_view_close(v);
	return rc;
}

/* Times of the first and last snapshot in the store. */
static int kept_span(struct recorder *r, int64_t *first, int64_t *last, struct err *e)
{
	struct pool p = {0};
	struct host_row *rows;
	size_t n = 0;
	int rc = read_hosts(r, &p, &rows, &n, e);

	*first = INT64_MAX;
	*last = INT64_MIN;
	for (size_t i = 0; !rc && i < n; i++) {
		if (rows[i].first != NO_TIME && rows[i].first < *first)
			*first = rows[i].first;
		if (rows[i].last != NO_TIME && rows[i].last > *last)
			*last = rows[i].last;
	}
	pool_release(&p);
	return rc;
}

static int do_end(void *ctx)
{
	struct task *k = ctx;
	int64_t first, end = now_ms(), last = NO_TIME;
	int waits = recorder_hand_over(k->r, k->e), rc = waits < 0 ? -1 : 0;

	if (!waits)
		rc = kept_span(k->r, &first, &last, k->e);
	if (!rc)
		rc = store_begin(k->r->store, k->e);
	if (!rc)
		rc = store_put_end(k->r->store, last > end ? last : end, k->e);
	if (rc)
		store_abort(k->r->store);
	return rc ? rc : store_commit(k->r->store, NULL, k->e);
}

int recorder_end(struct recorder *r, struct err *e)
{
	struct task k = {.r = r, .e = e};
	int rc = recorder_is_behind(r) ? recorder_catch_up(r, e) : 0;

	return rc ? rc : workers_do(r->executor, do_end, &k);
}

static int expire_all(struct recorder *r, int64_t before, struct err *e)
{
	struct pool p = {0};
	struct host_row *rows;
	size_t n = 0;
	int rc = read_hosts(r, &p, &rows, &n, e);

	if (rc < 0) { /* nothing is begun yet, and what is in memory still mirrors the store */
		pool_release(&p);
		return -1;
	}
	rc = store_begin(r->store, e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = store_expire(r->store, rows[i].host, before, e) < 0 ? -1 : 0;
	pool_release(&p);
	if (!rc)
		rc = store_commit(r->store, NULL, e);
	if (rc < 0) {
		pthread_mutex_lock(&r->lock);
		store_abort(r->store);
		new_generation(r);
		pthread_mutex_unlock(&r->lock);
	}
	return rc;
}

static int do_expire(void *ctx)
{
	struct task *k = ctx;
	struct recorder *r = k->r;
	int64_t first, last;
	uint64_t size;
	int rc = recorder_hand_over(r, k->e);

	if (rc == 1) /* another time */
		return 0;
	if (!rc && k->before != NO_TIME)
		rc = expire_all(r, k->before, k->e);
	if (!rc)
		rc = store_sweep(r->store, k->max_bytes > 0, k->e);
	/* Too large still: give up the oldest twentieth of the time that is kept, again and again, or until the room comes back later. */
	for (int round = 0; !rc && k->max_bytes && round < 64; round++) {
		rc = store_size(r->store, &size, k->e);
		if (rc || size <= k->max_bytes)
			break;
		rc = kept_span(r, &first, &last, k->e);
		if (rc || first >= last)
			break;
		rc = expire_all(r, first + (last - first) / 20 + 1, k->e);
		if (!rc)
			rc = store_sweep(r->store, true, k->e);
	}
	return rc < 0 ? -1 : 0;
}

int recorder_expire(struct recorder *r, int64_t before, uint64_t max_bytes, struct err *e)
{
	struct task k = {.r = r, .e = e, .before = before, .max_bytes = max_bytes};

	if (recorder_is_behind(r)) /* another time */
		return 0;
	return workers_do(r->executor, do_expire, &k);
}
