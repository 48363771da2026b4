/* SPDX-License-Identifier: MIT */
/*
 * A recorder that has not reached its store yet. Where a host stands and who is alive there only the store knows, so what comes is
 * put by as it came, and is recorded, in its order, once the store can be asked. Until all of that is done, what comes goes behind it.
 */
#include "host.h"
#include <gscrape/err.h>
#include <gscrape/gzip.h>
#include <stdlib.h>

#define KEPT_FORM 1
#define KEPT_MAX ((size_t)4 << 20) /* bytes that are in no file yet */
#define TEXT_MAX ((size_t)1 << 30)

bool recorder_is_behind(struct recorder *r)
{
	bool behind;

	pthread_mutex_lock(&r->lock);
	behind = r->behind;
	pthread_mutex_unlock(&r->lock);
	return behind;
}

void recorder_may_wait(struct recorder *r)
{
	pthread_mutex_lock(&r->lock);
	r->behind = store_can_keep(r->store);
	pthread_mutex_unlock(&r->lock);
}

static int flush(struct recorder *r, struct err *e)
{
	int rc = r->kept.n ? store_keep(r->store, (struct str){r->kept.p, r->kept.n}, e) : 0;

	buf_reset(&r->kept); /* that it is lost is told */
	return rc;
}

bool recorder_caught_up(struct recorder *r)
{
	struct buf unused = {0};
	struct err e;

	if (recorder_is_behind(r) && store_begin(r->store, &e) == 0 && !r->kept.n && store_kept(r->store, &unused, &e) == 0) {
		pthread_mutex_lock(&r->lock);
		r->behind = false;
		pthread_mutex_unlock(&r->lock);
	}
	buf_release(&unused);
	return !recorder_is_behind(r);
}

/* --- putting by --- */

static void put_text(struct buf *b, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	buf_varint(b, text ? n + 1 : 0);
	buf_add(b, text, n);
}

/* All of it but the times, which the recorder gives. */
static void pack(struct buf *b, const struct scraped *s)
{
	struct buf packed = {0};

	buf_varint(b, s->status);
	buf_varint(b, s->counted);
	buf_varint(b, s->took);
	put_text(b, s->note);
	if (s->text.n)
		gzip_deflate(s->text.p, s->text.n, 1, &packed);
	buf_varint(b, packed.n);
	buf_add(b, packed.p, packed.n);
	buf_release(&packed);
}

struct keeping {
	struct recorder *r;
	struct rec_host *h;
	const struct scraped *scraped;
	struct buf packed;
	int64_t time;
	struct err *e;
};

static int do_keep(void *ctx)
{
	struct keeping *k = ctx;
	struct recorder *r = k->r;
	struct rec_host *h = k->h;

	if (recorder_caught_up(r))
		return recorder_relabel(r, h, h->told, k->scraped->time, k->e) < 0 ? -1 : 1;
	pthread_mutex_lock(&r->lock);
	k->time = recorder_time_of(h, k->scraped);
	h->last_time = k->time;
	h->last_mono = k->scraped->mono;
	pthread_mutex_unlock(&r->lock);
	buf_varint(&r->kept, KEPT_FORM);
	put_text(&r->kept, h->name);
	put_text(&r->kept, h->told);
	buf_svarint(&r->kept, k->time);
	buf_add(&r->kept, k->packed.p, k->packed.n);
	return r->kept.n > KEPT_MAX ? flush(r, k->e) : 0;
}

int recorder_keep(struct recorder *r, struct rec_host *h, const struct scraped *scraped, struct outcome *out, struct err *e)
{
	struct keeping k = {.r = r, .h = h, .scraped = scraped, .e = e};
	int rc;

	pack(&k.packed, scraped);
	rc = workers_do(r->executor, do_keep, &k);
	buf_release(&k.packed);
	if (!rc) {
		out->time = k.time;
		out->waits = true;
	}
	return rc;
}

/* --- and recording it --- */

struct kept {
	const uint8_t *p, *end;
	char *name, *labels, *note;
	struct scraped scraped;
	struct buf text;
};

