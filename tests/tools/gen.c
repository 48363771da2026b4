/* SPDX-License-Identifier: MIT */
/*
 * gen: a large archive with realistic change, made from a real one.
 *
 *     gen REAL_ARCHIVE OUT HOSTS SNAPSHOTS
 *
 * plays the series that have most text, again and again, forward and backward: between two real snapshots each goroutine
 * goes over from what it is in one to what it is in the other at some step, so that bodies, sizes, births, ends and moves
 * are real ones, and so is how many of them there are. Each life has an id of its own; a new process begins at 1.
 *
 *     gen REAL_ARCHIVE OUT HOSTS SNAPSHOTS GOROUTINES CHURN_PER_MILLE
 *
 * makes as many goroutines as it is told to. Bodies come from the real dumps. From one snapshot to the next a share of the goroutines changes: some end and others
 * are born with higher ids, some move to another real body of the same creation site, some change argument words alone.
 * The others keep every byte but for their minutes. Order is by slot, as the runtime has it.
 */
#include <gscrape/archive.h>
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
#include <gscrape/hash.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct sample {
	char *state, *body; /* with "0xc0" words as they were */
	size_t n;
	uint64_t site; /* of its creation line: a goroutine never changes that */
};

struct job {
	const struct sample *samples;
	size_t n_samples;
	const struct archive_host *play; /* a real host, instead of samples */
	const char *out;
	int host, snapshots, goroutines, churn;
};

struct slot {
	uint64_t id;
	size_t sample;
	uint32_t salt;  /* mixed into the argument words */
	int64_t since;
};

static uint32_t next(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*s >> 33);
}

static struct sample sample_of(const struct dump_goroutine *g)
{
	const char *created = memmem(g->body.p, g->body.n, "created by ", 11);
	struct sample s = {xstrndup(g->head.state.p, g->head.state.n), xstrndup(g->body.p, g->body.n), g->body.n, 0};

	if (created)
		s.site = hash64(created, (size_t)(g->body.p + g->body.n - created));
	return s;
}

/* Another body of the same creation site. */
static size_t sibling(const struct sample *a, size_t n, size_t i, uint32_t skip)
{
	for (size_t k = 1 + skip % 50; k <= n; k++)
		if (a[(i + k) % n].site == a[i].site)
			return (i + k) % n;
	return i;
}

static size_t load_samples(const struct archive *a, struct sample **out)
{
	struct buf b = {0};
	size_t n = 0, cap = 0;

	for (size_t h = 0; h < a->n; h++) {
		struct dump d = {0};

		if (file_read(a->hosts[h].files[a->hosts[h].n / 2].path, &b, FILE_MAX, NULL) != 0)
			continue;
		d.text = (struct str){b.p, b.n};
		while (dump_next(&d)) {
			GROW(*out, n, cap);
			(*out)[n++] = sample_of(&d.g);
		}
		dump_release(&d);
	}
	buf_release(&b);
	return n;
}

/* The body with its heap addresses' low digits replaced: every goroutine has its own. */
static void add_body(struct buf *b, const struct sample *s, uint32_t salt)
{
	size_t from = b->n;
	char digits[9];

	snprintf(digits, sizeof digits, "%08x", salt);
	buf_reserve(b, s->n + 1);
	memcpy(b->p + b->n, s->body, s->n);
	b->n += s->n;
	b->p[b->n] = 0; /* for strspn */
	for (size_t i = from; i + 12 < b->n; i++) {
		size_t len = b->p[i] == '0' && b->p[i + 1] == 'x' ? strspn(b->p + i + 2, "0123456789abcdef") : 0;

		for (size_t d = 2; len >= 10 && d < 8; d++) /* a heap address; short words are lengths and offsets */
			b->p[i + 2 + len - 8 + d] = digits[d];
		i += len;
	}
}

static void reborn(struct slot *s, uint64_t *ids, uint64_t *seed, const struct job *j, int64_t now)
{
	*s = (struct slot){.id = *ids += 1 + next(seed) % 3, .sample = next(seed) % j->n_samples, .salt = next(seed), .since = now};
}

static void add_header(struct buf *b, uint64_t id, const struct sample *s, int64_t waited)
{
	int64_t minutes = waited / 60000;

	buf_addf(b, minutes > 0 ? "goroutine %" PRIu64 " [%s, %" PRId64 " minutes]:\n" : "goroutine %" PRIu64 " [%s]:\n", id, s->state, minutes);
}

