/* SPDX-License-Identifier: MIT */
/*
 * recorder.h: snapshot text in, history out: scan, track, store for many hosts. What is taken for a dump, when one counts as
 * cut, and what becomes of a clock that was set back is decided here and nowhere else. --scrape, --index and live browsing all
 * record through this. Holds the store's write lock from open to close.
 */
#ifndef GSCRAPE_RECORDER_H
#define GSCRAPE_RECORDER_H

#include <gscrape/store.h>

struct recorder;

/* What one scrape brought. */
struct scraped {
	int64_t time;             /* ms UTC: when the response was complete, or the archive file's name */
	enum snap_status status;  /* what the fetch knows; a cut text turns OK into TRUNCATED here. GROUPED: the text is a grouped
	                           * profile (grouped.h); one that is cut is COUNTED here */
	struct str text;          /* dump text; empty when failed or counted */
	uint32_t counted;         /* SNAP_COUNTED: the number */
	uint32_t took;            /* ms, 0 unknown */
	const char *note;         /* why it failed; NULL */
	int64_t mono;             /* monotonic ms at which it came: it was scraped just now. Times of a host never go back: when
	                           * the clock was set back (or the last recording's clock was ahead), they go on from the last
	                           * snapshot at the pace of this clock until the other has caught up. 0: an archive's */
};

/* What became of it. */
struct outcome {
	bool late;                /* an archive's, and not newer than the host's last snapshot: not recorded */
	bool waits;               /* put by until the store is reached (recorder_may_wait): nothing is known of it yet but status and time */
	enum snap_status status;
	uint32_t goroutines, born, gone, changed, unchanged;
	uint32_t skipped_lines;
	uint32_t again;           /* goroutines that the text has more than once: of each the first counts */
	bool new_epoch;
	int64_t time;             /* as recorded */
	char note[128];           /* why it is cut or no dump, as recorded, where the caller gave no reason; "" */
};

int recorder_open(struct recorder **out, const char *db, struct err *e);
/* Commits and closes. The recorder is gone in any case. */
int recorder_close(struct recorder *r, struct err *e);

/*
 * Where the store is kept by a server that is away now, or goes away before it was reached, what comes is put by on this machine, and
 * is recorded by a commit once the server is there. Without this call it fails then.
 */
void recorder_may_wait(struct recorder *r);

/*
 * Who records what an archive has: after a commit that failed nothing is recorded any more, and each call fails with that sentence. What was
 * not safe then comes first the next time; what another thread recorded behind it would be newer, and it would never be taken.
 */
void recorder_ends_at_failure(struct recorder *r);

/* Register a host; its number for the calls below. labels: "k=v,k2=v2", or NULL to keep what is stored. */
int recorder_host(struct recorder *r, const char *name, const char *labels, uint32_t *host, struct err *e);
int64_t recorder_last_time(struct recorder *r, uint32_t host); /* of its last snapshot, NO_TIME for none */

/* Times of all its snapshots, in order, in the pool; and is there one of exactly this time? */
struct times {
	int64_t *a;
	size_t n;
};
int recorder_times(struct recorder *r, uint32_t host, struct pool *p, struct times *out, struct err *e);
bool times_have(const struct times *t, int64_t time);

/*
 * Record one snapshot. Hosts may be recorded by several threads at once, each host by one at a time. Visible to readers
 * after the next commit, which happens by itself when much is waiting; what the store refuses is told then, and everything
 * that was not safe by that time is to be given again.
 */
int recorder_add(struct recorder *r, uint32_t host, const struct scraped *scraped, struct outcome *out, struct err *e);
/* Make everything visible and safe; 1, with a sentence, when it is safe and not yet visible (store_commit). After a failure (full disk) the recorder goes on from what the store has. */
int recorder_commit(struct recorder *r, struct err *e);
/* The same, at the end of a recording that nobody goes on with now: who reads the store can tell that its hosts are not scraped. */
int recorder_end(struct recorder *r, struct err *e);
/* Retention, for all hosts: drop what is older than `before` (NO_TIME: nothing), then the oldest until the store is
 * smaller than max_bytes (0: no limit). */
int recorder_expire(struct recorder *r, int64_t before, uint64_t max_bytes, struct err *e);

#endif
