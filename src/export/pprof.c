/* SPDX-License-Identifier: MIT */
/*
 * A profile of the goroutines alive at a time, or of what changed since another. Goroutines with equal stacks and labels
 * are one sample. In a difference the numbers that grow by themselves (age, minutes) are left out, so that what stayed
 * cancels out. The message is built in a pool and packed once: it is as large as who is alive, not as the history.
 */
#include "pprof.pb-c.h"
#include "room.h"
#include "counter_map.h"
#include <gscrape/gzip.h>
#include <stdlib.h>

struct profile {
	struct query *q;
	const struct export_ask *ask;
	struct pool pool;
	struct counter_map texts;     /* by address: number in the string table */
	struct counter_map frames;    /* func, file, line: location */
	struct counter_map functions; /* func, file */
	struct counter_map samples;   /* see sample_key; n: how many */
	struct counter_map labels;    /* raw text of labels, by address: number in `sets` */
	struct label_set *sets;
	size_t cap_sets;
	char **strings;
	size_t n_strings, cap_strings;
	int64_t *comments;
	size_t n_comments, cap_comments;
	int64_t newest; /* of the snapshots used */
	int64_t unknown_at; /* a time at which nothing is known of some host */
	uint32_t elided; /* goroutines whose stacks are not whole */
	bool difference;
};

/* The labels that a dump gives a goroutine. */
struct label_set {
	Pprof__Label **a;
	size_t n, cap;
};

static int64_t text_no(struct profile *p, const char *s)
{
	const uint64_t key[COUNTER_KEY] = {COUNTER_PTR(s)};
	struct counter_row *row;

	if (!s || !*s)
		return 0;
	row = counter_row(&p->texts, key);
	if (!row->n) {
		GROW(p->strings, p->n_strings, p->cap_strings);
		row->n = (int64_t)p->n_strings;
		p->strings[p->n_strings++] = plain_text(&p->pool, s);
	}
	return row->n;
}

static void comment(struct profile *p, char *s)
{
	GROW(p->comments, p->n_comments, p->cap_comments);
	p->comments[p->n_comments++] = text_no(p, s);
}

/* --- counting --- */

#define NOT_KNOWN (-1)

enum { KEY_STACK, KEY_STATE, KEY_LABELS, KEY_AGE, KEY_MINUTES };

static void pprof_count(struct profile *p, size_t host, const struct alive *g, int64_t now, int sign)
{
	uint64_t flags = g->flags & (DUMP_LOCKED | DUMP_LEAKED);
	const uint64_t key[COUNTER_KEY] = {
		[KEY_STACK] = g->stack | flags << 32 | (uint64_t)host << 40,
		[KEY_STATE] = COUNTER_PTR(g->state),
		[KEY_LABELS] = COUNTER_PTR(g->labels),
		[KEY_AGE] = (uint64_t)(p->difference ? NOT_KNOWN : now - g->first),
		[KEY_MINUTES] = (uint64_t)(p->difference ? NOT_KNOWN : g->minutes),
	};

	counter_row(&p->samples, key)->n += sign;
	if (sign > 0 && query_stack(p->q, g->stack)->flags & STACK_ELIDED)
		p->elided++;
}

static int count_host(struct profile *p, size_t host, const struct snapshot *s, int sign, struct err *e)
{
	struct pool answer = {0};
	struct alive *g;
	size_t n;
	struct moment at = {p->ask->hosts[host].id, s->time};
	int rc = query_alive(p->q, &at, &answer, &g, &n, e);

	if (rc == 0)
		rc = filter_alive(p->ask->where, p->q, &at, g, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++)
		pprof_count(p, host, &g[i], s->time, sign);
	pool_release(&answer);
	return rc;
}

static void say_host(struct profile *p, const struct host *h, const struct snapshot *s, const struct snapshot *base)
{
	char t[TIME_MAX], t0[TIME_MAX];
	const char *odd = s->status == SNAP_OK ? "" : pool_printf(&p->pool, " (%s)", snap_status_name(s->status));

	if (base)
		comment(p, pool_printf(&p->pool, "%s: at %s%s, less at %s", h->name, time_format(t, s->time, TIME_RFC3339, NULL), odd,
				       time_format(t0, base->time, TIME_RFC3339, NULL)));
	else
		comment(p, pool_printf(&p->pool, "%s: at %s%s", h->name, time_format(t, s->time, TIME_RFC3339, NULL), odd));
}

