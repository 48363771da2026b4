/* SPDX-License-Identifier: MIT */
/* Questions of an image. */
#include "memory_store.h"
#include <stdlib.h>

static int by_name(const void *pa, const void *pb)
{
	const struct host_row *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

int mem_hosts(struct store_view *v, struct pool *p, struct host_row **out, size_t *n, struct err *e)
{
	const struct image *m = image_of(v);

	(void)e;
	*n = m->n;
	*out = pool_alloc(p, (m->n + 1) * sizeof **out);
	for (size_t i = 0; i < m->n; i++) {
		struct host_row *r = &(*out)[i];

		*r = m->hosts[i].row;
		r->name = pool_strndup(p, r->name, strlen(r->name));
		r->labels = pool_strndup(p, r->labels, strlen(r->labels));
	}
	qsort(*out, *n, sizeof **out, by_name);
	return 0;
}

int mem_end(struct store_view *v, int64_t *time, struct err *e)
{
	(void)e;
	*time = image_of(v)->end ? image_of(v)->end : NO_TIME;
	return 0;
}

/* The kept snapshots of from..to: the first one's index, and how many. */
static const struct snapshot *snapshots_of(const struct mem_host *h, uint32_t from, uint32_t to, size_t *n)
{
	const struct host_row *r = &h->row;

	from = from < r->first_seq ? r->first_seq : from;
	to = to > r->last_seq ? r->last_seq : to;
	*n = to < from ? 0 : (size_t)(to - from) + 1;
	return *n ? (const struct snapshot *)series_of(&h->snapshots) + (from - r->first_seq) : NULL;
}

int mem_snapshots(struct store_view *v, struct seq_range r, struct pool *p, struct snapshot **out, size_t *n,
		  struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), r.host);
	const struct snapshot *s = h ? snapshots_of(h, r.from, r.to, n) : NULL;

	(void)e;
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++) {
		struct state_count *states = pool_alloc(p, ((size_t)s[i].n_states + 1) * sizeof *states);

		memcpy(states, s[i].states, s[i].n_states * sizeof *states);
		(*out)[i] = s[i];
		(*out)[i].states = states;
	}
	return 0;
}

int mem_held(struct store_view *v, struct snapshot_key at, struct pool *p, uint32_t *ago, struct str *out, struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), at.host);
	size_t n = 0;
	const struct snapshot *s = h ? snapshots_of(h, at.seq, at.seq, &n) : NULL;

	(void)e;
	*ago = n ? s->held_ago : 0;
	*out = (struct str){n && s->held.n ? pool_strndup(p, s->held.p, s->held.n) : NULL, n ? s->held.n : 0};
	return 0;
}

int mem_seq_at(struct store_view *v, uint32_t host, int64_t t, uint32_t *seq, struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), host);
	const struct snapshot *s = h ? series_of(&h->snapshots) : NULL;

	(void)e;
	for (size_t i = 0; s && i < h->snapshots.n && s[i].time <= t; i++)
		*seq = s[i].seq;
	return *seq != 0;
}

static void summarise(struct summary *sum, const struct snapshot *s, bool epoch)
{
	if (!sum->n)
		*sum = (struct summary){.from = s->time, .first_seq = s->seq, .min = UINT32_MAX};
	sum->n++;
	sum->to = s->time;
	sum->epochs += epoch;
	sum->bad += s->status == SNAP_FAILED;
	if (s->status == SNAP_FAILED)
		return;
	sum->min = s->goroutines < sum->min ? s->goroutines : sum->min;
	sum->max = s->goroutines > sum->max ? s->goroutines : sum->max;
	sum->last = s->goroutines;
}

int mem_chart(struct store_view *v, const struct chart_range *range, struct pool *p, struct summary **out, size_t *n,
	      struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), range->in.host);
	size_t n_s = 0, each;
	const struct snapshot *s = h ? snapshots_of(h, range->in.from, range->in.to, &n_s) : NULL;

	(void)e;
	each = range->columns ? n_s / (2 * range->columns) : 0;
	each = each ? each : 1;
	*out = pool_alloc(p, (n_s + 1) * sizeof **out);
	for (size_t i = 0; i < n_s; i++) {
		*n += !i || i % each == 0 || chart_column(range, s[i].time) != chart_column(range, s[i - 1].time);
		summarise(&(*out)[*n - 1], &s[i], i && s[i - 1].epoch && s[i].epoch != s[i - 1].epoch);
	}
	return 0;
}