static char *get_text(struct kept *k)
{
	uint64_t n = get_varint(&k->p, k->end);
	char *text;

	if (!k->p || !n || n - 1 > (uint64_t)(k->end - k->p))
		return NULL;
	text = xstrndup((const char *)k->p, n - 1);
	k->p += n - 1;
	return text;
}

static bool get_body(struct kept *k, struct err *e)
{
	uint64_t n = k->p ? get_varint(&k->p, k->end) : 0;

	if (!k->p || n > (uint64_t)(k->end - k->p) || (n && gzip_inflate(k->p, n, &k->text, TEXT_MAX, e)))
		return false;
	k->p += n;
	k->scraped.text = (struct str){k->text.p, n ? k->text.n : 0};
	return true;
}

static int unpack(struct kept *k, struct err *e)
{
	struct scraped *s = &k->scraped;
	struct err unused;

	*s = (struct scraped){0};
	buf_reset(&k->text);
	if (get_varint(&k->p, k->end) != KEPT_FORM || !k->p)
		return fail_as(e, ERR_DAMAGED, "what was put by for the store is of another version of this program, or damaged");
	k->name = get_text(k);
	k->labels = k->p ? get_text(k) : NULL;
	s->time = k->p ? get_svarint(&k->p, k->end) : 0;
	s->status = k->p ? (enum snap_status)get_varint(&k->p, k->end) : 0;
	s->counted = k->p ? (uint32_t)get_varint(&k->p, k->end) : 0;
	s->took = k->p ? (uint32_t)get_varint(&k->p, k->end) : 0;
	s->note = k->note = k->p ? get_text(k) : NULL;
	if (!get_body(k, &unused) || !k->name || s->status > SNAP_GROUPED)
		return fail_as(e, ERR_DAMAGED, "what was put by for the store is damaged");
	return 0;
}

struct replay {
	struct recorder *r;
	struct buf file;
	struct kept item;
	uint32_t host;
	struct err *e;
};

/* 1 a file, 0 all is recorded, -1 */
static int do_next_file(void *ctx)
{
	struct replay *y = ctx;
	struct recorder *r = y->r;
	int rc;

	if (flush(r, y->e) < 0 || store_begin(r->store, y->e) < 0)
		return -1;
	rc = store_kept(r->store, &y->file, y->e);
	if (!rc) {
		pthread_mutex_lock(&r->lock);
		r->behind = false;
		pthread_mutex_unlock(&r->lock);
	}
	return rc;
}

static int do_name(void *ctx)
{
	struct replay *y = ctx;
	struct rec_host *h = recorder_find_host(y->r, y->item.name, &y->host);

	return recorder_relabel(y->r, h, y->item.labels, y->item.scraped.time, y->e);
}

static int do_taken(void *ctx)
{
	store_kept_taken(((struct replay *)ctx)->r->store);
	return 0;
}

/* One that is late is there already: a recorder before was killed before it could drop it. */
static int record_one(struct replay *y)
{
	struct kept *k = &y->item;
	struct outcome unused;
	int rc = unpack(k, y->e);

	if (!rc)
		rc = workers_do(y->r->executor, do_name, y);
	if (!rc)
		rc = recorder_add_now(y->r, y->host, &k->scraped, &unused, y->e);
	free(k->name);
	free(k->labels);
	free(k->note);
	k->name = k->labels = k->note = NULL;
	return rc;
}

int recorder_catch_up(struct recorder *r, struct err *e)
{
	struct replay y = {.r = r, .e = e};
	int rc;

	while ((rc = workers_do(r->executor, do_next_file, &y)) == 1) {
		y.item.p = (const uint8_t *)y.file.p;
		y.item.end = y.item.p + y.file.n;
		for (rc = 0; !rc && y.item.p < y.item.end;)
			rc = record_one(&y);
		if (rc < 0)
			break;
		workers_do(r->executor, do_taken, &y);
	}
	buf_release(&y.file);
	buf_release(&y.item.text);
	return rc < 0 && e->kind == ERR_AWAY ? 1 : rc;
}
