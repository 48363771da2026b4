/* SPDX-License-Identifier: MIT */
/*
 * collect.h: the scraper. Fetches goroutine dumps of many targets, each on its own schedule, and writes them
 * to the archive and the store in one go.
 *
 * scrape_run() is the headless program; scrape_start() does the same in threads of a program that shows or
 * serves the store meanwhile. Everything in the options is copied before either returns or blocks.
 */
#ifndef GSCRAPE_COLLECT_H
#define GSCRAPE_COLLECT_H

#include <gscrape/store.h>
#include <gscrape/zone.h>

/* Pods of a Kubernetes cluster as targets. */
struct kubernetes_options {
	const char *api;             /* --kubernetes: the API server's URL; "auto": what a pod is told of it, else the kubeconfig's; NULL: no */
	const char *kubeconfig;      /* file */
	const char *service_account; /* folder with token, ca.crt and namespace */
	const char *ns;              /* namespace; "*" all; NULL: one's own */
	const char *selector;        /* of labels, as kubectl takes it */
	const char *port;            /* number, or name of a container's port; NULL: "pprof" */
	bool proxy;                  /* pods are asked through the API server */
};

/* Zero is "not given" for all but db and interval. */
struct scrape_options {
	/* Which targets: all of them add up. A TARGET is host:port, an http or https URL (its path and query
	 * are kept), [v6]:port, or unix:/path/to.sock[:/http/path]. */
	const char *const *targets;
	size_t n_targets;
	const char *targets_list; /* --targets "a:1,b:2" */
	const char *targets_file; /* --targets-file: Prometheus file_sd JSON, re-read when it changes and on
	                             SIGHUP */
	const char *targets_url;  /* --targets-url: a server that answers as Prometheus' http_sd asks */
	const char *targets_dns;  /* --targets-dns "name:6060,_pprof._tcp.name": names with many addresses; both */
	const char *resolver;     /* --resolver: the name server for it; NULL: the system's */
	int64_t refresh;          /*   asked again each so many ms, 0: 30 s */
	struct kubernetes_options kubernetes;
	const char *name_label;   /* --name-label: what is found by itself is called by this label's value, where it has it alone */
	const char *shard;       /* --shard "2/5": of all of them the second of five parts; NULL: all */

	const char *db;          /* --db */
	const char *output;      /* --output; NULL is --no-archive */
	int64_t interval;        /* ms; --interval */
	int64_t timeout;         /* ms for one scrape, 0: 30 s */
	bool once;               /* one round, then stop */
	uint32_t max_goroutines; /* ask for the grouped profile first, and record that beyond this; 0: no limit */
	bool grouped;            /* record grouped profiles only */
	bool goroutineleak; /* take the dump from Go's leak detector (1.26 and later), which marks what leaks,
	                     * where the target has that profile; each such scrape costs the target a
	                     * collection */
	int64_t retain;     /* ms; 0 keeps everything */
	uint64_t retain_size; /* bytes for the archive, and as many for the store; 0: no limit */
	uint64_t max_body;    /* bytes of one answer, inflated: a longer one is not taken; 0: 64 MiB, where Go cuts a dump */

	const char *const *headers; /* "Name: value" */
	size_t n_headers;
	const char *user;        /* "name:password" */
	const char *user_file;   /* the same in a file, */
	const char *bearer_file; /*   and a token; both read again for each scrape */
	const char *cacert, *cert, *key;
	bool insecure;

	/* What scrape_run shows. A terminal gets one line per target, refreshed in place; a pipe one line per
	 * event. */
	bool json;  /* events as JSON, one per line */
	bool quiet; /* failures only */
	bool aside; /* for scrape_start in a program without a screen: failures and messages, on standard error */
	bool color;
	const struct zone *tz; /* of the times shown; not copied */

	/* Called from a thread of the scraper after each commit: there is something new to read. NULL: nobody
	 * cares. */
	void (*committed)(void *ctx);
	void *ctx;
};

/*
 * Scrape until SIGINT or SIGTERM (finishes what is being written; the second one ends the program at once),
 * or one round with `once`. 0 done, 1 when `once` and a target failed (told already), -1 with a sentence when
 * it could not start.
 */
int scrape_run(const struct scrape_options *o, struct err *e);

/* The same in the background. Takes no signals, and prints nothing but what `aside` asks for. 0 or -1. */
struct scrape;
int scrape_start(struct scrape **out, const struct scrape_options *o, struct err *e);
/* Finish what is being written, commit, free. 0, 1 and -1 as scrape_run. NULL is fine. */
int scrape_stop(struct scrape *s, struct err *e);
/* Read the targets file again, as SIGHUP makes scrape_run do; from any thread. */
void scrape_reload(struct scrape *s);

/* How a target is doing. */
struct target_status {
	const char *host;        /* host:port */
	const char *labels;      /* "k=v,k2=v2" or "" */
	bool fetching;           /* right now */
	uint64_t scrapes;        /* so far: all, and those that */
	uint64_t failed;         /*   brought nothing, */
	uint64_t missed;         /*   or could not begin before the next one was due */
	uint32_t in_a_row;       /* failures since the last success */
	int64_t last;            /* time of the last scrape that ended, NO_TIME before the first */
	enum snap_status status; /* of that one */
	uint32_t goroutines;     /* of the last one that had a number */
	uint64_t bytes;          /* of its text */
	uint32_t took;           /* ms */
	int64_t next;            /* when the next one is due, ms UTC; NO_TIME none */
	const char *note;        /* why the last one failed or what was odd; "" */
};
struct scrape_status {
	struct target_status *targets; /* in the order given */
	size_t n;
	uint64_t text_bytes; /* fetched since the start */
	uint64_t archive_bytes; /* written to the archive since the start */
	uint64_t write_errors;  /* what could not be written since the start */
	int64_t last_commit;    /* of the store; NO_TIME none yet */
	const char *failing;    /* while something cannot be written: what, and why; else "" */
	double mb_per_hour;  /* written to the archive; fetched, where there is none */
	const char *message; /* the newest sentence that is about no single target (disk full, targets file
	                        broken); "" */
};
/* A copy in the pool, from any thread. */
void scrape_status(struct scrape *s, struct pool *p, struct scrape_status *out);

void scrape_made_with(struct buf *out); /* "libcurl 7.88.1, OpenSSL/3.0.15" */

/*
 * Call first thing in main: the values of --user, --header and the passwords in URLs move from the process's
 * title (which every user of the machine may read) to memory of our own; argv[] points there afterwards.
 */
void secrets_take(int argc, char **argv);

#endif