/* Nothing is known of it at one of the times. */
static void leave_out(struct profile *p, const struct host *h, const struct known *k)
{
	struct buf why = {0};

	known_sentence(&why, k, NULL);
	if (h->first != NO_TIME)
		comment(p, pool_printf(&p->pool, "%s: left out: %s", h->name, why.p));
	if (p->unknown_at == NO_TIME)
		p->unknown_at = k->t;
	buf_release(&why);
}

/* 1 counted, 0 left out, -1. */
static int take_host(struct profile *p, size_t i, struct err *e)
{
	const struct host *h = &p->ask->hosts[i];
	struct known k, base = {0};

	if (query_known(p->q, h->id, p->difference ? p->ask->to : p->ask->at, &k, e) < 0)
		return -1;
	if (p->difference && k.known && query_known(p->q, h->id, p->ask->from, &base, e) < 0)
		return -1;
	if (!k.known || (p->difference && !base.known)) {
		leave_out(p, h, k.known ? &base : &k);
		return 0;
	}
	if (count_host(p, i, &k.text, 1, e) < 0 || (p->difference && count_host(p, i, &base.text, -1, e) < 0))
		return -1;
	if (k.text.time > p->newest)
		p->newest = k.text.time;
	say_host(p, h, &k.text, p->difference ? &base.text : NULL);
	return 1;
}

/* --- the message --- */

static Pprof__Label *new_label(struct profile *p, const char *key)
{
	Pprof__Label *l = pool_alloc(&p->pool, sizeof *l);

	pprof__label__init(l);
	l->key = text_no(p, key);
	return l;
}

static void add_text(struct profile *p, Pprof__Sample *s, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	s->label[s->n_label] = new_label(p, key);
	s->label[s->n_label++]->str = text_no(p, value);
}

static void add_number(struct profile *p, Pprof__Sample *s, const char *key, int64_t value, const char *unit)
{
	if (value == NOT_KNOWN)
		return;
	s->label[s->n_label] = new_label(p, key);
	s->label[s->n_label]->num = value;
	s->label[s->n_label++]->num_unit = text_no(p, unit);
}

#define OWN_LABELS 7

static const char *const own_labels[OWN_LABELS] = {"host", "state", "created_by", "leaked", "locked", "age", "minutes"};

struct labelling {
	struct profile *p;
	struct label_set *set;
};

/* A label of the program's that is called like one of ours is told apart. */
static void take_label(void *ctx, struct str key, struct str value)
{
	struct labelling *l = ctx;
	struct pool *pool = &l->p->pool;
	char *name = pool_strndup(pool, key.p, key.n);
	struct label_set *set = l->set;

	for (size_t i = 0; i < OWN_LABELS; i++)
		if (strcmp(name, own_labels[i]) == 0)
			name = pool_printf(pool, "label.%s", own_labels[i]);
	GROW(set->a, set->n, set->cap);
	set->a[set->n] = new_label(l->p, name);
	set->a[set->n++]->str = text_no(l->p, pool_strndup(pool, value.p, value.n));
}

static const struct label_set *labels_of(struct profile *p, const char *raw)
{
	const uint64_t key[COUNTER_KEY] = {COUNTER_PTR(raw)};
	struct counter_row *row = counter_row(&p->labels, key);

	if (!row->n) {
		struct labelling l = {.p = p};

		row->n = (int64_t)p->labels.n;
		GROW(p->sets, p->labels.n, p->cap_sets);
		l.set = &p->sets[row->n];
		*l.set = (struct label_set){0};
		dump_labels(str_of(raw), take_label, &l);
	}
	return &p->sets[row->n];
}

static uint64_t location(struct profile *p, const struct frame *f)
{
	const uint64_t at[COUNTER_KEY] = {f->func_id, f->file_id, f->line}, function[COUNTER_KEY] = {f->func_id, f->file_id};

	counter_row(&p->functions, function);
	return (uint64_t)(counter_row(&p->frames, at) - p->frames.rows) + 1;
}