static void write_dump(const char *host, int64_t now, const struct buf *text, struct buf *gz)
{
	char path[600], name[TIME_MAX];
	FILE *f;

	buf_reset(gz);
	gzip_deflate(text->p, text->n, 1, gz);
	snprintf(path, sizeof path, "%s/%s.goroutines.txt.gz", host, time_format(name, now, TIME_ARCHIVE, NULL));
	f = fopen(path, "wb");
	if (!f || fwrite(gz->p, 1, gz->n, f) != gz->n || fclose(f))
		die("%s: cannot be written", path);
}

#define BEGINS 1790000000000 /* ms */
#define INTERVAL 5000

static void change(struct slot *s, uint64_t *ids, uint64_t *seed, const struct job *j, int64_t now)
{
	switch (next(seed) % 3) {
	case 0: reborn(s, ids, seed, j, now); break;
	case 1: s->sample = sibling(j->samples, j->n_samples, s->sample, next(seed)); s->since = now; break;
	default: s->salt = next(seed); s->since = now; break;
	}
}

static void invent(const struct job *j, const char *host)
{
	struct slot *slots = xcalloc((size_t)j->goroutines, sizeof *slots);
	uint64_t seed = (uint64_t)j->host + 1, ids = 0;
	int64_t now = BEGINS;
	struct buf b = {0}, gz = {0};

	for (int i = 0; i < j->goroutines; i++)
		reborn(&slots[i], &ids, &seed, j, now);
	for (int n = 0; n < j->snapshots; n++, now += INTERVAL) {
		buf_reset(&b);
		for (int i = 0; i < j->goroutines; i++) {
			struct slot *s = &slots[i];

			if (n && (int)(next(&seed) % 1000) < j->churn)
				change(s, &ids, &seed, j, now);
			add_header(&b, s->id, &j->samples[s->sample], now - s->since);
			add_body(&b, &j->samples[s->sample], s->salt);
			buf_putc(&b, '\n');
		}
		write_dump(host, now, &b, &gz);
	}
	buf_release(&b);
	buf_release(&gz);
	free(slots);
}

/* --- playing a real series --- */

#define STEPS 2 /* from one real snapshot to the next: so as much changes from one to the next as where each scrape was kept */

struct real { /* a goroutine in a real snapshot */
	uint64_t id, seen;
	struct sample as;
	int64_t waited; /* ms, as far as minutes tell */
};
HASH_TABLE(real_dump, struct real, id, id);

struct player {
	uint64_t real, id;
	const struct sample *as;
	int64_t since;
};

struct stage {
	struct real_dump *dumps;
	size_t n_dumps;
	struct player *a;
	size_t n, cap;
	uint64_t ids, round;
};

static void load_dump(struct real_dump *out, const char *path)
{
	struct buf b = {0};
	struct dump d = {0};
	struct err e;

	if (file_read(path, &b, FILE_MAX, &e) != 0)
		die("%s", e.text);
	d.text = (struct str){b.p, b.n};
	while (dump_next(&d)) {
		struct real *r = d.g.head.id ? real_dump_at(out, d.g.head.id) : NULL;

		if (r && !r->as.body)
			*r = (struct real){.id = d.g.head.id, .as = sample_of(&d.g), .waited = d.g.head.minutes > 0 ? d.g.head.minutes * 60000 : 0};
	}
	dump_release(&d);
	buf_release(&b);
}

/* Is it another process: has hardly anybody stayed? */
static bool restarted(const struct stage *st, const struct real_dump *to)
{
	size_t stay = 0;

	for (size_t i = 0; i < st->n; i++) {
		const struct real *r = real_dump_find(to, st->a[i].real);

		stay += r && r->as.site == st->a[i].as->site;
	}
	return stay * 4 < st->n && stay * 4 < to->n;
}

static bool due(uint64_t id, int step)
{
	return step + 1 == STEPS || (int)(hash_u64(id) % STEPS) == step;
}

static bool same(const struct sample *a, const struct sample *b)
{
	return a->n == b->n && memcmp(a->body, b->body, a->n) == 0 && strcmp(a->state, b->state) == 0;
}

/* Who is there now goes over to `to`, as far as it is his turn. */
static void one_step(struct stage *st, const struct real_dump *to, int step, int64_t now)
{
	size_t n = 0;

	st->round++;
	for (size_t i = 0; i < st->n; i++) {
		struct player *p = &st->a[i];
		struct real *r = real_dump_find(to, p->real);

		if (r)
			r->seen = st->round;
		if (due(p->real, step)) {
			if (!r)
				continue;
			if (!same(&r->as, p->as))
				p->since = now - r->waited;
			p->as = &r->as;
		}
		st->a[n++] = *p;
	}
	st->n = n;
	for (size_t i = 0; i < to->cap; i++) {
		struct real *r = &to->a[i];

		if (!r->id || r->seen == st->round || !due(r->id, step))
			continue;
		GROW(st->a, st->n, st->cap);
		st->a[st->n++] = (struct player){r->id, ++st->ids, &r->as, now - r->waited};
	}
}

