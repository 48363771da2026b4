/* SPDX-License-Identifier: MIT */
/* Numbers in a profile refer to its tables; one that refers to nothing makes an unknown function, never a fault. */
#include "pprof.pb-c.h"
#include <gscrape/hash.h>
#include <gscrape/json.h>
#include <gscrape/profile.h>
#include <stdio.h>

#define PROFILE_MAX ((size_t)512 << 20)

struct profile {
	Pprof__Profile *p;
	struct hash functions, locations; /* by id */
};

bool profile_is(const void *p, size_t n)
{
	const unsigned char *s = p;

	/* its first field is a sample type, or as Go writes it the period's: a message of a few bytes, the type's number first */
	return n > 8 && (s[0] == 0x0a || s[0] == 0x5a) && s[1] >= 2 && s[1] < 16 && s[2] == 0x08;
}

static const char *text(const struct profile *r, int64_t i)
{
	return i >= 0 && (uint64_t)i < r->p->n_string_table ? r->p->string_table[i] : "";
}

static const Pprof__Function *function(const struct profile *r, uint64_t id)
{
	uint32_t at;

	HASH_FIND(&r->functions, hash_u64(id), at, r->p->function[at]->id == id);
	return at == HASH_NONE ? NULL : r->p->function[at];
}

static const Pprof__Location *location(const struct profile *r, uint64_t id)
{
	uint32_t at;

	HASH_FIND(&r->locations, hash_u64(id), at, r->p->location[at]->id == id);
	return at == HASH_NONE ? NULL : r->p->location[at];
}

/* A name as one word of a line: what would end it is left out. */
static void word(struct buf *out, const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s > ' ')
			buf_putc(out, *s);
}

static void frame(const struct profile *r, const Pprof__Function *f, const Pprof__Line *line, struct buf *out)
{
	buf_adds(out, "#\t0x0\t");
	word(out, f ? text(r, f->name) : "?");
	buf_adds(out, "+0x0\t");
	for (const char *s = f ? text(r, f->filename) : "?"; *s; s++)
		buf_putc(out, *s == '\n' || *s == '\r' ? ' ' : *s);
	buf_addf(out, ":%lld\n", (long long)(line->line > 0 ? line->line : 0));
}

static void labels(const struct profile *r, const Pprof__Sample *s, struct buf *out)
{
	struct jw j = {.out = out};

	if (!s->n_label)
		return;
	buf_adds(out, "# labels: ");
	jw_obj(&j);
	for (size_t i = 0; i < s->n_label; i++) {
		char number[24];

		snprintf(number, sizeof number, "%lld", (long long)s->label[i]->num);
		jw_kstr(&j, text(r, s->label[i]->key), s->label[i]->str ? text(r, s->label[i]->str) : number);
	}
	jw_end(&j);
	buf_putc(out, '\n');
}

/* How a goroutine came to stand still is the runtime's own affair: debug=1 and debug=2 leave it out, too. */
static bool is_runtime(const struct profile *r, const Pprof__Function *f)
{
	return f && (strncmp(text(r, f->name), "runtime.", 8) == 0 || strncmp(text(r, f->name), "internal/runtime/", 17) == 0);
}

/* The frames of a sample; with `all` those of the runtime before the first other one, too. How many there were. */
static size_t frames(const struct profile *r, const Pprof__Sample *s, bool all, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_location_id; i++) {
		const Pprof__Location *at = location(r, s->location_id[i]);

		for (size_t k = 0; at && k < at->n_line; k++) {
			const Pprof__Function *f = function(r, at->line[k]->function_id);

			if (!all && n == 0 && is_runtime(r, f))
				continue;
			frame(r, f, at->line[k], out);
			n++;
		}
	}
	return n;
}

/* The runtime's own frames, which are left out below: grouped.h knows what they say. */
static void behind(const struct profile *r, const Pprof__Sample *s, struct buf *out)
{
	const Pprof__Function *f = NULL;

	buf_adds(out, "# runtime:");
	for (size_t i = 0; i < s->n_location_id && (!f || is_runtime(r, f)); i++) {
		const Pprof__Location *at = location(r, s->location_id[i]);

		for (size_t k = 0; at && k < at->n_line && (!f || is_runtime(r, f)); k++) {
			f = function(r, at->line[k]->function_id);
			buf_putc(out, ' ');
			word(out, f ? text(r, f->name) : "?");
		}
	}
	buf_putc(out, '\n');
}

static void sample(const struct profile *r, const Pprof__Sample *s, struct buf *out)
{
	buf_addf(out, "%lld @\n", (long long)s->value[0]);
	labels(r, s, out);
	behind(r, s, out);
	if (!frames(r, s, false, out))
		frames(r, s, true, out);
	buf_putc(out, '\n');
}

int profile_text(const void *p, size_t n, struct buf *out)
{
	struct profile r = {.p = n < PROFILE_MAX ? pprof__profile__unpack(NULL, n, p) : NULL};
	uint64_t total = 0;
	bool ours = r.p && r.p->n_sample_type && strstr(text(&r, r.p->sample_type[0]->type), "goroutine");

	for (size_t i = 0; ours && i < r.p->n_function; i++)
		hash_put(&r.functions, hash_u64(r.p->function[i]->id), (uint32_t)i);
	for (size_t i = 0; ours && i < r.p->n_location; i++)
		hash_put(&r.locations, hash_u64(r.p->location[i]->id), (uint32_t)i);
	for (size_t i = 0; ours && i < r.p->n_sample; i++)
		total += r.p->sample[i]->n_value && r.p->sample[i]->value[0] > 0 ? (uint64_t)r.p->sample[i]->value[0] : 0;
	if (ours)
		buf_addf(out, "%s profile: total %llu\n", strstr(text(&r, r.p->sample_type[0]->type), "leak") ? "goroutineleak" : "goroutine", (unsigned long long)total);
	for (size_t i = 0; ours && i < r.p->n_sample; i++)
		if (r.p->sample[i]->n_value && r.p->sample[i]->value[0] > 0)
			sample(&r, r.p->sample[i], out);
	hash_release(&r.functions);
	hash_release(&r.locations);
	if (r.p)
		pprof__profile__free_unpacked(r.p, NULL);
	return ours;
}