static const char *created_by(struct profile *p, const struct stack *s)
{
	const struct frame *c = &s->created;

	if (!c->func || !c->file)
		return c->func;
	return pool_printf(&p->pool, "%s %s:%u", c->func, c->file, c->line);
}

static Pprof__Sample *sample(struct profile *p, const struct counter_row *row)
{
	const char *state = (const char *)(uintptr_t)row->key[KEY_STATE];
	const struct label_set *set = labels_of(p, (const char *)(uintptr_t)row->key[KEY_LABELS]);
	const struct stack *st = query_stack(p->q, (uint32_t)row->key[KEY_STACK]);
	Pprof__Sample *s = pool_alloc(&p->pool, sizeof *s);

	pprof__sample__init(s);
	s->n_location_id = st->n;
	s->location_id = pool_alloc(&p->pool, (st->n + 1) * sizeof *s->location_id);
	for (uint32_t i = 0; i < st->n; i++)
		s->location_id[i] = location(p, &st->frames[i]);
	s->n_value = 1;
	s->value = pool_alloc(&p->pool, sizeof *s->value);
	s->value[0] = row->n;
	s->label = pool_alloc(&p->pool, (OWN_LABELS + set->n) * sizeof(Pprof__Label *));
	add_text(p, s, "host", p->ask->hosts[row->key[KEY_STACK] >> 40].name);
	add_text(p, s, "state", state);
	add_text(p, s, "created_by", created_by(p, st));
	add_text(p, s, "leaked", row->key[KEY_STACK] >> 32 & DUMP_LEAKED ? "yes" : NULL);
	add_text(p, s, "locked", row->key[KEY_STACK] >> 32 & DUMP_LOCKED ? "yes" : NULL);
	add_number(p, s, "age", (int64_t)row->key[KEY_AGE], "milliseconds");
	add_number(p, s, "minutes", (int64_t)row->key[KEY_MINUTES], "minutes");
	for (size_t i = 0; i < set->n; i++)
		s->label[s->n_label++] = set->a[i];
	return s;
}

static void add_samples(struct profile *p, Pprof__Profile *m)
{
	m->sample = pool_alloc(&p->pool, (p->samples.n + 1) * sizeof(Pprof__Sample *));
	for (size_t i = 0; i < p->samples.n; i++)
		if (p->samples.rows[i].n)
			m->sample[m->n_sample++] = sample(p, &p->samples.rows[i]);
}

static void add_functions(struct profile *p, Pprof__Profile *m)
{
	m->function = pool_alloc(&p->pool, (p->functions.n + 1) * sizeof(Pprof__Function *));
	for (size_t i = 0; i < p->functions.n; i++) {
		Pprof__Function *f = pool_alloc(&p->pool, sizeof *f);
		const uint64_t *key = p->functions.rows[i].key;

		pprof__function__init(f);
		f->id = i + 1;
		f->name = f->system_name = text_no(p, query_string(p->q, (uint32_t)key[0]));
		f->filename = text_no(p, query_string(p->q, (uint32_t)key[1]));
		m->function[m->n_function++] = f;
	}
}

static Pprof__Line **line(struct profile *p, const uint64_t *frame)
{
	const uint64_t function[COUNTER_KEY] = {frame[0], frame[1]};
	Pprof__Line **list = pool_alloc(&p->pool, sizeof *list);

	*list = pool_alloc(&p->pool, sizeof **list);
	pprof__line__init(*list);
	(*list)->function_id = (uint64_t)(counter_row(&p->functions, function) - p->functions.rows) + 1;
	(*list)->line = (int64_t)frame[2];
	return list;
}

static void add_locations(struct profile *p, Pprof__Profile *m)
{
	m->location = pool_alloc(&p->pool, (p->frames.n + 1) * sizeof(Pprof__Location *));
	for (size_t i = 0; i < p->frames.n; i++) {
		Pprof__Location *l = pool_alloc(&p->pool, sizeof *l);

		pprof__location__init(l);
		l->id = i + 1;
		l->mapping_id = 1;
		l->n_line = 1;
		l->line = line(p, p->frames.rows[i].key);
		m->location[m->n_location++] = l;
	}
}