/* 0 1 2 … n-1 … 2 1 0 1 … */
static size_t swing(size_t i, size_t n)
{
	i %= n > 1 ? 2 * (n - 1) : 1;
	return i < n ? i : 2 * (n - 1) - i;
}

static void stage_release(struct stage *st)
{
	for (size_t i = 0; i < st->n_dumps; i++) {
		for (size_t k = 0; k < st->dumps[i].cap; k++) {
			free(st->dumps[i].a[k].as.state);
			free(st->dumps[i].a[k].as.body);
		}
		real_dump_release(&st->dumps[i]);
	}
	free(st->dumps);
	free(st->a);
}

static void play(const struct job *j, const char *host)
{
	struct stage st = {.n_dumps = j->play->n};
	int64_t now = BEGINS;
	struct buf b = {0}, gz = {0};
	size_t dump = 0;

	st.dumps = xcalloc(st.n_dumps, sizeof *st.dumps);
	for (size_t i = 0; i < st.n_dumps; i++)
		load_dump(&st.dumps[i], j->play->files[i].path);
	for (int n = 0, step = STEPS - 1; n < j->snapshots; n++, now += INTERVAL) {
		const struct real_dump *to = &st.dumps[swing(dump, st.n_dumps)];

		if (st.n && step == 0 && restarted(&st, to)) {
			st.n = st.ids = 0;
			step = STEPS - 1;
		}
		one_step(&st, to, step, now);
		buf_reset(&b);
		for (size_t i = 0; i < st.n; i++) {
			add_header(&b, st.a[i].id, st.a[i].as, now - st.a[i].since);
			buf_add(&b, st.a[i].as->body, st.a[i].as->n);
			buf_putc(&b, '\n');
		}
		write_dump(host, now, &b, &gz);
		step = (step + 1) % STEPS;
		dump += step == 0;
	}
	stage_release(&st);
	buf_release(&b);
	buf_release(&gz);
}

static void *make_host(void *arg)
{
	struct job *j = arg;
	char host[512];

	snprintf(host, sizeof host, "%s/10.0.0.%d_6060", j->out, j->host + 1);
	mkdir(host, 0755);
	if (j->play)
		play(j, host);
	else
		invent(j, host);
	return NULL;
}

static double mean_size(const struct archive_host *h)
{
	double sum = 0;
	struct stat st;

	for (size_t i = 0; i < h->n; i++)
		sum += stat(h->files[i].path, &st) == 0 ? (double)st.st_size : 0;
	return sum / (double)h->n;
}

static int most_text(const void *pa, const void *pb)
{
	double a = mean_size(pa), b = mean_size(pb);

	return a > b ? -1 : a < b;
}

int main(int argc, char **argv)
{
	struct archive a;
	struct sample *samples = NULL;
	struct job *jobs;
	struct err e;
	size_t n;
	int hosts;

	if (argc != 5 && argc != 7) {
		fprintf(stderr, "usage: gen REAL_ARCHIVE OUT HOSTS SNAPSHOTS [GOROUTINES CHURN_PER_MILLE]\n");
		return 2;
	}
	if (archive_list(&a, argv[1], NULL, &e) < 0)
		die("%s", e.text);
	n = load_samples(&a, &samples);
	if (!n)
		die("%s: no goroutine there", argv[1]);
	qsort(a.hosts, a.n, sizeof *a.hosts, most_text);
	mkdir(argv[2], 0755);
	hosts = atoi(argv[3]);
	jobs = xcalloc((size_t)hosts, sizeof *jobs);
	for (int i = 0; i < hosts; i += 2) { /* two at a time */
		pthread_t t;

		for (int k = i; k < i + 2 && k < hosts; k++)
			jobs[k] = argc == 5 ? (struct job){.play = &a.hosts[(size_t)k % a.n], .out = argv[2], .host = k, .snapshots = atoi(argv[4])} :
					      (struct job){samples, n, NULL, argv[2], k, atoi(argv[4]), atoi(argv[5]), atoi(argv[6])};
		if (i + 1 < hosts && pthread_create(&t, NULL, make_host, &jobs[i + 1]))
			die("cannot start a thread");
		make_host(&jobs[i]);
		if (i + 1 < hosts)
			pthread_join(t, NULL);
	}
	for (size_t i = 0; i < n; i++) {
		free(samples[i].state);
		free(samples[i].body);
	}
	free(samples);
	free(jobs);
	archive_release(&a);
	return 0;
}
