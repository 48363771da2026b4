/* SPDX-License-Identifier: MIT */
/*
 * gen: a large archive with realistic change, made from a real one.
 *
 *     gen REAL_ARCHIVE OUT HOSTS SNAPSHOTS GOROUTINES CHURN_PER_MILLE
 *
 * Bodies come from the real dumps. From one snapshot to the next a share of the goroutines changes: some end and others
 * are born with higher ids, some move to another real body of the same creation site, some change argument words alone.
 * The others keep every byte but for their minutes. Order is by slot, as the runtime has it.
 */
#include <gscrape/archive.h>
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
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

static void *make_host(void *arg)
{
	struct job *j = arg;
	struct slot *slots = xcalloc((size_t)j->goroutines, sizeof *slots);
	uint64_t seed = (uint64_t)j->host + 1, ids = 0;
	int64_t now = 1790000000000;
	struct buf b = {0}, gz = {0};
	char host[64], path[512], name[TIME_MAX];

	snprintf(host, sizeof host, "%s/10.0.0.%d_6060", j->out, j->host + 1);
	mkdir(host, 0755);
	for (int i = 0; i < j->goroutines; i++)
		reborn(&slots[i], &ids, &seed, j, now);
	for (int n = 0; n < j->snapshots; n++, now += 5000) {
		buf_reset(&b);
		buf_reset(&gz);
		for (int i = 0; i < j->goroutines; i++) {
			struct slot *s = &slots[i];
			int64_t minutes;

			if (n && (int)(next(&seed) % 1000) < j->churn) {
				switch (next(&seed) % 3) {
				case 0: reborn(s, &ids, &seed, j, now); break;
				case 1: s->sample = sibling(j->samples, j->n_samples, s->sample, next(&seed)); s->since = now; break;
				default: s->salt = next(&seed); s->since = now; break;
				}
			}
			minutes = (now - s->since) / 60000;
			buf_addf(&b, minutes ? "goroutine %" PRIu64 " [%s, %" PRId64 " minutes]:\n" : "goroutine %" PRIu64 " [%s]:\n", s->id,
				 j->samples[s->sample].state, minutes);
			add_body(&b, &j->samples[s->sample], s->salt);
			buf_putc(&b, '\n');
		}
		gzip_deflate(b.p, b.n, 1, &gz);
		snprintf(path, sizeof path, "%s/%s.goroutines.txt.gz", host, time_format(name, now, TIME_ARCHIVE, NULL));
		FILE *f = fopen(path, "wb");
		if (!f || fwrite(gz.p, 1, gz.n, f) != gz.n || fclose(f))
			die("%s: cannot be written", path);
	}
	buf_release(&b);
	buf_release(&gz);
	free(slots);
	return NULL;
}

int main(int argc, char **argv)
{
	struct archive a;
	struct sample *samples = NULL;
	struct job *jobs;
	struct err e;
	size_t n;
	int hosts;

	if (argc != 7) {
		fprintf(stderr, "usage: gen REAL_ARCHIVE OUT HOSTS SNAPSHOTS GOROUTINES CHURN_PER_MILLE\n");
		return 2;
	}
	if (archive_list(&a, argv[1], NULL, &e) < 0)
		die("%s", e.text);
	n = load_samples(&a, &samples);
	if (!n)
		die("%s: no goroutine there", argv[1]);
	mkdir(argv[2], 0755);
	hosts = atoi(argv[3]);
	jobs = xcalloc((size_t)hosts, sizeof *jobs);
	for (int i = 0; i < hosts; i += 2) { /* two at a time */
		pthread_t t;

		for (int k = i; k < i + 2 && k < hosts; k++)
			jobs[k] = (struct job){samples, n, argv[2], k, atoi(argv[4]), atoi(argv[5]), atoi(argv[6])};
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
