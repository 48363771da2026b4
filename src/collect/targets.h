/* SPDX-License-Identifier: MIT */
/*
 * targets.h: what is to be scraped, from the command line and from Prometheus file_sd files.
 *
 * Of the labels that begin with "__", these mean what they mean to Prometheus: __address__, __scheme__,
 * __param_NAME,
 * __scrape_interval__, __scrape_timeout__; and __metrics_path__ where it is a pprof path (a file written for
 * Prometheus names the metrics there). The others are for relabelling, and are dropped.
 */
#ifndef COLLECT_TARGETS_H
#define COLLECT_TARGETS_H

#include <gscrape/buf.h>
#include <gscrape/err.h>
#include <gscrape/hash.h>
#include <gscrape/http.h>

struct target {
	char *host;      /* "host:port", the name in archive and store; "unix:/path" for a socket */
	char *url;       /* without user and password */
	char *count_url; /* the same with debug=1; NULL when the URL is no goroutine profile's */
	char *leak_url; /* the same of Go's leak detector, which lists and marks all goroutines; NULL as above
	                 */
	char *unix_path;           /* socket, or NULL */
	char *user;                /* "name:password" from the URL, or NULL */
	char *labels;              /* "k=v,k2=v2", or "" */
	int64_t interval, timeout; /* ms, 0: as for all */
	const struct http_access *access; /* as whom it is asked, with none of the headers; NULL: as all. Not the target's own */
	unsigned missing;                 /* answers in a row that did not have it, while it is kept: discovery.h */
};

struct target_set {
	struct target *t;
	size_t n, cap;
	struct hash by_host;
	size_t merged;    /* how many were left out because their host is there already; of the first few */
	struct buf notes; /*   a sentence each, one per line */
};

/* Take one TARGET apart. 0, or -1 and a sentence. */
int target_parse(struct target *out, const char *text, struct err *e);
void target_release(struct target *t);
struct target target_copy(const struct target *t);
bool target_same(const struct target *a, const struct target *b); /* is it asked in the same way? Labels do not matter */

/* Add to the set; a host that is there already stays as it is, and a note says so. 0 or -1. */
void targets_insert(struct target_set *set, struct target *t); /* takes t over */
int targets_add(struct target_set *set, const char *text, struct err *e);
int targets_add_list(struct target_set *set, const char *list, struct err *e); /* "a:1,b:2" */
int targets_add_json(struct target_set *set, const char *text, size_t n, struct err *e);
int targets_add_file(struct target_set *set, const char *path, struct err *e);
/* What has this label, and its value alone, is called by that value. How many have it and share its value, or have one that is no name. */
size_t targets_rename(struct target_set *set, const char *key);
void targets_release(struct target_set *set);

/*
 * One recorder of several: the part'th of `parts`, from 1; parts 0: all is ours. A target belongs to the part whose hash together
 * with its host is the greatest (rendezvous hashing): one part more takes its share from each of the others, and nothing else moves.
 */
struct shard {
	uint32_t part, parts;
};

int shard_parse(const char *text, struct shard *out, struct err *e); /* "2/5". 0 or -1 */
bool shard_has(const struct shard *s, const char *host);
void targets_keep(struct target_set *set, const struct shard *s); /* the others go */

#endif