int mem_history(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_history *out,
		struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), who->host);
	const struct mem_event *ev = h ? series_of(&h->events) : NULL;
	struct crowd base = {0};
	size_t at;

	(void)e;
	out->epoch = who->epoch;
	if (!h)
		return 0;
	base.a = series_of(&h->base);
	base.n = h->base.n;
	at = crowd_at(&base, who->epoch, who->id);
	if (at < base.n && base.a[at].epoch == who->epoch && base.a[at].g.id == who->id)
		out->start = base.a[at].g;
	for (size_t i = 0; i < h->events.n; i++)
		out->n += ev[i].epoch == who->epoch && ev[i].ev.id == who->id;
	out->events = pool_alloc(p, (out->n + 1) * sizeof *out->events);
	for (size_t i = 0, k = 0; i < h->events.n; i++)
		if (ev[i].epoch == who->epoch && ev[i].ev.id == who->id)
			out->events[k++] = ev[i].ev;
	return out->n || out->start.id;
}

int mem_epochs_of(struct store_view *v, const struct goroutine_key *who, struct pool *p, uint32_t **out, size_t *n,
		  struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), who->host);
	uint32_t last = h ? h->row.epoch : 0;
	struct goroutine_history one;

	*out = pool_alloc(p, ((size_t)last + 1) * sizeof **out);
	for (uint32_t epoch = last; epoch; epoch--) {
		one = (struct goroutine_history){0};
		if (mem_history(v, &(struct goroutine_key){who->host, epoch, who->id}, p, &one, e) == 1)
			(*out)[(*n)++] = epoch;
	}
	return 0;
}

int mem_alive(struct store_view *v, struct snapshot_key at, struct pool *p, struct goroutine_state **out, size_t *n,
		     struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), at.host);
	struct crowd c;
	size_t next;

	(void)e;
	if (!h)
		return 0;
	c = crowd_before(h, at.seq + 1, &next);
	*out = pool_alloc(p, (c.n + 1) * sizeof **out);
	for (size_t i = 0; i < c.n; i++)
		(*out)[i] = c.a[i].g;
	*n = c.n;
	free(c.a);
	return 0;
}

int mem_liveness(struct store_view *v, uint32_t host, struct pool *p, struct liveness **out, size_t *n, struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), host);

	(void)e;
	*n = h ? h->liveness.n : 0;
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	if (*n)
		memcpy(*out, series_of(&h->liveness), *n * sizeof **out);
	return 0;
}

int mem_memory(struct store_view *v, uint32_t host, struct pool *p, struct str *out, struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), host);

	(void)e;
	if (!h || !h->remembers)
		return 0;
	*out = (struct str){pool_strndup(p, h->memory.n ? series_of(&h->memory) : "", h->memory.n), h->memory.n};
	return 1;
}

static int child_by_id(const void *pa, const void *pb)
{
	const struct goroutine_child *a = pa, *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

int mem_children(struct store_view *v, const struct goroutine_key *who, struct pool *p, struct goroutine_child **out,
		 size_t *n,
			struct err *e)
{
	const struct mem_host *h = image_host(image_of(v), who->host);
	const struct mem_event *ev = h ? series_of(&h->events) : NULL;
	const struct mem_state *base = h ? series_of(&h->base) : NULL;

	(void)e;
	*out = pool_alloc(p, ((h ? h->base.n + h->events.n : 0) + 1) * sizeof **out);
	for (size_t i = 0; h && who->id && i < h->base.n; i++)
		if (base[i].epoch == who->epoch && base[i].g.parent == who->id)
			(*out)[(*n)++] = (struct goroutine_child){base[i].g.id, base[i].g.born, 0, base[i].g.stack};
	for (size_t i = 0; h && who->id && i < h->events.n; i++)
		if (ev[i].epoch == who->epoch && ev[i].ev.kind == EV_BORN && ev[i].ev.parent == who->id)
			(*out)[(*n)++] = (struct goroutine_child){ev[i].ev.id, ev[i].ev.seq, 0, ev[i].ev.stack};
	qsort(*out, *n, sizeof **out, child_by_id);
	for (size_t i = 0; h && *n && i < h->events.n; i++) {
		struct goroutine_child want = {.id = ev[i].ev.id}, *found = bsearch(&want, *out, *n, sizeof want, child_by_id);

		if (found && ev[i].epoch == who->epoch && ev[i].ev.kind == EV_GONE)
			found->gone = ev[i].ev.seq;
	}
	return 0;
}