/* One mapping, which says that names, files and lines are all there: nobody looks for a binary. */
static void add_mapping(struct profile *p, Pprof__Profile *m)
{
	Pprof__Mapping *map = pool_alloc(&p->pool, sizeof *map);
	const struct export_ask *a = p->ask;

	pprof__mapping__init(map);
	map->id = 1;
	map->filename = text_no(p, a->n_hosts == 1 ? a->hosts->name : pool_printf(&p->pool, "%zu hosts", a->n_hosts));
	map->has_functions = map->has_filenames = map->has_line_numbers = 1;
	m->n_mapping = 1;
	m->mapping = pool_alloc(&p->pool, sizeof *m->mapping);
	m->mapping[0] = map;
}

static void add_types(struct profile *p, Pprof__Profile *m)
{
	Pprof__ValueType *t = pool_alloc(&p->pool, sizeof *t);

	pprof__value_type__init(t);
	t->type = text_no(p, "goroutine");
	t->unit = text_no(p, "count");
	m->n_sample_type = 1;
	m->sample_type = pool_alloc(&p->pool, sizeof *m->sample_type);
	m->sample_type[0] = m->period_type = t;
	m->period = 1;
	m->time_nanos = p->newest * 1000000;
	if (p->difference)
		m->duration_nanos = p->newest > p->ask->from ? (p->newest - p->ask->from) * 1000000 : 0;
}

static void write_out(struct profile *p, const struct sink *to)
{
	Pprof__Profile m = PPROF__PROFILE__INIT;
	struct buf raw = {0};

	add_types(p, &m);
	add_mapping(p, &m);
	add_samples(p, &m);
	add_locations(p, &m);
	add_functions(p, &m);
	if (p->elided)
		comment(p, pool_printf(&p->pool, "%u goroutine%s with frames that the dump left out", p->elided, p->elided == 1 ? "" : "s"));
	m.n_comment = p->n_comments;
	m.comment = p->comments;
	m.n_string_table = p->n_strings;
	m.string_table = p->strings;
	buf_reserve(&raw, pprof__profile__get_packed_size(&m));
	raw.n = pprof__profile__pack(&m, (uint8_t *)raw.p);
	gzip_deflate(raw.p, raw.n, 6, to->text);
	to->ready(to->ctx, 1);
	buf_release(&raw);
}

static void pprof_release(struct profile *p)
{
	for (size_t i = 1; i <= p->labels.n; i++)
		free(p->sets[i].a);
	free(p->sets);
	free(p->strings);
	free(p->comments);
	counter_map_release(&p->texts);
	counter_map_release(&p->frames);
	counter_map_release(&p->functions);
	counter_map_release(&p->samples);
	counter_map_release(&p->labels);
	pool_release(&p->pool);
}

int export_pprof(struct query *q, const struct export_ask *ask, const struct sink *to, struct err *e)
{
	struct profile p = {.q = q, .ask = ask, .newest = NO_TIME, .unknown_at = NO_TIME, .difference = ask->from != NO_TIME};
	size_t counted = 0;
	int rc = 0;

	GROW(p.strings, p.n_strings, p.cap_strings);
	p.strings[p.n_strings++] = plain_text(&p.pool, NULL);
	comment(&p, pool_printf(&p.pool, "gscrape-tui %s", GS_VERSION));
	if (p.difference)
		comment(&p, pool_printf(&p.pool, "a difference: how many more (or fewer: negative) there were than at the time before"));
	for (size_t i = 0; i < ask->n_hosts && rc >= 0; i++) {
		rc = take_host(&p, i, e);
		counted += rc == 1;
		if (rc >= 0 && !to->ready(to->ctx, (double)i / (double)ask->n_hosts))
			break;
	}
	if (rc >= 0 && !counted)
		rc = nothing_at(q, ask, p.unknown_at, e);
	if (rc >= 0)
		write_out(&p, to);
	pprof_release(&p);
	return rc < 0 ? -1 : 0;
}
